/* What the facts of rounds mean at a time: status, next stop, debt; and the digest of a life. */

#include "base/digest.h"
#include "base/text.h"
#include "patrol/life_state.h"

#define DAY_MS INT64_C(86400000)

const char *const pct_life_going_names[PCT_LIFE_GOINGS] = {"planned", "under_way", "left", "done", "ended"};
const char *const pct_life_stop_status_names[PCT_LIFE_STOP_STATUSES] = {"planned", "done", "late",  "short",
                                                                        "missed",  "left", "handed"};

/* --- records ------------------------------------------------------------------------------------------------------------ */

const pct_life_kept *pct_life_kept_now(const pct_life *life) {
    return life->kept.id.seq ? &life->kept : NULL;
}

const pct_life_plan *pct_life_plan_of(const pct_life *life, pct_plan_id id) {
    return pct_life_find_plan(life, id.seq);
}

const pct_life_plan *pct_life_plan_at(const pct_life *life, size_t index) {
    return index < life->plans.length ? (const pct_life_plan *)life->plans.items + index : NULL;
}

const pct_life_round *pct_life_round_of(const pct_life *life, pct_round_id id) {
    return pct_life_find_round(life, id.seq);
}

const pct_life_round *pct_life_round_at(const pct_life *life, size_t index) {
    return index < life->rounds.length ? ((pct_life_round **)life->rounds.items)[index] : NULL;
}

const pct_life_directed *pct_life_directed_of(const pct_life *life, pct_directed_id id) {
    return pct_life_find_directed(life, id.seq);
}

const pct_life_directed *pct_life_directed_at(const pct_life *life, size_t index) {
    return index < life->directed.length ? (const pct_life_directed *)life->directed.items + index : NULL;
}

bool pct_life_directed_is_open(const pct_life_directed *x, int64_t now_ms) {
    return x->ended_ms == 0 && now_ms < x->until_ms;
}

const pct_life_level *pct_life_level_at(const pct_life *life, size_t index) {
    return index < life->levels.length ? (const pct_life_level *)life->levels.items + index : NULL;
}

const pct_life_level *pct_life_level_at_time(const pct_life *life, int64_t at_ms) {
    const pct_life_level *all = life->levels.items;
    for (size_t i = life->levels.length; i > 0; i--)
        if (all[i - 1].from_ms <= at_ms && (all[i - 1].until_ms == 0 || at_ms < all[i - 1].until_ms))
            return &all[i - 1];
    return NULL;
}

/* --- rounds ------------------------------------------------------------------------------------------------------------- */

bool pct_life_round_counts(const pct_life *life, const pct_life_round *r) {
    const pct_life_plan *plan = pct_life_find_plan(life, r->plan.seq);
    bool begun = r->called_ms != 0 || pct_life_round_served(r) > 0;
    return plan && (plan->state == PCT_LIFE_ADOPTED || (plan->state == PCT_LIFE_WITHDRAWN && begun));
}

bool pct_life_stop_is_served(const pct_life_stop *stop) {
    return stop->proof != PCT_VISIT_PROOF_NONE || stop->checked;
}

static bool is_open(const pct_life_stop *stop) {
    return !pct_life_stop_is_served(stop) && pct_life_stop_is_in(stop);
}

const pct_life_stop *pct_life_round_next(const pct_life_round *r) {
    for (size_t i = 0; i < r->stop_count; i++)
        if (is_open(&r->stops[i])) return &r->stops[i];
    return NULL;
}

size_t pct_life_round_served(const pct_life_round *r) {
    size_t served = 0;
    for (size_t i = 0; i < r->stop_count; i++) served += pct_life_stop_is_served(&r->stops[i]);
    return served;
}

pct_life_going pct_life_round_going(const pct_life_round *r, int64_t now_ms) {
    if (r->ended_ms) return PCT_LIFE_ENDED;
    if (r->left_ms) return PCT_LIFE_LEFT;
    size_t served = pct_life_round_served(r);
    if (served > 0 && !pct_life_round_next(r)) return PCT_LIFE_DONE;
    return now_ms >= r->leave_ms || r->called_ms || served > 0 ? PCT_LIFE_UNDER_WAY : PCT_LIFE_PLANNED;
}

