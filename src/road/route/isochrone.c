/* One-to-all by PHAST (Delling, Goldberg, Nowatzyk, Werneck, "PHAST: Hardware-accelerated shortest path trees", 2011);
 * then each reached piece of road raises a cone on a grid, and the contour of the grid is the outline. */
#include "road/route/isochrone.h"

#include <math.h>

#include "base/vector.h"
#include "geo/contour.h"
#include "road/road.h"

static const double cell_min_m = 30.0;
enum { GRID_SIDE_MAX = 3000, LINE_POINTS_MAX = 1 << 20 };

typedef struct drawing {
    const pct_road *road;
    const uint32_t *node_ms; /* [node] */
    pct_road_point point;
    bool reverse;
    uint32_t limit_ms;
    pct_plane plane;
    double west_m, south_m, cell_m,
        reach_m; /* reach: how far beside a road its cone goes, twice the margin */
    uint32_t columns, rows;
    float *values;
    pct_vector line; /* scratch: the points of a segment */
} drawing;

/* Raises the field around the straight piece a–b: reach minus distance, where that is more than what is there. */
static void raise(drawing *d, double ax, double ay, double bx, double by) {
    double dx = bx - ax, dy = by - ay, squared = dx * dx + dy * dy;
    double west = fmin(ax, bx) - d->reach_m, east = fmax(ax, bx) + d->reach_m;
    double south = fmin(ay, by) - d->reach_m, north = fmax(ay, by) + d->reach_m;
    uint32_t c0 = (uint32_t)fmax(0.0, ceil((west - d->west_m) / d->cell_m));
    uint32_t r0 = (uint32_t)fmax(0.0, ceil((south - d->south_m) / d->cell_m));
    double c1 = fmin(d->columns - 1.0, floor((east - d->west_m) / d->cell_m));
    double r1 = fmin(d->rows - 1.0, floor((north - d->south_m) / d->cell_m));
    for (uint32_t r = r0; r <= r1; r++)
        for (uint32_t c = c0; c <= c1; c++) {
            double x = d->west_m + c * d->cell_m - ax, y = d->south_m + r * d->cell_m - ay;
            double share = squared > 0.0 ? fmin(1.0, fmax(0.0, (x * dx + y * dy) / squared)) : 0.0;
            float height = (float)(d->reach_m - hypot(x - share * dx, y - share * dy));
            float *value = &d->values[(size_t)r * d->columns + c];
            if (height > *value) *value = height;
        }
}

/* Raises the part of a segment between two shares of its length, counted from its tail. */
static pct_status raise_part(drawing *d, uint32_t segment, double from, double to, pct_error *error) {
    size_t count = 0;
    const pct_network *net = &d->road->network;
    pct_network_segment_line(net, segment, false, NULL, &count);
    d->line.length = 0;
    for (size_t i = 0; i < count; i++)
        if (!pct_vector_push(&d->line))
            return pct_vector_failed(&d->line, PCT_MSG_WHAT_SEGMENT_POINTS, error);
    const pct_position *p = d->line.items;
    pct_network_segment_line(net, segment, false, d->line.items, &count);
    double whole_m = pct_geo_length_m(p, count), at_m = 0.0;
    for (size_t i = 1; i < count; i++) {
        double piece_m = pct_geo_distance_m(p[i - 1], p[i]);
        double first = piece_m > 0.0 ? fmax(0.0, (from * whole_m - at_m) / piece_m) : 0.0;
        double last = piece_m > 0.0 ? fmin(1.0, (to * whole_m - at_m) / piece_m) : 1.0;
        at_m += piece_m;
        if (first > 1.0 || last < 0.0 || first > last) continue;
        double ax, ay, bx, by;
        pct_plane_to_m(&d->plane, pct_geo_between(p[i - 1], p[i], first), &ax, &ay);
        pct_plane_to_m(&d->plane, pct_geo_between(p[i - 1], p[i], last), &bx, &by);
        raise(d, ax, ay, bx, by);
    }
    return PCT_OK;
}

/* How much of an arc is reached from its near end (reverse: from its far end), as a share. */
static double reached_share(const drawing *d, uint32_t tail, uint32_t arc) {
    const pct_network *net = &d->road->network;
    uint32_t begin_ms = d->node_ms[d->reverse ? net->arc_head[arc] : tail];
    uint32_t arc_ms = d->road->metric.arc_ms[arc];
    if (arc_ms >= PCT_NO_WAY_MS || begin_ms > d->limit_ms) return 0.0;
    return fmin(1.0, (double)(d->limit_ms - begin_ms) / arc_ms);
}

