/* A lower bound on travel: whatever the rounds are, every must is come to by one leg and left by one, and by the legs all of them hang
 * together with the posts. The cheapest legs that come to each must once and hang together are an arborescence of least cost; that each is left once
 * is priced (Held and Karp, "The traveling-salesman problem and minimum spanning trees", 1970 and 1971, directed and with many posts): a must
 * that many legs leave becomes dearer to leave, one that none leaves cheaper, and every set of prices gives a bound.
 *
 *     max over prices p of   least arborescence of (cost of leg i → j) + p_i   +   sum of least(0, home_i + p_i)   -   sum of p_i
 *
 * At least as many rounds leave the posts and come home as loads and services need: homes are taken so many at the least, and legs from
 * the posts have a price too, never above 0. *
 * A leg costs the least over the modes at both its ends; it is none when no unit may serve both, or when the earlier end at its earliest is
 * too late for the other. Shoulds may stand between two musts, wherever a line is a shorter way than the matrix knows. Loads, durations and
 * windows beyond one leg are left out. O(passes × musts² × levels), once O(shoulds × demands²); where that is too much, or no passes are asked for,
 * each must's cheapest way in. Of the largest problems fewer passes are made than were asked for: some seconds at the most. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "patrol/arborescence.h"
#include "patrol/solve.h"

enum { NODES_MAX = 4000, STALE_MAX = 8 };
static const double none = 1e15, work_max = 2e9, passes_work_max = 7e7, step_first = 1.0, step_least = 1e-3;
static const size_t bound_arena_max = (size_t)3 << 30;

typedef struct legs {
    const pct_patrol_problem *problem;
    int32_t *node;       /* [demand_count] musts from 1 on, shoulds behind them */
    int32_t musts, size; /* nodes: 0 the posts, demands, and size - 1 home */
    double *cost;        /* [size squared] row: head */
    int64_t *first_ms;   /* [mode_count] begins not before; INT64_MAX: nobody can */
    uint64_t *units;     /* [demand_count][words] who may serve it */
    size_t words;
} legs;

static double *leg(const legs *l, int32_t from, int32_t to) {
    return &l->cost[(size_t)to * (size_t)l->size + (size_t)from];
}

static void lower(double *cell, int64_t value) {
    if ((double)value < *cell) *cell = (double)value;
}

static void set_units(legs *l) {
    const pct_patrol_problem *p = l->problem;
    memset(l->units, 0, (size_t)p->demand_count * l->words * sizeof *l->units);
    for (int32_t d = 0; d < p->demand_count; d++)
        for (int32_t u = 0; u < p->unit_count; u++)
            if (pct_patrol_may_serve(p, u, d))
                l->units[(size_t)d * l->words + (size_t)u / 64] |= UINT64_C(1) << (u % 64);
}

static bool have_a_unit(const legs *l, int32_t d, int32_t e) {
    for (size_t w = 0; w < l->words; w++)
        if (l->units[(size_t)d * l->words + w] & l->units[(size_t)e * l->words + w]) return true;
    return false;
}

static bool may_come(const legs *l, int32_t m, int32_t n) {
    const pct_patrol_problem *p = l->problem;
    const pct_patrol_mode *a = &p->modes[m], *b = &p->modes[n];
    if (l->first_ms[m] == INT64_MAX || l->first_ms[n] == INT64_MAX) return false;
    return pct_patrol_arrive_ms(p, a->to, b->from, l->first_ms[m] + a->service_ms) <= b->close_ms;
}

/* Posts to the demand and back, and when its modes can begin at the earliest: not before a unit can be there from its post, unless something
 * on the way is a shorter way; so only the post's own hours and the window count. */
static void set_ends(legs *l, int32_t d) {
    const pct_patrol_problem *p = l->problem;
    const pct_patrol_demand *demand = &p->demands[d];
    for (int32_t m = demand->first_mode; m < demand->first_mode + demand->mode_count; m++) {
        const pct_patrol_mode *mode = &p->modes[m];
        l->first_ms[m] = INT64_MAX;
        for (int32_t u = 0; u < p->unit_count; u++) {
            const pct_patrol_unit *unit = &p->units[u];
            if (!pct_patrol_may_serve(p, u, d) || unit->open_ms > mode->close_ms) continue;
            int64_t first_ms = unit->open_ms > mode->open_ms ? unit->open_ms : mode->open_ms;
            if (first_ms + mode->service_ms > unit->close_ms) continue;
            if (first_ms < l->first_ms[m]) l->first_ms[m] = first_ms;
            lower(leg(l, l->node[d], l->size - 1), pct_patrol_travel_cost(p, mode->to, unit->end));
            if (pct_patrol_arrive_ms(p, unit->start, mode->from, unit->open_ms) <= mode->close_ms)
                lower(leg(l, 0, l->node[d]), (int64_t)unit->fixed_cost + mode->cost +
                                                 pct_patrol_travel_cost(p, unit->start, mode->from));
        }
    }
}

