/* Looking back over the derived tables: what was near a place, how many came in each hour, how long responses took. Rows
 * go to a visitor one by one; texts hold until it returns. A visitor that fails ends it with its own status. */
#ifndef PCT_STORE_HISTORY_H
#define PCT_STORE_HISTORY_H

#include "store/tables.h"

typedef struct pct_earlier_call {
    int64_t received_at_ms;
    pct_text type;
    pct_position position;    /* sealed */
    pct_incident_id incident; /* seq 0: none */
    pct_text result;          /* of the incident; empty while it is open */
} pct_earlier_call;
typedef pct_status pct_earlier_visitor(void *context, const pct_earlier_call *call, pct_error *error);
/* Calls in the box received at `since_ms` or later, the latest first; those that were erased have no place any more.
 * O(calls of the box's latitudes). */
pct_status pct_store_each_earlier_call(pct_store *store, pct_box box, int64_t since_ms,
                                       pct_earlier_visitor *visit, void *context,
                                       pct_error *error) PCT_MUST_USE;

/* Counts with from <= hour < until, by hour. */
typedef pct_status pct_count_visitor(void *context, const pct_call_count *count, pct_error *error);
pct_status pct_store_each_count(pct_store *store, int64_t from_ms, int64_t until_ms, pct_count_visitor *visit,
                                void *context, pct_error *error) PCT_MUST_USE;

typedef struct pct_response {
    int64_t opened_at_ms, first_arrival_ms; /* 0: nobody has arrived */
    int64_t priority;
} pct_response;
typedef pct_status pct_response_visitor(void *context, const pct_response *response, pct_error *error);
/* Incidents opened with from <= time < until. */
pct_status pct_store_each_response(pct_store *store, int64_t from_ms, int64_t until_ms,
                                   pct_response_visitor *visit, void *context, pct_error *error) PCT_MUST_USE;

typedef struct pct_called_in {
    int64_t at_ms;     /* the incident's first call */
    pct_road_ref road; /* coarse: sealed positions are not read */
} pct_called_in;
typedef pct_status pct_called_in_visitor(void *context, const pct_called_in *incident, pct_error *error);
/* Incidents that somebody called in since then, not those that only a patrol reported. O(calls). */
pct_status pct_store_each_called_in(pct_store *store, int64_t since_ms, pct_called_in_visitor *visit,
                                    void *context, pct_error *error) PCT_MUST_USE;

#endif
