#include "sim/travel.h"

#include "support/test.h"

/* A straight street: ten segments of 100 m, numbered from west to east, 10 s each.
 *
 *     0────1────2────3─ … ─9──── */
enum { SEGMENT_MM = 100000, SEGMENT_MS = 10000, SEGMENTS = 10 };

static int unpacked;

static int64_t place_mm(pct_road_point p) {
    return (int64_t)p.segment * SEGMENT_MM + p.offset_mm;
}

static uint32_t street_time_ms(void *context, pct_road_point from, pct_road_point to) {
    if (context) return PCT_UNREACHABLE_MS;
    int64_t way = place_mm(to) - place_mm(from);
    return (uint32_t)((way < 0 ? -way : way) / (SEGMENT_MM / SEGMENT_MS));
}

static pct_status street_legs(void *context, pct_road_point from, pct_road_point to, pct_vector *legs,
                              pct_error *error) {
    (void)context;
    unpacked++;
    int step = place_mm(to) >= place_mm(from) ? 1 : -1;
    for (int64_t s = from.segment;; s += step) {
        pct_route_leg *leg = pct_vector_push(legs);
        if (!leg) return pct_vector_failed(legs, PCT_MSG_WHAT_ROUTE_LEGS, error);
        leg->segment = (uint32_t)s;
        leg->from_mm = s == from.segment ? from.offset_mm : step > 0 ? 0 : SEGMENT_MM;
        leg->to_mm = s == to.segment ? to.offset_mm : step > 0 ? SEGMENT_MM : 0;
        uint32_t way = leg->from_mm < leg->to_mm ? leg->to_mm - leg->from_mm : leg->from_mm - leg->to_mm;
        leg->time_ms = way / (SEGMENT_MM / SEGMENT_MS);
        if (s == to.segment) return PCT_OK;
    }
}

static const pct_travel street = {.time_ms = street_time_ms, .legs = street_legs};

static void trip_keeps_its_pace(pct_road_point from, pct_road_point to) {
    pct_trip trip = pct_trip_init(from);
    pct_error error;
    ck_assert_int_eq(pct_trip_begin(&trip, &street, from, to, 5000), PCT_OK);
    for (int64_t now = 0; now <= 5000 + trip.duration_ms + 3000; now += 700) {
        pct_road_point p;
        test_ok(pct_trip_point(&trip, &street, now, &p, &error), &error);
        int64_t gone = now < 5000 ? 0 : now - 5000 > trip.duration_ms ? trip.duration_ms : now - 5000;
        ck_assert_uint_eq(street_time_ms(NULL, from, p), (uint32_t)gone);
        ck_assert_uint_eq(street_time_ms(NULL, p, to), trip.duration_ms - (uint32_t)gone);
    }
    pct_trip_dispose(&trip);
}

TEST(trip_point_is_as_far_along_the_route_as_time_has_passed) {
    trip_keeps_its_pace((pct_road_point){1, 30000}, (pct_road_point){8, 20000});
    trip_keeps_its_pace((pct_road_point){8, 20000}, (pct_road_point){1, 30000});
    trip_keeps_its_pace((pct_road_point){4, 90000}, (pct_road_point){4, 10000});
}

TEST(trip_unpacks_its_route_once_and_only_when_it_moves) {
    pct_road_point from = {0, 0}, to = {9, 0}, p;
    pct_trip trip = pct_trip_init(from);
    pct_error error;
    unpacked = 0;
    ck_assert_int_eq(pct_trip_begin(&trip, &street, from, to, 0), PCT_OK);
    test_ok(pct_trip_point(&trip, &street, 0, &p, &error), &error);
    test_ok(pct_trip_point(&trip, &street, 90000, &p, &error), &error);
    ck_assert_int_eq(unpacked, 0);
    test_ok(pct_trip_point(&trip, &street, 15000, &p, &error), &error);
    test_ok(pct_trip_point(&trip, &street, 25000, &p, &error), &error);
    ck_assert_int_eq(unpacked, 1);
    ck_assert_int_eq(pct_trip_begin(&trip, &street, p, from, 25000), PCT_OK);
    test_ok(pct_trip_point(&trip, &street, 30000, &p, &error), &error);
    ck_assert_int_eq(unpacked, 2);
    ck_assert_int_eq(place_mm(p), 200000);
    pct_trip_dispose(&trip);
}

TEST(trip_to_a_place_no_way_leads_to_stays_where_it_was) {
    pct_travel island = street;
    int closed = 1;
    island.context = &closed;
    pct_road_point from = {3, 0}, to = {9, 0}, p;
    pct_trip trip = pct_trip_init(from);
    pct_error error;
    ck_assert_int_eq(pct_trip_begin(&trip, &island, from, to, 0), PCT_UNREACHABLE);
    test_ok(pct_trip_point(&trip, &island, 50000, &p, &error), &error);
    ck_assert_int_eq(place_mm(p), place_mm(from));
    pct_trip_dispose(&trip);
}

TEST(one_place_is_everywhere_at_once) {
    pct_travel travel = pct_travel_at_one_place();
    pct_road_point here, sources[3] = {{0, 0}};
    double distance_m = 1.0;
    uint32_t times_ms[3] = {1, 2, 3};
    pct_error error;
    test_ok(travel.locate(NULL, (pct_position){1, 2}, &here, &distance_m, &error), &error);
    ck_assert_double_eq(distance_m, 0.0);
    travel.times_to(NULL, here, sources, 3, times_ms);
    for (int i = 0; i < 3; i++) ck_assert_uint_eq(times_ms[i], 0);
    ck_assert_uint_eq(travel.time_ms(NULL, here, sources[0]), 0);
}

TEST_MAIN("sim travel", TEST_CASE(trip_point_is_as_far_along_the_route_as_time_has_passed),
          TEST_CASE(trip_unpacks_its_route_once_and_only_when_it_moves),
          TEST_CASE(trip_to_a_place_no_way_leads_to_stays_where_it_was),
          TEST_CASE(one_place_is_everywhere_at_once))
