#include "cli/bench.h"

#include <stdlib.h>

#include "base/memory.h"

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
    pct_metric_customize(&road->graph, &road->hierarchy, &road->metric, b->context);
    return PCT_OK;
}

static pct_status customize_perfect(pct_bench *b, int i, pct_error *error) {
    pct_road *road = b->site.road;
    (void)i;
    return pct_metric_perfect(&road->hierarchy, &road->metric, b->context, error);
}

static pct_status one_to_1000(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_router_times_from(b->router, point(b, i), b->points, PCT_BENCH_POINTS, b->times_ms);
    return PCT_OK;
}

static pct_status matrix_1000(pct_bench *b, int i, pct_error *error) {
    pct_status status = PCT_OK;
    for (int s = 0; s < PCT_BENCH_POINTS && !status; s++) status = one_to_1000(b, i + s, error);
    return status;
}

static pct_status times_to_200(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_router_times_to(b->router, point(b, i), b->points + i % 800, 200, b->times_ms);
    return PCT_OK;
}

static int by_value(const void *a, const void *b) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

static pct_status nearest_10_of_1000(pct_bench *b, int i, pct_error *error) {
    (void)error;
    pct_router_times_to(b->router, point(b, i), b->points, PCT_BENCH_POINTS, b->times_ms);
    qsort(b->times_ms, PCT_BENCH_POINTS, sizeof *b->times_ms, by_value);
    return PCT_OK;
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
                                           {"customize_full", 50, customize_full, NULL},
                                           {"customize_perfect", 20, customize_perfect, NULL},
                                           {"one_to_1000", 200, one_to_1000, NULL},
                                           {"matrix_1000", 3, matrix_1000, NULL},
                                           {"times_to_200", 1000, times_to_200, NULL},
                                           {"nearest_10_of_1000", 200, nearest_10_of_1000, NULL},
                                           {"snap", 5000, snap, NULL},
                                           {0}};

static pct_status open_group(pct_bench *b, pct_error *error) {
    pct_metric_updater *updater;
    pct_status status =
        pct_metric_updater_new(&b->site.road->graph, &b->site.road->hierarchy, &updater, error);
    if (!status) b->context = updater;
    return status;
}

static void close_group(pct_bench *b) {
    pct_metric_updater_free(b->context);
}

const pct_bench_group pct_bench_road = {
    .name = "road", .figures = figures, .open = open_group, .close = close_group};
