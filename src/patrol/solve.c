/* Leads the streams of a search (stream.h): equal stretches of iterations side by side, between them, where all stand still, the budget is
 * asked for, the best plan of all is kept, and a stream that has fallen behind goes on from another's plan, by the odds of annealing.
 * Whatever a stream
 * sees of the others it sees at fixed iterations, so that the plan does not depend on who carried which stream. */
#include "patrol/solve.h"

#include <math.h>
#include <string.h>

#include "patrol/cover.h"
#include "patrol/stream.h"
#include "patrol/waits.h"

enum { ASK_EVERY = 32, ASK_EVERY_TOGETHER = 128 };
static const size_t arena_max = (size_t)1 << 31;
static const double calls_share = 0.5; /* of the budget, where calls are expected */

typedef struct leader {
    const pct_patrol_problem *problem;
    const pct_patrol_settings *settings;
    pct_arena arena;
    pct_stream *streams; /* [count] */
    pct_cover *covers;   /* [count] while response is worked on */
    uint32_t count, stretch;
    pct_rng rng;
    int32_t *first, *mode; /* best plan of all: [unit_count + 1], [demand_count] */
    int32_t *other_first, *other_mode;
    pct_patrol_cost best;
} leader;

static void tell(const leader *l, uint64_t iteration) {
    if (l->settings->better) l->settings->better(l->settings->context, &l->best, iteration);
}

/* The best plan of all streams, told when it is new. */
static void keep_best(leader *l, bool is_first) {
    const pct_stream *best = NULL;
    for (uint32_t i = 0; i < l->count; i++)
        if ((is_first && i == 0) ||
            pct_patrol_cost_compare(&l->streams[i].best, best ? &best->best : &l->best) < 0)
            best = &l->streams[i];
    if (!best) return;
    l->best = best->best;
    memcpy(l->first, best->best_first, ((size_t)l->problem->unit_count + 1) * sizeof *l->first);
    memcpy(l->mode, best->best_mode, (size_t)l->problem->demand_count * sizeof *l->mode);
    tell(l, best->best_at);
}

/* Fewer musts left or fewer units are another world: who is not there goes there at once. */
static bool is_behind(const leader *l, const pct_stream *s) {
    return s->best.musts_left > l->best.musts_left ||
           (s->best.musts_left == l->best.musts_left && s->best.units > l->best.units);
}

static void exchange(leader *l) {
    const pct_stream *ahead = &l->streams[0];
    for (uint32_t i = 0; i < l->count; i++) {
        pct_stream *s = &l->streams[i];
        if (is_behind(l, s)) pct_stream_adopt(s, l->first, l->mode);
        bool leads = s->rounds.musts_left < ahead->rounds.musts_left ||
                     (s->rounds.musts_left == ahead->rounds.musts_left &&
                      pct_stream_score(s) < pct_stream_score(ahead));
        if (leads) ahead = s;
    }
    pct_stream_write(ahead, l->other_first, l->other_mode);
    for (uint32_t i = 0; i < l->count; i++) {
        pct_stream *s = &l->streams[i];
        double chance = 1.0 - pct_rng_unit(&l->rng);
        if (s == ahead || s->is_closing || s->rounds.musts_left || ahead->rounds.musts_left) continue;
        if (pct_stream_score(s) + s->temperature * log(chance) > pct_stream_score(ahead))
            pct_stream_adopt(s, l->other_first, l->other_mode);
    }
}

/* The share of the budget that is gone. */
static double spent(const leader *l) {
    const pct_patrol_settings *set = l->settings;
    double share = set->iterations_max ? (double)l->streams[0].iteration / (double)set->iterations_max : 0.0;
    double told = set->spent ? set->spent(set->context) : 0.0;
    return told > share ? told : share;
}

static void run_stream(void *context, unsigned worker, uint32_t number) {
    const leader *l = context;
    (void)worker;
    pct_stream_run(&l->streams[number], l->stretch);
}

