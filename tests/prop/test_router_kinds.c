/* Every kind of question on small random networks, against plain Dijkstra: over the basic metric and over the perfect pair, with
 * vectors and without. */
#include <string.h>

#include "road/dijkstra.h"
#include "road/route/pinned.h"
#include "road/route/search.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 1000, POINTS = 7, WAYS = 4, NODES_MAX = 90 };

typedef struct setting {
    pct_rng rng;
    pct_road *road;
    pct_router *router;
    pct_road_point points[POINTS];
    uint32_t expected_ms[POINTS][POINTS], all_ms[NODES_MAX];
} setting;

static pct_road_point random_point(pct_rng *rng, const pct_road *road) {
    uint32_t segment = pct_rng_below(rng, road->network.segment_count);
    uint32_t length_mm = road->network.segments[segment].length_mm;
    int kind = (int)pct_rng_below(rng, 4);
    return (pct_road_point){segment, kind == 0   ? 0
                                     : kind == 1 ? length_mm
                                                 : pct_rng_below(rng, length_mm + 1)};
}

static void make_perfect(pct_road *road) {
    pct_error error;
    pct_metric_updater *updater;
    test_ok(pct_metric_updater_new(&road->graph, &road->hierarchy, &updater, &error), &error);
    test_ok(pct_metric_perfect(&road->hierarchy, &road->metric, updater, &error), &error);
    pct_metric_updater_free(updater);
}

static void open_setting(setting *s, uint64_t seed) {
    pct_error error;
    pct_dijkstra *dijkstra;
    s->rng = pct_rng_init(seed, 0);
    s->road = test_road_random(&s->rng, 2 + pct_rng_below(&s->rng, NODES_MAX - 2));
    test_ok(pct_dijkstra_new(s->road, &dijkstra, &error), &error);
    for (int i = 0; i < POINTS; i++) s->points[i] = random_point(&s->rng, s->road);
    if (seed % 2) s->points[1].segment = s->points[0].segment, s->points[1].offset_mm = 0;
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++)
            s->expected_ms[i][j] = pct_dijkstra_time_ms(dijkstra, s->points[i], s->points[j]);
    pct_dijkstra_all_ms(dijkstra, s->points[0], s->all_ms);
    pct_dijkstra_free(dijkstra);
    make_perfect(s->road);
    test_ok(pct_router_new(s->road, &s->router, &error), &error);
}

static void close_setting(setting *s) {
    pct_router_free(s->router);
    pct_road_free(s->road);
}

/* One of the four ways to answer; false when this machine has no vectors of 256 bits. */
static bool take_way(setting *s, int way) {
    static bool has_wide;
    if (way == 0) has_wide = s->router->wide;
    s->road->metric.is_perfect = way & 1;
    s->router->wide = !(way & 2);
    return has_wide || way & 2;
}

typedef void check(setting *s);

static void check_all_ways(check *one, int networks) {
    for (uint64_t seed = 0; seed < (uint64_t)networks; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int way = 0; way < WAYS; way++)
            if (take_way(&s, way)) one(&s);
        close_setting(&s);
    }
}

static void check_times(setting *s) {
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++)
            ck_assert_uint_eq(pct_router_time_ms(s->router, s->points[i], s->points[j]),
                              s->expected_ms[i][j]);
}

static void check_routes(setting *s) {
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            pct_route route;
            uint32_t ms = s->expected_ms[i][j];
            pct_status status = pct_router_route(s->router, s->points[i], s->points[j], &route, NULL);
            ck_assert_int_eq(status, ms == PCT_UNREACHABLE_MS ? PCT_UNREACHABLE : PCT_OK);
            if (!status) ck_assert_uint_eq(route.time_ms, ms);
        }
}

