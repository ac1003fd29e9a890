/* A plan that was made for another map, on the map of now. */
#ifndef PCT_RESOURCE_PATROL_REMAP_H
#define PCT_RESOURCE_PATROL_REMAP_H

#include "base/vector.h"
#include "patrol/duty_plan.h"
#include "resource/exchange.h"

enum { PCT_REMAP_DIFFERENCES_MAX = 10000, PCT_REMAP_LATER_MS = 60000 };

typedef struct pct_remap_difference {
    pct_text unit, stop;
    const char *change; /* off_network, unreachable, later */
    int64_t by_ms;      /* of later */
} pct_remap_difference;

/* Brings every stop to the roads of now and drives each route again: arrivals and, where one comes too late, the times behind it. What
 * differs by a minute and more is pushed (pct_remap_difference), as is what has no road or no way any more; such a stop keeps its time. Stops
 * lie in the exchange's arena afterwards. */
pct_status pct_patrol_remap(pct_exchange *exchange, pct_duty_plan *plan, pct_vector *differences,
                            pct_error *error) PCT_MUST_USE;

#endif
