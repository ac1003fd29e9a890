/* Following an event: the board, the readers' lists and the derived tables take the same step, whether the event has just
 * been decided, is replayed at the start, or is replayed to make the tables again. Which records an event touches is
 * decided here alone; a record that changes without being touched would differ between those three. */
#include <stdlib.h>
#include <string.h>

#include "desk/state.h"

/* --- touched objects --------------------------------------------------------------------------------------------- */

static void touch(pct_desk_notice *notice, char kind, int64_t seq) {
    if (seq == 0 || PCT_NEVER(notice->touched_count == PCT_NOTICE_TOUCHED_MAX)) return;
    for (uint32_t i = 0; i < notice->touched_count; i++)
        if (notice->touched[i].kind == kind && notice->touched[i].seq == seq) return;
    notice->touched[notice->touched_count++] = (pct_id){.kind = kind, .seq = seq};
}

/* After the event was applied. */
static void find_touched(const pct_board *board, const pct_event *e, pct_desk_notice *notice) {
    *notice = (pct_desk_notice){
        .seq = e->seq, .recorded_at_ms = e->recorded_at_ms, .type = e->type, .role = e->role};
    touch(notice, e->object.kind, e->object.seq);
    if (e->object.kind == 'O') {
        const pct_order *order = pct_board_order(board, (pct_order_id){e->object.seq});
        if (order) touch(notice, 'I', order->incident.seq), touch(notice, 'U', order->unit.seq);
    }
    if (e->type == PCT_EVENT_CALL_LINKED) touch(notice, 'I', e->data.call_linked.incident.seq);
    if (e->type == PCT_EVENT_INCIDENT_OPENED) touch(notice, 'C', e->data.incident_opened.call.seq);
    if (e->type == PCT_EVENT_ORDER_DIVERTED) touch(notice, 'I', e->data.order_diverted.to.seq);
}

static bool ends_calls(const pct_event *e) {
    return e->type == PCT_EVENT_INCIDENT_CLOSED || e->type == PCT_EVENT_INCIDENT_REFERRED;
}

/* --- rows -------------------------------------------------------------------------------------------------------- */

static pct_text code(const pct_board *board, uint32_t type) {
    return type == PCT_NO_CODE ? (pct_text){"", 0} : pct_board_type_code(board, type);
}

static pct_status call_row(pct_desk *desk, pct_call_id id, const pct_event *e, pct_error *error) {
    const pct_call *call = pct_board_call(desk->board, id);
    if (!call) return PCT_OK;
    pct_call_row row = {.id = id,
                        .received_at_ms = call->received_at_ms,
                        .incident = call->incident,
                        .type = code(desk->board, call->type),
                        .channel = pct_text_of(pct_channel_names[call->channel]),
                        .status = pct_text_of(pct_call_status_code(call->status)),
                        .priority = call->priority};
    if (e->seq != id.seq) return pct_store_update_call(desk->store, &row, error);
    const pct_event_call_received *data = &e->data.call_received;
    row.source_id = data->source_id;
    row.road = data->road, row.has_road = data->has_road;
    row.position = data->position, row.has_position = data->has_position;
    row.address = data->address;
    row.caller_name = data->caller_name;
    row.caller_phone = data->caller_phone;
    row.words = data->words;
    pct_status status = pct_store_put_call(desk->store, &row, error);
    if (status) return status;
    return pct_store_count_call(desk->store, row.received_at_ms, row.type, row.priority, error);
}

static pct_text incident_result(const pct_event *e) {
    if (e->type == PCT_EVENT_INCIDENT_CLOSED)
        return pct_text_of(pct_incident_result_names[e->data.incident_closed.result]);
    if (e->type == PCT_EVENT_INCIDENT_REFERRED)
        return pct_text_of(pct_referral_target_names[e->data.incident_referred.to]);
    return (pct_text){"", 0};
}

static pct_status incident_row(pct_desk *desk, pct_incident_id id, const pct_event *e, pct_error *error) {
    const pct_incident *incident = pct_board_incident(desk->board, id);
    if (!incident) return PCT_OK;
    pct_incident_row row = {.id = id,
                            .opened_at_ms = incident->opened_at_ms,
                            .first_arrival_ms = incident->first_arrival_ms,
                            .ended_at_ms = incident->ended_at_ms,
                            .type = code(desk->board, incident->type),
                            .found_type = code(desk->board, incident->found_type),
                            .status = pct_text_of(pct_incident_status_code(incident->status)),
                            .gravity = pct_text_of(pct_gravity_names[incident->gravity]),
                            .result = incident_result(e),
                            .priority = incident->priority,
                            .calls = incident->calls,
                            .orders = incident->orders};
    if (e->seq != id.seq) return pct_store_update_incident(desk->store, &row, error);
    const pct_event_incident_opened *data = &e->data.incident_opened;
    row.road = data->road, row.has_road = data->has_road;
    row.position = data->position, row.has_position = data->has_position;
    return pct_store_put_incident(desk->store, &row, error);
}

