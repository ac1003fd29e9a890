/* From a duty problem to a duty plan: lowered onto the road, solved, checked, explained.
 *
 *     pct_patrol_settings settings = {.seed = 1, .spent = share_of_the_time};
 *     status = pct_duty_make(&duty, &roads, &settings, &plan, error);
 *     pct_duty_plan_dispose(&plan);
 *
 * With a share above 0 the plan is drawn by the seed from those at most so much worse than the best that is found, so that no one can set a watch
 * by a patrol (draw.h), and how uncertain its arrivals are is reckoned from PCT_DUTY_DRAWN of them. wall_s, first_s and map_version are the
 * caller's to fill in: nothing below knows a clock or a site. */
#ifndef PCT_PATROL_DUTY_MAKE_H
#define PCT_PATROL_DUTY_MAKE_H

#include "patrol/lowered.h"
#include "patrol/solve.h"

enum { PCT_DUTY_DRAWN = 20, PCT_DUTY_BOUND_PASSES = 400 /* the usual, of settings */ };
#define PCT_DUTY_VARY 0.03 /* the usual share */

/* PCT_INTERNAL when the plan breaks a rule of its problem: a fault of the solver, found by the checker. Else as pct_lowered_new and
 * pct_patrol_solve. */
pct_status pct_duty_make(const pct_duty *duty, const pct_duty_roads *roads,
                         const pct_patrol_settings *settings, double vary, pct_duty_plan *out,
                         pct_error *error) PCT_MUST_USE;

#endif
