#include "access/factor.h"

#include <string.h>

#include "access/accounts_state.h"

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED_SECRET = NONCE + PCT_TOTP_SECRET + TAG,
    SEALED_KEY = NONCE + PCT_FACTOR_KEY + TAG,
    RECOVERY_LETTERS = 10
};

/* --- sealing ------------------------------------------------------------------------------------------------------- */

/* out: NONCE + length + TAG bytes. `bound` keeps one account's secret from being put in another's row. */
static void seal(const unsigned char *key, pct_text bound, const unsigned char *plain, size_t length,
                 unsigned char *out) {
    randombytes_buf(out, NONCE);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + NONCE, NULL, plain, length, (const unsigned char *)bound.chars, bound.length, NULL, out, key);
}

static bool unseal(const unsigned char *key, pct_text bound, const unsigned char *sealed, size_t length,
                   unsigned char *out) {
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed + NONCE, length - NONCE,
                                                      (const unsigned char *)bound.chars, bound.length,
                                                      sealed, key) == 0;
}

/* Another use of the agency's key needs another key. */
static void wrapping_key(const unsigned char *agency, unsigned char out[PCT_FACTOR_KEY]) {
    static const unsigned char what[] = "precinct second factors 1";
    (void)crypto_generichash(out, PCT_FACTOR_KEY, what, sizeof what, agency, PCT_AGENCY_KEY_BYTES);
}

/* --- the key of secrets (under the lock) ---------------------------------------------------------------------------- */

static pct_status put_secret(pct_accounts *a, const char *name, const unsigned char *agency,
                             pct_error *error) {
    unsigned char wrapping[PCT_FACTOR_KEY], sealed[SEALED_KEY];
    wrapping_key(agency, wrapping);
    seal(wrapping, pct_text_of("factor"), a->factor_key, PCT_FACTOR_KEY, sealed);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_PUT_SECRET);
    pct_accounts_bind(s, 1, pct_text_of(name));
    pct_accounts_bind_blob(s, 2, sealed, sizeof sealed);
    pct_status status = pct_accounts_run(a, s, error);
    sodium_memzero(wrapping, sizeof wrapping);
    return status;
}

static pct_status drop_secret(pct_accounts *a, const char *name, pct_error *error) {
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_DROP_SECRET);
    pct_accounts_bind(s, 1, pct_text_of(name));
    return pct_accounts_run(a, s, error);
}

/* *there: there is such a row; true: it opened. */
static bool open_secret(pct_accounts *a, const char *name, const unsigned char *agency, bool *there) {
    unsigned char wrapping[PCT_FACTOR_KEY];
    bool good = false;
    wrapping_key(agency, wrapping);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_SECRET);
    pct_accounts_bind(s, 1, pct_text_of(name));
    *there = sqlite3_step(s) == SQLITE_ROW;
    if (*there && sqlite3_column_bytes(s, 0) == SEALED_KEY)
        good = unseal(wrapping, pct_text_of("factor"), sqlite3_column_blob(s, 0), SEALED_KEY, a->factor_key);
    (void)sqlite3_reset(s);
    sodium_memzero(wrapping, sizeof wrapping);
    return good;
}