static void set_legs(legs *l, int32_t d, int32_t e) {
    const pct_patrol_problem *p = l->problem;
    const pct_patrol_demand *a = &p->demands[d], *b = &p->demands[e];
    if (d == e || !have_a_unit(l, d, e)) return;
    double *cell = leg(l, l->node[d], l->node[e]);
    for (int32_t m = a->first_mode; m < a->first_mode + a->mode_count; m++)
        for (int32_t n = b->first_mode; n < b->first_mode + b->mode_count; n++)
            if (may_come(l, m, n))
                lower(cell, (int64_t)pct_patrol_travel_cost(p, p->modes[m].to, p->modes[n].from) +
                                p->modes[n].cost);
}

/* Ways by way of shoulds become legs. */
static void go_by_shoulds(legs *l) {
    size_t n = (size_t)l->size;
    for (size_t s = (size_t)l->musts + 1; s < n - 1; s++) {
        const double *into = l->cost + s * n;
        for (size_t to = 1; to < n; to++) {
            double on = l->cost[to * n + s], *row = l->cost + to * n;
            if (to == s || on >= none) continue;
            for (size_t from = 0; from < n - 1; from++)
                if (from != to && into[from] + on < row[from]) row[from] = into[from] + on;
        }
    }
}

static pct_status set_all(legs *l, pct_arena *arena, pct_error *error) {
    const pct_patrol_problem *p = l->problem;
    size_t cells = (size_t)l->size * (size_t)l->size, demands = (size_t)p->demand_count;
    l->words = ((size_t)p->unit_count + 63) / 64;
    l->cost = pct_arena_alloc(arena, cells, sizeof *l->cost);
    l->first_ms = pct_arena_alloc(arena, (size_t)p->mode_count, sizeof *l->first_ms);
    l->units = pct_arena_alloc(arena, demands * l->words, sizeof *l->units);
    if (!l->cost || !l->first_ms || !l->units) return pct_error_memory(error, cells * sizeof *l->cost);
    for (size_t i = 0; i < cells; i++) l->cost[i] = none;
    set_units(l);
    for (int32_t d = 0; d < p->demand_count; d++) set_ends(l, d);
    for (int32_t d = 0; d < p->demand_count; d++)
        for (int32_t e = 0; e < p->demand_count; e++) set_legs(l, d, e);
    go_by_shoulds(l);
    return PCT_OK;
}

/* --- prices --------------------------------------------------------------------------------------------------------- */

typedef struct ascent {
    const legs *legs;
    pct_arborescence tree;
    int32_t count;              /* posts and musts */
    double *cost;               /* [count squared] priced */
    double *price, *over, *was; /* [count] legs that leave it beyond one; the same, smoothed */
    int32_t *tail;
    double *best_price;
    double *homes;  /* [count] priced, from 1 on */
    int32_t rounds; /* at least */
    double best, goal;
} ascent;

