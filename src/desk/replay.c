/* From the record to the board: every event is opened and followed in order. The values that stay sealed while the board
 * alone is wanted are left closed (the board knows no names and no words), so that a start needs few keys. */
#include <string.h>

#include "desk/state.h"

/* --- keys -------------------------------------------------------------------------------------------------------- */

static pct_text retention_text(pct_retention retention) {
    return pct_text_of(pct_retention_names[retention]);
}

static pct_status key_for_sealing(void *context, pct_key_name *name, pct_key *key, pct_error *error) {
    pct_desk *desk = context;
    pct_key fresh;
    pct_stored_key stored = {.object = name->object, .class = retention_text(name->retention)};
    pct_key_new(desk->random, &fresh);
    pct_status status =
        pct_store_add_key(desk->store, &stored, fresh.bytes, desk->last_ms, key->bytes, error);
    desk->crypto->wipe(&fresh, sizeof fresh);
    name->id = stored.id;
    return status;
}

static pct_status key_for_opening(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    pct_desk *desk = context;
    const pct_stored_key stored = {name->id, name->object, retention_text(name->retention)};
    return pct_store_find_key(desk->store, &stored, key->bytes, error);
}

/* The board needs the position of an incident, and nothing else that is sealed. */
static pct_status key_for_board(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    return name->object.kind == 'I' ? key_for_opening(context, name, key, error) : PCT_REFUSED;
}

pct_ledger_keys pct_desk_keys(pct_desk *desk) {
    return (pct_ledger_keys){desk, key_for_sealing, key_for_opening};
}

/* --- replay ------------------------------------------------------------------------------------------------------ */

typedef struct replay {
    pct_desk *desk;
    pct_ledger_keys keys;
    pct_follow what;
    int64_t next_seq;
    bool with_leaves; /* the frontier is missing: make it from the leaves */
} replay;

static pct_status replay_event(void *context, const pct_stored_event *stored, pct_error *error) {
    replay *r = context;
    pct_desk *desk = r->desk;
    pct_event event;
    pct_desk_notice notice;
    if (stored->seq != r->next_seq)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_DESK_GAP, pct_int(r->next_seq), pct_int(stored->seq));
    r->next_seq++;
    pct_arena_reset(&desk->arena);
    pct_status status =
        pct_ledger_open(desk->crypto, &r->keys, stored->bytes, &desk->arena, &event, NULL, error);
    if (!status) status = pct_desk_follow(desk, &event, r->what, &notice, error);
    if (!status && event.recorded_at_ms > desk->last_ms) desk->last_ms = event.recorded_at_ms;
    desk->replayed++;
    if (!status && r->with_leaves) {
        pct_hash leaf;
        memcpy(leaf.bytes, stored->leaf, sizeof leaf.bytes);
        pct_merkle_append(&desk->tree, leaf);
    }
    return status;
}

static pct_status load_tree(pct_desk *desk, int64_t last_seq, bool *with_leaves, pct_error *error) {
    int64_t size;
    pct_buffer bytes = pct_buffer_init(PCT_MERKLE_SAVED_MAX);
    pct_status status = pct_store_get_frontier(desk->store, &size, &bytes, error);
    desk->tree = pct_merkle_init(desk->crypto);
    *with_leaves = size != last_seq;
    if (!status && size == last_seq && size > 0)
        status = pct_merkle_load(desk->crypto, (pct_text){(const char *)bytes.bytes, bytes.length},
                                 &desk->tree, error);
    if (!status && desk->tree.size != (uint64_t)last_seq) {
        desk->tree = pct_merkle_init(desk->crypto);
        *with_leaves = true;
    }
    pct_buffer_dispose(&bytes);
    return status;
}

pct_status pct_desk_replay(pct_desk *desk, pct_follow what, pct_error *error) {
    int64_t last_seq = 0;
    replay r = {.desk = desk, .keys = pct_desk_keys(desk), .what = what, .next_seq = 1};
    if (!what.tables) r.keys.for_opening = key_for_board;
    desk->endings.length = desk->endings_at = 0;
    desk->replayed = desk->since_saved = 0;
    pct_lists_dispose(&desk->lists);
    pct_board *fresh;
    pct_status status = pct_board_new(desk->options.codes, desk->options.board, &fresh, error);
    if (!status) desk->board = fresh;
    if (!status) status = pct_store_last_seq(desk->store, &last_seq, error);
    if (!status) status = load_tree(desk, last_seq, &r.with_leaves, error);
    return status ? status : pct_store_each_event(desk->store, 1, INT64_MAX, replay_event, &r, error);
}

/* --- from the saved board ------------------------------------------------------------------------------------------ */

/* The tree over the saved board's frontier and the leaves behind it is the one that was committed. */
static pct_status compare_trees(pct_desk *desk, pct_error *error) {
    pct_merkle made = desk->tree;
    bool with_leaves;
    pct_status status = load_tree(desk, (int64_t)made.size, &with_leaves, error);
    if (status) return status;
    bool same = !with_leaves && pct_hash_equal(pct_merkle_root(&made), pct_merkle_root(&desk->tree));
    return same ? PCT_OK : PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_LOG_FRONTIER, pct_int((int64_t)made.size));
}

static pct_status follow_behind(pct_desk *desk, pct_error *error) {
    int64_t last_seq = 0, from = pct_board_seq(desk->board) + 1;
    replay r = {.desk = desk,
                .keys = pct_desk_keys(desk),
                .what = {.lists = true},
                .next_seq = from,
                .with_leaves = true};
    r.keys.for_opening = key_for_board;
    pct_status status = pct_store_last_seq(desk->store, &last_seq, error);
    if (!status && last_seq < from - 1)
        status = PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_DESK_GAP, pct_int(from - 1), pct_int(last_seq));
    if (!status) status = pct_store_each_event(desk->store, from, INT64_MAX, replay_event, &r, error);
    return status ? status : compare_trees(desk, error);
}

/* A failure of the disk, or of memory, would fail the replay as well: it is not tried then. */
pct_status pct_desk_resume(pct_desk *desk, pct_error *error) {
    pct_board *untouched = desk->board;
    pct_error why;
    desk->replayed = desk->since_saved = 0;
    desk->board = NULL;
    pct_lists_dispose(&desk->lists);
    pct_status status = pct_desk_take_saved(desk, &why);
    if (!status) {
        status = follow_behind(desk, &why);
        if (status) desk->saved = PCT_SAVED_OTHER;
    }
    if (!status) return PCT_OK;
    pct_board_free(desk->board);
    desk->board = untouched;
    if (status == PCT_MEMORY || pct_store_is_broken(desk->store)) {
        if (error) *error = why;
        return status;
    }
    return pct_desk_replay(desk, (pct_follow){.lists = true}, error);
}
