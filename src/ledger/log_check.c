#include "ledger/log_check.h"

#include <string.h>

#include "base/vector.h"
#include "ledger/log_tree.h"

enum { SLICE_ROWS = 256, SLICE_BYTES = SLICE_ROWS * (PCT_STORE_VALUE_MAX + 1) };

typedef struct slice_row {
    int64_t seq;
    size_t at, length; /* in bytes */
    pct_hash leaf;
} slice_row;

typedef struct slices {
    pct_store *store;
    pct_log_pause *pause;
    void *context;
    int64_t next_seq, events; /* the first that is not read yet; where the log ended when the check began */
    pct_vector rows;          /* of slice_row */
    size_t given;
    pct_buffer bytes;
    bool ended;
} slices;

static pct_status copy_row(void *context, const pct_stored_event *event, pct_error *error) {
    slices *s = context;
    slice_row *row = pct_vector_push(&s->rows);
    if (!row) return pct_error_memory(error, sizeof *row);
    *row = (slice_row){.seq = event->seq, .at = s->bytes.length, .length = event->bytes.length};
    memcpy(row->leaf.bytes, event->leaf, sizeof row->leaf.bytes);
    (void)pct_buffer_append(&s->bytes, event->bytes.chars, event->bytes.length);
    return pct_buffer_status(&s->bytes, error);
}

static pct_status read_slice(slices *s, pct_error *error) {
    int64_t until = s->events + 1 - s->next_seq > SLICE_ROWS ? s->next_seq + SLICE_ROWS : s->events + 1;
    s->rows.length = s->given = 0;
    pct_buffer_clear(&s->bytes);
    pct_status status = pct_store_each_event(s->store, s->next_seq, until, copy_row, s, error);
    s->next_seq = until;
    return status;
}

/* A slice with fewer rows than numbers is told by the row behind the hole; at the end, by the size that is missing. */
static pct_status next_row(void *context, pct_ledger_row *row, bool *more, pct_error *error) {
    slices *s = context;
    pct_status status = PCT_OK;
    *more = false;
    while (!status && s->given == s->rows.length && s->next_seq <= s->events && !s->ended) {
        if (s->pause && s->next_seq > 1) s->ended = !s->pause(s->context, s->next_seq - 1, s->events);
        if (!s->ended) status = read_slice(s, error);
    }
    if (status || s->given == s->rows.length) return status;
    const slice_row *from = (const slice_row *)s->rows.items + s->given++;
    *row = (pct_ledger_row){from->seq, {(const char *)s->bytes.bytes + from->at, from->length}, from->leaf};
    *more = true;
    return PCT_OK;
}

static pct_status bad_frontier(pct_ledger_verdict *out, pct_error *error) {
    out->fault = PCT_LEDGER_ROOT;
    out->bad_seq = (int64_t)out->tree.size;
    return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_LOG_FRONTIER, pct_int((int64_t)out->tree.size));
}

/* No row stands behind the committed end. A commit brings both, so the later of two looks never knows less. */
static pct_status check_end(pct_store *store, pct_ledger_verdict *out, pct_error *error) {
    int64_t last_seq = 0;
    pct_tree_head head;
    pct_status status = pct_store_last_seq(store, &last_seq, error);
    if (!status) status = pct_log_committed_head(store, out->tree.crypto, &head, error);
    if (status == PCT_DAMAGED || (!status && last_seq > (int64_t)head.size)) return bad_frontier(out, error);
    return status;
}

static pct_status compare(pct_store *store, const pct_tree_head *head, pct_ledger_verdict *out,
                          pct_error *error) {
    if (out->tree.size == head->size && pct_hash_equal(head->root, pct_merkle_root(&out->tree)))
        return check_end(store, out, error);
    pct_status status = bad_frontier(out, error);
    if (out->tree.size != head->size) {
        out->fault = PCT_LEDGER_SHORT;
        out->bad_seq++; /* the first that is not there */
    }
    return status;
}

pct_status pct_log_check(pct_store *store, pct_merkle *tree, pct_log_pause *pause, void *context,
                         pct_ledger_verdict *out, pct_error *error) {
    return pct_log_check_heads(store, tree, NULL, 0, pause, context, out, error);
}

pct_status pct_log_check_heads(pct_store *store, pct_merkle *tree, const pct_tree_head *heads,
                               size_t head_count, pct_log_pause *pause, void *context,
                               pct_ledger_verdict *out, pct_error *error) {
    slices s = {.store = store,
                .pause = pause,
                .context = context,
                .next_seq = (int64_t)tree->size + 1,
                .rows = pct_vector_init(sizeof(slice_row), SLICE_ROWS),
                .bytes = pct_buffer_init(SLICE_BYTES)};
    pct_tree_head head;
    *out = (pct_ledger_verdict){.tree = *tree};
    pct_status status = pct_log_committed_head(store, tree->crypto, &head, error);
    bool unreadable = status == PCT_DAMAGED; /* the rows are looked at all the same, and then it is said */
    if (unreadable) status = pct_store_last_seq(store, &s.events, error);
    if (!unreadable) s.events = (int64_t)head.size;
    const pct_ledger_rows rows = {&s, next_row};
    if (!status) status = pct_ledger_verify(tree, &rows, heads, head_count, out, error);
    pct_vector_dispose(&s.rows);
    pct_buffer_dispose(&s.bytes);
    *tree = out->tree;
    if (status || s.ended) return status;
    return unreadable ? bad_frontier(out, error) : compare(store, &head, out, error);
}
