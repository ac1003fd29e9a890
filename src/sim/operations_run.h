/* Inside the operations model: the state of one run, shared by its three files.
 *
 *   operations.c        what is made once, the loop over events, the report
 *   operations_desk.c   calls, waiting list, orders: what the desk does
 *   operations_units.c  shifts and the steps of an order: what the units do */
#ifndef PCT_SIM_OPERATIONS_RUN_H
#define PCT_SIM_OPERATIONS_RUN_H

#include "sim/crew.h"
#include "sim/kernel.h"
#include "sim/operations.h"

/* Kinds of kernel events; the object is an index of what the comment names. */
typedef enum pct_run_event {
    PCT_RUN_CALL,                                     /* call */
    PCT_RUN_SHIFT_ON,                                 /* shift */
    PCT_RUN_SHIFT_OFF,                                /* shift */
    PCT_RUN_STEP,                                     /* unit; + pct_crew_step */
    PCT_RUN_TOUR = PCT_RUN_STEP + PCT_CREW_STEP_COUNT /* unit */
} pct_run_event;

#define PCT_NO_CALL UINT32_MAX

typedef struct pct_run_call {
    int64_t incident; /* its seq; 0: not yet opened */
    int64_t first_sent_ms;
    uint32_t attempts; /* orders sent */
    bool ordered, served, referred;
} pct_run_call;

typedef struct pct_run_unit {
    pct_unit_id id;
    pct_crew crew;
    pct_kernel_handle timer; /* its order's next step, its homecoming, or the next of its round */
    uint32_t call, shift;
    bool off_due; /* its shift ended while it was busy */
    int64_t busy_since_ms, duty_since_ms, busy_ms, duty_ms;
} pct_run_unit;

/* Which incident belongs to which call; ascending by seq, because both come in order. */
typedef struct pct_run_incident {
    int64_t seq;
    uint32_t call;
} pct_run_incident;

struct pct_operations {
    pct_operations_input in;
    pct_crew_world world;
    /* Made once. */
    pct_road_point *call_points; /* segment PCT_NO_INDEX: off the map */
    pct_road_point *stations;
    bool *type_has_unit;
    pct_vector rejections; /* pct_rejection */
    pct_recommendation *recommendation;
    pct_buffer encoded; /* the event last encoded */
    /* Of the present run. */
    pct_kernel *kernel;
    pct_board *board;
    int64_t now_ms, start_ms, window_from_ms, window_to_ms;
    pct_run_call *calls;
    pct_run_unit *units;
    pct_run_incident *incidents;
    pct_road_point *unit_points;
    uint32_t *type_failed; /* number of the walk over the waiting list in which no unit suited the type */
    double *unit_utilisation;
    size_t incident_count;
    uint32_t walk;
    size_t candidates_asked; /* by the last recommendation */
    pct_samples response, response_by_priority[PCT_PRIORITY_COUNT], queued;
    pct_report report;
};

/* Submits a command, folds its events into the transcript's digest and tells the observer. `data` NULL: none. */
pct_status pct_run_submit(pct_operations *run, pct_command_kind kind, pct_id object,
                          const pct_event_data *data, pct_error *error) PCT_MUST_USE;
pct_status pct_run_submit_command(pct_operations *run, const pct_command *command,
                                  pct_error *error) PCT_MUST_USE;
const pct_unit *pct_run_board_unit(const pct_operations *run, uint32_t unit);

/* operations_desk.c */
pct_status pct_run_call_arrives(pct_operations *run, uint32_t call, pct_error *error) PCT_MUST_USE;
/* Offers the free units to the waiting incidents, in their order. */
pct_status pct_run_serve_waiting(pct_operations *run, pct_error *error) PCT_MUST_USE;

/* operations_units.c */
/* Starts the clocks of the order that was sent to a unit, which stands `travel_ms` away from the call. */
pct_status pct_run_begin_order(pct_operations *run, uint32_t unit, uint32_t call, uint32_t travel_ms,
                               pct_error *error) PCT_MUST_USE;
/* Brings the unit to a stand at its present place; its timer is dropped. */
pct_status pct_run_halt(pct_operations *run, uint32_t unit, pct_error *error) PCT_MUST_USE;
pct_status pct_run_unit_event(pct_operations *run, const pct_kernel_event *event,
                              pct_error *error) PCT_MUST_USE;
/* Counts what stood open when the run ended. */
void pct_run_close_books(pct_operations *run);

#endif
