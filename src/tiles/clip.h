/* Cuts lines and rings to a square, in the units of a tile. Working memory is kept from call to call. */
#ifndef PCT_TILES_CLIP_H
#define PCT_TILES_CLIP_H

#include "base/vector.h"

typedef struct pct_clip_point {
    double x, y;
} pct_clip_point;

/* The square [low, high] × [low, high]. */
typedef struct pct_clip_window {
    double low, high;
} pct_clip_window;

/* What remains of a line inside: `out` (of pct_clip_point) gets its pieces one behind the other, `ends` (of uint32_t)
 * where each ends. Both are emptied first. O(points). */
pct_status pct_clip_line(const pct_clip_point *points, size_t count, pct_clip_window window, pct_vector *out,
                         pct_vector *ends, pct_error *error) PCT_MUST_USE;
/* What remains of a ring (without closing point), in *ring, which may be either of the two vectors (of pct_clip_point)
 * that are used up: `a` holds the ring, `b` is working memory. Parts that the square's edge separates stay joined along
 * that edge, which is how fills want it. O(points). */
pct_status pct_clip_ring(pct_vector *a, pct_vector *b, pct_clip_window window, pct_vector **ring,
                         pct_error *error) PCT_MUST_USE;

#endif
