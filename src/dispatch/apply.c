/* Events → the board. Each type has one function: first what must hold (an event that cannot follow what the board has
 * seen is damage, not a refusal), then what needs memory, then the change, which cannot fail. */
#include <string.h>

#include "dispatch/board_state.h"

/* --- derived statuses ------------------------------------------------------------------------------------------ */

bool pct_order_status_is_open(pct_order_status status) {
    return status == PCT_ORDER_SENT || status == PCT_ORDER_ACKNOWLEDGED || status == PCT_ORDER_SET_OUT ||
           status == PCT_ORDER_ON_SCENE || status == PCT_ORDER_REPORTED;
}

static bool is_on_scene(pct_order_status status) {
    return status == PCT_ORDER_ON_SCENE || status == PCT_ORDER_REPORTED;
}

static pct_unit_status unit_status_under(pct_order_status order) {
    if (!pct_order_status_is_open(order)) return PCT_UNIT_AVAILABLE;
    if (is_on_scene(order)) return PCT_UNIT_ON_SCENE;
    return order == PCT_ORDER_SET_OUT ? PCT_UNIT_EN_ROUTE : PCT_UNIT_DISPATCHED;
}

pct_order_step pct_order_step_of(const pct_incident *incident, pct_order_status from, pct_order_status to) {
    bool is_new = from == PCT_ORDER_STATUS_COUNT;
    pct_order_step step = {incident->open_orders, incident->on_scene_orders, incident->closed_orders,
                           PCT_INCIDENT_WAITING, unit_status_under(to)};
    step.open_orders += pct_order_status_is_open(to);
    step.open_orders -= !is_new && pct_order_status_is_open(from);
    step.on_scene_orders += is_on_scene(to);
    step.on_scene_orders -= !is_new && is_on_scene(from);
    step.closed_orders += to == PCT_ORDER_CLOSED;
    if (step.on_scene_orders)
        step.incident = PCT_INCIDENT_ON_SCENE;
    else if (step.open_orders)
        step.incident = PCT_INCIDENT_DISPATCHED;
    else if (step.closed_orders)
        step.incident = PCT_INCIDENT_HANDLED;
    return step;
}

/* --- changes that keep counts and lists right ------------------------------------------------------------------ */

static void leave_waiting(pct_board *board, pct_incident *incident) {
    pct_incident *before = pct_board_find_incident(board, incident->waiting_before.seq);
    pct_incident *after = pct_board_find_incident(board, incident->waiting_after.seq);
    *(before ? &before->waiting_after : &board->waiting[incident->priority].first) = incident->waiting_after;
    *(after ? &after->waiting_before : &board->waiting[incident->priority].last) = incident->waiting_before;
    incident->waiting_before.seq = incident->waiting_after.seq = 0;
}

/* In order of id: a new incident goes last, one that waits again goes back to its place. */
static void enter_waiting(pct_board *board, pct_incident *incident) {
    pct_incident *before = pct_board_find_incident(board, board->waiting[incident->priority].last.seq);
    while (before && before->id.seq > incident->id.seq)
        before = pct_board_find_incident(board, before->waiting_before.seq);
    pct_incident_id *link = before ? &before->waiting_after : &board->waiting[incident->priority].first;
    pct_incident *after = pct_board_find_incident(board, link->seq);
    if (before) incident->waiting_before = before->id;
    incident->waiting_after = *link;
    *link = incident->id;
    *(after ? &after->waiting_before : &board->waiting[incident->priority].last) = incident->id;
}

static void set_incident(pct_board *board, pct_incident *incident, pct_incident_status to) {
    if (incident->status == to) return;
    if (incident->status == PCT_INCIDENT_WAITING) leave_waiting(board, incident);
    board->counts.incidents[incident->status]--, board->counts.incidents[to]++;
    incident->status = (uint8_t)to;
    if (to == PCT_INCIDENT_WAITING) enter_waiting(board, incident);
}

static void set_call(pct_board *board, pct_call *call, pct_call_status to) {
    board->counts.calls[call->status]--, board->counts.calls[to]++;
    call->status = (uint8_t)to;
}

