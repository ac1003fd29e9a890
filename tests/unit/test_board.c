/* The board: one scenario a test. */
#include "base/text.h"
#include "dispatch/board.h"

#include <string.h>

#include "support/board.h"
#include "support/codes.h"
#include "support/test.h"

static pct_codes *codes;

static pct_board *new_board(void) {
    pct_board *board;
    pct_error error;
    codes = test_codes();
    test_ok(pct_board_new(codes, NULL, &board, &error), &error);
    return board;
}

static void end(pct_board *board) {
    pct_board_free(board);
    pct_codes_free(codes);
}

static pct_incident_status incident_status(const pct_board *board, pct_incident_id id) {
    return pct_board_incident(board, id)->status;
}

static pct_unit_status unit_status(const pct_board *board, pct_unit_id id) {
    return pct_board_unit(board, id)->status;
}

/* A gas leak is called in, U goes, reports, is free again, and the incident is closed. */
TEST(board_leads_a_call_from_the_telephone_to_its_end) {
    pct_board *board = new_board();
    pct_unit_id unit = test_unit(board, "U", "patrol", 2, 0);
    pct_incident_id incident = test_incident(board, "gas_leak", 1, 1000);
    pct_call_id call = pct_board_incident(board, incident)->first_call;
    ck_assert_int_eq(pct_board_call(board, call)->status, PCT_CALL_LINKED);
    ck_assert_int_eq(incident_status(board, incident), PCT_INCIDENT_WAITING);
    pct_order_id order = test_send(board, incident, unit, 2000);
    ck_assert_int_eq(incident_status(board, incident), PCT_INCIDENT_DISPATCHED);
    ck_assert_int_eq(unit_status(board, unit), PCT_UNIT_DISPATCHED);
    test_step(board, PCT_COMMAND_ACKNOWLEDGE, order, 3000);
    test_step(board, PCT_COMMAND_SET_OUT, order, 4000);
    ck_assert_int_eq(unit_status(board, unit), PCT_UNIT_EN_ROUTE);
    test_step(board, PCT_COMMAND_ARRIVE, order, 5000);
    ck_assert_int_eq(incident_status(board, incident), PCT_INCIDENT_ON_SCENE);
    ck_assert_int_eq(pct_board_incident(board, incident)->first_arrival_ms, 5000);
    test_step(board, PCT_COMMAND_REPORT, order, 6000);
    test_step(board, PCT_COMMAND_CLOSE_ORDER, order, 7000);
    ck_assert_int_eq(unit_status(board, unit), PCT_UNIT_AVAILABLE);
    ck_assert_int_eq(incident_status(board, incident), PCT_INCIDENT_HANDLED);
    pct_command close = test_command(PCT_COMMAND_CLOSE_INCIDENT, 'I', incident.seq);
    close.data.incident_closed.result = PCT_INCIDENT_RESULT_HANDLED;
    pct_command_context context = test_context(8000);
    pct_error error;
    test_ok(pct_board_submit(board, &close, &context, NULL, &error), &error);
    ck_assert_int_eq(pct_board_call(board, call)->status, PCT_CALL_SERVED);
    const pct_order *clocks = pct_board_order(board, order);
    for (int status = PCT_ORDER_SENT; status <= PCT_ORDER_CLOSED; status++)
        ck_assert_int_eq(clocks->at_ms[status], 2000 + 1000 * status);
    end(board);
}

/* U drives to a noise call; a robbery comes in. Sending U is refused; diverting it takes one decision, and the noise waits
 * again in its old place. */
