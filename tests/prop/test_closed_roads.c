/* Laws of closed and slowed roads: times over a road with segments closed are those of a plain search without these arcs,
 * whatever the network; slowed ones take what their length takes at that speed, and never less than before; opening them
 * gives back what was, bit for bit. And which roads an area or a name means. */
#include "road/closed.h"

#include <string.h>

#include "base/memory.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 40, PAIRS = 120, NODES_MAX = 120, ARCS_MAX = 2000 };

typedef struct setting {
    pct_rng rng;
    pct_road *open, *closed;
    pct_router *router;
    pct_closed_segment shut[24];
    size_t shut_count;
    uint32_t own_ms[ARCS_MAX], arc_ms[ARCS_MAX]; /* the slow way */
} setting;

static void settle_slowly(setting *s);

static void draw_closures(setting *s) {
    const pct_network *net = pct_road_network(s->open);
    s->shut_count = 1 + pct_rng_below(&s->rng, 24);
    for (size_t i = 0; i < s->shut_count; i++) {
        uint32_t ways = 1 + pct_rng_below(&s->rng, 3);
        s->shut[i] =
            (pct_closed_segment){pct_rng_below(&s->rng, net->segment_count), (ways & 1) != 0, (ways & 2) != 0,
                                 (uint8_t)(pct_rng_below(&s->rng, 2) * pct_rng_below(&s->rng, 60))};
    }
}

static void open_setting(setting *s, uint64_t seed) {
    pct_error error;
    s->rng = pct_rng_init(seed, 0);
    s->open = test_road_random(&s->rng, 2 + pct_rng_below(&s->rng, NODES_MAX - 2));
    draw_closures(s);
    test_ok(pct_road_close(s->open, s->shut, s->shut_count, &s->closed, &error), &error);
    test_ok(pct_router_new(s->open, &s->router, &error), &error);
    pct_router_take_road(s->router, s->closed);
    settle_slowly(s);
}

static void close_setting(setting *s) {
    pct_router_free(s->router);
    pct_road_free(s->closed);
    pct_road_free(s->open);
}

static pct_road_point random_point(setting *s) {
    const pct_network *net = pct_road_network(s->open);
    /* Every third one on a closed road. */
    uint32_t segment = pct_rng_below(&s->rng, 3)
                           ? pct_rng_below(&s->rng, net->segment_count)
                           : s->shut[pct_rng_below(&s->rng, (uint32_t)s->shut_count)].segment;
    uint32_t length_mm = net->segments[segment].length_mm, draw = pct_rng_below(&s->rng, 4);
    return (pct_road_point){segment, draw == 0   ? 0
                                     : draw == 1 ? length_mm
                                                 : pct_rng_below(&s->rng, length_mm + 1)};
}

/* --- the slow way: what is closed is not there ------------------------------------------------------------------- */

static bool is_about(const pct_closed_segment *c, uint32_t arc_segment) {
    return c->segment == arc_segment >> 1 && (arc_segment & 1 ? c->backward : c->forward);
}

static bool is_shut(const setting *s, uint32_t arc_segment) {
    for (size_t i = 0; i < s->shut_count; i++)
        if (is_about(&s->shut[i], arc_segment) && s->shut[i].speed_kmh == 0) return true;
    return false;
}

/* The least whole milliseconds that such a speed takes, for those who stand on the arc: slowed, not closed. */
static uint32_t slow_own_ms(const setting *s, uint32_t arc) {
    uint32_t on = s->open->network.arc_segment[arc];
    uint64_t ms = s->open->metric.arc_ms[arc], length_mm = s->open->network.segments[on >> 1].length_mm;
    for (size_t i = 0; i < s->shut_count; i++)
        while (is_about(&s->shut[i], on) && s->shut[i].speed_kmh > 0 &&
               ms * s->shut[i].speed_kmh * 10 < length_mm * 36)
            ms++;
    return (uint32_t)ms;
}

static void settle_slowly(setting *s) {
    const pct_network *net = &s->open->network;
    ck_assert_uint_le(net->arc_count, ARCS_MAX);
    for (uint32_t a = 0; a < net->arc_count; a++) {
        s->own_ms[a] = slow_own_ms(s, a);
        s->arc_ms[a] = is_shut(s, net->arc_segment[a]) ? PCT_NO_WAY_MS : s->own_ms[a];
    }
}

