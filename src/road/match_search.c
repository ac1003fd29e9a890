/* Steps between candidates. A step costs |way on the road − straight line| ÷ beta (Newson and Krumm's exponential); beta
 * grows with the time between two positions, for the longer that is the less a road is straight.
 *
 * The ways from one candidate are found by a search over nodes in order of length, which stops as soon as no better step can
 * come: a way whose cost alone makes its end dearer than what is known of it, or than the best candidate and BEAM_NAT,
 * is not followed, nor one that leads away so far that the position cannot be reached within the bound (an ellipse around the two
 * positions). Cheap candidates go first, so that bounds are tight. Where positions are a second apart, a search sees a handful of nodes. Their
 * labels lie in a hash table, so that memory does not depend on the network.
 *
 * Turning round costs TURN_NAT, be it in the middle of a segment or at a node: otherwise noise would turn units about. */
#include <math.h>

#include "road/match_state.h"

enum {
    BEAM_NAT = 20,     /* candidates that cost so much more than the best of their position are given up */
    NEAR_NAT = 16,     /* ways that cost more are followed only when there is no other */
    TURN_NAT = 14,     /* turning round */
    WIDE_MM = 2000000, /* how much longer than straight a way may be when there is no other */
    WIDE_SHARE = 3,    /* and so many times the straight line more */
    NO_MM = INT32_MAX, /* no way */
    TABLE = 2 * PCT_MATCH_LABELS,
    QUEUE = 4 * PCT_MATCH_LABELS
};
static const double mm_per_m = 1000.0;

/* --- the search --------------------------------------------------------------------------------------------------- */

typedef struct target {
    uint32_t arc_segment, tail;
    int64_t offset_mm;
    int64_t found_mm; /* NO_MM */
    bool turned;
} target;

typedef struct hunt {
    pct_matcher *m;
    const pct_match_state *from;
    target targets[PCT_MATCH_STATES_MAX];
    int count, left;
    uint64_t tails; /* a bit for tail mod 64 */
    int64_t bound_mm;
    pct_position goal; /* no target is farther from it than goal_mm */
    int64_t goal_mm;
} hunt;

static uint32_t tail_of(const pct_network *net, uint32_t arc_segment) {
    const pct_segment *s = &net->segments[arc_segment >> 1];
    return arc_segment & 1 ? s->head : s->tail;
}

static uint32_t length_of(const pct_network *net, uint32_t arc_segment) {
    return net->segments[arc_segment >> 1].length_mm;
}

/* NULL when the table is full. A new label has mm UINT32_MAX. */
static pct_match_label *label_of(pct_match_search *search, uint32_t node) {
    uint32_t at = (uint32_t)(node * UINT32_C(2654435769)) & (TABLE - 1);
    for (;; at = (at + 1) & (TABLE - 1)) {
        pct_match_label *label = &search->labels[at];
        if (label->round == search->round && label->node == node) return label;
        if (label->round == search->round) continue;
        if (search->used == PCT_MATCH_LABELS) return NULL;
        search->used++;
        *label = (pct_match_label){node, search->round, UINT32_MAX, PCT_NO_INDEX, 0, 0};
        return label;
    }
}

static bool goes_before(pct_match_queued a, pct_match_queued b) {
    return a.mm != b.mm ? a.mm < b.mm : a.label < b.label;
}

static void push(pct_match_search *search, pct_match_queued item) {
    pct_match_queued *queue = search->queue;
    if (search->queued == QUEUE) return;
    uint32_t i = search->queued++;
    for (; i > 0 && goes_before(item, queue[(i - 1) / 2]); i = (i - 1) / 2) queue[i] = queue[(i - 1) / 2];
    queue[i] = item;
}

