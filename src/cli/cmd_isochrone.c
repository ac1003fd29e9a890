#include <math.h>

#include "base/text.h"
#include "cli/at.h"
#include "cli/command.h"
#include "cli/points.h"
#include "cli/profile.h"
#include "geo/geojson.h"
#include "road/route/isochrone.h"
#include "site/site.h"

enum { LIMITS_MAX = 16, ARENA_MAX = 1 << 30 };

static pct_status read_minutes(const char *text, double minutes[LIMITS_MAX], size_t *count,
                               pct_error *error) {
    pct_text rest = pct_text_of(text), item;
    *count = 0;
    while (pct_text_next(&rest, ',', &item)) {
        double value = 0.0;
        bool good = *count < LIMITS_MAX && pct_text_to_real(pct_text_trim(item), &value) && value > 0.0 &&
                    value <= 600.0;
        if (!good)
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_ISOCHRONE_LIST, pct_int(LIMITS_MAX), pct_str(text));
        minutes[(*count)++] = value;
    }
    return PCT_OK;
}

static void write_credit(const pct_cli *cli, const pct_site *site, pct_json_writer *json) {
    pct_buffer credit = pct_buffer_init(1024);
    pct_site_write_credit(site, cli->language, &credit);
    if (credit.length > 0) {
        pct_json_key(json, "attribution");
        pct_json_string(json, pct_buffer_chars(&credit));
    }
    pct_buffer_dispose(&credit);
}

static void write_geojson(pct_cli *cli, const pct_site *site, const double *minutes, const pct_shape *shapes,
                          size_t count) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "type");
    pct_json_string(&json, "FeatureCollection");
    pct_json_key(&json, "features");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < count; i++) {
        pct_json_begin_object(&json);
        pct_json_key(&json, "type");
        pct_json_string(&json, "Feature");
        pct_json_key(&json, "properties");
        pct_json_begin_object(&json);
        pct_json_key(&json, "minutes");
        pct_json_real(&json, minutes[i], 3);
        pct_json_key(&json, "area_km2");
        pct_json_real(&json, pct_shape_area_m2(&shapes[i]) / 1e6, 4);
        pct_json_end_object(&json);
        pct_json_key(&json, "geometry");
        pct_geojson_write_shape(&json, &shapes[i]);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    write_credit(cli, site, &json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    const pct_road *road = NULL;
    pct_router *router = NULL;
    pct_road_point from;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_shape shapes[LIMITS_MAX];
    double minutes[LIMITS_MAX];
    uint32_t limits_ms[LIMITS_MAX];
    size_t count;
    pct_status status = read_minutes(pct_cli_option(cli, "--minutes"), minutes, &count, error);
    if (!status) status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_cli_open_road(cli, &site, 0.0, &road, error);
    if (!status) status = pct_cli_point(road, "--from", pct_cli_option(cli, "--from"), &from, error);
    if (!status) status = pct_router_new(road, &router, error);
    for (size_t i = 0; i < count && !status; i++) limits_ms[i] = (uint32_t)lround(minutes[i] * 60000.0);
    if (!status)
        status = pct_isochrone(router, from, pct_cli_flag(cli, "--reverse"), limits_ms, count, &arena, shapes,
                               error);
    if (!status) write_geojson(cli, &site, minutes, shapes, count);
    pct_router_free(router);
    pct_site_close(&site);
    pct_arena_dispose(&arena);
    return status;
}

const pct_cli_command pct_cmd_isochrone = {"isochrone",
                                           "SITE",
                                           PCT_MSG_ISOCHRONE_HELP,
                                           {{"--from", "LON,LAT", PCT_MSG_ROUTE_FROM, true},
                                            {"--minutes", "LIST", PCT_MSG_ISOCHRONE_MINUTES, true},
                                            {"--reverse", NULL, PCT_MSG_ISOCHRONE_REVERSE, false},
                                            PCT_CLI_AT_OPTION,
                                            PCT_CLI_PROFILE_OPTION},
                                           run};
