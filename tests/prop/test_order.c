/* Laws of the contraction order: whatever the graph, what it contracts early costs nothing, its separators separate,
 * its subtrees lie in one piece. */
#include "road/order.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/vector.h"
#include "road/hierarchy.h"
#include "road/order_parts.h"
#include "support/test.h"

enum { GRAPHS = 2000, SMALL = 40, EDGES_MAX = 1 << 20, SHAPES = 8 };

/* A graph under construction: arcs in any order, then CSR. */
typedef struct drawing {
    uint32_t node_count;
    pct_vector arcs; /* uint32_t [2] */
    uint32_t *first, *head;
    pct_graph graph;
} drawing;

static drawing draw(uint32_t node_count) {
    return (drawing){.node_count = node_count, .arcs = pct_vector_init(2 * sizeof(uint32_t), EDGES_MAX)};
}

static void arc(drawing *d, uint32_t tail, uint32_t head) {
    uint32_t *pair = pct_vector_push(&d->arcs);
    ck_assert_ptr_nonnull(pair);
    pair[0] = tail, pair[1] = head;
}

static const pct_graph *finish(drawing *d) {
    const uint32_t(*arcs)[2] = d->arcs.items;
    size_t m = d->arcs.length;
    d->first = pct_alloc_zeroed((size_t)d->node_count + 2, sizeof *d->first);
    d->head = pct_alloc(m, sizeof *d->head);
    ck_assert(d->first && d->head);
    for (size_t i = 0; i < m; i++) d->first[arcs[i][0] + 2]++;
    for (uint32_t v = 0; v <= d->node_count; v++) d->first[v + 1] += d->first[v];
    for (size_t i = 0; i < m; i++) d->head[d->first[arcs[i][0] + 1]++] = arcs[i][1];
    d->graph = (pct_graph){d->node_count, (uint32_t)m, d->first, d->head};
    return &d->graph;
}

static void erase(drawing *d) {
    pct_vector_dispose(&d->arcs);
    pct_free(d->first);
    pct_free(d->head);
}

/* A lattice with holes: what towns look like. */
static void add_lattice(drawing *d, uint32_t width, uint32_t torn_of_8, pct_rng *rng) {
    for (uint32_t v = 0; v < d->node_count; v++) {
        if (v % width + 1 < width && v + 1 < d->node_count && pct_rng_below(rng, 8) >= torn_of_8)
            arc(d, v, v + 1);
        if (v + width < d->node_count && pct_rng_below(rng, 8) >= torn_of_8) arc(d, v + width, v);
    }
}

/* Graphs of all kinds: loops, parallel arcs and several parts among them. */
static drawing random_drawing(pct_rng *rng, uint32_t most) {
    drawing d = draw(1 + pct_rng_below(rng, most));
    uint32_t n = d.node_count, shape = pct_rng_below(rng, SHAPES);
    switch (shape) {
    case 0: break; /* no arc at all */
    case 1:        /* a star */
        for (uint32_t v = 1; v < n; v++) arc(&d, v, 0);
        break;
    case 2: /* a chain, perhaps a ring, numbered at random */
        for (uint32_t v = 0; v + pct_rng_below(rng, 2) < n; v++)
            arc(&d, (uint32_t)(v * 7919ULL % n), (uint32_t)((v + 1) % n * 7919ULL % n));
        break;
    case 3: /* a clique */
        for (uint32_t v = 0; v < n && n <= 200; v++)
            for (uint32_t w = 0; w < v; w++) arc(&d, v, w);
        break;
    case 4: /* a tree */
        for (uint32_t v = 1; v < n; v++) arc(&d, v, pct_rng_below(rng, v));
        break;
    case 5: add_lattice(&d, 1 + pct_rng_below(rng, 8), pct_rng_below(rng, 4), rng); break;
    default: /* anything, thin or thick */
        for (uint32_t i = 0, m = pct_rng_below(rng, shape == 6 ? n + 1 : 4 * n + 1); i < m; i++)
            arc(&d, pct_rng_below(rng, n), pct_rng_below(rng, n));
    }
    return d;
}

typedef struct measure {
    uint64_t arcs, triangles;
    uint32_t height;
} measure;

