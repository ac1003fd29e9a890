#include "patrol/rounds.h"

#include <string.h>

#include "patrol/even.h"

static void set_place(pct_rounds *r, int32_t stop, int32_t mode) {
    const pct_patrol_mode *m = &r->problem->modes[mode];
    r->stops[stop].mode = mode;
    r->stops[stop].from = m->from;
    r->stops[stop].to = m->to;
}

static pct_segment own(const pct_rounds *r, int32_t stop) {
    return pct_rounds_is_post(r, stop) ? pct_segment_post(&r->problem->units[r->stops[stop].unit])
                                       : pct_segment_of(r->problem, r->stops[stop].mode);
}

/* Heads from `stop` to the end of its round. */
static void refresh_heads(pct_rounds *r, int32_t stop) {
    for (int32_t s = stop; s != PCT_PATROL_NONE; s = r->stops[s].next) {
        pct_stop *at = &r->stops[s];
        const pct_segment self = own(r, s);
        if (at->prev == PCT_PATROL_NONE) {
            at->head = self;
            continue;
        }
        const pct_stop *before = &r->stops[at->prev];
        at->head =
            pct_segment_join(&before->head, pct_patrol_travel_ms(r->problem, before->to, at->from), &self);
    }
}

/* Tails from `stop` back to the begin of its round. */
static void refresh_tails(pct_rounds *r, int32_t stop) {
    for (int32_t s = stop; s != PCT_PATROL_NONE; s = r->stops[s].prev) {
        pct_stop *at = &r->stops[s];
        const pct_segment self = own(r, s);
        if (at->next == PCT_PATROL_NONE) {
            at->tail = self;
            continue;
        }
        const pct_stop *behind = &r->stops[at->next];
        at->tail =
            pct_segment_join(&self, pct_patrol_travel_ms(r->problem, at->to, behind->from), &behind->tail);
    }
}

static int64_t travel_of(const pct_rounds *r, int32_t unit) {
    const pct_patrol_problem *p = r->problem;
    if (!r->rounds[unit].size) return 0;
    int64_t travel = p->units[unit].fixed_cost;
    for (int32_t s = pct_rounds_begin(r, unit), next; (next = r->stops[s].next) != PCT_PATROL_NONE;
         s = next) {
        travel += pct_patrol_travel_cost(p, r->stops[s].to, r->stops[next].from);
        if (!pct_rounds_is_post(r, next)) travel += p->modes[r->stops[next].mode].cost;
    }
    return travel;
}

static void set_travel(pct_rounds *r, int32_t unit, int64_t travel) {
    r->travel += travel - r->rounds[unit].travel;
    r->rounds[unit].travel = travel;
}

/* What is known of a round's stops after a change at `stop`, or of all of it (its begin). */
static void refresh_at(pct_rounds *r, int32_t unit, int32_t stop) {
    r->rounds[unit].version = ++r->versions;
    if (pct_patrol_has_bands(r->problem)) {
        pct_rounds_bands_refresh(r, unit, stop);
    } else {
        refresh_heads(r, stop);
        refresh_tails(r, pct_rounds_is_post(r, stop) ? stop + 1 : stop);
    }
    if (r->members) pct_gaps_time(r, unit);
}

static void refresh(pct_rounds *r, int32_t unit) {
    refresh_at(r, unit, pct_rounds_begin(r, unit));
    set_travel(r, unit, travel_of(r, unit));
}

static void link_after(pct_rounds *r, int32_t demand, int32_t after) {
    pct_stop *s = &r->stops[demand], *a = &r->stops[after];
    s->prev = after;
    s->next = a->next;
    s->unit = a->unit;
    r->stops[a->next].prev = demand;
    a->next = demand;
    if (r->rounds[a->unit].size++ == 0) r->used_units++;
    int32_t hole = r->absent_at[demand], last = r->absent[--r->absent_count];
    r->absent[hole] = last;
    r->absent_at[last] = hole;
    const pct_patrol_demand *d = &r->problem->demands[demand];
    *(d->must ? &r->musts_left : &r->shoulds_left) -= d->weight;
}

static void unlink_stop(pct_rounds *r, int32_t demand) {
    pct_stop *s = &r->stops[demand];
    r->stops[s->prev].next = s->next;
    r->stops[s->next].prev = s->prev;
    if (--r->rounds[s->unit].size == 0) r->used_units--;
    s->unit = PCT_PATROL_NONE;
    r->absent_at[demand] = r->absent_count;
    r->absent[r->absent_count++] = demand;
    const pct_patrol_demand *d = &r->problem->demands[demand];
    *(d->must ? &r->musts_left : &r->shoulds_left) += d->weight;
    if (!r->members || d->series == PCT_PATROL_NONE) return;
    r->start_ms[demand] = PCT_PATROL_NONE;
    pct_rounds_even_refresh(r, d->series);
}