static void set_unit(pct_board *board, pct_unit *unit, pct_unit_status to, int64_t at_ms) {
    if (unit->status == to) return;
    board->counts.units[unit->status]--, board->counts.units[to]++;
    unit->status = (uint8_t)to;
    unit->status_since_ms = at_ms;
}

static void link_to(pct_board *board, pct_call *call, pct_incident *incident) {
    call->incident = incident->id;
    call->next = incident->first_call;
    incident->first_call = call->id;
    incident->calls++;
    set_call(board, call, PCT_CALL_LINKED);
}

static pct_status intern_type(pct_board *board, pct_text code, uint32_t *out) {
    return pct_names_add(&board->types, code, out);
}

/* --- calls and incidents --------------------------------------------------------------------------------------- */

static pct_status intern_area(pct_board *board, pct_text name, uint32_t *out) {
    return pct_names_add(&board->areas, name.length ? name : (pct_text){"", 0}, out);
}

static pct_status call_received(pct_board *board, const pct_event *e) {
    uint32_t type, area;
    pct_status status = intern_type(board, e->data.call_received.type, &type);
    if (!status) status = intern_area(board, e->data.call_received.area, &area);
    if (status) return status;
    pct_call *call = pct_board_add(board, PCT_SLAB_CALLS, e->seq);
    if (!call) return PCT_MEMORY;
    call->received_at_ms = e->occurred_at_ms;
    call->type = type;
    call->area = area;
    call->priority = (uint8_t)e->data.call_received.priority;
    call->channel = (uint8_t)e->data.call_received.channel;
    call->status = PCT_CALL_RECEIVED;
    board->counts.calls[PCT_CALL_RECEIVED]++;
    return PCT_OK;
}

static bool is_priority(int64_t priority) {
    return priority >= 1 && priority <= PCT_PRIORITY_COUNT;
}

static bool is_live(const pct_incident *incident) {
    return incident && incident->status != PCT_INCIDENT_CLOSED && incident->status != PCT_INCIDENT_REFERRED;
}

static pct_status call_linked(pct_board *board, const pct_event *e) {
    pct_call *call = pct_board_find_call(board, e->object.seq);
    pct_incident *incident = pct_board_find_incident(board, e->data.call_linked.incident.seq);
    if (!call || call->incident.seq || !pct_call_status_may(call->status, PCT_CALL_LINKED) ||
        !is_live(incident))
        return PCT_DAMAGED;
    link_to(board, call, incident);
    return PCT_OK;
}

static pct_status call_settled(pct_board *board, const pct_event *e) {
    pct_call *call = pct_board_find_call(board, e->object.seq);
    if (!call || call->status == PCT_CALL_SETTLED || !pct_call_status_may(call->status, PCT_CALL_SETTLED))
        return PCT_DAMAGED;
    set_call(board, call, PCT_CALL_SETTLED);
    return PCT_OK;
}

static pct_status incident_opened(pct_board *board, const pct_event *e) {
    const pct_event_incident_opened *opened = &e->data.incident_opened;
    pct_call *call = pct_board_find_call(board, opened->call.seq);
    uint32_t type, area;
    if (!is_priority(opened->priority)) return PCT_DAMAGED;
    if (opened->call.seq &&
        (!call || call->incident.seq || !pct_call_status_may(call->status, PCT_CALL_LINKED)))
        return PCT_DAMAGED;
    pct_status status = intern_type(board, opened->type, &type);
    if (!status) status = intern_area(board, opened->area, &area);
    if (status) return status;
    pct_incident *incident = pct_board_add(board, PCT_SLAB_INCIDENTS, e->seq);
    if (!incident) return PCT_MEMORY;
    incident->opened_at_ms = e->occurred_at_ms;
    incident->type = type;
    incident->area = area || !call ? area : call->area;
    incident->found_type = PCT_NO_CODE;
    incident->priority = (uint8_t)opened->priority;
    incident->gravity = (uint8_t)opened->gravity;
    incident->has_position = opened->has_position;
    if (opened->has_position) incident->position = opened->position;
    incident->status = PCT_INCIDENT_WAITING;
    board->counts.incidents[PCT_INCIDENT_WAITING]++;
    enter_waiting(board, incident);
    if (call) link_to(board, call, incident);
    return PCT_OK;
}

