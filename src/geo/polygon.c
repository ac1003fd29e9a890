/* Point in polygon by counting the edges that cross the half-line to the east of the point (Shimrat, CACM
 * 1962). An edge takes part with its lower end and without its upper one, so vertices count once; the side is
 * decided by comparing two 64-bit products that cannot overflow: differences stay below 3.6·10⁹ in longitude
 * and 1.8·10⁹ in latitude. Areas by the trapezoid sum on the local plane. */
#include "geo/polygon.h"

#include <math.h>

bool pct_ring_is_closed(pct_ring ring) {
    if (ring.count == 0) return false;
    pct_position first = ring.points[0], last = ring.points[ring.count - 1];
    return first.lon_e7 == last.lon_e7 && first.lat_e7 == last.lat_e7;
}

double pct_ring_area_m2(pct_ring ring) {
    if (ring.count < PCT_RING_POINTS_MIN) return 0.0;
    pct_box box = pct_box_of(ring.points, ring.count);
    pct_plane plane = pct_plane_at(pct_geo_between(box.min, box.max, 0.5));
    double doubled_m2 = 0.0, x = 0.0, y = 0.0;
    pct_plane_to_m(&plane, ring.points[0], &x, &y);
    for (size_t i = 1; i < ring.count; i++) {
        double next_x, next_y;
        pct_plane_to_m(&plane, ring.points[i], &next_x, &next_y);
        doubled_m2 += x * next_y - next_x * y;
        x = next_x;
        y = next_y;
    }
    return doubled_m2 / 2.0;
}

double pct_polygon_area_m2(pct_polygon polygon) {
    double area_m2 = 0.0;
    for (size_t r = 0; r < polygon.count; r++) {
        double ring_m2 = fabs(pct_ring_area_m2(polygon.rings[r]));
        area_m2 += r == 0 ? ring_m2 : -ring_m2;
    }
    return fmax(0.0, area_m2);
}

double pct_shape_area_m2(const pct_shape *shape) {
    double area_m2 = 0.0;
    for (size_t i = 0; i < shape->count; i++) area_m2 += pct_polygon_area_m2(shape->polygons[i]);
    return area_m2;
}

/* Does the edge a–b cross the half-line from p to the east? */
static bool crosses(pct_position a, pct_position b, pct_position p) {
    if ((a.lat_e7 <= p.lat_e7) == (b.lat_e7 <= p.lat_e7)) return false;
    pct_position low = a.lat_e7 < b.lat_e7 ? a : b, high = a.lat_e7 < b.lat_e7 ? b : a;
    int64_t run = ((int64_t)high.lon_e7 - low.lon_e7) * ((int64_t)p.lat_e7 - low.lat_e7);
    int64_t reach = ((int64_t)p.lon_e7 - low.lon_e7) * ((int64_t)high.lat_e7 - low.lat_e7);
    return reach < run;
}

static bool ring_crossed_oddly(pct_ring ring, pct_position p) {
    bool odd = false;
    for (size_t i = 1; i < ring.count; i++) odd ^= crosses(ring.points[i - 1], ring.points[i], p);
    return odd;
}

bool pct_shape_contains(const pct_shape *shape, pct_position p) {
    if (!pct_box_contains(shape->box, p)) return false;
    bool odd = false;
    for (size_t i = 0; i < shape->count; i++)
        for (size_t r = 0; r < shape->polygons[i].count; r++)
            odd ^= ring_crossed_oddly(shape->polygons[i].rings[r], p);
    return odd;
}

pct_box pct_shape_box(const pct_polygon *polygons, size_t count) {
    pct_box box = pct_box_empty();
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < polygons[i].count; r++)
            for (size_t k = 0; k < polygons[i].rings[r].count; k++)
                pct_box_extend(&box, polygons[i].rings[r].points[k]);
    return box;
}
