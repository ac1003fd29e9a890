/* Best insertion with blinks: every place of every round is judged in O(1), cheapest first is kept, and whether it fits is asked only of
 * what is cheaper than the best so far. Blinks: Christiaens, Vanden Berghe, "Slack induction by string removals for vehicle routing
 * problems", 2020, section 5.3; the number of places until the next blink is drawn at once. O(modes × stops) a demand. */
#include "patrol/insert.h"

#include <math.h>

static uint32_t draw_left(pct_blink *blink) {
    double u = 1.0 - pct_rng_unit(blink->rng);
    double places = log(u) / blink->log_open;
    return places > 1e9 ? 1000000000U : (uint32_t)places;
}

pct_blink pct_blink_init(pct_rng *rng, double rate) {
    pct_blink blink = {rng, log1p(-rate), 0};
    blink.left = draw_left(&blink);
    return blink;
}

static bool blinks(pct_blink *blink) {
    if (!blink) return false;
    if (blink->left--) return false;
    blink->left = draw_left(blink);
    return true;
}

static bool try_round(pct_rounds *r, int32_t unit, int32_t mode, pct_blink *blink, pct_insertion *best) {
    const pct_patrol_mode *m = &r->problem->modes[mode];
    bool found = false;
    for (int32_t s = pct_rounds_begin(r, unit); r->stops[s].next != PCT_PATROL_NONE; s = r->stops[s].next) {
        if (pct_segment_done_ms(&r->stops[s].head) > m->close_ms) break; /* and so are all behind it */
        if (blinks(blink)) continue;
        int64_t delta = pct_rounds_delta(r, mode, s);
        if (delta >= best->delta || !pct_rounds_fits(r, mode, s)) continue;
        *best = (pct_insertion){delta, mode, s};
        found = true;
    }
    return found;
}

bool pct_insert_best(pct_rounds *r, int32_t demand, pct_blink *blink, pct_insertion *out) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_demand *d = &p->demands[demand];
    bool found = false;
    *out = (pct_insertion){INT64_MAX, PCT_PATROL_NONE, PCT_PATROL_NONE};
    int32_t empty_kind =
        PCT_PATROL_NONE; /* kinds of units that stand together: the last is enough to remember */
    for (int32_t u = 0; u < p->unit_count; u++) {
        const pct_round *round = &r->rounds[u];
        if (round->closed || !pct_patrol_may_serve(p, u, demand)) continue;
        if (round->size == 0 && round->kind == empty_kind) continue;
        if (round->size == 0) empty_kind = round->kind;
        for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++)
            found |= try_round(r, u, m, blink, out);
    }
    return found;
}
