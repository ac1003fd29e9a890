/* What precinct simulate answers: figures of its runs, as JSON or as tables; means with their 95 % intervals when there
 * was more than one run, and the paired difference where two policies were run. */
#ifndef PCT_CLI_SIMULATE_ANSWER_H
#define PCT_CLI_SIMULATE_ANSWER_H

#include "cli/command.h"
#include "sim/simulation.h"

typedef struct pct_simulate_answer {
    pct_cli *cli;
    const pct_simulation *simulation;
    const pct_report *reports; /* those of the policy that is told of: its own, or the one compared with */
    double *values;            /* room for one per run */
    double wall_s;
} pct_simulate_answer;

/* Into cli->out. */
void pct_simulate_answer_write_json(const pct_simulate_answer *answer);
void pct_simulate_answer_print(const pct_simulate_answer *answer);

#endif
