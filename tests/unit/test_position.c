#include "geo/position.h"

#include <math.h>

#include "base/rng.h"
#include "support/test.h"

static pct_position at(double lon_deg, double lat_deg) {
    pct_position p;
    ck_assert(pct_position_from_degrees(lon_deg, lat_deg, &p));
    return p;
}

TEST(position_takes_degrees_in_range_only) {
    pct_position p;
    ck_assert(pct_position_from_degrees(-180, 90, &p));
    ck_assert_int_eq(p.lon_e7, -1800000000);
    ck_assert_int_eq(p.lat_e7, 900000000);
    double bad[][2] = {{180.1, 0},       {-180.1, 0},          {0, 90.1}, {0, -90.1}, {(double)NAN, 0},
                       {0, (double)NAN}, {(double)INFINITY, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert(!pct_position_from_degrees(bad[i][0], bad[i][1], &p));
}

TEST(position_reads_lon_comma_lat_and_nothing_else) {
    pct_position p;
    ck_assert(pct_position_from_text(pct_text_of("121.4737021, 31.2303904"), &p));
    ck_assert_int_eq(p.lon_e7, 1214737021);
    ck_assert_int_eq(p.lat_e7, 312303904);
    ck_assert_double_eq_tol(pct_position_lon_deg(p), 121.4737021, 1e-9);
    ck_assert_double_eq_tol(pct_position_lat_deg(p), 31.2303904, 1e-9);
    const char *bad[] = {"", "1", "1,", ",1", "1,2,3", "1;2", "x,2", "1,nan", "200,2", "1,2 m"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pct_position_from_text(pct_text_of(bad[i]), &p), "\"%s\" was taken", bad[i]);
}

TEST(distance_agrees_with_known_great_circles) {
    /* A quarter of the meridian on the sphere of 6 371 008.8 m. */
    ck_assert_double_eq_tol(pct_geo_distance_m(at(0, 0), at(0, 90)), 6371008.8 * acos(0.0), 0.01);
    ck_assert_double_eq_tol(pct_geo_distance_m(at(0, 0), at(1, 0)), 111195.08, 0.05);
    /* Beijing–Shanghai, 1 067 km. */
    ck_assert_double_eq_tol(pct_geo_distance_m(at(116.4074, 39.9042), at(121.4737, 31.2304)), 1067300, 600);
    ck_assert_double_eq_tol(pct_geo_distance_m(at(179.9, 0), at(-179.9, 0)), 22239.0, 1.0);
    pct_position line[] = {at(0, 0), at(1, 0), at(0, 0)};
    ck_assert_double_eq_tol(pct_geo_length_m(line, 3), 2 * 111195.08, 0.1);
    ck_assert(pct_geo_length_m(line, 1) == 0.0);
}

TEST(distance_is_symmetric_and_obeys_the_triangle) {
    pct_rng rng = pct_rng_init(21, 0);
    for (int i = 0; i < 2000; i++) {
        pct_position p[3];
        for (int k = 0; k < 3; k++) p[k] = at(360 * pct_rng_unit(&rng) - 180, 180 * pct_rng_unit(&rng) - 90);
        double ab = pct_geo_distance_m(p[0], p[1]), bc = pct_geo_distance_m(p[1], p[2]);
        ck_assert_double_eq_tol(ab, pct_geo_distance_m(p[1], p[0]), 1e-6);
        ck_assert(pct_geo_distance_m(p[0], p[2]) <= ab + bc + 1e-3);
        ck_assert(pct_geo_distance_m(p[0], p[0]) == 0.0);
    }
}

TEST(bearing_is_clockwise_from_north) {
    pct_position middle = at(121, 31);
    ck_assert_double_eq_tol(pct_geo_bearing_deg(middle, at(121, 31.1)), 0, 1e-6);
    ck_assert_double_eq_tol(pct_geo_bearing_deg(middle, at(121.1, 31)), 90, 0.1);
    ck_assert_double_eq_tol(pct_geo_bearing_deg(middle, at(121, 30.9)), 180, 1e-6);
    ck_assert_double_eq_tol(pct_geo_bearing_deg(middle, at(120.9, 31)), 270, 0.1);
}

TEST(project_finds_the_foot_or_the_nearer_end) {
    pct_position a = at(121, 31), b = at(121.01, 31);
    pct_projection foot = pct_geo_project(at(121.0025, 31.001), a, b);
    ck_assert_double_eq_tol(foot.share, 0.25, 1e-6);
    ck_assert_double_eq_tol(foot.distance_m, 111.2, 0.1);
    ck_assert(pct_geo_project(at(120.99, 31), a, b).share == 0.0);
    ck_assert(pct_geo_project(at(121.02, 31), a, b).share == 1.0);
    ck_assert_double_eq_tol(pct_geo_project(at(121, 31.001), a, a).distance_m, 111.2, 0.1);
    pct_position quarter = pct_geo_between(a, b, 0.25);
    ck_assert_int_eq(quarter.lon_e7, 1210025000);
}

TEST(plane_there_and_back_is_where_one_started) {
    pct_rng rng = pct_rng_init(22, 0);
    for (int i = 0; i < 1000; i++) {
        pct_plane plane = pct_plane_at(at(360 * pct_rng_unit(&rng) - 180, 160 * pct_rng_unit(&rng) - 80));
        pct_position p = {plane.origin.lon_e7 / 2, plane.origin.lat_e7 / 2};
        double east_m, north_m;
        pct_plane_to_m(&plane, p, &east_m, &north_m);
        pct_position back = pct_plane_from_m(&plane, east_m, north_m);
        ck_assert_int_le(abs(back.lon_e7 - p.lon_e7), 1);
        ck_assert_int_le(abs(back.lat_e7 - p.lat_e7), 1);
    }
}

TEST(boxes_hold_their_edges_and_touching_boxes_meet) {
    pct_position points[] = {{10, 20}, {-5, 40}};
    pct_box box = pct_box_of(points, 2);
    ck_assert(pct_box_contains(box, (pct_position){10, 40}));
    ck_assert(pct_box_contains(box, (pct_position){-5, 20}));
    ck_assert(!pct_box_contains(box, (pct_position){11, 30}));
    ck_assert(!pct_box_contains(box, (pct_position){0, 41}));
    ck_assert(!pct_box_contains(box, (pct_position){0, 19}));
    ck_assert(!pct_box_contains(box, (pct_position){-6, 30}));
    ck_assert(pct_box_meets(box, (pct_box){{10, 40}, {50, 50}}));
    ck_assert(!pct_box_meets(box, (pct_box){{11, 20}, {50, 50}}));
    ck_assert(!pct_box_meets(box, (pct_box){{0, 41}, {50, 50}}));
    ck_assert(!pct_box_meets(box, (pct_box){{-50, 0}, {-6, 50}}));
    ck_assert(!pct_box_meets(box, (pct_box){{0, 0}, {5, 19}}));
    ck_assert(!pct_box_meets(box, pct_box_empty()));
}

TEST_MAIN("position", TEST_CASE(position_takes_degrees_in_range_only),
          TEST_CASE(position_reads_lon_comma_lat_and_nothing_else),
          TEST_CASE(distance_agrees_with_known_great_circles),
          TEST_CASE(distance_is_symmetric_and_obeys_the_triangle), TEST_CASE(bearing_is_clockwise_from_north),
          TEST_CASE(project_finds_the_foot_or_the_nearer_end),
          TEST_CASE(plane_there_and_back_is_where_one_started),
          TEST_CASE(boxes_hold_their_edges_and_touching_boxes_meet))
