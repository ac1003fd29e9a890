#include "sim/travel.h"

static pct_status place_locate(void *context, pct_position position, pct_road_point *out, double *distance_m,
                               pct_error *error) {
    (void)context, (void)position, (void)error;
    *out = (pct_road_point){0, 0};
    *distance_m = 0.0;
    return PCT_OK;
}

static pct_position place_position(void *context, pct_road_point point) {
    (void)context, (void)point;
    return (pct_position){0, 0};
}

static uint32_t place_time_ms(void *context, pct_road_point from, pct_road_point to) {
    (void)context, (void)from, (void)to;
    return 0;
}

static void place_times_to(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
                           uint32_t *times_ms) {
    (void)context, (void)target, (void)sources;
    for (size_t i = 0; i < count; i++) times_ms[i] = 0;
}

static void place_times_from(void *context, pct_road_point source, const pct_road_point *targets,
                             size_t count, uint32_t *times_ms) {
    place_times_to(context, source, targets, count, times_ms);
}

static pct_status place_legs(void *context, pct_road_point from, pct_road_point to, pct_vector *legs,
                             pct_error *error) {
    (void)context, (void)from, (void)to, (void)legs, (void)error;
    return PCT_OK;
}

pct_travel pct_travel_at_one_place(void) {
    return (pct_travel){.locate = place_locate,
                        .position = place_position,
                        .time_ms = place_time_ms,
                        .times_to = place_times_to,
                        .times_from = place_times_from,
                        .legs = place_legs};
}

pct_trip pct_trip_init(pct_road_point at) {
    return (pct_trip){
        .from = at, .to = at, .legs = pct_vector_init(sizeof(pct_route_leg), PCT_TRIP_LEGS_MAX)};
}

void pct_trip_dispose(pct_trip *trip) {
    pct_vector_dispose(&trip->legs);
}

pct_status pct_trip_begin(pct_trip *trip, const pct_travel *travel, pct_road_point from, pct_road_point to,
                          int64_t now_ms) {
    uint32_t duration_ms = travel->time_ms(travel->context, from, to);
    pct_trip_stand(trip, from);
    if (duration_ms == PCT_UNREACHABLE_MS) return PCT_UNREACHABLE;
    pct_trip_begin_timed(trip, from, to, now_ms, duration_ms);
    return PCT_OK;
}

void pct_trip_begin_timed(pct_trip *trip, pct_road_point from, pct_road_point to, int64_t now_ms,
                          uint32_t duration_ms) {
    pct_trip_stand(trip, from);
    trip->to = to;
    trip->started_ms = now_ms;
    trip->duration_ms = duration_ms;
}

void pct_trip_stand(pct_trip *trip, pct_road_point at) {
    trip->from = trip->to = at;
    trip->duration_ms = trip->legs_ms = 0;
    trip->unpacked = false;
}

pct_status pct_trip_begin_along(pct_trip *trip, const pct_travel *way, const pct_road_point *through,
                                size_t count, int64_t now_ms, uint32_t duration_ms, pct_error *error) {
    pct_road_point from = trip->to;
    uint32_t legs_ms = 0;
    trip->legs.length = 0;
    for (size_t i = 0; i < count; i++) {
        pct_status status =
            way->legs(way->context, i ? through[i - 1] : from, through[i], &trip->legs, error);
        pct_trip_stand(trip, from); /* what has been unpacked of a way that leads nowhere is no way */
        if (status) return status;
    }
    const pct_route_leg *legs = trip->legs.items;
    for (size_t i = 0; i < trip->legs.length; i++) legs_ms += legs[i].time_ms;
    pct_trip_begin_timed(trip, from, through[count - 1], now_ms, duration_ms ? duration_ms : legs_ms);
    trip->legs_ms = legs_ms;
    trip->unpacked = true;
    return PCT_OK;
}

bool pct_trip_is_moving(const pct_trip *trip, int64_t now_ms) {
    return trip->duration_ms > 0 && now_ms < trip->started_ms + trip->duration_ms;
}

static pct_status unpack(pct_trip *trip, const pct_travel *travel, pct_error *error) {
    trip->legs.length = 0;
    pct_status status = travel->legs(travel->context, trip->from, trip->to, &trip->legs, error);
    trip->unpacked = status == PCT_OK;
    return status;
}

static pct_road_point point_on_leg(const pct_route_leg *leg, int64_t elapsed_ms) {
    if (leg->time_ms == 0) return (pct_road_point){leg->segment, leg->to_mm};
    int64_t way_mm = (int64_t)leg->to_mm - (int64_t)leg->from_mm;
    int64_t offset_mm = (int64_t)leg->from_mm + way_mm * elapsed_ms / (int64_t)leg->time_ms;
    return (pct_road_point){leg->segment, (uint32_t)offset_mm};
}

pct_status pct_trip_point(pct_trip *trip, const pct_travel *travel, int64_t now_ms, pct_road_point *out,
                          pct_error *error) {
    int64_t elapsed_ms = now_ms - trip->started_ms;
    *out = trip->to;
    if (!pct_trip_is_moving(trip, now_ms)) return PCT_OK;
    *out = trip->from;
    if (elapsed_ms <= 0) return PCT_OK;
    if (trip->legs_ms > 0) elapsed_ms = elapsed_ms * trip->legs_ms / trip->duration_ms;
    pct_status status = trip->unpacked ? PCT_OK : unpack(trip, travel, error);
    if (status) return status;
    const pct_route_leg *legs = trip->legs.items;
    for (size_t i = 0; i < trip->legs.length; i++) {
        if (elapsed_ms < legs[i].time_ms) {
            *out = point_on_leg(&legs[i], elapsed_ms);
            return PCT_OK;
        }
        elapsed_ms -= legs[i].time_ms;
        *out = (pct_road_point){legs[i].segment, legs[i].to_mm};
    }
    return PCT_OK;
}
