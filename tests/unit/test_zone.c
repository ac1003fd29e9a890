/* Zones against the C library, which reads the same files in its own way. */
#include "clock/zone.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/rng.h"
#include "support/test.h"

/* Northern and southern summers, half hours, permanent and negative summer time, days skipped, many changes. */
static const char *const names[] = {
    "UTC",
    "Asia/Shanghai",
    "America/Los_Angeles",
    "Europe/Lisbon",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Nuuk",
    "Asia/Urumqi",
    "Antarctica/Troll",
    "Asia/Gaza",
};
enum { NAMES = sizeof names / sizeof *names };

static char *file_of(const char *name, size_t *length) {
    char path[256];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    char *bytes = test_read_file(path, length);
    ck_assert_msg(bytes != NULL, "%s is absent: tools/setup installs tzdata", path);
    return bytes;
}

static pct_zone zone_of(const char *name) {
    size_t length;
    pct_zone zone;
    pct_error error;
    char *bytes = file_of(name, &length);
    test_ok(pct_zone_read(name, (pct_text){bytes, length}, &zone, &error), &error);
    free(bytes);
    return zone;
}

static int64_t libc_local_s(int64_t utc_s) {
    time_t t = (time_t)utc_s;
    struct tm tm;
    ck_assert_ptr_nonnull(localtime_r(&t, &tm));
    return utc_s + tm.tm_gmtoff;
}

TEST(zone_shows_the_local_time_that_the_c_library_shows) {
    pct_rng rng = pct_rng_init(51, 0);
    for (int n = 0; n < NAMES; n++) {
        pct_zone zone = zone_of(names[n]);
        setenv("TZ", names[n], 1);
        tzset();
        for (int i = 0; i < 5000; i++) {
            /* 1850 to 2300 */
            int64_t utc_s = (int64_t)(pct_rng_unit(&rng) * 450 * 31556952.0) - INT64_C(3786912000);
            int32_t offset_s;
            pct_civil civil = pct_zone_to_local(&zone, utc_s * 1000, &offset_s);
            if (utc_s + offset_s != libc_local_s(utc_s) ||
                pct_civil_to_ms(&civil) != (utc_s + offset_s) * 1000)
                ck_abort_msg("%s at %lld: offset %d", names[n], (long long)utc_s, offset_s);
        }
        pct_zone_dispose(&zone);
    }
}

/* The slow way: every quarter of an hour that could be meant. Offsets are multiples of it since 1972. */
static pct_zone_fit slow_to_utc(int64_t local_s, int64_t *utc_s) {
    int meanings = 0;
    for (int64_t u = local_s - 93600; u <= local_s + 93600; u += 900)
        if (libc_local_s(u) == local_s && meanings++ == 0) *utc_s = u;
    return meanings == 0 ? PCT_ZONE_SKIPPED : meanings == 1 ? PCT_ZONE_EXACT : PCT_ZONE_AMBIGUOUS;
}

