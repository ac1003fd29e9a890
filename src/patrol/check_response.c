#include "patrol/check_response.h"

#include "patrol/response.h"

/* Where a unit is: so long from one place and so long from another. */
typedef struct whereabouts {
    int32_t place[2];
    int64_t away_ms[2];
    bool on_duty;
} whereabouts;

static whereabouts between(int32_t from, int64_t left_ms, int32_t to, int64_t there_ms, int64_t now_ms) {
    if (from == to) return (whereabouts){{from, from}, {0, 0}, true};
    return (whereabouts){{from, to}, {now_ms - left_ms, there_ms - now_ms}, true};
}

static whereabouts locate(const pct_patrol_problem *problem, const pct_patrol_plan *plan, int32_t unit,
                          int64_t now_ms) {
    const pct_patrol_unit *is = &problem->units[unit];
    int32_t place = is->start, visit = plan->first[unit], end = plan->first[unit + 1];
    int64_t free_ms = plan->leave_ms[unit];
    if (now_ms < is->open_ms || now_ms >= is->close_ms) return (whereabouts){.on_duty = false};
    if (visit == end || now_ms < free_ms) return between(place, 0, place, 0, now_ms);
    for (; visit < end; visit++) {
        const pct_patrol_mode *how = &problem->modes[plan->mode[visit]];
        int64_t there_ms = pct_patrol_check_leg_ms(problem, free_ms, place, how->from);
        if (now_ms < there_ms) return between(place, free_ms, how->from, there_ms, now_ms);
        free_ms = plan->start_ms[visit];
        if (now_ms < free_ms) return between(how->from, 0, how->from, 0, now_ms);
        if (now_ms < free_ms + how->service_ms)
            return between(how->from, free_ms, how->to, free_ms + how->service_ms, now_ms);
        free_ms += how->service_ms;
        place = how->to;
    }
    int64_t home_ms = pct_patrol_check_leg_ms(problem, free_ms, place, is->end);
    return now_ms < home_ms ? between(place, free_ms, is->end, home_ms, now_ms)
                            : between(is->end, 0, is->end, 0, now_ms);
}

static int64_t time_ms(const pct_patrol_calls *calls, const whereabouts *at, int32_t point) {
    int64_t least_ms = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        int64_t by_ms = at->away_ms[i] + calls->time_ms[(int64_t)at->place[i] * calls->point_count + point];
        if (by_ms < least_ms) least_ms = by_ms;
    }
    return least_ms;
}

/* Of all units the k-th nearest is looked for k times. */
static double expected_ms(const pct_patrol_problem *problem, const pct_patrol_plan *plan, int64_t now_ms,
                          int32_t point) {
    const pct_patrol_calls *calls = problem->calls;
    double sum_ms = 0.0, chance = 1.0;
    int64_t last_ms = -1;
    int32_t last = PCT_PATROL_NONE;
    for (int k = 0; k < PCT_RESPONSE_NEAREST; k++) {
        int64_t next_ms = INT64_MAX;
        int32_t next = PCT_PATROL_NONE;
        for (int32_t unit = 0; unit < problem->unit_count; unit++) {
            whereabouts at = locate(problem, plan, unit, now_ms);
            if (!at.on_duty) continue;
            int64_t by_ms = time_ms(calls, &at, point);
            bool is_later = by_ms > last_ms || (by_ms == last_ms && unit > last);
            if (!is_later || by_ms >= next_ms) continue;
            next_ms = by_ms;
            next = unit;
        }
        if (next == PCT_PATROL_NONE) break;
        sum_ms +=
            chance * (1.0 - calls->busy) * (double)(next_ms < calls->nobody_ms ? next_ms : calls->nobody_ms);
        chance *= calls->busy;
        last_ms = next_ms;
        last = next;
    }
    return sum_ms + chance * (double)calls->nobody_ms;
}

bool pct_patrol_check_response(const pct_patrol_problem *problem, const pct_patrol_plan *plan) {
    const pct_patrol_calls *calls = problem->calls;
    int64_t from_ms = INT64_MAX, to_ms = 0;
    if (!calls || problem->unit_count == 0) return plan->cost.response_ms == 0;
    for (int32_t unit = 0; unit < problem->unit_count; unit++) {
        if (problem->units[unit].open_ms < from_ms) from_ms = problem->units[unit].open_ms;
        if (problem->units[unit].close_ms > to_ms) to_ms = problem->units[unit].close_ms;
    }
    double sum = 0.0, weights = 0.0;
    int64_t now_ms = from_ms;
    do {
        for (int32_t point = 0; point < calls->point_count; point++) {
            sum += calls->per_hour[point] * expected_ms(problem, plan, now_ms + calls->slice_ms / 2, point);
            weights += calls->per_hour[point];
        }
        now_ms += calls->slice_ms;
    } while (now_ms < to_ms);
    double off_ms = (double)plan->cost.response_ms - sum / weights;
    return off_ms > -1.0 && off_ms < (double)calls->step_ms + 1.0;
}
