#include "support/patrol.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "road/order.h"
#include "support/test.h"

static const double cell_m = 100.0;

enum { EVERYBODY = 15, ALONG = 5, AGAINST = 10, UNITS = 12, NODES_MAX = 12, STATES_MAX = 1 << 13 };

/* --- networks ---------------------------------------------------------------------------------------------------- */

static void add_segment(pct_network_builder *b, pct_rng *rng, uint32_t tail, uint32_t head) {
    static const uint8_t classes[] = {PCT_ROAD_PRIMARY, PCT_ROAD_TERTIARY, PCT_ROAD_RESIDENTIAL,
                                      PCT_ROAD_SERVICE};
    static const uint8_t rights[] = {EVERYBODY, EVERYBODY, EVERYBODY, EVERYBODY, ALONG, AGAINST, UNITS};
    pct_error error;
    uint32_t number;
    pct_segment s = {
        .tail = tail,
        .head = head,
        .length_mm = 20000 + pct_rng_below(rng, 200000),
        .flags = rights[pct_rng_below(rng, 7)],
        .road_class = classes[pct_rng_below(rng, 4)],
        .limit_kmh = {pct_rng_below(rng, 4) ? 0 : 30, pct_rng_below(rng, 8) ? 0 : PCT_NO_LIMIT_KMH}};
    if (pct_rng_below(rng, 10) == 0) s.flags |= PCT_SEGMENT_ROUNDABOUT;
    test_ok(pct_network_add_segment(b, &s, NULL, 0, &number, &error), &error);
}

/* A segment at a node, other than `but`; PCT_NO_INDEX without one. */
static uint32_t random_segment_at(const pct_network *net, pct_rng *rng, uint32_t node, uint32_t but) {
    uint32_t found = PCT_NO_INDEX, seen = 0;
    for (uint32_t i = 0; i < net->segment_count; i++)
        if (i != but && (net->segments[i].tail == node || net->segments[i].head == node) &&
            pct_rng_below(rng, ++seen) == 0)
            found = i;
    return found;
}

static uint32_t other_end(const pct_network *net, uint32_t segment, uint32_t node) {
    const pct_segment *s = &net->segments[segment];
    return s->tail == node ? s->head : s->tail;
}

static void add_restriction(pct_network_builder *b, const pct_network *drawn, pct_rng *rng) {
    pct_error error;
    uint32_t via[2], node = pct_rng_below(rng, drawn->node_count);
    pct_restriction r = {.via_node = node, .kind = (uint8_t)(pct_rng_below(rng, 3) == 0)};
    r.from_segment = random_segment_at(drawn, rng, node, PCT_NO_INDEX);
    if (r.from_segment == PCT_NO_INDEX) return;
    uint32_t last = r.from_segment, wanted = pct_rng_below(rng, 3);
    while (r.via_segment_count < wanted) {
        uint32_t next = random_segment_at(drawn, rng, node, last);
        if (next == PCT_NO_INDEX) return;
        via[r.via_segment_count++] = last = next;
        node = other_end(drawn, next, node);
    }
    r.to_segment = random_segment_at(drawn, rng, node, pct_rng_below(rng, 4) ? last : PCT_NO_INDEX);
    if (r.to_segment == PCT_NO_INDEX) return;
    test_ok(pct_network_add_restriction(b, &r, via, &error), &error);
}

/* The same drawing twice: restrictions refer to what the first one has. */
static void draw(pct_network_builder *b, pct_rng *rng, uint32_t nodes) {
    pct_error error;
    uint32_t side = (uint32_t)ceil(sqrt(nodes)), number;
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    for (uint32_t v = 0; v < nodes; v++) {
        double jitter_m = 60.0 * pct_rng_unit(rng);
        pct_position p = pct_plane_from_m(&plane, v % side * cell_m + jitter_m, v / side * cell_m - jitter_m);
        test_ok(pct_network_add_node(b, v, p, &number, &error), &error);
        uint32_t marks = pct_rng_below(rng, 12);
        if (marks == 0) pct_network_mark_node(b, v, PCT_NODE_SIGNALS);
        if (marks == 1) pct_network_mark_node(b, v, PCT_BARRIER_GATE | PCT_NODE_BARS_TRAFFIC);
        if (marks == 2) pct_network_mark_node(b, v, PCT_BARRIER_TOLL_BOOTH);
    }
    for (uint32_t v = 0; v < nodes; v++) {
        if (v % side + 1 < side && v + 1 < nodes && pct_rng_below(rng, 6)) add_segment(b, rng, v, v + 1);
        if (v + side < nodes && pct_rng_below(rng, 6)) add_segment(b, rng, v, v + side);
        if (pct_rng_below(rng, 15) == 0) add_segment(b, rng, v, v);
        if (pct_rng_below(rng, 10) == 0) add_segment(b, rng, v, pct_rng_below(rng, nodes));
    }
    pct_segment s = {
        .tail = 0, .head = 1, .length_mm = 50000, .flags = EVERYBODY, .road_class = PCT_ROAD_RESIDENTIAL};
    test_ok(pct_network_add_segment(b, &s, NULL, 0, &number, &error), &error);
}

