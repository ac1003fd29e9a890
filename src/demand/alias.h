/* Draws from a fixed discrete distribution in O(1) (Walker's alias method, built by Vose's algorithm in O(n)).
 *
 * An alias owns its two arrays; dispose accepts a zeroed one. Building is deterministic: the same weights give
 * the same table, so the same stream gives the same draws. */
#ifndef PCT_DEMAND_ALIAS_H
#define PCT_DEMAND_ALIAS_H

#include "base/rng.h"
#include "base/status.h"

typedef struct pct_alias {
    double *keep;    /* [count] chance that a draw of slot i stays i */
    uint32_t *other; /* [count] what it becomes otherwise */
    uint32_t count;
} pct_alias;

/* Weights are finite and not negative, and one at least is positive; otherwise PCT_MISUSE. */
pct_status pct_alias_init(pct_alias *alias, const double *weights, uint32_t count,
                          pct_error *error) PCT_MUST_USE;
void pct_alias_dispose(pct_alias *alias);
uint32_t pct_alias_draw(const pct_alias *alias, pct_rng *rng);

#endif
