/* A simulation from the contents of files, on a street of 2 km: units drive 10 m a second.
 *
 *     A --- 1 km --- B --- 1 km --- C        A lies at 100° east, 30° north; a degree of longitude is 96.3 km */
#include "sim/simulation.h"

#include <string.h>

#include "road/road.h"
#include "support/roads.h"
#include "support/test.h"

#define TIMES_HEADER                                                                                         \
    "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,on_scene_mean_s,"             \
    "on_scene_cv,report_mean_s,report_cv\n"
#define UNITS                                                                                                \
    "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n"                    \
    "U1,East,100.0,30.0,car,patrol,1,1,00:00,24:00\n"
#define CALLS_HEADER "call_id,time_local,type,priority,lon,lat\n"
#define CALLS                                                                                                \
    CALLS_HEADER "far,2026-03-02T08:00:00,job,2,100.0,31.0\n"                                                \
                 "second,2026-03-02T10:00:00,job,2,100.0103846,30.0\n"                                       \
                 "first,2026-03-02T09:00:00,job,2,100.0,30.0\n"

static const char *const street[] = {"A---------B---------C", NULL};

typedef struct world {
    pct_road *road;
    pct_zone zone;
    pct_simulation_source source;
} world;

static void world_open(world *w) {
    w->road = test_road_drawn(street);
    w->zone = pct_zone_utc();
    w->source = (pct_simulation_source){
        .codes = {"types.csv", "capabilities.csv", "kinds.csv", "priorities.csv",
                  pct_text_of("code,zh,en,priority,required,wanted,min_officers,min_strength,also\n"
                              "job,事,job,3,patrol,,1,1,\n"),
                  pct_text_of("code,zh,en,also\npatrol,巡逻,patrol,\n"),
                  pct_text_of("code,zh,en,also\ncar,警车,car,\n"),
                  pct_text_of("code,zh,en,also\n1,特急,most "
                              "urgent,\n2,紧急,urgent,\n3,一般,routine,\n4,可缓,may wait,\n")},
        .service_times = {"times.csv", pct_text_of(TIMES_HEADER "*,,10,0,20,0,600,0.5,100,0\n")},
        .calls = {"calls.csv", pct_text_of(CALLS)},
        .units = {"units.csv", pct_text_of(UNITS)},
        .zone = &w->zone,
        .road = w->road,
        .seed = 1,
        .replications = 1};
}

static void world_close(world *w) {
    pct_zone_dispose(&w->zone);
    pct_road_free(w->road);
}

static pct_simulation *simulate(const world *w) {
    pct_simulation *simulation = NULL;
    pct_error error;
    test_ok(pct_simulation_run(&w->source, &simulation, &error), &error);
    return simulation;
}

TEST(simulation_drives_the_streets_and_names_calls_off_the_map) {
    world w;
    world_open(&w);
    pct_simulation *s = simulate(&w);
    ck_assert_uint_eq(s->report_count, 1);
    ck_assert_uint_eq(s->reports[0].served, 2);
    ck_assert_int_eq(s->reports[0].response.p50, 30000);              /* at the station's door */
    ck_assert_int_le(llabs(s->reports[0].response.max - 130000), 50); /* 1 km on */
    ck_assert_uint_eq(s->rejected_count, 1);
    ck_assert_str_eq(s->rejected[0].id.chars, "far");
    ck_assert_int_eq(s->rejected[0].line, 2);
    ck_assert_double_eq_tol(s->rejected[0].distance_m, 111195.0, 100.0);
    ck_assert_uint_eq(s->unit_count, 1);
    ck_assert(strncmp(s->units[0].name.chars, "U1", 2) == 0);
    pct_simulation_free(s);
    world_close(&w);
}

