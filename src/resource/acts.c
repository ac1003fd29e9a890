/* Acts of two persons, and glass broken in an emergency (access/acts.h): asking, deciding, running; reviewing.
 *
 *     ask ─► act_requested ─► another approves ─► act_approved ─► it runs once ─► act_used
 *                                                                 at approval: erase, grant
 *                                                                 when who asked comes: look (resource/looks.c), track
 *
 * Each step is held, checked, and committed before the next; nothing else of the same request comes in between. A thread of
 * the server waits for these commits: people ask for such acts a few times a day. */
#include <string.h>

#include "base/text.h"
#include "clock/time.h"
#include "desk/retention.h"
#include "resource/acts.h"
#include "resource/board_json.h"
#include "resource/rights_change.h"
#include "resource/submit.h"

enum { SHOWN_MAX = 1000, TRACK_POINTS_MAX = 100000 };
#define TRACK_SPAN_MAX_MS (INT64_C(24) * 3600000)

/* --- one event ---------------------------------------------------------------------------------------------------- */

static pct_event_type type_of(pct_command_kind kind) {
    switch (kind) {
    case PCT_COMMAND_REQUEST_ACT: return PCT_EVENT_ACT_REQUESTED;
    case PCT_COMMAND_APPROVE_ACT: return PCT_EVENT_ACT_APPROVED;
    case PCT_COMMAND_REFUSE_ACT: return PCT_EVENT_ACT_REFUSED;
    case PCT_COMMAND_USE_ACT: return PCT_EVENT_ACT_USED;
    case PCT_COMMAND_BREAK_GLASS: return PCT_EVENT_BREAK_GLASS_OPENED;
    default: return PCT_EVENT_BREAK_GLASS_REVIEWED;
    }
}

/* Commits the event and follows it; *reply says what came of it. With the exchange's key where it has one of its own. */
static pct_status commit(pct_exchange *x, const pct_command *command, bool with_key, pct_desk_reply *reply,
                         pct_error *error) {
    pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                .command = *command,
                                .account = pct_text_of(x->identity.account),
                                .purpose = pct_text_trim(pct_exchange_text(x, "reason")),
                                .key = with_key ? x->idempotency_key : (pct_text){0},
                                .role = x->role};
    if (with_key) pct_resource_digest(x, request.body);
    pct_status status = pct_desk_submit_and_wait(x->service->desk, &request, reply, error);
    if (status || reply->repeated) return status;
    const pct_event event = {.seq = reply->last_seq,
                             .recorded_at_ms = x->now_ms,
                             .actor = request.account,
                             .purpose = request.purpose,
                             .object = reply->object,
                             .role = x->role,
                             .type = type_of(command->kind),
                             .data = command->data};
    return pct_acts_follow(x->service->acts, &event, error);
}

static void write_taken(pct_exchange *x, const pct_desk_reply *reply) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_buffer_clear(&x->reply);
    pct_json_begin_object(&json);
    pct_json_id_member(&json, "id", reply->object);
    pct_json_key(&json, "seq");
    pct_json_integer(&json, reply->last_seq);
    pct_json_end_object(&json);
}

static pct_status refuse_roles(pct_exchange *x, pct_act act, pct_role_set roles, pct_error *error) {
    pct_buffer text = pct_buffer_init(PCT_ROLES_TEXT_MAX);
    pct_roles_write(roles, &text);
    x->status_code = 403;
    pct_status status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_REQUEST_ROLES, pct_str(pct_act_names[act]),
                                 pct_str(pct_buffer_chars(&text)));
    pct_buffer_dispose(&text);
    return status;
}

static pct_status in_field(pct_exchange *x, const char *field, pct_status status) {
    if (status && strlen(field) < sizeof x->field) memcpy(x->field, field, strlen(field) + 1);
    return status;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static pct_erased_class class_named(pct_text name) {
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT; c++)
        if (pct_text_equal(name, pct_erased_class_names[c])) return (pct_erased_class)c;
    return PCT_ERASED_CLASS_NONE;
}

