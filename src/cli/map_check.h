/* Whether a road gives the answers it should: random pairs of nodes, routed by the hierarchy and by plain Dijkstra. */
#ifndef PCT_CLI_MAP_CHECK_H
#define PCT_CLI_MAP_CHECK_H

#include "road/road.h"

/* PCT_CHECK_FAILED names the first pair that differs. *unreachable (may be NULL): pairs without a way between them. */
pct_status pct_map_compare_pairs(const pct_road *road, int64_t pairs, int64_t *unreachable,
                                 pct_error *error) PCT_MUST_USE;

#endif
