/* A site's calls for service and its units' time by area, for the sheets of demand/rising.h, helped.h and beside.h. What comes in: what somebody
 * called in (store/history.h), by its coarse road; where units on duty were, all together. Arrests, stops and checks could not come in:
 * no table holds any. */
#ifndef PCT_RESOURCE_AREA_CALLS_H
#define PCT_RESOURCE_AREA_CALLS_H

#include "demand/beside.h"
#include "demand/helped.h"
#include "demand/rising.h"
#include "site/beats.h"
#include "store/store.h"
#include "track/track.h"

/* Pushes a pct_rising_call for each incident called in since that day (1970 = 0, UTC); areas are numbered as in `beats`. What lies in none,
 * or on a road that the map no longer has, is counted in *elsewhere. O(calls × areas). */
pct_status pct_area_calls_read(const pct_site *site, const pct_beats *beats, pct_store *reader,
                               int64_t since_day, pct_vector *calls, int64_t *elsewhere,
                               pct_error *error) PCT_MUST_USE;

/* Fills areas[pct_beats_count]: calls of both periods within the hours [from_hour, until_hour), roles of what touches the patrolled ones and of
 * like areas. `patrolled` says which were. */
void pct_area_calls_helped(const pct_beats *beats, const pct_vector *calls, const bool *patrolled,
                           const pct_helped_periods_days *days, int from_hour, int until_hour,
                           pct_helped_place *areas);

typedef struct pct_area_month {
    pct_beside_row *rows; /* [pct_beats_count], in the arena */
    pct_beside_sums sums;
} pct_area_month;
/* "2026-05" as 12 × year + month − 1; false when it is none, or not over at now_ms. */
bool pct_area_month_named(const pct_zone *zone, pct_text text, int64_t now_ms, int *month);
/* `tracks` may be NULL: no time is known. O(positions of the month + calls). */
pct_status pct_area_month_read(const pct_site *site, const pct_beats *beats, pct_store *reader,
                               pct_tracks *tracks, int month, pct_arena *arena, pct_area_month *out,
                               pct_error *error) PCT_MUST_USE;

#endif
