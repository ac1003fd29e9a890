#include "access/accounts.h"

#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

#include "access/schema.h"
#include "base/memory.h"
#include "site/file.h"

enum { HASH_BYTES = 32, TOKEN_BYTES = 16, BUSY_WAIT_MS = 2000 };

enum {
    ADD,
    DISABLE,
    END_ALL,
    LIST,
    FIND,
    TRIED,
    OPEN_SESSION,
    SESSION,
    END,
    EXPIRE,
    REMOVE,
    PERSON,
    SAME_PERSON,
    QUERY_COUNT
};
static const char *const queries[QUERY_COUNT] = {
    [ADD] = "INSERT INTO account (name, roles, password, created_at_ms) VALUES (?1, ?2, ?3, ?4)",
    [DISABLE] = "UPDATE account SET disabled = 1 WHERE name = ?1",
    [END_ALL] = "DELETE FROM session WHERE account = ?1",
    [LIST] = "SELECT name, roles, created_at_ms, disabled FROM account ORDER BY name",
    [FIND] = "SELECT password, roles, disabled, failures, wait_until_ms FROM account WHERE name = ?1",
    [TRIED] = "UPDATE account SET failures = ?2, wait_until_ms = ?3 WHERE name = ?1",
    [OPEN_SESSION] = "INSERT INTO session (token_hash, account, expires_at_ms) VALUES (?1, ?2, ?3)",
    [SESSION] =
        ("SELECT s.account, a.roles, s.expires_at_ms FROM session s JOIN account a ON a.name = s.account "
         "WHERE s.token_hash = ?1 AND s.expires_at_ms > ?2 AND a.disabled = 0"),
    [END] = "DELETE FROM session WHERE token_hash = ?1",
    [EXPIRE] = "DELETE FROM session WHERE expires_at_ms <= ?1",
    [REMOVE] = "DELETE FROM account WHERE name = ?1",
    [PERSON] = "UPDATE account SET person = ?2 WHERE name = ?1",
    [SAME_PERSON] = "SELECT 1 FROM account a JOIN account b ON a.person = b.person"
                    " WHERE a.name = ?1 AND b.name = ?2 AND a.person <> ''",
};

struct pct_accounts {
    pthread_mutex_t lock;     /* of the database */
    pthread_mutex_t checking; /* argon2id: one at a time, it takes 64 MiB */
    atomic_int waiting;
    sqlite3 *db;
    sqlite3_stmt *statements[QUERY_COUNT];
    /* Checked when an account does not exist, so that both cases take the same time. */
    char no_password[crypto_pwhash_STRBYTES];
};

static pct_status failed(const pct_accounts *a, pct_error *error) {
    int code = sqlite3_errcode(a->db);
    if (code == SQLITE_NOMEM) return pct_error_memory(error, 0);
    return PCT_FAIL(error, code == SQLITE_BUSY ? PCT_BUSY : PCT_IO, PCT_MSG_ACCOUNTS_DATABASE,
                    pct_str(sqlite3_errmsg(a->db)));
}

static sqlite3_stmt *query(pct_accounts *a, int which) {
    sqlite3_stmt *s = a->statements[which];
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return s;
}

static void bind_text(sqlite3_stmt *s, int at, pct_text text) {
    (void)sqlite3_bind_text(s, at, text.chars, (int)text.length, SQLITE_STATIC);
}

/* Runs a statement that gives no rows. */
static pct_status run(pct_accounts *a, sqlite3_stmt *s, pct_error *error) {
    int code = sqlite3_step(s);
    pct_status status = code == SQLITE_DONE ? PCT_OK : failed(a, error);
    (void)sqlite3_reset(s);
    return status;
}

/* A file from before staff numbers were kept. */
static bool add_person(sqlite3 *db) {
    return sqlite3_table_column_metadata(db, NULL, "account", "person", NULL, NULL, NULL, NULL, NULL) ==
               SQLITE_OK ||
           sqlite3_exec(db, "ALTER TABLE account ADD COLUMN person TEXT NOT NULL DEFAULT ''", NULL, NULL,
                        NULL) == SQLITE_OK;
}

