#include <stdio.h>
#include <string.h>

#include "ledger/seal.h"

enum { BOUND_BYTES = 128 };

static pct_text bound_of(const pct_key_name *name, char out[BOUND_BYTES]) {
    char object[PCT_ID_TEXT];
    (void)pct_id_write(name->object, object);
    int length = snprintf(out, BOUND_BYTES, "precinct-key-1\n%lld\n%s\n%s\n", (long long)name->id, object,
                          pct_retention_names[name->retention % PCT_RETENTION_COUNT]);
    return (pct_text){out, (size_t)length};
}

void pct_key_new(pct_random random, pct_key *out) {
    random.fill(random.context, out->bytes, sizeof out->bytes);
}

void pct_key_wrap(const pct_crypto *crypto, const pct_key *agency, const pct_key_name *name,
                  pct_random random, const pct_key *key, unsigned char out[PCT_KEY_WRAPPED_BYTES]) {
    char bound[BOUND_BYTES];
    random.fill(random.context, out, PCT_NONCE_BYTES);
    pct_aead aead = {agency->bytes, out, bound_of(name, bound)};
    crypto->seal(&aead, key->bytes, PCT_KEY_BYTES, out + PCT_NONCE_BYTES);
}

pct_status pct_key_unwrap(const pct_crypto *crypto, const pct_key *agency, const pct_key_name *name,
                          const unsigned char wrapped[PCT_KEY_WRAPPED_BYTES], pct_key *out,
                          pct_error *error) {
    char bound[BOUND_BYTES], object[PCT_ID_TEXT];
    pct_aead aead = {agency->bytes, wrapped, bound_of(name, bound)};
    if (crypto->open(&aead, wrapped + PCT_NONCE_BYTES, PCT_KEY_WRAPPED_BYTES - PCT_NONCE_BYTES, out->bytes))
        return PCT_OK;
    crypto->wipe(out, sizeof *out);
    (void)pct_id_write(name->object, object);
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_LEDGER_KEY, pct_int(name->id), pct_str(object));
}
