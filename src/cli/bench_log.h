/* Events for benchmarks, as the store writes them: calls of some 520 bytes with two sealed fields that no key opens. */
#ifndef PCT_CLI_BENCH_LOG_H
#define PCT_CLI_BENCH_LOG_H

#include "cli/bench.h"
#include "ledger/merkle.h"
#include "store/store.h"

/* `events` more behind those of *tree, in groups of 10,000. */
pct_status pct_bench_log_write(pct_store *store, const pct_crypto *crypto, int64_t events, pct_merkle *tree,
                               pct_error *error) PCT_MUST_USE;

#endif
