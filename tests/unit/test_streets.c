/* Presence by street and hour: told from three crews on, of the hours that are asked for, in steps that hide what one crew adds. */
#include "patrol/streets.h"

#include "support/test.h"

enum { MIN = 60000, HOUR = 60 * MIN, STREET = 7, OTHER = 9 };
static const int64_t midnight = INT64_C(1763769600000); /* 2025-11-22, UTC */

static pct_street told_of(pct_streets *streets, int hour, size_t at, size_t *count, size_t *hidden) {
    pct_vector rows = pct_vector_init(sizeof(pct_street), 100);
    pct_error error;
    test_ok(pct_streets_tell(streets, hour, &rows, hidden, &error), &error);
    pct_street found = at < rows.length ? ((const pct_street *)rows.items)[at] : (pct_street){0};
    *count = rows.length;
    pct_vector_dispose(&rows);
    return found;
}

static void add(pct_streets *streets, int64_t crew, uint32_t segment, int64_t from_min, int64_t minutes) {
    pct_error error;
    int64_t from = midnight + from_min * MIN;
    test_ok(pct_streets_add(streets, crew, segment, from, from + minutes * MIN, &error), &error);
}

TEST(streets_are_told_of_three_crews_and_hidden_below) {
    pct_zone zone = pct_zone_utc();
    pct_streets *streets;
    pct_error error;
    size_t count, hidden;
    test_ok(pct_streets_new(&zone, &streets, &error), &error);
    (void)told_of(streets, PCT_STREETS_ALL_DAY, 0, &count, &hidden);
    ck_assert(count == 0 && hidden == 0);
    for (int crew = 1; crew < PCT_CREWS_LEAST; crew++)
        for (int time = 0; time < 4; time++) add(streets, crew, STREET, 8 * 60 + 10 * time, 5);
    (void)told_of(streets, PCT_STREETS_ALL_DAY, 0, &count, &hidden);
    ck_assert(count == 0 && hidden == 1);
    add(streets, 17, STREET, 9 * 60, 4);
    pct_street told = told_of(streets, PCT_STREETS_ALL_DAY, 0, &count, &hidden);
    ck_assert(count == 1 && hidden == 0 && told.segment == STREET);
    ck_assert_int_eq(told.unit_minutes, 45); /* 44 */
    pct_streets_free(streets);
    pct_zone_dispose(&zone);
}

TEST(streets_of_an_hour_want_three_crews_in_that_hour) {
    pct_zone zone = pct_zone_utc();
    pct_streets *streets;
    pct_error error;
    size_t count, hidden;
    test_ok(pct_streets_new(&zone, &streets, &error), &error);
    for (int crew = 1; crew <= 4; crew++) add(streets, crew, STREET, 7 * 60 + 50, crew == 1 ? 20 : 9);
    (void)told_of(streets, 8, 0, &count, &hidden);
    ck_assert(count == 0 && hidden == 1);
    pct_street told = told_of(streets, 7, 0, &count, &hidden);
    ck_assert(count == 1 && told.unit_minutes == 35); /* 10 + 3 × 9 = 37 */
    (void)told_of(streets, 12, 0, &count, &hidden);
    ck_assert(count == 0 && hidden == 0);
    /* Over midnight, the day after, and added to after a question. */
    for (int crew = 2; crew <= 4; crew++) add(streets, crew, OTHER, 23 * 60 + 30, 60 + 24 * 60);
    told = told_of(streets, 0, 0, &count, &hidden);
    ck_assert(count == 1 && told.segment == OTHER && told.unit_minutes == 3 * (60 + 30));
    told = told_of(streets, PCT_STREETS_ALL_DAY, 0, &count, &hidden);
    ck_assert(count == 2 && told.segment == OTHER && told.unit_minutes == 3 * 25 * 60);
    pct_streets_free(streets);
    pct_zone_dispose(&zone);
}

TEST(streets_tell_minutes_in_steps_so_that_what_one_crew_adds_cannot_be_taken_off) {
    pct_zone zone = pct_zone_utc();
    pct_streets *streets;
    pct_error error;
    size_t count, hidden;
    test_ok(pct_streets_new(&zone, &streets, &error), &error);
    for (int crew = 1; crew <= 3; crew++) add(streets, crew, STREET, 60, 10);
    const int32_t before = told_of(streets, PCT_STREETS_ALL_DAY, 0, &count, &hidden).unit_minutes;
    add(streets, 4, STREET, 3 * 60, 2); /* one crew's hour, hidden by itself */
    ck_assert_int_eq(told_of(streets, PCT_STREETS_ALL_DAY, 0, &count, &hidden).unit_minutes, before);
    (void)told_of(streets, 3, 0, &count, &hidden);
    ck_assert(count == 0 && hidden == 1);
    for (int crew = 1; crew <= 3; crew++) add(streets, crew, OTHER, 60, 0);
    (void)told_of(streets, PCT_STREETS_ALL_DAY, 1, &count, &hidden);
    ck_assert(count == 1);
    pct_streets_free(streets);
    pct_zone_dispose(&zone);
}

TEST_MAIN("streets", TEST_CASE(streets_are_told_of_three_crews_and_hidden_below),
          TEST_CASE(streets_of_an_hour_want_three_crews_in_that_hour),
          TEST_CASE(streets_tell_minutes_in_steps_so_that_what_one_crew_adds_cannot_be_taken_off))
