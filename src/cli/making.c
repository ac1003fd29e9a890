/* Making a map: import → order → topology → customize → base map → gazetteer. METIS may end its process, so the order is
 * found in a child that hands it back through shared memory; while one orders the turns the base map is drawn here. */
#include "cli/making.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/memory.h"
#include "cli/log_text.h"
#include "demand/calls_csv.h"
#include "dispatch/units_csv.h"
#include "geo/geojson_datum.h"
#include "osm/pbf.h"
#include "road/order.h"
#include "tiles/tiles.h"
#include "town/town.h"

enum { ARENA_MAX = 1 << 30, BASE_MAP_MAX = (1 << 30) + (1 << 28), CONVERTED_MAX = 1 << 30 };
enum {
    MAP = PCT_MAKING_MAP,
    NODES = PCT_MAKING_NODES,
    EDGES = PCT_MAKING_EDGES,
    MAPPING = PCT_MAKING_MAPPING,
    AREAS = PCT_MAKING_AREAS,
    STATIONS = PCT_MAKING_STATIONS,
    PLACES = PCT_MAKING_PLACES,
    UNITS = PCT_MAKING_UNITS,
    FILE_COUNT = PCT_MAKING_FILES
};

const char *const pct_making_options[FILE_COUNT] = {"--map",   "--nodes",    "--edges",  "--mapping",
                                                    "--areas", "--stations", "--places", "--units"};

typedef pct_making init;

static const char *path_of(const init *in, int file) {
    return in->paths[file];
}

static void progress(const init *in, pct_message message) {
    pct_cli_progress(in->cli, message, NULL, 0);
}

/* What a file holds, in WGS-84. */
static pct_text text_of(const init *in, int file) {
    const pct_buffer *converted = &in->converted[file];
    return converted->length > 0 ? (pct_text){(const char *)converted->bytes, converted->length}
                                 : in->files[file].bytes;
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
                             in->files[NODES].bytes, in->files[EDGES].bytes, in->files[MAPPING].bytes,
                             in->map.datum};
}

static void digest_of(const pct_crypto *crypto, pct_text bytes, unsigned char out[PCT_HASH_BYTES]) {
    crypto->sha256((const unsigned char *)bytes.chars, bytes.length, out);
}

/* Which file the map is made of. */
static pct_status digest_source(init *in, pct_error *error) {
    const pct_crypto *crypto;
    unsigned char parts[2][PCT_HASH_BYTES];
    pct_hash digest;
    pct_status status = pct_crypto_sodium(&crypto, error);
    if (status) return status;
    if (path_of(in, MAP)) {
        digest_of(crypto, in->files[MAP].bytes, digest.bytes);
    } else {
        digest_of(crypto, in->files[NODES].bytes, parts[0]);
        digest_of(crypto, in->files[EDGES].bytes, parts[1]);
        crypto->sha256(parts[0], sizeof parts, digest.bytes);
    }
    pct_log_hex(digest, in->map.source_sha256);
    return PCT_OK;
}

static pct_status import_map(init *in, pct_error *error) {
    double began_s = pct_cli_seconds();
    pct_csv_network csv = csv_network(in);
    progress(in, PCT_MSG_INIT_IMPORTING);
    pct_status status = path_of(in, MAP)
                            ? pct_import_osm_in(in->map.datum, path_of(in, MAP), in->files[MAP].bytes,
                                                &in->network, &in->map.report, error)
                            : pct_import_csv(&csv, &in->network, &in->map.report, error);
    in->import_s = pct_cli_seconds() - began_s;
    in->nodes = in->network.node_count;
    in->segments = in->network.segment_count;
    return status;
}

/* What a child process does. */
typedef pct_status order_job(const init *in, const pct_turns *turns, uint32_t *rank);

static pct_status order_nodes(const init *in, const pct_turns *turns, uint32_t *rank) {
    (void)turns;
    pct_graph graph = pct_network_graph(&in->network);
    return pct_order_nested_dissection(&graph, rank, NULL);
}

static pct_status order_turns(const init *in, const pct_turns *turns, uint32_t *rank) {
    return pct_order_turns(&in->road->network, turns, rank, NULL);
}

/* The order of `count` things, and behind it how many microseconds it took: memory that a child shares. */
typedef struct order {
    uint32_t *rank;
    size_t count;
    pid_t child;
} order;

