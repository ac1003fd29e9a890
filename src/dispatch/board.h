/* The board: calls, incidents, dispatch orders, units and closures of roads, as they stand now. Pure: no clock, no files.
 *
 *     status = pct_board_decide(board, &command, &context, &decision, &error);   // events, or a refusal with its reason
 *     for (i < decision.count) status = pct_board_apply(board, &decision.events[i], &error);
 *     pct_deadline due = pct_board_next_deadline(board);                          // when to submit the next REMIND
 *
 *   command ─► decide ─► events ─► apply ─► board         decide changes nothing; apply decides nothing
 *                 │                                       replay: the same events on an empty board give an equal board
 *                 └─► PCT_REFUSED + message (code and parameters)
 *
 *   call C17 ─┐                      ┌─ order O21 ─► unit U3      a call belongs to at most one incident,
 *   call C18 ─┴─► incident I19 ──────┴─ order O25 ─► unit U7      a unit has at most one open order
 *
 * Statuses and their legal changes: dispatch/status.h. Costs: every command, apply and look-up O(1) expected, or O(log
 * orders) where a deadline moves; closing or forgetting an incident is linear in its own calls and orders. Memory: one
 * record per object, given back by pct_board_forget; apply reserves before it changes, so that a failure changes
 * nothing. Pointers to records hold until the next apply or forget. */
#ifndef PCT_DISPATCH_BOARD_H
#define PCT_DISPATCH_BOARD_H

#include "clock/time.h"
#include "dispatch/codes.h"
#include "dispatch/status.h"
#include "event/codec.h"

/* The clocks of practice: after so long without the next step a reminder is due, at four levels. 0: none. */
enum { PCT_REMINDER_LEVELS = 4 };
typedef struct pct_board_settings {
    int64_t acknowledge_ms[PCT_REMINDER_LEVELS]; /* since sent: 30, 60, 120, 180 s */
    int64_t set_out_ms[PCT_REMINDER_LEVELS];     /* since acknowledged: 5, 10, 15, 30 min */
    int64_t feedback_ms[PCT_REMINDER_LEVELS];    /* since on scene: 30 min, 1, 2, 4 h */
} pct_board_settings;
pct_board_settings pct_board_settings_default(void);

typedef struct pct_call {
    pct_call_id id;
    int64_t received_at_ms;
    pct_incident_id incident; /* seq 0: none yet */
    pct_call_id next;         /* of the same incident */
    uint32_t type;            /* pct_board_type_code names it */
    uint32_t area;            /* pct_board_area_name names it; 0: not known */
    uint8_t priority, status; /* pct_call_status */
    uint8_t channel;          /* pct_channel */
} pct_call;

typedef struct pct_incident {
    pct_incident_id id;
    int64_t opened_at_ms, first_arrival_ms, ended_at_ms; /* 0: not yet */
    pct_call_id first_call;                              /* the latest linked; follow pct_call.next */
    pct_order_id first_order;                            /* the latest sent; follow pct_order.next */
    pct_incident_id waiting_before, waiting_after;       /* neighbours in the waiting list */
    pct_position position;
    uint32_t type;       /* as reported */
    uint32_t found_type; /* as found on scene; PCT_NO_CODE: not yet known */
    uint32_t area;       /* where it is, or its first call was; 0: not known */
    uint32_t calls, orders, open_orders, on_scene_orders, closed_orders; /* on scene: reported ones too */
    uint8_t priority, status /* pct_incident_status */, gravity;
    bool has_position;
} pct_incident;

typedef struct pct_order {
    pct_order_id id;
    pct_incident_id incident;
    pct_unit_id unit;
    pct_order_id next;                     /* of the same incident */
    int64_t at_ms[PCT_ORDER_STATUS_COUNT]; /* when it took each status; 0: it did not */
    int64_t expected_travel_ms;
    int64_t deadline_ms;              /* of the next reminder; INT64_MAX: none */
    uint32_t unit_index, deadline_at; /* place in the queue of deadlines */
    uint8_t status, reminders;        /* pct_order_status; reminders given on the present clock */
} pct_order;

typedef struct pct_unit {
    pct_unit_id id;
    pct_text name, station;                              /* borrowed from the board */
    int64_t status_since_ms, signed_on_ms, shift_end_ms; /* signed_on_ms: 0 off duty */
    pct_order_id order;                                  /* its open order; seq 0: none */
    pct_capability_set capabilities;
    pct_position position;
    uint32_t
        index; /* 0, 1, 2, … in order of enrolment: the place of its road point in a request to recommend */
    uint32_t kind;
    uint16_t officers, auxiliaries;
    uint8_t status, unavailable_reason; /* pct_unit_status, pct_unavailable_reason */
    bool has_position;
} pct_unit;

