/* Places as one types: the gazetteer's answer. It knows places, never people. */
#include <math.h>

#include "base/text.h"
#include "resource/board_json.h"

enum { HITS_BY_DEFAULT = 10 };

static void write_hit(pct_json_writer *json, const pct_place_hit *hit) {
    pct_buffer label = pct_buffer_init(1 << 16);
    (void)pct_place_hit_label(hit, &label);
    pct_json_begin_object(json);
    pct_json_key(json, "name");
    pct_json_string(json, pct_buffer_chars(&label));
    pct_json_key(json, "detail");
    pct_json_text(json, hit->name_en);
    pct_json_key(json, "kind");
    pct_json_string(json, pct_place_kind_name(hit->kind));
    pct_json_position_member(json, "position", true, hit->position);
    pct_json_key(json, "distance_m");
    pct_json_real(json, hit->distance_m, 1); /* null when nothing is near */
    pct_json_key(json, "estimated");
    pct_json_bool(json, hit->interpolated);
    pct_json_key(json, "dwelling");
    pct_json_string(json, pct_dwelling_name(hit->dwelling));
    pct_json_end_object(json);
    pct_buffer_dispose(&label);
}

/* Both coordinates or none. */
static bool read_near(const pct_exchange *x, pct_position *out) {
    double lon, lat;
    pct_text east = pct_exchange_query(x, "lon"), north = pct_exchange_query(x, "lat");
    return east.chars && north.chars && pct_text_to_real(east, &lon) && pct_text_to_real(north, &lat) &&
           pct_position_from_degrees(lon, lat, out);
}

pct_status pct_resource_places(pct_exchange *x, pct_error *error) {
    pct_place_hit hits[PCT_PLACE_HITS_MAX];
    pct_position near;
    size_t count = 0;
    pct_service *service = x->service;
    const pct_place_query query = {.text = pct_exchange_query(x, "q"),
                                   .near = read_near(x, &near) ? &near : NULL,
                                   .limit = (size_t)pct_exchange_query_int(x, "limit", HITS_BY_DEFAULT)};
    if (!service->site->gazetteer)
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_GAZETTEER_ABSENT, pct_int(0));
    (void)pthread_mutex_lock(&service->searching);
    pct_status status =
        pct_gazetteer_search(service->site->gazetteer, service->search, &query, hits, &count, error);
    (void)pthread_mutex_unlock(&service->searching);
    if (status) return status;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "items");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < count; i++) write_hit(&json, &hits[i]);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    return PCT_OK;
}
