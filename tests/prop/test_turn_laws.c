/* Laws of profile patrol that need no second way of searching: driven backward on the reversed network everything takes the same, no detour is
 * shorter, closing shortens nothing, and opening again gives back every bit. */
#include <string.h>

#include "base/memory.h"
#include "road/closed.h"
#include "road/metric_updater.h"
#include "support/patrol.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 2000, POINTS = 8, SHUT_MAX = 5, INNER_POINTS = 2, NEAR_E7 = 3000, VIAS_MAX = 8 };

typedef struct setting {
    pct_rng rng;
    pct_speeds speeds;
    pct_road *response, *patrol, *closed; /* closed: patrol's, without shut */
    pct_router *router;
    pct_closed_segment shut[SHUT_MAX];
    size_t shut_count;
} setting;

static void draw_closures(setting *s) {
    for (s->shut_count = 0; s->shut_count < SHUT_MAX; s->shut_count++) {
        uint32_t ways = 1 + pct_rng_below(&s->rng, 3);
        s->shut[s->shut_count] = (pct_closed_segment){
            pct_rng_below(&s->rng, s->patrol->network.segment_count), (ways & 1) != 0, (ways & 2) != 0,
            (uint8_t)(pct_rng_below(&s->rng, 2) * pct_rng_below(&s->rng, 80))};
    }
}

/* Takes the network over. */
static void open_on(setting *s, pct_network *network) {
    pct_error error;
    s->closed = NULL;
    s->response = test_road_of(network, &s->speeds);
    s->patrol = test_patrol_road(s->response, &s->speeds);
    test_ok(pct_router_new(s->patrol, &s->router, &error), &error);
}

static void open_setting(setting *s, uint64_t seed) {
    pct_error error;
    pct_network network;
    s->rng = pct_rng_init(seed, 0);
    test_patrol_network(&s->rng, &network);
    s->speeds = test_patrol_speeds(&s->rng);
    open_on(s, &network);
    draw_closures(s);
    test_ok(pct_road_close(s->patrol, s->shut, s->shut_count, &s->closed, &error), &error);
}

static void close_setting(setting *s) {
    pct_router_free(s->router);
    pct_road_free(s->closed);
    pct_road_free(s->patrol);
    pct_road_free(s->response);
}

static pct_road_point random_point(pct_rng *rng, const pct_network *net, bool at_junctions) {
    uint32_t segment = pct_rng_below(rng, net->segment_count), length_mm = net->segments[segment].length_mm;
    uint32_t draw = at_junctions ? pct_rng_below(rng, 2) : pct_rng_below(rng, 4);
    return (pct_road_point){segment, draw == 0   ? 0
                                     : draw == 1 ? length_mm
                                                 : pct_rng_below(rng, length_mm + 1)};
}

/* --- the reversed network ----------------------------------------------------------------------------------------- */

static uint32_t other_end(const pct_network *net, uint32_t segment, uint32_t node) {
    const pct_segment *s = &net->segments[segment];
    return s->tail == node ? s->head : s->tail;
}

static bool can_leave(const pct_network *net, uint32_t node, uint32_t segment) {
    for (uint32_t a = net->first_arc[node]; a < net->first_arc[node + 1]; a++)
        if (net->arc_segment[a] >> 1 == segment && pct_patrol_may_drive(net, a)) return true;
    return false;
}

static bool begin_alike(const pct_network *net, const pct_restriction *a, const pct_restriction *b) {
    if (a->from_segment != b->from_segment || a->via_node != b->via_node ||
        a->via_segment_count != b->via_segment_count)
        return false;
    for (uint32_t i = 0; i < a->via_segment_count; i++)
        if (net->via_segments[a->via_segment_at + i] != net->via_segments[b->via_segment_at + i])
            return false;
    return true;
}

/* Whether the restriction keeps one from going on into a segment where its via ways end. */
static bool forbids(const pct_network *net, const pct_restriction *r, uint32_t node, uint32_t segment) {
    if (r->kind == PCT_TURN_FORBIDDEN) return r->to_segment == segment;
    if (!can_leave(net, node, r->to_segment)) return false;
    for (uint32_t i = 0; i < net->restriction_count; i++) {
        const pct_restriction *q = &net->restrictions[i];
        if (q->kind == PCT_TURN_MANDATORY && q->to_segment == segment && begin_alike(net, q, r)) return false;
    }
    return true;
}

