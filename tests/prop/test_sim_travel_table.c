/* The table answers what the router answers, to the millisecond, on random networks: unreachable pairs, points inside
 * segments, places that share a segment with the point asked for. */
#include "sim/travel_table.h"

#include "road/road.h"
#include "support/roads.h"
#include "support/test.h"

enum { NETWORKS = 40, PLACES = 12, ROUNDS = 20, SOURCES = 40 };

static pct_road_point random_point(pct_rng *rng, const pct_road *road) {
    const pct_network *net = pct_road_network(road);
    uint32_t segment = pct_rng_below(rng, net->segment_count), length_mm = net->segments[segment].length_mm;
    return (pct_road_point){segment, pct_rng_below(rng, 4) == 0 ? 0 : pct_rng_below(rng, length_mm + 1)};
}

static void table_equals_router(uint64_t seed, uint32_t *unreachable) {
    pct_rng rng = pct_rng_init(seed, 0);
    pct_error error;
    pct_travel_road source = {.road = test_road_random(&rng, 2 + pct_rng_below(&rng, 150)),
                              .snap_max_m = 1000.0};
    test_ok(pct_router_new(source.road, &source.router, &error), &error);
    pct_road_point places[PLACES], sources[SOURCES];
    for (int p = 0; p < PLACES; p++) places[p] = p % 4 == 3 ? places[p - 1] : random_point(&rng, source.road);
    pct_travel_table *table = NULL;
    test_ok(pct_travel_table_new(&source, places, PLACES, &table, &error), &error);
    pct_travel by_table = pct_travel_by_table(table), on_road = pct_travel_on_road(&source);
    for (int r = 0; r < ROUNDS; r++) {
        pct_road_point target = random_point(&rng, source.road);
        uint32_t found_ms[SOURCES], expected_ms[SOURCES];
        for (int s = 0; s < SOURCES; s++)
            sources[s] = s % 2 ? random_point(&rng, source.road) : places[pct_rng_below(&rng, PLACES)];
        if (r % 5 == 0) target.segment = sources[0].segment, target.offset_mm = 0;
        by_table.times_to(by_table.context, target, sources, SOURCES, found_ms);
        on_road.times_to(on_road.context, target, sources, SOURCES, expected_ms);
        uint32_t from_ms[SOURCES], way_ms[SOURCES];
        size_t places_or_all =
            r % 2 ? SOURCES : 1; /* sources[0] is a place: the first question needs no router */
        by_table.times_from(by_table.context, target, sources, places_or_all, from_ms);
        on_road.times_from(on_road.context, target, sources, places_or_all, way_ms);
        for (size_t s = 0; s < places_or_all; s++) ck_assert_uint_eq(from_ms[s], way_ms[s]);
        for (int s = 0; s < SOURCES; s++) {
            ck_assert_uint_eq(found_ms[s], expected_ms[s]);
            ck_assert_uint_eq(by_table.time_ms(by_table.context, target, sources[s]),
                              on_road.time_ms(on_road.context, target, sources[s]));
            *unreachable += expected_ms[s] == PCT_UNREACHABLE_MS;
        }
    }
    pct_travel_table_free(table);
    pct_router_free(source.router);
    pct_road_free((pct_road *)source.road);
}

TEST(table_gives_the_times_of_the_router) {
    uint32_t unreachable = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) table_equals_router(seed, &unreachable);
    ck_assert_uint_gt(unreachable, 0);
}

TEST(table_is_made_only_where_it_pays_and_fits) {
    pct_rng rng = pct_rng_init(1, 0);
    pct_road *road = test_road_random(&rng, 200);
    uint64_t nodes = pct_road_network(road)->node_count;
    ck_assert(pct_travel_table_pays(road, 10, nodes));
    ck_assert(!pct_travel_table_pays(road, 10, 1));
    ck_assert(!pct_travel_table_pays(road, 0, nodes));
    ck_assert(!pct_travel_table_pays(road, (UINT64_C(512) << 20) / (8 * nodes) + 1, UINT64_MAX));
    pct_road_free(road);
}

static pct_travel_road torture_source;

static pct_status make_table(void *context) {
    pct_travel_table *table = NULL;
    pct_status status = pct_travel_table_new(&torture_source, context, PLACES, &table, NULL);
    pct_travel_table_free(table);
    return status;
}

TEST(table_reports_every_failed_allocation) {
    pct_rng rng = pct_rng_init(2, 0);
    pct_error error;
    torture_source.road = test_road_random(&rng, 60);
    test_ok(pct_router_new(torture_source.road, &torture_source.router, &error), &error);
    pct_road_point places[PLACES];
    for (int p = 0; p < PLACES; p++) places[p] = random_point(&rng, torture_source.road);
    ck_assert_uint_ge(test_torture(make_table, places), 5);
    pct_router_free(torture_source.router);
    pct_road_free((pct_road *)torture_source.road);
}

TEST_MAIN("sim travel table", TEST_CASE(table_gives_the_times_of_the_router),
          TEST_CASE(table_is_made_only_where_it_pays_and_fits),
          TEST_CASE(table_reports_every_failed_allocation))
