/* What closures cut off: the roads that no unit from the main part of the network reaches any more.
 *
 * The main part is the largest set of junctions that all reach each other (of those that do without closures). A segment is reached
 * when a unit can drive into it from one of its ends, closed or not, as pct_road_close has it; so a closed road between two reached
 * junctions is closed and not cut off, and the way out of a dead end takes the dead end with it. */
#ifndef PCT_ROAD_CUT_OFF_H
#define PCT_ROAD_CUT_OFF_H

#include "road/closed.h"

typedef struct pct_cut_off {
    uint32_t segments;  /* reached before and not after */
    uint32_t junctions; /* ends of those, reached before and not after */
    uint32_t beyond;    /* of the segments: not closed themselves by what comes */
} pct_cut_off;

/* `open`: the road without closures, profile response. `before`: what is closed already; `coming`: what is closed beside. Pushes the
 * segments (uint32_t) that are cut off in ascending order. Slowed segments cut nothing off. O(nodes + arcs): some
 * milliseconds for a city. */
pct_status pct_cut_off_find(const pct_road *open, const pct_closed_segment *before, size_t before_count,
                            const pct_closed_segment *coming, size_t coming_count, pct_vector *segments,
                            pct_cut_off *out, pct_error *error) PCT_MUST_USE;

#endif
