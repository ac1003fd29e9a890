/* The turn-expanded graph of profile *patrol*: what one may drive on into, from each arc of the network.
 *
 *     vertex   an arc of the network that general traffic may drive; more than one where a restriction over via ways
 *              has to remember whence one came (road/turn_rules.h)
 *     turn     a permitted way from the end of one vertex's arc into another; its time is the turn's and the other
 *              arc's
 *
 *            a        b           vertices a, b, c; turns a→b (straight on), a→c (left)
 *        o───────►o───────►o
 *                 │ c             time of the turn a→b = cost of going straight on there + time to drive b
 *                 ▼
 *
 * Vertices of one arc are consecutive, the one without memory first. Turning back on the same segment is possible only where no
 * other way leads on (a dead end, a barrier). Turns by a node's barrier that bars traffic do not exist. What a turn
 * costs is a table's to say (road/turn_costs.h): here stands of what kind it is.
 *
 * Flat and immutable, so that it can be used from a mapped file as it lies. Building is O(arcs + turns). */
#ifndef PCT_ROAD_TURNS_H
#define PCT_ROAD_TURNS_H

#include "road/graph.h"
#include "road/turn_kinds.h"

/* So many vertices may arrive at a node, and so many arcs may leave it; more are refused (PCT_LIMIT). */
enum { PCT_TURNS_AT_NODE_MAX = 24 };

typedef struct pct_turns {
    uint32_t vertex_count, turn_count;
    const uint32_t *first_vertex; /* [network arcs + 1] vertices of each arc */
    const uint32_t *vertex_arc;   /* [vertex_count] */
    const uint32_t *first_turn;   /* [vertex_count + 1] */
    const uint32_t *turn_head;    /* [turn_count] vertices, ascending within a vertex */
    const uint8_t *turn_kind;     /* [turn_count] road/turn_kinds.h */
    const uint32_t *first_into;   /* [nodes + 1] */
    const uint32_t *into;         /* [vertex_count] vertices whose arc ends at a node, ascending */
    void *owned;
} pct_turns;

pct_status pct_turns_build(const pct_network *network, pct_turns *out, pct_error *error) PCT_MUST_USE;
void pct_turns_dispose(pct_turns *turns);

/* Borrows the turns' own arrays. */
static inline pct_graph pct_turns_graph(const pct_turns *turns) {
    return (pct_graph){turns->vertex_count, turns->turn_count, turns->first_turn, turns->turn_head};
}

#endif