TEST(zone_finds_the_instant_that_a_wall_clock_means) {
    pct_rng rng = pct_rng_init(52, 0);
    size_t seen[3] = {0, 0, 0};
    for (int n = 0; n < NAMES; n++) {
        pct_zone zone = zone_of(names[n]);
        setenv("TZ", names[n], 1);
        tzset();
        for (int i = 0; i < 200; i++) {
            int64_t local_s = INT64_C(94694400) + pct_rng_below(&rng, 1000000) * INT64_C(3600), slow_s = 0;
            if (i % 2 == 0) { /* around a change */
                pct_offset_span span =
                    pct_rule_span(&zone.rule, INT64_C(2000000000) + pct_rng_below(&rng, 1U << 31));
                int64_t change_s = zone.count > 0 && i % 4 == 0
                                       ? zone.changes[pct_rng_below(&rng, (uint32_t)zone.count)].from_s
                                       : span.to_s;
                if (change_s < local_s - INT64_C(4000000000) || change_s > INT64_C(7000000000)) continue;
                if (change_s < 94694400) continue;
                int32_t offset_s;
                (void)pct_zone_to_local(&zone, change_s * 1000 - 1000, &offset_s);
                local_s = (change_s + offset_s) / 900 * 900 + (int64_t)pct_rng_below(&rng, 16) * 900 - 7200;
            }
            pct_zone_fit slow = slow_to_utc(local_s, &slow_s);
            pct_civil civil = pct_civil_of_ms(local_s * 1000);
            int64_t utc_ms;
            pct_zone_fit fit = pct_zone_to_utc(&zone, &civil, &utc_ms);
            seen[fit]++;
            if (fit != slow || (fit != PCT_ZONE_SKIPPED && utc_ms != slow_s * 1000))
                ck_abort_msg("%s at local %lld: fit %d, not %d", names[n], (long long)local_s, fit, slow);
        }
        pct_zone_dispose(&zone);
    }
    ck_assert_uint_gt(seen[PCT_ZONE_EXACT], 100);
    ck_assert_uint_gt(seen[PCT_ZONE_AMBIGUOUS], 10);
    ck_assert_uint_gt(seen[PCT_ZONE_SKIPPED], 10);
}

static int64_t utc_of(const pct_zone *zone, const char *text, pct_zone_fit expected) {
    int64_t utc_ms;
    pct_zone_fit fit;
    ck_assert(pct_zone_parse(zone, pct_text_of(text), &utc_ms, &fit));
    ck_assert_int_eq(fit, expected);
    return utc_ms;
}

static void shows(const pct_zone *zone, int64_t utc_ms, const char *expected) {
    pct_buffer out = pct_buffer_init(100);
    ck_assert_int_eq(pct_zone_format(zone, utc_ms, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), expected);
    pct_buffer_dispose(&out);
}

TEST(zone_takes_the_first_of_two_hours_and_shifts_a_skipped_one_forward) {
    pct_zone zone = zone_of("America/Los_Angeles");
    int64_t first_ms = utc_of(&zone, "2026-11-01 01:30:00", PCT_ZONE_AMBIGUOUS);
    shows(&zone, first_ms, "2026-11-01T01:30:00-07:00");
    shows(&zone, first_ms + 3600000, "2026-11-01T01:30:00-08:00");
    shows(&zone, utc_of(&zone, "2026-03-08 02:30:00", PCT_ZONE_SKIPPED), "2026-03-08T03:30:00-07:00");
    shows(&zone, utc_of(&zone, "2026-03-08 02:30:00-08:00", PCT_ZONE_EXACT), "2026-03-08T03:30:00-07:00");
    shows(&zone, utc_of(&zone, "2026-03-08 01:59:59.999", PCT_ZONE_EXACT), "2026-03-08T01:59:59.999-08:00");
    shows(&zone, utc_of(&zone, "2026-03-08 03:00:00", PCT_ZONE_EXACT), "2026-03-08T03:00:00-07:00");
    shows(&zone, utc_of(&zone, "2500-07-01 12:00:00", PCT_ZONE_EXACT), "2500-07-01T12:00:00-07:00");
    pct_zone_dispose(&zone);
    zone = pct_zone_utc();
    shows(&zone, utc_of(&zone, "2026-03-08 02:30", PCT_ZONE_EXACT), "2026-03-08T02:30:00Z");
    int64_t utc_ms;
    ck_assert(!pct_zone_parse(&zone, pct_text_of("soon"), &utc_ms, NULL));
    ck_assert(pct_zone_parse(&zone, pct_text_of("1970-01-01 00:00"), &utc_ms, NULL));
}

