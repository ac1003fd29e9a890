/* Laws of the dots along segments, and of the outline that is drawn with them, on roads that wind. */
#include <math.h>

#include "road/dijkstra.h"
#include "road/line.h"
#include "road/route/isochrone.h"
#include "road/route/search.h"
#include "support/roads.h"
#include "support/test.h"

enum { SIDE = 6, BENDS_MAX = 400, ARENA_MAX = 1 << 26 };
static const double apart_m = 400.0;

typedef struct spot {
    double x, y;
} spot;

static spot spot_of(const pct_plane *plane, pct_position p) {
    spot s;
    pct_plane_to_m(plane, p, &s.x, &s.y);
    return s;
}

static double off_m(spot a, spot b, spot p) {
    double x = b.x - a.x, y = b.y - a.y, squared = x * x + y * y;
    double share = squared > 0.0 ? fmin(1.0, fmax(0.0, ((p.x - a.x) * x + (p.y - a.y) * y) / squared)) : 0.0;
    return hypot(p.x - a.x - share * x, p.y - a.y - share * y);
}

/* From one node to another in bends of any kind: wide ones, hairpins, points upon each other, straight stretches. */
static void add_winding(pct_network_builder *builder, pct_rng *rng, const pct_plane *plane, uint32_t tail,
                        uint32_t head, const pct_position *nodes) {
    pct_error error;
    pct_position line[BENDS_MAX + 2];
    const spot a = spot_of(plane, nodes[tail]), b = spot_of(plane, nodes[head]);
    const uint32_t bends = pct_rng_below(rng, 10) == 0 ? BENDS_MAX : pct_rng_below(rng, 20);
    const double reach_m = pct_rng_below(rng, 3) == 0 ? 60.0 : 8.0;
    line[0] = nodes[tail];
    for (uint32_t i = 1; i <= bends; i++) {
        const double share = (double)i / (bends + 1), east = (pct_rng_unit(rng) - 0.5) * reach_m,
                     north = (pct_rng_unit(rng) - 0.5) * reach_m;
        line[i] = pct_rng_below(rng, 8) == 0 ? line[i - 1]
                                             : pct_plane_from_m(plane, a.x + share * (b.x - a.x) + east,
                                                                a.y + share * (b.y - a.y) + north);
    }
    line[bends + 1] = nodes[head];
    const uint32_t rights = pct_rng_below(rng, 4) == 0
                                ? PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD
                                : PCT_SEGMENT_EMERGENCY_FORWARD | PCT_SEGMENT_EMERGENCY_BACKWARD;
    const pct_segment s = {.tail = tail,
                           .head = head,
                           .length_mm = (uint32_t)lround(pct_geo_length_m(line, bends + 2) * 1000.0) + 1,
                           .flags = (uint8_t)rights,
                           .road_class = PCT_ROAD_RESIDENTIAL};
    uint32_t number;
    test_ok(pct_network_add_segment(builder, &s, line + 1, bends, &number, &error), &error);
}

static pct_road *winding_roads(pct_rng *rng) {
    pct_error error;
    pct_network_builder *builder;
    pct_network network;
    pct_position nodes[SIDE * SIDE];
    uint32_t number;
    const pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    const pct_speeds speeds = pct_speeds_uniform(36.0);
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (uint32_t v = 0; v < SIDE * SIDE; v++) {
        nodes[v] = pct_plane_from_m(&plane, v % SIDE * apart_m + 200.0 * pct_rng_unit(rng),
                                    v / SIDE * apart_m + 200.0 * pct_rng_unit(rng));
        test_ok(pct_network_add_node(builder, v, nodes[v], &number, &error), &error);
    }
    for (uint32_t v = 0; v < SIDE * SIDE; v++) {
        if (v % SIDE + 1 < SIDE) add_winding(builder, rng, &plane, v, v + 1, nodes);
        if (v + SIDE < SIDE * SIDE && pct_rng_below(rng, 4))
            add_winding(builder, rng, &plane, v + SIDE, v, nodes);
        if (pct_rng_below(rng, 12) == 0) add_winding(builder, rng, &plane, v, v, nodes);
    }
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    return test_road_of(&network, &speeds);
}

