#include "access/accounts.h"

#include <string.h>

#include "access/accounts_state.h"
#include "access/database.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const queries[PCT_ACC_COUNT] = {
    [PCT_ACC_ADD] = "INSERT INTO account (name, roles, password, created_at_ms) VALUES (?1, ?2, ?3, ?4)",
    [PCT_ACC_DISABLE] = "UPDATE account SET disabled = 1 WHERE name = ?1",
    [PCT_ACC_END_ALL] = "DELETE FROM session WHERE account = ?1",
    [PCT_ACC_END_OTHERS] = "DELETE FROM session WHERE account = ?1 AND token_hash <> ?2",
    [PCT_ACC_PASSWORD] = "UPDATE account SET password = ?2 WHERE name = ?1",
    [PCT_ACC_LIST] = "SELECT name, roles, created_at_ms, disabled FROM account ORDER BY name",
    [PCT_ACC_FIND] = "SELECT password, roles, disabled FROM account WHERE name = ?1",
    [PCT_ACC_OPEN_SESSION] =
        ("INSERT INTO session (token_hash, account, expires_at_ms, opened_at_ms, signed_by, address)"
         " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
    [PCT_ACC_SESSIONS] = "SELECT token_hash, opened_at_ms, expires_at_ms, signed_by, address FROM session"
                         " WHERE account = ?1 AND expires_at_ms > ?2 ORDER BY opened_at_ms DESC",
    [PCT_ACC_TOKEN_ADD] =
        ("INSERT INTO token (token_hash, account, name, roles, reads, created_at_ms, expires_at_ms)"
         " SELECT ?1, name, ?3, ?4, ?5, ?6, ?7 FROM account WHERE name = ?2 AND disabled = 0"),
    [PCT_ACC_TOKEN] =
        ("SELECT t.account, a.roles, t.expires_at_ms, t.roles, t.reads, t.used_at_ms FROM token t"
         " JOIN account a ON a.name = t.account"
         " WHERE t.token_hash = ?1 AND t.expires_at_ms > ?2 AND a.disabled = 0"),
    [PCT_ACC_TOKEN_USED] = "UPDATE token SET used_at_ms = ?2 WHERE token_hash = ?1",
    [PCT_ACC_TOKENS] =
        "SELECT token_hash, account, name, roles, reads, created_at_ms, expires_at_ms, used_at_ms"
        " FROM token ORDER BY account, name, created_at_ms",
    [PCT_ACC_TOKEN_END] = "DELETE FROM token WHERE token_hash = ?1",
    [PCT_ACC_TOKENS_END] = "DELETE FROM token WHERE account = ?1",
    [PCT_ACC_SESSION] = ("SELECT s.account, a.roles, s.expires_at_ms, s.signed_by FROM session s JOIN "
                         "account a ON a.name = s.account "
                         "WHERE s.token_hash = ?1 AND s.expires_at_ms > ?2 AND a.disabled = 0"),
    [PCT_ACC_END] = "DELETE FROM session WHERE token_hash = ?1",
    [PCT_ACC_EXPIRE] = "DELETE FROM session WHERE expires_at_ms <= ?1",
    [PCT_ACC_REMOVE] = "DELETE FROM account WHERE name = ?1",
    [PCT_ACC_PERSON] = "UPDATE account SET person = ?2 WHERE name = ?1",
    [PCT_ACC_SAME_PERSON] = "SELECT 1 FROM account a JOIN account b ON a.person = b.person"
                            " WHERE a.name = ?1 AND b.name = ?2 AND a.person <> ''",
    [PCT_ACC_FACTOR] = "SELECT factor, factor_waits, factor_step FROM account WHERE name = ?1",
    [PCT_ACC_FACTOR_WAITS] = "UPDATE account SET factor_waits = ?2 WHERE name = ?1",
    [PCT_ACC_FACTOR_TAKE] =
        "UPDATE account SET factor = factor_waits, factor_waits = NULL, factor_step = ?2 WHERE name = ?1",
    [PCT_ACC_FACTOR_DROP] = "UPDATE account SET factor = NULL, factor_waits = NULL WHERE name = ?1",
    [PCT_ACC_USE_STEP] = "UPDATE account SET factor_step = ?2 WHERE name = ?1 AND factor_step < ?2",
    [PCT_ACC_PUT_RECOVERY] = "INSERT INTO recovery (code_hash, account) VALUES (?1, ?2)",
    [PCT_ACC_USE_RECOVERY] = "DELETE FROM recovery WHERE code_hash = ?1 AND account = ?2",
    [PCT_ACC_DROP_RECOVERY] = "DELETE FROM recovery WHERE account = ?1",
    [PCT_ACC_PUT_SECRET] = "INSERT OR REPLACE INTO secret (name, value) VALUES (?1, ?2)",
    [PCT_ACC_DROP_SECRET] = "DELETE FROM secret WHERE name = ?1",
    [PCT_ACC_SECRET] = "SELECT value FROM secret WHERE name = ?1",
    [PCT_ACC_KEEP_SECRET] = "INSERT OR IGNORE INTO secret (name, value) VALUES (?1, ?2)",
};

