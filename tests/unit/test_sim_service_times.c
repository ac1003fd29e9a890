#include "sim/service_times.h"

#include <math.h>

#include "support/sim_world.h"
#include "support/test.h"

#define HEADER                                                                                               \
    "type,priority,acknowledge_mean_s,acknowledge_cv,turnout_mean_s,turnout_cv,on_scene_mean_s,"             \
    "on_scene_cv,report_mean_s,report_cv\n"

static double mean_s(const pct_service_times *times, uint32_t type, int priority, pct_service_phase phase) {
    return pct_service_times_get(times, type, priority, phase).mean_s;
}

TEST(service_times_fall_back_from_type_and_priority_to_type_to_priority_to_all) {
    pct_codes *codes = sim_world_codes();
    pct_service_times *times = sim_world_times_of(codes, HEADER "heavy,2,,,22,0,,,,\n"
                                                                "heavy,,,,21,0,900,1,,\n"
                                                                "*,1,,,12,0,,,,\n"
                                                                "*,,1,0,2,0,3,0,4,0\n");
    ck_assert_double_eq(mean_s(times, SIM_HEAVY, 2, PCT_SERVICE_TURNOUT), 22);
    ck_assert_double_eq(mean_s(times, SIM_HEAVY, 1, PCT_SERVICE_TURNOUT), 21);
    ck_assert_double_eq(mean_s(times, SIM_JOB, 1, PCT_SERVICE_TURNOUT), 12);
    ck_assert_double_eq(mean_s(times, SIM_JOB, 2, PCT_SERVICE_TURNOUT), 2);
    ck_assert_double_eq(mean_s(times, SIM_HEAVY, 2, PCT_SERVICE_ON_SCENE), 900);
    ck_assert_double_eq(mean_s(times, SIM_HEAVY, 2, PCT_SERVICE_REPORT), 4);
    ck_assert_double_eq(mean_s(times, SIM_STRANGE, 4, PCT_SERVICE_ACKNOWLEDGE), 1);
    pct_service_times_free(times);
    pct_codes_free(codes);
}

static void refuses(const char *csv, const char *says) {
    pct_codes *codes = sim_world_codes();
    pct_service_times *times = NULL;
    pct_error error;
    ck_assert_int_eq(pct_service_times_read("st.csv", pct_text_of(csv), codes, &times, &error), PCT_INPUT);
    test_error_says(&error, says);
    ck_assert_ptr_null(times);
    pct_codes_free(codes);
}

TEST(service_times_refuse_bad_tables_by_line_and_column) {
    refuses(HEADER "*,,1,0,2,0,3,0,4,0\nunheard,,,,,,900,1,,\n", "st.csv:3: column 'type'");
    refuses(HEADER "*,,1,0,2,0,3,0,4,0\njob,5,,,,,900,1,,\n", "st.csv:3: column 'priority'");
    refuses(HEADER "*,,1,0,2,0,3,0,4,0\njob,,,,,,nan,1,,\n", "column 'on_scene_mean_s'");
    refuses(HEADER "*,,1,0,2,0,3,0,4,0\njob,,,,,,900,,,\n", "column 'on_scene_cv'");
    refuses(HEADER "*,,1,0,2,0,3,0,4,0\njob,,,,,,-1,1,,\n", "'-1' was found");
    refuses(HEADER "*,,1,0,2,0,3,0,4,0\njob,1,,,,,9,1,,\njob,1,,,,,9,1,,\n", "line 3");
    refuses(HEADER "job,,1,0,2,0,3,0,4,0\n", "acknowledge_mean_s");
    refuses(HEADER "*,,1,0,2,0,3,0,,\n", "report_mean_s");
    refuses("type,priority\n*,\n", "column 'acknowledge_mean_s' is missing");
}

/* Mean and variance of many draws lie within five standard errors. */
static void draws_have(double mean, double cv) {
    enum { DRAWS = 40000 };
    pct_rng rng = pct_rng_init(3, (uint64_t)(cv * 100));
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < DRAWS; i++) {
        double value = (double)pct_service_time_draw_ms((pct_service_time){mean, cv}, &rng) / 1000.0;
        ck_assert_double_ge(value, 0.0);
        sum += value;
        squares += value * value;
    }
    double found_mean = sum / DRAWS, variance = squares / DRAWS - found_mean * found_mean;
    double deviation = mean * cv, shape = 1.0 / (cv * cv);
    double variance_error = deviation * deviation * sqrt((2.0 + 6.0 / shape) / DRAWS);
    ck_assert_double_eq_tol(found_mean, mean, 5.0 * deviation / sqrt(DRAWS) + 0.001);
    ck_assert_double_eq_tol(variance, deviation * deviation, 5.0 * variance_error + 0.001);
}