/* From where it led to, over its ways in turn, to where it came from: one ban for each way on that it forbids. A mandatory restriction
 * has no reverse but these. */
static void add_reversed(pct_network_builder *b, const pct_network *net, const pct_restriction *r) {
    pct_error error;
    uint32_t vias[VIAS_MAX], node = r->via_node, n = r->via_segment_count;
    ck_assert_uint_le(n, VIAS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t via = vias[n - 1 - i] = net->via_segments[r->via_segment_at + i];
        node = other_end(net, via, node);
    }
    for (uint32_t segment = 0; segment < net->segment_count; segment++) {
        if (!can_leave(net, node, segment) || !forbids(net, r, node, segment)) continue;
        const pct_restriction ban = {.from_segment = segment,
                                     .to_segment = r->from_segment,
                                     .via_node = node,
                                     .via_segment_count = (uint16_t)n,
                                     .kind = PCT_TURN_FORBIDDEN};
        test_ok(pct_network_add_restriction(b, &ban, vias, &error), &error);
    }
}

/* The network again, or each of its segments driven the other way round. No roundabouts, which are entered and left to
 * the right either way; and lines with bends of their own, so that no way on lies exactly behind one. */
static void copy(const pct_network *net, pct_rng rng, bool reversed, pct_network *out) {
    pct_error error;
    pct_network_builder *b = test_network_nodes_of(net);
    uint32_t number;
    for (uint32_t i = 0; i < net->segment_count; i++) {
        pct_segment s = net->segments[i];
        pct_position line[INNER_POINTS];
        for (int p = 0; p < INNER_POINTS; p++) {
            line[p] = net->node_position[p == 0 ? s.tail : s.head];
            line[p].lon_e7 += (int32_t)pct_rng_below(&rng, NEAR_E7) - NEAR_E7 / 2;
            line[p].lat_e7 += (int32_t)pct_rng_below(&rng, NEAR_E7) - NEAR_E7 / 2;
        }
        int forward = s.flags & (PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD);
        int backward = s.flags & (PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_BACKWARD);
        s.flags = (uint8_t)(reversed ? forward << 1 | backward >> 1 : forward | backward);
        s.name = s.name_en = 0;
        if (reversed) {
            uint8_t kmh = s.limit_kmh[0];
            s.limit_kmh[0] = s.limit_kmh[1];
            s.limit_kmh[1] = kmh;
        }
        test_ok(pct_network_add_segment(b, &s, line, INNER_POINTS, &number, &error), &error);
    }
    for (uint32_t i = 0; i < net->restriction_count; i++) {
        const pct_restriction *r = &net->restrictions[i];
        if (reversed)
            add_reversed(b, net, r);
        else
            test_ok(pct_network_add_restriction(b, r, net->via_segments + r->via_segment_at, &error), &error);
    }
    test_ok(pct_network_finish(b, false, out, &error), &error);
    pct_network_builder_free(b);
}

static uint8_t kind_of(pct_turn turn, pct_turn_situation situation) {
    return (uint8_t)((int)turn * PCT_TURN_SITUATION_COUNT + (int)situation);
}

/* Whoever gives way on the way there has it on the way back. */
static void make_priority_free(pct_speeds *speeds) {
    for (pct_turn t = 0; t < PCT_TURN_COUNT; t++)
        speeds->costs.turn_ms[kind_of(t, PCT_TURN_AT_YIELD)] =
            speeds->costs.turn_ms[kind_of(t, PCT_TURN_AT_PRIORITY)];
}

/* A turn to the right, driven backward, leads to the left. */
static pct_speeds swapped(const pct_speeds *speeds) {
    pct_speeds other = *speeds;
    for (pct_turn_situation s = 0; s < PCT_TURN_SITUATION_COUNT; s++) {
        other.costs.turn_ms[kind_of(PCT_TURN_RIGHT, s)] = speeds->costs.turn_ms[kind_of(PCT_TURN_LEFT, s)];
        other.costs.turn_ms[kind_of(PCT_TURN_LEFT, s)] = speeds->costs.turn_ms[kind_of(PCT_TURN_RIGHT, s)];
    }
    return other;
}

