/* Laws of the metric on real maps, each of them closed a thousand times over. */
#include "base/heap.h"
#include "base/memory.h"
#include "road/import.h"
#include "road/metric_updater.h"
#include "support/roads.h"
#include "support/test.h"

enum { CLOSURES = 1000, COMPARED_EVERY = 125, REOPENED_AT_ONCE = 37, SOURCES = 3, TARGETS = 200 };

typedef struct map {
    pct_road *road;
    pct_metric_updater *updater;
    pct_metric open, full; /* as at the beginning; customized anew for comparison */
    pct_rng rng;
} map;

static pct_road *read_map(const char *path) {
    size_t length;
    char *bytes = test_read_file(path, &length);
    pct_network network;
    pct_import_report report;
    pct_error error;
    ck_assert_ptr_nonnull(bytes);
    test_ok(pct_import_osm(path, (pct_text){bytes, length}, &network, &report, &error), &error);
    free(bytes);
    pct_speeds speeds = pct_speeds_uniform(0.0);
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++) speeds.kmh[c] = 90.0 - 4.0 * c;
    return test_road_of(&network, &speeds);
}

static void customize(const pct_road *road, const uint32_t *arc_ms, pct_metric *out) {
    pct_error error;
    test_ok(pct_metric_new(&road->graph, &road->hierarchy, arc_ms, out, &error), &error);
}

static void check_same(const map *m, const pct_metric *expected) {
    const pct_metric *metric = &m->road->metric;
    ck_assert(memcmp(metric->arc_ms, expected->arc_ms, m->road->graph.arc_count * sizeof *metric->arc_ms) ==
              0);
    ck_assert(memcmp(metric->ms, expected->ms, m->road->hierarchy.arc_count * sizeof *metric->ms) == 0);
}

static void close_a_thousand(map *m) {
    const pct_graph *g = &m->road->graph;
    for (int i = 0; i < CLOSURES; i++) {
        pct_arc_change change = {pct_rng_below(&m->rng, g->arc_count), PCT_NO_WAY_MS};
        if (i % 5 == 0)
            change.ms = m->road->metric.arc_ms[change.arc] * 2 < PCT_NO_WAY_MS
                            ? m->road->metric.arc_ms[change.arc] * 2
                            : PCT_NO_WAY_MS; /* slowed */
        pct_metric_update(g, &m->road->hierarchy, &m->road->metric, &change, 1, m->updater);
        if (i % COMPARED_EVERY != 0 && i + 1 != CLOSURES) continue;
        memcpy(m->full.arc_ms, m->road->metric.arc_ms, g->arc_count * sizeof *m->full.arc_ms);
        pct_metric_customize(g, &m->road->hierarchy, &m->full, m->updater);
        check_same(m, &m->full);
    }
}

static void reopen_all(map *m) {
    const pct_graph *g = &m->road->graph;
    pct_arc_change changes[REOPENED_AT_ONCE];
    size_t count = 0;
    for (uint32_t arc = 0; arc < g->arc_count; arc++) {
        if (m->road->metric.arc_ms[arc] != m->open.arc_ms[arc])
            changes[count++] = (pct_arc_change){arc, m->open.arc_ms[arc]};
        if (count < REOPENED_AT_ONCE && arc + 1 < g->arc_count) continue;
        pct_metric_update(g, &m->road->hierarchy, &m->road->metric, changes, count, m->updater);
        count = 0;
    }
}

/* Over the rank and its ancestors, lowest first; the rest of ms is as it was. */
static void climb(const pct_hierarchy *h, const pct_upward *upward, uint32_t start, uint32_t *ms) {
    for (uint32_t r = start; r != PCT_NO_INDEX; r = pct_hierarchy_parent(h, r)) ms[r] = PCT_NO_WAY_MS;
    ms[start] = 0;
    for (uint32_t r = start; r != PCT_NO_INDEX; r = pct_hierarchy_parent(h, r))
        for (uint32_t i = upward->first[r]; i < upward->first[r + 1]; i++) {
            const pct_upward_arc *arc = &upward->arcs[i];
            if (ms[r] + arc->ms < ms[arc->head]) ms[arc->head] = ms[r] + arc->ms;
        }
}