static pct_status order_row(pct_desk *desk, pct_order_id id, const pct_event *e, pct_error *error) {
    const pct_order *order = pct_board_order(desk->board, id);
    if (!order) return PCT_OK;
    const int64_t *at_ms = order->at_ms;
    pct_order_row row = {.id = id,
                         .incident = order->incident,
                         .unit = order->unit,
                         .status = pct_text_of(pct_order_status_code(order->status)),
                         .sent_at_ms = at_ms[PCT_ORDER_SENT],
                         .acknowledged_at_ms = at_ms[PCT_ORDER_ACKNOWLEDGED],
                         .set_out_at_ms = at_ms[PCT_ORDER_SET_OUT],
                         .arrived_at_ms = at_ms[PCT_ORDER_ON_SCENE],
                         .reported_at_ms = at_ms[PCT_ORDER_REPORTED],
                         .ended_at_ms = at_ms[PCT_ORDER_CLOSED] + at_ms[PCT_ORDER_CANCELLED] +
                                        at_ms[PCT_ORDER_DIVERTED], /* at most one of them is not 0 */
                         .expected_travel_ms = order->expected_travel_ms,
                         .reminders = order->reminders};
    if (e->seq == id.seq) {
        row.policy = e->data.order_sent.policy;
        return pct_store_put_order(desk->store, &row, error);
    }
    if (e->type == PCT_EVENT_ORDER_REPORTED && e->object.seq == id.seq) {
        row.result = pct_text_of(pct_report_result_names[e->data.order_reported.result]);
        row.note = e->data.order_reported.note;
    }
    return pct_store_update_order(desk->store, &row, error);
}

static pct_status unit_row(pct_desk *desk, pct_unit_id id, pct_error *error) {
    const pct_unit *unit = pct_board_unit(desk->board, id);
    if (!unit) return PCT_OK;
    const pct_codes *codes = pct_board_codes(desk->board);
    const pct_unit_row row = {.id = id,
                              .name = unit->name,
                              .station = unit->station,
                              .kind = unit->kind < pct_codes_unit_kind_count(codes)
                                          ? pct_codes_unit_kind_at(codes, unit->kind)->code
                                          : (pct_text){"", 0},
                              .status = pct_text_of(pct_unit_status_code(unit->status)),
                              .status_since_ms = unit->status_since_ms,
                              .officers = unit->officers,
                              .auxiliaries = unit->auxiliaries,
                              .shift_end_ms = unit->shift_end_ms,
                              .order = unit->order};
    return pct_store_put_unit(desk->store, &row, error);
}

static pct_status closure_row(pct_desk *desk, pct_closure_id id, const pct_event *e, pct_error *error) {
    const pct_closure *closure = pct_board_closure(desk->board, id);
    if (!closure) return PCT_OK;
    pct_closure_row row = {.id = id,
                           .ordered_at_ms = closure->ordered_at_ms,
                           .until_ms = closure->until_ms,
                           .ended_at_ms = closure->ended_at_ms,
                           .author = closure->author,
                           .reason = pct_text_of(pct_closure_reason_names[closure->reason]),
                           .lift_reason = pct_text_of(pct_closure_lift_names[closure->lift_reason]),
                           .status = pct_text_of(pct_closure_status_code(closure->status)),
                           .kind = pct_text_of(pct_closure_kind_names[closure->kind]),
                           .speed_kmh = closure->speed_kmh,
                           .both_ways = closure->both_ways};
    pct_status status = pct_store_put_closure(desk->store, &row, error);
    if (status || e->seq != id.seq) return status;
    const pct_event_closure_ordered *data = &e->data.closure_ordered;
    for (uint32_t i = 0; i < data->roads_count && !status; i++)
        status = pct_store_put_closed_road(desk->store, id, i, &data->roads[i], &data->points[i], error);
    for (uint32_t i = 0; i < data->area_count && !status; i++)
        status = pct_store_put_closed_road(desk->store, id, i, NULL, &data->area[i], error);
    return status;
}

