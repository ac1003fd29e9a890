/* A lower bound on travel without search: every must has to be come to from somewhere, at least from what is nearest. */
#include "patrol/solve.h"

static int64_t least_into(const pct_patrol_problem *p, int32_t mode) {
    int32_t place = p->modes[mode].from;
    int64_t least = INT64_MAX;
    for (int32_t u = 0; u < p->unit_count; u++) {
        int64_t cost = pct_patrol_travel_cost(p, p->units[u].start, place);
        if (cost < least) least = cost;
    }
    for (int32_t m = 0; m < p->mode_count; m++) {
        if (p->modes[m].demand == p->modes[mode].demand) continue;
        int64_t cost = pct_patrol_travel_cost(p, p->modes[m].to, place);
        if (cost < least) least = cost;
    }
    return least;
}

/* From whatever is served last to a post. */
static int64_t least_home(const pct_patrol_problem *p) {
    int64_t least = INT64_MAX;
    for (int32_t m = 0; m < p->mode_count; m++)
        for (int32_t u = 0; u < p->unit_count; u++) {
            int64_t cost = pct_patrol_travel_cost(p, p->modes[m].to, p->units[u].end);
            if (cost < least) least = cost;
        }
    return least;
}

int64_t pct_patrol_travel_bound(const pct_patrol_problem *p) {
    int64_t bound = 0;
    bool any = false;
    for (int32_t d = 0; d < p->demand_count && p->unit_count; d++) {
        const pct_patrol_demand *demand = &p->demands[d];
        if (!demand->must) continue;
        int64_t least = INT64_MAX;
        for (int32_t m = demand->first_mode; m < demand->first_mode + demand->mode_count; m++) {
            int64_t into = least_into(p, m) + p->modes[m].cost;
            if (into < least) least = into;
        }
        bound += least;
        any = true;
    }
    return any ? bound + least_home(p) : 0;
}
