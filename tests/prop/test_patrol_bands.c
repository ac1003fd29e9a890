/* Travel by the hour: arrival and its inverse against trying every instant, rounds against driving them, plans against the checker. */
#include <string.h>

#include "patrol/insert.h"
#include "patrol/solve.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 150, HORIZON_MS = 900 };

static test_plan_problem drawn;

static void draw(pct_rng *rng, int i, int32_t demands, int32_t units) {
    test_plan_draw(rng, &drawn, demands, units, (test_plan_rules)(i % 3));
    test_plan_draw_bands(rng, &drawn);
}

TEST(arrival_is_the_least_over_all_departures_and_never_overtaken) {
    pct_rng rng = pct_rng_init(31, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        draw(&rng, i, 3, 1);
        const pct_patrol_problem *p = &drawn.problem;
        int32_t from = (int32_t)pct_rng_below(&rng, (uint32_t)p->place_count);
        int32_t to = (int32_t)pct_rng_below(&rng, (uint32_t)p->place_count);
        int64_t before_ms = 0;
        for (int64_t at_ms = 0; at_ms < HORIZON_MS; at_ms++) {
            int64_t there_ms = pct_patrol_arrive_ms(p, from, to, at_ms);
            ck_assert_int_eq(there_ms, test_plan_arrive_ms(p, from, to, at_ms));
            ck_assert_int_ge(there_ms, before_ms);
            before_ms = there_ms;
        }
    }
}
END_TEST

TEST(latest_departure_is_the_last_that_arrives_in_time) {
    pct_rng rng = pct_rng_init(32, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        draw(&rng, i, 3, 1);
        const pct_patrol_problem *p = &drawn.problem;
        int32_t to = (int32_t)pct_rng_below(&rng, (uint32_t)p->place_count);
        for (int64_t by_ms = 0; by_ms < HORIZON_MS; by_ms++) {
            int64_t last_ms = pct_patrol_leave_ms(p, 0, to, by_ms);
            ck_assert_int_le(pct_patrol_arrive_ms(p, 0, to, last_ms), by_ms);
            ck_assert_int_gt(pct_patrol_arrive_ms(p, 0, to, last_ms + 1), by_ms);
        }
    }
}
END_TEST

/* The unit's round with `mode` behind `after`, driven; its modes' number. */
static bool drives_with(const pct_rounds *r, int32_t mode, int32_t after) {
    int32_t modes[TEST_PLAN_DEMANDS], unit = r->stops[after].unit, count = 0;
    int64_t starts_ms[TEST_PLAN_DEMANDS], leave_ms, back_ms, travel;
    for (int32_t s = pct_rounds_begin(r, unit); r->stops[s].next != PCT_PATROL_NONE; s = r->stops[s].next) {
        if (!pct_rounds_is_post(r, s)) modes[count++] = r->stops[s].mode;
        if (s == after) modes[count++] = mode;
    }
    return test_plan_drive(r->problem, unit, modes, count, starts_ms, &leave_ms, &back_ms, &travel);
}

/* Durations and departures too: the round as the slow truth drives it. */
static void check_driven(const pct_rounds *r) {
    pct_patrol_plan plan = test_plan_of(r);
    pct_patrol_finding found = pct_patrol_check(r->problem, &plan, false);
    ck_assert_msg(found.fault == PCT_PATROL_SOUND, "fault %d at unit %d, visit %d", (int)found.fault,
                  (int)found.unit, (int)found.visit);
    for (int32_t u = 0; u < r->problem->unit_count; u++) {
        const pct_segment *whole = &r->stops[pct_rounds_begin(r, u)].tail;
        if (!r->rounds[u].size) continue;
        ck_assert_int_eq(whole->earliest_ms, plan.leave_ms[u]);
        ck_assert_int_eq(whole->duration_ms, plan.back_ms[u] - plan.leave_ms[u]);
    }
}

