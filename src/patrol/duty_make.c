#include "patrol/duty_make.h"

#include <math.h>

#include "patrol/check.h"
#include "patrol/draw.h"

enum { EXPLAIN_ITERATIONS = 500, DRAW_ITERATIONS = 500, BIN_MS = 15 * 60000 };

/* *plan gives way to one drawn from its like. */
static pct_status draw(const pct_patrol_problem *problem, const pct_patrol_settings *settings, double vary,
                       pct_patrol_plan *plan, double *bits, pct_error *error) {
    const pct_draw_settings how = {settings->seed, DRAW_ITERATIONS, vary, settings->fewest_units};
    pct_patrol_plan drawn[PCT_DUTY_DRAWN];
    double *of_demand = pct_alloc((size_t)problem->demand_count + 1, sizeof *of_demand);
    if (!of_demand) return pct_error_memory(error, (size_t)problem->demand_count * sizeof *of_demand);
    pct_status status = pct_draw_plans(problem, plan, &how, PCT_DUTY_DRAWN, drawn, error);
    if (!status) {
        status = pct_draw_entropy(problem, drawn, PCT_DUTY_DRAWN, BIN_MS, of_demand, error);
        *bits = pct_draw_entropy_mean(problem, of_demand);
        drawn[PCT_DUTY_DRAWN - 1].travel_bound = plan->travel_bound;
        drawn[PCT_DUTY_DRAWN - 1].iterations = plan->iterations;
        pct_patrol_plan_dispose(plan);
        *plan = drawn[PCT_DUTY_DRAWN - 1]; /* the farthest from the best */
        for (int i = 0; i + 1 < PCT_DUTY_DRAWN; i++) pct_patrol_plan_dispose(&drawn[i]);
    }
    pct_free(of_demand);
    return status;
}

static pct_status check(const pct_patrol_problem *problem, const pct_patrol_plan *plan, const pct_duty *duty,
                        bool fewest_units, pct_error *error) {
    pct_patrol_finding finding = pct_patrol_check(problem, plan, fewest_units);
    return PCT_NEVER(finding.fault != PCT_PATROL_SOUND)
               ? PCT_FAIL(error, PCT_INTERNAL, PCT_MSG_PATROL_UNSOUND, pct_view(duty->name),
                          pct_int(finding.fault), pct_int(finding.unit))
               : PCT_OK;
}

pct_status pct_duty_make(const pct_duty *duty, const pct_duty_roads *roads,
                         const pct_patrol_settings *settings, double vary, pct_duty_plan *out,
                         pct_error *error) {
    pct_lowered *lowered = NULL;
    pct_patrol_plan plan = {0};
    double bits = NAN;
    pct_status status = pct_lowered_new(duty, roads, &lowered, error);
    const pct_patrol_problem *problem = status ? NULL : &lowered->problem;
    if (!status) status = pct_patrol_solve(problem, settings, &plan, error);
    if (!status && vary > 0.0 && plan.visit_count)
        status = draw(problem, settings, vary, &plan, &bits, error);
    if (!status) status = check(problem, &plan, duty, settings->fewest_units, error);
    if (!status) status = pct_lowered_plan(lowered, &plan, EXPLAIN_ITERATIONS, out, error);
    if (!status) {
        out->seed = settings->seed;
        out->entropy_bits = bits;
        out->first_s = NAN;
    }
    pct_patrol_plan_dispose(&plan);
    pct_lowered_free(lowered);
    return status;
}
