#include "replay/plan.h"

#include "base/json.h"

static pct_status read_calls(const pct_replay_source *source, pct_replay_plan *plan, pct_error *error) {
    json_t *mapping = NULL;
    pct_status status = source->mapping.length > 0
                            ? pct_json_parse(source->mapping_name, source->mapping, &mapping, error)
                            : PCT_OK;
    if (!status)
        status = pct_calls_read(source->calls_name, source->calls, source->mapping_name, mapping, &plan->list,
                                error);
    json_decref(mapping);
    return status;
}

pct_status pct_replay_plan_read(const pct_replay_source *source, pct_replay_plan *out, pct_error *error) {
    *out = (pct_replay_plan){.units = source->units};
    pct_status status = read_calls(source, out, error);
    if (!status && out->list.records.length == 0)
        status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_REPLAY_NO_CALLS, pct_str(source->calls_name));
    const pct_scenario_source scenario = {.calls_file = source->calls_name,
                                          .calls = &out->list,
                                          .units = source->units,
                                          .codes = source->codes,
                                          .zone = source->zone,
                                          .drain_ms = PCT_REPLAY_AFTER_MS};
    if (!status) status = pct_scenario_make(&scenario, &out->scenario, error);
    if (status) {
        pct_replay_plan_dispose(out);
        return status;
    }
    out->from_ms = out->scenario.calls[0].at_ms;
    out->to_ms = out->scenario.calls[out->scenario.call_count - 1].at_ms;
    return PCT_OK;
}

void pct_replay_plan_dispose(pct_replay_plan *plan) {
    pct_scenario_dispose(&plan->scenario);
    pct_calls_dispose(&plan->list);
    *plan = (pct_replay_plan){0};
}
