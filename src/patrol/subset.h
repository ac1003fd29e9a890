/* Part of a problem as a problem of its own: some demands, some units. Travel stays the whole problem's; calls are none of it.
 *
 *     status = pct_subset_init(&part, &problem, demands, demand_count, units, unit_count, &arena, error);
 *     pct_patrol_solve(&part.problem, …);       // its mode m is the whole problem's part.mode_of[m]
 *
 * All memory is the arena's; the whole problem must outlive it. O(demands + modes + series + units). */
#ifndef PCT_PATROL_SUBSET_H
#define PCT_PATROL_SUBSET_H

#include "base/memory.h"
#include "patrol/problem.h"

typedef struct pct_subset {
    pct_patrol_problem problem;
    pct_patrol_mode *modes; /* the problem's own arrays, for who changes a part of it */
    pct_patrol_demand *demands;
    pct_patrol_unit *units;
    int32_t *mode_of, *demand_of, *unit_of; /* [of problem]'s number in the whole */
} pct_subset;

/* `units` NULL: all of them. A demand that only one unit may serve must come with that unit. */
pct_status pct_subset_init(pct_subset *out, const pct_patrol_problem *whole, const int32_t *demands,
                           int32_t demand_count, const int32_t *units, int32_t unit_count, pct_arena *arena,
                           pct_error *error) PCT_MUST_USE;

#endif
