/* What a base map shows, before it is cut into tiles: points, lines and polygons in a layer, with their fields.
 *
 *     pct_tile_features_begin(f, PCT_TILE_ROAD, PCT_TILE_LINE, 12, 16, error);
 *     pct_tile_features_text(f, PCT_TILE_NAME, name, error);      // of the feature begun last
 *     pct_tile_features_part(f, points, count, true, error);      // a point, a line, or a ring
 *
 * Positions are kept on the square of the Web Mercator world, 2^32 units wide (9 mm at the equator), x east and
 * y south from its north-west corner. A polygon's rings come without their closing point, each outline before its
 * holes; their direction does not matter. Adding is O(points) and amortised. */
#ifndef PCT_TILES_FEATURES_H
#define PCT_TILES_FEATURES_H

#include "base/map.h"
#include "base/vector.h"
#include "geo/position.h"
#include "tiles/layers.h"

typedef struct pct_tile_point {
    uint32_t x, y;
} pct_tile_point;

typedef struct pct_tile_box {
    uint32_t min_x, min_y, max_x, max_y; /* inclusive */
} pct_tile_box;

typedef enum pct_tile_kind { PCT_TILE_POINT = 1, PCT_TILE_LINE = 2, PCT_TILE_POLYGON = 3 } pct_tile_kind;

typedef struct pct_tile_part {
    uint32_t at, count; /* into points */
    bool outer;         /* of rings: an outline, not a hole */
} pct_tile_part;

typedef struct pct_tile_feature {
    uint8_t layer, kind, min_zoom, max_zoom;
    uint32_t part_at, part_count;
    uint32_t values[PCT_TILE_FIELDS_MAX]; /* 0: absent; 1 + number of a text; 1: a flag that is true */
} pct_tile_feature;

typedef struct pct_tile_features {
    pct_names texts;
    pct_vector points /* pct_tile_point */, parts /* pct_tile_part */, items /* pct_tile_feature */;
} pct_tile_features;

pct_tile_point pct_tile_point_of(pct_position p); /* beyond 85° of latitude: at the world's edge */
pct_position pct_tile_position_of(pct_tile_point p);

pct_tile_features pct_tile_features_init(void);
void pct_tile_features_dispose(pct_tile_features *features);
pct_status pct_tile_features_begin(pct_tile_features *features, pct_tile_layer layer, pct_tile_kind kind,
                                   int min_zoom, int max_zoom, pct_error *error) PCT_MUST_USE;
/* An empty text is no value. */
pct_status pct_tile_features_text(pct_tile_features *features, int field, pct_text text,
                                  pct_error *error) PCT_MUST_USE;
void pct_tile_features_flag(pct_tile_features *features, int field, bool value);
pct_status pct_tile_features_part(pct_tile_features *features, const pct_position *points, size_t count,
                                  bool outer, pct_error *error) PCT_MUST_USE;

#endif
