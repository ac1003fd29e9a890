/* What becomes of the rounds of a plan when a unit that was at a call is free again: its rest and its neighbours' are planned anew together
 * (replan.h), from what is so now in the life of the plan, and come back as the rests that their events tell.
 *
 *     status = pct_takeover_plan(lowered, &call, &arena, &changes, &count, error);
 *     …                              // changes[0] is the round that was left; the others are the neighbours' that became other ones
 *
 * As few rounds change as it takes: neighbours are asked only for what the unit cannot keep by itself, one of them first, then two, then four. What
 * is served stays served; where a neighbour is or is on its way to stays its own; rounds of units that are away, and those that are over,
 * stay as they are. A stop goes from one round to one other, or stays, or is lost: then it is in no rest, and the life owes it. A neighbour's
 * stop that can no longer be served in time by anybody stays where it is: not this call is to blame. A round whose stops stay the same in
 * the same order is not changed, and keeps its times, unless a gap of a series needs the new ones.
 *
 * Deterministic by seed and iterations; pure. O(rounds × stops) beside pct_replan. */
#ifndef PCT_PATROL_TAKEOVER_H
#define PCT_PATROL_TAKEOVER_H

#include "patrol/life.h"
#include "patrol/lowered.h"

enum { PCT_TAKEOVER_NEIGHBOURS = 4, PCT_TAKEOVER_ITERATIONS = 400 /* the usual */ };

typedef struct pct_takeover_round {
    const pct_life_round *round;
    bool drives;      /* its unit is on it, or will be: it can take over */
    int64_t there_ms; /* so long from now until it is at its next stop; -1: when it was to be */
} pct_takeover_round;

typedef struct pct_takeover_call {
    const pct_takeover_round *rounds; /* [count] all of the plan, ended ones too */
    size_t count, caller;             /* caller: whose unit is free again */
    int64_t now_ms;
    const int32_t *away_ms; /* [place_count] from where it is */
    int32_t neighbours;
    uint64_t seed, iterations;
} pct_takeover_call;

typedef struct pct_takeover_change {
    size_t round;         /* of call.rounds */
    pct_life_stop *stops; /* [stop_count] its rest */
    pct_life_move *moves; /* [move_count] */
    size_t stop_count, move_count;
    int64_t leave_ms, back_ms; /* leave 0: it has left, or leaves as it was to */
} pct_takeover_change;

/* PCT_NOT_FOUND: the problem does not know the unit, or one of its open stops; its round is laid alone then. Changes are the arena's. */
pct_status pct_takeover_plan(const pct_lowered *lowered, const pct_takeover_call *call, pct_arena *arena,
                             pct_takeover_change **out, size_t *count, pct_error *error) PCT_MUST_USE;

#endif
