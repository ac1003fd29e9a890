/* One event in a group of its own, between the groups of commands: what the service itself has to say. */
#include "desk/state.h"

static pct_status record(pct_desk *desk, const pct_event *event, pct_snapshot **snapshot, pct_error *error) {
    desk->group.begun = true;
    pct_status status = pct_store_begin(desk->store, error);
    pthread_mutex_lock(&desk->board_lock);
    if (!status) status = pct_desk_record_event(desk, event, error);
    pthread_mutex_unlock(&desk->board_lock);
    if (!status) status = pct_desk_save_tree(desk, error);
    if (!status && pct_snapshot_new(&desk->lists, snapshot) != PCT_OK) status = pct_error_memory(error, 0);
    return status ? status : pct_store_commit(desk->store, error);
}

pct_event pct_desk_own_event(pct_desk *desk, pct_event_type type, const char *purpose) {
    const int64_t seq = (int64_t)desk->tree.size + 1, now_ms = pct_desk_now_ms(desk);
    return (pct_event){.seq = seq,
                       .epoch = desk->options.epoch,
                       .recorded_at_ms = now_ms,
                       .occurred_at_ms = now_ms,
                       .map_version = desk->options.map_version,
                       .actor = pct_text_of("system"),
                       .purpose = pct_text_of(purpose),
                       .object = {.kind = pct_event_type_table[type].kind, .seq = seq},
                       .role = PCT_ROLE_SYSTEM,
                       .type = type,
                       .version = pct_event_type_version(type)};
}

pct_status pct_desk_record_alone(pct_desk *desk, const pct_event *event, pct_error *error) {
    pct_snapshot *snapshot = NULL;
    pct_error why = {0};
    pct_status status = record(desk, event, &snapshot, &why);
    if (status && error) *error = why;
    pct_desk_finish_group(desk, status, snapshot, &why);
    return status;
}
