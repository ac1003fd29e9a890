/* The lines that a duty plan's units follow, for a map: along the roads where they drive, straight from place to place where they walk. */
#ifndef PCT_PATROL_DUTY_LINE_H
#define PCT_PATROL_DUTY_LINE_H

#include "patrol/lowered.h"

/* Fills in the line of every route; its memory is the plan's. On the roads of the first band; a leg that has no way there is straight. One
 * route for each leg. */
pct_status pct_duty_plan_draw(pct_duty_plan *plan, const pct_duty_roads *roads,
                              pct_error *error) PCT_MUST_USE;

#endif
