/* The cheapest set of arcs by which every node can be come to from node 0: a spanning arborescence of least cost. */
#ifndef PCT_PATROL_ARBORESCENCE_H
#define PCT_PATROL_ARBORESCENCE_H

#include "base/memory.h"

enum { PCT_ARBORESCENCE_LEVELS_MAX = 256 };

typedef struct pct_arborescence {
    int32_t count;          /* nodes */
    double *cost[2];        /* [count squared] of contracted nodes: this level's and the next's; row: head */
    int32_t *arc[2];        /* [count squared] the original arc behind each: head × count + tail */
    int32_t *parent, *best; /* [LEVELS_MAX × count] a node's number one level up; the arc into it */
    int32_t *mark, *chosen; /* [count] */
} pct_arborescence;

pct_status pct_arborescence_init(pct_arborescence *a, int32_t count, pct_arena *arena,
                                 pct_error *error) PCT_MUST_USE;

/* cost [count squared], row: head, column: tail; what is not there costs much. tail [count] of the arc into each node but 0, or unset when *whole
 * is false: then circles within circles were too deep, and the cost given back is a bound from below of the least. */
double pct_arborescence_solve(pct_arborescence *a, const double *cost, int32_t *tail, bool *whole);

#endif
