/* A duty problem on the road: the solver's problem, and back from its plan to what people read.
 *
 *     status = pct_lowered_new(&duty, &roads, &lowered, error);
 *     status = pct_patrol_solve(&lowered->problem, &settings, &plan, error);
 *     status = pct_lowered_plan(lowered, &plan, 500, &duty_plan, error);
 *     pct_lowered_free(lowered);                   // the duty must outlive it, the duty plan must not
 *
 * Places are road points. Whoever walks or cycles moves in a world of his own: the same places once more, with times on foot and no way
 * between the worlds. A task that is walked is, for a unit that drives, done from the parked car: there and back on foot.
 * What cannot be done by anybody, for a reason that needs no search, is left out of the problem and stands in `unmet`. */
#ifndef PCT_PATROL_LOWERED_H
#define PCT_PATROL_LOWERED_H

#include "patrol/duty_plan.h"
#include "patrol/problem.h"
#include "road/router.h"

/* Farther from any usable road a place is off the network. */
#define PCT_DUTY_SNAP_MAX_M 250.0

typedef struct pct_duty_roads {
    const pct_road *response; /* on foot and by bicycle: its roads, in either direction */
    const pct_road *const
        *bands;             /* [band_count] to drive on: profile patrol, or response where there is none */
    const int64_t *from_ms; /* [band_count] UTC, ascending, the first no later than any shift */
    size_t band_count;      /* >= 1 */
} pct_duty_roads;

/* What a demand of the problem is: the n-th time of a task. */
typedef struct pct_duty_visit {
    int32_t task, n;
} pct_duty_visit;

typedef struct pct_lowered {
    pct_patrol_problem problem; /* its clock: ms since zero_ms */
    int64_t zero_ms;            /* UTC */
    const pct_duty *duty;
    const pct_duty_visit *visits;  /* [demand_count] */
    const pct_position *positions; /* [place_count] as they lie on the road */
    const pct_road_point *points;  /* [place_count] */
    const pct_duty_moves *moves;   /* [place_count] the world it is in */
    const pct_duty_unmet *unmet;   /* [unmet_count] */
    size_t unmet_count;
    pct_arena arena;
} pct_lowered;

/* PCT_NOT_FOUND when a unit's post lies off the network; the message names it. O(places² + customizing each band where areas are forbidden). */
pct_status pct_lowered_new(const pct_duty *duty, const pct_duty_roads *roads, pct_lowered **out,
                           pct_error *error) PCT_MUST_USE;
void pct_lowered_free(pct_lowered *lowered);
/* Of the first musts that the solver left out it is said against whom they cannot stand, each found by so many iterations of conflict.h; 0: of
 * none. */
pct_status pct_lowered_plan(const pct_lowered *lowered, const pct_patrol_plan *plan,
                            uint64_t explain_iterations, pct_duty_plan *out, pct_error *error) PCT_MUST_USE;

#endif
