#include "geo/geojson.h"

#include <string.h>

#include "support/test.h"

enum { ARENA_MAX = 256 << 20 };

#define SQUARE               "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]"
#define COLLECTION(features) "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"
#define AREA(properties)     FEATURE(properties, "\"Polygon\"", SQUARE)
#define FEATURE(properties, type, coordinates)                                                               \
    "{\"type\":\"Feature\",\"properties\":{" properties "},\"geometry\":{\"type\":" type                     \
    ",\"coordinates\":" coordinates "}}"
#define POINT(properties) FEATURE(properties, "\"Point\"", "[121.5,31.25]")

static void equal(pct_text text, const char *expected) {
    ck_assert_uint_eq(text.length, strlen(expected));
    ck_assert_str_eq(text.chars, expected);
}

static pct_areas areas_of(const char *json, const pct_area_mapping *mapping, pct_arena *arena) {
    pct_error error;
    pct_areas areas;
    test_ok(pct_geojson_read_areas("dir/zones.v2.geojson", pct_text_of(json), mapping, arena, &areas, &error),
            &error);
    return areas;
}

TEST(areas_carry_what_their_properties_say) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_areas areas =
        areas_of(COLLECTION(AREA(
                     "\"partition\":\"辖区\",\"level\":\"community\",\"name\":\"东街\",\"parent\":\"城关所\","
                     "\"class\":\"suburban\"") "," AREA("\"partition\":\"辖区\",\"level\":\"station\","
                                                        "\"name\":\"城关所\",\"parent\":null")),
                 NULL, &arena);
    ck_assert_uint_eq(areas.count, 2);
    equal(areas.items[0].partition, "辖区");
    equal(areas.items[0].level, "community");
    equal(areas.items[0].name, "东街");
    ck_assert_uint_eq(areas.items[0].parent, 1);
    ck_assert_uint_eq(areas.items[1].parent, PCT_NO_AREA);
    ck_assert_str_eq(pct_area_class_name(areas.items[0].area_class), "suburban");
    ck_assert_int_eq(areas.items[1].area_class, PCT_AREA_UNKNOWN);
    ck_assert(pct_shape_contains(&areas.items[0].shape, (pct_position){5000000, 5000000}));
    pct_arena_dispose(&arena);
}

TEST(areas_without_partition_or_name_take_the_file_name_and_the_usual_properties) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_areas areas = areas_of(
        COLLECTION(AREA("\"NAME\":\"North\"") "," AREA("\"district\":7") "," AREA("\"name\":\"South\"")),
        NULL, &arena);
    equal(areas.items[0].partition, "zones");
    equal(areas.items[0].level, "area");
    equal(areas.items[0].name, "North");
    equal(areas.items[1].name, "7");
    equal(areas.items[2].name, "South");
    pct_arena_dispose(&arena);
}

TEST(areas_mapping_names_the_property_and_gives_partition_and_level) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_error error;
    json_t *mapping;
    pct_area_mapping spelled;
    const char *json = "{\"areas\":{\"name\":\"zone\",\"partition\":\"patrol\",\"level\":\"cell\"}}";
    test_ok(pct_json_parse("m.json", pct_text_of(json), &mapping, &error), &error);
    test_ok(pct_area_mapping_read("m.json", mapping, &spelled, &error), &error);
    pct_areas areas = areas_of(COLLECTION(AREA("\"name\":\"no\",\"zone\":\"A1\"")), &spelled, &arena);
    equal(areas.items[0].name, "A1");
    equal(areas.items[0].partition, "patrol");
    equal(areas.items[0].level, "cell");
    pct_areas none;
    ck_assert_int_eq(pct_geojson_read_areas("a", pct_text_of(COLLECTION(AREA("\"name\":\"x\""))), &spelled,
                                            &arena, &none, &error),
                     PCT_INPUT);
    test_error_says(&error, "'zone' was found");
    json_decref(mapping);
    test_ok(pct_json_parse("m.json", pct_text_of("{\"areas\":{\"level\":3}}"), &mapping, &error), &error);
    ck_assert_int_eq(pct_area_mapping_read("m.json", mapping, &spelled, &error), PCT_INPUT);
    test_error_says(&error, "level");
    json_decref(mapping);
    test_ok(pct_area_mapping_read("m.json", NULL, &spelled, &error), &error);
    ck_assert_ptr_null(spelled.name.chars);
    pct_arena_dispose(&arena);
}

