/* The derived tables of dispatch: rows in, rows out. Columns are bound and read in the order of the schema. */
#include <string.h>

#include "base/digest.h"
#include "store/schema.h"
#include "store/state.h"

enum { MS_PER_HOUR = 3600000 };

/* --- writing ----------------------------------------------------------------------------------------------------- */

static void bind_road(pct_query *query, bool has, pct_road_ref road) {
    const int64_t ids[] = {road.way, road.from, road.to};
    for (int i = 0; i < 3; i++) {
        if (has)
            pct_query_integer(query, ids[i]);
        else
            pct_query_null(query);
    }
}

static void bind_position(pct_query *query, bool has, pct_position position) {
    if (has) {
        pct_query_integer(query, position.lon_e7);
        pct_query_integer(query, position.lat_e7);
    } else {
        pct_query_null(query);
        pct_query_null(query);
    }
}

pct_status pct_store_put_call(pct_store *store, const pct_call_row *row, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_CALL);
    pct_query_integer(&query, row->id.seq);
    pct_query_integer(&query, row->received_at_ms);
    pct_query_integer(&query, row->incident.seq);
    pct_query_text(&query, row->type);
    pct_query_text(&query, row->channel);
    pct_query_integer(&query, row->priority);
    pct_query_text(&query, row->status);
    pct_query_text(&query, row->source_id);
    bind_road(&query, row->has_road, row->road);
    bind_position(&query, row->has_position, row->position);
    pct_query_text(&query, row->address);
    pct_query_text(&query, row->caller_name);
    pct_query_text(&query, row->caller_phone);
    pct_query_text(&query, row->words);
    return pct_query_run(&query, error);
}

pct_status pct_store_put_incident(pct_store *store, const pct_incident_row *row, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_INCIDENT);
    pct_query_integer(&query, row->id.seq);
    pct_query_integer(&query, row->opened_at_ms);
    pct_query_integer(&query, row->first_arrival_ms);
    pct_query_integer(&query, row->ended_at_ms);
    pct_query_text(&query, row->type);
    pct_query_text(&query, row->found_type);
    pct_query_integer(&query, row->priority);
    pct_query_text(&query, row->gravity);
    pct_query_text(&query, row->status);
    pct_query_text(&query, row->result);
    pct_query_integer(&query, row->calls);
    pct_query_integer(&query, row->orders);
    bind_road(&query, row->has_road, row->road);
    bind_position(&query, row->has_position, row->position);
    return pct_query_run(&query, error);
}

pct_status pct_store_put_order(pct_store *store, const pct_order_row *row, pct_error *error) {
    const int64_t numbers[] = {row->sent_at_ms,         row->acknowledged_at_ms, row->set_out_at_ms,
                               row->arrived_at_ms,      row->reported_at_ms,     row->ended_at_ms,
                               row->expected_travel_ms, row->reminders};
    pct_query query = pct_query_begin(store, PCT_ST_PUT_ORDER);
    pct_query_integer(&query, row->id.seq);
    pct_query_integer(&query, row->incident.seq);
    pct_query_integer(&query, row->unit.seq);
    pct_query_text(&query, row->status);
    pct_query_text(&query, row->policy);
    pct_query_text(&query, row->result);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) pct_query_integer(&query, numbers[i]);
    pct_query_text(&query, row->note);
    return pct_query_run(&query, error);
}

pct_status pct_store_put_unit(pct_store *store, const pct_unit_row *row, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_UNIT);
    pct_query_integer(&query, row->id.seq);
    pct_query_text(&query, row->name);
    pct_query_text(&query, row->station);
    pct_query_text(&query, row->kind);
    pct_query_text(&query, row->status);
    pct_query_integer(&query, row->status_since_ms);
    pct_query_integer(&query, row->officers);
    pct_query_integer(&query, row->auxiliaries);
    pct_query_integer(&query, row->shift_end_ms);
    pct_query_integer(&query, row->order.seq);
    return pct_query_run(&query, error);
}

