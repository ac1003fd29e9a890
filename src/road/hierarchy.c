/* Chordal topology by the quotient idea: contracting x joins its higher neighbours pairwise; it is enough to hand
 * the list to the lowest of them, its parent, for the parent hands it on. Lists are merged sorted, so the whole
 * costs O(arcs) merges. */
#include "road/hierarchy.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "road/postorder.h"

enum { ARCS_MAX = 1 << 30, BLOCKS = 8 };

typedef struct build {
    const pct_graph *graph;
    uint32_t n;
    void **list; /* blocks of the finished hierarchy, NULL-terminated */
    size_t block_count;
    uint32_t *node_rank, *rank_node;
    uint32_t *first_input, *input; /* higher neighbours of each rank in the road graph */
    uint32_t *first_child, *next_child;
    uint32_t *first_up;
    pct_vector up_head;
} build;

static uint32_t *block(build *b, size_t count) {
    uint32_t *memory = pct_alloc_zeroed(count, sizeof *memory);
    if (memory) b->list[b->block_count++] = memory;
    return memory;
}

void pct_hierarchy_dispose(pct_hierarchy *hierarchy) {
    void **list = hierarchy->owned;
    for (size_t i = 0; list && list[i]; i++) pct_free(list[i]);
    pct_free(list);
    *hierarchy = (pct_hierarchy){0};
}

static int by_value(const void *a, const void *b) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

/* Roads meet in threes and fours: most lists are too short for qsort's call to pay. */
static void sort(uint32_t *list, uint32_t count) {
    enum { SHORT = 16 };
    if (count > SHORT) {
        qsort(list, count, sizeof *list, by_value);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        uint32_t value = list[i], at = i;
        for (; at > 0 && list[at - 1] > value; at--) list[at] = list[at - 1];
        list[at] = value;
    }
}

/* For each rank its higher neighbours in the road graph, sorted, repeats left in. */
static pct_status collect_input(build *b) {
    const pct_graph *g = b->graph;
    b->first_input = pct_alloc_zeroed((size_t)b->n + 2, sizeof *b->first_input);
    b->input = pct_alloc(g->arc_count, sizeof *b->input);
    if (!b->first_input || !b->input) return PCT_MEMORY;
    uint32_t *first = b->first_input;
    for (int fill = 0; fill <= 1; fill++) {
        for (uint32_t v = 0; v < b->n; v++)
            for (uint32_t a = g->first_arc[v]; a < g->first_arc[v + 1]; a++) {
                uint32_t x = b->node_rank[v], y = b->node_rank[g->arc_head[a]];
                uint32_t low = x < y ? x : y, high = x < y ? y : x;
                if (x == y) continue;
                if (fill)
                    b->input[first[low + 1]++] = high;
                else
                    first[low + 2]++;
            }
        for (uint32_t x = 0; x <= b->n && !fill; x++) first[x + 1] += first[x];
    }
    for (uint32_t x = 0; x < b->n; x++) sort(b->input + first[x], first[x + 1] - first[x]);
    return PCT_OK;
}

/* Both lists ascending, each value once; `out` may be neither. Returns its length. */
static uint32_t merge(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count,
                      uint32_t *out) {
    uint32_t i = 0, j = 0, length = 0;
    while (i < a_count && j < b_count) {
        uint32_t p = a[i], q = b[j];
        out[length++] = p < q ? p : q;
        i += p <= q;
        j += q <= p;
    }
    while (i < a_count) out[length++] = a[i++];
    while (j < b_count) out[length++] = b[j++];
    return length;
}

static pct_status append(pct_vector *up, const uint32_t *heads, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *item = pct_vector_push(up);
        if (!item) return PCT_MEMORY;
        *item = heads[i];
    }
    return PCT_OK;
}

/* A child's list begins with x itself, for x is its parent: the rest is x's too. */
static pct_status eliminate(build *b) {
    b->first_child = pct_alloc((size_t)b->n, 4 * sizeof *b->first_child);
    pct_status status = b->first_child ? PCT_OK : PCT_MEMORY;
    if (status) return status;
    memset(b->first_child, 0xFF, (size_t)b->n * 2 * sizeof *b->first_child);
    b->next_child = b->first_child + b->n;
    uint32_t *up = b->next_child + b->n, *merged = up + b->n;
    for (uint32_t x = 0; x < b->n && !status; x++) {
        uint32_t begin = (uint32_t)b->up_head.length, count = 0;
        const uint32_t *heads = b->up_head.items, *input = b->input + b->first_input[x];
        for (uint32_t i = 0; i < b->first_input[x + 1] - b->first_input[x]; i++)
            if (count == 0 || up[count - 1] != input[i]) up[count++] = input[i];
        for (uint32_t c = b->first_child[x]; c != PCT_NO_INDEX; c = b->next_child[c]) {
            count =
                merge(up, count, heads + b->first_up[c] + 1, b->first_up[c + 1] - b->first_up[c] - 1, merged);
            uint32_t *other = up;
            up = merged;
            merged = other;
        }
        b->first_up[x] = begin;
        b->first_up[x + 1] = begin + count;
        if (count == 0) continue;
        status = append(&b->up_head, up, count);
        b->next_child[x] = b->first_child[up[0]];
        b->first_child[up[0]] = x;
    }
    return status;
}

