#include "support/service_world.h"

#include <string.h>

#include "base/text.h"
#include "ledger/read.h"
#include "resource/scope.h"
#include "support/clock.h"
#include "support/test.h"

enum { ARENA_BYTES = 4 << 20, SOON_MS = 240000, ROUNDS = 50 };

static const pct_role_set staff = 1u << PCT_ROLE_DISPATCHER | 1u << PCT_ROLE_COMMANDER;

static uint32_t below(service_world *w, uint32_t n) {
    return pct_rng_below(&w->desk.rng, n);
}

static void wrong(service_world *w, const char *what) {
    if (!w->fault) w->fault = what;
}

/* --- opening and closing ------------------------------------------------------------------------------------------- */

static service_world *world_of_wall; /* a clock of the service has no context */

static int64_t wall_ms(void) {
    return world_of_wall->desk.now_ms;
}

void service_world_init(service_world *w, uint64_t seed) {
    memset(w, 0, sizeof *w);
    desk_world_init(&w->desk, seed);
    w->desk.erases = true;
    w->site.zone = pct_zone_utc();
    w->waited_ms = 1000;
    world_of_wall = w;
    test_clock_show(&w->waited_ms);
}

void service_world_dispose(service_world *w) {
    service_world_close(w);
    test_clock_show(NULL);
}

static pct_status open_rest(service_world *w, pct_error *error) {
    pct_service *s = &w->service;
    const pct_intake_options intake = {.desk = w->desk.desk,
                                       .folder = "site",
                                       .vfs = POWER_DISK_VFS,
                                       .keeper = &w->desk.keeper,
                                       .reserve_bytes = SERVICE_RESERVE,
                                       .patience_ms = below(w, 3) ? 0 : -1};
    const pct_store_options reader = {.folder = "site", .vfs = POWER_DISK_VFS, .read_only = true};
    pct_status status = pct_intake_open(&intake, &w->intake, error);
    if (!status) status = pct_acts_new(&s->acts, error);
    if (!status) status = pct_acts_load(s->acts, w->desk.store, error);
    if (!status) status = pct_store_open(&reader, &s->reader, error);
    s->site = &w->site, s->desk = w->desk.desk, s->codes = w->desk.codes, s->wall_ms = wall_ms;
    s->intake = w->intake;
    return status;
}

pct_status service_world_open(service_world *w, pct_error *error) {
    memset(&w->service, 0, sizeof w->service);
    (void)pthread_mutex_init(&w->service.reading, NULL);
    (void)pthread_mutex_init(&w->service.searching, NULL);
    w->is_open = true;
    pct_status status = desk_world_open(&w->desk, error);
    return status ? status : open_rest(w, error);
}

static void end_talk(service_talk *t) {
    if (t->x.lifted_by.id.seq) pct_acts_let_go(t->world->service.acts, t->x.lifted_by.id);
    json_decref(t->x.body);
    pct_buffer_dispose(&t->x.reply);
    pct_arena_dispose(&t->x.arena);
    if (t->ask) t->ask->in_talk = false;
    t->taken = false;
}

void service_world_close(service_world *w) {
    if (!w->is_open) return;
    pct_intake_stop(w->intake);
    pct_desk_close(w->desk.desk);
    w->desk.desk = NULL;
    pct_intake_close(w->intake);
    w->intake = NULL;
    for (size_t i = 0; i < SERVICE_TALKS; i++)
        if (w->talks[i].taken) end_talk(&w->talks[i]);
    pct_acts_free(w->service.acts);
    pct_store_close(w->service.reader);
    desk_world_close(&w->desk);
    (void)pthread_mutex_destroy(&w->service.reading);
    (void)pthread_mutex_destroy(&w->service.searching);
    w->is_open = false;
}

/* --- one request --------------------------------------------------------------------------------------------------- */

static void suspend(pct_exchange *x) {
    x->waiting = true;
}

static void resume(pct_exchange *x) {
    ((service_talk *)(void *)x)->resumed = true;
}

