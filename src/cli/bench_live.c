/* The road that changes under its readers (road/pair.h): what a closure takes until readers see it, and what holding a side
 * costs them. Another thread asks for ways all the time, so the counters are contended and the hidden side has to be waited for. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "cli/bench.h"
#include "road/pair.h"

enum { READS = 1000 };

typedef struct live_group {
    pct_road_pair *pair;
    pct_router *router; /* the other reader's */
    const pct_road_point *points;
    pthread_t reader;
    bool is_reading;
    atomic_bool stop;
} live_group;

static void *read_on(void *argument) {
    live_group *g = argument;
    for (int i = 0; !atomic_load(&g->stop); i++) {
        unsigned side = pct_road_pair_arrive(g->pair);
        pct_router_take_road(g->router, pct_road_pair_road(g->pair, side, 0));
        (void)pct_router_time_ms(g->router, g->points[i % PCT_BENCH_POINTS],
                                 g->points[(i * 7 + 1) % PCT_BENCH_POINTS]);
        pct_road_pair_depart(g->pair, side);
    }
    return NULL;
}

static void wait_until_free(const pct_road_pair *pair) {
    while (!pct_road_pair_is_free(pair)) (void)sched_yield();
}

/* The side that was shown takes what the other has, as the live road's thread does when it has time. */
static pct_status tidy(pct_bench *b, pct_error *error) {
    const live_group *g = b->context;
    (void)error;
    wait_until_free(g->pair);
    pct_road_pair_catch_up(g->pair);
    return PCT_OK;
}

/* One segment more, both ways: ordered, taken, shown, seen. */
static pct_status live_close_1(pct_bench *b, int i, pct_error *error) {
    const live_group *g = b->context;
    const pct_network *net = &b->site.road->network;
    uint32_t segment = pct_rng_below(&b->rng, net->segment_count), closed = PCT_NO_INDEX;
    const uint32_t ends[2] = {net->segments[segment].tail, net->segments[segment].head};
    (void)i, (void)error;
    for (uint32_t way = 0; way < 2; way++)
        for (uint32_t a = net->first_arc[ends[way]]; a < net->first_arc[ends[way] + 1]; a++)
            if (net->arc_segment[a] == segment * 2 + way)
                pct_road_pair_want(g->pair, 0, closed = a, PCT_NO_WAY_MS,
                                   pct_road_pair_wanted_own_ms(g->pair, 0, a));
    wait_until_free(g->pair);
    pct_road_pair_catch_up(g->pair);
    pct_road_pair_exchange(g->pair);
    unsigned side = pct_road_pair_arrive(g->pair);
    bool is_seen = closed == PCT_NO_INDEX ||
                   pct_road_drive_ms(pct_road_pair_road(g->pair, side, 0), closed) >= PCT_NO_WAY_MS;
    pct_road_pair_depart(g->pair, side);
    return PCT_NEVER(!is_seen) ? PCT_INTERNAL : PCT_OK;
}

static pct_status live_read(pct_bench *b, int i, pct_error *error) {
    const live_group *g = b->context;
    (void)i, (void)error;
    b->at_once = READS;
    for (int k = 0; k < READS; k++) pct_road_pair_depart(g->pair, pct_road_pair_arrive(g->pair));
    return PCT_OK;
}

static const pct_bench_figure figures[] = {
    {"live_read", 1000, live_read, NULL}, {"live_close_1", 1000, live_close_1, NULL}, {0}};

static pct_status open_group(pct_bench *b, pct_error *error) {
    const pct_road *open = b->site.road;
    live_group *g = pct_alloc_zeroed(1, sizeof *g);
    if (!g) return pct_error_memory(error, sizeof *g);
    b->context = g;
    g->points = b->points;
    pct_status status = pct_road_pair_new(&open, 1, &g->pair, error);
    if (!status) status = pct_router_new(open, &g->router, error);
    if (status) return status;
    g->is_reading = pthread_create(&g->reader, NULL, read_on, g) == 0;
    return g->is_reading ? PCT_OK : pct_error_memory(error, sizeof *g);
}

static void close_group(pct_bench *b) {
    live_group *g = b->context;
    if (!g) return;
    atomic_store(&g->stop, true);
    if (g->is_reading) (void)pthread_join(g->reader, NULL);
    pct_router_free(g->router);
    pct_road_pair_free(g->pair);
    pct_free(g);
}

const pct_bench_group pct_bench_live = {
    .name = "road", .figures = figures, .open = open_group, .close = close_group, .prepare = tidy};
