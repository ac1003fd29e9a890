#include "cli/bench.h"

#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "road/route/isochrone.h"
#include "road/route/pinned.h"

enum { ARENA_MAX = 1 << 26, CLOSED_MAX = 1000 };

/* What the group keeps: scratch of customizations, and what the questions need. The road has its perfect pair from the
 * beginning of the group; `basic` is the same road without it. */
typedef struct road_group {
    pct_metric_updater *updater, *updater_2; /* of one thread, of two */
    pct_pool *pool;
    pct_road basic;
    pct_pinned *pinned, *pinned_basic;
    uint32_t *table_ms; /* [PCT_BENCH_POINTS squared] */
    pct_arena arena;
} road_group;

static pct_road_point point(const pct_bench *b, int i) {
    return b->points[i % PCT_BENCH_POINTS];
}

static pct_status dijkstra_one_to_one(pct_bench *b, int i, pct_error *error) {
    (void)error;
    b->times_ms[0] = pct_dijkstra_time_ms(b->dijkstra, point(b, i), point(b, i * 7 + 1));
    return PCT_OK;
}

static pct_status dijkstra_one_to_all(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_dijkstra_all_ms(b->dijkstra, point(b, i), b->scratch);
    return PCT_OK;
}

static pct_status travel_time(pct_bench *b, int i, pct_error *error) {
    (void)error;
    b->times_ms[0] = pct_router_time_ms(b->router, point(b, i), point(b, i * 7 + 1));
    return PCT_OK;
}

static pct_status travel_path(pct_bench *b, int i, pct_error *error) {
    pct_route route;
    return pct_router_route(b->router, point(b, i), point(b, i * 7 + 1), &route, error);
}

static pct_status customize_full(pct_bench *b, int i, pct_error *error) {
    pct_road *road = b->site.road;
    (void)i, (void)error;
    pct_metric_customize(&road->graph, &road->hierarchy, &road->metric,
                         ((const road_group *)b->context)->updater);
    return PCT_OK;
}

static pct_status customize_full_2_threads(pct_bench *b, int i, pct_error *error) {
    pct_road *road = b->site.road;
    (void)i, (void)error;
    pct_metric_customize(&road->graph, &road->hierarchy, &road->metric,
                         ((const road_group *)b->context)->updater_2);
    return PCT_OK;
}

static pct_status customize_perfect(pct_bench *b, int i, pct_error *error) {
    pct_road *road = b->site.road;
    (void)i;
    return pct_metric_perfect(&road->hierarchy, &road->metric, ((const road_group *)b->context)->updater,
                              error);
}

/* Closes segments at random, both ways, on top of those closed before; up to a usable (basic) metric. */
static pct_status close_random(pct_bench *b, pct_metric_updater *updater, int segments) {
    pct_road *road = b->site.road;
    const pct_network *net = &road->network;
    pct_arc_change changes[2 * CLOSED_MAX];
    size_t count = 0;
    for (int i = 0; i < segments; i++) {
        uint32_t segment = pct_rng_below(&b->rng, net->segment_count);
        const uint32_t ends[2] = {net->segments[segment].tail, net->segments[segment].head};
        for (uint32_t backward = 0; backward < 2; backward++)
            for (uint32_t a = net->first_arc[ends[backward]]; a < net->first_arc[ends[backward] + 1]; a++)
                if (net->arc_segment[a] == segment * 2 + backward)
                    changes[count++] = (pct_arc_change){a, PCT_NO_WAY_MS};
    }
    pct_metric_update(&road->graph, &road->hierarchy, &road->metric, changes, count, updater);
    return PCT_OK;
}

static pct_status close_1(pct_bench *b, int i, pct_error *error) {
    (void)i, (void)error;
    return close_random(b, ((const road_group *)b->context)->updater, 1);
}

static pct_status close_100(pct_bench *b, int i, pct_error *error) {
    (void)i, (void)error;
    return close_random(b, ((const road_group *)b->context)->updater, 100);
}

