/* Two maps of the same place: which ways came, went, or are otherwise.
 *
 * A way is known by its id in the source. It has changed when anything that the road engine uses of it has: its nodes,
 * lengths, class, rights, limits or names. O(n log n) for n segments. */
#ifndef PCT_ROAD_COMPARE_H
#define PCT_ROAD_COMPARE_H

#include "road/import.h"

enum { PCT_WAYS_ADDED, PCT_WAYS_REMOVED, PCT_WAYS_CHANGED, PCT_WAYS_SAME, PCT_WAYS_KINDS };

typedef struct pct_network_difference {
    int64_t ways[PCT_WAYS_KINDS];
    int64_t kept, gone, new; /* segments, known by their way and two nodes, whatever else changed of them */
    struct {
        int64_t ids[PCT_IMPORT_EXAMPLES]; /* the least, ascending */
        size_t count;
    } examples[PCT_WAYS_SAME]; /* of what is added, removed, changed */
} pct_network_difference;

pct_status pct_network_compare(const pct_network *before, const pct_network *after,
                               pct_network_difference *out, pct_error *error) PCT_MUST_USE;

#endif
