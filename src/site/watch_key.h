/* Keys of the misuse watch: whoever shows an account, or names a flag in the record, does it by a hash under one of them.
 *
 *     watch-keys/2943     32 random bytes, mode 0600: the key of the 2943rd week since 1970
 *
 * A flag is hashed under the key of the week in which it was raised. That key is destroyed 30 days after the week began:
 * overwritten, synced, removed. From then on nobody can link what stands in the record to a flag, nor a flag to an account,
 * and the flag itself is forgotten. The keys are in no backup. A lost key makes a new one: reviews made under it count no more.
 *
 * Two processes may make the same week's key at once: the first link wins, both use it. Not for several threads at once. */
#ifndef PCT_SITE_WATCH_KEY_H
#define PCT_SITE_WATCH_KEY_H

#include "ledger/crypto.h"
#include "site/file.h"

#define PCT_WATCH_KEYS "watch-keys"
enum { PCT_WATCH_WEEKS = 6, PCT_WATCH_HASH_TEXT = 33 };
#define PCT_WATCH_WEEK_MS (INT64_C(7) * 86400000)
#define PCT_WATCH_KEY_MS  (INT64_C(30) * 86400000)

typedef struct pct_watch_keys {
    char folder[PCT_PATH_MAX];
    pct_random random;
    struct {
        int64_t week; /* from 1; 0: none */
        pct_key key;
    } known[PCT_WATCH_WEEKS];
} pct_watch_keys;

/* Reads and makes nothing yet. Dispose wipes and accepts a zeroed one. */
pct_status pct_watch_keys_init(const char *site_folder, pct_random random, pct_watch_keys *out,
                               pct_error *error) PCT_MUST_USE;
void pct_watch_keys_dispose(pct_watch_keys *keys);
/* When the key of what was raised at that time is destroyed. */
int64_t pct_watch_key_until_ms(int64_t raised_ms);
/* Destroys all whose time is over; a clock that went back brings none of them back. */
pct_status pct_watch_keys_destroy_old(pct_watch_keys *keys, int64_t now_ms, pct_error *error) PCT_MUST_USE;
/* The hash of kind and text, in 32 hexadecimal digits, under the key of the week of raised_ms, which is made when there is
 * none. PCT_NOT_FOUND: its time is over. */
pct_status pct_watch_hash(pct_watch_keys *keys, int64_t raised_ms, int64_t now_ms, const char *kind,
                          pct_text text, char out[PCT_WATCH_HASH_TEXT], pct_error *error) PCT_MUST_USE;

#endif
