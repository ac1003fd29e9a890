#include "base/text.h"

#include <math.h>
#include <string.h>

#include "support/test.h"

#define BYTES(literal)                                                                                       \
    { literal, sizeof literal - 1 }

TEST(text_is_utf8_as_rfc_3629_has_it) {
    static const pct_text good[] = {
        BYTES(""),
        BYTES("a\000b"),
        BYTES("\x7F"),
        BYTES("\xC2\x80"),
        BYTES("\xDF\xBF"),
        BYTES("\xE0\xA0\x80"),
        BYTES("\xEC\xBF\xBF"),
        BYTES("\xED\x9F\xBF"),
        BYTES("\xEE\x80\x80"),
        BYTES("\xEF\xBF\xBF"),
        BYTES("\xF0\x90\x80\x80"),
        BYTES("\xF3\xBF\xBF\xBF"),
        BYTES("\xF4\x8F\xBF\xBF"),
        BYTES("处警单"),
    };
    static const pct_text bad[] = {
        BYTES("\x80"),
        BYTES("\xBF"),
        BYTES("\xC0\x80"),
        BYTES("\xC1\xBF"),
        BYTES("\xC2"),
        BYTES("\xC2\x7F"),
        BYTES("\xC2\xC0"),
        BYTES("\xE0\x9F\xBF"),
        BYTES("\xE0\xA0"),
        BYTES("\xE0\xA0\x7F"),
        BYTES("\xED\xA0\x80"),
        BYTES("\xED\xBF\xBF"),
        BYTES("\xEF\xBF\xC0"),
        BYTES("\xF0\x8F\xBF\xBF"),
        BYTES("\xF0\x90\x80"),
        BYTES("\xF0\x90\x80\xC0"),
        BYTES("\xF4\x90\x80\x80"),
        BYTES("\xF5\x80\x80\x80"),
        BYTES("\xFE"),
        BYTES("\xFF"),
        BYTES("ok\xE8\xAD"),
        BYTES("a\xFFz"),
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(pct_text_is_utf8(good[i]), "valid text %zu was refused", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pct_text_is_utf8(bad[i]), "invalid text %zu was taken", i);
}

TEST(text_to_integer_takes_whole_numbers_up_to_the_limits) {
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"+7", 7},
                {"007", 7},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      "+-1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x1",
                                      "一",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "92233720368547758070",
                                      "18446744073709551616"};
    int64_t value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert(pct_text_to_integer(pct_text_of(good[i].text), &value));
        ck_assert_int_eq(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pct_text_to_integer(pct_text_of(bad[i]), &value), "\"%s\" was taken", bad[i]);
}

TEST(text_to_real_takes_finite_decimal_numbers) {
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},
                {"-1.5", -1.5},
                {".5", 0.5},
                {"5.", 5},
                {"+2e3", 2000},
                {"1E-2", 0.01},
                {"121.4737021", 121.4737021},
                {"1e308", 1e308}};
    static const char *const bad[] = {"",
                                      "nan",
                                      "NaN",
                                      "inf",
                                      "-infinity",
                                      "0x10",
                                      "1e999",
                                      "1 ",
                                      " 1",
                                      "1,5",
                                      "1e",
                                      "--1",
                                      "1.2.3",
                                      ".",
                                      "e5",
                                      "12a",
                                      "1.0000000000000000000000000000000000000000000000000000000000000000"};
    double value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert(pct_text_to_real(pct_text_of(good[i].text), &value));
        ck_assert(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!pct_text_to_real(pct_text_of(bad[i]), &value), "\"%s\" was taken", bad[i]);
    ck_assert(pct_text_to_real((pct_text){"12345", 3}, &value));
    ck_assert(value == 123.0);
}

TEST(text_equal_trim_and_next) {
    ck_assert(pct_text_equal((pct_text){NULL, 0}, ""));
    ck_assert(pct_text_equal((pct_text){"abc", 2}, "ab"));
    ck_assert(!pct_text_equal((pct_text){"abc", 2}, "abc"));
    ck_assert(!pct_text_equal(pct_text_of("abd"), "abc"));
    ck_assert(pct_text_equal(pct_text_trim(pct_text_of(" \t\r\n a b \n")), "a b"));
    ck_assert(pct_text_equal(pct_text_trim(pct_text_of(" \t ")), ""));
    static const char *const expected[] = {"gun", "", "boat", ""};
    pct_text rest = pct_text_of("gun;;boat;"), item;
    for (int i = 0; i < 4; i++) {
        ck_assert(pct_text_next(&rest, ';', &item));
        ck_assert(pct_text_equal(item, expected[i]));
    }
    ck_assert(!pct_text_next(&rest, ';', &item));
    rest = pct_text_of("");
    ck_assert(pct_text_next(&rest, ';', &item) && item.length == 0);
    ck_assert(!pct_text_next(&rest, ';', &item));
    ck_assert(pct_text_same(pct_text_of("ab"), (pct_text){"abc", 2}));
    ck_assert(pct_text_same((pct_text){NULL, 0}, pct_text_of("")));
    ck_assert(!pct_text_same(pct_text_of("ab"), pct_text_of("ba")));
    ck_assert(pct_text_is_listed(pct_text_of("boat"), "gun;boat", ';'));
    ck_assert(!pct_text_is_listed(pct_text_of("boa"), "gun;boat", ';'));
    ck_assert(!pct_text_is_listed((pct_text){NULL, 0}, "gun;boat", ';'));
}

TEST_MAIN("text", TEST_CASE(text_is_utf8_as_rfc_3629_has_it),
          TEST_CASE(text_to_integer_takes_whole_numbers_up_to_the_limits),
          TEST_CASE(text_to_real_takes_finite_decimal_numbers), TEST_CASE(text_equal_trim_and_next))
