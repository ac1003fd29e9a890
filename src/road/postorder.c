/* An elimination order may be rearranged within the partial order of its elimination tree without changing what contraction
 * adds (Liu, "The Role of Elimination Trees in Sparse Factorization", 1990). In postorder a subtree is a range of
 * ranks, so that threads share out ranges; the path to the root runs through memory upward; and columns with like
 * neighbours (supernodes, road/triangles.h) come to lie side by side.
 *
 * The tree is found without contracting, by Liu's algorithm: ranks ascending, each lower neighbour's root so far becomes a child,
 * with path compression. O(arcs · log nodes). */
#include "road/postorder.h"

#include <string.h>

#include "base/memory.h"

typedef struct tree {
    uint32_t *parent, *root; /* root: compressed paths upward */
    uint32_t *size, *first_child, *next_sibling;
    uint32_t *begin; /* first new rank of the subtree */
} tree;

enum { ARRAYS = 6 };

static void join(tree *t, uint32_t low, uint32_t high) {
    for (uint32_t r = low; r != high;) {
        uint32_t next = t->root[r];
        t->root[r] = high;
        if (next == PCT_NO_INDEX) t->parent[r] = high;
        r = next == PCT_NO_INDEX ? high : next;
    }
}

/* Arcs in both directions join; an upward one waits until its head's turn, so lists by head are made first. */
static pct_status find_parents(const pct_graph *g, const uint32_t *node_rank, tree *t) {
    uint32_t n = g->node_count;
    uint32_t *first = pct_alloc_zeroed((size_t)n + 2, sizeof *first);
    uint32_t *lower = pct_alloc(g->arc_count, sizeof *lower);
    pct_status status = first && lower ? PCT_OK : PCT_MEMORY;
    for (int fill = 0; fill <= 1 && !status; fill++) {
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t a = g->first_arc[v]; a < g->first_arc[v + 1]; a++) {
                uint32_t x = node_rank[v], y = node_rank[g->arc_head[a]];
                uint32_t low = x < y ? x : y, high = x < y ? y : x;
                if (fill)
                    lower[first[high + 1]++] = low;
                else
                    first[high + 2]++;
            }
        for (uint32_t x = 0; x <= n && !fill; x++) first[x + 1] += first[x];
    }
    for (uint32_t x = 0; x < n && !status; x++)
        for (uint32_t i = first[x]; i < first[x + 1]; i++) join(t, lower[i], x);
    pct_free(first);
    pct_free(lower);
    return status;
}

static void lay_out(tree *t, uint32_t n) {
    uint32_t at = 0;
    for (uint32_t x = 0; x < n; x++) {
        t->size[x]++;
        if (t->parent[x] != PCT_NO_INDEX) t->size[t->parent[x]] += t->size[x];
    }
    for (uint32_t x = n; x-- > 0;) {
        if (t->parent[x] == PCT_NO_INDEX) continue;
        t->next_sibling[x] = t->first_child[t->parent[x]];
        t->first_child[t->parent[x]] = x;
    }
    for (uint32_t x = n; x-- > 0;) { /* a parent is laid out before its children */
        if (t->parent[x] == PCT_NO_INDEX) {
            t->begin[x] = at;
            at += t->size[x];
        }
        uint32_t next = t->begin[x], largest = t->first_child[x];
        for (uint32_t c = largest; c != PCT_NO_INDEX; c = t->next_sibling[c])
            if (t->size[c] > t->size[largest]) largest = c;
        for (uint32_t c = t->first_child[x]; c != PCT_NO_INDEX; c = t->next_sibling[c]) {
            t->begin[c] = next;
            if (c != largest) next += t->size[c];
        }
        if (largest != PCT_NO_INDEX) t->begin[largest] = next;
    }
}

pct_status pct_postorder(const pct_graph *graph, uint32_t *rank_node, uint32_t *node_rank) {
    uint32_t n = graph->node_count;
    uint32_t *block = pct_alloc(n, ARRAYS * sizeof *block);
    if (!block) return PCT_MEMORY;
    tree t = {block,
              block + n,
              block + 2 * (size_t)n,
              block + 3 * (size_t)n,
              block + 4 * (size_t)n,
              block + 5 * (size_t)n};
    memset(block, 0xFF, (size_t)n * ARRAYS * sizeof *block);
    memset(t.size, 0, n * sizeof *t.size);
    pct_status status = find_parents(graph, node_rank, &t);
    if (!status) {
        lay_out(&t, n);
        uint32_t *old_node = t.root; /* no longer needed */
        memcpy(old_node, rank_node, n * sizeof *old_node);
        for (uint32_t x = 0; x < n; x++) {
            uint32_t rank = t.begin[x] + t.size[x] - 1;
            rank_node[rank] = old_node[x];
            node_rank[old_node[x]] = rank;
        }
    }
    pct_free(block);
    return status;
}