TEST(board_diverts_a_unit_and_lets_its_old_incident_wait_again) {
    pct_board *board = new_board();
    pct_unit_id unit = test_unit(board, "U", "patrol", 2, 0);
    pct_incident_id noise = test_incident(board, "noise", 4, 1), later = test_incident(board, "noise", 4, 2);
    pct_order_id order = test_send(board, noise, unit, 3);
    test_steps_until(board, PCT_COMMAND_SET_OUT, order, 4);
    pct_incident_id robbery = test_incident(board, "robbery", 1, 5);
    pct_command send = test_command(PCT_COMMAND_SEND_ORDER, 0, 0);
    send.data.order_sent.incident = robbery, send.data.order_sent.unit = unit;
    char busy[80];
    snprintf(busy, sizeof busy, "unit U is busy with order O%d for incident I%d", (int)order.seq,
             (int)noise.seq);
    test_refused(board, &send, 6, busy);

    pct_command divert = test_command(PCT_COMMAND_DIVERT, 'O', order.seq);
    divert.data.order_diverted.to = robbery;
    divert.data.order_diverted.reason = PCT_DIVERT_REASON_MORE_URGENT;
    pct_command_context context = test_context(6);
    pct_decision decision;
    pct_error error;
    test_ok(pct_board_submit(board, &divert, &context, &decision, &error), &error);
    ck_assert_uint_eq(decision.count, 2);
    ck_assert_int_eq(decision.events[1].data.order_sent.replaces.seq, order.seq);
    ck_assert_int_eq(pct_board_order(board, order)->status, PCT_ORDER_DIVERTED);
    ck_assert_int_eq(incident_status(board, noise), PCT_INCIDENT_WAITING);
    ck_assert_int_eq(incident_status(board, robbery), PCT_INCIDENT_DISPATCHED);
    ck_assert_int_eq(pct_board_unit(board, unit)->order.seq, decision.events[1].seq);
    const pct_incident *first = pct_board_first_waiting(board);
    ck_assert_int_eq(first->id.seq, noise.seq);
    ck_assert_int_eq(pct_board_next_waiting(board, first)->id.seq, later.seq);
    ck_assert_ptr_null(pct_board_next_waiting(board, pct_board_incident(board, later)));
    end(board);
}

/* Users' complaint about another system: incidents were closed by themselves with crews still on them. */
TEST(board_refuses_to_close_an_incident_with_a_crew_on_it) {
    pct_board *board = new_board();
    pct_unit_id a = test_unit(board, "A", "patrol", 1, 1), b = test_unit(board, "B", "patrol", 1, 1);
    pct_incident_id incident = test_incident(board, "fire", 1, 1);
    pct_order_id first = test_send(board, incident, a, 2), second = test_send(board, incident, b, 3);
    test_steps_until(board, PCT_COMMAND_CLOSE_ORDER, first, 4);
    ck_assert_int_eq(incident_status(board, incident), PCT_INCIDENT_DISPATCHED);
    pct_command close = test_command(PCT_COMMAND_CLOSE_INCIDENT, 'I', incident.seq);
    close.data.incident_closed.result = PCT_INCIDENT_RESULT_HANDLED;
    test_refused(board, &close, 5, "has 1 open dispatch orders");
    test_step(board, PCT_COMMAND_CANCEL_ORDER, second, 6);
    ck_assert_int_eq(incident_status(board, incident), PCT_INCIDENT_HANDLED);
    pct_command_context context = test_context(7);
    pct_error error;
    test_ok(pct_board_submit(board, &close, &context, NULL, &error), &error);
    test_refused(board, &close, 8, "takes no more changes");
    end(board);
}

/* Two callers report the same crash; the second call joins the first one's incident, and both are referred with it. */
TEST(board_joins_calls_and_refers_them_with_their_incident) {
    pct_board *board = new_board();
    pct_incident_id incident = test_incident(board, "citizen_assist", 3, 1);
    pct_call_id second = test_call(board, "citizen_assist", 3, 2);
    pct_command link = test_command(PCT_COMMAND_LINK_CALL, 'C', second.seq);
    link.data.call_linked.incident = incident;
    test_refused(board, &link, 3, "'reason'");
    link.data.call_linked.reason = PCT_LINK_REASON_SAME_EVENT;
    pct_command_context context = test_context(3);
    pct_error error;
    test_ok(pct_board_submit(board, &link, &context, NULL, &error), &error);
    test_refused(board, &link, 4, "belongs to incident");
    pct_command refer = test_command(PCT_COMMAND_REFER_INCIDENT, 'I', incident.seq);
    refer.data.incident_referred.to = PCT_REFERRAL_TARGET_HOTLINE_12345;
    refer.data.incident_referred.reason = PCT_REFERRAL_REASON_NOT_POLICE;
    test_ok(pct_board_submit(board, &refer, &context, NULL, &error), &error);
    ck_assert_uint_eq(pct_board_counts_view(board)->calls[PCT_CALL_REFERRED], 2);
    ck_assert_uint_eq(pct_board_counts_view(board)->incidents[PCT_INCIDENT_REFERRED], 1);
    end(board);
}

