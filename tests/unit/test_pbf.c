#include <string.h>
#include <zlib.h>

#include "base/rng.h"
#include "osm/pbf.h"
#include "osm/pbf_format.h"
#include "support/test.h"

enum { OBJECTS_MAX = 30000, TAGS_MAX = 4, PARTS_MAX = 12 };

/* What a file holds, as one growing text: two files are equal when their texts are. */
typedef struct listing {
    pct_buffer text;
    int64_t nodes, ways, relations;
} listing;

static void list_tags(pct_buffer *out, pct_osm_tags tags) {
    for (size_t i = 0; i < tags.count; i++) {
        pct_osm_tag t = tags.items[i];
        (void)pct_buffer_append_format(out, " %.*s=%.*s", (int)t.key.length, t.key.chars, (int)t.value.length,
                                       t.value.chars);
    }
    (void)pct_buffer_append_text(out, "\n");
}

static pct_status list_node(void *context, const pct_osm_node *node, pct_error *error) {
    listing *l = context;
    l->nodes++;
    (void)pct_buffer_append_format(&l->text, "n%lld %d %d", (long long)node->id, node->position.lon_e7,
                                   node->position.lat_e7);
    list_tags(&l->text, node->tags);
    return pct_buffer_status(&l->text, error);
}

static pct_status list_way(void *context, const pct_osm_way *way, pct_error *error) {
    listing *l = context;
    l->ways++;
    (void)pct_buffer_append_format(&l->text, "w%lld", (long long)way->id);
    for (size_t i = 0; i < way->ref_count; i++)
        (void)pct_buffer_append_format(&l->text, " n%lld", (long long)way->refs[i]);
    list_tags(&l->text, way->tags);
    return pct_buffer_status(&l->text, error);
}

static pct_status list_relation(void *context, const pct_osm_relation *relation, pct_error *error) {
    listing *l = context;
    l->relations++;
    (void)pct_buffer_append_format(&l->text, "r%lld", (long long)relation->id);
    for (size_t i = 0; i < relation->member_count; i++) {
        pct_osm_member m = relation->members[i];
        (void)pct_buffer_append_format(&l->text, " %d:%lld@%.*s", (int)m.kind, (long long)m.ref,
                                       (int)m.role.length, m.role.chars);
    }
    list_tags(&l->text, relation->tags);
    return pct_buffer_status(&l->text, error);
}

static pct_status list(const void *bytes, size_t length, listing *l, pct_error *error) {
    *l = (listing){.text = pct_buffer_init(64 << 20)};
    pct_osm_handler handler = {l, list_node, list_way, list_relation, NULL, PCT_DATUM_WGS84};
    return pct_osm_read("map.osm.pbf", (pct_text){bytes, length}, &handler, error);
}

static pct_status count_node(void *context, const pct_osm_node *node, pct_error *error) {
    (void)node, (void)error;
    ((listing *)context)->nodes++;
    return PCT_OK;
}

static pct_status count_way(void *context, const pct_osm_way *way, pct_error *error) {
    (void)way, (void)error;
    ((listing *)context)->ways++;
    return PCT_OK;
}

static pct_status count_relation(void *context, const pct_osm_relation *relation, pct_error *error) {
    (void)relation, (void)error;
    ((listing *)context)->relations++;
    return PCT_OK;
}

static pct_status count(const void *bytes, size_t length, listing *l, pct_error *error) {
    *l = (listing){0};
    pct_osm_handler handler = {l, count_node, count_way, count_relation, NULL, PCT_DATUM_WGS84};
    return pct_osm_read("map.osm.pbf", (pct_text){bytes, length}, &handler, error);
}

static const char *const texts[] = {"highway", "name", "人民路", "a", "b=c", "", "Rua de São João", "from"};
enum { TEXTS = 8, EMPTY_TEXT = 5 };

static pct_osm_tags random_tags(pct_rng *rng, pct_osm_tag *tags) {
    size_t n = pct_rng_below(rng, TAGS_MAX + 1);
    for (size_t i = 0; i < n; i++)
        tags[i] = (pct_osm_tag){pct_text_of(texts[pct_rng_below(rng, EMPTY_TEXT)]),
                                pct_text_of(texts[pct_rng_below(rng, TEXTS)])};
    return (pct_osm_tags){tags, n};
}

