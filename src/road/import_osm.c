/* Roads from OpenStreetMap, in two passes over the bytes.
 *
 *   1  ways and relations: which ways are roads, which nodes they use, how often; turn restrictions
 *   2  nodes: positions of the nodes in use
 *
 * so that the order of objects in the file does not matter, and memory goes with the roads, not with the ids: a
 * hash map takes a node id to its slot, and ways keep slots. A slot that is used more than once, ends a way, or holds a
 * barrier becomes a node of the network; the others become shape. Ways are cut by ascending id, which numbers nodes, names
 * and segments whatever the order in the file was. O(objects) expected; O(n log n) for ways that do not come sorted.
 *
 * A barrier that bars everybody ends the way on either side:  ──o  o──  two nodes with one source id. At a junction it is
 * taken to stand in the ways that end there, for a way that runs on through a block would not have been built. */
#include <math.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/vector.h"
#include "osm/pbf.h"
#include "road/import.h"
#include "road/osm_barrier.h"
#include "road/osm_rights.h"
#include "road/osm_turns.h"

enum { ITEMS_MAX = 1 << 28, NAME_BYTES_MAX = 1 << 30, MANY_USES = 2 };

/* Signals so near to a road's end are those of the crossing there: the sign stands at the stop line. */
static const double signals_within_m = 40.0;

typedef struct slot { /* a node of the file that a road uses */
    int64_t source;
    pct_position position;
    uint32_t node; /* of the network, once it is one */
    uint8_t uses;  /* up to MANY_USES */
    uint8_t marks; /* PCT_NODE_… */
    bool found;    /* in the file */
    bool through;  /* a way runs on there */
    bool firm;     /* a barrier that bars everybody */
} slot;

typedef struct way {
    int64_t id;
    size_t ref_at;
    uint32_t ref_count;
    uint32_t name, name_en;
    uint32_t crossing_ms;
    uint8_t road_class, flags, limit_kmh[2];
} way;

typedef struct importer {
    pct_network_builder *builder;
    pct_import_report *report;
    pct_map slot_of, way_of; /* by id */
    pct_names names;
    pct_vector slots, ways, refs /* uint32_t, slots */;
    pct_osm_turns turns;
    pct_osm_way_span *spans;     /* the segments of each way */
    pct_vector stretches, shape; /* segments; inner points of one */
} importer;

static void importer_init(importer *in, pct_import_report *report) {
    *in = (importer){.report = report,
                     .slot_of = pct_map_init(ITEMS_MAX),
                     .way_of = pct_map_init(ITEMS_MAX),
                     .names = pct_names_init(ITEMS_MAX, NAME_BYTES_MAX),
                     .slots = pct_vector_init(sizeof(slot), ITEMS_MAX),
                     .ways = pct_vector_init(sizeof(way), ITEMS_MAX),
                     .refs = pct_vector_init(sizeof(uint32_t), (size_t)4 * ITEMS_MAX),
                     .turns = pct_osm_turns_init(),
                     .stretches = pct_vector_init(sizeof(pct_osm_stretch), ITEMS_MAX),
                     .shape = pct_vector_init(sizeof(pct_position), ITEMS_MAX)};
}

static void importer_dispose(importer *in) {
    pct_map_dispose(&in->slot_of);
    pct_map_dispose(&in->way_of);
    pct_names_dispose(&in->names);
    pct_vector_dispose(&in->slots);
    pct_vector_dispose(&in->ways);
    pct_vector_dispose(&in->refs);
    pct_osm_turns_dispose(&in->turns);
    pct_free(in->spans);
    pct_vector_dispose(&in->stretches);
    pct_vector_dispose(&in->shape);
}

/* --- pass 1 -------------------------------------------------------------------------------------------- */

static pct_status use_node(importer *in, int64_t id, pct_error *error) {
    uint32_t number = (uint32_t)in->slots.length, found;
    if (pct_map_add(&in->slot_of, (uint64_t)id, number, &found))
        return pct_map_failed(&in->slot_of, PCT_MSG_WHAT_ROAD_NODES, error);
    if (found == number) {
        slot *fresh = pct_vector_push(&in->slots);
        if (!fresh) return pct_vector_failed(&in->slots, PCT_MSG_WHAT_ROAD_NODES, error);
        fresh->source = id;
        fresh->node = PCT_NO_INDEX;
    }
    slot *used = (slot *)in->slots.items + found;
    used->uses = used->uses > 0 ? MANY_USES : 1;
    uint32_t *ref = pct_vector_push(&in->refs);
    if (!ref) return pct_vector_failed(&in->refs, PCT_MSG_WHAT_ROAD_NODES, error);
    *ref = found;
    return PCT_OK;
}

