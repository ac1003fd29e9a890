#include <string.h>

#include "base/digest.h"
#include "tiles/file_format.h"
#include "tiles/gzip.h"
#include "tiles/tiles.h"

enum { TILE_BYTES_MAX = 1 << 26 };

static pct_status damaged(const char *file, pct_message what, pct_error *error) {
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_TILES_DAMAGED, pct_str(file), pct_phrase(what));
}

static pct_status read_header(const char *file, pct_text bytes, pct_tiles_header *h, pct_error *error) {
    if (bytes.length < sizeof *h || memcmp(bytes.chars, PCT_TILES_MAGIC, sizeof h->magic) != 0)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_TILES_FOREIGN, pct_str(file));
    memcpy(h, bytes.chars, sizeof *h);
    if (h->version != PCT_TILES_VERSION)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_TILES_VERSION, pct_str(file), pct_int(h->version),
                        pct_int(PCT_TILES_VERSION));
    if (h->digest != pct_digest(h, offsetof(pct_tiles_header, digest)))
        return damaged(file, PCT_MSG_TILES_PART_HEADER, error);
    if (h->file_bytes != bytes.length)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_TILES_SIZE, pct_str(file),
                        pct_int((int64_t)h->file_bytes), pct_int((int64_t)bytes.length));
    uint64_t room = bytes.length - sizeof *h;
    bool fits = h->entry_count <= room / sizeof(pct_tiles_entry) &&
                h->data_bytes == room - h->entry_count * sizeof(pct_tiles_entry) &&
                h->max_zoom <= PCT_TILE_ZOOM_MAX && h->min_zoom <= h->max_zoom;
    return fits ? PCT_OK : damaged(file, PCT_MSG_TILES_PART_COUNTS, error);
}

static bool entries_hold(const pct_tiles_entry *entries, const pct_tiles_header *h) {
    for (uint64_t i = 0; i < h->entry_count; i++) {
        if (i > 0 && entries[i].key <= entries[i - 1].key) return false;
        if (entries[i].at > h->data_bytes || entries[i].bytes > h->data_bytes - entries[i].at) return false;
        if (entries[i].key >> 2 * PCT_TILES_KEY_BITS > h->max_zoom) return false;
    }
    return true;
}

pct_status pct_tiles_open(const char *file, pct_text bytes, pct_tiles *out, pct_error *error) {
    pct_tiles_header h;
    pct_status status = read_header(file, bytes, &h, error);
    if (status) return status;
    const char *at = bytes.chars + sizeof h;
    uint64_t entry_bytes = h.entry_count * sizeof(pct_tiles_entry);
    if ((uintptr_t)at % sizeof(uint64_t) != 0)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_TILES_DAMAGED, pct_str(file),
                        pct_phrase(PCT_MSG_TILES_PART_HEADER));
    if (pct_digest(at, entry_bytes) != h.entries_digest)
        return damaged(file, PCT_MSG_TILES_PART_DIRECTORY, error);
    if (pct_digest(at + entry_bytes, h.data_bytes) != h.data_digest)
        return damaged(file, PCT_MSG_TILES_PART_CONTENT, error);
    const pct_tiles_entry *entries = (const pct_tiles_entry *)(const void *)at;
    if (!entries_hold(entries, &h)) return damaged(file, PCT_MSG_TILES_PART_DIRECTORY, error);
    *out = (pct_tiles){.entries = entries,
                       .data = at + entry_bytes,
                       .entry_count = h.entry_count,
                       .box = {{h.min_lon_e7, h.min_lat_e7}, {h.max_lon_e7, h.max_lat_e7}},
                       .min_zoom = h.min_zoom,
                       .max_zoom = h.max_zoom};
    return PCT_OK;
}

pct_status pct_tiles_get(const pct_tiles *tiles, uint32_t z, uint32_t x, uint32_t y, pct_text *out) {
    const pct_tiles_entry *entries = tiles->entries;
    uint64_t low = 0, high = tiles->entry_count;
    if (z > tiles->max_zoom || x >> z != 0 || y >> z != 0) return PCT_NOT_FOUND;
    uint64_t key = pct_tiles_key(z, x, y);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (entries[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == tiles->entry_count || entries[low].key != key) return PCT_NOT_FOUND;
    *out = (pct_text){tiles->data + entries[low].at, entries[low].bytes};
    return PCT_OK;
}

pct_status pct_tiles_get_plain(const pct_tiles *tiles, uint32_t z, uint32_t x, uint32_t y, pct_buffer *out,
                               pct_error *error) {
    pct_text packed;
    pct_status status = pct_tiles_get(tiles, z, x, y, &packed);
    if (status) return status;
    if (pct_gzip_unpack(packed, out)) return PCT_OK;
    status = pct_buffer_status(out, error);
    return status ? status : damaged(PCT_TILES_FILE, PCT_MSG_TILES_PART_CONTENT, error);
}
