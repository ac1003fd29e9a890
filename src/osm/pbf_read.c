/* PBF reader: walks the blobs of a file, unpacks each and has pbf_block.c decode it. O(bytes).
 *
 * A blob's payload is covered by zlib's checksum; the few bytes around it are not, so they are read strictly: a
 * block of unknown type is an error here, though the format lets readers pass over it, because a damaged name
 * would otherwise drop its objects in silence. */
#include "osm/pbf.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "osm/pbf_block.h"
#include "osm/pbf_format.h"
#include "osm/pbf_zlib.h"

typedef struct reader {
    pct_pbf_block block;
    const char *file;
    pct_error *error;
    int64_t offset; /* of the block under way */
    z_stream inflater;
    bool inflating;
    unsigned char *raw; /* unpacked bytes of the block */
    size_t raw_capacity;
    char *program; /* PCT_OSM_PROGRAM_MAX, where the header's is wanted */
} reader;

typedef struct pbf_blob {
    pct_wire raw, zlib;
    bool has_raw, has_zlib, has_size;
    int64_t size;
    const char *foreign; /* name of a compression that we do not read */
} pbf_blob;

pct_text pct_osm_tag_value(pct_osm_tags tags, const char *key) {
    for (size_t i = 0; i < tags.count; i++)
        if (pct_text_equal(tags.items[i].key, key)) return tags.items[i].value;
    return (pct_text){NULL, 0};
}

static pct_status damaged(const reader *r, pct_message expected, pct_message found) {
    return PCT_FAIL(r->error, PCT_DAMAGED, PCT_MSG_PBF_DAMAGED, pct_str(r->file), pct_int(r->offset),
                    pct_phrase(expected), pct_phrase(found));
}

static pct_status bad_size(const reader *r, pct_message part, int64_t limit, int64_t found) {
    return PCT_FAIL(r->error, PCT_DAMAGED, PCT_MSG_PBF_SIZE, pct_str(r->file), pct_int(r->offset),
                    pct_phrase(part), pct_int(limit), pct_int(found));
}

static pct_status cut(const reader *r, size_t expected, size_t found) {
    return PCT_FAIL(r->error, PCT_DAMAGED, PCT_MSG_PBF_CUT, pct_str(r->file), pct_int(r->offset),
                    pct_int((int64_t)expected), pct_int((int64_t)found));
}

/* What a file that is not PBF looks like. */
static pct_param kind_of(pct_text bytes) {
    static const struct {
        const char *magic, *name;
    } kinds[] = {{"<", "XML"},
                 {"\xEF\xBB\xBF<", "XML"},
                 {"\x1F\x8B", "gzip"},
                 {"BZh", "bzip2"},
                 {"PK\x03\x04", "zip"},
                 {"\xFD"
                  "7zXZ",
                  "xz"},
                 {"SQLite format 3", "SQLite"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i].magic);
        if (bytes.length >= length && memcmp(bytes.chars, kinds[i].magic, length) == 0)
            return pct_str(kinds[i].name);
    }
    size_t look = bytes.length < 64 ? bytes.length : 64;
    for (size_t i = 0; i < look; i++) {
        unsigned char c = (unsigned char)bytes.chars[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return pct_phrase(PCT_MSG_PBF_FOUND_BINARY);
    }
    return pct_phrase(PCT_MSG_PBF_FOUND_TEXT);
}

static pct_status foreign(const reader *r, pct_text bytes) {
    return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_PBF_FOREIGN, pct_str(r->file), kind_of(bytes));
}

/* --- blobs --------------------------------------------------------------------------------------------- */

static pct_status read_blob_fields(const reader *r, pct_wire wire, pbf_blob *out) {
    *out = (pbf_blob){.foreign = NULL};
    pct_wire_field field;
    while (pct_wire_next(&wire, &field)) switch (field.tag) {
        case PBF_BLOB_RAW:
            out->raw = field.bytes;
            out->has_raw = true;
            break;
        case PBF_BLOB_RAW_SIZE:
            out->size = (int64_t)field.value;
            out->has_size = true;
            break;
        case PBF_BLOB_ZLIB:
            out->zlib = field.bytes;
            out->has_zlib = true;
            break;
        case PBF_BLOB_LZMA: out->foreign = "lzma"; break;
        case PBF_BLOB_BZIP2: out->foreign = "bzip2"; break;
        case PBF_BLOB_LZ4: out->foreign = "lz4"; break;
        case PBF_BLOB_ZSTD: out->foreign = "zstd"; break;
        }
    if (wire.failed) return damaged(r, PCT_MSG_PBF_EXPECTED_BLOB, PCT_MSG_PBF_FOUND_CUT_MESSAGE);
    if (out->foreign)
        return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_PBF_COMPRESSION, pct_str(r->file), pct_int(r->offset),
                        pct_str(out->foreign));
    if (out->has_raw == out->has_zlib)
        return damaged(r, PCT_MSG_PBF_EXPECTED_RAW_OR_ZLIB,
                       out->has_raw ? PCT_MSG_PBF_FOUND_BOTH : PCT_MSG_PBF_FOUND_NEITHER);
    return PCT_OK;
}