static void work(leader *l) {
    const pct_patrol_settings *set = l->settings;
    uint32_t usual = l->count > 1 ? ASK_EVERY_TOGETHER : ASK_EVERY;
    double until = l->problem->calls ? 1.0 - calls_share : 1.0;
    for (double share; (share = spent(l)) < until;) {
        uint64_t left = set->iterations_max ? set->iterations_max - l->streams[0].iteration : usual;
        l->stretch = left < usual ? (uint32_t)left : usual;
        for (uint32_t i = 0; i < l->count; i++) pct_stream_set_spent(&l->streams[i], share / until);
        pct_pool_run(set->pool, run_stream, l, l->count);
        keep_best(l, false);
        if (l->count > 1) exchange(l);
    }
}

static void run_cover(void *context, unsigned worker, uint32_t number) {
    const leader *l = context;
    (void)worker;
    pct_cover_run(&l->covers[number], l->stretch);
}

static void keep_best_cover(leader *l) {
    const pct_cover *best = NULL;
    for (uint32_t i = 0; i < l->count; i++)
        if (pct_patrol_cost_compare(&l->covers[i].best, best ? &best->best : &l->best) < 0)
            best = &l->covers[i];
    if (!best) return;
    l->best = best->best;
    memcpy(l->first, best->best_first, ((size_t)l->problem->unit_count + 1) * sizeof *l->first);
    memcpy(l->mode, best->best_mode, (size_t)l->problem->demand_count * sizeof *l->mode);
    tell(l, best->best_at);
}

/* Who has fallen behind goes on from the plan of who is ahead. */
static void exchange_covers(leader *l) {
    const pct_cover *ahead = &l->covers[0];
    for (uint32_t i = 1; i < l->count; i++)
        if (pct_cover_score(&l->covers[i]) < pct_cover_score(ahead)) ahead = &l->covers[i];
    double least = pct_cover_score(ahead);
    pct_stream_write(ahead->stream, l->other_first, l->other_mode);
    for (uint32_t i = 0; i < l->count; i++) {
        pct_cover *c = &l->covers[i];
        double chance = 1.0 - pct_rng_unit(&l->rng);
        if (c != ahead && pct_cover_score(c) + c->temperature_ms * log(chance) > least)
            pct_cover_adopt(c, l->other_first, l->other_mode);
    }
}

/* What is left of the budget goes to the calls: all streams go on from the best plan. */
static pct_status cover(leader *l, pct_error *error) {
    const pct_patrol_settings *set = l->settings;
    uint32_t usual = l->count > 1 ? ASK_EVERY_TOGETHER : ASK_EVERY;
    pct_status status = PCT_OK;
    l->covers = pct_arena_alloc(&l->arena, l->count, sizeof *l->covers);
    if (!l->covers) return pct_error_memory(error, l->count * sizeof *l->covers);
    for (uint32_t i = 0; i < l->count && !status; i++)
        status = pct_cover_init(&l->covers[i], &l->streams[i], l->first, l->mode, &l->arena, error);
    if (status) return status;
    l->best = l->covers[0].best;
    tell(l, l->streams[0].iteration);
    for (double share; (share = spent(l)) < 1.0;) {
        uint64_t left = set->iterations_max ? set->iterations_max - l->streams[0].iteration : usual;
        double gone = (share - 1.0 + calls_share) / calls_share;
        l->stretch = left < usual ? (uint32_t)left : usual;
        for (uint32_t i = 0; i < l->count; i++) pct_cover_set_spent(&l->covers[i], gone < 0.0 ? 0.0 : gone);
        pct_pool_run(set->pool, run_cover, l, l->count);
        keep_best_cover(l);
        if (l->count > 1) exchange_covers(l);
    }
    return PCT_OK;
}