TEST(board_settles_a_misdial_at_the_desk_and_forgets_it) {
    pct_board *board = new_board();
    pct_call_id call = test_call(board, "other", 4, 1);
    ck_assert_int_eq(pct_board_forget_call(board, call, NULL), PCT_REFUSED);
    pct_command settle = test_command(PCT_COMMAND_SETTLE_CALL, 'C', call.seq);
    settle.data.call_settled.reason = PCT_SETTLE_REASON_MISDIAL;
    pct_command_context context = test_context(2);
    pct_error error;
    test_ok(pct_board_submit(board, &settle, &context, NULL, &error), &error);
    test_refused(board, &settle, 3, "is settled and cannot become settled");
    test_ok(pct_board_forget_call(board, call, &error), &error);
    ck_assert_ptr_null(pct_board_call(board, call));
    end(board);
}

/* Reported as alarm, found to be a fire: two facts; the second finding needs a reason of its own. */
TEST(board_keeps_the_type_reported_and_the_type_found_apart) {
    pct_board *board = new_board();
    pct_unit_id unit = test_unit(board, "U", "patrol", 1, 0);
    pct_incident_id incident = test_incident(board, "Alarms", 3, 1); /* another system's spelling */
    pct_order_id order = test_send(board, incident, unit, 2);
    test_steps_until(board, PCT_COMMAND_ARRIVE, order, 3);
    pct_command report = test_command(PCT_COMMAND_REPORT, 'O', order.seq);
    report.data.order_reported.result = PCT_REPORT_RESULT_HANDLED;
    report.data.order_reported.found_type = pct_text_of("fire");
    pct_command_context context = test_context(4);
    pct_error error;
    test_ok(pct_board_submit(board, &report, &context, NULL, &error), &error);
    const pct_incident *held = pct_board_incident(board, incident);
    ck_assert_uint_eq(held->type, pct_codes_type(codes, pct_text_of("alarm")));
    ck_assert_uint_eq(held->found_type, pct_codes_type(codes, pct_text_of("fire")));
    pct_unit_id other = test_unit(board, "V", "patrol", 1, 0);
    pct_order_id second = test_send(board, incident, other, 5);
    test_steps_until(board, PCT_COMMAND_ARRIVE, second, 5);
    report.object.seq = second.seq, report.data.order_reported.found_type = pct_text_of("noise");
    test_refused(board, &report, 5, "found to be fire already");
    pct_command classify = test_command(PCT_COMMAND_CLASSIFY_INCIDENT, 'I', incident.seq);
    test_refused(board, &classify, 5, "names no type");
    classify.data.incident_classified.found_type = pct_text_of("other");
    test_refused(board, &classify, 5, "'reason'");
    classify.data.incident_classified.reason = PCT_CLASSIFY_REASON_REVIEW;
    classify.data.incident_classified.has_priority = true;
    classify.data.incident_classified.priority = 1;
    test_ok(pct_board_submit(board, &classify, &context, NULL, &error), &error);
    ck_assert_uint_eq(pct_board_incident(board, incident)->found_type,
                      pct_codes_type(codes, pct_text_of("other")));
    ck_assert_int_eq(pct_board_incident(board, incident)->priority, 1);
    end(board);
}

/* Waiting list: by priority, then by age; a change of priority moves an incident to its new place. */
TEST(board_lists_waiting_incidents_by_priority_and_age) {
    pct_board *board = new_board();
    pct_incident_id a = test_incident(board, "noise", 4, 1), b = test_incident(board, "theft", 3, 2),
                    c = test_incident(board, "robbery", 1, 3), d = test_incident(board, "theft", 3, 4);
    const int64_t expected[] = {c.seq, b.seq, d.seq, a.seq};
    const pct_incident *at = pct_board_first_waiting(board);
    for (int i = 0; i < 4; i++, at = pct_board_next_waiting(board, at))
        ck_assert_int_eq(at->id.seq, expected[i]);
    ck_assert_ptr_null(at);
    pct_command classify = test_command(PCT_COMMAND_CLASSIFY_INCIDENT, 'I', a.seq);
    classify.data.incident_classified.reason = PCT_CLASSIFY_REASON_CALLER_UPDATE;
    classify.data.incident_classified.has_priority = true;
    classify.data.incident_classified.priority = 3;
    pct_command_context context = test_context(5);
    pct_error error;
    test_ok(pct_board_submit(board, &classify, &context, NULL, &error), &error);
    const int64_t then[] = {c.seq, a.seq, b.seq, d.seq};
    at = pct_board_first_waiting(board);
    for (int i = 0; i < 4; i++, at = pct_board_next_waiting(board, at)) ck_assert_int_eq(at->id.seq, then[i]);
    end(board);
}

