#include "support/desk_world.h"
#include "store/page_check.h"

#include <sqlite3.h>
#include <string.h>

#include "ledger/seal.h"
#include "ledger/verify.h"
#include "support/codes.h"
#include "support/test.h"

enum { DAY_MS = 86400000, ENDINGS_MAX = 8192 };

static int64_t clock_ms(void *context) {
    return ((desk_world *)context)->now_ms;
}

static void fill(void *context, unsigned char *bytes, size_t length) {
    desk_world *w = context;
    for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)pct_rng_next(&w->secrets);
}

void desk_world_init(desk_world *w, uint64_t seed) {
    static pct_codes *codes;
    memset(w, 0, sizeof *w);
    if (!codes) codes = test_codes();
    w->codes = codes;
    w->rng = pct_rng_init(seed, 1);
    w->secrets = pct_rng_init(seed, 2);
    w->random = (pct_random){w, fill};
    w->now_ms = 1700000000000;
    w->agency = 7;
}

void desk_world_dispose(desk_world *w) {
    desk_world_close(w);
}

void desk_world_begin(desk_world *w, uint64_t seed) {
    power_disk_new(seed);
    desk_world_init(w, seed);
}

void desk_world_start(desk_world *w) {
    pct_error error;
    test_ok(desk_world_open(w, &error), &error);
}

void desk_world_restart(desk_world *w) {
    desk_world_close(w);
    desk_world_start(w);
}

void desk_world_end(desk_world *w) {
    desk_world_dispose(w);
    power_disk_free();
}

/* Keys lie wrapped, as in a site; the agency's key is a byte repeated. */
static pct_status obtain(void *context, bool may_make, pct_error *error) {
    (void)context, (void)may_make, (void)error;
    return PCT_OK;
}

static pct_key_name key_name(const pct_stored_key *stored) {
    pct_key_name name = {.id = stored->id, .object = stored->object};
    while (name.retention < PCT_RETENTION_COUNT - 1 &&
           strncmp(pct_retention_names[name.retention], stored->class.chars, stored->class.length) != 0)
        name.retention++;
    return name;
}

static void wrap(void *context, const pct_stored_key *stored, const unsigned char key[PCT_STORE_KEY_BYTES],
                 unsigned char out[PCT_STORE_WRAPPED_BYTES]) {
    const pct_crypto *crypto;
    const pct_key_name name = key_name(stored);
    pct_key copy, agency;
    memset(agency.bytes, ((desk_world *)context)->agency, sizeof agency.bytes);
    memcpy(copy.bytes, key, sizeof copy.bytes);
    test_ok(pct_crypto_sodium(&crypto, NULL), NULL);
    pct_key_wrap(crypto, &agency, &name, ((desk_world *)context)->random, &copy, out);
}

static pct_status unwrap(void *context, const pct_stored_key *stored,
                         const unsigned char wrapped[PCT_STORE_WRAPPED_BYTES],
                         unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error) {
    const pct_crypto *crypto;
    const pct_key_name name = key_name(stored);
    pct_key key, agency;
    memset(agency.bytes, ((desk_world *)context)->agency, sizeof agency.bytes);
    test_ok(pct_crypto_sodium(&crypto, NULL), NULL);
    pct_status status = pct_key_unwrap(crypto, &agency, &name, wrapped, &key, error);
    memcpy(out, key.bytes, sizeof key.bytes);
    return status;
}

static pct_status open_store(desk_world *w, pct_store **out, pct_error *error) {
    w->keeper = (pct_key_keeper){w, "agency.key", obtain, wrap, unwrap, NULL};
    const pct_store_options options = {.folder = "site",
                                       .vfs = POWER_DISK_VFS,
                                       .checkpoint_pages = 40,
                                       .keeper = w->agency ? &w->keeper : NULL};
    return pct_store_open(&options, out, error);
}

pct_status desk_world_open(desk_world *w, pct_error *error) {
    pct_status status = open_store(w, &w->store, error);
    if (status) return status;
    const pct_desk_options options = {.store = w->store,
                                      .codes = w->codes,
                                      .clock_ms = clock_ms,
                                      .context = w,
                                      .random = &w->random,
                                      .retention = w->retention,
                                      .save_every = 40};
    return pct_desk_open(&options, &w->desk, error);
}