static void check_one_to_many(setting *s) {
    uint32_t from_ms[POINTS], to_ms[POINTS];
    for (int i = 0; i < POINTS; i++) {
        pct_router_times_from(s->router, s->points[i], s->points, POINTS, from_ms);
        pct_router_times_to(s->router, s->points[i], s->points, POINTS, to_ms);
        for (int j = 0; j < POINTS; j++) {
            ck_assert_uint_eq(from_ms[j], s->expected_ms[i][j]);
            ck_assert_uint_eq(to_ms[j], s->expected_ms[j][i]);
        }
    }
}

static void check_pinned(setting *s) {
    pct_error error;
    uint32_t times_ms[POINTS];
    for (int as = PCT_PINNED_TARGETS; as <= PCT_PINNED_SOURCES; as++) {
        pct_pinned *pinned;
        test_ok(pct_pinned_new(s->road, (pct_pinned_as)as, s->points, POINTS, &pinned, &error), &error);
        for (int i = 0; i < POINTS; i++) {
            if (i == 3) test_ok(pct_pinned_renew(pinned, s->road, &error), &error);
            pct_router_times_pinned(s->router, s->points[i], pinned, times_ms);
            for (int j = 0; j < POINTS; j++)
                ck_assert_uint_eq(times_ms[j],
                                  as == PCT_PINNED_TARGETS ? s->expected_ms[i][j] : s->expected_ms[j][i]);
        }
        pct_pinned_free(pinned);
    }
}

static void check_tables(setting *s) {
    pct_error error;
    uint32_t times_ms[POINTS * POINTS];
    for (int round = 0; round < 4; round++) {
        size_t rows = pct_rng_below(&s->rng, POINTS + 1), columns = pct_rng_below(&s->rng, POINTS + 1);
        size_t skip = POINTS - columns;
        test_ok(pct_router_table(s->router, s->points, rows, s->points + skip, columns, times_ms, &error),
                &error);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++)
                ck_assert_uint_eq(times_ms[r * columns + c], s->expected_ms[r][skip + c]);
    }
}

/* Listed is what is within the limit, once, with its time. */
static void check_reached(setting *s) {
    pct_error error;
    const pct_reached *list;
    size_t count;
    uint32_t n = s->road->network.node_count, limit_ms = pct_rng_below(&s->rng, 40000);
    uint32_t expected_ms[NODES_MAX], all_ms[NODES_MAX];
    if (pct_rng_below(&s->rng, 10) == 0) limit_ms = PCT_UNREACHABLE_MS;
    pct_router_all_times_from(s->router, s->points[0], all_ms);
    ck_assert_mem_eq(all_ms, s->all_ms, n * sizeof *all_ms);
    for (int toward = 0; toward <= 1; toward++) {
        if (toward) {
            pct_router_all_times_to(s->router, s->points[0], expected_ms);
            test_ok(pct_router_reached_to(s->router, s->points[0], limit_ms, &list, &count, &error), &error);
        } else {
            memcpy(expected_ms, s->all_ms, sizeof expected_ms);
            test_ok(pct_router_reached_from(s->router, s->points[0], limit_ms, &list, &count, &error),
                    &error);
        }
        for (size_t i = 0; i < count; i++) {
            ck_assert_uint_le(list[i].time_ms, limit_ms);
            ck_assert_uint_eq(list[i].time_ms, expected_ms[list[i].vertex]);
            expected_ms[list[i].vertex] = PCT_UNREACHABLE_MS;
        }
        for (uint32_t v = 0; v < n; v++)
            ck_assert(expected_ms[v] == PCT_UNREACHABLE_MS || expected_ms[v] > limit_ms);
    }
}

TEST(times_equal_dijkstra_on_every_way) {
    check_all_ways(check_times, NETWORKS);
}

TEST(routes_take_the_time_of_dijkstra_on_every_way) {
    check_all_ways(check_routes, NETWORKS);
}

TEST(one_to_many_equals_dijkstra_on_every_way) {
    check_all_ways(check_one_to_many, NETWORKS);
}

TEST(pinned_points_equal_dijkstra_on_every_way) {
    check_all_ways(check_pinned, NETWORKS);
}

