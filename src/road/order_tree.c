/* The elimination tree without the contraction (Liu, "The role of elimination trees in sparse factorization", 1990):
 * walking through the ranks, each lower neighbour's root becomes a child; roots are found by paths that are halved as
 * they are walked. Then a walk over the tree, children before parents and the largest child last, numbers the nodes
 * anew. A path to the root then runs through memory in long stretches, and parts of the map that know nothing of each
 * other lie apart. O(m log n). */
#include <string.h>

#include "base/memory.h"
#include "road/order_parts.h"

typedef struct tree {
    uint32_t node_count;
    uint32_t *rank;   /* [nodes] */
    uint32_t *parent; /* [ranks] PCT_NO_INDEX for a root */
    uint32_t *above;  /* [ranks] some ancestor, or the rank itself */
    uint32_t *size;   /* [ranks] of the subtree */
    uint32_t *first_place;
} tree;

static uint32_t root_of(uint32_t *above, uint32_t x) {
    while (above[x] != x) {
        above[x] = above[above[x]];
        x = above[x];
    }
    return x;
}

static void find_parents(tree *t, const pct_dissect_graph *graph, const uint32_t *order) {
    for (uint32_t x = 0; x < t->node_count; x++) {
        t->above[x] = x;
        t->parent[x] = PCT_NO_INDEX;
        t->size[x] = 1;
        for (idx_t i = graph->first[order[x]]; i < graph->first[order[x] + 1]; i++) {
            uint32_t y = t->rank[graph->neighbours[i]];
            if (y > x) continue;
            uint32_t root = root_of(t->above, y);
            if (root == x) continue;
            t->above[root] = t->parent[root] = x;
            t->size[x] += t->size[root];
        }
    }
}

/* A subtree takes the stretch of places that ends with its root; the stretch is shared out among the children from
 * its beginning, the largest child takes the end. */
static void share_out(tree *t, uint32_t *place) {
    uint32_t *largest = t->above, *next = t->first_place, roots_at = 0;
    memset(largest, 0xFF, t->node_count * sizeof *largest);
    for (uint32_t x = 0; x < t->node_count; x++) {
        uint32_t p = t->parent[x];
        if (p != PCT_NO_INDEX && (largest[p] == PCT_NO_INDEX || t->size[x] > t->size[largest[p]]))
            largest[p] = x;
    }
    for (uint32_t x = t->node_count; x-- > 0;) {
        uint32_t p = t->parent[x], begin;
        if (p == PCT_NO_INDEX) {
            begin = roots_at;
            roots_at += t->size[x];
        } else if (largest[p] == x) {
            begin = place[p] - t->size[x];
        } else {
            begin = next[p];
            next[p] += t->size[x];
        }
        next[x] = begin;
        place[x] = begin + t->size[x] - 1;
    }
}

pct_status pct_dissect_settle(const pct_dissect_graph *graph, uint32_t *order) {
    size_t n = graph->node_count;
    uint32_t *memory = pct_alloc(n, 7 * sizeof *memory);
    if (!memory) return PCT_MEMORY;
    tree t = {graph->node_count, memory, memory + n, memory + 2 * n, memory + 3 * n, memory + 4 * n};
    uint32_t *place = memory + 5 * n, *old = memory + 6 * n;
    memcpy(old, order, n * sizeof *old);
    for (uint32_t x = 0; x < n; x++) t.rank[order[x]] = x;
    find_parents(&t, graph, order);
    share_out(&t, place);
    for (uint32_t x = 0; x < n; x++) order[place[x]] = old[x];
    pct_free(memory);
    return PCT_OK;
}
