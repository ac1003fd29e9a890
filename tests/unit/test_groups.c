/* Small groups: what is withheld, and that no sum gives it away. */
#include "resource/groups.h"

#include "base/rng.h"
#include "support/test.h"

TEST(groups_below_ten_are_withheld_and_zeros_are_told) {
    static const int64_t counts[] = {0, 10, 9, 3, 25, 0};
    bool withheld[6];
    ck_assert_int_eq(pct_groups_withhold(counts, 6, withheld), 12);
    static const bool expected[] = {false, false, true, true, false, false};
    for (int i = 0; i < 6; i++) ck_assert(withheld[i] == expected[i]);
    ck_assert_int_eq(pct_groups_withhold(counts, 0, withheld), 0);
}

TEST(groups_hide_a_single_small_one_behind_the_smallest_other) {
    static const int64_t counts[] = {40, 3, 12, 0};
    bool withheld[4];
    ck_assert_int_eq(pct_groups_withhold(counts, 4, withheld), 15);
    ck_assert(!withheld[0] && withheld[1] && withheld[2] && !withheld[3]);
    static const int64_t alone[] = {0, 4, 0};
    ck_assert_int_eq(pct_groups_withhold(alone, 3, withheld), 4);
    ck_assert(!withheld[0] && withheld[1] && !withheld[2]);
}

/* The total less all that is told is nothing, or at least ten (unless there are not ten in all). */
TEST(groups_let_no_sum_tell_a_small_one) {
    pct_rng rng = pct_rng_init(7, 1);
    for (int round = 0; round < 20000; round++) {
        int64_t counts[12], total = 0, told = 0;
        bool withheld[12];
        size_t count = pct_rng_below(&rng, 13);
        for (size_t i = 0; i < count; i++)
            total += counts[i] = pct_rng_below(&rng, 1 + pct_rng_below(&rng, 30));
        int64_t sum = pct_groups_withhold(counts, count, withheld);
        for (size_t i = 0; i < count; i++) {
            if (!withheld[i]) told += counts[i];
            if (!withheld[i]) ck_assert(counts[i] == 0 || counts[i] >= PCT_GROUP_MIN);
        }
        ck_assert_int_eq(sum, total - told);
        ck_assert(sum == 0 || sum >= PCT_GROUP_MIN || total < PCT_GROUP_MIN);
    }
}

TEST_MAIN("groups", TEST_CASE(groups_below_ten_are_withheld_and_zeros_are_told),
          TEST_CASE(groups_hide_a_single_small_one_behind_the_smallest_other),
          TEST_CASE(groups_let_no_sum_tell_a_small_one))
