/* Plateaus (Cambridge Vehicle Information Technology, "Choice routing", 2005; Abraham et al. 2013, §3). With the times from the
 * start to all nodes and from all nodes to the end, an arc that lies in both trees of fastest ways is on a plateau: along
 * it time from the start rises by as much as time to the end falls.
 *
 *     start ──fastest──► a ═══ plateau ═══ b ──fastest──► end
 *            └───── fastest to b ─────┘
 *                        └───── fastest from a ──────┘
 *
 * The way over a plateau is a fastest way up to b, and from a on. So each stretch of it that takes no longer than the plateau
 * lies in one of these two: a long plateau is exactly a way without silly detours, and needs no further test. Chains of
 * plateau arcs are found in one pass over the arcs; the best of them, by 2 × time − plateau, are driven and measured
 * against the limits. Times are whole numbers, so equal is equal. */
#include "road/route/alternatives.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "road/road.h"

enum { CANDIDATES_MAX = 32 };

typedef struct candidate {
    uint32_t first, last;   /* nodes: the ends of the plateau */
    uint32_t time_ms, rank; /* of the whole way; what it is ordered by */
} candidate;

struct pct_alternatives {
    size_t node_count;
    uint32_t *from_ms, *to_ms; /* [nodes] from the start; to the end */
    uint32_t *next,
        *previous;  /* [nodes] the plateau's arc out of a node and into it, PCT_NO_INDEX without one */
    uint32_t *seen; /* [nodes] the way that passed it last */
    uint32_t *used; /* [segments × 2] the ways given so far that drive it this way, as bits */
    uint32_t way;   /* counts ways, for `seen` */
    candidate candidates[CANDIDATES_MAX];
    size_t candidate_count;
    uint32_t best_ms;
};

pct_status pct_alternatives_new(const pct_road *road, pct_alternatives **out, pct_error *error) {
    const pct_network *net = pct_road_network(road);
    const size_t n = net->node_count, m = net->segment_count;
    pct_alternatives *a = pct_alloc_zeroed(1, sizeof *a);
    uint32_t *block = pct_alloc_zeroed(5 * n + 2 * m, sizeof *block);
    *out = NULL;
    if (!a || !block) {
        pct_free(a);
        pct_free(block);
        return pct_error_memory(error, (5 * n + 2 * m) * sizeof *block);
    }
    *a = (pct_alternatives){.node_count = n,
                            .from_ms = block,
                            .to_ms = block + n,
                            .next = block + 2 * n,
                            .previous = block + 3 * n,
                            .seen = block + 4 * n,
                            .used = block + 5 * n};
    *out = a;
    return PCT_OK;
}

void pct_alternatives_free(pct_alternatives *a) {
    if (!a) return;
    pct_free(a->from_ms); /* the block */
    pct_free(a);
}

/* --- plateaus ------------------------------------------------------------------------------------------------------ */

static uint32_t longest_ms(const pct_alternatives *a) {
    return a->best_ms + (uint32_t)((uint64_t)a->best_ms * PCT_ALTERNATIVE_LONGER_PERCENT / 100);
}

/* The time of the fastest way over a node; PCT_UNREACHABLE_MS when there is none. */
static uint32_t over_ms(const pct_alternatives *a, uint32_t node) {
    if (a->from_ms[node] >= PCT_NO_WAY_MS || a->to_ms[node] >= PCT_NO_WAY_MS) return PCT_UNREACHABLE_MS;
    return a->from_ms[node] + a->to_ms[node];
}

/* Joins plateau arcs to chains: each node has at most one before and one behind it. */
static void join_plateaus(pct_alternatives *a, const pct_road *road) {
    const pct_network *net = &road->network;
    const uint32_t limit_ms = longest_ms(a);
    memset(a->next, 0xFF, a->node_count * sizeof *a->next);
    memset(a->previous, 0xFF, a->node_count * sizeof *a->previous);
    for (uint32_t v = 0; v < a->node_count; v++) {
        if (over_ms(a, v) > limit_ms) continue;
        for (uint32_t arc = net->first_arc[v]; arc < net->first_arc[v + 1]; arc++) {
            uint32_t head = net->arc_head[arc], ms = road->metric.arc_ms[arc];
            if (head == v || ms >= PCT_NO_WAY_MS || a->next[v] != PCT_NO_INDEX ||
                a->previous[head] != PCT_NO_INDEX)
                continue;
            if (a->from_ms[v] + ms != a->from_ms[head] || a->to_ms[head] + ms != a->to_ms[v]) continue;
            a->next[v] = arc;
            a->previous[head] = v;
        }
    }
}