TEST(replications_run_the_seeds_one_after_the_other) {
    world w;
    world_open(&w);
    w.source.replications = 3;
    pct_simulation *all = simulate(&w);
    w.source.replications = 1;
    double utilisation = 0.0;
    for (uint64_t r = 0; r < 3; r++) {
        w.source.seed = 1 + r;
        pct_simulation *one = simulate(&w);
        ck_assert_uint_eq(all->reports[r].digest, one->reports[0].digest);
        utilisation += one->units[0].utilisation / 3.0;
        pct_simulation_free(one);
    }
    ck_assert_uint_ne(all->reports[0].digest, all->reports[1].digest);
    ck_assert_double_eq_tol(all->units[0].utilisation, utilisation, 1e-12);
    pct_simulation_free(all);
    world_close(&w);
}

TEST(mapping_turns_another_sources_values_into_ours) {
    world w;
    world_open(&w);
    w.source.calls = (pct_simulation_file){
        "calls.csv",
        pct_text_of(
            "call_id,time_local,kind,priority,lon,lat\na,2026-03-02T09:00:00,Einsatz,E,100.0,30.0\n")};
    w.source.calls_mapping = (pct_simulation_file){
        "mapping.json",
        pct_text_of("{\"calls\": {\"columns\": {\"type\": \"kind\"}, \"values\": {\"type\": {\"Einsatz\": "
                    "\"job\"}, \"priority\": {\"E\": 1}}}}")};
    pct_simulation *s = simulate(&w);
    ck_assert_uint_eq(s->reports[0].response_by_priority[0].count, 1);
    pct_simulation_free(s);
    world_close(&w);
}

static void refuses(const world *w, pct_status expected, const char *says) {
    pct_simulation *simulation = NULL;
    pct_error error;
    ck_assert_int_eq(pct_simulation_run(&w->source, &simulation, &error), expected);
    test_error_says(&error, says);
    ck_assert_ptr_null(simulation);
}

TEST(every_file_is_checked_before_the_first_run) {
    world w;
    world_open(&w);
    w.source.policy = pct_text_of("farthest");
    refuses(&w, PCT_MISUSE, "'farthest'; known are: nearest");
    world_close(&w);
    world_open(&w);
    w.source.service_times.bytes = pct_text_of(TIMES_HEADER "gale,,10,0,20,0,600,0,100,0\n");
    refuses(&w, PCT_INPUT, "times.csv:2");
    world_close(&w);
    world_open(&w);
    w.source.calls.bytes = pct_text_of(CALLS_HEADER "a,2026-03-02T09:00:00,gale,2,100.0,30.0\n");
    refuses(&w, PCT_INPUT, "calls.csv:2");
    world_close(&w);
    world_open(&w);
    w.source.calls_mapping = (pct_simulation_file){"mapping.json", pct_text_of("{")};
    refuses(&w, PCT_INPUT, "mapping.json");
    world_close(&w);
    world_open(&w);
    w.source.units.bytes = pct_text_of(UNITS "U2,West,101.0,30.0,car,patrol,1,1,00:00,24:00\n");
    refuses(&w, PCT_INPUT, "'U2'");
    world_close(&w);
    world_open(&w);
    w.source.codes.capabilities = pct_text_of("");
    refuses(&w, PCT_INPUT, "capabilities.csv");
    world_close(&w);
}

static pct_status simulate_once(void *context) {
    const world *w = context;
    pct_simulation *simulation = NULL;
    pct_status status = pct_simulation_run(&w->source, &simulation, NULL);
    pct_simulation_free(simulation);
    return status;
}

TEST(simulation_reports_every_failed_allocation) {
    world w;
    world_open(&w);
    ck_assert_uint_ge(test_torture(simulate_once, &w), 40);
    world_close(&w);
}

TEST_MAIN("sim simulation", TEST_CASE(simulation_drives_the_streets_and_names_calls_off_the_map),
          TEST_CASE(replications_run_the_seeds_one_after_the_other),
          TEST_CASE(mapping_turns_another_sources_values_into_ours),
          TEST_CASE(every_file_is_checked_before_the_first_run),
          TEST_CASE(simulation_reports_every_failed_allocation))
