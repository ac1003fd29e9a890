#include "place/gazetteer.h"

#include <math.h>
#include <string.h>

#include "place/build.h"
#include "place/data.h"
#include "support/place_map.h"
#include "support/test.h"

enum { ROOM = 20 };

/* 人民路 runs east, 解放路 north; they meet at node 2. Rua de São João lies apart. */
static const char *const town[] = {"n1 -500 0",
                                   "n2 0 0",
                                   "n3 500 0",
                                   "n4 0 500",
                                   "n5 0 -500",
                                   "n6 3000 0",
                                   "n7 3400 0",
                                   "n10 -300 20 addr:housenumber=10;addr:street=人民路;building=house",
                                   "n11 -200 20 addr:housenumber=14;addr:street=人民路",
                                   "n12 -100 20 addr:housenumber=14A;addr:street=人民路",
                                   "n13 -250 -20 addr:housenumber=11;addr:street=人民路",
                                   "n14 -400 4 addr:housenumber=20;addr:street=人民路",
                                   "n20 200 40 amenity=hospital;name=市人民医院;name:en=People's Hospital",
                                   "n21 210 40 shop=convenience;name=O'Hara d'Ouro",
                                   "n22 250 300 building=house;name=王宅",
                                   "n23 260 300 amenity=nursing_home;name=夕阳红养老院",
                                   "n24 -900 900 place=village;name=东人民村",
                                   "n25 -900 950 addr:housenumber=3;addr:place=东人民村",
                                   "n26 3100 15 addr:housenumber=7;addr:street=Rua de São João",
                                   "n27 9000 9000 addr:housenumber=2;addr:street=远路",
                                   "n30 600 600",
                                   "n31 700 600",
                                   "n32 700 700",
                                   "n33 600 700",
                                   "n34 620 670 addr:housenumber=1;addr:street=园中小路",
                                   "w1 1,2,3 highway=primary;name=人民路;name:en=Renmin Road",
                                   "w2 4,2,5 highway=residential;name=解放路;name:en=Jiefang Road",
                                   "w3 6,7 highway=residential;name=Rua de São João",
                                   "w4 30,31,32,33,30 leisure=park;name=中心公园",
                                   "w5 30,33 building=yes;name=缺点楼",
                                   NULL};

static const pct_place_hit *find(const pct_place_hit *hits, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (test_text_is(hits[i].name, name)) return &hits[i];
    return NULL;
}

static pct_place_hit first_of(const pct_gazetteer *g, const char *text) {
    pct_place_hit hits[ROOM];
    size_t count = test_place_search(g, text, NULL, hits, ROOM);
    ck_assert_msg(count > 0, "'%s' finds nothing", text);
    return hits[0];
}

TEST(search_ranks_exact_before_prefix_before_inside) {
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_place_hit hits[ROOM];
    size_t count = test_place_search(g, "人民", NULL, hits, ROOM);
    ck_assert_uint_eq(count, 4);
    ck_assert(test_text_is(hits[0].name, "人民路"));
    ck_assert_int_eq(hits[0].kind, PCT_PLACE_STREET);
    ck_assert_int_eq(hits[0].match, PCT_PLACE_MATCH_PREFIX);
    ck_assert(test_text_is(hits[1].name, "人民路与解放路路口"));
    ck_assert(test_text_is(hits[2].name, "市人民医院"));
    ck_assert_int_eq(hits[2].match, PCT_PLACE_MATCH_SUBSTRING);
    ck_assert(test_text_is(hits[3].name, "东人民村"));
    ck_assert_int_eq(hits[3].kind, PCT_PLACE_AREA);
    ck_assert_int_eq(first_of(g, "人民路").match, PCT_PLACE_MATCH_EXACT);
    pct_gazetteer_free(g);
}