static bool is_told(pct_status status) {
    return status == PCT_REFUSED || status == PCT_INPUT || status == PCT_NOT_FOUND ||
           status == PCT_CHECK_FAILED;
}

/* What the client heard. A failure of the disk is no answer: it asks again. */
static void hear(service_world *w, service_ask *a, pct_exchange *x, pct_status status) {
    bool was_done = a->state == ASK_DONE;
    if (status && was_done && is_told(status))
        wrong(w, "what was acknowledged is refused when it is repeated");
    if (status && a->state == ASK_KEPT && is_told(status)) wrong(w, "a call that was kept is refused");
    if (status) {
        if (is_told(status) && a->state == ASK_OPEN) a->state = ASK_REFUSED;
        return;
    }
    w->answered++;
    if (x->status_code == 202) {
        int64_t receipt = 0;
        const char *at = strstr(pct_buffer_chars(&x->reply), "\"Q");
        if (!at || sscanf(at + 2, "%lld", (long long *)&receipt) != 1) wrong(w, "a receipt without a number");
        /* Another one: it was drained, and asked again when the record could not be asked. */
        if (a->state == ASK_KEPT && receipt < a->receipt) wrong(w, "a receipt was given twice");
        if (was_done) wrong(w, "what stands in the record is told as kept");
        w->kept += !a->was_kept;
        a->state = ASK_KEPT, a->was_kept = true, a->receipt = receipt;
        return;
    }
    if (was_done && (a->object.seq != x->made.seq || a->seq != x->made_seq))
        wrong(w, "the same ask has another answer");
    w->repeated += was_done;
    a->state = ASK_DONE, a->object = x->made, a->seq = x->made_seq;
}

/* A value is shown with its look on the disk, and never what was erased. */
static void hear_look(service_world *w, service_talk *t, pct_status status) {
    const char *reply = pct_buffer_chars(&t->x.reply);
    if (status) return;
    if (w->look_count < SERVICE_LOOKS_MAX)
        w->looks[w->look_count++] = (service_look){t->x.looked_seq, t->looked_at};
    for (size_t i = 0; i < w->ask_count; i++) {
        const service_ask *a = &w->asks[i];
        if (!a->is_call || a->state != ASK_DONE || a->object.seq != t->looked_at) continue;
        bool shown = strstr(reply, a->words) != NULL, says_erased = strstr(reply, "\"erased\":true") != NULL;
        if (a->erased == ERASED && (shown || !says_erased)) wrong(w, "what was erased is shown");
        if (a->erased == ERASED_NOT && (!shown || says_erased)) wrong(w, "the words of a call are lost");
    }
}

static void settle_talk(service_talk *t, pct_status status) {
    service_world *w = t->world;
    if (!status && t->resumed) status = t->x.failed;
    if (!status && t->x.finish) status = t->x.finish(&t->x, &t->x.error);
    if (t->ask)
        hear(w, t->ask, &t->x, status);
    else if (t->looked_at)
        hear_look(w, t, status);
    end_talk(t);
}

static service_talk *take_talk(service_world *w, service_ask *ask) {
    for (size_t i = 0; i < SERVICE_TALKS; i++) {
        service_talk *t = &w->talks[i];
        if (t->taken) continue;
        memset(t, 0, sizeof *t);
        t->world = w, t->ask = ask, t->taken = true;
        t->x = (pct_exchange){.service = &w->service,
                              .now_ms = w->desk.now_ms,
                              .wall_ms = w->desk.now_ms,
                              .arena = pct_arena_init(ARENA_BYTES),
                              .reply = pct_buffer_init(PCT_REPLY_MAX),
                              .suspend = suspend,
                              .resume = resume};
        (void)snprintf(t->x.identity.account, sizeof t->x.identity.account, "li");
        t->x.identity.roles = staff;
        return t;
    }
    return NULL;
}

