/* Where the triangles of a hierarchy close: what customization would otherwise search for again and again.
 *
 * A triangle of rank v is a pair a < b of its upper neighbours: v–a, v–b and the arc a–b, which is there because the hierarchy is chordal.
 * A *supernode* is a run of ranks of which each has the next, and what lies above the next, above it:
 *
 *     up(5) = {6, 7, 40, 52, 61}
 *     up(6) = {   7, 40, 52, 61}      ranks 5–7 are one supernode, {40, 52, 61} lies above all of it
 *     up(7) = {      40, 52, 61}
 *
 * Within it, v's arcs to b > a and a's arcs lie in the same order, one beside the other. For the ranks above it, the
 * places of 52, 61 in up(40) and of 61 in up(52) are noted once for all: that is what `place` holds.
 *
 * On roads about a quarter as many places as triangles; O(triangles) to make. */
#ifndef PCT_ROAD_TRIANGLES_H
#define PCT_ROAD_TRIANGLES_H

#include "road/hierarchy.h"

typedef struct pct_triangles {
    uint32_t supernode_count;
    uint32_t *first_rank;     /* [supernode_count + 1] */
    uint32_t *rank_supernode; /* [nodes] */
    uint32_t *
        lowest_rank; /* [nodes] the subtree of a rank is lowest_rank[rank] to rank; the rank alone when it is not in one stretch */
    uint32_t *first_place; /* [supernode_count] into place */
    uint16_t *place;       /* for each pair a < b above a supernode, by a, then b: the number of b in up(a) */
} pct_triangles;

pct_status pct_triangles_new(const pct_hierarchy *hierarchy, pct_triangles *out) PCT_MUST_USE;
void pct_triangles_dispose(pct_triangles *triangles);

#endif
