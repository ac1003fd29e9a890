#include "tiles/encode.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "osm/wire.h"
#include "tiles/clip.h"
#include "tiles/simplify.h"

enum { PIECES_MAX = 1 << 26, LAYER_BYTES_MAX = 1 << 28, WORLD_BITS = 32 };
#define VALUE_TRUE UINT32_MAX /* the value of flags, beside the numbers of texts */
enum { MVT_VERSION = 2, MOVE_TO = 1, LINE_TO = 2, CLOSE_PATH = 7, RING_POINTS_MIN = 3 };
/* A shape smaller than this on both sides does not show (the last zoom is enlarged, so all show there). */
enum { SMALLEST_UNITS = 8 };

typedef struct unit_point {
    int32_t x, y;
} unit_point;

struct pct_tile_encoder {
    const pct_tile_features *features;
    float *weights; /* [points] */
    uint32_t *value_index,
        *value_layer;     /* [texts + 1] number of a text in the layer under way; in which layer */
    uint32_t layer_stamp; /* counts layers begun, so that value_layer needs no clearing */
    uint32_t key_index[PCT_TILE_FIELDS_MAX], key_count;
    pct_vector values;                    /* uint32_t, in the layer under way */
    pct_vector points, work, ends, units; /* clip points, the same, uint32_t, unit_point */
    pct_buffer tags, geometry, feature, body, layer;
    int64_t origin_x, origin_y; /* of the tile under way, in units at its zoom */
    int shift;                  /* world units are units of the zoom << shift */
    double tolerance;           /* in world units */
    bool is_last_zoom;
    unit_point cursor;
};

/* --- weights ------------------------------------------------------------------------------------------- */

static pct_status weigh(pct_tile_encoder *e, pct_error *error) {
    const pct_tile_feature *items = e->features->items.items;
    const pct_tile_part *parts = e->features->parts.items;
    const pct_tile_point *points = e->features->points.items;
    pct_vector stack = pct_vector_init(sizeof(pct_tile_span), PIECES_MAX);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < e->features->items.length && !status; i++)
        for (uint32_t p = 0; p < items[i].part_count && !status; p++) {
            const pct_tile_part *part = &parts[items[i].part_at + p];
            status = pct_tile_weigh(points + part->at, part->count, items[i].kind == PCT_TILE_POLYGON, &stack,
                                    e->weights + part->at, error);
        }
    pct_vector_dispose(&stack);
    return status;
}

pct_status pct_tile_encoder_new(const pct_tile_features *features, pct_tile_encoder **out, pct_error *error) {
    size_t points = features->points.length, texts = features->texts.length + 1;
    pct_tile_encoder *e = pct_alloc_zeroed(1, sizeof *e);
    if (!e) return pct_error_memory(error, sizeof *e);
    e->features = features;
    e->values = pct_vector_init(sizeof(uint32_t), PIECES_MAX);
    e->points = pct_vector_init(sizeof(pct_clip_point), PIECES_MAX);
    e->work = pct_vector_init(sizeof(pct_clip_point), PIECES_MAX);
    e->ends = pct_vector_init(sizeof(uint32_t), PIECES_MAX);
    e->units = pct_vector_init(sizeof(unit_point), PIECES_MAX);
    e->tags = e->geometry = e->feature = e->body = e->layer = pct_buffer_init(LAYER_BYTES_MAX);
    e->weights = pct_alloc(points + 1, sizeof *e->weights);
    e->value_index = pct_alloc_zeroed(texts, sizeof *e->value_index);
    e->value_layer = pct_alloc_zeroed(texts, sizeof *e->value_layer);
    pct_status status = e->weights && e->value_index && e->value_layer
                            ? weigh(e, error)
                            : pct_error_memory(error, points * sizeof *e->weights);
    if (status)
        pct_tile_encoder_free(e);
    else
        *out = e;
    return status;
}

void pct_tile_encoder_free(pct_tile_encoder *e) {
    if (!e) return;
    pct_vector *vectors[] = {&e->values, &e->points, &e->work, &e->ends, &e->units};
    pct_buffer *buffers[] = {&e->tags, &e->geometry, &e->feature, &e->body, &e->layer};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) pct_vector_dispose(vectors[i]);
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) pct_buffer_dispose(buffers[i]);
    pct_free(e->weights);
    pct_free(e->value_index);
    pct_free(e->value_layer);
    pct_free(e);
}

