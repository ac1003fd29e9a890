/* A town of straight streets, a random route through it as a duty plan, and the positions of a unit that drives it: all of it, or all but
 * one stop. What was driven is known, so that what is proved can be held against it. */
#ifndef PCT_TESTS_SUPPORT_DRIVEN_PLAN_H
#define PCT_TESTS_SUPPORT_DRIVEN_PLAN_H

#include "base/rng.h"
#include "patrol/adherence.h"

enum { TEST_DRIVEN_STOPS = 16, TEST_DRIVEN_PATH = 12, TEST_DRIVEN_SIDE = 9, TEST_DRIVEN_FIXES = 40000 };

typedef struct test_driven_plan {
    pct_road *road;
    pct_router *router;
    pct_duty_stop stops[TEST_DRIVEN_STOPS];
    pct_duty_task tasks[TEST_DRIVEN_STOPS];
    pct_position path[TEST_DRIVEN_STOPS][TEST_DRIVEN_PATH];
    pct_duty_span window;
    pct_duty_route route;
    pct_duty problem;
    char id[TEST_DRIVEN_STOPS][24];
    double beside[TEST_DRIVEN_STOPS]; /* of a line: the share of it that other stops' ways drive */
    pct_adherence_fix *fixes;         /* of the last drive */
    size_t fix_count;
} test_driven_plan;

/* Stops in random order: points some 100 m and more apart, one of them visited twice, and lines of several blocks. */
void test_driven_plan_new(test_driven_plan *plan, pct_rng *rng);
void test_driven_plan_free(test_driven_plan *plan);
/* Drives it, but for stop `left_out` (-1: none), seen every so often and so exactly. */
void test_driven_plan_drive(test_driven_plan *plan, int left_out, int64_t every_ms, double noise_m,
                            pct_rng *rng);

#endif
