/* Dots along the segments, for whoever draws what is reached: from tail to head, without the nodes at either end, so that two neighbours are
 * never further apart than PCT_DOTS_GAP_M and the line between them leaves the segment by no more than PCT_DOTS_OFF_M.
 *
 *     tail o·····•·····•·····•··o head        three dots
 *
 * Made once with the road and kept in its index, in the order in which the hierarchy comes upon the segments: what is reached
 * together lies together, wherever the map's file had it. */
#ifndef PCT_ROAD_DOTS_H
#define PCT_ROAD_DOTS_H

#include "road/hierarchy.h"

#define PCT_DOTS_GAP_M 30.0
#define PCT_DOTS_OFF_M 2.0
/* So many may be read from any run, however long it is: behind the last one lie as many that are nobody's. */
enum { PCT_DOTS_SPARE = 8 };

typedef struct pct_dot_run {
    uint32_t at, count;
} pct_dot_run;

typedef struct pct_dots {
    uint32_t count;             /* the spare ones too */
    const pct_dot_run *runs;    /* [segments] */
    const pct_position *points; /* [count] */
    void *owned;                /* NULL when they lie in a file */
} pct_dots;

/* O(shape points + dots). */
pct_status pct_dots_new(const pct_network *network, const pct_hierarchy *hierarchy, pct_dots *out,
                        pct_error *error) PCT_MUST_USE;
void pct_dots_dispose(pct_dots *dots);

#endif
