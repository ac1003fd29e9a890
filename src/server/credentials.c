/* Who asks: the cookie of a session, or an API token in the header Authorization (RFC 6750 Bearer; RFC 7617 Basic with the account as
 * name, for programs that know nothing else). Never both: which of two counts would be a guess. A password is taken by POST /api/v1/session
 * alone. O(bytes of the header). */
#include <string.h>

#include "access/tokens.h"
#include "base/base64.h"
#include "base/text.h"
#include "server/internal.h"

enum { BASIC_BYTES_MAX = 256 };

static pct_status wrong(pct_error *error) {
    return pct_error_set(error, PCT_REFUSED, PCT_MSG_TOKEN_WRONG, NULL, 0);
}

/* name:token */
static pct_status read_basic(pct_web_request *r, pct_text encoded, pct_error *error) {
    size_t length = 0;
    if (!pct_base64_check(PCT_BASE64_STANDARD, encoded, &length) || length > BASIC_BYTES_MAX)
        return wrong(error);
    char *bytes = pct_arena_alloc(&r->x.arena, length + 1, 1);
    if (!bytes) return pct_error_memory(error, length);
    pct_base64_read(encoded, (unsigned char *)bytes);
    const char *colon = memchr(bytes, ':', length);
    if (!colon) return wrong(error);
    r->named = (pct_text){bytes, (size_t)(colon - bytes)};
    r->x.token = (pct_text){colon + 1, length - r->named.length - 1};
    return PCT_OK;
}

static pct_status read_authorization(pct_web_request *r, pct_text header, pct_error *error) {
    pct_status status = PCT_OK;
    const char *space = memchr(header.chars, ' ', header.length);
    pct_text scheme = {header.chars, space ? (size_t)(space - header.chars) : header.length}, rest = {"", 0};
    if (space) rest = pct_text_trim((pct_text){space, header.length - scheme.length});
    if (scheme.length == 6 && strncasecmp(scheme.chars, "Bearer", 6) == 0)
        r->x.token = rest;
    else if (scheme.length == 5 && strncasecmp(scheme.chars, "Basic", 5) == 0)
        status = read_basic(r, rest, error);
    else
        return wrong(error);
    if (!status && !pct_token_is_one(r->x.token)) status = wrong(error);
    return status;
}

pct_status pct_web_credentials(pct_web_request *r, pct_error *error) {
    pct_exchange *x = &r->x;
    const char *cookie = MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND,
                                                     x->tls ? PCT_COOKIE_TLS : PCT_COOKIE_PLAIN);
    pct_text header = pct_web_header(r->connection, "Authorization");
    x->token = pct_text_of(cookie ? cookie : "");
    if (header.chars && cookie) return pct_error_set(error, PCT_REFUSED, PCT_MSG_TOKEN_AND_COOKIE, NULL, 0);
    if (header.chars) return read_authorization(r, header, error);
    return pct_token_is_one(x->token) ? wrong(error) : PCT_OK;
}

pct_status pct_web_check_token(pct_web_request *r, pct_error *error) {
    const pct_identity *identity = &r->x.identity;
    if (identity->signed_by != PCT_SIGNED_BY_TOKEN) return PCT_OK;
    if (r->named.chars && !pct_text_equal(r->named, identity->account)) return wrong(error);
    if (!identity->reads_only || pct_text_equal(r->method, "GET") || pct_text_equal(r->method, "HEAD"))
        return PCT_OK;
    r->x.status_code = 403;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_TOKEN_READS_ONLY, pct_str(identity->account));
}
