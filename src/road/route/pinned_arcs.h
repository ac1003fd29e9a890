/* The inside of what is pinned, for the searches over it. */
#ifndef PCT_ROAD_ROUTE_PINNED_ARCS_H
#define PCT_ROAD_ROUTE_PINNED_ARCS_H

#include "road/route/pinned.h"
#include "road/route/search.h"

/* Selected ranks are called places: 0 is the highest, so that heads come before what they lead to. */
struct pct_pinned {
    const pct_road *road;
    bool toward; /* the points are sources */
    pct_road_point *points;
    uint32_t *first_end; /* [points + 1] */
    pct_road_end *ends;  /* `node` is the place */
    size_t point_count, point_room;
    uint64_t *is_chosen;    /* [ranks / 64] one bit each */
    uint32_t *chosen_above; /* [ranks / 64] chosen ranks in higher words */
    uint32_t word_count, place_count;
    uint32_t *first_arc; /* [places + 1] */
    pct_upward_arc
        *arcs; /* `head` is a place; filled up to fours for each place, with arcs of PCT_NO_WAY_MS */
    size_t place_room, arc_room;
    uint32_t *lanes; /* [places × PCT_TABLE_LANES] of a table, aligned; in `lanes_block` */
    void *lanes_block;
    size_t lanes_room;
};

enum { PCT_TABLE_LANES = 16, PCT_PINNED_FOUR = 4 };

static inline bool pct_pinned_has(const pct_pinned *p, uint32_t rank) {
    return p->is_chosen[rank >> 6] >> (rank & 63) & 1;
}

/* The place of a chosen rank. */
static inline uint32_t pct_pinned_place(const pct_pinned *p, uint32_t rank) {
    uint64_t above = p->is_chosen[rank >> 6] >> (rank & 63) >> 1;
    return p->chosen_above[rank >> 6] + (uint32_t)__builtin_popcountll(above);
}

/* Pins other points in its memory; allocates when they need more than any before. */
pct_status pct_pinned_take(pct_pinned *pinned, const pct_road *road, pct_pinned_as as,
                           const pct_road_point *points, size_t count, pct_error *error) PCT_MUST_USE;

#endif
