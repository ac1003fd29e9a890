#include "store/backup.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "store/page_check.h"
#include "store/schema.h"
#include "store/state.h"

pct_status pct_store_hold(pct_store *store, pct_error *error) {
    return pct_store_execute(store, store->record, "BEGIN", error);
}

void pct_store_let_go(pct_store *store) {
    if (!sqlite3_get_autocommit(store->record)) (void)sqlite3_exec(store->record, "COMMIT", NULL, NULL, NULL);
}

/* --- statements that are used once --------------------------------------------------------------------------------- */

static pct_text text_at(sqlite3_stmt *statement, int column) {
    const char *chars = sqlite3_column_blob(statement, column);
    return (pct_text){chars ? chars : "", (size_t)sqlite3_column_bytes(statement, column)};
}

typedef pct_status row_visitor(void *context, sqlite3_stmt *row, pct_error *error);

static pct_status each_row(pct_store *store, const char *sql, const int64_t *bound, int count,
                           row_visitor *visit, void *context, pct_error *error) {
    sqlite3_stmt *statement = NULL;
    pct_status status = PCT_OK;
    int code = sqlite3_prepare_v2(store->record, sql, -1, &statement, NULL);
    for (int i = 0; i < count && !code; i++) code = sqlite3_bind_int64(statement, i + 1, bound[i]);
    while (!code && !status && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        status = visit(context, statement, error);
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return status || code == SQLITE_DONE ? status : pct_store_failure(store, store->record, code, error);
}

/* --- tables -------------------------------------------------------------------------------------------------------- */

static pct_status digest_row(void *context, sqlite3_stmt *row, pct_error *error) {
    pct_table_digest *out = context;
    (void)error;
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const int type = sqlite3_column_type(row, i);
        const pct_text value = text_at(row, i); /* integers as text */
        out->digest = pct_digest_fold(out->digest, &type, sizeof type);
        out->digest = pct_digest_fold(out->digest, &value.length, sizeof value.length);
        if (value.length) out->digest = pct_digest_fold(out->digest, value.chars, value.length);
    }
    out->rows++;
    return PCT_OK;
}

static pct_status digest_table(pct_store *store, const pct_table_schema *table, pct_table_digest *out,
                               pct_error *error) {
    pct_buffer sql = pct_buffer_init(PCT_SCHEMA_BYTES_MAX);
    const char *between = "SELECT ";
    *out = (pct_table_digest){.table = table->name};
    for (const pct_column *c = table->columns; c->name; c++) {
        if (c->period == PCT_PERIOD_PERSONAL || c->period == PCT_PERIOD_NARRATIVE) continue;
        (void)pct_buffer_append_format(&sql, "%s%s", between, c->name);
        between = ", ";
    }
    (void)pct_buffer_append_format(&sql, " FROM %s ORDER BY %s", table->name, table->key);
    const char *text = pct_buffer_chars(&sql);
    pct_status status = pct_buffer_status(&sql, error);
    if (!status) status = each_row(store, text, NULL, 0, digest_row, out, error);
    pct_buffer_dispose(&sql);
    return status;
}

pct_status pct_store_digest_unsealed(pct_store *store, pct_table_digest out[PCT_TABLES_MAX], size_t *count,
                                     pct_error *error) {
    pct_status status = PCT_OK;
    *count = 0;
    for (const pct_table_schema *t = pct_schema_tables; t->name && !status; t++)
        status = digest_table(store, t, &out[(*count)++], error);
    return status;
}

/* --- replies, documents, destroyed keys ------------------------------------------------------------------------------ */

typedef struct visiting {
    pct_reply_visitor *reply;
    pct_document_visitor *document;
    pct_destroyed_visitor *destroyed;
    void *context;
} visiting;

static pct_status visit_reply(void *context, sqlite3_stmt *row, pct_error *error) {
    const visiting *v = context;
    const pct_text body = text_at(row, 2), kind = text_at(row, 4);
    pct_stored_reply reply = {.account = text_at(row, 0),
                              .key = text_at(row, 1),
                              .expires_at_ms = sqlite3_column_int64(row, 3),
                              .object = {sqlite3_column_int64(row, 5), kind.length ? kind.chars[0] : '\0'},
                              .first_seq = sqlite3_column_int64(row, 6),
                              .last_seq = sqlite3_column_int64(row, 7)};
    memcpy(reply.body, body.chars, body.length < sizeof reply.body ? body.length : sizeof reply.body);
    return v->reply(v->context, &reply, error);
}

pct_status pct_store_each_reply(pct_store *store, int64_t from, int64_t until, pct_reply_visitor *visit,
                                void *context, pct_error *error) {
    visiting v = {.reply = visit, .context = context};
    return each_row(
        store,
        "SELECT account, key, body, expires_at, object_kind, object, first_seq, last_seq FROM reply"
        " WHERE first_seq >= ? AND first_seq < ? ORDER BY account, key",
        (const int64_t[]){from, until}, 2, visit_reply, &v, error);
}

static pct_status visit_document(void *context, sqlite3_stmt *row, pct_error *error) {
    const visiting *v = context;
    const pct_document document = {text_at(row, 0), text_at(row, 1), text_at(row, 2),
                                   sqlite3_column_int64(row, 3)};
    return v->document(v->context, &document, error);
}