pct_status pct_store_put_closure(pct_store *store, const pct_closure_row *row, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_CLOSURE);
    pct_query_integer(&query, row->id.seq);
    pct_query_integer(&query, row->ordered_at_ms);
    pct_query_integer(&query, row->until_ms);
    pct_query_integer(&query, row->ended_at_ms);
    pct_query_text(&query, row->author);
    pct_query_text(&query, row->reason);
    pct_query_text(&query, row->lift_reason);
    pct_query_text(&query, row->status);
    pct_query_integer(&query, row->both_ways);
    pct_query_text(&query, row->kind);
    pct_query_integer(&query, row->speed_kmh);
    return pct_query_run(&query, error);
}

pct_status pct_store_put_closed_road(pct_store *store, pct_closure_id closure, int64_t place,
                                     const pct_road_ref *road, const pct_position *position,
                                     pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_CLOSED_ROAD);
    pct_query_integer(&query, closure.seq);
    pct_query_integer(&query, place);
    bind_road(&query, road != NULL, road ? *road : (pct_road_ref){0});
    bind_position(&query, true, *position);
    return pct_query_run(&query, error);
}

pct_status pct_store_update_call(pct_store *store, const pct_call_row *row, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_UPDATE_CALL);
    pct_query_integer(&query, row->id.seq);
    pct_query_integer(&query, row->incident.seq);
    pct_query_text(&query, row->status);
    return pct_query_run(&query, error);
}

pct_status pct_store_update_incident(pct_store *store, const pct_incident_row *row, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_UPDATE_INCIDENT);
    pct_query_integer(&query, row->id.seq);
    pct_query_integer(&query, row->first_arrival_ms);
    pct_query_integer(&query, row->ended_at_ms);
    pct_query_text(&query, row->type);
    pct_query_text(&query, row->found_type);
    pct_query_integer(&query, row->priority);
    pct_query_text(&query, row->gravity);
    pct_query_text(&query, row->status);
    pct_query_integer(&query, row->calls);
    pct_query_integer(&query, row->orders);
    pct_query_text(&query, row->result);
    return pct_query_run(&query, error);
}

pct_status pct_store_update_order(pct_store *store, const pct_order_row *row, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_UPDATE_ORDER);
    pct_query_integer(&query, row->id.seq);
    pct_query_text(&query, row->status);
    pct_query_integer(&query, row->acknowledged_at_ms);
    pct_query_integer(&query, row->set_out_at_ms);
    pct_query_integer(&query, row->arrived_at_ms);
    pct_query_integer(&query, row->reported_at_ms);
    pct_query_integer(&query, row->ended_at_ms);
    pct_query_integer(&query, row->reminders);
    pct_query_text(&query, row->result);
    pct_query_text(&query, row->note);
    return pct_query_run(&query, error);
}

pct_status pct_store_put_involved(pct_store *store, pct_id object, int64_t seq, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_PUT_INVOLVED);
    pct_query_kind(&query, object.kind);
    pct_query_integer(&query, object.seq);
    pct_query_integer(&query, seq);
    return pct_query_run(&query, error);
}

pct_status pct_store_count_call(pct_store *store, int64_t received_at_ms, pct_text type, int64_t priority,
                                pct_error *error) {
    int64_t within_ms = received_at_ms % MS_PER_HOUR;
    pct_query query = pct_query_begin(store, PCT_ST_COUNT_CALL);
    pct_query_integer(&query, received_at_ms - within_ms - (within_ms < 0 ? MS_PER_HOUR : 0));
    pct_query_text(&query, type);
    pct_query_integer(&query, priority);
    return pct_query_run(&query, error);
}

pct_status pct_store_purge(pct_store *store, pct_id object, pct_text class, pct_error *error) {
    static const struct {
        char kind;
        const char *class;
        pct_statement statement;
    } purges[] = {{'C', "personal", PCT_ST_PURGE_CALL},
                  {'I', "personal", PCT_ST_PURGE_INCIDENT},
                  {'O', "narrative", PCT_ST_PURGE_ORDER}};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < sizeof purges / sizeof *purges && !status; i++) {
        bool same =
            class.length == strlen(purges[i].class) && !memcmp(class.chars, purges[i].class, class.length);
        if (purges[i].kind != object.kind || (class.length && !same)) continue;
        pct_query query = pct_query_begin(store, purges[i].statement);
        pct_query_integer(&query, object.seq);
        status = pct_query_run(&query, error);
    }
    return status;
}

