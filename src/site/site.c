#include "site/site.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/memory.h"
#include "site/definition.h"

static const char config_name[] = "site.json", road_name[] = "map/road.index",
                  patrol_name[] = "map/patrol.index", turns_name[] = "turns.csv",
                  barriers_name[] = "barriers.csv", gazetteer_name[] = "map/places.index",
                  facts_name[] = PCT_MAP_FACTS_FILE, zone_name[] = "zone.tzif", speeds_name[] = "speeds.csv";

static const pct_definition *shipped(const char *name) {
    for (const pct_definition *d = pct_definitions; d->name; d++)
        if (strcmp(d->name, name) == 0) return d;
    return NULL;
}

pct_status pct_site_shipped_speeds(pct_speeds *out, pct_error *error) {
    const pct_definition *speeds = shipped(speeds_name);
    if (PCT_NEVER(!speeds)) return PCT_INTERNAL;
    pct_status status = pct_speeds_read(speeds_name, speeds->bytes, out, error);
    if (!status) status = pct_turn_costs_read(turns_name, shipped(turns_name)->bytes, out, error);
    return status ? status : pct_barrier_costs_read(barriers_name, shipped(barriers_name)->bytes, out, error);
}

pct_status pct_site_shipped_codes(pct_codes **out, pct_error *error) {
    static const char *const files[] = {
        "codes/" PCT_CODES_INCIDENT_TYPES_FILE, "codes/" PCT_CODES_CAPABILITIES_FILE,
        "codes/" PCT_CODES_UNIT_KINDS_FILE, "codes/" PCT_CODES_PRIORITIES_FILE};
    pct_text bytes[4];
    for (int i = 0; i < 4; i++) {
        if (PCT_NEVER(!shipped(files[i]))) return PCT_INTERNAL;
        bytes[i] = shipped(files[i])->bytes;
    }
    const pct_codes_source source = {files[0], files[1], files[2], files[3],
                                     bytes[0], bytes[1], bytes[2], bytes[3]};
    return pct_codes_read(&source, out, error);
}

pct_status pct_site_map_file(const pct_site *site, const char *name, pct_mapped_file *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, site->folder, name, error);
    return status ? status : pct_file_map(path, out, error);
}

pct_status pct_site_map_definition(const pct_site *site, const char *name, pct_mapped_file *out,
                                   pct_error *error) {
    char path[PCT_PATH_MAX];
    struct stat info;
    int length = snprintf(path, sizeof path, "%s/definitions/%s", site->folder, name);
    if (length > 0 && length < PCT_PATH_MAX && stat(path, &info) == 0) return pct_file_map(path, out, error);
    const pct_definition *definition = shipped(name);
    if (!definition) return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_DEFINITION_UNKNOWN, pct_str(name));
    *out = (pct_mapped_file){definition->bytes, NULL};
    return PCT_OK;
}

pct_status pct_site_map_facts(const pct_site *site, pct_map_facts *out, pct_error *error) {
    pct_mapped_file file;
    pct_status status = pct_site_map_file(site, facts_name, &file, error);
    if (!status) {
        status = pct_map_facts_read(facts_name, file.bytes, out, error);
        pct_file_unmap(&file);
        return status;
    }
    if (status != PCT_INPUT) return status;
    *out = (pct_map_facts){.version = 1, .source = site->map_source};
    memcpy(out->credit, site->map_credit, sizeof out->credit);
    return PCT_OK;
}

static pct_status take_map_facts(pct_site *site, pct_error *error) {
    pct_map_facts facts;
    pct_status status = pct_site_map_facts(site, &facts, error);
    if (status) return status;
    site->map_version = facts.version;
    site->map_source = facts.source;
    memcpy(site->map_credit, facts.credit, sizeof site->map_credit);
    return PCT_OK;
}

/* A site that does not say whose its map is was made before sites did: its map is most likely OpenStreetMap's, which
 * asks to be named. */
