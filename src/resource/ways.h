/* Lines and areas of travel for the map: a route, an isochrone. One request at a time, on a router of its own, so that
 * nobody who asks for advice waits for it. */
#ifndef PCT_RESOURCE_WAYS_H
#define PCT_RESOURCE_WAYS_H

#include "base/json.h"
#include "geo/polygon.h"
#include "resource/live_road.h"

typedef struct pct_ways pct_ways;

pct_status pct_ways_new(pct_live_road *live, pct_ways **out, pct_error *error) PCT_MUST_USE;
void pct_ways_free(pct_ways *ways);

/* Writes a GeoJSON Feature: the fastest way, with duration_s and distance_m. PCT_UNREACHABLE when a position is far from
 * any road or no way leads there. */
pct_status pct_ways_write_route(pct_ways *ways, pct_position from, pct_position to, const char *credit,
                                pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* Writes a GeoJSON FeatureCollection of one area: what is reached from there within so many minutes. */
pct_status pct_ways_write_isochrone(pct_ways *ways, pct_position from, int64_t minutes, const char *credit,
                                    pct_buffer *out, pct_error *error) PCT_MUST_USE;

#endif
