/* precinct init: import → order → topology → customize → base map → gazetteer → write. METIS may end its process, so
 * the order is found in a child that hands it back through shared memory. */
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/command.h"
#include "dispatch/units_csv.h"
#include "geo/geojson.h"
#include "osm/pbf.h"
#include "place/build.h"
#include "road/import.h"
#include "road/order.h"
#include "site/site.h"
#include "tiles/tiles.h"
#include "town/town.h"

enum { ARENA_MAX = 1 << 30, BASE_MAP_MAX = (1 << 30) + (1 << 28) };

static const char default_zone[] = "Asia/Shanghai";

/* The files that an init may be given, mapped. */
enum { MAP, NODES, EDGES, MAPPING, AREAS, STATIONS, PLACES, UNITS, FILE_COUNT };
static const char *const file_options[FILE_COUNT] = {"--map",   "--nodes",    "--edges",  "--mapping",
                                                     "--areas", "--stations", "--places", "--units"};

typedef struct init {
    pct_cli *cli;
    pct_mapped_file files[FILE_COUNT];
    pct_network network;
    pct_import_report report;
    pct_road *road;
    pct_arena arena; /* of areas, points and the credit */
    pct_map_source map_source;
    pct_text map_credit;
    pct_areas areas;
    pct_named_points points[2]; /* stations, places */
    pct_buffer base_map;
    pct_gazetteer *gazetteer;
    pct_tiles_report tiles;
    double import_s, order_s, topology_s, customize_s, base_map_s, gazetteer_s;
    uint32_t nodes, segments;
    uint64_t index_bytes;
} init;

static const char *path_of(const init *in, int file) {
    return pct_cli_option(in->cli, file_options[file]);
}

static void progress(const init *in, pct_message message) {
    pct_cli_progress(in->cli, message, NULL, 0);
}

static pct_status map_files(init *in, pct_error *error) {
    bool osm = path_of(in, MAP) != NULL, csv = path_of(in, NODES) && path_of(in, EDGES);
    pct_status status = PCT_OK;
    if (osm == csv || (osm && (path_of(in, NODES) || path_of(in, EDGES))))
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_INIT_ONE_SOURCE, NULL, 0);
    for (int i = 0; i < FILE_COUNT && !status; i++)
        if (path_of(in, i)) status = pct_file_map(path_of(in, i), &in->files[i], error);
    return status;
}

static pct_csv_network csv_network(const init *in) {
    return (pct_csv_network){path_of(in, NODES),     path_of(in, EDGES),     path_of(in, MAPPING),
                             in->files[NODES].bytes, in->files[EDGES].bytes, in->files[MAPPING].bytes};
}

static pct_status import_map(init *in, pct_error *error) {
    double began_s = pct_cli_seconds();
    pct_csv_network csv = csv_network(in);
    progress(in, PCT_MSG_INIT_IMPORTING);
    pct_status status = path_of(in, MAP) ? pct_import_osm(path_of(in, MAP), in->files[MAP].bytes,
                                                          &in->network, &in->report, error)
                                         : pct_import_csv(&csv, &in->network, &in->report, error);
    in->import_s = pct_cli_seconds() - began_s;
    in->nodes = in->network.node_count;
    in->segments = in->network.segment_count;
    return status;
}

/* In a child process; `rank_node` is shared with it. */
static pct_status order_nodes(init *in, uint32_t *rank_node, pct_error *error) {
    int how = 0;
    double began_s = pct_cli_seconds();
    progress(in, PCT_MSG_INIT_ORDERING);
    pct_graph graph = pct_network_graph(&in->network);
    pid_t child = fork();
    if (child == 0) _exit(pct_order_nested_dissection(&graph, rank_node, NULL) == PCT_OK ? 0 : 1);
    bool done = child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    in->order_s = pct_cli_seconds() - began_s;
    return done ? PCT_OK : PCT_FAIL(error, PCT_MEMORY, PCT_MSG_INIT_ORDER_FAILED, pct_int(how));
}

