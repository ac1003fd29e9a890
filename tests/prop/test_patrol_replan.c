/* A plan made anew after a call, driven the slow way: what was driven stays, what is new keeps every rule from where the units are. */
#include <string.h>

#include "patrol/replan.h"
#include "patrol/solve.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 300 };

static test_plan_problem drawn;
static int32_t away_ms[TEST_PLAN_PLACES];

static int64_t end_ms(const pct_patrol_plan *plan, int32_t visit) {
    return plan->start_ms[visit] + drawn.modes[plan->mode[visit]].service_ms;
}

/* By the header's words. */
static int32_t kept(const pct_patrol_plan *plan, const pct_replan_call *call, int32_t unit) {
    int32_t count = 0, all = plan->first[unit + 1] - plan->first[unit];
    while (count < all && end_ms(plan, plan->first[unit] + count) <= call->left_ms) count++;
    bool is_out = all && plan->leave_ms[unit] <= call->left_ms;
    return count + (unit != call->unit && is_out && count < all);
}

/* Drives the round behind what stayed. */
static void check_rest(const pct_patrol_plan *before, const pct_replan_call *call,
                       const pct_patrol_plan *after, int32_t unit) {
    const pct_patrol_problem *p = &drawn.problem;
    const pct_patrol_unit *is = &p->units[unit];
    int32_t stays = kept(before, call, unit), first = after->first[unit], end = after->first[unit + 1];
    int32_t place = is->start;
    int64_t at_ms = after->leave_ms[unit], load = 0;
    bool is_caller = unit == call->unit,
         was_out = before->first[unit] < before->first[unit + 1] && before->leave_ms[unit] <= call->left_ms;
    if (first == end) return;
    ck_assert_int_ge(at_ms, is->open_ms);
    ck_assert_int_ge(end - first, stays);
    if (was_out) ck_assert_int_eq(at_ms, before->leave_ms[unit]);
    for (int32_t v = first; v < end; v++) {
        const pct_patrol_mode *m = &p->modes[after->mode[v]];
        ck_assert(pct_patrol_may_serve(p, unit, m->demand));
        ck_assert(after->start_ms[v] >= m->open_ms && after->start_ms[v] <= m->close_ms);
        if (v - first < stays) {
            ck_assert_int_eq(after->mode[v], before->mode[before->first[unit] + v - first]);
            ck_assert_int_eq(after->start_ms[v], before->start_ms[before->first[unit] + v - first]);
        } else if (is_caller && v - first == stays) {
            ck_assert(call->returns);
            int64_t there_ms = call->place == PCT_PATROL_NONE
                                   ? call->free_ms + away_ms[m->from]
                                   : test_plan_arrive_ms(p, call->place, m->from, call->free_ms);
            ck_assert_int_ge(after->start_ms[v], there_ms);
        } else {
            ck_assert_int_ge(after->start_ms[v], test_plan_arrive_ms(p, place, m->from, at_ms));
        }
        if (v - first >= stays) ck_assert_int_ge(after->start_ms[v], call->left_ms);
        load += p->demands[m->demand].load;
        at_ms = end_ms(after, v);
        place = m->to;
    }
    ck_assert_int_le(load, is->capacity);
    if (end - first == stays) return;
    ck_assert_int_ge(after->back_ms[unit], test_plan_arrive_ms(p, place, is->end, at_ms));
    ck_assert_int_le(after->back_ms[unit], is->close_ms);
    ck_assert_int_le(after->back_ms[unit] - after->leave_ms[unit], is->duration_max_ms);
}

