/* Commands → events, or a refusal that says why. Each kind of command has one check; what it asks for is then the event
 * of the same data. Reads the board and nothing else. O(1) expected. */
#include <string.h>

#include "base/text.h"
#include "dispatch/board_state.h"

typedef struct request {
    const pct_board *board;
    int64_t object; /* seq of what the command is about */
    int64_t now_ms;
    pct_text purpose;
    pct_event_data *data; /* of the event to be; checks put codes in their own spelling */
    pct_error *error;
} request;

#define REFUSE(r, message, ...) PCT_FAIL((r)->error, PCT_REFUSED, message, __VA_ARGS__)

/* --- what must be there ---------------------------------------------------------------------------------------- */

static pct_status need_call(const request *r, int64_t seq, const pct_call **out) {
    *out = pct_board_find_call(r->board, seq);
    return *out ? PCT_OK : PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_CALL, pct_int(seq));
}

static pct_status need_incident(const request *r, int64_t seq, const pct_incident **out) {
    *out = pct_board_find_incident(r->board, seq);
    return *out ? PCT_OK : PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_INCIDENT, pct_int(seq));
}

static pct_status need_order(const request *r, int64_t seq, const pct_order **out) {
    *out = pct_board_find_order(r->board, seq);
    return *out ? PCT_OK : PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_ORDER, pct_int(seq));
}

static pct_status need_unit(const request *r, int64_t seq, const pct_unit **out) {
    *out = pct_board_find_unit(r->board, seq);
    return *out ? PCT_OK : PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_UNIT, pct_int(seq));
}

/* A known type, put in the tables' own spelling; an empty text is left to the event's own rules. */
static pct_status need_type(const request *r, pct_text *type) {
    if (type->length == 0) return PCT_OK;
    uint32_t number = pct_codes_type(r->board->codes, *type);
    if (number == PCT_NO_CODE)
        return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_BOARD_TYPE_UNKNOWN, pct_view(*type));
    *type = pct_codes_type_at(r->board->codes, number)->code.code;
    return PCT_OK;
}

static pct_status call_may(const request *r, const pct_call *call, pct_call_status to) {
    if (call->incident.seq)
        return REFUSE(r, PCT_MSG_BOARD_CALL_LINKED, pct_int(call->id.seq), pct_int(call->incident.seq));
    if (call->status != to && pct_call_status_may(call->status, to)) return PCT_OK;
    return REFUSE(r, PCT_MSG_BOARD_CALL_STATUS, pct_int(call->id.seq),
                  pct_str(pct_call_status_code(call->status)), pct_str(pct_call_status_code(to)));
}

static pct_status incident_may(const request *r, const pct_incident *incident, pct_incident_status to) {
    if (pct_incident_status_may(incident->status, to)) return PCT_OK;
    return REFUSE(r, PCT_MSG_BOARD_INCIDENT_STATUS, pct_int(incident->id.seq),
                  pct_str(pct_incident_status_code(incident->status)), pct_str(pct_incident_status_code(to)));
}

static pct_status incident_live(const request *r, const pct_incident *incident) {
    if (incident->status != PCT_INCIDENT_CLOSED && incident->status != PCT_INCIDENT_REFERRED) return PCT_OK;
    return REFUSE(r, PCT_MSG_BOARD_INCIDENT_ENDED, pct_int(incident->id.seq),
                  pct_str(pct_incident_status_code(incident->status)));
}

static pct_status unit_may(const request *r, const pct_unit *unit, pct_unit_status to) {
    if (unit->order.seq) {
        const pct_order *order = pct_board_find_order(r->board, unit->order.seq);
        return REFUSE(r, PCT_MSG_BOARD_UNIT_BUSY, pct_view(unit->name), pct_int(unit->order.seq),
                      pct_int(PCT_NEVER(!order) ? 0 : order->incident.seq));
    }
    if (unit->status == PCT_UNIT_OFF_DUTY && to != PCT_UNIT_AT_STATION)
        return REFUSE(r, PCT_MSG_BOARD_UNIT_OFF_DUTY, pct_view(unit->name));
    if (unit->status == PCT_UNIT_UNAVAILABLE && to == PCT_UNIT_DISPATCHED)
        return REFUSE(r, PCT_MSG_BOARD_UNIT_UNAVAILABLE, pct_view(unit->name),
                      pct_str(pct_unavailable_reason_names[unit->unavailable_reason]));
    if (unit->status != to && pct_unit_status_may(unit->status, to)) return PCT_OK;
    return REFUSE(r, PCT_MSG_BOARD_UNIT_STATUS, pct_view(unit->name),
                  pct_str(pct_unit_status_code(unit->status)), pct_str(pct_unit_status_code(to)));
}