static pct_status build_road(init *in, const uint32_t *rank_node, pct_error *error) {
    pct_speeds speeds = pct_speeds_uniform(in->report.speed_kmh);
    pct_status status = in->report.speed_kmh > 0.0 ? PCT_OK : pct_site_shipped_speeds(&speeds, error);
    if (status) return status;
    progress(in, PCT_MSG_INIT_BUILDING);
    double began_s = pct_cli_seconds();
    status = pct_road_build(&in->network, rank_node, &speeds, &in->road, error);
    if (status) return status;
    double built_s = pct_cli_seconds();
    pct_road *road = in->road;
    pct_metric_updater *updater;
    status = pct_metric_updater_new(&road->graph, &road->hierarchy, &updater, error);
    if (status) return status;
    pct_metric_customize(&road->graph, &road->hierarchy, &road->metric, updater);
    pct_metric_updater_free(updater);
    in->customize_s = pct_cli_seconds() - built_s;
    in->topology_s = built_s - began_s - in->customize_s;
    return PCT_OK;
}

static pct_status make_road(init *in, pct_error *error) {
    size_t bytes = (size_t)in->nodes * sizeof(uint32_t);
    uint32_t *rank_node = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (rank_node == MAP_FAILED) return pct_error_memory(error, bytes);
    pct_status status = order_nodes(in, rank_node, error);
    if (!status) status = build_road(in, rank_node, error);
    (void)munmap(rank_node, bytes);
    return status;
}

/* A PBF that our own town wrote says so; any other is taken for OpenStreetMap's. A CSV network is its owner's, who may
 * be named in the mapping. */
static pct_status find_credit(init *in, const json_t *mapping, pct_error *error) {
    char program[PCT_OSM_PROGRAM_MAX];
    pct_text credit;
    if (path_of(in, MAP)) {
        pct_status status = pct_osm_read_program(path_of(in, MAP), in->files[MAP].bytes, program, error);
        bool town = strncmp(program, PCT_TOWN_PROGRAM, strlen(PCT_TOWN_PROGRAM)) == 0;
        in->map_source = town ? PCT_MAP_TOWN : PCT_MAP_OPENSTREETMAP;
        return status;
    }
    if (!json_object_get(mapping, "attribution")) return PCT_OK;
    pct_status status = pct_json_get_text(path_of(in, MAPPING), mapping, "attribution", &credit, error);
    if (!status && credit.length >= PCT_MAP_CREDIT_MAX)
        return pct_json_unexpected(path_of(in, MAPPING), "attribution", PCT_MSG_EXPECTED_MAP_CREDIT,
                                   json_object_get(mapping, "attribution"), error);
    char *kept = status ? NULL : pct_arena_alloc(&in->arena, 1, credit.length + 1);
    if (!kept) return status ? status : pct_error_memory(error, credit.length + 1);
    memcpy(kept, credit.chars, credit.length);
    in->map_credit = (pct_text){kept, credit.length};
    return PCT_OK;
}

static pct_status check_units(const init *in, pct_error *error) {
    pct_codes *codes = NULL;
    pct_units units;
    if (!path_of(in, UNITS)) return PCT_OK;
    pct_status status = pct_site_shipped_codes(&codes, error);
    if (!status)
        status = pct_units_read(path_of(in, UNITS), in->files[UNITS].bytes, path_of(in, MAPPING),
                                in->files[MAPPING].bytes, codes, &units, error);
    if (!status) pct_units_dispose(&units);
    pct_codes_free(codes);
    return status;
}

/* Areas, stations, places and units are read in full before anything is written: a site has no bad files. */
static pct_status check_files(init *in, pct_error *error) {
    json_t *mapping = NULL;
    pct_area_mapping area_mapping;
    pct_status status = PCT_OK;
    if (in->files[MAPPING].bytes.length > 0)
        status = pct_json_parse(path_of(in, MAPPING), in->files[MAPPING].bytes, &mapping, error);
    if (!status) status = find_credit(in, mapping, error);
    if (!status) status = pct_area_mapping_read(path_of(in, MAPPING), mapping, &area_mapping, error);
    if (!status && path_of(in, AREAS))
        status = pct_geojson_read_areas(path_of(in, AREAS), in->files[AREAS].bytes, &area_mapping, &in->arena,
                                        &in->areas, error);
    for (int i = STATIONS; i <= PLACES && !status; i++)
        if (path_of(in, i))
            status = pct_geojson_read_points(path_of(in, i), in->files[i].bytes, &in->arena,
                                             &in->points[i - STATIONS], error);
    json_decref(mapping);
    return status ? status : check_units(in, error);
}

