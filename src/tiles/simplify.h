/* Which points of a line matter, at every scale at once. */
#ifndef PCT_TILES_SIMPLIFY_H
#define PCT_TILES_SIMPLIFY_H

#include "base/vector.h"
#include "tiles/features.h"

/* Fills weights[count]: the tolerance (in world units) up to which a point must stay; INFINITY at the ends of a line
 * and at two points of a ring (closed, without its closing point). The points of weight > t are a line that is nowhere
 * farther than t from the whole one. `stack` (of pct_tile_span) is working memory, kept from call to call. */
typedef struct pct_tile_span {
    uint32_t first, last;
    float limit;
} pct_tile_span;
pct_status pct_tile_weigh(const pct_tile_point *points, uint32_t count, bool closed, pct_vector *stack,
                          float *weights, pct_error *error) PCT_MUST_USE;

#endif
