#include "patrol/takeover_state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/text.h"

enum { KEY_MAX = 512 };
static const size_t names_max = (size_t)64 << 20;

static bool is_own(pct_duty_kind kind) {
    return kind == PCT_DUTY_FIXED || kind == PCT_DUTY_BREAK;
}

/* --- whose stop is which demand -------------------------------------------------------------------------------------------- */

static pct_text key_of(pct_duty_kind kind, int32_t n, pct_text id, char key[KEY_MAX]) {
    int length = snprintf(key, KEY_MAX, "%d %d %.*s", (int)kind, (int)n,
                          (int)(id.length < 400 ? id.length : 400), id.chars);
    return (pct_text){key, (size_t)length};
}

/* Demands get the numbers 0, 1, … of their keys; one that a unit has for itself gets a key that no stop has. */
static pct_status name_demands(const pct_taking *t, pct_names *names) {
    const pct_lowered *l = t->lowered;
    char key[KEY_MAX];
    for (int32_t d = 0; d < l->problem.demand_count; d++) {
        const pct_duty_task *task = &l->duty->tasks[l->visits[d].task];
        uint32_t number;
        bool own = is_own(task->kind);
        pct_text text = key_of(own ? PCT_DUTY_KINDS : task->kind, own ? d : l->visits[d].n, task->id, key);
        if (pct_names_add(names, text, &number) != PCT_OK || number != (uint32_t)d)
            return PCT_FAIL(t->error, PCT_NOT_FOUND, PCT_MSG_PATROL_PROBLEM, pct_int(d),
                            pct_phrase(PCT_MSG_PATROL_EXPECTED_LEAVING));
    }
    return PCT_OK;
}

static int64_t apart(pct_position a, pct_position b) {
    return llabs((int64_t)a.lon_e7 - b.lon_e7) + llabs((int64_t)a.lat_e7 - b.lat_e7);
}

/* The mode in which the stop is planned: where it begins and ends, how long it takes, in what way it is come to. */
static int32_t mode_of(const pct_taking *t, int32_t demand, const pct_life_stop *s) {
    const pct_lowered *l = t->lowered;
    const pct_patrol_demand *d = &l->problem.demands[demand];
    int32_t best = d->first_mode;
    int64_t least = INT64_MAX;
    for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++) {
        const pct_patrol_mode *mode = &l->problem.modes[m];
        int64_t far = apart(l->positions[mode->from], s->from) + apart(l->positions[mode->to], s->to);
        far += llabs(s->end_ms - s->start_ms - mode->service_ms);
        if (l->moves[mode->from] != s->moves) far += INT64_C(1) << 40;
        if (far < least) least = far, best = m;
    }
    return best;
}

/* A unit's own pieces need no ids: of those that no stop has yet, the nearest to it in place and length. */
static int32_t own_demand(const pct_taking *t, int32_t unit, const pct_life_stop *s) {
    const pct_lowered *l = t->lowered;
    int32_t best = PCT_PATROL_NONE;
    int64_t least = INT64_MAX;
    for (int32_t d = 0; d < l->problem.demand_count; d++) {
        const pct_duty_task *task = &l->duty->tasks[l->visits[d].task];
        if (l->problem.demands[d].unit != unit || task->kind != s->kind || l->visits[d].n != s->n ||
            t->where[d].round != PCT_PATROL_NONE || !pct_text_same(task->id, s->id))
            continue;
        const pct_patrol_mode *mode = &l->problem.modes[mode_of(t, d, s)];
        int64_t far = apart(l->positions[mode->from], s->from) + apart(l->positions[mode->to], s->to) +
                      llabs(s->end_ms - s->start_ms - mode->service_ms);
        if (far < least) least = far, best = d;
    }
    return best;
}

static int32_t demand_of(const pct_taking *t, const pct_names *names, int32_t unit, const pct_life_stop *s) {
    char key[KEY_MAX];
    if (is_own(s->kind)) return own_demand(t, unit, s);
    uint32_t found = pct_names_find(names, key_of(s->kind, s->n, s->id, key));
    return found == PCT_MAP_ABSENT ? PCT_PATROL_NONE : (int32_t)found;
}

/* What is lost in a round that is over, or in one that this call does not concern, is owed there. */
static bool concerns(const pct_taking *t, size_t round, const pct_life_stop *s) {
    const pct_life_round *r = pct_taking_round(t, round);
    if (s->handed_to) return false;
    if (pct_life_stop_is_served(s)) return true;
    return !r->ended_ms && (!s->left || (round == t->call->caller && s->must));
}