/* May the order take the status, and its incident and unit the ones that follow from it? */
static pct_status order_may(const request *r, const pct_order *order, pct_order_status to) {
    const pct_incident *incident = pct_board_find_incident(r->board, order->incident.seq);
    const pct_unit *unit = pct_board_find_unit(r->board, order->unit.seq);
    if (order->status == to || !pct_order_status_may(order->status, to))
        return REFUSE(r, PCT_MSG_BOARD_ORDER_STATUS, pct_int(order->id.seq),
                      pct_str(pct_order_status_code(order->status)), pct_str(pct_order_status_code(to)));
    if (PCT_NEVER(!incident || !unit)) return PCT_INTERNAL;
    pct_order_step step = pct_order_step_of(incident, order->status, to);
    pct_status status = incident_may(r, incident, step.incident);
    if (status) return status;
    if (pct_unit_status_may(unit->status, step.unit)) return PCT_OK;
    return REFUSE(r, PCT_MSG_BOARD_UNIT_STATUS, pct_view(unit->name),
                  pct_str(pct_unit_status_code(unit->status)), pct_str(pct_unit_status_code(step.unit)));
}

/* --- calls and incidents --------------------------------------------------------------------------------------- */

static pct_status receive_call(const request *r) {
    return need_type(r, &r->data->call_received.type);
}

static pct_status link_call(const request *r) {
    const pct_call *call;
    const pct_incident *incident;
    pct_status status = need_call(r, r->object, &call);
    if (!status) status = need_incident(r, r->data->call_linked.incident.seq, &incident);
    if (!status) status = call_may(r, call, PCT_CALL_LINKED);
    return status ? status : incident_live(r, incident);
}

static pct_status settle_call(const request *r) {
    const pct_call *call;
    pct_status status = need_call(r, r->object, &call);
    return status ? status : call_may(r, call, PCT_CALL_SETTLED);
}

/* Nobody looks without saying why. The object may have left the board: whoever asks makes sure that the record has it. */
/* The three types have the same two fields. */
static pct_status look(const request *r) {
    const pct_event_call_looked *data = &r->data->call_looked;
    if (pct_text_trim(r->purpose).length == 0)
        return pct_error_set(r->error, PCT_INPUT, PCT_MSG_BOARD_NO_PURPOSE, NULL, 0);
    return data->for_incident.seq || data->for_call.seq
               ? PCT_OK
               : pct_error_set(r->error, PCT_INPUT, PCT_MSG_BOARD_NO_CASE, NULL, 0);
}

static pct_status open_incident(const request *r) {
    pct_event_incident_opened *opened = &r->data->incident_opened;
    const pct_call *call;
    pct_status status = need_type(r, &opened->type);
    if (!opened->gravity) opened->gravity = PCT_GRAVITY_ORDINARY;
    if (status || !opened->call.seq) return status;
    status = need_call(r, opened->call.seq, &call);
    return status ? status : call_may(r, call, PCT_CALL_LINKED);
}

static pct_status classify_incident(const request *r) {
    pct_event_incident_classified *change = &r->data->incident_classified;
    const pct_incident *incident;
    pct_status status = need_incident(r, r->object, &incident);
    if (!status) status = incident_live(r, incident);
    if (!status) status = need_type(r, &change->type);
    if (!status) status = need_type(r, &change->found_type);
    if (status) return status;
    if (change->type.length == 0 && change->found_type.length == 0 && !change->has_priority &&
        !change->gravity)
        return REFUSE(r, PCT_MSG_BOARD_NOTHING_CHANGES, pct_int(r->object));
    return PCT_OK;
}

static pct_status end_incident(const request *r, pct_incident_status to) {
    const pct_incident *incident;
    pct_status status = need_incident(r, r->object, &incident);
    if (!status) status = incident_live(r, incident);
    if (status) return status;
    if (incident->open_orders > 0)
        return REFUSE(r, PCT_MSG_BOARD_OPEN_ORDERS, pct_int(r->object), pct_int(incident->open_orders));
    return incident_may(r, incident, to);
}

