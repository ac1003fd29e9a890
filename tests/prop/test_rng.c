/* Random streams: exact values, so that no machine draws others, and the laws of the distributions. The seeds
 * are fixed, so a test passes always or never; limits are those of a chi-square or normal value exceeded once
 * in 10 000. */
#include "base/rng.h"

#include <math.h>

#include "support/test.h"

enum { DRAWS = 200000 };

TEST(rng_is_xoshiro256_plus_plus) {
    /* The first outputs from state (1, 2, 3, 4), as the authors' program prints them. */
    static const uint64_t expected[] = {41943041,
                                        58720359,
                                        3588806011781223,
                                        3591011842654386,
                                        UINT64_C(9228616714210784205),
                                        UINT64_C(9973669472204895162)};
    pct_rng rng = {{1, 2, 3, 4}};
    for (int i = 0; i < 6; i++) ck_assert_uint_eq(pct_rng_next(&rng), expected[i]);
}

TEST(rng_seeds_give_the_same_streams_for_ever) {
    static const struct {
        uint64_t seed, stream, values[3];
    } golden[] = {
        {1, 0, {0x8d6176e2f1f41696, 0x4488d4fc02c8f1e9, 0x0f2c0ec18a408301}},
        {1, 1, {0x6316c7dfeab2a99f, 0xe6af7ffe746bec79, 0x7a2af71ca5f1e018}},
        {UINT64_MAX, 7, {0x9c6a084263689c63, 0xa90765710b3b661b, 0xa8c53acbb30a018a}},
    };
    for (size_t g = 0; g < 3; g++) {
        pct_rng rng = pct_rng_init(golden[g].seed, golden[g].stream);
        for (int i = 0; i < 3; i++) ck_assert_uint_eq(pct_rng_next(&rng), golden[g].values[i]);
    }
}

/* Chi-square of `bins` counts with equal expectation, as a standard normal value (Wilson and Hilferty). */
static double chi_square_z(const uint32_t *counts, uint32_t bins, double total) {
    double expected = total / bins, sum = 0.0, freedom = bins - 1;
    for (uint32_t i = 0; i < bins; i++) sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    double spread = 2.0 / (9.0 * freedom);
    return (cbrt(sum / freedom) - (1.0 - spread)) / sqrt(spread);
}

TEST(rng_below_is_uniform) {
    static const uint32_t bounds[] = {2, 3, 7, 10, 100, 1000};
    for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
        uint32_t counts[1000] = {0};
        pct_rng rng = pct_rng_init(71, b);
        for (int i = 0; i < DRAWS; i++) {
            uint32_t value = pct_rng_below(&rng, bounds[b]);
            if (value >= bounds[b]) ck_abort_msg("%u is not below %u", value, bounds[b]);
            counts[value]++;
        }
        ck_assert_double_lt(fabs(chi_square_z(counts, bounds[b], DRAWS)), 3.9);
    }
    pct_rng rng = pct_rng_init(71, 99);
    for (int i = 0; i < 100; i++) ck_assert_uint_eq(pct_rng_below(&rng, 1), 0);
}

/* With this bound a multiplication without rejection gives a third of the values twice as often. */
TEST(rng_below_is_unbiased_for_large_bounds) {
    uint32_t counts[3] = {0}, bound = 3U << 30;
    pct_rng rng = pct_rng_init(72, 0);
    for (int i = 0; i < DRAWS; i++) counts[pct_rng_below(&rng, bound) % 3]++;
    ck_assert_double_lt(fabs(chi_square_z(counts, 3, DRAWS)), 3.9);
}

TEST(rng_unit_is_uniform_and_below_one) {
    uint32_t counts[256] = {0};
    pct_rng rng = pct_rng_init(73, 0);
    for (int i = 0; i < DRAWS; i++) {
        double u = pct_rng_unit(&rng);
        if (!(u >= 0.0 && u < 1.0)) ck_abort_msg("%g is not in [0, 1)", u);
        counts[(int)(u * 256)]++;
    }
    ck_assert_double_lt(fabs(chi_square_z(counts, 256, DRAWS)), 3.9);
}

