/* The problem of a duty plan: which unit serves which demands, in which order, in which way.
 *
 * It is a general routing problem: points (nodes) and lines (arcs) in one route, with windows, optional demands and units
 * that differ. What looks like many kinds of rules is one: a demand is served in exactly one of its *modes*, and a mode says where the
 * unit comes in, where it leaves, how long it takes and when it may begin. So
 *
 *     a visit point                      one mode, from == to
 *     a patrol line driven one way       one mode, from its first end to its last
 *     ... driven either way              two modes, ends exchanged
 *     several windows                    one mode per window
 *     a break at one of three places     a demand of that unit alone, three modes
 *     roll call, school-gate duty        a demand with a window of one instant
 *     a point to visit three times       three demands of one series, with the series' least gap
 *     two passes of a line               two demands
 *
 * Places are the rows of a travel matrix that its maker fills (road's patrol profile), one for each band of hours in which roads are
 * driven alike. All times are of one clock, in ms; nothing below knows what a unit of cost is (ms or mm). Everything here is borrowed:
 * the problem's maker owns the arrays and keeps them unchanged while a plan is made or checked.
 *
 * **Times by hour.** Let T_b be the matrix of band b, which holds for departures from its band_from_ms until the next band's. Who is ready
 * to leave at t arrives at
 *
 *     min over s >= t of s + T_band(s)(from, to)
 *
 * that is with its own band's time, or, where a later band is so much faster that leaving at its first instant arrives sooner, then.
 * So nobody who leaves later arrives earlier (FIFO), whatever the matrices hold, and what is left latest and what arrives first can be
 * reckoned backward and forward. Costs have one matrix for all hours.
 *
 * Objectives in their order: pct_patrol_cost, compared by pct_patrol_cost_compare. */
#ifndef PCT_PATROL_PROBLEM_H
#define PCT_PATROL_PROBLEM_H

#include <stdbool.h>

#include "base/status.h"

enum { PCT_PATROL_NONE = -1 };

typedef struct pct_patrol_mode {
    int32_t demand;            /* whose mode it is */
    int32_t from, to;          /* places: where the unit comes in and where it leaves */
    int32_t service_ms;        /* dwell, or the time to drive or walk the line */
    int64_t open_ms, close_ms; /* service may begin in [open, close]; a unit that is early waits */
    int32_t cost;              /* of serving it this way, in units of the cost matrix; >= 0 */
} pct_patrol_mode;

typedef struct pct_patrol_demand {
    int32_t first_mode, mode_count; /* its modes stand together, at least one */
    int32_t series;                 /* of the same point, PCT_PATROL_NONE: alone */
    int32_t unit;                   /* only this unit may serve it; PCT_PATROL_NONE: any that can */
    int32_t group;                  /* only units of it may; PCT_PATROL_NONE: of any */
    uint64_t needs;                 /* capabilities; the unit must have all */
    int64_t weight;                 /* what it is worth against others of its kind; > 0 */
    int64_t load;                   /* against the unit's capacity; >= 0 */
    bool must;
} pct_patrol_demand;

typedef struct pct_patrol_unit {
    int32_t start, end;        /* places: its posts */
    int32_t group;             /* such as its station; any number */
    int64_t open_ms, close_ms; /* leaves not before, is back not after */
    int64_t duration_max_ms;   /* from leaving to being back */
    int64_t capacity;
    uint64_t has;       /* capabilities */
    int32_t fixed_cost; /* of being used at all, in units of the cost matrix; >= 0 */
} pct_patrol_unit;

/* Calls for service as they are expected, so that a plan patrols and covers: response.h says what is made of them. */
typedef struct pct_patrol_calls {
    int32_t point_count;
    const double *per_hour; /* [point_count] >= 0, not all 0; from calls for service only */
    const int32_t
        *time_ms;      /* [place_count][point_count] from each place to each point, at whatever hour; >= 0 */
    double busy;       /* the share of its time that a unit is at a call, in [0, 1) */
    int64_t slice_ms;  /* the plan is looked at once in each; > 0 */
    int64_t step_ms;   /* lesser differences of response are none; > 0 */
    int64_t nobody_ms; /* what a call waits when none of the nearest is free; > 0 */
} pct_patrol_calls;

typedef struct pct_patrol_problem {
    int32_t place_count, mode_count, demand_count, unit_count, series_count;
    const int32_t *travel_ms; /* [max(band_count, 1)][place_count squared] row: from, column: to; >= 0 */
    const int32_t *cost;      /* [place_count squared] >= 0; may be travel_ms itself */
    const pct_patrol_mode *modes;
    const pct_patrol_demand *demands;
    const pct_patrol_unit *units;
    const int64_t *
        gap_ms; /* [series_count] least time from the end of one visit of the series to the start of the next */
    int32_t band_count; /* 0 and 1: travel takes the same at all hours */
    const int64_t
        *band_from_ms; /* [band_count] strictly ascending; the first holds also before, the last for ever */
    const pct_patrol_calls *calls; /* NULL: plans do not mind them */
} pct_patrol_problem;

/* Lesser differences of spread are none (even.h). */
enum { PCT_PATROL_SPREAD_STEP_PPM = 10000 };

