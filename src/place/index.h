/* The gazetteer's index file, used from a mapped file as it lies, like road/index.h and as little trusted: opening
 * checks magic, version, sizes, every digest and every number inside before the first search, in O(size). */
#ifndef PCT_PLACE_INDEX_H
#define PCT_PLACE_INDEX_H

#include "place/gazetteer.h"
#include "road/index.h"

pct_status pct_gazetteer_index_write(const pct_gazetteer *gazetteer, pct_sink sink, uint64_t *bytes_written,
                                     pct_error *error) PCT_MUST_USE;
/* `bytes` must be aligned to 64 and stay until the gazetteer is freed. `file` names it in errors (PCT_DAMAGED). */
pct_status pct_gazetteer_index_open(const char *file, pct_text bytes, pct_gazetteer **out,
                                    pct_error *error) PCT_MUST_USE;

#endif