pct_status pct_factors_unlock(pct_accounts *a, const unsigned char agency[PCT_AGENCY_KEY_BYTES],
                              pct_error *error) {
    bool there, next;
    pct_status status = PCT_OK;
    (void)pthread_mutex_lock(&a->lock);
    a->has_factor_key = open_secret(a, "factor", agency, &there);
    if (!a->has_factor_key && open_secret(a, "factor.next", agency, &next)) {
        status = put_secret(a, "factor", agency,
                            error); /* the agency's key was changed, and then the power failed */
        a->has_factor_key = !status;
    } else if (!a->has_factor_key && !there) {
        randombytes_buf(a->factor_key, sizeof a->factor_key);
        status = put_secret(a, "factor", agency, error);
        a->has_factor_key = !status;
    }
    if (!status && !a->has_factor_key)
        status = pct_error_set(error, PCT_REFUSED, PCT_MSG_FACTOR_KEY, NULL, 0);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_factors_rewrap_begin(pct_accounts *a, const unsigned char next[PCT_AGENCY_KEY_BYTES],
                                    pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = a->has_factor_key ? put_secret(a, "factor.next", next, error) : PCT_OK;
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_factors_rewrap_end(pct_accounts *a, const unsigned char next[PCT_AGENCY_KEY_BYTES],
                                  pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = a->has_factor_key ? put_secret(a, "factor", next, error) : PCT_OK;
    if (!status) status = drop_secret(a, "factor.next", error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static pct_status need_key(const pct_accounts *a, pct_error *error) {
    return a->has_factor_key ? PCT_OK : pct_error_set(error, PCT_REFUSED, PCT_MSG_FACTOR_KEY, NULL, 0);
}

/* --- rows (under the lock) ------------------------------------------------------------------------------------------ */

typedef struct factor_row {
    unsigned char secret[PCT_TOTP_SECRET];
    int64_t step;
    bool there; /* the secret, in force or waiting */
} factor_row;

static pct_status read_row(pct_accounts *a, pct_text account, bool waiting, factor_row *out,
                           pct_error *error) {
    *out = (factor_row){.there = false};
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_FACTOR);
    pct_accounts_bind(s, 1, account);
    int code = sqlite3_step(s);
    pct_status status = code == SQLITE_ROW || code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    if (code == SQLITE_DONE)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(account));
    if (!status && sqlite3_column_type(s, waiting) != SQLITE_NULL) {
        out->there = true;
        out->step = sqlite3_column_int64(s, 2);
        status = need_key(a, error);
        if (!status &&
            (sqlite3_column_bytes(s, waiting) != SEALED_SECRET ||
             !unseal(a->factor_key, account, sqlite3_column_blob(s, waiting), SEALED_SECRET, out->secret)))
            status = pct_error_set(error, PCT_REFUSED, PCT_MSG_FACTOR_KEY, NULL, 0);
    }
    (void)sqlite3_reset(s);
    return status;
}

static void hash_recovery(const pct_accounts *a, pct_text account, pct_text code,
                          unsigned char out[PCT_ACCOUNTS_HASH]) {
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, a->factor_key, PCT_FACTOR_KEY, PCT_ACCOUNTS_HASH);
    (void)crypto_generichash_update(&state, (const unsigned char *)account.chars, account.length);
    (void)crypto_generichash_update(&state, (const unsigned char *)":", 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)code.chars, code.length);
    (void)crypto_generichash_final(&state, out, PCT_ACCOUNTS_HASH);
}

static pct_status run_for(pct_accounts *a, pct_accounts_query which, pct_text account, pct_error *error) {
    sqlite3_stmt *s = pct_accounts_prepare(a, which);
    pct_accounts_bind(s, 1, account);
    return pct_accounts_run(a, s, error);
}

static pct_status make_recovery(pct_accounts *a, pct_text account, pct_recovery *out, pct_error *error) {
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32 of them, none that look alike */
    pct_status status = run_for(a, PCT_ACC_DROP_RECOVERY, account, error);
    for (int i = 0; i < PCT_RECOVERY_CODES && !status; i++) {
        unsigned char hash[PCT_ACCOUNTS_HASH];
        char *code = out->codes[i];
        for (int l = 0; l <= RECOVERY_LETTERS; l++)
            code[l] = l == RECOVERY_LETTERS / 2 ? '-' : letters[randombytes_uniform(sizeof letters - 1)];
        code[RECOVERY_LETTERS + 1] = '\0';
        hash_recovery(a, account, pct_text_of(code), hash);
        sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_PUT_RECOVERY);
        pct_accounts_bind_blob(s, 1, hash, sizeof hash);
        pct_accounts_bind(s, 2, account);
        status = pct_accounts_run(a, s, error);
    }
    return status;
}

