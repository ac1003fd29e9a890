/* Part of check.h: whether the stated spread is the plan's. */
#ifndef PCT_PATROL_CHECK_SPREAD_H
#define PCT_PATROL_CHECK_SPREAD_H

#include "patrol/problem.h"

/* O(series × (modes + visits²)) at the worst; series × visits as a rule. */
bool pct_patrol_check_spread(const pct_patrol_problem *problem, const pct_patrol_plan *plan);

#endif
