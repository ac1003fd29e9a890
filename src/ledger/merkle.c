/* The tree that grows. Appending leaf number n carries like adding 1 to a binary number: each set bit at the end of n is a
 * perfect tree that joins with what is carried, so that over n leaves there are fewer than n joins. RFC 9162, 2.1. */
#include "ledger/merkle.h"

#include <string.h>

#include "ledger/merkle_node.h"

pct_merkle pct_merkle_init(const pct_crypto *crypto) {
    return (pct_merkle){.crypto = crypto};
}

bool pct_hash_equal(pct_hash a, pct_hash b) {
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

pct_hash pct_merkle_leaf(const pct_crypto *crypto, pct_text stored_bytes) {
    unsigned char prefixed[1 + PCT_EVENT_BYTES_MAX];
    pct_hash out = {{0}};
    if (PCT_NEVER(stored_bytes.length > PCT_EVENT_BYTES_MAX)) return out;
    prefixed[0] = 0;
    if (stored_bytes.length) memcpy(prefixed + 1, stored_bytes.chars, stored_bytes.length);
    crypto->sha256(prefixed, 1 + stored_bytes.length, out.bytes);
    return out;
}

pct_hash pct_merkle_node(const pct_crypto *crypto, pct_hash left, pct_hash right) {
    unsigned char joined[1 + 2 * PCT_HASH_BYTES] = {1};
    pct_hash out;
    memcpy(joined + 1, left.bytes, PCT_HASH_BYTES);
    memcpy(joined + 1 + PCT_HASH_BYTES, right.bytes, PCT_HASH_BYTES);
    crypto->sha256(joined, sizeof joined, out.bytes);
    return out;
}

void pct_merkle_append_perfect(pct_merkle *tree, unsigned level, pct_hash root) {
    unsigned at = level;
    for (; tree->size >> at & 1; at++) root = pct_merkle_node(tree->crypto, tree->frontier[at], root);
    tree->frontier[at] = root;
    tree->size += UINT64_C(1) << level;
}

void pct_merkle_append(pct_merkle *tree, pct_hash leaf) {
    pct_merkle_append_perfect(tree, 0, leaf);
}

pct_hash pct_merkle_root(const pct_merkle *tree) {
    pct_hash root = {{0}};
    bool has_root = false;
    if (tree->size == 0) tree->crypto->sha256((const unsigned char *)"", 0, root.bytes);
    for (unsigned level = 0; tree->size >> level; level++) {
        if (!(tree->size >> level & 1)) continue;
        root = has_root ? pct_merkle_node(tree->crypto, tree->frontier[level], root) : tree->frontier[level];
        has_root = true;
    }
    return root;
}

pct_status pct_merkle_save(const pct_merkle *tree, pct_buffer *out) {
    unsigned char *size = pct_buffer_extend(out, 8);
    for (unsigned i = 0; size && i < 8; i++) size[i] = (unsigned char)(tree->size >> (56 - 8 * i));
    for (unsigned level = PCT_MERKLE_LEVELS; level-- > 0;)
        if (tree->size >> level & 1)
            (void)pct_buffer_append(out, tree->frontier[level].bytes, PCT_HASH_BYTES);
    return out->failed;
}

pct_status pct_merkle_load(const pct_crypto *crypto, pct_text bytes, pct_merkle *out, pct_error *error) {
    const unsigned char *at = (const unsigned char *)bytes.chars;
    uint64_t size = 0;
    size_t roots = 0;
    for (unsigned i = 0; i < 8 && bytes.length >= 8; i++) size = size << 8 | *at++;
    for (unsigned level = 0; level < 64; level++) roots += size >> level & 1;
    if (bytes.length != 8 + roots * PCT_HASH_BYTES || size >> PCT_MERKLE_LEVELS)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_LEDGER_FRONTIER, pct_int((int64_t)bytes.length));
    *out = pct_merkle_init(crypto);
    out->size = size;
    for (unsigned level = PCT_MERKLE_LEVELS; level-- > 0;) {
        if (!(size >> level & 1)) continue;
        memcpy(out->frontier[level].bytes, at, PCT_HASH_BYTES);
        at += PCT_HASH_BYTES;
    }
    return PCT_OK;
}