static void reminder_due(pct_board *board, int64_t at_ms, pct_order_id order, pct_order_clock clock,
                         int level) {
    pct_deadline due = pct_board_next_deadline(board);
    ck_assert_int_eq(due.at_ms, at_ms);
    ck_assert_int_eq(due.order.seq, order.seq);
    ck_assert_int_eq(due.clock, clock);
    ck_assert_int_eq(due.level, level);
    pct_command remind = pct_board_remind_command(due);
    test_refused(board, &remind, at_ms - 1, "no reminder");
    pct_command_context context = test_context(at_ms);
    context.role = PCT_ROLE_SYSTEM;
    pct_error error;
    test_ok(pct_board_submit(board, &remind, &context, NULL, &error), &error);
}

/* Not acknowledged: reminders after 30, 60, 120, 180 s, then none; setting out and feedback have clocks of their own. */
TEST(board_reminds_by_the_clocks_of_practice) {
    pct_board *board = new_board();
    pct_unit_id a = test_unit(board, "A", "patrol", 1, 0), b = test_unit(board, "B", "patrol", 1, 0);
    pct_incident_id incident = test_incident(board, "theft", 3, 0);
    ck_assert_int_eq(pct_board_next_deadline(board).at_ms, INT64_MAX);
    pct_order_id first = test_send(board, incident, a, 1000), second = test_send(board, incident, b, 40000);
    reminder_due(board, 31000, first, PCT_ORDER_CLOCK_ACKNOWLEDGE, 1);
    reminder_due(board, 61000, first, PCT_ORDER_CLOCK_ACKNOWLEDGE, 2);
    reminder_due(board, 70000, second, PCT_ORDER_CLOCK_ACKNOWLEDGE, 1);
    test_step(board, PCT_COMMAND_CANCEL_ORDER, second, 71000);
    reminder_due(board, 121000, first, PCT_ORDER_CLOCK_ACKNOWLEDGE, 3);
    reminder_due(board, 181000, first, PCT_ORDER_CLOCK_ACKNOWLEDGE, 4);
    ck_assert_int_eq(pct_board_next_deadline(board).at_ms, INT64_MAX);
    test_step(board, PCT_COMMAND_ACKNOWLEDGE, first, 200000);
    reminder_due(board, 200000 + 5 * 60000, first, PCT_ORDER_CLOCK_SET_OUT, 1);
    test_step(board, PCT_COMMAND_SET_OUT, first, 600000);
    ck_assert_int_eq(pct_board_next_deadline(board).at_ms, INT64_MAX);
    test_step(board, PCT_COMMAND_ARRIVE, first, 700000);
    reminder_due(board, 700000 + 30 * 60000, first, PCT_ORDER_CLOCK_FEEDBACK, 1);
    end(board);
}

