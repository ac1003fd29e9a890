#include "road/profile.h"

#include <string.h>

#include "road/order.h"
#include "support/roads.h"
#include "support/test.h"

static pct_status read(const char *table, pct_speeds *speeds, pct_error *error) {
    return pct_speeds_read("speeds.csv", pct_text_of(table), speeds, error);
}

/* A table with every class at 50 km/h; `without` is left out. */
static void table_of(pct_buffer *out, int without, const char *more) {
    *out = pct_buffer_init(1 << 16);
    (void)pct_buffer_append_text(out, "class,response_kmh\n");
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        if (c != without)
            (void)pct_buffer_append_format(out, "%s,50\n", pct_road_class_name((pct_road_class)c));
    (void)pct_buffer_append_text(out, more);
}

TEST(speeds_are_read_by_class_and_each_class_must_have_one) {
    pct_speeds speeds;
    pct_error error;
    pct_buffer table;
    table_of(&table, -1, "");
    test_ok(read(pct_buffer_chars(&table), &speeds, &error), &error);
    ck_assert_double_eq(speeds.kmh[PCT_ROAD_FERRY], 50.0);
    ck_assert_double_eq_tol(pct_speeds_max_mps(&speeds), 50.0 / 3.6, 1e-9);
    pct_buffer_dispose(&table);
    const struct {
        int without;
        const char *more, *says;
    } bad[] = {{PCT_ROAD_PRIMARY, "", "road class 'primary' has no speed"},
               {-1, "primary,60\n", "one row per class"},
               {-1, "lane,60\n", "a road class such as 'primary' was expected, 'lane' was found"},
               {PCT_ROAD_TRACK, "track,0\n", "a number from 1 to 300"},
               {PCT_ROAD_TRACK, "track,nan\n", "a number from 1 to 300"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        table_of(&table, bad[i].without, bad[i].more);
        ck_assert_int_eq(read(pct_buffer_chars(&table), &speeds, &error), PCT_INPUT);
        test_error_says(&error, bad[i].says);
        pct_buffer_dispose(&table);
    }
    ck_assert_int_eq(read("class,kmh\n", &speeds, &error), PCT_INPUT);
    test_error_says(&error, "column 'response_kmh' is missing");
}

TEST(the_order_is_a_permutation_and_the_same_each_time) {
    pct_rng rng = pct_rng_init(2, 0);
    pct_error error;
    pct_road *road = test_road_random(&rng, 500);
    pct_graph graph = pct_network_graph(&road->network);
    uint32_t first[500], second[500], seen[500] = {0};
    test_ok(pct_order_nested_dissection(&graph, first, &error), &error);
    test_ok(pct_order_nested_dissection(&graph, second, &error), &error);
    ck_assert_mem_eq(first, second, sizeof first);
    for (int i = 0; i < 500; i++) ck_assert_uint_eq(seen[first[i]]++, 0);
    pct_road_free(road);
}

TEST(an_order_that_is_no_permutation_is_refused) {
    pct_rng rng = pct_rng_init(2, 0);
    pct_error error;
    pct_road *road = test_road_random(&rng, 10);
    pct_hierarchy hierarchy;
    uint32_t order[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 8};
    ck_assert_int_eq(pct_hierarchy_build(&road->graph, order, &hierarchy, &error), PCT_MISUSE);
    test_error_says(&error, "not a permutation");
    pct_road_free(road);
}

TEST(road_classes_are_known_by_name) {
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) {
        const char *name = pct_road_class_name((pct_road_class)c);
        ck_assert_int_eq(pct_road_class_of(pct_text_of(name)), c);
    }
    ck_assert_int_eq(pct_road_class_of(pct_text_of("footway")), PCT_ROAD_CLASS_COUNT);
    ck_assert_uint_eq(strlen(pct_road_class_name(PCT_ROAD_CLASS_COUNT)), 0);
}

enum {
    ALONG = PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD,
    BOTH_WAYS = ALONG | PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_BACKWARD
};

/* Of one segment of 1 km between two nodes; both ways unless it has flags. PCT_NO_WAY_MS also where there is no arc. */
static uint32_t time_at(pct_segment segment, const pct_speeds *speeds, bool backward) {
    pct_network_builder *builder;
    pct_network network;
    pct_error error;
    uint32_t number, ms[2] = {PCT_NO_WAY_MS, PCT_NO_WAY_MS};
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (int i = 0; i < 2; i++)
        test_ok(pct_network_add_node(builder, i, (pct_position){i * 1000, 0}, &number, &error), &error);
    segment.head = 1;
    segment.length_mm = 1000000;
    if (segment.flags == 0) segment.flags = BOTH_WAYS;
    test_ok(pct_network_add_segment(builder, &segment, NULL, 0, &number, &error), &error);
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    ck_assert_uint_le(network.arc_count, 2);
    pct_response_arc_times(&network, speeds, ms);
    pct_network_dispose(&network);
    pct_network_builder_free(builder);
    return ms[backward];
}