static pct_status refer_incident(const request *r) {
    return end_incident(r, PCT_INCIDENT_REFERRED);
}

static pct_status close_incident(const request *r) {
    return end_incident(r, PCT_INCIDENT_CLOSED);
}

/* --- orders ---------------------------------------------------------------------------------------------------- */

/* May another unit be sent to the incident? */
static pct_status incident_takes_order(const request *r, const pct_incident *incident) {
    pct_status status = incident_live(r, incident);
    if (status) return status;
    pct_order_step step = pct_order_step_of(incident, PCT_ORDER_STATUS_COUNT, PCT_ORDER_SENT);
    return incident_may(r, incident, step.incident);
}

static pct_status send_order(const request *r) {
    const pct_unit *unit;
    const pct_incident *incident;
    pct_status status = need_unit(r, r->data->order_sent.unit.seq, &unit);
    if (!status) status = need_incident(r, r->data->order_sent.incident.seq, &incident);
    if (!status) status = incident_takes_order(r, incident);
    if (!status) status = unit_may(r, unit, PCT_UNIT_DISPATCHED);
    if (status) return status;
    if (unit->officers == 0) return REFUSE(r, PCT_MSG_BOARD_NO_OFFICER, pct_view(unit->name));
    if (r->data->order_sent.replaces.seq && !pct_board_find_order(r->board, r->data->order_sent.replaces.seq))
        return PCT_FAIL(r->error, PCT_NOT_FOUND, PCT_MSG_BOARD_NO_ORDER,
                        pct_int(r->data->order_sent.replaces.seq));
    return PCT_OK;
}

static pct_status divert(const request *r) {
    const pct_order *order;
    const pct_incident *incident;
    pct_status status = need_order(r, r->object, &order);
    if (!status) status = need_incident(r, r->data->order_diverted.to.seq, &incident);
    if (!status) status = order_may(r, order, PCT_ORDER_DIVERTED);
    if (!status) status = incident_takes_order(r, incident);
    if (status) return status;
    if (order->incident.seq == incident->id.seq)
        return REFUSE(r, PCT_MSG_BOARD_SAME_INCIDENT, pct_int(order->id.seq), pct_int(incident->id.seq));
    return PCT_OK;
}

static pct_status step_order(const request *r, pct_order_status to) {
    const pct_order *order;
    pct_status status = need_order(r, r->object, &order);
    return status ? status : order_may(r, order, to);
}

static pct_status acknowledge(const request *r) {
    return step_order(r, PCT_ORDER_ACKNOWLEDGED);
}

static pct_status set_out(const request *r) {
    return step_order(r, PCT_ORDER_SET_OUT);
}

static pct_status arrive(const request *r) {
    return step_order(r, PCT_ORDER_ON_SCENE);
}

static pct_status close_order(const request *r) {
    return step_order(r, PCT_ORDER_CLOSED);
}

static pct_status cancel_order(const request *r) {
    return step_order(r, PCT_ORDER_CANCELLED);
}

/* What was found is a fact of its own: a second report does not overwrite it, CLASSIFY_INCIDENT does, with a reason. */
static pct_status report(const request *r) {
    const pct_order *order;
    pct_text *found = &r->data->order_reported.found_type;
    pct_status status = need_order(r, r->object, &order);
    if (!status) status = order_may(r, order, PCT_ORDER_REPORTED);
    if (!status) status = need_type(r, found);
    if (status || found->length == 0) return status;
    const pct_incident *incident = pct_board_find_incident(r->board, order->incident.seq);
    if (PCT_NEVER(!incident)) return PCT_INTERNAL;
    pct_text held = pct_board_type_code(r->board, incident->found_type);
    if (incident->found_type == PCT_NO_CODE || pct_text_same(held, *found)) return PCT_OK;
    return REFUSE(r, PCT_MSG_BOARD_FOUND_TYPE, pct_int(incident->id.seq), pct_view(held), pct_view(*found));
}

