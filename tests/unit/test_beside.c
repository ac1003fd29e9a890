/* Time beside calls: shares of what is told, nothing of small counts, also not by difference; areas keep their order. */
#include "demand/beside.h"

#include <math.h>

#include "support/test.h"

TEST(beside_tells_shares_and_hides_small_counts_also_from_the_sum) {
    const int64_t unit_ms[] = {3000, 1000, 0, 6000}, calls[] = {30, 9, 0, 10};
    pct_beside_row rows[4];
    pct_beside_sums sums = pct_beside_tell(unit_ms, calls, 4, rows);
    ck_assert(sums.unit_ms == 10000 && sums.calls == 40 && sums.hidden == 2);
    ck_assert_double_eq_tol(rows[0].time_share, 0.3, 1e-12);
    ck_assert_double_eq_tol(rows[0].call_share, 0.75, 1e-12);
    ck_assert(rows[1].calls == PCT_BESIDE_HIDDEN && isnan(rows[1].call_share) && rows[1].time_share > 0.09);
    ck_assert(rows[2].calls == PCT_BESIDE_HIDDEN && rows[3].calls == 10);
}

TEST(beside_bears_a_month_of_nothing) {
    const int64_t none[] = {0, 0};
    pct_beside_row rows[2];
    pct_beside_sums sums = pct_beside_tell(none, none, 2, rows);
    ck_assert(sums.unit_ms == 0 && sums.calls == 0 && isnan(rows[0].time_share) && isnan(rows[1].call_share));
}

TEST_MAIN("beside", TEST_CASE(beside_tells_shares_and_hides_small_counts_also_from_the_sum),
          TEST_CASE(beside_bears_a_month_of_nothing))
