/* All tiles of a map. For each zoom the features that show are listed by the tiles their boxes reach, sorted by tile,
 * then by layer and order of adding, and encoded tile by tile. A tile's bytes are kept once however often they occur
 * (the open sea, the inside of a large area). O(pairs of feature and tile + points encoded). */
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "tiles/encode.h"
#include "tiles/file_format.h"
#include "tiles/gzip.h"
#include "tiles/sources.h"

enum { PAIRS_MAX = 1 << 27, DATA_MAX = 1 << 30, TILE_BYTES_MAX = 1 << 27, GZIP_LEVEL = 6, WORLD_BITS = 32 };
/* The map reaches this far beyond its roads: a share of their box, and at least so many degrees × 10⁷. */
enum { MARGIN_SHARE = 10, MARGIN_LEAST_E7 = 50000 };

typedef struct pair {
    uint64_t key;
    uint32_t feature;
} pair;

typedef struct maker {
    pct_tile_features features;
    pct_tile_box *boxes; /* [features] */
    pct_tile_box extent;
    pct_tile_encoder *encoder;
    pct_gzip *gzip;
    pct_map known; /* digest of packed bytes → entry that has them */
    pct_vector pairs, entries, numbers;
    pct_buffer raw, packed, data;
} maker;

static pct_box with_margin(pct_box box) {
    int64_t lon = ((int64_t)box.max.lon_e7 - box.min.lon_e7) / MARGIN_SHARE,
            lat = ((int64_t)box.max.lat_e7 - box.min.lat_e7) / MARGIN_SHARE;
    lon = lon < MARGIN_LEAST_E7 ? MARGIN_LEAST_E7 : lon;
    lat = lat < MARGIN_LEAST_E7 ? MARGIN_LEAST_E7 : lat;
    const int64_t lon_max = 1800000000, lat_max = 850000000;
    int64_t west = box.min.lon_e7 - lon, east = box.max.lon_e7 + lon, south = box.min.lat_e7 - lat,
            north = box.max.lat_e7 + lat;
    return (pct_box){
        {(int32_t)(west < -lon_max ? -lon_max : west), (int32_t)(south < -lat_max ? -lat_max : south)},
        {(int32_t)(east > lon_max ? lon_max : east), (int32_t)(north > lat_max ? lat_max : north)}};
}

static pct_tile_box box_of(const pct_tile_features *f, const pct_tile_feature *feature) {
    const pct_tile_part *parts = (const pct_tile_part *)f->parts.items + feature->part_at;
    const pct_tile_point *points = f->points.items;
    pct_tile_box box = {UINT32_MAX, UINT32_MAX, 0, 0};
    for (uint32_t p = 0; p < feature->part_count; p++)
        for (uint32_t i = parts[p].at; i < parts[p].at + parts[p].count; i++) {
            if (points[i].x < box.min_x) box.min_x = points[i].x;
            if (points[i].y < box.min_y) box.min_y = points[i].y;
            if (points[i].x > box.max_x) box.max_x = points[i].x;
            if (points[i].y > box.max_y) box.max_y = points[i].y;
        }
    return box;
}

/* By layer, in each as they were added. */
static pct_status sort_by_layer(pct_tile_features *f, pct_error *error) {
    pct_tile_feature *items = f->items.items, *sorted = pct_alloc(f->items.length + 1, sizeof *sorted);
    size_t count = 0;
    if (!sorted) return pct_error_memory(error, f->items.length * sizeof *sorted);
    for (int layer = 0; layer < PCT_TILE_LAYER_COUNT; layer++)
        for (size_t i = 0; i < f->items.length; i++)
            if (items[i].layer == layer) sorted[count++] = items[i];
    for (size_t i = 0; i < count; i++) items[i] = sorted[i];
    pct_free(sorted);
    return PCT_OK;
}

/* By tile; the features of a tile stay in order. Radix sort by bytes from the last, those that are all equal passed
 * over: three or four passes for a city. (qsort would take memory behind our back.) */
static pct_status sort_by_tile(pct_vector *pairs, pct_error *error) {
    size_t count = pairs->length;
    pair *from = pairs->items, *other = pct_alloc(count + 1, sizeof *other), *to = other;
    if (!other) return pct_error_memory(error, count * sizeof *other);
    for (int shift = 0; shift < 64; shift += 8) {
        size_t at[257] = {0};
        for (size_t i = 0; i < count; i++) at[(from[i].key >> shift & 255) + 1]++;
        if (count == 0 || at[(from[0].key >> shift & 255) + 1] == count) continue;
        for (int b = 0; b < 256; b++) at[b + 1] += at[b];
        for (size_t i = 0; i < count; i++) to[at[from[i].key >> shift & 255]++] = from[i];
        pair *swap = from;
        from = to;
        to = swap;
    }
    if (from == other) memcpy(pairs->items, other, count * sizeof *other);
    pct_free(other);
    return PCT_OK;
}

