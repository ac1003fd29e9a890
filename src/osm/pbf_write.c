/* PBF writer: objects are kept on a tape of numbers until a block is full, then encoded.
 *
 * The string table comes first in a block and is ordered by frequency, so that frequent texts get the short
 * numbers; hence the tape, which holds texts by number of first appearance until the order is known. A block
 * costs O(n) and one sort of its texts. Coordinates are written at the default granularity, 100 nanodegrees,
 * which is our own unit. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/vector.h"
#include "osm/pbf.h"
#include "osm/pbf_format.h"
#include "osm/pbf_zlib.h"

enum {
    BLOCK_OBJECTS = 8000,
    BLOCK_TAPE = 1 << 20, /* numbers; each takes at most 10 bytes, so a block stays under its 32 MiB */
    BLOCK_TEXT_BYTES = 8 << 20,
    TAPE_MAX = 1 << 28,
    NANODEGREES_PER_E7 = 100,
    ZLIB_LEVEL = 6,
};

struct pct_osm_writer {
    pct_buffer *out;
    pct_osm_kind kind; /* of the block under way */
    bool any, ended;   /* finished, or a write failed half way: nothing more may come */
    pct_status failed;
    int64_t last_id; /* of this kind */
    size_t object_count, text_bytes;
    bool tagged;
    pct_vector tape;   /* int64_t; per object: id, body, tag count, key, value, key, value … */
    pct_names names;   /* texts of the block by first appearance */
    pct_vector counts; /* size_t; uses of each text */
    pct_buffer column, object, group, block, blob;
    z_stream deflater;
    bool deflating;
};

void pct_osm_writer_free(pct_osm_writer *w) {
    if (!w) return;
    if (w->deflating) (void)deflateEnd(&w->deflater);
    pct_vector_dispose(&w->tape);
    pct_vector_dispose(&w->counts);
    pct_names_dispose(&w->names);
    pct_buffer_dispose(&w->column);
    pct_buffer_dispose(&w->object);
    pct_buffer_dispose(&w->group);
    pct_buffer_dispose(&w->block);
    pct_buffer_dispose(&w->blob);
    pct_free(w);
}

/* Compresses w->block into w->column. */
static pct_status compress_block(pct_osm_writer *w, pct_error *error) {
    pct_status status = pct_buffer_status(&w->block, error);
    if (status) return status;
    uLong bound = deflateBound(&w->deflater, w->block.length);
    pct_buffer_clear(&w->column);
    w->deflater.next_out = pct_buffer_extend(&w->column, bound);
    if (!w->deflater.next_out) return pct_buffer_status(&w->column, error);
    w->deflater.next_in = w->block.bytes;
    w->deflater.avail_in = (uInt)w->block.length;
    w->deflater.avail_out = (uInt)bound;
    int result = deflate(&w->deflater, Z_FINISH);
    w->column.length = bound - w->deflater.avail_out;
    (void)deflateReset(&w->deflater);
    return PCT_NEVER(result != Z_STREAM_END)
               ? PCT_FAIL(error, PCT_INTERNAL, PCT_MSG_PBF_COMPRESS, pct_int(result))
               : PCT_OK;
}

/* Appends w->block as one blob of the file. */
static pct_status put_blob(pct_osm_writer *w, const char *type, pct_error *error) {
    pct_status status = compress_block(w, error);
    if (status) return status;
    pct_buffer_clear(&w->blob);
    pct_wire_put_number(&w->blob, PBF_BLOB_RAW_SIZE, w->block.length);
    pct_wire_put_buffer(&w->blob, PBF_BLOB_ZLIB, &w->column);
    pct_buffer *header = &w->object;
    pct_buffer_clear(header);
    pct_wire_put_bytes(header, PBF_BLOB_HEADER_TYPE, type, strlen(type));
    pct_wire_put_number(header, PBF_BLOB_HEADER_SIZE, w->blob.length);
    if ((status = pct_buffer_status(&w->blob, error))) return status;
    if ((status = pct_buffer_status(header, error))) return status;
    for (int shift = 24; shift >= 0; shift -= 8)
        (void)pct_buffer_append_byte(w->out, (unsigned char)(header->length >> shift));
    (void)pct_buffer_append(w->out, header->bytes, header->length);
    (void)pct_buffer_append(w->out, w->blob.bytes, w->blob.length);
    return pct_buffer_status(w->out, error);
}

