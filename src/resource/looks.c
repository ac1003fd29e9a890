/* Looking at what is sealed. An event says who looks, in which role and why; only when it is on disk is the value read, from
 * the derived tables, by a thread of the server:
 *
 *     handler ──submit──► desk: event, commit ──► noted ──resume──► tell: read the row, reply
 *                                                   └── of an incident: job ──► its notes, opened ──resume──► reply
 *
 * Notes of incidents stand in no table: a job of the writer opens them with their keys once the look is committed.
 * Each look is an event of its own: no idempotency key makes an old one stand for a new one. What was erased gives nulls. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/read.h"
#include "resource/acts.h"
#include "resource/board_json.h"
#include "resource/scope.h"
#include "store/tables.h"

/* Was the key of this class destroyed? An event of the object says so. */
typedef struct erasure_search {
    pct_erased_class class;
    bool found;
} erasure_search;

static pct_status search_event(void *context, const pct_event *event, pct_error *error) {
    erasure_search *s = context;
    (void)error;
    if (event->type == PCT_EVENT_RETENTION_APPLIED && event->data.retention_applied.class == s->class)
        s->found = true;
    /* The types of erasing have the same one field. */
    bool erases = event->type == PCT_EVENT_CALL_ERASED || event->type == PCT_EVENT_ORDER_ERASED;
    pct_erased_class class = event->data.call_erased.class;
    if (erases && (class == PCT_ERASED_CLASS_NONE || class == s->class)) s->found = true;
    return PCT_OK;
}

static pct_status was_erased(pct_store *reader, pct_id object, pct_erased_class class, bool *out,
                             pct_error *error) {
    erasure_search s = {.class = class};
    pct_status status = pct_ledger_each_event_of(reader, object, search_event, &s, error);
    *out = s.found;
    return status;
}

/* --- replies ------------------------------------------------------------------------------------------------------ */

static void begin_reply(pct_json_writer *json, const pct_exchange *x, bool erased) {
    pct_json_begin_object(json);
    pct_json_key(json, "seq");
    pct_json_integer(json, x->looked_seq);
    pct_json_key(json, "erased");
    pct_json_bool(json, erased);
}

