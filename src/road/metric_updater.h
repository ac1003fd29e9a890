/* The scratch memory behind pct_metric_updater; for metric.c and its parts alone. */
#ifndef PCT_ROAD_METRIC_UPDATER_H
#define PCT_ROAD_METRIC_UPDATER_H

#include "road/metric.h"

struct pct_metric_updater {
    uint32_t *arc_to;          /* [nodes] by head: the arc of the rank under way */
    uint32_t (*perfect_ms)[2]; /* [hierarchy arcs] */
};

#endif
