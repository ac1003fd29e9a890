/* Nearest suitable: by travel time. A unit that would be diverted, or that lacks a wanted capability, counts as farther
 * by what the settings say, so that a boat is preferred for the water as long as it is not much later. O(candidates). */
#include "dispatch/recommend.h"

uint64_t pct_policy_near_cost_ms(const pct_recommend_request *request, const pct_candidate *c) {
    const pct_recommend_settings *settings = &request->settings;
    uint64_t cost_ms = c->travel_ms + c->missing_wanted * (uint64_t)settings->wanted_cost_ms;
    return c->divert.seq ? cost_ms + (uint64_t)settings->divert_cost_ms : cost_ms;
}

static void weigh(const pct_recommend_request *request, pct_candidate *candidates, size_t count) {
    for (size_t i = 0; i < count; i++)
        candidates[i].cost_ms = pct_policy_near_cost_ms(request, &candidates[i]);
}

const pct_policy pct_policy_nearest = {.name = "nearest", .title = PCT_MSG_POLICY_NEAREST, .weigh = weigh};
