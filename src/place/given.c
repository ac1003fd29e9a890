/* What a site is given beside the map: stations and places as points, areas as shapes. */
#include "place/builder.h"

pct_status pct_gazetteer_add_points(pct_gazetteer_builder *b, const pct_named_points *points,
                                    const char *category, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < points->count && !status; i++) {
        const pct_named_point *p = &points->items[i];
        uint32_t number, category_number;
        pct_text kind = p->kind.length > 0 || !category ? p->kind : pct_text_of(category);
        pct_dwelling dwelling = pct_dwelling_of_kind(kind);
        if (dwelling == PCT_DWELLING_YES) continue; /* homes are not looked up by name */
        status = pct_builder_entry(b, PCT_PLACE_PLACE, p->name, p->name_en, &number, error);
        if (!status) status = pct_builder_text(b, kind, &category_number, error);
        if (status) break;
        pct_place_entry *e = pct_builder_entry_at(b, number);
        e->category = category_number;
        e->dwelling = (uint8_t)dwelling;
        e->position = p->position;
        pct_box_extend(&e->extent, p->position);
    }
    return status;
}

/* A position inside: the middle of the box or, if that lies outside, the first of a grid that does not. */
static pct_position inside_of(const pct_shape *shape) {
    enum { GRID = 16 };
    pct_position middle = pct_geo_between(shape->box.min, shape->box.max, 0.5);
    if (pct_shape_contains(shape, middle)) return middle;
    for (int y = 1; y < GRID; y++)
        for (int x = 1; x < GRID; x++) {
            pct_position p = {pct_geo_between(shape->box.min, shape->box.max, (double)x / GRID).lon_e7,
                              pct_geo_between(shape->box.min, shape->box.max, (double)y / GRID).lat_e7};
            if (pct_shape_contains(shape, p)) return p;
        }
    return shape->polygons[0].rings[0].points[0];
}

pct_status pct_gazetteer_add_areas(pct_gazetteer_builder *b, const pct_areas *areas, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < areas->count && !status; i++) {
        const pct_area *area = &areas->items[i];
        uint32_t number, category;
        status = pct_builder_entry(b, PCT_PLACE_AREA, area->name, area->name_en, &number, error);
        if (!status) status = pct_builder_text(b, area->level, &category, error);
        if (status) break;
        pct_place_entry *e = pct_builder_entry_at(b, number);
        e->category = category;
        e->dwelling = PCT_DWELLING_UNKNOWN;
        e->position = inside_of(&area->shape);
        e->extent = area->shape.box;
    }
    return status;
}
