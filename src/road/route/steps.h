/* What a route looks like and how one says it: its line on the map, and its steps by name and turn.
 *
 * A step is a road and what one does to get onto it. Rules, in this order:
 *   - legs on a road of one name are one step, also those without a name that go straight on and are of one class, unless one
 *     turns where the road itself, or another one, goes straight on;
 *   - a roundabout and the road it is left by are one step, with the number of the exit, counted over those that
 *     everybody may drive;
 *   - a ferry is a step of its own;
 *   - a stretch below PCT_STEP_TINY_M between two turns is none: its two turns are told as the one that they add up to (two lefts
 *     across a dual carriageway: turn round), and a name that it interrupts goes on. */
#ifndef PCT_ROAD_ROUTE_STEPS_H
#define PCT_ROAD_ROUTE_STEPS_H

#include "base/buffer.h"
#include "base/message.h"
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
    X(FERRY, "ferry")                                                                                        \
    X(VIA, "via")                                                                                            \
    X(ARRIVE, "arrive")

typedef enum pct_maneuver {
#define X(name, text) PCT_MANEUVER_##name,
    PCT_MANEUVERS(X)
#undef X
} pct_maneuver;

const char *pct_maneuver_name(pct_maneuver maneuver);

typedef enum pct_side { PCT_SIDE_NONE, PCT_SIDE_LEFT, PCT_SIDE_RIGHT } pct_side;

#define PCT_STEP_TINY_M 25.0
/* What lies nearer to the road than this is on neither side of it. */
#define PCT_STEP_SIDE_M 3.0

typedef struct pct_step {
    pct_maneuver maneuver;
    uint32_t segment;       /* of the road that it leads onto: its name, its class */
    uint32_t name, name_en; /* names of the network */
    uint32_t exit;          /* of a roundabout, from 1 on; else 0. At a via point: its number, from 1 on */
    pct_side side;          /* of the destination, at the arrival */
    bool against;           /* part of it is driven against a one-way street */
    double heading_deg;     /* of the road behind it, clockwise from north */
    uint64_t length_mm;
    uint32_t time_ms;
    pct_position at; /* where it begins */
} pct_step;

/* Appends to `points` (pct_position) the line that is driven. O(points). */
pct_status pct_route_line(const pct_road *road, const pct_route *route, pct_vector *points,
                          pct_error *error) PCT_MUST_USE;
/* Appends to `steps` (pct_step); the last is the arrival, or the via point of that number (from 1 on; 0: arrival).
 * `destination`: where one really wants to, for the side; may be NULL. Allocates nothing but the vector's growth. A turn
 * is told from the bearings some metres before and behind the joint: less than 20° is straight on. O(points of the legs). */
pct_status pct_route_steps(const pct_road *road, const pct_route *route, const pct_position *destination,
                           uint32_t via, pct_vector *steps, pct_error *error) PCT_MUST_USE;
/* Appends the sentence for a step. */
pct_status pct_step_write(const pct_network *network, const pct_step *step, pct_language language,
                          pct_buffer *out);

#endif
