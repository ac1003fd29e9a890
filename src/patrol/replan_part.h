/* What is left of a plan at the moment of a call, as a problem of its own: replan.c's first half. */
#ifndef PCT_PATROL_REPLAN_PART_H
#define PCT_PATROL_REPLAN_PART_H

#include "patrol/replan.h"
#include "patrol/subset.h"

typedef struct pct_replan_part {
    const pct_patrol_problem *problem;
    const pct_patrol_plan *plan;
    const pct_replan_call *call;
    int32_t *kept;                  /* [unit_count] visits of its round that stay */
    bool *is_open;                  /* [unit_count] its rest is planned again */
    int32_t *units, unit_count;     /* those that drive on, ascending */
    int32_t *demands, demand_count; /* what is to be done again */
    bool *has_left;                 /* [unit_count] its post, by the time of the call */
    pct_subset part;                /* on places of its own */
    pct_arena arena;
} pct_replan_part;

pct_status pct_replan_part_init(pct_replan_part *out, const pct_patrol_problem *problem,
                                const pct_patrol_plan *plan, const pct_replan_call *call,
                                pct_error *error) PCT_MUST_USE;
void pct_replan_part_dispose(pct_replan_part *part);

static inline bool pct_replan_stays(const pct_replan_part *r, int32_t unit, int32_t visit) {
    return !r->is_open[unit] || visit < r->plan->first[unit] + r->kept[unit];
}

#endif