/* As the server does it, without its connection. */
static pct_status serve(service_talk *t, const char *method, const char *path, const char *key,
                        const char *body) {
    pct_exchange *x = &t->x;
    pct_buffer allowed = pct_buffer_init(64);
    pct_status status =
        pct_endpoint_find(pct_text_of(method), pct_text_of(path), &x->endpoint, x->path_values, &allowed);
    pct_buffer_dispose(&allowed);
    if (status) wrong(t->world, "an endpoint is not there");
    x->idempotency_key = pct_text_of(key);
    if (!status) x->role = pct_access_role_for(x->identity.roles, x->endpoint->rights);
    if (!status && (x->endpoint->body_count > 0 || body[0]))
        status = pct_exchange_parse_body(x, pct_text_of(body), &x->error);
    if (!status) status = pct_exchange_check(x, &x->error);
    if (!status) status = pct_scope_check(x, &x->error);
    return status ? status : x->endpoint->handle(x, &x->error);
}

static void talk(service_talk *t, const char *method, const char *path, const char *key, const char *body) {
    pct_status status = serve(t, method, path, key, body);
    if (status || !t->x.waiting) settle_talk(t, status);
}

static void ask_again(service_world *w, service_ask *a) {
    service_talk *t = a->in_talk ? NULL : take_talk(w, a);
    if (!t) return;
    a->in_talk = true;
    talk(t, "POST", a->path, a->key, a->body);
}

/* --- what clients want ---------------------------------------------------------------------------------------------- */

static int64_t some_seq(service_world *w, const pct_snapshot *s) {
    return (int64_t)below(w, (uint32_t)pct_snapshot_seq(s) + 1);
}

static void want_call(service_world *w, service_ask *a) {
    const size_t number = (size_t)(a - w->asks);
    a->is_call = true;
    (void)snprintf(a->words, sizeof a->words, "canary-%06zu", number);
    (void)snprintf(a->path, sizeof a->path, "/api/v1/calls");
    (void)snprintf(a->body, sizeof a->body,
                   "{\"channel\":\"phone\",\"type\":\"theft\",\"priority\":%u,\"words\":\"canary-%06zu\"}",
                   1 + below(w, 4), number);
}

static void want_incident(service_world *w, const pct_snapshot *s, service_ask *a) {
    const pct_desk_call *c = pct_snapshot_next_call(s, (pct_call_id){some_seq(w, s)});
    if (!c || c->call.incident.seq) return;
    (void)snprintf(a->path, sizeof a->path, "/api/v1/incidents");
    (void)snprintf(a->body, sizeof a->body,
                   "{\"call\":\"C%lld\",\"type\":\"theft\",\"priority\":2,\"gravity\":\"ordinary\"}",
                   (long long)c->call.id.seq);
}

static void want_end(service_world *w, const pct_snapshot *s, service_ask *a) {
    const pct_desk_incident *i = pct_snapshot_next_incident(s, (pct_incident_id){some_seq(w, s)});
    const pct_desk_call *c = pct_snapshot_next_call(s, (pct_call_id){some_seq(w, s)});
    if (i && below(w, 2)) {
        (void)snprintf(a->path, sizeof a->path, "/api/v1/incidents/I%lld/close",
                       (long long)i->incident.id.seq);
        (void)snprintf(a->body, sizeof a->body, "{\"result\":\"handled\",\"note\":\"nothing found\"}");
    } else if (c) {
        (void)snprintf(a->path, sizeof a->path, "/api/v1/calls/C%lld/settle", (long long)c->call.id.seq);
        (void)snprintf(a->body, sizeof a->body, "{\"reason\":\"advice\"}");
    }
}