TEST(tables_equal_dijkstra_on_every_way) {
    check_all_ways(check_tables, NETWORKS);
}

TEST(reached_is_what_dijkstra_reaches_within_the_limit_on_every_way) {
    check_all_ways(check_reached, NETWORKS);
}

TEST(no_way_over_a_third_point_is_shorter) {
    for (uint64_t seed = 0; seed < NETWORKS / 4; seed++) {
        setting s;
        uint32_t ms[POINTS][POINTS];
        open_setting(&s, seed);
        test_ok(pct_router_table(s.router, s.points, POINTS, s.points, POINTS, &ms[0][0], NULL), NULL);
        for (int i = 0; i < POINTS; i++)
            for (int j = 0; j < POINTS; j++)
                for (int k = 0; k < POINTS; k++)
                    if (ms[i][k] != PCT_UNREACHABLE_MS && ms[k][j] != PCT_UNREACHABLE_MS)
                        ck_assert_uint_le(ms[i][j], ms[i][k] + ms[k][j]);
        close_setting(&s);
    }
}

/* The same roads, each driven the other way round. */
static pct_road *reversed(const pct_road *road) {
    pct_error error;
    pct_network_builder *builder;
    pct_network network;
    pct_speeds speeds = pct_speeds_uniform(36.0);
    uint32_t number;
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (uint32_t v = 0; v < road->network.node_count; v++)
        test_ok(pct_network_add_node(builder, v, road->network.node_position[v], &number, &error), &error);
    for (uint32_t i = 0; i < road->network.segment_count; i++) {
        pct_segment s = road->network.segments[i];
        int forward = s.flags & (PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD);
        int backward = s.flags & (PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_BACKWARD);
        s.flags = (uint8_t)(forward << 1 | backward >> 1);
        s.name = s.name_en = 0;
        test_ok(pct_network_add_segment(builder, &s, NULL, 0, &number, &error), &error);
    }
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    return test_road_of(&network, &speeds);
}

TEST(times_to_equal_times_from_on_the_reversed_network) {
    pct_error error;
    for (uint64_t seed = 0; seed < NETWORKS / 4; seed++) {
        setting s;
        pct_router *back;
        uint32_t to_ms[POINTS], from_ms[POINTS];
        open_setting(&s, seed);
        pct_road *road = reversed(s.road);
        test_ok(pct_router_new(road, &back, &error), &error);
        /* At nodes: pieces of a segment are rounded from its beginning, which is its other end here. */
        for (int i = 0; i < POINTS; i++) s.points[i].offset_mm = 0;
        for (int i = 0; i < POINTS; i++) {
            pct_router_times_to(s.router, s.points[i], s.points, POINTS, to_ms);
            pct_router_times_from(back, s.points[i], s.points, POINTS, from_ms);
            ck_assert_mem_eq(to_ms, from_ms, sizeof to_ms);
        }
        pct_router_free(back);
        pct_road_free(road);
        close_setting(&s);
    }
}

/* All kinds of question, once. */
static void ask_everything(setting *s, const pct_pinned *pinned) {
    uint32_t times_ms[POINTS * POINTS], all_ms[NODES_MAX];
    pct_route route;
    const pct_reached *list;
    pct_near found[3];
    size_t count;
    for (int i = 0; i < POINTS; i++) {
        pct_road_point here = s->points[i];
        (void)pct_router_time_ms(s->router, here, s->points[0]);
        (void)!pct_router_route(s->router, here, s->points[0], &route, NULL);
        pct_router_times_to(s->router, here, s->points, POINTS, times_ms);
        pct_router_times_from(s->router, here, s->points, POINTS, times_ms);
        pct_router_times_pinned(s->router, here, pinned, times_ms);
        pct_router_all_times_from(s->router, here, all_ms);
        test_ok(pct_router_reached_to(s->router, here, 20000, &list, &count, NULL), NULL);
        test_ok(pct_router_nearest_to(s->router, here, s->points, POINTS, PCT_UNREACHABLE_MS, 3, found,
                                      &count, NULL),
                NULL);
        test_ok(pct_router_table(s->router, s->points, POINTS, s->points, POINTS, times_ms, NULL), NULL);
    }
}

