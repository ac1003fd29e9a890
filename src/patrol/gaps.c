/* Gaps between visits of a series. The visits may stand in different rounds, so that a gap is no matter of one round's windows: it is
 * judged on the times that the rounds are driven at (leaving so that the round is shortest, then as early as possible), which change
 * with every change of a round. O(stops of the round + visits of the series in it); nothing where no series is concerned. */
#include "patrol/rounds.h"

static int32_t series_of(const pct_rounds *r, int32_t demand) {
    return r->problem->demands[demand].series;
}

/* The time at which the mode begins when its unit leaves `place` at *at_ms, which then becomes the time of its end. */
static int64_t serve(const pct_patrol_problem *p, int32_t place, const pct_patrol_mode *m, int64_t *at_ms) {
    int64_t start_ms = pct_patrol_arrive_ms(p, place, m->from, *at_ms);
    if (start_ms < m->open_ms) start_ms = m->open_ms;
    *at_ms = start_ms + m->service_ms;
    return start_ms;
}

/* Starts of the round's visits of series into trial_ms, under a new trial mark; `mode` behind `after` if it is one. */
static bool time_round(pct_rounds *r, int32_t unit, int32_t mode, int32_t after, int64_t leave_ms) {
    const pct_patrol_problem *p = r->problem;
    bool any = false;
    int64_t at_ms = leave_ms;
    r->trial++;
    int32_t s = pct_rounds_begin(r, unit), place = r->stops[s].to;
    while (true) {
        if (s == after) {
            int32_t demand = p->modes[mode].demand;
            r->trial_ms[demand] = serve(p, place, &p->modes[mode], &at_ms);
            r->trial_mark[demand] = r->trial;
            any |= series_of(r, demand) != PCT_PATROL_NONE;
            place = p->modes[mode].to;
        }
        s = r->stops[s].next;
        if (pct_rounds_is_post(r, s)) return any;
        r->trial_ms[s] = serve(p, place, &p->modes[r->stops[s].mode], &at_ms);
        r->trial_mark[s] = r->trial;
        any |= series_of(r, s) != PCT_PATROL_NONE;
        place = r->stops[s].to;
    }
}

/* Whether the visit, by the trial's times, keeps its gap to every other of its series. `mode` is that of a demand not yet served. */
static bool is_kept(const pct_rounds *r, int32_t demand, int32_t mode) {
    const pct_patrol_problem *p = r->problem;
    int32_t series = series_of(r, demand), inserted = mode == PCT_PATROL_NONE ? mode : p->modes[mode].demand;
    int64_t start_ms = r->trial_ms[demand], gap_ms = p->gap_ms[series];
    int64_t end_ms = start_ms + p->modes[demand == inserted ? mode : r->stops[demand].mode].service_ms;
    for (int32_t i = r->member_first[series]; i < r->member_first[series + 1]; i++) {
        int32_t other = r->members[i];
        bool is_trial = r->trial_mark[other] == r->trial;
        if (other == demand || (r->stops[other].unit == PCT_PATROL_NONE && !is_trial)) continue;
        int64_t other_ms = is_trial ? r->trial_ms[other] : r->start_ms[other];
        int64_t other_end_ms =
            other_ms + p->modes[other == inserted ? mode : r->stops[other].mode].service_ms;
        if (end_ms + gap_ms > other_ms && other_end_ms + gap_ms > start_ms) return false;
    }
    return true;
}

/* When the round with `mode` behind `after` is left. */
static int64_t leave_with(const pct_rounds *r, int32_t mode, int32_t after) {
    const pct_patrol_problem *p = r->problem;
    const pct_stop *a = &r->stops[after], *b = &r->stops[a->next];
    int64_t back_ms;
    if (pct_patrol_has_bands(p)) return pct_rounds_bands_leave_ms(r, mode, after, &back_ms);
    pct_segment self = pct_segment_of(p, mode);
    pct_segment whole =
        pct_segment_join(&a->head, pct_patrol_travel_ms(p, a->to, p->modes[mode].from), &self);
    whole = pct_segment_join(&whole, pct_patrol_travel_ms(p, p->modes[mode].to, b->from), &b->tail);
    return whole.earliest_ms;
}

bool pct_gaps_allow(pct_rounds *r, int32_t mode, int32_t after) {
    const pct_patrol_problem *p = r->problem;
    const pct_stop *a = &r->stops[after];
    if (!time_round(r, a->unit, mode, after, leave_with(r, mode, after))) return true;
    int32_t demand = p->modes[mode].demand;
    if (series_of(r, demand) != PCT_PATROL_NONE && !is_kept(r, demand, mode)) return false;
    for (int32_t s = r->stops[pct_rounds_begin(r, a->unit)].next; !pct_rounds_is_post(r, s);
         s = r->stops[s].next)
        if (series_of(r, s) != PCT_PATROL_NONE && !is_kept(r, s, mode)) return false;
    return true;
}

int32_t pct_gaps_broken(const pct_rounds *r, int32_t unit) {
    for (int32_t s = r->stops[pct_rounds_begin(r, unit)].next; !pct_rounds_is_post(r, s);
         s = r->stops[s].next)
        if (series_of(r, s) != PCT_PATROL_NONE && !is_kept(r, s, PCT_PATROL_NONE)) return s;
    return PCT_PATROL_NONE;
}

bool pct_gaps_time(pct_rounds *r, int32_t unit) {
    if (!r->members) return true;
    int32_t begin = pct_rounds_begin(r, unit);
    if (!time_round(r, unit, PCT_PATROL_NONE, PCT_PATROL_NONE, r->stops[begin].tail.earliest_ms)) return true;
    for (int32_t s = r->stops[begin].next; !pct_rounds_is_post(r, s); s = r->stops[s].next) {
        bool is_new = r->start_ms[s] != r->trial_ms[s] && series_of(r, s) != PCT_PATROL_NONE;
        r->start_ms[s] = r->trial_ms[s];
        if (is_new) pct_rounds_even_refresh(r, series_of(r, s)); /* right from its last visit here on */
    }
    return pct_gaps_broken(r, unit) == PCT_PATROL_NONE;
}