/* Ids from every part of the 64-bit range, ascending. */
static int64_t random_id(pct_rng *rng, uint32_t i, uint32_t n, bool wide) {
    if (!wide) return (int64_t)i * 3 - 7 + pct_rng_below(rng, 3);
    uint64_t step = UINT64_MAX / n;
    return (int64_t)(i * step + (uint64_t)pct_rng_below(rng, 1000) + (uint64_t)INT64_MIN);
}

static int64_t any_ref(pct_rng *rng) {
    return (int64_t)pct_rng_next(rng) >> pct_rng_below(rng, 63);
}

/* Writes random objects and lists what was written. */
static pct_status write_random(uint64_t seed, uint32_t nodes, uint32_t ways, uint32_t relations,
                               pct_buffer *out, listing *l, pct_error *error) {
    pct_rng rng = pct_rng_init(seed, 0);
    bool wide = seed % 2 == 1;
    pct_osm_tag tags[TAGS_MAX];
    int64_t refs[PARTS_MAX];
    pct_osm_member members[PARTS_MAX];
    pct_osm_writer *writer;
    pct_status status = pct_osm_writer_new(out, "test", pct_box_empty(), &writer, error);
    for (uint32_t i = 0; i < nodes && !status; i++) {
        pct_position p = {(int32_t)(pct_rng_below(&rng, 3600000001u) - INT64_C(1800000000)),
                          (int32_t)(pct_rng_below(&rng, 1800000001u) - INT64_C(900000000))};
        pct_osm_node node = {random_id(&rng, i, nodes, wide), p, random_tags(&rng, tags)};
        if (seed % 3 == 0) node.tags.count = 0;
        status = pct_osm_write_node(writer, &node, error);
        if (l && !status) status = list_node(l, &node, error);
    }
    for (uint32_t i = 0; i < ways && !status; i++) {
        pct_osm_way way = {random_id(&rng, i, ways, wide), refs, pct_rng_below(&rng, PARTS_MAX + 1),
                           random_tags(&rng, tags)};
        for (size_t k = 0; k < way.ref_count; k++) refs[k] = any_ref(&rng);
        status = pct_osm_write_way(writer, &way, error);
        if (l && !status) status = list_way(l, &way, error);
    }
    for (uint32_t i = 0; i < relations && !status; i++) {
        pct_osm_relation relation = {random_id(&rng, i, relations, wide), members,
                                     pct_rng_below(&rng, PARTS_MAX + 1), random_tags(&rng, tags)};
        for (size_t k = 0; k < relation.member_count; k++)
            members[k] = (pct_osm_member){(pct_osm_kind)pct_rng_below(&rng, 3), any_ref(&rng),
                                          pct_text_of(texts[pct_rng_below(&rng, TEXTS)])};
        status = pct_osm_write_relation(writer, &relation, error);
        if (l && !status) status = list_relation(l, &relation, error);
    }
    if (!status) status = pct_osm_writer_finish(writer, error);
    pct_osm_writer_free(writer);
    return status;
}

TEST(pbf_reads_back_exactly_what_was_written) {
    static const uint32_t sizes[][3] = {{0, 0, 0},    {1, 0, 0},      {0, 1, 0},          {0, 0, 1},
                                        {1, 1, 1},    {200, 100, 30}, {8000, 8000, 8000}, {8001, 8001, 8001},
                                        {300, 20, 5}, {16001, 2, 2},  {9, 9000, 1},       {50, 50, 50}};
    for (uint64_t seed = 0; seed < sizeof sizes / sizeof *sizes; seed++) {
        pct_error error;
        pct_buffer out = pct_buffer_init(64 << 20);
        listing written = {.text = pct_buffer_init(64 << 20)}, read;
        test_ok(write_random(seed, sizes[seed][0], sizes[seed][1], sizes[seed][2], &out, &written, &error),
                &error);
        test_ok(list(out.bytes, out.length, &read, &error), &error);
        ck_assert_int_eq(read.nodes, sizes[seed][0]);
        ck_assert_int_eq(read.ways, sizes[seed][1]);
        ck_assert_int_eq(read.relations, sizes[seed][2]);
        ck_assert(strcmp(pct_buffer_chars(&read.text), pct_buffer_chars(&written.text)) == 0);
        pct_buffer_dispose(&read.text);
        pct_buffer_dispose(&written.text);
        pct_buffer_dispose(&out);
    }
}