static pct_status make_base_map(init *in, pct_error *error) {
    pct_tiles_source source = {.file = path_of(in, MAP),
                               .osm = in->files[MAP].bytes,
                               .network = &in->road->network,
                               .areas = in->areas,
                               .stations = in->points[0],
                               .places = in->points[1]};
    double began_s = pct_cli_seconds();
    progress(in, PCT_MSG_INIT_DRAWING);
    pct_status status = pct_tiles_make(&source, &in->base_map, &in->tiles, error);
    in->base_map_s = pct_cli_seconds() - began_s;
    return status;
}

static pct_status make_gazetteer(init *in, pct_error *error) {
    double began_s = pct_cli_seconds();
    pct_gazetteer_builder *builder;
    pct_csv_network csv = csv_network(in);
    const char *file = path_of(in, MAP);
    progress(in, PCT_MSG_INIT_GAZETTEER);
    pct_status status = pct_gazetteer_builder_new(&builder, error);
    if (!status) status = pct_gazetteer_add_network(builder, &in->road->network, error);
    if (!status)
        status = file ? pct_gazetteer_add_osm(builder, file, in->files[MAP].bytes, error)
                      : pct_gazetteer_add_ranges(builder, &in->road->network, &csv, error);
    if (!status) status = pct_gazetteer_add_points(builder, &in->points[0], "police_station", error);
    if (!status) status = pct_gazetteer_add_points(builder, &in->points[1], NULL, error);
    if (!status) status = pct_gazetteer_add_areas(builder, &in->areas, error);
    if (!status) status = pct_gazetteer_build(builder, &in->gazetteer, error);
    pct_gazetteer_builder_free(builder);
    in->gazetteer_s = pct_cli_seconds() - began_s;
    return status;
}

static pct_status write_site(init *in, pct_error *error) {
    const char *zone = pct_cli_option(in->cli, "--tz");
    pct_speeds speeds = pct_speeds_uniform(in->report.speed_kmh);
    pct_site_parts parts = {.zone_name = zone ? zone : default_zone,
                            .drill = pct_cli_flag(in->cli, "--drill"),
                            .map_source = in->map_source,
                            .map_credit = in->map_credit,
                            .road = in->road,
                            .gazetteer = in->gazetteer,
                            .speeds = in->report.speed_kmh > 0.0 ? &speeds : NULL,
                            .areas = in->files[AREAS].bytes,
                            .stations = in->files[STATIONS].bytes,
                            .places = in->files[PLACES].bytes,
                            .units = in->files[UNITS].bytes,
                            .base_map = {(const char *)in->base_map.bytes, in->base_map.length}};
    return pct_site_create(in->cli->arguments[0], &parts, &in->index_bytes, error);
}

static void write_json(const init *in) {
    const struct {
        const char *key;
        double value;
        int decimals;
    } figures[] = {{"nodes", in->nodes, 0},
                   {"segments", in->segments, 0},
                   {"import_s", in->import_s, 4},
                   {"order_s", in->order_s, 4},
                   {"topology_s", in->topology_s, 4},
                   {"customize_s", in->customize_s, 4},
                   {"gazetteer_s", in->gazetteer_s, 4},
                   {"index_bytes", (double)in->index_bytes, 0},
                   {"base_map_s", in->base_map_s, 4},
                   {"base_map_bytes", (double)in->base_map.length, 0},
                   {"base_map_tiles", (double)in->tiles.tiles, 0},
                   {"base_map_rings_open", (double)in->tiles.rings_open, 0},
                   {"peak_rss_bytes", (double)pct_cli_peak_bytes(), 0},
                   {"turn_restrictions_read", (double)in->report.restrictions_read, 0},
                   {"turn_restrictions_kept", in->road->network.restriction_count, 0}};
    pct_json_writer json = pct_json_writer_init(&in->cli->out);
    pct_json_begin_object(&json);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        pct_json_key(&json, figures[i].key);
        pct_json_real(&json, figures[i].value, figures[i].decimals);
    }
    pct_json_key(&json, "dropped");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < in->report.dropped_count; i++) {
        pct_json_begin_object(&json);
        pct_json_key(&json, "reason");
        pct_json_string(&json, pct_message_table[in->report.dropped[i].reason].key);
        pct_json_key(&json, "count");
        pct_json_integer(&json, in->report.dropped[i].count);
        pct_json_key(&json, "example");
        pct_json_integer(&json, in->report.dropped[i].examples[0]);
        pct_json_end_object(&json);
    }
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&in->cli->out, '\n');
}

