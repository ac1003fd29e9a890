/* A simulation from the contents of files: what is read, run over one or more seeds, and told.
 *
 *     status = pct_simulation_run(&source, &simulation, error);
 *     simulation->reports[0 … report_count)        one per seed: source.seed, source.seed + 1, …
 *     simulation->compared[0 … report_count)       the same seeds under source.compare, or without rounds, or NULL
 *     simulation->rejected[0 … rejected_count)     calls off the map, in order of time
 *     pct_simulation_free(simulation);
 *
 * Everything is read and checked before the first run begins: an error means that nothing was run. Memory: the calls,
 * and what the operations model holds. The code tables and the road are the caller's.
 *
 * A policy with regard to cover expects the next calls where the given calls lie (sim/demand_points.h). */
#ifndef PCT_SIM_SIMULATION_H
#define PCT_SIM_SIMULATION_H

#include "clock/zone.h"
#include "road/router.h"
#include "sim/report.h"

enum { PCT_REPLICATIONS_MAX = 10000 };

/* Beyond this distance from a usable road a call is off the map. */
#define PCT_SIMULATION_SNAP_MAX_M 1000.0

typedef struct pct_simulation_file {
    const char *name; /* for errors */
    pct_text bytes;
} pct_simulation_file;

typedef struct pct_simulation_source {
    pct_codes_source codes;
    pct_simulation_file service_times, calls, units;
    pct_simulation_file calls_mapping, units_mapping; /* bytes.length 0: none */
    pct_simulation_file cover;                        /* cover.csv; bytes.length 0: cover does not count */
    pct_text policy;                                  /* empty: nearest suitable */
    pct_text compare; /* another policy, to be run on the same seeds; empty: none */
    /* Rounds between calls (sim/tours.h), compared with the same policy and seeds when everybody stands at the post; no plan: none. */
    const pct_duty_plan *plans;
    size_t plan_count;
    const pct_duty *problem;
    bool plans_daily, stay_out; /* stay_out: not back to the post between stops */
    const pct_road *patrol;     /* how rounds are driven; NULL: as to calls */
    const pct_zone *zone;
    const pct_road *road;
    uint64_t seed;
    uint32_t replications; /* at least 1 */
} pct_simulation_source;

typedef struct pct_rejected_call {
    pct_text id; /* borrowed from the simulation */
    int64_t line;
    double distance_m; /* from the nearest usable road; negative: unknown */
} pct_rejected_call;

typedef struct pct_simulated_unit {
    pct_text name, station; /* borrowed from the simulation */
    double utilisation;     /* mean over the runs */
} pct_simulated_unit;

typedef struct pct_simulation {
    pct_report *reports; /* their unit_utilisation is NULL: see units */
    pct_report
        *compared; /* [report_count] of the other policy, or of standing at posts; NULL: none was asked for */
    const char *policy, *compared_policy; /* names; NULL: none */
    pct_rejected_call *rejected;
    pct_simulated_unit *units;
    size_t report_count, rejected_count, unit_count;
    size_t plan_count; /* of rounds */
    pct_tours_entropy entropy;
    size_t ambiguous_times; /* local times that the clock showed twice or never */
    struct pct_simulation_state *state;
} pct_simulation;

pct_status pct_simulation_run(const pct_simulation_source *source, pct_simulation **out,
                              pct_error *error) PCT_MUST_USE;
void pct_simulation_free(pct_simulation *simulation);

#endif