void test_patrol_network(pct_rng *rng, pct_network *out) {
    pct_error error;
    pct_network_builder *b;
    pct_network drawn;
    uint32_t nodes = 2 + pct_rng_below(rng, NODES_MAX - 1);
    pct_rng again = *rng;
    test_ok(pct_network_builder_new(&b, &error), &error);
    draw(b, rng, nodes);
    test_ok(pct_network_finish(b, false, &drawn, &error), &error);
    draw(b, &again, nodes);
    for (uint32_t i = pct_rng_below(rng, 16); i > 0; i--) add_restriction(b, &drawn, rng);
    test_ok(pct_network_finish(b, false, out, &error), &error);
    ck_assert_uint_le(out->arc_count, TEST_PATROL_ARCS_MAX);
    pct_network_dispose(&drawn);
    pct_network_builder_free(b);
}

pct_speeds test_patrol_speeds(pct_rng *rng) {
    pct_speeds speeds = pct_speeds_uniform(36.0);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) speeds.patrol_kmh[c] = 20.0 + pct_rng_below(rng, 40);
    for (int k = 0; k < PCT_TURN_KINDS; k++)
        speeds.costs.turn_ms[k] = pct_rng_below(rng, 20) ? pct_rng_below(rng, 9000) : PCT_NO_WAY_MS;
    for (int b = 1; b < PCT_BARRIER_COUNT; b++)
        for (int p = 0; p < PCT_PROFILE_COUNT; p++) speeds.costs.barrier_ms[p][b] = pct_rng_below(rng, 9000);
    return speeds;
}

/* --- the slow way ------------------------------------------------------------------------------------------------- */

/* What was driven last, the newest first; PCT_NO_INDEX: nothing. */
typedef struct past {
    uint32_t arcs[TEST_PATROL_MEMORY];
} past;

typedef struct slow {
    const pct_network *net;
    const pct_speeds *speeds;
    const bool *closed;
    pct_road_point to;
    uint32_t to_node; /* PCT_NO_INDEX inside a segment */
    bool to_cut_off;
    pct_junction *junctions;
    uint32_t drive_ms[TEST_PATROL_ARCS_MAX];
    pct_map numbers; /* past → state */
    past *pasts;
    uint32_t *ms, *queue;
    uint32_t state_count, queued, best_ms;
} slow;

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t segment_of(const slow *s, uint32_t arc) {
    return s->net->arc_segment[arc] >> 1;
}

static uint32_t tail_of(const slow *s, uint32_t arc) {
    const pct_segment *seg = &s->net->segments[segment_of(s, arc)];
    return s->net->arc_segment[arc] & 1 ? seg->head : seg->tail;
}

static bool is_closed(const slow *s, uint32_t arc) {
    return s->closed && s->closed[s->net->arc_segment[arc]];
}

static uint32_t node_of(const pct_network *net, pct_road_point p) {
    const pct_segment *seg = &net->segments[p.segment];
    return p.offset_mm == 0 ? seg->tail : p.offset_mm >= seg->length_mm ? seg->head : PCT_NO_INDEX;
}

/* From one offset to another along an arc, if it leads that way. */
static uint32_t piece_ms(const slow *s, uint32_t arc, uint32_t from_mm, uint32_t to_mm) {
    uint64_t length = s->net->segments[segment_of(s, arc)].length_mm, ms = s->drive_ms[arc];
    bool backward = s->net->arc_segment[arc] & 1;
    if (ms >= PCT_NO_WAY_MS || (backward ? from_mm < to_mm : from_mm > to_mm)) return PCT_NO_WAY_MS;
    uint64_t begin = backward ? length - from_mm : from_mm, end = backward ? length - to_mm : to_mm;
    return (uint32_t)(ms * end / length - ms * begin / length);
}

