/* Ruin and recreate under simulated annealing (Christiaens and Vanden Berghe 2020): strings of neighbouring demands go out, come back
 * greedily at their best places, and the result is kept by a temperature that falls with the share of time that is spent.
 *
 * Every plan met keeps all rules; what does not fit is absent. Absent musts are counted: a plan is better when the musts it leaves out
 * were left out more seldom so far (their section 5.4, there for the fewest vehicles), so that what is hard to place is placed at last. The fewest
 * units are found by closing the unit whose demands are the easiest to place elsewhere. Shoulds enter with a price near that of their
 * detour, so that annealing may give one up for another; the best plan is kept by the order of objectives itself.
 *
 * An iteration costs O(demands taken out × stops of units that may serve them). */
#include "patrol/solve.h"

#include <math.h>
#include <string.h>

#include "patrol/recreate.h"
#include "patrol/ruin.h"
#include "patrol/ways.h"

enum { ASK_EVERY = 32 };
/* Temperatures are shares of the mean leg. On hard instances of Solomon's (2 s each) 0.3 to 0.003 left 2.0 % on average, 1.0 to 0.003 0.3 %,
 * 3.0 to 0.01 0.4 %, 0.1 to 0.003 2.8 %. */
static const double blink_rate = 0.01, hot = 1.0, cold = 0.003, should_price = 2.0, fewest_share = 0.5;
static const size_t arena_max = (size_t)1 << 31;

typedef struct search {
    const pct_patrol_problem *problem;
    const pct_patrol_settings *settings;
    pct_arena arena;
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
    uint64_t iteration;
    double spent, began; /* shares; travel is worked on from `began` on */
    double leg, price, temperature;
} search;

static void keep_best(search *s) {
    const pct_rounds *r = &s->rounds;
    int32_t at = 0;
    for (int32_t u = 0; u < s->problem->unit_count; u++) {
        s->best_first[u] = at;
        for (int32_t d = r->stops[pct_rounds_begin(r, u)].next; !pct_rounds_is_post(r, d);
             d = r->stops[d].next)
            s->best_mode[at++] = r->stops[d].mode;
    }
    s->best_first[s->problem->unit_count] = at;
    s->best = pct_rounds_cost(r, s->settings->fewest_units);
    if (s->settings->better) s->settings->better(s->settings->context, &s->best, s->iteration);
}

static bool is_best(const search *s) {
    const pct_rounds *r = &s->rounds;
    if (r->musts_left > s->best.musts_left) return false;
    pct_patrol_cost cost = pct_rounds_cost(r, s->settings->fewest_units);
    return pct_patrol_cost_compare(&cost, &s->best) < 0;
}

static double score(const search *s) {
    return (double)s->rounds.travel + s->price * (double)s->rounds.shoulds_left;
}

static int64_t absence(const search *s) {
    const pct_rounds *r = &s->rounds;
    int64_t sum = 0;
    for (int32_t i = 0; r->musts_left && i < r->absent_count; i++)
        if (s->problem->demands[r->absent[i]].must) sum += s->absences[r->absent[i]];
    return sum;
}

static void count_absent(search *s) {
    const pct_rounds *r = &s->rounds;
    for (int32_t i = 0; r->musts_left && i < r->absent_count; i++) {
        const pct_patrol_demand *d = &s->problem->demands[r->absent[i]];
        if (d->must) s->absences[r->absent[i]] += d->weight;
    }
}

static void mend(search *s) {
    pct_recreate_all(&s->recreate, &s->rounds, &s->rng, &s->blink);
    for (int32_t i = 0; s->has_choice && i < s->rounds.log_count; i++)
        (void)pct_ways_improve(&s->ways, &s->rounds, s->rounds.log_unit[i]);
}