static void want_order(service_world *w, const pct_snapshot *s, service_ask *a) {
    const pct_desk_incident *i = pct_snapshot_next_incident(s, (pct_incident_id){some_seq(w, s)});
    const pct_desk_unit *u = pct_snapshot_next_unit(s, (pct_unit_id){some_seq(w, s)});
    if (!u) u = pct_snapshot_next_unit(s, (pct_unit_id){0});
    if (!i || !u) return;
    (void)snprintf(a->path, sizeof a->path, "/api/v1/orders");
    (void)snprintf(a->body, sizeof a->body, "{\"incident\":\"I%lld\",\"unit\":\"U%lld\"}",
                   (long long)i->incident.id.seq, (long long)u->unit.id.seq);
}

static void want_order_step(service_world *w, const pct_snapshot *s, service_ask *a) {
    static const char *const next[PCT_ORDER_STATUS_COUNT] = {[PCT_ORDER_SENT] = "acknowledge",
                                                             [PCT_ORDER_ACKNOWLEDGED] = "set_out",
                                                             [PCT_ORDER_SET_OUT] = "arrive",
                                                             [PCT_ORDER_ON_SCENE] = "report",
                                                             [PCT_ORDER_REPORTED] = "close"};
    const pct_desk_order *o = pct_snapshot_next_order(s, (pct_order_id){some_seq(w, s)});
    const char *step = o ? next[o->order.status] : NULL;
    if (!step) return;
    (void)snprintf(a->path, sizeof a->path, "/api/v1/orders/O%lld/%s", (long long)o->order.id.seq, step);
    if (o->order.status == PCT_ORDER_ON_SCENE)
        (void)snprintf(a->body, sizeof a->body, "{\"result\":\"handled\",\"note\":\"all quiet\"}");
}

static void want_unit(service_world *w, const pct_snapshot *s, service_ask *a) {
    const pct_desk_unit *u = pct_snapshot_next_unit(s, (pct_unit_id){some_seq(w, s)});
    if (!u || below(w, 4) == 0) {
        (void)snprintf(a->path, sizeof a->path, "/api/v1/units");
        (void)snprintf(a->body, sizeof a->body, "{\"name\":\"car %zu\",\"kind\":\"car\"}",
                       (size_t)(a - w->asks));
        return;
    }
    bool off = u->unit.status == PCT_UNIT_OFF_DUTY;
    (void)snprintf(a->path, sizeof a->path, "/api/v1/units/U%lld/sign_%s", (long long)u->unit.id.seq,
                   off ? "on" : "off");
    if (off) (void)snprintf(a->body, sizeof a->body, "{\"officers\":2}");
}

static void ask_new(service_world *w, const pct_snapshot *s) {
    if (w->ask_count == SERVICE_ASKS_MAX) return;
    service_ask *a = &w->asks[w->ask_count];
    memset(a, 0, sizeof *a);
    (void)snprintf(a->key, sizeof a->key, "key-%06zu", w->ask_count);
    switch (below(w, 10)) {
    case 0:
    case 1: want_incident(w, s, a); break;
    case 2:
    case 3: want_order(w, s, a); break;
    case 4:
    case 5: want_order_step(w, s, a); break;
    case 6: want_unit(w, s, a); break;
    case 7: want_end(w, s, a); break;
    default: want_call(w, a); break;
    }
    if (!a->path[0]) want_call(w, a);
    w->ask_count++;
    ask_again(w, a);
}

static void look_at(service_talk *t, int64_t call) {
    t->looked_at = call;
    (void)snprintf(t->look.path, sizeof t->look.path, "/api/v1/calls/C%lld/look", (long long)call);
    (void)snprintf(t->look.body, sizeof t->look.body,
                   "{\"purpose\":\"the caller rings back\",\"case\":\"C%lld\"}", (long long)call);
    talk(t, "POST", t->look.path, "", t->look.body);
}

static void look(service_world *w, const pct_snapshot *s) {
    static const char *const lists[] = {"/api/v1/calls", "/api/v1/incidents", "/api/v1/orders",
                                        "/api/v1/units"};
    const pct_desk_call *c = pct_snapshot_next_call(s, (pct_call_id){some_seq(w, s)});
    service_talk *t = take_talk(w, NULL);
    if (!t) return;
    if (!c || below(w, 2)) {
        talk(t, "GET", lists[below(w, 4)], "", "");
        return;
    }
    look_at(t, c->call.id.seq);
}