/* A piece of a point's own segment. */
static uint32_t slow_piece_ms(const setting *s, uint32_t segment, uint32_t from_mm, uint32_t to_mm) {
    const pct_network *net = &s->open->network;
    uint64_t l = net->segments[segment].length_mm, begin_mm = from_mm, end_mm = to_mm;
    if (from_mm == to_mm) return 0;
    if (from_mm > to_mm) begin_mm = l - from_mm, end_mm = l - to_mm;
    for (uint32_t a = 0; a < net->arc_count; a++)
        if (net->arc_segment[a] == segment * 2 + (from_mm > to_mm) && s->own_ms[a] < PCT_NO_WAY_MS)
            return (uint32_t)(s->own_ms[a] * end_mm / l - s->own_ms[a] * begin_mm / l);
    return PCT_NO_WAY_MS;
}

static bool leads_on(const setting *s, uint32_t node, bool toward) {
    const pct_network *net = &s->open->network;
    for (uint32_t v = 0; v < net->node_count; v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++)
            if ((toward ? net->arc_head[a] : v) == node && v != net->arc_head[a] &&
                s->arc_ms[a] < PCT_NO_WAY_MS)
                return true;
    return false;
}

/* Times of a point's own pieces of road to both ends of its segment; NO_WAY where there is none. */
static void own_pieces(const setting *s, pct_road_point p, bool toward, uint32_t *tail_ms,
                       uint32_t *head_ms) {
    const pct_segment *seg = &s->open->network.segments[p.segment];
    uint32_t l = seg->length_mm;
    *tail_ms =
        toward ? slow_piece_ms(s, p.segment, 0, p.offset_mm) : slow_piece_ms(s, p.segment, p.offset_mm, 0);
    *head_ms =
        toward ? slow_piece_ms(s, p.segment, l, p.offset_mm) : slow_piece_ms(s, p.segment, p.offset_mm, l);
    if (p.offset_mm == 0 && leads_on(s, seg->tail, toward)) *head_ms = PCT_NO_WAY_MS;
    if (p.offset_mm == l && leads_on(s, seg->head, toward)) *tail_ms = PCT_NO_WAY_MS;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t slow_time_ms(const setting *s, pct_road_point from, pct_road_point to) {
    static uint32_t ms[NODES_MAX];
    const pct_network *net = &s->open->network;
    const pct_segment *a = &net->segments[from.segment], *b = &net->segments[to.segment];
    uint32_t tail_ms, head_ms, best = PCT_NO_WAY_MS;
    for (uint32_t v = 0; v < net->node_count; v++) ms[v] = PCT_NO_WAY_MS;
    own_pieces(s, from, false, &tail_ms, &head_ms);
    ms[a->tail] = tail_ms;
    ms[a->head] = least(ms[a->head], head_ms);
    for (bool better = true; better;) {
        better = false;
        for (uint32_t v = 0; v < net->node_count; v++)
            for (uint32_t e = net->first_arc[v]; e < net->first_arc[v + 1]; e++) {
                uint32_t arc_ms = s->arc_ms[e], head = net->arc_head[e];
                if (ms[v] >= PCT_NO_WAY_MS || arc_ms >= PCT_NO_WAY_MS || ms[v] + arc_ms >= ms[head]) continue;
                ms[head] = ms[v] + arc_ms;
                better = true;
            }
    }
    own_pieces(s, to, true, &tail_ms, &head_ms);
    best = least(best, least(ms[b->tail] + tail_ms, ms[b->head] + head_ms));
    bool at_nodes = (from.offset_mm == 0 || from.offset_mm == a->length_mm) &&
                    (to.offset_mm == 0 || to.offset_mm == b->length_mm);
    if (from.segment == to.segment && (!at_nodes || from.offset_mm == to.offset_mm))
        best = least(best, slow_piece_ms(s, from.segment, from.offset_mm, to.offset_mm));
    return best < PCT_NO_WAY_MS ? best : PCT_UNREACHABLE_MS;
}

/* --- laws -------------------------------------------------------------------------------------------------------- */

TEST(closed_road_times_equal_a_plain_search_without_the_closed_arcs) {
    uint32_t unreachable = 0, longer = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s), to = random_point(&s);
            uint32_t expected = slow_time_ms(&s, from, to), many_ms;
            ck_assert_uint_eq(pct_router_time_ms(s.router, from, to), expected);
            pct_router_times_to(s.router, to, &from, 1, &many_ms);
            ck_assert_uint_eq(many_ms, expected);
            pct_router_take_road(s.router, s.open);
            uint32_t before = pct_router_time_ms(s.router, from, to);
            pct_router_take_road(s.router, s.closed);
            ck_assert_uint_ge(expected, before);
            unreachable += expected == PCT_UNREACHABLE_MS;
            longer += expected > before;
        }
        close_setting(&s);
    }
    ck_assert_uint_gt(unreachable, 0);
    ck_assert_uint_gt(longer, NETWORKS);
}