void desk_world_close(desk_world *w) {
    pct_desk_close(w->desk);
    pct_store_close(w->store);
    w->desk = NULL;
    w->store = NULL;
}

/* --- commands ---------------------------------------------------------------------------------------------------- */

static pct_command command_of(pct_command_kind kind, char letter, int64_t seq) {
    pct_command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    command.object = (pct_id){.kind = letter, .seq = seq};
    return command;
}

pct_desk_request desk_world_call(const char *key, const char *words) {
    pct_desk_request request = {
        .lane = PCT_LANE_CALLS, .account = {"li", 2}, .key = pct_text_of(key), .role = PCT_ROLE_CALL_TAKER};
    request.command = command_of(PCT_COMMAND_RECEIVE_CALL, 0, 0);
    pct_event_call_received *call = &request.command.data.call_received;
    call->channel = PCT_CHANNEL_PHONE;
    call->type = pct_text_of("theft");
    call->priority = 2;
    call->caller_name = pct_text_of("Wang Xiaoming");
    call->caller_phone = pct_text_of("13800138000");
    call->words = pct_text_of(words);
    call->position = (pct_position){1164000000, 399000000};
    call->has_position = true;
    memset(request.body, (int)strlen(words), sizeof request.body);
    return request;
}

/* A random record of the snapshot, by walking from a random id. */
static int64_t some_seq(desk_world *w, const pct_snapshot *s) {
    return (int64_t)pct_rng_below(&w->rng, (uint32_t)pct_snapshot_seq(s) + 1);
}

static pct_command draw_order_step(desk_world *w, const pct_snapshot *s) {
    const pct_desk_order *o = pct_snapshot_next_order(s, (pct_order_id){some_seq(w, s)});
    if (!o) o = pct_snapshot_next_order(s, (pct_order_id){0});
    static const pct_command_kind next[PCT_ORDER_STATUS_COUNT] = {
        [PCT_ORDER_SENT] = PCT_COMMAND_ACKNOWLEDGE,      [PCT_ORDER_ACKNOWLEDGED] = PCT_COMMAND_SET_OUT,
        [PCT_ORDER_SET_OUT] = PCT_COMMAND_ARRIVE,        [PCT_ORDER_ON_SCENE] = PCT_COMMAND_REPORT,
        [PCT_ORDER_REPORTED] = PCT_COMMAND_CLOSE_ORDER,  [PCT_ORDER_CLOSED] = PCT_COMMAND_CLOSE_ORDER,
        [PCT_ORDER_CANCELLED] = PCT_COMMAND_CLOSE_ORDER, [PCT_ORDER_DIVERTED] = PCT_COMMAND_CLOSE_ORDER};
    pct_command command =
        command_of(o ? next[o->order.status] : PCT_COMMAND_ACKNOWLEDGE, 'O', o ? o->order.id.seq : 1);
    if (command.kind == PCT_COMMAND_REPORT) {
        command.data.order_reported.result = PCT_REPORT_RESULT_HANDLED;
        command.data.order_reported.note = pct_text_of("all quiet");
    }
    return command;
}

static pct_command draw_send(desk_world *w, const pct_snapshot *s) {
    const pct_desk_incident *i = pct_snapshot_next_incident(s, (pct_incident_id){some_seq(w, s)});
    const pct_desk_unit *u = pct_snapshot_next_unit(s, (pct_unit_id){some_seq(w, s)});
    if (!u) u = pct_snapshot_next_unit(s, (pct_unit_id){0});
    pct_command command = command_of(PCT_COMMAND_SEND_ORDER, 0, 0);
    command.data.order_sent.incident.seq = i ? i->incident.id.seq : 1;
    command.data.order_sent.unit.seq = u ? u->unit.id.seq : 1;
    return command;
}

static pct_command draw_end(desk_world *w, const pct_snapshot *s) {
    const pct_desk_incident *i = pct_snapshot_next_incident(s, (pct_incident_id){some_seq(w, s)});
    pct_command command = command_of(PCT_COMMAND_CLOSE_INCIDENT, 'I', i ? i->incident.id.seq : 1);
    command.data.incident_closed.result = PCT_INCIDENT_RESULT_HANDLED;
    if (pct_rng_below(&w->rng, 3) > 0) return command;
    const pct_desk_call *c = pct_snapshot_next_call(s, (pct_call_id){some_seq(w, s)});
    command = command_of(PCT_COMMAND_SETTLE_CALL, 'C', c ? c->call.id.seq : 1);
    command.data.call_settled.reason = PCT_SETTLE_REASON_ADVICE;
    return command;
}

