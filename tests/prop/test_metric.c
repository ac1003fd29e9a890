/* Laws of the metric: however it was reached it is the same, and the pruned pair answers what plain Dijkstra answers. */
#include "base/heap.h"
#include "base/memory.h"
#include "road/metric_updater.h"
#include "support/roads.h"
#include "support/test.h"

enum {
    NETWORKS = 2000,
    NODES_MAX = 60,
    TOWN_EVERY = 25,
    TOWN_MIN = 500,
    TOWN_MAX = 2000,
    CHANGES_MAX = 12,
    ROUNDS = 4
};

typedef struct setting {
    pct_rng rng;
    pct_road *road;
    pct_metric_updater *updater;
    uint32_t *open_ms; /* [graph arcs] as at the beginning */
} setting;

static void open_town(setting *s, uint64_t seed, uint32_t nodes_min, uint32_t nodes_max) {
    pct_error error;
    s->rng = pct_rng_init(seed, 0);
    s->road = test_road_random(&s->rng, nodes_min + pct_rng_below(&s->rng, nodes_max - nodes_min + 1));
    test_ok(pct_metric_updater_new(&s->road->graph, &s->road->hierarchy, &s->updater, &error), &error);
    s->open_ms = pct_alloc(s->road->graph.arc_count, sizeof *s->open_ms);
    ck_assert_ptr_nonnull(s->open_ms);
    memcpy(s->open_ms, s->road->metric.arc_ms, s->road->graph.arc_count * sizeof *s->open_ms);
}

static void open_setting(setting *s, uint64_t seed) {
    open_town(s, seed, 2, NODES_MAX);
}

static void close_setting(setting *s) {
    pct_metric_updater_free(s->updater);
    pct_free(s->open_ms);
    pct_road_free(s->road);
}

/* Closings, slowings, quickenings and re-openings; arcs come more than once. */
static size_t draw_changes(setting *s, pct_arc_change *changes) {
    uint32_t arcs = s->road->graph.arc_count;
    size_t count = 1 + pct_rng_below(&s->rng, CHANGES_MAX);
    for (size_t i = 0; i < count; i++) {
        uint32_t arc = pct_rng_below(&s->rng, arcs), open_ms = s->open_ms[arc];
        switch (pct_rng_below(&s->rng, 4)) {
        case 0: changes[i] = (pct_arc_change){arc, PCT_NO_WAY_MS}; break;
        case 1: changes[i] = (pct_arc_change){arc, open_ms}; break;
        case 2: changes[i] = (pct_arc_change){arc, 1 + pct_rng_below(&s->rng, 60000)}; break;
        default: changes[i] = (pct_arc_change){arc, s->road->metric.arc_ms[arc]}; break;
        }
    }
    return count;
}

/* All at once as the count of changes says; never all; and all after some of it has been done already. */
static void limit_updates(setting *s, int round) {
    bool midway = round % 3 == 2;
    s->updater->work_of_change = midway ? 0 : 1500;
    s->updater->update_most = round == 0 ? s->updater->work / 16
                              : midway   ? pct_rng_below(&s->rng, 100)
                                         : UINT64_MAX;
}

static void check_same(const pct_road *road, const pct_metric *a, const pct_metric *b) {
    ck_assert_mem_eq(a->arc_ms, b->arc_ms, road->graph.arc_count * sizeof *a->arc_ms);
    ck_assert_mem_eq(a->ms, b->ms, road->hierarchy.arc_count * sizeof *a->ms);
}

TEST(updated_metric_is_the_customized_one_bit_for_bit) {
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_error error;
        pct_metric full;
        pct_arc_change changes[CHANGES_MAX];
        open_setting(&s, seed);
        test_ok(pct_metric_new(&s.road->graph, &s.road->hierarchy, s.open_ms, &full, &error), &error);
        for (int round = 0; round < ROUNDS; round++) {
            size_t count = draw_changes(&s, changes);
            limit_updates(&s, round);
            pct_metric_update(&s.road->graph, &s.road->hierarchy, &s.road->metric, changes, count, s.updater);
            for (size_t i = 0; i < count; i++) full.arc_ms[changes[i].arc] = changes[i].ms;
            pct_metric_customize(&s.road->graph, &s.road->hierarchy, &full, s.updater);
            check_same(s.road, &s.road->metric, &full);
        }
        pct_metric_dispose(&full);
        close_setting(&s);
    }
}

