/* Trees and proofs of any size, from stored hashes. A tree of n leaves splits at k, the largest power of two below n; a
 * proof is the list of the halves that were not entered on the way down. The verifiers climb up again and need two
 * numbers only. RFC 9162, 2.1.3 and 2.1.4. */
#include <string.h>

#include "ledger/merkle_node.h"

enum { LEAVES_AT_ONCE = 256 };

/* Appends the largest stored perfect tree that begins at `at` and ends by `end`; *taken is 0 when none is kept. */
static pct_status take_stored(const pct_merkle_reader *reader, pct_merkle *tree, uint64_t at, uint64_t end,
                              unsigned *top, uint64_t *taken, pct_error *error) {
    *taken = 0;
    for (unsigned level = *top; level >= 8; level -= 8) {
        uint64_t leaves = UINT64_C(1) << level;
        pct_hash hash;
        if (at % leaves != 0 || end - at < leaves) continue;
        pct_status status = reader->read(reader->context, level, at >> level, 1, &hash, error);
        if (status && status != PCT_NOT_FOUND) return status;
        if (!status) {
            pct_merkle_append_perfect(tree, level, hash);
            *taken = leaves;
            return PCT_OK;
        }
        *top = level - 8; /* a reader that lacks one lacks all above: they are written from below */
    }
    return PCT_OK;
}

pct_status pct_merkle_stretch(const pct_merkle_reader *reader, uint64_t begin, uint64_t end, pct_hash *out,
                              pct_error *error) {
    pct_merkle tree = pct_merkle_init(reader->crypto);
    pct_hash leaves[LEAVES_AT_ONCE];
    unsigned top = 56;
    for (uint64_t at = begin; at < end;) {
        uint64_t count = 0;
        pct_status status = take_stored(reader, &tree, at, end, &top, &count, error);
        if (!status && count == 0) {
            count = LEAVES_AT_ONCE - at % LEAVES_AT_ONCE;
            if (count > end - at) count = end - at;
            status = reader->read(reader->context, 0, at, (size_t)count, leaves, error);
            for (size_t i = 0; i < count && !status; i++) pct_merkle_append(&tree, leaves[i]);
        }
        if (status) return status;
        at += count;
    }
    *out = pct_merkle_root(&tree);
    return PCT_OK;
}

static pct_status refuse_size(uint64_t asked, uint64_t size, pct_error *error) {
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LEDGER_SIZE, pct_int((int64_t)asked), pct_int((int64_t)size));
}

pct_status pct_merkle_root_at(const pct_merkle_reader *reader, uint64_t size, pct_hash *out,
                              pct_error *error) {
    if (size >> PCT_MERKLE_LEVELS) return refuse_size(size, INT64_MAX, error);
    return pct_merkle_stretch(reader, 0, size, out, error);
}

/* The largest power of two below n; n > 1. */
static uint64_t split_of(uint64_t n) {
    uint64_t k = 1;
    while (k < n - k) k *= 2;
    return k;
}

static pct_status add_stretch(const pct_merkle_reader *reader, uint64_t begin, uint64_t end,
                              pct_merkle_proof *out, pct_error *error) {
    return pct_merkle_stretch(reader, begin, end, &out->hashes[out->length++], error);
}

/* Proofs are made from the top and given from the bottom. */
static void turn_round(pct_merkle_proof *proof) {
    for (size_t i = 0, j = proof->length; i + 1 < j; i++) {
        pct_hash hash = proof->hashes[i];
        proof->hashes[i] = proof->hashes[--j];
        proof->hashes[j] = hash;
    }
}

pct_status pct_merkle_prove_inclusion(const pct_merkle_reader *reader, uint64_t index, uint64_t size,
                                      pct_merkle_proof *out, pct_error *error) {
    uint64_t begin = 0, n = size;
    pct_status status = PCT_OK;
    out->length = 0;
    if (size >> PCT_MERKLE_LEVELS || index >= size) return refuse_size(index, size, error);
    while (n > 1 && !status) {
        uint64_t k = split_of(n);
        if (index - begin < k) {
            status = add_stretch(reader, begin + k, begin + n, out, error);
            n = k;
        } else {
            status = add_stretch(reader, begin, begin + k, out, error);
            begin += k, n -= k;
        }
    }
    turn_round(out);
    return status;
}

pct_status pct_merkle_prove_consistency(const pct_merkle_reader *reader, uint64_t old_size, uint64_t size,
                                        pct_merkle_proof *out, pct_error *error) {
    uint64_t begin = 0, m = old_size, n = size;
    bool is_known = true; /* the verifier holds the root of what is left of the old tree */
    pct_status status = PCT_OK;
    out->length = 0;
    if (size >> PCT_MERKLE_LEVELS || old_size > size) return refuse_size(old_size, size, error);
    while (m > 0 && m < n && !status) {
        uint64_t k = split_of(n);
        if (m <= k) {
            status = add_stretch(reader, begin + k, begin + n, out, error);
            n = k;
        } else {
            status = add_stretch(reader, begin, begin + k, out, error);
            begin += k, m -= k, n -= k;
            is_known = false;
        }
    }
    if (!status && !is_known) status = add_stretch(reader, begin, begin + n, out, error);
    turn_round(out);
    return status;
}

bool pct_merkle_check_inclusion(const pct_crypto *crypto, const pct_merkle_proof *proof, pct_hash leaf,
                                uint64_t index, const pct_tree_head *head) {
    if (index >= head->size || proof->length > PCT_MERKLE_PROOF_MAX) return false;
    uint64_t at = index, last = head->size - 1;
    for (size_t i = 0; i < proof->length; i++) {
        if (last == 0) return false;
        if (at & 1 || at == last) {
            leaf = pct_merkle_node(crypto, proof->hashes[i], leaf);
            while (at && !(at & 1)) at >>= 1, last >>= 1;
        } else {
            leaf = pct_merkle_node(crypto, leaf, proof->hashes[i]);
        }
        at >>= 1, last >>= 1;
    }
    return last == 0 && pct_hash_equal(leaf, head->root);
}

bool pct_merkle_check_consistency(const pct_crypto *crypto, const pct_merkle_proof *proof,
                                  const pct_tree_head *old_head, const pct_tree_head *head) {
    if (old_head->size > head->size || proof->length > PCT_MERKLE_PROOF_MAX) return false;
    if (old_head->size == 0) {
        pct_merkle none = pct_merkle_init(crypto);
        return proof->length == 0 && pct_hash_equal(old_head->root, pct_merkle_root(&none));
    }
    if (old_head->size == head->size) return proof->length == 0 && pct_hash_equal(old_head->root, head->root);
    uint64_t at = old_head->size - 1, last = head->size - 1;
    size_t next = 0;
    while (at & 1) at >>= 1, last >>= 1;
    pct_hash old_root = old_head->root; /* of a perfect tree: it begins the proof itself */
    if (at > 0) {
        if (proof->length == 0) return false;
        old_root = proof->hashes[next++];
    }
    pct_hash root = old_root;
    for (; next < proof->length; next++) {
        if (last == 0) return false;
        if (at & 1 || at == last) {
            old_root = pct_merkle_node(crypto, proof->hashes[next], old_root);
            root = pct_merkle_node(crypto, proof->hashes[next], root);
            while (at && !(at & 1)) at >>= 1, last >>= 1;
        } else {
            root = pct_merkle_node(crypto, root, proof->hashes[next]);
        }
        at >>= 1, last >>= 1;
    }
    return last == 0 && pct_hash_equal(old_root, old_head->root) && pct_hash_equal(root, head->root);
}