static pct_status order_begin(const init *in, order_job *job, const pct_turns *turns, size_t count,
                              order *out, pct_error *error) {
    size_t bytes = (count + 1) * sizeof *out->rank;
    *out = (order){mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), count, -1};
    if (out->rank == MAP_FAILED) return pct_error_memory(error, bytes);
    double began_s = pct_cli_seconds();
    progress(in, PCT_MSG_INIT_ORDERING);
    out->child = fork();
    if (out->child != 0) return PCT_OK;
    pct_status status = job(in, turns, out->rank);
    out->rank[count] = (uint32_t)((pct_cli_seconds() - began_s) * 1e6);
    _exit(status == PCT_OK ? 0 : 1);
}

/* Waits for the child. */
static pct_status order_finish(const order *o, double *seconds, pct_error *error) {
    int how = 0;
    bool done =
        o->child > 0 && waitpid(o->child, &how, 0) == o->child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    *seconds = o->rank[o->count] * 1e-6;
    return done ? PCT_OK : PCT_FAIL(error, PCT_MEMORY, PCT_MSG_INIT_ORDER_FAILED, pct_int(how));
}

static void order_dispose(const order *o) {
    (void)munmap(o->rank, (o->count + 1) * sizeof *o->rank);
}

static pct_status build_road(init *in, const uint32_t *rank_node, pct_error *error) {
    pct_speeds speeds = pct_speeds_uniform(in->map.report.speed_kmh);
    pct_status status = in->map.report.speed_kmh > 0.0 ? PCT_OK : pct_site_shipped_speeds(&speeds, error);
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
    order nodes;
    pct_status status = order_begin(in, order_nodes, NULL, in->nodes, &nodes, error);
    if (status) return status;
    status = order_finish(&nodes, &in->order_s, error);
    if (!status) status = build_road(in, nodes.rank, error);
    order_dispose(&nodes);
    return status;
}

static pct_status make_base_map(init *in, pct_error *error);

/* And the base map beside it, which needs the network alone. */
static pct_status make_patrol(init *in, pct_error *error) {
    pct_turns turns = {0};
    pct_speeds speeds;
    order vertices;
    pct_status status = pct_site_shipped_speeds(&speeds, error);
    if (!status) status = pct_turns_build(&in->road->network, &turns, error);
    if (status) return status;
    status = order_begin(in, order_turns, &turns, turns.vertex_count, &vertices, error);
    if (!status) {
        pct_error unordered;
        status = make_base_map(in, error);
        pct_status ordered = order_finish(&vertices, &in->patrol_order_s, status ? &unordered : error);
        if (!status) status = ordered;
        double began_s = pct_cli_seconds();
        if (!status)
            status = pct_road_build_patrol(in->road, &turns, vertices.rank, &speeds, &in->patrol, error);
        in->patrol_topology_s = pct_cli_seconds() - began_s;
        order_dispose(&vertices);
    }
    pct_turns_dispose(&turns);
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
        in->map.source = town ? PCT_MAP_TOWN : PCT_MAP_OPENSTREETMAP;
        return status;
    }
    if (!json_object_get(mapping, "attribution")) return PCT_OK;
    pct_status status = pct_json_get_text(path_of(in, MAPPING), mapping, "attribution", &credit, error);
    if (!status && credit.length >= PCT_MAP_CREDIT_MAX)
        return pct_json_unexpected(path_of(in, MAPPING), "attribution", PCT_MSG_EXPECTED_MAP_CREDIT,
                                   json_object_get(mapping, "attribution"), error);
    if (!status) memcpy(in->map.credit, credit.chars, credit.length);
    return status;
}

/* --- other datums ------------------------------------------------------------------------------------------------- */

pct_status pct_making_read_crs(pct_making *in, pct_error *error) {
    const char *crs = pct_cli_option(in->cli, "--crs");
    if (!crs || pct_datum_named(pct_text_of(crs), &in->map.datum)) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_OPTION_CHOICE, pct_str("--crs"),
                    pct_str("wgs84, cgcs2000, gcj02, bd09"), pct_str(crs));
}

static const char *const sections[FILE_COUNT] = {NULL,    "nodes",    NULL,     NULL,
                                                 "areas", "stations", "places", "units"};

static pct_status datum_of(const init *in, const json_t *mapping, int file, pct_datum *datum,
                           pct_error *error) {
    const json_t *crs = json_object_get(json_object_get(mapping, sections[file]), "crs");
    *datum = in->kept[file] ? PCT_DATUM_WGS84 : in->map.datum;
    if (!crs || in->kept[file] ||
        (json_is_string(crs) && pct_datum_named(pct_text_of(json_string_value(crs)), datum)))
        return PCT_OK;
    return pct_json_unexpected(path_of(in, MAPPING), "crs", PCT_MSG_EXPECTED_DATUM, crs, error);
}