static pct_status read_map_credit(pct_site *site, const json_t *config, pct_error *error) {
    pct_text source, credit = {"", 0};
    site->map_source = PCT_MAP_OPENSTREETMAP;
    if (!json_object_get(config, "map_source")) return PCT_OK;
    pct_status status = pct_json_get_text(config_name, config, "map_source", &source, error);
    if (!status && !pct_map_source_named(source, &site->map_source))
        status = pct_json_unexpected(config_name, "map_source", PCT_MSG_EXPECTED_MAP_SOURCE,
                                     json_object_get(config, "map_source"), error);
    if (!status && json_object_get(config, "map_credit"))
        status = pct_json_get_text(config_name, config, "map_credit", &credit, error);
    if (!status && credit.length >= sizeof site->map_credit)
        status = pct_json_unexpected(config_name, "map_credit", PCT_MSG_EXPECTED_MAP_CREDIT,
                                     json_object_get(config, "map_credit"), error);
    if (!status) memcpy(site->map_credit, credit.chars, credit.length);
    return status;
}

/* A path that may be given; `out` holds PCT_PATH_MAX. */
static pct_status read_path(const json_t *config, const char *name, char *out, pct_error *error) {
    pct_text path;
    if (!json_object_get(config, name)) return PCT_OK;
    pct_status status = pct_json_get_text(config_name, config, name, &path, error);
    if (!status && path.length >= PCT_PATH_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(PCT_PATH_MAX));
    if (!status) memcpy(out, path.chars, path.length);
    return status;
}

static pct_status read_partition(pct_site *site, const json_t *config, pct_error *error) {
    static const char name[] = "partition";
    pct_text text;
    if (!json_object_get(config, name)) return PCT_OK;
    pct_status status = pct_json_get_text(config_name, config, name, &text, error);
    if (!status && (text.length == 0 || text.length >= sizeof site->partition))
        return pct_json_unexpected(config_name, name, PCT_MSG_EXPECTED_PARTITION,
                                   json_object_get(config, name), error);
    if (!status) memcpy(site->partition, text.chars, text.length);
    return status;
}

static pct_status read_config(pct_site *site, pct_text bytes, pct_error *error) {
    json_t *config = NULL;
    int64_t format = 0;
    pct_text zone;
    pct_status status = pct_json_parse(config_name, bytes, &config, error);
    if (!status) status = pct_json_get_integer(config_name, config, "format", &format, error);
    if (!status && format != PCT_SITE_FORMAT)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_SITE_FORMAT, pct_str(site->folder), pct_int(format),
                          pct_int(PCT_SITE_FORMAT));
    if (!status) status = pct_json_get_text(config_name, config, "zone", &zone, error);
    if (!status && zone.length >= sizeof site->zone_name)
        status = pct_json_unexpected(config_name, "zone", PCT_MSG_EXPECTED_ZONE_NAME,
                                     json_object_get(config, "zone"), error);
    if (!status) {
        memcpy(site->zone_name, zone.chars, zone.length);
        site->drill = json_is_true(json_object_get(config, "drill"));
        status = read_map_credit(site, config, error);
        if (!status) status = pct_site_keeping_read(config_name, config, &site->keeping, error);
        if (!status) status = pct_site_sign_in_read(config_name, config, &site->sign_in, error);
        if (!status) status = pct_site_openid_read(config_name, config, &site->openid, error);
        if (!status) status = pct_site_log_shown_read(config_name, config, &site->log_public, error);
        if (!status) status = read_path(config, "agency_key", site->agency_key, error);
        if (!status) status = read_path(config, "spool", site->spool, error);
        if (!status) status = read_partition(site, config, error);
        if (!status) status = take_map_facts(site, error);
    }
    json_decref(config);
    return status;
}