static pct_status close_100_2_threads(pct_bench *b, int i, pct_error *error) {
    (void)i, (void)error;
    return close_random(b, ((const road_group *)b->context)->updater_2, 100);
}

static pct_status close_1000(pct_bench *b, int i, pct_error *error) {
    (void)i, (void)error;
    return close_random(b, ((const road_group *)b->context)->updater, CLOSED_MAX);
}

static pct_status travel_time_basic(pct_bench *b, int i, pct_error *error) {
    const road_group *g = b->context;
    pct_router_take_road(b->router, &g->basic);
    pct_status status = travel_time(b, i, error);
    pct_router_take_road(b->router, b->site.road);
    return status;
}

static pct_status one_to_1000(pct_bench *b, int i, pct_error *error) {
    const road_group *g = b->context;
    (void)error;
    pct_router_times_pinned(b->router, point(b, i), g->pinned, b->times_ms);
    return PCT_OK;
}

static pct_status one_to_1000_basic(pct_bench *b, int i, pct_error *error) {
    const road_group *g = b->context;
    (void)error;
    pct_router_times_pinned(b->router, point(b, i), g->pinned_basic, b->times_ms);
    return PCT_OK;
}

static pct_status one_to_1000_unpinned(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_router_times_from(b->router, point(b, i), b->points, PCT_BENCH_POINTS, b->times_ms);
    return PCT_OK;
}

static pct_status pin_1000(pct_bench *b, int i, pct_error *error) {
    const road_group *g = b->context;
    (void)i;
    return pct_pinned_renew(g->pinned, b->site.road, error);
}

static pct_status matrix_1000(pct_bench *b, int i, pct_error *error) {
    const road_group *g = b->context;
    (void)i;
    return pct_router_table(b->router, b->points, PCT_BENCH_POINTS, b->points, PCT_BENCH_POINTS, g->table_ms,
                            error);
}

static pct_status matrix_1000_basic(pct_bench *b, int i, pct_error *error) {
    const road_group *g = b->context;
    pct_router_take_road(b->router, &g->basic);
    pct_status status = matrix_1000(b, i, error);
    pct_router_take_road(b->router, b->site.road);
    return status;
}

static pct_status one_to_all(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_router_all_times_from(b->router, point(b, i), b->scratch);
    return PCT_OK;
}

enum { EIGHT_MINUTES_MS = 480000 };

static pct_status isochrone_8min(pct_bench *b, int i, pct_error *error) {
    road_group *g = b->context;
    const uint32_t limit_ms = EIGHT_MINUTES_MS;
    pct_shape shape;
    pct_arena_reset(&g->arena);
    return pct_isochrone(b->router, point(b, i), false, &limit_ms, 1, &g->arena, &shape, error);
}

static pct_status isochrone_8min_nodes(pct_bench *b, int i, pct_error *error) {
    const pct_reached *reached;
    size_t count;
    return pct_router_reached_from(b->router, point(b, i), EIGHT_MINUTES_MS, &reached, &count, error);
}

static pct_status times_to_200(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_router_times_to(b->router, point(b, i), b->points + i % 800, 200, b->times_ms);
    return PCT_OK;
}

static pct_status nearest_10_of_1000(pct_bench *b, int i, pct_error *error) {
    pct_near found[10];
    size_t count;
    return pct_router_nearest_to(b->router, point(b, i), b->points, PCT_BENCH_POINTS, PCT_UNREACHABLE_MS, 10,
                                 found, &count, error);
}

static pct_status snap(pct_bench *b, int i, pct_error *error) {
    pct_position p = pct_road_point_position(b->site.road, point(b, i));
    pct_road_point found;
    double distance_m;
    p.lon_e7 += 3000;
    return pct_road_snap(b->site.road, p, 2000.0, &found, &distance_m, error);
}

