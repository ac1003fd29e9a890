/* Figures of simulation runs: exact means and quantiles, and intervals over replications.
 *
 *     pct_samples samples = pct_samples_init(1 << 20);       // at most 2^20 values
 *     status = pct_samples_add(&samples, value_ms, error);
 *     pct_summary s = pct_samples_summary(&samples);         // sorts what is there
 *     pct_samples_dispose(&samples);
 *
 * Every value is kept, so quantiles are exact: the p-quantile of n values is the least value that at least
 * p × n of them do not exceed (nearest rank). Adding is amortised O(1), a summary O(n log n) after new values and
 * O(1) otherwise. */
#ifndef PCT_SIM_STATISTICS_H
#define PCT_SIM_STATISTICS_H

#include <stdbool.h>

#include "base/vector.h"

typedef struct pct_samples {
    pct_vector values; /* int64_t, milliseconds or counts */
    bool sorted;
} pct_samples;

/* Of no values: count 0 and all figures 0. */
typedef struct pct_summary {
    size_t count;
    double mean;
    int64_t p50, p90, max;
} pct_summary;

pct_samples pct_samples_init(size_t max_values);
void pct_samples_dispose(pct_samples *samples);
void pct_samples_clear(pct_samples *samples); /* keeps the memory */
/* Makes room for `count` values at once. */
pct_status pct_samples_reserve(pct_samples *samples, size_t count, pct_error *error) PCT_MUST_USE;
pct_status pct_samples_add(pct_samples *samples, int64_t value, pct_error *error) PCT_MUST_USE;
/* share in (0, 1]; 0 of no values. */
int64_t pct_samples_quantile(pct_samples *samples, double share);
pct_summary pct_samples_summary(pct_samples *samples);

/* Mean of independent replications and half the width of its interval of the given confidence (0.95 or 0.99) by
 * Student's t. Of one value the half width is NaN: nothing is known of the spread. */
typedef struct pct_interval {
    double mean, half_width;
} pct_interval;
pct_interval pct_interval_of(const double *values, size_t count, double confidence);

#endif
