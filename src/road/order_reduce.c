/* What has one, two or three neighbours is contracted before METIS sees the graph: dead ends, chains of bends and
 * side roads, ordinary junctions. It costs nothing in quality, since a node of degree d adds d arcs wherever in the
 * order it stands, and leaves a quarter of a city's nodes.
 *
 * Rounds of independent sets keep the elimination tree low: a chain of k nodes loses at least every third of them in
 * a round, so it becomes a tree of height O(log k) and not a chain. Lower degrees go first. (Rules of the minimum
 * degree order: George and Liu, "The evolution of the minimum degree ordering algorithm", 1989.)
 *
 * O(nodes + edges): a node contracted blocks at most three others for the round. */
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "road/order_parts.h"

/* Contracting a node of degree 3 gives each neighbour one more: so many may be added, or the node stays. */
enum { DEGREE_MAX = 3, SPARE = 4 };

typedef struct reduction {
    uint32_t node_count;
    uint32_t *at;     /* [nodes + 1] where a node's list begins */
    uint32_t *degree; /* [nodes] */
    uint32_t *lists;
    uint32_t *blocked;     /* [nodes] the last round in which a neighbour was contracted */
    uint32_t *now, *later; /* [nodes] candidates of this round and of the next */
    uint8_t *waiting;      /* [nodes] is in one of them */
    uint8_t *gone;         /* [nodes] */
    uint32_t now_count, later_count, round, limit;
    uint32_t *order, done;
} reduction;

static pct_status begin(reduction *r, const pct_dissect_graph *graph) {
    size_t n = graph->node_count, places = (size_t)graph->first[n] + n * SPARE;
    r->node_count = graph->node_count;
    r->at = pct_alloc(n + 1, sizeof *r->at);
    r->degree = pct_alloc(n, sizeof *r->degree);
    r->lists = pct_alloc(places, sizeof *r->lists);
    r->blocked = pct_alloc_zeroed(n, sizeof *r->blocked);
    r->now = pct_alloc(n, sizeof *r->now);
    r->later = pct_alloc(n, sizeof *r->later);
    r->waiting = pct_alloc_zeroed(n, 1);
    r->gone = pct_alloc_zeroed(n, 1);
    if (!r->at || !r->degree || !r->lists || !r->blocked || !r->now || !r->later || !r->waiting || !r->gone)
        return PCT_MEMORY;
    uint32_t at = 0;
    for (uint32_t v = 0; v < n; v++) {
        r->at[v] = at;
        r->degree[v] = (uint32_t)(graph->first[v + 1] - graph->first[v]);
        for (uint32_t i = 0; i < r->degree[v]; i++)
            r->lists[at + i] = (uint32_t)graph->neighbours[graph->first[v] + (idx_t)i];
        at += r->degree[v] + SPARE;
    }
    r->at[n] = at;
    return PCT_OK;
}

static void dispose(reduction *r) {
    void *blocks[] = {r->at, r->degree, r->lists, r->blocked, r->now, r->later, r->waiting, r->gone};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) pct_free(blocks[i]);
}

static void wait_for_later(reduction *r, uint32_t v) {
    r->waiting[v] = 1;
    r->later[r->later_count++] = v;
}

/* In the list of `a`, the neighbours of x take the place of x. */
static void hand_over(reduction *r, uint32_t a, uint32_t x, const uint32_t *neighbours, uint32_t count) {
    uint32_t *list = r->lists + r->at[a], length = r->degree[a], i = 0;
    while (list[i] != x) i++;
    list[i] = list[--length];
    for (uint32_t k = 0; k < count; k++) {
        if (neighbours[k] == a) continue;
        for (i = 0; i < length && list[i] != neighbours[k]; i++) {
        }
        if (i == length) list[length++] = neighbours[k];
    }
    r->degree[a] = length;
    r->blocked[a] = r->round;
    if (length <= r->limit && !r->waiting[a]) wait_for_later(r, a);
}

static bool has_room(const reduction *r, uint32_t x) {
    uint32_t degree = r->degree[x];
    for (uint32_t i = 0; i < degree; i++) {
        uint32_t a = r->lists[r->at[x] + i];
        if (r->degree[a] + degree - 2 > r->at[a + 1] - r->at[a]) return false;
    }
    return true;
}

static void contract(reduction *r, uint32_t x) {
    uint32_t neighbours[DEGREE_MAX], count = r->degree[x];
    memcpy(neighbours, r->lists + r->at[x], count * sizeof *neighbours);
    r->gone[x] = 1;
    r->order[r->done++] = x;
    for (uint32_t i = 0; i < count; i++) hand_over(r, neighbours[i], x, neighbours, count);
}

static void run_round(reduction *r) {
    r->round++;
    r->later_count = 0;
    for (uint32_t degree = 1; degree <= r->limit; degree++)
        for (uint32_t i = 0; i < r->now_count; i++) {
            uint32_t x = r->now[i];
            if (!r->gone[x] && r->degree[x] <= degree && r->blocked[x] != r->round &&
                (degree < 3 || has_room(r, x)))
                contract(r, x);
        }
    for (uint32_t i = 0; i < r->now_count; i++) {
        uint32_t x = r->now[i];
        if (r->gone[x]) continue;
        r->waiting[x] = 0;
        if (r->degree[x] <= r->limit && r->blocked[x] == r->round) wait_for_later(r, x);
    }
    uint32_t *now = r->now;
    r->now = r->later;
    r->later = now;
    r->now_count = r->later_count;
}

static pct_status collect_core(reduction *r, pct_dissect_graph *core) {
    uint32_t *number = r->blocked, count = 0; /* no longer needed */
    size_t places = 0;
    for (uint32_t v = 0; v < r->node_count; v++) {
        if (r->gone[v]) continue;
        number[v] = count++;
        places += r->degree[v];
    }
    core->node_count = count;
    core->first = pct_alloc((size_t)count + 1, sizeof *core->first);
    core->neighbours = pct_alloc(places, sizeof *core->neighbours);
    if (!core->first || !core->neighbours) return PCT_MEMORY;
    idx_t at = 0;
    for (uint32_t v = 0, i = 0; v < r->node_count; v++) {
        if (r->gone[v]) continue;
        r->order[r->done + i] = v;
        core->first[i++] = at;
        for (uint32_t k = 0; k < r->degree[v]; k++)
            core->neighbours[at++] = (idx_t)number[r->lists[r->at[v] + k]];
    }
    core->first[count] = at;
    return PCT_OK;
}

pct_status pct_dissect_reduce(const pct_dissect_graph *graph, uint32_t *order, uint32_t *reduced_count,
                              pct_dissect_graph *core) {
    reduction r = {.order = order};
    pct_status status = begin(&r, graph);
    for (r.limit = 2; !status && r.limit <= DEGREE_MAX; r.limit++) {
        r.now_count = 0;
        for (uint32_t v = 0; v < r.node_count; v++) {
            r.waiting[v] = !r.gone[v] && r.degree[v] <= r.limit;
            if (r.waiting[v]) r.now[r.now_count++] = v;
        }
        while (r.now_count > 0) run_round(&r);
    }
    if (!status) status = collect_core(&r, core);
    *reduced_count = r.done;
    dispose(&r);
    return status;
}
