/* The metric half of the hierarchy: how long each hierarchy arc takes in each direction, for one profile.
 *
 *     status = pct_metric_new(network, hierarchy, arc_ms, &metric, error);   // customizes: O(triangles)
 *     pct_metric_unpack(…)                                                    // hierarchy arc → network arcs
 *
 * Basic customization (Dibbelt et al. 2016, §5): an arc takes what its road takes or what the best lower
 * triangle takes, whichever is less. Times are whole milliseconds, so sums are exact and ties are ties. */
#ifndef PCT_ROAD_METRIC_H
#define PCT_ROAD_METRIC_H

#include "road/hierarchy.h"

typedef struct pct_metric {
    uint32_t *up_ms;     /* [hierarchy arcs] low → high, PCT_NO_WAY_MS when there is no way */
    uint32_t *down_ms;   /* [hierarchy arcs] high → low */
    uint32_t *up_road;   /* [hierarchy arcs] the fastest network arc low → high, PCT_NO_INDEX without one */
    uint32_t *down_road; /* [hierarchy arcs] */
    uint32_t *arc_ms;    /* [network arcs] as given */
    uint32_t *block;
} pct_metric;

/* `arc_ms` [network arcs] is copied. */
pct_status pct_metric_new(const pct_network *network, const pct_hierarchy *hierarchy, const uint32_t *arc_ms,
                          pct_metric *out, pct_error *error) PCT_MUST_USE;
void pct_metric_dispose(pct_metric *metric);
/* Computes the metric anew from changed arc_ms; allocates nothing but `scratch` [nodes]. */
void pct_metric_customize(const pct_network *network, const pct_hierarchy *hierarchy, pct_metric *metric,
                          uint32_t *scratch);

#endif
