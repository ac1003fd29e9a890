#include "road/parts.h"

#include <string.h>

#include "base/memory.h"
#include "road/profile.h"

enum { SCRATCH_ARRAYS = 5 };

typedef struct tarjan {
    const pct_graph *graph;
    const uint32_t *arc_ms;
    uint32_t *order, *low, *next_arc, *stack, *path; /* [nodes] each */
    uint32_t visited, stacked;
    pct_parts parts;
} tarjan;

static void discover(tarjan *t, uint32_t v) {
    if (t->order[v] != 0) return;
    t->order[v] = t->low[v] = ++t->visited;
    t->next_arc[v] = t->graph->first_arc[v];
    t->stack[t->stacked++] = v;
}

/* The next node below v that nobody has seen, PCT_NO_INDEX when there is none left. */
static uint32_t descend(tarjan *t, uint32_t v) {
    while (t->next_arc[v] < t->graph->first_arc[v + 1]) {
        uint32_t arc = t->next_arc[v]++, w = t->graph->arc_head[arc];
        if (t->arc_ms[arc] >= PCT_NO_WAY_MS) continue;
        if (t->order[w] == 0) return w;
        if (t->parts.of_node[w] == PCT_NO_INDEX && t->order[w] < t->low[v]) t->low[v] = t->order[w];
    }
    return PCT_NO_INDEX;
}

static void visit(tarjan *t, uint32_t root) {
    uint32_t depth = 0;
    t->path[depth++] = root;
    while (depth > 0) {
        uint32_t v = t->path[depth - 1];
        discover(t, v);
        uint32_t below = descend(t, v);
        if (below != PCT_NO_INDEX) {
            t->path[depth++] = below;
            continue;
        }
        depth--;
        if (depth > 0 && t->low[v] < t->low[t->path[depth - 1]]) t->low[t->path[depth - 1]] = t->low[v];
        if (t->low[v] != t->order[v]) continue;
        uint32_t w;
        do {
            w = t->stack[--t->stacked];
            t->parts.of_node[w] = t->parts.count;
            t->parts.size[t->parts.count]++;
        } while (w != v);
        t->parts.count++;
    }
}

pct_status pct_parts_find(const pct_graph *graph, const uint32_t *arc_ms, pct_parts *out) {
    size_t n = graph->node_count;
    uint32_t *scratch = pct_alloc_zeroed(n, SCRATCH_ARRAYS * sizeof *scratch);
    tarjan t = {.graph = graph, .arc_ms = arc_ms};
    t.parts.of_node = pct_alloc(n, sizeof *t.parts.of_node);
    t.parts.size = pct_alloc_zeroed(n, sizeof *t.parts.size);
    pct_status status = scratch && t.parts.of_node && t.parts.size ? PCT_OK : PCT_MEMORY;
    if (!status) {
        uint32_t **arrays[SCRATCH_ARRAYS] = {&t.order, &t.low, &t.next_arc, &t.stack, &t.path};
        for (size_t i = 0; i < SCRATCH_ARRAYS; i++) *arrays[i] = scratch + i * n;
        memset(t.parts.of_node, 0xFF, n * sizeof *t.parts.of_node);
        for (uint32_t v = 0; v < n; v++)
            if (t.order[v] == 0) visit(&t, v);
    }
    pct_free(scratch);
    if (status) pct_parts_dispose(&t.parts);
    *out = t.parts;
    return status;
}

void pct_parts_dispose(pct_parts *parts) {
    pct_free(parts->of_node);
    pct_free(parts->size);
    *parts = (pct_parts){0};
}
