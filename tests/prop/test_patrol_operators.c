/* The solver's operators, each against the slow truth: what an operator says that a change costs is what the change costs, what it says
 * fits can be driven, and what it takes back is back. */
#include <string.h>

#include "patrol/insert.h"
#include "patrol/recreate.h"
#include "patrol/ruin.h"
#include "patrol/swaps.h"
#include "patrol/tails.h"
#include "patrol/ways.h"
#include "support/patrol_plan.h"
#include "support/test.h"

enum { PROBLEMS = 400 };

static test_plan_problem drawn;

static void open_rounds(pct_rounds *r, pct_arena *arena) {
    pct_error error;
    *arena = pct_arena_init(1 << 22);
    test_ok(pct_patrol_problem_check(&drawn.problem, &error), &error);
    test_ok(pct_rounds_init(r, &drawn.problem, arena, &error), &error);
}

static void check_sound(const pct_rounds *r) {
    pct_patrol_plan plan = test_plan_of(r);
    pct_patrol_finding found = pct_patrol_check(r->problem, &plan, false);
    ck_assert_msg(found.fault == PCT_PATROL_SOUND, "fault %d at unit %d, visit %d", (int)found.fault,
                  (int)found.unit, (int)found.visit);
}

static bool is_segment(const pct_segment *a, const pct_segment *b) {
    return a->duration_ms == b->duration_ms && a->warp_ms == b->warp_ms && a->earliest_ms == b->earliest_ms &&
           a->latest_ms == b->latest_ms && a->load == b->load;
}

/* Every stop's two segments join to the whole round. */
static void check_segments(const pct_rounds *r) {
    const pct_patrol_problem *p = r->problem;
    for (int32_t u = 0; u < p->unit_count; u++) {
        int32_t begin = pct_rounds_begin(r, u);
        for (int32_t s = begin; r->stops[s].next != PCT_PATROL_NONE; s = r->stops[s].next) {
            const pct_stop *a = &r->stops[s], *b = &r->stops[a->next];
            pct_segment whole = pct_segment_join(&a->head, pct_patrol_travel_ms(p, a->to, b->from), &b->tail);
            ck_assert(is_segment(&whole, &r->stops[begin].tail));
            ck_assert(is_segment(&whole, &r->stops[begin + 1].head));
        }
    }
}

/* Whether the plan with `mode` behind `after` keeps every rule, by driving all of it; its travel. */
static bool is_sound_with(pct_rounds *r, int32_t mode, int32_t after, int64_t *travel) {
    const pct_patrol_problem *p = r->problem;
    int32_t unit = r->stops[after].unit, count = 0, modes[TEST_PLAN_DEMANDS], at = 0;
    int32_t first[TEST_PLAN_UNITS + 1], all[TEST_PLAN_DEMANDS];
    for (int32_t u = 0; u < p->unit_count; u++) {
        count = test_plan_round(r, u, modes);
        if (u == unit) {
            int32_t place = 0;
            for (int32_t s = pct_rounds_begin(r, u); s != after; s = r->stops[s].next) place++;
            memmove(modes + place + 1, modes + place, (size_t)(count - place) * sizeof *modes);
            modes[place] = mode;
            count++;
        }
        first[u] = at;
        memcpy(all + at, modes, (size_t)count * sizeof *modes);
        at += count;
    }
    first[p->unit_count] = at;
    return test_plan_is_sound(p, first, all, travel);
}

/* A random absent demand's best insertion by trying all, and that the operator says the same of each. */
static pct_insertion insert_slowly(pct_rounds *r, int32_t demand) {
    const pct_patrol_problem *p = r->problem;
    const pct_patrol_demand *d = &p->demands[demand];
    pct_insertion best = {INT64_MAX, PCT_PATROL_NONE, PCT_PATROL_NONE};
    for (int32_t u = 0; u < p->unit_count; u++)
        for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++)
            for (int32_t s = pct_rounds_begin(r, u); r->stops[s].next != PCT_PATROL_NONE;
                 s = r->stops[s].next) {
                int64_t travel;
                bool sound = is_sound_with(r, m, s, &travel);
                if (!pct_patrol_may_serve(p, u, demand)) continue;
                ck_assert_int_eq(pct_rounds_fits(r, m, s), sound);
                if (!sound) continue;
                ck_assert_int_eq(pct_rounds_delta(r, m, s), travel - r->travel);
                if (travel - r->travel < best.delta) best = (pct_insertion){travel - r->travel, m, s};
            }
    return best;
}

