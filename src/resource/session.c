/* Signing in, out, and who one is. */
#include "resource/session.h"

#include <stdio.h>

#include "access/factor.h"
#include "api_handlers.h"
#include "site/now.h"

void pct_resource_session_narrow(const pct_service *service, pct_identity *identity) {
    if (identity->signed_by == PCT_SIGNED_BY_PASSWORD ||
        (identity->signed_by == PCT_SIGNED_BY_PROVIDER && !service->site->openid.second_factor))
        identity->roles &= ~(pct_role_set)service->site->sign_in.code_roles;
}

/* Of the roles as the record has them, some are kept back? again: a second factor is there, but this session was opened without. */
static pct_status second_factor(pct_exchange *x, const pct_identity *identity, const char **out,
                                pct_error *error) {
    bool on = false;
    pct_identity whole = *identity;
    pct_status status = pct_rights_fill(x->service->rights, &whole, error);
    if (!status) status = pct_factor_is_on(x->service->accounts, pct_text_of(identity->account), &on, error);
    bool kept_back = whole.roles != identity->roles;
    *out = kept_back ? (on ? "again" : "needed") : on ? "on" : "none";
    return status;
}

static pct_status write_identity(pct_exchange *x, const pct_identity *filled, pct_error *error) {
    const char *factor = "none";
    pct_identity narrowed = *filled;
    const pct_identity *identity = &narrowed;
    pct_resource_session_narrow(x->service, &narrowed);
    pct_status status = second_factor(x, identity, &factor, error);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "account");
    pct_json_string(&json, identity->account);
    pct_json_key(&json, "roles");
    pct_json_begin_array(&json);
    for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++)
        if (identity->roles >> role & 1) pct_json_string(&json, pct_role_names[role]);
    pct_json_end_array(&json);
    pct_json_time_member(&json, "expires_at", identity->expires_at_ms, &x->service->site->zone);
    pct_json_key(&json, "drill");
    pct_json_bool(&json, x->service->site->drill);
    pct_json_key(&json, "second_factor");
    pct_json_string(&json, factor);
    pct_json_end_object(&json);
    return PCT_OK;
}

void pct_resource_session_refused(pct_exchange *x, pct_status status, const pct_error *error) {
    if (status == PCT_REFUSED) x->status_code = 401;
    if (status != PCT_BUSY) return;
    x->status_code = 429;
    x->retry_after_s = error->message == PCT_MSG_SIGN_IN_WAIT ? (int)pct_error_param(error, 0).integer : 1;
}

pct_status pct_resource_refuse_token(pct_exchange *x, pct_error *error) {
    if (x->identity.signed_by != PCT_SIGNED_BY_TOKEN) return PCT_OK;
    x->status_code = 403;
    return pct_error_set(error, PCT_REFUSED, PCT_MSG_TOKEN_NOT_HERE, NULL, 0);
}

pct_sign_in pct_resource_owner(const pct_exchange *x) {
    pct_sign_in in = pct_resource_sign_in(x);
    in.account = pct_text_of(x->identity.account);
    in.password = pct_exchange_text(x, "password");
    in.code = pct_exchange_text(x, "code");
    return in;
}

void pct_resource_owner_refused(pct_exchange *x, pct_status status, const pct_error *error) {
    pct_resource_session_refused(x, status, error);
    if (x->status_code == 401) x->status_code = 403;
    if (status != PCT_REFUSED) return;
    bool code = error->message == PCT_MSG_SIGN_IN_CODE || error->message == PCT_MSG_SIGN_IN_CODE_WRONG;
    (void)snprintf(x->field, sizeof x->field, "%s", code ? "code" : "password");
}

static void set_cookie(pct_exchange *x, const char *token, long life_s) {
    (void)snprintf(x->cookie, sizeof x->cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%ld%s",
                   x->tls ? PCT_COOKIE_TLS : PCT_COOKIE_PLAIN, token, life_s, x->tls ? "; Secure" : "");
}

pct_sign_in pct_resource_sign_in(const pct_exchange *x) {
    return (pct_sign_in){.address = pct_text_of(x->address),
                         .browser = x->browser,
                         .local = x->local,
                         .wall_ms = x->wall_ms,
                         .tick_ms = pct_tick_ms()};
}

bool pct_resource_session_is_known(const pct_exchange *x) {
    const pct_sign_in in = pct_resource_sign_in(x);
    return pct_accounts_is_known(x->service->accounts, &in);
}

/* The browser is known from now on, for as long as a browser keeps a cookie. */
static void set_browser(pct_exchange *x, const char *browser) {
    (void)snprintf(x->browser_cookie, sizeof x->browser_cookie,
                   "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%ld%s",
                   x->tls ? PCT_BROWSER_TLS : PCT_BROWSER_PLAIN, browser, PCT_BROWSER_DAYS * 86400L,
                   x->tls ? "; Secure" : "");
}

pct_status pct_resource_session_give(pct_exchange *x, pct_session *session, pct_error *error) {
    pct_error why;
    pct_status status = pct_rights_fill(x->service->rights, &session->identity, error);
    if (status) {
        (void)!pct_accounts_sign_out(x->service->accounts, pct_text_of(session->token), &why);
        return status;
    }
    set_cookie(x, session->token, PCT_SESSION_LIFE_MS / 1000);
    set_browser(x, session->browser);
    return PCT_OK;
}

pct_status pct_resource_session_open(pct_exchange *x, pct_error *error) {
    pct_session session;
    pct_sign_in in = pct_resource_sign_in(x);
    in.account = pct_exchange_text(x, "account");
    in.password = pct_exchange_text(x, "password");
    in.code = pct_exchange_text(x, "code");
    pct_status status = pct_accounts_sign_in(x->service->accounts, &in, &session, error);
    if (!status) status = pct_resource_session_give(x, &session, error);
    pct_resource_session_refused(x, status, error);
    if (status) return status;
    return write_identity(x, &session.identity, error);
}

pct_status pct_resource_session_view(pct_exchange *x, pct_error *error) {
    return write_identity(x, &x->identity, error);
}

pct_status pct_resource_session_close(pct_exchange *x, pct_error *error) {
    pct_status status = pct_accounts_sign_out(x->service->accounts, x->token, error);
    if (status) return status;
    set_cookie(x, "", 0);
    pct_resource_session_leave(x);
    return PCT_OK;
}
