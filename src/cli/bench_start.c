/* Start: how long after opening a record of a million events (--events N) the first call is on the disk. Three days of a town with 33,000
 * incidents a day, made through a desk on a clock of its own; then opened after a clean stop, and after a crash that left
 * as many events behind the saved board as there can be; then with all events replayed. One line for each. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/bench.h"
#include "desk/desk.h"

enum {
    EVENTS = 1000000,
    BEHIND = 49500, /* less than a desk saves after */
    UNITS = 300,
    STEP_MS = 5000,
    BATCH_MS = 740000,
    STARTS = 3,
    WAL_BYTES = 4 << 20
};

typedef struct town {
    char path[PCT_PATH_MAX];
    pct_codes *codes;
    pct_store *store;
    pct_desk *desk;
    int64_t now_ms;
    int64_t units[UNITS], calls[UNITS], incidents[UNITS], orders[UNITS];
    int failed;
    int64_t events;
} town;

typedef struct asked {
    town *town;
    int64_t *id;
} asked;

static int64_t town_clock(void *context) {
    return ((town *)context)->now_ms;
}

static pct_status open_town(town *t, uint32_t save_every, pct_error *error) {
    const pct_store_options options = {.folder = t->path, .wal_bytes = WAL_BYTES};
    pct_status status = pct_store_open(&options, &t->store, error);
    const pct_desk_options desk = {.store = t->store,
                                   .codes = t->codes,
                                   .clock_ms = town_clock,
                                   .context = t,
                                   .group_max = UNITS,
                                   .save_every = save_every};
    return status ? status : pct_desk_open(&desk, &t->desk, error);
}

static void close_town(town *t) {
    pct_desk_close(t->desk);
    pct_store_close(t->store);
    t->desk = NULL;
    t->store = NULL;
}

/* --- the days ------------------------------------------------------------------------------------------------------- */

static void answered(void *context, const pct_desk_reply *reply) {
    const asked *a = context;
    a->town->failed += reply->status != PCT_OK;
    if (!reply->status && a->id) *a->id = reply->object.seq;
}

static void fill_command(const town *t, int i, pct_command *c) {
    pct_event_data *data = &c->data;
    c->object = (pct_id){.kind = 'O', .seq = t->orders[i]};
    switch (c->kind) {
    case PCT_COMMAND_RECEIVE_CALL:
        data->call_received.channel = PCT_CHANNEL_PHONE;
        data->call_received.type = pct_text_of("theft");
        data->call_received.priority = 2;
        data->call_received.words = pct_text_of("somebody took my bicycle at the east gate");
        break;
    case PCT_COMMAND_OPEN_INCIDENT:
        data->incident_opened.call.seq = t->calls[i];
        data->incident_opened.type = pct_text_of("theft");
        data->incident_opened.priority = 2;
        data->incident_opened.gravity = PCT_GRAVITY_ORDINARY;
        data->incident_opened.position = (pct_position){1164000000 + i * 1000, 399000000};
        data->incident_opened.has_position = true;
        break;
    case PCT_COMMAND_SEND_ORDER:
        data->order_sent.incident.seq = t->incidents[i];
        data->order_sent.unit.seq = t->units[i];
        break;
    case PCT_COMMAND_REPORT: data->order_reported.result = PCT_REPORT_RESULT_HANDLED; break;
    case PCT_COMMAND_CLOSE_INCIDENT:
        c->object = (pct_id){.kind = 'I', .seq = t->incidents[i]};
        data->incident_closed.result = PCT_INCIDENT_RESULT_HANDLED;
        break;
    case PCT_COMMAND_SIGN_ON:
        c->object = (pct_id){.kind = 'U', .seq = t->units[i]};
        data->unit_signed_on.officers = 2;
        break;
    default: break;
    }
}

