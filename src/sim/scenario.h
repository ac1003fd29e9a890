/* From files to the operations model: calls and shifts of a service as instants, in order.
 *
 *     status = pct_scenario_make(&source, &scenario, error);
 *     input.calls = scenario.calls; input.shifts = scenario.shifts; …
 *     pct_scenario_dispose(&scenario);
 *
 * Local times become instants by the zone's rules: an hour that the clock shows twice is taken the first time, and
 * counted. Calls are sorted by time, those of one time by the order of the file. A unit's daily shift is laid out
 * over every local day of the calls and of the time after them in which the last incidents are closed; a unit that
 * is on from 00:00 to 24:00 never goes off duty. O(calls log calls + units × days). */
#ifndef PCT_SIM_SCENARIO_H
#define PCT_SIM_SCENARIO_H

#include "clock/zone.h"
#include "demand/calls_csv.h"
#include "sim/operations.h"

typedef struct pct_scenario_source {
    const char *calls_file; /* for errors */
    const pct_call_list *calls;
    const pct_units *units;
    const pct_codes *codes;
    const pct_zone *zone;
    int64_t drain_ms; /* how long after the last call shifts are still laid out */
} pct_scenario_source;

typedef struct pct_scenario {
    pct_sim_call *calls;
    uint32_t *records; /* [call_count] the call's number in the list it was read from */
    pct_sim_shift *shifts;
    size_t call_count, shift_count;
    size_t ambiguous_times; /* local times that came twice, or never: taken the first time */
} pct_scenario;

enum { PCT_SHIFTS_MAX = 1 << 22 };

/* PCT_INPUT, by file and line, for a call of a type that the codes do not know. */
pct_status pct_scenario_make(const pct_scenario_source *source, pct_scenario *out,
                             pct_error *error) PCT_MUST_USE;
void pct_scenario_dispose(pct_scenario *scenario);

#endif
