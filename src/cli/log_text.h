/* What the commands of the log share: keys and notes from the command line, hashes and numbers in JSON. */
#ifndef PCT_CLI_LOG_TEXT_H
#define PCT_CLI_LOG_TEXT_H

#include "cli/command.h"
#include "ledger/note.h"
#include "site/signer.h"

enum { PCT_LOG_HEX = 2 * PCT_HASH_BYTES + 1 };

void pct_log_hex(pct_hash hash, char out[PCT_LOG_HEX]);
void pct_log_number(pct_json_writer *json, const char *key, int64_t value);
void pct_log_word(pct_json_writer *json, const char *key, pct_text value);
void pct_log_hash(pct_json_writer *json, const char *key, pct_hash hash);
void pct_log_document_end(pct_cli *cli, pct_json_writer *json, double began_s);

/* A public key as it was given: itself, or a file that holds it. Its name borrows from *text, which is appended to and
 * must not grow afterwards. PCT_INPUT when it is of another kind. */
pct_status pct_log_key_given(const char *given, pct_note_kind kind, const pct_crypto *crypto,
                             pct_buffer *text, pct_note_key *out, pct_error *error) PCT_MUST_USE;
/* A small file, whole. */
pct_status pct_log_file_read(const char *path, size_t most, pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* Time, place and name of every cosignature of `note` by one of the keys, as a JSON array or as sentences. */
pct_status pct_log_cosigners(pct_cli *cli, pct_json_writer *json, const pct_crypto *crypto, pct_text note,
                             const pct_note_key *keys, size_t count, pct_error *error) PCT_MUST_USE;

static inline pct_text pct_log_view(const pct_buffer *buffer) {
    return (pct_text){buffer->bytes ? (const char *)buffer->bytes : "", buffer->length};
}

#endif
