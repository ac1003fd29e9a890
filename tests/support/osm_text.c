#include "support/osm_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static pct_text text_between(char *from, char *to) {
    for (char *at = from; at < to; at++)
        if (*at == '~') *at = ' ';
    return (pct_text){from, (size_t)(to - from)};
}

static void parse_token(test_osm_line *l, char *at, char *end) {
    char *equals = memchr(at, '=', (size_t)(end - at)), *sign = memchr(at, '@', (size_t)(end - at));
    if (equals) {
        l->tags[l->tag_count++] = (pct_osm_tag){text_between(at, equals), text_between(equals + 1, end)};
    } else if (sign) {
        pct_osm_kind kind = sign[1] == 'n' ? PCT_OSM_NODE : sign[1] == 'w' ? PCT_OSM_WAY : PCT_OSM_RELATION;
        l->members[l->member_count++] =
            (pct_osm_member){kind, strtoll(sign + 2, NULL, 10), text_between(at, sign)};
    } else {
        l->numbers[l->ref_count] = strtod(at, NULL);
        l->refs[l->ref_count++] = strtoll(at, NULL, 10);
    }
}

test_osm_line test_osm_parse(char *line) {
    char *at = line, *end = line + strlen(line);
    test_osm_line l = {.kind = *at, .id = strtoll(at + 1, NULL, 10)};
    while (at < end) {
        while (at < end && *at != ' ') at++;
        while (at < end && *at == ' ') at++;
        char *stop = at;
        while (stop < end && *stop != ' ') stop++;
        if (stop > at) parse_token(&l, at, stop);
        at = stop;
    }
    return l;
}

pct_status test_osm_write_line(pct_osm_writer *writer, const test_osm_line *l, pct_error *error) {
    pct_osm_tags tags = {l->tags, l->tag_count};
    if (l->kind == 'n') {
        pct_position p = {(int32_t)lround(l->numbers[0] * TEST_OSM_UNIT_E7),
                          (int32_t)lround(l->numbers[1] * TEST_OSM_UNIT_E7)};
        return pct_osm_write_node(writer, &(pct_osm_node){l->id, p, tags}, error);
    }
    if (l->kind == 'w')
        return pct_osm_write_way(writer, &(pct_osm_way){l->id, l->refs, l->ref_count, tags}, error);
    return pct_osm_write_relation(writer, &(pct_osm_relation){l->id, l->members, l->member_count, tags},
                                  error);
}

pct_status test_osm_write(const char *map, const char *kinds, bool headless, pct_buffer *out,
                          pct_error *error) {
    pct_buffer file = pct_buffer_init(TEST_OSM_BYTES_MAX);
    pct_osm_writer *writer;
    pct_status status = pct_osm_writer_new(&file, "test", pct_box_empty(), &writer, error);
    size_t header = file.length;
    for (const char *at = map; *at && !status;) {
        const char *end = strchr(at, '\n');
        size_t length = end ? (size_t)(end - at) : strlen(at);
        char *line = strndup(at, length);
        test_osm_line l = test_osm_parse(line);
        if (strchr(kinds, l.kind)) status = test_osm_write_line(writer, &l, error);
        free(line);
        at += length + (end != NULL);
    }
    if (!status) status = pct_osm_writer_finish(writer, error);
    pct_osm_writer_free(writer);
    size_t skip = headless ? header : 0;
    if (!status && pct_buffer_append(out, file.bytes + skip, file.length - skip))
        status = pct_buffer_status(out, error);
    pct_buffer_dispose(&file);
    return status;
}
