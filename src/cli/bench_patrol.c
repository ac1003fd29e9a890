/* The rows of profile patrol in `precinct bench road`, when the site has its index. Each is the row of bench_road.c without
 * "patrol_", between the same points. */
#include "base/memory.h"
#include "cli/bench.h"
#include "road/order.h"
#include "road/route/isochrone.h"
#include "road/route/pinned.h"

enum { ARENA_MAX = 1 << 26, EIGHT_MINUTES_MS = 480000 };

typedef struct patrol_group {
    pct_metric_updater *updater;
    pct_router *router;
    pct_pinned *pinned;
    uint32_t *table_ms;    /* [PCT_BENCH_POINTS squared] */
    uint32_t *rank_vertex; /* [vertices] */
    pct_arena arena;
} patrol_group;

static pct_road_point point(const pct_bench *b, int i) {
    return b->points[i % PCT_BENCH_POINTS];
}

static pct_status travel_time(pct_bench *b, int i, pct_error *error) {
    const patrol_group *g = b->context;
    (void)error;
    b->times_ms[0] = pct_router_time_ms(g->router, point(b, i), point(b, i * 7 + 1));
    return PCT_OK;
}

/* General traffic does not get everywhere: that there is no route is an answer too. */
static pct_status travel_path(pct_bench *b, int i, pct_error *error) {
    const patrol_group *g = b->context;
    pct_route route;
    pct_status status = pct_router_route(g->router, point(b, i), point(b, i * 7 + 1), &route, error);
    return status == PCT_UNREACHABLE ? PCT_OK : status;
}

static pct_status one_to_1000(pct_bench *b, int i, pct_error *error) {
    const patrol_group *g = b->context;
    (void)error;
    pct_router_times_pinned(g->router, point(b, i), g->pinned, b->times_ms);
    return PCT_OK;
}

static pct_status matrix_1000(pct_bench *b, int i, pct_error *error) {
    const patrol_group *g = b->context;
    (void)i;
    return pct_router_table(g->router, b->points, PCT_BENCH_POINTS, b->points, PCT_BENCH_POINTS, g->table_ms,
                            error);
}

static pct_status isochrone_8min(pct_bench *b, int i, pct_error *error) {
    patrol_group *g = b->context;
    const uint32_t limit_ms = EIGHT_MINUTES_MS;
    pct_shape shape;
    pct_arena_reset(&g->arena);
    return pct_isochrone(g->router, point(b, i), false, &limit_ms, 1, &g->arena, &shape, error);
}

static pct_status customize_full(pct_bench *b, int i, pct_error *error) {
    const patrol_group *g = b->context;
    pct_road *road = b->site.patrol;
    (void)i, (void)error;
    pct_metric_customize(&road->graph, &road->hierarchy, &road->metric, g->updater);
    return PCT_OK;
}

static pct_status order(pct_bench *b, int i, pct_error *error) {
    const patrol_group *g = b->context;
    (void)i;
    return pct_order_turns(&b->site.patrol->network, &b->site.patrol->turns, g->rank_vertex, error);
}

/* Customizing leaves the metric basic: it comes after the questions. */
static const pct_bench_figure figures[] = {{"patrol_travel_time", 10000, travel_time, NULL},
                                           {"patrol_travel_path", 5000, travel_path, NULL},
                                           {"patrol_one_to_1000", 1000, one_to_1000, NULL},
                                           {"patrol_matrix_1000", 10, matrix_1000, NULL},
                                           {"patrol_isochrone_8min", 100, isochrone_8min, NULL},
                                           {"patrol_customize_full", 50, customize_full, NULL},
                                           {"patrol_order", 1, order, NULL},
                                           {0}};

static pct_status open_group(pct_bench *b, pct_error *error) {
    pct_status status = pct_site_open_patrol(&b->site, 0.0, error);
    b->is_absent = status == PCT_INPUT;
    if (status) return b->is_absent ? PCT_OK : status;
    pct_road *road = b->site.patrol;
    patrol_group *g = pct_alloc_zeroed(1, sizeof *g);
    if (!g) return pct_error_memory(error, sizeof *g);
    b->context = g;
    g->arena = pct_arena_init(ARENA_MAX);
    g->table_ms = pct_alloc((size_t)PCT_BENCH_POINTS * PCT_BENCH_POINTS, sizeof *g->table_ms);
    g->rank_vertex = pct_alloc(road->turns.vertex_count, sizeof *g->rank_vertex);
    if (!g->table_ms || !g->rank_vertex) return pct_error_memory(error, sizeof *g->table_ms);
    status = pct_metric_updater_new(&road->graph, &road->hierarchy, &g->updater, error);
    if (!status) status = pct_metric_perfect(&road->hierarchy, &road->metric, g->updater, error);
    if (!status) status = pct_router_new(road, &g->router, error);
    if (!status)
        status = pct_pinned_new(road, PCT_PINNED_TARGETS, b->points, PCT_BENCH_POINTS, &g->pinned, error);
    return status;
}

static void close_group(pct_bench *b) {
    patrol_group *g = b->context;
    if (!g) return;
    pct_metric_updater_free(g->updater);
    pct_router_free(g->router);
    pct_pinned_free(g->pinned);
    pct_free(g->table_ms);
    pct_free(g->rank_vertex);
    pct_arena_dispose(&g->arena);
    pct_free(g);
}

const pct_bench_group pct_bench_patrol = {
    .name = "road", .figures = figures, .open = open_group, .close = close_group};
