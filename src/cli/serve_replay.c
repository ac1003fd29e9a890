#include "cli/serve_replay.h"

#include <math.h>

#include "base/memory.h"
#include "base/text.h"
#include "ledger/read.h"
#include "sim/simulation.h"

static const double speed_by_default = 60.0;

/* --- reading ------------------------------------------------------------------------------------------------- */

/* Options that mean nothing without --replay are refused rather than passed over. */
static pct_status check_options(const pct_cli *cli, bool wanted, pct_error *error) {
    static const char *const of_replay[] = {"--speed", "--start", "--mapping", "--plan"};
    for (size_t i = 0; i < sizeof of_replay / sizeof *of_replay && !wanted; i++)
        if (pct_cli_option(cli, of_replay[i]))
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_REPLAY_NEEDS_CALLS, pct_str(of_replay[i]));
    return PCT_OK;
}

static pct_status read_units(const pct_cli *cli, const pct_site *site, const pct_codes *codes,
                             pct_serve_replay *s, pct_error *error) {
    pct_error why = {.message = PCT_MSG_NONE};
    pct_status status = pct_site_map_file(site, "units.csv", &s->units_file, &why);
    if (status && why.message == PCT_MSG_FILE_ABSENT)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_REPLAY_NO_UNITS, pct_str(cli->arguments[0]));
    if (status) {
        *error = why;
        return status;
    }
    return pct_units_read("units.csv", s->units_file.bytes, NULL, (pct_text){0}, codes, &s->units, error);
}

static pct_status read_times(const pct_site *site, const pct_codes *codes, pct_serve_replay *s,
                             pct_error *error) {
    static const char name[] = "service_times.csv";
    pct_mapped_file file = {0};
    pct_status status = pct_site_map_definition(site, name, &file, error);
    if (!status) status = pct_service_times_read(name, file.bytes, codes, &s->times, error);
    pct_file_unmap(&file);
    return status;
}

static pct_status read_duty_plan(const pct_cli *cli, const pct_site *site, pct_serve_replay *s,
                                 pct_error *error) {
    const char *path = pct_cli_option(cli, "--plan");
    pct_mapped_file file;
    if (!path) return PCT_OK;
    pct_status status = pct_file_map(path, &file, error);
    if (status) return status;
    status = pct_duty_plan_read(path, file.bytes, &site->zone, &s->duty_plan, error);
    s->has_duty_plan = status == PCT_OK;
    pct_file_unmap(&file);
    return status;
}

pct_status pct_serve_replay_read(pct_cli *cli, const pct_site *site, const pct_codes *codes,
                                 pct_serve_replay *s, pct_error *error) {
    const char *calls = pct_cli_option(cli, "--replay"), *mapping = pct_cli_option(cli, "--mapping");
    double speed = speed_by_default;
    *s = (pct_serve_replay){.wanted = calls != NULL};
    pct_status status = check_options(cli, s->wanted, error);
    if (status || !s->wanted) return status;
    if (!site->drill)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_REPLAY_NOT_DRILL, pct_str(cli->arguments[0]));
    status =
        pct_cli_real(cli, "--speed", 0.0, (double)PCT_SPEED_MAX_MILLI / PCT_SPEED_LIFE_MILLI, &speed, error);
    s->speed_milli = llround(speed * PCT_SPEED_LIFE_MILLI);
    if (!status) status = pct_file_map(calls, &s->calls, error);
    if (!status && mapping) status = pct_file_map(mapping, &s->mapping, error);
    if (!status) status = read_units(cli, site, codes, s, error);
    if (!status) status = read_times(site, codes, s, error);
    if (!status) status = read_duty_plan(cli, site, s, error);
    if (status) return status;
    const pct_replay_source source = {.calls_name = calls,
                                      .mapping_name = mapping,
                                      .calls = s->calls.bytes,
                                      .mapping = s->mapping.bytes,
                                      .units = &s->units,
                                      .codes = codes,
                                      .zone = &site->zone};
    status = pct_replay_plan_read(&source, &s->plan, error);
    if (status) return status;
    if (s->plan.scenario.ambiguous_times > 0) {
        const pct_param count = pct_int((int64_t)s->plan.scenario.ambiguous_times);
        pct_cli_warn(cli, PCT_MSG_REPLAY_AMBIGUOUS, &count, 1);
    }
    pct_replay_clock_init(&s->clock, s->plan.from_ms, NULL, NULL);
    return PCT_OK;
}

void pct_serve_replay_desk(pct_serve_replay *s, pct_desk_options *options) {
    if (!s->wanted) return;
    options->clock_ms = pct_replay_clock_now_ms;
    options->sleep_ms = pct_replay_clock_sleep_ms;
    options->context = &s->clock;
}

/* --- where to begin ------------------------------------------------------------------------------------------ */

