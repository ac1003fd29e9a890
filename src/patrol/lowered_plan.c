/* From the solver's plan back to stops with places and times. */
#include <math.h>

#include "patrol/conflict.h"
#include "patrol/lowered.h"
#include "patrol/spread.h"

enum { MS_PER_S = 1000, EXPLAINED_MAX = 12 };
static const size_t arena_max = (size_t)256 << 20;

typedef struct writer {
    const pct_lowered *lowered;
    const pct_patrol_plan *plan;
    pct_duty_plan *out;
    bool *served; /* [demand_count] */
    uint64_t explain;
    int explained;
    pct_error *error;
} writer;

static pct_status keep_text(writer *w, pct_text text, pct_text *out) {
    char *copy = pct_arena_text(&w->out->arena, text.chars, text.length);
    *out = (pct_text){copy, text.length};
    return copy ? PCT_OK : pct_error_memory(w->error, text.length);
}

static pct_status write_stop(writer *w, int32_t visit, int32_t place, int64_t leave_ms, pct_duty_stop *out) {
    const pct_lowered *l = w->lowered;
    const pct_patrol_mode *mode = &l->problem.modes[w->plan->mode[visit]];
    const pct_duty_visit *is = &l->visits[mode->demand];
    const pct_duty_task *task = &l->duty->tasks[is->task];
    int64_t arrive_ms = pct_patrol_arrive_ms(&l->problem, place, mode->from, leave_ms);
    int64_t start_ms = w->plan->start_ms[visit];
    w->served[mode->demand] = true;
    *out = (pct_duty_stop){.kind = task->kind,
                           .moves = l->moves[mode->from],
                           .n = is->n,
                           .travel_ms = arrive_ms - leave_ms,
                           .arrive_ms = l->zero_ms + arrive_ms,
                           .start_ms = l->zero_ms + start_ms,
                           .end_ms = l->zero_ms + start_ms + mode->service_ms,
                           .from = l->positions[mode->from],
                           .to = l->positions[mode->to]};
    pct_status status = keep_text(w, task->id, &out->id);
    return status ? status : keep_text(w, task->name, &out->name);
}

static pct_status write_route(writer *w, int32_t u, pct_duty_route *out) {
    const pct_patrol_plan *plan = w->plan;
    const pct_lowered *l = w->lowered;
    const pct_patrol_unit *unit = &l->problem.units[u];
    int32_t first = plan->first[u], last = plan->first[u + 1], place = unit->start;
    size_t count = (size_t)(last - first);
    int64_t leave_ms = plan->leave_ms[u];
    pct_duty_stop *stops = pct_arena_alloc(&w->out->arena, count ? count : 1, sizeof *stops);
    if (!stops) return pct_error_memory(w->error, count * sizeof *stops);
    *out = (pct_duty_route){.moves = l->duty->units[u].moves,
                            .start = l->positions[unit->start],
                            .end = l->positions[unit->end],
                            .leave_ms = l->zero_ms + (count ? leave_ms : unit->open_ms),
                            .back_ms = l->zero_ms + (count ? plan->back_ms[u] : unit->open_ms),
                            .stops = stops,
                            .stop_count = count};
    pct_status status = keep_text(w, l->duty->units[u].id, &out->unit);
    for (int32_t v = first; v < last && !status; v++) {
        pct_duty_stop *stop = &stops[v - first];
        status = write_stop(w, v, place, leave_ms, stop);
        out->travel_ms += stop->travel_ms;
        place = l->problem.modes[plan->mode[v]].to;
        leave_ms = stop->end_ms - l->zero_ms;
    }
    if (count) out->travel_ms += pct_patrol_arrive_ms(&l->problem, place, unit->end, leave_ms) - leave_ms;
    return status;
}

static pct_status write_unmet(writer *w, const pct_duty_unmet *from) {
    pct_duty_unmet *out = &w->out->unmet[w->out->unmet_count++];
    *out = *from;
    if (from->must) w->out->feasible = false;
    pct_status status = keep_text(w, from->id, &out->id);
    return status ? status : keep_text(w, from->name, &out->name);
}

