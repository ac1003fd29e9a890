/* Sessions: 128 random bits to the browser, their hash to the file. When each was last seen stands in memory alone: to write it with each
 * request would hold up all others; by a clock that nobody sets, for one that is put forward must sign nobody out. Sets of PCT_SEEN_WAYS; a
 * session that is not there, or had to give way, counts as seen now. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "access/accounts_state.h"
#include "access/tokens.h"

void pct_accounts_hash_token(pct_text token, unsigned char out[PCT_ACCOUNTS_HASH]) {
    (void)crypto_generichash(out, PCT_ACCOUNTS_HASH, (const unsigned char *)token.chars, token.length, NULL,
                             0);
}

int64_t pct_accounts_number_of(const unsigned char *hash) {
    int64_t number = 0;
    for (int i = 0; i < PCT_ACCOUNTS_NUMBER; i++) number = number << 8 | hash[i];
    return number;
}

void pct_accounts_read_name(sqlite3_stmt *s, int column, char *out) {
    size_t length = (size_t)sqlite3_column_bytes(s, column);
    memset(out, 0, PCT_ACCOUNT_NAME_MAX + 1);
    if (length > 0 && length <= PCT_ACCOUNT_NAME_MAX) memcpy(out, sqlite3_column_text(s, column), length);
}

void pct_session_number_write(int64_t number, char out[PCT_SESSION_NUMBER]) {
    (void)snprintf(out, PCT_SESSION_NUMBER, "%012llx", (unsigned long long)number & 0xffffffffffff);
}

bool pct_session_number_read(pct_text text, int64_t *out) {
    unsigned char bytes[PCT_ACCOUNTS_NUMBER];
    size_t got = 0;
    if (text.length != PCT_SESSION_NUMBER - 1 ||
        sodium_hex2bin(bytes, sizeof bytes, text.chars, text.length, NULL, &got, NULL) != 0 ||
        got != sizeof bytes)
        return false;
    *out = pct_accounts_number_of(bytes);
    return true;
}

/* --- when a session was last seen (under the lock) ----------------------------------------------------------------- */

/* Asleep counts: whoever closes the lid has left. */
static int64_t machine_ms(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void pct_accounts_set_idle(pct_accounts *a, int64_t idle_ms, int64_t (*tick_ms)(void)) {
    a->idle_ms = idle_ms;
    a->tick_ms = tick_ms ? tick_ms : machine_ms;
}

static struct pct_seen *seen_of(pct_accounts *a, int64_t session, int64_t tick_ms) {
    struct pct_seen *set = a->seen[session % PCT_SEEN_SETS], *oldest = set;
    for (int w = 0; w < PCT_SEEN_WAYS; w++) {
        if (set[w].session == session) return &set[w];
        if (set[w].at_ms < oldest->at_ms) oldest = &set[w];
    }
    *oldest = (struct pct_seen){session, tick_ms};
    return oldest;
}

static bool is_idle(pct_accounts *a, int64_t session, bool active) {
    int64_t tick_ms = a->tick_ms();
    struct pct_seen *seen = seen_of(a, session, tick_ms);
    bool idle = tick_ms - seen->at_ms > a->idle_ms;
    if (active && !idle) seen->at_ms = tick_ms;
    return idle;
}

/* --- opening, asking, ending --------------------------------------------------------------------------------------- */

static pct_status insert(pct_accounts *a, const unsigned char hash[PCT_ACCOUNTS_HASH],
                         const pct_identity *identity, const pct_sign_in *in, pct_error *error) {
    const pct_text none = {"", 0};
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_OPEN_SESSION);
    pct_accounts_bind_blob(s, 1, hash, PCT_ACCOUNTS_HASH);
    pct_accounts_bind(s, 2, pct_text_of(identity->account));
    (void)sqlite3_bind_int64(s, 3, identity->expires_at_ms);
    (void)sqlite3_bind_int64(s, 4, in->wall_ms);
    (void)sqlite3_bind_int(s, 5, (int)identity->signed_by);
    pct_accounts_bind(s, 6,
                      in->address.length < PCT_SESSION_ADDRESS && in->address.chars ? in->address : none);
    return pct_accounts_run(a, s, error);
}

pct_status pct_accounts_open_session(pct_accounts *a, const pct_sign_in *in, pct_session *out,
                                     pct_error *error) {
    unsigned char random[PCT_ACCOUNTS_TOKEN], hash[PCT_ACCOUNTS_HASH];
    randombytes_buf(random, sizeof random);
    (void)sodium_bin2hex(out->token, sizeof out->token, random, sizeof random);
    pct_accounts_hash_token(pct_text_of(out->token), hash);
    out->identity.expires_at_ms = in->wall_ms + PCT_SESSION_LIFE_MS;
    out->identity.session = pct_accounts_number_of(hash);
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = insert(a, hash, &out->identity, in, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static pct_status over(const pct_accounts *a, pct_error *error) {
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_SESSION_OVER, pct_int(PCT_SESSION_LIFE_MS / 3600000),
                    pct_int(a->idle_ms / 60000));
}

static void read_session(sqlite3_stmt *s, const unsigned char hash[PCT_ACCOUNTS_HASH], pct_identity *out) {
    *out = (pct_identity){.roles = (pct_role_set)sqlite3_column_int64(s, 1),
                          .expires_at_ms = sqlite3_column_int64(s, 2),
                          .signed_by = (pct_signed_by)sqlite3_column_int(s, 3),
                          .session = pct_accounts_number_of(hash)};
    pct_accounts_read_name(s, 0, out->account);
}

/* Under the lock. */
static pct_status end(pct_accounts *a, const unsigned char hash[PCT_ACCOUNTS_HASH], pct_error *error) {
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_END);
    pct_accounts_bind_blob(s, 1, hash, PCT_ACCOUNTS_HASH);
    return pct_accounts_run(a, s, error);
}

