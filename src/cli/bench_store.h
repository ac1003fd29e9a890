/* What durable calls are measured beside: the rows of a call, written by the store alone in groups of a given size. */
#ifndef PCT_CLI_BENCH_STORE_H
#define PCT_CLI_BENCH_STORE_H

#include "site/file.h"
#include "store/store.h"

enum { PCT_BENCH_EVENT_BYTES = 900 }; /* of a call's event, sealed, as the desk writes it */

typedef struct pct_bench_store {
    char path[PCT_PATH_MAX];
    pct_store *store;
    int64_t seq;
    char event[PCT_BENCH_EVENT_BYTES];
} pct_bench_store;

/* In a folder of its own within another. Close removes it, and accepts a zeroed one. */
pct_status pct_bench_store_open(pct_bench_store *bare, const char *folder, const char *name,
                                pct_error *error) PCT_MUST_USE;
void pct_bench_store_close(pct_bench_store *bare);
/* One transaction with the rows of `calls` calls: event, key, involvement, call, count, reply; and the tree's frontier. */
pct_status pct_bench_store_group(pct_bench_store *bare, int calls, pct_error *error) PCT_MUST_USE;

#endif
