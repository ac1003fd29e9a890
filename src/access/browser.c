#include "access/browser.h"
#include "clock/time.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_DIGITS = 8, TAG_DIGITS = 32, HEAD = 1 + PCT_BROWSER_ID + DAY_DIGITS };

/* Half of the digits are bytes. */
static void digest(const unsigned char key[PCT_BROWSER_KEY], const char *what, pct_text text, char *out,
                   size_t digits) {
    unsigned char hash[TAG_DIGITS / 2];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, key, PCT_BROWSER_KEY, sizeof hash);
    (void)crypto_generichash_update(&state, (const unsigned char *)what, strlen(what) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)text.chars, text.length);
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(out, digits + 1, hash, digits / 2);
}

static int64_t day_of(const char *digits) {
    char text[DAY_DIGITS + 1] = {0};
    memcpy(text, digits, DAY_DIGITS);
    return strtoll(text, NULL, 16);
}

bool pct_browser_read(const unsigned char key[PCT_BROWSER_KEY], pct_text cookie, int64_t now_ms,
                      pct_browser *out) {
    char tag[TAG_DIGITS + 1];
    *out = (pct_browser){0};
    if (cookie.length < HEAD + TAG_DIGITS || cookie.length >= PCT_BROWSER_COOKIE) return false;
    size_t body = cookie.length - TAG_DIGITS;
    if ((body - HEAD) % PCT_BROWSER_TAG != 0 || cookie.chars[0] != '1') return false;
    digest(key, "browser", (pct_text){cookie.chars, body}, tag, TAG_DIGITS);
    if (sodium_memcmp(tag, cookie.chars + body, TAG_DIGITS) != 0) return false;
    int64_t days = now_ms / PCT_DAY_MS - day_of(cookie.chars + 1 + PCT_BROWSER_ID);
    if (days > PCT_BROWSER_DAYS) return false;
    memcpy(out->id, cookie.chars + 1, PCT_BROWSER_ID);
    out->count = (int)((body - HEAD) / PCT_BROWSER_TAG);
    for (int i = 0; i < out->count; i++)
        memcpy(out->accounts[i], cookie.chars + HEAD + (size_t)i * PCT_BROWSER_TAG, PCT_BROWSER_TAG);
    return true;
}

static int place_of(const unsigned char key[PCT_BROWSER_KEY], const pct_browser *b, pct_text account,
                    char tag[PCT_BROWSER_TAG + 1]) {
    digest(key, "account", account, tag, PCT_BROWSER_TAG);
    for (int i = 0; i < b->count; i++)
        if (memcmp(b->accounts[i], tag, PCT_BROWSER_TAG) == 0) return i;
    return b->count;
}

bool pct_browser_has(const unsigned char key[PCT_BROWSER_KEY], const pct_browser *b, pct_text account) {
    char tag[PCT_BROWSER_TAG + 1];
    return place_of(key, b, account, tag) < b->count;
}

void pct_browser_signed_in(const unsigned char key[PCT_BROWSER_KEY], pct_browser *b, pct_text account,
                           int64_t now_ms, char out[PCT_BROWSER_COOKIE]) {
    char tag[PCT_BROWSER_TAG + 1];
    unsigned char random[PCT_BROWSER_ID / 2];
    if (b->id[0] == '\0') {
        randombytes_buf(random, sizeof random);
        (void)sodium_bin2hex(b->id, sizeof b->id, random, sizeof random);
    }
    int at = place_of(key, b, account, tag);
    if (at == b->count && b->count < PCT_BROWSER_ACCOUNTS) b->count++;
    if (at == PCT_BROWSER_ACCOUNTS) at--; /* the one that signed in longest ago */
    memmove(b->accounts[1], b->accounts[0], (size_t)at * sizeof b->accounts[0]);
    memcpy(b->accounts[0], tag, sizeof tag);
    int length = snprintf(out, PCT_BROWSER_COOKIE, "1%s%08llx", b->id,
                          (unsigned long long)(now_ms / PCT_DAY_MS) & 0xffffffffu);
    for (int i = 0; i < b->count; i++, length += PCT_BROWSER_TAG)
        memcpy(out + length, b->accounts[i], PCT_BROWSER_TAG);
    digest(key, "browser", (pct_text){out, (size_t)length}, out + length, TAG_DIGITS);
}
