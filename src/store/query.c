/* Statements of SQLite behind four verbs: begin, bind, run, fetch. They are prepared once and kept. Every code of
 * SQLite's ends as a sentence of ours, and as one of three fates: refused and harmless, busy, or broken. */
#include <errno.h>
#include <string.h>

#include "store/page_check.h"
#include "store/state.h"

static const struct {
    const char *sql;
    bool of_keys;
} statements[PCT_ST_COUNT] = {
#define record                  false
#define keys                    true
#define X(name, database, text) [PCT_ST_##name] = {text, database},
    PCT_STATEMENTS(X)
#undef X
#undef record
#undef keys
};

static pct_status broken(pct_store *store, pct_status status, pct_error *why, pct_error *error) {
    if (store) {
        store->broken = true;
        store->why = *why;
    }
    if (error) *error = *why;
    return status;
}

pct_status pct_store_failure(pct_store *store, sqlite3 *database, int code, pct_error *error) {
    pct_error why;
    const char *file = database ? sqlite3_db_filename(database, "main") : NULL;
    const char *says = sqlite3_errstr(code);
    if (!file || !*file) file = PCT_STORE_RECORD;
    if (code == SQLITE_IOERR_NOMEM) return pct_error_memory(error, 0);
    if (code == SQLITE_IOERR_SHMSIZE && database && sqlite3_system_errno(database) == ENOSPC)
        code = SQLITE_FULL; /* no room for the index of a log: nothing was written to a database */
    if (code == SQLITE_IOERR_DATA) {
        pct_page_failure(database, PCT_MSG_STORE_PAGE, file, &why);
        return broken(store, PCT_DAMAGED, &why, error);
    }
    switch (code & 0xFF) {
    case SQLITE_FULL: return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_STORE_FULL, pct_str(file));
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return PCT_FAIL(error, PCT_BUSY, PCT_MSG_STORE_BUSY, pct_str(file));
    case SQLITE_NOMEM: return pct_error_memory(error, 0);
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_STORE_REFUSES, pct_str(file), pct_str(says));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        (void)PCT_FAIL(&why, PCT_DAMAGED, PCT_MSG_STORE_DAMAGED, pct_str(file), pct_str(says));
        return broken(store, PCT_DAMAGED, &why, error);
    default:
        (void)PCT_FAIL(&why, PCT_IO, PCT_MSG_STORE_IO, pct_str(file), pct_str(says),
                       pct_int(database ? sqlite3_system_errno(database) : 0));
        return broken(store, PCT_IO, &why, error);
    }
}

pct_status pct_store_execute(pct_store *store, sqlite3 *database, const char *sql, pct_error *error) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK) return PCT_OK;
    return pct_store_failure(store, database, sqlite3_extended_errcode(database), error);
}

pct_query pct_query_begin(pct_store *store, pct_statement which) {
    pct_query query = {.store = store, .next = 1};
    query.database = statements[which].of_keys ? store->keys : store->record;
    if (store->broken || PCT_NEVER(!query.database)) {
        query.refused = true;
        return query;
    }
    if (!store->statements[which])
        query.code = sqlite3_prepare_v3(query.database, statements[which].sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &store->statements[which], NULL);
    query.statement = store->statements[which];
    return query;
}

static void bound(pct_query *query, int code) {
    if (!query->code) query->code = code;
    query->next++;
}

void pct_query_integer(pct_query *query, int64_t value) {
    if (query->statement) bound(query, sqlite3_bind_int64(query->statement, query->next, value));
}

void pct_query_text(pct_query *query, pct_text text) {
    if (query->statement)
        bound(query, sqlite3_bind_text64(query->statement, query->next, text.length ? text.chars : "",
                                         text.length, SQLITE_STATIC, SQLITE_UTF8));
}

void pct_query_blob(pct_query *query, const void *bytes, size_t length) {
    if (query->statement)
        bound(query,
              sqlite3_bind_blob64(query->statement, query->next, length ? bytes : "", length, SQLITE_STATIC));
}

void pct_query_null(pct_query *query) {
    if (query->statement) bound(query, sqlite3_bind_null(query->statement, query->next));
}

void pct_query_kind(pct_query *query, char kind) {
    char text[1] = {kind};
    if (query->statement)
        bound(query, sqlite3_bind_text(query->statement, query->next, text, 1, SQLITE_TRANSIENT));
}

void pct_query_end(pct_query *query) {
    if (!query->statement) return;
    (void)sqlite3_reset(query->statement);
    (void)sqlite3_clear_bindings(query->statement);
    query->statement = NULL;
}

static pct_status query_failed(pct_query *query, int code, pct_error *error) {
    pct_query_end(query);
    if (query->refused) {
        if (error) *error = query->store->why;
        return query->store->why.status;
    }
    return pct_store_failure(query->store, query->database, code, error);
}

pct_status pct_query_fetch(pct_query *query, bool *row, pct_error *error) {
    *row = false;
    if (query->refused || query->code) return query_failed(query, query->code, error);
    int code = sqlite3_step(query->statement);
    *row = code == SQLITE_ROW;
    if (*row) return PCT_OK;
    if (code != SQLITE_DONE) return query_failed(query, sqlite3_extended_errcode(query->database), error);
    pct_query_end(query);
    return PCT_OK;
}

pct_status pct_query_run(pct_query *query, pct_error *error) {
    bool row;
    pct_status status = pct_query_fetch(query, &row, error);
    pct_query_end(query);
    return status;
}

pct_text pct_query_text_at(const pct_query *query, int column) {
    const char *chars = (const char *)sqlite3_column_blob(query->statement, column);
    return (pct_text){chars ? chars : "", (size_t)sqlite3_column_bytes(query->statement, column)};
}

pct_status pct_store_run(pct_store *store, pct_statement which, pct_error *error) {
    pct_query query = pct_query_begin(store, which);
    return pct_query_run(&query, error);
}
