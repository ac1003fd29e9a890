#include "road/route/steps.h"

#include <math.h>
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
    test_ok(pct_route_steps(road, &route, NULL, 0, steps, &error), &error);
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

/* --- sentences ------------------------------------------------------------------------------------------------- */

/* A road drawn by hand: nodes in metres, segments with a name, a class and flags. */
typedef struct spot {
    char letter;
    double east_m, north_m;
} spot;

typedef struct street {
    const char *ends; /* two letters, as it is drawn */
    const char *name, *name_en;
    pct_road_class road_class;
    uint8_t flags;
} street;

enum { BOTH = 15, ONE_WAY = PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD, UNITS_ONLY = 12 };

static uint32_t number_of(const spot *spots, char letter) {
    uint32_t i = 0;
    while (spots[i].letter != letter) i++;
    return i;
}

static pct_road *town_of(const spot *spots, size_t spot_count, const street *streets, size_t street_count) {
    pct_error error;
    pct_network_builder *builder;
    pct_network network;
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    uint32_t number;
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (size_t i = 0; i < spot_count; i++)
        test_ok(pct_network_add_node(builder, spots[i].letter,
                                     pct_plane_from_m(&plane, spots[i].east_m, spots[i].north_m), &number,
                                     &error),
                &error);
    for (size_t i = 0; i < street_count; i++) {
        const spot *a = &spots[number_of(spots, streets[i].ends[0])],
                   *b = &spots[number_of(spots, streets[i].ends[1])];
        pct_segment s = {.tail = (uint32_t)(a - spots),
                         .head = (uint32_t)(b - spots),
                         .length_mm =
                             (uint32_t)(1000.0 * hypot(a->east_m - b->east_m, a->north_m - b->north_m)),
                         .road_class = (uint8_t)streets[i].road_class,
                         .flags = streets[i].flags};
        test_ok(pct_network_add_name(builder, pct_text_of(streets[i].name), &s.name, &error), &error);
        test_ok(pct_network_add_name(builder, pct_text_of(streets[i].name_en), &s.name_en, &error), &error);
        test_ok(pct_network_add_segment(builder, &s, NULL, 0, &number, &error), &error);
    }
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    pct_speeds speeds = pct_speeds_uniform(36.0);
    speeds.contraflow_kmh[PCT_ROAD_LIVING_STREET] = 6.0;
    return test_road_of(&network, &speeds);
}

/* The sentences of all steps, a line each, must be these. */
static void says(const pct_road *road, char from, char to, pct_language language, const char *expected) {
    pct_vector steps, points;
    pct_buffer out = pct_buffer_init(1 << 16);
    drive(road, from, to, &steps, &points);
    for (size_t i = 0; i < steps.length; i++) {
        ck_assert_int_eq(
            pct_step_write(pct_road_network(road), (const pct_step *)steps.items + i, language, &out),
            PCT_OK);
        (void)pct_buffer_append_byte(&out, '\n');
    }
    ck_assert_str_eq(pct_buffer_chars(&out), expected);
    pct_buffer_dispose(&out);
    pct_vector_dispose(&steps);
    pct_vector_dispose(&points);
}

TEST(sentences_name_the_road_in_the_readers_language_or_its_class) {
    static const spot spots[] = {
        {'A', 0, 0}, {'B', 300, 0}, {'C', 300, 300}, {'D', 600, 300}, {'E', 900, 330}};
    static const street streets[] = {{"AB", "东街", "East Street", PCT_ROAD_PRIMARY, BOTH},
                                     {"BC", "北街", "", PCT_ROAD_SECONDARY, BOTH},
                                     {"CD", "", "", PCT_ROAD_SERVICE, BOTH},
                                     {"DE", "", "", PCT_ROAD_MOTORWAY_LINK, BOTH}};
    pct_road *road = town_of(spots, 5, streets, 4);
    says(road, 'A', 'E', PCT_EN,
         "Head east on East Street\nTurn left into 北街\nTurn right into a service road\n"
         "Go straight on into the slip road\nYou have arrived, on the slip road\n");
    says(road, 'A', 'E', PCT_ZH,
         "沿东街向东行驶\n左转进入北街\n右转进入内部道路\n直行进入匝道\n到达目的地（匝道）\n");
    says(road, 'E', 'A', PCT_ZH,
         "沿匝道向西行驶\n直行进入内部道路\n左转进入北街\n右转进入东街\n到达目的地（东街）\n");
    pct_road_free(road);
}

