/* Maps for tests of the gazetteer, one object a line, in metres from 100° E, 30° N:
 *
 *     "n1 0 0"                                       a node
 *     "n2 100 0 amenity=school;name=第一小学"          a node with tags
 *     "w7 1,2,3 highway=residential;name=人民路"       a way over nodes
 *
 * Lines end with NULL; nodes come before ways, each by ascending id. */
#ifndef PCT_TESTS_SUPPORT_PLACE_MAP_H
#define PCT_TESTS_SUPPORT_PLACE_MAP_H

#include "place/build.h"
#include "road/network.h"

pct_position test_place_at(double east_m, double north_m);
/* The map as PBF; dispose it. */
pct_buffer test_place_map(const char *const *lines);
pct_status test_place_build(const pct_buffer *map, pct_gazetteer **out, pct_error *error);
/* The gazetteer of a map; ends the test when it cannot be built. */
pct_gazetteer *test_place_gazetteer(const char *const *lines);
/* Hits of a text, best first; ends the test when there are more than `room`. */
size_t test_place_search(const pct_gazetteer *gazetteer, const char *text, const pct_position *near,
                         pct_place_hit *hits, size_t room);
bool test_text_is(pct_text text, const char *expected);

#endif
