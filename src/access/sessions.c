/* Sessions: 128 random bits to the browser, their hash to the file. */
#include <string.h>

#include "access/accounts_state.h"

static void hash_token(pct_text token, unsigned char out[PCT_ACCOUNTS_HASH]) {
    (void)crypto_generichash(out, PCT_ACCOUNTS_HASH, (const unsigned char *)token.chars, token.length, NULL,
                             0);
}

/* Tells sessions apart where people read; nobody signs in with it. */
static int64_t session_number(const unsigned char hash[PCT_ACCOUNTS_HASH]) {
    int64_t number = 0;
    for (int i = 0; i < 6; i++) number = number << 8 | hash[i];
    return number;
}

static pct_status insert(pct_accounts *a, const unsigned char hash[PCT_ACCOUNTS_HASH],
                         const pct_identity *identity, pct_error *error) {
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_OPEN_SESSION);
    pct_accounts_bind_blob(s, 1, hash, PCT_ACCOUNTS_HASH);
    pct_accounts_bind(s, 2, pct_text_of(identity->account));
    (void)sqlite3_bind_int64(s, 3, identity->expires_at_ms);
    return pct_accounts_run(a, s, error);
}

pct_status pct_accounts_open_session(pct_accounts *a, int64_t now_ms, pct_session *out, pct_error *error) {
    unsigned char random[PCT_ACCOUNTS_TOKEN], hash[PCT_ACCOUNTS_HASH];
    randombytes_buf(random, sizeof random);
    (void)sodium_bin2hex(out->token, sizeof out->token, random, sizeof random);
    hash_token(pct_text_of(out->token), hash);
    out->identity.expires_at_ms = now_ms + PCT_SESSION_LIFE_MS;
    out->identity.session = session_number(hash);
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = insert(a, hash, &out->identity, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static pct_status over(pct_error *error) {
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_SESSION_OVER, pct_int(PCT_SESSION_LIFE_MS / 3600000));
}

static void read_session(sqlite3_stmt *s, const unsigned char hash[PCT_ACCOUNTS_HASH], pct_identity *out) {
    *out = (pct_identity){.roles = (pct_role_set)sqlite3_column_int64(s, 1),
                          .expires_at_ms = sqlite3_column_int64(s, 2),
                          .session = session_number(hash)};
    size_t length = (size_t)sqlite3_column_bytes(s, 0);
    if (length <= PCT_ACCOUNT_NAME_MAX) memcpy(out->account, sqlite3_column_text(s, 0), length);
}

pct_status pct_accounts_session(pct_accounts *a, pct_text token, int64_t now_ms, pct_identity *out,
                                pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    if (token.length != PCT_SESSION_TOKEN - 1) return over(error);
    hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_SESSION);
    pct_accounts_bind_blob(s, 1, hash, sizeof hash);
    (void)sqlite3_bind_int64(s, 2, now_ms);
    int code = sqlite3_step(s);
    pct_status status = code == SQLITE_ROW ? PCT_OK : code == SQLITE_DONE ? PCT_REFUSED : PCT_IO;
    if (code == SQLITE_ROW) read_session(s, hash, out);
    if (status == PCT_REFUSED) status = over(error);
    if (code != SQLITE_ROW && code != SQLITE_DONE) status = pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_end_expired(pct_accounts *a, int64_t now_ms, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_EXPIRE);
    (void)sqlite3_bind_int64(s, 1, now_ms);
    pct_status status = pct_accounts_run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_sign_out(pct_accounts *a, pct_text token, pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_END);
    pct_accounts_bind_blob(s, 1, hash, sizeof hash);
    pct_status status = pct_accounts_run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}
