/* One pass along the rows. The bytes are hashed before they are read as an event, so that a changed byte is told as what
 * it is, and nothing is made of bytes that may have been forged. */
#include "ledger/verify.h"

#include "base/memory.h"
#include "event/codec.h"

typedef struct verifier {
    pct_ledger_verdict *verdict;
    const pct_tree_head *heads;
    size_t head_count, next_head;
    pct_arena arena;
    int64_t epoch; /* of the row before */
    pct_error *error;
} verifier;

static pct_status fault(verifier *v, pct_ledger_fault kind, int64_t seq, pct_message message, int64_t a,
                        int64_t b) {
    static const size_t params[] = {
        [PCT_LEDGER_GAP] = 2,  [PCT_LEDGER_BYTES] = 1, [PCT_LEDGER_SEQ] = 2,  [PCT_LEDGER_EPOCH] = 3,
        [PCT_LEDGER_LEAF] = 1, [PCT_LEDGER_ROOT] = 1,  [PCT_LEDGER_SHORT] = 2};
    const pct_param values[] = {pct_int(kind == PCT_LEDGER_SHORT ? a : seq),
                                pct_int(kind == PCT_LEDGER_SHORT ? b : a), pct_int(b)};
    v->verdict->fault = kind;
    v->verdict->bad_seq = seq;
    return pct_error_set(v->error, PCT_CHECK_FAILED, message, values, params[kind]);
}

/* Compares with the heads that speak of the size reached. */
static pct_status check_heads(verifier *v) {
    const pct_merkle *tree = &v->verdict->tree;
    for (; v->next_head < v->head_count && v->heads[v->next_head].size <= tree->size; v->next_head++) {
        const pct_tree_head *head = &v->heads[v->next_head];
        if (head->size == tree->size && !pct_hash_equal(head->root, pct_merkle_root(tree)))
            return fault(v, PCT_LEDGER_ROOT, (int64_t)head->size, PCT_MSG_LEDGER_ROOT, 0, 0);
    }
    return PCT_OK;
}

static pct_status check_row(verifier *v, const pct_ledger_row *row) {
    pct_merkle *tree = &v->verdict->tree;
    int64_t seq = (int64_t)tree->size + 1;
    pct_event event;
    pct_error why;
    if (row->seq != seq) return fault(v, PCT_LEDGER_GAP, seq, PCT_MSG_LEDGER_GAP, row->seq, 0);
    if (row->bytes.length > PCT_EVENT_BYTES_MAX)
        return fault(v, PCT_LEDGER_BYTES, seq, PCT_MSG_LEDGER_BYTES, 0, 0);
    pct_hash leaf = pct_merkle_leaf(tree->crypto, row->bytes);
    if (!pct_hash_equal(leaf, row->leaf)) return fault(v, PCT_LEDGER_LEAF, seq, PCT_MSG_LEDGER_LEAF, 0, 0);
    pct_arena_reset(&v->arena);
    pct_status status = pct_event_decode_stored(row->bytes, NULL, &v->arena, &event, NULL, &why);
    if (status == PCT_INPUT && why.message != PCT_MSG_EVENT_VERSION)
        return fault(v, PCT_LEDGER_BYTES, seq, PCT_MSG_LEDGER_BYTES, 0, 0);
    if (status) {
        if (v->error) *v->error = why;
        return status;
    }
    if (event.seq != seq) return fault(v, PCT_LEDGER_SEQ, seq, PCT_MSG_LEDGER_SEQ, event.seq, 0);
    if (event.epoch < v->epoch)
        return fault(v, PCT_LEDGER_EPOCH, seq, PCT_MSG_LEDGER_EPOCH, event.epoch, v->epoch);
    v->epoch = event.epoch;
    pct_merkle_append(tree, leaf);
    return check_heads(v);
}

pct_status pct_ledger_verify(const pct_merkle *from, const pct_ledger_rows *rows, const pct_tree_head *heads,
                             size_t head_count, pct_ledger_verdict *out, pct_error *error) {
    verifier v = {.verdict = out,
                  .heads = heads,
                  .head_count = head_count,
                  .arena = pct_arena_init(4 * PCT_EVENT_BYTES_MAX),
                  .error = error};
    *out = (pct_ledger_verdict){.tree = *from, .fault = PCT_LEDGER_SOUND};
    pct_status status = check_heads(&v);
    for (bool more = true; !status;) {
        pct_ledger_row row = {.seq = 0};
        status = rows->next(rows->context, &row, &more, error);
        if (status || !more) break;
        status = check_row(&v, &row);
    }
    if (!status && v.next_head < head_count)
        status = fault(&v, PCT_LEDGER_SHORT, (int64_t)out->tree.size + 1, PCT_MSG_LEDGER_SHORT,
                       (int64_t)heads[v.next_head].size, (int64_t)out->tree.size);
    pct_arena_dispose(&v.arena);
    return status;
}