TEST(reopening_everything_restores_the_metric_bit_for_bit) {
    uint32_t differed = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_error error;
        pct_metric before;
        pct_arc_change changes[CHANGES_MAX];
        open_setting(&s, seed);
        test_ok(pct_metric_new(&s.road->graph, &s.road->hierarchy, s.open_ms, &before, &error), &error);
        for (int round = 0; round < ROUNDS; round++) {
            size_t count = draw_changes(&s, changes);
            limit_updates(&s, round);
            pct_metric_update(&s.road->graph, &s.road->hierarchy, &s.road->metric, changes, count, s.updater);
        }
        differed +=
            memcmp(before.ms, s.road->metric.ms, s.road->hierarchy.arc_count * sizeof *before.ms) != 0;
        for (uint32_t arc = 0; arc < s.road->graph.arc_count; arc++) {
            pct_arc_change change = {arc, s.open_ms[arc]};
            if (s.road->metric.arc_ms[arc] != change.ms)
                pct_metric_update(&s.road->graph, &s.road->hierarchy, &s.road->metric, &change, 1, s.updater);
        }
        check_same(s.road, &s.road->metric, &before);
        pct_metric_dispose(&before);
        close_setting(&s);
    }
    ck_assert_uint_gt(differed, NETWORKS / 2);
}

/* As the plain definition has it: rank after rank, triangle after triangle. */
static void customize_plainly(const pct_road *road, pct_metric *metric) {
    const pct_hierarchy *h = &road->hierarchy;
    for (uint32_t a = 0; a < h->arc_count; a++)
        metric->ms[a][PCT_UP] = metric->ms[a][PCT_DOWN] = PCT_NO_WAY_MS;
    for (uint32_t arc = 0; arc < road->graph.arc_count; arc++) {
        uint32_t place = h->arc_place[arc];
        if (place == PCT_NO_INDEX) continue;
        uint32_t *ms = &metric->ms[place >> 1][place & 1];
        if (metric->arc_ms[arc] < *ms) *ms = metric->arc_ms[arc];
    }
    for (uint32_t v = 0; v < h->node_count; v++)
        for (uint32_t va = h->first_up[v]; va < h->first_up[v + 1]; va++)
            for (uint32_t vb = va + 1; vb < h->first_up[v + 1]; vb++) {
                uint32_t *ab = metric->ms[pct_hierarchy_find_arc(h, h->up_head[va], h->up_head[vb])];
                uint32_t up_ms = metric->ms[va][PCT_DOWN] + metric->ms[vb][PCT_UP];
                uint32_t down_ms = metric->ms[vb][PCT_DOWN] + metric->ms[va][PCT_UP];
                if (up_ms < ab[PCT_UP]) ab[PCT_UP] = up_ms;
                if (down_ms < ab[PCT_DOWN]) ab[PCT_DOWN] = down_ms;
            }
}

static void check_same_half(const pct_hierarchy *h, const pct_upward *a, const pct_upward *b) {
    ck_assert_mem_eq(a->first, b->first, (h->node_count + 1) * sizeof *a->first);
    for (uint32_t i = 0; i < a->first[h->node_count]; i++)
        ck_assert(a->arcs[i].head == b->arcs[i].head && a->arcs[i].ms == b->arcs[i].ms);
}

/* Threads or none, wide or plain: every combination, on networks that are otherwise too small to be shared; some are large
 * enough for parts of many ranks. */
