/* Inside the store: shared by its files, and by nobody else. */
#ifndef PCT_STORE_STATE_H
#define PCT_STORE_STATE_H

#include <sqlite3.h>

#include "store/schema.h"
#include "store/tables.h"

/* Every statement, prepared when it is first used: X(NAME, database, SQL). */
#define PCT_STATEMENTS(X)                                                                                    \
    X(BEGIN, record, "BEGIN IMMEDIATE")                                                                      \
    X(COMMIT, record, "COMMIT")                                                                              \
    X(ROLLBACK, record, "ROLLBACK")                                                                          \
    X(MARK, record, "SAVEPOINT part")                                                                        \
    X(KEEP, record, "RELEASE part")                                                                          \
    X(GIVE_UP, record, "ROLLBACK TO part")                                                                   \
    X(KEYS_BEGIN, keys, "BEGIN IMMEDIATE")                                                                   \
    X(KEYS_COMMIT, keys, "COMMIT")                                                                           \
    X(KEYS_ROLLBACK, keys, "ROLLBACK")                                                                       \
    X(ADD_EVENT, record, "INSERT INTO event (seq, bytes, leaf) VALUES (?, ?, ?)")                            \
    X(LAST_SEQ, record, "SELECT max(seq) FROM event")                                                        \
    X(EVENTS, record, "SELECT seq, bytes, leaf FROM event WHERE seq >= ? AND seq < ? ORDER BY seq")          \
    X(EVENTS_OF, record,                                                                                     \
      "SELECT e.seq, e.bytes, e.leaf FROM involved i JOIN event e ON e.seq = i.seq"                          \
      " WHERE i.kind = ? AND i.object = ? AND i.seq >= ? ORDER BY i.seq")                                    \
    X(EVENTS_OF_KIND, record,                                                                                \
      "SELECT e.seq, e.bytes, e.leaf FROM involved i JOIN event e ON e.seq = i.seq"                          \
      " WHERE i.kind = ? ORDER BY i.object, i.seq")                                                          \
    X(ADD_REPLY, record,                                                                                     \
      "INSERT OR REPLACE INTO reply (account, key, body, expires_at, object_kind, object, first_seq,"        \
      " last_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")                                                          \
    X(FIND_REPLY, record,                                                                                    \
      "SELECT body, expires_at, object_kind, object, first_seq, last_seq FROM reply"                         \
      " WHERE account = ? AND key = ? AND expires_at > ?")                                                   \
    X(DROP_REPLIES, record,                                                                                  \
      "DELETE FROM reply WHERE (account, key) IN"                                                            \
      " (SELECT account, key FROM reply WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)")                 \
    X(PUT_DOCUMENT, record,                                                                                  \
      "INSERT OR REPLACE INTO document (kind, name, bytes, expires_at) VALUES (?, ?, ?, ?)")                 \
    X(GET_DOCUMENT, record,                                                                                  \
      "SELECT bytes FROM document WHERE kind = ? AND name = ? AND (expires_at = 0 OR expires_at > ?)")       \
    X(DROP_DOCUMENT, record, "DELETE FROM document WHERE kind = ? AND name = ?")                             \
    X(DROP_DOCUMENTS, record, "DELETE FROM document WHERE expires_at > 0 AND expires_at <= ?")               \
    X(DOCUMENTS, record,                                                                                     \
      "SELECT kind, name, bytes, expires_at FROM document WHERE kind = ?"                                    \
      " AND (expires_at = 0 OR expires_at > ?) ORDER BY name")                                               \
    X(PUT_FRONTIER, record, "INSERT OR REPLACE INTO frontier (id, size, bytes) VALUES (1, ?, ?)")            \
    X(GET_FRONTIER, record, "SELECT size, bytes FROM frontier WHERE id = 1")                                 \
    X(PUT_SAVED, record, "INSERT OR REPLACE INTO saved_board (id, bytes) VALUES (1, ?)")                     \
    X(GET_SAVED, record, "SELECT bytes FROM saved_board WHERE id = 1")                                       \
    X(DROP_SAVED, record, "DELETE FROM saved_board")                                                         \
    X(ADD_KEY, keys, "INSERT INTO key (kind, object, class, bytes, made_at, id) VALUES (?, ?, ?, ?, ?, ?)")  \
    X(NEXT_KEY, keys, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'key'")                              \
    X(GET_MARK, keys, "SELECT bytes FROM agency WHERE id = 0")                                               \
    X(PUT_MARK, keys, "INSERT INTO agency (bytes, id) VALUES (?, ?)")                                        \
    X(NEW_MARK, keys, "UPDATE agency SET bytes = ? WHERE id = ?")                                            \
    X(RESTORE_KEY, keys,                                                                                     \
      "INSERT OR IGNORE INTO key (kind, object, class, bytes, made_at, id) VALUES (?, ?, ?, ?, ?, ?)")       \
    X(SKIP_KEYS, keys, "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'key'")                    \
    X(NEXT_WRAPPED, keys,                                                                                    \
      "SELECT id, kind, object, class, bytes FROM key WHERE id > ? AND length(bytes) = 72 ORDER BY id "      \
      "LIMIT 1")                                                                                             \
    X(NEXT_BARE, keys,                                                                                       \
      "SELECT id, kind, object, class, bytes FROM key WHERE id > ? AND length(bytes) = 32 ORDER BY id "      \
      "LIMIT 1")                                                                                             \
    X(WRAP_KEY, keys, "UPDATE key SET bytes = ? WHERE id = ?")                                               \
    X(PRESENT_KEY, keys,                                                                                     \
      "SELECT id, bytes FROM key WHERE kind = ? AND object = ? AND class = ? ORDER BY id DESC LIMIT 1")      \
    X(FIND_KEY, keys, "SELECT bytes FROM key WHERE kind = ? AND object = ? AND class = ? AND id = ?")        \
    X(DROP_KEY, keys, "DELETE FROM key WHERE kind = ? AND object = ? AND class = ?")                         \
    X(DROP_KEYS, keys, "DELETE FROM key WHERE kind = ? AND object = ?")                                      \
    X(LIST_KEYS, keys, "SELECT id, kind, object, class, made_at FROM key WHERE id > ? ORDER BY id LIMIT ?")  \
    X(KEYS_OF, keys, "SELECT id FROM key WHERE kind = ? AND object = ? AND (class = ?3 OR ?3 = '')")         \
    X(PUT_DESTROYED, record, "INSERT OR IGNORE INTO destroyed_key (id) VALUES (?)")                          \
    X(WAS_DESTROYED, record, "SELECT 1 FROM destroyed_key WHERE id = ?")                                     \
    X(CALL_ENDED, record,                                                                                    \
      "SELECT CASE c.incident WHEN 0 THEN c.received_at ELSE coalesce(i.ended_at, 0) END FROM call c"        \
      " LEFT JOIN incident i ON i.id = c.incident WHERE c.id = ?")                                           \
    X(INCIDENT_ENDED, record, "SELECT ended_at FROM incident WHERE id = ?")                                  \
    X(ORDER_ENDED, record,                                                                                   \
      "SELECT i.ended_at FROM dispatch_order o JOIN incident i ON i.id = o.incident WHERE o.id = ?")         \
    X(GET_PERIOD, record, "SELECT days FROM retention_period WHERE class = ?")                               \
    X(PUT_PERIOD, record, "INSERT OR REPLACE INTO retention_period (class, days, seq) VALUES (?, ?, ?)")     \
    X(PUT_CALL, record,                                                                                      \
      "INSERT OR REPLACE INTO call (id, received_at, incident, type, channel, priority, status, source_id,"  \
      " way, way_from, way_to, lon_e7, lat_e7, address, caller_name, caller_phone, words)"                   \
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                         \
    X(PUT_INCIDENT, record,                                                                                  \
      "INSERT OR REPLACE INTO incident (id, opened_at, first_arrival_at, ended_at, type, found_type,"        \
      " priority, gravity, status, result, calls, orders, way, way_from, way_to, lon_e7, lat_e7)"            \
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                         \
    X(PUT_ORDER, record,                                                                                     \
      "INSERT OR REPLACE INTO dispatch_order (id, incident, unit, status, policy, result, sent_at,"          \
      " acknowledged_at, set_out_at, arrived_at, reported_at, ended_at, expected_travel, reminders, note)"   \
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                               \
    X(PUT_UNIT, record,                                                                                      \
      "INSERT OR REPLACE INTO unit (id, name, station, kind, status, status_since, officers, auxiliaries,"   \
      " shift_end, dispatch_order) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                                   \
    X(UPDATE_CALL, record, "UPDATE call SET incident = ?2, status = ?3 WHERE id = ?1")                       \
    X(UPDATE_INCIDENT, record,                                                                               \
      "UPDATE incident SET first_arrival_at = ?2, ended_at = ?3, type = ?4, found_type = ?5, priority = ?6," \
      " gravity = ?7, status = ?8, calls = ?9, orders = ?10,"                                                \
      " result = CASE ?11 WHEN '' THEN result ELSE ?11 END WHERE id = ?1")                                   \
    X(UPDATE_ORDER, record,                                                                                  \
      "UPDATE dispatch_order SET status = ?2, acknowledged_at = ?3, set_out_at = ?4, arrived_at = ?5,"       \
      " reported_at = ?6, ended_at = ?7, reminders = ?8, result = CASE ?9 WHEN '' THEN result ELSE ?9 END,"  \
      " note = CASE ?10 WHEN '' THEN note ELSE ?10 END WHERE id = ?1")                                       \
    X(PUT_CLOSURE, record,                                                                                   \
      "INSERT OR REPLACE INTO closure (id, ordered_at, until, ended_at, author, reason, lift_reason, "       \
      "status,"                                                                                              \
      " both_ways, kind, speed_kmh) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                               \
    X(PUT_CLOSED_ROAD, record,                                                                               \
      "INSERT OR REPLACE INTO closed_road (closure, place, way, way_from, way_to, lon_e7, lat_e7)"           \
      " VALUES (?, ?, ?, ?, ?, ?, ?)")                                                                       \
    X(LIST_CLOSED_ROADS, record,                                                                             \
      "SELECT way, way_from, way_to, lon_e7, lat_e7 FROM closed_road WHERE closure = ? ORDER BY place"       \
      " LIMIT ?")                                                                                            \
    X(COUNT_BY_ROAD, record,                                                                                 \
      "SELECT i.way, i.way_from, i.way_to, COUNT(DISTINCT i.id), MIN(c.received_at)"                         \
      " FROM call c JOIN incident i ON i.id = c.incident"                                                    \
      " WHERE c.received_at >= ? AND c.channel <> 'patrol' AND i.way IS NOT NULL"                            \
      " GROUP BY i.way, i.way_from, i.way_to ORDER BY 4 DESC, 1, 2, 3 LIMIT ?")                              \
    X(CALLED_IN, record,                                                                                     \
      "SELECT MIN(c.received_at), i.way, i.way_from, i.way_to FROM call c JOIN incident i ON i.id = "        \
      "c.incident"                                                                                           \
      " WHERE c.received_at >= ? AND c.channel <> 'patrol' AND i.way IS NOT NULL GROUP BY i.id")             \
    X(PUT_INVOLVED, record, "INSERT OR IGNORE INTO involved (kind, object, seq) VALUES (?, ?, ?)")           \
    X(COUNT_CALL, record,                                                                                    \
      "INSERT INTO call_count (hour, type, priority, calls) VALUES (?, ?, ?, 1)"                             \
      " ON CONFLICT (hour, type, priority) DO UPDATE SET calls = calls + 1")                                 \
    X(PURGE_CALL, record,                                                                                    \
      "UPDATE call SET lon_e7 = NULL, lat_e7 = NULL, address = '', caller_name = '', caller_phone = '',"     \
      " words = '' WHERE id = ?")                                                                            \
    X(PURGE_INCIDENT, record, "UPDATE incident SET lon_e7 = NULL, lat_e7 = NULL WHERE id = ?")               \
    X(PURGE_ORDER, record, "UPDATE dispatch_order SET note = '' WHERE id = ?")                               \
    X(GET_CALL, record, "SELECT * FROM call WHERE id = ?")                                                   \
    X(GET_INCIDENT, record, "SELECT * FROM incident WHERE id = ?")                                           \
    X(GET_ORDER, record, "SELECT * FROM dispatch_order WHERE id = ?")                                        \
    X(GET_UNIT, record, "SELECT * FROM unit WHERE id = ?")                                                   \
    X(LIST_CALLS, record, "SELECT * FROM call WHERE id < ? ORDER BY id DESC LIMIT ?")                        \
    X(LIST_INCIDENTS, record, "SELECT * FROM incident WHERE id < ? ORDER BY id DESC LIMIT ?")                \
    X(LIST_ORDERS, record, "SELECT * FROM dispatch_order WHERE incident = ? ORDER BY id LIMIT ?")            \
    X(LIST_COUNTS, record,                                                                                   \
      "SELECT hour, type, priority, calls FROM call_count WHERE hour >= ? AND hour < ?"                      \
      " ORDER BY hour, type, priority LIMIT ?")                                                              \
    X(EARLIER_CALLS, record,                                                                                 \
      "SELECT c.received_at, c.type, c.lon_e7, c.lat_e7, c.incident, coalesce(i.result, '') FROM call c"     \
      " LEFT JOIN incident i ON i.id = c.incident WHERE c.lat_e7 BETWEEN ? AND ? AND c.lon_e7 BETWEEN ?"     \
      " AND ? AND c.received_at >= ? ORDER BY c.received_at DESC, c.id DESC")                                \
    X(RESPONSES, record,                                                                                     \
      "SELECT opened_at, first_arrival_at, priority FROM incident WHERE opened_at >= ? AND opened_at < ?")

typedef enum pct_statement {
#define X(name, database, sql) PCT_ST_##name,
    PCT_STATEMENTS(X)
#undef X
        PCT_ST_COUNT
} pct_statement;

struct pct_store {
    sqlite3 *record, *keys; /* keys: NULL for a reader */
    sqlite3_stmt *statements[PCT_ST_COUNT];
    const pct_key_keeper *keeper;
    bool read_only, in_group, in_keys, broken;
    int record_pages, keys_pages; /* in the write-ahead logs */
    int checkpoint_pages;
    pct_error why; /* what broke it */
    pct_store_counters counters, group;
};

/* One use of a statement: bind in order, then run or fetch. The first failure sticks and is reported then. */
typedef struct pct_query {
    pct_store *store;
    sqlite3_stmt *statement;
    sqlite3 *database;
    int next, code;
    bool refused; /* the store is broken, or the statement could not be prepared: *why holds the error */
} pct_query;

pct_query pct_query_begin(pct_store *store, pct_statement which);
void pct_query_integer(pct_query *query, int64_t value);
void pct_query_text(pct_query *query, pct_text text);
void pct_query_blob(pct_query *query, const void *bytes, size_t length);
void pct_query_null(pct_query *query);
void pct_query_kind(pct_query *query, char kind);
/* Runs a statement that gives no rows, and ends it. */
pct_status pct_query_run(pct_query *query, pct_error *error) PCT_MUST_USE;
/* The next row; *row false at the end. pct_query_end when there may be more. */
pct_status pct_query_fetch(pct_query *query, bool *row, pct_error *error) PCT_MUST_USE;
void pct_query_end(pct_query *query);
pct_text pct_query_text_at(const pct_query *query, int column);

/* The error for a code of SQLite's; breaks the store where only opening again helps. */
pct_status pct_store_failure(pct_store *store, sqlite3 *database, int code, pct_error *error);
/* Empties the log of a database into it. */
pct_status pct_store_empty_log(pct_store *store, sqlite3 *database, int wait_ms,
                               pct_error *error) PCT_MUST_USE;
/* Statements that are not kept. */
/* Empties the log of keys.db into it. */
pct_status pct_store_truncate_keys(pct_store *store, pct_error *error) PCT_MUST_USE;
pct_status pct_store_make_table(pct_store *store, sqlite3 *database, const pct_table_schema *table,
                                pct_error *error) PCT_MUST_USE;
pct_status pct_store_execute(pct_store *store, sqlite3 *database, const char *sql,
                             pct_error *error) PCT_MUST_USE;
/* From `format` (1 …) to the newest: on a copy, then in one transaction of this database. */
pct_status pct_store_migrate(pct_store *store, sqlite3 *database, const char *vfs, int64_t format,
                             pct_error *error) PCT_MUST_USE;
/* A writer's, once both databases are open: NULL is refused where keys are wrapped. */
pct_status pct_store_meet_keeper(pct_store *store, const pct_key_keeper *keeper,
                                 pct_error *error) PCT_MUST_USE;
pct_status pct_store_run(pct_store *store, pct_statement which, pct_error *error) PCT_MUST_USE;

#endif
