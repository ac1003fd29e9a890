/* Who pays for a request (quota.h): asked before it is looked at, and once more when it is known who asks. */

#include "resource/session.h"
#include "server/internal.h"
#include "site/now.h"

static pct_status pay(pct_web_request *r, int cost, pct_error *error) {
    int wait_s = r->x.local ? 0 : pct_quota_take(r->server->quota, r->x.address, cost, pct_tick_ms());
    if (!wait_s) return PCT_OK;
    r->x.status_code = 429;
    r->x.retry_after_s = wait_s;
    return PCT_FAIL(error, PCT_BUSY, PCT_MSG_WEB_QUOTA, pct_int(wait_s));
}

static bool shows_something(const pct_web_request *r) {
    const char *name = r->x.tls ? PCT_COOKIE_TLS : PCT_COOKIE_PLAIN;
    return MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, name) ||
           pct_web_header(r->connection, "Authorization").chars;
}

pct_status pct_web_pay_file(pct_web_request *r, pct_error *error) {
    if (r->x.local || pct_quota_knows(r->server->quota, r->x.address, pct_tick_ms())) return PCT_OK;
    return pay(r, PCT_QUOTA_ASK, error);
}

pct_status pct_web_pay(pct_web_request *r, pct_error *error) {
    if (r->x.endpoint->aside)
        return pct_resource_session_is_known(&r->x) ? PCT_OK : pay(r, PCT_QUOTA_SIGN_IN, error);
    if (r->x.endpoint->entry != PCT_ENTRY_OPEN && shows_something(r))
        return PCT_OK; /* it will be seen whether it holds */
    return pay(r, PCT_QUOTA_ASK, error);
}

pct_status pct_web_pay_forged(pct_web_request *r, pct_error *error) {
    pct_error why;
    if (!shows_something(r)) return PCT_OK;
    pct_status status = pay(r, PCT_QUOTA_FORGED, &why);
    if (status) *error = why;
    return status;
}

void pct_web_know(const pct_web_request *r) {
    if (!r->x.local) pct_quota_know(r->server->quota, r->x.address, pct_tick_ms());
}
