/* One stream of the search: rounds that are ruined and recreated under a temperature that falls, with random numbers of their own. A
 * stream touches nothing of another's, so that several may run at once; solve.h leads them.
 *
 *     pct_stream_init(&s, problem, settings, number, first, &arena, error);   // first: stream 0 or NULL, whose neighbour lists it shares
 *     pct_stream_begin(&s);                                                   // the first plan
 *     while (…) { pct_stream_set_spent(&s, share); pct_stream_run(&s, iterations); }
 *
 * Running allocates nothing. A stream must not be moved. */
#ifndef PCT_PATROL_STREAM_H
#define PCT_PATROL_STREAM_H

#include "patrol/recreate.h"
#include "patrol/ruin.h"
#include "patrol/solve.h"
#include "patrol/ways.h"

typedef struct pct_stream {
    const pct_patrol_problem *problem;
    const pct_patrol_settings *settings;
    pct_rng rng;
    pct_blink blink;
    pct_rounds rounds;
    pct_ruin ruin;
    pct_recreate recreate;
    pct_ways ways;
    bool has_choice;                 /* some demand has more than one mode */
    bool is_closing;                 /* units are being closed */
    int64_t *absences;               /* [demand_count] weight times how often it was left out */
    int32_t *best_first, *best_mode; /* [unit_count + 1], [demand_count] */
    pct_patrol_cost best;
    uint64_t iteration, best_at;
    double spent, began; /* shares; travel is worked on from `began` on */
    double leg, price, spread_price, temperature;
} pct_stream;

pct_status pct_stream_init(pct_stream *s, const pct_patrol_problem *problem,
                           const pct_patrol_settings *settings, uint32_t number, const pct_stream *first,
                           pct_arena *arena, pct_error *error) PCT_MUST_USE;
void pct_stream_begin(pct_stream *s);
/* The share of the budget that is gone; the temperature follows it. */
void pct_stream_set_spent(pct_stream *s, double share);
void pct_stream_run(pct_stream *s, uint32_t iterations);
/* What it works on now, in travel; shoulds at their price. */
double pct_stream_score(const pct_stream *s);
/* The plan it works on now. */
void pct_stream_write(const pct_stream *s, int32_t *first, int32_t *mode);
/* Goes on from the plan, which is sound, and keeps it as its best when it is. */
void pct_stream_adopt(pct_stream *s, const int32_t *first, const int32_t *mode);

#endif
