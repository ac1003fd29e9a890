/* Laws of the turn-expanded graph: whatever the restrictions, what it allows and how long it takes is what one finds by
 * reading every restriction along the way. */
#include <string.h>

#include "base/memory.h"
#include "road/closed.h"
#include "road/dijkstra.h"
#include "road/order.h"
#include "support/patrol.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 800, PAIRS = 10 };

typedef struct setting {
    pct_rng rng;
    pct_speeds speeds;
    pct_road *response, *patrol;
} setting;

static void open_setting(setting *s, uint64_t seed) {
    pct_network network;
    s->rng = pct_rng_init(seed, 0);
    test_patrol_network(&s->rng, &network);
    s->speeds = test_patrol_speeds(&s->rng);
    s->response = test_road_of(&network, &s->speeds);
    s->patrol = test_patrol_road(s->response, &s->speeds);
}

static void close_setting(setting *s) {
    pct_road_free(s->patrol);
    pct_road_free(s->response);
}

static pct_road_point random_point(setting *s) {
    const pct_network *net = pct_road_network(s->response);
    uint32_t segment = pct_rng_below(&s->rng, net->segment_count),
             length_mm = net->segments[segment].length_mm;
    uint32_t draw = pct_rng_below(&s->rng, 4);
    return (pct_road_point){segment, draw == 0   ? 0
                                     : draw == 1 ? length_mm
                                                 : pct_rng_below(&s->rng, length_mm + 1)};
}

/* The least time over a road's graph, by ends and direct ways, relaxing all arcs until nothing changes. */
static uint32_t graph_time_ms(const pct_road *road, pct_road_point from, pct_road_point to) {
    pct_road_end ends[PCT_ROAD_ENDS_MAX];
    uint32_t n = road->graph.node_count, best_ms = pct_road_along_ms(road, from, to);
    uint32_t *ms = pct_alloc(n, sizeof *ms);
    ck_assert_ptr_nonnull(ms);
    for (uint32_t v = 0; v < n; v++) ms[v] = PCT_NO_WAY_MS;
    for (int i = pct_road_ends(road, from, false, ends); i-- > 0;)
        if (ends[i].ms < ms[ends[i].node]) ms[ends[i].node] = ends[i].ms;
    for (bool better = true; better;) {
        better = false;
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t e = road->graph.first_arc[v]; e < road->graph.first_arc[v + 1]; e++) {
                uint32_t arc_ms = road->metric.arc_ms[e], head = road->graph.arc_head[e];
                if (ms[v] >= PCT_NO_WAY_MS || arc_ms >= PCT_NO_WAY_MS || ms[v] + arc_ms >= ms[head]) continue;
                ms[head] = ms[v] + arc_ms;
                better = true;
            }
    }
    for (int i = pct_road_ends(road, to, true, ends); i-- > 0;)
        if (ms[ends[i].node] < PCT_NO_WAY_MS && ms[ends[i].node] + ends[i].ms < best_ms)
            best_ms = ms[ends[i].node] + ends[i].ms;
    pct_free(ms);
    return best_ms;
}

static void test_perfect(pct_road *road) {
    pct_metric_updater *updater;
    pct_error error;
    test_ok(pct_metric_updater_new(&road->graph, &road->hierarchy, &updater, &error), &error);
    test_ok(pct_metric_perfect(&road->hierarchy, &road->metric, updater, &error), &error);
    pct_metric_updater_free(updater);
}

/* A route takes what it says, and its legs join. */
static void check_route(pct_router *router, pct_road_point from, pct_road_point to, uint32_t expected) {
    const pct_network *net = pct_road_network(pct_router_road(router));
    pct_route route;
    pct_error error;
    pct_status status = pct_router_route(router, from, to, &route, &error);
    ck_assert_int_eq(status, expected == PCT_UNREACHABLE_MS ? PCT_UNREACHABLE : PCT_OK);
    if (status) return;
    ck_assert_uint_eq(route.time_ms, expected);
    for (size_t l = 1; l < route.leg_count; l++) {
        const pct_route_leg *a = &route.legs[l - 1], *b = &route.legs[l];
        const pct_segment *s = &net->segments[a->segment], *t = &net->segments[b->segment];
        ck_assert_uint_eq(a->to_mm == 0 ? s->tail : s->head, b->from_mm == 0 ? t->tail : t->head);
        ck_assert(a->to_mm == 0 || a->to_mm == s->length_mm);
        ck_assert(b->from_mm == 0 || b->from_mm == t->length_mm);
    }
}

