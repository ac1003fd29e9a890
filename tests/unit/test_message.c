#include "base/message.h"

#include <string.h>

#include "base/text.h"
#include "support/test.h"

static void renders(pct_message message, const pct_param *params, size_t count, pct_language language,
                    const char *expected) {
    pct_buffer out = pct_buffer_init(4096);
    ck_assert_int_eq(pct_message_render(message, params, count, language, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), expected);
    pct_buffer_dispose(&out);
}

TEST(message_is_rendered_in_both_languages) {
    pct_param params[] = {pct_str("units.csv"), pct_int(4), pct_int(9), pct_int(-8)};
    renders(PCT_MSG_CSV_FIELDS, params, 4, PCT_EN, "units.csv:4: -8 fields where the header has 9");
    renders(PCT_MSG_CSV_FIELDS, params, 4, PCT_ZH, "units.csv:4：有 -8 个字段，而表头有 9 列");
    renders(PCT_MSG_NONE, NULL, 0, PCT_EN, "nothing to report");
    renders(PCT_MSG_NONE, NULL, 0, PCT_ZH, "无");
    pct_param real[] = {pct_real(0.25), pct_view((pct_text){"10 km", 2})};
    renders(PCT_MSG_LIMIT_EXCEEDED, real, 2, PCT_EN, "0.25 would exceed its limit of 10");
}

TEST(message_shows_parameters_that_are_missing_by_name) {
    pct_param file = pct_str("{line}");
    renders(PCT_MSG_CSV_QUOTE, &file, 1, PCT_EN,
            "{line}:{line}: a quoted field is not closed, or text follows its closing quote");
    pct_error error;
    (void)PCT_FAIL(&error, PCT_INPUT, PCT_MSG_CSV_EMPTY, pct_str("x.csv"));
    pct_buffer out = pct_buffer_init(4096);
    ck_assert_int_eq(pct_error_render(&error, PCT_ZH, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), "x.csv：文件为空；应有列名表头");
    pct_buffer_dispose(&out);
}

TEST(message_table_is_complete_in_both_languages) {
    for (size_t i = 0; i < pct_message_count; i++) {
        const pct_message_entry *entry = &pct_message_table[i];
        ck_assert_uint_gt(strlen(entry->key), 0);
        if (i > 0) ck_assert_int_gt(entry->message, pct_message_table[i - 1].message);
        ck_assert_ptr_eq(pct_message_entry_of(entry->message), entry);
        ck_assert_int_eq(pct_message_named(pct_text_of(entry->key)), entry->message);
        for (int language = 0; language < PCT_LANGUAGE_COUNT; language++) {
            pct_text sentence = pct_text_of(entry->sentences[language]);
            ck_assert(sentence.length > 0 && pct_text_is_utf8(sentence));
            pct_buffer out = pct_buffer_init(4096);
            pct_param params[PCT_ERROR_PARAMS];
            for (int p = 0; p < PCT_ERROR_PARAMS; p++) params[p] = pct_int(p);
            ck_assert_int_eq(
                pct_message_render(entry->message, params, PCT_ERROR_PARAMS, (pct_language)language, &out),
                PCT_OK);
            ck_assert_msg(!strchr(pct_buffer_chars(&out), '{'), "%s", pct_buffer_chars(&out));
            pct_buffer_dispose(&out);
        }
    }
}

TEST(message_with_a_number_or_key_that_does_not_exist_is_none) {
    ck_assert_int_eq(pct_message_entry_of(PCT_MSG_LAST)->message, PCT_MSG_NONE);
    ck_assert_int_eq(pct_message_entry_of((pct_message)1)->message, PCT_MSG_NONE);
    ck_assert_int_eq(pct_message_named(pct_text_of("no_such_key")), PCT_MSG_NONE);
}

TEST(message_renders_its_phrases_in_its_own_language) {
    pct_param params[] = {pct_str("t.csv"), pct_int(2), pct_str("id"), pct_phrase(PCT_MSG_EXPECTED_ID),
                          pct_str("")};
    renders(PCT_MSG_CSV_VALUE, params, 5, PCT_EN, "t.csv:2: column 'id': an id was expected, '' was found");
    renders(PCT_MSG_CSV_VALUE, params, 5, PCT_ZH, "t.csv:2：列“id”应为编号，实为“”");
    pct_error error;
    (void)PCT_FAIL(&error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_NODES), pct_int(7));
    pct_buffer out = pct_buffer_init(4096);
    ck_assert_int_eq(pct_error_render(&error, PCT_ZH, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), "节点数将超过上限 7");
    pct_buffer_clear(&out);
    ck_assert_int_eq(pct_error_render(&error, PCT_EN, &out), PCT_OK);
    ck_assert_str_eq(pct_buffer_chars(&out), "nodes would exceed its limit of 7");
    pct_buffer_dispose(&out);
}

TEST(message_takes_a_phrase_as_it_stands_one_level_deep) {
    pct_param params[] = {pct_phrase(PCT_MSG_LIMIT_EXCEEDED), pct_int(7)};
    renders(PCT_MSG_LIMIT_EXCEEDED, params, 2, PCT_EN,
            "{what} would exceed its limit of {limit} would exceed its limit of 7");
}

TEST(message_too_long_for_its_buffer_fails) {
    pct_buffer out = pct_buffer_init(10);
    pct_param file = pct_str("a file with a long name");
    ck_assert_int_eq(pct_message_render(PCT_MSG_CSV_EMPTY, &file, 1, PCT_EN, &out), PCT_LIMIT);
    pct_buffer_dispose(&out);
}

TEST_MAIN("message", TEST_CASE(message_is_rendered_in_both_languages),
          TEST_CASE(message_shows_parameters_that_are_missing_by_name),
          TEST_CASE(message_table_is_complete_in_both_languages),
          TEST_CASE(message_with_a_number_or_key_that_does_not_exist_is_none),
          TEST_CASE(message_renders_its_phrases_in_its_own_language),
          TEST_CASE(message_takes_a_phrase_as_it_stands_one_level_deep),
          TEST_CASE(message_too_long_for_its_buffer_fails))
