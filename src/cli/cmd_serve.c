/* precinct serve SITE: the running service, until it is told to stop. Opens everything in order, closes it in reverse. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "access/openid.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/assets.h"
#include "cli/command.h"
#include "cli/factors.h"
#include "cli/own_time.h"
#include "cli/record.h"
#include "cli/serve_confine.h"
#include "cli/serve_intake.h"
#include "cli/serve_replay.h"
#include "cli/serve_socket.h"
#include "cli/serve_tls.h"
#include "cli/serve_upkeep.h"
#include "cli/serve_watch.h"
#include "desk/retention.h"
#include "dispatch/units_csv.h"
#include "resource/advice.h"
#include "resource/demand.h"
#include "resource/patrol_book.h"
#include "resource/probe.h"
#include "resource/rights_change.h"
#include "resource/ways.h"
#include "road/closed.h"
#include "server/server.h"
#include "site/agency.h"
#include "site/bands.h"
#include "site/now.h"
#include "tiles/tiles.h"

enum { PORT_MAX = 65535, WAL_BYTES = 64 << 20 };

typedef struct serving {
    pct_site site;
    pct_agency agency;
    pct_store *store;
    pct_codes *codes;
    pct_mapped_file tiles_file;
    pct_tiles tiles;
    pct_cli_assets assets;
    pct_service service;
    pct_demand_watch *demand;
    pct_server_options options;
    pct_server_sockets sockets;
    pct_serve_confine confine;
    pct_server *server;
    pct_serve_replay replay;
    pct_site_bands bands; /* borrowed by the live road */
    pct_serve_socket socket;
    pct_retention_plan plan; /* borrowed by the desk */
    pct_serve_intake intake;
    pct_serve_upkeep upkeep;
    pct_store_options record; /* as the desk's store was opened */
    char address[64], synthetic_type[64];
} serving;

static pct_status read_listen(const pct_cli *cli, serving *s, pct_error *error) {
    const char *given = pct_cli_option(cli, "--listen");
    pct_text rest = pct_text_of(given ? given : "127.0.0.1:8080"), address, port;
    int64_t number = 0, positions = 5055;
    bool good = pct_text_next(&rest, ':', &address) && pct_text_next(&rest, ':', &port) && !rest.chars &&
                address.length < sizeof s->address && pct_text_to_integer(port, &number) && number >= 0 &&
                number <= PORT_MAX;
    if (!good) return PCT_FAIL(error, PCT_INPUT, PCT_MSG_LISTEN_ADDRESS, pct_str(given));
    memcpy(s->address, address.chars, address.length);
    pct_status status = pct_cli_integer(cli, "--positions", 0, PORT_MAX, &positions, error);
    s->options = (pct_server_options){.service = &s->service,
                                      .address = s->address,
                                      .port = (uint16_t)number,
                                      .positions_port = (uint16_t)positions,
                                      .origin = pct_cli_option(cli, "--origin")};
    return status;
}

static pct_status open_codes(serving *s, pct_error *error) {
    static const char *const names[] = {
        "codes/" PCT_CODES_INCIDENT_TYPES_FILE, "codes/" PCT_CODES_CAPABILITIES_FILE,
        "codes/" PCT_CODES_UNIT_KINDS_FILE, "codes/" PCT_CODES_PRIORITIES_FILE};
    enum { FILES = sizeof names / sizeof *names };
    pct_mapped_file files[FILES] = {0};
    pct_status status = PCT_OK;
    for (int i = 0; i < FILES && !status; i++)
        status = pct_site_map_definition(&s->site, names[i], &files[i], error);
    const pct_codes_source source = {names[0],       names[1],       names[2],       names[3],
                                     files[0].bytes, files[1].bytes, files[2].bytes, files[3].bytes};
    if (!status) status = pct_codes_read(&source, &s->codes, error);
    for (int i = 0; i < FILES; i++) pct_file_unmap(&files[i]);
    return status;
}

