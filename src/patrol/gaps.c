/* Gaps between visits of a series. The visits may stand in different rounds, so that a gap is no matter of one round's windows: it is
 * judged on the times that the rounds are driven at (leaving so that the round is shortest, then as early as possible), which change
 * with every change of a round. A trial looks only at visits that would begin at another time, which a wait soon ends:
 * O(such visits × visits of a series); nothing where no series is concerned. */
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

/* When the demand begins: by the trial where that has it at another time. */
static int64_t begin_ms(const pct_rounds *r, int32_t demand) {
    return r->trial_mark[demand] == r->trial ? r->trial_ms[demand] : r->start_ms[demand];
}

static void shift(pct_rounds *r, int32_t demand, int64_t start_ms) {
    r->trial_ms[demand] = start_ms;
    r->trial_mark[demand] = r->trial;
    r->shifted[r->shifted_count++] = demand;
}

/* Drives the stops behind `stop` from at_ms on up to `last`, until one begins when it did before. */
static void shift_behind(pct_rounds *r, int32_t stop, int32_t place, int64_t at_ms, int32_t last) {
    while (stop != last && !pct_rounds_is_post(r, stop = r->stops[stop].next)) {
        int64_t start_ms = serve(r->problem, place, &r->problem->modes[r->stops[stop].mode], &at_ms);
        if (start_ms == r->start_ms[stop]) return;
        shift(r, stop, start_ms);
        place = r->stops[stop].to;
    }
}

/* When the unit is through with the stop, by the trial. */
static int64_t end_ms(const pct_rounds *r, int32_t stop, int64_t leave_ms) {
    if (pct_rounds_is_post(r, stop)) return leave_ms;
    return begin_ms(r, stop) + r->problem->modes[r->stops[stop].mode].service_ms;
}

/* A new trial: what begins at another time when `mode` comes behind `after` and the round is left at leave_ms. */
static void try_mode(pct_rounds *r, int32_t mode, int32_t after, int64_t leave_ms) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_mode *m = &p->modes[mode];
    int32_t begin = pct_rounds_begin(r, r->stops[after].unit);
    r->trial++;
    r->shifted_count = 0;
    if (leave_ms != r->stops[begin].tail.earliest_ms)
        shift_behind(r, begin, r->stops[begin].to, leave_ms, after);
    int64_t at_ms = end_ms(r, after, leave_ms);
    shift(r, m->demand, serve(p, r->stops[after].to, m, &at_ms));
    shift_behind(r, after, m->to, at_ms, PCT_PATROL_NONE);
}

/* Whether the visit keeps its gap to every other of its series. `mode` is that of a demand not yet served. */
static bool is_kept(const pct_rounds *r, int32_t demand, int32_t mode) {
    const pct_patrol_problem *p = r->problem;
    int32_t series = series_of(r, demand), inserted = mode == PCT_PATROL_NONE ? mode : p->modes[mode].demand;
    int64_t start_ms = begin_ms(r, demand), gap_ms = p->gap_ms[series];
    int64_t done_ms = start_ms + p->modes[demand == inserted ? mode : r->stops[demand].mode].service_ms;
    for (int32_t i = r->member_first[series]; i < r->member_first[series + 1]; i++) {
        int32_t other = r->members[i];
        if (other == demand || (r->stops[other].unit == PCT_PATROL_NONE && other != inserted)) continue;
        int64_t other_ms = begin_ms(r, other);
        int64_t other_done_ms =
            other_ms + p->modes[other == inserted ? mode : r->stops[other].mode].service_ms;
        if (done_ms + gap_ms > other_ms && other_done_ms + gap_ms > start_ms) return false;
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
    try_mode(r, mode, after, leave_with(r, mode, after));
    for (int32_t i = 0; i < r->shifted_count; i++)
        if (series_of(r, r->shifted[i]) != PCT_PATROL_NONE && !is_kept(r, r->shifted[i], mode)) return false;
    return true;
}

int32_t pct_gaps_broken(pct_rounds *r, int32_t unit) {
    r->trial++;
    for (int32_t s = r->stops[pct_rounds_begin(r, unit)].next; !pct_rounds_is_post(r, s);
         s = r->stops[s].next)
        if (series_of(r, s) != PCT_PATROL_NONE && !is_kept(r, s, PCT_PATROL_NONE)) return s;
    return PCT_PATROL_NONE;
}

void pct_gaps_time(pct_rounds *r, int32_t unit) {
    int32_t s = pct_rounds_begin(r, unit), place = r->stops[s].to;
    int64_t at_ms = r->stops[s].tail.earliest_ms;
    while (!pct_rounds_is_post(r, s = r->stops[s].next)) {
        int64_t was_ms = r->start_ms[s];
        r->start_ms[s] = serve(r->problem, place, &r->problem->modes[r->stops[s].mode], &at_ms);
        place = r->stops[s].to;
        if (r->start_ms[s] != was_ms && series_of(r, s) != PCT_PATROL_NONE)
            pct_rounds_even_refresh(r, series_of(r, s)); /* right from its last visit here on */
    }
}
