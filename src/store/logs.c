/* Emptying a write-ahead log into its database. */
#include "store/state.h"

/* SQLite does not sync what it truncated: after a power cut the old log, and what was erased with it, could come back. */
static pct_status sync_log(pct_store *store, sqlite3 *database, pct_error *error) {
    sqlite3_file *log = NULL;
    int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (!code && log && log->pMethods) code = log->pMethods->xSync(log, SQLITE_SYNC_FULL);
    return code ? pct_store_failure(store, database, code, error) : PCT_OK;
}

pct_status pct_store_empty_log(pct_store *store, sqlite3 *database, int wait_ms, pct_error *error) {
    (void)sqlite3_busy_timeout(database, wait_ms); /* for readers to end */
    int code = sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(database, 0);
    return code ? pct_store_failure(store, database, code, error) : sync_log(store, database, error);
}
