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
    pct_event event = pct_desk_own_event(desk, PCT_EVENT_MAP_UPDATED, "map update");
    event.map_version = map->version;
    if (map->at_ms > 0 && map->at_ms < event.occurred_at_ms) event.occurred_at_ms = map->at_ms;
    if (map->found && map->found->version_before == version_before && map->found->version == map->version)
        event.data.map_updated = *map->found;
    event.data.map_updated.version_before = version_before;
    event.data.map_updated.version = map->version;
    event.data.map_updated.source_sha256 = pct_text_of(map->source_sha256 ? map->source_sha256 : "");
    return event;
}

static pct_status tell(pct_desk *desk, void *context, pct_error *error) {
    const telling *t = context;
    const int64_t last_seq = (int64_t)desk->tree.size;
    int64_t before = 0; /* 0: no map was loaded then */
    pct_status status = PCT_OK;
    if (last_seq > 0)
        status = pct_ledger_each_event(desk->store, last_seq, last_seq + 1, read_version, &before, error);
    if (!status && before != 0 && before != t->map->version) {
        const pct_event event = event_of(desk, t->map, before);
        status = pct_desk_record_alone(desk, &event, error);
        if (!status) *t->seq = event.seq;
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
