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
/* life_rest.c: the rest of a round. Served stops stand first, then the rest in its order, last what is in the round no more. */
pct_status pct_life_take_rest(pct_life_round *round, pct_text stops, pct_text moved);
/* Whether it can be that round's: its own open stops, and new ones with numbers of their own that it takes over. */
pct_status pct_life_may_rest(const pct_life_round *round, pct_text stops, pct_text moved,
                             pct_error *error) PCT_MUST_USE;
pct_life_stop *pct_life_find_stop(const pct_life_round *round, int64_t number);

#endif
