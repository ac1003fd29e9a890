/* Whether a plan keeps every rule of its problem: found anew from the problem and the plan alone, with no line of the solver's.
 *
 * The plan's times are taken as they stand and held against travel, windows, shifts, durations and gaps; its cost is added up again. */
#ifndef PCT_PATROL_CHECK_H
#define PCT_PATROL_CHECK_H

#include "patrol/problem.h"

typedef enum pct_patrol_fault {
    PCT_PATROL_SOUND,
    PCT_PATROL_SHAPE,    /* visits or modes that there are not */
    PCT_PATROL_TWICE,    /* a demand is served twice */
    PCT_PATROL_UNABLE,   /* the unit may not serve it */
    PCT_PATROL_TOO_SOON, /* service begins before the unit can be there */
    PCT_PATROL_WINDOW,   /* service begins outside its window */
    PCT_PATROL_SHIFT,    /* the unit leaves too soon or is back too late */
    PCT_PATROL_DURATION, /* the round is too long */
    PCT_PATROL_CAPACITY, /* the round's load is too much */
    PCT_PATROL_GAP,      /* two visits of a series are too near to each other */
    PCT_PATROL_COST      /* the stated cost is not the plan's */
} pct_patrol_fault;

typedef struct pct_patrol_finding {
    pct_patrol_fault fault;
    int32_t unit, visit; /* where; PCT_PATROL_NONE: of the whole plan, of the whole round */
} pct_patrol_finding;

/* The first fault, in the order of units and visits. The problem must be one that pct_patrol_problem_check takes. `fewest_units` as the plan
 * was asked for. O(visits + pairs of one series). */
pct_patrol_finding pct_patrol_check(const pct_patrol_problem *problem, const pct_patrol_plan *plan,
                                    bool fewest_units);

#endif
