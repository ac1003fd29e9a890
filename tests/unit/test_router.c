#include "road/dijkstra.h"
#include "support/roads.h"
#include "support/test.h"

static uint32_t seconds(const pct_road *road, char from, char to) {
    pct_error error;
    pct_router *router;
    test_ok(pct_router_new(road, &router, &error), &error);
    uint32_t ms = pct_router_time_ms(router, test_road_point(road, from), test_road_point(road, to));
    pct_router_free(router);
    return ms == PCT_UNREACHABLE_MS ? ms : ms / 1000;
}

TEST(a_one_way_is_driven_in_its_direction_only) {
    const char *rows[] = {"A--->---B", //
                          "|       |", //
                          "C-------D", NULL};
    pct_road *road = test_road_drawn(rows);
    ck_assert_uint_eq(seconds(road, 'A', 'B'), 80);
    ck_assert_uint_eq(seconds(road, 'B', 'A'), 120);
    pct_road_free(road);
}

TEST(response_units_use_what_is_reserved_for_emergencies) {
    const char *rows[] = {"A===B", //
                          "|   |", //
                          "C---D", NULL};
    pct_road *road = test_road_drawn(rows);
    ck_assert_uint_eq(seconds(road, 'A', 'B'), 40);
    pct_road_free(road);
}

TEST(islands_are_unreachable) {
    const char *rows[] = {"A--B  C--D", NULL};
    pct_road *road = test_road_drawn(rows);
    ck_assert_uint_eq(seconds(road, 'A', 'B'), 30);
    ck_assert_uint_eq(seconds(road, 'A', 'C'), PCT_UNREACHABLE_MS);
    pct_road_free(road);
}

TEST(points_inside_one_segment_are_joined_along_it_or_around_the_block) {
    const char *rows[] = {"A---->----B", //
                          "|         |", //
                          "C---------D", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_error error;
    pct_router *router;
    test_ok(pct_router_new(road, &router, &error), &error);
    uint32_t segment = test_road_point(road, 'A').segment;
    ck_assert_uint_eq(pct_road_network(road)->segments[segment].length_mm, 1000000);
    pct_road_point near = {segment, 200000}, far = {segment, 700000};
    ck_assert_uint_eq(pct_router_time_ms(router, near, far), 50000);
    ck_assert_uint_eq(pct_router_time_ms(router, far, near), 30000 + 20000 + 100000 + 20000 + 20000);
    pct_router_free(router);
    pct_road_free(road);
}

TEST(snap_finds_the_nearest_usable_road_and_refuses_what_lies_off_the_map) {
    const char *rows[] = {"A---------B", //
                          "|         |", //
                          "C---------D", NULL};
    pct_road *road = test_road_drawn(rows);
    const pct_network *net = pct_road_network(road);
    pct_error error;
    pct_road_point point;
    double distance_m;
    pct_node a = pct_network_node_by_source(net, 'A');
    pct_plane plane = pct_plane_at(net->node_position[a.index]);
    test_ok(pct_road_snap(road, pct_plane_from_m(&plane, 300.0, 40.0), 500.0, &point, &distance_m, &error),
            &error);
    ck_assert_double_eq_tol(distance_m, 40.0, 0.5);
    pct_position p = pct_road_point_position(road, point);
    ck_assert_double_eq_tol(pct_geo_distance_m(p, pct_plane_from_m(&plane, 300.0, 0.0)), 0.0, 1.0);
    pct_status status =
        pct_road_snap(road, pct_plane_from_m(&plane, 0.0, 600.0), 500.0, &point, &distance_m, &error);
    ck_assert_int_eq(status, PCT_NOT_FOUND);
    test_error_says(&error, "farther than 500 m");
    pct_road_free(road);
}

TEST_MAIN("router", TEST_CASE(a_one_way_is_driven_in_its_direction_only),
          TEST_CASE(response_units_use_what_is_reserved_for_emergencies), TEST_CASE(islands_are_unreachable),
          TEST_CASE(points_inside_one_segment_are_joined_along_it_or_around_the_block),
          TEST_CASE(snap_finds_the_nearest_usable_road_and_refuses_what_lies_off_the_map))
