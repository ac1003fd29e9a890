/* What a climb through the hierarchy reads beside its arcs. Made from a hierarchy alone; all metrics over it share it.
 *
 * Above a rank lie mostly runs of consecutive ranks, for a separator is numbered in one piece. So the heads of a rank's arcs
 * are kept once more in *blocks*: a block is four ranks, aligned, and its word says which of them are heads. A machine with
 * vectors of 256 bits then takes up to four arcs at a time, both directions, and labels are always read as they
 * were written, in whole aligned blocks, which is what makes it fast: a read across two recent writes has to wait for both.
 *
 *     up(5) = {6, 7, 8, 11, 12}    words: block 1: 0011 (6, 7, lowest bit first: 0, 0, 1, 1), block 2: 1001, block 3: 1000 */
#ifndef PCT_ROAD_CLIMB_H
#define PCT_ROAD_CLIMB_H

#include "road/hierarchy.h"

enum { PCT_BLOCK = 4, PCT_BLOCK_SHIFT = 2, PCT_BLOCK_HEADS = 15 };

typedef struct pct_climb {
    uint32_t *parent; /* [nodes] in the elimination tree, PCT_NO_INDEX at a root */
    uint32_t *
        lowest; /* [nodes] the ranks of a subtree are lowest … rank; the rank itself where they are not in one piece */
    uint32_t *first_block; /* [nodes + 1] */
    uint32_t *blocks;      /* (head / 4) × 16 + one bit for each of the four */
    void *owned;
} pct_climb;

/* O(hierarchy arcs). */
pct_status pct_climb_new(const pct_hierarchy *hierarchy, pct_climb *out, pct_error *error) PCT_MUST_USE;
void pct_climb_dispose(pct_climb *climb);

#endif
