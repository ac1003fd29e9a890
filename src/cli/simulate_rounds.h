/* What --plan adds to precinct simulate: the plans that are read, and what is told of their rounds. */
#ifndef PCT_CLI_SIMULATE_ROUNDS_H
#define PCT_CLI_SIMULATE_ROUNDS_H

#include "cli/command.h"
#include "sim/simulation.h"
#include "site/site.h"

typedef struct pct_simulate_rounds {
    pct_vector plans; /* pct_duty_plan; none: no rounds */
    pct_duty problem;
    bool has_problem;
} pct_simulate_rounds;

/* Every --plan: a file, or all files of a folder that end in .json, by name; --problem beside. Opens the site's patrol road. */
pct_status pct_simulate_rounds_read(pct_cli *cli, pct_site *site, pct_simulate_rounds *out,
                                    pct_error *error) PCT_MUST_USE;
void pct_simulate_rounds_dispose(pct_simulate_rounds *rounds); /* accepts a zeroed one */
void pct_simulate_rounds_take(const pct_simulate_rounds *rounds, const pct_cli *cli, const pct_site *site,
                              pct_simulation_source *source);

/* Member "rounds" of the answer; the same as sentences. Over all runs. */
void pct_simulate_rounds_write_json(const pct_simulation *simulation, pct_json_writer *json);
void pct_simulate_rounds_print(pct_cli *cli, const pct_simulation *simulation);

#endif