TEST(search_passes_over_case_accents_and_apostrophes) {
    static const char *const texts[] = {"SAO JOAO", "são jo", "sa",    "Rua de  Sao",
                                        "joão rua", "ｓａｏ", "rua jo"};
    pct_gazetteer *g = test_place_gazetteer(town);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(test_text_is(first_of(g, texts[i]).name, "Rua de São João"), "'%s'", texts[i]);
    ck_assert_int_eq(first_of(g, "joao rua").match, PCT_PLACE_MATCH_WORDS);
    ck_assert_int_eq(first_of(g, "joao").match, PCT_PLACE_MATCH_WORD);
    ck_assert(test_text_is(first_of(g, "ouro").name, "O'Hara d'Ouro"));
    ck_assert(test_text_is(first_of(g, "people hosp").name, "市人民医院"));
    pct_place_hit hits[ROOM];
    ck_assert_uint_eq(test_place_search(g, "oao", NULL, hits, ROOM), 0); /* inside a word */
    ck_assert_uint_eq(test_place_search(g, " ,;", NULL, hits, ROOM), 0);
    ck_assert_uint_eq(test_place_search(g, "", NULL, hits, ROOM), 0);
    pct_gazetteer_free(g);
}

TEST(search_drops_apostrophes_that_the_map_does_not_have) {
    static const char *const map[] = {"n1 0 0", "n2 500 0", "w1 1,2 highway=residential;name=OFARRELL ST",
                                      NULL};
    pct_gazetteer *g = test_place_gazetteer(map);
    ck_assert(test_text_is(first_of(g, "O'Farrell").name, "OFARRELL ST"));
    pct_gazetteer_free(g);
}

TEST(search_reads_crossings_however_they_are_written) {
    static const char *const texts[] = {"人民路与解放路路口",   "解放路与人民路",   "解放路和人民路口",
                                        "人民路/解放路",        "解放路 & 人民路",  "人民路解放路",
                                        "解放路人民路路口",     "renmin rd / jief", "Jiefang and Renmin",
                                        "jiefang & Renmin Road"};
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_place_hit hits[ROOM];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t count = test_place_search(g, texts[i], NULL, hits, ROOM);
        bool abbreviated = strstr(texts[i], " rd ") != NULL;
        ck_assert_msg((count > 0) != abbreviated, "'%s' finds %zu", texts[i], count);
        if (!count) continue;
        ck_assert_int_eq(hits[0].kind, PCT_PLACE_CROSSING);
        ck_assert_double_lt(pct_geo_distance_m(hits[0].position, test_place_at(0, 0)), 0.1);
        ck_assert(test_text_is(hits[0].name_en, "Renmin Road / Jiefang Road"));
    }
    ck_assert_uint_eq(test_place_search(g, "人民路与人民路", NULL, hits, ROOM), 0); /* needs both */
    pct_gazetteer_free(g);
}

TEST(search_reads_house_numbers_in_either_place) {
    static const char *const texts[] = {"人民路14号",     "人民路14",        "14 Renmin",
                                        "Renmin Road 14", "人民路第14号3楼", "Renmin Road no 14"};
    pct_gazetteer *g = test_place_gazetteer(town);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        pct_place_hit hit = first_of(g, texts[i]);
        ck_assert_msg(hit.kind == PCT_PLACE_ADDRESS, "'%s'", texts[i]);
        ck_assert_str_eq(hit.house_number, "14");
        ck_assert(!hit.interpolated && hit.dwelling == PCT_DWELLING_UNKNOWN);
        ck_assert_double_lt(pct_geo_distance_m(hit.position, test_place_at(-200, 20)), 0.1);
    }
    pct_place_hit lettered = first_of(g, "Renmin Road 14a");
    ck_assert_str_eq(lettered.house_number, "14A");
    ck_assert_int_eq(first_of(g, "人民路10号").dwelling, PCT_DWELLING_YES);
    ck_assert_str_eq(first_of(g, "7 rua de sao joao").house_number, "7");
    ck_assert_str_eq(first_of(g, "东人民村3号").house_number, "3");
    pct_gazetteer_free(g);
}

TEST(search_interpolates_numbers_between_neighbours_of_one_side) {
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_place_hit hit = first_of(g, "人民路12号");
    ck_assert_int_eq(hit.kind, PCT_PLACE_ADDRESS);
    ck_assert(hit.interpolated);
    ck_assert_str_eq(hit.house_number, "12");
    ck_assert_double_lt(pct_geo_distance_m(hit.position, test_place_at(-250, 20)), 0.5);
    hit = first_of(g, "人民路13号"); /* no odd number beyond */
    ck_assert_int_eq(hit.kind, PCT_PLACE_STREET);
    ck_assert_str_eq(hit.house_number, "");
    pct_gazetteer_free(g);
}