TEST(areas_that_are_wrong_are_refused_by_feature_and_field) {
    static const struct {
        const char *json, *says;
    } cases[] = {
        {"{", "zones.json:1"},
        {"[]", "field 'type': FeatureCollection was expected"},
        {"{\"type\":\"FeatureCollection\"}", "'features': an array was expected"},
        {"{\"type\":\"FeatureCollection\",\"crs\":{\"properties\":{\"name\":\"EPSG:3857\"}},\"features\":[]}",
         "EPSG:3857"},
        {COLLECTION("{\"type\":\"Point\"}"), "feature 1: 'type': Feature was expected, 'Point'"},
        {COLLECTION("{\"type\":\"Feature\",\"properties\":null}"),
         "'properties': an object was expected, 'null'"},
        {COLLECTION("{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}"), "'geometry'"},
        {COLLECTION(AREA("\"name\":\"a\"") "," AREA("")), "feature 2: 'name': a name was expected"},
        {COLLECTION(AREA("\"name\":1.5")), "'name': a text was expected, '1.5'"},
        {COLLECTION(AREA("\"name\":\"a\"") "," AREA("\"name\":\"a\"")),
         "feature 2: 'name': a name that is new on its level was expected, 'a'"},
        {COLLECTION(AREA("\"name\":\"a\",\"class\":\"city\"")),
         "urban, suburban or rural was expected, 'city'"},
        {COLLECTION(AREA("\"name\":\"a\",\"parent\":\"b\"")), "'parent': an area of the same partition"},
        {COLLECTION(AREA("\"name\":\"a\",\"parent\":\"b\"") "," AREA("\"name\":\"b\",\"parent\":\"a\"")),
         "without circles"},
        {COLLECTION(POINT("\"name\":\"a\"")), "Polygon or MultiPolygon was expected, 'Point'"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Polygon\"", "[]")), "an array of rings"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"MultiPolygon\"", "true")), "an array of polygons"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Polygon\"", "[3]")), "a closed ring"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Polygon\"", "[[[0,0],[1,0],[0,0]]]")), "'3' was found"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Polygon\"", "[[[0,0],[1,0],[1,1],[0,1]]]")), "an open ring"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Polygon\"", "[[[0,0],[1],[1,1],[0,0]]]")), "a position"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Polygon\"", "[[[0,0],[31,121],[1,1],[0,0]]]")),
         "longitude (-180 to 180) first"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_arena arena = pct_arena_init(ARENA_MAX);
        pct_error error;
        pct_areas areas;
        pct_status status =
            pct_geojson_read_areas("zones.json", pct_text_of(cases[i].json), NULL, &arena, &areas, &error);
        ck_assert_msg(status == PCT_INPUT, "%s was taken", cases[i].json);
        test_error_says(&error, cases[i].says);
        ck_assert_uint_eq(areas.count, 0);
        pct_arena_dispose(&arena);
    }
}

TEST(points_carry_name_kind_and_id) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_error error;
    pct_named_points points;
    const char *json = COLLECTION(POINT("\"name\":\"Depot\",\"kind\":\"fuel\",\"id\":12") "," POINT(
        "\"name\":\"School\"") "," FEATURE("\"name\":\"Hill\"", "\"Point\"", "[-70.5,-33.25,512]"));
    test_ok(pct_geojson_read_points("places.geojson", pct_text_of(json), &arena, &points, &error), &error);
    ck_assert_uint_eq(points.count, 3);
    equal(points.items[0].kind, "fuel");
    equal(points.items[0].id, "12");
    equal(points.items[1].kind, "");
    equal(points.items[1].id, "");
    ck_assert_int_eq(points.items[2].position.lon_e7, -705000000);
    ck_assert_int_eq(points.items[2].position.lat_e7, -332500000);
    pct_arena_dispose(&arena);
}

