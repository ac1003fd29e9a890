#include <stdlib.h>

#include "base/memory.h"
#include "cli/at.h"
#include "cli/command.h"
#include "cli/points.h"
#include "cli/profile.h"
#include "site/site.h"

typedef struct ranked {
    uint32_t ms;
    size_t unit;
} ranked;

static int by_time(const void *a, const void *b) {
    const ranked *p = a, *q = b;
    if (p->ms != q->ms) return p->ms < q->ms ? -1 : 1;
    return p->unit < q->unit ? -1 : p->unit > q->unit;
}

static void write_units(pct_cli *cli, const pct_cli_points *units, const ranked *ranks, size_t count) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    if (cli->json) {
        pct_json_begin_object(&json);
        pct_json_key(&json, "units");
        pct_json_begin_array(&json);
    }
    for (size_t i = 0; i < count && ranks[i].ms != PCT_UNREACHABLE_MS; i++) {
        if (!cli->json) {
            (void)pct_buffer_append_format(&cli->out, "%s,%.3f\n", units->labels[ranks[i].unit],
                                           ranks[i].ms / 1000.0);
            continue;
        }
        pct_json_begin_object(&json);
        pct_json_key(&json, "unit");
        pct_json_string(&json, units->labels[ranks[i].unit]);
        pct_json_key(&json, "duration_s");
        pct_json_real(&json, ranks[i].ms / 1000.0, 3);
        pct_json_end_object(&json);
    }
    if (!cli->json) return;
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    const pct_road *road = NULL;
    pct_cli_points units = {0};
    pct_router *router = NULL;
    pct_road_point target;
    uint32_t *times_ms = NULL;
    ranked *ranks = NULL;
    int64_t k = 5;
    pct_status status = pct_cli_integer(cli, "-k", 1, 1000000, &k, error);
    if (!status) status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_cli_open_road(cli, &site, 0.0, &road, error);
    if (!status) status = pct_cli_point(road, "--to", pct_cli_option(cli, "--to"), &target, error);
    if (!status) status = pct_cli_points_read(road, pct_cli_option(cli, "--units"), &units, error);
    if (!status) status = pct_router_new(road, &router, error);
    if (status) goto done;
    times_ms = pct_alloc(units.count, sizeof *times_ms);
    ranks = pct_alloc(units.count, sizeof *ranks);
    if (!times_ms || !ranks) {
        status = pct_error_memory(error, units.count * sizeof *ranks);
        goto done;
    }
    pct_router_times_to(router, target, units.items, units.count, times_ms);
    for (size_t i = 0; i < units.count; i++) ranks[i] = (ranked){times_ms[i], i};
    qsort(ranks, units.count, sizeof *ranks, by_time);
    write_units(cli, &units, ranks, (size_t)k < units.count ? (size_t)k : units.count);
done:
    pct_free(times_ms);
    pct_free(ranks);
    pct_router_free(router);
    pct_cli_points_dispose(&units);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_nearest = {"nearest",
                                         "SITE",
                                         PCT_MSG_NEAREST_HELP,
                                         {{"--to", "LON,LAT", PCT_MSG_ROUTE_TO, true},
                                          {"--units", "FILE", PCT_MSG_NEAREST_UNITS, true},
                                          {"-k", "N", PCT_MSG_NEAREST_K, false},
                                          PCT_CLI_AT_OPTION,
                                          PCT_CLI_PROFILE_OPTION},
                                         run};