static pct_status table_row(pct_desk *desk, pct_id id, const pct_event *e, pct_error *error) {
    pct_status status = pct_store_put_involved(desk->store, id, e->seq, error);
    if (status) return status;
    switch (id.kind) {
    case 'C': return call_row(desk, (pct_call_id){id.seq}, e, error);
    case 'I': return incident_row(desk, (pct_incident_id){id.seq}, e, error);
    case 'O': return order_row(desk, (pct_order_id){id.seq}, e, error);
    case 'U': return unit_row(desk, (pct_unit_id){id.seq}, error);
    case 'L': return closure_row(desk, (pct_closure_id){id.seq}, e, error);
    default: return PCT_OK;
    }
}

/* --- readers' lists ---------------------------------------------------------------------------------------------- */

static pct_status list_record(pct_desk *desk, pct_id id) {
    const pct_board *board = desk->board;
    if (id.kind == 'C') {
        const pct_call *call = pct_board_call(board, (pct_call_id){id.seq});
        if (!call) return PCT_OK;
        const pct_desk_call record = {*call, code(board, call->type), pct_board_area_name(board, call->area)};
        return pct_lists_put(&desk->lists, PCT_LIST_CALLS, &record);
    }
    if (id.kind == 'I') {
        const pct_incident *incident = pct_board_incident(board, (pct_incident_id){id.seq});
        if (!incident) return PCT_OK;
        pct_desk_incident record = {*incident, code(board, incident->type), code(board, incident->found_type),
                                    pct_board_area_name(board, incident->area)};
        /* Neighbours change without an event of this incident. */
        record.incident.waiting_before.seq = record.incident.waiting_after.seq = 0;
        return pct_lists_put(&desk->lists, PCT_LIST_INCIDENTS, &record);
    }
    if (id.kind == 'O') {
        const pct_order *order = pct_board_order(board, (pct_order_id){id.seq});
        return order ? pct_lists_put(&desk->lists, PCT_LIST_ORDERS, order) : PCT_OK;
    }
    if (id.kind == 'L') {
        const pct_closure *closure = pct_board_closure(board, (pct_closure_id){id.seq});
        if (!closure) return PCT_OK;
        pct_desk_closure record = {*closure};
        record.closure.next.seq = 0; /* changes without an event of this closure */
        return pct_lists_put(&desk->lists, PCT_LIST_CLOSURES, &record);
    }
    const pct_unit *unit = id.kind == 'U' ? pct_board_unit(board, (pct_unit_id){id.seq}) : NULL;
    return unit ? pct_lists_put(&desk->lists, PCT_LIST_UNITS, unit) : PCT_OK;
}

static int by_seq(const void *a, const void *b) {
    int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
    return p < q ? -1 : p > q;
}

/* Lists grow at their end, so the ids are brought into order first. */
static pct_status list_kind(pct_desk *desk, char kind, pct_error *error) {
    pct_vector seqs = pct_vector_init(sizeof(int64_t), PCT_BOARD_OBJECTS_MAX);
    pct_status status = PCT_OK;
    size_t place = 0;
    for (int64_t seq; !status && (seq = pct_board_next_of_kind(desk->board, kind, &place)) != 0;) {
        int64_t *room = pct_vector_push(&seqs);
        if (room)
            *room = seq;
        else
            status = PCT_MEMORY;
    }
    if (!status && seqs.length > 0) qsort(seqs.items, seqs.length, sizeof(int64_t), by_seq);
    for (size_t i = 0; i < seqs.length && !status; i++)
        status = list_record(desk, (pct_id){.kind = kind, .seq = ((const int64_t *)seqs.items)[i]});
    pct_vector_dispose(&seqs);
    return status ? pct_error_memory(error, sizeof(pct_desk_unit)) : PCT_OK;
}

pct_status pct_desk_list_board(pct_desk *desk, pct_error *error) {
    pct_status status = PCT_OK;
    for (const char *kind = "CIOUL"; *kind && !status; kind++) status = list_kind(desk, *kind, error);
    return status;
}

static pct_status changed(pct_desk *desk, pct_id id, const pct_event *e, pct_follow what, pct_error *error) {
    pct_status status = what.lists ? list_record(desk, id) : PCT_OK;
    if (status) return pct_error_memory(error, sizeof(pct_desk_unit));
    return what.tables ? table_row(desk, id, e, error) : PCT_OK;
}

/* --- forgetting -------------------------------------------------------------------------------------------------- */