pct_status pct_site_open(const char *folder, pct_site *out, pct_error *error) {
    pct_site site = {.zone = pct_zone_utc()};
    pct_mapped_file config = {{"", 0}, NULL}, zone = {{"", 0}, NULL};
    int length = snprintf(site.folder, sizeof site.folder, "%s", folder);
    if (length < 0 || length >= PCT_PATH_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_PATH),
                        pct_int(PCT_PATH_MAX));
    pct_status status = pct_site_map_file(&site, config_name, &config, error);
    if (status == PCT_INPUT) status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_SITE_ABSENT, pct_str(folder));
    if (!status) status = read_config(&site, config.bytes, error);
    if (!status) status = pct_site_map_file(&site, zone_name, &zone, error);
    if (!status) status = pct_zone_read(zone_name, zone.bytes, &site.zone, error);
    pct_file_unmap(&config);
    pct_file_unmap(&zone);
    if (status)
        pct_site_openid_dispose(&site.openid);
    else
        *out = site;
    return status;
}

/* One of the tables that say how fast one drives and what junctions cost. */
static pct_status read_definition(const pct_site *site, const char *name,
                                  pct_status (*read)(const char *, pct_text, pct_speeds *, pct_error *),
                                  pct_speeds *speeds, pct_error *error) {
    pct_mapped_file table = {{"", 0}, NULL};
    pct_status status = pct_site_map_definition(site, name, &table, error);
    if (!status) status = read(name, table.bytes, speeds, error);
    if (table.memory) pct_file_unmap(&table);
    return status;
}

static pct_status read_speeds(const pct_site *site, double speed_kmh, pct_speeds *out, pct_error *error) {
    pct_status status = read_definition(site, speeds_name, pct_speeds_read, out, error);
    if (speed_kmh > 0.0) *out = pct_speeds_uniform(speed_kmh);
    if (!status) status = read_definition(site, turns_name, pct_turn_costs_read, out, error);
    return status ? status : read_definition(site, barriers_name, pct_barrier_costs_read, out, error);
}

pct_status pct_site_open_road(pct_site *site, double speed_kmh, pct_error *error) {
    pct_speeds speeds;
    char path[PCT_PATH_MAX];
    pct_status status = read_speeds(site, speed_kmh, &speeds, error);
    if (!status) status = pct_path_join(path, site->folder, road_name, error);
    if (!status) status = pct_file_map(path, &site->road_file, error);
    return status ? status : pct_road_index_open(path, site->road_file.bytes, &speeds, &site->road, error);
}

pct_status pct_site_open_patrol(pct_site *site, double speed_kmh, pct_error *error) {
    pct_speeds speeds;
    char path[PCT_PATH_MAX];
    pct_status status = read_speeds(site, speed_kmh, &speeds, error);
    if (!status) status = pct_path_join(path, site->folder, patrol_name, error);
    if (!status) status = pct_file_map(path, &site->patrol_file, error);
    if (status == PCT_INPUT)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PATROL_INDEX_ABSENT, pct_str(site->folder));
    return status ? status
                  : pct_road_index_open_patrol(path, site->patrol_file.bytes, site->road, &speeds,
                                               &site->patrol, error);
}

bool pct_site_has_patrol(const pct_site *site) {
    char path[PCT_PATH_MAX];
    struct stat info;
    return pct_path_join(path, site->folder, patrol_name, NULL) == PCT_OK && stat(path, &info) == 0;
}

pct_status pct_site_open_gazetteer(pct_site *site, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, site->folder, gazetteer_name, error);
    if (status) return status;
    status = pct_file_map(path, &site->gazetteer_file, error);
    if (status == PCT_INPUT)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_PLACE_INDEX_ABSENT, pct_str(site->folder));
    return status ? status
                  : pct_gazetteer_index_open(path, site->gazetteer_file.bytes, &site->gazetteer, error);
}

void pct_site_close(pct_site *site) {
    pct_site_openid_dispose(&site->openid);
    pct_gazetteer_free(site->gazetteer);
    site->gazetteer = NULL;
    pct_file_unmap(&site->gazetteer_file);
    pct_road_free(site->patrol);
    pct_road_free(site->open_patrol);
    site->patrol = site->open_patrol = NULL;
    pct_file_unmap(&site->patrol_file);
    pct_road_free(site->road);
    pct_road_free(site->open_road);
    site->road = site->open_road = NULL;
    pct_file_unmap(&site->road_file);
    pct_zone_dispose(&site->zone);
}

