/* What the files of the tree share: the hash of an inner node, and of any stretch of leaves. */
#ifndef PCT_LEDGER_MERKLE_NODE_H
#define PCT_LEDGER_MERKLE_NODE_H

#include "event/codec.h"
#include "ledger/merkle.h"

pct_hash pct_merkle_node(const pct_crypto *crypto, pct_hash left, pct_hash right);
/* The root over leaves [begin, end), which is a subtree of the log's: begin is a multiple of the power of two that
 * holds end - begin. */
pct_status pct_merkle_stretch(const pct_merkle_reader *reader, uint64_t begin, uint64_t end, pct_hash *out,
                              pct_error *error) PCT_MUST_USE;

#endif
