/* The base map: vector tiles made once, when a site is, and served from one mapped file.
 *
 *     ┌ header ┐ ┌ directory: one entry per tile, by zoom, x, y ┐ ┌ gzip members, each different one once ┐
 *
 * Making takes the roads of the network, whatever an OpenStreetMap file shows beside them, the site's areas, stations
 * and places, and gives the bytes of the file. Reading checks all of it once, in O(size), then a tile is a binary
 * search and a view into the file: nothing is decoded, copied or allocated, and any number of threads may ask. */
#ifndef PCT_TILES_TILES_H
#define PCT_TILES_TILES_H

#include "base/buffer.h"
#include "geo/datum.h"
#include "geo/geojson.h"
#include "road/network.h"
#include "tiles/layers.h"

#define PCT_TILES_FILE "map/tiles.index"

/* What the map is made of; what is empty is left out, except the network. */
typedef struct pct_tiles_source {
    const char *file; /* names the OpenStreetMap file in errors */
    pct_datum datum;  /* of that file; all else is WGS-84 */
    pct_text osm;     /* its bytes, length 0 where the network has another source */
    const pct_network *network;
    pct_areas areas;
    pct_named_points stations, places;
} pct_tiles_source;

typedef struct pct_tiles_report {
    int64_t features, tiles, distinct_tiles;
    int64_t rings_open; /* lines of water, parks and the like that do not close, and were left out */
} pct_tiles_report;

/* Appends the file to `out`. The same source gives the same bytes. */
pct_status pct_tiles_make(const pct_tiles_source *source, pct_buffer *out, pct_tiles_report *report,
                          pct_error *error) PCT_MUST_USE;

typedef struct pct_tiles {
    const void *entries; /* into the file, as is data */
    const char *data;
    uint64_t entry_count;
    pct_box box; /* of the roads */
    uint32_t min_zoom, max_zoom;
} pct_tiles;

/* `bytes` must be aligned to 8, as a mapped file is, and stay while tiles are asked for. `file` names it in errors
 * (PCT_DAMAGED). */
pct_status pct_tiles_open(const char *file, pct_text bytes, pct_tiles *out, pct_error *error) PCT_MUST_USE;
/* A tile as gzip member (Content-Encoding: gzip); PCT_NOT_FOUND where the map is empty: answer 204. O(log tiles). */
pct_status pct_tiles_get(const pct_tiles *tiles, uint32_t z, uint32_t x, uint32_t y,
                         pct_text *out) PCT_MUST_USE;
/* The same, unpacked, for clients that take no gzip: appends to `out`. */
pct_status pct_tiles_get_plain(const pct_tiles *tiles, uint32_t z, uint32_t x, uint32_t y, pct_buffer *out,
                               pct_error *error) PCT_MUST_USE;

#endif
