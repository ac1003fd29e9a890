#include "support/tile_town.h"

#include <math.h>
#include <string.h>

#include "osm/pbf.h"
#include "support/test.h"

enum { REFS_MAX = 8, TAGS_MAX = 5 };

pct_position test_town_at(double east, double north) {
    return (pct_position){TEST_TOWN_LON_E7 + (int32_t)lround(east * TEST_TOWN_STEP_E7),
                          TEST_TOWN_LAT_E7 + (int32_t)lround(north * TEST_TOWN_STEP_E7)};
}

typedef struct object {
    int64_t id;
    double at[2];
    int64_t refs[REFS_MAX];
    const char *tags[2 * TAGS_MAX];
} object;

static const object nodes[] = {
    {1, {0, 0}, {0}, {NULL}},
    {2, {2, 0}, {0}, {NULL}},
    {3, {4, 0}, {0}, {NULL}},
    {4, {6, 0}, {0}, {NULL}},
    {5, {2, 3}, {0}, {NULL}},
    {6, {4, 3}, {0}, {NULL}},
    {11, {0, 5}, {0}, {NULL}}, /* lake 11–14, island 15–18 */
    {12, {6, 5}, {0}, {NULL}},
    {13, {6, 9}, {0}, {NULL}},
    {14, {0, 9}, {0}, {NULL}},
    {15, {2, 6}, {0}, {NULL}},
    {16, {4, 6}, {0}, {NULL}},
    {17, {4, 8}, {0}, {NULL}},
    {18, {2, 8}, {0}, {NULL}},
    {21, {2.2, 0.2}, {0}, {NULL}}, /* a house */
    {22, {2.6, 0.2}, {0}, {NULL}},
    {23, {2.6, 0.5}, {0}, {NULL}},
    {24, {2.2, 0.5}, {0}, {NULL}},
    {31, {3, 3.5}, {0}, {"place", "town", "name", "湖镇", "name:en", "Laketown"}},
    {32, {1, 1}, {0}, {"amenity", "police", "name", "派出所"}},
    {33, {1, 2}, {0}, {"amenity", "police"}}, /* without a name: not shown */
    {41, {-9, -3}, {0}, {NULL}},              /* the coast runs east, south of the streets */
    {42, {3, -3}, {0}, {NULL}},
    {43, {15, -3}, {0}, {NULL}},
    {51, {8, 5}, {0}, {NULL}}, /* a park */
    {52, {9, 5}, {0}, {NULL}},
    {53, {9, 6}, {0}, {NULL}},
    {54, {8, 6}, {0}, {NULL}},
};

static const object ways[] = {
    {101, {0}, {1, 2}, {"highway", "residential", "name", "东街", "name:en", "East Street"}},
    {102, {0}, {2, 3}, {"highway", "residential", "name", "东街", "name:en", "East Street"}},
    {103, {0}, {4, 3}, {"highway", "residential", "name", "东街", "name:en", "East Street"}},
    {104, {0}, {2, 5}, {"highway", "primary", "oneway", "-1", "name", "单行路"}},
    {105, {0}, {5, 6}, {"highway", "primary", "oneway", "yes", "bridge", "yes", "name", "单行路"}},
    {106, {0}, {6, 3}, {"highway", "service"}},
    {111, {0}, {11, 12, 13}, {NULL}},
    {112, {0}, {11, 14, 13}, {NULL}},
    {113, {0}, {15, 16, 17, 18, 15}, {"natural", "wood"}},
    {114, {0}, {11, 15}, {NULL}},
    {121, {0}, {21, 22, 23, 24, 21}, {"building", "yes"}},
    {122, {0}, {21, 22, 23, 24}, {"leisure", "park"}}, /* does not close */
    {123, {0}, {21, 22, 99, 21}, {"leisure", "park"}}, /* a node is missing */
    {131, {0}, {42, 43}, {"natural", "coastline"}},
    {132, {0}, {41, 42}, {"natural", "coastline"}},
    {141, {0}, {51, 52, 53, 54, 51}, {"leisure", "park"}}, /* drawn by its relation */
    {142, {0}, {51, 99, 52, 53}, {"waterway", "river", "name", "小河"}},
};

