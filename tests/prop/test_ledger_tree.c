/* Roots and proofs of all sizes against the definitions of RFC 6962, section 2.1, written down as they stand there. */
#include <string.h>

#include "base/rng.h"
#include "ledger/merkle.h"
#include "support/test.h"

enum { ALL_UP_TO = 130, MAX = 3000 };

static const pct_crypto *crypto;
static pct_hash leaves[MAX];

/* --- the oracle ------------------------------------------------------------------------------------------------ */

static pct_hash pair(pct_hash left, pct_hash right) {
    unsigned char joined[65] = {1};
    pct_hash out;
    memcpy(joined + 1, &left, 32), memcpy(joined + 33, &right, 32);
    crypto->sha256(joined, 65, out.bytes);
    return out;
}

static size_t half(size_t n) {
    size_t k = 1;
    while (2 * k < n) k *= 2;
    return k;
}

static pct_hash mth(const pct_hash *d, size_t n) {
    pct_hash none;
    crypto->sha256((const unsigned char *)"", 0, none.bytes);
    if (n == 0) return none;
    if (n == 1) return d[0];
    return pair(mth(d, half(n)), mth(d + half(n), n - half(n)));
}

static void path(size_t m, const pct_hash *d, size_t n, pct_merkle_proof *out) {
    if (n <= 1) return;
    size_t k = half(n);
    if (m < k) {
        path(m, d, k, out);
        out->hashes[out->length++] = mth(d + k, n - k);
    } else {
        path(m - k, d + k, n - k, out);
        out->hashes[out->length++] = mth(d, k);
    }
}

static void subproof(size_t m, const pct_hash *d, size_t n, bool known, pct_merkle_proof *out) {
    size_t k = half(n);
    if (m == n) {
        if (!known) out->hashes[out->length++] = mth(d, n);
    } else if (m <= k) {
        subproof(m, d, k, known, out);
        out->hashes[out->length++] = mth(d + k, n - k);
    } else {
        subproof(m - k, d + k, n - k, false, out);
        out->hashes[out->length++] = mth(d, k);
    }
}

/* --- the log --------------------------------------------------------------------------------------------------- */

static int levels_kept; /* whether the reader keeps level 8 */
static size_t reads_above;

static pct_status read_hashes(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                              pct_error *error) {
    (void)context, (void)error;
    ck_assert(count >= 1 && count <= 256 && ((index + count) << level) <= MAX);
    if (level > 8 || (level == 8 && !levels_kept)) return PCT_NOT_FOUND;
    if (level == 8) {
        ck_assert_uint_eq(count, 1);
        *out = mth(leaves + index * 256, 256);
        reads_above++;
        return PCT_OK;
    }
    memcpy(out, leaves + index, count * sizeof *out);
    return PCT_OK;
}

static const pct_merkle_reader *reader(void) {
    static pct_merkle_reader it;
    if (pct_crypto_sodium(&crypto, NULL)) abort();
    it = (pct_merkle_reader){.crypto = crypto, .read = read_hashes};
    for (uint32_t i = 0; i < MAX; i++) leaves[i] = pct_merkle_leaf(crypto, (pct_text){(char *)&i, sizeof i});
    return &it;
}

static void same_proof(const pct_merkle_proof *a, const pct_merkle_proof *b) {
    ck_assert_uint_eq(a->length, b->length);
    ck_assert_int_eq(memcmp(a->hashes, b->hashes, a->length * sizeof(pct_hash)), 0);
}

/* The proof holds, and does not once anything in it or around it is changed. */
static void inclusion_holds(const pct_merkle_reader *log, size_t index, const pct_tree_head *head) {
    pct_merkle_proof proof, oracle = {.length = 0};
    pct_error error;
    test_ok(pct_merkle_prove_inclusion(log, index, head->size, &proof, &error), &error);
    path(index, leaves, (size_t)head->size, &oracle);
    same_proof(&proof, &oracle);
    ck_assert(pct_merkle_check_inclusion(crypto, &proof, leaves[index], index, head));
    ck_assert(!pct_merkle_check_inclusion(crypto, &proof, leaves[(index + 1) % MAX], index, head));
    pct_tree_head other = {head->size, leaves[MAX - 1]};
    ck_assert(!pct_merkle_check_inclusion(crypto, &proof, leaves[index], index, &other));
    ck_assert(!pct_merkle_check_inclusion(crypto, &proof, leaves[index], head->size, head));
    if (head->size > 1) {
        size_t wrong = index ? index - 1 : index + 1;
        ck_assert(!pct_merkle_check_inclusion(crypto, &proof, leaves[index], wrong, head));
        proof.length--;
        ck_assert(!pct_merkle_check_inclusion(crypto, &proof, leaves[index], index, head));
        proof.hashes[proof.length++].bytes[7] ^= 1;
        ck_assert(!pct_merkle_check_inclusion(crypto, &proof, leaves[index], index, head));
        proof.hashes[proof.length - 1].bytes[7] ^= 1;
    }
    proof.hashes[proof.length++] = leaves[0];
    ck_assert(!pct_merkle_check_inclusion(crypto, &proof, leaves[index], index, head));
}

