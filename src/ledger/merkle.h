/* The hash tree over the stored events, as RFC 6962 and RFC 9162 have it:
 *
 *     leaf = SHA-256(0x00 ‖ stored bytes)        node = SHA-256(0x01 ‖ left ‖ right)
 *
 *                    root of 7                   A tree of n leaves is a row of perfect trees, one for each
 *               ┌────────┴───────┐               bit of n, largest first; their roots are the frontier. It is
 *             perfect 4      ┌───┴───┐           all that appending needs.
 *            a  b  c  d    perfect 2  g
 *
 *     pct_merkle tree = pct_merkle_init(crypto);
 *     pct_hash leaf = pct_merkle_leaf(crypto, bytes);
 *     pct_merkle_append(&tree, leaf);            // amortised 1 hash, at most log2 n; allocates nothing
 *     pct_hash root = pct_merkle_root(&tree);    // at most log2 n hashes
 *
 * Leaf i (from 0) is the event of seq i + 1. The root of no leaves is SHA-256 of nothing. */
#ifndef PCT_LEDGER_MERKLE_H
#define PCT_LEDGER_MERKLE_H

#include "base/buffer.h"
#include "ledger/crypto.h"

enum { PCT_MERKLE_LEVELS = 63, PCT_MERKLE_SAVED_MAX = 8 + PCT_MERKLE_LEVELS * PCT_HASH_BYTES };

typedef struct pct_merkle {
    const pct_crypto *crypto;
    uint64_t size;                        /* leaves; < 2^63 */
    pct_hash frontier[PCT_MERKLE_LEVELS]; /* [level], of the perfect trees that size has */
} pct_merkle;

pct_merkle pct_merkle_init(const pct_crypto *crypto);
pct_hash pct_merkle_leaf(const pct_crypto *crypto, pct_text stored_bytes);
void pct_merkle_append(pct_merkle *tree, pct_hash leaf);
/* Appends 2^level leaves of which only the root is known; tree->size is a multiple of 2^level. */
void pct_merkle_append_perfect(pct_merkle *tree, unsigned level, pct_hash root);
pct_hash pct_merkle_root(const pct_merkle *tree);
bool pct_hash_equal(pct_hash a, pct_hash b);

/* The frontier as bytes: size (8, big-endian), then the roots, largest tree first. Loading takes nothing else. */
pct_status pct_merkle_save(const pct_merkle *tree, pct_buffer *out);
pct_status pct_merkle_load(const pct_crypto *crypto, pct_text bytes, pct_merkle *out,
                           pct_error *error) PCT_MUST_USE;

/* --- trees of any size, from stored hashes ----------------------------------------------------------------- */

/* Reads `count` hashes of perfect trees of 2^level leaves, from number `index` on, 1 ≤ count ≤ 256. Level 0 is asked for
 * always: the stored leaf hashes. Levels 8, 16, … are asked for one hash at a time, and a reader that does not keep
 * them says PCT_NOT_FOUND (then they are made from the level below). Only whole trees within the log are asked for. */
typedef struct pct_merkle_reader {
    const pct_crypto *crypto;
    void *context;
    pct_status (*read)(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                       pct_error *error);
} pct_merkle_reader;

enum { PCT_MERKLE_PROOF_MAX = 2 * PCT_MERKLE_LEVELS };

typedef struct pct_merkle_proof {
    size_t length;
    pct_hash hashes[PCT_MERKLE_PROOF_MAX];
} pct_merkle_proof;

/* The root that the log had at `size`. O(size) hashes from leaves alone, O(256 log size) with the levels. */
pct_status pct_merkle_root_at(const pct_merkle_reader *reader, uint64_t size, pct_hash *out,
                              pct_error *error) PCT_MUST_USE;
/* That leaf `index` is in the tree of `size` leaves; index < size. */
pct_status pct_merkle_prove_inclusion(const pct_merkle_reader *reader, uint64_t index, uint64_t size,
                                      pct_merkle_proof *out, pct_error *error) PCT_MUST_USE;
/* That the tree of `size` leaves begins with the tree of `old_size`; 0 ≤ old_size ≤ size. */
pct_status pct_merkle_prove_consistency(const pct_merkle_reader *reader, uint64_t old_size, uint64_t size,
                                        pct_merkle_proof *out, pct_error *error) PCT_MUST_USE;

/* A tree as somebody vouches for it. */
typedef struct pct_tree_head {
    uint64_t size;
    pct_hash root;
} pct_tree_head;

/* RFC 9162, 2.1.3.2 and 2.1.4.2. */
bool pct_merkle_check_inclusion(const pct_crypto *crypto, const pct_merkle_proof *proof, pct_hash leaf,
                                uint64_t index, const pct_tree_head *head);
bool pct_merkle_check_consistency(const pct_crypto *crypto, const pct_merkle_proof *proof,
                                  const pct_tree_head *old_head, const pct_tree_head *head);

#endif
