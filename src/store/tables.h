/* The derived tables: what calls, incidents, orders and units were after the last event that touched them, in the words
 * of the code tables, and how many calls came in each hour. Everything in them follows from the events (and from the keys
 * that still exist); `log rebuild` drops them and makes them again, row for row the same.
 *
 * Columns with sealed values hold them in clear and are emptied when the key is destroyed. Texts of rows that are read
 * live in the caller's arena. */
#ifndef PCT_STORE_TABLES_H
#define PCT_STORE_TABLES_H

#include "store/store.h"

typedef struct pct_call_row {
    pct_call_id id;
    int64_t received_at_ms;
    pct_incident_id incident; /* seq 0: none */
    pct_text type, channel, status, source_id;
    int64_t priority;
    pct_road_ref road;
    bool has_road;
    /* sealed: empty when its key is gone or the reader may not see them */
    pct_text address, caller_name, caller_phone, words;
    pct_position position;
    bool has_position;
} pct_call_row;

typedef struct pct_incident_row {
    pct_incident_id id;
    int64_t opened_at_ms, first_arrival_ms, ended_at_ms; /* 0: not yet */
    pct_text type, found_type, status, gravity, result;
    int64_t priority, calls, orders;
    pct_road_ref road;
    bool has_road;
    pct_position position; /* sealed */
    bool has_position;
} pct_incident_row;

typedef struct pct_order_row {
    pct_order_id id;
    pct_incident_id incident;
    pct_unit_id unit;
    pct_text status, policy, result;
    int64_t sent_at_ms, acknowledged_at_ms, set_out_at_ms, arrived_at_ms, reported_at_ms, ended_at_ms;
    int64_t expected_travel_ms, reminders;
    pct_text note; /* sealed */
} pct_order_row;

typedef struct pct_unit_row {
    pct_unit_id id;
    pct_text name, station, kind, status;
    int64_t status_since_ms, officers, auxiliaries, shift_end_ms;
    pct_order_id order; /* seq 0: none */
} pct_unit_row;

typedef struct pct_closure_row {
    pct_closure_id id;
    int64_t ordered_at_ms, until_ms, ended_at_ms; /* ended: 0 while it is open */
    pct_text author, reason, lift_reason, status, kind;
    int64_t speed_kmh; /* 0 unless its roads are slowed */
    bool both_ways;
} pct_closure_row;

/* A road that a closure closes, or a corner of its area. */
typedef struct pct_closed_road {
    pct_road_ref road;
    bool has_road;         /* false: a corner */
    pct_position position; /* the middle of the road, or the corner */
} pct_closed_road;

/* --- writing: inside a group ------------------------------------------------------------------------------------- */

/* A new row with all its columns. */
pct_status pct_store_put_call(pct_store *store, const pct_call_row *row, pct_error *error) PCT_MUST_USE;
pct_status pct_store_put_incident(pct_store *store, const pct_incident_row *row,
                                  pct_error *error) PCT_MUST_USE;
pct_status pct_store_put_order(pct_store *store, const pct_order_row *row, pct_error *error) PCT_MUST_USE;
pct_status pct_store_put_unit(pct_store *store, const pct_unit_row *row, pct_error *error) PCT_MUST_USE;
/* What changes later. Of a call: incident and status. Of an incident and an order: all but the place, the policy and what
 * is empty in *row (result, note). Of a unit: all (put). */
pct_status pct_store_update_call(pct_store *store, const pct_call_row *row, pct_error *error) PCT_MUST_USE;
pct_status pct_store_update_incident(pct_store *store, const pct_incident_row *row,
                                     pct_error *error) PCT_MUST_USE;
pct_status pct_store_update_order(pct_store *store, const pct_order_row *row, pct_error *error) PCT_MUST_USE;
pct_status pct_store_put_closure(pct_store *store, const pct_closure_row *row, pct_error *error) PCT_MUST_USE;
/* `road` NULL: a corner. */
pct_status pct_store_put_closed_road(pct_store *store, pct_closure_id closure, int64_t place,
                                     const pct_road_ref *road, const pct_position *position,
                                     pct_error *error) PCT_MUST_USE;
