/* The operations model: a day of the service on a simulated clock, run by the same board and policies as live.
 *
 *     pct_operations *operations;
 *     status = pct_operations_new(&input, &operations, error);      // finds every call and unit on the map, once
 *     status = pct_operations_run(operations, seed, &report, error); // as often as wanted, one seed each
 *     pct_operations_free(operations);                              // the report borrows from it
 *
 *   call ─► RECEIVE_CALL, OPEN_INCIDENT ─► policy ─► SEND_ORDER or DIVERT ─► acknowledged ─► set out ═drives═► on scene
 *                                           │ nobody suitable is free                                          │
 *                                           └► waits, by priority, then by arrival        reported ─► closed ◄─┘
 *                                                  ▲                                                    │
 *                                                  └── a unit is free: on its way back, at its station ◄┘
 *
 * Every change goes through pct_board_decide and pct_board_apply; the model holds only what the board does not
 * know: positions on the road, timers and figures. Rules of its own:
 *   - A unit on its way back is free where it is; one that moves needs no turnout time.
 *   - A unit under way to a less urgent incident may be diverted to one of the priorities up to `divert_up_to`.
 *   - A unit whose shift ends finishes its order first. It begins its next shift at its station.
 *   - What no unit of the list could ever handle is referred at once.
 *   - With tours, who has no order drives its round (sim/tours.h): free wherever it is, and back on its round when its order is closed.
 *   - The run ends when the last incident is closed, or `drain_ms` after the last call.
 * Durations are drawn from a stream of (seed, call, phase, attempt): another policy, roster or list of units meets
 * the same calls with the same durations. Same input, same seed: same transcript, bit for bit.
 *
 * Costs: one recommendation per call and per waiting incident that a freed unit might take. Memory: O(calls + units);
 * after warm-up a run allocates only where the board or a longer route needs it. */
#ifndef PCT_SIM_OPERATIONS_H
#define PCT_SIM_OPERATIONS_H

#include "dispatch/recommend.h"
#include "dispatch/units_csv.h"
#include "sim/report.h"
#include "sim/service_times.h"
#include "sim/tours.h"

typedef struct pct_sim_call {
    int64_t at_ms;
    pct_position position;
    uint32_t type;    /* number in the codes */
    uint8_t priority; /* 1 … 4 */
} pct_sim_call;

typedef struct pct_sim_shift {
    uint32_t unit; /* index in the units */
    int64_t on_ms, off_ms;
} pct_sim_shift;

typedef struct pct_operations_settings {
    int divert_up_to;                 /* 0: nobody is diverted; 1: only to priority 1 (default) … */
    pct_recommend_settings recommend; /* its `divert` is set from divert_up_to */
    int64_t drain_ms;                 /* default 24 h */
    int64_t
        warm_up_ms;   /* calls of the first so many ms are served but not counted in the figures; default 0 */
    bool keep_closed; /* closed incidents stay on the board (memory grows); for inspection */
} pct_operations_settings;
pct_operations_settings pct_operations_settings_default(void);

/* Told of each event in order, after it was applied. The event borrows; a failure ends the run. */
typedef struct pct_event_observer {
    void *context;
    pct_status (*event)(void *context, const pct_event *event, pct_error *error);
} pct_event_observer;

/* All borrowed until pct_operations_free. */
typedef struct pct_operations_input {
    const pct_codes *codes;
    const pct_service_times *service_times;
    const pct_travel *travel;
    const pct_policy *policy;
    const pct_unit_row *units;
    const pct_sim_shift *shifts; /* ascending by on_ms; those of one unit do not overlap */
    const pct_sim_call *calls;   /* ascending by at_ms */
    pct_tours *tours;            /* rounds between calls; NULL: everybody stands at the post */
    pct_cover *cover;            /* where the policy expects calls, for unit_count units; NULL: it does not */
    size_t unit_count, shift_count, call_count;
    pct_operations_settings settings;
    pct_event_observer observer; /* .event may be NULL */
} pct_operations_input;

typedef struct pct_operations pct_operations;

/* PCT_INPUT for a unit whose station is off the map; PCT_MISUSE for calls or shifts out of order. */
pct_status pct_operations_new(const pct_operations_input *input, pct_operations **out,
                              pct_error *error) PCT_MUST_USE;
void pct_operations_free(pct_operations *operations);
/* In order of the calls; borrowed. */
const pct_rejection *pct_operations_rejections(const pct_operations *operations, size_t *count);
pct_status pct_operations_run(pct_operations *operations, uint64_t seed, pct_report *out,
                              pct_error *error) PCT_MUST_USE;

#endif
