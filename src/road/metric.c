/* Making, disposing and taking apart; what is computed stands in metric_basic.c, metric_perfect.c and metric_update.c. */
#include "road/metric.h"

#include <string.h>

#include "base/memory.h"
#include "road/metric_updater.h"
#include "road/profile.h"

enum {
    SHARE_FROM = 200000, /* work that takes one thread longer than waking another */
    UPDATE_SHARE = 16, /* looking at one arc of an update takes so many times as long as a triangle of all */
    WORK_OF_CHANGE = 1500,
    WORD = 64,
    WORD_OF_WORDS = WORD * WORD
};

pct_status pct_metric_new(const pct_graph *graph, const pct_hierarchy *hierarchy, const uint32_t *arc_ms,
                          pct_metric *out, pct_error *error) {
    size_t m = hierarchy->arc_count, words = 2 * m + graph->arc_count + PCT_METRIC_READ_AHEAD;
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
    pct_metric_updater *u = pct_alloc_zeroed(1, sizeof *u);
    pct_status status = u ? pct_triangles_new(hierarchy, &u->triangles) : PCT_MEMORY;
    if (!status) status = pct_metric_share_out(hierarchy, u);
    if (!status) status = pct_metric_make_plan(graph, hierarchy, u);
    if (!status) {
        for (uint32_t r = 0; r < n; r++) {
            uint32_t degree = hierarchy->first_up[r + 1] - hierarchy->first_up[r];
            if (degree > u->degree_max) u->degree_max = degree;
        }
        u->share_from = SHARE_FROM;
        u->is_wide = pct_metric_wide_is_there();
        u->pending = pct_alloc(u->plan.task_count, sizeof *u->pending);
        u->arc_ms = pct_alloc(m, sizeof *u->arc_ms);
        u->state = pct_alloc_zeroed(m + 1, sizeof *u->state);
        u->update_most = u->work / UPDATE_SHARE;
        u->work_of_change = WORK_OF_CHANGE;
        u->word_bits_count = (uint32_t)(n / WORD_OF_WORDS + 1);
        u->word_bits = pct_alloc_zeroed(u->word_bits_count, sizeof *u->word_bits);
        u->rank_bits = pct_alloc_zeroed(n / WORD + 1, sizeof *u->rank_bits);
        u->row_ms = pct_alloc((size_t)u->degree_max + 1, sizeof *u->row_ms);
        if (!u->pending || !u->arc_ms || !u->row_ms || !u->state || !u->word_bits || !u->rank_bits)
            status = PCT_MEMORY;
    }
    for (uint32_t arc = 0; arc < graph->arc_count && !status; arc++)
        if (hierarchy->arc_place[arc] != PCT_NO_INDEX)
            u->state[hierarchy->arc_place[arc] >> 1] = PCT_METRIC_HAS_ROAD;
    if (status) {
        pct_metric_updater_free(u);
        return pct_error_memory(error, (n + 2 * m) * sizeof(uint32_t));
    }
    *out = u;
    return PCT_OK;
}

pct_status pct_metric_updater_share(pct_metric_updater *updater, const pct_hierarchy *hierarchy,
                                    pct_pool *pool, pct_error *error) {
    size_t width = pct_pool_width(pool), rows = width * ((size_t)updater->degree_max + 1);
    size_t outside = (width - 1) * hierarchy->arc_count;
    uint32_t(*row_ms)[2] = pct_alloc(rows, sizeof *row_ms);
    uint32_t(*outside_ms)[2] =
        pct_alloc(outside + 1, sizeof *outside_ms); /* what no thread touches is never there */
    if (!row_ms || !outside_ms) {
        pct_free(row_ms);
        pct_free(outside_ms);
        return pct_error_memory(error, (rows + outside) * sizeof *row_ms);
    }
    pct_free(updater->row_ms);
    pct_free(updater->outside_ms);
    updater->row_ms = row_ms;
    updater->outside_ms = outside_ms;
    updater->pool = pool;
    return PCT_OK;
}

void pct_metric_updater_free(pct_metric_updater *updater) {
    if (!updater) return;
    pct_triangles_dispose(&updater->triangles);
    pct_metric_plan_dispose(&updater->plan);
    pct_free(updater->pending);
    pct_free(updater->row_ms);
    pct_free(updater->outside_ms);
    pct_free(updater->arc_ms);
    pct_free(updater->state);
    pct_free(updater->word_bits);
    pct_free(updater->rank_bits);
    pct_free(updater);
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