TEST(pbf_writes_the_same_bytes_twice) {
    pct_error error;
    pct_buffer one = pct_buffer_init(64 << 20), two = pct_buffer_init(64 << 20);
    test_ok(write_random(5, 9000, 500, 50, &one, NULL, &error), &error);
    test_ok(write_random(5, 9000, 500, 50, &two, NULL, &error), &error);
    ck_assert_uint_eq(one.length, two.length);
    ck_assert_mem_eq(one.bytes, two.bytes, one.length);
    pct_buffer_dispose(&one);
    pct_buffer_dispose(&two);
}

/* Unpacks the block that begins at `at`. */
static pct_buffer unpack_block(const pct_buffer *file, size_t at) {
    pct_wire blob = pct_wire_of(file->bytes + at + 4, file->bytes[at + 3]), data = {0};
    pct_wire_field field;
    uint64_t size = 0;
    while (pct_wire_next(&blob, &field))
        if (field.tag == PBF_BLOB_HEADER_SIZE) size = field.value;
    blob = pct_wire_of(blob.end, size);
    while (pct_wire_next(&blob, &field)) {
        if (field.tag == PBF_BLOB_RAW_SIZE) size = field.value;
        if (field.tag == PBF_BLOB_ZLIB) data = field.bytes;
    }
    pct_buffer out = pct_buffer_init(1 << 20);
    uLongf length = size;
    ck_assert_int_eq(uncompress(pct_buffer_extend(&out, size), &length, data.at, pct_wire_length(data)),
                     Z_OK);
    return out;
}

TEST(pbf_writer_orders_texts_by_frequency_then_text) {
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 20), texts_found = pct_buffer_init(1000);
    pct_osm_writer *writer;
    test_ok(pct_osm_writer_new(&out, "test", pct_box_empty(), &writer, &error), &error);
    size_t header = out.length;
    static const char *const tags[][2] = {
        {"rare", "z"}, {"often", "b"}, {"often", "ab"}, {"often", "b"}, {"rare", "a"}};
    for (int64_t id = 0; id < 5; id++) {
        pct_osm_tag tag = {pct_text_of(tags[id][0]), pct_text_of(tags[id][1])};
        test_ok(pct_osm_write_node(writer, &(pct_osm_node){.id = id, .tags = {&tag, 1}}, &error), &error);
    }
    test_ok(pct_osm_writer_finish(writer, &error), &error);
    pct_osm_writer_free(writer);
    pct_buffer block = unpack_block(&out, header);
    pct_wire wire = pct_wire_of(block.bytes, block.length);
    pct_wire_field field;
    ck_assert(pct_wire_next(&wire, &field));
    ck_assert_uint_eq(field.tag, PBF_BLOCK_STRINGS);
    for (pct_wire strings = field.bytes; pct_wire_next(&strings, &field);) {
        (void)pct_buffer_append(&texts_found, field.bytes.at, pct_wire_length(field.bytes));
        (void)pct_buffer_append_byte(&texts_found, '|');
    }
    ck_assert_str_eq(pct_buffer_chars(&texts_found), "|often|b|rare|a|ab|z|");
    pct_buffer_dispose(&texts_found);
    pct_buffer_dispose(&block);
    pct_buffer_dispose(&out);
}

