/* What the files of accounts.db share: its connection, prepared statements, and what is known of tries and sessions in memory. */
#ifndef PCT_ACCESS_ACCOUNTS_STATE_H
#define PCT_ACCESS_ACCOUNTS_STATE_H

#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "access/accounts.h"
#include "access/attempts.h"

enum {
    PCT_ACCOUNTS_HASH = 32,
    PCT_ACCOUNTS_TOKEN = 16,
    PCT_ACCOUNTS_NUMBER = 6, /* bytes of a hash that tell sessions and tokens apart */
    PCT_FACTOR_KEY = 32,
    PCT_SEEN_SETS = 1024,
    PCT_SEEN_WAYS = 8
};

typedef enum pct_accounts_query {
    PCT_ACC_ADD,
    PCT_ACC_DISABLE,
    PCT_ACC_END_ALL,
    PCT_ACC_END_OTHERS,
    PCT_ACC_PASSWORD,
    PCT_ACC_LIST,
    PCT_ACC_FIND,
    PCT_ACC_OPEN_SESSION,
    PCT_ACC_SESSION,
    PCT_ACC_END,
    PCT_ACC_EXPIRE,
    PCT_ACC_REMOVE,
    PCT_ACC_PERSON,
    PCT_ACC_SAME_PERSON,
    PCT_ACC_SESSIONS,
    PCT_ACC_TOKEN_ADD,
    PCT_ACC_TOKEN,
    PCT_ACC_TOKEN_USED,
    PCT_ACC_TOKENS,
    PCT_ACC_TOKEN_END,
    PCT_ACC_TOKENS_END,
    PCT_ACC_FACTOR,
    PCT_ACC_FACTOR_WAITS,
    PCT_ACC_FACTOR_TAKE,
    PCT_ACC_FACTOR_DROP,
    PCT_ACC_USE_STEP,
    PCT_ACC_PUT_RECOVERY,
    PCT_ACC_USE_RECOVERY,
    PCT_ACC_DROP_RECOVERY,
    PCT_ACC_PUT_SECRET,
    PCT_ACC_DROP_SECRET,
    PCT_ACC_SECRET,
    PCT_ACC_KEEP_SECRET,
    PCT_ACC_COUNT
} pct_accounts_query;

struct pct_accounts {
    pthread_mutex_t lock;     /* of the database */
    pthread_mutex_t checking; /* argon2id: one at a time, it takes 64 MiB */
    atomic_int waiting;
    sqlite3 *db;
    sqlite3_stmt *statements[PCT_ACC_COUNT];
    pct_attempts *attempts;
    unsigned char browser_key[PCT_BROWSER_KEY];
    unsigned char factor_key[PCT_FACTOR_KEY];
    bool has_factor_key;
    int64_t idle_ms;
    int64_t (*tick_ms)(void);
    struct pct_seen {
        int64_t session, at_ms; /* 0: none; by the tick */
    } seen[PCT_SEEN_SETS][PCT_SEEN_WAYS];
    /* Checked when an account does not exist, so that both cases take the same time. */
    char no_password[crypto_pwhash_STRBYTES];
};

/* Under the lock, all of them. */
pct_status pct_accounts_failed(const pct_accounts *accounts, pct_error *error);
sqlite3_stmt *pct_accounts_prepare(pct_accounts *accounts, pct_accounts_query which);
void pct_accounts_bind(sqlite3_stmt *statement, int at, pct_text text);
void pct_accounts_bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t length);
/* Runs a statement that gives no rows. */
pct_status pct_accounts_run(pct_accounts *accounts, sqlite3_stmt *statement, pct_error *error) PCT_MUST_USE;

/* PCT_INPUT with the lengths. */
pct_status pct_accounts_check_length(pct_text password, pct_error *error) PCT_MUST_USE;
/* Without the lock: it takes long. */
pct_status pct_accounts_hash_password(pct_accounts *accounts, pct_text password,
                                      char out[crypto_pwhash_STRBYTES], pct_error *error) PCT_MUST_USE;
/* hash NULL: as long as for a real one, and false. */
pct_status pct_accounts_check_password(pct_accounts *accounts, const char *hash, pct_text password,
                                       bool *good, pct_error *error) PCT_MUST_USE;

void pct_accounts_hash_token(pct_text token, unsigned char out[PCT_ACCOUNTS_HASH]);
/* Tells sessions and tokens apart where people read; nobody signs in with it. */
int64_t pct_accounts_number_of(const unsigned char *hash);
/* A column of text into an array of PCT_ACCOUNT_NAME_MAX + 1. */
void pct_accounts_read_name(sqlite3_stmt *statement, int column, char *out);
/* Who a token stands for. Without the lock. */
pct_status pct_accounts_token(pct_accounts *accounts, pct_text token, int64_t now_ms, pct_identity *out,
                              pct_error *error) PCT_MUST_USE;

/* A session of the account in `out`, with a token, from where `in` says. */
pct_status pct_accounts_open_session(pct_accounts *accounts, const pct_sign_in *in, pct_session *out,
                                     pct_error *error) PCT_MUST_USE;

#endif
