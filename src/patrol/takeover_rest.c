/* From the new plan to the rests of the rounds that became other ones. */
#include "patrol/takeover_state.h"

static const int64_t same_ms = 1000;

typedef struct telling {
    pct_taking *t;
    pct_takeover_change *changes; /* [count] */
    size_t count;
    int32_t *change_of; /* [rounds] PCT_PATROL_NONE: it stays as it is */
    int32_t *numbers;   /* [rounds] the last number of a stop */
} telling;

static int64_t now_of(const telling *y) {
    return y->t->call->now_ms - y->t->lowered->zero_ms;
}

static int32_t demand_at(const telling *y, const pct_patrol_plan *plan, int32_t visit) {
    return y->t->lowered->problem.modes[plan->mode[visit]].demand;
}

/* A round with the same stops in the same order needs new times only for a gap. */
static bool has_changed(const telling *y, int32_t u) {
    const pct_patrol_plan *was = &y->t->plan, *is = &y->t->result.plan;
    int32_t count = was->first[u + 1] - was->first[u];
    bool later = false, series = false;
    if (is->first[u + 1] - is->first[u] != count) return true;
    for (int32_t v = 0; v < count; v++) {
        int32_t a = was->first[u] + v, b = is->first[u] + v, d = demand_at(y, was, a);
        if (d != demand_at(y, is, b)) return true;
        int64_t apart_ms = is->start_ms[b] - was->start_ms[a];
        later |= apart_ms > same_ms || apart_ms < -same_ms;
        series |= y->t->lowered->problem.demands[d].series != PCT_PATROL_NONE;
    }
    return later && series;
}

static pct_status add_change(telling *y, size_t round) {
    const pct_life_round *r = pct_taking_round(y->t, round);
    pct_takeover_change *c = &y->changes[y->count];
    int32_t u = y->t->unit_of[round];
    size_t room = r->stop_count + (size_t)(y->t->result.plan.first[u + 1] - y->t->result.plan.first[u]) + 1;
    *c = (pct_takeover_change){.round = round,
                               .back_ms = y->t->lowered->zero_ms + y->t->result.plan.back_ms[u]};
    c->stops = pct_arena_alloc(y->t->arena, room, sizeof *c->stops);
    c->moves = pct_arena_alloc(y->t->arena, room, sizeof *c->moves);
    if (!c->stops || !c->moves) return pct_error_memory(y->t->error, room * sizeof *c->stops);
    y->change_of[round] = (int32_t)y->count++;
    for (size_t i = 0; i < r->stop_count; i++)
        if (r->stops[i].number > y->numbers[round]) y->numbers[round] = r->stops[i].number;
    return PCT_OK;
}

/* Whose number the stop has in that round: its own, or a new one when it comes from another. */
static int32_t number_in(telling *y, size_t round, const pct_takeover_place *from) {
    const pct_life_round *r = pct_taking_round(y->t, round),
                         *other = pct_taking_round(y->t, (size_t)from->round);
    int32_t was = other->stops[from->stop].number;
    if (r == other) return was;
    int32_t number = ++y->numbers[round];
    pct_takeover_change *to = &y->changes[y->change_of[round]], *of = &y->changes[y->change_of[from->round]];
    to->moves[to->move_count++] = (pct_life_move){number, other->id.seq};
    of->moves[of->move_count++] = (pct_life_move){was, r->id.seq};
    return number;
}

typedef struct driving {
    int32_t place; /* PCT_PATROL_NONE: where the one is that was called away */
    int64_t at_ms;
} driving;

static void write_stop(telling *y, size_t round, int32_t visit, driving *d) {
    const pct_lowered *l = y->t->lowered;
    const pct_patrol_plan *plan = &y->t->result.plan;
    const pct_patrol_mode *mode = &l->problem.modes[plan->mode[visit]];
    const pct_takeover_place *from = &y->t->where[mode->demand];
    pct_takeover_change *c = &y->changes[y->change_of[round]];
    pct_life_stop *s = &c->stops[c->stop_count++];
    int64_t start_ms = plan->start_ms[visit];
    int64_t there_ms = d->place == PCT_PATROL_NONE
                           ? d->at_ms + y->t->call->away_ms[mode->from]
                           : pct_patrol_arrive_ms(&l->problem, d->place, mode->from, d->at_ms);
    if (there_ms > start_ms) there_ms = start_ms;
    *s = pct_taking_round(y->t, (size_t)from->round)->stops[from->stop];
    s->number = number_in(y, round, from);
    s->left = false;
    s->moves = l->moves[mode->from];
    s->from = l->positions[mode->from], s->to = l->positions[mode->to];
    s->arrive_ms = l->zero_ms + there_ms;
    s->start_ms = l->zero_ms + start_ms;
    s->end_ms = s->start_ms + mode->service_ms;
    s->travel_ms = there_ms > d->at_ms ? there_ms - d->at_ms : 0;
    *d = (driving){mode->to, start_ms + mode->service_ms};
}