/* Also checks that it is a permutation and that every subtree is a stretch of ranks with its root at the end. */
static measure measure_of(const pct_graph *graph, const uint32_t *rank_node) {
    pct_error error;
    pct_hierarchy h;
    test_ok(pct_hierarchy_build(graph, rank_node, &h, &error), &error);
    measure m = {.arcs = h.arc_count};
    uint32_t n = h.node_count, *memory = pct_alloc_zeroed(n, 3 * sizeof *memory);
    uint32_t *size = memory, *least = memory + n, *depth = memory + 2 * n;
    for (uint32_t x = 0; x < n; x++) {
        uint64_t degree = h.first_up[x + 1] - h.first_up[x];
        uint32_t p = pct_hierarchy_parent(&h, x);
        m.triangles += degree * (degree - 1) / 2;
        least[x] = size[x]++ ? least[x] : x;
        ck_assert_uint_eq(least[x], x + 1 - size[x]);
        if (p == PCT_NO_INDEX) continue;
        least[p] = size[p] && least[p] < least[x] ? least[p] : least[x];
        size[p] += size[x];
    }
    for (uint32_t x = n; x-- > 0;) {
        uint32_t p = pct_hierarchy_parent(&h, x);
        depth[x] = 1 + (p == PCT_NO_INDEX ? 0 : depth[p]);
        m.height = depth[x] > m.height ? depth[x] : m.height;
    }
    pct_free(memory);
    pct_hierarchy_dispose(&h);
    return m;
}

static measure order_of(const pct_graph *graph, uint32_t *rank_node) {
    pct_error error;
    test_ok(pct_order_nested_dissection(graph, rank_node, &error), &error);
    return measure_of(graph, rank_node);
}

static measure measure_drawing(drawing *d) {
    uint32_t *rank_node = pct_alloc(d->node_count, sizeof *rank_node);
    measure m = order_of(finish(d), rank_node);
    pct_free(rank_node);
    erase(d);
    return m;
}

TEST(every_graph_has_an_order_whose_subtrees_lie_in_one_piece) {
    pct_rng rng = pct_rng_init(41, 0);
    for (int i = 0; i < GRAPHS; i++) {
        drawing d = random_drawing(&rng, i % 20 ? SMALL : 600);
        (void)measure_drawing(&d);
    }
}

TEST(the_same_graph_has_the_same_order) {
    pct_rng rng = pct_rng_init(42, 0);
    drawing d = draw(5000);
    uint32_t first[5000], second[5000];
    add_lattice(&d, 70, 1, &rng);
    (void)order_of(finish(&d), first);
    for (int i = 0; i < 1000; i++) (void)rand(); /* whatever was drawn before */
    (void)order_of(&d.graph, second);
    ck_assert_mem_eq(first, second, sizeof first);
    erase(&d);
}

/* What elimination by hand leaves, as a matrix. */
typedef struct matrix {
    bool joined[SMALL][SMALL];
} matrix;

static void fill(matrix *m, const pct_graph *graph) {
    memset(m, 0, sizeof *m);
    for (uint32_t v = 0; v < graph->node_count; v++)
        for (uint32_t a = graph->first_arc[v]; a < graph->first_arc[v + 1]; a++)
            if (graph->arc_head[a] != v)
                m->joined[v][graph->arc_head[a]] = m->joined[graph->arc_head[a]][v] = true;
}

static uint32_t eliminate(matrix *m, uint32_t n, uint32_t x) {
    uint32_t degree = 0;
    for (uint32_t v = 0; v < n; v++) {
        if (!m->joined[x][v]) continue;
        degree++;
        for (uint32_t w = 0; w < n; w++)
            if (m->joined[x][w] && w != v) m->joined[v][w] = true;
        m->joined[v][x] = false;
    }
    memset(m->joined[x], 0, sizeof m->joined[x]);
    return degree;
}

static pct_dissect_graph simple(const matrix *m, uint32_t n) {
    pct_dissect_graph g = {n, pct_alloc((size_t)n + 1, sizeof(idx_t)),
                           pct_alloc((size_t)n * n, sizeof(idx_t))};
    idx_t at = 0;
    for (uint32_t v = 0; v < n; v++) {
        g.first[v] = at;
        for (uint32_t w = 0; w < n; w++)
            if (m->joined[v][w]) g.neighbours[at++] = (idx_t)w;
    }
    g.first[n] = at;
    return g;
}

