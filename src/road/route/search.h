/* What the kinds of query share, for the files of this folder alone: the router's memory, and the climb from the ends of a
 * question to the roots of the elimination tree.
 *
 * A label is a pair of times, forward and backward, by rank; between queries all are PCT_NO_WAY_MS. A climb visits
 * the ranks above its ends in ascending order, which settles each before its arcs are followed. */
#ifndef PCT_ROAD_ROUTE_SEARCH_H
#define PCT_ROAD_ROUTE_SEARCH_H

#include "road/road.h"

enum { PCT_FORWARD, PCT_BACKWARD, PCT_CURSORS_MAX = 2 * PCT_ROAD_ENDS_MAX };

/* A value that is not known yet; greater than any time, PCT_NO_WAY_MS included. */
#define PCT_UNKNOWN_MS UINT32_MAX

typedef struct pct_hint {
    uint32_t arc_and_way, parts[2];
    uint32_t count;
} pct_hint;
enum { PCT_HINT_BITS = 16, PCT_HINTS = 1 << PCT_HINT_BITS };

struct pct_router {
    const pct_road *road;
    const uint32_t *up_head; /* the hierarchy's, of all roads that it may take */
    bool wide;               /* the machine has vectors of 256 bits */
    uint32_t (*label_ms)[2]; /* [ranks, whole blocks] aligned to a block */
    uint32_t (*label_by)[2]; /* [ranks, whole blocks] for routes: the rank below that gave the label */
    uint32_t *value_ms;      /* [ranks, whole blocks] one to many: PCT_UNKNOWN_MS between queries; aligned */
    uint32_t *pending;       /* [2 × ranks, whole blocks] scratch of each query; aligned */
    const pct_road *hints_road; /* which the hints are about */
    pct_hint *hints;            /* [PCT_HINTS] what arcs were made of when last asked */
    pct_route_leg *legs;        /* room for any simple path and its two ends */
    size_t leg_count;
    uint32_t *block;
    struct pct_pinned *table;    /* NULL until the first table */
    struct pct_reached *reached; /* [ranks], NULL until the first such query */
    struct pct_canvas *canvas;   /* NULL until the first isochrone */
    uint64_t *keys;              /* [key_room] heaps of the nearest; grows */
    size_t key_room;
};

/* The ends of a question, as ranks. */
typedef struct pct_ends {
    int count;
    pct_road_end at[PCT_ROAD_ENDS_MAX]; /* `node` is the rank here */
} pct_ends;

static inline pct_ends pct_ends_of(const pct_road *road, pct_road_point point, bool toward) {
    pct_ends ends;
    ends.count = pct_road_ends(road, point, toward, ends.at);
    for (int i = 0; i < ends.count; i++) ends.at[i].node = road->hierarchy.node_rank[ends.at[i].node];
    return ends;
}

extern const pct_ends pct_no_ends;

static inline uint32_t pct_least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* The least of many times that lie scattered. Compilers make vectors of that, which gather slower than one reads: the
 * empty instruction keeps them from it. */
static inline uint32_t pct_least_scattered(uint32_t a, uint32_t b) {
    uint32_t least = pct_least(a, b);
    __asm__("" : "+r"(least));
    return least;
}

/* The time straight from one point to another, where that is not over a vertex; mostly there is none. */
static inline uint32_t pct_straight_ms(const pct_road *road, pct_road_point from, pct_road_point to) {
    if (from.segment != to.segment && road->profile == PCT_PROFILE_RESPONSE) return PCT_UNREACHABLE_MS;
    return pct_road_along_ms(road, from, to);
}

static inline uint32_t pct_or_unreachable(uint32_t ms) {
    return ms < PCT_NO_WAY_MS ? ms : PCT_UNREACHABLE_MS;
}

/* Climbs from all ends of both sides at once. The labels of what was visited stay until pct_search_reset, the
 * arcs' lower ranks in label_by if `routes`. Gives the least sum of two labels and where it is; PCT_NO_WAY_MS without any. */
uint32_t pct_search(pct_router *router, const pct_ends *from, const pct_ends *to, bool routes,
                    uint32_t *middle);
void pct_search_reset(pct_router *router, const pct_ends *from, const pct_ends *to);
/* The same least sum; labels are reset on the way. */
uint32_t pct_search_time(pct_router *router, const pct_ends *from, const pct_ends *to);

/* One to many, one after the other: begin climbs from the one, each time then costs what the earlier ones have not yet
 * looked at. The labels and values of the router are in use until end. */
typedef struct pct_many {
    bool toward; /* the many drive to the one */
    pct_road_point one;
    pct_ends ends;
    size_t known; /* ranks whose values are known, in `pending` */
} pct_many;
void pct_many_begin(pct_router *router, bool toward, pct_road_point one, pct_many *many);
uint32_t pct_many_time(pct_router *router, pct_many *many, pct_road_point other);
void pct_many_end(pct_router *router, const pct_many *many);

#endif
