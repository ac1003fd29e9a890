#include "road/bands.h"

#include <string.h>

#include "support/test.h"

#define HEADER "band,days,from_hour,to_hour,name_zh,name_en\n"

static pct_status read(const char *table, pct_bands *bands, pct_error *error) {
    return pct_bands_read("bands.csv", pct_text_of(table), bands, error);
}

TEST(bands_cover_every_hour_of_the_week_once) {
    pct_bands bands;
    pct_error error;
    const struct {
        const char *table, *says;
    } bad[] = {
        {HEADER "day,every,0,23,日,day\n", "hour 23 of weekday 1 (1 is Monday) lies in no band"},
        {HEADER "day,every,0,24,日,day\nnight,sun,3,4,夜,night\n",
         ":3: hour 3 of weekday 7 (1 is Monday) lies in 'day' already and cannot lie in 'night' too"},
        {HEADER "day,mon;xyz,0,24,日,day\n", "workday, weekend, every, or days such as mon;tue"},
        {HEADER "day,,0,24,日,day\n", "workday, weekend, every, or days such as mon;tue"},
        {HEADER "day,every,5,5,日,day\n", "from 6 to 24"},
        {HEADER "day,workday,0,24,日,day\nday,weekend,0,24,夜,day\n", "the names that an earlier row gives"},
        {HEADER ",every,0,24,日,day\n", "a text of 1 to 47 bytes"},
        {"band,days\n", "column 'from_hour' is missing"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(read(bad[i].table, &bands, &error), PCT_INPUT);
        test_error_says(&error, bad[i].says);
    }
    test_ok(read(HEADER "day,mon;tue;wed;thu;fri;sat,0,24,日,day\nrest, sun ,0,24,休,rest\n", &bands, &error),
            &error);
    ck_assert_int_eq(bands.count, 2);
    ck_assert_int_eq(bands.items[0].hours, 144);
    ck_assert_int_eq(bands.items[1].hours, 24);
}

TEST(more_bands_than_fit_are_refused) {
    pct_bands bands;
    pct_error error;
    pct_buffer table = pct_buffer_init(1 << 16);
    (void)pct_buffer_append_text(&table, HEADER);
    for (int h = 0; h < 24; h++)
        (void)pct_buffer_append_format(&table, "b%d,every,%d,%d,时%d,b%d\n", h, h, h + 1, h, h);
    ck_assert_int_eq(read(pct_buffer_chars(&table), &bands, &error), PCT_LIMIT);
    test_error_says(&error, ":14: more than 12 bands");
    pct_buffer_dispose(&table);
}

TEST(the_shipped_bands_are_whole_and_known_by_name) {
    pct_bands bands;
    pct_error error;
    size_t length;
    char *bytes = test_read_file("definitions/bands.csv", &length);
    ck_assert_ptr_nonnull(bytes);
    test_ok(pct_bands_read("bands.csv", (pct_text){bytes, length}, &bands, &error), &error);
    ck_assert_int_eq(bands.count, 5);
    ck_assert_int_eq(pct_bands_named(&bands, pct_text_of("evening_peak")), 2);
    ck_assert_int_eq(pct_bands_named(&bands, pct_text_of("rush")), -1);
    free(bytes);
}

TEST(a_band_is_that_of_the_local_hour) {
    pct_bands bands;
    pct_error error;
    pct_zone zone = pct_zone_utc();
    test_ok(read(HEADER "rest,weekend,0,24,周末,weekend\nwork,workday,7,9,高峰,peak\n"
                        "off,workday,0,7,平峰,off\noff,workday,9,24,平峰,off\n",
                 &bands, &error),
            &error);
    const struct {
        const char *time, *band;
    } known[] = {{"2026-11-23T06:59:59.999", "off"},  {"2026-11-23T07:00", "work"},
                 {"2026-11-23T08:59:59.999", "work"}, {"2026-11-23T09:00", "off"},
                 {"2026-11-22T08:00", "rest"},        {"2026-11-20T23:59:59", "off"},
                 {"2026-11-21T00:00", "rest"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t utc_ms;
        ck_assert(pct_zone_parse(&zone, pct_text_of(known[i].time), &utc_ms, NULL));
        ck_assert_str_eq(bands.items[pct_bands_at(&bands, &zone, utc_ms)].code, known[i].band);
    }
    int64_t utc_ms; /* Sunday 23:30 in Greenwich is Monday 07:30 eight hours east */
    pct_zone east = {.first_offset_s = 8 * 3600};
    ck_assert(pct_zone_parse(&zone, pct_text_of("2026-11-22T23:30"), &utc_ms, NULL));
    ck_assert_str_eq(bands.items[pct_bands_at(&bands, &zone, utc_ms)].code, "rest");
    ck_assert_str_eq(bands.items[pct_bands_at(&bands, &east, utc_ms)].code, "work");
    pct_zone_dispose(&zone);
}

TEST_MAIN("bands", TEST_CASE(bands_cover_every_hour_of_the_week_once),
          TEST_CASE(more_bands_than_fit_are_refused),
          TEST_CASE(the_shipped_bands_are_whole_and_known_by_name),
          TEST_CASE(a_band_is_that_of_the_local_hour))
