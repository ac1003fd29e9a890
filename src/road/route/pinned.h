/* Many points that are asked for again and again, as targets of one or as sources to one: RPHAST (Delling, Goldberg, Werneck,
 * "Faster batched shortest paths in road networks", 2011).
 *
 *     status = pct_pinned_new(road, PCT_PINNED_TARGETS, points, count, &pinned, error);
 *     pct_router_times_pinned(router, source, pinned, times_ms);     // as often as you like; allocates nothing
 *     status = pct_pinned_renew(pinned, road, error);                // after the road's times have changed
 *     pct_pinned_free(pinned);
 *
 * Pinning gathers the ranks above the points and copies their arcs, highest rank first, so that each question reads them
 * in a row. It holds the times of the moment. Immutable between renewals: share it between threads, each with its router.
 * Memory and time to pin: O(arcs of the union of the points' search spaces), about 0.2 ms and 1 MB for 1,000 points
 * in a city of 70,000 nodes. */
#ifndef PCT_ROAD_ROUTE_PINNED_H
#define PCT_ROAD_ROUTE_PINNED_H

#include "road/router.h"

typedef struct pct_pinned pct_pinned;
typedef enum pct_pinned_as { PCT_PINNED_TARGETS, PCT_PINNED_SOURCES } pct_pinned_as;

/* The points are copied. */
pct_status pct_pinned_new(const pct_road *road, pct_pinned_as as, const pct_road_point *points, size_t count,
                          pct_pinned **out, pct_error *error) PCT_MUST_USE;
void pct_pinned_free(pct_pinned *pinned);
/* The same points over `road`, which shares its hierarchy with the one before. Allocates when there are more arcs than
 * ever before. After a failure it must not be asked. */
pct_status pct_pinned_renew(pct_pinned *pinned, const pct_road *road, pct_error *error) PCT_MUST_USE;

/* times_ms[i]: from `one` to point i, or from point i to it; as the router's other answers over pinned's road. */
void pct_router_times_pinned(pct_router *router, pct_road_point one, const pct_pinned *pinned,
                             uint32_t *times_ms);

#endif
