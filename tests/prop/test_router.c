/* Laws of the router: whatever the network, the hierarchy answers what plain Dijkstra answers. */
#include "base/memory.h"
#include "road/dijkstra.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 40, PAIRS = 200 };

static pct_road_point random_point(pct_rng *rng, const pct_road *road) {
    const pct_network *net = pct_road_network(road);
    uint32_t segment = pct_rng_below(rng, net->segment_count), length_mm = net->segments[segment].length_mm;
    uint32_t offset_mm = pct_rng_below(rng, 4) == 0 ? 0 : pct_rng_below(rng, length_mm + 1);
    return (pct_road_point){segment, offset_mm};
}

typedef struct setting {
    pct_rng rng;
    pct_road *road;
    pct_router *router;
    pct_dijkstra *dijkstra;
} setting;

static void open_setting(setting *s, uint64_t seed) {
    pct_error error;
    s->rng = pct_rng_init(seed, 0);
    s->road = test_road_random(&s->rng, 2 + pct_rng_below(&s->rng, 300));
    test_ok(pct_router_new(s->road, &s->router, &error), &error);
    test_ok(pct_dijkstra_new(s->road, &s->dijkstra, &error), &error);
}

static void close_setting(setting *s) {
    pct_router_free(s->router);
    pct_dijkstra_free(s->dijkstra);
    pct_road_free(s->road);
}

TEST(hierarchy_times_equal_dijkstra_times_unreachable_included) {
    uint32_t unreachable = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s.rng, s.road), to = random_point(&s.rng, s.road);
            uint32_t expected = pct_dijkstra_time_ms(s.dijkstra, from, to);
            ck_assert_uint_eq(pct_router_time_ms(s.router, from, to), expected);
            unreachable += expected == PCT_UNREACHABLE_MS;
        }
        close_setting(&s);
    }
    ck_assert_uint_gt(unreachable, 0);
    ck_assert_uint_lt(unreachable, NETWORKS * PAIRS / 2);
}

TEST(times_to_and_from_many_equal_single_queries) {
    enum { MANY = 30 };
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int i = 0; i < 5; i++) {
            pct_road_point one = random_point(&s.rng, s.road), many[MANY];
            uint32_t to_ms[MANY], from_ms[MANY];
            for (int m = 0; m < MANY; m++) many[m] = random_point(&s.rng, s.road);
            pct_router_times_to(s.router, one, many, MANY, to_ms);
            pct_router_times_from(s.router, one, many, MANY, from_ms);
            for (int m = 0; m < MANY; m++) {
                ck_assert_uint_eq(to_ms[m], pct_router_time_ms(s.router, many[m], one));
                ck_assert_uint_eq(from_ms[m], pct_router_time_ms(s.router, one, many[m]));
            }
        }
        close_setting(&s);
    }
}

/* Where a leg begins or ends, as a node, or PCT_NO_INDEX inside its segment. */
static uint32_t node_at(const pct_network *net, uint32_t segment, uint32_t offset_mm) {
    const pct_segment *seg = &net->segments[segment];
    return offset_mm == 0 ? seg->tail : offset_mm == seg->length_mm ? seg->head : PCT_NO_INDEX;
}

TEST(routes_are_connected_legal_and_take_the_time_they_say) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        const pct_network *net = pct_road_network(s.road);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s.rng, s.road), to = random_point(&s.rng, s.road);
            uint32_t expected = pct_dijkstra_time_ms(s.dijkstra, from, to);
            pct_route route;
            pct_error error;
            pct_status status = pct_router_route(s.router, from, to, &route, &error);
            ck_assert_int_eq(status, expected == PCT_UNREACHABLE_MS ? PCT_UNREACHABLE : PCT_OK);
            if (status) continue;
            ck_assert_uint_eq(route.time_ms, expected);
            uint64_t time_ms = 0;
            for (size_t l = 0; l < route.leg_count; l++) {
                const pct_route_leg *leg = &route.legs[l];
                uint32_t piece_ms = pct_road_piece_ms(s.road, leg->segment, leg->from_mm, leg->to_mm);
                ck_assert_uint_lt(piece_ms, PCT_NO_WAY_MS);
                ck_assert_uint_eq(piece_ms, leg->time_ms);
                time_ms += piece_ms;
                if (l == 0) continue;
                const pct_route_leg *before = &route.legs[l - 1];
                uint32_t joint = node_at(net, leg->segment, leg->from_mm);
                ck_assert_uint_ne(joint, PCT_NO_INDEX);
                ck_assert_uint_eq(joint, node_at(net, before->segment, before->to_mm));
            }
            ck_assert_uint_eq(time_ms, expected);
            if (route.leg_count == 0) continue;
            const pct_route_leg *first = &route.legs[0], *last = &route.legs[route.leg_count - 1];
            bool starts =
                (first->segment == from.segment && first->from_mm == from.offset_mm) ||
                node_at(net, first->segment, first->from_mm) == node_at(net, from.segment, from.offset_mm);
            bool ends = (last->segment == to.segment && last->to_mm == to.offset_mm) ||
                        node_at(net, last->segment, last->to_mm) == node_at(net, to.segment, to.offset_mm);
            ck_assert(starts && ends);
        }
        close_setting(&s);
    }
}

TEST(queries_allocate_nothing) {
    setting s;
    open_setting(&s, 7);
    pct_road_point points[50];
    uint32_t times_ms[50];
    for (int i = 0; i < 50; i++) points[i] = random_point(&s.rng, s.road);
    size_t before = test_allocation_count();
    for (int i = 0; i + 1 < 50; i++) {
        pct_route route;
        (void)pct_router_time_ms(s.router, points[i], points[i + 1]);
        (void)!pct_router_route(s.router, points[i], points[i + 1], &route, NULL);
        pct_router_times_to(s.router, points[i], points, 50, times_ms);
    }
    ck_assert_uint_eq(test_allocation_count(), before);
    close_setting(&s);
}

TEST_MAIN("router", TEST_CASE(hierarchy_times_equal_dijkstra_times_unreachable_included),
          TEST_CASE(times_to_and_from_many_equal_single_queries),
          TEST_CASE(routes_are_connected_legal_and_take_the_time_they_say),
          TEST_CASE(queries_allocate_nothing))