static void print(const init *in) {
    PCT_SAY(in->cli, PCT_MSG_INIT_DONE, pct_str(in->cli->arguments[0]), pct_int(in->nodes),
            pct_int(in->segments),
            pct_real(in->import_s + in->order_s + in->topology_s + in->customize_s + in->base_map_s +
                     in->gazetteer_s));
    PCT_SAY(in->cli, PCT_MSG_INIT_BASE_MAP, pct_int(in->tiles.tiles), pct_int(in->tiles.features),
            pct_int((int64_t)in->base_map.length));
    if (in->tiles.rings_open > 0) PCT_SAY(in->cli, PCT_MSG_INIT_RINGS_OPEN, pct_int(in->tiles.rings_open));
    PCT_SAY(in->cli, PCT_MSG_INIT_RESTRICTIONS, pct_int(in->report.restrictions_read),
            pct_int(in->road->network.restriction_count));
    for (size_t i = 0; i < in->report.dropped_count; i++)
        PCT_SAY(in->cli, in->report.dropped[i].reason, pct_int(in->report.dropped[i].count));
}

static pct_status run(pct_cli *cli, pct_error *error) {
    init in = {.cli = cli, .arena = pct_arena_init(ARENA_MAX), .base_map = pct_buffer_init(BASE_MAP_MAX)};
    pct_staging probe;
    /* Asked first, so that nobody waits for a map only to hear that the folder is taken. */
    pct_status status = pct_staging_begin(&probe, cli->arguments[0], error);
    pct_staging_end(&probe);
    if (!status) status = map_files(&in, error);
    if (!status) status = check_files(&in, error);
    if (!status) status = import_map(&in, error);
    if (!status) status = make_road(&in, error);
    if (!status) status = make_base_map(&in, error);
    if (!status) status = make_gazetteer(&in, error);
    if (!status) status = write_site(&in, error);
    if (!status && cli->json) write_json(&in);
    if (!status && !cli->json) print(&in);
    pct_network_dispose(&in.network);
    pct_road_free(in.road);
    pct_gazetteer_free(in.gazetteer);
    pct_arena_dispose(&in.arena);
    pct_buffer_dispose(&in.base_map);
    for (int i = 0; i < FILE_COUNT; i++) pct_file_unmap(&in.files[i]);
    return status;
}

const pct_cli_command pct_cmd_init = {"init",
                                      "SITE",
                                      PCT_MSG_INIT_HELP,
                                      {{"--map", "FILE.osm.pbf", PCT_MSG_INIT_MAP, false},
                                       {"--nodes", "FILE.csv", PCT_MSG_INIT_NODES, false},
                                       {"--edges", "FILE.csv", PCT_MSG_INIT_EDGES, false},
                                       {"--mapping", "FILE.json", PCT_MSG_INIT_MAPPING, false},
                                       {"--areas", "FILE.geojson", PCT_MSG_INIT_AREAS, false},
                                       {"--stations", "FILE.geojson", PCT_MSG_INIT_STATIONS, false},
                                       {"--places", "FILE.geojson", PCT_MSG_INIT_PLACES, false},
                                       {"--units", "FILE.csv", PCT_MSG_INIT_UNITS, false},
                                       {"--tz", "ZONE", PCT_MSG_INIT_TZ, false},
                                       {"--drill", NULL, PCT_MSG_INIT_DRILL, false}},
                                      run};
