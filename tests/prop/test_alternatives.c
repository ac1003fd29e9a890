/* Laws of journeys and alternatives on random networks: a journey is the sum of its parts; every alternative is a way that can be
 * driven in the time it states, within the limits that alternatives.h names, and unlike the others. */
#include "road/route/alternatives.h"

#include "road/road.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 60, PAIRS = 30, WAYS = PCT_ALTERNATIVES_MAX + 1 };

typedef struct setting {
    pct_rng rng;
    pct_road *road;
    pct_router *router;
    pct_alternatives *alternatives;
    pct_journey ways[WAYS];
    size_t found;
} setting;

static void open_setting(setting *s, uint64_t seed, uint32_t nodes) {
    pct_error error;
    s->rng = pct_rng_init(seed, 0);
    s->road = test_road_random(&s->rng, nodes);
    test_ok(pct_router_new(s->road, &s->router, &error), &error);
    test_ok(pct_alternatives_new(s->road, &s->alternatives, &error), &error);
    for (int i = 0; i < WAYS; i++) s->ways[i] = pct_journey_init();
}

static void close_setting(setting *s) {
    for (int i = 0; i < WAYS; i++) pct_journey_dispose(&s->ways[i]);
    pct_alternatives_free(s->alternatives);
    pct_router_free(s->router);
    pct_road_free(s->road);
}

static pct_road_point random_point(setting *s) {
    const pct_network *net = pct_road_network(s->road);
    uint32_t segment = pct_rng_below(&s->rng, net->segment_count),
             length_mm = net->segments[segment].length_mm, draw = pct_rng_below(&s->rng, 4);
    return (pct_road_point){segment, draw == 0   ? 0
                                     : draw == 1 ? length_mm
                                                 : pct_rng_below(&s->rng, length_mm + 1)};
}

static uint32_t node_behind(const pct_network *net, const pct_route_leg *leg) {
    const pct_segment *s = &net->segments[leg->segment];
    return leg->from_mm > leg->to_mm ? s->tail : s->head;
}

static uint32_t node_before(const pct_network *net, const pct_route_leg *leg) {
    const pct_segment *s = &net->segments[leg->segment];
    return leg->from_mm > leg->to_mm ? s->head : s->tail;
}

static bool is_whole(const pct_network *net, const pct_route_leg *leg) {
    uint32_t length_mm = net->segments[leg->segment].length_mm;
    return (leg->from_mm == 0 && leg->to_mm == length_mm) || (leg->to_mm == 0 && leg->from_mm == length_mm);
}

/* Leg after leg, from point to point, each in the time of its road. */
static void can_be_driven(const setting *s, const pct_journey *way, pct_road_point from, pct_road_point to) {
    const pct_network *net = pct_road_network(s->road);
    const pct_route_leg *legs = way->legs.items;
    const size_t n = way->legs.length;
    uint64_t time_ms = 0, length_mm = 0;
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(legs[i].time_ms,
                          pct_road_piece_ms(s->road, legs[i].segment, legs[i].from_mm, legs[i].to_mm));
        if (i > 0) ck_assert_uint_eq(node_behind(net, &legs[i - 1]), node_before(net, &legs[i]));
        if (i > 0 && i + 1 < n) ck_assert(is_whole(net, &legs[i]));
        time_ms += legs[i].time_ms;
        length_mm += legs[i].from_mm > legs[i].to_mm ? legs[i].from_mm - legs[i].to_mm
                                                     : legs[i].to_mm - legs[i].from_mm;
    }
    ck_assert_uint_eq(way->time_ms, time_ms);
    ck_assert_uint_eq(way->length_mm, length_mm);
    if (n == 0) return;
    pct_position begin = pct_road_point_position(s->road, from), end = pct_road_point_position(s->road, to),
                 first = pct_road_point_position(s->road, (pct_road_point){legs[0].segment, legs[0].from_mm}),
                 last = pct_road_point_position(s->road,
                                                (pct_road_point){legs[n - 1].segment, legs[n - 1].to_mm});
    ck_assert(begin.lon_e7 == first.lon_e7 && begin.lat_e7 == first.lat_e7);
    ck_assert(end.lon_e7 == last.lon_e7 && end.lat_e7 == last.lat_e7);
}

static bool drives(const pct_journey *way, const pct_route_leg *leg) {
    const pct_route_leg *legs = way->legs.items;
    for (size_t i = 0; i < way->legs.length; i++)
        if (legs[i].segment == leg->segment &&
            (legs[i].from_mm > legs[i].to_mm) == (leg->from_mm > leg->to_mm))
            return true;
    return false;
}

/* At most 80 % of the fastest time on roads of the ways given before, in whichever order these were given. */
static uint64_t shared_ms(const setting *s, const pct_journey *way, size_t others) {
    const pct_route_leg *legs = way->legs.items;
    uint64_t sum_ms = 0;
    for (size_t i = 0; i < way->legs.length; i++)
        for (size_t o = 0; o < others; o++)
            if (&s->ways[o] != way && drives(&s->ways[o], &legs[i])) {
                sum_ms += legs[i].time_ms;
                break;
            }
    return sum_ms;
}

