#include "store/retention.h"

#include <string.h>

#include "store/state.h"

pct_status pct_store_list_keys(pct_store *store, int64_t after, size_t most, pct_aged_key *out, size_t *count,
                               pct_error *error) {
    bool row = true;
    pct_query query = pct_query_begin(store, PCT_ST_LIST_KEYS);
    pct_query_integer(&query, after);
    pct_query_integer(&query, (int64_t)most);
    pct_status status = PCT_OK;
    for (*count = 0; *count < most; ++*count) {
        status = pct_query_fetch(&query, &row, error);
        if (status || !row) break;
        pct_text kind = pct_query_text_at(&query, 1), class = pct_query_text_at(&query, 3);
        pct_aged_key *key = &out[*count];
        *key = (pct_aged_key){
            .id = sqlite3_column_int64(query.statement, 0),
            .made_at_ms = sqlite3_column_int64(query.statement, 4),
            .object = {sqlite3_column_int64(query.statement, 2), kind.length ? kind.chars[0] : '\0'}};
        if (class.length < sizeof key->class) memcpy(key->class, class.chars, class.length);
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_object_ended(pct_store *store, pct_id object, int64_t *ended_at_ms, pct_error *error) {
    bool row;
    pct_statement which = object.kind == 'C'   ? PCT_ST_CALL_ENDED
                          : object.kind == 'I' ? PCT_ST_INCIDENT_ENDED
                                               : PCT_ST_ORDER_ENDED;
    *ended_at_ms = 0;
    if (object.kind != 'C' && object.kind != 'I' && object.kind != 'O') return PCT_NOT_FOUND;
    pct_query query = pct_query_begin(store, which);
    pct_query_integer(&query, object.seq);
    pct_status status = pct_query_fetch(&query, &row, error);
    if (!status && !row) status = PCT_NOT_FOUND;
    if (!status) *ended_at_ms = sqlite3_column_int64(query.statement, 0);
    pct_query_end(&query);
    return status;
}

pct_status pct_store_get_period(pct_store *store, pct_text class, int64_t *days, pct_error *error) {
    bool row;
    pct_query query = pct_query_begin(store, PCT_ST_GET_PERIOD);
    pct_query_text(&query, class);
    pct_status status = pct_query_fetch(&query, &row, error);
    *days = !status && row ? sqlite3_column_int64(query.statement, 0) : 0;
    pct_query_end(&query);
    return status;
}

pct_status pct_store_put_period(pct_store *store, pct_text class, int64_t days, int64_t seq,
                                pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_PERIOD);
    pct_query_text(&query, class);
    pct_query_integer(&query, days);
    pct_query_integer(&query, seq);
    return pct_query_run(&query, error);
}

pct_status pct_store_was_destroyed(pct_store *store, int64_t key, bool *out, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_WAS_DESTROYED);
    pct_query_integer(&query, key);
    pct_status status = pct_query_fetch(&query, out, error);
    pct_query_end(&query);
    return status;
}
