/* Private to tiles/: the file as it lies. Numbers are little-endian. */
#ifndef PCT_TILES_FILE_FORMAT_H
#define PCT_TILES_FILE_FORMAT_H

#include <stdint.h>

enum { PCT_TILES_VERSION = 1, PCT_TILES_KEY_BITS = 29 };
#define PCT_TILES_MAGIC "PCTTILE" /* with its zero, 8 bytes */

typedef struct pct_tiles_header {
    char magic[8];
    uint32_t version, reserved; /* reserved: 0; older files say 1 here where OpenStreetMap was the source */
    uint32_t min_zoom, max_zoom;
    int32_t min_lon_e7, min_lat_e7, max_lon_e7, max_lat_e7;
    uint64_t file_bytes, entry_count, data_bytes;
    uint64_t entries_digest, data_digest;
    uint64_t digest; /* of all before it */
} pct_tiles_header;

/* Ordered by key, each key once; tiles of equal content share their data. */
typedef struct pct_tiles_entry {
    uint64_t key; /* zoom, x, y, each in PCT_TILES_KEY_BITS bits but the zoom */
    uint64_t at;  /* into the data */
    uint64_t bytes;
} pct_tiles_entry;

static inline uint64_t pct_tiles_key(uint32_t z, uint32_t x, uint32_t y) {
    return (uint64_t)z << 2 * PCT_TILES_KEY_BITS | (uint64_t)x << PCT_TILES_KEY_BITS | y;
}

#endif
