#include "patrol/duty_line.h"

#include <string.h>

#include "base/vector.h"
#include "road/route/steps.h"

enum { LINE_POINTS_MAX = 1000000 };

typedef struct drawer {
    const pct_road *road;
    pct_router *router;
    pct_vector points; /* of pct_position, of one route */
    pct_error *error;
} drawer;

static pct_status add_point(drawer *d, pct_position p) {
    const pct_position *all = d->points.items;
    size_t count = d->points.length;
    if (count && all[count - 1].lon_e7 == p.lon_e7 && all[count - 1].lat_e7 == p.lat_e7) return PCT_OK;
    pct_position *added = pct_vector_push(&d->points);
    if (!added) return pct_vector_failed(&d->points, PCT_MSG_WHAT_ROUTE_POINTS, d->error);
    *added = p;
    return PCT_OK;
}

/* The route; a leg without one is straight. */
static pct_status find(drawer *d, pct_position from, pct_position to, pct_route *route, bool *found) {
    pct_road_point begin, end;
    double distance_m;
    pct_error why;
    pct_status status = pct_road_snap(d->road, from, PCT_DUTY_SNAP_MAX_M, &begin, &distance_m, &why);
    if (!status) status = pct_road_snap(d->road, to, PCT_DUTY_SNAP_MAX_M, &end, &distance_m, &why);
    if (!status) status = pct_router_route(d->router, begin, end, route, &why);
    *found = status == PCT_OK;
    return status == PCT_NOT_FOUND || status == PCT_UNREACHABLE ? PCT_OK : status;
}

static pct_status add_leg(drawer *d, pct_position from, pct_position to, bool drives) {
    pct_route route;
    bool found = false;
    pct_status status = add_point(d, from);
    if (!status && drives) status = find(d, from, to, &route, &found);
    if (!status && found) status = pct_route_line(d->road, &route, &d->points, d->error);
    return status ? status : add_point(d, to);
}

static pct_status draw(drawer *d, pct_duty_plan *plan, pct_duty_route *route) {
    bool drives = route->moves == PCT_DUTY_DRIVE;
    pct_position at = route->start;
    pct_status status = PCT_OK;
    d->points.length = 0;
    for (size_t i = 0; i < route->stop_count && !status; i++) {
        const pct_duty_stop *stop = &route->stops[i];
        status = add_leg(d, at, stop->from, drives);
        if (!status) status = add_leg(d, stop->from, stop->to, drives);
        at = stop->to;
    }
    if (!status && route->stop_count) status = add_leg(d, at, route->end, drives);
    if (status || d->points.length == 0) return status;
    pct_position *line = pct_arena_alloc(&plan->arena, d->points.length, sizeof *line);
    if (!line) return pct_error_memory(d->error, d->points.length * sizeof *line);
    memcpy(line, d->points.items, d->points.length * sizeof *line);
    route->line = line;
    route->line_count = d->points.length;
    return PCT_OK;
}

pct_status pct_duty_plan_draw(pct_duty_plan *plan, const pct_duty_roads *roads, pct_error *error) {
    drawer d = {.road = roads->bands[0], .error = error};
    d.points = pct_vector_init(sizeof(pct_position), LINE_POINTS_MAX);
    pct_status status = pct_router_new(d.road, &d.router, error);
    for (size_t r = 0; r < plan->route_count && !status; r++) status = draw(&d, plan, &plan->routes[r]);
    pct_router_free(d.router);
    pct_vector_dispose(&d.points);
    return status;
}
