#include "sim/simulation.h"

#include "base/json.h"
#include "base/memory.h"
#include "sim/operations.h"
#include "sim/scenario.h"
#include "sim/travel_table.h"

/* What the runs stand on; freed with the simulation. */
typedef struct pct_simulation_state {
    pct_codes *codes;
    pct_service_times *service_times;
    pct_call_list calls;
    pct_units units;
    pct_scenario scenario;
    pct_router *router;
    pct_travel_road on_road;
    pct_travel_table *table; /* NULL: not worth making */
    pct_travel travel;
    const pct_policy *policy;
    pct_operations *operations;
} pct_simulation_state;

static pct_status find_policy(pct_text name, const pct_policy **out, pct_error *error) {
    *out = name.length == 0 ? &pct_policy_nearest : pct_policy_find(name);
    if (*out) return PCT_OK;
    pct_buffer known = pct_buffer_init(PCT_ERROR_TEXT);
    for (size_t i = 0; i < pct_policy_count; i++) {
        if (i > 0) (void)pct_buffer_append_text(&known, ", ");
        (void)pct_buffer_append_text(&known, pct_policies[i]->name);
    }
    pct_status status = PCT_FAIL(error, PCT_MISUSE, PCT_MSG_SIM_POLICY_UNKNOWN, pct_view(name),
                                 pct_str(pct_buffer_chars(&known)));
    pct_buffer_dispose(&known);
    return status;
}

static pct_status read_calls(const pct_simulation_source *source, pct_simulation_state *s, pct_error *error) {
    json_t *mapping = NULL;
    const pct_simulation_file *file = &source->calls_mapping;
    pct_status status =
        file->bytes.length > 0 ? pct_json_parse(file->name, file->bytes, &mapping, error) : PCT_OK;
    if (!status)
        status =
            pct_calls_read(source->calls.name, source->calls.bytes, file->name, mapping, &s->calls, error);
    json_decref(mapping);
    return status;
}

static pct_status read_all(const pct_simulation_source *source, pct_simulation_state *s, pct_error *error) {
    pct_status status = find_policy(source->policy, &s->policy, error);
    if (!status) status = pct_codes_read(&source->codes, &s->codes, error);
    if (!status)
        status = pct_service_times_read(source->service_times.name, source->service_times.bytes, s->codes,
                                        &s->service_times, error);
    if (!status)
        status = pct_units_read(source->units.name, source->units.bytes, source->units_mapping.name,
                                source->units_mapping.bytes, s->codes, &s->units, error);
    if (!status) status = read_calls(source, s, error);
    const pct_scenario_source scenario = {.calls_file = source->calls.name,
                                          .calls = &s->calls,
                                          .units = &s->units,
                                          .codes = s->codes,
                                          .zone = source->zone,
                                          .drain_ms = pct_operations_settings_default().drain_ms};
    return status ? status : pct_scenario_make(&scenario, &s->scenario, error);
}

/* Stations off the map are left to pct_operations_new, which names the unit. */
static pct_status make_table(const pct_simulation_source *source, pct_simulation_state *s, pct_error *error) {
    uint64_t questions = (uint64_t)s->scenario.call_count * source->replications;
    if (!pct_travel_table_pays(source->road, s->units.count, questions)) return PCT_OK;
    pct_road_point *stations = pct_alloc(s->units.count, sizeof *stations);
    if (!stations) return pct_error_memory(error, s->units.count * sizeof *stations);
    size_t found = 0;
    for (size_t u = 0; u < s->units.count; u++) {
        double distance_m;
        pct_position position = s->units.rows[u].position;
        found += s->travel.locate(s->travel.context, position, &stations[found], &distance_m, NULL) == PCT_OK;
    }
    pct_status status = pct_travel_table_new(&s->on_road, stations, found, &s->table, error);
    if (!status) s->travel = pct_travel_by_table(s->table);
    pct_free(stations);
    return status;
}

