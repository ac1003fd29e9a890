/* The replay: calls of a file come in on a live desk at their times of a scaled clock, and the units that nobody drives by
 * hand are driven by the simulator's crews (sim/crew.h). On a drill's desk only; nothing here is ever part of a live one.
 *
 *     pct_replay_clock_init(&clock, plan.from_ms, NULL, NULL);                   // stands
 *     … a desk on this clock: pct_desk_options.clock_ms, .sleep_ms …
 *     status = pct_replay_new(&options, &replay, error);                          // before the desk is started
 *     … the units enrolled …
 *     status = pct_replay_begin(replay, error);                                   // finds units and what is open
 *     either  pct_replay_step(replay, &said, error) from one thread (tests), steps of the desk in between
 *     or      status = pct_replay_start(replay, error) … pct_replay_stop(replay)  // a thread that steps
 *     pct_replay_set_speed(replay, 60000);                                        // now it runs
 *     pct_desk_close(desk); pct_replay_free(replay);                              // in this order
 *
 *   calls.csv ─► due ─► RECEIVE_CALL ─► OPEN_INCIDENT ─► policy ─► SEND_ORDER or DIVERT        (the automatic dispatcher)
 *   notices of the desk ─► whose unit has which order in which state? ─► timer of its next step ─► the crew says so
 *
 * With tours a unit that has no order drives its round (sim/tours.h): it leaves it for an order from where it is, and goes on afterwards.
 *
 * The replay keeps no state of orders of its own: it follows the desk, whoever changed something there, and sets each
 * unit's timer by what it finds. So a person may do any step for a unit, send it, cancel its order or take it over. An
 * incident that a person has acted on is theirs: the dispatcher leaves it alone from then on (the units do not: who is
 * sent goes). What it says has the time at which it was due as its time of occurrence, so that a busy machine does not
 * change what the record says.
 *
 * Costs: a recommendation for each incident and each that waits when a unit becomes free; a position for each unit once a
 * wall second. Memory: O(calls in the file + open incidents + units). */
#ifndef PCT_REPLAY_REPLAY_H
#define PCT_REPLAY_REPLAY_H

#include "desk/desk.h"
#include "dispatch/recommend.h"
#include "replay/plan.h"
#include "replay/replay_clock.h"
#include "sim/tours.h"

typedef struct pct_replay pct_replay;

/* All borrowed until pct_replay_free. */
typedef struct pct_replay_options {
    pct_desk *desk;
    pct_replay_clock *clock;
    const pct_replay_plan *plan;
    const pct_codes *codes;
    const pct_service_times *times;
    const pct_travel *travel; /* of the stepping thread alone */
    const pct_policy *policy;
    pct_tours *
        tours; /* of the plan's units: what they drive between calls, used by the stepping thread alone; NULL: they go home */
    uint64_t seed;
    int64_t start_ms; /* calls before it are passed over */
    /* Has a person acted on this open incident of a record that is gone on with? NULL: nobody has. */
    bool (*is_persons)(void *context, pct_incident_id incident);
    void *record_context;
    /* Called around whatever asks `travel`, so that the road may be exchanged in between; both may be NULL. */
    void (*hold_road)(void *context);
    void (*release_road)(void *context);
    /* In between: counts up when roads are closed or opened, and then who is under way takes the road that is best from
     * where it is. NULL: they never are. */
    int64_t (*road_number)(void *context);
    /* The road at a position, as events name it; NULL, or false: none is near. Incidents keep it. */
    bool (*name_road)(void *context, pct_position position, pct_road_ref *out);
    /* The area by which rights to a call go; NULL: not known. */
    pct_text (*name_area)(void *context, pct_position position);
    void *road_context;
} pct_replay_options;

pct_status pct_replay_new(const pct_replay_options *options, pct_replay **out, pct_error *error) PCT_MUST_USE;
void pct_replay_free(pct_replay *replay);
/* PCT_INPUT for a unit whose station is off the map. */
pct_status pct_replay_begin(pct_replay *replay, pct_error *error) PCT_MUST_USE;
pct_status pct_replay_start(pct_replay *replay, pct_error *error) PCT_MUST_USE;
void pct_replay_stop(pct_replay *replay);

/* Takes the desk's answers and notices, and does what is due. *said: commands that were submitted. Without waiting. */
pct_status pct_replay_step(pct_replay *replay, size_t *said, pct_error *error) PCT_MUST_USE;
/* When the next step has something to do although the desk says nothing; INT64_MAX: never. On the scaled clock. */
int64_t pct_replay_next_due_ms(pct_replay *replay);
/* Puts a fix for each unit that it drives; the thread does so once a wall second. */
pct_status pct_replay_put_fixes(pct_replay *replay, pct_error *error) PCT_MUST_USE;

/* --- any thread ---------------------------------------------------------------------------------------------- */

typedef struct pct_replay_figures {
    int64_t at_ms, from_ms, to_ms, speed_milli;
    int64_t calls_done, calls_total;
    int64_t behind_ms,
        behind_max_ms; /* wall time from when something was due to its commit: worst of the last second; ever */
    int64_t said, refused,
        failed; /* commands; refused by the rules (somebody was faster); by anything else */
    bool automatic, finished;
} pct_replay_figures;
pct_replay_figures pct_replay_figures_view(pct_replay *replay);

void pct_replay_set_speed(pct_replay *replay, int64_t speed_milli); /* 0 … PCT_SPEED_MAX_MILLI */
void pct_replay_set_automatic(pct_replay *replay, bool automatic);
/* PCT_NOT_FOUND for a unit that is not of the file. */
pct_status pct_replay_take_over(pct_replay *replay, pct_unit_id unit, bool by_hand,
                                pct_error *error) PCT_MUST_USE;
/* Is it moved by the replay? */
bool pct_replay_drives(pct_replay *replay, pct_unit_id unit);
int64_t pct_replay_now_ms(pct_replay *replay);
/* Does an event in this role make what it is about a person's? Looking at what is sealed, or erasing it, does not. */
bool pct_replay_is_act(pct_role role, pct_event_type type);

#endif
