/* precinct map update: a newer map takes the place of the old one. It is made and checked in full beside it, then the two
 * folders change places. Closures are kept: their events name roads by way and nodes, with the middle of the road, and what
 * they close in the new map is told here. What was found lies beside the new map, for the event that says so in the record:
 * it is written at once, or, after a cut, by whoever opens the record next (desk/map_told.h). */
#include <stdio.h>
#include <unistd.h>

#include "cli/making.h"
#include "cli/map_check.h"
#include "cli/record.h"
#include "resource/live_road.h"
#include "road/closed.h"
#include "road/compare.h"
#include "site/now.h"
#include "store/tables.h"

enum { ROADS_MAX = 512, ROADS_BYTES_MAX = 1 << 20, CHECKED_PAIRS = 200, ID_CHARS = PCT_ID_TEXT };

typedef struct closure_found {
    pct_closure_id id;
    int64_t exact, by_position, lost; /* roads */
    int64_t area_segments;            /* of a closed area; -1: it closes roads by name */
} closure_found;

typedef struct update {
    pct_cli *cli;
    pct_site site;
    pct_record record; /* held while the map is made, where there is one */
    bool has_record;
    pct_making making;
    pct_map_facts before;
    char given[3][PCT_PATH_MAX]; /* areas, stations, places of the old map */
    bool compared;               /* the old map could be read */
    pct_network_difference difference;
    pct_vector closures; /* of closure_found */
} update;

/* --- before ------------------------------------------------------------------------------------------------------- */

/* Whoever holds the record may use the map: `serve` above all. A site that has never served has no record. */
static pct_status hold_record(update *u, pct_error *error) {
    char path[PCT_PATH_MAX];
    pct_status status = pct_path_join(path, u->site.folder, PCT_STORE_RECORD, error);
    if (status || access(path, F_OK) != 0) return status;
    u->has_record = true;
    status = pct_record_open(u->site.folder, true, pct_cli_option(u->cli, "--key"), &u->record, error);
    return status == PCT_BUSY ? PCT_FAIL(error, PCT_BUSY, PCT_MSG_MAP_UPDATE_SERVED, pct_str(u->site.folder))
                              : status;
}

/* Whoever made the site of a map in another datum says again what this one is: a wrong guess would shift it. */
static pct_status choose_crs(update *u, pct_error *error) {
    bool shifted = u->before.datum == PCT_DATUM_GCJ02 || u->before.datum == PCT_DATUM_BD09;
    if (shifted && !pct_cli_option(u->cli, "--crs"))
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_MAP_UPDATE_CRS, pct_str(u->site.folder),
                        pct_str(pct_datum_name(u->before.datum)));
    return pct_making_read_crs(&u->making, error);
}

/* Areas, stations and places stay what they are unless they are given anew. */
static pct_status choose_files(update *u, pct_error *error) {
    static const char *const kept[] = {"map/areas.geojson", "map/stations.geojson", "map/places.geojson"};
    pct_status status = PCT_OK;
    for (int i = 0; i < PCT_MAKING_UNITS; i++)
        u->making.paths[i] = pct_cli_option(u->cli, pct_making_options[i]);
    for (int i = 0; i < 3 && !status; i++) {
        status = pct_path_join(u->given[i], u->site.folder, kept[i], error);
        const char **path = &u->making.paths[PCT_MAKING_AREAS + i];
        if (status || *path || access(u->given[i], F_OK) != 0) continue;
        *path = u->given[i];
        u->making.kept[PCT_MAKING_AREAS + i] = true;
    }
    return status ? status : choose_crs(u, error);
}

/* --- what has changed --------------------------------------------------------------------------------------------- */

/* An index that this program cannot read is what an update may be for: nothing is compared then. */
static pct_status compare_maps(update *u, pct_error *error) {
    pct_status status = pct_site_open_road(&u->site, 0.0, error);
    if (status == PCT_DAMAGED) return PCT_OK;
    if (!status)
        status = pct_network_compare(&u->site.road->network, &u->making.road->network, &u->difference, error);
    u->compared = !status;
    return status;
}

static bool joins(const pct_network *net, uint32_t segment, pct_road_ref ref) {
    pct_road_ref there = pct_closed_ref(net, segment, false);
    bool along = there.from == ref.from && there.to == ref.to,
         against = there.from == ref.to && there.to == ref.from;
    return there.way == ref.way && (along || against);
}

static void find_road(const pct_road *road, const pct_closed_road *row, closure_found *found) {
    uint32_t segment;
    bool backward;
    if (pct_closed_find(road, row->road, row->position, &segment, &backward, NULL) != PCT_OK)
        found->lost++;
    else if (joins(&road->network, segment, row->road))
        found->exact++;
    else
        found->by_position++;
}

