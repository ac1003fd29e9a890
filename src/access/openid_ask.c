#include "access/openid_ask.h"

#include <curl/curl.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <string.h>
#include <time.h>

#include "access/openid.h"
#include "clock/time.h"

pct_status pct_openid_ask_begin(pct_error *error) {
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? PCT_OK : pct_error_memory(error, 0);
}

pct_status pct_openid_ask_check_authority(const char *file, pct_error *error) {
    gnutls_x509_trust_list_t list;
    int found = 0;
    if (gnutls_x509_trust_list_init(&list, 0) != 0) return pct_error_memory(error, 0);
    found = gnutls_x509_trust_list_add_trust_file(list, file, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    gnutls_x509_trust_list_deinit(list, 1);
    return found > 0 ? PCT_OK : PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPENID_AUTHORITY, pct_str(file));
}

/* --- a certificate that was refused --------------------------------------------------------------------------------------- */

enum { HOST_MAX = 256, TIME_MAX = 64 };

/* The one that the provider itself showed; NULL when it showed none. */
static gnutls_x509_crt_t certificate_of(CURL *curl) {
    static const char label[] = "Cert:";
    struct curl_certinfo *info = NULL;
    gnutls_x509_crt_t certificate = NULL;
    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info || info->num_of_certs < 1)
        return NULL;
    for (const struct curl_slist *at = info->certinfo[0]; at && !certificate; at = at->next) {
        if (strncmp(at->data, label, sizeof label - 1) != 0) continue;
        const char *pem = at->data + sizeof label - 1;
        const gnutls_datum_t datum = {(unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem)};
        if (gnutls_x509_crt_init(&certificate) != 0) return NULL;
        if (gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_PEM) == 0) break;
        gnutls_x509_crt_deinit(certificate);
        certificate = NULL;
    }
    return certificate;
}

static pct_status refused_for_time(const char *host, pct_message why, time_t at, pct_error *error) {
    pct_buffer text = pct_buffer_init(TIME_MAX);
    (void)pct_time_format((int64_t)at * 1000, 0, &text);
    pct_status status = PCT_FAIL(error, PCT_IO, why, pct_str(host), pct_str(pct_buffer_chars(&text)));
    pct_buffer_dispose(&text);
    return status;
}

/* libcurl says that it was refused and hardly why; who has to mend it needs to know. */
static pct_status refused_certificate(CURL *curl, const char *url, pct_error *error) {
    char host[HOST_MAX] = "";
    const char *at = strstr(url, "://");
    size_t length = at ? strcspn(at + 3, ":/?#") : 0;
    if (length < sizeof host) memcpy(host, at + 3, length);
    gnutls_x509_crt_t certificate = certificate_of(curl);
    pct_message why = PCT_MSG_OPENID_CERTIFICATE_AUTHORITY;
    time_t now = time(NULL), end = now, begin = now;
    if (certificate) {
        end = gnutls_x509_crt_get_expiration_time(certificate);
        begin = gnutls_x509_crt_get_activation_time(certificate);
        if (!gnutls_x509_crt_check_hostname(certificate, host)) why = PCT_MSG_OPENID_CERTIFICATE_NAME;
        gnutls_x509_crt_deinit(certificate);
    }
    if (end < now) return refused_for_time(host, PCT_MSG_OPENID_CERTIFICATE_EXPIRED, end, error);
    if (begin > now) return refused_for_time(host, PCT_MSG_OPENID_CERTIFICATE_EARLY, begin, error);
    return PCT_FAIL(error, PCT_IO, why, pct_str(host));
}

/* --- a question ------------------------------------------------------------------------------------------------------------- */

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
        curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK;
    if (good && q->ca)
        good = curl_easy_setopt(curl, CURLOPT_CAINFO, q->ca) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
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
    if (result == CURLE_PEER_FAILED_VERIFICATION) {
        failed = refused_certificate(curl, q->url, error);
        goto done;
    }
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