TEST(closed_road_routes_use_closed_segments_at_their_ends_alone) {
    for (uint64_t seed = 100; seed < 100 + NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s), to = random_point(&s);
            pct_route route;
            pct_error error;
            uint32_t expected = pct_router_time_ms(s.router, from, to);
            pct_status status = pct_router_route(s.router, from, to, &route, &error);
            ck_assert_int_eq(status, expected == PCT_UNREACHABLE_MS ? PCT_UNREACHABLE : PCT_OK);
            if (status) continue;
            ck_assert_uint_eq(route.time_ms, expected);
            for (size_t l = 0; l < route.leg_count; l++) {
                const pct_route_leg *leg = &route.legs[l];
                if (!is_shut(&s, leg->segment * 2 + (leg->from_mm > leg->to_mm))) continue;
                ck_assert((l == 0 && leg->segment == from.segment) ||
                          (l + 1 == route.leg_count && leg->segment == to.segment));
            }
        }
        close_setting(&s);
    }
}

/* One closure more, or a lower speed, and nobody arrives sooner. */
TEST(stricter_closures_never_shorten_a_way) {
    uint32_t longer = 0;
    for (uint64_t seed = 400; seed < 400 + NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        pct_error error;
        pct_road *stricter;
        for (size_t i = 0; i < s.shut_count; i++)
            if (pct_rng_below(&s.rng, 3) == 0) s.shut[i].speed_kmh = (uint8_t)(s.shut[i].speed_kmh / 2);
        test_ok(pct_road_close(s.open, s.shut, s.shut_count, &stricter, &error), &error);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s), to = random_point(&s);
            uint32_t before = pct_router_time_ms(s.router, from, to);
            pct_router_take_road(s.router, stricter);
            uint32_t after = pct_router_time_ms(s.router, from, to);
            pct_router_take_road(s.router, s.closed);
            /* A junction that is cut off may use its own segment: more than it could while something led on. */
            if (after < before) {
                ck_assert(from.offset_mm == 0 || to.offset_mm == 0 ||
                          from.offset_mm == s.open->network.segments[from.segment].length_mm ||
                          to.offset_mm == s.open->network.segments[to.segment].length_mm);
                continue;
            }
            longer += after > before;
        }
        pct_road_free(stricter);
        close_setting(&s);
    }
    ck_assert_uint_gt(longer, NETWORKS);
}

TEST(lifting_gives_back_the_metric_bit_for_bit) {
    uint32_t differ = 0; /* while they are closed; not when nobody may drive what was drawn */
    for (uint64_t seed = 200; seed < 200 + NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        pct_error error;
        pct_road *again;
        test_ok(pct_road_close(s.open, NULL, 0, &again, &error), &error);
        size_t bytes = s.open->hierarchy.arc_count * sizeof *s.open->metric.ms;
        ck_assert_int_eq(memcmp(again->metric.ms, s.open->metric.ms, bytes), 0);
        differ += memcmp(s.closed->metric.ms, s.open->metric.ms, bytes) != 0;
        pct_road_free(again);
        close_setting(&s);
    }
    ck_assert_uint_gt(differ, NETWORKS / 2);
}

