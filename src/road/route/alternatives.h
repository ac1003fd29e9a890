/* Other sensible ways besides the fastest one.
 *
 * A way is sensible here (Abraham, Delling, Goldberg, Werneck, "Alternative routes in road networks", ACM JEA 18, 2013) when
 *   - it shares at most 80 % of the fastest one's time with the ways already given (gamma = 0.8),
 *   - it takes at most 25 % longer, and so does the part of it that leaves the fastest one (epsilon = 0.25),
 *   - every stretch of it that takes at most a quarter of the fastest time is itself a fastest way: it has no silly
 *     detours (alpha = 0.25),
 *   - it passes no junction twice. */
#ifndef PCT_ROAD_ROUTE_ALTERNATIVES_H
#define PCT_ROAD_ROUTE_ALTERNATIVES_H

#include "road/route/journey.h"

enum {
    PCT_ALTERNATIVES_MAX = 3, /* besides the fastest */
    PCT_ALTERNATIVE_SHARED_PERCENT = 80,
    PCT_ALTERNATIVE_LONGER_PERCENT = 25,
    PCT_ALTERNATIVE_LOCAL_PERCENT = 25
};

/* Scratch memory for roads of one network; 20 bytes a node and 8 a segment. */
typedef struct pct_alternatives pct_alternatives;

pct_status pct_alternatives_new(const pct_road *road, pct_alternatives **out, pct_error *error) PCT_MUST_USE;
void pct_alternatives_free(pct_alternatives *alternatives);

/* journeys[0] becomes the fastest way, journeys[1] to [*found] others, the fastest first; `most` of them at most, and *found may
 * be 0. PCT_UNREACHABLE when no way leads there. Costs two sweeps over the whole hierarchy and one over the arcs: some
 * milliseconds for a city. */
pct_status pct_alternatives_find(pct_alternatives *alternatives, pct_router *router, pct_road_point from,
                                 pct_road_point to, size_t most, pct_journey *journeys, size_t *found,
                                 pct_error *error) PCT_MUST_USE;

#endif
