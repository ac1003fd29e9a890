/* Ruin and recreate under simulated annealing (Christiaens and Vanden Berghe 2020): strings of neighbouring demands go out, come back
 * greedily at their best places, and the result is kept by a temperature that falls with the share of time that is spent.
 *
 * Every plan met keeps all rules; what does not fit is absent. Absent musts are counted: a plan is better when the musts it leaves out
 * were left out more seldom so far (their section 5.4, there for the fewest vehicles), so that what is hard to place is placed at last. The fewest
 * units are found by closing the unit whose demands are the easiest to place elsewhere. Shoulds enter with a price near that of their
 * detour, so that annealing may give one up for another; the best plan is kept by the order of objectives itself.
 *
 * An iteration costs O(demands taken out × stops of units that may serve them). */
#include "patrol/stream.h"

#include <math.h>

#include "patrol/swaps.h"
#include "patrol/tails.h"

enum { EXCHANGES_TRIED = 60 }; /* before each ruin */

/* Temperatures are shares of the mean leg. On hard instances of Solomon's (2 s each) 0.3 to 0.003 left 2.0 % on average, 1.0 to 0.003 0.3 %,
 * 3.0 to 0.01 0.4 %, 0.1 to 0.003 2.8 %. Where units are few most changes do not fit, and it has to be hotter (decision 0060). */
static const double blink_rate = 0.01, hot = 1.0, cold = 0.003, fewest_hot = 4.0, fewest_cold = 0.03;
static const double should_price = 2.0, fewest_share = 0.2;
/* A point all of whose visits come at once (even.h) is worth so many legs. */
static const double spread_legs = 10.0;

void pct_stream_write(const pct_stream *s, int32_t *first, int32_t *mode) {
    const pct_rounds *r = &s->rounds;
    int32_t at = 0;
    for (int32_t u = 0; u < s->problem->unit_count; u++) {
        first[u] = at;
        for (int32_t d = r->stops[pct_rounds_begin(r, u)].next; !pct_rounds_is_post(r, d);
             d = r->stops[d].next)
            mode[at++] = r->stops[d].mode;
    }
    first[s->problem->unit_count] = at;
}

static void keep_best(pct_stream *s) {
    pct_stream_write(s, s->best_first, s->best_mode);
    s->best = pct_rounds_cost(&s->rounds, s->settings->fewest_units);
    s->best_at = s->iteration;
}

static bool is_best(const pct_stream *s) {
    const pct_rounds *r = &s->rounds;
    if (r->musts_left > s->best.musts_left) return false;
    pct_patrol_cost cost = pct_rounds_cost(r, s->settings->fewest_units);
    return pct_patrol_cost_compare(&cost, &s->best) < 0;
}

static double score(const pct_stream *s) {
    return (double)s->rounds.travel + s->price * (double)s->rounds.shoulds_left +
           s->spread_price * (double)s->rounds.uneven_sum_ppm;
}

static int64_t absence(const pct_stream *s) {
    const pct_rounds *r = &s->rounds;
    int64_t sum = 0;
    for (int32_t i = 0; r->musts_left && i < r->absent_count; i++)
        if (s->problem->demands[r->absent[i]].must) sum += s->absences[r->absent[i]];
    return sum;
}

static void count_absent(pct_stream *s) {
    const pct_rounds *r = &s->rounds;
    for (int32_t i = 0; r->musts_left && i < r->absent_count; i++) {
        const pct_patrol_demand *d = &s->problem->demands[r->absent[i]];
        if (d->must) s->absences[r->absent[i]] += d->weight;
    }
}

static void mend(pct_stream *s) {
    pct_recreate_all(&s->recreate, &s->rounds, &s->rng, &s->blink);
    for (int32_t i = 0; s->has_choice && i < s->rounds.log_count; i++)
        (void)pct_ways_improve(&s->ways, &s->rounds, s->rounds.log_unit[i]);
}

/* Some exchanges of tails and runs, each kept by the temperature or not made: the operators know travel, spread is asked afterwards. */
static void exchange(pct_stream *s) {
    pct_rounds *r = &s->rounds;
    for (int i = 0; i < EXCHANGES_TRIED; i++) {
        double limit = -s->temperature * log(1.0 - pct_rng_unit(&s->rng)), before = score(s);
        pct_rounds_mark(r);
        bool made = i % 2 ? pct_tails_exchange(r, &s->ruin, &s->rng, limit)
                          : pct_swaps_exchange(r, &s->ruin, &s->rng, limit);
        if (!made) continue;
        if (r->members && score(s) > before + limit)
            pct_rounds_undo(r);
        else if (is_best(s))
            keep_best(s);
    }
}

/* One ruin and recreate, kept or undone. */
static void step(pct_stream *s) {
    pct_rounds *r = &s->rounds;
    int64_t absence_before = absence(s);
    exchange(s);
    double score_before = score(s), chance = 1.0 - pct_rng_unit(&s->rng);
    pct_rounds_mark(r);
    pct_ruin_strings(&s->ruin, r, &s->rng);
    mend(s);
    int64_t absence_after = absence(s);
    bool kept = absence_after < absence_before ||
                (absence_after == absence_before && score(s) < score_before - s->temperature * log(chance));
    if (is_best(s)) {
        keep_best(s);
        kept = true;
    }
    count_absent(s);
    if (!kept) pct_rounds_undo(r);
}

/* Nobody can do with fewer units than the load needs. */
static bool is_fewest(const pct_stream *s) {
    const pct_patrol_problem *p = s->problem;
    int64_t load = 0, capacity = 0;
    for (int32_t d = 0; d < p->demand_count; d++)
        if (p->demands[d].must) load += p->demands[d].load;
    for (int32_t u = 0; u < p->unit_count; u++)
        if (p->units[u].capacity > capacity) capacity = p->units[u].capacity;
    return s->rounds.used_units <= 1 || (s->rounds.used_units - 1) * capacity < load;
}

