/* Where units are and how long they travel: the operations model's view of the world, as an interface.
 *
 * On a road network the answers come from the router; at one place (the queueing caricature: one node, no travel)
 * everything is everywhere. The operations code is the same for both.
 *
 * A trip is a way from one point to another, begun at some time. Its route is unpacked when somebody first asks for
 * a position on it, and kept until the trip begins anew: memory grows to the longest route and stays. */
#ifndef PCT_SIM_TRAVEL_H
#define PCT_SIM_TRAVEL_H

#include <stdbool.h>

#include "base/vector.h"
#include "road/router.h"

typedef struct pct_travel {
    void *context;
    /* The point of the world nearest to a position; PCT_NOT_FOUND when it is off the map. */
    pct_status (*locate)(void *context, pct_position position, pct_road_point *out, double *distance_m,
                         pct_error *error);
    pct_position (*position)(void *context, pct_road_point point);
    uint32_t (*time_ms)(void *context, pct_road_point from, pct_road_point to);
    void (*times_to)(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
                     uint32_t *times_ms);
    void (*times_from)(void *context, pct_road_point source, const pct_road_point *targets, size_t count,
                       uint32_t *times_ms);
    /* Appends the route's legs (pct_route_leg) to an empty vector; nothing for a route without length. */
    pct_status (*legs)(void *context, pct_road_point from, pct_road_point to, pct_vector *legs,
                       pct_error *error);
} pct_travel;

typedef struct pct_travel_road {
    const pct_road *road;
    pct_router *router; /* used by one thread at a time */
    double snap_max_m;
} pct_travel_road;

/* `source` is borrowed for as long as the interface is used. */
pct_travel pct_travel_on_road(pct_travel_road *source);
pct_travel pct_travel_at_one_place(void);

typedef struct pct_trip {
    pct_road_point from, to;
    int64_t started_ms;
    uint32_t duration_ms;
    uint32_t
        legs_ms; /* what the legs take when they were given with another duration; 0: as long as the trip */
    pct_vector legs; /* pct_route_leg */
    bool unpacked;
} pct_trip;

enum { PCT_TRIP_LEGS_MAX = 1 << 20 };

pct_trip pct_trip_init(pct_road_point at);
void pct_trip_dispose(pct_trip *trip);
/* Begins a trip at `now_ms`; PCT_UNREACHABLE when no way leads there (the trip then stays where it was). */
pct_status pct_trip_begin(pct_trip *trip, const pct_travel *travel, pct_road_point from, pct_road_point to,
                          int64_t now_ms) PCT_MUST_USE;
/* The same when its duration is known already. */
void pct_trip_begin_timed(pct_trip *trip, pct_road_point from, pct_road_point to, int64_t now_ms,
                          uint32_t duration_ms);
/* From where it stands through all of `through` [count > 0], along the roads of `way`, whatever travel is asked for its points later; in
 * `duration_ms` at an even pace (0: as long as the way takes). PCT_UNREACHABLE: it stays where it was. */
pct_status pct_trip_begin_along(pct_trip *trip, const pct_travel *way, const pct_road_point *through,
                                size_t count, int64_t now_ms, uint32_t duration_ms,
                                pct_error *error) PCT_MUST_USE;
/* Ends wherever it is: from now on the trip stands at `at`. */
void pct_trip_stand(pct_trip *trip, pct_road_point at);
bool pct_trip_is_moving(const pct_trip *trip, int64_t now_ms);
/* Where it is: `from` before it starts, `to` after it ends. O(1) standing, O(legs) moving, and one route query the
 * first time. */
pct_status pct_trip_point(pct_trip *trip, const pct_travel *travel, int64_t now_ms, pct_road_point *out,
                          pct_error *error) PCT_MUST_USE;

#endif
