/* Where the next calls are expected, learnt from counts at roads. */
#include "resource/demand.h"

#include "support/roads.h"
#include "support/test.h"

#define HOUR_MS INT64_C(3600000)

static pct_demand_place at_segment(const pct_road *road, uint32_t segment, int64_t incidents,
                                   int64_t first_ms) {
    return (pct_demand_place){pct_closed_ref(pct_road_network(road), segment, false), incidents, first_ms};
}

static double rate_of(const pct_vector *points) {
    double sum = 0.0;
    const pct_demand_point *p = points->items;
    for (size_t i = 0; i < points->length; i++) sum += p[i].calls_per_hour;
    return sum;
}

TEST(demand_is_not_guessed_from_a_few_calls) {
    static const char *const rows[] = {"A--B--C", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_vector points;
    int64_t calls;
    pct_error error;
    pct_demand_place place = at_segment(road, 0, PCT_DEMAND_CALLS_MIN - 1, 0);
    test_ok(pct_demand_learn(road, &place, 1, 10 * HOUR_MS, &points, &calls, &error), &error);
    ck_assert_uint_eq(points.length, 0);
    ck_assert_int_eq(calls, PCT_DEMAND_CALLS_MIN - 1);
    pct_vector_dispose(&points);
    place.incidents = PCT_DEMAND_CALLS_MIN;
    test_ok(pct_demand_learn(road, &place, 1, 10 * HOUR_MS, &points, &calls, &error), &error);
    ck_assert_uint_eq(points.length, 1);
    ck_assert_double_eq_tol(rate_of(&points), PCT_DEMAND_CALLS_MIN / 10.0, 1e-9);
    pct_vector_dispose(&points);
    pct_road_free(road);
}

/* No point stands for fewer than ten calls, and none is lost; roads that the map does not have do not count. */
TEST(demand_points_are_groups_of_ten_and_lose_no_call) {
    pct_error error;
    for (uint64_t seed = 0; seed < 30; seed++) {
        pct_rng rng = pct_rng_init(seed, 0);
        pct_road *road = test_road_random(&rng, 120);
        uint32_t segments = pct_road_network(road)->segment_count;
        pct_demand_place places[40];
        int64_t calls, expected = 0;
        for (int i = 0; i < 40; i++) {
            places[i] =
                at_segment(road, pct_rng_below(&rng, segments), 1 + pct_rng_below(&rng, 25), HOUR_MS * i);
            if (i < 39) expected += places[i].incidents;
        }
        places[39].road = (pct_road_ref){-1, -2, -3};
        pct_vector points;
        test_ok(pct_demand_learn(road, places, 40, 100 * HOUR_MS, &points, &calls, &error), &error);
        ck_assert_int_eq(calls, expected);
        const pct_demand_point *p = points.items;
        for (size_t i = 0; i < points.length; i++) ck_assert_double_ge(p[i].calls_per_hour * 100.0, 9.4);
        ck_assert_double_le(rate_of(&points) * 100.0, (double)calls + 1e-6);
        pct_vector_dispose(&points);
        pct_road_free(road);
    }
}

TEST(small_groups_are_counted_with_the_nearest_large_one) {
    pct_vector points = pct_vector_init(sizeof(pct_demand_point), 10);
    const double rates[] = {20.0, 3.0, 4.0, 30.0};
    for (int i = 0; i < 4; i++) {
        pct_demand_point *p = pct_vector_push(&points);
        p->position = (pct_position){1160000000 + i * 100000, 390000000};
        p->calls_per_hour = rates[i];
    }
    pct_demand_merge_small(&points, 1.0);
    const pct_demand_point *p = points.items;
    ck_assert_uint_eq(points.length, 2);
    ck_assert_double_eq(p[0].calls_per_hour, 23.0);
    ck_assert_double_eq(p[1].calls_per_hour, 34.0);
    /* All are small: the largest takes them. */
    pct_demand_merge_small(&points, 0.1);
    ck_assert_uint_eq(points.length, 1);
    ck_assert_double_eq(((const pct_demand_point *)points.items)[0].calls_per_hour, 57.0);
    pct_vector_dispose(&points);
}

TEST_MAIN("demand learn", TEST_CASE(demand_is_not_guessed_from_a_few_calls),
          TEST_CASE(demand_points_are_groups_of_ten_and_lose_no_call),
          TEST_CASE(small_groups_are_counted_with_the_nearest_large_one))
