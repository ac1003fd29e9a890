#include <stdio.h>

#include "cli/making.h"
#include "cli/map_check.h"
#include "cli/profile.h"
#include "road/road.h"

enum { PAIRS_BY_DEFAULT = 200, PAIRS_MAX = 10000000, ISLANDS_SHOWN = 10 };

/* How many random pairs of nodes were routed both ways, and how many of them have no way between them. */
typedef struct comparison {
    int64_t pairs, unreachable;
} comparison;

static pct_buffer credit_of(const pct_cli *cli, const pct_site *site) {
    pct_buffer credit = pct_buffer_init(1024);
    pct_site_write_credit(site, cli->language, &credit);
    return credit;
}

/* The largest islands; parts are numbered by falling size. */
static void write_islands(pct_json_writer *json, const pct_road *road) {
    pct_json_key(json, "island_nodes");
    pct_json_begin_array(json);
    for (uint32_t i = 1; i < road->component_count && i <= ISLANDS_SHOWN; i++)
        pct_json_integer(json, road->component_size[i]);
    pct_json_end_array(json);
}

static void say_islands(pct_cli *cli, const pct_road *road) {
    char sizes[ISLANDS_SHOWN * 12] = "";
    int length = 0;
    for (uint32_t i = 1; i < road->component_count && i <= ISLANDS_SHOWN; i++)
        length += snprintf(sizes + length, sizeof sizes - (size_t)length, "%s%u", i > 1 ? ", " : "",
                           road->component_size[i]);
    if (length > 0) PCT_SAY(cli, PCT_MSG_MAP_ISLANDS, pct_str(sizes));
}

static void write_json(pct_cli *cli, const pct_site *site, const pct_map_facts *facts,
                       const comparison *checked) {
    const pct_road *road = site->road;
    const pct_network *net = &road->network;
    pct_box box = pct_network_bounds(net);
    pct_position corners[] = {box.min, box.max};
    pct_json_writer json = pct_json_writer_init(&cli->out);
    pct_json_begin_object(&json);
    const struct {
        const char *key;
        int64_t value;
    } counts[] = {{"nodes", net->node_count},
                  {"segments", net->segment_count},
                  {"arcs", net->arc_count},
                  {"turn_restrictions", net->restriction_count},
                  {"hierarchy_arcs", road->hierarchy.arc_count},
                  {"main_part_nodes", road->component_size[0]},
                  {"islands", (int64_t)road->component_count - 1}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        pct_json_key(&json, counts[i].key);
        pct_json_integer(&json, counts[i].value);
    }
    pct_json_key(&json, "bbox");
    pct_json_begin_array(&json);
    for (int i = 0; i < 2; i++) {
        pct_json_real(&json, pct_position_lon_deg(corners[i]), 7);
        pct_json_real(&json, pct_position_lat_deg(corners[i]), 7);
    }
    pct_json_end_array(&json);
    pct_buffer credit = credit_of(cli, site);
    write_islands(&json, road);
    pct_json_key(&json, "map_version");
    pct_json_integer(&json, facts->version);
    pct_json_key(&json, "crs");
    pct_json_string(&json, pct_datum_name(facts->datum));
    if (facts->source_sha256[0]) {
        pct_json_key(&json, "source_sha256");
        pct_json_string(&json, facts->source_sha256);
    }
    pct_map_report_write(&facts->report, &json);
    pct_json_key(&json, "map_source");
    pct_json_string(&json, pct_map_source_name(site->map_source));
    pct_json_key(&json, "attribution");
    pct_json_string(&json, pct_buffer_chars(&credit));
    pct_buffer_dispose(&credit);
    if (checked) {
        pct_json_key(&json, "sound");
        pct_json_bool(&json, true);
        pct_json_key(&json, "pairs_checked");
        pct_json_integer(&json, checked->pairs);
        pct_json_key(&json, "pairs_unreachable");
        pct_json_integer(&json, checked->unreachable);
    }
    pct_json_end_object(&json);
    (void)pct_buffer_append_byte(&cli->out, '\n');
}

