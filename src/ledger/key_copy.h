/* A copy of sealing keys, encrypted, with an end: what `precinct keys backup` writes.
 *
 *     "precinct-keys-1 MADE UNTIL SEQ LEAF COUNT NONCE\n"     UTC ms; the record's last event and its leaf; base64, URL alphabet
 *     ciphertext ‖ tag                                        of COUNT entries of 58 bytes: id, made at, object, class, key
 *
 * XChaCha20-Poly1305 under the agency's key or a recovery key; the line is bound, so that nobody gives it a later end. A copied
 * key opens its envelopes for ever, whatever becomes of the original: that is why a copy has an end, why restoring refuses
 * one whose end has come, and why the file is to be deleted then.
 *
 * Pure. Reading trusts nothing: line, count, length and tag are checked before an entry is given. */
#ifndef PCT_LEDGER_KEY_COPY_H
#define PCT_LEDGER_KEY_COPY_H

#include "base/buffer.h"
#include "ledger/seal.h"

enum { PCT_KEY_COPY_MAX = 1 << 24, PCT_KEY_COPY_ENTRY = 58, PCT_KEY_COPY_LINE = 256 };

typedef struct pct_key_copy_head {
    int64_t made_at_ms, until_ms;
    int64_t seq; /* of the record's last event then; 0: it had none */
    pct_hash leaf;
    int64_t count;
} pct_key_copy_head;

typedef struct pct_key_copy_entry {
    pct_key_name name;
    int64_t made_at_ms;
    pct_key key;
} pct_key_copy_entry;

void pct_key_copy_put(pct_buffer *entries, const pct_key_copy_entry *entry);
/* The line and the ciphertext, appended to `out`. `entries` is wiped. */
pct_status pct_key_copy_write(const pct_crypto *crypto, const pct_key *key, pct_random random,
                              const pct_key_copy_head *head, pct_buffer *entries, pct_buffer *out,
                              pct_error *error) PCT_MUST_USE;
/* PCT_INPUT: not such a file, or not for this key. The entries (head->count of them) are appended to `entries`. `file` is for
 * errors. */
pct_status pct_key_copy_read(const pct_crypto *crypto, const pct_key *key, const char *file, pct_text bytes,
                             pct_key_copy_head *head, pct_buffer *entries, pct_error *error) PCT_MUST_USE;
/* Entry number `at`; false when its kind or class is none. */
bool pct_key_copy_get(const pct_buffer *entries, size_t at, pct_key_copy_entry *out);

#endif