TEST(points_that_are_wrong_are_refused_by_feature_and_field) {
    static const struct {
        const char *json, *says;
    } cases[] = {
        {COLLECTION(AREA("\"name\":\"a\"")), "Point was expected, 'Polygon'"},
        {COLLECTION(POINT("\"id\":\"1\"")), "'name'"},
        {COLLECTION(POINT("\"name\":\"a\",\"id\":[]")), "'id': a text was expected, 'an array'"},
        {COLLECTION(POINT("\"name\":\"a\",\"kind\":{}")), "'kind': a text was expected, 'an object'"},
        {COLLECTION(POINT("\"name\":\"a\",\"id\":\"1\"") "," POINT("\"name\":\"b\",\"id\":1")),
         "feature 2: 'id': an id that is new was expected, '1'"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Point\"", "[1,\"2\"]")), "a position"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Point\"", "false")), "'true or false'"},
        {COLLECTION(FEATURE("\"name\":\"a\"", "\"Point\"", "4")), "'4' was found"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_arena arena = pct_arena_init(ARENA_MAX);
        pct_error error;
        pct_named_points points;
        ck_assert_int_eq(pct_geojson_read_points("p", pct_text_of(cases[i].json), &arena, &points, &error),
                         PCT_INPUT);
        test_error_says(&error, cases[i].says);
        pct_arena_dispose(&arena);
    }
}

TEST(geometries_written_are_read_back_equal) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_error error;
    pct_position a[] = {{1, 1}, {-1215000001, 1}, {5, 312345678}, {1, 1}},
                 b[] = {{9, 9}, {9, 5}, {5, 5}, {9, 9}};
    pct_ring rings[] = {{a, 4}, {b, 4}};
    pct_polygon polygons[] = {{rings, 2}, {rings + 1, 1}};
    for (size_t count = 1; count <= 2; count++) {
        pct_shape shape = {polygons, count, pct_shape_box(polygons, count)};
        pct_buffer out = pct_buffer_init(1 << 16);
        (void)pct_buffer_append_text(
            &out, "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
                  "{\"name\":\"x\"},\"geometry\":");
        pct_json_writer writer = pct_json_writer_init(&out);
        pct_geojson_write_shape(&writer, &shape);
        (void)pct_buffer_append_text(&out, "}]}");
        pct_areas areas;
        test_ok(
            pct_geojson_read_areas("f", pct_text_of(pct_buffer_chars(&out)), NULL, &arena, &areas, &error),
            &error);
        ck_assert_uint_eq(areas.items[0].shape.count, count);
        ck_assert_uint_eq(areas.items[0].shape.polygons[0].count, 2);
        ck_assert_mem_eq(areas.items[0].shape.polygons[0].rings[0].points, a, sizeof a);
        ck_assert_mem_eq(areas.items[0].shape.polygons[0].rings[1].points, b, sizeof b);
        pct_buffer_dispose(&out);
    }
    pct_arena_dispose(&arena);
}

TEST(geometries_are_written_with_seven_decimals_at_most) {
    pct_buffer out = pct_buffer_init(1 << 16);
    pct_json_writer writer = pct_json_writer_init(&out);
    pct_position line[] = {{1214737021, -5}, {-10000000, 0}};
    pct_json_begin_array(&writer);
    pct_geojson_write_point(&writer, line[0]);
    pct_geojson_write_line(&writer, line, 2);
    pct_json_end_array(&writer);
    ck_assert_str_eq(pct_buffer_chars(&out),
                     "[{\"type\":\"Point\",\"coordinates\":[121.4737021,-0.0000005]},"
                     "{\"type\":\"LineString\",\"coordinates\":[[121.4737021,-0.0000005],[-1,0]]}]");
    pct_buffer_dispose(&out);
}

TEST(hundred_thousand_features_are_read) {
    enum { FEATURES = 100000 };
    pct_buffer json = pct_buffer_init(64 << 20);
    (void)pct_buffer_append_text(&json, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < FEATURES; i++)
        (void)pct_buffer_append_format(&json, "%s" AREA("\"name\":\"a%d\",\"parent\":\"%s\""), i ? "," : "",
                                       i, i ? "a0" : "");
    (void)pct_buffer_append_text(&json, "]}");
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_areas areas = areas_of(pct_buffer_chars(&json), NULL, &arena);
    ck_assert_uint_eq(areas.count, FEATURES);
    equal(areas.items[FEATURES - 1].name, "a99999");
    ck_assert_uint_eq(areas.items[FEATURES - 1].parent, 0);
    pct_arena_dispose(&arena);
    pct_buffer_dispose(&json);
}