static void put_zigzag_field(pct_buffer *out, uint32_t tag, int64_t value) {
    pct_wire_put_varint(out, tag);
    pct_wire_put_zigzag(out, value);
}

static pct_status put_header(pct_osm_writer *w, const char *program, pct_box bounds, pct_error *error) {
    pct_buffer_clear(&w->block);
    if (bounds.min.lon_e7 <= bounds.max.lon_e7 && bounds.min.lat_e7 <= bounds.max.lat_e7) {
        pct_buffer_clear(&w->object);
        put_zigzag_field(&w->object, PBF_BOX_LEFT, bounds.min.lon_e7 * (int64_t)NANODEGREES_PER_E7);
        put_zigzag_field(&w->object, PBF_BOX_RIGHT, bounds.max.lon_e7 * (int64_t)NANODEGREES_PER_E7);
        put_zigzag_field(&w->object, PBF_BOX_TOP, bounds.max.lat_e7 * (int64_t)NANODEGREES_PER_E7);
        put_zigzag_field(&w->object, PBF_BOX_BOTTOM, bounds.min.lat_e7 * (int64_t)NANODEGREES_PER_E7);
        pct_wire_put_buffer(&w->block, PBF_HEADER_BOX, &w->object);
    }
    static const struct {
        uint32_t tag;
        const char *name;
    } features[] = {{PBF_HEADER_REQUIRED, PBF_FEATURE_SCHEMA},
                    {PBF_HEADER_REQUIRED, PBF_FEATURE_DENSE},
                    {PBF_HEADER_OPTIONAL, PBF_FEATURE_SORTED}};
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        pct_wire_put_bytes(&w->block, features[i].tag, features[i].name, strlen(features[i].name));
    pct_wire_put_bytes(&w->block, PBF_HEADER_PROGRAM, program, strlen(program));
    return put_blob(w, PBF_TYPE_HEADER, error);
}

pct_status pct_osm_writer_new(pct_buffer *out, const char *program, pct_box bounds, pct_osm_writer **writer,
                              pct_error *error) {
    *writer = NULL;
    pct_osm_writer *w = pct_alloc_zeroed(1, sizeof *w);
    if (!w) return pct_error_memory(error, sizeof *w);
    w->out = out;
    w->tape = pct_vector_init(sizeof(int64_t), TAPE_MAX);
    w->counts = pct_vector_init(sizeof(size_t), TAPE_MAX);
    w->names = pct_names_init(TAPE_MAX, (size_t)4 * PBF_BLOCK_BYTES_MAX);
    w->column = w->object = w->group = w->block = w->blob = pct_buffer_init(PBF_BLOCK_BYTES_MAX);
    w->deflater = (z_stream){.zalloc = pct_pbf_zlib_alloc, .zfree = pct_pbf_zlib_free};
    w->deflating = deflateInit(&w->deflater, ZLIB_LEVEL) == Z_OK;
    pct_status status = w->deflating ? PCT_OK : pct_error_memory(error, sizeof w->deflater);
    if (!status && program) status = put_header(w, program, bounds, error);
    if (status)
        pct_osm_writer_free(w);
    else
        *writer = w;
    return status;
}

/* --- the tape ------------------------------------------------------------------------------------------ */

static pct_status tape_number(pct_osm_writer *w, int64_t number, pct_error *error) {
    int64_t *item = pct_vector_push(&w->tape);
    if (!item) return pct_vector_failed(&w->tape, PCT_MSG_WHAT_BLOCK_OBJECTS, error);
    *item = number;
    return PCT_OK;
}

