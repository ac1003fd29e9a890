/* Travel whose time depends on the band of hours in which it begins: the rule of problem.h and its inverse.
 *
 * Arriving: the band of the departure says when; a later band can do better only if it begins before that, so that the bands are looked at until
 * one begins too late. Leaving: some s >= t arrives in time exactly if t <= the latest s that does, and a band's latest s is its last
 * instant or arrive - T, whichever is sooner; the last band that has one is the answer. O(bands) each; nearly always one or two are looked at. */
#include "patrol/problem.h"

static int32_t band_at(const pct_patrol_problem *p, int64_t at_ms) {
    int32_t band = 0;
    while (band + 1 < p->band_count && p->band_from_ms[band + 1] <= at_ms) band++;
    return band;
}

static int32_t travel_in(const pct_patrol_problem *p, size_t cell, int32_t band) {
    return p->travel_ms[(size_t)band * (size_t)p->place_count * (size_t)p->place_count + cell];
}

int64_t pct_patrol_bands_arrive_ms(const pct_patrol_problem *p, size_t cell, int64_t leave_ms) {
    int32_t band = band_at(p, leave_ms);
    int64_t arrive_ms = leave_ms + travel_in(p, cell, band);
    while (++band < p->band_count && p->band_from_ms[band] < arrive_ms) {
        int64_t later_ms = p->band_from_ms[band] + travel_in(p, cell, band);
        if (later_ms < arrive_ms) arrive_ms = later_ms;
    }
    return arrive_ms;
}

int64_t pct_patrol_bands_leave_ms(const pct_patrol_problem *p, size_t cell, int64_t arrive_ms) {
    for (int32_t band = band_at(p, arrive_ms); band > 0; band--) {
        int64_t leave_ms = arrive_ms - travel_in(p, cell, band);
        if (band + 1 < p->band_count && leave_ms >= p->band_from_ms[band + 1])
            leave_ms = p->band_from_ms[band + 1] - 1;
        if (leave_ms >= p->band_from_ms[band]) return leave_ms;
    }
    int64_t leave_ms = arrive_ms - travel_in(p, cell, 0);
    return leave_ms < p->band_from_ms[1] ? leave_ms : p->band_from_ms[1] - 1;
}
