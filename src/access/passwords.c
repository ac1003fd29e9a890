/* Passwords: argon2id takes long and much memory on purpose; one at a time, and few waiting. */
#include "access/accounts_state.h"

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

pct_status pct_password_make(char out[PCT_PASSWORD_MADE], pct_error *error) {
    static const char letters[] =
        "abcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ"; /* none that look alike */
    if (sodium_init() < 0) return PCT_FAIL(error, PCT_IO, PCT_MSG_ACCOUNTS_DATABASE, pct_str("libsodium"));
    for (int i = 0; i < PCT_PASSWORD_MADE - 1; i++) out[i] = letters[randombytes_uniform(sizeof letters - 1)];
    out[PCT_PASSWORD_MADE - 1] = '\0';
    return PCT_OK;
}
