/* Named objects and addresses of OpenStreetMap, in two passes over the bytes.
 *
 *   1  ways: which have a name or an address worth keeping, and the nodes they use
 *   2  nodes: positions of the nodes in use; nodes that are places or addresses themselves
 *
 * so that memory goes with what is kept and the order of objects in the file does not matter. A closed way keeps its
 * outline. O(objects) expected. */
#include "osm/pbf.h"
#include "place/builder.h"
#include "place/fold.h"

enum { RING_POINTS_MIN = 4, CATEGORY_BYTES_MAX = 512 };

typedef struct slot {
    pct_position position;
    bool found;
} slot;

typedef struct way {
    size_t ref_at;
    uint32_t ref_count;
    uint32_t entry;        /* PCT_NO_INDEX: none */
    pct_found_house house; /* street 0: none */
} way;

typedef struct reading {
    pct_gazetteer_builder *builder;
    pct_map slot_of;
    pct_vector slots, refs /* uint32_t, slots */, ways, points;
    pct_buffer category;
} reading;

static pct_status add_entry(reading *in, const pct_osm_place *place, uint32_t *entry, pct_error *error) {
    uint32_t category;
    pct_status status =
        pct_builder_entry(in->builder, place->kind, place->name, place->name_en, entry, error);
    if (status) return status;
    pct_buffer_clear(&in->category);
    (void)pct_buffer_append(&in->category, place->key.chars, place->key.length);
    (void)pct_buffer_append_byte(&in->category, '=');
    (void)pct_buffer_append(&in->category, place->value.chars, place->value.length);
    status = pct_buffer_status(&in->category, error);
    if (!status)
        status = pct_builder_text(
            in->builder, (pct_text){(const char *)in->category.bytes, in->category.length}, &category, error);
    if (status) return status;
    pct_builder_entry_at(in->builder, *entry)->category = category;
    pct_builder_entry_at(in->builder, *entry)->dwelling = (uint8_t)place->dwelling;
    return PCT_OK;
}

/* house->street stays 0 when the number is none that can be looked for. */
static pct_status describe_house(reading *in, const pct_osm_place *place, pct_found_house *house,
                                 pct_error *error) {
    size_t digits;
    *house = (pct_found_house){.dwelling = (uint8_t)place->dwelling, .of_a_place = place->of_a_place};
    if (!place->addressed || place->house_number.length >= PCT_HOUSE_LABEL_MAX ||
        !pct_house_number_of(place->house_number, &house->number, &digits))
        return PCT_OK;
    pct_status status = pct_builder_text(in->builder, place->house_number, &house->label, error);
    return status ? status : pct_builder_text(in->builder, place->street, &house->street, error);
}

static pct_status use_node(reading *in, int64_t id, pct_error *error) {
    uint32_t number = (uint32_t)in->slots.length, found;
    if (pct_map_add(&in->slot_of, (uint64_t)id, number, &found))
        return pct_map_failed(&in->slot_of, PCT_MSG_PLACE_WHAT_NODES, error);
    if (found == number && !pct_vector_push(&in->slots))
        return pct_vector_failed(&in->slots, PCT_MSG_PLACE_WHAT_NODES, error);
    uint32_t *ref = pct_vector_push(&in->refs);
    if (!ref) return pct_vector_failed(&in->refs, PCT_MSG_PLACE_WHAT_NODES, error);
    *ref = found;
    return PCT_OK;
}

static pct_status take_way(void *context, const pct_osm_way *source, pct_error *error) {
    reading *in = context;
    pct_osm_place place = pct_osm_place_of(source->tags, true);
    if ((!place.named && !place.addressed) || source->ref_count == 0) return PCT_OK;
    way *w = pct_vector_push(&in->ways);
    if (!w) return pct_vector_failed(&in->ways, PCT_MSG_WHAT_PLACES, error);
    w->ref_at = in->refs.length;
    w->entry = PCT_NO_INDEX;
    pct_status status = place.named ? add_entry(in, &place, &w->entry, error) : PCT_OK;
    if (!status) status = describe_house(in, &place, &w->house, error);
    for (size_t i = 0; i < source->ref_count && !status; i++) status = use_node(in, source->refs[i], error);
    w->ref_count = (uint32_t)(in->refs.length - w->ref_at);
    return status;
}

