/* Facts: events, replies, documents, and the frontier of the tree. */
#include <string.h>

#include "store/state.h"

static pct_status check_size(size_t length, size_t max, pct_message what, pct_error *error) {
    if (length <= max) return PCT_OK;
    return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(what), pct_int((int64_t)max));
}

static pct_status damaged(pct_store *store, pct_error *error) {
    return pct_store_failure(store, store->record, SQLITE_CORRUPT, error);
}

/* --- events ------------------------------------------------------------------------------------------------------ */

pct_status pct_store_add_event(pct_store *store, const pct_stored_event *event, pct_error *error) {
    pct_status status = check_size(event->bytes.length, PCT_STORE_VALUE_MAX, PCT_MSG_WHAT_EVENT_BYTES, error);
    if (status) return status;
    pct_query query = pct_query_begin(store, PCT_ST_ADD_EVENT);
    pct_query_integer(&query, event->seq);
    pct_query_blob(&query, event->bytes.chars, event->bytes.length);
    pct_query_blob(&query, event->leaf, PCT_STORE_HASH_BYTES);
    status = pct_query_run(&query, error);
    store->group.events += !status;
    return status;
}

pct_status pct_store_last_seq(pct_store *store, int64_t *out, pct_error *error) {
    bool row;
    pct_query query = pct_query_begin(store, PCT_ST_LAST_SEQ);
    pct_status status = pct_query_fetch(&query, &row, error);
    *out = !status && row ? sqlite3_column_int64(query.statement, 0) : 0;
    pct_query_end(&query);
    return status;
}

static pct_status visit_events(pct_query *query, pct_event_visitor *visit, void *context, pct_error *error) {
    bool row;
    pct_status status;
    while ((status = pct_query_fetch(query, &row, error)) == PCT_OK && row) {
        pct_text leaf = pct_query_text_at(query, 2);
        pct_stored_event event = {sqlite3_column_int64(query->statement, 0), pct_query_text_at(query, 1),
                                  (const unsigned char *)leaf.chars};
        status = leaf.length == PCT_STORE_HASH_BYTES ? visit(context, &event, error)
                                                     : damaged(query->store, error);
        if (status) break;
    }
    pct_query_end(query);
    return status;
}

pct_status pct_store_each_event(pct_store *store, int64_t from, int64_t until, pct_event_visitor *visit,
                                void *context, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_EVENTS);
    pct_query_integer(&query, from);
    pct_query_integer(&query, until);
    return visit_events(&query, visit, context, error);
}

pct_status pct_store_each_event_of(pct_store *store, pct_id object, int64_t from, pct_event_visitor *visit,
                                   void *context, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_EVENTS_OF);
    pct_query_kind(&query, object.kind);
    pct_query_integer(&query, object.seq);
    pct_query_integer(&query, from);
    return visit_events(&query, visit, context, error);
}

pct_status pct_store_each_event_of_kind(pct_store *store, char kind, pct_event_visitor *visit, void *context,
                                        pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_EVENTS_OF_KIND);
    pct_query_kind(&query, kind);
    return visit_events(&query, visit, context, error);
}

struct pct_event_cursor {
    pct_store *store;
    sqlite3_stmt *statement;
};

pct_status pct_event_cursor_open(pct_store *store, int64_t from, pct_event_cursor **out, pct_error *error) {
    pct_event_cursor *cursor = pct_alloc_zeroed(1, sizeof *cursor);
    *out = NULL;
    if (!cursor) return pct_error_memory(error, sizeof *cursor);
    cursor->store = store;
    int code =
        sqlite3_prepare_v2(store->record, "SELECT seq, bytes, leaf FROM event WHERE seq >= ? ORDER BY seq",
                           -1, &cursor->statement, NULL);
    if (!code) code = sqlite3_bind_int64(cursor->statement, 1, from);
    if (code) {
        pct_event_cursor_close(cursor);
        return pct_store_failure(store, store->record, code, error);
    }
    *out = cursor;
    return PCT_OK;
}