/* A site made before there was a base map has none. */
static pct_status open_tiles(serving *s, pct_error *error) {
    pct_error why;
    if (pct_site_map_file(&s->site, PCT_TILES_FILE, &s->tiles_file, &why) != PCT_OK) return PCT_OK;
    pct_status status = pct_tiles_open(PCT_TILES_FILE, s->tiles_file.bytes, &s->tiles, error);
    if (!status) s->service.tiles = &s->tiles;
    return status;
}

/* Nor a gazetteer. */
static pct_status open_gazetteer(serving *s, pct_error *error) {
    pct_error why;
    pct_mapped_file file;
    if (pct_site_map_file(&s->site, "map/places.index", &file, &why) != PCT_OK) return PCT_OK;
    pct_file_unmap(&file);
    pct_status status = pct_site_open_gazetteer(&s->site, error);
    return status ? status : pct_gazetteer_scratch_new(s->site.gazetteer, &s->service.search, error);
}

/* What accounts may do, by the record. */
static pct_status open_rights(serving *s, pct_error *error) {
    pct_status status = pct_beats_open(&s->site, &s->service.beats, error);
    s->replay.beats = s->service.beats;
    if (!status) status = pct_rights_new(&s->service.rights, error);
    if (!status) status = pct_rights_load(s->service.rights, s->service.reader, error);
    if (!status) status = pct_acts_new(&s->service.acts, error);
    return status ? status : pct_acts_load(s->service.acts, s->service.reader, error);
}

/* For whoever opens the record while nothing serves it. */
static pct_status say_whose_time(serving *s, pct_error *error) {
    if (!s->replay.wanted) return pct_own_time_end(s->store, error);
    return pct_own_time_begin(s->store, pct_replay_clock_now_ms(&s->replay.clock), error);
}

static pct_status open_record(pct_cli *cli, serving *s, pct_error *error) {
    s->record =
        (pct_store_options){.folder = s->site.folder, .wal_bytes = WAL_BYTES, .keeper = &s->agency.keeper};
    pct_status status = pct_agency_init(&s->site, pct_cli_option(cli, "--key"), &s->agency, error);
    if (!status) status = pct_store_open(&s->record, &s->store, error);
    if (!status) status = pct_factors_open(s->service.accounts, &s->agency, error);
    pct_desk_options desk = {
        .store = s->store, .codes = s->codes, .epoch = 1, .map_version = s->site.map_version};
    s->plan = (pct_retention_plan){.zone = &s->site.zone, .quiet_minute = s->site.keeping.quiet_minute};
    memcpy(s->plan.days, s->site.keeping.days, sizeof s->plan.days);
    desk.retention = &s->plan;
    pct_serve_replay_desk(&s->replay, &desk);
    if (!status) status = pct_desk_open(&desk, &s->service.desk, error);
    if (!status) status = pct_serve_replay_make(cli, &s->site, s->codes, s->service.desk, &s->replay, error);
    if (!status) status = say_whose_time(s, error);
    if (!status) status = pct_record_tell_map(&s->site, s->service.desk, error);
    const pct_store_options reader = {.folder = s->site.folder, .read_only = true};
    if (!status) status = pct_store_open(&reader, &s->service.reader, error);
    if (!status) status = open_rights(s, error);
    if (!status) status = pct_serve_watch(cli, s->site.folder, &s->service.watch, error);
    return status ? status : pct_serve_log_tiles(s->site.folder, &s->service.log_tiles, error);
}

/* The site may only shorten: what it asks for beyond that counts for nothing, and is said. */
static pct_status check_keeping(const pct_cli *cli, serving *s, pct_error *error) {
    int64_t days[PCT_ERASED_CLASS_COUNT];
    pct_status status = pct_desk_retention_days(s->service.desk, days, error);
    for (int c = 1; c < PCT_ERASED_CLASS_COUNT && !status; c++) {
        const pct_param params[] = {pct_str(pct_erased_class_names[c]), pct_int(s->plan.days[c]),
                                    pct_int(days[c])};
        if (s->plan.days[c] > days[c]) pct_cli_warn(cli, PCT_MSG_RETENTION_LONGER, params, 3);
    }
    return status;
}