/* One to all and to those within a limit, both ways, by node. */
static void check_nodes(const setting *s, pct_router *router, pct_road_point one) {
    const pct_network *net = &s->response->network;
    uint32_t from_ms[32], to_ms[32];
    const pct_reached *list;
    size_t count;
    pct_error error;
    pct_router_all_times_from(router, one, from_ms);
    pct_router_all_times_to(router, one, to_ms);
    test_ok(pct_router_reached_from(router, one, 30000, &list, &count, &error), &error);
    for (uint32_t v = 0; v < net->node_count; v++) {
        pct_road_point node;
        if (pct_road_point_at_node(s->patrol, (pct_node){v}, &node)) continue;
        ck_assert_uint_eq(from_ms[v], test_patrol_time_ms(net, &s->speeds, NULL, one, node));
        ck_assert_uint_eq(to_ms[v], test_patrol_time_ms(net, &s->speeds, NULL, node, one));
    }
    uint32_t reached_ms[32];
    memset(reached_ms, 0xFF, sizeof reached_ms);
    for (size_t i = 0; i < count; i++) {
        uint32_t node = net->arc_head[s->patrol->turns.vertex_arc[list[i].vertex]];
        if (list[i].time_ms < reached_ms[node]) reached_ms[node] = list[i].time_ms;
    }
    for (uint32_t v = 0; v < net->node_count; v++)
        ck_assert(from_ms[v] == 0 ||
                  (from_ms[v] <= 30000 ? reached_ms[v] == from_ms[v] : reached_ms[v] > 30000));
}

TEST(times_over_turns_equal_those_found_by_reading_every_restriction) {
    uint32_t unreachable = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s), to = random_point(&s);
            uint32_t expected = test_patrol_time_ms(&s.response->network, &s.speeds, NULL, from, to);
            ck_assert_msg(graph_time_ms(s.patrol, from, to) == expected, "seed %d pair %d: %u, expected %u",
                          (int)seed, i, graph_time_ms(s.patrol, from, to), expected);
            unreachable += expected == PCT_UNREACHABLE_MS;
        }
        close_setting(&s);
    }
    ck_assert_uint_gt(unreachable, NETWORKS);
    ck_assert_uint_lt(unreachable, NETWORKS * PAIRS / 2);
}

/* Every kind of question to the router, and plain Dijkstra, against the slow way. */
TEST(router_answers_for_patrols_what_reading_every_restriction_gives) {
    enum { MANY = 8 };
    for (uint64_t seed = 0; seed < NETWORKS / 4; seed++) {
        setting s;
        pct_router *router;
        pct_dijkstra *dijkstra;
        pct_error error;
        pct_road_point points[MANY];
        uint32_t expected[MANY][MANY], table[MANY * MANY], ms[MANY];
        open_setting(&s, seed);
        const pct_network *net = &s.response->network;
        if (seed % 2) test_perfect(s.patrol);
        test_ok(pct_router_new(s.patrol, &router, &error), &error);
        test_ok(pct_dijkstra_new(s.patrol, &dijkstra, &error), &error);
        for (int i = 0; i < MANY; i++) points[i] = random_point(&s);
        for (int i = 0; i < MANY; i++)
            for (int k = 0; k < MANY; k++) {
                expected[i][k] = test_patrol_time_ms(net, &s.speeds, NULL, points[i], points[k]);
                ck_assert_uint_eq(pct_router_time_ms(router, points[i], points[k]), expected[i][k]);
                ck_assert_uint_eq(pct_dijkstra_time_ms(dijkstra, points[i], points[k]), expected[i][k]);
                check_route(router, points[i], points[k], expected[i][k]);
            }
        test_ok(pct_router_table(router, points, MANY, points, MANY, table, &error), &error);
        ck_assert_int_eq(memcmp(table, expected, sizeof table), 0);
        for (int i = 0; i < MANY; i++) {
            pct_near found[MANY];
            size_t found_count;
            pct_router_times_from(router, points[i], points, MANY, ms);
            ck_assert_int_eq(memcmp(ms, expected[i], sizeof ms), 0);
            pct_router_times_to(router, points[i], points, MANY, ms);
            for (int k = 0; k < MANY; k++) ck_assert_uint_eq(ms[k], expected[k][i]);
            test_ok(pct_router_nearest_to(router, points[i], points, MANY, PCT_UNREACHABLE_MS, 3, found,
                                          &found_count, &error),
                    &error);
            for (size_t n = 0; n < found_count; n++) {
                uint32_t sooner = 0;
                for (int k = 0; k < MANY; k++) sooner += expected[k][i] < found[n].time_ms;
                ck_assert_uint_le(sooner, n);
                ck_assert_uint_eq(found[n].time_ms, expected[found[n].index][i]);
            }
        }
        check_nodes(&s, router, points[0]);
        pct_router_free(router);
        pct_dijkstra_free(dijkstra);
        close_setting(&s);
    }
}

