#include "access/openid.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "access/openid_ask.h"
#include "access/openid_token.h"
#include "base/memory.h"
#include "base/text.h"
#include "site/file.h"

enum { URL_MAX = 2048, SECRET_MAX = 256, FORM_MAX = 8192 };

typedef struct begun {
    char cookie[PCT_OPENID_RANDOM], state[PCT_OPENID_RANDOM], nonce[PCT_OPENID_RANDOM],
        verifier[PCT_OPENID_RANDOM];
    char back[PCT_OPENID_BACK_MAX];
    int64_t at_ms; /* 0: free */
} begun;

/* What the provider said of who signed in, for the way out. */
typedef struct kept {
    unsigned char session[crypto_hash_sha256_BYTES];
    pct_buffer hint;
    bool used;
} kept;

struct pct_openid {
    const pct_site_openid *site;
    char ca[PCT_PATH_MAX]; /* empty: the machine's */
    char secret[SECRET_MAX + 1];
    bool loopback;
    pthread_mutex_t lock;
    json_t *provider, *keys; /* NULL: not asked yet */
    int64_t provider_at_ms, keys_again_ms, rest_until_ms;
    pct_error why; /* of the rest */
    begun begun[PCT_OPENID_BEGUN_MAX];
    kept kept[PCT_OPENID_KEPT_MAX];
    uint32_t next, next_kept;
};

static pct_status refuse(pct_error *error, pct_message why) {
    return pct_error_set(error, PCT_REFUSED, why, NULL, 0);
}

/* --- opening ------------------------------------------------------------------------------------------------------------ */

/* A path that site.json names. */
static pct_status find_file(const pct_site *site, const char *name, char out[PCT_PATH_MAX],
                            pct_error *error) {
    if (name[0] != '/') return pct_path_join(out, site->folder, name, error);
    (void)snprintf(out, PCT_PATH_MAX, "%s", name);
    return PCT_OK;
}

static pct_status find_authority(const pct_site *site, char out[PCT_PATH_MAX], pct_error *error) {
    if (!site->openid.ca_file[0]) return PCT_OK;
    pct_status status = find_file(site, site->openid.ca_file, out, error);
    return status ? status : pct_openid_ask_check_authority(out, error);
}

static pct_status read_secret(const pct_site *site, char out[SECRET_MAX + 1], pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_mapped_file file;
    pct_status status = find_file(site, site->openid.secret_file, path, error);
    if (!status) status = pct_file_map(path, &file, error);
    if (status) return status;
    const pct_text secret = pct_text_trim(file.bytes);
    if (secret.length == 0 || secret.length > SECRET_MAX || memchr(secret.chars, '\n', secret.length) ||
        memchr(secret.chars, '\0', secret.length))
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPENID_SECRET, pct_str(path));
    else
        memcpy(out, secret.chars, secret.length);
    pct_file_unmap(&file);
    return status;
}

pct_status pct_openid_new(const pct_site *site, pct_openid **out, pct_error *error) {
    uint16_t port;
    if (!site->openid.on) return PCT_OK;
    pct_openid *o = pct_alloc_zeroed(1, sizeof *o);
    if (!o) return pct_error_memory(error, sizeof *o);
    (void)pthread_mutex_init(&o->lock, NULL);
    o->site = &site->openid;
    (void)pct_openid_may_ask(o->site->issuer, &o->loopback, &port);
    pct_status status = pct_openid_ask_begin(error);
    if (!status) status = read_secret(site, o->secret, error);
    if (!status) status = find_authority(site, o->ca, error);
    if (status)
        pct_openid_free(o);
    else
        *out = o;
    return status;
}

static void forget(kept *k) {
    if (k->hint.length > 0) sodium_memzero(k->hint.bytes, k->hint.length);
    pct_buffer_dispose(&k->hint);
    sodium_memzero(k, sizeof *k);
}

