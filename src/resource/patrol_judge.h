/* Rounds held against positions and tags, as `patrol check` does it: points by their fence, lines along their own path by map matching, with
 * the problem that their plan was made from.
 *
 *     life = pct_patrol_hold(book);  status = pct_patrol_case_take(x, life, round, &a_case, error);  pct_patrol_let_go(book);
 *     status = pct_patrol_judge_open(service, &judge, error);
 *     status = pct_patrol_judge_round(judge, &a_case, &adherence, error);  …  pct_adherence_dispose(&adherence);
 *     pct_patrol_judge_close(judge);
 *
 * What was planned for later than now is not judged: its visits are not among those that are told. The time on calls is that between the
 * round's events of leaving and going on. Positions are read where they lie and go nowhere. */
#ifndef PCT_RESOURCE_PATROL_JUDGE_H
#define PCT_RESOURCE_PATROL_JUDGE_H

#include "patrol/crews.h"
#include "resource/patrol_rounds.h"

/* A round as it is now, in the exchange's arena. */
typedef struct pct_patrol_case {
    pct_round_id round;
    pct_plan_id plan;
    pct_unit_id unit;
    char problem[PCT_PATROL_NAME_TEXT]; /* of its plan; "": made elsewhere */
    pct_duty_route route;
    const int32_t *numbers;    /* [stop_count] of the stops in the round */
    const bool *explained;     /* [stop_count] its crew has said something of it */
    pct_adherence_sign *signs; /* [sign_count] in order of time */
    size_t sign_count, left;   /* left: stops that a call took */
    int64_t until_ms, now_ms;  /* the end of its shift; when it was taken */
} pct_patrol_case;

/* With the book held. */
pct_status pct_patrol_case_take(pct_exchange *exchange, const pct_life *life, const pct_life_round *round,
                                pct_patrol_case *out, pct_error *error) PCT_MUST_USE;

/* For one thread; keeps the problems it has read. */
typedef struct pct_patrol_judge pct_patrol_judge;
pct_status pct_patrol_judge_open(pct_service *service, pct_patrol_judge **out, pct_error *error) PCT_MUST_USE;
void pct_patrol_judge_close(pct_patrol_judge *judge);
pct_status pct_patrol_judge_round(pct_patrol_judge *judge, const pct_patrol_case *round, pct_adherence *out,
                                  pct_error *error) PCT_MUST_USE;

#endif