static void forbid_turning_back(pct_speeds *speeds) {
    for (pct_turn_situation s = 0; s < PCT_TURN_SITUATION_COUNT; s++)
        speeds->costs.turn_ms[kind_of(PCT_TURN_BACK, s)] = PCT_NO_WAY_MS;
}

enum { NOBODY, EVERYBODY, SOME };

/* Who may turn back at the end of a segment driven one way, of those that drive it with one past or another. */
static int may_turn_back(const pct_road *road, uint32_t arc_segment) {
    const pct_turns *t = &road->turns;
    uint32_t arc = pct_road_arc_of(&road->network, arc_segment >> 1, arc_segment & 1);
    uint32_t back = pct_road_arc_of(&road->network, arc_segment >> 1, !(arc_segment & 1)), vertices = 0,
             turns = 0;
    if (arc == PCT_NO_INDEX || back == PCT_NO_INDEX) return NOBODY;
    for (uint32_t v = t->first_vertex[arc]; v < t->first_vertex[arc + 1]; v++, vertices++)
        for (uint32_t e = t->first_turn[v]; e < t->first_turn[v + 1]; e++)
            turns += t->vertex_arc[t->turn_head[e]] == back;
    return turns == 0 ? NOBODY : turns == vertices ? EVERYBODY : SOME;
}

/* One may turn back only where nothing else leads on, and driven backward that is another question: what else led there. Where
 * the answers are alike, turning back has a reverse. */
static bool turn_back_alike(const pct_road *there, const pct_road *back) {
    for (uint32_t a = 0; a < 2 * there->network.segment_count; a++)
        if (may_turn_back(there, a) == SOME || may_turn_back(there, a) != may_turn_back(back, a))
            return false;
    return true;
}

/* The networks and, with turning back or without, their roads. */
static void open_both(const pct_network *drawn, setting *there, setting *back, bool turning_back) {
    pct_network networks[2];
    if (!turning_back) forbid_turning_back(&there->speeds);
    back->speeds = swapped(&there->speeds);
    copy(drawn, there->rng, false, &networks[0]);
    copy(drawn, there->rng, true, &networks[1]);
    open_on(there, &networks[0]);
    open_on(back, &networks[1]);
}

static void close_both_ways(setting *there, setting *back) {
    pct_error error;
    draw_closures(there);
    memcpy(back->shut, there->shut, sizeof back->shut);
    for (size_t i = 0; i < there->shut_count; i++) {
        back->shut[i].forward = there->shut[i].backward;
        back->shut[i].backward = there->shut[i].forward;
    }
    test_ok(pct_road_close(there->patrol, there->shut, there->shut_count, &there->closed, &error), &error);
    test_ok(pct_road_close(back->patrol, back->shut, there->shut_count, &back->closed, &error), &error);
}

/* Between the ends of segments: pieces of a segment are rounded from its beginning, which is its other end there. */
static uint32_t compare_both_ways(setting *there, setting *back) {
    pct_road_point points[POINTS];
    uint32_t there_ms[POINTS][POINTS], back_ms[POINTS][POINTS], to_ms[POINTS], unreachable = 0;
    for (int i = 0; i < POINTS; i++) points[i] = random_point(&there->rng, &there->patrol->network, true);
    test_ok(pct_router_table(there->router, points, POINTS, points, POINTS, &there_ms[0][0], NULL), NULL);
    test_ok(pct_router_table(back->router, points, POINTS, points, POINTS, &back_ms[0][0], NULL), NULL);
    for (int i = 0; i < POINTS; i++) {
        pct_router_times_to(there->router, points[i], points, POINTS, to_ms);
        ck_assert_mem_eq(to_ms, back_ms[i], sizeof to_ms);
        for (int k = 0; k < POINTS; k++) {
            ck_assert_uint_eq(there_ms[i][k], back_ms[k][i]);
            ck_assert_uint_eq(pct_router_time_ms(back->router, points[k], points[i]), there_ms[i][k]);
            unreachable += there_ms[i][k] == PCT_UNREACHABLE_MS;
        }
    }
    return unreachable;
}