static pct_status submit(serving *s, pct_command *command, pct_id *made, pct_error *error) {
    const pct_desk_request request = {.lane = PCT_LANE_DISPATCH,
                                      .command = *command,
                                      .account = pct_text_of("system"),
                                      .purpose = pct_text_of("units.csv"),
                                      .role = PCT_ROLE_SYSTEM};
    pct_desk_reply reply;
    pct_status status = pct_desk_submit_and_wait(s->service.desk, &request, &reply, error);
    if (!status && made) *made = reply.object;
    return status;
}

typedef struct known_unit {
    pct_text name;
    pct_id id;
} known_unit;

static void find_unit(void *context, const pct_board *board) {
    known_unit *known = context;
    const pct_unit *unit = pct_board_unit_named(board, known->name);
    if (unit) known->id = (pct_id){.seq = unit->id.seq, .kind = 'U'};
}

static pct_status enrol(serving *s, const pct_unit_row *row, pct_id *made, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_ENROL_UNIT};
    pct_event_unit_enrolled *unit = &command.data.unit_enrolled;
    unit->name = row->name;
    unit->station = row->station;
    unit->kind = pct_codes_unit_kind_at(s->codes, row->kind)->code;
    for (uint32_t c = 0; c < pct_codes_capability_count(s->codes); c++)
        if (row->capabilities >> c & 1 &&
            unit->capabilities_count < sizeof unit->capabilities / sizeof *unit->capabilities)
            unit->capabilities[unit->capabilities_count++] = pct_codes_capability_at(s->codes, c)->code;
    return submit(s, &command, made, error);
}

/* A drill begins with the units whose shift it is (a replay signs them on itself); in a live service a crew does. */
static pct_status begin_shift(serving *s, const pct_unit_row *row, pct_id unit, pct_error *error) {
    int32_t offset_s;
    pct_civil now = pct_zone_to_local(&s->site.zone, pct_wall_ms(), &offset_s);
    if (!s->site.drill || s->replay.wanted ||
        !pct_unit_row_on_shift(row, (uint32_t)(now.hour * 60 + now.minute)))
        return PCT_OK;
    pct_command command = {.kind = PCT_COMMAND_SIGN_ON, .object = unit};
    command.data.unit_signed_on = (pct_event_unit_signed_on){.officers = row->officers,
                                                             .auxiliaries = row->auxiliaries,
                                                             .position = row->position,
                                                             .has_position = true};
    return submit(s, &command, NULL, error);
}

/* Units of units.csv that the record does not know yet are enrolled. */
static pct_status enrol_units(serving *s, pct_error *error) {
    pct_mapped_file file;
    pct_units units = {0};
    pct_error why;
    if (pct_site_map_file(&s->site, "units.csv", &file, &why) != PCT_OK) return PCT_OK;
    pct_status status = pct_units_read("units.csv", file.bytes, NULL, (pct_text){0}, s->codes, &units, error);
    for (size_t i = 0; i < units.count && !status; i++) {
        known_unit known = {units.rows[i].name, {0}};
        pct_desk_look(s->service.desk, find_unit, &known);
        if (known.id.seq != 0) continue;
        status = enrol(s, &units.rows[i], &known.id, error);
        if (!status) status = begin_shift(s, &units.rows[i], known.id, error);
    }
    pct_units_dispose(&units);
    pct_file_unmap(&file);
    return status;
}

/* Units, then accounts that the record does not know yet. */
static pct_status enrol_all(serving *s, pct_error *error) {
    pct_status status = enrol_units(s, error);
    return status ? status : pct_rights_adopt(&s->service, NULL, error);
}

static int64_t now_ms(void *context) {
    serving *s = context;
    return s->replay.wanted ? pct_replay_clock_now_ms(&s->replay.clock) : pct_wall_ms();
}

