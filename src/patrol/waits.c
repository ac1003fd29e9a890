/* The earliest and the latest begin of each visit, its round's order given, are found once, forward and backward (as heads and tails are, Savelsbergh
 * 1992); between them any begin can be had by pushing the others along. A visit of a series is tried in the middle between its neighbours and at
 * its even place; for calls a visit is tried at both ends of its slack and in the middle. */
#include "patrol/waits.h"

#include <string.h>

#include "patrol/even.h"
#include "patrol/response.h"

enum { SPREAD_PASSES = 12, RESPONSE_PASSES = 2, RESPONSE_TRIES = 3, TRIES_MAX = 3000 };
static const size_t arena_max = (size_t)1 << 31;

typedef struct waits {
    const pct_patrol_problem *problem;
    pct_patrol_plan *plan;
    int64_t *earliest_ms, *latest_ms, *was_ms; /* [visit_count] */
    /* Series: their visits side by side, their hours and unevenness. */
    int32_t *first, *visits; /* [series_count + 1], [visit_count] */
    int64_t *hours_ms, *uneven_ppm, *begins_ms;
    uint32_t *mark; /* [series_count] of the trial that looked at it */
    uint32_t trial;
    int64_t sum_ppm;
    pct_response *response; /* NULL without calls */
    double expected_ms;
    int32_t tries; /* with response */
} waits;

typedef struct move {
    int32_t unit, low, high; /* visits low … high - 1 have moved */
    int64_t leave_ms, back_ms;
} move;

static const pct_patrol_mode *mode_of(const waits *w, int32_t visit) {
    return &w->problem->modes[w->plan->mode[visit]];
}

static int32_t series_of(const waits *w, int32_t visit) {
    return w->problem->demands[mode_of(w, visit)->demand].series;
}

static void find_slack(const waits *w, int32_t unit) {
    const pct_patrol_problem *p = w->problem;
    const pct_patrol_unit *is = &p->units[unit];
    int32_t first = w->plan->first[unit], end = w->plan->first[unit + 1], place = is->start;
    int64_t at_ms = is->open_ms;
    for (int32_t v = first; v < end; v++) {
        const pct_patrol_mode *m = mode_of(w, v);
        at_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
        if (at_ms < m->open_ms) at_ms = m->open_ms;
        w->earliest_ms[v] = at_ms;
        at_ms += m->service_ms;
        place = m->to;
    }
    at_ms = is->close_ms;
    place = is->end;
    for (int32_t v = end - 1; v >= first; v--) {
        const pct_patrol_mode *m = mode_of(w, v);
        at_ms = pct_patrol_leave_ms(p, m->to, place, at_ms) - m->service_ms;
        if (at_ms > m->close_ms) at_ms = m->close_ms;
        w->latest_ms[v] = at_ms;
        place = m->from;
    }
}

/* The visit begins at at_ms, or as near to it as its slack allows; who is in its way makes room. The old begins are in was_ms. */
static move shift(waits *w, int32_t unit, int32_t visit, int64_t at_ms) {
    const pct_patrol_problem *p = w->problem;
    const pct_patrol_unit *is = &p->units[unit];
    int64_t *start_ms = w->plan->start_ms;
    int32_t first = w->plan->first[unit], end = w->plan->first[unit + 1];
    move out = {.unit = unit, .low = visit, .high = visit + 1};
    memcpy(w->was_ms + first, start_ms + first, (size_t)(end - first) * sizeof *start_ms);
    if (at_ms < w->earliest_ms[visit]) at_ms = w->earliest_ms[visit];
    if (at_ms > w->latest_ms[visit]) at_ms = w->latest_ms[visit];
    start_ms[visit] = at_ms;
    for (; out.high < end; out.high++) {
        const pct_patrol_mode *before = mode_of(w, out.high - 1), *m = mode_of(w, out.high);
        at_ms = pct_patrol_arrive_ms(p, before->to, m->from, start_ms[out.high - 1] + before->service_ms);
        if (start_ms[out.high] >= at_ms) break;
        start_ms[out.high] = at_ms;
    }
    for (; out.low > first; out.low--) {
        const pct_patrol_mode *m = mode_of(w, out.low - 1), *behind = mode_of(w, out.low);
        at_ms = pct_patrol_leave_ms(p, m->to, behind->from, start_ms[out.low]) - m->service_ms;
        if (start_ms[out.low - 1] <= at_ms) break;
        start_ms[out.low - 1] = at_ms;
    }
    const pct_patrol_mode *head = mode_of(w, first), *tail = mode_of(w, end - 1);
    out.leave_ms = pct_patrol_leave_ms(p, is->start, head->from, start_ms[first]);
    out.back_ms = pct_patrol_arrive_ms(p, tail->to, is->end, start_ms[end - 1] + tail->service_ms);
    return out;
}

