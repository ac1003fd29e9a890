#include "resource/road_json.h"

#include <string.h>

enum { CREDIT_MAX = 1024 };

static void note_field(pct_exchange *x, const char *name) {
    size_t length = strnlen(name, sizeof x->field - 1);
    memcpy(x->field, name, length);
    x->field[length] = '\0';
}

/* When the request is about another time than now: its member `at`, which has been checked. */
static bool departs(const pct_exchange *x, int64_t *at_ms) {
    pct_text at = x->body ? pct_exchange_text(x, "at") : pct_exchange_query(x, "at");
    return at.length > 0 && pct_zone_parse(&x->service->site->zone, at, at_ms, NULL);
}

pct_status pct_road_sit(pct_exchange *x, pct_text profile, pct_seat **out, pct_error *error) {
    int64_t at_ms;
    pct_profile wanted = profile.length > 0 ? pct_profile_of(profile) : PCT_PROFILE_RESPONSE;
    if (PCT_NEVER(wanted == PCT_PROFILE_COUNT)) return PCT_INTERNAL; /* api/road.json lists them */
    pct_status status = pct_ways_sit(x->service->ways, wanted, out, error);
    if (status == PCT_NOT_FOUND) {
        note_field(x, "profile");
        x->status_code = 409;
        return PCT_INPUT;
    }
    if (status || !departs(x, &at_ms)) return status;
    status = pct_seat_depart(*out, at_ms, error);
    if (!status) return PCT_OK;
    pct_ways_rise(x->service->ways, *out);
    return status;
}

void pct_road_write_band(pct_json_writer *json, const pct_seat *seat) {
    pct_json_text_member(json, "band", pct_text_of(seat->band ? seat->band->code : ""));
}

pct_status pct_road_place_one(pct_exchange *x, pct_seat *seat, const char *field, pct_position position,
                              pct_placed *placed, pct_error *error) {
    pct_status status = pct_seat_place(seat, position, placed, error);
    if (status != PCT_NOT_FOUND) return status;
    note_field(x, field);
    x->status_code = 422;
    return PCT_INPUT;
}

pct_status pct_road_place_all(pct_exchange *x, pct_seat *seat, const char *field, pct_placed *placed,
                              pct_error *error) {
    const json_t *list = json_object_get(x->body, field);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < json_array_size(list) && !status; i++) {
        const json_t *pair = json_array_get(list, i);
        pct_position position;
        bool good = pct_position_from_degrees(json_number_value(json_array_get(pair, 0)),
                                              json_number_value(json_array_get(pair, 1)), &position);
        if (PCT_NEVER(!good)) return PCT_INTERNAL;
        status = pct_road_place_one(x, seat, field, position, placed, error);
    }
    return status;
}

void pct_road_write_credit(const pct_exchange *x, pct_json_writer *json) {
    pct_buffer credit = pct_buffer_init(CREDIT_MAX);
    pct_site_write_credit(x->service->site, x->language, &credit);
    pct_json_text_member(json, "attribution", pct_text_of(pct_buffer_chars(&credit)));
    pct_buffer_dispose(&credit);
}

void pct_road_write_distances(pct_json_writer *json, const char *key, const pct_placed *placed) {
    const double *distances_m = placed->distances_m.items;
    pct_json_key(json, key);
    pct_json_begin_array(json);
    for (size_t i = 0; i < placed->distances_m.length; i++) pct_json_real(json, distances_m[i], 1);
    pct_json_end_array(json);
}