static const pct_bench_figure figures[] = {{"dijkstra_one_to_one", 300, dijkstra_one_to_one, NULL},
                                           {"dijkstra_one_to_all", 100, dijkstra_one_to_all, NULL},
                                           {"travel_time", 10000, travel_time, NULL},
                                           {"travel_path", 5000, travel_path, NULL},
                                           {"travel_time_basic", 10000, travel_time_basic, NULL},
                                           {"pin_1000", 100, pin_1000, NULL},
                                           {"one_to_1000", 1000, one_to_1000, NULL},
                                           {"one_to_1000_basic", 1000, one_to_1000_basic, NULL},
                                           {"one_to_1000_unpinned", 300, one_to_1000_unpinned, NULL},
                                           {"matrix_1000", 10, matrix_1000, NULL},
                                           {"matrix_1000_basic", 10, matrix_1000_basic, NULL},
                                           {"one_to_all", 100, one_to_all, NULL},
                                           {"isochrone_8min", 100, isochrone_8min, NULL},
                                           {"isochrone_8min_nodes", 300, isochrone_8min_nodes, NULL},
                                           {"times_to_200", 1000, times_to_200, NULL},
                                           {"nearest_10_of_1000", 1000, nearest_10_of_1000, NULL},
                                           {"snap", 5000, snap, NULL},
                                           {"customize_full", 50, customize_full, NULL},
                                           {"customize_full_2_threads", 50, customize_full_2_threads, NULL},
                                           {"customize_perfect", 20, customize_perfect, NULL},
                                           {"close_1", 1000, close_1, NULL},
                                           {"close_100", 20, close_100, NULL},
                                           {"close_100_2_threads", 20, close_100_2_threads, NULL},
                                           {"close_1000", 10, close_1000, NULL},
                                           {0}};

/* The arrays of a road with one profile and one band, basic and perfect; what is not there counts nothing. */
static double road_bytes(const pct_road *road) {
    const pct_network *net = &road->network;
    const pct_hierarchy *h = &road->hierarchy;
    const pct_metric *metric = &road->metric;
    double n = net->node_count, arcs = net->arc_count, segments = net->segment_count, m = h->arc_count;
    double network = n * (sizeof *net->node_position + sizeof *net->node_source + 4 * sizeof(uint32_t) + 1) +
                     arcs * 2 * sizeof(uint32_t) + segments * sizeof *net->segments +
                     net->shape_count * (double)sizeof *net->shapes + net->name_count * 4.0 +
                     net->name_bytes + net->restriction_count * (double)sizeof *net->restrictions;
    double snap = (double)pct_tree_box_count(road->tree.item_count) * sizeof(pct_box) + segments * 4.0;
    double hierarchy = n * 4 * sizeof(uint32_t) + m * 3 * sizeof(uint32_t) + arcs * sizeof(uint32_t);
    double climb = (3 * n + road->climb.first_block[h->node_count]) * sizeof(uint32_t);
    double kept = (double)(metric->forward.capacity + metric->backward.capacity);
    double times = m * sizeof *metric->ms + arcs * sizeof *metric->arc_ms + 2 * n * sizeof(uint32_t) +
                   kept * sizeof(pct_upward_arc);
    double dots = segments * sizeof *road->dots.runs + road->dots.count * (double)sizeof *road->dots.points;
    return network + snap + dots + hierarchy + climb + times;
}

static void write_resident(pct_bench *b) {
    const pct_bench_number numbers[] = {{"value", road_bytes(b->site.road) / 1e6, 1}};
    pct_bench_line(b, "resident", "MB", numbers, 1);
}

enum { CPU_REPEATS = 300, MS_PER_S = 1000 };
#define EVENLY 0.6 /* the larger share at most */

