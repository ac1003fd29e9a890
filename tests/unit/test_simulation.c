/* A simulation from the contents of files to its reports, on a street of three crossings. */
#include "sim/simulation.h"

#include <string.h>

#include "support/roads.h"
#include "support/test.h"

#define UNITS_HEADER "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n"
#define CALLS_HEADER "call_id,time_local,type,priority,lon,lat,address\n"

/* A stands at 100 E, 30 N; 0.01 degrees to the east are 963 m. */
static const char *const street[] = {"A----------B----------C", NULL};

static const char units[] = UNITS_HEADER "Heron,West,100.0,30.0,car,patrol,2,0,00:00,24:00\n"
                                         "Kite,East,100.0207,30.0,car,patrol,2,0,00:00,24:00\n";
static const char calls[] = CALLS_HEADER "K1,2026-03-02T08:00:00,theft,2,100.0001,30.0,\n"
                                         "K2,2026-03-02T08:01:00,noise,3,100.0205,30.0,\n"
                                         "K3,2026-03-02T09:00:00,theft,2,100.5,30.0,\n"
                                         "K4,2026-03-02T10:30:00,robbery,1,100.0104,30.0,\n";

static pct_text shipped(const char *path) {
    size_t length;
    char *bytes = test_read_file(path, &length);
    ck_assert_msg(bytes != NULL, "%s cannot be read: run tests from the repository", path);
    return (pct_text){bytes, length};
}

typedef struct service {
    pct_zone zone;
    pct_road *road;
    pct_simulation_source source;
} service;

static void begin(service *s) {
    s->zone = pct_zone_utc();
    s->road = test_road_drawn(street);
    s->source = (pct_simulation_source){
        .codes = {PCT_CODES_INCIDENT_TYPES_FILE, PCT_CODES_CAPABILITIES_FILE, PCT_CODES_UNIT_KINDS_FILE,
                  PCT_CODES_PRIORITIES_FILE, shipped("definitions/codes/" PCT_CODES_INCIDENT_TYPES_FILE),
                  shipped("definitions/codes/" PCT_CODES_CAPABILITIES_FILE),
                  shipped("definitions/codes/" PCT_CODES_UNIT_KINDS_FILE),
                  shipped("definitions/codes/" PCT_CODES_PRIORITIES_FILE)},
        .service_times = {"service_times.csv", shipped("definitions/service_times.csv")},
        .calls = {"calls.csv", pct_text_of(calls)},
        .units = {"units.csv", pct_text_of(units)},
        .zone = &s->zone,
        .road = s->road,
        .seed = 7,
        .replications = 3};
}

static void end(service *s) {
    const pct_codes_source *codes = &s->source.codes;
    free((char *)codes->incident_types.chars), free((char *)codes->capabilities.chars);
    free((char *)codes->unit_kinds.chars), free((char *)codes->priorities.chars);
    free((char *)s->source.service_times.bytes.chars);
    pct_road_free(s->road);
}

static pct_simulation *ran(const service *s) {
    pct_simulation *simulation;
    pct_error error;
    test_ok(pct_simulation_run(&s->source, &simulation, &error), &error);
    return simulation;
}

TEST(simulation_serves_what_is_on_the_map_and_names_what_is_not) {
    service s;
    begin(&s);
    pct_simulation *found = ran(&s);
    ck_assert_uint_eq(found->report_count, 3);
    for (size_t r = 0; r < 3; r++) {
        const pct_report *report = &found->reports[r];
        ck_assert_uint_eq(report->calls, 4);
        ck_assert_uint_eq(report->served, 3);
        ck_assert_uint_eq(report->rejected, 1);
        ck_assert_uint_eq(report->response.count, 3);
        ck_assert(report->utilisation > 0.0 && report->utilisation < 1.0);
    }
    ck_assert_uint_eq(found->rejected_count, 1);
    ck_assert_int_eq(found->rejected[0].line, 4);
    ck_assert_mem_eq(found->rejected[0].id.chars, "K3", 2);
    ck_assert_double_eq_tol(found->rejected[0].distance_m, 46000, 1000);
    ck_assert_uint_eq(found->unit_count, 2);
    ck_assert_mem_eq(found->units[1].station.chars, "East", 4);
    ck_assert(found->units[0].utilisation > 0.0 && found->units[1].utilisation > 0.0);
    ck_assert_uint_eq(found->ambiguous_times, 0);
    pct_simulation_free(found);
    end(&s);
}

TEST(simulation_of_a_seed_is_the_same_each_time_and_of_another_is_not) {
    service s;
    begin(&s);
    pct_simulation *first = ran(&s);
    s.source.seed = 8;
    s.source.replications = 2;
    pct_simulation *later = ran(&s);
    for (size_t r = 0; r < 2; r++) {
        ck_assert_uint_eq(first->reports[r + 1].digest, later->reports[r].digest);
        ck_assert_uint_eq(first->reports[r + 1].board_digest, later->reports[r].board_digest);
    }
    ck_assert_uint_ne(first->reports[0].digest, first->reports[1].digest);
    pct_simulation_free(first);
    pct_simulation_free(later);
    end(&s);
}