static pct_status add_down_lists(build *b, pct_hierarchy *h) {
    uint32_t *first_down = block(b, (size_t)b->n + 2), *down_arc = block(b, h->arc_count);
    uint32_t *up_tail = block(b, h->arc_count);
    if (!first_down || !down_arc || !up_tail) return PCT_MEMORY;
    for (uint32_t a = 0; a < h->arc_count; a++) first_down[h->up_head[a] + 2]++;
    for (uint32_t x = 0; x <= b->n; x++) first_down[x + 1] += first_down[x];
    for (uint32_t x = 0; x < b->n; x++)
        for (uint32_t a = h->first_up[x]; a < h->first_up[x + 1]; a++) {
            up_tail[a] = x;
            down_arc[first_down[h->up_head[a] + 1]++] = a;
        }
    h->first_down = first_down;
    h->down_arc = down_arc;
    h->up_tail = up_tail;
    return PCT_OK;
}

uint32_t pct_hierarchy_find_arc(const pct_hierarchy *h, uint32_t low, uint32_t high) {
    uint32_t begin = h->first_up[low], end = h->first_up[low + 1];
    while (begin < end) {
        uint32_t middle = begin + (end - begin) / 2;
        if (h->up_head[middle] < high)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin < h->first_up[low + 1] && h->up_head[begin] == high ? begin : PCT_NO_INDEX;
}

static pct_status place_arcs(build *b, pct_hierarchy *h) {
    const pct_graph *g = b->graph;
    uint32_t *place = block(b, g->arc_count);
    if (!place) return PCT_MEMORY;
    for (uint32_t v = 0; v < b->n; v++)
        for (uint32_t a = g->first_arc[v]; a < g->first_arc[v + 1]; a++) {
            uint32_t x = h->node_rank[v], y = h->node_rank[g->arc_head[a]];
            place[a] = x == y  ? PCT_NO_INDEX
                       : x < y ? pct_hierarchy_find_arc(h, x, y) * 2
                               : pct_hierarchy_find_arc(h, y, x) * 2 + 1;
        }
    h->arc_place = place;
    return PCT_OK;
}

/* false unless rank_node is a permutation. */
static bool invert(build *b, const uint32_t *rank_node) {
    memset(b->node_rank, 0xFF, (size_t)b->n * sizeof *b->node_rank);
    for (uint32_t r = 0; r < b->n; r++) {
        if (rank_node[r] >= b->n || b->node_rank[rank_node[r]] != PCT_NO_INDEX) return false;
        b->node_rank[rank_node[r]] = r;
        b->rank_node[r] = rank_node[r];
    }
    return true;
}

pct_status pct_hierarchy_build(const pct_graph *graph, const uint32_t *rank_node, pct_hierarchy *out,
                               pct_error *error) {
    build b = {.graph = graph, .n = graph->node_count};
    pct_hierarchy h = {.node_count = graph->node_count};
    b.up_head = pct_vector_init(sizeof(uint32_t), ARCS_MAX);
    h.owned = b.list = pct_alloc_zeroed(BLOCKS + 1, sizeof(void *));
    pct_status status = b.list ? PCT_OK : PCT_MEMORY;
    if (status) goto done;
    h.node_rank = b.node_rank = block(&b, b.n);
    h.rank_node = b.rank_node = block(&b, b.n);
    h.first_up = b.first_up = block(&b, (size_t)b.n + 1);
    if (!h.node_rank || !h.rank_node || !h.first_up) {
        status = PCT_MEMORY;
        goto done;
    }
    if (!invert(&b, rank_node)) {
        status = PCT_FAIL(error, PCT_MISUSE, PCT_MSG_ORDER_NOT_PERMUTATION, pct_int(b.n));
        goto done;
    }
    status = pct_postorder(graph, b.rank_node, b.node_rank);
    if (!status) status = collect_input(&b);
    if (!status) status = eliminate(&b);
    if (status) goto done;
    h.arc_count = (uint32_t)b.up_head.length;
    h.up_head = pct_vector_take(&b.up_head);
    if (h.up_head) b.list[b.block_count++] = (void *)(uintptr_t)h.up_head;
    status = add_down_lists(&b, &h);
    if (!status) status = place_arcs(&b, &h);
done:
    pct_free(b.first_input);
    pct_free(b.input);
    pct_free(b.first_child);
    pct_vector_dispose(&b.up_head);
    if (status) pct_hierarchy_dispose(&h);
    if (status == PCT_MEMORY) return pct_error_memory(error, (size_t)b.n * sizeof(uint32_t));
    if (!status) *out = h;
    return status;
}
