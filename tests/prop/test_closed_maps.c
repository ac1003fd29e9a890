/* Both profiles on real maps, before and after a thousand roads are closed or slowed under their readers, against plain Dijkstra: of patrols,
 * with every restriction read anew at every turn. Speeds and turn costs are the shipped ones. */
#include <string.h>

#include "road/closed.h"
#include "road/dijkstra.h"
#include "road/import.h"
#include "site/site.h"
#include "support/patrol.h"
#include "support/roads.h"
#include "support/test.h"

enum { CLOSURES = 1000, BATCH = 125, KMH_MOST = 60, INSIDE_EVERY = 3 };

typedef struct map {
    pct_rng rng;
    pct_road *open[PCT_PROFILE_COUNT];
    pct_road_pair *pair;
    pct_closed_segment shut[CLOSURES];
    size_t shut_count;
} map;

static char *read_whole(const char *relative, pct_text *bytes) {
    size_t length = 0;
    char *chars = relative ? test_read_file(test_data_path(relative), &length) : NULL;
    *bytes = (pct_text){chars, length};
    ck_assert(!relative || chars);
    return chars;
}

/* One file of OpenStreetMap, or nodes, edges and mapping of a table. */
static void read_map(map *m, const char *const files[3]) {
    pct_text bytes[3];
    char *chars[3];
    pct_network network;
    pct_import_report report;
    pct_speeds speeds;
    pct_error error;
    m->rng = pct_rng_init(4, 0);
    m->shut_count = 0;
    for (int i = 0; i < 3; i++) chars[i] = read_whole(files[i], &bytes[i]);
    if (files[1]) {
        const pct_csv_network source = {files[0], files[1], files[2],       bytes[0],
                                        bytes[1], bytes[2], PCT_DATUM_WGS84};
        test_ok(pct_import_csv(&source, &network, &report, &error), &error);
    } else {
        test_ok(pct_import_osm(files[0], bytes[0], &network, &report, &error), &error);
    }
    for (int i = 0; i < 3; i++) free(chars[i]);
    test_ok(pct_site_shipped_speeds(&speeds, &error), &error);
    m->open[PCT_PROFILE_RESPONSE] = test_road_of(&network, &speeds);
    m->open[PCT_PROFILE_PATROL] = test_patrol_road(m->open[PCT_PROFILE_RESPONSE], &speeds);
    const pct_road *const open[] = {m->open[0], m->open[1]};
    test_ok(pct_road_pair_new(open, PCT_PROFILE_COUNT, &m->pair, &error), &error);
}

static void dispose_map(map *m) {
    pct_road_pair_free(m->pair);
    pct_road_free(m->open[PCT_PROFILE_PATROL]);
    pct_road_free(m->open[PCT_PROFILE_RESPONSE]);
}

static const pct_road *shown(const map *m, unsigned profile) {
    return pct_road_pair_road(m->pair, 1 - pct_road_pair_hidden(m->pair), profile);
}

/* --- closures ----------------------------------------------------------------------------------------------------- */

/* Half of them near each other, so that junctions come to have no open road left. */
static pct_closed_segment draw_closure(map *m) {
    const uint32_t count = m->open[0]->network.segment_count, ways = 1 + pct_rng_below(&m->rng, 3);
    const uint32_t near = count / 8 + pct_rng_below(&m->rng, count / 16 + 1);
    return (pct_closed_segment){
        .segment = pct_rng_below(&m->rng, 2) ? pct_rng_below(&m->rng, count) : near,
        .forward = (ways & 1) != 0,
        .backward = (ways & 2) != 0,
        .speed_kmh = (uint8_t)(pct_rng_below(&m->rng, 5) ? 0 : 1 + pct_rng_below(&m->rng, KMH_MOST))};
}

static void show(map *m, const pct_closed_segment *lifted, size_t lifted_count,
                 const pct_closed_segment *closed, size_t count) {
    for (unsigned p = 0; p < PCT_PROFILE_COUNT; p++)
        pct_closed_want(m->pair, p, lifted, lifted_count, closed, count);
    pct_road_pair_catch_up(m->pair);
    pct_road_pair_exchange(m->pair);
}

static void close_a_thousand(map *m) {
    while (m->shut_count < CLOSURES) {
        for (size_t i = 0; i < BATCH; i++) m->shut[m->shut_count + i] = draw_closure(m);
        show(m, NULL, 0, m->shut + m->shut_count, BATCH);
        m->shut_count += BATCH;
    }
}