pct_status pct_event_cursor_next(pct_event_cursor *cursor, pct_stored_event *event, bool *more,
                                 pct_error *error) {
    int code = sqlite3_step(cursor->statement);
    *more = code == SQLITE_ROW;
    if (!*more)
        return code == SQLITE_DONE ? PCT_OK
                                   : pct_store_failure(cursor->store, cursor->store->record, code, error);
    const char *bytes = sqlite3_column_blob(cursor->statement, 1);
    *event = (pct_stored_event){sqlite3_column_int64(cursor->statement, 0),
                                {bytes ? bytes : "", (size_t)sqlite3_column_bytes(cursor->statement, 1)},
                                sqlite3_column_blob(cursor->statement, 2)};
    return sqlite3_column_bytes(cursor->statement, 2) == PCT_STORE_HASH_BYTES ? PCT_OK
                                                                              : damaged(cursor->store, error);
}

void pct_event_cursor_close(pct_event_cursor *cursor) {
    if (!cursor) return;
    (void)sqlite3_finalize(cursor->statement);
    pct_free(cursor);
}

/* --- replies ----------------------------------------------------------------------------------------------------- */

pct_status pct_store_add_reply(pct_store *store, const pct_stored_reply *reply, pct_error *error) {
    pct_status status = check_size(reply->account.length, PCT_STORE_NAME_MAX, PCT_MSG_WHAT_NAME_BYTES, error);
    if (!status) status = check_size(reply->key.length, PCT_STORE_NAME_MAX, PCT_MSG_WHAT_NAME_BYTES, error);
    if (status) return status;
    pct_query query = pct_query_begin(store, PCT_ST_ADD_REPLY);
    pct_query_text(&query, reply->account);
    pct_query_text(&query, reply->key);
    pct_query_blob(&query, reply->body, sizeof reply->body);
    pct_query_integer(&query, reply->expires_at_ms);
    pct_query_kind(&query, reply->object.kind);
    pct_query_integer(&query, reply->object.seq);
    pct_query_integer(&query, reply->first_seq);
    pct_query_integer(&query, reply->last_seq);
    return pct_query_run(&query, error);
}

pct_status pct_store_find_reply(pct_store *store, pct_text account, pct_text key, int64_t now_ms,
                                pct_stored_reply *out, bool *found, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_FIND_REPLY);
    pct_query_text(&query, account);
    pct_query_text(&query, key);
    pct_query_integer(&query, now_ms);
    pct_status status = pct_query_fetch(&query, found, error);
    if (!status && *found) {
        pct_text body = pct_query_text_at(&query, 0), kind = pct_query_text_at(&query, 2);
        *out = (pct_stored_reply){.account = account, .key = key};
        if (body.length != sizeof out->body || kind.length != 1)
            status = damaged(store, error);
        else
            memcpy(out->body, body.chars, body.length);
        out->object = (pct_id){.kind = kind.chars[0], .seq = sqlite3_column_int64(query.statement, 3)};
        out->expires_at_ms = sqlite3_column_int64(query.statement, 1);
        out->first_seq = sqlite3_column_int64(query.statement, 4);
        out->last_seq = sqlite3_column_int64(query.statement, 5);
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_drop_replies(pct_store *store, int64_t now_ms, int64_t most, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_DROP_REPLIES);
    pct_query_integer(&query, now_ms);
    pct_query_integer(&query, most);
    return pct_query_run(&query, error);
}

/* --- documents --------------------------------------------------------------------------------------------------- */

pct_status pct_store_put_document(pct_store *store, const pct_document *document, pct_error *error) {
    pct_status status = check_size(document->name.length, PCT_STORE_NAME_MAX, PCT_MSG_WHAT_NAME_BYTES, error);
    if (!status)
        status = check_size(document->bytes.length, PCT_STORE_VALUE_MAX, PCT_MSG_WHAT_DOCUMENT_BYTES, error);
    if (status) return status;
    pct_query query = pct_query_begin(store, PCT_ST_PUT_DOCUMENT);
    pct_query_text(&query, document->kind);
    pct_query_text(&query, document->name);
    pct_query_blob(&query, document->bytes.chars, document->bytes.length);
    pct_query_integer(&query, document->expires_at_ms);
    return pct_query_run(&query, error);
}