static void fill(pct_rounds *r, pct_rng *rng) {
    pct_insertion insertion;
    for (int32_t i = 0; i < 2 * r->problem->demand_count && r->absent_count; i++)
        if (pct_insert_best(r, r->absent[pct_rng_below(rng, (uint32_t)r->absent_count)], NULL, &insertion))
            pct_rounds_insert(r, &insertion);
}

TEST(insertion_costs_and_fits_as_driving_it_says) {
    pct_rng rng = pct_rng_init(1, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena;
        pct_rounds r;
        test_plan_draw(&rng, &drawn, 3 + (int32_t)pct_rng_below(&rng, 8), 1 + (int32_t)pct_rng_below(&rng, 3),
                       (test_plan_rules)(i % 3));
        open_rounds(&r, &arena);
        for (int32_t d = 0; d < drawn.problem.demand_count; d++) {
            pct_insertion slow = insert_slowly(&r, d), quick;
            ck_assert_int_eq(pct_insert_best(&r, d, NULL, &quick), slow.mode != PCT_PATROL_NONE);
            if (slow.mode == PCT_PATROL_NONE) continue;
            ck_assert_int_eq(quick.delta, slow.delta);
            int64_t before = r.travel;
            pct_rounds_insert(&r, &quick);
            ck_assert_int_eq(r.travel - before, quick.delta);
            check_sound(&r);
            check_segments(&r);
        }
        pct_arena_dispose(&arena);
    }
}
END_TEST

TEST(joined_segments_are_the_round_driven) {
    pct_rng rng = pct_rng_init(2, 0);
    int compared = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        int32_t modes[TEST_PLAN_DEMANDS], n = 1 + (int32_t)pct_rng_below(&rng, 6);
        int64_t starts_ms[TEST_PLAN_DEMANDS], leave_ms, back_ms, travel;
        test_plan_draw(&rng, &drawn, n, 1, TEST_PLAN_TIMED);
        const pct_patrol_problem *p = &drawn.problem;
        drawn.units[0].capacity = 1000;
        pct_segment whole = pct_segment_post(&p->units[0]);
        int32_t place = p->units[0].start;
        for (int32_t d = 0; d < n; d++) {
            modes[d] = p->demands[d].first_mode;
            pct_segment self = pct_segment_of(p, modes[d]);
            whole = pct_segment_join(&whole, pct_patrol_travel_ms(p, place, p->modes[modes[d]].from), &self);
            place = p->modes[modes[d]].to;
        }
        pct_segment end = pct_segment_post(&p->units[0]);
        whole = pct_segment_join(&whole, pct_patrol_travel_ms(p, place, p->units[0].end), &end);
        bool can = test_plan_drive(p, 0, modes, n, starts_ms, &leave_ms, &back_ms, &travel);
        ck_assert_int_eq(whole.warp_ms == 0, can);
        if (!can) continue;
        compared++;
        ck_assert_int_eq(whole.earliest_ms, leave_ms);
        ck_assert_int_eq(whole.duration_ms, back_ms - leave_ms);
    }
    ck_assert_int_gt(compared, PROBLEMS / 10);
}
END_TEST

/* What is remembered of rounds that came, went and came back is still so. */
static void check_insertions(pct_rounds *r) {
    for (int32_t i = 0; i < r->absent_count && i < 3; i++) {
        pct_insertion slow = insert_slowly(r, r->absent[i]), quick;
        ck_assert_int_eq(pct_insert_best(r, r->absent[i], NULL, &quick), slow.mode != PCT_PATROL_NONE);
        if (slow.mode != PCT_PATROL_NONE) ck_assert_int_eq(quick.delta, slow.delta);
    }
}