TEST(pbf_writer_keeps_large_ways_under_the_block_limit) {
    enum { WAYS = 300, REFS = 30000 };
    static int64_t refs[REFS];
    pct_rng rng = pct_rng_init(9, 0);
    for (size_t i = 0; i < REFS; i++) refs[i] = (int64_t)pct_rng_next(&rng);
    pct_error error;
    pct_buffer out = pct_buffer_init(128 << 20);
    pct_osm_writer *writer;
    test_ok(pct_osm_writer_new(&out, "test", pct_box_empty(), &writer, &error), &error);
    for (int64_t id = 1; id <= WAYS; id++)
        test_ok(pct_osm_write_way(writer, &(pct_osm_way){id, refs, REFS, {NULL, 0}}, &error), &error);
    test_ok(pct_osm_writer_finish(writer, &error), &error);
    pct_osm_writer_free(writer);
    listing l;
    test_ok(count(out.bytes, out.length, &l, &error), &error);
    ck_assert_int_eq(l.ways, WAYS);
    pct_buffer_dispose(&out);
}

TEST(pbf_writer_refuses_objects_out_of_order_and_goes_on) {
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 20);
    pct_osm_writer *writer;
    pct_osm_tag keyless = {pct_text_of(""), pct_text_of("x")};
    test_ok(pct_osm_writer_new(&out, "test", pct_box_empty(), &writer, &error), &error);
    test_ok(pct_osm_write_node(writer, &(pct_osm_node){.id = 5}, &error), &error);
    ck_assert_int_eq(pct_osm_write_node(writer, &(pct_osm_node){.id = 5}, &error), PCT_MISUSE);
    test_error_says(&error, "node 5 came after node 5");
    ck_assert_int_eq(pct_osm_write_node(writer, &(pct_osm_node){.id = 4}, &error), PCT_MISUSE);
    ck_assert_int_eq(pct_osm_write_node(writer, &(pct_osm_node){.id = 6, .position = {0, 900000001}}, &error),
                     PCT_MISUSE);
    test_error_says(&error, "node 6 lies outside");
    ck_assert_int_eq(pct_osm_write_node(writer, &(pct_osm_node){.id = 6, .tags = {&keyless, 1}}, &error),
                     PCT_MISUSE);
    test_error_says(&error, "without a key");
    test_ok(pct_osm_write_way(writer, &(pct_osm_way){.id = 1}, &error), &error);
    ck_assert_int_eq(pct_osm_write_node(writer, &(pct_osm_node){.id = 9}, &error), PCT_MISUSE);
    test_error_says(&error, "node 9 came after way 1");
    test_ok(pct_osm_writer_finish(writer, &error), &error);
    ck_assert_int_eq(pct_osm_write_way(writer, &(pct_osm_way){.id = 2}, &error), PCT_MISUSE);
    test_error_says(&error, "after the map was finished");
    pct_osm_writer_free(writer);
    listing l;
    test_ok(count(out.bytes, out.length, &l, &error), &error);
    ck_assert_int_eq(l.nodes, 1);
    ck_assert_int_eq(l.ways, 1);
    pct_buffer_dispose(&out);
}

TEST(pbf_writer_reports_a_full_buffer) {
    pct_error error;
    pct_buffer out = pct_buffer_init(2000);
    ck_assert_int_eq(write_random(1, 3000, 0, 0, &out, NULL, &error), PCT_LIMIT);
    pct_buffer_dispose(&out);
}

TEST(pbf_reader_skips_what_nobody_wants) {
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 20);
    test_ok(write_random(2, 100, 50, 20, &out, NULL, &error), &error);
    for (int wanted = 0; wanted < 8; wanted++) {
        listing l = {0};
        pct_osm_handler handler = {&l,
                                   wanted & 1 ? count_node : NULL,
                                   wanted & 2 ? count_way : NULL,
                                   wanted & 4 ? count_relation : NULL,
                                   NULL,
                                   PCT_DATUM_WGS84};
        test_ok(pct_osm_read("m", (pct_text){(char *)out.bytes, out.length}, &handler, &error), &error);
        ck_assert_int_eq(l.nodes, wanted & 1 ? 100 : 0);
        ck_assert_int_eq(l.ways, wanted & 2 ? 50 : 0);
        ck_assert_int_eq(l.relations, wanted & 4 ? 20 : 0);
    }
    pct_buffer_dispose(&out);
}

static pct_status refuse_third(void *context, const pct_osm_node *node, pct_error *error) {
    (void)error, (void)node;
    return ++*(int *)context == 3 ? PCT_REFUSED : PCT_OK;
}

