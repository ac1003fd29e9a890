/* The same objects give the same network, bit for bit, in whatever order they stand in the file and however often: random
 * small maps with holes, barriers, conditions and turn restrictions, written sorted, shuffled into blocks of one object,
 * and with objects repeated. */
#include <string.h>

#include "base/rng.h"
#include "road/import.h"
#include "support/osm_text.h"
#include "support/test.h"

enum { MAPS = 400, LINES_MAX = 120, LINE_BYTES = 200, NODES = 24 };

typedef struct drawn {
    char lines[LINES_MAX][LINE_BYTES];
    int count;
} drawn;

static const char *one_of(pct_rng *rng, const char *const *list, uint32_t count) {
    return list[pct_rng_below(rng, count)];
}

static void draw_node(drawn *map, pct_rng *rng, int id) {
    static const char *const tags[] = {"",
                                       "",
                                       "",
                                       "",
                                       " highway=traffic_signals",
                                       " barrier=block",
                                       " barrier=gate access=private",
                                       " barrier=bollard bollard=rising"};
    if (pct_rng_below(rng, 12) == 0) return; /* missing */
    (void)snprintf(map->lines[map->count++], LINE_BYTES, "n%d %u %u%s", id, pct_rng_below(rng, 50),
                   pct_rng_below(rng, 50), one_of(rng, tags, sizeof tags / sizeof *tags));
}

static void draw_way(drawn *map, pct_rng *rng, int id) {
    static const char *const tags[] = {"highway=residential name=a",
                                       "highway=primary name=b oneway=yes maxspeed=50",
                                       "highway=service access=private",
                                       "highway=tertiary name=a maxspeed=fast",
                                       "highway=residential access:conditional=no~@~(Mo-Fr~07:00-09:00)",
                                       "highway=footway",
                                       "route=ferry duration=20 name=c",
                                       "highway=primary junction=roundabout"};
    char *line = map->lines[map->count++];
    int at = snprintf(line, LINE_BYTES, "w%d", id);
    for (uint32_t i = 0, n = 1 + pct_rng_below(rng, 6); i < n; i++)
        at += snprintf(line + at, (size_t)(LINE_BYTES - at), " %u", 1 + pct_rng_below(rng, NODES));
    (void)snprintf(line + at, (size_t)(LINE_BYTES - at), " %s",
                   one_of(rng, tags, sizeof tags / sizeof *tags));
}

static void draw_relation(drawn *map, pct_rng *rng, int id, uint32_t ways) {
    static const char *const tags[] = {"restriction=no_left_turn", "restriction=only_straight_on",
                                       "restriction:conditional=no_u_turn~@~(22:00-06:00)"};
    (void)snprintf(map->lines[map->count++], LINE_BYTES, "r%d from@w%u via@n%u to@w%u type=restriction %s",
                   id, 100 + pct_rng_below(rng, ways), 1 + pct_rng_below(rng, NODES),
                   100 + pct_rng_below(rng, ways), one_of(rng, tags, 3));
}

static void draw(drawn *map, pct_rng *rng) {
    uint32_t ways = 3 + pct_rng_below(rng, 15);
    map->count = 0;
    for (int id = 1; id <= NODES; id++) draw_node(map, rng, id);
    (void)snprintf(map->lines[map->count++], LINE_BYTES, "n90 60 60");
    (void)snprintf(map->lines[map->count++], LINE_BYTES, "n91 61 60");
    for (uint32_t i = 0; i < ways; i++) draw_way(map, rng, 100 + (int)i);
    (void)snprintf(map->lines[map->count++], LINE_BYTES, "w900 90 91 highway=residential name=z");
    for (int id = 1; id <= 8; id++) draw_relation(map, rng, id, ways);
}

/* Each line in a block of its own, in the order given; the first brings the file's header. */
static void write_lines(const drawn *map, const int *order, int count, pct_buffer *out) {
    pct_error error;
    for (int i = 0; i < count; i++)
        test_ok(test_osm_write(map->lines[order[i]], "nwr", i > 0, out, &error), &error);
}

static void import(const pct_buffer *file, pct_network *out, pct_import_report *report) {
    pct_error error;
    pct_text bytes = {(const char *)file->bytes, file->length};
    test_ok(pct_import_osm("map", bytes, out, report, &error), &error);
}

static void same_bytes(const void *a, const void *b, size_t length) {
    if (length > 0) ck_assert_mem_eq(a, b, length);
}

