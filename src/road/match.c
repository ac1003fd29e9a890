/* Online Viterbi (after Šrámek, Brejová and Vinař, "On-line Viterbi algorithm for analysis of long biological sequences",
 * 2007). Each candidate counts its children in the next step; one without children cannot be on the cheapest chain any
 * more and is taken out, which may take its parent with it. A step with one candidate left is decided. Amortised O(1)
 * beside the search for steps. When the window is full, the first step is decided as the best chain so far goes through it,
 * and what does not descend from that is taken out.
 *
 * What later work found needful beside the paper: positions within two standard deviations of the last one that was taken
 * are noise of a unit that stands and only make its stop longer; a position that nothing leads to is put aside and is an
 * outlier when a way leads on past it, but the begin of a new chain when the next ones cannot be reached either. */
#include "road/match.h"

#include <math.h>

#include "base/memory.h"
#include "road/match_state.h"

static const double mm_per_m = 1000.0, plane_parts = 10000.0; /* thousandths of a degree, in e7 */
enum { SAME_SIGMAS = 2, BACK_SIGMAS = 4, WINDOW_BY_DEFAULT = 128, NO_STATE = UINT8_MAX };

/* --- measuring ---------------------------------------------------------------------------------------------------- */

void pct_match_plane_at(pct_matcher *m, pct_position origin) {
    int32_t lat = (int32_t)lrint(origin.lat_e7 / plane_parts);
    if (lat != m->plane_lat) {
        m->plane = pct_plane_at((pct_position){0, (int32_t)(lat * plane_parts)});
        m->plane.m_per_e7_lon = (double)(float)m->plane.m_per_e7_lon;
        m->plane.m_per_e7_lat = (double)(float)m->plane.m_per_e7_lat;
        m->plane_lat = lat;
    }
}

int64_t pct_match_straight_mm(pct_matcher *m, pct_position a, pct_position b) {
    pct_match_plane_at(m, (pct_position){0, a.lat_e7 / 2 + b.lat_e7 / 2});
    double x = ((double)b.lon_e7 - a.lon_e7) * m->plane.m_per_e7_lon;
    double y = ((double)b.lat_e7 - a.lat_e7) * m->plane.m_per_e7_lat;
    return llrint(sqrt(x * x + y * y) * mm_per_m);
}

/* --- the ring ----------------------------------------------------------------------------------------------------- */

static pct_match_step *step_at(pct_matcher *m, int i) {
    return &m->steps[(m->first + i) % PCT_MATCH_WINDOW_MAX];
}

/* Takes a candidate out, and its ancestors that have no other child. `i` is the step's place in the ring. */
static void take_out(pct_matcher *m, int i, int state) {
    while (i >= 0) {
        pct_match_step *step = step_at(m, i);
        pct_match_state *s = &step->states[state];
        if (s->cost == PCT_MATCH_NEVER) return;
        s->cost = PCT_MATCH_NEVER;
        step->alive--;
        if (--i < 0) return;
        pct_match_state *parent = &step_at(m, i)->states[s->parent];
        state = s->parent;
        if (--parent->children > 0) return;
    }
}

static int only_state(const pct_match_step *step) {
    for (int i = 0; i < step->count; i++)
        if (step->states[i].cost != PCT_MATCH_NEVER) return i;
    return NO_STATE;
}

/* Hands over what has one candidate left, and keeps the last such step as the place from where it goes on. */
static void decide(pct_matcher *m) {
    if (m->waiting > 0 && !m->first_is_decided && step_at(m, 0)->alive == 1) {
        const pct_match_step *step = step_at(m, 0);
        pct_match_begin_legs(m, step, &step->states[only_state(step)]);
        m->first_is_decided = true;
    }
    while (m->waiting > 1 && m->first_is_decided && step_at(m, 1)->alive == 1) {
        const pct_match_step *from = step_at(m, 0), *to = step_at(m, 1);
        pct_match_go_on(m, from, &from->states[only_state(from)], to, &to->states[only_state(to)]);
        m->first = (m->first + 1) % PCT_MATCH_WINDOW_MAX;
        m->waiting--;
    }
}

