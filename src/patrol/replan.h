/* A plan made anew after a unit left its round for a call: what was driven stays, the rest of its round and of its nearest neighbours' is
 * planned again from where they are, and what cannot be kept comes out as debt.
 *
 *     pct_replan_call call = {.unit = 3, .left_ms = …, .returns = true, .free_ms = …, .place = …, .neighbours = 4, .iterations = 1500};
 *     status = pct_replan(&problem, &plan, &call, &out, error);
 *     …
 *     pct_replan_dispose(&out);
 *
 * At left_ms of every unit stays what it has ended, and of everyone but the one who left also what it serves or is on its way to. What the
 * one who left had not ended goes back among what is to be done. Visits of the plan's other units stay as they are, and gaps of a series are
 * kept to all that stays. A limit of duration goes on counting from when the unit left its post. Musts that the plan left out are tried again.
 *
 * Deterministic by seed and iterations. Memory: the problem's part, at the most what a solve takes. */
#ifndef PCT_PATROL_REPLAN_H
#define PCT_PATROL_REPLAN_H

#include "patrol/problem.h"

typedef struct pct_replan_call {
    int32_t unit;
    int64_t left_ms;
    bool returns;    /* false: for the rest of the shift it does not */
    int64_t free_ms; /* when it is free again, at `place`; >= left_ms */
    int32_t place;   /* PCT_PATROL_NONE: away_ms and away_cost say how far it is to each place */
    const int32_t *away_ms, *away_cost; /* [place_count] at whatever hour */
    int32_t neighbours;                 /* how many units' rests are planned again with its own; >= 0 */
    uint64_t seed, iterations;          /* iterations >= 1 */
    const bool *stays;                  /* [unit_count] rounds that are nobody's to change; NULL: none */
    const bool *given_up; /* [demand_count] not to be tried again when no round has it; NULL: none */
} pct_replan_call;

typedef struct pct_replan_result {
    /* All units' rounds from their begin, as they now are. Of the one who left, the way to the call and what it does there are no part: its
     * next visit is come to from `place`, and a round that it does not come back to ends at left_ms. Cost and times are so, too;
     * response is not reckoned. */
    pct_patrol_plan plan;
    int32_t *lost; /* [lost_count] demands that the plan served and this one does not, musts first */
    int32_t lost_count;
} pct_replan_result;

/* PCT_MISUSE for a call that is none of this plan's. */
pct_status pct_replan(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                      const pct_replan_call *call, pct_replan_result *out, pct_error *error) PCT_MUST_USE;
void pct_replan_dispose(pct_replan_result *result);

#endif
