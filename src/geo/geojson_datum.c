#include "geo/geojson_datum.h"

#include "base/json.h"

static const char mark[] = "converted_from";

enum { NESTING_MAX = 8, DIGITS = 10 };

/* A pair of numbers is a position; a list of anything else is a list of such lists. What is neither the reader of the
 * result refuses, by feature. */
static pct_status convert(json_t *coordinates, pct_datum datum, int depth, pct_error *error) {
    json_t *lon = json_array_get(coordinates, 0), *lat = json_array_get(coordinates, 1);
    pct_position p;
    pct_status status = PCT_OK;
    if (json_is_number(lon) && json_is_number(lat)) {
        if (!pct_position_from_degrees(json_number_value(lon), json_number_value(lat), &p)) return PCT_OK;
        p = pct_wgs84_from(datum, p);
        bool set = json_array_set_new(coordinates, 0, json_real(pct_position_lon_deg(p))) == 0 &&
                   json_array_set_new(coordinates, 1, json_real(pct_position_lat_deg(p))) == 0;
        return set ? PCT_OK : pct_error_memory(error, sizeof(json_t));
    }
    for (size_t i = 0; i < json_array_size(coordinates) && depth < NESTING_MAX && !status; i++)
        status = convert(json_array_get(coordinates, i), datum, depth + 1, error);
    return status;
}

static int append(const char *chars, size_t length, void *out) {
    return pct_buffer_append(out, chars, length) ? -1 : 0;
}

pct_status pct_geojson_to_wgs84(const char *file, pct_text bytes, pct_datum datum, pct_buffer *out,
                                pct_error *error) {
    json_t *tree = NULL;
    pct_status status = pct_json_parse(file, bytes, &tree, error);
    const json_t *features = json_object_get(tree, "features"), *before = json_object_get(tree, mark);
    if (!status && before)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_GEOJSON_CONVERTED, pct_str(file),
                          pct_str(json_is_string(before) ? json_string_value(before) : "?"),
                          pct_str(pct_datum_name(datum)));
    for (size_t i = 0; i < json_array_size(features) && !status; i++) {
        json_t *geometry = json_object_get(json_array_get(features, i), "geometry");
        status = convert(json_object_get(geometry, "coordinates"), datum, 0, error);
    }
    if (!status && json_is_object(tree) &&
        json_object_set_new(tree, mark, json_string(pct_datum_name(datum))) != 0)
        status = pct_error_memory(error, sizeof(json_t));
    if (!status) (void)json_dump_callback(tree, append, out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    json_decref(tree);
    return status ? status : pct_buffer_status(out, error);
}
