/* For a given order of a round's demands the cheapest modes are a shortest path in a layered graph: a layer per stop, a node per mode.
 * Vidal, "Node, edge, arc routing and turn penalties: multiple problems, one neighborhood extension", 2017, with modes instead of
 * directions. Exact where windows do not bind; where they do, a layer keeps of equally cheap ways the earlier and drops what is late, so
 * that the answer always can be driven but a cheaper one may be overlooked. O(stops × modes²). */
#include "patrol/ways.h"

pct_status pct_ways_init(pct_ways *w, const pct_patrol_problem *p, pct_arena *arena, pct_error *error) {
    size_t modes = (size_t)p->mode_count;
    w->cost = pct_arena_alloc(arena, modes, sizeof *w->cost);
    w->done_ms = pct_arena_alloc(arena, modes, sizeof *w->done_ms);
    w->came_from = pct_arena_alloc(arena, modes, sizeof *w->came_from);
    w->chosen = pct_arena_alloc(arena, (size_t)p->demand_count, sizeof *w->chosen);
    bool good = w->cost && w->done_ms && w->came_from && w->chosen;
    return good ? PCT_OK : pct_error_memory(error, modes * sizeof *w->cost);
}

/* A way into mode `m` from a place that is left at done_ms at the cost so far. */
static void relax(pct_ways *w, const pct_patrol_problem *p, int32_t m, int32_t before, int32_t place,
                  int64_t cost, int64_t done_ms) {
    const pct_patrol_mode *mode = &p->modes[m];
    int64_t start_ms = pct_patrol_arrive_ms(p, place, mode->from, done_ms);
    if (start_ms < mode->open_ms) start_ms = mode->open_ms;
    if (start_ms > mode->close_ms) return;
    cost += (int64_t)pct_patrol_travel_cost(p, place, mode->from) + mode->cost;
    int64_t end_ms = start_ms + mode->service_ms;
    if (cost > w->cost[m] || (cost == w->cost[m] && end_ms >= w->done_ms[m])) return;
    w->cost[m] = cost;
    w->done_ms[m] = end_ms;
    w->came_from[m] = before;
}

static void fill_layer(pct_ways *w, const pct_rounds *r, int32_t stop) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_demand *d = &p->demands[stop];
    int32_t before = r->stops[stop].prev;
    for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++) {
        w->cost[m] = INT64_MAX;
        w->came_from[m] = PCT_PATROL_NONE;
        if (pct_rounds_is_post(r, before)) {
            const pct_patrol_unit *unit = &p->units[r->stops[stop].unit];
            relax(w, p, m, PCT_PATROL_NONE, unit->start, unit->fixed_cost, unit->open_ms);
            continue;
        }
        const pct_patrol_demand *b = &p->demands[before];
        for (int32_t n = b->first_mode; n < b->first_mode + b->mode_count; n++)
            if (w->cost[n] < INT64_MAX) relax(w, p, m, n, p->modes[n].to, w->cost[n], w->done_ms[n]);
    }
}

/* The last stop's mode of the cheapest whole round, or none. */
static int32_t best_end(const pct_ways *w, const pct_rounds *r, int32_t unit, int64_t *cost) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_demand *d = &p->demands[r->stops[pct_rounds_begin(r, unit) + 1].prev];
    int32_t best = PCT_PATROL_NONE;
    *cost = r->rounds[unit].travel;
    for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++) {
        if (w->cost[m] == INT64_MAX) continue;
        int32_t end = p->units[unit].end;
        int64_t whole = w->cost[m] + pct_patrol_travel_cost(p, p->modes[m].to, end);
        if (whole >= *cost ||
            pct_patrol_arrive_ms(p, p->modes[m].to, end, w->done_ms[m]) > p->units[unit].close_ms)
            continue;
        *cost = whole;
        best = m;
    }
    return best;
}

bool pct_ways_improve(pct_ways *w, pct_rounds *r, int32_t unit) {
    int32_t begin = pct_rounds_begin(r, unit), size = r->rounds[unit].size;
    if (!size) return false;
    for (int32_t s = r->stops[begin].next; !pct_rounds_is_post(r, s); s = r->stops[s].next)
        fill_layer(w, r, s);
    int64_t cost;
    int32_t mode = best_end(w, r, unit, &cost);
    if (mode == PCT_PATROL_NONE) return false;
    for (int32_t i = size; i-- > 0; mode = w->came_from[mode]) w->chosen[i] = mode;
    return pct_rounds_change_modes(r, unit, w->chosen);
}
