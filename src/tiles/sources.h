/* Private to tiles/: what fills a base map, one file per source. */
#ifndef PCT_TILES_SOURCES_H
#define PCT_TILES_SOURCES_H

#include "tiles/features.h"
#include "tiles/tiles.h"

/* Roads, joined where one continues another under one name. */
pct_status pct_tiles_add_roads(pct_tile_features *features, const pct_network *network,
                               pct_error *error) PCT_MUST_USE;
/* Water, green, land use, buildings, rails, names and public places; the sea as far as `box`. */
pct_status pct_tiles_add_osm(pct_tile_features *features, const pct_tiles_source *source, pct_box box,
                             int64_t *rings_open, pct_error *error) PCT_MUST_USE;
/* The site's own areas, stations and places. A place that stands in the map already, by name and position, is not
 * shown twice. */
pct_status pct_tiles_add_site(pct_tile_features *features, const pct_tiles_source *source,
                              pct_error *error) PCT_MUST_USE;

#endif
