/* The order in which a hierarchy contracts the nodes: nested dissection of the undirected road graph by METIS.
 *
 * METIS may end the process and draws from the C library's rand(): callers who must not die run this in a child
 * process (the command line does). The same network gives the same order. */
#ifndef PCT_ROAD_ORDER_H
#define PCT_ROAD_ORDER_H

#include "road/network.h"

/* rank_node[r] is the node contracted as the r-th; `rank_node` has node_count entries. */
pct_status pct_order_nested_dissection(const pct_network *network, uint32_t *rank_node,
                                       pct_error *error) PCT_MUST_USE;

#endif
