/* The base map: TileJSON and tiles, as they stand in the site's file. */
#include "tiles/tiles.h"

#include <math.h>

#include "base/text.h"
#include "resource/board_json.h"

enum {
    CREDIT_MAX = 4096,
    TILE_PX = 512,
    VIEW_WIDTH_PX = 1000,
    VIEW_HEIGHT_PX = 780,
    ZOOM_LEAST = 9,
    ZOOM_MOST = 14
};

static pct_status no_map(pct_error *error) {
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_TILES_ABSENT, pct_int(0));
}

static void real_list(pct_json_writer *json, const char *key, const double *values, size_t count) {
    pct_json_key(json, key);
    pct_json_begin_array(json);
    for (size_t i = 0; i < count; i++) pct_json_real(json, values[i], 6);
    pct_json_end_array(json);
}

static void write_layers(pct_json_writer *json) {
    pct_json_key(json, "vector_layers");
    pct_json_begin_array(json);
    for (int l = 0; l < PCT_TILE_LAYER_COUNT; l++) {
        pct_json_begin_object(json);
        pct_json_key(json, "id");
        pct_json_string(json, pct_tile_layers[l].name);
        pct_json_key(json, "fields");
        pct_json_begin_object(json);
        for (int f = 0; f < PCT_TILE_FIELDS_MAX && pct_tile_layers[l].fields[f].name; f++) {
            pct_json_key(json, pct_tile_layers[l].fields[f].name);
            pct_json_string(json, pct_tile_layers[l].fields[f].is_flag ? "Boolean" : "String");
        }
        pct_json_end_object(json);
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

static double mercator_y(double lat_deg) {
    return asinh(tan(lat_deg * M_PI / 180.0)) / (2.0 * M_PI);
}

/* All of the map on a usual screen, where that is not too far away or too near. */
static double zoom_of(pct_box box) {
    double width = (pct_position_lon_deg(box.max) - pct_position_lon_deg(box.min)) / 360.0,
           height = mercator_y(pct_position_lat_deg(box.max)) - mercator_y(pct_position_lat_deg(box.min));
    double zoom = fmin(log2(VIEW_WIDTH_PX / (TILE_PX * width)), log2(VIEW_HEIGHT_PX / (TILE_PX * height)));
    return floor(fmax(ZOOM_LEAST, fmin(ZOOM_MOST, zoom)) * 10.0) / 10.0;
}

/* The last part of its folder. */
static pct_text name_of(const pct_site *site) {
    pct_text name = pct_text_of(site->folder);
    while (name.length > 1 && name.chars[name.length - 1] == '/') name.length--;
    for (size_t i = name.length - 1; i-- > 0;)
        if (name.chars[i] == '/') return (pct_text){name.chars + i + 1, name.length - i - 1};
    return name;
}

pct_status pct_resource_tiles_view(pct_exchange *x, pct_error *error) {
    const pct_tiles *tiles = x->service->tiles;
    if (!tiles) return no_map(error);
    const double bounds[] = {pct_position_lon_deg(tiles->box.min), pct_position_lat_deg(tiles->box.min),
                             pct_position_lon_deg(tiles->box.max), pct_position_lat_deg(tiles->box.max)};
    const double centre[] = {(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, zoom_of(tiles->box)};
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_key(&json, "tilejson");
    pct_json_string(&json, "3.0.0");
    pct_json_key(&json, "name");
    pct_json_text(&json, name_of(x->service->site));
    pct_json_key(&json, "attribution");
    pct_buffer credit = pct_buffer_init(CREDIT_MAX);
    pct_site_write_credit_html(x->service->site, x->language, &credit);
    pct_json_string(&json, pct_buffer_chars(&credit));
    pct_buffer_dispose(&credit);
    pct_json_key(&json, "map_source");
    pct_json_string(&json, pct_map_source_name(x->service->site->map_source));
    pct_json_key(&json, "tiles");
    pct_json_begin_array(&json);
    pct_json_string(&json, "/tiles/base/{z}/{x}/{y}.pbf");
    pct_json_end_array(&json);
    pct_json_key(&json, "minzoom");
    pct_json_integer(&json, tiles->min_zoom);
    pct_json_key(&json, "maxzoom");
    pct_json_integer(&json, tiles->max_zoom);
    real_list(&json, "bounds", bounds, 4);
    real_list(&json, "center", centre, 3);
    write_layers(&json);
    pct_json_end_object(&json);
    pct_exchange_tag(x);
    return PCT_OK;
}

static uint32_t path_number(const pct_exchange *x, const char *name) {
    int64_t value = 0;
    return pct_text_to_integer(pct_exchange_path(x, name), &value) ? (uint32_t)value : 0;
}

pct_status pct_resource_tile(pct_exchange *x, pct_error *error) {
    const pct_tiles *tiles = x->service->tiles;
    uint32_t z = path_number(x, "z"), column = path_number(x, "x"), row = path_number(x, "y");
    pct_text packed;
    if (!tiles) return no_map(error);
    if (pct_tiles_get(tiles, z, column, row, &packed) != PCT_OK) {
        x->status_code = 204;
        return PCT_OK;
    }
    x->content_type = "application/vnd.mapbox-vector-tile";
    x->gzip = x->accepts_gzip;
    if (!x->gzip) {
        pct_status status = pct_tiles_get_plain(tiles, z, column, row, &x->reply, error);
        if (status) return status;
    } else {
        (void)pct_buffer_append(&x->reply, packed.chars, packed.length);
    }
    pct_exchange_tag(x);
    return PCT_OK;
}
