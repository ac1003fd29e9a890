/* What the desk does: takes the call, asks the policy, sends or diverts, and keeps the waiting list moving. */
#include "sim/operations_run.h"

static pct_id incident_id(int64_t seq) {
    return (pct_id){seq, 'I'};
}

/* Which call an incident came from, by binary search. */
static uint32_t call_of_incident(const pct_operations *run, int64_t seq) {
    size_t low = 0, high = run->incident_count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (run->incidents[middle].seq <= seq)
            low = middle;
        else
            high = middle;
    }
    return run->incidents[low].call;
}

/* The policy asks only for the times of suitable units; none asked means that none suits. */
static void counted_times_to(void *context, pct_road_point target, const pct_road_point *sources,
                             size_t count, uint32_t *times_ms) {
    pct_operations *run = context;
    run->candidates_asked += count;
    run->in.travel->times_to(run->in.travel->context, target, sources, count, times_ms);
}

/* Positions of the units that may be candidates; those of the others are left as they were. */
static pct_status update_points(pct_operations *run, bool divert, pct_error *error) {
    for (uint32_t u = 0; u < run->in.unit_count; u++) {
        pct_unit_status unit_status = (pct_unit_status)pct_run_board_unit(run, u)->status;
        bool asked = unit_status == PCT_UNIT_AT_STATION || unit_status == PCT_UNIT_AVAILABLE ||
                     (divert && (unit_status == PCT_UNIT_DISPATCHED || unit_status == PCT_UNIT_EN_ROUTE));
        if (!asked) continue;
        pct_status status = pct_trip_point(&run->units[u].crew.trip, run->in.travel, run->now_ms,
                                           &run->unit_points[u], error);
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status recommend(pct_operations *run, uint32_t call, pct_error *error) {
    int priority = run->in.calls[call].priority;
    bool divert = priority <= run->in.settings.divert_up_to;
    pct_status status = update_points(run, divert, error);
    if (status) return status;
    pct_recommend_settings settings = run->in.settings.recommend;
    settings.divert = divert;
    const pct_recommend_request request = {
        .board = run->board,
        .incident = {run->calls[call].incident},
        .target = run->call_points[call],
        .unit_points = run->unit_points,
        .travel = {run, counted_times_to},
        .wanted_count = 1,
        .settings = settings,
        .cover = run->in.cover,
    };
    run->candidates_asked = 0;
    return pct_recommend(run->in.policy, &request, run->recommendation, error);
}

static pct_status send_order(pct_operations *run, uint32_t call, const pct_candidate *chosen,
                             pct_error *error) {
    pct_event_data data = {.order_sent = {.incident = {run->calls[call].incident},
                                          .unit = chosen->unit,
                                          .policy = pct_text_of(run->in.policy->name),
                                          .expected_travel_ms = chosen->travel_ms,
                                          .has_expected_travel_ms = true}};
    return pct_run_submit(run, PCT_COMMAND_SEND_ORDER, (pct_id){0, 'O'}, &data, error);
}

static pct_status divert(pct_operations *run, uint32_t call, const pct_candidate *chosen, pct_error *error) {
    pct_event_data data = {
        .order_diverted = {.to = {run->calls[call].incident}, .reason = PCT_DIVERT_REASON_MORE_URGENT}};
    run->report.diverted++;
    return pct_run_submit(run, PCT_COMMAND_DIVERT, (pct_id){chosen->divert.seq, 'O'}, &data, error);
}

/* Sends the best unit to the call's incident, if there is one. */
static pct_status try_send(pct_operations *run, uint32_t call, bool *sent, bool *diverted, pct_error *error) {
    *sent = *diverted = false;
    pct_status status = recommend(run, call, error);
    if (status || run->recommendation->ranked_count == 0) return status;
    const pct_candidate chosen = run->recommendation->ranked[0];
    *sent = true;
    *diverted = chosen.divert.seq != 0;
    status = pct_run_halt(run, chosen.unit_index, error);
    if (!status) status = (*diverted ? divert : send_order)(run, call, &chosen, error);
    return status ? status : pct_run_begin_order(run, chosen.unit_index, call, chosen.travel_ms, error);
}

static uint32_t free_units(const pct_operations *run) {
    const pct_board_counts *counts = pct_board_counts_view(run->board);
    return counts->units[PCT_UNIT_AT_STATION] + counts->units[PCT_UNIT_AVAILABLE];
}

pct_status pct_run_serve_waiting(pct_operations *run, pct_error *error) {
    run->walk++;
    const pct_incident *incident = pct_board_first_waiting(run->board);
    while (incident && free_units(run) > 0) {
        const pct_incident *next = pct_board_next_waiting(run->board, incident);
        pct_incident_id next_id = next ? next->id : (pct_incident_id){0};
        uint32_t type = incident->type;
        bool sent = false, diverted = false;
        if (run->type_failed[type] != run->walk) {
            uint32_t call = call_of_incident(run, incident->id.seq);
            pct_status status = try_send(run, call, &sent, &diverted, error);
            if (status) return status;
            /* Whom no unit suits now, it suits no later in this walk either: free units only become fewer. */
            if (!sent && run->candidates_asked == 0) run->type_failed[type] = run->walk;
        }
        /* A diversion put another incident back into the list. */
        incident = diverted ? pct_board_first_waiting(run->board) : pct_board_incident(run->board, next_id);
    }
    return PCT_OK;
}

static pct_status receive(pct_operations *run, uint32_t call, pct_error *error) {
    const pct_sim_call *c = &run->in.calls[call];
    pct_text type = pct_codes_type_at(run->in.codes, c->type)->code.code;
    pct_event_data received = {.call_received = {.channel = PCT_CHANNEL_PHONE,
                                                 .type = type,
                                                 .priority = c->priority,
                                                 .position = c->position,
                                                 .has_position = true}};
    pct_status status = pct_run_submit(run, PCT_COMMAND_RECEIVE_CALL, (pct_id){0, 'C'}, &received, error);
    if (status) return status;
    pct_event_data opened = {.incident_opened = {.call = {pct_board_seq(run->board)},
                                                 .type = type,
                                                 .priority = c->priority,
                                                 .gravity = PCT_GRAVITY_ORDINARY,
                                                 .position = c->position,
                                                 .has_position = true}};
    status = pct_run_submit(run, PCT_COMMAND_OPEN_INCIDENT, incident_id(0), &opened, error);
    if (status) return status;
    int64_t incident = pct_board_seq(run->board);
    run->calls[call].incident = incident;
    run->incidents[run->incident_count++] = (pct_run_incident){incident, call};
    return PCT_OK;
}

static pct_status refer(pct_operations *run, uint32_t call, pct_error *error) {
    pct_event_data data = {.incident_referred = {.to = PCT_REFERRAL_TARGET_OTHER_AGENCY,
                                                 .reason = PCT_REFERRAL_REASON_SPECIALIST}};
    int64_t incident = run->calls[call].incident;
    pct_status status = pct_run_submit(run, PCT_COMMAND_REFER_INCIDENT, incident_id(incident), &data, error);
    if (status) return status;
    run->calls[call].referred = true;
    run->report.referred++;
    return run->in.settings.keep_closed ? PCT_OK
                                        : pct_board_forget(run->board, (pct_incident_id){incident}, error);
}

static pct_status schedule_next_call(pct_operations *run, uint32_t call, pct_error *error) {
    if ((size_t)call + 1 >= run->in.call_count) return PCT_OK;
    return pct_kernel_schedule(run->kernel, run->in.calls[call + 1].at_ms, PCT_RUN_CALL, call + 1, NULL,
                               error);
}

pct_status pct_run_call_arrives(pct_operations *run, uint32_t call, pct_error *error) {
    pct_status status = schedule_next_call(run, call, error);
    if (status || run->call_points[call].segment == PCT_NO_INDEX) return status;
    status = receive(run, call, error);
    if (status) return status;
    if (!run->type_has_unit[run->in.calls[call].type]) return refer(run, call, error);
    bool sent, diverted;
    status = try_send(run, call, &sent, &diverted, error);
    return status || !diverted ? status : pct_run_serve_waiting(run, error);
}
