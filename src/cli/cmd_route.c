/* One route: the fastest way through points in their order, as a person reads it or as JSON; and other sensible ways. */
#include <math.h>

#include "cli/at.h"
#include "cli/command.h"
#include "cli/points.h"
#include "cli/profile.h"
#include "geo/geojson.h"
#include "road/route/alternatives.h"
#include "road/route/steps.h"
#include "site/site.h"

enum { POINTS_MAX = 1 << 22, STOPS_MAX = PCT_CLI_MORE_MAX + 3, SENTENCE_MAX = 1 << 16 };

typedef struct plan {
    const pct_road *road;
    pct_router *router;
    pct_road_point points[STOPS_MAX]; /* from, via points, to */
    pct_position last;                /* as it was given */
    size_t point_count;
    int64_t others; /* how many alternatives are asked for */
    pct_journey journeys[PCT_ALTERNATIVES_MAX + 1];
    size_t found;
    pct_vector line, steps;
} plan;

static void write_step(pct_cli *cli, const pct_network *net, const pct_step *step, pct_json_writer *json) {
    pct_buffer sentence = pct_buffer_init(SENTENCE_MAX);
    pct_json_begin_object(json);
    pct_json_key(json, "maneuver");
    pct_json_string(json, pct_maneuver_name(step->maneuver));
    pct_json_key(json, "name");
    pct_json_text(json, pct_network_name(net, step->name));
    pct_json_key(json, "name_en");
    pct_json_text(json, pct_network_name(net, step->name_en));
    pct_json_key(json, "instruction");
    (void)pct_step_write(net, step, cli->language, &sentence);
    pct_json_string(json, pct_buffer_chars(&sentence));
    pct_buffer_dispose(&sentence);
    if (step->maneuver == PCT_MANEUVER_ROUNDABOUT && step->exit > 0) {
        pct_json_key(json, "exit");
        pct_json_integer(json, step->exit);
    }
    pct_json_key(json, "heading_deg");
    pct_json_integer(json, lround(step->heading_deg) % 360);
    pct_json_key(json, "distance_m");
    pct_json_real(json, (double)step->length_mm / 1000.0, 1);
    pct_json_key(json, "duration_s");
    pct_json_real(json, step->time_ms / 1000.0, 3);
    pct_json_key(json, "lon");
    pct_json_real(json, pct_position_lon_deg(step->at), 7);
    pct_json_key(json, "lat");
    pct_json_real(json, pct_position_lat_deg(step->at), 7);
    pct_json_end_object(json);
}

/* The members of one way, without the braces. */
static void write_way(pct_cli *cli, const plan *p, const pct_journey *journey, pct_json_writer *json) {
    pct_json_key(json, "duration_s");
    pct_json_real(json, (double)journey->time_ms / 1000.0, 3);
    pct_json_key(json, "distance_m");
    pct_json_real(json, (double)journey->length_mm / 1000.0, 3);
    pct_json_key(json, "steps");
    pct_json_begin_array(json);
    for (size_t i = 0; i < p->steps.length; i++)
        write_step(cli, pct_road_network(p->road), (const pct_step *)p->steps.items + i, json);
    pct_json_end_array(json);
    pct_json_key(json, "geometry");
    pct_geojson_write_line(json, p->line.items, p->line.length);
}

static void print_way(pct_cli *cli, const plan *p, const pct_journey *journey) {
    PCT_SAY(cli, PCT_MSG_ROUTE_SUMMARY, pct_int((int64_t)(journey->time_ms / 60000)),
            pct_int((int64_t)(journey->time_ms / 1000 % 60)),
            pct_real((double)(journey->length_mm / 10000) / 100.0));
    for (size_t i = 0; i < p->steps.length; i++) {
        const pct_step *step = (const pct_step *)p->steps.items + i;
        (void)pct_buffer_append_format(&cli->out, "%7llu m  ", (unsigned long long)(step->length_mm / 1000));
        (void)pct_step_write(pct_road_network(p->road), step, cli->language, &cli->out);
        (void)pct_buffer_append_byte(&cli->out, '\n');
    }
}

/* Its line and its steps, part after part. */
static pct_status tell(plan *p, const pct_journey *journey, pct_error *error) {
    pct_status status = PCT_OK;
    p->line.length = p->steps.length = 0;
    for (size_t i = 0; i < journey->parts.length && !status; i++) {
        const pct_route part = pct_journey_part(journey, i);
        bool is_last = i + 1 == journey->parts.length;
        status = pct_route_line(p->road, &part, &p->line, error);
        if (!status)
            status = pct_route_steps(p->road, &part, is_last ? &p->last : NULL,
                                     is_last ? 0 : (uint32_t)(i + 1), &p->steps, error);
    }
    return status;
}