pct_status pct_accounts_failed(const pct_accounts *a, pct_error *error) {
    return pct_access_failure(a->db, error);
}

sqlite3_stmt *pct_accounts_prepare(pct_accounts *a, pct_accounts_query which) {
    sqlite3_stmt *s = a->statements[which];
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return s;
}

void pct_accounts_bind(sqlite3_stmt *s, int at, pct_text text) {
    (void)sqlite3_bind_text(s, at, text.chars, (int)text.length, SQLITE_STATIC);
}

void pct_accounts_bind_blob(sqlite3_stmt *s, int at, const void *bytes, size_t length) {
    (void)sqlite3_bind_blob(s, at, bytes, (int)length, SQLITE_STATIC);
}

pct_status pct_accounts_run(pct_accounts *a, sqlite3_stmt *s, pct_error *error) {
    int code = sqlite3_step(s);
    pct_status status = code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    return status;
}

/* Made once, for good. */
static pct_status keep_secret(pct_accounts *a, const char *name, unsigned char *value, size_t length,
                              pct_error *error) {
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_KEEP_SECRET);
    randombytes_buf(value, length);
    pct_accounts_bind(s, 1, pct_text_of(name));
    pct_accounts_bind_blob(s, 2, value, length);
    pct_status status = pct_accounts_run(a, s, error);
    if (status) return status;
    s = pct_accounts_prepare(a, PCT_ACC_SECRET);
    pct_accounts_bind(s, 1, pct_text_of(name));
    int code = sqlite3_step(s);
    if (code != SQLITE_ROW || (size_t)sqlite3_column_bytes(s, 0) != length)
        status = pct_accounts_failed(a, error);
    else
        memcpy(value, sqlite3_column_blob(s, 0), length);
    (void)sqlite3_reset(s);
    return status;
}

pct_status pct_accounts_open(const char *site_folder, pct_accounts **out, pct_error *error) {
    pct_accounts *a = pct_alloc_zeroed(1, sizeof *a);
    if (!a) return pct_error_memory(error, sizeof *a);
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_mutex_init(&a->checking, NULL);
    pct_accounts_set_idle(a, PCT_SESSION_IDLE_MS, NULL);
    pct_status status = pct_attempts_new(&a->attempts, error); /* and libsodium with it */
    if (!status) status = pct_access_open(site_folder, NULL, &a->db, error);
    if (!status) status = pct_access_prepare(a->db, queries, PCT_ACC_COUNT, a->statements, error);
    if (!status) status = keep_secret(a, "browser", a->browser_key, sizeof a->browser_key, error);
    if (status)
        pct_accounts_close(a);
    else
        *out = a;
    return status;
}

