#include "support/place_map.h"

#include <string.h>

#include "base/text.h"
#include "osm/pbf.h"
#include "road/import.h"
#include "support/test.h"

enum { TAGS_MAX = 16, REFS_MAX = 64 };

pct_position test_place_at(double east_m, double north_m) {
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    return pct_plane_from_m(&plane, east_m, north_m);
}

static size_t read_tags(pct_text rest, pct_osm_tag tags[TAGS_MAX]) {
    size_t count = 0;
    pct_text item;
    while (rest.length > 0 && pct_text_next(&rest, ';', &item)) {
        ck_assert_uint_lt(count, TAGS_MAX);
        ck_assert(pct_text_next(&item, '=', &tags[count].key));
        tags[count++].value = item;
    }
    return count;
}

static double read_real(pct_text *rest) {
    pct_text item;
    double value;
    ck_assert(pct_text_next(rest, ' ', &item) && pct_text_to_real(item, &value));
    return value;
}

static void write_node(pct_osm_writer *writer, int64_t id, pct_text rest) {
    pct_osm_tag tags[TAGS_MAX];
    pct_error error;
    double east_m = read_real(&rest), north_m = read_real(&rest);
    pct_osm_node node = {.id = id, .position = test_place_at(east_m, north_m)};
    node.tags = (pct_osm_tags){tags, read_tags(rest, tags)};
    test_ok(pct_osm_write_node(writer, &node, &error), &error);
}

static void write_way(pct_osm_writer *writer, int64_t id, pct_text rest) {
    pct_osm_tag tags[TAGS_MAX];
    int64_t refs[REFS_MAX];
    pct_error error;
    pct_text list, item;
    pct_osm_way way = {.id = id, .refs = refs};
    ck_assert(pct_text_next(&rest, ' ', &list));
    while (list.length > 0 && pct_text_next(&list, ',', &item))
        ck_assert(way.ref_count < REFS_MAX && pct_text_to_integer(item, &refs[way.ref_count++]));
    way.tags = (pct_osm_tags){tags, read_tags(rest, tags)};
    test_ok(pct_osm_write_way(writer, &way, &error), &error);
}

pct_buffer test_place_map(const char *const *lines) {
    pct_buffer map = pct_buffer_init(1 << 24);
    pct_osm_writer *writer;
    pct_error error;
    pct_box bounds = {test_place_at(-50000, -50000), test_place_at(50000, 50000)};
    test_ok(pct_osm_writer_new(&map, "test", bounds, &writer, &error), &error);
    for (; *lines; lines++) {
        pct_text rest = pct_text_of(*lines), item;
        int64_t id;
        ck_assert(pct_text_next(&rest, ' ', &item));
        char kind = *item.chars++;
        item.length--;
        ck_assert(pct_text_to_integer(item, &id));
        if (kind == 'n')
            write_node(writer, id, rest);
        else
            write_way(writer, id, rest);
    }
    test_ok(pct_osm_writer_finish(writer, &error), &error);
    pct_osm_writer_free(writer);
    return map;
}

pct_status test_place_build(const pct_buffer *map, pct_gazetteer **out, pct_error *error) {
    pct_gazetteer_builder *builder = NULL;
    pct_network network = {0};
    pct_import_report report;
    pct_text bytes = {(const char *)map->bytes, map->length};
    *out = NULL;
    pct_status status = pct_import_osm("map", bytes, &network, &report, error);
    if (!status) status = pct_gazetteer_builder_new(&builder, error);
    if (!status) status = pct_gazetteer_add_network(builder, &network, error);
    if (!status) status = pct_gazetteer_add_osm(builder, "map", bytes, error);
    if (!status) status = pct_gazetteer_build(builder, out, error);
    pct_gazetteer_builder_free(builder);
    pct_network_dispose(&network);
    return status;
}

pct_gazetteer *test_place_gazetteer(const char *const *lines) {
    pct_buffer map = test_place_map(lines);
    pct_gazetteer *gazetteer;
    pct_error error;
    test_ok(test_place_build(&map, &gazetteer, &error), &error);
    pct_buffer_dispose(&map);
    return gazetteer;
}

size_t test_place_search(const pct_gazetteer *gazetteer, const char *text, const pct_position *near,
                         pct_place_hit *hits, size_t room) {
    pct_gazetteer_scratch *scratch;
    pct_error error;
    size_t count;
    pct_place_query query = {pct_text_of(text), near, room};
    test_ok(pct_gazetteer_scratch_new(gazetteer, &scratch, &error), &error);
    test_ok(pct_gazetteer_search(gazetteer, scratch, &query, hits, &count, &error), &error);
    pct_gazetteer_scratch_free(scratch);
    return count;
}

bool test_text_is(pct_text text, const char *expected) {
    return text.length == strlen(expected) && memcmp(text.chars, expected, text.length) == 0;
}