TEST(a_street_driven_against_its_one_way_is_told) {
    static const spot spots[] = {{'A', 0, 0}, {'B', 300, 0}, {'C', 300, 300}};
    static const street streets[] = {{"AB", "东街", "East Street", PCT_ROAD_PRIMARY, BOTH},
                                     {"CB", "北街", "North Street", PCT_ROAD_LIVING_STREET, ONE_WAY}};
    pct_road *road = town_of(spots, 3, streets, 2);
    says(road, 'A', 'C', PCT_EN,
         "Head east on East Street\nTurn left into North Street (against the one-way, at walking pace)\n"
         "You have arrived, on North Street\n");
    says(road, 'A', 'C', PCT_ZH, "沿东街向东行驶\n左转进入北街（逆行，缓慢通过）\n到达目的地（北街）\n");
    says(road, 'C', 'A', PCT_ZH, "沿北街向南行驶\n右转进入东街\n到达目的地（东街）\n");
    pct_road_free(road);
}

/*        N            a roundabout driven W → S → E → N; its exits are the four roads, that to the north-east (P) is for
 *      ┌─N'┐          units alone and does not count */
TEST(a_roundabout_is_one_step_with_the_number_of_its_exit) {
    static const spot spots[] = {{'W', -300, 0}, {'S', 0, -300}, {'E', 300, 0}, {'N', 0, 300},
                                 {'w', -30, 0},  {'s', 0, -30},  {'e', 30, 0},  {'n', 0, 30},
                                 {'p', 21, 21},  {'P', 300, 300}};
    static const street streets[] = {{"ws", "", "", PCT_ROAD_PRIMARY, ONE_WAY | PCT_SEGMENT_ROUNDABOUT},
                                     {"se", "", "", PCT_ROAD_PRIMARY, ONE_WAY | PCT_SEGMENT_ROUNDABOUT},
                                     {"ep", "", "", PCT_ROAD_PRIMARY, ONE_WAY | PCT_SEGMENT_ROUNDABOUT},
                                     {"pn", "", "", PCT_ROAD_PRIMARY, ONE_WAY | PCT_SEGMENT_ROUNDABOUT},
                                     {"nw", "", "", PCT_ROAD_PRIMARY, ONE_WAY | PCT_SEGMENT_ROUNDABOUT},
                                     {"Ww", "西路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"Ss", "南路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"Ee", "东路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"Nn", "北路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"pP", "院内路", "", PCT_ROAD_SERVICE, UNITS_ONLY}};
    pct_road *road = town_of(spots, 10, streets, 10);
    says(road, 'W', 'S', PCT_ZH,
         "沿西路向东行驶\n进入环岛，从第 1 个出口驶出，进入南路\n到达目的地（南路）\n");
    says(road, 'W', 'E', PCT_EN,
         "Head east on 西路\nAt the roundabout take exit 2 into 东路\nYou have arrived, on 东路\n");
    says(road, 'W', 'N', PCT_ZH,
         "沿西路向东行驶\n进入环岛，从第 3 个出口驶出，进入北路\n到达目的地（北路）\n");
    says(road, 'W', 'W', PCT_ZH, "");
    says(road, 'W', 'e', PCT_EN,
         "Head east on 西路\nEnter the roundabout\nYou have arrived, on an unnamed main road\n");
    pct_road_free(road);
}