TEST(ruin_and_recreate_keep_every_rule_and_undo_gives_back) {
    pct_rng rng = pct_rng_init(3, 0);
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena;
        pct_rounds r;
        pct_ruin ruin;
        pct_recreate recreate;
        pct_error error;
        test_plan_draw(&rng, &drawn, 5 + (int32_t)pct_rng_below(&rng, 9), 1 + (int32_t)pct_rng_below(&rng, 4),
                       (test_plan_rules)(i % 3));
        open_rounds(&r, &arena);
        test_ok(pct_ruin_init(&ruin, &drawn.problem, NULL, &arena, &error), &error);
        test_ok(pct_recreate_init(&recreate, &drawn.problem, &arena, &error), &error);
        pct_blink blink = pct_blink_init(&rng, 0.05);
        fill(&r, &rng);
        for (int k = 0; k < 8; k++) {
            int32_t before[TEST_PLAN_UNITS][TEST_PLAN_DEMANDS], sizes[TEST_PLAN_UNITS],
                after[TEST_PLAN_DEMANDS];
            for (int32_t u = 0; u < drawn.problem.unit_count; u++)
                sizes[u] = test_plan_round(&r, u, before[u]);
            pct_patrol_cost cost = pct_rounds_cost(&r, false);
            int32_t absent = r.absent_count;
            pct_rounds_mark(&r);
            pct_ruin_strings(&ruin, &r, &rng);
            check_sound(&r);
            check_segments(&r);
            if (absent < drawn.problem.demand_count) ck_assert_int_ge(r.absent_count, absent);
            check_insertions(&r);
            pct_recreate_all(&recreate, &r, &rng, &blink);
            check_sound(&r);
            check_segments(&r);
            if (k % 2) continue;
            pct_rounds_undo(&r);
            for (int32_t u = 0; u < drawn.problem.unit_count; u++) {
                ck_assert_int_eq(test_plan_round(&r, u, after), sizes[u]);
                ck_assert_mem_eq(after, before[u], (size_t)sizes[u] * sizeof *after);
            }
            pct_patrol_cost back = pct_rounds_cost(&r, false);
            ck_assert_int_eq(pct_patrol_cost_compare(&back, &cost), 0);
            check_sound(&r);
        }
        pct_arena_dispose(&arena);
    }
}
END_TEST

/* The least travel of the round over all choices of modes that can be driven. */
static int64_t ways_slowly(const pct_patrol_problem *p, int32_t unit, int32_t *modes, int32_t count,
                           int32_t at) {
    if (at == count) {
        int64_t starts_ms[TEST_PLAN_DEMANDS], leave_ms, back_ms, travel;
        return test_plan_drive(p, unit, modes, count, starts_ms, &leave_ms, &back_ms, &travel) ? travel
                                                                                               : INT64_MAX;
    }
    const pct_patrol_demand *d = &p->demands[p->modes[modes[at]].demand];
    int32_t was = modes[at];
    int64_t least = INT64_MAX;
    for (int32_t m = d->first_mode; m < d->first_mode + d->mode_count; m++) {
        modes[at] = m;
        int64_t travel = ways_slowly(p, unit, modes, count, at + 1);
        if (travel < least) least = travel;
    }
    modes[at] = was;
    return least;
}

TEST(ways_without_windows_are_the_cheapest_and_with_windows_can_be_driven) {
    pct_rng rng = pct_rng_init(4, 0);
    int improved = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        pct_arena arena;
        pct_rounds r;
        pct_ways ways;
        pct_error error;
        test_plan_draw(&rng, &drawn, 8, 1, (test_plan_rules)(i % 3));
        open_rounds(&r, &arena);
        test_ok(pct_ways_init(&ways, &drawn.problem, &arena, &error), &error);
        fill(&r, &rng);
        int32_t modes[TEST_PLAN_DEMANDS], count = test_plan_round(&r, 0, modes);
        int64_t before = r.travel, least = count ? ways_slowly(&drawn.problem, 0, modes, count, 0) : 0;
        bool better = pct_ways_improve(&ways, &r, 0);
        ck_assert(better ? r.travel < before : r.travel == before);
        ck_assert_int_ge(r.travel, least);
        if (i % 3 == 0) ck_assert_int_eq(r.travel, least);
        improved += better;
        check_sound(&r);
        check_segments(&r);
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(improved, 5);
}
END_TEST

