/* Maps are written as text (support/osm_text.h), and networks are read back as text: tail>head with F B for general
 * traffic forward and backward, f b for response units, Br Tu Ro for bridge, tunnel, roundabout, and +n for n inner
 * points. */
#include <string.h>

#include "osm/pbf.h"
#include "road/import.h"
#include "road/osm_rights.h"
#include "road/profile.h"
#include "support/osm_text.h"
#include "support/test.h"

enum { MAP_BYTES_MAX = TEST_OSM_BYTES_MAX, UNIT_E7 = TEST_OSM_UNIT_E7 };

typedef struct imported {
    pct_network network;
    pct_import_report report;
    pct_error error;
    pct_buffer text;
} imported;

static pct_status import_bytes(const pct_buffer *file, imported *out) {
    pct_text bytes = {(const char *)file->bytes, file->length};
    out->text = pct_buffer_init(MAP_BYTES_MAX);
    return pct_import_osm("town.osm.pbf", bytes, &out->network, &out->report, &out->error);
}

static imported import_map(const char *map) {
    imported out;
    pct_buffer file = pct_buffer_init(MAP_BYTES_MAX);
    test_ok(test_osm_write(map, "nwr", false, &file, &out.error), &out.error);
    test_ok(import_bytes(&file, &out), &out.error);
    pct_buffer_dispose(&file);
    return out;
}

static void forget(imported *map) {
    pct_network_dispose(&map->network);
    pct_buffer_dispose(&map->text);
}

static void append_flags(pct_buffer *out, uint8_t flags) {
    static const char *const letters[] = {"F", "B", "f", "b", "Br", "Tu", "Ro"};
    for (int i = 0; i < 7; i++)
        if (flags & 1 << i) (void)pct_buffer_append_text(out, letters[i]);
}

static void append_ends(imported *map, uint32_t number) {
    const pct_segment *s = &map->network.segments[number];
    (void)pct_buffer_append_format(&map->text, "%lld>%lld", (long long)map->network.node_source[s->tail],
                                   (long long)map->network.node_source[s->head]);
}

static const char *segments_of(imported *map) {
    pct_buffer_clear(&map->text);
    for (uint32_t i = 0; i < map->network.segment_count; i++) {
        if (i > 0) (void)pct_buffer_append_text(&map->text, "; ");
        append_ends(map, i);
        (void)pct_buffer_append_text(&map->text, " ");
        append_flags(&map->text, map->network.segments[i].flags);
        size_t points = 0;
        pct_network_segment_line(&map->network, i, false, NULL, &points);
        if (points > 2) (void)pct_buffer_append_format(&map->text, " +%zu", points - 2);
    }
    return pct_buffer_chars(&map->text);
}

/* "no 1>2 @2 2>3" or, over via segments, "only 1>2 @2 [2>5] 5>6". */
static const char *turns_of(imported *map) {
    pct_buffer_clear(&map->text);
    for (uint32_t i = 0; i < map->network.restriction_count; i++) {
        const pct_restriction *r = &map->network.restrictions[i];
        if (i > 0) (void)pct_buffer_append_text(&map->text, "; ");
        (void)pct_buffer_append_text(&map->text, r->kind == PCT_TURN_MANDATORY ? "only " : "no ");
        append_ends(map, r->from_segment);
        (void)pct_buffer_append_format(&map->text, " @%lld",
                                       (long long)map->network.node_source[r->via_node]);
        for (uint32_t k = 0; k < r->via_segment_count; k++) {
            (void)pct_buffer_append_text(&map->text, k == 0 ? " [" : " ");
            append_ends(map, map->network.via_segments[r->via_segment_at + k]);
        }
        (void)pct_buffer_append_text(&map->text, r->via_segment_count ? "] " : " ");
        append_ends(map, r->to_segment);
    }
    return pct_buffer_chars(&map->text);
}

static int64_t dropped(const imported *map, pct_message reason) {
    for (size_t i = 0; i < map->report.dropped_count; i++)
        if (map->report.dropped[i].reason == reason) return map->report.dropped[i].count;
    return 0;
}

/*        4
 *        |
 *  1 --- 2 --- 3      way 10: 1 2 3, way 11: 4 2 5
 *        |
 *        5                                                                                                  */
