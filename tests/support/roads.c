#include "support/roads.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "road/order.h"
#include "support/test.h"

static const double cell_m = 100.0;

enum {
    BOTH_WAYS = PCT_SEGMENT_FORWARD | PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_FORWARD |
                PCT_SEGMENT_EMERGENCY_BACKWARD,
    ALONG = PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD,
    AGAINST = PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_BACKWARD,
    EMERGENCY_ONLY = PCT_SEGMENT_EMERGENCY_FORWARD | PCT_SEGMENT_EMERGENCY_BACKWARD
};

pct_road *test_road_of(pct_network *network, const pct_speeds *speeds) {
    pct_error error;
    pct_road *road;
    pct_graph graph = pct_network_graph(network);
    uint32_t *order = pct_alloc(network->node_count, sizeof *order);
    ck_assert_ptr_nonnull(order);
    test_ok(pct_order_nested_dissection(&graph, order, &error), &error);
    test_ok(pct_road_build(network, order, speeds, &road, &error), &error);
    pct_free(order);
    return road;
}

static pct_road *finish(pct_network_builder *builder) {
    pct_error error;
    pct_network network;
    pct_speeds speeds = pct_speeds_uniform(36.0);
    test_ok(pct_network_finish(builder, false, &network, &error), &error);
    pct_network_builder_free(builder);
    return test_road_of(&network, &speeds);
}

static void add_segment(pct_network_builder *builder, uint32_t tail, uint32_t head, double length_m,
                        int flags) {
    pct_error error;
    uint32_t number;
    pct_segment s = {.tail = tail,
                     .head = head,
                     .length_mm = (uint32_t)lround(length_m * 1000.0),
                     .flags = (uint8_t)flags,
                     .road_class = PCT_ROAD_RESIDENTIAL};
    test_ok(pct_network_add_segment(builder, &s, NULL, 0, &number, &error), &error);
}

static char mark_at(const char *const *rows, size_t row_count, size_t row, size_t column) {
    return row < row_count && column < strlen(rows[row]) ? rows[row][column] : ' ';
}

/* The line from (row, column) to the right or downward, if one is drawn: its rights and the letter at its end. */
static int follow(const char *const *rows, size_t row_count, size_t row, size_t column, bool down, char *end,
                  double *length_m) {
    const char *marks = down ? "|:v^" : "-=><";
    char seen = ' ';
    size_t length = 0;
    for (;;) {
        length++;
        char c = mark_at(rows, row_count, row + (down ? length : 0), column + (down ? 0 : length));
        const char *mark = c == ' ' ? NULL : strchr(marks, c);
        *end = c;
        if (!mark) break;
        if (seen == ' ' || c != marks[0]) seen = c;
    }
    *length_m = (double)length * cell_m;
    if (length == 1 || *end < 'A' || *end > 'Z') return 0;
    return seen == marks[0]   ? BOTH_WAYS
           : seen == marks[1] ? EMERGENCY_ONLY
           : seen == marks[2] ? ALONG
                              : AGAINST;
}

pct_road *test_road_drawn(const char *const *rows) {
    pct_error error;
    pct_network_builder *builder;
    uint32_t number_of[26];
    size_t row_count = 0;
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    test_ok(pct_network_builder_new(&builder, &error), &error);
    while (rows[row_count]) row_count++;
    for (size_t r = 0; r < row_count; r++)
        for (size_t c = 0; c < strlen(rows[r]); c++) {
            if (rows[r][c] < 'A' || rows[r][c] > 'Z') continue;
            pct_position p = pct_plane_from_m(&plane, (double)c * cell_m, -(double)r * cell_m);
            test_ok(pct_network_add_node(builder, rows[r][c], p, &number_of[rows[r][c] - 'A'], &error),
                    &error);
        }
    for (size_t r = 0; r < row_count; r++)
        for (size_t c = 0; c < strlen(rows[r]); c++)
            for (int down = 0; down <= 1 && rows[r][c] >= 'A' && rows[r][c] <= 'Z'; down++) {
                char end;
                double length_m;
                int flags = follow(rows, row_count, r, c, down, &end, &length_m);
                if (flags)
                    add_segment(builder, number_of[rows[r][c] - 'A'], number_of[end - 'A'], length_m, flags);
            }
    return finish(builder);
}

