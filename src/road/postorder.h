/* The same contraction order with every subtree of its elimination tree in one stretch. */
#ifndef PCT_ROAD_POSTORDER_H
#define PCT_ROAD_POSTORDER_H

#include "road/graph.h"

/* Rearranges rank_node (and node_rank with it), which must be permutations, inverse to each other: no arc of the hierarchy is
 * added or lost, each node comes right behind its subtree, and the largest subtree of its children right before it. */
pct_status pct_postorder(const pct_graph *graph, uint32_t *rank_node, uint32_t *node_rank) PCT_MUST_USE;

#endif