TEST(import_cuts_ways_where_they_cross) {
    imported map = import_map("n1 0 1\nn2 1 1\nn3 2 1\nn4 1 2\nn5 1 0\n"
                              "w10 1 2 3 highway=residential name=人民路 name:en=People's_Road\n"
                              "w11 4 2 5 highway=tertiary ref=S7\n");
    ck_assert_str_eq(segments_of(&map), "1>2 FBfb; 2>3 FBfb; 4>2 FBfb; 2>5 FBfb");
    ck_assert_uint_eq(map.network.node_count, 5);
    const pct_segment *s = map.network.segments;
    ck_assert_int_eq(s[1].way, 10);
    ck_assert_int_eq(s[0].road_class, PCT_ROAD_RESIDENTIAL);
    ck_assert_int_eq(s[2].road_class, PCT_ROAD_TERTIARY);
    ck_assert_uint_eq(pct_network_name(&map.network, s[0].name).length, strlen("人民路"));
    ck_assert_uint_eq(pct_network_name(&map.network, s[0].name_en).length, strlen("People's_Road"));
    ck_assert_mem_eq(pct_network_name(&map.network, s[2].name).chars, "S7", 2);
    ck_assert_uint_eq(map.report.dropped_count, 0);
    forget(&map);
}

/*  1 --- 2 --- 3 --- 4     one way: 2 and 3 are shape, node 9 is nobody's                                    */
TEST(import_makes_inner_points_shape_and_adds_up_the_length) {
    imported map = import_map("n1 0 0\nn2 1 0\nn3 2 0\nn4 3 0\nn9 9 9\nw10 1 2 3 4 highway=residential\n");
    ck_assert_str_eq(segments_of(&map), "1>4 FBfb +2");
    ck_assert_uint_eq(map.network.segments[0].length_mm, 333585);
    forget(&map);
}

TEST(import_gives_two_nodes_at_one_place_a_millimetre) {
    imported map = import_map("n1 0 0\nn2 0 0\nw10 1 2 highway=residential\n");
    ck_assert_uint_eq(map.network.segments[0].length_mm, 1);
    forget(&map);
}

/*     5---1---6         roundabout 1 2 3 4, driven in the order of its nodes; arms at 1 and 3 only
 *      2     4
 *         3
 *         7                                                                                                 */
TEST(import_drives_roundabouts_one_way) {
    imported map = import_map("n1 1 2\nn2 0 1\nn3 1 0\nn4 2 1\nn5 0 2\nn6 2 2\nn7 1 -1\n"
                              "w10 1 2 3 4 1 highway=primary junction=roundabout\n"
                              "w11 5 1 6 highway=primary\nw12 3 7 highway=service\n");
    ck_assert_str_eq(segments_of(&map), "1>3 FfRo +1; 3>1 FfRo +1; 5>1 FBfb; 1>6 FBfb; 3>7 FBfb");
    forget(&map);
}

/*   1 -- 2     a closed way alone; it begins and ends at 1
 *   |    |
 *   4 -- 3                                                                                                  */
TEST(import_keeps_a_closed_way_as_a_loop) {
    imported map = import_map("n1 0 1\nn2 1 1\nn3 1 0\nn4 0 0\nw10 1 2 3 4 1 highway=service\n");
    ck_assert_str_eq(segments_of(&map), "1>1 FBfb +3");
    forget(&map);
}

/*   1 -- 2 -- 3
 *        |    |      way 10: 1 2 3 4 5 2 6 crosses itself in 2
 *   6 ---+    |
 *        5 -- 4                                                                                             */
TEST(import_cuts_a_way_where_it_crosses_itself) {
    imported map = import_map("n1 0 2\nn2 1 2\nn3 2 2\nn4 2 0\nn5 1 0\nn6 0 1\n"
                              "w10 1 2 3 4 5 2 6 highway=service\n");
    ck_assert_str_eq(segments_of(&map), "1>2 FBfb; 2>2 FBfb +3; 2>6 FBfb");
    forget(&map);
}

TEST(import_cleans_repeated_nodes) {
    imported map = import_map("n1 0 0\nn2 1 0\nn3 2 0\n"
                              "w10 1 1 2 2 2 3 3 highway=service\n"
                              "w11 2 2 2 highway=service\nw12 3 highway=service\nw13 highway=service\n");
    ck_assert_str_eq(segments_of(&map), "1>2 FBfb; 2>3 FBfb");
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_SHORT), 3);
    forget(&map);
}