static void check_pairs(const pct_patrol_plan *plan) {
    for (int32_t v = 0; v < plan->visit_count; v++)
        for (int32_t w = 0; w < v; w++) {
            int32_t a = drawn.modes[plan->mode[v]].demand, b = drawn.modes[plan->mode[w]].demand;
            ck_assert_int_ne(a, b);
            int32_t series = drawn.demands[a].series;
            if (series == PCT_PATROL_NONE || series != drawn.demands[b].series) continue;
            ck_assert(plan->start_ms[v] >= end_ms(plan, w) + drawn.gap_ms[series] ||
                      plan->start_ms[w] >= end_ms(plan, v) + drawn.gap_ms[series]);
        }
}

static bool has(const pct_patrol_plan *plan, int32_t demand) {
    for (int32_t v = 0; v < plan->visit_count; v++)
        if (drawn.modes[plan->mode[v]].demand == demand) return true;
    return false;
}

static void check_lost(const pct_patrol_plan *before, const pct_replan_result *after) {
    int32_t lost = 0;
    int64_t musts = 0, shoulds = 0;
    for (int32_t d = 0; d < drawn.problem.demand_count; d++) {
        bool is_in = has(&after->plan, d), is_listed = false;
        for (int32_t i = 0; i < after->lost_count; i++) is_listed |= after->lost[i] == d;
        ck_assert_int_eq(is_listed, has(before, d) && !is_in);
        lost += is_listed;
        if (!is_in) *(drawn.demands[d].must ? &musts : &shoulds) += drawn.demands[d].weight;
    }
    ck_assert_int_eq(lost, after->lost_count);
    for (int32_t i = 1; i < lost; i++)
        ck_assert(drawn.demands[after->lost[i - 1]].must || !drawn.demands[after->lost[i]].must);
    ck_assert_int_eq(after->plan.cost.musts_left, musts);
    ck_assert_int_eq(after->plan.cost.shoulds_left, shoulds);
}

/* Weights of musts when nobody but the one who left would change: its rest is lost. */
static int64_t musts_of_doing_nothing(const pct_patrol_plan *before, const pct_replan_call *call) {
    int64_t musts = before->cost.musts_left;
    int32_t u = call->unit;
    for (int32_t v = before->first[u] + kept(before, call, u); v < before->first[u + 1]; v++) {
        const pct_patrol_demand *d = &drawn.demands[drawn.modes[before->mode[v]].demand];
        musts += d->must ? d->weight : 0;
    }
    return musts;
}

static pct_replan_call draw_call(pct_rng *rng, int32_t units, int32_t places) {
    pct_replan_call call = {.unit = (int32_t)pct_rng_below(rng, (uint32_t)units),
                            .left_ms = (int32_t)pct_rng_below(rng, 700),
                            .returns = pct_rng_below(rng, 4) > 0,
                            .place = (int32_t)pct_rng_below(rng, (uint32_t)places),
                            .away_ms = away_ms,
                            .away_cost = away_ms,
                            .neighbours = (int32_t)pct_rng_below(rng, 4),
                            .seed = 1,
                            .iterations = 200};
    call.free_ms = call.left_ms + (int32_t)pct_rng_below(rng, 150);
    for (int32_t i = 0; i < TEST_PLAN_PLACES; i++) away_ms[i] = (int32_t)pct_rng_below(rng, 60);
    if (pct_rng_below(rng, 3) == 0) call.place = PCT_PATROL_NONE;
    return call;
}

