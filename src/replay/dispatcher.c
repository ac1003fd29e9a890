/* The automatic dispatcher: takes the calls, opens their incidents, sends the first unit that the policy recommends, and
 * closes what is handled. It leaves alone what a person has acted on, and everything while it is switched off; calls
 * come in all the same. */
#include "replay/state.h"

enum { ASKED_IN_A_STEP = 64 };

static const pct_sim_call *call_at(const pct_replay *r, uint32_t call) {
    return &r->options.plan->scenario.calls[call];
}

static pct_text type_code(const pct_replay *r, uint32_t type) {
    return pct_codes_type_at(r->options.codes, type)->code.code;
}

/* --- calls --------------------------------------------------------------------------------------------------- */

static pct_status receive(pct_replay *r, uint32_t call, int64_t due_ms, pct_error *error) {
    const pct_replay_plan *plan = r->options.plan;
    const pct_call_record *record =
        (const pct_call_record *)plan->list.records.items + plan->scenario.records[call];
    const pct_sim_call *c = call_at(r, call);
    pct_command command = {.kind = PCT_COMMAND_RECEIVE_CALL, .object = {0, 'C'}};
    command.data.call_received = (pct_event_call_received){.channel = PCT_CHANNEL_PHONE,
                                                           .type = type_code(r, c->type),
                                                           .priority = c->priority,
                                                           .position = c->position,
                                                           .has_position = true,
                                                           .address = record->address};
    if (r->options.name_area)
        command.data.call_received.area = r->options.name_area(r->options.road_context, c->position);
    const pct_said about = {.kind = PCT_SAID_CALL, .index = call, .due_ms = due_ms};
    return pct_replay_say(r, &about, PCT_LANE_CALLS, &command, error);
}

pct_status pct_dispatcher_call(pct_replay *r, const pct_kernel_event *event, pct_error *error) {
    uint32_t call = event->object;
    pct_status status = PCT_OK;
    bool again = event->at_ms != call_at(r, call)->at_ms; /* the desk had no room the first time */
    if (!again && (size_t)call + 1 < r->options.plan->scenario.call_count)
        status = pct_replay_set_timer(r, call_at(r, call + 1)->at_ms, PCT_TIMER_CALL, call + 1, NULL, error);
    return status ? status : receive(r, call, call_at(r, call)->at_ms, error);
}

static pct_status open_incident(pct_replay *r, uint32_t call, pct_error *error) {
    const pct_sim_call *c = call_at(r, call);
    const pct_snapshot *snapshot = pct_desk_snapshot(r->options.desk);
    const pct_desk_call *d = pct_snapshot_call(snapshot, (pct_call_id){r->call_seq[call]});
    bool wanted = d && d->call.status == PCT_CALL_RECEIVED;
    pct_snapshot_release(snapshot);
    if (!wanted) return PCT_OK; /* a person did it */
    pct_command command = {.kind = PCT_COMMAND_OPEN_INCIDENT, .object = {0, 'I'}};
    command.data.incident_opened = (pct_event_incident_opened){.call = {r->call_seq[call]},
                                                               .type = type_code(r, c->type),
                                                               .priority = c->priority,
                                                               .gravity = PCT_GRAVITY_ORDINARY,
                                                               .position = c->position,
                                                               .has_position = true};
    pct_event_incident_opened *opened = &command.data.incident_opened;
    if (r->options.name_road)
        opened->has_road = r->options.name_road(r->options.road_context, c->position, &opened->road);
    const pct_said about = {.kind = PCT_SAID_OPEN, .index = call, .due_ms = c->at_ms};
    return pct_replay_say(r, &about, PCT_LANE_CALLS, &command, error);
}

static pct_status open_calls(pct_replay *r, pct_error *error) {
    const uint32_t *calls = r->to_open.items;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < r->to_open.length && !status; i++) status = open_incident(r, calls[i], error);
    r->to_open.length = 0;
    return status;
}

/* --- ending -------------------------------------------------------------------------------------------------- */

static pct_status say_end(pct_replay *r, pct_followed *f, const pct_command *command, pct_error *error) {
    const pct_said about = {
        .kind = PCT_SAID_END, .incident = f->id, .due_ms = pct_replay_clock_now_ms(r->options.clock)};
    f->busy = true;
    return pct_replay_say(r, &about, PCT_LANE_DISPATCH, command, error);
}

