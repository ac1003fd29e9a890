/* Nearest suitable: by travel time. A unit that would be diverted, or that lacks a wanted capability, counts as farther
 * by what the settings say, so that a boat is preferred for the water as long as it is not much later. O(candidates). */
#include "dispatch/recommend.h"

static void weigh(const pct_recommend_request *request, pct_candidate *candidates, size_t count) {
    const pct_recommend_settings *settings = &request->settings;
    for (size_t i = 0; i < count; i++) {
        pct_candidate *c = &candidates[i];
        c->cost_ms = c->travel_ms + c->missing_wanted * (uint64_t)settings->wanted_cost_ms;
        if (c->divert.seq) c->cost_ms += (uint64_t)settings->divert_cost_ms;
    }
}

const pct_policy pct_policy_nearest = {"nearest", PCT_MSG_POLICY_NEAREST, weigh};