/* --- geometry ------------------------------------------------------------------------------------------ */

static void put_command(pct_tile_encoder *e, uint32_t command, size_t count) {
    pct_wire_put_varint(&e->geometry, command | (uint64_t)count << 3);
}

static void put_point(pct_tile_encoder *e, unit_point p) {
    pct_wire_put_zigzag(&e->geometry, (int64_t)p.x - e->cursor.x);
    pct_wire_put_zigzag(&e->geometry, (int64_t)p.y - e->cursor.y);
    e->cursor = p;
}

static void put_path(pct_tile_encoder *e, const unit_point *units, size_t count, bool reversed) {
    put_command(e, MOVE_TO, 1);
    put_point(e, units[0]);
    put_command(e, LINE_TO, count - 1);
    for (size_t i = 1; i < count; i++) put_point(e, units[reversed ? count - i : i]);
}

/* The points of a part that matter at this zoom, in the tile's units. */
static pct_status take_part(pct_tile_encoder *e, const pct_tile_part *part, pct_error *error) {
    const pct_tile_point *points = (const pct_tile_point *)e->features->points.items + part->at;
    const float *weights = e->weights + part->at;
    double scale = ldexp(1.0, -e->shift);
    e->points.length = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        if (weights[i] <= e->tolerance) continue;
        pct_clip_point *point = pct_vector_push(&e->points);
        if (!point) return pct_vector_failed(&e->points, PCT_MSG_WHAT_TILE_POINTS, error);
        *point = (pct_clip_point){points[i].x * scale - (double)e->origin_x,
                                  points[i].y * scale - (double)e->origin_y};
    }
    return PCT_OK;
}

/* To whole units, without points that repeat their predecessor. */
static pct_status round_points(pct_tile_encoder *e, const pct_clip_point *points, size_t count, bool closed,
                               pct_error *error) {
    e->units.length = 0;
    for (size_t i = 0; i < count; i++) {
        unit_point p = {(int32_t)lround(points[i].x), (int32_t)lround(points[i].y)};
        size_t held = e->units.length;
        const unit_point *before = held ? (const unit_point *)e->units.items + held - 1 : NULL;
        if (before && before->x == p.x && before->y == p.y) continue;
        unit_point *unit = pct_vector_push(&e->units);
        if (!unit) return pct_vector_failed(&e->units, PCT_MSG_WHAT_TILE_POINTS, error);
        *unit = p;
    }
    const unit_point *units = e->units.items;
    while (closed && e->units.length > 1 && units[0].x == units[e->units.length - 1].x &&
           units[0].y == units[e->units.length - 1].y)
        e->units.length--;
    return PCT_OK;
}

static const pct_clip_window window = {-PCT_TILE_BUFFER, PCT_TILE_EXTENT + PCT_TILE_BUFFER};

static pct_status put_line(pct_tile_encoder *e, const pct_tile_part *part, pct_error *error) {
    pct_status status = take_part(e, part, error);
    if (!status) status = pct_clip_line(e->points.items, e->points.length, window, &e->work, &e->ends, error);
    const uint32_t *ends = e->ends.items;
    for (size_t i = 0, at = 0; i < e->ends.length && !status; at = ends[i++]) {
        status = round_points(e, (const pct_clip_point *)e->work.items + at, ends[i] - at, false, error);
        if (!status && e->units.length > 1) put_path(e, e->units.items, e->units.length, false);
    }
    return status;
}

/* Twice the area, positive when x turns towards y, as the format counts it. */
static int64_t area_of(const unit_point *units, size_t count) {
    int64_t area = 0;
    for (size_t i = 0; i < count; i++) {
        const unit_point a = units[i], b = units[i + 1 < count ? i + 1 : 0];
        area += (int64_t)a.x * b.y - (int64_t)b.x * a.y;
    }
    return area;
}

static pct_status put_ring(pct_tile_encoder *e, const pct_tile_part *part, bool *shows, pct_error *error) {
    pct_vector *ring = NULL;
    pct_status status = PCT_OK;
    if (part->outer)
        *shows = false;
    else if (!*shows)
        return PCT_OK; /* a hole in what does not show */
    status = take_part(e, part, error);
    if (!status) status = pct_clip_ring(&e->points, &e->work, window, &ring, error);
    if (!status) status = round_points(e, ring->items, ring->length, true, error);
    if (status || e->units.length < RING_POINTS_MIN) return status;
    int64_t area = area_of(e->units.items, e->units.length);
    if (area == 0) return PCT_OK;
    put_path(e, e->units.items, e->units.length, (area > 0) != part->outer);
    put_command(e, CLOSE_PATH, 1);
    if (part->outer) *shows = true;
    return PCT_OK;
}

