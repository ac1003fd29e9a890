/* The checker's own reckoning of expected response, by the words of response.h and with none of its code. */
#ifndef PCT_PATROL_CHECK_RESPONSE_H
#define PCT_PATROL_CHECK_RESPONSE_H

#include "patrol/problem.h"

/* Whether the plan's cost states the expected response to within a step; none where no calls are expected. */
bool pct_patrol_check_response(const pct_patrol_problem *problem, const pct_patrol_plan *plan);

/* check.c: when a leg that may begin at free_ms is over. */
int64_t pct_patrol_check_leg_ms(const pct_patrol_problem *problem, int64_t free_ms, int32_t from, int32_t to);

#endif
