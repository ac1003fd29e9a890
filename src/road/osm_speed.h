/* Private to road/: posted limits and stated durations, in the spellings that OpenStreetMap has for them.
 *
 *   maxspeed   50 · 50 km/h · 50kmh · 30 mph · 10 knots      a number, km/h unless it says otherwise
 *              none                                           PCT_NO_LIMIT_KMH
 *              walk · CN:walk                                 7
 *              CN:urban · RU:rural · DE:motorway · GB:nsl_single · DE:zone30 · FR:zone:20   what the law there says
 *              50;30 · 50-70                                  the least: the sign at either end may hold
 *              50|70|70 (lanes)                               the most: a car may take that lane
 *              signals · variable                             nothing fixed: unknown
 *   duration   0:20 · 00:20:00 · 20 (minutes) · PT20M · P1DT2H
 *
 * Pure, O(length). */
#ifndef PCT_ROAD_OSM_SPEED_H
#define PCT_ROAD_OSM_SPEED_H

#include <stdbool.h>

#include "base/status.h"

/* Sets *kmh (0: unknown, PCT_NO_LIMIT_KMH: none holds); false when the text cannot be read. */
bool pct_osm_limit_of(pct_text value, uint8_t *kmh);
/* Of one value for each lane. */
bool pct_osm_limit_of_lanes(pct_text value, uint8_t *kmh);
/* Milliseconds, at least 1 and at most a week; false when the text is no such duration. */
bool pct_osm_duration_of(pct_text value, uint32_t *ms);

#endif
