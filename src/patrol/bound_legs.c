#include "patrol/bound_legs.h"

#include <string.h>

enum { WAYS_MAX = 4000, SLOTTED_MAX = 1500 };
static const double work_max = 4e9, starts_max = 4e7;

static bool is_same_way(const pct_patrol_mode *a, const pct_patrol_mode *b) {
    return a->from == b->from && a->to == b->to && a->service_ms == b->service_ms && a->cost == b->cost;
}

/* Its first mode that is served as it is. */
static int32_t way_of(const pct_patrol_problem *p, const pct_patrol_demand *d, int32_t mode) {
    for (int32_t m = d->first_mode; m < mode; m++)
        if (is_same_way(&p->modes[m], &p->modes[mode])) return m;
    return mode;
}

static int32_t count_ways(const pct_patrol_problem *p, bool must) {
    int32_t count = 0;
    for (int32_t m = 0; m < p->mode_count; m++) {
        const pct_patrol_demand *d = &p->demands[p->modes[m].demand];
        count += d->must == must && way_of(p, d, m) == m;
    }
    return count;
}

/* When the mode can begin at the soonest: not before a unit that may serve it is on duty and its window is open. (Not the way from the post:
 * something on the way may be a shorter way.) */
static int64_t first_ms(const pct_patrol_problem *p, int32_t mode) {
    const pct_patrol_mode *m = &p->modes[mode];
    int64_t first_ms = INT64_MAX;
    for (int32_t u = 0; u < p->unit_count; u++) {
        const pct_patrol_unit *unit = &p->units[u];
        int64_t at_ms = unit->open_ms > m->open_ms ? unit->open_ms : m->open_ms;
        if (at_ms > m->close_ms || at_ms + m->service_ms > unit->close_ms || at_ms >= first_ms) continue;
        if (pct_patrol_may_serve(p, u, m->demand)) first_ms = at_ms;
    }
    return first_ms;
}

static void set_ways(pct_bound_legs *l) {
    const pct_patrol_problem *p = l->problem;
    int32_t at = 0, node = 0;
    for (int must = 1; must >= 0; must--)
        for (int32_t d = 0; d < p->demand_count; d++) {
            const pct_patrol_demand *demand = &p->demands[d];
            if (demand->must != must) continue;
            node++;
            if (must) l->first_way[node] = at;
            for (int32_t m = demand->first_mode; m < demand->first_mode + demand->mode_count; m++)
                if (way_of(p, demand, m) == m)
                    l->ways[at++] = (pct_bound_way){.node = node, .mode = m, .first_ms = INT64_MAX};
            if (must) l->first_way[node + 1] = at;
        }
}

/* A window of a way: the slots it reaches into. */
static void add_window(const pct_bound_legs *l, pct_bound_way *way, int64_t open_ms, int64_t close_ms) {
    int64_t service_ms = l->problem->modes[way->mode].service_ms;
    for (int32_t s = 0; s < l->slots; s++) {
        int64_t from_ms = l->from_ms + s * l->slot_ms, at_ms = open_ms > from_ms ? open_ms : from_ms;
        uint32_t bit = UINT32_C(1) << s;
        if (close_ms < from_ms || open_ms >= from_ms + l->slot_ms) continue;
        if (!(way->slots & bit) || at_ms + service_ms < way->done_ms[s]) way->done_ms[s] = at_ms + service_ms;
        if (!(way->slots & bit)) way->instants |= bit;
        if (close_ms > from_ms) way->instants &= ~bit;
        way->slots |= bit;
    }
}

