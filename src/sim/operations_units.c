/* What the units do: come on duty, acknowledge, set out, drive, work, report, drive back, go off duty. */
#include "sim/operations_run.h"

static pct_id unit_id(const pct_operations *run, uint32_t unit) {
    return (pct_id){run->units[unit].id.seq, 'U'};
}

static pct_status schedule(pct_operations *run, uint32_t unit, pct_crew_step step, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    int64_t at_ms = run->now_ms + pct_crew_delay_ms(&u->crew, &run->world, step);
    return pct_kernel_schedule(run->kernel, at_ms, PCT_RUN_STEP + step, unit, &u->timer, error);
}

static pct_status say(pct_operations *run, uint32_t unit, pct_crew_step step, pct_error *error) {
    const pct_command command = pct_crew_command(
        step, run->units[unit].id, pct_run_board_unit(run, unit)->order, run->in.units[unit].position);
    return pct_run_submit_command(run, &command, error);
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

/* Before it is halted: what it was doing on its round is broken off. */
static void leave_tour(pct_operations *run, uint32_t unit) {
    if (run->in.tours) pct_tours_leave(run->in.tours, unit, run->now_ms);
}

pct_status pct_run_halt(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    leave_tour(run, unit);
    (void)pct_kernel_cancel(run->kernel, u->timer);
    return pct_crew_halt(&u->crew, &run->world, run->now_ms, error);
}

pct_status pct_run_begin_order(pct_operations *run, uint32_t unit, uint32_t call, uint32_t travel_ms,
                               pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    pct_run_call *c = &run->calls[call];
    if (u->call == PCT_NO_CALL) u->busy_since_ms = run->now_ms;
    u->call = call;
    c->attempts++;
    if (!c->ordered) {
        c->ordered = true;
        c->first_sent_ms = run->now_ms;
    }
    const pct_crew_job job = {.target = run->call_points[call],
                              .travel_ms = travel_ms,
                              .type = run->in.calls[call].type,
                              .stream = call,
                              .attempt = c->attempts,
                              .priority = run->in.calls[call].priority};
    pct_crew_take_order(&u->crew, &job);
    return schedule(run, unit, PCT_CREW_ACKNOWLEDGE, error);
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
    leave_tour(run, unit);
    u->duty_ms += in_window_ms(run, u->duty_since_ms, run->now_ms);
    return pct_run_submit(run, PCT_COMMAND_SIGN_OFF, unit_id(run, unit), NULL, error);
}

static pct_status home(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_crew_stand(&run->units[unit].crew, run->stations[unit]);
    return say(run, unit, PCT_CREW_HOME, error);
}

static pct_status drive_home(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_crew *crew = &run->units[unit].crew;
    pct_status status = pct_crew_return(crew, &run->world, run->stations[unit], run->now_ms);
    if (status) return PCT_OK; /* no way back: it stays where it is, free */
    return crew->trip.duration_ms == 0 ? home(run, unit, error) : schedule(run, unit, PCT_CREW_HOME, error);
}

/* It is away from its station from now on, or back. */
static pct_status say_where(pct_operations *run, uint32_t unit, bool at_post, pct_error *error) {
    const pct_travel *travel = run->in.travel;
    pct_command command =
        pct_crew_command(PCT_CREW_HOME, run->units[unit].id, (pct_order_id){0}, run->in.units[unit].position);
    command.data.unit_positioned.at_station = at_post;
    if (!at_post)
        command.data.unit_positioned.position =
            travel->position(travel->context, run->units[unit].crew.trip.from);
    return pct_run_submit_command(run, &command, error);
}

/* The next of its round, at once or later. */
static pct_status go_on_tour(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    pct_tour_next next;
    pct_status status = pct_tours_step(run->in.tours, unit, &u->crew.trip, run->now_ms, &next, error);
    if (!status && next.news != PCT_TOUR_NO_NEWS)
        status = say_where(run, unit, next.news == PCT_TOUR_AT_POST, error);
    if (status || next.due_ms == INT64_MAX) return status;
    return pct_kernel_schedule(run->kernel, next.due_ms, PCT_RUN_TOUR, unit, &u->timer, error);
}

/* It has no order: on with its round, or home. */
static pct_status be_idle(pct_operations *run, uint32_t unit, pct_error *error) {
    bool tour = run->in.tours && pct_tours_has(run->in.tours, unit);
    return tour ? go_on_tour(run, unit, error) : drive_home(run, unit, error);
}

static pct_status close_order(pct_operations *run, uint32_t unit, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    pct_status status = close_incident(run, u->call, error);
    if (status) return status;
    u->call = PCT_NO_CALL;
    u->busy_ms += in_window_ms(run, u->busy_since_ms, run->now_ms);
    pct_crew_leave_order(&u->crew, true);
    if (u->off_due) return sign_off(run, unit, error);
    status = pct_run_serve_waiting(run, error);
    return status || !is_free(run, unit) ? status : be_idle(run, unit, error);
}

static pct_status shift_on(pct_operations *run, uint32_t shift, pct_error *error) {
    const pct_sim_shift *s = &run->in.shifts[shift];
    const pct_unit_row *row = &run->in.units[s->unit];
    pct_run_unit *u = &run->units[s->unit];
    u->shift = shift;
    u->off_due = false;
    pct_status status = pct_kernel_schedule(run->kernel, s->off_ms, PCT_RUN_SHIFT_OFF, shift, NULL, error);
    if (status || !is_off_duty(run, s->unit)) return status; /* straight from the last shift into this one */
    const pct_command command = pct_crew_sign_on(row, u->id, s->off_ms);
    pct_crew_stand(&u->crew, run->stations[s->unit]);
    if (run->in.tours) pct_tours_stand(run->in.tours, s->unit);
    u->duty_since_ms = run->now_ms;
    status = pct_run_submit_command(run, &command, error);
    if (!status) status = pct_run_serve_waiting(run, error);
    bool tour = run->in.tours && pct_tours_has(run->in.tours, s->unit);
    return status || !tour || !is_free(run, s->unit) ? status : go_on_tour(run, s->unit, error);
}

static pct_status shift_off(pct_operations *run, uint32_t shift, pct_error *error) {
    uint32_t unit = run->in.shifts[shift].unit;
    if (run->units[unit].shift != shift) return PCT_OK; /* its next shift has begun */
    if (is_free(run, unit)) return sign_off(run, unit, error);
    run->units[unit].off_due = true;
    return PCT_OK;
}

/* A step of an order, and the timer of the next one. */
static pct_status take_step(pct_operations *run, uint32_t unit, pct_crew_step step, pct_error *error) {
    pct_run_unit *u = &run->units[unit];
    if (step == PCT_CREW_HOME) return home(run, unit, error);
    pct_status status = say(run, unit, step, error);
    if (status) return status;
    if (step == PCT_CREW_CLOSE) return close_order(run, unit, error);
    if (step == PCT_CREW_SET_OUT) (void)!pct_crew_depart(&u->crew, &run->world, run->now_ms);
    if (step == PCT_CREW_ARRIVE && !run->calls[u->call].served) status = count_response(run, u->call, error);
    return status ? status : schedule(run, unit, step + 1, error);
}

pct_status pct_run_unit_event(pct_operations *run, const pct_kernel_event *event, pct_error *error) {
    switch (event->kind) {
    case PCT_RUN_SHIFT_ON: return shift_on(run, event->object, error);
    case PCT_RUN_SHIFT_OFF: return shift_off(run, event->object, error);
    case PCT_RUN_TOUR: return go_on_tour(run, event->object, error);
    default: return take_step(run, event->object, (pct_crew_step)(event->kind - PCT_RUN_STEP), error);
    }
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