static pct_status check_subject(pct_exchange *x, const pct_act_row *row, pct_text subject, pct_error *error) {
    pct_id id;
    bool is_id = pct_id_read(subject, &id);
    if (row->of_class) {
        if (class_named(subject)) return PCT_OK;
        return in_field(x, "subject",
                        PCT_FAIL(error, PCT_INPUT, PCT_MSG_REQUEST_SUBJECT, pct_phrase(PCT_MSG_REQUEST_CLASS),
                                 pct_view(subject)));
    }
    if (row->kinds ? is_id && strchr(row->kinds, id.kind) : !is_id && subject.length > 0) return PCT_OK;
    return in_field(x, "subject",
                    PCT_FAIL(error, PCT_INPUT, PCT_MSG_REQUEST_SUBJECT,
                             pct_phrase(row->kinds ? PCT_MSG_REQUEST_OBJECT_ID : PCT_MSG_REQUEST_ACCOUNT),
                             pct_view(subject)));
}

static pct_act act_named(pct_text name) {
    int act = 1;
    while (act < PCT_ACT_COUNT - 1 && !pct_text_equal(name, pct_act_names[act])) act++;
    return (pct_act)act;
}

static bool read_time(const pct_exchange *x, const char *name, int64_t *out) {
    pct_text text = pct_exchange_text(x, name);
    return text.chars && pct_zone_parse(&x->service->site->zone, text, out, NULL);
}

static pct_status read_span(pct_exchange *x, pct_event_act_requested *data, pct_error *error) {
    if (data->act != PCT_ACT_REPLAY_TRACK) return PCT_OK;
    data->has_from = read_time(x, "from", &data->from);
    data->has_until = read_time(x, "until", &data->until);
    bool good = data->has_from && data->has_until && data->from < data->until &&
                data->until - data->from <= TRACK_SPAN_MAX_MS && data->until <= x->now_ms;
    return good ? PCT_OK : in_field(x, "from", pct_error_set(error, PCT_INPUT, PCT_MSG_TRACK_SPAN, NULL, 0));
}

/* That a longer period states its ground is checked when it is asked for, so that nobody approves what cannot be done. */
static pct_status read_days(pct_exchange *x, pct_event_act_requested *data, pct_error *error) {
    int64_t allowed[PCT_ERASED_CLASS_COUNT];
    if (data->act != PCT_ACT_SET_RETENTION) return PCT_OK;
    const json_t *given = json_object_get(x->body, "days");
    if (!given) return in_field(x, "days", pct_error_set(error, PCT_INPUT, PCT_MSG_REQUEST_DAYS, NULL, 0));
    data->has_days = true;
    data->days = (int32_t)json_integer_value(given);
    data->class = class_named(data->subject);
    const pct_text ground = pct_text_trim(pct_exchange_text(x, "reason"));
    pct_status status = pct_desk_retention_days(x->service->desk, allowed, error);
    if (status || data->days <= allowed[data->class] || ground.length >= PCT_RETENTION_GROUND_MIN)
        return status;
    return in_field(x, "reason",
                    PCT_FAIL(error, PCT_REFUSED, PCT_MSG_DESK_RETENTION_GROUND, pct_view(data->subject),
                             pct_int(allowed[data->class]), pct_int(data->days),
                             pct_int(PCT_RETENTION_GROUND_MIN)));
}

static pct_status read_grant(pct_exchange *x, pct_event_act_requested *data, pct_error *error) {
    pct_event_account_entitled entitled = {0};
    if (data->act != PCT_ACT_GRANT_ADMIN) return PCT_OK;
    pct_status status = pct_resource_read_entitling(x, &entitled, error);
    data->areas = entitled.areas;
    data->roles_count = entitled.roles_count;
    memcpy(data->roles, entitled.roles, sizeof data->roles);
    return status;
}

pct_status pct_resource_act_request(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_REQUEST_ACT};
    pct_event_act_requested *data = &command.data.act_requested;
    data->act = act_named(pct_exchange_text(x, "act"));
    data->subject = pct_exchange_text(x, "subject");
    data->for_case = pct_text_trim(pct_exchange_text(x, "for_case"));
    const pct_act_row *row = &pct_act_rows[data->act];
    pct_desk_reply reply;
    x->role = pct_access_role_for(x->identity.roles, row->ask);
    if (x->role == PCT_ROLE_NONE) return refuse_roles(x, data->act, row->ask, error);
    pct_status status = check_subject(x, row, data->subject, error);
    if (!status && row->for_case && data->for_case.length == 0)
        status =
            in_field(x, "for_case",
                     PCT_FAIL(error, PCT_INPUT, PCT_MSG_REQUEST_FOR_CASE, pct_str(pct_act_names[data->act])));
    if (!status) status = read_span(x, data, error);
    if (!status) status = read_grant(x, data, error);
    if (!status) status = read_days(x, data, error);
    if (!status) status = commit(x, &command, true, &reply, error);
    if (!status) write_taken(x, &reply);
    return status;
}

