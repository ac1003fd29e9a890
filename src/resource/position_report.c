#include "resource/position_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum { VALUE_MAX = 256 };

void pct_position_report_init(pct_position_report *r) {
    *r = (pct_position_report){.lon_deg = NAN, .lat_deg = NAN, .speed = NAN, .heading_deg = NAN};
}

static void set_real(double *at, pct_text value) {
    double v;
    if (pct_text_to_real(value, &v)) *at = v;
}

/* Negative means unknown. */
static void set_known(double *at, pct_text value) {
    double v;
    if (pct_text_to_real(value, &v) && v >= 0.0) *at = v;
}

static void set_device(pct_position_report *r, pct_text value) {
    if (value.length == 0 || value.length > PCT_REPORT_DEVICE_MAX) return;
    memcpy(r->device, value.chars, value.length);
    r->device[value.length] = '\0';
}

static void set_pair(pct_position_report *r, pct_text value) {
    pct_text lat, lon;
    if (!pct_text_next(&value, ',', &lat) || !pct_text_next(&value, ',', &lon)) return;
    set_real(&r->lat_deg, pct_text_trim(lat));
    set_real(&r->lon_deg, pct_text_trim(lon));
}

/* Seconds below 2^31, else milliseconds; or a date and time. */
static void set_time(pct_position_report *r, pct_text value, const pct_zone *zone) {
    const int64_t seconds_end = INT64_C(1) << 31, ms_end = INT64_C(1) << 53;
    int64_t number;
    double real;
    if (pct_text_to_integer(value, &number)) {
        if (number > 0 && number < ms_end) r->at_ms = number < seconds_end ? number * 1000 : number;
    } else if (pct_text_to_real(value, &real)) {
        if (real > 0.0 && real < (double)ms_end)
            r->at_ms = real < (double)seconds_end ? (int64_t)(real * 1000.0) : (int64_t)real;
    } else {
        int64_t ms;
        if (pct_zone_parse(zone, value, &ms, NULL)) r->at_ms = ms;
    }
}

void pct_position_report_set(pct_position_report *r, pct_text key, pct_text value, const pct_zone *zone) {
    value = pct_text_trim(value);
    if (pct_text_equal(key, "id") || pct_text_equal(key, "deviceid") || pct_text_equal(key, "device_id"))
        set_device(r, value);
    else if (pct_text_equal(key, "lat"))
        set_real(&r->lat_deg, value);
    else if (pct_text_equal(key, "lon"))
        set_real(&r->lon_deg, value);
    else if (pct_text_equal(key, "location"))
        set_pair(r, value);
    else if (pct_text_equal(key, "timestamp"))
        set_time(r, value, zone);
    else if (pct_text_equal(key, "valid"))
        r->is_invalid = !pct_text_equal(value, "true") && !pct_text_equal(value, "1");
    else if (pct_text_equal(key, "speed"))
        set_known(&r->speed, value);
    else if (pct_text_equal(key, "bearing") || pct_text_equal(key, "heading"))
        set_known(&r->heading_deg, value);
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* %41 is A, + is a space; what is longer than VALUE_MAX is cut: no key or value of ours is. */
static pct_text decode(pct_text encoded, char out[VALUE_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < encoded.length && n < VALUE_MAX; i++) {
        char c = encoded.chars[i];
        bool escape = c == '%' && i + 2 < encoded.length && hex_digit(encoded.chars[i + 1]) >= 0 &&
                      hex_digit(encoded.chars[i + 2]) >= 0;
        if (escape) {
            c = (char)(hex_digit(encoded.chars[i + 1]) * 16 + hex_digit(encoded.chars[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[n++] = c;
    }
    return (pct_text){out, n};
}

void pct_position_report_form(pct_position_report *r, pct_text form, const pct_zone *zone) {
    char key[VALUE_MAX], value[VALUE_MAX];
    pct_text pair;
    while (pct_text_next(&form, '&', &pair)) {
        const char *equals = pair.length ? memchr(pair.chars, '=', pair.length) : NULL;
        if (!equals) continue;
        pct_text name = {pair.chars, (size_t)(equals - pair.chars)};
        pct_text rest = {equals + 1, pair.length - name.length - 1};
        pct_position_report_set(r, decode(name, key), decode(rest, value), zone);
    }
}

/* A number or a text of JSON as the text that a form would have. */
static pct_text plain(const json_t *value, char out[VALUE_MAX]) {
    if (json_is_string(value)) return (pct_text){json_string_value(value), json_string_length(value)};
    int n = 0;
    if (json_is_integer(value)) n = snprintf(out, VALUE_MAX, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value)) return pct_text_of(json_is_true(value) ? "true" : "false");
    if (json_is_real(value)) n = snprintf(out, VALUE_MAX, "%.10f", json_real_value(value));
    return (pct_text){out, n > 0 && n < VALUE_MAX ? (size_t)n : 0};
}

static void read_flat(const json_t *object, const pct_zone *zone, pct_position_report *r) {
    char number[VALUE_MAX];
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
        pct_position_report_set(r, pct_text_of(key), plain(value, number), zone);
}

static void read_nested(const json_t *document, const json_t *location, const pct_zone *zone,
                        pct_position_report *r) {
    char number[VALUE_MAX];
    const json_t *coords = json_object_get(location, "coords");
    set_device(r, plain(json_object_get(document, "device_id"), number));
    set_time(r, plain(json_object_get(location, "timestamp"), number), zone);
    set_real(&r->lat_deg, plain(json_object_get(coords, "latitude"), number));
    set_real(&r->lon_deg, plain(json_object_get(coords, "longitude"), number));
    set_known(&r->speed, plain(json_object_get(coords, "speed"), number));
    set_known(&r->heading_deg, plain(json_object_get(coords, "heading"), number));
    r->speed_is_mps = true;
    r->source = PCT_REPORT_NESTED;
}

/* Depth without strings; jansson's own limit is far above ours. */
static bool is_too_deep(pct_text bytes) {
    int depth = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        char c = bytes.chars[i];
        if ((c == '{' || c == '[') && ++depth > PCT_REPORT_DEPTH_MAX) return true;
        if (c == '}' || c == ']') depth--;
    }
    return false;
}

pct_status pct_position_report_json(pct_text bytes, const pct_zone *zone, pct_position_report *out,
                                    size_t *count, pct_error *error) {
    json_t *document = NULL;
    *count = 0;
    pct_status status = is_too_deep(bytes)
                            ? PCT_FAIL(error, PCT_INPUT, PCT_MSG_API_DEPTH, pct_int(PCT_REPORT_DEPTH_MAX))
                            : pct_json_parse("body", bytes, &document, error);
    if (status) return status;
    const json_t *location = json_object_get(document, "location");
    if (json_is_array(document)) {
        for (size_t i = 0; i < json_array_size(document) && *count < PCT_REPORTS_MAX; i++) {
            pct_position_report_init(&out[*count]);
            out[*count].source = PCT_REPORT_LIST;
            read_flat(json_array_get(document, i), zone, &out[(*count)++]);
        }
    } else if (json_is_object(location)) {
        pct_position_report_init(&out[0]);
        read_nested(document, location, zone, &out[(*count)++]);
    } else {
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_POSITION_FORM, pct_int(0));
    }
    json_decref(document);
    return status;
}