TEST(board_refuses_each_illegal_step_of_an_order_and_says_why) {
    pct_board *board = new_board();
    pct_unit_id unit = test_unit(board, "U", "patrol", 1, 0);
    pct_order_id order = test_send(board, test_incident(board, "theft", 3, 0), unit, 0);
    pct_command step = test_command(PCT_COMMAND_SET_OUT, 'O', order.seq);
    test_refused(board, &step, 1, "is sent and cannot become set_out");
    test_step(board, PCT_COMMAND_ACKNOWLEDGE, order, 1);
    step.kind = PCT_COMMAND_ACKNOWLEDGE;
    test_refused(board, &step, 2, "is acknowledged and cannot become acknowledged");
    step.kind = PCT_COMMAND_CLOSE_ORDER;
    test_refused(board, &step, 2, "is acknowledged and cannot become closed");
    test_step(board, PCT_COMMAND_SET_OUT, order, 2);
    test_step(board, PCT_COMMAND_ARRIVE, order, 3);
    test_refused(board, &step, 4, "is on_scene and cannot become closed");
    step.kind = PCT_COMMAND_DIVERT;
    step.data.order_diverted.to = test_incident(board, "robbery", 1, 4);
    step.data.order_diverted.reason = PCT_DIVERT_REASON_MORE_URGENT;
    test_refused(board, &step, 4, "is on_scene and cannot become diverted");
    step = test_command(PCT_COMMAND_ARRIVE, 'O', order.seq + 100);
    test_refused(board, &step, 4, "there is no dispatch order");
    step = test_command(PCT_COMMAND_ARRIVE, 'I', order.seq);
    test_refused(board, &step, 4, "id of the right kind");
    test_refused(board, &(pct_command){.kind = PCT_COMMAND_SIGN_ON, .object = {.kind = 'U', .seq = 77}}, 4,
                 "no unit U77");
    test_refused(board, &(pct_command){.kind = PCT_COMMAND_SIGN_ON, .object = {.kind = 'U', .seq = unit.seq}},
                 4, "on duty already");
    test_refused(board, &(pct_command){.kind = PCT_COMMAND_SETTLE_CALL, .object = {.kind = 'C', .seq = 77}},
                 4, "no call C77");
    test_refused(board,
                 &(pct_command){.kind = PCT_COMMAND_CLOSE_INCIDENT, .object = {.kind = 'I', .seq = 77}}, 4,
                 "no incident I77");
    ck_assert_int_eq(pct_board_forget(board, (pct_incident_id){77}, NULL), PCT_NOT_FOUND);
    ck_assert_int_eq(pct_board_forget_call(board, (pct_call_id){77}, NULL), PCT_NOT_FOUND);
    pct_command send = test_command(PCT_COMMAND_SEND_ORDER, 0, 0);
    send.data.order_sent.incident = pct_board_order(board, order)->incident;
    send.data.order_sent.unit = test_unit(board, "V", "patrol", 1, 0);
    send.data.order_sent.replaces.seq = 99;
    test_refused(board, &send, 4, "no dispatch order O99");
    ck_assert_ptr_nonnull(pct_board_unit_named(board, pct_text_of("V")));
    ck_assert_ptr_null(pct_board_unit_named(board, pct_text_of("W")));
    ck_assert_uint_eq(pct_board_type_code(board, UINT32_MAX).length, 0);
    end(board);
}

TEST(board_refuses_units_that_cannot_be_sent_and_says_why) {
    pct_board *board = new_board();
    pct_incident_id incident = test_incident(board, "theft", 3, 0);
    pct_unit_id helpers = test_unit(board, "helpers", "patrol", 0, 3),
                off = test_unit(board, "off", "patrol", 1, 0),
                meal = test_unit(board, "meal", "patrol", 1, 0);
    pct_command send = test_command(PCT_COMMAND_SEND_ORDER, 0, 0);
    pct_command_context context = test_context(1);
    pct_error error;
    send.data.order_sent.incident = incident, send.data.order_sent.unit = helpers;
    test_refused(board, &send, 1, "auxiliaries are never sent alone");
    pct_command sign_off = test_command(PCT_COMMAND_SIGN_OFF, 'U', off.seq);
    test_ok(pct_board_submit(board, &sign_off, &context, NULL, &error), &error);
    send.data.order_sent.unit = off;
    test_refused(board, &send, 1, "unit off is off duty");
    pct_command position = test_command(PCT_COMMAND_POSITION_UNIT, 'U', off.seq);
    test_refused(board, &position, 1, "unit off is off duty");
    pct_command eat = test_command(PCT_COMMAND_MAKE_UNAVAILABLE, 'U', meal.seq);
    eat.data.unit_unavailable.reason = PCT_UNAVAILABLE_REASON_MEAL;
    test_ok(pct_board_submit(board, &eat, &context, NULL, &error), &error);
    send.data.order_sent.unit = meal;
    test_refused(board, &send, 1, "unavailable (meal)");
    pct_command back = test_command(PCT_COMMAND_MAKE_AVAILABLE, 'U', meal.seq);
    test_ok(pct_board_submit(board, &back, &context, NULL, &error), &error);
    test_refused(board, &back, 1, "is available and cannot become available");
    test_send(board, incident, meal, 2);
    sign_off.object.seq = meal.seq;
    test_refused(board, &sign_off, 3, "is busy with order");
    pct_command twice = test_command(PCT_COMMAND_ENROL_UNIT, 0, 0);
    twice.data.unit_enrolled.name = pct_text_of("meal"), twice.data.unit_enrolled.kind = pct_text_of("car");
    test_refused(board, &twice, 3, "enrolled already");
    end(board);
}