TEST(reducing_contracts_few_neighbours_and_leaves_what_elimination_leaves) {
    pct_rng rng = pct_rng_init(43, 0);
    uint32_t cores = 0;
    for (int i = 0; i < GRAPHS; i++) {
        drawing d = random_drawing(&rng, SMALL);
        uint32_t n = d.node_count, order[SMALL], reduced, kept = 0;
        matrix m;
        pct_dissect_graph core;
        fill(&m, finish(&d));
        pct_dissect_graph graph = simple(&m, n);
        ck_assert_int_eq(pct_dissect_reduce(&graph, order, &reduced, &core), PCT_OK);
        ck_assert_uint_eq(reduced + core.node_count, n);
        for (uint32_t r = 0; r < reduced; r++) ck_assert_uint_le(eliminate(&m, n, order[r]), 3);
        for (uint32_t v = 0; v < core.node_count; v++)
            for (idx_t k = core.first[v]; k < core.first[v + 1]; k++, kept++)
                ck_assert(m.joined[order[reduced + v]][order[reduced + (uint32_t)core.neighbours[k]]]);
        for (uint32_t v = 0; v < n; v++)
            for (uint32_t w = 0; w < n; w++) kept -= m.joined[v][w];
        ck_assert_uint_eq(kept, 0);
        cores += core.node_count > 0;
        pct_dissect_graph_dispose(&core);
        pct_dissect_graph_dispose(&graph);
        erase(&d);
    }
    ck_assert_uint_gt(cores, 100);
}

static uint32_t check_separator(const pct_dissect_graph *g, const idx_t *part) {
    uint32_t size = 0;
    for (uint32_t v = 0; v < g->node_count; v++) {
        size += part[v] == PCT_DISSECT_SEPARATOR;
        for (idx_t k = g->first[v]; k < g->first[v + 1]; k++)
            ck_assert(part[v] == PCT_DISSECT_SEPARATOR || part[g->neighbours[k]] == PCT_DISSECT_SEPARATOR ||
                      part[v] == part[g->neighbours[k]]);
    }
    return size;
}

/* A separator to begin with: a random set, and those of its neighbours that are not in it. */
static void random_separator(const pct_dissect_graph *g, idx_t *part, pct_rng *rng) {
    uint32_t cut = pct_rng_below(rng, g->node_count);
    for (uint32_t v = 0; v < g->node_count; v++)
        part[v] = (v < cut) ^ (pct_rng_below(rng, 20) == 0) ? PCT_DISSECT_NEAR : PCT_DISSECT_FAR;
    for (uint32_t v = 0; v < g->node_count; v++)
        for (idx_t k = g->first[v]; k < g->first[v + 1] && part[v] == PCT_DISSECT_FAR; k++)
            if (part[g->neighbours[k]] == PCT_DISSECT_NEAR) part[v] = PCT_DISSECT_SEPARATOR;
}

/* Paths that share no node prove that no smaller separator lies in the corridor (Menger). */
static uint32_t count_paths(const pct_dissect_separation *s, uint32_t n, const bool *was_inside) {
    bool used[SMALL] = {false};
    uint32_t paths = 0;
    for (uint32_t v = 0; v < n; v++) {
        if (!was_inside[v] || s->onward[v] == -1 || s->back[v] != -2) continue;
        paths++;
        for (int32_t at = (int32_t)v; at != -2; at = s->onward[at]) {
            ck_assert_int_ge(at, 0);
            ck_assert(!used[at]);
            used[at] = true;
        }
    }
    return paths;
}

TEST(an_improved_separator_separates_and_is_the_smallest_near_it) {
    pct_rng rng = pct_rng_init(44, 0);
    uint32_t improved = 0;
    for (int i = 0; i < GRAPHS; i++) {
        drawing d = random_drawing(&rng, SMALL);
        uint32_t n = d.node_count;
        bool inside[SMALL];
        idx_t before[SMALL];
        pct_dissect_separation s;
        matrix m;
        fill(&m, finish(&d));
        pct_dissect_graph graph = simple(&m, n);
        ck_assert_int_eq(pct_dissect_separation_init(&s, n), PCT_OK);
        random_separator(&graph, s.other, &rng);
        memcpy(before, s.other, n * sizeof *before);
        uint32_t size = check_separator(&graph, s.other);
        if (pct_dissect_improve(&s, &graph)) {
            uint32_t now = check_separator(&graph, s.other);
            for (uint32_t v = 0; v < n; v++) inside[v] = s.flags[v] & 1;
            ck_assert_uint_le(now, size);
            ck_assert_uint_eq(count_paths(&s, n, inside), now);
            improved += now < size;
        } else {
            ck_assert_mem_eq(before, s.other, n * sizeof *before);
        }
        pct_dissect_separation_dispose(&s);
        pct_dissect_graph_dispose(&graph);
        erase(&d);
    }
    ck_assert_uint_gt(improved, 100);
}

