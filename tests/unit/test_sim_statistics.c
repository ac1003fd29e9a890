#include "sim/statistics.h"

#include <math.h>

#include "base/rng.h"
#include "support/test.h"

static void add(pct_samples *samples, int64_t value) {
    pct_error error;
    test_ok(pct_samples_add(samples, value, &error), &error);
}

TEST(quantile_is_the_least_value_that_covers_the_share) {
    pct_rng rng = pct_rng_init(5, 0);
    pct_samples samples = pct_samples_init(1000);
    const double shares[] = {0.001, 0.1, 0.25, 0.5, 0.9, 0.95, 1.0};
    for (size_t count = 1; count <= 200; count++) {
        pct_samples_clear(&samples);
        for (size_t i = 0; i < count; i++) add(&samples, pct_rng_below(&rng, 40));
        for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
            int64_t value = pct_samples_quantile(&samples, shares[s]);
            const int64_t *all = samples.values.items;
            size_t below = 0, not_above = 0;
            for (size_t i = 0; i < count; i++) below += all[i] < value, not_above += all[i] <= value;
            ck_assert_double_ge((double)not_above, shares[s] * (double)count - 1e-6);
            ck_assert_double_lt((double)below, shares[s] * (double)count - 1e-12);
        }
    }
    pct_samples_dispose(&samples);
}

TEST(summary_gives_mean_median_ninetieth_percentile_and_maximum) {
    pct_samples samples = pct_samples_init(100);
    pct_summary none = pct_samples_summary(&samples);
    ck_assert_uint_eq(none.count, 0);
    ck_assert_double_eq(none.mean, 0.0);
    for (int64_t value = 10; value >= 1; value--) add(&samples, value * 100);
    pct_summary s = pct_samples_summary(&samples);
    ck_assert_uint_eq(s.count, 10);
    ck_assert_double_eq(s.mean, 550.0);
    ck_assert_int_eq(s.p50, 500);
    ck_assert_int_eq(s.p90, 900);
    ck_assert_int_eq(s.max, 1000);
    add(&samples, 2000); /* a summary takes in what came after the last one */
    ck_assert_int_eq(pct_samples_summary(&samples).max, 2000);
    pct_samples_dispose(&samples);
}

TEST(samples_beyond_their_maximum_are_refused) {
    pct_samples samples = pct_samples_init(2);
    pct_error error;
    add(&samples, 1);
    add(&samples, 2);
    ck_assert_int_eq(pct_samples_add(&samples, 3, &error), PCT_LIMIT);
    test_error_says(&error, "samples");
    ck_assert_int_eq(pct_samples_reserve(&samples, 3, &error), PCT_LIMIT);
    pct_samples_dispose(&samples);
}

/* Half widths of (0, …, 0, count) have a closed form; t from printed tables of Student's distribution. */
TEST(interval_uses_students_t) {
    const struct {
        size_t count;
        double confidence, t;
    } table[] = {{2, 0.95, 12.7062}, {3, 0.95, 4.3027},  {5, 0.95, 2.7764},  {10, 0.95, 2.2622},
                 {30, 0.95, 2.0452}, {30, 0.99, 2.7564}, {100, 0.95, 1.9842}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double values[100] = {0};
        size_t n = table[i].count;
        values[n - 1] = (double)n;
        pct_interval interval = pct_interval_of(values, n, table[i].confidence);
        ck_assert_double_eq_tol(interval.mean, 1.0, 1e-12);
        double deviation = sqrt((double)n); /* of these values */
        ck_assert_double_eq_tol(interval.half_width, table[i].t * deviation / sqrt((double)n), 1e-4);
    }
}

TEST(interval_of_one_value_has_no_width) {
    double value = 7.0;
    pct_interval interval = pct_interval_of(&value, 1, 0.95);
    ck_assert_double_eq(interval.mean, 7.0);
    ck_assert(isnan(interval.half_width));
}

TEST_MAIN("sim statistics", TEST_CASE(quantile_is_the_least_value_that_covers_the_share),
          TEST_CASE(summary_gives_mean_median_ninetieth_percentile_and_maximum),
          TEST_CASE(samples_beyond_their_maximum_are_refused), TEST_CASE(interval_uses_students_t),
          TEST_CASE(interval_of_one_value_has_no_width))