TEST(board_refuses_unknown_codes_and_times_to_come) {
    pct_board *board = new_board();
    pct_command call = test_command(PCT_COMMAND_RECEIVE_CALL, 0, 0);
    call.data.call_received.channel = PCT_CHANNEL_PHONE;
    call.data.call_received.priority = 2;
    call.data.call_received.type = pct_text_of("petition");
    test_refused(board, &call, 1, "'petition' is no incident type");
    call.data.call_received.type = pct_text_of("fire");
    call.data.call_received.priority = 5;
    test_refused(board, &call, 1, "'priority'");
    call.data.call_received.priority = 2;
    pct_command_context context = test_context(10);
    context.occurred_at_ms = 11;
    pct_error error;
    ck_assert_int_eq(pct_board_submit(board, &call, &context, NULL, &error), PCT_INPUT);
    test_error_says(&error, "after now");
    context = test_context(10), context.seq = 1;
    test_incident(board, "fire", 1, 1);
    ck_assert_int_eq(pct_board_submit(board, &call, &context, NULL, &error), PCT_MISUSE);
    test_error_says(&error, "does not follow");
    pct_command enrol = test_command(PCT_COMMAND_ENROL_UNIT, 0, 0);
    test_refused(board, &enrol, 1, "needs a name");
    enrol.data.unit_enrolled.name = pct_text_of("U"), enrol.data.unit_enrolled.kind = pct_text_of("tank");
    test_refused(board, &enrol, 1, "'tank' is no kind of unit");
    enrol.data.unit_enrolled.kind = pct_text_of("car");
    enrol.data.unit_enrolled.capabilities[0] = pct_text_of("fly"),
    enrol.data.unit_enrolled.capabilities_count = 1;
    test_refused(board, &enrol, 1, "'fly' is no capability");
    enrol.kind = PCT_COMMAND_COUNT;
    test_refused(board, &enrol, 1, "no command number");
    end(board);
}

/* Looking is for a purpose, changes nothing, and is allowed of what the board has forgotten. */
TEST(board_lets_nobody_look_without_a_purpose_and_a_case) {
    pct_board *board = new_board();
    pct_command_context context = test_context(5);
    pct_decision decision;
    pct_error error;
    test_incident(board, "fire", 1, 1);
    static const pct_command_kind kinds[] = {PCT_COMMAND_LOOK_CALL, PCT_COMMAND_LOOK_INCIDENT,
                                             PCT_COMMAND_LOOK_ORDER};
    for (int kind = 0; kind < 3; kind++) {
        pct_command look = test_command(kinds[kind], "CIO"[kind], 1);
        test_refused(board, &look, 5, "needs a purpose");
        context.purpose = pct_text_of(" \t");
        ck_assert_int_eq(pct_board_submit(board, &look, &context, NULL, &error), PCT_INPUT);
        context.purpose = pct_text_of("ring back");
        ck_assert_int_eq(pct_board_submit(board, &look, &context, NULL, &error), PCT_INPUT);
        test_error_says(&error, "shown for a case only");
        look.data.call_looked.for_incident.seq = 2;
        test_ok(pct_board_submit(board, &look, &context, &decision, &error), &error);
        ck_assert_uint_eq(decision.count, 1);
        ck_assert(pct_text_equal(decision.events[0].purpose, "ring back"));
        context.purpose = (pct_text){"", 0};
        look.object.kind = 'U';
        test_refused(board, &look, 5, "object");
    }
    end(board);
}

/* At the station, out on the move, back again: reported with the position, never while busy. */
TEST(board_tells_a_unit_at_its_station_from_one_on_the_move) {
    pct_board *board = new_board();
    pct_unit_id unit = test_unit(board, "U", "patrol", 1, 0);
    pct_command position = test_command(PCT_COMMAND_POSITION_UNIT, 'U', unit.seq);
    pct_command_context context = test_context(1);
    pct_error error;
    position.data.unit_positioned.position = (pct_position){10, 20};
    test_ok(pct_board_submit(board, &position, &context, NULL, &error), &error);
    ck_assert_int_eq(unit_status(board, unit), PCT_UNIT_AVAILABLE);
    position.data.unit_positioned.at_station = true;
    test_ok(pct_board_submit(board, &position, &context, NULL, &error), &error);
    ck_assert_int_eq(unit_status(board, unit), PCT_UNIT_AT_STATION);
    test_send(board, test_incident(board, "theft", 3, 2), unit, 2);
    position.data.unit_positioned.at_station = false;
    test_ok(pct_board_submit(board, &position, &context, NULL, &error), &error);
    ck_assert_int_eq(unit_status(board, unit), PCT_UNIT_DISPATCHED);
    end(board);
}

