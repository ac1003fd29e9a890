#include "town/town.h"

#include <string.h>

#include "base/digest.h"
#include "base/map.h"
#include "base/text.h"
#include "demand/calls_csv.h"
#include "osm/pbf.h"
#include "patrol/duty.h"
#include "road/import.h"
#include "support/test.h"
#include "town/output.h"

static pct_demand_table read_demand(void) {
    pct_error error;
    pct_demand_table table;
    size_t length;
    char *text = test_read_file("definitions/demand.csv", &length);
    ck_assert_msg(text != NULL, "definitions/demand.csv: run from the repository");
    test_ok(pct_demand_table_read("demand.csv", (pct_text){text, length}, &table, &error), &error);
    free(text);
    return table;
}

static pct_text view(const pct_buffer *buffer) {
    return (pct_text){(const char *)buffer->bytes, buffer->length};
}

static pct_town_summary generate(uint64_t seed, uint32_t nodes, pct_town_files *files) {
    pct_error error;
    pct_town_summary summary;
    pct_demand_table demand = read_demand();
    pct_town_request request = {.seed = seed, .nodes = nodes};
    test_ok(pct_town_generate(&request, &demand, files, &summary, &error), &error);
    pct_demand_table_dispose(&demand);
    return summary;
}

static uint64_t digest_of(const pct_town_files *files) {
    const pct_buffer *all[] = {&files->map,   &files->areas, &files->places, &files->stations,
                               &files->units, &files->calls, &files->duty};
    uint64_t digest = 0;
    for (int i = 0; i < 7; i++) digest = pct_digest_fold(digest, all[i]->bytes, all[i]->length);
    return digest;
}

TEST(the_same_seed_gives_the_same_bytes_and_another_seed_others) {
    pct_town_files first, second, other;
    (void)generate(7, 1200, &first);
    (void)generate(7, 1200, &second);
    (void)generate(8, 1200, &other);
    ck_assert_uint_gt(first.map.length, 10000);
    ck_assert(first.map.length == second.map.length);
    ck_assert(memcmp(first.map.bytes, second.map.bytes, first.map.length) == 0);
    ck_assert_uint_eq(digest_of(&first), digest_of(&second));
    ck_assert_uint_ne(digest_of(&first), digest_of(&other));
    pct_town_files_dispose(&first);
    pct_town_files_dispose(&second);
    pct_town_files_dispose(&other);
}

TEST(a_town_has_the_nodes_asked_for_within_a_tenth) {
    static const uint32_t sizes[] = {200, 333, 1000, 5000, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint64_t seed = 1; seed <= (sizes[i] > 5000 ? 1 : 3); seed++) {
            pct_error error;
            pct_town town;
            pct_town_request request = {.seed = seed, .nodes = sizes[i]};
            test_ok(pct_town_build(&request, &town, &error), &error);
            double ratio = (double)town.node_count / sizes[i];
            ck_assert_msg(ratio > 0.9 && ratio < 1.1, "%u nodes wanted, %u found, seed %d", sizes[i],
                          town.node_count, (int)seed);
            pct_town_dispose(&town);
        }
}

TEST(towns_too_small_or_too_large_are_refused) {
    pct_error error;
    pct_town_files files;
    pct_town_summary summary;
    pct_demand_table demand = read_demand();
    pct_town_request small = {.nodes = 199}, large = {.nodes = PCT_TOWN_NODES_MAX + 1};
    ck_assert_int_eq(pct_town_generate(&small, &demand, &files, &summary, &error), PCT_LIMIT);
    test_error_says(&error, "199");
    ck_assert_int_eq(pct_town_generate(&large, &demand, &files, &summary, &error), PCT_LIMIT);
    pct_demand_table_dispose(&demand);
}

/* A small region: two roots of villages with up to 60 nodes, whose city has some thousands. */
static pct_town_summary generate_region(pct_town_files *files) {
    pct_error error;
    pct_town_summary summary = {0};
    pct_demand_table demand = read_demand();
    pct_town_request request = {.seed = 5, .nodes = 30000, .days = 2};
    pct_town_files_init(files);
    test_ok(pct_region_generate(&request, 60, &demand, files, &summary, &error), &error);
    pct_demand_table_dispose(&demand);
    return summary;
}

