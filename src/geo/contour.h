/* Contours of a field that is given on a square grid: where it is at least a level, as polygons with holes. */
#ifndef PCT_GEO_CONTOUR_H
#define PCT_GEO_CONTOUR_H

#include "base/memory.h"
#include "geo/polygon.h"

/* values[row × columns + column] stands at (west_m + column × cell_m, south_m + row × cell_m) on the plane. */
typedef struct pct_grid {
    pct_plane plane;
    double west_m, south_m, cell_m;
    uint32_t columns, rows; /* at least 2 */
    const float *values;
} pct_grid;

/* Polygons lie in the arena, outlines counterclockwise, holes clockwise; what is smaller than min_area_m2 is left
 * out, holes too. Values on the grid's rim must be below the level (PCT_MISUSE). O(grid + outlines × holes). */
pct_status pct_contour(const pct_grid *grid, float level, double min_area_m2, pct_arena *arena,
                       pct_shape *out, pct_error *error) PCT_MUST_USE;

#endif