/* Keeps the best candidates in order; ties by the node. */
static void keep(pct_alternatives *a, candidate c) {
    size_t at = a->candidate_count < CANDIDATES_MAX ? a->candidate_count++ : CANDIDATES_MAX;
    if (at == CANDIDATES_MAX && a->candidates[--at].rank <= c.rank) return;
    for (; at > 0 && a->candidates[at - 1].rank > c.rank; at--) a->candidates[at] = a->candidates[at - 1];
    a->candidates[at] = c;
}

static void find_candidates(pct_alternatives *a, const pct_network *net) {
    a->candidate_count = 0;
    for (uint32_t v = 0; v < a->node_count; v++) {
        if (a->next[v] == PCT_NO_INDEX || a->previous[v] != PCT_NO_INDEX) continue;
        uint32_t last = v;
        while (a->next[last] != PCT_NO_INDEX) last = net->arc_head[a->next[last]];
        uint32_t plateau_ms = a->from_ms[last] - a->from_ms[v], time_ms = over_ms(a, v);
        if ((uint64_t)plateau_ms * 100 < (uint64_t)a->best_ms * PCT_ALTERNATIVE_LOCAL_PERCENT) continue;
        keep(a, (candidate){v, last, time_ms, 2 * time_ms - plateau_ms});
    }
}

/* --- ways ---------------------------------------------------------------------------------------------------------- */

static uint32_t *use_of(const pct_alternatives *a, const pct_route_leg *leg) {
    return &a->used[leg->segment * 2 + (leg->from_mm > leg->to_mm)];
}

/* Writes down which roads a way drives (bit), or forgets all. */
static void mark_use(pct_alternatives *a, const pct_journey *way, uint32_t bit) {
    const pct_route_leg *legs = way->legs.items;
    for (size_t i = 0; i < way->legs.length; i++) *use_of(a, &legs[i]) |= bit;
}

static void forget_use(pct_alternatives *a, const pct_journey *way) {
    const pct_route_leg *legs = way->legs.items;
    for (size_t i = 0; i < way->legs.length; i++) *use_of(a, &legs[i]) = 0;
}

/* The time of a way that it has in common with ways of these bits. */
static uint32_t shared_ms(const pct_alternatives *a, const pct_journey *way, uint32_t bits) {
    const pct_route_leg *legs = way->legs.items;
    uint32_t sum_ms = 0;
    for (size_t i = 0; i < way->legs.length; i++)
        if (*use_of(a, &legs[i]) & bits) sum_ms += legs[i].time_ms;
    return sum_ms;
}

static pct_status add_plateau(const pct_alternatives *a, const pct_road *road, const candidate *c,
                              pct_journey *way, pct_error *error) {
    const pct_network *net = &road->network;
    pct_status status = PCT_OK;
    for (uint32_t v = c->first; v != c->last && !status; v = net->arc_head[a->next[v]]) {
        uint32_t arc = a->next[v], segment = net->arc_segment[arc] >> 1;
        uint32_t length_mm = net->segments[segment].length_mm;
        bool backward = net->arc_segment[arc] & 1;
        const pct_route_leg leg = {segment, backward ? length_mm : 0, backward ? 0 : length_mm,
                                   road->metric.arc_ms[arc]};
        const pct_route piece = {leg.time_ms, length_mm, &leg, 1};
        status = pct_journey_add(way, &piece, error);
    }
    return status;
}

static pct_status add_fastest(pct_router *router, pct_road_point from, pct_road_point to, pct_journey *way,
                              pct_error *error) {
    pct_route route;
    pct_status status = pct_router_route(router, from, to, &route, error);
    return status ? status : pct_journey_add(way, &route, error);
}