static void print(pct_cli *cli, const pct_site *site, const pct_map_facts *facts) {
    const pct_road *road = site->road;
    const pct_network *net = &road->network;
    pct_box box = pct_network_bounds(net);
    PCT_SAY(cli, PCT_MSG_MAP_SIZE, pct_int(net->node_count), pct_int(net->segment_count),
            pct_int(net->arc_count), pct_int(net->restriction_count));
    PCT_SAY(cli, PCT_MSG_MAP_PARTS, pct_int(road->component_size[0]),
            pct_real(100.0 * road->component_size[0] / net->node_count), pct_int(road->component_count - 1));
    say_islands(cli, road);
    PCT_SAY(cli, PCT_MSG_MAP_BOX, pct_real(pct_position_lon_deg(box.min)),
            pct_real(pct_position_lat_deg(box.min)), pct_real(pct_position_lon_deg(box.max)),
            pct_real(pct_position_lat_deg(box.max)));
    pct_buffer credit = credit_of(cli, site);
    if (credit.length > 0) PCT_SAY(cli, PCT_MSG_MAP_CREDIT, pct_str(pct_buffer_chars(&credit)));
    PCT_SAY(cli, PCT_MSG_MAP_VERSION, pct_int(facts->version), pct_str(pct_datum_name(facts->datum)));
    pct_cli_say_report(cli, &facts->report);
    pct_buffer_dispose(&credit);
}

static pct_status open_road(pct_cli *cli, pct_site *site, pct_map_facts *facts, const pct_road **road,
                            pct_error *error) {
    pct_status status = pct_site_open(cli->arguments[0], site, error);
    if (!status) status = pct_site_map_facts(site, facts, error);
    return status ? status : pct_cli_open_road(cli, site, 0.0, road, error);
}

static pct_status run_info(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    const pct_road *road = NULL;
    pct_map_facts facts;
    pct_status status = open_road(cli, &site, &facts, &road, error);
    if (!status && cli->json) write_json(cli, &site, &facts, NULL);
    if (!status && !cli->json) print(cli, &site, &facts);
    pct_site_close(&site);
    return status;
}

static pct_status run_check(pct_cli *cli, pct_error *error) {
    pct_site site = {0};
    const pct_road *road = NULL;
    comparison checked = {.pairs = PAIRS_BY_DEFAULT};
    pct_map_facts facts;
    pct_status status = pct_cli_integer(cli, "--pairs", 0, PAIRS_MAX, &checked.pairs, error);
    if (!status) status = open_road(cli, &site, &facts, &road, error);
    if (status == PCT_DAMAGED) {
        error->status = status = PCT_CHECK_FAILED; /* that is the answer, not a failure to answer */
        if (cli->json) (void)pct_buffer_append_text(&cli->out, "{\"sound\":false}\n");
    }
    if (!status) status = pct_map_compare_pairs(road, checked.pairs, &checked.unreachable, error);
    if (!status && cli->json) write_json(cli, &site, &facts, &checked);
    if (!status && !cli->json) {
        PCT_SAY(cli, PCT_MSG_MAP_SOUND, pct_int(checked.pairs), pct_int(checked.unreachable));
        pct_cli_say_report(cli, &facts.report);
    }
    pct_site_close(&site);
    return status;
}

const pct_cli_command pct_cmd_map_info = {"map info", "SITE", PCT_MSG_MAP_INFO_HELP, {{0}}, run_info};
const pct_cli_command pct_cmd_map_check = {
    "map check",
    "SITE",
    PCT_MSG_MAP_CHECK_HELP,
    {{"--pairs", "N", PCT_MSG_MAP_CHECK_PAIRS, false}, PCT_CLI_PROFILE_OPTION},
    run_check};