TEST(build_makes_streets_of_house_numbers_alone) {
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_place_hit hit = first_of(g, "远路2号");
    ck_assert_int_eq(hit.kind, PCT_PLACE_ADDRESS);
    ck_assert_double_lt(pct_geo_distance_m(hit.position, test_place_at(9000, 9000)), 0.1);
    ck_assert_int_eq(first_of(g, "远路").dwelling, PCT_DWELLING_UNKNOWN);
    pct_gazetteer_free(g);
}

TEST(build_keeps_no_names_of_single_homes) {
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_place_hit hits[ROOM];
    ck_assert_uint_eq(test_place_search(g, "王宅", NULL, hits, ROOM), 0);
    ck_assert_int_eq(first_of(g, "养老院").dwelling, PCT_DWELLING_UNKNOWN);
    ck_assert_int_eq(first_of(g, "人民医院").dwelling, PCT_DWELLING_NO);
    pct_gazetteer_free(g);
}

TEST(search_orders_equals_by_distance_then_by_name) {
    static const char *const map[] = {"n1 0 0",
                                      "n2 500 0",
                                      "n3 100 100 shop=bakery;name=Bread B",
                                      "n4 900 100 shop=bakery;name=Bread A",
                                      "n5 400 100 shop=bakery;name=Bread A",
                                      "w1 1,2 highway=residential;name=Main Street",
                                      NULL};
    pct_gazetteer *g = test_place_gazetteer(map);
    pct_place_hit hits[ROOM];
    pct_position near = test_place_at(0, 100);
    ck_assert_uint_eq(test_place_search(g, "bread", &near, hits, ROOM), 3);
    ck_assert(test_text_is(hits[0].name, "Bread B"));
    ck_assert_double_eq_tol(hits[0].distance_m, 100.0, 0.5);
    ck_assert_double_eq_tol(hits[1].distance_m, 400.0, 0.5);
    ck_assert_double_eq_tol(hits[2].distance_m, 900.0, 1.0);
    ck_assert_uint_eq(test_place_search(g, "bread", NULL, hits, ROOM), 3);
    ck_assert(test_text_is(hits[0].name, "Bread A") && isnan(hits[0].distance_m));
    ck_assert_double_lt(pct_geo_distance_m(hits[0].position, test_place_at(400, 100)), 0.1);
    ck_assert_uint_eq(test_place_search(g, "bread", &near, hits, 2), 2); /* the best two of three */
    ck_assert_double_eq_tol(hits[1].distance_m, 400.0, 0.5);
    pct_gazetteer_free(g);
}

TEST(streets_of_one_name_are_one_when_they_touch_or_lie_near) {
    static const char *const map[] = {"n1 0 0",
                                      "n2 300 0",
                                      "n3 400 0",
                                      "n4 700 0",
                                      "n5 3000 0",
                                      "n6 3300 0",
                                      "n7 300 300",
                                      "w1 1,2 highway=primary;name=长街",
                                      "w2 3,4 highway=primary;name=长街;name:en=Long Street",
                                      "w3 5,6 highway=primary;name=长街",
                                      "w4 2,7 highway=residential",
                                      NULL};
    pct_gazetteer *g = test_place_gazetteer(map);
    pct_place_hit hits[ROOM];
    ck_assert_uint_eq(test_place_search(g, "长街", NULL, hits, ROOM), 2);
    ck_assert_int_eq(pct_gazetteer_size_of(g).kinds[PCT_PLACE_STREET], 2);
    ck_assert(test_text_is(hits[0].name_en, "Long Street"));
    ck_assert_double_eq_tol(pct_geo_distance_m(hits[0].extent.min, hits[0].extent.max), 700.0, 1.0);
    /* On the street, as near to the middle of its extent as can be: at an end of the gap. */
    ck_assert_double_eq_tol(pct_geo_distance_m(hits[0].position, test_place_at(350, 0)), 50.0, 1.0);
    pct_gazetteer_free(g);
}