/* --- time passes ----------------------------------------------------------------------------------------------------- */

static pct_status round_of_threads(service_world *w, pct_error *error) {
    size_t handled;
    w->waited_ms += 20;
    pct_status status = pct_desk_step(w->desk.desk, &handled, error);
    if (!status && w->desk.digest_count < DESK_WORLD_ACKS_MAX) {
        const pct_snapshot *s = pct_desk_snapshot(w->desk.desk);
        w->desk.digest_seq[w->desk.digest_count] = pct_snapshot_seq(s);
        w->desk.digests[w->desk.digest_count++] = desk_world_board_digest(w->desk.desk);
        pct_snapshot_release(s);
    }
    if (below(w, 3)) (void)!pct_intake_step(w->intake, &handled, NULL);
    for (size_t i = 0; i < SERVICE_TALKS; i++)
        if (w->talks[i].taken && w->talks[i].resumed) settle_talk(&w->talks[i], PCT_OK);
    return status;
}

pct_status service_world_step(service_world *w, pct_error *error) {
    const pct_snapshot *s = pct_desk_snapshot(w->desk.desk);
    for (uint32_t n = 1 + below(w, 4); n > 0; n--) ask_new(w, s);
    if (w->ask_count > 0 && below(w, 2)) { /* what nobody answered, mostly of late */
        uint32_t back = below(w, below(w, 4) ? 8 : (uint32_t)w->ask_count);
        service_ask *a = &w->asks[w->ask_count - 1 - (back < w->ask_count ? back : 0)];
        if (a->state == ASK_OPEN || a->state == ASK_KEPT) ask_again(w, a);
    }
    if (below(w, 4) == 0) look(w, s);
    pct_snapshot_release(s);
    w->desk.now_ms += below(w, SOON_MS);
    w->waited_ms += below(w, below(w, 6) ? 50 : 3000); /* now and then the disk is slow */
    return round_of_threads(w, error);
}

service_ask *service_world_ask(service_world *w, const char *path, const char *body) {
    ck_assert_uint_lt(w->ask_count, SERVICE_ASKS_MAX);
    service_ask *a = &w->asks[w->ask_count];
    memset(a, 0, sizeof *a);
    (void)snprintf(a->key, sizeof a->key, "key-%06zu", w->ask_count++);
    (void)snprintf(a->path, sizeof a->path, "%s", path);
    (void)snprintf(a->body, sizeof a->body, "%s", body);
    service_world_ask_again(w, a);
    return a;
}

void service_world_ask_again(service_world *w, service_ask *a) {
    pct_error error;
    ask_again(w, a);
    for (int rounds = 0; rounds < ROUNDS && a->in_talk; rounds++) (void)!round_of_threads(w, &error);
}

void service_world_look(service_world *w, int64_t call) {
    pct_error error;
    service_talk *t = take_talk(w, NULL);
    if (!t) return;
    look_at(t, call);
    for (int rounds = 0; rounds < ROUNDS && t->taken; rounds++) (void)!round_of_threads(w, &error);
}

/* --- clerks ---------------------------------------------------------------------------------------------------------- */

static void erase_call(service_world *w, service_ask *a) {
    pct_error error;
    int64_t keys;
    const pct_erasure erasure = {.object = a->object, .account = {"li", 2}, .role = PCT_ROLE_SYSTEM};
    pct_status status = pct_desk_erase(w->desk.desk, &erasure, &keys, &error);
    a->erased = status ? ERASED_PERHAPS : ERASED;
    w->erased += !status;
    if (!status && power_disk_holds(a->words, strlen(a->words)))
        wrong(w, "the disk still holds what was erased");
}

static void erase_some(service_world *w) {
    service_ask *a = w->ask_count ? &w->asks[below(w, (uint32_t)w->ask_count)] : NULL;
    if (a && a->is_call && a->state == ASK_DONE && a->erased != ERASED) erase_call(w, a);
}