static void check_pair(map *m) {
    const pct_hierarchy *h = &m->road->hierarchy;
    pct_error error;
    pct_heap *heap;
    uint32_t *block = pct_alloc(h->node_count, 3 * sizeof *block), *up = block + h->node_count;
    uint32_t *down = up + h->node_count;
    ck_assert_ptr_nonnull(block);
    test_ok(pct_heap_new(h->node_count, &heap), NULL);
    test_ok(pct_metric_perfect(h, &m->road->metric, m->updater, &error), &error);
    for (int s = 0; s < SOURCES; s++) {
        uint32_t from = pct_rng_below(&m->rng, h->node_count);
        test_road_search(m->road, heap, from, block);
        for (uint32_t r = 0; r < h->node_count; r++) up[r] = PCT_NO_WAY_MS;
        climb(h, &m->road->metric.forward, h->node_rank[from], up);
        for (int t = 0; t < TARGETS; t++) {
            uint32_t to = pct_rng_below(&m->rng, h->node_count), best_ms = PCT_NO_WAY_MS;
            climb(h, &m->road->metric.backward, h->node_rank[to], down);
            for (uint32_t r = h->node_rank[to]; r != PCT_NO_INDEX; r = pct_hierarchy_parent(h, r))
                if (up[r] + down[r] < best_ms) best_ms = up[r] + down[r];
            ck_assert_uint_eq(best_ms, block[to]);
        }
    }
    pct_heap_free(heap);
    pct_free(block);
}

static void check_map(const char *path) {
    pct_error error;
    map m = {.road = read_map(path), .rng = pct_rng_init(1, 0)};
    test_ok(pct_metric_updater_new(&m.road->graph, &m.road->hierarchy, &m.updater, &error), &error);
    customize(m.road, m.road->metric.arc_ms, &m.open);
    customize(m.road, m.road->metric.arc_ms, &m.full);
    m.updater->update_most = UINT64_MAX; /* small maps would be customized as a whole */
    check_pair(&m);
    close_a_thousand(&m);
    ck_assert(memcmp(m.road->metric.ms, m.open.ms, m.road->hierarchy.arc_count * sizeof *m.open.ms) != 0);
    check_pair(&m);
    reopen_all(&m);
    check_same(&m, &m.open);
    pct_metric_dispose(&m.open);
    pct_metric_dispose(&m.full);
    pct_metric_updater_free(m.updater);
    pct_road_free(m.road);
}

TEST(a_thousand_closures_and_their_end_on_porto) {
    TEST_NEEDS_DATA("osm/porto.osm.pbf");
    check_map(test_data_path("osm/porto.osm.pbf"));
}

TEST(a_thousand_closures_and_their_end_on_manhattan) {
    TEST_NEEDS_DATA("osm/manhattan-roads.osm.pbf");
    check_map(test_data_path("osm/manhattan-roads.osm.pbf"));
}

TEST(a_thousand_closures_and_their_end_on_small_countries) {
    static const char *const maps[] = {"osm/andorra-gh.osm.pbf", "osm/liechtenstein.osm.pbf",
                                       "osm/monaco.osm.pbf"};
    for (int i = 0; i < 3; i++) {
        TEST_NEEDS_DATA(maps[i]);
        check_map(test_data_path(maps[i]));
    }
}

TEST_MAIN("metric on maps", TEST_CASE(a_thousand_closures_and_their_end_on_porto),
          TEST_CASE(a_thousand_closures_and_their_end_on_manhattan),
          TEST_CASE(a_thousand_closures_and_their_end_on_small_countries))
