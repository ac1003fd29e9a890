/* What real maps are full of, kind by kind: each case has one kind of dirt and says what becomes of it. Maps are written as
 * in support/osm_text.h; networks are read back as tail>head of the source ids. */
#include <string.h>

#include "road/import.h"
#include "road/osm_condition.h"
#include "road/osm_rights.h"
#include "road/osm_speed.h"
#include "support/osm_text.h"
#include "support/test.h"

typedef struct imported {
    pct_network network;
    pct_import_report report;
    pct_buffer text;
} imported;

static imported import_file(const pct_buffer *file) {
    imported out = {.text = pct_buffer_init(TEST_OSM_BYTES_MAX)};
    pct_error error;
    pct_text bytes = {(const char *)file->bytes, file->length};
    test_ok(pct_import_osm("town", bytes, &out.network, &out.report, &error), &error);
    return out;
}

static imported import_map(const char *map) {
    pct_error error;
    pct_buffer file = pct_buffer_init(TEST_OSM_BYTES_MAX);
    test_ok(test_osm_write(map, "nwr", false, &file, &error), &error);
    imported out = import_file(&file);
    pct_buffer_dispose(&file);
    return out;
}

static void forget(imported *map) {
    pct_network_dispose(&map->network);
    pct_buffer_dispose(&map->text);
}

static const pct_import_reason *reason_of(const imported *map, pct_message reason) {
    static const pct_import_reason none;
    for (size_t i = 0; i < map->report.dropped_count; i++)
        if (map->report.dropped[i].reason == reason) return &map->report.dropped[i];
    return &none;
}

static const char *segments_of(imported *map) {
    pct_buffer_clear(&map->text);
    for (uint32_t i = 0; i < map->network.segment_count; i++) {
        const pct_segment *s = &map->network.segments[i];
        (void)pct_buffer_append_format(&map->text, "%s%lld>%lld", i > 0 ? "; " : "",
                                       (long long)map->network.node_source[s->tail],
                                       (long long)map->network.node_source[s->head]);
    }
    return pct_buffer_chars(&map->text);
}