static pct_status collect(maker *m, const pct_tiles_source *source, pct_box box, pct_tiles_report *report,
                          pct_error *error) {
    pct_status status = PCT_OK;
    if (source->osm.length > 0)
        status = pct_tiles_add_osm(&m->features, source, box, &report->rings_open, error);
    if (!status) status = pct_tiles_add_roads(&m->features, source->network, error);
    if (!status) status = pct_tiles_add_site(&m->features, source, error);
    if (!status) status = sort_by_layer(&m->features, error);
    if (status) return status;
    const pct_tile_feature *items = m->features.items.items;
    size_t count = m->features.items.length;
    report->features = (int64_t)count;
    m->boxes = pct_alloc(count, sizeof *m->boxes);
    if (!m->boxes) return pct_error_memory(error, count * sizeof *m->boxes);
    for (size_t i = 0; i < count; i++) m->boxes[i] = box_of(&m->features, &items[i]);
    return PCT_OK;
}

static uint32_t tile_below(uint32_t at, int shift) {
    uint64_t unit = (uint64_t)at >> shift;
    return unit < PCT_TILE_BUFFER ? 0 : (uint32_t)((unit - PCT_TILE_BUFFER) >> PCT_TILE_EXTENT_BITS);
}

static uint32_t tile_above(uint32_t at, int shift, uint32_t last) {
    uint64_t tile = (((uint64_t)at >> shift) + PCT_TILE_BUFFER) >> PCT_TILE_EXTENT_BITS;
    return tile > last ? last : (uint32_t)tile;
}

