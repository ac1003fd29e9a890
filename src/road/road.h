/* The immutable whole that routers share: network, topology (graph and hierarchy), metric, snap index, for one profile. Made at
 * import (pct_road_build, pct_road_build_patrol) or from an index file (road/index.h); router.h asks it questions.
 *
 * The road of profile patrol shares network and snap index with that of response, which must outlive it:
 *
 *     response   graph = nodes and arcs of the network       a graph arc's time = opening a barrier at its begin + driving it
 *     patrol     graph = the turns between arcs (turns.h)    a graph arc's time = the turn + driving the arc turned into */
#ifndef PCT_ROAD_ROAD_H
#define PCT_ROAD_ROAD_H

#include "geo/tree.h"
#include "road/climb.h"
#include "road/crow.h"
#include "road/dots.h"
#include "road/hierarchy.h"
#include "road/metric.h"
#include "road/profile.h"
#include "road/router.h"
#include "road/turns.h"

struct pct_road {
    pct_profile profile;
    pct_network network;
    pct_turns turns; /* profile patrol; else zeroed */
    pct_graph graph; /* what the hierarchy was made from */
    pct_hierarchy hierarchy;
    pct_climb climb;
    pct_metric metric;
    pct_tree tree;                 /* over the boxes of the segments */
    void *tree_boxes, *tree_items; /* the tree's memory, NULL when it lies in a file */
    pct_dots dots;                 /* of the segments */
    double max_speed_mps;
    pct_crow crow; /* of the open road: what is closed or slowed down is no faster */
    pct_passing_costs costs;
    uint32_t
        *drive_ms; /* profile patrol: [network arcs] driving each as things are, closed ones PCT_NO_WAY_MS */
    bool *usable;  /* profile patrol: [segments]; else the parts below tell */
    uint32_t component_count;
    uint32_t *component_size; /* [component_count] nodes */
    const pct_road
        *open;   /* with some of its segments closed (road/closed.h): all but the metric is this one's */
    bool shares; /* all but its metric is another road's (pct_road_with_times) */
    /* [network arcs] with closures: driving a point's own segment, slowed or not, but never closed. NULL: nothing is */
    uint32_t *own_ms;
    void *file; /* the index file it lies in, NULL otherwise; owned by whoever mapped it */
};

/* Takes the parts over, whether it succeeds or not, and customizes the metric for these speeds. */
pct_status pct_road_new(pct_network *network, pct_hierarchy *hierarchy, pct_tree tree, void *tree_boxes,
                        void *tree_items, pct_dots *dots, const pct_speeds *speeds, pct_road **out,
                        pct_error *error) PCT_MUST_USE;
/* Hierarchy and snap index from a network (taken over) and an order. */
pct_status pct_road_build(pct_network *network, const uint32_t *rank_node, const pct_speeds *speeds,
                          pct_road **out, pct_error *error) PCT_MUST_USE;
/* The patrol road beside a response road: turns and hierarchy are taken over whether it succeeds or not. */
pct_status pct_road_new_patrol(const pct_road *response, pct_turns *turns, pct_hierarchy *hierarchy,
                               const pct_speeds *speeds, pct_road **out, pct_error *error) PCT_MUST_USE;
/* The hierarchy of turns (taken over) in an order of their vertices (pct_order_turns). */
pct_status pct_road_build_patrol(const pct_road *response, pct_turns *turns, const uint32_t *rank_vertex,
                                 const pct_speeds *speeds, pct_road **out, pct_error *error) PCT_MUST_USE;
/* The same roads with other times to drive each arc of the network, nothing closed: shares all but the metric with `other`, which must outlive
 * it. max_speed_mps bounds what they allow. One customization. */
pct_status pct_road_with_times(const pct_road *other, const uint32_t *arc_ms, double max_speed_mps,
                               pct_road **out, pct_error *error) PCT_MUST_USE;
/* Customizes the metric of a road that is being made, for these times; what it had is not freed. */
pct_status pct_road_set_times(pct_road *road, const uint32_t *drive_ms, pct_error *error) PCT_MUST_USE;
void pct_road_free(pct_road *road);

/* A segment that units can be sent to; see pct_road_snap. */
bool pct_road_segment_usable(const pct_road *road, uint32_t segment);

/* Where a search may start from, or end at, a road point: vertices of the road's graph, each with the time between and
 * the piece of the point's own segment that this drives (from_mm = to_mm: none). `toward` gives the times to the point
 * instead of from it. road/ends.c tells which these are; there are never more than PCT_ROAD_ENDS_MAX.
 * A point at a segment's end is its node itself, and its own segment beside when all that leads from there is closed. */
enum { PCT_ROAD_ARRIVALS_MAX = PCT_TURNS_AT_NODE_MAX, PCT_ROAD_ENDS_MAX = 2 * PCT_ROAD_ARRIVALS_MAX };
typedef struct pct_road_end {
    uint32_t node, ms; /* of the graph */
    uint32_t segment, from_mm, to_mm;
} pct_road_end;
int pct_road_ends(const pct_road *road, pct_road_point point, bool toward,
                  pct_road_end ends[PCT_ROAD_ENDS_MAX]);
/* The time straight from one point to another without passing a vertex, along the segment that both lie on,
 * PCT_UNREACHABLE_MS if there is none; *piece is what it drives. */
uint32_t pct_road_direct(const pct_road *road, pct_road_point from, pct_road_point to, pct_road_end *piece);
uint32_t pct_road_along_ms(const pct_road *road, pct_road_point from, pct_road_point to);
/* The time of a piece of a segment, driven from one offset to another, slowed as it is, closed or not; PCT_NO_WAY_MS against its
 * direction. */
uint32_t pct_road_piece_ms(const pct_road *road, uint32_t segment, uint32_t from_mm, uint32_t to_mm);

/* --- graph and network ------------------------------------------------------------------------------------------ */

/* The network's arc of a segment in one direction, PCT_NO_INDEX when nobody may drive it. */
uint32_t pct_road_arc_of(const pct_network *network, uint32_t segment, bool backward);
/* The network's arc that a graph arc drives, from its begin to its end. */
uint32_t pct_road_network_arc(const pct_road *road, uint32_t graph_arc);
/* All graph arcs that drive a segment in one direction: their times change with it. At most PCT_ROAD_ARRIVALS_MAX. */
size_t pct_road_graph_arcs(const pct_road *road, uint32_t segment, bool backward,
                           uint32_t graph_arcs[PCT_ROAD_ARRIVALS_MAX]);
/* What a graph arc takes beside driving: the turn, opening a barrier. PCT_NO_WAY_MS when that cannot be done. */
uint32_t pct_road_entry_ms(const pct_road *road, uint32_t graph_arc);
/* Driving a network arc alone, as things are. */
uint32_t pct_road_drive_ms(const pct_road *road, uint32_t network_arc);
/* A graph arc's time for this time to drive its network arc. */
uint32_t pct_road_graph_ms(const pct_road *road, uint32_t graph_arc, uint32_t drive_ms);
/* graph_ms [graph arcs] for these times to drive [network arcs]. */
void pct_road_graph_times(const pct_road *road, const uint32_t *drive_ms, uint32_t *graph_ms);

#endif
