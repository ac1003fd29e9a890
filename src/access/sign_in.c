/* Signing in with a password and, where the account has one, a second factor. Who must wait is told before anything is checked; what fails
 * is charged afterwards, so that of many tries
 * at once no more are checked than one after the other: the caller brings them one at a time. */
#include <string.h>

#include "access/accounts_state.h"
#include "access/factor.h"

/* What is kept of an account while its password is checked. */
typedef struct candidate {
    char password[crypto_pwhash_STRBYTES];
    bool exists, disabled;
} candidate;

static pct_status find(pct_accounts *a, pct_text name, candidate *out, pct_session *session,
                       pct_error *error) {
    *out = (candidate){0};
    (void)pthread_mutex_lock(&a->lock);
    sqlite3_stmt *s = pct_accounts_prepare(a, PCT_ACC_FIND);
    pct_accounts_bind(s, 1, name);
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW) {
        const void *hash = sqlite3_column_text(s, 0);
        size_t length = (size_t)sqlite3_column_bytes(s, 0);
        if (hash && length < sizeof out->password) memcpy(out->password, hash, length);
        session->identity.roles = (pct_role_set)sqlite3_column_int64(s, 1);
        memcpy(session->identity.account, name.chars, name.length);
        out->disabled = sqlite3_column_int(s, 2) != 0;
        out->exists = true;
    }
    pct_status status = code == SQLITE_ROW || code == SQLITE_DONE ? PCT_OK : pct_accounts_failed(a, error);
    (void)sqlite3_reset(s);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

/* Who tries, in the words of the limits. */
static pct_attempt attempt_of(const pct_accounts *a, const pct_sign_in *in, pct_browser *browser) {
    pct_attempt who = {.account = in->account, .address = in->address, .local = in->local};
    if (!pct_browser_read(a->browser_key, in->browser, in->wall_ms, browser)) return who;
    who.browser = pct_text_of(browser->id);
    if (browser->count > 0 && !pct_browser_has(a->browser_key, browser, in->account))
        who.voucher = pct_text_of(browser->accounts[0]);
    return who;
}

bool pct_accounts_is_known(const pct_accounts *a, const pct_sign_in *in) {
    pct_browser browser;
    return in->local || pct_browser_read(a->browser_key, in->browser, in->wall_ms, &browser);
}

static pct_status check_wait(pct_accounts *a, pct_attempt_kind kind, const pct_attempt *who,
                             const pct_sign_in *in, pct_error *error) {
    int64_t wait_ms = pct_attempts_wait_ms(a->attempts, kind, who, in->tick_ms);
    if (wait_ms <= 0) return PCT_OK;
    return PCT_FAIL(error, PCT_BUSY, PCT_MSG_SIGN_IN_WAIT, pct_int((wait_ms + 999) / 1000));
}

static pct_status check_password(pct_accounts *a, const pct_sign_in *in, const pct_attempt *who,
                                 pct_session *out, pct_error *error) {
    candidate c;
    bool good = false;
    pct_status status = check_wait(a, PCT_ATTEMPT_PASSWORD, who, in, error);
    if (!status) status = find(a, in->account, &c, out, error);
    if (!status)
        status = pct_accounts_check_password(a, c.exists ? c.password : NULL, in->password, &good, error);
    if (!status && (!good || c.disabled)) {
        pct_attempts_failed(a->attempts, PCT_ATTEMPT_PASSWORD, who, in->tick_ms);
        status = pct_error_set(error, PCT_REFUSED, PCT_MSG_SIGN_IN_WRONG, NULL, 0);
    }
    sodium_memzero(&c, sizeof c);
    return status;
}

/* After the password: whoever has it learns that a code is missing. */
static pct_status check_code(pct_accounts *a, const pct_sign_in *in, const pct_attempt *who,
                             pct_signed_by *by, pct_error *error) {
    bool on = false, good = false;
    pct_status status = pct_factor_is_on(a, in->account, &on, error);
    if (status || !on) return status;
    if (in->code.length == 0) return pct_error_set(error, PCT_REFUSED, PCT_MSG_SIGN_IN_CODE, NULL, 0);
    status = check_wait(a, PCT_ATTEMPT_CODE, who, in, error);
    if (!status) status = pct_factor_use(a, in->account, in->code, in->wall_ms, &on, &good, error);
    if (!status && !good) {
        pct_attempts_failed(a->attempts, PCT_ATTEMPT_CODE, who, in->tick_ms);
        status = pct_error_set(error, PCT_REFUSED, PCT_MSG_SIGN_IN_CODE_WRONG, NULL, 0);
    }
    *by = PCT_SIGNED_BY_CODE;
    return status;
}

static pct_status check(pct_accounts *a, const pct_sign_in *in, pct_browser *browser, pct_session *out,
                        pct_error *error) {
    *out = (pct_session){0};
    if (in->account.length > PCT_ACCOUNT_NAME_MAX || in->password.length > PCT_PASSWORD_MAX)
        return pct_error_set(error, PCT_REFUSED, PCT_MSG_SIGN_IN_WRONG, NULL, 0);
    const pct_attempt who = attempt_of(a, in, browser);
    pct_status status = check_password(a, in, &who, out, error);
    if (!status) status = check_code(a, in, &who, &out->identity.signed_by, error);
    if (!status) pct_attempts_passed(a->attempts, &who);
    return status;
}

pct_status pct_accounts_confirm(pct_accounts *a, const pct_sign_in *in, pct_error *error) {
    pct_browser browser;
    pct_session ignored;
    return check(a, in, &browser, &ignored, error);
}

pct_status pct_accounts_sign_in(pct_accounts *a, const pct_sign_in *in, pct_session *out, pct_error *error) {
    pct_browser browser;
    pct_status status = check(a, in, &browser, out, error);
    if (!status) status = pct_accounts_open_session(a, in, out, error);
    if (!status) pct_browser_signed_in(a->browser_key, &browser, in->account, in->wall_ms, out->browser);
    return status;
}

pct_status pct_accounts_sign_in_by_provider(pct_accounts *a, const pct_sign_in *in, pct_session *out,
                                            pct_error *error) {
    candidate c;
    pct_browser browser;
    *out = (pct_session){0};
    if (in->account.length > PCT_ACCOUNT_NAME_MAX)
        return pct_error_set(error, PCT_REFUSED, PCT_MSG_OPENID_ACCOUNT, NULL, 0);
    pct_status status = find(a, in->account, &c, out, error);
    if (!status && (!c.exists || c.disabled))
        status = pct_error_set(error, PCT_REFUSED, PCT_MSG_OPENID_ACCOUNT, NULL, 0);
    sodium_memzero(&c, sizeof c);
    out->identity.signed_by = PCT_SIGNED_BY_PROVIDER;
    if (!status) status = pct_accounts_open_session(a, in, out, error);
    if (status) return status;
    (void)pct_browser_read(a->browser_key, in->browser, in->wall_ms, &browser);
    pct_browser_signed_in(a->browser_key, &browser, in->account, in->wall_ms, out->browser);
    return PCT_OK;
}
