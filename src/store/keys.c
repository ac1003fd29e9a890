/* Keys of sealed fields. With a keeper they lie wrapped by the agency's key, bound to their id, object and class; a row that
 * says so (the mark) is itself something wrapped, so that another agency key is found out before anything is read or written.
 * Keys of a record from before are wrapped when it is opened, in one transaction; the log is emptied then, and old values
 * are overwritten (secure_delete), so that no key lies there bare. */
#include <string.h>

#include "store/state.h"

static const pct_stored_key mark_name = {0, {.seq = 0, .kind = 'A'}, {"personal", 8}};

static pct_status begin_keys(pct_store *store, pct_error *error) {
    if (store->in_keys) return PCT_OK;
    if (PCT_NEVER(!store->in_group)) return PCT_INTERNAL;
    pct_status status = pct_store_run(store, PCT_ST_KEYS_BEGIN, error);
    store->in_keys = !status;
    return status;
}

static pct_query key_query(pct_store *store, pct_statement which, pct_id object) {
    pct_query query = pct_query_begin(store, which);
    pct_query_kind(&query, object.kind);
    pct_query_integer(&query, object.seq);
    return query;
}

/* The one row with a key in `column`. */
static pct_status fetch_key(pct_query *query, int column, pct_stored_key *name,
                            unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error) {
    bool row;
    pct_store *store = query->store;
    const pct_key_keeper *keeper = store->keeper;
    pct_status status = pct_query_fetch(query, &row, error);
    if (!status && !row) status = PCT_NOT_FOUND;
    if (!status) {
        pct_text bytes = pct_query_text_at(query, column);
        if (column > 0) name->id = sqlite3_column_int64(query->statement, 0);
        if (bytes.length != (keeper ? PCT_STORE_WRAPPED_BYTES : PCT_STORE_KEY_BYTES))
            status = pct_store_failure(store, store->keys, SQLITE_CORRUPT, error);
        else if (keeper)
            status = keeper->unwrap(keeper->context, name, (const unsigned char *)bytes.chars, out, error);
        else
            memcpy(out, bytes.chars, bytes.length);
    }
    pct_query_end(query);
    return status;
}

pct_status pct_store_find_key(pct_store *store, const pct_stored_key *name,
                              unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error) {
    pct_stored_key copy = *name;
    pct_query query = key_query(store, PCT_ST_FIND_KEY, name->object);
    pct_query_text(&query, name->class);
    pct_query_integer(&query, name->id);
    return fetch_key(&query, 0, &copy, out, error);
}

/* The id is settled before the row is there, because the wrapping is bound to it. One writer: nobody else takes it. */
static pct_status next_id(pct_store *store, int64_t *out, pct_error *error) {
    bool row;
    pct_query query = pct_query_begin(store, PCT_ST_NEXT_KEY);
    pct_status status = pct_query_fetch(&query, &row, error);
    *out = !status && row ? sqlite3_column_int64(query.statement, 0) : 1;
    pct_query_end(&query);
    return status;
}

pct_status pct_store_add_key(pct_store *store, pct_stored_key *name,
                             const unsigned char fresh[PCT_STORE_KEY_BYTES], int64_t now_ms,
                             unsigned char out[PCT_STORE_KEY_BYTES], pct_error *error) {
    unsigned char wrapped[PCT_STORE_WRAPPED_BYTES];
    pct_query query = key_query(store, PCT_ST_PRESENT_KEY, name->object);
    pct_query_text(&query, name->class);
    pct_status status = fetch_key(&query, 1, name, out, error);
    if (status != PCT_NOT_FOUND) return status;
    status = begin_keys(store, error);
    if (!status) status = next_id(store, &name->id, error);
    if (status) return status;
    if (store->keeper) store->keeper->wrap(store->keeper->context, name, fresh, wrapped);
    query = key_query(store, PCT_ST_ADD_KEY, name->object);
    pct_query_text(&query, name->class);
    pct_query_blob(&query, store->keeper ? wrapped : fresh,
                   store->keeper ? PCT_STORE_WRAPPED_BYTES : PCT_STORE_KEY_BYTES);
    pct_query_integer(&query, now_ms);
    pct_query_integer(&query, name->id);
    status = pct_query_run(&query, error);
    if (status) return status;
    store->group.keys++;
    memcpy(out, fresh, PCT_STORE_KEY_BYTES);
    return PCT_OK;
}