pct_status pct_accounts_open(const char *site_folder, pct_accounts **out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, site_folder, "accounts.db", error);
    if (status) return status;
    pct_accounts *a = pct_alloc_zeroed(1, sizeof *a);
    if (!a) return pct_error_memory(error, sizeof *a);
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_mutex_init(&a->checking, NULL);
    int code = SQLITE_OK;
    bool good =
        sodium_init() >= 0 &&
        sqlite3_open_v2(path, &a->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) == SQLITE_OK &&
        sqlite3_busy_timeout(a->db, BUSY_WAIT_MS) == SQLITE_OK &&
        sqlite3_exec(a->db, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
                     NULL, NULL, NULL) == SQLITE_OK &&
        (code = pct_access_make_tables(a->db, NULL)) == SQLITE_OK && add_person(a->db);
    for (int i = 0; i < QUERY_COUNT && good; i++)
        good = sqlite3_prepare_v3(a->db, queries[i], -1, SQLITE_PREPARE_PERSISTENT, &a->statements[i],
                                  NULL) == SQLITE_OK;
    if (good) {
        *out = a;
        return PCT_OK;
    }
    status = code == SQLITE_NOMEM ? pct_error_memory(error, 0) : failed(a, error);
    pct_accounts_close(a);
    return status;
}

void pct_accounts_close(pct_accounts *a) {
    if (!a) return;
    for (int i = 0; i < QUERY_COUNT; i++) (void)sqlite3_finalize(a->statements[i]);
    (void)sqlite3_close(a->db);
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

/* argon2id takes long and much memory: one at a time, and few waiting. */
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

static pct_status hash_password(pct_accounts *a, pct_text password, char out[crypto_pwhash_STRBYTES],
                                pct_error *error) {
    pct_status status = enter_check(a, error);
    if (status) return status;
    if (crypto_pwhash_str_alg(out, password.chars, password.length, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        status = pct_error_memory(error, crypto_pwhash_MEMLIMIT_INTERACTIVE);
    leave_check(a);
    return status;
}

pct_status pct_accounts_add(pct_accounts *a, pct_text name, pct_role_set roles, pct_text password,
                            int64_t now_ms, pct_error *error) {
    char hash[crypto_pwhash_STRBYTES];
    if (!name_is_good(name))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ACCOUNT_NAME, pct_view(name),
                        pct_int(PCT_ACCOUNT_NAME_MAX));
    if (password.length < PCT_PASSWORD_MIN || password.length > PCT_PASSWORD_MAX)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PASSWORD_LENGTH, pct_int(PCT_PASSWORD_MIN),
                        pct_int(PCT_PASSWORD_MAX), pct_int((int64_t)password.length));
    if (roles == 0 || !pct_roles_may_be_held_together(roles))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ROLES_EXCLUDE, pct_view(name));
    pct_status status = hash_password(a, password, hash, error);
    if (status) return status;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, ADD);
    bind_text(s, 1, name);
    (void)sqlite3_bind_int64(s, 2, roles);
    bind_text(s, 3, pct_text_of(hash));
    (void)sqlite3_bind_int64(s, 4, now_ms);
    status = run(a, s, error);
    if (status && sqlite3_errcode(a->db) == SQLITE_CONSTRAINT)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_ACCOUNT_TAKEN, pct_view(name));
    (void)pthread_mutex_unlock(&a->lock);
    sodium_memzero(hash, sizeof hash);
    return status;
}

