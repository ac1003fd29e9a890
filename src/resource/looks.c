/* Looking at what is sealed. An event says who looks, in which role and why; only when it is on disk is the value read, from
 * the derived tables, by a thread of the server:
 *
 *     handler ──submit──► desk: event, commit ──► noted ──resume──► tell: read the row, reply
 *
 * Each look is an event of its own: no idempotency key makes an old one stand for a new one. What was erased gives nulls. */
#include <string.h>

#include "base/text.h"
#include "ledger/seal.h"
#include "resource/board_json.h"
#include "store/tables.h"

enum { EVENT_ARENA_MAX = 1 << 20 };

/* Was the key of this class destroyed? An event of the object says so. */
typedef struct erasure_search {
    const pct_crypto *crypto;
    pct_arena arena;
    pct_erased_class class;
    bool found;
} erasure_search;

static pct_status search_event(void *context, const pct_stored_event *stored, pct_error *error) {
    erasure_search *s = context;
    pct_event event;
    pct_arena_reset(&s->arena);
    pct_status status = pct_ledger_open(s->crypto, NULL, stored->bytes, &s->arena, &event, NULL, error);
    if (status) return status;
    /* The types of erasing have the same one field. */
    bool erases = event.type == PCT_EVENT_CALL_ERASED || event.type == PCT_EVENT_ORDER_ERASED;
    pct_erased_class class = event.data.call_erased.class;
    if (erases && (class == PCT_ERASED_CLASS_NONE || class == s->class)) s->found = true;
    return PCT_OK;
}

static pct_status was_erased(pct_store *reader, pct_id object, pct_erased_class class, bool *out,
                             pct_error *error) {
    erasure_search s = {.arena = pct_arena_init(EVENT_ARENA_MAX), .class = class};
    pct_status status = pct_crypto_sodium(&s.crypto, error);
    if (!status) status = pct_store_each_event_of(reader, object, 0, search_event, &s, error);
    pct_arena_dispose(&s.arena);
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

/* --- noting ------------------------------------------------------------------------------------------------------- */

static void noted(void *context, const pct_desk_reply *reply) {
    pct_exchange *x = context;
    x->failed = reply->status;
    x->looked_seq = reply->last_seq;
    if (reply->error) x->error = *reply->error;
    x->resume(x);
}

/* The record has it, whether or not the board still does. */
static pct_status find_object(pct_exchange *x, pct_id id, pct_error *error) {
    pct_call_row call;
    pct_order_row order;
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status =
        id.kind == 'C'
            ? pct_store_get_call(x->service->reader, (pct_call_id){id.seq}, &x->arena, &call, error)
            : pct_store_get_order(x->service->reader, (pct_order_id){id.seq}, &x->arena, &order, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    return status;
}

static pct_status look(pct_exchange *x, pct_command_kind kind,
                       pct_status (*tell)(pct_exchange *exchange, pct_error *error), pct_error *error) {
    const pct_desk_request request = {
        .lane = PCT_LANE_LOOKUPS,
        .command = {.kind = kind, .object = pct_exchange_id(x, x->endpoint->path_fields[0].name)},
        .account = pct_text_of(x->identity.account),
        .purpose = pct_text_trim(pct_exchange_text(x, "purpose")),
        .role = x->role};
    if (request.purpose.length == 0) {
        memcpy(x->field, "purpose", sizeof "purpose");
        return pct_error_set(error, PCT_INPUT, PCT_MSG_BOARD_NO_PURPOSE, NULL, 0);
    }
    pct_status status = find_object(x, request.command.object, error);
    if (status) return status;
    x->finish = tell;
    x->suspend(x);
    status = pct_desk_submit(x->service->desk, &request, noted, x, &x->error);
    if (status) {
        x->failed = status;
        x->retry_after_s = 1;
        x->resume(x);
    }
    return PCT_OK;
}

pct_status pct_resource_call_look(pct_exchange *x, pct_error *error) {
    return look(x, PCT_COMMAND_LOOK_CALL, tell_call, error);
}

pct_status pct_resource_order_look(pct_exchange *x, pct_error *error) {
    return look(x, PCT_COMMAND_LOOK_ORDER, tell_order, error);
}
