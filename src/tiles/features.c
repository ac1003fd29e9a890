#include "tiles/features.h"

#include <math.h>

#define PI 3.14159265358979323846

enum { ITEMS_MAX = 1 << 28, TEXTS_BYTES_MAX = 1 << 30 };

static const double world = 4294967296.0;

static uint32_t world_unit(double share) {
    double unit = floor(share * world);
    return unit < 0.0 ? 0 : unit >= world ? UINT32_MAX : (uint32_t)unit;
}

pct_tile_point pct_tile_point_of(pct_position p) {
    double lat = pct_position_lat_deg(p) * (PI / 180.0);
    double north = lat >= 1.5 ? 4.0 : lat <= -1.5 ? -4.0 : asinh(tan(lat));
    return (pct_tile_point){world_unit(pct_position_lon_deg(p) / 360.0 + 0.5),
                            world_unit(0.5 - north / (2.0 * PI))};
}

pct_position pct_tile_position_of(pct_tile_point p) {
    pct_position out = {0, 0};
    double lon_deg = (p.x / world - 0.5) * 360.0;
    double lat_deg = atan(sinh((0.5 - p.y / world) * 2.0 * PI)) * (180.0 / PI);
    if (PCT_NEVER(!pct_position_from_degrees(lon_deg, lat_deg, &out))) return out;
    return out;
}

pct_tile_features pct_tile_features_init(void) {
    return (pct_tile_features){.texts = pct_names_init(ITEMS_MAX, TEXTS_BYTES_MAX),
                               .points = pct_vector_init(sizeof(pct_tile_point), (size_t)4 * ITEMS_MAX),
                               .parts = pct_vector_init(sizeof(pct_tile_part), ITEMS_MAX),
                               .items = pct_vector_init(sizeof(pct_tile_feature), ITEMS_MAX)};
}

void pct_tile_features_dispose(pct_tile_features *features) {
    pct_names_dispose(&features->texts);
    pct_vector_dispose(&features->points);
    pct_vector_dispose(&features->parts);
    pct_vector_dispose(&features->items);
}

static pct_tile_feature *last(pct_tile_features *features) {
    return (pct_tile_feature *)features->items.items + features->items.length - 1;
}

pct_status pct_tile_features_begin(pct_tile_features *features, pct_tile_layer layer, pct_tile_kind kind,
                                   int min_zoom, int max_zoom, pct_error *error) {
    pct_tile_feature *feature = pct_vector_push(&features->items);
    if (!feature) return pct_vector_failed(&features->items, PCT_MSG_WHAT_TILE_SHAPES, error);
    feature->layer = (uint8_t)layer;
    feature->kind = (uint8_t)kind;
    feature->min_zoom = (uint8_t)min_zoom;
    feature->max_zoom = (uint8_t)max_zoom;
    feature->part_at = (uint32_t)features->parts.length;
    return PCT_OK;
}

pct_status pct_tile_features_text(pct_tile_features *features, int field, pct_text text, pct_error *error) {
    uint32_t number;
    if (text.length == 0) return PCT_OK;
    if (pct_names_add(&features->texts, text, &number)) return pct_error_memory(error, text.length);
    last(features)->values[field] = number + 1;
    return PCT_OK;
}

void pct_tile_features_flag(pct_tile_features *features, int field, bool value) {
    last(features)->values[field] = value;
}

pct_status pct_tile_features_part(pct_tile_features *features, const pct_position *points, size_t count,
                                  bool outer, pct_error *error) {
    uint32_t at = (uint32_t)features->points.length;
    for (size_t i = 0; i < count; i++) {
        pct_tile_point *point = pct_vector_push(&features->points);
        if (!point) return pct_vector_failed(&features->points, PCT_MSG_WHAT_TILE_POINTS, error);
        *point = pct_tile_point_of(points[i]);
    }
    pct_tile_part *part = pct_vector_push(&features->parts);
    if (!part) return pct_vector_failed(&features->parts, PCT_MSG_WHAT_TILE_LINES, error);
    *part = (pct_tile_part){at, (uint32_t)count, outer};
    last(features)->part_count++;
    return PCT_OK;
}