static pct_status execute(pct_store *store, const char *sql, pct_error *error) {
    if (sqlite3_exec(store->record, sql, NULL, NULL, NULL) == SQLITE_OK) return PCT_OK;
    return pct_store_failure(store, store->record, sqlite3_extended_errcode(store->record), error);
}

/* Dropped and made again, so that a table whose schema was tampered with is as it should be. */
pct_status pct_store_drop_tables(pct_store *store, pct_error *error) {
    pct_status status = PCT_OK;
    for (const pct_table_schema *t = pct_schema_tables; t->name && !status; t++) {
        char sql[80];
        (void)sqlite3_snprintf(sizeof sql, sql, "DROP TABLE IF EXISTS %s", t->name);
        status = execute(store, sql, error);
        if (!status) status = pct_store_make_table(store, store->record, t, error);
    }
    if (!status) status = execute(store, pct_schema_indexes, error);
    return status;
}

static uint64_t digest_value(uint64_t digest, sqlite3_stmt *statement, int column) {
    int type = sqlite3_column_type(statement, column);
    const void *bytes = sqlite3_column_blob(statement, column); /* integers as text */
    int length = sqlite3_column_bytes(statement, column);
    digest = pct_digest_fold(digest, &type, sizeof type);
    digest = pct_digest_fold(digest, &length, sizeof length);
    return length > 0 ? pct_digest_fold(digest, bytes, (size_t)length) : digest;
}

