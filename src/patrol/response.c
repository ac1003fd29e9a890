#include "patrol/response.h"

#include <math.h>

static const size_t arena_max = (size_t)1 << 31;

pct_status pct_response_init(pct_response *out, const pct_patrol_problem *p, pct_arena *arena,
                             pct_error *error) {
    *out = (pct_response){.problem = p, .from_ms = INT64_MAX};
    int64_t to_ms = 0;
    for (int32_t u = 0; u < p->unit_count; u++) {
        if (p->units[u].open_ms < out->from_ms) out->from_ms = p->units[u].open_ms;
        if (p->units[u].close_ms > to_ms) to_ms = p->units[u].close_ms;
    }
    if (p->unit_count == 0) out->from_ms = 0;
    out->slice_count = (int32_t)((to_ms - out->from_ms + p->calls->slice_ms - 1) / p->calls->slice_ms);
    if (out->slice_count < 1) out->slice_count = 1;
    size_t cells = (size_t)out->slice_count * (size_t)p->calls->point_count, units = (size_t)p->unit_count;
    out->time_ms = pct_arena_alloc(arena, cells * units, sizeof *out->time_ms);
    out->farthest_ms = pct_arena_alloc(arena, cells, sizeof *out->farthest_ms);
    out->expected_ms = pct_arena_alloc(arena, cells, sizeof *out->expected_ms);
    if (!out->time_ms || !out->farthest_ms || !out->expected_ms)
        return pct_error_memory(error, cells * units * sizeof *out->time_ms);
    for (size_t i = 0; i < cells * units; i++) out->time_ms[i] = INT32_MAX;
    for (size_t i = 0; i < cells; i++) {
        out->farthest_ms[i] = INT32_MAX;
        out->expected_ms[i] = (double)p->calls->nobody_ms;
    }
    return PCT_OK;
}

/* The nearest units' times, ascending, from all units' of one cell. */
static int32_t nearest(const int32_t *times_ms, int32_t units, int32_t *best_ms) {
    int32_t count = 0;
    for (int32_t u = 0; u < units; u++) {
        int32_t time_ms = times_ms[u];
        if (time_ms == INT32_MAX || (count == PCT_RESPONSE_NEAREST && time_ms >= best_ms[count - 1]))
            continue;
        int32_t at = count < PCT_RESPONSE_NEAREST ? count++ : count - 1;
        for (; at > 0 && best_ms[at - 1] > time_ms; at--) best_ms[at] = best_ms[at - 1];
        best_ms[at] = time_ms;
    }
    return count;
}

static void expect(pct_response *r, size_t cell) {
    const pct_patrol_calls *c = r->problem->calls;
    int32_t best_ms[PCT_RESPONSE_NEAREST], units = r->problem->unit_count;
    int32_t count = nearest(r->time_ms + cell * (size_t)units, units, best_ms);
    double sum_ms = 0.0, all_busy = 1.0;
    for (int32_t k = 0; k < count; k++) {
        double time_ms = best_ms[k] < c->nobody_ms ? best_ms[k] : (double)c->nobody_ms;
        sum_ms += all_busy * (1.0 - c->busy) * time_ms;
        all_busy *= c->busy;
    }
    r->expected_ms[cell] = sum_ms + all_busy * (double)c->nobody_ms;
    r->farthest_ms[cell] = count == PCT_RESPONSE_NEAREST ? best_ms[count - 1] : INT32_MAX;
}

/* A stretch of a unit's day: from one place to another or at one. */
typedef struct stretch {
    int64_t from_ms, to_ms;
    int32_t from, to;
} stretch;

static int32_t time_from(const pct_patrol_calls *c, const stretch *s, int64_t at_ms, int32_t point) {
    size_t points = (size_t)c->point_count, column = (size_t)point;
    int64_t back_ms = c->time_ms[(size_t)s->from * points + column];
    if (s->from == s->to) return (int32_t)back_ms;
    back_ms += at_ms - s->from_ms;
    int64_t on_ms = s->to_ms - at_ms + c->time_ms[(size_t)s->to * points + column];
    int64_t least_ms = on_ms < back_ms ? on_ms : back_ms;
    return least_ms < INT32_MAX ? (int32_t)least_ms : INT32_MAX - 1;
}

