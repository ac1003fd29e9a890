/* The order in which a hierarchy contracts the nodes of a graph: small separators last.
 *
 *     status = pct_order_nested_dissection(&graph, rank_node, error);
 *
 * Works for any graph: of junctions, of turns, connected or not. The same graph gives the same order, on every
 * machine. The hierarchy rearranges it into postorder (road/postorder.h).
 *
 * METIS may end the process and draws from the C library's rand(): callers who must not die run this in a child
 * process (the command line does). Time O(n log n) for road networks; memory about 100 bytes a node. */
#ifndef PCT_ROAD_ORDER_H
#define PCT_ROAD_ORDER_H

#include "road/turns.h"

/* rank_node[r] is the node contracted as the r-th; `rank_node` has node_count entries. */
pct_status pct_order_nested_dissection(const pct_graph *graph, uint32_t *rank_node,
                                       pct_error *error) PCT_MUST_USE;
/* The same for the vertices of a turn-expanded graph, from an order of the network's segments. */
pct_status pct_order_turns(const pct_network *network, const pct_turns *turns, uint32_t *rank_vertex,
                           pct_error *error) PCT_MUST_USE;

#endif
