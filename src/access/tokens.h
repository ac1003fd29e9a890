/* API tokens: by which programs act in the name of an account (accounts.db).
 *
 *     pct_0123…cdef      160 random bits; only their hash is kept, and they are shown once
 *
 * A token may do what its account may, less where it says so: some of the roles, only reading. It ends at its time, when it is revoked,
 * and when its account is disabled, at once, open streams included. pct_accounts_session takes it like a session's token; the server takes
 * it in the header Authorization alone (Bearer; or Basic, with the account as name, for programs that know nothing else).
 *
 * All functions may be called by any thread, and by another program while the server runs. O(tokens) for lists and ends. */
#ifndef PCT_ACCESS_TOKENS_H
#define PCT_ACCESS_TOKENS_H

#include "access/accounts.h"

#define PCT_TOKEN_PREFIX "pct_"
enum {
    PCT_TOKEN = 4 + 40 + 1,
    PCT_TOKEN_NAME_MAX = 64,
    PCT_TOKEN_DAYS = 90,
    PCT_TOKEN_DAYS_MAX = 366,
    PCT_TOKEN_USED_MS = 300000 /* to which the last use is known */
};

typedef struct pct_token_row {
    int64_t number; /* tells tokens apart; of no use to sign in with */
    pct_text account, name;
    pct_role_set roles; /* 0: all of the account's */
    bool reads_only;
    int64_t created_at_ms, expires_at_ms, used_at_ms; /* used 0: never */
} pct_token_row;

bool pct_token_is_one(pct_text text); /* by its form */
/* PCT_NOT_FOUND when there is no such account, or it is disabled; PCT_INPUT for a name that is empty or too long. */
pct_status pct_tokens_add(pct_accounts *accounts, const pct_token_row *row, char out[PCT_TOKEN],
                          pct_error *error) PCT_MUST_USE;
pct_status pct_tokens_revoke(pct_accounts *accounts, int64_t number, pct_error *error) PCT_MUST_USE;
/* By account and name; the rows borrow for the call. */
pct_status pct_tokens_list(pct_accounts *accounts, void (*take)(void *context, const pct_token_row *row),
                           void *context, pct_error *error) PCT_MUST_USE;

#endif
