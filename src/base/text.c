#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool pct_text_same(pct_text a, pct_text b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.chars, b.chars, a.length) == 0);
}

bool pct_text_equal(pct_text a, const char *b) {
    return pct_text_same(a, pct_text_of(b));
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

pct_text pct_text_trim(pct_text text) {
    while (text.length > 0 && is_space(text.chars[0])) text.chars++, text.length--;
    while (text.length > 0 && is_space(text.chars[text.length - 1])) text.length--;
    return text;
}

/* The length of the UTF-8 character at s (n bytes are there), 0 when it is none: RFC 3629, so no surrogates,
 * no overlong forms, nothing beyond U+10FFFF. */
static size_t utf8_length(const unsigned char *s, size_t n) {
    static const struct {
        unsigned char first, last, low, high; /* ranges of the first and of the second byte */
        size_t length;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    if (s[0] < 0x80) return 1;
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        if (s[0] < forms[f].first || s[0] > forms[f].last) continue;
        if (n < forms[f].length || s[1] < forms[f].low || s[1] > forms[f].high) return 0;
        for (size_t i = 2; i < forms[f].length; i++)
            if ((s[i] & 0xC0) != 0x80) return 0;
        return forms[f].length;
    }
    return 0;
}

bool pct_text_is_utf8(pct_text text) {
    const unsigned char *s = (const unsigned char *)text.chars;
    for (size_t i = 0; i < text.length;) {
        size_t n = utf8_length(s + i, text.length - i);
        if (n == 0) return false;
        i += n;
    }
    return true;
}

bool pct_text_to_integer(pct_text text, int64_t *out) {
    size_t i = 0;
    bool negative = false;
    if (text.length > 0 && (text.chars[0] == '-' || text.chars[0] == '+')) negative = text.chars[i++] == '-';
    if (i == text.length) return false;
    int64_t value = 0;
    for (; i < text.length; i++) {
        if (text.chars[i] < '0' || text.chars[i] > '9') return false;
        int digit = text.chars[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value)) return false;
        if (__builtin_sub_overflow(value, digit, &value))
            return false; /* counted downwards: fits INT64_MIN */
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value)) return false;
    *out = value;
    return true;
}

bool pct_text_to_real(pct_text text, double *out) {
    char digits[64];
    if (text.length == 0 || text.length >= sizeof digits) return false;
    for (size_t i = 0; i < text.length; i++)
        if (!memchr("+-.0123456789eE", text.chars[i], 15)) return false;
    memcpy(digits, text.chars, text.length);
    digits[text.length] = '\0';
    char *end;
    double value = strtod(digits, &end);
    if (end != digits + text.length || !isfinite(value)) return false;
    *out = value;
    return true;
}

bool pct_text_next(pct_text *rest, char separator, pct_text *item) {
    if (!rest->chars) return false;
    const char *cut = rest->length ? memchr(rest->chars, separator, rest->length) : NULL;
    if (cut) {
        *item = (pct_text){rest->chars, (size_t)(cut - rest->chars)};
        *rest = (pct_text){cut + 1, rest->length - item->length - 1};
    } else {
        *item = *rest;
        *rest = (pct_text){NULL, 0};
    }
    return true;
}

bool pct_text_is_listed(pct_text text, const char *list, char separator) {
    pct_text rest = pct_text_of(list), item;
    while (pct_text_next(&rest, separator, &item))
        if (pct_text_same(item, text)) return true;
    return false;
}
