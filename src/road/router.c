/* The router itself: its memory, and the time between two points. The other kinds of question have a file each in
 * road/route. */
#include "road/router.h"

#include <string.h>

#include "base/memory.h"
#include "road/route/canvas.h"
#include "road/route/pinned.h"
#include "road/route/search.h"
#include "road/route/wide.h"

enum { ALIGN = 32 };

static bool machine_is_wide(void) {
#if PCT_HAS_WIDE
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
#else
    return false;
#endif
}

pct_status pct_router_new(const pct_road *road, pct_router **out, pct_error *error) {
    size_t n = road->hierarchy.node_count, room = (n + ALIGN - 1) / ALIGN * ALIGN;
    size_t words = 7 * room + ALIGN / sizeof(uint32_t);
    pct_router *router = pct_alloc_zeroed(1, sizeof *router);
    uint32_t *block = pct_alloc(words, sizeof *block);
    pct_route_leg *legs = pct_alloc(n + 2, sizeof *legs);
    pct_hint *hints = pct_alloc_zeroed(PCT_HINTS, sizeof *hints);
    if (!router || !block || !legs || !hints) {
        pct_free(router);
        pct_free(block);
        pct_free(legs);
        pct_free(hints);
        return pct_error_memory(error, words * sizeof *block + n * sizeof *legs);
    }
    uint32_t *at = block;
    while ((uintptr_t)at % ALIGN != 0) at++;
    *router = (pct_router){.road = road,
                           .up_head = road->hierarchy.up_head,
                           .wide = machine_is_wide(),
                           .label_ms = (uint32_t(*)[2])(void *)at,
                           .label_by = (uint32_t(*)[2])(void *)(at + 2 * room),
                           .value_ms = at + 4 * room,
                           .pending = at + 5 * room,
                           .legs = legs,
                           .hints = hints,
                           .block = block};
    for (size_t i = 0; i < 2 * room; i++) at[i] = PCT_NO_WAY_MS;
    memset(router->value_ms, 0xFF, room * sizeof *router->value_ms);
    *out = router;
    return PCT_OK;
}

void pct_router_free(pct_router *router) {
    if (!router) return;
    pct_free(router->block);
    pct_free(router->legs);
    pct_free(router->hints);
    pct_free(router->reached);
    pct_free(router->keys);
    pct_canvas_free(router->canvas);
    pct_pinned_free(router->table);
    pct_free(router);
}

const pct_road *pct_router_road(const pct_router *router) {
    return router->road;
}

void pct_router_take_road(pct_router *router, const pct_road *road) {
    if (PCT_NEVER(road->hierarchy.up_head != router->up_head)) return; /* the road before may be gone */
    router->road = road;
}

uint32_t pct_router_time_ms(pct_router *router, pct_road_point from, pct_road_point to) {
    const pct_road *road = router->road;
    const pct_ends from_ends = pct_ends_of(road, from, false), to_ends = pct_ends_of(road, to, true);
    uint32_t ms = pct_or_unreachable(pct_search_time(router, &from_ends, &to_ends));
    return pct_least(ms, pct_straight_ms(road, from, to));
}