static pct_status tell_call(pct_exchange *x, pct_error *error) {
    pct_id id = pct_exchange_id(x, "call");
    pct_call_row row;
    bool erased = false;
    pct_store *reader = x->service->reader;
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status = pct_store_get_call(reader, (pct_call_id){id.seq}, &x->arena, &row, error);
    if (!status) status = was_erased(reader, id, PCT_ERASED_CLASS_PERSONAL, &erased, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    begin_reply(&json, x, erased);
    pct_json_text_member(&json, "caller_name", row.caller_name);
    pct_json_text_member(&json, "caller_phone", row.caller_phone);
    pct_json_text_member(&json, "address", row.address);
    pct_json_text_member(&json, "words", row.words);
    pct_json_position_member(&json, "position", row.has_position, row.position);
    pct_json_end_object(&json);
    return PCT_OK;
}

static pct_status tell_order(pct_exchange *x, pct_error *error) {
    pct_id id = pct_exchange_id(x, "order");
    pct_order_row row;
    bool erased = false;
    pct_store *reader = x->service->reader;
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status = pct_store_get_order(reader, (pct_order_id){id.seq}, &x->arena, &row, error);
    if (!status) status = was_erased(reader, id, PCT_ERASED_CLASS_NARRATIVE, &erased, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    begin_reply(&json, x, erased);
    pct_json_text_member(&json, "note", row.note);
    pct_json_end_object(&json);
    return PCT_OK;
}

/* --- notes of an incident ----------------------------------------------------------------------------------------- */

/* Types of events with a note, the note's place in their data, and whether this is one of them. */
static const pct_text *note_of(const pct_event *event) {
    switch (event->type) {
    case PCT_EVENT_INCIDENT_CLASSIFIED: return &event->data.incident_classified.note;
    case PCT_EVENT_INCIDENT_REFERRED: return &event->data.incident_referred.note;
    case PCT_EVENT_INCIDENT_CLOSED: return &event->data.incident_closed.note;
    default: return NULL;
    }
}

typedef struct notes {
    pct_exchange *x;
    pct_json_writer json;
} notes;

static pct_status write_note(void *context, const pct_event *event, const pct_event_sealing *sealing,
                             pct_error *error) {
    notes *n = context;
    const pct_text *note = note_of(event);
    (void)error;
    if (!note) return PCT_OK;
    bool erased = sealing->erased & pct_event_field_bit(event->type, "note");
    if (note->length == 0 && !erased) return PCT_OK;
    pct_json_begin_object(&n->json);
    pct_json_key(&n->json, "seq");
    pct_json_integer(&n->json, event->seq);
    pct_json_time_member(&n->json, "at", event->occurred_at_ms, &n->x->service->site->zone);
    pct_json_key(&n->json, "type");
    pct_json_string(&n->json, pct_event_type_name(event->type));
    pct_json_key(&n->json, "actor");
    pct_json_text(&n->json, event->actor);
    pct_json_key(&n->json, "erased");
    pct_json_bool(&n->json, erased);
    pct_json_text_member(&n->json, "note", *note);
    pct_json_end_object(&n->json);
    return PCT_OK;
}

/* The writer's job, after the commit of the look. */
static pct_status read_notes(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    pct_exchange *x = context;
    notes n = {x, pct_json_writer_init(&x->reply)};
    (void)store, (void)now_ms;
    pct_json_begin_object(&n.json);
    pct_json_key(&n.json, "seq");
    pct_json_integer(&n.json, x->looked_seq);
    pct_json_key(&n.json, "notes");
    pct_json_begin_array(&n.json);
    pct_status status =
        pct_desk_each_opened_event(x->service->desk, pct_exchange_id(x, "incident"), write_note, &n, error);
    pct_json_end_array(&n.json);
    pct_json_end_object(&n.json);
    return status;
}

static void notes_read(void *context, const pct_desk_reply *reply) {
    pct_exchange *x = context;
    x->failed = reply->status;
    if (reply->error) x->error = *reply->error;
    x->resume(x);
}

/* --- noting ------------------------------------------------------------------------------------------------------- */

static void noted(void *context, const pct_desk_reply *reply) {
    pct_exchange *x = context;
    x->failed = reply->status;
    x->looked_seq = reply->last_seq;
    if (reply->error) x->error = *reply->error;
    x->resume(x);
}

static void incident_noted(void *context, const pct_desk_reply *reply) {
    pct_exchange *x = context;
    pct_error error;
    if (reply->status) {
        noted(context, reply);
        return;
    }
    x->looked_seq = reply->last_seq;
    pct_status status =
        pct_desk_submit_job(x->service->desk, PCT_LANE_LOOKUPS, read_notes, notes_read, x, &error);
    if (!status) return; /* from here on the exchange is the job's */
    x->failed = status, x->error = error;
    x->resume(x);
}

/* The record has it, whether or not the board still does. */
static pct_status find_object(pct_exchange *x, pct_id id, pct_error *error) {
    pct_store *reader = x->service->reader;
    pct_call_row call;
    pct_incident_row incident;
    pct_order_row order;
    pct_status status;
    (void)pthread_mutex_lock(&x->service->reading);
    switch (id.kind) {
    case 'C': status = pct_store_get_call(reader, (pct_call_id){id.seq}, &x->arena, &call, error); break;
    case 'I':
        status = pct_store_get_incident(reader, (pct_incident_id){id.seq}, &x->arena, &incident, error);
        break;
    default: status = pct_store_get_order(reader, (pct_order_id){id.seq}, &x->arena, &order, error); break;
    }
    (void)pthread_mutex_unlock(&x->service->reading);
    return status;
}

static pct_status refuse_field(pct_exchange *x, const char *field, pct_status status) {
    (void)snprintf(x->field, sizeof x->field, "%s", field);
    return status;
}

/* For which case somebody looks: an incident or a call that the record has. Whether it has to do with what is looked at is for
 * those to judge who watch over the looks. */
static pct_status read_case(pct_exchange *x, pct_event_call_looked *out, pct_error *error) {
    const pct_text text = pct_text_trim(pct_exchange_text(x, "case"));
    pct_id id;
    *out = (pct_event_call_looked){0};
    if (text.length == 0) return pct_error_set(error, PCT_INPUT, PCT_MSG_BOARD_NO_CASE, NULL, 0);
    bool good = pct_id_read(text, &id) && (id.kind == 'I' || id.kind == 'C');
    pct_status status = good ? find_object(x, id, error) : PCT_NOT_FOUND;
    if (status == PCT_NOT_FOUND) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LOOK_CASE, pct_view(text));
    if (id.kind == 'I')
        out->for_incident.seq = id.seq;
    else
        out->for_call.seq = id.seq;
    return status;
}

/* What the board has forgotten is nobody's present work, however far one reaches. */
static pct_status check_present(pct_exchange *x, pct_id id, pct_error *error) {
    char text[PCT_ID_TEXT];
    const pct_text name = {text, pct_id_write(id, text)};
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    bool present = id.kind == 'C'   ? pct_snapshot_call(snapshot, (pct_call_id){id.seq}) != NULL
                   : id.kind == 'I' ? pct_snapshot_incident(snapshot, (pct_incident_id){id.seq}) != NULL
                                    : pct_snapshot_order(snapshot, (pct_order_id){id.seq}) != NULL;
    pct_snapshot_release(snapshot);
    if (present || pct_exchange_is_lifted(x, name)) return PCT_OK;
    x->status_code = 403;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOOK_TWO_PERSONS, pct_view(name));
}

