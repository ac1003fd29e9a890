/* The phase of the search that lowers the expected response of the best plan, at no more musts left. Each stream has its own; solve.h leads them
 * as it does streams. */
#ifndef PCT_PATROL_COVER_H
#define PCT_PATROL_COVER_H

#include "patrol/response.h"
#include "patrol/stream.h"

typedef struct pct_cover {
    pct_stream *stream; /* whose rounds, operators and random numbers it works with */
    pct_response response;
    pct_blink blink;
    int32_t *modes; /* [demand_count] of one round */
    double expected_ms, hot_ms, temperature_ms;
    pct_patrol_cost best; /* response in it */
    uint64_t best_at;
    int32_t *best_first, *best_mode; /* [unit_count + 1], [demand_count] */
} pct_cover;

/* From the plan [unit_count + 1], [demand_count] on. */
pct_status pct_cover_init(pct_cover *cover, pct_stream *stream, const int32_t *first, const int32_t *mode,
                          pct_arena *arena, pct_error *error) PCT_MUST_USE;
/* The share of its budget that is gone. */
void pct_cover_set_spent(pct_cover *cover, double share);
/* Touches nothing but its own and its stream's. */
void pct_cover_run(pct_cover *cover, uint32_t iterations);
/* What annealing works on now. */
double pct_cover_score(const pct_cover *cover);
/* Goes on from the plan, which is sound, and keeps it as its best when it is. */
void pct_cover_adopt(pct_cover *cover, const int32_t *first, const int32_t *mode);

#endif