TEST(times_are_those_driven_backward_on_the_reversed_network_with_its_turns) {
    uint32_t turning_back = 0, unreachable = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting there, back;
        pct_network drawn;
        there.rng = pct_rng_init(seed, 1);
        test_patrol_network(&there.rng, &drawn);
        there.speeds = test_patrol_speeds(&there.rng);
        make_priority_free(&there.speeds);
        open_both(&drawn, &there, &back, true);
        if (turn_back_alike(there.patrol, back.patrol)) {
            turning_back++;
        } else {
            close_setting(&there);
            close_setting(&back);
            open_both(&drawn, &there, &back, false);
        }
        unreachable += compare_both_ways(&there, &back);
        close_both_ways(&there, &back);
        pct_router_take_road(there.router, there.closed);
        pct_router_take_road(back.router, back.closed);
        (void)compare_both_ways(&there, &back);
        close_setting(&there);
        close_setting(&back);
        pct_network_dispose(&drawn);
    }
    ck_assert_uint_gt(turning_back, NETWORKS / 10);
    ck_assert_uint_lt(unreachable, (uint32_t)NETWORKS * POINTS * POINTS / 2);
}

/* --- no detour is shorter ----------------------------------------------------------------------------------------- */

static bool is_via_way(const pct_network *net, uint32_t segment) {
    for (uint32_t i = 0; i < net->via_segment_count; i++)
        if (net->via_segments[i] == segment) return true;
    return false;
}

static bool is_open(const setting *s, uint32_t segment) {
    for (size_t i = 0; i < s->shut_count; i++)
        if (s->shut[i].segment == segment) return false;
    return true;
}

/* A point that one can only come to as one leaves it: inside a road that patrols drive one way, which no restriction remembers. */
static bool find_gate(setting *s, pct_road_point *gate) {
    const pct_network *net = &s->patrol->network;
    uint32_t first = pct_rng_below(&s->rng, net->segment_count);
    for (uint32_t i = 0; i < net->segment_count; i++) {
        uint32_t segment = (first + i) % net->segment_count, drivable = 0;
        for (int backward = 0; backward <= 1; backward++) {
            uint32_t arc = pct_road_arc_of(net, segment, backward);
            drivable += arc != PCT_NO_INDEX && pct_patrol_may_drive(net, arc);
        }
        if (drivable != 1 || is_via_way(net, segment) || !is_open(s, segment)) continue;
        *gate = (pct_road_point){segment, 1 + pct_rng_below(&s->rng, net->segments[segment].length_mm - 1)};
        return true;
    }
    return false;
}

static uint32_t over_ms(pct_router *router, pct_road_point from, pct_road_point over, pct_road_point to) {
    uint32_t a_ms = pct_router_time_ms(router, from, over), b_ms = pct_router_time_ms(router, over, to);
    return a_ms == PCT_UNREACHABLE_MS || b_ms == PCT_UNREACHABLE_MS ? PCT_UNREACHABLE_MS : a_ms + b_ms;
}

/* Exactly: time(a, c) <= time(a, b) + time(b, c) for any a and c, and any b inside an open segment that patrols drive one way only and that is no
 * via way of a restriction. Elsewhere whoever sets out at b is free of the turn by which one arrives there. */
TEST(no_way_over_a_point_inside_a_one_way_road_is_shorter) {
    uint32_t gates = 0, compared = 0, broken_at_junctions = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_road_point gate;
        open_setting(&s, seed);
        pct_router_take_road(s.router, seed % 2 ? s.closed : s.patrol);
        for (int i = 0; i < POINTS * POINTS / 4; i++) {
            pct_road_point a = random_point(&s.rng, &s.patrol->network, false),
                           c = random_point(&s.rng, &s.patrol->network, false),
                           junction = random_point(&s.rng, &s.patrol->network, true);
            uint32_t straight_ms = pct_router_time_ms(s.router, a, c);
            broken_at_junctions += over_ms(s.router, a, junction, c) < straight_ms;
            if (!find_gate(&s, &gate)) continue;
            uint32_t detour_ms = over_ms(s.router, a, gate, c);
            ck_assert_msg(straight_ms <= detour_ms, "seed %d: %u > %u over segment %u", (int)seed,
                          straight_ms, detour_ms, gate.segment);
            gates++;
            compared += detour_ms != PCT_UNREACHABLE_MS;
        }
        close_setting(&s);
    }
    ck_assert_uint_gt(gates, 4 * NETWORKS);
    ck_assert_uint_gt(compared, NETWORKS);
    ck_assert_uint_gt(broken_at_junctions, NETWORKS); /* why the law is not about junctions */
}

/* --- closures ----------------------------------------------------------------------------------------------------- */

