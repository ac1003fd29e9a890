/* Files that are no PBF, or one made by hand to be wrong in one place. Blocks are not compressed, so that no
 * checksum stands before the decoder. */
#include <string.h>
#include <zlib.h>

#include "osm/pbf.h"
#include "osm/pbf_format.h"
#include "support/test.h"

enum { BYTES_MAX = 1 << 22 };

typedef struct found {
    int64_t nodes, ways, relations, nowhere, last_id;
    pct_position last;
    size_t last_tags;
} found;

static pct_status take_node(void *context, const pct_osm_node *node, pct_error *error) {
    (void)error;
    found *f = context;
    f->nodes++, f->last_id = node->id, f->last = node->position, f->last_tags = node->tags.count;
    return PCT_OK;
}

static pct_status take_way(void *context, const pct_osm_way *way, pct_error *error) {
    (void)error;
    found *f = context;
    f->ways++, f->last_id = way->id, f->last_tags = way->tags.count;
    return PCT_OK;
}

static pct_status take_relation(void *context, const pct_osm_relation *relation, pct_error *error) {
    (void)error;
    found *f = context;
    f->relations++, f->last_id = relation->id;
    return PCT_OK;
}

static pct_status take_nowhere(void *context, int64_t id, pct_error *error) {
    (void)error;
    found *f = context;
    f->nowhere++, f->last_id = id;
    return PCT_OK;
}

static pct_status read_file(const void *bytes, size_t length, found *f, pct_error *error) {
    *f = (found){0};
    pct_osm_handler handler = {f, take_node, take_way, take_relation, take_nowhere, PCT_DATUM_WGS84};
    return pct_osm_read("m.pbf", (pct_text){bytes, length}, &handler, error);
}

/* A message under construction. The helpers dispose what they put into another. */
static pct_buffer message(void) {
    return pct_buffer_init(BYTES_MAX);
}

static void put(pct_buffer *out, uint32_t tag, pct_buffer content) {
    pct_wire_put_buffer(out, tag, &content);
    pct_buffer_dispose(&content);
}

static void put_text(pct_buffer *out, uint32_t tag, const char *text) {
    pct_wire_put_bytes(out, tag, text, strlen(text));
}

/* Packed numbers that end with LLONG_MIN. */
#define END         INT64_MIN
#define ZIGZAG(...) packed(true, (const int64_t[]){__VA_ARGS__, END})
#define PLAIN(...)  packed(false, (const int64_t[]){__VA_ARGS__, END})

static pct_buffer packed(bool zigzag, const int64_t *numbers) {
    pct_buffer out = message();
    for (; *numbers != END; numbers++) {
        if (zigzag)
            pct_wire_put_zigzag(&out, *numbers);
        else
            pct_wire_put_varint(&out, (uint64_t)*numbers);
    }
    return out;
}

static void put_blob(pct_buffer *file, const char *type, int64_t stated_size, pct_buffer blob) {
    pct_buffer header = message();
    put_text(&header, PBF_BLOB_HEADER_TYPE, type);
    pct_wire_put_number(&header, PBF_BLOB_HEADER_SIZE,
                        stated_size ? (uint64_t)stated_size : (uint64_t)blob.length);
    (void)pct_buffer_append(file, (const unsigned char[]){0, 0, 0, (unsigned char)header.length}, 4);
    (void)pct_buffer_append(file, header.bytes, header.length);
    (void)pct_buffer_append(file, blob.bytes, blob.length);
    pct_buffer_dispose(&header);
    pct_buffer_dispose(&blob);
}

static void put_raw(pct_buffer *file, const char *type, pct_buffer block) {
    pct_buffer blob = message();
    put(&blob, PBF_BLOB_RAW, block);
    put_blob(file, type, 0, blob);
}

static pct_buffer file_with_header(void) {
    pct_buffer file = message(), header = message();
    put_text(&header, PBF_HEADER_REQUIRED, "OsmSchema-V0.6");
    put_text(&header, PBF_HEADER_REQUIRED, "DenseNodes");
    put_raw(&file, "OSMHeader", header);
    return file;
}

