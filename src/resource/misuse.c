/* Flags of the misuse watch, for the audit administrator alone: listing, opening, reviewing. Each is on record before anything
 * is shown; the record names a flag by a hash whose key is destroyed with it (site/watch_key.h). Nobody opens or reviews what
 * is about an account of their own. */
#include "desk/misuse.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "resource/board_json.h"
#include "resource/misuse_json.h"
#include "resource/submit.h"

enum { SHOWN_MAX = 1000, SLICES_MAX = 40 };

static pct_status catch_up(pct_exchange *x, bool *complete, pct_error *error) {
    if (x->service->misuse) return pct_misuse_catch_up(x->service->misuse, SLICES_MAX, complete, error);
    x->status_code = 503;
    return pct_error_set(error, PCT_UNREACHABLE, PCT_MSG_MISUSE_NOT_RUNNING, NULL, 0);
}

static pct_status commit(pct_exchange *x, const pct_command *command, bool with_key, pct_desk_reply *reply,
                         pct_error *error) {
    pct_desk_request request = {.lane = PCT_LANE_LOOKUPS,
                                .command = *command,
                                .account = pct_text_of(x->identity.account),
                                .purpose = pct_text_trim(pct_exchange_text(x, "purpose")),
                                .key = with_key ? x->idempotency_key : (pct_text){0},
                                .role = x->role};
    if (with_key) pct_resource_digest(x, request.body);
    return pct_desk_submit_and_wait(x->service->desk, &request, reply, error);
}

/* --- listing ------------------------------------------------------------------------------------------------------ */

typedef struct listing {
    const pct_exchange *x;
    pct_json_writer json;
    pct_text state;
    int64_t open, count;
} listing;

void pct_misuse_flag_write(const pct_misuse_flag *f, const pct_zone *zone, pct_json_writer *json) {
    char subject[PCT_ID_TEXT];
    size_t length = f->flag.subject.seq ? pct_id_write(f->flag.subject, subject) : 0;
    pct_json_begin_object(json);
    pct_json_text_member(json, "id", pct_text_of(f->id));
    pct_json_text_member(json, "pattern", pct_text_of(pct_audit_pattern_names[f->flag.pattern]));
    pct_json_text_member(json, "state", pct_text_of(f->result ? "reviewed" : "open"));
    pct_json_text_member(json, "actor", pct_text_of(f->actor));
    pct_json_text_member(json, "role", pct_text_of(pct_role_names[f->flag.role]));
    pct_json_time_member(json, "first_at", f->flag.first_ms, zone);
    pct_json_time_member(json, "last_at", f->flag.last_ms, zone);
    pct_json_time_member(json, "until", f->until_ms, zone);
    pct_json_key(json, "looks");
    pct_json_integer(json, f->flag.looks);
    pct_json_key(json, "seqs");
    pct_json_begin_array(json);
    for (uint32_t i = 0; i < f->flag.seq_count; i++) pct_json_integer(json, f->flag.seqs[i]);
    pct_json_end_array(json);
    pct_json_text_member(json, "subject", (pct_text){subject, length});
    pct_json_text_member(json, "result", pct_text_of(f->result ? pct_flag_result_names[f->result] : ""));
    pct_json_text_member(json, "reviewed_by", pct_text_of(f->reviewed_by));
    pct_json_time_member(json, "reviewed_at", f->reviewed_at_ms, zone);
    pct_json_end_object(json);
}

static bool list_flag(void *context, const pct_misuse_flag *f) {
    listing *l = context;
    l->open += f->result == PCT_FLAG_RESULT_NONE;
    if (l->state.chars && pct_text_equal(l->state, "open") != (f->result == PCT_FLAG_RESULT_NONE))
        return true;
    if (l->count >= SHOWN_MAX) return true;
    l->count++;
    pct_misuse_flag_write(f, &l->x->service->site->zone, &l->json);
    return true;
}

/* The reply is made first and shown only when the reading is on record: what was read is what is counted. */
pct_status pct_resource_flags_list(pct_exchange *x, pct_error *error) {
    listing l = {x, pct_json_writer_init(&x->reply), pct_exchange_query(x, "state"), 0, 0};
    bool complete = false;
    pct_status status = catch_up(x, &complete, error);
    if (status) return status;
    pct_json_begin_object(&l.json);
    pct_json_key(&l.json, "items");
    pct_json_begin_array(&l.json);
    status = pct_misuse_each(x->service->misuse, list_flag, &l, error);
    pct_json_end_array(&l.json);
    pct_json_key(&l.json, "open");
    pct_json_integer(&l.json, l.open);
    pct_json_key(&l.json, "complete");
    pct_json_bool(&l.json, complete);
    pct_json_end_object(&l.json);
    pct_command command = {.kind = PCT_COMMAND_READ_FLAGS};
    command.data.flags_read.flags = l.count;
    pct_desk_reply reply;
    if (!status) status = pct_buffer_status(&x->reply, error);
    return status ? status : commit(x, &command, false, &reply, error);
}

