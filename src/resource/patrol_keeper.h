/* The solver's problems of the plans that are being driven, on the road as it is now: made in the background when a plan is adopted, at the
 * start, and again when a closure comes or goes, so that a rest can be planned anew at once (patrol_takeover.c).
 *
 *     const pct_lowered *lowered = pct_patrol_keeper_hold(keeper, plan);   // NULL: there is none (yet)
 *     …                                                                    // unchanged meanwhile; nobody but the keeper waits
 *     pct_patrol_keeper_let_go(keeper);                                    // every time
 *
 * Held while a round of the plan is driven or begins within PCT_LIFE_EARLY_S. Memory: at most PCT_KEEPER_BYTES; a problem beyond that is not
 * kept, nor one that cannot be laid on the road. */
#ifndef PCT_RESOURCE_PATROL_KEEPER_H
#define PCT_RESOURCE_PATROL_KEEPER_H

#include "patrol/lowered.h"
#include "resource/patrol_book.h"

enum { PCT_KEEPER_PLANS = 256 };
#define PCT_KEEPER_BYTES ((size_t)512 << 20)

typedef struct pct_patrol_keeper pct_patrol_keeper;

pct_status pct_patrol_keeper_new(pct_patrol_book *book, pct_patrol_keeper **out,
                                 pct_error *error) PCT_MUST_USE;
pct_status pct_patrol_keeper_start(pct_patrol_keeper *keeper, pct_error *error) PCT_MUST_USE;
/* Ends its thread; nobody may hold. Accepts NULL. */
void pct_patrol_keeper_free(pct_patrol_keeper *keeper);

const pct_lowered *pct_patrol_keeper_hold(pct_patrol_keeper *keeper, pct_plan_id plan);
void pct_patrol_keeper_let_go(pct_patrol_keeper *keeper);

#endif
