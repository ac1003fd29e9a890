/* A call as the spool holds it: sealed as the log would seal it, with a key of its own. */
#include <string.h>

#include "desk/intake_state.h"

enum { PLAIN_MAX = PCT_STORE_WRAPPED_BYTES + PCT_STORE_HASH_BYTES };

typedef struct entry_key {
    int64_t number;
    pct_key key;
} entry_key;

static pct_status key_for_sealing(void *context, pct_key_name *name, pct_key *key, pct_error *error) {
    const entry_key *k = context;
    (void)error;
    name->id = k->number;
    *key = k->key;
    return PCT_OK;
}

static pct_status key_for_opening(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    const entry_key *k = context;
    (void)error;
    if (name->id != k->number) return PCT_NOT_FOUND;
    *key = k->key;
    return PCT_OK;
}

/* Entries have no number before they are added: all are bound to 1, and their keys to themselves. */
static const pct_stored_key entry_name = {
    .id = 1, .object = {.kind = 'C', .seq = 1}, .class = {"personal", 8}};

pct_status pct_intake_seal(pct_intake *in, const pct_desk_request *r, int64_t kept_at_ms, pct_buffer *out,
                           pct_error *error) {
    unsigned char wrapped[PCT_STORE_WRAPPED_BYTES] = {0};
    entry_key key = {.number = entry_name.id};
    const pct_ledger_keys keys = {&key, key_for_sealing, key_for_opening};
    pct_event event = {.seq = entry_name.object.seq,
                       .epoch = in->desk->options.epoch,
                       .recorded_at_ms = kept_at_ms,
                       .occurred_at_ms = r->occurred_at_ms ? r->occurred_at_ms : kept_at_ms,
                       .cause = r->cause,
                       .map_version = in->desk->options.map_version,
                       .actor = r->account,
                       .purpose = r->purpose,
                       .idempotency_key = r->key,
                       .object = entry_name.object,
                       .role = r->role,
                       .type = PCT_EVENT_CALL_RECEIVED,
                       .version = pct_event_type_version(PCT_EVENT_CALL_RECEIVED),
                       .data = r->command.data};
    if (!event.data.call_received.via) event.data.call_received.via = PCT_VIA_SPOOL;
    pct_key_new(in->desk->random, &key.key);
    if (in->options.keeper)
        in->options.keeper->wrap(in->options.keeper->context, &entry_name, key.key.bytes, wrapped);
    else
        memcpy(wrapped, key.key.bytes, sizeof key.key.bytes);
    (void)pct_buffer_append(out, wrapped, sizeof wrapped);
    (void)pct_buffer_append(out, r->body, sizeof r->body);
    pct_status status = pct_buffer_status(out, error);
    if (!status) status = pct_ledger_seal(in->crypto, &keys, in->desk->random, &event, out, error);
    in->crypto->wipe(&key, sizeof key);
    return status;
}

pct_status pct_intake_unseal(pct_intake *in, pct_text bytes, pct_arena *arena, pct_desk_request *out,
                             pct_error *error) {
    const unsigned char *at = (const unsigned char *)bytes.chars;
    entry_key key = {.number = entry_name.id};
    const pct_ledger_keys keys = {&key, key_for_sealing, key_for_opening};
    pct_event event;
    pct_status status = PCT_OK;
    if (bytes.length < PLAIN_MAX)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_SPOOL_DAMAGED, pct_str(PCT_SPOOL_FILE), pct_int(0));
    if (in->options.keeper)
        status =
            in->options.keeper->unwrap(in->options.keeper->context, &entry_name, at, key.key.bytes, error);
    else
        memcpy(key.key.bytes, at, sizeof key.key.bytes);
    const pct_text stored = {bytes.chars + PLAIN_MAX, bytes.length - PLAIN_MAX};
    if (!status) status = pct_ledger_open(in->crypto, &keys, stored, arena, &event, NULL, error);
    in->crypto->wipe(&key, sizeof key);
    if (status) return status;
    *out = (pct_desk_request){.lane = PCT_LANE_CALLS,
                              .command = {.kind = PCT_COMMAND_RECEIVE_CALL, .data = event.data},
                              .account = event.actor,
                              .purpose = event.purpose,
                              .key = event.idempotency_key,
                              .role = event.role,
                              .occurred_at_ms = event.occurred_at_ms,
                              .cause = event.cause};
    memcpy(out->body, at + PCT_STORE_WRAPPED_BYTES, sizeof out->body);
    return PCT_OK;
}
