/* The checker and the problem's contract on a line drawn by hand:
 *
 *     post 0 ---10--- 1 ---10--- 2 ---10--- 3 post of the second unit
 *
 * A point at 1, a line between 1 and 2 driven either way, and the point at 3 twice with a gap. */
#include "patrol/check.h"

#include "support/test.h"

enum { PLACES = 4, MODES = 5, DEMANDS = 4, UNITS = 2 };

static int32_t travel_ms[PLACES * PLACES];
static const int64_t gap_ms[] = {15};
static pct_patrol_mode modes[MODES];
static pct_patrol_demand demands[DEMANDS];
static pct_patrol_unit units[UNITS];
static pct_patrol_problem problem;
static int32_t first[UNITS + 1], mode[DEMANDS];
static int64_t start_ms[DEMANDS], leave_ms[UNITS], back_ms[UNITS];
static pct_patrol_plan plan;

/* Unit 0 drives 0, 1, the line to 2, 3, waits there for the gap and is back; unit 1 stays. The point at 3 is visited at 37 and 57 of 0 to 200:
 * pieces 37, 20, 143; three times their squares is 1.67 of 200^2, so that the spread is 0.67 / 2, in steps 0.34. */
static void draw(void) {
    for (int i = 0; i < PLACES; i++)
        for (int j = 0; j < PLACES; j++) travel_ms[i * PLACES + j] = 10 * abs(i - j);
    const pct_patrol_mode all[] = {{0, 1, 1, 5, 0, 100, 0},
                                   {1, 1, 2, 12, 0, 200, 1},
                                   {1, 2, 1, 12, 0, 200, 1},
                                   {2, 3, 3, 5, 0, 200, 0},
                                   {3, 3, 3, 5, 0, 200, 0}};
    for (int i = 0; i < MODES; i++) modes[i] = all[i];
    demands[0] = (pct_patrol_demand){.first_mode = 0,
                                     .mode_count = 1,
                                     .series = PCT_PATROL_NONE,
                                     .unit = 0,
                                     .weight = 1,
                                     .load = 2,
                                     .must = true};
    demands[1] = (pct_patrol_demand){.first_mode = 1,
                                     .mode_count = 2,
                                     .series = PCT_PATROL_NONE,
                                     .unit = PCT_PATROL_NONE,
                                     .needs = 2,
                                     .weight = 1,
                                     .must = true};
    demands[2] = (pct_patrol_demand){
        .first_mode = 3, .mode_count = 1, .series = 0, .unit = PCT_PATROL_NONE, .weight = 3};
    demands[3] = (pct_patrol_demand){
        .first_mode = 4, .mode_count = 1, .series = 0, .unit = PCT_PATROL_NONE, .weight = 3};
    units[0] = (pct_patrol_unit){
        .start = 0, .end = 0, .close_ms = 300, .duration_max_ms = 150, .capacity = 2, .has = 3};
    units[1] = (pct_patrol_unit){
        .start = 3, .end = 3, .close_ms = 300, .duration_max_ms = 300, .capacity = 9, .has = 1};
    problem = (pct_patrol_problem){.place_count = PLACES,
                                   .mode_count = MODES,
                                   .demand_count = DEMANDS,
                                   .unit_count = UNITS,
                                   .series_count = 1,
                                   .travel_ms = travel_ms,
                                   .cost = travel_ms,
                                   .modes = modes,
                                   .demands = demands,
                                   .units = units,
                                   .gap_ms = gap_ms};
    const int32_t order[] = {0, 1, 3, 4};
    const int64_t starts[] = {10, 15, 37, 57};
    for (int i = 0; i < DEMANDS; i++) {
        mode[i] = order[i];
        start_ms[i] = starts[i];
    }
    first[0] = 0;
    first[1] = first[2] = 4;
    leave_ms[0] = leave_ms[1] = back_ms[1] = 0;
    back_ms[0] = 92;
    plan = (pct_patrol_plan){.unit_count = UNITS,
                             .visit_count = 4,
                             .first = first,
                             .mode = mode,
                             .start_ms = start_ms,
                             .leave_ms = leave_ms,
                             .back_ms = back_ms,
                             .cost = {.travel = 51, .spread_ppm = 340000}};
}