static double cpu_ms(clockid_t clock) {
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec * MS_PER_S + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

static double median(double *samples, int count) {
    qsort(samples, (size_t)count, sizeof *samples, by_value);
    return samples[count / 2];
}

/* Two threads against one, in turn. By the clock (the median of pairs), which on a busy machine tells of other programs too; and by the
 * processor's time: the longer of what the two worked at one customization, of those that they shared evenly (a second thread that gets
 * no core takes nothing). */
static void write_critical(pct_bench *b, const road_group *g) {
    pct_road *road = b->site.road;
    double one_ms[CPU_REPEATS], both_ms[CPU_REPEATS], by_clock[CPU_REPEATS], least_share = 1.0;
    int shared = 0;
    for (int i = 0; i < CPU_REPEATS; i++) {
        double began_ms = cpu_ms(CLOCK_THREAD_CPUTIME_ID), began_s = pct_cli_seconds();
        pct_metric_customize(&road->graph, &road->hierarchy, &road->metric, g->updater);
        double half_s = pct_cli_seconds();
        double half_ms = cpu_ms(CLOCK_THREAD_CPUTIME_ID), all_ms = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
        one_ms[i] = half_ms - began_ms;
        double second_s = pct_cli_seconds();
        pct_metric_customize(&road->graph, &road->hierarchy, &road->metric, g->updater_2);
        by_clock[i] = (half_s - began_s) / (pct_cli_seconds() - second_s);
        double caller_ms = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - half_ms;
        double other_ms = cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - all_ms - caller_ms;
        double share = pct_metric_updater_largest_share(g->updater_2);
        if (share < least_share) least_share = share;
        if (share < EVENLY) both_ms[shared++] = caller_ms > other_ms ? caller_ms : other_ms;
    }
    double alone_ms = median(one_ms, CPU_REPEATS);
    double critical_ms = shared > 0 ? median(both_ms, shared) : alone_ms;
    const pct_bench_number numbers[] = {{"one_thread", alone_ms, 3},
                                        {"critical", critical_ms, 3},
                                        {"times_as_fast", alone_ms / critical_ms, 2},
                                        {"by_clock", median(by_clock, CPU_REPEATS), 2},
                                        {"largest_share", least_share, 3},
                                        {"shared", shared, 0},
                                        {"n", CPU_REPEATS, 0}};
    pct_bench_line(b, "customize_full_2_cpu", "ms", numbers, sizeof numbers / sizeof *numbers);
}

static pct_status open_group(pct_bench *b, pct_error *error) {
    pct_road *road = b->site.road;
    road_group *g = pct_alloc_zeroed(1, sizeof *g);
    if (!g) return pct_error_memory(error, sizeof *g);
    b->context = g;
    g->arena = pct_arena_init(ARENA_MAX);
    g->table_ms = pct_alloc((size_t)PCT_BENCH_POINTS * PCT_BENCH_POINTS, sizeof *g->table_ms);
    pct_status status = g->table_ms ? PCT_OK : pct_error_memory(error, sizeof *g->table_ms);
    if (!status) status = pct_metric_updater_new(&road->graph, &road->hierarchy, &g->updater, error);
    if (!status) status = pct_metric_updater_new(&road->graph, &road->hierarchy, &g->updater_2, error);
    if (!status) status = pct_pool_new(1, &g->pool, error);
    if (!status) status = pct_metric_updater_share(g->updater_2, &road->hierarchy, g->pool, error);
    if (!status) write_critical(b, g);
    if (!status) status = pct_metric_perfect(&road->hierarchy, &road->metric, g->updater, error);
    if (!status) write_resident(b);
    if (status) return status;
    g->basic = *road;
    g->basic.metric.is_perfect = false;
    status = pct_pinned_new(road, PCT_PINNED_TARGETS, b->points, PCT_BENCH_POINTS, &g->pinned, error);
    if (!status)
        status = pct_pinned_new(&g->basic, PCT_PINNED_TARGETS, b->points, PCT_BENCH_POINTS, &g->pinned_basic,
                                error);
    return status;
}

static void close_group(pct_bench *b) {
    road_group *g = b->context;
    if (!g) return;
    pct_metric_updater_free(g->updater);
    pct_metric_updater_free(g->updater_2);
    pct_pool_free(g->pool);
    pct_pinned_free(g->pinned);
    pct_pinned_free(g->pinned_basic);
    pct_free(g->table_ms);
    pct_arena_dispose(&g->arena);
    pct_free(g);
}

const pct_bench_group pct_bench_road = {
    .name = "road", .figures = figures, .open = open_group, .close = close_group};
