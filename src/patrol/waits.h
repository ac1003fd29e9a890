/* Where a finished plan waits: begins of visits moved inside their slack, for calls and for even spread, at no more travel.
 *
 *     status = pct_waits_move(&problem, &plan, error);         // plan keeps every rule, and keeps every rule
 *
 * A round keeps its visits, their order and their modes, and so its travel; begun as soon as they can they keep their gaps as before. What
 * is free is when: a visit may begin sooner, with all
 * before it pulled up as far as is needed, or later, with all behind it pushed on. A unit leaves its post as late as its first visit allows and
 * waits where it is to serve next.
 *
 * Moves are kept that lower expected response (where calls are expected), and then those that lower the sum of unevenness (even.h) at no
 * more steps of
 * response, until none is found or a limit of passes is met: a local optimum of one visit's moves. times, cost.response_ms, spread_ppm and
 * imbalance_ms
 * become what they are then. Deterministic. O(passes × visits × visits of a round), and with calls × slices × points. */
#ifndef PCT_PATROL_WAITS_H
#define PCT_PATROL_WAITS_H

#include "patrol/problem.h"

pct_status pct_waits_move(const pct_patrol_problem *problem, pct_patrol_plan *plan,
                          pct_error *error) PCT_MUST_USE;
/* Only for even spread, and only until it is enough_ppm: plans that are drawn must not all come at the same even hours. */
pct_status pct_waits_spread(const pct_patrol_problem *problem, pct_patrol_plan *plan, int64_t enough_ppm,
                            pct_error *error) PCT_MUST_USE;

#endif
