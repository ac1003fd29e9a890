/* An order for the turn-expanded graph (Buchhold, Wagner, Zeitz, Zündorf, "Customizable Contraction Hierarchies with Turn
 * Costs", ATMOS 2020): a small separator of it is a small cut through roads. So segments are dissected, joined where one may
 * turn between them, and all vertices of a segment, both its ways and their copies, are contracted in its place, one after the
 * other. Half the graph to dissect, and no separator leaves one way of a road on either side. O(turns) beside. */
#include "base/memory.h"
#include "road/order.h"

typedef struct line_graph {
    uint32_t *number;       /* [segments] of those that are driven; PCT_NO_INDEX else */
    uint32_t *first, *head; /* a graph of them */
    uint32_t *rank_number;  /* its order */
    uint32_t *first_vertex; /* [numbers + 1] vertices by segment, into vertices */
    uint32_t *vertices;
    uint32_t count, arc_count;
} line_graph;

static uint32_t segment_of(const pct_network *network, const pct_turns *turns, uint32_t vertex) {
    return network->arc_segment[turns->vertex_arc[vertex]] >> 1;
}

static pct_status list_vertices(const pct_network *network, const pct_turns *turns, line_graph *g) {
    g->number = pct_alloc(network->segment_count, sizeof *g->number);
    g->first_vertex = pct_alloc_zeroed((size_t)turns->vertex_count + 2, sizeof *g->first_vertex);
    g->vertices = pct_alloc(turns->vertex_count, sizeof *g->vertices);
    if (!g->number || !g->first_vertex || !g->vertices) return PCT_MEMORY;
    for (uint32_t s = 0; s < network->segment_count; s++) g->number[s] = PCT_NO_INDEX;
    for (uint32_t v = 0; v < turns->vertex_count; v++) {
        uint32_t *number = &g->number[segment_of(network, turns, v)];
        if (*number == PCT_NO_INDEX) *number = g->count++;
        g->first_vertex[*number + 2]++;
    }
    for (uint32_t i = 0; i < g->count; i++) g->first_vertex[i + 2] += g->first_vertex[i + 1];
    for (uint32_t v = 0; v < turns->vertex_count; v++)
        g->vertices[g->first_vertex[g->number[segment_of(network, turns, v)] + 1]++] = v;
    return PCT_OK;
}

static pct_status join_segments(const pct_network *network, const pct_turns *turns, line_graph *g) {
    g->first = pct_alloc((size_t)g->count + 1, sizeof *g->first);
    g->head = pct_alloc(turns->turn_count, sizeof *g->head);
    if (!g->first || !g->head) return PCT_MEMORY;
    for (uint32_t i = 0; i < g->count; i++) {
        g->first[i] = g->arc_count;
        for (uint32_t k = g->first_vertex[i]; k < g->first_vertex[i + 1]; k++) {
            uint32_t v = g->vertices[k];
            for (uint32_t e = turns->first_turn[v]; e < turns->first_turn[v + 1]; e++)
                g->head[g->arc_count++] = g->number[segment_of(network, turns, turns->turn_head[e])];
        }
    }
    g->first[g->count] = g->arc_count;
    return PCT_OK;
}

pct_status pct_order_turns(const pct_network *network, const pct_turns *turns, uint32_t *rank_vertex,
                           pct_error *error) {
    line_graph g = {.count = 0};
    uint32_t at = 0;
    pct_status status = list_vertices(network, turns, &g);
    if (!status) status = join_segments(network, turns, &g);
    if (!status) g.rank_number = pct_alloc(g.count, sizeof *g.rank_number);
    if (!status && !g.rank_number) status = PCT_MEMORY;
    if (status) (void)pct_error_memory(error, (size_t)turns->vertex_count * 2 * sizeof(uint32_t));
    if (!status && g.count > 0) {
        const pct_graph graph = {g.count, g.arc_count, g.first, g.head};
        status = pct_order_nested_dissection(&graph, g.rank_number, error);
    }
    for (uint32_t r = 0; r < g.count && !status; r++)
        for (uint32_t k = g.first_vertex[g.rank_number[r]]; k < g.first_vertex[g.rank_number[r] + 1]; k++)
            rank_vertex[at++] = g.vertices[k];
    pct_free(g.number);
    pct_free(g.first);
    pct_free(g.head);
    pct_free(g.rank_number);
    pct_free(g.first_vertex);
    pct_free(g.vertices);
    return status;
}
