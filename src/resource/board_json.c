#include "resource/board_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "resource/replay_json.h"

static pct_id id_of(char kind, int64_t seq) {
    return (pct_id){.seq = seq, .kind = kind};
}

static void integer_member(pct_json_writer *json, const char *key, int64_t value) {
    pct_json_key(json, key);
    pct_json_integer(json, value);
}

static void string_member(pct_json_writer *json, const char *key, const char *chars) {
    pct_json_key(json, key);
    pct_json_string(json, chars);
}

void pct_json_call(pct_json_writer *json, const pct_service *service, const pct_desk_call *c) {
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", id_of('C', c->call.id.seq));
    string_member(json, "status", pct_call_status_code((pct_call_status)c->call.status));
    string_member(json, "channel", pct_channel_names[c->call.channel]);
    pct_json_text_member(json, "type", c->type);
    integer_member(json, "priority", c->call.priority);
    pct_json_time_member(json, "received_at", c->call.received_at_ms, &service->site->zone);
    pct_json_id_member(json, "incident", id_of('I', c->call.incident.seq));
    pct_json_end_object(json);
}

/* The chains of an incident run from the latest to the first. */
static void incident_members(pct_json_writer *json, const pct_snapshot *snapshot, const pct_incident *i) {
    pct_json_key(json, "calls");
    pct_json_begin_array(json);
    for (pct_call_id id = i->first_call; id.seq != 0;) {
        char text[PCT_ID_TEXT];
        pct_json_text(json, (pct_text){text, pct_id_write(id_of('C', id.seq), text)});
        const pct_desk_call *call = pct_snapshot_call(snapshot, id);
        id = call ? call->call.next : (pct_call_id){0};
    }
    pct_json_end_array(json);
    pct_json_key(json, "orders");
    pct_json_begin_array(json);
    for (pct_order_id id = i->first_order; id.seq != 0;) {
        char text[PCT_ID_TEXT];
        pct_json_text(json, (pct_text){text, pct_id_write(id_of('O', id.seq), text)});
        const pct_desk_order *order = pct_snapshot_order(snapshot, id);
        id = order ? order->order.next : (pct_order_id){0};
    }
    pct_json_end_array(json);
}

void pct_json_incident(pct_json_writer *json, const pct_service *service, const pct_snapshot *snapshot,
                       const pct_desk_incident *d) {
    const pct_incident *i = &d->incident;
    const pct_zone *zone = &service->site->zone;
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", id_of('I', i->id.seq));
    string_member(json, "status", pct_incident_status_code((pct_incident_status)i->status));
    pct_json_text_member(json, "type", d->type);
    pct_json_text_member(json, "found_type", d->found_type);
    integer_member(json, "priority", i->priority);
    string_member(json, "gravity", pct_gravity_names[i->gravity]);
    pct_json_position_member(json, "position", i->has_position, i->position);
    pct_json_time_member(json, "opened_at", i->opened_at_ms, zone);
    pct_json_time_member(json, "first_arrival_at", i->first_arrival_ms, zone);
    pct_json_time_member(json, "ended_at", i->ended_at_ms, zone);
    incident_members(json, snapshot, i);
    pct_json_end_object(json);
}

void pct_json_order(pct_json_writer *json, const pct_service *service, const pct_desk_order *d) {
    static const struct {
        const char *key;
        pct_order_status status;
    } clocks[] = {{"sent_at", PCT_ORDER_SENT},           {"acknowledged_at", PCT_ORDER_ACKNOWLEDGED},
                  {"set_out_at", PCT_ORDER_SET_OUT},     {"arrived_at", PCT_ORDER_ON_SCENE},
                  {"reported_at", PCT_ORDER_REPORTED},   {"closed_at", PCT_ORDER_CLOSED},
                  {"cancelled_at", PCT_ORDER_CANCELLED}, {"diverted_at", PCT_ORDER_DIVERTED}};
    const pct_order *o = &d->order;
    const pct_zone *zone = &service->site->zone;
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", id_of('O', o->id.seq));
    string_member(json, "status", pct_order_status_code((pct_order_status)o->status));
    pct_json_id_member(json, "incident", id_of('I', o->incident.seq));
    pct_json_id_member(json, "unit", id_of('U', o->unit.seq));
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++)
        pct_json_time_member(json, clocks[i].key, o->at_ms[clocks[i].status], zone);
    pct_json_key(json, "expected_travel_s");
    if (o->expected_travel_ms > 0)
        pct_json_real(json, (double)o->expected_travel_ms / 1000.0, 3);
    else
        pct_json_null(json);
    pct_json_time_member(json, "reminder_at", o->deadline_ms == INT64_MAX ? 0 : o->deadline_ms, zone);
    integer_member(json, "reminders", o->reminders);
    pct_json_end_object(json);
}

