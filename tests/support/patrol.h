/* Networks with turn restrictions for tests of profile patrol, and travel times over them found the slow way: by what
 * was driven last, arc by arc, with every restriction read as it stands. */
#ifndef PCT_TESTS_SUPPORT_PATROL_H
#define PCT_TESTS_SUPPORT_PATROL_H

#include "base/rng.h"
#include "road/profile.h"
#include "road/road.h"

enum { TEST_PATROL_ARCS_MAX = 120, TEST_PATROL_MEMORY = 4 };

/* A torn lattice of up to 12 nodes with one-ways, loops, parallels, signals, barriers, roundabouts, and restrictions over nodes and over up to
 * two via segments, most of them along ways that can be driven. */
void test_patrol_network(pct_rng *rng, pct_network *out);
/* The road of profile patrol beside a response road; ends the test when it cannot be built. */
pct_road *test_patrol_road(const pct_road *response, const pct_speeds *speeds);
/* Random turn costs, speeds and barrier costs. */
pct_speeds test_patrol_speeds(pct_rng *rng);

/* The least time of a patrol, PCT_UNREACHABLE_MS when there is no way. `closed` [segments × 2] may be NULL. */
uint32_t test_patrol_time_ms(const pct_network *network, const pct_speeds *speeds, const bool *closed,
                             pct_road_point from, pct_road_point to);

#endif
