/* Durable commands: a group through the desk (decide, seal, hash, tables, snapshot, commit) beside the same rows in groups of
 * the same size written by the store alone, in the same run and on the same disk. A last line counts commits: each is one
 * sync of a log. */
#include <stdio.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/bench_store.h"
#include "desk/desk.h"

typedef struct durable {
    pct_codes *codes;
    pct_bench_store ours, bare;
    pct_desk *desk;
    int64_t keys;
} durable;

static pct_status open_durable(pct_bench *b, pct_error *error) {
    durable *d = b->context = pct_alloc_zeroed(1, sizeof *d);
    if (!d) return pct_error_memory(error, sizeof *d);
    pct_status status = pct_site_shipped_codes(&d->codes, error);
    if (!status) status = pct_bench_store_open(&d->ours, b->site.folder, "bench-desk", error);
    if (!status) status = pct_bench_store_open(&d->bare, b->site.folder, "bench-bare", error);
    const pct_desk_options options = {.store = d->ours.store, .codes = d->codes};
    return status ? status : pct_desk_open(&options, &d->desk, error);
}

static void count_line(pct_bench *b, const char *name, const pct_store *store) {
    pct_store_counters counted = pct_store_counters_view(store);
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {{"events", counted.events},
                   {"commits_record", counted.groups},
                   {"commits_keys", counted.key_groups},
                   {"n", counted.groups + counted.key_groups}};
    pct_json_writer json = pct_json_writer_init(&b->cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "name");
    pct_json_string(&json, name);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pct_json_key(&json, numbers[i].key);
        pct_json_integer(&json, numbers[i].value);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&b->cli->out, '\n');
}

static void close_durable(pct_bench *b) {
    durable *d = b->context;
    if (!d) return;
    pct_desk_close(d->desk);
    if (d->ours.store) count_line(b, "syncs_desk", d->ours.store);
    if (d->bare.store) count_line(b, "syncs_bare", d->bare.store);
    pct_bench_store_close(&d->ours);
    pct_bench_store_close(&d->bare);
    pct_codes_free(d->codes);
    pct_free(d);
    b->context = NULL;
}

/* --- through the desk -------------------------------------------------------------------------------------------- */

static void count_failure(void *context, const pct_desk_reply *reply) {
    *(int *)context += reply->status != PCT_OK;
}

static pct_status submit_call(durable *d, int *failed, pct_error *error) {
    char key[64];
    pct_desk_request request = {.lane = PCT_LANE_CALLS, .account = {"bench", 5}, .role = PCT_ROLE_CALL_TAKER};
    (void)snprintf(key, sizeof key, "00000000-0000-4000-8000-%012lld", (long long)d->keys++);
    memset(&request.command, 0, sizeof request.command);
    request.key = pct_text_of(key);
    request.command.kind = PCT_COMMAND_RECEIVE_CALL;
    pct_event_call_received *call = &request.command.data.call_received;
    call->channel = PCT_CHANNEL_PHONE;
    call->type = pct_text_of("theft");
    call->priority = 2;
    call->caller_name = pct_text_of("Wang Xiaoming");
    call->caller_phone = pct_text_of("13800138000");
    call->words = pct_text_of("somebody took my bicycle at the east gate, ten minutes ago");
    call->position = (pct_position){1164000000, 399000000};
    call->has_position = true;
    return pct_desk_submit(d->desk, &request, count_failure, failed, error);
}

static pct_status through_desk(pct_bench *b, int size, pct_error *error) {
    durable *d = b->context;
    int failed = 0;
    size_t handled;
    pct_status status = PCT_OK;
    for (int i = 0; i < size && !status; i++) status = submit_call(d, &failed, error);
    if (!status) status = pct_desk_step(d->desk, &handled, error);
    return status || failed == 0 ? status : PCT_INTERNAL;
}

/* --- the same rows, by the store alone --------------------------------------------------------------------------- */

static pct_status by_store_alone(pct_bench *b, int size, pct_error *error) {
    durable *d = b->context;
    return pct_bench_store_group(&d->bare, size, error);
}

#define FIGURE(size)                                                                                         \
    static pct_status desk_##size(pct_bench *b, int i, pct_error *error) {                                   \
        (void)i;                                                                                             \
        return through_desk(b, size, error);                                                                 \
    }                                                                                                        \
    static pct_status bare_##size(pct_bench *b, int i, pct_error *error) {                                   \
        (void)i;                                                                                             \
        return by_store_alone(b, size, error);                                                               \
    }
FIGURE(1)
FIGURE(16)
FIGURE(256)
#undef FIGURE

static const pct_bench_figure figures[] = {{"durable_group_1", 300, desk_1, bare_1},
                                           {"durable_group_16", 200, desk_16, bare_16},
                                           {"durable_group_256", 40, desk_256, bare_256},
                                           {0}};

const pct_bench_group pct_bench_desk = {
    .name = "desk", .figures = figures, .open = open_durable, .close = close_durable};