static uint32_t lines_of(const pct_buffer *buffer) {
    uint32_t count = 0;
    for (size_t i = 0; i < buffer->length; i++) count += buffer->bytes[i] == '\n';
    return count;
}

/* Ids at the beginning of lines, or after `mark`, occur once each. */
static void check_ids(pct_buffer *buffer, const char *mark, uint32_t expected) {
    pct_names names = pct_names_init(1 << 20, 1 << 26);
    uint32_t number, count = 0;
    for (const char *at = strstr(pct_buffer_chars(buffer), mark); at; at = strstr(at, mark)) {
        at += strlen(mark);
        ck_assert_int_eq(pct_names_add(&names, (pct_text){at, strcspn(at, ",\"\n")}, &number), PCT_OK);
        ck_assert_uint_eq(number, count++);
    }
    ck_assert_uint_eq(count, expected);
    pct_names_dispose(&names);
}

TEST(a_region_is_one_network_and_its_lists_are_of_all_its_towns) {
    pct_error error;
    pct_town_files files, again;
    pct_town_summary summary = generate_region(&files);
    pct_network network;
    pct_import_report report = {0};
    uint32_t seen[PCT_ROAD_CLASS_COUNT] = {0}, bridges = 0;
    ck_assert_uint_gt(summary.nodes, 27000);
    ck_assert_uint_lt(summary.nodes, 36000); /* so small a village is a little larger than asked for */
    test_ok(pct_import_osm("region", view(&files.map), &network, &report, &error), &error);
    ck_assert_uint_eq(report.dropped_count, 0);
    ck_assert_uint_eq(network.node_count, summary.nodes);
    ck_assert_uint_eq(network.segment_count, summary.segments);
    ck_assert_uint_eq(network.restriction_count, summary.restrictions);
    for (uint32_t v = 0; v < network.node_count; v++) ck_assert_uint_eq(network.node_component[v], 0);
    for (uint32_t i = 0; i < network.segment_count; i++) {
        const pct_segment *s = &network.segments[i];
        seen[s->road_class]++;
        bridges += s->flags & PCT_SEGMENT_BRIDGE && s->road_class <= PCT_ROAD_PRIMARY;
    }
    ck_assert_uint_gt(seen[PCT_ROAD_MOTORWAY], 20);
    ck_assert_uint_gt(seen[PCT_ROAD_TRUNK], 0);
    ck_assert_uint_gt(seen[PCT_ROAD_MOTORWAY_LINK], 8);
    ck_assert_uint_gt(bridges, 4);
    ck_assert_uint_eq(lines_of(&files.units), summary.units + 1);
    ck_assert_uint_eq(lines_of(&files.calls), summary.calls + 1);
    check_ids(&files.units, "\nU", summary.units);
    check_ids(&files.calls, "\nC", summary.calls);
    check_ids(&files.stations, "\"id\":\"S", summary.stations);
    check_ids(&files.places, "\"id\":\"P", summary.places);
    const char *time = NULL;
    for (const char *at = strchr(pct_buffer_chars(&files.calls), '\n'); at && at[1];
         at = strchr(at + 1, '\n')) {
        const char *now = strchr(at, ',');
        ck_assert(!time || memcmp(time, now, 17) <= 0);
        time = now;
    }
    (void)generate_region(&again);
    ck_assert_uint_eq(digest_of(&files), digest_of(&again));
    pct_network_dispose(&network);
    pct_town_files_dispose(&files);
    pct_town_files_dispose(&again);
}

/* How many vertices are reached from `start` along roads driven forward, or backward. */
static uint32_t reach(const pct_town *town, const pct_town_adjacency *near, uint32_t start, bool forward) {
    uint32_t *queue = malloc(town->points.length * sizeof *queue), head = 0, tail = 0;
    bool *met = calloc(town->points.length, sizeof *met);
    met[start] = true;
    queue[tail++] = start;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (uint32_t i = near->first[v]; i < near->first[v + 1]; i++) {
            const pct_town_road *road = pct_town_road_at(town, near->roads[i]);
            uint32_t w = pct_town_other_end(road, v);
            bool allowed = !(road->flags & PCT_TOWN_ONEWAY) || (road->a == v) == forward;
            if (!allowed || met[w]) continue;
            met[w] = true;
            queue[tail++] = w;
        }
    }
    free(queue);
    free(met);
    return tail;
}