static uint32_t time_of(pct_segment segment, const char *header, const char *row, bool backward) {
    pct_error error;
    pct_speeds speeds;
    pct_buffer table = pct_buffer_init(1 << 16);
    (void)pct_buffer_append_text(&table, header);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        (void)pct_buffer_append_format(&table, "%s,%s\n", pct_road_class_name((pct_road_class)c), row);
    test_ok(read(pct_buffer_chars(&table), &speeds, &error), &error);
    pct_buffer_dispose(&table);
    return time_at(segment, &speeds, backward);
}

TEST(response_units_drive_at_most_so_many_times_a_posted_limit) {
    const char *with = "class,response_kmh,over_limit\n", *without = "class,response_kmh\n";
    const pct_segment posted = {.limit_kmh = {20, 0}}, none = {.limit_kmh = {PCT_NO_LIMIT_KMH, 0}},
                      fast = {.limit_kmh = {120, 0}}, ferry = {.crossing_ms = 900000};
    ck_assert_uint_eq(time_of(posted, without, "50", false), 72000);
    ck_assert_uint_eq(time_of(posted, with, "50,1.5", false), 120000);
    ck_assert_uint_eq(time_of(posted, with, "50,1.5", true), 72000);
    ck_assert_uint_eq(time_of(none, with, "50,1.5", false), 72000);
    ck_assert_uint_eq(time_of(fast, with, "50,1.5", false), 72000);
    ck_assert_uint_eq(time_of(ferry, with, "50,1.5", false), 900000);
}

TEST(response_units_drive_against_small_one_way_streets_at_their_pace) {
    pct_speeds speeds = pct_speeds_uniform(36.0);
    const pct_segment street = {.road_class = PCT_ROAD_RESIDENTIAL, .flags = ALONG},
                      slow = {.road_class = PCT_ROAD_RESIDENTIAL, .flags = ALONG, .limit_kmh = {5, 5}};
    pct_segment large = street;
    ck_assert_uint_eq(time_at(street, &speeds, true), PCT_NO_WAY_MS);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) speeds.contraflow_kmh[c] = 9.0, speeds.over_limit[c] = 1.0;
    ck_assert_uint_eq(time_at(street, &speeds, false), 100000);
    ck_assert_uint_eq(time_at(street, &speeds, true), 400000);
    ck_assert_uint_eq(time_at(slow, &speeds, true), 720000);
    large.flags |= PCT_SEGMENT_ROUNDABOUT;
    ck_assert_uint_eq(time_at(large, &speeds, true), PCT_NO_WAY_MS);
    large.flags = ALONG;
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) {
        large.road_class = (uint8_t)c;
        bool small = c == PCT_ROAD_TERTIARY || (c >= PCT_ROAD_UNCLASSIFIED && c <= PCT_ROAD_TRACK);
        ck_assert_uint_eq(time_at(large, &speeds, true), small ? 400000 : PCT_NO_WAY_MS);
    }
}

TEST(a_speed_against_a_large_road_is_refused) {
    pct_speeds speeds;
    pct_error error;
    ck_assert_int_eq(read("class,response_kmh,contraflow_kmh\nservice,20,8\ntrunk,85,8\n", &speeds, &error),
                     PCT_INPUT);
    test_error_says(&error, "nothing: nobody drives against a road of this class");
}

TEST(builders_refuse_what_refers_to_nodes_that_are_not_there) {
    pct_network_builder *builder;
    pct_network network;
    pct_error error;
    uint32_t number;
    test_ok(pct_network_builder_new(&builder, &error), &error);
    test_ok(pct_network_add_node(builder, 1, (pct_position){0, 0}, &number, &error), &error);
    pct_segment tail = {.tail = 1}, head = {.head = 7};
    ck_assert_int_eq(pct_network_add_segment(builder, &tail, NULL, 0, &number, &error), PCT_MISUSE);
    ck_assert_int_eq(pct_network_add_segment(builder, &head, NULL, 0, &number, &error), PCT_MISUSE);
    test_error_says(&error, "segment refers to node 7, but the network has 1 nodes");
    pct_restriction turn = {.via_node = 3};
    ck_assert_int_eq(pct_network_add_restriction(builder, &turn, NULL, &error), PCT_MISUSE);
    ck_assert_int_eq(pct_network_finish(builder, false, &network, &error), PCT_INPUT);
    test_error_says(&error, "no road that units may drive (1 nodes, 0 arcs)");
    pct_network_builder_free(builder);
}

TEST_MAIN("profile, order, network", TEST_CASE(speeds_are_read_by_class_and_each_class_must_have_one),
          TEST_CASE(the_order_is_a_permutation_and_the_same_each_time),
          TEST_CASE(an_order_that_is_no_permutation_is_refused), TEST_CASE(road_classes_are_known_by_name),
          TEST_CASE(response_units_drive_at_most_so_many_times_a_posted_limit),
          TEST_CASE(response_units_drive_against_small_one_way_streets_at_their_pace),
          TEST_CASE(a_speed_against_a_large_road_is_refused),
          TEST_CASE(builders_refuse_what_refers_to_nodes_that_are_not_there))
