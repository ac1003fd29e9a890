/* What the units do: come on duty, acknowledge, set out, drive, work, report, drive back, go off duty. */
#include "sim/operations_run.h"

static pct_id unit_id(const pct_operations *run, uint32_t unit) {
    return (pct_id){run->units[unit].id.seq, 'U'};
}

static pct_id order_of(const pct_operations *run, uint32_t unit) {
    return (pct_id){pct_run_board_unit(run, unit)->order.seq, 'O'};
}

static pct_status next_step(pct_operations *run, uint32_t unit, pct_run_event step, int64_t after_ms,
                            pct_error *error) {
    return pct_kernel_schedule(run->kernel, run->now_ms + after_ms, step, unit, &run->units[unit].timer,
                               error);
}

/* The part of [from, to) that lies in the time over which utilisation is measured. */
static int64_t in_window_ms(const pct_operations *run, int64_t from_ms, int64_t to_ms) {
    if (from_ms < run->window_from_ms) from_ms = run->window_from_ms;
    if (to_ms > run->window_to_ms) to_ms = run->window_to_ms;
    return to_ms > from_ms ? to_ms - from_ms : 0;
}

static bool is_off_duty(const pct_operations *run, uint32_t unit) {
    return pct_run_board_unit(run, unit)->status == PCT_UNIT_OFF_DUTY;
}

static bool is_free(const pct_operations *run, uint32_t unit) {
    pct_unit_status status = (pct_unit_status)pct_run_board_unit(run, unit)->status;
    return status == PCT_UNIT_AT_STATION || status == PCT_UNIT_AVAILABLE;
}

/* --- orders ------------------------------------------------------------------------------------------------ */

pct_status pct_run_halt(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    pct_road_point here;
    (void)pct_kernel_cancel(run->kernel, u->timer);
    pct_status status = pct_trip_point(&u->trip, run->in.travel, run->now_ms, &here, error);
    if (status) return status;
    u->rolling = pct_trip_is_moving(&u->trip, run->now_ms) || (u->rolling && u->call != PCT_NO_CALL);
    pct_trip_stand(&u->trip, here);
    return PCT_OK;
}

pct_status pct_run_begin_order(pct_operations *run, uint32_t unit, uint32_t call, uint32_t travel_ms,
                               pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    pct_run_call *c = &run->calls[call];
    if (u->call == PCT_NO_CALL) u->busy_since_ms = run->now_ms;
    u->call = call;
    u->travel_ms = travel_ms;
    c->attempts++;
    if (!c->ordered) {
        c->ordered = true;
        c->first_sent_ms = run->now_ms;
    }
    return next_step(run, unit, PCT_RUN_ACKNOWLEDGE, pct_run_draw_ms(run, call, PCT_SERVICE_ACKNOWLEDGE),
                     error);
}

static pct_status acknowledge(pct_operations *run, uint32_t unit, pct_error *error) {
    const pct_run_unit *u = &run->units[unit];
    pct_status status = pct_run_submit(run, PCT_COMMAND_ACKNOWLEDGE, order_of(run, unit), NULL, error);
    if (status) return status;
    int64_t turnout_ms = u->rolling ? 0 : pct_run_draw_ms(run, u->call, PCT_SERVICE_TURNOUT);
    return next_step(run, unit, PCT_RUN_SET_OUT, turnout_ms, error);
}

static pct_status set_out(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    pct_status status = pct_run_submit(run, PCT_COMMAND_SET_OUT, order_of(run, unit), NULL, error);
    if (status) return status;
    pct_trip_begin_timed(&u->trip, u->trip.to, run->call_points[u->call], run->now_ms, u->travel_ms);
    return next_step(run, unit, PCT_RUN_ARRIVE, u->trip.duration_ms, error);
}

static pct_status count_response(pct_operations *run, uint32_t call, pct_error *error) {
    const pct_sim_call *c = &run->in.calls[call];
    run->calls[call].served = true;
    run->report.served++;
    if (c->at_ms < run->window_from_ms) return PCT_OK;
    int64_t response_ms = run->now_ms - c->at_ms;
    pct_status status = pct_samples_add(&run->response, response_ms, error);
    return status ? status : pct_samples_add(&run->response_by_priority[c->priority - 1], response_ms, error);
}

static pct_status arrive(pct_operations *run, uint32_t unit, pct_error *error) {
    uint32_t call = run->units[unit].call;
    pct_status status = pct_run_submit(run, PCT_COMMAND_ARRIVE, order_of(run, unit), NULL, error);
    if (!status && !run->calls[call].served) status = count_response(run, call, error);
    if (status) return status;
    return next_step(run, unit, PCT_RUN_REPORT, pct_run_draw_ms(run, call, PCT_SERVICE_ON_SCENE), error);
}

static pct_status report(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_event_data data = {.order_reported = {.result = PCT_REPORT_RESULT_HANDLED}};
    pct_status status = pct_run_submit(run, PCT_COMMAND_REPORT, order_of(run, unit), &data, error);
    if (status) return status;
    int64_t report_ms = pct_run_draw_ms(run, run->units[unit].call, PCT_SERVICE_REPORT);
    return next_step(run, unit, PCT_RUN_CLOSE, report_ms, error);
}