static pct_command draw_open(desk_world *w, const pct_snapshot *s) {
    const pct_desk_call *c = pct_snapshot_next_call(s, (pct_call_id){some_seq(w, s)});
    pct_command command = command_of(PCT_COMMAND_OPEN_INCIDENT, 0, 0);
    command.data.incident_opened.call.seq = c && c->call.incident.seq == 0 ? c->call.id.seq : 0;
    command.data.incident_opened.type = pct_text_of("theft");
    command.data.incident_opened.priority = 1 + pct_rng_below(&w->rng, 4);
    command.data.incident_opened.gravity = PCT_GRAVITY_ORDINARY;
    command.data.incident_opened.position = (pct_position){1164000000, 399000000};
    command.data.incident_opened.has_position = true;
    return command;
}

static pct_command draw_unit(desk_world *w, const pct_snapshot *s, const char *name) {
    const pct_desk_unit *u = pct_snapshot_next_unit(s, (pct_unit_id){some_seq(w, s)});
    pct_command command = command_of(PCT_COMMAND_ENROL_UNIT, 0, 0);
    if (u && pct_rng_below(&w->rng, 4) > 0) {
        command = command_of(u->unit.status == PCT_UNIT_OFF_DUTY ? PCT_COMMAND_SIGN_ON : PCT_COMMAND_SIGN_OFF,
                             'U', u->unit.id.seq);
        if (command.kind == PCT_COMMAND_SIGN_ON) command.data.unit_signed_on.officers = 2;
        return command;
    }
    command.data.unit_enrolled.name = pct_text_of(name);
    command.data.unit_enrolled.kind = pct_text_of("car");
    return command;
}

static pct_command draw_closure(desk_world *w, const pct_snapshot *s) {
    static const pct_road_ref roads[] = {{11, 1, 2}, {12, 2, 3}, {13, 3, 4}};
    static const pct_position points[] = {
        {1164000000, 399000000}, {1164010000, 399000000}, {1164010000, 399010000}};
    const pct_desk_closure *c = pct_snapshot_next_closure(s, (pct_closure_id){0});
    pct_command command = command_of(PCT_COMMAND_LIFT_CLOSURE, 'L', c ? c->closure.id.seq : 1);
    command.data.closure_lifted.reason = PCT_CLOSURE_LIFT_CLEARED;
    if (c && pct_rng_below(&w->rng, 3) == 0) return command;
    command = command_of(PCT_COMMAND_ORDER_CLOSURE, 0, 0);
    pct_event_closure_ordered *closure = &command.data.closure_ordered;
    closure->reason = PCT_CLOSURE_REASON_WORKS;
    closure->until = w->now_ms + 1 + pct_rng_below(&w->rng, 100000000);
    closure->both_ways = true;
    closure->kind = pct_rng_below(&w->rng, 3) ? PCT_CLOSURE_KIND_CLOSE : PCT_CLOSURE_KIND_SLOW;
    closure->has_speed_kmh = closure->kind == PCT_CLOSURE_KIND_SLOW;
    closure->speed_kmh = closure->has_speed_kmh ? 1 + pct_rng_below(&w->rng, 120) : 0;
    if (pct_rng_below(&w->rng, 3) == 0) {
        closure->area = points, closure->area_count = 3;
    } else {
        closure->roads_count = closure->points_count = 1 + pct_rng_below(&w->rng, 3);
        closure->roads = roads, closure->points = points;
    }
    return command;
}

void desk_world_acknowledged(void *context, const pct_desk_reply *reply) {
    desk_pending *p = context;
    desk_world *w = p->world;
    w->answered++;
    if (reply->status == PCT_REFUSED || reply->status == PCT_INPUT)
        w->refused++;
    else if (reply->status)
        w->failed++;
    if (reply->status || w->ack_count == DESK_WORLD_ACKS_MAX) return;
    p->ack.object = reply->object;
    p->ack.first_seq = reply->first_seq;
    p->ack.last_seq = reply->last_seq;
    w->acks[w->ack_count++] = p->ack;
}

