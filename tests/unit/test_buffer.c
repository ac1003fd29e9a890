#include "base/buffer.h"

#include <string.h>

#include "support/test.h"

TEST(buffer_holds_what_was_appended) {
    pct_buffer b = pct_buffer_init(1 << 20);
    ck_assert_str_eq(pct_buffer_chars(&b), "");
    (void)pct_buffer_append_text(&b, "警情");
    (void)pct_buffer_append_byte(&b, ' ');
    (void)pct_buffer_append_format(&b, "%d-%s", 17, "x");
    (void)pct_buffer_append(&b, NULL, 0);
    memcpy(pct_buffer_extend(&b, 2), "!?", 2);
    ck_assert_str_eq(pct_buffer_chars(&b), "警情 17-x!?");
    ck_assert_uint_eq(b.length, strlen("警情 17-x!?"));
    for (int i = 0; i < 5000; i++) (void)pct_buffer_append_format(&b, "%d,", i);
    pct_error error;
    test_ok(pct_buffer_status(&b, &error), &error);
    ck_assert_ptr_nonnull(strstr(pct_buffer_chars(&b), "4998,4999,"));
    pct_buffer_dispose(&b);
}

TEST(buffer_takes_exactly_its_maximum) {
    for (size_t max_bytes = 0; max_bytes < 1100; max_bytes += 11) {
        pct_buffer b = pct_buffer_init(max_bytes);
        for (size_t i = 0; i < max_bytes; i++) ck_assert_int_eq(pct_buffer_append_byte(&b, 'a'), PCT_OK);
        ck_assert_uint_eq(strlen(pct_buffer_chars(&b)), max_bytes);
        ck_assert_int_eq(pct_buffer_append_byte(&b, 'b'), PCT_LIMIT);
        ck_assert_uint_eq(b.length, max_bytes);
        pct_buffer_dispose(&b);
    }
}

TEST(buffer_failure_sticks_until_it_is_cleared) {
    pct_buffer b = pct_buffer_init(10);
    pct_error error;
    (void)pct_buffer_append_text(&b, "0123456");
    ck_assert_int_eq(pct_buffer_append_text(&b, "0123456"), PCT_LIMIT);
    ck_assert_int_eq(pct_buffer_append_byte(&b, 'x'), PCT_LIMIT);
    ck_assert_int_eq(pct_buffer_append_format(&b, "%d", 1), PCT_LIMIT);
    ck_assert_ptr_null(pct_buffer_extend(&b, 1));
    ck_assert_str_eq(pct_buffer_chars(&b), "");
    ck_assert_int_eq(pct_buffer_status(&b, &error), PCT_LIMIT);
    test_error_says(&error, "limit of 10");
    pct_buffer_clear(&b);
    ck_assert_int_eq(pct_buffer_append_text(&b, "0123456789"), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&b), "0123456789");
    pct_buffer_dispose(&b);
    pct_buffer zeroed = {0};
    pct_buffer_dispose(&zeroed);
}

static pct_status attempt(void *context) {
    (void)context;
    pct_buffer b = pct_buffer_init(1 << 20);
    pct_error error;
    for (int i = 0; i < 300; i++) (void)pct_buffer_append_format(&b, "%d and more", i);
    pct_status status = pct_buffer_status(&b, &error);
    if (status) test_error_says(&error, "memory is exhausted");
    pct_buffer_dispose(&b);
    return status;
}

TEST(buffer_survives_every_failing_allocation) {
    ck_assert_uint_gt(test_torture(attempt, NULL), 3);
}

TEST_MAIN("buffer", TEST_CASE(buffer_holds_what_was_appended), TEST_CASE(buffer_takes_exactly_its_maximum),
          TEST_CASE(buffer_failure_sticks_until_it_is_cleared),
          TEST_CASE(buffer_survives_every_failing_allocation))