pct_status pct_zone_map_system(const char *name, pct_mapped_file *out, pct_error *error) {
    char path[PCT_PATH_MAX];
    int length = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    bool plain = *name && *name != '/' && !strstr(name, "..") && length > 0 && length < PCT_PATH_MAX &&
                 strlen(name) < PCT_ZONE_NAME_MAX;
    if (plain && pct_file_map(path, out, NULL) == PCT_OK) return PCT_OK;
    return PCT_FAIL(error, PCT_INPUT, PCT_MSG_ZONE_UNKNOWN, pct_str(name));
}

static pct_status write_config(pct_staging *staging, const pct_site_parts *parts, pct_error *error) {
    pct_buffer text = pct_buffer_init(4096);
    pct_json_writer json = pct_json_writer_init(&text);
    pct_json_begin_object(&json);
    pct_json_key(&json, "format");
    pct_json_integer(&json, PCT_SITE_FORMAT);
    pct_json_key(&json, "zone");
    pct_json_string(&json, parts->zone_name);
    pct_json_key(&json, "drill");
    pct_json_bool(&json, parts->drill);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&text, '\n');
    pct_status status = pct_buffer_status(&text, error);
    if (!status)
        status =
            pct_staging_write(staging, config_name, (pct_text){(const char *)text.bytes, text.length}, error);
    pct_buffer_dispose(&text);
    return status;
}

static pct_status write_zone(pct_staging *staging, const char *name, pct_error *error) {
    pct_mapped_file file;
    pct_zone zone;
    pct_status status = pct_zone_map_system(name, &file, error);
    if (status) return status;
    status = pct_zone_read(name, file.bytes, &zone, error);
    if (!status) {
        pct_zone_dispose(&zone);
        status = pct_staging_write(staging, zone_name, file.bytes, error);
    }
    pct_file_unmap(&file);
    return status;
}

static pct_status write_speeds(pct_staging *staging, const pct_speeds *speeds, const char *path,
                               pct_error *error) {
    pct_buffer text = pct_buffer_init(1 << 16);
    (void)pct_buffer_append_text(&text, "class,response_kmh\n");
    for (int c = 0; c < PCT_ROAD_CLASS_COUNT; c++)
        (void)pct_buffer_append_format(&text, "%s,%.10g\n", pct_road_class_name((pct_road_class)c),
                                       speeds->kmh[c]);
    pct_status status = pct_buffer_status(&text, error);
    if (!status)
        status = pct_staging_write(staging, path, (pct_text){(const char *)text.bytes, text.length}, error);
    pct_buffer_dispose(&text);
    return status;
}

static pct_status write_definitions(pct_staging *staging, const pct_site_parts *parts, pct_error *error) {
    pct_status status = pct_staging_folder(staging, "definitions", error);
    if (!status) status = pct_staging_folder(staging, "definitions/codes", error);
    if (!status) status = pct_staging_folder(staging, "definitions/style", error);
    for (const pct_definition *d = pct_definitions; d->name && !status; d++) {
        char path[PCT_PATH_MAX];
        status = pct_path_join(path, "definitions", d->name, error);
        if (status) break;
        bool own_speeds = parts->speeds && strcmp(d->name, speeds_name) == 0;
        status = own_speeds ? write_speeds(staging, parts->speeds, path, error)
                            : pct_staging_write(staging, path, d->bytes, error);
    }
    return status;
}

static pct_status write_road(pct_staging *staging, const pct_road *road, uint64_t *index_bytes,
                             pct_error *error) {
    pct_status status = pct_staging_open(staging, road_name, error);
    if (status) return status;
    status = pct_road_index_write(road, (pct_sink){staging, pct_staging_append}, index_bytes, error);
    return status ? status : pct_staging_close(staging, error);
}

static pct_status write_patrol(pct_staging *staging, const pct_road *patrol, pct_error *error) {
    uint64_t bytes;
    if (!patrol) return PCT_OK;
    pct_status status = pct_staging_open(staging, patrol_name, error);
    if (status) return status;
    status = pct_road_index_write_patrol(patrol, (pct_sink){staging, pct_staging_append}, &bytes, error);
    return status ? status : pct_staging_close(staging, error);
}

