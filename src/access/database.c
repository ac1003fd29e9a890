/* A rollback journal: the command line may change it at any time beside the service, and this SQLite's write-ahead log is not to be
 * trusted with two writers. */
#include "access/database.h"

#include <stdio.h>

#include "access/schema.h"
#include "site/file.h"
#include "store/page_check.h"

pct_status pct_access_failure(sqlite3 *db, pct_error *error) {
    int code = sqlite3_extended_errcode(db);
    if (code == SQLITE_IOERR_DATA) return pct_page_failure(db, PCT_MSG_ACCOUNTS_PAGE, PCT_ACCESS_FILE, error);
    if ((code & 0xFF) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM) return pct_error_memory(error, 0);
    return PCT_FAIL(error, (code & 0xFF) == SQLITE_BUSY ? PCT_BUSY : PCT_IO, PCT_MSG_ACCOUNTS_DATABASE,
                    pct_str(sqlite3_errmsg(db)));
}

static pct_status run(sqlite3 *db, const char *sql, pct_error *error) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? PCT_OK : pct_access_failure(db, error);
}

static pct_status ask(sqlite3 *db, const char *sql, int64_t *out, pct_error *error) {
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    *out = 0;
    if (!code && sqlite3_step(s) == SQLITE_ROW) *out = sqlite3_column_int64(s, 0);
    code = sqlite3_finalize(s);
    return code ? pct_access_failure(db, error) : PCT_OK;
}

/* A file that says it is ours has sums. One from before says nothing: it is copied into itself with them, and says so then, so that a
 * crash in between leaves either. */
static pct_status identify(sqlite3 *db, pct_error *error) {
    int64_t application, tables;
    pct_status status = ask(db, "PRAGMA application_id", &application, error);
    if (!status) status = ask(db, "SELECT count(*) FROM sqlite_schema", &tables, error);
    if (status) return status;
    bool summed = tables == 0 || pct_page_checked(db);
    if (application == PCT_ACCESS_APPLICATION)
        return summed ? PCT_OK : pct_error_set(error, PCT_DAMAGED, PCT_MSG_ACCOUNTS_UNSUMMED, NULL, 0);
    if (application != 0)
        return PCT_FAIL(error, PCT_IO, PCT_MSG_ACCOUNTS_FOREIGN, pct_int(application),
                        pct_int(PCT_ACCESS_APPLICATION));
    if (!summed && pct_page_take_over(db) != SQLITE_OK) return pct_access_failure(db, error);
    char mark[60];
    (void)snprintf(mark, sizeof mark, "PRAGMA application_id=%d", PCT_ACCESS_APPLICATION);
    return run(db, mark, error);
}

pct_status pct_access_open(const char *site_folder, const char *table, sqlite3 **out, pct_error *error) {
    char path[PCT_PATH_MAX];
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    *out = NULL;
    pct_status status = pct_path_join(path, site_folder, PCT_ACCESS_FILE, error);
    if (status) return status;
    if (pct_page_open(path, out, flags, NULL) != SQLITE_OK) return pct_access_failure(*out, error);
    (void)sqlite3_busy_timeout(*out, PCT_ACCESS_BUSY_MS);
    status = run(*out, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON", error);
    if (!status) status = identify(*out, error);
    if (status) return status;
    int code = pct_access_make_tables(*out, table);
    if (code == SQLITE_NOMEM) return pct_error_memory(error, 0);
    return code ? pct_access_failure(*out, error) : PCT_OK;
}

pct_status pct_access_prepare(sqlite3 *db, const char *const *queries, size_t count, sqlite3_stmt **out,
                              pct_error *error) {
    for (size_t i = 0; i < count; i++)
        if (sqlite3_prepare_v3(db, queries[i], -1, SQLITE_PREPARE_PERSISTENT, &out[i], NULL) != SQLITE_OK)
            return pct_access_failure(db, error);
    return PCT_OK;
}
