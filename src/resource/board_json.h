/* Objects of the board as JSON, as every reply, stream frame and entity tag shows them. What is sealed is not among it. */
#ifndef PCT_RESOURCE_BOARD_JSON_H
#define PCT_RESOURCE_BOARD_JSON_H

#include "api_handlers.h"
#include "resource/exchange.h"

void pct_json_call(pct_json_writer *json, const pct_service *service, const pct_desk_call *call);
void pct_json_incident(pct_json_writer *json, const pct_service *service, const pct_snapshot *snapshot,
                       const pct_desk_incident *incident);
void pct_json_order(pct_json_writer *json, const pct_service *service, const pct_desk_order *order);
void pct_json_closure(pct_json_writer *json, const pct_service *service, const pct_desk_closure *closure);
void pct_json_unit(pct_json_writer *json, const pct_service *service, const pct_desk_unit *unit);

/* The object of an id as a JSON document. PCT_NOT_FOUND when the board does not have it. */
pct_status pct_resource_write_object(const pct_exchange *exchange, const pct_snapshot *snapshot, pct_id id,
                                     pct_buffer *out, pct_error *error) PCT_MUST_USE;

/* A page of objects: at most `limit` from behind the opaque `cursor` (both of the query), in order of id, those that
 * `wants` takes. Writes {"items": […], "next": cursor or null, "seq": …, "at": …}. */
typedef struct pct_page {
    char kind; /* letter of the ids */
    /* The next one above `after` that is wanted, written when json is not NULL; seq 0 at the end. */
    int64_t (*next)(const pct_exchange *exchange, const pct_snapshot *snapshot, int64_t after,
                    pct_json_writer *json);
} pct_page;
pct_status pct_resource_write_page(pct_exchange *exchange, const pct_page *page,
                                   pct_error *error) PCT_MUST_USE;

#endif
