/* Elimination-tree queries (Dibbelt et al. 2016, §7): the search space of a node is the path from it to the root
 * of its elimination tree; no queue is needed, ranks rise along the path. Two starting nodes give two paths that
 * join; they are walked as one by always taking the lower rank.
 *
 * Many-to-one is lazy RPHAST (Strasser, Zeitz, "A Fast and Tight Heuristic for A* in Road Networks", 2021, §3): after the search
 * from the target, the time of a source is the least over its upward arcs of arc + time of the arc's head, and
 * those times are remembered for the other sources; ancestors shared by all are computed once. */
#include "road/road.h"

#include <string.h>

#include "base/memory.h"

/* One direction of search: forward follows arcs upward from the start, backward against them. */
typedef struct side {
    uint32_t *ms;     /* [rank] PCT_NO_WAY_MS unless reached by the query under way */
    uint32_t *by_arc; /* [rank] hierarchy arc that reached it, PCT_NO_INDEX at a start */
    uint32_t first_rank[2];
    int first_count;
} side;

struct pct_router {
    const pct_road *road;
    const pct_segment *segments; /* of all roads that it may take */
    side forward, backward;
    uint32_t *value_ms,
        *value_query;  /* [rank] lazy RPHAST: remembered times, and for which query they hold */
    uint32_t *pending; /* [rank] ranks to be evaluated; arcs to be unpacked */
    uint32_t query;
    pct_route_leg *legs; /* room for any simple path */
    size_t leg_count;
    uint32_t *block;
};

pct_status pct_router_new(const pct_road *road, pct_router **out, pct_error *error) {
    size_t n = road->network.node_count;
    pct_router *router = pct_alloc_zeroed(1, sizeof *router);
    uint32_t *block = pct_alloc_zeroed(8 * n, sizeof *block);
    pct_route_leg *legs = pct_alloc(n + 2, sizeof *legs);
    if (!router || !block || !legs) {
        pct_free(router);
        pct_free(block);
        pct_free(legs);
        return pct_error_memory(error, n * (8 * sizeof *block + sizeof *legs));
    }
    *router = (pct_router){.road = road,
                           .segments = road->network.segments,
                           .forward = {.ms = block, .by_arc = block + n},
                           .backward = {.ms = block + 2 * n, .by_arc = block + 3 * n},
                           .value_ms = block + 4 * n,
                           .value_query = block + 5 * n,
                           .pending = block + 6 * n, /* 2 n: a stack of pairs while unpacking */
                           .legs = legs,
                           .block = block};
    for (size_t i = 0; i < n; i++) router->forward.ms[i] = router->backward.ms[i] = PCT_NO_WAY_MS;
    *out = router;
    return PCT_OK;
}

void pct_router_free(pct_router *router) {
    if (!router) return;
    pct_free(router->block);
    pct_free(router->legs);
    pct_free(router);
}

const pct_road *pct_router_road(const pct_router *router) {
    return router->road;
}

void pct_router_take_road(pct_router *router, const pct_road *road) {
    if (PCT_NEVER(road->network.segments != router->segments)) return; /* the road before may be gone */
    router->road = road;
}

static void start(side *s, const pct_hierarchy *h, const pct_road_end *ends, int count) {
    s->first_count = 0;
    for (int i = 0; i < count; i++) {
        uint32_t rank = h->node_rank[ends[i].node];
        if (ends[i].ms >= s->ms[rank]) continue;
        if (s->ms[rank] == PCT_NO_WAY_MS) s->first_rank[s->first_count++] = rank;
        s->ms[rank] = ends[i].ms;
        s->by_arc[rank] = PCT_NO_INDEX;
    }
}

/* The ranks of a search space in ascending order. */
typedef struct walk {
    uint32_t at[2];
} walk;

static walk walk_from(const side *s) {
    walk w = {{PCT_NO_INDEX, PCT_NO_INDEX}};
    for (int i = 0; i < s->first_count; i++) w.at[i] = s->first_rank[i];
    return w;
}

/* PCT_NO_INDEX behind the last root. */
static uint32_t walk_next(walk *w, const pct_hierarchy *h) {
    uint32_t rank = w->at[0] < w->at[1] ? w->at[0] : w->at[1];
    if (rank == PCT_NO_INDEX) return rank;
    uint32_t parent = pct_hierarchy_parent(h, rank);
    for (int i = 0; i < 2; i++)
        if (w->at[i] == rank) w->at[i] = parent;
    if (w->at[0] == w->at[1]) w->at[1] = PCT_NO_INDEX;
    return rank;
}

