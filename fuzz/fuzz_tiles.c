/* Any bytes: refused as no base map, or tiles that lie inside the file; and any bytes as a packed tile. A whole map would
 * never be guessed past its digests, so they are set right before the file is opened. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "tiles/file_format.h"
#include "tiles/gzip.h"
#include "tiles/tiles.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static void set_right(pct_tiles_header *h, const unsigned char *rest, size_t length) {
    memcpy(h->magic, PCT_TILES_MAGIC, sizeof h->magic);
    h->version = PCT_TILES_VERSION;
    h->file_bytes = sizeof *h + length;
    h->entry_count %= length / sizeof(pct_tiles_entry) + 1;
    h->data_bytes = length - h->entry_count * sizeof(pct_tiles_entry);
    h->entries_digest = pct_digest(rest, h->entry_count * sizeof(pct_tiles_entry));
    h->data_digest = pct_digest(rest + h->entry_count * sizeof(pct_tiles_entry), h->data_bytes);
    h->digest = pct_digest(h, offsetof(pct_tiles_header, digest));
}

static void ask(const pct_tiles *tiles, const char *file, size_t length) {
    const pct_tiles_entry *entries = tiles->entries;
    const uint32_t mask = (1u << PCT_TILES_KEY_BITS) - 1;
    for (uint64_t i = 0; i < tiles->entry_count; i++) {
        pct_text found;
        uint64_t key = entries[i].key;
        if (pct_tiles_get(tiles, (uint32_t)(key >> 2 * PCT_TILES_KEY_BITS),
                          (uint32_t)(key >> PCT_TILES_KEY_BITS) & mask, (uint32_t)key & mask, &found))
            continue; /* a place that the zoom does not have */
        if (found.chars < file || found.length > length ||
            (size_t)(found.chars - file) > length - found.length)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length) {
    pct_tiles tiles;
    pct_buffer out = pct_buffer_init(1 << 16);
    (void)pct_gzip_unpack((pct_text){(const char *)bytes, length}, &out);
    pct_buffer_dispose(&out);
    if (pct_tiles_open("f", (pct_text){(const char *)bytes, length}, &tiles, NULL) == PCT_OK) abort();
    unsigned char *copy = aligned_alloc(64, (length + 64) / 64 * 64);
    if (!copy) return 0;
    memcpy(copy, bytes, length);
    if (length >= sizeof(pct_tiles_header)) {
        pct_tiles_header header;
        memcpy(&header, copy, sizeof header);
        set_right(&header, copy + sizeof header, length - sizeof header);
        memcpy(copy, &header, sizeof header);
        if (pct_tiles_open("f", (pct_text){(const char *)copy, length}, &tiles, NULL) == PCT_OK)
            ask(&tiles, (const char *)copy, length);
    }
    free(copy);
    return 0;
}