TEST(what_was_driven_stays_and_what_is_new_keeps_every_rule) {
    pct_rng rng = pct_rng_init(51, 0);
    int worse = 0, losses = 0, helped = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        pct_patrol_settings settings = {.seed = 1, .iterations_max = 200};
        pct_patrol_plan before;
        pct_replan_result after, again;
        pct_error error;
        test_plan_draw(&rng, &drawn, 5 + (int32_t)pct_rng_below(&rng, 9), 1 + (int32_t)pct_rng_below(&rng, 4),
                       (test_plan_rules)(i % 3));
        if (i % 2) test_plan_draw_bands(&rng, &drawn);
        test_ok(pct_patrol_solve(&drawn.problem, &settings, &before, &error), &error);
        pct_replan_call call = draw_call(&rng, drawn.problem.unit_count, drawn.problem.place_count);
        test_ok(pct_replan(&drawn.problem, &before, &call, &after, &error), &error);
        int32_t changed = 0;
        for (int32_t u = 0; u < drawn.problem.unit_count; u++) {
            check_rest(&before, &call, &after.plan, u);
            int32_t count = before.first[u + 1] - before.first[u];
            bool is_same = count == after.plan.first[u + 1] - after.plan.first[u] &&
                           memcmp(before.mode + before.first[u], after.plan.mode + after.plan.first[u],
                                  (size_t)count * sizeof *before.mode) == 0;
            changed += !is_same && u != call.unit;
        }
        ck_assert_int_le(changed, call.neighbours);
        check_pairs(&after.plan);
        check_lost(&before, &after);
        int64_t idle = musts_of_doing_nothing(&before, &call);
        worse += after.plan.cost.musts_left > idle;
        helped += after.plan.cost.musts_left < idle;
        losses += after.lost_count > 0;
        test_ok(pct_replan(&drawn.problem, &before, &call, &again, &error), &error);
        ck_assert_int_eq(again.plan.visit_count, after.plan.visit_count);
        ck_assert_mem_eq(again.plan.mode, after.plan.mode,
                         (size_t)again.plan.visit_count * sizeof *again.plan.mode);
        pct_replan_dispose(&again);
        pct_replan_dispose(&after);
        pct_patrol_plan_dispose(&before);
    }
    ck_assert_int_eq(worse, 0);
    ck_assert_int_gt(helped, PROBLEMS / 10);
    ck_assert_int_gt(losses, PROBLEMS / 20);
}
END_TEST

static pct_patrol_plan solved;
static pct_replan_call asked;

static pct_status attempt(void *context) {
    pct_replan_result out;
    (void)context;
    pct_status status = pct_replan(&drawn.problem, &solved, &asked, &out, NULL);
    pct_replan_dispose(&out);
    return status;
}

TEST(calls_of_no_plan_are_refused_and_without_memory_nothing_is_half_done) {
    pct_rng rng = pct_rng_init(52, 0);
    pct_patrol_settings settings = {.seed = 1, .iterations_max = 100};
    pct_replan_result out;
    pct_error error;
    test_plan_draw(&rng, &drawn, 10, 3, TEST_PLAN_FULL);
    test_ok(pct_patrol_solve(&drawn.problem, &settings, &solved, &error), &error);
    asked = draw_call(&rng, 3, drawn.problem.place_count);
    asked.returns = true;
    asked.neighbours = 2;
    asked.place = 0;
    ck_assert_uint_gt(test_torture(attempt, NULL), 3);
    const pct_replan_call good = asked;
    asked.unit = 3;
    ck_assert_int_eq(pct_replan(&drawn.problem, &solved, &asked, &out, &error), PCT_MISUSE);
    test_error_says(&error, "a unit of the plan that leaves its round");
    asked = good;
    asked.free_ms = asked.left_ms - 1;
    ck_assert_int_eq(pct_replan(&drawn.problem, &solved, &asked, &out, NULL), PCT_MISUSE);
    asked = good;
    asked.place = PCT_PATROL_NONE;
    asked.away_ms = NULL;
    ck_assert_int_eq(pct_replan(&drawn.problem, &solved, &asked, &out, NULL), PCT_MISUSE);
    asked = good;
    asked.iterations = 0;
    ck_assert_int_eq(pct_replan(&drawn.problem, &solved, &asked, &out, NULL), PCT_MISUSE);
    pct_patrol_plan_dispose(&solved);
}
END_TEST

TEST_MAIN("patrol_replan", TEST_CASE(what_was_driven_stays_and_what_is_new_keeps_every_rule),
          TEST_CASE(calls_of_no_plan_are_refused_and_without_memory_nothing_is_half_done))