/* The way over a plateau. */
static pct_status drive(const pct_alternatives *a, pct_router *router, pct_road_point from, pct_road_point to,
                        const candidate *c, pct_journey *way, pct_error *error) {
    const pct_road *road = pct_router_road(router);
    pct_road_point first, last;
    pct_journey_clear(way);
    pct_status status = pct_road_point_at_node(road, (pct_node){c->first}, &first);
    if (!status) status = pct_road_point_at_node(road, (pct_node){c->last}, &last);
    if (!status) status = pct_journey_begin_part(way, error);
    if (!status) status = add_fastest(router, from, first, way, error);
    if (!status) status = add_plateau(a, road, c, way, error);
    if (!status) status = add_fastest(router, last, to, way, error);
    return status;
}

/* No junction, and no road, is passed twice. */
static bool is_simple(pct_alternatives *a, const pct_network *net, const pct_journey *way) {
    const pct_route_leg *legs = way->legs.items;
    a->way++;
    for (size_t i = 0; i + 1 < way->legs.length; i++) {
        const pct_segment *s = &net->segments[legs[i].segment];
        uint32_t node = legs[i].from_mm > legs[i].to_mm ? s->tail : s->head;
        if (a->seen[node] == a->way || legs[i].segment == legs[i + 1].segment) return false;
        a->seen[node] = a->way;
    }
    return true;
}

/* All limits but those that the plateau itself keeps. `given`: the bits of the ways already given. */
static bool is_sensible(pct_alternatives *a, const pct_network *net, const pct_journey *way, uint32_t given) {
    uint64_t best_ms = a->best_ms, with_all_ms = shared_ms(a, way, given);
    uint64_t with_best_ms = shared_ms(a, way, 1);
    if (way->time_ms > longest_ms(a) || !is_simple(a, net, way)) return false;
    if (with_all_ms * 100 > best_ms * PCT_ALTERNATIVE_SHARED_PERCENT) return false;
    return (way->time_ms - with_best_ms) * 100 <=
           (best_ms - with_best_ms) * (100 + PCT_ALTERNATIVE_LONGER_PERCENT);
}

static int by_time(const void *a, const void *b) {
    const pct_journey *p = a, *q = b;
    return p->time_ms < q->time_ms ? -1 : p->time_ms > q->time_ms;
}

static pct_status choose(pct_alternatives *a, pct_router *router, pct_road_point from, pct_road_point to,
                         size_t most, pct_journey *journeys, size_t *found, pct_error *error) {
    const pct_network *net = pct_road_network(pct_router_road(router));
    pct_status status = PCT_OK;
    mark_use(a, &journeys[0], 1);
    for (size_t i = 0; i < a->candidate_count && *found < most && !status; i++) {
        pct_journey *way = &journeys[*found + 1];
        status = drive(a, router, from, to, &a->candidates[i], way, error);
        if (status || !is_sensible(a, net, way, (2U << *found) - 1)) continue;
        ++*found;
        mark_use(a, way, 1U << *found);
    }
    for (size_t i = 0; i <= *found; i++) forget_use(a, &journeys[i]);
    qsort(journeys + 1, *found, sizeof *journeys, by_time);
    return status;
}

pct_status pct_alternatives_find(pct_alternatives *a, pct_router *router, pct_road_point from,
                                 pct_road_point to, size_t most, pct_journey *journeys, size_t *found,
                                 pct_error *error) {
    const pct_road *road = pct_router_road(router);
    const pct_road_point ends[] = {from, to};
    *found = 0;
    pct_status status = pct_journey_find(router, ends, 2, &journeys[0], error);
    if (status || most == 0) return status;
    if (most > PCT_ALTERNATIVES_MAX) most = PCT_ALTERNATIVES_MAX;
    if (PCT_NEVER(road->network.node_count != a->node_count)) return PCT_INTERNAL;
    a->best_ms = (uint32_t)journeys[0].time_ms;
    pct_router_all_times_from(router, from, a->from_ms);
    pct_router_all_times_to(router, to, a->to_ms);
    join_plateaus(a, road);
    find_candidates(a, &road->network);
    return choose(a, router, from, to, most, journeys, found, error);
}
