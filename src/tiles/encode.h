/* One tile as a Mapbox Vector Tile 2.1 (https://github.com/mapbox/vector-tile-spec/tree/master/2.1), from whole
 * features: simplified for its zoom, moved to its units, cut to it and a margin, written layer by layer.
 *
 *     status = pct_tile_encoder_new(&features, &encoder, error);        // weighs every point: once
 *     status = pct_tile_encode(encoder, tile, numbers, count, &out, error);
 *
 * What no longer shows is left out: shapes smaller than a pixel, rings without area, lines of one point. Outlines have
 * positive area in the tile's units, holes negative. A tile costs O(points of its features). */
#ifndef PCT_TILES_ENCODE_H
#define PCT_TILES_ENCODE_H

#include "base/buffer.h"
#include "tiles/features.h"

typedef struct pct_tile_id {
    uint32_t z, x, y;
} pct_tile_id;

typedef struct pct_tile_encoder pct_tile_encoder;

/* `features` is borrowed and stays as it is. */
pct_status pct_tile_encoder_new(const pct_tile_features *features, pct_tile_encoder **out,
                                pct_error *error) PCT_MUST_USE;
void pct_tile_encoder_free(pct_tile_encoder *encoder);
/* Appends the tile to `out`; nothing when nothing shows. The features' numbers ascend by layer. */
pct_status pct_tile_encode(pct_tile_encoder *encoder, pct_tile_id tile, const uint32_t *numbers, size_t count,
                           pct_buffer *out, pct_error *error) PCT_MUST_USE;

#endif