/* With the speeds of the present band, where any are learnt. */
static pct_status open_live_road(serving *s, pct_error *error) {
    pct_status status = pct_site_bands_open(&s->site, &s->bands, error);
    if (status) return status;
    const pct_live_bands bands = {&s->bands, &s->site.zone, now_ms, s};
    return pct_live_road_new(s->site.road, s->site.patrol, s->bands.has_learnt ? &bands : NULL,
                             s->service.desk, s->site.folder, &s->service.live, error);
}

static pct_status start_desk(pct_cli *cli, serving *s, pct_error *error) {
    pct_status status = pct_desk_start(s->service.desk, error);
    if (status) return status;
    return pct_serve_intake_open(cli, &s->site, &s->record, &s->store, &s->service, &s->intake, error);
}

/* A replay's desk has no callers to be there for. */
static pct_status begin_serving(serving *s, pct_error *error) {
    pct_status status = PCT_OK;
    pct_text code = pct_codes_type_at(s->codes, 0)->code.code;
    s->options.synthetic_type = s->synthetic_type;
    memcpy(s->synthetic_type, code.chars, code.length < sizeof s->synthetic_type ? code.length : 0);
    if (!s->replay.wanted) status = pct_probe_new(pct_wall_ms, &s->service.probe, error);
    return status ? status : pct_server_start(&s->options, &s->sockets, &s->server, error);
}

static pct_status open_site(pct_cli *cli, serving *s, pct_error *error) {
    pct_status status = pct_site_open(cli->arguments[0], &s->site, error);
    if (status) return status;
    pct_serve_upkeep_begin(cli, s->site.folder, &s->service, &s->upkeep);
    status = pct_site_open_road(&s->site, 0.0, error);
    if (!status && pct_site_has_patrol(&s->site)) status = pct_site_open_patrol(&s->site, 0.0, error);
    return status;
}

static bool road_at(void *context, pct_position position, pct_road_ref *out) {
    const pct_road *road = context;
    pct_road_point point;
    double distance_m;
    if (pct_road_snap(road, position, PCT_ROAD_NAMED_WITHIN_M, &point, &distance_m, NULL) != PCT_OK)
        return false;
    *out = pct_closed_ref(pct_road_network(road), point.segment, false);
    return true;
}

static pct_status open_tracks(serving *s, pct_error *error) {
    const pct_tracks_options options = {
        .folder = s->site.folder, .road_at = road_at, .road_context = s->site.road};
    pct_status status = pct_tracks_open(&options, &s->service.tracks, error);
    return status ? status : pct_tracks_start(s->service.tracks, error);
}

/* What lies in the site's folder, and nothing else: afterwards the process may be kept to it. */
static pct_status open_files(pct_cli *cli, serving *s, pct_error *error) {
    pct_status status = open_site(cli, s, error);
    if (!status) status = open_codes(s, error);
    if (!status) status = open_tiles(s, error);
    if (!status) status = open_gazetteer(s, error);
    if (!status) status = pct_accounts_open(s->site.folder, &s->service.accounts, error);
    if (!status) status = pct_openid_new(&s->site, &s->service.openid, error);
    if (!status) status = pct_devices_open(s->site.folder, &s->service.devices, error);
    if (!status) status = pct_serve_replay_read(cli, &s->site, s->codes, &s->replay, error);
    s->service.site = &s->site;
    s->service.codes = s->codes;
    return status;
}

static pct_status open_desk(pct_cli *cli, serving *s, pct_error *error) {
    pct_status status = open_record(cli, s, error);
    if (!status) status = check_keeping(cli, s, error);
    if (!status) status = start_desk(cli, s, error);
    return status ? status : open_tracks(s, error);
}

static pct_status open_roads(serving *s, pct_error *error) {
    pct_service *v = &s->service;
    pct_status status = open_live_road(s, error);
    if (!status) status = pct_advice_new(v->live, v->desk, &v->advice, error);
    if (!status) status = pct_demand_watch_new(&s->site, v->live, v->desk, v->advice, &s->demand, error);
    return status ? status : pct_ways_new(v->live, &v->ways, error);
}