/*  1 --- 2 --- (3) --- 4 --- 5 --- (6) --- 7 --- (8)     nodes in brackets are not in the file               */
TEST(import_cuts_ways_at_missing_nodes) {
    imported map = import_map("n1 0 0\nn2 1 0\nn4 3 0\nn5 4 0\nn7 6 0\n"
                              "w10 1 2 3 4 5 6 7 8 highway=residential\nw11 6 8 highway=residential\n");
    ck_assert_str_eq(segments_of(&map), "1>2 FBfb; 4>5 FBfb");
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_NODES_MISSING), 2);
    forget(&map);
}

static const char small_town[] = "n1 0 1\nn2 1 1\nn3 2 1\nn4 1 2\nn5 1 0\n"
                                 "w10 1 2 3 highway=residential\nw11 4 2 5 highway=tertiary oneway=yes\n"
                                 "r1 from@w10 via@n2 to@w11 type=restriction restriction=no_left_turn\n"
                                 "r2 from@w11 via@n2 to@w10 type=restriction restriction=no_left_turn\n";

TEST(import_takes_objects_in_any_order) {
    pct_error error;
    imported sorted = import_map(small_town), unsorted;
    char expected[256];
    (void)snprintf(expected, sizeof expected, "%s", segments_of(&sorted));
    pct_buffer file = pct_buffer_init(MAP_BYTES_MAX);
    test_ok(test_osm_write(small_town, "r", false, &file, &error), &error);
    test_ok(test_osm_write(small_town, "w", true, &file, &error), &error);
    test_ok(test_osm_write(small_town, "n", true, &file, &error), &error);
    test_ok(import_bytes(&file, &unsorted), &unsorted.error);
    ck_assert_str_eq(segments_of(&unsorted), expected);
    ck_assert_int_eq(unsorted.report.restrictions_read, 2);
    forget(&sorted);
    forget(&unsorted);
    pct_buffer_dispose(&file);
}

TEST(import_takes_the_first_of_duplicates_and_counts_them) {
    pct_error error;
    imported once = import_map(small_town), twice;
    char expected[256];
    (void)snprintf(expected, sizeof expected, "%s", segments_of(&once));
    pct_buffer file = pct_buffer_init(MAP_BYTES_MAX);
    test_ok(test_osm_write(small_town, "nwr", false, &file, &error), &error);
    test_ok(test_osm_write("n2 7 7\nn3 8 8\nw10 1 4 highway=motorway\nr2 type=restriction\n", "nwr", true,
                           &file, &error),
            &error);
    test_ok(import_bytes(&file, &twice), &twice.error);
    ck_assert_str_eq(segments_of(&twice), expected);
    pct_node node = pct_network_node_by_source(&twice.network, 2);
    ck_assert_int_eq(twice.network.node_position[node.index].lon_e7, UNIT_E7);
    ck_assert_int_eq(dropped(&twice, PCT_MSG_IMPORT_OSM_NODE_TWICE), 2);
    ck_assert_int_eq(dropped(&twice, PCT_MSG_IMPORT_OSM_WAY_TWICE), 1);
    ck_assert_int_eq(dropped(&twice, PCT_MSG_IMPORT_OSM_RELATION_TWICE), 1);
    forget(&once);
    forget(&twice);
    pct_buffer_dispose(&file);
}

TEST(import_takes_negative_and_very_large_ids) {
    imported map = import_map("n-9000000000000000000 0 0\nn-1 1 0\nn12345678901 2 0\n"
                              "w-7 -9000000000000000000 -1 highway=service\n"
                              "w9007199254740993 -1 12345678901 highway=service\n");
    ck_assert_str_eq(segments_of(&map), "-9000000000000000000>-1 FBfb; -1>12345678901 FBfb");
    ck_assert_int_eq(map.network.segments[1].way, INT64_C(9007199254740993));
    forget(&map);
}

TEST(import_refuses_a_map_without_roads) {
    imported map;
    pct_buffer file = pct_buffer_init(MAP_BYTES_MAX);
    test_ok(test_osm_write("n1 0 0\nn2 1 0\nw1 1 2 building=yes\nw2 1 2 highway=steps\n", "nwr", false, &file,
                           &map.error),
            &map.error);
    ck_assert_int_eq(import_bytes(&file, &map), PCT_INPUT);
    test_error_says(&map.error, "town.osm.pbf: no road");
    forget(&map);
    file.length /= 2;
    ck_assert_int_eq(import_bytes(&file, &map), PCT_DAMAGED);
    test_error_says(&map.error, "town.osm.pbf: the file ends inside the block");
    forget(&map);
    pct_buffer_dispose(&file);
}

