/* Questions about many points at once. Each is made of the router's simpler questions. */
#include <stdlib.h>

#include "base/memory.h"
#include "road/road.h"

pct_status pct_router_table(pct_router *router, const pct_road_point *sources, size_t source_count,
                            const pct_road_point *targets, size_t target_count, uint32_t *times_ms,
                            pct_error *error) {
    (void)error;
    for (size_t s = 0; s < source_count; s++)
        pct_router_times_from(router, sources[s], targets, target_count, times_ms + s * target_count);
    return PCT_OK;
}

static int by_time(const void *a, const void *b) {
    const pct_near *p = a, *q = b;
    if (p->time_ms != q->time_ms) return p->time_ms < q->time_ms ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static pct_status nearest(pct_router *router, bool toward, pct_road_point one, const pct_road_point *many,
                          size_t count, uint32_t limit_ms, size_t most, pct_near *found, size_t *found_count,
                          pct_error *error) {
    uint32_t *times_ms = pct_alloc(count, sizeof *times_ms);
    pct_near *all = pct_alloc(count, sizeof *all);
    pct_status status = times_ms && all ? PCT_OK : pct_error_memory(error, count * sizeof *all);
    if (!status) {
        if (toward)
            pct_router_times_to(router, one, many, count, times_ms);
        else
            pct_router_times_from(router, one, many, count, times_ms);
        for (size_t i = 0; i < count; i++) all[i] = (pct_near){(uint32_t)i, times_ms[i]};
        qsort(all, count, sizeof *all, by_time);
        *found_count = 0;
        for (size_t i = 0; i < count && *found_count < most; i++)
            if (all[i].time_ms != PCT_UNREACHABLE_MS && all[i].time_ms <= limit_ms)
                found[(*found_count)++] = all[i];
    }
    pct_free(times_ms);
    pct_free(all);
    return status;
}

pct_status pct_router_nearest_to(pct_router *router, pct_road_point target, const pct_road_point *sources,
                                 size_t count, uint32_t limit_ms, size_t most, pct_near *found,
                                 size_t *found_count, pct_error *error) {
    return nearest(router, true, target, sources, count, limit_ms, most, found, found_count, error);
}

pct_status pct_router_nearest_from(pct_router *router, pct_road_point source, const pct_road_point *targets,
                                   size_t count, uint32_t limit_ms, size_t most, pct_near *found,
                                   size_t *found_count, pct_error *error) {
    return nearest(router, false, source, targets, count, limit_ms, most, found, found_count, error);
}
