/* Profiles: who drives, how fast, and what junctions and barriers cost. Tables that users edit say it.
 *
 *   response   an emergency unit: may use what is reserved for emergency vehicles, drives against small one-way streets at a
 *              walking pace, opens barriers, ignores turn bans
 *   patrol     general traffic: obeys every right of way, posted limit and turn restriction, and turning takes time
 *
 *   definitions/speeds.csv     class,response_kmh[,patrol_kmh[,contraflow_kmh[,over_limit]]]
 *   definitions/turns.csv      turn,priority_s,yield_s,signals_s
 *   definitions/barriers.csv   barrier,response_s,patrol_s */
#ifndef PCT_ROAD_PROFILE_H
#define PCT_ROAD_PROFILE_H

#include "road/turn_kinds.h"

#define PCT_NO_WAY_MS 0x3FFFFFFFU /* twice this still fits 32 bits: sums of two need no overflow check */

#define PCT_PROFILES(X)                                                                                      \
    X(RESPONSE, "response")                                                                                  \
    X(PATROL, "patrol")

typedef enum pct_profile {
#define X(name, text) PCT_PROFILE_##name,
    PCT_PROFILES(X)
#undef X
        PCT_PROFILE_COUNT
} pct_profile;

const char *pct_profile_name(pct_profile profile);
/* PCT_PROFILE_COUNT when there is no such profile. */
pct_profile pct_profile_of(pct_text name);

/* What passing a node costs. PCT_NO_WAY_MS: it cannot be done. */
typedef struct pct_passing_costs {
    uint32_t turn_ms[PCT_TURN_KINDS];                          /* profile patrol */
    uint32_t barrier_ms[PCT_PROFILE_COUNT][PCT_BARRIER_COUNT]; /* by what stands at the node */
} pct_passing_costs;

typedef struct pct_speeds {
    double kmh[PCT_ROAD_CLASS_COUNT];            /* profile response, each in [1, 300] */
    double patrol_kmh[PCT_ROAD_CLASS_COUNT];     /* each in [1, 300]; a posted limit below holds instead */
    double contraflow_kmh[PCT_ROAD_CLASS_COUNT]; /* response units against a one-way street; 0: never */
    double over_limit
        [PCT_ROAD_CLASS_COUNT]; /* response units drive at most so many times a posted limit; 0: any */
    pct_passing_costs costs;
} pct_speeds;

/* One speed for both profiles, nothing against one-ways, and junctions cost nothing. */
pct_speeds pct_speeds_uniform(double kmh);
/* Every class must have one row. Without a column patrol_kmh patrols drive as fast as response units; without
 * contraflow_kmh, or where it is empty, nobody drives against one-ways; without over_limit posted limits do not bind response units. Costs
 * are zero. */
pct_status pct_speeds_read(const char *file, pct_text bytes, pct_speeds *out, pct_error *error) PCT_MUST_USE;
/* The costs beside the speeds. Every turn, and every kind of barrier, must have one row; "no" closes the way. */
pct_status pct_turn_costs_read(const char *file, pct_text bytes, pct_speeds *speeds,
                               pct_error *error) PCT_MUST_USE;
pct_status pct_barrier_costs_read(const char *file, pct_text bytes, pct_speeds *speeds,
                                  pct_error *error) PCT_MUST_USE;
double pct_speeds_max_mps(const pct_speeds *speeds); /* of response units */
double pct_speeds_patrol_max_mps(const pct_speeds *speeds);

/* A response unit may drive this arc. */
bool pct_response_may_drive(const pct_network *network, uint32_t arc);
/* Milliseconds to drive each arc, PCT_NO_WAY_MS where a response unit may not; at least 1. O(arcs). */
void pct_response_arc_times(const pct_network *network, const pct_speeds *speeds, uint32_t *arc_ms);
/* The same for a patrol. */
void pct_patrol_arc_times(const pct_network *network, const pct_speeds *speeds, uint32_t *arc_ms);

#endif