TEST(every_vertex_reaches_every_other_with_one_ways_respected) {
    for (uint64_t seed = 1; seed <= 4; seed++) {
        pct_error error;
        pct_town town;
        pct_town_adjacency near;
        pct_town_request request = {.seed = seed, .nodes = 5000};
        uint32_t used = 0, oneways = 0, roundabouts = 0, bridges = 0;
        test_ok(pct_town_build(&request, &town, &error), &error);
        test_ok(pct_town_adjacency_init(&town, &near, &error), &error);
        for (size_t v = 0; v < town.points.length; v++) used += town.used[v] > 0;
        for (uint32_t i = 0; i < town.roads.length; i++) {
            oneways += (pct_town_road_at(&town, i)->flags & PCT_TOWN_ONEWAY) > 0;
            roundabouts += (pct_town_road_at(&town, i)->flags & PCT_TOWN_ROUNDABOUT) > 0;
            bridges += (pct_town_road_at(&town, i)->flags & PCT_TOWN_BRIDGE) > 0;
        }
        uint32_t start = pct_town_road_at(&town, 0)->a;
        ck_assert_uint_eq(reach(&town, &near, start, true), used);
        ck_assert_uint_eq(reach(&town, &near, start, false), used);
        ck_assert_uint_gt(oneways, 200);
        ck_assert_uint_gt(bridges, 3);
        ck_assert_uint_gt(roundabouts, 0);
        ck_assert_uint_gt(town.turns.length, 10);
        pct_town_adjacency_dispose(&near);
        pct_town_dispose(&town);
    }
}

/* Long main roads of a larger town need several ways; none of their pieces may fall between two. */
TEST(every_road_is_one_step_of_exactly_one_way) {
    pct_error error;
    pct_town town;
    pct_town_request request = {.seed = 1, .nodes = 20000};
    test_ok(pct_town_build(&request, &town, &error), &error);
    const uint32_t *refs = town.way_refs.items;
    size_t steps = 0, longest = 0;
    for (size_t w = 0; w < town.ways.length; w++) {
        const pct_town_way *way = (const pct_town_way *)town.ways.items + w;
        steps += way->ref_count - 1;
        if (way->ref_count > longest) longest = way->ref_count;
    }
    ck_assert_uint_ge(longest, 200); /* the limit was reached */
    ck_assert_uint_eq(steps, town.roads.length);
    for (uint32_t i = 0; i < town.roads.length; i++) {
        const pct_town_road *road = pct_town_road_at(&town, i);
        const pct_town_way *way = (const pct_town_way *)town.ways.items + town.way_of_road[i];
        bool found = false;
        for (uint32_t k = 1; k < way->ref_count && !found; k++) {
            uint32_t a = refs[way->ref_at + k - 1], b = refs[way->ref_at + k];
            found = (a == road->a && b == road->b) ||
                    (a == road->b && b == road->a && !(road->flags & PCT_TOWN_ONEWAY));
        }
        ck_assert_msg(found, "road %u is not in its way", i);
    }
    pct_town_dispose(&town);
}

/* The fix-up, on roads it must repair: a street out of a square that nothing leads back from. */
TEST(one_ways_that_cut_a_part_off_are_opened_and_others_kept) {
    pct_error error;
    uint32_t opened;
    pct_town town = {.points = pct_vector_init(sizeof(pct_position), 100),
                     .roads = pct_vector_init(sizeof(pct_town_road), 100)};
    const uint32_t ends[][2] = {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {2, 4}, {4, 5}};
    for (int32_t i = 0; i < 6; i++) {
        uint32_t vertex;
        test_ok(pct_town_point_add(&town, (pct_position){i, 0}, &vertex, &error), &error);
    }
    for (int i = 0; i < 6; i++)
        test_ok(pct_town_road_add(&town,
                                  (pct_town_road){.a = ends[i][0], .b = ends[i][1], .flags = PCT_TOWN_ONEWAY},
                                  &error),
                &error);
    test_ok(pct_town_connect_strongly(&town, &opened, &error), &error);
    ck_assert_uint_eq(opened, 2);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_int_eq(pct_town_road_at(&town, i)->flags & PCT_TOWN_ONEWAY, i < 4 ? PCT_TOWN_ONEWAY : 0);
    pct_town_dispose(&town);
}