static void finds(pct_patrol_fault fault) {
    pct_patrol_finding found = pct_patrol_check(&problem, &plan, false);
    ck_assert_int_eq(found.fault, fault);
    draw();
}

TEST(checker_finds_a_unit_of_another_group) {
    draw();
    demands[0].group = 1;
    finds(PCT_PATROL_UNABLE);
    for (int u = 0; u < 2; u++) units[u].group = 1;
    finds(PCT_PATROL_UNABLE); /* the others' demands are of group 0 */
    for (int d = 0; d < DEMANDS; d++) demands[d].group = PCT_PATROL_NONE;
    finds(PCT_PATROL_SOUND);
}
END_TEST

TEST(checker_takes_a_sound_plan_and_names_each_fault) {
    draw();
    finds(PCT_PATROL_SOUND);
    mode[0] = MODES;
    finds(PCT_PATROL_SHAPE);
    first[1] = 5;
    finds(PCT_PATROL_SHAPE);
    plan.visit_count = 3;
    finds(PCT_PATROL_SHAPE);
    mode[3] = 3;
    finds(PCT_PATROL_TWICE);
    first[1] = 0; /* the second unit cannot drive the line, nor may it serve the first point */
    finds(PCT_PATROL_UNABLE);
    units[0].has = 1;
    finds(PCT_PATROL_UNABLE);
    start_ms[2] = 36;
    finds(PCT_PATROL_TOO_SOON);
    back_ms[0] = 91;
    finds(PCT_PATROL_TOO_SOON);
    modes[0].close_ms = 9;
    finds(PCT_PATROL_WINDOW);
    modes[0].open_ms = 11;
    finds(PCT_PATROL_WINDOW);
    units[0].open_ms = 1;
    finds(PCT_PATROL_SHIFT);
    units[0].close_ms = 91;
    finds(PCT_PATROL_SHIFT);
    units[0].duration_max_ms = 91;
    finds(PCT_PATROL_DURATION);
    units[0].capacity = 1;
    finds(PCT_PATROL_CAPACITY);
    start_ms[3] = 56;
    finds(PCT_PATROL_GAP);
    plan.cost.travel = 50;
    finds(PCT_PATROL_COST);
    plan.cost.shoulds_left = 1;
    finds(PCT_PATROL_COST);
    plan.cost.musts_left = 1;
    finds(PCT_PATROL_COST);
    plan.cost.units = 1;
    finds(PCT_PATROL_COST);
    plan.cost.spread_ppm = 330000;
    finds(PCT_PATROL_COST);
    plan.cost.spread_ppm = 350000;
    finds(PCT_PATROL_COST);
    modes[4].close_ms = 120; /* the other visit's window is as long as before */
    finds(PCT_PATROL_SOUND);
    modes[3].close_ms = modes[4].close_ms = 120; /* 37, 20, 63 of 120: 0.10 */
    finds(PCT_PATROL_COST);
    plan.cost.imbalance_ms = 1;
    finds(PCT_PATROL_COST);
    finds(PCT_PATROL_SOUND);
}
END_TEST

static void refuses(const char *expected) {
    pct_error error;
    ck_assert_int_eq(pct_patrol_problem_check(&problem, &error), PCT_MISUSE);
    test_error_says(&error, expected);
    draw();
}

