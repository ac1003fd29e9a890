/* Where a request comes from. A page of another site must not be able to make a browser act here: Host names us (a name
 * that was bent to our address does not), and whatever changes something says the origin of its page, which is ours.
 * After OWASP's notes on request forgery and DNS rebinding; SameSite=Strict is the second lock. O(headers). */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "server/internal.h"

pct_text pct_web_header(struct MHD_Connection *connection, const char *name) {
    const char *value = NULL;
    size_t length = 0;
    if (MHD_lookup_connection_value_n(connection, MHD_HEADER_KIND, name, strlen(name), &value, &length) !=
        MHD_YES)
        return (pct_text){0};
    return (pct_text){value, value ? length : 0};
}

/* The host without its port. */
static pct_text host_name(pct_text host) {
    const char *colon = host.length && host.chars[0] != '[' ? memchr(host.chars, ':', host.length) : NULL;
    const char *bracket = host.length && host.chars[0] == '[' ? memchr(host.chars, ']', host.length) : NULL;
    if (colon) return (pct_text){host.chars, (size_t)(colon - host.chars)};
    if (bracket) return (pct_text){host.chars, (size_t)(bracket + 1 - host.chars)};
    return host;
}

static bool is_loopback(pct_text name) {
    return pct_text_equal(name, "localhost") || pct_text_equal(name, "127.0.0.1") ||
           pct_text_equal(name, "[::1]");
}

/* scheme://host of a request that was made to us directly or through the proxy. */
static bool is_own_origin(const pct_server *server, pct_text origin, pct_text host) {
    const char *scheme = server->tls ? "https://" : "http://";
    const size_t length = strlen(scheme);
    if (server->origin) return pct_text_equal(origin, server->origin);
    return origin.length == length + host.length && memcmp(origin.chars, scheme, length) == 0 &&
           memcmp(origin.chars + length, host.chars, host.length) == 0;
}

pct_status pct_web_guard(pct_web_request *r, pct_error *error) {
    pct_text host = pct_web_header(r->connection, "Host"), origin = pct_web_header(r->connection, "Origin");
    pct_text site = pct_web_header(r->connection, "Sec-Fetch-Site");
    bool reads = pct_text_equal(r->method, "GET") || pct_text_equal(r->method, "HEAD");
    const char *public_host = r->server->origin ? strstr(r->server->origin, "://") + 3 : NULL;
    r->x.status_code = 403;
    if (!is_loopback(host_name(host)) && !(public_host && pct_text_equal(host, public_host)))
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_WEB_HOST, pct_view(host));
    if (!reads && origin.chars && !is_own_origin(r->server, origin, host))
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_WEB_ORIGIN, pct_view(origin));
    if (!reads && site.chars && !pct_text_equal(site, "same-origin") && !pct_text_equal(site, "none"))
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_WEB_ORIGIN, pct_view(site));
    r->x.status_code = 0;
    return PCT_OK;
}

/* The weight of "zh-CN;q=0.8" in thousandths; 1000 when none is given. */
static int weight_of(pct_text item) {
    const char *q = memchr(item.chars, ';', item.length);
    if (!q) return 1000;
    pct_text rest = pct_text_trim((pct_text){q + 1, item.length - (size_t)(q + 1 - item.chars)});
    double value;
    if (rest.length < 3 || memcmp(rest.chars, "q=", 2) != 0) return 1000;
    if (!pct_text_to_real((pct_text){rest.chars + 2, rest.length - 2}, &value)) return 0;
    return (int)(value * 1000);
}

pct_language pct_web_language(const char *accept) {
    int best[PCT_LANGUAGE_COUNT] = {0};
    pct_text rest = pct_text_of(accept), item;
    while (pct_text_next(&rest, ',', &item)) {
        item = pct_text_trim(item);
        if (item.length < 2) continue;
        int weight = weight_of(item);
        pct_language language = memcmp(item.chars, "zh", 2) == 0 ? PCT_ZH : PCT_EN;
        if (language == PCT_EN && memcmp(item.chars, "en", 2) != 0) continue;
        if (weight > best[language]) best[language] = weight;
    }
    return best[PCT_ZH] > best[PCT_EN] ? PCT_ZH : PCT_EN;
}