void pct_json_unit(pct_json_writer *json, const pct_service *service, const pct_desk_unit *d) {
    const pct_unit *u = &d->unit;
    const pct_zone *zone = &service->site->zone;
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", id_of('U', u->id.seq));
    pct_json_text_member(json, "name", u->name);
    pct_json_text_member(json, "station", u->station);
    string_member(json, "status", pct_unit_status_code((pct_unit_status)u->status));
    pct_json_text_member(json, "kind",
                         u->kind < pct_codes_unit_kind_count(service->codes)
                             ? pct_codes_unit_kind_at(service->codes, u->kind)->code
                             : (pct_text){0});
    pct_json_key(json, "capabilities");
    pct_json_begin_array(json);
    for (uint32_t c = 0; c < pct_codes_capability_count(service->codes); c++)
        if (u->capabilities >> c & 1) pct_json_text(json, pct_codes_capability_at(service->codes, c)->code);
    pct_json_end_array(json);
    integer_member(json, "officers", u->officers);
    integer_member(json, "auxiliaries", u->auxiliaries);
    pct_json_time_member(json, "status_since", u->status_since_ms, zone);
    pct_json_time_member(json, "shift_end_at", u->shift_end_ms, zone);
    pct_json_id_member(json, "order", id_of('O', u->order.seq));
    pct_json_key(json, "unavailable_reason");
    if (u->status == PCT_UNIT_UNAVAILABLE)
        pct_json_string(json, pct_unavailable_reason_names[u->unavailable_reason]);
    else
        pct_json_null(json);
    pct_json_position_member(json, "position", u->has_position, u->position);
    pct_json_key(json, "simulated");
    pct_json_bool(json, pct_service_drives(service, u->id));
    pct_json_end_object(json);
}

pct_status pct_resource_write_object(const pct_exchange *x, const pct_snapshot *s, pct_id id, pct_buffer *out,
                                     pct_error *error) {
    char text[PCT_ID_TEXT];
    pct_json_writer json = pct_json_writer_init(out);
    const pct_desk_call *call = id.kind == 'C' ? pct_snapshot_call(s, (pct_call_id){id.seq}) : NULL;
    const pct_desk_incident *incident =
        id.kind == 'I' ? pct_snapshot_incident(s, (pct_incident_id){id.seq}) : NULL;
    const pct_desk_order *order = id.kind == 'O' ? pct_snapshot_order(s, (pct_order_id){id.seq}) : NULL;
    const pct_desk_unit *unit = id.kind == 'U' ? pct_snapshot_unit(s, (pct_unit_id){id.seq}) : NULL;
    const pct_desk_closure *closure =
        id.kind == 'L' ? pct_snapshot_closure(s, (pct_closure_id){id.seq}) : NULL;
    if (call)
        pct_json_call(&json, x->service, call);
    else if (closure)
        pct_json_closure(&json, x->service, closure);
    else if (incident)
        pct_json_incident(&json, x->service, s, incident);
    else if (order)
        pct_json_order(&json, x->service, order);
    else if (unit)
        pct_json_unit(&json, x->service, unit);
    else
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_API_NO_OBJECT,
                        pct_view((pct_text){text, pct_id_write(id, text)}));
    return pct_buffer_status(out, error);
}

pct_status pct_resource_object_view(pct_exchange *x, pct_error *error) {
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    pct_id id = pct_exchange_id(x, x->endpoint->path_fields[0].name);
    pct_status status = pct_resource_write_object(x, snapshot, id, &x->reply, error);
    if (!status) pct_exchange_tag(x);
    pct_snapshot_release(snapshot);
    return status;
}

/* A cursor is the last id's number behind its letter; clients hand it back as it came. */
static pct_status read_cursor(pct_exchange *x, char kind, int64_t *after, pct_error *error) {
    pct_text text = pct_exchange_query(x, "cursor");
    pct_id id;
    *after = 0;
    if (!text.chars) return PCT_OK;
    if (text.length > 1 && text.chars[0] == 'c' &&
        pct_id_read((pct_text){text.chars + 1, text.length - 1}, &id) && id.kind == kind) {
        *after = id.seq;
        return PCT_OK;
    }
    memcpy(x->field, "cursor", sizeof "cursor");
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_CURSOR, pct_view(text));
}

enum { PAGE_BY_DEFAULT = 100 };

pct_status pct_resource_write_page(pct_exchange *x, const pct_page *page, pct_error *error) {
    int64_t after, limit = pct_exchange_query_int(x, "limit", PAGE_BY_DEFAULT);
    pct_status status = read_cursor(x, page->kind, &after, error);
    if (status) return status;
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "items");
    pct_json_begin_array(&json);
    int64_t last = 0, at = after;
    for (int64_t n = 0; n < limit && (at = page->next(x, snapshot, at, &json)) != 0; n++) last = at;
    pct_json_end_array(&json);
    pct_json_key(&json, "next");
    if (at != 0 && last != 0 && page->next(x, snapshot, last, NULL) != 0) {
        char cursor[PCT_ID_TEXT + 2];
        (void)snprintf(cursor, sizeof cursor, "c%c%" PRId64, page->kind, last);
        pct_json_string(&json, cursor);
    } else {
        pct_json_null(&json);
    }
    integer_member(&json, "seq", pct_snapshot_seq(snapshot));
    pct_json_time_member(&json, "at", x->now_ms, &x->service->site->zone);
    pct_json_end_object(&json);
    pct_snapshot_release(snapshot);
    return pct_buffer_status(&x->reply, error);
}
