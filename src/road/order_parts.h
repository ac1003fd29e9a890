/* Private to the order: its two steps. order.c calls them one after the other.
 *
 *   reduce    contracts what has at most three neighbours      order_reduce.c
 *   separate  a small separator of what is left, again and again order_separator.c
 *
 * Graphs are simple and undirected here, each edge in both its nodes' lists, in METIS's own types. */
#ifndef PCT_ROAD_ORDER_PARTS_H
#define PCT_ROAD_ORDER_PARTS_H

#include <metis.h>

#include "road/network.h"

typedef struct pct_dissect_graph {
    uint32_t node_count;
    idx_t *first;      /* [node_count + 1] */
    idx_t *neighbours; /* [first[node_count]] */
} pct_dissect_graph;

void pct_dissect_graph_dispose(pct_dissect_graph *graph);

/* Contracts nodes with up to three neighbours until none is left. `order` [node_count] takes their numbers,
 * *reduced_count of them, then those of the core's nodes; core node i is order[*reduced_count + i]. */
pct_status pct_dissect_reduce(const pct_dissect_graph *graph, uint32_t *order, uint32_t *reduced_count,
                              pct_dissect_graph *core) PCT_MUST_USE;

/* Which side of a separator a node is on. */
enum { PCT_DISSECT_NEAR, PCT_DISSECT_FAR, PCT_DISSECT_SEPARATOR };

/* Memory for separators of graphs with up to so many nodes. */
typedef struct pct_dissect_separation {
    idx_t *part, *other; /* [nodes] the best side of each node; what is tried */
    int32_t *onward, *back;
    uint32_t *stack, *next;
    uint8_t *flags;
} pct_dissect_separation;

pct_status pct_dissect_separation_init(pct_dissect_separation *s, uint32_t node_count) PCT_MUST_USE;
void pct_dissect_separation_dispose(pct_dissect_separation *s);
/* Fills s->part for a connected graph of two nodes or more. */
pct_status pct_dissect_separate(pct_dissect_separation *s, const pct_dissect_graph *graph) PCT_MUST_USE;
/* s->other becomes the smallest separator near the one it holds; false when that is no smaller and no better
 * balanced, and then nothing has changed. */
bool pct_dissect_improve(pct_dissect_separation *s, const pct_dissect_graph *graph);

#endif
