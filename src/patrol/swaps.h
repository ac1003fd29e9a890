/* The operator that exchanges short runs of demands between two rounds. */
#ifndef PCT_PATROL_SWAPS_H
#define PCT_PATROL_SWAPS_H

#include "patrol/ruin.h"

enum { PCT_SWAPS_RUN_MAX = 3 };

/* The run behind stop a, out demands long, and the run behind stop b of another round, in of them, change places; each keeps its order and its
 * modes. in >= 1, and no round becomes empty or ends in between. */
typedef struct pct_swap {
    int32_t a, b, out, in;
} pct_swap;

/* Drawn by chance, so that one demand comes behind another that is near it. True when travel becomes less than `limit` more, every rule
 * allows it, and it was done. */
bool pct_swaps_exchange(pct_rounds *rounds, const pct_ruin *ruin, pct_rng *rng, double limit);
bool pct_swaps_exchange_at(pct_rounds *rounds, const pct_swap *swap, double limit);

#endif
