/* Passwords: argon2id takes long and much memory on purpose; one at a time, and few waiting. */
#include <string.h>

#include "access/accounts_state.h"
#include "base/text.h"

static pct_status enter_check(pct_accounts *a, pct_error *error) {
    if (atomic_fetch_add(&a->waiting, 1) >= PCT_SIGN_IN_QUEUE_MAX) {
        (void)atomic_fetch_sub(&a->waiting, 1);
        return PCT_FAIL(error, PCT_BUSY, PCT_MSG_SIGN_IN_BUSY, pct_int(PCT_SIGN_IN_QUEUE_MAX));
    }
    (void)pthread_mutex_lock(&a->checking);
    return PCT_OK;
}

static void leave_check(pct_accounts *a) {
    (void)pthread_mutex_unlock(&a->checking);
    (void)atomic_fetch_sub(&a->waiting, 1);
}

pct_status pct_accounts_hash_password(pct_accounts *a, pct_text password, char out[crypto_pwhash_STRBYTES],
                                      pct_error *error) {
    pct_status status = enter_check(a, error);
    if (status) return status;
    if (crypto_pwhash_str_alg(out, password.chars, password.length, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        status = pct_error_memory(error, crypto_pwhash_MEMLIMIT_INTERACTIVE);
    leave_check(a);
    return status;
}

pct_status pct_accounts_check_password(pct_accounts *a, const char *hash, pct_text password, bool *good,
                                       pct_error *error) {
    pct_status status = PCT_OK;
    if (!hash && a->no_password[0] == '\0')
        status = pct_accounts_hash_password(a, pct_text_of("no such account"), a->no_password, error);
    if (!status) status = enter_check(a, error);
    if (status) return status;
    bool matches =
        crypto_pwhash_str_verify(hash ? hash : a->no_password, password.chars, password.length) == 0;
    leave_check(a);
    *good = matches && hash;
    return PCT_OK;
}

pct_status pct_accounts_check_length(pct_text password, pct_error *error) {
    if (password.length >= PCT_PASSWORD_MIN && password.length <= PCT_PASSWORD_MAX) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PASSWORD_LENGTH, pct_int(PCT_PASSWORD_MIN),
                    pct_int(PCT_PASSWORD_MAX), pct_int((int64_t)password.length));
}

static pct_status put_password(pct_accounts *a, pct_text account, const char *hash, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_PASSWORD);
    pct_accounts_bind(s, 1, account);
    pct_accounts_bind(s, 2, pct_text_of(hash));
    pct_status status = pct_accounts_run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

/* The other sessions end first: a cut between the two leaves nobody signed in by a password that was to go. */
pct_status pct_accounts_change_password(pct_accounts *a, const pct_sign_in *in, pct_text next, pct_text token,
                                        pct_error *error) {
    char hash[crypto_pwhash_STRBYTES];
    bool same = pct_text_same(next, in->password);
    pct_status status = pct_accounts_check_length(next, error);
    if (!status && same) status = pct_error_set(error, PCT_INPUT, PCT_MSG_PASSWORD_SAME, NULL, 0);
    if (!status) status = pct_accounts_confirm(a, in, error);
    if (!status) status = pct_accounts_hash_password(a, next, hash, error);
    if (!status) status = pct_accounts_end_others(a, in->account, token, error);
    if (!status) status = put_password(a, in->account, hash, error);
    sodium_memzero(hash, sizeof hash);
    return status;
}

pct_status pct_password_make(char out[PCT_PASSWORD_MADE], pct_error *error) {
    static const char letters[] =
        "abcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ"; /* none that look alike */
    if (sodium_init() < 0) return PCT_FAIL(error, PCT_IO, PCT_MSG_ACCOUNTS_DATABASE, pct_str("libsodium"));
    for (int i = 0; i < PCT_PASSWORD_MADE - 1; i++) out[i] = letters[randombytes_uniform(sizeof letters - 1)];
    out[PCT_PASSWORD_MADE - 1] = '\0';
    return PCT_OK;
}
