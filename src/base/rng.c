#include "base/rng.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

pct_rng pct_rng_init(uint64_t seed, uint64_t stream) {
    pct_rng rng;
    uint64_t x = seed;
    uint64_t y = splitmix(&x) ^ (stream * 0xD1342543DE82EF95ULL + 1);
    for (int i = 0; i < 4; i++) rng.state[i] = splitmix(&y);
    return rng;
}

static uint64_t rotate_left(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t pct_rng_next(pct_rng *rng) {
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* Lemire, "Fast random integer generation in an interval", 2019. */
uint32_t pct_rng_below(pct_rng *rng, uint32_t bound) {
    uint64_t product = (pct_rng_next(rng) >> 32) * bound;
    if ((uint32_t)product < bound) {
        uint32_t threshold = (0U - bound) % bound;
        while ((uint32_t)product < threshold) product = (pct_rng_next(rng) >> 32) * bound;
    }
    return (uint32_t)(product >> 32);
}

double pct_rng_unit(pct_rng *rng) {
    return (double)(pct_rng_next(rng) >> 11) * 0x1.0p-53;
}

double pct_rng_exponential(pct_rng *rng, double mean) {
    return -mean * log1p(-pct_rng_unit(rng));
}

/* Marsaglia's polar method; the second value of each pair is dropped so that a stream has no hidden state. */
double pct_rng_normal(pct_rng *rng) {
    double u, v, s;
    do {
        u = 2.0 * pct_rng_unit(rng) - 1.0;
        v = 2.0 * pct_rng_unit(rng) - 1.0;
        s = u * u + v * v;
    } while (s >= 1.0 || s == 0.0);
    return u * sqrt(-2.0 * log(s) / s);
}

double pct_rng_lognormal(pct_rng *rng, double mean, double cv) {
    double variance = log1p(cv * cv);
    return exp(log(mean) - variance / 2.0 + sqrt(variance) * pct_rng_normal(rng));
}

/* Counts arrivals of a unit-rate process; sums of large means are split, so that exp() never underflows. */
uint32_t pct_rng_poisson(pct_rng *rng, double mean) {
    enum { STEP = 500 };
    uint32_t count = 0;
    while (mean > 0.0) {
        double part = mean < STEP ? mean : STEP;
        double product = pct_rng_unit(rng), limit = exp(-part);
        while (product > limit) {
            count++;
            product *= pct_rng_unit(rng);
        }
        mean -= part;
    }
    return count;
}
