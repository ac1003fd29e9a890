#include "server/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

struct pct_tls_pair {
    gnutls_certificate_credentials_t credentials;
    int64_t users, expires_s; /* users under the lock; the newest has one more */
};

struct pct_tls {
    pthread_mutex_t lock;
    pct_tls_pair *now;
    char certificate[PATH_MAX], key[PATH_MAX];
};

static pct_status unreadable(const char *path, const char *why, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_TLS_FILE, pct_str(path), pct_str(why));
}

/* The account and its group may read the key, nobody else. */
static pct_status check_mode(const char *path, int fd, pct_error *error) {
    enum { OTHERS = 027 };
    char mode[8];
    struct stat info;
    if (fstat(fd, &info) != 0) return unreadable(path, strerror(errno), error);
    (void)snprintf(mode, sizeof mode, "%04o", (unsigned)(info.st_mode & 07777));
    if (info.st_mode & OTHERS)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_TLS_KEY_OPEN, pct_str(path), pct_str(mode));
    return PCT_OK;
}

static pct_status read_text(const char *path, bool secret, char **out, pct_error *error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return unreadable(path, strerror(errno), error);
    pct_status status = secret ? check_mode(path, fd, error) : PCT_OK;
    char *text = status ? NULL : pct_alloc_zeroed(PCT_TLS_FILE_MAX + 1, 1);
    ssize_t length = text ? read(fd, text, PCT_TLS_FILE_MAX) : 0;
    (void)close(fd);
    if (!status && !text) status = pct_error_memory(error, PCT_TLS_FILE_MAX);
    if (!status && length < 0) status = unreadable(path, strerror(errno), error);
    if (status)
        pct_free(text);
    else
        *out = text;
    return status;
}

pct_status pct_tls_read(const pct_tls *tls, pct_tls_texts *out, pct_error *error) {
    *out = (pct_tls_texts){0};
    pct_status status = read_text(tls->certificate, false, &out->certificate, error);
    if (!status) status = read_text(tls->key, true, &out->key, error);
    if (status) pct_tls_wipe(out);
    return status;
}

void pct_tls_wipe(pct_tls_texts *texts) {
    if (texts->key) explicit_bzero(texts->key, PCT_TLS_FILE_MAX);
    pct_free(texts->key);
    pct_free(texts->certificate);
    *texts = (pct_tls_texts){0};
}

/* Of the server's own certificate, the first in the file. */
static int64_t end_of(gnutls_certificate_credentials_t credentials) {
    gnutls_x509_crt_t *chain = NULL;
    unsigned count = 0;
    int64_t end = 0;
    if (gnutls_certificate_get_x509_crt(credentials, 0, &chain, &count) != 0) return 0;
    if (count > 0) end = (int64_t)gnutls_x509_crt_get_expiration_time(chain[0]);
    for (unsigned i = 0; i < count; i++) gnutls_x509_crt_deinit(chain[i]);
    gnutls_free((void *)chain);
    return end;
}

static pct_status load(const pct_tls *tls, pct_tls_pair **out, pct_error *error) {
    pct_tls_texts texts;
    pct_status status = pct_tls_read(tls, &texts, error);
    if (status) return status;
    const gnutls_datum_t certificate = {(unsigned char *)texts.certificate,
                                        (unsigned)strlen(texts.certificate)};
    const gnutls_datum_t key = {(unsigned char *)texts.key, (unsigned)strlen(texts.key)};
    pct_tls_pair *pair = pct_alloc_zeroed(1, sizeof *pair);
    if (!pair || gnutls_certificate_allocate_credentials(&pair->credentials) != 0) {
        pct_free(pair);
        pct_tls_wipe(&texts);
        return pct_error_memory(error, sizeof *pair);
    }
    int code =
        gnutls_certificate_set_x509_key_mem(pair->credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);
    pct_tls_wipe(&texts);
    pair->users = 1;
    if (code >= 0) {
        pair->expires_s = end_of(pair->credentials);
        *out = pair;
        return PCT_OK;
    }
    gnutls_certificate_free_credentials(pair->credentials);
    pct_free(pair);
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_TLS_BAD, pct_str(tls->certificate), pct_str(tls->key),
                    pct_str(gnutls_strerror(code)));
}

