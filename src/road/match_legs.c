/* From decided candidates to legs: the way between two of them in pieces, each with its time. The time between is shared out
 * by what the pieces take at the road's own speeds, so that a slow street beside a fast one keeps its part of it. */
#include "road/match_state.h"

static uint32_t length_of(const pct_matcher *m, uint32_t arc_segment) {
    return m->net->segments[arc_segment >> 1].length_mm;
}

/* --- the leg under way -------------------------------------------------------------------------------------------- */

/* A leg without length is left out, unless a unit stood there or it is the only one of its chain. */
static void end_leg(pct_matcher *m, int64_t at_ms, bool is_only) {
    pct_match_driving *d = &m->driving;
    if (d->is_on && (d->at_mm > d->from_mm || d->stood_ms > 0 || is_only)) {
        uint32_t length_mm = length_of(m, d->arc_segment);
        bool backward = d->arc_segment & 1;
        const pct_match_leg leg = {.chain = m->chain,
                                   .segment = d->arc_segment >> 1,
                                   .from_mm = backward ? length_mm - d->from_mm : d->from_mm,
                                   .to_mm = backward ? length_mm - d->at_mm : d->at_mm,
                                   .from_ms = d->from_ms,
                                   .to_ms = at_ms,
                                   .stood_ms = d->stood_ms,
                                   .backward = backward};
        m->counters.legs++;
        m->counters.distance_mm += d->at_mm - d->from_mm;
        m->sink.leg(m->sink.context, &leg);
    }
    d->is_on = false;
}

static void begin_leg(pct_matcher *m, uint32_t arc_segment, uint32_t offset_mm, int64_t at_ms) {
    m->driving = (pct_match_driving){.is_on = true,
                                     .arc_segment = arc_segment,
                                     .from_mm = offset_mm,
                                     .at_mm = offset_mm,
                                     .from_ms = at_ms};
}

static void stand(pct_matcher *m, const pct_match_step *step) {
    int64_t stood_ms = pct_match_left_ms(step) - step->fix.at_ms;
    if (m->driving.is_on)
        m->driving.stood_ms += (uint32_t)(stood_ms < UINT32_MAX / 2 ? stood_ms : UINT32_MAX / 2);
}

/* --- ways --------------------------------------------------------------------------------------------------------- */

/* A piece of a way, offsets along the way that is driven. */
typedef struct piece {
    uint32_t arc_segment, from_mm, to_mm;
} piece;

static uint64_t weight_of(const pct_matcher *m, piece p) {
    uint32_t length_mm = length_of(m, p.arc_segment);
    bool backward = p.arc_segment & 1;
    if (p.to_mm <= p.from_mm) return 0;
    uint32_t ms = pct_road_piece_ms(m->road, p.arc_segment >> 1, backward ? length_mm - p.from_mm : p.from_mm,
                                    backward ? length_mm - p.to_mm : p.to_mm);
    return (uint64_t)ms + 1;
}

typedef struct way {
    int64_t from_ms, to_ms;
    uint64_t done, whole; /* weights */
} way;

static int64_t time_at(const way *w) {
    if (w->whole == 0) return w->to_ms;
    return w->from_ms + (int64_t)((double)(w->to_ms - w->from_ms) * (double)w->done / (double)w->whole);
}

/* `fresh`: it is a new stretch even if it is of the same segment, for it was driven to its end before. */
static void drive(pct_matcher *m, way *w, piece p, bool fresh) {
    pct_match_driving *d = &m->driving;
    if (fresh || !d->is_on || d->arc_segment != p.arc_segment) {
        end_leg(m, time_at(w), false);
        begin_leg(m, p.arc_segment, p.from_mm, time_at(w));
    }
    if (p.to_mm > d->at_mm) d->at_mm = p.to_mm;
    w->done += weight_of(m, p);
}

static void drive_path(pct_matcher *m, way *w, const pct_match_state *a, const pct_match_state *b) {
    bool turned;
    int count = pct_match_path(m, a, b, &turned);
    uint32_t arc = turned ? a->arc_segment ^ 1 : a->arc_segment, length_mm = length_of(m, arc);
    const piece first = {arc, turned ? length_mm - a->offset_mm : a->offset_mm, length_mm};
    const piece last = {b->arc_segment, 0, b->offset_mm};
    w->whole = weight_of(m, first) + weight_of(m, last);
    for (int i = 0; i < count; i++)
        w->whole += weight_of(m, (piece){m->search.path[i], 0, length_of(m, m->search.path[i])});
    drive(m, w, first, false);
    for (int i = count; i-- > 0;)
        drive(m, w, (piece){m->search.path[i], 0, length_of(m, m->search.path[i])}, true);
    drive(m, w, last, true);
}

static void drive_back(pct_matcher *m, way *w, const pct_match_state *a, const pct_match_state *b) {
    uint32_t length_mm = length_of(m, a->arc_segment), turn_mm = length_mm - b->offset_mm;
    if (turn_mm < m->driving.at_mm) turn_mm = m->driving.at_mm; /* as far as it has come, or farther */
    const piece there = {a->arc_segment, a->offset_mm, turn_mm};
    const piece back = {b->arc_segment, length_mm - turn_mm, b->offset_mm};
    w->whole = weight_of(m, there) + weight_of(m, back);
    drive(m, w, there, false);
    drive(m, w, back, true);
}

void pct_match_begin_legs(pct_matcher *m, const pct_match_step *step, const pct_match_state *state) {
    begin_leg(m, state->arc_segment, state->offset_mm, step->fix.at_ms);
    m->driving.is_first = true;
}

void pct_match_go_on(pct_matcher *m, const pct_match_step *from, const pct_match_state *a,
                     const pct_match_step *to, const pct_match_state *b) {
    way w = {.from_ms = pct_match_left_ms(from), .to_ms = to->fix.at_ms};
    stand(m, from);
    if (b->way == PCT_MATCH_SEARCHED) {
        drive_path(m, &w, a, b);
    } else if (b->way == PCT_MATCH_TURNED) {
        drive_back(m, &w, a, b);
    } else {
        const piece along = {b->arc_segment, a->offset_mm, b->offset_mm};
        w.whole = weight_of(m, along);
        drive(m, &w, along, false);
    }
}

void pct_match_end_legs(pct_matcher *m, const pct_match_step *last) {
    stand(m, last);
    end_leg(m, last->until_ms, m->driving.is_first);
}
