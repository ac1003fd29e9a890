/* What the bound on travel knows of a problem: ways to serve demands, legs between them, posts, and hours cut into slots. */
#ifndef PCT_PATROL_BOUND_LEGS_H
#define PCT_PATROL_BOUND_LEGS_H

#include "base/memory.h"
#include "patrol/problem.h"

enum { PCT_BOUND_SLOTS_MAX = 8 };

/* Not there. Any sum with it is more than any plan costs. */
static const double pct_bound_none = 1e15;

/* A way to serve a demand: its modes that differ in nothing but their windows. */
typedef struct pct_bound_way {
    int32_t node;      /* musts from 1 on, shoulds behind them */
    int32_t mode;      /* one of its modes */
    uint32_t slots;    /* in which it can begin */
    uint32_t instants; /* of those the ones where only their first instant is in a window */
    int64_t done_ms[PCT_BOUND_SLOTS_MAX]; /* begun in that slot it is over not before */
    int64_t first_ms, close_ms;           /* begins at the soonest and the latest; INT64_MAX: nobody can */
} pct_bound_way;

typedef struct pct_bound_legs {
    const pct_patrol_problem *problem;
    int32_t musts, nodes;     /* of nodes, shoulds included; without node 0, the posts */
    int32_t must_ways, count; /* ways of musts, which come first, and all */
    int32_t *first_way;       /* [musts + 2] of each must, from 1 on */
    pct_bound_way *ways;      /* [count] */
    double
        *leg; /* [must_ways squared] row: the way that is come to; by way of shoulds where that is cheaper */
    int32_t kinds;             /* units of the same start and end */
    int32_t *kind, *kind_size; /* [unit_count], [kinds] */
    double *start, *home;      /* [kinds][must_ways] from the kind's start to it, from it to the kind's end */
    int32_t slots;
    int64_t from_ms, slot_ms; /* slot s: [from_ms + s slot_ms, from_ms + (s + 1) slot_ms) */
} pct_bound_legs;

/* False in *small: too much to reckon with, nothing is made. O(ways² × ways of shoulds + ways × units). */
pct_status pct_bound_legs_init(pct_bound_legs *out, const pct_patrol_problem *problem, pct_arena *arena,
                               bool *small, pct_error *error) PCT_MUST_USE;

#endif
