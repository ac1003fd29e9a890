/* What kind of turn leads from one arc into another: by angle, by the classes of the roads that meet, by signals.
 *
 * Traffic drives on the right: a roundabout is entered and left to the right, and a left turn crosses what comes
 * towards one. (Where it drives on the left, the table's rows for left and right change places.) Within 45 degrees of the way
 * ahead is straight on. At a node where only two roads meet there is nothing to decide: a bend. */
#ifndef PCT_ROAD_TURN_KINDS_H
#define PCT_ROAD_TURN_KINDS_H

#include "road/network.h"

#define PCT_TURNS(X)                                                                                         \
    X(BEND, "bend")                                                                                          \
    X(STRAIGHT, "straight")                                                                                  \
    X(RIGHT, "right")                                                                                        \
    X(LEFT, "left")                                                                                          \
    X(BACK, "back")

typedef enum pct_turn {
#define X(name, text) PCT_TURN_##name,
    PCT_TURNS(X)
#undef X
        PCT_TURN_COUNT
} pct_turn;

/* Who goes first: no road here is larger than one's own; a larger one is met; there are signals. */
#define PCT_TURN_SITUATIONS(X)                                                                               \
    X(PRIORITY, "priority")                                                                                  \
    X(YIELD, "yield")                                                                                        \
    X(SIGNALS, "signals")

typedef enum pct_turn_situation {
#define X(name, text) PCT_TURN_AT_##name,
    PCT_TURN_SITUATIONS(X)
#undef X
        PCT_TURN_SITUATION_COUNT
} pct_turn_situation;

/* pct_turn × PCT_TURN_SITUATION_COUNT + pct_turn_situation */
enum { PCT_TURN_KINDS = PCT_TURN_COUNT * PCT_TURN_SITUATION_COUNT };

/* General traffic may drive this arc: what profile patrol may drive. */
bool pct_patrol_may_drive(const pct_network *network, uint32_t arc);

/* What is known of the nodes beforehand. O(segments). */
typedef struct pct_junction {
    double lon_scale;   /* of a degree of longitude to one of latitude */
    uint8_t importance; /* of its largest road */
    uint8_t roads;      /* segments that general traffic drives, counted up to 3; a loop counts twice */
} pct_junction;

pct_status pct_junctions_survey(const pct_network *network, pct_junction **out) PCT_MUST_USE; /* pct_free */
/* The kind of the turn from an arc into one that begins where it ends. O(1) but for segments with repeated points. */
uint8_t pct_turn_kind(const pct_network *network, const pct_junction *junctions, uint32_t arc, uint32_t next);

#endif