TEST(long_chains_and_stars_have_low_trees) {
    enum { LONG = 20000 };
    drawing chain = draw(LONG), star = draw(LONG), broom = draw(LONG);
    for (uint32_t v = 1; v < LONG; v++) {
        arc(&chain, v - 1, v);
        arc(&star, 0, v);
        arc(&broom, v % 100 == 0 ? 0 : v - 1, v);
    }
    measure m = measure_drawing(&chain);
    ck_assert_uint_lt(m.height, 40);
    ck_assert_uint_lt(m.arcs, 2 * LONG);
    ck_assert_uint_eq(measure_drawing(&star).height, 2);
    ck_assert_uint_lt(measure_drawing(&broom).height, 20);
}

/* METIS's own nested dissection of the whole graph, five separators tried at each cut. */
static measure metis_alone(const pct_graph *graph) {
    uint32_t n = graph->node_count, *order = pct_alloc(n, sizeof *order);
    idx_t count = (idx_t)n, at = 0, options[METIS_NOPTIONS],
          *memory = pct_alloc_zeroed(n + 1, 3 * sizeof *memory);
    idx_t *neighbours = pct_alloc(graph->arc_count, 2 * sizeof *neighbours);
    for (uint32_t v = 0; v < n; v++) {
        for (uint32_t w = 0; w < n; w++) /* lattices have each edge once */
            for (uint32_t a = graph->first_arc[w]; a < graph->first_arc[w + 1]; a++)
                if (w == v || graph->arc_head[a] == v)
                    neighbours[at++] = (idx_t)(w == v ? graph->arc_head[a] : w);
        memory[v + 1] = at;
    }
    METIS_SetDefaultOptions(options);
    options[METIS_OPTION_NSEPS] = 5;
    options[METIS_OPTION_SEED] = 1;
    ck_assert_int_eq(
        METIS_NodeND(&count, memory, neighbours, NULL, options, memory + n + 1, memory + 2 * n + 1),
        METIS_OK);
    for (uint32_t r = 0; r < n; r++) order[r] = (uint32_t)memory[n + 1 + r];
    pct_error error;
    pct_hierarchy h;
    test_ok(pct_hierarchy_build(graph, order, &h, &error), &error);
    measure m = {.arcs = h.arc_count};
    for (uint32_t x = 0; x < n; x++) {
        uint64_t degree = h.first_up[x + 1] - h.first_up[x];
        m.triangles += degree * (degree - 1) / 2;
    }
    pct_hierarchy_dispose(&h);
    pct_free(memory);
    pct_free(neighbours);
    pct_free(order);
    return m;
}

TEST(torn_lattices_have_fewer_arcs_and_triangles_than_by_metis_alone) {
    pct_rng rng = pct_rng_init(45, 0);
    measure ours = {0}, theirs = {0};
    for (int i = 0; i < 6; i++) {
        drawing d = draw(1200);
        add_lattice(&d, 30, 2, &rng);
        measure m = metis_alone(finish(&d));
        theirs.arcs += m.arcs, theirs.triangles += m.triangles;
        uint32_t order[1200];
        m = order_of(&d.graph, order);
        ours.arcs += m.arcs, ours.triangles += m.triangles;
        erase(&d);
    }
    ck_assert_uint_lt(ours.arcs * 100, theirs.arcs * 97);
    ck_assert_uint_lt(ours.triangles * 100, theirs.triangles * 90);
}

static pct_status attempt(void *context) {
    const pct_graph *graph = context;
    uint32_t order[SMALL * SMALL];
    return pct_order_nested_dissection(graph, order, NULL);
}

TEST(ordering_survives_every_failing_allocation_of_ours) {
    pct_rng rng = pct_rng_init(46, 0);
    drawing d = draw(SMALL); /* small enough to be contracted without METIS, whose failures end the process */
    add_lattice(&d, 3, 1, &rng);
    ck_assert_uint_gt(test_torture(attempt, (void *)(uintptr_t)finish(&d)), 12);
    erase(&d);
}

TEST_MAIN("order", TEST_CASE(every_graph_has_an_order_whose_subtrees_lie_in_one_piece),
          TEST_CASE(the_same_graph_has_the_same_order),
          TEST_CASE(reducing_contracts_few_neighbours_and_leaves_what_elimination_leaves),
          TEST_CASE(an_improved_separator_separates_and_is_the_smallest_near_it),
          TEST_CASE(long_chains_and_stars_have_low_trees),
          TEST_CASE(torn_lattices_have_fewer_arcs_and_triangles_than_by_metis_alone),
          TEST_CASE(ordering_survives_every_failing_allocation_of_ours))
