/* What an OpenID provider says, read and judged (OpenID Connect Core 3.1.3.7; RFC 7515, 7517, 7518, 8037): pure.
 *
 *     status = pct_openid_token_check(keys, token, &expected, who, error);
 *
 * An ID token is taken when its signature is by a key of the provider with RS256, ES256 or EdDSA (Ed25519) and no other way, and when it was
 * said by the issuer, to us, in answer to this very question (nonce), now (60 s either way). Which key and which algorithm belong together
 * says the kind of the key, never the token alone. O(bytes). */
#ifndef PCT_ACCESS_OPENID_TOKEN_H
#define PCT_ACCESS_OPENID_TOKEN_H

#include "base/json.h"

enum {
    PCT_OPENID_TOKEN_MAX = 16384,
    PCT_OPENID_KEYS_MAX = 64, /* of one provider; more are not looked at */
    PCT_OPENID_SKEW_S = 60,
    PCT_OPENID_AGE_S = 600, /* since it was said */
    PCT_OPENID_WHO_MAX = 128
};

typedef struct pct_openid_expected {
    const char *issuer, *client, *nonce, *claim; /* claim: which one says who it is */
    int64_t now_s;
} pct_openid_expected;

/* `keys`: a JWKS. PCT_NOT_FOUND: the token names a key that is not among them; PCT_REFUSED: it is not to be believed. */
pct_status pct_openid_token_check(const json_t *keys, pct_text token, const pct_openid_expected *expected,
                                  char who[PCT_OPENID_WHO_MAX + 1], pct_error *error) PCT_MUST_USE;

#endif
