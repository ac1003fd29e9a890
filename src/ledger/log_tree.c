#include "ledger/log_tree.h"

#include <string.h>

enum { SLICE = 4096, HASHES_MAX = 1 << 28 };

pct_status pct_log_committed_head(pct_store *store, const pct_crypto *crypto, pct_tree_head *out,
                                  pct_error *error) {
    int64_t size;
    pct_merkle kept = pct_merkle_init(crypto);
    pct_buffer bytes = pct_buffer_init(PCT_MERKLE_SAVED_MAX);
    pct_status status = pct_store_get_frontier(store, &size, &bytes, error);
    bool is_wrong = pct_buffer_status(&bytes, NULL) ==
                    PCT_LIMIT; /* a database that has no room says nothing of the log */
    if (!status && bytes.length > 0) {
        status = pct_merkle_load(crypto, (pct_text){(const char *)bytes.bytes, bytes.length}, &kept, error);
        is_wrong |= status == PCT_INPUT || status == PCT_LIMIT;
    }
    if (is_wrong || (!status && (int64_t)kept.size != size)) status = PCT_DAMAGED;
    pct_buffer_dispose(&bytes);
    if (!status) *out = (pct_tree_head){kept.size, pct_merkle_root(&kept)};
    return status;
}

static pct_hash root_of_row(const pct_crypto *crypto, const pct_hash *row) {
    pct_merkle tree = pct_merkle_init(crypto);
    for (int i = 0; i < 256; i++) pct_merkle_append(&tree, row[i]);
    return pct_merkle_root(&tree);
}

static pct_status add_hash(pct_log_tree *t, size_t level, pct_hash hash, pct_error *error) {
    while (level <= PCT_LOG_TREE_LEVELS) {
        if (level > 0) {
            pct_hash *kept = pct_vector_push(&t->levels[level - 1]);
            if (!kept) return pct_error_memory(error, sizeof *kept);
            *kept = hash;
        }
        if (level == PCT_LOG_TREE_LEVELS) return PCT_OK;
        t->row[level][t->row_length[level]++] = hash;
        if (t->row_length[level] < 256) return PCT_OK;
        t->row_length[level] = 0;
        hash = root_of_row(t->tree.crypto, t->row[level++]);
    }
    return PCT_OK;
}

static pct_status add_leaf(void *context, const pct_stored_event *event, pct_error *error) {
    pct_log_tree *t = context;
    pct_hash leaf;
    memcpy(leaf.bytes, event->leaf, sizeof leaf.bytes);
    if (event->seq != (int64_t)t->tree.size + 1)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_GAP, pct_int((int64_t)t->tree.size + 1),
                        pct_int(event->seq));
    pct_merkle_append(&t->tree, leaf);
    return add_hash(t, 0, leaf, error);
}

void pct_log_tree_begin(pct_store *store, const pct_crypto *crypto, pct_log_tree *out) {
    memset(out, 0, sizeof *out);
    out->store = store;
    out->tree = pct_merkle_init(crypto);
    for (int i = 0; i < PCT_LOG_TREE_LEVELS; i++)
        out->levels[i] = pct_vector_init(sizeof(pct_hash), HASHES_MAX);
}

pct_status pct_log_tree_grow(pct_log_tree *t, uint64_t size, pct_error *error) {
    pct_status status = PCT_OK;
    for (uint64_t before = UINT64_MAX; t->tree.size < size && t->tree.size != before && !status;) {
        before = t->tree.size;
        uint64_t end = size - before > SLICE ? before + SLICE : size;
        status = pct_store_each_event(t->store, (int64_t)before + 1, (int64_t)end + 1, add_leaf, t, error);
    }
    return status;
}

pct_status pct_log_tree_open(pct_store *store, const pct_crypto *crypto, pct_log_tree *out,
                             pct_error *error) {
    pct_tree_head head = {.size = 0};
    pct_log_tree_begin(store, crypto, out);
    pct_status status = pct_log_committed_head(store, crypto, &head, error);
    if (status == PCT_DAMAGED)
        return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOG_FRONTIER, pct_int((int64_t)head.size));
    status = pct_log_tree_grow(out, head.size, error);
    if (!status && (out->tree.size != head.size || !pct_hash_equal(pct_merkle_root(&out->tree), head.root)))
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOG_FRONTIER, pct_int((int64_t)head.size));
    return status;
}

void pct_log_tree_close(pct_log_tree *tree) {
    for (int i = 0; i < PCT_LOG_TREE_LEVELS; i++) pct_vector_dispose(&tree->levels[i]);
}

pct_tree_head pct_log_tree_head(const pct_log_tree *tree) {
    return (pct_tree_head){tree->tree.size, pct_merkle_root(&tree->tree)};
}

typedef struct leaves {
    pct_hash *out;
    size_t count;
} leaves;

static pct_status take_leaf(void *context, const pct_stored_event *event, pct_error *error) {
    leaves *l = context;
    (void)error;
    memcpy(l->out[l->count++].bytes, event->leaf, PCT_HASH_BYTES);
    return PCT_OK;
}

static pct_status read_hashes(void *context, unsigned level, uint64_t index, size_t count, pct_hash *out,
                              pct_error *error) {
    pct_log_tree *t = context;
    leaves l = {out, 0};
    if (level > 0) {
        const pct_vector *kept =
            level % 8 == 0 && level / 8 <= PCT_LOG_TREE_LEVELS ? &t->levels[level / 8 - 1] : NULL;
        if (!kept || index + count > kept->length) return PCT_NOT_FOUND;
        memcpy(out, (const pct_hash *)kept->items + index, count * sizeof *out);
        return PCT_OK;
    }
    int64_t from = (int64_t)index + 1;
    pct_status status = pct_store_each_event(t->store, from, from + (int64_t)count, take_leaf, &l, error);
    if (!status && l.count != count)
        status = PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LEDGER_GAP, pct_int(from + (int64_t)l.count),
                          pct_int(0));
    return status;
}

pct_merkle_reader pct_log_tree_reader(pct_log_tree *tree) {
    return (pct_merkle_reader){tree->tree.crypto, tree, read_hashes};
}
