/* Perfect customization (Dibbelt et al. 2016, §5.4): ranks descending, every upward arc v–a is compared with the ways over a
 * third node b above v, by upper (b above a) and intermediate (b below a) triangles. Arcs among the nodes above v hold
 * exact travel times by then, so one comparison each is enough: v's best way to a begins with some arc v–b.
 *
 * An arc that is not faster than such a way is left out of the pair, equality included. That is sound because times are at least
 * 1: among the fastest up-down paths between two nodes take the one whose ranks, sorted from the highest, are
 * lexicographically greatest; an arc of it that could go by a triangle would give a greater one.
 * While comparing, times are kept doubled: 2 t + 1 for a time of the arc itself, 2 t for one over a third node. The lesser
 * of two is then the lesser time, ways over a third node win ties, and an odd number says that the arc stays.
 *
 * O(triangles). */
#include <string.h>

#include "base/memory.h"
#include "road/metric_updater.h"
#include "road/profile.h"

static inline void lower(uint32_t *doubled_ms, uint32_t first_ms, uint32_t second_ms) {
    uint32_t way_ms = (first_ms & ~1U) + (second_ms & ~1U);
    if (way_ms < *doubled_ms) *doubled_ms = way_ms;
}

/* Room for `count` arcs and some to grow; what was there is lost. */
static pct_status reserve(pct_upward *upward, uint32_t node_count, size_t count) {
    if (!upward->first) upward->first = pct_alloc((size_t)node_count + 1, sizeof *upward->first);
    if (!upward->first) return PCT_MEMORY;
    if (count <= upward->capacity) return PCT_OK;
    pct_free(upward->arcs);
    upward->capacity = count + count / 32 + 1;
    upward->arcs = pct_alloc(upward->capacity, sizeof *upward->arcs);
    if (upward->arcs) return PCT_OK;
    upward->capacity = 0;
    return PCT_MEMORY;
}

static void compare_rank(const pct_hierarchy *h, uint32_t (*p)[2], uint32_t *arc_to, uint32_t v) {
    uint32_t begin = h->first_up[v], end = h->first_up[v + 1];
    for (uint32_t va = begin; va < end; va++) arc_to[h->up_head[va]] = va;
    for (uint32_t va = begin; va < end; va++) {
        uint32_t a = h->up_head[va];
        for (uint32_t ab = h->first_up[a]; ab < h->first_up[a + 1]; ab++) {
            uint32_t vb = arc_to[h->up_head[ab]];
            if (vb >= end) continue; /* nothing, or left there by a rank above */
            lower(&p[va][PCT_UP], p[vb][PCT_UP], p[ab][PCT_DOWN]);
            lower(&p[va][PCT_DOWN], p[ab][PCT_UP], p[vb][PCT_DOWN]);
            lower(&p[vb][PCT_UP], p[va][PCT_UP], p[ab][PCT_UP]);
            lower(&p[vb][PCT_DOWN], p[ab][PCT_DOWN], p[va][PCT_DOWN]);
        }
    }
}

static bool stays(const uint32_t (*p)[2], uint32_t arc, int way) {
    return (p[arc][way] & 1) != 0 && p[arc][way] < 2 * PCT_NO_WAY_MS;
}

static pct_status collect(const pct_hierarchy *h, const uint32_t (*p)[2], int way, pct_upward *out) {
    size_t count = 0;
    for (uint32_t a = 0; a < h->arc_count; a++) count += stays(p, a, way);
    if (reserve(out, h->node_count, count)) return PCT_MEMORY;
    uint32_t at = 0;
    for (uint32_t v = 0; v < h->node_count; v++) {
        out->first[v] = at;
        for (uint32_t a = h->first_up[v]; a < h->first_up[v + 1]; a++)
            if (stays(p, a, way)) out->arcs[at++] = (pct_upward_arc){h->up_head[a], p[a][way] >> 1};
    }
    out->first[h->node_count] = at;
    return PCT_OK;
}

pct_status pct_metric_perfect(const pct_hierarchy *h, pct_metric *metric, pct_metric_updater *updater,
                              pct_error *error) {
    uint32_t(*p)[2] = updater->arc_ms;
    for (uint32_t a = 0; a < h->arc_count; a++)
        for (int way = 0; way < 2; way++) p[a][way] = 2 * metric->ms[a][way] + 1;
    memset(updater->arc_to, 0xFF, h->node_count * sizeof *updater->arc_to);
    for (uint32_t v = h->node_count; v-- > 0;) compare_rank(h, p, updater->arc_to, v);
    metric->is_perfect = false;
    const uint32_t(*found)[2] = (const uint32_t(*)[2])p;
    if (collect(h, found, PCT_UP, &metric->forward) || collect(h, found, PCT_DOWN, &metric->backward))
        return pct_error_memory(error, h->arc_count * sizeof(pct_upward_arc));
    metric->is_perfect = true;
    return PCT_OK;
}
