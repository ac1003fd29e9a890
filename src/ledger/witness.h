/* What a witness decides: whether a log's new tree head continues the one that the witness cosigned last.
 *
 *     status = pct_witness_decide(&question, &head, &answer, &error);
 *
 * The order of checks and the answers are those of https://c2sp.org/tlog-witness; the caller keeps the heads, durably
 * and one question after the other, and cosigns (pct_note_cosign) only after the new head is kept. No clock, no files. */
#ifndef PCT_LEDGER_WITNESS_H
#define PCT_LEDGER_WITNESS_H

#include "ledger/proof_text.h"

typedef struct pct_witness_question {
    const pct_crypto *crypto;
    const pct_note_key *log;     /* as this witness was told */
    const pct_tree_head *held;   /* the last that it cosigned; size 0: none */
    const pct_proof_text *asked; /* of growth */
} pct_witness_question;

typedef enum pct_witness_answer {
    PCT_WITNESS_COSIGN,
    PCT_WITNESS_UNSIGNED, /* 403: not signed by the log's key */
    PCT_WITNESS_SIZES, /* 400: the proof's beginning is behind the head, or it has hashes where none can be */
    PCT_WITNESS_STALE, /* 409, with the size held: prove from there on */
    PCT_WITNESS_FORK,  /* 409: the log signed two trees of one size */
    PCT_WITNESS_INCONSISTENT, /* 422 */
} pct_witness_answer;

/* PCT_OK with PCT_WITNESS_COSIGN: *head is to be kept and cosigned. All other answers come with an error that says what was
 * found and expected; FORK and INCONSISTENT are signed by the log and worth keeping. PCT_MEMORY: no answer. */
pct_status pct_witness_decide(const pct_witness_question *question, pct_tree_head *head,
                              pct_witness_answer *answer, pct_error *error) PCT_MUST_USE;

#endif
