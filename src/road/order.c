/* Nested dissection: a small separator is contracted last and so keeps shortcuts of its two sides apart; each side is
 * ordered the same way (George 1973; for roads Dibbelt, Strasser and Wagner, "Customizable Contraction Hierarchies",
 * 2016). Before it, what has few neighbours is contracted (order_reduce.c); separators are METIS's, improved by flow
 * (order_separator.c); connected parts are cut one by one, since a separator leaves many; small pieces are METIS's
 * minimum degree order.
 *
 * Each level touches each node of the core once, so O(n log n) and for the flow O(n × rounds). */
#include "road/order.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/vector.h"
#include "road/order_parts.h"

/* Pieces up to so many nodes are left to METIS as a whole. */
enum { PIECE = 100, SEED = 1, RANGES_MAX = 1 << 30 };

/* A stretch of dissection.nodes that is still to be ordered. */
typedef struct range {
    uint32_t begin, end;
} range;

typedef struct dissection {
    const pct_dissect_graph *core;
    uint32_t *nodes;   /* [core] the order under way: ranges of it are sets until they are ordered */
    uint32_t *number;  /* [core] the node's number in the piece under work, PCT_NO_INDEX outside */
    uint32_t *scratch; /* [core] */
    pct_vector ranges; /* to be ordered */
    pct_dissect_separation separation;
} dissection;

void pct_dissect_graph_dispose(pct_dissect_graph *graph) {
    pct_free(graph->first);
    pct_free(graph->neighbours);
    *graph = (pct_dissect_graph){0};
}

/* The simple undirected graph of the arcs. Written by node in the order of the neighbour, so that lists come out
 * sorted and repeats lie side by side: all arcs are sorted by head, then by tail, by counting. */
static pct_status undirected(const pct_graph *graph, pct_dissect_graph *out) {
    uint32_t n = graph->node_count;
    size_t places = (size_t)graph->arc_count * 2;
    idx_t *first = pct_alloc_zeroed((size_t)n + 2, sizeof *first);
    idx_t *half = pct_alloc(places, sizeof *half), *whole = pct_alloc(places, sizeof *whole);
    idx_t *next = pct_alloc((size_t)n + 1, sizeof *next);
    *out = (pct_dissect_graph){n, first, whole};
    pct_status status = first && half && whole && next ? PCT_OK : PCT_MEMORY;
    if (status) goto done;
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t a = graph->first_arc[v]; a < graph->first_arc[v + 1]; a++)
            first[v + 1]++, first[graph->arc_head[a] + 1]++;
    for (uint32_t v = 0; v < n; v++) first[v + 1] += first[v];
    for (uint32_t v = 0; v < n; v++) next[v] = first[v];
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t a = graph->first_arc[v]; a < graph->first_arc[v + 1]; a++) {
            uint32_t w = graph->arc_head[a];
            half[next[v]++] = (idx_t)w;
            half[next[w]++] = (idx_t)v;
        }
    for (uint32_t v = 0; v < n; v++) next[v] = first[v];
    for (uint32_t v = 0; v < n; v++)
        for (idx_t i = first[v]; i < first[v + 1]; i++) whole[next[half[i]]++] = (idx_t)v;
    idx_t kept = 0;
    for (uint32_t v = 0; v < n; v++) {
        idx_t begin = first[v], end = first[v + 1], from = kept;
        first[v] = kept;
        for (idx_t i = begin; i < end; i++)
            if (whole[i] != (idx_t)v && (kept == from || whole[kept - 1] != whole[i]))
                whole[kept++] = whole[i];
    }
    first[n] = kept;
done:
    pct_free(half);
    pct_free(next);
    return status;
}

static pct_status push(dissection *d, uint32_t begin, uint32_t end) {
    if (begin == end) return PCT_OK;
    range *r = pct_vector_push(&d->ranges);
    if (!r) return PCT_MEMORY;
    *r = (range){begin, end};
    return PCT_OK;
}

/* The piece's own graph; d->number must hold the numbers of its nodes. */
static pct_status cut_out(const dissection *d, range r, pct_dissect_graph *piece) {
    const pct_dissect_graph *core = d->core;
    uint32_t count = r.end - r.begin;
    size_t places = 0;
    for (uint32_t i = r.begin; i < r.end; i++)
        places += (size_t)(core->first[d->nodes[i] + 1] - core->first[d->nodes[i]]);
    *piece = (pct_dissect_graph){count, pct_alloc((size_t)count + 1, sizeof *piece->first),
                                 pct_alloc(places, sizeof *piece->neighbours)};
    if (!piece->first || !piece->neighbours) return PCT_MEMORY;
    idx_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = d->nodes[r.begin + i];
        piece->first[i] = at;
        for (idx_t k = core->first[v]; k < core->first[v + 1]; k++) {
            uint32_t w = d->number[core->neighbours[k]];
            if (w != PCT_NO_INDEX) piece->neighbours[at++] = (idx_t)w;
        }
    }
    piece->first[count] = at;
    return PCT_OK;
}

static void order_whole(dissection *d, range r, pct_dissect_graph *piece, pct_status *status) {
    idx_t n = (idx_t)piece->node_count, options[METIS_NOPTIONS];
    idx_t *node_at = d->separation.part, *rank_of = d->separation.other;
    METIS_SetDefaultOptions(options);
    options[METIS_OPTION_SEED] = SEED;
    options[METIS_OPTION_COMPRESS] = 0;
    if (METIS_NodeND(&n, piece->first, piece->neighbours, NULL, options, node_at, rank_of) != METIS_OK) {
        *status = PCT_MEMORY;
        return;
    }
    for (uint32_t i = 0; i < piece->node_count; i++) d->scratch[i] = d->nodes[r.begin + (uint32_t)node_at[i]];
    for (uint32_t i = 0; i < piece->node_count; i++) d->nodes[r.begin + i] = d->scratch[i];
}

