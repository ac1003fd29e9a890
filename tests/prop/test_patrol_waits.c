/* Waits that are moved: every rule is kept, nothing before them in the order of objectives is given up, and two days by hand. */
#include "patrol/waits.h"

#include <string.h>

#include "patrol/response.h"
#include "patrol/stream.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 300 };

static test_plan_problem drawn;

static void draw_calls(pct_rng *rng) {
    for (int32_t i = 0; i < TEST_PLAN_CALLS; i++)
        drawn.per_hour[i] = (double)pct_rng_below(rng, 5) + (i == 0);
    test_plan_draw_calls(rng, &drawn);
}

static void check(const pct_patrol_plan *plan) {
    pct_patrol_finding found = pct_patrol_check(&drawn.problem, plan, false);
    ck_assert_msg(found.fault == PCT_PATROL_SOUND, "fault %d at unit %d, visit %d", (int)found.fault,
                  (int)found.unit, (int)found.visit);
}

/* The first plan of a stream, on static memory, with its response. */
static pct_patrol_plan plan_of(pct_arena *arena, uint64_t seed) {
    static pct_stream stream;
    pct_patrol_settings settings = {.seed = seed, .iterations_max = 1};
    pct_error error;
    double expected_ms;
    test_ok(pct_stream_init(&stream, &drawn.problem, &settings, 0, NULL, arena, &error), &error);
    pct_stream_begin(&stream);
    pct_patrol_plan plan = test_plan_of(&stream.rounds);
    if (!drawn.problem.calls) return plan;
    test_ok(pct_response_of_plan(&drawn.problem, &plan, &expected_ms, &error), &error);
    plan.cost.response_ms = pct_response_steps_ms(&drawn.calls, expected_ms);
    return plan;
}

TEST(moved_waits_keep_every_rule_and_give_up_nothing) {
    pct_rng rng = pct_rng_init(91, 0);
    int evener = 0, sooner = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena = pct_arena_init(1 << 24);
        pct_error error;
        int32_t mode[TEST_PLAN_DEMANDS];
        test_plan_draw(&rng, &drawn, 6 + (int32_t)pct_rng_below(&rng, 9), 1 + (int32_t)pct_rng_below(&rng, 4),
                       TEST_PLAN_FULL);
        if (i % 3 == 0) test_plan_draw_bands(&rng, &drawn);
        if (i % 2) draw_calls(&rng);
        pct_patrol_plan plan = plan_of(&arena, (uint64_t)i);
        check(&plan);
        pct_patrol_cost before = plan.cost;
        memcpy(mode, plan.mode, (size_t)plan.visit_count * sizeof *mode);
        if (i % 4 < 2)
            test_ok(pct_waits_move(&drawn.problem, &plan, &error), &error);
        else
            test_ok(pct_waits_spread(&drawn.problem, &plan, 150000, &error), &error);
        check(&plan);
        ck_assert_mem_eq(mode, plan.mode, (size_t)plan.visit_count * sizeof *mode);
        ck_assert_int_le(plan.cost.response_ms, before.response_ms);
        if (i % 4 >= 2 || !drawn.problem.calls) ck_assert_int_le(plan.cost.spread_ppm, before.spread_ppm);
        evener += plan.cost.spread_ppm < before.spread_ppm;
        sooner += plan.cost.response_ms < before.response_ms;
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(evener, PROBLEMS / 6);
    ck_assert_int_gt(sooner, PROBLEMS / 12);
}
END_TEST

static void expect_calls_by_hand(void) {
    drawn.per_hour[0] = 1.0;
    drawn.calls = (pct_patrol_calls){.point_count = 1,
                                     .per_hour = drawn.per_hour,
                                     .time_ms = drawn.call_ms,
                                     .slice_ms = 20,
                                     .step_ms = 1,
                                     .nobody_ms = 300};
}

