/* Private to road/: what stands on a node of OpenStreetMap, and who may drive through it.
 *
 *   barrier                                         nothing said              a car may pass (yes, destination, …)
 *   entrance, kerb, cattle_grid, height_restrictor  no barrier                no barrier
 *   toll_booth, border_control, sally_port,
 *   gate, swing_gate, sliding_gate, lift_gate       everybody passes          everybody passes
 *   chain, rope, bollard that sinks or comes off,
 *   what is not known                               response units open it    everybody passes
 *   bollard, cycle_barrier, block, stile, wall …    nobody drives through     everybody passes
 *
 * Access that is private, for customers, by permit or motor_vehicle=no leaves what can be opened to response units;
 * access=no closes it to them too, unless emergency=yes (as it does a road, osm_rights.h). Signals and the barrier's kind
 * are marks of the node. Pure, O(tags). */
#ifndef PCT_ROAD_OSM_BARRIER_H
#define PCT_ROAD_OSM_BARRIER_H

#include "osm/pbf.h"
#include "road/network.h"

typedef struct pct_osm_mark {
    uint8_t marks;       /* PCT_NODE_… */
    bool bars_everybody; /* no car drives through */
    bool unknown;        /* a barrier of a kind that is not in the table */
} pct_osm_mark;

pct_osm_mark pct_osm_mark_of(pct_osm_tags tags);

#endif