TEST(simulation_drives_the_streets_in_the_time_they_take) {
    service s;
    begin(&s);
    pct_text shipped_times = s.source.service_times.bytes;
    s.source.service_times.bytes = pct_text_of(
        "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,on_scene_mean_s,"
        "on_scene_cv,report_mean_s,report_cv\n*,,10,0,20,0,600,0,100,0\n");
    s.source.units.bytes = pct_text_of(UNITS_HEADER "Heron,West,100.0,30.0,car,patrol,2,0,00:00,24:00\n");
    s.source.calls.bytes = pct_text_of(CALLS_HEADER "K1,2026-03-02T08:00:00,theft,2,100.0,30.0,\n"
                                                    "K2,2026-03-02T09:00:00,theft,2,100.01,30.0,\n");
    pct_simulation *found = ran(&s);
    ck_assert_int_eq(found->reports[0].response.p50, 30000);                      /* at the station's door */
    ck_assert_int_le(llabs(found->reports[0].response.max - 30000 - 96300), 200); /* 963 m at 10 m/s */
    s.source.service_times.bytes = shipped_times;
    pct_simulation_free(found);
    end(&s);
}

TEST(utilisation_of_a_unit_is_its_mean_over_the_runs) {
    service s;
    begin(&s);
    pct_simulation *all = ran(&s);
    double heron = 0.0;
    s.source.replications = 1;
    for (uint64_t run = 0; run < 3; run++) {
        s.source.seed = 7 + run;
        pct_simulation *one = ran(&s);
        heron += one->units[0].utilisation / 3.0;
        pct_simulation_free(one);
    }
    ck_assert_double_eq_tol(all->units[0].utilisation, heron, 1e-12);
    pct_simulation_free(all);
    end(&s);
}

TEST(simulation_takes_the_policy_by_name_and_names_those_it_knows) {
    service s;
    pct_error error;
    pct_simulation *found;
    begin(&s);
    s.source.policy = pct_text_of("nearest");
    pct_simulation_free(ran(&s));
    s.source.policy = pct_text_of("luckiest");
    ck_assert_int_eq(pct_simulation_run(&s.source, &found, &error), PCT_MISUSE);
    test_error_says(&error, "luckiest");
    test_error_says(&error, "nearest");
    end(&s);
}

static const char cover[] = "priority,gap_s,cap_s,busy_share\n1,0,1800,0\n2,3600,1800,0.5\n3,3600,1800,0.5\n"
                            "4,3600,1800,0.5\n";

TEST(simulation_compares_policies_on_the_same_seeds) {
    service s;
    begin(&s);
    s.source.policy = pct_text_of("nearest_with_cover");
    s.source.compare = pct_text_of("nearest");
    pct_simulation *same = ran(&s); /* without cover.csv cover does not count */
    s.source.policy = s.source.compare = (pct_text){"", 0};
    pct_simulation *plain = ran(&s);
    ck_assert_ptr_null(plain->compared);
    ck_assert_ptr_null(plain->compared_policy);
    ck_assert_str_eq(same->policy, "nearest_with_cover");
    ck_assert_str_eq(same->compared_policy, "nearest");
    for (size_t r = 0; r < 3; r++) {
        ck_assert_uint_eq(same->compared[r].digest, plain->reports[r].digest);
        ck_assert_int_eq(same->reports[r].response.max, plain->reports[r].response.max);
        ck_assert_ptr_null(same->compared[r].unit_utilisation);
    }
    pct_simulation_free(same);
    pct_simulation_free(plain);
    s.source.compare = pct_text_of("luckiest");
    pct_error error;
    ck_assert_int_eq(pct_simulation_run(&s.source, &same, &error), PCT_MISUSE);
    test_error_says(&error, "luckiest");
    end(&s);
}

/*     Heron────────K0────────Kite     the calls of the evening are all in the west, where Heron is alone: in the morning
 *                                     Heron is 67 m nearer to K0, but with cover Kite goes, 6.7 s later */
TEST(simulation_keeps_cover_where_the_calls_are) {
    service s;
    begin(&s);
    s.source.calls.bytes = pct_text_of(CALLS_HEADER "K0,2026-03-02T08:00:00,noise,3,100.0100,30.0,\n"
                                                    "K1,2026-03-02T14:00:00,noise,3,100.0001,30.0,\n"
                                                    "K2,2026-03-02T17:00:00,noise,3,100.0001,30.0,\n"
                                                    "K3,2026-03-02T20:00:00,noise,3,100.0001,30.0,\n");
    s.source.cover = (pct_simulation_file){"cover.csv", pct_text_of(cover)};
    s.source.policy = pct_text_of("nearest_with_cover");
    s.source.compare = pct_text_of("nearest");
    pct_simulation *found = ran(&s);
    for (size_t r = 0; r < 3; r++) {
        const pct_report *kept = &found->reports[r], *bare = &found->compared[r];
        ck_assert_uint_eq(kept->served, 4);
        ck_assert_uint_eq(bare->served, 4);
        ck_assert_double_eq_tol(kept->response.mean - bare->response.mean, 6700.0 / 4, 200.0);
    }
    s.source.cover.bytes = pct_text_of("priority\n");
    pct_simulation *never;
    pct_error error;
    ck_assert_int_eq(pct_simulation_run(&s.source, &never, &error), PCT_INPUT);
    test_error_says(&error, "gap_s");
    pct_simulation_free(found);
    end(&s);
}