static uint32_t at_least(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t at_most(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static pct_status list_feature(maker *m, uint32_t feature, uint32_t z, pct_error *error) {
    const pct_tile_box *box = &m->boxes[feature], *extent = &m->extent;
    int shift = WORLD_BITS - PCT_TILE_EXTENT_BITS - (int)z;
    uint32_t last = (uint32_t)((1u << z) - 1);
    if (box->min_x > box->max_x || box->min_x > extent->max_x || box->max_x < extent->min_x ||
        box->min_y > extent->max_y || box->max_y < extent->min_y)
        return PCT_OK;
    uint32_t x0 = tile_below(at_least(box->min_x, extent->min_x), shift),
             y0 = tile_below(at_least(box->min_y, extent->min_y), shift),
             x1 = tile_above(at_most(box->max_x, extent->max_x), shift, last),
             y1 = tile_above(at_most(box->max_y, extent->max_y), shift, last);
    for (uint32_t x = x0; x <= x1; x++)
        for (uint32_t y = y0; y <= y1; y++) {
            pair *p = pct_vector_push(&m->pairs);
            if (!p) return pct_vector_failed(&m->pairs, PCT_MSG_WHAT_TILE_SHAPES_PLACED, error);
            *p = (pair){pct_tiles_key(z, x, y), feature};
        }
    return PCT_OK;
}

/* Where the packed bytes lie: where equal ones do, or at the end of the data. */
static pct_status place_data(maker *m, pct_tiles_entry *entry, pct_tiles_report *report, pct_error *error) {
    const pct_tiles_entry *entries = m->entries.items;
    uint64_t digest = pct_digest(m->packed.bytes, m->packed.length);
    uint32_t own = (uint32_t)(entry - entries), found;
    entry->bytes = m->packed.length;
    if (pct_map_add(&m->known, digest, own, &found))
        return pct_map_failed(&m->known, PCT_MSG_WHAT_TILES, error);
    const pct_tiles_entry *same = &entries[found];
    entry->at = same->at;
    if (found != own && same->bytes == entry->bytes &&
        memcmp(m->data.bytes + same->at, m->packed.bytes, m->packed.length) == 0)
        return PCT_OK;
    report->distinct_tiles++;
    entry->at = m->data.length;
    (void)pct_buffer_append(&m->data, m->packed.bytes, m->packed.length);
    return pct_buffer_status(&m->data, error);
}

static pct_status make_tile(maker *m, uint64_t key, const uint32_t *numbers, size_t count,
                            pct_tiles_report *report, pct_error *error) {
    const uint32_t mask = (1u << PCT_TILES_KEY_BITS) - 1;
    pct_tile_id tile = {(uint32_t)(key >> 2 * PCT_TILES_KEY_BITS),
                        (uint32_t)(key >> PCT_TILES_KEY_BITS) & mask, (uint32_t)key & mask};
    pct_buffer_clear(&m->raw);
    pct_buffer_clear(&m->packed);
    pct_status status = pct_tile_encode(m->encoder, tile, numbers, count, &m->raw, error);
    if (status || m->raw.length == 0) return status;
    status = pct_gzip_pack(m->gzip, &m->raw, &m->packed, error);
    if (status) return status;
    pct_tiles_entry *entry = pct_vector_push(&m->entries);
    if (!entry) return pct_vector_failed(&m->entries, PCT_MSG_WHAT_TILES, error);
    entry->key = key;
    report->tiles++;
    return place_data(m, entry, report, error);
}

static pct_status make_zoom(maker *m, uint32_t z, pct_tiles_report *report, pct_error *error) {
    const pct_tile_feature *items = m->features.items.items;
    pct_status status = PCT_OK;
    m->pairs.length = 0;
    for (uint32_t i = 0; i < m->features.items.length && !status; i++)
        if (items[i].min_zoom <= z && z <= items[i].max_zoom) status = list_feature(m, i, z, error);
    if (!status) status = sort_by_tile(&m->pairs, error);
    if (status) return status;
    const pair *pairs = m->pairs.items;
    for (size_t i = 0, end = 0; i < m->pairs.length && !status; i = end) {
        m->numbers.length = 0;
        for (end = i; end < m->pairs.length && pairs[end].key == pairs[i].key; end++) {
            uint32_t *number = pct_vector_push(&m->numbers);
            if (!number) return pct_vector_failed(&m->numbers, PCT_MSG_WHAT_TILE_SHAPES_PLACED, error);
            *number = pairs[end].feature;
        }
        status = make_tile(m, pairs[i].key, m->numbers.items, m->numbers.length, report, error);
    }
    return status;
}

static pct_status put_file(const maker *m, pct_box box, pct_buffer *out, pct_error *error) {
    uint64_t entry_bytes = m->entries.length * sizeof(pct_tiles_entry);
    const pct_tiles_entry *entries = m->entries.items;
    pct_tiles_header h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, PCT_TILES_MAGIC, sizeof h.magic);
    h.version = PCT_TILES_VERSION;
    h.min_zoom = m->entries.length ? (uint32_t)(entries[0].key >> 2 * PCT_TILES_KEY_BITS) : 0;
    h.max_zoom = PCT_TILE_ZOOM_MAX;
    h.min_lon_e7 = box.min.lon_e7;
    h.min_lat_e7 = box.min.lat_e7;
    h.max_lon_e7 = box.max.lon_e7;
    h.max_lat_e7 = box.max.lat_e7;
    h.file_bytes = sizeof h + entry_bytes + m->data.length;
    h.entry_count = m->entries.length;
    h.data_bytes = m->data.length;
    h.entries_digest = pct_digest(entries, entry_bytes);
    h.data_digest = pct_digest(m->data.bytes, m->data.length);
    h.digest = pct_digest(&h, offsetof(pct_tiles_header, digest));
    (void)pct_buffer_append(out, &h, sizeof h);
    (void)pct_buffer_append(out, entries, entry_bytes);
    (void)pct_buffer_append(out, m->data.bytes, m->data.length);
    return pct_buffer_status(out, error);
}

static void maker_dispose(maker *m) {
    pct_tile_encoder_free(m->encoder);
    pct_gzip_free(m->gzip);
    pct_free(m->boxes);
    pct_map_dispose(&m->known);
    pct_tile_features_dispose(&m->features);
    pct_vector_dispose(&m->pairs);
    pct_vector_dispose(&m->entries);
    pct_vector_dispose(&m->numbers);
    pct_buffer_dispose(&m->raw);
    pct_buffer_dispose(&m->packed);
    pct_buffer_dispose(&m->data);
}

pct_status pct_tiles_make(const pct_tiles_source *source, pct_buffer *out, pct_tiles_report *report,
                          pct_error *error) {
    pct_box box = pct_network_bounds(source->network), wide = with_margin(box);
    pct_tile_point north_west = pct_tile_point_of((pct_position){wide.min.lon_e7, wide.max.lat_e7}),
                   south_east = pct_tile_point_of((pct_position){wide.max.lon_e7, wide.min.lat_e7});
    maker m = {.features = pct_tile_features_init(),
               .extent = {north_west.x, north_west.y, south_east.x, south_east.y},
               .known = pct_map_init(PAIRS_MAX),
               .pairs = pct_vector_init(sizeof(pair), PAIRS_MAX),
               .entries = pct_vector_init(sizeof(pct_tiles_entry), PAIRS_MAX),
               .numbers = pct_vector_init(sizeof(uint32_t), PAIRS_MAX),
               .raw = pct_buffer_init(TILE_BYTES_MAX),
               .packed = pct_buffer_init(TILE_BYTES_MAX),
               .data = pct_buffer_init(DATA_MAX)};
    *report = (pct_tiles_report){0};
    pct_status status = collect(&m, source, wide, report, error);
    if (!status) status = pct_tile_encoder_new(&m.features, &m.encoder, error);
    if (!status) status = pct_gzip_new(GZIP_LEVEL, &m.gzip, error);
    for (uint32_t z = 0; z <= PCT_TILE_ZOOM_MAX && !status; z++) status = make_zoom(&m, z, report, error);
    if (!status) status = put_file(&m, box, out, error);
    maker_dispose(&m);
    return status;
}
