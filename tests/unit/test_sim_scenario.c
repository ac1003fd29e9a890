#include "sim/scenario.h"

#include "support/sim_world.h"
#include "support/test.h"

#define CALLS_HEADER "call_id,time_local,type,priority,lon,lat\n"
#define UNITS_HEADER "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n"

enum { HOUR_MS = 3600000 };

typedef struct files {
    pct_codes *codes;
    pct_call_list calls;
    pct_units units;
    pct_zone zone;
    pct_scenario scenario;
} files;

static void files_open(files *f, const char *calls, const char *units) {
    pct_error error;
    *f = (files){.codes = sim_world_codes(), .zone = pct_zone_utc()};
    test_ok(pct_calls_read("calls.csv", pct_text_of(calls), NULL, NULL, &f->calls, &error), &error);
    test_ok(
        pct_units_read("units.csv", pct_text_of(units), NULL, (pct_text){"", 0}, f->codes, &f->units, &error),
        &error);
}

static pct_status files_make(files *f, pct_error *error) {
    const pct_scenario_source source = {"calls.csv", &f->calls, &f->units, f->codes, &f->zone, HOUR_MS};
    return pct_scenario_make(&source, &f->scenario, error);
}

static void files_close(files *f) {
    pct_scenario_dispose(&f->scenario);
    pct_zone_dispose(&f->zone);
    pct_calls_dispose(&f->calls);
    pct_units_dispose(&f->units);
    pct_codes_free(f->codes);
}

TEST(calls_are_sorted_by_time_and_equal_times_keep_the_order_of_the_file) {
    files f;
    pct_error error;
    files_open(&f,
               CALLS_HEADER "a,2026-03-02T10:00:00,job,1,0,0\nb,2026-03-02T09:00:00,heavy,2,0,0\n"
                            "c,2026-03-02T10:00:00,job,3,0,0\nd,2026-03-02T08:00:00,job,4,0,0\n",
               UNITS_HEADER "A,S,0,0,car,patrol,1,1,00:00,24:00\n");
    test_ok(files_make(&f, &error), &error);
    const uint32_t expected[] = {3, 1, 0, 2};
    ck_assert_uint_eq(f.scenario.call_count, 4);
    for (int i = 0; i < 4; i++) ck_assert_uint_eq(f.scenario.records[i], expected[i]);
    ck_assert_int_eq(f.scenario.calls[1].at_ms - f.scenario.calls[0].at_ms, HOUR_MS);
    ck_assert_uint_eq(f.scenario.calls[1].type, SIM_HEAVY);
    ck_assert_uint_eq(f.scenario.calls[1].priority, 2);
    files_close(&f);
}

TEST(call_of_an_unknown_type_is_refused_by_file_and_line) {
    files f;
    pct_error error;
    files_open(&f, CALLS_HEADER "a,2026-03-02T10:00:00,job,1,0,0\nb,2026-03-02T09:00:00,riot,2,0,0\n",
               UNITS_HEADER "A,S,0,0,car,patrol,1,1,00:00,24:00\n");
    ck_assert_int_eq(files_make(&f, &error), PCT_INPUT);
    test_error_says(&error, "calls.csv:3: column 'type'");
    test_error_says(&error, "'riot'");
    files_close(&f);
}

