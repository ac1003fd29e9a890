/* ID tokens: signed here with keys made here; what is at the edge of what is taken. tests/api/test_openid.py tries the rest. */
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>

#include "access/openid_token.h"
#include "base/base64.h"
#include "site/openid.h"
#include "support/test.h"

enum { NOW_S = 1760000000, RSA_BITS = 2048, RSA_SHORT = 1024 };

static const pct_openid_expected expected = {.issuer = "https://id.example",
                                             .client = "precinct",
                                             .nonce = "n",
                                             .claim = "preferred_username",
                                             .now_s = NOW_S};
static const char good[] =
    "{\"iss\":\"https://id.example\",\"aud\":\"precinct\",\"nonce\":\"n\",\"exp\":1760000300,"
    "\"iat\":1760000000,\"preferred_username\":\"anna\"}";

typedef struct signer {
    gnutls_privkey_t key;
    gnutls_sign_algorithm_t sign;
    json_t *keys;
    char who[PCT_OPENID_WHO_MAX + 1];
} signer;

static char *encoded(const void *bytes, size_t length) {
    pct_buffer out = pct_buffer_init(1 << 15);
    ck_assert_int_eq(pct_base64_append(&out, PCT_BASE64_URL, bytes, length), PCT_OK);
    char *text = strdup(pct_buffer_chars(&out));
    pct_buffer_dispose(&out);
    return text;
}

/* In `width` bytes; 0: as many as it has. */
static json_t *number(gnutls_datum_t *value, size_t width) {
    unsigned char bytes[512] = {0};
    const unsigned char *from = value->data;
    size_t length = value->size;
    while (length > 1 && *from == 0) from++, length--;
    if (width == 0) width = length;
    ck_assert(length <= width && width <= sizeof bytes);
    memcpy(bytes + width - length, from, length);
    char *text = encoded(bytes, width);
    json_t *out = json_string(text);
    free(text);
    gnutls_free(value->data);
    return out;
}

static void begin(signer *s, gnutls_pk_algorithm_t kind, unsigned bits) {
    gnutls_datum_t one = {0}, two = {0};
    gnutls_ecc_curve_t curve;
    gnutls_pubkey_t public_key;
    json_t *key = NULL;
    *s = (signer){.sign = kind == GNUTLS_PK_RSA     ? GNUTLS_SIGN_RSA_SHA256
                          : kind == GNUTLS_PK_ECDSA ? GNUTLS_SIGN_ECDSA_SHA256
                                                    : GNUTLS_SIGN_EDDSA_ED25519};
    ck_assert_int_ge(gnutls_privkey_init(&s->key), 0);
    ck_assert_int_ge(gnutls_pubkey_init(&public_key), 0);
    ck_assert_int_ge(gnutls_privkey_generate(s->key, kind, bits, 0), 0);
    ck_assert_int_ge(gnutls_pubkey_import_privkey(public_key, s->key, 0, 0), 0);
    if (kind == GNUTLS_PK_RSA) {
        ck_assert_int_ge(gnutls_pubkey_export_rsa_raw2(public_key, &one, &two, GNUTLS_EXPORT_FLAG_NO_LZ), 0);
        key = json_pack("{s:s, s:o, s:o}", "kty", "RSA", "n", number(&one, 0), "e", number(&two, 0));
    } else {
        bool pair = kind == GNUTLS_PK_ECDSA;
        ck_assert_int_ge(gnutls_pubkey_export_ecc_raw2(public_key, &curve, &one, &two, 0), 0);
        key = json_pack("{s:s, s:s, s:o}", "kty", pair ? "EC" : "OKP", "crv", pair ? "P-256" : "Ed25519", "x",
                        number(&one, 32));
        if (pair) (void)json_object_set_new(key, "y", number(&two, 32));
    }
    s->keys = json_pack("{s:[o]}", "keys", key);
    gnutls_pubkey_deinit(public_key);
}

static void end(signer *s) {
    gnutls_privkey_deinit(s->key);
    json_decref(s->keys);
}

/* A pair of numbers as JOSE has it. */
static void unpack_pair(gnutls_datum_t *signature) {
    enum { HALF = 32 };
    gnutls_datum_t parts[2];
    unsigned char *out = gnutls_calloc(2, HALF);
    ck_assert_int_ge(gnutls_decode_rs_value(signature, &parts[0], &parts[1]), 0);
    for (int i = 0; i < 2; i++) {
        const unsigned char *from = parts[i].data;
        unsigned length = parts[i].size;
        while (length > HALF) from++, length--;
        memcpy(out + HALF * i + HALF - length, from, length);
        gnutls_free(parts[i].data);
    }
    gnutls_free(signature->data);
    *signature = (gnutls_datum_t){out, 2 * HALF};
}

