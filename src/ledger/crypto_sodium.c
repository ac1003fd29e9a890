#include <sodium.h>

#include "ledger/crypto.h"

_Static_assert(PCT_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(PCT_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "XChaCha20-Poly1305 key");
_Static_assert(PCT_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "XChaCha20-Poly1305 nonce");
_Static_assert(PCT_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "Poly1305 tag");
_Static_assert(PCT_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519 seed");
_Static_assert(PCT_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(PCT_SIGNATURE_BYTES == crypto_sign_BYTES, "Ed25519 signature");

static void sha256(const unsigned char *bytes, size_t length, unsigned char out[PCT_HASH_BYTES]) {
    crypto_hash_sha256(out, bytes, length);
}

static void public_of(const unsigned char seed[PCT_SEED_BYTES], unsigned char out[PCT_PUBLIC_BYTES]) {
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(out, secret, seed);
    sodium_memzero(secret, sizeof secret);
}

static void sign(const unsigned char seed[PCT_SEED_BYTES], pct_text message,
                 unsigned char out[PCT_SIGNATURE_BYTES]) {
    unsigned char public[PCT_PUBLIC_BYTES], secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(public, secret, seed);
    crypto_sign_detached(out, NULL, (const unsigned char *)message.chars, message.length, secret);
    sodium_memzero(secret, sizeof secret);
}

static bool verify(const unsigned char key[PCT_PUBLIC_BYTES], pct_text message,
                   const unsigned char signature[PCT_SIGNATURE_BYTES]) {
    return crypto_sign_verify_detached(signature, (const unsigned char *)message.chars, message.length,
                                       key) == 0;
}

static void seal(const pct_aead *with, const unsigned char *plain, size_t length, unsigned char *out) {
    crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, plain, length,
                                               (const unsigned char *)with->bound.chars, with->bound.length,
                                               NULL, with->nonce, with->key);
}

static bool open_sealed(const pct_aead *with, const unsigned char *sealed, size_t length,
                        unsigned char *out) {
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, length,
                                                      (const unsigned char *)with->bound.chars,
                                                      with->bound.length, with->nonce, with->key) == 0;
}

pct_status pct_crypto_sodium(const pct_crypto **out, pct_error *error) {
    static const pct_crypto sodium = {
        .sha256 = sha256,
        .public_of = public_of,
        .sign = sign,
        .verify = verify,
        .seal = seal,
        .open = open_sealed,
        .wipe = sodium_memzero,
    };
    if (sodium_init() < 0) return pct_error_set(error, PCT_INTERNAL, PCT_MSG_LEDGER_CRYPTO, NULL, 0);
    *out = &sodium;
    return PCT_OK;
}

static void fill(void *context, unsigned char *bytes, size_t length) {
    (void)context;
    randombytes_buf(bytes, length);
}

pct_random pct_random_system(void) {
    return (pct_random){.fill = fill};
}
