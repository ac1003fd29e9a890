/* What the screens draw on: areas, stations and places as the site was given them, and the code tables. */
#include "resource/board_json.h"

static pct_status send_file(pct_exchange *x, const char *name, pct_error *error) {
    static const char empty[] = "{\"type\":\"FeatureCollection\",\"features\":[]}";
    pct_mapped_file file;
    pct_status status = pct_site_map_file(x->service->site, name, &file, error);
    x->content_type = "application/geo+json";
    if (status == PCT_NOT_FOUND || status == PCT_IO ||
        status == PCT_INPUT) { /* the site was made without it */
        (void)pct_buffer_append(&x->reply, empty, sizeof empty - 1);
    } else if (status) {
        return status;
    } else {
        (void)pct_buffer_append(&x->reply, file.bytes.chars, file.bytes.length);
        pct_file_unmap(&file);
    }
    pct_exchange_tag(x);
    return PCT_OK;
}

pct_status pct_resource_areas(pct_exchange *x, pct_error *error) {
    return send_file(x, "map/areas.geojson", error);
}

pct_status pct_resource_stations(pct_exchange *x, pct_error *error) {
    return send_file(x, "map/stations.geojson", error);
}

static void write_code(pct_json_writer *json, const pct_code *code) {
    pct_json_key(json, "code");
    pct_json_text(json, code->code);
    pct_json_key(json, "en");
    pct_json_text(json, code->names[PCT_EN]);
    pct_json_key(json, "zh");
    pct_json_text(json, code->names[PCT_ZH]);
}

static void write_codes(pct_json_writer *json, const char *key, const pct_codes *codes, uint32_t count,
                        const pct_code *(*at)(const pct_codes *, uint32_t)) {
    pct_json_key(json, key);
    pct_json_begin_array(json);
    for (uint32_t i = 0; i < count; i++) {
        pct_json_begin_object(json);
        write_code(json, at(codes, i));
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

static void write_priorities(pct_json_writer *json, const pct_codes *codes) {
    pct_json_key(json, "priorities");
    pct_json_begin_array(json);
    for (uint32_t i = 1; i <= PCT_PRIORITY_COUNT; i++) {
        const pct_code *code = pct_codes_priority_at(codes, i);
        int64_t target_s = pct_codes_target_s(codes, i);
        if (PCT_NEVER(!code)) continue;
        pct_json_begin_object(json);
        pct_json_key(json, "priority");
        pct_json_integer(json, i);
        pct_json_key(json, "en");
        pct_json_text(json, code->names[PCT_EN]);
        pct_json_key(json, "zh");
        pct_json_text(json, code->names[PCT_ZH]);
        pct_json_key(json, "target_s");
        if (target_s)
            pct_json_integer(json, target_s);
        else
            pct_json_null(json);
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

pct_status pct_resource_codes(pct_exchange *x, pct_error *error) {
    const pct_codes *codes = x->service->codes;
    pct_json_writer json = pct_json_writer_init(&x->reply);
    (void)error;
    pct_json_begin_object(&json);
    write_priorities(&json, codes);
    pct_json_key(&json, "incident_types");
    pct_json_begin_array(&json);
    for (uint32_t i = 0; i < pct_codes_type_count(codes); i++) {
        const pct_incident_type *type = pct_codes_type_at(codes, i);
        pct_json_begin_object(&json);
        write_code(&json, &type->code);
        pct_json_key(&json, "priority");
        pct_json_integer(&json, type->priority);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    write_codes(&json, "capabilities", codes, pct_codes_capability_count(codes), pct_codes_capability_at);
    write_codes(&json, "unit_kinds", codes, pct_codes_unit_kind_count(codes), pct_codes_unit_kind_at);
    pct_json_end_object(&json);
    pct_exchange_tag(x);
    return PCT_OK;
}