TEST(drawn_times_have_the_mean_and_variation_asked_for) {
    draws_have(600, 0.3);
    draws_have(600, 1.0);
    draws_have(600, 1.8);
    pct_rng rng = pct_rng_init(1, 1);
    ck_assert_int_eq(pct_service_time_draw_ms((pct_service_time){12.3456, 0}, &rng), 12346);
    ck_assert_int_eq(pct_service_time_draw_ms((pct_service_time){0, 2}, &rng), 0);
}

/* With variation 1 the draws are exponential: the share above t is e^(−t ÷ mean). */
TEST(drawn_times_of_variation_one_are_exponential) {
    enum { DRAWS = 40000 };
    pct_rng rng = pct_rng_init(9, 9);
    int above[4] = {0};
    for (int i = 0; i < DRAWS; i++) {
        int64_t ms = pct_service_time_draw_ms((pct_service_time){100, 1}, &rng);
        for (int k = 0; k < 4; k++) above[k] += ms > (k + 1) * 50000;
    }
    for (int k = 0; k < 4; k++) {
        double share = exp(-(k + 1) * 0.5);
        ck_assert_double_eq_tol(above[k] / (double)DRAWS, share, 5.0 * sqrt(share * (1 - share) / DRAWS));
    }
}

TEST(shipped_service_times_suit_the_shipped_codes) {
    const char *names[] = {PCT_CODES_INCIDENT_TYPES_FILE, PCT_CODES_CAPABILITIES_FILE,
                           PCT_CODES_UNIT_KINDS_FILE, PCT_CODES_PRIORITIES_FILE};
    char *contents[4] = {NULL};
    for (int i = 0; i < 4; i++) {
        char path[128];
        size_t length;
        (void)snprintf(path, sizeof path, "definitions/codes/%s", names[i]);
        contents[i] = test_read_file(path, &length);
        ck_assert_ptr_nonnull(contents[i]);
    }
    const pct_codes_source source = {names[0],
                                     names[1],
                                     names[2],
                                     names[3],
                                     pct_text_of(contents[0]),
                                     pct_text_of(contents[1]),
                                     pct_text_of(contents[2]),
                                     pct_text_of(contents[3])};
    pct_codes *codes = NULL;
    pct_service_times *times = NULL;
    pct_error error;
    size_t length;
    test_ok(pct_codes_read(&source, &codes, &error), &error);
    char *csv = test_read_file("definitions/service_times.csv", &length);
    ck_assert_ptr_nonnull(csv);
    test_ok(pct_service_times_read("service_times.csv", pct_text_of(csv), codes, &times, &error), &error);
    for (uint32_t t = 0; t < pct_codes_type_count(codes); t++) {
        double urgent_s = mean_s(times, t, 1, PCT_SERVICE_TURNOUT);
        for (int p = 2; p <= 4; p++) ck_assert_double_lt(urgent_s, mean_s(times, t, p, PCT_SERVICE_TURNOUT));
    }
    pct_service_times_free(times);
    pct_codes_free(codes);
    for (int i = 0; i < 4; i++) free(contents[i]);
    free(csv);
}

static pct_codes *torture_codes;

static pct_status read_table(void *context) {
    pct_service_times *times = NULL;
    pct_status status = pct_service_times_read("st.csv", pct_text_of(context), torture_codes, &times, NULL);
    pct_service_times_free(times);
    return status;
}

TEST(service_times_report_every_failed_allocation) {
    torture_codes = sim_world_codes();
    ck_assert_uint_ge(test_torture(read_table, HEADER "*,,1,0,2,0,3,0,4,0\n"), 3);
    pct_codes_free(torture_codes);
}

TEST_MAIN("sim service times",
          TEST_CASE(service_times_fall_back_from_type_and_priority_to_type_to_priority_to_all),
          TEST_CASE(service_times_refuse_bad_tables_by_line_and_column),
          TEST_CASE(drawn_times_have_the_mean_and_variation_asked_for),
          TEST_CASE(drawn_times_of_variation_one_are_exponential),
          TEST_CASE(shipped_service_times_suit_the_shipped_codes),
          TEST_CASE(service_times_report_every_failed_allocation))