static pct_status take_node(void *context, const pct_osm_node *node, pct_error *error) {
    reading *in = context;
    uint32_t number = pct_map_get(&in->slot_of, (uint64_t)node->id), entry;
    if (number != PCT_MAP_ABSENT) ((slot *)in->slots.items)[number] = (slot){node->position, true};
    if (node->tags.count == 0) return PCT_OK;
    pct_osm_place place = pct_osm_place_of(node->tags, false);
    pct_status status = PCT_OK;
    if (place.named) {
        status = add_entry(in, &place, &entry, error);
        if (status) return status;
        pct_place_entry *e = pct_builder_entry_at(in->builder, entry);
        e->position = node->position;
        pct_box_extend(&e->extent, node->position);
    }
    if (!place.addressed) return PCT_OK;
    pct_found_house house;
    status = describe_house(in, &place, &house, error);
    house.position = node->position;
    return status || house.street == 0 ? status : pct_builder_house(in->builder, &house, error);
}

/* The middle of an outline's box where the outline is closed, else its middle point. */
static pct_position middle_of(const pct_position *points, size_t count, bool closed) {
    pct_box box = pct_box_of(points, count);
    return closed ? pct_geo_between(box.min, box.max, 0.5) : points[count / 2];
}

/* Ways whose nodes the file lacks are left without position, and so without entry: an extract cuts them. */
static pct_status finish_way(reading *in, const way *w, pct_error *error) {
    const slot *slots = in->slots.items;
    const uint32_t *refs = (const uint32_t *)in->refs.items + w->ref_at;
    in->points.length = 0;
    for (uint32_t i = 0; i < w->ref_count; i++) {
        if (!slots[refs[i]].found) continue;
        pct_position *point = pct_vector_push(&in->points);
        if (!point) return pct_vector_failed(&in->points, PCT_MSG_WHAT_POINTS, error);
        *point = slots[refs[i]].position;
    }
    size_t count = in->points.length;
    const pct_position *points = in->points.items;
    pct_status status = PCT_OK;
    if (count == 0) return PCT_OK;
    bool closed = count == w->ref_count && count >= RING_POINTS_MIN && refs[0] == refs[count - 1];
    if (w->entry != PCT_NO_INDEX) {
        pct_place_entry *e = pct_builder_entry_at(in->builder, w->entry);
        e->position = middle_of(points, count, closed);
        for (size_t i = 0; i < count; i++) pct_box_extend(&e->extent, points[i]);
        if (closed) status = pct_builder_line(in->builder, w->entry, points, count, error);
    }
    if (status || w->house.street == 0) return status;
    pct_found_house house = w->house;
    house.position = middle_of(points, count, closed);
    return pct_builder_house(in->builder, &house, error);
}

void pct_gazetteer_set_datum(pct_gazetteer_builder *b, pct_datum datum) {
    b->datum = datum;
}

pct_status pct_gazetteer_add_osm(pct_gazetteer_builder *b, const char *file, pct_text bytes,
                                 pct_error *error) {
    reading in = {.builder = b,
                  .slot_of = pct_map_init(PCT_GAZETTEER_ITEMS_MAX),
                  .slots = pct_vector_init(sizeof(slot), PCT_GAZETTEER_ITEMS_MAX),
                  .refs = pct_vector_init(sizeof(uint32_t), (size_t)PCT_GAZETTEER_ITEMS_MAX * 4),
                  .ways = pct_vector_init(sizeof(way), PCT_GAZETTEER_ITEMS_MAX),
                  .points = pct_vector_init(sizeof(pct_position), PCT_GAZETTEER_ITEMS_MAX),
                  .category = pct_buffer_init(1 << 20)};
    pct_osm_handler first = {.context = &in, .way = take_way};
    pct_osm_handler second = {.context = &in, .node = take_node, .datum = b->datum};
    pct_status status = pct_osm_read(file, bytes, &first, error);
    if (!status) status = pct_osm_read(file, bytes, &second, error);
    const way *ways = in.ways.items;
    for (size_t i = 0; i < in.ways.length && !status; i++) status = finish_way(&in, &ways[i], error);
    pct_map_dispose(&in.slot_of);
    pct_vector_dispose(&in.slots);
    pct_vector_dispose(&in.refs);
    pct_vector_dispose(&in.ways);
    pct_vector_dispose(&in.points);
    pct_buffer_dispose(&in.category);
    return status;
}
