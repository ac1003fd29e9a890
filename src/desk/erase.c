/* Erasing: the key of an object is destroyed, the tables lose what it sealed, and an event says so; one group for all three.
 * The logs are then emptied into the databases, which overwrite what they delete, so that no byte of it is left. A cut
 * between the two syncs of the group leaves a destroyed key without its event: nobody was told that it was done, and
 * the command can be given again. */
#include "desk/state.h"

static pct_event_type erased_type(char kind) {
    switch (kind) {
    case 'C': return PCT_EVENT_CALL_ERASED;
    case 'I': return PCT_EVENT_INCIDENT_ERASED;
    case 'O': return PCT_EVENT_ORDER_ERASED;
    case 'R': return PCT_EVENT_ROUND_ERASED;
    default: return PCT_EVENT_NONE;
    }
}

static pct_status note_found(void *context, const pct_stored_event *event, pct_error *error) {
    bool *found = context;
    (void)event, (void)error;
    *found = true;
    return PCT_OK;
}

/* Rounds have no table: the record has them as events. */
static pct_status check_round(pct_desk *desk, pct_id id, pct_error *error) {
    bool found = false;
    pct_status status = pct_store_each_event_of(desk->store, id, 0, note_found, &found, error);
    if (status || found) return status;
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LIFE_NO_ROUND, pct_int(id.seq));
}

static pct_status check_object(pct_desk *desk, pct_id id, pct_error *error) {
    pct_arena arena = pct_arena_init(1 << 20);
    pct_call_row call;
    pct_incident_row incident;
    pct_order_row order;
    pct_status status;
    switch (id.kind) {
    case 'C': status = pct_store_get_call(desk->store, (pct_call_id){id.seq}, &arena, &call, error); break;
    case 'I':
        status = pct_store_get_incident(desk->store, (pct_incident_id){id.seq}, &arena, &incident, error);
        break;
    case 'O': status = pct_store_get_order(desk->store, (pct_order_id){id.seq}, &arena, &order, error); break;
    case 'R': status = check_round(desk, id, error); break;
    default: status = pct_error_set(error, PCT_INPUT, PCT_MSG_DESK_ERASE_KIND, NULL, 0); break;
    }
    pct_arena_dispose(&arena);
    return status;
}

static pct_status erase_group(pct_desk *desk, const pct_erasure *erasure, int64_t *keys,
                              pct_snapshot **snapshot, pct_error *error) {
    const pct_text class = pct_text_of(pct_erased_class_names[erasure->class]);
    pct_event event = {.seq = (int64_t)desk->tree.size + 1,
                       .epoch = desk->options.epoch,
                       .recorded_at_ms = pct_desk_now_ms(desk),
                       .occurred_at_ms = desk->last_ms,
                       .map_version = desk->options.map_version,
                       .actor = erasure->account,
                       .purpose = erasure->purpose,
                       .object = erasure->object,
                       .role = erasure->role,
                       .type = erased_type(erasure->object.kind)};
    event.version = pct_event_type_version(event.type);
    event.data.call_erased.class = erasure->class; /* the four types have the same one field */
    desk->group.begun = true;
    pthread_mutex_lock(&desk->board_lock);
    pct_status status = pct_store_begin(desk->store, error);
    if (!status) status = pct_desk_record_event(desk, &event, error);
    pthread_mutex_unlock(&desk->board_lock);
    if (!status) status = pct_store_purge(desk->store, erasure->object, class, error);
    if (!status) status = pct_store_drop_saved(desk->store, error);
    if (!status) status = pct_store_drop_keys(desk->store, erasure->object, class, keys, error);
    if (!status) status = pct_desk_save_tree(desk, error);
    if (!status && pct_snapshot_new(&desk->lists, snapshot) != PCT_OK) status = pct_error_memory(error, 0);
    return status ? status : pct_store_commit(desk->store, error);
}

typedef struct erasing {
    const pct_erasure *erasure;
    int64_t *keys;
} erasing;

/* The board, the lists and those who listen follow the event like any other; the saved board is made again without what
 * was erased. */
static pct_status erase(pct_desk *desk, void *context, pct_error *error) {
    const erasing *e = context;
    pct_snapshot *snapshot = NULL;
    pct_error why = {0};
    pct_status status = check_object(desk, e->erasure->object, error);
    if (status) return status;
    status = erase_group(desk, e->erasure, e->keys, &snapshot, &why);
    if (status && error) *error = why;
    pct_desk_finish_group(desk, status, snapshot, &why);
    if (status) return status;
    desk->since_saved = desk->save_every;
    status = pct_store_truncate_logs(desk->store, error);
    return status == PCT_BUSY ? PCT_FAIL(error, PCT_BUSY, PCT_MSG_DESK_ERASE_AGAIN, pct_int(*e->keys))
                              : status;
}

pct_status pct_desk_erase(pct_desk *desk, const pct_erasure *erasure, int64_t *keys, pct_error *error) {
    erasing e = {erasure, keys};
    *keys = 0;
    return pct_desk_between_groups(desk, erase, &e, error);
}
