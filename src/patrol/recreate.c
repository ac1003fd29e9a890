/* Recreate: the absent demands in an order drawn at random, each to its best place. The orders and their odds are those of Christiaens and
 * Vanden Berghe 2020 (sections 5.3 and 7.3) and one more, by weight, for demands that need not be served. In each comes before the others
 * what only one unit may serve: a roll call has nowhere else to go. Musts come before shoulds, but half of the time not, or a should that
 * can only be at eight sharp would never find its minute free of musts that could as well be at nine. */
#include "patrol/recreate.h"

enum { BY_CHANCE, BY_LOAD, BY_WEIGHT, BY_FAR, BY_NEAR, BY_WINDOW, BY_OPEN, BY_CLOSE, ORDERS };
static const uint32_t odds[ORDERS] = {4, 4, 4, 2, 1, 2, 2, 2};

typedef struct pct_waiting {
    int64_t key;
    int32_t demand, rank;
} pct_waiting;

static int64_t key_of(const pct_recreate *re, const pct_patrol_problem *p, int32_t demand, int order,
                      pct_rng *rng) {
    const pct_patrol_demand *d = &p->demands[demand];
    const pct_patrol_mode *first = &p->modes[d->first_mode], *last = first + d->mode_count - 1;
    switch (order) {
    case BY_LOAD: return -d->load;
    case BY_WEIGHT: return -d->weight;
    case BY_FAR: return -re->far[demand];
    case BY_NEAR: return re->far[demand];
    case BY_WINDOW: return last->close_ms - first->open_ms;
    case BY_OPEN: return first->open_ms;
    case BY_CLOSE: return -last->close_ms;
    default: return (int64_t)(pct_rng_next(rng) >> 1);
    }
}

static void find_far(pct_recreate *re, const pct_patrol_problem *p) {
    for (int32_t d = 0; d < p->demand_count; d++) {
        int32_t place = p->modes[p->demands[d].first_mode].from;
        re->far[d] = 0;
        for (int32_t u = 0; u < p->unit_count; u++) {
            int64_t cost = pct_patrol_travel_cost(p, p->units[u].start, place);
            if (u == 0 || cost < re->far[d]) re->far[d] = cost;
        }
    }
}

pct_status pct_recreate_init(pct_recreate *re, const pct_patrol_problem *p, pct_arena *arena,
                             pct_error *error) {
    *re = (pct_recreate){.odds_sum = 0};
    size_t n = (size_t)p->demand_count;
    re->waiting = pct_arena_alloc(arena, n, sizeof *re->waiting);
    re->far = pct_arena_alloc(arena, n, sizeof *re->far);
    if (!re->waiting || !re->far) return pct_error_memory(error, n * sizeof *re->waiting);
    find_far(re, p);
    for (int32_t d = 1; d < p->demand_count; d++) re->is_mixed |= p->demands[d].must != p->demands[0].must;
    for (int order = 0; order < ORDERS; order++) {
        bool differ = order == BY_CHANCE;
        for (int32_t d = 1; d < p->demand_count && !differ; d++)
            differ = key_of(re, p, d, order, NULL) != key_of(re, p, 0, order, NULL);
        re->odds[order] = differ ? odds[order] : 0;
        re->odds_sum += re->odds[order];
    }
    return PCT_OK;
}

static bool is_before(const pct_waiting *a, const pct_waiting *b) {
    if (a->rank != b->rank) return a->rank < b->rank;
    if (a->key != b->key) return a->key < b->key;
    return a->demand < b->demand;
}

/* Shell's sort: the lists are mostly of a dozen. */
static void sort(pct_waiting *items, int32_t count) {
    for (int32_t gap = count > 40 ? 23 : 4; gap; gap = gap == 1 ? 0 : gap == 23 ? 7 : 1)
        for (int32_t i = gap; i < count; i++) {
            pct_waiting item = items[i];
            int32_t j = i;
            for (; j >= gap && is_before(&item, &items[j - gap]); j -= gap) items[j] = items[j - gap];
            items[j] = item;
        }
}

void pct_recreate_all(pct_recreate *re, pct_rounds *r, pct_rng *rng, pct_blink *blink) {
    const pct_patrol_problem *p = r->problem;
    uint32_t draw = pct_rng_below(rng, re->odds_sum);
    int order = 0;
    for (; draw >= re->odds[order]; order++) draw -= re->odds[order];
    int32_t count = r->absent_count;
    bool musts_first = re->is_mixed && (!r->used_units || pct_rng_below(rng, 2));
    for (int32_t i = 0; i < count; i++) {
        int32_t d = r->absent[i], after_own = p->demands[d].unit == PCT_PATROL_NONE;
        int32_t after_musts = musts_first && !p->demands[d].must;
        re->waiting[i] = (pct_waiting){key_of(re, p, d, order, rng), d, 2 * after_musts + after_own};
    }
    sort(re->waiting, count);
    pct_insertion insertion;
    for (int32_t i = 0; i < count; i++)
        if (pct_insert_best(r, re->waiting[i].demand, blink, &insertion)) pct_rounds_insert(r, &insertion);
}