pct_status pct_store_every_document(pct_store *store, pct_document_visitor *visit, void *context,
                                    pct_error *error) {
    visiting v = {.document = visit, .context = context};
    return each_row(store, "SELECT kind, name, bytes, expires_at FROM document ORDER BY kind, name", NULL, 0,
                    visit_document, &v, error);
}

static pct_status visit_destroyed(void *context, sqlite3_stmt *row, pct_error *error) {
    const visiting *v = context;
    return v->destroyed(v->context, sqlite3_column_int64(row, 0), error);
}

pct_status pct_store_each_destroyed(pct_store *store, pct_destroyed_visitor *visit, void *context,
                                    pct_error *error) {
    visiting v = {.destroyed = visit, .context = context};
    return each_row(store, "SELECT id FROM destroyed_key ORDER BY id", NULL, 0, visit_destroyed, &v, error);
}

static pct_status take_number(void *context, sqlite3_stmt *row, pct_error *error) {
    (void)error;
    *(int64_t *)context = sqlite3_column_int64(row, 0);
    return PCT_OK;
}

pct_status pct_store_count_destroyed(pct_store *store, int64_t *out, pct_error *error) {
    return each_row(store, "SELECT count(*) FROM destroyed_key", NULL, 0, take_number, out, error);
}

/* --- a record that is being restored --------------------------------------------------------------------------------- */

pct_status pct_store_put_destroyed(pct_store *store, int64_t key, pct_error *error) {
    pct_query put = pct_query_begin(store, PCT_ST_PUT_DESTROYED);
    pct_query_integer(&put, key);
    return pct_query_run(&put, error);
}

typedef struct settling {
    pct_store *store;
    int64_t dropped, largest;
} settling;

static pct_status drop_one(void *context, int64_t key, pct_error *error) {
    settling *s = context;
    char sql[80];
    (void)snprintf(sql, sizeof sql, "DELETE FROM key WHERE id = %lld", (long long)key);
    pct_status status = pct_store_execute(s->store, s->store->keys, sql, error);
    if (!status) s->dropped += sqlite3_changes64(s->store->keys);
    if (key > s->largest) s->largest = key;
    return status;
}

pct_status pct_store_settle_keys(pct_store *store, int64_t last_seq, int64_t used_key, int64_t *dropped,
                                 pct_error *error) {
    settling s = {.store = store, .largest = used_key};
    char sql[400];
    pct_status status = pct_store_execute(store, store->keys, "BEGIN IMMEDIATE", error);
    if (!status) status = pct_store_each_destroyed(store, drop_one, &s, error);
    (void)snprintf(sql, sizeof sql, "DELETE FROM key WHERE object > %lld", (long long)last_seq);
    if (!status) status = pct_store_execute(store, store->keys, sql, error);
    if (!status) s.dropped += sqlite3_changes64(store->keys);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO sqlite_sequence (name, seq) SELECT 'key', 0 WHERE NOT EXISTS"
                   " (SELECT 1 FROM sqlite_sequence WHERE name = 'key');"
                   "UPDATE sqlite_sequence SET seq = max(seq, %lld) WHERE name = 'key'",
                   (long long)s.largest);
    if (!status) status = pct_store_execute(store, store->keys, sql, error);
    if (!status)
        status = pct_store_execute(store, store->keys, "COMMIT", error);
    else if (!sqlite3_get_autocommit(store->keys))
        (void)sqlite3_exec(store->keys, "ROLLBACK", NULL, NULL, NULL);
    *dropped = s.dropped;
    return status ? status : pct_store_truncate_logs(store, error);
}

/* --- other databases ------------------------------------------------------------------------------------------------- */

static pct_status copy_failed(const char *path, sqlite3 *database, int code, pct_error *error) {
    if ((code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED)
        return PCT_FAIL(error, PCT_BUSY, PCT_MSG_STORE_BUSY, pct_str(path));
    if ((code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_STORE_DAMAGED, pct_str(path),
                        pct_str(sqlite3_errstr(code)));
    if ((code & 0xFF) == SQLITE_FULL) return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_STORE_FULL, pct_str(path));
    if (code == SQLITE_IOERR_DATA) return pct_page_failure(database, PCT_MSG_STORE_PAGE, path, error);
    return PCT_FAIL(error, PCT_IO, PCT_MSG_STORE_IO, pct_str(path), pct_str(sqlite3_errstr(code)),
                    pct_int(database ? sqlite3_system_errno(database) : 0));
}

static pct_status run_on(const char *path, int flags, const char *sql, pct_error *error) {
    sqlite3 *database = NULL;
    pct_status status = PCT_OK;
    int code = pct_page_open(path, &database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (!code) (void)sqlite3_busy_timeout(database, 2000);
    if (!code) (void)sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (!code && sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        code = sqlite3_extended_errcode(database);
    if (code) status = copy_failed(path, database, code, error);
    (void)sqlite3_close(database);
    return status;
}

pct_status pct_store_copy_database(const char *from, const char *to, const char *then, pct_error *error) {
    char *copy = sqlite3_mprintf("VACUUM INTO %Q", to);
    if (!copy) return pct_error_memory(error, 0);
    pct_status status = run_on(from, SQLITE_OPEN_READONLY, copy, error);
    sqlite3_free(copy);
    return status || !then ? status : run_on(to, SQLITE_OPEN_READWRITE, then, error);
}
