/* Even spread in whole numbers, by hand and beside the measure of spread.h. */
#include "patrol/even.h"

#include <math.h>

#include "base/rng.h"
#include "patrol/spread.h"
#include "support/test.h"

enum { VISITS = 12 };

static pct_patrol_mode modes[VISITS];
static pct_patrol_demand demands[VISITS];
static pct_patrol_problem problem;

/* Two points of six demands each, the first from 0 to 400, the second from 100 to 28,800,000. */
static void draw(void) {
    for (int32_t d = 0; d < VISITS; d++) {
        modes[d] = (pct_patrol_mode){
            .demand = d, .open_ms = d < 6 ? 0 : 100, .close_ms = d < 6 ? 400 - d : 28800000 - d % 6};
        demands[d] = (pct_patrol_demand){.first_mode = d, .mode_count = 1, .series = d < 6 ? 0 : 1};
    }
    problem = (pct_patrol_problem){.place_count = 1,
                                   .mode_count = VISITS,
                                   .demand_count = VISITS,
                                   .unit_count = 1,
                                   .series_count = 2,
                                   .modes = modes,
                                   .demands = demands};
}

TEST(unevenness_in_millionths_by_hand) {
    const int64_t hours_ms[] = {1000, 1400}, none_ms[] = {7, 7};
    int64_t even[] = {1300, 1100, 1200}, end[] = {1400, 1400}, middle[] = {1200, 1200, 1200}, one[] = {1000};
    ck_assert_int_eq(pct_even_uneven_ppm(even, 3, hours_ms), 0);
    ck_assert_int_eq(even[0], 1100);
    ck_assert_int_eq(even[2], 1300);
    ck_assert_int_eq(pct_even_uneven_ppm(end, 2, hours_ms), 1000000);
    ck_assert_int_eq(pct_even_uneven_ppm(middle, 3, hours_ms), 333333);
    ck_assert_int_eq(pct_even_uneven_ppm(one, 1, hours_ms), 0);
    ck_assert_int_eq(pct_even_uneven_ppm(end, 2, none_ms), 0);
    int64_t outside[] = {0, 9000}; /* of a round to be mended: as at both ends */
    ck_assert_int_eq(pct_even_uneven_ppm(outside, 2, hours_ms), 1000000);
}
END_TEST

TEST(spread_goes_in_steps_of_a_hundredth_of_the_mean) {
    draw();
    ck_assert_int_eq(pct_even_steps_ppm(&problem, 0), 0);
    ck_assert_int_eq(pct_even_steps_ppm(&problem, 1), 10000);
    ck_assert_int_eq(pct_even_steps_ppm(&problem, 20000), 10000);
    ck_assert_int_eq(pct_even_steps_ppm(&problem, 20001), 20000);
    problem.series_count = 0;
    ck_assert_int_eq(pct_even_steps_ppm(&problem, 0), 0);
}
END_TEST

/* Of random plans that visit both points twice or oftener. */
TEST(spread_of_a_plan_is_what_is_measured_in_steps) {
    pct_rng rng = pct_rng_init(5, 0);
    for (int i = 0; i < 500; i++) {
        int32_t first[2] = {0}, mode[VISITS], count = 0;
        int64_t start_ms[VISITS];
        draw();
        for (int32_t d = 0; d < VISITS; d++) {
            if (d % 6 > 1 && pct_rng_below(&rng, 2)) continue;
            int64_t from_ms = modes[d].open_ms, wide_ms = modes[d].close_ms - from_ms + 1;
            start_ms[count] = from_ms + pct_rng_below(&rng, (uint32_t)wide_ms);
            mode[count++] = d;
        }
        first[1] = count;
        pct_patrol_plan plan = {
            .unit_count = 1, .visit_count = count, .first = first, .mode = mode, .start_ms = start_ms};
        double measured;
        int64_t stated_ppm;
        pct_error error;
        test_ok(pct_spread_of_plan(&problem, &plan, &measured, &error), &error);
        test_ok(pct_even_of_plan(&problem, &plan, &stated_ppm, &error), &error);
        ck_assert_int_eq(stated_ppm % PCT_PATROL_SPREAD_STEP_PPM, 0);
        double over_ppm = (double)stated_ppm - measured * 1e6;
        ck_assert(over_ppm > -300.0 && over_ppm < PCT_PATROL_SPREAD_STEP_PPM + 300.0);
    }
}
END_TEST

static pct_status attempt(void *context) {
    int32_t first[] = {0, 2}, mode[] = {0, 1};
    int64_t start_ms[] = {10, 200}, out_ppm;
    pct_patrol_plan plan = {
        .unit_count = 1, .visit_count = 2, .first = first, .mode = mode, .start_ms = start_ms};
    (void)context;
    return pct_even_of_plan(&problem, &plan, &out_ppm, NULL);
}

TEST(spread_without_memory_fails_whole) {
    draw();
    ck_assert_uint_eq(test_torture(attempt, NULL), 2);
}
END_TEST

TEST_MAIN("patrol_even", TEST_CASE(unevenness_in_millionths_by_hand),
          TEST_CASE(spread_goes_in_steps_of_a_hundredth_of_the_mean),
          TEST_CASE(spread_of_a_plan_is_what_is_measured_in_steps),
          TEST_CASE(spread_without_memory_fails_whole))
