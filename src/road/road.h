/* The immutable whole that routers share: network, hierarchy, metric, snap index. Made at import
 * (pct_road_build) or from an index file (road/index.h); router.h asks it questions. */
#ifndef PCT_ROAD_ROAD_H
#define PCT_ROAD_ROAD_H

#include "geo/tree.h"
#include "road/climb.h"
#include "road/crow.h"
#include "road/hierarchy.h"
#include "road/metric.h"
#include "road/profile.h"
#include "road/router.h"

struct pct_road {
    pct_network network;
    pct_graph graph; /* what the hierarchy was made from: the network's own nodes and arcs */
    pct_hierarchy hierarchy;
    pct_climb climb;
    pct_metric metric;
    pct_tree tree;                 /* over the boxes of the segments */
    void *tree_boxes, *tree_items; /* the tree's memory, NULL when it lies in a file */
    double max_speed_mps;
    pct_crow crow; /* of the open road: what is closed or slowed down is no faster */
    uint32_t component_count;
    uint32_t *component_size; /* [component_count] nodes */
    const pct_road
        *open;   /* with some of its segments closed (road/closed.h): all but the metric is this one's */
    bool shares; /* all but its metric is another road's (pct_road_with_times) */
    /* [arcs] with closures: how long a point's own segment takes, slowed or not, but never closed. NULL: as the metric has it */
    uint32_t *own_ms;
    void *file; /* the index file it lies in, NULL otherwise; owned by whoever mapped it */
};

/* Takes the parts over, whether it succeeds or not, and customizes the metric for these speeds. */
pct_status pct_road_new(pct_network *network, pct_hierarchy *hierarchy, pct_tree tree, void *tree_boxes,
                        void *tree_items, const pct_speeds *speeds, pct_road **out,
                        pct_error *error) PCT_MUST_USE;
/* Hierarchy and snap index from a network (taken over) and an order. */
pct_status pct_road_build(pct_network *network, const uint32_t *rank_node, const pct_speeds *speeds,
                          pct_road **out, pct_error *error) PCT_MUST_USE;
/* The same roads with other times [network arcs], nothing closed: shares all but the metric with `other`, which must outlive
 * it. max_speed_mps bounds what they allow. One customization. */
pct_status pct_road_with_times(const pct_road *other, const uint32_t *arc_ms, double max_speed_mps,
                               pct_road **out, pct_error *error) PCT_MUST_USE;
void pct_road_free(pct_road *road);

/* A segment that units can be sent to; see pct_road_snap. */
bool pct_road_segment_usable(const pct_road *road, uint32_t segment);

/* Where a search may start from, or end at, a road point: at most two nodes, each with the time of the piece of
 * segment between. A point at a segment's end is its node itself (and the other end, when all that leads from there is
 * closed). `toward` gives the times to the point instead
 * of from it. There is room for PCT_ROAD_ENDS_MAX. */
typedef struct pct_road_end {
    uint32_t node, ms;
} pct_road_end;
enum { PCT_ROAD_ENDS_MAX = 8 };
int pct_road_ends(const pct_road *road, pct_road_point point, bool toward,
                  pct_road_end ends[PCT_ROAD_ENDS_MAX]);
/* The time from one point to another along the segment that both lie on, PCT_UNREACHABLE_MS if there is none. */
uint32_t pct_road_along_ms(const pct_road *road, pct_road_point from, pct_road_point to);
/* The time of a piece of a segment, driven from one offset to another, slowed as it is, closed or not; PCT_NO_WAY_MS
 * against its direction. */
uint32_t pct_road_piece_ms(const pct_road *road, uint32_t segment, uint32_t from_mm, uint32_t to_mm);

#endif