TEST(insertion_is_judged_as_the_round_is_driven) {
    pct_rng rng = pct_rng_init(33, 0);
    int fitted = 0, refused = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena = pct_arena_init(1 << 22);
        pct_rounds r;
        pct_error error;
        draw(&rng, i, 3 + (int32_t)pct_rng_below(&rng, 7), 1 + (int32_t)pct_rng_below(&rng, 3));
        for (int s = 0; s < 3; s++) drawn.gap_ms[s] = 0;
        if (i % 3 == 2) /* gaps have their own test: the plans that keep them */
            for (int32_t d = 0; d < drawn.problem.demand_count; d++)
                drawn.demands[d].series = PCT_PATROL_NONE;
        test_ok(pct_patrol_problem_check(&drawn.problem, &error), &error);
        test_ok(pct_rounds_init(&r, &drawn.problem, &arena, &error), &error);
        for (int32_t d = 0; d < drawn.problem.demand_count; d++) {
            pct_insertion best;
            for (int32_t u = 0; u < drawn.problem.unit_count; u++)
                for (int32_t s = pct_rounds_begin(&r, u); r.stops[s].next != PCT_PATROL_NONE;
                     s = r.stops[s].next) {
                    bool drives = drives_with(&r, drawn.demands[d].first_mode, s);
                    ck_assert_int_eq(pct_rounds_fits(&r, drawn.demands[d].first_mode, s), drives);
                    *(drives ? &fitted : &refused) += 1;
                }
            if (!pct_insert_best(&r, d, NULL, &best)) continue;
            pct_rounds_insert(&r, &best);
            check_driven(&r);
        }
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(fitted, PROBLEMS);
    ck_assert_int_gt(refused, PROBLEMS);
}
END_TEST

TEST(removals_leave_rounds_that_can_be_driven_and_undo_gives_back) {
    pct_rng rng = pct_rng_init(34, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena = pct_arena_init(1 << 22);
        pct_rounds r;
        pct_error error;
        pct_insertion best;
        draw(&rng, i, 9, 2);
        test_ok(pct_rounds_init(&r, &drawn.problem, &arena, &error), &error);
        for (int32_t d = 0; d < drawn.problem.demand_count; d++)
            if (pct_insert_best(&r, d, NULL, &best)) pct_rounds_insert(&r, &best);
        pct_patrol_cost before = pct_rounds_cost(&r, false);
        pct_rounds_mark(&r);
        for (int32_t d = 0; d < drawn.problem.demand_count; d += 2)
            if (r.stops[d].unit != PCT_PATROL_NONE) pct_rounds_remove(&r, &d, 1);
        check_driven(&r);
        pct_rounds_undo(&r);
        check_driven(&r);
        pct_patrol_cost after = pct_rounds_cost(&r, false);
        ck_assert_int_eq(pct_patrol_cost_compare(&before, &after), 0);
        pct_arena_dispose(&arena);
    }
}
END_TEST

TEST(plans_by_the_hour_keep_every_rule) {
    pct_rng rng = pct_rng_init(35, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        pct_patrol_settings settings = {.seed = 3, .iterations_max = 200};
        pct_patrol_plan plan;
        pct_error error;
        draw(&rng, i, 3 + (int32_t)pct_rng_below(&rng, 10), 1 + (int32_t)pct_rng_below(&rng, 4));
        test_ok(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), &error);
        pct_patrol_finding found = pct_patrol_check(&drawn.problem, &plan, false);
        ck_assert_msg(found.fault == PCT_PATROL_SOUND, "problem %d: fault %d at unit %d, visit %d", i,
                      (int)found.fault, (int)found.unit, (int)found.visit);
        pct_patrol_plan_dispose(&plan);
    }
}
END_TEST

TEST_MAIN("patrol_bands", TEST_CASE(arrival_is_the_least_over_all_departures_and_never_overtaken),
          TEST_CASE(latest_departure_is_the_last_that_arrives_in_time),
          TEST_CASE(insertion_is_judged_as_the_round_is_driven),
          TEST_CASE(removals_leave_rounds_that_can_be_driven_and_undo_gives_back),
          TEST_CASE(plans_by_the_hour_keep_every_rule))
