/* How evenly a plan spreads the visits of a point over the hours in which it may be visited.
 *
 * A point is a series of which the plan makes n >= 2 visits. Its hours go from the first begin of its windows to the last end; their length L is cut
 * by the visits' begins into n + 1 pieces. With the pieces' shares of L squared and added, the least is 1 / (n + 1) and the most 1:
 *
 *     unevenness = (sum of (piece / L)^2 - 1 / (n + 1)) / (1 - 1 / (n + 1))
 *
 * 0: at even distances from each other and from both ends; 1: all at one end. What the search works on is the same in whole numbers: even.h. */
#ifndef PCT_PATROL_SPREAD_H
#define PCT_PATROL_SPREAD_H

#include "patrol/problem.h"

/* Mean over the points; NaN when there is none. O(visits log visits + modes). */
pct_status pct_spread_of_plan(const pct_patrol_problem *problem, const pct_patrol_plan *plan, double *out,
                              pct_error *error) PCT_MUST_USE;

#endif
