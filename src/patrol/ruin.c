/* Ruin by adjacent strings: around a random demand, from each of the nearest rounds a run of consecutive demands is taken out, with
 * room in space and capacity for something better. Half of the strings keep a stretch in their middle. Christiaens, Vanden Berghe,
 * "Slack induction by string removals for vehicle routing problems", Transportation Science 54(2), 2020, sections 5.1 and 5.2.
 * O(demands taken out + stops of their rounds); the neighbour lists O(n²) once. */
#include "patrol/ruin.h"

#include <stdlib.h>

enum { STRING_MAX = 10 };
static const double split_rate = 0.5, split_grow = 0.01, removed_default = 10.0;

typedef struct neighbour {
    int64_t cost;
    int32_t demand;
} neighbour;

static int by_cost(const void *a, const void *b) {
    const neighbour *p = a, *q = b;
    if (p->cost != q->cost) return p->cost < q->cost ? -1 : 1;
    return (p->demand > q->demand) - (p->demand < q->demand);
}

/* Least travel from one of the modes of a to one of b's or back. */
static int64_t apart(const pct_patrol_problem *p, int32_t a, int32_t b) {
    const pct_patrol_demand *x = &p->demands[a], *y = &p->demands[b];
    int64_t least = INT64_MAX;
    for (int32_t m = x->first_mode; m < x->first_mode + x->mode_count; m++)
        for (int32_t n = y->first_mode; n < y->first_mode + y->mode_count; n++) {
            int64_t there = pct_patrol_travel_cost(p, p->modes[m].to, p->modes[n].from);
            int64_t back = pct_patrol_travel_cost(p, p->modes[n].to, p->modes[m].from);
            if (there < least) least = there;
            if (back < least) least = back;
        }
    return least;
}

/* The nearest of all demands, itself first. `some` [2 near_count]: whenever it is full, its farther half goes, and who is farther still need
 * not come in, so that of n demands few are ever put in order. */
static void list_near(const pct_patrol_problem *p, int32_t demand, int32_t near_count, neighbour *some,
                      int32_t *near) {
    neighbour farthest = {INT64_MAX, INT32_MAX};
    int32_t count = 0;
    for (int32_t e = 0; e < p->demand_count; e++) {
        const neighbour one = {e == demand ? -1 : apart(p, demand, e), e};
        if (by_cost(&one, &farthest) > 0) continue;
        some[count++] = one;
        if (count < 2 * near_count) continue;
        qsort(some, (size_t)count, sizeof *some, by_cost);
        count = near_count;
        farthest = some[count - 1];
    }
    qsort(some, (size_t)count, sizeof *some, by_cost);
    for (int32_t i = 0; i < near_count; i++) near[i] = some[i].demand;
}

static pct_status find_near(pct_ruin *ruin, const pct_patrol_problem *p, pct_arena *arena, pct_error *error) {
    size_t n = (size_t)p->demand_count;
    ruin->near_count = p->demand_count < PCT_RUIN_NEAR_MAX ? p->demand_count : PCT_RUIN_NEAR_MAX;
    int32_t *lists = pct_arena_alloc(arena, n * (size_t)ruin->near_count, sizeof *lists);
    neighbour *some = pct_alloc(2 * (size_t)ruin->near_count, sizeof *some);
    pct_status status = lists && some ? PCT_OK : pct_error_memory(error, n * (size_t)ruin->near_count * 4);
    for (int32_t d = 0; d < p->demand_count && !status; d++)
        list_near(p, d, ruin->near_count, some, lists + (size_t)d * (size_t)ruin->near_count);
    ruin->near = lists;
    pct_free(some);
    return status;
}