TEST(districts_and_stations_of_san_francisco_are_read) {
    TEST_NEEDS_DATA("sf/districts.geojson");
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_error error;
    size_t length;
    char *bytes = test_read_file(test_data_path("sf/districts.geojson"), &length);
    pct_area_mapping mapping = {pct_text_of("district"), pct_text_of("police districts"),
                                pct_text_of("district")};
    pct_areas areas;
    test_ok(pct_geojson_read_areas("districts.geojson", (pct_text){bytes, length}, &mapping, &arena, &areas,
                                   &error),
            &error);
    ck_assert_uint_eq(areas.count, 10);
    double area_m2 = 0.0;
    for (size_t i = 0; i < areas.count; i++) area_m2 += pct_shape_area_m2(&areas.items[i].shape);
    ck_assert_double_eq_tol(area_m2 / 1e6, 122, 8); /* the city has 121.5 km² of land */
    free(bytes);
    bytes = test_read_file(test_data_path("sf/stations.geojson"), &length);
    pct_named_points stations;
    test_ok(pct_geojson_read_points("stations.geojson", (pct_text){bytes, length}, &arena, &stations, &error),
            &error);
    ck_assert_uint_ge(stations.count, 10);
    size_t inside = 0;
    for (size_t s = 0; s < stations.count; s++)
        for (size_t i = 0; i < areas.count; i++)
            inside += pct_shape_contains(&areas.items[i].shape, stations.items[s].position);
    ck_assert_uint_eq(inside, stations.count);
    free(bytes);
    pct_arena_dispose(&arena);
}

static pct_status attempt(void *context) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_areas areas;
    pct_named_points points;
    pct_error error;
    (void)context;
    pct_status status = pct_geojson_read_areas(
        "f", pct_text_of(COLLECTION(AREA("\"name\":\"a\",\"parent\":\"b\"") "," AREA("\"name\":\"b\""))),
        NULL, &arena, &areas, &error);
    if (!status)
        status = pct_geojson_read_points("f", pct_text_of(COLLECTION(POINT("\"name\":\"a\",\"id\":1"))),
                                         &arena, &points, &error);
    pct_arena_dispose(&arena);
    return status;
}

TEST(reading_survives_every_failing_allocation) {
    ck_assert_uint_gt(test_torture(attempt, NULL), 5);
}

TEST(reading_stops_at_the_arena_s_maximum) {
    for (size_t max_bytes = 0; max_bytes < 2000; max_bytes += 16) {
        pct_arena arena = pct_arena_init(max_bytes);
        pct_areas areas;
        pct_status status = pct_geojson_read_areas(
            "f", pct_text_of(COLLECTION(AREA("\"name\":\"a\",\"parent\":\"b\"") "," AREA("\"name\":\"b\""))),
            NULL, &arena, &areas, NULL);
        ck_assert(status == PCT_OK || status == PCT_MEMORY);
        pct_arena_dispose(&arena);
    }
}

TEST_MAIN("geojson", TEST_CASE(areas_carry_what_their_properties_say),
          TEST_CASE(areas_without_partition_or_name_take_the_file_name_and_the_usual_properties),
          TEST_CASE(areas_mapping_names_the_property_and_gives_partition_and_level),
          TEST_CASE(areas_that_are_wrong_are_refused_by_feature_and_field),
          TEST_CASE(points_carry_name_kind_and_id),
          TEST_CASE(points_that_are_wrong_are_refused_by_feature_and_field),
          TEST_CASE(geometries_written_are_read_back_equal),
          TEST_CASE(geometries_are_written_with_seven_decimals_at_most),
          TEST_CASE(hundred_thousand_features_are_read),
          TEST_CASE(districts_and_stations_of_san_francisco_are_read),
          TEST_CASE(reading_survives_every_failing_allocation),
          TEST_CASE(reading_stops_at_the_arena_s_maximum))
