/* Sealing: the fields that events/ marks sealed stand in the log only as envelopes.
 *
 *     {"c":base64url(ciphertext),"k":key id,"n":base64url(nonce)}
 *
 * XChaCha20-Poly1305 under the key of (the event's object, the field's retention class). The event's type, object and seq,
 * the field's name and the key id are bound, so that an envelope is worth nothing anywhere else. The text is padded with
 * spaces to a multiple of 16 bytes, so that its length says little. What is stored is what is hashed: destroying a key
 * erases the field for good and leaves every hash and proof as it was.
 *
 *     seal(event)  → stored bytes, which pct_merkle_leaf hashes and the store keeps
 *     open(bytes)  → the event; a field whose key is gone is absent, and *sealing says which
 *     open(seal(e)) = e;  open takes canonical bytes only
 *
 * The core and the simulator never seal: they encode with pct_event_encode. Keys are copied to the stack for one field and
 * wiped. O(bytes); sealing allocates one buffer for each sealed field, opening takes from the arena. */
#ifndef PCT_LEDGER_SEAL_H
#define PCT_LEDGER_SEAL_H

#include "event/codec.h"
#include "ledger/crypto.h"

/* One sealing key. The id is from 1 to 2^53 - 1 and never used twice, not even when its key was destroyed: a field that
 * is sealed after that gets a new key with a new id, and the old envelopes stay shut. */
typedef struct pct_key_name {
    int64_t id;
    pct_id object;
    pct_retention retention;
} pct_key_name;

/* Where keys come from: keys.db in the running service. */
typedef struct pct_ledger_keys {
    void *context;
    /* The key with which this object's fields of this class are sealed now; made, and kept safe *before* the event is,
     * when there is none. Object and class of *name are set; sets its id and the key. */
    pct_status (*for_sealing)(void *context, pct_key_name *name, pct_key *key, pct_error *error);
    /* All of *name is set, as the envelope and its event have it. PCT_NOT_FOUND: this key was destroyed (the field is
     * erased). PCT_REFUSED: this reader may not have it (it is closed). Any other failure ends the reading. */
    pct_status (*for_opening)(void *context, const pct_key_name *name, pct_key *key, pct_error *error);
} pct_ledger_keys;

/* Appends the stored bytes. random gives nonces. After a failure `out` is as it was. */
pct_status pct_ledger_seal(const pct_crypto *crypto, const pct_ledger_keys *keys, pct_random random,
                           const pct_event *event, pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* keys may be NULL: everything sealed stays closed. PCT_DAMAGED: an envelope is not what was sealed here. *sealing may be
 * NULL. Text borrows from the bytes and the arena. */
pct_status pct_ledger_open(const pct_crypto *crypto, const pct_ledger_keys *keys, pct_text bytes,
                           pct_arena *arena, pct_event *out, pct_event_sealing *sealing,
                           pct_error *error) PCT_MUST_USE;

/* --- keys at rest ------------------------------------------------------------------------------------------- */

/* A sealing key is stored wrapped by the agency's key: nonce ‖ ciphertext ‖ tag. Its id, object and class are bound. */
enum { PCT_KEY_WRAPPED_BYTES = PCT_NONCE_BYTES + PCT_KEY_BYTES + PCT_TAG_BYTES };

void pct_key_new(pct_random random, pct_key *out);
void pct_key_wrap(const pct_crypto *crypto, const pct_key *agency, const pct_key_name *name,
                  pct_random random, const pct_key *key, unsigned char out[PCT_KEY_WRAPPED_BYTES]);
/* PCT_DAMAGED: another agency key, another name, or changed bytes. */
pct_status pct_key_unwrap(const pct_crypto *crypto, const pct_key *agency, const pct_key_name *name,
                          const unsigned char wrapped[PCT_KEY_WRAPPED_BYTES], pct_key *out,
                          pct_error *error) PCT_MUST_USE;

#endif
