/* The scaled clock against exact arithmetic, and its laws under random settings. The seeds are fixed. */
#include "replay/scaled_clock.h"

#include "base/rng.h"
#include "support/test.h"

enum { RUNS = 2000, SETTINGS = 50, SECOND_US = 1000000 };

TEST(clock_shows_whole_milliseconds_of_the_exact_product) {
    pct_scaled_clock clock = pct_scaled_clock_at(5 * SECOND_US, 1000, 60000);
    ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, 5 * SECOND_US), 1000);
    ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, 6 * SECOND_US), 61000);
    ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, 5 * SECOND_US + 16), 1000);
    ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, 5 * SECOND_US + 17), 1001);
    ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, 0), 1000); /* before it was set */
}

TEST(clock_stands_at_speed_0_and_is_cut_beyond_the_fastest) {
    pct_scaled_clock clock = pct_scaled_clock_at(0, 1000, 0);
    ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, INT64_C(86400) * SECOND_US), 1000);
    ck_assert_int_eq(pct_scaled_clock_wall_us(&clock, 0, 1001), INT64_MAX);
    ck_assert_int_eq(pct_scaled_clock_wall_us(&clock, 0, 1000), 0);
    pct_scaled_clock_set(&clock, 0, INT64_MAX);
    ck_assert_int_eq(clock.speed_milli, PCT_SPEED_MAX_MILLI);
    pct_scaled_clock_set(&clock, 0, -1);
    ck_assert_int_eq(clock.speed_milli, 0);
}

TEST(clock_runs_for_centuries_and_sleeps_without_end_beyond) {
    pct_scaled_clock clock = pct_scaled_clock_at(0, 0, PCT_SPEED_MAX_MILLI);
    const int64_t century_us = INT64_C(36525) * 86400 * SECOND_US;
    ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, century_us), century_us);
    ck_assert_int_eq(pct_scaled_clock_wall_us(&clock, 0, INT64_MAX), INT64_MAX);
}

TEST(clock_never_goes_back_and_wakes_nobody_early_or_late) {
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        pct_rng rng = pct_rng_init(seed, 1);
        int64_t wall_us = pct_rng_below(&rng, 1000), shown_ms = INT64_C(1500000000000);
        pct_scaled_clock clock = pct_scaled_clock_at(wall_us, shown_ms, pct_rng_below(&rng, 1000001));
        for (int i = 0; i < SETTINGS; i++) {
            wall_us += pct_rng_below(&rng, 3 * SECOND_US);
            int64_t now_ms = pct_scaled_clock_now_ms(&clock, wall_us);
            ck_assert_int_ge(now_ms, shown_ms);
            shown_ms = now_ms;
            int64_t until_ms = now_ms + 1 + pct_rng_below(&rng, 1000000);
            int64_t sleep_us = pct_scaled_clock_wall_us(&clock, wall_us, until_ms);
            if (clock.speed_milli > 0) {
                ck_assert_int_ge(pct_scaled_clock_now_ms(&clock, wall_us + sleep_us), until_ms);
                ck_assert_int_lt(pct_scaled_clock_now_ms(&clock, wall_us + sleep_us - 1), until_ms);
            } else {
                ck_assert_int_eq(sleep_us, INT64_MAX);
            }
            if (pct_rng_below(&rng, 3) > 0) continue;
            int64_t speed_milli = pct_rng_below(&rng, 4) == 0 ? 0 : pct_rng_below(&rng, 1000001);
            pct_scaled_clock_set(&clock, wall_us, speed_milli);
            ck_assert_int_eq(pct_scaled_clock_now_ms(&clock, wall_us), shown_ms); /* setting moves nothing */
        }
    }
}

TEST_MAIN("scaled clock", TEST_CASE(clock_shows_whole_milliseconds_of_the_exact_product),
          TEST_CASE(clock_stands_at_speed_0_and_is_cut_beyond_the_fastest),
          TEST_CASE(clock_runs_for_centuries_and_sleeps_without_end_beyond),
          TEST_CASE(clock_never_goes_back_and_wakes_nobody_early_or_late))