static pct_status fail_with_times(const pct_zone *zone, pct_message message, int64_t a_ms, int64_t b_ms,
                                  pct_error *error) {
    pct_buffer a = pct_buffer_init(PCT_ERROR_TEXT), b = pct_buffer_init(PCT_ERROR_TEXT);
    (void)pct_zone_format(zone, a_ms, &a);
    (void)pct_zone_format(zone, b_ms, &b);
    pct_status status =
        PCT_FAIL(error, PCT_MISUSE, message, pct_str(pct_buffer_chars(&a)), pct_str(pct_buffer_chars(&b)));
    pct_buffer_dispose(&a);
    pct_buffer_dispose(&b);
    return status;
}

static pct_status read_start(const pct_cli *cli, const pct_zone *zone, const pct_replay_plan *plan,
                             int64_t *start_ms, pct_error *error) {
    const char *text = pct_cli_option(cli, "--start");
    if (!text) return PCT_OK;
    if (pct_zone_parse(zone, pct_text_of(text), start_ms, NULL) && *start_ms >= plan->from_ms - PCT_DAY_MS &&
        *start_ms <= plan->to_ms)
        return PCT_OK;
    pct_buffer from = pct_buffer_init(PCT_ERROR_TEXT), to = pct_buffer_init(PCT_ERROR_TEXT);
    (void)pct_zone_format(zone, plan->from_ms, &from);
    (void)pct_zone_format(zone, plan->to_ms, &to);
    pct_status status = PCT_FAIL(error, PCT_MISUSE, PCT_MSG_REPLAY_START, pct_str(text),
                                 pct_str(pct_buffer_chars(&from)), pct_str(pct_buffer_chars(&to)));
    pct_buffer_dispose(&from);
    pct_buffer_dispose(&to);
    return status;
}

static void say_where(const pct_cli *cli, const pct_zone *zone, const pct_serve_replay *s, int64_t start_ms) {
    int64_t done = 0;
    const pct_scenario *scenario = &s->plan.scenario;
    while (done < (int64_t)scenario->call_count && scenario->calls[done].at_ms < start_ms) done++;
    pct_buffer at = pct_buffer_init(PCT_ERROR_TEXT);
    (void)pct_zone_format(zone, start_ms, &at);
    const pct_param params[] = {pct_str(pct_buffer_chars(&at)), pct_int(done),
                                pct_int((int64_t)scenario->call_count)};
    pct_cli_warn(cli, PCT_MSG_REPLAY_CONTINUES, params, sizeof params / sizeof *params);
    pct_buffer_dispose(&at);
}

/* At the first call, or where the user says; a record that is there already is gone on with, for its time never goes
 * back. */
static pct_status find_start(const pct_cli *cli, const pct_site *site, pct_desk *desk,
                             const pct_serve_replay *s, int64_t *start_ms, pct_error *error) {
    const pct_snapshot *snapshot = pct_desk_snapshot(desk);
    int64_t record_ms = pct_snapshot_seq(snapshot) > 0 ? pct_snapshot_at_ms(snapshot) : INT64_MIN;
    pct_snapshot_release(snapshot);
    *start_ms = s->plan.from_ms;
    pct_status status = read_start(cli, &site->zone, &s->plan, start_ms, error);
    if (status || record_ms < *start_ms) return status;
    if (record_ms > s->plan.to_ms)
        return fail_with_times(&site->zone, PCT_MSG_REPLAY_RECORD_LATER, record_ms, s->plan.to_ms, error);
    if (pct_cli_option(cli, "--start"))
        return fail_with_times(&site->zone, PCT_MSG_REPLAY_RECORD_AFTER_START, record_ms, *start_ms, error);
    *start_ms = record_ms + 1;
    say_where(cli, &site->zone, s, *start_ms);
    return PCT_OK;
}

static bool name_road(void *context, pct_position position, pct_road_ref *out) {
    const pct_serve_replay *s = context;
    const pct_road *road = s->on_road.road;
    pct_road_point point;
    double distance_m;
    if (pct_road_snap(road, position, PCT_ROAD_NAMED_WITHIN_M, &point, &distance_m, NULL) != PCT_OK)
        return false;
    *out = pct_closed_ref(pct_road_network(road), point.segment, false);
    return true;
}

static pct_text name_area(void *context, pct_position position) {
    return pct_beats_at(((const pct_serve_replay *)context)->beats, position);
}

static void hold_road(void *context) {
    pct_serve_replay *s = context;
    s->version = pct_live_road_hold(s->live);
    pct_router_take_road(s->router, s->version->road);
    if (s->patrol_router && s->version->patrol) pct_router_take_road(s->patrol_router, s->version->patrol);
}