static pct_status match_round(pct_taking *t, const pct_names *names, size_t round) {
    const pct_life_round *r = pct_taking_round(t, round);
    int32_t unit = t->unit_of[round];
    t->demand_of[round] = pct_arena_alloc(t->arena, r->stop_count + 1, sizeof **t->demand_of);
    if (!t->demand_of[round]) return pct_error_memory(t->error, r->stop_count);
    for (size_t i = 0; i < r->stop_count; i++) {
        const pct_life_stop *s = &r->stops[i];
        bool open = !pct_life_stop_is_served(s) && pct_life_stop_is_in(s);
        int32_t d = unit == PCT_PATROL_NONE || !concerns(t, round, s) ? PCT_PATROL_NONE
                                                                      : demand_of(t, names, unit, s);
        if (d != PCT_PATROL_NONE && t->where[d].round != PCT_PATROL_NONE) d = PCT_PATROL_NONE;
        t->demand_of[round][i] = d;
        if (d != PCT_PATROL_NONE) t->where[d] = (pct_takeover_place){(int32_t)round, (int32_t)i};
        if (d != PCT_PATROL_NONE || !open || r->ended_ms) continue;
        if (round == t->call->caller)
            return PCT_FAIL(t->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_STOP, pct_int(r->id.seq),
                            pct_int(s->number));
        if (unit != PCT_PATROL_NONE) t->stays[unit] = true;
    }
    return PCT_OK;
}

static void match_units(pct_taking *t) {
    const pct_duty *duty = t->lowered->duty;
    for (int32_t u = 0; u < t->lowered->problem.unit_count; u++) {
        t->round_of[u] = PCT_PATROL_NONE;
        t->stays[u] = true;
    }
    for (size_t i = 0; i < t->call->count; i++) {
        t->unit_of[i] = PCT_PATROL_NONE;
        for (int32_t u = 0; u < t->lowered->problem.unit_count && t->unit_of[i] == PCT_PATROL_NONE; u++)
            if (t->round_of[u] == PCT_PATROL_NONE &&
                pct_text_same(duty->units[u].id, pct_taking_round(t, i)->name)) {
                t->unit_of[i] = u;
                t->round_of[u] = (int32_t)i;
                t->stays[u] = !t->call->rounds[i].drives;
            }
    }
}

static pct_status match(pct_taking *t) {
    size_t rounds = t->call->count, units = (size_t)t->lowered->problem.unit_count,
           demands = (size_t)t->lowered->problem.demand_count;
    t->unit_of = pct_arena_alloc(t->arena, rounds, sizeof *t->unit_of);
    t->round_of = pct_arena_alloc(t->arena, units, sizeof *t->round_of);
    t->demand_of = pct_arena_alloc(t->arena, rounds, sizeof *t->demand_of);
    t->where = pct_arena_alloc(t->arena, demands + 1, sizeof *t->where);
    t->stays = pct_arena_alloc(t->arena, units, sizeof *t->stays);
    t->given_up = pct_arena_alloc(t->arena, demands + 1, sizeof *t->given_up);
    if (!t->unit_of || !t->round_of || !t->demand_of || !t->where || !t->stays || !t->given_up)
        return pct_error_memory(t->error, demands * sizeof *t->where);
    for (size_t d = 0; d < demands; d++) t->where[d] = (pct_takeover_place){PCT_PATROL_NONE, PCT_PATROL_NONE};
    match_units(t);
    if (t->unit_of[t->call->caller] == PCT_PATROL_NONE)
        return PCT_FAIL(t->error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_ROUND,
                        pct_int(pct_taking_round(t, t->call->caller)->id.seq));
    pct_names names = pct_names_init(demands + 1, names_max);
    pct_status status = name_demands(t, &names);
    for (size_t i = 0; i < rounds && !status; i++) status = match_round(t, &names, i);
    pct_names_dispose(&names);
    return status;
}

/* --- the plan as it is now ------------------------------------------------------------------------------------------------- */

static int64_t now_of(const pct_taking *t) {
    return t->call->now_ms - t->lowered->zero_ms;
}

bool pct_taking_is_stale(const pct_taking *t, int32_t demand) {
    const pct_patrol_demand *d = &t->lowered->problem.demands[demand];
    for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++)
        if (t->lowered->problem.modes[m].close_ms >= now_of(t)) return false;
    return true;
}