/* Whether the past ends with the restriction's beginning: from, then the via segments. */
static bool just_drove(const slow *s, const pct_restriction *r, const past *p) {
    uint32_t n = r->via_segment_count;
    for (uint32_t i = 0; i <= n; i++) {
        if (p->arcs[i] == PCT_NO_INDEX) return false;
        uint32_t wanted = i == n ? r->from_segment : s->net->via_segments[r->via_segment_at + n - 1 - i];
        if (segment_of(s, p->arcs[i]) != wanted) return false;
    }
    return s->net->arc_head[p->arcs[n]] == r->via_node;
}

static bool leaves(const slow *s, uint32_t segment, uint32_t node) {
    for (uint32_t a = 0; a < s->net->arc_count; a++)
        if (segment_of(s, a) == segment && tail_of(s, a) == node && s->drive_ms[a] < PCT_NO_WAY_MS)
            return true;
    return false;
}

/* A mandatory restriction that can be obeyed binds; those with one beginning permit any of their ends. */
static bool commanded_elsewhere(const slow *s, const past *p, uint32_t next, const pct_restriction *r) {
    uint32_t node = s->net->arc_head[p->arcs[0]];
    if (!leaves(s, r->to_segment, node)) return false;
    for (uint32_t i = 0; i < s->net->restriction_count; i++) {
        const pct_restriction *q = &s->net->restrictions[i];
        bool same = q->kind == PCT_TURN_MANDATORY && q->via_segment_count == r->via_segment_count &&
                    just_drove(s, q, p);
        if (same && q->to_segment == segment_of(s, next)) return false;
    }
    return true;
}

static bool is_legal(const slow *s, const past *p, uint32_t next) {
    if (s->drive_ms[next] >= PCT_NO_WAY_MS) return false;
    for (uint32_t i = 0; i < s->net->restriction_count; i++) {
        const pct_restriction *r = &s->net->restrictions[i];
        if (!just_drove(s, r, p)) continue;
        if (r->kind == PCT_TURN_FORBIDDEN && r->to_segment == segment_of(s, next)) return false;
        if (r->kind == PCT_TURN_MANDATORY && commanded_elsewhere(s, p, next, r)) return false;
    }
    return true;
}

static void reach(slow *s, const past *p, uint32_t ms) {
    uint32_t found;
    uint64_t key = 0;
    for (int i = 0; i < TEST_PATROL_MEMORY; i++)
        key = key << 8 | (p->arcs[i] == PCT_NO_INDEX ? 0 : p->arcs[i] + 1);
    ck_assert_int_eq(pct_map_add(&s->numbers, key, s->state_count, &found), PCT_OK);
    if (found == s->state_count) {
        ck_assert_uint_lt(s->state_count, STATES_MAX);
        s->pasts[found] = *p;
        s->ms[found] = PCT_NO_WAY_MS;
        s->state_count++;
    }
    if (ms >= s->ms[found]) return;
    s->ms[found] = ms;
    if (s->to_node == s->net->arc_head[p->arcs[0]]) s->best_ms = least(s->best_ms, ms);
    s->queue[s->queued++ % STATES_MAX] = found;
}

/* Drives into an arc at a time: to the target, if it lies there, and to the arc's end unless it is closed. */
static void enter(slow *s, const past *before, uint32_t arc, uint32_t ms) {
    if (segment_of(s, arc) == s->to.segment) {
        uint32_t length = s->net->segments[s->to.segment].length_mm,
                 begin = s->net->arc_segment[arc] & 1 ? length : 0;
        if (s->to_node == PCT_NO_INDEX)
            s->best_ms = least(s->best_ms, ms + piece_ms(s, arc, begin, s->to.offset_mm));
        else if (s->to_cut_off && s->net->arc_head[arc] == s->to_node && begin != s->to.offset_mm)
            s->best_ms = least(s->best_ms, ms + s->drive_ms[arc]);
    }
    if (is_closed(s, arc)) return;
    past p = {{arc, before->arcs[0], before->arcs[1], before->arcs[2]}};
    reach(s, &p, ms + s->drive_ms[arc]);
}

static void drive_on(slow *s, const past *p, uint32_t ms) {
    uint32_t last = p->arcs[0], node = s->net->arc_head[last];
    uint8_t marks = s->net->node_marks[node];
    bool on = false;
    for (int back = 0; back <= 1; back++)
        for (uint32_t a = s->net->first_arc[node]; a < s->net->first_arc[node + 1]; a++) {
            bool is_back = s->net->arc_segment[a] == (s->net->arc_segment[last] ^ 1);
            if (is_back != back || (back && on) || (!back && marks & PCT_NODE_BARS_TRAFFIC)) continue;
            if (!is_legal(s, p, a)) continue;
            on = true;
            uint32_t turn_ms = s->speeds->costs.turn_ms[pct_turn_kind(s->net, s->junctions, last, a)];
            uint32_t barrier_ms =
                back ? 0 : s->speeds->costs.barrier_ms[PCT_PROFILE_PATROL][pct_node_barrier(marks)];
            if (turn_ms < PCT_NO_WAY_MS && barrier_ms < PCT_NO_WAY_MS)
                enter(s, p, a, ms + turn_ms + barrier_ms);
        }
}

