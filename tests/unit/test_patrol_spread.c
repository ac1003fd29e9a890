/* Unevenness of a point's visits, by hand. */
#include "patrol/spread.h"

#include <math.h>

#include "support/test.h"

static pct_patrol_mode modes[6];
static pct_patrol_demand demands[6];
static pct_patrol_problem problem;

/* Demands 0, 1, 2 are one point, 3 and 4 another, 5 stands alone; hours 0 to 400, the second's 100 to 400. */
static void draw(void) {
    for (int32_t d = 0; d < 6; d++) {
        modes[d] = (pct_patrol_mode){.demand = d, .open_ms = d == 3 || d == 4 ? 100 : 0, .close_ms = 400};
        demands[d] = (pct_patrol_demand){.first_mode = d,
                                         .mode_count = 1,
                                         .series = d < 3   ? 0
                                                   : d < 5 ? 1
                                                           : PCT_PATROL_NONE};
    }
    problem = (pct_patrol_problem){.place_count = 1,
                                   .mode_count = 6,
                                   .demand_count = 6,
                                   .unit_count = 1,
                                   .series_count = 2,
                                   .modes = modes,
                                   .demands = demands};
}

static double spread(int32_t count, int32_t *mode, int64_t *start_ms) {
    int32_t first[] = {0, count};
    pct_patrol_plan plan = {
        .unit_count = 1, .visit_count = count, .first = first, .mode = mode, .start_ms = start_ms};
    double out;
    pct_error error;
    test_ok(pct_spread_of_plan(&problem, &plan, &out, &error), &error);
    return out;
}

TEST(unevenness_is_none_at_even_distances_and_one_at_an_end) {
    draw();
    int32_t mode[] = {2, 5, 0, 1};
    ck_assert(fabs(spread(4, mode, (int64_t[]){300, 7, 100, 200})) < 1e-12);
    ck_assert(fabs(spread(4, mode, (int64_t[]){0, 7, 0, 0}) - 1.0) < 1e-12);
    /* Pieces 200, 0, 0, 200 of 400: 1/2 less 1/4, of 3/4. */
    ck_assert(fabs(spread(4, mode, (int64_t[]){200, 7, 200, 200}) - 1.0 / 3.0) < 1e-12);
}
END_TEST

TEST(unevenness_is_the_mean_over_points_that_are_visited_twice) {
    draw();
    /* The first at 0, 0, 0: 1. The second within 100 to 400 at 200 and 300: 0. */
    int32_t mode[] = {0, 1, 2, 3, 4};
    ck_assert(fabs(spread(5, mode, (int64_t[]){0, 0, 0, 300, 200}) - 0.5) < 1e-12);
    int32_t once[] = {0, 3, 5};
    ck_assert(isnan(spread(3, once, (int64_t[]){10, 110, 5})));
}
END_TEST

static pct_status attempt(void *context) {
    int32_t first[] = {0, 2}, mode[] = {0, 1};
    int64_t start_ms[] = {10, 200};
    pct_patrol_plan plan = {
        .unit_count = 1, .visit_count = 2, .first = first, .mode = mode, .start_ms = start_ms};
    double out;
    (void)context;
    return pct_spread_of_plan(&problem, &plan, &out, NULL);
}

TEST(unevenness_without_memory_fails_whole) {
    draw();
    ck_assert_uint_eq(test_torture(attempt, NULL), 2);
}
END_TEST

TEST_MAIN("patrol_spread", TEST_CASE(unevenness_is_none_at_even_distances_and_one_at_an_end),
          TEST_CASE(unevenness_is_the_mean_over_points_that_are_visited_twice),
          TEST_CASE(unevenness_without_memory_fails_whole))
