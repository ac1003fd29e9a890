/* The model's frame: what is made once for all runs, the loop over kernel events, the transcript, the report. */
#include "sim/operations.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "sim/operations_run.h"

enum { EVENTS_PER_UNIT = 4 };

pct_operations_settings pct_operations_settings_default(void) {
    return (pct_operations_settings){.divert_up_to = 1,
                                     .recommend = pct_recommend_settings_default(),
                                     .drain_ms = INT64_C(24) * 3600 * 1000};
}

/* --- made once --------------------------------------------------------------------------------------------- */

static pct_status check_order(const pct_operations_input *in, pct_error *error) {
    for (size_t i = 1; i < in->call_count; i++)
        if (in->calls[i].at_ms < in->calls[i - 1].at_ms)
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_SIM_DISORDER, pct_phrase(PCT_MSG_SIM_CALLS),
                            pct_int((int64_t)i));
    for (size_t i = 1; i < in->shift_count; i++)
        if (in->shifts[i].on_ms < in->shifts[i - 1].on_ms)
            return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_SIM_DISORDER, pct_phrase(PCT_MSG_SIM_SHIFTS),
                            pct_int((int64_t)i));
    return PCT_OK;
}

static void find_types_with_unit(pct_operations *o) {
    for (uint32_t t = 0; t < pct_codes_type_count(o->in.codes); t++)
        for (size_t u = 0; u < o->in.unit_count && !o->type_has_unit[t]; u++)
            o->type_has_unit[t] = pct_crew_suits(&o->in.units[u], pct_codes_type_at(o->in.codes, t));
}

static pct_status locate_stations(pct_operations *o, pct_error *error) {
    const pct_travel *travel = o->in.travel;
    for (size_t u = 0; u < o->in.unit_count; u++) {
        double distance_m = -1.0;
        pct_status status =
            travel->locate(travel->context, o->in.units[u].position, &o->stations[u], &distance_m, error);
        if (status == PCT_NOT_FOUND)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_SIM_UNIT_OFF_MAP, pct_view(o->in.units[u].name));
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status locate_calls(pct_operations *o, pct_error *error) {
    const pct_travel *travel = o->in.travel;
    for (size_t c = 0; c < o->in.call_count; c++) {
        double distance_m = -1.0;
        pct_status status =
            travel->locate(travel->context, o->in.calls[c].position, &o->call_points[c], &distance_m, error);
        if (status == PCT_OK) continue;
        if (status != PCT_NOT_FOUND) return status;
        o->call_points[c].segment = PCT_NO_INDEX;
        pct_rejection *rejection = pct_vector_push(&o->rejections);
        if (!rejection) return pct_vector_failed(&o->rejections, PCT_MSG_WHAT_REJECTED_CALLS, error);
        *rejection = (pct_rejection){(uint32_t)c, distance_m};
    }
    return PCT_OK;
}

static pct_status reserve(pct_operations *o, pct_error *error) {
    size_t calls = o->in.call_count, units = o->in.unit_count;
    size_t types = pct_codes_type_count(o->in.codes);
    o->call_points = pct_alloc_zeroed(calls, sizeof *o->call_points);
    o->stations = pct_alloc_zeroed(units, sizeof *o->stations);
    o->type_has_unit = pct_alloc_zeroed(types, sizeof *o->type_has_unit);
    o->type_failed = pct_alloc_zeroed(types, sizeof *o->type_failed);
    o->calls = pct_alloc_zeroed(calls, sizeof *o->calls);
    o->units = pct_alloc_zeroed(units, sizeof *o->units);
    o->incidents = pct_alloc_zeroed(calls, sizeof *o->incidents);
    o->unit_points = pct_alloc_zeroed(units, sizeof *o->unit_points);
    o->unit_utilisation = pct_alloc_zeroed(units, sizeof *o->unit_utilisation);
    bool complete = o->call_points && o->stations && o->type_has_unit && o->type_failed && o->calls &&
                    o->units && o->incidents && o->unit_points && o->unit_utilisation;
    if (!complete) return pct_error_memory(error, calls * sizeof *o->calls + units * sizeof *o->units);
    pct_samples *samples[] = {&o->response,
                              &o->queued,
                              &o->response_by_priority[0],
                              &o->response_by_priority[1],
                              &o->response_by_priority[2],
                              &o->response_by_priority[3]};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        *samples[i] = pct_samples_init(calls);
        if (!status) status = pct_samples_reserve(samples[i], calls, error);
    }
    for (size_t u = 0; u < units; u++) o->units[u].crew = pct_crew_init((pct_road_point){0, 0});
    return status ? status : pct_recommendation_new(units, &o->recommendation, error);
}