static pct_status close_incident(pct_replay *r, pct_followed *f, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_CLOSE_INCIDENT, .object = {f->id.seq, 'I'}};
    command.data.incident_closed = (pct_event_incident_closed){.result = PCT_INCIDENT_RESULT_HANDLED};
    return say_end(r, f, &command, error);
}

static pct_status refer(pct_replay *r, pct_followed *f, pct_referral_reason reason, pct_error *error) {
    pct_command command = {.kind = PCT_COMMAND_REFER_INCIDENT, .object = {f->id.seq, 'I'}};
    command.data.incident_referred =
        (pct_event_incident_referred){.to = PCT_REFERRAL_TARGET_OTHER_AGENCY, .reason = reason};
    return say_end(r, f, &command, error);
}

static bool knows_type(const pct_replay *r, uint32_t type) {
    return type < pct_codes_type_count(r->options.codes);
}

/* What is handled is closed; what no unit of the file could ever handle, or reach, is another service's. */
static pct_status end_incidents(pct_replay *r, const pct_snapshot *snapshot, pct_error *error) {
    pct_followed *followed = r->followed.items;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < r->followed.length && !status; i++) {
        pct_followed *f = &followed[i];
        const pct_desk_incident *d = pct_snapshot_incident(snapshot, f->id);
        if (!d || f->persons || f->busy) continue;
        const pct_incident *incident = &d->incident;
        bool waits = incident->status == PCT_INCIDENT_WAITING;
        if (incident->status == PCT_INCIDENT_HANDLED)
            status = close_incident(r, f, error);
        else if (waits && f->point.segment == PCT_NO_INDEX)
            status = refer(r, f, PCT_REFERRAL_REASON_OTHER_AREA, error);
        else if (waits && knows_type(r, incident->type) && !r->type_has_unit[incident->type])
            status = refer(r, f, PCT_REFERRAL_REASON_SPECIALIST, error);
    }
    return status;
}

/* --- sending ------------------------------------------------------------------------------------------------- */

/* The policy asks only for the times of suitable units; none asked means that none suits. */
static void counted_times_to(void *context, pct_road_point target, const pct_road_point *sources,
                             size_t count, uint32_t *times_ms) {
    pct_replay *r = context;
    r->asked += count;
    r->options.travel->times_to(r->options.travel->context, target, sources, count, times_ms);
}

/* One that may be sent free, or off an incident that no person has a hand in. */
static bool may_be_sent(pct_replay *r, const pct_driven *u) {
    if (u->by_hand || u->claimed || u->off_due) return false;
    if (u->order.seq == 0)
        return u->unit_status == PCT_UNIT_AT_STATION || u->unit_status == PCT_UNIT_AVAILABLE;
    const pct_snapshot *snapshot = pct_desk_snapshot(r->options.desk);
    const pct_desk_order *d = pct_snapshot_order(snapshot, u->order);
    const pct_followed *f = d ? pct_replay_followed(r, d->order.incident.seq) : NULL;
    pct_snapshot_release(snapshot);
    return f && !f->persons && u->order_status <= PCT_ORDER_SET_OUT;
}

/* Where the units stand; those that are not ours to send stand nowhere. *free: how many need not be diverted. */
static pct_status find_units(pct_replay *r, const pct_snapshot *snapshot, int64_t now_ms, uint32_t *free,
                             pct_error *error) {
    pct_status status = PCT_OK;
    *free = 0;
    for (size_t i = 0; i < r->points_count; i++) r->points[i].segment = PCT_NO_INDEX;
    for (uint32_t i = 0; i < r->unit_count && !status; i++) {
        pct_driven *u = &r->units[i];
        const pct_desk_unit *d = pct_snapshot_unit(snapshot, u->id);
        if (!d || d->unit.index >= r->points_count || !may_be_sent(r, u)) continue;
        status = pct_trip_point(&u->crew.trip, r->options.travel, now_ms, &r->points[d->unit.index], error);
        *free += u->order.seq == 0;
    }
    return status;
}

typedef struct question {
    pct_replay *r;
    int64_t now_ms;
    bool any_free;
    pct_followed *asked; /* NULL: nobody is left who waits */
    uint32_t type;
    pct_status status;
    pct_error *error;
} question;