TEST(crossings_take_dual_carriageways_and_roundabouts_as_one_spot) {
    static const char *const map[] = {"n1 -300 0",
                                      "n2 0 0",
                                      "n3 300 0",
                                      "n4 -300 30",
                                      "n5 0 30",
                                      "n6 300 30",
                                      "n7 0 300",
                                      "n8 2000 0",
                                      "n9 2020 20",
                                      "n10 2040 0",
                                      "n11 1800 0",
                                      "n12 2300 0",
                                      "w1 1,2,3 highway=primary;name=东大道;oneway=yes",
                                      "w2 6,5,4 highway=primary;name=东大道;oneway=yes",
                                      "w3 2,5,7 highway=residential;name=北街",
                                      "w4 8,9,10,8 highway=primary;junction=roundabout",
                                      "w5 11,8 highway=primary;name=甲路",
                                      "w6 10,12 highway=primary;name=乙路",
                                      NULL};
    pct_gazetteer *g = test_place_gazetteer(map);
    ck_assert_int_eq(pct_gazetteer_size_of(g).kinds[PCT_PLACE_CROSSING], 2);
    ck_assert_int_eq(first_of(g, "东大道与北街").kind, PCT_PLACE_CROSSING);
    ck_assert(test_text_is(first_of(g, "甲路&乙路").name, "甲路与乙路路口"));
    pct_gazetteer_free(g);
}

TEST(places_of_one_name_within_sixty_metres_are_one_and_the_more_private) {
    static const char *const map[] = {"n1 0 0",
                                      "n2 500 0",
                                      "n3 100 100 amenity=cafe;name=双子",
                                      "n4 140 100 building=apartments;name=双子",
                                      "n5 400 100 amenity=cafe;name=双子",
                                      "w1 1,2 highway=residential;name=主街",
                                      NULL};
    pct_gazetteer *g = test_place_gazetteer(map);
    pct_place_hit hits[ROOM];
    ck_assert_uint_eq(test_place_search(g, "双子", NULL, hits, ROOM), 2);
    ck_assert_int_eq(hits[0].dwelling, PCT_DWELLING_YES);
    ck_assert_int_eq(hits[1].dwelling, PCT_DWELLING_NO);
    pct_gazetteer_free(g);
}

TEST(search_takes_coordinates_as_a_position) {
    static const char *const texts[] = {"100.001,30.0", " 100.001 , 30.0 ", "100.001，30.0", "30.0, 100.001"};
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_place_hit hits[ROOM];
    pct_buffer label = pct_buffer_init(256);
    pct_position near = {1000000000, 300000000};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_uint_eq(test_place_search(g, texts[i], &near, hits, ROOM), 1);
        ck_assert_int_eq(hits[0].kind, PCT_PLACE_POSITION);
        ck_assert_int_eq(hits[0].position.lon_e7, 1000010000);
        ck_assert_int_eq(hits[0].dwelling, PCT_DWELLING_NO); /* on 人民路 */
        ck_assert_double_eq_tol(hits[0].distance_m, 96.3, 0.2);
    }
    ck_assert_int_eq(pct_place_hit_label(&hits[0], &label), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&label), "100.0010000,30.0000000");
    ck_assert_uint_eq(test_place_search(g, "10,20", NULL, hits, ROOM), 1); /* either order: lon first */
    ck_assert_int_eq(hits[0].position.lon_e7, 100000000);
    ck_assert_uint_eq(test_place_search(g, "100,200", NULL, hits, ROOM), 0);
    ck_assert_uint_eq(test_place_search(g, "100.05,30.05", NULL, hits, ROOM), 1);
    ck_assert_int_eq(hits[0].dwelling, PCT_DWELLING_UNKNOWN);
    ck_assert(isnan(hits[0].distance_m));
    pct_buffer_dispose(&label);
    pct_gazetteer_free(g);
}