TEST(pbf_reader_stops_at_the_handlers_error) {
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 20);
    test_ok(write_random(2, 100, 50, 20, &out, NULL, &error), &error);
    int seen = 0;
    pct_osm_handler handler = {.context = &seen, .node = refuse_third};
    ck_assert_int_eq(pct_osm_read("m", (pct_text){(char *)out.bytes, out.length}, &handler, &error),
                     PCT_REFUSED);
    ck_assert_int_eq(seen, 3);
    pct_buffer_dispose(&out);
}

TEST(pbf_reads_every_real_file_whole) {
    static const struct {
        const char *path;
        int64_t nodes, ways, relations;
    } files[] = {{"osm/andorra-gh.osm.pbf", 69644, 2725, 74},
                 {"osm/liechtenstein.osm.pbf", 142832, 15247, 358},
                 {"osm/manhattan-roads.osm.pbf", 60417, 16384, 0},
                 {"osm/monaco.osm.pbf", 180118, 27377, 212},
                 {"osm/porto.osm.pbf", 347944, 51458, 357}};
    TEST_NEEDS_DATA("osm/porto.osm.pbf");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t length;
        char *bytes = test_read_file(test_data_path(files[i].path), &length);
        listing l;
        pct_error error;
        test_ok(count(bytes, length, &l, &error), &error);
        ck_assert_int_eq(l.nodes, files[i].nodes);
        ck_assert_int_eq(l.ways, files[i].ways);
        ck_assert_int_eq(l.relations, files[i].relations);
        free(bytes);
    }
}

/* --- damage -------------------------------------------------------------------------------------------- */

static bool ends_a_block(const unsigned char *bytes, size_t length) {
    pct_error error;
    listing l;
    return count(bytes, length, &l, &error) == PCT_OK;
}

/* Where the blocks of a sound file end: only there can a cut not be seen. */
static size_t block_ends(const pct_buffer *file, size_t *ends, size_t max) {
    size_t n = 0;
    for (size_t at = 0; at < file->length && n < max;) {
        const unsigned char *b = file->bytes + at;
        size_t header = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
        /* The size of the blob is the last field of our headers, a varint. */
        size_t size = 0, digit = at + 4 + header;
        while (file->bytes[digit - 1] >= 0x80 || digit == at + 4 + header) digit--;
        while (digit > at + 4 && file->bytes[digit - 1] >= 0x80) digit--;
        for (size_t shift = 0; digit < at + 4 + header; digit++, shift += 7)
            size |= (size_t)(file->bytes[digit] & 0x7F) << shift;
        at += 4 + header + size;
        ends[n++] = at;
    }
    return n;
}

TEST(pbf_cut_anywhere_is_an_error_except_between_blocks) {
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 20);
    test_ok(write_random(4, 8100, 300, 60, &out, NULL, &error), &error);
    size_t ends[16], end_count = block_ends(&out, ends, 16);
    ck_assert_uint_eq(end_count, 5);
    ck_assert_uint_eq(ends[4], out.length);
    for (size_t i = 0; i < end_count; i++) ck_assert(ends_a_block(out.bytes, ends[i]));
    for (size_t cut = 0; cut < out.length; cut += cut < 300 ? 1 : 97) {
        bool between = false;
        for (size_t i = 0; i < end_count; i++) between |= cut == ends[i];
        listing l;
        /* A copy of just this size, so that the sanitizer sees a read beyond it. */
        void *copy = malloc(cut ? cut : 1);
        memcpy(copy, out.bytes, cut);
        pct_status status = count(copy, cut, &l, &error);
        free(copy);
        if (between) continue;
        ck_assert_msg(status == PCT_DAMAGED || status == PCT_INPUT, "cut at %zu gives %s", cut,
                      pct_status_name(status));
    }
    pct_buffer_dispose(&out);
}

/* Adler-32, zlib's checksum, does not see bytes changed by +d, −2d, +d in a row, and one flipped bit of packed
 * data can do that. Nobody can know such a file for damaged; they are rarer than one flip in a thousand. */