TEST(rule_reads_what_posix_and_rfc_8536_allow) {
    static const char *const good[] = {
        "",
        "UTC0",
        "<+0330>-3:30",
        "EST5EDT,M3.2.0,M11.1.0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "XXX3EDT4,0/0,J365/23",
        "AAA-12:30:15BBB,J60/1:2:3,365",
        "EET-2EEST,M3.4.4/50,M10.4.4/50",
    };
    static const char *const bad[] = {
        "UT0",
        "UTC",
        "UTC25",
        "<+03-3",
        "UTC0x",
        "EST5EDT",
        "EST5EDT,M3.2.0",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3.2,M11.1.0",
        "EST5EDT,J0,J5",
        "EST5EDT,J366,J5",
        "EST5EDT,366,5",
        "EST5EDT,1/168,5",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST5ED,1,2",
        "EST5EDT,M3-2.0,M11.1.0",
        "UTC1:60",
        "UTC1:00:60",
        "EST5EDTx:,1,2",
        "EST5EDT25,1,2",
        "UTC1:",
    };
    pct_rule rule;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(pct_rule_parse(pct_text_of(good[i]), &rule), "\"%s\" was refused", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pct_rule_parse(pct_text_of(bad[i]), &rule), "\"%s\" was taken", bad[i]);
    ck_assert(pct_rule_parse(pct_text_of("XXX3EDT4,0/0,J365/23"), &rule));
    for (int64_t day = 20000; day < 21000; day++)
        ck_assert_int_eq(pct_rule_span(&rule, day * 86400 + 10800).offset_s, -4 * 3600);
    ck_assert(pct_rule_parse(pct_text_of("AAA0BBB,J60/0,300/0"), &rule));
    ck_assert_int_eq(pct_rule_span(&rule, pct_days_of_date(2024, 2, 29) * 86400).offset_s, 0);
    ck_assert_int_eq(pct_rule_span(&rule, pct_days_of_date(2024, 3, 1) * 86400).offset_s, 3600);
}

TEST(zone_file_that_is_cut_or_changed_never_reads_beyond_its_bytes) {
    pct_rng rng = pct_rng_init(53, 0);
    size_t length, refused = 0;
    char *bytes = file_of("America/Los_Angeles", &length);
    pct_zone zone;
    pct_error error;
    for (size_t cut = 0; cut < length; cut++) {
        char *part = malloc(cut + 1); /* its own block, so that the sanitizer sees one byte too many */
        memcpy(part, bytes, cut);
        ck_assert_int_eq(pct_zone_read("cut", (pct_text){part, cut}, &zone, &error), PCT_DAMAGED);
        free(part);
    }
    test_error_says(&error, "a footer line was expected");
    for (int i = 0; i < 20000; i++) {
        size_t at = i % 2 ? pct_rng_below(&rng, 48) : pct_rng_below(&rng, (uint32_t)length);
        char *copy = malloc(length);
        memcpy(copy, bytes, length);
        copy[at] = (char)pct_rng_below(&rng, 256);
        pct_status status = pct_zone_read("changed", (pct_text){copy, length}, &zone, &error);
        refused += status != PCT_OK;
        int64_t utc_ms;
        pct_civil civil = {2026, 3, 8, 2, 30, 0, 0};
        if (!status) (void)pct_zone_to_utc(&zone, &civil, &utc_ms);
        pct_zone_dispose(&zone);
        free(copy);
    }
    ck_assert_uint_gt(refused, 1000);
    free(bytes);
}

/* A version 1 file: one change at 1000 s, from 0 to 3600 s. */
static const unsigned char small[] = {
    'T', 'Z', 'i', 'f',  0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0,    0, 0, 0,   0,   0,   0, 0,
    0,   0,   0,   0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 1,    0,    0, 0, 2,   0,   0,   0, 4,
    0,   0,   3,   0xE8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x0E, 0x10, 0, 0, 'A', 'A', 'A', 0};

TEST(zone_of_version_1_has_no_rule_and_keeps_its_last_offset) {
    pct_zone zone;
    pct_error error;
    test_ok(pct_zone_read("v1", (pct_text){(const char *)small, sizeof small}, &zone, &error), &error);
    int32_t offset_s;
    (void)pct_zone_to_local(&zone, 999999, &offset_s);
    ck_assert_int_eq(offset_s, 0);
    (void)pct_zone_to_local(&zone, 1000000, &offset_s);
    ck_assert_int_eq(offset_s, 3600);
    (void)pct_zone_to_local(&zone, INT64_C(4000000000000), &offset_s);
    ck_assert_int_eq(offset_s, 3600);
    pct_zone_dispose(&zone);
}

