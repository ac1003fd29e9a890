#include "cli/command.h"
#include "cli/points.h"
#include "geo/geojson.h"
#include "road/route/steps.h"
#include "site/site.h"

enum { POINTS_MAX = 1 << 22 };

static void write_json(pct_cli *cli, const pct_road *road, const pct_route *route, const pct_vector *points,
                       const pct_vector *steps) {
    const pct_network *net = pct_road_network(road);
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "duration_s");
    if (!route) {
        pct_json_null(&json);
        pct_json_end_object(&json);
        return;
    }
    pct_json_real(&json, route->time_ms / 1000.0, 3);
    pct_json_key(&json, "distance_m");
    pct_json_real(&json, (double)route->length_mm / 1000.0, 3);
    pct_json_key(&json, "steps");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < steps->length; i++) {
        const pct_step *step = (const pct_step *)steps->items + i;
        pct_text name = pct_network_name(net, step->name);
        pct_param param = pct_view(name);
        pct_buffer sentence = pct_buffer_init(1 << 16);
        pct_json_begin_object(&json);
        pct_json_key(&json, "maneuver");
        pct_json_string(&json, pct_maneuver_name(step->maneuver));
        pct_json_key(&json, "name");
        pct_json_text(&json, name);
        pct_json_key(&json, "name_en");
        pct_json_text(&json, pct_network_name(net, step->name_en));
        pct_json_key(&json, "instruction");
        (void)pct_message_render(pct_maneuver_message(step->maneuver, name.length > 0), &param,
                                 name.length > 0, cli->language, &sentence);
        pct_json_string(&json, pct_buffer_chars(&sentence));
        pct_buffer_dispose(&sentence);
        pct_json_key(&json, "distance_m");
        pct_json_real(&json, (double)step->length_mm / 1000.0, 1);
        pct_json_key(&json, "duration_s");
        pct_json_real(&json, step->time_ms / 1000.0, 3);
        pct_json_key(&json, "lon");
        pct_json_real(&json, pct_position_lon_deg(step->at), 7);
        pct_json_key(&json, "lat");
        pct_json_real(&json, pct_position_lat_deg(step->at), 7);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_key(&json, "geometry");
    pct_geojson_write_line(&json, points->items, points->length);
    pct_json_end_object(&json);
}

static void print(pct_cli *cli, const pct_road *road, const pct_route *route, const pct_vector *steps) {
    const pct_network *net = pct_road_network(road);
    PCT_SAY(cli, PCT_MSG_ROUTE_SUMMARY, pct_int(route->time_ms / 60000), pct_int(route->time_ms / 1000 % 60),
            pct_real((double)(route->length_mm / 10000) / 100.0));
    for (size_t i = 0; i < steps->length; i++) {
        const pct_step *step = (const pct_step *)steps->items + i;
        pct_text local = pct_network_name(net, step->name), english = pct_network_name(net, step->name_en);
        pct_param name = pct_view(cli->language == PCT_EN && english.length > 0 ? english : local);
        (void)pct_buffer_append_format(&cli->out, "%7llu m  ", (unsigned long long)(step->length_mm / 1000));
        pct_cli_say(cli, pct_maneuver_message(step->maneuver, name.text.length > 0), &name,
                    name.text.length > 0);
    }
}

/* The route as found and spoken; PCT_UNREACHABLE when there is none. */
static pct_status answer(pct_cli *cli, const pct_road *road, pct_router *router, pct_road_point from,
                         pct_road_point to, pct_error *error) {
    pct_vector points = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    pct_vector steps = pct_vector_init(sizeof(pct_step), POINTS_MAX);
    pct_route route;
    pct_status status = pct_router_route(router, from, to, &route, error);
    if (status == PCT_UNREACHABLE && cli->json) write_json(cli, road, NULL, NULL, NULL);
    if (!status) status = pct_route_line(road, &route, &points, error);
    if (!status) status = pct_route_steps(road, &route, &steps, error);
    if (!status && cli->json)
        write_json(cli, road, &route, &points, &steps);
    else if (!status)
        print(cli, road, &route, &steps);
    if (cli->json) (void)pct_buffer_append_byte(&cli->out, '\n');
    pct_vector_dispose(&points);
    pct_vector_dispose(&steps);
    return status;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    pct_router *router = NULL;
    pct_road_point from, to;
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_site_open_road(&site, 0.0, error);
    if (!status) status = pct_cli_point(site.road, "--from", pct_cli_option(cli, "--from"), &from, error);
    if (!status) status = pct_cli_point(site.road, "--to", pct_cli_option(cli, "--to"), &to, error);
    if (!status) status = pct_router_new(site.road, &router, error);
    if (!status) status = answer(cli, site.road, router, from, to, error);
    pct_router_free(router);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_route = {
    "route",
    "SITE",
    PCT_MSG_ROUTE_HELP,
    {{"--from", "LON,LAT", PCT_MSG_ROUTE_FROM, true}, {"--to", "LON,LAT", PCT_MSG_ROUTE_TO, true}},
    run};
