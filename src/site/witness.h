/* A witness: a folder at another agency that remembers, for each log it was told of, the last tree head that it cosigned.
 *
 *     FOLDER/witness.key                 its secret key (site/signer.h)
 *     FOLDER/logs/<16 hex of SHA-256 of the origin>/
 *         key                            the log's public key, as somebody brought it
 *         head                           the last head, with the log's signature and ours; replaced whole, synced
 *         seen/<size>.note               every head that was cosigned
 *         refused/<size>-<n>.held.note   the two sides of a contradiction, both signed by the log
 *         refused/<size>-<n>.given
 *
 * A question is answered under the folder's lock: checked, kept on the disk, and only then cosigned and answered
 * (https://c2sp.org/tlog-witness). Nothing but a person with an editor makes it forget a head. */
#ifndef PCT_SITE_WITNESS_H
#define PCT_SITE_WITNESS_H

#include "ledger/witness.h"
#include "site/signer.h"

enum { PCT_WITNESS_REFUSED_MAX = 1000 }; /* contradictions kept for each log */

typedef struct pct_witness {
    char folder[PCT_PATH_MAX];
    pct_signer signer;
} pct_witness;

/* Stays where it is; close after a failure too. */
pct_status pct_witness_make(const char *folder, pct_text name, pct_witness *out,
                            pct_error *error) PCT_MUST_USE;
pct_status pct_witness_open(const char *folder, pct_witness *out, pct_error *error) PCT_MUST_USE;
void pct_witness_close(pct_witness *witness);

/* PCT_REFUSED: it knows a log of this name with another key. */
pct_status pct_witness_add_log(pct_witness *witness, const pct_note_key *log, pct_error *error) PCT_MUST_USE;

/* What a witness says to a request: an HTTP status and a body, which is cosignature lines (200), the size held (409), or nothing
 * where *error has the sentence. Only PCT_IO, PCT_MEMORY and PCT_DAMAGED are failures of its own (500). */
typedef struct pct_witness_reply {
    int code;
    pct_buffer body;
    uint64_t size;
} pct_witness_reply;
pct_status pct_witness_reply_to(pct_witness *witness, pct_text request, int64_t now_s, pct_witness_reply *out,
                                pct_error *error) PCT_MUST_USE;

typedef struct pct_witnessed {
    pct_text key;  /* of the log, as text */
    bool has_head; /* it has cosigned one */
    pct_checkpoint head;
    int64_t time_s, refused;
} pct_witnessed;
typedef pct_status pct_witnessed_visitor(void *context, const pct_witnessed *log, pct_error *error);
pct_status pct_witness_each(pct_witness *witness, pct_witnessed_visitor *visit, void *context,
                            pct_error *error) PCT_MUST_USE;

#endif
