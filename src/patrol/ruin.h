/* The operator that takes strings of neighbouring demands out of neighbouring rounds. */
#ifndef PCT_PATROL_RUIN_H
#define PCT_PATROL_RUIN_H

#include "base/rng.h"
#include "patrol/rounds.h"

enum { PCT_RUIN_NEAR_MAX = 300 };

typedef struct pct_ruin {
    const int32_t *
        near; /* [demand_count][near_count] nearest first, by travel cost, each beginning with the demand itself */
    int32_t near_count;
    int32_t *picked;  /* [demand_count] demands of one string */
    uint32_t *ruined; /* [unit_count] mark of the ruin that touched it */
    uint32_t mark;
    double mean_removed; /* demands a ruin takes out on average, about */
} pct_ruin;

/* like: of the same problem, whose neighbour lists this one then shares; or NULL. */
pct_status pct_ruin_init(pct_ruin *ruin, const pct_patrol_problem *problem, const pct_ruin *like,
                         pct_arena *arena, pct_error *error) PCT_MUST_USE;
void pct_ruin_strings(pct_ruin *ruin, pct_rounds *rounds, pct_rng *rng);

#endif
