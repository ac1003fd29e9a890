/* Strict readings of short texts: the whole text must be the value, nothing else. */
#ifndef PCT_BASE_TEXT_H
#define PCT_BASE_TEXT_H

#include <stdbool.h>

#include "base/status.h"

bool pct_text_equal(pct_text a, const char *b);
bool pct_text_same(pct_text a, pct_text b);
pct_text pct_text_trim(pct_text text); /* without ASCII white space at both ends */
bool pct_text_is_utf8(pct_text text);
/* Decimal integer with optional sign; false on anything else, overflow included. */
bool pct_text_to_integer(pct_text text, int64_t *out);
/* Finite decimal number; false on NaN, infinity, hexadecimal, empty text or text behind it. */
bool pct_text_to_real(pct_text text, double *out);
/* Takes the next item of a list up to `separator` off *rest; false when *rest is used up. */
bool pct_text_next(pct_text *rest, char separator, pct_text *item);
/* Whether one of the list's items is the text. */
bool pct_text_is_listed(pct_text text, const char *list, char separator);

#endif