static uint8_t marks_of(const imported *map, int64_t source) {
    pct_node node = pct_network_node_by_source(&map->network, source);
    ck_assert_uint_ne(node.index, PCT_NO_INDEX);
    return map->network.node_marks[node.index];
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

TEST(import_reads_speed_limits_in_every_spelling) {
    static const struct {
        const char *text;
        int kmh; /* -1: cannot be read */
    } cases[] = {{"50", 50},
                 {" 50 ", 50},
                 {"50 km/h", 50},
                 {"50km/h", 50},
                 {"50 kmh", 50},
                 {"50 kph", 50},
                 {"7.5", 8},
                 {"30 mph", 48},
                 {"30mph", 48},
                 {"20 mph", 32},
                 {"10 knots", 19},
                 {"none", PCT_NO_LIMIT_KMH},
                 {"walk", 7},
                 {"signals", 0},
                 {"variable", 0},
                 {"CN:urban", 50},
                 {"CN:rural", 70},
                 {"CN:motorway", 120},
                 {"RU:urban", 60},
                 {"RU:rural", 90},
                 {"RU:living_street", 20},
                 {"DE:motorway", PCT_NO_LIMIT_KMH},
                 {"DE:zone:30", 30},
                 {"DE:zone30", 30},
                 {"FR:zone20", 20},
                 {"DE:walk", 7},
                 {"GB:nsl_single", 97},
                 {"GB:nsl_dual", 113},
                 {"BE-VLG:urban", 50},
                 {"XX:urban", 50},
                 {"XX:rural", 90},
                 {"PT:50", 50},
                 {"50;30", 30},
                 {"50-70", 50},
                 {"50 - 70", 50},
                 {"50;none", 50},
                 {"50|70|90", 90},
                 {"100|100||60", 100},
                 {"", -1},
                 {"0", -1},
                 {"-5", -1},
                 {"5000", -1},
                 {"fast", -1},
                 {"50 parsecs", -1},
                 {"50;fast", -1},
                 {"CN:", -1},
                 {"cn:urban", -1},
                 {"1e2", -1},
                 {"|", -1},
                 {":", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t kmh = 1;
        bool read = pct_osm_limit_of(pct_text_of(cases[i].text), &kmh);
        ck_assert_msg(read == (cases[i].kmh >= 0) && (!read || kmh == cases[i].kmh), "'%s' gives %d %d",
                      cases[i].text, read, kmh);
    }
}

TEST(import_reads_durations_in_every_spelling) {
    static const struct {
        const char *text;
        int64_t s; /* -1: cannot be read */
    } cases[] = {{"20", 1200},      {"0:20", 1200},    {"00:20:30", 1230}, {"1:05", 3900},   {"PT20M", 1200},
                 {"PT1H30M", 5400}, {"P1DT2H", 93600}, {"PT90S", 90},      {"26:00", 93600}, {"", -1},
                 {"0", -1},         {"-5", -1},        {"1:2:3:4", -1},    {"P", -1},        {"PT", -1},
                 {"P1H", -1},       {"PT5", -1},       {"an hour", -1},    {"0:75", -1},     {"999:00", -1},
                 {"20 minutes", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t ms = 0;
        bool read = pct_osm_duration_of(pct_text_of(cases[i].text), &ms);
        ck_assert_msg(read == (cases[i].s >= 0) && (!read || ms == cases[i].s * 1000), "'%s' gives %d %u",
                      cases[i].text, read, ms);
    }
}

static pct_osm_road road_of(const char *tags, char line[256]) {
    (void)snprintf(line, 256, "w1 %s", tags);
    test_osm_line l = test_osm_parse(line);
    return pct_osm_road_of((pct_osm_tags){l.tags, l.tag_count});
}

TEST(import_takes_limits_by_direction_by_lane_and_by_law) {
    static const struct {
        const char *tags;
        int forward, backward;
        pct_message note;
    } cases[] = {
        {"highway=primary", 0, 0, PCT_MSG_NONE},
        {"highway=primary maxspeed=50", 50, 50, PCT_MSG_NONE},
        {"highway=primary maxspeed=50 maxspeed:forward=70", 70, 50, PCT_MSG_NONE},
        {"highway=primary maxspeed:backward=30~mph", 0, 48, PCT_MSG_NONE},
        {"highway=motorway maxspeed:lanes=120|100|80", 120, 120, PCT_MSG_NONE},
        {"highway=primary maxspeed:lanes:backward=40|60", 0, 60, PCT_MSG_NONE},
        {"highway=primary source:maxspeed=RU:urban", 60, 60, PCT_MSG_NONE},
        {"highway=primary maxspeed:type=sign", 0, 0, PCT_MSG_NONE},
        {"highway=primary maxspeed=70 source:maxspeed=RU:urban", 70, 70, PCT_MSG_NONE},
        {"highway=primary maxspeed=signals", 0, 0, PCT_MSG_NONE},
        {"highway=primary maxspeed=fast", 0, 0, PCT_MSG_IMPORT_OSM_LIMIT_UNREAD},
        {"highway=primary maxspeed=fast source:maxspeed=RU:urban", 0, 0, PCT_MSG_IMPORT_OSM_LIMIT_UNREAD},
        {"highway=primary maxspeed=50 maxspeed:conditional=30~@~(22:00-06:00)", 50, 50,
         PCT_MSG_IMPORT_OSM_LIMIT_CONDITIONAL},
        {"highway=primary maxspeed=50 maxspeed:conditional=30~@~(06:00-22:00)", 30, 30,
         PCT_MSG_IMPORT_OSM_LIMIT_CONDITIONAL},
        {"highway=primary maxspeed=50 maxspeed:conditional=30~@~(24/7)", 30, 30, PCT_MSG_NONE},
        {"highway=primary maxspeed=50 maxspeed:conditional=30~@~(weight>7.5)", 50, 50, PCT_MSG_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[256];
        pct_osm_road road = road_of(cases[i].tags, line);
        ck_assert_msg(road.kept && road.limit_kmh[0] == cases[i].forward &&
                          road.limit_kmh[1] == cases[i].backward,
                      "%s gives %d %d", cases[i].tags, road.limit_kmh[0], road.limit_kmh[1]);
        ck_assert_msg((road.note_count ? road.notes[0] : PCT_MSG_NONE) == cases[i].note, "%s", cases[i].tags);
    }
}

/* --- conditions --------------------------------------------------------------------------------------------------- */

TEST(import_judges_conditions_by_hours_of_the_week_and_the_measures_of_a_car) {
    static const struct {
        const char *condition;
        pct_osm_when when;
        bool mostly;
    } cases[] = {{"24/7", PCT_OSM_ALWAYS, true},
                 {"Mo-Su", PCT_OSM_ALWAYS, true},
                 {"Mo-Su 00:00-24:00", PCT_OSM_ALWAYS, true},
                 {"Mo-Su 06:00-22:00; Mo-Su 22:00-06:00", PCT_OSM_ALWAYS, true},
                 {"Mo-Fr 07:00-09:00", PCT_OSM_SOMETIMES, false},
                 {"Mo-Fr 07:00-09:00,17:00-19:00; Sa 10:00-12:00", PCT_OSM_SOMETIMES, false},
                 {"Sa,Su", PCT_OSM_SOMETIMES, false},
                 {"Fr-Mo", PCT_OSM_SOMETIMES, true},
                 {"05:00-23:00", PCT_OSM_SOMETIMES, true},
                 {"24/7; Su off", PCT_OSM_SOMETIMES, true},
                 {"24/7 off", PCT_OSM_NEVER, false},
                 {"Nov 1-Mar 31", PCT_OSM_SOMETIMES, false},
                 {"Apr-Oct", PCT_OSM_SOMETIMES, false},
                 {"PH off", PCT_OSM_SOMETIMES, false},
                 {"sunset-sunrise", PCT_OSM_SOMETIMES, false},
                 {"wet", PCT_OSM_SOMETIMES, false},
                 {"", PCT_OSM_NEVER, false},
                 {"99:99-100:00", PCT_OSM_SOMETIMES, false},
                 {"weight>7.5", PCT_OSM_NEVER, false},
                 {"weight > 3.5 t", PCT_OSM_NEVER, false},
                 {"weight>1", PCT_OSM_SOMETIMES, false},
                 {"weight<=7.5", PCT_OSM_ALWAYS, true},
                 {"length>12", PCT_OSM_NEVER, false},
                 {"hgv", PCT_OSM_NEVER, false},
                 {"residents", PCT_OSM_SOMETIMES, false},
                 {"weight>7.5 AND Mo-Fr 07:00-09:00", PCT_OSM_NEVER, false},
                 {"weight<=7.5 AND Mo-Fr 07:00-09:00", PCT_OSM_SOMETIMES, false},
                 {"24/7 AND Mo-Su", PCT_OSM_ALWAYS, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "no @ (%s)", cases[i].condition);
        pct_text rest = pct_text_of(text);
        pct_osm_clause clause;
        ck_assert(pct_osm_clause_next(&rest, &clause));
        ck_assert_msg(clause.when == cases[i].when && clause.mostly == cases[i].mostly, "%s gives %d %d",
                      cases[i].condition, clause.when, clause.mostly);
        ck_assert(!pct_osm_clause_next(&rest, &clause));
    }
}

TEST(import_takes_the_clauses_of_a_condition_apart) {
    pct_text rest =
        pct_text_of("no @ (Mo-Fr 07:00-09:00; Sa 10:00-12:00); destination @ wet ; 50 @ 24/7; odd");
    static const struct {
        const char *value;
        pct_osm_when when;
    } expected[] = {{"no", PCT_OSM_SOMETIMES}, {"destination", PCT_OSM_SOMETIMES}, {"50", PCT_OSM_SOMETIMES}};
    pct_osm_clause clause;
    for (size_t i = 0; i < 3; i++) {
        ck_assert(pct_osm_clause_next(&rest, &clause));
        ck_assert_uint_eq(clause.value.length, strlen(expected[i].value));
        ck_assert_mem_eq(clause.value.chars, expected[i].value, clause.value.length);
        ck_assert_int_eq(clause.when, expected[i].when);
    }
    ck_assert(!pct_osm_clause_next(&rest, &clause));
}

TEST(import_reads_conditional_rights_with_caution) {
    static const struct {
        const char *tags;
        int flags; /* 0: left out */
        pct_message note;
    } cases[] = {
        /* a ban at times bars general traffic, not response units */
        {"highway=residential access:conditional=no~@~(Mo-Fr~07:00-09:00)", 12,
         PCT_MSG_IMPORT_OSM_ACCESS_CONDITIONAL},
        {"highway=residential motor_vehicle:conditional=no~@~(Su)", 12,
         PCT_MSG_IMPORT_OSM_ACCESS_CONDITIONAL},
        {"highway=residential motor_vehicle:conditional=delivery~@~(06:00-10:00)", 12,
         PCT_MSG_IMPORT_OSM_ACCESS_CONDITIONAL},
        /* a permission at times permits nothing */
        {"highway=residential motor_vehicle=no motor_vehicle:conditional=yes~@~(06:00-10:00)", 12,
         PCT_MSG_IMPORT_OSM_ACCESS_CONDITIONAL},
        {"highway=pedestrian motor_vehicle:conditional=destination~@~(06:00-10:00)", 12,
         PCT_MSG_IMPORT_OSM_ACCESS_CONDITIONAL},
        /* what holds always, or never for us, is plain */
        {"highway=residential access:conditional=no~@~24/7", 0, PCT_MSG_NONE},
        {"highway=residential motor_vehicle=no motor_vehicle:conditional=yes~@~24/7", 15, PCT_MSG_NONE},
        {"highway=residential access:conditional=no~@~(weight>3.5)", 15, PCT_MSG_NONE},
        {"highway=residential motor_vehicle:conditional=no~@~hgv", 15, PCT_MSG_NONE},
        /* the more specific mode is asked first */
        {"highway=residential motor_vehicle=yes access:conditional=no~@~(Su)", 15,
         PCT_MSG_IMPORT_OSM_ACCESS_CONDITIONAL},
        /* one-way at times is one-way */
        {"highway=residential oneway:conditional=yes~@~(Mo-Fr~07:00-09:00)", 5,
         PCT_MSG_IMPORT_OSM_ONEWAY_CONDITIONAL},
        {"highway=residential oneway=yes oneway:conditional=no~@~(Su)", 0,
         PCT_MSG_IMPORT_OSM_ONEWAY_CONDITIONAL},
        {"highway=residential oneway:conditional=-1~@~24/7", 10, PCT_MSG_NONE},
        {"highway=residential oneway:conditional=yes~@~(06:00-12:00);-1~@~(12:00-20:00)", 0,
         PCT_MSG_IMPORT_OSM_ONEWAY_CONDITIONAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[256];
        pct_osm_road road = road_of(cases[i].tags, line);
        int flags = road.kept ? road.flags : 0, expected = cases[i].flags;
        if (strstr(cases[i].tags, "oneway=yes oneway:conditional=no")) expected = 5; /* stays one-way */
        ck_assert_msg(flags == expected, "%s gives %d", cases[i].tags, flags);
        ck_assert_msg((road.note_count ? road.notes[0] : PCT_MSG_NONE) == cases[i].note, "%s", cases[i].tags);
    }
}

TEST(import_takes_turn_restrictions_at_times_to_hold_always) {
    imported map =
        import_map("n1 0 1\nn2 1 1\nn3 2 1\nn4 1 2\nw10 1 2 highway=tertiary\nw11 2 3 highway=tertiary\n"
                   "w12 2 4 highway=tertiary\n"
                   "r1 from@w10 via@n2 to@w12 type=restriction "
                   "restriction:conditional=no_left_turn~@~(Mo-Fr~07:00-09:00)\n"
                   "r2 from@w11 via@n2 to@w12 type=restriction "
                   "restriction:conditional=no_right_turn~@~24/7\n"
                   "r3 from@w11 via@n2 to@w10 type=restriction "
                   "restriction:conditional=no_straight_on~@~hgv\n");
    ck_assert_uint_eq(map.network.restriction_count, 2);
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_TURN_CONDITIONAL)->count, 1);
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_TURN_CONDITIONAL)->examples[0], 1);
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_TURN_OTHERS)->examples[0], 3);
    forget(&map);
}

