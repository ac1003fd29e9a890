/* Rounds as they are driven: what a unit does between calls, after a duty plan. One implementation for the simulator and for a replay on a
 * live desk.
 *
 *     status = pct_tours_new(&source, &tours, error);              // every stop is found on the road, once
 *     pct_tours_begin(tours, seed);                                // for each run: which plan is followed on which day
 *     pct_tours_stand(tours, unit);                                // it comes on duty at its post
 *     status = pct_tours_step(tours, unit, &trip, now_ms, &next, error);   // it is free; again at next.due_ms
 *     pct_tours_leave(tours, unit, now_ms);                        // it is called away, or off duty; before its trip is halted
 *     figures = pct_tours_figures(tours, from_ms, to_ms);
 *
 *   at its post ─► under way ─► waits ─► stands, or drives the line ─┬► next stop, or back to the post ─► …
 *        ▲             │          │                 │                │
 *        └── (call) ◄──┴──────────┴─────────────────┘ and afterwards ┘ with whatever can still be kept
 *
 * A stop begins at its planned time at the earliest, in one of its windows, and no sooner after the last visit of the same id than its gap
 * allows. Of what is left the unit keeps, in the order of the times at which it may begin, the stops that are worth most (musts first) and can all
 * still be begun in time; what it passes over stays open while there is time for it. A visit that a call interrupts is not done; a hold
 * goes on until its planned end, and counts by the time that was held.
 *
 * Where the problem of the plan is given, windows, gaps, musts and shifts are its. The plan alone does not say them: then a stop may begin up to
 * PCT_TOUR_PATIENCE_MS after its planned time, there are no gaps, and points, lines, holds and orders are musts.
 *
 * Costs: a step asks for the times from where the unit is to all stops that are open, O(stops) of one search; keeping all of them is
 * judged in O(n log n), what to leave out in O(n² × 16 n), n <= PCT_TOUR_AHEAD_MAX. Memory: O(days × stops). */
#ifndef PCT_SIM_TOURS_H
#define PCT_SIM_TOURS_H

#include "dispatch/units_csv.h"
#include "patrol/duty_plan.h"
#include "sim/travel.h"

enum { PCT_TOUR_AHEAD_MAX = 48, PCT_TOUR_DAYS_MAX = 400 };
#define PCT_TOUR_PATIENCE_MS INT64_C(3600000)
#define PCT_TOUR_LATE_MS     INT64_C(900000) /* later than planned by more than this: done, but late */

typedef struct pct_tours pct_tours;

/* Borrowed until pct_tours_free. */
typedef struct pct_tours_source {
    const pct_duty_plan *plans; /* [plan_count > 0] of the same units */
    size_t plan_count;
    const pct_duty *problem; /* of all of them; NULL: not known */
    const pct_zone *zone;
    const pct_unit_row *units;
    size_t unit_count;
    const pct_travel *way;   /* how rounds are driven: profile patrol */
    const pct_travel *other; /* where that leads nowhere */
    int64_t from_ms, to_ms;  /* the days that are laid out */
    bool daily;              /* any plan on any day, one drawn for each; else each on its date */
    bool to_post;            /* with time to spare between two stops it goes back to its post */
} pct_tours_source;

/* PCT_INPUT: a unit or stop of a plan that is not on the map or not among the units; PCT_MISUSE: no plan is of any of the days. */
pct_status pct_tours_new(const pct_tours_source *source, pct_tours **out, pct_error *error) PCT_MUST_USE;
void pct_tours_free(pct_tours *tours);
void pct_tours_begin(pct_tours *tours, uint64_t seed);
/* Does any plan have a round for it? */
bool pct_tours_has(const pct_tours *tours, uint32_t unit);

typedef struct pct_tour_next {
    int64_t due_ms; /* INT64_MAX: nothing more, ever */
    enum { PCT_TOUR_NO_NEWS, PCT_TOUR_LEFT_POST, PCT_TOUR_AT_POST } news;
} pct_tour_next;

void pct_tours_stand(pct_tours *tours, uint32_t unit);
/* `trip` is where the unit stands, or the way that the last step began; it begins the next one. */
pct_status pct_tours_step(pct_tours *tours, uint32_t unit, pct_trip *trip, int64_t now_ms,
                          pct_tour_next *next, pct_error *error) PCT_MUST_USE;
void pct_tours_leave(pct_tours *tours, uint32_t unit, int64_t now_ms);
/* The stop that it is at or on its way to; NULL: none. */
const pct_duty_stop *pct_tours_doing(const pct_tours *tours, uint32_t unit);

typedef struct pct_tour_count {
    uint64_t wanted, done, late; /* late ones are done; the rest is lost */
    int64_t wanted_ms, held_ms;  /* at the stops */
} pct_tour_count;

typedef struct pct_tour_figures {
    pct_tour_count of_kind[PCT_DUTY_KINDS];
    pct_tour_count musts; /* visits and passes that must be: points, lines, orders */
    uint64_t days, called_away;
} pct_tour_figures;

/* How little one can know of when somebody comes: the entropy of the half-hour of the day in which a visit of an id begins as planned, in
 * bits, mean over ids of points, lines and orders; of all plans, each as likely, and of one plan by itself (mean over plans). */
typedef struct pct_tours_entropy {
    double bits, alone_bits;
    uint64_t ids;
} pct_tours_entropy;
pct_tours_entropy pct_tours_entropy_of(const pct_tours *tours);

/* Of all whose planned time lies in [from, to). What the plans left out counts as wanted. */
pct_tour_figures pct_tours_figures(const pct_tours *tours, int64_t from_ms, int64_t to_ms);

#endif
