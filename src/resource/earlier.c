/* Earlier calls near a place, within the limits of docs/scope.md: what somebody may live in shows type and time only, of
 * the last 30 days; a known street, crossing, premises or public place shows the incident and how it ended, of a year. What is not known to
 * be public counts as a dwelling, the asked place and each call's own alike, so that asking from the street tells no more
 * about a house beside it. There is no asking by phone number, name or words. */
#include "resource/board_json.h"
#include "store/history.h"

enum { DWELLING_DAYS = 30, PUBLIC_DAYS = 365, RADIUS_M = 50, ITEMS_MAX = 100 };
static const int64_t ms_per_day = 86400000;

typedef struct earlier {
    const pct_exchange *x;
    const pct_gazetteer *gazetteer; /* NULL: nothing is known to be public */
    pct_position near;
    int64_t dwelling_since_ms;
    bool dwelling; /* the asked place counts as one */
    size_t count;
    pct_json_writer json;
} earlier;

static bool is_dwelling(const pct_gazetteer *gazetteer, pct_position position) {
    return !gazetteer || !pct_gazetteer_is_public_place(gazetteer, position);
}

static pct_status write_call(void *context, const pct_earlier_call *call, pct_error *error) {
    earlier *e = context;
    (void)error;
    if (e->count == ITEMS_MAX || pct_geo_distance_m(e->near, call->position) > RADIUS_M) return PCT_OK;
    bool dwelling = e->dwelling || is_dwelling(e->gazetteer, call->position);
    if (dwelling && call->received_at_ms < e->dwelling_since_ms) return PCT_OK;
    e->count++;
    pct_json_begin_object(&e->json);
    pct_json_key(&e->json, "type");
    pct_json_text(&e->json, call->type);
    pct_json_time_member(&e->json, "received_at", call->received_at_ms, &e->x->service->site->zone);
    pct_json_id_member(&e->json, "incident", (pct_id){.kind = 'I', .seq = dwelling ? 0 : call->incident.seq});
    pct_json_text_member(&e->json, "result", dwelling ? (pct_text){"", 0} : call->result);
    pct_json_end_object(&e->json);
    return PCT_OK;
}

pct_status pct_resource_earlier_calls(pct_exchange *x, pct_error *error) {
    earlier e = {.x = x, .gazetteer = x->service->site->gazetteer, .json = pct_json_writer_init(&x->reply)};
    if (PCT_NEVER(!pct_position_from_text(pct_exchange_query(x, "near"), &e.near))) return PCT_INTERNAL;
    e.dwelling = is_dwelling(e.gazetteer, e.near);
    e.dwelling_since_ms = x->now_ms - DWELLING_DAYS * ms_per_day;
    const int64_t days = e.dwelling ? DWELLING_DAYS : PUBLIC_DAYS;
    const pct_plane plane = pct_plane_at(e.near);
    const pct_box box = {pct_plane_from_m(&plane, -RADIUS_M, -RADIUS_M),
                         pct_plane_from_m(&plane, RADIUS_M, RADIUS_M)};
    pct_json_begin_object(&e.json);
    pct_json_key(&e.json, "dwelling");
    pct_json_bool(&e.json, e.dwelling);
    pct_json_key(&e.json, "days");
    pct_json_integer(&e.json, days);
    pct_json_key(&e.json, "radius_m");
    pct_json_integer(&e.json, RADIUS_M);
    pct_json_key(&e.json, "items");
    pct_json_begin_array(&e.json);
    (void)pthread_mutex_lock(&x->service->reading);
    pct_status status = pct_store_each_earlier_call(x->service->reader, box, x->now_ms - days * ms_per_day,
                                                    write_call, &e, error);
    (void)pthread_mutex_unlock(&x->service->reading);
    pct_json_end_array(&e.json);
    pct_json_end_object(&e.json);
    return status;
}
