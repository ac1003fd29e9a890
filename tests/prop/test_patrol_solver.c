/* The solver on small random problems: its plans keep every rule, none is better, and the same seed gives the same. */
#include "patrol/even.h"
#include "patrol/solve.h"

#include <string.h>

#include "patrol/stream.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 120, SMALL = 60 };

static test_plan_problem drawn;

static pct_patrol_plan solve(uint64_t seed, uint64_t iterations, bool fewest_units) {
    pct_patrol_settings settings = {
        .seed = seed, .iterations_max = iterations, .fewest_units = fewest_units, .bound_passes = 40};
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), &error);
    pct_patrol_finding found = pct_patrol_check(&drawn.problem, &plan, fewest_units);
    ck_assert_msg(found.fault == PCT_PATROL_SOUND, "fault %d at unit %d, visit %d", (int)found.fault,
                  (int)found.unit, (int)found.visit);
    if (!plan.cost.musts_left) ck_assert_int_le(plan.travel_bound, plan.cost.travel);
    return plan;
}

/* The best of all plans, by trying: every demand of the mask's absent or in every mode at every place of every round. */
typedef struct exhaustion {
    int32_t modes[TEST_PLAN_UNITS][TEST_PLAN_DEMANDS], sizes[TEST_PLAN_UNITS];
    pct_patrol_cost best;
    int64_t least_travel; /* of all plans that serve every must */
} exhaustion;

static void judge(exhaustion *e) {
    const pct_patrol_problem *p = &drawn.problem;
    int32_t first[TEST_PLAN_UNITS + 1], all[TEST_PLAN_DEMANDS], at = 0;
    int64_t starts_ms[TEST_PLAN_DEMANDS], leave_ms[TEST_PLAN_UNITS], back_ms[TEST_PLAN_UNITS], travel,
        least_ms = INT64_MAX, most_ms = 0;
    pct_patrol_cost cost = {0};
    bool served[TEST_PLAN_DEMANDS] = {false};
    for (int32_t u = 0; u < p->unit_count; u++) {
        first[u] = at;
        for (int32_t i = 0; i < e->sizes[u]; i++) served[p->modes[e->modes[u][i]].demand] = true;
        memcpy(all + at, e->modes[u], (size_t)e->sizes[u] * sizeof *all);
        if (!test_plan_drive(p, u, all + at, e->sizes[u], starts_ms + at, &leave_ms[u], &back_ms[u], &travel))
            return;
        cost.travel += travel;
        at += e->sizes[u];
        if (!e->sizes[u]) continue;
        least_ms = back_ms[u] - leave_ms[u] < least_ms ? back_ms[u] - leave_ms[u] : least_ms;
        most_ms = back_ms[u] - leave_ms[u] > most_ms ? back_ms[u] - leave_ms[u] : most_ms;
    }
    first[p->unit_count] = at;
    for (int32_t d = 0; d < p->demand_count; d++)
        if (!served[d]) *(p->demands[d].must ? &cost.musts_left : &cost.shoulds_left) += p->demands[d].weight;
    cost.imbalance_ms = most_ms > least_ms ? most_ms - least_ms : 0;
    pct_patrol_plan plan = {.unit_count = p->unit_count,
                            .visit_count = at,
                            .first = first,
                            .mode = all,
                            .start_ms = starts_ms,
                            .leave_ms = leave_ms,
                            .back_ms = back_ms,
                            .cost = cost};
    pct_error error;
    test_ok(pct_even_of_plan(p, &plan, &plan.cost.spread_ppm, &error), &error);
    cost = plan.cost;
    if (pct_patrol_check(p, &plan, false).fault) return;
    if (pct_patrol_cost_compare(&cost, &e->best) < 0) e->best = cost;
    if (cost.musts_left == 0 && cost.travel < e->least_travel) e->least_travel = cost.travel;
}

static void exhaust(exhaustion *e, int32_t demand) {
    const pct_patrol_problem *p = &drawn.problem;
    if (demand == p->demand_count) {
        judge(e);
        return;
    }
    exhaust(e, demand + 1);
    const pct_patrol_demand *d = &p->demands[demand];
    for (int32_t u = 0; u < p->unit_count; u++)
        for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++)
            for (int32_t at = 0; at <= e->sizes[u]; at++) {
                int32_t *modes = e->modes[u];
                memmove(modes + at + 1, modes + at, (size_t)(e->sizes[u]++ - at) * sizeof *modes);
                modes[at] = m;
                exhaust(e, demand + 1);
                memmove(modes + at, modes + at + 1, (size_t)(--e->sizes[u] - at) * sizeof *modes);
            }
}

