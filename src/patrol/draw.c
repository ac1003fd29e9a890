/* The walk is ruin and recreate with many blinks, kept whenever the plan stays within its bounds: near-best plans are joined by such steps, and
 * none is preferred. Departures come last, unit by unit: a round that can leave within [earliest, latest] leaves at an instant drawn from it, if
 * its duration and the gaps to all other visits allow; half as late where they do not, and so on to none. */
#include "patrol/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "patrol/even.h"
#include "patrol/response.h"
#include "patrol/stream.h"
#include "patrol/waits.h"

enum { DELAYS_MAX = 5, TRIES = 4, SPREAD_STEPS = 5 };
static const double blink_rate = 0.1;
static const size_t arena_max = (size_t)1 << 31;

typedef struct drawer {
    const pct_patrol_problem *problem;
    const pct_patrol_plan *best;
    const pct_draw_settings *settings;
    pct_patrol_settings of_stream;
    pct_arena arena;
    pct_stream stream;
    pct_blink blink;
    int64_t travel_max, response_max_ms, spread_enough_ppm;
} drawer;

static bool is_near(const drawer *d) {
    const pct_rounds *r = &d->stream.rounds;
    const pct_patrol_cost *best = &d->best->cost;
    return r->musts_left <= best->musts_left && r->shoulds_left <= best->shoulds_left &&
           r->travel <= d->travel_max && (!d->settings->fewest_units || r->used_units <= best->units);
}

static void walk(drawer *d) {
    pct_stream *s = &d->stream;
    pct_rounds *r = &s->rounds;
    for (uint64_t i = 0; i < d->settings->iterations; i++) {
        pct_rounds_mark(r);
        pct_ruin_strings(&s->ruin, r, &s->rng);
        pct_recreate_all(&s->recreate, r, &s->rng, &d->blink);
        if (!is_near(d)) pct_rounds_undo(r);
    }
}

/* Times of the unit's visits when it leaves at leave_ms. */
static void drive(const pct_patrol_problem *p, pct_patrol_plan *plan, int32_t unit, int64_t leave_ms) {
    int64_t at_ms = leave_ms;
    int32_t place = p->units[unit].start;
    plan->leave_ms[unit] = leave_ms;
    for (int32_t v = plan->first[unit]; v < plan->first[unit + 1]; v++) {
        const pct_patrol_mode *m = &p->modes[plan->mode[v]];
        at_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
        if (at_ms < m->open_ms) at_ms = m->open_ms;
        plan->start_ms[v] = at_ms;
        at_ms += m->service_ms;
        place = m->to;
    }
    plan->back_ms[unit] = pct_patrol_arrive_ms(p, place, p->units[unit].end, at_ms);
}

static bool keeps_gaps(const pct_patrol_problem *p, const pct_patrol_plan *plan, int32_t unit) {
    for (int32_t v = plan->first[unit]; v < plan->first[unit + 1]; v++) {
        const pct_patrol_mode *m = &p->modes[plan->mode[v]];
        int32_t series = p->demands[m->demand].series;
        for (int32_t w = 0; w < plan->visit_count && series != PCT_PATROL_NONE; w++) {
            const pct_patrol_mode *n = &p->modes[plan->mode[w]];
            if (w == v || p->demands[n->demand].series != series) continue;
            if (plan->start_ms[v] + m->service_ms + p->gap_ms[series] > plan->start_ms[w] &&
                plan->start_ms[w] + n->service_ms + p->gap_ms[series] > plan->start_ms[v])
                return false;
        }
    }
    return true;
}

static void delay(drawer *d, pct_patrol_plan *plan, int32_t unit) {
    const pct_patrol_problem *p = d->problem;
    const pct_segment *whole = &d->stream.rounds.stops[pct_rounds_begin(&d->stream.rounds, unit)].tail;
    int64_t earliest_ms = whole->earliest_ms, latest_ms = whole->latest_ms;
    if (latest_ms <= earliest_ms || plan->first[unit] == plan->first[unit + 1]) return;
    int64_t later_ms = (int64_t)(pct_rng_unit(&d->stream.rng) * (double)(latest_ms - earliest_ms + 1));
    for (int i = 0; i < DELAYS_MAX; i++, later_ms /= 2) {
        drive(p, plan, unit, earliest_ms + later_ms);
        if (plan->back_ms[unit] - plan->leave_ms[unit] <= p->units[unit].duration_max_ms &&
            keeps_gaps(p, plan, unit))
            return;
    }
    drive(p, plan, unit, earliest_ms);
}

static void set_cost(const drawer *d, pct_patrol_plan *plan) {
    plan->cost = pct_rounds_cost(&d->stream.rounds, d->settings->fewest_units);
    plan->cost.imbalance_ms = pct_patrol_imbalance_ms(plan);
    plan->travel_bound = d->best->travel_bound;
}

static pct_status respond(const drawer *d, pct_patrol_plan *plan, bool *is_good, pct_error *error) {
    double expected_ms;
    *is_good = true;
    pct_status status = pct_even_of_plan(d->problem, plan, &plan->cost.spread_ppm, error);
    if (!d->problem->calls || status) return status;
    status = pct_response_of_plan(d->problem, plan, &expected_ms, error);
    plan->cost.response_ms = pct_response_steps_ms(d->problem->calls, expected_ms);
    *is_good = plan->cost.response_ms <= d->response_max_ms;
    return status;
}

