#include "access/openid_ask.h"

#include <curl/curl.h>
#include <sodium.h>

#include "access/openid.h"

pct_status pct_openid_ask_begin(pct_error *error) {
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? PCT_OK : pct_error_memory(error, 0);
}

static size_t take(char *bytes, size_t size, size_t count, void *context) {
    pct_buffer *out = context;
    return pct_buffer_append(out, bytes, size * count) == PCT_OK ? size * count : 0;
}

static bool set(CURL *curl, const pct_openid_question *q, pct_buffer *answer) {
    bool good =
        curl_easy_setopt(curl, CURLOPT_URL, q->url) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, q->loopback ? "http,https" : "https") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)PCT_OPENID_WAIT_MS) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK;
    if (good && q->form) good = curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, q->form) == CURLE_OK;
    if (good && q->user)
        good = curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_USERNAME, q->user) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PASSWORD, q->secret) == CURLE_OK;
    return good;
}

pct_status pct_openid_ask(const pct_openid_question *q, int *status, json_t **out, pct_error *error) {
    pct_status failed = PCT_OK;
    pct_buffer answer = pct_buffer_init(PCT_OPENID_ANSWER_MAX);
    long code = 0;
    CURL *curl = curl_easy_init();
    *out = NULL, *status = 0;
    if (!curl || !set(curl, q, &answer)) {
        failed = pct_error_memory(error, 0);
        goto done;
    }
    CURLcode result = curl_easy_perform(curl);
    if (result != CURLE_OK) {
        failed = PCT_FAIL(error, PCT_IO, PCT_MSG_OPENID_UNREACHABLE, pct_str(curl_easy_strerror(result)));
        goto done;
    }
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    *status = (int)code;
    if (answer.length > 0)
        *out = json_loadb((const char *)answer.bytes, answer.length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
    }
done:
    if (answer.length > 0) sodium_memzero(answer.bytes, answer.length);
    pct_buffer_dispose(&answer);
    curl_easy_cleanup(curl);
    return failed;
}
