/* Private to road/: turn restrictions of OpenStreetMap, from relations to segments.
 *
 * Relations are collected while ways are read and resolved when all segments are known:
 *
 *     from way ──…──►o via node           from way ──…──►o══ via way(s) ══►o──…──► to way
 *                    │                                  entry             exit
 *                    ▼ to way
 *
 * The from segment is the one of its way that is driven towards the via node or the entry, the to segment the
 * one that is driven away from the via node or the exit; a relation for which there is none, or more than one,
 * is counted as dropped. They are added by ascending id. no_entry and no_exit give one restriction for each pair. */
#ifndef PCT_ROAD_OSM_TURNS_H
#define PCT_ROAD_OSM_TURNS_H

#include "base/map.h"
#include "base/vector.h"
#include "osm/pbf.h"
#include "road/import.h"

/* What turns need to know of the roads. */
typedef struct pct_osm_stretch { /* a segment */
    uint32_t tail, head;         /* nodes of the network */
    uint8_t flags;               /* PCT_SEGMENT_… */
} pct_osm_stretch;

typedef struct pct_osm_way_span { /* the segments of a way, along it */
    uint32_t first, count;
} pct_osm_way_span;

typedef struct pct_osm_roads {
    const pct_map *ways;           /* way id → number of its span */
    const pct_osm_way_span *spans; /* by that number */
    const pct_osm_stretch *stretches;
    void *context;                                       /* of node_of */
    uint32_t (*node_of)(void *context, int64_t node_id); /* PCT_NO_INDEX: not a node of the network */
} pct_osm_roads;

typedef struct pct_osm_turns {
    pct_vector turns, members;
    pct_map seen; /* relation ids */
} pct_osm_turns;

pct_osm_turns pct_osm_turns_init(void);
void pct_osm_turns_dispose(pct_osm_turns *turns);
/* Keeps a relation if it is a turn restriction for motor cars. */
pct_status pct_osm_turns_collect(pct_osm_turns *turns, const pct_osm_relation *relation,
                                 pct_import_report *report, pct_error *error) PCT_MUST_USE;
pct_status pct_osm_turns_resolve(pct_osm_turns *turns, const pct_osm_roads *roads,
                                 pct_network_builder *builder, pct_import_report *report,
                                 pct_error *error) PCT_MUST_USE;

#endif