static pct_status follow_act(service_world *w, const pct_desk_request *r, const pct_desk_reply *reply,
                             pct_event_type type, pct_error *error) {
    const pct_event event = {.seq = reply->last_seq,
                             .recorded_at_ms = w->desk.now_ms,
                             .actor = r->account,
                             .purpose = r->purpose,
                             .object = reply->object,
                             .role = r->role,
                             .type = type,
                             .data = r->command.data};
    return pct_acts_follow(w->service.acts, &event, error);
}

/* One asks, another approves. */
static void two_persons(service_world *w) {
    pct_error error;
    pct_desk_request r = {.lane = PCT_LANE_DISPATCH,
                          .account = {"li", 2},
                          .purpose = pct_text_of("asked for by the court"),
                          .role = PCT_ROLE_COMMANDER};
    r.command.kind = PCT_COMMAND_REQUEST_ACT;
    r.command.data.act_requested.act = PCT_ACT_DESTROY_KEY;
    r.command.data.act_requested.subject = pct_text_of("C1");
    pct_desk_reply asked = desk_world_do(&w->desk, &r, &error);
    if (asked.status || follow_act(w, &r, &asked, PCT_EVENT_ACT_REQUESTED, &error) || below(w, 3) == 0)
        return;
    r.account = pct_text_of("chen");
    r.command = (pct_command){.kind = PCT_COMMAND_APPROVE_ACT, .object = asked.object};
    pct_desk_reply approved = desk_world_do(&w->desk, &r, &error);
    if (approved.status) return;
    if (w->approved_count < sizeof w->approved / sizeof *w->approved)
        w->approved[w->approved_count++] = asked.object.seq;
}

void service_world_clerk(service_world *w) {
    pct_error error;
    switch (below(w, 4)) {
    case 0: two_persons(w); break;
    case 1:
        if (below(w, 4) == 0) (void)!pct_desk_rebuild(w->desk.desk, &error);
        break;
    default: erase_some(w); break;
    }
    for (size_t i = 0; i < SERVICE_TALKS; i++) /* they were answered meanwhile */
        if (w->talks[i].taken && w->talks[i].resumed) settle_talk(&w->talks[i], PCT_OK);
}

/* Who was not told that it is erased gives the command again: the key may be gone without its event. */
static bool is_half_erased(const service_world *w) {
    for (size_t i = 0; i < w->ask_count; i++)
        if (w->asks[i].erased == ERASED_PERHAPS) return true;
    return false;
}

const char *service_world_settle(service_world *w) {
    pct_error error;
    for (size_t i = 0; i < w->ask_count; i++)
        if (w->asks[i].erased == ERASED_PERHAPS) erase_call(w, &w->asks[i]);
    if (is_half_erased(w)) return "it cannot be erased although nothing fails";
    for (size_t i = 0; i < w->ask_count && !w->fault; i++) {
        service_ask *a = &w->asks[i];
        if (a->state == ASK_REFUSED) continue;
        bool once_more = a->state == ASK_DONE;
        for (int tries = 0; tries < 200 && !w->fault; tries++) {
            ask_again(w, a);
            for (int rounds = 0; rounds < ROUNDS && a->in_talk; rounds++)
                if (round_of_threads(w, &error)) return "the desk stopped although nothing failed";
            if (a->in_talk) return "nobody answers";
            if (a->state == ASK_DONE || a->state == ASK_REFUSED) break;
            if (round_of_threads(w, &error)) return "the desk stopped although nothing failed";
        }
        if (a->state == ASK_REFUSED && a->was_kept) return "a call that was kept is refused";
        if (a->state != ASK_DONE && a->state != ASK_REFUSED) return "it does not recover";
        if (once_more && a->state != ASK_DONE) return "what was acknowledged is refused when it is repeated";
    }
    if (!w->fault && pct_intake_look(w->intake).pending > 0) return "the spool is not drained";
    return w->fault;
}