/* Where visits are spread, begins may be moved that were tried only as soon as they can be: such plans are compared by what stands before it. */
static int compare(pct_patrol_cost a, pct_patrol_cost b) {
    if (!drawn.problem.series_count) return pct_patrol_cost_compare(&a, &b);
    a.spread_ppm = b.spread_ppm = a.travel = b.travel = a.imbalance_ms = b.imbalance_ms = 0;
    return pct_patrol_cost_compare(&a, &b);
}

TEST(no_plan_of_a_small_problem_is_better_than_the_solvers) {
    pct_rng rng = pct_rng_init(11, 0);
    int equal = 0;
    for (int i = 0; i < SMALL; i++) {
        test_plan_draw(&rng, &drawn, 4, 2, (test_plan_rules)(i % 3));
        exhaustion e = {.best = {.musts_left = INT64_MAX}, .least_travel = INT64_MAX};
        exhaust(&e, 0);
        pct_patrol_plan plan = solve(7, 2000, false);
        ck_assert_int_ge(compare(plan.cost, e.best), 0);
        ck_assert_int_eq(plan.cost.musts_left, e.best.musts_left);
        equal += plan.cost.shoulds_left == e.best.shoulds_left &&
                 (plan.cost.travel == e.best.travel || plan.cost.spread_ppm < e.best.spread_ppm);
        pct_patrol_plan_dispose(&plan);
    }
    ck_assert_int_ge(equal, SMALL - 3); /* a heuristic: of these problems all but the hardest windows */
}
END_TEST

/* Both bounds, against the least travel of all plans that serve every must. */
TEST(no_plan_that_serves_every_must_travels_less_than_the_bound) {
    pct_rng rng = pct_rng_init(17, 0);
    int compared = 0, met = 0, better = 0;
    for (int i = 0; i < 3 * SMALL; i++) {
        test_plan_draw(&rng, &drawn, 4, 2, (test_plan_rules)(i % 3));
        for (int32_t d = 0; d < 4 && i % 2; d++) drawn.demands[d].must = true;
        for (int32_t m = 0; m < drawn.problem.mode_count && i % 5 == 0; m++) /* windows of an instant */
            drawn.modes[m].close_ms = drawn.modes[m].open_ms;
        exhaustion e = {.best = {.musts_left = INT64_MAX}, .least_travel = INT64_MAX};
        exhaust(&e, 0);
        if (e.least_travel == INT64_MAX) continue;
        int64_t quick = pct_patrol_travel_bound(&drawn.problem);
        pct_patrol_plan plan = solve(7, 300, false);
        ck_assert_int_le(quick, plan.travel_bound);
        ck_assert_int_le(plan.travel_bound, e.least_travel);
        compared++;
        met += plan.travel_bound == e.least_travel;
        better += plan.travel_bound > quick;
        pct_patrol_plan_dispose(&plan);
    }
    ck_assert_int_gt(compared, SMALL);
    ck_assert_int_gt(met, compared / 4);
    ck_assert_int_gt(better, compared / 2);
}
END_TEST

TEST(plans_keep_every_rule_and_repeat_by_their_seed) {
    pct_rng rng = pct_rng_init(12, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        test_plan_draw(&rng, &drawn, (int32_t)pct_rng_below(&rng, TEST_PLAN_DEMANDS),
                       1 + (int32_t)pct_rng_below(&rng, TEST_PLAN_UNITS), (test_plan_rules)(i % 3));
        pct_patrol_plan a = solve(5, 300, i % 2), b = solve(5, 300, i % 2);
        ck_assert_int_eq(a.visit_count, b.visit_count);
        ck_assert_mem_eq(a.mode, b.mode, (size_t)a.visit_count * sizeof *a.mode);
        ck_assert_mem_eq(a.first, b.first, (size_t)(a.unit_count + 1) * sizeof *a.first);
        ck_assert_mem_eq(a.start_ms, b.start_ms, (size_t)a.visit_count * sizeof *a.start_ms);
        pct_patrol_plan_dispose(&a);
        pct_patrol_plan_dispose(&b);
    }
}
END_TEST

static pct_patrol_plan solve_in_streams(uint32_t streams, pct_pool *pool, bool fewest_units) {
    pct_patrol_settings settings = {
        .seed = 3, .iterations_max = 700, .fewest_units = fewest_units, .streams = streams, .pool = pool};
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), &error);
    ck_assert_int_eq(pct_patrol_check(&drawn.problem, &plan, fewest_units).fault, PCT_PATROL_SOUND);
    ck_assert_uint_eq(plan.iterations, 700 * streams);
    return plan;
}

