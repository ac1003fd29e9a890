/* A log as the files of https://c2sp.org/tlog-tiles, in one pass and in constant memory: events in, files out.
 *
 *     status = pct_tile_stream_open(&stream, crypto, sink, context, &error);
 *     status = pct_tile_stream_add(stream, bytes, &error);       in order of seq
 *     status = pct_tile_stream_end(stream, &error);              the partial tiles
 *     root = pct_merkle_root(pct_tile_stream_tree(stream));      what the files stand for
 *     pct_tile_stream_close(stream);                             accepts NULL
 *
 * A full tile is given once and is final; a tile of level l comes when its last leaf is there, its entry bundle in front of
 * it. Two hashes an event. Memory: one bundle (at most 16 MB), 256 hashes a level. */
#ifndef PCT_LEDGER_TILE_STREAM_H
#define PCT_LEDGER_TILE_STREAM_H

#include "ledger/tile.h"

typedef pct_status pct_tile_sink(void *context, const char *path, pct_text bytes, pct_error *error);

typedef struct pct_tile_stream pct_tile_stream;

pct_status pct_tile_stream_open(const pct_crypto *crypto, pct_tile_sink *sink, void *context,
                                pct_tile_stream **out, pct_error *error) PCT_MUST_USE;
pct_status pct_tile_stream_add(pct_tile_stream *stream, pct_text stored_bytes, pct_error *error) PCT_MUST_USE;
pct_status pct_tile_stream_end(pct_tile_stream *stream, pct_error *error) PCT_MUST_USE;
const pct_merkle *pct_tile_stream_tree(const pct_tile_stream *stream);
void pct_tile_stream_close(pct_tile_stream *stream);

#endif