typedef double (*draw)(pct_rng *rng);

static void moments(draw one, uint64_t stream, int draws, double mean, double deviation, double fourth) {
    pct_rng rng = pct_rng_init(74, stream);
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < draws; i++) {
        double x = one(&rng);
        sum += x;
        squares += (x - mean) * (x - mean);
    }
    double mean_z = (sum / draws - mean) / (deviation / sqrt(draws));
    double variance = deviation * deviation;
    double variance_z = (squares / draws - variance) / (variance * sqrt((fourth - 1.0) / draws));
    ck_assert_msg(fabs(mean_z) < 3.9, "the mean is off by %g standard errors", mean_z);
    ck_assert_msg(fabs(variance_z) < 3.9, "the variance is off by %g standard errors", variance_z);
}

static double exponential_of_300(pct_rng *rng) {
    return pct_rng_exponential(rng, 300.0);
}

static double lognormal_of_60(pct_rng *rng) {
    return pct_rng_lognormal(rng, 60.0, 0.5);
}

static double poisson_of_3(pct_rng *rng) {
    return pct_rng_poisson(rng, 3.0);
}

static double poisson_of_1700(pct_rng *rng) {
    return pct_rng_poisson(rng, 1700.0);
}

/* The last argument is the fourth standardised moment: 3 for the normal, 9 for the exponential. */
TEST(rng_distributions_have_their_moments) {
    double w = 1.25; /* 1 + cv² of the lognormal */
    moments(pct_rng_normal, 0, DRAWS, 0.0, 1.0, 3.0);
    moments(exponential_of_300, 1, DRAWS, 300.0, 300.0, 9.0);
    moments(lognormal_of_60, 2, DRAWS, 60.0, 30.0, w * w * w * w + 2 * w * w * w + 3 * w * w - 3);
    moments(poisson_of_3, 3, DRAWS, 3.0, sqrt(3.0), 3.0 + 1.0 / 3.0);
    moments(poisson_of_1700, 4, DRAWS / 10, 1700.0, sqrt(1700.0), 3.0 + 1.0 / 1700.0);
}

TEST(rng_poisson_of_nothing_is_nothing) {
    pct_rng rng = pct_rng_init(75, 0);
    for (int i = 0; i < 100; i++) ck_assert_uint_eq(pct_rng_poisson(&rng, 0.0), 0);
}

TEST(rng_streams_do_not_depend_on_each_other) {
    /* Pairs of neighbouring streams fill a 16 × 16 table evenly and do not correlate. */
    for (uint64_t stream = 0; stream < 20; stream++) {
        uint32_t counts[256] = {0};
        double product = 0.0;
        pct_rng a = pct_rng_init(76, stream), b = pct_rng_init(76, stream + 1);
        for (int i = 0; i < 50000; i++) {
            double u = pct_rng_unit(&a), v = pct_rng_unit(&b);
            counts[(int)(u * 16) * 16 + (int)(v * 16)]++;
            product += (u - 0.5) * (v - 0.5);
        }
        ck_assert_double_lt(fabs(chi_square_z(counts, 256, 50000)), 4.2);
        ck_assert_double_lt(fabs(product / 50000 * 12 * sqrt(50000)), 4.2);
    }
}

TEST_MAIN("rng", TEST_CASE(rng_is_xoshiro256_plus_plus), TEST_CASE(rng_seeds_give_the_same_streams_for_ever),
          TEST_CASE(rng_below_is_uniform), TEST_CASE(rng_below_is_unbiased_for_large_bounds),
          TEST_CASE(rng_unit_is_uniform_and_below_one), TEST_CASE(rng_distributions_have_their_moments),
          TEST_CASE(rng_poisson_of_nothing_is_nothing), TEST_CASE(rng_streams_do_not_depend_on_each_other))
