#include "access/openid_token.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"

enum {
    PART_MAX = PCT_OPENID_TOKEN_MAX / 4 * 3,
    NUMBER_MAX = 1024,  /* bytes of an RSA modulus: 8192 bits */
    RSA_BYTES_MIN = 256 /* 2048 bits */
};

typedef struct part {
    unsigned char bytes[PART_MAX];
    unsigned length;
} part;

typedef struct number {
    unsigned char bytes[NUMBER_MAX + 1];
    gnutls_datum_t datum;
} number;

static pct_status refuse(pct_error *error, pct_message why) {
    return pct_error_set(error, PCT_REFUSED, why, NULL, 0);
}

/* --- keys ------------------------------------------------------------------------------------------------------------- */

static bool read_number(const json_t *key, const char *name, size_t least, size_t most, number *out) {
    const json_t *value = json_object_get(key, name);
    const pct_text text = {json_string_value(value), json_string_length(value)};
    size_t length = 0;
    if (!text.chars || text.length > NUMBER_MAX / 3 * 4 || !pct_base64_check(PCT_BASE64_URL, text, &length) ||
        length < least || length > most)
        return false;
    pct_base64_read(text, out->bytes);
    out->datum = (gnutls_datum_t){out->bytes, (unsigned)length};
    return true;
}

static bool says(const json_t *object, const char *name, const char *expected) {
    const char *text = json_string_value(json_object_get(object, name));
    return text && strcmp(text, expected) == 0;
}

static bool import_rsa(const json_t *key, gnutls_pubkey_t out) {
    number n, e;
    return read_number(key, "n", RSA_BYTES_MIN, NUMBER_MAX, &n) && read_number(key, "e", 1, 8, &e) &&
           gnutls_pubkey_import_rsa_raw(out, &n.datum, &e.datum) >= 0;
}

static bool import_p256(const json_t *key, gnutls_pubkey_t out) {
    enum { BYTES = 32 };
    number x, y;
    return says(key, "crv", "P-256") && read_number(key, "x", BYTES, BYTES, &x) &&
           read_number(key, "y", BYTES, BYTES, &y) &&
           gnutls_pubkey_import_ecc_raw(out, GNUTLS_ECC_CURVE_SECP256R1, &x.datum, &y.datum) >= 0;
}

static bool import_ed25519(const json_t *key, gnutls_pubkey_t out) {
    enum { BYTES = 32 };
    number x;
    return says(key, "crv", "Ed25519") && read_number(key, "x", BYTES, BYTES, &x) &&
           gnutls_pubkey_import_ecc_raw(out, GNUTLS_ECC_CURVE_ED25519, &x.datum, NULL) >= 0;
}

/* The only ways to sign that are taken. */
static const struct algorithm {
    const char *name, *kind;
    bool (*import)(const json_t *key, gnutls_pubkey_t out);
    gnutls_sign_algorithm_t sign;
} algorithms[] = {{"RS256", "RSA", import_rsa, GNUTLS_SIGN_RSA_SHA256},
                  {"ES256", "EC", import_p256, GNUTLS_SIGN_ECDSA_SHA256},
                  {"EdDSA", "OKP", import_ed25519, GNUTLS_SIGN_EDDSA_ED25519}};

static const struct algorithm *algorithm_of(const json_t *header) {
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (says(header, "alg", algorithms[i].name)) return &algorithms[i];
    return NULL;
}

static bool is_for(const json_t *key, const struct algorithm *algorithm) {
    const json_t *alg = json_object_get(key, "alg"), *use = json_object_get(key, "use");
    return says(key, "kty", algorithm->kind) && (!alg || says(key, "alg", algorithm->name)) &&
           (!use || says(key, "use", "sig"));
}