/* One command for each unit, in one group. */
static pct_status step_town(town *t, pct_command_kind kind, int64_t *ids, pct_error *error) {
    asked wanted[UNITS];
    char name[16];
    size_t handled;
    pct_status status = PCT_OK;
    for (int i = 0; i < UNITS && !status; i++) {
        pct_desk_request request = {.lane = PCT_LANE_CALLS, .account = {"bench", 5}, .role = PCT_ROLE_SYSTEM};
        memset(&request.command, 0, sizeof request.command);
        request.command.kind = kind;
        fill_command(t, i, &request.command);
        if (kind == PCT_COMMAND_ENROL_UNIT) {
            (void)snprintf(name, sizeof name, "B%d", i);
            request.command.data.unit_enrolled.name = pct_text_of(name);
            request.command.data.unit_enrolled.kind = pct_text_of("car");
        }
        wanted[i] = (asked){t, ids ? ids + i : NULL};
        status = pct_desk_submit(t->desk, &request, answered, &wanted[i], error);
    }
    t->now_ms += STEP_MS;
    if (!status) status = pct_desk_step(t->desk, &handled, error);
    return status || !t->failed ? status : PCT_INTERNAL;
}

static pct_status live(town *t, int64_t until, pct_error *error) {
    static const pct_command_kind steps[] = {
        PCT_COMMAND_RECEIVE_CALL, PCT_COMMAND_OPEN_INCIDENT, PCT_COMMAND_SEND_ORDER,
        PCT_COMMAND_ACKNOWLEDGE,  PCT_COMMAND_SET_OUT,       PCT_COMMAND_ARRIVE,
        PCT_COMMAND_REPORT,       PCT_COMMAND_CLOSE_ORDER,   PCT_COMMAND_CLOSE_INCIDENT};
    int64_t seq = 0;
    pct_status status = PCT_OK;
    while (!status && seq < until) {
        for (size_t i = 0; i < sizeof steps / sizeof *steps && !status; i++) {
            int64_t *ids = i == 0 ? t->calls : i == 1 ? t->incidents : i == 2 ? t->orders : NULL;
            status = step_town(t, steps[i], ids, error);
        }
        t->now_ms += BATCH_MS;
        if (!status) status = pct_store_last_seq(t->store, &seq, error);
    }
    return status;
}

static pct_status make_town(town *t, pct_error *error) {
    t->now_ms = 1700000000000;
    pct_status status = open_town(t, 0, error);
    if (!status) status = step_town(t, PCT_COMMAND_ENROL_UNIT, t->units, error);
    if (!status) status = step_town(t, PCT_COMMAND_SIGN_ON, NULL, error);
    if (!status) status = live(t, t->events, error);
    close_town(t);
    return status;
}

/* --- starts --------------------------------------------------------------------------------------------------------- */

static pct_status first_call(town *t, uint32_t save_every, pct_saved_board expected, pct_error *error) {
    asked wanted = {t, NULL};
    size_t handled;
    pct_status status = open_town(t, save_every, error);
    if (status) return status;
    pct_desk_request request = {.lane = PCT_LANE_CALLS, .account = {"bench", 5}, .role = PCT_ROLE_SYSTEM};
    memset(&request.command, 0, sizeof request.command);
    request.command.kind = PCT_COMMAND_RECEIVE_CALL;
    fill_command(t, 0, &request.command);
    status = pct_desk_submit(t->desk, &request, answered, &wanted, error);
    if (!status) status = pct_desk_step(t->desk, &handled, error);
    if (!status && (t->failed || pct_desk_counters_view(t->desk).saved != expected)) status = PCT_INTERNAL;
    return status;
}

/* The board that was saved, and BEHIND events after it. */
static pct_status crash(town *t, pct_error *error) {
    int64_t seq = 0;
    pct_status status = open_town(t, UINT32_MAX, error);
    if (!status) status = pct_store_last_seq(t->store, &seq, error);
    if (!status) status = live(t, seq + BEHIND - 9 * UNITS, error);
    close_town(t);
    return status;
}