/* The objectives in lexicographic order. */
typedef struct pct_patrol_cost {
    int64_t musts_left;   /* weights of musts that are not served */
    int64_t units;        /* used, where the fewest are asked for; else 0 */
    int64_t response_ms;  /* expected response to calls in whole steps; 0 without calls */
    int64_t shoulds_left; /* weights of shoulds that are not served */
    int64_t spread_ppm;   /* how unevenly points are visited, in whole steps (even.h); 0 without series */
    int64_t travel;       /* cost matrix, modes and fixed costs */
    int64_t
        imbalance_ms; /* longest less shortest duration among units in use; only between plans of equal travel */
} pct_patrol_cost;

/* < 0 when a is better. */
int pct_patrol_cost_compare(const pct_patrol_cost *a, const pct_patrol_cost *b);

enum { PCT_PATROL_BANDS_MAX = 168, PCT_PATROL_CALL_POINTS_MAX = 2000, PCT_PATROL_SLICES_MAX = 2000 };
enum { PCT_PATROL_DEMANDS_MAX = 20000, PCT_PATROL_PLACES_MAX = 20000, PCT_PATROL_UNITS_MAX = 5000 };
/* Times and costs that a problem may hold: sums of a plan stay far inside 64 bits. */
#define PCT_PATROL_VALUE_MAX (INT64_C(1) << 40)

/* What the docstrings above demand, of every item: PCT_OK, or PCT_MISUSE with the first thing that is not so. O(size). */
pct_status pct_patrol_problem_check(const pct_patrol_problem *problem, pct_error *error) PCT_MUST_USE;

static inline bool pct_patrol_has_bands(const pct_patrol_problem *p) {
    return p->band_count > 1;
}

/* Of the first band: all there is to know only where there are no bands. */
static inline int32_t pct_patrol_travel_ms(const pct_patrol_problem *p, int32_t from, int32_t to) {
    return p->travel_ms[(size_t)from * (size_t)p->place_count + (size_t)to];
}

/* bands.c: for a cell of the matrix where there are bands. O(bands). */
int64_t pct_patrol_bands_arrive_ms(const pct_patrol_problem *p, size_t cell, int64_t leave_ms);
int64_t pct_patrol_bands_leave_ms(const pct_patrol_problem *p, size_t cell, int64_t arrive_ms);

/* When who may leave at leave_ms is there. */
static inline int64_t pct_patrol_arrive_ms(const pct_patrol_problem *p, int32_t from, int32_t to,
                                           int64_t leave_ms) {
    size_t cell = (size_t)from * (size_t)p->place_count + (size_t)to;
    return p->band_count > 1 ? pct_patrol_bands_arrive_ms(p, cell, leave_ms) : leave_ms + p->travel_ms[cell];
}

/* The latest leave_ms with which pct_patrol_arrive_ms is not after arrive_ms. */
static inline int64_t pct_patrol_leave_ms(const pct_patrol_problem *p, int32_t from, int32_t to,
                                          int64_t arrive_ms) {
    size_t cell = (size_t)from * (size_t)p->place_count + (size_t)to;
    return p->band_count > 1 ? pct_patrol_bands_leave_ms(p, cell, arrive_ms) : arrive_ms - p->travel_ms[cell];
}

static inline int32_t pct_patrol_travel_cost(const pct_patrol_problem *p, int32_t from, int32_t to) {
    return p->cost[(size_t)from * (size_t)p->place_count + (size_t)to];
}

static inline bool pct_patrol_may_serve(const pct_patrol_problem *p, int32_t unit, int32_t demand) {
    const pct_patrol_demand *d = &p->demands[demand];
    return (d->needs & ~p->units[unit].has) == 0 && (d->unit == PCT_PATROL_NONE || d->unit == unit) &&
           (d->group == PCT_PATROL_NONE || d->group == p->units[unit].group);
}

/* A finished plan: what the solver gives, the checker checks and others print. Owned by the caller; one block, freed by dispose. */
typedef struct pct_patrol_plan {
    int32_t unit_count, visit_count;
    int32_t *
        first; /* [unit_count + 1] the visits of unit u are first[u] … first[u + 1] - 1; none: it stays at its post */
    int32_t *mode;        /* [visit_count] in the order of driving */
    int64_t *start_ms;    /* [visit_count] service begins */
    int64_t *leave_ms;    /* [unit_count] leaves its post (0 when it stays) */
    int64_t *back_ms;     /* [unit_count] */
    pct_patrol_cost cost; /* as stated by the solver */
    int64_t travel_bound; /* no plan that serves every must travels less; 0 when nothing is known */
    uint64_t iterations;
} pct_patrol_plan;

/* Arrays of a plan to be filled; nothing is in them. */
pct_status pct_patrol_plan_init(pct_patrol_plan *out, int32_t unit_count, int32_t visit_count,
                                pct_error *error) PCT_MUST_USE;
void pct_patrol_plan_dispose(pct_patrol_plan *plan);
/* Of its times, as pct_patrol_cost states it. */
int64_t pct_patrol_imbalance_ms(const pct_patrol_plan *plan);

#endif