TEST(metric_is_the_same_whoever_computes_it_and_how) {
    pct_error error;
    pct_pool *pool;
    test_ok(pct_pool_new(2, &pool, &error), &error);
    uint32_t parts = 0;
    for (uint64_t seed = 0; seed < NETWORKS / 4; seed++) {
        setting s;
        pct_metric plain;
        if (seed % TOWN_EVERY == 0)
            open_town(&s, seed, TOWN_MIN, TOWN_MAX);
        else
            open_setting(&s, seed);
        pct_metric *metric = &s.road->metric;
        for (uint32_t arc = 0; arc < s.road->graph.arc_count; arc += 3)
            metric->arc_ms[arc] = pct_rng_below(&s.rng, 4) ? 1 + pct_rng_below(&s.rng, 5000) : PCT_NO_WAY_MS;
        test_ok(pct_metric_new(&s.road->graph, &s.road->hierarchy, metric->arc_ms, &plain, &error), &error);
        customize_plainly(s.road, &plain);
        bool wide_is_there = s.updater->is_wide;
        s.updater->share_from = 0;
        for (int way = 0; way < 4; way++) {
            test_ok(pct_metric_updater_share(s.updater, &s.road->hierarchy, way & 1 ? pool : NULL, &error),
                    &error);
            s.updater->is_wide = (way & 2) != 0 && wide_is_there;
            memset(metric->ms, 0x55, s.road->hierarchy.arc_count * sizeof *metric->ms);
            pct_metric_customize(&s.road->graph, &s.road->hierarchy, metric, s.updater);
            check_same(s.road, metric, &plain);
            test_ok(pct_metric_perfect(&s.road->hierarchy, way == 0 ? &plain : metric, s.updater, &error),
                    &error);
            if (way == 0) continue;
            check_same_half(&s.road->hierarchy, &metric->forward, &plain.forward);
            check_same_half(&s.road->hierarchy, &metric->backward, &plain.backward);
        }
        parts += s.updater->plan.part_count > 1 && s.updater->plan.task_count > s.updater->plan.part_count;
        pct_metric_dispose(&plain);
        close_setting(&s);
    }
    ck_assert_uint_gt(parts, NETWORKS / 10);
    pct_pool_free(pool);
}

/* --- the pruned pair ---------------------------------------------------------------------------------------------- */

/* Times between a rank and all ranks above it, over one half of the pair. */
static void climb(const pct_hierarchy *h, const pct_upward *upward, uint32_t start, uint32_t *ms) {
    for (uint32_t r = 0; r < h->node_count; r++) ms[r] = PCT_NO_WAY_MS;
    ms[start] = 0;
    for (uint32_t r = start; r != PCT_NO_INDEX; r = pct_hierarchy_parent(h, r))
        for (uint32_t i = upward->first[r]; i < upward->first[r + 1]; i++) {
            const pct_upward_arc *arc = &upward->arcs[i];
            if (ms[r] + arc->ms < ms[arc->head]) ms[arc->head] = ms[r] + arc->ms;
        }
}

TEST(pruned_pair_answers_as_plain_dijkstra_before_and_after_changes) {
    size_t kept = 0, all = 0;
    for (uint64_t seed = 0; seed < NETWORKS; seed++) {
        setting s;
        pct_error error;
        pct_heap *heap;
        uint32_t plain_ms[NODES_MAX], up_ms[NODES_MAX], down_ms[NODES_MAX];
        pct_arc_change changes[CHANGES_MAX];
        open_setting(&s, seed);
        const pct_hierarchy *h = &s.road->hierarchy;
        test_ok(pct_heap_new(h->node_count, &heap), NULL);
        for (int round = 0; round < 2; round++) {
            test_ok(pct_metric_perfect(h, &s.road->metric, s.updater, &error), &error);
            ck_assert(s.road->metric.is_perfect);
            uint32_t from = pct_rng_below(&s.rng, h->node_count);
            test_road_search(s.road, heap, from, plain_ms);
            climb(h, &s.road->metric.forward, h->node_rank[from], up_ms);
            for (uint32_t to = 0; to < h->node_count; to++) {
                uint32_t best_ms = PCT_NO_WAY_MS;
                climb(h, &s.road->metric.backward, h->node_rank[to], down_ms);
                for (uint32_t r = 0; r < h->node_count; r++)
                    if (up_ms[r] + down_ms[r] < best_ms) best_ms = up_ms[r] + down_ms[r];
                ck_assert_uint_eq(best_ms, plain_ms[to]);
            }
            kept +=
                s.road->metric.forward.first[h->node_count] + s.road->metric.backward.first[h->node_count];
            all += 2 * (size_t)h->arc_count;
            size_t count = draw_changes(&s, changes);
            limit_updates(&s, round);
            pct_metric_update(&s.road->graph, h, &s.road->metric, changes, count, s.updater);
        }
        pct_heap_free(heap);
        close_setting(&s);
    }
    ck_assert_uint_lt(kept, all);
}

