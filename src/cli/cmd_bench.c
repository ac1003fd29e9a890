#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/bench.h"

enum { SAMPLES_MAX = 1 << 20 };

extern const pct_bench_group pct_bench_live, pct_bench_road, pct_bench_patrol, pct_bench_making,
    pct_bench_imports, pct_bench_dispatch, pct_bench_place, pct_bench_tiles, pct_bench_desk, pct_bench_serve,
    pct_bench_start, pct_bench_positions, pct_bench_match, pct_bench_http, pct_bench_growth, pct_bench_import,
    pct_bench_log, pct_bench_misuse, pct_bench_backup, pct_bench_patrol_plans, pct_bench_calls,
    pct_bench_rounds, pct_bench_takeover;
/* Those of one name are measured in this order: live roads before `road` closes what it measures. */
static const pct_bench_group *const groups[] = {
    &pct_bench_live,     &pct_bench_road,      &pct_bench_patrol,  &pct_bench_making, &pct_bench_imports,
    &pct_bench_dispatch, &pct_bench_place,     &pct_bench_tiles,   &pct_bench_desk,   &pct_bench_serve,
    &pct_bench_start,    &pct_bench_positions, &pct_bench_match,   &pct_bench_http,   &pct_bench_growth,
    &pct_bench_import,   &pct_bench_log,       &pct_bench_misuse,  &pct_bench_backup, &pct_bench_patrol_plans,
    &pct_bench_calls,    &pct_bench_rounds,    &pct_bench_takeover};

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

static pct_status once(pct_bench *b, const pct_bench_group *group, const pct_bench_figure *figure, int i,
                       double *seconds, pct_error *error) {
    pct_status status = group->prepare ? group->prepare(b, error) : PCT_OK;
    if (status) return status;
    double began_s = pct_cli_seconds();
    status = figure->operation(b, i, error);
    *seconds = (pct_cli_seconds() - began_s) / (b->at_once ? b->at_once : 1);
    return status;
}

/* Seconds of single operations, ascending. */
static pct_status sample(pct_bench *b, const pct_bench_group *group, const pct_bench_figure *figure,
                         double *samples_s, pct_error *error) {
    b->at_once = 0;
    b->peak_bytes = 0;
    pct_status status = once(b, group, figure, 0, &samples_s[0], error); /* warm */
    for (int i = 0; i < figure->repeats && !status; i++)
        status = once(b, group, figure, i, &samples_s[i], error);
    if (!status) qsort(samples_s, (size_t)figure->repeats, sizeof *samples_s, by_value);
    return status;
}

void pct_bench_line(pct_bench *b, const char *name, const char *unit, const pct_bench_number *numbers,
                    size_t count) {
    pct_json_writer json = pct_json_writer_init(&b->cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "name");
    pct_json_string(&json, name);
    pct_json_key(&json, "unit");
    pct_json_string(&json, unit);
    for (size_t i = 0; i < count; i++) {
        pct_json_key(&json, numbers[i].key);
        pct_json_real(&json, numbers[i].value, numbers[i].decimals);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&b->cli->out, '\n');
}

static void write_figure(pct_bench *b, const pct_bench_figure *figure, const double *samples_s,
                         double baseline_s) {
    int n = figure->repeats;
    double median_s = samples_s[n / 2], p99_s = samples_s[(n * 99 + 99) / 100 - 1];
    double per_s = median_s < 1e-3 ? 1e6 : median_s < 1.0 ? 1e3 : 1.0;
    int64_t peak_bytes = b->peak_bytes ? b->peak_bytes : pct_cli_peak_bytes();
    const pct_bench_number numbers[] = {{"median", median_s * per_s, 3},
                                        {"p99", p99_s * per_s, 3},
                                        {"n", n, 0},
                                        {"baseline", baseline_s * per_s, 3},
                                        {"ratio", median_s / baseline_s, 7},
                                        {"peak_rss_bytes", (double)peak_bytes, 0}};
    pct_bench_line(b, figure->name,
                   median_s < 1e-3  ? "us"
                   : median_s < 1.0 ? "ms"
                                    : "s",
                   numbers, sizeof numbers / sizeof *numbers);
}

