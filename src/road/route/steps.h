/* What a route looks like and how one says it: its line on the map, and its steps by name and turn. */
#ifndef PCT_ROAD_ROUTE_STEPS_H
#define PCT_ROAD_ROUTE_STEPS_H

#include "base/vector.h"
#include "road/router.h"

#define PCT_MANEUVERS(X)                                                                                     \
    X(DEPART, "depart")                                                                                      \
    X(CONTINUE, "continue")                                                                                  \
    X(SLIGHT_LEFT, "slight_left")                                                                            \
    X(LEFT, "left")                                                                                          \
    X(SHARP_LEFT, "sharp_left")                                                                              \
    X(SLIGHT_RIGHT, "slight_right")                                                                          \
    X(RIGHT, "right")                                                                                        \
    X(SHARP_RIGHT, "sharp_right")                                                                            \
    X(U_TURN, "u_turn")                                                                                      \
    X(ROUNDABOUT, "roundabout")                                                                              \
    X(ARRIVE, "arrive")

typedef enum pct_maneuver {
#define X(name, text) PCT_MANEUVER_##name,
    PCT_MANEUVERS(X)
#undef X
} pct_maneuver;

const char *pct_maneuver_name(pct_maneuver maneuver);
/* The sentence for it; takes the road's name as its one parameter, may be empty. */
pct_message pct_maneuver_message(pct_maneuver maneuver, bool named);

typedef struct pct_step {
    pct_maneuver maneuver;
    uint32_t name, name_en; /* names of the network */
    uint64_t length_mm;
    uint32_t time_ms;
    pct_position at; /* where it begins */
} pct_step;

/* Appends to `points` (pct_position) the line that is driven. O(points). */
pct_status pct_route_line(const pct_road *road, const pct_route *route, pct_vector *points,
                          pct_error *error) PCT_MUST_USE;
/* Appends to `steps` (pct_step): legs on a road of one name are one step; the last is the arrival. A turn is
 * told from the bearings before and behind the joint: less than 20° is straight on. */
pct_status pct_route_steps(const pct_road *road, const pct_route *route, pct_vector *steps,
                           pct_error *error) PCT_MUST_USE;

#endif