/* Whether every arc that leaves a node (arrives there) is closed, so that its own road counts. */
static bool cut_off(const slow *s, uint32_t node, bool toward) {
    for (uint32_t a = 0; a < s->net->arc_count; a++)
        if ((toward ? s->net->arc_head[a] : tail_of(s, a)) == node && s->drive_ms[a] < PCT_NO_WAY_MS &&
            !is_closed(s, a))
            return false;
    return s->closed != NULL;
}

static void set_out(slow *s, pct_road_point from) {
    const past nothing = {{PCT_NO_INDEX, PCT_NO_INDEX, PCT_NO_INDEX, PCT_NO_INDEX}};
    uint32_t node = node_of(s->net, from), length = s->net->segments[from.segment].length_mm;
    bool stuck = node != PCT_NO_INDEX && cut_off(s, node, false);
    if (node != PCT_NO_INDEX && node == s->to_node) s->best_ms = 0;
    for (uint32_t a = 0; a < s->net->arc_count; a++) {
        if (s->drive_ms[a] >= PCT_NO_WAY_MS) continue;
        uint32_t end = s->net->arc_segment[a] & 1 ? 0 : length, begin = length - end;
        past own = {{a, PCT_NO_INDEX, PCT_NO_INDEX, PCT_NO_INDEX}};
        if (node != PCT_NO_INDEX) {
            if (tail_of(s, a) == node) enter(s, &nothing, a, 0);
            if (stuck && segment_of(s, a) == from.segment && from.offset_mm == begin)
                reach(s, &own, s->drive_ms[a]);
        } else if (segment_of(s, a) == from.segment) {
            if (s->to.segment == from.segment && (s->to_node == PCT_NO_INDEX || s->to.offset_mm == end))
                s->best_ms = least(s->best_ms, piece_ms(s, a, from.offset_mm, s->to.offset_mm));
            reach(s, &own, piece_ms(s, a, from.offset_mm, end));
        }
    }
}

uint32_t test_patrol_time_ms(const pct_network *network, const pct_speeds *speeds, const bool *closed,
                             pct_road_point from, pct_road_point to) {
    if (from.segment == to.segment && from.offset_mm == to.offset_mm) return 0;
    slow s = {.net = network,
              .speeds = speeds,
              .closed = closed,
              .to = to,
              .to_node = node_of(network, to),
              .numbers = pct_map_init(STATES_MAX),
              .pasts = pct_alloc(STATES_MAX, sizeof *s.pasts),
              .ms = pct_alloc(STATES_MAX, 2 * sizeof *s.ms),
              .best_ms = PCT_NO_WAY_MS};
    ck_assert(s.pasts && s.ms);
    s.queue = s.ms + STATES_MAX;
    ck_assert_int_eq(pct_junctions_survey(network, &s.junctions), PCT_OK);
    pct_patrol_arc_times(network, speeds, s.drive_ms);
    s.to_cut_off = s.to_node != PCT_NO_INDEX && cut_off(&s, s.to_node, true);
    set_out(&s, from);
    for (uint32_t i = 0; i < s.queued; i++) {
        uint32_t state = s.queue[i % STATES_MAX];
        past p = s.pasts[state];
        drive_on(&s, &p, s.ms[state]);
    }
    pct_map_dispose(&s.numbers);
    pct_free(s.pasts);
    pct_free(s.ms);
    pct_free(s.junctions);
    return s.best_ms < PCT_NO_WAY_MS ? s.best_ms : PCT_UNREACHABLE_MS;
}

pct_road *test_patrol_road(const pct_road *response, const pct_speeds *speeds) {
    pct_turns turns;
    pct_error error;
    pct_road *road;
    test_ok(pct_turns_build(&response->network, &turns, &error), &error);
    uint32_t *order = pct_alloc(turns.vertex_count, sizeof *order);
    ck_assert_ptr_nonnull(order);
    test_ok(pct_order_turns(&response->network, &turns, order, &error), &error);
    test_ok(pct_road_build_patrol(response, &turns, order, speeds, &road, &error), &error);
    pct_free(order);
    return road;
}
