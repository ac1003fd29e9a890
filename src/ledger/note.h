/* Signed tree heads that verifiers nobody here wrote can read: checkpoints (C2SP tlog-checkpoint) as signed notes (C2SP
 * signed-note, Ed25519), with cosignatures of witnesses (C2SP tlog-cosignature, cosignature/v1).
 *
 *     police.example/precinct/log        origin: names the log
 *     1234                               tree size
 *     rfdDZe…=                           root, base64
 *                                        (an empty line ends the text that is signed)
 *     — police.example/precinct/log Yt…  name of the key, base64(4 bytes key id ‖ signature)
 *     — witness.example Qz…              base64(4 bytes key id ‖ 8 bytes UTC seconds ‖ signature)
 *
 *     pct_note_key signer = …;                                           // a public key and its name
 *     pct_checkpoint_sign(crypto, origin, &head, seed, &buffer, error);  // text and the log's own signature
 *     pct_note_cosign(crypto, name, seed, time_s, &buffer, error);       // a witness adds its line
 *     pct_checkpoint_read(crypto, bytes, &log_key, &checkpoint, error);  // strict; the log's signature is good
 *     pct_note_verify(crypto, bytes, &witness_key, &text, &time_s, error); // and the witness's
 *
 * Reading is strict: one spelling, bounded sizes. Signatures by keys that were not asked for are passed over, as the
 * format demands. Results borrow from the bytes. */
#ifndef PCT_LEDGER_NOTE_H
#define PCT_LEDGER_NOTE_H

#include "ledger/merkle.h"

enum { PCT_NOTE_BYTES_MAX = 16 << 10, PCT_NOTE_NAME_MAX = 200, PCT_NOTE_SIGNATURES_MAX = 32 };

typedef enum pct_note_kind { PCT_NOTE_ED25519 = 1, PCT_NOTE_COSIGNATURE = 4 } pct_note_kind;

typedef struct pct_note_key {
    pct_text name; /* without white space and '+'; borrowed */
    pct_note_kind kind;
    unsigned char bytes[PCT_PUBLIC_BYTES];
} pct_note_key;

/* Keys as text, for people to hand on: "name+hex id+base64". */
pct_status pct_note_key_write(const pct_crypto *crypto, const pct_note_key *key, pct_buffer *out,
                              pct_error *error) PCT_MUST_USE;
pct_status pct_note_key_read(const pct_crypto *crypto, pct_text text, pct_note_key *out,
                             pct_error *error) PCT_MUST_USE;

/* A secret key with its name, as text: "PRIVATE+KEY+name+hex id+base64(kind ‖ seed)", as others write them too. */
typedef struct pct_note_signer {
    pct_note_key key; /* its name is borrowed from the text */
    unsigned char seed[PCT_SEED_BYTES];
} pct_note_signer;
pct_status pct_note_signer_write(const pct_crypto *crypto, const pct_note_signer *signer, pct_buffer *out,
                                 pct_error *error) PCT_MUST_USE;
/* `file`: where the text comes from, for messages, which never show the text. */
pct_status pct_note_signer_read(const pct_crypto *crypto, pct_text text, const char *file,
                                pct_note_signer *out, pct_error *error) PCT_MUST_USE;

/* Appends a note: the text (which ends in a newline), an empty line, and the signature by `name`. */
pct_status pct_note_sign(const pct_crypto *crypto, pct_text text, pct_text name,
                         const unsigned char seed[PCT_SEED_BYTES], pct_buffer *out,
                         pct_error *error) PCT_MUST_USE;
/* Adds a witness's line to the note in `note`. */
pct_status pct_note_cosign(const pct_crypto *crypto, pct_text name, const unsigned char seed[PCT_SEED_BYTES],
                           int64_t time_s, pct_buffer *note, pct_error *error) PCT_MUST_USE;
/* PCT_OK: the note is well formed and `key` signed it. PCT_NOT_FOUND: no line by this key. PCT_CHECK_FAILED: a line by
 * this key that is false. PCT_INPUT: no note. time_s: of a cosignature; 0 otherwise; may be NULL. */
pct_status pct_note_verify(const pct_crypto *crypto, pct_text note, const pct_note_key *key, pct_text *text,
                           int64_t *time_s, pct_error *error) PCT_MUST_USE;

/* Appends the note's text and, of its lines, those by `key` alone: what is kept holds no more than was asked for. */
pct_status pct_note_keep(const pct_crypto *crypto, pct_text note, const pct_note_key *key, pct_buffer *out,
                         pct_error *error) PCT_MUST_USE;
/* The end of the text that is signed, the line break of its last line with it; 0: this is no note. */
size_t pct_note_text_length(pct_text note);

typedef struct pct_checkpoint {
    pct_text origin;
    pct_tree_head head;
} pct_checkpoint;

pct_status pct_checkpoint_sign(const pct_crypto *crypto, pct_text origin, const pct_tree_head *head,
                               const unsigned char seed[PCT_SEED_BYTES], pct_buffer *out,
                               pct_error *error) PCT_MUST_USE;
/* Verifies as pct_note_verify does and reads the text; the origin must be the key's name unless it cosigns. */
pct_status pct_checkpoint_read(const pct_crypto *crypto, pct_text note, const pct_note_key *key,
                               pct_checkpoint *out, pct_error *error) PCT_MUST_USE;
/* What the text says, whoever signed it: to find the key to ask for. */
pct_status pct_checkpoint_peek(pct_text note, pct_checkpoint *out, pct_error *error) PCT_MUST_USE;

#endif