static pct_status keep_name(importer *in, pct_text name, uint32_t *number, pct_error *error) {
    pct_status status = pct_names_add(&in->names, name, number);
    if (status == PCT_LIMIT)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_NAMES),
                        pct_int(ITEMS_MAX));
    return status ? pct_error_memory(error, name.length) : PCT_OK;
}

/* A node that repeats its predecessor adds nothing. */
static pct_status use_nodes(importer *in, const pct_osm_way *source, way *w, pct_error *error) {
    pct_status status = PCT_OK;
    w->ref_at = in->refs.length;
    for (size_t i = 0; i < source->ref_count && !status; i++)
        if (i == 0 || source->refs[i] != source->refs[i - 1]) status = use_node(in, source->refs[i], error);
    w->ref_count = (uint32_t)(in->refs.length - w->ref_at);
    const uint32_t *refs = (const uint32_t *)in->refs.items + w->ref_at;
    slot *slots = in->slots.items;
    for (size_t i = 0; i < w->ref_count && !status; i++)
        if ((i > 0 && i + 1 < w->ref_count) || refs[0] == refs[w->ref_count - 1])
            slots[refs[i]].through = true;
    return status;
}

static pct_status take_way(void *context, const pct_osm_way *source, pct_error *error) {
    importer *in = context;
    pct_osm_road road = pct_osm_road_of(source->tags);
    if (!road.kept) {
        if (road.dropped != PCT_MSG_NONE) pct_import_drop(in->report, road.dropped, source->id);
        return PCT_OK;
    }
    uint32_t number = (uint32_t)in->ways.length, found;
    if (pct_map_add(&in->way_of, (uint64_t)source->id, number, &found))
        return pct_map_failed(&in->way_of, PCT_MSG_WHAT_ROADS, error);
    if (found != number) {
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_WAY_TWICE, source->id);
        return PCT_OK;
    }
    for (size_t i = 0; i < road.note_count; i++) pct_import_drop(in->report, road.notes[i], source->id);
    way *w = pct_vector_push(&in->ways);
    if (!w) return pct_vector_failed(&in->ways, PCT_MSG_WHAT_ROADS, error);
    *w = (way){.id = source->id,
               .crossing_ms = road.crossing_ms,
               .road_class = (uint8_t)road.road_class,
               .flags = road.flags,
               .limit_kmh = {road.limit_kmh[0], road.limit_kmh[1]}};
    pct_status status = keep_name(in, road.name, &w->name, error);
    if (!status) status = keep_name(in, road.name_en, &w->name_en, error);
    return status ? status : use_nodes(in, source, w, error);
}

static pct_status take_relation(void *context, const pct_osm_relation *relation, pct_error *error) {
    importer *in = context;
    return pct_osm_turns_collect(&in->turns, relation, in->report, error);
}

/* --- pass 2 -------------------------------------------------------------------------------------------- */

static void take_marks(importer *in, slot *s, const pct_osm_node *node) {
    if (node->tags.count == 0) return;
    pct_osm_mark mark = pct_osm_mark_of(node->tags);
    bool junction = s->through && s->uses >= MANY_USES;
    s->marks = mark.marks;
    s->firm = mark.bars_everybody;
    if (mark.unknown) pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_BARRIER_UNKNOWN, s->source);
    if (mark.bars_everybody && !junction)
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_BARRIER_FIRM, s->source);
    if (!junction || !(mark.marks & PCT_NODE_BARS_TRAFFIC)) return;
    pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_BARRIER_JUNCTION, s->source);
    s->marks &= PCT_NODE_SIGNALS; /* the way that runs on is not barred */
}

static pct_status take_node(void *context, const pct_osm_node *node, pct_error *error) {
    (void)error;
    importer *in = context;
    uint32_t number = pct_map_get(&in->slot_of, (uint64_t)node->id);
    if (number == PCT_MAP_ABSENT) return PCT_OK;
    slot *s = (slot *)in->slots.items + number;
    if (s->found) {
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_NODE_TWICE, node->id);
    } else {
        s->found = true;
        s->position = node->position;
        take_marks(in, s, node);
    }
    return PCT_OK;
}

static pct_status take_nowhere(void *context, int64_t id, pct_error *error) {
    (void)error;
    importer *in = context;
    if (pct_map_get(&in->slot_of, (uint64_t)id) != PCT_MAP_ABSENT)
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_NODE_NOWHERE, id);
    return PCT_OK;
}

/* --- segments ------------------------------------------------------------------------------------------ */