static void append_row(const pct_csv *csv, const int columns[2], pct_position p, pct_buffer *out) {
    const double degrees[2] = {pct_position_lon_deg(p), pct_position_lat_deg(p)};
    for (int i = 0; i < csv->column_count; i++) {
        if (i > 0) (void)pct_buffer_append_byte(out, ',');
        if (i == columns[0] || i == columns[1])
            (void)pct_buffer_append_format(out, "%.7f", degrees[i == columns[1]]);
        else
            pct_csv_field_append(pct_csv_text(csv, i), out);
    }
    (void)pct_buffer_append_byte(out, '\n');
}

/* units.csv with its columns lon and lat, or what the mapping calls them, in WGS-84. */
static pct_status convert_units(init *in, const json_t *mapping, pct_datum datum, pct_error *error) {
    static const char *const names[2] = {"lon", "lat"};
    static const double limits[2] = {180.0, 90.0};
    const json_t *theirs = json_object_get(json_object_get(mapping, "units"), "columns");
    pct_buffer *out = &in->converted[UNITS];
    pct_csv csv;
    bool more = true;
    int columns[2];
    double degrees[2];
    pct_position p;
    pct_status status = pct_csv_open(&csv, path_of(in, UNITS), in->files[UNITS].bytes, error);
    if (status) return status;
    for (int i = 0; i < 2 && !status; i++) {
        const char *name = json_string_value(json_object_get(theirs, names[i]));
        status = pct_csv_column(&csv, name ? name : names[i], &columns[i], error);
    }
    for (int i = 0; i < csv.column_count; i++) {
        if (i > 0) (void)pct_buffer_append_byte(out, ',');
        pct_csv_field_append(csv.names[i], out);
    }
    (void)pct_buffer_append_byte(out, '\n');
    while (!status && (status = pct_csv_next(&csv, &more, error)) == PCT_OK && more) {
        for (int i = 0; i < 2 && !status; i++)
            status = pct_csv_real(&csv, columns[i], -limits[i], limits[i], &degrees[i], error);
        if (status || !pct_position_from_degrees(degrees[0], degrees[1], &p)) break;
        append_row(&csv, columns, pct_wgs84_from(datum, p), out);
    }
    pct_csv_close(&csv);
    return status ? status : pct_buffer_status(out, error);
}

static pct_status convert_files(init *in, const json_t *mapping, pct_error *error) {
    pct_status status = datum_of(in, mapping, path_of(in, MAP) ? MAP : NODES, &in->map.datum, error);
    for (int i = AREAS; i <= UNITS && !status; i++) {
        pct_datum datum;
        if (!path_of(in, i)) continue;
        status = datum_of(in, mapping, i, &datum, error);
        if (status || datum == PCT_DATUM_WGS84 || datum == PCT_DATUM_CGCS2000) continue;
        status = i == UNITS ? convert_units(in, mapping, datum, error)
                            : pct_geojson_to_wgs84(path_of(in, i), in->files[i].bytes, datum,
                                                   &in->converted[i], error);
    }
    return status;
}

