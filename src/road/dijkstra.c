#include "road/dijkstra.h"

#include <string.h>

#include "base/heap.h"
#include "base/memory.h"
#include "road/dijkstra_turns.h"
#include "road/road.h"

struct pct_dijkstra {
    const pct_road *road;
    pct_heap *heap;
    uint32_t *ms, *touched; /* [node] times; the nodes whose time is set, in the order they were reached */
    uint32_t touched_count;
    pct_dijkstra_turns *turns; /* profile patrol: it does all the work */
};

pct_status pct_dijkstra_new(const pct_road *road, pct_dijkstra **out, pct_error *error) {
    uint32_t n = road->network.node_count;
    pct_dijkstra *d = pct_alloc_zeroed(1, sizeof *d);
    if (!d) return pct_error_memory(error, sizeof *d);
    d->road = road;
    if (road->profile == PCT_PROFILE_PATROL) {
        pct_status failed = pct_dijkstra_turns_new(road, &d->turns, error);
        if (failed)
            pct_dijkstra_free(d);
        else
            *out = d;
        return failed;
    }
    d->ms = pct_alloc(n, 2 * sizeof *d->ms);
    pct_status status = d->ms ? pct_heap_new(n, &d->heap) : PCT_MEMORY;
    if (status) {
        pct_dijkstra_free(d);
        return pct_error_memory(error, n * 4 * sizeof *d->ms);
    }
    d->touched = d->ms + n;
    memset(d->ms, 0xFF, n * sizeof *d->ms);
    *out = d;
    return PCT_OK;
}

void pct_dijkstra_free(pct_dijkstra *dijkstra) {
    if (!dijkstra) return;
    pct_dijkstra_turns_free(dijkstra->turns);
    pct_heap_free(dijkstra->heap);
    pct_free(dijkstra->ms);
    pct_free(dijkstra);
}

static void reach(pct_dijkstra *d, uint32_t node, uint32_t ms) {
    if (ms >= d->ms[node]) return;
    if (d->ms[node] == PCT_UNREACHABLE_MS) d->touched[d->touched_count++] = node;
    d->ms[node] = ms;
    pct_heap_lower(d->heap, node, ms);
}

static void start(pct_dijkstra *d, pct_road_point from) {
    pct_road_end ends[PCT_ROAD_ENDS_MAX];
    int count = pct_road_ends(d->road, from, false, ends);
    for (uint32_t i = 0; i < d->touched_count; i++) d->ms[d->touched[i]] = PCT_UNREACHABLE_MS;
    d->touched_count = 0;
    pct_heap_clear(d->heap);
    for (int i = 0; i < count; i++) reach(d, ends[i].node, ends[i].ms);
}

static void settle(pct_dijkstra *d, uint32_t node) {
    const pct_network *net = &d->road->network;
    const uint32_t *arc_ms = d->road->metric.arc_ms;
    for (uint32_t a = net->first_arc[node]; a < net->first_arc[node + 1]; a++)
        if (arc_ms[a] < PCT_NO_WAY_MS) reach(d, net->arc_head[a], d->ms[node] + arc_ms[a]);
}

uint32_t pct_dijkstra_time_ms(pct_dijkstra *d, pct_road_point from, pct_road_point to) {
    if (d->turns) return pct_dijkstra_turns_ms(d->turns, from, to);
    pct_road_end ends[PCT_ROAD_ENDS_MAX];
    int count = pct_road_ends(d->road, to, true, ends);
    uint32_t best_ms = pct_road_along_ms(d->road, from, to);
    start(d, from);
    while (!pct_heap_empty(d->heap) && pct_heap_min_key(d->heap) < best_ms) {
        uint32_t node = pct_heap_pop(d->heap);
        for (int i = 0; i < count; i++)
            if (ends[i].node == node && d->ms[node] + ends[i].ms < best_ms)
                best_ms = d->ms[node] + ends[i].ms;
        settle(d, node);
    }
    return best_ms;
}

void pct_dijkstra_all_ms(pct_dijkstra *d, pct_road_point from, uint32_t *times_ms) {
    if (d->turns) {
        pct_dijkstra_turns_all_ms(d->turns, from, times_ms);
        return;
    }
    start(d, from);
    while (!pct_heap_empty(d->heap)) settle(d, pct_heap_pop(d->heap));
    memcpy(times_ms, d->ms, d->road->network.node_count * sizeof *times_ms);
}