static pct_status drop_saved(town *t, pct_error *error) {
    const pct_store_options options = {.folder = t->path};
    pct_status status = pct_store_open(&options, &t->store, error);
    if (!status) status = pct_store_begin(t->store, error);
    if (!status) status = pct_store_drop_saved(t->store, error);
    if (!status) status = pct_store_commit(t->store, error);
    close_town(t);
    return status;
}

static void write_figure(pct_bench *b, const char *name, double seconds, const pct_desk_counters *counted,
                         int64_t events) {
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"median", seconds * 1e3},
                   {"n", STARTS},
                   {"events", (double)events},
                   {"replayed", (double)counted->replayed}};
    pct_json_writer json = pct_json_writer_init(&b->cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "name");
    pct_json_string(&json, name);
    pct_json_key(&json, "unit");
    pct_json_string(&json, "ms");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pct_json_key(&json, numbers[i].key);
        pct_json_real(&json, numbers[i].value, 0);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&b->cli->out, '\n');
}

/* From opening the two databases to the answer for the first call; closing is not timed, and saves nothing. */
static pct_status starts(pct_bench *b, const char *name, pct_saved_board expected, pct_error *error) {
    town *t = b->context;
    double seconds[STARTS];
    int64_t events = 0;
    pct_desk_counters counted = {0};
    pct_status status = PCT_OK;
    for (int i = 0; i < STARTS && !status; i++) {
        double began_s = pct_cli_seconds();
        status = first_call(t, UINT32_MAX, expected, error);
        seconds[i] = pct_cli_seconds() - began_s;
        if (!status) counted = pct_desk_counters_view(t->desk);
        if (!status) status = pct_store_last_seq(t->store, &events, error);
        close_town(t);
    }
    double low = seconds[0] < seconds[1] ? seconds[0] : seconds[1], high = seconds[0] + seconds[1] - low;
    double median = seconds[2] < low ? low : seconds[2] > high ? high : seconds[2];
    if (!status) write_figure(b, name, median, &counted, events);
    return status;
}

static pct_status run_starts(pct_bench *b, pct_error *error) {
    town *t = b->context;
    pct_status status = make_town(t, error);
    if (!status) status = starts(b, "start_after_clean_stop", PCT_SAVED_USED, error);
    if (!status) status = crash(t, error);
    if (!status) status = starts(b, "start_after_crash", PCT_SAVED_USED, error);
    if (!status) status = drop_saved(t, error);
    return status ? status : starts(b, "start_from_all_events", PCT_SAVED_NONE, error);
}

static pct_status open_start(pct_bench *b, pct_error *error) {
    town *t = b->context = pct_alloc_zeroed(1, sizeof *t);
    if (!t) return pct_error_memory(error, sizeof *t);
    t->events = EVENTS;
    pct_status status = pct_cli_integer(b->cli, "--events", 20000, 100000000, &t->events, error);
    if (!status) status = pct_site_shipped_codes(&t->codes, error);
    if (!status) status = pct_path_join(t->path, b->site.folder, "bench-start", error);
    if (!status && mkdir(t->path, 0700) != 0)
        status =
            PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(t->path), pct_str(strerror(errno)));
    return status;
}

static void close_start(pct_bench *b) {
    static const char *const files[] = {"record.db", "record.db-wal", "record.db-shm", "keys.db",
                                        "keys.db-wal"};
    town *t = b->context;
    char path[PCT_PATH_MAX];
    if (!t) return;
    close_town(t);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (pct_path_join(path, t->path, files[i], NULL) == PCT_OK) (void)unlink(path);
    (void)rmdir(t->path);
    pct_codes_free(t->codes);
    pct_free(t);
    b->context = NULL;
}

const pct_bench_group pct_bench_start = {
    .name = "start", .open = open_start, .close = close_start, .run = run_starts};