/* --- rights -------------------------------------------------------------------------------------------- */

TEST(import_reads_the_rights_of_way_from_the_tags) {
    static const struct {
        const char *tags, *flags; /* flags "": left out */
    } cases[] = {
        {"highway=residential", "FBfb"},
        {"highway=road", "FBfb"},
        {"highway=residential_link", "FBfb"},
        {"highway=odd_link", "FBfb"},
        {"highway=odd", ""},
        {"highway=construction construction=primary", ""},
        {"highway=pedestrian", "fb"},
        {"highway=pedestrian motor_vehicle=destination", "FBfb"},
        {"highway=pedestrian access=yes", "fb"},
        {"highway=pedestrian area=yes", ""},
        {"highway=track", "fb"},
        {"highway=track motor_vehicle=yes", "FBfb"},
        {"highway=busway", "fb"},
        {"highway=emergency_access", "fb"},
        {"highway=service service=emergency_access", "fb"},
        {"highway=footway", ""},
        {"highway=footway access=yes", ""},
        {"highway=footway motor_vehicle=yes", "FBfb"},
        {"highway=path motor_vehicle=private", "fb"},
        {"highway=cycleway emergency=yes", "fb"},
        {"highway=steps emergency=yes", ""},
        {"building=yes", ""},
        /* access and its refinements */
        {"highway=service access=private", "fb"},
        {"highway=service access=customers", "fb"},
        {"highway=service access=delivery", "fb"},
        {"highway=service access=permit", "fb"},
        {"highway=service access=destination", "FBfb"},
        {"highway=service access=no", ""},
        {"highway=service access=no emergency=yes", "fb"},
        {"highway=service access=no bus=yes", "fb"},
        {"highway=service access=no motor_vehicle=yes", "FBfb"},
        {"highway=service access=no vehicle=private", "fb"},
        {"highway=service access=yes emergency=no", "FB"},
        {"highway=service access=private emergency=no", ""},
        {"highway=residential motor_vehicle=no", "fb"},
        {"highway=residential vehicle=no motor_vehicle=yes", "FBfb"},
        {"highway=residential motor_vehicle=yes motorcar=no", "fb"},
        {"highway=residential motor_vehicle:backward=no", "Ffb"},
        /* one-ways hold for response units too */
        {"highway=residential oneway=yes", "Ff"},
        {"highway=residential oneway=true", "Ff"},
        {"highway=residential oneway=1", "Ff"},
        {"highway=residential oneway=-1", "Bb"},
        {"highway=residential oneway=reverse", "Bb"},
        {"highway=residential oneway=no", "FBfb"},
        {"highway=residential oneway=alternating", "FBfb"},
        {"highway=residential oneway=reversible", ""},
        {"highway=residential oneway=yes oneway:motor_vehicle=no", "FBfb"},
        {"highway=residential oneway=yes access=private", "f"},
        {"highway=motorway", "Ff"},
        {"highway=motorway oneway=no", "FBfb"},
        {"highway=motorway oneway=-1", "Bb"},
        {"highway=motorway_link", "FBfb"},
        {"highway=residential junction=roundabout", "FfRo"},
        {"highway=residential junction=circular", "FfRo"},
        {"highway=residential junction=roundabout oneway=-1", "BbRo"},
        /* nature */
        {"highway=primary bridge=yes", "FBfbBr"},
        {"highway=primary bridge=viaduct oneway=yes", "FfBr"},
        {"highway=primary bridge=no tunnel=yes", "FBfbTu"},
        {"route=ferry", "FBfb"},
        {"route=ferry motor_vehicle=no", ""},
        {"route=ferry access=no", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *tags = cases[i].tags;
        char with_id[128];
        (void)snprintf(with_id, sizeof with_id, "w1 %s", tags);
        test_osm_line l = test_osm_parse(with_id);
        pct_osm_road road = pct_osm_road_of((pct_osm_tags){l.tags, l.tag_count});
        pct_buffer flags = pct_buffer_init(64);
        if (road.kept) append_flags(&flags, road.flags);
        ck_assert_msg(strcmp(pct_buffer_chars(&flags), cases[i].flags) == 0, "%s gives '%s', not '%s'", tags,
                      pct_buffer_chars(&flags), cases[i].flags);
        bool is_road_or_ferry = strstr(tags, "highway") || strstr(tags, "route");
        ck_assert_msg(road.kept || (road.dropped != PCT_MSG_NONE) == is_road_or_ferry, "%s", tags);
        pct_buffer_dispose(&flags);
    }
}

TEST(import_counts_what_it_leaves_out_by_reason) {
    imported map = import_map("n1 0 0\nn2 1 0\nw1 1 2 highway=residential\nw2 1 2 highway=construction\n"
                              "w3 1 2 highway=steps\nw4 1 2 highway=footway\nw5 1 2 highway=oddity\n"
                              "w6 1 2 highway=service access=no\nw7 1 2 highway=service access=no\n"
                              "w8 1 2 highway=primary oneway=reversible\nw9 1 2 building=yes\n"
                              "w10 1 2 highway=pedestrian area=yes\n");
    ck_assert_uint_eq(map.network.segment_count, 1);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_UNBUILT), 1);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_PATH), 2);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_CLASS), 1);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_CLOSED), 2);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_REVERSIBLE), 1);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_AREA), 1);
    ck_assert_uint_eq(map.report.dropped_count, 6);
    forget(&map);
}

