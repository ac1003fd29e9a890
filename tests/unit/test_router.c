#include "road/dijkstra.h"
#include <math.h>

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
    test_error_says(&error, "600 m from the nearest road");
    test_error_says(&error, "farther than 500 m");
    pct_road_free(road);
}

TEST(snap_says_when_longitude_and_latitude_were_swapped) {
    const pct_position ends[] = {{86000000, 411000000}, {86100000, 411000000}};
    pct_error error;
    pct_network_builder *builder;
    pct_network network;
    uint32_t number;
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (int i = 0; i < 2; i++) test_ok(pct_network_add_node(builder, i, ends[i], &number, &error), &error);
    const pct_segment street = {
        .tail = 0, .head = 1, .length_mm = 837000, .road_class = PCT_ROAD_SERVICE, .flags = 15};
    test_ok(pct_network_add_segment(builder, &street, NULL, 0, &number, &error), &error);
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    const pct_speeds speeds = pct_speeds_uniform(36.0);
    pct_road *road = test_road_of(&network, &speeds);
    const pct_position swapped = {ends[0].lat_e7, ends[0].lon_e7}, elsewhere = {86000000, 410000000};
    pct_road_point point;
    double distance_m;
    ck_assert_int_eq(pct_road_snap(road, swapped, 500.0, &point, &distance_m, &error), PCT_NOT_FOUND);
    test_error_says(&error, "longitude comes first");
    ck_assert_int_eq(pct_road_snap(road, elsewhere, 500.0, &point, &distance_m, &error), PCT_NOT_FOUND);
    test_error_says(&error, "11120 m from the nearest road that units may drive (a service road)");
    pct_road_free(road);
}

/* Every segment looked at, on the same plane. */
TEST(snap_finds_what_a_look_at_every_segment_finds) {
    pct_rng rng = pct_rng_init(26, 0);
    for (int round = 0; round < 60; round++) {
        pct_road *road = test_road_random(&rng, 2 + pct_rng_below(&rng, 200));
        const pct_network *net = pct_road_network(road);
        for (int i = 0; i < 40; i++) {
            pct_position p = net->node_position[pct_rng_below(&rng, net->node_count)], line[64];
            pct_road_point point;
            double found_m = 0.0, least_m = INFINITY;
            p.lon_e7 += (int32_t)pct_rng_below(&rng, 40000) - 20000;
            p.lat_e7 += (int32_t)pct_rng_below(&rng, 40000) - 20000;
            for (uint32_t s = 0; s < net->segment_count; s++) {
                size_t count = 64;
                pct_network_segment_line(net, s, false, line, &count);
                for (size_t k = 1; k < count && pct_road_segment_usable(road, s); k++)
                    least_m = fmin(least_m, pct_geo_project(p, line[k - 1], line[k]).distance_m);
            }
            pct_status status = pct_road_snap(road, p, 1e6, &point, &found_m, NULL);
            ck_assert_int_eq(status, isfinite(least_m) ? PCT_OK : PCT_NOT_FOUND);
            if (status == PCT_OK) ck_assert_double_eq_tol(found_m, least_m, 1e-6);
        }
        pct_road_free(road);
    }
}

TEST_MAIN("router", TEST_CASE(a_one_way_is_driven_in_its_direction_only),
          TEST_CASE(response_units_use_what_is_reserved_for_emergencies), TEST_CASE(islands_are_unreachable),
          TEST_CASE(points_inside_one_segment_are_joined_along_it_or_around_the_block),
          TEST_CASE(snap_finds_the_nearest_usable_road_and_refuses_what_lies_off_the_map),
          TEST_CASE(snap_says_when_longitude_and_latitude_were_swapped),
          TEST_CASE(snap_finds_what_a_look_at_every_segment_finds))