/* Whoever carries the streams, and in which order: the plan is that of the seed, the streams and the iterations. */
TEST(a_cold_stream_gives_up_neither_spread_nor_travel_but_for_a_better_plan) {
    pct_rng rng = pct_rng_init(29, 0);
    int lower = 0;
    for (int i = 0; i < 200; i++) {
        pct_arena arena = pct_arena_init(1 << 24);
        pct_stream stream;
        pct_error error;
        pct_patrol_settings settings = {.seed = (uint64_t)i, .iterations_max = 100};
        test_plan_draw(&rng, &drawn, 8 + (int32_t)pct_rng_below(&rng, 7), 1 + (int32_t)pct_rng_below(&rng, 4),
                       TEST_PLAN_FULL);
        test_ok(pct_stream_init(&stream, &drawn.problem, &settings, 0, NULL, &arena, &error), &error);
        pct_stream_begin(&stream);
        stream.temperature = 0.0;
        for (int k = 0; k < 30; k++) {
            double before = pct_stream_score(&stream);
            int64_t musts_left = stream.rounds.musts_left;
            pct_patrol_cost best = stream.best;
            pct_stream_run(&stream, 1);
            if (musts_left || pct_patrol_cost_compare(&stream.best, &best) < 0) continue;
            ck_assert_double_le(pct_stream_score(&stream), before * (1.0 + 1e-12));
            lower += pct_stream_score(&stream) < before;
        }
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(lower, 0);
}
END_TEST

TEST(streams_give_the_same_plan_whoever_carries_them) {
    pct_rng rng = pct_rng_init(16, 0);
    pct_pool *pool;
    pct_error error;
    int differ = 0;
    test_ok(pct_pool_new(3, &pool, &error), &error);
    for (int i = 0; i < PROBLEMS / 4; i++) {
        test_plan_draw(&rng, &drawn, TEST_PLAN_DEMANDS, 1 + (int32_t)pct_rng_below(&rng, TEST_PLAN_UNITS),
                       (test_plan_rules)(i % 3));
        pct_patrol_plan alone = solve_in_streams(4, NULL, i % 2), shared = solve_in_streams(4, pool, i % 2),
                        single = solve_in_streams(1, pool, i % 2);
        ck_assert_int_eq(alone.visit_count, shared.visit_count);
        ck_assert_mem_eq(alone.mode, shared.mode, (size_t)alone.visit_count * sizeof *alone.mode);
        ck_assert_mem_eq(alone.first, shared.first, (size_t)(alone.unit_count + 1) * sizeof *alone.first);
        differ += pct_patrol_cost_compare(&single.cost, &alone.cost) != 0;
        pct_patrol_plan_dispose(&alone);
        pct_patrol_plan_dispose(&shared);
        pct_patrol_plan_dispose(&single);
    }
    ck_assert_int_gt(differ, 0); /* four streams are not one */
    pct_pool_free(pool);
}
END_TEST

TEST(fewest_units_come_before_travel) {
    pct_rng rng = pct_rng_init(13, 0);
    int fewer = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        test_plan_draw(&rng, &drawn, 10, 4, TEST_PLAN_TIMED);
        for (int32_t u = 0; u < 4; u++) drawn.units[u].fixed_cost = 0;
        pct_patrol_plan shortest = solve(5, 600, false), fewest = solve(5, 600, true);
        int64_t used = 0;
        for (int32_t u = 0; u < 4; u++) used += shortest.first[u] < shortest.first[u + 1];
        if (shortest.cost.musts_left == fewest.cost.musts_left) {
            ck_assert_int_le(fewest.cost.units, used);
            fewer += fewest.cost.units < used;
        }
        pct_patrol_plan_dispose(&shortest);
        pct_patrol_plan_dispose(&fewest);
    }
    ck_assert_int_gt(fewer, PROBLEMS / 8);
}
END_TEST

