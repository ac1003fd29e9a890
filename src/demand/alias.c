/* Vose, "A linear algorithm for generating random numbers with a given distribution", 1991.
 *
 * Each of n slots holds probability 1/n, filled by its own item and at most one other. Slots that are too small
 * are topped up from one that is too large, which shrinks and may become small itself. */
#include "demand/alias.h"

#include <math.h>

#include "base/memory.h"

static double sum_of(const double *weights, uint32_t count) {
    double sum = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        if (!(weights[i] >= 0.0)) return NAN;
        sum += weights[i];
    }
    return sum;
}

/* `work` lists the small slots from its front and the large ones from its back. */
static void fill(pct_alias *alias, const double *weights, double sum, uint32_t *work) {
    uint32_t n = alias->count, small = 0, large = n;
    for (uint32_t i = 0; i < n; i++) {
        alias->keep[i] = weights[i] / sum * n;
        alias->other[i] = i;
        if (alias->keep[i] < 1.0)
            work[small++] = i;
        else
            work[--large] = i;
    }
    while (small > 0 && large < n) {
        uint32_t s = work[--small], l = work[large];
        alias->other[s] = l;
        alias->keep[l] -= 1.0 - alias->keep[s];
        if (alias->keep[l] < 1.0) {
            large++;
            work[small++] = l;
        }
    }
    /* What is left differs from 1 by rounding only. */
    while (small > 0) alias->keep[work[--small]] = 1.0;
    while (large < n) alias->keep[work[large++]] = 1.0;
}

pct_status pct_alias_init(pct_alias *alias, const double *weights, uint32_t count, pct_error *error) {
    *alias = (pct_alias){.count = count};
    double sum = sum_of(weights, count);
    if (!(sum > 0.0 && isfinite(sum)))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_DEMAND_WEIGHTS, pct_int(count));
    alias->keep = pct_alloc(count, sizeof *alias->keep);
    alias->other = pct_alloc(count, sizeof *alias->other);
    uint32_t *work = pct_alloc(count, sizeof *work);
    pct_status status = PCT_OK;
    if (alias->keep && alias->other && work)
        fill(alias, weights, sum, work);
    else
        status = pct_error_memory(error, count * (sizeof *alias->keep + 2 * sizeof *work));
    pct_free(work);
    if (status) pct_alias_dispose(alias);
    return status;
}

void pct_alias_dispose(pct_alias *alias) {
    pct_free(alias->keep);
    pct_free(alias->other);
    *alias = (pct_alias){0};
}

uint32_t pct_alias_draw(const pct_alias *alias, pct_rng *rng) {
    uint32_t slot = pct_rng_below(rng, alias->count);
    return pct_rng_unit(rng) < alias->keep[slot] ? slot : alias->other[slot];
}
