/* Private to road/: conditional tags of OpenStreetMap (access:conditional, maxspeed:conditional, …).
 *
 *     no @ (Mo-Fr 07:00-09:00,17:00-19:00; Sa 10:00-12:00); destination @ (weight<3.5)
 *     └┬┘   └──────────────── condition ──────────────────┘  └───── the next clause ────┘
 *    value
 *
 * One network serves all hours, so that each clause is judged once: it holds always, never, or at certain times. Hours
 * of the week are understood (days, times over midnight, 24/7, off), and so are the measures of a car and the classes of
 * vehicles that it does not belong to. What depends on anything else (seasons, holidays, weather, the sun, who one is)
 * holds at certain times, of unknown length. Pure, O(length), nothing is allocated. */
#ifndef PCT_ROAD_OSM_CONDITION_H
#define PCT_ROAD_OSM_CONDITION_H

#include <stdbool.h>

#include "base/status.h"

typedef enum pct_osm_when { PCT_OSM_NEVER, PCT_OSM_SOMETIMES, PCT_OSM_ALWAYS } pct_osm_when;

typedef struct pct_osm_clause {
    pct_text value; /* borrowed */
    pct_osm_when when;
    bool mostly; /* it holds for more than half of the week's hours */
} pct_osm_clause;

/* Takes the next clause off *rest; false when it is used up. A clause that has no '@' holds at certain times. */
bool pct_osm_clause_next(pct_text *rest, pct_osm_clause *out);

#endif
