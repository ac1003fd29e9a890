/* The unevenness of every series (even.h) while rounds are worked on: anew for each series of which a visit comes, goes or begins at another
 * time. O(visits of the series²). */
#include "patrol/even.h"
#include "patrol/rounds.h"

pct_status pct_rounds_even_init(pct_rounds *r, pct_arena *arena, pct_error *error) {
    const pct_patrol_problem *p = r->problem;
    size_t series = (size_t)p->series_count, demands = (size_t)p->demand_count;
    r->uneven_ppm = pct_arena_alloc(arena, 3 * series + demands, sizeof *r->uneven_ppm);
    if (!r->uneven_ppm) return pct_error_memory(error, (3 * series + demands) * sizeof *r->uneven_ppm);
    r->hours_ms = r->uneven_ppm + series;
    r->begins_ms = r->hours_ms + 2 * series;
    for (size_t s = 0; s < series; s++) r->uneven_ppm[s] = 0;
    pct_even_hours(p, r->hours_ms);
    return PCT_OK;
}

void pct_rounds_even_refresh(pct_rounds *r, int32_t series) {
    int32_t count = 0;
    for (int32_t i = r->member_first[series]; i < r->member_first[series + 1]; i++)
        if (r->start_ms[r->members[i]] != PCT_PATROL_NONE) r->begins_ms[count++] = r->start_ms[r->members[i]];
    int64_t uneven_ppm = pct_even_uneven_ppm(r->begins_ms, count, r->hours_ms + 2 * (size_t)series);
    r->uneven_sum_ppm += uneven_ppm - r->uneven_ppm[series];
    r->uneven_ppm[series] = uneven_ppm;
}