/* The rounds as a plan, leaving when chance says or, where that answers calls too late, at their earliest. */
static pct_status lay(drawer *d, pct_patrol_plan *plan, bool *is_good, pct_error *error) {
    const pct_rounds *r = &d->stream.rounds;
    pct_status status =
        pct_patrol_plan_init(plan, d->problem->unit_count, d->problem->demand_count - r->absent_count, error);
    if (status) return status;
    pct_stream_write(&d->stream, plan->first, plan->mode);
    for (int delays = 1; delays >= 0; delays--) {
        for (int32_t u = 0; u < plan->unit_count; u++) {
            bool stays = plan->first[u] == plan->first[u + 1];
            if (!stays) drive(d->problem, plan, u, r->stops[pct_rounds_begin(r, u)].tail.earliest_ms);
            if (stays) plan->leave_ms[u] = plan->back_ms[u] = 0;
        }
        for (int32_t u = 0; u < plan->unit_count && delays; u++) delay(d, plan, u);
        set_cost(d, plan);
        status = pct_waits_spread(d->problem, plan, d->spread_enough_ppm, error);
        if (!status) status = respond(d, plan, is_good, error);
        if (status || *is_good) return status;
    }
    return status;
}

static pct_status copy_best(const drawer *d, pct_patrol_plan *out, pct_error *error) {
    const pct_patrol_plan *b = d->best;
    size_t units = (size_t)b->unit_count, visits = (size_t)b->visit_count;
    pct_status status = pct_patrol_plan_init(out, b->unit_count, b->visit_count, error);
    if (status) return status;
    memcpy(out->first, b->first, (units + 1) * sizeof *out->first);
    memcpy(out->mode, b->mode, visits * sizeof *out->mode);
    memcpy(out->start_ms, b->start_ms, visits * sizeof *out->start_ms);
    memcpy(out->leave_ms, b->leave_ms, units * sizeof *out->leave_ms);
    memcpy(out->back_ms, b->back_ms, units * sizeof *out->back_ms);
    out->cost = b->cost;
    out->travel_bound = b->travel_bound;
    return PCT_OK;
}

static pct_status draw_one(drawer *d, pct_patrol_plan *out, pct_error *error) {
    bool is_good = false;
    for (int i = 0; i < TRIES; i++) {
        walk(d);
        pct_status status = lay(d, out, &is_good, error);
        if (status || is_good) return status;
        pct_patrol_plan_dispose(out);
    }
    pct_rounds_set(&d->stream.rounds, d->best->first, d->best->mode);
    return copy_best(d, out, error);
}

static pct_status begin(drawer *d, pct_error *error) {
    const pct_patrol_cost *cost = &d->best->cost;
    d->arena = pct_arena_init(arena_max);
    d->of_stream = (pct_patrol_settings){
        .seed = d->settings->seed, .iterations_max = 1, .fewest_units = d->settings->fewest_units};
    d->travel_max = (int64_t)((double)cost->travel * (1.0 + d->settings->share));
    d->spread_enough_ppm = cost->spread_ppm + (int64_t)SPREAD_STEPS * PCT_PATROL_SPREAD_STEP_PPM;
    d->response_max_ms = (int64_t)((double)cost->response_ms * (1.0 + d->settings->share));
    if (d->problem->calls) d->response_max_ms += d->problem->calls->step_ms;
    pct_status status = pct_patrol_problem_check(d->problem, error);
    if (!status) status = pct_stream_init(&d->stream, d->problem, &d->of_stream, 0, NULL, &d->arena, error);
    if (status) return status;
    d->blink = pct_blink_init(&d->stream.rng, blink_rate);
    pct_rounds_set(&d->stream.rounds, d->best->first, d->best->mode);
    for (int32_t u = 0; u < d->problem->unit_count && d->settings->fewest_units; u++)
        d->stream.rounds.rounds[u].closed = d->stream.rounds.rounds[u].size == 0;
    return PCT_OK;
}

pct_status pct_draw_plans(const pct_patrol_problem *problem, const pct_patrol_plan *best,
                          const pct_draw_settings *settings, int32_t count, pct_patrol_plan *plans,
                          pct_error *error) {
    drawer d = {.problem = problem, .best = best, .settings = settings};
    if (!(settings->share >= 0.0 && settings->share <= 1.0) || count < 1 || !settings->iterations)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PATROL_PROBLEM, pct_int(count),
                        pct_phrase(PCT_MSG_PATROL_EXPECTED_SHARE));
    pct_status status = begin(&d, error);
    int32_t drawn = 0;
    for (; drawn < count && !status; drawn++) {
        plans[drawn] = (pct_patrol_plan){.unit_count = 0};
        status = draw_one(&d, &plans[drawn], error);
    }
    for (; status && drawn > 0; drawn--) pct_patrol_plan_dispose(&plans[drawn - 1]);
    pct_arena_dispose(&d.arena);
    return status;
}
