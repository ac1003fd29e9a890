/* Expected response while rounds are driven: a day by hand, what is kept up against what is reckoned anew and against the checker, and plans that
 * mind calls against plans that do not. */
#include "patrol/response.h"

#include <math.h>

#include "patrol/cover.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 60, POINTS = 6 };

static test_plan_problem drawn;
static double per_hour[POINTS];
static int32_t time_ms[TEST_PLAN_PLACES * POINTS];
static pct_patrol_calls calls;

static void draw_calls(pct_rng *rng) {
    const pct_patrol_problem *p = &drawn.problem;
    calls = (pct_patrol_calls){.point_count = POINTS,
                               .per_hour = per_hour,
                               .time_ms = time_ms,
                               .busy = 0.3,
                               .slice_ms = 50,
                               .step_ms = 1,
                               .nobody_ms = 400};
    for (int32_t i = 0; i < POINTS; i++) {
        int32_t like = (int32_t)pct_rng_below(rng, (uint32_t)p->place_count);
        per_hour[i] = (double)pct_rng_below(rng, 5) + (i == 0);
        for (int32_t place = 0; place < p->place_count; place++)
            time_ms[place * POINTS + i] = drawn.cost[place * p->place_count + like];
    }
    drawn.problem.calls = &calls;
}

static void check(const pct_patrol_plan *plan) {
    pct_patrol_finding found = pct_patrol_check(&drawn.problem, plan, false);
    ck_assert_msg(found.fault == PCT_PATROL_SOUND, "fault %d at unit %d, visit %d", (int)found.fault,
                  (int)found.unit, (int)found.visit);
}

static pct_patrol_plan solve(uint64_t iterations) {
    pct_patrol_settings settings = {.seed = 1, .iterations_max = iterations};
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), &error);
    check(&plan);
    return plan;
}

/* One unit at place 0 that drives to place 1 (100 away) at 100, serves until 300 and is back at 400; calls at place 0 and 1; a second unit
 * whose shift begins at 200 stands at place 1. */
static void draw_by_hand(void) {
    static const int32_t travel_ms[] = {0, 100, 100, 0};
    test_plan_draw(&(pct_rng){{1, 2, 3, 4}}, &drawn, 1, 2, TEST_PLAN_FREE);
    drawn.problem.place_count = 2;
    drawn.problem.mode_count = 1;
    for (int i = 0; i < 4; i++)
        drawn.travel_ms[i] = drawn.cost[i] = time_ms[i / 2 * 2 + i % 2] = travel_ms[i];
    drawn.modes[0] =
        (pct_patrol_mode){.from = 1, .to = 1, .service_ms = 100, .open_ms = 200, .close_ms = 200};
    drawn.demands[0] = (pct_patrol_demand){.mode_count = 1,
                                           .series = PCT_PATROL_NONE,
                                           .unit = 0,
                                           .group = PCT_PATROL_NONE,
                                           .weight = 1,
                                           .must = true};
    drawn.units[0] = (pct_patrol_unit){.close_ms = 400, .duration_max_ms = 400, .capacity = 9};
    drawn.units[1] =
        (pct_patrol_unit){.start = 1, .end = 1, .open_ms = 200, .close_ms = 400, .duration_max_ms = 200};
    per_hour[0] = 3.0;
    per_hour[1] = 1.0;
    calls = (pct_patrol_calls){.point_count = 2,
                               .per_hour = per_hour,
                               .time_ms = time_ms,
                               .busy = 0.25,
                               .slice_ms = 100,
                               .step_ms = 10,
                               .nobody_ms = 1000};
    drawn.problem.calls = &calls;
}

TEST(expected_response_of_a_day_by_hand) {
    draw_by_hand();
    pct_patrol_plan plan = solve(64);
    ck_assert_int_eq(plan.leave_ms[0], 100);
    ck_assert_int_eq(plan.back_ms[0], 400);
    double none = 0.25 * 1000, both = 0.0625 * 1000, first = 0.75, second = 0.1875;
    /* 50: at the post. 150: half way. 250: serving, the other beside it. 350: half way back. */
    double at_0[] = {none, first * 50 + none, first * 100 + second * 100 + both,
                     first * 50 + second * 100 + both};
    double at_1[] = {first * 100 + none, first * 50 + none, both, second * 50 + both};
    double sum = 0.0;
    for (int i = 0; i < 4; i++) sum += 3.0 * at_0[i] + at_1[i];
    double expected_ms, by_hand_ms = sum / 4.0 / 4.0;
    pct_error error;
    test_ok(pct_response_of_plan(&drawn.problem, &plan, &expected_ms, &error), &error);
    ck_assert(fabs(expected_ms - by_hand_ms) < 1e-9);
    ck_assert_int_eq(plan.cost.response_ms, (int64_t)ceil(by_hand_ms / 10) * 10);
    plan.cost.response_ms += 20;
    ck_assert_int_eq(pct_patrol_check(&drawn.problem, &plan, false).fault, PCT_PATROL_COST);
    plan.cost.response_ms -= 40;
    ck_assert_int_eq(pct_patrol_check(&drawn.problem, &plan, false).fault, PCT_PATROL_COST);
    pct_patrol_plan_dispose(&plan);
}
END_TEST

