/* From an older format to the newest. A step is a list of statements and tables for each of the two databases. The steps are tried on a copy
 * first, which is checked and thrown away: a format that a record does not fit is found out before anything is changed.
 * Then all steps of a database are one transaction of its own, so that a crash leaves the old format or the new one whole; a
 * record whose one database is ahead of the other is taken on from there. The copy does not stay: it would keep what is
 * erased later. It needs as much room as the database. */
#include <stdio.h>
#include <string.h>

#include "store/page_check.h"
#include "store/schema.h"
#include "store/state.h"

enum { PATH_BYTES = 4200 };

/* steps[n]: from format n + 1 to n + 2: statements, and tables that are new. */
static const struct {
    const char *record, *record_table, *keys_table;
} steps[PCT_STORE_FORMAT - 1] = {{"", "saved_board", NULL},
                                 {"", NULL, "agency"},
                                 {PCT_SCHEMA_CLOSURE_KIND, NULL, NULL},
                                 {"", "destroyed_key", NULL}};

static pct_status take_step(pct_store *store, sqlite3 *database, bool keys, int64_t n, pct_error *error) {
    const char *name = keys ? steps[n].keys_table : steps[n].record_table;
    pct_status status = PCT_OK;
    if (name)
        status = pct_store_make_table(
            store, database, pct_schema_find(keys ? pct_schema_keys : pct_schema_record, name), error);
    return status || keys ? status : pct_store_execute(store, database, steps[n].record, error);
}

static pct_status take_steps(pct_store *store, sqlite3 *database, bool keys, int64_t format,
                             pct_error *error) {
    char mark[40];
    pct_status status = pct_store_execute(store, database, "BEGIN IMMEDIATE", error);
    for (int64_t n = format; n < PCT_STORE_FORMAT && !status; n++)
        status = take_step(store, database, keys, n - 1, error);
    (void)snprintf(mark, sizeof mark, "PRAGMA user_version=%d; COMMIT", PCT_STORE_FORMAT);
    return status ? status : pct_store_execute(store, database, mark, error);
}

static pct_status check_sound(pct_store *store, sqlite3 *database, pct_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, "PRAGMA integrity_check(1)", -1, &statement, NULL);
    bool sound = !code && sqlite3_step(statement) == SQLITE_ROW &&
                 strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
    code = sqlite3_finalize(statement);
    if (!code && !sound) code = SQLITE_CORRUPT;
    return code ? pct_store_failure(store, database, code, error) : PCT_OK;
}

static pct_status try_on(pct_store *store, const char *path, const char *vfs, bool keys, int64_t format,
                         pct_error *error) {
    sqlite3 *copy = NULL;
    int code = pct_page_open(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, vfs);
    pct_status status = code ? pct_store_failure(store, copy, code, error) : PCT_OK;
    if (!status) status = take_steps(store, copy, keys, format, error);
    if (!status) status = check_sound(store, copy, error);
    (void)sqlite3_close(copy);
    return status;
}

/* A copy that cannot be taken away ends the migration: it holds what will be wrapped, and erased. */
static pct_status drop_copy(pct_store *store, sqlite3 *database, sqlite3_vfs *vfs, const char *path,
                            pct_error *error) {
    int code = vfs->xDelete(vfs, path, 1);
    return code && code != SQLITE_IOERR_DELETE_NOENT ? pct_store_failure(store, database, code, error)
                                                     : PCT_OK;
}

static pct_status rehearse(pct_store *store, sqlite3 *database, const char *vfs_name, int64_t format,
                           pct_error *error) {
    char path[PATH_BYTES];
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    (void)snprintf(path, sizeof path, "%s.trial", sqlite3_db_filename(database, "main"));
    pct_status status = drop_copy(store, database, vfs, path, error); /* one that a crash left */
    if (status) return status;
    char *copy = sqlite3_mprintf("VACUUM INTO %Q", path);
    status = copy ? pct_store_execute(store, database, copy, error) : pct_error_memory(error, 0);
    sqlite3_free(copy);
    if (!status) status = try_on(store, path, vfs_name, database == store->keys, format, error);
    pct_status dropped = drop_copy(store, database, vfs, path, status ? NULL : error);
    return status ? status : dropped;
}

pct_status pct_store_migrate(pct_store *store, sqlite3 *database, const char *vfs, int64_t format,
                             pct_error *error) {
    if (format == PCT_STORE_FORMAT) return PCT_OK;
    pct_status status = rehearse(store, database, vfs, format, error);
    return status ? status : take_steps(store, database, database == store->keys, format, error);
}
