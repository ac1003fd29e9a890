/* The site's own areas, stations and places. Areas that tile a city are in every tile of it: they are drawn as
 * outlines, one feature each, their parts together. */
#include "base/memory.h"
#include "tiles/sources.h"

enum { AREA_ZOOM = 5, STATION_ZOOM = 8, PLACE_ZOOM = 14, RING_POINTS_MIN = 4 };

static pct_status add_shape(pct_tile_features *f, const pct_shape *shape, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t p = 0; p < shape->count; p++)
        for (size_t r = 0; r < shape->polygons[p].count && !status; r++) {
            pct_ring ring = shape->polygons[p].rings[r];
            if (ring.count >= RING_POINTS_MIN)
                status = pct_tile_features_part(f, ring.points, ring.count - 1, r == 0, error);
        }
    return status;
}

static pct_status add_area(pct_tile_features *f, const pct_area *area, pct_error *error) {
    const struct {
        int field;
        pct_text text;
    } texts[] = {{PCT_TILE_CLASS, pct_text_of(pct_area_class_name(area->area_class))},
                 {PCT_TILE_NAME, area->name},
                 {PCT_TILE_NAME_EN, area->name_en},
                 {PCT_TILE_AREA_PARTITION, area->partition},
                 {PCT_TILE_AREA_LEVEL, area->level}};
    pct_status status =
        pct_tile_features_begin(f, PCT_TILE_AREA, PCT_TILE_POLYGON, AREA_ZOOM, PCT_TILE_ZOOM_MAX, error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !status; i++)
        status = pct_tile_features_text(f, texts[i].field, texts[i].text, error);
    return status ? status : add_shape(f, &area->shape, error);
}

static pct_status add_point(pct_tile_features *f, pct_tile_layer layer, int zoom,
                            const pct_named_point *point, pct_error *error) {
    pct_status status = pct_tile_features_begin(f, layer, PCT_TILE_POINT, zoom, PCT_TILE_ZOOM_MAX, error);
    if (!status) status = pct_tile_features_text(f, PCT_TILE_CLASS, point->kind, error);
    if (!status) status = pct_tile_features_text(f, PCT_TILE_NAME, point->name, error);
    if (!status) status = pct_tile_features_text(f, PCT_TILE_NAME_EN, point->name_en, error);
    return status ? status : pct_tile_features_part(f, &point->position, 1, true, error);
}

/* Positions of one name are the same place within about a metre. */
static uint64_t place_key(uint32_t name, pct_tile_point p) {
    const int metre_bits = 7;
    uint64_t cell = (uint64_t)(p.x >> metre_bits) << 25 | p.y >> metre_bits;
    return cell * 0x9E3779B97F4A7C15u ^ name;
}

static pct_status list_places(const pct_tile_features *f, pct_map *known, pct_error *error) {
    const pct_tile_feature *items = f->items.items;
    const pct_tile_point *points = f->points.items;
    const pct_tile_part *parts = f->parts.items;
    for (size_t i = 0; i < f->items.length; i++) {
        if (items[i].layer != PCT_TILE_POI) continue;
        uint64_t key = place_key(items[i].values[PCT_TILE_NAME], points[parts[items[i].part_at].at]);
        if (pct_map_set(known, key, (uint32_t)i))
            return pct_map_failed(known, PCT_MSG_WHAT_TILE_PLACES, error);
    }
    return PCT_OK;
}

static bool stands_already(const pct_tile_features *f, const pct_map *known, const pct_named_point *place) {
    uint32_t name = pct_names_find(&f->texts, place->name);
    if (name == PCT_MAP_ABSENT) return false;
    return pct_map_get(known, place_key(name + 1, pct_tile_point_of(place->position))) != PCT_MAP_ABSENT;
}

pct_status pct_tiles_add_site(pct_tile_features *f, const pct_tiles_source *source, pct_error *error) {
    pct_map known = pct_map_init((size_t)1 << 26);
    pct_status status = list_places(f, &known, error);
    for (size_t i = 0; i < source->areas.count && !status; i++)
        status = add_area(f, &source->areas.items[i], error);
    for (size_t i = 0; i < source->stations.count && !status; i++)
        status = add_point(f, PCT_TILE_STATION, STATION_ZOOM, &source->stations.items[i], error);
    for (size_t i = 0; i < source->places.count && !status; i++)
        if (!stands_already(f, &known, &source->places.items[i]))
            status = add_point(f, PCT_TILE_POI, PLACE_ZOOM, &source->places.items[i], error);
    pct_map_dispose(&known);
    return status;
}
