/* Positions are what a plan has of its map: each is brought to the nearest road again, and the way to it is driven anew on the patrol roads
 * of now. One route between successive stops; O(stops) of them. */
#include "resource/patrol_remap.h"

#include <string.h>

#include "patrol/lowered.h"
#include "resource/ways.h"

typedef struct remapping {
    pct_seat *seat;
    pct_vector *differences;
    const pct_duty_route *route;
    pct_error *error;
} remapping;

static pct_status tell(remapping *m, const pct_duty_stop *stop, const char *change, int64_t by_ms) {
    pct_remap_difference *d = pct_vector_push(m->differences);
    if (!d) return pct_error_memory(m->error, sizeof *d);
    *d = (pct_remap_difference){m->route->unit, stop->id, change, by_ms};
    return PCT_OK;
}

static bool place(const remapping *m, pct_position position, pct_road_point *out) {
    double distance_m;
    return pct_road_snap(m->seat->open, position, PCT_DUTY_SNAP_MAX_M, out, &distance_m, NULL) == PCT_OK;
}

/* The time there by car; as it was for who walks, and where there is no road or no way. */
static pct_status travel(remapping *m, pct_position from, const pct_duty_stop *stop, int64_t *out) {
    pct_road_point a, b;
    *out = stop->travel_ms;
    if (stop->moves != PCT_DUTY_DRIVE) return PCT_OK;
    if (!place(m, stop->from, &b)) return tell(m, stop, "off_network", 0);
    if (!place(m, from, &a)) return PCT_OK;
    uint32_t ms = pct_router_time_ms(m->seat->router, a, b);
    if (ms == PCT_UNREACHABLE_MS) return tell(m, stop, "unreachable", 0);
    *out = ms;
    return PCT_OK;
}

static pct_status drive(remapping *m, pct_duty_route *route, pct_duty_stop *stops) {
    int64_t at_ms = route->leave_ms, home_ms = route->back_ms;
    pct_position from = route->start;
    pct_status status = PCT_OK;
    if (route->stop_count) home_ms -= stops[route->stop_count - 1].end_ms;
    for (size_t i = 0; i < route->stop_count && !status; i++) {
        pct_duty_stop *s = &stops[i];
        int64_t dwell_ms = s->end_ms - s->start_ms, planned_ms = s->start_ms;
        status = travel(m, from, s, &s->travel_ms);
        s->arrive_ms = at_ms + s->travel_ms;
        if (s->arrive_ms > s->start_ms) s->start_ms = s->arrive_ms;
        s->end_ms = s->start_ms + dwell_ms;
        if (!status && s->start_ms - planned_ms >= PCT_REMAP_LATER_MS)
            status = tell(m, s, "later", s->start_ms - planned_ms);
        at_ms = s->end_ms;
        from = s->to;
    }
    if (route->stop_count) route->back_ms = at_ms + home_ms;
    return status;
}

static pct_status remap_route(pct_exchange *x, remapping *m, pct_duty_route *route) {
    pct_duty_stop *stops = pct_arena_alloc(&x->arena, route->stop_count + 1, sizeof *stops);
    if (!stops) return pct_error_memory(m->error, route->stop_count * sizeof *stops);
    if (route->stop_count) memcpy(stops, route->stops, route->stop_count * sizeof *stops);
    m->route = route;
    pct_status status = drive(m, route, stops);
    route->stops = stops;
    return status;
}

pct_status pct_patrol_remap(pct_exchange *x, pct_duty_plan *plan, pct_vector *differences, pct_error *error) {
    remapping m = {.differences = differences, .error = error};
    pct_ways *ways = x->service->ways;
    pct_status status = pct_ways_sit(ways, PCT_PROFILE_PATROL, &m.seat, error);
    if (status == PCT_NOT_FOUND) status = pct_ways_sit(ways, PCT_PROFILE_RESPONSE, &m.seat, error);
    if (status) return status;
    for (size_t r = 0; r < plan->route_count && !status; r++) status = remap_route(x, &m, &plan->routes[r]);
    pct_ways_rise(ways, m.seat);
    return status;
}
