/* Roads from OpenStreetMap, in two passes over the bytes.
 *
 *   1  ways and relations: which ways are roads, which nodes they use, how often; turn restrictions
 *   2  nodes: positions of the nodes in use
 *
 * so that the order of objects in the file does not matter, and memory goes with the roads, not with the ids: a
 * hash map takes a node id to its slot, and ways keep slots. A slot that is used more than once, or ends a way,
 * becomes a node of the network; the others become shape. O(objects) expected. */
#include <math.h>

#include "base/map.h"
#include "base/vector.h"
#include "osm/pbf.h"
#include "road/import.h"
#include "road/osm_rights.h"
#include "road/osm_turns.h"

enum { ITEMS_MAX = 1 << 28, MANY_USES = 2 };

typedef struct slot { /* a node of the file that a road uses */
    int64_t source;
    pct_position position;
    uint32_t node; /* of the network, once it is one */
    uint8_t uses;  /* up to MANY_USES */
    bool found;    /* in the file */
} slot;

typedef struct way {
    int64_t id;
    size_t ref_at;
    uint32_t ref_count;
    uint32_t name, name_en;
    uint8_t road_class, flags;
} way;

typedef struct importer {
    pct_network_builder *builder;
    pct_import_report *report;
    pct_map slot_of, way_of; /* by id */
    pct_vector slots, ways, refs /* uint32_t, slots */;
    pct_osm_turns turns;
    pct_vector spans, stretches, shape; /* segments of each way; segments; inner points of one */
} importer;

void pct_import_drop(pct_import_report *report, pct_message reason, int64_t source_id) {
    size_t i = 0;
    while (i < report->dropped_count && report->dropped[i].reason != reason) i++;
    if (PCT_NEVER(i == PCT_IMPORT_REASONS_MAX)) return;
    if (i == report->dropped_count) {
        report->dropped[i].reason = reason;
        report->dropped[i].count = 0;
        report->dropped[i].example = source_id;
        report->dropped_count++;
    }
    report->dropped[i].count++;
}

static void importer_init(importer *in, pct_import_report *report) {
    *in = (importer){.report = report,
                     .slot_of = pct_map_init(ITEMS_MAX),
                     .way_of = pct_map_init(ITEMS_MAX),
                     .slots = pct_vector_init(sizeof(slot), ITEMS_MAX),
                     .ways = pct_vector_init(sizeof(way), ITEMS_MAX),
                     .refs = pct_vector_init(sizeof(uint32_t), (size_t)4 * ITEMS_MAX),
                     .turns = pct_osm_turns_init(),
                     .spans = pct_vector_init(sizeof(pct_osm_way_span), ITEMS_MAX),
                     .stretches = pct_vector_init(sizeof(pct_osm_stretch), ITEMS_MAX),
                     .shape = pct_vector_init(sizeof(pct_position), ITEMS_MAX)};
}

static void importer_dispose(importer *in) {
    pct_map_dispose(&in->slot_of);
    pct_map_dispose(&in->way_of);
    pct_vector_dispose(&in->slots);
    pct_vector_dispose(&in->ways);
    pct_vector_dispose(&in->refs);
    pct_osm_turns_dispose(&in->turns);
    pct_vector_dispose(&in->spans);
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

static pct_status add_names(importer *in, const pct_osm_road *road, way *out, pct_error *error) {
    pct_status status = pct_network_add_name(in->builder, road->name, &out->name, error);
    return status ? status : pct_network_add_name(in->builder, road->name_en, &out->name_en, error);
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
    way *w = pct_vector_push(&in->ways);
    if (!w) return pct_vector_failed(&in->ways, PCT_MSG_WHAT_ROADS, error);
    *w = (way){.id = source->id,
               .ref_at = in->refs.length,
               .road_class = (uint8_t)road.road_class,
               .flags = road.flags};
    pct_status status = add_names(in, &road, w, error);
    /* A node that repeats its predecessor adds nothing. */
    for (size_t i = 0; i < source->ref_count && !status; i++)
        if (i == 0 || source->refs[i] != source->refs[i - 1]) status = use_node(in, source->refs[i], error);
    w->ref_count = (uint32_t)(in->refs.length - w->ref_at);
    return status;
}

static pct_status take_relation(void *context, const pct_osm_relation *relation, pct_error *error) {
    importer *in = context;
    return pct_osm_turns_collect(&in->turns, relation, in->report, error);
}

/* --- pass 2 -------------------------------------------------------------------------------------------- */

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
    }
    return PCT_OK;
}