static void set_time(pct_response *r, size_t cell, int32_t unit, int32_t time_ms) {
    int32_t *at = &r->time_ms[cell * (size_t)r->problem->unit_count + (size_t)unit], was_ms = *at;
    if (was_ms == time_ms) return;
    *at = time_ms;
    if (was_ms > r->farthest_ms[cell] && time_ms >= r->farthest_ms[cell]) return;
    expect(r, cell);
}

/* All slices whose middle lies in the stretch, from `slice` on; the first behind it. */
static int32_t set_stretch(pct_response *r, int32_t unit, int32_t slice, const stretch *s) {
    const pct_patrol_calls *c = r->problem->calls;
    const pct_patrol_unit *is = &r->problem->units[unit];
    for (; slice < r->slice_count; slice++) {
        int64_t at_ms = r->from_ms + slice * c->slice_ms + c->slice_ms / 2;
        if (at_ms >= s->to_ms) break;
        bool is_there = at_ms >= is->open_ms && at_ms < is->close_ms;
        for (int32_t point = 0; point < c->point_count; point++)
            set_time(r, (size_t)slice * (size_t)c->point_count + (size_t)point, unit,
                     is_there ? time_from(c, s, at_ms, point) : INT32_MAX);
    }
    return slice;
}

/* starts_ms NULL: each visit begins as soon as it can. */
static void set_unit(pct_response *r, int32_t unit, const int32_t *modes, const int64_t *starts_ms,
                     int32_t count, int64_t leave_ms) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_unit *is = &p->units[unit];
    int64_t at_ms = count ? leave_ms : is->close_ms;
    int32_t place = is->start;
    int32_t slice = set_stretch(r, unit, 0, &(stretch){0, at_ms, place, place});
    for (int32_t i = 0; i < count; i++) {
        const pct_patrol_mode *m = &p->modes[modes[i]];
        int64_t there_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
        int64_t start_ms = starts_ms ? starts_ms[i] : there_ms < m->open_ms ? m->open_ms : there_ms;
        slice = set_stretch(r, unit, slice, &(stretch){at_ms, there_ms, place, m->from});
        slice = set_stretch(r, unit, slice, &(stretch){there_ms, start_ms, m->from, m->from});
        at_ms = start_ms + m->service_ms;
        slice = set_stretch(r, unit, slice, &(stretch){start_ms, at_ms, m->from, m->to});
        place = m->to;
    }
    if (count) {
        int64_t back_ms = pct_patrol_arrive_ms(p, place, is->end, at_ms);
        slice = set_stretch(r, unit, slice, &(stretch){at_ms, back_ms, place, is->end});
        place = is->end;
    }
    (void)set_stretch(r, unit, slice, &(stretch){0, INT64_MAX, place, place});
}

void pct_response_set_unit(pct_response *r, int32_t unit, const int32_t *modes, int32_t count,
                           int64_t leave_ms) {
    set_unit(r, unit, modes, NULL, count, leave_ms);
}

void pct_response_set_times(pct_response *r, const pct_patrol_plan *plan, int32_t unit) {
    int32_t first = plan->first[unit];
    set_unit(r, unit, plan->mode + first, plan->start_ms + first, plan->first[unit + 1] - first,
             plan->leave_ms[unit]);
}

double pct_response_expected_ms(const pct_response *r) {
    const pct_patrol_calls *c = r->problem->calls;
    double sum = 0.0, calls = 0.0;
    for (int32_t point = 0; point < c->point_count; point++) calls += c->per_hour[point];
    for (int32_t slice = 0; slice < r->slice_count; slice++)
        for (int32_t point = 0; point < c->point_count; point++)
            sum +=
                c->per_hour[point] * r->expected_ms[(size_t)slice * (size_t)c->point_count + (size_t)point];
    return sum / calls / r->slice_count;
}

int64_t pct_response_steps_ms(const pct_patrol_calls *calls, double expected_ms) {
    return (int64_t)ceil(expected_ms / (double)calls->step_ms) * calls->step_ms;
}

pct_status pct_response_of_plan(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                                double *out_ms, pct_error *error) {
    pct_arena arena = pct_arena_init(arena_max);
    pct_response response;
    pct_status status = pct_response_init(&response, problem, &arena, error);
    for (int32_t u = 0; u < problem->unit_count && !status; u++) pct_response_set_times(&response, plan, u);
    *out_ms = status ? 0.0 : pct_response_expected_ms(&response);
    pct_arena_dispose(&arena);
    return status;
}
