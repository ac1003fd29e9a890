#include "road/route/journey.h"

#include <string.h>

enum { LEGS_MAX = 1 << 24, PARTS_MAX = 1 << 10 };

pct_journey pct_journey_init(void) {
    return (pct_journey){.legs = pct_vector_init(sizeof(pct_route_leg), LEGS_MAX),
                         .parts = pct_vector_init(sizeof(pct_journey_span), PARTS_MAX)};
}

void pct_journey_dispose(pct_journey *journey) {
    pct_vector_dispose(&journey->legs);
    pct_vector_dispose(&journey->parts);
}

void pct_journey_clear(pct_journey *journey) {
    journey->legs.length = journey->parts.length = 0;
    journey->time_ms = journey->length_mm = 0;
}

pct_status pct_journey_begin_part(pct_journey *journey, pct_error *error) {
    pct_journey_span *part = pct_vector_push(&journey->parts);
    if (!part) return pct_vector_failed(&journey->parts, PCT_MSG_WHAT_POINTS, error);
    *part = (pct_journey_span){.first_leg = journey->legs.length};
    return PCT_OK;
}

pct_status pct_journey_add(pct_journey *journey, const pct_route *route, pct_error *error) {
    pct_journey_span *part = (pct_journey_span *)journey->parts.items + journey->parts.length - 1;
    for (size_t i = 0; i < route->leg_count; i++) {
        pct_route_leg *leg = pct_vector_push(&journey->legs);
        if (!leg) return pct_vector_failed(&journey->legs, PCT_MSG_WHAT_ROUTE_STEPS, error);
        *leg = route->legs[i];
    }
    part->leg_count += route->leg_count;
    part->time_ms += route->time_ms;
    part->length_mm += route->length_mm;
    journey->time_ms += route->time_ms;
    journey->length_mm += route->length_mm;
    return PCT_OK;
}

pct_status pct_journey_find(pct_router *router, const pct_road_point *points, size_t count,
                            pct_journey *journey, pct_error *error) {
    pct_status status = PCT_OK;
    pct_journey_clear(journey);
    for (size_t i = 1; i < count && !status; i++) {
        pct_route route;
        status = pct_router_route(router, points[i - 1], points[i], &route, error);
        if (!status) status = pct_journey_begin_part(journey, error);
        if (!status) status = pct_journey_add(journey, &route, error);
    }
    return status;
}

pct_route pct_journey_part(const pct_journey *journey, size_t part) {
    const pct_journey_span *span = (const pct_journey_span *)journey->parts.items + part;
    return (pct_route){.time_ms = span->time_ms,
                       .length_mm = span->length_mm,
                       .legs = (const pct_route_leg *)journey->legs.items + span->first_leg,
                       .leg_count = span->leg_count};
}