pct_status pct_operations_new(const pct_operations_input *input, pct_operations **out, pct_error *error) {
    pct_status status = check_order(input, error);
    if (status) return status;
    pct_operations *o = pct_alloc_zeroed(1, sizeof *o);
    if (!o) return pct_error_memory(error, sizeof *o);
    o->in = *input;
    o->world = (pct_crew_world){input->travel, input->service_times, 0};
    o->rejections = pct_vector_init(sizeof(pct_rejection), input->call_count);
    o->encoded = pct_buffer_init(PCT_EVENT_BYTES_MAX);
    status = reserve(o, error);
    if (!status) status = locate_stations(o, error);
    if (!status) status = locate_calls(o, error);
    if (status) {
        pct_operations_free(o);
        return status;
    }
    find_types_with_unit(o);
    *out = o;
    return PCT_OK;
}

void pct_operations_free(pct_operations *o) {
    if (!o) return;
    for (size_t u = 0; o->units && u < o->in.unit_count; u++) pct_crew_dispose(&o->units[u].crew);
    void *arrays[] = {o->call_points, o->stations,  o->type_has_unit, o->type_failed,     o->calls,
                      o->units,       o->incidents, o->unit_points,   o->unit_utilisation};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) pct_free(arrays[i]);
    for (int p = 0; p < PCT_PRIORITY_COUNT; p++) pct_samples_dispose(&o->response_by_priority[p]);
    pct_samples_dispose(&o->response);
    pct_samples_dispose(&o->queued);
    pct_vector_dispose(&o->rejections);
    pct_recommendation_free(o->recommendation);
    pct_buffer_dispose(&o->encoded);
    pct_kernel_free(o->kernel);
    pct_board_free(o->board);
    pct_free(o);
}

const pct_rejection *pct_operations_rejections(const pct_operations *o, size_t *count) {
    *count = o->rejections.length;
    return o->rejections.items;
}

/* --- one run ----------------------------------------------------------------------------------------------- */

const pct_unit *pct_run_board_unit(const pct_operations *run, uint32_t unit) {
    return pct_board_unit_at(run->board, unit);
}

static pct_status record(pct_operations *run, const pct_event *event, pct_error *error) {
    pct_buffer_clear(&run->encoded);
    pct_status status = pct_event_encode(event, &run->encoded, error);
    if (status) return status;
    run->report.digest = pct_digest_fold(run->report.digest, run->encoded.bytes, run->encoded.length);
    run->report.board_events++;
    if (!run->in.observer.event) return PCT_OK;
    return run->in.observer.event(run->in.observer.context, event, error);
}

pct_status pct_run_submit_command(pct_operations *run, const pct_command *command, pct_error *error) {
    const pct_command_context context = {
        .now_ms = run->now_ms, .epoch = 1, .actor = pct_text_of("simulator"), .role = PCT_ROLE_SYSTEM};
    pct_decision decision;
    pct_status status = pct_board_submit(run->board, command, &context, &decision, error);
    for (size_t i = 0; i < decision.count && !status; i++) status = record(run, &decision.events[i], error);
    return status;
}

pct_status pct_run_submit(pct_operations *run, pct_command_kind kind, pct_id object,
                          const pct_event_data *data, pct_error *error) {
    pct_command command = {.kind = kind, .object = object};
    if (data) command.data = *data;
    return pct_run_submit_command(run, &command, error);
}

static pct_status enrol(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_command command;
    pct_status status = pct_crew_enrol(&run->in.units[unit], run->in.codes, &command, error);
    if (!status) status = pct_run_submit_command(run, &command, error);
    run->units[unit].id.seq = pct_board_seq(run->board);
    return status;
}

/* Forgets the last run; keeps its memory. */
static void clear_run(pct_operations *run, uint64_t seed) {
    memset(run->calls, 0, run->in.call_count * sizeof *run->calls);
    memset(run->type_failed, 0, pct_codes_type_count(run->in.codes) * sizeof *run->type_failed);
    for (uint32_t u = 0; u < run->in.unit_count; u++) {
        pct_crew crew = run->units[u].crew;
        pct_crew_stand(&crew, run->stations[u]);
        run->units[u] = (pct_run_unit){.crew = crew, .call = PCT_NO_CALL, .shift = UINT32_MAX};
        run->unit_points[u] = run->stations[u];
    }
    for (int p = 0; p < PCT_PRIORITY_COUNT; p++) pct_samples_clear(&run->response_by_priority[p]);
    pct_samples_clear(&run->response);
    pct_samples_clear(&run->queued);
    if (run->in.tours) pct_tours_begin(run->in.tours, seed);
    run->world.seed = seed;
    run->incident_count = 0;
    run->walk = 0;
    run->report = (pct_report){.calls = run->in.call_count, .rejected = run->rejections.length};
    size_t calls = run->in.call_count;
    run->start_ms = calls ? run->in.calls[0].at_ms : 0;
    run->window_from_ms = run->start_ms + run->in.settings.warm_up_ms;
    run->window_to_ms = calls ? run->in.calls[calls - 1].at_ms : 0;
    if (run->in.shift_count && run->in.shifts[0].on_ms < run->start_ms)
        run->start_ms = run->in.shifts[0].on_ms;
    run->now_ms = run->start_ms;
}

