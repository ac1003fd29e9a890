/* Laws of bands: in each band and profile ways take what a plain search finds under that band's speeds, whatever the network, with roads
 * closed and without; a patrol keeps posted limits whatever has been driven; the open road is left as it was. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "road/dijkstra.h"
#include "road/learnt.h"
#include "support/patrol.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 200, PAIRS = 8, BANDS = 3, SEGMENTS_MAX = 60, FASTEST_KMH = 200 };

typedef struct setting {
    pct_rng rng;
    pct_speeds speeds;
    pct_road *response, *patrol;
    pct_learnt learnt;
    pct_learnt_segment segments[PCT_LEARNT_PROFILE_COUNT * BANDS * SEGMENTS_MAX * 2];
} setting;

/* Some classes, and some segments one way or both, in some bands: whole km/h, so that a posted limit can say the same. Sorted by
 * profile, band, arc. */
static void draw_figures(setting *s) {
    const pct_network *net = pct_road_network(s->response);
    ck_assert_uint_le(net->segment_count, SEGMENTS_MAX);
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++)
        for (int b = 0; b < BANDS - 1; b++) { /* of the last band nothing is known */
            for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
                if (pct_rng_below(&s->rng, 2))
                    s->learnt.classes[p][b][c].kmh = 5.0 + pct_rng_below(&s->rng, 100);
            for (uint32_t a = 0; a < net->segment_count * 2; a++)
                if (pct_rng_below(&s->rng, 4) == 0)
                    s->segments[s->learnt.segment_count++] = (pct_learnt_segment){
                        a, (uint8_t)b, (uint8_t)p, {5.0 + pct_rng_below(&s->rng, 100), {0}}};
        }
    s->learnt.segments = s->segments;
}

static void open_setting(setting *s, uint64_t seed) {
    pct_network network;
    memset(s, 0, sizeof *s);
    s->rng = pct_rng_init(seed, 0);
    test_patrol_network(&s->rng, &network);
    s->speeds = test_patrol_speeds(&s->rng);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) s->speeds.patrol_kmh[c] = 10 + pct_rng_below(&s->rng, 90);
    s->response = test_road_of(&network, &s->speeds);
    s->patrol = test_patrol_road(s->response, &s->speeds);
    draw_figures(s);
}

static void close_setting(setting *s) {
    pct_road_free(s->patrol);
    pct_road_free(s->response);
}

static pct_road_point random_point(setting *s) {
    const pct_network *net = pct_road_network(s->response);
    uint32_t segment = pct_rng_below(&s->rng, net->segment_count);
    return (pct_road_point){segment, pct_rng_below(&s->rng, net->segments[segment].length_mm + 1)};
}

/* What is known of driving a segment one way, looked for one by one; 0: nothing. */
static double known_kmh(const setting *s, int profile, int band, uint32_t arc_segment) {
    const pct_network *net = pct_road_network(s->response);
    for (size_t i = 0; i < s->learnt.segment_count; i++)
        if (s->segments[i].profile == profile && s->segments[i].band == band &&
            s->segments[i].arc_segment == arc_segment)
            return s->segments[i].figure.kmh;
    return s->learnt.classes[profile][band][net->segments[arc_segment >> 1].road_class].kmh;
}

/* The network as it would be if the speed of each direction were its posted limit. */
static pct_network limited_network(const setting *s, int band, pct_segment *segments) {
    pct_network net = *pct_road_network(s->response);
    memcpy(segments, net.segments, net.segment_count * sizeof *segments);
    for (uint32_t a = 0; a < net.segment_count * 2; a++) {
        uint8_t *limit_kmh = &segments[a >> 1].limit_kmh[a & 1];
        double kmh = known_kmh(s, PCT_LEARNT_PATROL, band, a);
        if (kmh == 0.0) kmh = s->speeds.patrol_kmh[segments[a >> 1].road_class];
        if (*limit_kmh == 0 || *limit_kmh == PCT_NO_LIMIT_KMH || kmh < *limit_kmh) *limit_kmh = (uint8_t)kmh;
    }
    net.segments = segments;
    return net;
}

/* Nearest looks no farther than these say. */
static void check_bounds(const pct_road *road) {
    const pct_network *net = pct_road_network(road);
    uint32_t *ms = pct_alloc(net->arc_count, sizeof *ms);
    ck_assert_ptr_nonnull(ms);
    for (uint32_t a = 0; a < net->arc_count; a++) {
        ms[a] = pct_road_drive_ms(road, a);
        ck_assert(ms[a] + 1.0 >= net->segments[net->arc_segment[a] >> 1].length_mm / road->max_speed_mps);
    }
    ck_assert(road->crow.ms_per_m <= pct_crow_of(net, ms).ms_per_m);
    pct_free(ms);
}