static bool keeps_gaps(const waits *w, int32_t visit) {
    const pct_patrol_problem *p = w->problem;
    int32_t series = series_of(w, visit);
    int64_t begin_ms = w->plan->start_ms[visit], end_ms = begin_ms + mode_of(w, visit)->service_ms;
    if (series == PCT_PATROL_NONE) return true;
    for (int32_t i = w->first[series]; i < w->first[series + 1]; i++) {
        int32_t other = w->visits[i];
        int64_t other_ms = w->plan->start_ms[other];
        if (other != visit && end_ms + p->gap_ms[series] > other_ms &&
            other_ms + mode_of(w, other)->service_ms + p->gap_ms[series] > begin_ms)
            return false;
    }
    return true;
}

static bool keeps_rules(const waits *w, const move *m) {
    if (m->back_ms - m->leave_ms > w->problem->units[m->unit].duration_max_ms) return false;
    for (int32_t v = m->low; v < m->high; v++)
        if (!keeps_gaps(w, v)) return false;
    return true;
}

static int64_t uneven_of(const waits *w, int32_t series) {
    int32_t count = 0;
    for (int32_t i = w->first[series]; i < w->first[series + 1]; i++)
        w->begins_ms[count++] = w->plan->start_ms[w->visits[i]];
    return pct_even_uneven_ppm(w->begins_ms, count, w->hours_ms + 2 * (size_t)series);
}

/* What the move changes of the sum; `keep` writes it down. */
static int64_t change_of(waits *w, const move *m, bool keep) {
    int64_t change_ppm = 0;
    w->trial++;
    for (int32_t v = m->low; v < m->high; v++) {
        int32_t series = series_of(w, v);
        if (series == PCT_PATROL_NONE || w->mark[series] == w->trial) continue;
        w->mark[series] = w->trial;
        int64_t uneven_ppm = uneven_of(w, series);
        change_ppm += uneven_ppm - w->uneven_ppm[series];
        if (keep) w->uneven_ppm[series] = uneven_ppm;
    }
    return change_ppm;
}

static void set_response(waits *w, int32_t unit) {
    if (!w->response) return;
    pct_response_set_times(w->response, w->plan, unit);
    w->expected_ms = pct_response_expected_ms(w->response);
}

static void take_back(waits *w, const move *m, int64_t leave_ms, int64_t back_ms) {
    memcpy(w->plan->start_ms + m->low, w->was_ms + m->low, (size_t)(m->high - m->low) * sizeof *w->was_ms);
    w->plan->leave_ms[m->unit] = leave_ms;
    w->plan->back_ms[m->unit] = back_ms;
}

/* True when the move is kept: for calls when response is less, else when unevenness is less and response no more. */
static bool try(waits *w, int32_t unit, int32_t visit, int64_t at_ms, bool for_calls) {
    int64_t leave_ms = w->plan->leave_ms[unit], back_ms = w->plan->back_ms[unit];
    double before_ms = w->expected_ms;
    move m = shift(w, unit, visit, at_ms);
    w->plan->leave_ms[unit] = m.leave_ms;
    w->plan->back_ms[unit] = m.back_ms;
    bool is_good = keeps_rules(w, &m) && (for_calls || change_of(w, &m, false) < 0);
    if (is_good && w->response) {
        const pct_patrol_calls *calls = w->problem->calls;
        w->tries++;
        set_response(w, unit);
        is_good = for_calls ? w->expected_ms < before_ms - 1e-6
                            : pct_response_steps_ms(calls, w->expected_ms) <=
                                  pct_response_steps_ms(calls, before_ms);
        if (!is_good) {
            take_back(w, &m, leave_ms, back_ms);
            set_response(w, unit);
        }
    } else if (!is_good)
        take_back(w, &m, leave_ms, back_ms);
    if (is_good) w->sum_ppm += change_of(w, &m, true);
    return is_good;
}

/* The begin halfway between the visits before and behind it, and its place were all at even distances. */
static void even_places(const waits *w, int32_t visit, int64_t *out_ms) {
    int32_t series = series_of(w, visit), count = w->first[series + 1] - w->first[series], rank = 0;
    const int64_t *hours = w->hours_ms + 2 * (size_t)series;
    int64_t before_ms = hours[0], behind_ms = hours[1], at_ms = w->plan->start_ms[visit];
    for (int32_t i = w->first[series]; i < w->first[series + 1]; i++) {
        int32_t other = w->visits[i];
        int64_t other_ms = w->plan->start_ms[other];
        if (other == visit) continue;
        bool is_before = other_ms < at_ms || (other_ms == at_ms && other < visit);
        rank += is_before;
        if (is_before && other_ms > before_ms) before_ms = other_ms;
        if (!is_before && other_ms < behind_ms) behind_ms = other_ms;
    }
    out_ms[0] = (before_ms + behind_ms) / 2;
    out_ms[1] = hours[0] + (hours[1] - hours[0]) * (rank + 1) / (count + 1);
}

