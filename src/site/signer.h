/* A secret key that signs tree heads, as a file of its own: one line PRIVATE+KEY+name+id+base64 (ledger/note.h), mode 0600.
 *
 *     SITE/log.key        the log's: made once by `log key`, since the name of a log can never change
 *     witness.key         a witness's, in its own folder at its own place
 *
 * Whoever has log.key can sign tree heads, but no head that contradicts one that a witness has seen will be cosigned. */
#ifndef PCT_SITE_SIGNER_H
#define PCT_SITE_SIGNER_H

#include "ledger/note.h"
#include "site/file.h"

#define PCT_LOG_KEY_FILE     "log.key"
#define PCT_WITNESS_KEY_FILE "witness.key"

typedef struct pct_signer {
    const pct_crypto *crypto;
    pct_note_signer secret; /* its name borrows from text: a signer stays where it is */
    char text[PCT_NOTE_NAME_MAX + 128];
} pct_signer;

/* PCT_NOT_FOUND, with the sentence that says how to make one, when there is none. Dispose after a failure too. */
pct_status pct_signer_read(const char *path, pct_note_kind kind, pct_signer *out,
                           pct_error *error) PCT_MUST_USE;
/* On the disk before it returns. PCT_BUSY when there is one. */
pct_status pct_signer_make(const char *path, pct_note_kind kind, pct_text name, pct_random random,
                           pct_signer *out, pct_error *error) PCT_MUST_USE;
void pct_signer_dispose(pct_signer *signer); /* wipes; accepts a zeroed one */

#endif