static pct_status check_units(const init *in, pct_error *error) {
    pct_codes *codes = NULL;
    pct_units units;
    if (!path_of(in, UNITS)) return PCT_OK;
    pct_status status = pct_site_shipped_codes(&codes, error);
    if (!status)
        status = pct_units_read(path_of(in, UNITS), text_of(in, UNITS), path_of(in, MAPPING),
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
    if (!status) status = convert_files(in, mapping, error);
    if (!status) status = pct_area_mapping_read(path_of(in, MAPPING), mapping, &area_mapping, error);
    if (!status && path_of(in, AREAS))
        status = pct_geojson_read_areas(path_of(in, AREAS), text_of(in, AREAS), &area_mapping, &in->arena,
                                        &in->areas, error);
    for (int i = STATIONS; i <= PLACES && !status; i++)
        if (path_of(in, i))
            status = pct_geojson_read_points(path_of(in, i), text_of(in, i), &in->arena,
                                             &in->points[i - STATIONS], error);
    json_decref(mapping);
    return status ? status : check_units(in, error);
}

static pct_status make_base_map(init *in, pct_error *error) {
    pct_tiles_source source = {.file = path_of(in, MAP),
                               .datum = in->map.datum,
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
    if (!status) pct_gazetteer_set_datum(builder, in->map.datum);
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

void pct_making_init(pct_making *in, pct_cli *cli) {
    *in = (pct_making){.cli = cli,
                       .map = {.version = 1},
                       .arena = pct_arena_init(ARENA_MAX),
                       .base_map = pct_buffer_init(BASE_MAP_MAX)};
    for (int i = 0; i < FILE_COUNT; i++) in->converted[i] = pct_buffer_init(CONVERTED_MAX);
}

void pct_making_dispose(pct_making *in) {
    pct_network_dispose(&in->network);
    pct_road_free(in->patrol);
    pct_road_free(in->road);
    pct_gazetteer_free(in->gazetteer);
    pct_arena_dispose(&in->arena);
    pct_buffer_dispose(&in->base_map);
    for (int i = 0; i < FILE_COUNT; i++) {
        pct_file_unmap(&in->files[i]);
        pct_buffer_dispose(&in->converted[i]);
    }
}

pct_status pct_making_run(pct_making *in, pct_error *error) {
    pct_status status = map_files(in, error);
    if (!status) status = check_files(in, error);
    double began_s = pct_cli_seconds();
    if (!status) status = digest_source(in, error);
    if (!status) status = import_map(in, error);
    if (!status) status = make_road(in, error);
    if (!status) status = make_patrol(in, error);
    if (!status) status = make_gazetteer(in, error);
    in->whole_s = pct_cli_seconds() - began_s;
    return status;
}

pct_site_parts pct_making_parts(const pct_making *in) {
    return (pct_site_parts){.map = in->map,
                            .road = in->road,
                            .patrol = in->patrol,
                            .gazetteer = in->gazetteer,
                            .areas = text_of(in, AREAS),
                            .stations = text_of(in, STATIONS),
                            .places = text_of(in, PLACES),
                            .units = text_of(in, UNITS),
                            .base_map = {(const char *)in->base_map.bytes, in->base_map.length}};
}

double pct_making_seconds(const pct_making *in) {
    return in->whole_s;
}

void pct_making_write_json(const pct_making *in, pct_json_writer *json) {
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
                   {"patrol_order_s", in->patrol_order_s, 4},
                   {"patrol_topology_s", in->patrol_topology_s, 4},
                   {"gazetteer_s", in->gazetteer_s, 4},
                   {"index_bytes", (double)in->index_bytes, 0},
                   {"base_map_s", in->base_map_s, 4},
                   {"base_map_bytes", (double)in->base_map.length, 0},
                   {"base_map_tiles", (double)in->tiles.tiles, 0},
                   {"base_map_rings_open", (double)in->tiles.rings_open, 0},
                   {"peak_rss_bytes", (double)pct_cli_peak_bytes(), 0},
                   {"turn_restrictions_kept", in->road->network.restriction_count, 0}};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        pct_json_key(json, figures[i].key);
        pct_json_real(json, figures[i].value, figures[i].decimals);
    }
    pct_map_report_write(&in->map.report, json);
}

void pct_cli_say_report(pct_cli *cli, const pct_import_report *report) {
    pct_buffer examples = pct_buffer_init(1 << 10), sentence = pct_buffer_init(1 << 16);
    for (size_t i = 0; i < report->dropped_count; i++) {
        const pct_import_reason *r = &report->dropped[i];
        const pct_param count = pct_int(r->count);
        pct_buffer_clear(&examples);
        pct_buffer_clear(&sentence);
        for (size_t k = 0; k < r->example_count; k++)
            (void)pct_buffer_append_format(&examples, "%s%lld", k ? ", " : "", (long long)r->examples[k]);
        (void)!pct_message_render(r->reason, &count, 1, cli->language, &sentence);
        PCT_SAY(cli, PCT_MSG_MAP_REASON, pct_str(pct_buffer_chars(&sentence)),
                pct_str(pct_buffer_chars(&examples)));
    }
    pct_buffer_dispose(&examples);
    pct_buffer_dispose(&sentence);
}

void pct_making_say(const pct_making *in) {
    PCT_SAY(in->cli, PCT_MSG_INIT_BASE_MAP, pct_int(in->tiles.tiles), pct_int(in->tiles.features),
            pct_int((int64_t)in->base_map.length));
    if (in->tiles.rings_open > 0) PCT_SAY(in->cli, PCT_MSG_INIT_RINGS_OPEN, pct_int(in->tiles.rings_open));
    PCT_SAY(in->cli, PCT_MSG_INIT_RESTRICTIONS, pct_int(in->map.report.restrictions_read),
            pct_int(in->road->network.restriction_count));
    pct_cli_say_report(in->cli, &in->map.report);
}
