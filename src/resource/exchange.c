#include "resource/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"

static pct_text value_named(const pct_api_field *fields, uint32_t count, const pct_text *values,
                            const char *name) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0) return values[i];
    return (pct_text){0};
}

pct_text pct_exchange_path(const pct_exchange *x, const char *name) {
    return value_named(x->endpoint->path_fields, x->endpoint->path_count, x->path_values, name);
}

pct_text pct_exchange_query(const pct_exchange *x, const char *name) {
    return value_named(x->endpoint->query, x->endpoint->query_count, x->query_values, name);
}

int64_t pct_exchange_query_int(const pct_exchange *x, const char *name, int64_t otherwise) {
    int64_t value;
    pct_text text = pct_exchange_query(x, name);
    return text.chars && pct_text_to_integer(text, &value) ? value : otherwise;
}

bool pct_exchange_query_flag(const pct_exchange *x, const char *name) {
    pct_text text = pct_exchange_query(x, name);
    return text.chars && pct_text_equal(text, "true");
}

bool pct_exchange_query_position(const pct_exchange *x, const char *name, pct_position *out) {
    pct_text text = pct_exchange_query(x, name);
    return text.chars && pct_position_from_text(text, out);
}

pct_id pct_exchange_id(const pct_exchange *x, const char *name) {
    pct_id id = {0};
    pct_text text = pct_exchange_path(x, name);
    if (!text.chars) text = pct_exchange_query(x, name);
    if (!text.chars || !pct_id_read(text, &id)) return (pct_id){0};
    return id;
}

pct_text pct_exchange_text(const pct_exchange *x, const char *name) {
    const json_t *value = json_object_get(x->body, name);
    return json_is_string(value) ? (pct_text){json_string_value(value), json_string_length(value)}
                                 : (pct_text){0};
}

static void tag_of(pct_text bytes, char out[PCT_ETAG_MAX]) {
    (void)snprintf(out, PCT_ETAG_MAX, "\"%016" PRIx64 "\"", pct_digest(bytes.chars, bytes.length));
}

void pct_exchange_tag(pct_exchange *x) {
    tag_of((pct_text){(const char *)x->reply.bytes, x->reply.length}, x->etag);
}

pct_status pct_exchange_check_match(pct_exchange *x, pct_text current, pct_error *error) {
    char tag[PCT_ETAG_MAX];
    if (x->if_match.length == 0 || pct_text_equal(x->if_match, "*")) return PCT_OK;
    tag_of(current, tag);
    if (pct_text_equal(x->if_match, tag)) return PCT_OK;
    x->status_code = 412;
    return PCT_FAIL(error, PCT_CHECK_FAILED, PCT_MSG_API_STALE, pct_str(tag));
}

void pct_json_id_member(pct_json_writer *json, const char *key, pct_id id) {
    char text[PCT_ID_TEXT];
    pct_json_key(json, key);
    if (id.seq == 0)
        pct_json_null(json);
    else
        pct_json_text(json, (pct_text){text, pct_id_write(id, text)});
}

void pct_json_time_member(pct_json_writer *json, const char *key, int64_t utc_ms, const pct_zone *zone) {
    pct_json_key(json, key);
    if (utc_ms == 0) {
        pct_json_null(json);
        return;
    }
    pct_buffer text = pct_buffer_init(64);
    (void)pct_zone_format(zone, utc_ms, &text);
    pct_json_string(json, pct_buffer_chars(&text));
    pct_buffer_dispose(&text);
}

void pct_json_position_member(pct_json_writer *json, const char *key, bool has, pct_position position) {
    pct_json_key(json, key);
    if (!has) {
        pct_json_null(json);
        return;
    }
    pct_json_begin_array(json);
    pct_json_real(json, pct_position_lon_deg(position), 7);
    pct_json_real(json, pct_position_lat_deg(position), 7);
    pct_json_end_array(json);
}

void pct_json_motion_members(pct_json_writer *json, int32_t speed_cms, int32_t heading_deg) {
    pct_json_key(json, "speed_kmh");
    if (speed_cms >= 0)
        pct_json_real(json, speed_cms * 0.036, 1);
    else
        pct_json_null(json);
    pct_json_key(json, "heading");
    if (heading_deg >= 0)
        pct_json_integer(json, heading_deg);
    else
        pct_json_null(json);
}

void pct_json_text_member(pct_json_writer *json, const char *key, pct_text text) {
    pct_json_key(json, key);
    if (text.length == 0)
        pct_json_null(json);
    else
        pct_json_text(json, text);
}
