/* Exchange of tails (2-opt*; Potvin and Rousseau, "An exchange heuristic for routeing problems with time windows", 1995) over granular
 * neighbourhoods (Toth and Vigo 2003): of the demands nearest to one drawn by chance, one is drawn to come behind it. Ruin and recreate
 * moves a dozen demands at a time and so makes this change of long rounds next to never. Travel, windows and loads are judged in
 * O(1) from the stops' segments, capabilities in O(tails) where the units are of two kinds; gaps, and durations with times by hour, are
 * looked at when it is done, in O(stops of both rounds). Tails end at a post, so that only units which end alike exchange them. */
#include "patrol/tails.h"

enum { NEAR_MOST = 40 };

static bool end_alike(const pct_patrol_unit *a, const pct_patrol_unit *b) {
    return a->end == b->end && a->close_ms == b->close_ms;
}

static bool may_serve_from(const pct_rounds *r, int32_t stop, int32_t unit) {
    while (!pct_rounds_is_post(r, stop) && pct_patrol_may_serve(r->problem, unit, stop))
        stop = r->stops[stop].next;
    return pct_rounds_is_post(r, stop);
}

/* Whether the unit that has come as far as `a` can go on with `b` and all behind it. */
static bool can_go_on(const pct_rounds *r, const pct_stop *a, const pct_stop *b) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_unit *unit = &p->units[a->unit];
    if (pct_patrol_arrive_ms(p, a->to, b->from, pct_segment_done_ms(&a->head)) > b->tail.latest_ms)
        return false;
    return a->head.load + b->tail.load <= unit->capacity;
}

bool pct_tails_exchange_at(pct_rounds *r, int32_t a, int32_t b, double limit) {
    const pct_patrol_problem *p = r->problem;
    const pct_stop *x = &r->stops[a], *y = &r->stops[b], *v = &r->stops[x->next], *w = &r->stops[y->next];
    int64_t delta = (int64_t)pct_patrol_travel_cost(p, x->to, w->from) +
                    pct_patrol_travel_cost(p, y->to, v->from) - pct_patrol_travel_cost(p, x->to, v->from) -
                    pct_patrol_travel_cost(p, y->to, w->from);
    if ((double)delta >= limit) return false;
    int32_t one = x->unit, other = y->unit;
    if (!end_alike(&p->units[one], &p->units[other])) return false;
    if (!can_go_on(r, x, w) || !can_go_on(r, y, v)) return false;
    bool one_kind = r->rounds[one].kind == r->rounds[other].kind;
    if (!one_kind && !(may_serve_from(r, x->next, other) && may_serve_from(r, y->next, one))) return false;
    pct_rounds_exchange_tails(r, a, b);
    if (pct_rounds_is_kept(r, one) && pct_rounds_is_kept(r, other)) return true;
    pct_rounds_exchange_tails(r, a, b);
    return false;
}

bool pct_tails_exchange(pct_rounds *r, const pct_ruin *ruin, pct_rng *rng, double limit) {
    int32_t near_count = ruin->near_count < NEAR_MOST ? ruin->near_count : NEAR_MOST;
    int32_t a = (int32_t)pct_rng_below(rng, (uint32_t)r->problem->demand_count);
    int32_t next = (int32_t)pct_rng_below(rng, (uint32_t)near_count);
    next = ruin->near[(size_t)a * (size_t)ruin->near_count + (size_t)next];
    int32_t unit = r->stops[a].unit, other = r->stops[next].unit, b = r->stops[next].prev;
    if (unit == PCT_PATROL_NONE || other == PCT_PATROL_NONE || unit == other) return false;
    if (pct_rounds_is_post(r, b) && pct_rounds_is_post(r, r->stops[a].next)) return false; /* none is left */
    return pct_tails_exchange_at(r, a, b, limit);
}