/* The candidate of the first undecided step (place `i`) that the cheapest chain goes through stays alone. */
static void settle_step(pct_matcher *m, int i) {
    const pct_match_step *last = step_at(m, m->waiting - 1);
    int best = NO_STATE;
    for (int s = 0; s < last->count; s++)
        if (last->states[s].cost != PCT_MATCH_NEVER &&
            (best == NO_STATE || last->states[s].cost < last->states[best].cost))
            best = s;
    for (int at = m->waiting - 1; at > i; at--) best = step_at(m, at)->states[best].parent;
    uint8_t stays[2][PCT_MATCH_STATES_MAX] = {{0}};
    stays[0][best] = 1;
    for (int at = i; at < m->waiting; at++) {
        pct_match_step *step = step_at(m, at);
        uint8_t *here = stays[(at - i) & 1], *next = stays[(at - i + 1) & 1];
        for (int s = 0; s < step->count && at > i; s++)
            here[s] = step->states[s].cost != PCT_MATCH_NEVER && next[step->states[s].parent];
        for (int s = 0; s < step->count; s++)
            if (!here[s] && step->states[s].cost != PCT_MATCH_NEVER) {
                step->states[s].cost = PCT_MATCH_NEVER;
                step->alive--;
            }
    }
}

/* --- chains ------------------------------------------------------------------------------------------------------- */

static void miss(pct_matcher *m, pct_match_fix fix, pct_match_reason reason) {
    m->counters.unmatched++;
    if (!m->sink.miss) return;
    pct_match_plane_at(m, fix.position);
    const pct_match_miss missed = {fix, reason, pct_match_nearest_m(m, fix.position)};
    m->sink.miss(m->sink.context, &missed);
}

static void end_chain(pct_matcher *m) {
    if (m->waiting == 0) return;
    const pct_match_step *first = step_at(m, 0);
    if (m->waiting == 1 && first->states[0].way == PCT_MATCH_START && first->until_ms == first->fix.at_ms) {
        m->waiting = 0;
        m->first_is_decided = false;
        miss(m, first->fix, PCT_MATCH_ALONE);
        return;
    }
    while (m->waiting > 1 || !m->first_is_decided) {
        settle_step(m, m->first_is_decided);
        decide(m);
    }
    pct_match_end_legs(m, step_at(m, 0));
    m->waiting = 0;
    m->first_is_decided = false;
    m->chain++;
    m->counters.chains++;
}

/* The next place in the ring, with the candidates of a position; NULL when it has none. */
static pct_match_step *prepare(pct_matcher *m, pct_match_fix fix) {
    pct_match_step *step = step_at(m, m->waiting);
    step->fix = fix;
    step->until_ms = fix.at_ms;
    pct_match_find_states(m, step);
    return step->count > 0 ? step : NULL;
}

static void take_on(pct_matcher *m, pct_match_step *step) {
    if (m->waiting > 0) {
        pct_match_step *before = step_at(m, m->waiting - 1);
        for (int i = 0; i < before->count; i++) before->states[i].children = 0;
        for (int i = 0; i < step->count; i++) before->states[step->states[i].parent].children++;
    }
    m->waiting++;
    for (int i = 0; m->waiting > 1 && i < step_at(m, m->waiting - 2)->count; i++)
        if (step_at(m, m->waiting - 2)->states[i].children == 0) take_out(m, m->waiting - 2, i);
    decide(m);
    while (m->waiting - m->first_is_decided > m->window) {
        settle_step(m, m->first_is_decided);
        decide(m);
    }
    uint64_t undecided = (uint64_t)(m->waiting - m->first_is_decided);
    if (undecided > m->counters.longest_wait) m->counters.longest_wait = undecided;
}

static bool is_same_place(pct_matcher *m, pct_match_fix fix) {
    return m->waiting > 0 &&
           pct_match_straight_mm(m, step_at(m, m->waiting - 1)->fix.position, fix.position) < m->same_mm;
}

static void forget_pending(pct_matcher *m) {
    for (int i = 0; i < m->pending_count; i++) miss(m, m->pending[i], PCT_MATCH_OUTLIER);
    m->pending_count = 0;
}

static void take(pct_matcher *m, pct_match_fix fix);

/* The chain has ended; what was put aside begins another. */
static void take_pending(pct_matcher *m) {
    pct_match_fix fixes[PCT_MATCH_PENDING_MAX];
    int count = m->pending_count;
    for (int i = 0; i < count; i++) fixes[i] = m->pending[i];
    m->pending_count = 0;
    end_chain(m);
    m->counters.gaps += count > 0;
    for (int i = 0; i < count; i++) take(m, fixes[i]);
}