static pct_status put_document(void *context, pct_store *store, int64_t now_ms, pct_error *error) {
    const desk_pending *p = context;
    (void)now_ms;
    const pct_document document = {pct_text_of("test"), pct_text_of(p->ack.key), pct_text_of(p->ack.words),
                                   0};
    return pct_store_put_document(store, &document, error);
}

static void submit_random(desk_world *w, const pct_snapshot *s) {
    desk_pending *p = &w->pending[w->pending_count++];
    memset(p, 0, sizeof *p);
    p->world = w;
    (void)snprintf(p->ack.key, sizeof p->ack.key, "key-%lld", (long long)w->keys_made++);
    int64_t number = w->keys_made - 1;
    (void)snprintf(p->ack.words, sizeof p->ack.words, "words of %lld", (long long)number);
    pct_desk_request request = desk_world_call(p->ack.key, p->ack.words);
    pct_error error;
    switch (pct_rng_below(&w->rng, 12)) {
    case 0:
    case 1: request.command = draw_open(w, s); break;
    case 2:
    case 3: request.command = draw_send(w, s); break;
    case 4:
    case 5:
    case 6: request.command = draw_order_step(w, s); break;
    case 7: request.command = draw_unit(w, s, p->ack.key); break;
    case 8: request.command = draw_end(w, s); break;
    case 9: p->ack.is_job = true; break;
    case 10:
        if (pct_rng_below(&w->rng, 2)) request.command = draw_closure(w, s);
        break;
    default: break;
    }
    p->ack.kind = request.command.kind;
    memcpy(p->ack.body, request.body, sizeof p->ack.body);
    pct_status status = p->ack.is_job
                            ? pct_desk_submit_job(w->desk, PCT_LANE_DISPATCH, put_document,
                                                  desk_world_acknowledged, p, &error)
                            : pct_desk_submit(w->desk, &request, desk_world_acknowledged, p, &error);
    if (status) w->failed++;
}

static void take_digest(void *context, const pct_board *board) {
    *(uint64_t *)context = pct_board_digest(board);
}

uint64_t desk_world_board_digest(pct_desk *desk) {
    uint64_t digest = 0;
    pct_desk_look(desk, take_digest, &digest);
    return digest;
}

pct_status desk_world_step(desk_world *w, uint32_t most, pct_error *error) {
    const pct_snapshot *s = pct_desk_snapshot(w->desk);
    uint32_t n = 1 + pct_rng_below(&w->rng, most);
    size_t handled;
    w->pending_count = 0;
    for (uint32_t i = 0; i < n && w->pending_count < 64; i++) submit_random(w, s);
    pct_snapshot_release(s);
    w->now_ms += pct_rng_below(&w->rng, 20000);
    pct_status status = pct_desk_step(w->desk, &handled, error);
    if (status || w->digest_count == DESK_WORLD_ACKS_MAX) return status;
    s = pct_desk_snapshot(w->desk);
    w->digest_seq[w->digest_count] = pct_snapshot_seq(s);
    w->digests[w->digest_count++] = desk_world_board_digest(w->desk);
    pct_snapshot_release(s);
    return PCT_OK;
}

typedef struct one_reply {
    pct_desk_reply reply;
    pct_error *error;
} one_reply;

static void take_reply(void *context, const pct_desk_reply *reply) {
    one_reply *one = context;
    one->reply = *reply;
    if (reply->error && one->error) *one->error = *reply->error;
    one->reply.error = NULL;
}

pct_desk_reply desk_world_do(desk_world *w, const pct_desk_request *request, pct_error *error) {
    one_reply one = {.error = error};
    size_t handled;
    one.reply.status = pct_desk_submit(w->desk, request, take_reply, &one, error);
    if (!one.reply.status) (void)!pct_desk_step(w->desk, &handled, NULL);
    return one.reply;
}

/* --- looking for faults ------------------------------------------------------------------------------------------ */

static bool database_is_sound(const char *path) {
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    bool sound = pct_page_open(path, &database, SQLITE_OPEN_READWRITE, POWER_DISK_VFS) == SQLITE_OK &&
                 sqlite3_exec(database, "PRAGMA synchronous=FULL", NULL, NULL, NULL) == SQLITE_OK &&
                 sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_step(statement) == SQLITE_ROW &&
                 strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return sound;
}

