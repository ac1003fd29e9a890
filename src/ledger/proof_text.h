/* Proofs as text that others read: https://c2sp.org/tlog-proof for "this event is in that log", and the request of
 * https://c2sp.org/tlog-witness for "that log only grew".
 *
 *     c2sp.org/tlog-proof@v1             old 20852014
 *     extra <base64 of the stored bytes> <base64 of a hash>     from the leaf up, one line each
 *     index 73894                        …
 *     <base64 of a hash>
 *     …                                  (an empty line)
 *     (an empty line)                    the signed tree head, as ledger/note.h has it
 *     the signed tree head
 *
 * The stored bytes travel along as the extra data, so that a proof speaks for itself; they are what is hashed, so that they
 * need no trust. Reading is strict: one spelling, bounded sizes; results borrow from the text. O(length). */
#ifndef PCT_LEDGER_PROOF_TEXT_H
#define PCT_LEDGER_PROOF_TEXT_H

#include "ledger/note.h"

enum { PCT_PROOF_LINES_MAX = 63, PCT_PROOF_TEXT_MAX = 128 << 10 };

typedef struct pct_proof_text {
    pct_text extra;  /* base64; of inclusion; empty: none */
    uint64_t number; /* of inclusion: the leaf's index, from 0; of growth: the old size */
    pct_merkle_proof proof;
    pct_text note;
} pct_proof_text;

typedef enum pct_proof_kind { PCT_PROOF_INCLUSION, PCT_PROOF_GROWTH } pct_proof_kind;

/* By its first line. PCT_INPUT: neither, or a line that is not as it should be. */
pct_status pct_proof_text_read(pct_text text, pct_proof_kind *kind, pct_proof_text *out,
                               pct_error *error) PCT_MUST_USE;
/* `stored_bytes` empty: without them. Only of inclusion. */
pct_status pct_proof_text_write(pct_proof_kind kind, const pct_proof_text *proof, pct_text stored_bytes,
                                pct_buffer *out, pct_error *error) PCT_MUST_USE;

#endif