static void consistency_holds(const pct_merkle_reader *log, const pct_tree_head *old_head,
                              const pct_tree_head *head) {
    pct_merkle_proof proof, oracle = {.length = 0};
    pct_error error;
    test_ok(pct_merkle_prove_consistency(log, old_head->size, head->size, &proof, &error), &error);
    if (old_head->size) subproof((size_t)old_head->size, leaves, (size_t)head->size, true, &oracle);
    same_proof(&proof, &oracle);
    ck_assert(pct_merkle_check_consistency(crypto, &proof, old_head, head));
    pct_tree_head other = {old_head->size, leaves[MAX - 1]};
    ck_assert(!pct_merkle_check_consistency(crypto, &proof, &other, head));
    if (old_head->size > 0) {
        other = (pct_tree_head){head->size, leaves[MAX - 1]};
        ck_assert(!pct_merkle_check_consistency(crypto, &proof, old_head, &other));
    }
    for (size_t i = 0; i < proof.length; i++) {
        proof.hashes[i].bytes[31] ^= 128;
        ck_assert(!pct_merkle_check_consistency(crypto, &proof, old_head, head));
        proof.hashes[i].bytes[31] ^= 128;
    }
    if (proof.length > 0) {
        proof.length--;
        ck_assert(!pct_merkle_check_consistency(crypto, &proof, old_head, head));
        proof.length++;
    }
    proof.hashes[proof.length++] = leaves[0];
    ck_assert(!pct_merkle_check_consistency(crypto, &proof, old_head, head));
    if (old_head->size < head->size) ck_assert(!pct_merkle_check_consistency(crypto, &proof, head, old_head));
}

TEST(tree_of_each_size_has_the_root_of_the_definition) {
    const pct_merkle_reader *log = reader();
    pct_merkle tree = pct_merkle_init(crypto);
    pct_hash at;
    for (size_t n = 0; n <= MAX; n += n < ALL_UP_TO ? 1 : 41) {
        while (tree.size < n) pct_merkle_append(&tree, leaves[tree.size]);
        pct_hash root = mth(leaves, n), grown = pct_merkle_root(&tree);
        ck_assert_msg(pct_hash_equal(root, grown), "grown to %zu", n);
        for (levels_kept = 0; levels_kept < 2; levels_kept++) {
            ck_assert_int_eq(pct_merkle_root_at(log, n, &at, NULL), PCT_OK);
            ck_assert_msg(pct_hash_equal(root, at), "at %zu", n);
        }
    }
    ck_assert_uint_gt(reads_above, 0);
}

TEST(tree_proves_each_leaf_of_each_small_size) {
    const pct_merkle_reader *log = reader();
    for (size_t n = 1; n <= ALL_UP_TO; n++) {
        pct_tree_head head = {n, mth(leaves, n)};
        for (size_t i = 0; i < n; i++) inclusion_holds(log, i, &head);
    }
}

TEST(tree_proves_each_small_size_to_begin_with_each_smaller) {
    const pct_merkle_reader *log = reader();
    for (size_t n = 0; n <= ALL_UP_TO; n++) {
        pct_tree_head head = {n, mth(leaves, n)};
        for (size_t m = 0; m <= n; m++) {
            pct_tree_head old_head = {m, mth(leaves, m)};
            consistency_holds(log, &old_head, &head);
        }
    }
}

TEST(tree_proves_random_larger_sizes_with_and_without_stored_levels) {
    const pct_merkle_reader *log = reader();
    pct_rng rng = pct_rng_init(6962, 0);
    for (int round = 0; round < 40; round++) {
        size_t n = ALL_UP_TO + pct_rng_below(&rng, MAX - ALL_UP_TO), m = pct_rng_below(&rng, (uint32_t)n + 1);
        pct_tree_head head = {n, mth(leaves, n)}, old_head = {m, mth(leaves, m)};
        levels_kept = round & 1;
        inclusion_holds(log, pct_rng_below(&rng, (uint32_t)n), &head);
        consistency_holds(log, &old_head, &head);
    }
}

TEST(tree_refuses_what_it_does_not_have) {
    const pct_merkle_reader *log = reader();
    pct_merkle_proof proof;
    pct_hash root;
    pct_error error;
    ck_assert_int_eq(pct_merkle_prove_inclusion(log, 5, 5, &proof, &error), PCT_INPUT);
    test_error_says(&error, "the log has 5 events, 5 was asked for");
    ck_assert_int_eq(pct_merkle_prove_consistency(log, 6, 5, &proof, &error), PCT_INPUT);
    ck_assert_int_eq(pct_merkle_root_at(log, UINT64_MAX, &root, &error), PCT_INPUT);
}

static pct_status fail_later(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                             pct_error *error) {
    (void)level, (void)index, (void)error;
    memset(out, 0, count * sizeof *out);
    return --*(int *)context < 0 ? PCT_IO : PCT_OK;
}

TEST(tree_passes_on_what_the_reader_says) {
    pct_merkle_proof proof;
    pct_hash root;
    int rest;
    (void)reader();
    pct_merkle_reader log = {.crypto = crypto, .context = &rest, .read = fail_later};
    for (int n = 0; n < 3; n++) {
        rest = n;
        ck_assert_int_eq(pct_merkle_prove_inclusion(&log, 700, 1500, &proof, NULL), PCT_IO);
        rest = n;
        ck_assert_int_eq(pct_merkle_prove_consistency(&log, 700, 1500, &proof, NULL), PCT_IO);
        rest = n;
        ck_assert_int_eq(pct_merkle_root_at(&log, 1023, &root, NULL), PCT_IO);
    }
}

TEST_MAIN("ledger_tree", TEST_CASE(tree_of_each_size_has_the_root_of_the_definition),
          TEST_CASE(tree_proves_each_leaf_of_each_small_size),
          TEST_CASE(tree_proves_each_small_size_to_begin_with_each_smaller),
          TEST_CASE(tree_proves_random_larger_sizes_with_and_without_stored_levels),
          TEST_CASE(tree_refuses_what_it_does_not_have), TEST_CASE(tree_passes_on_what_the_reader_says))
