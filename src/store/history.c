#include "store/history.h"

#include "store/state.h"

static int64_t integer_at(const pct_query *query, int column) {
    return sqlite3_column_int64(query->statement, column);
}

pct_status pct_store_each_earlier_call(pct_store *store, pct_box box, int64_t since_ms,
                                       pct_earlier_visitor *visit, void *context, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_EARLIER_CALLS);
    bool row = false;
    pct_query_integer(&query, box.min.lat_e7);
    pct_query_integer(&query, box.max.lat_e7);
    pct_query_integer(&query, box.min.lon_e7);
    pct_query_integer(&query, box.max.lon_e7);
    pct_query_integer(&query, since_ms);
    pct_status status = pct_query_fetch(&query, &row, error);
    while (!status && row) {
        const pct_earlier_call call = {
            .received_at_ms = integer_at(&query, 0),
            .type = pct_query_text_at(&query, 1),
            .position = {(int32_t)integer_at(&query, 2), (int32_t)integer_at(&query, 3)},
            .incident = {integer_at(&query, 4)},
            .result = pct_query_text_at(&query, 5)};
        status = visit(context, &call, error);
        if (!status) status = pct_query_fetch(&query, &row, error);
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_each_count(pct_store *store, int64_t from_ms, int64_t until_ms, pct_count_visitor *visit,
                                void *context, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_LIST_COUNTS);
    bool row = false;
    pct_query_integer(&query, from_ms);
    pct_query_integer(&query, until_ms);
    pct_query_integer(&query, INT64_MAX);
    pct_status status = pct_query_fetch(&query, &row, error);
    while (!status && row) {
        const pct_call_count count = {integer_at(&query, 0), pct_query_text_at(&query, 1),
                                      integer_at(&query, 2), integer_at(&query, 3)};
        status = visit(context, &count, error);
        if (!status) status = pct_query_fetch(&query, &row, error);
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_each_response(pct_store *store, int64_t from_ms, int64_t until_ms,
                                   pct_response_visitor *visit, void *context, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_RESPONSES);
    bool row = false;
    pct_query_integer(&query, from_ms);
    pct_query_integer(&query, until_ms);
    pct_status status = pct_query_fetch(&query, &row, error);
    while (!status && row) {
        const pct_response response = {integer_at(&query, 0), integer_at(&query, 1), integer_at(&query, 2)};
        status = visit(context, &response, error);
        if (!status) status = pct_query_fetch(&query, &row, error);
    }
    pct_query_end(&query);
    return status;
}

pct_status pct_store_each_called_in(pct_store *store, int64_t since_ms, pct_called_in_visitor *visit,
                                    void *context, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_CALLED_IN);
    bool row = false;
    pct_query_integer(&query, since_ms);
    pct_status status = pct_query_fetch(&query, &row, error);
    while (!status && row) {
        const pct_called_in incident = {
            integer_at(&query, 0), {integer_at(&query, 1), integer_at(&query, 2), integer_at(&query, 3)}};
        status = visit(context, &incident, error);
        if (!status) status = pct_query_fetch(&query, &row, error);
    }
    pct_query_end(&query);
    return status;
}