/* Closes the unit whose demands were left out the least so far, and all that stand at their posts. */
static void close_unit(pct_stream *s) {
    pct_rounds *r = &s->rounds;
    int32_t victim = PCT_PATROL_NONE, count = 0;
    int64_t least = INT64_MAX;
    for (int32_t u = 0; u < s->problem->unit_count; u++) {
        int64_t sum = 0;
        r->rounds[u].closed = r->rounds[u].size == 0;
        for (int32_t d = r->stops[pct_rounds_begin(r, u)].next; !pct_rounds_is_post(r, d);
             d = r->stops[d].next)
            sum += s->absences[d];
        if (r->rounds[u].closed || sum >= least) continue;
        least = sum;
        victim = u;
    }
    if (victim == PCT_PATROL_NONE) return;
    pct_rounds_mark(r);
    for (int32_t d = r->stops[pct_rounds_begin(r, victim)].next; !pct_rounds_is_post(r, d);
         d = r->stops[d].next)
        s->ruin.picked[count++] = d;
    pct_rounds_remove(r, s->ruin.picked, count);
    r->rounds[victim].closed = true;
}

static void end_closing(pct_stream *s) {
    pct_rounds *r = &s->rounds;
    pct_rounds_set(r, s->best_first, s->best_mode);
    for (int32_t u = 0; u < s->problem->unit_count; u++) r->rounds[u].closed = r->rounds[u].size == 0;
    s->is_closing = false;
    s->began = s->spent;
}

void pct_stream_set_spent(pct_stream *s, double share) {
    if (share > s->spent) s->spent = share;
    if (s->is_closing && s->best.musts_left == 0 && s->spent >= fewest_share) end_closing(s);
    double gone = (s->spent - s->began) / (1.0 - s->began + 1e-12);
    double from = s->settings->fewest_units ? fewest_hot : hot,
           to = s->settings->fewest_units ? fewest_cold : cold;
    s->temperature = s->leg * from * pow(to / from, gone < 0.0 ? 0.0 : gone);
}

static void close_on(pct_stream *s) {
    if (!s->is_closing || s->rounds.musts_left) return;
    if (is_fewest(s))
        end_closing(s);
    else
        close_unit(s);
}

void pct_stream_run(pct_stream *s, uint32_t iterations) {
    for (uint32_t i = 0; i < iterations; i++, s->iteration++) {
        step(s);
        close_on(s);
    }
}

double pct_stream_score(const pct_stream *s) {
    return score(s);
}

/* What a leg and a should are worth, by the first plan. */
static void set_scale(pct_stream *s) {
    const pct_patrol_problem *p = s->problem;
    const pct_rounds *r = &s->rounds;
    int32_t served = p->demand_count - r->absent_count, shoulds = 0;
    double weight = 0.0;
    s->leg = served ? (double)r->travel / (served + r->used_units) : 1.0;
    for (int32_t d = 0; d < p->demand_count; d++) {
        if (p->demands[d].must) continue;
        shoulds++;
        weight += (double)p->demands[d].weight;
    }
    s->spread_price = spread_legs * s->leg / 1e6;
    s->price = shoulds ? should_price * s->leg * shoulds / weight : 0.0;
}

void pct_stream_begin(pct_stream *s) {
    mend(s);
    set_scale(s);
    keep_best(s);
}

void pct_stream_adopt(pct_stream *s, const int32_t *first, const int32_t *mode) {
    pct_rounds *r = &s->rounds;
    pct_rounds_set(r, first, mode);
    for (int32_t u = 0; u < s->problem->unit_count && s->settings->fewest_units; u++)
        r->rounds[u].closed = r->rounds[u].size == 0;
    if (is_best(s)) keep_best(s);
    close_on(s);
}

static pct_status set_arrays(pct_stream *s, pct_arena *arena, pct_error *error) {
    const pct_patrol_problem *p = s->problem;
    s->absences = pct_arena_alloc(arena, (size_t)p->demand_count, sizeof *s->absences);
    s->best_first = pct_arena_alloc(arena, (size_t)p->unit_count + 1, sizeof *s->best_first);
    s->best_mode = pct_arena_alloc(arena, (size_t)p->demand_count, sizeof *s->best_mode);
    if (!s->absences || !s->best_first || !s->best_mode)
        return pct_error_memory(error, (size_t)p->demand_count * 8);
    for (int32_t d = 0; d < p->demand_count; d++) s->absences[d] = p->demands[d].weight;
    return PCT_OK;
}

pct_status pct_stream_init(pct_stream *s, const pct_patrol_problem *p, const pct_patrol_settings *settings,
                           uint32_t number, const pct_stream *first, pct_arena *arena, pct_error *error) {
    *s = (pct_stream){.problem = p, .settings = settings};
    s->rng = pct_rng_init(settings->seed, number);
    s->blink = pct_blink_init(&s->rng, blink_rate);
    s->has_choice = p->mode_count > p->demand_count;
    s->is_closing = settings->fewest_units;
    pct_status status = pct_rounds_init(&s->rounds, p, arena, error);
    if (!status) status = pct_ruin_init(&s->ruin, p, first ? &first->ruin : NULL, arena, error);
    if (!status) status = pct_recreate_init(&s->recreate, p, arena, error);
    if (!status) status = pct_ways_init(&s->ways, p, arena, error);
    return status ? status : set_arrays(s, arena, error);
}