TEST(board_refuses_events_that_cannot_follow) {
    pct_board *board = new_board();
    pct_unit_id unit = test_unit(board, "U", "patrol", 1, 0);
    pct_order_id order = test_send(board, test_incident(board, "theft", 3, 0), unit, 0);
    pct_event event = {.seq = pct_board_seq(board) + 1,
                       .type = PCT_EVENT_ORDER_CLOSED,
                       .object = {.kind = 'O', .seq = order.seq}};
    pct_error error;
    uint64_t before = pct_board_digest(board);
    ck_assert_int_eq(pct_board_apply(board, &event, &error), PCT_DAMAGED);
    test_error_says(&error, "order_closed) cannot follow");
    event.type = PCT_EVENT_ORDER_ACKNOWLEDGED, event.seq = pct_board_seq(board);
    ck_assert_int_eq(pct_board_apply(board, &event, &error), PCT_DAMAGED);
    test_error_says(&error, "does not follow");
    ck_assert_uint_eq(pct_board_digest(board), before);
    end(board);
}

/* 1,000 incidents come and are forgotten: the board ends as it began but for its sequence number and its units. */
TEST(board_forgets_ended_incidents_and_uses_their_places_again) {
    pct_board *board = new_board();
    pct_unit_id unit = test_unit(board, "U", "patrol", 1, 0);
    pct_error error;
    size_t allocations = 0;
    int wrong = 0; /* Check's own assertions allocate */
    for (int n = 0; n < 1000; n++) {
        if (n == 10) allocations = test_allocation_count();
        pct_incident_id incident = test_incident(board, "theft", 3, n);
        pct_order_id order = test_send(board, incident, unit, n);
        wrong += pct_board_forget(board, incident, NULL) != PCT_REFUSED;
        test_steps_until(board, PCT_COMMAND_CLOSE_ORDER, order, n);
        pct_command close = test_command(PCT_COMMAND_CLOSE_INCIDENT, 'I', incident.seq);
        close.data.incident_closed.result = PCT_INCIDENT_RESULT_HANDLED;
        pct_command_context context = test_context(n);
        test_ok(pct_board_submit(board, &close, &context, NULL, &error), &error);
        test_ok(pct_board_forget(board, incident, &error), &error);
        wrong += pct_board_incident(board, incident) || pct_board_order(board, order);
    }
    allocations = test_allocation_count() - allocations;
    ck_assert_int_eq(wrong, 0);
    ck_assert_uint_eq(allocations, 0);
    ck_assert_uint_eq(pct_board_counts_view(board)->orders[PCT_ORDER_CLOSED], 0);
    ck_assert_uint_eq(pct_board_counts_view(board)->calls[PCT_CALL_SERVED], 0);
    end(board);
}

