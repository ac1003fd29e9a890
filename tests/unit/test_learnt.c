#include "road/learnt.h"

#include <string.h>

#include "base/memory.h"
#include "road/dijkstra.h"
#include "support/roads.h"
#include "support/test.h"

#define HEADER "class,way,from_node,to_node,band,profile,kmh,n,units,since,until\n"

static const char bands_table[] =
    "band,days,from_hour,to_hour,name_zh,name_en\n"
    "day,every,6,22,日,day\nnight,every,22,24,夜,night\nnight,every,0,6,夜,night\n";
static const char *const block[] = {"A--B--C", "|  |  |", "D--E--F", NULL};

typedef struct world {
    pct_bands bands;
    pct_road *road;
    pct_learnt learnt;
    pct_speeds base;
} world;

static void open_world(world *w) {
    pct_error error;
    w->road = test_road_drawn(block);
    w->base = pct_speeds_uniform(36.0);
    w->learnt = (pct_learnt){.segments = NULL};
    test_ok(pct_bands_read("bands.csv", pct_text_of(bands_table), &w->bands, &error), &error);
}

static void close_world(world *w) {
    pct_learnt_dispose(&w->learnt);
    pct_road_free(w->road);
}

static pct_status read(world *w, const char *rows, pct_error *error) {
    return pct_learnt_read("learnt_speeds.csv", pct_text_of(rows), &w->bands, w->road, &w->learnt, error);
}

static uint32_t time_ms(const pct_road *road, char from, char to) {
    pct_error error;
    pct_router *router;
    test_ok(pct_router_new(road, &router, &error), &error);
    uint32_t ms = pct_router_time_ms(router, test_road_point(road, from), test_road_point(road, to));
    pct_router_free(router);
    return ms;
}

/* Ways of drawn roads are all 0: A–B is named by its nodes, 65 and 66. */
TEST(a_band_has_its_own_times_and_a_segment_goes_before_its_class) {
    world w;
    pct_error error;
    pct_road *day, *night;
    open_world(&w);
    test_ok(read(&w,
                 HEADER "residential,,,,day,response,18,40,3,2026-10-01,2026-10-03\n"
                        ",0,65,66,day,response,9,12,2,2026-10-01,2026-10-29\n"
                        ",0,65,68,day,patrol,1,,,,\n",
                 &error),
            &error);
    ck_assert(pct_learnt_has(&w.learnt, PCT_LEARNT_RESPONSE, 0));
    ck_assert(pct_learnt_has(&w.learnt, PCT_LEARNT_PATROL, 0));
    ck_assert(!pct_learnt_has(&w.learnt, PCT_LEARNT_RESPONSE, 1));
    test_ok(pct_road_of_band(w.road, &w.learnt, 0, &w.base, &day, &error), &error);
    test_ok(pct_road_of_band(w.road, &w.learnt, 1, &w.base, &night, &error), &error);
    ck_assert_uint_eq(time_ms(w.road, 'A', 'B'), 30000); /* 300 m at 10 m/s */
    ck_assert_uint_eq(time_ms(night, 'A', 'B'), 30000);
    ck_assert_uint_eq(time_ms(day, 'B', 'A'), 60000); /* the class */
    ck_assert_uint_eq(time_ms(day, 'A', 'B'),
                      120000); /* its own, as fast as around by D and E: 200 + 300 + 200 m */
    ck_assert_uint_eq(time_ms(day, 'A', 'D'), 40000); /* another profile's figure is not taken */
    pct_road_free(day);
    pct_road_free(night);
    close_world(&w);
}

TEST(a_band_without_figures_is_the_open_road) {
    world w;
    pct_error error;
    pct_road *night;
    open_world(&w);
    test_ok(pct_road_of_band(w.road, &w.learnt, 1, &w.base, &night, &error), &error);
    for (const char *p = "ABCDEF"; *p; p++)
        for (const char *q = "ABCDEF"; *q; q++)
            ck_assert_uint_eq(time_ms(night, *p, *q), time_ms(w.road, *p, *q));
    ck_assert_double_eq(pct_road_max_speed_mps(night), pct_road_max_speed_mps(w.road));
    pct_road_free(night);
    close_world(&w);
}

TEST(the_fastest_figure_bounds_the_band) {
    world w;
    pct_error error;
    open_world(&w);
    test_ok(read(&w, HEADER ",0,65,66,day,response,90,,,,\n", &error), &error);
    ck_assert_double_eq_tol(pct_learnt_max_mps(&w.learnt, PCT_LEARNT_RESPONSE, 0, &w.base), 25.0, 1e-9);
    ck_assert_double_eq_tol(pct_learnt_max_mps(&w.learnt, PCT_LEARNT_RESPONSE, 1, &w.base), 10.0, 1e-9);
    close_world(&w);
}