static pct_osm_tags tags_of(const object *o, pct_osm_tag tags[TAGS_MAX]) {
    size_t count = 0;
    for (; count < TAGS_MAX && o->tags[2 * count]; count++)
        tags[count] = (pct_osm_tag){pct_text_of(o->tags[2 * count]), pct_text_of(o->tags[2 * count + 1])};
    return (pct_osm_tags){tags, count};
}

static void write_map(pct_buffer *out) {
    pct_osm_writer *writer;
    pct_error error;
    pct_osm_tag tags[TAGS_MAX];
    test_ok(pct_osm_writer_new(out, "test", pct_box_empty(), &writer, &error), &error);
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        pct_osm_node node = {nodes[i].id, test_town_at(nodes[i].at[0], nodes[i].at[1]),
                             tags_of(&nodes[i], tags)};
        test_ok(pct_osm_write_node(writer, &node, &error), &error);
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        size_t count = 0;
        while (count < REFS_MAX && ways[i].refs[count]) count++;
        pct_osm_way way = {ways[i].id, ways[i].refs, count, tags_of(&ways[i], tags)};
        test_ok(pct_osm_write_way(writer, &way, &error), &error);
    }
    const pct_osm_member members[] = {{PCT_OSM_WAY, 112, pct_text_of("outer")},
                                      {PCT_OSM_WAY, 113, pct_text_of("inner")},
                                      {PCT_OSM_WAY, 111, pct_text_of("outer")},
                                      {PCT_OSM_WAY, 114, pct_text_of("outer")}};
    const object lake = {.tags = {"type", "multipolygon", "natural", "water", "name", "明湖"}};
    pct_osm_relation relation = {201, members, 4, tags_of(&lake, tags)};
    test_ok(pct_osm_write_relation(writer, &relation, &error), &error);
    const pct_osm_member outline = {PCT_OSM_WAY, 141, pct_text_of("outer")};
    const object park = {.tags = {"type", "multipolygon", "leisure", "park", "name", "湖滨公园"}};
    relation = (pct_osm_relation){202, &outline, 1, tags_of(&park, tags)};
    test_ok(pct_osm_write_relation(writer, &relation, &error), &error);
    test_ok(pct_osm_writer_finish(writer, &error), &error);
    pct_osm_writer_free(writer);
}

static const char areas[] =
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"partition\":"
    "\"station\","
    "\"level\":\"area\",\"name\":\"东区\",\"name_en\":\"East\",\"class\":\"urban\"},\"geometry\":{\"type\":"
    "\"Polygon\","
    "\"coordinates\":"
    "[[[116.0,40.0],[116.006,40.0],[116.006,40.004],[116.0,40.004],[116.0,40.0]]]}}]}";
static const char points[] =
    "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"name\":\"派出所\","
    "\"name_en\":\"Post\","
    "\"kind\":"
    "\"police\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[116.001,40.001]}}]}";

test_tile_town test_tile_town_make(void) {
    test_tile_town town = {.osm = pct_buffer_init(1 << 20), .arena = pct_arena_init(1 << 20)};
    pct_import_report report;
    pct_error error;
    write_map(&town.osm);
    pct_text bytes = {(const char *)town.osm.bytes, town.osm.length};
    test_ok(pct_import_osm("map.osm.pbf", bytes, &town.network, &report, &error), &error);
    town.source = (pct_tiles_source){.file = "map.osm.pbf", .osm = bytes};
    test_ok(
        pct_geojson_read_areas("areas", pct_text_of(areas), NULL, &town.arena, &town.source.areas, &error),
        &error);
    test_ok(
        pct_geojson_read_points("points", pct_text_of(points), &town.arena, &town.source.stations, &error),
        &error);
    town.source.places = town.source.stations;
    return town;
}

void test_tile_town_free(test_tile_town *town) {
    pct_buffer_dispose(&town->osm);
    pct_network_dispose(&town->network);
    pct_arena_dispose(&town->arena);
}