static pct_status remind(const request *r) {
    const pct_order *order;
    const pct_event_order_reminded *reminder = &r->data->order_reminded;
    pct_status status = need_order(r, r->object, &order);
    if (status) return status;
    bool next =
        reminder->clock == pct_deadlines_clock(order->status) && reminder->level == order->reminders + 1;
    if (!next || order->deadline_ms == INT64_MAX || r->now_ms < order->deadline_ms)
        return REFUSE(r, PCT_MSG_BOARD_NOT_DUE, pct_int(r->object));
    return PCT_OK;
}

/* --- units ----------------------------------------------------------------------------------------------------- */

static pct_status enrol_unit(const request *r) {
    pct_event_unit_enrolled *unit = &r->data->unit_enrolled;
    const pct_codes *codes = r->board->codes;
    if (unit->name.length == 0) return pct_error_set(r->error, PCT_INPUT, PCT_MSG_BOARD_UNIT_NAME, NULL, 0);
    if (pct_board_unit_named(r->board, unit->name))
        return REFUSE(r, PCT_MSG_BOARD_UNIT_TWICE, pct_view(unit->name));
    uint32_t kind = pct_codes_unit_kind(codes, unit->kind);
    if (kind == PCT_NO_CODE)
        return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_BOARD_KIND_UNKNOWN, pct_view(unit->name),
                        pct_view(unit->kind));
    unit->kind = pct_codes_unit_kind_at(codes, kind)->code;
    for (uint32_t i = 0;
         i < unit->capabilities_count && i < sizeof unit->capabilities / sizeof *unit->capabilities; i++) {
        uint32_t number = pct_codes_capability(codes, unit->capabilities[i]);
        if (number == PCT_NO_CODE)
            return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_BOARD_CAPABILITY_UNKNOWN, pct_view(unit->name),
                            pct_view(unit->capabilities[i]));
        unit->capabilities[i] = pct_codes_capability_at(codes, number)->code;
    }
    return PCT_OK;
}

static pct_status step_unit(const request *r, pct_unit_status to) {
    const pct_unit *unit;
    pct_status status = need_unit(r, r->object, &unit);
    return status ? status : unit_may(r, unit, to);
}

static pct_status sign_on(const request *r) {
    const pct_unit *unit;
    pct_status status = need_unit(r, r->object, &unit);
    if (status) return status;
    if (unit->status != PCT_UNIT_OFF_DUTY) return REFUSE(r, PCT_MSG_BOARD_UNIT_ON_DUTY, pct_view(unit->name));
    return unit_may(r, unit, PCT_UNIT_AT_STATION);
}

static pct_status sign_off(const request *r) {
    return step_unit(r, PCT_UNIT_OFF_DUTY);
}

static pct_status make_unavailable(const request *r) {
    return step_unit(r, PCT_UNIT_UNAVAILABLE);
}

static pct_status make_available(const request *r) {
    return step_unit(r, PCT_UNIT_AVAILABLE);
}

/* A crew's position is known from sign-on to sign-off only (docs/scope.md). */
static pct_status position_unit(const request *r) {
    const pct_unit *unit;
    pct_status status = need_unit(r, r->object, &unit);
    if (status || unit->status != PCT_UNIT_OFF_DUTY) return status;
    return REFUSE(r, PCT_MSG_BOARD_UNIT_OFF_DUTY, pct_view(unit->name));
}

/* --- closures (dispatch/closures.c) ------------------------------------------------------------------------------ */

static pct_status order_closure(const request *r) {
    return pct_closures_may_order(r->board, &r->data->closure_ordered, r->now_ms, r->error);
}

static pct_status lift_closure(const request *r) {
    return pct_closures_may_end(r->board, r->object, PCT_CLOSURE_LIFTED, r->now_ms, r->error);
}

static pct_status lapse_closure(const request *r) {
    return pct_closures_may_end(r->board, r->object, PCT_CLOSURE_LAPSED, r->now_ms, r->error);
}

/* --- rights (src/access decides; here is what concerns the board) -------------------------------------------------- */

static pct_status rights_change(const request *r) {
    (void)r;
    return PCT_OK;
}

/* Who opens a flag, or looks at a round's notes, says why. */
static pct_status say_why(const request *r) {
    return pct_text_trim(r->purpose).length > 0
               ? PCT_OK
               : pct_error_set(r->error, PCT_INPUT, PCT_MSG_BOARD_NO_PURPOSE, NULL, 0);
}

