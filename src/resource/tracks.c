/* The recent track of a unit on duty, for the map. What lies before its sign-on, or half an hour back, is not shown here:
 * tracks of past shifts are replayed elsewhere, by two persons. */
#include "resource/board_json.h"

enum { SHOWN_MS = 30 * 60000, APART_MS = 1000, POINTS_MAX = 2000 };

typedef struct track {
    const pct_zone *zone;
    pct_json_writer json;
    int64_t last_ms;
    int count;
} track;

static bool write_point(void *context, const pct_track_point *p) {
    track *t = context;
    if (p->at_ms < t->last_ms + APART_MS) return true;
    t->last_ms = p->at_ms;
    pct_json_begin_object(&t->json);
    pct_json_position_member(&t->json, "position", true, p->position);
    pct_json_time_member(&t->json, "at", p->at_ms, t->zone);
    pct_json_motion_members(&t->json, p->speed_cms, p->heading_deg);
    pct_json_end_object(&t->json);
    return ++t->count < POINTS_MAX;
}

/* Since when the unit is on duty. PCT_NOT_FOUND, PCT_REFUSED: it is not. */
static pct_status shift_of(pct_exchange *x, pct_id id, int64_t *signed_on_ms, pct_error *error) {
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    const pct_desk_unit *unit = pct_snapshot_unit(snapshot, (pct_unit_id){id.seq});
    pct_status status = PCT_OK;
    if (!unit)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_UNIT, pct_int(id.seq));
    else if (unit->unit.status == PCT_UNIT_OFF_DUTY)
        status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_TRACK_OFF_DUTY, pct_view(unit->unit.name));
    else
        *signed_on_ms = unit->unit.signed_on_ms;
    pct_snapshot_release(snapshot);
    return status;
}

pct_status pct_resource_unit_track(pct_exchange *x, pct_error *error) {
    pct_id id = pct_exchange_id(x, "unit");
    int64_t now_ms = pct_service_now_ms(x->service), from_ms = 0;
    pct_status status = shift_of(x, id, &from_ms, error);
    if (status) return status;
    if (from_ms < now_ms - SHOWN_MS) from_ms = now_ms - SHOWN_MS;
    track t = {.zone = &x->service->site->zone,
               .json = pct_json_writer_init(&x->reply),
               .last_ms = from_ms - APART_MS};
    pct_json_begin_object(&t.json);
    pct_json_id_member(&t.json, "unit", id);
    pct_json_time_member(&t.json, "from", from_ms, t.zone);
    pct_json_time_member(&t.json, "at", now_ms, t.zone);
    pct_json_key(&t.json, "points");
    pct_json_begin_array(&t.json);
    status = pct_tracks_read(x->service->tracks, id.seq, from_ms, INT64_MAX, write_point, &t, error);
    pct_json_end_array(&t.json);
    pct_json_end_object(&t.json);
    return status ? status : pct_buffer_status(&x->reply, error);
}
