/* Routes: the climb notes which rank gave each label, so the hierarchy arcs of the best path are read off from its top to
 * both ends; each is then what it was made of, roads or two arcs over a lower rank, until all are roads. What an arc was made of is
 * remembered in a small table and looked at again before it is believed: still right when its times still add up, so that a
 * change of the metric spoils nothing. Without it each arc costs a search among the lower neighbours of both its ends.
 * O(arcs above the ends + roads of the path). */
#include <string.h>

#include "road/route/search.h"

static void add_leg(pct_router *router, uint32_t segment, uint32_t from_mm, uint32_t to_mm,
                    uint32_t time_ms) {
    if (from_mm == to_mm) return;
    router->legs[router->leg_count++] = (pct_route_leg){segment, from_mm, to_mm, time_ms};
}

static void add_arc(pct_router *router, uint32_t graph_arc) {
    const pct_road *road = router->road;
    uint32_t s = road->network.arc_segment[pct_road_network_arc(road, graph_arc)],
             length_mm = road->network.segments[s >> 1].length_mm;
    add_leg(router, s >> 1, s & 1 ? length_mm : 0, s & 1 ? 0 : length_mm, road->metric.arc_ms[graph_arc]);
}

static uint32_t arc_ms(const pct_road *road, uint32_t arc_and_way) {
    return road->metric.ms[arc_and_way >> 1][arc_and_way & 1];
}

static bool is_still_right(const pct_road *road, const pct_hint *hint, uint32_t arc_and_way) {
    if (hint->arc_and_way != arc_and_way || hint->count == 0) return false;
    uint32_t ms = arc_ms(road, arc_and_way);
    if (hint->count == 1) return road->metric.arc_ms[hint->parts[0]] == ms;
    return arc_ms(road, hint->parts[0]) + arc_ms(road, hint->parts[1]) == ms;
}

/* What an arc is made of, as pct_metric_unpack says. */
static const pct_hint *parts_of(pct_router *router, uint32_t arc_and_way) {
    const pct_road *road = router->road;
    pct_hint *hint = &router->hints[arc_and_way * 0x9E3779B1U >> (32 - PCT_HINT_BITS)];
    if (is_still_right(road, hint, arc_and_way)) return hint;
    hint->arc_and_way = arc_and_way;
    hint->count =
        (uint32_t)pct_metric_unpack(&road->graph, &road->hierarchy, &road->metric, arc_and_way, hint->parts);
    return hint;
}

/* Appends the roads behind the arcs on the stack `pending`, the first to be driven on top. A path is simple, so that never
 * more arcs are waiting than there are ranks. */
static pct_status unpack(pct_router *router, size_t depth) {
    size_t room = router->road->hierarchy.node_count;
    uint32_t *stack = router->pending;
    while (depth > 0) {
        const pct_hint *hint = parts_of(router, stack[--depth]);
        if (PCT_NEVER(hint->count == 0 || depth + 2 > 2 * room || router->leg_count >= room))
            return PCT_INTERNAL;
        if (hint->count == 1) {
            add_arc(router, hint->parts[0]);
        } else {
            stack[depth++] = hint->parts[1];
            stack[depth++] = hint->parts[0];
        }
    }
    return PCT_OK;
}

/* The arcs from a rank down to the end that gave its label, in that order; how many. *end: that end's rank. */
static size_t arcs_below(const pct_router *router, int side, uint32_t rank, uint32_t *arcs, uint32_t *end) {
    size_t count = 0;
    for (uint32_t by; (by = router->label_by[rank][side]) != PCT_NO_INDEX; rank = by)
        arcs[count++] = pct_hierarchy_find_arc(&router->road->hierarchy, by, rank) * 2 +
                        (side == PCT_FORWARD ? PCT_UP : PCT_DOWN);
    *end = rank;
    return count;
}

/* The part from vertex to vertex: up to the middle, down from it. */
static pct_status add_path(pct_router *router, uint32_t middle, uint32_t *first_rank, uint32_t *last_rank) {
    uint32_t *stack = router->pending;
    size_t down = arcs_below(router, PCT_BACKWARD, middle, stack, last_rank);
    for (size_t i = 0; i < down / 2; i++) { /* the last to be driven goes to the bottom */
        uint32_t arc = stack[i];
        stack[i] = stack[down - 1 - i];
        stack[down - 1 - i] = arc;
    }
    size_t up = arcs_below(router, PCT_FORWARD, middle, stack + down, first_rank);
    return unpack(router, down + up);
}

/* The piece of its own segment between a point and the rank where its part of the path begins or ends. */
static void add_end(pct_router *router, const pct_ends *ends, uint32_t rank) {
    const pct_road_end *best = NULL;
    for (int e = 0; e < ends->count; e++)
        if (ends->at[e].node == rank && (!best || ends->at[e].ms < best->ms)) best = &ends->at[e];
    if (!PCT_NEVER(!best)) add_leg(router, best->segment, best->from_mm, best->to_mm, best->ms);
}

/* The whole way over a middle. The piece before the first vertex is known only once the path is: its place is kept free. */
static pct_status add_way(pct_router *router, const pct_ends *from, const pct_ends *to, uint32_t middle) {
    pct_route_leg *whole = router->legs;
    uint32_t first, last;
    router->legs++;
    pct_status status = add_path(router, middle, &first, &last);
    router->legs = whole;
    size_t path_legs = router->leg_count;
    router->leg_count = 0;
    if (status) return status;
    add_end(router, from, first);
    if (router->leg_count == 0) memmove(whole, whole + 1, path_legs * sizeof *whole);
    router->leg_count += path_legs;
    add_end(router, to, last);
    return PCT_OK;
}

pct_status pct_router_route(pct_router *router, pct_road_point from, pct_road_point to, pct_route *out,
                            pct_error *error) {
    const pct_road *road = router->road;
    const pct_ends from_ends = pct_ends_of(road, from, false), to_ends = pct_ends_of(road, to, true);
    pct_road_end piece;
    uint32_t middle, along_ms = pct_road_direct(road, from, to, &piece);
    if (router->hints_road != road) { /* ways that are equally fast are chosen alike on every road */
        memset(router->hints, 0, PCT_HINTS * sizeof *router->hints);
        router->hints_road = road;
    }
    uint32_t ms = pct_search(router, &from_ends, &to_ends, true, &middle);
    pct_status status = PCT_OK;
    router->leg_count = 0;
    if (along_ms <= pct_or_unreachable(ms) && along_ms != PCT_UNREACHABLE_MS)
        add_leg(router, piece.segment, piece.from_mm, piece.to_mm, piece.ms);
    else if (middle == PCT_NO_INDEX)
        status = pct_error_set(error, PCT_UNREACHABLE, PCT_MSG_ROUTE_UNREACHABLE, NULL, 0);
    else
        status = add_way(router, &from_ends, &to_ends, middle);
    pct_search_reset(router, &from_ends, &to_ends);
    if (status) return status;
    *out = (pct_route){.legs = router->legs, .leg_count = router->leg_count};
    for (size_t i = 0; i < out->leg_count; i++) {
        const pct_route_leg *leg = &out->legs[i];
        out->time_ms += leg->time_ms;
        out->length_mm += leg->from_mm > leg->to_mm ? leg->from_mm - leg->to_mm : leg->to_mm - leg->from_mm;
    }
    return PCT_OK;
}
