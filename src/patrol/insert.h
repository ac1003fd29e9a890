/* The operator that puts an absent demand back. */
#ifndef PCT_PATROL_INSERT_H
#define PCT_PATROL_INSERT_H

#include "base/rng.h"
#include "patrol/rounds.h"

/* Passes over a place now and then, so that the same ruin is not always mended the same way. */
typedef struct pct_blink {
    pct_rng *rng;
    double log_open; /* log(1 - rate) */
    uint32_t left;   /* places until the next that is passed over */
} pct_blink;

pct_blink pct_blink_init(pct_rng *rng, double rate); /* rate in (0, 1) */

/* The place with the least more travel among all modes, units and stops that allow it; false when none does (or all were passed over).
 * blink may be NULL: every place is looked at. */
bool pct_insert_best(pct_rounds *rounds, int32_t demand, pct_blink *blink, pct_insertion *out);

#endif
