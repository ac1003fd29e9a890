#include "dispatch/recommend.h"

static void times_to(void *router, pct_road_point target, const pct_road_point *sources, size_t count,
                     uint32_t *times_ms) {
    pct_router_times_to(router, target, sources, count, times_ms);
}

pct_travel_times pct_travel_times_of_router(pct_router *router) {
    return (pct_travel_times){router, times_to};
}
