#include "cli/bench_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/merkle.h"
#include "store/tables.h"

enum { FRONTIER_BYTES = 8 + 16 * PCT_HASH_BYTES, WAL_BYTES = 4 << 20, WORDS_BYTES = 58 };

static const char *const files[] = {"record.db", "record.db-wal", "record.db-shm",
                                    "keys.db",   "keys.db-wal",   "keys.db-shm"};

pct_status pct_bench_store_open(pct_bench_store *bare, const char *folder, const char *name,
                                pct_error *error) {
    *bare = (pct_bench_store){0};
    pct_status status = pct_path_join(bare->path, folder, name, error);
    if (status) return status;
    memset(bare->event, 'e', sizeof bare->event);
    if (mkdir(bare->path, 0700) != 0 && errno != EEXIST)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_LOG_EXPORT_FAILED, pct_str(bare->path),
                        pct_str(strerror(errno)));
    const pct_store_options options = {.folder = bare->path, .wal_bytes = WAL_BYTES};
    return pct_store_open(&options, &bare->store, error);
}

void pct_bench_store_close(pct_bench_store *bare) {
    char path[PCT_PATH_MAX];
    if (!bare->path[0]) return;
    pct_store_close(bare->store);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (pct_path_join(path, bare->path, files[i], NULL) == PCT_OK) (void)unlink(path);
    (void)rmdir(bare->path);
    *bare = (pct_bench_store){0};
}

static pct_status one_call(pct_bench_store *bare, pct_error *error) {
    static const unsigned char zeros[PCT_STORE_HASH_BYTES];
    unsigned char key_bytes[PCT_STORE_KEY_BYTES];
    char key[64];
    int64_t seq = ++bare->seq;
    const pct_id id = {.kind = 'C', .seq = seq};
    (void)snprintf(key, sizeof key, "00000000-0000-4000-8000-%012lld", (long long)seq);
    pct_stored_key name = {.object = id, .class = {"personal", 8}};
    const pct_stored_event event = {seq, {bare->event, sizeof bare->event}, zeros};
    const pct_stored_reply reply = {
        .account = {"bench", 5}, .key = pct_text_of(key), .object = id, .first_seq = seq, .last_seq = seq};
    const pct_call_row row = {.id = {seq},
                              .type = {"theft", 5},
                              .channel = {"phone", 5},
                              .status = {"received", 8},
                              .priority = 2,
                              .has_position = true,
                              .caller_name = {"Wang Xiaoming", 13},
                              .caller_phone = {"13800138000", 11},
                              .words = {bare->event, WORDS_BYTES}};
    pct_status status = pct_store_add_key(bare->store, &name, zeros, seq, key_bytes, error);
    if (!status) status = pct_store_add_event(bare->store, &event, error);
    if (!status) status = pct_store_put_involved(bare->store, id, seq, error);
    if (!status) status = pct_store_put_call(bare->store, &row, error);
    if (!status) status = pct_store_count_call(bare->store, 0, row.type, 2, error);
    return status ? status : pct_store_add_reply(bare->store, &reply, error);
}

pct_status pct_bench_store_group(pct_bench_store *bare, int calls, pct_error *error) {
    pct_status status = pct_store_begin(bare->store, error);
    for (int i = 0; i < calls && !status; i++) status = one_call(bare, error);
    if (!status)
        status =
            pct_store_put_frontier(bare->store, bare->seq, (pct_text){bare->event, FRONTIER_BYTES}, error);
    if (!status) return pct_store_commit(bare->store, error);
    pct_store_rollback(bare->store);
    return status;
}