static pct_status who(pct_accounts *a, pct_text token, int64_t now_ms, bool active, pct_identity *out,
                      pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    if (pct_token_is_one(token)) return pct_accounts_token(a, token, now_ms, out, error);
    if (token.length != PCT_SESSION_TOKEN - 1) return over(a, error);
    pct_accounts_hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_SESSION);
    pct_accounts_bind_blob(s, 1, hash, sizeof hash);
    (void)sqlite3_bind_int64(s, 2, now_ms);
    int code = sqlite3_step(s);
    pct_status status = PCT_OK;
    if (code == SQLITE_ROW) read_session(s, hash, out);
    if (code != SQLITE_ROW && code != SQLITE_DONE) status = pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    if (code == SQLITE_DONE) status = over(a, error);
    if (code == SQLITE_ROW && is_idle(a, out->session, active)) {
        status = end(a, hash, error);
        if (!status) status = over(a, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_session(pct_accounts *a, pct_text token, int64_t now_ms, pct_identity *out,
                                pct_error *error) {
    return who(a, token, now_ms, true, out, error);
}

pct_status pct_accounts_still(pct_accounts *a, pct_text token, int64_t now_ms, pct_identity *out,
                              pct_error *error) {
    return who(a, token, now_ms, false, out, error);
}

pct_status pct_accounts_sign_out(pct_accounts *a, pct_text token, pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    pct_accounts_hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    pct_status status = end(a, hash, error);
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

/* --- those of one account ------------------------------------------------------------------------------------------- */

/* Under the lock. */
static sqlite3_stmt *sessions_of(pct_accounts *a, pct_text account, int64_t now_ms) {
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_SESSIONS);
    pct_accounts_bind(s, 1, account);
    (void)sqlite3_bind_int64(s, 2, now_ms);
    return s;
}

pct_status pct_accounts_sessions(pct_accounts *a, pct_text account, int64_t now_ms,
                                 pct_session_row rows[PCT_SESSIONS_MAX], size_t *count, pct_error *error) {
    int code = SQLITE_DONE;
    *count = 0;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = sessions_of(a, account, now_ms);
    while (*count < PCT_SESSIONS_MAX && (code = sqlite3_step(s)) == SQLITE_ROW) {
        if (sqlite3_column_bytes(s, 0) != PCT_ACCOUNTS_HASH) continue;
        int64_t session = pct_accounts_number_of(sqlite3_column_blob(s, 0));
        int64_t tick_ms = a->tick_ms(), unseen_ms = tick_ms - seen_of(a, session, tick_ms)->at_ms;
        if (unseen_ms > a->idle_ms) continue;
        pct_session_row *row = &rows[(*count)++];
        *row = (pct_session_row){.session = session,
                                 .opened_at_ms = sqlite3_column_int64(s, 1),
                                 .seen_at_ms = now_ms - unseen_ms,
                                 .expires_at_ms = sqlite3_column_int64(s, 2),
                                 .signed_by = (pct_signed_by)sqlite3_column_int(s, 3)};
        size_t length = (size_t)sqlite3_column_bytes(s, 4);
        if (length < sizeof row->address) memcpy(row->address, sqlite3_column_text(s, 4), length);
    }
    pct_status status = code == SQLITE_ROW || code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_end_session(pct_accounts *a, pct_text account, int64_t session, pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    bool found = false;
    int code = SQLITE_DONE;
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = sessions_of(a, account, 0);
    while (!found && (code = sqlite3_step(s)) == SQLITE_ROW) {
        found = sqlite3_column_bytes(s, 0) == PCT_ACCOUNTS_HASH &&
                pct_accounts_number_of(sqlite3_column_blob(s, 0)) == session;
        if (found) memcpy(hash, sqlite3_column_blob(s, 0), sizeof hash);
    }
    pct_status status = found || code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    if (!status && !found) status = pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_SESSION_UNKNOWN, NULL, 0);
    if (!status) status = end(a, hash, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

pct_status pct_accounts_end_others(pct_accounts *a, pct_text account, pct_text token, pct_error *error) {
    unsigned char hash[PCT_ACCOUNTS_HASH];
    pct_accounts_hash_token(token, hash);
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_END_OTHERS);
    pct_accounts_bind(s, 1, account);
    pct_accounts_bind_blob(s, 2, hash, sizeof hash);
    pct_status status = pct_accounts_run(a, s, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}
