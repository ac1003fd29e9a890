/* Segments: what a stretch of a route is to whoever appends to it, so that two stretches are joined in O(1).
 *
 * For windows a segment keeps its least duration, the span of departures with which it has that duration, and the *time warp*, the
 * ms by which windows would have to be late; zero: it can be driven. Vidal, Crainic, Gendreau, Prins, "A hybrid genetic algorithm with
 * adaptive diversity management for a large class of vehicle routing problems with time-windows", 2013, section 4.3. Joining is
 * associative, so that a change of a route costs a few joins whatever its length.
 *
 * Where travel takes its time by the hour (pct_patrol_has_bands) nothing is joined: segments are made by driving (rounds_bands.c), and of
 * a head only its end (pct_segment_done_ms), load and warp, of a tail only latest_ms and load mean anything. */
#ifndef PCT_PATROL_SEGMENT_H
#define PCT_PATROL_SEGMENT_H

#include "patrol/problem.h"

typedef struct pct_segment {
    int64_t duration_ms;            /* least, waits and warp included */
    int64_t warp_ms;                /* 0: every window is kept */
    int64_t earliest_ms, latest_ms; /* starting in this span it takes duration_ms */
    int64_t load;
} pct_segment;

static inline pct_segment pct_segment_of(const pct_patrol_problem *p, int32_t mode) {
    const pct_patrol_mode *m = &p->modes[mode];
    return (pct_segment){m->service_ms, 0, m->open_ms, m->close_ms, p->demands[m->demand].load};
}

/* A unit's post at the start or at the end of its shift. */
static inline pct_segment pct_segment_post(const pct_patrol_unit *unit) {
    return (pct_segment){0, 0, unit->open_ms, unit->close_ms, 0};
}

static inline pct_segment pct_segment_join(const pct_segment *a, int32_t travel_ms, const pct_segment *b) {
    int64_t apart = a->duration_ms - a->warp_ms + travel_ms;
    int64_t wait = b->earliest_ms - apart - a->latest_ms;
    int64_t warp = a->earliest_ms + apart - b->latest_ms;
    if (wait < 0) wait = 0;
    if (warp < 0) warp = 0;
    int64_t earliest = b->earliest_ms - apart, latest = b->latest_ms - apart;
    if (earliest < a->earliest_ms) earliest = a->earliest_ms;
    if (latest > a->latest_ms) latest = a->latest_ms;
    return (pct_segment){a->duration_ms + b->duration_ms + travel_ms + wait, a->warp_ms + b->warp_ms + warp,
                         earliest - wait, latest + warp, a->load + b->load};
}

/* When its last service is over at the earliest; of a segment without warp. */
static inline int64_t pct_segment_done_ms(const pct_segment *s) {
    return s->earliest_ms + s->duration_ms;
}

#endif
