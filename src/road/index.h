/* The index file: a pct_road at rest, used from a mapped file as it lies.
 *
 *     ┌ header: magic, version, counts, section table, digest of all that ┐ ┌ section ┐ ┌ section ┐ …
 *
 * Sections are the flat arrays of network, hierarchy and snap index, each at a multiple of 64 bytes and with a
 * digest of its own. Numbers are little-endian. Files are not trusted: opening checks magic, version, sizes,
 * every digest and every index inside before the first query, in O(size). The metric is not stored: it follows
 * from the speeds, which users edit, and is customized on opening. */
#ifndef PCT_ROAD_INDEX_H
#define PCT_ROAD_INDEX_H

#include "road/road.h"

/* Takes bytes in order; what it returns ends the writing. */
typedef struct pct_sink {
    void *context;
    pct_status (*write)(void *context, const void *bytes, size_t length, pct_error *error);
} pct_sink;

pct_status pct_road_index_write(const pct_road *road, pct_sink sink, uint64_t *bytes_written,
                                pct_error *error) PCT_MUST_USE;
/* `bytes` must be aligned to 64, as a mapped file is, and stay until the road is freed. `file` names it in
 * errors (PCT_DAMAGED). */
pct_status pct_road_index_open(const char *file, pct_text bytes, const pct_speeds *speeds, pct_road **out,
                               pct_error *error) PCT_MUST_USE;

#endif