pct_status pct_act_ask(pct_service *service, const pct_act_asking *asking, pct_id *made, pct_error *error) {
    pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                .command = {.kind = PCT_COMMAND_REQUEST_ACT},
                                .account = asking->actor,
                                .purpose = asking->purpose,
                                .role = asking->role};
    pct_event_act_requested *data = &request.command.data.act_requested;
    pct_desk_reply reply;
    data->act = asking->act;
    data->class = asking->class;
    data->subject = data->for_case = asking->subject;
    pct_status status = pct_desk_submit_and_wait(service->desk, &request, &reply, error);
    if (status) return status;
    const pct_event event = {.seq = reply.last_seq,
                             .recorded_at_ms = pct_service_now_ms(service),
                             .actor = request.account,
                             .purpose = request.purpose,
                             .object = reply.object,
                             .role = request.role,
                             .type = PCT_EVENT_ACT_REQUESTED,
                             .data = request.command.data};
    *made = reply.object;
    return pct_acts_follow(service->acts, &event, error);
}

/* --- deciding ----------------------------------------------------------------------------------------------------- */

/* Never who asked, never who gains by it, never a second account of either. */
static pct_status check_other_person(const pct_exchange *x, const pct_request *r, pct_error *error) {
    bool same = false, gains = false;
    pct_text me = pct_text_of(x->identity.account);
    pct_status status = pct_accounts_same_person(x->service->accounts, me, r->actor, &same, error);
    if (!status && !pct_act_rows[r->act].kinds && !pct_act_rows[r->act].of_class)
        status = pct_accounts_same_person(x->service->accounts, me, r->subject, &gains, error);
    if (status || !(same || gains)) return status;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_REQUEST_SAME_PERSON, pct_view(me));
}

static pct_status run_erase(pct_exchange *x, const pct_request *r, pct_error *error) {
    pct_erasure erasure = {.account = r->actor, .purpose = r->purpose, .role = r->role, .class = r->class};
    int64_t keys;
    if (PCT_NEVER(!pct_id_read(r->subject, &erasure.object))) return PCT_INTERNAL;
    return pct_desk_erase(x->service->desk, &erasure, &keys, error);
}

static pct_status run_grant(pct_exchange *x, const pct_request *r, pct_error *error) {
    pct_rights_change change = {.command = {.kind = PCT_COMMAND_ENTITLE_ACCOUNT},
                                .actor = r->actor,
                                .purpose = r->purpose,
                                .role = r->role,
                                .cause = r->id.seq,
                                .two_persons = true};
    pct_event_account_entitled *data = &change.command.data.account_entitled;
    data->name = r->subject;
    data->areas = r->areas;
    data->roles_count = pct_roles_as_codes(r->roles, data->roles);
    data->request = r->id;
    return pct_rights_change_and_wait(x->service, &change, NULL, error);
}

/* Shorter or longer: who asked changes it, who approved stands beside. */
static pct_status run_retention(pct_exchange *x, const pct_request *r, pct_error *error) {
    int64_t seq;
    const pct_retention_change change = {.class = r->class,
                                         .days = r->days,
                                         .ground = r->purpose,
                                         .account = r->actor,
                                         .approved_by = pct_text_of(x->identity.account),
                                         .role = r->role};
    return pct_desk_set_retention(x->service->desk, &change, &seq, error);
}

/* What was approved runs, and only then counts as used: what failed may be asked for again. */
static pct_status run_approved(pct_exchange *x, const pct_request *r, pct_error *error) {
    pct_status status = r->act == PCT_ACT_GRANT_ADMIN     ? run_grant(x, r, error)
                        : r->act == PCT_ACT_SET_RETENTION ? run_retention(x, r, error)
                                                          : run_erase(x, r, error);
    return status ? status : pct_act_use(x, r, error);
}