static void relax_up(side *s, const pct_hierarchy *h, uint32_t (*arc_ms)[2], int way, uint32_t rank) {
    uint32_t ms = s->ms[rank];
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++) {
        uint32_t head = h->up_head[a], candidate_ms = ms + arc_ms[a][way];
        if (candidate_ms >= s->ms[head]) continue;
        s->ms[head] = candidate_ms;
        s->by_arc[head] = a;
    }
}

static void search(side *s, const pct_hierarchy *h, uint32_t (*arc_ms)[2], int way) {
    walk w = walk_from(s);
    for (uint32_t rank; (rank = walk_next(&w, h)) != PCT_NO_INDEX;)
        if (s->ms[rank] < PCT_NO_WAY_MS) relax_up(s, h, arc_ms, way, rank);
}

static void reset(side *s, const pct_hierarchy *h) {
    walk w = walk_from(s);
    for (uint32_t rank; (rank = walk_next(&w, h)) != PCT_NO_INDEX;) s->ms[rank] = PCT_NO_WAY_MS;
    s->first_count = 0;
}

/* Runs both searches; the rank where the best path turns from up to down, PCT_NO_INDEX when there is none.
 * The labels stay until reset(). */
static uint32_t meet(pct_router *router, const pct_road_end *from, int from_count, const pct_road_end *to,
                     int to_count, uint32_t *best_ms) {
    const pct_hierarchy *h = &router->road->hierarchy;
    side *forward = &router->forward, *backward = &router->backward;
    uint32_t middle = PCT_NO_INDEX;
    *best_ms = PCT_NO_WAY_MS;
    start(forward, h, from, from_count);
    start(backward, h, to, to_count);
    search(forward, h, router->road->metric.ms, PCT_UP);
    walk w = walk_from(backward);
    for (uint32_t rank; (rank = walk_next(&w, h)) != PCT_NO_INDEX;) {
        if (backward->ms[rank] >= *best_ms) continue;
        if (forward->ms[rank] + backward->ms[rank] < *best_ms) {
            *best_ms = forward->ms[rank] + backward->ms[rank];
            middle = rank;
        }
        relax_up(backward, h, router->road->metric.ms, PCT_DOWN, rank);
    }
    return middle;
}

