/* A crew at work: the steps of an order, how long each takes, and the ways it drives. One implementation for the simulator
 * and for a replay on a live desk: what you simulate is what you run.
 *
 *   order sent ─► ACKNOWLEDGE ─► SET_OUT ═ drives ═► ARRIVE ─► REPORT ─► CLOSE ─► free ═ drives ═► HOME
 *
 *     status = pct_crew_halt(&crew, &world, now_ms, error);            // stands where it is, to be sent from there
 *     pct_crew_take_order(&crew, &job);
 *     at_ms = now_ms + pct_crew_delay_ms(&crew, &world, PCT_CREW_ACKNOWLEDGE);
 *     … at that time: pct_crew_command(PCT_CREW_ACKNOWLEDGE, …) to the board, then the delay of the next step …
 *     before the delay of ARRIVE pct_crew_depart, before that of HOME pct_crew_return; pct_crew_leave_order when it ends
 *
 * The crew knows no clock and no board: whoever drives it keeps its timers and submits its commands. Durations are drawn
 * from a stream of (seed, job.stream, phase, attempt), so that the same call meets the same durations whatever else
 * happens. Costs: a route query for each trip that is not timed, and one more when a position on it is asked for. */
#ifndef PCT_SIM_CREW_H
#define PCT_SIM_CREW_H

#include "dispatch/board.h"
#include "dispatch/units_csv.h"
#include "sim/service_times.h"
#include "sim/travel.h"

typedef enum pct_crew_step {
    PCT_CREW_ACKNOWLEDGE,
    PCT_CREW_SET_OUT,
    PCT_CREW_ARRIVE,
    PCT_CREW_REPORT,
    PCT_CREW_CLOSE,
    PCT_CREW_HOME,
    PCT_CREW_STEP_COUNT
} pct_crew_step;

/* What an order asks of its crew. */
typedef struct pct_crew_job {
    pct_road_point target; /* segment PCT_NO_INDEX: nobody knows where */
    uint32_t
        travel_ms; /* from where it stands to the target; PCT_UNREACHABLE_MS: to be asked when it sets out */
    uint32_t type; /* number in the codes */
    uint32_t stream;  /* of its random numbers: the number of the call */
    uint32_t attempt; /* how many orders of the incident there are, this one counted */
    uint8_t priority; /* 1 … 4 */
} pct_crew_job;

typedef struct pct_crew {
    pct_trip trip;
    pct_crew_job job;
    bool busy;    /* it has an order: `job` holds */
    bool rolling; /* it was on the move when ordered: no turnout */
} pct_crew;

/* Borrowed while crews are driven in it. */
typedef struct pct_crew_world {
    const pct_travel *travel;
    const pct_service_times *times;
    uint64_t seed;
} pct_crew_world;

pct_crew pct_crew_init(pct_road_point at);
void pct_crew_dispose(pct_crew *crew);
/* Stands there without an order, as at the beginning of a shift. */
void pct_crew_stand(pct_crew *crew, pct_road_point at);

/* Brings it to a stand where it is now. */
pct_status pct_crew_halt(pct_crew *crew, const pct_crew_world *world, int64_t now_ms,
                         pct_error *error) PCT_MUST_USE;
void pct_crew_take_order(pct_crew *crew, const pct_crew_job *job);
/* From the step before to this one. ARRIVE and HOME: the length of the trip that has begun. */
int64_t pct_crew_delay_ms(const pct_crew *crew, const pct_crew_world *world, pct_crew_step step);
/* Begins the way to the order's target. PCT_UNREACHABLE: there is none, or no target; it stays where it is. */
pct_status pct_crew_depart(pct_crew *crew, const pct_crew_world *world, int64_t now_ms) PCT_MUST_USE;
/* The order is over: it stands free, at the target when `on_scene`, else where it stood. */
void pct_crew_leave_order(pct_crew *crew, bool on_scene);
/* Begins the way back to its station. PCT_UNREACHABLE: it stays where it is, free. */
pct_status pct_crew_return(pct_crew *crew, const pct_crew_world *world, pct_road_point station,
                           int64_t now_ms) PCT_MUST_USE;

/* What the crew says at a step, about its order, or (HOME) about itself and where its station lies. */
pct_command pct_crew_command(pct_crew_step step, pct_unit_id unit, pct_order_id order, pct_position station);
/* It comes on duty at its station. */
pct_command pct_crew_sign_on(const pct_unit_row *row, pct_unit_id unit, int64_t shift_end_ms);
/* It becomes known; PCT_LIMIT when it has more capabilities than an event can name. */
pct_status pct_crew_enrol(const pct_unit_row *row, const pct_codes *codes, pct_command *out,
                          pct_error *error) PCT_MUST_USE;
/* Could this crew, on duty and free, be sent to such an incident? */
bool pct_crew_suits(const pct_unit_row *row, const pct_incident_type *type);

#endif