static pct_match_queued pop(pct_match_search *search) {
    pct_match_queued *queue = search->queue, top = queue[0], last = queue[--search->queued];
    uint32_t i = 0, n = search->queued;
    for (uint32_t c; (c = 2 * i + 1) < n; i = c) {
        if (c + 1 < n && goes_before(queue[c + 1], queue[c])) c++;
        if (!goes_before(queue[c], last)) break;
        queue[i] = queue[c];
    }
    queue[i] = last;
    return top;
}

static void reach(hunt *h, uint32_t node, int64_t mm, uint32_t arc_segment, bool turned) {
    pct_match_search *search = &h->m->search;
    pct_match_label *label = label_of(search, node);
    if (!label || mm >= label->mm) return;
    label->mm = (uint32_t)mm;
    label->arc_segment = arc_segment;
    label->turned = turned;
    push(search, (pct_match_queued){(uint32_t)mm, (uint32_t)(label - search->labels)});
}

/* A way of mm to a node may still lead to a target within the bound. */
static bool may_arrive(const hunt *h, uint32_t node, int64_t mm) {
    const pct_matcher *m = h->m;
    if (mm > h->bound_mm) return false;
    double room_m = ((double)(h->bound_mm - mm) / m->straight_min + (double)h->goal_mm) / mm_per_m;
    pct_position p = m->net->node_position[node];
    double x = ((double)p.lon_e7 - h->goal.lon_e7) * m->plane.m_per_e7_lon;
    double y = ((double)p.lat_e7 - h->goal.lat_e7) * m->plane.m_per_e7_lat;
    return x * x + y * y <= room_m * room_m;
}

static void look_for_targets(hunt *h, const pct_match_label *label) {
    if (!(h->tails >> (label->node & 63) & 1)) return;
    for (int i = 0; i < h->count; i++) {
        target *t = &h->targets[i];
        if (t->tail != label->node || t->found_mm != NO_MM) continue;
        int64_t mm = label->mm + t->offset_mm;
        h->left--;
        if (mm > h->bound_mm) continue;
        t->found_mm = mm;
        t->turned = label->turned || t->arc_segment == (label->arc_segment ^ 1);
    }
}

static void go_on_from(hunt *h, const pct_match_label *label) {
    const pct_network *net = h->m->net;
    for (uint32_t a = net->first_arc[label->node]; a < net->first_arc[label->node + 1]; a++) {
        uint32_t arc_segment = net->arc_segment[a];
        int64_t mm = (int64_t)label->mm + length_of(net, arc_segment);
        if (pct_match_may_drive(h->m, arc_segment) && may_arrive(h, net->arc_head[a], mm))
            reach(h, net->arc_head[a], mm, arc_segment, label->turned);
    }
}

static void run(hunt *h) {
    pct_match_search *search = &h->m->search;
    const pct_network *net = h->m->net;
    uint32_t arc = h->from->arc_segment, back = arc ^ 1;
    if (++search->round == 0) {
        for (int i = 0; i < TABLE; i++) search->labels[i].round = 0;
        search->round = 1;
    }
    search->used = search->queued = 0;
    int64_t ahead_mm = (int64_t)length_of(net, arc) - h->from->offset_mm;
    if (may_arrive(h, tail_of(net, back), ahead_mm)) reach(h, tail_of(net, back), ahead_mm, arc, false);
    if (pct_match_may_drive(h->m, back) && may_arrive(h, tail_of(net, arc), h->from->offset_mm))
        reach(h, tail_of(net, arc), h->from->offset_mm, back, true);
    while (search->queued > 0 && h->left > 0) {
        pct_match_label *label = &search->labels[pop(search).label];
        if (label->settled) continue;
        label->settled = 1;
        look_for_targets(h, label);
        go_on_from(h, label);
    }
}

static void add_target(hunt *h, const pct_match_state *state) {
    uint32_t tail = tail_of(h->m->net, state->arc_segment);
    h->targets[h->count++] = (target){state->arc_segment, tail, state->offset_mm, NO_MM, false};
    h->tails |= UINT64_C(1) << (tail & 63);
    h->left++;
}

