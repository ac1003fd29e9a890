/* Any bytes as a stored event, under a cipher that only copies, so that what lies in an envelope is reached too: refused,
 * or an event that seals and opens again. */
#include <stdlib.h>
#include <string.h>

#include "ledger/seal.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static void copy_in(const pct_aead *with, const unsigned char *plain, size_t length, unsigned char *out) {
    memmove(out, plain, length);
    memset(out + length, with->key[0], PCT_TAG_BYTES);
}

static bool copy_out(const pct_aead *with, const unsigned char *sealed, size_t length, unsigned char *out) {
    memmove(out, sealed, length - PCT_TAG_BYTES);
    return with->key != NULL;
}

static void wipe(void *bytes, size_t length) {
    memset(bytes, 0, length);
}

static pct_status any_key(pct_key *key) {
    memset(key, 7, sizeof *key);
    return PCT_OK;
}

static pct_status for_sealing(void *context, pct_key_name *name, pct_key *key, pct_error *error) {
    (void)context, (void)error;
    name->id = 1;
    return any_key(key);
}

static pct_status for_opening(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    (void)context, (void)error;
    if (name->id % 8 == 6) return PCT_NOT_FOUND;
    return name->id % 8 == 7 ? PCT_REFUSED : any_key(key);
}

static void fill(void *context, unsigned char *bytes, size_t length) {
    (void)context;
    memset(bytes, 9, length);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    static const pct_crypto copying = {.seal = copy_in, .open = copy_out, .wipe = wipe};
    const pct_ledger_keys keys = {NULL, for_sealing, for_opening};
    pct_arena arena = pct_arena_init(1 << 20);
    pct_buffer again = pct_buffer_init(1 << 20);
    pct_event event, second;
    pct_event_sealing states;
    if (pct_ledger_open(&copying, &keys, (pct_text){(const char *)bytes, length}, &arena, &event, &states,
                        NULL) == PCT_OK) {
        if (states.opened & (states.closed | states.erased)) abort();
        pct_status status = pct_ledger_seal(&copying, &keys, (pct_random){NULL, fill}, &event, &again, NULL);
        if (status != PCT_OK && status != PCT_LIMIT) abort();
        if (!status && pct_ledger_open(&copying, &keys, (pct_text){(const char *)again.bytes, again.length},
                                       &arena, &second, &states, NULL) != PCT_OK)
            abort();
    }
    pct_buffer_dispose(&again);
    pct_arena_dispose(&arena);
    return 0;
}