/* --- looking for faults ------------------------------------------------------------------------------------------------ */

typedef struct done_of_key {
    int64_t object, first, last;
} done_of_key;

typedef struct reading {
    service_world *w;
    done_of_key done[SERVICE_ASKS_MAX];
    pct_event_type types[SERVICE_LOOKS_MAX];
    int64_t last_ms;
    size_t next_look;
    const char *fault;
} reading;

static pct_status read_event(void *context, const pct_event *e, pct_error *error) {
    reading *r = context;
    size_t number;
    (void)error;
    if (e->recorded_at_ms < r->last_ms) r->fault = "time went back";
    r->last_ms = e->recorded_at_ms;
    for (size_t i = 0; i < r->w->look_count; i++)
        if (r->w->looks[i].seq == e->seq && e->object.seq == r->w->looks[i].call) r->types[i] = e->type;
    if (e->idempotency_key.length != 10 || sscanf(e->idempotency_key.chars, "key-%06zu", &number) != 1)
        return PCT_OK;
    if (number >= SERVICE_ASKS_MAX) return PCT_OK;
    done_of_key *d = &r->done[number];
    if (d->last && d->last + 1 != e->seq) r->fault = "an ask was done twice";
    if (!d->first) d->first = e->seq;
    d->last = e->seq, d->object = e->object.seq;
    return PCT_OK;
}

static const char *check_asks(const reading *r) {
    const service_world *w = r->w;
    for (size_t i = 0; i < w->ask_count; i++) {
        const service_ask *a = &w->asks[i];
        const done_of_key *d = &r->done[i];
        if (a->state == ASK_DONE && !d->last) return "what was acknowledged is not in the log";
        if (a->state == ASK_DONE && (d->last != a->seq || d->object != a->object.seq))
            return "what was acknowledged is another thing in the log";
        if (a->state == ASK_REFUSED && d->last) return "it was refused although it was done";
    }
    for (size_t i = 0; i < w->look_count; i++)
        if (r->types[i] != PCT_EVENT_CALL_LOOKED) return "a look that was answered is not in the log";
    return NULL;
}

static bool is_approved(void *context, const pct_request *request) {
    int64_t *wanted = context;
    if (request->id.seq == *wanted && request->status == PCT_REQUEST_APPROVED) *wanted = 0;
    return *wanted != 0;
}

static const char *check_acts(service_world *w) {
    pct_acts *acts = NULL;
    pct_error error;
    const char *fault = NULL;
    if (pct_acts_new(&acts, &error) || pct_acts_load(acts, w->desk.store, &error))
        fault = "the acts cannot be read";
    for (size_t i = 0; i < w->approved_count && !fault; i++) {
        int64_t wanted = w->approved[i];
        pct_acts_each_request(acts, is_approved, &wanted);
        if (wanted) fault = "an approval is lost";
    }
    pct_acts_free(acts);
    return fault;
}

static const char *check_erased(const service_world *w) {
    for (size_t i = 0; i < w->ask_count; i++)
        if (w->asks[i].erased == ERASED && power_disk_holds(w->asks[i].words, strlen(w->asks[i].words)))
            return "what was erased is on the disk again";
    return NULL;
}

const char *service_world_find_fault(service_world *w, bool tables_too) {
    static reading r;
    pct_error error;
    service_world_close(w);
    const char *fault =
        w->fault ? w->fault : desk_world_find_fault(&w->desk, tables_too && !is_half_erased(w));
    memset(&r, 0, sizeof r);
    r.w = w;
    if (!fault && pct_ledger_each_event(w->desk.store, 1, INT64_MAX, read_event, &r, &error))
        fault = "the log cannot be read";
    if (!fault) fault = r.fault ? r.fault : check_asks(&r);
    if (!fault) fault = check_acts(w);
    if (!fault) fault = check_erased(w);
    desk_world_close(&w->desk);
    return fault;
}