static pct_status find_area(const pct_road *road, const pct_closed_road *rows, size_t count,
                            closure_found *found) {
    pct_position ring[ROADS_MAX];
    pct_vector segments = pct_vector_init(sizeof(uint32_t), PCT_CLOSURE_SEGMENTS_MAX);
    for (size_t i = 0; i < count; i++) ring[i] = rows[i].position;
    pct_status status = pct_closed_in_area(road, ring, count, PCT_CLOSURE_SEGMENTS_MAX, &segments, NULL);
    found->area_segments = (int64_t)segments.length;
    found->lost = status == PCT_LIMIT || segments.length == 0;
    pct_vector_dispose(&segments);
    return status == PCT_LIMIT ? PCT_OK : status;
}

static pct_status find_closure(update *u, pct_closure_id id, pct_error *error) {
    pct_closed_road rows[ROADS_MAX];
    size_t count = 0;
    pct_arena arena = pct_arena_init(ROADS_BYTES_MAX);
    const pct_road *road = u->making.road;
    closure_found *found = pct_vector_push(&u->closures);
    if (!found) return pct_error_memory(error, sizeof *found);
    *found = (closure_found){.id = id, .area_segments = -1};
    pct_status status =
        pct_store_list_closed_roads(u->record.store, id, ROADS_MAX, &arena, rows, &count, error);
    for (size_t i = 0; i < count && !status && rows[0].has_road; i++) find_road(road, &rows[i], found);
    if (!status && count > 0 && !rows[0].has_road) status = find_area(road, rows, count, found);
    pct_arena_dispose(&arena);
    return status;
}

static void list_open(void *context, const pct_board *board) {
    pct_vector *ids = context;
    for (const pct_closure *c = pct_board_first_closure(board); c; c = pct_board_closure(board, c->next)) {
        pct_closure_id *id = pct_vector_push(ids);
        if (id) *id = c->id;
    }
}

static pct_status find_closures(update *u, pct_error *error) {
    pct_vector ids = pct_vector_init(sizeof(pct_closure_id), PCT_BOARD_CLOSURES_MAX);
    pct_status status = PCT_OK;
    if (!u->has_record) return PCT_OK;
    pct_desk_look(u->record.desk, list_open, &ids);
    const pct_closure_id *list = ids.items;
    for (size_t i = 0; i < ids.length && !status; i++) status = find_closure(u, list[i], error);
    pct_vector_dispose(&ids);
    return status;
}

/* --- what the record is told ----------------------------------------------------------------------------------------- */

static bool is_area(const closure_found *found) {
    return found->area_segments >= 0;
}

/* The first 32 of each kind are named. */
static void count_closure(pct_event_map_updated *told, const closure_found *found) {
    enum { MOST = sizeof told->moved / sizeof *told->moved };
    bool lost = found->lost > 0, moved = !lost && !is_area(found) && found->by_position > 0;
    told->closures_lost += lost;
    told->closures_moved += moved;
    told->closures_kept += !lost && !moved;
    if (lost && told->lost_count < MOST) told->lost[told->lost_count++] = found->id;
    if (moved && told->moved_count < MOST) told->moved[told->moved_count++] = found->id;
}

static void note_found(update *u) {
    const closure_found *list = u->closures.items;
    pct_event_map_updated *told = &u->making.map.update.found;
    u->making.map.update.at_ms = pct_wall_ms();
    *told = (pct_event_map_updated){.version_before = u->before.version,
                                    .version = u->making.map.version,
                                    .segments_kept = u->difference.kept,
                                    .segments_gone = u->difference.gone,
                                    .segments_new = u->difference.new,
                                    .has_segments_kept = u->compared,
                                    .has_segments_gone = u->compared,
                                    .has_segments_new = u->compared,
                                    .has_closures_kept = u->has_record,
                                    .has_closures_moved = u->has_record,
                                    .has_closures_lost = u->has_record};
    for (size_t i = 0; i < u->closures.length; i++) count_closure(told, &list[i]);
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static void write_segments(const update *u, pct_json_writer *json) {
    const struct {
        const char *key;
        int64_t value;
    } counts[] = {{"kept", u->difference.kept}, {"gone", u->difference.gone}, {"new", u->difference.new}};
    pct_json_key(json, "segments_by_name");
    pct_json_begin_object(json);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        pct_json_key(json, counts[i].key);
        pct_json_integer(json, counts[i].value);
    }
    pct_json_end_object(json);
}

static const char *state_of(const closure_found *found) {
    return found->lost > 0 ? "lost" : found->by_position > 0 ? "by_position" : "exact";
}

static void write_closures(const update *u, pct_json_writer *json) {
    const closure_found *list = u->closures.items;
    pct_json_key(json, "closures");
    pct_json_begin_array(json);
    for (size_t i = 0; i < u->closures.length; i++) {
        char id[ID_CHARS];
        (void)pct_id_write((pct_id){list[i].id.seq, 'L'}, id);
        pct_json_begin_object(json);
        pct_json_key(json, "id");
        pct_json_string(json, id);
        pct_json_key(json, "state");
        pct_json_string(json, state_of(&list[i]));
        const struct {
            const char *key;
            int64_t value;
        } counts[] = {{"exact", list[i].exact},
                      {"by_position", list[i].by_position},
                      {"lost", list[i].lost},
                      {"area_segments", list[i].area_segments}};
        for (size_t k = 0; k < (list[i].area_segments < 0 ? 3 : 4); k++) {
            pct_json_key(json, counts[k].key);
            pct_json_integer(json, counts[k].value);
        }
        pct_json_end_object(json);
    }
    pct_json_end_array(json);
}

