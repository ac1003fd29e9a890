#include "base/base64.h"

#include <string.h>

static const char alphabets[][65] = {
    [PCT_BASE64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [PCT_BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};

pct_status pct_base64_append(pct_buffer *out, pct_base64 variant, const void *bytes, size_t length) {
    const char *alphabet = alphabets[variant];
    const unsigned char *from = bytes;
    size_t rest = length % 3, pad = rest && variant == PCT_BASE64_STANDARD ? 3 - rest : 0;
    if (length > SIZE_MAX / 4 * 3 - 4) return out->failed = PCT_LIMIT;
    unsigned char *to = pct_buffer_extend(out, length / 3 * 4 + (rest ? rest + 1 : 0) + pad);
    if (!to) return out->failed;
    for (size_t i = 0; i < length; i += 3) {
        size_t count = length - i < 3 ? length - i : 3;
        uint32_t bits = (uint32_t)from[i] << 16;
        if (count > 1) bits |= (uint32_t)from[i + 1] << 8;
        if (count > 2) bits |= from[i + 2];
        for (size_t c = 0; c <= count; c++) *to++ = (unsigned char)alphabet[bits >> (18 - 6 * c) & 63];
    }
    memset(to, '=', pad);
    return PCT_OK;
}

/* 1 + the six bits that a letter stands for, 0 for what is no letter; of the two that differ, which alphabet has them. */
enum { STANDARD_ONLY = 128, URL_ONLY = 256, VALUE = 127 };
static const uint16_t letters_in[256] = {
    ['+'] = 63 | STANDARD_ONLY,
    ['-'] = 63 | URL_ONLY,
    ['/'] = 64 | STANDARD_ONLY,
    ['0'] = 53,
    ['1'] = 54,
    ['2'] = 55,
    ['3'] = 56,
    ['4'] = 57,
    ['5'] = 58,
    ['6'] = 59,
    ['7'] = 60,
    ['8'] = 61,
    ['9'] = 62,
    ['A'] = 1,
    ['B'] = 2,
    ['C'] = 3,
    ['D'] = 4,
    ['E'] = 5,
    ['F'] = 6,
    ['G'] = 7,
    ['H'] = 8,
    ['I'] = 9,
    ['J'] = 10,
    ['K'] = 11,
    ['L'] = 12,
    ['M'] = 13,
    ['N'] = 14,
    ['O'] = 15,
    ['P'] = 16,
    ['Q'] = 17,
    ['R'] = 18,
    ['S'] = 19,
    ['T'] = 20,
    ['U'] = 21,
    ['V'] = 22,
    ['W'] = 23,
    ['X'] = 24,
    ['Y'] = 25,
    ['Z'] = 26,
    ['_'] = 64 | URL_ONLY,
    ['a'] = 27,
    ['b'] = 28,
    ['c'] = 29,
    ['d'] = 30,
    ['e'] = 31,
    ['f'] = 32,
    ['g'] = 33,
    ['h'] = 34,
    ['i'] = 35,
    ['j'] = 36,
    ['k'] = 37,
    ['l'] = 38,
    ['m'] = 39,
    ['n'] = 40,
    ['o'] = 41,
    ['p'] = 42,
    ['q'] = 43,
    ['r'] = 44,
    ['s'] = 45,
    ['t'] = 46,
    ['u'] = 47,
    ['v'] = 48,
    ['w'] = 49,
    ['x'] = 50,
    ['y'] = 51,
    ['z'] = 52,
};

bool pct_base64_check(pct_base64 variant, pct_text text, size_t *length) {
    size_t letters = text.length;
    if (variant == PCT_BASE64_STANDARD) {
        if (letters % 4) return false;
        for (int pad = 0; pad < 2 && letters > 0 && text.chars[letters - 1] == '='; pad++) letters--;
    }
    if (letters % 4 == 1) return false;
    unsigned other = variant == PCT_BASE64_STANDARD ? URL_ONLY : STANDARD_ONLY, bad = 0;
    for (size_t i = 0; i < letters; i++) {
        unsigned letter = letters_in[(unsigned char)text.chars[i]];
        bad |= (letter & other) | (letter == 0);
    }
    unsigned last = letters ? (letters_in[(unsigned char)text.chars[letters - 1]] & VALUE) - 1 : 0;
    if (bad || (letters % 4 == 2 && (last & 15)) || (letters % 4 == 3 && (last & 3))) return false;
    *length = letters / 4 * 3 + (letters % 4 ? letters % 4 - 1 : 0);
    return true;
}

void pct_base64_read(pct_text text, unsigned char *out) {
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < text.length && text.chars[i] != '='; i++) {
        bits = bits << 6 | ((letters_in[(unsigned char)text.chars[i]] & VALUE) - 1u);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        *out++ = (unsigned char)(bits >> held);
    }
}
