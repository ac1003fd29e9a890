#include "place/fold.h"

#include <string.h>

#include "support/test.h"

static const char *folded(const char *text, bool drop_apostrophes) {
    static char out[PCT_FOLD_MAX];
    size_t length = pct_place_fold(pct_text_of(text), drop_apostrophes, out);
    ck_assert_uint_eq(length, strlen(out));
    return out;
}

TEST(fold_leaves_small_letters_and_single_spaces) {
    static const char *const pairs[][2] = {{"Rua  de São-João", "rua de sao joao"},
                                           {"  (人民路)（北段） ", "人民路 北段"},
                                           {"Ｆ３ 座", "f3 座"},
                                           {"Straße Łódź Ærø þ", "strasse lodz aero th"},
                                           {"NGUYỄN Trãi", "nguyen trai"},
                                           {"Ελλάδα ΟΔΌΣ", "ελλαδα οδοσ"},
                                           {"Ёлка ЖУКОВА", "елка жукова"},
                                           {"e\xCC\x81t\xC3\xA9", "ete"},
                                           {"05TH ST, 0, 007", "5th st 0 7"},
                                           {"n.º 12", "n o 12"},
                                           {"도로명 ナカ", "도로명 ナカ"},
                                           {"---", ""}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        ck_assert_str_eq(folded(pairs[i][0], false), pairs[i][1]);
}

TEST(fold_parts_words_at_apostrophes_or_drops_them) {
    ck_assert_str_eq(folded("Rua d'Ouro", false), "rua d ouro");
    ck_assert_str_eq(folded("O’Farrell", true), "ofarrell");
}

TEST(fold_cuts_long_texts_at_a_character) {
    char text[3 * PCT_FOLD_MAX + 1];
    for (size_t i = 0; i < PCT_FOLD_MAX; i++) memcpy(text + 3 * i, "路", 3);
    text[3 * PCT_FOLD_MAX] = '\0';
    ck_assert_uint_eq(strlen(folded(text, false)), (PCT_FOLD_MAX - 1) / 3 * 3);
}

TEST(starts_are_words_and_characters_without_words) {
    static const char text[] = "rua 12 人民road 路";
    static const char expected[] = "1000100100100" /* … 人 at 7, 民 at 10 */ "1000" /* road */ "0100";
    for (size_t i = 0; i < sizeof expected - 1; i++)
        ck_assert_msg(pct_place_is_start(text, text + i) == (expected[i] == '1'), "byte %zu", i);
    ck_assert(pct_place_is_word_start(text, text + 4) && !pct_place_is_word_start(text, text + 10));
}

TEST_MAIN("gazetteer fold", TEST_CASE(fold_leaves_small_letters_and_single_spaces),
          TEST_CASE(fold_parts_words_at_apostrophes_or_drops_them),
          TEST_CASE(fold_cuts_long_texts_at_a_character),
          TEST_CASE(starts_are_words_and_characters_without_words))
