#include "road/route/steps.h"

#include <string.h>

#include "support/roads.h"
#include "support/test.h"

enum { MANY = 1000 };

/* Routes from one letter to another and gives the maneuvers' initials: d depart, s straight, l left, r right, u turn
 * round, a arrive. */
static void drive(const pct_road *road, char from, char to, pct_vector *steps, pct_vector *points) {
    pct_error error;
    pct_router *router;
    pct_route route;
    *steps = pct_vector_init(sizeof(pct_step), MANY);
    *points = pct_vector_init(sizeof(pct_position), MANY);
    test_ok(pct_router_new(road, &router, &error), &error);
    test_ok(pct_router_route(router, test_road_point(road, from), test_road_point(road, to), &route, &error),
            &error);
    test_ok(pct_route_steps(road, &route, steps, &error), &error);
    test_ok(pct_route_line(road, &route, points, &error), &error);
    pct_router_free(router);
}

/* A crossing of streets with names; every street is one way only where drawn so. */
static pct_road *named_crossing(void) {
    pct_error error;
    pct_network_builder *builder;
    pct_network network;
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    static const struct {
        char letter;
        double east_m, north_m;
    } nodes[] = {{'N', 0, 500}, {'E', 500, 0}, {'S', 0, -500}, {'W', -500, 0}, {'X', 0, 0}, {'F', 480, 130}};
    static const char *const names[] = {"北街", "东街", "南街", "西街", "", "岔路"};
    uint32_t number, name;
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (int i = 0; i < 6; i++) {
        pct_position p = pct_plane_from_m(&plane, nodes[i].east_m, nodes[i].north_m);
        test_ok(pct_network_add_node(builder, nodes[i].letter, p, &number, &error), &error);
    }
    for (uint32_t i = 0; i < 6; i++) {
        if (nodes[i].letter == 'X') continue;
        test_ok(pct_network_add_name(builder, pct_text_of(names[i]), &name, &error), &error);
        pct_segment s = {.tail = i, .head = 4, .length_mm = 500000, .name = name, .flags = 15};
        test_ok(pct_network_add_segment(builder, &s, NULL, 0, &number, &error), &error);
    }
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    pct_speeds speeds = pct_speeds_uniform(36.0);
    return test_road_of(&network, &speeds);
}

TEST(turns_are_told_by_the_bearings_before_and_behind_the_joint) {
    pct_road *road = named_crossing();
    static const struct {
        char from, to;
        pct_maneuver turn;
    } turns[] = {{'S', 'N', PCT_MANEUVER_CONTINUE},  {'S', 'W', PCT_MANEUVER_LEFT},
                 {'S', 'E', PCT_MANEUVER_RIGHT},     {'W', 'F', PCT_MANEUVER_CONTINUE},
                 {'N', 'E', PCT_MANEUVER_LEFT},      {'E', 'F', PCT_MANEUVER_SHARP_RIGHT},
                 {'F', 'E', PCT_MANEUVER_SHARP_LEFT}};
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        pct_vector steps, points;
        drive(road, turns[i].from, turns[i].to, &steps, &points);
        const pct_step *step = steps.items;
        ck_assert_uint_eq(steps.length, 3);
        ck_assert_int_eq(step[0].maneuver, PCT_MANEUVER_DEPART);
        ck_assert_msg(step[1].maneuver == turns[i].turn, "%c to %c: %s", turns[i].from, turns[i].to,
                      pct_maneuver_name(step[1].maneuver));
        ck_assert_int_eq(step[2].maneuver, PCT_MANEUVER_ARRIVE);
        ck_assert_uint_eq(step[0].length_mm + step[1].length_mm, 1000000);
        ck_assert_uint_eq(step[0].time_ms + step[1].time_ms, 100000);
        ck_assert_uint_eq(points.length, 3);
        pct_vector_dispose(&steps);
        pct_vector_dispose(&points);
    }
    pct_road_free(road);
}

TEST(legs_on_a_road_of_one_name_are_one_step) {
    const char *rows[] = {"A--B--C--D", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_vector steps, points;
    drive(road, 'A', 'D', &steps, &points);
    ck_assert_uint_eq(steps.length, 2);
    ck_assert_uint_eq(((const pct_step *)steps.items)[0].length_mm, 900000);
    ck_assert_uint_eq(points.length, 4);
    pct_vector_dispose(&steps);
    pct_vector_dispose(&points);
    pct_road_free(road);
}

TEST(every_maneuver_has_a_name_and_a_sentence_with_and_without_a_road) {
    for (int m = PCT_MANEUVER_DEPART; m <= PCT_MANEUVER_ARRIVE; m++) {
        pct_message with = pct_maneuver_message((pct_maneuver)m, true);
        pct_message without = pct_maneuver_message((pct_maneuver)m, false);
        ck_assert_int_ne(with, without);
        ck_assert_int_eq(pct_message_table[with].param_count, 1);
        ck_assert_int_eq(pct_message_table[without].param_count, 0);
        ck_assert_uint_gt(strlen(pct_maneuver_name((pct_maneuver)m)), 3);
    }
}

TEST(a_piece_of_a_segment_is_drawn_as_that_piece) {
    const char *rows[] = {"A---------B", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_error error;
    pct_router *router;
    pct_route route;
    pct_vector points = pct_vector_init(sizeof(pct_position), MANY);
    pct_road_point from = {0, 700000}, to = {0, 200000};
    test_ok(pct_router_new(road, &router, &error), &error);
    test_ok(pct_router_route(router, from, to, &route, &error), &error);
    test_ok(pct_route_line(road, &route, &points, &error), &error);
    const pct_position *p = points.items;
    ck_assert_uint_eq(points.length, 2);
    ck_assert_double_eq_tol(pct_geo_distance_m(p[0], p[1]), 500.0, 1.0);
    ck_assert_int_gt(p[0].lon_e7, p[1].lon_e7);
    pct_vector_dispose(&points);
    pct_router_free(router);
    pct_road_free(road);
}

TEST_MAIN("route steps", TEST_CASE(turns_are_told_by_the_bearings_before_and_behind_the_joint),
          TEST_CASE(legs_on_a_road_of_one_name_are_one_step),
          TEST_CASE(every_maneuver_has_a_name_and_a_sentence_with_and_without_a_road),
          TEST_CASE(a_piece_of_a_segment_is_drawn_as_that_piece))
