#include "access/tokens.h"

#include <string.h>

#include "access/accounts_state.h"

enum { RANDOM_BYTES = (PCT_TOKEN - 1 - 4) / 2 };

bool pct_token_is_one(pct_text text) {
    return text.length == PCT_TOKEN - 1 &&
           memcmp(text.chars, PCT_TOKEN_PREFIX, sizeof PCT_TOKEN_PREFIX - 1) == 0;
}

pct_status pct_tokens_add(pct_accounts *a, const pct_token_row *row, char out[PCT_TOKEN], pct_error *error) {
    unsigned char random[RANDOM_BYTES], hash[PCT_ACCOUNTS_HASH];
    if (row->name.length == 0 || row->name.length > PCT_TOKEN_NAME_MAX)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_TOKEN_NAME, pct_int(PCT_TOKEN_NAME_MAX),
                        pct_int((int64_t)row->name.length));
    randombytes_buf(random, sizeof random);
    memcpy(out, PCT_TOKEN_PREFIX, sizeof PCT_TOKEN_PREFIX);
    (void)sodium_bin2hex(out + 4, PCT_TOKEN - 4, random, sizeof random);
    pct_accounts_hash_token(pct_text_of(out), hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_TOKEN_ADD);
    pct_accounts_bind_blob(s, 1, hash, sizeof hash);
    pct_accounts_bind(s, 2, row->account);
    pct_accounts_bind(s, 3, row->name);
    (void)sqlite3_bind_int64(s, 4, row->roles);
    (void)sqlite3_bind_int(s, 5, row->reads_only);
    (void)sqlite3_bind_int64(s, 6, row->created_at_ms);
    (void)sqlite3_bind_int64(s, 7, row->expires_at_ms);
    pct_status status = pct_accounts_run(a, s, error);
    if (!status && sqlite3_changes(a->db) == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(row->account));
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static void read_token(sqlite3_stmt *s, const unsigned char hash[PCT_ACCOUNTS_HASH], pct_identity *out) {
    *out = (pct_identity){.roles = (pct_role_set)sqlite3_column_int64(s, 1),
                          .expires_at_ms = sqlite3_column_int64(s, 2),
                          .narrowed_to = (pct_role_set)sqlite3_column_int64(s, 3),
                          .reads_only = sqlite3_column_int(s, 4) != 0,
                          .session = pct_accounts_number_of(hash),
                          .signed_by = PCT_SIGNED_BY_TOKEN};
    if (out->narrowed_to) out->roles &= out->narrowed_to;
    pct_accounts_read_name(s, 0, out->account);
}

static void note_use(pct_accounts *a, const unsigned char hash[PCT_ACCOUNTS_HASH], int64_t now_ms) {
    pct_error ignored;
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_TOKEN_USED);
    pct_accounts_bind_blob(s, 1, hash, PCT_ACCOUNTS_HASH);
    (void)sqlite3_bind_int64(s, 2, now_ms);
    (void)!pct_accounts_run(a, s, &ignored); /* a full disk keeps nobody from reading */
}

pct_status pct_accounts_token(pct_accounts *a, pct_text token, int64_t now_ms, pct_identity *out,
                              pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    int64_t used_at_ms = 0;
    pct_accounts_hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_TOKEN);
    pct_accounts_bind_blob(s, 1, hash, sizeof hash);
    (void)sqlite3_bind_int64(s, 2, now_ms);
    int code = sqlite3_step(s);
    pct_status status = PCT_OK;
    if (code == SQLITE_ROW) {
        read_token(s, hash, out);
        used_at_ms = sqlite3_column_int64(s, 5);
    } else {
        status = code == SQLITE_DONE ? pct_error_set(error, PCT_REFUSED, PCT_MSG_TOKEN_WRONG, NULL, 0)
                                     : pct_accounts_failed(a, error);
    }
    (void)sqlite3_reset(s);
    if (!status && now_ms - used_at_ms >= PCT_TOKEN_USED_MS) note_use(a, hash, now_ms);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_tokens_list(pct_accounts *a, void (*take)(void *context, const pct_token_row *row),
                           void *context, pct_error *error) {
    int code;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_TOKENS);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        if (sqlite3_column_bytes(s, 0) != PCT_ACCOUNTS_HASH) continue;
        const pct_token_row row = {
            .number = pct_accounts_number_of(sqlite3_column_blob(s, 0)),
            .account = {(const char *)sqlite3_column_text(s, 1), (size_t)sqlite3_column_bytes(s, 1)},
            .name = {(const char *)sqlite3_column_text(s, 2), (size_t)sqlite3_column_bytes(s, 2)},
            .roles = (pct_role_set)sqlite3_column_int64(s, 3),
            .reads_only = sqlite3_column_int(s, 4) != 0,
            .created_at_ms = sqlite3_column_int64(s, 5),
            .expires_at_ms = sqlite3_column_int64(s, 6),
            .used_at_ms = sqlite3_column_int64(s, 7)};
        take(context, &row);
    }
    pct_status status = code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_tokens_revoke(pct_accounts *a, int64_t number, pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    bool found = false;
    int code;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_TOKENS);
    while (!found && (code = sqlite3_step(s)) == SQLITE_ROW) {
        found = sqlite3_column_bytes(s, 0) == PCT_ACCOUNTS_HASH &&
                pct_accounts_number_of(sqlite3_column_blob(s, 0)) == number;
        if (found) memcpy(hash, sqlite3_column_blob(s, 0), sizeof hash);
    }
    pct_status status = found || code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    if (!status && !found) status = pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_TOKEN_UNKNOWN, NULL, 0);
    if (!status) {
        s = pct_accounts_prepare(a, PCT_ACC_TOKEN_END);
        pct_accounts_bind_blob(s, 1, hash, sizeof hash);
        status = pct_accounts_run(a, s, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}