/* Tail, dots, head. */
static spot chain_at(const pct_road *road, const pct_plane *plane, uint32_t segment, uint32_t i) {
    const pct_dot_run run = road->dots.runs[segment];
    const pct_segment *s = &road->network.segments[segment];
    if (i == 0) return spot_of(plane, road->network.node_position[s->tail]);
    if (i > run.count) return spot_of(plane, road->network.node_position[s->head]);
    return spot_of(plane, road->dots.points[run.at + i - 1]);
}

/* Walks the line in steps of a decimetre beside the chain of dots; gives how far it ever was from the piece of the chain that
 * it is at. A dot is passed when the line comes within a centimetre or two of it. */
static double furthest_off_m(const pct_road *road, const pct_plane *plane, uint32_t segment) {
    const pct_network *net = &road->network;
    const uint32_t inner = pct_line_inner(net, segment), dots = road->dots.runs[segment].count;
    double worst_m = 0.0;
    uint32_t piece = 0;
    for (uint32_t i = 0; i <= inner; i++) {
        const spot a = spot_of(plane, pct_line_point(net, segment, i, inner)),
                   b = spot_of(plane, pct_line_point(net, segment, i + 1, inner));
        const int steps = (int)ceil(hypot(b.x - a.x, b.y - a.y) / 0.1) + 1;
        for (int k = 0; k <= steps; k++) {
            const spot p = {a.x + (b.x - a.x) * k / steps, a.y + (b.y - a.y) * k / steps};
            const spot next = chain_at(road, plane, segment, piece + 1);
            const double here_m = off_m(chain_at(road, plane, segment, piece), next, p);
            worst_m = fmax(worst_m, here_m);
            if (piece < dots && hypot(next.x - p.x, next.y - p.y) < 0.08) piece++;
        }
    }
    ck_assert_uint_eq(piece, dots); /* every dot lies on the line, in its turn */
    return worst_m;
}

TEST(dots_are_close_to_each_other_and_to_the_line_and_no_more_than_it_takes) {
    size_t dots = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        pct_rng rng = pct_rng_init(seed, 0);
        pct_road *road = winding_roads(&rng);
        const pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
        for (uint32_t s = 0; s < road->network.segment_count; s++) {
            const uint32_t count = road->dots.runs[s].count;
            for (uint32_t i = 0; i <= count; i++) {
                const spot a = chain_at(road, &plane, s, i), b = chain_at(road, &plane, s, i + 1);
                ck_assert_double_le(hypot(b.x - a.x, b.y - a.y), PCT_DOTS_GAP_M + 0.1);
            }
            ck_assert_double_le(furthest_off_m(road, &plane, s), PCT_DOTS_OFF_M + 0.1);
            if (pct_line_inner(&road->network, s) == 0) {
                const double length_m = road->network.segments[s].length_mm / 1000.0;
                ck_assert_uint_le(count, (uint32_t)(length_m / PCT_DOTS_GAP_M));
            }
            dots += count;
        }
        pct_road_free(road);
    }
    ck_assert_uint_gt(dots, 5000);
}

/* All that is reached of the roads, as points at most two metres apart, found by Dijkstra's times at the nodes alone. */
typedef struct reach {
    spot *points;
    size_t count;
} reach;

static void add_reached(reach *r, const pct_road *road, const pct_plane *plane, uint32_t segment, double from,
                        double to) {
    const uint32_t inner = pct_line_inner(&road->network, segment);
    double whole_m = 0.0, at_m = 0.0;
    for (uint32_t i = 0; i <= inner; i++)
        whole_m += pct_geo_distance_m(pct_line_point(&road->network, segment, i, inner),
                                      pct_line_point(&road->network, segment, i + 1, inner));
    for (uint32_t i = 0; i <= inner; i++) {
        const pct_position p = pct_line_point(&road->network, segment, i, inner),
                           q = pct_line_point(&road->network, segment, i + 1, inner);
        const double length_m = pct_geo_distance_m(p, q);
        const int steps = (int)ceil(length_m / 2.0);
        for (int k = 0; k <= steps && steps > 0; k++) {
            const double share = (double)k / steps, along = (at_m + share * length_m) / whole_m;
            if (along >= from && along <= to)
                r->points[r->count++] = spot_of(plane, pct_geo_between(p, q, share));
        }
        at_m += length_m;
    }
}