static pct_status drop_records(pct_desk *desk, pct_id id) {
    pct_status status = PCT_OK;
    if (id.kind == 'C') return pct_lists_drop(&desk->lists, PCT_LIST_CALLS, id.seq);
    if (id.kind == 'L') return pct_lists_drop(&desk->lists, PCT_LIST_CLOSURES, id.seq);
    const pct_incident *incident = pct_board_incident(desk->board, (pct_incident_id){id.seq});
    if (PCT_NEVER(!incident)) return PCT_INTERNAL;
    for (const pct_call *c = pct_board_call(desk->board, incident->first_call); c && !status;
         c = pct_board_call(desk->board, c->next))
        status = pct_lists_drop(&desk->lists, PCT_LIST_CALLS, c->id.seq);
    for (const pct_order *o = pct_board_order(desk->board, incident->first_order); o && !status;
         o = pct_board_order(desk->board, o->next))
        status = pct_lists_drop(&desk->lists, PCT_LIST_ORDERS, o->id.seq);
    return status ? status : pct_lists_drop(&desk->lists, PCT_LIST_INCIDENTS, id.seq);
}

static pct_status forget(pct_board *board, pct_id id, pct_error *error) {
    switch (id.kind) {
    case 'C': return pct_board_forget_call(board, (pct_call_id){id.seq}, error);
    case 'L': return pct_board_forget_closure(board, (pct_closure_id){id.seq}, error);
    default: return pct_board_forget(board, (pct_incident_id){id.seq}, error);
    }
}

/* By the times of events alone, so that a replay forgets what the desk forgot, at the same event. */
static pct_status forget_old(pct_desk *desk, const pct_event *e, pct_follow what, pct_error *error) {
    const pct_ending *endings = desk->endings.items;
    pct_status status = PCT_OK;
    while (!status && desk->endings_at < desk->endings.length &&
           endings[desk->endings_at].ended_at_ms + PCT_FORGET_AFTER_MS <= e->recorded_at_ms) {
        pct_id id = endings[desk->endings_at++].object;
        if (what.lists && drop_records(desk, id) != PCT_OK)
            return pct_error_memory(error, sizeof(pct_desk_unit));
        status = forget(desk->board, id, error);
    }
    if (desk->endings_at * 2 > desk->endings.length) {
        desk->endings.length -= desk->endings_at;
        memmove(desk->endings.items, endings + desk->endings_at, desk->endings.length * sizeof *endings);
        desk->endings_at = 0;
    }
    return status;
}

static pct_status note_ending(pct_desk *desk, const pct_event *e, pct_error *error) {
    bool ends = ends_calls(e) || e->type == PCT_EVENT_CALL_SETTLED || e->type == PCT_EVENT_CLOSURE_LIFTED ||
                e->type == PCT_EVENT_CLOSURE_LAPSED;
    if (!ends) return PCT_OK;
    pct_ending *ending = pct_vector_push(&desk->endings);
    if (!ending) return pct_vector_failed(&desk->endings, PCT_MSG_WHAT_ENDINGS, error);
    *ending = (pct_ending){e->object, e->recorded_at_ms};
    return PCT_OK;
}

/* --- one step ---------------------------------------------------------------------------------------------------- */

pct_status pct_desk_follow(pct_desk *desk, const pct_event *e, pct_follow what, pct_desk_notice *notice,
                           pct_error *error) {
    pct_status status = pct_board_apply(desk->board, e, error);
    if (status) return status;
    desk->recorded_ms = e->recorded_at_ms;
    desk->since_saved++;
    find_touched(desk->board, e, notice);
    for (uint32_t i = 0; i < notice->touched_count && !status; i++)
        status = changed(desk, notice->touched[i], e, what, error);
    if (!status && ends_calls(e)) {
        const pct_incident *incident = pct_board_incident(desk->board, (pct_incident_id){e->object.seq});
        pct_call_id next = incident ? incident->first_call : (pct_call_id){0};
        for (const pct_call *call; !status && (call = pct_board_call(desk->board, next)) != NULL;) {
            next = call->next;
            status = changed(desk, (pct_id){.kind = 'C', .seq = call->id.seq}, e, what, error);
        }
    }
    if (!status && what.tables) status = pct_desk_follow_retention(desk, e, error);
    if (!status && what.tables) status = pct_desk_follow_map(desk, e, error);
    if (!status) status = note_ending(desk, e, error);
    return status ? status : forget_old(desk, e, what, error);
}