static pct_status incident_classified(pct_board *board, const pct_event *e) {
    const pct_event_incident_classified *change = &e->data.incident_classified;
    pct_incident *incident = pct_board_find_incident(board, e->object.seq);
    if (!is_live(incident) || (change->has_priority && !is_priority(change->priority))) return PCT_DAMAGED;
    uint32_t type = incident->type, found_type = incident->found_type;
    pct_status status = change->type.length ? intern_type(board, change->type, &type) : PCT_OK;
    if (!status && change->found_type.length) status = intern_type(board, change->found_type, &found_type);
    if (status) return status;
    incident->type = type, incident->found_type = found_type;
    if (change->gravity) incident->gravity = (uint8_t)change->gravity;
    if (!change->has_priority) return PCT_OK;
    bool waits = incident->status == PCT_INCIDENT_WAITING;
    if (waits) leave_waiting(board, incident);
    incident->priority = (uint8_t)change->priority;
    if (waits) enter_waiting(board, incident);
    return PCT_OK;
}

static pct_status end_incident(pct_board *board, const pct_event *e, pct_incident_status to,
                               pct_call_status calls) {
    pct_incident *incident = pct_board_find_incident(board, e->object.seq);
    if (!is_live(incident) || incident->open_orders || !pct_incident_status_may(incident->status, to))
        return PCT_DAMAGED;
    set_incident(board, incident, to);
    incident->ended_at_ms = e->occurred_at_ms;
    for (pct_call *call = pct_board_find_call(board, incident->first_call.seq); call;
         call = pct_board_find_call(board, call->next.seq))
        set_call(board, call, calls);
    return PCT_OK;
}

/* The board forgets what can no longer be read: a replay without the key never knew it. */
static pct_status incident_erased(pct_board *board, const pct_event *e) {
    pct_incident *incident = pct_board_find_incident(board, e->object.seq);
    pct_erased_class class = e->data.incident_erased.class;
    if (!incident || (class != PCT_ERASED_CLASS_NONE && class != PCT_ERASED_CLASS_PERSONAL)) return PCT_OK;
    incident->has_position = false;
    incident->position = (pct_position){0, 0};
    return PCT_OK;
}

static pct_status incident_referred(pct_board *board, const pct_event *e) {
    return end_incident(board, e, PCT_INCIDENT_REFERRED, PCT_CALL_REFERRED);
}

static pct_status incident_closed(pct_board *board, const pct_event *e) {
    return end_incident(board, e, PCT_INCIDENT_CLOSED, PCT_CALL_SERVED);
}

/* --- orders ---------------------------------------------------------------------------------------------------- */

static uint32_t open_orders(const pct_board *board) {
    uint32_t count = 0;
    for (pct_order_status s = 0; s < PCT_ORDER_STATUS_COUNT; s++)
        if (pct_order_status_is_open(s)) count += board->counts.orders[s];
    return count;
}

static void take_step(pct_board *board, const pct_order_step *step, pct_incident *incident, pct_unit *unit,
                      int64_t at_ms) {
    incident->open_orders = step->open_orders;
    incident->on_scene_orders = step->on_scene_orders;
    incident->closed_orders = step->closed_orders;
    if (step->incident == PCT_INCIDENT_ON_SCENE && !incident->first_arrival_ms)
        incident->first_arrival_ms = at_ms;
    set_incident(board, incident, step->incident);
    set_unit(board, unit, step->unit, at_ms);
}