static pct_status raise_roads(drawing *d, pct_error *error) {
    const pct_network *net = &d->road->network;
    pct_status status = PCT_OK;
    for (uint32_t v = 0; v < net->node_count; v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1] && !status; a++) {
            double share = reached_share(d, v, a);
            if (share <= 0.0) continue;
            bool from_tail = (net->arc_segment[a] & 1) == (uint32_t)d->reverse;
            status = raise_part(d, net->arc_segment[a] >> 1, from_tail ? 0.0 : 1.0 - share,
                                from_tail ? share : 1.0, error);
        }
    return status;
}

/* The piece of its own segment on which the point lies. */
static pct_status raise_own_segment(drawing *d, pct_error *error) {
    double length_mm = d->road->network.segments[d->point.segment].length_mm,
           here = d->point.offset_mm / length_mm;
    double shares[2] = {here, here};
    for (int way = 0; way <= 1; way++) {
        uint32_t end_mm = way ? (uint32_t)length_mm : 0;
        uint32_t ms = d->reverse ? pct_road_piece_ms(d->road, d->point.segment, end_mm, d->point.offset_mm)
                                 : pct_road_piece_ms(d->road, d->point.segment, d->point.offset_mm, end_mm);
        if (ms >= PCT_NO_WAY_MS || ms == 0) continue;
        shares[way] += ((double)way - here) * fmin(1.0, (double)d->limit_ms / ms);
    }
    return raise_part(d, d->point.segment, shares[0], shares[1], error);
}

static void extend_by_segment(pct_box *box, const pct_network *net, uint32_t segment) {
    const pct_segment *s = &net->segments[segment];
    uint32_t shape_end = segment + 1 < net->segment_count ? s[1].shape_at : net->shape_count;
    pct_box_extend(box, net->node_position[s->tail]);
    pct_box_extend(box, net->node_position[s->head]);
    for (uint32_t i = s->shape_at; i < shape_end; i++) pct_box_extend(box, net->shapes[i]);
}

/* Lays the grid over every segment that is reached, with a rim that no cone's upper half touches. */
static pct_status lay_grid(drawing *d, pct_error *error) {
    const pct_network *net = &d->road->network;
    pct_position here = pct_road_point_position(d->road, d->point);
    pct_box box = pct_box_of(&here, 1);
    extend_by_segment(&box, net, d->point.segment);
    for (uint32_t v = 0; v < net->node_count; v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++)
            if (reached_share(d, v, a) > 0.0) extend_by_segment(&box, net, net->arc_segment[a] >> 1);
    d->plane = pct_plane_at(here);
    double west, south, east, north;
    pct_plane_to_m(&d->plane, box.min, &west, &south);
    pct_plane_to_m(&d->plane, box.max, &east, &north);
    double side = fmax(east - west, north - south);
    d->cell_m = fmax(cell_min_m, side / (GRID_SIDE_MAX - 12.0));
    d->reach_m = 4.0 * d->cell_m;
    d->west_m = west - 5.0 * d->cell_m;
    d->south_m = south - 5.0 * d->cell_m;
    d->columns = (uint32_t)((east - west) / d->cell_m) + 11;
    d->rows = (uint32_t)((north - south) / d->cell_m) + 11;
    size_t cells = (size_t)d->columns * d->rows;
    d->values = pct_alloc_zeroed(cells, sizeof *d->values);
    return d->values ? PCT_OK : pct_error_memory(error, cells * sizeof *d->values);
}

static pct_status draw(drawing *d, pct_arena *arena, pct_shape *out, pct_error *error) {
    pct_status status = lay_grid(d, error);
    if (!status) status = raise_roads(d, error);
    if (!status) status = raise_own_segment(d, error);
    if (!status) {
        const pct_grid grid = {d->plane, d->west_m, d->south_m, d->cell_m, d->columns, d->rows, d->values};
        /* At half the cone's height the outline runs at half its reach, which is the margin. */
        status = pct_contour(&grid, (float)(d->reach_m / 2.0), d->cell_m * d->cell_m, arena, out, error);
    }
    pct_free(d->values);
    d->values = NULL;
    return status;
}

pct_status pct_isochrone(pct_router *router, pct_road_point point, bool reverse, const uint32_t *limits_ms,
                         size_t count, pct_arena *arena, pct_shape *shapes, pct_error *error) {
    const pct_road *road = pct_router_road(router);
    uint32_t *node_ms = pct_alloc(road->network.node_count, sizeof *node_ms);
    if (!node_ms) return pct_error_memory(error, road->network.node_count * sizeof *node_ms);
    if (reverse)
        pct_router_all_times_to(router, point, node_ms);
    else
        pct_router_all_times_from(router, point, node_ms);
    drawing d = {.road = road,
                 .node_ms = node_ms,
                 .point = point,
                 .reverse = reverse,
                 .line = pct_vector_init(sizeof(pct_position), LINE_POINTS_MAX)};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        d.limit_ms = limits_ms[i];
        status = draw(&d, arena, &shapes[i], error);
    }
    pct_vector_dispose(&d.line);
    pct_free(node_ms);
    return status;
}