static pct_status decide(pct_exchange *x, pct_command_kind kind, pct_error *error) {
    pct_command command = {.kind = kind, .object = pct_exchange_id(x, "request")};
    pct_request_id id = {command.object.seq};
    pct_request r;
    pct_desk_reply reply = {0};
    bool approves = kind == PCT_COMMAND_APPROVE_ACT;
    pct_status status = pct_acts_hold(x->service->acts, id, PCT_REQUEST_WAITING, x->now_ms, &r, error);
    if (status) return status;
    const pct_act_row *row = &pct_act_rows[r.act];
    bool own = pct_text_equal(r.actor, x->identity.account);
    pct_role_set may = approves || !own ? row->approve : row->ask;
    x->role = pct_access_role_for(x->identity.roles, may);
    if (approves || !own) status = check_other_person(x, &r, error);
    if (!status && x->role == PCT_ROLE_NONE) status = refuse_roles(x, r.act, may, error);
    if (!status) status = commit(x, &command, true, &reply, error);
    if (!status && approves && row->at_approval && !reply.repeated) status = run_approved(x, &r, error);
    if (!status) write_taken(x, &reply);
    pct_acts_let_go(x->service->acts, id);
    return status;
}

pct_status pct_resource_act_approve(pct_exchange *x, pct_error *error) {
    return decide(x, PCT_COMMAND_APPROVE_ACT, error);
}

pct_status pct_resource_act_refuse(pct_exchange *x, pct_error *error) {
    return decide(x, PCT_COMMAND_REFUSE_ACT, error);
}

pct_status pct_act_use(pct_exchange *x, const pct_request *r, pct_error *error) {
    const pct_command command = {.kind = PCT_COMMAND_USE_ACT, .object = {.kind = 'Q', .seq = r->id.seq}};
    pct_desk_reply reply;
    return commit(x, &command, false, &reply, error);
}

/* --- a past track ------------------------------------------------------------------------------------------------- */

typedef struct track {
    const pct_zone *zone;
    pct_json_writer json;
    bool thinned; /* what is written now */
    int count;
} track;

static bool write_point(void *context, const pct_track_point *p) {
    track *t = context;
    pct_json_begin_object(&t->json);
    pct_json_position_member(&t->json, "position", true, p->position);
    pct_json_time_member(&t->json, "at", p->at_ms, t->zone);
    pct_json_key(&t->json, "thinned");
    pct_json_bool(&t->json, t->thinned);
    pct_json_end_object(&t->json);
    return ++t->count < TRACK_POINTS_MAX;
}

static pct_status tell_track(pct_exchange *x, const pct_request *r, pct_error *error) {
    track t = {.zone = &x->service->site->zone, .json = pct_json_writer_init(&x->reply)};
    pct_id unit;
    if (PCT_NEVER(!pct_id_read(r->subject, &unit))) return PCT_INTERNAL;
    pct_json_begin_object(&t.json);
    pct_json_id_member(&t.json, "request", (pct_id){.kind = 'Q', .seq = r->id.seq});
    pct_json_key(&t.json, "unit");
    pct_json_text(&t.json, r->subject);
    pct_json_key(&t.json, "points");
    pct_json_begin_array(&t.json);
    t.thinned = true;
    pct_status status = pct_tracks_read_thinned(x->service->tracks, unit.seq, r->from_ms, r->until_ms,
                                                write_point, &t, error);
    t.thinned = false;
    if (!status && t.count < TRACK_POINTS_MAX)
        status =
            pct_tracks_read(x->service->tracks, unit.seq, r->from_ms, r->until_ms, write_point, &t, error);
    pct_json_end_array(&t.json);
    pct_json_key(&t.json, "thinned_every_s");
    pct_json_integer(&t.json, PCT_TRACK_THINNED_MS / 1000);
    pct_json_key(&t.json, "thinned_within_m");
    pct_json_integer(&t.json, PCT_TRACK_THINNED_M);
    pct_json_time_member(&t.json, "raw_from", x->now_ms - PCT_TRACK_DAYS * PCT_DAY_MS, t.zone);
    pct_json_time_member(&t.json, "kept_from",
                         x->now_ms - (PCT_TRACK_DAYS + PCT_TRACK_THINNED_DAYS) * PCT_DAY_MS, t.zone);
    pct_json_end_object(&t.json);
    return status ? status : pct_buffer_status(&x->reply, error);
}

