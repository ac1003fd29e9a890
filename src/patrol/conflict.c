/* QuickXplain (Junker 2004): of candidates in an order of preference a half is laid aside as background, and only if the conflict is
 * not yet in the background the other half is looked into. Its test here is, for few demands, trying all; for many, the solver with a budget.
 * The solver can miss a plan that there is, so that what comes out is tested once more, with four times the budget and each one left out
 * in turn; a miss begins again with the greater budget, at most REPEATS times. */
#include "patrol/conflict.h"

#include <stdlib.h>

#include "patrol/solve.h"
#include "patrol/subset.h"
#include "patrol/together.h"

enum { REPEATS = 2, AGAIN = 4 };
static const size_t scratch_max = (size_t)1 << 30;

typedef struct candidate {
    int64_t outside, far; /* units that may serve it and not the one asked about; travel between the two */
    int32_t demand;
} candidate;

typedef struct finder {
    const pct_patrol_problem *problem;
    pct_arena scratch;
    int32_t *set; /* [demand_count] the background, the one asked about first */
    int32_t set_count;
    uint64_t iterations;
    bool proven; /* of the last answer */
    pct_error *error;
} finder;

/* A plan of all of them ends its search at once. */
static void hear(void *context, const pct_patrol_cost *cost, uint64_t iteration) {
    (void)iteration;
    *(bool *)context |= cost->musts_left == 0;
}

static double end_when_found(void *context) {
    return *(bool *)context ? 1.0 : 0.0;
}

static pct_status solve_set(finder *f, bool *found) {
    pct_subset part;
    pct_status status =
        pct_subset_init(&part, f->problem, f->set, f->set_count, NULL, 0, &f->scratch, f->error);
    if (status) return status;
    for (int32_t i = 0; i < f->set_count; i++) part.demands[i].must = true;
    pct_patrol_settings settings = {.seed = 1,
                                    .iterations_max = f->iterations,
                                    .better = hear,
                                    .spent = end_when_found,
                                    .context = found};
    pct_patrol_plan plan;
    status = pct_patrol_solve(&part.problem, &settings, &plan, f->error);
    pct_patrol_plan_dispose(&plan);
    return status;
}

/* Whether the set's demands can be served together, as far as the budget goes. */
static pct_status ask(finder *f, bool *can) {
    pct_together together;
    pct_arena_reset(&f->scratch);
    pct_status status = pct_together_try(f->problem, f->set, f->set_count, &f->scratch, &together, f->error);
    f->proven = together != PCT_TOGETHER_MAYBE;
    *can = together == PCT_TOGETHER_YES;
    return status || f->proven ? status : solve_set(f, can);
}

/* Replaces candidates [count] by those of them that conflict with the set, at their begin; the set is as it was afterwards. */
static pct_status explain(finder *f, int32_t *candidates, int32_t *count, bool is_new) {
    bool can = true;
    pct_status status = is_new ? ask(f, &can) : PCT_OK;
    if (status) return status;
    if (!can) *count = 0;
    if (*count <= 1) return PCT_OK;
    int32_t held = f->set_count, half = *count / 2, first = half, second = *count - half;
    for (int32_t i = 0; i < half; i++) f->set[f->set_count++] = candidates[i];
    status = explain(f, candidates + half, &second, true);
    f->set_count = held;
    for (int32_t i = 0; i < second; i++) f->set[f->set_count++] = candidates[half + i];
    if (!status) status = explain(f, candidates, &first, second > 0);
    f->set_count = held;
    for (int32_t i = 0; i < second; i++) candidates[first + i] = candidates[half + i];
    *count = first + second;
    return status;
}

/* The set with the candidates: whether it is a least conflict, each of them left out in turn. */
static pct_status verify(finder *f, const int32_t *candidates, int32_t count, bool *is_least, bool *proven) {
    bool can;
    f->iterations *= AGAIN;
    f->set_count = 1;
    for (int32_t i = 0; i < count; i++) f->set[f->set_count++] = candidates[i];
    pct_status status = ask(f, &can);
    *is_least = !can;
    *proven = f->proven;
    f->set_count--;
    for (int32_t out = count; out-- > 0 && !status && *is_least;) {
        for (int32_t i = 0, at = 1; i < count; i++)
            if (i != out) f->set[at++] = candidates[i];
        status = ask(f, &can);
        *is_least = can;
    }
    f->set_count = 1;
    return status;
}

static int by_relevance(const void *a, const void *b) {
    const candidate *p = a, *q = b;
    if (p->outside != q->outside) return p->outside < q->outside ? -1 : 1;
    if (p->far != q->far) return p->far < q->far ? -1 : 1;
    return (p->demand > q->demand) - (p->demand < q->demand);
}

static candidate rate(const pct_patrol_problem *p, int32_t asked, int32_t demand) {
    candidate c = {.demand = demand};
    for (int32_t u = 0; u < p->unit_count; u++)
        c.outside += pct_patrol_may_serve(p, u, demand) && !pct_patrol_may_serve(p, u, asked);
    const pct_patrol_mode *a = &p->modes[p->demands[asked].first_mode];
    const pct_patrol_mode *b = &p->modes[p->demands[demand].first_mode];
    c.far = pct_patrol_travel_cost(p, a->to, b->from);
    return c;
}