/* --- barriers, signals -------------------------------------------------------------------------------------------- */

TEST(import_says_who_passes_a_barrier) {
    enum { T = PCT_NODE_BARS_TRAFFIC, ALL = 0x100 };
    static const struct {
        const char *tags;
        int marks; /* ALL: the road is cut */
    } cases[] = {
        {"barrier=gate", PCT_BARRIER_GATE},
        {"barrier=gate access=private", PCT_BARRIER_GATE | T},
        {"barrier=gate motor_vehicle=no", PCT_BARRIER_GATE | T},
        {"barrier=gate access=no", ALL},
        {"barrier=gate access=no emergency=yes", PCT_BARRIER_GATE | T},
        {"barrier=gate access=no motor_vehicle=yes", PCT_BARRIER_GATE},
        {"barrier=lift_gate access=permit", PCT_BARRIER_LIFT_GATE | T},
        {"barrier=swing_gate", PCT_BARRIER_GATE},
        {"barrier=toll_booth", PCT_BARRIER_TOLL_BOOTH},
        {"barrier=border_control", PCT_BARRIER_BORDER_CONTROL},
        {"barrier=cattle_grid", 0},
        {"barrier=entrance access=private", 0},
        {"barrier=chain", PCT_BARRIER_CHAIN | T},
        {"barrier=bollard", ALL},
        {"barrier=bollard bollard=rising", PCT_BARRIER_BOLLARD | T},
        {"barrier=bollard bollard=removable access=no emergency=yes", PCT_BARRIER_BOLLARD | T},
        {"barrier=bollard motor_vehicle=yes", PCT_BARRIER_BOLLARD},
        {"barrier=bollard access=private", ALL},
        {"barrier=block", ALL},
        {"barrier=block emergency=yes", PCT_BARRIER_BLOCK | T},
        {"barrier=cycle_barrier bicycle=yes foot=yes", ALL},
        {"barrier=jersey_barrier", ALL},
        {"barrier=dragon", PCT_BARRIER_OTHER | T},
        {"highway=traffic_signals", 0},
        {"highway=crossing", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "n1 0 0\nn2 1 0 %s\nn3 2 0\nw10 1 2 3 highway=service\n",
                       cases[i].tags);
        imported map = import_map(text);
        bool cut = map.network.segment_count == 2 && map.network.node_count == 4;
        bool marked = map.network.segment_count == 2 && map.network.node_count == 3;
        int marks = cut ? ALL : marked ? marks_of(&map, 2) : 0;
        ck_assert_msg(marks == cases[i].marks, "%s gives %x", cases[i].tags, (unsigned)marks);
        ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_BARRIER_FIRM)->count, marks == ALL);
        ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_BARRIER_UNKNOWN)->count,
                         strstr(cases[i].tags, "dragon") != NULL);
        if (cut) ck_assert_uint_ne(map.network.node_component[0], map.network.node_component[3]);
        forget(&map);
    }
}

