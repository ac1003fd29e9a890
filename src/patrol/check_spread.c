#include "patrol/check_spread.h"

enum { CELLS = 16384, MILLION = 1000000 };

static int32_t series_of(const pct_patrol_problem *problem, int32_t mode) {
    return problem->demands[problem->modes[mode].demand].series;
}

/* First begin and last end of the windows of the series. */
static void span(const pct_patrol_problem *problem, int32_t series, int64_t *from_ms, int64_t *to_ms) {
    *from_ms = INT64_MAX;
    *to_ms = INT64_MIN;
    for (int32_t mode = 0; mode < problem->mode_count; mode++) {
        if (series_of(problem, mode) != series) continue;
        int64_t open_ms = problem->modes[mode].open_ms, close_ms = problem->modes[mode].close_ms;
        *from_ms = open_ms < *from_ms ? open_ms : *from_ms;
        *to_ms = close_ms > *to_ms ? close_ms : *to_ms;
    }
}

/* The pieces from the first visit on, each found as the visit that follows the one before. */
static int64_t unevenness(const pct_patrol_problem *problem, const pct_patrol_plan *plan, int32_t series) {
    int64_t from_ms, to_ms, visits = 0, squares = 0, cell = 0, last_ms = INT64_MIN;
    int32_t last = PCT_PATROL_NONE;
    span(problem, series, &from_ms, &to_ms);
    if (to_ms <= from_ms) return 0;
    while (true) {
        int64_t next_ms = INT64_MAX;
        int32_t next = PCT_PATROL_NONE;
        for (int32_t visit = 0; visit < plan->visit_count; visit++) {
            int64_t begin_ms = plan->start_ms[visit];
            bool is_later = begin_ms > last_ms || (begin_ms == last_ms && visit > last);
            if (!is_later || begin_ms >= next_ms || series_of(problem, plan->mode[visit]) != series) continue;
            next_ms = begin_ms;
            next = visit;
        }
        if (next == PCT_PATROL_NONE) break;
        int64_t at = CELLS * (next_ms - from_ms) / (to_ms - from_ms);
        squares += (at - cell) * (at - cell);
        cell = at;
        last_ms = next_ms;
        last = next;
        visits++;
    }
    squares += (CELLS - cell) * (CELLS - cell);
    if (visits < 2) return 0;
    int64_t even = (int64_t)CELLS * CELLS; /* (visits + 1) squares, were all pieces alike */
    return ((visits + 1) * squares - even) * MILLION / (visits * even);
}

bool pct_patrol_check_spread(const pct_patrol_problem *problem, const pct_patrol_plan *plan) {
    int64_t sum = 0, steps = 0, step = PCT_PATROL_SPREAD_STEP_PPM;
    for (int32_t series = 0; series < problem->series_count; series++)
        sum += unevenness(problem, plan, series);
    while (steps * step * problem->series_count < sum) steps++;
    return plan->cost.spread_ppm == steps * step;
}
