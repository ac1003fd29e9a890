/* Demand points learnt from calls: where the next ones are expected, and how many an hour.
 *
 *     status = pct_demand_points_learn(&travel, calls, call_count, PCT_DEMAND_POINTS_LEARNT, &points, error);
 *     pct_cover_new(points.items, points.length, …);
 *     pct_vector_dispose(&points);
 *
 * The calls fall into square cells, the smallest that give at most `most` cells with calls. Each cell becomes one point,
 * at the call of the cell that lies nearest to the middle of the cell's calls, with the cell's calls divided by the hours
 * from the first call to the last (at least one hour). Calls off the map are left out. Same calls: same points, in order of the
 * cells. O(calls log calls) for each of about 40 sizes tried. */
#ifndef PCT_SIM_DEMAND_POINTS_H
#define PCT_SIM_DEMAND_POINTS_H

#include "sim/operations.h"

enum { PCT_DEMAND_POINTS_LEARNT = 200 };

/* Items of *out are pct_demand_point. */
pct_status pct_demand_points_learn(const pct_travel *travel, const pct_sim_call *calls, size_t call_count,
                                   size_t most, pct_vector *out, pct_error *error) PCT_MUST_USE;

#endif
