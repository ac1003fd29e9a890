#include "sim/travel.h"

/* Looks beyond the limit too, so that the error and the report can say how far off the map a position lies. */
static pct_status road_locate(void *context, pct_position position, pct_road_point *out, double *distance_m,
                              pct_error *error) {
    static const double half_around_the_earth_m = 20.1e6;
    const pct_travel_road *source = context;
    pct_status status =
        pct_road_snap(source->road, position, half_around_the_earth_m, out, distance_m, error);
    if (status || *distance_m <= source->snap_max_m) return status;
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_POSITION_OFF_MAP, pct_real(pct_position_lon_deg(position)),
                    pct_real(pct_position_lat_deg(position)), pct_real(source->snap_max_m));
}

static pct_position road_position(void *context, pct_road_point point) {
    const pct_travel_road *source = context;
    return pct_road_point_position(source->road, point);
}

static uint32_t road_time_ms(void *context, pct_road_point from, pct_road_point to) {
    const pct_travel_road *source = context;
    return pct_router_time_ms(source->router, from, to);
}

static void road_times_to(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
                          uint32_t *times_ms) {
    const pct_travel_road *source = context;
    pct_router_times_to(source->router, target, sources, count, times_ms);
}

static void road_times_from(void *context, pct_road_point from, const pct_road_point *targets, size_t count,
                            uint32_t *times_ms) {
    const pct_travel_road *source = context;
    pct_router_times_from(source->router, from, targets, count, times_ms);
}

static pct_status road_legs(void *context, pct_road_point from, pct_road_point to, pct_vector *legs,
                            pct_error *error) {
    const pct_travel_road *source = context;
    pct_route route = {0};
    pct_status status = pct_router_route(source->router, from, to, &route, error);
    for (size_t i = 0; i < route.leg_count && !status; i++) {
        pct_route_leg *leg = pct_vector_push(legs);
        if (!leg) return pct_vector_failed(legs, PCT_MSG_WHAT_ROUTE_LEGS, error);
        *leg = route.legs[i];
    }
    return status;
}

pct_travel pct_travel_on_road(pct_travel_road *source) {
    return (pct_travel){.context = source,
                        .locate = road_locate,
                        .position = road_position,
                        .time_ms = road_time_ms,
                        .times_to = road_times_to,
                        .times_from = road_times_from,
                        .legs = road_legs};
}
