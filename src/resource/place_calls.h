/* Did a directed order help, or patrols of a street: a site's calls for service by place (demand/spots.h). What comes in is what somebody
 * called in, by its coarse road, as in area_calls.h; arrests, stops and checks could not: no table holds any. */
#ifndef PCT_RESOURCE_PLACE_CALLS_H
#define PCT_RESOURCE_PLACE_CALLS_H

#include "base/json.h"
#include "base/vector.h"
#include "demand/spots.h"
#include "patrol/life.h"
#include "site/site.h"
#include "store/store.h"

enum {
    PCT_PLACE_WITHIN_M = 150,       /* of an order's place */
    PCT_PLACE_STREET_WITHIN_M = 50, /* of the middles and ends of a street's segments */
    PCT_PLACE_WITHIN_MOST_M = 1000,
    PCT_PLACE_ORDERS_MOST = 10000
};

typedef struct pct_place_asked {
    pct_position at;         /* where no street is asked about */
    const pct_text *streets; /* names as the map has them; together one place */
    size_t street_count;
    int64_t from_ms, until_ms;      /* of the patrols */
    int32_t from_minute, to_minute; /* of a day, as of a directed order: up to 48:00 */
    double within_m;
    pct_vector patrolled; /* of pct_position: other orders in these days; whoever asks disposes of it */
} pct_place_asked;

typedef struct pct_place_told {
    pct_helped_periods_days days;
    pct_spots_told spots;
} pct_place_told;

/* What to ask about an order: its place, hours and days, and where others were in force meanwhile. PCT_REFUSED while it is in force. */
pct_status pct_place_of_order(const pct_life *life, const pct_life_directed *order, const pct_zone *zone,
                              int64_t now_ms, pct_place_asked *out, pct_error *error) PCT_MUST_USE;
/* The site with its road open. PCT_NOT_FOUND: the map has no street of that name. O(calls of the periods × places near them). */
pct_status pct_place_judge(const pct_site *site, pct_store *reader, const pct_place_asked *asked,
                           pct_place_told *out, pct_error *error) PCT_MUST_USE;
/* Members of an object: days, `within_m`, `like`, `patrolled`, `neighbours`. Of fewer than PCT_HELPED_CALLS calls in both periods together no
 * number is told. */
void pct_place_write(pct_json_writer *json, const pct_place_asked *asked, const pct_place_told *told);

#endif
