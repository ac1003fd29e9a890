/* What happened to an incident: its events and those of its calls and orders, as sentences, from the record. What is sealed stays closed. */
#include "ledger/seal.h"
#include "resource/board_json.h"

enum { EVENT_ARENA_MAX = 1 << 20 };

typedef struct timeline {
    pct_exchange *x;
    pct_arena arena; /* of one event */
    pct_json_writer json;
    const pct_crypto *crypto;
} timeline;

static pct_status write_row(void *context, const pct_stored_event *stored, pct_error *error) {
    timeline *t = context;
    pct_event event;
    char id[PCT_ID_TEXT];
    pct_arena_reset(&t->arena);
    pct_status status = pct_ledger_open(t->crypto, NULL, stored->bytes, &t->arena, &event, NULL, error);
    if (status) return status;
    pct_json_begin_object(&t->json);
    pct_json_key(&t->json, "seq");
    pct_json_integer(&t->json, event.seq);
    pct_json_time_member(&t->json, "at", event.occurred_at_ms, &t->x->service->site->zone);
    pct_json_key(&t->json, "type");
    pct_json_string(&t->json, pct_event_type_name(event.type));
    pct_json_key(&t->json, "object");
    pct_json_text(&t->json, (pct_text){id, pct_id_write(event.object, id)});
    pct_json_key(&t->json, "actor");
    pct_json_text(&t->json, event.actor);
    pct_json_key(&t->json, "role");
    pct_json_string(&t->json, pct_role_names[event.role]);
    pct_json_key(&t->json, "text");
    pct_json_string(&t->json, pct_event_type_table[event.type].sentences[t->x->language]);
    pct_json_end_object(&t->json);
    return PCT_OK;
}

pct_status pct_resource_timeline(pct_exchange *x, pct_error *error) {
    timeline t = {x, pct_arena_init(EVENT_ARENA_MAX), pct_json_writer_init(&x->reply), NULL};
    pct_id incident = pct_exchange_id(x, "incident");
    pct_json_begin_object(&t.json);
    pct_json_key(&t.json, "items");
    pct_json_begin_array(&t.json);
    size_t empty = x->reply.length;
    pct_status status = pct_crypto_sodium(&t.crypto, error);
    (void)pthread_mutex_lock(&x->service->reading);
    if (!status) status = pct_store_each_event_of(x->service->reader, incident, 0, write_row, &t, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    pct_arena_dispose(&t.arena);
    pct_json_end_array(&t.json);
    pct_json_end_object(&t.json);
    if (!status && x->reply.length == empty + 2)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_TIMELINE_NONE, pct_int(incident.seq));
    return status;
}
