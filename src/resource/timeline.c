/* What happened to an incident (or a closure): its events and those of its calls and orders, as sentences in the reader's language, in
 * order, each with its data, from the record. What is sealed stays closed; who looked at it stands there with the purpose. The incident's own
 * events name its calls and orders; the events of all of them are then told by number. O(events log events). */
#include <stdlib.h>

#include "base/vector.h"
#include "ledger/read.h"
#include "resource/board_json.h"

enum { ROWS_MAX = 100000 };

typedef struct timeline {
    pct_exchange *x;
    pct_buffer plain; /* one event without what is sealed */
    pct_json_writer json;
    pct_vector objects; /* of pct_id: the calls and orders, some of them twice */
    pct_vector seqs;    /* of int64_t */
} timeline;

static pct_status keep_seq(timeline *t, int64_t seq, pct_error *error) {
    int64_t *room = pct_vector_push(&t->seqs);
    if (!room) return pct_vector_failed(&t->seqs, PCT_MSG_WHAT_ROWS, error);
    *room = seq;
    return PCT_OK;
}

static pct_status note_seq(void *context, const pct_stored_event *stored, pct_error *error) {
    return keep_seq(context, stored->seq, error);
}

static pct_status note_object(void *context, const pct_event *event, pct_error *error) {
    timeline *t = context;
    pct_id id = event->object;
    if (event->type == PCT_EVENT_INCIDENT_OPENED)
        id = (pct_id){.kind = 'C', .seq = event->data.incident_opened.call.seq};
    if ((id.kind != 'C' && id.kind != 'O') || id.seq == 0) return keep_seq(t, event->seq, error);
    pct_id *object = pct_vector_push(&t->objects);
    if (!object) return pct_vector_failed(&t->objects, PCT_MSG_WHAT_ROWS, error);
    *object = id;
    return keep_seq(t, event->seq, error);
}

/* What an event says; of a look at what is sealed, who and why. */
static void write_text(timeline *t, const pct_event *event) {
    pct_language language = t->x->language;
    pct_json_key(&t->json, "text");
    if (event->type != PCT_EVENT_CALL_LOOKED && event->type != PCT_EVENT_INCIDENT_LOOKED &&
        event->type != PCT_EVENT_ORDER_LOOKED) {
        pct_json_string(&t->json, pct_event_type_table[event->type].sentences[language]);
        return;
    }
    pct_buffer text = pct_buffer_init(1 << 12);
    const pct_param parameters[] = {pct_view(event->actor), pct_view(event->purpose)};
    (void)pct_message_render(PCT_MSG_TIMELINE_LOOKED, parameters, 2, language, &text);
    pct_json_text(&t->json, (pct_text){(const char *)text.bytes, text.length});
    pct_buffer_dispose(&text);
}

/* Words, numbers and ids of the event, as its plain form has them; places are not for reading. */
static pct_status write_data(timeline *t, const pct_event *event, pct_error *error) {
    json_t *document = NULL, *data = NULL, *value = NULL;
    const char *name = NULL;
    pct_buffer_clear(&t->plain);
    pct_status status = pct_event_encode(event, &t->plain, error);
    if (!status)
        status = pct_json_parse("event", (pct_text){(const char *)t->plain.bytes, t->plain.length}, &document,
                                error);
    if (!status) status = pct_json_get_object("event", document, "data", &data, error);
    pct_json_key(&t->json, "data");
    pct_json_begin_object(&t->json);
    json_object_foreach(data, name, value) {
        if (json_is_object(value) || json_is_array(value)) continue;
        pct_json_key(&t->json, name);
        if (json_is_string(value))
            pct_json_string(&t->json, json_string_value(value));
        else if (json_is_integer(value))
            pct_json_integer(&t->json, json_integer_value(value));
        else
            pct_json_bool(&t->json, json_is_true(value));
    }
    pct_json_end_object(&t->json);
    json_decref(document);
    return status;
}

static pct_status write_row(void *context, const pct_event *event, pct_error *error) {
    timeline *t = context;
    char id[PCT_ID_TEXT];
    pct_json_begin_object(&t->json);
    pct_json_key(&t->json, "seq");
    pct_json_integer(&t->json, event->seq);
    pct_json_time_member(&t->json, "at", event->occurred_at_ms, &t->x->service->site->zone);
    pct_json_key(&t->json, "type");
    pct_json_string(&t->json, pct_event_type_name(event->type));
    pct_json_key(&t->json, "object");
    pct_json_text(&t->json, (pct_text){id, pct_id_write(event->object, id)});
    pct_json_key(&t->json, "actor");
    pct_json_text(&t->json, event->actor);
    pct_json_key(&t->json, "role");
    pct_json_string(&t->json, pct_role_names[event->role]);
    pct_json_text_member(&t->json, "purpose", event->purpose);
    write_text(t, event);
    pct_status status = write_data(t, event, error);
    pct_json_end_object(&t->json);
    return status;
}

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static pct_status gather(timeline *t, pct_id object, pct_error *error) {
    pct_store *reader = t->x->service->reader;
    pct_status status = pct_ledger_each_event_of(reader, object, note_object, t, error);
    const pct_id *objects = t->objects.items;
    for (size_t i = 0; i < t->objects.length && !status; i++) {
        bool again = i > 0 && objects[i].kind == objects[i - 1].kind && objects[i].seq == objects[i - 1].seq;
        if (!again) status = pct_store_each_event_of(reader, objects[i], 0, note_seq, t, error);
    }
    if (t->seqs.length > 1) qsort(t->seqs.items, t->seqs.length, sizeof(int64_t), by_number);
    return status;
}

static pct_status write_rows(timeline *t, pct_error *error) {
    const int64_t *seqs = t->seqs.items;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < t->seqs.length && !status; i++)
        if (i == 0 || seqs[i] != seqs[i - 1])
            status = pct_ledger_each_event(t->x->service->reader, seqs[i], seqs[i] + 1, write_row, t, error);
    return status;
}

pct_status pct_resource_timeline(pct_exchange *x, pct_error *error) {
    timeline t = {.x = x,
                  .plain = pct_buffer_init(PCT_EVENT_BYTES_MAX),
                  .json = pct_json_writer_init(&x->reply),
                  .objects = pct_vector_init(sizeof(pct_id), ROWS_MAX),
                  .seqs = pct_vector_init(sizeof(int64_t), ROWS_MAX)};
    pct_id object = pct_exchange_id(x, x->endpoint->path_fields[0].name);
    pct_json_begin_object(&t.json);
    pct_json_key(&t.json, "items");
    pct_json_begin_array(&t.json);
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status = gather(&t, object, error);
    if (!status) status = write_rows(&t, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    pct_json_end_array(&t.json);
    pct_json_end_object(&t.json);
    if (!status && t.seqs.length == 0)
        status = PCT_FAIL(error, PCT_NOT_FOUND,
                          object.kind == 'L' ? PCT_MSG_BOARD_NO_CLOSURE : PCT_MSG_TIMELINE_NONE,
                          pct_int(object.seq));
    pct_vector_dispose(&t.seqs);
    pct_vector_dispose(&t.objects);
    pct_buffer_dispose(&t.plain);
    return status;
}
