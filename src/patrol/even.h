/* Even spread as an objective of the search: how unevenly a point is visited, in whole numbers, so that sums that are kept up to date and sums
 * that are added anew are the same.
 *
 * A point is a series; its hours go from the first begin of its windows to the last end, L. Begins of its n >= 2 visits become grid places
 * q = floor((begin - first) 2^14 / L), which cut the grid into n + 1 pieces, and
 *
 *     uneven = floor(((n + 1) sum of piece^2 - 2^28) 10^6 / (n 2^28))      in millionths
 *
 * 0 at even distances from each other and from both ends, a million when all come at one end; 0 too for fewer than two visits or hours
 * without length. It is what spread.h measures, on a grid of 1.8 s in eight hours.
 *
 * **Steps.** The cost states the mean over all series in steps of a hundredth, rounded up. A point visited three times in eight hours moves by one
 * when each visit is off by 17 minutes, about the quarter of an hour in which arrivals are counted: what is less no one who waits for the patrol
 * can tell, and it must not cost travel. */
#ifndef PCT_PATROL_EVEN_H
#define PCT_PATROL_EVEN_H

#include "patrol/problem.h"

/* hours_ms [series_count][2]: first begin and last end of each series. O(modes). */
void pct_even_hours(const pct_patrol_problem *problem, int64_t *hours_ms);
/* begins_ms [count] of one series; they are put in order; outside its hours they count as at their end. O(count²): visits of one point are few. */
int64_t pct_even_uneven_ppm(int64_t *begins_ms, int32_t count, const int64_t *hours_ms);
/* Of the sum over all series: the mean in whole steps. */
int64_t pct_even_steps_ppm(const pct_patrol_problem *problem, int64_t sum_ppm);

/* Of a finished plan, as pct_patrol_cost states it. O(visits log visits + modes). */
pct_status pct_even_of_plan(const pct_patrol_problem *problem, const pct_patrol_plan *plan, int64_t *out_ppm,
                            pct_error *error) PCT_MUST_USE;

#endif
