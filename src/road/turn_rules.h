/* Private to road/: turn restrictions as an automaton over the arcs that one drives.
 *
 * A restriction forbids (or, mandatory, commands) what may follow a sequence of arcs: from → to at a node, or
 * from → via … via → to over ways. The sequences without their last arc are the states; being on an arc without memory is its
 * *base state*, and each longer sequence is a *copy* of its last arc that remembers where one came from:
 *
 *     from a, via b, forbidden c:      a ──► b' ──✗ c        b' is b, come to from a
 *                                      x ──► b  ──► c        from elsewhere b forgets
 *
 * Driving on goes to the longest sequence that is still being matched (Aho and Corasick, "Efficient string matching", CACM 18,
 * 1975), and a turn is legal when no sequence that ends here forbids it. So any overlap of restrictions is exact.
 *
 *   - A mandatory restriction binds at the end of its via ways. Several with the same beginning permit any of their ends.
 *   - A restriction over an arc that the profile may not drive cannot be met and is left out; so is a mandatory one
 *     towards such an arc.
 *
 * O(restrictions × via segments) to build; O(depth) hash look-ups for each turn at an arc that any sequence touches. */
#ifndef PCT_ROAD_TURN_RULES_H
#define PCT_ROAD_TURN_RULES_H

#include "base/map.h"
#include "base/vector.h"
#include "road/network.h"

typedef struct pct_turn_rules {
    const pct_network *network;
    const bool *drivable; /* [arcs] */
    pct_vector copies;    /* states beside the base states, parents before children */
    pct_map child;        /* state and arc → copy */
    pct_map verdict;      /* state and arc → forbidden, or permitted by a mandatory restriction */
    pct_map mandatory;    /* states with one */
    bool *touched;        /* [arcs] some sequence goes on from this arc */
} pct_turn_rules;

/* States: an arc's number is its base state; network->arc_count + i is the i-th copy. */
pct_status pct_turn_rules_init(pct_turn_rules *rules, const pct_network *network, const bool *drivable,
                               pct_error *error) PCT_MUST_USE;
void pct_turn_rules_dispose(pct_turn_rules *rules); /* accepts a zeroed one */

uint32_t pct_turn_rules_copy_count(const pct_turn_rules *rules);
uint32_t pct_turn_rules_arc(const pct_turn_rules *rules, uint32_t state);
/* The state after driving on into `arc`, which begins where the state's arc ends; PCT_NO_INDEX: forbidden. */
uint32_t pct_turn_rules_next(const pct_turn_rules *rules, uint32_t state, uint32_t arc);

#endif
