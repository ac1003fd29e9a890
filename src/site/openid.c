#include "site/openid.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum { HTTPS = 443, HTTP = 80, PORT_MAX = 65535 };

bool pct_openid_may_ask(const char *url, bool *loopback, uint16_t *port) {
    static const char secure[] = "https://", plain[] = "http://127.0.0.1";
    int64_t number;
    *loopback = strncmp(url, plain, sizeof plain - 1) == 0;
    if (!*loopback && strncmp(url, secure, sizeof secure - 1) != 0) return false;
    const char *host = strstr(url, "://") + 3;
    const char *end = host + strcspn(host, "/?#"), *colon = memchr(host, ':', (size_t)(end - host));
    if (memchr(host, '@', (size_t)(end - host)) || host == end || *host == '[' || strpbrk(url, " \t\r\n\"\\"))
        return false;
    if (*loopback && (colon ? colon : end) != url + sizeof plain - 1) return false;
    number = *loopback ? HTTP : HTTPS;
    if (colon && !pct_text_to_integer((pct_text){colon + 1, (size_t)(end - colon - 1)}, &number))
        return false;
    *port = (uint16_t)number;
    return number > 0 && number <= PORT_MAX;
}

static bool take(const json_t *value, char *out, size_t room) {
    size_t length = json_string_length(value);
    if (length == 0 || length >= room) return false;
    memcpy(out, json_string_value(value), length + 1);
    return true;
}

static bool take_issuer(const json_t *value, pct_site_openid *out) {
    bool loopback;
    return take(value, out->issuer, sizeof out->issuer) &&
           pct_openid_may_ask(out->issuer, &loopback, &out->port) && !strpbrk(out->issuer, "?#");
}

static bool take_accounts(json_t *value, pct_site_openid *out) {
    const char *key;
    json_t *account;
    bool good = json_object_size(value) > 0;
    json_object_foreach(value, key, account) good = good && json_string_length(account) > 0;
    if (good && !out->accounts) out->accounts = json_incref(value);
    return good;
}

static bool take_member(const char *key, json_t *value, pct_site_openid *out) {
    if (strcmp(key, "issuer") == 0) return take_issuer(value, out);
    if (strcmp(key, "client_id") == 0) return take(value, out->client, sizeof out->client);
    if (strcmp(key, "client_secret_file") == 0) return take(value, out->secret_file, sizeof out->secret_file);
    if (strcmp(key, "ca_file") == 0) return take(value, out->ca_file, sizeof out->ca_file);
    if (strcmp(key, "claim") == 0) return take(value, out->claim, sizeof out->claim);
    if (strcmp(key, "accounts") == 0) return take_accounts(value, out);
    if (strcmp(key, "second_factor") == 0) out->second_factor = json_is_true(value);
    return strcmp(key, "second_factor") == 0 && json_is_boolean(value);
}

pct_status pct_site_openid_read(const char *file, const json_t *config, pct_site_openid *out,
                                pct_error *error) {
    static const char *const needed[] = {"issuer", "client_id", "client_secret_file", "claim"};
    json_t *table = NULL, *value = NULL;
    const char *key = NULL;
    *out = (pct_site_openid){0};
    if (!json_object_get(config, "openid")) return PCT_OK;
    pct_status status = pct_json_get_object(file, config, "openid", &table, error);
    if (status) return status;
    json_object_foreach(table, key, value) {
        if (!take_member(key, value, out)) {
            status = pct_json_unexpected(file, key, PCT_MSG_EXPECTED_OPENID, value, error);
            break;
        }
    }
    for (size_t i = 0; i < sizeof needed / sizeof *needed && !status; i++)
        if (!json_object_get(table, needed[i]))
            status = pct_json_unexpected(file, needed[i], PCT_MSG_EXPECTED_OPENID, NULL, error);
    if (status) pct_site_openid_dispose(out);
    out->on = status == PCT_OK;
    return status;
}

void pct_site_openid_dispose(pct_site_openid *o) {
    json_decref(o->accounts);
    o->accounts = NULL;
}
