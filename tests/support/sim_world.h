/* A small service for tests of the simulator: code tables, service times and a straight street.
 *
 *   stations and calls stand at positions whose longitude is metres along the street × 10; a unit drives 10 m a
 *   second, and nothing lies beyond 1,000 km:
 *
 *     0 m ──── A ──────────── B ──── … 10 m/s */
#ifndef PCT_TESTS_SUPPORT_SIM_WORLD_H
#define PCT_TESTS_SUPPORT_SIM_WORLD_H

#include "sim/operations.h"

/* Types: job (patrol), heavy (patrol and rescue), strange (flying, which no car has). */
enum { SIM_JOB, SIM_HEAVY, SIM_STRANGE };
enum { SIM_PATROL = 1, SIM_RESCUE = 2, SIM_FLYING = 4 };

pct_codes *sim_world_codes(void);
/* Fixed times: acknowledge 5 s, turnout 60 s (priority 1: 30 s), on scene 600 s, report 100 s. */
pct_service_times *sim_world_times(const pct_codes *codes);
pct_service_times *sim_world_times_of(const pct_codes *codes, const char *csv);
pct_travel sim_world_street(void);
pct_position sim_world_at_m(int32_t metres);
pct_unit_row sim_world_unit(const char *name, int32_t station_m, pct_capability_set capabilities);

#endif
