/* Published routing instances as problems: written by hand, broken, and the real ones. */
#include "cli/patrol_instance.h"

#include "patrol/check.h"
#include "patrol/solve.h"
#include "support/test.h"

static const char vrptw[] =
    "TOY\n\nVEHICLE\nNUMBER     CAPACITY\n  2         10\n\nCUSTOMER\nCUST NO.  XCOORD.  YCOORD.  DEMAND  "
    "READY TIME  DUE DATE  SERVICE TIME\n\n"
    "    0   0   0   0   0   100   0\n    1   3   4   6   0    50  10\r\n    2   1   1   6  20    30  10\n";
static const char toptw[] = "4 10 2 1\n0 200\n 0 0.0 0.0 0.0 0.0 0 0 0 100\n 1 1.00 1.00 5.0 7.0 1 1 1 2 "
                            "90\n 2 3.0 4.0 5 9 1 2 1 2 0 60\n";
static const char nearp[] = "Name:\t\ttoy\nOptimal value:\t12\n#Vehicles:\t-1\nCapacity:\t4\nDepot "
                            "Node:\t1\n#Nodes:\t\t3\n\nReN.\tDEMAND\tS. COST\nN3\t2\t2\n\n"
                            "ReE.\tFROM N.\tTO N.\tT. COST\tDEMAND\tS. COST\nE1\t1\t2\t3\t2\t2\n\nEDGE\tFROM "
                            "N.\tTO N.\tT. COST\nNrE1\t2\t3\t4\n\n"
                            "ReA.\tFROM N.\tTO N.\tT. COST\tDEMAND\tS. COST\nA1\t3\t1\t5\t1\t1\n\nARC\tFROM "
                            "N.\tTO N.\tT. COST\nNrA1\t1\t3\t9\n-1\n";

static double solve(const pct_instance *in, bool fewest_units, pct_patrol_plan *plan) {
    const pct_patrol_settings settings = {.seed = 1, .iterations_max = 500, .fewest_units = fewest_units};
    pct_error error;
    test_ok(pct_patrol_solve(&in->problem, &settings, plan, &error), &error);
    ck_assert_int_eq(pct_patrol_check(&in->problem, plan, fewest_units).fault, PCT_PATROL_SOUND);
    return pct_instance_distance(in, plan);
}

TEST(vrptw_instance_becomes_points_with_windows) {
    pct_instance in;
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_instance_read_vrptw("toy", pct_text_of(vrptw), &in, &error), &error);
    ck_assert_int_eq(in.problem.demand_count, 2);
    ck_assert_int_eq(in.problem.unit_count, 2);
    ck_assert_int_eq(in.problem.travel_ms[1], 500000);
    ck_assert_int_eq(in.problem.travel_ms[2], 141422); /* the next greater */
    ck_assert_int_eq(in.problem.modes[1].open_ms, 2000000);
    ck_assert_double_eq_tol(solve(&in, false, &plan), 10.0 + 2.0 * 1.41421356,
                            1e-6); /* together they are too heavy */
    pct_patrol_plan_dispose(&plan);
    pct_instance_dispose(&in);
}
END_TEST

TEST(toptw_instance_becomes_shoulds_with_profit) {
    pct_instance in;
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_instance_read_toptw("toy", pct_text_of(toptw), 1, &in, &error), &error);
    ck_assert_int_eq(in.problem.unit_count, 1);
    ck_assert_int_eq(in.problem.travel_ms[1], 140); /* cut to one decimal */
    ck_assert_int_eq(in.problem.demands[1].weight, 9);
    ck_assert_int_eq(in.problem.modes[1].close_ms, 6000);
    (void)solve(&in, false, &plan);
    ck_assert_int_eq(plan.cost.shoulds_left, 0);
    pct_patrol_plan_dispose(&plan);
    pct_instance_dispose(&in);
}
END_TEST

TEST(nearp_instance_becomes_points_and_lines) {
    pct_instance in;
    pct_patrol_plan plan;
    pct_error error;
    test_ok(pct_instance_read_nearp("toy", pct_text_of(nearp), &in, &error), &error);
    ck_assert_int_eq(in.problem.demand_count, 3);
    ck_assert_int_eq(in.problem.mode_count, 4);
    ck_assert_int_eq(in.problem.demands[1].mode_count, 2);
    ck_assert_int_eq(in.problem.cost[2], 7); /* 1 to 3 by 2 */
    ck_assert_double_eq(in.optimum, 12.0);
    /* 1-2-3-1 holds 4 of 5: the arc goes with another. */
    ck_assert_double_eq(solve(&in, false, &plan), 18.0);
    pct_patrol_plan_dispose(&plan);
    pct_instance_dispose(&in);
}
END_TEST

