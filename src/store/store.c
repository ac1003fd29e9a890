/* Opening, groups, closing.
 *
 * keys.db is opened first and with an exclusive lock: it is the lock of the one writer. Both databases are in WAL mode with
 * synchronous=FULL. A group commits keys.db, then record.db, so that no event ever stands without the key that
 * opens it. Checkpoints are ours, never SQLite's: its automatic one would hide a failed sync. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "store/page_check.h"
#include "store/schema.h"
#include "store/state.h"

enum {
    PATH_BYTES = 4200,
    CHECKPOINT_PAGES = 1000,
    PAGE_BYTES = 4096,
    BUSY_MS = 2000,
    RECORD_ID = PCT_STORE_APPLICATION,
    KEYS_ID
};

static int remember_pages(void *context, sqlite3 *database, const char *name, int pages) {
    (void)database, (void)name;
    *(int *)context = pages;
    return SQLITE_OK;
}

static pct_status pragma_integer(pct_store *store, sqlite3 *database, const char *sql, int64_t *out,
                                 pct_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    *out = 0;
    if (!code && sqlite3_step(statement) == SQLITE_ROW) *out = sqlite3_column_int64(statement, 0);
    code = sqlite3_finalize(statement);
    return code ? pct_store_failure(store, database, sqlite3_extended_errcode(database), error) : PCT_OK;
}

static pct_status open_database(pct_store *store, const pct_store_options *options, const char *name,
                                sqlite3 **out, pct_error *error) {
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s/%s", options->folder, name);
    if (length < 0 || length >= (int)sizeof path)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(sizeof path));
    int flags = options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = pct_page_open(path, out, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, options->vfs);
    if (code == SQLITE_CANTOPEN && options->read_only)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_STORE_ABSENT, pct_str(path));
    if (code) return pct_store_failure(store, *out, code, error);
    (void)sqlite3_busy_timeout(*out, options->read_only ? BUSY_MS : 0);
    if (options->read_only) (void)sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return PCT_OK;
}

/* The file is ours and of a format we know. *format 0: it is new. */
static pct_status check_identity(pct_store *store, sqlite3 *database, const char *name, int64_t application,
                                 int64_t *format, pct_error *error) {
    int64_t found, tables;
    pct_status status = pragma_integer(store, database, "PRAGMA application_id", &found, error);
    if (!status) status = pragma_integer(store, database, "PRAGMA user_version", format, error);
    if (!status)
        status = pragma_integer(store, database, "SELECT count(*) FROM sqlite_schema", &tables, error);
    if (status) return status;
    if (tables != 0 && found == application && !pct_page_checked(database))
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_STORE_UNSUMMED, pct_str(name));
    if (found != application && (found != 0 || tables != 0))
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_STORE_FOREIGN, pct_str(name), pct_int(application),
                        pct_int(found));
    if (*format > PCT_STORE_FORMAT)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_STORE_NEWER, pct_str(name), pct_int(PCT_STORE_FORMAT),
                        pct_int(*format));
    return PCT_OK;
}

pct_status pct_store_make_table(pct_store *store, sqlite3 *database, const pct_table_schema *table,
                                pct_error *error) {
    pct_buffer sql = pct_buffer_init(PCT_SCHEMA_BYTES_MAX);
    pct_schema_write(table, &sql);
    const char *text = pct_buffer_chars(&sql);
    pct_status status = pct_buffer_status(&sql, error);
    if (!status) status = pct_store_execute(store, database, text, error);
    pct_buffer_dispose(&sql);
    return status;
}

static pct_status make_tables(pct_store *store, sqlite3 *database, const pct_table_schema *tables,
                              pct_error *error) {
    pct_status status = PCT_OK;
    for (const pct_table_schema *t = tables; t->name && !status; t++)
        status = pct_store_make_table(store, database, t, error);
    return status;
}

/* A derived table that the record was made without begins empty: no event of its kind can be in the log yet. */
static pct_status make_missing_tables(pct_store *store, sqlite3 *database, pct_error *error) {
    pct_status status = PCT_OK;
    for (const pct_table_schema *t = pct_schema_tables; t->name && !status; t++) {
        int code = sqlite3_table_column_metadata(database, NULL, t->name, NULL, NULL, NULL, NULL, NULL, NULL);
        if (code == SQLITE_ERROR) status = pct_store_make_table(store, database, t, error);
    }
    return status;
}

static pct_status make_schema(pct_store *store, sqlite3 *database, int64_t application, pct_error *error) {
    char marks[120];
    (void)snprintf(marks, sizeof marks, "PRAGMA application_id=%lld; PRAGMA user_version=%d;",
                   (long long)application, PCT_STORE_FORMAT);
    bool keys = application != RECORD_ID;
    pct_status status = pct_store_execute(store, database, "BEGIN IMMEDIATE", error);
    if (!status) status = make_tables(store, database, keys ? pct_schema_keys : pct_schema_record, error);
    if (!status && !keys) status = make_tables(store, database, pct_schema_tables, error);
    if (!status && !keys) status = pct_store_execute(store, database, pct_schema_indexes, error);
    if (!status) status = pct_store_execute(store, database, marks, error);
    return status ? status : pct_store_execute(store, database, "COMMIT", error);
}