/* Roads taken out of traffic, or slowed, until an end. Which roads they are stands in its event and in the derived tables; the
 * board knows that they are closed, and ends it. */
typedef struct pct_closure {
    pct_closure_id id;
    int64_t ordered_at_ms, until_ms, ended_at_ms; /* ended: 0 while it is open */
    pct_closure_id next;                          /* open ones, in order of (until, id) */
    pct_text author;                              /* borrowed from the board */
    uint32_t roads, corners;                      /* named roads, or corners of an area */
    uint8_t status, reason, lift_reason; /* pct_closure_status, pct_closure_reason, pct_closure_lift */
    uint8_t kind;                        /* pct_closure_kind */
    uint8_t speed_kmh;                   /* of slowed roads: nobody is faster there; else 0 */
    bool both_ways;
} pct_closure;

typedef struct pct_board pct_board;

enum { PCT_BOARD_OBJECTS_MAX = 1 << 27, PCT_BOARD_UNITS_MAX = 100000, PCT_BOARD_CLOSURES_MAX = 1000 };
#define PCT_CLOSURE_LONGEST_MS (90 * PCT_DAY_MS) /* a closure needs an end within so long */

/* `codes` is borrowed for the board's life; settings NULL: the defaults. */
pct_status pct_board_new(const pct_codes *codes, const pct_board_settings *settings, pct_board **out,
                         pct_error *error) PCT_MUST_USE;
void pct_board_free(pct_board *board);

/* --- commands ---------------------------------------------------------------------------------------------- */

