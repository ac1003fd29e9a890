/* What may be told of crews: nothing of one or two, sums of three, of one crew over four weeks; what a call took is nobody's miss; a sheet
 * for its crew first, then its leader, for a day, and for nobody else. */
#include "patrol/crews.h"

#include "support/test.h"

static void add(pct_crews *crews, pct_adherence_visit *visits, size_t count) {
    const pct_adherence a = {.visits = {.items = visits, .length = count, .item_size = sizeof *visits},
                             .shift_ms = 1000,
                             .unknown_ms = 250};
    pct_crews_add(crews, &a);
}

TEST(crews_tell_nothing_below_three_and_sums_from_three_on) {
    pct_adherence_visit visits[] = {{.state = PCT_ADHERED_DONE},
                                    {.state = PCT_ADHERED_MISSED},
                                    {.state = PCT_ADHERED_MISSED, .called = true},
                                    {.state = PCT_ADHERED_UNKNOWN, .called = true},
                                    {.state = PCT_ADHERED_LATE, .called = true}};
    pct_crews crews = {0};
    ck_assert(!pct_crews_tell(&crews, 7 * PCT_CREWS_WEEKS).told);
    for (int i = 1; i < PCT_CREWS_LEAST; i++) {
        add(&crews, visits, 5);
        pct_crews_figures few = pct_crews_tell(&crews, PCT_CREWS_ONE_DAY);
        ck_assert(!few.told && few.crews == 0 && few.by_state[PCT_ADHERED_DONE] == 0 &&
                  few.unknown_share <= 0);
        ck_assert(!pct_crews_tell(&crews, 7 * PCT_CREWS_WEEKS - 1).told);
    }
    ck_assert(pct_crews_tell(&crews, 7 * PCT_CREWS_WEEKS).told);
    add(&crews, visits, 5);
    pct_crews_figures f = pct_crews_tell(&crews, PCT_CREWS_ONE_DAY);
    ck_assert(f.told && f.crews == 3);
    ck_assert_int_eq(f.by_state[PCT_ADHERED_DONE], 3);
    ck_assert_int_eq(f.by_state[PCT_ADHERED_MISSED], 3);
    ck_assert_int_eq(f.by_state[PCT_ADHERED_UNKNOWN], 0);
    ck_assert_int_eq(f.by_state[PCT_ADHERED_LATE], 3);
    ck_assert_double_eq_tol(f.unknown_share, 0.25, 1e-9);
}

TEST(crews_sheet_is_seen_by_the_crew_first_its_leader_then_for_a_day_and_nobody_else) {
    const int64_t end = 1000000, day = PCT_SHEET_MS;
    for (int seen = 0; seen < 2; seen++) {
        ck_assert(pct_crews_may_see(PCT_SHEET_CREW, seen, end, end));
        ck_assert(pct_crews_may_see(PCT_SHEET_LEADER, seen, end, end) == (seen == 1));
        ck_assert(!pct_crews_may_see(PCT_SHEET_OTHER, seen, end, end));
        ck_assert(!pct_crews_may_see(PCT_SHEET_CREW, seen, end, end + day));
        ck_assert(!pct_crews_may_see(PCT_SHEET_LEADER, seen, end, end + day));
    }
    ck_assert(pct_crews_may_see(PCT_SHEET_LEADER, true, end, end + day - 1));
}

TEST_MAIN("crews", TEST_CASE(crews_tell_nothing_below_three_and_sums_from_three_on),
          TEST_CASE(crews_sheet_is_seen_by_the_crew_first_its_leader_then_for_a_day_and_nobody_else))