pct_status pct_ruin_init(pct_ruin *ruin, const pct_patrol_problem *p, const pct_ruin *like, pct_arena *arena,
                         pct_error *error) {
    *ruin = (pct_ruin){.mean_removed = removed_default};
    ruin->picked = pct_arena_alloc(arena, (size_t)p->demand_count, sizeof *ruin->picked);
    ruin->ruined = pct_arena_alloc(arena, (size_t)p->unit_count, sizeof *ruin->ruined);
    if (!ruin->picked || !ruin->ruined) return pct_error_memory(error, (size_t)p->demand_count * 4);
    for (int32_t u = 0; u < p->unit_count; u++) ruin->ruined[u] = 0;
    if (!like) return find_near(ruin, p, arena, error);
    ruin->near = like->near;
    ruin->near_count = like->near_count;
    return PCT_OK;
}

/* A whole number in [1, most], most >= 1, as floor(U(1, most + 1)). */
static int32_t draw_count(pct_rng *rng, double most) {
    return (int32_t)(1.0 + pct_rng_unit(rng) * most);
}

/* Picks `length` demands of a run of length + kept around `demand`; the `kept` in the middle stay. */
static int32_t pick_string(pct_ruin *ruin, const pct_rounds *r, pct_rng *rng, int32_t demand, int32_t length,
                           int32_t kept) {
    int32_t run = length + kept, before = (int32_t)pct_rng_below(rng, (uint32_t)run);
    int32_t s = demand, back = 0;
    while (back < before && !pct_rounds_is_post(r, r->stops[s].prev)) {
        s = r->stops[s].prev;
        back++;
    }
    /* Near its round's end the run begins earlier. */
    int32_t ahead = 0, e = s;
    while (ahead < run && !pct_rounds_is_post(r, e)) {
        e = r->stops[e].next;
        ahead++;
    }
    for (; ahead < run && !pct_rounds_is_post(r, r->stops[s].prev); ahead++) s = r->stops[s].prev;
    int32_t keep_from = kept ? (int32_t)pct_rng_below(rng, (uint32_t)length) + 1 : run, count = 0;
    if (keep_from > length) keep_from = length;
    for (int32_t i = 0; i < run && !pct_rounds_is_post(r, s); i++, s = r->stops[s].next)
        if (i < keep_from || i >= keep_from + kept) ruin->picked[count++] = s;
    return count;
}

static void ruin_round(pct_ruin *ruin, pct_rounds *r, pct_rng *rng, int32_t demand, double longest) {
    int32_t unit = r->stops[demand].unit, size = r->rounds[unit].size;
    int32_t length = draw_count(rng, size < longest ? size : longest), kept = 0;
    if (length > size) length = size;
    if (length > 1 && length < size && pct_rng_unit(rng) < split_rate) {
        kept = 1;
        while (length + kept < size && pct_rng_unit(rng) < split_grow) kept++;
    }
    ruin->ruined[unit] = ruin->mark;
    pct_rounds_remove(r, ruin->picked, pick_string(ruin, r, rng, demand, length, kept));
}

void pct_ruin_strings(pct_ruin *ruin, pct_rounds *r, pct_rng *rng) {
    const pct_patrol_problem *p = r->problem;
    int32_t served = p->demand_count - r->absent_count;
    if (!served) return;
    double mean_size = (double)served / r->used_units;
    double longest = mean_size < STRING_MAX ? mean_size : STRING_MAX;
    double most = 4.0 * ruin->mean_removed / (1.0 + longest) - 1.0;
    int32_t strings = draw_count(rng, most < 1.0 ? 1.0 : most);
    int32_t seed = (int32_t)pct_rng_below(rng, (uint32_t)p->demand_count);
    const int32_t *near = ruin->near + (size_t)seed * (size_t)ruin->near_count;
    ruin->mark++;
    for (int32_t i = 0; i < ruin->near_count && strings; i++) {
        int32_t unit = r->stops[near[i]].unit;
        if (unit == PCT_PATROL_NONE || ruin->ruined[unit] == ruin->mark) continue;
        ruin_round(ruin, r, rng, near[i], longest);
        strings--;
    }
}
