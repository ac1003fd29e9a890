/* The log in a store, checked against the tree that was committed with it (ledger/verify.h says what is checked of a row).
 *
 * It reads in slices, each a short look of its own at the record, so that it can run for minutes beside a writer without
 * holding up its checkpoints. What is committed meanwhile is not waited for: the end is the frontier as it was when it
 * began, and a later call goes on from there. O(events), two hashes each. */
#ifndef PCT_LEDGER_LOG_CHECK_H
#define PCT_LEDGER_LOG_CHECK_H

#include "ledger/verify.h"
#include "store/store.h"

/* Called after each slice; false ends the check early, with PCT_OK and the rows so far. May be NULL. */
typedef bool pct_log_pause(void *context, int64_t verified, int64_t events);

/* `tree`: over the rows checked before (empty: none); afterwards over those that are sound. PCT_CHECK_FAILED: *out and the error
 * say where and why. */
pct_status pct_log_check(pct_store *store, pct_merkle *tree, pct_log_pause *pause, void *context,
                         pct_ledger_verdict *out, pct_error *error) PCT_MUST_USE;
/* And against tree heads from outside, in order of size: what somebody with full rights over this disk cannot change. */
pct_status pct_log_check_heads(pct_store *store, pct_merkle *tree, const pct_tree_head *heads,
                               size_t head_count, pct_log_pause *pause, void *context,
                               pct_ledger_verdict *out, pct_error *error) PCT_MUST_USE;

#endif
