/* The index file: a pct_road at rest, used from a mapped file as it lies.
 *
 * Sections (base/section_file.h) are the flat arrays of network, hierarchy, snap index and dots. Files are not trusted: opening checks
 * magic, version, sizes,
 * every digest and every index inside before the first query, in O(size). The metric is not stored: it follows
 * from the speeds, which users edit, and is customized on opening. */
#ifndef PCT_ROAD_INDEX_H
#define PCT_ROAD_INDEX_H

#include "base/section_file.h"
#include "road/road.h"

pct_status pct_road_index_write(const pct_road *road, pct_sink sink, uint64_t *bytes_written,
                                pct_error *error) PCT_MUST_USE;
/* `bytes` must be aligned to 64, as a mapped file is, and stay until the road is freed. `file` names it in
 * errors (PCT_DAMAGED). */
pct_status pct_road_index_open(const char *file, pct_text bytes, const pct_speeds *speeds, pct_road **out,
                               pct_error *error) PCT_MUST_USE;

/* The topology of profile patrol lies in a file of its own, so that whoever needs response alone reads no byte of it: turns and
 * hierarchy, checked alike, and against the network of the response road that they belong to. */
pct_status pct_road_index_write_patrol(const pct_road *patrol, pct_sink sink, uint64_t *bytes_written,
                                       pct_error *error) PCT_MUST_USE;
pct_status pct_road_index_open_patrol(const char *file, pct_text bytes, const pct_road *response,
                                      const pct_speeds *speeds, pct_road **out,
                                      pct_error *error) PCT_MUST_USE;

#endif