pct_status pct_tls_new(const char *certificate, const char *key, pct_tls **out, pct_error *error) {
    pct_tls *tls = pct_alloc_zeroed(1, sizeof *tls);
    if (!tls) return pct_error_memory(error, sizeof *tls);
    (void)pthread_mutex_init(&tls->lock, NULL);
    (void)snprintf(tls->certificate, sizeof tls->certificate, "%s", certificate);
    (void)snprintf(tls->key, sizeof tls->key, "%s", key);
    pct_status status = load(tls, &tls->now, error);
    if (status)
        pct_tls_free(tls);
    else
        *out = tls;
    return status;
}

void pct_tls_give_back(pct_tls *tls, pct_tls_pair *pair) {
    if (!pair) return;
    (void)pthread_mutex_lock(&tls->lock);
    bool over = --pair->users == 0;
    (void)pthread_mutex_unlock(&tls->lock);
    if (!over) return;
    gnutls_certificate_free_credentials(pair->credentials);
    pct_free(pair);
}

void pct_tls_free(pct_tls *tls) {
    if (!tls) return;
    pct_tls_give_back(tls, tls->now);
    (void)pthread_mutex_destroy(&tls->lock);
    pct_free(tls);
}

pct_status pct_tls_reload(pct_tls *tls, pct_error *error) {
    pct_tls_pair *fresh = NULL;
    pct_status status = load(tls, &fresh, error);
    if (status) return status;
    (void)pthread_mutex_lock(&tls->lock);
    pct_tls_pair *old = tls->now;
    tls->now = fresh;
    (void)pthread_mutex_unlock(&tls->lock);
    pct_tls_give_back(tls, old);
    return PCT_OK;
}

pct_tls_view pct_tls_look(pct_tls *tls) {
    (void)pthread_mutex_lock(&tls->lock);
    const pct_tls_view view = {tls->now->expires_s, tls->certificate, tls->key};
    (void)pthread_mutex_unlock(&tls->lock);
    return view;
}

pct_tls_pair *pct_tls_take(pct_tls *tls, gnutls_session_t session) {
    (void)pthread_mutex_lock(&tls->lock);
    pct_tls_pair *pair = tls->now;
    pair->users++;
    (void)pthread_mutex_unlock(&tls->lock);
    if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, pair->credentials) == 0) return pair;
    pct_tls_give_back(tls, pair);
    return NULL;
}

/* Whom we reach is sure: the port is ours. The certificate is not asked for its name. */
int64_t pct_tls_ask(int fd, const void *request, size_t length, char *reply, size_t room) {
    gnutls_certificate_credentials_t anybody = NULL;
    gnutls_session_t session = NULL;
    int64_t got = -1;
    if (gnutls_certificate_allocate_credentials(&anybody) != 0) return -1;
    if (gnutls_init(&session, GNUTLS_CLIENT) == 0) {
        bool good = gnutls_set_default_priority(session) == 0 &&
                    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, anybody) == 0;
        int code = GNUTLS_E_AGAIN;
        gnutls_transport_set_int(session, fd);
        while (good && code < 0 && !gnutls_error_is_fatal(code)) {
            code = gnutls_handshake(session);
            if (code == GNUTLS_E_AGAIN) break; /* the socket's patience is over */
        }
        if (good && code == 0 && gnutls_record_send(session, request, length) == (ssize_t)length)
            got = gnutls_record_recv(session, reply, room);
        gnutls_deinit(session);
    }
    gnutls_certificate_free_credentials(anybody);
    return got;
}