static pct_status tell_as(signer *s, const pct_openid_expected *wanted, const char *header,
                          const char *claims, pct_message *why) {
    pct_error error = {0};
    gnutls_datum_t signature = {0};
    pct_buffer token = pct_buffer_init(1 << 15);
    char *first = encoded(header, strlen(header)), *second = encoded(claims, strlen(claims));
    (void)pct_buffer_append_format(&token, "%s.%s", first, second);
    const gnutls_datum_t data = {token.bytes, (unsigned)token.length};
    ck_assert_int_ge(gnutls_privkey_sign_data2(s->key, s->sign, 0, &data, &signature), 0);
    if (s->sign == GNUTLS_SIGN_ECDSA_SHA256) unpack_pair(&signature);
    char *third = encoded(signature.data, signature.size);
    (void)pct_buffer_append_format(&token, ".%s", third);
    pct_status status =
        pct_openid_token_check(s->keys, pct_text_of(pct_buffer_chars(&token)), wanted, s->who, &error);
    *why = error.message;
    gnutls_free(signature.data);
    pct_buffer_dispose(&token);
    free(first), free(second), free(third);
    return status;
}

static pct_status tell(signer *s, const char *header, const char *claims, pct_message *why) {
    return tell_as(s, &expected, header, claims, why);
}

static const char *const names[] = {"{\"alg\":\"RS256\"}", "{\"alg\":\"ES256\"}", "{\"alg\":\"EdDSA\"}"};
static const gnutls_pk_algorithm_t kinds[] = {GNUTLS_PK_RSA, GNUTLS_PK_ECDSA, GNUTLS_PK_EDDSA_ED25519};

TEST(openid_takes_what_its_own_key_has_signed_and_no_key_of_another_kind) {
    static const unsigned bits[] = {RSA_BITS, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519)};
    for (int i = 0; i < 3; i++) {
        signer s;
        pct_message why;
        begin(&s, kinds[i], bits[i]);
        ck_assert_int_eq(tell(&s, names[i], good, &why), PCT_OK);
        ck_assert_str_eq(s.who, "anna");
        ck_assert_int_eq(tell(&s, names[(i + 1) % 3], good, &why), PCT_NOT_FOUND);
        ck_assert_int_eq(tell(&s, "{\"alg\":\"none\"}", good, &why), PCT_REFUSED);
        ck_assert_int_eq(why, PCT_MSG_OPENID_ALGORITHM);
        ck_assert_int_eq(tell(&s, "{}", good, &why), PCT_REFUSED);
        end(&s);
    }
}
TEST(openid_takes_no_key_that_is_short_or_for_something_else_or_not_the_only_one) {
    signer s;
    pct_message why;
    begin(&s, GNUTLS_PK_RSA, RSA_SHORT);
    ck_assert_int_eq(tell(&s, names[0], good, &why), PCT_REFUSED);
    ck_assert_int_eq(why, PCT_MSG_OPENID_SIGNATURE);
    end(&s);
    begin(&s, GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519));
    json_t *list = json_object_get(s.keys, "keys"), *key = json_array_get(list, 0);
    ck_assert_int_eq(tell(&s, "{\"alg\":\"EdDSA\",\"kid\":\"a\"}", good, &why), PCT_NOT_FOUND);
    (void)json_object_set_new(key, "use", json_string("enc"));
    ck_assert_int_eq(tell(&s, names[2], good, &why), PCT_NOT_FOUND);
    (void)json_object_set_new(key, "use", json_string("sig"));
    ck_assert_int_eq(tell(&s, names[2], good, &why), PCT_OK);
    (void)json_array_append(list, key);
    ck_assert_int_eq(tell(&s, names[2], good, &why), PCT_NOT_FOUND);
    end(&s);
}
static const struct {
    const char *claims;
    pct_status status;
    pct_message why;
} said[] = {
#define HEAD "{\"iss\":\"https://id.example\",\"nonce\":\"n\",\"preferred_username\":\"anna\","
    {HEAD "\"aud\":[\"precinct\"],\"exp\":1759999941,\"iat\":1759999940}", PCT_OK, 0},
    {HEAD "\"aud\":\"precinct\",\"exp\":1759999940,\"iat\":1759999940}", PCT_REFUSED, PCT_MSG_OPENID_EXPIRED},
    {HEAD "\"aud\":\"precinct\",\"exp\":\"1860000000\",\"iat\":1760000000}", PCT_REFUSED,
     PCT_MSG_OPENID_EXPIRED},
    {HEAD "\"aud\":\"precinct\",\"exp\":1760000300,\"iat\":1760000060}", PCT_OK, 0},
    {HEAD "\"aud\":\"precinct\",\"exp\":1760000300,\"iat\":1760000061}", PCT_REFUSED, PCT_MSG_OPENID_TIME},
    {HEAD "\"aud\":\"precinct\",\"exp\":1760000300,\"iat\":1759999340}", PCT_OK, 0},
    {HEAD "\"aud\":\"precinct\",\"exp\":1760000300,\"iat\":1759999339}", PCT_REFUSED, PCT_MSG_OPENID_TIME},
    {HEAD "\"aud\":\"precinct\",\"exp\":1760000300,\"iat\":1760000000,\"nbf\":1760000061}", PCT_REFUSED,
     PCT_MSG_OPENID_TIME},
    {HEAD "\"aud\":[\"a\",\"precinct\"],\"exp\":1760000300,\"iat\":1760000000}", PCT_REFUSED,
     PCT_MSG_OPENID_AUDIENCE},
    {HEAD "\"aud\":[\"a\",\"precinct\"],\"azp\":\"precinct\",\"exp\":1760000300,\"iat\":1760000000}", PCT_OK,
     0},
    {HEAD "\"aud\":[\"a\",7],\"azp\":\"precinct\",\"exp\":1760000300,\"iat\":1760000000}", PCT_REFUSED,
     PCT_MSG_OPENID_AUDIENCE},
    {HEAD "\"aud\":\"precinct\",\"aud\":\"precinct\",\"exp\":1760000300,\"iat\":1760000000}", PCT_REFUSED,
     PCT_MSG_OPENID_FORM},
    {"[]", PCT_REFUSED, PCT_MSG_OPENID_FORM},
};

