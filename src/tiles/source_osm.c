/* What an OpenStreetMap file shows beside its roads, in three passes over the bytes:
 *
 *   1  relations: multipolygons that are drawn, and the ways they consist of
 *   2  ways: those that are drawn, and those that pass 1 asks for
 *   3  nodes: positions of the nodes in use; places and names
 *
 * so that memory goes with what is drawn, and the order of objects in the file does not matter. */
#include <string.h>

#include "base/map.h"
#include "base/vector.h"
#include "osm/pbf.h"
#include "tiles/coast.h"
#include "tiles/osm_rules.h"
#include "tiles/rings.h"
#include "tiles/sources.h"

enum { ITEMS_MAX = 1 << 28 };

typedef struct drawing { /* of a way or a relation by one rule; texts lie in the features' names */
    const pct_osm_rule *rule;
    pct_text drawn_class, name, name_en;
    uint32_t subject; /* number of the way or relation */
} drawing;

typedef struct way {
    uint32_t ref_at, ref_count;
    uint16_t outline_of; /* layers, as bits, of relations that draw it as their outline */
    bool found;
} way;

typedef struct relation {
    uint32_t member_at, member_count; /* into members: numbers of ways */
} relation;

typedef struct slot {
    bool found;
} slot;

typedef struct reader {
    pct_tile_features *features;
    pct_map way_of, slot_of;                            /* by id */
    pct_vector ways, relations, members, refs;          /* way, relation, uint32_t, uint32_t (slots) */
    pct_vector slots, positions;                        /* slot, pct_position: of nodes in use */
    pct_vector way_drawings, relation_drawings, coasts; /* drawing, drawing, uint32_t (ways) */
    pct_vector pieces, line;                            /* pct_way_piece, pct_position: working memory */
    pct_ring_finder rings;
    int64_t *rings_open;
} reader;

static void reader_init(reader *r, pct_tile_features *features, int64_t *rings_open) {
    *r = (reader){.features = features,
                  .rings_open = rings_open,
                  .way_of = pct_map_init(ITEMS_MAX),
                  .slot_of = pct_map_init(ITEMS_MAX),
                  .ways = pct_vector_init(sizeof(way), ITEMS_MAX),
                  .relations = pct_vector_init(sizeof(relation), ITEMS_MAX),
                  .members = pct_vector_init(sizeof(uint32_t), ITEMS_MAX),
                  .refs = pct_vector_init(sizeof(uint32_t), (size_t)4 * ITEMS_MAX),
                  .slots = pct_vector_init(sizeof(slot), ITEMS_MAX),
                  .positions = pct_vector_init(sizeof(pct_position), ITEMS_MAX),
                  .way_drawings = pct_vector_init(sizeof(drawing), ITEMS_MAX),
                  .relation_drawings = pct_vector_init(sizeof(drawing), ITEMS_MAX),
                  .coasts = pct_vector_init(sizeof(uint32_t), ITEMS_MAX),
                  .pieces = pct_vector_init(sizeof(pct_way_piece), ITEMS_MAX),
                  .line = pct_vector_init(sizeof(pct_position), ITEMS_MAX),
                  .rings = pct_ring_finder_init()};
}

static void reader_dispose(reader *r) {
    pct_vector *vectors[] = {&r->ways,   &r->relations, &r->members,      &r->refs,
                             &r->slots,  &r->positions, &r->way_drawings, &r->relation_drawings,
                             &r->coasts, &r->pieces,    &r->line};
    pct_map_dispose(&r->way_of);
    pct_map_dispose(&r->slot_of);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) pct_vector_dispose(vectors[i]);
    pct_ring_finder_dispose(&r->rings);
}

static pct_status push_number(pct_vector *vector, uint32_t number, pct_error *error) {
    uint32_t *slot_of_number = pct_vector_push(vector);
    if (!slot_of_number) return pct_vector_failed(vector, PCT_MSG_WHAT_TILE_SHAPES, error);
    *slot_of_number = number;
    return PCT_OK;
}

