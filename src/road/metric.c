/* Customization by upper node: for each rank a in ascending order, for each lower neighbour v, the triangles
 * (v, a, b) with b above a improve the arc a–b. Everything below a is final by then; the arcs of a are found
 * through an array indexed by head, so that each triangle costs two reads in a row and one write to up(a). */
#include "road/metric.h"

#include <string.h>

#include "base/memory.h"
#include "road/profile.h"

pct_status pct_metric_new(const pct_network *network, const pct_hierarchy *hierarchy, const uint32_t *arc_ms,
                          pct_metric *out, pct_error *error) {
    size_t m = hierarchy->arc_count, bytes = (4 * m + network->arc_count) * sizeof(uint32_t);
    uint32_t *block = pct_alloc(4 * m + network->arc_count, sizeof *block);
    uint32_t *scratch = pct_alloc(hierarchy->node_count, sizeof *scratch);
    if (!block || !scratch) {
        pct_free(block);
        pct_free(scratch);
        return pct_error_memory(error, bytes);
    }
    *out = (pct_metric){block, block + m, block + 2 * m, block + 3 * m, block + 4 * m, block};
    memcpy(out->arc_ms, arc_ms, network->arc_count * sizeof *arc_ms);
    pct_metric_customize(network, hierarchy, out, scratch);
    pct_free(scratch);
    return PCT_OK;
}

void pct_metric_dispose(pct_metric *metric) {
    pct_free(metric->block);
    *metric = (pct_metric){0};
}

static void take_roads(const pct_network *network, const pct_hierarchy *h, pct_metric *metric) {
    for (uint32_t a = 0; a < h->arc_count; a++) metric->up_ms[a] = metric->down_ms[a] = PCT_NO_WAY_MS;
    memset(metric->up_road, 0xFF, h->arc_count * sizeof *metric->up_road);
    memset(metric->down_road, 0xFF, h->arc_count * sizeof *metric->down_road);
    for (uint32_t arc = 0; arc < network->arc_count; arc++) {
        uint32_t place = h->network_arc_place[arc];
        if (place == PCT_NO_INDEX) continue;
        uint32_t *ms = place & 1 ? metric->down_ms : metric->up_ms;
        uint32_t *road = place & 1 ? metric->down_road : metric->up_road;
        if (metric->arc_ms[arc] >= ms[place >> 1]) continue;
        ms[place >> 1] = metric->arc_ms[arc];
        road[place >> 1] = arc;
    }
}

static inline void lower(uint32_t *ms, uint32_t candidate_ms) {
    if (candidate_ms < *ms) *ms = candidate_ms;
}

void pct_metric_customize(const pct_network *network, const pct_hierarchy *h, pct_metric *metric,
                          uint32_t *scratch) {
    uint32_t *up = metric->up_ms, *down = metric->down_ms, *arc_to = scratch;
    take_roads(network, h, metric);
    for (uint32_t a = 0; a < h->node_count; a++) {
        for (uint32_t e = h->first_up[a]; e < h->first_up[a + 1]; e++) arc_to[h->up_head[e]] = e;
        for (uint32_t i = h->first_down[a]; i < h->first_down[a + 1]; i++) {
            uint32_t va = h->down_arc[i], end = h->first_up[h->up_tail[va] + 1];
            uint32_t a_to_v = down[va], v_to_a = up[va];
            if (a_to_v >= PCT_NO_WAY_MS && v_to_a >= PCT_NO_WAY_MS) continue;
            for (uint32_t vb = va + 1; vb < end; vb++) {
                uint32_t ab = arc_to[h->up_head[vb]];
                lower(&up[ab], a_to_v + up[vb]);
                lower(&down[ab], down[vb] + v_to_a);
            }
        }
    }
}
