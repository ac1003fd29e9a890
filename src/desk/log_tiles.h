/* The log as others may read it while it is in use: the newest tree head that was given out (site/heads.h) and the hash tiles below it, byte
 * for byte those that `log export` writes.
 *
 *     status = pct_log_tiles_start(&options, &tiles, error);          a thread of its own, of low priority
 *     status = pct_log_tiles_head(tiles, &note, error);               any thread
 *     status = pct_log_tiles_get(tiles, tile, &bytes, error);         any thread
 *     pct_log_tiles_stop(tiles);                                      accepts NULL
 *
 * Nothing is signed here and no key is read: a head is given out by a command. The thread looks for a new one, reads the leaf hashes
 * up to it (all of them once after the start, half of a core at most: 3 s for a million), and shows it only when they make its root. Then a
 * tile costs 256 rows at most. Memory: an eighth of a byte for each event. PCT_NOT_FOUND: no head was given out, or it does not reach as far;
 * PCT_BUSY: hashes are still being read; PCT_CHECK_FAILED: the log does not make the head. */
#ifndef PCT_DESK_LOG_TILES_H
#define PCT_DESK_LOG_TILES_H

#include "ledger/tile.h"
#include "store/store.h"

typedef struct pct_log_tiles pct_log_tiles;

typedef struct pct_log_tiles_options {
    const char *folder; /* the site's; outlives it */
    pct_store *reader;  /* its own; taken, also when it fails */
} pct_log_tiles_options;

pct_status pct_log_tiles_start(const pct_log_tiles_options *options, pct_log_tiles **out,
                               pct_error *error) PCT_MUST_USE;
void pct_log_tiles_stop(pct_log_tiles *tiles);

/* NULL: no head was given out. Appends the signed note. */
pct_status pct_log_tiles_head(pct_log_tiles *tiles, pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* Appends the tile's hashes; one of less width than there is now is the one of an earlier head. */
pct_status pct_log_tiles_get(pct_log_tiles *tiles, pct_tile tile, pct_buffer *out,
                             pct_error *error) PCT_MUST_USE;

#endif
