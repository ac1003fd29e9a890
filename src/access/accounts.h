/* Accounts and sessions of a site: who may sign in, and who is signed in. What an account may do follows from the record
 * (access/rights.h); the roles here are those of a site whose record is not born yet, and are taken over once, when it is.
 *
 *     status = pct_accounts_open(site_folder, &accounts, error);              // accounts.db; made when absent
 *     status = pct_accounts_sign_in(accounts, &in, &session, error);
 *     status = pct_accounts_session(accounts, token, now_ms, &identity, error);  // each request
 *
 * Passwords are kept as argon2id (libsodium's interactive limits: 64 MiB and some 50 ms each, one at a time). A session
 * token is 128 random bits; only its hash is kept; it ends after PCT_SESSION_LIFE_MS, and when nothing was asked with it for
 * the idle time (in memory: a start counts as being seen). Every failure to sign in says the same and takes the same time,
 * whether or not the account exists. How often somebody may try: access/attempts.h.
 * Disabling an account ends its sessions at once.
 *
 * The file is SQLite with a rollback journal and full synchronisation: the command line may change it while the server
 * runs. All functions may be called by any thread. A session costs one indexed look-up. Close accepts NULL. */
#ifndef PCT_ACCESS_ACCOUNTS_H
#define PCT_ACCESS_ACCOUNTS_H

#include "access/browser.h"
#include "access/identity.h"

enum {
    PCT_PASSWORD_MIN = 10,
    PCT_PASSWORD_MAX = 200,
    PCT_SESSION_TOKEN = 33,                 /* 32 hexadecimal digits and a NUL */
    PCT_SESSION_LIFE_MS = 12 * 3600 * 1000, /* a long shift */
    PCT_SESSION_IDLE_MS = 3600 * 1000,      /* unless the site says otherwise */
    PCT_SESSION_ADDRESS = 46,               /* letters of an address and a NUL */
    PCT_SIGN_IN_QUEUE_MAX = 8               /* waiting for the one password check; more are refused */
};

typedef struct pct_accounts pct_accounts;

typedef struct pct_session {
    char token[PCT_SESSION_TOKEN];
    char browser[PCT_BROWSER_COOKIE]; /* by which this browser is known from now on */
    pct_identity identity;
} pct_session;

/* Somebody signs in. */
typedef struct pct_sign_in {
    pct_text account, password, code; /* code: of the second factor; empty: none was given */
    pct_text address;                 /* where from, in letters */
    pct_text browser;         /* the cookie that it brought (access/browser.h); may be empty, or anything */
    bool local;               /* at the machine itself */
    int64_t wall_ms, tick_ms; /* tick: of a clock that never runs backwards */
} pct_sign_in;

typedef struct pct_account_row {
    pct_text name;
    pct_role_set roles;
    int64_t created_at_ms;
    bool disabled;
} pct_account_row;

pct_status pct_accounts_open(const char *site_folder, pct_accounts **out, pct_error *error) PCT_MUST_USE;
void pct_accounts_close(pct_accounts *accounts);

/* PCT_INPUT for a name that is not [a-z][a-z0-9._-]*, a short password or no role; PCT_REFUSED when the name is taken. */
pct_status pct_accounts_add(pct_accounts *accounts, pct_text name, pct_role_set roles, pct_text password,
                            int64_t now_ms, pct_error *error) PCT_MUST_USE;
/* Ends its sessions too. PCT_NOT_FOUND when there is no such account. */
pct_status pct_accounts_disable(pct_accounts *accounts, pct_text name, pct_error *error) PCT_MUST_USE;
/* An account that never was: its making failed. Ends no sessions, for it had none. */
pct_status pct_accounts_remove(pct_accounts *accounts, pct_text name, pct_error *error) PCT_MUST_USE;
/* Whose account it is, by staff number: what two persons must do, two accounts of one person cannot. */
pct_status pct_accounts_set_person(pct_accounts *accounts, pct_text name, pct_text person,
                                   pct_error *error) PCT_MUST_USE;
/* *same: one account, or two that are known to be of one person. */
pct_status pct_accounts_same_person(pct_accounts *accounts, pct_text one, pct_text other, bool *same,
                                    pct_error *error) PCT_MUST_USE;
/* In order of name; the rows borrow for the call. */
pct_status pct_accounts_list(pct_accounts *accounts, void (*take)(void *context, const pct_account_row *row),
                             void *context, pct_error *error) PCT_MUST_USE;

