/* Learning speeds by band from matched tracks (road/match.h).
 *
 *     status = pct_learner_new(road, bands, zone, &learner, error);
 *     status = pct_learner_add(learner, unit, profile, leg, error);      // each leg of each unit
 *     status = pct_learner_finish(learner, &learnt, error);              // what may be published
 *
 * A *drive* is a leg over a whole segment of at least PCT_LEARN_SEGMENT_MM without a stop of PCT_LEARN_STOP_MS or more: red lights and
 * queues are traffic, an on-scene stop is not. Its speed belongs to the band of the local hour in which it began. A segment's figure
 * is the median of its drives in a band, one way; a class's the median by length. Medians, because single drives are
 * wrong by far: a wrong match, somebody who waited for a colleague.
 *
 * Published is a figure of at least PCT_LEARN_SEGMENT_DRIVES or PCT_LEARN_CLASS_DRIVES drives with the basis that
 * pct_learnt_suffices asks for (three units or four weeks); where a segment's does not, its class stands in. Units are
 * numbers from 0 that mean nothing outside, and are counted, never kept. Memory: 24 bytes a drive. Time: O(drives log drives). */
#ifndef PCT_ROAD_LEARN_H
#define PCT_ROAD_LEARN_H

#include "road/learnt.h"
#include "road/match.h"

enum {
    PCT_LEARN_STOP_MS = 120000,
    PCT_LEARN_SEGMENT_MM = 30000,
    PCT_LEARN_SEGMENT_DRIVES = 20,
    PCT_LEARN_CLASS_DRIVES = 50,
    PCT_LEARN_DRIVES_MAX = 1 << 26
};

typedef struct pct_learner pct_learner;

/* All are borrowed. */
pct_status pct_learner_new(const pct_road *road, const pct_bands *bands, const pct_zone *zone,
                           pct_learner **out, pct_error *error) PCT_MUST_USE;
void pct_learner_free(pct_learner *learner);
/* A leg that is no drive is passed over. PCT_LIMIT beyond PCT_LEARN_DRIVES_MAX. */
pct_status pct_learner_add(pct_learner *learner, uint32_t unit, pct_learnt_profile profile,
                           const pct_match_leg *leg, pct_error *error) PCT_MUST_USE;
size_t pct_learner_drives(const pct_learner *learner);
pct_status pct_learner_finish(pct_learner *learner, pct_learnt *out, pct_error *error) PCT_MUST_USE;

#endif
