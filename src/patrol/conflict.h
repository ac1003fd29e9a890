/* Why a must is left out of a plan: a least set of demands, it among them, that cannot all be served.
 *
 *     pct_arena_reset(&arena);
 *     status = pct_conflict_find(&problem, &plan, demand, 2000, &arena, &conflict, error);
 *
 * Reasons that need no other demand come first, and these are proven: no unit may serve it or has room for it; no shift of a unit that may
 * has its window;
 * no way leads there and back (whatever hour, the way alone takes longer than the shift). Otherwise musts of the plan are laid beside it, those
 * that need the same units and lie nearest first, until they do not go together, and from these what is not needed is taken away.
 *
 * **What is sure.** The set is *least*: without any single one of the others the rest can be served together; for each a plan was found, or
 * all was tried (together.h). That the set itself cannot be served is `proven` where trying all says so (up to nine demands); else it is only
 * that the solver found no plan of it in four times `iterations`. PCT_CONFLICT_NONE: no set was found; it can be served with all the plan's
 * musts, so that a longer search would place it, or the search for a set did not succeed. */
#ifndef PCT_PATROL_CONFLICT_H
#define PCT_PATROL_CONFLICT_H

#include "base/memory.h"
#include "patrol/problem.h"

typedef enum pct_conflict_kind {
    PCT_CONFLICT_NONE,
    PCT_CONFLICT_CAPABILITY,
    PCT_CONFLICT_WINDOW,
    PCT_CONFLICT_UNREACHABLE,
    PCT_CONFLICT_TIME /* a set; of the demand alone when even an empty round is too short for it */
} pct_conflict_kind;

typedef struct pct_conflict {
    pct_conflict_kind kind;
    bool proven;
    const int32_t *demands; /* [count >= 1] the one asked about first; the arena's */
    int32_t count;
} pct_conflict;

/* `demand` must not be in the plan. Deterministic. O(count log(musts / count)) solves of `iterations` (>= 1) each at the most; memory of a
 * few solves in an arena of its own. */
pct_status pct_conflict_find(const pct_patrol_problem *problem, const pct_patrol_plan *plan, int32_t demand,
                             uint64_t iterations, pct_arena *arena, pct_conflict *out,
                             pct_error *error) PCT_MUST_USE;

#endif
