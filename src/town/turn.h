/* The kinds of turn restriction that a generated town has, as OpenStreetMap spells them. */
#ifndef PCT_TOWN_TURN_H
#define PCT_TOWN_TURN_H

#define PCT_TOWN_TURNS(X)                                                                                    \
    X(NO_LEFT, "no_left_turn")                                                                               \
    X(NO_U, "no_u_turn")                                                                                     \
    X(ONLY_STRAIGHT, "only_straight_on")

typedef enum pct_town_turn_kind {
#define X(name, text) PCT_TOWN_TURN_##name,
    PCT_TOWN_TURNS(X)
#undef X
        PCT_TOWN_TURN_COUNT
} pct_town_turn_kind;

#endif