static void check_same(const pct_road *a, const pct_road *b) {
    ck_assert(memcmp(a->metric.arc_ms, b->metric.arc_ms, a->graph.arc_count * sizeof *a->metric.arc_ms) == 0);
    ck_assert(memcmp(a->metric.ms, b->metric.ms, a->hierarchy.arc_count * sizeof *a->metric.ms) == 0);
    ck_assert(memcmp(a->own_ms, b->own_ms, a->network.arc_count * sizeof *a->own_ms) == 0);
}

/* All but one are lifted: what is shown is, to the bit, what this one alone makes of the open road. Then that one too. */
static void lift_all(map *m) {
    const pct_closed_segment last = {m->shut[0].segment, true, true, 0};
    show(m, m->shut, m->shut_count, &last, 1);
    for (unsigned p = 0; p < PCT_PROFILE_COUNT; p++) {
        pct_road *alone;
        pct_error error;
        test_ok(pct_road_close(m->open[p], &last, 1, &alone, &error), &error);
        check_same(shown(m, p), alone);
        pct_road_free(alone);
    }
    show(m, &last, 1, NULL, 0);
    for (unsigned p = 0; p < PCT_PROFILE_COUNT; p++) ck_assert_ptr_eq(shown(m, p), m->open[p]);
}

/* --- against Dijkstra --------------------------------------------------------------------------------------------- */

/* At a junction or inside a segment; with closures mostly on a road that is closed. */
static pct_road_point random_point(map *m) {
    const pct_network *net = &m->open[0]->network;
    bool on_closed = m->shut_count > 0 && pct_rng_below(&m->rng, 3) != 0;
    uint32_t segment = on_closed ? m->shut[pct_rng_below(&m->rng, (uint32_t)m->shut_count)].segment
                                 : pct_rng_below(&m->rng, net->segment_count);
    uint32_t length_mm = net->segments[segment].length_mm;
    if (pct_rng_below(&m->rng, INSIDE_EVERY) == 0)
        return (pct_road_point){segment, pct_rng_below(&m->rng, length_mm + 1)};
    return (pct_road_point){segment, pct_rng_below(&m->rng, 2) ? length_mm : 0};
}

/* What some pairs are like, so that no test passes on pairs that mean nothing. */
typedef struct tally {
    int pairs, unreachable, longer;
} tally;

static void check_pairs(map *m, unsigned profile, int pairs, tally *seen) {
    const pct_road *road = shown(m, profile), *open = m->open[profile];
    pct_error error;
    pct_router *router;
    pct_dijkstra *dijkstra;
    test_ok(pct_router_new(open, &router, &error), &error);
    test_ok(pct_dijkstra_new(road, &dijkstra, &error), &error);
    for (int i = 0; i < pairs; i++) {
        pct_road_point from = random_point(m), to = random_point(m);
        pct_route route;
        uint32_t before_ms = pct_router_time_ms(router, from, to), many_ms;
        uint32_t expected = pct_dijkstra_time_ms(dijkstra, from, to);
        pct_router_take_road(router, road);
        ck_assert_msg(pct_router_time_ms(router, from, to) == expected,
                      "%s, %zu closures, pair %d: %u+%u to %u+%u takes %u, expected %u",
                      pct_profile_name((pct_profile)profile), m->shut_count, i, from.segment, from.offset_mm,
                      to.segment, to.offset_mm, pct_router_time_ms(router, from, to), expected);
        pct_router_times_to(router, to, &from, 1, &many_ms);
        ck_assert_uint_eq(many_ms, expected);
        pct_status status = pct_router_route(router, from, to, &route, &error);
        ck_assert_int_eq(status, expected == PCT_UNREACHABLE_MS ? PCT_UNREACHABLE : PCT_OK);
        ck_assert(status || route.time_ms == expected);
        ck_assert_uint_ge(expected, before_ms); /* closing never shortens */
        seen->pairs++;
        seen->unreachable += expected == PCT_UNREACHABLE_MS;
        seen->longer += expected > before_ms;
        pct_router_take_road(router, open);
    }
    pct_dijkstra_free(dijkstra);
    pct_router_free(router);
}

