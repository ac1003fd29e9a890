/* Plans nearly as good as the best, drawn at random, so that no one can set a watch by a patrol.
 *
 *     pct_draw_settings settings = {.seed = 7, .share = 0.03, .iterations = 500};
 *     status = pct_draw_plans(&problem, &best, &settings, 20, plans, error);     // 20 of them; one to drive: count 1
 *     status = pct_draw_entropy(&problem, plans, 20, 15 * 60000, bits, error);
 *
 * A drawn plan leaves no more musts and shoulds than `best` does, uses no more units where the fewest were asked for, and its travel, and its
 * expected response where calls are expected, is at most (1 + share) times the best's (of response and a step). Between two drawn plans lies a
 * random walk over such plans, and every round's departure is drawn from the hours in which it can leave. Waits are moved until
 * the spread is no more than five steps (even.h) above the best's, or no wait brings it down: evenness ranks before being unforeseen, but plans that
 * all were as even as can be would all come at the same hours. Where the walk finds
 * nothing else, the plan is `best` itself. All keep every rule (check.h).
 *
 * The walk starts at `best` and is not run until it has forgotten it: more iterations make plans more unlike. Deterministic by seed. */
#ifndef PCT_PATROL_DRAW_H
#define PCT_PATROL_DRAW_H

#include "patrol/problem.h"

typedef struct pct_draw_settings {
    uint64_t seed, iterations; /* iterations of the walk before each plan; >= 1 */
    double share;              /* in [0, 1] */
    bool fewest_units;         /* as the best plan was asked for */
} pct_draw_settings;

/* plans [count >= 1] are the caller's to dispose of; none is left when it fails. */
pct_status pct_draw_plans(const pct_patrol_problem *problem, const pct_patrol_plan *best,
                          const pct_draw_settings *settings, int32_t count, pct_patrol_plan *plans,
                          pct_error *error) PCT_MUST_USE;

/* How uncertain arrival is, in bits: the entropy of the hours, cut into bins from 0 on, at which a point is visited in the plans, all of equal
 * odds. bits [demand_count]: a demand's point is its series, or itself without one; -1 where no plan visits it. From n visits no more
 * than log2 n bits can show. O(visits + demands × plans). */
pct_status pct_draw_entropy(const pct_patrol_problem *problem, const pct_patrol_plan *plans, int32_t count,
                            int64_t bin_ms, double *bits, pct_error *error) PCT_MUST_USE;
/* Mean over the demands that any plan visits; 0 without one. */
double pct_draw_entropy_mean(const pct_patrol_problem *problem, const double *bits);

#endif