TEST(the_importer_finds_the_nodes_segments_and_restrictions_that_were_written) {
    pct_error error;
    pct_town_files files;
    pct_network network;
    pct_import_report report = {0};
    pct_town_summary summary = generate(1, pct_town_nodes(60000), &files);
    test_ok(pct_import_osm("map.osm.pbf", view(&files.map), &network, &report, &error), &error);
    ck_assert_uint_eq(network.node_count, summary.nodes);
    ck_assert_uint_eq(network.segment_count, summary.segments);
    ck_assert_int_eq(report.restrictions_read, summary.restrictions);
    ck_assert_uint_eq(network.restriction_count, summary.restrictions);
    uint32_t in_main = 0, curved = 0, named = 0, both = 0, via_ways = 0;
    for (uint32_t i = 0; i < network.node_count; i++) in_main += network.node_component[i] == 0;
    ck_assert_uint_ge(in_main * 100, network.node_count * 98);
    uint32_t by_class[PCT_ROAD_CLASS_COUNT] = {0};
    for (uint32_t i = 0; i < network.segment_count; i++) {
        const pct_segment *s = &network.segments[i];
        uint32_t end = i + 1 < network.segment_count ? network.segments[i + 1].shape_at : network.shape_count;
        curved += end > s->shape_at;
        named += s->name != 0;
        both += s->name != 0 && s->name_en != 0;
        by_class[s->road_class]++;
        ck_assert_uint_gt(s->length_mm, 0);
    }
    for (uint32_t i = 0; i < network.restriction_count; i++)
        via_ways += network.restrictions[i].via_segment_count > 0;
    ck_assert_uint_gt(curved, network.segment_count / 10);
    ck_assert_uint_gt(named, network.segment_count / 2);
    ck_assert_uint_eq(named, both);
    ck_assert_uint_gt(via_ways, 0);
    static const pct_road_class wanted[] = {PCT_ROAD_MOTORWAY,    PCT_ROAD_MOTORWAY_LINK, PCT_ROAD_TRUNK,
                                            PCT_ROAD_PRIMARY,     PCT_ROAD_SECONDARY,     PCT_ROAD_TERTIARY,
                                            PCT_ROAD_RESIDENTIAL, PCT_ROAD_LIVING_STREET, PCT_ROAD_SERVICE,
                                            PCT_ROAD_UNCLASSIFIED};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_msg(by_class[wanted[i]] > 0, "no %s", pct_road_class_name(wanted[i]));
    pct_network_dispose(&network);
    pct_town_files_dispose(&files);
}

typedef struct street_numbers {
    uint32_t last[1 << 16][2]; /* [hash of the street][parity] */
    uint32_t houses, falls;
} street_numbers;

static pct_status check_house(void *context, const pct_osm_node *node, pct_error *error) {
    street_numbers *numbers = context;
    pct_text number = pct_osm_tag_value(node->tags, "addr:housenumber");
    pct_text street = pct_osm_tag_value(node->tags, "addr:street");
    int64_t value;
    (void)error;
    if (!number.chars) return PCT_OK;
    ck_assert(street.chars && street.length > 0);
    ck_assert(pct_text_to_integer(number, &value) && value > 0);
    uint32_t *last = &numbers->last[pct_digest(street.chars, street.length) & 0xFFFF][value % 2];
    numbers->falls += value <= *last;
    *last = (uint32_t)value;
    numbers->houses++;
    return PCT_OK;
}