/* The key that the token names; without a name, the only one of its kind. */
static const json_t *find_key(const json_t *keys, const json_t *header, const struct algorithm *algorithm) {
    const json_t *list = json_object_get(keys, "keys"), *found = NULL;
    const char *kid = json_string_value(json_object_get(header, "kid"));
    int count = 0;
    for (size_t i = 0; i < json_array_size(list) && i < PCT_OPENID_KEYS_MAX; i++) {
        const json_t *key = json_array_get(list, i);
        if (!is_for(key, algorithm) || (kid && !says(key, "kid", kid))) continue;
        found = key;
        count++;
    }
    return count == 1 ? found : NULL;
}

/* --- the signature ------------------------------------------------------------------------------------------------------ */

static bool verify(const json_t *key, const struct algorithm *algorithm, pct_text signed_text,
                   const part *signature) {
    enum { HALF = 32 };
    unsigned char bytes[NUMBER_MAX];
    gnutls_pubkey_t public_key = NULL;
    gnutls_datum_t data = {(unsigned char *)(uintptr_t)signed_text.chars, (unsigned)signed_text.length},
                   given = {bytes, signature->length}, der = {NULL, 0};
    bool pair = algorithm->sign == GNUTLS_SIGN_ECDSA_SHA256, good = signature->length <= sizeof bytes;
    if (good) memcpy(bytes, signature->bytes, signature->length);
    if (pair) { /* r and s one after the other: GnuTLS wants them in DER */
        const gnutls_datum_t r = {bytes, HALF}, s = {bytes + HALF, HALF};
        good = signature->length == 2 * HALF && gnutls_encode_rs_value(&der, &r, &s) >= 0;
    }
    good = good && gnutls_pubkey_init(&public_key) >= 0 && algorithm->import(key, public_key) &&
           gnutls_pubkey_verify_data2(public_key, algorithm->sign, 0, &data, pair ? &der : &given) >= 0;
    if (public_key) gnutls_pubkey_deinit(public_key);
    gnutls_free(der.data);
    return good;
}

/* --- what it says ------------------------------------------------------------------------------------------------------- */

/* To us, and where it is to several, made for us. */
static bool is_for_us(const json_t *claims, const char *client) {
    const json_t *audience = json_object_get(claims, "aud");
    bool named = says(claims, "aud", client), many = json_array_size(audience) > 1;
    for (size_t i = 0; i < json_array_size(audience); i++) {
        const char *item = json_string_value(json_array_get(audience, i));
        named = named || (item && strcmp(item, client) == 0);
    }
    return named && (json_object_get(claims, "azp") ? says(claims, "azp", client) : !many);
}

/* Seconds; what is no number or beyond all reason is no time. */
static bool read_time(const json_t *claims, const char *name, int64_t *out) {
    const double most = 1e12;
    const json_t *value = json_object_get(claims, name);
    double seconds = json_number_value(value);
    if (!json_is_number(value) || !(seconds >= 0 && seconds <= most)) return false;
    *out = (int64_t)seconds;
    return true;
}

static bool is_now(const json_t *claims, int64_t now_s) {
    int64_t issued_s, from_s = 0;
    if (json_object_get(claims, "nbf") && !read_time(claims, "nbf", &from_s)) return false;
    return read_time(claims, "iat", &issued_s) && issued_s <= now_s + PCT_OPENID_SKEW_S &&
           issued_s >= now_s - PCT_OPENID_AGE_S - PCT_OPENID_SKEW_S && from_s <= now_s + PCT_OPENID_SKEW_S;
}

/* An address of mail counts only when the provider has made sure of it. */
static bool read_who(const json_t *claims, const char *claim, char out[PCT_OPENID_WHO_MAX + 1]) {
    const json_t *value = json_object_get(claims, claim);
    size_t length = json_string_length(value);
    if (length == 0 || length > PCT_OPENID_WHO_MAX) return false;
    if (strcmp(claim, "email") == 0 && !json_is_true(json_object_get(claims, "email_verified"))) return false;
    memcpy(out, json_string_value(value), length + 1);
    return true;
}

