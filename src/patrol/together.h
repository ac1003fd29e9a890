/* Whether a few demands can be served together, by trying everything.
 *
 * The answer minds who may serve what, windows, travel by the hour, shifts and loads. It does not mind limits of duration and gaps: NO is
 * proven in any case; YES only where neither can matter, else the answer is MAYBE. */
#ifndef PCT_PATROL_TOGETHER_H
#define PCT_PATROL_TOGETHER_H

#include "base/memory.h"
#include "patrol/problem.h"

typedef enum pct_together { PCT_TOGETHER_NO, PCT_TOGETHER_YES, PCT_TOGETHER_MAYBE } pct_together;

enum { PCT_TOGETHER_DEMANDS_MAX = 9, PCT_TOGETHER_MODES_MAX = 27 };

/* More demands or modes than that: MAYBE at once. O(units × 2^n × modes²). */
pct_status pct_together_try(const pct_patrol_problem *problem, const int32_t *demands, int32_t count,
                            pct_arena *arena, pct_together *out, pct_error *error) PCT_MUST_USE;

#endif