pct_status pct_accounts_disable(pct_accounts *a, pct_text name, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, DISABLE);
    bind_text(s, 1, name);
    pct_status status = run(a, s, error);
    if (!status && sqlite3_changes(a->db) == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_ACCOUNT_UNKNOWN, pct_view(name));
    if (!status) {
        s = query(a, END_ALL);
        bind_text(s, 1, name);
        status = run(a, s, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_list(pct_accounts *a, void (*take)(void *context, const pct_account_row *row),
                             void *context, pct_error *error) {
    int code;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, LIST);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        pct_account_row row = {{(const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0)},
                               (pct_role_set)sqlite3_column_int64(s, 1),
                               sqlite3_column_int64(s, 2),
                               sqlite3_column_int(s, 3) != 0};
        take(context, &row);
    }
    pct_status status = code == SQLITE_DONE ? PCT_OK : failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_remove(pct_accounts *a, pct_text name, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, REMOVE);
    bind_text(s, 1, name);
    pct_status status = run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_set_person(pct_accounts *a, pct_text name, pct_text person, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, PERSON);
    bind_text(s, 1, name);
    bind_text(s, 2, person);
    pct_status status = run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_same_person(pct_accounts *a, pct_text one, pct_text other, bool *same,
                                    pct_error *error) {
    *same = one.length == other.length && memcmp(one.chars, other.chars, one.length) == 0;
    if (*same) return PCT_OK;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, SAME_PERSON);
    bind_text(s, 1, one);
    bind_text(s, 2, other);
    int code = sqlite3_step(s);
    *same = code == SQLITE_ROW;
    pct_status status = code == SQLITE_ROW || code == SQLITE_DONE ? PCT_OK : failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

/* What is kept of an account while its password is checked. */
typedef struct candidate {
    char password[crypto_pwhash_STRBYTES];
    pct_role_set roles;
    int64_t failures, wait_until_ms;
    bool exists, disabled;
} candidate;

static pct_status find(pct_accounts *a, pct_text name, candidate *out, pct_error *error) {
    *out = (candidate){0};
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, FIND);
    bind_text(s, 1, name);
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW) {
        const void *hash = sqlite3_column_text(s, 0);
        size_t length = (size_t)sqlite3_column_bytes(s, 0);
        if (hash && length < sizeof out->password) memcpy(out->password, hash, length);
        out->roles = (pct_role_set)sqlite3_column_int64(s, 1);
        out->disabled = sqlite3_column_int(s, 2) != 0;
        out->failures = sqlite3_column_int64(s, 3);
        out->wait_until_ms = sqlite3_column_int64(s, 4);
        out->exists = true;
    }
    pct_status status = code == SQLITE_ROW || code == SQLITE_DONE ? PCT_OK : failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static pct_status note_try(pct_accounts *a, pct_text name, const candidate *c, bool good, int64_t now_ms,
                           pct_error *error) {
    if (!c->exists || (good && c->failures == 0)) return PCT_OK;
    int64_t failures = good ? 0 : c->failures + 1;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, TRIED);
    bind_text(s, 1, name);
    (void)sqlite3_bind_int64(s, 2, failures);
    (void)sqlite3_bind_int64(s, 3, failures >= PCT_ACCOUNT_TRIES ? now_ms + PCT_ACCOUNT_PAUSE_MS : 0);
    pct_status status = run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static void hash_token(pct_text token, unsigned char out[HASH_BYTES]) {
    (void)crypto_generichash(out, HASH_BYTES, (const unsigned char *)token.chars, token.length, NULL, 0);
}

/* Tells sessions apart where people read; nobody signs in with it. */
static int64_t session_number(const unsigned char hash[HASH_BYTES]) {
    int64_t number = 0;
    for (int i = 0; i < 6; i++) number = number << 8 | hash[i];
    return number;
}

