/* Inside the taking over: takeover.c states the plan as it is now, takeover_rest.c tells what the new one changes. */
#ifndef PCT_PATROL_TAKEOVER_STATE_H
#define PCT_PATROL_TAKEOVER_STATE_H

#include "patrol/replan.h"
#include "patrol/takeover.h"

typedef struct pct_takeover_place {
    int32_t round, stop; /* indices; PCT_PATROL_NONE: in no round */
} pct_takeover_place;

typedef struct pct_taking {
    const pct_lowered *lowered;
    const pct_takeover_call *call;
    pct_arena *arena;
    int32_t *unit_of;          /* [rounds] of the problem */
    int32_t *round_of;         /* [unit_count] */
    int32_t **demand_of;       /* [rounds][stops] PCT_PATROL_NONE: not known, or none of its business */
    pct_takeover_place *where; /* [demand_count] whose it is now, served or not */
    bool *stays, *given_up;    /* of pct_replan_call */
    pct_patrol_plan plan;      /* as it is now, and will be when nothing is done */
    pct_replan_result result;
    pct_error *error;
} pct_taking;

static inline const pct_life_round *pct_taking_round(const pct_taking *t, size_t round) {
    return t->call->rounds[round].round;
}

/* The same that replan.h says of what stays. */
int32_t pct_taking_kept(const pct_taking *taking, int32_t unit);
/* Its window is over, in all its modes. */
bool pct_taking_is_stale(const pct_taking *taking, int32_t demand);
pct_status pct_taking_tell(pct_taking *taking, pct_takeover_change **out, size_t *count) PCT_MUST_USE;

#endif