/* A dead end C whose only road is closed, and a unit in the middle of a closed road. */
TEST(unit_on_a_closed_road_gets_out_and_nobody_drives_through) {
    static const char *const rows[] = {"A--B--C", "|  |   ", "D--E   ", NULL};
    pct_road *open = test_road_drawn(rows), *closed;
    pct_error error;
    pct_router *router;
    const pct_network *net = pct_road_network(open);
    pct_closed_segment shut[2];
    size_t count = 0;
    for (uint32_t i = 0; i < net->segment_count; i++) {
        int64_t tail = net->node_source[net->segments[i].tail],
                head = net->node_source[net->segments[i].head];
        if ((tail == 'A' && head == 'B') || (tail == 'B' && head == 'C'))
            shut[count++] = (pct_closed_segment){i, true, true, 0};
    }
    ck_assert_uint_eq(count, 2);
    test_ok(pct_road_close(open, shut, count, &closed, &error), &error);
    test_ok(pct_router_new(closed, &router, &error), &error);
    pct_road_point a = test_road_point(open, 'A'), b = test_road_point(open, 'B'),
                   c = test_road_point(open, 'C');
    ck_assert_uint_eq(pct_router_time_ms(router, a, b), 20000 + 30000 + 20000); /* around by D and E */
    ck_assert_uint_eq(pct_router_time_ms(router, c, b), 30000);
    ck_assert_uint_eq(pct_router_time_ms(router, b, c), 30000);
    pct_road_point inside = {shut[0].segment, 100000};
    ck_assert_uint_eq(pct_router_time_ms(router, inside, a), 10000);
    ck_assert_uint_eq(pct_router_time_ms(router, inside, b), 20000);
    pct_router_free(router);
    pct_road_free(closed);
    pct_road_free(open);
}

TEST(every_segment_is_found_by_its_name_in_events) {
    for (uint64_t seed = 300; seed < 320; seed++) {
        setting s;
        open_setting(&s, seed);
        const pct_network *net = pct_road_network(s.open);
        for (uint32_t i = 0; i < net->segment_count; i++) {
            bool way = pct_rng_below(&s.rng, 2), backward;
            uint32_t found;
            pct_error error;
            pct_position middle = pct_closed_middle(s.open, i);
            pct_road_ref ref = pct_closed_ref(net, i, way);
            test_ok(pct_closed_find(s.open, ref, middle, &found, &backward, &error), &error);
            /* Parallel segments of one way are told apart by their middles alone. */
            pct_road_ref there = pct_closed_ref(net, found, backward);
            ck_assert(there.way == ref.way && there.from == ref.from && there.to == ref.to);
            ck_assert_double_lt(pct_geo_distance_m(pct_closed_middle(s.open, found), middle), 0.1);
        }
        close_setting(&s);
    }
}