/* Before the first change of a unit's round since the mark. */
static void touch(pct_rounds *r, int32_t unit) {
    if (r->rounds[unit].marked == r->mark) return;
    r->rounds[unit].marked = r->mark;
    int32_t at = r->log_first[r->log_count];
    for (int32_t s = r->stops[pct_rounds_begin(r, unit)].next; !pct_rounds_is_post(r, s);
         s = r->stops[s].next)
        r->log[at++] = r->stops[s].mode;
    r->log_version[r->log_count] = r->rounds[unit].version;
    r->log_unit[r->log_count++] = unit;
    r->log_first[r->log_count] = at;
}

void pct_rounds_mark(pct_rounds *r) {
    r->mark++;
    r->log_count = 0;
    r->log_first[0] = 0;
}

static void empty_round(pct_rounds *r, int32_t unit) {
    int32_t begin = pct_rounds_begin(r, unit);
    while (!pct_rounds_is_post(r, r->stops[begin].next)) unlink_stop(r, r->stops[begin].next);
}

static void fill_round(pct_rounds *r, int32_t unit, const int32_t *modes, int32_t count) {
    int32_t after = pct_rounds_begin(r, unit);
    for (int32_t i = 0; i < count; i++) {
        int32_t demand = r->problem->modes[modes[i]].demand;
        set_place(r, demand, modes[i]);
        link_after(r, demand, after);
        after = demand;
    }
    refresh(r, unit);
}

void pct_rounds_undo(pct_rounds *r) {
    for (int32_t i = 0; i < r->log_count; i++) empty_round(r, r->log_unit[i]);
    for (int32_t i = 0; i < r->log_count; i++) {
        fill_round(r, r->log_unit[i], r->log + r->log_first[i], r->log_first[i + 1] - r->log_first[i]);
        r->rounds[r->log_unit[i]].version = r->log_version[i];
    }
    pct_rounds_mark(r);
}

void pct_rounds_clear(pct_rounds *r) {
    for (int32_t u = 0; u < r->problem->unit_count; u++) {
        empty_round(r, u);
        refresh(r, u);
    }
    pct_rounds_mark(r);
}

void pct_rounds_set(pct_rounds *r, const int32_t *first, const int32_t *mode) {
    pct_rounds_clear(r);
    for (int32_t u = 0; u < r->problem->unit_count; u++)
        fill_round(r, u, mode + first[u], first[u + 1] - first[u]);
    pct_rounds_mark(r);
}

static bool lasts_too_long(const pct_rounds *r, int32_t mode, int32_t after) {
    const pct_patrol_problem *p = r->problem;
    const pct_stop *a = &r->stops[after], *b = &r->stops[a->next];
    int64_t most_ms = p->units[a->unit].duration_max_ms, back_ms;
    if (pct_patrol_has_bands(p)) {
        int64_t leave_ms = pct_rounds_bands_leave_ms(r, mode, after, &back_ms);
        return back_ms - leave_ms > most_ms;
    }
    const pct_patrol_mode *m = &p->modes[mode];
    pct_segment self = pct_segment_of(p, mode);
    pct_segment whole = pct_segment_join(&a->head, pct_patrol_travel_ms(p, a->to, m->from), &self);
    whole = pct_segment_join(&whole, pct_patrol_travel_ms(p, m->to, b->from), &b->tail);
    return whole.duration_ms > most_ms;
}

bool pct_rounds_fits_alone(const pct_rounds *r, int32_t mode, int32_t after) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_mode *m = &p->modes[mode];
    const pct_stop *a = &r->stops[after], *b = &r->stops[a->next];
    const pct_patrol_unit *unit = &p->units[a->unit];
    int64_t start_ms = pct_patrol_arrive_ms(p, a->to, m->from, pct_segment_done_ms(&a->head));
    if (start_ms < m->open_ms) start_ms = m->open_ms;
    if (start_ms > m->close_ms) return false;
    if (pct_patrol_arrive_ms(p, m->to, b->from, start_ms + m->service_ms) > b->tail.latest_ms) return false;
    if (a->head.load + p->demands[m->demand].load + b->tail.load > unit->capacity) return false;
    return unit->duration_max_ms >= unit->close_ms - unit->open_ms || !lasts_too_long(r, mode, after);
}

bool pct_rounds_fits(pct_rounds *r, int32_t mode, int32_t after) {
    return pct_rounds_fits_alone(r, mode, after) && (!r->members || pct_gaps_allow(r, mode, after));
}

void pct_rounds_insert(pct_rounds *r, const pct_insertion *insertion) {
    int32_t unit = r->stops[insertion->after].unit, demand = r->problem->modes[insertion->mode].demand;
    touch(r, unit);
    set_place(r, demand, insertion->mode);
    link_after(r, demand, insertion->after);
    refresh_at(r, unit, demand);
    set_travel(r, unit, r->rounds[unit].travel + insertion->delta);
}

bool pct_rounds_is_kept(pct_rounds *r, int32_t unit) {
    if (r->stops[pct_rounds_begin(r, unit)].tail.duration_ms > r->problem->units[unit].duration_max_ms)
        return false;
    return !r->members || pct_gaps_broken(r, unit) == PCT_PATROL_NONE;
}