TEST(labels_follow_the_script_of_the_street) {
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_buffer label = pct_buffer_init(256);
    pct_place_hit hit = first_of(g, "人民路10号");
    ck_assert_int_eq(pct_place_hit_label(&hit, &label), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&label), "人民路10号");
    pct_buffer_clear(&label);
    hit = first_of(g, "rua de sao joao 7");
    ck_assert_int_eq(pct_place_hit_label(&hit, &label), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&label), "Rua de São João 7");
    pct_buffer_clear(&label);
    hit = first_of(g, "中心公园");
    ck_assert_int_eq(pct_place_hit_label(&hit, &label), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&label), "中心公园");
    ck_assert(test_text_is(hit.category, "leisure=park"));
    pct_buffer_dispose(&label);
    pct_gazetteer_free(g);
}

TEST(public_place_is_a_street_a_crossing_premises_or_nothing) {
    static const struct {
        double east_m, north_m;
        bool is_public;
        const char *what;
    } cases[] = {{-350, 3, true, "on a street"},
                 {-350, 12, false, "beside a street"},
                 {9, 7, true, "at a crossing"},
                 {200, 45, true, "at the hospital"},
                 {-300, 20, false, "a house with a number"},
                 {-300, 5, true, "on the street before a house"},
                 {-400, 4, false, "a house that stands nearly on the street"},
                 {-400, 0, true, "the street before that house"},
                 {620, 672, false, "a house in the park"},
                 {650, 650, true, "in the park"},
                 {590, 650, false, "beside the park"},
                 {260, 300, false, "where people live together"},
                 {-900, 900, false, "in a village"},
                 {5000, 5000, false, "nowhere known"}};
    pct_gazetteer *g = test_place_gazetteer(town);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(pct_gazetteer_is_public_place(g, test_place_at(cases[i].east_m, cases[i].north_m)) ==
                          cases[i].is_public,
                      "%s", cases[i].what);
    pct_gazetteer_free(g);
}

TEST(search_refuses_texts_and_limits_beyond_its_own) {
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_gazetteer_scratch *scratch;
    pct_place_hit hits[ROOM];
    pct_error error;
    size_t count = 7;
    char longest[PCT_PLACE_QUERY_BYTES_MAX + 2];
    memset(longest, 'a', sizeof longest);
    test_ok(pct_gazetteer_scratch_new(g, &scratch, &error), &error);
    pct_place_query query = {{longest, PCT_PLACE_QUERY_BYTES_MAX}, NULL, ROOM};
    test_ok(pct_gazetteer_search(g, scratch, &query, hits, &count, &error), &error);
    ck_assert_uint_eq(count, 0);
    query.text.length++;
    ck_assert_int_eq(pct_gazetteer_search(g, scratch, &query, hits, &count, &error), PCT_LIMIT);
    test_error_says(&error, "has 513 bytes; 512 are the limit");
    query.text = pct_text_of("\xC3(");
    ck_assert_int_eq(pct_gazetteer_search(g, scratch, &query, hits, &count, &error), PCT_INPUT);
    test_error_says(&error, "not valid UTF-8");
    query = (pct_place_query){pct_text_of("a"), NULL, 0};
    ck_assert_int_eq(pct_gazetteer_search(g, scratch, &query, hits, &count, &error), PCT_LIMIT);
    query.limit = PCT_PLACE_HITS_MAX + 1;
    ck_assert_int_eq(pct_gazetteer_search(g, scratch, &query, hits, &count, &error), PCT_LIMIT);
    pct_gazetteer_scratch_free(scratch);
    pct_gazetteer_free(g);
}

TEST(search_allocates_nothing_per_query) {
    static const char *const texts[] = {"人民",     "人民路与解放路", "人民路12号",
                                        "rua joao", "100,30",         "O'Hara"};
    pct_gazetteer *g = test_place_gazetteer(town);
    pct_gazetteer_scratch *scratch;
    pct_place_hit hits[ROOM];
    pct_error error;
    size_t count, found = 0;
    test_ok(pct_gazetteer_scratch_new(g, &scratch, &error), &error);
    size_t before = test_allocation_count();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        pct_place_query query = {pct_text_of(texts[i]), NULL, ROOM};
        if (pct_gazetteer_search(g, scratch, &query, hits, &count, &error) == PCT_OK) found += count > 0;
    }
    ck_assert_uint_eq(test_allocation_count(), before);
    ck_assert_uint_eq(found, sizeof texts / sizeof *texts);
    pct_gazetteer_scratch_free(scratch);
    pct_gazetteer_free(g);
}

