#include "tiles/gzip.h"

#include <string.h>
#include <zlib.h>

#include "base/memory.h"

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8, PIECE = 1 << 14 };

struct pct_gzip {
    z_stream stream;
};

static voidpf take(voidpf opaque, uInt items, uInt size) {
    (void)opaque;
    return pct_alloc(items, size);
}

static void give_back(voidpf opaque, voidpf address) {
    (void)opaque;
    pct_free(address);
}

pct_status pct_gzip_new(int level, pct_gzip **out, pct_error *error) {
    pct_gzip *gzip = pct_alloc_zeroed(1, sizeof *gzip);
    if (!gzip) return pct_error_memory(error, sizeof *gzip);
    gzip->stream.zalloc = take;
    gzip->stream.zfree = give_back;
    if (deflateInit2(&gzip->stream, level, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        pct_free(gzip);
        return pct_error_memory(error, (size_t)1 << 18);
    }
    *out = gzip;
    return PCT_OK;
}

void pct_gzip_free(pct_gzip *gzip) {
    if (!gzip) return;
    (void)deflateEnd(&gzip->stream);
    pct_free(gzip);
}

pct_status pct_gzip_pack(pct_gzip *gzip, const pct_buffer *raw, pct_buffer *out, pct_error *error) {
    z_stream *stream = &gzip->stream;
    if (deflateReset(stream) != Z_OK || raw->length > UINT32_MAX / 2) return PCT_INTERNAL;
    size_t room = deflateBound(stream, raw->length), before = out->length;
    unsigned char *to = pct_buffer_extend(out, room);
    if (!to) return pct_buffer_status(out, error);
    stream->next_in = raw->bytes;
    stream->avail_in = (uInt)raw->length;
    stream->next_out = to;
    stream->avail_out = (uInt)room;
    if (PCT_NEVER(deflate(stream, Z_FINISH) != Z_STREAM_END)) return PCT_INTERNAL;
    out->length = before + (room - stream->avail_out);
    return PCT_OK;
}

bool pct_gzip_unpack(pct_text packed, pct_buffer *out) {
    z_stream stream = {.zalloc = take, .zfree = give_back};
    unsigned char piece[PIECE];
    int how = Z_OK;
    if (packed.length > UINT32_MAX || inflateInit2(&stream, GZIP_WINDOW) != Z_OK) return false;
    stream.next_in = (unsigned char *)packed.chars;
    stream.avail_in = (uInt)packed.length;
    while (how == Z_OK && !out->failed) {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        how = inflate(&stream, Z_NO_FLUSH);
        (void)pct_buffer_append(out, piece, sizeof piece - stream.avail_out);
    }
    (void)inflateEnd(&stream);
    return how == Z_STREAM_END && stream.avail_in == 0 && !out->failed;
}
