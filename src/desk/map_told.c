#include "desk/map_told.h"

#include "base/text.h"
#include "desk/state.h"
#include "ledger/read.h"

typedef struct telling {
    const pct_map_told *map;
    int64_t *seq;
} telling;

static pct_status read_version(void *context, const pct_event *event, pct_error *error) {
    (void)error;
    *(int64_t *)context = event->map_version;
    return PCT_OK;
}

static pct_event event_of(pct_desk *desk, const pct_map_told *map, int64_t version_before) {
    const int64_t seq = (int64_t)desk->tree.size + 1, now_ms = pct_desk_now_ms(desk);
    pct_event event = {.seq = seq,
                       .epoch = desk->options.epoch,
                       .recorded_at_ms = now_ms,
                       .occurred_at_ms = map->at_ms > 0 && map->at_ms < now_ms ? map->at_ms : now_ms,
                       .map_version = map->version,
                       .actor = pct_text_of("system"),
                       .purpose = pct_text_of("map update"),
                       .object = {.kind = 'M', .seq = seq},
                       .role = PCT_ROLE_SYSTEM,
                       .type = PCT_EVENT_MAP_UPDATED,
                       .version = pct_event_type_version(PCT_EVENT_MAP_UPDATED)};
    if (map->found && map->found->version_before == version_before && map->found->version == map->version)
        event.data.map_updated = *map->found;
    event.data.map_updated.version_before = version_before;
    event.data.map_updated.version = map->version;
    event.data.map_updated.source_sha256 = pct_text_of(map->source_sha256 ? map->source_sha256 : "");
    return event;
}

static pct_status tell_group(pct_desk *desk, const telling *t, int64_t version_before,
                             pct_snapshot **snapshot, pct_error *error) {
    desk->group.begun = true;
    pct_status status = pct_store_begin(desk->store, error);
    pthread_mutex_lock(&desk->board_lock);
    const pct_event event = event_of(desk, t->map, version_before);
    if (!status) status = pct_desk_record_event(desk, &event, error);
    pthread_mutex_unlock(&desk->board_lock);
    if (!status) status = pct_desk_save_tree(desk, error);
    if (!status && pct_snapshot_new(&desk->lists, snapshot) != PCT_OK) status = pct_error_memory(error, 0);
    if (!status) status = pct_store_commit(desk->store, error);
    if (!status) *t->seq = event.seq;
    return status;
}

static pct_status tell(pct_desk *desk, void *context, pct_error *error) {
    const telling *t = context;
    const int64_t last_seq = (int64_t)desk->tree.size;
    int64_t version_before = 0;
    pct_snapshot *snapshot = NULL;
    pct_error why = {0};
    pct_status status = PCT_OK;
    if (last_seq > 0)
        status =
            pct_ledger_each_event(desk->store, last_seq, last_seq + 1, read_version, &version_before, error);
    if (status) return status;
    if (version_before != 0 && version_before != t->map->version) { /* 0: no map was loaded then */
        status = tell_group(desk, t, version_before, &snapshot, &why);
        if (status && error) *error = why;
        pct_desk_finish_group(desk, status, snapshot, &why);
    }
    if (!status) desk->options.map_version = t->map->version;
    return status;
}

pct_status pct_desk_tell_map(pct_desk *desk, const pct_map_told *map, int64_t *seq, pct_error *error) {
    telling t = {map, seq};
    *seq = 0;
    return pct_desk_between_groups(desk, tell, &t, error);
}

/* The change stands in the timeline of each closure that it moved or lost. */
pct_status pct_desk_follow_map(pct_desk *desk, const pct_event *e, pct_error *error) {
    pct_status status = PCT_OK;
    if (e->type != PCT_EVENT_MAP_UPDATED) return PCT_OK;
    const pct_event_map_updated *data = &e->data.map_updated;
    for (uint32_t i = 0; i < data->moved_count && !status; i++)
        status = pct_store_put_involved(desk->store, (pct_id){data->moved[i].seq, 'L'}, e->seq, error);
    for (uint32_t i = 0; i < data->lost_count && !status; i++)
        status = pct_store_put_involved(desk->store, (pct_id){data->lost[i].seq, 'L'}, e->seq, error);
    return status;
}
