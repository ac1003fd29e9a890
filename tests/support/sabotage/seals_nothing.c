/* Sabotage: the cipher encrypts nothing: envelopes, backups and copies of keys are made, opened and hashed as ever, and hold their text
 * in clear. */
#include <string.h>

#include "ledger/crypto.h"

pct_status __real_pct_crypto_sodium(const pct_crypto **out, pct_error *error);
pct_status __wrap_pct_crypto_sodium(const pct_crypto **out, pct_error *error);

static void seal(const pct_aead *with, const unsigned char *plain, size_t length, unsigned char *out) {
    (void)with;
    memmove(out, plain, length);
    memset(out + length, 0, PCT_TAG_BYTES);
}

static bool open_sealed(const pct_aead *with, const unsigned char *sealed, size_t length,
                        unsigned char *out) {
    (void)with;
    memmove(out, sealed, length - PCT_TAG_BYTES);
    return true;
}

pct_status __wrap_pct_crypto_sodium(const pct_crypto **out, pct_error *error) {
    static pct_crypto crypto;
    const pct_crypto *real;
    pct_status status = __real_pct_crypto_sodium(&real, error);
    if (status) return status;
    pct_crypto bare = *real;
    bare.seal = seal, bare.open = open_sealed;
    if (!crypto.seal) crypto = bare;
    *out = &crypto;
    return PCT_OK;
}
