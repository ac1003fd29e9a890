/* A board for tests: short words for commands, in the order in which a desk gives them. */
#ifndef PCT_TESTS_SUPPORT_BOARD_H
#define PCT_TESTS_SUPPORT_BOARD_H

#include "dispatch/board.h"

pct_command_context test_context(int64_t now_ms);

/* Each fails the test when the board refuses. */
pct_call_id test_call(pct_board *board, const char *type, int priority, int64_t now_ms);
pct_incident_id test_incident(pct_board *board, const char *type, int priority,
                              int64_t now_ms); /* with a call */
/* Enrolled and signed on; capabilities separated by ';'. */
pct_unit_id test_unit(pct_board *board, const char *name, const char *capabilities, int officers,
                      int auxiliaries);
pct_order_id test_send(pct_board *board, pct_incident_id incident, pct_unit_id unit, int64_t now_ms);
/* ACKNOWLEDGE, SET_OUT, ARRIVE, REPORT, CLOSE_ORDER or CANCEL_ORDER. */
void test_step(pct_board *board, pct_command_kind kind, pct_order_id order, int64_t now_ms);
/* All steps up to and including `last`. */
void test_steps_until(pct_board *board, pct_command_kind last, pct_order_id order, int64_t now_ms);

pct_command test_command(pct_command_kind kind, char letter, int64_t object);
/* Submits; the board must refuse, say `why`, and be as before. */
void test_refused(pct_board *board, const pct_command *command, int64_t now_ms, const char *why);

#endif
