/* Polygons with holes, made of borrowed rings: the first ring of a polygon is its outline, the others are
 * holes. A ring is closed: its last point repeats the first; its direction does not matter.
 *
 * A point on a boundary counts as inside when the inside lies to its east, or north on a level edge. So of the
 * areas that tile a city and share their edges, exactly one contains any point. Nothing here allocates. */
#ifndef PCT_GEO_POLYGON_H
#define PCT_GEO_POLYGON_H

#include "geo/position.h"

typedef struct pct_ring {
    const pct_position *points;
    size_t count;
} pct_ring;

typedef struct pct_polygon {
    const pct_ring *rings;
    size_t count;
} pct_polygon;

typedef struct pct_shape {
    const pct_polygon *polygons; /* one, or several that lie apart */
    size_t count;
    pct_box box; /* around all of them */
} pct_shape;

enum { PCT_RING_POINTS_MIN = 4 };

bool pct_ring_is_closed(pct_ring ring);
/* On the plane that touches in the middle of the ring's box; positive counterclockwise. Within 0.1 % for
 * areas of up to 100 km. O(points). */
double pct_ring_area_m2(pct_ring ring);
double pct_polygon_area_m2(pct_polygon polygon); /* outline less holes, not negative */
double pct_shape_area_m2(const pct_shape *shape);
/* Even-odd rule over all rings, exact in integers. O(points) for points inside the box. */
bool pct_shape_contains(const pct_shape *shape, pct_position p);
pct_box pct_shape_box(const pct_polygon *polygons, size_t count);

#endif