int pct_match_path(pct_matcher *m, const pct_match_state *a, const pct_match_state *b, bool *turned) {
    const pct_network *net = m->net;
    hunt h = {
        .m = m, .from = a, .bound_mm = b->route_mm, .goal = net->node_position[tail_of(net, b->arc_segment)]};
    int count = 0;
    add_target(&h, b);
    pct_match_plane_at(m, h.goal);
    h.bound_mm -= b->offset_mm;
    h.goal_mm = 10; /* for rounding */
    h.targets[0].offset_mm = 0;
    run(&h);
    *turned = false;
    if (PCT_NEVER(h.targets[0].found_mm == NO_MM)) return 0;
    const pct_match_label *label = label_of(&m->search, tail_of(net, b->arc_segment));
    int64_t first_mm = (int64_t)length_of(net, a->arc_segment) - a->offset_mm;
    for (;;) {
        bool begins =
            (label->arc_segment == a->arc_segment && label->mm == first_mm && !label->turned) ||
            (label->arc_segment == (a->arc_segment ^ 1) && label->mm == a->offset_mm && label->turned);
        if (begins || PCT_NEVER(count == PCT_MATCH_LABELS)) break;
        m->search.path[count++] = label->arc_segment;
        label = label_of(&m->search, tail_of(net, label->arc_segment));
    }
    *turned = label->turned;
    return count;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

typedef struct joining {
    pct_matcher *m;
    const pct_match_step *from;
    pct_match_step *to;
    int64_t straight_mm, beta_mm, most_mm; /* no way is longer */
    int64_t slack_mm;
    int64_t goal_mm;
    int64_t best[PCT_MATCH_STATES_MAX]; /* of a chain up to the step to the candidate, without its own cost */
    int64_t total;                      /* the least with its own */
} joining;

static int64_t price(const joining *j, int64_t route_mm) {
    int64_t off_mm = route_mm > j->straight_mm ? route_mm - j->straight_mm : j->straight_mm - route_mm;
    return off_mm * PCT_MATCH_NAT / j->beta_mm;
}

static void consider(joining *j, int i, int k, int64_t route_mm, pct_match_way way, bool turned) {
    if (route_mm > j->most_mm || route_mm > j->straight_mm + j->slack_mm) return;
    pct_match_state *state = &j->to->states[k];
    int64_t cost = j->from->states[i].cost + price(j, route_mm) + (turned ? TURN_NAT * PCT_MATCH_NAT : 0);
    if (cost >= j->best[k]) return;
    j->best[k] = cost;
    state->parent = (uint8_t)i;
    state->way = (uint8_t)way;
    state->route_mm = (uint32_t)route_mm;
    if (cost + state->cost < j->total) j->total = cost + state->cost;
}

/* Steps that stay on the segment. */
static void stay(joining *j, int i) {
    const pct_match_state *a = &j->from->states[i];
    for (int k = 0; k < j->to->count; k++) {
        const pct_match_state *b = &j->to->states[k];
        if (b->arc_segment >> 1 != a->arc_segment >> 1) continue;
        bool turned = b->arc_segment != a->arc_segment;
        int64_t at_mm = turned ? (int64_t)length_of(j->m->net, b->arc_segment) - b->offset_mm : b->offset_mm;
        int64_t on_mm = at_mm - (int64_t)a->offset_mm;
        if (turned)
            consider(j, i, k, on_mm < 0 ? -on_mm : on_mm, PCT_MATCH_TURNED, true);
        else if (on_mm >= -j->m->back_mm)
            consider(j, i, k, on_mm < 0 ? 0 : on_mm, PCT_MATCH_ALONG, false);
    }
}

/* How dear a chain may become by a step before no candidate wants it any more. */
static int64_t dearest(const joining *j) {
    int64_t most = INT64_MIN;
    for (int k = 0; k < j->to->count; k++) {
        int64_t wanted = j->best[k];
        if (j->total != PCT_MATCH_NEVER &&
            j->total + BEAM_NAT * PCT_MATCH_NAT - j->to->states[k].cost < wanted)
            wanted = j->total + BEAM_NAT * PCT_MATCH_NAT - j->to->states[k].cost;
        if (wanted > most) most = wanted;
    }
    return most;
}

static void leave(joining *j, int i) {
    const pct_match_state *a = &j->from->states[i];
    int64_t most = dearest(j), excess_mm = j->slack_mm;
    if (most <= a->cost) return;
    if (most != PCT_MATCH_NEVER && (most - a->cost) * j->beta_mm / PCT_MATCH_NAT + 1 < excess_mm)
        excess_mm = (most - a->cost) * j->beta_mm / PCT_MATCH_NAT + 1;
    hunt h = {.m = j->m, .from = a, .goal = j->to->fix.position, .goal_mm = j->goal_mm};
    h.bound_mm = j->straight_mm + excess_mm < j->most_mm ? j->straight_mm + excess_mm : j->most_mm;
    for (int k = 0; k < j->to->count; k++) add_target(&h, &j->to->states[k]);
    run(&h);
    for (int k = 0; k < h.count; k++)
        if (h.targets[k].found_mm != NO_MM)
            consider(j, i, k, h.targets[k].found_mm, PCT_MATCH_SEARCHED, h.targets[k].turned);
}

/* The candidates that are still in the running, the cheapest first. */
static int order_states(const pct_match_step *step, uint8_t order[PCT_MATCH_STATES_MAX]) {
    int count = 0;
    for (int i = 0; i < step->count; i++) {
        if (step->states[i].cost == PCT_MATCH_NEVER) continue;
        int at = count++;
        for (; at > 0 && step->states[i].cost < step->states[order[at - 1]].cost; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)i;
    }
    return count;
}

static void take_out_lost(joining *j) {
    pct_match_step *to = j->to;
    int count = 0;
    for (int k = 0; k < to->count; k++) {
        if (j->best[k] == PCT_MATCH_NEVER) continue;
        int64_t cost = j->best[k] + to->states[k].cost;
        if (cost > j->total + BEAM_NAT * PCT_MATCH_NAT) continue;
        to->states[count] = to->states[k];
        to->states[count++].cost = cost;
    }
    to->count = to->alive = count;
}

/* The scale of a step's cost. */
static int64_t beta_of(const pct_matcher *m, int64_t apart_ms) {
    const int64_t mm_per_s = 700;
    return m->sigma_mm / 2 + mm_per_s * apart_ms / 1000;
}

int pct_match_join(pct_matcher *m, const pct_match_step *from, pct_match_step *to) {
    uint8_t order[PCT_MATCH_STATES_MAX];
    int64_t apart_ms = to->fix.at_ms - pct_match_left_ms(from);
    joining j = {.m = m, .from = from, .to = to, .total = PCT_MATCH_NEVER};
    int count = order_states(from, order);
    j.straight_mm = pct_match_straight_mm(m, from->fix.position, to->fix.position);
    j.beta_mm = beta_of(m, apart_ms);
    j.most_mm = (int64_t)(m->speed_max_mps * (double)apart_ms) + 2 * m->radius_mm;
    for (int k = 0; k < to->count; k++) {
        j.best[k] = PCT_MATCH_NEVER;
        if (to->states[k].away_mm > j.goal_mm) j.goal_mm = to->states[k].away_mm;
    }
    j.goal_mm += 1000;
    pct_match_plane_at(m, to->fix.position);
    const int64_t slacks[] = {NEAR_NAT * j.beta_mm, WIDE_MM + WIDE_SHARE * j.straight_mm};
    for (int pass = 0; pass < 2 && j.total == PCT_MATCH_NEVER && j.straight_mm <= j.most_mm; pass++) {
        j.slack_mm = slacks[pass];
        for (int i = 0; i < count; i++) {
            stay(&j, order[i]);
            leave(&j, order[i]);
        }
    }
    take_out_lost(&j);
    return to->count;
}
