/* The few primitives that the ledger stands on, as a table: one place to look at, to replace or to watch in a test.
 *
 *   sha256         FIPS 180-4
 *   sign, verify   Ed25519 (RFC 8032); the secret is the 32-byte seed
 *   seal, open     XChaCha20-Poly1305 (IETF), 24-byte nonce, 16-byte tag behind the text; in place is allowed
 *   wipe           overwrites memory in a way that the compiler may not leave out
 *
 * No primitive allocates or draws random bytes: keys, nonces and seeds come in as parameters, through pct_random where
 * many are needed, so that tests and simulations repeat. */
#ifndef PCT_LEDGER_CRYPTO_H
#define PCT_LEDGER_CRYPTO_H

#include <stdbool.h>

#include "base/status.h"

enum {
    PCT_HASH_BYTES = 32,
    PCT_KEY_BYTES = 32,   /* of a sealing or agency key */
    PCT_NONCE_BYTES = 24, /* of an envelope */
    PCT_TAG_BYTES = 16,
    PCT_SEED_BYTES = 32, /* the secret half of a signing key */
    PCT_PUBLIC_BYTES = 32,
    PCT_SIGNATURE_BYTES = 64
};

typedef struct pct_hash {
    unsigned char bytes[PCT_HASH_BYTES];
} pct_hash;

typedef struct pct_key {
    unsigned char bytes[PCT_KEY_BYTES];
} pct_key;

/* What an AEAD call works with besides the text. */
typedef struct pct_aead {
    const unsigned char *key, *nonce;
    pct_text bound; /* associated data: not stored, but must be the same when it is opened */
} pct_aead;

typedef struct pct_crypto {
    void (*sha256)(const unsigned char *bytes, size_t length, unsigned char out[PCT_HASH_BYTES]);
    void (*public_of)(const unsigned char seed[PCT_SEED_BYTES], unsigned char out[PCT_PUBLIC_BYTES]);
    void (*sign)(const unsigned char seed[PCT_SEED_BYTES], pct_text message,
                 unsigned char out[PCT_SIGNATURE_BYTES]);
    bool (*verify)(const unsigned char key[PCT_PUBLIC_BYTES], pct_text message,
                   const unsigned char signature[PCT_SIGNATURE_BYTES]);
    /* out: length + PCT_TAG_BYTES bytes */
    void (*seal)(const pct_aead *with, const unsigned char *plain, size_t length, unsigned char *out);
    /* out: length - PCT_TAG_BYTES bytes; false, and nothing that could be used in out, when it is not authentic */
    bool (*open)(const pct_aead *with, const unsigned char *sealed, size_t length, unsigned char *out);
    void (*wipe)(void *bytes, size_t length);
} pct_crypto;

/* libsodium's; fails with PCT_INTERNAL when the library cannot be set up. May be called from any thread, often. */
pct_status pct_crypto_sodium(const pct_crypto **out, pct_error *error) PCT_MUST_USE;

/* A source of random bytes. */
typedef struct pct_random {
    void *context;
    void (*fill)(void *context, unsigned char *bytes, size_t length);
} pct_random;

/* The operating system's, for the running service (after pct_crypto_sodium). */
pct_random pct_random_system(void);

#endif