TEST(openid_takes_what_was_said_to_us_and_now_to_the_second) {
    signer s;
    pct_message why;
    begin(&s, GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519));
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        ck_assert_msg(tell(&s, names[2], said[i].claims, &why) == said[i].status, "%s", said[i].claims);
        if (said[i].status) ck_assert_int_eq(why, said[i].why);
    }
    end(&s);
}
TEST(openid_believes_an_address_of_mail_only_when_the_provider_is_sure_of_it) {
    static const char sure[] = "{\"keys\":[]}";
    pct_error error = {0};
    char who[PCT_OPENID_WHO_MAX + 1];
    json_t *none = json_loads(sure, 0, NULL);
    ck_assert_int_eq(pct_openid_token_check(none, pct_text_of(""), &expected, who, &error), PCT_REFUSED);
    ck_assert_int_eq(pct_openid_token_check(none, pct_text_of("e30.e30"), &expected, who, &error),
                     PCT_REFUSED);
    ck_assert_int_eq(pct_openid_token_check(none, pct_text_of("e30.e30.e30.e30"), &expected, who, &error),
                     PCT_REFUSED);
    json_decref(none);
    signer s;
    pct_message why;
    char claims[512];
    begin(&s, GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519));
    for (int verified = 0; verified < 2; verified++) {
        (void)snprintf(claims, sizeof claims,
                       HEAD "\"aud\":\"precinct\",\"exp\":1760000300,\"iat\":1760000000,"
                            "\"email\":\"a@b.example\",\"email_verified\":%s}",
                       verified ? "true" : "false");
        pct_openid_expected mail = expected;
        mail.claim = "email";
        ck_assert_int_eq(tell_as(&s, &mail, names[2], claims, &why), verified ? PCT_OK : PCT_REFUSED);
    }
    end(&s);
}
TEST(openid_asks_https_or_this_very_machine) {
    static const struct {
        const char *url;
        bool good, loopback;
        uint16_t port;
    } rows[] = {{"https://id.example", true, false, 443},
                {"https://id.example:8443/realm?x", true, false, 8443},
                {"http://127.0.0.1:99/", true, true, 99},
                {"http://127.0.0.1", true, true, 80},
                {"http://127.0.0.1.example", false, true, 0},
                {"http://127.0.0.1@example", false, true, 0},
                {"http://127.0.0.1:1@example", false, true, 0},
                {"http://id.example", false, false, 0},
                {"https://a@id.example", false, false, 0},
                {"https://id.example:0", false, false, 0},
                {"https://id.example:65536", false, false, 0},
                {"https://", false, false, 0},
                {"file:///etc/passwd", false, false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool loopback = false;
        uint16_t port = 0;
        ck_assert_msg(pct_openid_may_ask(rows[i].url, &loopback, &port) == rows[i].good, "%s", rows[i].url);
        if (rows[i].good) ck_assert_int_eq(port, rows[i].port);
        if (rows[i].good) ck_assert_int_eq(loopback, rows[i].loopback);
    }
}

TEST_MAIN("openid_token", TEST_CASE(openid_takes_what_its_own_key_has_signed_and_no_key_of_another_kind),
          TEST_CASE(openid_takes_no_key_that_is_short_or_for_something_else_or_not_the_only_one),
          TEST_CASE(openid_takes_what_was_said_to_us_and_now_to_the_second),
          TEST_CASE(openid_believes_an_address_of_mail_only_when_the_provider_is_sure_of_it),
          TEST_CASE(openid_asks_https_or_this_very_machine))
