/* Private to osm/: decodes one PrimitiveBlock and hands its objects to the handler.
 *
 * The scratch arrays live from block to block, so that a warm reader allocates nothing per object. A block is
 * borrowed for the call. Sizes of one object and of a string table are limited, so that a small hostile file
 * cannot ask for gigabytes. */
#ifndef PCT_OSM_PBF_BLOCK_H
#define PCT_OSM_PBF_BLOCK_H

#include "osm/pbf.h"
#include "osm/wire.h"

typedef struct pct_pbf_scratch {
    void *items;
    size_t capacity;
} pct_pbf_scratch;

typedef struct pct_pbf_block {
    const char *file;
    int64_t offset; /* of the block in the file, for errors */
    const pct_osm_handler *handler;
    pct_error *error;

    int64_t granularity, lat_offset, lon_offset; /* nanodegrees */
    size_t string_count;
    pct_pbf_scratch strings; /* pct_text */
    pct_pbf_scratch tags, refs, members;

    pct_message object; /* kind and id of the object under way, for errors */
    int64_t id;
} pct_pbf_block;

pct_status pct_pbf_block_read(pct_pbf_block *block, pct_wire bytes) PCT_MUST_USE;
void pct_pbf_block_dispose(pct_pbf_block *block);

#endif