static void same_network(const pct_network *a, const pct_network *b) {
    ck_assert_uint_eq(a->node_count, b->node_count);
    ck_assert_uint_eq(a->segment_count, b->segment_count);
    ck_assert_uint_eq(a->arc_count, b->arc_count);
    ck_assert_uint_eq(a->shape_count, b->shape_count);
    ck_assert_uint_eq(a->name_bytes, b->name_bytes);
    ck_assert_uint_eq(a->restriction_count, b->restriction_count);
    same_bytes(a->node_position, b->node_position, a->node_count * sizeof *a->node_position);
    same_bytes(a->node_source, b->node_source, a->node_count * sizeof *a->node_source);
    same_bytes(a->node_marks, b->node_marks, a->node_count);
    same_bytes(a->node_by_source, b->node_by_source, a->node_count * sizeof *a->node_by_source);
    same_bytes(a->segments, b->segments, a->segment_count * sizeof *a->segments);
    same_bytes(a->shapes, b->shapes, a->shape_count * sizeof *a->shapes);
    same_bytes(a->arc_segment, b->arc_segment, a->arc_count * sizeof *a->arc_segment);
    same_bytes(a->name_chars, b->name_chars, a->name_bytes);
    same_bytes(a->restrictions, b->restrictions, a->restriction_count * sizeof *a->restrictions);
}

static int64_t counted(const pct_import_report *report, pct_message reason) {
    for (size_t i = 0; i < report->dropped_count; i++)
        if (report->dropped[i].reason == reason) return report->dropped[i].count;
    return 0;
}

/* Kinds stay together or are mixed: both are met in the wild. */
static void shuffle(int *order, int count, pct_rng *rng) {
    for (int i = count - 1; i > 0; i--) {
        int k = (int)pct_rng_below(rng, (uint32_t)i + 1), held = order[i];
        order[i] = order[k];
        order[k] = held;
    }
}

TEST(shuffled_objects_give_the_same_network_and_report) {
    static drawn map;
    pct_rng rng = pct_rng_init(41, 0);
    for (int m = 0; m < MAPS; m++) {
        int order[LINES_MAX];
        pct_buffer sorted = pct_buffer_init(TEST_OSM_BYTES_MAX), mixed = pct_buffer_init(TEST_OSM_BYTES_MAX);
        pct_network a, b;
        pct_import_report of_a, of_b;
        draw(&map, &rng);
        for (int i = 0; i < map.count; i++) order[i] = i;
        write_lines(&map, order, map.count, &sorted);
        shuffle(order, map.count, &rng);
        write_lines(&map, order, map.count, &mixed);
        import(&sorted, &a, &of_a);
        import(&mixed, &b, &of_b);
        same_network(&a, &b);
        ck_assert_mem_eq(&of_a, &of_b, sizeof of_a);
        pct_network_dispose(&a);
        pct_network_dispose(&b);
        pct_buffer_dispose(&sorted);
        pct_buffer_dispose(&mixed);
    }
}

TEST(repeated_objects_change_nothing_and_are_counted) {
    static drawn map;
    pct_rng rng = pct_rng_init(42, 0);
    for (int m = 0; m < MAPS; m++) {
        int order[LINES_MAX * 2], count = 0;
        pct_buffer once = pct_buffer_init(TEST_OSM_BYTES_MAX), twice = pct_buffer_init(TEST_OSM_BYTES_MAX);
        pct_network a, b;
        pct_import_report of_a, of_b;
        draw(&map, &rng);
        for (int i = 0; i < map.count; i++) order[count++] = i;
        write_lines(&map, order, count, &once);
        for (int i = 0; i < map.count; i++)
            if (pct_rng_below(&rng, 4) == 0) order[count++] = i;
        write_lines(&map, order, count, &twice);
        import(&once, &a, &of_a);
        import(&twice, &b, &of_b);
        same_network(&a, &b);
        int64_t repeated = counted(&of_b, PCT_MSG_IMPORT_OSM_NODE_TWICE) +
                           counted(&of_b, PCT_MSG_IMPORT_OSM_WAY_TWICE) +
                           counted(&of_b, PCT_MSG_IMPORT_OSM_RELATION_TWICE);
        ck_assert_int_le(repeated, count - map.count); /* what is no road's is not looked at */
        ck_assert_int_eq(of_a.restrictions_read, of_b.restrictions_read);
        pct_network_dispose(&a);
        pct_network_dispose(&b);
        pct_buffer_dispose(&once);
        pct_buffer_dispose(&twice);
    }
}

TEST_MAIN("import order", TEST_CASE(shuffled_objects_give_the_same_network_and_report),
          TEST_CASE(repeated_objects_change_nothing_and_are_counted))