static void set_windows(pct_bound_legs *l) {
    const pct_patrol_problem *p = l->problem;
    int64_t to_ms = 0;
    l->from_ms = INT64_MAX;
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t i = 0; i < l->count; i++) {
            pct_bound_way *way = &l->ways[i];
            const pct_patrol_demand *d = &p->demands[p->modes[way->mode].demand];
            for (int32_t m = way->mode; m < d->first_mode + d->mode_count; m++) {
                int64_t at_ms = first_ms(p, m), close_ms = p->modes[m].close_ms;
                if (at_ms == INT64_MAX || !is_same_way(&p->modes[way->mode], &p->modes[m])) continue;
                if (pass) add_window(l, way, at_ms, close_ms);
                if (at_ms < way->first_ms) way->first_ms = at_ms;
                if (close_ms > way->close_ms) way->close_ms = close_ms;
            }
            if (way->first_ms < l->from_ms) l->from_ms = way->first_ms;
            if (way->close_ms > to_ms) to_ms = way->close_ms;
        }
        if (l->from_ms == INT64_MAX) return;
        l->slot_ms = (to_ms - l->from_ms) / l->slots + 1;
    }
}

static void lower(double *cell, double value) {
    if (value < *cell) *cell = value;
}

static void set_kinds(pct_bound_legs *l) {
    const pct_patrol_problem *p = l->problem;
    for (int32_t u = 0; u < p->unit_count; u++) {
        int32_t like = 0;
        while (p->units[like].start != p->units[u].start || p->units[like].end != p->units[u].end) like++;
        if (like == u) l->kind_size[l->kinds] = 0;
        l->kind[u] = like == u ? l->kinds++ : l->kind[like];
        l->kind_size[l->kind[u]]++;
    }
}

static void set_posts(pct_bound_legs *l, int32_t u) {
    const pct_patrol_problem *p = l->problem;
    const pct_patrol_unit *unit = &p->units[u];
    size_t row = (size_t)l->kind[u] * (size_t)l->must_ways;
    for (int32_t i = 0; i < l->must_ways; i++) {
        const pct_bound_way *way = &l->ways[i];
        const pct_patrol_mode *m = &p->modes[way->mode];
        if (way->first_ms == INT64_MAX || !pct_patrol_may_serve(p, u, m->demand)) continue;
        if (way->first_ms + m->service_ms <= unit->close_ms)
            lower(&l->home[row + (size_t)i], pct_patrol_travel_cost(p, m->to, unit->end));
        if (pct_patrol_arrive_ms(p, unit->start, m->from, unit->open_ms) <= way->close_ms)
            lower(&l->start[row + (size_t)i],
                  (double)unit->fixed_cost + m->cost + pct_patrol_travel_cost(p, unit->start, m->from));
    }
}

static bool have_a_unit(const uint64_t *a, const uint64_t *b, size_t words) {
    for (size_t w = 0; w < words; w++)
        if (a[w] & b[w]) return true;
    return false;
}

/* Legs between all ways, those of shoulds too: [count squared], row: the way that is come to. */
static void set_legs(const pct_bound_legs *l, const uint64_t *units, size_t words, double *leg) {
    const pct_patrol_problem *p = l->problem;
    for (int32_t j = 0; j < l->count; j++)
        for (int32_t i = 0; i < l->count; i++) {
            const pct_bound_way *a = &l->ways[i], *b = &l->ways[j];
            const pct_patrol_mode *m = &p->modes[a->mode], *n = &p->modes[b->mode];
            double *cell = &leg[(size_t)j * (size_t)l->count + (size_t)i];
            *cell = pct_bound_none;
            if (a->node == b->node || a->first_ms == INT64_MAX || b->first_ms == INT64_MAX) continue;
            if (pct_patrol_arrive_ms(p, m->to, n->from, a->first_ms + m->service_ms) > b->close_ms) continue;
            if (!have_a_unit(units + (size_t)m->demand * words, units + (size_t)n->demand * words, words))
                continue;
            *cell = (double)pct_patrol_travel_cost(p, m->to, n->from) + n->cost;
        }
}

