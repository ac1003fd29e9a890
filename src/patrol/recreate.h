/* The operator that puts the absent demands back, in one of several orders. */
#ifndef PCT_PATROL_RECREATE_H
#define PCT_PATROL_RECREATE_H

#include "patrol/insert.h"

typedef struct pct_recreate {
    struct pct_waiting *waiting; /* [demand_count] */
    int64_t *far;                /* [demand_count] travel from the nearest post */
    bool is_mixed;               /* musts and shoulds */
    uint32_t odds[8];            /* of the orders; 0 for what tells no two demands apart */
    uint32_t odds_sum;
} pct_recreate;

pct_status pct_recreate_init(pct_recreate *recreate, const pct_patrol_problem *problem, pct_arena *arena,
                             pct_error *error) PCT_MUST_USE;
/* What fits nowhere stays absent. Into empty rounds musts come first. */
void pct_recreate_all(pct_recreate *recreate, pct_rounds *rounds, pct_rng *rng, pct_blink *blink);

#endif
