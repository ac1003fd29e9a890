/* Random streams: xoshiro256++ (Blackman and Vigna 2019), seeded by splitmix64 from (seed, stream).
 *
 * A stream is a value that its user owns: the same seed and stream number give the same draws on every
 * machine. Streams of different numbers are independent for our purposes, so that adding a draw to one model
 * leaves the others as they were (common random numbers). All draws are O(1) expected. */
#ifndef PCT_BASE_RNG_H
#define PCT_BASE_RNG_H

#include <stdint.h>

typedef struct pct_rng {
    uint64_t state[4];
} pct_rng;

pct_rng pct_rng_init(uint64_t seed, uint64_t stream);
uint64_t pct_rng_next(pct_rng *rng);
uint32_t pct_rng_below(pct_rng *rng, uint32_t bound);  /* uniform in [0, bound), unbiased; bound > 0 */
double pct_rng_unit(pct_rng *rng);                     /* uniform in [0, 1), 53 bits */
double pct_rng_exponential(pct_rng *rng, double mean); /* mean > 0 */
double pct_rng_normal(pct_rng *rng);                   /* standard normal */
double pct_rng_lognormal(pct_rng *rng, double mean,
                         double cv);                 /* by its own mean and coefficient of variation */
uint32_t pct_rng_poisson(pct_rng *rng, double mean); /* 0 <= mean < 2^31 */

#endif