pct_life_stop_status pct_life_stop_status_of(const pct_life_round *r, const pct_life_stop *s) {
    if (s->checked) return PCT_LIFE_STOP_DONE;
    if (s->handed_to) return PCT_LIFE_STOP_HANDED;
    if (s->proof == PCT_VISIT_PROOF_NONE)
        return s->left ? PCT_LIFE_STOP_LEFT : r->ended_ms ? PCT_LIFE_STOP_MISSED : PCT_LIFE_STOP_PLANNED;
    if (s->from_ms > s->start_ms + PCT_LIFE_LATE_S * INT64_C(1000)) return PCT_LIFE_STOP_LATE;
    bool is_short =
        s->until_ms && (s->until_ms - s->from_ms) * 100 < (s->end_ms - s->start_ms) * PCT_LIFE_SHORT_PCT;
    return is_short ? PCT_LIFE_STOP_SHORT : PCT_LIFE_STOP_DONE;
}

bool pct_life_check_is_told(const pct_life_round *r, const pct_life_check *c) {
    return c->word != PCT_CHECK_WORD_NONE || r->ended_ms != 0;
}

const pct_life_round *pct_life_round_of_unit(const pct_life *life, pct_unit_id unit, int64_t now_ms) {
    pct_life_round *const *all = life->rounds.items;
    for (size_t i = life->rounds.length; i > 0; i--) {
        const pct_life_round *r = all[i - 1];
        if (r->unit.seq == unit.seq && !r->ended_ms &&
            now_ms >= r->leave_ms - PCT_LIFE_EARLY_S * INT64_C(1000) && pct_life_round_counts(life, r))
            return r;
    }
    return NULL;
}

/* --- debt ----------------------------------------------------------------------------------------------------------------- */

/* The event up to which the newest plan in force took the debt in. */
static int64_t taken_in(const pct_life *life) {
    const pct_life_plan *all = life->plans.items;
    int64_t until = 0;
    for (size_t i = 0; i < life->plans.length; i++)
        if (all[i].state == PCT_LIFE_ADOPTED && all[i].debt_until > until) until = all[i].debt_until;
    return until;
}

static bool is_owed(const pct_life_stop *s) {
    return s->must && s->proof == PCT_VISIT_PROOF_NONE && !s->handed_to &&
           (s->kind == PCT_DUTY_POINT || s->kind == PCT_DUTY_LINE);
}

static void owe(const pct_life_round *r, const pct_life_stop *s, pct_life_owed *out, size_t max,
                size_t *count) {
    size_t listed = *count < max ? *count : max;
    for (size_t i = 0; i < listed; i++) {
        if (out[i].kind != s->kind || !pct_text_same(out[i].id, s->id)) continue;
        out[i].visits++;
        return;
    }
    if (*count < max)
        out[*count] = (pct_life_owed){s->id, s->name, s->kind, 1, r->ended_ms ? r->ended_ms : r->back_ms};
    ++*count;
}

void pct_life_debt(const pct_life *life, int64_t now_ms, pct_life_owed *out, size_t max, size_t *count) {
    pct_life_round *const *all = life->rounds.items;
    int64_t after = taken_in(life);
    *count = 0;
    for (size_t i = 0; i < life->rounds.length; i++) {
        const pct_life_round *r = all[i];
        bool lapsed = r->ended_ms && r->ended_ms + PCT_LIFE_DEBT_DAYS * DAY_MS <= now_ms;
        if (lapsed || (r->ended_ms && r->ended_seq <= after) || !pct_life_round_counts(life, r)) continue;
        for (size_t s = 0; s < r->stop_count; s++)
            if (is_owed(&r->stops[s]) && (r->ended_ms || r->stops[s].left))
                owe(r, &r->stops[s], out, max, count);
    }
}

