/* The log as those see it who watch over the desk: the newest tree head that was given out, which witnesses have cosigned it or one shortly
 * before, and what verification beside the desk has last said. It is the desk's own word: whoever does not take that asks a witness, or
 * verify-log.html. The log's secret key is not read for it. O(heads) names of files, and at most HEADS_MAX of them are opened. */
#include <stdio.h>

#include "api_handlers.h"
#include "base/base64.h"
#include "ledger/read.h"
#include "resource/exchange.h"
#include "site/heads.h"

enum { HEADS_MAX = 32, WHY_MAX = 4096 };

typedef struct seen {
    const pct_crypto *crypto;
    pct_note_key keys[PCT_WITNESSES_MAX];
    int64_t sizes[PCT_WITNESSES_MAX],
        times_s[PCT_WITNESSES_MAX]; /* of the newest head that each has cosigned; 0: none of these */
    size_t witnesses, looked_at;
    pct_head newest; /* its note is empty: none was given out */
} seen;

static pct_text view(const pct_buffer *buffer) {
    return (pct_text){buffer->bytes ? (const char *)buffer->bytes : "", buffer->length};
}

/* A cosignature that is false counts as none. */
static void look_for_witnesses(seen *s, const pct_head *head) {
    for (size_t i = 0; i < s->witnesses; i++) {
        pct_error why;
        pct_text text;
        int64_t time_s = 0;
        if (s->sizes[i] || pct_note_verify(s->crypto, view(&head->note), &s->keys[i], &text, &time_s, &why))
            continue;
        s->sizes[i] = (int64_t)head->size;
        s->times_s[i] = time_s;
    }
}

static pct_status see_head(void *context, const pct_head *head, pct_error *error) {
    seen *s = context;
    if (s->looked_at++ == 0) {
        s->newest.size = head->size;
        (void)pct_buffer_append(&s->newest.note, head->note.bytes, head->note.length);
        pct_status status = pct_buffer_status(&s->newest.note, error);
        if (status) return status;
    }
    look_for_witnesses(s, head);
    return s->looked_at < HEADS_MAX ? PCT_NOT_FOUND : PCT_OK;
}

static pct_status look(const char *site, seen *s, pct_buffer *names, pct_checkpoint *newest,
                       pct_error *error) {
    pct_status status = pct_crypto_sodium(&s->crypto, error);
    if (!status) status = pct_witnesses_read(site, s->crypto, names, s->keys, &s->witnesses, error);
    if (status) s->witnesses = 0;
    if (status) return status;
    status = pct_heads_each(site, see_head, s, error);
    if (status == PCT_NOT_FOUND) status = PCT_OK;
    if (!status && s->newest.note.length) status = pct_checkpoint_peek(view(&s->newest.note), newest, error);
    return status;
}

/* --- the reply ---------------------------------------------------------------------------------------------------- */

static pct_status take_time(void *context, const pct_event *event, pct_error *error) {
    int64_t *at_ms = context;
    (void)error;
    *at_ms = event->recorded_at_ms;
    return PCT_OK;
}

/* When its last event was recorded; 0: the log does not reach so far. */
static pct_status time_of(pct_exchange *x, uint64_t size, int64_t *out, pct_error *error) {
    *out = 0;
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status =
        pct_ledger_each_event(x->service->reader, (int64_t)size, (int64_t)size + 1, take_time, out, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    return status;
}

static void write_head(pct_exchange *x, pct_json_writer *json, const seen *s, const pct_checkpoint *head,
                       int64_t at_ms) {
    pct_buffer root = pct_buffer_init(64);
    (void)pct_base64_append(&root, PCT_BASE64_STANDARD, head->head.root.bytes, PCT_HASH_BYTES);
    pct_json_begin_object(json);
    pct_json_text_member(json, "origin", head->origin);
    pct_json_key(json, "size");
    pct_json_integer(json, (int64_t)head->head.size);
    pct_json_text_member(json, "root", view(&root));
    pct_json_time_member(json, "up_to", at_ms, &x->service->site->zone);
    pct_json_text_member(json, "note", view(&s->newest.note));
    pct_json_end_object(json);
    pct_buffer_dispose(&root);
}

static void write_witnesses(pct_exchange *x, pct_json_writer *json, const seen *s) {
    pct_json_begin_array(json);
    for (size_t i = 0; i < s->witnesses; i++) {
        pct_json_begin_object(json);
        pct_json_text_member(json, "name", s->keys[i].name);
        pct_json_key(json, "size");
        if (s->sizes[i])
            pct_json_integer(json, s->sizes[i]);
        else
            pct_json_null(json);
        pct_json_time_member(json, "at", s->times_s[i] * 1000, &x->service->site->zone);
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

static void write_why(pct_exchange *x, pct_json_writer *json, const char *key, const pct_error *why) {
    pct_buffer text = pct_buffer_init(WHY_MAX);
    if (why) (void)pct_error_render(why, x->language, &text);
    pct_json_text_member(json, key, view(&text));
    pct_buffer_dispose(&text);
}

static void write_verification(pct_exchange *x, pct_json_writer *json) {
    static const char *const names[] = {[PCT_WATCH_RUNNING] = "running",
                                        [PCT_WATCH_SOUND] = "sound",
                                        [PCT_WATCH_BAD] = "damaged",
                                        [PCT_WATCH_FAILED] = "unreadable"};
    const pct_watch_view log = pct_watch_look(x->service->watch);
    pct_json_begin_object(json);
    pct_json_text_member(json, "state", pct_text_of(names[log.state]));
    pct_json_key(json, "verified");
    pct_json_integer(json, log.verified);
    pct_json_key(json, "events");
    pct_json_integer(json, log.events);
    pct_json_key(json, "first_bad");
    if (log.first_bad)
        pct_json_integer(json, log.first_bad);
    else
        pct_json_null(json);
    write_why(x, json, "why", log.state == PCT_WATCH_BAD || log.state == PCT_WATCH_FAILED ? &log.why : NULL);
    pct_json_end_object(json);
}

static int64_t events_of(const pct_service *service) {
    const pct_snapshot *snapshot = pct_desk_snapshot(service->desk);
    int64_t events = pct_snapshot_seq(snapshot);
    pct_snapshot_release(snapshot);
    return events;
}

/* Heads or witnesses that cannot be read are told, and the rest is shown. */
pct_status pct_resource_oversight_log(pct_exchange *x, pct_error *error) {
    seen s = {.newest = {.note = pct_buffer_init(PCT_NOTE_BYTES_MAX)}};
    pct_buffer names = pct_buffer_init(PCT_NOTE_BYTES_MAX);
    pct_checkpoint newest = {0};
    pct_error why;
    int64_t at_ms = 0;
    pct_status found = look(x->service->site->folder, &s, &names, &newest, &why);
    bool has = !found && s.newest.note.length > 0;
    pct_status status = has ? time_of(x, newest.head.size, &at_ms, error) : PCT_OK;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "events");
    pct_json_integer(&json, events_of(x->service));
    pct_json_key(&json, "head");
    if (has)
        write_head(x, &json, &s, &newest, at_ms);
    else
        pct_json_null(&json);
    pct_json_key(&json, "witnesses");
    write_witnesses(x, &json, &s);
    write_why(x, &json, "problem", found ? &why : NULL);
    pct_json_key(&json, "verification");
    write_verification(x, &json);
    pct_json_end_object(&json);
    pct_buffer_dispose(&s.newest.note);
    pct_buffer_dispose(&names);
    return status ? status : pct_buffer_status(&x->reply, error);
}