static pct_status put_place(pct_tile_encoder *e, const pct_tile_part *part, pct_error *error) {
    pct_status status = take_part(e, part, error);
    const pct_clip_point *p = e->points.items;
    if (status || p->x < 0.0 || p->y < 0.0 || p->x >= PCT_TILE_EXTENT || p->y >= PCT_TILE_EXTENT)
        return status;
    put_command(e, MOVE_TO, 1);
    put_point(e,
              (unit_point){(int32_t)p->x, (int32_t)p->y}); /* in one tile only, therefore cut, not rounded */
    return PCT_OK;
}

static bool is_too_small(const pct_tile_encoder *e, const pct_tile_feature *feature,
                         const pct_tile_part *part) {
    const pct_tile_point *points = (const pct_tile_point *)e->features->points.items + part->at;
    if (e->is_last_zoom || feature->kind == PCT_TILE_POINT) return false;
    pct_tile_box box = {UINT32_MAX, UINT32_MAX, 0, 0};
    for (uint32_t i = 0; i < part->count; i++) {
        if (points[i].x < box.min_x) box.min_x = points[i].x;
        if (points[i].y < box.min_y) box.min_y = points[i].y;
        if (points[i].x > box.max_x) box.max_x = points[i].x;
        if (points[i].y > box.max_y) box.max_y = points[i].y;
    }
    uint64_t least = (uint64_t)SMALLEST_UNITS << e->shift;
    return part->count == 0 || (box.max_x - box.min_x < least && box.max_y - box.min_y < least);
}

static pct_status put_geometry(pct_tile_encoder *e, const pct_tile_feature *feature, pct_error *error) {
    const pct_tile_part *parts = (const pct_tile_part *)e->features->parts.items + feature->part_at;
    pct_status status = PCT_OK;
    bool shows = false;
    pct_buffer_clear(&e->geometry);
    e->cursor = (unit_point){0, 0};
    for (uint32_t i = 0; i < feature->part_count && !status; i++) {
        bool small = is_too_small(e, feature, &parts[i]);
        if (small && parts[i].outer) shows = false;
        if (small) continue;
        switch (feature->kind) {
        case PCT_TILE_POINT: status = put_place(e, &parts[i], error); break;
        case PCT_TILE_LINE: status = put_line(e, &parts[i], error); break;
        default: status = put_ring(e, &parts[i], &shows, error);
        }
    }
    return status ? status : pct_buffer_status(&e->geometry, error);
}

/* --- fields and layers --------------------------------------------------------------------------------- */

static pct_status value_number(pct_tile_encoder *e, uint32_t text, uint32_t *number, pct_error *error) {
    uint32_t slot = text == VALUE_TRUE ? (uint32_t)e->features->texts.length : text;
    if (e->value_layer[slot] != e->layer_stamp) {
        e->value_layer[slot] = e->layer_stamp;
        e->value_index[slot] = (uint32_t)e->values.length;
        uint32_t *value = pct_vector_push(&e->values);
        if (!value) return pct_vector_failed(&e->values, PCT_MSG_WHAT_TILE_VALUES, error);
        *value = text;
    }
    *number = e->value_index[slot];
    return PCT_OK;
}

static pct_status put_tags(pct_tile_encoder *e, const pct_tile_feature *feature, pct_error *error) {
    const pct_tile_field *fields = pct_tile_layers[feature->layer].fields;
    pct_status status = PCT_OK;
    pct_buffer_clear(&e->tags);
    for (int f = 0; f < PCT_TILE_FIELDS_MAX && !status; f++) {
        uint32_t number = 0;
        if (feature->values[f] == 0) continue;
        if (e->key_index[f] == UINT32_MAX) e->key_index[f] = e->key_count++;
        status = value_number(e, fields[f].is_flag ? VALUE_TRUE : feature->values[f] - 1, &number, error);
        if (status) break;
        pct_wire_put_varint(&e->tags, e->key_index[f]);
        pct_wire_put_varint(&e->tags, number);
    }
    return status ? status : pct_buffer_status(&e->tags, error);
}