TEST(road_that_the_map_lost_is_sought_where_it_was) {
    static const char *const rows[] = {"A--B", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_error error;
    uint32_t found;
    bool backward;
    pct_position middle = pct_closed_middle(road, 0);
    test_ok(pct_closed_find(road, (pct_road_ref){99, 98, 97}, middle, &found, &backward, &error), &error);
    ck_assert_uint_eq(found, 0);
    middle.lat_e7 += 10000; /* 111 m */
    ck_assert_int_eq(pct_closed_find(road, (pct_road_ref){99, 98, 97}, middle, &found, &backward, &error),
                     PCT_NOT_FOUND);
    pct_road_free(road);
}

static uint32_t segment_between(const pct_road *road, char a, char b) {
    const pct_network *net = pct_road_network(road);
    for (uint32_t i = 0; i < net->segment_count; i++) {
        int64_t tail = net->node_source[net->segments[i].tail],
                head = net->node_source[net->segments[i].head];
        if ((tail == a && head == b) || (tail == b && head == a)) return i;
    }
    ck_abort_msg("no segment %c%c", a, b);
    return 0;
}

static pct_position between(pct_position a, pct_position b, double share_lon, double share_lat) {
    return (pct_position){a.lon_e7 + (int32_t)((b.lon_e7 - a.lon_e7) * share_lon),
                          a.lat_e7 + (int32_t)((b.lat_e7 - a.lat_e7) * share_lat)};
}

/* B–C lies in the area; A–B and C–D cross its edge; E–F passes through it with both ends outside; G–H lies in its box, in
 * the notch, and J–K beside it. */
TEST(area_takes_what_lies_in_it_or_crosses_it_and_nothing_else) {
    static const char *const rows[] = {"A--B--C--D", "          ", "E--------F", "          ",
                                       "   G--H   ", "          ", "J--------K", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_error error;
    const pct_network *net = pct_road_network(road);
    pct_position nw = net->node_position[pct_network_node_by_source(net, 'A').index],
                 se = net->node_position[pct_network_node_by_source(net, 'K').index];
    /* A gate: two legs down to the row of G–H, which stands between them. */
    const double x[] = {0.2, 0.8, 0.8, 0.72, 0.72, 0.28, 0.28, 0.2},
                 y[] = {-0.1, -0.1, 0.8, 0.8, 0.5, 0.5, 0.8, 0.8};
    pct_position ring[8];
    for (int i = 0; i < 8; i++) ring[i] = between(nw, se, x[i], y[i]);
    pct_vector found = pct_vector_init(sizeof(uint32_t), 100);
    test_ok(pct_closed_in_area(road, ring, 8, 100, &found, &error), &error);
    const uint32_t *got = found.items;
    uint32_t expected[] = {segment_between(road, 'A', 'B'), segment_between(road, 'B', 'C'),
                           segment_between(road, 'C', 'D'), segment_between(road, 'E', 'F')};
    ck_assert_uint_eq(found.length, 4);
    for (int e = 0; e < 4; e++) {
        bool there = false;
        for (size_t i = 0; i < found.length; i++) there |= got[i] == expected[e];
        ck_assert_msg(there, "segment %d is missing", e);
    }
    found.length = 0;
    ck_assert_int_eq(pct_closed_in_area(road, ring, 8, 3, &found, &error), PCT_LIMIT);
    pct_vector_dispose(&found);
    pct_road_free(road);
}

TEST(bearing_tells_the_direction_of_a_segment) {
    static const char *const rows[] = {"A--B", NULL};
    pct_road *road = test_road_drawn(rows);
    const pct_network *net = pct_road_network(road);
    bool from_a = net->node_source[net->segments[0].tail] == 'A';
    ck_assert_int_eq(pct_closed_is_along(net, 0, 90), from_a);
    ck_assert_int_eq(pct_closed_is_along(net, 0, 45), from_a);
    ck_assert_int_eq(pct_closed_is_along(net, 0, 270), !from_a);
    pct_road_free(road);
}

static pct_status close_one(void *context) {
    const pct_closed_segment shut = {0, true, true, 0};
    pct_road *closed, *open = context;
    pct_error error;
    pct_status status = pct_road_close(open, &shut, 1, &closed, &error);
    if (!status) pct_road_free(closed);
    return status;
}

TEST(closing_survives_each_failing_allocation) {
    static const char *const rows[] = {"A--B--C", NULL};
    pct_road *road = test_road_drawn(rows);
    ck_assert_uint_gt(test_torture(close_one, road), 2);
    pct_road_free(road);
}

TEST_MAIN("closed roads", TEST_CASE(closed_road_times_equal_a_plain_search_without_the_closed_arcs),
          TEST_CASE(closed_road_routes_use_closed_segments_at_their_ends_alone),
          TEST_CASE(stricter_closures_never_shorten_a_way),
          TEST_CASE(lifting_gives_back_the_metric_bit_for_bit),
          TEST_CASE(unit_on_a_closed_road_gets_out_and_nobody_drives_through),
          TEST_CASE(every_segment_is_found_by_its_name_in_events),
          TEST_CASE(road_that_the_map_lost_is_sought_where_it_was),
          TEST_CASE(area_takes_what_lies_in_it_or_crosses_it_and_nothing_else),
          TEST_CASE(bearing_tells_the_direction_of_a_segment),
          TEST_CASE(closing_survives_each_failing_allocation))