typedef pct_status (*reader)(const char *file, pct_text bytes, pct_instance *out, pct_error *error);

static pct_status read_profit(const char *file, pct_text bytes, pct_instance *out, pct_error *error) {
    return pct_instance_read_toptw(file, bytes, 2, out, error);
}

TEST(what_is_no_instance_is_refused_by_line) {
    const struct {
        reader read;
        const char *text, *says;
    } cases[] = {
        {pct_instance_read_vrptw, "", "bad:1"},
        {pct_instance_read_vrptw, "1 2 3\n", "bad:1"},
        {pct_instance_read_vrptw, "X\n1 2 3 4 5 6 7\n", "bad:2"},
        {pct_instance_read_vrptw, "9000 5\n0 0 0 0 0 9 0\n1 0 0 0 0 9 0\n", "bad:4"},
        {read_profit, "x\n", "bad:1"},
        {read_profit, "4 1 1 1\n0 9\n0 1 2 3\n", "bad:3"},
        {read_profit, "4 1 1 1\n0 9\n", "bad:3"},
        {pct_instance_read_nearp, "", "bad:1"},
        {pct_instance_read_nearp, "#Nodes: x\n", "bad:1"},
        {pct_instance_read_nearp, "ReN. DEMAND\n", "bad:1"},
        {pct_instance_read_nearp, "Capacity: 1\nDepot Node: 1\n#Nodes: 2\nReN.\nN3 1 1\n", "bad:5"},
        {pct_instance_read_nearp, "Capacity: 1\nDepot Node: 1\n#Nodes: 2\nReA.\nA1 1 3 1 1 1\n", "bad:5"},
        {pct_instance_read_nearp, "Capacity: 1\nDepot Node: 1\n#Nodes: 2\nReA.\nA1 1 x\n", "bad:5"},
        {pct_instance_read_nearp, "Capacity: 1\nDepot Node: 1\n#Nodes: 2\nARC\nA1 1 2 4\n", "bad:6"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_instance in;
        pct_error error;
        ck_assert_int_eq(cases[i].read("bad", pct_text_of(cases[i].text), &in, &error), PCT_INPUT);
        test_error_says(&error, cases[i].says);
        pct_instance_dispose(&in);
    }
}
END_TEST

/* A published instance in few iterations: all served, near the best known. */
static void near_known(const char *inner, reader read, double known, double most) {
    size_t length;
    char *text = test_read_file(test_data_path(inner), &length);
    pct_instance in;
    pct_patrol_plan plan;
    pct_error error;
    test_ok(read(inner, (pct_text){text, length}, &in, &error), &error);
    double found = solve(&in, false, &plan);
    ck_assert_int_eq(plan.cost.musts_left, 0);
    ck_assert_double_ge(found, known - 0.01);
    ck_assert_double_le(found, known * most);
    ck_assert_int_gt(plan.travel_bound, 0);
    ck_assert_int_le(plan.travel_bound, plan.cost.travel);
    pct_patrol_plan_dispose(&plan);
    pct_instance_dispose(&in);
    free(text);
}

TEST(published_instances_are_read_and_solved_near_the_best_known) {
    TEST_NEEDS_DATA("vrptw/solomon/C101.txt");
    near_known("vrptw/solomon/C101.txt", pct_instance_read_vrptw, 828.94, 1.1);
    near_known("vrptw/solomon/R101.txt", pct_instance_read_vrptw, 1642.88, 1.1);
    near_known("nearp/mggdb_0.30_10.dat", pct_instance_read_nearp, 242, 1.1);
}
END_TEST

TEST_MAIN("patrol_instance", TEST_CASE(vrptw_instance_becomes_points_with_windows),
          TEST_CASE(toptw_instance_becomes_shoulds_with_profit),
          TEST_CASE(nearp_instance_becomes_points_and_lines),
          TEST_CASE(what_is_no_instance_is_refused_by_line),
          TEST_CASE(published_instances_are_read_and_solved_near_the_best_known))
