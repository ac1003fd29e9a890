#include "resource/stream.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "resource/board_json.h"
#include "resource/replay_json.h"
#include "resource/scope.h"
#include "resource/state.h"

/* The object of an id as it is now, when the reader reaches it. */
static void write_object(const pct_exchange *x, const pct_reach *reach, pct_id id, pct_json_writer *json) {
    const pct_snapshot *snapshot = reach->snapshot;
    const pct_desk_call *call = id.kind == 'C' ? pct_snapshot_call(snapshot, (pct_call_id){id.seq}) : NULL;
    const pct_desk_incident *incident =
        id.kind == 'I' ? pct_snapshot_incident(snapshot, (pct_incident_id){id.seq}) : NULL;
    const pct_desk_order *order =
        id.kind == 'O' ? pct_snapshot_order(snapshot, (pct_order_id){id.seq}) : NULL;
    const pct_desk_unit *unit = id.kind == 'U' ? pct_snapshot_unit(snapshot, (pct_unit_id){id.seq}) : NULL;
    const pct_desk_closure *closure =
        id.kind == 'L' ? pct_snapshot_closure(snapshot, (pct_closure_id){id.seq}) : NULL;
    if (closure) pct_json_closure(json, x->service, closure);
    bool calls = call && pct_reach_call(reach, call), orders = order && pct_reach_order(reach, order);
    bool incidents = incident && pct_reach_incident(reach, incident),
         units = unit && pct_reach_unit(reach, unit);
    if (calls) pct_json_call(json, x->service, call);
    if (incidents) pct_json_incident(json, x->service, snapshot, incident);
    if (orders) pct_json_order(json, x->service, order);
    if (units) pct_json_unit(json, x->service, unit);
}

/* Rights are nobody's news; what the reader reaches nothing of is not told either. */
static bool is_told(const pct_reach *reach, const pct_desk_notice *n) {
    if (n->touched_count > 0 && n->touched[0].kind == 'S') return false;
    bool told = reach->whole != PCT_ROLE_NONE;
    for (uint32_t i = 0; i < n->touched_count && !told; i++)
        told = pct_reach_role(reach, n->touched[i]) != PCT_ROLE_NONE;
    return told;
}

static void write_change(const pct_exchange *x, const pct_reach *reach, const pct_desk_notice *n,
                         pct_buffer *out) {
    (void)pct_buffer_append_format(out, "id: %" PRId64 "\nevent: change\ndata: ", n->seq);
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "seq");
    pct_json_integer(&json, n->seq);
    pct_json_key(&json, "type");
    pct_json_string(&json, pct_event_type_name(n->type));
    pct_json_time_member(&json, "at", n->recorded_at_ms, &x->service->site->zone);
    pct_json_key(&json, "objects");
    pct_json_begin_array(&json);
    for (uint32_t i = 0; i < n->touched_count; i++) write_object(x, reach, n->touched[i], &json);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_text(out, "\n\n");
}

static void write_reset(int64_t seq, pct_buffer *out) {
    (void)pct_buffer_append_format(out, "id: %" PRId64 "\nevent: reset\ndata: {\"seq\":%" PRId64 "}\n\n", seq,
                                   seq);
}

pct_status pct_stream_changes(const pct_service *service, const pct_stream_reader *reader, int64_t *seq,
                              int64_t until, pct_buffer *out, pct_error *error) {
    const pct_exchange x = {.service = (pct_service *)service};
    bool reset = false;
    pct_desk_notice *notices = pct_alloc(PCT_FRAME_NOTICES_MAX, sizeof *notices);
    if (!notices) return pct_error_memory(error, PCT_FRAME_NOTICES_MAX * sizeof *notices);
    size_t count = pct_desk_notices(service->desk, *seq, notices, PCT_FRAME_NOTICES_MAX, &reset);
    const pct_snapshot *snapshot = pct_desk_snapshot(service->desk);
    if (reset) {
        *seq = pct_snapshot_seq(snapshot);
        write_reset(*seq, out);
    }
    const pct_reach reach = pct_reach_of(service, snapshot, reader->identity, reader->scopes);
    for (size_t i = 0; i < count && notices[i].seq <= until; i++) {
        if (is_told(&reach, &notices[i])) write_change(&x, &reach, &notices[i], out);
        *seq = notices[i].seq;
    }
    pct_snapshot_release(snapshot);
    pct_free(notices);
    return pct_buffer_status(out, error);
}

