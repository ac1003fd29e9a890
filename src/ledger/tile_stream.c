#include "ledger/tile_stream.h"

#include "base/memory.h"
#include "event/codec.h"

enum { BUNDLE_MAX = PCT_TILE_WIDTH * (PCT_EVENT_BYTES_MAX + 2) };

struct pct_tile_stream {
    pct_merkle tree;
    pct_tile_sink *sink;
    void *context;
    pct_buffer bundle, tile;
    pct_hash row[PCT_TILE_LEVELS][PCT_TILE_WIDTH];
    unsigned width[PCT_TILE_LEVELS];
    uint64_t index[PCT_TILE_LEVELS]; /* of the tile that is being filled */
};

pct_status pct_tile_stream_open(const pct_crypto *crypto, pct_tile_sink *sink, void *context,
                                pct_tile_stream **out, pct_error *error) {
    pct_tile_stream *stream = pct_alloc_zeroed(1, sizeof *stream);
    *out = stream;
    if (!stream) return pct_error_memory(error, sizeof *stream);
    stream->tree = pct_merkle_init(crypto);
    stream->sink = sink;
    stream->context = context;
    stream->bundle = pct_buffer_init(BUNDLE_MAX);
    stream->tile = pct_buffer_init(PCT_TILE_WIDTH * PCT_HASH_BYTES);
    return PCT_OK;
}

void pct_tile_stream_close(pct_tile_stream *stream) {
    if (!stream) return;
    pct_buffer_dispose(&stream->bundle);
    pct_buffer_dispose(&stream->tile);
    pct_free(stream);
}

const pct_merkle *pct_tile_stream_tree(const pct_tile_stream *stream) {
    return &stream->tree;
}

static pct_status give(pct_tile_stream *s, pct_tile tile, bool entries, const pct_buffer *bytes,
                       pct_error *error) {
    char path[PCT_TILE_PATH];
    pct_status status = pct_buffer_status(bytes, error);
    if (status) return status;
    (void)pct_tile_path(tile, entries, path);
    return s->sink(s->context, path, (pct_text){(const char *)bytes->bytes, bytes->length}, error);
}

/* The tile of a level as far as it goes, and the bundle of level 0. */
static pct_status give_level(pct_tile_stream *s, unsigned level, pct_error *error) {
    pct_tile tile = {level, s->index[level], s->width[level]};
    pct_status status = level == 0 ? give(s, tile, true, &s->bundle, error) : PCT_OK;
    pct_buffer_clear(&s->tile);
    for (unsigned i = 0; i < tile.width; i++)
        (void)pct_buffer_append(&s->tile, s->row[level][i].bytes, PCT_HASH_BYTES);
    if (!status) status = give(s, tile, false, &s->tile, error);
    if (level == 0) pct_buffer_clear(&s->bundle);
    return status;
}

static pct_status add_hash(pct_tile_stream *s, pct_hash hash, pct_error *error) {
    for (unsigned level = 0; level < PCT_TILE_LEVELS; level++) {
        s->row[level][s->width[level]++] = hash;
        if (s->width[level] < PCT_TILE_WIDTH) return PCT_OK;
        pct_status status = give_level(s, level, error);
        if (status) return status;
        pct_merkle full = pct_merkle_init(s->tree.crypto);
        for (unsigned i = 0; i < PCT_TILE_WIDTH; i++) pct_merkle_append(&full, s->row[level][i]);
        hash = pct_merkle_root(&full);
        s->width[level] = 0;
        s->index[level]++;
    }
    return PCT_OK;
}

pct_status pct_tile_stream_add(pct_tile_stream *stream, pct_text stored_bytes, pct_error *error) {
    (void)pct_tile_append_entry(&stream->bundle, stored_bytes);
    pct_status status = pct_buffer_status(&stream->bundle, error);
    if (status) return status;
    pct_hash leaf = pct_merkle_leaf(stream->tree.crypto, stored_bytes);
    pct_merkle_append(&stream->tree, leaf);
    return add_hash(stream, leaf, error);
}

pct_status pct_tile_stream_end(pct_tile_stream *stream, pct_error *error) {
    pct_status status = PCT_OK;
    for (unsigned level = 0; level < PCT_TILE_LEVELS && !status; level++)
        if (stream->width[level] > 0) status = give_level(stream, level, error);
    return status;
}