static pct_status prepare(const pct_simulation_source *source, pct_simulation_state *s, pct_error *error) {
    pct_status status = pct_router_new(source->road, &s->router, error);
    if (status) return status;
    s->on_road = (pct_travel_road){source->road, s->router, PCT_SIMULATION_SNAP_MAX_M};
    s->travel = pct_travel_on_road(&s->on_road);
    status = make_table(source, s, error);
    if (status) return status;
    const pct_operations_input input = {.codes = s->codes,
                                        .service_times = s->service_times,
                                        .travel = &s->travel,
                                        .policy = s->policy,
                                        .units = s->units.rows,
                                        .shifts = s->scenario.shifts,
                                        .calls = s->scenario.calls,
                                        .unit_count = s->units.count,
                                        .shift_count = s->scenario.shift_count,
                                        .call_count = s->scenario.call_count,
                                        .settings = pct_operations_settings_default()};
    return pct_operations_new(&input, &s->operations, error);
}

static pct_status name_rejected(pct_simulation *simulation, pct_error *error) {
    const pct_simulation_state *s = simulation->state;
    const pct_call_record *records = s->calls.records.items;
    const pct_rejection *rejections = pct_operations_rejections(s->operations, &simulation->rejected_count);
    simulation->rejected = pct_alloc(simulation->rejected_count, sizeof *simulation->rejected);
    if (!simulation->rejected) return pct_error_memory(error, sizeof *simulation->rejected);
    for (size_t i = 0; i < simulation->rejected_count; i++) {
        const pct_call_record *r = &records[s->scenario.records[rejections[i].call]];
        simulation->rejected[i] = (pct_rejected_call){r->id, r->line, rejections[i].distance_m};
    }
    return PCT_OK;
}

static pct_status replicate(const pct_simulation_source *source, pct_simulation *simulation,
                            pct_error *error) {
    const pct_simulation_state *s = simulation->state;
    size_t runs = source->replications;
    simulation->reports = pct_alloc_zeroed(runs, sizeof *simulation->reports);
    simulation->units = pct_alloc_zeroed(s->units.count, sizeof *simulation->units);
    if (!simulation->reports || !simulation->units) return pct_error_memory(error, runs * sizeof(pct_report));
    simulation->unit_count = s->units.count;
    for (size_t u = 0; u < s->units.count; u++)
        simulation->units[u] = (pct_simulated_unit){s->units.rows[u].name, s->units.rows[u].station, 0.0};
    for (size_t r = 0; r < runs; r++) {
        pct_report *report = &simulation->reports[r];
        pct_status status = pct_operations_run(s->operations, source->seed + r, report, error);
        if (status) return status;
        for (size_t u = 0; u < s->units.count; u++)
            simulation->units[u].utilisation += report->unit_utilisation[u] / (double)runs;
        report->unit_utilisation = NULL;
        simulation->report_count++;
    }
    return PCT_OK;
}

pct_status pct_simulation_run(const pct_simulation_source *source, pct_simulation **out, pct_error *error) {
    pct_simulation *simulation = pct_alloc_zeroed(1, sizeof *simulation);
    pct_simulation_state *state = pct_alloc_zeroed(1, sizeof *state);
    pct_status status = simulation && state ? PCT_OK : pct_error_memory(error, sizeof *state);
    if (status) {
        pct_free(simulation);
        pct_free(state);
        return status;
    }
    simulation->state = state;
    status = read_all(source, state, error);
    if (!status) status = prepare(source, state, error);
    simulation->ambiguous_times = state->scenario.ambiguous_times;
    if (!status) status = name_rejected(simulation, error);
    if (!status) status = replicate(source, simulation, error);
    if (status)
        pct_simulation_free(simulation);
    else
        *out = simulation;
    return status;
}

void pct_simulation_free(pct_simulation *simulation) {
    if (!simulation) return;
    pct_simulation_state *s = simulation->state;
    pct_operations_free(s->operations);
    pct_travel_table_free(s->table);
    pct_router_free(s->router);
    pct_scenario_dispose(&s->scenario);
    pct_units_dispose(&s->units);
    pct_calls_dispose(&s->calls);
    pct_service_times_free(s->service_times);
    pct_codes_free(s->codes);
    pct_free(s);
    pct_free(simulation->reports);
    pct_free(simulation->rejected);
    pct_free(simulation->units);
    pct_free(simulation);
}