static void write_json(update *u) {
    static const char *const kinds[] = {"added", "removed", "changed", "same"};
    pct_json_writer json = pct_json_writer_init(&u->cli->out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "map_version");
    pct_json_integer(&json, u->making.map.version);
    pct_json_key(&json, "crs");
    pct_json_string(&json, pct_datum_name(u->making.map.datum));
    pct_making_write_json(&u->making, &json);
    pct_json_key(&json, "ways");
    if (!u->compared) pct_json_null(&json);
    if (u->compared) pct_json_begin_object(&json);
    for (int k = 0; k < PCT_WAYS_KINDS && u->compared; k++) {
        pct_json_key(&json, kinds[k]);
        pct_json_integer(&json, u->difference.ways[k]);
    }
    if (u->compared) pct_json_end_object(&json);
    if (u->compared) write_segments(u, &json);
    write_closures(u, &json);
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&u->cli->out, '\n');
}

static void say_ways(const update *u, int kind, pct_message message) {
    char examples[PCT_IMPORT_EXAMPLES * 24] = "";
    int length = 0;
    for (size_t i = 0; i < u->difference.examples[kind].count; i++)
        length += snprintf(examples + length, sizeof examples - (size_t)length, "%s%lld", i ? ", " : "",
                           (long long)u->difference.examples[kind].ids[i]);
    if (u->difference.ways[kind] > 0)
        PCT_SAY(u->cli, message, pct_int(u->difference.ways[kind]), pct_str(examples));
}

static void print(update *u) {
    const closure_found *list = u->closures.items;
    PCT_SAY(u->cli, PCT_MSG_MAP_UPDATE_DONE, pct_str(u->site.folder), pct_int(u->making.map.version),
            pct_int(u->making.nodes), pct_int(u->making.segments));
    if (!u->compared) PCT_SAY(u->cli, PCT_MSG_MAP_UPDATE_UNREAD, pct_str(u->site.folder));
    if (u->compared) {
        say_ways(u, PCT_WAYS_ADDED, PCT_MSG_MAP_UPDATE_ADDED);
        say_ways(u, PCT_WAYS_REMOVED, PCT_MSG_MAP_UPDATE_REMOVED);
        say_ways(u, PCT_WAYS_CHANGED, PCT_MSG_MAP_UPDATE_CHANGED);
    }
    for (size_t i = 0; i < u->closures.length; i++) {
        char id[ID_CHARS];
        (void)pct_id_write((pct_id){list[i].id.seq, 'L'}, id);
        if (list[i].area_segments >= 0)
            PCT_SAY(u->cli, PCT_MSG_MAP_UPDATE_CLOSED_AREA, pct_str(id), pct_int(list[i].area_segments));
        else
            PCT_SAY(u->cli, PCT_MSG_MAP_UPDATE_CLOSURE, pct_str(id), pct_int(list[i].exact),
                    pct_int(list[i].by_position), pct_int(list[i].lost));
    }
    pct_making_say(&u->making);
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static pct_status make_and_replace(update *u, pct_error *error) {
    pct_status status = choose_files(u, error);
    u->making.map.version = u->before.version + 1;
    if (!status) status = pct_making_run(&u->making, error);
    if (!status) status = pct_map_compare_pairs(u->making.road, CHECKED_PAIRS, NULL, error);
    if (!status) status = compare_maps(u, error);
    if (!status) status = find_closures(u, error);
    if (status) return status;
    note_found(u);
    pct_site_parts parts = pct_making_parts(&u->making);
    status = pct_site_replace_map(&u->site, &parts, &u->making.index_bytes, error);
    return status || !u->has_record ? status : pct_record_tell_map(&u->site, u->record.desk, error);
}

static pct_status run(pct_cli *cli, pct_error *error) {
    update u = {.cli = cli, .closures = pct_vector_init(sizeof(closure_found), PCT_BOARD_CLOSURES_MAX)};
    pct_making_init(&u.making, cli);
    pct_status status = pct_site_open(cli->arguments[0], &u.site, error);
    if (!status) status = pct_site_map_facts(&u.site, &u.before, error);
    if (!status) status = hold_record(&u, error);
    if (!status) status = make_and_replace(&u, error);
    if (!status && cli->json) write_json(&u);
    if (!status && !cli->json) print(&u);
    if (u.has_record) pct_record_close(&u.record);
    pct_making_dispose(&u.making);
    pct_vector_dispose(&u.closures);
    pct_site_close(&u.site);
    return status;
}

const pct_cli_command pct_cmd_map_update = {"map update",
                                            "SITE",
                                            PCT_MSG_MAP_UPDATE_HELP,
                                            {PCT_MAKING_OPTIONS,
                                             {"--crs", "NAME", PCT_MSG_INIT_CRS, false},
                                             {"--key", "FILE", PCT_MSG_AGENCY_OPTION, false}},
                                            run};