static pct_status open_session(pct_accounts *a, pct_text name, const candidate *c, int64_t now_ms,
                               pct_session *out, pct_error *error) {
    unsigned char random[TOKEN_BYTES], hash[HASH_BYTES];
    randombytes_buf(random, sizeof random);
    (void)sodium_bin2hex(out->token, sizeof out->token, random, sizeof random);
    hash_token(pct_text_of(out->token), hash);
    out->identity = (pct_identity){
        .roles = c->roles, .expires_at_ms = now_ms + PCT_SESSION_LIFE_MS, .session = session_number(hash)};
    memcpy(out->identity.account, name.chars, name.length);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, EXPIRE);
    (void)sqlite3_bind_int64(s, 1, now_ms);
    pct_status status = run(a, s, error);
    if (!status) {
        s = query(a, OPEN_SESSION);
        (void)sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_STATIC);
        bind_text(s, 2, name);
        (void)sqlite3_bind_int64(s, 3, out->identity.expires_at_ms);
        status = run(a, s, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static pct_status check_password(pct_accounts *a, const candidate *c, pct_text password, bool *good,
                                 pct_error *error) {
    pct_status status = PCT_OK;
    if (!c->exists && a->no_password[0] == '\0') {
        status = hash_password(a, pct_text_of("no such account"), a->no_password, error);
        if (status) return status;
    }
    status = enter_check(a, error);
    if (status) return status;
    const char *hash = c->exists ? c->password : a->no_password;
    bool matches = crypto_pwhash_str_verify(hash, password.chars, password.length) == 0;
    leave_check(a);
    *good = matches && c->exists && !c->disabled;
    return PCT_OK;
}

pct_status pct_accounts_sign_in(pct_accounts *a, pct_text name, pct_text password, int64_t now_ms,
                                pct_session *out, pct_error *error) {
    candidate c;
    bool good = false;
    if (name.length > PCT_ACCOUNT_NAME_MAX || password.length > PCT_PASSWORD_MAX)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_SIGN_IN_WRONG, pct_int(PCT_ACCOUNT_TRIES),
                        pct_int(PCT_ACCOUNT_PAUSE_MS / 1000));
    pct_status status = find(a, name, &c, error);
    if (!status && c.wait_until_ms > now_ms)
        status =
            PCT_FAIL(error, PCT_BUSY, PCT_MSG_SIGN_IN_WAIT, pct_int((c.wait_until_ms - now_ms + 999) / 1000));
    if (!status) status = check_password(a, &c, password, &good, error);
    if (!status) status = note_try(a, name, &c, good, now_ms, error);
    if (!status && !good)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_SIGN_IN_WRONG, pct_int(PCT_ACCOUNT_TRIES),
                          pct_int(PCT_ACCOUNT_PAUSE_MS / 1000));
    if (!status) status = open_session(a, name, &c, now_ms, out, error);
    sodium_memzero(&c, sizeof c);
    return status;
}

pct_status pct_accounts_session(pct_accounts *a, pct_text token, int64_t now_ms, pct_identity *out,
                                pct_error *error) {
    unsigned char hash[HASH_BYTES];
    if (token.length != PCT_SESSION_TOKEN - 1)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_SESSION_OVER, pct_int(PCT_SESSION_LIFE_MS / 3600000));
    hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, SESSION);
    (void)sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_STATIC);
    (void)sqlite3_bind_int64(s, 2, now_ms);
    int code = sqlite3_step(s);
    pct_status status = PCT_OK;
    if (code == SQLITE_ROW) {
        *out = (pct_identity){.roles = (pct_role_set)sqlite3_column_int64(s, 1),
                              .expires_at_ms = sqlite3_column_int64(s, 2)};
        size_t length = (size_t)sqlite3_column_bytes(s, 0);
        if (length <= PCT_ACCOUNT_NAME_MAX) memcpy(out->account, sqlite3_column_text(s, 0), length);
    } else if (code == SQLITE_DONE) {
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_SESSION_OVER, pct_int(PCT_SESSION_LIFE_MS / 3600000));
    } else {
        status = failed(a, error);
    }
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_end_expired(pct_accounts *a, int64_t now_ms, pct_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, EXPIRE);
    (void)sqlite3_bind_int64(s, 1, now_ms);
    pct_status status = run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_sign_out(pct_accounts *a, pct_text token, pct_error *error) {
    unsigned char hash[HASH_BYTES];
    hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = query(a, END);
    (void)sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_STATIC);
    pct_status status = run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
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