/* PCT_REFUSED when name and password do not belong together, or the code is missing (PCT_MSG_SIGN_IN_CODE) or wrong; PCT_BUSY when too many
 * try at once or who tries must
 * wait (PCT_MSG_SIGN_IN_WAIT, seconds). One at a time is the caller's part. */
pct_status pct_accounts_sign_in(pct_accounts *accounts, const pct_sign_in *in, pct_session *out,
                                pct_error *error) PCT_MUST_USE;
/* Somebody whom the site's provider of identities vouches for (access/openid.h): of `in` the account and where from count. PCT_REFUSED when
 * there is no such account, or it is disabled. */
pct_status pct_accounts_sign_in_by_provider(pct_accounts *accounts, const pct_sign_in *in, pct_session *out,
                                            pct_error *error) PCT_MUST_USE;
/* That it is the owner who sits there: password and, where the account has a second factor, code. As sign_in, without a session. */
pct_status pct_accounts_confirm(pct_accounts *accounts, const pct_sign_in *in, pct_error *error) PCT_MUST_USE;
/* At the machine itself, or in a browser in which somebody signed in before: goes before strangers. Costs microseconds. */
bool pct_accounts_is_known(const pct_accounts *accounts, const pct_sign_in *in);
/* Who asks, by the token of a session, which counts as being seen, or by an API token (access/tokens.h). PCT_REFUSED for one
 * that is unknown, expired, idle or of a disabled account. */
pct_status pct_accounts_session(pct_accounts *accounts, pct_text token, int64_t now_ms, pct_identity *out,
                                pct_error *error) PCT_MUST_USE;
/* The same for what is only open: does not count as being seen. */
pct_status pct_accounts_still(pct_accounts *accounts, pct_text token, int64_t now_ms, pct_identity *out,
                              pct_error *error) PCT_MUST_USE;
/* Before others use it. tick_ms: a clock that nobody sets; NULL: the machine's. */
void pct_accounts_set_idle(pct_accounts *accounts, int64_t idle_ms, int64_t (*tick_ms)(void));
/* Destroys what is kept of sessions that have ended. One look when there are none. */
pct_status pct_accounts_end_expired(pct_accounts *accounts, int64_t now_ms, pct_error *error) PCT_MUST_USE;
pct_status pct_accounts_sign_out(pct_accounts *accounts, pct_text token, pct_error *error) PCT_MUST_USE;

/* Numbers of sessions and tokens as people read them: 12 hexadecimal digits. */
enum { PCT_SESSION_NUMBER = 13 };
void pct_session_number_write(int64_t number, char out[PCT_SESSION_NUMBER]);
bool pct_session_number_read(pct_text text, int64_t *out);

/* The sessions of an account. `session` as in pct_identity. */
typedef struct pct_session_row {
    int64_t session, opened_at_ms, seen_at_ms, expires_at_ms;
    pct_signed_by signed_by;
    char address[PCT_SESSION_ADDRESS]; /* where it was opened from; empty: before that was kept */
} pct_session_row;
enum { PCT_SESSIONS_MAX = 100 }; /* listed, the newest first */
pct_status pct_accounts_sessions(pct_accounts *accounts, pct_text account, int64_t now_ms,
                                 pct_session_row rows[PCT_SESSIONS_MAX], size_t *count,
                                 pct_error *error) PCT_MUST_USE;
/* PCT_NOT_FOUND when the account has no such session. */
pct_status pct_accounts_end_session(pct_accounts *accounts, pct_text account, int64_t session,
                                    pct_error *error) PCT_MUST_USE;

/* All of an account but the one with this token. */
pct_status pct_accounts_end_others(pct_accounts *accounts, pct_text account, pct_text token,
                                   pct_error *error) PCT_MUST_USE;

/* Another password for `in`'s account, by its owner: `in` is checked as pct_accounts_confirm does. All sessions but the one with this token
 * end; API tokens stay. PCT_INPUT: too short, too long, or the one in use. */
pct_status pct_accounts_change_password(pct_accounts *accounts, const pct_sign_in *in, pct_text next,
                                        pct_text token, pct_error *error) PCT_MUST_USE;

/* A password to hand out: 20 letters and digits, 116 bits. */
enum { PCT_PASSWORD_MADE = 21 };
pct_status pct_password_make(char out[PCT_PASSWORD_MADE], pct_error *error) PCT_MUST_USE;

#endif
