/* One to all: PHAST (Delling, Goldberg, Nowatzyk, Werneck, "PHAST: hardware-accelerated shortest path trees", 2011). After the
 * climb from the one, a pass over all ranks from the highest down settles each from the heads of its arcs, all of which
 * came before. O(hierarchy arcs).
 *
 * With a limit the pass leaves out subtrees of the elimination tree. Whoever comes into a subtree from outside comes over
 * a head of its root's arcs; so when all those are beyond the limit, and the one lies not in the subtree, all of it is beyond the
 * limit. O(arcs of what is reached and of its rim). */
#include "base/memory.h"
#include "road/route/search.h"
#include "road/route/wide.h"

/* A pass under way. Values are found in `value_ms` of the ranks seen so far. */
typedef struct sweep {
    const pct_road *road;
    const pct_upward *up; /* NULL: over the basic metric */
    uint32_t (*label_ms)[2];
    uint32_t *value_ms;
    int side;
} sweep;

static inline uint32_t settle(const sweep *s, uint32_t rank) {
    uint32_t ms = s->label_ms[rank][s->side];
    if (s->up) {
        const pct_upward_arc *a = s->up->arcs + s->up->first[rank],
                             *end = s->up->arcs + s->up->first[rank + 1];
        for (; a < end; a++) ms = pct_least_scattered(ms, a->ms + s->value_ms[a->head]);
    } else {
        const pct_hierarchy *h = &s->road->hierarchy;
        for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++)
            ms = pct_least_scattered(ms, s->road->metric.ms[a][1 - s->side] + s->value_ms[h->up_head[a]]);
    }
    s->value_ms[rank] = ms;
    return ms;
}

static sweep sweep_of(pct_router *router, bool toward) {
    const pct_metric *metric = &router->road->metric;
    const pct_upward *up = toward ? &metric->forward : &metric->backward;
    return (sweep){router->road, metric->is_perfect ? up : NULL, router->label_ms, router->pending, toward};
}

static void sweep_vertices(pct_router *router, bool toward, pct_road_point one, const sweep *s) {
    const pct_ends ends = pct_ends_of(router->road, one, toward);
    const pct_ends *from = toward ? &pct_no_ends : &ends, *to = toward ? &ends : &pct_no_ends;
    uint32_t middle;
    (void)pct_search(router, from, to, false, &middle);
    for (uint32_t rank = router->road->hierarchy.node_count; rank-- > 0;) (void)settle(s, rank);
    pct_search_reset(router, from, to);
}

/* A patrol's time to (from) a node, once all vertices are settled: over the vertices where a point at the node ends (begins). */
static uint32_t node_ms(const sweep *s, bool toward, pct_road_point one, uint32_t node) {
    pct_road_point point;
    if (pct_road_point_at_node(s->road, (pct_node){node}, &point)) return PCT_UNREACHABLE_MS;
    const pct_ends ends = pct_ends_of(s->road, point, !toward);
    uint32_t ms = PCT_NO_WAY_MS;
    for (int e = 0; e < ends.count; e++) ms = pct_least(ms, ends.at[e].ms + s->value_ms[ends.at[e].node]);
    uint32_t straight_ms =
        toward ? pct_straight_ms(s->road, point, one) : pct_straight_ms(s->road, one, point);
    return pct_least(pct_or_unreachable(ms), straight_ms);
}

static void one_to_all(pct_router *router, bool toward, pct_road_point one, uint32_t *times_ms) {
    const pct_road *road = router->road;
    const sweep s = sweep_of(router, toward);
    sweep_vertices(router, toward, one, &s);
    for (uint32_t v = 0; v < road->network.node_count; v++)
        times_ms[v] = road->profile == PCT_PROFILE_PATROL
                          ? node_ms(&s, toward, one, v)
                          : pct_or_unreachable(s.value_ms[road->hierarchy.node_rank[v]]);
}

void pct_router_all_times_from(pct_router *router, pct_road_point source, uint32_t *times_ms) {
    one_to_all(router, false, source, times_ms);
}

void pct_router_all_times_to(pct_router *router, pct_road_point target, uint32_t *times_ms) {
    one_to_all(router, true, target, times_ms);
}

/* --- within a limit ----------------------------------------------------------------------------------------------- */

static bool is_beyond(const sweep *s, const pct_ends *ends, uint32_t rank, uint32_t limit_ms) {
    const pct_hierarchy *h = &s->road->hierarchy;
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++)
        if (s->value_ms[h->up_head[a]] <= limit_ms) return false;
    for (int e = 0; e < ends->count; e++)
        if (ends->at[e].node <= rank && ends->at[e].node >= s->road->climb.lowest[rank]) return false;
    return true;
}

static pct_status reached(pct_router *router, bool toward, pct_road_point one, uint32_t limit_ms,
                          const pct_reached **list, size_t *count, pct_error *error) {
    const pct_hierarchy *h = &router->road->hierarchy;
    const pct_ends ends = pct_ends_of(router->road, one, toward);
    const pct_ends *from = toward ? &pct_no_ends : &ends, *to = toward ? &ends : &pct_no_ends;
    const sweep s = sweep_of(router, toward);
    uint32_t middle;
    if (!router->reached) router->reached = pct_alloc((size_t)h->node_count + 1, sizeof *router->reached);
    if (!router->reached) return pct_error_memory(error, h->node_count * sizeof *router->reached);
    limit_ms = pct_least(limit_ms, PCT_NO_WAY_MS - 1);
    *list = router->reached;
    (void)pct_search(router, from, to, false, &middle);
    *count = 0;
    for (uint32_t rank = h->node_count; rank-- > 0;) {
        uint32_t ms = settle(&s, rank);
        if (ms <= limit_ms)
            router->reached[(*count)++] = (pct_reached){h->rank_node[rank], ms};
        else if (is_beyond(&s, &ends, rank, limit_ms))
            rank = s.road->climb.lowest[rank];
    }
    pct_search_reset(router, from, to);
    return PCT_OK;
}

pct_status pct_router_reached_from(pct_router *router, pct_road_point source, uint32_t limit_ms,
                                   const pct_reached **list, size_t *count, pct_error *error) {
    return reached(router, false, source, limit_ms, list, count, error);
}

pct_status pct_router_reached_to(pct_router *router, pct_road_point target, uint32_t limit_ms,
                                 const pct_reached **list, size_t *count, pct_error *error) {
    return reached(router, true, target, limit_ms, list, count, error);
}