static pct_status digest_table(pct_store *store, const pct_table_schema *table, pct_table_digest *out,
                               pct_error *error) {
    char sql[120];
    sqlite3_stmt *statement = NULL;
    *out = (pct_table_digest){.table = table->name};
    (void)sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM %s ORDER BY %s", table->name, table->key);
    int code = sqlite3_prepare_v2(store->record, sql, -1, &statement, NULL);
    while (!code && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            out->digest = digest_value(out->digest, statement, i);
        out->rows++;
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? PCT_OK : pct_store_failure(store, store->record, code, error);
}

pct_status pct_store_digest_tables(pct_store *store, pct_table_digest out[PCT_TABLES_MAX], size_t *count,
                                   pct_error *error) {
    pct_status status = PCT_OK;
    *count = 0;
    for (const pct_table_schema *t = pct_schema_tables; t->name && !status; t++)
        status = digest_table(store, t, &out[(*count)++], error);
    return status;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* Columns in order; text is copied to the arena. */
typedef struct row_reader {
    pct_query *query;
    pct_arena *arena;
    int next;
    bool failed; /* no memory */
} row_reader;

static int64_t read_integer(row_reader *r) {
    return sqlite3_column_int64(r->query->statement, r->next++);
}

static pct_text read_text(row_reader *r) {
    pct_text text = pct_query_text_at(r->query, r->next++);
    char *copy = pct_arena_text(r->arena, text.chars, text.length);
    if (!copy) r->failed = true;
    return copy ? (pct_text){copy, text.length} : (pct_text){"", 0};
}

static bool read_road(row_reader *r, pct_road_ref *out) {
    bool has = sqlite3_column_type(r->query->statement, r->next) != SQLITE_NULL;
    out->way = read_integer(r);
    out->from = read_integer(r);
    out->to = read_integer(r);
    return has;
}

static bool read_position(row_reader *r, pct_position *out) {
    bool has = sqlite3_column_type(r->query->statement, r->next) != SQLITE_NULL;
    out->lon_e7 = (int32_t)read_integer(r);
    out->lat_e7 = (int32_t)read_integer(r);
    return has;
}

static void read_call(row_reader *r, void *out) {
    pct_call_row *row = out;
    row->id.seq = read_integer(r);
    row->received_at_ms = read_integer(r);
    row->incident.seq = read_integer(r);
    row->type = read_text(r);
    row->channel = read_text(r);
    row->priority = read_integer(r);
    row->status = read_text(r);
    row->source_id = read_text(r);
    row->has_road = read_road(r, &row->road);
    row->has_position = read_position(r, &row->position);
    row->address = read_text(r);
    row->caller_name = read_text(r);
    row->caller_phone = read_text(r);
    row->words = read_text(r);
}

static void read_incident(row_reader *r, void *out) {
    pct_incident_row *row = out;
    row->id.seq = read_integer(r);
    row->opened_at_ms = read_integer(r);
    row->first_arrival_ms = read_integer(r);
    row->ended_at_ms = read_integer(r);
    row->type = read_text(r);
    row->found_type = read_text(r);
    row->priority = read_integer(r);
    row->gravity = read_text(r);
    row->status = read_text(r);
    row->result = read_text(r);
    row->calls = read_integer(r);
    row->orders = read_integer(r);
    row->has_road = read_road(r, &row->road);
    row->has_position = read_position(r, &row->position);
}

static void read_order(row_reader *r, void *out) {
    pct_order_row *row = out;
    row->id.seq = read_integer(r);
    row->incident.seq = read_integer(r);
    row->unit.seq = read_integer(r);
    row->status = read_text(r);
    row->policy = read_text(r);
    row->result = read_text(r);
    int64_t *const numbers[] = {&row->sent_at_ms,         &row->acknowledged_at_ms, &row->set_out_at_ms,
                                &row->arrived_at_ms,      &row->reported_at_ms,     &row->ended_at_ms,
                                &row->expected_travel_ms, &row->reminders};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) *numbers[i] = read_integer(r);
    row->note = read_text(r);
}

static void read_unit(row_reader *r, void *out) {
    pct_unit_row *row = out;
    row->id.seq = read_integer(r);
    row->name = read_text(r);
    row->station = read_text(r);
    row->kind = read_text(r);
    row->status = read_text(r);
    row->status_since_ms = read_integer(r);
    row->officers = read_integer(r);
    row->auxiliaries = read_integer(r);
    row->shift_end_ms = read_integer(r);
    row->order.seq = read_integer(r);
}

static void read_closed_road(row_reader *r, void *out) {
    pct_closed_road *row = out;
    row->has_road = read_road(r, &row->road);
    (void)read_position(r, &row->position);
}

static void read_place_count(row_reader *r, void *out) {
    pct_place_count *row = out;
    (void)read_road(r, &row->road);
    row->incidents = read_integer(r);
    row->first_ms = read_integer(r);
}

static void read_count(row_reader *r, void *out) {
    pct_call_count *row = out;
    row->hour_ms = read_integer(r);
    row->type = read_text(r);
    row->priority = read_integer(r);
    row->calls = read_integer(r);
}

/* Where rows go, and of what kind they are. */
typedef struct row_target {
    void (*read)(row_reader *reader, void *out);
    size_t size, most;
    void *rows;
    pct_arena *arena;
} row_target;

static pct_status read_rows(pct_query *query, const row_target *target, size_t *count, pct_error *error) {
    bool row = false;
    pct_status status = PCT_OK;
    for (*count = 0; *count < target->most; (*count)++) {
        status = pct_query_fetch(query, &row, error);
        if (status || !row) break;
        char *out = (char *)target->rows + *count * target->size;
        row_reader reader = {query, target->arena, 0, false};
        memset(out, 0, target->size);
        target->read(&reader, out);
        if (reader.failed) {
            status = pct_error_memory(error, target->size);
            break;
        }
    }
    pct_query_end(query);
    return status;
}

static pct_status get_row(pct_store *store, pct_statement which, pct_id id, row_target target,
                          pct_error *error) {
    size_t count;
    char name[PCT_ID_TEXT];
    pct_query query = pct_query_begin(store, which);
    pct_query_integer(&query, id.seq);
    target.most = 1;
    pct_status status = read_rows(&query, &target, &count, error);
    if (status || count == 1) return status;
    (void)pct_id_write(id, name);
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_STORE_NO_ROW, pct_str(name));
}

