/* Plain Dijkstra over the road network: the oracle of the tests, and what the hierarchy is measured against.
 *
 * After pct_dijkstra_new no query allocates. One search costs O(arcs + nodes log nodes). */
#ifndef PCT_ROAD_DIJKSTRA_H
#define PCT_ROAD_DIJKSTRA_H

#include "road/router.h"

typedef struct pct_dijkstra pct_dijkstra;

pct_status pct_dijkstra_new(const pct_road *road, pct_dijkstra **out, pct_error *error) PCT_MUST_USE;
void pct_dijkstra_free(pct_dijkstra *dijkstra);

/* PCT_UNREACHABLE_MS when no way leads there; ends as soon as the target is settled. */
uint32_t pct_dijkstra_time_ms(pct_dijkstra *dijkstra, pct_road_point from, pct_road_point to);
/* times_ms[node]: from a point to every node. */
void pct_dijkstra_all_ms(pct_dijkstra *dijkstra, pct_road_point from, uint32_t *times_ms);

#endif