/* --- digest ----------------------------------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t sum, const int64_t *numbers, size_t count) {
    const uint64_t both[] = {sum, pct_digest(numbers, count * sizeof *numbers)};
    return pct_digest(both, sizeof both);
}

static int64_t of_text(pct_text text) {
    return text.length ? (int64_t)pct_digest(text.chars, text.length) : 0;
}

static uint64_t digest_round(uint64_t sum, const pct_life_round *r) {
    const int64_t n[] = {r->until_ms,       r->id.seq,      r->plan.seq,     r->unit.seq,
                         r->order.seq,      r->leave_ms,    r->back_ms,      r->left_ms,
                         r->ended_ms,       r->ended_seq,   r->called_ms,    r->present,
                         r->wanted,         r->logged_ms,   r->metres,       r->helped,
                         r->times_left,     r->handed_over, r->kit_complete, of_text(r->hazards),
                         of_text(r->name),  r->seq,         r->changed_ms,   r->changed_for.seq,
                         r->changed_by.seq, r->laid_alone,  r->notes};
    sum = mix(sum, n, sizeof n / sizeof *n);
    for (size_t i = 0; i < r->checks_length; i++) {
        const pct_life_check *c = &r->checks[i];
        const int64_t k[] = {(int64_t)c->kind, (int64_t)c->answer, (int64_t)c->word,
                             c->stop,          c->announced,       c->at_ms,
                             c->word_ms,       of_text(c->by),     of_text(c->planned)};
        sum = mix(sum, k, sizeof k / sizeof *k);
    }
    for (size_t i = 0; i < r->stop_count; i++) {
        const pct_life_stop *s = &r->stops[i];
        const int64_t t[] = {s->number,      s->n,           (int64_t)s->kind,  (int64_t)s->moves,
                             s->from.lon_e7, s->from.lat_e7, s->to.lon_e7,      s->to.lat_e7,
                             s->arrive_ms,   s->start_ms,    s->end_ms,         s->travel_ms,
                             s->must,        s->left,        (int64_t)s->proof, s->from_ms,
                             s->until_ms,    of_text(s->id), of_text(s->name),  (int64_t)s->reason,
                             s->checked,     s->handed_to,   s->taken_from};
        sum = mix(sum, t, sizeof t / sizeof *t);
    }
    return sum;
}

static uint64_t digest_plan(uint64_t sum, const pct_life_plan *p) {
    const int64_t n[] = {p->id.seq,          (int64_t)p->state,  (int64_t)p->source,
                         p->asked_ms,        p->made_ms,         p->adopted_ms,
                         p->debt_until,      p->seconds,         p->seed,
                         p->rounds,          p->stops,           p->unmet,
                         p->feasible,        of_text(p->name),   of_text(p->date),
                         of_text(p->author), of_text(p->digest), of_text(p->adopted_by),
                         of_text(p->reason), p->map_version,     of_text(p->problem)};
    return mix(sum, n, sizeof n / sizeof *n);
}

uint64_t pct_life_digest(const pct_life *life) {
    const pct_life_kept *k = &life->kept;
    const int64_t kept[] = {k->id.seq, k->kept_ms, k->units, k->tasks, of_text(k->digest), of_text(k->name)};
    uint64_t sum = mix(0, kept, sizeof kept / sizeof *kept);
    for (size_t i = 0; i < life->plans.length; i++) sum = digest_plan(sum, pct_life_plan_at(life, i));
    for (size_t i = 0; i < life->rounds.length; i++) sum = digest_round(sum, pct_life_round_at(life, i));
    for (size_t i = 0; i < life->directed.length; i++) {
        const pct_life_directed *x = pct_life_directed_at(life, i);
        const int64_t n[] = {x->id.seq,         x->position.lon_e7, x->position.lat_e7, x->from_minute,
                             x->to_minute,      x->minutes,         x->times,           x->ordered_ms,
                             x->until_ms,       x->ended_ms,        of_text(x->name),   of_text(x->author),
                             of_text(x->reason)};
        sum = mix(sum, n, sizeof n / sizeof *n);
    }
    for (size_t i = 0; i < life->levels.length; i++) {
        const pct_life_level *v = pct_life_level_at(life, i);
        const int64_t n[] = {
            v->id.seq, v->level,   v->share_percent, v->stand_by,        (int64_t)v->ground,
            v->set_ms, v->from_ms, v->until_ms,      of_text(v->number), of_text(v->approver)};
        sum = mix(sum, n, sizeof n / sizeof *n);
    }
    return sum;
}