/* The next that waits and is ours; with nobody free only those who may take a unit off another. */
static const pct_incident *next_waiting(question *q, const pct_board *board) {
    pct_replay *r = q->r;
    const int divert_up_to = pct_operations_settings_default().divert_up_to;
    for (const pct_incident *i = pct_board_first_waiting(board); i; i = pct_board_next_waiting(board, i)) {
        pct_followed *f = pct_replay_followed(r, i->id.seq);
        if (!q->any_free && i->priority > divert_up_to) return NULL;
        if (!f || f->persons || f->busy || f->walk == r->walk || f->point.segment == PCT_NO_INDEX) continue;
        f->walk = r->walk;
        if (!knows_type(r, i->type) || r->type_failed[i->type] == r->walk) continue;
        q->asked = f;
        q->type = i->type;
        return i;
    }
    return NULL;
}

/* On the live board, while the writer waits. */
static void ask(void *context, const pct_board *board) {
    question *q = context;
    pct_replay *r = q->r;
    const pct_incident *incident = next_waiting(q, board);
    const pct_operations_settings settings = pct_operations_settings_default();
    if (!incident || pct_board_unit_count(board) > r->points_count) return;
    pct_recommend_request request = {.board = board,
                                     .incident = incident->id,
                                     .target = q->asked->point,
                                     .unit_points = r->points,
                                     .travel = {r, counted_times_to},
                                     .wanted_count = 1,
                                     .settings = settings.recommend};
    request.settings.divert = incident->priority <= settings.divert_up_to;
    r->asked = 0;
    q->status = pct_recommend(r->options.policy, &request, r->recommendation, q->error);
    if (r->asked == 0) r->type_failed[q->type] = r->walk;
}

static pct_status send(pct_replay *r, pct_followed *f, const pct_candidate *chosen, int64_t now_ms,
                       pct_error *error) {
    uint32_t unit = pct_replay_unit_of(r, chosen->unit.seq);
    if (PCT_NEVER(unit == PCT_MAP_ABSENT)) return PCT_INTERNAL;
    pct_driven *u = &r->units[unit];
    pct_command command = {.kind = PCT_COMMAND_SEND_ORDER, .object = {0, 'O'}};
    if (chosen->divert.seq != 0) {
        command = (pct_command){.kind = PCT_COMMAND_DIVERT, .object = {chosen->divert.seq, 'O'}};
        command.data.order_diverted =
            (pct_event_order_diverted){.to = f->id, .reason = PCT_DIVERT_REASON_MORE_URGENT};
    } else {
        command.data.order_sent = (pct_event_order_sent){.incident = f->id,
                                                         .unit = chosen->unit,
                                                         .policy = pct_text_of(r->options.policy->name),
                                                         .expected_travel_ms = chosen->travel_ms,
                                                         .has_expected_travel_ms = true};
    }
    const pct_said about = {.kind = PCT_SAID_SEND, .index = unit, .incident = f->id, .due_ms = now_ms};
    f->busy = u->claimed = true;
    u->promised = f->id;
    u->promised_ms = chosen->travel_ms;
    r->points[chosen->unit_index].segment = PCT_NO_INDEX;
    return pct_replay_say(r, &about, PCT_LANE_DISPATCH, &command, error);
}

static pct_status send_units(pct_replay *r, const pct_snapshot *snapshot, pct_error *error) {
    uint32_t free;
    const int64_t now_ms = pct_replay_clock_now_ms(r->options.clock);
    if (pct_snapshot_counts(snapshot)->incidents[PCT_INCIDENT_WAITING] == 0) return PCT_OK;
    pct_status status = find_units(r, snapshot, now_ms, &free, error);
    r->walk++;
    for (int n = 0; n < ASKED_IN_A_STEP && !status; n++) {
        question q = {.r = r, .now_ms = now_ms, .any_free = free > 0, .error = error};
        r->recommendation->ranked_count = 0;
        pct_desk_look(r->options.desk, ask, &q);
        status = q.status == PCT_NOT_FOUND ? PCT_OK : q.status;
        if (!q.asked) return status;
        if (status || r->recommendation->ranked_count == 0) continue;
        const pct_candidate chosen = r->recommendation->ranked[0];
        free -= chosen.divert.seq == 0 && free > 0;
        status = send(r, q.asked, &chosen, now_ms, error);
    }
    r->look = true; /* there may be more */
    return status;
}

pct_status pct_dispatcher_work(pct_replay *r, pct_error *error) {
    if (!pct_replay_is_automatic(r)) return PCT_OK;
    pct_status status = open_calls(r, error);
    if (status || !r->look) return status;
    r->look = false;
    const pct_snapshot *snapshot = pct_desk_snapshot(r->options.desk);
    status = end_incidents(r, snapshot, error);
    if (!status) status = send_units(r, snapshot, error);
    pct_snapshot_release(snapshot);
    return status;
}