pct_status pct_store_get_call(pct_store *store, pct_call_id id, pct_arena *arena, pct_call_row *out,
                              pct_error *error) {
    return get_row(store, PCT_ST_GET_CALL, (pct_id){.kind = 'C', .seq = id.seq},
                   (row_target){read_call, sizeof *out, 1, out, arena}, error);
}

pct_status pct_store_get_incident(pct_store *store, pct_incident_id id, pct_arena *arena,
                                  pct_incident_row *out, pct_error *error) {
    return get_row(store, PCT_ST_GET_INCIDENT, (pct_id){.kind = 'I', .seq = id.seq},
                   (row_target){read_incident, sizeof *out, 1, out, arena}, error);
}

pct_status pct_store_get_order(pct_store *store, pct_order_id id, pct_arena *arena, pct_order_row *out,
                               pct_error *error) {
    return get_row(store, PCT_ST_GET_ORDER, (pct_id){.kind = 'O', .seq = id.seq},
                   (row_target){read_order, sizeof *out, 1, out, arena}, error);
}

pct_status pct_store_get_unit(pct_store *store, pct_unit_id id, pct_arena *arena, pct_unit_row *out,
                              pct_error *error) {
    return get_row(store, PCT_ST_GET_UNIT, (pct_id){.kind = 'U', .seq = id.seq},
                   (row_target){read_unit, sizeof *out, 1, out, arena}, error);
}

static pct_query list_query(pct_store *store, pct_statement which, int64_t key, size_t most) {
    pct_query query = pct_query_begin(store, which);
    pct_query_integer(&query, key);
    pct_query_integer(&query, (int64_t)most);
    return query;
}

pct_status pct_store_list_calls(pct_store *store, int64_t before, size_t most, pct_arena *arena,
                                pct_call_row *out, size_t *count, pct_error *error) {
    pct_query query = list_query(store, PCT_ST_LIST_CALLS, before ? before : INT64_MAX, most);
    return read_rows(&query, &(row_target){read_call, sizeof *out, most, out, arena}, count, error);
}

pct_status pct_store_list_incidents(pct_store *store, int64_t before, size_t most, pct_arena *arena,
                                    pct_incident_row *out, size_t *count, pct_error *error) {
    pct_query query = list_query(store, PCT_ST_LIST_INCIDENTS, before ? before : INT64_MAX, most);
    return read_rows(&query, &(row_target){read_incident, sizeof *out, most, out, arena}, count, error);
}

pct_status pct_store_list_orders(pct_store *store, pct_incident_id incident, size_t most, pct_arena *arena,
                                 pct_order_row *out, size_t *count, pct_error *error) {
    pct_query query = list_query(store, PCT_ST_LIST_ORDERS, incident.seq, most);
    return read_rows(&query, &(row_target){read_order, sizeof *out, most, out, arena}, count, error);
}

pct_status pct_store_list_closed_roads(pct_store *store, pct_closure_id closure, size_t most,
                                       pct_arena *arena, pct_closed_road *out, size_t *count,
                                       pct_error *error) {
    pct_query query = list_query(store, PCT_ST_LIST_CLOSED_ROADS, closure.seq, most);
    return read_rows(&query, &(row_target){read_closed_road, sizeof *out, most, out, arena}, count, error);
}

pct_status pct_store_count_incidents_by_road(pct_store *store, int64_t since_ms, size_t most,
                                             pct_arena *arena, pct_place_count *out, size_t *count,
                                             pct_error *error) {
    pct_query query = list_query(store, PCT_ST_COUNT_BY_ROAD, since_ms, most);
    return read_rows(&query, &(row_target){read_place_count, sizeof *out, most, out, arena}, count, error);
}

pct_status pct_store_list_counts(pct_store *store, int64_t from_ms, int64_t until_ms, size_t most,
                                 pct_arena *arena, pct_call_count *out, size_t *count, pct_error *error) {
    pct_query query = pct_query_begin(store, PCT_ST_LIST_COUNTS);
    pct_query_integer(&query, from_ms);
    pct_query_integer(&query, until_ms);
    pct_query_integer(&query, (int64_t)most);
    return read_rows(&query, &(row_target){read_count, sizeof *out, most, out, arena}, count, error);
}
