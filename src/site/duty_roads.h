/* The roads that a duty plan of a site is made on: profile patrol, in each of the site's bands that lie in its hours.
 *
 *     status = pct_site_duty_roads_open(&site, from_ms, to_ms, &roads, error);
 *     status = pct_duty_make(&duty, &roads->roads, …);
 *     pct_site_duty_roads_free(roads); */
#ifndef PCT_SITE_DUTY_ROADS_H
#define PCT_SITE_DUTY_ROADS_H

#include "patrol/lowered.h"
#include "site/bands.h"

enum { PCT_SITE_DUTY_BANDS_MAX = 64 };

typedef struct pct_site_duty_roads {
    pct_duty_roads roads;
    const pct_road *bands[PCT_SITE_DUTY_BANDS_MAX];
    int64_t from_ms[PCT_SITE_DUTY_BANDS_MAX];
    pct_road *made[PCT_BANDS_MAX]; /* of bands of which something is learnt */
} pct_site_duty_roads;

/* The site's road must be open; its patrol road is used when it is. Nothing learnt of any band: one band. One customization for each
 * band that is. */
pct_status pct_site_duty_roads_open(const pct_site *site, int64_t from_ms, int64_t to_ms,
                                    pct_site_duty_roads **out, pct_error *error) PCT_MUST_USE;
void pct_site_duty_roads_free(pct_site_duty_roads *roads);

#endif