TEST(given_points_and_areas_are_found_with_their_kinds) {
    static const pct_position ring[] = {{1000000000, 300000000},
                                        {1000100000, 300000000},
                                        {1000100000, 300100000},
                                        {1000000000, 300100000},
                                        {1000000000, 300000000}};
    pct_ring rings[] = {{ring, 5}};
    pct_polygon polygon = {rings, 1};
    pct_area area = {.level = pct_text_of("community"),
                     .name = pct_text_of("东湖社区"),
                     .name_en = pct_text_of("East Lake Community"),
                     .shape = {&polygon, 1, pct_box_of(ring, 5)}};
    pct_named_point named[] = {
        {pct_text_of("东湖仓库"), pct_text_of("warehouse"), {"", 0}, {1000050000, 300050000}, {"", 0}},
        {pct_text_of("东湖花园"),
         pct_text_of("residential_estate"),
         {"", 0},
         {1000060000, 300050000},
         {"", 0}},
        {pct_text_of("东湖人家"), pct_text_of("dwelling"), {"", 0}, {1000070000, 300050000}, {"", 0}},
        {pct_text_of("东湖某处"), {"", 0}, {"", 0}, {1000080000, 300050000}, {"", 0}}};
    pct_gazetteer_builder *builder;
    pct_gazetteer *g;
    pct_error error;
    pct_place_hit hits[ROOM];
    test_ok(pct_gazetteer_builder_new(&builder, &error), &error);
    test_ok(pct_gazetteer_add_areas(builder, &(pct_areas){&area, 1}, &error), &error);
    test_ok(pct_gazetteer_add_points(builder, &(pct_named_points){named, 4}, NULL, &error), &error);
    test_ok(pct_gazetteer_build(builder, &g, &error), &error);
    pct_gazetteer_builder_free(builder);
    size_t count = test_place_search(g, "东湖", NULL, hits, ROOM);
    ck_assert_uint_eq(count, 4);
    const pct_place_hit *hit = find(hits, count, "东湖仓库");
    ck_assert(hit && hit->dwelling == PCT_DWELLING_NO && test_text_is(hit->category, "warehouse"));
    hit = find(hits, count, "东湖花园");
    ck_assert(hit && hit->dwelling == PCT_DWELLING_UNKNOWN);
    hit = find(hits, count, "东湖某处");
    ck_assert(hit && hit->dwelling == PCT_DWELLING_UNKNOWN);
    hit = find(hits, count, "东湖社区");
    ck_assert(hit && hit->kind == PCT_PLACE_AREA && test_text_is(hit->category, "community"));
    ck_assert(pct_box_contains(area.shape.box, hit->position));
    ck_assert_ptr_null(find(hits, count, "东湖人家")); /* a home */
    ck_assert(test_text_is(first_of(g, "east lake").name, "东湖社区"));
    pct_gazetteer_free(g);
}

/* An area like an L, whose box has its middle outside, and one of two points' width that no grid point meets. */
static const pct_position bent[] = {{1000000000, 300000000}, {1000100000, 300000000}, {1000100000, 300001000},
                                    {1000001000, 300001000}, {1000001000, 300100000}, {1000000000, 300100000},
                                    {1000000000, 300000000}};