static uint32_t or_unreachable(uint32_t ms) {
    return ms < PCT_NO_WAY_MS ? ms : PCT_UNREACHABLE_MS;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

uint32_t pct_router_time_ms(pct_router *router, pct_road_point from, pct_road_point to) {
    const pct_road *road = router->road;
    pct_road_end from_ends[2], to_ends[2];
    int from_count = pct_road_ends(road, from, false, from_ends),
        to_count = pct_road_ends(road, to, true, to_ends);
    uint32_t ms;
    (void)meet(router, from_ends, from_count, to_ends, to_count, &ms);
    reset(&router->forward, &road->hierarchy);
    reset(&router->backward, &road->hierarchy);
    return least(or_unreachable(ms), pct_road_along_ms(road, from, to));
}

/* The remembered or newly found time between `rank` and the start of `s`, over arcs in one way. */
static uint32_t value_at(pct_router *router, const side *s, int way, uint32_t rank) {
    const pct_hierarchy *h = &router->road->hierarchy;
    uint32_t(*arc_ms)[2] = router->road->metric.ms;
    size_t count = 0;
    for (uint32_t r = rank; r != PCT_NO_INDEX && router->value_query[r] != router->query;
         r = pct_hierarchy_parent(h, r))
        router->pending[count++] = r;
    while (count > 0) {
        uint32_t r = router->pending[--count], ms = s->ms[r];
        for (uint32_t a = h->first_up[r]; a < h->first_up[r + 1]; a++)
            ms = least(ms, arc_ms[a][way] + router->value_ms[h->up_head[a]]);
        router->value_ms[r] = ms;
        router->value_query[r] = router->query;
    }
    return router->value_ms[rank];
}

static void next_query(pct_router *router) {
    if (++router->query != 0) return;
    memset(router->value_query, 0, router->road->network.node_count * sizeof *router->value_query);
    router->query = 1;
}

/* Times between one point and many; `toward`: from the many to the one. */
static void one_to_many(pct_router *router, bool toward, pct_road_point one, const pct_road_point *many,
                        size_t count, uint32_t *times_ms) {
    const pct_road *road = router->road;
    side *s = toward ? &router->backward : &router->forward;
    int search_way = toward ? PCT_DOWN : PCT_UP, climb_way = toward ? PCT_UP : PCT_DOWN;
    pct_road_end ends[2];
    start(s, &road->hierarchy, ends, pct_road_ends(road, one, toward, ends));
    search(s, &road->hierarchy, road->metric.ms, search_way);
    next_query(router);
    for (size_t i = 0; i < count; i++) {
        uint32_t best_ms = PCT_NO_WAY_MS;
        int end_count = pct_road_ends(road, many[i], !toward, ends);
        for (int e = 0; e < end_count; e++) {
            uint32_t rank = road->hierarchy.node_rank[ends[e].node];
            best_ms = least(best_ms, ends[e].ms + value_at(router, s, climb_way, rank));
        }
        uint32_t along_ms =
            toward ? pct_road_along_ms(road, many[i], one) : pct_road_along_ms(road, one, many[i]);
        times_ms[i] = least(or_unreachable(best_ms), along_ms);
    }
    reset(s, &road->hierarchy);
}

void pct_router_times_to(pct_router *router, pct_road_point target, const pct_road_point *sources,
                         size_t count, uint32_t *times_ms) {
    one_to_many(router, true, target, sources, count, times_ms);
}

void pct_router_times_from(pct_router *router, pct_road_point source, const pct_road_point *targets,
                           size_t count, uint32_t *times_ms) {
    one_to_many(router, false, source, targets, count, times_ms);
}

/* Every ancestor comes before its descendants in falling rank, so one pass in that order settles all. */
static void one_to_all(pct_router *router, bool toward, pct_road_point one, uint32_t *times_ms) {
    const pct_road *road = router->road;
    const pct_hierarchy *h = &road->hierarchy;
    side *s = toward ? &router->backward : &router->forward;
    int climb_way = toward ? PCT_UP : PCT_DOWN;
    uint32_t *value_ms = router->value_ms;
    pct_road_end ends[2];
    start(s, h, ends, pct_road_ends(road, one, toward, ends));
    search(s, h, road->metric.ms, toward ? PCT_DOWN : PCT_UP);
    next_query(router); /* what value_ms held is overwritten here */
    for (uint32_t rank = h->node_count; rank-- > 0;) {
        uint32_t ms = s->ms[rank];
        for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++)
            ms = least(ms, road->metric.ms[a][climb_way] + value_ms[h->up_head[a]]);
        value_ms[rank] = ms;
        times_ms[h->rank_node[rank]] = or_unreachable(ms);
    }
    reset(s, h);
}

void pct_router_all_times_from(pct_router *router, pct_road_point source, uint32_t *times_ms) {
    one_to_all(router, false, source, times_ms);
}

void pct_router_all_times_to(pct_router *router, pct_road_point target, uint32_t *times_ms) {
    one_to_all(router, true, target, times_ms);
}

static void add_leg(pct_router *router, uint32_t segment, uint32_t from_mm, uint32_t to_mm) {
    if (from_mm == to_mm) return;
    router->legs[router->leg_count++] =
        (pct_route_leg){segment, from_mm, to_mm, pct_road_piece_ms(router->road, segment, from_mm, to_mm)};
}

/* Appends the roads behind one hierarchy arc (× 2 + 1 when driven from high to low). The stack holds at most one
 * arc per level of the recursion, and levels fall in rank. */
static pct_status unpack(pct_router *router, uint32_t arc_and_way) {
    const pct_road *road = router->road;
    uint32_t *stack = router->pending;
    size_t depth = 0, room = 2 * (size_t)road->network.node_count;
    stack[depth++] = arc_and_way;
    while (depth > 0) {
        uint32_t top = stack[--depth], parts[2];
        int count = pct_metric_unpack(&road->graph, &road->hierarchy, &road->metric, top, parts);
        if (PCT_NEVER(count == 0 || depth + 2 > room)) return PCT_INTERNAL;
        if (count == 1) {
            uint32_t s = road->network.arc_segment[parts[0]],
                     length = road->network.segments[s >> 1].length_mm;
            if (PCT_NEVER(router->leg_count >= road->network.node_count)) return PCT_INTERNAL;
            add_leg(router, s >> 1, s & 1 ? length : 0, s & 1 ? 0 : length);
        } else {
            stack[depth++] = parts[1];
            stack[depth++] = parts[0];
        }
    }
    return PCT_OK;
}

