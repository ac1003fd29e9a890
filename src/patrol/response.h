/* Expected response to calls while a plan is driven.
 *
 *     status = pct_response_init(&response, &problem, &arena, error);      // problem.calls is not NULL
 *     pct_response_set_unit(&response, unit, modes, count, leave_ms);      // for each unit, again when its round changes
 *     … pct_response_expected_ms(&response) …
 *
 * The hours from the first shift's begin to the last's end are cut into slices; in the middle of each it is asked where every unit of its
 * shift is. A unit serving a point is there; on its way or on a line it goes on to the end or turns back, whichever is quicker; it waits where it
 * is to serve next; before it leaves and when it is back it is at its post. Whatever it does it may be called from.
 *
 * A call at a point is answered by the nearest unit that is free. Each is at another call with probability `busy`, independently of the others
 * (units of one place are in truth busy together: the figure is good for comparing plans, not as a promise). With the m <= PCT_RESPONSE_NEAREST
 * nearest at t_1 <= t_2 …
 *
 *     expected = sum of (1 - busy) busy^(k-1) t_k  +  busy^m nobody_ms
 *
 * and t_k counts as nobody_ms at the most. The figure is the mean over slices and points, weighted by calls.
 *
 * Memory: 4 bytes × slices × points × units. Setting a unit: O(slices × points), and × units where it was or becomes one of the nearest. */
#ifndef PCT_PATROL_RESPONSE_H
#define PCT_PATROL_RESPONSE_H

#include "base/memory.h"
#include "patrol/problem.h"

enum { PCT_RESPONSE_NEAREST = 4 };

typedef struct pct_response {
    const pct_patrol_problem *problem;
    int32_t slice_count;
    int64_t from_ms;
    int32_t *time_ms;     /* [slice_count][point_count][unit_count] INT32_MAX: not there */
    int32_t *farthest_ms; /* [slice_count][point_count] of the nearest */
    double *expected_ms;  /* [slice_count][point_count] */
} pct_response;

pct_status pct_response_init(pct_response *out, const pct_patrol_problem *problem, pct_arena *arena,
                             pct_error *error) PCT_MUST_USE;
/* An empty round stands at its post all shift. */
void pct_response_set_unit(pct_response *response, int32_t unit, const int32_t *modes, int32_t count,
                           int64_t leave_ms);
/* As it stands in the finished plan, with the waits it has there. */
void pct_response_set_times(pct_response *response, const pct_patrol_plan *plan, int32_t unit);
double pct_response_expected_ms(const pct_response *response);
/* In whole steps, as pct_patrol_cost states it. */
int64_t pct_response_steps_ms(const pct_patrol_calls *calls, double expected_ms);

/* Of a finished plan. */
pct_status pct_response_of_plan(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                                double *out_ms, pct_error *error) PCT_MUST_USE;

#endif
