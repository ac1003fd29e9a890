/* Recommendation: which units to send to an incident, and why each other one was passed over.
 *
 *     pct_recommendation *r;
 *     status = pct_recommendation_new(unit_count, &r, error);                 // once; the only allocation
 *     status = pct_recommend(pct_policy_find(text), &request, r, error);      // as often as you like
 *     r->ranked[0 … ranked_count)      best first, each with its reason
 *     r->passed[0 … passed_count)      every other unit of the board, in order of enrolment, with its reason
 *
 * Every unit of the board is in exactly one of the two. A reason is a catalogue message with its parameters
 * (pct_reason_render). Suitable is a unit that is on duty and free, has each required capability, and whose crew has
 * an officer, the officers and the strength that the type needs. Ties are broken by unit id.
 *
 * Cost: O(units) for the reasons, one call of travel.to for all candidates, O(candidates log candidates). */
#ifndef PCT_DISPATCH_RECOMMEND_H
#define PCT_DISPATCH_RECOMMEND_H

#include "dispatch/board.h"
#include "dispatch/cover.h"
#include "dispatch/reason.h"
#include "road/router.h"

/* Travel times from each source to the target, PCT_UNREACHABLE_MS where no way leads there. */
typedef struct pct_travel_times {
    void *context;
    void (*to)(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
               uint32_t *times_ms);
} pct_travel_times;

/* The road network as the source; the router is borrowed. */
pct_travel_times pct_travel_times_of_router(pct_router *router);

typedef struct pct_recommend_settings {
    bool divert;            /* units under way to a less urgent incident are candidates too */
    int64_t divert_cost_ms; /* such a unit ranks as if it were this much farther */
    int64_t wanted_cost_ms; /* so does a unit for each wanted capability that it lacks */
    pct_cover_settings cover[PCT_PRIORITY_COUNT]; /* [priority − 1] of the incident: cover.csv */
} pct_recommend_settings;
pct_recommend_settings pct_recommend_settings_default(void); /* divert, 60 s; 120 s; cover does not count */
/* The rows of cover.csv (docs/reference/policies.md), one for each priority. */
pct_status pct_cover_settings_read(const char *file, pct_text bytes,
                                   pct_cover_settings out[PCT_PRIORITY_COUNT], pct_error *error) PCT_MUST_USE;

typedef struct pct_recommend_request {
    const pct_board *board;
    pct_incident_id incident; /* its type and priority state the need */
    pct_road_point target;    /* where it is */
    const pct_road_point
        *unit_points; /* [pct_board_unit_count] by pct_unit.index; segment PCT_NO_INDEX: unknown */
    pct_travel_times travel;
    size_t wanted_count; /* k: how many units to rank */
    pct_recommend_settings settings;
    pct_cover *cover; /* where the next calls are expected; NULL: not known. Used by one request at a time */
} pct_recommend_request;

typedef struct pct_candidate {
    pct_unit_id unit;
    uint32_t unit_index;
    uint32_t travel_ms;      /* PCT_UNREACHABLE_MS when it was not asked for or there is no way */
    uint64_t cost_ms;        /* what the policy ranks by, least first */
    pct_order_id divert;     /* the order it would be taken off; seq 0: it is free */
    uint32_t missing_wanted; /* how many wanted capabilities it lacks */
    pct_reason reason;
} pct_candidate;

typedef struct pct_recommendation {
    pct_candidate *ranked, *passed;
    size_t ranked_count, passed_count;
    size_t unit_capacity;
    struct pct_recommend_scratch *scratch; /* the working memory of pct_recommend */
} pct_recommendation;

pct_status pct_recommendation_new(size_t unit_capacity, pct_recommendation **out,
                                  pct_error *error) PCT_MUST_USE;
void pct_recommendation_free(pct_recommendation *recommendation);

/* A policy gives each candidate its cost; travel times, diverts and missing capabilities are filled in. Where it ranks by
 * more than travel time it replaces the reason of a unit that it ranked, or that it left behind the last one ranked;
 * either may be NULL. */
typedef struct pct_policy {
    const char *name;
    pct_message title;
    void (*weigh)(const pct_recommend_request *request, pct_candidate *candidates, size_t count);
    void (*explain_ranked)(const pct_recommend_request *request, const pct_candidate *candidates,
                           size_t count, pct_candidate *ranked);
    void (*explain_passed)(const pct_recommend_request *request, const pct_candidate *last_ranked,
                           pct_candidate *passed);
} pct_policy;

extern const pct_policy *const pct_policies[]; /* policies.c */
extern const size_t pct_policy_count;
extern const pct_policy pct_policy_nearest;            /* policy_nearest.c */
extern const pct_policy pct_policy_nearest_with_cover; /* policy_cover.c */
/* Travel time and what the settings add for a divert and for missing capabilities. */
uint64_t pct_policy_near_cost_ms(const pct_recommend_request *request, const pct_candidate *candidate);
const pct_policy *pct_policy_find(pct_text name); /* NULL when there is none */

/* PCT_NOT_FOUND for an incident that is not on the board, PCT_LIMIT when the board has more units than the
 * recommendation or the cover has room for. No candidate is no failure: ranked_count is 0. Allocates nothing. */
pct_status pct_recommend(const pct_policy *policy, const pct_recommend_request *request,
                         pct_recommendation *out, pct_error *error) PCT_MUST_USE;

#endif