static reach reach_of(const pct_road *road, const pct_plane *plane, pct_road_point point, uint32_t limit_ms) {
    enum { POINTS_MAX = 1 << 20 };
    const pct_network *net = &road->network;
    pct_error error;
    pct_dijkstra *dijkstra;
    uint32_t ms[SIDE * SIDE];
    reach r = {malloc(POINTS_MAX * sizeof *r.points), 0};
    ck_assert_ptr_nonnull(r.points);
    test_ok(pct_dijkstra_new(road, &dijkstra, &error), &error);
    pct_dijkstra_all_ms(dijkstra, point, ms);
    r.points[r.count++] = spot_of(plane, pct_road_point_position(road, point));
    for (uint32_t v = 0; v < net->node_count; v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++) {
            if (ms[v] > limit_ms) continue;
            const double share = fmin(1.0, (double)(limit_ms - ms[v]) / road->metric.arc_ms[a]);
            const bool backward = net->arc_segment[a] & 1;
            add_reached(&r, road, plane, net->arc_segment[a] >> 1, backward ? 1.0 - share : 0.0,
                        backward ? 1.0 : share);
        }
    const double length_mm = net->segments[point.segment].length_mm, here = point.offset_mm / length_mm;
    for (int way = 0; way <= 1; way++) {
        const uint32_t end_ms =
            pct_road_piece_ms(road, point.segment, point.offset_mm, way ? (uint32_t)length_mm : 0);
        if (end_ms >= PCT_NO_WAY_MS || end_ms == 0) continue;
        const double there = here + (way - here) * fmin(1.0, (double)limit_ms / end_ms);
        add_reached(&r, road, plane, point.segment, fmin(here, there), fmax(here, there));
    }
    pct_dijkstra_free(dijkstra);
    return r;
}

static double nearest_m(const reach *r, spot p) {
    double least = INFINITY;
    for (size_t i = 0; i < r->count; i++)
        least = fmin(least, hypot(r->points[i].x - p.x, r->points[i].y - p.y));
    return least;
}

/* The outline is sixty metres from what is reached. Where it passes between two roads the grid, whose points are thirty metres
 * apart, joins them by up to half of that; elsewhere it is true to a few metres. */
TEST(outline_holds_all_that_is_reached_and_keeps_its_distance) {
    size_t corners = 0, close = 0;
    double shortest_m = INFINITY, longest_m = 0.0;
    for (uint64_t seed = 0; seed < 16; seed++) {
        pct_rng rng = pct_rng_init(seed, 0);
        pct_road *road = winding_roads(&rng);
        pct_error error;
        pct_router *router;
        pct_arena arena = pct_arena_init(ARENA_MAX);
        pct_shape shape;
        const uint32_t limit_ms = 5000 + pct_rng_below(&rng, 100000);
        const uint32_t segment = pct_rng_below(&rng, road->network.segment_count);
        const pct_road_point point = {segment,
                                      pct_rng_below(&rng, road->network.segments[segment].length_mm)};
        const pct_plane plane = pct_plane_at(pct_road_point_position(road, point));
        test_ok(pct_router_new(road, &router, &error), &error);
        test_ok(pct_isochrone(router, point, false, &limit_ms, 1, &arena, &shape, &error), &error);
        reach r = reach_of(road, &plane, point, limit_ms);
        for (size_t i = 0; i < r.count; i++)
            ck_assert(pct_shape_contains(&shape, pct_plane_from_m(&plane, r.points[i].x, r.points[i].y)));
        for (size_t i = 0; i < shape.count; i++)
            for (size_t j = 0; j < shape.polygons[i].count; j++)
                for (size_t k = 0; k + 1 < shape.polygons[i].rings[j].count; k++) {
                    const double m = nearest_m(&r, spot_of(&plane, shape.polygons[i].rings[j].points[k]));
                    shortest_m = fmin(shortest_m, m), longest_m = fmax(longest_m, m);
                    corners++;
                    close += fabs(m - 60.0) <= 4.0;
                }
        free(r.points);
        pct_router_free(router);
        pct_arena_dispose(&arena);
        pct_road_free(road);
    }
    ck_assert_uint_gt(corners, 1500);
    ck_assert_uint_ge(close * 100, corners * 98);
    ck_assert_double_ge(shortest_m, 55.0);
    ck_assert_double_le(longest_m, 60.0 + 15.0 + 2.0);
}

TEST_MAIN("dots", TEST_CASE(dots_are_close_to_each_other_and_to_the_line_and_no_more_than_it_takes),
          TEST_CASE(outline_holds_all_that_is_reached_and_keeps_its_distance))
