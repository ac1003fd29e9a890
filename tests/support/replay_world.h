/* A replay and its desk, stepped by hand: the straight street of sim_world.h, a disk in memory, a wall clock that a test
 * moves. Nothing sleeps: time goes to the next thing that is due. */
#ifndef PCT_TESTS_SUPPORT_REPLAY_WORLD_H
#define PCT_TESTS_SUPPORT_REPLAY_WORLD_H

#include "replay/replay.h"
#include "sim/crew.h"
#include "support/sim_world.h"

#define REPLAY_CALLS "call_id,time_local,type,priority,lon,lat\n"
#define REPLAY_UNITS "unit,station,lon,lat,kind,capabilities,officers,auxiliaries,shift_start,shift_end\n"

typedef struct replay_world {
    pct_codes *codes;
    pct_service_times *times;
    pct_travel travel;
    pct_zone zone;
    pct_units units;
    pct_replay_plan plan;
    pct_replay_clock clock;
    pct_store *store;
    pct_desk *desk;
    pct_replay *replay;
    int64_t wall_us;
    int64_t road_number; /* a test counts it up when it changes `travel` */
    uint64_t seed;
    pct_tours *tours; /* a test's, set before it opens */
} replay_world;

/* The disk must be there (power_disk_new). times NULL: those of sim_world_times. */
void replay_world_init(replay_world *w, const char *calls, const char *units, const char *times);
void replay_world_dispose(replay_world *w);
/* Desk, enrolled units and replay; goes on where the record on the disk ends. */
void replay_world_open(replay_world *w, int64_t speed_milli);
void replay_world_close(replay_world *w);

/* Steps until neither replay nor desk has anything left to do now. */
void replay_world_settle(replay_world *w);
/* Lets the time come, step by step, until the clock shows `until_ms`, or nothing is due any more. */
void replay_world_run_to(replay_world *w, int64_t until_ms);
void replay_world_run(replay_world *w); /* until it is finished */

/* The same day for the simulator, without tours and observer. */
pct_operations_input replay_world_input(const replay_world *w);

/* A person's command, which must be allowed; what it made or was about. */
pct_id replay_world_person(replay_world *w, pct_command_kind kind, pct_id object, const pct_event_data *data);
uint64_t replay_world_digest(replay_world *w);
int64_t replay_world_seq(replay_world *w);
int64_t replay_world_now_ms(replay_world *w);
/* Copies, from the snapshot; the first of their kind when `nth` is 0. */
pct_unit replay_world_unit(replay_world *w, const char *name);
pct_incident replay_world_incident(replay_world *w, int nth);
pct_order replay_world_order(replay_world *w, pct_order_id id);
/* Where a unit was seen last, in metres along the street. */
int32_t replay_world_seen_m(replay_world *w, const char *name);

#endif
