/* The tree as files that any cache can keep (C2SP tlog-tiles): tile (level, index) holds up to 256 hashes of perfect trees
 * of 256^level leaves, beginning with number 256 × index; a full tile never changes. Entry bundles hold the stored
 * bytes of the same 256 leaves, each behind its length (2 bytes, big-endian). */
#ifndef PCT_LEDGER_TILE_H
#define PCT_LEDGER_TILE_H

#include "ledger/merkle.h"

enum { PCT_TILE_WIDTH = 256, PCT_TILE_PATH = 64, PCT_TILE_LEVELS = 8 };

typedef struct pct_tile {
    unsigned level; /* 0: leaves */
    uint64_t index;
    unsigned width; /* 1 to 256 hashes */
} pct_tile;

/* "tile/0/x001/234" or "tile/0/x001/234.p/17"; returns its length. `entries` names the bundle of a tile of level 0. */
size_t pct_tile_path(pct_tile tile, bool entries, char out[PCT_TILE_PATH]);
/* Takes what pct_tile_path writes, nothing else. */
bool pct_tile_from_path(pct_text path, pct_tile *out, bool *entries);
/* The width that the tile has in a log of `size` leaves; 0: it is not there yet. */
unsigned pct_tile_width(unsigned level, uint64_t index, uint64_t size);
/* Appends width × 32 bytes. PCT_NOT_FOUND when the log of `size` leaves does not reach as far. */
pct_status pct_tile_write(const pct_merkle_reader *reader, uint64_t size, pct_tile tile, pct_buffer *out,
                          pct_error *error) PCT_MUST_USE;
/* One entry of a bundle: its length and its bytes. */
pct_status pct_tile_append_entry(pct_buffer *out, pct_text stored_bytes);

#endif