/* tell: what a thread of the server does after the commit; NULL: `done` sees to it. */
static pct_status look(pct_exchange *x, pct_command_kind kind, pct_desk_done *done,
                       pct_status (*tell)(pct_exchange *exchange, pct_error *error), pct_error *error) {
    pct_desk_request request = {
        .lane = PCT_LANE_LOOKUPS,
        .command = {.kind = kind, .object = pct_exchange_id(x, x->endpoint->path_fields[0].name)},
        .account = pct_text_of(x->identity.account),
        .purpose = pct_text_trim(pct_exchange_text(x, "purpose")),
        .role = x->role};
    if (request.purpose.length == 0)
        return refuse_field(x, "purpose", pct_error_set(error, PCT_INPUT, PCT_MSG_BOARD_NO_PURPOSE, NULL, 0));
    pct_status status = read_case(x, &request.command.data.call_looked, error);
    if (status) return refuse_field(x, "case", status);
    status = find_object(x, request.command.object, error);
    if (!status) status = check_present(x, request.command.object, error);
    if (!status && x->lifted_by.id.seq) status = pct_act_use(x, &x->lifted_by, error);
    if (status) return status;
    request.cause = x->lifted_by.id.seq;
    x->finish = tell;
    x->suspend(x);
    status = pct_desk_submit(x->service->desk, &request, done, x, &x->error);
    if (status) {
        x->failed = status;
        x->retry_after_s = 1;
        x->resume(x);
    }
    return PCT_OK;
}

pct_status pct_resource_call_look(pct_exchange *x, pct_error *error) {
    return look(x, PCT_COMMAND_LOOK_CALL, noted, tell_call, error);
}

pct_status pct_resource_order_look(pct_exchange *x, pct_error *error) {
    return look(x, PCT_COMMAND_LOOK_ORDER, noted, tell_order, error);
}

pct_status pct_resource_incident_look(pct_exchange *x, pct_error *error) {
    return look(x, PCT_COMMAND_LOOK_INCIDENT, incident_noted, NULL, error);
}
