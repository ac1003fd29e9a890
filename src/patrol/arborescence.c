/* Chu and Liu 1965, Edmonds 1967: each node takes the cheapest arc into it; circles become one node, into which an arc costs what it
 * costs more than the circle's own arc that it replaces; and so on until there is no circle. O(count²) a level; circles halve the
 * nodes, mostly faster. */
#include "patrol/arborescence.h"

#include <float.h>
#include <string.h>

pct_status pct_arborescence_init(pct_arborescence *a, int32_t count, pct_arena *arena, pct_error *error) {
    size_t n = (size_t)count, levels = PCT_ARBORESCENCE_LEVELS_MAX;
    *a = (pct_arborescence){.count = count};
    for (int i = 0; i < 2; i++) {
        a->cost[i] = pct_arena_alloc(arena, n * n, sizeof *a->cost[i]);
        a->arc[i] = pct_arena_alloc(arena, n * n, sizeof *a->arc[i]);
    }
    a->parent = pct_arena_alloc(arena, 2 * levels * n, sizeof *a->parent);
    a->mark = pct_arena_alloc(arena, 2 * n, sizeof *a->mark);
    if (!a->cost[0] || !a->cost[1] || !a->arc[0] || !a->arc[1] || !a->parent || !a->mark)
        return pct_error_memory(error, n * n * sizeof *a->cost[0]);
    a->best = a->parent + levels * n;
    a->chosen = a->mark + n;
    return PCT_OK;
}

/* One level: `count` nodes, their arcs, who comes next. */
typedef struct level {
    const double *cost;
    const int32_t *arc; /* NULL: the arc of a cell is the cell */
    int32_t *parent, *best;
    int32_t count, above; /* nodes of the next level */
} level;

static int32_t cheapest_into(const level *l, int32_t head) {
    const double *row = l->cost + (size_t)head * (size_t)l->count;
    int32_t best = head == 0 ? 1 : 0;
    for (int32_t i = 0; i < l->count; i++)
        if (i != head && row[i] < row[best]) best = i;
    return best;
}

/* Numbers the next level's nodes: the root 0, each circle one, everybody else one. tails: [count] the cheapest way into each. False when there is no circle. */
static bool number_circles(level *l, const int32_t *tails, int32_t *mark) {
    bool any = false;
    for (int32_t v = 0; v < l->count; v++) mark[v] = l->parent[v] = -1;
    l->parent[0] = 0;
    mark[0] = 0;
    l->above = 1;
    for (int32_t v = 1; v < l->count; v++) {
        int32_t u = v;
        for (; mark[u] == -1; u = tails[u]) mark[u] = v;
        if (u != 0 && mark[u] == v) { /* came back to this walk: a circle */
            any = true;
            int32_t w = u;
            do {
                l->parent[w] = l->above;
                w = tails[w];
            } while (w != u);
            l->above++;
        }
        for (u = v; u != 0 && l->parent[u] == -1 && mark[u] == v; u = tails[u]) l->parent[u] = l->above++;
    }
    return any;
}

static void contract(const level *l, const int32_t *tails, const bool *in_circle, double *cost,
                     int32_t *arc) {
    size_t n = (size_t)l->count, m = (size_t)l->above;
    for (size_t i = 0; i < m * m; i++) cost[i] = DBL_MAX;
    for (size_t head = 0; head < n; head++) {
        const double *row = l->cost + head * n;
        double less = in_circle[head] ? row[tails[head]] : 0.0;
        size_t to = (size_t)l->parent[head] * m;
        for (size_t tail = 0; tail < n; tail++) {
            size_t cell = to + (size_t)l->parent[tail];
            if (row[tail] - less >= cost[cell] || l->parent[tail] == l->parent[head]) continue;
            cost[cell] = row[tail] - less;
            arc[cell] = l->arc ? l->arc[head * n + tail] : (int32_t)(head * n + tail);
        }
    }
}

/* From the last level down: who is entered by the arc that was chosen for its circle gives up its own. */
static void expand(pct_arborescence *a, const level *levels, int depth, int32_t *tail) {
    int32_t n = a->count;
    for (int32_t v = 1; v < levels[depth].count; v++) a->chosen[v] = levels[depth].best[v];
    for (int d = depth - 1; d >= 0; d--) {
        const level *l = &levels[d];
        int32_t *below = a->mark; /* arcs of this level's nodes */
        memcpy(below, l->best, (size_t)l->count * sizeof *below);
        for (int32_t above = 1; above < l->above; above++) {
            int32_t node = a->chosen[above] / n;
            for (int k = 0; k < d; k++) node = levels[k].parent[node];
            below[node] = a->chosen[above];
        }
        memcpy(a->chosen, below, (size_t)l->count * sizeof *below);
    }
    for (int32_t v = 1; v < n; v++) tail[v] = a->chosen[v] % n;
}

double pct_arborescence_solve(pct_arborescence *a, const double *cost, int32_t *tail, bool *whole) {
    level levels[PCT_ARBORESCENCE_LEVELS_MAX];
    size_t n = (size_t)a->count;
    bool *in_circle = (bool *)a->chosen; /* [count], not needed at the same time */
    int32_t now_arcs = 0;
    double sum = 0.0;
    levels[0] = (level){.cost = cost, .parent = a->parent, .best = a->best, .count = a->count};
    *whole = a->count < 2;
    if (*whole) return 0.0;
    for (int d = 0;; d++) {
        level *l = &levels[d];
        int32_t *tails = tail; /* of this level */
        double of_circles = 0.0, of_all = 0.0;
        for (int32_t v = 1; v < l->count; v++) {
            tails[v] = cheapest_into(l, v);
            size_t cell = (size_t)v * (size_t)l->count + (size_t)tails[v];
            l->best[v] = l->arc ? l->arc[cell] : (int32_t)cell;
            of_all += l->cost[cell];
        }
        if (!number_circles(l, tails, a->mark)) {
            expand(a, levels, d, tail);
            *whole = true;
            return sum + of_all;
        }
        if (d + 1 == PCT_ARBORESCENCE_LEVELS_MAX) return sum + of_all;
        memset(in_circle, 0, n * sizeof *in_circle);
        for (int32_t v = 1; v < l->count; v++) {
            in_circle[v] = l->parent[tails[v]] == l->parent[v];
            if (in_circle[v]) of_circles += l->cost[(size_t)v * (size_t)l->count + (size_t)tails[v]];
        }
        sum += of_circles;
        contract(l, tails, in_circle, a->cost[now_arcs], a->arc[now_arcs]);
        levels[d + 1] = (level){.cost = a->cost[now_arcs],
                                .arc = a->arc[now_arcs],
                                .parent = l->parent + n,
                                .best = l->best + n,
                                .count = l->above};
        now_arcs = 1 - now_arcs;
    }
}
