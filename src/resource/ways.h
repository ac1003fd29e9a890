/* Travel for the map and for whoever asks: routers over the road as it is now, one for each request under way.
 *
 *     status = pct_ways_sit(ways, profile, &seat, &error);          // a router over the newest road, and room for the answer
 *     status = pct_seat_depart(seat, at_ms, &error);      // if it is not about now: the band of that time
 *     … pct_router_table(seat->router, …) …
 *     pct_ways_rise(ways, seat);                            // every time
 *
 * A seat is kept for the next request with all the memory it has grown to, so that a request allocates nothing but its reply
 * once the seats are warm; there are as many as there were requests at once. Nobody who asks for advice waits for them. */
#ifndef PCT_RESOURCE_WAYS_H
#define PCT_RESOURCE_WAYS_H

#include "base/json.h"
#include "geo/polygon.h"
#include "resource/band_roads.h"
#include "road/route/alternatives.h"

typedef struct pct_ways pct_ways;

enum { PCT_WAYS_SNAP_MAX_M = 2000 };

/* Positions brought to roads: where, and how far from them they lie. */
typedef struct pct_placed {
    pct_vector points;      /* pct_road_point */
    pct_vector distances_m; /* double */
} pct_placed;

typedef struct pct_seat {
    pct_profile profile;
    pct_router *router;   /* over road */
    const pct_road *road; /* the version's, of the profile; for another band `held`'s, or `open` */
    const pct_live_version *version;
    const pct_band *band; /* whose learnt speeds road has; NULL: those of the site's table */
    pct_held_road *held;  /* of another band than that of now, or NULL */
    pct_band_roads *bands;
    const pct_road *open;           /* without closures: what positions are brought to */
    pct_alternatives *alternatives; /* profile response; else NULL */
    pct_journey journeys[PCT_ALTERNATIVES_MAX + 1];
    pct_placed sources, targets;
    pct_vector line, steps; /* pct_position; pct_step */
    uint32_t *times_ms;     /* [times_room] */
    size_t times_room;
    struct pct_seat *next; /* of those that are free */
} pct_seat;

pct_status pct_ways_new(pct_live_road *live, pct_ways **out, pct_error *error) PCT_MUST_USE;
/* Nobody may sit any more. */
void pct_ways_free(pct_ways *ways);

/* Any thread. PCT_NOT_FOUND when the site has no roads of that profile. */
pct_status pct_ways_sit(pct_ways *ways, pct_profile profile, pct_seat **out, pct_error *error) PCT_MUST_USE;
void pct_ways_rise(pct_ways *ways, pct_seat *seat);

/* From now on the roads of the band in which that instant lies, with what is closed now. */
pct_status pct_seat_depart(pct_seat *seat, int64_t at_ms, pct_error *error) PCT_MUST_USE;

/* Room for that many times, kept. */
pct_status pct_seat_times(pct_seat *seat, size_t count, uint32_t **out, pct_error *error) PCT_MUST_USE;
/* Appends the road point of a position; PCT_NOT_FOUND, with how far it is, beyond PCT_WAYS_SNAP_MAX_M. */
pct_status pct_seat_place(pct_seat *seat, pct_position position, pct_placed *placed,
                          pct_error *error) PCT_MUST_USE;
void pct_placed_clear(pct_placed *placed);
/* For a pair that cannot be reached: PCT_UNREACHABLE, and whether closures are the reason. */
pct_status pct_seat_unreachable(pct_seat *seat, pct_road_point from, pct_road_point to, pct_error *error);

/* Where a unit stands on the roads; brought there again only when it has moved. False far from any road. `index`:
 * pct_unit.index. Any thread. */
bool pct_ways_unit_point(pct_ways *ways, uint32_t index, pct_position position, pct_road_point *out);

/* Writes a GeoJSON Feature: the fastest way, with duration_s and distance_m. PCT_UNREACHABLE when a position is far from
 * any road or no way leads there. */
pct_status pct_ways_write_route(pct_ways *ways, pct_position from, pct_position to, const char *credit,
                                pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* Writes a GeoJSON FeatureCollection of one area: what is reached from there within so many minutes. */
pct_status pct_ways_write_isochrone(pct_ways *ways, pct_position from, int64_t minutes, const char *credit,
                                    pct_buffer *out, pct_error *error) PCT_MUST_USE;

#endif
