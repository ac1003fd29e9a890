/* Exchange of short runs (CROSS; Taillard, Badeau, Gendreau, Guertin, Potvin, "A tabu search heuristic for the vehicle routing problem with soft
 * time windows", 1997), one of which may be empty, over the same granular neighbourhoods as tails.c. Where loads or hours leave little room, one
 * demand finds a place only when another leaves it. Travel, windows and loads are judged in O(length of the runs) from the segments around
 * them; durations
 * and gaps are looked at when it is done. */
#include "patrol/swaps.h"

enum { NEAR_MOST = 40 };

/* Of one round: the stop before the run that goes, the one behind it, and the run that comes. */
typedef struct change {
    int32_t before, behind, first, last;
    int64_t load; /* that comes less that goes */
} change;

static int64_t cost(const pct_rounds *r, int32_t from, int32_t to) {
    return pct_patrol_travel_cost(r->problem, r->stops[from].to, r->stops[to].from);
}

/* The last stop of the run of `count` behind `before`: `before` itself for none, a post where the round is shorter. */
static int32_t run_end(const pct_rounds *r, int32_t before, int32_t count) {
    int32_t s = before;
    for (int32_t i = 0; i < count; i++) {
        s = r->stops[s].next;
        if (pct_rounds_is_post(r, s)) return PCT_PATROL_NONE;
    }
    return s;
}

static int64_t run_load(const pct_rounds *r, int32_t before, int32_t last) {
    int64_t load = 0;
    for (int32_t s = before; s != last;) {
        s = r->stops[s].next;
        load += r->problem->demands[s].load;
    }
    return load;
}

/* Whether the unit can drive its round with the run that comes. */
static bool can_drive(const pct_rounds *r, const change *c) {
    const pct_patrol_problem *p = r->problem;
    int32_t unit = r->stops[c->before].unit, place = r->stops[c->before].to;
    int64_t at_ms = pct_segment_done_ms(&r->stops[c->before].head);
    if (r->stops[pct_rounds_begin(r, unit)].tail.load + c->load > p->units[unit].capacity) return false;
    for (int32_t s = c->first; s != PCT_PATROL_NONE; s = s == c->last ? PCT_PATROL_NONE : r->stops[s].next) {
        const pct_patrol_mode *m = &p->modes[r->stops[s].mode];
        if (!pct_patrol_may_serve(p, unit, s)) return false;
        at_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
        if (at_ms > m->close_ms) return false;
        at_ms = (at_ms < m->open_ms ? m->open_ms : at_ms) + m->service_ms;
        place = m->to;
    }
    return pct_patrol_arrive_ms(p, place, r->stops[c->behind].from, at_ms) <=
           r->stops[c->behind].tail.latest_ms;
}

static void do_it(pct_rounds *r, const pct_swap *swap, int32_t last_out, int32_t last_in) {
    pct_rounds_exchange_tails(r, swap->a, swap->b);
    pct_rounds_exchange_tails(r, last_in, last_out == swap->a ? swap->b : last_out);
}

bool pct_swaps_exchange_at(pct_rounds *r, const pct_swap *swap, double limit) {
    int32_t a = swap->a, b = swap->b, last_out = run_end(r, a, swap->out), last_in = run_end(r, b, swap->in);
    if (last_out == PCT_PATROL_NONE || last_in == PCT_PATROL_NONE) return false;
    int32_t out = swap->out ? r->stops[a].next : PCT_PATROL_NONE, in = r->stops[b].next;
    int32_t v = r->stops[last_out].next, w = r->stops[last_in].next;
    int64_t delta = cost(r, a, in) + cost(r, last_in, v) - cost(r, a, r->stops[a].next) - cost(r, b, in) -
                    cost(r, last_in, w);
    delta += swap->out ? cost(r, b, out) + cost(r, last_out, w) - cost(r, last_out, v) : cost(r, b, w);
    if ((double)delta >= limit) return false;
    if (!swap->out && pct_rounds_is_post(r, b) && pct_rounds_is_post(r, w)) return false;
    int64_t load = run_load(r, b, last_in) - run_load(r, a, last_out);
    if (!can_drive(r, &(change){a, v, in, last_in, load})) return false;
    if (!can_drive(r, &(change){b, w, out, last_out, -load})) return false;
    int32_t one = r->stops[a].unit, other = r->stops[b].unit;
    do_it(r, swap, last_out, last_in);
    if (pct_rounds_is_kept(r, one) && pct_rounds_is_kept(r, other)) return true;
    do_it(r, swap, last_in, last_out); /* what came goes */
    return false;
}

bool pct_swaps_exchange(pct_rounds *r, const pct_ruin *ruin, pct_rng *rng, double limit) {
    int32_t near_count = ruin->near_count < NEAR_MOST ? ruin->near_count : NEAR_MOST;
    int32_t a = (int32_t)pct_rng_below(rng, (uint32_t)r->problem->demand_count);
    int32_t next = (int32_t)pct_rng_below(rng, (uint32_t)near_count);
    uint32_t runs = pct_rng_below(rng, (PCT_SWAPS_RUN_MAX + 1) * PCT_SWAPS_RUN_MAX);
    next = ruin->near[(size_t)a * (size_t)ruin->near_count + (size_t)next];
    int32_t unit = r->stops[a].unit, other = r->stops[next].unit;
    if (unit == PCT_PATROL_NONE || other == PCT_PATROL_NONE || unit == other) return false;
    pct_swap swap = {a, r->stops[next].prev, (int32_t)(runs % (PCT_SWAPS_RUN_MAX + 1)),
                     (int32_t)(runs / (PCT_SWAPS_RUN_MAX + 1)) + 1};
    return pct_swaps_exchange_at(r, &swap, limit);
}
