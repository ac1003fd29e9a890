/* Base64: RFC 4648's examples, and one spelling for each sequence of bytes. */
#include <string.h>

#include "base/base64.h"
#include "base/rng.h"
#include "support/test.h"

static void writes(pct_base64 variant, const char *bytes, const char *expected) {
    pct_buffer out = pct_buffer_init(100);
    unsigned char back[100];
    size_t length = 0;
    ck_assert_int_eq(pct_base64_append(&out, variant, bytes, strlen(bytes)), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), expected);
    ck_assert(pct_base64_check(variant, pct_text_of(expected), &length));
    ck_assert_uint_eq(length, strlen(bytes));
    pct_base64_read(pct_text_of(expected), back);
    ck_assert_int_eq(memcmp(back, bytes, length), 0);
    pct_buffer_dispose(&out);
}

TEST(base64_writes_and_reads_the_examples_of_rfc_4648) {
    static const char *const examples[][3] = {{"", "", ""},
                                              {"f", "Zg==", "Zg"},
                                              {"fo", "Zm8=", "Zm8"},
                                              {"foo", "Zm9v", "Zm9v"},
                                              {"foob", "Zm9vYg==", "Zm9vYg"},
                                              {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                                              {"\xFB\xEF\xFF", "++//", "--__"}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        writes(PCT_BASE64_STANDARD, examples[i][0], examples[i][1]);
        writes(PCT_BASE64_URL, examples[i][0], examples[i][2]);
    }
}

TEST(base64_refuses_second_spellings) {
    static const char *const standard[] = {
        "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=", "====", "Zg==Zg==", "--__", "Zm9v\n", "Zm 9v"};
    static const char *const url[] = {"Z", "Zg==", "Zh", "Zm9", "++//", "Zm9vY", "Zm9v "};
    size_t length;
    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
        ck_assert_msg(!pct_base64_check(PCT_BASE64_STANDARD, pct_text_of(standard[i]), &length), "%s",
                      standard[i]);
    for (size_t i = 0; i < sizeof url / sizeof *url; i++)
        ck_assert_msg(!pct_base64_check(PCT_BASE64_URL, pct_text_of(url[i]), &length), "%s", url[i]);
}

/* Whatever is taken is what would have been written. */
TEST(base64_takes_only_what_it_writes) {
    static const char letters[] = "AQgwBZz09+/-_= ";
    pct_rng rng = pct_rng_init(4, 648);
    pct_buffer again = pct_buffer_init(100);
    size_t taken = 0;
    for (int round = 0; round < 20000; round++) {
        char text[8];
        unsigned char bytes[8];
        size_t length, count = pct_rng_below(&rng, sizeof text + 1);
        for (size_t i = 0; i < count; i++) text[i] = letters[pct_rng_below(&rng, sizeof letters - 1)];
        for (pct_base64 variant = PCT_BASE64_STANDARD; variant <= PCT_BASE64_URL; variant++) {
            if (!pct_base64_check(variant, (pct_text){text, count}, &length)) continue;
            pct_base64_read((pct_text){text, count}, bytes);
            pct_buffer_clear(&again);
            ck_assert_int_eq(pct_base64_append(&again, variant, bytes, length), PCT_OK);
            ck_assert_uint_eq(again.length, count);
            ck_assert_int_eq(memcmp(pct_buffer_chars(&again), text, count), 0);
            taken++;
        }
    }
    ck_assert_uint_gt(taken, 2000);
    pct_buffer_dispose(&again);
}

TEST(base64_says_when_the_buffer_is_full) {
    pct_buffer out = pct_buffer_init(7);
    ck_assert_int_eq(pct_base64_append(&out, PCT_BASE64_STANDARD, "foob", 4), PCT_LIMIT);
    ck_assert_int_eq(pct_base64_append(&out, PCT_BASE64_STANDARD, "", SIZE_MAX), PCT_LIMIT);
    pct_buffer_dispose(&out);
}

TEST_MAIN("base64", TEST_CASE(base64_writes_and_reads_the_examples_of_rfc_4648),
          TEST_CASE(base64_refuses_second_spellings), TEST_CASE(base64_takes_only_what_it_writes),
          TEST_CASE(base64_says_when_the_buffer_is_full))