static pct_status tape_text(pct_osm_writer *w, pct_text text, pct_error *error) {
    uint32_t number;
    if (text.length == 0) text.chars = "";
    pct_status status = pct_names_add(&w->names, text, &number);
    if (status) return pct_error_memory(error, text.length);
    if (number == w->counts.length) {
        if (!pct_vector_push(&w->counts))
            return pct_vector_failed(&w->counts, PCT_MSG_WHAT_BLOCK_TEXTS, error);
        w->text_bytes += text.length;
    }
    ((size_t *)w->counts.items)[number]++;
    return tape_number(w, number, error);
}

static pct_status tape_tags(pct_osm_writer *w, pct_osm_tags tags, pct_error *error) {
    pct_status status = tape_number(w, (int64_t)tags.count, error);
    w->tagged |= tags.count > 0;
    for (size_t i = 0; i < tags.count && !status; i++) {
        status = tape_text(w, tags.items[i].key, error);
        if (!status) status = tape_text(w, tags.items[i].value, error);
    }
    return status;
}

/* --- a block ------------------------------------------------------------------------------------------- */

typedef struct text_use {
    pct_text text;
    size_t count;
    uint32_t number;
} text_use;

static int by_frequency_then_text(const void *a, const void *b) {
    const text_use *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    size_t common = x->text.length < y->text.length ? x->text.length : y->text.length;
    int order = common ? memcmp(x->text.chars, y->text.chars, common) : 0;
    if (order) return order;
    return (x->text.length > y->text.length) - (x->text.length < y->text.length);
}

/* Writes the string table and replaces w->counts by each text's place in it. */
static pct_status put_strings(pct_osm_writer *w, pct_error *error) {
    size_t n = w->names.length, *places = w->counts.items;
    text_use *uses = pct_alloc(n, sizeof *uses);
    if (!uses) return pct_error_memory(error, n * sizeof *uses);
    for (size_t i = 0; i < n; i++) uses[i] = (text_use){w->names.texts[i], places[i], (uint32_t)i};
    if (n > 0) qsort(uses, n, sizeof *uses, by_frequency_then_text);
    pct_buffer_clear(&w->group);
    pct_wire_put_bytes(&w->group, PBF_STRINGS_TEXT, "", 0);
    size_t place = 1;
    for (size_t i = 0; i < n; i++) {
        if (uses[i].text.length == 0) {
            places[uses[i].number] = 0;
            continue;
        }
        places[uses[i].number] = place++;
        pct_wire_put_bytes(&w->group, PBF_STRINGS_TEXT, uses[i].text.chars, uses[i].text.length);
    }
    pct_free(uses);
    pct_wire_put_buffer(&w->block, PBF_BLOCK_STRINGS, &w->group);
    return PCT_OK;
}

static uint64_t place_of(const pct_osm_writer *w, int64_t number) {
    return ((const size_t *)w->counts.items)[number];
}

/* One column of the dense nodes: item `at` of each, as differences. */
static void put_dense_column(pct_osm_writer *w, uint32_t tag, size_t at) {
    const int64_t *tape = w->tape.items;
    int64_t last = 0;
    pct_buffer_clear(&w->column);
    for (size_t i = 0; i < w->tape.length; i += 4 + 2 * (size_t)tape[i + 3]) {
        pct_wire_put_zigzag(&w->column, (int64_t)((uint64_t)tape[i + at] - (uint64_t)last));
        last = tape[i + at];
    }
    pct_wire_put_buffer(&w->object, tag, &w->column);
}