static pct_status next_row(void *context, pct_ledger_row *row, bool *more, pct_error *error) {
    pct_stored_event event;
    pct_status status = pct_event_cursor_next(context, &event, more, error);
    if (status || !*more) return status;
    row->seq = event.seq;
    row->bytes = event.bytes;
    memcpy(row->leaf.bytes, event.leaf, sizeof row->leaf.bytes);
    return PCT_OK;
}

static const char *check_log(desk_world *w, int64_t *events) {
    const pct_crypto *crypto;
    pct_event_cursor *cursor;
    pct_ledger_verdict verdict;
    pct_error error;
    if (pct_crypto_sodium(&crypto, &error) || pct_event_cursor_open(w->store, 1, &cursor, &error))
        return "no cursor";
    pct_merkle from = pct_merkle_init(crypto), kept;
    const pct_ledger_rows rows = {cursor, next_row};
    pct_status status = pct_ledger_verify(&from, &rows, NULL, 0, &verdict, &error);
    pct_event_cursor_close(cursor);
    if (status) return "the log does not verify";
    *events = (int64_t)verdict.tree.size;
    if (*events == 0) return NULL;
    int64_t size;
    pct_buffer bytes = pct_buffer_init(PCT_MERKLE_SAVED_MAX);
    bool same = pct_store_get_frontier(w->store, &size, &bytes, &error) == PCT_OK && size == *events &&
                pct_merkle_load(crypto, (pct_text){(const char *)bytes.bytes, bytes.length}, &kept, &error) ==
                    PCT_OK &&
                pct_hash_equal(pct_merkle_root(&kept), pct_merkle_root(&verdict.tree));
    pct_buffer_dispose(&bytes);
    return same ? NULL : "the frontier is not the log's";
}

static const char *check_ack(desk_world *w, const desk_ack *ack, pct_arena *arena, pct_buffer *bytes) {
    pct_error error;
    pct_stored_reply reply;
    bool found;
    if (ack->is_job) {
        pct_buffer_clear(bytes);
        return pct_store_get_document(w->store, pct_text_of("test"), pct_text_of(ack->key), w->now_ms, bytes,
                                      &error)
                   ? "an acknowledged document is lost"
                   : NULL;
    }
    if (pct_store_find_reply(w->store, pct_text_of("li"), pct_text_of(ack->key), w->now_ms, &reply, &found,
                             &error) ||
        !found)
        return "an acknowledged reply is lost";
    if (memcmp(reply.body, ack->body, sizeof reply.body) != 0 || reply.first_seq != ack->first_seq ||
        reply.last_seq != ack->last_seq || reply.object.seq != ack->object.seq)
        return "an acknowledged reply has changed";
    if (ack->kind != PCT_COMMAND_RECEIVE_CALL) return NULL;
    pct_call_row row;
    pct_arena_reset(arena);
    if (pct_store_get_call(w->store, (pct_call_id){ack->object.seq}, arena, &row, &error))
        return "an acknowledged call is lost";
    return strcmp(row.words.chars, ack->words) == 0 ? NULL : "the words of a call have changed";
}

/* A board made here, from the stored bytes and the stored keys alone. */
typedef struct reference {
    desk_world *w;
    const pct_crypto *crypto;
    pct_ledger_keys keys;
    pct_arena arena;
    pct_board *board;
    size_t next_digest;
    struct {
        pct_id object;
        int64_t at_ms;
    } endings[ENDINGS_MAX];
    size_t ending_count, forgotten;
    const char *fault;
} reference;

static pct_status reference_key(void *context, const pct_key_name *name, pct_key *key, pct_error *error) {
    const pct_stored_key stored = {name->id, name->object, pct_text_of(pct_retention_names[name->retention])};
    pct_status status = pct_store_find_key(((reference *)context)->w->store, &stored, key->bytes, error);
    desk_world *w = ((reference *)context)->w;
    if (status == PCT_NOT_FOUND && !w->erases)
        ((reference *)context)->fault = "an event stands without its key";
    return status;
}