/* Inside their segments: a junction that is walled in may use its own segment, more than it could while something led on. */
TEST(stricter_closures_never_shorten_a_patrols_way) {
    uint32_t longer = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_road *stricter;
        pct_error error;
        open_setting(&s, seed);
        size_t fewer = pct_rng_below(&s.rng, SHUT_MAX), last = s.shut_count - 1;
        pct_road_free(s.closed);
        test_ok(pct_road_close(s.patrol, s.shut, fewer, &s.closed, &error), &error);
        s.shut[last].speed_kmh /= 2;
        test_ok(pct_road_close(s.patrol, s.shut, s.shut_count, &stricter, &error), &error);
        for (int i = 0; i < POINTS * POINTS / 2; i++) {
            pct_road_point from = random_point(&s.rng, &s.patrol->network, false),
                           to = random_point(&s.rng, &s.patrol->network, false);
            pct_router_take_road(s.router, s.patrol);
            uint32_t open_ms = pct_router_time_ms(s.router, from, to);
            pct_router_take_road(s.router, s.closed);
            uint32_t before_ms = pct_router_time_ms(s.router, from, to);
            pct_router_take_road(s.router, stricter);
            uint32_t after_ms = pct_router_time_ms(s.router, from, to);
            const pct_segment *segments = s.patrol->network.segments;
            bool inside = from.offset_mm > 0 && from.offset_mm < segments[from.segment].length_mm &&
                          to.offset_mm > 0 && to.offset_mm < segments[to.segment].length_mm;
            ck_assert_uint_le(open_ms, before_ms);
            ck_assert_uint_le(open_ms, after_ms);
            ck_assert(!inside || before_ms <= after_ms);
            longer += inside && before_ms < after_ms;
        }
        pct_road_free(stricter);
        close_setting(&s);
    }
    ck_assert_uint_gt(longer, NETWORKS);
}

/* Segments are closed and slowed, then opened again one at a time in another order: by updates, never as a whole. */
TEST(opening_again_gives_back_every_bit_of_patrols_metric) {
    uint32_t differ = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_metric_updater *updater;
        pct_metric metric;
        pct_error error;
        pct_arc_change changes[PCT_ROAD_ARRIVALS_MAX];
        uint32_t arcs[PCT_ROAD_ARRIVALS_MAX];
        open_setting(&s, seed);
        const pct_road *road = s.patrol;
        test_ok(pct_metric_updater_new(&road->graph, &road->hierarchy, &updater, &error), &error);
        updater->update_most = UINT64_MAX;
        test_ok(pct_metric_new(&road->graph, &road->hierarchy, road->metric.arc_ms, &metric, &error), &error);
        for (int open = 0; open <= 1; open++) {
            for (size_t i = 0; i < 2 * s.shut_count; i++) {
                size_t turn = open ? (i * 7 + 3) % (2 * s.shut_count) : i;
                size_t count = pct_road_graph_arcs(road, s.shut[turn / 2].segment, (turn & 1) != 0, arcs);
                for (size_t k = 0; k < count; k++)
                    changes[k] = (pct_arc_change){arcs[k], open ? road->metric.arc_ms[arcs[k]]
                                                           : s.shut[turn / 2].speed_kmh ? 60000000
                                                                                        : PCT_NO_WAY_MS};
                pct_metric_update(&road->graph, &road->hierarchy, &metric, changes, count, updater);
            }
            size_t bytes = road->hierarchy.arc_count * sizeof *metric.ms;
            bool same = memcmp(metric.ms, road->metric.ms, bytes) == 0;
            ck_assert(!open || same);
            differ += !same;
        }
        ck_assert_mem_eq(metric.arc_ms, road->metric.arc_ms, road->graph.arc_count * sizeof *metric.arc_ms);
        pct_metric_dispose(&metric);
        pct_metric_updater_free(updater);
        close_setting(&s);
    }
    ck_assert_uint_gt(differ, NETWORKS / 2);
}

TEST_MAIN("turn laws", TEST_CASE(times_are_those_driven_backward_on_the_reversed_network_with_its_turns),
          TEST_CASE(no_way_over_a_point_inside_a_one_way_road_is_shorter),
          TEST_CASE(stricter_closures_never_shorten_a_patrols_way),
          TEST_CASE(opening_again_gives_back_every_bit_of_patrols_metric))