static void put_dense(pct_osm_writer *w) {
    const int64_t *tape = w->tape.items;
    pct_buffer_clear(&w->object);
    put_dense_column(w, PBF_DENSE_IDS, 0);
    put_dense_column(w, PBF_DENSE_LATS, 1);
    put_dense_column(w, PBF_DENSE_LONS, 2);
    if (w->tagged) {
        pct_buffer_clear(&w->column);
        for (size_t i = 0; i < w->tape.length; i += 4 + 2 * (size_t)tape[i + 3]) {
            for (int64_t k = 0; k < 2 * tape[i + 3]; k++)
                pct_wire_put_varint(&w->column, place_of(w, tape[i + 4 + (size_t)k]));
            pct_wire_put_varint(&w->column, 0);
        }
        pct_wire_put_buffer(&w->object, PBF_DENSE_TAGS, &w->column);
    }
    pct_wire_put_buffer(&w->group, PBF_GROUP_DENSE, &w->object);
}

/* Every `step`-th text from *text on, `count` of them. */
static void put_texts(pct_osm_writer *w, uint32_t tag, const int64_t *text, size_t count, size_t step) {
    if (count == 0) return;
    pct_buffer_clear(&w->column);
    for (size_t i = 0; i < count; i++) pct_wire_put_varint(&w->column, place_of(w, text[i * step]));
    pct_wire_put_buffer(&w->object, tag, &w->column);
}

static void put_refs(pct_osm_writer *w, uint32_t tag, const int64_t *ref, size_t count, size_t step) {
    if (count == 0) return;
    int64_t last = 0;
    pct_buffer_clear(&w->column);
    for (size_t i = 0; i < count; i++) {
        pct_wire_put_zigzag(&w->column, (int64_t)((uint64_t)ref[i * step] - (uint64_t)last));
        last = ref[i * step];
    }
    pct_wire_put_buffer(&w->object, tag, &w->column);
}

/* Tape of a way: id, ref count, refs, tags. Of a relation: id, member count, (kind, ref, role)…, tags. */
static void put_ways_or_relations(pct_osm_writer *w) {
    const int64_t *at = w->tape.items, *end = at + w->tape.length;
    bool way = w->kind == PCT_OSM_WAY;
    while (at < end) {
        size_t parts = (size_t)at[1];
        const int64_t *part = at + 2, *tags = part + parts * (way ? 1 : 3);
        size_t tag_count = (size_t)tags[0];
        pct_buffer_clear(&w->object);
        pct_wire_put_number(&w->object, PBF_ID, (uint64_t)at[0]);
        put_texts(w, PBF_KEYS, tags + 1, tag_count, 2);
        put_texts(w, PBF_VALUES, tags + 2, tag_count, 2);
        if (way) {
            put_refs(w, PBF_WAY_REFS, part, parts, 1);
        } else {
            put_texts(w, PBF_RELATION_ROLES, part + 2, parts, 3);
            put_refs(w, PBF_RELATION_REFS, part + 1, parts, 3);
            pct_buffer_clear(&w->column);
            for (size_t i = 0; i < parts; i++) pct_wire_put_varint(&w->column, (uint64_t)part[3 * i]);
            if (parts > 0) pct_wire_put_buffer(&w->object, PBF_RELATION_KINDS, &w->column);
        }
        pct_wire_put_buffer(&w->group, way ? PBF_GROUP_WAY : PBF_GROUP_RELATION, &w->object);
        at = tags + 1 + 2 * tag_count;
    }
}

static pct_status flush(pct_osm_writer *w, pct_error *error) {
    if (w->object_count == 0) return PCT_OK;
    pct_buffer_clear(&w->block);
    pct_status status = put_strings(w, error);
    if (status) return status;
    pct_buffer_clear(&w->group);
    if (w->kind == PCT_OSM_NODE)
        put_dense(w);
    else
        put_ways_or_relations(w);
    pct_wire_put_buffer(&w->block, PBF_BLOCK_GROUP, &w->group);
    w->object_count = w->tape.length = w->counts.length = w->text_bytes = 0;
    w->tagged = false;
    pct_names_dispose(&w->names);
    return put_blob(w, PBF_TYPE_DATA, error);
}

/* --- objects ------------------------------------------------------------------------------------------- */

static const pct_message kind_names[] = {PCT_MSG_OSM_NODE, PCT_MSG_OSM_WAY, PCT_MSG_OSM_RELATION};