/* From the first plan of a stream on. */
static void begin_cover(pct_cover *cover, pct_stream *stream, uint64_t seed, pct_arena *arena) {
    static pct_patrol_settings settings;
    int32_t first[TEST_PLAN_UNITS + 1], mode[TEST_PLAN_DEMANDS];
    pct_error error;
    settings = (pct_patrol_settings){.seed = seed, .iterations_max = 100};
    test_ok(pct_stream_init(stream, &drawn.problem, &settings, 0, NULL, arena, &error), &error);
    pct_stream_begin(stream);
    pct_stream_write(stream, first, mode);
    test_ok(pct_cover_init(cover, stream, first, mode, arena, &error), &error);
}

TEST(what_is_kept_up_is_what_is_reckoned_anew) {
    pct_rng rng = pct_rng_init(61, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena = pct_arena_init(1 << 24);
        pct_stream stream;
        pct_cover cover;
        pct_error error;
        test_plan_draw(&rng, &drawn, 4 + (int32_t)pct_rng_below(&rng, 9), 1 + (int32_t)pct_rng_below(&rng, 4),
                       (test_plan_rules)(i % 3));
        if (i % 2) test_plan_draw_bands(&rng, &drawn);
        draw_calls(&rng);
        begin_cover(&cover, &stream, (uint64_t)i, &arena);
        int64_t musts = cover.best.musts_left;
        for (int k = 0; k < 5; k++) {
            pct_cover_set_spent(&cover, 0.2 * k);
            pct_cover_run(&cover, 10);
            pct_patrol_plan plan = test_plan_of(&stream.rounds);
            double anew_ms;
            test_ok(pct_response_of_plan(&drawn.problem, &plan, &anew_ms, &error), &error);
            ck_assert(fabs(cover.expected_ms - anew_ms) < 1e-6);
            ck_assert_int_le(plan.cost.musts_left, musts);
            plan.cost.response_ms = pct_response_steps_ms(&calls, anew_ms);
            check(&plan);
        }
        pct_arena_dispose(&arena);
    }
}
END_TEST

/* When it is cold, what is given up of response is worth its travel: a fiftieth at the most for all of it. */
TEST(a_cold_search_does_not_answer_calls_later_for_travel) {
    pct_rng rng = pct_rng_init(63, 0);
    int kept = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena = pct_arena_init(1 << 24);
        pct_stream stream;
        pct_cover cover;
        test_plan_draw(&rng, &drawn, 12, 3, TEST_PLAN_TIMED);
        for (int32_t d = 0; d < 12; d++) drawn.demands[d].must = true;
        draw_calls(&rng);
        begin_cover(&cover, &stream, (uint64_t)i, &arena);
        pct_cover_set_spent(&cover, 1.0);
        for (int k = 0; k < 60; k++) {
            double before_ms = cover.expected_ms;
            int64_t musts = stream.rounds.musts_left;
            pct_cover_run(&cover, 1);
            ck_assert(cover.expected_ms < 1.05 * before_ms || stream.rounds.musts_left < musts);
            kept += cover.expected_ms != before_ms;
        }
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(kept, PROBLEMS);
}
END_TEST