TEST(closed_segments_are_entered_by_nobody_and_left_by_those_on_them) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        bool closed[TEST_PATROL_ARCS_MAX * 2] = {false};
        pct_closed_segment shut[4];
        pct_road *road;
        pct_dijkstra *dijkstra;
        pct_error error;
        open_setting(&s, seed);
        size_t count = 1 + pct_rng_below(&s.rng, 4);
        for (size_t i = 0; i < count; i++) {
            uint32_t which = 1 + pct_rng_below(&s.rng, 3), segment = random_point(&s).segment;
            shut[i] = (pct_closed_segment){.segment = segment, .forward = which & 1, .backward = which & 2};
            closed[segment * 2] |= shut[i].forward;
            closed[segment * 2 + 1] |= shut[i].backward;
        }
        test_ok(pct_road_close(s.patrol, shut, count, &road, &error), &error);
        test_ok(pct_dijkstra_new(road, &dijkstra, &error), &error);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s), to = random_point(&s);
            uint32_t expected = test_patrol_time_ms(&s.response->network, &s.speeds, closed, from, to);
            ck_assert_uint_eq(pct_dijkstra_time_ms(dijkstra, from, to), expected);
            ck_assert_msg(graph_time_ms(road, from, to) == expected, "seed %d pair %d: %u, expected %u",
                          (int)seed, i, graph_time_ms(road, from, to), expected);
        }
        pct_dijkstra_free(dijkstra);
        pct_road_free(road);
        close_setting(&s);
    }
}

TEST(lifting_gives_back_the_metric_bit_for_bit) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        setting s;
        pct_road *again;
        pct_error error;
        open_setting(&s, seed);
        test_ok(pct_road_close(s.patrol, NULL, 0, &again, &error), &error);
        size_t arcs = s.patrol->hierarchy.arc_count, graph_arcs = s.patrol->graph.arc_count;
        ck_assert_int_eq(memcmp(again->metric.ms, s.patrol->metric.ms, arcs * sizeof *again->metric.ms), 0);
        ck_assert_int_eq(memcmp(again->metric.arc_ms, s.patrol->metric.arc_ms, graph_arcs * sizeof(uint32_t)),
                         0);
        pct_road_free(again);
        close_setting(&s);
    }
}

static bool same_road(const pct_road *a, const pct_road *b) {
    uint32_t arcs = a->network.arc_count;
    for (uint32_t n = 0; n < arcs; n++)
        if (pct_road_drive_ms(a, n) != pct_road_drive_ms(b, n) ||
            (a->own_ms && b->own_ms && a->own_ms[n] != b->own_ms[n]))
            return false;
    return memcmp(a->metric.arc_ms, b->metric.arc_ms, a->graph.arc_count * sizeof(uint32_t)) == 0 &&
           memcmp(a->metric.ms, b->metric.ms, a->hierarchy.arc_count * sizeof *a->metric.ms) == 0;
}