/*   B<──────A     a dual carriageway; C──>D below it, and 20 m across */
TEST(tiny_stretches_between_two_turns_are_one_turn) {
    static const spot spots[] = {{'A', 300, 20}, {'B', 0, 20},  {'C', 0, 0},     {'D', 300, 0},
                                 {'x', 150, 20}, {'y', 150, 0}, {'T', 150, 320}, {'U', 150, -300}};
    static const street streets[] = {
        {"Ax", "大道", "", PCT_ROAD_PRIMARY, ONE_WAY}, {"xB", "大道", "", PCT_ROAD_PRIMARY, ONE_WAY},
        {"Cy", "大道", "", PCT_ROAD_PRIMARY, ONE_WAY}, {"yD", "大道", "", PCT_ROAD_PRIMARY, ONE_WAY},
        {"xy", "", "", PCT_ROAD_PRIMARY, BOTH},        {"xT", "上街", "", PCT_ROAD_TERTIARY, BOTH},
        {"yU", "下街", "", PCT_ROAD_TERTIARY, BOTH}};
    pct_road *road = town_of(spots, 8, streets, 7);
    says(road, 'C', 'B', PCT_ZH, "沿大道向东行驶\n在大道掉头\n到达目的地（大道）\n");
    says(road, 'C', 'T', PCT_EN, "Head east on 大道\nTurn left into 上街\nYou have arrived, on 上街\n");
    says(road, 'U', 'T', PCT_EN, "Head north on 下街\nGo straight on into 上街\nYou have arrived, on 上街\n");
    says(road, 'U', 'D', PCT_ZH, "沿下街向北行驶\n右转进入大道\n到达目的地（大道）\n");
    pct_road_free(road);
}

TEST(a_name_that_turns_where_another_road_goes_straight_on_is_told) {
    static const spot spots[] = {{'A', 0, 0},   {'B', 300, 0},   {'C', 300, 300},
                                 {'D', 600, 0}, {'E', 600, 300}, {'F', 600, 600}};
    static const street streets[] = {{"AB", "环路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"BC", "环路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"BD", "直路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"CE", "环路", "", PCT_ROAD_PRIMARY, BOTH},
                                     {"EF", "环路", "", PCT_ROAD_PRIMARY, BOTH}};
    pct_road *road = town_of(spots, 6, streets, 5);
    says(road, 'A', 'F', PCT_ZH, "沿环路向东行驶\n左转进入环路\n到达目的地（环路）\n");
    pct_road_free(road);
}

TEST(a_ferry_is_a_step_of_its_own) {
    static const spot spots[] = {{'A', 0, 0}, {'B', 300, 0}, {'C', 900, 0}, {'D', 1200, 0}};
    static const street streets[] = {{"AB", "江路", "", PCT_ROAD_TERTIARY, BOTH},
                                     {"BC", "江渡", "", PCT_ROAD_FERRY, BOTH},
                                     {"CD", "江路", "", PCT_ROAD_TERTIARY, BOTH}};
    pct_road *road = town_of(spots, 4, streets, 3);
    says(road, 'A', 'D', PCT_ZH, "沿江路向东行驶\n乘坐轮渡（江渡）\n直行进入江路\n到达目的地（江路）\n");
    says(road, 'A', 'D', PCT_EN,
         "Head east on 江路\nTake the ferry 江渡\nGo straight on into 江路\nYou have arrived, on 江路\n");
    pct_road_free(road);
}

/* The destination lies north or south of a road that runs east. */
TEST(the_arrival_tells_the_side_that_the_destination_is_on) {
    static const struct {
        double north_m;
        bool backward;
        uint32_t via;
        pct_side side;
        const char *zh;
    } cases[] = {{20, false, 0, PCT_SIDE_LEFT, "到达目的地，位于长街左侧"},
                 {-20, false, 0, PCT_SIDE_RIGHT, "到达目的地，位于长街右侧"},
                 {20, true, 0, PCT_SIDE_RIGHT, "到达目的地，位于长街右侧"},
                 {1, false, 0, PCT_SIDE_NONE, "到达目的地（长街）"},
                 {20, false, 2, PCT_SIDE_LEFT, "到达途经点 2（长街）"}};
    static const spot spots[] = {{'A', 0, 0}, {'B', 1000, 0}};
    static const street streets[] = {{"AB", "长街", "", PCT_ROAD_TERTIARY, BOTH}};
    pct_road *road = town_of(spots, 2, streets, 1);
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    pct_error error;
    pct_router *router;
    test_ok(pct_router_new(road, &router, &error), &error);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_route route;
        pct_vector steps = pct_vector_init(sizeof(pct_step), MANY);
        pct_buffer out = pct_buffer_init(1000);
        pct_position there = pct_plane_from_m(&plane, 500.0, cases[i].north_m);
        pct_road_point from = {0, cases[i].backward ? 900000 : 100000}, to = {0, 500000};
        test_ok(pct_router_route(router, from, to, &route, &error), &error);
        test_ok(pct_route_steps(road, &route, &there, cases[i].via, &steps, &error), &error);
        const pct_step *last = (const pct_step *)steps.items + steps.length - 1;
        ck_assert_int_eq(last->side, cases[i].side);
        ck_assert_int_eq(pct_step_write(pct_road_network(road), last, PCT_ZH, &out), PCT_OK);
        ck_assert_str_eq(pct_buffer_chars(&out), cases[i].zh);
        pct_buffer_dispose(&out);
        pct_vector_dispose(&steps);
    }
    pct_router_free(router);
    pct_road_free(road);
}

