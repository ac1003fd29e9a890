#include "place/fold.h"

#include <string.h>

/* One letter for each code point of two blocks: '.' stays as it is (lower case is not known), ' ' parts words, digits
 * stand for two letters. */
static const char latin_00c0[] = "aaaaaa1ceeeeiiiidnooooo ouuuuy43aaaaaa1ceeeeiiiidnooooo ouuuuy4y"
                                 "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii88jjkkklllllll"
                                 "lllnnnnnn.nnoooooo22rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
                                 "................................oo.............uu..............."
                                 "....555666777aaiioouuuuuuuuuu.aaaa....ggkkoooo..j555gg..nnaa...."
                                 "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............"
                                 "................";
static const char latin_1e00[] = "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
                                 "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
                                 "wwwwwwwwwwxxxxyyzzzzzzhtwyas..3.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
                                 "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";
static const char *const pairs[] = {"", "ae", "oe", "ss", "th", "dz", "lj", "nj", "ij"};

uint32_t pct_place_next_char(pct_text *text) {
    if (text->length == 0) return 0;
    const unsigned char *s = (const unsigned char *)text->chars;
    size_t length = s[0] < 0xC0 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (length > text->length) length = text->length;
    uint32_t c = length == 1 ? s[0] : s[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) c = c << 6 | (s[i] & 0x3Fu);
    text->chars += length;
    text->length -= length;
    return c;
}

bool pct_place_is_wordless(uint32_t c) {
    return (c >= 0x2E80 && c <= 0x9FFF && !(c >= 0x3000 && c <= 0x3004)) || (c >= 0xAC00 && c <= 0xD7AF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

/* Characters that part words, beyond ASCII. */
static bool is_punctuation(uint32_t c) {
    return (c >= 0x80 && c < 0xC0 && c != 0xAA && c != 0xBA && c != 0xB5) || (c >= 0x2000 && c <= 0x206F) ||
           (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) ||
           c == 0x30FB || (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF65) || c == 0xFFFD;
}

static bool is_mark(uint32_t c) { /* accents that follow their letter, and invisible joiners */
    return (c >= 0x0300 && c <= 0x036F) || (c >= 0x200B && c <= 0x200D) || c == 0xFEFF || c == 0xAD;
}

static bool is_apostrophe(uint32_t c) {
    return c == '\'' || c == 0x2019 || c == 0x02BC || c == 0x60 || c == 0xB4;
}

static uint32_t small_of(uint32_t c) { /* Greek and Cyrillic */
    static const uint16_t accented[][2] = {
        {0x386, 0x3B1}, {0x388, 0x3B5}, {0x389, 0x3B7}, {0x38A, 0x3B9}, {0x38C, 0x3BF}, {0x38E, 0x3C5},
        {0x38F, 0x3C9}, {0x3AC, 0x3B1}, {0x3AD, 0x3B5}, {0x3AE, 0x3B7}, {0x3AF, 0x3B9}, {0x3CC, 0x3BF},
        {0x3CD, 0x3C5}, {0x3CE, 0x3C9}, {0x3C2, 0x3C3}, {0x451, 0x435}, {0x401, 0x435}};
    for (size_t i = 0; i < sizeof accented / sizeof *accented; i++)
        if (accented[i][0] == c) return accented[i][1];
    if ((c >= 0x391 && c <= 0x3AB) || (c >= 0x410 && c <= 0x42F)) return c + 0x20;
    return c >= 0x400 && c <= 0x40F ? c + 0x50 : c;
}

static size_t encode(uint32_t c, char out[4]) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> length & 0xFF) | c);
    return length;
}

/* The letters that a character becomes: none for what parts words. */
static size_t letters_of(uint32_t c, char out[4]) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c < 0x80) {
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        out[0] = (char)c;
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }
    if (c == 0xAA || c == 0xBA) return encode(c == 0xAA ? 'a' : 'o', out);
    char letter = c >= 0xC0 && c <= 0x24F      ? latin_00c0[c - 0xC0]
                  : c >= 0x1E00 && c <= 0x1EFF ? latin_1e00[c - 0x1E00]
                                               : '.';
    if (letter == '.') return is_punctuation(c) ? 0 : encode(small_of(c), out);
    if (letter >= '1' && letter <= '8') {
        memcpy(out, pairs[letter - '0'], 2);
        return 2;
    }
    return letter == ' ' ? 0 : encode((uint32_t)letter, out);
}

size_t pct_place_fold(pct_text text, bool drop_apostrophes, char out[PCT_FOLD_MAX]) {
    size_t length = 0;
    bool gap = false;
    while (text.length > 0) {
        char letters[4];
        uint32_t c = pct_place_next_char(&text);
        if (is_mark(c) || (drop_apostrophes && is_apostrophe(c))) continue;
        size_t count = is_apostrophe(c) ? 0 : letters_of(c, letters);
        if (count == 0) {
            gap = length > 0;
            continue;
        }
        bool padded = letters[0] == '0' && (length == 0 || gap) && text.length > 0 && *text.chars >= '0' &&
                      *text.chars <= '9';
        if (padded) continue; /* 05TH ST is typed 5th st */
        if (length + gap + count >= PCT_FOLD_MAX) break;
        if (gap) out[length++] = ' ';
        gap = false;
        memcpy(out + length, letters, count);
        length += count;
    }
    out[length] = '\0';
    return length;
}

static uint32_t char_at(const char *at) {
    pct_text rest = {at, strnlen(at, 4)};
    return pct_place_next_char(&rest);
}

static uint32_t char_before(const char *start, const char *at) {
    const char *p = at - 1;
    while (p > start && ((unsigned char)*p & 0xC0) == 0x80) p--;
    return char_at(p);
}

bool pct_place_is_word_start(const char *start, const char *at) {
    return at == start || at[-1] == ' ';
}

bool pct_place_is_start(const char *start, const char *at) {
    unsigned char c = (unsigned char)*at;
    if (c == '\0' || c == ' ' || (c & 0xC0) == 0x80) return false;
    if (pct_place_is_word_start(start, at)) return true;
    return (c >= 0x80 && pct_place_is_wordless(char_at(at))) ||
           ((unsigned char)at[-1] >= 0x80 && pct_place_is_wordless(char_before(start, at)));
}