/* Everything that options name has been read: from here on the process opens nothing but its site. */
static pct_status close_doors(const pct_cli *cli, serving *s, pct_error *error) {
    pct_status status = pct_serve_tls_open(cli, &s->service, &s->options.tls, error);
    if (!status) status = pct_server_bind(&s->options, &s->sockets, error);
    if (!status)
        status = pct_serve_confine_begin(cli, &s->site, &s->options, &s->sockets, &s->confine, error);
    return status;
}

static pct_status open_all(pct_cli *cli, serving *s, pct_error *error) {
    pct_status status = read_listen(cli, s, error);
    if (!status) status = pct_cli_assets_read(pct_cli_option(cli, "--web"), &s->assets, error);
    s->options.assets = &s->assets.assets;
    if (!status) status = open_files(cli, s, error);
    if (!status) status = close_doors(cli, s, error);
    if (!status) status = open_desk(cli, s, error);
    if (!status) status = open_roads(s, error);
    if (!status) status = enrol_all(s, error);
    if (!status) status = pct_serve_replay_begin(&s->replay, s->service.live, s->service.reader, error);
    s->service.replay = s->replay.replay;
    if (!status) status = pct_serve_misuse(cli, &s->service, error);
    if (!status) status = pct_patrol_book_new(&s->service, &s->service.patrol, error);
    if (!status) status = pct_patrol_book_start(s->service.patrol, error);
    if (!status) status = pct_serve_socket_open(s->site.folder, &s->socket, error);
    if (!status) status = begin_serving(s, error);
    if (!status) pct_serve_confine_end(cli, &s->confine);
    return status;
}

static void close_all(serving *s) {
    pct_serve_socket_close(&s->socket);
    pct_server_stop(s->server);
    pct_server_unbind(&s->sockets);
    pct_patrol_book_free(s->service.patrol);
    pct_tls_free(s->options.tls);
    pct_serve_replay_stop(&s->replay);
    pct_tracks_close(s->service.tracks);
    pct_demand_watch_free(s->demand);
    pct_advice_free(s->service.advice);
    pct_ways_free(s->service.ways);
    pct_live_road_free(s->service.live);
    pct_site_bands_dispose(&s->bands);
    pct_watch_stop(s->service.watch);
    pct_log_tiles_stop(s->service.log_tiles);
    pct_misuse_free(s->service.misuse);
    pct_intake_stop(s->service.intake);
    if (s->service.desk) pct_desk_close(s->service.desk);
    pct_intake_close(s->service.intake);
    pct_probe_free(s->service.probe);
    pct_serve_replay_dispose(&s->replay);
    pct_store_close(s->service.reader);
    pct_store_close(s->store);
    pct_agency_dispose(&s->agency);
    pct_devices_close(s->service.devices);
    pct_openid_free(s->service.openid);
    pct_accounts_close(s->service.accounts);
    pct_rights_free(s->service.rights);
    pct_acts_free(s->service.acts);
    pct_beats_free(s->service.beats);
    pct_codes_free(s->codes);
    pct_gazetteer_scratch_free(s->service.search);
    pct_file_unmap(&s->tiles_file);
    pct_cli_assets_dispose(&s->assets);
    pct_site_close(&s->site);
    (void)pthread_mutex_destroy(&s->service.reading);
    (void)pthread_mutex_destroy(&s->service.searching);
}

/* One line as soon as it serves: who started us waits for it. */
static void say_ready(const pct_cli *cli, const serving *s) {
    pct_buffer line = pct_buffer_init(1 << 12), url = pct_buffer_init(1 << 10);
    if (s->options.origin)
        (void)pct_buffer_append_text(&url, s->options.origin);
    else
        (void)pct_buffer_append_format(&url, "%s://%s:%d", s->options.tls ? "https" : "http", s->address,
                                       pct_server_port(s->server));
    const pct_param params[] = {pct_str(pct_buffer_chars(&url)),
                                pct_int(pct_server_positions_port(s->server))};
    if (cli->json)
        (void)pct_buffer_append_format(&line, "{\"ready\":\"%s\",\"port\":%d,\"positions_port\":%d}",
                                       pct_buffer_chars(&url), pct_server_port(s->server),
                                       pct_server_positions_port(s->server));
    else
        (void)pct_message_render(PCT_MSG_SERVE_READY, params, 2, cli->language, &line);
    (void)printf("%s\n", pct_buffer_chars(&line));
    (void)fflush(stdout);
    pct_buffer_dispose(&line);
    pct_buffer_dispose(&url);
}

