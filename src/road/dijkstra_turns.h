/* Private to road/: plain Dijkstra for profile patrol, the oracle of turns.c, which it does not use. A state is an arc
 * just driven and how far each restriction over via ways has been followed; every restriction at hand is read anew at every turn.
 * With closures (road/closed.h) nobody drives a closed arc, but the piece of a point's own segment between the point and the segment's
 * ends; a point at a junction has such a piece only when every road out of it (into it) is closed.
 *
 * After pct_dijkstra_turns_new no search allocates. One search costs O(turns × restrictions there + states log states). */
#ifndef PCT_ROAD_DIJKSTRA_TURNS_H
#define PCT_ROAD_DIJKSTRA_TURNS_H

#include "road/road.h"

typedef struct pct_dijkstra_turns pct_dijkstra_turns;

pct_status pct_dijkstra_turns_new(const pct_road *road, pct_dijkstra_turns **out,
                                  pct_error *error) PCT_MUST_USE;
void pct_dijkstra_turns_free(pct_dijkstra_turns *dijkstra);
/* PCT_UNREACHABLE_MS when no way leads there. */
uint32_t pct_dijkstra_turns_ms(pct_dijkstra_turns *dijkstra, pct_road_point from, pct_road_point to);
/* times_ms[node]: from a point to every node, the last arc open: a junction whose roads are all closed has none. */
void pct_dijkstra_turns_all_ms(pct_dijkstra_turns *dijkstra, pct_road_point from, uint32_t *times_ms);

#endif
