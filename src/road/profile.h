/* Profiles: who drives, how fast. Profile *response* is an emergency unit: it obeys one-way streets, may use
 * what is reserved for emergency vehicles, and drives each class of road at the speed of a table that users edit
 * (definitions/speeds.csv: class,response_kmh). */
#ifndef PCT_ROAD_PROFILE_H
#define PCT_ROAD_PROFILE_H

#include "road/network.h"

typedef struct pct_speeds {
    double kmh[PCT_ROAD_CLASS_COUNT]; /* each in [1, 300] */
} pct_speeds;

pct_speeds pct_speeds_uniform(double kmh);
/* Every class must have one row. */
pct_status pct_speeds_read(const char *file, pct_text bytes, pct_speeds *out, pct_error *error) PCT_MUST_USE;
double pct_speeds_max_mps(const pct_speeds *speeds);

/* A response unit may drive this arc. */
bool pct_response_may_drive(const pct_network *network, uint32_t arc);
/* Milliseconds to drive each arc, PCT_NO_WAY_MS where a response unit may not; at least 1. O(arcs). */
#define PCT_NO_WAY_MS 0x3FFFFFFFU /* twice this still fits 32 bits: sums of two need no overflow check */
void pct_response_arc_times(const pct_network *network, const pct_speeds *speeds, uint32_t *arc_ms);

#endif