/* Until a signal says so, or until the disk has failed and the spool with it: nobody knows then what they hold, and only a
 * new start, which reads both again, can go on. Those who wait are told before we end. */
static pct_status wait_for_end(const pct_cli *cli, serving *s, const sigset_t *stop, pct_error *error) {
    const struct timespec a_while = {.tv_nsec = 100000000};
    pct_status failed = PCT_OK;
    for (int came = 0; !failed; came = sigtimedwait(stop, NULL, &a_while)) {
        if (came > 0 && came != SIGHUP) break;
        if (came == SIGHUP && s->options.tls) pct_serve_tls_again(cli, &s->service, s->options.tls);
        pct_serve_socket_answer(&s->socket, &s->service);
        pct_serve_upkeep_step(&s->upkeep);
        failed = pct_serve_intake_mend(&s->intake, error);
    }
    return failed;
}

static pct_status run(pct_cli *cli, pct_error *error) {
    sigset_t stop;
    pct_memory_give_back();
    pct_memory_wipe_freed();
    pct_store_keep_no_freed();
    serving *s = pct_alloc_zeroed(1, sizeof *s);
    if (!s) return pct_error_memory(error, sizeof *s);
    /* Before any thread is started, so that the signals come to us alone. */
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigaddset(&stop, SIGINT);
    /* A service that has nothing to read anew goes on; where somebody sits before it, hanging up ends it. */
    if (pct_cli_option(cli, "--tls-cert") || !isatty(STDIN_FILENO)) (void)sigaddset(&stop, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    s->site.zone = pct_zone_utc();
    s->sockets = PCT_SERVER_SOCKETS_NONE;
    (void)pthread_mutex_init(&s->service.reading, NULL);
    (void)pthread_mutex_init(&s->service.searching, NULL);
    s->service.wall_ms = pct_wall_ms;
    s->service.started_at_ms = pct_wall_ms();
    pct_status status = open_all(cli, s, error);
    if (!status) {
        pct_serve_replay_run(&s->replay);
        say_ready(cli, s);
        status = wait_for_end(cli, s, &stop, error);
    }
    close_all(s);
    pct_free(s);
    return status;
}

const pct_cli_command pct_cmd_serve = {"serve",
                                       "SITE",
                                       PCT_MSG_SERVE_HELP,
                                       {{"--listen", "A:P", PCT_MSG_SERVE_LISTEN, false},
                                        {"--positions", "PORT", PCT_MSG_SERVE_POSITIONS, false},
                                        {"--origin", "URL", PCT_MSG_SERVE_ORIGIN, false},
                                        {"--tls-cert", "FILE", PCT_MSG_SERVE_TLS_CERT, false},
                                        {"--tls-key", "FILE", PCT_MSG_SERVE_TLS_KEY, false},
                                        {"--web", "DIR", PCT_MSG_SERVE_WEB, false},
                                        {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false},
                                        {"--unconfined", NULL, PCT_MSG_SERVE_UNCONFINED_OPTION, false},
                                        {"--replay", "CALLS.csv", PCT_MSG_SERVE_REPLAY, false},
                                        {"--speed", "X", PCT_MSG_SERVE_SPEED, false},
                                        {"--start", "TIME", PCT_MSG_SERVE_START, false},
                                        {"--mapping", "FILE.json", PCT_MSG_SERVE_MAPPING, false},
                                        {"--plan", "PLAN.json", PCT_MSG_SERVE_PLAN, false}},
                                       run};