/* Written once and thrown away, so that later groups write over blocks that the file has already. */
static pct_status grow_log(pct_store *store, int64_t bytes, pct_error *error) {
    char sql[160];
    if (bytes <= 0) return PCT_OK;
    (void)snprintf(sql, sizeof sql,
                   "BEGIN; CREATE TABLE room (b BLOB); INSERT INTO room VALUES (randomblob(%lld)); COMMIT;"
                   "DROP TABLE room;",
                   (long long)(bytes < PAGE_BYTES ? PAGE_BYTES : bytes));
    pct_status status = pct_store_execute(store, store->record, sql, error);
    if (status) return status;
    int code = sqlite3_wal_checkpoint_v2(store->record, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    return code ? pct_store_failure(store, store->record, code, error) : PCT_OK;
}

/* A new file becomes a WAL database by one transaction with a rollback journal. With synchronous=FULL SQLite deletes that
 * journal without syncing its folder: after a power cut it could come back, and take the database back to nothing under a
 * log full of acknowledged groups (the power-cut disk found it). EXTRA syncs the folder. */
static pct_status become_wal(pct_store *store, sqlite3 *database, pct_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, "PRAGMA journal_mode", -1, &statement, NULL);
    bool is_wal = !code && sqlite3_step(statement) == SQLITE_ROW &&
                  strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    code = sqlite3_finalize(statement);
    if (code) return pct_store_failure(store, database, sqlite3_extended_errcode(database), error);
    if (is_wal) return PCT_OK;
    return pct_store_execute(store, database, "PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL", error);
}

static pct_status prepare_writer(pct_store *store, sqlite3 *database, int *pages, pct_error *error) {
    int persist = 1;
    pct_status status = become_wal(store, database, error);
    if (!status)
        status = pct_store_execute(
            store, database, "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY",
            error);
    if (status) return status;
    (void)sqlite3_wal_autocheckpoint(database, 0);
    (void)sqlite3_wal_hook(database, remember_pages, pages);
    (void)sqlite3_file_control(database, NULL, SQLITE_FCNTL_PERSIST_WAL, &persist);
    return PCT_OK;
}

static pct_status open_keys(pct_store *store, const pct_store_options *options, pct_error *error) {
    int64_t format;
    pct_status status = open_database(store, options, PCT_STORE_KEYS, &store->keys, error);
    if (!status) status = pct_store_execute(store, store->keys, "PRAGMA locking_mode=EXCLUSIVE", error);
    if (!status) status = prepare_writer(store, store->keys, &store->keys_pages, error);
    if (!status) status = check_identity(store, store->keys, PCT_STORE_KEYS, KEYS_ID, &format, error);
    if (!status && format == 0) return make_schema(store, store->keys, KEYS_ID, error);
    return status ? status : pct_store_migrate(store, store->keys, options->vfs, format, error);
}

/* Whatever the log of keys.db still holds bare goes, even when the power failed just after they were wrapped. */
static pct_status meet_keeper(pct_store *store, const pct_key_keeper *keeper, pct_error *error) {
    pct_status status = pct_store_meet_keeper(store, keeper, error);
    return status || !keeper ? status : pct_store_empty_log(store, store->keys, BUSY_MS, error);
}

static pct_status open_record(pct_store *store, const pct_store_options *options, pct_error *error) {
    int64_t format;
    pct_status status = open_database(store, options, PCT_STORE_RECORD, &store->record, error);
    if (!status && !options->read_only)
        status = prepare_writer(store, store->record, &store->record_pages, error);
    if (!status) status = check_identity(store, store->record, PCT_STORE_RECORD, RECORD_ID, &format, error);
    if (status || (format != 0 && options->read_only)) return status;
    if (format != 0) {
        status = pct_store_migrate(store, store->record, options->vfs, format, error);
        if (!status) status = make_missing_tables(store, store->record, error);
        return status ? status : pct_store_execute(store, store->record, pct_schema_indexes, error);
    }
    if (options->read_only)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_STORE_ABSENT, pct_str(PCT_STORE_RECORD));
    status = make_schema(store, store->record, RECORD_ID, error);
    return status ? status : grow_log(store, options->wal_bytes, error);
}

pct_status pct_store_open(const pct_store_options *options, pct_store **out, pct_error *error) {
    pct_store *store = pct_alloc_zeroed(1, sizeof *store);
    *out = NULL;
    if (!store) return pct_error_memory(error, sizeof *store);
    store->read_only = options->read_only;
    store->checkpoint_pages = options->checkpoint_pages ? options->checkpoint_pages : CHECKPOINT_PAGES;
    pct_status status = options->read_only ? PCT_OK : open_keys(store, options, error);
    if (!status && !options->read_only) status = meet_keeper(store, options->keeper, error);
    if (!status) status = open_record(store, options, error);
    if (status)
        pct_store_close(store);
    else
        *out = store;
    return status;
}