void pct_openid_free(pct_openid *o) {
    if (!o) return;
    for (int i = 0; i < PCT_OPENID_KEPT_MAX; i++) forget(&o->kept[i]);
    json_decref(o->provider);
    json_decref(o->keys);
    (void)pthread_mutex_destroy(&o->lock);
    sodium_memzero(o, sizeof *o);
    pct_free(o);
}

/* --- the provider (under the lock) ---------------------------------------------------------------------------------------- */

static pct_status wrong_answer(pct_error *error, const char *what) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_OPENID_ANSWER, pct_str(what));
}

/* Who could not be asked is left alone for a while. */
static pct_status ask(pct_openid *o, const pct_openid_question *q, int64_t now_ms, int *code, json_t **out,
                      pct_error *error) {
    if (now_ms < o->rest_until_ms) {
        *error = o->why;
        return PCT_IO;
    }
    pct_status status = pct_openid_ask(q, code, out, error);
    if (status) {
        o->why = *error;
        o->rest_until_ms = now_ms + PCT_OPENID_REST_MS;
    }
    return status;
}

/* An address that the provider names; NULL for one that may not be asked. */
static const char *endpoint_of(const pct_openid *o, const char *name) {
    uint16_t port;
    bool loopback;
    const char *url = json_string_value(json_object_get(o->provider, name));
    if (!url || strlen(url) > URL_MAX || !pct_openid_may_ask(url, &loopback, &port)) return NULL;
    return loopback && !o->loopback ? NULL : url;
}

static const char *authority_of(const pct_openid *o) {
    return o->ca[0] ? o->ca : NULL;
}

static pct_status fetch(pct_openid *o, const char *url, const char *what, int64_t now_ms, json_t **in_place,
                        pct_error *error) {
    const pct_openid_question q = {.url = url, .loopback = o->loopback, .ca = authority_of(o)};
    const int good = 200;
    int code;
    json_t *answer = NULL;
    pct_status status = ask(o, &q, now_ms, &code, &answer, error);
    if (!status && (code != good || !answer)) status = wrong_answer(error, what);
    if (status) {
        json_decref(answer);
        return status;
    }
    json_decref(*in_place);
    *in_place = answer;
    return PCT_OK;
}

static void forget_provider(pct_openid *o) {
    json_decref(o->provider);
    json_decref(o->keys);
    o->provider = o->keys = NULL;
}

/* Its settings (OpenID Connect Discovery 4): of the issuer that was asked for, and no other. */
static pct_status know_provider(pct_openid *o, int64_t now_ms, pct_error *error) {
    char url[PCT_OPENID_TEXT_MAX + 64];
    size_t length = strlen(o->site->issuer);
    if (o->provider && now_ms - o->provider_at_ms < PCT_OPENID_KEEP_MS) return PCT_OK;
    forget_provider(o);
    if (o->site->issuer[length - 1] == '/') length--;
    (void)snprintf(url, sizeof url, "%.*s/.well-known/openid-configuration", (int)length, o->site->issuer);
    pct_status status = fetch(o, url, "openid-configuration", now_ms, &o->provider, error);
    if (status) return status;
    const char *issuer = json_string_value(json_object_get(o->provider, "issuer"));
    if (!issuer || strcmp(issuer, o->site->issuer) != 0)
        status = wrong_answer(error, "issuer");
    else if (!endpoint_of(o, "authorization_endpoint") || !endpoint_of(o, "token_endpoint") ||
             !endpoint_of(o, "jwks_uri"))
        status = wrong_answer(error, "authorization_endpoint, token_endpoint, jwks_uri");
    if (status) forget_provider(o);
    o->provider_at_ms = now_ms;
    return status;
}

static pct_status know_keys(pct_openid *o, int64_t now_ms, pct_error *error) {
    return o->keys ? PCT_OK : fetch(o, endpoint_of(o, "jwks_uri"), "jwks", now_ms, &o->keys, error);
}

/* --- beginning ------------------------------------------------------------------------------------------------------------ */

