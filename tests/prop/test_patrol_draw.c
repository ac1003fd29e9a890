/* Drawn plans keep every rule and stay within their share; how uncertain they make arrival is counted right. */
#include "patrol/draw.h"

#include <math.h>
#include <string.h>

#include "patrol/solve.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 90, PLANS = 6 };

static test_plan_problem drawn;
static const double per_hour[TEST_PLAN_CALLS] = {1.0, 2.0, 0.5, 1.0};

static void draw_calls(pct_rng *rng) {
    memcpy(drawn.per_hour, per_hour, sizeof per_hour);
    test_plan_draw_calls(rng, &drawn);
}

static pct_patrol_plan solve(bool fewest) {
    pct_patrol_settings settings = {.seed = 1, .iterations_max = 300, .fewest_units = fewest};
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), &error);
    return plan;
}

static void check_near(const pct_patrol_plan *plan, const pct_patrol_plan *best, double share, bool fewest) {
    pct_patrol_finding found = pct_patrol_check(&drawn.problem, plan, fewest);
    ck_assert_msg(found.fault == PCT_PATROL_SOUND, "fault %d at unit %d, visit %d", (int)found.fault,
                  (int)found.unit, (int)found.visit);
    ck_assert_int_le(plan->cost.musts_left, best->cost.musts_left);
    ck_assert_int_le(plan->cost.shoulds_left, best->cost.shoulds_left);
    ck_assert_int_le(plan->cost.units, best->cost.units);
    ck_assert((double)plan->cost.travel <= (1.0 + share) * (double)best->cost.travel + 1e-6);
    if (drawn.problem.calls)
        ck_assert((double)plan->cost.response_ms <=
                  (1.0 + share) * (double)best->cost.response_ms + (double)drawn.calls.step_ms + 1e-6);
}

TEST(drawn_plans_keep_every_rule_and_stay_within_the_share) {
    pct_rng rng = pct_rng_init(71, 0);
    int differ = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        pct_patrol_plan plans[PLANS], again[1];
        pct_error error;
        bool fewest = i % 5 == 0;
        test_plan_draw(&rng, &drawn, 4 + (int32_t)pct_rng_below(&rng, 10),
                       1 + (int32_t)pct_rng_below(&rng, 4), (test_plan_rules)(i % 3));
        if (i % 2) test_plan_draw_bands(&rng, &drawn);
        if (i % 4 == 3) draw_calls(&rng);
        pct_patrol_plan best = solve(fewest);
        pct_draw_settings settings = {
            .seed = (uint64_t)i, .iterations = 30, .share = i % 6 ? 0.05 : 0.0, .fewest_units = fewest};
        test_ok(pct_draw_plans(&drawn.problem, &best, &settings, PLANS, plans, &error), &error);
        for (int k = 0; k < PLANS; k++) check_near(&plans[k], &best, settings.share, fewest);
        test_ok(pct_draw_plans(&drawn.problem, &best, &settings, 1, again, &error), &error);
        ck_assert_int_eq(again[0].visit_count, plans[0].visit_count);
        ck_assert_mem_eq(again[0].start_ms, plans[0].start_ms,
                         (size_t)again[0].visit_count * sizeof *again[0].start_ms);
        for (int k = 1; k < PLANS; k++)
            differ += plans[k].visit_count != plans[0].visit_count ||
                      memcmp(plans[k].start_ms, plans[0].start_ms,
                             (size_t)plans[0].visit_count * sizeof *plans[0].start_ms) != 0;
        pct_patrol_plan_dispose(&again[0]);
        for (int k = 0; k < PLANS; k++) pct_patrol_plan_dispose(&plans[k]);
        pct_patrol_plan_dispose(&best);
    }
    ck_assert_int_gt(differ, PROBLEMS * (PLANS - 1) / 2);
}
END_TEST

/* Demands 0 and 1 are one point; 2 is always visited at the same time; 3 never. */
TEST(entropy_of_plans_by_hand) {
    test_plan_draw(&(pct_rng){{1, 2, 3, 4}}, &drawn, 4, 1, TEST_PLAN_FREE);
    for (int32_t d = 0; d < 4; d++) {
        drawn.modes[d] = (pct_patrol_mode){.demand = d};
        drawn.demands[d].first_mode = d;
        drawn.demands[d].mode_count = 1;
        drawn.demands[d].series = d < 2 ? 0 : PCT_PATROL_NONE;
    }
    drawn.problem.series_count = 1;
    int32_t mode[] = {0, 1, 2}, first[] = {0, 3};
    /* Bins of 100: 0, 1; 0, 2; 0, 3; 0, 3: odds 1/2, 1/8, 1/8, 1/4 */
    int64_t start_ms[4][3] = {{10, 150, 720}, {99, 299, 730}, {0, 300, 799}, {50, 399, 700}};
    pct_patrol_plan plans[4];
    for (int i = 0; i < 4; i++)
        plans[i] = (pct_patrol_plan){
            .unit_count = 1, .visit_count = 3, .first = first, .mode = mode, .start_ms = start_ms[i]};
    double bits[4];
    pct_error error;
    test_ok(pct_draw_entropy(&drawn.problem, plans, 4, 100, bits, &error), &error);
    ck_assert(fabs(bits[0] - 1.75) < 1e-12);
    ck_assert(bits[1] == bits[0]);
    ck_assert(bits[2] == 0.0);
    ck_assert(bits[3] == -1.0);
    ck_assert(fabs(pct_draw_entropy_mean(&drawn.problem, bits) - 3.5 / 3.0) < 1e-12);
}
END_TEST

static pct_patrol_plan solved;

static pct_status attempt(void *context) {
    pct_draw_settings settings = {.seed = 1, .iterations = 5, .share = 0.03};
    pct_patrol_plan plans[3];
    double bits[TEST_PLAN_DEMANDS];
    (void)context;
    pct_status status = pct_draw_plans(&drawn.problem, &solved, &settings, 3, plans, NULL);
    if (status) return status;
    status = pct_draw_entropy(&drawn.problem, plans, 3, 50, bits, NULL);
    for (int i = 0; i < 3; i++) pct_patrol_plan_dispose(&plans[i]);
    return status;
}

TEST(drawing_without_memory_fails_whole_and_what_means_nothing_is_refused) {
    pct_rng rng = pct_rng_init(72, 0);
    test_plan_draw(&rng, &drawn, 9, 2, TEST_PLAN_FULL);
    draw_calls(&rng);
    solved = solve(false);
    ck_assert_uint_gt(test_torture(attempt, NULL), 5);
    pct_draw_settings settings = {.seed = 1, .iterations = 5, .share = -0.01};
    pct_patrol_plan plan;
    pct_error error;
    ck_assert_int_eq(pct_draw_plans(&drawn.problem, &solved, &settings, 1, &plan, &error), PCT_MISUSE);
    test_error_says(&error, "a share of the best plan's cost from 0 to 1");
    settings.share = 0.03;
    ck_assert_int_eq(pct_draw_plans(&drawn.problem, &solved, &settings, 0, &plan, NULL), PCT_MISUSE);
    pct_patrol_plan_dispose(&solved);
}
END_TEST

TEST_MAIN("patrol_draw", TEST_CASE(drawn_plans_keep_every_rule_and_stay_within_the_share),
          TEST_CASE(entropy_of_plans_by_hand),
          TEST_CASE(drawing_without_memory_fails_whole_and_what_means_nothing_is_refused))
