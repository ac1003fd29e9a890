/* Signing in, out, and who one is. */
#include <stdio.h>

#include "api_handlers.h"
#include "resource/exchange.h"

static void write_identity(pct_exchange *x, const pct_identity *identity) {
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
    pct_json_end_object(&json);
}

static void set_cookie(pct_exchange *x, const char *token, long life_s) {
    (void)snprintf(x->cookie, sizeof x->cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%ld%s",
                   x->tls ? PCT_COOKIE_TLS : PCT_COOKIE_PLAIN, token, life_s, x->tls ? "; Secure" : "");
}

pct_status pct_resource_session_open(pct_exchange *x, pct_error *error) {
    pct_session session;
    pct_status status = pct_accounts_sign_in(x->service->accounts, pct_exchange_text(x, "account"),
                                             pct_exchange_text(x, "password"), x->wall_ms, &session, error);
    if (!status) {
        status = pct_rights_fill(x->service->rights, &session.identity, error);
        pct_error why;
        if (status) (void)!pct_accounts_sign_out(x->service->accounts, pct_text_of(session.token), &why);
    }
    if (status == PCT_REFUSED) x->status_code = 401;
    if (status == PCT_BUSY) {
        x->status_code = 429;
        x->retry_after_s =
            error->message == PCT_MSG_SIGN_IN_WAIT ? (int)pct_error_param(error, 0).integer : 1;
    }
    if (status) return status;
    set_cookie(x, session.token, PCT_SESSION_LIFE_MS / 1000);
    write_identity(x, &session.identity);
    return PCT_OK;
}

pct_status pct_resource_session_view(pct_exchange *x, pct_error *error) {
    (void)error;
    write_identity(x, &x->identity);
    return PCT_OK;
}

pct_status pct_resource_session_close(pct_exchange *x, pct_error *error) {
    pct_status status = pct_accounts_sign_out(x->service->accounts, x->token, error);
    if (!status) set_cookie(x, "", 0);
    return status;
}