/* The event `seq` concerns the object. */
pct_status pct_store_put_involved(pct_store *store, pct_id object, int64_t seq,
                                  pct_error *error) PCT_MUST_USE;
/* One more call in its hour. */
pct_status pct_store_count_call(pct_store *store, int64_t received_at_ms, pct_text type, int64_t priority,
                                pct_error *error) PCT_MUST_USE;
/* Empties the sealed columns of an object's row: of one class of retention, or of all when class is empty. */
pct_status pct_store_purge(pct_store *store, pct_id object, pct_text class, pct_error *error) PCT_MUST_USE;
/* Empties all derived tables. */
pct_status pct_store_drop_tables(pct_store *store, pct_error *error) PCT_MUST_USE;
/* A digest of each derived table's rows in order of their keys, and how many there are. */
typedef struct pct_table_digest {
    const char *table;
    int64_t rows;
    uint64_t digest;
} pct_table_digest;
enum { PCT_TABLES_MAX = 12 };
pct_status pct_store_digest_tables(pct_store *store, pct_table_digest out[PCT_TABLES_MAX], size_t *count,
                                   pct_error *error) PCT_MUST_USE;

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* PCT_NOT_FOUND when there is no such row. */
pct_status pct_store_get_call(pct_store *store, pct_call_id id, pct_arena *arena, pct_call_row *out,
                              pct_error *error) PCT_MUST_USE;
pct_status pct_store_get_incident(pct_store *store, pct_incident_id id, pct_arena *arena,
                                  pct_incident_row *out, pct_error *error) PCT_MUST_USE;
pct_status pct_store_get_order(pct_store *store, pct_order_id id, pct_arena *arena, pct_order_row *out,
                               pct_error *error) PCT_MUST_USE;
pct_status pct_store_get_unit(pct_store *store, pct_unit_id id, pct_arena *arena, pct_unit_row *out,
                              pct_error *error) PCT_MUST_USE;
/* The newest first: at most `most` of them with an id below `before` (0: from the newest). */
pct_status pct_store_list_calls(pct_store *store, int64_t before, size_t most, pct_arena *arena,
                                pct_call_row *out, size_t *count, pct_error *error) PCT_MUST_USE;
pct_status pct_store_list_incidents(pct_store *store, int64_t before, size_t most, pct_arena *arena,
                                    pct_incident_row *out, size_t *count, pct_error *error) PCT_MUST_USE;
/* Of one incident, in order. */
pct_status pct_store_list_orders(pct_store *store, pct_incident_id incident, size_t most, pct_arena *arena,
                                 pct_order_row *out, size_t *count, pct_error *error) PCT_MUST_USE;
/* What a closure closes, in order. */
pct_status pct_store_list_closed_roads(pct_store *store, pct_closure_id closure, size_t most,
                                       pct_arena *arena, pct_closed_road *out, size_t *count,
                                       pct_error *error) PCT_MUST_USE;
/* Incidents that somebody called in since then (not those that only a patrol reported), by the road they were opened with;
 * the roads with the most first. O(calls). */
typedef struct pct_place_count {
    pct_road_ref road;
    int64_t incidents, first_ms; /* first: the earliest call */
} pct_place_count;
pct_status pct_store_count_incidents_by_road(pct_store *store, int64_t since_ms, size_t most,
                                             pct_arena *arena, pct_place_count *out, size_t *count,
                                             pct_error *error) PCT_MUST_USE;
typedef struct pct_call_count {
    int64_t hour_ms; /* beginning of the hour */
    pct_text type;
    int64_t priority, calls;
} pct_call_count;
/* from <= hour < until. */
pct_status pct_store_list_counts(pct_store *store, int64_t from_ms, int64_t until_ms, size_t most,
                                 pct_arena *arena, pct_call_count *out, size_t *count,
                                 pct_error *error) PCT_MUST_USE;

#endif
