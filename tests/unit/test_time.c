#include "clock/time.h"

#include "support/test.h"

TEST(days_of_date_counts_every_day_of_eight_centuries) {
    int64_t days = pct_days_of_date(1600, 1, 1);
    for (int32_t year = 1600; year < 2400; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= pct_days_of_month(year, month); day++, days++) {
                if (pct_days_of_date(year, month, day) != days) ck_abort_msg("%d-%d-%d", year, month, day);
                pct_civil c = pct_civil_of_ms(days * PCT_DAY_MS + PCT_DAY_MS - 1);
                if (c.year != year || c.month != month || c.day != day || c.hour != 23 || c.ms != 999)
                    ck_abort_msg("day %lld is %d-%d-%d", (long long)days, c.year, c.month, c.day);
            }
    ck_assert_int_eq(pct_days_of_date(1970, 1, 1), 0);
    ck_assert_int_eq(pct_days_of_date(2000, 3, 1), 11017);
    ck_assert_int_eq(pct_days_of_date(0, 1, 1), -719528);
}

TEST(weekday_of_known_days) {
    ck_assert_int_eq(pct_weekday_of_days(0), 4);                              /* Thursday */
    ck_assert_int_eq(pct_weekday_of_days(-1), 3);                             /* Wednesday */
    ck_assert_int_eq(pct_weekday_of_days(pct_days_of_date(2026, 3, 1)), 7);   /* Sunday */
    ck_assert_int_eq(pct_weekday_of_days(pct_days_of_date(1582, 10, 15)), 5); /* Friday */
    ck_assert_int_eq(pct_weekday_of_days(pct_days_of_date(1949, 10, 1)), 6);  /* Saturday */
}

static pct_time parsed(const char *text) {
    pct_time time;
    ck_assert_msg(pct_time_parse(pct_text_of(text), &time), "\"%s\" was refused", text);
    return time;
}

TEST(parse_takes_the_usual_spellings) {
    pct_time t = parsed("2026-03-01T08:30:59");
    pct_civil expected = {2026, 3, 1, 8, 30, 59, 0};
    ck_assert_int_eq(pct_civil_to_ms(&t.civil), pct_civil_to_ms(&expected));
    ck_assert(!t.has_offset);
    ck_assert_uint_eq(parsed("2026-03-01 08:30").civil.minute, 30);
    ck_assert_uint_eq(parsed("2026-03-01 08:30:00.2").civil.ms, 200);
    ck_assert_uint_eq(parsed("2026-03-01t08:30:00.123456789z").civil.ms, 123);
    ck_assert(parsed("2026-03-01T08:30:00Z").has_offset);
    ck_assert_int_eq(parsed("2026-03-01T08:30:00Z").offset_s, 0);
    ck_assert_int_eq(parsed("2026-03-01T08:30:00+08:00").offset_s, 28800);
    ck_assert_int_eq(parsed("2026-03-01 08:30:00.5-09:30").offset_s, -34200);
    ck_assert_int_eq(parsed("2024-02-29 00:00").civil.day, 29);
}

TEST(parse_refuses_everything_else) {
    static const char *const bad[] = {
        "",
        "2026",
        "2026-03-01",
        "2026-3-01T08:30:00",
        "2026-03-01T8:30:00",
        "2026-13-01T08:30:00",
        "2026-00-01T08:30:00",
        "2026-02-29T08:30:00",
        "2026-04-31T08:30:00",
        "2026-04-00T08:30:00",
        "2026-03-01T24:00:00",
        "2026-03-01T08:60:00",
        "2026-03-01T08:30:60",
        "2026-03-01T08:30:00.",
        "2026-03-01T08:30:",
        "2026-03-01T08",
        "2026-03-01_08:30:00",
        "2026-03-01T08:30:00+8:00",
        "2026-03-01T08:30:00+24:00",
        "2026-03-01T08:30:00+08:60",
        "2026-03-01T08:30:00+0800",
        "2026-03-01T08:30:00ZZ",
        "2026-03-01T08:30:00 ",
        " 2026-03-01T08:30:00",
        "2026-03-01T08:30:00U",
        "2026/03/01 08:30:00",
        "-026-03-01T08:30:00",
        "2100-02-29T00:00:00",
    };
    pct_time time;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pct_time_parse(pct_text_of(bad[i]), &time), "\"%s\" was taken", bad[i]);
}

static void formats(int64_t utc_ms, int32_t offset_s, const char *expected) {
    pct_buffer out = pct_buffer_init(100);
    ck_assert_int_eq(pct_time_format(utc_ms, offset_s, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), expected);
    pct_time back = parsed(pct_buffer_chars(&out));
    ck_assert_int_eq(pct_civil_to_ms(&back.civil) - back.offset_s * INT64_C(1000), utc_ms);
    pct_buffer_dispose(&out);
}

TEST(format_is_rfc_3339_and_reads_back) {
    formats(0, 0, "1970-01-01T00:00:00Z");
    formats(-1, 0, "1969-12-31T23:59:59.999Z");
    formats(0, 28800, "1970-01-01T08:00:00+08:00");
    formats(1772325000007, -34200, "2026-02-28T15:00:00.007-09:30");
    formats(0, 29143, "1970-01-01T08:05:00+08:05"); /* Shanghai's local mean time, 8:05:43 */
    formats(253402300799999, 0, "9999-12-31T23:59:59.999Z");
}

TEST_MAIN("time", TEST_CASE(days_of_date_counts_every_day_of_eight_centuries),
          TEST_CASE(weekday_of_known_days), TEST_CASE(parse_takes_the_usual_spellings),
          TEST_CASE(parse_refuses_everything_else), TEST_CASE(format_is_rfc_3339_and_reads_back))