static void check_patrol(setting *s, int band, const bool *closed, const pct_closed_segment *shut,
                         size_t count) {
    pct_segment segments[SEGMENTS_MAX];
    const pct_network net = limited_network(s, band, segments);
    pct_speeds speeds = s->speeds;
    pct_road *road;
    pct_router *router;
    pct_error error;
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) speeds.patrol_kmh[c] = FASTEST_KMH;
    if (count > 0)
        test_ok(pct_road_close_in_band(s->patrol, &s->learnt, band, &s->speeds, shut, count, &road, &error),
                &error);
    else
        test_ok(pct_road_of_band(s->patrol, &s->learnt, band, &s->speeds, &road, &error), &error);
    check_bounds(road);
    test_ok(pct_router_new(s->patrol, &router, &error), &error);
    pct_router_take_road(router, road);
    for (int i = 0; i < PAIRS; i++) {
        pct_road_point from = random_point(s), to = random_point(s);
        pct_near near;
        size_t found;
        uint32_t expected = test_patrol_time_ms(&net, &speeds, closed, from, to);
        ck_assert_uint_eq(pct_router_time_ms(router, from, to), expected);
        test_ok(pct_router_nearest_to(router, to, &from, 1, PCT_UNREACHABLE_MS, 1, &near, &found, &error),
                &error);
        ck_assert_uint_eq(found, expected != PCT_UNREACHABLE_MS); /* its bounds hold in the band */
        if (found) ck_assert_uint_eq(near.time_ms, expected);
    }
    pct_router_free(router);
    pct_road_free(road);
}

TEST(patrol_takes_in_each_band_what_reading_every_restriction_gives_at_its_speeds) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        for (int band = 0; band < BANDS; band++) check_patrol(&s, band, NULL, NULL, 0);
        close_setting(&s);
    }
}

TEST(roads_are_closed_for_patrol_in_every_band) {
    enum { SHUT = 3 };
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        bool closed[SEGMENTS_MAX * 2] = {false};
        pct_closed_segment shut[SHUT];
        open_setting(&s, seed);
        for (int i = 0; i < SHUT; i++) {
            uint32_t which = 1 + pct_rng_below(&s.rng, 3), segment = random_point(&s).segment;
            shut[i] = (pct_closed_segment){.segment = segment, .forward = which & 1, .backward = which & 2};
            closed[segment * 2] |= shut[i].forward;
            closed[segment * 2 + 1] |= shut[i].backward;
        }
        for (int band = 0; band < BANDS; band++) check_patrol(&s, band, closed, shut, SHUT);
        close_setting(&s);
    }
}

/* The time to drive an arc in a band: as on the open road where nothing is known. */
static uint32_t response_ms(const setting *s, int band, uint32_t arc) {
    const pct_network *net = pct_road_network(s->response);
    uint32_t on = net->arc_segment[arc], open_ms = pct_road_drive_ms(s->response, arc);
    double kmh = 0.0;
    for (size_t i = 0; i < s->learnt.segment_count; i++)
        if (s->segments[i].profile == PCT_LEARNT_RESPONSE && s->segments[i].band == band &&
            s->segments[i].arc_segment == on)
            kmh = s->segments[i].figure.kmh;
    if (open_ms >= PCT_NO_WAY_MS || kmh == 0.0) return PCT_NO_INDEX; /* the class, checked elsewhere */
    double ms = net->segments[on >> 1].length_mm * 3.6 / kmh;
    return (uint32_t)(ms + 0.5);
}

TEST(response_takes_in_each_band_what_a_plain_search_finds) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_error error;
        open_setting(&s, seed);
        for (int band = 0; band < BANDS; band++) {
            pct_road *road;
            pct_router *router;
            pct_dijkstra *slow;
            test_ok(pct_road_of_band(s.response, &s.learnt, band, &s.speeds, &road, &error), &error);
            for (uint32_t a = 0; a < road->network.arc_count; a++) {
                uint32_t expected = response_ms(&s, band, a), ms = pct_road_drive_ms(road, a);
                ck_assert(expected == PCT_NO_INDEX || expected == ms);
                ck_assert(band < BANDS - 1 || ms == pct_road_drive_ms(s.response, a));
            }
            test_ok(pct_router_new(road, &router, &error), &error);
            test_ok(pct_dijkstra_new(road, &slow, &error), &error);
            for (int i = 0; i < PAIRS; i++) {
                pct_road_point from = random_point(&s), to = random_point(&s);
                ck_assert_uint_eq(pct_router_time_ms(router, from, to), pct_dijkstra_time_ms(slow, from, to));
            }
            pct_dijkstra_free(slow);
            pct_router_free(router);
            pct_road_free(road);
        }
        close_setting(&s);
    }
}

TEST(bands_leave_the_open_road_as_it_was) {
    for (uint64_t seed = 0; seed < 100; seed++) {
        setting s;
        pct_error error;
        open_setting(&s, seed);
        const pct_road *const open[] = {s.response, s.patrol};
        for (int p = 0; p < 2; p++) {
            pct_road *road, *none;
            size_t bytes = open[p]->hierarchy.arc_count * sizeof *open[p]->metric.ms;
            void *before = pct_alloc(bytes, 1);
            ck_assert_ptr_nonnull(before);
            memcpy(before, open[p]->metric.ms, bytes);
            test_ok(pct_road_of_band(open[p], &s.learnt, 0, &s.speeds, &road, &error), &error);
            test_ok(pct_road_of_band(open[p], &s.learnt, BANDS - 1, &s.speeds, &none, &error), &error);
            ck_assert_int_eq(memcmp(before, open[p]->metric.ms, bytes), 0);
            ck_assert_int_eq(memcmp(before, none->metric.ms, bytes),
                             0); /* nothing known: the open road's times */
            pct_road_free(road);
            pct_road_free(none);
            pct_free(before);
        }
        close_setting(&s);
    }
}

TEST_MAIN("band ways",
          TEST_CASE(patrol_takes_in_each_band_what_reading_every_restriction_gives_at_its_speeds),
          TEST_CASE(roads_are_closed_for_patrol_in_every_band),
          TEST_CASE(response_takes_in_each_band_what_a_plain_search_finds),
          TEST_CASE(bands_leave_the_open_road_as_it_was))