/* To nobody but who asked; the use is on record before a point leaves. */
pct_status pct_resource_request_track(pct_exchange *x, pct_error *error) {
    pct_request_id id = {pct_exchange_id(x, "request").seq};
    pct_request r;
    pct_status status = pct_acts_hold(x->service->acts, id, PCT_REQUEST_APPROVED, x->now_ms, &r, error);
    if (status) return status;
    if (!pct_text_equal(r.actor, x->identity.account) || r.act != PCT_ACT_REPLAY_TRACK)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_REQUEST_UNKNOWN, pct_int(id.seq));
    if (!status) status = pct_act_use(x, &r, error);
    if (!status) status = tell_track(x, &r, error);
    pct_acts_let_go(x->service->acts, id);
    return status;
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

typedef struct listing {
    const pct_exchange *x;
    pct_json_writer json;
    bool whole, unreviewed;
    int count;
} listing;

static bool shows(const listing *l, pct_text actor) {
    return l->whole || pct_text_equal(actor, l->x->identity.account);
}

static void write_request(listing *l, const pct_request *r, const char *status) {
    const pct_zone *zone = &l->x->service->site->zone;
    pct_json_writer *json = &l->json;
    bool decided = r->decided_at_ms != 0;
    int64_t lapses_ms = decided ? r->decided_at_ms + pct_act_rows[r->act].use_ms
                                : r->asked_at_ms + pct_act_rows[r->act].decide_ms;
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", (pct_id){.kind = 'Q', .seq = r->id.seq});
    pct_json_key(json, "act");
    pct_json_string(json, pct_act_names[r->act]);
    pct_json_key(json, "status");
    pct_json_string(json, status);
    pct_json_key(json, "subject");
    pct_json_text(json, r->subject);
    pct_json_text_member(json, "for_case", r->for_case);
    pct_json_key(json, "reason");
    pct_json_text(json, r->purpose);
    pct_json_key(json, "asked_by");
    pct_json_text(json, r->actor);
    pct_json_time_member(json, "asked_at", r->asked_at_ms, zone);
    pct_json_text_member(json, "decided_by", r->decided_by);
    pct_json_time_member(json, "decided_at", r->decided_at_ms, zone);
    pct_json_key(json, "roles");
    pct_json_begin_array(json);
    for (int role = PCT_ROLE_NONE + 1; role < PCT_ROLE_COUNT; role++)
        if (r->roles >> role & 1) pct_json_string(json, pct_role_names[role]);
    pct_json_end_array(json);
    pct_json_key(json, "days");
    if (r->days)
        pct_json_integer(json, r->days);
    else
        pct_json_null(json);
    pct_json_time_member(json, "lapses_at", lapses_ms, zone);
    pct_json_key(json, "mine");
    pct_json_bool(json, pct_text_equal(r->actor, l->x->identity.account));
    pct_json_end_object(json);
}

static bool list_request(void *context, const pct_request *r) {
    listing *l = context;
    const char *status = pct_request_status_names[pct_request_status_at(r, l->x->now_ms)];
    pct_text wanted = pct_exchange_query(l->x, "status");
    if (!shows(l, r->actor) || (wanted.chars && !pct_text_equal(wanted, status))) return true;
    write_request(l, r, status);
    return ++l->count < SHOWN_MAX;
}

static listing begin_list(pct_exchange *x) {
    listing l = {.x = x, .json = pct_json_writer_init(&x->reply)};
    l.whole = pct_access_whole_role(&x->identity, x->endpoint->scopes) != PCT_ROLE_NONE;
    l.unreviewed = pct_exchange_query_flag(x, "unreviewed");
    pct_json_begin_object(&l.json);
    pct_json_key(&l.json, "items");
    pct_json_begin_array(&l.json);
    return l;
}