/* A unit at place 0 visits place 1, 100 away, twice within its shift of 1000. */
static pct_patrol_plan draw_by_hand(void) {
    static int32_t first[] = {0, 2}, mode[] = {0, 1};
    static int64_t start_ms[2], leave_ms[1], back_ms[1];
    static const int32_t travel_ms[] = {0, 100, 100, 0};
    test_plan_draw(&(pct_rng){{1, 2, 3, 4}}, &drawn, 3, 1, TEST_PLAN_FULL);
    pct_patrol_problem *p = &drawn.problem;
    p->calls = NULL;
    p->place_count = p->mode_count = p->demand_count = 2;
    p->series_count = 1;
    drawn.gap_ms[0] = 20;
    memcpy(drawn.travel_ms, travel_ms, sizeof travel_ms);
    memcpy(drawn.cost, travel_ms, sizeof travel_ms);
    for (int32_t i = 0; i < 2; i++) {
        drawn.modes[i] =
            (pct_patrol_mode){.demand = i, .from = 1, .to = 1, .service_ms = 10, .close_ms = 890};
        drawn.demands[i] = (pct_patrol_demand){.first_mode = i,
                                               .mode_count = 1,
                                               .unit = PCT_PATROL_NONE,
                                               .group = PCT_PATROL_NONE,
                                               .weight = 1,
                                               .must = true};
    }
    drawn.units[0] = (pct_patrol_unit){.close_ms = 1000, .duration_max_ms = 1000, .capacity = 9};
    start_ms[0] = 400;
    start_ms[1] = 430;
    leave_ms[0] = 300;
    back_ms[0] = 540;
    return (pct_patrol_plan){.unit_count = 1,
                             .visit_count = 2,
                             .first = first,
                             .mode = mode,
                             .start_ms = start_ms,
                             .leave_ms = leave_ms,
                             .back_ms = back_ms,
                             .cost = {.travel = 200, .spread_ppm = 210000}};
}

/* 400, 30 and 460 of 890: 0.21. Even are 296 and 593. */
TEST(visits_of_a_point_move_to_even_distances) {
    pct_error error;
    pct_patrol_plan plan = draw_by_hand();
    check(&plan);
    test_ok(pct_waits_move(&drawn.problem, &plan, &error), &error);
    check(&plan);
    ck_assert_int_eq(plan.cost.spread_ppm, 10000); /* the grid's rounding: a step */
    ck_assert(plan.start_ms[0] > 285 && plan.start_ms[0] < 308);
    ck_assert(plan.start_ms[1] > 582 && plan.start_ms[1] < 604);
    ck_assert_int_eq(plan.leave_ms[0], plan.start_ms[0] - 100);
    ck_assert_int_eq(plan.back_ms[0], plan.start_ms[1] + 110);
    plan = draw_by_hand();
    test_ok(pct_waits_spread(&drawn.problem, &plan, 210000, &error), &error);
    ck_assert_int_eq(plan.start_ms[0], 400); /* even enough */
    drawn.units[0].duration_max_ms = 300; /* 200 of travel, 20 of visits: 80 between the visits at the most */
    plan = draw_by_hand();
    drawn.units[0].duration_max_ms = 300;
    test_ok(pct_waits_move(&drawn.problem, &plan, &error), &error);
    check(&plan);
    ck_assert_int_le(plan.back_ms[0] - plan.leave_ms[0], 300);
}
END_TEST

/* Calls come where the point is: who waits between the visits waits there. */
TEST(visits_move_apart_where_calls_come_between_them) {
    pct_error error;
    pct_patrol_plan plan = draw_by_hand();
    double expected_ms;
    drawn.call_ms[0] = 100;
    drawn.call_ms[1] = 0;
    expect_calls_by_hand();
    drawn.problem.calls = &drawn.calls;
    test_ok(pct_response_of_plan(&drawn.problem, &plan, &expected_ms, &error), &error);
    plan.cost.response_ms = pct_response_steps_ms(&drawn.calls, expected_ms);
    check(&plan);
    test_ok(pct_waits_move(&drawn.problem, &plan, &error), &error);
    check(&plan);
    ck_assert_int_eq(plan.leave_ms[0], 0);
    ck_assert_int_eq(plan.start_ms[0], 100);
    ck_assert_int_eq(plan.start_ms[1], 890);
    ck_assert_int_eq(plan.back_ms[0], 1000);
}
END_TEST

static pct_status attempt(void *context) {
    pct_patrol_plan plan = draw_by_hand();
    (void)context;
    drawn.problem.calls = &drawn.calls;
    return pct_waits_move(&drawn.problem, &plan, NULL);
}

TEST(moving_waits_without_memory_fails_whole) {
    expect_calls_by_hand();
    ck_assert_uint_gt(test_torture(attempt, NULL), 0);
}
END_TEST

TEST_MAIN("patrol_waits", TEST_CASE(moved_waits_keep_every_rule_and_give_up_nothing),
          TEST_CASE(visits_of_a_point_move_to_even_distances),
          TEST_CASE(visits_move_apart_where_calls_come_between_them),
          TEST_CASE(moving_waits_without_memory_fails_whole))
