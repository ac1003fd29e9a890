/* Fuzz target (libFuzzer) for the PBF reader and the importer on top of it.
 *
 *     sources=$(find src/base src/geo src/osm src/road -name "*.c")
 *     clang -g -O1 -std=c17 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
 *         -Isrc -Ibuild/gen fuzz/fuzz_pbf.c $sources build/gen/message_table.c \
 *         -ljansson -lxxhash -lmetis -lz -lm -o build/fuzz_pbf
 *     build/fuzz_pbf -max_total_time=60 CORPUS
 *
 * The first byte chooses what the others are: a whole file, or one block of objects, which goes uncompressed
 * behind a sound file header, since no mutation gets past zlib's checksum. */
#include "osm/pbf.h"
#include "osm/pbf_format.h"
#include "road/import.h"

enum { WHOLE_FILE, BLOCK_READ, BLOCK_IMPORTED, MODES, FILE_BYTES_MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Every byte that a handler is given is looked at, so that the sanitizers see where it lies. */
static volatile uint64_t seen;

static void see_text(pct_text text) {
    for (size_t i = 0; i < text.length; i++) seen = seen + (unsigned char)text.chars[i];
}

static void see_tags(pct_osm_tags tags) {
    for (size_t i = 0; i < tags.count; i++) {
        see_text(tags.items[i].key);
        see_text(tags.items[i].value);
    }
}

static pct_status see_node(void *context, const pct_osm_node *node, pct_error *error) {
    (void)context, (void)error;
    if (node->position.lat_e7 > 900000000 || node->position.lon_e7 < -1800000000) __builtin_trap();
    see_tags(node->tags);
    return PCT_OK;
}

static pct_status see_way(void *context, const pct_osm_way *way, pct_error *error) {
    (void)context, (void)error;
    for (size_t i = 0; i < way->ref_count; i++) seen = seen + (uint64_t)way->refs[i];
    see_tags(way->tags);
    return PCT_OK;
}

static pct_status see_relation(void *context, const pct_osm_relation *relation, pct_error *error) {
    (void)context, (void)error;
    for (size_t i = 0; i < relation->member_count; i++) {
        seen = seen + (uint64_t)relation->members[i].ref + relation->members[i].kind;
        see_text(relation->members[i].role);
    }
    see_tags(relation->tags);
    return PCT_OK;
}

/* Puts a block behind a sound header. */
static pct_status wrap(pct_buffer *file, const uint8_t *block, size_t length) {
    pct_osm_writer *writer;
    pct_status status = pct_osm_writer_new(file, "fuzz", pct_box_empty(), &writer, NULL);
    if (status) return status;
    status = pct_osm_writer_finish(writer, NULL);
    pct_osm_writer_free(writer);
    pct_buffer blob = pct_buffer_init(FILE_BYTES_MAX), header = pct_buffer_init(FILE_BYTES_MAX);
    pct_wire_put_bytes(&blob, PBF_BLOB_RAW, block, length);
    pct_wire_put_bytes(&header, PBF_BLOB_HEADER_TYPE, PBF_TYPE_DATA, sizeof PBF_TYPE_DATA - 1);
    pct_wire_put_number(&header, PBF_BLOB_HEADER_SIZE, blob.length);
    (void)pct_buffer_append(file, (const unsigned char[]){0, 0, 0, (unsigned char)header.length}, 4);
    (void)pct_buffer_append(file, header.bytes, header.length);
    (void)pct_buffer_append(file, blob.bytes, blob.length);
    pct_buffer_dispose(&header);
    pct_buffer_dispose(&blob);
    return status ? status : file->failed;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length == 0) return 0;
    int mode = bytes[0] % MODES;
    pct_text input = {(const char *)bytes + 1, length - 1};
    pct_buffer file = pct_buffer_init(FILE_BYTES_MAX);
    pct_error error;
    pct_status status = PCT_OK;
    if (mode != WHOLE_FILE) {
        status = wrap(&file, bytes + 1, length - 1);
        input = (pct_text){(const char *)file.bytes, file.length};
    }
    if (!status && mode != BLOCK_IMPORTED) {
        pct_osm_handler handler = {NULL, see_node, see_way, see_relation, NULL, PCT_DATUM_WGS84};
        status = pct_osm_read("fuzz", input, &handler, &error);
    } else if (!status) {
        pct_network network;
        pct_import_report report;
        status = pct_import_osm("fuzz", input, &network, &report, &error);
        if (!status) pct_network_dispose(&network);
    }
    pct_buffer_dispose(&file);
    return 0;
}
