/* Notes of the patrol log. They stand in the log alone, sealed with the key of (round, narrative) that is made with the first of them, and go
 * with it: by `precinct erase`, and by the site's period for narratives. No table has them, nothing searches them. Reading is a
 * look, on disk before a word leaves:
 *
 *     handler ──commit──► round_looked ──job of the writer──► notes opened ──► reply */
#include <stdio.h>

#include "api_handlers.h"
#include "base/text.h"
#include "resource/patrol_rounds.h"

enum { NOTE_CHARACTERS = 500 };

static pct_status in_field(pct_exchange *x, const char *field, pct_status status) {
    (void)snprintf(x->field, sizeof x->field, "%s", field);
    return status;
}

static size_t characters(pct_text text) {
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) count += ((unsigned char)text.chars[i] & 0xC0) != 0x80;
    return count;
}

static pct_status reach(pct_exchange *x, pct_error *error) {
    const pct_life_round *r;
    pct_status status = pct_patrol_reach_log(x, pct_patrol_hold(x->service->patrol), &r, error);
    pct_patrol_let_go(x->service->patrol);
    return status;
}

pct_status pct_resource_patrol_note(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_NOTE_ROUND, .object = pct_exchange_id(x, "round")};
    pct_text note = pct_text_trim(pct_exchange_text(x, "note"));
    size_t found = characters(note);
    pct_status status = reach(x, error);
    if (status) return status;
    if (found == 0 || found > NOTE_CHARACTERS)
        return in_field(x, "note",
                        PCT_FAIL(error, PCT_INPUT, PCT_MSG_LIFE_NOTE_LONG, pct_int(NOTE_CHARACTERS),
                                 pct_int((int64_t)found)));
    command.data.round_noted.note = note;
    return pct_patrol_take(x, &command, (pct_text){0}, error);
}

/* --- looking ------------------------------------------------------------------------------------------------------------------ */

typedef struct looking {
    pct_exchange *x;
    pct_json_writer json;
} looking;

static pct_status write_note(void *context, const pct_event *event, const pct_event_sealing *sealing,
                             pct_error *error) {
    looking *l = context;
    (void)error;
    if (event->type != PCT_EVENT_ROUND_NOTED) return PCT_OK;
    pct_json_begin_object(&l->json);
    pct_json_key(&l->json, "seq");
    pct_json_integer(&l->json, event->seq);
    pct_json_time_member(&l->json, "at", event->occurred_at_ms, &l->x->service->site->zone);
    pct_json_key(&l->json, "erased");
    pct_json_bool(&l->json, (sealing->erased & pct_event_field_bit(event->type, "note")) != 0);
    pct_json_text_member(&l->json, "note", event->data.round_noted.note);
    pct_json_end_object(&l->json);
    return PCT_OK;
}

/* On the writer's thread, which has the keys. */
static pct_status read_notes(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    looking *l = context;
    (void)store, (void)now_ms;
    return pct_desk_each_opened_event(l->x->service->desk, pct_exchange_id(l->x, "round"), write_note, l,
                                      error);
}

/* Each look is an event of its own: no idempotency key makes an old one stand for a new one. */
pct_status pct_resource_patrol_notes_look(pct_exchange *x, pct_error *error) {
    const pct_patrol_act act = {
        .command = {.kind = PCT_COMMAND_LOOK_ROUND, .object = pct_exchange_id(x, "round")},
        .account = pct_text_of(x->identity.account),
        .purpose = pct_text_trim(pct_exchange_text(x, "purpose")),
        .role = x->role};
    pct_desk_reply reply;
    pct_status status = reach(x, error);
    if (!status && act.purpose.length == 0)
        status = in_field(x, "purpose", pct_error_set(error, PCT_INPUT, PCT_MSG_BOARD_NO_PURPOSE, NULL, 0));
    if (!status) status = pct_patrol_commit(x->service->patrol, &act, &reply, error);
    if (status) return status;
    looking l = {x, pct_json_writer_init(&x->reply)};
    pct_json_begin_object(&l.json);
    pct_json_key(&l.json, "seq");
    pct_json_integer(&l.json, reply.last_seq);
    pct_json_key(&l.json, "notes");
    pct_json_begin_array(&l.json);
    status = pct_desk_run_job(x->service->desk, PCT_LANE_LOOKUPS, read_notes, &l, error);
    pct_json_end_array(&l.json);
    pct_json_end_object(&l.json);
    return status ? status : pct_buffer_status(&x->reply, error);
}
