#include "ledger/tile.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/merkle_node.h"

size_t pct_tile_path(pct_tile tile, bool entries, char out[PCT_TILE_PATH]) {
    unsigned groups[7];
    size_t count = 0, at;
    uint64_t rest = tile.index;
    do groups[count++] = (unsigned)(rest % 1000);
    while ((rest /= 1000) > 0 && count < 7);
    at = entries ? (size_t)snprintf(out, PCT_TILE_PATH, "tile/entries")
                 : (size_t)snprintf(out, PCT_TILE_PATH, "tile/%u", tile.level % 100);
    while (count-- > 0)
        at += (size_t)snprintf(out + at, PCT_TILE_PATH - at, count ? "/x%03u" : "/%03u", groups[count]);
    if (tile.width < PCT_TILE_WIDTH)
        at += (size_t)snprintf(out + at, PCT_TILE_PATH - at, ".p/%u", tile.width);
    return at;
}

/* Digits of any number of groups; an x or a slash between them is the writer's matter. */
static bool read_index(pct_text text, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.chars[i] == 'x' || text.chars[i] == '/') continue;
        if (text.chars[i] < '0' || text.chars[i] > '9' || *out >= UINT64_C(1) << 55) return false;
        *out = *out * 10 + (uint64_t)(text.chars[i] - '0');
    }
    return text.length > 0;
}

bool pct_tile_from_path(pct_text path, pct_tile *out, bool *entries) {
    pct_text rest = path, part;
    int64_t level = 0, width = PCT_TILE_WIDTH;
    char again[PCT_TILE_PATH];
    if (!pct_text_next(&rest, '/', &part) || !pct_text_equal(part, "tile") ||
        !pct_text_next(&rest, '/', &part))
        return false;
    *entries = pct_text_equal(part, "entries");
    if (!*entries && (!pct_text_to_integer(part, &level) || level < 0 || level >= PCT_TILE_LEVELS))
        return false;
    for (size_t i = 0; i + 3 <= rest.length; i++) {
        if (memcmp(rest.chars + i, ".p/", 3) != 0) continue;
        pct_text digits = {rest.chars + i + 3, rest.length - i - 3};
        if (!pct_text_to_integer(digits, &width) || width < 1 || width >= PCT_TILE_WIDTH) return false;
        rest.length = i;
    }
    *out = (pct_tile){.level = (unsigned)level, .width = (unsigned)width};
    if (!read_index(rest, &out->index)) return false;
    size_t length = pct_tile_path(*out, *entries, again);
    return length == path.length && memcmp(again, path.chars, length) == 0;
}

unsigned pct_tile_width(unsigned level, uint64_t index, uint64_t size) {
    if (level >= PCT_TILE_LEVELS || index >> 55) return 0;
    uint64_t hashes = size >> (8 * level), first = index * PCT_TILE_WIDTH;
    if (first >= hashes) return 0;
    return hashes - first < PCT_TILE_WIDTH ? (unsigned)(hashes - first) : PCT_TILE_WIDTH;
}

pct_status pct_tile_write(const pct_merkle_reader *reader, uint64_t size, pct_tile tile, pct_buffer *out,
                          pct_error *error) {
    pct_hash hashes[PCT_TILE_WIDTH];
    pct_status status = PCT_OK;
    if (tile.width == 0 || tile.width > pct_tile_width(tile.level, tile.index, size)) {
        char path[PCT_TILE_PATH];
        pct_text asked = {path, pct_tile_path(tile, false, path)};
        return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_LEDGER_TILE, pct_view(asked), pct_int((int64_t)size));
    }
    uint64_t first = tile.index * PCT_TILE_WIDTH;
    if (tile.level == 0) status = reader->read(reader->context, 0, first, tile.width, hashes, error);
    for (unsigned i = 0; i < tile.width && tile.level > 0 && !status; i++)
        status = pct_merkle_stretch(reader, (first + i) << (8 * tile.level),
                                    (first + i + 1) << (8 * tile.level), &hashes[i], error);
    for (unsigned i = 0; i < tile.width && !status; i++)
        (void)pct_buffer_append(out, hashes[i].bytes, PCT_HASH_BYTES);
    return status ? status : pct_buffer_status(out, error);
}

pct_status pct_tile_append_entry(pct_buffer *out, pct_text stored_bytes) {
    if (stored_bytes.length > UINT16_MAX) return out->failed = PCT_LIMIT;
    (void)pct_buffer_append_byte(out, (unsigned char)(stored_bytes.length >> 8));
    (void)pct_buffer_append_byte(out, (unsigned char)(stored_bytes.length & 255));
    return pct_buffer_append(out, stored_bytes.chars, stored_bytes.length);
}