static pct_status run_group(pct_bench *b, const pct_bench_group *group, pct_error *error) {
    double *samples_s = pct_alloc(SAMPLES_MAX, sizeof *samples_s);
    pct_status status = samples_s ? PCT_OK : pct_error_memory(error, SAMPLES_MAX * sizeof *samples_s);
    b->is_absent = false;
    if (!status && group->figures && b->baseline_s == 0.0) {
        status = sample(b, &pct_bench_road, &pct_bench_road.figures[0], samples_s, error);
        b->baseline_s = samples_s[pct_bench_road.figures[0].repeats / 2];
    }
    if (!status && group->open) status = group->open(b, error);
    if (!status && group->run) status = group->run(b, error);
    const pct_bench_figure *f = b->is_absent ? NULL : group->figures;
    for (; f && f->name && !status; f++) {
        double beside_s = b->baseline_s;
        if (f->baseline) {
            const pct_bench_figure own = {f->name, f->repeats, f->baseline, NULL};
            status = sample(b, group, &own, samples_s, error);
            beside_s = samples_s[f->repeats / 2];
        }
        if (!status) status = sample(b, group, f, samples_s, error);
        if (!status) write_figure(b, f, samples_s, beside_s);
    }
    if (group->close) group->close(b);
    b->context = NULL;
    pct_free(samples_s);
    return status;
}

static pct_status open_bench(pct_bench *b, pct_error *error) {
    pct_status status = pct_site_open(pct_cli_option(b->cli, "--site"), &b->site, error);
    if (!status) status = pct_site_open_road(&b->site, 0.0, error);
    if (!status) status = pct_router_new(b->site.road, &b->router, error);
    if (!status) status = pct_dijkstra_new(b->site.road, &b->dijkstra, error);
    if (status) return status;
    const pct_network *net = pct_road_network(b->site.road);
    b->scratch = pct_alloc(net->node_count, sizeof *b->scratch);
    b->points = pct_alloc(PCT_BENCH_POINTS, sizeof *b->points);
    b->times_ms = pct_alloc(PCT_BENCH_POINTS, sizeof *b->times_ms);
    if (!b->scratch || !b->points || !b->times_ms) return pct_error_memory(error, net->node_count * 4);
    for (int i = 0; i < PCT_BENCH_POINTS;) {
        pct_node node = {pct_rng_below(&b->rng, net->node_count)};
        if (net->node_component[node.index] == 0 &&
            pct_road_point_at_node(b->site.road, node, &b->points[i]) == PCT_OK)
            i++;
    }
    return PCT_OK;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_bench b = {.cli = cli, .rng = pct_rng_init(1, 0)};
    const pct_bench_group *group = NULL;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!group && strcmp(groups[i]->name, cli->arguments[0]) == 0) group = groups[i];
    if (!group) return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_BENCH_UNKNOWN, pct_str(cli->arguments[0]));
    if (!group->without_site && !pct_cli_option(cli, "--site"))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_MISSING, pct_str("bench"), pct_str("--site"),
                        pct_str("SITE"));
    pct_status status = group->without_site ? PCT_OK : open_bench(&b, error);
    for (size_t i = 0; i < sizeof groups / sizeof *groups && !status; i++)
        if (strcmp(groups[i]->name, group->name) == 0) status = run_group(&b, groups[i], error);
    pct_router_free(b.router);
    pct_dijkstra_free(b.dijkstra);
    pct_free(b.scratch);
    pct_free(b.points);
    pct_free(b.times_ms);
    pct_site_close(&b.site);
    return status;
}

const pct_cli_command pct_cmd_bench = {"bench",
                                       "NAME",
                                       PCT_MSG_BENCH_HELP,
                                       {{"--site", "SITE", PCT_MSG_BENCH_SITE, false},
                                        {"--seconds", "S", PCT_MSG_BENCH_SECONDS, false},
                                        {"--nodes-max", "N", PCT_MSG_BENCH_NODES_MAX, false},
                                        {"--events", "N", PCT_MSG_BENCH_EVENTS, false},
                                        {"--map", "F.osm.pbf", PCT_MSG_BENCH_MAP, false},
                                        {"--instances", "DIR", PCT_MSG_BENCH_INSTANCES, false},
                                        {"--problem", "FILE", PCT_MSG_BENCH_PROBLEM, false},
                                        {"--set", "NAME", PCT_MSG_BENCH_SET, false},
                                        {"--seed", "N", PCT_MSG_BENCH_SEED, false},
                                        {"--iterations", "N", PCT_MSG_BENCH_ITERATIONS, false},
                                        {"--threads", "T", PCT_MSG_BENCH_THREADS, false}},
                                       run};