/* The node of a slot; `apart`: one of its own, for a road that ends at a barrier there. */
static pct_status node_at(importer *in, slot *s, bool apart, uint32_t *node, pct_error *error) {
    pct_status status = PCT_OK;
    if (apart)
        status = pct_network_add_node(in->builder, s->source, s->position, node, error);
    else if (s->node == PCT_NO_INDEX)
        status = pct_network_add_node(in->builder, s->source, s->position, &s->node, error);
    if (!apart) *node = s->node;
    if (!status && !s->firm) pct_network_mark_node(in->builder, *node, s->marks);
    return status;
}

/* Signals at an inner point stand at the stop line of the crossing that the segment ends at. */
static void mark_signals(importer *in, const pct_segment *segment, double along_m, double length_m) {
    uint32_t node = along_m < length_m - along_m ? segment->tail : segment->head;
    if (fmin(along_m, length_m - along_m) <= signals_within_m)
        pct_network_mark_node(in->builder, node, PCT_NODE_SIGNALS);
}

static pct_status take_shape(importer *in, const uint32_t *first, const uint32_t *last, double *length_m,
                             pct_error *error) {
    const slot *slots = in->slots.items;
    in->shape.length = 0;
    *length_m = 0.0;
    for (const uint32_t *ref = first; ref < last; ref++) {
        *length_m += pct_geo_distance_m(slots[ref[0]].position, slots[ref[1]].position);
        if (ref == first) continue;
        pct_position *point = pct_vector_push(&in->shape);
        if (!point) return pct_vector_failed(&in->shape, PCT_MSG_WHAT_SHAPE_POINTS, error);
        *point = slots[*ref].position;
    }
    return PCT_OK;
}

/* A road that is cut: its way, and where its refs lie. */
typedef struct cutting {
    const way *w;
    const uint32_t *refs, *end; /* of the whole way */
    double length_m;            /* of the whole way, for a ferry's time */
} cutting;

/* Whether the road ends at a barrier here, with a node of its own. Where a way runs through a junction it does not. */
static bool ends_apart(const importer *in, const cutting *c, const uint32_t *ref) {
    const slot *s = (const slot *)in->slots.items + *ref;
    if (!s->firm) return false;
    bool inner = ref > c->refs && ref + 1 < c->end;
    return !(s->through && s->uses >= MANY_USES && inner);
}

static uint32_t share_of_crossing(const cutting *c, double length_m) {
    if (c->w->crossing_ms == 0 || !(c->length_m > 0.0)) return c->w->crossing_ms;
    return (uint32_t)fmax(round(c->w->crossing_ms * length_m / c->length_m), 1.0);
}

/* The segment between refs `first` and `last` of a way; the refs between them are shape. */
static pct_status add_segment(importer *in, const cutting *c, const uint32_t *first, const uint32_t *last,
                              pct_error *error) {
    slot *slots = in->slots.items;
    const way *w = c->w;
    double length_m, along_m = 0.0;
    pct_status status = take_shape(in, first, last, &length_m, error);
    pct_segment segment = {.way = w->id,
                           .length_mm = (uint32_t)fmin(fmax(round(length_m * 1000.0), 1.0), UINT32_MAX),
                           .road_class = w->road_class,
                           .flags = w->flags,
                           .limit_kmh = {w->limit_kmh[0], w->limit_kmh[1]},
                           .crossing_ms = share_of_crossing(c, length_m)};
    if (!status) status = pct_network_add_name(in->builder, in->names.texts[w->name], &segment.name, error);
    if (!status)
        status = pct_network_add_name(in->builder, in->names.texts[w->name_en], &segment.name_en, error);
    if (!status) status = node_at(in, &slots[*first], ends_apart(in, c, first), &segment.tail, error);
    if (!status) status = node_at(in, &slots[*last], ends_apart(in, c, last), &segment.head, error);
    uint32_t number;
    if (!status)
        status =
            pct_network_add_segment(in->builder, &segment, in->shape.items, in->shape.length, &number, error);
    if (status) return status;
    for (const uint32_t *ref = first + 1; ref < last; ref++) {
        along_m += pct_geo_distance_m(slots[ref[-1]].position, slots[*ref].position);
        if (slots[*ref].marks & PCT_NODE_SIGNALS) mark_signals(in, &segment, along_m, length_m);
    }
    pct_osm_stretch *stretch = pct_vector_push(&in->stretches);
    if (!stretch) return pct_vector_failed(&in->stretches, PCT_MSG_WHAT_SEGMENTS, error);
    *stretch = (pct_osm_stretch){segment.tail, segment.head, w->flags};
    return PCT_OK;
}

static double whole_length_m(const importer *in, const uint32_t *refs, const uint32_t *end) {
    const slot *slots = in->slots.items;
    double length_m = 0.0;
    for (const uint32_t *ref = refs; ref + 1 < end; ref++)
        if (slots[ref[0]].found && slots[ref[1]].found)
            length_m += pct_geo_distance_m(slots[ref[0]].position, slots[ref[1]].position);
    return length_m;
}