/* Whoever opens the databases with another program then finds nothing to move out of a log into pages without sums. */
static void empty_logs(pct_store *store) {
    (void)!pct_store_empty_log(store, store->keys, 0, NULL);
    if (!store->broken) (void)!pct_store_empty_log(store, store->record, 0, NULL);
}

void pct_store_close(pct_store *store) {
    if (!store) return;
    if (!store->broken) pct_store_rollback(store);
    if (!store->broken && store->record && store->keys && !store->read_only) empty_logs(store);
    for (int i = 0; i < PCT_ST_COUNT; i++) (void)sqlite3_finalize(store->statements[i]);
    (void)sqlite3_close(store->record);
    (void)sqlite3_close(store->keys);
    pct_free(store);
}

void pct_store_keep_no_freed(void) {
    (void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

void pct_store_forget_pages(pct_store *store) {
    (void)sqlite3_db_release_memory(store->record);
}

bool pct_store_is_broken(const pct_store *store) {
    return store->broken;
}

pct_store_counters pct_store_counters_view(const pct_store *store) {
    return store->counters;
}

/* --- groups ---------------------------------------------------------------------------------------------------- */

pct_status pct_store_begin(pct_store *store, pct_error *error) {
    if (PCT_NEVER(store->in_group || store->read_only)) return PCT_INTERNAL;
    pct_status status = pct_store_run(store, PCT_ST_BEGIN, error);
    store->in_group = !status;
    store->group = store->counters;
    return status;
}

/* The commit stands whatever becomes of the checkpoint; a failed one breaks the store for the next group. */
static void checkpoint(pct_store *store, sqlite3 *database, int *pages) {
    if (*pages < store->checkpoint_pages) return;
    int code = sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    *pages = 0;
    if (code && code != SQLITE_BUSY && (code & 0xFF) != SQLITE_FULL)
        (void)pct_store_failure(store, database, code, NULL);
}

pct_status pct_store_commit(pct_store *store, pct_error *error) {
    if (PCT_NEVER(!store->in_group)) return PCT_INTERNAL;
    bool keys = store->in_keys;
    pct_status status = keys ? pct_store_run(store, PCT_ST_KEYS_COMMIT, error) : PCT_OK;
    if (!status) {
        store->in_keys = false;
        status = pct_store_run(store, PCT_ST_COMMIT, error);
    }
    if (status) {
        pct_store_rollback(store);
        return status;
    }
    store->in_group = false;
    store->group.groups++;
    store->group.key_groups += keys;
    store->counters = store->group;
    checkpoint(store, store->record, &store->record_pages);
    checkpoint(store, store->keys, &store->keys_pages);
    return PCT_OK;
}

/* A broken store is left as it is: closing it gives up what was open. One that cannot even give up is broken. */
void pct_store_rollback(pct_store *store) {
    pct_error error;
    pct_status status = PCT_OK;
    if (store->in_group && !store->broken && !sqlite3_get_autocommit(store->record))
        status = pct_store_run(store, PCT_ST_ROLLBACK, &error);
    if (!status && store->in_keys && !store->broken && !sqlite3_get_autocommit(store->keys))
        status = pct_store_run(store, PCT_ST_KEYS_ROLLBACK, &error);
    if (status && !store->broken) {
        store->broken = true;
        store->why = error;
    }
    store->in_group = store->in_keys = false;
}

pct_status pct_store_mark(pct_store *store, pct_error *error) {
    return pct_store_run(store, PCT_ST_MARK, error);
}

pct_status pct_store_keep(pct_store *store, pct_error *error) {
    return pct_store_run(store, PCT_ST_KEEP, error);
}

pct_status pct_store_give_up(pct_store *store, pct_error *error) {
    pct_status status = pct_store_run(store, PCT_ST_GIVE_UP, error);
    return status ? status : pct_store_run(store, PCT_ST_KEEP, error);
}

static pct_status truncate_logs(pct_store *store, int wait_ms, pct_error *error) {
    if (store->broken) {
        if (error) *error = store->why;
        return store->why.status;
    }
    pct_status status = pct_store_empty_log(store, store->keys, wait_ms, error);
    return status ? status : pct_store_empty_log(store, store->record, wait_ms, error);
}

pct_status pct_store_truncate_keys(pct_store *store, pct_error *error) {
    return pct_store_empty_log(store, store->keys, BUSY_MS, error);
}

pct_status pct_store_truncate_logs(pct_store *store, pct_error *error) {
    return truncate_logs(store, BUSY_MS, error);
}

pct_status pct_store_try_truncate_logs(pct_store *store, pct_error *error) {
    return truncate_logs(store, 0, error);
}
