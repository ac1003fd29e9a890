#include "patrol/duty_make.h"

#include "patrol/check.h"

enum { EXPLAIN_ITERATIONS = 500 };

pct_status pct_duty_make(const pct_duty *duty, const pct_duty_roads *roads,
                         const pct_patrol_settings *settings, pct_duty_plan *out, pct_error *error) {
    pct_lowered *lowered = NULL;
    pct_patrol_plan plan = {0};
    pct_status status = pct_lowered_new(duty, roads, &lowered, error);
    if (!status) status = pct_patrol_solve(&lowered->problem, settings, &plan, error);
    if (!status) {
        pct_patrol_finding finding = pct_patrol_check(&lowered->problem, &plan, settings->fewest_units);
        if (PCT_NEVER(finding.fault != PCT_PATROL_SOUND))
            status = PCT_FAIL(error, PCT_INTERNAL, PCT_MSG_PATROL_UNSOUND, pct_view(duty->name),
                              pct_int(finding.fault), pct_int(finding.unit));
    }
    if (!status) status = pct_lowered_plan(lowered, &plan, EXPLAIN_ITERATIONS, out, error);
    if (!status) out->seed = settings->seed;
    pct_patrol_plan_dispose(&plan);
    pct_lowered_free(lowered);
    return status;
}