/* The plan's modes with the tails behind a and b exchanged; whether all may serve what they then have. */
static bool with_tails(const pct_rounds *r, int32_t a, int32_t b, int32_t *first, int32_t *all) {
    int32_t at = 0, x = r->stops[a].unit, y = r->stops[b].unit;
    bool may = true;
    for (int32_t u = 0; u < r->problem->unit_count; u++) {
        first[u] = at;
        for (int32_t s = pct_rounds_begin(r, u);;) {
            s = u == x && s == a ? r->stops[b].next : u == y && s == b ? r->stops[a].next : r->stops[s].next;
            if (pct_rounds_is_post(r, s)) break;
            may = may && pct_patrol_may_serve(r->problem, u, s);
            all[at++] = r->stops[s].mode;
        }
    }
    first[r->problem->unit_count] = at;
    return may;
}

static bool exchange_as_driven(pct_rounds *r, int32_t a, int32_t b) {
    const pct_patrol_unit *x = &r->problem->units[r->stops[a].unit],
                          *y = &r->problem->units[r->stops[b].unit];
    int32_t first[TEST_PLAN_UNITS + 1], all[TEST_PLAN_DEMANDS];
    int64_t travel = 0, before = r->travel;
    bool may = with_tails(r, a, b, first, all);
    bool sound = test_plan_is_sound(r->problem, first, all, &travel) && may && x->end == y->end &&
                 x->close_ms == y->close_ms;
    double delta = (double)(travel - before);
    pct_rounds_mark(r);
    if (sound) ck_assert(!pct_tails_exchange_at(r, a, b, delta)); /* not below the limit */
    ck_assert_int_eq(pct_tails_exchange_at(r, a, b, sound ? delta + 1.0 : 1e18), sound);
    if (!pct_patrol_has_bands(r->problem)) check_segments(r);
    check_sound(r);
    ck_assert_int_eq(r->travel, sound ? travel : before);
    if (sound) pct_rounds_undo(r);
    ck_assert_int_eq(r->travel, before);
    return sound;
}

static void open_filled(pct_rounds *r, pct_rng *rng, int i, pct_arena *arena) {
    test_plan_draw(rng, &drawn, 6 + (int32_t)pct_rng_below(rng, 8), 2 + (int32_t)pct_rng_below(rng, 2),
                   (test_plan_rules)(i % 3));
    if (i % 4 == 3) test_plan_draw_bands(rng, &drawn);
    open_rounds(r, arena);
    fill(r, rng);
}

