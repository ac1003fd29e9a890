/* Strongly connected parts of a graph, counting only arcs whose time is less than PCT_NO_WAY_MS (Tarjan, "Depth-first
 * search and linear graph algorithms", 1972, without recursion). O(nodes + arcs). */
#ifndef PCT_ROAD_PARTS_H
#define PCT_ROAD_PARTS_H

#include "road/graph.h"

typedef struct pct_parts {
    uint32_t count;
    uint32_t *of_node; /* [nodes] */
    uint32_t *size;    /* [count] nodes, in the order of `of_node`: the largest need not be first */
} pct_parts;

pct_status pct_parts_find(const pct_graph *graph, const uint32_t *arc_ms, pct_parts *out) PCT_MUST_USE;
void pct_parts_dispose(pct_parts *parts); /* accepts a zeroed one */

#endif