static pct_status set_up(pct_operations *run, uint64_t seed, pct_error *error) {
    clear_run(run, seed);
    pct_kernel_free(run->kernel);
    pct_board_free(run->board);
    run->kernel = NULL;
    run->board = NULL;
    pct_status status = pct_board_new(run->in.codes, NULL, &run->board, error);
    if (!status) status = pct_kernel_new(run->start_ms, PCT_KERNEL_PENDING_MAX, &run->kernel, error);
    size_t pending = 2 * run->in.shift_count + EVENTS_PER_UNIT * run->in.unit_count + 2;
    if (!status) status = pct_kernel_reserve(run->kernel, pending, error);
    for (uint32_t u = 0; u < run->in.unit_count && !status; u++) status = enrol(run, u, error);
    for (uint32_t s = 0; s < run->in.shift_count && !status; s++)
        status = pct_kernel_schedule(run->kernel, run->in.shifts[s].on_ms, PCT_RUN_SHIFT_ON, s, NULL, error);
    if (!status && run->in.call_count > 0)
        status = pct_kernel_schedule(run->kernel, run->in.calls[0].at_ms, PCT_RUN_CALL, 0, NULL, error);
    return status;
}

/* The desk's clocks: reminders that fell due before the present event. What happens in the very moment of a
 * deadline is in time. */
static pct_status remind(pct_operations *run, int64_t before_ms, pct_error *error) {
    pct_deadline due = pct_board_next_deadline(run->board);
    while (due.at_ms < before_ms) {
        pct_command command = pct_board_remind_command(due);
        run->now_ms = due.at_ms;
        pct_status status = pct_run_submit(run, command.kind, command.object, &command.data, error);
        if (status) return status;
        run->report.reminders++;
        due = pct_board_next_deadline(run->board);
    }
    return PCT_OK;
}

static bool all_done(const pct_operations *run, bool calls_left) {
    const uint32_t *incidents = pct_board_counts_view(run->board)->incidents;
    return !calls_left && incidents[PCT_INCIDENT_WAITING] == 0 && incidents[PCT_INCIDENT_DISPATCHED] == 0 &&
           incidents[PCT_INCIDENT_ON_SCENE] == 0 && incidents[PCT_INCIDENT_HANDLED] == 0;
}

static pct_status run_events(pct_operations *run, pct_error *error) {
    pct_kernel_event event;
    bool calls_left = run->in.call_count > 0;
    int64_t end_ms = run->window_to_ms + run->in.settings.drain_ms;
    while (!all_done(run, calls_left) && pct_kernel_next(run->kernel, &event)) {
        if (event.at_ms > end_ms) {
            run->now_ms = end_ms;
            break;
        }
        pct_status status = remind(run, event.at_ms, error);
        if (status) return status;
        run->now_ms = event.at_ms;
        if (event.kind == PCT_RUN_CALL) {
            calls_left = (size_t)event.object + 1 < run->in.call_count;
            status = pct_run_call_arrives(run, event.object, error);
        } else {
            status = pct_run_unit_event(run, &event, error);
        }
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status count_queues(pct_operations *run, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < run->in.call_count && !status; i++) {
        const pct_run_call *c = &run->calls[i];
        int64_t at_ms = run->in.calls[i].at_ms;
        if (c->incident == 0 || c->referred) continue;
        run->report.waiting += !c->served;
        if (at_ms < run->window_from_ms) continue;
        status = pct_samples_add(&run->queued, (c->ordered ? c->first_sent_ms : run->now_ms) - at_ms, error);
    }
    return status;
}

pct_status pct_operations_run(pct_operations *run, uint64_t seed, pct_report *out, pct_error *error) {
    pct_status status = set_up(run, seed, error);
    if (!status) status = run_events(run, error);
    if (!status) status = count_queues(run, error);
    if (status) return status;
    pct_run_close_books(run);
    pct_report *report = &run->report;
    report->response = pct_samples_summary(&run->response);
    for (int p = 0; p < PCT_PRIORITY_COUNT; p++)
        report->response_by_priority[p] = pct_samples_summary(&run->response_by_priority[p]);
    report->queued = pct_samples_summary(&run->queued);
    report->unit_utilisation = run->unit_utilisation;
    if (run->in.tours)
        report->tours = pct_tours_figures(run->in.tours, run->window_from_ms, run->window_to_ms);
    report->events = pct_kernel_happened(run->kernel);
    report->board_digest = pct_board_digest(run->board);
    report->began_ms = run->start_ms;
    report->ended_ms = run->now_ms;
    *out = *report;
    return PCT_OK;
}