TEST(pbf_with_a_flipped_bit_is_refused_or_reads_the_same) {
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 20);
    listing sound, read;
    test_ok(write_random(4, 700, 300, 60, &out, NULL, &error), &error);
    test_ok(list(out.bytes, out.length, &sound, &error), &error);
    size_t refused = 0, tried = 0, unseen = 0;
    for (size_t bit = 0; bit < out.length * 8; bit += bit < 3000 ? 1 : 61, tried++) {
        out.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        pct_status status = list(out.bytes, out.length, &read, &error);
        out.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        refused += status != PCT_OK;
        if (!status) {
            ck_assert_int_eq(read.nodes, sound.nodes);
            ck_assert_int_eq(read.ways, sound.ways);
            ck_assert_int_eq(read.relations, sound.relations);
            unseen += strcmp(pct_buffer_chars(&read.text), pct_buffer_chars(&sound.text)) != 0;
        } else {
            ck_assert_msg(status == PCT_DAMAGED || status == PCT_INPUT, "bit %zu: %s", bit,
                          pct_status_name(status));
        }
        pct_buffer_dispose(&read.text);
    }
    ck_assert_uint_ge(refused * 10, tried * 9);
    ck_assert_uint_le(unseen * 1000, tried);
    pct_buffer_dispose(&sound.text);
    pct_buffer_dispose(&out);
}

TEST(pbf_real_file_with_damage_is_refused) {
    TEST_NEEDS_DATA("osm/andorra-gh.osm.pbf");
    size_t length;
    char *bytes = test_read_file(test_data_path("osm/andorra-gh.osm.pbf"), &length);
    listing l, sound;
    pct_error error;
    test_ok(count(bytes, length, &sound, &error), &error);
    for (size_t at = 1009; at < length; at += 9973) {
        bytes[at] ^= 0x10;
        pct_status status = count(bytes, length, &l, &error);
        if (!status) ck_assert_int_eq(l.nodes + l.ways, sound.nodes + sound.ways);
        bytes[at] ^= 0x10;
        pct_status cut = count(bytes, at, &l, &error);
        ck_assert_msg(cut == PCT_DAMAGED, "cut at %zu gives %s", at, pct_status_name(cut));
    }
    free(bytes);
}

/* --- memory -------------------------------------------------------------------------------------------- */

static pct_status write_and_read(void *context) {
    (void)context;
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 20);
    listing l;
    pct_status status = write_random(4, 300, 200, 20, &out, NULL, &error);
    if (!status) status = count(out.bytes, out.length, &l, &error);
    pct_buffer_dispose(&out);
    return status;
}

TEST(pbf_survives_every_failing_allocation) {
    ck_assert_uint_gt(test_torture(write_and_read, NULL), 30);
}

TEST(pbf_reader_allocates_by_block_not_by_object) {
    pct_error error;
    pct_buffer out = pct_buffer_init(1 << 22);
    listing l;
    test_ok(write_random(4, 7000, 7000, 7000, &out, NULL, &error), &error);
    size_t before = test_allocation_count();
    test_ok(count(out.bytes, out.length, &l, &error), &error);
    ck_assert_uint_lt(test_allocation_count() - before, 40);
    pct_buffer_dispose(&out);
}

TEST_MAIN("pbf", TEST_CASE(pbf_reads_back_exactly_what_was_written),
          TEST_CASE(pbf_writes_the_same_bytes_twice),
          TEST_CASE(pbf_writer_orders_texts_by_frequency_then_text),
          TEST_CASE(pbf_writer_keeps_large_ways_under_the_block_limit),
          TEST_CASE(pbf_writer_refuses_objects_out_of_order_and_goes_on),
          TEST_CASE(pbf_writer_reports_a_full_buffer), TEST_CASE(pbf_reader_skips_what_nobody_wants),
          TEST_CASE(pbf_reader_stops_at_the_handlers_error), TEST_CASE(pbf_reads_every_real_file_whole),
          TEST_CASE(pbf_cut_anywhere_is_an_error_except_between_blocks),
          TEST_CASE(pbf_with_a_flipped_bit_is_refused_or_reads_the_same),
          TEST_CASE(pbf_real_file_with_damage_is_refused), TEST_CASE(pbf_survives_every_failing_allocation),
          TEST_CASE(pbf_reader_allocates_by_block_not_by_object))
