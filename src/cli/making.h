/* What init and map update make alike: a map's files in, the road index, the base map and the gazetteer out.
 *
 *     pct_making_init(&making, cli);
 *     making.paths[PCT_MAKING_MAP] = "town.osm.pbf"; …     borrowed
 *     status = pct_making_run(&making, error);              reads every file in full before it makes anything
 *     parts = pct_making_parts(&making);                    for pct_site_create, pct_site_replace_map; borrows
 *     pct_making_dispose(&making);
 *
 * Positions become WGS-84 here, once: --crs says what they are, for all files or, in the mapping, "crs" for one of them.
 * Nothing is written. A stage that takes a second shows its name on a terminal. */
#ifndef PCT_CLI_MAKING_H
#define PCT_CLI_MAKING_H

#include "cli/command.h"
#include "geo/geojson.h"
#include "place/build.h"
#include "road/import.h"
#include "site/site.h"
#include "tiles/tiles.h"

enum {
    PCT_MAKING_MAP,
    PCT_MAKING_NODES,
    PCT_MAKING_EDGES,
    PCT_MAKING_MAPPING,
    PCT_MAKING_AREAS,
    PCT_MAKING_STATIONS,
    PCT_MAKING_PLACES,
    PCT_MAKING_UNITS,
    PCT_MAKING_FILES
};
/* The options that name what a map is made of, as init and map update have them. */
#define PCT_MAKING_OPTIONS                                                                                   \
    {"--map", "FILE.osm.pbf", PCT_MSG_INIT_MAP, false}, {"--nodes", "FILE.csv", PCT_MSG_INIT_NODES, false},  \
        {"--edges", "FILE.csv", PCT_MSG_INIT_EDGES, false},                                                  \
        {"--mapping", "FILE.json", PCT_MSG_INIT_MAPPING, false},                                             \
        {"--areas", "FILE.geojson", PCT_MSG_INIT_AREAS, false},                                              \
        {"--stations", "FILE.geojson", PCT_MSG_INIT_STATIONS, false}, {                                      \
        "--places", "FILE.geojson", PCT_MSG_INIT_PLACES, false                                               \
    }
extern const char *const pct_making_options[PCT_MAKING_FILES]; /* "--map", … */

typedef struct pct_making {
    pct_cli *cli;
    const char *paths[PCT_MAKING_FILES]; /* NULL: not given */
    bool kept[PCT_MAKING_FILES];         /* it lies in the site already: nothing of it is converted */
    pct_mapped_file files[PCT_MAKING_FILES];
    pct_buffer converted[PCT_MAKING_FILES]; /* in WGS-84, where the file is not; else empty */
    pct_map_facts map;
    pct_network network; /* until the road takes it over */
    pct_road *road, *patrol;
    pct_arena arena; /* of areas and points */
    pct_areas areas;
    pct_named_points points[2]; /* stations, places */
    pct_buffer base_map;
    pct_gazetteer *gazetteer;
    pct_tiles_report tiles;
    double import_s, order_s, topology_s, customize_s, base_map_s, gazetteer_s, patrol_order_s,
        patrol_topology_s, whole_s; /* the base map is drawn while another process orders the turns */
    uint32_t nodes, segments;
    uint64_t index_bytes; /* for whoever writes it */
} pct_making;

void pct_making_init(pct_making *making, pct_cli *cli);
void pct_making_dispose(pct_making *making);
pct_status pct_making_run(pct_making *making, pct_error *error) PCT_MUST_USE;
pct_site_parts pct_making_parts(const pct_making *making);
double pct_making_seconds(const pct_making *making);
/* The option --crs: what the positions of the files are. */
pct_status pct_making_read_crs(pct_making *making, pct_error *error) PCT_MUST_USE;
/* The members that both commands print, into an object that is begun; and the same as sentences. */
void pct_making_write_json(const pct_making *making, pct_json_writer *json);
void pct_making_say(const pct_making *making);
/* A sentence for each reason, with the examples' ids. */
void pct_cli_say_report(pct_cli *cli, const pct_import_report *report);

#endif