TEST(house_numbers_rise_along_their_street_on_each_side) {
    pct_error error;
    pct_town_files files;
    pct_town_summary summary = generate(3, 1000, &files);
    street_numbers *numbers = calloc(1, sizeof *numbers);
    pct_osm_handler handler = {.context = numbers, .node = check_house};
    test_ok(pct_osm_read("map.osm.pbf", view(&files.map), &handler, &error), &error);
    ck_assert_uint_eq(numbers->houses, summary.houses);
    ck_assert_uint_gt(numbers->houses, 1000);
    ck_assert_uint_le(numbers->falls, 4); /* two streets may share a slot of the table */
    free(numbers);
    pct_town_files_dispose(&files);
}

TEST(odd_numbers_stand_on_the_left_and_even_ones_on_the_right) {
    pct_error error;
    pct_town town;
    pct_town_request request = {.seed = 1, .nodes = 1000};
    uint32_t right = 0, wrong = 0;
    test_ok(pct_town_build(&request, &town, &error), &error);
    test_ok(pct_town_houses(&town, &error), &error);
    const pct_town_house *h = town.houses.items;
    for (size_t i = 2; i < town.houses.length; i++) {
        bool run = h[i - 2].name == h[i].name && h[i - 1].name == h[i].name &&
                   h[i].number == h[i - 2].number + 2 && h[i - 1].number == h[i].number - 1 &&
                   h[i].number % 2 == 1;
        if (!run) continue;
        double along_x = h[i].position.lon_e7 - h[i - 2].position.lon_e7;
        double along_y = h[i].position.lat_e7 - h[i - 2].position.lat_e7;
        double across_x = h[i - 1].position.lon_e7 - h[i - 2].position.lon_e7;
        double across_y = h[i - 1].position.lat_e7 - h[i - 2].position.lat_e7;
        *(along_x * across_y - along_y * across_x < 0.0 ? &right : &wrong) += 1;
    }
    ck_assert_uint_gt(right, 300);
    ck_assert_uint_le(wrong * 50, right); /* a name may go on round a corner */
    pct_town_dispose(&town);
}

TEST(a_week_of_calls_lies_on_the_map_with_types_of_the_table_and_patterns_of_the_hours) {
    pct_error error;
    pct_town_files files;
    pct_call_list calls;
    pct_demand_table demand = read_demand();
    pct_town_summary summary = generate(4, 20000, &files);
    test_ok(pct_calls_read("calls.csv", view(&files.calls), "", NULL, &calls, &error), &error);
    ck_assert_uint_eq(calls.records.length, summary.calls);
    double wanted = 7.0 * summary.people / 1000.0, found = summary.calls;
    ck_assert_double_gt(found, 0.9 * wanted);
    ck_assert_double_lt(found, 1.1 * wanted);
    const pct_call_record *call = calls.records.items;
    const int64_t monday_ms = INT64_C(1780272000000);
    uint32_t bars_at_night = 0, bars_by_day = 0, school_gates = 0;
    for (size_t i = 0; i < calls.records.length; i++) {
        uint32_t hour = (uint32_t)((call[i].time_local_ms - monday_ms) / PCT_HOUR_MS);
        ck_assert(call[i].time_local_ms >= monday_ms && hour < PCT_HOURS_PER_WEEK);
        ck_assert(pct_names_find(&demand.types, call[i].type) != PCT_MAP_ABSENT);
        ck_assert_uint_gt(call[i].address.length, 0);
        ck_assert_int_lt(abs(call[i].position.lon_e7 - 1024000000), 6000000);
        bool at_bars = strstr(call[i].address.chars, "酒吧街") != NULL &&
                       (pct_text_equal(call[i].type, "noise") || pct_text_equal(call[i].type, "assault"));
        bars_at_night += at_bars && (hour % 24 >= 20 || hour % 24 < 4);
        bars_by_day += at_bars && hour % 24 >= 6 && hour % 24 < 18;
        school_gates += strstr(call[i].address.chars, "学") != NULL && hour / 24 < 5;
    }
    ck_assert_uint_gt(bars_at_night, 5);
    ck_assert_uint_gt(bars_at_night, 4 * bars_by_day);
    ck_assert_uint_gt(school_gates, 3);
    pct_calls_dispose(&calls);
    pct_town_files_dispose(&files);
    pct_demand_table_dispose(&demand);
}