/* The plan's musts, most relevant first. */
static int32_t list_candidates(const pct_patrol_problem *p, const pct_patrol_plan *plan, int32_t asked,
                               candidate *all) {
    int32_t count = 0;
    for (int32_t v = 0; v < plan->visit_count; v++) {
        int32_t demand = p->modes[plan->mode[v]].demand;
        if (p->demands[demand].must) all[count++] = rate(p, asked, demand);
    }
    qsort(all, (size_t)count, sizeof *all, by_relevance);
    return count;
}

static bool is_inside(const pct_patrol_unit *unit, const pct_patrol_mode *m) {
    int64_t start_ms = m->open_ms > unit->open_ms ? m->open_ms : unit->open_ms;
    return start_ms <= m->close_ms && start_ms + m->service_ms <= unit->close_ms;
}

/* There and back within the shift's length, at whatever hour is best, windows aside. */
static bool is_near(const pct_patrol_problem *p, const pct_patrol_unit *unit, const pct_patrol_mode *m) {
    size_t places = (size_t)p->place_count;
    int64_t there_ms = INT64_MAX, back_ms = INT64_MAX;
    for (int32_t b = 0; b < (p->band_count > 1 ? p->band_count : 1); b++) {
        const int32_t *of_band = p->travel_ms + (size_t)b * places * places;
        int32_t to_ms = of_band[(size_t)unit->start * places + (size_t)m->from];
        int32_t from_ms = of_band[(size_t)m->to * places + (size_t)unit->end];
        if (to_ms < there_ms) there_ms = to_ms;
        if (from_ms < back_ms) back_ms = from_ms;
    }
    return there_ms + back_ms <= unit->close_ms - unit->open_ms;
}

/* What speaks against the demand alone; PCT_CONFLICT_NONE: nothing that needs no driving. */
static pct_conflict_kind alone(const pct_patrol_problem *p, int32_t demand) {
    const pct_patrol_demand *d = &p->demands[demand];
    bool may = false, inside = false, near = false;
    for (int32_t u = 0; u < p->unit_count; u++) {
        if (!pct_patrol_may_serve(p, u, demand) || d->load > p->units[u].capacity) continue;
        may = true;
        for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++) {
            if (!is_inside(&p->units[u], &p->modes[m])) continue;
            inside = true;
            near |= is_near(p, &p->units[u], &p->modes[m]);
        }
    }
    return !may      ? PCT_CONFLICT_CAPABILITY
           : !inside ? PCT_CONFLICT_WINDOW
           : !near   ? PCT_CONFLICT_UNREACHABLE
                     : PCT_CONFLICT_NONE;
}

/* Candidates come beside the one asked about, twice as many each time, until they do not go together; 0: all go. */
static pct_status grow(finder *f, const candidate *all, int32_t count, int32_t *needed, bool *can) {
    int32_t taken = 0, step = 0;
    pct_status status = ask(f, can);
    while (!status && *can && taken < count) {
        step = taken ? taken : 1;
        for (int32_t i = 0; i < step && taken < count; i++) f->set[f->set_count++] = all[taken++].demand;
        status = ask(f, can);
    }
    f->set_count = 1;
    *needed = taken;
    return status;
}

static pct_status find_set(finder *f, const candidate *all, int32_t count, int32_t *chosen,
                           pct_conflict *out) {
    bool can = true, is_least = false;
    for (int i = 0; i < REPEATS && !is_least; i++) {
        int32_t needed = 0;
        pct_status status = grow(f, all, count, &needed, &can);
        if (status || can) return status;
        for (int32_t k = 0; k < needed; k++) chosen[1 + k] = all[k].demand;
        status = explain(f, chosen + 1, &needed, false);
        if (!status) status = verify(f, chosen + 1, needed, &is_least, &out->proven);
        if (status) return status;
        out->count = 1 + needed;
    }
    out->kind = is_least ? PCT_CONFLICT_TIME : PCT_CONFLICT_NONE;
    if (!is_least) *out = (pct_conflict){.demands = chosen, .count = 1};
    return PCT_OK;
}

pct_status pct_conflict_find(const pct_patrol_problem *problem, const pct_patrol_plan *plan, int32_t demand,
                             uint64_t iterations, pct_arena *arena, pct_conflict *out, pct_error *error) {
    size_t n = (size_t)problem->demand_count;
    int32_t *chosen = pct_arena_alloc(arena, n, sizeof *chosen),
            *set = pct_arena_alloc(arena, n, sizeof *set);
    candidate *all = pct_arena_alloc(arena, n, sizeof *all);
    if (!chosen || !set || !all) return pct_error_memory(error, n * sizeof *all);
    chosen[0] = set[0] = demand;
    *out = (pct_conflict){.kind = alone(problem, demand), .demands = chosen, .count = 1};
    out->proven = out->kind != PCT_CONFLICT_NONE;
    if (out->proven) return PCT_OK;
    finder f = {.problem = problem,
                .scratch = pct_arena_init(scratch_max),
                .set = set,
                .set_count = 1,
                .iterations = iterations,
                .error = error};
    pct_status status = find_set(&f, all, list_candidates(problem, plan, demand, all), chosen, out);
    pct_arena_dispose(&f.scratch);
    return status;
}
