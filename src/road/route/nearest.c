/* The nearest of many moving points, exactly, without an index of them: each has a bound below its time, the straight way at the
 * fastest pace of any road; a heap gives them out by that bound, and they are asked for their time (lazily, road/route/many.c)
 * until the next bound is worse than the last of the best. How well that works depends on how straight and
 * fast roads are; in a city about a tenth of them is asked.
 * O(points + asked × (log points + what their search spaces add)). */
#include <math.h>

#include "base/memory.h"
#include "road/route/search.h"

/* Heaps of keys: time or bound in the upper half, index in the lower. */
typedef uint64_t key;

static key key_of(uint32_t ms, uint32_t index) {
    return (key)ms << 32 | index;
}

static void sift_down(key *heap, size_t count, size_t i) {
    key moved = heap[i];
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && heap[child + 1] < heap[child]) child++;
        if (moved <= heap[child]) break;
        heap[i] = heap[child];
    }
    heap[i] = moved;
}

static void heapify(key *heap, size_t count) {
    for (size_t i = count / 2; i-- > 0;) sift_down(heap, count, i);
}

/* The best so far: a heap of inverted keys, so that the worst is on top. */
typedef struct best {
    key *heap;
    size_t count, room;
} best;

static key worst_of(const best *b) {
    return b->count < b->room ? UINT64_MAX : ~b->heap[0];
}

static void keep(best *b, key k) {
    if (b->count == b->room) {
        b->heap[0] = ~k;
        sift_down(b->heap, b->count, 0);
        return;
    }
    size_t i = b->count++;
    for (; i > 0 && b->heap[(i - 1) / 2] > ~k; i = (i - 1) / 2) b->heap[i] = b->heap[(i - 1) / 2];
    b->heap[i] = ~k;
}

/* --- bounds ------------------------------------------------------------------------------------------------------- */

typedef struct spot {
    double east_m, north_m;
} spot;

/* Where one gets onto the roads, or off them: the nodes at which the one's piece of segment ends. */
typedef struct view {
    const pct_road *road;
    spot ends[2];
    int end_count;
    uint32_t segment; /* the one's */
} view;

static spot spot_of(const pct_road *road, uint32_t node) {
    spot s;
    pct_plane_to_m(&road->crow.plane, road->network.node_position[node], &s.east_m, &s.north_m);
    return s;
}

static view view_of(const pct_road *road, pct_road_point one) {
    const pct_segment *s = &road->network.segments[one.segment];
    view v = {.road = road, .segment = one.segment};
    if (one.offset_mm < s->length_mm) v.ends[v.end_count++] = spot_of(road, s->tail);
    if (one.offset_mm > 0) v.ends[v.end_count++] = spot_of(road, s->head);
    return v;
}

static double from_node_ms(const view *v, uint32_t node) {
    const spot s = spot_of(v->road, node);
    double least = INFINITY;
    for (int e = 0; e < v->end_count; e++) {
        double east_m = s.east_m - v->ends[e].east_m, north_m = s.north_m - v->ends[e].north_m;
        double squared = east_m * east_m + north_m * north_m;
        least = squared < least ? squared : least;
    }
    return sqrt(least) * v->road->crow.ms_per_m;
}

/* No way between the two takes less. */
static uint32_t bound_ms(const view *v, pct_road_point other) {
    if (other.segment == v->segment) return 0;
    const pct_segment *s = &v->road->network.segments[other.segment];
    double tail_ms = other.offset_mm >= s->length_mm ? INFINITY : from_node_ms(v, s->tail);
    double head_ms = other.offset_mm == 0 ? INFINITY : from_node_ms(v, s->head);
    double ms = tail_ms < head_ms ? tail_ms : head_ms;
    return ms < PCT_NO_WAY_MS ? (uint32_t)ms : PCT_NO_WAY_MS;
}

/* --- the search --------------------------------------------------------------------------------------------------- */

static pct_status reserve(pct_router *router, size_t keys, pct_error *error) {
    if (keys <= router->key_room) return PCT_OK;
    pct_free(router->keys);
    router->key_room = 0;
    router->keys = pct_alloc(keys, sizeof *router->keys);
    if (!router->keys) return pct_error_memory(error, keys * sizeof *router->keys);
    router->key_room = keys;
    return PCT_OK;
}

static pct_status nearest(pct_router *router, bool toward, pct_road_point one, const pct_road_point *others,
                          size_t count, uint32_t limit_ms, size_t most, pct_near *found, size_t *found_count,
                          pct_error *error) {
    if (most > count) most = count;
    *found_count = 0;
    pct_status status = reserve(router, count + most, error);
    if (status || most == 0) return status;
    pct_many many;
    key *waiting = router->keys;
    best b = {waiting + count, 0, most};
    limit_ms = pct_least(limit_ms, PCT_NO_WAY_MS - 1);
    pct_many_begin(router, toward, one, &many);
    const view v = view_of(router->road, one);
    for (size_t i = 0; i < count; i++) waiting[i] = key_of(bound_ms(&v, others[i]), (uint32_t)i);
    heapify(waiting, count);
    for (size_t left = count;
         left > 0 && waiting[0] >> 32 <= limit_ms && waiting[0] >> 32 <= worst_of(&b) >> 32;) {
        uint32_t index = (uint32_t)waiting[0], ms = pct_many_time(router, &many, others[index]);
        if (ms <= limit_ms && key_of(ms, index) < worst_of(&b)) keep(&b, key_of(ms, index));
        waiting[0] = waiting[--left];
        sift_down(waiting, left, 0);
    }
    pct_many_end(router, &many);
    *found_count = b.count;
    while (b.count > 0) { /* the worst comes first */
        key k = ~b.heap[0];
        b.heap[0] = b.heap[--b.count];
        sift_down(b.heap, b.count, 0);
        found[b.count] = (pct_near){(uint32_t)k, (uint32_t)(k >> 32)};
    }
    return PCT_OK;
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
