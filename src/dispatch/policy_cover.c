/* Nearest with cover: by travel time as nearest suitable does, plus the loss of cover that sending the unit leaves
 * behind (dispatch/cover.h). A unit under way elsewhere covers nothing, so that diverting it loses none. A priority whose
 * gap is 0 gets exactly the ranking of nearest suitable, and so does a request without demand points.
 * O(units × demand points + candidates). */
#include "dispatch/recommend.h"

#include <math.h>

static const pct_cover_settings *settings_of(const pct_recommend_request *request) {
    const pct_incident *incident = pct_board_incident(request->board, request->incident);
    return &request->settings.cover[incident->priority - 1];
}

static bool cover_counts(const pct_recommend_request *request) {
    return request->cover && pct_cover_point_count(request->cover) > 0 && settings_of(request)->gap_ms > 0;
}

static void weigh(const pct_recommend_request *request, pct_candidate *candidates, size_t count) {
    bool counts = cover_counts(request);
    if (counts) pct_cover_measure(request->cover, request->board, request->unit_points, settings_of(request));
    for (size_t i = 0; i < count; i++) {
        pct_candidate *c = &candidates[i];
        c->cost_ms = pct_policy_near_cost_ms(request, c);
        if (counts) c->cost_ms += (uint64_t)llround(pct_cover_loss_ms(request->cover, c->unit_index));
    }
}

static int64_t seconds(uint64_t ms) {
    return (int64_t)((ms + 500) / 1000);
}

static pct_reason_param place_of(const pct_cover_harm *harm) {
    return harm->point->name.length > 0 ? pct_reason_text(harm->point->name)
                                        : pct_reason_phrase(harm->direction);
}

/* The nearest by travel time alone among those that rank behind `c` although they are nearer; NULL: there is none. */
static const pct_candidate *nearer_one(const pct_recommend_request *request, const pct_candidate *candidates,
                                       size_t count, const pct_candidate *c) {
    const pct_candidate *found = NULL;
    uint64_t least_ms = pct_policy_near_cost_ms(request, c);
    for (size_t i = 0; i < count; i++) {
        const pct_candidate *other = &candidates[i];
        if (other->travel_ms == PCT_UNREACHABLE_MS || other->cost_ms <= c->cost_ms) continue;
        uint64_t near_ms = pct_policy_near_cost_ms(request, other);
        if (near_ms >= least_ms) continue;
        least_ms = near_ms;
        found = other;
    }
    return found;
}

static void explain_ranked(const pct_recommend_request *request, const pct_candidate *candidates,
                           size_t count, pct_candidate *c) {
    pct_cover_harm harm;
    if (!cover_counts(request)) return;
    const pct_candidate *nearer = nearer_one(request, candidates, count, c);
    if (!nearer || !pct_cover_worst(request->cover, nearer->unit_index, &harm)) return;
    const pct_unit *unit = pct_board_unit_at(request->board, nearer->unit_index);
    uint64_t farther_ms = pct_policy_near_cost_ms(request, c) - pct_policy_near_cost_ms(request, nearer);
    c->reason = (pct_reason){.message = PCT_MSG_RANKED_COVER,
                             .param_count = 6,
                             .params = {pct_reason_integer(seconds(c->travel_ms)),
                                        pct_reason_integer(seconds(farther_ms)), pct_reason_text(unit->name),
                                        place_of(&harm), pct_reason_clock(seconds((uint64_t)harm.before_ms)),
                                        pct_reason_clock(seconds((uint64_t)harm.after_ms))}};
}

/* A unit that is nearer than the last one ranked is behind it for the sake of cover alone. */
static void explain_passed(const pct_recommend_request *request, const pct_candidate *last,
                           pct_candidate *c) {
    pct_cover_harm harm;
    uint64_t near_ms = pct_policy_near_cost_ms(request, c), last_ms = pct_policy_near_cost_ms(request, last);
    if (!cover_counts(request) || near_ms >= last_ms ||
        !pct_cover_worst(request->cover, c->unit_index, &harm))
        return;
    c->reason = (pct_reason){.message = PCT_MSG_PASSED_COVER,
                             .param_count = 5,
                             .params = {pct_reason_integer(seconds(last_ms - near_ms)),
                                        pct_reason_integer(seconds(c->travel_ms)), place_of(&harm),
                                        pct_reason_clock(seconds((uint64_t)harm.before_ms)),
                                        pct_reason_clock(seconds((uint64_t)harm.after_ms))}};
}

const pct_policy pct_policy_nearest_with_cover = {"nearest_with_cover", PCT_MSG_POLICY_NEAREST_WITH_COVER,
                                                  weigh, explain_ranked, explain_passed};