typedef struct laying {
    pct_taking *t;
    size_t round;
    int32_t unit, place;
    int64_t at_ms; /* when it comes free there */
} laying;

static void push(laying *y, int32_t mode, int64_t start_ms) {
    pct_patrol_plan *plan = &y->t->plan;
    const pct_patrol_mode *m = &y->t->lowered->problem.modes[mode];
    plan->mode[plan->visit_count] = mode;
    plan->start_ms[plan->visit_count++] = start_ms;
    y->place = m->to;
    y->at_ms = start_ms + m->service_ms;
}

/* Served stops stand first in the round. Each has ended by now, but for the last: who was only just there is still there. */
static void lay_served(laying *y, size_t i, bool is_last) {
    const pct_life_stop *s = &pct_taking_round(y->t, y->round)->stops[i];
    int32_t d = y->t->demand_of[y->round][i];
    if (d == PCT_PATROL_NONE) return;
    int32_t mode = mode_of(y->t, d, s);
    int64_t service_ms = y->t->lowered->problem.modes[mode].service_ms, now_ms = now_of(y->t);
    int64_t start_ms = (s->from_ms ? s->from_ms : s->start_ms) - y->t->lowered->zero_ms;
    bool stands = is_last && !s->until_ms && y->round != y->t->call->caller && start_ms <= now_ms;
    if (s->until_ms) start_ms = s->until_ms - y->t->lowered->zero_ms - service_ms;
    if (!stands && start_ms > now_ms - service_ms) start_ms = now_ms - service_ms;
    push(y, mode, start_ms);
}

static void lay_open(laying *y, size_t i, bool is_next) {
    const pct_taking *t = y->t;
    const pct_life_stop *s = &pct_taking_round(t, y->round)->stops[i];
    const pct_takeover_round *now = &t->call->rounds[y->round];
    int32_t mode = mode_of(t, t->demand_of[y->round][i], s);
    int64_t begin_ms = y->at_ms > now_of(t) ? y->at_ms : now_of(t),
            start_ms = s->start_ms - t->lowered->zero_ms;
    int64_t there_ms = is_next && now->there_ms >= 0
                           ? now_of(t) + now->there_ms
                           : pct_patrol_arrive_ms(&t->lowered->problem, y->place,
                                                  t->lowered->problem.modes[mode].from, begin_ms);
    if (is_next && now->there_ms < 0) there_ms = begin_ms;
    if (start_ms < there_ms) start_ms = there_ms;
    push(y, mode, start_ms > now_of(t) ? start_ms : now_of(t) + 1); /* it has not ended */
}

static void lay_round(laying *y) {
    pct_taking *t = y->t;
    const pct_life_round *r = pct_taking_round(t, y->round);
    bool is_caller = y->round == t->call->caller, is_next = !is_caller && r->leave_ms <= t->call->now_ms;
    size_t served = pct_life_round_served(r), seen = 0;
    y->place = t->lowered->problem.units[y->unit].start;
    y->at_ms = r->leave_ms - t->lowered->zero_ms;
    for (size_t i = 0; i < r->stop_count; i++)
        if (pct_life_stop_is_served(&r->stops[i])) lay_served(y, i, ++seen == served);
    for (size_t i = 0; i < r->stop_count && !r->ended_ms; i++) {
        int32_t d = t->demand_of[y->round][i];
        if (pct_life_stop_is_served(&r->stops[i]) || !pct_life_stop_is_in(&r->stops[i]) ||
            d == PCT_PATROL_NONE || pct_taking_is_stale(t, d))
            continue;
        lay_open(y, i, is_next);
        is_next = false;
    }
    t->plan.leave_ms[y->unit] = r->leave_ms - t->lowered->zero_ms;
    t->plan.back_ms[y->unit] = pct_patrol_arrive_ms(&t->lowered->problem, y->place,
                                                    t->lowered->problem.units[y->unit].end, y->at_ms);
}

static pct_status state_plan(pct_taking *t) {
    const pct_patrol_problem *p = &t->lowered->problem;
    pct_status status = pct_patrol_plan_init(&t->plan, p->unit_count, p->demand_count, t->error);
    if (status) return status;
    t->plan.visit_count = 0;
    for (int32_t u = 0; u < p->unit_count; u++) {
        t->plan.first[u] = t->plan.visit_count;
        t->plan.leave_ms[u] = t->plan.back_ms[u] = 0;
        if (t->round_of[u] == PCT_PATROL_NONE) continue;
        laying y = {.t = t, .round = (size_t)t->round_of[u], .unit = u};
        lay_round(&y);
    }
    t->plan.first[p->unit_count] = t->plan.visit_count;
    /* Tried again is what the one that was left had left out; the rest that no round has is not this call's business. */
    for (int32_t d = 0; d < p->demand_count; d++) {
        const pct_takeover_place *is = &t->where[d];
        t->given_up[d] = is->round != (int32_t)t->call->caller || pct_taking_is_stale(t, d);
    }
    return PCT_OK;
}

