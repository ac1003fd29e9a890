#include "support/board.h"

#include <string.h>

#include "base/text.h"
#include "support/test.h"

pct_command_context test_context(int64_t now_ms) {
    return (pct_command_context){
        .now_ms = now_ms, .epoch = 1, .actor = pct_text_of("test"), .role = PCT_ROLE_DISPATCHER};
}

static pct_id submit(pct_board *board, const pct_command *command, int64_t now_ms) {
    pct_command_context context = test_context(now_ms);
    pct_decision decision;
    pct_error error;
    test_ok(pct_board_submit(board, command, &context, &decision, &error), &error);
    return decision.events[0].object;
}

pct_command test_command(pct_command_kind kind, char letter, int64_t object) {
    pct_command command;
    memset(&command, 0, sizeof command);
    command.kind = kind;
    command.object = (pct_id){.kind = letter, .seq = object};
    return command;
}

pct_call_id test_call(pct_board *board, const char *type, int priority, int64_t now_ms) {
    pct_command command = test_command(PCT_COMMAND_RECEIVE_CALL, 0, 0);
    command.data.call_received.channel = PCT_CHANNEL_PHONE;
    command.data.call_received.type = pct_text_of(type);
    command.data.call_received.priority = priority;
    return (pct_call_id){submit(board, &command, now_ms).seq};
}

pct_incident_id test_incident(pct_board *board, const char *type, int priority, int64_t now_ms) {
    pct_command command = test_command(PCT_COMMAND_OPEN_INCIDENT, 0, 0);
    command.data.incident_opened.call = test_call(board, type, priority, now_ms);
    command.data.incident_opened.type = pct_text_of(type);
    command.data.incident_opened.priority = priority;
    return (pct_incident_id){submit(board, &command, now_ms).seq};
}

pct_unit_id test_unit(pct_board *board, const char *name, const char *capabilities, int officers,
                      int auxiliaries) {
    pct_command command = test_command(PCT_COMMAND_ENROL_UNIT, 0, 0);
    pct_event_unit_enrolled *unit = &command.data.unit_enrolled;
    pct_text rest = pct_text_of(capabilities), item;
    unit->name = pct_text_of(name);
    unit->kind = pct_text_of("car");
    while (rest.length > 0 && pct_text_next(&rest, ';', &item))
        unit->capabilities[unit->capabilities_count++] = item;
    pct_id id = submit(board, &command, 0);
    command = test_command(PCT_COMMAND_SIGN_ON, 'U', id.seq);
    command.data.unit_signed_on.officers = officers;
    command.data.unit_signed_on.auxiliaries = auxiliaries;
    submit(board, &command, 0);
    return (pct_unit_id){id.seq};
}

pct_order_id test_send(pct_board *board, pct_incident_id incident, pct_unit_id unit, int64_t now_ms) {
    pct_command command = test_command(PCT_COMMAND_SEND_ORDER, 0, 0);
    command.data.order_sent.incident = incident;
    command.data.order_sent.unit = unit;
    return (pct_order_id){submit(board, &command, now_ms).seq};
}

void test_step(pct_board *board, pct_command_kind kind, pct_order_id order, int64_t now_ms) {
    pct_command command = test_command(kind, 'O', order.seq);
    if (kind == PCT_COMMAND_REPORT) command.data.order_reported.result = PCT_REPORT_RESULT_HANDLED;
    if (kind == PCT_COMMAND_CANCEL_ORDER) command.data.order_cancelled.reason = PCT_CANCEL_REASON_NOT_NEEDED;
    submit(board, &command, now_ms);
}

void test_steps_until(pct_board *board, pct_command_kind last, pct_order_id order, int64_t now_ms) {
    for (pct_command_kind kind = PCT_COMMAND_ACKNOWLEDGE; kind <= last; kind++)
        test_step(board, kind, order, now_ms);
}

void test_refused(pct_board *board, const pct_command *command, int64_t now_ms, const char *why) {
    pct_command_context context = test_context(now_ms);
    pct_error error;
    uint64_t before = pct_board_digest(board);
    pct_status status = pct_board_submit(board, command, &context, NULL, &error);
    ck_assert_msg(status != PCT_OK, "the board took what it should refuse: %s", why);
    test_error_says(&error, why);
    ck_assert_uint_eq(pct_board_digest(board), before);
}