/* Both profiles in one pair: what is shown is, to the bit, what is closed so, whatever was closed before. */
TEST(pair_exchanges_both_profiles_together) {
    enum { ROUNDS = 6, SHUT_MAX = 3 };
    for (uint64_t seed = 0; seed < NETWORKS / 4; seed++) {
        setting s;
        pct_error error;
        pct_road_pair *pair;
        pct_closed_segment before[SHUT_MAX], now[SHUT_MAX];
        size_t before_count = 0, count;
        open_setting(&s, seed);
        const pct_road *const open[] = {s.response, s.patrol};
        test_ok(pct_road_pair_new(open, 2, &pair, &error), &error);
        for (int round = 0; round < ROUNDS; round++) {
            count = round + 1 < ROUNDS ? pct_rng_below(&s.rng, SHUT_MAX + 1) : 0;
            for (size_t i = 0; i < count; i++)
                now[i] = (pct_closed_segment){pct_rng_below(&s.rng, s.response->network.segment_count), true,
                                              pct_rng_below(&s.rng, 2) != 0,
                                              (uint8_t)(pct_rng_below(&s.rng, 2) * 7)};
            for (unsigned which = 0; which < 2; which++)
                pct_closed_want(pair, which, before, before_count, now, count);
            pct_road_pair_catch_up(pair);
            if (round % 2) test_ok(pct_road_pair_perfect(pair, &error), &error);
            pct_road_pair_exchange(pair);
            for (unsigned which = 0; which < 2; which++) {
                pct_road *fresh;
                const pct_road *shown = pct_road_pair_road(pair, 1 - pct_road_pair_hidden(pair), which);
                test_ok(pct_road_close(open[which], now, count, &fresh, &error), &error);
                ck_assert(same_road(shown, fresh));
                ck_assert(count > 0 || shown == open[which]);
                pct_road_free(fresh);
            }
            memcpy(before, now, sizeof before);
            before_count = count;
        }
        pct_road_pair_free(pair);
        close_setting(&s);
    }
}

TEST(both_arcs_of_a_segment_are_contracted_one_after_the_other) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        setting s;
        open_setting(&s, seed);
        const pct_network *net = &s.response->network;
        const pct_turns *t = &s.patrol->turns;
        uint32_t order[TEST_PATROL_ARCS_MAX * 2], last[TEST_PATROL_ARCS_MAX];
        pct_error error;
        test_ok(pct_order_turns(net, t, order, &error), &error);
        memset(last, 0xFF, sizeof last);
        for (uint32_t r = 0; r < t->vertex_count; r++) {
            uint32_t *before = &last[net->arc_segment[t->vertex_arc[order[r]]] >> 1];
            ck_assert(*before == PCT_NO_INDEX || *before + 1 == r);
            *before = r;
        }
        close_setting(&s);
    }
}

typedef struct attempt {
    const pct_road *response;
    const pct_speeds *speeds;
} attempt;

static pct_status make_patrol(void *context) {
    const attempt *a = context;
    pct_turns turns = {0};
    pct_road *road;
    pct_error error;
    uint32_t order[TEST_PATROL_ARCS_MAX * 2];
    pct_status status = pct_turns_build(&a->response->network, &turns, &error);
    for (uint32_t v = 0; v < turns.vertex_count; v++) order[v] = v;
    if (!status) status = pct_road_build_patrol(a->response, &turns, order, a->speeds, &road, &error);
    if (!status) pct_road_free(road);
    return status;
}

TEST(building_survives_each_failing_allocation) {
    setting s;
    open_setting(&s, 7);
    attempt a = {s.response, &s.speeds};
    ck_assert_uint_gt(test_torture(make_patrol, &a), 20);
    close_setting(&s);
}

TEST_MAIN("turns", TEST_CASE(times_over_turns_equal_those_found_by_reading_every_restriction),
          TEST_CASE(router_answers_for_patrols_what_reading_every_restriction_gives),
          TEST_CASE(closed_segments_are_entered_by_nobody_and_left_by_those_on_them),
          TEST_CASE(lifting_gives_back_the_metric_bit_for_bit),
          TEST_CASE(pair_exchanges_both_profiles_together),
          TEST_CASE(both_arcs_of_a_segment_are_contracted_one_after_the_other),
          TEST_CASE(building_survives_each_failing_allocation))