/* A stop that has to go for the round to keep its rules; PCT_PATROL_NONE: it keeps them. */
static int32_t broken_stop(pct_rounds *r, int32_t unit) {
    int32_t begin = pct_rounds_begin(r, unit), s = r->stops[begin].next;
    const pct_segment *whole = &r->stops[begin].tail;
    if (!r->rounds[unit].size) return PCT_PATROL_NONE;
    if (whole->warp_ms == 0 && whole->duration_ms <= r->problem->units[unit].duration_max_ms)
        return r->members ? pct_gaps_broken(r, unit) : PCT_PATROL_NONE;
    while (!pct_rounds_is_post(r, s) && r->stops[s].head.warp_ms == 0) s = r->stops[s].next;
    return pct_rounds_is_post(r, s) ? r->stops[s].prev : s;
}

void pct_rounds_remove(pct_rounds *r, const int32_t *demands, int32_t count) {
    if (!count) return;
    int32_t unit = r->stops[demands[0]].unit;
    touch(r, unit);
    for (int32_t i = 0; i < count; i++) unlink_stop(r, demands[i]);
    refresh(r, unit);
    for (int32_t next; (next = broken_stop(r, unit)) != PCT_PATROL_NONE;) {
        unlink_stop(r, next);
        refresh(r, unit);
    }
}

static int32_t hand_over(pct_rounds *r, int32_t first, int32_t unit) {
    int32_t count = 0;
    for (int32_t s = first; !pct_rounds_is_post(r, s); s = r->stops[s].next, count++) r->stops[s].unit = unit;
    return count;
}

static void link_end(pct_rounds *r, int32_t a, int32_t first, int32_t last, int32_t unit) {
    int32_t end = pct_rounds_begin(r, unit) + 1;
    if (pct_rounds_is_post(r, first)) first = end, last = a;
    r->stops[a].next = first;
    r->stops[first].prev = a;
    r->stops[end].prev = last;
    r->stops[last].next = end;
}

void pct_rounds_exchange_tails(pct_rounds *r, int32_t a, int32_t b) {
    int32_t x = r->stops[a].unit, y = r->stops[b].unit;
    touch(r, x);
    touch(r, y);
    int32_t v = r->stops[a].next, w = r->stops[b].next;
    int32_t last_x = r->stops[pct_rounds_begin(r, x) + 1].prev,
            last_y = r->stops[pct_rounds_begin(r, y) + 1].prev;
    int32_t from_x = hand_over(r, v, y), from_y = hand_over(r, w, x);
    link_end(r, a, w, last_y, x);
    link_end(r, b, v, last_x, y);
    r->used_units -= (r->rounds[x].size > 0) + (r->rounds[y].size > 0);
    r->rounds[x].size += from_y - from_x;
    r->rounds[y].size += from_x - from_y;
    r->used_units += (r->rounds[x].size > 0) + (r->rounds[y].size > 0);
    refresh(r, x);
    refresh(r, y);
}

bool pct_rounds_change_modes(pct_rounds *r, int32_t unit, int32_t *modes) {
    touch(r, unit);
    int32_t begin = pct_rounds_begin(r, unit);
    for (int32_t pass = 0; pass < 2; pass++) {
        /* The first pass exchanges, the second, where the first did no good, gives back. */
        int32_t i = 0;
        for (int32_t s = r->stops[begin].next; !pct_rounds_is_post(r, s); s = r->stops[s].next) {
            int32_t was = r->stops[s].mode;
            set_place(r, s, modes[i]);
            modes[i++] = was;
        }
        refresh(r, unit);
        const pct_segment *whole = &r->stops[begin].tail;
        bool good = whole->warp_ms == 0 && whole->duration_ms <= r->problem->units[unit].duration_max_ms;
        if (good && r->members) good = pct_gaps_broken(r, unit) == PCT_PATROL_NONE;
        if (good && pass == 0) return true;
    }
    return false;
}

static int64_t imbalance_ms(const pct_rounds *r) {
    int64_t least = INT64_MAX, most = 0;
    for (int32_t u = 0; u < r->problem->unit_count; u++) {
        if (!r->rounds[u].size) continue;
        int64_t duration_ms = r->stops[pct_rounds_begin(r, u)].tail.duration_ms;
        if (duration_ms < least) least = duration_ms;
        if (duration_ms > most) most = duration_ms;
    }
    return most > least ? most - least : 0;
}

pct_patrol_cost pct_rounds_cost(const pct_rounds *r, bool fewest_units) {
    return (pct_patrol_cost){.musts_left = r->musts_left,
                             .units = fewest_units ? r->used_units : 0,
                             .shoulds_left = r->shoulds_left,
                             .spread_ppm = pct_even_steps_ppm(r->problem, r->uneven_sum_ppm),
                             .travel = r->travel,
                             .imbalance_ms = imbalance_ms(r)};
}