#define TABLE(kind, KIND)                                                                                    \
    for (int from = 0; from < PCT_##KIND##_STATUS_COUNT; from++) {                                           \
        (void)pct_buffer_append_format(&out, #kind " %s:", pct_##kind##_status_code(from));                  \
        for (int to = 0; to < PCT_##KIND##_STATUS_COUNT; to++)                                               \
            if (to != from && pct_##kind##_status_may(from, to))                                             \
                (void)pct_buffer_append_format(&out, " %s", pct_##kind##_status_code(to));                   \
        (void)pct_buffer_append_text(&out, "\n");                                                            \
    }

/* The agreed changes, in words: taking one out of the table, or adding one, is a decision and changes this test. */
TEST(board_statuses_change_as_agreed_and_in_no_other_way) {
    pct_buffer out = pct_buffer_init(1 << 16);
    TABLE(call, CALL)
    TABLE(incident, INCIDENT)
    TABLE(order, ORDER)
    TABLE(unit, UNIT)
    ck_assert_str_eq(pct_buffer_chars(&out), "call received: linked settled\n"
                                             "call linked: served referred\n"
                                             "call served:\n"
                                             "call referred:\n"
                                             "call settled:\n"
                                             "incident waiting: dispatched referred closed\n"
                                             "incident dispatched: waiting on_scene handled\n"
                                             "incident on_scene: waiting dispatched handled\n"
                                             "incident handled: dispatched referred closed\n"
                                             "incident referred:\n"
                                             "incident closed:\n"
                                             "order sent: acknowledged cancelled diverted\n"
                                             "order acknowledged: set_out cancelled diverted\n"
                                             "order set_out: on_scene cancelled diverted\n"
                                             "order on_scene: reported cancelled\n"
                                             "order reported: closed\n"
                                             "order closed:\n"
                                             "order cancelled:\n"
                                             "order diverted:\n"
                                             "unit off_duty: at_station\n"
                                             "unit at_station: off_duty available dispatched unavailable\n"
                                             "unit available: off_duty at_station dispatched unavailable\n"
                                             "unit dispatched: available en_route\n"
                                             "unit en_route: available on_scene\n"
                                             "unit on_scene: available\n"
                                             "unit unavailable: off_duty available\n");
    pct_buffer_dispose(&out);
}

static pct_status little_day(void *context) {
    pct_error *error = context;
    pct_board *board = NULL;
    pct_command_context who = test_context(1);
    pct_status status = pct_board_new(codes, NULL, &board, error);
    pct_command command = test_command(PCT_COMMAND_ENROL_UNIT, 0, 0);
    command.data.unit_enrolled.name = pct_text_of("U"), command.data.unit_enrolled.kind = pct_text_of("car");
    if (!status) {
        status = pct_board_submit(board, &command, &who, NULL, error);
        if (pct_board_unit_count(board) != (status ? 0 : 1)) status = PCT_INTERNAL; /* assertions allocate */
    }
    command = test_command(PCT_COMMAND_SIGN_ON, 'U', 1);
    command.data.unit_signed_on.officers = 1;
    if (!status) status = pct_board_submit(board, &command, &who, NULL, error);
    command = test_command(PCT_COMMAND_OPEN_INCIDENT, 0, 0);
    command.data.incident_opened.type = pct_text_of("theft"), command.data.incident_opened.priority = 3;
    if (!status) status = pct_board_submit(board, &command, &who, NULL, error);
    command = test_command(PCT_COMMAND_SEND_ORDER, 0, 0);
    command.data.order_sent.unit.seq = 1, command.data.order_sent.incident.seq = 3;
    uint64_t before = board ? pct_board_digest(board) : 0;
    if (!status) {
        status = pct_board_submit(board, &command, &who, NULL, error);
        if (status) ck_assert_uint_eq(pct_board_digest(board), before);
    }
    pct_board_free(board);
    return status;
}

TEST(board_survives_each_failing_allocation_unchanged) {
    codes = test_codes();
    pct_error error;
    ck_assert_uint_gt(test_torture(little_day, &error), 15);
    pct_codes_free(codes);
}

TEST_MAIN("board", TEST_CASE(board_leads_a_call_from_the_telephone_to_its_end),
          TEST_CASE(board_diverts_a_unit_and_lets_its_old_incident_wait_again),
          TEST_CASE(board_refuses_to_close_an_incident_with_a_crew_on_it),
          TEST_CASE(board_joins_calls_and_refers_them_with_their_incident),
          TEST_CASE(board_settles_a_misdial_at_the_desk_and_forgets_it),
          TEST_CASE(board_keeps_the_type_reported_and_the_type_found_apart),
          TEST_CASE(board_lists_waiting_incidents_by_priority_and_age),
          TEST_CASE(board_reminds_by_the_clocks_of_practice),
          TEST_CASE(board_refuses_each_illegal_step_of_an_order_and_says_why),
          TEST_CASE(board_refuses_units_that_cannot_be_sent_and_says_why),
          TEST_CASE(board_refuses_unknown_codes_and_times_to_come),
          TEST_CASE(board_lets_nobody_look_without_a_purpose_and_a_case),
          TEST_CASE(board_tells_a_unit_at_its_station_from_one_on_the_move),
          TEST_CASE(board_refuses_events_that_cannot_follow),
          TEST_CASE(board_forgets_ended_incidents_and_uses_their_places_again),
          TEST_CASE(board_statuses_change_as_agreed_and_in_no_other_way),
          TEST_CASE(board_survives_each_failing_allocation_unchanged))
