/* The log: how long verifying it takes, as `log verify` does it: the stored bytes of each event are read from record.db, hashed, read as
 * an event and grown into the tree. Calls of some 520 bytes with two sealed fields, 1,000,000 or --events N of them, are written as
 * the store writes them and deleted afterwards. Seconds of the thread's own clock beside those on the wall, because a
 * machine has other work too; the baseline hashes the same number of bytes in memory and does nothing else. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/bench_log.h"
#include "ledger/log_check.h"
#include "ledger/log_tree.h"
#include "store/store.h"

enum { EVENTS = 1000000, GROUP = 10000, BYTES_MAX = 1024 };

typedef struct bench_log {
    char path[PCT_PATH_MAX];
    const pct_crypto *crypto;
    pct_store *store;
    pct_merkle tree;
    int64_t events, bytes;
} bench_log;

/* A sealed field as it is stored, and a call with two of them. */
static const char envelope[] = "{\"c\":\"IjEiICAgICAgICAgICAgIAcHBwcHBwcHBwcHBwcHBwc\",\"k\":17,"
                               "\"n\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";
static const char event_format[] =
    "{\"actor\":\"desk-01\",\"data\":{\"caller_phone\":%s,\"channel\":\"phone\",\"priority\":2,"
    "\"type\":\"theft\",\"words\":%s},\"epoch\":1,"
    "\"idempotency_key\":\"0191d3c8-7a55-7000-8000-%012lld\",\"map_version\":1,\"object\":\"C%lld\","
    "\"occurred_at\":%lld,\"recorded_at\":%lld,\"role\":\"call_taker\",\"seq\":%lld,"
    "\"type\":\"call_received\",\"version\":%u}";

static size_t write_event(int64_t seq, char out[BYTES_MAX]) {
    long long number = (long long)seq, now_ms = 1700000000000 + number * 20;
    return (size_t)snprintf(out, BYTES_MAX, event_format, envelope, envelope, number, number, now_ms, now_ms,
                            number, pct_event_type_version(PCT_EVENT_CALL_RECEIVED));
}

static pct_status write_group(bench_log *l, int64_t from, int64_t until, pct_error *error) {
    char bytes[BYTES_MAX];
    pct_buffer saved = pct_buffer_init(PCT_MERKLE_SAVED_MAX);
    pct_status status = pct_store_begin(l->store, error);
    for (int64_t seq = from; seq < until && !status; seq++) {
        pct_text stored = {bytes, write_event(seq, bytes)};
        pct_hash leaf = pct_merkle_leaf(l->crypto, stored);
        const pct_stored_event event = {seq, stored, leaf.bytes};
        pct_merkle_append(&l->tree, leaf);
        l->bytes += (int64_t)stored.length;
        status = pct_store_add_event(l->store, &event, error);
    }
    if (!status) status = pct_merkle_save(&l->tree, &saved);
    if (!status)
        status = pct_store_put_frontier(l->store, (int64_t)l->tree.size,
                                        (pct_text){(const char *)saved.bytes, saved.length}, error);
    pct_buffer_dispose(&saved);
    return status ? status : pct_store_commit(l->store, error);
}

pct_status pct_bench_log_write(pct_store *store, const pct_crypto *crypto, int64_t events, pct_merkle *tree,
                               pct_error *error) {
    bench_log log = {.crypto = crypto, .store = store, .tree = *tree};
    const int64_t first = (int64_t)tree->size + 1, end = first + events;
    pct_status status = PCT_OK;
    for (int64_t from = first; from < end && !status; from += GROUP)
        status = write_group(&log, from, from + GROUP < end ? from + GROUP : end, error);
    *tree = log.tree;
    return status;
}

static double cpu_seconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Hashing alone, from memory: what no verification can do without. */
static double hash_alone(const bench_log *l) {
    char bytes[BYTES_MAX];
    pct_text stored = {bytes, write_event(l->events, bytes)};
    pct_merkle tree = pct_merkle_init(l->crypto);
    double began_s = cpu_seconds();
    for (int64_t i = 0; i < l->events; i++) pct_merkle_append(&tree, pct_merkle_leaf(l->crypto, stored));
    return cpu_seconds() - began_s;
}