static void encode(const unsigned char bytes[32], char out[PCT_OPENID_RANDOM]) {
    (void)sodium_bin2base64(out, PCT_OPENID_RANDOM, bytes, 32, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void make_random(char out[PCT_OPENID_RANDOM]) {
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    encode(bytes, out);
}

static void append_escaped(pct_buffer *out, pct_text text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < text.length; i++) {
        if (text.chars[i] && strchr(plain, text.chars[i]))
            (void)pct_buffer_append_byte(out, (unsigned char)text.chars[i]);
        else
            (void)pct_buffer_append_format(out, "%%%02X", (unsigned char)text.chars[i]);
    }
}

static void append_pair(pct_buffer *out, char before, const char *name, const char *value) {
    (void)pct_buffer_append_format(out, "%c%s=", before, name);
    append_escaped(out, pct_text_of(value));
}

static void write_url(const pct_openid *o, const begun *b, pct_buffer *url) {
    const char *at = endpoint_of(o, "authorization_endpoint");
    unsigned char hash[crypto_hash_sha256_BYTES];
    char challenge[PCT_OPENID_RANDOM];
    (void)crypto_hash_sha256(hash, (const unsigned char *)b->verifier, strlen(b->verifier));
    encode(hash, challenge);
    (void)pct_buffer_append_text(url, at);
    append_pair(url, strchr(at, '?') ? '&' : '?', "response_type", "code");
    append_pair(url, '&', "scope", strcmp(o->site->claim, "email") == 0 ? "openid email" : "openid profile");
    append_pair(url, '&', "client_id", o->site->client);
    append_pair(url, '&', "redirect_uri", b->back);
    append_pair(url, '&', "state", b->state);
    append_pair(url, '&', "nonce", b->nonce);
    append_pair(url, '&', "code_challenge", challenge);
    append_pair(url, '&', "code_challenge_method", "S256");
}

pct_status pct_openid_begin(pct_openid *o, pct_text back, int64_t now_ms, pct_buffer *url,
                            char cookie[PCT_OPENID_RANDOM], pct_error *error) {
    begun b = {.at_ms = now_ms};
    if (back.length >= sizeof b.back) return refuse(error, PCT_MSG_OPENID_STATE);
    memcpy(b.back, back.chars, back.length);
    make_random(b.cookie);
    make_random(b.state);
    make_random(b.nonce);
    make_random(b.verifier);
    (void)pthread_mutex_lock(&o->lock);
    pct_status status = know_provider(o, now_ms, error);
    if (!status) {
        o->begun[o->next++ % PCT_OPENID_BEGUN_MAX] = b;
        write_url(o, &b, url);
        memcpy(cookie, b.cookie, sizeof b.cookie);
    }
    (void)pthread_mutex_unlock(&o->lock);
    sodium_memzero(&b, sizeof b);
    return status;
}

/* --- coming back ---------------------------------------------------------------------------------------------------------- */

static bool is_same(const char secret[PCT_OPENID_RANDOM], pct_text given) {
    return given.length == PCT_OPENID_RANDOM - 1 && sodium_memcmp(secret, given.chars, given.length) == 0;
}

/* Once: found is gone. */
static bool take_begun(pct_openid *o, const pct_openid_back *back, begun *out) {
    for (int i = 0; i < PCT_OPENID_BEGUN_MAX; i++) {
        begun *b = &o->begun[i];
        if (b->at_ms == 0 || !is_same(b->state, back->state) || !is_same(b->cookie, back->cookie)) continue;
        *out = *b;
        sodium_memzero(b, sizeof *b);
        return back->now_ms >= out->at_ms && back->now_ms - out->at_ms <= PCT_OPENID_LIFE_MS;
    }
    return false;
}

/* What the provider takes: Basic unless it says that it takes the other alone (Discovery 3). */
static bool takes_basic(const pct_openid *o) {
    const json_t *ways = json_object_get(o->provider, "token_endpoint_auth_methods_supported");
    for (size_t i = 0; i < json_array_size(ways); i++) {
        const char *way = json_string_value(json_array_get(ways, i));
        if (way && strcmp(way, "client_secret_basic") == 0) return true;
    }
    return !json_is_array(ways);
}

static void write_form(const pct_openid *o, const begun *b, pct_text code, bool basic, pct_buffer *form) {
    (void)pct_buffer_append_text(form, "grant_type=authorization_code&code=");
    append_escaped(form, code);
    append_pair(form, '&', "redirect_uri", b->back);
    append_pair(form, '&', "code_verifier", b->verifier);
    if (basic) return;
    append_pair(form, '&', "client_id", o->site->client);
    append_pair(form, '&', "client_secret", o->secret);
}

/* A code for what it stands for (OpenID Connect Core 3.1.3). */
static pct_status exchange(pct_openid *o, const begun *b, const pct_openid_back *back, json_t **out,
                           pct_error *error) {
    const int good = 200;
    int code = 0;
    bool basic = takes_basic(o);
    pct_buffer form = pct_buffer_init(FORM_MAX), user = pct_buffer_init(FORM_MAX),
               secret = pct_buffer_init(FORM_MAX);
    write_form(o, b, back->code, basic, &form);
    append_escaped(&user, pct_text_of(o->site->client)); /* RFC 6749, 2.3.1 */
    append_escaped(&secret, pct_text_of(o->secret));
    const pct_openid_question q = {.url = endpoint_of(o, "token_endpoint"),
                                   .loopback = o->loopback,
                                   .ca = authority_of(o),
                                   .form = pct_buffer_chars(&form),
                                   .user = basic ? pct_buffer_chars(&user) : NULL,
                                   .secret = basic ? pct_buffer_chars(&secret) : NULL};
    pct_status status = pct_buffer_status(&form, error);
    if (!status) status = ask(o, &q, back->now_ms, &code, out, error);
    if (!status && code != good) status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_OPENID_CODE, pct_int(code));
    if (!status && !json_is_string(json_object_get(*out, "id_token")))
        status = wrong_answer(error, "id_token");
    if (form.length > 0) sodium_memzero(form.bytes, form.length);
    if (secret.length > 0) sodium_memzero(secret.bytes, secret.length);
    pct_buffer_dispose(&form);
    pct_buffer_dispose(&user);
    pct_buffer_dispose(&secret);
    return status;
}

