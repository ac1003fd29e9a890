/* Rings out of the pieces that a multipolygon relation is made of. */
#ifndef PCT_TILES_RINGS_H
#define PCT_TILES_RINGS_H

#include <stdbool.h>

#include "base/vector.h"
#include "geo/position.h"

/* A piece: the way's nodes, by number; positions stand under these numbers. */
typedef struct pct_way_piece {
    const uint32_t *refs;
    uint32_t count;
} pct_way_piece;

/* A ring found: `count` positions at `at`, without closing point; `depth` of nesting (even: an outline), and for a hole
 * the number of the ring it lies in, else its own. */
typedef struct pct_found_ring {
    uint32_t at, count, depth, outline;
    pct_box box;
} pct_found_ring;

typedef struct pct_ring_finder {
    pct_vector points /* pct_position */, rings /* pct_found_ring */;
    pct_vector refs /* uint32_t: node numbers beside the points */, used /* bool per piece */;
    uint32_t open; /* chains that did not close and were left out */
} pct_ring_finder;

pct_ring_finder pct_ring_finder_init(void);
void pct_ring_finder_dispose(pct_ring_finder *finder);
/* Joins pieces end to end into rings (points, rings and open are those of this call) and finds which ring lies in which.
 * Roles are not asked: sources often have them wrong, and what lies in what does not depend on them. */
pct_status pct_ring_finder_run(pct_ring_finder *finder, const pct_way_piece *pieces, size_t count,
                               const pct_position *positions, pct_error *error) PCT_MUST_USE;

#endif