static void take(pct_matcher *m, pct_match_fix fix) {
    if (is_same_place(m, fix)) {
        forget_pending(m);
        step_at(m, m->waiting - 1)->until_ms = fix.at_ms;
        return;
    }
    pct_match_step *step = prepare(m, fix);
    if (!step) {
        miss(m, fix, PCT_MATCH_FAR);
        return;
    }
    if (m->waiting > 0 && pct_match_join(m, step_at(m, m->waiting - 1), step) == 0) {
        m->pending[m->pending_count++] = fix;
        if (m->pending_count == PCT_MATCH_PENDING_MAX) take_pending(m);
        return;
    }
    forget_pending(m);
    take_on(m, step);
}

void pct_matcher_push(pct_matcher *m, pct_match_fix fix) {
    m->counters.positions++;
    if (fix.at_ms <= m->last_ms) {
        miss(m, fix, PCT_MATCH_LATE);
        return;
    }
    if (m->waiting > 0 && fix.at_ms - step_at(m, m->waiting - 1)->until_ms > m->gap_ms &&
        !is_same_place(m, fix)) {
        while (m->pending_count > 0) take_pending(m);
        end_chain(m);
        m->counters.gaps++;
    }
    m->last_ms = fix.at_ms;
    take(m, fix);
}

void pct_matcher_finish(pct_matcher *m) {
    while (m->pending_count > 0) take_pending(m);
    end_chain(m);
    m->last_ms = INT64_MIN;
    m->chain = 0;
}

/* --- making ------------------------------------------------------------------------------------------------------- */

static void learn_rights(pct_matcher *m) {
    const pct_network *net = m->net;
    m->straight_min = 1.0;
    for (uint32_t s = 0; s < net->segment_count; s++) {
        const pct_segment *segment = &net->segments[s];
        for (uint32_t backward = 0; backward <= 1; backward++) {
            uint32_t bit = s * 2 + backward, end_mm = segment->length_mm;
            uint32_t ms = pct_road_piece_ms(m->road, s, backward ? end_mm : 0, backward ? 0 : end_mm);
            if (end_mm > 0 && ms < PCT_NO_WAY_MS)
                m->may_drive[bit >> 3] = (uint8_t)(m->may_drive[bit >> 3] | 1U << (bit & 7));
        }
        double straight_mm = (double)pct_match_straight_mm(m, net->node_position[segment->tail],
                                                           net->node_position[segment->head]);
        double share = straight_mm > 0.0 ? (segment->length_mm + 2.0) / straight_mm : 1.0;
        if (share < m->straight_min) m->straight_min = share;
    }
    m->straight_min *= 0.999;
}

static double or_default(double given, double by_default) {
    return given > 0.0 ? given : by_default;
}

pct_status pct_matcher_new(const pct_road *road, const pct_match_options *options, const pct_match_sink *sink,
                           pct_matcher **out, pct_error *error) {
    const pct_network *net = pct_road_network(road);
    const double sigma_m = or_default(options->sigma_m, 7.0), radius_m = or_default(options->radius_m, 60.0);
    pct_matcher *m = pct_alloc_zeroed(1, sizeof *m);
    uint8_t *may_drive = pct_alloc_zeroed(net->segment_count / 4 + 1, 1);
    if (!m || !may_drive) {
        pct_free(m);
        pct_free(may_drive);
        return pct_error_memory(error, sizeof *m);
    }
    m->road = road;
    m->net = net;
    m->sink = *sink;
    m->may_drive = may_drive;
    m->plane_lat = INT32_MAX;
    m->sigma_mm = llrint(sigma_m * mm_per_m);
    m->radius_mm = llrint(radius_m * mm_per_m);
    m->same_mm = SAME_SIGMAS * m->sigma_mm;
    m->back_mm = BACK_SIGMAS * m->sigma_mm;
    m->speed_max_mps = or_default(options->speed_max_mps, 70.0);
    m->gap_ms = options->gap_ms > 0 ? options->gap_ms : 300000;
    m->window = options->window > 1 ? options->window : WINDOW_BY_DEFAULT;
    if (m->window > PCT_MATCH_WINDOW_MAX - 2) m->window = PCT_MATCH_WINDOW_MAX - 2;
    m->last_ms = INT64_MIN;
    learn_rights(m);
    *out = m;
    return PCT_OK;
}

void pct_matcher_free(pct_matcher *m) {
    if (!m) return;
    pct_free(m->may_drive);
    pct_free(m);
}

pct_match_counters pct_matcher_counters(const pct_matcher *m) {
    return m->counters;
}