/* A node of the network: where roads meet, and where something stands that bars or holds up. */
static bool is_node(const slot *s) {
    return s->uses >= MANY_USES || s->firm || (s->marks & PCT_NODE_BARRIER) != 0;
}

/* Cuts a way where it meets others or a barrier, and where the file lacks its nodes. */
static pct_status cut_way(importer *in, const way *w, pct_osm_way_span *span, pct_error *error) {
    const slot *slots = in->slots.items;
    const uint32_t *refs = (const uint32_t *)in->refs.items + w->ref_at, *end = refs + w->ref_count,
                   *start = NULL;
    const cutting c = {w, refs, end, w->crossing_ms ? whole_length_m(in, refs, end) : 0.0};
    size_t before = in->stretches.length, missing = 0;
    pct_status status = PCT_OK;
    for (const uint32_t *ref = refs; ref < end && !status; ref++) {
        if (!slots[*ref].found) {
            missing++;
            start = NULL;
            continue;
        }
        bool ends = ref + 1 == end || !slots[ref[1]].found || is_node(&slots[*ref]);
        if (start && ends) status = add_segment(in, &c, start, ref, error);
        if (!start || ends) start = ref;
    }
    if (missing > 0)
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_NODES_MISSING, w->id);
    else if (in->stretches.length == before && !status)
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_SHORT, w->id);
    *span = (pct_osm_way_span){(uint32_t)before, (uint32_t)(in->stretches.length - before)};
    return status;
}

static int by_id(const void *a, const void *b, void *context) {
    const way *ways = context;
    int64_t p = ways[*(const uint32_t *)a].id, q = ways[*(const uint32_t *)b].id;
    return p < q ? -1 : p > q;
}

/* All ways by ascending id, whatever the file's order; the span of each stands at its number. */
static pct_status cut_ways(importer *in, pct_error *error) {
    uint32_t count = (uint32_t)in->ways.length;
    way *ways = in->ways.items;
    uint32_t *order = pct_alloc(count, sizeof *order);
    in->spans = pct_alloc_zeroed(count, sizeof *in->spans);
    pct_status status =
        order && in->spans ? PCT_OK : pct_error_memory(error, count * (sizeof *order + sizeof *in->spans));
    bool sorted = true;
    for (uint32_t i = 0; i < count && !status; i++) {
        order[i] = i;
        sorted = sorted && (i == 0 || ways[i - 1].id < ways[i].id);
    }
    if (!status && !sorted) qsort_r(order, count, sizeof *order, by_id, ways);
    for (uint32_t i = 0; i < count && !status; i++)
        status = cut_way(in, &ways[order[i]], &in->spans[order[i]], error);
    pct_free(order);
    return status;
}

static uint32_t node_of(void *context, int64_t id) {
    const importer *in = context;
    uint32_t number = pct_map_get(&in->slot_of, (uint64_t)id);
    return number == PCT_MAP_ABSENT ? PCT_NO_INDEX : ((const slot *)in->slots.items)[number].node;
}

static pct_status build(importer *in, const char *file, pct_error *error) {
    pct_status status = in->ways.length > 0 ? cut_ways(in, error) : PCT_OK;
    if (status) return status;
    if (in->stretches.length == 0)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_IMPORT_OSM_NO_ROADS, pct_str(file));
    pct_osm_roads roads = {&in->way_of, in->spans, in->stretches.items, in, node_of};
    return pct_osm_turns_resolve(&in->turns, &roads, in->builder, in->report, error);
}

pct_status pct_import_osm(const char *file, pct_text bytes, pct_network *out, pct_import_report *report,
                          pct_error *error) {
    return pct_import_osm_in(PCT_DATUM_WGS84, file, bytes, out, report, error);
}

pct_status pct_import_osm_in(pct_datum datum, const char *file, pct_text bytes, pct_network *out,
                             pct_import_report *report, pct_error *error) {
    importer in;
    pct_osm_handler first = {.context = &in, .way = take_way, .relation = take_relation};
    pct_osm_handler second = {.context = &in, .node = take_node, .nowhere = take_nowhere, .datum = datum};
    *report = (pct_import_report){.dropped_count = 0};
    *out = (pct_network){0};
    importer_init(&in, report);
    pct_status status = pct_network_builder_new(&in.builder, error);
    if (!status) status = pct_osm_read(file, bytes, &first, error);
    if (!status) status = pct_osm_read(file, bytes, &second, error);
    if (!status) status = build(&in, file, error);
    importer_dispose(&in); /* before the arcs are laid out, which is where memory peaks */
    if (!status) status = pct_network_finish(in.builder, false, out, error);
    pct_network_builder_free(in.builder);
    return status;
}