TEST(simulation_reads_mappings_of_calls_and_units) {
    service s;
    begin(&s);
    s.source.calls.bytes =
        pct_text_of("nr,time_local,type,priority,lon,lat\n1,2026-03-02 08:00,Diebstahl,2,100,30\n");
    s.source.calls_mapping = (pct_simulation_file){
        "m.json",
        pct_text_of("{\"calls\":{\"columns\":{\"call_id\":\"nr\"},\"values\":{\"type\":{\"Diebstahl\":"
                    "\"theft\"}}}}")};
    s.source.units_mapping = (pct_simulation_file){"m.json", pct_text_of("{}")};
    pct_simulation *found = ran(&s);
    ck_assert_uint_eq(found->reports[0].served, 1);
    pct_simulation_free(found);
    end(&s);
}

TEST(simulation_counts_local_times_that_came_twice_or_never) {
    service s;
    pct_error error;
    begin(&s);
    pct_text rules = shipped("/usr/share/zoneinfo/America/Los_Angeles");
    test_ok(pct_zone_read("Los_Angeles", rules, &s.zone, &error), &error);
    s.source.calls.bytes = pct_text_of(CALLS_HEADER "K1,2026-11-01T01:30:00,theft,2,100,30,\n"
                                                    "K2,2026-03-08T02:30:00,theft,2,100,30,\n"
                                                    "K3,2026-11-01T03:30:00,theft,2,100,30,\n");
    pct_simulation *found = ran(&s);
    ck_assert_uint_ge(found->ambiguous_times, 2);
    pct_simulation_free(found);
    pct_zone_dispose(&s.zone);
    free((char *)rules.chars);
    end(&s);
}

TEST(simulation_runs_nothing_when_a_file_is_wrong) {
    static const struct {
        size_t member;
        const char *bytes, *says;
    } cases[] = {
        {offsetof(pct_simulation_source, calls), CALLS_HEADER "K1,2026-03-02T08:00:00,sorcery,2,100,30,\n",
         "sorcery"},
        {offsetof(pct_simulation_source, calls), CALLS_HEADER "K1,yesterday,theft,2,100,30,\n", "yesterday"},
        {offsetof(pct_simulation_source, calls_mapping), "{", "mapping.json:1"},
        {offsetof(pct_simulation_source, units), "unit,lon\n", "is missing"},
        {offsetof(pct_simulation_source, units_mapping), "[", "mapping.json:1"},
        {offsetof(pct_simulation_source, service_times), "type\n", "is missing"},
        {offsetof(pct_simulation_source, units),
         UNITS_HEADER "Heron,West,160.0,30.0,car,patrol,2,0,00:00,24:00\n", "'Heron' stands off the map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        service s;
        pct_error error;
        pct_simulation *found;
        begin(&s);
        pct_simulation_source wrong = s.source;
        const pct_simulation_file file = {"mapping.json", pct_text_of(cases[i].bytes)};
        memcpy((char *)&wrong + cases[i].member, &file, sizeof file);
        ck_assert_msg(pct_simulation_run(&wrong, &found, &error) != PCT_OK, "case %zu was taken", i);
        test_error_says(&error, cases[i].says);
        end(&s);
    }
}

static pct_status attempt(void *context) {
    pct_simulation *found;
    pct_status status = pct_simulation_run(&((service *)context)->source, &found, NULL);
    if (!status) pct_simulation_free(found);
    return status;
}

TEST(simulation_survives_every_failing_allocation) {
    service s;
    begin(&s);
    s.source.replications = 1;
    ck_assert_uint_gt(test_torture(attempt, &s), 30);
    s.source.cover = (pct_simulation_file){"cover.csv", pct_text_of(cover)};
    s.source.compare = pct_text_of("nearest_with_cover");
    ck_assert_uint_gt(test_torture(attempt, &s), 45);
    end(&s);
}

TEST_MAIN("simulation", TEST_CASE(simulation_serves_what_is_on_the_map_and_names_what_is_not),
          TEST_CASE(simulation_of_a_seed_is_the_same_each_time_and_of_another_is_not),
          TEST_CASE(simulation_drives_the_streets_in_the_time_they_take),
          TEST_CASE(utilisation_of_a_unit_is_its_mean_over_the_runs),
          TEST_CASE(simulation_takes_the_policy_by_name_and_names_those_it_knows),
          TEST_CASE(simulation_compares_policies_on_the_same_seeds),
          TEST_CASE(simulation_keeps_cover_where_the_calls_are),
          TEST_CASE(simulation_reads_mappings_of_calls_and_units),
          TEST_CASE(simulation_counts_local_times_that_came_twice_or_never),
          TEST_CASE(simulation_runs_nothing_when_a_file_is_wrong),
          TEST_CASE(simulation_survives_every_failing_allocation))