void pct_accounts_close(pct_accounts *a) {
    if (!a) return;
    for (int i = 0; i < PCT_ACC_COUNT; i++) (void)sqlite3_finalize(a->statements[i]);
    (void)sqlite3_close(a->db);
    pct_attempts_free(a->attempts);
    sodium_memzero(a->browser_key, sizeof a->browser_key);
    sodium_memzero(a->factor_key, sizeof a->factor_key);
    (void)pthread_mutex_destroy(&a->lock);
    (void)pthread_mutex_destroy(&a->checking);
    pct_free(a);
}

static bool name_is_good(pct_text name) {
    if (name.length == 0 || name.length > PCT_ACCOUNT_NAME_MAX) return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.chars[i];
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')))
            return false;
    }
    return true;
}

pct_status pct_accounts_add(pct_accounts *a, pct_text name, pct_role_set roles, pct_text password,
                            int64_t now_ms, pct_error *error) {
    char hash[crypto_pwhash_STRBYTES];
    if (!name_is_good(name))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ACCOUNT_NAME, pct_view(name),
                        pct_int(PCT_ACCOUNT_NAME_MAX));
    pct_status status = pct_accounts_check_length(password, error);
    if (status) return status;
    if (roles == 0 || !pct_roles_may_be_held_together(roles))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ROLES_EXCLUDE, pct_view(name));
    status = pct_accounts_hash_password(a, password, hash, error);
    if (status) return status;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_ADD);
    pct_accounts_bind(s, 1, name);
    (void)sqlite3_bind_int64(s, 2, roles);
    pct_accounts_bind(s, 3, pct_text_of(hash));
    (void)sqlite3_bind_int64(s, 4, now_ms);
    status = pct_accounts_run(a, s, error);
    if (status && (sqlite3_errcode(a->db) & 0xFF) == SQLITE_CONSTRAINT)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_ACCOUNT_TAKEN, pct_view(name));
    (void)pthread_mutex_unlock(&a->lock);
    sodium_memzero(hash, sizeof hash);
    return status;
}

pct_status pct_accounts_disable(pct_accounts *a, pct_text name, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_DISABLE);
    pct_accounts_bind(s, 1, name);
    pct_status status = pct_accounts_run(a, s, error);
    if (!status && sqlite3_changes(a->db) == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(name));
    if (!status) {
        s = pct_accounts_prepare(a, PCT_ACC_END_ALL);
        pct_accounts_bind(s, 1, name);
        status = pct_accounts_run(a, s, error);
    }
    if (!status) {
        s = pct_accounts_prepare(a, PCT_ACC_TOKENS_END);
        pct_accounts_bind(s, 1, name);
        status = pct_accounts_run(a, s, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_list(pct_accounts *a, void (*take)(void *context, const pct_account_row *row),
                             void *context, pct_error *error) {
    int code;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_LIST);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        pct_account_row row = {{(const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0)},
                               (pct_role_set)sqlite3_column_int64(s, 1),
                               sqlite3_column_int64(s, 2),
                               sqlite3_column_int(s, 3) != 0};
        take(context, &row);
    }
    pct_status status = code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_remove(pct_accounts *a, pct_text name, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_REMOVE);
    pct_accounts_bind(s, 1, name);
    pct_status status = pct_accounts_run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_set_person(pct_accounts *a, pct_text name, pct_text person, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_PERSON);
    pct_accounts_bind(s, 1, name);
    pct_accounts_bind(s, 2, person);
    pct_status status = pct_accounts_run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_same_person(pct_accounts *a, pct_text one, pct_text other, bool *same,
                                    pct_error *error) {
    *same = pct_text_same(one, other);
    if (*same) return PCT_OK;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_SAME_PERSON);
    pct_accounts_bind(s, 1, one);
    pct_accounts_bind(s, 2, other);
    int code = sqlite3_step(s);
    *same = code == SQLITE_ROW;
    pct_status status = code == SQLITE_ROW || code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}
