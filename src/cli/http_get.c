#include "cli/http_get.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "site/openid.h"

enum { URL_MAX = 1024, LIMIT_S = 30, ATTEMPTS = 10, OK = 200, MANY = 429, BUSY = 503 };

typedef struct taking {
    pct_buffer *out;
    size_t most;
} taking;

static size_t take(char *bytes, size_t size, size_t count, void *context) {
    taking *t = context;
    bool good = size * count <= t->most && pct_buffer_append(t->out, bytes, size * count) == PCT_OK;
    t->most -= good ? size * count : 0;
    return good ? size * count : 0;
}

static bool set(CURL *curl, const pct_http_source *from, const char *url, bool loopback, taking *into) {
    bool good =
        curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, loopback ? "http,https" : "https") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)LIMIT_S) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, into) == CURLE_OK;
    if (good && from->ca)
        good = curl_easy_setopt(curl, CURLOPT_CAINFO, from->ca) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
    if (good && from->token)
        good = curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, from->token) == CURLE_OK;
    return good;
}

static pct_status ask(const pct_http_source *from, const char *url, taking *into, long *code,
                      pct_error *error) {
    bool loopback;
    uint16_t port;
    if (!pct_openid_may_ask(url, &loopback, &port))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_HTTP_GET_URL, pct_str(url));
    CURL *curl = curl_easy_init();
    pct_status status = curl && set(curl, from, url, loopback, into) ? PCT_OK : pct_error_memory(error, 0);
    CURLcode result = status ? CURLE_OK : curl_easy_perform(curl);
    if (result != CURLE_OK)
        status =
            PCT_FAIL(error, PCT_IO, PCT_MSG_POST_FAILED, pct_str(url), pct_str(curl_easy_strerror(result)));
    if (!status) (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
    curl_easy_cleanup(curl);
    return status;
}

pct_status pct_http_get(const pct_http_source *from, const char *path, size_t most, pct_buffer *out,
                        pct_error *error) {
    char url[URL_MAX];
    long code = 0;
    size_t before = out->length;
    int length = snprintf(url, sizeof url, "%s/%s", from->url, path);
    if (length < 0 || length >= URL_MAX)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_HTTP_GET_URL, pct_str(from->url));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        taking into = {out, most};
        out->length = before;
        pct_status status = ask(from, url, &into, &code, error);
        if (status || code == OK) return status;
        if (code != BUSY && code != MANY) break;
        (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    out->length = before;
    return PCT_FAIL(error, PCT_IO, PCT_MSG_HTTP_GET_STATUS, pct_str(url), pct_int(code));
}
