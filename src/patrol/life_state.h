/* Inside the life of plans: shared by its files, and by nobody else. */
#ifndef PCT_PATROL_LIFE_STATE_H
#define PCT_PATROL_LIFE_STATE_H

#include "patrol/life.h"

struct pct_life {
    pct_arena arena;                            /* of texts that stay */
    pct_vector plans, rounds, directed, levels; /* of records; rounds: of pointers */
    pct_life_kept kept;
    int64_t seq;
};

pct_life_plan *pct_life_find_plan(const pct_life *life, int64_t seq);
pct_life_round *pct_life_find_round(const pct_life *life, int64_t seq);
pct_life_directed *pct_life_find_directed(const pct_life *life, int64_t seq);
pct_life_stop *pct_life_find_stop(const pct_life_round *round, int64_t number);

#endif
