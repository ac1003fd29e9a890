#include "base/memory.h"
#include "cli/at.h"
#include "cli/command.h"
#include "cli/points.h"
#include "cli/profile.h"
#include "road/dijkstra.h"
#include "site/site.h"

/* times_ms[source * targets + target] */
static pct_status by_hierarchy(const pct_road *road, const pct_cli_points *sources,
                               const pct_cli_points *targets, uint32_t *times_ms, pct_error *error) {
    pct_router *router;
    pct_status status = pct_router_new(road, &router, error);
    for (size_t s = 0; s < sources->count && !status; s++)
        pct_router_times_from(router, sources->items[s], targets->items, targets->count,
                              times_ms + s * targets->count);
    if (!status) pct_router_free(router);
    return status;
}

static pct_status by_dijkstra(const pct_road *road, const pct_cli_points *sources,
                              const pct_cli_points *targets, uint32_t *times_ms, pct_error *error) {
    pct_dijkstra *dijkstra;
    pct_status status = pct_dijkstra_new(road, &dijkstra, error);
    for (size_t s = 0; s < sources->count && !status; s++)
        for (size_t t = 0; t < targets->count; t++)
            times_ms[s * targets->count + t] =
                pct_dijkstra_time_ms(dijkstra, sources->items[s], targets->items[t]);
    if (!status) pct_dijkstra_free(dijkstra);
    return status;
}

static void write_json(pct_cli *cli, const uint32_t *times_ms, size_t source_count, size_t target_count) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "durations_s");
    pct_json_begin_array(&json);
    for (size_t s = 0; s < source_count; s++) {
        pct_json_begin_array(&json);
        for (size_t t = 0; t < target_count; t++) {
            uint32_t ms = times_ms[s * target_count + t];
            if (ms == PCT_UNREACHABLE_MS)
                pct_json_null(&json);
            else
                pct_json_real(&json, ms / 1000.0, 3);
        }
        pct_json_end_array(&json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static void print(pct_cli *cli, const pct_cli_points *sources, const pct_cli_points *targets,
                  const uint32_t *times_ms) {
    for (size_t s = 0; s < sources->count; s++)
        for (size_t t = 0; t < targets->count; t++) {
            uint32_t ms = times_ms[s * targets->count + t];
            (void)pct_buffer_append_format(&cli->out, "%s,%s,", sources->labels[s], targets->labels[t]);
            if (ms != PCT_UNREACHABLE_MS) (void)pct_buffer_append_format(&cli->out, "%.3f", ms / 1000.0);
            (void)pct_buffer_append_byte(&cli->out, '\n');
        }
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    const pct_road *road = NULL;
    pct_cli_points sources = {0}, targets = {0};
    uint32_t *times_ms = NULL;
    double speed_kmh = 0.0;
    pct_status status = pct_cli_real(cli, "--speed-kmh", 1.0, 300.0, &speed_kmh, error);
    if (!status) status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_cli_open_road(cli, &site, speed_kmh, &road, error);
    if (!status) status = pct_cli_points_read(road, pct_cli_option(cli, "--sources"), &sources, error);
    if (!status) status = pct_cli_points_read(road, pct_cli_option(cli, "--targets"), &targets, error);
    if (status) goto done;
    times_ms = pct_alloc(sources.count * targets.count, sizeof *times_ms);
    if (!times_ms) {
        status = pct_error_memory(error, sources.count * targets.count * sizeof *times_ms);
        goto done;
    }
    status = pct_cli_flag(cli, "--oracle") ? by_dijkstra(road, &sources, &targets, times_ms, error)
                                           : by_hierarchy(road, &sources, &targets, times_ms, error);
    if (!status && cli->json)
        write_json(cli, times_ms, sources.count, targets.count);
    else if (!status)
        print(cli, &sources, &targets, times_ms);
done:
    pct_free(times_ms);
    pct_cli_points_dispose(&sources);
    pct_cli_points_dispose(&targets);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_matrix = {"matrix",
                                        "SITE",
                                        PCT_MSG_MATRIX_HELP,
                                        {{"--sources", "FILE", PCT_MSG_MATRIX_SOURCES, true},
                                         {"--targets", "FILE", PCT_MSG_MATRIX_TARGETS, true},
                                         {"--speed-kmh", "V", PCT_MSG_MATRIX_SPEED, false},
                                         {"--oracle", NULL, PCT_MSG_MATRIX_ORACLE, false},
                                         PCT_CLI_AT_OPTION,
                                         PCT_CLI_PROFILE_OPTION},
                                        run};