static pct_status check_claims(const json_t *claims, const pct_openid_expected *expected,
                               char who[PCT_OPENID_WHO_MAX + 1], pct_error *error) {
    int64_t expires_s;
    if (!says(claims, "iss", expected->issuer)) return refuse(error, PCT_MSG_OPENID_ISSUER);
    if (!is_for_us(claims, expected->client)) return refuse(error, PCT_MSG_OPENID_AUDIENCE);
    if (!read_time(claims, "exp", &expires_s) || expires_s + PCT_OPENID_SKEW_S <= expected->now_s)
        return refuse(error, PCT_MSG_OPENID_EXPIRED);
    if (!is_now(claims, expected->now_s)) return refuse(error, PCT_MSG_OPENID_TIME);
    if (!says(claims, "nonce", expected->nonce)) return refuse(error, PCT_MSG_OPENID_NONCE);
    if (!read_who(claims, expected->claim, who))
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_OPENID_CLAIM, pct_str(expected->claim));
    return PCT_OK;
}

/* --- the token ---------------------------------------------------------------------------------------------------------- */

static bool decode(pct_text text, part *out) {
    size_t length = 0;
    if (text.length > PCT_OPENID_TOKEN_MAX || !pct_base64_check(PCT_BASE64_URL, text, &length) ||
        length > PART_MAX)
        return false;
    pct_base64_read(text, out->bytes);
    out->length = (unsigned)length;
    return true;
}

static json_t *parse(pct_text text) {
    part p;
    json_t *object =
        decode(text, &p) ? json_loadb((const char *)p.bytes, p.length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_object(object)) return object;
    json_decref(object);
    return NULL;
}

/* header.claims.signature, and nothing else. */
static bool split(pct_text token, pct_text parts[3]) {
    const char *end = token.chars + token.length, *at = token.chars;
    if (token.length == 0 || token.length > PCT_OPENID_TOKEN_MAX) return false;
    for (int i = 0; i < 3; i++) {
        const char *dot = at <= end ? memchr(at, '.', (size_t)(end - at)) : NULL;
        if ((dot != NULL) != (i < 2)) return false;
        parts[i] = (pct_text){at, (size_t)((dot ? dot : end) - at)};
        at = dot ? dot + 1 : end;
    }
    return true;
}

static pct_status check_signature(const json_t *keys, const json_t *header, const pct_text parts[3],
                                  pct_error *error) {
    part signature;
    const pct_text signed_text = {parts[0].chars, parts[0].length + 1 + parts[1].length};
    const struct algorithm *algorithm = algorithm_of(header);
    if (!algorithm) return refuse(error, PCT_MSG_OPENID_ALGORITHM);
    /* What must be understood to judge the token (RFC 7515, 4.1.11): nothing beyond the usual is. */
    if (json_object_get(header, "crit")) return refuse(error, PCT_MSG_OPENID_FORM);
    const json_t *key = find_key(keys, header, algorithm);
    if (!key) return pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_OPENID_KEY, NULL, 0);
    if (!decode(parts[2], &signature) || !verify(key, algorithm, signed_text, &signature))
        return refuse(error, PCT_MSG_OPENID_SIGNATURE);
    return PCT_OK;
}

pct_status pct_openid_token_check(const json_t *keys, pct_text token, const pct_openid_expected *expected,
                                  char who[PCT_OPENID_WHO_MAX + 1], pct_error *error) {
    pct_text parts[3];
    if (!split(token, parts)) return refuse(error, PCT_MSG_OPENID_FORM);
    json_t *header = parse(parts[0]), *claims = parse(parts[1]);
    pct_status status = header && claims ? PCT_OK : refuse(error, PCT_MSG_OPENID_FORM);
    if (!status) status = check_signature(keys, header, parts, error);
    if (!status) status = check_claims(claims, expected, who, error);
    json_decref(header);
    json_decref(claims);
    return status;
}