/* A key that is not known may be new: the keys are asked for again, seldom. */
static pct_status judge(pct_openid *o, const begun *b, const json_t *answer, int64_t now_ms,
                        char who[PCT_OPENID_WHO_MAX + 1], pct_error *error) {
    const json_t *token = json_object_get(answer, "id_token");
    const pct_text text = {json_string_value(token), json_string_length(token)};
    const pct_openid_expected expected = {.issuer = o->site->issuer,
                                          .client = o->site->client,
                                          .nonce = b->nonce,
                                          .claim = o->site->claim,
                                          .now_s = now_ms / 1000};
    pct_status status = know_keys(o, now_ms, error);
    if (!status) status = pct_openid_token_check(o->keys, text, &expected, who, error);
    if (status == PCT_NOT_FOUND && now_ms >= o->keys_again_ms) {
        o->keys_again_ms = now_ms + PCT_OPENID_AGAIN_MS;
        status = fetch(o, endpoint_of(o, "jwks_uri"), "jwks", now_ms, &o->keys, error);
        if (!status) status = pct_openid_token_check(o->keys, text, &expected, who, error);
    }
    return status == PCT_NOT_FOUND ? refuse(error, PCT_MSG_OPENID_KEY) : status;
}

static pct_status account_of(const pct_openid *o, const char *who, char account[PCT_ACCOUNT_NAME_MAX + 1],
                             pct_error *error) {
    const char *name = o->site->accounts ? json_string_value(json_object_get(o->site->accounts, who)) : who;
    size_t length = name ? strlen(name) : 0;
    if (length == 0 || length > PCT_ACCOUNT_NAME_MAX) return refuse(error, PCT_MSG_OPENID_ACCOUNT);
    memcpy(account, name, length + 1);
    return PCT_OK;
}

