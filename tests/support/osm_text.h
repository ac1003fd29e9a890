/* Small maps written as text, one object a line, in units of 0.001 degree (111.195 m at the equator):
 *
 *     n1 0 0                                  node 1 at 0, 0
 *     w10 1 2 3 highway=residential           way 10 over nodes 1, 2, 3
 *     r5 from@w10 via@n2 to@w11 type=…        relation 5
 *
 * A '~' in a tag's value stands for a space. */
#ifndef PCT_TESTS_SUPPORT_OSM_TEXT_H
#define PCT_TESTS_SUPPORT_OSM_TEXT_H

#include "osm/pbf.h"

enum { TEST_OSM_BYTES_MAX = 1 << 20, TEST_OSM_PARTS = 32, TEST_OSM_UNIT_E7 = 10000 };

typedef struct test_osm_line {
    char kind;
    long long id;
    double numbers[TEST_OSM_PARTS];
    int64_t refs[TEST_OSM_PARTS];
    size_t ref_count, member_count, tag_count;
    pct_osm_member members[TEST_OSM_PARTS];
    pct_osm_tag tags[TEST_OSM_PARTS];
} test_osm_line;

/* Spaces become what they are in place: the texts of the result lie in `line`. */
test_osm_line test_osm_parse(char *line);
pct_status test_osm_write_line(pct_osm_writer *writer, const test_osm_line *line,
                               pct_error *error) PCT_MUST_USE;
/* Writes the objects of those kinds (of "nwr"), in the text's order; `headless` leaves the file header away, to be put
 * behind another file. */
pct_status test_osm_write(const char *map, const char *kinds, bool headless, pct_buffer *out,
                          pct_error *error) PCT_MUST_USE;

#endif
