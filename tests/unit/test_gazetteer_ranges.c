#include <string.h>

#include "place/build.h"
#include "support/place_map.h"
#include "support/test.h"

/* Main St runs 1,000 m east from node 1, then 500 m north. */
static const char nodes[] = "id,lon,lat\n1,100.0,30.0\n2,100.010384,30.0\n3,100.010384,30.0044966\n";
static const char edges[] = "from,to,name,lf,lt,rf,rt\n"
                            "1,2,Main St,1,99,2,100\n"
                            "3,2,Hill Rd,200,101,0,0\n"
                            "2,3,,1,9,2,10\n";
static const char mapping[] = "{\"edges\":{\"from\":\"from\",\"to\":\"to\",\"name\":\"name\","
                              "\"address_left\":[\"lf\",\"lt\"],\"address_right\":[\"rf\",\"rt\"]}}";

static pct_csv_network source_of(const char *edge_text, const char *mapping_text) {
    return (pct_csv_network){"nodes.csv",
                             "edges.csv",
                             "mapping.json",
                             pct_text_of(nodes),
                             pct_text_of(edge_text),
                             pct_text_of(mapping_text),
                             PCT_DATUM_WGS84};
}

static pct_status build(const pct_csv_network *imported, const pct_csv_network *ranged, pct_gazetteer **out,
                        pct_error *error) {
    pct_gazetteer_builder *builder = NULL;
    pct_network network = {0};
    pct_import_report report;
    *out = NULL;
    pct_status status = pct_import_csv(imported, &network, &report, error);
    if (!status) status = pct_gazetteer_builder_new(&builder, error);
    if (!status) status = pct_gazetteer_add_network(builder, &network, error);
    if (!status) status = pct_gazetteer_add_ranges(builder, &network, ranged, error);
    if (!status) status = pct_gazetteer_build(builder, out, error);
    pct_gazetteer_builder_free(builder);
    pct_network_dispose(&network);
    return status;
}

static pct_gazetteer *gazetteer_of(const char *edge_text) {
    pct_csv_network source = source_of(edge_text, mapping);
    pct_gazetteer *g;
    pct_error error;
    test_ok(build(&source, &source, &g, &error), &error);
    return g;
}

static pct_place_hit find(const pct_gazetteer *g, const char *text) {
    pct_place_hit hits[10];
    ck_assert_uint_ge(test_place_search(g, text, NULL, hits, 10), 1);
    return hits[0];
}

static void check_at(const pct_gazetteer *g, const char *text, double east_m, double north_m) {
    pct_place_hit hit = find(g, text);
    ck_assert_msg(hit.kind == PCT_PLACE_ADDRESS && hit.interpolated, "'%s'", text);
    ck_assert_msg(pct_geo_distance_m(hit.position, test_place_at(east_m, north_m)) < 1.0,
                  "'%s' lies %f m off", text,
                  pct_geo_distance_m(hit.position, test_place_at(east_m, north_m)));
    ck_assert_int_eq(hit.dwelling, PCT_DWELLING_UNKNOWN);
    ck_assert_msg(!pct_gazetteer_is_public_place(g, hit.position), "'%s' lies in public", text);
}

TEST(ranges_place_a_number_at_its_share_of_the_way_on_its_side) {
    pct_gazetteer *g = gazetteer_of(edges);
    check_at(g, "Main St 1", 10, 12); /* 50 lots to the left of 1 → 2, which is north */
    check_at(g, "51 Main St", 510, 12);
    check_at(g, "99 main st", 990, 12);
    check_at(g, "Main St 50", 490, -12); /* even: right, south */
    ck_assert_uint_eq(pct_gazetteer_size_of(g).ranges, 3);
    pct_gazetteer_free(g);
}

TEST(ranges_may_descend_and_mix_parities) {
    pct_gazetteer *g = gazetteer_of(edges);
    /* 3 → 2 runs south from 500 m; its left is east; 200 at its begin, 101 at its end. */
    check_at(g, "200 Hill Rd", 1012, 497.5);
    check_at(g, "101 Hill Rd", 1012, 2.5);
    check_at(g, "151 Hill Rd", 1012, 252.5);
    pct_gazetteer_free(g);
}

TEST(numbers_beyond_every_range_give_the_street) {
    pct_gazetteer *g = gazetteer_of(edges);
    ck_assert_int_eq(find(g, "101 Main St").kind, PCT_PLACE_STREET);
    ck_assert_int_eq(find(g, "100 Hill Rd").kind, PCT_PLACE_STREET);
    pct_gazetteer_free(g);
}

TEST(ranges_refuse_bad_numbers_and_mappings_by_field) {
    static const char bad_edges[] = "from,to,name,lf,lt,rf,rt\n1,2,Main St,1,many,2,100\n";
    static const char foreign[] = "from,to,name,lf,lt,rf,rt\n1,2,Main St,1,99,2,100\n";
    static const char bad_mapping[] = "{\"edges\":{\"from\":\"from\",\"to\":\"to\",\"address_left\":\"lf\"}}";
    static const char absent[] =
        "{\"edges\":{\"from\":\"from\",\"to\":\"to\",\"address_left\":[\"lf\",\"none\"]}}";
    static const char plain[] = "{\"edges\":{\"from\":\"from\",\"to\":\"to\"}}";
    pct_csv_network good = source_of(edges, mapping), source = source_of(bad_edges, mapping);
    pct_gazetteer *g;
    pct_error error;
    ck_assert_int_eq(build(&source, &source, &g, &error), PCT_INPUT);
    test_error_says(&error, "many");
    source = source_of(edges, bad_mapping);
    ck_assert_int_eq(build(&good, &source, &g, &error), PCT_INPUT);
    test_error_says(&error, "a list of two columns");
    source = source_of(edges, absent);
    ck_assert_int_eq(build(&good, &source, &g, &error), PCT_INPUT);
    test_error_says(&error, "none");
    source = source_of(foreign, mapping);
    ck_assert_int_eq(build(&source, &good, &g, &error), PCT_MISUSE);
    test_error_says(&error, "another number of rows");
    source = source_of(edges, plain); /* no ranges asked for */
    test_ok(build(&good, &source, &g, &error), &error);
    ck_assert_uint_eq(pct_gazetteer_size_of(g).ranges, 0);
    pct_gazetteer_free(g);
    source = source_of(edges, "");
    test_ok(build(&source, &source, &g, &error), &error);
    ck_assert_uint_eq(pct_gazetteer_size_of(g).ranges, 0);
    pct_gazetteer_free(g);
}

static pct_status build_once(void *context) {
    pct_gazetteer *g;
    pct_error error;
    pct_status status = build(context, context, &g, &error);
    pct_gazetteer_free(g);
    return status;
}

TEST(reading_ranges_survives_every_failing_allocation) {
    pct_csv_network source = source_of(edges, mapping);
    ck_assert_uint_ge(test_torture(build_once, &source), 20);
}

TEST_MAIN("gazetteer ranges", TEST_CASE(ranges_place_a_number_at_its_share_of_the_way_on_its_side),
          TEST_CASE(ranges_may_descend_and_mix_parities),
          TEST_CASE(numbers_beyond_every_range_give_the_street),
          TEST_CASE(ranges_refuse_bad_numbers_and_mappings_by_field),
          TEST_CASE(reading_ranges_survives_every_failing_allocation))