static pct_status close_incident(pct_operations *run, uint32_t call, pct_error *error) {
    pct_incident_id id = {run->calls[call].incident};
    const pct_incident *incident = pct_board_incident(run->board, id);
    if (incident->status != PCT_INCIDENT_HANDLED) return PCT_OK;
    pct_event_data data = {.incident_closed = {.result = PCT_INCIDENT_RESULT_HANDLED}};
    pct_status status = pct_run_submit(run, PCT_COMMAND_CLOSE_INCIDENT, (pct_id){id.seq, 'I'}, &data, error);
    if (status || run->in.settings.keep_closed) return status;
    return pct_board_forget(run->board, id, error);
}

/* --- duty -------------------------------------------------------------------------------------------------- */

static pct_status sign_off(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    (void)pct_kernel_cancel(run->kernel, u->timer);
    u->off_due = false;
    u->duty_ms += in_window_ms(run, u->duty_since_ms, run->now_ms);
    return pct_run_submit(run, PCT_COMMAND_SIGN_OFF, unit_id(run, unit), NULL, error);
}

static pct_status home(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_trip_stand(&run->units[unit].trip, run->stations[unit]);
    pct_event_data data = {.unit_positioned = {.position = run->in.units[unit].position, .at_station = true}};
    return pct_run_submit(run, PCT_COMMAND_POSITION_UNIT, unit_id(run, unit), &data, error);
}

static pct_status drive_home(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_trip *trip = &run->units[unit].trip;
    pct_status status = pct_trip_begin(trip, run->in.travel, trip->to, run->stations[unit], run->now_ms);
    if (status) return PCT_OK; /* no way back: it stays where it is, free */
    if (trip->duration_ms == 0) return home(run, unit, error);
    return next_step(run, unit, PCT_RUN_HOME, trip->duration_ms, error);
}

static pct_status close_order(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    uint32_t call = u->call;
    pct_status status = pct_run_submit(run, PCT_COMMAND_CLOSE_ORDER, order_of(run, unit), NULL, error);
    if (!status) status = close_incident(run, call, error);
    if (status) return status;
    u->call = PCT_NO_CALL;
    u->rolling = false;
    u->busy_ms += in_window_ms(run, u->busy_since_ms, run->now_ms);
    pct_trip_stand(&u->trip, run->call_points[call]);
    if (u->off_due) return sign_off(run, unit, error);
    status = pct_run_serve_waiting(run, error);
    return status || !is_free(run, unit) ? status : drive_home(run, unit, error);
}

static pct_status shift_on(pct_operations *run, uint32_t shift, pct_error *error) {
    const pct_sim_shift *s = &run->in.shifts[shift];
    const pct_unit_row *row = &run->in.units[s->unit];
    pct_run_unit *u = &run->units[s->unit];
    u->shift = shift;
    u->off_due = false;
    pct_status status = pct_kernel_schedule(run->kernel, s->off_ms, PCT_RUN_SHIFT_OFF, shift, NULL, error);
    if (status || !is_off_duty(run, s->unit)) return status; /* straight from the last shift into this one */
    pct_event_data data = {.unit_signed_on = {.officers = row->officers,
                                              .auxiliaries = row->auxiliaries,
                                              .shift_end_at = s->off_ms,
                                              .has_shift_end_at = true,
                                              .position = row->position,
                                              .has_position = true}};
    pct_trip_stand(&u->trip, run->stations[s->unit]);
    u->duty_since_ms = run->now_ms;
    status = pct_run_submit(run, PCT_COMMAND_SIGN_ON, unit_id(run, s->unit), &data, error);
    return status ? status : pct_run_serve_waiting(run, error);
}

static pct_status shift_off(pct_operations *run, uint32_t shift, pct_error *error) {
    uint32_t unit = run->in.shifts[shift].unit;
    if (run->units[unit].shift != shift) return PCT_OK; /* its next shift has begun */
    if (is_free(run, unit)) return sign_off(run, unit, error);
    run->units[unit].off_due = true;
    return PCT_OK;
}

pct_status pct_run_unit_event(pct_operations *run, const pct_kernel_event *event, pct_error *error) {
    switch ((pct_run_event)event->kind) {
    case PCT_RUN_SHIFT_ON: return shift_on(run, event->object, error);
    case PCT_RUN_SHIFT_OFF: return shift_off(run, event->object, error);
    case PCT_RUN_ACKNOWLEDGE: return acknowledge(run, event->object, error);
    case PCT_RUN_SET_OUT: return set_out(run, event->object, error);
    case PCT_RUN_ARRIVE: return arrive(run, event->object, error);
    case PCT_RUN_REPORT: return report(run, event->object, error);
    case PCT_RUN_CLOSE: return close_order(run, event->object, error);
    case PCT_RUN_HOME: return home(run, event->object, error);
    case PCT_RUN_CALL: break;
    }
    return PCT_OK;
}

void pct_run_close_books(pct_operations *run) {
    int64_t busy_ms = 0, duty_ms = 0;
    for (uint32_t i = 0; i < run->in.unit_count; i++) {
        pct_run_unit *u = &run->units[i];
        if (u->call != PCT_NO_CALL) u->busy_ms += in_window_ms(run, u->busy_since_ms, run->now_ms);
        if (!is_off_duty(run, i)) u->duty_ms += in_window_ms(run, u->duty_since_ms, run->now_ms);
        run->unit_utilisation[i] = u->duty_ms > 0 ? (double)u->busy_ms / (double)u->duty_ms : 0.0;
        busy_ms += u->busy_ms;
        duty_ms += u->duty_ms;
    }
    run->report.utilisation = duty_ms > 0 ? (double)busy_ms / (double)duty_ms : 0.0;
}