/* --- turns --------------------------------------------------------------------------------------------- */

/*          4             way 10: 1 2      way 12: 2 4
 *          |             way 11: 2 3      way 13: 5 2, one way to the north
 *    1 --- 2 --- 3
 *          |
 *          5                                                                                                */
#define CROSSING                                                                                             \
    "n1 0 1\nn2 1 1\nn3 2 1\nn4 1 2\nn5 1 0\nw10 1 2 highway=tertiary\nw11 2 3 highway=tertiary\n"           \
    "w12 2 4 highway=tertiary\nw13 5 2 highway=tertiary oneway=yes\nw14 3 4 highway=footway\n"

TEST(import_resolves_turns_over_a_node) {
    imported map =
        import_map(CROSSING "r1 from@w10 via@n2 to@w12 type=restriction restriction=no_left_turn\n"
                            "r2 to@w11 via@n2 from@w10 type=restriction restriction=only_straight_on\n"
                            "r3 from@w10 via@n2 to@w10 type=restriction restriction=no_u_turn\n"
                            "r4 from@w10 via@n2 to@w12 type=route\n"
                            "r5 from@w10 via@n2 to@w11 location_hint@n3 type=restriction "
                            "restriction:motorcar=no_straight_on\n");
    ck_assert_str_eq(turns_of(&map), "no 1>2 @2 2>4; only 1>2 @2 2>3; no 1>2 @2 1>2; no 1>2 @2 2>3");
    ck_assert_int_eq(map.report.restrictions_read, 4);
    ck_assert_uint_eq(map.report.dropped_count, 1); /* the footway */
    forget(&map);
}

/* Found by the fuzzer. */
TEST(import_counts_a_turn_without_members) {
    imported map = import_map("n1 0 0\nn2 1 0\nw1 1 2 highway=service\nw2 highway=service\n"
                              "r1 type=restriction restriction=no_entry\n");
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_TURN_MALFORMED), 1);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_SHORT), 1);
    forget(&map);
}

TEST(import_resolves_every_pair_of_no_entry_and_no_exit) {
    imported map =
        import_map(CROSSING "r1 from@w10 from@w11 via@n2 to@w12 type=restriction restriction=no_entry\n"
                            "r2 from@w13 via@n2 to@w10 to@w11 type=restriction restriction=no_exit\n");
    ck_assert_str_eq(turns_of(&map), "no 1>2 @2 2>4; no 2>3 @2 2>4; no 5>2 @2 1>2; no 5>2 @2 2>3");
    ck_assert_int_eq(map.report.restrictions_read, 2);
    forget(&map);
}