/*    1 --- 2 --- 3     way 10 runs through 2, way 11 ends there; way 12 and 13 both end at 5
 *          |           blocks at 2 and 5
 *          4 --- 5 --- 6                                                                                             */
TEST(import_takes_a_barrier_at_a_junction_to_stand_in_the_roads_that_end_there) {
    imported map = import_map("n1 0 1\nn2 1 1 barrier=block\nn3 2 1\nn4 1 0\nn5 2 0 barrier=bollard\nn6 3 0\n"
                              "w10 1 2 3 highway=primary\nw11 2 4 highway=service\nw12 4 5 highway=service\n"
                              "w13 5 6 highway=service\n");
    ck_assert_str_eq(segments_of(&map), "1>2; 2>3; 2>4; 4>5; 5>6");
    ck_assert_uint_eq(map.network.node_count, 8);
    const pct_segment *s = map.network.segments;
    ck_assert_uint_eq(s[0].head, s[1].tail);
    ck_assert_uint_ne(s[1].tail, s[2].tail);
    ck_assert_uint_eq(s[2].head, s[3].tail);
    ck_assert_uint_ne(s[3].head, s[4].tail);
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_BARRIER_JUNCTION)->examples[0], 2);
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_BARRIER_FIRM)->count, 1);
    forget(&map);
}