pct_road_point test_road_point(const pct_road *road, char letter) {
    pct_road_point point;
    pct_node node = pct_network_node_by_source(pct_road_network(road), letter);
    ck_assert_int_eq(pct_road_point_at_node(road, node, &point), PCT_OK);
    return point;
}

pct_road *test_road_random(pct_rng *rng, uint32_t nodes) {
    pct_error error;
    pct_network_builder *builder;
    uint32_t side = (uint32_t)ceil(sqrt(nodes)), number;
    pct_plane plane = pct_plane_at((pct_position){1000000000, 300000000});
    test_ok(pct_network_builder_new(&builder, &error), &error);
    for (uint32_t v = 0; v < nodes; v++) {
        double jitter_m = 60.0 * pct_rng_unit(rng);
        pct_position p = pct_plane_from_m(&plane, v % side * cell_m + jitter_m, v / side * cell_m - jitter_m);
        test_ok(pct_network_add_node(builder, v, p, &number, &error), &error);
    }
    for (uint32_t v = 0; v < nodes; v++) {
        uint32_t ends[] = {v % side + 1 < side ? v + 1 : nodes, v + side,
                           pct_rng_below(rng, 50) == 0 ? v : nodes,
                           pct_rng_below(rng, 20) == 0 ? pct_rng_below(rng, nodes) : nodes};
        for (int e = 0; e < 4; e++) {
            int rights[] = {BOTH_WAYS, BOTH_WAYS,      BOTH_WAYS,          ALONG,
                            AGAINST,   EMERGENCY_ONLY, PCT_SEGMENT_FORWARD};
            if (ends[e] >= nodes || pct_rng_below(rng, 5) == 0) continue;
            add_segment(builder, v, ends[e], 20.0 + 200.0 * pct_rng_unit(rng), rights[pct_rng_below(rng, 7)]);
        }
    }
    if (nodes > 1) add_segment(builder, 0, 1, 50.0, BOTH_WAYS);
    if (nodes > 1) add_segment(builder, 0, 1, 40.0, BOTH_WAYS);
    return finish(builder);
}

void test_road_search(const pct_road *road, pct_heap *heap, uint32_t start, uint32_t *ms) {
    const pct_graph *g = &road->graph;
    for (uint32_t v = 0; v < g->node_count; v++) ms[v] = PCT_NO_WAY_MS;
    ms[start] = 0;
    pct_heap_clear(heap);
    pct_heap_lower(heap, start, 0);
    while (!pct_heap_empty(heap)) {
        uint32_t v = pct_heap_pop(heap);
        for (uint32_t a = g->first_arc[v]; a < g->first_arc[v + 1]; a++) {
            uint32_t arc_ms = road->metric.arc_ms[a], w = g->arc_head[a];
            if (arc_ms >= PCT_NO_WAY_MS || ms[v] + arc_ms >= ms[w]) continue;
            ms[w] = ms[v] + arc_ms;
            pct_heap_lower(heap, w, ms[w]);
        }
    }
}

pct_network_builder *test_network_nodes_of(const pct_network *net) {
    pct_error error;
    pct_network_builder *b;
    uint32_t number;
    test_ok(pct_network_builder_new(&b, &error), &error);
    for (uint32_t v = 0; v < net->node_count; v++) {
        test_ok(pct_network_add_node(b, v, net->node_position[v], &number, &error), &error);
        pct_network_mark_node(b, v, net->node_marks[v]);
    }
    return b;
}