TEST(import_counts_turns_that_it_cannot_keep) {
    imported map = import_map(
        CROSSING
        "r1 from@w10 via@n2 to@w13 type=restriction restriction=no_right_turn\n" /* against one-way */
        "r2 from@w10 via@n3 to@w12 type=restriction restriction=no_left_turn\n"  /* not where they meet */
        "r3 from@w10 via@n2 to@w99 type=restriction restriction=no_left_turn\n"  /* no such way */
        "r4 from@w14 via@n4 to@w12 type=restriction restriction=no_left_turn\n"  /* not a road */
        "r5 from@w10 to@w12 type=restriction restriction=no_left_turn\n"
        "r6 from@w10 via@n2 to@w12 type=restriction restriction=give_way\n"
        "r7 from@w10 from@w11 via@n2 to@w12 to@w10 type=restriction restriction=no_entry\n"
        "r8 from@w10 via@n2 to@w12 type=restriction restriction:conditional=no_left_turn~@~(weight>7.5)\n"
        "r9 from@w10 via@n2 to@w12 type=restriction restriction:hgv=no_left_turn\n"
        "r10 from@w10 via@n2 to@w12 type=restriction restriction=no_left_turn except=psv;motorcar\n"
        "r11 from@w10 via@n2 to@w12 type=restriction restriction=no_left_turn except=emergency\n");
    ck_assert_str_eq(turns_of(&map), "no 1>2 @2 2>4");
    ck_assert_int_eq(map.report.restrictions_read, 11);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_TURN_UNRESOLVED), 4);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_TURN_MALFORMED), 3);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_TURN_OTHERS), 3);
    forget(&map);
}

/* The via node lies inside both ways: the one-way tells which half is meant, without it nobody can.
 *
 *          4
 *          ^             way 10: 1 2 3, one way to the east
 *    1 --> 2 --> 3       way 11: 5 2 4, one way to the north
 *          ^             way 12: 6 2 7, both ways
 *          5                                                                                                */
TEST(import_resolves_turns_inside_ways_by_their_direction) {
    imported map = import_map("n1 0 1\nn2 1 1\nn3 2 1\nn4 1 2\nn5 1 0\nn6 0 0\nn7 2 2\n"
                              "w10 1 2 3 highway=tertiary oneway=yes\nw11 5 2 4 highway=tertiary oneway=yes\n"
                              "w12 6 2 7 highway=tertiary\n"
                              "r1 from@w10 via@n2 to@w11 type=restriction restriction=no_left_turn\n"
                              "r2 from@w12 via@n2 to@w11 type=restriction restriction=no_left_turn\n");
    ck_assert_str_eq(turns_of(&map), "no 1>2 @2 2>4");
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_TURN_UNRESOLVED), 1);
    forget(&map);
}

/* A dual carriageway and its gap:
 *
 *    2 <-- 3 <-- 4       way 10: 4 3 2      way 12: 3 8 6, cut at 8 by way 14
 *          |             way 11: 5 6 7
 *          8 --- 9
 *          |
 *    5 --> 6 --> 7                                                                                          */
TEST(import_resolves_turns_over_via_ways) {
    static const char roads[] =
        "n2 0 2\nn3 1 2\nn4 2 2\nn5 0 0\nn6 1 0\nn7 2 0\nn8 1 1\nn9 2 1\n"
        "w10 4 3 2 highway=primary oneway=yes\nw11 5 6 7 highway=primary oneway=yes\n"
        "w12 3 8 6 highway=service\nw13 3 8 highway=footway\nw14 8 9 highway=service\n";
    char text[2048];
    (void)snprintf(text, sizeof text, "%s%s", roads,
                   "r1 from@w10 via@w12 to@w11 type=restriction restriction=no_u_turn\n"
                   "r2 from@w11 via@w12 to@w10 type=restriction restriction=only_u_turn\n"
                   "r3 from@w10 via@w14 to@w11 type=restriction restriction=no_u_turn\n"
                   "r4 from@w10 via@w12 via@n6 to@w11 type=restriction restriction=no_u_turn\n");
    imported map = import_map(text);
    ck_assert_str_eq(turns_of(&map), "no 4>3 @3 [3>8 8>6] 6>7; only 5>6 @6 [8>6 3>8] 3>2");
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_TURN_UNRESOLVED), 1);
    ck_assert_int_eq(dropped(&map, PCT_MSG_IMPORT_OSM_TURN_MALFORMED), 1);
    forget(&map);
}