/* One ruin and recreate, kept or undone. */
static void step(search *s) {
    pct_rounds *r = &s->rounds;
    int64_t absence_before = absence(s);
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
static bool is_fewest(const search *s) {
    const pct_patrol_problem *p = s->problem;
    int64_t load = 0, capacity = 0;
    for (int32_t d = 0; d < p->demand_count; d++)
        if (p->demands[d].must) load += p->demands[d].load;
    for (int32_t u = 0; u < p->unit_count; u++)
        if (p->units[u].capacity > capacity) capacity = p->units[u].capacity;
    return s->rounds.used_units <= 1 || (s->rounds.used_units - 1) * capacity < load;
}

/* Closes the unit whose demands were left out the least so far, and all that stand at their posts. */
static void close_unit(search *s) {
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

static void end_closing(search *s) {
    pct_rounds *r = &s->rounds;
    pct_rounds_set(r, s->best_first, s->best_mode);
    for (int32_t u = 0; u < s->problem->unit_count; u++) r->rounds[u].closed = r->rounds[u].size == 0;
    s->is_closing = false;
    s->began = s->spent;
}

/* Once more the budget is looked at; false: it is used up. */
static bool ask(search *s) {
    const pct_patrol_settings *set = s->settings;
    double share = set->iterations_max ? (double)s->iteration / (double)set->iterations_max : 0.0;
    double told = set->spent ? set->spent(set->context) : 0.0;
    if (told > share) share = told;
    if (share > s->spent) s->spent = share;
    if (s->is_closing && s->best.musts_left == 0 && s->spent >= fewest_share) end_closing(s);
    double gone = (s->spent - s->began) / (1.0 - s->began + 1e-12);
    s->temperature = s->leg * hot * pow(cold / hot, gone < 0.0 ? 0.0 : gone);
    return s->spent < 1.0;
}

static void work(search *s) {
    while (ask(s)) {
        for (int i = 0; i < ASK_EVERY; i++, s->iteration++) {
            if (s->settings->iterations_max && s->iteration >= s->settings->iterations_max) break;
            step(s);
            if (!s->is_closing || s->rounds.musts_left) continue;
            if (is_fewest(s))
                end_closing(s);
            else
                close_unit(s);
        }
    }
}

/* What a leg and a should are worth, by the first plan. */
static void set_scale(search *s) {
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
    s->price = shoulds ? should_price * s->leg * shoulds / weight : 0.0;
}

static pct_status prepare(search *s, pct_error *error) {
    const pct_patrol_problem *p = s->problem;
    s->arena = pct_arena_init(arena_max);
    s->rng = pct_rng_init(s->settings->seed, 0);
    s->blink = pct_blink_init(&s->rng, blink_rate);
    pct_status status = pct_rounds_init(&s->rounds, p, &s->arena, error);
    if (!status) status = pct_ruin_init(&s->ruin, p, &s->arena, error);
    if (!status) status = pct_recreate_init(&s->recreate, p, &s->arena, error);
    if (!status) status = pct_ways_init(&s->ways, p, &s->arena, error);
    if (status) return status;
    s->absences = pct_arena_alloc(&s->arena, (size_t)p->demand_count, sizeof *s->absences);
    s->best_first = pct_arena_alloc(&s->arena, (size_t)p->unit_count + 1, sizeof *s->best_first);
    s->best_mode = pct_arena_alloc(&s->arena, (size_t)p->demand_count, sizeof *s->best_mode);
    if (!s->absences || !s->best_first || !s->best_mode)
        return pct_error_memory(error, (size_t)p->demand_count * 8);
    for (int32_t d = 0; d < p->demand_count; d++) s->absences[d] = p->demands[d].weight;
    s->has_choice = p->mode_count > p->demand_count;
    s->is_closing = s->settings->fewest_units;
    return PCT_OK;
}

static pct_status write_plan(search *s, pct_patrol_plan *out, pct_error *error) {
    const pct_patrol_problem *p = s->problem;
    pct_rounds *r = &s->rounds;
    pct_rounds_set(r, s->best_first, s->best_mode);
    size_t units = (size_t)p->unit_count, visits = (size_t)s->best_first[units];
    int64_t *block = pct_alloc(visits + 2 * units + (visits + units + 2) / 2, sizeof *block);
    if (!block) return pct_error_memory(error, (visits + units) * sizeof *block);
    *out = (pct_patrol_plan){.unit_count = p->unit_count,
                             .visit_count = (int32_t)visits,
                             .cost = s->best,
                             .iterations = s->iteration};
    out->start_ms = block;
    out->leave_ms = out->start_ms + visits;
    out->back_ms = out->leave_ms + units;
    out->first = (int32_t *)(out->back_ms + units);
    out->mode = out->first + units + 1;
    memcpy(out->first, s->best_first, (units + 1) * sizeof *out->first);
    memcpy(out->mode, s->best_mode, visits * sizeof *out->mode);
    for (int32_t u = 0; u < p->unit_count; u++) {
        int64_t at_ms =
            out->first[u] < out->first[u + 1] ? r->stops[pct_rounds_begin(r, u)].tail.earliest_ms : 0;
        int32_t place = p->units[u].start;
        out->leave_ms[u] = out->back_ms[u] = at_ms;
        for (int32_t v = out->first[u]; v < out->first[u + 1]; v++) {
            const pct_patrol_mode *m = &p->modes[out->mode[v]];
            at_ms = pct_patrol_arrive_ms(p, place, m->from, at_ms);
            if (at_ms < m->open_ms) at_ms = m->open_ms;
            out->start_ms[v] = at_ms;
            at_ms += m->service_ms;
            place = m->to;
            out->back_ms[u] = pct_patrol_arrive_ms(p, place, p->units[u].end, at_ms);
        }
    }
    out->travel_bound = pct_patrol_travel_bound(p);
    return PCT_OK;
}

pct_status pct_patrol_solve(const pct_patrol_problem *problem, const pct_patrol_settings *settings,
                            pct_patrol_plan *out, pct_error *error) {
    *out = (pct_patrol_plan){0};
    if (!settings->iterations_max && !settings->spent)
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PATROL_PROBLEM, pct_int(0),
                        pct_phrase(PCT_MSG_PATROL_EXPECTED_END));
    pct_status status = pct_patrol_problem_check(problem, error);
    if (status) return status;
    search s = {.problem = problem, .settings = settings};
    status = prepare(&s, error);
    if (!status) {
        mend(&s);
        set_scale(&s);
        keep_best(&s);
        if (problem->demand_count && problem->unit_count) work(&s);
        status = write_plan(&s, out, error);
    }
    pct_arena_dispose(&s.arena);
    return status;
}