TEST(problem_is_refused_with_the_first_thing_that_is_wrong) {
    draw();
    test_ok(pct_patrol_problem_check(&problem, NULL), NULL);
    problem.place_count = 0;
    refuses("at least one place");
    problem.mode_count = DEMANDS - 1;
    refuses("at least one place");
    travel_ms[3] = -1;
    refuses("number 3");
    modes[2].demand = 0;
    refuses("a demand whose modes stand together");
    modes[4].to = PLACES;
    refuses("number 4");
    modes[1].open_ms = 201;
    refuses("a window that does not end before it begins");
    demands[2].weight = 0;
    refuses("weight above 0");
    demands[2].series = 1;
    refuses("series that exist");
    demands[3].mode_count = 0;
    refuses("a demand whose modes stand together");
    units[1].end = -1;
    refuses("a unit with posts that exist");
    units[0].open_ms = 301;
    refuses("a shift that does not end");
    const int64_t negative[] = {-1};
    problem.gap_ms = negative;
    refuses("a gap of 0 ms or more");
    const int64_t at_once[] = {0, 60, 60};
    problem.band_count = 3;
    problem.band_from_ms = at_once;
    refuses("bands of hours that begin one after the other");
    problem.band_count = -1;
    refuses("number 0");
}
END_TEST

/* From 40 on every way takes twice as long but that to 3, which takes half: who is ready at 30 waits for it. */
TEST(checker_drives_by_the_hour_of_the_departure) {
    static int32_t by_hour_ms[2 * PLACES * PLACES];
    static const int64_t from_ms[] = {0, 40};
    draw();
    demands[2].series = demands[3].series = PCT_PATROL_NONE;
    plan.cost.spread_ppm = 0;
    for (int i = 0; i < PLACES * PLACES; i++) {
        by_hour_ms[i] = travel_ms[i];
        by_hour_ms[PLACES * PLACES + i] = i % PLACES == 3 ? travel_ms[i] / 2 : 2 * travel_ms[i];
    }
    problem.travel_ms = by_hour_ms;
    problem.band_count = 2;
    problem.band_from_ms = from_ms;
    plan.back_ms[0] = back_ms[0] = 62 + 60; /* leaves 3 at 62 */
    ck_assert_int_eq(pct_patrol_check(&problem, &plan, false).fault, PCT_PATROL_SOUND);
    back_ms[0] = 121;
    ck_assert_int_eq(pct_patrol_check(&problem, &plan, false).fault, PCT_PATROL_TOO_SOON);
    back_ms[0] = 132;
    start_ms[1] = 23; /* the line is left at 35: 45 by the hour before, 45 by leaving at 40 */
    start_ms[2] = 44;
    start_ms[3] = 67;
    ck_assert_int_eq(pct_patrol_check(&problem, &plan, false).fault, PCT_PATROL_TOO_SOON);
    start_ms[2] = 45;
    ck_assert_int_eq(pct_patrol_check(&problem, &plan, false).fault, PCT_PATROL_SOUND);
    start_ms[1] = 27; /* left at 39: 49 and 45 */
    ck_assert_int_eq(pct_patrol_check(&problem, &plan, false).fault, PCT_PATROL_SOUND);
}
END_TEST

TEST(costs_compare_in_the_order_of_objectives) {
    const pct_patrol_cost least = {1, 1, 1, 1, 1, 1, 1};
    const pct_patrol_cost more[] = {{2, 0, 0, 0, 0, 0, 0}, {1, 2, 0, 0, 0, 0, 0}, {1, 1, 2, 0, 0, 0, 0},
                                    {1, 1, 1, 2, 0, 0, 0}, {1, 1, 1, 1, 2, 0, 0}, {1, 1, 1, 1, 1, 2, 0},
                                    {1, 1, 1, 1, 1, 1, 2}};
    for (int i = 0; i < 7; i++) {
        ck_assert_int_lt(pct_patrol_cost_compare(&least, &more[i]), 0);
        ck_assert_int_gt(pct_patrol_cost_compare(&more[i], &least), 0);
    }
    ck_assert_int_eq(pct_patrol_cost_compare(&least, &least), 0);
}
END_TEST

TEST_MAIN("patrol_check", TEST_CASE(checker_takes_a_sound_plan_and_names_each_fault),
          TEST_CASE(checker_finds_a_unit_of_another_group),
          TEST_CASE(problem_is_refused_with_the_first_thing_that_is_wrong),
          TEST_CASE(checker_drives_by_the_hour_of_the_departure),
          TEST_CASE(costs_compare_in_the_order_of_objectives))
