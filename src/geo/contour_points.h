/* From crossings of a grid's edges to positions, for contour.c alone.
 *
 * A crossing is a cell, by its south-west corner (row << row_shift | column), and the way in which a line leaves it, the inside on
 * its left. It stands in the place of the position that is made of it. */
#ifndef PCT_GEO_CONTOUR_POINTS_H
#define PCT_GEO_CONTOUR_POINTS_H

#include "geo/contour.h"

enum { PCT_NORTH, PCT_EAST, PCT_SOUTH, PCT_WEST };

typedef struct pct_crossing {
    uint32_t cell, way;
} pct_crossing;
_Static_assert(sizeof(pct_crossing) == sizeof(pct_position), "a crossing becomes a position in its place");

/* The grid, and by the way that is taken where the values stand beside the edge that is crossed. */
typedef struct pct_contour_maker {
    bool wide;
    const uint8_t *values;
    uint32_t stride, row_shift, to_inner[4];
    int32_t to_outer[4];
    double level, east_e7, north_e7, west_e7, south_e7;
} pct_contour_maker;

/* The grid has less than 2^31 values. */
pct_contour_maker pct_contour_maker_of(const pct_grid *grid, double level, uint32_t row_shift);

/* Makes the points of a ring in the places of its crossings; gives its box, and its area in cells, positive when it goes round
 * counterclockwise. The same to the bit with vectors and without. */
double pct_contour_make_points(const pct_contour_maker *maker, pct_position *ring, uint32_t count,
                               pct_box *box);

#endif
