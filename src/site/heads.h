/* The tree heads that a site has given out, each a signed note, with the cosignatures that came back for it.
 *
 *     SITE/heads/00000000000000001234.note     the head of 1,234 events
 *     SITE/witnesses                           public keys of witnesses, one a line
 *
 * A head is signed once for each size, and only when the log continues the newest that was given out: a record that was
 * restored from an old backup, or rewritten, gets no new head and it is said why. Writers lock the folder (flock). */
#ifndef PCT_SITE_HEADS_H
#define PCT_SITE_HEADS_H

#include "site/signer.h"

enum { PCT_WITNESSES_MAX = 16 };

/* A head as it lies there. `note` is appended to. */
typedef struct pct_head {
    uint64_t size;
    pct_buffer note;
} pct_head;

/* The newest; PCT_NOT_FOUND, without a message, when there is none. */
pct_status pct_heads_newest(const char *site, pct_head *out, pct_error *error) PCT_MUST_USE;
/* All, newest first; the visitor says PCT_NOT_FOUND to go on, anything else ends it. */
typedef pct_status pct_head_visitor(void *context, const pct_head *head, pct_error *error);
pct_status pct_heads_each(const char *site, pct_head_visitor *visit, void *context,
                          pct_error *error) PCT_MUST_USE;
/* The signed head for the tree that `reader` reads, which is *head. PCT_CHECK_FAILED: the log does not continue what was
 * given out. Costs what a root at an older size costs the reader. */
pct_status pct_heads_publish(const char *site, const pct_signer *log, const pct_merkle_reader *reader,
                             const pct_tree_head *head, pct_head *out, pct_error *error) PCT_MUST_USE;
/* Puts a witness's lines under the head that they are over, which is looked for from the newest on. Sets *size. PCT_NOT_FOUND:
 * under none of them they are good. */
pct_status pct_heads_cosigned(const char *site, const pct_crypto *crypto, const pct_note_key *witness,
                              pct_text lines, uint64_t *size, pct_error *error) PCT_MUST_USE;

/* Those in SITE/witnesses. The names borrow from *text, which is appended to. */
pct_status pct_witnesses_read(const char *site, const pct_crypto *crypto, pct_buffer *text, pct_note_key *out,
                              size_t *count, pct_error *error) PCT_MUST_USE;
/* Adds one, once. */
pct_status pct_witnesses_add(const char *site, const pct_crypto *crypto, const pct_note_key *key,
                             pct_error *error) PCT_MUST_USE;

#endif