static void write_fix(const pct_exchange *x, const pct_fix *fix, pct_json_writer *json) {
    pct_json_begin_object(json);
    pct_json_id_member(json, "unit", (pct_id){.seq = fix->unit.seq, .kind = 'U'});
    pct_json_position_member(json, "position", true, fix->position);
    pct_json_time_member(json, "at", fix->at_ms, &x->service->site->zone);
    pct_json_motion_members(json, fix->speed_cms, fix->heading_deg);
    pct_json_key(json, "simulated");
    pct_json_bool(json, fix->simulated);
    pct_json_end_object(json);
}

/* Leaves the fixes of units that the reader reaches; how many those are. */
static size_t keep_reached(const pct_service *service, const pct_stream_reader *reader, pct_fix *fixes,
                           size_t count) {
    size_t kept = 0;
    const pct_snapshot *snapshot = pct_desk_snapshot(service->desk);
    const pct_reach reach = pct_reach_of(service, snapshot, reader->identity, reader->scopes);
    for (size_t i = 0; i < count && !reach.whole; i++) {
        const pct_desk_unit *unit = pct_snapshot_unit(snapshot, fixes[i].unit);
        if (unit && pct_reach_unit(&reach, unit)) fixes[kept++] = fixes[i];
    }
    if (reach.whole) kept = count;
    pct_snapshot_release(snapshot);
    return kept;
}

static void write_fixes(const pct_exchange *x, const pct_fix *fixes, size_t count, pct_json_writer *json) {
    pct_json_begin_object(json);
    pct_json_time_member(json, "at", pct_service_now_ms(x->service), &x->service->site->zone);
    pct_json_key(json, "positions");
    pct_json_begin_array(json);
    for (size_t i = 0; i < count; i++) write_fix(x, &fixes[i], json);
    pct_json_end_array(json);
    pct_json_end_object(json);
}

static pct_status write_positions(const pct_exchange *x, const pct_stream_reader *reader, int64_t *version,
                                  bool always, const char *before, const char *after, pct_buffer *out,
                                  pct_error *error) {
    pct_fix *fixes = pct_alloc(PCT_FRAME_FIXES_MAX, sizeof *fixes);
    if (!fixes) return pct_error_memory(error, PCT_FRAME_FIXES_MAX * sizeof *fixes);
    size_t count = pct_desk_fixes(x->service->desk, *version, fixes, PCT_FRAME_FIXES_MAX, version);
    count = keep_reached(x->service, reader, fixes, count);
    if (count > 0 || always) {
        (void)pct_buffer_append_text(out, before);
        pct_json_writer json = pct_json_writer_init(out);
        write_fixes(x, fixes, count, &json);
        (void)pct_buffer_append_text(out, after);
    }
    pct_free(fixes);
    return PCT_OK;
}

static void write_state(const pct_service *service, pct_buffer *out) {
    const pct_state_view state = pct_state_look(service);
    (void)pct_buffer_append_text(out, "event: state\ndata: ");
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_state_write(service, &state, &json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_text(out, "\n\n");
}

pct_status pct_stream_second(const pct_service *service, const pct_stream_reader *reader, int64_t *fixes,
                             pct_buffer *out, pct_error *error) {
    const pct_exchange x = {.service = (pct_service *)service};
    pct_status status =
        write_positions(&x, reader, fixes, false, "event: positions\ndata: ", "\n\n", out, error);
    if (!status) pct_replay_event_write(service, out);
    if (!status) write_state(service, out);
    return status ? status : pct_buffer_status(out, error);
}

/* From behind Last-Event-ID, else behind `since`, else from now on; the newest position of each unit in any case. */
pct_status pct_resource_stream(pct_exchange *x, pct_error *error) {
    int64_t since = pct_exchange_query_int(x, "since", -1);
    if (x->last_event_id.length > 0 && (!pct_text_to_integer(x->last_event_id, &since) || since < 0)) {
        pct_text shown = pct_text_is_utf8(x->last_event_id) ? x->last_event_id
                                                            : pct_text_of("?"); /* a header: any bytes */
        memcpy(x->field, "Last-Event-ID", sizeof "Last-Event-ID");
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_LAST_EVENT_ID, pct_view(shown));
    }
    if (since < 0) {
        const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
        since = pct_snapshot_seq(snapshot);
        pct_snapshot_release(snapshot);
    }
    x->stream = (pct_stream_cursor){.seq = since};
    x->streams = true;
    x->content_type = "text/event-stream";
    return PCT_OK;
}

pct_status pct_resource_positions_list(pct_exchange *x, pct_error *error) {
    int64_t version = 0;
    const pct_stream_reader reader = {&x->identity, x->endpoint->scopes};
    pct_status status = write_positions(x, &reader, &version, true, "", "", &x->reply, error);
    return status ? status : pct_buffer_status(&x->reply, error);
}
