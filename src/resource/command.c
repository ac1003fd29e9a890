/* Any endpoint that submits a command: its body becomes the data of the event that the command asks for, by the table of
 * that event's fields, and the desk decides. The reply comes when the events are on disk. No endpoint needs C of its own.
 *
 * What the path names is the command's object. With If-Match the object must still look as the client saw it when the desk
 * decides: the writer asks, so that of two clients with the same view one is refused. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "clock/time.h"
#include "desk/cards.h"
#include "resource/board_json.h"
#include "resource/live_road.h"
#include "resource/probe.h"
#include "resource/scope.h"
#include "resource/submit.h"

enum { OCCURRED_DAYS = 30 };

static const pct_event_version *present_version(pct_event_type type) {
    const pct_event_type_entry *entry = &pct_event_type_table[type];
    return &entry->versions[entry->version - 1];
}

static pct_text text_of(const json_t *value) {
    return (pct_text){json_string_value(value), json_string_length(value)};
}

static int64_t integer_at(const json_t *array, size_t i) {
    return json_integer_value(json_array_get(array, i));
}

static unsigned enum_value(const pct_event_field *field, pct_text text) {
    for (unsigned i = 1; i < field->name_count; i++)
        if (pct_text_equal(text, field->names[i])) return i;
    return 0;
}

/* One checked value into an event's data. */
static void put_value(const pct_zone *zone, const pct_event_field *field, const json_t *value,
                      unsigned char *at) {
    switch ((pct_field_type)field->type) {
    case PCT_FIELD_INT: *(int64_t *)(void *)at = json_integer_value(value); return;
    case PCT_FIELD_MS: (void)pct_zone_parse(zone, text_of(value), (int64_t *)(void *)at, NULL); return;
    case PCT_FIELD_BOOL: *(bool *)(void *)at = json_is_true(value); return;
    case PCT_FIELD_POSITION:
        (void)pct_position_from_degrees(json_number_value(json_array_get(value, 0)),
                                        json_number_value(json_array_get(value, 1)),
                                        (pct_position *)(void *)at);
        return;
    case PCT_FIELD_ROAD:
        *(pct_road_ref *)(void *)at =
            (pct_road_ref){integer_at(value, 0), integer_at(value, 1), integer_at(value, 2)};
        return;
    case PCT_FIELD_TEXT:
    case PCT_FIELD_CODE: *(pct_text *)(void *)at = text_of(value); return;
    case PCT_FIELD_ID: {
        pct_id id = {0};
        (void)pct_id_read(text_of(value), &id);
        *(int64_t *)(void *)at = id.seq;
        return;
    }
    case PCT_FIELD_ENUM: {
        unsigned number = enum_value(field, text_of(value));
        memcpy(at, &number, sizeof number);
        return;
    }
    }
}

static void fill(const pct_exchange *x, pct_event_data *data) {
    const pct_event_version *version = present_version(x->endpoint->event);
    const pct_zone *zone = &x->service->site->zone;
    unsigned char *bytes = (unsigned char *)data;
    for (size_t i = 0; i < version->field_count; i++) {
        const pct_event_field *field = &version->fields[i];
        const json_t *value = json_object_get(x->body, field->name);
        if (!value || field->offset == PCT_FIELD_NOWHERE) continue;
        if (!(field->flags & PCT_FIELD_LIST)) {
            put_value(zone, field, value, bytes + field->offset);
            if (field->has_offset) *(bool *)(void *)(bytes + field->has_offset) = true;
            continue;
        }
        size_t size = field->type == PCT_FIELD_ID ? sizeof(int64_t) : sizeof(pct_text),
               count = json_array_size(value);
        for (size_t n = 0; n < count; n++)
            put_value(zone, field, json_array_get(value, n), bytes + field->offset + n * size);
        *(uint32_t *)(void *)(bytes + field->count_offset) = (uint32_t)count;
    }
}

/* The coarse place of what was given a position alone: the road it lies at, which stays readable when the position is sealed
 * for good. */
static void name_road(const pct_exchange *x, pct_position position, bool has_position, pct_road_ref *road,
                      bool *has) {
    pct_road_point point;
    double distance_m;
    if (!has_position || *has) return;
    const pct_road *open = pct_live_road_open(x->service->live);
    if (pct_road_snap(open, position, PCT_ROAD_NAMED_WITHIN_M, &point, &distance_m, NULL) != PCT_OK) return;
    *road = pct_closed_ref(pct_road_network(open), point.segment, false);
    *has = true;
}

