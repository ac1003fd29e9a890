/* Positions to points on roads, and back.
 *
 * The nearest usable segment is found by branch and bound in the tree over the boxes of the segments (geo/tree.h). What is
 * compared for each candidate is the squared distance on the plane that touches at the position: no sine, no root but
 * the last one. Only on the segment that was found is its place along the line measured on the sphere. O(log segments)
 * boxes for roads as they lie; the points of a handful of segments. */
#include <math.h>

#include "road/line.h"
#include "road/road.h"
#include "road/route/wording.h"

typedef struct snap_search {
    const pct_road *road;
    pct_plane plane; /* at the position */
} snap_search;

/* Where the piece between two points of a plane comes nearest to its origin: share of the way, and squared distance. The
 * ends are themselves there, to the bit, so that segments which meet at a node are equally far and the lowest number wins. */
typedef struct nearest {
    double share, squared;
} nearest;

static inline nearest nearest_on_piece(double ax, double ay, double bx, double by) {
    double dx = bx - ax, dy = by - ay, squared = dx * dx + dy * dy, along = -(ax * dx + ay * dy);
    if (along <= 0.0 || squared <= 0.0) return (nearest){0.0, ax * ax + ay * ay};
    if (along >= squared) return (nearest){1.0, bx * bx + by * by};
    double share = along / squared, x = ax + share * dx, y = ay + share * dy;
    return (nearest){share, x * x + y * y};
}

/* The least squared distance to a segment's line. */
static double squared_to(const pct_network *net, uint32_t segment, const pct_plane *plane) {
    uint32_t inner = pct_line_inner(net, segment);
    double least = INFINITY, ax, ay, bx, by;
    pct_plane_to_m(plane, pct_line_point(net, segment, 0, inner), &ax, &ay);
    for (uint32_t i = 1; i <= inner + 1; i++, ax = bx, ay = by) {
        pct_plane_to_m(plane, pct_line_point(net, segment, i, inner), &bx, &by);
        double here = nearest_on_piece(ax, ay, bx, by).squared;
        if (here < least) least = here;
    }
    return least;
}

/* How far along its segment's line the point nearest to p is, as a share of its length on the sphere. */
static double share_of(const pct_network *net, uint32_t segment, pct_position p) {
    const pct_plane plane = pct_plane_at(p);
    uint32_t inner = pct_line_inner(net, segment);
    double along_m = 0.0, best_m = 0.0, least = INFINITY, ax, ay, bx, by;
    pct_position a = pct_line_point(net, segment, 0, inner);
    pct_plane_to_m(&plane, a, &ax, &ay);
    for (uint32_t i = 1; i <= inner + 1; i++, ax = bx, ay = by) {
        pct_position b = pct_line_point(net, segment, i, inner);
        double piece_m = pct_geo_distance_m(a, b);
        pct_plane_to_m(&plane, b, &bx, &by);
        nearest here = nearest_on_piece(ax, ay, bx, by);
        if (here.squared < least) {
            least = here.squared;
            best_m = along_m + here.share * piece_m;
        }
        along_m += piece_m;
        a = b;
    }
    return along_m > 0.0 ? best_m / along_m : 0.0;
}

static double usable_distance_m(void *context, uint32_t segment, double beyond_m) {
    const snap_search *search = context;
    double distance_m = sqrt(squared_to(&search->road->network, segment, &search->plane));
    return distance_m <= beyond_m && pct_road_segment_usable(search->road, segment) ? distance_m : INFINITY;
}

static bool find(const pct_road *road, pct_position position, double max_m, uint32_t *segment,
                 double *distance_m) {
    snap_search search = {road, pct_plane_at(position)};
    return pct_tree_nearest(&road->tree, position, max_m, usable_distance_m, &search, segment, distance_m);
}

static bool is_near(const pct_road *road, double lon_deg, double lat_deg, double max_m) {
    pct_position p;
    uint32_t segment;
    double distance_m;
    return pct_position_from_degrees(lon_deg, lat_deg, &p) && find(road, p, max_m, &segment, &distance_m);
}

/* Why there is no road: how far the nearest one is and what it is called; and whether longitude and latitude were
 * swapped. */
static pct_status refuse(const pct_road *road, pct_position position, double max_m, pct_error *error) {
    const double lon_deg = pct_position_lon_deg(position), lat_deg = pct_position_lat_deg(position);
    double distance_m = 0.0;
    uint32_t segment;
    if (!error) return PCT_NOT_FOUND;
    if (is_near(road, lat_deg, lon_deg, max_m))
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_POSITION_SWAPPED, pct_real(lon_deg), pct_real(lat_deg));
    if (!find(road, position, INFINITY, &segment, &distance_m))
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_POSITION_OFF_MAP, pct_real(lon_deg), pct_real(lat_deg),
                        pct_real(max_m));
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_POSITION_FAR, pct_real(lon_deg), pct_real(lat_deg),
                    pct_int(llround(distance_m)), pct_real(max_m),
                    pct_road_wording(&road->network, segment, false));
}

pct_status pct_road_snap(const pct_road *road, pct_position position, double max_m, pct_road_point *out,
                         double *distance_m, pct_error *error) {
    uint32_t segment;
    if (!find(road, position, max_m, &segment, distance_m)) return refuse(road, position, max_m, error);
    uint32_t length_mm = road->network.segments[segment].length_mm;
    double share = share_of(&road->network, segment, position);
    *out = (pct_road_point){segment, (uint32_t)lround(share * length_mm)};
    return PCT_OK;
}

pct_status pct_road_point_at_node(const pct_road *road, pct_node node, pct_road_point *out) {
    const pct_network *net = &road->network;
    if (node.index >= net->node_count) return PCT_NOT_FOUND;
    uint32_t segment = net->node_segment[node.index];
    if (segment == PCT_NO_INDEX) return PCT_NOT_FOUND;
    const pct_segment *s = &net->segments[segment];
    *out = (pct_road_point){segment, s->tail == node.index ? 0 : s->length_mm};
    return PCT_OK;
}

pct_position pct_road_point_position(const pct_road *road, pct_road_point point) {
    const pct_network *net = &road->network;
    uint32_t inner = pct_line_inner(net, point.segment);
    double whole_m = 0.0, share = (double)point.offset_mm / net->segments[point.segment].length_mm;
    for (uint32_t i = 0; i <= inner; i++)
        whole_m += pct_geo_distance_m(pct_line_point(net, point.segment, i, inner),
                                      pct_line_point(net, point.segment, i + 1, inner));
    double left_m = whole_m * share;
    for (uint32_t i = 0; i <= inner; i++) {
        pct_position a = pct_line_point(net, point.segment, i, inner);
        pct_position b = pct_line_point(net, point.segment, i + 1, inner);
        double piece_m = pct_geo_distance_m(a, b);
        if (left_m <= piece_m || i == inner)
            return pct_geo_between(a, b, piece_m > 0.0 ? fmin(1.0, left_m / piece_m) : 0.0);
        left_m -= piece_m;
    }
    return net->node_position[net->segments[point.segment].head];
}
