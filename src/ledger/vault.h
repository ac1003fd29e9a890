/* An encrypted stream of bytes for storing elsewhere: what is read out of it is what was put in, from the first byte to the last,
 * or reading fails. Version 1:
 *
 *     "precinct-vault-1"            16 bytes
 *     kind                          1: to a recovery key, 2: by a pass phrase
 *     length of the label, label    public, at most 255 bytes, and bound: changed, nothing opens
 *     kind 1: 80 bytes              the stream's key in a sealed box (X25519, XSalsa20-Poly1305) to the recovery key
 *     kind 2: 16 bytes              salt: the stream's key is argon2id(pass phrase), 3 passes over 256 MiB
 *     24 bytes                      beginning of a libsodium secretstream (XChaCha20-Poly1305)
 *     length (4, big-endian), chunk … the last and only the last chunk is marked final, and nothing follows it
 *
 * Each chunk holds at most 64 KiB and is bound to SHA-256 of all before the stream, and to its place. Flipped, cut, longer, or
 * in another order: PCT_DAMAGED. Nothing of a chunk is given out before it is authentic; that a stream is whole is known at
 * its end only, so a reader keeps what it makes apart until then. Memory: two chunks. O(bytes). */
#ifndef PCT_LEDGER_VAULT_H
#define PCT_LEDGER_VAULT_H

#include "base/buffer.h"
#include "ledger/crypto.h"

enum { PCT_VAULT_CHUNK = 64 << 10, PCT_VAULT_LABEL_MAX = 255 };

/* A pair of recovery keys; a writer needs the public half alone. */
typedef struct pct_recovery_key {
    unsigned char public_half[PCT_PUBLIC_BYTES], secret_half[PCT_KEY_BYTES];
} pct_recovery_key;
pct_status pct_recovery_key_new(pct_recovery_key *out, pct_error *error) PCT_MUST_USE;
/* The public half of a secret one. */
void pct_recovery_key_complete(pct_recovery_key *key);

/* What locks and opens: a pass phrase where it is not empty, else the key. Borrowed. */
typedef struct pct_vault_lock {
    const pct_recovery_key *key;
    pct_text pass_phrase;
} pct_vault_lock;

typedef struct pct_vault_file {
    void *context;
    const char *name; /* for messages */
    pct_status (*write)(void *context, const void *bytes, size_t length, pct_error *error);
    /* *got < length: the end */
    pct_status (*read)(void *context, void *bytes, size_t length, size_t *got, pct_error *error);
} pct_vault_file;

typedef struct pct_vault_writer pct_vault_writer;
pct_status pct_vault_writer_open(const pct_vault_file *file, const pct_vault_lock *lock, pct_text label,
                                 pct_vault_writer **out, pct_error *error) PCT_MUST_USE;
pct_status pct_vault_write(pct_vault_writer *writer, const void *bytes, size_t length,
                           pct_error *error) PCT_MUST_USE;
pct_status pct_vault_end(pct_vault_writer *writer, pct_error *error) PCT_MUST_USE;
void pct_vault_writer_close(pct_vault_writer *writer); /* wipes; accepts NULL */

/* The label alone; it is not authentic before the vault was opened. */
pct_status pct_vault_label(const pct_vault_file *file, unsigned char out[PCT_VAULT_LABEL_MAX], size_t *length,
                           pct_error *error) PCT_MUST_USE;

typedef struct pct_vault_reader pct_vault_reader;
pct_status pct_vault_reader_open(const pct_vault_file *file, const pct_vault_lock *lock,
                                 pct_vault_reader **out, pct_error *error) PCT_MUST_USE;
pct_text pct_vault_reader_label(const pct_vault_reader *reader);
/* Exactly `length` bytes; PCT_DAMAGED when there are fewer. */
pct_status pct_vault_read(pct_vault_reader *reader, void *bytes, size_t length,
                          pct_error *error) PCT_MUST_USE;
/* Nothing is left, and the end is where the writer put it. */
pct_status pct_vault_read_end(pct_vault_reader *reader, pct_error *error) PCT_MUST_USE;
void pct_vault_reader_close(pct_vault_reader *reader); /* wipes; accepts NULL */

#endif
