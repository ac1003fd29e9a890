/* A lower bound on travel, from three things that hold of every plan that serves every must:
 *
 * 1. each must is come to by one leg, and by these legs all hang together with the posts: an arborescence (arborescence.h);
 * 2. a must that is come to in one way (a line from one end, in some part of its hours) is left in the same way: by one leg or home;
 * 3. from a post there leave no more rounds than it has units, as many come home to it, and at least so many in all as loads and services need.
 *
 * Arborescences of least cost are found; 2 and 3 are priced (Held and Karp, "The traveling-salesman problem and minimum spanning trees", 1970 and
 * 1971, directed and with many posts). Hours are cut into slots, and whoever comes in a slot leaves for none before it, nor for one that is over when
 * the service is: so windows tell beyond one leg (time buckets: Dash, Günlük, Lodi, Tramontani, "A time bucket formulation for the traveling salesman
 * problem with time windows", 2012). With prices p of ways and slots, a leg from way k to way l costs
 *
 *     leg(k, l) + least over slots b of l   (least over slots a of k from which b can be come to   p(k, a))   - p(l, b)
 *
 * and of all ways of two musts the cheapest counts. A start from a post of kind g costs out_g more and a coming home back_g, with out_g +
 * back_g >= 0 taken off
 * for each of its units. Every set of prices gives a bound: a plan's legs, priced, are an arborescence with its homes, and its own prices cancel.
 *
 * A leg is none when no unit may serve both its ends, or when the earlier at its soonest is too late for the other. Shoulds may stand
 * between two musts,
 * wherever a line is a shorter way than the matrix knows. Loads, and how much fits into the hours of one unit, are left out beyond the
 * number of rounds.
 * O(passes × (ways² × slots + musts² × levels)). First prices are the same for all slots, which is cheaper and goes faster; the slots' own come
 * behind where they can be afforded. Of the largest problems fewer passes are made than were asked for: some seconds at the most. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "patrol/arborescence.h"
#include "patrol/bound_legs.h"
#include "patrol/solve.h"

enum { STALE_MAX = 8, STALE_SLOTS_MAX = 20, SLOTS_MAX = PCT_BOUND_SLOTS_MAX };
static const double passes_work_max = 4e8, step_least = 1e-3;
/* Slots come with many arcs of one cost: what was chosen is averaged over more passes, in smaller steps. */
static const double step_first = 1.0, fresh_first = 0.7, step_slots = 0.1, fresh_slots = 0.3;
static const size_t bound_arena_max = (size_t)3 << 30;

/* An arc that was chosen: from a way in a slot to a way in a slot. */
typedef struct arc {
    int32_t from, from_slot, to, to_slot;
} arc;