/* One statement: of two that use it at once, one finds it. */
static pct_status use_recovery(pct_accounts *a, pct_text account, pct_text code, bool *good,
                               pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    hash_recovery(a, account, code, hash);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_USE_RECOVERY);
    pct_accounts_bind_blob(s, 1, hash, sizeof hash);
    pct_accounts_bind(s, 2, account);
    pct_status status = pct_accounts_run(a, s, error);
    *good = !status && sqlite3_changes(a->db) == 1;
    return status;
}

static pct_status use_step(pct_accounts *a, pct_text account, int64_t step, bool *good, pct_error *error) {
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_USE_STEP);
    pct_accounts_bind(s, 1, account);
    (void)sqlite3_bind_int64(s, 2, step);
    pct_status status = pct_accounts_run(a, s, error);
    *good = !status && sqlite3_changes(a->db) == 1;
    return status;
}

/* --- what others call ----------------------------------------------------------------------------------------------- */

pct_status pct_factor_is_on(pct_accounts *a, pct_text account, bool *on, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_FACTOR);
    pct_accounts_bind(s, 1, account);
    int code = sqlite3_step(s);
    *on = code == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL;
    pct_status status = code == SQLITE_ROW || code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_factor_begin(pct_accounts *a, pct_text account, char secret[PCT_TOTP_TEXT], pct_error *error) {
    unsigned char bytes[PCT_TOTP_SECRET], sealed[SEALED_SECRET];
    randombytes_buf(bytes, sizeof bytes);
    pct_totp_write(bytes, secret);
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = need_key(a, error);
    if (!status) {
        seal(a->factor_key, account, bytes, sizeof bytes, sealed);
        sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_FACTOR_WAITS);
        pct_accounts_bind(s, 1, account);
        pct_accounts_bind_blob(s, 2, sealed, sizeof sealed);
        status = pct_accounts_run(a, s, error);
        if (!status && sqlite3_changes(a->db) == 0)
            status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(account));
    }
    (void)pthread_mutex_unlock(&a->lock);
    sodium_memzero(bytes, sizeof bytes);
    return status;
}

pct_status pct_factor_confirm(pct_accounts *a, pct_text account, pct_text code, int64_t now_ms,
                              pct_recovery *out, pct_error *error) {
    factor_row row;
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = read_row(a, account, true, &row, error);
    if (!status && !row.there) status = pct_error_set(error, PCT_REFUSED, PCT_MSG_FACTOR_NONE_WAITS, NULL, 0);
    int64_t step = !status && code.length > 0 ? pct_totp_find(row.secret, code, now_ms, -1) : 0;
    if (!status && step < 0) status = pct_error_set(error, PCT_REFUSED, PCT_MSG_SIGN_IN_CODE_WRONG, NULL, 0);
    if (!status) status = make_recovery(a, account, out, error);
    if (!status) {
        sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_FACTOR_TAKE);
        pct_accounts_bind(s, 1, account);
        (void)sqlite3_bind_int64(s, 2, step);
        status = pct_accounts_run(a, s, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    sodium_memzero(&row, sizeof row);
    return status;
}

pct_status pct_factor_remove(pct_accounts *a, pct_text account, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = run_for(a, PCT_ACC_FACTOR_DROP, account, error);
    if (!status && sqlite3_changes(a->db) == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(account));
    if (!status) status = run_for(a, PCT_ACC_DROP_RECOVERY, account, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_factor_use(pct_accounts *a, pct_text account, pct_text code, int64_t now_ms, bool *on,
                          bool *good, pct_error *error) {
    factor_row row;
    *on = *good = false;
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = read_row(a, account, false, &row, error);
    *on = row.there;
    int64_t step = !status && row.there ? pct_totp_find(row.secret, code, now_ms, row.step) : -1;
    if (step >= 0)
        status = use_step(a, account, step, good, error);
    else if (!status && row.there && code.length == RECOVERY_LETTERS + 1)
        status = use_recovery(a, account, code, good, error);
    (void)pthread_mutex_unlock(&a->lock);
    sodium_memzero(&row, sizeof row);
    return status;
}