static pct_status begin_inflate(reader *r, size_t size) {
    if (size > r->raw_capacity) {
        pct_free(r->raw);
        r->raw_capacity = 0;
        r->raw = pct_alloc(size, 1);
        if (!r->raw) return pct_error_memory(r->error, size);
        r->raw_capacity = size;
    }
    if (r->inflating) {
        (void)inflateReset(&r->inflater); /* fails only for a stream that was never begun */
        return PCT_OK;
    }
    r->inflater = (z_stream){.zalloc = pct_pbf_zlib_alloc, .zfree = pct_pbf_zlib_free};
    if (inflateInit(&r->inflater) != Z_OK) return pct_error_memory(r->error, sizeof r->inflater);
    r->inflating = true;
    return PCT_OK;
}

static pct_status unpack_zlib(reader *r, const pbf_blob *blob, pct_wire *out) {
    if (!blob->has_size) return damaged(r, PCT_MSG_PBF_EXPECTED_UNPACKED_SIZE, PCT_MSG_FOUND_NONE);
    pct_status status = begin_inflate(r, (size_t)blob->size);
    if (status) return status;
    r->inflater.next_in = (z_const Bytef *)blob->zlib.at;
    r->inflater.avail_in = (uInt)pct_wire_length(blob->zlib);
    r->inflater.next_out = r->raw;
    r->inflater.avail_out = (uInt)blob->size;
    int result = inflate(&r->inflater, Z_FINISH);
    if (result == Z_MEM_ERROR) return pct_error_memory(r->error, (size_t)blob->size);
    if (result == Z_DATA_ERROR) return damaged(r, PCT_MSG_PBF_EXPECTED_SOUND_ZLIB, PCT_MSG_PBF_FOUND_DAMAGE);
    if (result != Z_STREAM_END)
        return damaged(r, PCT_MSG_PBF_EXPECTED_ZLIB_SIZE,
                       r->inflater.avail_out == 0 ? PCT_MSG_PBF_FOUND_MORE_DATA
                                                  : PCT_MSG_PBF_FOUND_EARLY_END);
    if (r->inflater.avail_out > 0)
        return damaged(r, PCT_MSG_PBF_EXPECTED_ZLIB_SIZE, PCT_MSG_PBF_FOUND_LESS_DATA);
    if (r->inflater.avail_in > 0)
        return damaged(r, PCT_MSG_PBF_EXPECTED_ZLIB_END, PCT_MSG_PBF_FOUND_MORE_BYTES);
    *out = pct_wire_of(r->raw, (size_t)blob->size);
    return PCT_OK;
}

static pct_status unpack(reader *r, pct_wire bytes, pct_wire *out) {
    pbf_blob blob;
    pct_status status = read_blob_fields(r, bytes, &blob);
    if (status) return status;
    if (blob.has_size && (blob.size < 1 || blob.size > PBF_BLOCK_BYTES_MAX))
        return bad_size(r, PCT_MSG_PBF_PART_UNPACKED, PBF_BLOCK_BYTES_MAX, blob.size);
    if (blob.has_zlib) return unpack_zlib(r, &blob, out);
    if (blob.has_size && (size_t)blob.size != pct_wire_length(blob.raw))
        return damaged(r, PCT_MSG_PBF_EXPECTED_RAW_SIZE, PCT_MSG_PBF_FOUND_OTHER_SIZE);
    *out = blob.raw;
    return PCT_OK;
}

/* --- blocks -------------------------------------------------------------------------------------------- */

static void keep_program(reader *r, pct_wire bytes) {
    size_t length = pct_wire_length(bytes);
    if (!r->program) return;
    if (length >= PCT_OSM_PROGRAM_MAX) length = PCT_OSM_PROGRAM_MAX - 1;
    memcpy(r->program, bytes.at, length);
    r->program[length] = '\0';
}

static pct_status read_file_header(reader *r, pct_wire wire) {
    bool schema = false;
    pct_wire_field field;
    while (pct_wire_next(&wire, &field)) {
        if (field.tag == PBF_HEADER_PROGRAM) keep_program(r, field.bytes);
        if (field.tag != PBF_HEADER_REQUIRED) continue;
        pct_text name = {(const char *)field.bytes.at, pct_wire_length(field.bytes)};
        schema |= pct_text_equal(name, PBF_FEATURE_SCHEMA);
        if (pct_text_equal(name, PBF_FEATURE_SCHEMA) || pct_text_equal(name, PBF_FEATURE_DENSE)) continue;
        if (pct_text_equal(name, PBF_FEATURE_HISTORY))
            return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_PBF_HISTORY, pct_str(r->file));
        return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_PBF_FEATURE, pct_str(r->file), pct_view(name));
    }
    if (wire.failed) return damaged(r, PCT_MSG_PBF_EXPECTED_FILE_HEADER, PCT_MSG_PBF_FOUND_CUT_MESSAGE);
    return schema ? PCT_OK : damaged(r, PCT_MSG_PBF_EXPECTED_SCHEMA, PCT_MSG_FOUND_NONE);
}