typedef struct ascent {
    const pct_bound_legs *legs;
    pct_arborescence tree;
    int32_t count, ways; /* posts and musts; ways of musts */
    int32_t rounds;      /* at least */
    bool by_slots;       /* prices differ between slots */
    double *cost, *row;  /* [count squared] priced; [ways] of one head */
    int32_t *tail;
    /* Prices: of ways and slots [ways][SLOTS_MAX], starts and homes [kinds] each, and of the number of rounds. */
    double *price, *out_price, *back_price, *rounds_price;
    double *over, *was, *best_price; /* [prices] by how much what is priced is too much; the same, smoothed */
    size_t prices;
    double *least;           /* [2 SLOTS_MAX][ways] the cheapest slot from which one can come in time */
    double *homes, *home_of; /* [count] sorted; by must */
    int32_t *home_way, *home_slot, *home_kind, *start_kind; /* [count], start_kind [ways] */
    double *start_of;                                       /* [ways] */
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

static bool has_slot(const pct_bound_way *way, int32_t slot) {
    return way->slots >> slot & 1;
}

/* The instant by which a way has to be done for one that begins in the slot, as a row of `least`. */
static int32_t row_of(const pct_bound_way *way, int32_t slot) {
    return 2 * slot + !(way->instants >> slot & 1);
}

static int64_t instant_ms(const pct_bound_legs *l, int32_t row) {
    int64_t from_ms = l->from_ms + row / 2 * l->slot_ms;
    return row % 2 ? from_ms + l->slot_ms - 1 : from_ms;
}

static void set_least(ascent *a) {
    const pct_bound_legs *l = a->legs;
    for (int32_t row = 0; row < 2 * l->slots; row++) {
        int64_t at_ms = instant_ms(l, row);
        for (int32_t k = 0; k < a->ways; k++) {
            const pct_bound_way *way = &l->ways[k];
            double least = pct_bound_none;
            for (int32_t s = 0; s <= row / 2; s++)
                if (has_slot(way, s) && way->done_ms[s] <= at_ms && a->price[k * SLOTS_MAX + s] < least)
                    least = a->price[k * SLOTS_MAX + s];
            a->least[(size_t)row * (size_t)a->ways + (size_t)k] = least;
        }
    }
}

/* Costs of all ways' legs into way `to`, priced, in a->row. */
static void set_row(ascent *a, int32_t to) {
    const pct_bound_legs *l = a->legs;
    size_t n = (size_t)a->ways;
    const double *leg = l->leg + (size_t)to * n;
    double *row = a->row, one = a->price[to * SLOTS_MAX];
    for (size_t k = 0; k < n && !a->by_slots; k++) row[k] = leg[k] + (a->price[k * SLOTS_MAX] - one);
    if (!a->by_slots) return;
    for (size_t k = 0; k < n; k++) row[k] = 4.0 * pct_bound_none;
    for (int32_t s = 0; s < l->slots; s++) {
        if (!has_slot(&l->ways[to], s)) continue;
        const double *least = a->least + (size_t)row_of(&l->ways[to], s) * n;
        double price = a->price[to * SLOTS_MAX + s];
        for (size_t k = 0; k < n; k++) {
            double cost = least[k] - price;
            row[k] = cost < row[k] ? cost : row[k];
        }
    }
    for (size_t k = 0; k < n; k++) row[k] += leg[k];
}

static double dearest(const ascent *a, int32_t way) {
    double most = -pct_bound_none;
    for (int32_t s = 0; s < a->legs->slots; s++)
        if (has_slot(&a->legs->ways[way], s) && a->price[way * SLOTS_MAX + s] > most)
            most = a->price[way * SLOTS_MAX + s];
    return most;
}

/* From the posts to each way, the kind of units in start_kind. */
static void set_starts(ascent *a) {
    const pct_bound_legs *l = a->legs;
    for (int32_t k = 0; k < a->ways; k++) a->start_of[k] = pct_bound_none;
    for (int32_t g = 0; g < l->kinds; g++)
        for (int32_t k = 0; k < a->ways; k++) {
            double start = l->start[(size_t)g * (size_t)a->ways + (size_t)k], cost = start + a->out_price[g];
            if (start >= pct_bound_none || cost >= a->start_of[k]) continue;
            a->start_of[k] = cost;
            a->start_kind[k] = g;
        }
    for (int32_t k = 0; k < a->ways; k++)
        if (a->start_of[k] < pct_bound_none) a->start_of[k] += a->rounds_price[0] - dearest(a, k);
}

static void set_costs(ascent *a) {
    const pct_bound_legs *l = a->legs;
    size_t n = (size_t)a->count;
    if (a->by_slots) set_least(a);
    set_starts(a);
    for (size_t i = 0; i < n * n; i++) a->cost[i] = pct_bound_none;
    for (int32_t j = 0; j < a->ways; j++) {
        double *into = a->cost + (size_t)l->ways[j].node * n;
        set_row(a, j);
        if (a->start_of[j] < into[0]) into[0] = a->start_of[j];
        for (int32_t i = 0; i < a->ways; i++) {
            double *cell = &into[l->ways[i].node];
            *cell = a->row[i] < *cell ? a->row[i] : *cell;
        }
    }
}

static void set_homes(ascent *a) {
    const pct_bound_legs *l = a->legs;
    for (int32_t i = 1; i < a->count; i++) a->home_of[i] = pct_bound_none;
    for (int32_t k = 0; k < a->ways; k++) {
        int32_t node = l->ways[k].node, kind = 0, slot = -1;
        double least = pct_bound_none, price = pct_bound_none;
        for (int32_t g = 0; g < l->kinds; g++) {
            double home = l->home[(size_t)g * (size_t)a->ways + (size_t)k], cost = home + a->back_price[g];
            if (home >= pct_bound_none || cost >= least) continue;
            least = cost;
            kind = g;
        }
        for (int32_t s = 0; s < l->slots; s++) {
            if (!has_slot(&l->ways[k], s) || a->price[k * SLOTS_MAX + s] >= price) continue;
            price = a->price[k * SLOTS_MAX + s];
            slot = s;
        }
        if (slot < 0 || least >= pct_bound_none || least + price >= a->home_of[node]) continue;
        a->home_of[node] = least + price;
        a->home_way[node] = k;
        a->home_slot[node] = slot;
        a->home_kind[node] = kind;
    }
    for (int32_t i = 1; i < a->count; i++) a->homes[i] = a->home_of[i];
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

static void count_start(ascent *a, int32_t to) {
    const pct_bound_legs *l = a->legs;
    int32_t best = -1, slot = 0;
    for (int32_t k = l->first_way[to]; k < l->first_way[to + 1]; k++)
        if (best < 0 || a->start_of[k] < a->start_of[best]) best = k;
    if (a->start_of[best] >= pct_bound_none / 2.0) return; /* nobody can come to it */
    double most = dearest(a, best);
    while (!has_slot(&l->ways[best], slot) || a->price[best * SLOTS_MAX + slot] < most) slot++;
    a->over[best * SLOTS_MAX + slot] -= 1.0;
    a->over[a->out_price - a->price + a->start_kind[best]] += 1.0;
    a->over[a->rounds_price - a->price] += 1.0;
}

/* The cheapest of all ways and slots between two musts. */
static arc find_arc(const ascent *a, int32_t from, int32_t to) {
    const pct_bound_legs *l = a->legs;
    arc best = {-1, 0, 0, 0};
    double least = 8.0 * pct_bound_none;
    for (int32_t j = l->first_way[to]; j < l->first_way[to + 1]; j++)
        for (int32_t i = l->first_way[from]; i < l->first_way[from + 1]; i++)
            for (int32_t t = 0; t < l->slots; t++) {
                if (!has_slot(&l->ways[j], t)) continue;
                int64_t at_ms = instant_ms(l, row_of(&l->ways[j], t));
                double leg = l->leg[(size_t)j * (size_t)a->ways + (size_t)i] - a->price[j * SLOTS_MAX + t];
                for (int32_t s = 0; s <= t; s++) {
                    if (!has_slot(&l->ways[i], s) || l->ways[i].done_ms[s] > at_ms) continue;
                    if (leg + a->price[i * SLOTS_MAX + s] >= least) continue;
                    least = leg + a->price[i * SLOTS_MAX + s];
                    best = (arc){i, s, j, t};
                }
            }
    return best;
}

/* By how much what is priced is too much in the arborescence and the homes that were chosen; where slots have one price, of all of them together. */
static void count_over(ascent *a, double last) {
    const pct_bound_legs *l = a->legs;
    size_t backs = (size_t)(a->back_price - a->price);
    for (size_t i = 0; i < a->prices; i++) a->over[i] = 0.0;
    a->over[a->rounds_price - a->price] = -a->rounds;
    for (int32_t v = 1; v < a->count; v++) {
        if (a->tail[v] == 0) {
            count_start(a, v);
        } else {
            arc is = find_arc(a, a->tail[v], v);
            if (is.from >= 0) {
                a->over[is.from * SLOTS_MAX + is.from_slot] += 1.0;
                a->over[is.to * SLOTS_MAX + is.to_slot] -= 1.0;
            }
        }
        if (a->home_of[v] > last || a->home_of[v] >= pct_bound_none / 2.0) continue;
        a->over[a->home_way[v] * SLOTS_MAX + a->home_slot[v]] += 1.0;
        a->over[backs + (size_t)a->home_kind[v]] += 1.0;
    }
    for (int32_t k = 0; k < a->ways && !a->by_slots; k++) {
        double sum = 0.0;
        for (int32_t s = 0; s < SLOTS_MAX; s++) sum += a->over[k * SLOTS_MAX + s];
        for (int32_t s = 0; s < SLOTS_MAX; s++) a->over[k * SLOTS_MAX + s] = sum;
    }
    for (int32_t g = 0; g < l->kinds; g++) { /* of starts and homes together no more than units */
        a->over[(size_t)(a->out_price - a->price) + (size_t)g] -= l->kind_size[g];
        a->over[backs + (size_t)g] -= l->kind_size[g];
    }
}

/* The bound at these prices, and by how much what is priced is too much. */
static double evaluate(ascent *a) {
    const pct_bound_legs *l = a->legs;
    double constant = a->rounds_price[0] * a->rounds, last = -pct_bound_none;
    for (int32_t g = 0; g < l->kinds; g++) constant += (a->out_price[g] + a->back_price[g]) * l->kind_size[g];
    set_costs(a);
    set_homes(a);
    double sum = pct_arborescence_solve(&a->tree, a->cost, a->tail);
    double homes = take_homes(a, &last);
    count_over(a, last);
    return sum + homes - constant;
}

/* Prices that may not be, put right; what is over there is no reason to go on. */
static void project(ascent *a) {
    for (int32_t g = 0; g < a->legs->kinds; g++) {
        double *out = &a->out_price[g], *back = &a->back_price[g], sum = *out + *back;
        if (sum >= 0.0) continue;
        *out -= sum / 2.0;
        *back -= sum / 2.0;
    }
    if (a->rounds_price[0] > 0.0) a->rounds_price[0] = 0.0;
}

/* Of the directions those that prices may go. */
static void clip(ascent *a, double *over) {
    double *out = over + (a->out_price - a->price), *back = over + (a->back_price - a->price);
    for (int32_t g = 0; g < a->legs->kinds; g++) {
        double sum = out[g] + back[g];
        if (sum >= 0.0 || a->out_price[g] + a->back_price[g] > 0.0) continue;
        out[g] -= sum / 2.0;
        back[g] -= sum / 2.0;
    }
    double *rounds = over + (a->rounds_price - a->price);
    if (a->rounds_price[0] >= 0.0 && *rounds > 0.0) *rounds = 0.0;
}

/* Squares of the directions; what is the same in all slots counts once. */
static double length_of(const ascent *a) {
    double square = 0.0, once = a->by_slots ? 1.0 : 1.0 / SLOTS_MAX;
    size_t slotted = (size_t)a->ways * SLOTS_MAX;
    for (size_t i = 0; i < a->prices; i++) square += (i < slotted ? once : 1.0) * a->was[i] * a->was[i];
    return square;
}

/* Where prices lead nowhere any more, or astray, the best ones are taken up again with half the step. */
static void ascend(ascent *a, uint32_t passes) {
    double step = a->by_slots ? step_slots : step_first, fresh = a->by_slots ? fresh_slots : fresh_first;
    int stale_max = a->by_slots ? STALE_SLOTS_MAX : STALE_MAX;
    int stale = 0;
    size_t bytes = a->prices * sizeof *a->price;
    memcpy(a->price, a->best_price, bytes);
    memset(a->was, 0, bytes);
    for (uint32_t pass = 0; pass < passes && step > step_least; pass++) {
        double value = evaluate(a);
        stale = value > a->best ? 0 : stale + 1;
        if (value > a->best) {
            a->best = value;
            memcpy(a->best_price, a->price, bytes);
        }
        if (stale == stale_max) {
            step /= 2.0;
            stale = 0;
            memcpy(a->price, a->best_price, bytes);
            memset(a->was, 0, bytes);
            continue;
        }
        clip(a, a->over);
        for (size_t i = 0; i < a->prices; i++) a->was[i] = fresh * a->over[i] + (1.0 - fresh) * a->was[i];
        double square = length_of(a), apart = a->goal - value;
        if (square < 1e-9 || apart <= 0.0) break;
        for (size_t i = 0; i < a->prices; i++) a->price[i] += step * apart / square * a->was[i];
        project(a);
    }
}

static pct_status set_ascent(ascent *a, pct_arena *arena, pct_error *error) {
    size_t n = (size_t)a->count, ways = (size_t)a->ways, kinds = (size_t)a->legs->kinds;
    pct_status status = pct_arborescence_init(&a->tree, a->count, arena, error);
    if (status) return status;
    a->prices = ways * SLOTS_MAX + 2 * kinds + 1;
    a->cost = pct_arena_alloc(arena, n * n, sizeof *a->cost);
    a->price = pct_arena_alloc(arena, 4 * a->prices + 2 * ways + 2 * n, sizeof *a->price);
    a->least = pct_arena_alloc(arena, 2 * (size_t)SLOTS_MAX * ways, sizeof *a->least);
    a->tail = pct_arena_alloc(arena, 4 * n + ways, sizeof *a->tail);
    if (!a->cost || !a->price || !a->least || !a->tail)
        return pct_error_memory(error, n * n * sizeof *a->cost);
    a->out_price = a->price + ways * SLOTS_MAX;
    a->back_price = a->out_price + kinds;
    a->rounds_price = a->back_price + kinds;
    a->over = a->price + a->prices;
    a->was = a->over + a->prices;
    a->best_price = a->was + a->prices;
    a->row = a->best_price + a->prices;
    a->start_of = a->row + ways;
    a->homes = a->start_of + ways;
    a->home_of = a->homes + n;
    a->home_way = a->tail + n;
    a->home_slot = a->home_way + n;
    a->home_kind = a->home_slot + n;
    a->start_kind = a->home_kind + n;
    memset(a->price, 0, 4 * a->prices * sizeof *a->price);
    return PCT_OK;
}

static uint32_t affordable(uint32_t passes, double work) {
    double most = passes_work_max / work;
    return (double)passes < most ? passes : (uint32_t)most + 1;
}

static pct_status price(const pct_bound_legs *l, const pct_patrol_plan *plan, uint32_t passes,
                        pct_arena *arena, int64_t *out, pct_error *error) {
    ascent a = {.legs = l, .count = l->musts + 1, .ways = l->must_ways, .rounds = least_rounds(l->problem)};
    pct_status status = set_ascent(&a, arena, error);
    if (status) return status;
    double n = a.count;
    a.best = evaluate(&a);
    if (a.best >= pct_bound_none / 2.0) return PCT_OK; /* some must cannot be served: no plan serves all */
    a.goal = plan->cost.musts_left ? 1.3 * a.best : (double)plan->cost.travel;
    double ways = a.ways, pass = ways * ways + n * n, slotted = ways * ways * l->slots;
    ascend(&a, affordable(passes, pass));
    a.by_slots = true;
    if (l->slots > 1 && affordable(passes, slotted) == passes) ascend(&a, passes);
    /* A plan cannot be below; sums of so many numbers are right to far less than a thousandth. */
    double sure = floor(a.best - 1e-3 - 1e-12 * fabs(a.best)) + 1.0;
    if (sure < pct_bound_none / 2.0 && sure > (double)*out) *out = (int64_t)sure;
    return PCT_OK;
}

pct_status pct_patrol_bound_priced(const pct_patrol_problem *p, const pct_patrol_plan *plan, uint32_t passes,
                                   int64_t *out, pct_error *error) {
    pct_bound_legs l;
    bool small;
    pct_arena arena = pct_arena_init(bound_arena_max);
    pct_status status = pct_bound_legs_init(&l, p, &arena, &small, error);
    if (!status && small) status = price(&l, plan, passes, &arena, out, error);
    pct_arena_dispose(&arena);
    return status;
}
