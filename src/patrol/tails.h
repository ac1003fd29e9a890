/* The operator that exchanges the tails of two rounds: what comes behind a stop of one for what comes behind a stop of the other. */
#ifndef PCT_PATROL_TAILS_H
#define PCT_PATROL_TAILS_H

#include "patrol/ruin.h"

/* Of a demand drawn by chance and one near it in another round, so that the one comes behind the other. True when travel becomes less than `limit`
 * more, every rule allows it, and it was done. */
bool pct_tails_exchange(pct_rounds *rounds, const pct_ruin *ruin, pct_rng *rng, double limit);
/* The same with the tails behind stops a and b of two rounds, of which neither is or becomes empty. */
bool pct_tails_exchange_at(pct_rounds *rounds, int32_t a, int32_t b, double limit);

#endif