static void write_line(pct_bench *b, const char *name, double wall_s, double cpu_s, double baseline_s) {
    const bench_log *l = b->context;
    const pct_bench_number numbers[] = {{"median", wall_s, 2},
                                        {"cpu", cpu_s, 2},
                                        {"n", 1, 0},
                                        {"events", (double)l->events, 0},
                                        {"bytes_per_event", (double)l->bytes / (double)l->events, 0},
                                        {"events_per_s", (double)l->events / cpu_s, 0},
                                        {"baseline", baseline_s, 2},
                                        {"ratio", cpu_s / baseline_s, 2}};
    pct_bench_line(b, name, "s", numbers, sizeof numbers / sizeof *numbers);
}

static pct_status verify(bench_log *l, pct_error *error) {
    pct_merkle tree = pct_merkle_init(l->crypto);
    pct_ledger_verdict verdict;
    pct_status status = pct_log_check(l->store, &tree, NULL, NULL, &verdict, error);
    return status || tree.size == (uint64_t)l->events ? status : PCT_INTERNAL;
}

/* What a tree head or a proof costs: one pass over the leaf hashes. */
static pct_status read_tree(bench_log *l, pct_error *error) {
    pct_log_tree tree;
    pct_status status = pct_log_tree_open(l->store, l->crypto, &tree, error);
    pct_log_tree_close(&tree);
    return status;
}

static pct_status run_log(pct_bench *b, pct_error *error) {
    static const struct {
        const char *name;
        pct_status (*run)(bench_log *log, pct_error *error);
    } figures[] = {{"log_verify", verify}, {"log_head", read_tree}};
    bench_log *l = b->context;
    pct_status status = PCT_OK;
    for (int64_t from = 1; from <= l->events && !status; from += GROUP)
        status = write_group(l, from, from + GROUP <= l->events ? from + GROUP : l->events + 1, error);
    double baseline_s = status ? 0 : hash_alone(l);
    for (size_t i = 0; i < sizeof figures / sizeof *figures && !status; i++) {
        double wall_s = pct_cli_seconds(), cpu_s = cpu_seconds();
        status = figures[i].run(l, error);
        wall_s = pct_cli_seconds() - wall_s, cpu_s = cpu_seconds() - cpu_s;
        if (!status) write_line(b, figures[i].name, wall_s, cpu_s, baseline_s);
    }
    return status;
}

static pct_status open_log(pct_bench *b, pct_error *error) {
    bench_log *l = b->context = pct_alloc_zeroed(1, sizeof *l);
    if (!l) return pct_error_memory(error, sizeof *l);
    l->events = EVENTS;
    pct_status status = pct_cli_integer(b->cli, "--events", 1000, 100000000, &l->events, error);
    if (!status) status = pct_crypto_sodium(&l->crypto, error);
    if (!status) status = pct_path_join(l->path, b->site.folder, "bench-log", error);
    if (status) return status;
    l->tree = pct_merkle_init(l->crypto);
    if (mkdir(l->path, 0700) != 0)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(l->path), pct_str(strerror(errno)));
    const pct_store_options options = {.folder = l->path};
    return pct_store_open(&options, &l->store, error);
}

static void close_log(pct_bench *b) {
    static const char *const files[] = {"record.db", "record.db-wal", "record.db-shm", "keys.db",
                                        "keys.db-wal"};
    bench_log *l = b->context;
    char path[PCT_PATH_MAX];
    if (!l) return;
    pct_store_close(l->store);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (pct_path_join(path, l->path, files[i], NULL) == PCT_OK) (void)unlink(path);
    (void)rmdir(l->path);
    pct_free(l);
    b->context = NULL;
}

const pct_bench_group pct_bench_log = {.name = "log", .open = open_log, .close = close_log, .run = run_log};
