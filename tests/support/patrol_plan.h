/* Small random patrol problems, and the slow truth about a round: found by driving it, not by joining segments. */
#ifndef PCT_TESTS_SUPPORT_PATROL_PLAN_H
#define PCT_TESTS_SUPPORT_PATROL_PLAN_H

#include "base/rng.h"
#include "patrol/check.h"

enum {
    TEST_PLAN_DEMANDS = 14,
    TEST_PLAN_MODES = 3 * TEST_PLAN_DEMANDS,
    TEST_PLAN_UNITS = 4,
    TEST_PLAN_PLACES = 30,
    TEST_PLAN_BANDS = 4,
    TEST_PLAN_CALLS = 4
};

typedef struct test_plan_problem {
    pct_patrol_problem problem; /* points into the arrays below: do not copy */
    int32_t travel_ms[TEST_PLAN_BANDS * TEST_PLAN_PLACES * TEST_PLAN_PLACES],
        cost[TEST_PLAN_PLACES * TEST_PLAN_PLACES];
    int64_t band_from_ms[TEST_PLAN_BANDS];
    pct_patrol_mode modes[TEST_PLAN_MODES];
    pct_patrol_demand demands[TEST_PLAN_DEMANDS];
    pct_patrol_unit units[TEST_PLAN_UNITS];
    int64_t gap_ms[3];
    pct_patrol_calls calls;
    double per_hour[TEST_PLAN_CALLS];
    int32_t call_ms[TEST_PLAN_PLACES * TEST_PLAN_CALLS];
} test_plan_problem;

typedef enum test_plan_rules {
    TEST_PLAN_FREE,  /* no windows: points, lines of one and of two directions */
    TEST_PLAN_TIMED, /* windows, several for some */
    TEST_PLAN_FULL   /* and series, capabilities, breaks, short durations, units of two kinds */
} test_plan_rules;

void test_plan_draw(pct_rng *rng, test_plan_problem *out, int32_t demands, int32_t units,
                    test_plan_rules rules);
/* Makes travel differ by two to four bands of hours, some of them much faster than those before. */
void test_plan_draw_bands(pct_rng *rng, test_plan_problem *out);
/* Expects calls at per_hour, which is set before, with times drawn by chance. */
void test_plan_draw_calls(pct_rng *rng, test_plan_problem *out);
/* The least instant at which who may leave at leave_ms is there, by trying every ms. */
int64_t test_plan_arrive_ms(const pct_patrol_problem *problem, int32_t from, int32_t to, int64_t leave_ms);

/* The unit drives the modes leaving as late as it can without being back later: false when a window, its load, its shift or its duration
 * forbids it. starts_ms [count]; travel as pct_patrol_cost counts it. */
bool test_plan_drive(const pct_patrol_problem *problem, int32_t unit, const int32_t *modes, int32_t count,
                     int64_t *starts_ms, int64_t *leave_ms, int64_t *back_ms, int64_t *travel);

/* Whether the modes of unit u, first[u] … first[u + 1] - 1 in their order, keep every rule when each drives so; the travel of all of them. */
bool test_plan_is_sound(const pct_patrol_problem *problem, const int32_t *first, int32_t *modes,
                        int64_t *travel);

typedef struct pct_rounds pct_rounds; /* patrol/rounds.h, whose segments are not those of roads */
/* The rounds as a plan on static memory (valid until the next call) with the cost that their own sums state; fails the test when a round cannot be
 * driven. */
pct_patrol_plan test_plan_of(const pct_rounds *rounds);
/* The modes of the unit's round; their number. */
int32_t test_plan_round(const pct_rounds *rounds, int32_t unit, int32_t *modes);

#endif
