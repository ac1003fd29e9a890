/* Did patrolling one place or one street help: its calls against those of like places elsewhere that were not patrolled.
 *
 *     ┌─ within_m ─┐   the place: whatever lies within so far of any of its points (one of a square, many of a street)
 *     └─ to 3 times ─┘ next door, where calls may have moved to
 *     apart by 4 times from it, by 2 from each other and from places of other orders: like places
 *
 * Like places are chosen by a third period, `earlier`: had they been chosen by `before`, those whose calls were high by chance would be
 * among them and fall by themselves (regression to the mean), and patrols would seem to do harm. The nearest in calls come first, the
 * lowest index among equals; at most PCT_SPOTS_LIKE_MOST. Then pct_helped_judge_few.
 *
 * Only positions of roads, periods and counts come in. O(calls log calls + places × calls near them). */
#ifndef PCT_DEMAND_SPOTS_H
#define PCT_DEMAND_SPOTS_H

#include "base/status.h"
#include "demand/helped.h"
#include "geo/position.h"

enum { PCT_SPOTS_LIKE_MOST = 60 };

typedef enum pct_spot_period {
    PCT_SPOT_EARLIER,
    PCT_SPOT_BEFORE,
    PCT_SPOT_DURING,
    PCT_SPOT_PERIODS
} pct_spot_period;

typedef struct pct_spot_call {
    pct_position at;
    pct_spot_period period;
} pct_spot_call;

typedef struct pct_spot {
    const pct_position *points;
    size_t count; /* at least 1 */
} pct_spot;

typedef struct pct_spots_asked {
    pct_spot spot; /* that was patrolled */
    double within_m;
    const pct_spot *others; /* places that may be like it */
    size_t other_count;
    const pct_position *patrolled; /* of other orders in these days */
    size_t patrolled_count;
    pct_spot_call *calls; /* they are sorted */
    size_t call_count;
} pct_spots_asked;

typedef struct pct_spots_told {
    pct_helped there, next_door;
} pct_spots_told;

/* PCT_MEMORY. */
pct_status pct_spots_judge(const pct_spots_asked *asked, pct_spots_told *out, pct_error *error) PCT_MUST_USE;

#endif