pct_status pct_resource_requests_list(pct_exchange *x, pct_error *error) {
    listing l = begin_list(x);
    pct_acts_each_request(x->service->acts, list_request, &l);
    pct_json_end_array(&l.json);
    pct_json_end_object(&l.json);
    return pct_buffer_status(&x->reply, error);
}

static bool list_glass(void *context, const pct_glass *g) {
    listing *l = context;
    pct_json_writer *json = &l->json;
    char subject[PCT_ID_TEXT];
    if (!shows(l, g->actor) || (l->unreviewed && g->verdict != PCT_VERDICT_NONE)) return true;
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", (pct_id){.kind = 'B', .seq = g->id.seq});
    pct_json_key(json, "subject");
    pct_json_text(json, (pct_text){subject, pct_id_write(g->subject, subject)});
    pct_json_key(json, "by");
    pct_json_text(json, g->actor);
    pct_json_key(json, "role");
    pct_json_string(json, pct_role_names[g->role]);
    pct_json_key(json, "reason");
    pct_json_text(json, g->purpose);
    pct_json_time_member(json, "at", g->opened_at_ms, &l->x->service->site->zone);
    pct_json_text_member(json, "verdict", pct_text_of(pct_verdict_names[g->verdict]));
    pct_json_text_member(json, "reviewed_by", g->reviewed_by);
    pct_json_key(json, "mine");
    pct_json_bool(json, pct_text_equal(g->actor, l->x->identity.account));
    pct_json_end_object(json);
    return ++l->count < SHOWN_MAX;
}

pct_status pct_resource_glass_list(pct_exchange *x, pct_error *error) {
    int64_t waiting, unreviewed;
    listing l = begin_list(x);
    pct_acts_each_glass(x->service->acts, list_glass, &l);
    pct_json_end_array(&l.json);
    pct_acts_count(x->service->acts, x->now_ms, &waiting, &unreviewed);
    pct_json_key(&l.json, "unreviewed");
    pct_json_integer(&l.json, unreviewed);
    pct_json_end_object(&l.json);
    return pct_buffer_status(&x->reply, error);
}

/* --- glass -------------------------------------------------------------------------------------------------------- */

pct_status pct_resource_glass_break(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_BREAK_GLASS};
    const pct_act_row any = {.kinds = "CIOU"};
    pct_desk_reply reply;
    command.data.break_glass_opened.subject = pct_exchange_text(x, "subject");
    pct_status status = check_subject(x, &any, command.data.break_glass_opened.subject, error);
    if (!status) status = commit(x, &command, true, &reply, error);
    if (!status) write_taken(x, &reply);
    return status;
}

/* Another person, in a role other than the one that it was done in; once. */
static pct_status check_reviewer(pct_exchange *x, const pct_glass *g, pct_error *error) {
    bool same = false;
    pct_text me = pct_text_of(x->identity.account);
    x->role = pct_access_role_for(x->identity.roles, x->endpoint->rights & ~((pct_role_set)1 << g->role));
    if (g->verdict != PCT_VERDICT_NONE)
        return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_GLASS_REVIEWED, pct_int(g->id.seq),
                        pct_view(g->reviewed_by));
    pct_status status = pct_accounts_same_person(x->service->accounts, me, g->actor, &same, error);
    if (status || !(same || x->role == PCT_ROLE_NONE)) return status;
    return PCT_FAIL(error, PCT_REFUSED, PCT_MSG_GLASS_REVIEWER, pct_view(me));
}

pct_status pct_resource_glass_review(pct_exchange *x, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_REVIEW_GLASS, .object = pct_exchange_id(x, "glass")};
    pct_text verdict = pct_exchange_text(x, "verdict");
    pct_glass g;
    pct_desk_reply reply;
    if (!pct_acts_glass(x->service->acts, (pct_break_glass_id){command.object.seq}, &g))
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_GLASS_UNKNOWN, pct_int(command.object.seq));
    command.data.break_glass_reviewed.verdict =
        pct_text_equal(verdict, pct_verdict_names[PCT_VERDICT_JUSTIFIED]) ? PCT_VERDICT_JUSTIFIED
                                                                          : PCT_VERDICT_UNJUSTIFIED;
    pct_status status = check_reviewer(x, &g, error);
    if (!status) status = commit(x, &command, true, &reply, error);
    if (!status) write_taken(x, &reply);
    return status;
}
