#include "sim/simulation.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "sim/demand_points.h"
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
    pct_router *router, *patrol_router;
    pct_travel_road on_road, on_patrol;
    pct_travel patrol;
    pct_tours *tours;        /* NULL: no rounds */
    pct_travel_table *table; /* NULL: not worth making */
    pct_travel travel;
    const pct_policy *policy, *compare; /* compare NULL: none */
    pct_cover_settings cover_settings[PCT_PRIORITY_COUNT];
    pct_vector demand_points; /* pct_demand_point; empty unless a policy regards cover */
    pct_cover *cover;
    pct_operations *operations, *compared;
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
    if (!status && source->compare.length > 0) status = find_policy(source->compare, &s->compare, error);
    if (!status && source->cover.bytes.length > 0)
        status = pct_cover_settings_read(source->cover.name, source->cover.bytes, s->cover_settings, error);
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

/* --- rounds ------------------------------------------------------------------------------------------------ */

static pct_status make_tours(const pct_simulation_source *source, pct_simulation_state *s, pct_error *error) {
    size_t calls = s->scenario.call_count;
    if (source->plan_count == 0 || calls == 0) return PCT_OK;
    s->patrol = s->travel;
    if (source->patrol) {
        pct_status status = pct_router_new(source->patrol, &s->patrol_router, error);
        if (status) return status;
        s->on_patrol = (pct_travel_road){source->patrol, s->patrol_router, PCT_SIMULATION_SNAP_MAX_M};
        s->patrol = pct_travel_on_road(&s->on_patrol);
    }
    const pct_tours_source tours = {.plans = source->plans,
                                    .plan_count = source->plan_count,
                                    .problem = source->problem,
                                    .zone = source->zone,
                                    .units = s->units.rows,
                                    .unit_count = s->units.count,
                                    .way = &s->patrol,
                                    .other = &s->travel,
                                    .from_ms = s->scenario.calls[0].at_ms,
                                    .to_ms = s->scenario.calls[calls - 1].at_ms,
                                    .daily = source->plans_daily,
                                    .to_post = !source->stay_out};
    return pct_tours_new(&tours, &s->tours, error);
}

/* --- travel and cover -------------------------------------------------------------------------------------- */

static pct_status learn_demand(pct_simulation_state *s, pct_error *error) {
    bool needed = s->policy == &pct_policy_nearest_with_cover || s->compare == &pct_policy_nearest_with_cover;
    if (!needed) return PCT_OK;
    return pct_demand_points_learn(&s->travel, s->scenario.calls, s->scenario.call_count,
                                   PCT_DEMAND_POINTS_LEARNT, &s->demand_points, error);
}

/* Stations, then demand points. Stations off the map are left to pct_operations_new, which names the unit. */
static pct_status find_places(const pct_simulation_state *s, pct_road_point **out, size_t *stations,
                              pct_error *error) {
    const pct_demand_point *demand = s->demand_points.items;
    size_t most = s->units.count + s->demand_points.length;
    pct_road_point *places = pct_alloc(most, sizeof *places);
    if (!places) return pct_error_memory(error, most * sizeof *places);
    *stations = 0;
    for (size_t u = 0; u < s->units.count; u++) {
        double distance_m;
        pct_position position = s->units.rows[u].position;
        *stations +=
            s->travel.locate(s->travel.context, position, &places[*stations], &distance_m, NULL) == PCT_OK;
    }
    for (size_t j = 0; j < s->demand_points.length; j++) places[*stations + j] = demand[j].point;
    *out = places;
    return PCT_OK;
}

