/* The solver: a plan for a problem, better the longer it may work, the best one at any time.
 *
 *     pct_patrol_settings settings = {.seed = 1, .iterations_max = 100000};
 *     pct_patrol_plan plan;
 *     status = pct_patrol_solve(&problem, &settings, &plan, error);
 *     …                                         // check.h says whether the plan keeps every rule
 *     pct_patrol_plan_dispose(&plan);
 *
 * The same problem, seed and number of iterations give the same plan. It knows no clock: who has one says through `spent` what share of
 * the time is gone; with iterations only, that share is theirs. Several streams search side by side and learn from each other at fixed
 * iterations: how many there are changes the plan, how many threads carry them does not. Memory: one arena for the solve,
 * O(demands × 300 + streams × (modes + demands × units, the latter 8 MB at most)); searching allocates nothing. What cannot be served
 * is left out of the plan, musts last, and stands in the plan's cost. */
#ifndef PCT_PATROL_SOLVE_H
#define PCT_PATROL_SOLVE_H

#include "base/pool.h"
#include "patrol/problem.h"

enum { PCT_PATROL_STREAMS_MAX = 64 };

typedef struct pct_patrol_settings {
    uint64_t seed;
    uint64_t iterations_max; /* of each stream; 0: no limit, then `spent` must be given */
    uint32_t streams;        /* 0: one */
    pct_pool *pool;          /* carries the streams; NULL: the caller does. The plan is the same */
    uint32_t bound_passes;   /* at the end, for a better bound: some hundreds; 0: the quick one */
    bool fewest_units;       /* before the shoulds and travel: as few units as can be */
    /* The share of what may be spent that is gone, ascending; 1 or more: stop. Asked every few iterations by the
     * caller's thread, as `better` is. May be NULL. */
    double (*spent)(void *context);
    /* A better plan was found, at that iteration of its stream; may be NULL. Where calls are expected, half of the
     * budget is for them, behind the other: from then on costs have response, and only then. */
    void (*better)(void *context, const pct_patrol_cost *cost, uint64_t iteration);
    void *context;
} pct_patrol_settings;

/* PCT_MISUSE for a problem that breaks its contract or settings without an end, PCT_MEMORY. *out is the caller's to dispose of. */
pct_status pct_patrol_solve(const pct_patrol_problem *problem, const pct_patrol_settings *settings,
                            pct_patrol_plan *out, pct_error *error) PCT_MUST_USE;

/* No plan that serves every must travels less: into each must and into one end post some way must lead. Weak, but sure. O(modes²). */
int64_t pct_patrol_travel_bound(const pct_patrol_problem *problem);
/* The same from the cheapest legs that hang together, priced (bound.c); *out becomes what it is more. */
pct_status pct_patrol_bound_priced(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                                   uint32_t passes, int64_t *out, pct_error *error) PCT_MUST_USE;

#endif