int32_t pct_taking_kept(const pct_taking *t, int32_t unit) {
    const pct_patrol_plan *plan = &t->plan;
    int32_t visit = plan->first[unit], end = plan->first[unit + 1];
    bool has_left = visit < end && plan->leave_ms[unit] <= now_of(t);
    while (visit < end &&
           plan->start_ms[visit] + t->lowered->problem.modes[plan->mode[visit]].service_ms <= now_of(t))
        visit++;
    if (unit != t->unit_of[t->call->caller] && has_left && visit < end) visit++;
    return visit - plan->first[unit];
}

/* --- planning anew ------------------------------------------------------------------------------------------------------- */

static pct_status again(const pct_taking *t, int32_t neighbours, pct_replan_result *out) {
    int64_t now_ms = now_of(t);
    const pct_replan_call call = {.unit = t->unit_of[t->call->caller],
                                  .left_ms = now_ms > 0 ? now_ms : 0,
                                  .returns = true,
                                  .free_ms = now_ms > 0 ? now_ms : 0,
                                  .place = PCT_PATROL_NONE,
                                  .away_ms = t->call->away_ms,
                                  .away_cost = t->call->away_ms,
                                  .neighbours = neighbours,
                                  .seed = t->call->seed,
                                  .iterations = t->call->iterations,
                                  .stays = t->stays,
                                  .given_up = t->given_up};
    return pct_replan(&t->lowered->problem, &t->plan, &call, out, t->error);
}

/* What no plan anew can have: weights of musts and shoulds that no round has now and nobody tries again. */
static pct_patrol_cost least_left(const pct_taking *t, bool *is_in) {
    const pct_patrol_problem *p = &t->lowered->problem;
    pct_patrol_cost least = {0};
    for (int32_t d = 0; d < p->demand_count; d++) is_in[d] = false;
    for (int32_t v = 0; v < t->plan.visit_count; v++) is_in[p->modes[t->plan.mode[v]].demand] = true;
    for (int32_t d = 0; d < p->demand_count; d++) {
        if (is_in[d] || (p->demands[d].must && !t->given_up[d])) continue;
        *(p->demands[d].must ? &least.musts_left : &least.shoulds_left) += p->demands[d].weight;
    }
    return least;
}

static bool leaves_less(const pct_patrol_cost *a, const pct_patrol_cost *b) {
    return a->musts_left != b->musts_left ? a->musts_left < b->musts_left : a->shoulds_left < b->shoulds_left;
}

/* As few sheets change as it takes: with no neighbour, one, two, four …, until nothing is lost; of those that lose the same the first. */
static pct_status widen(pct_taking *t) {
    bool *is_in = pct_arena_alloc(t->arena, (size_t)t->lowered->problem.demand_count + 1, sizeof *is_in);
    if (!is_in) return pct_error_memory(t->error, (size_t)t->lowered->problem.demand_count);
    const pct_patrol_cost least = least_left(t, is_in);
    pct_status status = again(t, 0, &t->result);
    for (int32_t n = 1; !status && n <= t->call->neighbours && leaves_less(&least, &t->result.plan.cost);
         n *= 2) {
        pct_replan_result wider;
        status = again(t, n, &wider);
        if (status) break;
        bool better = leaves_less(&wider.plan.cost, &t->result.plan.cost);
        pct_replan_dispose(better ? &t->result : &wider);
        if (better) t->result = wider;
    }
    return status;
}

pct_status pct_takeover_plan(const pct_lowered *lowered, const pct_takeover_call *call, pct_arena *arena,
                             pct_takeover_change **out, size_t *count, pct_error *error) {
    pct_taking t = {.lowered = lowered, .call = call, .arena = arena, .error = error};
    *count = 0;
    pct_status status = match(&t);
    if (!status) status = state_plan(&t);
    if (!status) status = widen(&t);
    if (!status) status = pct_taking_tell(&t, out, count);
    pct_replan_dispose(&t.result);
    pct_patrol_plan_dispose(&t.plan);
    return status;
}
