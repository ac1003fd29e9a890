/* precinct simulate: maps the files, runs the simulation, and answers with its figures. */
#include "base/memory.h"
#include "cli/simulate_answer.h"
#include "cli/simulate_rounds.h"
#include "site/site.h"

typedef enum file_number {
    TYPES,
    CAPABILITIES,
    KINDS,
    PRIORITIES,
    SERVICE_TIMES,
    COVER,
    CALLS,
    UNITS,
    MAPPING,
    FILE_COUNT
} file_number;

typedef struct job {
    pct_cli *cli;
    pct_site site;
    pct_mapped_file files[FILE_COUNT];
    const char *units_name;
    pct_simulate_rounds rounds;
    pct_simulation *simulation;
    double *values; /* one per run */
    double wall_s;
} job;

/* The units given, or the site's own. */
static pct_status map_units(job *j, pct_error *error) {
    const char *units = pct_cli_option(j->cli, "--units");
    pct_error why = {.message = PCT_MSG_NONE};
    j->units_name = units ? units : "units.csv";
    if (units) return pct_file_map(units, &j->files[UNITS], error);
    pct_status status = pct_site_map_file(&j->site, j->units_name, &j->files[UNITS], &why);
    if (status && why.message == PCT_MSG_FILE_ABSENT)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_SIMULATE_NO_UNITS, pct_str(j->cli->arguments[0]));
    if (status) *error = why;
    return status;
}

static pct_status map_files(job *j, pct_error *error) {
    static const char *const definitions[] = {
        [TYPES] = "codes/" PCT_CODES_INCIDENT_TYPES_FILE,
        [CAPABILITIES] = "codes/" PCT_CODES_CAPABILITIES_FILE,
        [KINDS] = "codes/" PCT_CODES_UNIT_KINDS_FILE,
        [PRIORITIES] = "codes/" PCT_CODES_PRIORITIES_FILE,
        [SERVICE_TIMES] = "service_times.csv",
        [COVER] = "cover.csv",
    };
    const char *calls = pct_cli_option(j->cli, "--calls");
    const char *mapping = pct_cli_option(j->cli, "--mapping");
    pct_status status = PCT_OK;
    for (int i = 0; i <= COVER && !status; i++)
        status = pct_site_map_definition(&j->site, definitions[i], &j->files[i], error);
    if (!status) status = pct_file_map(calls, &j->files[CALLS], error);
    if (!status && mapping) status = pct_file_map(mapping, &j->files[MAPPING], error);
    return status ? status : map_units(j, error);
}

static pct_status simulate(job *j, pct_error *error) {
    int64_t seed = 1, runs = 1;
    pct_status status = pct_cli_integer(j->cli, "--seed", 0, INT64_MAX / 2, &seed, error);
    if (!status) status = pct_cli_integer(j->cli, "--replications", 1, PCT_REPLICATIONS_MAX, &runs, error);
    if (status) return status;
    const char *policy = pct_cli_option(j->cli, "--policy"), *compare = pct_cli_option(j->cli, "--compare");
    const pct_simulation_file mapping = {pct_cli_option(j->cli, "--mapping"), j->files[MAPPING].bytes};
    pct_simulation_source source = {
        .codes = {"codes/" PCT_CODES_INCIDENT_TYPES_FILE, "codes/" PCT_CODES_CAPABILITIES_FILE,
                  "codes/" PCT_CODES_UNIT_KINDS_FILE, "codes/" PCT_CODES_PRIORITIES_FILE,
                  j->files[TYPES].bytes, j->files[CAPABILITIES].bytes, j->files[KINDS].bytes,
                  j->files[PRIORITIES].bytes},
        .service_times = {"service_times.csv", j->files[SERVICE_TIMES].bytes},
        .calls = {pct_cli_option(j->cli, "--calls"), j->files[CALLS].bytes},
        .units = {j->units_name, j->files[UNITS].bytes},
        .calls_mapping = mapping,
        .units_mapping = pct_cli_option(j->cli, "--units") ? mapping : (pct_simulation_file){0},
        .cover = {"cover.csv", j->files[COVER].bytes},
        .policy = policy ? pct_text_of(policy) : (pct_text){"", 0},
        .compare = compare ? pct_text_of(compare) : (pct_text){"", 0},
        .zone = &j->site.zone,
        .road = j->site.road,
        .seed = (uint64_t)seed,
        .replications = (uint32_t)runs};
    pct_simulate_rounds_take(&j->rounds, j->cli, &j->site, &source);
    j->values = pct_alloc((size_t)runs, sizeof *j->values);
    if (!j->values) return pct_error_memory(error, (size_t)runs * sizeof *j->values);
    double began_s = pct_cli_seconds();
    status = pct_simulation_run(&source, &j->simulation, error);
    j->wall_s = pct_cli_seconds() - began_s;
    return status;
}

static void answer(const job *j) {
    const pct_simulate_answer figures = {j->cli, j->simulation, j->simulation->reports, j->values, j->wall_s};
    if (j->simulation->ambiguous_times > 0) {
        const pct_param count = pct_int((int64_t)j->simulation->ambiguous_times);
        pct_cli_warn(j->cli, PCT_MSG_SIMULATE_AMBIGUOUS, &count, 1);
    }
    if (j->cli->json)
        pct_simulate_answer_write_json(&figures);
    else
        pct_simulate_answer_print(&figures);
}

static pct_status run(pct_cli *cli, pct_error *error) {
    job j = {.cli = cli};
    pct_status status = pct_site_open(cli->arguments[0], &j.site, error);
    if (!status) status = pct_site_open_road(&j.site, 0.0, error);
    if (!status) status = map_files(&j, error);
    if (!status) status = pct_simulate_rounds_read(cli, &j.site, &j.rounds, error);
    if (!status) status = simulate(&j, error);
    if (!status) answer(&j);
    pct_simulation_free(j.simulation);
    pct_free(j.values);
    pct_simulate_rounds_dispose(&j.rounds);
    for (int i = 0; i < FILE_COUNT; i++) pct_file_unmap(&j.files[i]);
    pct_site_close(&j.site);
    return status;
}

const pct_cli_command pct_cmd_simulate = {
    "simulate",
    "SITE",
    PCT_MSG_SIMULATE_HELP,
    {{"--calls", "FILE.csv", PCT_MSG_SIMULATE_HELP_CALLS, true},
     {"--units", "FILE.csv", PCT_MSG_SIMULATE_HELP_UNITS, false},
     {"--mapping", "FILE.json", PCT_MSG_SIMULATE_HELP_MAPPING, false},
     {"--policy", "NAME", PCT_MSG_SIMULATE_HELP_POLICY, false},
     {"--compare", "NAME", PCT_MSG_SIMULATE_HELP_COMPARE, false},
     {"--plan", "PATH", PCT_MSG_SIMULATE_HELP_PLAN, PCT_OPTION_REPEATED},
     {"--problem", "FILE.json", PCT_MSG_SIMULATE_HELP_PROBLEM, false},
     {"--daily", NULL, PCT_MSG_SIMULATE_HELP_DAILY, false},
     {"--stay-out", NULL, PCT_MSG_SIMULATE_HELP_STAY, false},
     {"--seed", "N", PCT_MSG_SIMULATE_HELP_SEED, false},
     {"--replications", "R", PCT_MSG_SIMULATE_HELP_REPLICATIONS, false}},
    run};