static pct_status assign_account(const request *r) {
    const pct_event_account_assigned *to = &r->data->account_assigned;
    const pct_unit *unit;
    const pct_incident *incident;
    pct_status status = to->unit.seq ? need_unit(r, to->unit.seq, &unit) : PCT_OK;
    if (!status && to->unit.seq && unit->status == PCT_UNIT_OFF_DUTY)
        return REFUSE(r, PCT_MSG_BOARD_UNIT_OFF_DUTY, pct_view(unit->name));
    if (!status && to->incident.seq) status = need_incident(r, to->incident.seq, &incident);
    if (!status && to->incident.seq) status = incident_live(r, incident);
    return status;
}

/* --- the table of commands ------------------------------------------------------------------------------------- */

typedef struct command_row {
    pct_event_type event;
    pct_status (*check)(const request *r);
} command_row;

static const command_row rows[PCT_COMMAND_COUNT] = {
    [PCT_COMMAND_RECEIVE_CALL] = {PCT_EVENT_CALL_RECEIVED, receive_call},
    [PCT_COMMAND_LINK_CALL] = {PCT_EVENT_CALL_LINKED, link_call},
    [PCT_COMMAND_SETTLE_CALL] = {PCT_EVENT_CALL_SETTLED, settle_call},
    [PCT_COMMAND_LOOK_CALL] = {PCT_EVENT_CALL_LOOKED, look},
    [PCT_COMMAND_OPEN_INCIDENT] = {PCT_EVENT_INCIDENT_OPENED, open_incident},
    [PCT_COMMAND_CLASSIFY_INCIDENT] = {PCT_EVENT_INCIDENT_CLASSIFIED, classify_incident},
    [PCT_COMMAND_REFER_INCIDENT] = {PCT_EVENT_INCIDENT_REFERRED, refer_incident},
    [PCT_COMMAND_CLOSE_INCIDENT] = {PCT_EVENT_INCIDENT_CLOSED, close_incident},
    [PCT_COMMAND_SEND_ORDER] = {PCT_EVENT_ORDER_SENT, send_order},
    [PCT_COMMAND_DIVERT] = {PCT_EVENT_ORDER_DIVERTED, divert},
    [PCT_COMMAND_ACKNOWLEDGE] = {PCT_EVENT_ORDER_ACKNOWLEDGED, acknowledge},
    [PCT_COMMAND_SET_OUT] = {PCT_EVENT_ORDER_SET_OUT, set_out},
    [PCT_COMMAND_ARRIVE] = {PCT_EVENT_ORDER_ARRIVED, arrive},
    [PCT_COMMAND_REPORT] = {PCT_EVENT_ORDER_REPORTED, report},
    [PCT_COMMAND_CLOSE_ORDER] = {PCT_EVENT_ORDER_CLOSED, close_order},
    [PCT_COMMAND_CANCEL_ORDER] = {PCT_EVENT_ORDER_CANCELLED, cancel_order},
    [PCT_COMMAND_LOOK_INCIDENT] = {PCT_EVENT_INCIDENT_LOOKED, look},
    [PCT_COMMAND_LOOK_ORDER] = {PCT_EVENT_ORDER_LOOKED, look},
    [PCT_COMMAND_REMIND] = {PCT_EVENT_ORDER_REMINDED, remind},
    [PCT_COMMAND_ENROL_UNIT] = {PCT_EVENT_UNIT_ENROLLED, enrol_unit},
    [PCT_COMMAND_SIGN_ON] = {PCT_EVENT_UNIT_SIGNED_ON, sign_on},
    [PCT_COMMAND_SIGN_OFF] = {PCT_EVENT_UNIT_SIGNED_OFF, sign_off},
    [PCT_COMMAND_POSITION_UNIT] = {PCT_EVENT_UNIT_POSITIONED, position_unit},
    [PCT_COMMAND_MAKE_UNAVAILABLE] = {PCT_EVENT_UNIT_UNAVAILABLE, make_unavailable},
    [PCT_COMMAND_MAKE_AVAILABLE] = {PCT_EVENT_UNIT_AVAILABLE, make_available},
    [PCT_COMMAND_ORDER_CLOSURE] = {PCT_EVENT_CLOSURE_ORDERED, order_closure},
    [PCT_COMMAND_LIFT_CLOSURE] = {PCT_EVENT_CLOSURE_LIFTED, lift_closure},
    [PCT_COMMAND_LAPSE_CLOSURE] = {PCT_EVENT_CLOSURE_LAPSED, lapse_closure},
    [PCT_COMMAND_ADD_ACCOUNT] = {PCT_EVENT_ACCOUNT_ADDED, rights_change},
    [PCT_COMMAND_ENTITLE_ACCOUNT] = {PCT_EVENT_ACCOUNT_ENTITLED, rights_change},
    [PCT_COMMAND_DISABLE_ACCOUNT] = {PCT_EVENT_ACCOUNT_DISABLED, rights_change},
    [PCT_COMMAND_ASSIGN_ACCOUNT] = {PCT_EVENT_ACCOUNT_ASSIGNED, assign_account},
    [PCT_COMMAND_RELEASE_ACCOUNT] = {PCT_EVENT_ACCOUNT_RELEASED, rights_change},
    [PCT_COMMAND_REQUEST_ACT] = {PCT_EVENT_ACT_REQUESTED, look},
    [PCT_COMMAND_APPROVE_ACT] = {PCT_EVENT_ACT_APPROVED, rights_change},
    [PCT_COMMAND_REFUSE_ACT] = {PCT_EVENT_ACT_REFUSED, rights_change},
    [PCT_COMMAND_USE_ACT] = {PCT_EVENT_ACT_USED, rights_change},
    [PCT_COMMAND_BREAK_GLASS] = {PCT_EVENT_BREAK_GLASS_OPENED, look},
    [PCT_COMMAND_REVIEW_GLASS] = {PCT_EVENT_BREAK_GLASS_REVIEWED, look},
    [PCT_COMMAND_READ_FLAGS] = {PCT_EVENT_FLAGS_READ, rights_change},
    [PCT_COMMAND_OPEN_FLAG] = {PCT_EVENT_FLAG_OPENED, say_why},
    [PCT_COMMAND_REVIEW_FLAG] = {PCT_EVENT_FLAG_REVIEWED, rights_change},
    [PCT_COMMAND_KEEP_DUTY] = {PCT_EVENT_DUTY_KEPT, rights_change},
    [PCT_COMMAND_ASK_PLAN] = {PCT_EVENT_PLAN_ASKED, rights_change},
    [PCT_COMMAND_MAKE_PLAN] = {PCT_EVENT_PLAN_MADE, rights_change},
    [PCT_COMMAND_FAIL_PLAN] = {PCT_EVENT_PLAN_FAILED, rights_change},
    [PCT_COMMAND_ADOPT_PLAN] = {PCT_EVENT_PLAN_ADOPTED, rights_change},
    [PCT_COMMAND_WITHDRAW_PLAN] = {PCT_EVENT_PLAN_WITHDRAWN, rights_change},
    [PCT_COMMAND_ORDER_ROUND] = {PCT_EVENT_ROUND_ORDERED, rights_change},
    [PCT_COMMAND_CALL_ROUND] = {PCT_EVENT_ROUND_CALLED, rights_change},
    [PCT_COMMAND_VISIT_STOP] = {PCT_EVENT_STOP_VISITED, rights_change},
    [PCT_COMMAND_EXPLAIN_STOP] = {PCT_EVENT_STOP_EXPLAINED, rights_change},
    [PCT_COMMAND_LEAVE_ROUND] = {PCT_EVENT_ROUND_LEFT, rights_change},
    [PCT_COMMAND_RESUME_ROUND] = {PCT_EVENT_ROUND_RESUMED, rights_change},
    [PCT_COMMAND_CHANGE_ROUND] = {PCT_EVENT_ROUND_CHANGED, rights_change},
    [PCT_COMMAND_LOG_ROUND] = {PCT_EVENT_ROUND_LOGGED, rights_change},
    [PCT_COMMAND_END_ROUND] = {PCT_EVENT_ROUND_ENDED, rights_change},
    [PCT_COMMAND_CHECK_ROUND] = {PCT_EVENT_ROUND_CHECKED, rights_change},
    [PCT_COMMAND_ANSWER_CHECK] = {PCT_EVENT_CHECK_ANSWERED, rights_change},
    [PCT_COMMAND_NOTE_ROUND] = {PCT_EVENT_ROUND_NOTED, rights_change},
    [PCT_COMMAND_LOOK_ROUND] = {PCT_EVENT_ROUND_LOOKED, say_why},
    [PCT_COMMAND_ORDER_DIRECTED] = {PCT_EVENT_DIRECTED_ORDERED, rights_change},
    [PCT_COMMAND_END_DIRECTED] = {PCT_EVENT_DIRECTED_ENDED, rights_change},
    [PCT_COMMAND_SET_LEVEL] = {PCT_EVENT_LEVEL_SET, rights_change},
};