static void name_place(const pct_exchange *x, pct_event_type type, pct_event_data *data) {
    if (type == PCT_EVENT_CALL_RECEIVED) {
        pct_event_call_received *call = &data->call_received;
        name_road(x, call->position, call->has_position, &call->road, &call->has_road);
        if (call->has_position) call->area = pct_beats_at(x->service->beats, call->position);
    }
    if (type == PCT_EVENT_INCIDENT_OPENED) {
        pct_event_incident_opened *incident = &data->incident_opened;
        name_road(x, incident->position, incident->has_position, &incident->road, &incident->has_road);
        if (incident->has_position) incident->area = pct_beats_at(x->service->beats, incident->position);
    }
}

static pct_lane lane_of(pct_command_kind kind) {
    switch (kind) {
    case PCT_COMMAND_RECEIVE_CALL:
    case PCT_COMMAND_LINK_CALL:
    case PCT_COMMAND_SETTLE_CALL:
    case PCT_COMMAND_OPEN_INCIDENT: return PCT_LANE_CALLS;
    default: return PCT_LANE_DISPATCH;
    }
}

void pct_resource_digest(const pct_exchange *x, unsigned char out[PCT_STORE_HASH_BYTES]) {
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)x->endpoint->name,
                                    strlen(x->endpoint->name) + 1);
    for (uint32_t i = 0; i < x->endpoint->path_count; i++) {
        (void)crypto_hash_sha256_update(&state, (const unsigned char *)x->path_values[i].chars,
                                        x->path_values[i].length);
        (void)crypto_hash_sha256_update(&state, (const unsigned char *)"", 1);
    }
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)x->body_bytes.chars, x->body_bytes.length);
    (void)crypto_hash_sha256_final(&state, out);
}

/* A stale view has set its own; an earlier code counts for nothing when the group failed after. */
static int status_code_of(const pct_exchange *x, const pct_desk_reply *reply) {
    switch (reply->status) {
    case PCT_INPUT: return 422; /* each field is well formed; together they are not what the event allows */
    case PCT_LIMIT: return 503;
    case PCT_CHECK_FAILED: return x->status_code == 412 ? 412 : 409;
    default: return 0;
    }
}

/* Kept, and not in the record: the same request again gets the call's id once it is there. */
static void write_receipt(pct_exchange *x, const pct_desk_reply *reply) {
    char receipt[PCT_ID_TEXT];
    pct_json_writer json = pct_json_writer_init(&x->reply);
    (void)snprintf(receipt, sizeof receipt, "Q%lld", (long long)reply->receipt);
    pct_json_begin_object(&json);
    pct_json_key(&json, "receipt");
    pct_json_string(&json, receipt);
    pct_json_key(&json, "kept");
    pct_json_string(&json, "spool");
    pct_json_time_member(&json, "kept_at", reply->kept_at_ms, &x->service->site->zone);
    pct_json_end_object(&json);
    x->status_code = 202;
}

void pct_resource_decided(pct_exchange *x, const pct_desk_reply *reply) {
    x->failed = reply->status;
    if (reply->status) {
        if (reply->error) x->error = *reply->error;
        x->status_code = status_code_of(x, reply);
    } else if (reply->receipt) {
        write_receipt(x, reply);
    } else {
        pct_json_writer json = pct_json_writer_init(&x->reply);
        pct_json_begin_object(&json);
        pct_json_id_member(&json, "id", reply->object);
        pct_json_key(&json, "seq");
        pct_json_integer(&json, reply->last_seq);
        pct_json_end_object(&json);
        x->made = reply->object, x->made_seq = reply->last_seq;
    }
    if (reply->object.kind == 'L' && !reply->status) pct_live_road_poke(x->service->live);
    x->resume(x);
}

static void decided(void *context, const pct_desk_reply *reply) {
    pct_resource_decided(context, reply);
}

/* On the writer's thread. */
static pct_status still_as_seen(void *context, const pct_snapshot *snapshot, pct_error *error) {
    pct_exchange *x = context;
    pct_buffer current = pct_buffer_init(1 << 20);
    pct_id object = pct_exchange_id(x, x->endpoint->path_fields[0].name);
    pct_status status = pct_resource_write_object(x, snapshot, object, &current, error);
    if (!status)
        status = pct_exchange_check_match(x, (pct_text){(const char *)current.bytes, current.length}, error);
    pct_buffer_dispose(&current);
    return status;
}

/* Asked only when the desk has no reply under the key: there was one a moment ago, and it has run out. */
static pct_status is_not_done_anew(void *context, const pct_snapshot *snapshot, pct_error *error) {
    const pct_exchange *x = context;
    (void)snapshot;
    return pct_scope_refuse(x, x->idempotency_key, error);
}