/* A lasting copy of a text. */
static pct_status keep_text(reader *r, pct_text text, pct_text *kept, pct_error *error) {
    uint32_t number;
    *kept = (pct_text){"", 0};
    if (text.length == 0) return PCT_OK;
    if (pct_names_add(&r->features->texts, text, &number)) return pct_error_memory(error, text.length);
    *kept = r->features->texts.texts[number];
    return PCT_OK;
}

static pct_status add_drawing(reader *r, pct_vector *drawings, const pct_osm_rule *rule, pct_text drawn_class,
                              pct_osm_tags tags, uint32_t subject, pct_error *error) {
    drawing *d = pct_vector_push(drawings);
    if (!d) return pct_vector_failed(drawings, PCT_MSG_WHAT_TILE_SHAPES, error);
    d->rule = rule;
    d->subject = subject;
    pct_status status = keep_text(r, drawn_class, &d->drawn_class, error);
    if (!status) status = keep_text(r, pct_osm_tag_value(tags, "name"), &d->name, error);
    return status ? status : keep_text(r, pct_osm_tag_value(tags, "name:en"), &d->name_en, error);
}

/* A public place shows only by its name. */
static bool shows(const pct_osm_rule *rule, pct_osm_tags tags) {
    bool by_name = rule->layer == PCT_TILE_POI || rule->layer == PCT_TILE_PLACE_LABEL;
    return !by_name || pct_osm_tag_value(tags, "name").length > 0;
}

/* --- pass 1 -------------------------------------------------------------------------------------------- */

static pct_status way_number(reader *r, int64_t id, uint32_t *number, pct_error *error) {
    uint32_t fresh = (uint32_t)r->ways.length;
    if (pct_map_add(&r->way_of, (uint64_t)id, fresh, number))
        return pct_map_failed(&r->way_of, PCT_MSG_WHAT_TILE_LINES, error);
    if (*number == fresh && !pct_vector_push(&r->ways))
        return pct_vector_failed(&r->ways, PCT_MSG_WHAT_TILE_LINES, error);
    return PCT_OK;
}

static pct_status take_relation(void *context, const pct_osm_relation *source, pct_error *error) {
    reader *r = context;
    const pct_osm_rule *rules[PCT_TILE_LAYER_COUNT];
    pct_text classes[PCT_TILE_LAYER_COUNT], type = pct_osm_tag_value(source->tags, "type");
    if (type.length != 12 || memcmp(type.chars, "multipolygon", 12) != 0) return PCT_OK;
    size_t count = pct_osm_rules_of(source->tags, PCT_OSM_AS_AREA, rules, classes);
    uint32_t number = (uint32_t)r->relations.length;
    uint16_t layers = 0;
    pct_status status = PCT_OK;
    if (count == 0) return PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        if (!shows(rules[i], source->tags)) continue;
        layers |= (uint16_t)(1u << rules[i]->layer);
        status = add_drawing(r, &r->relation_drawings, rules[i], classes[i], source->tags, number, error);
    }
    relation *entry = status ? NULL : pct_vector_push(&r->relations);
    if (!entry) return status ? status : pct_vector_failed(&r->relations, PCT_MSG_WHAT_TILE_SHAPES, error);
    entry->member_at = (uint32_t)r->members.length;
    for (size_t i = 0; i < source->member_count && !status; i++) {
        const pct_osm_member *member = &source->members[i];
        uint32_t member_way;
        if (member->kind != PCT_OSM_WAY) continue;
        status = way_number(r, member->ref, &member_way, error);
        if (!status) status = push_number(&r->members, member_way, error);
        if (status || (member->role.length == 5 && memcmp(member->role.chars, "inner", 5) == 0)) continue;
        ((way *)r->ways.items)[member_way].outline_of |= layers;
    }
    entry->member_count = (uint32_t)r->members.length - entry->member_at;
    return status;
}