TEST(unit_without_a_break_has_one_shift_and_a_daily_one_a_shift_each_day) {
    files f;
    pct_error error;
    files_open(&f, CALLS_HEADER "a,2026-03-02T10:00:00,job,1,0,0\nb,2026-03-04T10:00:00,job,2,0,0\n",
               UNITS_HEADER "A,S,0,0,car,patrol,1,1,00:00,24:00\nB,S,0,0,car,patrol,1,1,08:00,16:00\n"
                            "C,S,0,0,car,patrol,1,1,20:00,04:00\n");
    test_ok(files_make(&f, &error), &error);
    int64_t day_ms = pct_days_of_date(2026, 3, 2) * PCT_DAY_MS, first_ms = day_ms + 10 * HOUR_MS;
    int shifts_of[3] = {0};
    for (size_t i = 0; i < f.scenario.shift_count; i++) {
        const pct_sim_shift *s = &f.scenario.shifts[i];
        if (i > 0) ck_assert_int_ge(s->on_ms, f.scenario.shifts[i - 1].on_ms);
        ck_assert_int_ge(s->on_ms, first_ms);
        ck_assert_int_gt(s->off_ms, s->on_ms);
        int n = shifts_of[s->unit]++;
        if (s->unit == 1) ck_assert_int_eq(s->on_ms, n == 0 ? first_ms : day_ms + (8 + 24 * n) * HOUR_MS);
        if (s->unit == 1) ck_assert_int_eq(s->off_ms, day_ms + (16 + 24 * n) * HOUR_MS);
        if (s->unit == 2) ck_assert_int_eq(s->on_ms, day_ms + (20 + 24 * n) * HOUR_MS);
        if (s->unit == 2) ck_assert_int_eq(s->off_ms, day_ms + (28 + 24 * n) * HOUR_MS);
    }
    ck_assert_int_eq(shifts_of[0], 1);
    ck_assert_int_eq(shifts_of[1], 4); /* Monday to Wednesday, and the day after for the last incidents */
    ck_assert_int_eq(shifts_of[2], 3);
    files_close(&f);
}

/* New York, 8 March 2026: at 02:00 clocks go on to 03:00. */
TEST(local_times_follow_the_zone_and_skipped_ones_are_counted) {
    size_t length;
    char *bytes = test_read_file("/usr/share/zoneinfo/America/New_York", &length);
    if (!bytes) {
        fprintf(stderr, "SKIP %s: no time zones on this machine\n", __func__);
        return;
    }
    files f;
    pct_error error;
    files_open(&f,
               CALLS_HEADER "a,2026-03-08T01:00:00,job,1,0,0\nb,2026-03-08T02:30:00,job,1,0,0\n"
                            "c,2026-03-08T04:00:00,job,2,0,0\n",
               UNITS_HEADER "A,S,0,0,car,patrol,1,1,06:00,14:00\n");
    test_ok(pct_zone_read("America/New_York", (pct_text){bytes, length}, &f.zone, &error), &error);
    test_ok(files_make(&f, &error), &error);
    ck_assert_uint_eq(f.scenario.ambiguous_times, 1);
    ck_assert_int_eq(f.scenario.calls[2].at_ms - f.scenario.calls[0].at_ms, 2 * HOUR_MS);
    int64_t six_ms = f.scenario.calls[2].at_ms + 2 * HOUR_MS;
    ck_assert_int_eq(f.scenario.shifts[0].on_ms, six_ms);
    ck_assert_int_eq(f.scenario.shifts[0].off_ms, six_ms + 8 * HOUR_MS);
    files_close(&f);
    free(bytes);
}

static pct_status make_again(void *context) {
    files *f = context;
    pct_scenario_dispose(&f->scenario);
    return files_make(f, NULL);
}

TEST(scenario_reports_every_failed_allocation) {
    files f;
    files_open(&f, CALLS_HEADER "a,2026-03-02T10:00:00,job,1,0,0\nb,2026-03-04T10:00:00,job,2,0,0\n",
               UNITS_HEADER "B,S,0,0,car,patrol,1,1,08:00,16:00\n");
    ck_assert_uint_ge(test_torture(make_again, &f), 4);
    files_close(&f);
}

TEST_MAIN("sim scenario", TEST_CASE(calls_are_sorted_by_time_and_equal_times_keep_the_order_of_the_file),
          TEST_CASE(call_of_an_unknown_type_is_refused_by_file_and_line),
          TEST_CASE(unit_without_a_break_has_one_shift_and_a_daily_one_a_shift_each_day),
          TEST_CASE(local_times_follow_the_zone_and_skipped_ones_are_counted),
          TEST_CASE(scenario_reports_every_failed_allocation))