static pct_event *add_event(pct_decision *out, const pct_board *board, const pct_command_context *context,
                            pct_event_type type, int64_t object) {
    const pct_event_type_entry *entry = &pct_event_type_table[type];
    pct_event *event = &out->events[out->count];
    memset(event, 0, sizeof *event);
    event->seq = (context->seq ? context->seq : board->seq + 1) + (int64_t)out->count;
    event->epoch = context->epoch;
    event->recorded_at_ms = context->now_ms;
    event->occurred_at_ms = context->occurred_at_ms ? context->occurred_at_ms : context->now_ms;
    event->cause = context->cause;
    event->map_version = context->map_version;
    event->actor = context->actor;
    event->purpose = context->purpose;
    event->idempotency_key = context->idempotency_key;
    event->role = context->role;
    event->type = type;
    event->version = entry->version;
    event->object = (pct_id){.kind = entry->kind, .seq = entry->creates ? event->seq : object};
    out->count++;
    return event;
}

/* Sent in the same decision as the order it replaces is given up. */
static void add_replacing_order(pct_decision *out, const pct_board *board, const pct_command_context *context,
                                const pct_command *command) {
    const pct_order *old = pct_board_find_order(board, command->object.seq);
    pct_event *event = add_event(out, board, context, PCT_EVENT_ORDER_SENT, 0);
    if (PCT_NEVER(!old)) return;
    event->cause = out->events[0].seq;
    event->data.order_sent.incident = command->data.order_diverted.to;
    event->data.order_sent.unit = old->unit;
    event->data.order_sent.replaces = old->id;
}

