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

/* The six bits that a letter stands for; 64 when it is none of this alphabet. */
static uint32_t sextet(pct_base64 variant, char letter) {
    if (letter >= 'A' && letter <= 'Z') return (uint32_t)(letter - 'A');
    if (letter >= 'a' && letter <= 'z') return (uint32_t)(letter - 'a') + 26;
    if (letter >= '0' && letter <= '9') return (uint32_t)(letter - '0') + 52;
    if (letter == alphabets[variant][62]) return 62;
    return letter == alphabets[variant][63] ? 63 : 64;
}

bool pct_base64_check(pct_base64 variant, pct_text text, size_t *length) {
    size_t letters = text.length;
    if (variant == PCT_BASE64_STANDARD) {
        if (letters % 4) return false;
        for (int pad = 0; pad < 2 && letters > 0 && text.chars[letters - 1] == '='; pad++) letters--;
    }
    if (letters % 4 == 1) return false;
    for (size_t i = 0; i < letters; i++)
        if (sextet(variant, text.chars[i]) > 63) return false;
    uint32_t last = letters ? sextet(variant, text.chars[letters - 1]) : 0;
    if ((letters % 4 == 2 && (last & 15)) || (letters % 4 == 3 && (last & 3))) return false;
    *length = letters / 4 * 3 + (letters % 4 ? letters % 4 - 1 : 0);
    return true;
}

void pct_base64_read(pct_base64 variant, pct_text text, unsigned char *out) {
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < text.length && text.chars[i] != '='; i++) {
        bits = bits << 6 | sextet(variant, text.chars[i]);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        *out++ = (unsigned char)(bits >> held);
    }
}
