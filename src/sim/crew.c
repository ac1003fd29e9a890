#include "sim/crew.h"

enum { STREAM_SERVICE = 1, ATTEMPT_MASK = 0xFFFF };

pct_crew pct_crew_init(pct_road_point at) {
    return (pct_crew){.trip = pct_trip_init(at)};
}

void pct_crew_dispose(pct_crew *crew) {
    pct_trip_dispose(&crew->trip);
}

void pct_crew_stand(pct_crew *crew, pct_road_point at) {
    pct_trip_stand(&crew->trip, at);
    crew->busy = crew->rolling = false;
}

pct_status pct_crew_halt(pct_crew *crew, const pct_crew_world *world, int64_t now_ms, pct_error *error) {
    pct_road_point here;
    pct_status status = pct_trip_point(&crew->trip, world->travel, now_ms, &here, error);
    if (status) return status;
    crew->rolling = pct_trip_is_moving(&crew->trip, now_ms) || (crew->rolling && crew->busy);
    pct_trip_stand(&crew->trip, here);
    return PCT_OK;
}

void pct_crew_take_order(pct_crew *crew, const pct_crew_job *job) {
    crew->busy = true;
    crew->job = *job;
}

/* What belongs to the order rather than to the call differs by attempt. */
static int64_t draw_ms(const pct_crew *crew, const pct_crew_world *world, pct_service_phase phase) {
    const pct_crew_job *job = &crew->job;
    bool of_order = phase == PCT_SERVICE_ACKNOWLEDGE || phase == PCT_SERVICE_TURNOUT;
    uint64_t attempt = of_order ? job->attempt & ATTEMPT_MASK : 0;
    uint64_t stream = attempt << 48 | (uint64_t)job->stream << 16 | (uint64_t)phase << 8 | STREAM_SERVICE;
    pct_rng rng = pct_rng_init(world->seed, stream);
    return pct_service_time_draw_ms(pct_service_times_get(world->times, job->type, job->priority, phase),
                                    &rng);
}

int64_t pct_crew_delay_ms(const pct_crew *crew, const pct_crew_world *world, pct_crew_step step) {
    switch (step) {
    case PCT_CREW_ACKNOWLEDGE: return draw_ms(crew, world, PCT_SERVICE_ACKNOWLEDGE);
    case PCT_CREW_SET_OUT: return crew->rolling ? 0 : draw_ms(crew, world, PCT_SERVICE_TURNOUT);
    case PCT_CREW_REPORT: return draw_ms(crew, world, PCT_SERVICE_ON_SCENE);
    case PCT_CREW_CLOSE: return draw_ms(crew, world, PCT_SERVICE_REPORT);
    case PCT_CREW_ARRIVE:
    case PCT_CREW_HOME:
    case PCT_CREW_STEP_COUNT: break;
    }
    return crew->trip.duration_ms;
}

pct_status pct_crew_depart(pct_crew *crew, const pct_crew_world *world, int64_t now_ms) {
    if (crew->job.target.segment == PCT_NO_INDEX) return PCT_UNREACHABLE;
    if (crew->job.travel_ms == PCT_UNREACHABLE_MS)
        return pct_trip_begin(&crew->trip, world->travel, crew->trip.to, crew->job.target, now_ms);
    pct_trip_begin_timed(&crew->trip, crew->trip.to, crew->job.target, now_ms, crew->job.travel_ms);
    return PCT_OK;
}

void pct_crew_leave_order(pct_crew *crew, bool on_scene) {
    bool known = crew->busy && crew->job.target.segment != PCT_NO_INDEX;
    if (on_scene && known) pct_trip_stand(&crew->trip, crew->job.target);
    crew->busy = crew->rolling = false;
}

pct_status pct_crew_return(pct_crew *crew, const pct_crew_world *world, pct_road_point station,
                           int64_t now_ms) {
    return pct_trip_begin(&crew->trip, world->travel, crew->trip.to, station, now_ms);
}

pct_command pct_crew_command(pct_crew_step step, pct_unit_id unit, pct_order_id order, pct_position station) {
    static const pct_command_kind kinds[PCT_CREW_STEP_COUNT] = {
        [PCT_CREW_ACKNOWLEDGE] = PCT_COMMAND_ACKNOWLEDGE, [PCT_CREW_SET_OUT] = PCT_COMMAND_SET_OUT,
        [PCT_CREW_ARRIVE] = PCT_COMMAND_ARRIVE,           [PCT_CREW_REPORT] = PCT_COMMAND_REPORT,
        [PCT_CREW_CLOSE] = PCT_COMMAND_CLOSE_ORDER,       [PCT_CREW_HOME] = PCT_COMMAND_POSITION_UNIT};
    pct_command command = {.kind = kinds[step], .object = {order.seq, 'O'}};
    if (step == PCT_CREW_REPORT)
        command.data.order_reported = (pct_event_order_reported){.result = PCT_REPORT_RESULT_HANDLED};
    if (step == PCT_CREW_HOME) {
        command.object = (pct_id){unit.seq, 'U'};
        command.data.unit_positioned = (pct_event_unit_positioned){.position = station, .at_station = true};
    }
    return command;
}

pct_command pct_crew_sign_on(const pct_unit_row *row, pct_unit_id unit, int64_t shift_end_ms) {
    return (pct_command){.kind = PCT_COMMAND_SIGN_ON,
                         .object = {unit.seq, 'U'},
                         .data = {.unit_signed_on = {.officers = row->officers,
                                                     .auxiliaries = row->auxiliaries,
                                                     .shift_end_at = shift_end_ms,
                                                     .has_shift_end_at = true,
                                                     .position = row->position,
                                                     .has_position = true}}};
}

pct_status pct_crew_enrol(const pct_unit_row *row, const pct_codes *codes, pct_command *out,
                          pct_error *error) {
    *out = (pct_command){.kind = PCT_COMMAND_ENROL_UNIT, .object = {0, 'U'}};
    pct_event_unit_enrolled *enrolled = &out->data.unit_enrolled;
    const uint32_t most = (uint32_t)(sizeof enrolled->capabilities / sizeof *enrolled->capabilities);
    enrolled->name = row->name;
    enrolled->station = row->station;
    enrolled->kind = pct_codes_unit_kind_at(codes, row->kind)->code;
    for (uint32_t c = 0; c < pct_codes_capability_count(codes); c++) {
        if (!(row->capabilities >> c & 1)) continue;
        if (enrolled->capabilities_count == most)
            return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_CAPABILITIES),
                            pct_int(most));
        enrolled->capabilities[enrolled->capabilities_count++] = pct_codes_capability_at(codes, c)->code;
    }
    return PCT_OK;
}

bool pct_crew_suits(const pct_unit_row *row, const pct_incident_type *type) {
    return (type->required & ~row->capabilities) == 0 && row->officers >= 1 &&
           row->officers >= type->min_officers && row->officers + row->auxiliaries >= type->min_strength;
}
