/* Rounds where travel takes its time by the hour. Since nobody who leaves later arrives earlier, a round can be driven if it can when
 * everybody leaves as soon as possible; heads know that earliest end, tails the latest arrival with which all behind it still keeps its windows.
 * An insertion between the two is judged by two legs.
 *
 * A round is driven so that it is back at its earliest and leaves as late as that allows: forward for the first, backward from it for the
 * second. Without bands that is the round of least duration; with them a later one may take less, which a limit of duration or a gap does
 * not look for: such rounds are refused though they could be driven. O(stops of the round). */
#include "patrol/rounds.h"

/* The last service behind a wait and, where the window is over, put back to its end: heads of rounds that keep no windows have warp. */
static void step(const pct_patrol_problem *p, const pct_stop *before, pct_stop *at, const pct_segment *own) {
    int64_t start_ms = pct_patrol_arrive_ms(p, before->to, at->from, pct_segment_done_ms(&before->head));
    at->head = (pct_segment){.warp_ms = before->head.warp_ms,
                             .earliest_ms = before->head.earliest_ms,
                             .latest_ms = before->head.latest_ms,
                             .load = before->head.load + own->load};
    if (start_ms < own->earliest_ms) start_ms = own->earliest_ms;
    if (start_ms > own->latest_ms) {
        at->head.warp_ms += start_ms - own->latest_ms;
        start_ms = own->latest_ms;
    }
    at->head.duration_ms = start_ms + own->duration_ms - at->head.earliest_ms;
}

static pct_segment own(const pct_rounds *r, int32_t stop) {
    return pct_rounds_is_post(r, stop) ? pct_segment_post(&r->problem->units[r->stops[stop].unit])
                                       : pct_segment_of(r->problem, r->stops[stop].mode);
}

/* The latest arrival at a stop from which the next is come to by arrive_ms. */
static int64_t latest(const pct_patrol_problem *p, const pct_segment *own, int32_t to, int32_t next_from,
                      int64_t arrive_ms) {
    int64_t start_ms = pct_patrol_leave_ms(p, to, next_from, arrive_ms) - own->duration_ms;
    return start_ms < own->latest_ms ? start_ms : own->latest_ms;
}

void pct_rounds_bands_refresh(pct_rounds *r, int32_t unit, int32_t stop) {
    const pct_patrol_problem *p = r->problem;
    int32_t begin = pct_rounds_begin(r, unit), end = begin + 1;
    if (stop == begin) {
        r->stops[begin].head = pct_segment_post(&p->units[unit]);
        stop = r->stops[begin].next;
    }
    for (int32_t s = stop; s != PCT_PATROL_NONE; s = r->stops[s].next) {
        const pct_segment self = own(r, s);
        step(p, &r->stops[r->stops[s].prev], &r->stops[s], &self);
    }
    pct_stop *last = &r->stops[end], *first = &r->stops[begin];
    last->tail = pct_segment_post(&p->units[unit]);
    int64_t arrive_ms = pct_segment_done_ms(&last->head); /* with which the round is back at its earliest */
    for (int32_t s = last->prev; s != PCT_PATROL_NONE; s = r->stops[s].prev) {
        const pct_segment self = own(r, s);
        pct_stop *at = &r->stops[s];
        const pct_stop *behind = &r->stops[at->next];
        at->tail = (pct_segment){.earliest_ms = self.earliest_ms,
                                 .latest_ms = latest(p, &self, at->to, behind->from, behind->tail.latest_ms),
                                 .load = self.load + behind->tail.load};
        arrive_ms = latest(p, &self, at->to, behind->from, arrive_ms);
    }
    first->tail.earliest_ms = last->head.earliest_ms = arrive_ms;
    last->head.duration_ms += p->units[unit].open_ms - arrive_ms;
    first->tail.duration_ms = last->head.duration_ms;
    first->tail.warp_ms = last->head.warp_ms;
}

int64_t pct_rounds_bands_leave_ms(const pct_rounds *r, int32_t mode, int32_t after, int64_t *back_ms) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_mode *m = &p->modes[mode];
    const pct_segment inserted = pct_segment_of(p, mode);
    int32_t s = after, place = r->stops[after].to;
    int64_t at_ms = pct_segment_done_ms(&r->stops[after].head);
    at_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
    at_ms = (at_ms < m->open_ms ? m->open_ms : at_ms) + m->service_ms;
    place = m->to;
    while (!pct_rounds_is_post(r, s = r->stops[s].next)) {
        const pct_patrol_mode *n = &p->modes[r->stops[s].mode];
        at_ms = pct_patrol_arrive_ms(p, place, n->from, at_ms);
        at_ms = (at_ms < n->open_ms ? n->open_ms : at_ms) + n->service_ms;
        place = n->to;
    }
    *back_ms = at_ms = pct_patrol_arrive_ms(p, place, r->stops[s].from, at_ms);
    int32_t next_from = r->stops[s].from;
    while ((s = r->stops[s].prev) != PCT_PATROL_NONE) {
        if (s == after) {
            at_ms = latest(p, &inserted, m->to, next_from, at_ms);
            next_from = m->from;
        }
        const pct_segment self = own(r, s);
        at_ms = latest(p, &self, r->stops[s].to, next_from, at_ms);
        next_from = r->stops[s].from;
    }
    return at_ms;
}