static pct_status write_gazetteer(pct_staging *staging, const pct_gazetteer *gazetteer, pct_error *error) {
    uint64_t bytes;
    if (!gazetteer) return PCT_OK;
    pct_status status = pct_staging_open(staging, gazetteer_name, error);
    if (status) return status;
    status = pct_gazetteer_index_write(gazetteer, (pct_sink){staging, pct_staging_append}, &bytes, error);
    return status ? status : pct_staging_close(staging, error);
}

static pct_status write_facts(pct_staging *staging, const pct_map_facts *facts, pct_error *error) {
    pct_buffer text = pct_buffer_init(1 << 20);
    pct_map_facts_write(facts, &text);
    pct_status status = pct_buffer_status(&text, error);
    if (!status)
        status =
            pct_staging_write(staging, facts_name, (pct_text){(const char *)text.bytes, text.length}, error);
    pct_buffer_dispose(&text);
    return status;
}

/* All that lies in map/. */
static pct_status write_map(pct_staging *staging, const pct_site_parts *parts, uint64_t *index_bytes,
                            pct_error *error) {
    const struct {
        const char *name;
        pct_text bytes;
    } files[] = {{"map/areas.geojson", parts->areas},
                 {"map/stations.geojson", parts->stations},
                 {"map/places.geojson", parts->places},
                 {"map/tiles.index", parts->base_map}};
    pct_status status = pct_staging_folder(staging, "map", error);
    for (size_t i = 0; i < sizeof files / sizeof *files && !status; i++)
        if (files[i].bytes.length > 0)
            status = pct_staging_write(staging, files[i].name, files[i].bytes, error);
    if (!status) status = write_road(staging, parts->road, index_bytes, error);
    if (!status) status = write_patrol(staging, parts->patrol, error);
    if (!status) status = write_gazetteer(staging, parts->gazetteer, error);
    return status ? status : write_facts(staging, &parts->map, error);
}

/* What was written is read once more before it is used: a disk may lie. */
static pct_status check_staged(const pct_staging *staging, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_mapped_file file;
    pct_speeds speeds;
    pct_road *road;
    pct_status status = pct_path_join(path, staging->folder, road_name, error);
    if (!status) status = pct_file_map(path, &file, error);
    if (status) return status;
    status = pct_site_shipped_speeds(&speeds, error);
    if (!status) status = pct_road_index_open(path, file.bytes, &speeds, &road, error);
    if (!status) pct_road_free(road);
    pct_file_unmap(&file);
    return status;
}

pct_status pct_site_replace_map(const pct_site *site, const pct_site_parts *parts, uint64_t *index_bytes,
                                pct_error *error) {
    pct_staging staging;
    char target[PCT_PATH_MAX], place[PCT_PATH_MAX];
    pct_status status = pct_path_join(place, site->folder, "map-update", error);
    if (!status) status = pct_path_join(target, site->folder, "map", error);
    if (status) return status;
    status = pct_staging_begin(&staging, place, error);
    if (!status) status = write_map(&staging, parts, index_bytes, error);
    if (!status) status = check_staged(&staging, error);
    if (!status) status = pct_staging_exchange(&staging, "map", target, error);
    pct_staging_end(&staging);
    return status;
}

pct_status pct_site_create(const char *folder, const pct_site_parts *parts, uint64_t *index_bytes,
                           pct_error *error) {
    pct_staging staging;
    pct_status status = pct_staging_begin(&staging, folder, error);
    if (!status) status = write_zone(&staging, parts->zone_name, error);
    if (!status) status = write_definitions(&staging, parts, error);
    if (!status && parts->units.length > 0)
        status = pct_staging_write(&staging, "units.csv", parts->units, error);
    if (!status) status = write_map(&staging, parts, index_bytes, error);
    if (!status) status = write_config(&staging, parts, error);
    if (!status) status = pct_staging_commit(&staging, error);
    pct_staging_end(&staging);
    return status;
}
