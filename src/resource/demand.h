/* Where the next calls are expected, learnt from this desk's own calls for service, so that cover can be weighed
 * (dispatch/cover.h).
 *
 * What counts: incidents of the last 90 days, today included, that somebody called in (not what a patrol saw by itself), by
 * the road segment they were opened with: coarse places from the record, no position, no person. Below
 * PCT_DEMAND_CALLS_MIN such incidents nothing is expected anywhere, and recommendations say that they rank by travel time
 * alone. Every expected place stands for at least PCT_DEMAND_GROUP_MIN of them; what is scattered is counted with the nearest.
 *
 * A thread of its own learns at the start, then when something has happened: every few minutes, on a young record every few
 * seconds. It reads the record by a connection of its own; neither the writer nor a request waits for it. */
#ifndef PCT_RESOURCE_DEMAND_H
#define PCT_RESOURCE_DEMAND_H

#include "resource/advice.h"
#include "site/site.h"

enum { PCT_DEMAND_DAYS = 90, PCT_DEMAND_CALLS_MIN = 100, PCT_DEMAND_GROUP_MIN = 10 };

typedef struct pct_demand_watch pct_demand_watch;

/* Reads cover.csv and learns once before it returns; all are borrowed. */
pct_status pct_demand_watch_new(const pct_site *site, pct_live_road *live, pct_desk *desk, pct_advice *advice,
                                pct_demand_watch **out, pct_error *error) PCT_MUST_USE;
void pct_demand_watch_free(pct_demand_watch *watch);

/* Incidents at a road, and when the first of them was called in. */
typedef struct pct_demand_place {
    pct_road_ref road;
    int64_t incidents, first_ms;
} pct_demand_place;

/* Items of *points are pct_demand_point, to be disposed of by the caller; none below PCT_DEMAND_CALLS_MIN incidents. *calls: how
 * many lie on roads that the map has. */
pct_status pct_demand_learn(const pct_road *road, const pct_demand_place *places, size_t count,
                            int64_t now_ms, pct_vector *points, int64_t *calls,
                            pct_error *error) PCT_MUST_USE;
/* Small groups are counted with the nearest point that is large enough; with none, all with the largest. Items are
 * pct_demand_point; `calls_of_rate`: how many calls one call an hour stands for. */
void pct_demand_merge_small(pct_vector *points, double calls_of_rate);

#endif
