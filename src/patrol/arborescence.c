/* Chu and Liu 1965, Edmonds 1967, in the way of Tarjan (Finding optimum branchings, 1977) and Gabow, Galil, Spencer, Tarjan (1986): a path
 * is grown backward,
 * each set taking the cheapest arc into it, until it comes to what is joined to the root; where it comes upon itself, the circle becomes one
 * set, into which an arc costs what it costs more than the circle's own arc that it replaces. Every set is looked at and merged once, O(count) each:
 * O(count²) whatever circles lie within circles. The sum of what was taken is the least cost; from the last set down, whoever is entered by
 * its set's arc
 * gives up its own. */
#include "patrol/arborescence.h"

#include <float.h>
#include <string.h>

enum { NEW, ON_PATH, JOINED };

pct_status pct_arborescence_init(pct_arborescence *a, int32_t count, pct_arena *arena, pct_error *error) {
    size_t n = (size_t)count;
    *a = (pct_arborescence){.count = count};
    a->cost = pct_arena_alloc(arena, n * n, sizeof *a->cost);
    a->head = pct_arena_alloc(arena, n * n, sizeof *a->head);
    a->row = pct_arena_alloc(arena, 12 * n, sizeof *a->row);
    a->weight = pct_arena_alloc(arena, 2 * n, sizeof *a->weight);
    a->state = pct_arena_alloc(arena, 2 * n, sizeof *a->state);
    if (!a->cost || !a->head || !a->row || !a->weight || !a->state)
        return pct_error_memory(error, n * n * sizeof *a->cost);
    a->parent = a->row + 2 * n;
    a->arc_tail = a->parent + 2 * n;
    a->arc_head = a->arc_tail + 2 * n;
    a->top = a->arc_head + 2 * n;
    a->next = a->top + n;
    a->last = a->next + n;
    a->path = a->last + n;
    return PCT_OK;
}

static double *row_of(const pct_arborescence *a, int32_t set) {
    return a->cost + (size_t)a->row[set] * (size_t)a->count;
}

static void begin(pct_arborescence *a, const double *cost) {
    size_t n = (size_t)a->count;
    memcpy(a->cost, cost, n * n * sizeof *cost);
    for (int32_t v = 0; v < a->count; v++) {
        a->cost[(size_t)v * n + (size_t)v] = DBL_MAX;
        a->row[v] = a->top[v] = a->last[v] = v;
        a->next[v] = -1;
        a->state[v] = NEW;
    }
    a->state[0] = JOINED;
}

/* The cheapest arc into the set. */
static void choose(pct_arborescence *a, int32_t set) {
    const double *row = row_of(a, set);
    int32_t best = 0;
    double least = row[0];
    for (int32_t i = 1; i < a->count; i++)
        if (row[i] < least) {
            least = row[i];
            best = i;
        }
    a->weight[set] = least;
    a->arc_tail[set] = best;
    a->arc_head[set] = set < a->count ? set : a->head[(size_t)a->row[set] * (size_t)a->count + (size_t)best];
}

/* Arcs into a member of the circle become arcs into the circle; its first member's row is the circle's. */
static void take_in(pct_arborescence *a, int32_t circle, int32_t set, bool is_first) {
    size_t n = (size_t)a->count;
    double *into = row_of(a, circle), less = a->weight[set];
    const double *from = row_of(a, set);
    int32_t *into_head = a->head + (size_t)a->row[circle] * n;
    const int32_t *from_head = a->head + (size_t)a->row[set] * n;
    bool is_node = set < a->count;
    for (size_t i = 0; i < n && is_first; i++) into[i] -= less;
    for (size_t i = 0; i < n && is_first && is_node; i++) into_head[i] = set;
    for (size_t i = 0; i < n && !is_first; i++) {
        if (from[i] - less >= into[i]) continue;
        into[i] = from[i] - less;
        into_head[i] = is_node ? set : from_head[i];
    }
}

/* The sets from path[from] to path[size - 1] become one; its number. */
static int32_t contract(pct_arborescence *a, int32_t from, int32_t size, int32_t *sets) {
    int32_t circle = (*sets)++, first = a->row[a->path[from]];
    a->row[circle] = first;
    for (int32_t i = from; i < size; i++) {
        int32_t set = a->path[i];
        take_in(a, circle, set, i == from);
        a->parent[set] = circle;
        if (i == from) continue; /* a set's nodes begin at the node whose row it has */
        a->next[a->last[first]] = a->row[set];
        a->last[first] = a->last[a->row[set]];
    }
    double *row = row_of(a, circle);
    for (int32_t v = first; v != -1; v = a->next[v]) {
        row[v] = DBL_MAX;
        a->top[v] = circle;
    }
    a->state[circle] = ON_PATH;
    return circle;
}

/* From a node back to what is joined. */
static double grow(pct_arborescence *a, int32_t node, int32_t *sets) {
    int32_t size = 0;
    double sum = 0.0;
    a->path[size++] = node;
    a->state[node] = ON_PATH;
    while (true) {
        int32_t set = a->path[size - 1];
        choose(a, set);
        sum += a->weight[set];
        int32_t before = a->top[a->arc_tail[set]];
        if (a->state[before] == JOINED) break;
        if (a->state[before] == NEW) {
            a->state[before] = ON_PATH;
            a->path[size++] = before;
            continue;
        }
        int32_t from = size - 1;
        while (a->path[from] != before) from--;
        a->path[from] = contract(a, from, size, sets);
        size = from + 1;
    }
    while (size > 0) a->state[a->path[--size]] = JOINED;
    return sum;
}

double pct_arborescence_solve(pct_arborescence *a, const double *cost, int32_t *tail) {
    int32_t sets = a->count;
    double sum = 0.0;
    if (a->count < 2) return 0.0;
    begin(a, cost);
    for (int32_t v = 1; v < a->count; v++)
        if (a->state[a->top[v]] == NEW) sum += grow(a, v, &sets);
    memset(a->state, NEW, (size_t)sets * sizeof *a->state); /* now: not given up */
    for (int32_t set = sets - 1; set > 0; set--) {
        if (a->state[set] == JOINED) continue;
        tail[a->arc_head[set]] = a->arc_tail[set];
        for (int32_t x = a->arc_head[set]; x != set; x = a->parent[x]) a->state[x] = JOINED;
    }
    return sum;
}
