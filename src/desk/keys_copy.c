#include "desk/keys_copy.h"

#include <string.h>

#include "desk/state.h"
#include "store/retention.h"

enum { SLICE_KEYS = 500, ID_GAP = 1 << 20 };

static pct_retention class_of(const char *text) {
    for (int i = 1; i < PCT_RETENTION_COUNT; i++)
        if (strcmp(text, pct_retention_names[i]) == 0) return (pct_retention)i;
    return PCT_RETENTION_NONE;
}

/* --- out ------------------------------------------------------------------------------------------------------------ */

typedef struct copying {
    pct_buffer *entries;
    pct_key_copy_head *head;
    int64_t after;
    bool begun, end;
} copying;

static pct_status take_leaf(void *context, const pct_stored_event *stored, pct_error *error) {
    pct_key_copy_head *head = context;
    (void)error;
    head->seq = stored->seq;
    memcpy(head->leaf.bytes, stored->leaf, sizeof head->leaf.bytes);
    return PCT_OK;
}

static pct_status copy_key(pct_desk *desk, copying *c, const pct_aged_key *aged, pct_error *error) {
    const pct_stored_key stored = {aged->id, aged->object, pct_text_of(aged->class)};
    pct_key_copy_entry entry = {.name = {aged->id, aged->object, class_of(aged->class)},
                                .made_at_ms = aged->made_at_ms};
    pct_status status = pct_store_find_key(desk->store, &stored, entry.key.bytes, error);
    if (!status) pct_key_copy_put(c->entries, &entry);
    desk->crypto->wipe(&entry, sizeof entry);
    c->head->count += !status;
    return status;
}

static pct_status copy_slice(pct_desk *desk, void *context, pct_error *error) {
    copying *c = context;
    pct_status status = PCT_OK;
    size_t count = 0;
    pct_arena_reset(&desk->arena);
    pct_aged_key *keys = pct_arena_alloc(&desk->arena, SLICE_KEYS * sizeof *keys, _Alignof(pct_aged_key));
    if (!keys) return pct_error_memory(error, SLICE_KEYS * sizeof *keys);
    if (!c->begun) {
        const int64_t last = (int64_t)desk->tree.size;
        c->begun = true;
        c->head->made_at_ms = pct_desk_now_ms(desk);
        if (last > 0) status = pct_store_each_event(desk->store, last, last + 1, take_leaf, c->head, error);
    }
    if (!status) status = pct_store_list_keys(desk->store, c->after, SLICE_KEYS, keys, &count, error);
    for (size_t i = 0; i < count && !status; i++) {
        status = copy_key(desk, c, &keys[i], error);
        c->after = keys[i].id;
    }
    c->end = count < SLICE_KEYS;
    return status ? status : pct_buffer_status(c->entries, error);
}

pct_status pct_desk_copy_keys(pct_desk *desk, pct_buffer *entries, pct_key_copy_head *head,
                              pct_error *error) {
    copying c = {.entries = entries, .head = head};
    pct_status status = PCT_OK;
    *head = (pct_key_copy_head){0};
    while (!status && !c.end) status = pct_desk_between_groups(desk, copy_slice, &c, error);
    return status;
}

/* --- back ----------------------------------------------------------------------------------------------------------- */

typedef struct restoring {
    const pct_key_copy_head *head;
    const pct_buffer *entries;
    pct_keys_restored *out;
} restoring;

static pct_status check_record(pct_desk *desk, const pct_key_copy_head *head, pct_error *error) {
    pct_key_copy_head here = {0};
    const int64_t last = (int64_t)desk->tree.size;
    if (pct_desk_now_ms(desk) >= head->until_ms)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_KEY_COPY_OVER, pct_int(head->until_ms));
    if (last < head->seq)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_KEY_COPY_NEWER, pct_int(head->seq), pct_int(last));
    if (head->seq == 0) return PCT_OK;
    pct_status status = pct_store_each_event(desk->store, head->seq, head->seq + 1, take_leaf, &here, error);
    if (!status && !pct_hash_equal(here.leaf, head->leaf))
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_KEY_COPY_OTHER, pct_int(head->seq));
    return status;
}

static pct_status restore_all(pct_desk *desk, const restoring *r, pct_error *error) {
    pct_status status = pct_store_begin(desk->store, error);
    int64_t highest = 0;
    for (int64_t i = 0; i < r->head->count && !status; i++) {
        pct_key_copy_entry entry;
        bool destroyed = false, fresh = false;
        if (!pct_key_copy_get(r->entries, (size_t)i, &entry)) continue;
        if (entry.name.id > highest) highest = entry.name.id;
        status = pct_store_was_destroyed(desk->store, entry.name.id, &destroyed, error);
        const pct_stored_key stored = {entry.name.id, entry.name.object,
                                       pct_text_of(pct_retention_names[entry.name.retention])};
        if (!status && !destroyed)
            status =
                pct_store_restore_key(desk->store, &stored, entry.key.bytes, entry.made_at_ms, &fresh, error);
        r->out->destroyed += destroyed;
        r->out->restored += fresh;
        r->out->present += !status && !destroyed && !fresh;
        desk->crypto->wipe(&entry, sizeof entry);
    }
    /* Keys that were made after the copy are lost, but events name them: no new key may get such a number. */
    if (!status && r->out->restored) status = pct_store_skip_keys(desk->store, highest + ID_GAP, error);
    if (!status) return pct_store_commit(desk->store, error);
    pct_store_rollback(desk->store);
    return status;
}

static pct_status restore(pct_desk *desk, void *context, pct_error *error) {
    const restoring *r = context;
    pct_status status = check_record(desk, r->head, error);
    return status ? status : restore_all(desk, r, error);
}

pct_status pct_desk_restore_keys(pct_desk *desk, const pct_key_copy_head *head, const pct_buffer *entries,
                                 pct_keys_restored *out, pct_error *error) {
    restoring r = {head, entries, out};
    *out = (pct_keys_restored){0};
    pct_status status = pct_desk_between_groups(desk, restore, &r, error);
    return status || out->restored == 0 ? status : pct_desk_rebuild(desk, error);
}
