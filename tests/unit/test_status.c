#include "base/status.h"

#include <string.h>

#include "base/text.h"
#include "support/test.h"

TEST(error_keeps_copies_of_its_parameters) {
    char file[] = "calls.csv";
    pct_error error;
    pct_status status = PCT_FAIL(&error, PCT_INPUT, PCT_MSG_CSV_FIELDS, pct_str(file), pct_int(7),
                                 pct_int(-3), pct_real(2.5));
    memset(file, 'x', sizeof file - 1);
    ck_assert_int_eq(status, PCT_INPUT);
    ck_assert_int_eq(error.status, PCT_INPUT);
    pct_error copy = error;
    memset(&error, 0, sizeof error);
    ck_assert(pct_text_equal(pct_error_param(&copy, 0).text, "calls.csv"));
    ck_assert_int_eq(pct_error_param(&copy, 1).integer, 7);
    ck_assert_int_eq(pct_error_param(&copy, 2).integer, -3);
    ck_assert(pct_error_param(&copy, 3).real == 2.5);
    ck_assert_uint_eq(pct_error_param(&copy, 4).text.length, 0);
}

TEST(error_keeps_phrases_as_messages_and_needs_no_room_for_them) {
    pct_error error;
    (void)PCT_FAIL(&error, PCT_INPUT, PCT_MSG_CSV_VALUE, pct_str("f"), pct_phrase(PCT_MSG_EXPECTED_ID),
                   pct_phrase(PCT_MSG_NONE));
    pct_error copy = error;
    memset(&error, 0, sizeof error);
    ck_assert_int_eq(pct_error_param(&copy, 1).kind, PCT_PARAM_PHRASE);
    ck_assert_int_eq(pct_error_param(&copy, 1).phrase, PCT_MSG_EXPECTED_ID);
    ck_assert_int_eq(pct_error_param(&copy, 2).kind, PCT_PARAM_PHRASE);
    ck_assert_int_eq(pct_error_param(&copy, 2).phrase, PCT_MSG_NONE);
    ck_assert_uint_eq(copy.text_used, 1);
}

TEST(error_may_be_null) {
    ck_assert_int_eq(PCT_FAIL(NULL, PCT_IO, PCT_MSG_CSV_EMPTY, pct_str("a")), PCT_IO);
    ck_assert_int_eq(pct_error_memory(NULL, 5), PCT_MEMORY);
}

TEST(error_cuts_long_texts_at_a_character_and_leaves_room_for_the_others) {
    char text[4 * PCT_ERROR_TEXT];
    static const char *const characters[] = {"a", "é", "警", "🚓"};
    for (size_t c = 0; c < 4; c++) {
        size_t width = strlen(characters[c]);
        for (size_t shift = 0; shift < width; shift++) {
            memset(text, '-', shift);
            for (size_t i = shift; i + width <= sizeof text; i += width)
                memcpy(text + i, characters[c], width);
            pct_text given = {text, shift + (sizeof text - shift) / width * width};
            pct_error error;
            (void)PCT_FAIL(&error, PCT_INPUT, PCT_MSG_CSV_VALUE, pct_view(given), pct_int(1), pct_view(given),
                           pct_str("short"), pct_view(given));
            for (size_t i = 0; i < 5; i++) {
                pct_text kept = pct_error_param(&error, i).text;
                if (i == 1) continue;
                ck_assert(pct_text_is_utf8(kept));
                if (i == 3)
                    ck_assert(pct_text_equal(kept, "short"));
                else
                    ck_assert(kept.length > PCT_ERROR_TEXT / 5 - 4 &&
                              memcmp(kept.chars, text, kept.length) == 0);
            }
            ck_assert_uint_le(error.text_used, PCT_ERROR_TEXT);
        }
    }
}

TEST(statuses_have_names_sentences_and_the_documented_exit_codes) {
    ck_assert_str_eq(pct_status_name(PCT_OK), "OK");
    ck_assert_str_eq(pct_status_sentence(PCT_BUSY), "somebody else holds it");
    static const struct {
        pct_status status;
        int exit_code;
    } codes[] = {{PCT_OK, 0},           {PCT_NOT_FOUND, 1}, {PCT_UNREACHABLE, 1}, {PCT_REFUSED, 1},
                 {PCT_CHECK_FAILED, 1}, {PCT_MISUSE, 2},    {PCT_INPUT, 2},       {PCT_DAMAGED, 2},
                 {PCT_LIMIT, 2},        {PCT_MEMORY, 3},    {PCT_IO, 3},          {PCT_BUSY, 3},
                 {PCT_INTERNAL, 3}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        ck_assert_int_eq(pct_status_exit_code(codes[i].status), codes[i].exit_code);
}

TEST(parameters_of_no_text_are_empty) {
    pct_error error;
    (void)PCT_FAIL(&error, PCT_INPUT, PCT_MSG_CSV_EMPTY, pct_str(NULL));
    ck_assert_uint_eq(pct_error_param(&error, 0).text.length, 0);
}

TEST_MAIN("status", TEST_CASE(error_keeps_copies_of_its_parameters),
          TEST_CASE(error_keeps_phrases_as_messages_and_needs_no_room_for_them), TEST_CASE(error_may_be_null),
          TEST_CASE(error_cuts_long_texts_at_a_character_and_leaves_room_for_the_others),
          TEST_CASE(statuses_have_names_sentences_and_the_documented_exit_codes),
          TEST_CASE(parameters_of_no_text_are_empty))
