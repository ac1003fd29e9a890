/* Basic customization (Dibbelt et al. 2016, §5.2) by upper node: for each rank a in ascending order, for each lower
 * neighbour v, the triangles (v, a, b) with b above a improve the arc a–b. Everything below a is final by then; the arcs of
 * a are found through an array indexed by head, so that each triangle costs two reads in a row and one write to up(a).
 * O(triangles). */
#include "road/metric.h"

#include <string.h>

#include "base/memory.h"
#include "road/metric_updater.h"
#include "road/profile.h"

pct_status pct_metric_new(const pct_graph *graph, const pct_hierarchy *hierarchy, const uint32_t *arc_ms,
                          pct_metric *out, pct_error *error) {
    size_t m = hierarchy->arc_count, words = 2 * m + graph->arc_count;
    pct_metric_updater *updater = NULL;
    uint32_t *block = pct_alloc(words, sizeof *block);
    pct_status status = block ? PCT_OK : pct_error_memory(error, words * sizeof *block);
    if (!status) status = pct_metric_updater_new(graph, hierarchy, &updater, error);
    if (status) {
        pct_free(block);
        return status;
    }
    *out = (pct_metric){.ms = (uint32_t(*)[2])(void *)block, .arc_ms = block + 2 * m, .owned = block};
    memcpy(out->arc_ms, arc_ms, graph->arc_count * sizeof *arc_ms);
    pct_metric_customize(graph, hierarchy, out, updater);
    pct_metric_updater_free(updater);
    return PCT_OK;
}

void pct_metric_dispose(pct_metric *metric) {
    pct_free(metric->owned);
    pct_free(metric->forward.first);
    pct_free(metric->forward.arcs);
    pct_free(metric->backward.first);
    pct_free(metric->backward.arcs);
    *metric = (pct_metric){0};
}

pct_status pct_metric_updater_new(const pct_graph *graph, const pct_hierarchy *hierarchy,
                                  pct_metric_updater **out, pct_error *error) {
    size_t n = hierarchy->node_count, m = hierarchy->arc_count;
    (void)graph;
    pct_metric_updater *updater = pct_alloc_zeroed(1, sizeof *updater);
    if (updater) {
        updater->arc_to = pct_alloc(n, sizeof *updater->arc_to);
        updater->perfect_ms = pct_alloc(m, sizeof *updater->perfect_ms);
    }
    if (!updater || !updater->arc_to || !updater->perfect_ms) {
        pct_metric_updater_free(updater);
        return pct_error_memory(error, (n + 2 * m) * sizeof(uint32_t));
    }
    *out = updater;
    return PCT_OK;
}

void pct_metric_updater_free(pct_metric_updater *updater) {
    if (!updater) return;
    pct_free(updater->arc_to);
    pct_free(updater->perfect_ms);
    pct_free(updater);
}

static inline void lower(uint32_t *ms, uint32_t candidate_ms) {
    if (candidate_ms < *ms) *ms = candidate_ms;
}

static void take_roads(const pct_graph *graph, const pct_hierarchy *h, pct_metric *metric) {
    for (uint32_t a = 0; a < h->arc_count; a++)
        metric->ms[a][PCT_UP] = metric->ms[a][PCT_DOWN] = PCT_NO_WAY_MS;
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        uint32_t place = h->arc_place[arc];
        if (place != PCT_NO_INDEX) lower(&metric->ms[place >> 1][place & 1], metric->arc_ms[arc]);
    }
}

void pct_metric_customize(const pct_graph *graph, const pct_hierarchy *h, pct_metric *metric,
                          pct_metric_updater *updater) {
    uint32_t(*ms)[2] = metric->ms, *arc_to = updater->arc_to;
    metric->is_perfect = false;
    take_roads(graph, h, metric);
    for (uint32_t a = 0; a < h->node_count; a++) {
        for (uint32_t e = h->first_up[a]; e < h->first_up[a + 1]; e++) arc_to[h->up_head[e]] = e;
        for (uint32_t i = h->first_down[a]; i < h->first_down[a + 1]; i++) {
            uint32_t va = h->down_arc[i], end = h->first_up[h->up_tail[va] + 1];
            uint32_t a_to_v = ms[va][PCT_DOWN], v_to_a = ms[va][PCT_UP];
            if (a_to_v >= PCT_NO_WAY_MS && v_to_a >= PCT_NO_WAY_MS) continue;
            for (uint32_t vb = va + 1; vb < end; vb++) {
                uint32_t *ab = ms[arc_to[h->up_head[vb]]];
                lower(&ab[PCT_UP], a_to_v + ms[vb][PCT_UP]);
                lower(&ab[PCT_DOWN], ms[vb][PCT_DOWN] + v_to_a);
            }
        }
    }
}

void pct_metric_update(const pct_graph *graph, const pct_hierarchy *hierarchy, pct_metric *metric,
                       const pct_arc_change *changes, size_t count, pct_metric_updater *updater) {
    for (size_t i = 0; i < count; i++) metric->arc_ms[changes[i].arc] = changes[i].ms;
    pct_metric_customize(graph, hierarchy, metric, updater);
}

/* --- what an arc stands for --------------------------------------------------------------------------------------- */

/* The graph arc that gives a hierarchy arc its time, PCT_NO_INDEX when a triangle does. */
static uint32_t graph_arc_of(const pct_graph *graph, const pct_hierarchy *h, const pct_metric *metric,
                             uint32_t arc_and_way) {
    uint32_t arc = arc_and_way >> 1, way = arc_and_way & 1;
    uint32_t node = h->rank_node[way == PCT_UP ? h->up_tail[arc] : h->up_head[arc]];
    for (uint32_t a = graph->first_arc[node]; a < graph->first_arc[node + 1]; a++)
        if (h->arc_place[a] == arc_and_way && metric->arc_ms[a] == metric->ms[arc][way]) return a;
    return PCT_NO_INDEX;
}

int pct_metric_unpack(const pct_graph *graph, const pct_hierarchy *h, const pct_metric *metric,
                      uint32_t arc_and_way, uint32_t parts[2]) {
    uint32_t arc = arc_and_way >> 1, way = arc_and_way & 1, ms = metric->ms[arc][way];
    if (ms >= PCT_NO_WAY_MS) return 0;
    parts[0] = graph_arc_of(graph, h, metric, arc_and_way);
    if (parts[0] != PCT_NO_INDEX) return 1;
    uint32_t from = way == PCT_UP ? h->up_tail[arc] : h->up_head[arc];
    uint32_t to = way == PCT_UP ? h->up_head[arc] : h->up_tail[arc];
    uint32_t i = h->first_down[from], j = h->first_down[to];
    while (i < h->first_down[from + 1] && j < h->first_down[to + 1]) {
        uint32_t a = h->down_arc[i], b = h->down_arc[j];
        if (h->up_tail[a] == h->up_tail[b] && metric->ms[a][PCT_DOWN] + metric->ms[b][PCT_UP] == ms) {
            parts[0] = a * 2 + PCT_DOWN;
            parts[1] = b * 2 + PCT_UP;
            return 2;
        }
        uint32_t below_from = h->up_tail[a], below_to = h->up_tail[b];
        i += below_from <= below_to;
        j += below_to <= below_from;
    }
    return 0;
}