static pct_status order_sent(pct_board *board, const pct_event *e) {
    const pct_event_order_sent *sent = &e->data.order_sent;
    pct_incident *incident = pct_board_find_incident(board, sent->incident.seq);
    pct_unit *unit = pct_board_find_unit(board, sent->unit.seq);
    if (!is_live(incident) || !unit || unit->order.seq) return PCT_DAMAGED;
    pct_order_step step = pct_order_step_of(incident, PCT_ORDER_STATUS_COUNT, PCT_ORDER_SENT);
    if (!pct_incident_status_may(incident->status, step.incident) ||
        !pct_unit_status_may(unit->status, step.unit))
        return PCT_DAMAGED;
    if (pct_deadlines_reserve(board, open_orders(board) + 1)) return PCT_MEMORY;
    pct_order *order = pct_board_add(board, PCT_SLAB_ORDERS, e->seq);
    if (!order) return PCT_MEMORY;
    order->incident = incident->id, order->unit = unit->id;
    order->unit_index = unit->index;
    order->expected_travel_ms = sent->has_expected_travel_ms ? sent->expected_travel_ms : 0;
    order->at_ms[PCT_ORDER_SENT] = e->occurred_at_ms;
    order->deadline_at = UINT32_MAX;
    order->next = incident->first_order;
    order->status = PCT_ORDER_SENT;
    board->counts.orders[PCT_ORDER_SENT]++;
    incident->first_order = order->id;
    incident->orders++;
    unit->order = order->id;
    take_step(board, &step, incident, unit, e->occurred_at_ms);
    pct_deadlines_update(board, order);
    return PCT_OK;
}

static pct_status step_order(pct_board *board, const pct_event *e, pct_order_status to) {
    pct_order *order = pct_board_find_order(board, e->object.seq);
    if (!order || order->status == to || !pct_order_status_may(order->status, to)) return PCT_DAMAGED;
    pct_incident *incident = pct_board_find_incident(board, order->incident.seq);
    pct_unit *unit = pct_board_find_unit(board, order->unit.seq);
    if (PCT_NEVER(!incident || !unit)) return PCT_INTERNAL;
    pct_order_step step = pct_order_step_of(incident, order->status, to);
    if (!pct_incident_status_may(incident->status, step.incident) ||
        !pct_unit_status_may(unit->status, step.unit))
        return PCT_DAMAGED;
    board->counts.orders[order->status]--, board->counts.orders[to]++;
    order->status = (uint8_t)to;
    order->at_ms[to] = e->occurred_at_ms;
    order->reminders = 0;
    if (!pct_order_status_is_open(to)) unit->order.seq = 0;
    take_step(board, &step, incident, unit, e->occurred_at_ms);
    pct_deadlines_update(board, order);
    return PCT_OK;
}

static pct_status order_acknowledged(pct_board *board, const pct_event *e) {
    return step_order(board, e, PCT_ORDER_ACKNOWLEDGED);
}

static pct_status order_set_out(pct_board *board, const pct_event *e) {
    return step_order(board, e, PCT_ORDER_SET_OUT);
}

static pct_status order_arrived(pct_board *board, const pct_event *e) {
    return step_order(board, e, PCT_ORDER_ON_SCENE);
}

static pct_status order_closed(pct_board *board, const pct_event *e) {
    return step_order(board, e, PCT_ORDER_CLOSED);
}

static pct_status order_cancelled(pct_board *board, const pct_event *e) {
    return step_order(board, e, PCT_ORDER_CANCELLED);
}

static pct_status order_diverted(pct_board *board, const pct_event *e) {
    return step_order(board, e, PCT_ORDER_DIVERTED);
}

static pct_status order_reported(pct_board *board, const pct_event *e) {
    pct_text found = e->data.order_reported.found_type;
    uint32_t type = PCT_NO_CODE;
    pct_status status = found.length ? intern_type(board, found, &type) : PCT_OK;
    if (!status) status = step_order(board, e, PCT_ORDER_REPORTED);
    if (status || type == PCT_NO_CODE) return status;
    pct_order *order = pct_board_find_order(board, e->object.seq);
    pct_incident *incident = pct_board_find_incident(board, order->incident.seq);
    if (incident->found_type == PCT_NO_CODE) incident->found_type = type;
    return PCT_OK;
}

static pct_status order_reminded(pct_board *board, const pct_event *e) {
    pct_order *order = pct_board_find_order(board, e->object.seq);
    const pct_event_order_reminded *reminder = &e->data.order_reminded;
    if (!order || order->reminders >= PCT_REMINDER_LEVELS || reminder->level != order->reminders + 1 ||
        reminder->clock != pct_deadlines_clock(order->status))
        return PCT_DAMAGED;
    order->reminders++;
    pct_deadlines_update(board, order);
    return PCT_OK;
}