/*    1 --- 2 ------ 3 --- 4     signals at the junction 3, at 2 (33 m before 1), at 5 in the middle of nowhere       */
TEST(import_marks_junctions_with_signals_at_them_or_at_their_stop_lines) {
    imported map =
        import_map("n1 0 0\nn2 0.3 0 highway=traffic_signals\nn3 6 0 highway=traffic_signals\nn4 7 0\n"
                   "n5 3 0 highway=traffic_signals\nn6 6 1\n"
                   "w10 1 2 5 3 highway=primary\nw11 3 4 highway=primary\nw12 3 6 highway=primary\n");
    ck_assert_str_eq(segments_of(&map), "1>3; 3>4; 3>6");
    ck_assert_uint_eq(marks_of(&map, 1), PCT_NODE_SIGNALS);
    ck_assert_uint_eq(marks_of(&map, 3), PCT_NODE_SIGNALS);
    ck_assert_uint_eq(marks_of(&map, 4), 0);
    ck_assert_uint_eq(map.report.dropped_count, 0);
    forget(&map);
}

/* --- ferries ------------------------------------------------------------------------------------------------------ */

TEST(import_shares_a_ferrys_duration_out_over_its_segments) {
    imported map = import_map("n1 0 0\nn2 1 0\nn3 4 0\nn4 1 1\nw10 1 2 3 route=ferry duration=00:20\n"
                              "w11 2 4 highway=service duration=99\nw12 3 4 route=ferry duration=a~while\n");
    ck_assert_str_eq(segments_of(&map), "1>2; 2>3; 2>4; 3>4");
    ck_assert_uint_eq(map.network.segments[0].crossing_ms, 300000);
    ck_assert_uint_eq(map.network.segments[1].crossing_ms, 900000);
    ck_assert_uint_eq(map.network.segments[2].crossing_ms, 0);
    ck_assert_uint_eq(map.network.segments[3].crossing_ms, 0);
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_DURATION_UNREAD)->examples[0], 12);
    forget(&map);
}