/* A block with the strings "", "a", "b" and one group. */
static pct_buffer block_of(uint32_t tag, pct_buffer object) {
    pct_buffer block = message(), strings = message(), group = message();
    put_text(&strings, PBF_STRINGS_TEXT, "");
    put_text(&strings, PBF_STRINGS_TEXT, "a");
    put_text(&strings, PBF_STRINGS_TEXT, "b");
    put(&block, PBF_BLOCK_STRINGS, strings);
    put(&group, tag, object);
    put(&block, PBF_BLOCK_GROUP, group);
    return block;
}

static pct_status read_block(pct_buffer block, found *f, pct_error *error) {
    pct_buffer file = file_with_header();
    put_raw(&file, "OSMData", block);
    pct_status status = read_file(file.bytes, file.length, f, error);
    pct_buffer_dispose(&file);
    return status;
}

static void expect(pct_buffer block, pct_status expected, const char *fragment) {
    found f;
    pct_error error;
    pct_status status = read_block(block, &f, &error);
    ck_assert_msg(status == expected, "%s instead of '%s'", pct_status_name(status), fragment);
    test_error_says(&error, "m.pbf");
    test_error_says(&error, fragment);
    ck_assert_int_eq(f.nodes + f.ways + f.relations, 0);
}

/* One node off the earth: handed out by its id alone. */
static void expect_nowhere(pct_buffer block, int64_t id) {
    found f;
    pct_error error;
    test_ok(read_block(block, &f, &error), &error);
    ck_assert_int_eq(f.nowhere, 1);
    ck_assert_int_eq(f.last_id, id);
    ck_assert_int_eq(f.nodes, 0);
}

static pct_buffer plain_node(int64_t id, int64_t lat, int64_t lon) {
    pct_buffer node = message();
    pct_wire_put_varint(&node, PBF_ID);
    pct_wire_put_zigzag(&node, id);
    pct_wire_put_varint(&node, PBF_NODE_LAT);
    pct_wire_put_zigzag(&node, lat);
    pct_wire_put_varint(&node, PBF_NODE_LON);
    pct_wire_put_zigzag(&node, lon);
    return node;
}