static pct_status generate_small(void *context) {
    pct_town_files files;
    pct_town_summary summary;
    pct_town_request request = {.seed = 2, .nodes = 250};
    pct_status status = pct_town_generate(&request, context, &files, &summary, NULL);
    if (status == PCT_OK) pct_town_files_dispose(&files);
    return status;
}

TEST(generating_survives_every_failing_allocation) {
    pct_demand_table demand = read_demand();
    ck_assert_uint_gt(test_torture(generate_small, &demand), 100);
    pct_demand_table_dispose(&demand);
}

/* Read as anybody's problem is: ids are unique, units known, no dwelling aimed at. */
static void check_duty(pct_buffer *json, uint32_t stations, uint32_t units) {
    pct_error error;
    pct_duty duty;
    const pct_zone utc = pct_zone_utc();
    uint32_t of_kind[PCT_DUTY_KINDS] = {0};
    test_ok(pct_duty_read("duty.json", view(json), &utc, &duty, &error), &error);
    for (size_t t = 0; t < duty.task_count; t++) of_kind[duty.tasks[t].kind]++;
    ck_assert(strstr(pct_buffer_chars(json), "residential_estate") == NULL);
    ck_assert_uint_lt(duty.unit_count, units); /* boats stay at the pier */
    ck_assert_uint_ge(duty.unit_count, units / 2);
    ck_assert_uint_eq(of_kind[PCT_DUTY_FIXED], duty.unit_count);
    ck_assert_uint_eq(of_kind[PCT_DUTY_BREAK], duty.unit_count);
    ck_assert_uint_ge(of_kind[PCT_DUTY_POINT], stations);
    ck_assert_uint_le(of_kind[PCT_DUTY_POINT], 10 * stations);
    ck_assert_uint_ge(of_kind[PCT_DUTY_LINE], stations);
    ck_assert_uint_le(of_kind[PCT_DUTY_LINE], 3 * stations);
    ck_assert_uint_le(of_kind[PCT_DUTY_PREMISES], 3 * stations);
    ck_assert_uint_ge(of_kind[PCT_DUTY_AREA], 1);
    ck_assert_uint_ge(of_kind[PCT_DUTY_HOLD], 1);
    pct_duty_dispose(&duty);
}

TEST(duty_problem_of_a_town_and_of_a_region_can_be_read) {
    pct_error error;
    pct_town_files town, region;
    pct_town_summary summary = generate(7, 6000, &town);
    check_duty(&town.duty, summary.stations, summary.units);
    summary = generate_region(&region);
    test_ok(pct_town_join_duty(region.duty_parts, &region.duty, &error), &error);
    check_duty(&region.duty, summary.stations, summary.units);
    pct_town_files_dispose(&town);
    pct_town_files_dispose(&region);
}

TEST_MAIN("town", TEST_CASE(the_same_seed_gives_the_same_bytes_and_another_seed_others),
          TEST_CASE(a_town_has_the_nodes_asked_for_within_a_tenth),
          TEST_CASE(towns_too_small_or_too_large_are_refused),
          TEST_CASE(a_region_is_one_network_and_its_lists_are_of_all_its_towns),
          TEST_CASE(every_vertex_reaches_every_other_with_one_ways_respected),
          TEST_CASE(every_road_is_one_step_of_exactly_one_way),
          TEST_CASE(one_ways_that_cut_a_part_off_are_opened_and_others_kept),
          TEST_CASE(the_importer_finds_the_nodes_segments_and_restrictions_that_were_written),
          TEST_CASE(house_numbers_rise_along_their_street_on_each_side),
          TEST_CASE(odd_numbers_stand_on_the_left_and_even_ones_on_the_right),
          TEST_CASE(a_week_of_calls_lies_on_the_map_with_types_of_the_table_and_patterns_of_the_hours),
          TEST_CASE(generating_survives_every_failing_allocation),
          TEST_CASE(duty_problem_of_a_town_and_of_a_region_can_be_read))