/* --- opening and reviewing ---------------------------------------------------------------------------------------- */

typedef struct looks {
    const pct_exchange *x;
    pct_json_writer json;
    bool write;
    char account[PCT_EVENT_ACTOR_MAX + 1];
} looks;

pct_id pct_misuse_case_of(const pct_event *e) {
    const pct_event_call_looked *data = &e->data.call_looked; /* the three types have the same two fields */
    if (e->type == PCT_EVENT_ACT_USED) return (pct_id){0};
    if (data->for_incident.seq) return (pct_id){.kind = 'I', .seq = data->for_incident.seq};
    return (pct_id){.kind = 'C', .seq = data->for_call.seq};
}

void pct_misuse_look_write(const pct_event *e, const pct_zone *zone, pct_json_writer *json) {
    char id[PCT_ID_TEXT];
    pct_json_begin_object(json);
    pct_json_key(json, "seq");
    pct_json_integer(json, e->seq);
    pct_json_time_member(json, "at", e->recorded_at_ms, zone);
    pct_json_text_member(json, "record", (pct_text){id, pct_id_write(e->object, id)});
    pct_json_id_member(json, "for_case", pct_misuse_case_of(e));
    pct_json_text_member(json, "purpose", e->purpose);
    pct_json_end_object(json);
}

static pct_status take_look(void *context, const pct_event *e, pct_error *error) {
    looks *l = context;
    (void)error;
    if (e->actor.length < sizeof l->account) {
        memcpy(l->account, e->actor.chars, e->actor.length);
        l->account[e->actor.length] = '\0';
    }
    if (l->write) pct_misuse_look_write(e, &l->x->service->site->zone, &l->json);
    return PCT_OK;
}

/* The flag of the path and whom it is about: another person than who asks. */
static pct_status find(pct_exchange *x, pct_misuse_flag *flag, looks *l, pct_error *error) {
    bool complete = false, same = false;
    *l = (looks){.x = x, .json = pct_json_writer_init(&x->reply)};
    pct_status status = catch_up(x, &complete, error);
    if (!status) status = pct_misuse_find(x->service->misuse, pct_exchange_path(x, "flag"), flag, error);
    if (!status) status = pct_misuse_each_look(x->service->misuse, &flag->flag, take_look, l, error);
    if (!status)
        status = pct_accounts_same_person(x->service->accounts, pct_text_of(x->identity.account),
                                          pct_text_of(l->account), &same, error);
    if (status || !same) return status;
    x->status_code = 403;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_MISUSE_OWN, pct_str(l->account));
}

pct_status pct_resource_flag_open(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_OPEN_FLAG};
    pct_misuse_flag flag;
    pct_desk_reply reply;
    looks l;
    pct_status status = find(x, &flag, &l, error);
    command.data.flag_opened.flag = pct_text_of(flag.id);
    if (!status) status = commit(x, &command, false, &reply, error);
    if (status) return status;
    l.write = true;
    pct_json_begin_object(&l.json);
    pct_json_key(&l.json, "seq");
    pct_json_integer(&l.json, reply.last_seq);
    pct_json_text_member(&l.json, "flag", pct_text_of(flag.id));
    pct_json_text_member(&l.json, "account", pct_text_of(l.account));
    pct_json_key(&l.json, "looks");
    pct_json_begin_array(&l.json);
    status = pct_misuse_each_look(x->service->misuse, &flag.flag, take_look, &l, error);
    pct_json_end_array(&l.json);
    pct_json_end_object(&l.json);
    return status ? status : pct_buffer_status(&x->reply, error);
}

pct_flag_result pct_flag_result_named(pct_text name) {
    for (int result = 1; result < PCT_FLAG_RESULT_COUNT; result++)
        if (pct_text_equal(name, pct_flag_result_names[result])) return (pct_flag_result)result;
    return PCT_FLAG_RESULT_NONE;
}

pct_status pct_resource_flag_review(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_REVIEW_FLAG};
    pct_event_flag_reviewed *data = &command.data.flag_reviewed;
    pct_misuse_flag flag;
    pct_desk_reply reply;
    looks l;
    pct_status status = find(x, &flag, &l, error);
    if (status) return status;
    data->flag = pct_text_of(flag.id);
    data->looks = flag.flag.looks;
    data->result = pct_flag_result_named(pct_exchange_text(x, "result"));
    if (flag.result)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_MISUSE_REVIEWED, pct_str(flag.id),
                        pct_str(flag.reviewed_by));
    status = commit(x, &command, true, &reply, error);
    if (status) return status;
    pct_json_begin_object(&l.json);
    pct_json_id_member(&l.json, "id", reply.object);
    pct_json_key(&l.json, "seq");
    pct_json_integer(&l.json, reply.last_seq);
    pct_json_end_object(&l.json);
    return PCT_OK;
}
