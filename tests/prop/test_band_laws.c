/* A band's road, of either profile, against plain Dijkstra on a network whose segments have that band's times written into them: open, and with
 * roads closed or slowed over it. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "road/closed.h"
#include "road/dijkstra.h"
#include "road/learnt.h"
#include "support/patrol.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 1000, PAIRS = 20, BAND = 1, BANDS = 3, SHUT_MAX = 3, FIGURES_MAX = TEST_PATROL_ARCS_MAX };

/* What is learnt of one profile in one band: classes, and segments alike in both directions. */
typedef struct figures {
    double class_kmh[PCT_ROAD_CLASS_COUNT], segment_kmh[FIGURES_MAX]; /* 0: nothing */
} figures;

typedef struct setting {
    pct_rng rng;
    pct_profile profile;
    pct_speeds base;
    pct_road *response, *patrol;                 /* as the map has them */
    pct_road *written_response, *written_patrol; /* with the band's times in the map */
    pct_road *band;
    pct_learnt learnt;
} setting;

static double random_kmh(pct_rng *rng, double most) {
    return 5.0 + pct_rng_below(rng, (uint32_t)((most - 5.0) * 10.0)) / 10.0;
}

/* Below any limit that is posted there: how limits bind is told elsewhere (tests/unit/test_learnt.c). */
static figures draw_figures(pct_rng *rng, const pct_network *net) {
    figures f = {.class_kmh = {0}};
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        if (pct_rng_below(rng, 2)) f.class_kmh[c] = random_kmh(rng, 90.0);
    for (uint32_t i = 0; i < net->segment_count; i++) {
        const uint8_t *limit_kmh = net->segments[i].limit_kmh;
        bool limited = (limit_kmh[0] > 0 && limit_kmh[0] < PCT_NO_LIMIT_KMH) ||
                       (limit_kmh[1] > 0 && limit_kmh[1] < PCT_NO_LIMIT_KMH);
        if (pct_rng_below(rng, 3) == 0) f.segment_kmh[i] = random_kmh(rng, limited ? 29.0 : 90.0);
    }
    return f;
}

/* The band's figures of the profile, and others for every other band and profile that must not be taken. */
static void learn(setting *s, const figures *wanted) {
    const pct_network *net = &s->response->network;
    size_t most = (size_t)PCT_LEARNT_PROFILE_COUNT * BANDS * 2 * net->segment_count;
    s->learnt = (pct_learnt){.segments = pct_alloc(most, sizeof *s->learnt.segments)};
    ck_assert_ptr_nonnull(s->learnt.segments);
    for (int p = 0; p < PCT_LEARNT_PROFILE_COUNT; p++)
        for (int b = 0; b < BANDS; b++) {
            bool is_it = b == BAND && (p == PCT_LEARNT_PATROL) == (s->profile == PCT_PROFILE_PATROL);
            const figures f = is_it ? *wanted : draw_figures(&s->rng, net);
            for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) s->learnt.classes[p][b][c].kmh = f.class_kmh[c];
            for (uint32_t a = 0; a < 2 * net->segment_count; a++)
                if (f.segment_kmh[a / 2] > 0.0)
                    s->learnt.segments[s->learnt.segment_count++] =
                        (pct_learnt_segment){a, (uint8_t)b, (uint8_t)p, {f.segment_kmh[a / 2], {0}}};
        }
}

/* The map as it would be if the figures stood in it. */
static void write_times(const pct_network *net, const figures *f, pct_network *out) {
    pct_error error;
    pct_network_builder *b = test_network_nodes_of(net);
    uint32_t number;
    for (uint32_t i = 0; i < net->segment_count; i++) {
        pct_segment s = net->segments[i];
        s.name = s.name_en = 0;
        if (f->segment_kmh[i] > 0.0)
            s.crossing_ms = (uint32_t)fmax(1.0, round(s.length_mm * 3.6 / f->segment_kmh[i]));
        test_ok(pct_network_add_segment(b, &s, NULL, 0, &number, &error), &error);
    }
    for (uint32_t i = 0; i < net->restriction_count; i++) {
        const pct_restriction *r = &net->restrictions[i];
        test_ok(pct_network_add_restriction(b, r, net->via_segments + r->via_segment_at, &error), &error);
    }
    test_ok(pct_network_finish(b, false, out, &error), &error);
    pct_network_builder_free(b);
}

static const pct_road *open_road(const setting *s) {
    return s->profile == PCT_PROFILE_PATROL ? s->patrol : s->response;
}

