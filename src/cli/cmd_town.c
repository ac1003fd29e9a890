/* precinct town: a generated town as files that init and simulate take. */
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "site/definition.h"
#include "site/file.h"
#include "town/town.h"

static const char demand_name[] = "demand.csv";

static pct_status read_demand(const pct_cli *cli, pct_demand_table *table, pct_error *error) {
    const char *path = pct_cli_option(cli, "--demand");
    if (path) {
        pct_mapped_file file;
        pct_status status = pct_file_map(path, &file, error);
        if (status) return status;
        status = pct_demand_table_read(path, file.bytes, table, error);
        pct_file_unmap(&file);
        return status;
    }
    const pct_definition *shipped = pct_definitions;
    while (shipped->name && strcmp(shipped->name, demand_name) != 0) shipped++;
    return pct_demand_table_read(demand_name, shipped->bytes, table, error);
}

static pct_status read_request(const pct_cli *cli, pct_town_request *request, pct_error *error) {
    int64_t seed = 1, nodes = 0, people = 0, days = PCT_TOWN_DAYS;
    bool by_people = pct_cli_option(cli, "--people") != NULL,
         by_nodes = pct_cli_option(cli, "--nodes") != NULL;
    if (by_people == by_nodes) return pct_error_set(error, PCT_MISUSE, PCT_MSG_TOWN_ONE_SIZE, NULL, 0);
    pct_status status = pct_cli_integer(cli, "--seed", 0, INT64_MAX, &seed, error);
    if (!status)
        status = pct_cli_integer(cli, "--nodes", PCT_TOWN_NODES_MIN, PCT_TOWN_NODES_MAX, &nodes, error);
    if (!status)
        status = pct_cli_integer(cli, "--people", pct_town_people(PCT_TOWN_NODES_MIN),
                                 pct_town_people(PCT_TOWN_NODES_MAX), &people, error);
    if (!status) status = pct_cli_integer(cli, "--days", 1, PCT_TOWN_DAYS_MAX, &days, error);
    *request = (pct_town_request){.seed = (uint64_t)seed,
                                  .nodes = by_nodes ? (uint32_t)nodes : pct_town_nodes((uint32_t)people),
                                  .people = (uint32_t)people,
                                  .days = (uint32_t)days};
    return status;
}

static pct_status write_files(const pct_town_files *files, const char *folder, pct_error *error) {
    const struct {
        const char *name;
        const pct_buffer *content;
    } list[] = {{"map.osm.pbf", &files->map},       {"areas.geojson", &files->areas},
                {"places.geojson", &files->places}, {"stations.geojson", &files->stations},
                {"units.csv", &files->units},       {"calls.csv", &files->calls},
                {"duty.json", &files->duty}};
    pct_staging staging;
    pct_status status = pct_staging_begin(&staging, folder, error);
    for (size_t i = 0; !status && i < sizeof list / sizeof *list; i++) {
        pct_text bytes = {(const char *)list[i].content->bytes, list[i].content->length};
        status = pct_staging_write(&staging, list[i].name, bytes, error);
    }
    if (!status) status = pct_staging_commit(&staging, error);
    pct_staging_end(&staging);
    return status;
}

static void write_json(pct_cli *cli, const pct_town_summary *s) {
    const struct {
        const char *key;
        uint32_t value;
    } figures[] = {{"nodes", s->nodes},  {"segments", s->segments}, {"people", s->people},
                   {"areas", s->areas},  {"places", s->places},     {"stations", s->stations},
                   {"units", s->units},  {"calls", s->calls},       {"turn_restrictions", s->restrictions},
                   {"houses", s->houses}};
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        pct_json_key(&json, figures[i].key);
        pct_json_integer(&json, figures[i].value);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static pct_status run(pct_cli *cli, pct_error *error) {
    pct_town_request request;
    pct_town_summary s;
    pct_town_files files = {0};
    pct_demand_table demand = {0};
    pct_staging probe;
    pct_status status = read_request(cli, &request, error);
    if (status) return status;
    /* Asked first, so that nobody waits for a town only to hear that the folder is taken. */
    status = pct_staging_begin(&probe, cli->arguments[0], error);
    pct_staging_end(&probe);
    if (!status) status = read_demand(cli, &demand, error);
    if (!status)
        pct_cli_progress(cli, PCT_MSG_TOWN_GENERATING, (const pct_param[]){pct_int(request.nodes)}, 1);
    if (!status) status = pct_town_generate(&request, &demand, &files, &s, error);
    if (!status) status = write_files(&files, cli->arguments[0], error);
    if (!status && cli->json) write_json(cli, &s);
    if (!status && !cli->json) {
        PCT_SAY(cli, PCT_MSG_TOWN_DONE, pct_str(cli->arguments[0]), pct_int(s.people), pct_int(s.nodes),
                pct_int(s.segments));
        PCT_SAY(cli, PCT_MSG_TOWN_CONTENT, pct_int(s.areas), pct_int(s.stations), pct_int(s.places),
                pct_int(s.units), pct_int(s.calls), pct_int(request.days));
    }
    pct_town_files_dispose(&files);
    pct_demand_table_dispose(&demand);
    return status;
}

const pct_cli_command pct_cmd_town = {"town",
                                      "DIR",
                                      PCT_MSG_TOWN_HELP,
                                      {{"--seed", "N", PCT_MSG_TOWN_SEED, false},
                                       {"--people", "P", PCT_MSG_TOWN_PEOPLE, false},
                                       {"--nodes", "N", PCT_MSG_TOWN_NODE_COUNT, false},
                                       {"--days", "N", PCT_MSG_TOWN_CALL_DAYS, false},
                                       {"--demand", "FILE.csv", PCT_MSG_TOWN_DEMAND, false}},
                                      run};
