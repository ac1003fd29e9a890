/* Private to tiles/: which tags of OpenStreetMap show in which layer. */
#ifndef PCT_TILES_OSM_RULES_H
#define PCT_TILES_OSM_RULES_H

#include "osm/pbf.h"
#include "tiles/features.h"

/* What an object may be drawn as. */
enum { PCT_OSM_AS_NODE = 1, PCT_OSM_AS_LINE = 2, PCT_OSM_AS_AREA = 4 };

typedef struct pct_osm_rule {
    const char *key, *value; /* "*": any value but "no" */
    pct_tile_layer layer;
    const char *drawn_class; /* NULL: the tag's value; "": none */
    uint8_t min_zoom, as;
} pct_osm_rule;

/* The rules by which an object of one of the kinds `as` shows, at most one for each layer, in the order of the table.
 * Returns how many. */
size_t pct_osm_rules_of(pct_osm_tags tags, int as, const pct_osm_rule *found[PCT_TILE_LAYER_COUNT],
                        pct_text classes[PCT_TILE_LAYER_COUNT]);

#endif