/* Open stops that are no part of what was planned anew: nobody can serve them in time. */
static void write_stale(telling *y, size_t round) {
    const pct_life_round *r = pct_taking_round(y->t, round);
    pct_takeover_change *c = &y->changes[y->change_of[round]];
    for (size_t i = 0; i < r->stop_count && round != y->t->call->caller; i++) {
        const pct_life_stop *s = &r->stops[i];
        int32_t d = y->t->demand_of[round][i];
        if (!pct_life_stop_is_served(s) && pct_life_stop_is_in(s) &&
            (d == PCT_PATROL_NONE || pct_taking_is_stale(y->t, d)))
            c->stops[c->stop_count++] = *s;
    }
}

static void write_rest(telling *y, size_t round) {
    const pct_lowered *l = y->t->lowered;
    const pct_patrol_plan *plan = &y->t->result.plan;
    int32_t u = y->t->unit_of[round], kept = pct_taking_kept(y->t, u), first = plan->first[u];
    bool is_caller = round == y->t->call->caller, was_out = y->t->plan.leave_ms[u] <= now_of(y);
    driving d = {l->problem.units[u].start, was_out ? now_of(y) : plan->leave_ms[u]};
    write_stale(y, round);
    for (int32_t v = first; v < first + kept; v++) {
        const pct_patrol_mode *mode = &l->problem.modes[plan->mode[v]];
        const pct_takeover_place *is = &y->t->where[mode->demand];
        const pct_life_stop *s = &pct_taking_round(y->t, round)->stops[is->stop];
        pct_takeover_change *c = &y->changes[y->change_of[round]];
        if (!pct_life_stop_is_served(s)) c->stops[c->stop_count++] = *s; /* where it is, or on its way to */
        int64_t end_ms = plan->start_ms[v] + mode->service_ms;
        d = (driving){mode->to, end_ms > now_of(y) ? end_ms : now_of(y)};
    }
    if (!is_caller && !was_out && plan->first[u + 1] > first)
        y->changes[y->change_of[round]].leave_ms = l->zero_ms + plan->leave_ms[u];
    if (is_caller) d = (driving){PCT_PATROL_NONE, now_of(y)};
    for (int32_t v = first + kept; v < plan->first[u + 1]; v++) write_stop(y, round, v, &d);
}

pct_status pct_taking_tell(pct_taking *t, pct_takeover_change **out, size_t *count) {
    size_t rounds = t->call->count;
    telling y = {.t = t};
    y.changes = pct_arena_alloc(t->arena, rounds, sizeof *y.changes);
    y.change_of = pct_arena_alloc(t->arena, rounds, sizeof *y.change_of);
    y.numbers = pct_arena_alloc(t->arena, rounds, sizeof *y.numbers);
    if (!y.changes || !y.change_of || !y.numbers)
        return pct_error_memory(t->error, rounds * sizeof *y.changes);
    for (size_t i = 0; i < rounds; i++) y.change_of[i] = PCT_PATROL_NONE, y.numbers[i] = 0;
    pct_status status = add_change(&y, t->call->caller);
    for (int32_t u = 0; u < t->lowered->problem.unit_count && !status; u++)
        if (t->round_of[u] != PCT_PATROL_NONE && (size_t)t->round_of[u] != t->call->caller &&
            has_changed(&y, u))
            status = add_change(&y, (size_t)t->round_of[u]);
    for (size_t i = 0; i < y.count && !status; i++) write_rest(&y, y.changes[i].round);
    *out = y.changes;
    *count = status ? 0 : y.count;
    return status;
}
