/* Names of the base map: its layers and their fields, in this one place. The encoder writes them, the style
 * (definitions/style/map.json) uses them, docs/reference/map-layers.md tells them; a test holds the three together. */
#ifndef PCT_TILES_LAYERS_H
#define PCT_TILES_LAYERS_H

#include <stdbool.h>

#include "base/status.h"

#define PCT_TILE_LAYERS(X)                                                                                   \
    X(LANDUSE, "landuse")                                                                                    \
    X(GREEN, "green")                                                                                        \
    X(WATER, "water")                                                                                        \
    X(BUILDING, "building")                                                                                  \
    X(RAIL, "rail")                                                                                          \
    X(ROAD, "road")                                                                                          \
    X(AREA, "area")                                                                                          \
    X(PLACE_LABEL, "place_label")                                                                            \
    X(POI, "poi")                                                                                            \
    X(STATION, "station")

typedef enum pct_tile_layer {
#define X(name, text) PCT_TILE_##name,
    PCT_TILE_LAYERS(X)
#undef X
        PCT_TILE_LAYER_COUNT
} pct_tile_layer;

/* Fields by their place in pct_tile_layers[…].fields; the first three mean the same in every layer that has them. */
enum {
    PCT_TILE_CLASS,
    PCT_TILE_NAME,
    PCT_TILE_NAME_EN,
    PCT_TILE_ROAD_ONEWAY,
    PCT_TILE_ROAD_BRIDGE,
    PCT_TILE_ROAD_TUNNEL,
    PCT_TILE_FIELDS_MAX,
    PCT_TILE_RAIL_TUNNEL = 1,
    PCT_TILE_AREA_PARTITION = 3,
    PCT_TILE_AREA_LEVEL = 4
};

typedef struct pct_tile_field {
    const char *name; /* NULL: there is none */
    bool is_flag;     /* a flag stands in a tile only where it is true; other fields are texts */
} pct_tile_field;

typedef struct pct_tile_layer_info {
    const char *name;
    pct_tile_field fields[PCT_TILE_FIELDS_MAX];
} pct_tile_layer_info;

extern const pct_tile_layer_info pct_tile_layers[PCT_TILE_LAYER_COUNT];

/* Zooms that are made; a client enlarges the last one beyond. */
enum { PCT_TILE_ZOOM_MAX = 16 };
/* Units along the side of a tile, and how far content reaches beyond it. */
enum { PCT_TILE_EXTENT = 4096, PCT_TILE_EXTENT_BITS = 12, PCT_TILE_BUFFER = 64 };
/* How far a line may be drawn from where it is, in units: an eighth of a pixel at the last zoom, else half of one. */
#define PCT_TILE_TOLERANCE_LAST 0.25
#define PCT_TILE_TOLERANCE      4.0

#endif
