/* The phase of the search that lowers the expected response of the best plan, at no more musts left. */
#ifndef PCT_PATROL_COVER_H
#define PCT_PATROL_COVER_H

#include "patrol/response.h"
#include "patrol/stream.h"

typedef struct pct_cover {
    pct_stream *stream; /* whose rounds and operators it works with */
    pct_response response;
    pct_blink blink;
    int32_t *modes; /* [demand_count] of one round */
    double expected_ms, hot_ms;
    pct_patrol_cost best; /* response in it */
} pct_cover;

/* From the plan [unit_count + 1], [demand_count] on. */
pct_status pct_cover_init(pct_cover *cover, pct_stream *stream, const int32_t *first, const int32_t *mode,
                          pct_arena *arena, pct_error *error) PCT_MUST_USE;
/* `share` of its budget is gone. True when cover->best is a new best, which is then written to first and mode. */
bool pct_cover_run(pct_cover *cover, uint32_t iterations, double share, int32_t *first, int32_t *mode);

#endif
