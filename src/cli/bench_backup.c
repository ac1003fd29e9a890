/* Backups: a full part, a part of ten new events, and what a restore reads out of them, for a record of 100,000 or --events N calls
 * of some 520 bytes beside the files of the site (its map is most of a small one). The baseline reads the same events out of the
 * same record and does nothing with them; seconds of the thread's clock are compared, because a machine has other work too. All
 * of it lies in a folder of the site's that is removed. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/bench_log.h"
#include "site/restore.h"

enum { EVENTS = 100000, NEW_EVENTS = 10, SMALL_PARTS = 11 };

typedef struct bench_backup {
    char path[PCT_PATH_MAX], site[PCT_PATH_MAX], to[PCT_PATH_MAX];
    const pct_crypto *crypto;
    pct_store *writer, *reader;
    pct_merkle tree;
    pct_recovery_key key;
    int64_t events, now_ms;
    pct_backup_report report;
} bench_backup;

typedef struct stopwatch {
    double wall_s, cpu_s;
} stopwatch;

static stopwatch now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (stopwatch){pct_cli_seconds(), (double)t.tv_sec + (double)t.tv_nsec * 1e-9};
}

static stopwatch since(stopwatch began) {
    const stopwatch s = now();
    return (stopwatch){s.wall_s - began.wall_s, s.cpu_s - began.cpu_s};
}

static pct_status not_made(const char *path, pct_error *error) {
    return PCT_FAIL(error, PCT_IO, PCT_MSG_FOLDER_NOT_MADE, pct_str(path), pct_str(strerror(errno)));
}

/* A site of its own, with the files of the one that was given: what a backup remembers of a site must not be of this one. */
static pct_status copy_file(const bench_backup *b, const char *from, const char *name, pct_error *error) {
    char source[PCT_PATH_MAX], target[PCT_PATH_MAX];
    pct_mapped_file file;
    pct_status status = pct_path_join(source, from, name, error);
    if (!status) status = pct_path_join(target, b->site, name, error);
    for (char *p = status ? NULL : strchr(target + strlen(b->site) + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (mkdir(target, 0700) != 0 && errno != EEXIST) status = not_made(target, error);
        *p = '/';
    }
    if (!status) status = pct_file_map(source, &file, error);
    if (status) return status;
    status = pct_file_replace(target, file.bytes, error);
    pct_file_unmap(&file);
    return status;
}

static pct_status copy_site(const bench_backup *b, const char *from, pct_error *error) {
    pct_vector files = pct_vector_init(sizeof(pct_backup_file), PCT_BACKUP_FILES_MAX);
    pct_status status = pct_backup_files_list(from, &files, error);
    for (size_t i = 0; i < files.length && !status; i++) {
        const char *name = ((const pct_backup_file *)files.items + i)->path;
        if (strcmp(name, PCT_BACKUP_ACCOUNTS) != 0) status = copy_file(b, from, name, error);
    }
    pct_vector_dispose(&files);
    return status;
}

static pct_status skip(void *context, const pct_stored_event *event, pct_error *error) {
    (void)error;
    *(int64_t *)context += (int64_t)event->bytes.length;
    return PCT_OK;
}

static pct_status read_all(bench_backup *b, stopwatch *took, int64_t *bytes, pct_error *error) {
    const stopwatch began = now();
    pct_status status = pct_store_each_event(b->reader, 1, (int64_t)b->tree.size + 1, skip, bytes, error);
    *took = since(began);
    return status;
}

static pct_status back_up(bench_backup *b, stopwatch *took, pct_error *error) {
    const pct_vault_lock lock = {.key = &b->key, .pass_phrase = {"", 0}};
    const pct_backup_order order = {.site = b->site, .to = b->to, .lock = &lock, .now_ms = ++b->now_ms};
    const stopwatch began = now();
    pct_status status = pct_backup_make(b->reader, &order, &b->report, error);
    *took = since(began);
    return status;
}

static pct_status restore(bench_backup *b, stopwatch *took, pct_error *error) {
    const pct_vault_lock lock = {.key = &b->key, .pass_phrase = {"", 0}};
    const pct_restore_order order = {.from = b->to, .lock = &lock, .at_ms = INT64_MAX, .now_ms = b->now_ms};
    char target[PCT_PATH_MAX];
    pct_staging staging = {.file = -1};
    pct_restore_report *report = pct_alloc_zeroed(1, sizeof *report);
    pct_status status = report ? PCT_OK : pct_error_memory(error, sizeof *report);
    if (!status) status = pct_path_join(target, b->path, "restored", error);
    if (!status) status = pct_staging_begin(&staging, target, error);
    const stopwatch began = now();
    if (!status) status = pct_restore_make(&order, &staging, report, error);
    *took = since(began);
    if (!status && report->events != (int64_t)b->tree.size) status = PCT_INTERNAL;
    pct_staging_end(&staging);
    pct_free(report);
    return status;
}

static void line(pct_bench *bench, const char *name, int64_t events, stopwatch took, stopwatch baseline) {
    const bench_backup *b = bench->context;
    const pct_bench_number numbers[] = {{"median", took.wall_s, 4},
                                        {"cpu", took.cpu_s, 4},
                                        {"n", 1, 0},
                                        {"events", (double)events, 0},
                                        {"events_per_s", (double)events / took.cpu_s, 0},
                                        {"bytes", (double)b->report.bytes, 0},
                                        {"baseline", baseline.cpu_s, 4},
                                        {"ratio", took.cpu_s / baseline.cpu_s, 2}};
    pct_bench_line(bench, name, "s", numbers, sizeof numbers / sizeof *numbers);
}

/* The quickest of some: each has a sync, which waits for whatever else the disk does. */
static pct_status small_parts(bench_backup *b, stopwatch *best, pct_error *error) {
    pct_status status = PCT_OK;
    for (int i = 0; i < SMALL_PARTS && !status; i++) {
        stopwatch took;
        status = pct_bench_log_write(b->writer, b->crypto, NEW_EVENTS, &b->tree, error);
        if (!status) status = back_up(b, &took, error);
        if (!status && (i == 0 || took.wall_s < best->wall_s)) *best = took;
    }
    return status;
}

static pct_status run_backup(pct_bench *bench, pct_error *error) {
    bench_backup *b = bench->context;
    stopwatch alone = {0}, took = {0};
    int64_t bytes = 0;
    pct_status status = pct_bench_log_write(b->writer, b->crypto, b->events, &b->tree, error);
    if (!status) status = read_all(b, &alone, &bytes, error);
    if (!status) status = back_up(b, &took, error);
    if (!status) line(bench, "backup_full", b->events, took, alone);
    if (!status) status = small_parts(b, &took, error);
    if (!status) line(bench, "backup_10_events", NEW_EVENTS, took, alone);
    if (!status) status = restore(b, &took, error);
    if (!status) line(bench, "backup_restore", (int64_t)b->tree.size, took, alone);
    return status;
}

static pct_status open_backup(pct_bench *bench, pct_error *error) {
    bench_backup *b = bench->context = pct_alloc_zeroed(1, sizeof *b);
    if (!b) return pct_error_memory(error, sizeof *b);
    b->events = EVENTS;
    b->now_ms = INT64_C(1700000000000);
    pct_status status = pct_cli_integer(bench->cli, "--events", 1000, 100000000, &b->events, error);
    if (!status) status = pct_crypto_sodium(&b->crypto, error);
    if (!status) status = pct_recovery_key_new(&b->key, error);
    if (!status) status = pct_path_join(b->path, bench->site.folder, "bench-backup", error);
    if (!status) status = pct_path_join(b->site, b->path, "site", error);
    if (!status) status = pct_path_join(b->to, b->path, "to", error);
    if (status) return status;
    b->tree = pct_merkle_init(b->crypto);
    if (mkdir(b->path, 0700) != 0 || mkdir(b->site, 0700) != 0 || mkdir(b->to, 0700) != 0)
        return not_made(b->path, error);
    status = copy_site(b, bench->site.folder, error);
    const pct_store_options writer = {.folder = b->site}, reader = {.folder = b->site, .read_only = true};
    if (!status) status = pct_store_open(&writer, &b->writer, error);
    return status ? status : pct_store_open(&reader, &b->reader, error);
}

static void close_backup(pct_bench *bench) {
    bench_backup *b = bench->context;
    if (!b) return;
    pct_store_close(b->reader);
    pct_store_close(b->writer);
    char *const roots[] = {b->path, NULL};
    FTS *walk = b->path[0] ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    for (FTSENT *entry; walk && (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_DP)
            (void)rmdir(entry->fts_path);
        else if (entry->fts_info != FTS_D)
            (void)unlink(entry->fts_path);
    if (walk) (void)fts_close(walk);
    pct_free(b);
    bench->context = NULL;
}

const pct_bench_group pct_bench_backup = {
    .name = "backup", .open = open_backup, .close = close_backup, .run = run_backup};