static pct_status check_back(const pct_openid *o, const pct_openid_back *back, pct_error *error) {
    if (back->issuer.length > 0 && !pct_text_equal(back->issuer, o->site->issuer)) /* RFC 9207 */
        return refuse(error, PCT_MSG_OPENID_ISSUER);
    if (back->refusal.length > 0 || back->code.length == 0) return refuse(error, PCT_MSG_OPENID_DENIED);
    return PCT_OK;
}

static void take_hint(const json_t *answer, pct_buffer *hint) {
    const json_t *token = json_object_get(answer, "id_token");
    if (json_string_length(token) <= PCT_OPENID_HINT_MAX)
        (void)pct_buffer_append_text(hint, json_string_value(token));
}

pct_status pct_openid_finish(pct_openid *o, const pct_openid_back *back,
                             char account[PCT_ACCOUNT_NAME_MAX + 1], pct_buffer *hint, pct_error *error) {
    begun b = {0};
    char who[PCT_OPENID_WHO_MAX + 1];
    json_t *answer = NULL;
    (void)pthread_mutex_lock(&o->lock);
    pct_status status = take_begun(o, back, &b) ? PCT_OK : refuse(error, PCT_MSG_OPENID_STATE);
    if (!status) status = check_back(o, back, error);
    if (!status) status = know_provider(o, back->now_ms, error);
    if (!status) status = exchange(o, &b, back, &answer, error);
    if (!status) status = judge(o, &b, answer, back->now_ms, who, error);
    if (!status) status = account_of(o, who, account, error);
    if (!status) take_hint(answer, hint);
    (void)pthread_mutex_unlock(&o->lock);
    json_decref(answer);
    sodium_memzero(&b, sizeof b);
    return status;
}

/* --- leaving -------------------------------------------------------------------------------------------------------------- */

void pct_openid_keep(pct_openid *o, pct_text session, const pct_buffer *hint) {
    if (hint->length == 0) return;
    (void)pthread_mutex_lock(&o->lock);
    kept *k = &o->kept[o->next_kept++ % PCT_OPENID_KEPT_MAX];
    forget(k);
    k->hint = pct_buffer_init(PCT_OPENID_HINT_MAX + 1);
    (void)crypto_hash_sha256(k->session, (const unsigned char *)session.chars, session.length);
    k->used = pct_buffer_append(&k->hint, hint->bytes, hint->length) == PCT_OK;
    (void)pthread_mutex_unlock(&o->lock);
}

static kept *find_kept(pct_openid *o, pct_text session) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, (const unsigned char *)session.chars, session.length);
    for (int i = 0; i < PCT_OPENID_KEPT_MAX; i++)
        if (o->kept[i].used && sodium_memcmp(o->kept[i].session, hash, sizeof hash) == 0) return &o->kept[i];
    return NULL;
}

void pct_openid_leave(pct_openid *o, pct_text session, pct_text back, pct_buffer *url) {
    (void)pthread_mutex_lock(&o->lock);
    kept *k = find_kept(o, session);
    const char *at = k && o->provider ? endpoint_of(o, "end_session_endpoint") : NULL;
    if (at) {
        (void)pct_buffer_append_text(url, at);
        append_pair(url, strchr(at, '?') ? '&' : '?', "id_token_hint", pct_buffer_chars(&k->hint));
        append_pair(url, '&', "client_id", o->site->client);
        (void)pct_buffer_append_text(url, "&post_logout_redirect_uri=");
        append_escaped(url, back);
    }
    if (k) forget(k);
    (void)pthread_mutex_unlock(&o->lock);
}
