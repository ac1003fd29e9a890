/* Names as they are compared: lower case, without accents, words apart by one space, no other punctuation.
 *
 *     "Rua  de São-João" → "rua de sao joao"      "人民路（北段）" → "人民路 北段"      "Ｆ３" → "f3"
 *
 * Zeros before a number go (05TH ST), Latin letters lose accents, Greek and Cyrillic capitals become small, full-width forms become plain;
 * everything else
 * stays. O(bytes), nothing is allocated. */
#ifndef PCT_PLACE_FOLD_H
#define PCT_PLACE_FOLD_H

#include <stdbool.h>

#include "base/status.h"

enum { PCT_FOLD_MAX = 1024 };

/* Writes the folded text, NUL-terminated and cut at a character when it would be longer; returns its length.
 * Apostrophes part words (d'Ouro) unless they are to be dropped (O'Farrell). */
size_t pct_place_fold(pct_text text, bool drop_apostrophes, char out[PCT_FOLD_MAX]) PCT_MUST_USE;

/* Whether a match may begin at this byte of a folded text: at the begin of a word, and at each character of a script
 * that does not part words. `start` is the text's first byte. */
bool pct_place_is_start(const char *start, const char *at);
/* The same, but only the beginnings of words and of the text. */
bool pct_place_is_word_start(const char *start, const char *at);
bool pct_place_is_wordless(uint32_t code_point); /* Chinese, Japanese, Korean characters */
/* The code point at *text, which moves on behind it; 0 at the end. The text is UTF-8. */
uint32_t pct_place_next_char(pct_text *text);

#endif