static pct_status check_command(const pct_board *board, const pct_command *command,
                                const pct_command_context *context, pct_error *error) {
    if ((unsigned)command->kind >= PCT_COMMAND_COUNT)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_BOARD_NO_COMMAND, pct_int(command->kind));
    if (context->occurred_at_ms > context->now_ms)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_BOARD_FUTURE, pct_int(context->occurred_at_ms),
                        pct_int(context->now_ms));
    if (context->seq && context->seq <= board->seq)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_BOARD_SEQ, pct_int(board->seq), pct_int(context->seq));
    const pct_event_type_entry *entry = &pct_event_type_table[rows[command->kind].event];
    if (!entry->creates && command->object.kind != entry->kind)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_EVENT_FIELD, pct_str(entry->name), pct_str("object"),
                        pct_phrase(PCT_MSG_EVENT_EXPECTED_RIGHT_ID));
    return PCT_OK;
}

pct_status pct_board_decide(const pct_board *board, const pct_command *command,
                            const pct_command_context *context, pct_decision *out, pct_error *error) {
    out->count = 0;
    pct_status status = check_command(board, command, context, error);
    if (status) return status;
    const command_row *row = &rows[command->kind];
    pct_event *event = add_event(out, board, context, row->event, command->object.seq);
    event->data = command->data;
    request r = {board, command->object.seq, context->now_ms, context->purpose, &event->data, error};
    status = row->check(&r);
    if (!status && command->kind == PCT_COMMAND_DIVERT) add_replacing_order(out, board, context, command);
    for (size_t i = 0; i < out->count && !status; i++) status = pct_event_check(&out->events[i], error);
    if (status) out->count = 0;
    return status;
}

pct_status pct_board_submit(pct_board *board, const pct_command *command, const pct_command_context *context,
                            pct_decision *out, pct_error *error) {
    pct_decision own, *decision = out ? out : &own;
    pct_status status = pct_board_decide(board, command, context, decision, error);
    for (size_t i = 0; i < decision->count && !status; i++)
        status = pct_board_apply(board, &decision->events[i], error);
    return status;
}
