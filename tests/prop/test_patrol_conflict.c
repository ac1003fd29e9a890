/* Why a must is left out: the set is held against all subsets of small problems, each tried in all ways. */
#include <string.h>

#include "patrol/conflict.h"
#include "patrol/solve.h"
#include "patrol/together.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 150, DEMANDS = 5, UNITS = 2 };

static test_plan_problem drawn;

typedef struct attempt {
    int32_t modes[UNITS][DEMANDS], sizes[UNITS];
} attempt;

static bool is_sound(const attempt *a) {
    const pct_patrol_problem *p = &drawn.problem;
    int32_t first[UNITS + 1], all[DEMANDS], at = 0;
    int64_t travel;
    for (int32_t u = 0; u < p->unit_count; u++) {
        first[u] = at;
        memcpy(all + at, a->modes[u], (size_t)a->sizes[u] * sizeof *all);
        at += a->sizes[u];
    }
    first[p->unit_count] = at;
    return test_plan_is_sound(p, first, all, &travel);
}

/* Whether all demands of `set` from `demand` on can be put in somehow. */
static bool can_serve(attempt *a, uint32_t set, int32_t demand) {
    const pct_patrol_problem *p = &drawn.problem;
    while (demand < p->demand_count && !(set >> demand & 1)) demand++;
    if (demand == p->demand_count) return is_sound(a);
    const pct_patrol_demand *d = &p->demands[demand];
    for (int32_t u = 0; u < p->unit_count; u++)
        for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++)
            for (int32_t at = 0; at <= a->sizes[u]; at++) {
                int32_t *modes = a->modes[u];
                memmove(modes + at + 1, modes + at, (size_t)(a->sizes[u]++ - at) * sizeof *modes);
                modes[at] = m;
                bool can = can_serve(a, set, demand + 1);
                memmove(modes + at, modes + at + 1, (size_t)(--a->sizes[u] - at) * sizeof *modes);
                if (can) return true;
            }
    return false;
}

static bool can_all(uint32_t set) {
    attempt a = {.sizes = {0}};
    return can_serve(&a, set, 0);
}

/* Tight: shifts of 300, so that musts get in each other's way. */
static void draw_tight(pct_rng *rng, int i) {
    test_plan_draw(rng, &drawn, DEMANDS, 1 + (int32_t)pct_rng_below(rng, UNITS), (test_plan_rules)(i % 3));
    if (i % 2) test_plan_draw_bands(rng, &drawn);
    for (int32_t u = 0; u < drawn.problem.unit_count; u++)
        drawn.units[u].close_ms = drawn.units[u].open_ms + 60 + (int32_t)pct_rng_below(rng, 400);
    for (int32_t d = 0; d < DEMANDS; d++) drawn.demands[d].must = true;
}

TEST(the_set_cannot_be_served_and_without_any_other_one_it_can) {
    pct_rng rng = pct_rng_init(41, 0);
    int sets = 0, of_many = 0, proven = 0, alone = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        pct_patrol_settings settings = {.seed = 1, .iterations_max = 300};
        pct_patrol_plan plan;
        pct_error error;
        draw_tight(&rng, i);
        test_ok(pct_patrol_solve(&drawn.problem, &settings, &plan, &error), &error);
        uint32_t served = 0;
        for (int32_t v = 0; v < plan.visit_count; v++) served |= 1U << drawn.modes[plan.mode[v]].demand;
        for (int32_t d = 0; d < DEMANDS; d++) {
            if (served >> d & 1) continue;
            pct_arena arena = pct_arena_init(1 << 20);
            pct_conflict c;
            test_ok(pct_conflict_find(&drawn.problem, &plan, d, 200, &arena, &c, &error), &error);
            uint32_t set = 0;
            for (int32_t k = 0; k < c.count; k++) set |= 1U << c.demands[k];
            ck_assert_int_eq(c.demands[0], d);
            if (c.kind == PCT_CONFLICT_NONE) {
                ck_assert_msg(can_all(served | 1U << d), "problem %d: an unexplained must", i);
            } else {
                ck_assert(!can_all(set));
                for (int32_t k = 1; k < c.count; k++) ck_assert(can_all(set & ~(1U << c.demands[k])));
                sets++;
                proven += c.proven;
                of_many += c.count > 1;
                alone += c.kind != PCT_CONFLICT_TIME;
            }
            pct_arena_dispose(&arena);
        }
        pct_patrol_plan_dispose(&plan);
    }
    ck_assert_int_gt(sets, PROBLEMS / 2);
    ck_assert_int_gt(of_many, PROBLEMS / 15);
    ck_assert_int_gt(alone, PROBLEMS / 20);
    ck_assert_int_gt(proven, of_many / 2);
}
END_TEST