TEST(zone_file_that_contradicts_itself_is_refused) {
    static const struct {
        size_t at;
        unsigned char byte;
        const char *says;
    } cases[] = {
        {0, 'X', "a TZif header"}, {39, 0, "plausible counts"},    {27, 9, "plausible counts"},
        {48, 2, "types that"},     {49, 0x7F, "at most 26 hours"}, {31, 1, "the whole table"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[sizeof small];
        pct_zone zone;
        pct_error error;
        memcpy(bytes, small, sizeof small);
        bytes[cases[i].at] = (char)cases[i].byte;
        ck_assert_int_eq(pct_zone_read("z", (pct_text){bytes, sizeof bytes}, &zone, &error), PCT_DAMAGED);
        test_error_says(&error, cases[i].says);
    }
}

TEST(zone_file_whose_changes_are_out_of_order_is_refused) {
    /* Two changes of version 1, at 1000 s and again at 1000 s. */
    unsigned char bytes[sizeof small + 5];
    memcpy(bytes, small, 44);
    bytes[35] = 2;
    memcpy(bytes + 44, small + 44, 4);
    memcpy(bytes + 48, small + 44, 4);
    bytes[52] = 1;
    bytes[53] = 0;
    memcpy(bytes + 54, small + 49, sizeof small - 49);
    pct_zone zone;
    pct_error error;
    pct_text text = {(const char *)bytes, sizeof bytes};
    ck_assert_int_eq(pct_zone_read("z", text, &zone, &error), PCT_DAMAGED);
    test_error_says(&error, "in order of time");
    bytes[51]++;
    test_ok(pct_zone_read("z", text, &zone, &error), &error);
    pct_zone_dispose(&zone);
}

TEST(zone_files_with_leap_seconds_are_refused) {
    size_t length;
    char *bytes = access("/usr/share/zoneinfo/right/UTC", R_OK) == 0 ? file_of("right/UTC", &length) : NULL;
    pct_zone zone;
    pct_error error;
    if (!bytes) {
        fprintf(stderr, "SKIP %s: this system has no right/UTC\n", __func__);
        return;
    }
    ck_assert_int_eq(pct_zone_read("right/UTC", (pct_text){bytes, length}, &zone, &error), PCT_DAMAGED);
    test_error_says(&error, "without leap seconds");
    free(bytes);
}

static pct_status attempt(void *context) {
    pct_zone zone;
    pct_status status = pct_zone_read("z", *(pct_text *)context, &zone, NULL);
    pct_zone_dispose(&zone);
    return status;
}

TEST(zone_survives_every_failing_allocation) {
    size_t length;
    char *bytes = file_of("Europe/Lisbon", &length);
    pct_text text = {bytes, length};
    ck_assert_uint_eq(test_torture(attempt, &text), 1);
    free(bytes);
}

TEST_MAIN("zone", TEST_CASE(zone_shows_the_local_time_that_the_c_library_shows),
          TEST_CASE(zone_finds_the_instant_that_a_wall_clock_means),
          TEST_CASE(zone_takes_the_first_of_two_hours_and_shifts_a_skipped_one_forward),
          TEST_CASE(rule_reads_what_posix_and_rfc_8536_allow),
          TEST_CASE(zone_file_that_is_cut_or_changed_never_reads_beyond_its_bytes),
          TEST_CASE(zone_of_version_1_has_no_rule_and_keeps_its_last_offset),
          TEST_CASE(zone_file_that_contradicts_itself_is_refused),
          TEST_CASE(zone_file_whose_changes_are_out_of_order_is_refused),
          TEST_CASE(zone_files_with_leap_seconds_are_refused),
          TEST_CASE(zone_survives_every_failing_allocation))
