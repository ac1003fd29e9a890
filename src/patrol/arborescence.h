/* The cheapest set of arcs by which every node can be come to from node 0: a spanning arborescence of least cost. */
#ifndef PCT_PATROL_ARBORESCENCE_H
#define PCT_PATROL_ARBORESCENCE_H

#include "base/memory.h"

typedef struct pct_arborescence {
    int32_t count; /* nodes; contracted circles are sets numbered from count on */
    double *
        cost; /* [count squared] row: of a set the cheapest arc from each node into it, less what was taken off */
    int32_t *head; /* [count squared] the node of a contracted set that the arc leads to */
    int32_t *row, *parent, *arc_tail,
        *arc_head;              /* [2 count] of a set: its row, the set it is in, its chosen arc */
    int32_t *top, *next, *last; /* [count] the set a node is in; nodes of one set, from its first node on */
    int32_t *path;              /* [count] sets */
    double *weight;             /* [2 count] of the chosen arc */
    uint8_t *state;             /* [2 count] */
} pct_arborescence;

pct_status pct_arborescence_init(pct_arborescence *a, int32_t count, pct_arena *arena,
                                 pct_error *error) PCT_MUST_USE;

/* cost [count squared], row: head, column: tail; what is not there costs much. tail [count] of the arc into each node but 0. O(count²). */
double pct_arborescence_solve(pct_arborescence *a, const double *cost, int32_t *tail);

#endif