static pct_status prepare(leader *l, pct_error *error) {
    const pct_patrol_problem *p = l->problem;
    size_t units = (size_t)p->unit_count + 1, demands = (size_t)p->demand_count;
    l->arena = pct_arena_init(arena_max);
    l->count = l->settings->streams ? l->settings->streams : 1;
    l->rng = pct_rng_init(l->settings->seed, PCT_PATROL_STREAMS_MAX);
    l->streams = pct_arena_alloc(&l->arena, l->count, sizeof *l->streams);
    int32_t *numbers = pct_arena_alloc(&l->arena, 2 * (units + demands), sizeof *numbers);
    if (!l->streams || !numbers) return pct_error_memory(error, (units + demands) * sizeof *numbers);
    l->first = numbers;
    l->other_first = l->first + units;
    l->mode = l->other_first + units;
    l->other_mode = l->mode + demands;
    pct_status status = PCT_OK;
    for (uint32_t i = 0; i < l->count && !status; i++)
        status = pct_stream_init(&l->streams[i], p, l->settings, i, i ? l->streams : NULL, &l->arena, error);
    return status;
}

static pct_status write_plan(leader *l, pct_patrol_plan *out, pct_error *error) {
    const pct_patrol_problem *p = l->problem;
    pct_rounds *r = &l->streams[0].rounds;
    pct_rounds_set(r, l->first, l->mode);
    uint64_t iterations = 0;
    for (uint32_t i = 0; i < l->count; i++) iterations += l->streams[i].iteration;
    size_t units = (size_t)p->unit_count, visits = (size_t)l->first[units];
    int64_t *block = pct_alloc(visits + 2 * units + (visits + units + 2) / 2, sizeof *block);
    if (!block) return pct_error_memory(error, (visits + units) * sizeof *block);
    *out = (pct_patrol_plan){.unit_count = p->unit_count,
                             .visit_count = (int32_t)visits,
                             .cost = l->best,
                             .iterations = iterations};
    out->start_ms = block;
    out->leave_ms = out->start_ms + visits;
    out->back_ms = out->leave_ms + units;
    out->first = (int32_t *)(out->back_ms + units);
    out->mode = out->first + units + 1;
    memcpy(out->first, l->first, (units + 1) * sizeof *out->first);
    memcpy(out->mode, l->mode, visits * sizeof *out->mode);
    for (int32_t u = 0; u < p->unit_count; u++) {
        int64_t at_ms =
            out->first[u] < out->first[u + 1] ? r->stops[pct_rounds_begin(r, u)].tail.earliest_ms : 0;
        int32_t place = p->units[u].start;
        out->leave_ms[u] = out->back_ms[u] = at_ms;
        for (int32_t v = out->first[u]; v < out->first[u + 1]; v++) {
            const pct_patrol_mode *m = &p->modes[out->mode[v]];
            at_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
            if (at_ms < m->open_ms) at_ms = m->open_ms;
            out->start_ms[v] = at_ms;
            at_ms += m->service_ms;
            place = m->to;
            out->back_ms[u] = pct_patrol_arrive_ms(p, place, p->units[u].end, at_ms);
        }
    }
    out->travel_bound = pct_patrol_travel_bound(p);
    pct_status status = pct_waits_move(p, out, error);
    uint32_t passes = l->settings->bound_passes;
    if (passes && !status) status = pct_patrol_bound_priced(p, out, passes, &out->travel_bound, error);
    if (status) pct_patrol_plan_dispose(out);
    return status;
}

pct_status pct_patrol_solve(const pct_patrol_problem *problem, const pct_patrol_settings *settings,
                            pct_patrol_plan *out, pct_error *error) {
    *out = (pct_patrol_plan){0};
    if ((!settings->iterations_max && !settings->spent) || settings->streams > PCT_PATROL_STREAMS_MAX)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PATROL_PROBLEM, pct_int(0),
                        pct_phrase(PCT_MSG_PATROL_EXPECTED_END));
    pct_status status = pct_patrol_problem_check(problem, error);
    if (status) return status;
    leader l = {.problem = problem, .settings = settings};
    status = prepare(&l, error);
    for (uint32_t i = 0; i < l.count && !status; i++) pct_stream_begin(&l.streams[i]);
    if (!status) {
        keep_best(&l, true);
        if (problem->demand_count && problem->unit_count) work(&l);
        if (problem->calls && problem->unit_count) status = cover(&l, error);
        if (!status) status = write_plan(&l, out, error);
    }
    pct_arena_dispose(&l.arena);
    return status;
}
