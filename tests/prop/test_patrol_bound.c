/* Arborescences against all ways to choose one arc into each node. (The bound itself: test_patrol_solver.c.) */
#include "base/rng.h"
#include "patrol/arborescence.h"
#include "support/test.h"

enum { NODES = 6, LARGE = 60, GRAPHS = 400 };

static bool hangs_together(const int32_t *tail, int32_t n) {
    for (int32_t v = 1; v < n; v++) {
        int32_t u = v;
        for (int32_t steps = 0; u != 0 && steps <= n; steps++) u = tail[u];
        if (u != 0) return false;
    }
    return true;
}

static double cost_of(const double *cost, const int32_t *tail, int32_t n) {
    double sum = 0.0;
    for (int32_t v = 1; v < n; v++) sum += cost[v * n + tail[v]];
    return sum;
}

/* Every node's arc in turn from every other. */
static double least_slowly(const double *cost, int32_t n) {
    int32_t tail[NODES] = {0};
    double least = 1e18;
    while (true) {
        bool proper = true;
        for (int32_t v = 1; v < n; v++) proper &= tail[v] != v;
        if (proper && hangs_together(tail, n) && cost_of(cost, tail, n) < least)
            least = cost_of(cost, tail, n);
        int32_t v = 1;
        while (v < n && ++tail[v] == n) tail[v++] = 0;
        if (v == n) return least;
    }
}

static void draw(pct_rng *rng, double *cost, int32_t n) {
    uint32_t below = 2 + pct_rng_below(rng, 60);
    for (int32_t i = 0; i < n * n; i++)
        cost[i] = pct_rng_below(rng, 8) ? (double)pct_rng_below(rng, below) - 5.0 : 1e9;
}

TEST(an_arborescence_costs_the_least_of_all) {
    pct_rng rng = pct_rng_init(1, 0);
    for (int i = 0; i < GRAPHS; i++) {
        int32_t n = 2 + (int32_t)pct_rng_below(&rng, NODES - 1), tail[NODES];
        double cost[NODES * NODES];
        draw(&rng, cost, n);
        pct_arena arena = pct_arena_init(1 << 20);
        pct_arborescence a;
        pct_error error;
        test_ok(pct_arborescence_init(&a, n, &arena, &error), &error);
        double found = pct_arborescence_solve(&a, cost, tail);
        ck_assert(hangs_together(tail, n));
        ck_assert_double_eq_tol(found, cost_of(cost, tail, n), 1e-6);
        ck_assert_double_eq_tol(found, least_slowly(cost, n), 1e-6);
        pct_arena_dispose(&arena);
    }
}
END_TEST

TEST(large_arborescences_cost_what_their_arcs_cost) {
    pct_rng rng = pct_rng_init(2, 0);
    static double cost[LARGE * LARGE];
    for (int i = 0; i < GRAPHS / 4; i++) {
        int32_t n = NODES + (int32_t)pct_rng_below(&rng, LARGE - NODES), tail[LARGE];
        draw(&rng, cost, n);
        pct_arena arena = pct_arena_init(1 << 22);
        pct_arborescence a;
        pct_error error;
        test_ok(pct_arborescence_init(&a, n, &arena, &error), &error);
        double found = pct_arborescence_solve(&a, cost, tail);
        ck_assert(hangs_together(tail, n));
        ck_assert_double_eq_tol(found, cost_of(cost, tail, n), 1e-3);
        pct_arena_dispose(&arena);
    }
}
END_TEST

TEST_MAIN("patrol_bound", TEST_CASE(an_arborescence_costs_the_least_of_all),
          TEST_CASE(large_arborescences_cost_what_their_arcs_cost))