/* Every stretch from junction to junction of at most a quarter of the fastest time is a fastest way. */
static void has_no_detours(const setting *s, const pct_journey *way) {
    const pct_network *net = pct_road_network(s->road);
    const pct_route_leg *legs = way->legs.items;
    for (size_t i = 1; i + 1 < way->legs.length; i++) {
        uint64_t stretch_ms = 0;
        pct_road_point a, b;
        ck_assert_int_eq(pct_road_point_at_node(s->road, (pct_node){node_before(net, &legs[i])}, &a), PCT_OK);
        for (size_t j = i; j + 1 < way->legs.length; j++) {
            stretch_ms += legs[j].time_ms;
            if (stretch_ms * 100 > s->ways[0].time_ms * PCT_ALTERNATIVE_LOCAL_PERCENT) break;
            ck_assert_int_eq(pct_road_point_at_node(s->road, (pct_node){node_behind(net, &legs[j])}, &b),
                             PCT_OK);
            ck_assert_uint_eq(pct_router_time_ms(s->router, a, b), stretch_ms);
        }
    }
}

static void passes_nothing_twice(const setting *s, const pct_journey *way) {
    const pct_network *net = pct_road_network(s->road);
    const pct_route_leg *legs = way->legs.items;
    for (size_t i = 0; i + 1 < way->legs.length; i++)
        for (size_t j = i + 1; j + 1 < way->legs.length; j++)
            ck_assert_uint_ne(node_behind(net, &legs[i]), node_behind(net, &legs[j]));
}

static void check_ways(const setting *s, pct_road_point from, pct_road_point to) {
    const uint64_t best_ms = s->ways[0].time_ms;
    size_t within = 0;
    ck_assert_uint_eq(best_ms, pct_router_time_ms(s->router, from, to));
    can_be_driven(s, &s->ways[0], from, to);
    for (size_t i = 1; i <= s->found; i++) {
        const pct_journey *way = &s->ways[i];
        can_be_driven(s, way, from, to);
        ck_assert_uint_ge(way->time_ms, i > 1 ? s->ways[i - 1].time_ms : best_ms);
        ck_assert_uint_le(way->time_ms * 100, best_ms * (100 + PCT_ALTERNATIVE_LONGER_PERCENT));
        uint64_t with_best_ms = shared_ms(s, way, 1);
        ck_assert_uint_le(with_best_ms * 100, best_ms * PCT_ALTERNATIVE_SHARED_PERCENT);
        ck_assert_uint_le((way->time_ms - with_best_ms) * 100,
                          (best_ms - with_best_ms) * (100 + PCT_ALTERNATIVE_LONGER_PERCENT));
        within += shared_ms(s, way, s->found + 1) * 100 <= best_ms * PCT_ALTERNATIVE_SHARED_PERCENT;
        has_no_detours(s, way);
        passes_nothing_twice(s, way);
    }
    /* The one that was given last shares little with all the others. */
    if (s->found > 0) ck_assert_uint_ge(within, 1);
}

TEST(alternatives_are_ways_within_their_limits) {
    size_t found = 0, asked = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s = {0};
        open_setting(&s, seed, 20 + (uint32_t)seed * 12);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point from = random_point(&s), to = random_point(&s);
            size_t most = pct_rng_below(&s.rng, WAYS);
            pct_error error;
            pct_status status =
                pct_alternatives_find(s.alternatives, s.router, from, to, most, s.ways, &s.found, &error);
            if (status == PCT_UNREACHABLE) {
                ck_assert_uint_eq(pct_router_time_ms(s.router, from, to), PCT_UNREACHABLE_MS);
                continue;
            }
            test_ok(status, &error);
            ck_assert_uint_le(s.found, most);
            check_ways(&s, from, to);
            found += s.found;
            asked++;
        }
        close_setting(&s);
    }
    ck_assert_uint_gt(asked, 800);
    ck_assert_uint_gt(found, 100);
}

TEST(a_journey_is_the_sum_of_its_parts) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s = {0};
        open_setting(&s, seed + 1000, 20 + (uint32_t)seed * 5);
        for (int i = 0; i < PAIRS; i++) {
            pct_road_point points[5];
            size_t count = 2 + pct_rng_below(&s.rng, 4), left = 0;
            uint64_t sum_ms = 0;
            pct_error error;
            for (size_t p = 0; p < count; p++) points[p] = random_point(&s);
            for (size_t p = 1; p < count && !left; p++) {
                uint32_t ms = pct_router_time_ms(s.router, points[p - 1], points[p]);
                if (ms == PCT_UNREACHABLE_MS)
                    left = p;
                else
                    sum_ms += ms;
            }
            pct_status status = pct_journey_find(s.router, points, count, &s.ways[0], &error);
            ck_assert_int_eq(status, left ? PCT_UNREACHABLE : PCT_OK);
            ck_assert_uint_eq(s.ways[0].parts.length, left ? left - 1 : count - 1);
            ck_assert_uint_eq(s.ways[0].time_ms, sum_ms);
            sum_ms = 0;
            for (size_t p = 0; p < s.ways[0].parts.length; p++) {
                const pct_route part = pct_journey_part(&s.ways[0], p);
                for (size_t l = 0; l < part.leg_count; l++) sum_ms += part.legs[l].time_ms;
            }
            ck_assert_uint_eq(s.ways[0].time_ms, sum_ms);
        }
        close_setting(&s);
    }
}

TEST_MAIN("alternatives", TEST_CASE(alternatives_are_ways_within_their_limits),
          TEST_CASE(a_journey_is_the_sum_of_its_parts))
