/* Rounds: the plan while it is worked on. Every unit's round is a list of stops in which each stop knows the segment before it and the
 * segment behind it (segment.h), so that inserting a demand anywhere is judged in O(1) and done in O(stops of the round).
 *
 * Stops are numbered: demand d is stop d; unit u begins at stop pct_rounds_begin and ends at the one behind. No round here ever breaks a
 * window, a capacity, a duration or a gap: what does not fit stays absent.
 *
 *     pct_rounds_init(&r, problem, &arena, error);         // everybody at the post, every demand absent
 *     pct_rounds_mark(&r);                                 // from here on …
 *     pct_rounds_remove(&r, demands, n); pct_rounds_insert(&r, &insertion);
 *     pct_rounds_undo(&r);                                 // … this gives back what was marked
 *
 * After init nothing allocates. All memory is the arena's. */
#ifndef PCT_PATROL_ROUNDS_H
#define PCT_PATROL_ROUNDS_H

#include "base/memory.h"
#include "patrol/segment.h"

typedef struct pct_stop {
    int32_t next, prev; /* stops of the same round */
    int32_t unit;       /* PCT_PATROL_NONE: absent */
    int32_t mode;       /* not of posts */
    int32_t from, to;   /* places of the mode, or of the post */
    pct_segment head;   /* from the post of departure through this stop */
    pct_segment tail;   /* from this stop through the post at the end */
} pct_stop;

typedef struct pct_round {
    int64_t travel; /* all that pct_patrol_cost.travel counts of it; 0 for an empty round */
    int32_t size;   /* demands served */
    int32_t kind;   /* the first unit that is the same as this one in every respect */
    uint32_t marked;
    bool closed;      /* must stay at its post */
    uint64_t version; /* of its stops; never that of other stops, and again the same after undo */
} pct_round;

typedef struct pct_insertion {
    int64_t delta;       /* what the round's travel becomes more */
    int32_t mode, after; /* stop */
} pct_insertion;

/* What is known of a demand and a round of that version: its cheapest insertion as far as the round alone can say; mode PCT_PATROL_NONE: there
 * is none below delta. */
typedef struct pct_tried {
    uint64_t version;
    int32_t demand;
    pct_insertion insertion;
} pct_tried;

typedef struct pct_rounds {
    const pct_patrol_problem *problem;
    pct_stop *stops;    /* [demand_count + 2 unit_count] */
    pct_round *rounds;  /* [unit_count] */
    int32_t *absent;    /* [absent_count] demands, in no order */
    int32_t *absent_at; /* [demand_count] index in absent */
    int32_t absent_count, used_units;
    int64_t travel, musts_left, shoulds_left;
    /* Undo: the touched rounds as they were. */
    int32_t *log, *log_unit, *log_first; /* [demand_count] modes, [unit_count], [unit_count + 1] */
    int32_t log_count;
    uint32_t mark;
    uint64_t *log_version, versions; /* [unit_count]; versions given so far */
    pct_tried *tried;                /* [tried_mask + 1] insert.c's */
    size_t tried_mask;
    /* Series; NULL without any. */
    int32_t *member_first, *members; /* [series_count + 1], [members of all series] */
    int64_t *start_ms,
        *trial_ms; /* [demand_count] begins: as they are (PCT_PATROL_NONE: absent), as a trial would have them */
    uint32_t *trial_mark; /* [demand_count] */
    uint32_t trial;
    int32_t *shifted, shifted_count;     /* by the trial */
    int64_t *uneven_ppm, uneven_sum_ppm; /* [series_count] (even.h) and all of them */
    int64_t *hours_ms, *begins_ms;       /* [series_count][2]; of one series' visits */
} pct_rounds;

pct_status pct_rounds_init(pct_rounds *rounds, const pct_patrol_problem *problem, pct_arena *arena,
                           pct_error *error) PCT_MUST_USE;

