/* Roads for a departure in another band than that of now: made when somebody asks, with what is closed now, for closures
 * and slow-downs hold in every band.
 *
 *     status = pct_band_roads_take(roads, profile, band, version, &held, error);   // version NULL: nothing closed
 *     … held->road …
 *     pct_band_roads_give(roads, held);                                            // every time
 *
 * A road is made by one customization of its profile (milliseconds in a city), under a lock that only those wait for who ask for another
 * band as well; the next who asks for the same band takes it as it is until a closure comes or goes. Memory: a basic metric each; at
 * most PCT_BAND_ROADS_KEPT are kept that nobody uses. */
#ifndef PCT_RESOURCE_BAND_ROADS_H
#define PCT_RESOURCE_BAND_ROADS_H

#include "resource/live_road.h"

enum { PCT_BAND_ROADS_KEPT = 2, PCT_NO_BAND = -1 };

typedef struct pct_band_roads pct_band_roads;

/* Read-only, and as it is for as long as it is held. */
typedef struct pct_held_road {
    pct_road *road;
    pct_profile profile;
    int band;
    int64_t number; /* of the version whose closures it has; 0: nothing is closed on it */
    unsigned users;
    uint64_t used; /* when last, counted in takes */
    struct pct_held_road *next;
} pct_held_road;

pct_status pct_band_roads_new(const pct_live_road *live, pct_band_roads **out, pct_error *error) PCT_MUST_USE;
/* Nobody may hold a road any more; accepts NULL. */
void pct_band_roads_free(pct_band_roads *roads);

/* Any thread. The band of an instant (PCT_NO_BAND: nothing is learnt of it for the profile, the site's table holds), and to and
 * from its description, NULL for none. O(1). */
int pct_band_roads_at(const pct_band_roads *roads, pct_profile profile, int64_t at_ms);
const pct_band *pct_band_roads_named(const pct_band_roads *roads, int band);
int pct_band_roads_index(const pct_band_roads *roads, const pct_band *band);
/* Any thread. `version` is held by the caller. PCT_NO_BAND is the site's table. */
pct_status pct_band_roads_take(pct_band_roads *roads, pct_profile profile, int band,
                               const pct_live_version *version, pct_held_road **out,
                               pct_error *error) PCT_MUST_USE;
void pct_band_roads_give(pct_band_roads *roads, pct_held_road *held);

#endif
