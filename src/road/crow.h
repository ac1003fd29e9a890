/* Travel times bounded from below by straight ways. Distances are measured on one plane for the whole network: on a plane no way
 * round is shorter than the straight one, whatever the plane does to the earth; so the fastest pace of any arc, measured
 * straight from end to end there, bounds every route, without tolerances. */
#ifndef PCT_ROAD_CROW_H
#define PCT_ROAD_CROW_H

#include "road/network.h"

typedef struct pct_crow {
    pct_plane plane;
    double ms_per_m;
} pct_crow;

/* `arc_ms` [network arcs]. O(arcs). Holds for all times that are not less. */
pct_crow pct_crow_of(const pct_network *network, const uint32_t *arc_ms);

#endif
