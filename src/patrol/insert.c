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

/* The cheapest place of the round below best->delta. */
static bool scan_round(pct_rounds *r, int32_t unit, int32_t demand, pct_insertion *best) {
    const pct_patrol_demand *d = &r->problem->demands[demand];
    bool found = false;
    for (int32_t mode = d->first_mode; mode < d->first_mode + d->mode_count; mode++) {
        const pct_patrol_mode *m = &r->problem->modes[mode];
        for (int32_t s = pct_rounds_begin(r, unit), next; (next = r->stops[s].next) != PCT_PATROL_NONE;
             s = next) {
            if (pct_segment_done_ms(&r->stops[s].head) > m->close_ms) break; /* and so are all behind it */
            if (r->stops[next].tail.latest_ms < m->open_ms + m->service_ms) continue;
            int64_t delta = pct_rounds_delta(r, mode, s);
            if (delta >= best->delta || !pct_rounds_fits_alone(r, mode, s)) continue;
            *best = (pct_insertion){delta, mode, s};
            found = true;
        }
    }
    return found;
}

/* The same with all that counts asked of each: gaps, and blinks. */
static bool scan_again(pct_rounds *r, int32_t unit, int32_t demand, const pct_insertion *but,
                       pct_blink *blink, pct_insertion *best) {
    const pct_patrol_demand *d = &r->problem->demands[demand];
    bool found = false;
    for (int32_t mode = d->first_mode; mode < d->first_mode + d->mode_count; mode++)
        for (int32_t s = pct_rounds_begin(r, unit); r->stops[s].next != PCT_PATROL_NONE;
             s = r->stops[s].next) {
            if (pct_segment_done_ms(&r->stops[s].head) > r->problem->modes[mode].close_ms) break;
            if (mode == but->mode && s == but->after) continue;
            int64_t delta = pct_rounds_delta(r, mode, s);
            if (delta >= best->delta || blinks(blink) || !pct_rounds_fits(r, mode, s)) continue;
            *best = (pct_insertion){delta, mode, s};
            found = true;
        }
    return found;
}

static bool try_round(pct_rounds *r, int32_t unit, int32_t demand, pct_blink *blink, pct_insertion *best) {
    pct_tried *t =
        &r->tried[((size_t)demand * (size_t)r->problem->unit_count + (size_t)unit) & r->tried_mask];
    bool known = t->version == r->rounds[unit].version && t->demand == demand;
    if (known && t->insertion.delta >= best->delta) return false;
    if (!known || t->insertion.mode == PCT_PATROL_NONE) {
        *t = (pct_tried){r->rounds[unit].version, demand, {best->delta, PCT_PATROL_NONE, PCT_PATROL_NONE}};
        if (!scan_round(r, unit, demand, &t->insertion)) return false;
    }
    if (blinks(blink) || (r->members && !pct_gaps_allow(r, t->insertion.mode, t->insertion.after)))
        return scan_again(r, unit, demand, &t->insertion, blink, best);
    *best = t->insertion;
    return true;
}

bool pct_insert_best(pct_rounds *r, int32_t demand, pct_blink *blink, pct_insertion *out) {
    const pct_patrol_problem *p = r->problem;
    bool found = false;
    *out = (pct_insertion){INT64_MAX, PCT_PATROL_NONE, PCT_PATROL_NONE};
    int32_t empty_kind =
        PCT_PATROL_NONE; /* kinds of units that stand together: the last is enough to remember */
    for (int32_t u = 0; u < p->unit_count; u++) {
        const pct_round *round = &r->rounds[u];
        if (round->closed || !pct_patrol_may_serve(p, u, demand)) continue;
        if (round->size == 0 && round->kind == empty_kind) continue;
        if (round->size == 0) empty_kind = round->kind;
        found |= try_round(r, u, demand, blink, out);
    }
    return found;
}