/* At least one road into a junction can be driven. */
static bool can_be_reached(const pct_road *road, uint32_t node) {
    const pct_network *net = &road->network;
    for (uint32_t s = 0; s < 2; s++) /* the two directions of its own segment, most often */
        if (net->node_segment[node] != PCT_NO_INDEX) {
            uint32_t arc = pct_road_arc_of(net, net->node_segment[node], s);
            if (arc != PCT_NO_INDEX && net->arc_head[arc] == node &&
                pct_road_drive_ms(road, arc) < PCT_NO_WAY_MS)
                return true;
        }
    return false;
}

/* From one point to every junction of the map. */
static void check_all(map *m, unsigned profile) {
    const pct_road *road = shown(m, profile);
    uint32_t n = road->network.node_count, compared = 0;
    uint32_t *found = malloc(2 * n * sizeof *found), *expected = found + n;
    pct_error error;
    pct_router *router;
    pct_dijkstra *dijkstra;
    ck_assert_ptr_nonnull(found);
    test_ok(pct_router_new(road, &router, &error), &error);
    test_ok(pct_dijkstra_new(road, &dijkstra, &error), &error);
    pct_road_point from = random_point(m);
    pct_router_all_times_from(router, from, found);
    pct_dijkstra_all_ms(dijkstra, from, expected);
    for (uint32_t v = 0; v < n; v++) {
        if (!can_be_reached(road, v)) continue;
        ck_assert_uint_eq(found[v], expected[v]);
        compared++;
    }
    ck_assert_uint_gt(compared, n / 2);
    pct_dijkstra_free(dijkstra);
    pct_router_free(router);
    free(found);
}

/* `pairs` of each profile on the open road, as many on the closed one. */
static void check_map(const char *const files[3], int pairs) {
    map m;
    read_map(&m, files);
    for (unsigned p = 0; p < PCT_PROFILE_COUNT; p++) {
        tally open = {0}, closed = {0};
        check_pairs(&m, p, pairs, &open);
        check_all(&m, p);
        ck_assert_int_eq(open.longer, 0);
        ck_assert_int_lt(open.unreachable, open.pairs / 2);
        close_a_thousand(&m);
        check_pairs(&m, p, pairs, &closed);
        check_all(&m, p);
        ck_assert_int_gt(closed.longer, closed.pairs / 10);
        lift_all(&m);
        m.shut_count = 0;
    }
    dispose_map(&m);
}

TEST(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_porto) {
    TEST_NEEDS_DATA("osm/porto.osm.pbf");
    check_map((const char *const[3]){"osm/porto.osm.pbf"}, 40);
}

TEST(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_manhattan) {
    TEST_NEEDS_DATA("osm/manhattan-roads.osm.pbf");
    check_map((const char *const[3]){"osm/manhattan-roads.osm.pbf"}, 150);
}

TEST(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_liechtenstein) {
    TEST_NEEDS_DATA("osm/liechtenstein.osm.pbf");
    check_map((const char *const[3]){"osm/liechtenstein.osm.pbf"}, 300);
}

TEST(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_andorra) {
    TEST_NEEDS_DATA("osm/andorra-gh.osm.pbf");
    check_map((const char *const[3]){"osm/andorra-gh.osm.pbf"}, 400);
}

TEST(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_monaco) {
    TEST_NEEDS_DATA("osm/monaco.osm.pbf");
    check_map((const char *const[3]){"osm/monaco.osm.pbf"}, 400);
}

TEST(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_san_francisco) {
    TEST_NEEDS_DATA("sf/nodes.csv");
    check_map((const char *const[3]){"sf/nodes.csv", "sf/edges.csv", "sf/mapping.json"}, 150);
}

TEST(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_in_the_contest_city) {
    TEST_NEEDS_DATA("cumcm2011b/nodes.csv");
    check_map(
        (const char *const[3]){"cumcm2011b/nodes.csv", "cumcm2011b/edges.csv", "cumcm2011b/mapping.json"},
        1000);
}

TEST_MAIN("closed maps", TEST_CASE(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_porto),
          TEST_CASE(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_manhattan),
          TEST_CASE(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_liechtenstein),
          TEST_CASE(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_andorra),
          TEST_CASE(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_monaco),
          TEST_CASE(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_on_san_francisco),
          TEST_CASE(both_profiles_are_dijkstras_before_and_after_a_thousand_closures_in_the_contest_city))
