/* What must hold inside an index before anything may rely on it. */
#ifndef PCT_ROAD_INDEX_CHECK_H
#define PCT_ROAD_INDEX_CHECK_H

#include "geo/tree.h"
#include "road/dots.h"
#include "road/hierarchy.h"
#include "road/turns.h"

/* PCT_MSG_NONE when all is sound, else the phrase for what is not; PCT_MEMORY through *status. O(size). */
pct_message pct_network_fault(const pct_network *network);
/* Turns of a sound network. */
pct_message pct_turns_fault(const pct_network *network, const pct_turns *turns);
pct_message pct_dots_fault(const pct_dots *dots, uint32_t segment_count);
pct_message pct_hierarchy_fault(const pct_graph *graph, const pct_hierarchy *hierarchy, pct_status *status);

#endif
