/* The tree of a stored log, ready for proofs, after one pass over its leaf hashes.
 *
 *     status = pct_log_tree_open(store, crypto, &tree, &error);   O(events)
 *     pct_merkle_reader reader = pct_log_tree_reader(&tree);      for ledger/merkle.h, ledger/tile.h
 *     head = pct_log_tree_head(&tree);                            size and root as they were committed
 *     pct_log_tree_close(&tree);                                  accepts a zeroed one
 *
 * It keeps the root of each perfect tree of 256 leaves (and of 65,536, …): an eighth of a byte for each event, so that a
 * proof reads 256 rows a level. What is committed while it is open is not in it. PCT_CHECK_FAILED: the leaf hashes
 * do not make the tree that was committed with them. */
#ifndef PCT_LEDGER_LOG_TREE_H
#define PCT_LEDGER_LOG_TREE_H

#include "base/vector.h"
#include "ledger/merkle.h"
#include "store/store.h"

enum { PCT_LOG_TREE_LEVELS = 7 };

typedef struct pct_log_tree {
    pct_store *store;
    pct_merkle tree;
    pct_vector levels[PCT_LOG_TREE_LEVELS]; /* of pct_hash: [i] of perfect trees of 256^(i + 1) leaves */
    pct_hash row[PCT_LOG_TREE_LEVELS][256]; /* those that do not yet make one of the next level */
    size_t row_length[PCT_LOG_TREE_LEVELS];
} pct_log_tree;

/* One that is to follow a log: empty, then grown. What it is the tree of, the caller compares. */
void pct_log_tree_begin(pct_store *store, const pct_crypto *crypto, pct_log_tree *out);
/* Reads on until it has `size` leaves, or the log ends. PCT_CHECK_FAILED: there is a gap. */
pct_status pct_log_tree_grow(pct_log_tree *tree, uint64_t size, pct_error *error) PCT_MUST_USE;

/* The reader points into *out, which stays where it is. Close after a failure too. */
pct_status pct_log_tree_open(pct_store *store, const pct_crypto *crypto, pct_log_tree *out,
                             pct_error *error) PCT_MUST_USE;
void pct_log_tree_close(pct_log_tree *tree);
pct_merkle_reader pct_log_tree_reader(pct_log_tree *tree);
pct_tree_head pct_log_tree_head(const pct_log_tree *tree);

/* Size and root as they were committed with the last event. PCT_DAMAGED, without a message: that is no tree. */
pct_status pct_log_committed_head(pct_store *store, const pct_crypto *crypto, pct_tree_head *out,
                                  pct_error *error) PCT_MUST_USE;

#endif