TEST(headings_are_the_eight_winds) {
    static const char *const winds[] = {"北", "东北", "东", "东南", "南", "西南", "西", "西北"};
    static const spot spots[] = {{'A', 0, 0}, {'B', 1000, 0}};
    static const street streets[] = {{"AB", "长街", "", PCT_ROAD_TERTIARY, BOTH}};
    pct_road *road = town_of(spots, 2, streets, 1);
    for (int deg = 0; deg < 360; deg++) {
        pct_buffer out = pct_buffer_init(1000);
        char expected[64];
        const pct_step step = {.maneuver = PCT_MANEUVER_DEPART, .heading_deg = deg + 0.25};
        ck_assert_int_eq(pct_step_write(pct_road_network(road), &step, PCT_ZH, &out), PCT_OK);
        (void)snprintf(expected, sizeof expected, "沿长街向%s行驶", winds[(deg * 2 + 45) / 90 % 8]);
        ck_assert_str_eq(pct_buffer_chars(&out), expected);
        pct_buffer_dispose(&out);
    }
    pct_road_free(road);
}

TEST(every_maneuver_has_a_name_and_a_sentence_in_both_languages) {
    static const spot spots[] = {{'A', 0, 0}, {'B', 1000, 0}};
    static const street streets[] = {{"AB", "", "", PCT_ROAD_TERTIARY, BOTH}};
    pct_road *road = town_of(spots, 2, streets, 1);
    for (int m = PCT_MANEUVER_DEPART; m <= PCT_MANEUVER_ARRIVE; m++) {
        const pct_step step = {.maneuver = (pct_maneuver)m, .exit = 1};
        pct_buffer zh = pct_buffer_init(1000), en = pct_buffer_init(1000);
        ck_assert_uint_gt(strlen(pct_maneuver_name((pct_maneuver)m)), 2);
        ck_assert_int_eq(pct_step_write(pct_road_network(road), &step, PCT_ZH, &zh), PCT_OK);
        ck_assert_int_eq(pct_step_write(pct_road_network(road), &step, PCT_EN, &en), PCT_OK);
        ck_assert_str_ne(pct_buffer_chars(&zh), pct_buffer_chars(&en));
        pct_buffer_dispose(&zh);
        pct_buffer_dispose(&en);
    }
    pct_road_free(road);
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
          TEST_CASE(sentences_name_the_road_in_the_readers_language_or_its_class),
          TEST_CASE(a_street_driven_against_its_one_way_is_told),
          TEST_CASE(a_roundabout_is_one_step_with_the_number_of_its_exit),
          TEST_CASE(tiny_stretches_between_two_turns_are_one_turn),
          TEST_CASE(a_name_that_turns_where_another_road_goes_straight_on_is_told),
          TEST_CASE(a_ferry_is_a_step_of_its_own),
          TEST_CASE(the_arrival_tells_the_side_that_the_destination_is_on),
          TEST_CASE(headings_are_the_eight_winds),
          TEST_CASE(every_maneuver_has_a_name_and_a_sentence_in_both_languages),
          TEST_CASE(a_piece_of_a_segment_is_drawn_as_that_piece))
