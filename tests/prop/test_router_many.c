/* Questions about many points at once, against one question at a time. */
#include "road/dijkstra.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 60, MANY = 40, MOST = 9 };

typedef struct setting {
    pct_rng rng;
    pct_road *road;
    pct_router *router;
    pct_dijkstra *dijkstra;
    pct_road_point points[MANY];
} setting;

static pct_road_point random_point(pct_rng *rng, const pct_road *road) {
    uint32_t segment = pct_rng_below(rng, road->network.segment_count);
    uint32_t length_mm = road->network.segments[segment].length_mm;
    int kind = (int)pct_rng_below(rng, 4);
    return (pct_road_point){segment, kind == 0   ? 0
                                     : kind == 1 ? length_mm
                                                 : pct_rng_below(rng, length_mm + 1)};
}

static void open_setting(setting *s, uint64_t seed) {
    pct_error error;
    s->rng = pct_rng_init(seed, 0);
    s->road = test_road_random(&s->rng, 2 + pct_rng_below(&s->rng, 120));
    test_ok(pct_router_new(s->road, &s->router, &error), &error);
    test_ok(pct_dijkstra_new(s->road, &s->dijkstra, &error), &error);
    for (int i = 0; i < MANY; i++) s->points[i] = random_point(&s->rng, s->road);
}

static void close_setting(setting *s) {
    pct_router_free(s->router);
    pct_dijkstra_free(s->dijkstra);
    pct_road_free(s->road);
}

TEST(table_equals_a_search_for_each_pair) {
    pct_error error;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        uint32_t times_ms[MANY * MANY];
        open_setting(&s, seed);
        size_t rows = 1 + pct_rng_below(&s.rng, MANY), columns = 1 + pct_rng_below(&s.rng, MANY);
        test_ok(
            pct_router_table(s.router, s.points, rows, s.points + MANY - columns, columns, times_ms, &error),
            &error);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < columns; c++)
                ck_assert_uint_eq(
                    times_ms[r * columns + c],
                    pct_dijkstra_time_ms(s.dijkstra, s.points[r], s.points[MANY - columns + c]));
        close_setting(&s);
    }
}

static bool is_before(uint32_t a_ms, uint32_t a, uint32_t b_ms, uint32_t b) {
    return a_ms != b_ms ? a_ms < b_ms : a < b;
}

/* What is found is in order and right; what is not found is unreachable, beyond the limit, or behind the last found. */
static void check_nearest(setting *s, bool toward, pct_road_point one, uint32_t limit_ms, size_t most) {
    pct_error error;
    pct_near found[MOST];
    size_t count;
    bool is_found[MANY] = {false};
    if (toward)
        test_ok(pct_router_nearest_to(s->router, one, s->points, MANY, limit_ms, most, found, &count, &error),
                &error);
    else
        test_ok(
            pct_router_nearest_from(s->router, one, s->points, MANY, limit_ms, most, found, &count, &error),
            &error);
    ck_assert_uint_le(count, most);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_lt(found[i].index, MANY);
        is_found[found[i].index] = true;
        if (i > 0)
            ck_assert(is_before(found[i - 1].time_ms, found[i - 1].index, found[i].time_ms, found[i].index));
    }
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t ms = toward ? pct_dijkstra_time_ms(s->dijkstra, s->points[i], one)
                             : pct_dijkstra_time_ms(s->dijkstra, one, s->points[i]);
        for (size_t f = 0; f < count; f++)
            if (found[f].index == i) ck_assert_uint_eq(found[f].time_ms, ms);
        if (is_found[i] || ms == PCT_UNREACHABLE_MS || ms > limit_ms) continue;
        ck_assert_uint_eq(count, most);
        ck_assert(most == 0 || is_before(found[count - 1].time_ms, found[count - 1].index, ms, i));
    }
}

TEST(nearest_equals_a_sorted_search_for_each_point) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int round = 0; round < 8; round++) {
            pct_road_point one = random_point(&s.rng, s.road);
            uint32_t limit_ms = round % 2 ? pct_rng_below(&s.rng, 60000) : PCT_UNREACHABLE_MS;
            check_nearest(&s, round % 4 < 2, one, limit_ms, pct_rng_below(&s.rng, MOST + 1));
        }
        close_setting(&s);
    }
}

TEST_MAIN("router_many", TEST_CASE(table_equals_a_search_for_each_pair),
          TEST_CASE(nearest_equals_a_sorted_search_for_each_point))
