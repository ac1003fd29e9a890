/* A small map for tests of the base map, written as OpenStreetMap PBF and read back as a network: streets, a lake with
 * an island, a park, houses, names, and outlines that do not close. */
#ifndef PCT_TESTS_SUPPORT_TILE_TOWN_H
#define PCT_TESTS_SUPPORT_TILE_TOWN_H

#include "base/memory.h"
#include "road/import.h"
#include "tiles/tiles.h"

typedef struct test_tile_town {
    pct_buffer osm;
    pct_network network;
    pct_arena arena;
    pct_tiles_source source;
} test_tile_town;

enum { TEST_TOWN_LON_E7 = 1160000000, TEST_TOWN_LAT_E7 = 400000000, TEST_TOWN_STEP_E7 = 10000 };

/* The position so many steps (0.001 degree) east and north of the town's corner. */
pct_position test_town_at(double east, double north);
test_tile_town test_tile_town_make(void);
void test_tile_town_free(test_tile_town *town);

#endif
