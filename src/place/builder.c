#include "place/builder.h"

#include <math.h>

enum { TEXT_BYTES_MAX = 1 << 30 };

pct_status pct_gazetteer_builder_new(pct_gazetteer_builder **out, pct_error *error) {
    uint32_t empty;
    pct_gazetteer_builder *b = pct_alloc_zeroed(1, sizeof *b);
    *out = b;
    if (!b) return pct_error_memory(error, sizeof *b);
    b->texts = pct_names_init(PCT_GAZETTEER_ITEMS_MAX, TEXT_BYTES_MAX);
    b->entries = pct_vector_init(sizeof(pct_place_entry), PCT_GAZETTEER_ITEMS_MAX);
    b->lines = pct_vector_init(sizeof(pct_place_line), PCT_GAZETTEER_ITEMS_MAX);
    b->points = pct_vector_init(sizeof(pct_position), PCT_GAZETTEER_ITEMS_MAX);
    b->found_houses = pct_vector_init(sizeof(pct_found_house), PCT_GAZETTEER_ITEMS_MAX);
    b->ranges = pct_vector_init(sizeof(pct_house_range), PCT_GAZETTEER_ITEMS_MAX);
    pct_status status = pct_builder_text(b, (pct_text){"", 0}, &empty, error);
    if (!status) return PCT_OK;
    pct_gazetteer_builder_free(b);
    *out = NULL;
    return status;
}

void pct_gazetteer_builder_free(pct_gazetteer_builder *b) {
    if (!b) return;
    pct_names_dispose(&b->texts);
    pct_vector_dispose(&b->entries);
    pct_vector_dispose(&b->lines);
    pct_vector_dispose(&b->points);
    pct_vector_dispose(&b->found_houses);
    pct_vector_dispose(&b->ranges);
    pct_free(b->segment_line);
    pct_free(b);
}

pct_status pct_builder_text(pct_gazetteer_builder *b, pct_text text, uint32_t *number, pct_error *error) {
    if (!text.chars) text = (pct_text){"", 0};
    pct_status status = pct_names_add(&b->texts, text, number);
    if (status == PCT_LIMIT)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_NAMES),
                        pct_int(PCT_GAZETTEER_ITEMS_MAX));
    return status ? pct_error_memory(error, text.length) : PCT_OK;
}

pct_place_entry *pct_builder_entry_at(const pct_gazetteer_builder *b, uint32_t number) {
    return (pct_place_entry *)b->entries.items + number;
}

pct_status pct_builder_entry(pct_gazetteer_builder *b, pct_place_kind kind, pct_text name, pct_text name_en,
                             uint32_t *number, pct_error *error) {
    uint32_t name_number, name_en_number;
    pct_status status = pct_builder_text(b, name, &name_number, error);
    if (!status) status = pct_builder_text(b, name_en, &name_en_number, error);
    if (status) return status;
    pct_place_entry *entry = pct_vector_push(&b->entries);
    if (!entry) return pct_vector_failed(&b->entries, PCT_MSG_WHAT_PLACES, error);
    *number = (uint32_t)b->entries.length - 1;
    *entry = (pct_place_entry){.name = name_number,
                               .name_en = name_en_number,
                               .extent = pct_box_empty(),
                               .street_a = PCT_NO_INDEX,
                               .street_b = PCT_NO_INDEX,
                               .kind = (uint8_t)kind,
                               .dwelling = PCT_DWELLING_NO};
    return PCT_OK;
}

pct_status pct_builder_line(pct_gazetteer_builder *b, uint32_t entry, const pct_position *points,
                            size_t count, pct_error *error) {
    pct_place_line *line = pct_vector_push(&b->lines);
    if (!line) return pct_vector_failed(&b->lines, PCT_MSG_PLACE_WHAT_LINES, error);
    *line = (pct_place_line){entry, (uint32_t)b->points.length};
    for (size_t i = 0; i < count; i++) {
        pct_position *point = pct_vector_push(&b->points);
        if (!point) return pct_vector_failed(&b->points, PCT_MSG_WHAT_POINTS, error);
        *point = points[i];
        pct_box_extend(&pct_builder_entry_at(b, entry)->extent, points[i]);
    }
    return PCT_OK;
}

pct_status pct_builder_house(pct_gazetteer_builder *b, const pct_found_house *house, pct_error *error) {
    pct_found_house *copy = pct_vector_push(&b->found_houses);
    if (!copy) return pct_vector_failed(&b->found_houses, PCT_MSG_PLACE_WHAT_HOUSES, error);
    *copy = *house;
    return PCT_OK;
}

uint32_t pct_set_of(uint32_t *parent, uint32_t item) {
    while (parent[item] != item) item = parent[item] = parent[parent[item]];
    return item;
}

void pct_set_unite(uint32_t *parent, uint32_t a, uint32_t b) {
    a = pct_set_of(parent, a);
    b = pct_set_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

pct_status pct_sets_new(uint32_t count, uint32_t **parent, pct_error *error) {
    *parent = pct_alloc(count ? count : 1, sizeof **parent);
    if (!*parent) return pct_error_memory(error, count * sizeof **parent);
    for (uint32_t i = 0; i < count; i++) (*parent)[i] = i;
    return PCT_OK;
}

static int32_t clamped(double e7, double limit) {
    return (int32_t)fmax(-limit, fmin(limit, e7));
}

pct_box pct_box_grown(pct_box box, double by_m) {
    pct_plane plane = pct_plane_at(box.min);
    double lon_e7 = by_m / fmax(plane.m_per_e7_lon, plane.m_per_e7_lat * 0.01),
           lat_e7 = by_m / plane.m_per_e7_lat;
    box.min.lon_e7 = clamped(box.min.lon_e7 - lon_e7, 1.8e9);
    box.max.lon_e7 = clamped(box.max.lon_e7 + lon_e7, 1.8e9);
    box.min.lat_e7 = clamped(box.min.lat_e7 - lat_e7, 9e8);
    box.max.lat_e7 = clamped(box.max.lat_e7 + lat_e7, 9e8);
    return box;
}