TEST(exchanged_tails_cost_and_fit_as_driving_them_says) {
    pct_rng rng = pct_rng_init(5, 0);
    int made = 0, refused = 0;
    for (int i = 0; i < PROBLEMS / 2; i++) {
        pct_arena arena;
        pct_rounds r;
        open_filled(&r, &rng, i, &arena);
        for (int32_t a = 0; a < drawn.problem.demand_count; a++)
            for (int32_t b = 0; b < drawn.problem.demand_count + 2 * drawn.problem.unit_count; b++) {
                int32_t x = r.stops[a].unit, y = r.stops[b].unit;
                if (x == PCT_PATROL_NONE || y == PCT_PATROL_NONE || x == y || !r.rounds[y].size) continue;
                if (r.stops[b].next == PCT_PATROL_NONE) continue;
                if (pct_rounds_is_post(&r, b) && pct_rounds_is_post(&r, r.stops[a].next)) continue;
                bool done = exchange_as_driven(&r, a, b);
                made += done;
                refused += !done;
            }
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(made, 100);
    ck_assert_int_gt(refused, 100);
}
END_TEST

/* The modes of round u with the run of `out` behind `a` gone and that of `in` behind `b` in its place; their number. */
static int32_t with_run(const pct_rounds *r, int32_t u, int32_t a, int32_t out, int32_t b, int32_t in,
                        bool *may, int32_t *modes) {
    int32_t count = 0;
    for (int32_t s = pct_rounds_begin(r, u); !pct_rounds_is_post(r, s) || s == pct_rounds_begin(r, u);
         s = r->stops[s].next) {
        if (!pct_rounds_is_post(r, s)) modes[count++] = r->stops[s].mode;
        if (s != a) continue;
        int32_t come = b;
        for (int32_t i = 0; i < in; i++) {
            come = r->stops[come].next;
            *may = *may && pct_patrol_may_serve(r->problem, u, come);
            modes[count++] = r->stops[come].mode;
        }
        for (int32_t i = 0; i < out; i++) s = r->stops[s].next;
    }
    return count;
}

static bool swap_as_driven(pct_rounds *r, const pct_swap *swap) {
    int32_t first[TEST_PLAN_UNITS + 1], all[TEST_PLAN_DEMANDS], at = 0;
    int32_t x = r->stops[swap->a].unit, y = r->stops[swap->b].unit;
    int64_t travel = 0, before = r->travel;
    bool may = true;
    for (int32_t u = 0; u < r->problem->unit_count; u++) {
        first[u] = at;
        at += u == y ? with_run(r, u, swap->b, swap->in, swap->a, swap->out, &may, all + at)
                     : with_run(r, u, u == x ? swap->a : PCT_PATROL_NONE, swap->out, swap->b, swap->in, &may,
                                all + at);
    }
    first[r->problem->unit_count] = at;
    bool sound = test_plan_is_sound(r->problem, first, all, &travel) && may && first[y] < first[y + 1];
    double delta = (double)(travel - before);
    pct_rounds_mark(r);
    if (sound) ck_assert(!pct_swaps_exchange_at(r, swap, delta)); /* not below the limit */
    ck_assert_int_eq(pct_swaps_exchange_at(r, swap, sound ? delta + 1.0 : 1e18), sound);
    if (!pct_patrol_has_bands(r->problem)) check_segments(r);
    check_sound(r);
    ck_assert_int_eq(r->travel, sound ? travel : before);
    if (sound) pct_rounds_undo(r);
    ck_assert_int_eq(r->travel, before);
    return sound;
}

static int32_t stops_behind(const pct_rounds *r, int32_t s) {
    int32_t count = 0;
    while (!pct_rounds_is_post(r, s = r->stops[s].next)) count++;
    return count;
}

TEST(exchanged_runs_cost_and_fit_as_driving_them_says) {
    pct_rng rng = pct_rng_init(6, 0);
    int made = 0, refused = 0;
    for (int i = 0; i < PROBLEMS / 4; i++) {
        pct_arena arena;
        pct_rounds r;
        open_filled(&r, &rng, i, &arena);
        for (int32_t a = 0; a < drawn.problem.demand_count; a++)
            for (int32_t d = 0; d < drawn.problem.demand_count; d++) {
                if (r.stops[a].unit == PCT_PATROL_NONE || r.stops[d].unit == PCT_PATROL_NONE ||
                    r.stops[a].unit == r.stops[d].unit)
                    continue;
                pct_swap swap = {a, r.stops[d].prev, (int32_t)pct_rng_below(&rng, PCT_SWAPS_RUN_MAX + 1),
                                 1 + (int32_t)pct_rng_below(&rng, PCT_SWAPS_RUN_MAX)};
                if (swap.out > stops_behind(&r, swap.a) || swap.in > stops_behind(&r, swap.b)) continue;
                bool done = swap_as_driven(&r, &swap);
                made += done;
                refused += !done;
            }
        pct_arena_dispose(&arena);
    }
    ck_assert_int_gt(made, 100);
    ck_assert_int_gt(refused, 100);
}
END_TEST

TEST_MAIN("patrol_operators", TEST_CASE(insertion_costs_and_fits_as_driving_it_says),
          TEST_CASE(joined_segments_are_the_round_driven),
          TEST_CASE(ruin_and_recreate_keep_every_rule_and_undo_gives_back),
          TEST_CASE(ways_without_windows_are_the_cheapest_and_with_windows_can_be_driven),
          TEST_CASE(exchanged_tails_cost_and_fit_as_driving_them_says),
          TEST_CASE(exchanged_runs_cost_and_fit_as_driving_them_says))
