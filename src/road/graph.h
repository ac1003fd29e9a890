/* A directed graph and nothing else: what orders, hierarchies and metrics are made from, whatever its vertices are.
 *
 *   profile response   vertex = node of the network, arc = arc of the network
 *   profile patrol     vertex = arc of the network, arc = a turn that may be taken
 *
 * Vertices are called nodes here. Arcs lie by their tail (CSR); loops and parallel arcs are allowed. */
#ifndef PCT_ROAD_GRAPH_H
#define PCT_ROAD_GRAPH_H

#include "road/network.h"

typedef struct pct_graph {
    uint32_t node_count, arc_count;
    const uint32_t *first_arc; /* [node_count + 1] */
    const uint32_t *arc_head;  /* [arc_count] */
} pct_graph;

/* Borrows the network's own arrays. */
static inline pct_graph pct_network_graph(const pct_network *network) {
    return (pct_graph){network->node_count, network->arc_count, network->first_arc, network->arc_head};
}

#endif
