/* Is the log what it was? Every stored event is hashed as it lies there, never encoded again.
 *
 * Checked for each row, in order of seq: no number is missing; the bytes are a canonical stored event (pct_ledger_open without keys) of this
 * seq, and its epoch is not below the one before; the stored leaf hash is the hash of the bytes. Checked where a vouched-for tree
 * head stands: its root. The first fault ends the run.
 *
 * One pass, two hashes a row, no memory beyond one event: a log is verified while it is in use, and from a saved frontier
 * on when its beginning was verified before. */
#ifndef PCT_LEDGER_VERIFY_H
#define PCT_LEDGER_VERIFY_H

#include "ledger/merkle.h"

typedef struct pct_ledger_row {
    int64_t seq;
    pct_text bytes; /* borrowed until the next row */
    pct_hash leaf;  /* as stored */
} pct_ledger_row;

typedef struct pct_ledger_rows {
    void *context;
    /* The next row in order of seq; *more = false behind the last one. */
    pct_status (*next)(void *context, pct_ledger_row *row, bool *more, pct_error *error);
} pct_ledger_rows;

typedef enum pct_ledger_fault {
    PCT_LEDGER_SOUND,
    PCT_LEDGER_GAP,   /* the row with this seq is missing */
    PCT_LEDGER_BYTES, /* the bytes are no stored event */
    PCT_LEDGER_SEQ,   /* the bytes are an event of another seq */
    PCT_LEDGER_EPOCH, /* the epoch went back */
    PCT_LEDGER_LEAF,  /* the stored leaf hash is not the bytes' */
    PCT_LEDGER_ROOT,  /* the rows up to here do not make the root that was vouched for */
    PCT_LEDGER_SHORT, /* the log ends before a size that was vouched for */
} pct_ledger_fault;

typedef struct pct_ledger_verdict {
    pct_merkle tree; /* over the rows that are sound */
    pct_ledger_fault fault;
    int64_t bad_seq; /* of the first fault; 0: sound */
} pct_ledger_verdict;

/* `from`: a tree over the rows verified before, whose next row is the first that `rows` gives; an empty one otherwise.
 * `heads`: in order of size; those at or below from->size but for an equal one are not looked at. PCT_OK: sound. PCT_CHECK_FAILED: *out
 * and the error say where and why. Other statuses come from the reader. */
pct_status pct_ledger_verify(const pct_merkle *from, const pct_ledger_rows *rows, const pct_tree_head *heads,
                             size_t head_count, pct_ledger_verdict *out, pct_error *error) PCT_MUST_USE;

#endif