/* --- pass 2 -------------------------------------------------------------------------------------------- */

static pct_status use_node(reader *r, int64_t id, pct_error *error) {
    uint32_t fresh = (uint32_t)r->slots.length, number;
    if (pct_map_add(&r->slot_of, (uint64_t)id, fresh, &number))
        return pct_map_failed(&r->slot_of, PCT_MSG_WHAT_TILE_POINTS, error);
    if (number == fresh && (!pct_vector_push(&r->slots) || !pct_vector_push(&r->positions)))
        return pct_error_memory(error, sizeof(pct_position));
    return push_number(&r->refs, number, error);
}

static pct_status keep_way(reader *r, const pct_osm_way *source, uint32_t *number, pct_error *error) {
    pct_status status = way_number(r, source->id, number, error);
    if (status) return status;
    way *kept = (way *)r->ways.items + *number;
    if (kept->found) return PCT_OK; /* a way that stands twice in the file */
    kept->found = true;
    kept->ref_at = (uint32_t)r->refs.length;
    for (size_t i = 0; i < source->ref_count && !status; i++) status = use_node(r, source->refs[i], error);
    kept->ref_count = (uint32_t)r->refs.length - kept->ref_at;
    return status;
}

static pct_status take_way(void *context, const pct_osm_way *source, pct_error *error) {
    reader *r = context;
    const pct_osm_rule *rules[PCT_TILE_LAYER_COUNT];
    pct_text classes[PCT_TILE_LAYER_COUNT], natural = pct_osm_tag_value(source->tags, "natural");
    bool closed = source->ref_count > 3 && source->refs[0] == source->refs[source->ref_count - 1];
    bool coast = natural.length == 9 && memcmp(natural.chars, "coastline", 9) == 0;
    uint32_t number = pct_map_get(&r->way_of, (uint64_t)source->id);
    uint32_t member = number == PCT_MAP_ABSENT ? 0 : ((way *)r->ways.items)[number].outline_of;
    size_t count = pct_osm_rules_of(source->tags, PCT_OSM_AS_LINE | PCT_OSM_AS_AREA, rules, classes);
    if (number != PCT_MAP_ABSENT && ((way *)r->ways.items)[number].found) return PCT_OK;
    if (count == 0 && number == PCT_MAP_ABSENT && !coast) return PCT_OK;
    pct_status status = keep_way(r, source, &number, error);
    if (coast && !status) status = push_number(&r->coasts, number, error);
    for (size_t i = 0; i < count && !status; i++) {
        bool area = rules[i]->as & PCT_OSM_AS_AREA;
        if (!shows(rules[i], source->tags) || (area && member & 1u << rules[i]->layer)) continue;
        if (area && !closed)
            ++*r->rings_open;
        else
            status = add_drawing(r, &r->way_drawings, rules[i], classes[i], source->tags, number, error);
    }
    return status;
}

/* --- pass 3 -------------------------------------------------------------------------------------------- */

static pct_status begin_feature(reader *r, const drawing *d, pct_tile_kind kind, pct_error *error) {
    const pct_tile_field *fields = pct_tile_layers[d->rule->layer].fields;
    pct_tile_features *f = r->features;
    pct_status status =
        pct_tile_features_begin(f, d->rule->layer, kind, d->rule->min_zoom, PCT_TILE_ZOOM_MAX, error);
    if (!status && fields[PCT_TILE_CLASS].name)
        status = pct_tile_features_text(f, PCT_TILE_CLASS, d->drawn_class, error);
    if (status || !fields[PCT_TILE_NAME_EN].name || fields[PCT_TILE_NAME_EN].is_flag) return status;
    status = pct_tile_features_text(f, PCT_TILE_NAME, d->name, error);
    return status ? status : pct_tile_features_text(f, PCT_TILE_NAME_EN, d->name_en, error);
}

