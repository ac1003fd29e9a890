/* A journey: the fastest way through points in their order, kept after the router's next query.
 *
 *     pct_journey journey = pct_journey_init();
 *     status = pct_journey_find(router, points, 3, &journey, error);     // from, via, to: two parts
 *     pct_route first = pct_journey_part(&journey, 0);
 *     pct_journey_dispose(&journey);
 *
 * May be used again; then it allocates only when it has to grow. */
#ifndef PCT_ROAD_ROUTE_JOURNEY_H
#define PCT_ROAD_ROUTE_JOURNEY_H

#include "base/vector.h"
#include "road/router.h"

typedef struct pct_journey_span {
    size_t first_leg, leg_count;
    uint32_t time_ms;
    uint64_t length_mm;
} pct_journey_span;

typedef struct pct_journey {
    pct_vector legs;  /* of pct_route_leg, of all parts */
    pct_vector parts; /* of pct_journey_span, one between each two points */
    uint64_t time_ms, length_mm;
} pct_journey;

pct_journey pct_journey_init(void);
void pct_journey_dispose(pct_journey *journey);
/* Forgets the parts, keeps the memory. */
void pct_journey_clear(pct_journey *journey);

/* Appends legs to the last part, opening one with pct_journey_begin_part. */
pct_status pct_journey_begin_part(pct_journey *journey, pct_error *error) PCT_MUST_USE;
pct_status pct_journey_add(pct_journey *journey, const pct_route *route, pct_error *error) PCT_MUST_USE;

/* From points[0] through the others in turn. PCT_UNREACHABLE when one of them cannot be reached from the one before:
 * then the journey has the parts before it, so that parts.length is the number of the point that was left. */
pct_status pct_journey_find(pct_router *router, const pct_road_point *points, size_t count,
                            pct_journey *journey, pct_error *error) PCT_MUST_USE;
/* Borrows from the journey. */
pct_route pct_journey_part(const pct_journey *journey, size_t part);

#endif