/* What is not on the board is not found; the rules alone would say so in their own words. */
static pct_status find_object(pct_exchange *x, pct_id object, pct_error *error) {
    pct_buffer current = pct_buffer_init(1 << 20);
    const pct_snapshot *snapshot = pct_desk_snapshot(x->service->desk);
    pct_status status = pct_resource_write_object(x, snapshot, object, &current, error);
    pct_snapshot_release(snapshot);
    pct_buffer_dispose(&current);
    return status;
}

/* Of what was written down elsewhere before it came to us; 0: it happens now. */
static pct_status read_occurred(pct_exchange *x, int64_t *out, pct_error *error) {
    const json_t *given = json_object_get(x->body, "occurred_at");
    *out = 0;
    if (!given) return PCT_OK;
    (void)pct_zone_parse(&x->service->site->zone, text_of(given), out, NULL);
    if (*out <= x->now_ms && *out > x->now_ms - OCCURRED_DAYS * PCT_DAY_MS) return PCT_OK;
    memcpy(x->field, "occurred_at", sizeof "occurred_at");
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_OCCURRED, pct_int(OCCURRED_DAYS));
}

/* Of one card, what carries the same Idempotency-Key is the same entry, sent again; any other is a second one, and is told. */
static void digest_card(pct_text key, unsigned char body[PCT_STORE_HASH_BYTES]) {
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, body, PCT_STORE_HASH_BYTES);
    (void)crypto_hash_sha256_update(&state, (const unsigned char *)key.chars, key.length);
    (void)crypto_hash_sha256_final(&state, body);
}

pct_status pct_resource_submit(pct_exchange *x, const pct_command *command, pct_lane lane, pct_error *error) {
    int64_t occurred_at;
    pct_status bad = read_occurred(x, &occurred_at, error);
    if (bad) return bad;
    pct_desk_request request = {.lane = lane,
                                .command = *command,
                                .account = pct_text_of(x->identity.account),
                                .key = x->idempotency_key,
                                .role = x->role,
                                .occurred_at_ms = occurred_at};
    /* What the view of an object led to is decided on the object as it is then. Of what has left the board there is nothing to
     * decide; whoever did it asks perhaps once more, and hears what he heard. */
    if (command->object.seq && (x->if_match.length > 0 || x->gone))
        request.still = still_as_seen, request.still_context = x;
    if (x->repeats) request.still = is_not_done_anew, request.still_context = x;
    pct_resource_digest(x, request.body);
    if (pct_desk_is_card(command)) {
        digest_card(x->idempotency_key, request.body);
        request.key = command->data.call_received.source_id;
    }
    x->suspend(x);
    pct_intake *intake = x->service->intake;
    pct_status status = intake ? pct_intake_take(intake, &request, decided, x, &x->error)
                               : pct_desk_submit(x->service->desk, &request, decided, x, &x->error);
    if (status) {
        const pct_desk_reply refused = {.status = status};
        x->failed = status;
        x->status_code = status_code_of(x, &refused);
        x->retry_after_s = 1;
        x->resume(x);
    }
    return PCT_OK;
}

pct_status pct_resource_command(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = x->endpoint->command};
    if (x->endpoint->path_count > 0) {
        command.object = pct_exchange_id(x, x->endpoint->path_fields[0].name);
        pct_status status = find_object(x, command.object, error);
        x->gone = status == PCT_NOT_FOUND;
        if (status && !x->gone) return status;
    }
    fill(x, &command.data);
    name_place(x, x->endpoint->event, &command.data);
    if (command.kind == PCT_COMMAND_SIGN_ON && x->role == PCT_ROLE_PATROL && !x->repeats)
        x->finish = pct_resource_bind_crew;
    if (command.kind == PCT_COMMAND_RECEIVE_CALL && command.data.call_received.via == PCT_VIA_SPOOL) {
        memcpy(x->field, "via", sizeof "via");
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_VIA_SPOOL, pct_str("spool"));
    }
    if (pct_desk_is_card(&command)) {
        int64_t number;
        const pct_text card = command.data.call_received.source_id;
        memcpy(x->field, "source_id", sizeof "source_id");
        if (!pct_card_read(card, &number))
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_CARD, pct_view(card));
        memset(x->field, 0, sizeof "source_id");
    }
    if (x->synthetic) return pct_resource_take_synthetic(x, &command, error);
    return pct_resource_submit(x, &command, lane_of(command.kind), error);
}
