/* Contours of a field that is given on a square grid: where it is at least a level, as polygons with holes. */
#ifndef PCT_GEO_CONTOUR_H
#define PCT_GEO_CONTOUR_H

#include "base/memory.h"
#include "geo/polygon.h"

/* values[row × stride + column] stands at (west_m + column × cell_m, south_m + row × cell_m) on the plane. A byte for each
 * point of the grid: what is at hand is read fast, and a cell is divided finely enough. Less than 2^31 of them. */
typedef struct pct_grid {
    pct_plane plane;
    double west_m, south_m, cell_m;
    uint32_t columns, rows; /* at least 2 */
    size_t stride; /* a multiple of 16 that is not less than columns; the rest of a row is not looked at */
    const uint8_t *values;
    bool wide; /* the machine has vectors of 256 bits, and three more bytes behind the values may be read */
} pct_grid;

/* Memory of contours one after the other: zeroed at first, grows with the largest. */
typedef struct pct_contour_memory {
    void *block;
    size_t bytes;
} pct_contour_memory;
void pct_contour_memory_dispose(pct_contour_memory *memory);

/* Polygons lie in the arena, outlines counterclockwise, holes clockwise; what is smaller than min_area_m2 is left
 * out, holes too. Level in (0, 255]. Values on the grid's rim must be below the level (PCT_MISUSE).
 * O(grid / 16 + points). */
pct_status pct_contour(const pct_grid *grid, double level, double min_area_m2, pct_contour_memory *memory,
                       pct_arena *arena, pct_shape *out, pct_error *error) PCT_MUST_USE;

#endif