/* The node-to-node part: up the forward labels to the middle, down the backward labels. */
static pct_status unpack_path(pct_router *router, uint32_t middle, uint32_t *first, uint32_t *last) {
    const pct_hierarchy *h = &router->road->hierarchy;
    uint32_t *up = router->value_ms; /* borrowed: the arcs to the middle, last first; memory of one-to-many */
    size_t count = 0;
    uint32_t rank = middle;
    next_query(router); /* what value_ms held is overwritten here */
    for (uint32_t a; (a = router->forward.by_arc[rank]) != PCT_NO_INDEX; rank = h->up_tail[a])
        up[count++] = a;
    *first = h->rank_node[rank];
    pct_status status = PCT_OK;
    while (count > 0 && !status) status = unpack(router, up[--count] * 2 + PCT_UP);
    rank = middle;
    for (uint32_t a; (a = router->backward.by_arc[rank]) != PCT_NO_INDEX && !status; rank = h->up_tail[a])
        status = unpack(router, a * 2 + PCT_DOWN);
    *last = h->rank_node[rank];
    return status;
}

/* Where on its segment a node lies that is one of the segment's ends and was reached from `point`. */
static uint32_t end_offset(const pct_road *road, pct_road_point point, uint32_t node, bool toward) {
    const pct_segment *s = &road->network.segments[point.segment];
    if (s->tail != s->head) return s->tail == node ? 0 : s->length_mm;
    uint32_t over_tail = toward ? pct_road_piece_ms(road, point.segment, 0, point.offset_mm)
                                : pct_road_piece_ms(road, point.segment, point.offset_mm, 0);
    uint32_t over_head = toward ? pct_road_piece_ms(road, point.segment, s->length_mm, point.offset_mm)
                                : pct_road_piece_ms(road, point.segment, point.offset_mm, s->length_mm);
    return over_tail <= over_head ? 0 : s->length_mm;
}

pct_status pct_router_route(pct_router *router, pct_road_point from, pct_road_point to, pct_route *out,
                            pct_error *error) {
    const pct_road *road = router->road;
    pct_road_end from_ends[2], to_ends[2];
    int from_count = pct_road_ends(road, from, false, from_ends),
        to_count = pct_road_ends(road, to, true, to_ends);
    uint32_t ms, along_ms = pct_road_along_ms(road, from, to), first, last;
    uint32_t middle = meet(router, from_ends, from_count, to_ends, to_count, &ms);
    pct_status status = PCT_OK;
    router->leg_count = 0;
    if (along_ms <= or_unreachable(ms) && along_ms != PCT_UNREACHABLE_MS) {
        add_leg(router, from.segment, from.offset_mm, to.offset_mm);
    } else if (middle == PCT_NO_INDEX) {
        status = pct_error_set(error, PCT_UNREACHABLE, PCT_MSG_ROUTE_UNREACHABLE, NULL, 0);
    } else {
        /* The piece before the first node is known only once the path is: its place is kept free. */
        pct_route_leg *whole = router->legs;
        router->legs++;
        status = unpack_path(router, middle, &first, &last);
        router->legs = whole;
        size_t path_legs = router->leg_count;
        router->leg_count = 0;
        if (!status) add_leg(router, from.segment, from.offset_mm, end_offset(road, from, first, false));
        if (router->leg_count == 0) memmove(whole, whole + 1, path_legs * sizeof *whole);
        router->leg_count += path_legs;
        if (!status) add_leg(router, to.segment, end_offset(road, to, last, true), to.offset_mm);
    }
    reset(&router->forward, &road->hierarchy);
    reset(&router->backward, &road->hierarchy);
    if (status) return status;
    *out = (pct_route){.legs = router->legs, .leg_count = router->leg_count};
    for (size_t i = 0; i < out->leg_count; i++) {
        const pct_route_leg *leg = &out->legs[i];
        out->time_ms += leg->time_ms;
        out->length_mm += leg->from_mm > leg->to_mm ? leg->from_mm - leg->to_mm : leg->to_mm - leg->from_mm;
    }
    return PCT_OK;
}