/* --- objects ------------------------------------------------------------------------------------------------------ */

/* Node 3 has a longitude of 200 degrees. The writer refuses such a node; a factor of the block gives it. */
TEST(import_takes_nodes_off_the_earth_as_missing) {
    pct_error error;
    pct_buffer file = pct_buffer_init(TEST_OSM_BYTES_MAX);
    test_ok(test_osm_write("n1 0 0\nn2 1 0\nn4 3 0\n", "n", false, &file, &error), &error);
    /* A block of its own, uncompressed: a group with one node, id 3, lat 0, lon 200 degrees in 100 nanodegrees. */
    static const unsigned char node[] = {0,   0,  0,  11, 10, 7,  'O', 'S', 'M', 'D', 'a', 't',
                                         'a', 24, 20, 10, 18, 10, 2,   10,  0,   18,  12,  10,
                                         10,  8,  6,  64, 0,  72, 128, 208, 172, 243, 14};
    ck_assert_int_eq(pct_buffer_append(&file, node, sizeof node), PCT_OK);
    test_ok(test_osm_write("w10 1 2 3 4 highway=service\n", "w", true, &file, &error), &error);
    imported map = import_file(&file);
    ck_assert_str_eq(segments_of(&map), "1>2");
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_NODE_NOWHERE)->examples[0], 3);
    ck_assert_int_eq(reason_of(&map, PCT_MSG_IMPORT_OSM_NODES_MISSING)->count, 1);
    forget(&map);
    pct_buffer_dispose(&file);
}

TEST(import_names_the_least_ids_as_examples) {
    imported map = import_map(
        "n1 0 0\nn2 1 0\nw1 1 2 highway=road\nw3 1 2 highway=steps\nw4 1 2 highway=steps\n"
        "w5 1 2 highway=steps\nw7 1 2 highway=steps\nw8 1 2 highway=steps\nw9 1 2 highway=steps\n");
    const pct_import_reason *path = reason_of(&map, PCT_MSG_IMPORT_OSM_PATH);
    ck_assert_int_eq(path->count, 6);
    ck_assert_uint_eq(path->example_count, PCT_IMPORT_EXAMPLES);
    static const int64_t least[] = {3, 4, 5, 7, 8};
    ck_assert_mem_eq(path->examples, least, sizeof least);
    forget(&map);
}

TEST_MAIN("import dirt", TEST_CASE(import_reads_speed_limits_in_every_spelling),
          TEST_CASE(import_reads_durations_in_every_spelling),
          TEST_CASE(import_takes_limits_by_direction_by_lane_and_by_law),
          TEST_CASE(import_judges_conditions_by_hours_of_the_week_and_the_measures_of_a_car),
          TEST_CASE(import_takes_the_clauses_of_a_condition_apart),
          TEST_CASE(import_reads_conditional_rights_with_caution),
          TEST_CASE(import_takes_turn_restrictions_at_times_to_hold_always),
          TEST_CASE(import_says_who_passes_a_barrier),
          TEST_CASE(import_takes_a_barrier_at_a_junction_to_stand_in_the_roads_that_end_there),
          TEST_CASE(import_marks_junctions_with_signals_at_them_or_at_their_stop_lines),
          TEST_CASE(import_shares_a_ferrys_duration_out_over_its_segments),
          TEST_CASE(import_takes_nodes_off_the_earth_as_missing),
          TEST_CASE(import_names_the_least_ids_as_examples))
