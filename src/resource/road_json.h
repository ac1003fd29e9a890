/* What the answers of the road have in common. */
#ifndef PCT_RESOURCE_ROAD_JSON_H
#define PCT_RESOURCE_ROAD_JSON_H

#include "resource/exchange.h"
#include "resource/ways.h"

/* A seat over the roads of the profile that a request names, in the band of its departure (`at`, without it now); `profile` without
 * characters is response. 409 when the site has none. */
pct_status pct_road_sit(pct_exchange *exchange, pct_text profile, pct_seat **out,
                        pct_error *error) PCT_MUST_USE;
/* Brings a position of a request to a road; a position that is too far becomes a 422 that names the field. */
pct_status pct_road_place_one(pct_exchange *exchange, pct_seat *seat, const char *field,
                              pct_position position, pct_placed *placed, pct_error *error) PCT_MUST_USE;
/* The same for a member of the body that is a list of positions. */
pct_status pct_road_place_all(pct_exchange *exchange, pct_seat *seat, const char *field, pct_placed *placed,
                              pct_error *error) PCT_MUST_USE;
/* The band whose learnt speeds the answer has, null when it has the site's table. */
void pct_road_write_band(pct_json_writer *json, const pct_seat *seat);
/* The map's attribution, null when it has none. */
void pct_road_write_credit(const pct_exchange *exchange, pct_json_writer *json);
/* A list of how far positions lay from their roads, in metres. */
void pct_road_write_distances(pct_json_writer *json, const char *key, const pct_placed *placed);

static inline const pct_road_point *pct_placed_points(const pct_placed *placed) {
    return placed->points.items;
}

#endif
