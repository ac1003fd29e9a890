/* Map matching on tracks that are made by driving random routes over the site's own network: positions a second, and what
 * share of the segments was matched right. */
#include "cli/bench.h"

#include <malloc.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cli/drawn_track.h"

enum { ROUTES = 60, ROUNDS = 5 };

typedef struct match_case {
    const char *name;
    int64_t every_ms;
    double noise_m;
} match_case;

static const match_case cases[] = {{"match_1s", 1000, 5.0},   {"match_1s_10m", 1000, 10.0},
                                   {"match_5s", 5000, 7.0},   {"match_10s", 10000, 7.0},
                                   {"match_30s", 30000, 5.0}, {"match_30s_10m", 30000, 10.0}};

typedef struct heard {
    pct_vector segments; /* of uint32_t */
    bool keeps;
} heard;

static void hear(void *context, const pct_match_leg *leg) {
    heard *h = context;
    uint32_t *room = h->keeps ? pct_vector_push(&h->segments) : NULL;
    if (room) *room = leg->segment * 2 + leg->backward;
}

static pct_status draw_tracks(pct_bench *b, const match_case *c, pct_drawn_track *tracks, pct_error *error) {
    pct_status status = PCT_OK;
    for (int i = 0; i < ROUTES && !status; i++) {
        pct_route route;
        const pct_drive drive = {0, c->every_ms, c->noise_m, 1.0};
        tracks[i] = pct_drawn_track_init();
        status = pct_router_route(b->router, b->points[i], b->points[i * 7 + 1], &route, error);
        if (status == PCT_UNREACHABLE) {
            status = PCT_OK;
            continue;
        }
        if (!status)
            status = pct_drawn_track_drive(&tracks[i], b->site.road, route.legs, route.leg_count, &drive,
                                           &b->rng, error);
    }
    return status;
}

static void match_all(pct_matcher *matcher, const pct_drawn_track *tracks) {
    for (int i = 0; i < ROUTES; i++) {
        const pct_match_fix *fixes = tracks[i].fixes.items;
        for (size_t k = 0; k < tracks[i].fixes.length; k++) pct_matcher_push(matcher, fixes[k]);
        pct_matcher_finish(matcher);
    }
}

typedef struct accuracy {
    size_t driven, matched, right;
    uint64_t length_mm;
} accuracy;

static accuracy judge(pct_matcher *matcher, heard *h, const pct_drawn_track *tracks) {
    accuracy sum = {0};
    h->keeps = true;
    for (int i = 0; i < ROUTES; i++) {
        const pct_match_fix *fixes = tracks[i].fixes.items;
        h->segments.length = 0;
        for (size_t k = 0; k < tracks[i].fixes.length; k++) pct_matcher_push(matcher, fixes[k]);
        pct_matcher_finish(matcher);
        sum.driven += tracks[i].driven.length;
        sum.matched += h->segments.length;
        sum.right += pct_drawn_track_common(tracks[i].driven.items, tracks[i].driven.length,
                                            h->segments.items, h->segments.length);
        sum.length_mm += tracks[i].length_mm;
    }
    h->keeps = false;
    return sum;
}

static double dijkstra_s(pct_bench *b) {
    double began_s = pct_cli_seconds();
    for (int i = 0; i < ROUTES; i++)
        b->times_ms[0] = pct_dijkstra_time_ms(b->dijkstra, b->points[i], b->points[i * 7 + 1]);
    return (pct_cli_seconds() - began_s) / ROUTES;
}

static pct_status run_case(pct_bench *b, const match_case *c, pct_drawn_track *tracks, pct_error *error) {
    heard h = {pct_vector_init(sizeof(uint32_t), 1 << 24), false};
    const pct_match_sink sink = {hear, NULL, &h};
    const pct_match_options options = {0};
    pct_matcher *matcher = NULL;
    double best_s = 1e9, baseline_s = dijkstra_s(b), positions = 0.0;
    pct_status status = draw_tracks(b, c, tracks, error);
    if (!status) status = pct_matcher_new(b->site.road, &options, &sink, &matcher, error);
    if (status) goto done;
    accuracy found = judge(matcher, &h, tracks);
    pct_match_counters counters = pct_matcher_counters(matcher);
    for (int i = 0; i < ROUTES; i++) positions += (double)tracks[i].fixes.length;
    for (int i = 0; i < ROUNDS; i++) {
        double began_s = pct_cli_seconds();
        match_all(matcher, tracks);
        double took_s = pct_cli_seconds() - began_s;
        if (took_s < best_s) best_s = took_s;
    }
    const pct_bench_number numbers[] = {
        {"median", positions / best_s, 0},
        {"n", positions, 0},
        {"baseline_ms", baseline_s * 1000.0, 3},
        {"ratio", best_s / positions / baseline_s, 6},
        {"driven", (double)found.driven, 0},
        {"matched", (double)found.matched, 0},
        {"right_share", (double)found.right / (double)found.driven, 4},
        {"wrong_share", 1.0 - (double)found.right / (double)found.matched, 4},
        {"length_ratio", (double)counters.distance_mm / (double)found.length_mm, 5},
        {"unmatched", (double)counters.unmatched, 0},
        {"gaps", (double)counters.gaps, 0},
        {"longest_wait", (double)counters.longest_wait, 0},
        {"peak_rss_bytes", (double)pct_cli_peak_bytes(), 0}};
    pct_bench_line(b, c->name, "positions/s", numbers, sizeof numbers / sizeof *numbers);
done:
    pct_matcher_free(matcher);
    pct_vector_dispose(&h.segments);
    for (int i = 0; i < ROUTES; i++) pct_drawn_track_dispose(&tracks[i]);
    return status;
}

/* What a further band costs: time and memory of its metric. */
static pct_status measure_band(pct_bench *b, pct_error *error) {
    const pct_road *road = b->site.road;
    pct_road *made;
    double began_s = pct_cli_seconds();
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    pct_status status = pct_road_with_times(road, road->metric.arc_ms, road->max_speed_mps, &made, error);
    if (status) return status;
    const pct_bench_number numbers[] = {
        {"median", (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / 1e6, 2},
        {"made_ms", (pct_cli_seconds() - began_s) * 1000.0, 2},
        {"n", 1, 0}};
    pct_bench_line(b, "band_metric", "MB", numbers, sizeof numbers / sizeof *numbers);
    pct_road_free(made);
    return PCT_OK;
}

static pct_status run(pct_bench *b, pct_error *error) {
    pct_drawn_track *tracks = pct_alloc_zeroed(ROUTES, sizeof *tracks);
    pct_status status = tracks ? PCT_OK : pct_error_memory(error, ROUTES * sizeof *tracks);
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !status; i++)
        status = run_case(b, &cases[i], tracks, error);
    if (!status) status = measure_band(b, error);
    pct_free(tracks);
    return status;
}

const pct_bench_group pct_bench_match = {.name = "match", .run = run};