/* Both are made once for all runs and both policies. */
static pct_status make_table_and_cover(const pct_simulation_source *source, pct_simulation_state *s,
                                       pct_error *error) {
    bool twice = source->compare.length > 0 || source->plan_count > 0;
    uint64_t questions = (uint64_t)s->scenario.call_count * source->replications * (twice ? 2 : 1);
    size_t stations = 0, demand_count = s->demand_points.length;
    pct_road_point *places = NULL;
    pct_status status = find_places(s, &places, &stations, error);
    if (status) return status;
    if (pct_travel_table_pays(source->road, s->units.count + demand_count, questions)) {
        status = pct_travel_table_new(&s->on_road, places, stations + demand_count, &s->table, error);
        if (!status) s->travel = pct_travel_by_table(s->table);
    }
    const pct_travel_times_out out = {s->travel.context, s->travel.times_from};
    if (!status && demand_count > 0) {
        status = pct_cover_new(s->demand_points.items, demand_count, s->units.count, out, &s->cover, error);
        if (!status) status = pct_cover_know(s->cover, places, stations, error);
    }
    pct_free(places);
    return status;
}

static pct_status prepare(const pct_simulation_source *source, pct_simulation_state *s, pct_error *error) {
    pct_status status = pct_router_new(source->road, &s->router, error);
    if (status) return status;
    s->on_road = (pct_travel_road){source->road, s->router, PCT_SIMULATION_SNAP_MAX_M};
    s->travel = pct_travel_on_road(&s->on_road);
    status = learn_demand(s, error);
    if (!status) status = make_table_and_cover(source, s, error);
    if (!status) status = make_tours(source, s, error);
    if (status) return status;
    pct_operations_input input = {.codes = s->codes,
                                  .service_times = s->service_times,
                                  .travel = &s->travel,
                                  .policy = s->policy,
                                  .units = s->units.rows,
                                  .shifts = s->scenario.shifts,
                                  .calls = s->scenario.calls,
                                  .cover = s->cover,
                                  .tours = s->tours,
                                  .unit_count = s->units.count,
                                  .shift_count = s->scenario.shift_count,
                                  .call_count = s->scenario.call_count,
                                  .settings = pct_operations_settings_default()};
    memcpy(input.settings.recommend.cover, s->cover_settings, sizeof s->cover_settings);
    status = pct_operations_new(&input, &s->operations, error);
    if (status || !(s->compare || s->tours)) return status;
    if (s->compare) input.policy = s->compare;
    if (!s->compare) input.tours = NULL;
    return pct_operations_new(&input, &s->compared, error);
}

/* --- running ----------------------------------------------------------------------------------------------- */

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
    if (s->compared) simulation->compared = pct_alloc_zeroed(runs, sizeof *simulation->compared);
    bool complete = simulation->reports && simulation->units && (simulation->compared || !s->compared);
    if (!complete) return pct_error_memory(error, runs * sizeof(pct_report));
    simulation->unit_count = s->units.count;
    simulation->policy = s->policy->name;
    simulation->compared_policy = s->compare ? s->compare->name : s->tours ? s->policy->name : NULL;
    simulation->plan_count = s->tours ? source->plan_count : 0;
    if (s->tours) simulation->entropy = pct_tours_entropy_of(s->tours);
    for (size_t u = 0; u < s->units.count; u++)
        simulation->units[u] = (pct_simulated_unit){s->units.rows[u].name, s->units.rows[u].station, 0.0};
    for (size_t r = 0; r < runs; r++) {
        pct_report *report = &simulation->reports[r];
        pct_status status = pct_operations_run(s->operations, source->seed + r, report, error);
        if (!status && s->compared)
            status = pct_operations_run(s->compared, source->seed + r, &simulation->compared[r], error);
        if (status) return status;
        if (s->compared) simulation->compared[r].unit_utilisation = NULL;
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
    pct_operations_free(s->compared);
    pct_tours_free(s->tours);
    pct_router_free(s->patrol_router);
    pct_cover_free(s->cover);
    pct_vector_dispose(&s->demand_points);
    pct_travel_table_free(s->table);
    pct_router_free(s->router);
    pct_scenario_dispose(&s->scenario);
    pct_units_dispose(&s->units);
    pct_calls_dispose(&s->calls);
    pct_service_times_free(s->service_times);
    pct_codes_free(s->codes);
    pct_free(s);
    pct_free(simulation->reports);
    pct_free(simulation->compared);
    pct_free(simulation->rejected);
    pct_free(simulation->units);
    pct_free(simulation);
}