/* Their numbers stay, in the record: a backup of keys.db must not bring them back. */
static pct_status note_destroyed(pct_store *store, pct_id object, pct_text class, pct_error *error) {
    bool row = true;
    pct_query query = key_query(store, PCT_ST_KEYS_OF, object);
    pct_query_text(&query, class);
    pct_status status = PCT_OK;
    while (!(status = pct_query_fetch(&query, &row, error)) && row) {
        pct_query put = pct_query_begin(store, PCT_ST_PUT_DESTROYED);
        pct_query_integer(&put, sqlite3_column_int64(query.statement, 0));
        status = pct_query_run(&put, error);
        if (status) break;
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_drop_keys(pct_store *store, pct_id object, pct_text class, int64_t *dropped,
                               pct_error *error) {
    pct_status status = begin_keys(store, error);
    *dropped = 0;
    if (!status) status = note_destroyed(store, object, class, error);
    if (status) return status;
    pct_query query = key_query(store, class.length ? PCT_ST_DROP_KEY : PCT_ST_DROP_KEYS, object);
    if (class.length) pct_query_text(&query, class);
    status = pct_query_run(&query, error);
    if (!status) *dropped = sqlite3_changes64(store->keys);
    return status;
}

/* --- the keeper -------------------------------------------------------------------------------------------------- */

/* *length 0: there is no mark. */
static pct_status read_mark(pct_store *store, unsigned char out[PCT_STORE_WRAPPED_BYTES], bool *there,
                            pct_error *error) {
    bool row;
    pct_query query = pct_query_begin(store, PCT_ST_GET_MARK);
    pct_status status = pct_query_fetch(&query, &row, error);
    *there = !status && row;
    if (*there) {
        pct_text bytes = pct_query_text_at(&query, 0);
        if (bytes.length == PCT_STORE_WRAPPED_BYTES)
            memcpy(out, bytes.chars, bytes.length);
        else
            status = pct_store_failure(store, store->keys, SQLITE_CORRUPT, error);
    }
    pct_query_end(&query);
    return status;
}

/* The next key behind `after` that is so long; *more false at the end. Texts of *name hold in `class`. */
static pct_status next_key(pct_store *store, bool wrapped, int64_t after, pct_stored_key *name,
                           char class[16], unsigned char bytes[PCT_STORE_WRAPPED_BYTES], bool *more,
                           pct_error *error) {
    const size_t size = wrapped ? PCT_STORE_WRAPPED_BYTES : PCT_STORE_KEY_BYTES;
    pct_query query = pct_query_begin(store, wrapped ? PCT_ST_NEXT_WRAPPED : PCT_ST_NEXT_BARE);
    pct_query_integer(&query, after);
    pct_status status = pct_query_fetch(&query, more, error);
    if (!status && *more) {
        pct_text kind = pct_query_text_at(&query, 1), text = pct_query_text_at(&query, 3);
        size_t length = text.length < 16 ? text.length : 0;
        memcpy(class, text.chars, length);
        *name = (pct_stored_key){.id = sqlite3_column_int64(query.statement, 0),
                                 .object = {.seq = sqlite3_column_int64(query.statement, 2),
                                            .kind = kind.length ? kind.chars[0] : 0},
                                 .class = {class, length}};
        memcpy(bytes, pct_query_text_at(&query, 4).chars, size);
    }
    pct_query_end(&query);
    return status;
}

static pct_status put_wrapped(pct_store *store, pct_statement which, const pct_stored_key *name,
                              const unsigned char key[PCT_STORE_KEY_BYTES], pct_error *error) {
    unsigned char wrapped[PCT_STORE_WRAPPED_BYTES];
    store->keeper->wrap(store->keeper->context, name, key, wrapped);
    pct_query query = pct_query_begin(store, which);
    pct_query_blob(&query, wrapped, sizeof wrapped);
    pct_query_integer(&query, name->id);
    return pct_query_run(&query, error);
}

/* All or none: the mark is a part of the transaction. */
static pct_status wrap_all(pct_store *store, pct_error *error) {
    unsigned char key[PCT_STORE_WRAPPED_BYTES] = {0};
    char class[16];
    pct_stored_key name = mark_name;
    bool more = true;
    pct_status status = pct_store_run(store, PCT_ST_KEYS_BEGIN, error);
    if (!status) status = put_wrapped(store, PCT_ST_PUT_MARK, &name, key, error);
    while (!status && more) {
        status = next_key(store, false, name.id, &name, class, key, &more, error);
        if (!status && more) status = put_wrapped(store, PCT_ST_WRAP_KEY, &name, key, error);
    }
    memset(key, 0, sizeof key);
    return status ? status : pct_store_run(store, PCT_ST_KEYS_COMMIT, error);
}

/* --- changing it --- */

static pct_status rewrap_all(pct_store *store, const pct_key_keeper *old, pct_error *error) {
    unsigned char wrapped[PCT_STORE_WRAPPED_BYTES], key[PCT_STORE_KEY_BYTES] = {0};
    char class[16];
    pct_stored_key name = mark_name;
    bool more = true;
    pct_status status = put_wrapped(store, PCT_ST_NEW_MARK, &name, key, error);
    while (!status && more) {
        status = next_key(store, true, name.id, &name, class, wrapped, &more, error);
        if (!status && more) status = old->unwrap(old->context, &name, wrapped, key, error);
        if (!status && more) status = put_wrapped(store, PCT_ST_WRAP_KEY, &name, key, error);
    }
    memset(key, 0, sizeof key);
    return status;
}

pct_status pct_store_rewrap(pct_store *store, const pct_key_keeper *next, pct_error *error) {
    const pct_key_keeper *old = store->keeper;
    if (PCT_NEVER(store->in_group || store->read_only || !old)) return PCT_INTERNAL;
    pct_status status = pct_store_run(store, PCT_ST_KEYS_BEGIN, error);
    store->keeper = next;
    if (!status) status = rewrap_all(store, old, error);
    if (!status) status = pct_store_run(store, PCT_ST_KEYS_COMMIT, error);
    if (!status) return pct_store_truncate_keys(store, error);
    store->keeper = old;
    pct_error ignored;
    if (!store->broken && !sqlite3_get_autocommit(store->keys))
        (void)!pct_store_run(store, PCT_ST_KEYS_ROLLBACK, &ignored);
    return status;
}

/* A change that the power ended half way: keys.db knows which of the two keys it is, and the other goes. */
static pct_status open_mark(const pct_key_keeper *keeper, const unsigned char mark[PCT_STORE_WRAPPED_BYTES],
                            pct_error *error) {
    unsigned char nothing[PCT_STORE_KEY_BYTES];
    pct_error why;
    pct_status status = keeper->unwrap(keeper->context, &mark_name, mark, nothing, error);
    if (!status && keeper->next) (void)!keeper->next(keeper->context, PCT_KEEPER_DROP, &why);
    if (status != PCT_DAMAGED || !keeper->next) return status;
    if (keeper->next(keeper->context, PCT_KEEPER_TRY, &why) != PCT_OK ||
        keeper->unwrap(keeper->context, &mark_name, mark, nothing, &why) != PCT_OK)
        return status;
    return keeper->next(keeper->context, PCT_KEEPER_TAKE, error);
}

/* --- restoring --- */

pct_status pct_store_restore_key(pct_store *store, const pct_stored_key *name,
                                 const unsigned char key[PCT_STORE_KEY_BYTES], int64_t made_at_ms,
                                 bool *fresh, pct_error *error) {
    unsigned char wrapped[PCT_STORE_WRAPPED_BYTES];
    pct_status status = begin_keys(store, error);
    *fresh = false;
    if (status) return status;
    if (store->keeper) store->keeper->wrap(store->keeper->context, name, key, wrapped);
    pct_query query = key_query(store, PCT_ST_RESTORE_KEY, name->object);
    pct_query_text(&query, name->class);
    pct_query_blob(&query, store->keeper ? wrapped : key,
                   store->keeper ? PCT_STORE_WRAPPED_BYTES : PCT_STORE_KEY_BYTES);
    pct_query_integer(&query, made_at_ms);
    pct_query_integer(&query, name->id);
    status = pct_query_run(&query, error);
    *fresh = !status && sqlite3_changes64(store->keys) > 0;
    return status;
}

pct_status pct_store_skip_keys(pct_store *store, int64_t id, pct_error *error) {
    pct_status status = begin_keys(store, error);
    if (status) return status;
    pct_query query = pct_query_begin(store, PCT_ST_SKIP_KEYS);
    pct_query_integer(&query, id);
    return pct_query_run(&query, error);
}

pct_status pct_store_meet_keeper(pct_store *store, const pct_key_keeper *keeper, pct_error *error) {
    unsigned char mark[PCT_STORE_WRAPPED_BYTES];
    bool marked;
    pct_status status = read_mark(store, mark, &marked, error);
    if (status) return status;
    if (!keeper)
        return marked ? pct_error_set(error, PCT_INPUT, PCT_MSG_STORE_KEEPER_NEEDED, NULL, 0) : PCT_OK;
    store->keeper = keeper;
    status = keeper->obtain(keeper->context, !marked, error);
    if (!status && !marked) status = wrap_all(store, error);
    if (status || !marked) return status;
    status = open_mark(keeper, mark, error);
    return status == PCT_DAMAGED
               ? PCT_FAIL(error, PCT_INPUT, PCT_MSG_STORE_KEEPER_WRONG, pct_str(keeper->file))
               : status;
}
