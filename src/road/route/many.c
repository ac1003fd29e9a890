/* One to many that nobody prepared: lazy RPHAST (Strasser, Zeitz, "A fast and tight heuristic for A* in road networks", 2021, §3).
 * After the climb from the one, the time of another rank is the least over its upward arcs of arc + time of the arc's
 * head, and those times are remembered for the others; ancestors shared by all are computed once. O(arcs of the union of
 * the search spaces). */
#include "road/route/search.h"
#include "road/route/wide.h"

/* The least way to `rank` over the heads of its arcs, whose values are known. */
static inline uint32_t pull_perfect(const pct_router *router, int side, uint32_t rank, uint32_t ms) {
    const pct_metric *metric = &router->road->metric;
    const pct_upward *up = side == PCT_FORWARD ? &metric->backward : &metric->forward;
    for (const pct_upward_arc *a = up->arcs + up->first[rank], *end = up->arcs + up->first[rank + 1]; a < end;
         a++)
        ms = pct_least_scattered(ms, a->ms + router->value_ms[a->head]);
    return ms;
}

static inline uint32_t pull_basic(const pct_router *router, int side, uint32_t rank, uint32_t ms) {
    const pct_hierarchy *h = &router->road->hierarchy;
    uint32_t(*arc_ms)[2] = router->road->metric.ms;
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++)
        ms = pct_least_scattered(ms, arc_ms[a][1 - side] + router->value_ms[h->up_head[a]]);
    return ms;
}

static void evaluate(pct_router *router, int side, const uint32_t *ranks, size_t count) {
    bool is_perfect = router->road->metric.is_perfect;
    while (count > 0) {
        uint32_t rank = ranks[--count], ms = router->label_ms[rank][side];
        router->value_ms[rank] =
            is_perfect ? pull_perfect(router, side, rank, ms) : pull_basic(router, side, rank, ms);
    }
}

static uint32_t value_at(pct_router *router, int side, uint32_t rank, size_t *count) {
    const uint32_t *parent = router->road->climb.parent;
    size_t begin = *count;
    for (uint32_t r = rank; r != PCT_NO_INDEX && router->value_ms[r] == PCT_UNKNOWN_MS; r = parent[r])
        router->pending[(*count)++] = r;
    evaluate(router, side, router->pending + begin, *count - begin);
    return router->value_ms[rank];
}

void pct_many_begin(pct_router *router, bool toward, pct_road_point one, pct_many *many) {
    uint32_t middle;
    *many = (pct_many){.toward = toward, .one = one, .ends = pct_ends_of(router->road, one, toward)};
    const pct_ends *from = toward ? &pct_no_ends : &many->ends, *to = toward ? &many->ends : &pct_no_ends;
    (void)pct_search(router, from, to, false, &middle);
}

uint32_t pct_many_time(pct_router *router, pct_many *many, pct_road_point other) {
    const pct_road *road = router->road;
    const pct_ends ends = pct_ends_of(road, other, !many->toward);
    uint32_t best_ms = PCT_NO_WAY_MS;
    for (int e = 0; e < ends.count; e++)
        best_ms =
            pct_least(best_ms, ends.at[e].ms + value_at(router, many->toward, ends.at[e].node, &many->known));
    best_ms = pct_or_unreachable(best_ms);
    return pct_least(best_ms, many->toward ? pct_straight_ms(road, other, many->one)
                                           : pct_straight_ms(road, many->one, other));
}

void pct_many_end(pct_router *router, const pct_many *many) {
    for (size_t i = 0; i < many->known; i++) router->value_ms[router->pending[i]] = PCT_UNKNOWN_MS;
    pct_search_reset(router, &many->ends, &pct_no_ends);
}

static void one_to_many(pct_router *router, bool toward, pct_road_point one, const pct_road_point *others,
                        size_t count, uint32_t *times_ms) {
    pct_many many;
    pct_many_begin(router, toward, one, &many);
    for (size_t i = 0; i < count; i++) times_ms[i] = pct_many_time(router, &many, others[i]);
    pct_many_end(router, &many);
}

void pct_router_times_to(pct_router *router, pct_road_point target, const pct_road_point *sources,
                         size_t count, uint32_t *times_ms) {
    one_to_many(router, true, target, sources, count, times_ms);
}

void pct_router_times_from(pct_router *router, pct_road_point source, const pct_road_point *targets,
                           size_t count, uint32_t *times_ms) {
    one_to_many(router, false, source, targets, count, times_ms);
}
