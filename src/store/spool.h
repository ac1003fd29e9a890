/* The spool: what was taken while the record could not be written, in a file of its own, beside the record or on another disk.
 *
 *     sector 0      "precinct-spool-1", a random mark of this file, the first number that was never given
 *     sector 1 …    entries, each from the beginning of a sector:
 *                   mark ‖ number ‖ kept at ‖ length ‖ digest of the bytes ‖ first bytes ‖ digest of this sector ‖ 0xA5
 *                   the other bytes ‖ zeros
 *
 *     add, add, sync        the entries are kept: PCT_OK of sync = on disk; not to be read before
 *     read                  the oldest first, as often as one likes
 *     wipe, wipe, sync      the heads are zeroed and synced, then the bytes behind them are zeroed
 *
 * The file is made as large as `reserve_bytes` at once, so that a full disk still has room for calls; it grows beyond that while
 * it can. When the last entry is wiped, the next one goes to the beginning again. Numbers rise and are never given twice.
 *
 * The first sector of an entry is written when the others are on the disk: a head means that the entry was whole. An entry
 * whose head stands and whose bytes are not what the head says was damaged; it is counted (`unreadable`) and left alone. A
 * cut can leave entries whose sync was never reported; whoever reads must be able to meet one twice. The file is written
 * through an SQLite file system, so that the tests' disk, which loses power, carries it too.
 *
 * Failures: PCT_LIMIT no room, what was added is there and can be synced; anything else: close, open again. One thread at a
 * time. O(bytes) each; opening reads the whole file. Memory: 32 bytes for each entry. */
#ifndef PCT_STORE_SPOOL_H
#define PCT_STORE_SPOOL_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/status.h"

enum { PCT_SPOOL_ENTRY_MAX = 128 << 10 };

#define PCT_SPOOL_FILE "calls.spool"

typedef struct pct_spool pct_spool;

typedef struct pct_spool_options {
    const char *folder; /* must be there */
    const char *vfs;    /* NULL: the operating system's */
    int64_t reserve_bytes;
    void (*random)(void *context, unsigned char *bytes, size_t length);
    void *context;
} pct_spool_options;

pct_status pct_spool_open(const pct_spool_options *options, pct_spool **out, pct_error *error) PCT_MUST_USE;
void pct_spool_close(pct_spool *spool);

/* Not on the disk before the next sync. The entry's number is above 0. */
pct_status pct_spool_add(pct_spool *spool, int64_t kept_at_ms, pct_text bytes, int64_t *number,
                         pct_error *error) PCT_MUST_USE;
pct_status pct_spool_sync(pct_spool *spool, pct_error *error) PCT_MUST_USE;

typedef struct pct_spooled {
    int64_t number, kept_at_ms;
} pct_spooled;

size_t pct_spool_count(const pct_spool *spool);
size_t pct_spool_unreadable(const pct_spool *spool);
/* at < count: in order of number. */
pct_spooled pct_spool_at(const pct_spool *spool, size_t at);
/* Appends its bytes. PCT_DAMAGED: not what was written. */
pct_status pct_spool_read(pct_spool *spool, size_t at, pct_buffer *out, pct_error *error) PCT_MUST_USE;
/* Drops entry `at` from the list and zeroes its head; for good with the next sync. */
pct_status pct_spool_wipe(pct_spool *spool, size_t at, pct_error *error) PCT_MUST_USE;

#endif
