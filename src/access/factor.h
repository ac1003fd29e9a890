/* Second factors of accounts: codes of an authenticator (access/totp.h), and codes to get in once without it.
 *
 *     begin ─► a secret that waits ─ confirm(code) ─► in force, with PCT_RECOVERY_CODES codes to print ─ remove ─► none
 *
 * Each code counts once. Secrets lie sealed (XChaCha20-Poly1305, bound to the account) under a key of their own, which lies sealed under
 * the agency's key: accounts.db alone opens none. Recovery codes have 50 random bits; their keyed hash is kept. Another key of the agency:
 * pct_factors_rewrap_begin before it is put in place, _end after; a cut between the two is made good by the next pct_factors_unlock.
 *
 * All functions may be called by any thread, and by another program while the server runs. O(1). */
#ifndef PCT_ACCESS_FACTOR_H
#define PCT_ACCESS_FACTOR_H

#include "access/accounts.h"
#include "access/totp.h"

enum { PCT_RECOVERY_CODES = 10, PCT_RECOVERY_CODE = 12, PCT_AGENCY_KEY_BYTES = 32, PCT_FACTOR_URI_MAX = 256 };

typedef struct pct_recovery {
    char codes[PCT_RECOVERY_CODES][PCT_RECOVERY_CODE]; /* "abcde-fghij" */
} pct_recovery;

/* With the agency's key; makes the key of secrets where there is none. PCT_REFUSED when it is another one: then accounts with a second
 * factor do not get in, until it is removed. */
pct_status pct_factors_unlock(pct_accounts *accounts, const unsigned char agency[PCT_AGENCY_KEY_BYTES],
                              pct_error *error) PCT_MUST_USE;
pct_status pct_factors_rewrap_begin(pct_accounts *accounts, const unsigned char next[PCT_AGENCY_KEY_BYTES],
                                    pct_error *error) PCT_MUST_USE;
pct_status pct_factors_rewrap_end(pct_accounts *accounts, const unsigned char next[PCT_AGENCY_KEY_BYTES],
                                  pct_error *error) PCT_MUST_USE;

pct_status pct_factor_is_on(pct_accounts *accounts, pct_text account, bool *on,
                            pct_error *error) PCT_MUST_USE;
/* A new secret that waits to be confirmed; what is in force stays so. */
pct_status pct_factor_begin(pct_accounts *accounts, pct_text account, char secret[PCT_TOTP_TEXT],
                            pct_error *error) PCT_MUST_USE;
/* PCT_REFUSED when the code is not of the secret that waits. An empty code is taken: of whoever hands the secret out himself. */
pct_status pct_factor_confirm(pct_accounts *accounts, pct_text account, pct_text code, int64_t now_ms,
                              pct_recovery *out, pct_error *error) PCT_MUST_USE;
pct_status pct_factor_remove(pct_accounts *accounts, pct_text account, pct_error *error) PCT_MUST_USE;
/* Uses a code up: of the authenticator, or one to get in once. *good: it was one. *on: the account has a second factor at all. */
pct_status pct_factor_use(pct_accounts *accounts, pct_text account, pct_text code, int64_t now_ms, bool *on,
                          bool *good, pct_error *error) PCT_MUST_USE;

#endif