/*    1 --- 2 --- 3 --- 4 --- 5       ways 10 … 13, one segment each; via 11 then 12                           */
TEST(import_resolves_turns_over_several_via_ways) {
    imported map =
        import_map("n1 0 0\nn2 1 0\nn3 2 0\nn4 3 0\nn5 4 0\nw10 1 2 highway=service\n"
                   "w11 2 3 highway=service\nw12 4 3 highway=service\nw13 4 5 highway=service\n"
                   "r1 from@w10 via@w11 via@w12 to@w13 type=restriction restriction=no_straight_on\n");
    ck_assert_str_eq(turns_of(&map), "no 1>2 @2 [2>3 4>3] 4>5");
    forget(&map);
}

/* --- real maps, memory --------------------------------------------------------------------------------- */

TEST(import_reads_porto_whole) {
    TEST_NEEDS_DATA("osm/porto.osm.pbf");
    size_t length;
    char *bytes = test_read_file(test_data_path("osm/porto.osm.pbf"), &length);
    pct_network net;
    pct_import_report report;
    pct_error error;
    test_ok(pct_import_osm("porto", (pct_text){bytes, length}, &net, &report, &error), &error);
    free(bytes);
    uint32_t main_nodes = 0, main_arcs = 0;
    for (uint32_t v = 0; v < net.node_count; v++) {
        if (net.node_component[v] != 0) continue;
        main_nodes++;
        for (uint32_t a = net.first_arc[v]; a < net.first_arc[v + 1]; a++)
            main_arcs += net.node_component[net.arc_head[a]] == 0 && pct_response_may_drive(&net, a);
    }
    /* A general car profile of another importer has 66,041 nodes and 156,395 arcs; ours adds private roads. */
    ck_assert_uint_ge(main_nodes, 66041);
    ck_assert_uint_le(main_nodes, 66041 * 106 / 100);
    ck_assert_uint_ge(main_arcs, 156395);
    ck_assert_uint_le(main_arcs, 156395 * 106 / 100);
    ck_assert_int_eq(report.restrictions_read, 357);
    ck_assert_uint_ge(net.restriction_count, 330);
    for (uint32_t i = 0; i < net.segment_count; i++) {
        const pct_segment *s = &net.segments[i];
        double straight_m = pct_geo_distance_m(net.node_position[s->tail], net.node_position[s->head]);
        ck_assert_double_ge(s->length_mm + 1.0, straight_m * 1000.0);
    }
    pct_network_dispose(&net);
}

static pct_status import_small_town(void *context) {
    const pct_buffer *file = context;
    imported map;
    pct_status status = import_bytes(file, &map);
    forget(&map);
    return status;
}

TEST(import_survives_every_failing_allocation) {
    pct_error error;
    pct_buffer file = pct_buffer_init(MAP_BYTES_MAX);
    test_ok(test_osm_write(small_town, "nwr", false, &file, &error), &error);
    ck_assert_uint_gt(test_torture(import_small_town, &file), 20);
    pct_buffer_dispose(&file);
}

TEST_MAIN("import_osm", TEST_CASE(import_cuts_ways_where_they_cross),
          TEST_CASE(import_makes_inner_points_shape_and_adds_up_the_length),
          TEST_CASE(import_gives_two_nodes_at_one_place_a_millimetre),
          TEST_CASE(import_drives_roundabouts_one_way), TEST_CASE(import_keeps_a_closed_way_as_a_loop),
          TEST_CASE(import_cuts_a_way_where_it_crosses_itself), TEST_CASE(import_cleans_repeated_nodes),
          TEST_CASE(import_cuts_ways_at_missing_nodes), TEST_CASE(import_takes_objects_in_any_order),
          TEST_CASE(import_takes_the_first_of_duplicates_and_counts_them),
          TEST_CASE(import_takes_negative_and_very_large_ids), TEST_CASE(import_refuses_a_map_without_roads),
          TEST_CASE(import_reads_the_rights_of_way_from_the_tags),
          TEST_CASE(import_counts_what_it_leaves_out_by_reason), TEST_CASE(import_resolves_turns_over_a_node),
          TEST_CASE(import_counts_a_turn_without_members),
          TEST_CASE(import_resolves_every_pair_of_no_entry_and_no_exit),
          TEST_CASE(import_counts_turns_that_it_cannot_keep),
          TEST_CASE(import_resolves_turns_inside_ways_by_their_direction),
          TEST_CASE(import_resolves_turns_over_via_ways),
          TEST_CASE(import_resolves_turns_over_several_via_ways), TEST_CASE(import_reads_porto_whole),
          TEST_CASE(import_survives_every_failing_allocation))