TEST(no_question_allocates_once_the_router_is_warm) {
    pct_error error;
    for (uint64_t seed = 0; seed < 20; seed++) {
        setting s;
        pct_pinned *pinned;
        open_setting(&s, seed);
        test_ok(pct_pinned_new(s.road, PCT_PINNED_TARGETS, s.points, POINTS, &pinned, &error), &error);
        for (int way = 0; way < WAYS; way++)
            if (take_way(&s, way)) ask_everything(&s, pinned);
        size_t before = test_allocation_count();
        for (int way = 0; way < WAYS; way++)
            if (take_way(&s, way)) ask_everything(&s, pinned);
        ck_assert_uint_eq(test_allocation_count(), before);
        pct_pinned_free(pinned);
        close_setting(&s);
    }
}

static pct_status ask_all_kinds(void *context) {
    const setting *s = context;
    uint32_t times_ms[POINTS * POINTS];
    pct_router *router = NULL;
    pct_pinned *pinned = NULL;
    const pct_reached *list;
    pct_near found[3];
    size_t count;
    pct_status status = pct_router_new(s->road, &router, NULL);
    if (!status) status = pct_pinned_new(s->road, PCT_PINNED_SOURCES, s->points, POINTS, &pinned, NULL);
    if (!status) status = pct_router_table(router, s->points, 3, s->points, 5, times_ms, NULL);
    if (!status) status = pct_router_table(router, s->points, POINTS, s->points, POINTS, times_ms, NULL);
    if (!status) status = pct_router_reached_from(router, s->points[0], 1000, &list, &count, NULL);
    if (!status)
        status =
            pct_router_nearest_from(router, s->points[0], s->points, POINTS, 9000, 3, found, &count, NULL);
    pct_pinned_free(pinned);
    pct_router_free(router);
    return status;
}

TEST(questions_survive_each_failing_allocation) {
    setting s;
    open_setting(&s, 3);
    ck_assert_uint_ge(test_torture(ask_all_kinds, &s), 20);
    close_setting(&s);
}

static pct_status ask_for_a_table(void *context) {
    setting *s = context;
    uint32_t times_ms[POINTS][POINTS];
    pct_status status =
        pct_router_table(s->router, s->points, POINTS, s->points, POINTS, &times_ms[0][0], NULL);
    if (!status) ck_assert_mem_eq(times_ms, s->expected_ms, sizeof times_ms);
    return status;
}

TEST(a_table_is_right_after_one_that_failed) {
    for (uint64_t seed = 0; seed < 5; seed++) {
        setting s;
        open_setting(&s, seed);
        ck_assert_uint_ge(test_torture(ask_for_a_table, &s), 3);
        ck_assert_int_eq(ask_for_a_table(&s), PCT_OK);
        close_setting(&s);
    }
}

TEST_MAIN("router_kinds", TEST_CASE(times_equal_dijkstra_on_every_way),
          TEST_CASE(routes_take_the_time_of_dijkstra_on_every_way),
          TEST_CASE(one_to_many_equals_dijkstra_on_every_way),
          TEST_CASE(pinned_points_equal_dijkstra_on_every_way), TEST_CASE(tables_equal_dijkstra_on_every_way),
          TEST_CASE(reached_is_what_dijkstra_reaches_within_the_limit_on_every_way),
          TEST_CASE(no_way_over_a_third_point_is_shorter),
          TEST_CASE(times_to_equal_times_from_on_the_reversed_network),
          TEST_CASE(no_question_allocates_once_the_router_is_warm),
          TEST_CASE(questions_survive_each_failing_allocation),
          TEST_CASE(a_table_is_right_after_one_that_failed))