/* Reads a BlobHeader from the front of *rest. */
static pct_status read_blob_header(const reader *r, pct_wire *rest, pct_text *type, int64_t *size) {
    pct_text all = {(const char *)rest->at, pct_wire_length(*rest)};
    bool first = r->offset == 0;
    if (all.length < PBF_LENGTH_BYTES) return first ? foreign(r, all) : cut(r, PBF_LENGTH_BYTES, all.length);
    uint32_t length = 0;
    for (int i = 0; i < PBF_LENGTH_BYTES; i++) length = length << 8 | rest->at[i];
    if (length < 1 || length > PBF_HEADER_BYTES_MAX)
        return first ? foreign(r, all) : bad_size(r, PCT_MSG_PBF_PART_HEADER, PBF_HEADER_BYTES_MAX, length);
    if (all.length - PBF_LENGTH_BYTES < length) return cut(r, (size_t)length + PBF_LENGTH_BYTES, all.length);
    pct_wire header = pct_wire_of(rest->at + PBF_LENGTH_BYTES, length);
    *rest = pct_wire_of(header.end, all.length - PBF_LENGTH_BYTES - length);
    pct_wire_field field;
    while (pct_wire_next(&header, &field)) {
        if (field.tag == PBF_BLOB_HEADER_TYPE)
            *type = (pct_text){(const char *)field.bytes.at, pct_wire_length(field.bytes)};
        else if (field.tag == PBF_BLOB_HEADER_SIZE)
            *size = (int64_t)field.value;
    }
    if (!header.failed && type->chars) return PCT_OK;
    return first ? foreign(r, all)
                 : damaged(r, PCT_MSG_PBF_EXPECTED_BLOCK_HEADER, PCT_MSG_PBF_FOUND_CUT_MESSAGE);
}

/* Reads one block from the front of *rest. */
static pct_status read_block(reader *r, pct_wire *rest) {
    pct_text type = {NULL, 0};
    int64_t size = 0;
    pct_wire bytes;
    bool first = r->offset == 0;
    pct_status status = read_blob_header(r, rest, &type, &size);
    if (status) return status;
    if (!pct_text_equal(type, first ? PBF_TYPE_HEADER : PBF_TYPE_DATA)) {
        bool utf8 = pct_text_is_utf8(type);
        return PCT_FAIL(
            r->error, PCT_DAMAGED, PCT_MSG_PBF_DAMAGED, pct_str(r->file), pct_int(r->offset),
            pct_phrase(first ? PCT_MSG_PBF_EXPECTED_HEADER_BLOCK : PCT_MSG_PBF_EXPECTED_DATA_BLOCK),
            utf8 ? pct_view(type) : pct_phrase(PCT_MSG_PBF_FOUND_OTHER_TYPE));
    }
    if (size < 1 || size > PBF_BLOCK_BYTES_MAX)
        return bad_size(r, PCT_MSG_PBF_PART_BLOB, PBF_BLOCK_BYTES_MAX, size);
    if ((size_t)size > pct_wire_length(*rest)) return cut(r, (size_t)size, pct_wire_length(*rest));
    pct_wire packed = pct_wire_of(rest->at, (size_t)size);
    *rest = pct_wire_of(packed.end, pct_wire_length(*rest) - (size_t)size);
    status = unpack(r, packed, &bytes);
    if (status) return status;
    if (first) return read_file_header(r, bytes);
    r->block.offset = r->offset;
    return pct_pbf_block_read(&r->block, bytes);
}

static void reader_dispose(reader *r) {
    if (r->inflating) (void)inflateEnd(&r->inflater);
    pct_free(r->raw);
    pct_pbf_block_dispose(&r->block);
}

pct_status pct_osm_read_program(const char *file, pct_text bytes, char out[PCT_OSM_PROGRAM_MAX],
                                pct_error *error) {
    out[0] = '\0';
    if (bytes.length == 0) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PBF_EMPTY, pct_str(file));
    reader r = {.file = file, .error = error, .program = out};
    r.block = (pct_pbf_block){.file = file, .error = error};
    pct_wire rest = pct_wire_of(bytes.chars, bytes.length);
    pct_status status = read_block(&r, &rest);
    reader_dispose(&r);
    return status;
}

pct_status pct_osm_read(const char *file, pct_text bytes, const pct_osm_handler *handler, pct_error *error) {
    if (bytes.length == 0) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PBF_EMPTY, pct_str(file));
    reader r = {.file = file, .error = error};
    r.block = (pct_pbf_block){.file = file, .handler = handler, .error = error};
    pct_wire rest = pct_wire_of(bytes.chars, bytes.length);
    pct_status status = PCT_OK;
    while (!status && rest.at < rest.end) {
        r.offset = (int64_t)(bytes.length - pct_wire_length(rest));
        status = read_block(&r, &rest);
    }
    reader_dispose(&r);
    return status;
}
