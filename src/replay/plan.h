/* What is replayed: the calls of a file at their times, and the shifts of the units over those days.
 *
 *     status = pct_replay_plan_read(&source, &plan, error);
 *     pct_replay_plan_dispose(&plan);
 *
 * The files are those of a simulation (docs/reference/files.md), read by the same code. Shifts are laid out beyond the
 * last call for PCT_REPLAY_AFTER_MS, for the desk goes on when the calls are over. */
#ifndef PCT_REPLAY_PLAN_H
#define PCT_REPLAY_PLAN_H

#include "sim/scenario.h"

#define PCT_REPLAY_AFTER_MS (INT64_C(30) * 86400000)

typedef struct pct_replay_source {
    const char *calls_name, *mapping_name; /* for errors */
    pct_text calls, mapping;               /* contents; an empty mapping: none */
    const pct_units *units;
    const pct_codes *codes;
    const pct_zone *zone;
} pct_replay_source;

typedef struct pct_replay_plan {
    pct_call_list list; /* texts of the calls */
    pct_scenario scenario;
    const pct_units *units; /* borrowed */
    int64_t from_ms, to_ms; /* first and last call */
} pct_replay_plan;

/* PCT_INPUT by file and line as the simulator refuses it, and for a file without calls. */
pct_status pct_replay_plan_read(const pct_replay_source *source, pct_replay_plan *out,
                                pct_error *error) PCT_MUST_USE;
void pct_replay_plan_dispose(pct_replay_plan *plan); /* accepts a zeroed one */

#endif