/* X(NAME, event it asks for): the command's data are the data of that event. */
#define PCT_COMMANDS(X)                                                                                      \
    X(RECEIVE_CALL, CALL_RECEIVED)                                                                           \
    X(LINK_CALL, CALL_LINKED)                                                                                \
    X(SETTLE_CALL, CALL_SETTLED)                                                                             \
    X(LOOK_CALL, CALL_LOOKED) /* at what is sealed, with a purpose; of a call that was forgotten too */      \
    X(OPEN_INCIDENT, INCIDENT_OPENED) /* with data.incident_opened.call: links that call too */              \
    X(CLASSIFY_INCIDENT, INCIDENT_CLASSIFIED)                                                                \
    X(REFER_INCIDENT, INCIDENT_REFERRED)                                                                     \
    X(CLOSE_INCIDENT, INCIDENT_CLOSED)                                                                       \
    X(LOOK_INCIDENT, INCIDENT_LOOKED)                                                                        \
    X(SEND_ORDER, ORDER_SENT) /* refused while the unit is busy */                                           \
    X(DIVERT, ORDER_DIVERTED) /* object: the unit's open order; to: the new incident. Two events */          \
    X(ACKNOWLEDGE, ORDER_ACKNOWLEDGED)                                                                       \
    X(SET_OUT, ORDER_SET_OUT)                                                                                \
    X(ARRIVE, ORDER_ARRIVED)                                                                                 \
    X(REPORT, ORDER_REPORTED)                                                                                \
    X(CLOSE_ORDER, ORDER_CLOSED)                                                                             \
    X(CANCEL_ORDER, ORDER_CANCELLED)                                                                         \
    X(LOOK_ORDER, ORDER_LOOKED)                                                                              \
    X(REMIND, ORDER_REMINDED) /* fires a deadline; refused before it is due */                               \
    X(ENROL_UNIT, UNIT_ENROLLED)                                                                             \
    X(SIGN_ON, UNIT_SIGNED_ON)                                                                               \
    X(SIGN_OFF, UNIT_SIGNED_OFF)                                                                             \
    X(POSITION_UNIT, UNIT_POSITIONED)                                                                        \
    X(MAKE_UNAVAILABLE, UNIT_UNAVAILABLE)                                                                    \
    X(MAKE_AVAILABLE, UNIT_AVAILABLE)                                                                        \
    X(ORDER_CLOSURE, CLOSURE_ORDERED)                                                                        \
    X(LIFT_CLOSURE, CLOSURE_LIFTED)                                                                          \
    X(LAPSE_CLOSURE, CLOSURE_LAPSED) /* fires a deadline; refused before its end */                          \
    X(ADD_ACCOUNT,                                                                                           \
      ACCOUNT_ADDED) /* of rights the board knows nothing: src/access decides, the record follows */         \
    X(ENTITLE_ACCOUNT, ACCOUNT_ENTITLED)                                                                     \
    X(DISABLE_ACCOUNT, ACCOUNT_DISABLED)                                                                     \
    X(ASSIGN_ACCOUNT, ACCOUNT_ASSIGNED) /* refused while the unit is off duty, or the incident has ended */  \
    X(RELEASE_ACCOUNT, ACCOUNT_RELEASED)                                                                     \
    X(REQUEST_ACT, ACT_REQUESTED)                                                                            \
    X(APPROVE_ACT, ACT_APPROVED)                                                                             \
    X(REFUSE_ACT, ACT_REFUSED)                                                                               \
    X(USE_ACT, ACT_USED)                                                                                     \
    X(BREAK_GLASS, BREAK_GLASS_OPENED)                                                                       \
    X(REVIEW_GLASS, BREAK_GLASS_REVIEWED)                                                                    \
    X(READ_FLAGS, FLAGS_READ)                                                                                \
    X(OPEN_FLAG, FLAG_OPENED)                                                                                \
    X(REVIEW_FLAG, FLAG_REVIEWED)                                                                            \
    X(KEEP_DUTY, DUTY_KEPT) /* of patrol, too: src/patrol/life.h decides */                                  \
    X(ASK_PLAN, PLAN_ASKED)                                                                                  \
    X(MAKE_PLAN, PLAN_MADE)                                                                                  \
    X(FAIL_PLAN, PLAN_FAILED)                                                                                \
    X(ADOPT_PLAN, PLAN_ADOPTED)                                                                              \
    X(WITHDRAW_PLAN, PLAN_WITHDRAWN)                                                                         \
    X(ORDER_ROUND, ROUND_ORDERED)                                                                            \
    X(CALL_ROUND, ROUND_CALLED)                                                                              \
    X(VISIT_STOP, STOP_VISITED)                                                                              \
    X(EXPLAIN_STOP, STOP_EXPLAINED)                                                                          \
    X(LEAVE_ROUND, ROUND_LEFT)                                                                               \
    X(CHANGE_ROUND, ROUND_CHANGED) /* with RESUME_ROUND of another */                                        \
    X(RESUME_ROUND, ROUND_RESUMED)                                                                           \
    X(LOG_ROUND, ROUND_LOGGED)                                                                               \
    X(END_ROUND, ROUND_ENDED)                                                                                \
    X(CHECK_ROUND, ROUND_CHECKED)                                                                            \
    X(ANSWER_CHECK, CHECK_ANSWERED)                                                                          \
    X(NOTE_ROUND, ROUND_NOTED)                                                                               \
    X(LOOK_ROUND, ROUND_LOOKED)                                                                              \
    X(ORDER_DIRECTED, DIRECTED_ORDERED)                                                                      \
    X(END_DIRECTED, DIRECTED_ENDED)                                                                          \
    X(SET_LEVEL, LEVEL_SET)

typedef enum pct_command_kind {
#define X(name, event) PCT_COMMAND_##name,
    PCT_COMMANDS(X)
#undef X
        PCT_COMMAND_COUNT
} pct_command_kind;

typedef struct pct_command {
    pct_command_kind kind;
    pct_id
        object; /* what it is about; not for RECEIVE_CALL, OPEN_INCIDENT, SEND_ORDER, ENROL_UNIT and ORDER_CLOSURE, which make theirs */
    pct_event_data data;
} pct_command;

/* Who, when, why: copied into the headers of the events. */
typedef struct pct_command_context {
    int64_t now_ms;         /* recorded_at */
    int64_t occurred_at_ms; /* 0: now */
    int64_t seq;            /* of the first event; 0: the board's last + 1 */
    int64_t epoch, cause, map_version;
    pct_text actor, purpose, idempotency_key;
    pct_role role;
} pct_command_context;

enum { PCT_DECISION_EVENTS_MAX = 2 };
typedef struct pct_decision {
    pct_event events[PCT_DECISION_EVENTS_MAX]; /* texts borrow from the command and the context */
    size_t count;
} pct_decision;

/* PCT_REFUSED with a board_… message when the rules do not allow it; the board is as before in every case. */
pct_status pct_board_decide(const pct_board *board, const pct_command *command,
                            const pct_command_context *context, pct_decision *out,
                            pct_error *error) PCT_MUST_USE;