/* What an arc stands for, down to graph arcs: connected, and as long as the arc says. */
static uint32_t unpack_ms(const pct_road *road, uint32_t arc_and_way, uint32_t *node) {
    uint32_t parts[2];
    int count = pct_metric_unpack(&road->graph, &road->hierarchy, &road->metric, arc_and_way, parts);
    ck_assert_int_ne(count, 0);
    if (count == 2) {
        uint32_t first_ms = unpack_ms(road, parts[0], node);
        return first_ms + unpack_ms(road, parts[1], node);
    }
    uint32_t first = road->graph.first_arc[*node], end = road->graph.first_arc[*node + 1];
    ck_assert(first <= parts[0] && parts[0] < end);
    *node = road->graph.arc_head[parts[0]];
    return road->metric.arc_ms[parts[0]];
}

TEST(arcs_unpack_to_connected_roads_of_their_time) {
    for (uint64_t seed = 0; seed < NETWORKS / 4; seed++) {
        setting s;
        pct_error error;
        pct_arc_change changes[CHANGES_MAX];
        open_setting(&s, seed);
        const pct_hierarchy *h = &s.road->hierarchy;
        for (int round = 0; round < 4; round++) {
            if (round == 1) test_ok(pct_metric_perfect(h, &s.road->metric, s.updater, &error), &error);
            for (uint32_t place = 0; place < 2 * h->arc_count; place++) {
                uint32_t arc = place >> 1, low = h->up_tail[arc], high = h->up_head[arc], parts[2];
                uint32_t ms = s.road->metric.ms[arc][place & 1];
                uint32_t node = h->rank_node[(place & 1) == PCT_UP ? low : high];
                if (ms >= PCT_NO_WAY_MS) {
                    ck_assert_int_eq(pct_metric_unpack(&s.road->graph, h, &s.road->metric, place, parts), 0);
                } else {
                    ck_assert_uint_eq(unpack_ms(s.road, place, &node), ms);
                    ck_assert_uint_eq(node, h->rank_node[(place & 1) == PCT_UP ? high : low]);
                }
            }
            if (round == 0) continue;
            size_t count = draw_changes(&s, changes);
            limit_updates(&s, round);
            pct_metric_update(&s.road->graph, h, &s.road->metric, changes, count, s.updater);
        }
        close_setting(&s);
    }
}

static pct_status make_all(void *context) {
    const pct_road *road = context;
    pct_metric metric = {0};
    pct_metric_updater *updater = NULL;
    pct_error error;
    pct_status status = pct_metric_new(&road->graph, &road->hierarchy, road->metric.arc_ms, &metric, &error);
    if (!status) status = pct_metric_updater_new(&road->graph, &road->hierarchy, &updater, &error);
    if (!status) status = pct_metric_updater_share(updater, &road->hierarchy, NULL, &error);
    if (!status) status = pct_metric_perfect(&road->hierarchy, &metric, updater, &error);
    if (!status != metric.is_perfect) status = PCT_INTERNAL;
    pct_metric_updater_free(updater);
    pct_metric_dispose(&metric);
    return status;
}

TEST(metric_and_updater_survive_each_failing_allocation) {
    setting s;
    open_setting(&s, 3);
    ck_assert_uint_ge(test_torture(make_all, s.road), 15);
    close_setting(&s);
}

TEST(updates_and_customizations_allocate_nothing) {
    setting s;
    pct_arc_change changes[CHANGES_MAX];
    open_setting(&s, 7);
    size_t before = test_allocation_count();
    for (int round = 0; round < 50; round++) {
        size_t count = draw_changes(&s, changes);
        pct_metric_update(&s.road->graph, &s.road->hierarchy, &s.road->metric, changes, count, s.updater);
    }
    pct_metric_customize(&s.road->graph, &s.road->hierarchy, &s.road->metric, s.updater);
    ck_assert_uint_eq(test_allocation_count(), before);
    close_setting(&s);
}

TEST_MAIN("metric", TEST_CASE(updated_metric_is_the_customized_one_bit_for_bit),
          TEST_CASE(reopening_everything_restores_the_metric_bit_for_bit),
          TEST_CASE(metric_is_the_same_whoever_computes_it_and_how),
          TEST_CASE(pruned_pair_answers_as_plain_dijkstra_before_and_after_changes),
          TEST_CASE(metric_and_updater_survive_each_failing_allocation),
          TEST_CASE(updates_and_customizations_allocate_nothing),
          TEST_CASE(arcs_unpack_to_connected_roads_of_their_time))