static pct_status build_given(void *context) {
    static const pct_position thin[] = {
        {1000000000, 300000000}, {1000000001, 300000001}, {1000000000, 300000002}, {1000000000, 300000000}};
    pct_ring rings[] = {{bent, 7}, {thin, 4}};
    pct_polygon polygons[] = {{&rings[0], 1}, {&rings[1], 1}};
    pct_area areas[] = {{.level = pct_text_of("ward"),
                         .name = pct_text_of("弯区"),
                         .name_en = {"", 0},
                         .shape = {&polygons[0], 1, pct_box_of(bent, 7)}},
                        {.level = pct_text_of("ward"),
                         .name = pct_text_of("细区"),
                         .name_en = {"", 0},
                         .shape = {&polygons[1], 1, pct_box_of(thin, 4)}}};
    pct_named_point point = {pct_text_of("城东所"), {"", 0}, {"", 0}, {1000050000, 300050000}, {"", 0}};
    pct_gazetteer_builder *builder = NULL;
    pct_error error;
    *(pct_gazetteer **)context = NULL;
    pct_status status = pct_gazetteer_builder_new(&builder, &error);
    if (!status) status = pct_gazetteer_add_areas(builder, &(pct_areas){areas, 2}, &error);
    if (!status)
        status = pct_gazetteer_add_points(builder, &(pct_named_points){&point, 1}, "police_station", &error);
    if (!status) status = pct_gazetteer_build(builder, context, &error);
    pct_gazetteer_builder_free(builder);
    return status;
}

TEST(areas_of_any_shape_have_their_position_inside) {
    pct_gazetteer *g;
    pct_ring ring = {bent, 7};
    pct_polygon polygon = {&ring, 1};
    pct_shape shape = {&polygon, 1, pct_box_of(bent, 7)};
    ck_assert_int_eq(build_given(&g), PCT_OK);
    ck_assert(pct_shape_contains(&shape, first_of(g, "弯区").position));
    ck_assert_int_eq(first_of(g, "细区").position.lat_e7 / 10, 30000000);
    pct_place_hit station = first_of(g, "城东所");
    ck_assert(test_text_is(station.category, "police_station") && station.dwelling == PCT_DWELLING_NO);
    ck_assert_str_eq(pct_place_match_name(station.match), "exact");
    ck_assert_str_eq(pct_place_kind_name(station.kind), "place");
    ck_assert_str_eq(pct_dwelling_name(station.dwelling), "no");
    pct_gazetteer_free(g);
}

static pct_status build_given_once(void *context) {
    pct_gazetteer *g;
    (void)context;
    pct_status status = build_given(&g);
    pct_gazetteer_free(g);
    return status;
}

TEST(adding_what_is_given_survives_every_failing_allocation) {
    ck_assert_uint_ge(test_torture(build_given_once, NULL), 15);
}

static pct_status build_once(void *context) {
    pct_gazetteer *g;
    pct_error error;
    pct_status status = test_place_build(context, &g, &error);
    pct_gazetteer_free(g);
    return status;
}

TEST(building_survives_every_failing_allocation) {
    pct_buffer map = test_place_map(town);
    ck_assert_uint_ge(test_torture(build_once, &map), 40);
    pct_buffer_dispose(&map);
}

TEST_MAIN("gazetteer", TEST_CASE(search_ranks_exact_before_prefix_before_inside),
          TEST_CASE(search_passes_over_case_accents_and_apostrophes),
          TEST_CASE(search_drops_apostrophes_that_the_map_does_not_have),
          TEST_CASE(search_reads_crossings_however_they_are_written),
          TEST_CASE(search_reads_house_numbers_in_either_place),
          TEST_CASE(search_interpolates_numbers_between_neighbours_of_one_side),
          TEST_CASE(build_makes_streets_of_house_numbers_alone),
          TEST_CASE(build_keeps_no_names_of_single_homes),
          TEST_CASE(search_orders_equals_by_distance_then_by_name),
          TEST_CASE(streets_of_one_name_are_one_when_they_touch_or_lie_near),
          TEST_CASE(crossings_take_dual_carriageways_and_roundabouts_as_one_spot),
          TEST_CASE(places_of_one_name_within_sixty_metres_are_one_and_the_more_private),
          TEST_CASE(search_takes_coordinates_as_a_position),
          TEST_CASE(labels_follow_the_script_of_the_street),
          TEST_CASE(public_place_is_a_street_a_crossing_premises_or_nothing),
          TEST_CASE(search_refuses_texts_and_limits_beyond_its_own),
          TEST_CASE(search_allocates_nothing_per_query),
          TEST_CASE(given_points_and_areas_are_found_with_their_kinds),
          TEST_CASE(areas_of_any_shape_have_their_position_inside),
          TEST_CASE(adding_what_is_given_survives_every_failing_allocation),
          TEST_CASE(building_survives_every_failing_allocation))