/* --- units ----------------------------------------------------------------------------------------------------- */

static pct_status unit_enrolled(pct_board *board, const pct_event *e) {
    const pct_event_unit_enrolled *enrolled = &e->data.unit_enrolled;
    uint32_t index = pct_board_unit_count(board), name, station;
    if (pct_board_unit_named(board, enrolled->name)) return PCT_DAMAGED;
    if (enrolled->capabilities_count > sizeof enrolled->capabilities / sizeof *enrolled->capabilities)
        return PCT_DAMAGED;
    pct_text home = enrolled->station.length ? enrolled->station : (pct_text){"", 0};
    pct_status status = pct_names_add(&board->stations, home, &station);
    if (!status) status = pct_names_add(&board->unit_names, enrolled->name, &name);
    if (!status) status = pct_map_set(&board->unit_by_name, name, index);
    if (status) return status;
    pct_unit *unit = pct_board_add(board, PCT_SLAB_UNITS, e->seq);
    if (!unit) return PCT_MEMORY;
    unit->index = index;
    unit->name = board->unit_names.texts[name];
    unit->station = board->stations.texts[station];
    unit->kind = pct_codes_unit_kind(board->codes, enrolled->kind);
    for (uint32_t i = 0; i < enrolled->capabilities_count; i++) {
        uint32_t number = pct_codes_capability(board->codes, enrolled->capabilities[i]);
        if (number != PCT_NO_CODE) unit->capabilities |= (pct_capability_set)1 << number;
    }
    unit->status = PCT_UNIT_OFF_DUTY;
    unit->status_since_ms = e->occurred_at_ms;
    board->counts.units[PCT_UNIT_OFF_DUTY]++;
    return PCT_OK;
}

/* The unit when it may take the status; NULL is damage. */
static pct_unit *unit_for(const pct_board *board, const pct_event *e, pct_unit_status to) {
    pct_unit *unit = pct_board_find_unit(board, e->object.seq);
    bool may = unit && !unit->order.seq && unit->status != to && pct_unit_status_may(unit->status, to);
    return may ? unit : NULL;
}

static pct_status unit_signed_on(pct_board *board, const pct_event *e) {
    const pct_event_unit_signed_on *on = &e->data.unit_signed_on;
    pct_unit *unit = unit_for(board, e, PCT_UNIT_AT_STATION);
    if (!unit || unit->status != PCT_UNIT_OFF_DUTY) return PCT_DAMAGED;
    unit->officers = (uint16_t)on->officers;
    unit->auxiliaries = (uint16_t)on->auxiliaries;
    unit->shift_end_ms = on->has_shift_end_at ? on->shift_end_at : 0;
    unit->has_position = on->has_position;
    if (on->has_position) unit->position = on->position;
    unit->signed_on_ms = e->occurred_at_ms;
    set_unit(board, unit, PCT_UNIT_AT_STATION, e->occurred_at_ms);
    return PCT_OK;
}

static pct_status unit_signed_off(pct_board *board, const pct_event *e) {
    pct_unit *unit = unit_for(board, e, PCT_UNIT_OFF_DUTY);
    if (!unit) return PCT_DAMAGED;
    unit->officers = unit->auxiliaries = 0;
    unit->signed_on_ms = unit->shift_end_ms = 0;
    unit->unavailable_reason = PCT_UNAVAILABLE_REASON_NONE;
    unit->has_position = false;
    unit->position = (pct_position){0, 0};
    set_unit(board, unit, PCT_UNIT_OFF_DUTY, e->occurred_at_ms);
    return PCT_OK;
}

static pct_status unit_positioned(pct_board *board, const pct_event *e) {
    pct_unit *unit = pct_board_find_unit(board, e->object.seq);
    if (!unit || unit->status == PCT_UNIT_OFF_DUTY) return PCT_DAMAGED;
    pct_unit_status to = e->data.unit_positioned.at_station ? PCT_UNIT_AT_STATION : PCT_UNIT_AVAILABLE;
    bool free = unit->status == PCT_UNIT_AT_STATION || unit->status == PCT_UNIT_AVAILABLE;
    if (free && !pct_unit_status_may(unit->status, to)) return PCT_DAMAGED;
    unit->position = e->data.unit_positioned.position;
    unit->has_position = true;
    if (free) set_unit(board, unit, to, e->occurred_at_ms);
    return PCT_OK;
}

