/* TLS of our own: certificate and key from two PEM files, read when it is made and again when told to (SIGHUP); connections that are open keep
 * the pair with which they began. TLS 1.2 and 1.3, forward secrecy and authenticated ciphers alone, no session tickets: who steals the
 * key later reads nothing of today. The protocol is GnuTLS's, by way of libmicrohttpd.
 *
 *     status = pct_tls_new(certificate, key, &tls, error);    a key that others can read is refused, and one of another certificate
 *     pct_tls_view(tls).expires_s …
 *     status = pct_tls_reload(tls, error);                    when it fails, what was loaded before goes on */
#ifndef PCT_SERVER_TLS_H
#define PCT_SERVER_TLS_H

#include <gnutls/gnutls.h>

#include "base/status.h"

#define PCT_TLS_PRIORITIES                                                                                   \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:"   \
    "-MAC-ALL:+AEAD:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:%SERVER_PRECEDENCE:%NO_TICKETS"
enum { PCT_TLS_FILE_MAX = 1 << 20, PCT_TLS_SOON_DAYS = 30 };

typedef struct pct_tls pct_tls;
typedef struct pct_tls_pair
    pct_tls_pair; /* one certificate with its key; lives as long as a connection uses it */

pct_status pct_tls_new(const char *certificate, const char *key, pct_tls **out,
                       pct_error *error) PCT_MUST_USE;
void pct_tls_free(pct_tls *tls); /* NULL is accepted; when no connection is open any more */
pct_status pct_tls_reload(pct_tls *tls, pct_error *error) PCT_MUST_USE;

typedef struct pct_tls_view {
    int64_t expires_s;             /* Unix time of the end of the server's own certificate */
    const char *certificate, *key; /* the files' names */
} pct_tls_view;
pct_tls_view pct_tls_look(pct_tls *tls);

/* The session of a new connection gets the pair of now, which is given back when the connection is over. Any thread. */
pct_tls_pair *pct_tls_take(pct_tls *tls, gnutls_session_t session);
void pct_tls_give_back(pct_tls *tls, pct_tls_pair *pair);

/* What libmicrohttpd wants at its start: the files as texts, until they are wiped. */
typedef struct pct_tls_texts {
    char *certificate, *key;
} pct_tls_texts;
pct_status pct_tls_read(const pct_tls *tls, pct_tls_texts *out, pct_error *error) PCT_MUST_USE;
void pct_tls_wipe(pct_tls_texts *texts);

/* Asks our own server (synthetic calls): sends, and returns how many bytes of a reply came; -1: none. */
int64_t pct_tls_ask(int fd, const void *request, size_t length, char *reply, size_t room);

#endif