TEST(trying_all_says_what_trying_all_slowly_says) {
    pct_rng rng = pct_rng_init(42, 0);
    int counts[3] = {0};
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena = pct_arena_init(1 << 20);
        pct_together together;
        pct_error error;
        int32_t demands[DEMANDS], count = 0;
        draw_tight(&rng, i);
        uint32_t set = pct_rng_below(&rng, 1 << DEMANDS);
        for (int32_t d = 0; d < DEMANDS; d++)
            if (set >> d & 1) demands[count++] = d;
        test_ok(pct_together_try(&drawn.problem, demands, count, &arena, &together, &error), &error);
        if (together != PCT_TOGETHER_MAYBE) ck_assert_int_eq(together == PCT_TOGETHER_YES, can_all(set));
        counts[together]++;
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(counts[PCT_TOGETHER_NO], PROBLEMS / 5);
    ck_assert_int_gt(counts[PCT_TOGETHER_YES], PROBLEMS / 5);
    ck_assert_int_gt(counts[PCT_TOGETHER_MAYBE], 0);
}
END_TEST

/* One unit, a line of places 10 apart; what is wrong with each demand is plain. */
static void draw_line(void) {
    test_plan_draw(&(pct_rng){{1, 2, 3, 4}}, &drawn, 5, 1, TEST_PLAN_FREE);
    enum { PLACES = 6 };
    drawn.problem.place_count = PLACES;
    drawn.problem.mode_count = 5;
    for (int32_t i = 0; i < PLACES * PLACES; i++)
        drawn.travel_ms[i] = drawn.cost[i] = 10 * abs(i / PLACES - i % PLACES);
    for (int32_t i = 0; i < PLACES; i++)
        drawn.travel_ms[i * PLACES + 5] = i == 5 ? 0 : 100000; /* no way to 5 */
    drawn.units[0] = (pct_patrol_unit){.close_ms = 100, .duration_max_ms = 100, .capacity = 100, .has = 1};
    for (int32_t d = 0; d < 5; d++) {
        drawn.modes[d] =
            (pct_patrol_mode){.demand = d, .from = d + 1, .to = d + 1, .service_ms = 40, .close_ms = 100};
        drawn.demands[d] = (pct_patrol_demand){.first_mode = d,
                                               .mode_count = 1,
                                               .series = PCT_PATROL_NONE,
                                               .unit = PCT_PATROL_NONE,
                                               .group = PCT_PATROL_NONE,
                                               .weight = 1,
                                               .must = true};
    }
}

static pct_conflict find(int32_t served, int32_t asked, pct_arena *arena) {
    int32_t first[] = {0, served >= 0}, mode[] = {served};
    pct_patrol_plan plan = {.unit_count = 1, .visit_count = served >= 0, .first = first, .mode = mode};
    pct_conflict c;
    pct_error error;
    test_ok(pct_conflict_find(&drawn.problem, &plan, asked, 100, arena, &c, &error), &error);
    return c;
}

TEST(reasons_that_need_no_other_demand_come_first) {
    pct_arena arena = pct_arena_init(1 << 20);
    draw_line();
    drawn.demands[1].needs = 2;
    ck_assert_int_eq(find(0, 1, &arena).kind, PCT_CONFLICT_CAPABILITY);
    drawn.modes[2].open_ms = 90; /* begins in time, ends behind the shift */
    ck_assert_int_eq(find(0, 2, &arena).kind, PCT_CONFLICT_WINDOW);
    ck_assert_int_eq(find(0, 4, &arena).kind, PCT_CONFLICT_UNREACHABLE);
    pct_conflict c = find(0, 3, &arena); /* 40 there, 40 of service, 40 back */
    ck_assert_int_eq(c.kind, PCT_CONFLICT_TIME);
    ck_assert_int_eq(c.count, 1);
    ck_assert(c.proven);
    draw_line();
    c = find(0, 1, &arena);
    ck_assert_int_eq(c.kind, PCT_CONFLICT_TIME);
    ck_assert_int_eq(c.count, 2);
    ck_assert_int_eq(c.demands[1], 0);
    ck_assert(c.proven);
    drawn.modes[0].service_ms = drawn.modes[1].service_ms = 10;
    ck_assert_int_eq(find(0, 1, &arena).kind, PCT_CONFLICT_NONE);
    pct_arena_dispose(&arena);
}
END_TEST

static pct_status attempt_find(void *context) {
    pct_arena arena = pct_arena_init(1 << 20);
    int32_t first[] = {0, 1}, mode[] = {0};
    pct_patrol_plan plan = {.unit_count = 1, .visit_count = 1, .first = first, .mode = mode};
    pct_conflict c;
    (void)context;
    pct_status status = pct_conflict_find(&drawn.problem, &plan, 1, 100, &arena, &c, NULL);
    pct_arena_dispose(&arena);
    return status;
}

TEST(finding_without_memory_fails_whole) {
    draw_line();
    ck_assert_uint_gt(test_torture(attempt_find, NULL), 1);
    drawn.demands[0].series = drawn.demands[1].series = 0;
    drawn.problem.series_count = 1;
    drawn.gap_ms[0] = 1; /* the solver is asked, too */
    drawn.modes[0].service_ms = drawn.modes[1].service_ms = 10;
    ck_assert_uint_gt(test_torture(attempt_find, NULL), 3);
}
END_TEST

TEST_MAIN("patrol_conflict", TEST_CASE(the_set_cannot_be_served_and_without_any_other_one_it_can),
          TEST_CASE(trying_all_says_what_trying_all_slowly_says),
          TEST_CASE(reasons_that_need_no_other_demand_come_first),
          TEST_CASE(finding_without_memory_fails_whole))