TEST(pbf_foreign_files_are_named_for_what_they_look_like) {
    static const struct {
        const char *bytes;
        size_t length;
        const char *says;
    } files[] = {
        {"<?xml version='1.0'?><osm/>", 27, "begins like XML"},
        {"\x1F\x8B\x08\0\0\0\0\0\0\0", 10, "begins like gzip"},
        {"BZh91AY&SY", 10, "begins like bzip2"},
        {"PK\x03\x04zipped", 10, "begins like zip"},
        {"id,lon,lat\n1,2,3\n", 17, "begins like text"},
        {"x", 1, "begins like text"},
        {"\0\0\0", 3, "begins like binary data of another kind"},
        {"\0\0\0\x05hello world", 15, "begins like binary data of another kind"},
        {"\x7F"
         "ELF\x02\x01\x01",
         7, "begins like binary data of another kind"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        found f;
        pct_error error;
        ck_assert_int_eq(read_file(files[i].bytes, files[i].length, &f, &error), PCT_INPUT);
        test_error_says(&error, files[i].says);
    }
    found f;
    pct_error error;
    ck_assert_int_eq(read_file("", 0, &f, &error), PCT_INPUT);
    test_error_says(&error, "m.pbf: the file is empty");
}

TEST(pbf_header_features_decide_whether_a_file_is_read) {
    static const struct {
        const char *feature, *says;
        pct_status status;
    } cases[] = {{"OsmSchema-V0.6", NULL, PCT_OK},
                 {"HistoricalInformation", "a history file", PCT_INPUT},
                 {"LocationsOnMoon", "demands the feature 'LocationsOnMoon'", PCT_INPUT},
                 {"DenseNodes", "the feature OsmSchema-V0.6 was expected", PCT_DAMAGED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_buffer file = message(), header = message();
        put_text(&header, PBF_HEADER_REQUIRED, cases[i].feature);
        put_text(&header, PBF_HEADER_OPTIONAL, "Whatever");
        put_raw(&file, "OSMHeader", header);
        found f;
        pct_error error;
        ck_assert_int_eq(read_file(file.bytes, file.length, &f, &error), cases[i].status);
        if (cases[i].says) test_error_says(&error, cases[i].says);
        pct_buffer_dispose(&file);
    }
}

TEST(pbf_blobs_are_read_strictly) {
    static const struct {
        const char *type;
        uint32_t tag;
        int64_t raw_size, stated_size;
        const char *says;
        pct_status status;
    } cases[] = {
        {"OSMData", PBF_BLOB_LZMA, 0, 0, "compression lzma", PCT_INPUT},
        {"OSMData", PBF_BLOB_LZ4, 0, 0, "compression lz4", PCT_INPUT},
        {"OSMData", PBF_BLOB_ZSTD, 0, 0, "compression zstd", PCT_INPUT},
        {"OSMData", PBF_BLOB_BZIP2, 0, 0, "compression bzip2", PCT_INPUT},
        {"OSMData", PCT_WIRE_BYTES(9), 0, 0, "raw or zlib data was expected, neither", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_RAW, 3, 0, "raw data of the stated size", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_RAW, -5, 0, "from 1 to 33554432, -5 was found", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_RAW, 33554433, 0, "33554433 was found", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_ZLIB, 0, 0, "the unpacked size of zlib data", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_ZLIB, 9, 0, "sound zlib data", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_RAW, 0, -1, "its blob has a size from 1 to 33554432, -1 was found", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_RAW, 0, 33554433, "33554433 was found", PCT_DAMAGED},
        {"OSMData", PBF_BLOB_RAW, 0, 500, "500 bytes were expected there", PCT_DAMAGED},
        {"OSMHeader", PBF_BLOB_RAW, 0, 0, "a block OSMData was expected, OSMHeader", PCT_DAMAGED},
        {"OSMDatb", PBF_BLOB_RAW, 0, 0, "a block OSMData was expected, OSMDatb", PCT_DAMAGED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_buffer file = file_with_header(), blob = message();
        put_text(&blob, cases[i].tag, "payload");
        if (cases[i].raw_size) pct_wire_put_number(&blob, PBF_BLOB_RAW_SIZE, (uint64_t)cases[i].raw_size);
        put_blob(&file, cases[i].type, cases[i].stated_size, blob);
        found f;
        pct_error error;
        ck_assert_int_eq(read_file(file.bytes, file.length, &f, &error), cases[i].status);
        test_error_says(&error, cases[i].says);
        pct_buffer_dispose(&file);
    }
}

TEST(pbf_zlib_data_must_have_the_stated_size_and_nothing_behind_it) {
    static const struct {
        int64_t more_size;
        size_t more_bytes;
        const char *says;
    } cases[] = {{0, 0, NULL},
                 {-1, 0, "zlib data of the stated size was expected, more data"},
                 {1, 0, "zlib data of the stated size was expected, less data"},
                 {0, 1, "the end of the zlib data was expected, more bytes"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pct_buffer file = file_with_header(), blob = message(),
                   block = block_of(PBF_GROUP_NODE, plain_node(1, 2, 3));
        unsigned char packed[512] = {0};
        uLongf length = sizeof packed;
        ck_assert_int_eq(compress(packed, &length, block.bytes, block.length), Z_OK);
        pct_wire_put_number(&blob, PBF_BLOB_RAW_SIZE, block.length + (uint64_t)cases[i].more_size);
        pct_wire_put_bytes(&blob, PBF_BLOB_ZLIB, packed, length + cases[i].more_bytes);
        put_blob(&file, "OSMData", 0, blob);
        found f;
        pct_error error;
        pct_status status = read_file(file.bytes, file.length, &f, &error);
        ck_assert_int_eq(status, cases[i].says ? PCT_DAMAGED : PCT_OK);
        if (cases[i].says) test_error_says(&error, cases[i].says);
        ck_assert_int_eq(f.nodes, cases[i].says ? 0 : 1);
        pct_buffer_dispose(&block);
        pct_buffer_dispose(&file);
    }
}

TEST(pbf_plain_nodes_take_granularity_and_offsets) {
    pct_buffer block = block_of(PBF_GROUP_NODE, plain_node(-5, 20, -30));
    pct_wire_put_number(&block, PBF_BLOCK_GRANULARITY, 1000);
    pct_wire_put_number(&block, PBF_BLOCK_LAT_OFFSET, 4000000);
    pct_wire_put_number(&block, PBF_BLOCK_LON_OFFSET, (uint64_t)INT64_C(-7000049));
    found f;
    pct_error error;
    test_ok(read_block(block, &f, &error), &error);
    ck_assert_int_eq(f.last_id, -5);
    ck_assert_int_eq(f.last.lat_e7, 40200);
    ck_assert_int_eq(f.last.lon_e7, -70300); /* -7,030,049 nanodegrees, rounded */
}

TEST(pbf_objects_that_do_not_add_up_are_refused) {
    static const struct {
        int64_t lat, lon;
    } outside[] = {{900000001, 0}, {-900000001, 0}, {0, 1800000001}, {0, -1800000001}, {INT64_MAX, 0}};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        expect_nowhere(block_of(PBF_GROUP_NODE, plain_node(7, outside[i].lat, outside[i].lon)), 7);

    pct_buffer node = plain_node(7, 0, 0);
    put(&node, PBF_KEYS, PLAIN(1, 2));
    put(&node, PBF_VALUES, PLAIN(1));
    expect(block_of(PBF_GROUP_NODE, node), PCT_DAMAGED, "node 7: as many values as keys");

    node = plain_node(7, 0, 0);
    put(&node, PBF_KEYS, PLAIN(1));
    put(&node, PBF_VALUES, PLAIN(3));
    expect(block_of(PBF_GROUP_NODE, node), PCT_DAMAGED, "node 7: a text number below 3 was expected, 3");

    node = message();
    pct_wire_put_number(&node, PBF_NODE_LAT, 0);
    pct_wire_put_number(&node, PBF_NODE_LON, 0);
    expect(block_of(PBF_GROUP_NODE, node), PCT_DAMAGED, "an id was expected");

    node = message();
    pct_wire_put_number(&node, PBF_ID, 14);
    pct_wire_put_number(&node, PBF_NODE_LON, 0);
    expect(block_of(PBF_GROUP_NODE, node), PCT_DAMAGED, "node 7: latitude and longitude");
}

static pct_buffer dense(pct_buffer ids, pct_buffer lats, pct_buffer lons, pct_buffer tags) {
    pct_buffer out = message();
    put(&out, PBF_DENSE_IDS, ids);
    put(&out, PBF_DENSE_LATS, lats);
    put(&out, PBF_DENSE_LONS, lons);
    if (tags.length > 0)
        put(&out, PBF_DENSE_TAGS, tags);
    else
        pct_buffer_dispose(&tags);
    return block_of(PBF_GROUP_DENSE, out);
}

TEST(pbf_dense_nodes_that_do_not_add_up_are_refused) {
    expect(dense(ZIGZAG(1, 1), ZIGZAG(1), ZIGZAG(1, 1), message()), PCT_DAMAGED, "as many latitudes as ids");
    expect(dense(ZIGZAG(1), ZIGZAG(1), ZIGZAG(1, 1), message()), PCT_DAMAGED, "as many longitudes as ids");
    expect_nowhere(dense(ZIGZAG(1), ZIGZAG(900000001), ZIGZAG(1), message()), 1);
    expect(dense(ZIGZAG(1), ZIGZAG(1), ZIGZAG(1), PLAIN(1, 9, 0)), PCT_DAMAGED,
           "node 1: a text number below 3");
    expect(dense(ZIGZAG(1), ZIGZAG(1), ZIGZAG(1), PLAIN(1, 2)), PCT_DAMAGED, "node 1: tags up to a 0");
    expect(dense(ZIGZAG(1), ZIGZAG(1), ZIGZAG(1), PLAIN(1)), PCT_DAMAGED, "node 1: ");
    found f;
    pct_error error;
    /* Tags left over are seen behind the last node, which has then been given. */
    ck_assert_int_eq(read_block(dense(ZIGZAG(1), ZIGZAG(1), ZIGZAG(1), PLAIN(0, 1, 1, 0)), &f, &error),
                     PCT_DAMAGED);
    test_error_says(&error, "the end of the nodes");
    test_ok(read_block(dense(ZIGZAG(1), ZIGZAG(1), ZIGZAG(1), PLAIN(1, 2, 2, 2, 0)), &f, &error), &error);
    ck_assert_uint_eq(f.last_tags, 2);
    test_ok(read_block(dense(message(), message(), message(), message()), &f, &error), &error);
    ck_assert_int_eq(f.nodes, 0);
}

static pct_buffer way(pct_buffer refs) {
    pct_buffer out = message();
    pct_wire_put_number(&out, PBF_ID, 8);
    put(&out, PBF_WAY_REFS, refs);
    return block_of(PBF_GROUP_WAY, out);
}

static pct_buffer relation(pct_buffer roles, pct_buffer refs, pct_buffer kinds) {
    pct_buffer out = message();
    pct_wire_put_number(&out, PBF_ID, 9);
    put(&out, PBF_RELATION_ROLES, roles);
    put(&out, PBF_RELATION_REFS, refs);
    put(&out, PBF_RELATION_KINDS, kinds);
    return block_of(PBF_GROUP_RELATION, out);
}

TEST(pbf_ways_and_relations_that_do_not_add_up_are_refused) {
    pct_buffer overlong = message(), unfinished = message();
    for (int i = 0; i < 10; i++) (void)pct_buffer_append_byte(&overlong, 0xFF);
    (void)pct_buffer_append_byte(&overlong, 0x7F);
    (void)pct_buffer_append_byte(&unfinished, 0x80);
    expect(way(overlong), PCT_DAMAGED, "way 8: whole numbers of nodes");
    expect(way(unfinished), PCT_DAMAGED, "way 8: whole numbers of nodes");
    expect(relation(PLAIN(1), ZIGZAG(1, 1), PLAIN(0, 0)), PCT_DAMAGED,
           "relation 9: as many roles as members");
    expect(relation(PLAIN(1, 1), ZIGZAG(1, 1), PLAIN(0)), PCT_DAMAGED,
           "relation 9: as many kinds as members");
    expect(relation(PLAIN(1), ZIGZAG(1), PLAIN(3)), PCT_DAMAGED, "members of kind 0, 1 or 2");
    expect(relation(PLAIN(5), ZIGZAG(1), PLAIN(1)), PCT_DAMAGED, "relation 9: a text number below 3");
    found f;
    pct_error error;
    test_ok(read_block(relation(PLAIN(1, 0), ZIGZAG(INT64_MAX, 5), PLAIN(0, 2)), &f, &error), &error);
    ck_assert_int_eq(f.relations, 1);
}

TEST(pbf_blocks_that_are_no_messages_are_refused) {
    pct_buffer block = message();
    (void)pct_buffer_append_text(&block, "\x0A\x7F short");
    expect(block, PCT_DAMAGED, "a block of objects was expected, a cut or foreign message");

    block = message();
    put_text(&block, PBF_BLOCK_GROUP, "\x12\x7F");
    expect(block, PCT_DAMAGED, "a group of objects");

    block = block_of(PBF_GROUP_WAY, message());
    pct_wire_put_number(&block, PBF_BLOCK_GRANULARITY, 0);
    expect(block, PCT_DAMAGED, "a granularity from 1");

    block = message();
    pct_buffer strings = message();
    put_text(&strings, PBF_STRINGS_TEXT, "\xC3(");
    put(&block, PBF_BLOCK_STRINGS, strings);
    pct_buffer group = message();
    put_text(&group, PBF_GROUP_WAY, "");
    put(&block, PBF_BLOCK_GROUP, group);
    expect(block, PCT_DAMAGED, "texts in UTF-8");
}

TEST(pbf_a_hostile_block_cannot_ask_for_gigabytes) {
    pct_buffer refs = message();
    unsigned char *zeros = pct_buffer_extend(&refs, (1 << 20) + 1);
    memset(zeros, 0, refs.length);
    expect(way(refs), PCT_LIMIT, "nodes of a way exceed the limit of 1048576");
}

TEST_MAIN("pbf_damage", TEST_CASE(pbf_foreign_files_are_named_for_what_they_look_like),
          TEST_CASE(pbf_header_features_decide_whether_a_file_is_read),
          TEST_CASE(pbf_blobs_are_read_strictly),
          TEST_CASE(pbf_zlib_data_must_have_the_stated_size_and_nothing_behind_it),
          TEST_CASE(pbf_plain_nodes_take_granularity_and_offsets),
          TEST_CASE(pbf_objects_that_do_not_add_up_are_refused),
          TEST_CASE(pbf_dense_nodes_that_do_not_add_up_are_refused),
          TEST_CASE(pbf_ways_and_relations_that_do_not_add_up_are_refused),
          TEST_CASE(pbf_blocks_that_are_no_messages_are_refused),
          TEST_CASE(pbf_a_hostile_block_cannot_ask_for_gigabytes))
