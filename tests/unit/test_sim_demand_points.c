/* Demand points learnt from calls, on the straight street of the simulator's tests. */
#include "sim/demand_points.h"

#include <string.h>

#include "base/rng.h"
#include "support/sim_world.h"
#include "support/test.h"

enum { CALLS = 500, HOUR_MS = 3600000 };

static pct_vector learn(const pct_sim_call *calls, size_t count, size_t most) {
    pct_travel street = sim_world_street();
    pct_vector points;
    pct_error error;
    test_ok(pct_demand_points_learn(&street, calls, count, most, &points, &error), &error);
    return points;
}

static const pct_demand_point *point(const pct_vector *points, size_t i) {
    return (const pct_demand_point *)points->items + i;
}

/*     3 calls at 1 km, 1 at 5 km, one off the map; in 2 hours */
TEST(demand_points_stand_where_the_calls_were_with_their_rates) {
    const pct_sim_call calls[] = {{0, sim_world_at_m(1000), SIM_JOB, 3},
                                  {1000, sim_world_at_m(5000), SIM_JOB, 1},
                                  {2000, sim_world_at_m(-10), SIM_JOB, 1},
                                  {3000, sim_world_at_m(1000), SIM_JOB, 3},
                                  {2 * HOUR_MS, sim_world_at_m(1000), SIM_JOB, 3}};
    pct_vector points = learn(calls, 5, 200);
    ck_assert_uint_eq(points.length, 2);
    ck_assert_double_eq_tol(point(&points, 0)->calls_per_hour, 1.5, 1e-12);
    ck_assert_uint_eq(point(&points, 0)->point.segment, 1);
    ck_assert_double_eq_tol(point(&points, 1)->calls_per_hour, 0.5, 1e-12);
    ck_assert_int_eq(point(&points, 1)->position.lon_e7, sim_world_at_m(5000).lon_e7);
    ck_assert_uint_eq(point(&points, 1)->name.length, 0);
    pct_vector_dispose(&points);
}

/*     1,000 m, 1,100 m, 1,300 m and far away 90 km: in two cells the three are one point, in the middle of them */
TEST(demand_points_join_calls_that_lie_close_together) {
    const pct_sim_call calls[] = {{0, sim_world_at_m(1000), SIM_JOB, 3},
                                  {1, sim_world_at_m(1300), SIM_JOB, 3},
                                  {2, sim_world_at_m(90000), SIM_JOB, 3},
                                  {3, sim_world_at_m(1100), SIM_JOB, 3}};
    pct_vector points = learn(calls, 4, 2);
    ck_assert_uint_eq(points.length, 2);
    ck_assert_int_eq(point(&points, 0)->position.lon_e7, sim_world_at_m(1100).lon_e7);
    ck_assert_double_eq_tol(point(&points, 0)->calls_per_hour, 3.0, 1e-12); /* of at least one hour */
    pct_vector_dispose(&points);
    points = learn(calls, 4, 1);
    ck_assert_uint_eq(points.length, 1);
    ck_assert_double_eq_tol(point(&points, 0)->calls_per_hour, 4.0, 1e-12);
    pct_vector_dispose(&points);
}

TEST(demand_points_are_no_more_than_asked_and_hold_all_calls) {
    for (uint64_t seed = 0; seed < 30; seed++) {
        pct_rng rng = pct_rng_init(seed, 3);
        pct_sim_call calls[CALLS];
        size_t count = pct_rng_below(&rng, CALLS), most = 1 + pct_rng_below(&rng, 40);
        for (size_t i = 0; i < count; i++)
            calls[i] =
                (pct_sim_call){(int64_t)i * 60000, sim_world_at_m((int32_t)pct_rng_below(&rng, 90000)), 0, 3};
        pct_vector points = learn(calls, count, most), again = learn(calls, count, most);
        double sum = 0.0, hours = count > 60 ? (double)(count - 1) / 60.0 : 1.0;
        for (size_t j = 0; j < points.length; j++) sum += point(&points, j)->calls_per_hour;
        ck_assert_uint_le(points.length, most);
        if (count >= 10 * most) ck_assert_uint_ge(2 * points.length, most);
        ck_assert_double_eq_tol(sum * hours, (double)count, 1e-6);
        ck_assert_uint_eq(points.length, again.length);
        if (points.length > 0)
            ck_assert_int_eq(memcmp(points.items, again.items, points.length * sizeof(pct_demand_point)), 0);
        pct_vector_dispose(&points);
        pct_vector_dispose(&again);
    }
}

static pct_status attempt(void *context) {
    const pct_sim_call calls[] = {{0, sim_world_at_m(1000), SIM_JOB, 3},
                                  {1, sim_world_at_m(7000), SIM_JOB, 3}};
    pct_vector points;
    pct_status status = pct_demand_points_learn(context, calls, 2, 5, &points, NULL);
    if (!status) pct_vector_dispose(&points);
    return status;
}

TEST(demand_points_survive_each_failing_allocation) {
    pct_travel street = sim_world_street();
    ck_assert_uint_ge(test_torture(attempt, &street), 2);
}

TEST_MAIN("sim_demand_points", TEST_CASE(demand_points_stand_where_the_calls_were_with_their_rates),
          TEST_CASE(demand_points_join_calls_that_lie_close_together),
          TEST_CASE(demand_points_are_no_more_than_asked_and_hold_all_calls),
          TEST_CASE(demand_points_survive_each_failing_allocation))