static const pct_road *written_road(const setting *s) {
    return s->profile == PCT_PROFILE_PATROL ? s->written_patrol : s->written_response;
}

static void open_setting(setting *s, uint64_t seed) {
    pct_error error;
    pct_network drawn, written;
    s->rng = pct_rng_init(seed, 2);
    s->profile = seed % 2 ? PCT_PROFILE_PATROL : PCT_PROFILE_RESPONSE;
    test_patrol_network(&s->rng, &drawn);
    ck_assert_uint_le(drawn.segment_count, FIGURES_MAX);
    s->base = test_patrol_speeds(&s->rng);
    const figures f = draw_figures(&s->rng, &drawn);
    pct_speeds speeds = s->base;
    double *kmh = s->profile == PCT_PROFILE_PATROL ? speeds.patrol_kmh : speeds.kmh;
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        if (f.class_kmh[c] > 0.0) kmh[c] = f.class_kmh[c];
    write_times(&drawn, &f, &written);
    s->response = test_road_of(&drawn, &s->base);
    s->patrol = test_patrol_road(s->response, &s->base);
    s->written_response = test_road_of(&written, &speeds);
    s->written_patrol = test_patrol_road(s->written_response, &speeds);
    learn(s, &f);
    test_ok(pct_road_of_band(open_road(s), &s->learnt, BAND, &s->base, &s->band, &error), &error);
}

static void close_setting(setting *s) {
    pct_road_free(s->band);
    pct_learnt_dispose(&s->learnt);
    pct_road_free(s->written_patrol);
    pct_road_free(s->written_response);
    pct_road_free(s->patrol);
    pct_road_free(s->response);
}

static pct_road_point random_point(setting *s) {
    const pct_network *net = &s->response->network;
    uint32_t segment = pct_rng_below(&s->rng, net->segment_count),
             length_mm = net->segments[segment].length_mm, draw = pct_rng_below(&s->rng, 4);
    return (pct_road_point){segment, draw == 0   ? 0
                                     : draw == 1 ? length_mm
                                                 : pct_rng_below(&s->rng, length_mm + 1)};
}

/* How many ways differ from those at the map's own speeds. */
static uint32_t compare(setting *s, const pct_road *road, const pct_road *written) {
    pct_router *router, *plain;
    pct_dijkstra *dijkstra;
    pct_error error;
    uint32_t differ = 0;
    test_ok(pct_router_new(road, &router, &error), &error);
    test_ok(pct_router_new(open_road(s), &plain, &error), &error);
    test_ok(pct_dijkstra_new(written, &dijkstra, &error), &error);
    for (int i = 0; i < PAIRS; i++) {
        pct_road_point from = random_point(s), to = random_point(s);
        uint32_t expected = pct_dijkstra_time_ms(dijkstra, from, to);
        ck_assert_uint_eq(pct_router_time_ms(router, from, to), expected);
        differ += pct_router_time_ms(plain, from, to) != expected;
    }
    pct_dijkstra_free(dijkstra);
    pct_router_free(plain);
    pct_router_free(router);
    return differ;
}

TEST(a_bands_times_are_dijkstras_under_that_bands_weights) {
    uint32_t differ = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        open_setting(&s, seed);
        differ += compare(&s, s.band, written_road(&s));
        close_setting(&s);
    }
    ck_assert_uint_gt(differ, (uint32_t)NETWORKS * PAIRS / 2);
}

TEST(closures_over_a_band_are_dijkstras_under_that_bands_weights) {
    uint32_t differ = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_closed_segment shut[SHUT_MAX];
        pct_road *closed, *written;
        pct_error error;
        open_setting(&s, seed);
        for (int i = 0; i < SHUT_MAX; i++)
            shut[i] = (pct_closed_segment){pct_rng_below(&s.rng, s.response->network.segment_count), true,
                                           pct_rng_below(&s.rng, 2) != 0,
                                           (uint8_t)(pct_rng_below(&s.rng, 2) * pct_rng_below(&s.rng, 40))};
        test_ok(pct_road_close(s.band, shut, SHUT_MAX, &closed, &error), &error);
        test_ok(pct_road_close(written_road(&s), shut, SHUT_MAX, &written, &error), &error);
        differ += compare(&s, closed, written);
        pct_road_free(written);
        pct_road_free(closed);
        close_setting(&s);
    }
    ck_assert_uint_gt(differ, (uint32_t)NETWORKS * PAIRS / 2);
}

TEST_MAIN("band laws", TEST_CASE(a_bands_times_are_dijkstras_under_that_bands_weights),
          TEST_CASE(closures_over_a_band_are_dijkstras_under_that_bands_weights))
