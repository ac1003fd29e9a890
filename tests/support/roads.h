/* Road networks for tests, drawn by hand or at random. */
#ifndef PCT_TESTS_SUPPORT_ROADS_H
#define PCT_TESTS_SUPPORT_ROADS_H

#include "base/heap.h"
#include "base/rng.h"
#include "road/road.h"

/* Reads a network from a drawing (rows end with NULL). Capitals are nodes, their source id is the letter; each
 * character cell is 100 m wide and high. Straight lines join them:
 *     -  |        both ways            >  <  v  ^   one way, as it points (one such mark in the line suffices)
 *     =  :        both ways, for emergency units alone (horizontal, vertical)
 * Units drive 10 m/s (36 km/h) everywhere. */
pct_road *test_road_drawn(const char *const *rows);
pct_road_point test_road_point(const pct_road *road, char letter);

/* A random network on a torn lattice: one-way arcs, parallels, loops, dead ends and islands occur. */
pct_road *test_road_random(pct_rng *rng, uint32_t nodes);

/* Orders and builds; takes the network over and ends the test when it cannot be built. */
pct_road *test_road_of(pct_network *network, const pct_speeds *speeds);

/* The same nodes with their marks, for a network that is to differ in its segments. */
pct_network_builder *test_network_nodes_of(const pct_network *network);

/* Times from `start` to all vertices, over the graph as it lies. */
void test_road_search(const pct_road *road, pct_heap *heap, uint32_t start, uint32_t *ms);

#endif