/* Whether an object may come now; a refused one changes nothing. */
static pct_status check_object(const pct_osm_writer *w, pct_osm_kind kind, int64_t id, pct_osm_tags tags,
                               pct_error *error) {
    if (w->ended)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PBF_WRITE_ENDED, pct_phrase(kind_names[kind]),
                        pct_int(id));
    if (w->any && (kind < w->kind || (kind == w->kind && id <= w->last_id)))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PBF_WRITE_ORDER, pct_phrase(kind_names[kind]), pct_int(id),
                        pct_phrase(kind_names[w->kind]), pct_int(w->last_id));
    for (size_t i = 0; i < tags.count; i++)
        if (tags.items[i].key.length == 0)
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PBF_WRITE_KEY, pct_phrase(kind_names[kind]),
                            pct_int(id));
    return PCT_OK;
}

static pct_status begin_object(pct_osm_writer *w, pct_osm_kind kind, int64_t id, pct_error *error) {
    pct_status status = PCT_OK;
    if ((w->any && kind != w->kind) || w->object_count >= BLOCK_OBJECTS || w->tape.length >= BLOCK_TAPE ||
        w->text_bytes >= BLOCK_TEXT_BYTES)
        status = flush(w, error);
    w->any = true;
    w->kind = kind;
    w->last_id = id;
    if (!status) status = tape_number(w, id, error);
    w->object_count++;
    return status;
}

static pct_status end_object(pct_osm_writer *w, pct_status status, pct_osm_tags tags, pct_error *error) {
    if (!status) status = tape_tags(w, tags, error);
    w->failed = status;
    w->ended = status != PCT_OK;
    return status;
}

pct_status pct_osm_write_node(pct_osm_writer *w, const pct_osm_node *node, pct_error *error) {
    pct_position p = node->position, checked;
    if (!pct_position_from_degrees(pct_position_lon_deg(p), pct_position_lat_deg(p), &checked))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PBF_WRITE_POSITION, pct_int(node->id),
                        pct_real(pct_position_lon_deg(p)), pct_real(pct_position_lat_deg(p)));
    pct_status status = check_object(w, PCT_OSM_NODE, node->id, node->tags, error);
    if (status) return status;
    status = begin_object(w, PCT_OSM_NODE, node->id, error);
    if (!status) status = tape_number(w, p.lat_e7, error);
    if (!status) status = tape_number(w, p.lon_e7, error);
    return end_object(w, status, node->tags, error);
}

pct_status pct_osm_write_way(pct_osm_writer *w, const pct_osm_way *way, pct_error *error) {
    pct_status status = check_object(w, PCT_OSM_WAY, way->id, way->tags, error);
    if (status) return status;
    status = begin_object(w, PCT_OSM_WAY, way->id, error);
    if (!status) status = tape_number(w, (int64_t)way->ref_count, error);
    for (size_t i = 0; i < way->ref_count && !status; i++) status = tape_number(w, way->refs[i], error);
    return end_object(w, status, way->tags, error);
}

pct_status pct_osm_write_relation(pct_osm_writer *w, const pct_osm_relation *relation, pct_error *error) {
    pct_status status = check_object(w, PCT_OSM_RELATION, relation->id, relation->tags, error);
    if (status) return status;
    status = begin_object(w, PCT_OSM_RELATION, relation->id, error);
    if (!status) status = tape_number(w, (int64_t)relation->member_count, error);
    for (size_t i = 0; i < relation->member_count && !status; i++) {
        const pct_osm_member *member = &relation->members[i];
        status = tape_number(w, (int64_t)member->kind, error);
        if (!status) status = tape_number(w, member->ref, error);
        if (!status) status = tape_text(w, member->role, error);
    }
    return end_object(w, status, relation->tags, error);
}

pct_status pct_osm_writer_finish(pct_osm_writer *w, pct_error *error) {
    if (w->ended) return w->failed;
    w->ended = true;
    return w->failed = flush(w, error);
}