static pct_status put_feature(pct_tile_encoder *e, const pct_tile_feature *feature, pct_error *error) {
    pct_status status = put_geometry(e, feature, error);
    if (status || e->geometry.length == 0) return status;
    status = put_tags(e, feature, error);
    if (status) return status;
    pct_buffer_clear(&e->feature);
    if (e->tags.length > 0) pct_wire_put_buffer(&e->feature, PCT_WIRE_BYTES(2), &e->tags);
    pct_wire_put_number(&e->feature, PCT_WIRE_NUMBER(3), feature->kind);
    pct_wire_put_buffer(&e->feature, PCT_WIRE_BYTES(4), &e->geometry);
    pct_wire_put_buffer(&e->body, PCT_WIRE_BYTES(2), &e->feature);
    return pct_buffer_status(&e->body, error);
}

static void put_keys(pct_tile_encoder *e, const pct_tile_layer_info *layer) {
    for (uint32_t k = 0; k < e->key_count; k++)
        for (int f = 0; f < PCT_TILE_FIELDS_MAX; f++)
            if (e->key_index[f] == k)
                pct_wire_put_bytes(&e->body, PCT_WIRE_BYTES(3), layer->fields[f].name,
                                   strlen(layer->fields[f].name));
}

static void put_values(pct_tile_encoder *e) {
    const uint32_t *values = e->values.items;
    for (size_t i = 0; i < e->values.length; i++) {
        pct_buffer_clear(&e->feature);
        if (values[i] == VALUE_TRUE) {
            pct_wire_put_number(&e->feature, PCT_WIRE_NUMBER(7), 1);
        } else {
            pct_text text = e->features->texts.texts[values[i]];
            pct_wire_put_bytes(&e->feature, PCT_WIRE_BYTES(1), text.chars, text.length);
        }
        pct_wire_put_buffer(&e->body, PCT_WIRE_BYTES(4), &e->feature);
    }
}

static void put_layer(pct_tile_encoder *e, const pct_tile_layer_info *layer, pct_buffer *out) {
    put_keys(e, layer);
    put_values(e);
    pct_buffer_clear(&e->layer);
    pct_wire_put_number(&e->layer, PCT_WIRE_NUMBER(15), MVT_VERSION);
    pct_wire_put_bytes(&e->layer, PCT_WIRE_BYTES(1), layer->name, strlen(layer->name));
    (void)pct_buffer_append(&e->layer, e->body.bytes, e->body.length);
    if (e->body.failed) e->layer.failed = e->body.failed;
    pct_wire_put_number(&e->layer, PCT_WIRE_NUMBER(5), PCT_TILE_EXTENT);
    pct_wire_put_buffer(out, PCT_WIRE_BYTES(3), &e->layer);
}

static void begin_tile(pct_tile_encoder *e, pct_tile_id tile) {
    e->shift = WORLD_BITS - PCT_TILE_EXTENT_BITS - (int)tile.z;
    e->origin_x = (int64_t)tile.x * PCT_TILE_EXTENT;
    e->origin_y = (int64_t)tile.y * PCT_TILE_EXTENT;
    e->is_last_zoom = tile.z == PCT_TILE_ZOOM_MAX;
    e->tolerance = ldexp(e->is_last_zoom ? PCT_TILE_TOLERANCE_LAST : PCT_TILE_TOLERANCE, e->shift);
}

static void begin_layer(pct_tile_encoder *e) {
    pct_buffer_clear(&e->body);
    e->values.length = 0;
    e->key_count = 0;
    e->layer_stamp++;
    for (int f = 0; f < PCT_TILE_FIELDS_MAX; f++) e->key_index[f] = UINT32_MAX;
}

pct_status pct_tile_encode(pct_tile_encoder *e, pct_tile_id tile, const uint32_t *numbers, size_t count,
                           pct_buffer *out, pct_error *error) {
    const pct_tile_feature *items = e->features->items.items;
    pct_status status = PCT_OK;
    if (PCT_NEVER(tile.z > PCT_TILE_ZOOM_MAX)) return PCT_INTERNAL;
    begin_tile(e, tile);
    for (size_t i = 0; i < count && !status;) {
        uint8_t layer = items[numbers[i]].layer;
        begin_layer(e);
        for (; i < count && items[numbers[i]].layer == layer && !status; i++)
            status = put_feature(e, &items[numbers[i]], error);
        if (!status && e->body.length > 0) put_layer(e, &pct_tile_layers[layer], out);
    }
    return status ? status : pct_buffer_status(out, error);
}