/* All streams go on for the calls; who carries them is no matter. */
TEST(streams_answer_calls_alike_whoever_carries_them_and_sooner_than_one) {
    pct_rng rng = pct_rng_init(64, 0);
    pct_pool *pool;
    pct_error error;
    int64_t sums_ms[2] = {0};
    test_ok(pct_pool_new(3, &pool, &error), &error);
    for (int i = 0; i < PROBLEMS / 3; i++) {
        pct_patrol_plan plans[3];
        test_plan_draw(&rng, &drawn, TEST_PLAN_DEMANDS, TEST_PLAN_UNITS, (test_plan_rules)(1 + i % 2));
        draw_calls(&rng);
        for (int k = 0; k < 3; k++) {
            pct_patrol_settings settings = {
                .seed = 5, .iterations_max = 600, .streams = k ? 4 : 1, .pool = k == 2 ? pool : NULL};
            test_ok(pct_patrol_solve(&drawn.problem, &settings, &plans[k], &error), &error);
            check(&plans[k]);
            ck_assert_uint_eq(plans[k].iterations, 600 * (k ? 4 : 1));
        }
        ck_assert_int_eq(plans[1].visit_count, plans[2].visit_count);
        ck_assert_mem_eq(plans[1].mode, plans[2].mode, (size_t)plans[1].visit_count * sizeof *plans[1].mode);
        ck_assert_mem_eq(plans[1].start_ms, plans[2].start_ms,
                         (size_t)plans[1].visit_count * sizeof *plans[1].start_ms);
        bool alike = plans[0].cost.musts_left == plans[1].cost.musts_left;
        for (int k = 0; k < 2 && alike; k++) sums_ms[k] += plans[k].cost.response_ms;
        for (int k = 0; k < 3; k++) pct_patrol_plan_dispose(&plans[k]);
    }
    ck_assert_int_lt(sums_ms[1], sums_ms[0]);
    pct_pool_free(pool);
}
END_TEST

TEST(plans_that_mind_calls_answer_them_sooner_at_no_more_musts_left) {
    pct_rng rng = pct_rng_init(62, 0);
    double with_ms = 0.0, without_ms = 0.0;
    int sooner = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        test_plan_draw(&rng, &drawn, 12, 3, TEST_PLAN_TIMED);
        for (int32_t u = 0; u < 3; u++) drawn.units[u].capacity = 1000;
        draw_calls(&rng);
        pct_patrol_plan with = solve(600);
        drawn.problem.calls = NULL;
        pct_patrol_plan without = solve(300); /* where the other began to mind calls */
        drawn.problem.calls = &calls;
        double of_with_ms, of_without_ms;
        pct_error error;
        test_ok(pct_response_of_plan(&drawn.problem, &with, &of_with_ms, &error), &error);
        test_ok(pct_response_of_plan(&drawn.problem, &without, &of_without_ms, &error), &error);
        ck_assert_int_le(with.cost.musts_left, without.cost.musts_left);
        with_ms += of_with_ms;
        without_ms += of_without_ms;
        sooner += of_with_ms < of_without_ms;
        pct_patrol_plan_dispose(&with);
        pct_patrol_plan_dispose(&without);
    }
    ck_assert_int_gt(sooner, PROBLEMS * 3 / 4);
    ck_assert(with_ms < 0.92 * without_ms);
}
END_TEST

TEST(problems_whose_calls_mean_nothing_are_refused) {
    pct_error error;
    draw_by_hand();
    ck_assert_int_eq(pct_patrol_problem_check(&drawn.problem, &error), PCT_OK);
    calls.busy = 1.0;
    ck_assert_int_eq(pct_patrol_problem_check(&drawn.problem, &error), PCT_MISUSE);
    test_error_says(&error, "points of calls with expected calls an hour");
    draw_by_hand();
    per_hour[0] = per_hour[1] = 0.0;
    ck_assert_int_eq(pct_patrol_problem_check(&drawn.problem, NULL), PCT_MISUSE);
    draw_by_hand();
    time_ms[1] = -1;
    ck_assert_int_eq(pct_patrol_problem_check(&drawn.problem, NULL), PCT_MISUSE);
    draw_by_hand();
    calls.slice_ms = 0;
    ck_assert_int_eq(pct_patrol_problem_check(&drawn.problem, NULL), PCT_MISUSE);
}
END_TEST

TEST_MAIN("patrol_response", TEST_CASE(expected_response_of_a_day_by_hand),
          TEST_CASE(what_is_kept_up_is_what_is_reckoned_anew),
          TEST_CASE(a_cold_search_does_not_answer_calls_later_for_travel),
          TEST_CASE(streams_answer_calls_alike_whoever_carries_them_and_sooner_than_one),
          TEST_CASE(plans_that_mind_calls_answer_them_sooner_at_no_more_musts_left),
          TEST_CASE(problems_whose_calls_mean_nothing_are_refused))
