/* Private to lowered.c: places of a duty on the road, and the times between them. */
#ifndef PCT_PATROL_LOWERED_ROAD_H
#define PCT_PATROL_LOWERED_ROAD_H

#include "base/map.h"
#include "base/vector.h"
#include "patrol/lowered.h"
#include "road/route/journey.h"

/* No way leads there: longer than any shift, and a few of them added stay inside 32 bits. */
#define PCT_DUTY_NO_WAY_MS (1 << 29)

typedef struct pct_duty_place {
    pct_road_point point;
    pct_duty_moves moves;
} pct_duty_place;

typedef struct pct_duty_ground {
    const pct_duty_roads *roads;
    const pct_road **bands; /* [band_count] those of `roads`, or without what is forbidden */
    pct_road **closed;      /* [band_count] its own, NULL where nothing is forbidden */
    pct_router **routers;   /* [band_count] */
    pct_vector places;      /* of pct_duty_place, each once */
    pct_map place_at;
    pct_journey journey, other;
} pct_duty_ground;

pct_status pct_duty_ground_open(const pct_duty *duty, const pct_duty_roads *roads, pct_duty_ground *out,
                                pct_error *error) PCT_MUST_USE;
void pct_duty_ground_close(pct_duty_ground *ground);

/* The number of the place in that world, PCT_DUTY_NONE when it lies off the network. */
pct_status pct_duty_ground_place(pct_duty_ground *ground, pct_position position, pct_duty_moves moves,
                                 int32_t *out, pct_error *error) PCT_MUST_USE;
/* On foot or by bicycle, over so many metres. */
int64_t pct_duty_pace_ms(pct_duty_moves moves, double metres);
/* How long a patrol line takes to drive from its first position to its last (backward: the other way), in the slowest band; PCT_DUTY_NONE
 * when no legal way drives it so. The line is the shorter of the two ways through its positions; the other drives it too when at
 * least nine tenths of its roads are the same. */
typedef struct pct_duty_drive {
    int64_t forward_ms, backward_ms;
} pct_duty_drive;
pct_status pct_duty_ground_line(pct_duty_ground *ground, const pct_position *positions, size_t count,
                                pct_duty_drive *out, pct_error *error) PCT_MUST_USE;
/* Up to `most` positions in a ring (its first position follows its last), far from each other, on roads that patrols use. */
size_t pct_duty_ground_within(const pct_duty_ground *ground, const pct_position *ring, size_t count,
                              pct_position *out, size_t most);
/* travel_ms [band_count][places²], PCT_DUTY_NO_WAY_MS where no way leads; cost [places²]: their mean over the bands. */
pct_status pct_duty_ground_times(pct_duty_ground *ground, int32_t *travel_ms, int32_t *cost,
                                 pct_error *error) PCT_MUST_USE;
/* Where calls are expected: problem.calls, behind its places (lowered_calls.c). A unit is taken to be at calls for 40 minutes of each. */
pct_status pct_lowered_calls(const pct_duty *duty, const pct_road *response, pct_lowered *lowered,
                             pct_error *error) PCT_MUST_USE;

#endif
