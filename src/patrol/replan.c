/* The part that is left is solved from its own beginning: it is some forty visits of five units, for which a thousand ruins and recreates take
 * a tenth of a second, and then laid behind what stays. */
#include "patrol/replan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "patrol/even.h"
#include "patrol/replan_part.h"
#include "patrol/solve.h"

/* Of an open round what stays and then what was planned of it again; `again` -1: nothing was. */
static void lay_open(const pct_replan_part *r, int32_t unit, int32_t again, const pct_patrol_plan *rest,
                     pct_patrol_plan *out) {
    const pct_patrol_plan *plan = r->plan;
    int32_t at = out->first[unit], from = plan->first[unit];
    for (int32_t i = 0; i < r->kept[unit]; i++, at++) {
        out->mode[at] = plan->mode[from + i];
        out->start_ms[at] = plan->start_ms[from + i];
    }
    bool goes_on = again >= 0 && rest->first[again] < rest->first[again + 1];
    for (int32_t v = goes_on ? rest->first[again] : 0; goes_on && v < rest->first[again + 1]; v++, at++) {
        out->mode[at] = r->part.mode_of[rest->mode[v]];
        out->start_ms[at] = rest->start_ms[v];
    }
    out->first[unit + 1] = at;
    out->leave_ms[unit] = r->has_left[unit] ? plan->leave_ms[unit] : goes_on ? rest->leave_ms[again] : 0;
    out->back_ms[unit] = out->leave_ms[unit];
    if (goes_on)
        out->back_ms[unit] = rest->back_ms[again];
    else if (again >= 0 && r->has_left[unit]) {
        const pct_patrol_unit *is = &r->part.problem.units[again];
        out->back_ms[unit] = pct_patrol_arrive_ms(&r->part.problem, is->start, is->end, is->open_ms);
        if (unit != r->call->unit && r->kept[unit] == plan->first[unit + 1] - from)
            out->back_ms[unit] = plan->back_ms[unit];
    } else if (r->has_left[unit])
        out->back_ms[unit] = r->call->left_ms;
}

static void lay(const pct_replan_part *r, const pct_patrol_plan *rest, pct_patrol_plan *out) {
    const pct_patrol_plan *plan = r->plan;
    int32_t again = 0;
    out->first[0] = 0;
    for (int32_t u = 0; u < plan->unit_count; u++) {
        if (r->is_open[u]) {
            bool drives_on = again < r->unit_count && r->units[again] == u;
            lay_open(r, u, drives_on ? again++ : -1, rest, out);
            continue;
        }
        int32_t at = out->first[u];
        for (int32_t v = plan->first[u]; v < plan->first[u + 1]; v++, at++) {
            out->mode[at] = plan->mode[v];
            out->start_ms[at] = plan->start_ms[v];
        }
        out->first[u + 1] = at;
        out->leave_ms[u] = plan->leave_ms[u];
        out->back_ms[u] = plan->back_ms[u];
    }
    out->visit_count = out->first[plan->unit_count];
}

/* Travel of a round as far as it lies between places of the problem: the way to the call is none of it. */
static int64_t travel_of(const pct_replan_part *r, const pct_patrol_plan *out, int32_t unit) {
    const pct_patrol_problem *p = r->problem;
    int32_t place = p->units[unit].start, first = out->first[unit];
    bool is_caller = unit == r->call->unit, is_cut = is_caller && !r->call->returns;
    int64_t travel = first < out->first[unit + 1] ? p->units[unit].fixed_cost : 0;
    for (int32_t v = first; v < out->first[unit + 1]; v++) {
        const pct_patrol_mode *m = &p->modes[out->mode[v]];
        bool is_back = is_caller && v == first + r->kept[unit];
        if (is_back && r->call->place == PCT_PATROL_NONE)
            travel += r->call->away_cost[m->from];
        else
            travel += pct_patrol_travel_cost(p, is_back ? r->call->place : place, m->from);
        travel += m->cost;
        place = m->to;
    }
    if (first == out->first[unit + 1] || is_cut) return travel;
    return travel + pct_patrol_travel_cost(p, place, p->units[unit].end);
}

static pct_patrol_cost cost_of(const pct_replan_part *r, const pct_patrol_plan *out) {
    const pct_patrol_problem *p = r->problem;
    pct_patrol_cost cost = {0};
    for (int32_t d = 0; d < p->demand_count; d++)
        *(p->demands[d].must ? &cost.musts_left : &cost.shoulds_left) += p->demands[d].weight;
    for (int32_t v = 0; v < out->visit_count; v++) {
        const pct_patrol_demand *d = &p->demands[p->modes[out->mode[v]].demand];
        *(d->must ? &cost.musts_left : &cost.shoulds_left) -= d->weight;
    }
    for (int32_t u = 0; u < p->unit_count; u++)
        if (out->first[u] < out->first[u + 1]) cost.travel += travel_of(r, out, u);
    cost.imbalance_ms = pct_patrol_imbalance_ms(out);
    return cost;
}

/* What the plan had and the new one has not, musts before shoulds. */
static pct_status list_lost(const pct_replan_part *r, pct_replan_result *out, pct_error *error) {
    const pct_patrol_problem *p = r->problem;
    size_t demands = (size_t)p->demand_count;
    out->lost = pct_alloc(demands + 1, sizeof *out->lost);
    int8_t *is_in = pct_alloc_zeroed(demands + 1, sizeof *is_in);
    if (!out->lost || !is_in) {
        pct_free(is_in);
        return pct_error_memory(error, demands * sizeof *out->lost);
    }
    for (int32_t v = 0; v < r->plan->visit_count; v++) is_in[p->modes[r->plan->mode[v]].demand]++;
    for (int32_t v = 0; v < out->plan.visit_count; v++) is_in[p->modes[out->plan.mode[v]].demand]--;
    for (int must = 1; must >= 0; must--)
        for (int32_t d = 0; d < p->demand_count; d++)
            if (is_in[d] > 0 && p->demands[d].must == must) out->lost[out->lost_count++] = d;
    pct_free(is_in);
    return PCT_OK;
}

pct_status pct_replan(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                      const pct_replan_call *call, pct_replan_result *out, pct_error *error) {
    pct_replan_part r;
    pct_patrol_plan rest = {.unit_count = 0};
    *out = (pct_replan_result){.lost = NULL};
    pct_status status = pct_replan_part_init(&r, problem, plan, call, error);
    if (!status && r.unit_count) {
        pct_patrol_settings settings = {.seed = call->seed, .iterations_max = call->iterations};
        status = pct_patrol_solve(&r.part.problem, &settings, &rest, error);
    }
    if (!status)
        status = pct_patrol_plan_init(&out->plan, problem->unit_count,
                                      plan->visit_count + (int32_t)r.demand_count, error);
    if (!status) {
        lay(&r, &rest, &out->plan);
        out->plan.cost = cost_of(&r, &out->plan);
        out->plan.iterations = rest.iterations;
        status = pct_even_of_plan(problem, &out->plan, &out->plan.cost.spread_ppm, error);
    }
    if (!status) {
        status = list_lost(&r, out, error);
    }
    pct_patrol_plan_dispose(&rest);
    pct_replan_part_dispose(&r);
    if (status) pct_replan_dispose(out);
    return status;
}

void pct_replan_dispose(pct_replan_result *result) {
    pct_patrol_plan_dispose(&result->plan);
    pct_free(result->lost);
    *result = (pct_replan_result){.lost = NULL};
}
