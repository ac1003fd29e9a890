/* Signing in with the site's provider (access/openid.h): out to it, and back. */
#include <stdio.h>
#include <string.h>

#include "access/factor.h"
#include "access/openid.h"
#include "api_handlers.h"
#include "resource/session.h"

static pct_status is_off(pct_error *error) {
    return pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_OPENID_OFF, NULL, 0);
}

/* Of the site in a browser that comes from another: Lax, and gone with the sign-in. */
static void set_begun(pct_exchange *x, const char *cookie, long life_s) {
    (void)snprintf(x->browser_cookie, sizeof x->browser_cookie,
                   "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%ld%s",
                   x->tls ? PCT_OPENID_TLS : PCT_OPENID_PLAIN, cookie, life_s, x->tls ? "; Secure" : "");
}

pct_status pct_resource_session_ways(pct_exchange *x, pct_error *error) {
    (void)error;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "provider");
    pct_json_bool(&json, x->service->openid != NULL);
    pct_json_end_object(&json);
    return PCT_OK;
}

pct_status pct_resource_session_openid(pct_exchange *x, pct_error *error) {
    char cookie[PCT_OPENID_RANDOM];
    if (!x->service->openid) return is_off(error);
    pct_buffer back = pct_buffer_init(PCT_OPENID_BACK_MAX), url = pct_buffer_init(1 << 13);
    (void)pct_buffer_append_format(&back, "%s://%.*s/api/v1/session/openid/back", x->tls ? "https" : "http",
                                   (int)x->host.length, x->host.chars);
    pct_status status = pct_openid_begin(x->service->openid, pct_text_of(pct_buffer_chars(&back)), x->wall_ms,
                                         &url, cookie, error);
    if (!status) status = pct_buffer_status(&url, error);
    if (!status) {
        x->location = pct_arena_text(&x->arena, pct_buffer_chars(&url), url.length);
        if (!x->location) status = pct_error_memory(error, url.length);
    }
    if (!status) set_begun(x, cookie, PCT_OPENID_LIFE_MS / 1000);
    pct_buffer_dispose(&back);
    pct_buffer_dispose(&url);
    return status;
}

/* Here, too, a second factor is not left aside. */
static pct_status check_factor(pct_exchange *x, const char *account, pct_error *error) {
    bool on = false;
    if (x->service->site->openid.second_factor) return PCT_OK;
    pct_status status = pct_factor_is_on(x->service->accounts, pct_text_of(account), &on, error);
    if (!status && on) status = pct_error_set(error, PCT_REFUSED, PCT_MSG_OPENID_FACTOR, NULL, 0);
    return status;
}

pct_status pct_resource_session_openid_back(pct_exchange *x, pct_error *error) {
    pct_session session;
    pct_buffer hint = pct_buffer_init(PCT_OPENID_HINT_MAX + 1);
    char account[PCT_ACCOUNT_NAME_MAX + 1];
    if (!x->service->openid) return is_off(error);
    const pct_openid_back back = {.cookie = x->openid,
                                  .code = pct_exchange_query(x, "code"),
                                  .state = pct_exchange_query(x, "state"),
                                  .issuer = pct_exchange_query(x, "iss"),
                                  .refusal = pct_exchange_query(x, "error"),
                                  .now_ms = x->wall_ms};
    pct_sign_in in = pct_resource_sign_in(x);
    pct_status status = pct_openid_finish(x->service->openid, &back, account, &hint, error);
    if (!status) status = check_factor(x, account, error);
    in.account = pct_text_of(account);
    if (!status) status = pct_accounts_sign_in_by_provider(x->service->accounts, &in, &session, error);
    if (!status) status = pct_resource_session_give(x, &session, error);
    if (!status) pct_openid_keep(x->service->openid, pct_text_of(session.token), &hint);
    if (hint.length > 0) explicit_bzero(hint.bytes, hint.length);
    pct_buffer_dispose(&hint);
    if (status == PCT_REFUSED) x->status_code = 403;
    if (!status) x->location = "/";
    return status;
}

/* Where the browser goes to sign out there as well; 204 when there is no such place. */
void pct_resource_session_leave(pct_exchange *x) {
    pct_buffer back = pct_buffer_init(PCT_OPENID_BACK_MAX), url = pct_buffer_init(PCT_OPENID_LEAVE_MAX);
    (void)pct_buffer_append_format(&back, "%s://%.*s/", x->tls ? "https" : "http", (int)x->host.length,
                                   x->host.chars);
    x->status_code = 204;
    if (x->service->openid && x->identity.signed_by == PCT_SIGNED_BY_PROVIDER)
        pct_openid_leave(x->service->openid, x->token, pct_text_of(pct_buffer_chars(&back)), &url);
    if (url.length > 0 && pct_buffer_status(&url, NULL) == PCT_OK) {
        pct_json_writer json = pct_json_writer_init(&x->reply);
        pct_json_begin_object(&json);
        pct_json_key(&json, "onward");
        pct_json_string(&json, pct_buffer_chars(&url));
        pct_json_end_object(&json);
        x->status_code = 200;
    }
    if (url.length > 0) explicit_bzero(url.bytes, url.length);
    pct_buffer_dispose(&back);
    pct_buffer_dispose(&url);
}