static pct_status take_node(void *context, const pct_osm_node *node, pct_error *error) {
    reader *r = context;
    const pct_osm_rule *rules[PCT_TILE_LAYER_COUNT];
    pct_text classes[PCT_TILE_LAYER_COUNT];
    uint32_t number = pct_map_get(&r->slot_of, (uint64_t)node->id);
    if (number != PCT_MAP_ABSENT) {
        ((slot *)r->slots.items)[number].found = true;
        ((pct_position *)r->positions.items)[number] = node->position;
    }
    pct_status status = PCT_OK;
    size_t count = pct_osm_rules_of(node->tags, PCT_OSM_AS_NODE, rules, classes);
    for (size_t i = 0; i < count && !status; i++) {
        if (!shows(rules[i], node->tags)) continue;
        drawing d = {.rule = rules[i],
                     .drawn_class = classes[i],
                     .name = pct_osm_tag_value(node->tags, "name"),
                     .name_en = pct_osm_tag_value(node->tags, "name:en")};
        status = begin_feature(r, &d, PCT_TILE_POINT, error);
        if (!status) status = pct_tile_features_part(r->features, &node->position, 1, true, error);
    }
    return status;
}

/* --- drawing ------------------------------------------------------------------------------------------- */

/* The middle of a ring's box: where the name of a ground stands. */
static pct_position middle_of(const pct_position *points, size_t count) {
    pct_box box = pct_box_of(points, count);
    return pct_geo_between(box.min, box.max, 0.5);
}

static pct_status take_line(reader *r, const way *w, bool *whole, pct_error *error) {
    const uint32_t *refs = (const uint32_t *)r->refs.items + w->ref_at;
    r->line.length = 0;
    *whole = w->found;
    for (uint32_t i = 0; i < w->ref_count; i++) {
        if (!((const slot *)r->slots.items)[refs[i]].found) {
            *whole = false;
            continue;
        }
        pct_position *p = pct_vector_push(&r->line);
        if (!p) return pct_vector_failed(&r->line, PCT_MSG_WHAT_TILE_POINTS, error);
        *p = ((const pct_position *)r->positions.items)[refs[i]];
    }
    return PCT_OK;
}

static pct_status draw_way(reader *r, const drawing *d, pct_error *error) {
    bool whole, area = d->rule->as & PCT_OSM_AS_AREA, point = d->rule->layer == PCT_TILE_POI;
    pct_status status = take_line(r, (const way *)r->ways.items + d->subject, &whole, error);
    size_t count = r->line.length;
    if (status || count < 2) return status;
    if (area && !whole) {
        ++*r->rings_open;
        return PCT_OK;
    }
    pct_tile_kind kind = point ? PCT_TILE_POINT : area ? PCT_TILE_POLYGON : PCT_TILE_LINE;
    status = begin_feature(r, d, kind, error);
    if (status) return status;
    pct_position middle = middle_of(r->line.items, count);
    if (point) return pct_tile_features_part(r->features, &middle, 1, true, error);
    return pct_tile_features_part(r->features, r->line.items, area ? count - 1 : count, true, error);
}

/* The ways, by number, that the file holds whole. */
static pct_status list_pieces(reader *r, const uint32_t *ways, size_t count, pct_error *error) {
    r->pieces.length = 0;
    for (size_t i = 0; i < count; i++) {
        const way *w = (const way *)r->ways.items + ways[i];
        const uint32_t *refs = (const uint32_t *)r->refs.items + w->ref_at;
        bool whole = w->found && w->ref_count > 1;
        for (uint32_t n = 0; n < w->ref_count && whole; n++)
            whole = ((const slot *)r->slots.items)[refs[n]].found;
        if (!whole) continue;
        pct_way_piece *piece = pct_vector_push(&r->pieces);
        if (!piece) return pct_vector_failed(&r->pieces, PCT_MSG_WHAT_TILE_LINES, error);
        *piece = (pct_way_piece){refs, w->ref_count};
    }
    return PCT_OK;
}