/* Two towns far from each other, a post in each: nothing but closing a unit sends one across. */
TEST(a_unit_is_closed_against_all_travel_when_the_fewest_are_asked_for) {
    enum { TOWN = 6, PLACES = 2 * TOWN };
    test_plan_draw(&(pct_rng){{1, 2, 3, 4}}, &drawn, PLACES - 2, 2, TEST_PLAN_FREE);
    drawn.problem.place_count = PLACES;
    drawn.problem.mode_count = PLACES - 2;
    for (int32_t i = 0; i < PLACES * PLACES; i++) {
        int32_t a = i / PLACES, b = i % PLACES;
        drawn.travel_ms[i] = 0;
        drawn.cost[i] = abs(a - b) + (a / TOWN != b / TOWN ? 1000 : 0);
    }
    for (int32_t d = 0; d < PLACES - 2; d++) {
        int32_t place = d < TOWN - 1 ? d + 1 : d + 2;
        drawn.modes[d] = (pct_patrol_mode){.demand = d, .from = place, .to = place, .close_ms = 1000};
        drawn.demands[d].first_mode = d;
        drawn.demands[d].mode_count = 1;
        drawn.demands[d].must = true;
    }
    for (int32_t u = 0; u < 2; u++) {
        drawn.units[u].start = drawn.units[u].end = u * TOWN;
        drawn.units[u].fixed_cost = 0;
    }
    pct_patrol_plan shortest = solve(1, 3000, false), fewest = solve(1, 8, true);
    ck_assert_int_eq(shortest.cost.travel, 2 * 2 * (TOWN - 1));
    ck_assert_int_eq(fewest.cost.musts_left, 0);
    ck_assert_int_eq(fewest.cost.units, 1);
    ck_assert_int_gt(fewest.cost.travel, 2000);
    pct_patrol_plan_dispose(&shortest);
    pct_patrol_plan_dispose(&fewest);
}
END_TEST

typedef struct heard {
    pct_patrol_cost last;
    int count, asked;
} heard;

static void better(void *context, const pct_patrol_cost *cost, uint64_t iteration) {
    heard *h = context;
    (void)iteration;
    if (h->count++) ck_assert_int_lt(pct_patrol_cost_compare(cost, &h->last), 0);
    h->last = *cost;
}

static double spent(void *context) {
    return ++((heard *)context)->asked / 50.0;
}

TEST(each_better_plan_is_told_and_the_budget_ends_the_search) {
    pct_rng rng = pct_rng_init(14, 0);
    test_plan_draw(&rng, &drawn, TEST_PLAN_DEMANDS, 3, TEST_PLAN_FREE);
    heard h = {.count = 0};
    pct_patrol_settings settings = {.seed = 1, .spent = spent, .better = better, .context = &h};
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), &error);
    ck_assert_int_eq(h.asked, 50);
    ck_assert_int_gt(h.count, 1);
    ck_assert_int_eq(pct_patrol_cost_compare(&plan.cost, &h.last), 0);
    pct_patrol_plan_dispose(&plan);
    settings = (pct_patrol_settings){.seed = 1};
    ck_assert_int_eq(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), PCT_MISUSE);
    test_error_says(&error, "a limit of iterations or of time");
}
END_TEST

static pct_status attempt(void *context) {
    pct_patrol_settings settings = {.seed = 1, .iterations_max = 20, .streams = 2, .bound_passes = 3};
    pct_patrol_plan plan;
    (void)context;
    pct_status status = pct_patrol_solve(&drawn.problem, &settings, &plan, NULL);
    pct_patrol_plan_dispose(&plan);
    return status;
}

TEST(solving_without_memory_fails_whole_and_searching_allocates_nothing) {
    pct_rng rng = pct_rng_init(15, 0);
    test_plan_draw(&rng, &drawn, 10, 3, TEST_PLAN_FULL);
    ck_assert_uint_gt(test_torture(attempt, NULL), 2);
    size_t before = test_allocation_count();
    pct_patrol_plan few = solve(1, 10, false);
    size_t of_few = test_allocation_count() - before;
    pct_patrol_plan many = solve(1, 1000, false);
    ck_assert_uint_eq(test_allocation_count() - before, 2 * of_few);
    pct_patrol_plan_dispose(&few);
    pct_patrol_plan_dispose(&many);
}
END_TEST

TEST_MAIN("patrol_solver", TEST_CASE(no_plan_of_a_small_problem_is_better_than_the_solvers),
          TEST_CASE(no_plan_that_serves_every_must_travels_less_than_the_bound),
          TEST_CASE(plans_keep_every_rule_and_repeat_by_their_seed),
          TEST_CASE(a_cold_stream_gives_up_neither_spread_nor_travel_but_for_a_better_plan),
          TEST_CASE(streams_give_the_same_plan_whoever_carries_them),
          TEST_CASE(fewest_units_come_before_travel),
          TEST_CASE(a_unit_is_closed_against_all_travel_when_the_fewest_are_asked_for),
          TEST_CASE(each_better_plan_is_told_and_the_budget_ends_the_search),
          TEST_CASE(solving_without_memory_fails_whole_and_searching_allocates_nothing))
