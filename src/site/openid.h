/* What site.json says of signing in with a provider of identities (OpenID Connect):
 *
 *     "openid": {"issuer": "https://id.example/realms/police", "client_id": "precinct", "client_secret_file": "/etc/precinct/openid.secret",
 *                "claim": "preferred_username", "accounts": {"zhang.wei": "wei"}, "second_factor": false}
 *
 * claim: which claim of the ID token says who it is. accounts: which value of it is which account; when it is left out, the value is the
 * account's name. second_factor: the provider asks for a second factor itself; when it is left out or false, roles of `code_roles` are
 * kept back, and accounts with a second factor here do not get in this way. http:// is taken of 127.0.0.1 alone. "ca_file": certificates
 * (PEM) of the authorities that are trusted to name this provider, and then no others; when it is left out, those of the machine. The paths of
 * the secret and of these are absolute or below the site's folder. */
#ifndef PCT_SITE_OPENID_H
#define PCT_SITE_OPENID_H

#include <jansson.h>
#include <stdbool.h>

#include "base/status.h"

enum { PCT_OPENID_TEXT_MAX = 256, PCT_OPENID_PATH_MAX = 1024 };

typedef struct pct_site_openid {
    bool on;
    char issuer[PCT_OPENID_TEXT_MAX], client[PCT_OPENID_TEXT_MAX], claim[PCT_OPENID_TEXT_MAX];
    char secret_file[PCT_OPENID_PATH_MAX], ca_file[PCT_OPENID_PATH_MAX]; /* ca_file: empty: the machine's */
    json_t *accounts; /* NULL: the claim is the account's name */
    bool second_factor;
    uint16_t port; /* of the issuer */
} pct_site_openid;

pct_status pct_site_openid_read(const char *file, const json_t *config, pct_site_openid *out,
                                pct_error *error) PCT_MUST_USE;
void pct_site_openid_dispose(pct_site_openid *openid);

/* An address that may be asked: https, or http on 127.0.0.1; *port is its port. */
bool pct_openid_may_ask(const char *url, bool *loopback, uint16_t *port);

#endif