/* Ways by way of shoulds become legs, and starts and homes. */
static void go_by_shoulds(pct_bound_legs *l, double *leg) {
    const pct_patrol_problem *p = l->problem;
    size_t n = (size_t)l->count, musts = (size_t)l->must_ways;
    for (size_t s = musts; s < n; s++)
        for (size_t to = 0; to < n; to++) {
            double on = leg[to * n + s], *row = leg + to * n;
            if (to == s || on >= pct_bound_none) continue;
            for (size_t from = 0; from < n; from++)
                if (l->ways[from].node != l->ways[to].node) lower(&row[from], leg[s * n + from] + on);
        }
    for (int32_t u = 0; u < p->unit_count; u++)
        for (size_t s = musts; s < n; s++) {
            const pct_patrol_mode *m = &p->modes[l->ways[s].mode];
            if (!pct_patrol_may_serve(p, u, m->demand)) continue;
            const pct_patrol_unit *unit = &p->units[u];
            double out = (double)unit->fixed_cost + m->cost + pct_patrol_travel_cost(p, unit->start, m->from);
            double back = pct_patrol_travel_cost(p, m->to, unit->end);
            size_t row = (size_t)l->kind[u] * musts;
            for (size_t i = 0; i < musts; i++) {
                lower(&l->start[row + i], out + leg[i * n + s]);
                lower(&l->home[row + i], leg[s * n + i] + back);
            }
        }
}

static pct_status set_all(pct_bound_legs *l, pct_arena *arena, pct_error *error) {
    const pct_patrol_problem *p = l->problem;
    size_t n = (size_t)l->count, musts = (size_t)l->must_ways, units = (size_t)p->unit_count;
    size_t words = (units + 63) / 64, posts = (size_t)l->kinds * musts;
    double *leg = pct_arena_alloc(arena, n * n, sizeof *leg);
    uint64_t *able = pct_arena_alloc(arena, (size_t)p->demand_count * words, sizeof *able);
    l->start = pct_arena_alloc(arena, 2 * posts, sizeof *l->start);
    if (!leg || !able || !l->start) return pct_error_memory(error, n * n * sizeof *leg);
    l->home = l->start + posts;
    l->leg = leg;
    for (size_t i = 0; i < 2 * posts; i++) l->start[i] = pct_bound_none;
    memset(able, 0, (size_t)p->demand_count * words * sizeof *able);
    for (int32_t d = 0; d < p->demand_count; d++)
        for (int32_t u = 0; u < p->unit_count; u++)
            if (pct_patrol_may_serve(p, u, d))
                able[(size_t)d * words + (size_t)u / 64] |= UINT64_C(1) << (u % 64);
    for (int32_t u = 0; u < p->unit_count; u++) set_posts(l, u);
    set_legs(l, able, words, leg);
    go_by_shoulds(l, leg);
    for (size_t to = 1; to < musts && n > musts; to++) /* the musts' corner, row by row */
        memmove(leg + to * musts, leg + to * n, musts * sizeof *leg);
    return PCT_OK;
}

pct_status pct_bound_legs_init(pct_bound_legs *out, const pct_patrol_problem *p, pct_arena *arena,
                               bool *small, pct_error *error) {
    *out = (pct_bound_legs){.problem = p};
    for (int32_t d = 0; d < p->demand_count; d++) {
        out->nodes++;
        out->musts += p->demands[d].must;
    }
    out->must_ways = count_ways(p, true);
    out->count = out->must_ways + count_ways(p, false);
    out->kind = pct_arena_alloc(arena, 2 * (size_t)p->unit_count, sizeof *out->kind);
    if (!out->kind) return pct_error_memory(error, (size_t)p->unit_count * sizeof *out->kind);
    out->kind_size = out->kind + p->unit_count;
    set_kinds(out);
    double n = out->count, shoulds = n - out->must_ways, posts = (double)out->kinds * out->must_ways;
    *small = out->musts && p->unit_count && out->count <= WAYS_MAX && posts <= starts_max &&
             n * n * shoulds + (double)p->unit_count * n * shoulds <= work_max;
    if (!*small) return PCT_OK;
    out->slots = out->must_ways <= SLOTTED_MAX ? PCT_BOUND_SLOTS_MAX : 1;
    out->first_way = pct_arena_alloc(arena, (size_t)out->musts + 2, sizeof *out->first_way);
    out->ways = pct_arena_alloc(arena, (size_t)out->count, sizeof *out->ways);
    if (!out->first_way || !out->ways) return pct_error_memory(error, (size_t)out->count * sizeof *out->ways);
    set_ways(out);
    set_windows(out);
    return set_all(out, arena, error);
}
