/* What recommendations work with: a router over the road as it is now, room for the answer, and where each unit stands on the roads. One request
 * at a time; a unit is brought to a road again only when it has moved. */
#ifndef PCT_RESOURCE_ADVICE_H
#define PCT_RESOURCE_ADVICE_H

#include "desk/desk.h"
#include "dispatch/recommend.h"
#include "resource/live_road.h"

typedef struct pct_advice pct_advice;

enum { PCT_ADVICE_UNITS_MAX = 20000 };

/* `live` and `desk` are borrowed. */
pct_status pct_advice_new(pct_live_road *live, pct_desk *desk, pct_advice **out,
                          pct_error *error) PCT_MUST_USE;
void pct_advice_free(pct_advice *advice);

/* How cover counts (cover.csv), by priority − 1; by default it does not. */
void pct_advice_weigh_cover(pct_advice *advice, const pct_cover_settings settings[PCT_PRIORITY_COUNT]);
/* Where the next calls are expected from now on, learnt from so many; count 0: it is not known, and nearest_with_cover ranks by
 * travel time alone. Points are copied. Any thread. */
pct_status pct_advice_expect(pct_advice *advice, const pct_demand_point *points, size_t count, int64_t calls,
                             pct_error *error) PCT_MUST_USE;
/* What the expectation rests on. */
void pct_advice_expected(pct_advice *advice, size_t *points, int64_t *calls);

/* What is left of cover within a target when a unit goes. */
typedef struct pct_cover_left {
    size_t points; /* places where calls are expected; 0: not known, and the shares are 0 */
    int64_t calls; /* what they were learnt from */
    bool counts;   /* the unit is free: it is part of cover now */
    double share_now, share_left;
} pct_cover_left;
/* PCT_NOT_FOUND for an unknown unit. */
pct_status pct_advice_cover_left(pct_advice *advice, pct_unit_id unit, int64_t target_ms, pct_cover_left *out,
                                 pct_error *error) PCT_MUST_USE;

/* The units for an incident that stands on the board, and why each other one was passed over. When closures leave no unit a
 * way there, the answer is for the road without them (`through_closures`): somebody has to go all the same. `use` is
 * called with the answer, which holds until it returns. PCT_NOT_FOUND for an unknown incident, PCT_UNREACHABLE for one
 * without a position near a road. */
typedef void pct_advice_use(void *context, const pct_recommendation *answer, bool through_closures);
pct_status pct_advice_ask(pct_advice *advice, const pct_policy *policy, pct_incident_id incident,
                          size_t wanted, pct_advice_use *use, void *context, pct_error *error) PCT_MUST_USE;

#endif