static pct_status find(plan *p, pct_error *error) {
    pct_alternatives *alternatives = NULL;
    if (p->others == 0) return pct_journey_find(p->router, p->points, p->point_count, &p->journeys[0], error);
    pct_status status = pct_alternatives_new(p->road, &alternatives, error);
    if (!status)
        status = pct_alternatives_find(alternatives, p->router, p->points[0], p->points[1], (size_t)p->others,
                                       p->journeys, &p->found, error);
    pct_alternatives_free(alternatives);
    return status;
}

static pct_status answer_json(pct_cli *cli, plan *p, pct_status found, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_status status = PCT_OK;
    pct_json_begin_object(&json);
    if (found) {
        pct_json_key(&json, "duration_s");
        pct_json_null(&json);
    }
    for (size_t i = 0; i <= p->found && !found && !status; i++) {
        status = tell(p, &p->journeys[i], error);
        if (i == 1) {
            pct_json_key(&json, "alternatives");
            pct_json_begin_array(&json);
        }
        if (i > 0) pct_json_begin_object(&json);
        write_way(cli, p, &p->journeys[i], &json);
        if (i > 0) pct_json_end_object(&json);
    }
    if (p->others > 0 && p->found == 0 && !found) {
        pct_json_key(&json, "alternatives");
        pct_json_begin_array(&json);
    }
    if (p->others > 0 && !found) pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
    return status;
}

/* The ways as found and spoken; PCT_UNREACHABLE when there is none. */
static pct_status answer(pct_cli *cli, plan *p, pct_error *error) {
    pct_status found = find(p, error), status = PCT_OK;
    if (found && found != PCT_UNREACHABLE) return found;
    if (cli->json) {
        status = answer_json(cli, p, found, found ? NULL : error);
        return status ? status : found;
    }
    for (size_t i = 0; i <= p->found && !found && !status; i++) {
        status = tell(p, &p->journeys[i], error);
        if (i > 0) (void)pct_buffer_append_byte(&cli->out, '\n');
        if (!status) print_way(cli, p, &p->journeys[i]);
    }
    return status ? status : found;
}

static pct_status read_points(pct_cli *cli, plan *p, pct_error *error) {
    const char *via, *to = pct_cli_option(cli, "--to");
    pct_status status = pct_cli_point(p->road, "--from", pct_cli_option(cli, "--from"), &p->points[0], error);
    p->point_count = 1;
    for (int i = 0; !status && (via = pct_cli_option_at(cli, "--via", i)) != NULL; i++)
        status = pct_cli_point(p->road, "--via", via, &p->points[p->point_count++], error);
    if (!status) status = pct_cli_point(p->road, "--to", to, &p->points[p->point_count++], error);
    if (!status) (void)pct_position_from_text(pct_text_of(to), &p->last);
    if (!status) status = pct_cli_integer(cli, "--alternatives", 0, PCT_ALTERNATIVES_MAX, &p->others, error);
    if (!status && p->others > 0 && p->point_count > 2)
        status = pct_error_set(error, PCT_MISUSE, PCT_MSG_ROUTE_ALTERNATIVES_VIA, NULL, 0);
    return status;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    const pct_road *road = NULL;
    plan p = {.line = pct_vector_init(sizeof(pct_position), POINTS_MAX),
              .steps = pct_vector_init(sizeof(pct_step), POINTS_MAX)};
    for (int i = 0; i <= PCT_ALTERNATIVES_MAX; i++) p.journeys[i] = pct_journey_init();
    pct_status status = pct_site_open(cli->arguments[0], &site, error);
    if (!status) status = pct_cli_open_road(cli, &site, 0.0, &road, error);
    p.road = road;
    if (!status) status = read_points(cli, &p, error);
    if (!status) status = pct_router_new(road, &p.router, error);
    if (!status && p.others > 0 && road->profile == PCT_PROFILE_PATROL)
        status = pct_error_set(error, PCT_MISUSE, PCT_MSG_PROFILE_WITHOUT_ALTERNATIVES, NULL, 0);
    if (!status) status = answer(cli, &p, error);
    pct_router_free(p.router);
    for (int i = 0; i <= PCT_ALTERNATIVES_MAX; i++) pct_journey_dispose(&p.journeys[i]);
    pct_vector_dispose(&p.line);
    pct_vector_dispose(&p.steps);
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_route = {"route",
                                       "SITE",
                                       PCT_MSG_ROUTE_HELP,
                                       {{"--from", "LON,LAT", PCT_MSG_ROUTE_FROM, true},
                                        {"--to", "LON,LAT", PCT_MSG_ROUTE_TO, true},
                                        PCT_CLI_AT_OPTION,
                                        {"--via", "LON,LAT", PCT_MSG_ROUTE_VIA, PCT_OPTION_REPEATED},
                                        {"--alternatives", "N", PCT_MSG_ROUTE_ALTERNATIVES, false},
                                        PCT_CLI_PROFILE_OPTION},
                                       run};
