#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "support/test.h"

static json_t *parsed(const char *chars) {
    json_t *tree;
    pct_error error;
    test_ok(pct_json_parse("t.json", pct_text_of(chars), &tree, &error), &error);
    return tree;
}

TEST(json_that_is_wrong_is_refused_by_line_and_column) {
    static const struct {
        const char *chars, *says;
    } cases[] = {
        {"", "t.json:1:"},
        {"{\n \"a\": 1,\n \"a\": 2}", "t.json:3:"},
        {"{\"a\":NaN}", "t.json:1:"},
        {"{\"a\":\"\xFF\"}", "the text is not UTF-8"},
        {"{} {}", "t.json:1:4"},
        {"[1,]", "not valid JSON"},
        {"7", "t.json:1:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *tree;
        pct_error error;
        ck_assert_int_eq(pct_json_parse("t.json", pct_text_of(cases[i].chars), &tree, &error), PCT_INPUT);
        ck_assert_ptr_null(tree);
        test_error_says(&error, cases[i].says);
    }
    json_t *tree;
    ck_assert_int_eq(pct_json_parse("t.json", (pct_text){NULL, 0}, &tree, NULL), PCT_INPUT);
}

TEST(json_members_are_taken_by_kind) {
    json_t *tree = parsed("{\"o\":{},\"a\":[],\"t\":\"文\",\"i\":-7,\"r\":1.5,\"b\":true,\"n\":null}"),
           *member;
    pct_error error;
    pct_text text;
    double real;
    int64_t integer;
    test_ok(pct_json_get_object("f", tree, "o", &member, &error), &error);
    test_ok(pct_json_get_array("f", tree, "a", &member, &error), &error);
    test_ok(pct_json_get_text("f", tree, "t", &text, &error), &error);
    ck_assert(pct_text_equal(text, "文"));
    test_ok(pct_json_get_integer("f", tree, "i", &integer, &error), &error);
    test_ok(pct_json_get_real("f", tree, "i", &real, &error), &error);
    ck_assert(integer == -7 && real == -7.0);
    test_ok(pct_json_get_real("f", tree, "r", &real, &error), &error);
    ck_assert(real == 1.5);
    ck_assert_int_eq(pct_json_get_object("f", tree, "a", &member, &error), PCT_INPUT);
    test_error_says(&error, "f: field 'a': an object was expected, [] was found");
    ck_assert_int_eq(pct_json_get_array("f", tree, "o", &member, &error), PCT_INPUT);
    test_error_says(&error, "an array was expected, {} was found");
    ck_assert_int_eq(pct_json_get_text("f", tree, "i", &text, &error), PCT_INPUT);
    test_error_says(&error, "a text was expected, -7 was found");
    ck_assert_int_eq(pct_json_get_integer("f", tree, "r", &integer, &error), PCT_INPUT);
    test_error_says(&error, "a whole number was expected, 1.5 was found");
    ck_assert_int_eq(pct_json_get_real("f", tree, "t", &real, &error), PCT_INPUT);
    test_error_says(&error, "a number was expected, 文 was found");
    ck_assert_int_eq(pct_json_get_real("f", tree, "b", &real, &error), PCT_INPUT);
    test_error_says(&error, "true was found");
    ck_assert_int_eq(pct_json_get_text("f", tree, "n", &text, &error), PCT_INPUT);
    test_error_says(&error, "null was found");
    ck_assert_int_eq(pct_json_get_text("f", tree, "x", &text, &error), PCT_INPUT);
    test_error_says(&error, "nothing was found");
    json_decref(tree);
    tree = json_pack("[[i,i,i,i,i,i,i,i,i,i,i,i,i,i,i,i]]", 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
                     1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000);
    (void)pct_json_unexpected("f", "p", PCT_MSG_EXPECTED_TEXT, tree, &error);
    test_error_says(&error, "a text was expected, an array was found");
    json_decref(tree);
}

/* Writes a random value and builds the tree that it should read back as. */
static json_t *random_value(pct_rng *rng, pct_json_writer *writer, int depth) {
    static const char *const texts[] = {"",         "a",   "\"quoted\" \\ back", "line\nfeed\ttab\x01\x1F",
                                        "警情单 🚓", "</x>"};
    uint32_t kind = pct_rng_below(rng, depth > 4 ? 5 : 7);
    if (kind == 0) {
        int64_t value = (int64_t)pct_rng_next(rng) >> pct_rng_below(rng, 63);
        pct_json_integer(writer, value);
        return json_integer(value);
    }
    if (kind == 1) {
        double value = (double)((int64_t)pct_rng_below(rng, 2000001) - 1000000) / 1000.0;
        pct_json_real(writer, value, 3);
        return value == floor(value) ? json_integer((json_int_t)value) : json_real(value);
    }
    if (kind == 2) {
        const char *text = texts[pct_rng_below(rng, sizeof texts / sizeof *texts)];
        pct_json_string(writer, text);
        return json_string(text);
    }
    if (kind == 3) {
        bool value = pct_rng_below(rng, 2) == 1;
        pct_json_bool(writer, value);
        return json_boolean(value);
    }
    if (kind == 4) {
        pct_json_null(writer);
        return json_null();
    }
    uint32_t count = pct_rng_below(rng, 5);
    json_t *tree = kind == 5 ? json_array() : json_object();
    kind == 5 ? pct_json_begin_array(writer) : pct_json_begin_object(writer);
    for (uint32_t i = 0; i < count; i++) {
        char key[16];
        snprintf(key, sizeof key, "k\n\"%u", i);
        if (kind == 6) pct_json_key(writer, key);
        json_t *item = random_value(rng, writer, depth + 1);
        kind == 5 ? json_array_append_new(tree, item) : json_object_set_new(tree, key, item);
    }
    kind == 5 ? pct_json_end_array(writer) : pct_json_end_object(writer);
    return tree;
}

TEST(json_written_reads_back_equal) {
    pct_rng rng = pct_rng_init(91, 0);
    for (int round = 0; round < 2000; round++) {
        pct_buffer out = pct_buffer_init(1 << 20);
        pct_json_writer writer = pct_json_writer_init(&out);
        pct_json_begin_array(&writer);
        json_t *expected = json_array();
        json_array_append_new(expected, random_value(&rng, &writer, 0));
        json_array_append_new(expected, random_value(&rng, &writer, 0));
        pct_json_end_array(&writer);
        json_t *found = parsed(pct_buffer_chars(&out));
        ck_assert_msg(json_equal(found, expected), "%s", pct_buffer_chars(&out));
        json_decref(found);
        json_decref(expected);
        pct_buffer_dispose(&out);
    }
}

static void writes_real(double value, int decimals, const char *expected) {
    pct_buffer out = pct_buffer_init(1000);
    pct_json_writer writer = pct_json_writer_init(&out);
    pct_json_real(&writer, value, decimals);
    ck_assert_str_eq(pct_buffer_chars(&out), expected);
    pct_buffer_dispose(&out);
}

TEST(json_reals_are_short_and_never_nan) {
    writes_real(1.5, 3, "1.5");
    writes_real(1.0, 3, "1");
    writes_real(100.0, 0, "100");
    writes_real(-0.0001, 3, "0");
    writes_real(0.0, 0, "0");
    writes_real(-12.3456, 2, "-12.35");
    writes_real(-0.5, 1, "-0.5");
    writes_real((double)NAN, 2, "null");
    writes_real((double)INFINITY, 2, "null");
    pct_buffer out = pct_buffer_init(1000);
    pct_json_writer writer = pct_json_writer_init(&out);
    pct_json_real(&writer, -1.7e308, 17);
    double back = strtod(pct_buffer_chars(&out), NULL);
    ck_assert(back == -1.7e308);
    pct_buffer_dispose(&out);
}

TEST(json_reals_are_what_printf_rounds_to) {
    pct_rng rng = pct_rng_init(92, 0);
    for (int round = 0; round < 200000; round++) {
        pct_buffer out = pct_buffer_init(1000);
        pct_json_writer writer = pct_json_writer_init(&out);
        char expected[400];
        int decimals = (int)pct_rng_below(&rng, 9);
        double value = pct_rng_below(&rng, 2) ? ((double)pct_rng_below(&rng, 2000001) - 1e6) / 1000.0
                                              : ((double)pct_rng_below(&rng, 1U << 31) - 1e9) * 1e-7;
        if (pct_rng_below(&rng, 8) == 0) value *= 1e9;
        int n = snprintf(expected, sizeof expected, "%.*f", decimals, value);
        if (decimals > 0) {
            while (expected[n - 1] == '0') n--;
            if (expected[n - 1] == '.') n--;
        }
        expected[n] = '\0';
        pct_json_real(&writer, value, decimals);
        ck_assert_str_eq(pct_buffer_chars(&out), strcmp(expected, "-0") == 0 ? "0" : expected);
        pct_buffer_dispose(&out);
    }
}

TEST(json_integers_reach_from_the_least_to_the_greatest) {
    static const struct {
        int64_t value;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-7, "-7"},
                 {10, "10"},
                 {99, "99"},
                 {100, "100"},
                 {101, "101"},
                 {INT64_MAX, "9223372036854775807"},
                 {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_buffer out = pct_buffer_init(1000);
        pct_json_writer writer = pct_json_writer_init(&out);
        pct_json_integer(&writer, cases[i].value);
        ck_assert_str_eq(pct_buffer_chars(&out), cases[i].text);
        pct_buffer_dispose(&out);
    }
}

TEST(json_seconds_are_tenths_and_null_without_a_way) {
    const uint32_t ms[] = {0, 49, 50, 1000, 61949, 61950, UINT32_MAX - 1, UINT32_MAX};
    pct_buffer out = pct_buffer_init(1000);
    pct_json_writer writer = pct_json_writer_init(&out);
    pct_json_begin_array(&writer);
    pct_json_seconds(&writer, ms, sizeof ms / sizeof *ms);
    pct_json_seconds(&writer, ms, 0);
    pct_json_end_array(&writer);
    ck_assert_str_eq(pct_buffer_chars(&out), "[[0,0,0.1,1,61.9,62,4294967.3,null],[]]");
    pct_buffer_dispose(&out);
}

TEST(json_writer_stops_at_the_maximum_of_its_buffer) {
    pct_buffer out = pct_buffer_init(20);
    pct_json_writer writer = pct_json_writer_init(&out);
    pct_error error;
    pct_json_begin_array(&writer);
    for (int i = 0; i < 100; i++) pct_json_integer(&writer, i);
    pct_json_end_array(&writer);
    ck_assert_int_eq(pct_buffer_status(&out, &error), PCT_LIMIT);
    pct_buffer_dispose(&out);
}

TEST_MAIN("json", TEST_CASE(json_that_is_wrong_is_refused_by_line_and_column),
          TEST_CASE(json_members_are_taken_by_kind), TEST_CASE(json_written_reads_back_equal),
          TEST_CASE(json_reals_are_short_and_never_nan), TEST_CASE(json_reals_are_what_printf_rounds_to),
          TEST_CASE(json_integers_reach_from_the_least_to_the_greatest),
          TEST_CASE(json_seconds_are_tenths_and_null_without_a_way),
          TEST_CASE(json_writer_stops_at_the_maximum_of_its_buffer))
