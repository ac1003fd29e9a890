/* The metric-independent half of a customizable contraction hierarchy: order, chordal topology, elimination tree
 * (Dibbelt, Strasser, Wagner, "Customizable Contraction Hierarchies", ACM JEA 21, 2016).
 *
 * Nodes are named by rank here: 0 is contracted first. Each hierarchy arc joins a lower to a higher rank and
 * stands for both directions. For every rank x, up(x) lists the higher neighbours; its first is x's parent in the
 * elimination tree, and all of up(x) are ancestors of x.
 *
 *     rank   0   1   2   3   4            up(0) = {2, 4}: contracting 0 joins 2 and 4
 *            o───────o       o            parent(0) = 2, parent(2) = 4
 *            └───────────────┘
 *
 * Flat and immutable, so that it can be used from a mapped file as it lies. Building is O(arcs + shortcuts). */
#ifndef PCT_ROAD_HIERARCHY_H
#define PCT_ROAD_HIERARCHY_H

#include "road/graph.h"

typedef struct pct_hierarchy {
    uint32_t node_count, arc_count;
    const uint32_t *node_rank;  /* [node_count] */
    const uint32_t *rank_node;  /* [node_count] */
    const uint32_t *first_up;   /* [node_count + 1] into up_head */
    const uint32_t *up_head;    /* [arc_count] ascending within a rank */
    const uint32_t *up_tail;    /* [arc_count] */
    const uint32_t *first_down; /* [node_count + 1] into down_arc */
    const uint32_t *down_arc;   /* [arc_count] arcs that end at a rank, by ascending tail */
    const uint32_t *arc_place;  /* [graph arcs] hierarchy arc × 2 + (1 when it leads from high to low);
                                   PCT_NO_INDEX for a loop */
    void *owned;
} pct_hierarchy;

/* `rank_node`: the order of contraction. Ranks are given in an order that contracts alike and puts each node right behind its
 * subtree of the elimination tree (road/postorder.h). */
pct_status pct_hierarchy_build(const pct_graph *graph, const uint32_t *rank_node, pct_hierarchy *out,
                               pct_error *error) PCT_MUST_USE;
void pct_hierarchy_dispose(pct_hierarchy *hierarchy);

/* The parent in the elimination tree, PCT_NO_INDEX for a root. */
static inline uint32_t pct_hierarchy_parent(const pct_hierarchy *h, uint32_t rank) {
    return h->first_up[rank] < h->first_up[rank + 1] ? h->up_head[h->first_up[rank]] : PCT_NO_INDEX;
}
/* The arc from a lower to a higher rank, PCT_NO_INDEX when there is none. O(log degree). */
uint32_t pct_hierarchy_find_arc(const pct_hierarchy *h, uint32_t low, uint32_t high);

#endif