/* What ended a day ago is off the board, by the times of events. */
static pct_status reference_forget(reference *r, const pct_event *e, pct_error *error) {
    pct_status status = PCT_OK;
    bool ends = e->type == PCT_EVENT_INCIDENT_CLOSED || e->type == PCT_EVENT_INCIDENT_REFERRED ||
                e->type == PCT_EVENT_CALL_SETTLED || e->type == PCT_EVENT_CLOSURE_LIFTED ||
                e->type == PCT_EVENT_CLOSURE_LAPSED;
    if (ends && r->ending_count < ENDINGS_MAX) {
        r->endings[r->ending_count].object = e->object;
        r->endings[r->ending_count++].at_ms = e->recorded_at_ms;
    }
    while (!status && r->forgotten < r->ending_count &&
           r->endings[r->forgotten].at_ms + DAY_MS <= e->recorded_at_ms) {
        const pct_id id = r->endings[r->forgotten++].object;
        if (id.kind == 'C')
            status = pct_board_forget_call(r->board, (pct_call_id){id.seq}, error);
        else if (id.kind == 'L')
            status = pct_board_forget_closure(r->board, (pct_closure_id){id.seq}, error);
        else
            status = pct_board_forget(r->board, (pct_incident_id){id.seq}, error);
    }
    return status;
}

static pct_status reference_event(void *context, const pct_stored_event *stored, pct_error *error) {
    reference *r = context;
    pct_event event;
    pct_arena_reset(&r->arena);
    pct_status status = pct_ledger_open(r->crypto, &r->keys, stored->bytes, &r->arena, &event, NULL, error);
    if (!status) status = pct_board_apply(r->board, &event, error);
    if (!status) status = reference_forget(r, &event, error);
    desk_world *w = r->w;
    for (; r->next_digest < w->digest_count && w->digest_seq[r->next_digest] <= stored->seq; r->next_digest++)
        if (w->digest_seq[r->next_digest] == stored->seq &&
            w->digests[r->next_digest] != pct_board_digest(r->board))
            r->fault = "the board was another one when it was acknowledged";
    return status;
}

static const char *check_board(desk_world *w) {
    static reference r;
    memset(&r, 0, sizeof r);
    r.w = w, r.arena = pct_arena_init(1 << 20);
    pct_error error;
    r.keys = (pct_ledger_keys){&r, NULL, reference_key};
    test_ok(pct_crypto_sodium(&r.crypto, &error), &error);
    test_ok(pct_board_new(w->codes, NULL, &r.board, &error), &error);
    if (pct_store_each_event(w->store, 1, INT64_MAX, reference_event, &r, &error) != PCT_OK)
        r.fault = "the events do not replay";
    else if (!r.fault && pct_board_digest(r.board) != desk_world_board_digest(w->desk))
        r.fault = "the board is not the events'";
    pct_board_free(r.board);
    pct_arena_dispose(&r.arena);
    return r.fault;
}

static const char *check_tables(desk_world *w) {
    pct_table_digest before[PCT_TABLES_MAX], after[PCT_TABLES_MAX];
    size_t count;
    pct_error error;
    if (pct_store_digest_tables(w->store, before, &count, &error)) return "tables cannot be read";
    if (pct_desk_rebuild(w->desk, &error)) return "tables cannot be made again";
    if (pct_store_digest_tables(w->store, after, &count, &error)) return "tables cannot be read again";
    for (size_t i = 0; i < count; i++)
        if (before[i].rows != after[i].rows || before[i].digest != after[i].digest)
            return "a table made again differs";
    return NULL;
}

const char *desk_world_find_fault(desk_world *w, bool tables_too) {
    pct_error error;
    int64_t events = 0;
    desk_world_close(w);
    bool sound = database_is_sound("site/record.db") && database_is_sound("site/keys.db");
    if (!sound && w->ack_count > 0) return "a database is damaged";
    if (desk_world_open(w, &error)) {
        desk_world_close(w);
        return "the record cannot be opened";
    }
    const char *fault = check_log(w, &events);
    if (!fault && w->ack_count && !w->acks[w->ack_count - 1].is_job &&
        w->acks[w->ack_count - 1].last_seq > events)
        fault = "acknowledged events are lost";
    pct_arena arena = pct_arena_init(1 << 20);
    pct_buffer bytes = pct_buffer_init(1 << 12);
    for (size_t i = 0; i < w->ack_count && !fault; i++) fault = check_ack(w, &w->acks[i], &arena, &bytes);
    pct_arena_dispose(&arena);
    pct_buffer_dispose(&bytes);
    if (!fault) fault = check_board(w);
    if (!fault && tables_too) fault = check_tables(w);
    return fault;
}