static pct_status unit_unavailable(pct_board *board, const pct_event *e) {
    pct_unit *unit = unit_for(board, e, PCT_UNIT_UNAVAILABLE);
    if (!unit) return PCT_DAMAGED;
    unit->unavailable_reason = (uint8_t)e->data.unit_unavailable.reason;
    set_unit(board, unit, PCT_UNIT_UNAVAILABLE, e->occurred_at_ms);
    return PCT_OK;
}

static pct_status unit_available(pct_board *board, const pct_event *e) {
    pct_unit *unit = unit_for(board, e, PCT_UNIT_AVAILABLE);
    if (!unit) return PCT_DAMAGED;
    unit->unavailable_reason = PCT_UNAVAILABLE_REASON_NONE;
    set_unit(board, unit, PCT_UNIT_AVAILABLE, e->occurred_at_ms);
    return PCT_OK;
}

/* --- the table of events --------------------------------------------------------------------------------------- */

static pct_status (*const appliers[PCT_EVENT_TYPE_COUNT])(pct_board *board, const pct_event *event) = {
    [PCT_EVENT_CALL_RECEIVED] = call_received,
    [PCT_EVENT_CALL_LINKED] = call_linked,
    [PCT_EVENT_CALL_SETTLED] = call_settled,
    [PCT_EVENT_INCIDENT_OPENED] = incident_opened,
    [PCT_EVENT_INCIDENT_CLASSIFIED] = incident_classified,
    [PCT_EVENT_INCIDENT_ERASED] = incident_erased,
    [PCT_EVENT_INCIDENT_REFERRED] = incident_referred,
    [PCT_EVENT_INCIDENT_CLOSED] = incident_closed,
    [PCT_EVENT_ORDER_SENT] = order_sent,
    [PCT_EVENT_ORDER_ACKNOWLEDGED] = order_acknowledged,
    [PCT_EVENT_ORDER_SET_OUT] = order_set_out,
    [PCT_EVENT_ORDER_ARRIVED] = order_arrived,
    [PCT_EVENT_ORDER_REPORTED] = order_reported,
    [PCT_EVENT_ORDER_CLOSED] = order_closed,
    [PCT_EVENT_ORDER_CANCELLED] = order_cancelled,
    [PCT_EVENT_ORDER_DIVERTED] = order_diverted,
    [PCT_EVENT_ORDER_REMINDED] = order_reminded,
    [PCT_EVENT_UNIT_ENROLLED] = unit_enrolled,
    [PCT_EVENT_UNIT_SIGNED_ON] = unit_signed_on,
    [PCT_EVENT_UNIT_SIGNED_OFF] = unit_signed_off,
    [PCT_EVENT_UNIT_POSITIONED] = unit_positioned,
    [PCT_EVENT_UNIT_UNAVAILABLE] = unit_unavailable,
    [PCT_EVENT_UNIT_AVAILABLE] = unit_available,
    [PCT_EVENT_CLOSURE_ORDERED] = pct_closures_ordered,
    [PCT_EVENT_CLOSURE_LIFTED] = pct_closures_lifted,
    [PCT_EVENT_CLOSURE_LAPSED] = pct_closures_lapsed,
};

pct_status pct_board_apply(pct_board *board, const pct_event *event, pct_error *error) {
    if (event->seq <= board->seq)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_BOARD_SEQ, pct_int(board->seq), pct_int(event->seq));
    if (event->type < PCT_EVENT_TYPE_COUNT && appliers[event->type]) {
        pct_status status = appliers[event->type](board, event);
        if (status == PCT_MEMORY) return pct_error_memory(error, sizeof(pct_incident));
        if (status)
            return PCT_FAIL(error, status, PCT_MSG_BOARD_CANNOT_FOLLOW, pct_int(event->seq),
                            pct_str(pct_event_type_name(event->type)));
    }
    board->seq = event->seq;
    return PCT_OK;
}
