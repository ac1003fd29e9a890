#include "base/vector.h"

#include "base/memory.h"
#include "support/test.h"

TEST(vector_gives_zeroed_items_up_to_its_maximum) {
    pct_vector v = pct_vector_init(sizeof(int), 100);
    for (int i = 0; i < 100; i++) {
        int *item = pct_vector_push(&v);
        ck_assert_ptr_nonnull(item);
        ck_assert_int_eq(*item, 0);
        *item = i;
    }
    ck_assert_ptr_null(pct_vector_push(&v));
    pct_error error;
    ck_assert_int_eq(pct_vector_failed(&v, PCT_MSG_WHAT_UNITS, &error), PCT_LIMIT);
    test_error_says(&error, "units would exceed its limit of 100");
    int *items = v.items;
    for (int i = 0; i < 100; i++) ck_assert_int_eq(items[i], i);
    pct_vector_dispose(&v);
}

TEST(vector_take_hands_the_array_over) {
    pct_vector v = pct_vector_init(sizeof(long), 10);
    *(long *)pct_vector_push(&v) = 42;
    long *taken = pct_vector_take(&v);
    ck_assert_uint_eq(v.length, 0);
    ck_assert_ptr_null(v.items);
    ck_assert_int_eq(taken[0], 42);
    *(long *)pct_vector_push(&v) = 43;
    ck_assert_int_eq(taken[0], 42);
    pct_free(taken);
    pct_vector_dispose(&v);
    ck_assert_ptr_null(pct_vector_take(&v));
}

static pct_status attempt(void *context) {
    (void)context;
    pct_vector v = pct_vector_init(24, 1000);
    pct_status status = PCT_OK;
    for (int i = 0; i < 200 && !status; i++)
        if (!pct_vector_push(&v)) status = pct_vector_failed(&v, PCT_MSG_WHAT_UNITS, NULL);
    pct_vector_dispose(&v);
    return status;
}

TEST(vector_survives_every_failing_allocation) {
    ck_assert_uint_gt(test_torture(attempt, NULL), 3);
}

TEST_MAIN("vector", TEST_CASE(vector_gives_zeroed_items_up_to_its_maximum),
          TEST_CASE(vector_take_hands_the_array_over), TEST_CASE(vector_survives_every_failing_allocation))
