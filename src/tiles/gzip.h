/* Tiles are gzip members (RFC 1952), so that an HTTP server hands them out as they lie. */
#ifndef PCT_TILES_GZIP_H
#define PCT_TILES_GZIP_H

#include <stdbool.h>

#include "base/buffer.h"

typedef struct pct_gzip pct_gzip;

/* A packer keeps its memory (about 270 kB) from one call to the next; the same bytes give the same member. */
pct_status pct_gzip_new(int level, pct_gzip **out, pct_error *error) PCT_MUST_USE;
void pct_gzip_free(pct_gzip *gzip);
pct_status pct_gzip_pack(pct_gzip *gzip, const pct_buffer *raw, pct_buffer *out,
                         pct_error *error) PCT_MUST_USE;
/* Appends what a member holds; false when it is damaged or `out` has no room for it. */
bool pct_gzip_unpack(pct_text packed, pct_buffer *out);

#endif