/* PCT_DAMAGED for an event that cannot follow what the board has seen. A failure changes nothing. */
pct_status pct_board_apply(pct_board *board, const pct_event *event, pct_error *error) PCT_MUST_USE;
/* Decide and apply all its events; `out` may be NULL. */
pct_status pct_board_submit(pct_board *board, const pct_command *command, const pct_command_context *context,
                            pct_decision *out, pct_error *error) PCT_MUST_USE;

/* Drops a closed or referred incident with its calls and orders (a settled call: pct_board_forget_call). Not an
 * event: what is dropped is still in the log. PCT_REFUSED for what is still live. */
pct_status pct_board_forget(pct_board *board, pct_incident_id incident, pct_error *error) PCT_MUST_USE;
pct_status pct_board_forget_call(pct_board *board, pct_call_id call, pct_error *error) PCT_MUST_USE;
/* A closure that is not open any more. */
pct_status pct_board_forget_closure(pct_board *board, pct_closure_id closure, pct_error *error) PCT_MUST_USE;

/* --- deadlines --------------------------------------------------------------------------------------------- */

typedef struct pct_deadline {
    int64_t at_ms; /* INT64_MAX: there is none */
    pct_order_id order;
    pct_order_clock clock;
    uint8_t level;          /* 1 … PCT_REMINDER_LEVELS */
    pct_closure_id closure; /* its end; seq 0: it is the deadline of an order */
} pct_deadline;

/* The earliest; equal ones by order, ends of closures first. O(1). */
pct_deadline pct_board_next_deadline(const pct_board *board);
/* The command that fires it. */
pct_command pct_board_remind_command(pct_deadline deadline);

/* --- looking ----------------------------------------------------------------------------------------------- */

/* NULL when the board does not have it. */
const pct_call *pct_board_call(const pct_board *board, pct_call_id id);
const pct_incident *pct_board_incident(const pct_board *board, pct_incident_id id);
const pct_order *pct_board_order(const pct_board *board, pct_order_id id);
const pct_unit *pct_board_unit(const pct_board *board, pct_unit_id id);

const pct_closure *pct_board_closure(const pct_board *board, pct_closure_id id);
/* The open one that ends first; follow pct_closure.next. */
const pct_closure *pct_board_first_closure(const pct_board *board);

uint32_t pct_board_unit_count(const pct_board *board);
const pct_unit *pct_board_unit_at(const pct_board *board, uint32_t index);
/* NULL when no unit has this name. O(1). */
const pct_unit *pct_board_unit_named(const pct_board *board, pct_text name);

/* Walks all calls ('C'), incidents ('I'), orders ('O'), units ('U') or closures ('L') in no order that means anything: from *place = 0 on,
 * until it gives 0; else the seq of the next one. */
int64_t pct_board_next_of_kind(const pct_board *board, char kind, size_t *place);

/* Waiting incidents, the most urgent first, then in order of opening: walk with the two. NULL at the end. */
const pct_incident *pct_board_first_waiting(const pct_board *board);
const pct_incident *pct_board_next_waiting(const pct_board *board, const pct_incident *incident);

/* Code of a type number of this board: types of the codes keep their numbers there, events with types that the codes
 * no longer know get further ones. */
pct_text pct_board_type_code(const pct_board *board, uint32_t type);
/* The area of a call or an incident, as the event that made it says; empty: not known. */
pct_text pct_board_area_name(const pct_board *board, uint32_t area);
const pct_codes *pct_board_codes(const pct_board *board);
int64_t pct_board_seq(const pct_board *board); /* of the last event applied */

typedef struct pct_board_counts {
    uint32_t calls[PCT_CALL_STATUS_COUNT], incidents[PCT_INCIDENT_STATUS_COUNT],
        orders[PCT_ORDER_STATUS_COUNT], units[PCT_UNIT_STATUS_COUNT],
        closures[PCT_CLOSURE_STATUS_COUNT]; /* on the board now */
} pct_board_counts;
const pct_board_counts *pct_board_counts_view(const pct_board *board);

/* The board as bytes, and back: equal to the one that the same events make, at the cost of what it holds now instead of
 * all that ever happened. The bytes are not trusted: PCT_DAMAGED for anything that no board saves, for those of another
 * version and for other codes. Deadlines follow `settings`. O(objects). */
pct_status pct_board_save(const pct_board *board, pct_buffer *out, pct_error *error) PCT_MUST_USE;
pct_status pct_board_load(const pct_codes *codes, const pct_board_settings *settings, pct_text bytes,
                          pct_board **out, pct_error *error) PCT_MUST_USE;

/* Of everything the board holds, whatever way it came there; equal boards have equal digests. O(objects). */
uint64_t pct_board_digest(const pct_board *board);

#endif