/* --- segments ------------------------------------------------------------------------------------------ */

static pct_status node_at(importer *in, slot *s, uint32_t *node, pct_error *error) {
    pct_status status = PCT_OK;
    if (s->node == PCT_NO_INDEX)
        status = pct_network_add_node(in->builder, s->source, s->position, &s->node, error);
    *node = s->node;
    return status;
}

/* The segment between refs `first` and `last` of a way; the refs between them are shape. */
static pct_status add_segment(importer *in, const way *w, const uint32_t *first, const uint32_t *last,
                              pct_error *error) {
    slot *slots = in->slots.items;
    double length_m = 0.0;
    in->shape.length = 0;
    for (const uint32_t *ref = first; ref < last; ref++) {
        length_m += pct_geo_distance_m(slots[ref[0]].position, slots[ref[1]].position);
        if (ref == first) continue;
        pct_position *point = pct_vector_push(&in->shape);
        if (!point) return pct_vector_failed(&in->shape, PCT_MSG_WHAT_SHAPE_POINTS, error);
        *point = slots[*ref].position;
    }
    double length_mm = fmin(fmax(round(length_m * 1000.0), 1.0), UINT32_MAX);
    pct_segment segment = {.way = w->id,
                           .length_mm = (uint32_t)length_mm,
                           .name = w->name,
                           .name_en = w->name_en,
                           .road_class = w->road_class,
                           .flags = w->flags};
    pct_status status = node_at(in, &slots[*first], &segment.tail, error);
    if (!status) status = node_at(in, &slots[*last], &segment.head, error);
    uint32_t number;
    if (!status)
        status =
            pct_network_add_segment(in->builder, &segment, in->shape.items, in->shape.length, &number, error);
    if (status) return status;
    pct_osm_stretch *stretch = pct_vector_push(&in->stretches);
    if (!stretch) return pct_vector_failed(&in->stretches, PCT_MSG_WHAT_SEGMENTS, error);
    *stretch = (pct_osm_stretch){segment.tail, segment.head, w->flags};
    return PCT_OK;
}

/* Cuts a way where it meets others, and where the file lacks its nodes. */
static pct_status cut_way(importer *in, const way *w, pct_error *error) {
    const slot *slots = in->slots.items;
    const uint32_t *refs = in->refs.items, *start = NULL;
    size_t before = in->stretches.length, missing = 0;
    pct_status status = PCT_OK;
    for (size_t i = w->ref_at, end = i + w->ref_count; i < end && !status; i++) {
        const slot *s = &slots[refs[i]];
        if (!s->found) {
            missing++;
            start = NULL;
            continue;
        }
        bool ends = i + 1 == end || !slots[refs[i + 1]].found || s->uses >= MANY_USES;
        if (start && ends) status = add_segment(in, w, start, &refs[i], error);
        if (!start || ends) start = &refs[i];
    }
    if (missing > 0)
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_NODES_MISSING, w->id);
    else if (in->stretches.length == before && !status)
        pct_import_drop(in->report, PCT_MSG_IMPORT_OSM_SHORT, w->id);
    pct_osm_way_span *span = pct_vector_push(&in->spans);
    if (!span && !status) status = pct_vector_failed(&in->spans, PCT_MSG_WHAT_ROADS, error);
    if (span) *span = (pct_osm_way_span){(uint32_t)before, (uint32_t)(in->stretches.length - before)};
    return status;
}

static uint32_t node_of(void *context, int64_t id) {
    const importer *in = context;
    uint32_t number = pct_map_get(&in->slot_of, (uint64_t)id);
    return number == PCT_MAP_ABSENT ? PCT_NO_INDEX : ((const slot *)in->slots.items)[number].node;
}

static pct_status build(importer *in, const char *file, pct_error *error) {
    pct_status status = PCT_OK;
    const way *ways = in->ways.items;
    for (size_t i = 0; i < in->ways.length && !status; i++) status = cut_way(in, &ways[i], error);
    if (status) return status;
    if (in->stretches.length == 0)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_IMPORT_OSM_NO_ROADS, pct_str(file));
    pct_osm_roads roads = {&in->way_of, in->spans.items, in->stretches.items, in, node_of};
    return pct_osm_turns_resolve(&in->turns, &roads, in->builder, in->report, error);
}

pct_status pct_import_osm(const char *file, pct_text bytes, pct_network *out, pct_import_report *report,
                          pct_error *error) {
    importer in;
    pct_osm_handler first = {.context = &in, .way = take_way, .relation = take_relation};
    pct_osm_handler second = {.context = &in, .node = take_node};
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