static inline int32_t pct_rounds_begin(const pct_rounds *r, int32_t unit) {
    return r->problem->demand_count + 2 * unit;
}

static inline bool pct_rounds_is_post(const pct_rounds *r, int32_t stop) {
    return stop >= r->problem->demand_count;
}

/* The change of travel if `mode` came behind stop `after`; O(1). */
static inline int64_t pct_rounds_delta(const pct_rounds *r, int32_t mode, int32_t after) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_mode *m = &p->modes[mode];
    const pct_stop *a = &r->stops[after], *b = &r->stops[a->next];
    int64_t delta = (int64_t)pct_patrol_travel_cost(p, a->to, m->from) +
                    pct_patrol_travel_cost(p, m->to, b->from) + m->cost;
    const pct_round *round = &r->rounds[a->unit];
    return round->size ? delta - pct_patrol_travel_cost(p, a->to, b->from)
                       : delta + p->units[a->unit].fixed_cost;
}

/* Whether windows, load, duration and gaps allow it; who may serve what is not asked here. O(1); O(round) with series, and with a limit of
 * duration where there are bands. */
bool pct_rounds_fits(pct_rounds *r, int32_t mode, int32_t after);
/* The same without gaps: it depends on this round alone. */
bool pct_rounds_fits_alone(const pct_rounds *r, int32_t mode, int32_t after);
void pct_rounds_insert(pct_rounds *r, const pct_insertion *insertion);
/* All of one unit. What is left can break a rule all the same: a visit of a series comes earlier, and a line may have been a shorter way than
 * the matrix knows. Visits go with them until the round keeps its rules. */
void pct_rounds_remove(pct_rounds *r, const int32_t *demands, int32_t count);
/* Exchanges the modes [size of the round] of its stops, in their order, for those they have; false, and all as it was, when a window, the
 * duration or a gap does not allow it. */
bool pct_rounds_change_modes(pct_rounds *r, int32_t unit, int32_t *modes);
/* Whether a round that keeps its windows and loads keeps its duration and gaps too. */
bool pct_rounds_is_kept(pct_rounds *r, int32_t unit);
/* Of two rounds what comes behind stop a and what comes behind stop b; no rule is asked. */
void pct_rounds_exchange_tails(pct_rounds *r, int32_t a, int32_t b);
void pct_rounds_mark(pct_rounds *r);
void pct_rounds_undo(pct_rounds *r);
/* Everybody at the post. */
void pct_rounds_clear(pct_rounds *r);
/* The units' rounds from first[u] on of mode; as they stand in a finished plan. */
void pct_rounds_set(pct_rounds *r, const int32_t *first, const int32_t *mode);
/* Without response: rounds know nothing of calls. */
pct_patrol_cost pct_rounds_cost(const pct_rounds *r, bool fewest_units);

/* rounds_bands.c, where travel takes its time by the hour: head and tail of all stops from `stop` on, of all before it the tail; and with
 * `mode` behind `after` when the round is left, as late as it can be for the earliest back_ms. */
void pct_rounds_bands_refresh(pct_rounds *r, int32_t unit, int32_t stop);
int64_t pct_rounds_bands_leave_ms(const pct_rounds *r, int32_t mode, int32_t after, int64_t *back_ms);

/* gaps.c: what series need; not to be called where the problem has none. */
bool pct_gaps_allow(pct_rounds *r, int32_t mode, int32_t after);
/* Times of the unit's visits, after a change of its round. */
void pct_gaps_time(pct_rounds *r, int32_t unit);
/* One visit of the unit whose gap is too short, PCT_PATROL_NONE when all are kept; by the times that are. */
int32_t pct_gaps_broken(pct_rounds *r, int32_t unit);
/* rounds_even.c: after a visit of the series came, went or begins at another time. */
pct_status pct_rounds_even_init(pct_rounds *r, pct_arena *arena, pct_error *error) PCT_MUST_USE;
void pct_rounds_even_refresh(pct_rounds *r, int32_t series);

#endif