static bool try_visit(waits *w, int32_t unit, int32_t visit, bool for_calls) {
    int64_t at_ms[RESPONSE_TRIES] = {w->earliest_ms[visit], w->latest_ms[visit]};
    int32_t count = RESPONSE_TRIES, series = series_of(w, visit);
    bool any = false;
    at_ms[2] = (at_ms[0] + at_ms[1]) / 2;
    if (at_ms[0] == at_ms[1]) return false;
    if (!for_calls) {
        if (series == PCT_PATROL_NONE || w->first[series + 1] - w->first[series] < 2) return false;
        even_places(w, visit, at_ms);
        count = 2;
    }
    for (int32_t i = 0; i < count; i++)
        if (at_ms[i] != w->plan->start_ms[visit]) any |= try(w, unit, visit, at_ms[i], for_calls);
    return any;
}

static void move_all(waits *w, int passes, bool for_calls, int64_t enough_ppm) {
    bool any = true;
    for (int pass = 0; pass < passes && any; pass++) {
        any = false;
        for (int32_t u = 0; u < w->plan->unit_count; u++)
            for (int32_t v = w->plan->first[u]; v < w->plan->first[u + 1]; v++) {
                if (w->tries >= TRIES_MAX || (!for_calls && w->sum_ppm <= enough_ppm)) return;
                any |= try_visit(w, u, v, for_calls);
            }
    }
}

static void set_series(waits *w) {
    const pct_patrol_problem *p = w->problem;
    for (int32_t s = 0; s < p->series_count + 2; s++) w->first[s] = 0;
    for (int32_t v = 0; v < w->plan->visit_count; v++)
        if (series_of(w, v) != PCT_PATROL_NONE) w->first[series_of(w, v) + 2]++;
    for (int32_t s = 1; s < p->series_count + 2; s++) w->first[s] += w->first[s - 1];
    for (int32_t v = 0; v < w->plan->visit_count; v++)
        if (series_of(w, v) != PCT_PATROL_NONE) w->visits[w->first[series_of(w, v) + 1]++] = v;
    pct_even_hours(p, w->hours_ms);
    for (int32_t s = 0; s < p->series_count; s++) {
        w->mark[s] = 0;
        w->uneven_ppm[s] = uneven_of(w, s);
        w->sum_ppm += w->uneven_ppm[s];
    }
}

static pct_status begin(waits *w, pct_response *response, pct_arena *arena, pct_error *error) {
    const pct_patrol_problem *p = w->problem;
    size_t visits = (size_t)w->plan->visit_count, series = (size_t)p->series_count;
    w->earliest_ms = pct_arena_alloc(arena, 4 * visits + 3 * series, sizeof *w->earliest_ms);
    w->first = pct_arena_alloc(arena, visits + 2 * series + 2, sizeof *w->first);
    if (!w->earliest_ms || !w->first) return pct_error_memory(error, 4 * visits * sizeof *w->earliest_ms);
    w->latest_ms = w->earliest_ms + visits;
    w->was_ms = w->latest_ms + visits;
    w->begins_ms = w->was_ms + visits;
    w->hours_ms = w->begins_ms + visits;
    w->uneven_ppm = w->hours_ms + 2 * series;
    w->visits = w->first + series + 2;
    w->mark = (uint32_t *)(w->visits + visits);
    for (int32_t u = 0; u < w->plan->unit_count; u++) find_slack(w, u);
    set_series(w);
    if (!p->calls) return PCT_OK;
    pct_status status = pct_response_init(response, p, arena, error);
    w->response = response;
    for (int32_t u = 0; u < w->plan->unit_count && !status; u++) pct_response_set_times(response, w->plan, u);
    if (!status) w->expected_ms = pct_response_expected_ms(response);
    return status;
}

static void set_cost(const waits *w) {
    pct_patrol_plan *plan = w->plan;
    plan->cost.imbalance_ms = pct_patrol_imbalance_ms(plan);
    plan->cost.spread_ppm = pct_even_steps_ppm(w->problem, w->sum_ppm);
    if (w->response) plan->cost.response_ms = pct_response_steps_ms(w->problem->calls, w->expected_ms);
}

static pct_status move_within(const pct_patrol_problem *problem, pct_patrol_plan *plan, bool for_calls,
                              int64_t enough_ppm, pct_error *error) {
    waits w = {.problem = problem, .plan = plan};
    pct_response response;
    pct_arena arena = pct_arena_init(arena_max);
    if ((!problem->series_count && !problem->calls) || !plan->visit_count) return PCT_OK;
    pct_status status = begin(&w, &response, &arena, error);
    if (!status) {
        if (w.response && for_calls) move_all(&w, RESPONSE_PASSES, true, 0);
        w.tries = 0;
        move_all(&w, SPREAD_PASSES, false, enough_ppm * problem->series_count);
        set_cost(&w);
    }
    pct_arena_dispose(&arena);
    return status;
}

pct_status pct_waits_move(const pct_patrol_problem *problem, pct_patrol_plan *plan, pct_error *error) {
    return move_within(problem, plan, true, 0, error);
}

pct_status pct_waits_spread(const pct_patrol_problem *problem, pct_patrol_plan *plan, int64_t enough_ppm,
                            pct_error *error) {
    return move_within(problem, plan, false, enough_ppm, error);
}