TEST(what_is_read_is_written_again) {
    static const char file[] = HEADER "residential,,,,day,response,18.0,40,3,2026-10-01,2026-10-03\n"
                                      "residential,,,,night,patrol,20.5,,,,\n"
                                      ",0,65,66,day,response,9.0,12,2,2026-10-01,2026-10-29\n"
                                      ",0,66,65,day,response,8.0,12,3,2026-10-01,2026-10-01\n";
    world w;
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 16);
    open_world(&w);
    test_ok(read(&w, file, &error), &error);
    test_ok(pct_learnt_write(&w.learnt, &w.bands, &w.road->network, &out, &error), &error);
    ck_assert_str_eq(pct_buffer_chars(&out), file);
    pct_buffer_dispose(&out);
    close_world(&w);
}

TEST(a_figure_of_few_units_and_days_is_refused) {
    world w;
    pct_error error;
    open_world(&w);
    ck_assert_int_eq(read(&w, HEADER "primary,,,,day,response,30,500,2,2026-10-01,2026-10-28\n", &error),
                     PCT_INPUT);
    test_error_says(&error, ":2: a figure of 2 units over 27 days tells how single crews drive");
    test_ok(read(&w, HEADER "primary,,,,day,response,30,500,2,2026-10-01,2026-10-29\n", &error), &error);
    test_ok(read(&w, HEADER "primary,,,,day,response,30,500,3,2026-10-01,2026-10-01\n", &error), &error);
    close_world(&w);
}

TEST(faulty_rows_are_refused_with_their_line) {
    world w;
    pct_error error;
    const struct {
        const char *row, *says;
    } bad[] = {{"primary,1,2,3,day,response,30,,,,\n", "either a road class, or a way"},
               {",,,,day,response,30,,,,\n", "either a road class, or a way"},
               {"primary,,,,dusk,response,30,,,,\n", "a band of definitions/bands.csv was expected, 'dusk'"},
               {"primary,,,,day,walk,30,,,,\n", "response or patrol"},
               {"lane,,,,day,response,30,,,,\n", "a road class such as"},
               {"primary,,,,day,response,0.5,,,,\n", "from 1 to 300"},
               {"primary,,,,day,response,30,5,6,2026-10-01,2026-10-02\n", "from 1 to 5"},
               {"primary,,,,day,response,30,5,3,2026-10-1,2026-10-02\n", "a date such as 2026-10-01"},
               {"primary,,,,day,response,30,5,3,2026-10-03,2026-10-02\n", "not before 'since'"},
               {"primary,,,,day,response,30,,,,\nprimary,,,,day,response,31,,,,\n", "one row per class"},
               {",0,65,66,day,response,30,,,,\n,0,65,66,day,response,31,,,,\n", "way 0 has two rows"}};
    open_world(&w);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pct_buffer table = pct_buffer_init(1 << 16);
        (void)pct_buffer_append_text(&table, HEADER);
        (void)pct_buffer_append_text(&table, bad[i].row);
        ck_assert_int_eq(read(&w, pct_buffer_chars(&table), &error), PCT_INPUT);
        test_error_says(&error, bad[i].says);
        pct_buffer_dispose(&table);
    }
    close_world(&w);
}

TEST(roads_that_the_map_has_lost_are_counted) {
    world w;
    pct_error error;
    open_world(&w);
    test_ok(read(&w, HEADER ",0,65,90,day,response,30,,,,\n,7,65,66,day,response,30,,,,\n", &error), &error);
    ck_assert_uint_eq(w.learnt.missing, 2);
    ck_assert_uint_eq(w.learnt.segment_count, 0);
    close_world(&w);
}

static pct_status attempt(void *context) {
    world *w = context;
    pct_road *day = NULL;
    pct_status status = read(w, HEADER ",0,65,66,day,response,30,,,,\n", NULL);
    if (!status) status = pct_road_of_band(w->road, &w->learnt, 0, &w->base, &day, NULL);
    pct_road_free(day);
    pct_learnt_dispose(&w->learnt);
    return status;
}

TEST(failing_allocations_are_returned) {
    world w;
    open_world(&w);
    ck_assert_uint_gt(test_torture(attempt, &w), 3);
    close_world(&w);
}

TEST_MAIN("learnt", TEST_CASE(a_band_has_its_own_times_and_a_segment_goes_before_its_class),
          TEST_CASE(a_band_without_figures_is_the_open_road), TEST_CASE(the_fastest_figure_bounds_the_band),
          TEST_CASE(what_is_read_is_written_again), TEST_CASE(a_figure_of_few_units_and_days_is_refused),
          TEST_CASE(faulty_rows_are_refused_with_their_line),
          TEST_CASE(roads_that_the_map_has_lost_are_counted), TEST_CASE(failing_allocations_are_returned))