/* Near side, far side, separator; false when the separator leaves nearly all on one side, as in a clique. */
static bool arrange(dissection *d, range r, uint32_t counts[3]) {
    const idx_t *part = d->separation.part;
    uint32_t n = r.end - r.begin, at = 0;
    for (idx_t side = 0; side < 3; side++) {
        uint32_t begin = at;
        for (uint32_t i = 0; i < n; i++)
            if (part[i] == side) d->scratch[at++] = d->nodes[r.begin + i];
        counts[side] = at - begin;
    }
    uint32_t larger = counts[0] > counts[1] ? counts[0] : counts[1];
    if (larger > n - n / 16) return false;
    for (uint32_t i = 0; i < n; i++) d->nodes[r.begin + i] = d->scratch[i];
    return true;
}

/* Orders a connected range, or its separator alone and leaves its sides as ranges. */
static pct_status dissect(dissection *d, range r) {
    uint32_t n = r.end - r.begin, counts[3];
    pct_dissect_graph piece = {0};
    if (n <= 2) return PCT_OK;
    for (uint32_t i = 0; i < n; i++) d->number[d->nodes[r.begin + i]] = i;
    pct_status status = cut_out(d, r, &piece);
    for (uint32_t i = 0; i < n; i++) d->number[d->nodes[r.begin + i]] = PCT_NO_INDEX;
    if (!status && n > PIECE) status = pct_dissect_separate(&d->separation, &piece);
    bool whole = n <= PIECE || (!status && !arrange(d, r, counts));
    if (!status && whole) order_whole(d, r, &piece, &status);
    pct_dissect_graph_dispose(&piece);
    if (status || whole) return status;
    status = push(d, r.begin, r.begin + counts[0]);
    return status ? status : push(d, r.begin + counts[0], r.begin + counts[0] + counts[1]);
}

/* Lays each connected part of a range together and orders it. */
static pct_status order_range(dissection *d, range r) {
    const pct_dissect_graph *core = d->core;
    uint32_t *queue = d->scratch, n = r.end - r.begin, tail = 0, part_count = 0;
    size_t ranges = d->ranges.length;
    for (uint32_t i = r.begin; i < r.end; i++) d->number[d->nodes[i]] = 0;
    for (uint32_t i = r.begin; i < r.end; i++) {
        uint32_t begin = tail, head = tail;
        if (d->number[d->nodes[i]] == PCT_NO_INDEX) continue;
        d->number[d->nodes[i]] = PCT_NO_INDEX;
        queue[tail++] = d->nodes[i];
        while (head < tail) {
            uint32_t v = queue[head++];
            for (idx_t k = core->first[v]; k < core->first[v + 1]; k++) {
                uint32_t w = (uint32_t)core->neighbours[k];
                if (d->number[w] == PCT_NO_INDEX) continue;
                d->number[w] = PCT_NO_INDEX;
                queue[tail++] = w;
            }
        }
        part_count++;
        if (push(d, r.begin + begin, r.begin + tail)) return PCT_MEMORY;
    }
    if (part_count > 1) { /* they come back one by one */
        for (uint32_t i = 0; i < n; i++) d->nodes[r.begin + i] = queue[i];
        return PCT_OK;
    }
    d->ranges.length = ranges;
    return dissect(d, r);
}

static pct_status order_core(const pct_dissect_graph *core, uint32_t *order) {
    size_t n = core->node_count;
    if (n == 0) return PCT_OK;
    uint32_t *memory = pct_alloc(n, 3 * sizeof *memory);
    dissection d = {.core = core, .ranges = pct_vector_init(sizeof(range), RANGES_MAX)};
    pct_status status = memory ? pct_dissect_separation_init(&d.separation, core->node_count) : PCT_MEMORY;
    if (status) goto done;
    d.nodes = memory, d.number = memory + n, d.scratch = memory + 2 * n;
    for (uint32_t v = 0; v < n; v++) {
        d.nodes[v] = v;
        d.number[v] = PCT_NO_INDEX;
    }
    status = push(&d, 0, core->node_count);
    while (!status && d.ranges.length > 0)
        status = order_range(&d, ((const range *)d.ranges.items)[--d.ranges.length]);
    for (uint32_t i = 0; i < n; i++) d.scratch[i] = order[d.nodes[i]];
    for (uint32_t i = 0; i < n; i++) order[i] = d.scratch[i];
done:
    pct_dissect_separation_dispose(&d.separation);
    pct_vector_dispose(&d.ranges);
    pct_free(memory);
    return status;
}

pct_status pct_order_nested_dissection(const pct_graph *graph, uint32_t *rank_node, pct_error *error) {
    pct_dissect_graph simple = {0}, core = {0};
    uint32_t reduced_count;
    if (graph->arc_count > INT32_MAX / 4 || graph->node_count > INT32_MAX / 4) /* METIS counts in 32 bits */
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_NODES),
                        pct_int(INT32_MAX / 4));
    pct_status status = undirected(graph, &simple);
    if (!status) status = pct_dissect_reduce(&simple, rank_node, &reduced_count, &core);
    if (!status) status = order_core(&core, rank_node + reduced_count);
    pct_dissect_graph_dispose(&core);
    pct_dissect_graph_dispose(&simple);
    return status ? pct_error_memory(error, (size_t)graph->node_count * 100) : PCT_OK;
}