static pct_status find_rings(reader *r, const relation *source, pct_error *error) {
    pct_status status =
        list_pieces(r, (const uint32_t *)r->members.items + source->member_at, source->member_count, error);
    if (!status)
        status = pct_ring_finder_run(&r->rings, r->pieces.items, r->pieces.length, r->positions.items, error);
    *r->rings_open += r->rings.open;
    return status;
}

/* Each outline with the holes that lie in it. */
static pct_status add_rings(reader *r, const pct_vector *found, const pct_position *points,
                            pct_error *error) {
    const pct_found_ring *rings = found->items;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < found->length && !status; i++) {
        if (rings[i].depth % 2 == 1) continue;
        status = pct_tile_features_part(r->features, points + rings[i].at, rings[i].count, true, error);
        for (size_t j = 0; j < found->length && !status; j++)
            if (j != i && rings[j].outline == i)
                status =
                    pct_tile_features_part(r->features, points + rings[j].at, rings[j].count, false, error);
    }
    return status;
}

static pct_status draw_relation(reader *r, const drawing *d, pct_error *error) {
    pct_status status = find_rings(r, (const relation *)r->relations.items + d->subject, error);
    if (status || r->rings.rings.length == 0) return status;
    bool point = d->rule->layer == PCT_TILE_POI;
    const pct_found_ring *first = r->rings.rings.items;
    status = begin_feature(r, d, point ? PCT_TILE_POINT : PCT_TILE_POLYGON, error);
    if (status || !point)
        return status ? status : add_rings(r, &r->rings.rings, r->rings.points.items, error);
    pct_position middle = middle_of((const pct_position *)r->rings.points.items + first->at, first->count);
    return pct_tile_features_part(r->features, &middle, 1, true, error);
}

static pct_status draw_sea(reader *r, pct_box box, pct_error *error) {
    pct_coast coast = pct_coast_init();
    pct_status status = list_pieces(r, r->coasts.items, r->coasts.length, error);
    if (!status)
        status = pct_coast_run(&coast, r->pieces.items, r->pieces.length, r->positions.items, box, error);
    if (!status && coast.rings.length > 0) {
        status = pct_tile_features_begin(r->features, PCT_TILE_WATER, PCT_TILE_POLYGON, 0, PCT_TILE_ZOOM_MAX,
                                         error);
        if (!status) status = pct_tile_features_text(r->features, PCT_TILE_CLASS, pct_text_of("sea"), error);
        if (!status) status = add_rings(r, &coast.rings, coast.points.items, error);
    }
    pct_coast_dispose(&coast);
    return status;
}

static pct_status draw_all(reader *r, pct_error *error) {
    const drawing *drawings = r->way_drawings.items;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < r->way_drawings.length && !status; i++) status = draw_way(r, &drawings[i], error);
    drawings = r->relation_drawings.items;
    for (size_t i = 0; i < r->relation_drawings.length && !status; i++)
        status = draw_relation(r, &drawings[i], error);
    return status;
}

pct_status pct_tiles_add_osm(pct_tile_features *features, const pct_tiles_source *source, pct_box box,
                             int64_t *rings_open, pct_error *error) {
    reader r;
    const pct_osm_handler passes[] = {{.context = &r, .relation = take_relation},
                                      {.context = &r, .way = take_way},
                                      {.context = &r, .node = take_node, .datum = source->datum}};
    pct_status status = PCT_OK;
    reader_init(&r, features, rings_open);
    for (int i = 0; i < 3 && !status; i++)
        status = pct_osm_read(source->file, source->osm, &passes[i], error);
    if (!status) status = draw_sea(&r, box, error);
    if (!status) status = draw_all(&r, error);
    reader_dispose(&r);
    return status;
}