/* Rounds that there are at the least: by load, and by the time of the services alone. */
static int32_t least_rounds(const pct_patrol_problem *p) {
    int64_t load = 0, service_ms = 0, capacity = 1, hours_ms = 1;
    for (int32_t d = 0; d < p->demand_count; d++) {
        const pct_patrol_demand *demand = &p->demands[d];
        int64_t least_ms = INT64_MAX;
        for (int32_t m = demand->first_mode; m < demand->first_mode + demand->mode_count; m++)
            if (p->modes[m].service_ms < least_ms) least_ms = p->modes[m].service_ms;
        if (!demand->must) continue;
        load += demand->load;
        service_ms += least_ms;
    }
    for (int32_t u = 0; u < p->unit_count; u++) {
        const pct_patrol_unit *unit = &p->units[u];
        int64_t span_ms = unit->close_ms - unit->open_ms;
        if (unit->duration_max_ms < span_ms) span_ms = unit->duration_max_ms;
        if (span_ms > hours_ms) hours_ms = span_ms;
        if (unit->capacity > capacity) capacity = unit->capacity;
    }
    int64_t by_load = (load + capacity - 1) / capacity, by_time = (service_ms + hours_ms - 1) / hours_ms;
    int64_t rounds = by_load > by_time ? by_load : by_time;
    return rounds < 1 ? 1 : (int32_t)rounds;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The homes that are worth it, and the cheapest others up to the least number; the dearest that is taken in *last. */
static double take_homes(const ascent *a, double *last) {
    qsort(a->homes + 1, (size_t)a->count - 1, sizeof *a->homes, by_value);
    double sum = 0.0;
    for (int32_t i = 1; i < a->count && (i <= a->rounds || a->homes[i] < 0.0); i++) {
        sum += a->homes[i];
        *last = a->homes[i];
    }
    return sum;
}

/* The bound at these prices, and by how much each must is left too often. */
static double evaluate(ascent *a, bool *whole) {
    size_t n = (size_t)a->count, wide = (size_t)a->legs->size;
    double prices = a->price[0] * a->rounds, last = 0.0;
    for (size_t to = 0; to < n; to++)
        for (size_t from = 0; from < n; from++)
            a->cost[to * n + from] = a->legs->cost[to * wide + from] + a->price[from];
    double sum = pct_arborescence_solve(&a->tree, a->cost, a->tail, whole);
    const double *home = a->legs->cost + (wide - 1) * wide;
    for (size_t i = 1; i < n; i++) {
        a->homes[i] = home[i] + a->price[i];
        prices += a->price[i];
    }
    double homes = take_homes(a, &last);
    for (size_t i = 1; i < n; i++) a->over[i] = home[i] + a->price[i] <= last ? 0.0 : -1.0;
    a->over[0] = -a->rounds;
    for (size_t i = 1; i < n && *whole; i++) a->over[a->tail[i]] += 1.0;
    return sum + homes - prices;
}

/* Where prices lead nowhere any more, or astray, the best ones are taken up again with half the step. */
static void ascend(ascent *a, uint32_t passes) {
    double step = step_first;
    int stale = 0;
    for (uint32_t pass = 0; pass < passes && step > step_least; pass++) {
        bool whole;
        size_t bytes = (size_t)a->count * sizeof *a->price;
        double value = evaluate(a, &whole), square = 0.0;
        stale = value > a->best ? 0 : stale + 1;
        if (value > a->best) {
            a->best = value;
            memcpy(a->best_price, a->price, bytes);
        }
        if (stale == STALE_MAX || !whole) {
            step /= 2.0;
            stale = 0;
            memcpy(a->price, a->best_price, bytes);
            memset(a->was, 0, bytes);
            continue;
        }
        for (int32_t i = 0; i < a->count; i++) {
            a->was[i] = 0.7 * a->over[i] + 0.3 * a->was[i];
            square += a->was[i] * a->was[i];
        }
        double apart = a->goal - value;
        if (square < 1e-9 || apart <= 0.0) break;
        for (int32_t i = 0; i < a->count; i++) a->price[i] += step * apart / square * a->was[i];
        if (a->price[0] > 0.0) a->price[0] = 0.0;
    }
}

static pct_status price(const legs *l, const pct_patrol_plan *plan, uint32_t passes, pct_arena *arena,
                        int64_t *out, pct_error *error) {
    ascent a = {.legs = l, .count = l->musts + 1, .rounds = least_rounds(l->problem)};
    size_t n = (size_t)a.count;
    pct_status status = pct_arborescence_init(&a.tree, a.count, arena, error);
    if (status) return status;
    a.cost = pct_arena_alloc(arena, n * n, sizeof *a.cost);
    a.price = pct_arena_alloc(arena, 5 * n, sizeof *a.price);
    a.tail = pct_arena_alloc(arena, n, sizeof *a.tail);
    if (!a.cost || !a.price || !a.tail) return pct_error_memory(error, n * n * sizeof *a.cost);
    a.over = a.price + n;
    a.was = a.over + n;
    a.homes = a.was + n;
    a.best_price = a.homes + n;
    for (size_t i = 0; i < 5 * n; i++) a.price[i] = 0.0;
    bool whole;
    a.best = evaluate(&a, &whole);
    a.goal = plan->cost.musts_left ? 1.3 * a.best : (double)plan->cost.travel;
    double affordable = passes_work_max / ((double)n * (double)n);
    ascend(&a, (double)passes < affordable ? passes : (uint32_t)affordable + 1);
    /* A plan cannot be below; sums of so many numbers are right to far less than a thousandth. */
    double sure = floor(a.best - 1e-3 - 1e-12 * fabs(a.best)) + 1.0;
    if (sure < none / 2.0 && sure > (double)*out) *out = (int64_t)sure;
    return PCT_OK;
}

pct_status pct_patrol_bound_priced(const pct_patrol_problem *p, const pct_patrol_plan *plan, uint32_t passes,
                                   int64_t *out, pct_error *error) {
    legs l = {.problem = p};
    pct_arena arena = pct_arena_init(bound_arena_max);
    l.node = pct_arena_alloc(&arena, (size_t)p->demand_count, sizeof *l.node);
    pct_status status = l.node ? PCT_OK : pct_error_memory(error, (size_t)p->demand_count * sizeof *l.node);
    for (int32_t d = 0; d < p->demand_count && !status; d++)
        if (p->demands[d].must) l.node[d] = ++l.musts;
    int32_t at = l.musts;
    for (int32_t d = 0; d < p->demand_count && !status; d++)
        if (!p->demands[d].must) l.node[d] = ++at;
    l.size = at + 2;
    double size = l.size;
    bool small = l.size <= NODES_MAX && size * size * (size - l.musts) <= work_max;
    if (!status && l.musts && p->unit_count && small) {
        status = set_all(&l, &arena, error);
        if (!status) status = price(&l, plan, passes, &arena, out, error);
    }
    pct_arena_dispose(&arena);
    return status;
}
