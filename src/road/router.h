/* Questions to the road network: travel times and routes between points on roads.
 *
 * A pct_road is the immutable whole (network, hierarchy, metric, snap index): share it between threads. A
 * pct_router holds the scratch memory of one thread: after pct_router_new no query allocates.
 *
 *     pct_road_point from, to;
 *     status = pct_road_snap(road, position, &from, error);          // nearest usable road
 *     uint32_t ms = pct_router_time_ms(router, from, to);            // PCT_UNREACHABLE_MS: no way leads there
 *
 * Times are whole milliseconds for profile response. Costs: snap O(log segments); one time ≈ the search space of
 * two nodes; n times to one point ≈ one search and the union of the search spaces of the n (lazy RPHAST). */
#ifndef PCT_ROAD_ROUTER_H
#define PCT_ROAD_ROUTER_H

#include "road/network.h"

typedef struct pct_road pct_road;
typedef struct pct_router pct_router;

#define PCT_UNREACHABLE_MS UINT32_MAX

/* A point on a road: so far from its segment's tail. Offset 0 and offset length are the nodes themselves. */
typedef struct pct_road_point {
    uint32_t segment;
    uint32_t offset_mm;
} pct_road_point;

/* The point of a usable segment nearest to `position`; PCT_NOT_FOUND beyond max_m. A segment is usable when a
 * response unit may drive it and it lies in a strongly connected part with at least 1 % of the nodes. */
pct_status pct_road_snap(const pct_road *road, pct_position position, double max_m, pct_road_point *out,
                         double *distance_m, pct_error *error) PCT_MUST_USE;
/* PCT_NOT_FOUND for a node without segments. */
pct_status pct_road_point_at_node(const pct_road *road, pct_node node, pct_road_point *out) PCT_MUST_USE;
pct_position pct_road_point_position(const pct_road *road, pct_road_point point);
const pct_network *pct_road_network(const pct_road *road);
/* No unit can be faster anywhere than this, so straight distance ÷ it bounds travel time from below. */
double pct_road_max_speed_mps(const pct_road *road);

pct_status pct_router_new(const pct_road *road, pct_router **out, pct_error *error) PCT_MUST_USE;
void pct_router_free(pct_router *router);
const pct_road *pct_router_road(const pct_router *router);
/* From now on over `road`, which shares its network with the router's: the open one, or one made from it by
 * pct_road_close. O(1). */
void pct_router_take_road(pct_router *router, const pct_road *road);

uint32_t pct_router_time_ms(pct_router *router, pct_road_point from, pct_road_point to);
/* times_ms[i]: from sources[i] to target. */
void pct_router_times_to(pct_router *router, pct_road_point target, const pct_road_point *sources,
                         size_t count, uint32_t *times_ms);
/* times_ms[i]: from source to targets[i]. */
void pct_router_times_from(pct_router *router, pct_road_point source, const pct_road_point *targets,
                           size_t count, uint32_t *times_ms);

/* times_ms[s × target_count + t]: from sources[s] to targets[t]. The targets are prepared for all sources
 * at once; the router keeps the memory that takes (PCT_MEMORY), and a table no larger than one
 * before it allocates nothing. */
pct_status pct_router_table(pct_router *router, const pct_road_point *sources, size_t source_count,
                            const pct_road_point *targets, size_t target_count, uint32_t *times_ms,
                            pct_error *error) PCT_MUST_USE;

/* One of many points, and how far away in time. */
typedef struct pct_near {
    uint32_t index, time_ms;
} pct_near;

/* The `most` of `count` points from which (nearest_from: to which) one gets there soonest, within limit_ms
 * (PCT_UNREACHABLE_MS: however long it takes), by time and then index; `found` has room for `most`. Exact; the points may lie elsewhere
 * each time, no index of them is kept. A point costs O(1) unless its straight way could be among the nearest. Memory is the
 * router's, as with a table. */
pct_status pct_router_nearest_to(pct_router *router, pct_road_point target, const pct_road_point *sources,
                                 size_t count, uint32_t limit_ms, size_t most, pct_near *found,
                                 size_t *found_count, pct_error *error) PCT_MUST_USE;
pct_status pct_router_nearest_from(pct_router *router, pct_road_point source, const pct_road_point *targets,
                                   size_t count, uint32_t limit_ms, size_t most, pct_near *found,
                                   size_t *found_count, pct_error *error) PCT_MUST_USE;

/* A vertex of the road's graph (profile response: a node) and its time from a point, or to it. */
typedef struct pct_reached {
    uint32_t vertex, time_ms;
} pct_reached;

/* All vertices within limit_ms of a point, in no particular but always the same order. The list is the router's until its next query; the
 * first such query allocates it. O(what is reached and its rim). */
pct_status pct_router_reached_from(pct_router *router, pct_road_point source, uint32_t limit_ms,
                                   const pct_reached **reached, size_t *count, pct_error *error) PCT_MUST_USE;
pct_status pct_router_reached_to(pct_router *router, pct_road_point target, uint32_t limit_ms,
                                 const pct_reached **reached, size_t *count, pct_error *error) PCT_MUST_USE;

/* times_ms[node]: between a point and every node, PCT_UNREACHABLE_MS where no way leads. One sweep over the whole
 * hierarchy (PHAST). */
void pct_router_all_times_from(pct_router *router, pct_road_point source, uint32_t *times_ms);
void pct_router_all_times_to(pct_router *router, pct_road_point target, uint32_t *times_ms);

/* One stretch of a route: part of an arc, driven from one offset to another. */
typedef struct pct_route_leg {
    uint32_t segment;
    uint32_t from_mm, to_mm; /* offsets from the segment's tail; from > to: driven backward */
    uint32_t time_ms;
} pct_route_leg;

typedef struct pct_route {
    uint32_t time_ms;          /* the sum of the legs' times */
    uint64_t length_mm;        /* the sum of the legs' lengths */
    const pct_route_leg *legs; /* borrowed from the router until its next query */
    size_t leg_count;
} pct_route;

/* The fastest route; PCT_UNREACHABLE when there is none. */
pct_status pct_router_route(pct_router *router, pct_road_point from, pct_road_point to, pct_route *out,
                            pct_error *error) PCT_MUST_USE;

#endif
