/* The operator that chooses the ways in which a round serves its demands: directions of lines, windows, places of breaks. */
#ifndef PCT_PATROL_WAYS_H
#define PCT_PATROL_WAYS_H

#include "patrol/rounds.h"

typedef struct pct_ways {
    int64_t *cost, *done_ms; /* [mode_count] of the best way to this mode of the stop */
    int32_t *came_from;      /* [mode_count] mode of the stop before */
    int32_t *chosen;         /* [demand_count] modes of the round's stops */
} pct_ways;

pct_status pct_ways_init(pct_ways *ways, const pct_patrol_problem *problem, pct_arena *arena,
                         pct_error *error) PCT_MUST_USE;
/* The round's order kept: true when its travel became less. */
bool pct_ways_improve(pct_ways *ways, pct_rounds *rounds, int32_t unit);

#endif