pct_status pct_store_get_document(pct_store *store, pct_text kind, pct_text name, int64_t now_ms,
                                  pct_buffer *out, pct_error *error) {
    bool row;
    pct_query query = pct_query_begin(store, PCT_ST_GET_DOCUMENT);
    pct_query_text(&query, kind);
    pct_query_text(&query, name);
    pct_query_integer(&query, now_ms);
    pct_status status = pct_query_fetch(&query, &row, error);
    if (!status && !row)
        status = PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_STORE_NO_DOCUMENT, pct_view(kind), pct_view(name));
    if (!status) {
        pct_text bytes = pct_query_text_at(&query, 0);
        (void)pct_buffer_append(out, bytes.chars, bytes.length);
        status = pct_buffer_status(out, error);
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_drop_document(pct_store *store, pct_text kind, pct_text name, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_DROP_DOCUMENT);
    pct_query_text(&query, kind);
    pct_query_text(&query, name);
    return pct_query_run(&query, error);
}

pct_status pct_store_drop_documents(pct_store *store, int64_t now_ms, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_DROP_DOCUMENTS);
    pct_query_integer(&query, now_ms);
    return pct_query_run(&query, error);
}

pct_status pct_store_each_document(pct_store *store, pct_text kind, int64_t now_ms,
                                   pct_document_visitor *visit, void *context, pct_error *error) {
    bool row;
    pct_status status;
    pct_query query = pct_query_begin(store, PCT_ST_DOCUMENTS);
    pct_query_text(&query, kind);
    pct_query_integer(&query, now_ms);
    while ((status = pct_query_fetch(&query, &row, error)) == PCT_OK && row) {
        const pct_document document = {pct_query_text_at(&query, 0), pct_query_text_at(&query, 1),
                                       pct_query_text_at(&query, 2),
                                       sqlite3_column_int64(query.statement, 3)};
        status = visit(context, &document, error);
        if (status) break;
    }
    pct_query_end(&query);
    return status;
}

/* --- the saved board --------------------------------------------------------------------------------------------- */

pct_status pct_store_put_saved(pct_store *store, pct_text bytes, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_SAVED);
    pct_query_blob(&query, bytes.chars, bytes.length);
    return pct_query_run(&query, error);
}

pct_status pct_store_get_saved(pct_store *store, pct_buffer *out, pct_error *error) {
    bool row;
    pct_query query = pct_query_begin(store, PCT_ST_GET_SAVED);
    pct_status status = pct_query_fetch(&query, &row, error);
    if (!status && !row) return PCT_NOT_FOUND;
    if (!status) {
        pct_text bytes = pct_query_text_at(&query, 0);
        (void)pct_buffer_append(out, bytes.chars, bytes.length);
        status = pct_buffer_status(out, error);
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_drop_saved(pct_store *store, pct_error *error) {
    return pct_store_run(store, PCT_ST_DROP_SAVED, error);
}

/* --- the tree ---------------------------------------------------------------------------------------------------- */

pct_status pct_store_put_frontier(pct_store *store, int64_t size, pct_text bytes, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_FRONTIER);
    pct_query_integer(&query, size);
    pct_query_blob(&query, bytes.chars, bytes.length);
    return pct_query_run(&query, error);
}

pct_status pct_store_get_frontier(pct_store *store, int64_t *size, pct_buffer *out, pct_error *error) {
    bool row;
    pct_query query = pct_query_begin(store, PCT_ST_GET_FRONTIER);
    pct_status status = pct_query_fetch(&query, &row, error);
    *size = 0;
    if (!status && row) {
        pct_text bytes = pct_query_text_at(&query, 1);
        *size = sqlite3_column_int64(query.statement, 0);
        (void)pct_buffer_append(out, bytes.chars, bytes.length);
        status = pct_buffer_status(out, error);
    }
    pct_query_end(&query);
    return status;
}