static void release_road(void *context) {
    pct_serve_replay *s = context;
    pct_router_take_road(s->router, s->on_road.road);
    if (s->patrol_router) pct_router_take_road(s->patrol_router, s->on_patrol.road);
    pct_live_road_release(s->live, s->version);
}

/* Not with the band: a way keeps that of its departure. */
static int64_t road_number(void *context) {
    const pct_serve_replay *s = context;
    return s->version->closed_number;
}

/* --- whose an incident is, after a restart --------------------------------------------------------------------- */

static pct_status look_who(void *context, const pct_event *event, pct_error *error) {
    bool *found = context;
    (void)error;
    *found |= pct_replay_is_act(event->role, event->type);
    return PCT_OK;
}

static bool is_persons(void *context, pct_incident_id incident) {
    const pct_serve_replay *s = context;
    const pct_id object = {incident.seq, 'I'};
    bool found = false;
    pct_error error;
    pct_status status = pct_ledger_each_event_of(s->reader, object, look_who, &found, &error);
    return status || found; /* in doubt a person's */
}

/* The plan on every day of the calls, on the patrol road where the site has one. */
static pct_status make_tours(const pct_site *site, pct_serve_replay *s, pct_error *error) {
    if (!s->has_duty_plan) return PCT_OK;
    s->patrol = s->travel;
    if (site->patrol) {
        pct_status status = pct_router_new(site->patrol, &s->patrol_router, error);
        if (status) return status;
        s->on_patrol = (pct_travel_road){site->patrol, s->patrol_router, PCT_SIMULATION_SNAP_MAX_M};
        s->patrol = pct_travel_on_road(&s->on_patrol);
    }
    const pct_tours_source source = {.plans = &s->duty_plan,
                                     .plan_count = 1,
                                     .zone = &site->zone,
                                     .units = s->units.rows,
                                     .unit_count = s->units.count,
                                     .way = &s->patrol,
                                     .other = &s->travel,
                                     .from_ms = s->plan.from_ms,
                                     .to_ms = s->plan.to_ms,
                                     .daily = true,
                                     .to_post = true};
    return pct_tours_new(&source, &s->tours, error);
}

pct_status pct_serve_replay_make(pct_cli *cli, const pct_site *site, const pct_codes *codes, pct_desk *desk,
                                 pct_serve_replay *s, pct_error *error) {
    int64_t start_ms = 0;
    if (!s->wanted) return PCT_OK;
    pct_status status = find_start(cli, site, desk, s, &start_ms, error);
    if (status) return status;
    pct_replay_clock_put(&s->clock, start_ms);
    status = pct_router_new(site->road, &s->router, error);
    if (status) return status;
    s->on_road = (pct_travel_road){site->road, s->router, PCT_SIMULATION_SNAP_MAX_M};
    s->travel = pct_travel_on_road(&s->on_road);
    status = make_tours(site, s, error);
    if (status) return status;
    const pct_replay_options options = {.desk = desk,
                                        .clock = &s->clock,
                                        .plan = &s->plan,
                                        .codes = codes,
                                        .times = s->times,
                                        .travel = &s->travel,
                                        .policy = &pct_policy_nearest,
                                        .tours = s->tours,
                                        .seed = 1,
                                        .start_ms = start_ms,
                                        .is_persons = is_persons,
                                        .record_context = s,
                                        .hold_road = hold_road,
                                        .release_road = release_road,
                                        .road_number = road_number,
                                        .name_road = name_road,
                                        .name_area = name_area,
                                        .road_context = s};
    return pct_replay_new(&options, &s->replay, error);
}

/* --- running ------------------------------------------------------------------------------------------------- */

pct_status pct_serve_replay_begin(pct_serve_replay *s, pct_live_road *live, pct_store *reader,
                                  pct_error *error) {
    if (!s->wanted) return PCT_OK;
    s->live = live;
    s->reader = reader;
    pct_status status = pct_replay_begin(s->replay, error);
    return status ? status : pct_replay_start(s->replay, error);
}

void pct_serve_replay_run(pct_serve_replay *s) {
    if (s->wanted) pct_replay_set_speed(s->replay, s->speed_milli);
}

void pct_serve_replay_stop(pct_serve_replay *s) {
    pct_replay_stop(s->replay);
}

void pct_serve_replay_dispose(pct_serve_replay *s) {
    pct_replay_free(s->replay);
    pct_tours_free(s->tours);
    pct_router_free(s->patrol_router);
    if (s->has_duty_plan) pct_duty_plan_dispose(&s->duty_plan);
    pct_router_free(s->router);
    pct_replay_plan_dispose(&s->plan);
    pct_replay_clock_dispose(&s->clock);
    pct_service_times_free(s->times);
    pct_units_dispose(&s->units);
    pct_file_unmap(&s->units_file);
    pct_file_unmap(&s->mapping);
    pct_file_unmap(&s->calls);
}
