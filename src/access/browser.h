/* A cookie by which a browser is known again in which somebody signed in before. It opens nothing: it only says that whoever tries a
 * password there is charged apart from strangers (access/attempts.h).
 *
 *     1  id (128 bits)  day of its last sign-in  up to 8 accounts, the last one first, as keyed hashes  tag     in hexadecimal digits
 *
 * The tag is keyed BLAKE2b-128 over all before; the key is the site's (accounts.db). Nothing is kept of browsers: forged, cut, and older than
 * PCT_BROWSER_DAYS is a stranger. Pure; O(1). */
#ifndef PCT_ACCESS_BROWSER_H
#define PCT_ACCESS_BROWSER_H

#include <stdbool.h>

#include "base/status.h"

enum {
    PCT_BROWSER_KEY = 32,
    PCT_BROWSER_ID = 32,
    PCT_BROWSER_TAG = 16,
    PCT_BROWSER_ACCOUNTS = 8,
    PCT_BROWSER_DAYS = 400, /* no browser keeps a cookie for longer */
    PCT_BROWSER_COOKIE = 1 + PCT_BROWSER_ID + 8 + PCT_BROWSER_ACCOUNTS * PCT_BROWSER_TAG + 32 + 1
};

typedef struct pct_browser {
    char id[PCT_BROWSER_ID + 1]; /* empty: a stranger */
    char accounts[PCT_BROWSER_ACCOUNTS][PCT_BROWSER_TAG + 1];
    int count;
} pct_browser;

/* False: a stranger, *out empty. */
bool pct_browser_read(const unsigned char key[PCT_BROWSER_KEY], pct_text cookie, int64_t now_ms,
                      pct_browser *out);
/* Has this account signed in there before? */
bool pct_browser_has(const unsigned char key[PCT_BROWSER_KEY], const pct_browser *browser, pct_text account);
/* The cookie after a sign-in of the account; a stranger gets an id. */
void pct_browser_signed_in(const unsigned char key[PCT_BROWSER_KEY], pct_browser *browser, pct_text account,
                           int64_t now_ms, char out[PCT_BROWSER_COOKIE]);

#endif