/* The ids of those it cannot stand together with, each once; its own where there are no others. */
static pct_status write_with(writer *w, const pct_conflict *conflict, pct_duty_unmet *unmet) {
    const pct_lowered *l = w->lowered;
    static const pct_duty_reason reasons[] = {[PCT_CONFLICT_NONE] = PCT_DUTY_NO_PLACE,
                                              [PCT_CONFLICT_CAPABILITY] = PCT_DUTY_CAPABILITY,
                                              [PCT_CONFLICT_WINDOW] = PCT_DUTY_WINDOW,
                                              [PCT_CONFLICT_UNREACHABLE] = PCT_DUTY_UNREACHABLE,
                                              [PCT_CONFLICT_TIME] = PCT_DUTY_TIME};
    unmet->reason = reasons[conflict->kind];
    if (conflict->kind != PCT_CONFLICT_TIME) return PCT_OK;
    pct_text *with = pct_arena_alloc(&w->out->arena, (size_t)conflict->count, sizeof *with);
    if (!with) return pct_error_memory(w->error, (size_t)conflict->count * sizeof *with);
    unmet->with = with;
    for (int32_t i = 1; i < conflict->count; i++) {
        int32_t task = l->visits[conflict->demands[i]].task;
        bool is_new = true;
        for (int32_t k = 0; k < i && is_new; k++) is_new = l->visits[conflict->demands[k]].task != task;
        const pct_duty_task *t = &l->duty->tasks[task];
        pct_text name = t->id.length ? t->id : pct_text_of(pct_duty_kind_name(t->kind)); /* a break */
        pct_status status = is_new ? keep_text(w, name, &with[unmet->with_count++]) : PCT_OK;
        if (status) return status;
    }
    if (unmet->with_count == 0 && conflict->count > 1) with[unmet->with_count++] = unmet->id;
    return PCT_OK;
}

static pct_status explain(writer *w, int32_t demand, pct_duty_unmet *unmet) {
    pct_arena arena = pct_arena_init(arena_max);
    pct_conflict conflict;
    pct_status status =
        pct_conflict_find(&w->lowered->problem, w->plan, demand, w->explain, &arena, &conflict, w->error);
    if (!status) status = write_with(w, &conflict, unmet);
    pct_arena_dispose(&arena);
    return status;
}

static pct_status write_all_unmet(writer *w) {
    const pct_lowered *l = w->lowered;
    size_t demands = (size_t)l->problem.demand_count, most = l->unmet_count + demands;
    w->out->unmet = pct_arena_alloc(&w->out->arena, most ? most : 1, sizeof *w->out->unmet);
    if (!w->out->unmet) return pct_error_memory(w->error, most * sizeof *w->out->unmet);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < l->unmet_count && !status; i++) status = write_unmet(w, &l->unmet[i]);
    for (size_t d = 0; d < demands && !status; d++) {
        if (w->served[d]) continue;
        const pct_duty_task *task = &l->duty->tasks[l->visits[d].task];
        bool must = l->problem.demands[d].must;
        const pct_duty_unmet left = {task->kind, task->id,          task->name, l->visits[d].n,
                                     must,       PCT_DUTY_NO_PLACE, NULL,       0};
        status = write_unmet(w, &left);
        if (!status && must && w->explain && w->explained++ < EXPLAINED_MAX)
            status = explain(w, (int32_t)d, &w->out->unmet[w->out->unmet_count - 1]);
    }
    return status;
}

static void write_figures(writer *w) {
    const pct_patrol_cost *cost = &w->plan->cost;
    pct_duty_plan *out = w->out;
    out->iterations = w->plan->iterations;
    out->response_s = w->lowered->problem.calls ? (double)cost->response_ms / MS_PER_S : NAN;
    for (size_t i = 0; i < out->unmet_count; i++)
        *(out->unmet[i].must ? &out->musts_left : &out->shoulds_left) += 1.0;
    for (size_t r = 0; r < out->route_count; r++)
        out->travel_s += (double)out->routes[r].travel_ms / MS_PER_S;
    out->imbalance_s = (double)cost->imbalance_ms / MS_PER_S;
    out->bound_travel_s = (double)w->plan->travel_bound / MS_PER_S;
}

pct_status pct_lowered_plan(const pct_lowered *lowered, const pct_patrol_plan *plan,
                            uint64_t explain_iterations, pct_duty_plan *out, pct_error *error) {
    writer w = {lowered, plan, out, NULL, explain_iterations, 0, error};
    size_t units = (size_t)lowered->problem.unit_count;
    *out = (pct_duty_plan){.arena = pct_arena_init(arena_max), .feasible = true};
    out->routes = pct_arena_alloc(&out->arena, units, sizeof *out->routes);
    w.served = pct_alloc_zeroed((size_t)lowered->problem.demand_count + 1, sizeof *w.served);
    pct_status status =
        out->routes && w.served ? PCT_OK : pct_error_memory(error, units * sizeof *out->routes);
    if (!status) status = keep_text(&w, lowered->duty->name, &out->name);
    if (!status) status = keep_text(&w, lowered->duty->date, &out->date);
    for (size_t u = 0; u < units && !status; u++) {
        status = write_route(&w, (int32_t)u, &out->routes[u]);
        out->route_count = u + 1;
    }
    if (!status) status = write_all_unmet(&w);
    if (!status) write_figures(&w);
    if (!status) status = pct_spread_of_plan(&lowered->problem, plan, &out->spread, error);
    pct_free(w.served);
    if (status) pct_duty_plan_dispose(out);
    return status;
}
