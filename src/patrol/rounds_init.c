#include "patrol/rounds.h"

enum { TRIED_MAX = 1 << 18 };

static bool is_same(const pct_patrol_unit *a, const pct_patrol_unit *b) {
    return a->start == b->start && a->end == b->end && a->group == b->group && a->open_ms == b->open_ms &&
           a->close_ms == b->close_ms && a->duration_max_ms == b->duration_max_ms &&
           a->capacity == b->capacity && a->has == b->has && a->fixed_cost == b->fixed_cost;
}

/* Units that nothing tells apart are of one kind: an empty one of them need be tried only once. */
static void find_kinds(pct_rounds *r) {
    const pct_patrol_problem *p = r->problem;
    for (int32_t u = 0; u < p->unit_count; u++) r->rounds[u].kind = PCT_PATROL_NONE;
    for (int32_t d = 0; d < p->demand_count; d++) /* has work of its own: a kind of its own */
        if (p->demands[d].unit != PCT_PATROL_NONE) r->rounds[p->demands[d].unit].kind = p->demands[d].unit;
    for (int32_t u = 0; u < p->unit_count; u++) {
        if (r->rounds[u].kind != PCT_PATROL_NONE) continue;
        r->rounds[u].kind = u;
        for (int32_t v = u + 1; v < p->unit_count; v++)
            if (r->rounds[v].kind == PCT_PATROL_NONE && is_same(&p->units[u], &p->units[v]))
                r->rounds[v].kind = u;
    }
}

static void set_posts(pct_rounds *r) {
    const pct_patrol_problem *p = r->problem;
    for (int32_t u = 0; u < p->unit_count; u++) {
        int32_t begin = pct_rounds_begin(r, u), end = begin + 1;
        const pct_patrol_unit *unit = &p->units[u];
        r->stops[begin] = (pct_stop){
            .next = end, .prev = PCT_PATROL_NONE, .unit = u, .from = unit->start, .to = unit->start};
        r->stops[end] =
            (pct_stop){.next = PCT_PATROL_NONE, .prev = begin, .unit = u, .from = unit->end, .to = unit->end};
    }
}

static void set_absent(pct_rounds *r) {
    const pct_patrol_problem *p = r->problem;
    for (int32_t d = 0; d < p->demand_count; d++) {
        r->stops[d].unit = PCT_PATROL_NONE;
        r->absent[d] = r->absent_at[d] = d;
        *(p->demands[d].must ? &r->musts_left : &r->shoulds_left) += p->demands[d].weight;
    }
    r->absent_count = p->demand_count;
}

static void set_series(pct_rounds *r) {
    const pct_patrol_problem *p = r->problem;
    for (int32_t s = 0; s <= p->series_count; s++) r->member_first[s] = 0;
    for (int32_t d = 0; d < p->demand_count; d++)
        if (p->demands[d].series != PCT_PATROL_NONE) r->member_first[p->demands[d].series + 1]++;
    for (int32_t s = 0; s < p->series_count; s++) r->member_first[s + 1] += r->member_first[s];
    for (int32_t d = p->demand_count - 1; d >= 0; d--) {
        r->trial_mark[d] = 0;
        r->start_ms[d] = PCT_PATROL_NONE;
        if (p->demands[d].series != PCT_PATROL_NONE)
            r->members[--r->member_first[p->demands[d].series + 1]] = d;
    }
    /* Each first[s + 1] went down to the begin of s: shift them back. */
    for (int32_t s = 0; s < p->series_count; s++) r->member_first[s] = r->member_first[s + 1];
    int32_t all = 0;
    for (int32_t d = 0; d < p->demand_count; d++) all += p->demands[d].series != PCT_PATROL_NONE;
    r->member_first[p->series_count] = all;
}

/* A place for each demand and unit, or, where that were too much, one that several share. */
static pct_status set_tried(pct_rounds *r, pct_arena *arena, pct_error *error) {
    size_t pairs = (size_t)r->problem->demand_count * (size_t)r->problem->unit_count, count = 1;
    while (count < pairs && count < TRIED_MAX) count *= 2;
    r->tried = pct_arena_alloc(arena, count, sizeof *r->tried);
    r->log_version = pct_arena_alloc(arena, (size_t)r->problem->unit_count, sizeof *r->log_version);
    if (!r->tried || !r->log_version) return pct_error_memory(error, count * sizeof *r->tried);
    for (size_t i = 0; i < count; i++) r->tried[i] = (pct_tried){.demand = PCT_PATROL_NONE};
    r->tried_mask = count - 1;
    return PCT_OK;
}

pct_status pct_rounds_init(pct_rounds *r, const pct_patrol_problem *p, pct_arena *arena, pct_error *error) {
    size_t demands = (size_t)p->demand_count, units = (size_t)p->unit_count;
    *r = (pct_rounds){.problem = p};
    r->stops = pct_arena_alloc(arena, demands + 2 * units, sizeof *r->stops);
    r->rounds = pct_arena_alloc(arena, units, sizeof *r->rounds);
    int32_t *numbers = pct_arena_alloc(arena, 3 * demands + 2 * units + 1, sizeof *numbers);
    if (!r->stops || !r->rounds || !numbers) return pct_error_memory(error, demands * sizeof *r->stops);
    r->absent = numbers;
    r->absent_at = r->absent + demands;
    r->log = r->absent_at + demands;
    r->log_unit = r->log + demands;
    r->log_first = r->log_unit + units;
    for (size_t u = 0; u < units; u++) r->rounds[u] = (pct_round){.travel = 0};
    find_kinds(r);
    set_posts(r);
    set_absent(r);
    if (p->series_count) {
        r->member_first = pct_arena_alloc(arena, (size_t)p->series_count + 1, sizeof *r->member_first);
        r->members = pct_arena_alloc(arena, demands, sizeof *r->members);
        r->start_ms = pct_arena_alloc(arena, 2 * demands, sizeof *r->start_ms);
        r->trial_mark = pct_arena_alloc(arena, demands, sizeof *r->trial_mark);
        r->shifted = pct_arena_alloc(arena, demands, sizeof *r->shifted);
        if (!r->member_first || !r->members || !r->start_ms || !r->trial_mark || !r->shifted)
            return pct_error_memory(error, demands * sizeof *r->start_ms);
        r->trial_ms = r->start_ms + demands;
        set_series(r);
        pct_status status = pct_rounds_even_init(r, arena, error);
        if (status) return status;
    }
    pct_status status = set_tried(r, arena, error);
    if (status) return status;
    pct_rounds_clear(r);
    return PCT_OK;
}
