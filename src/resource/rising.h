/* Where and when calls rise at a site: the record's calls for service by the areas of its rights, compared by
 * demand/rising.h. Arrests, stops and what a patrol found by itself never come in: nothing here could read them. */
#ifndef PCT_RESOURCE_RISING_H
#define PCT_RESOURCE_RISING_H

#include "demand/rising.h"
#include "site/beats.h"
#include "store/store.h"

/* The site with its road open; areas are numbered as in `beats`, and what lies in none, or on a road that the map no longer
 * has, is counted in *elsewhere. O(calls of the year × areas). */
pct_status pct_rising_of_site(const pct_site *site, const pct_beats *beats, pct_store *reader, int64_t day,
                              pct_rising *out, int64_t *elsewhere, pct_error *error) PCT_MUST_USE;

#endif
