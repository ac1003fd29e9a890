#include "road/road.h"

#include <math.h>

#include "base/memory.h"
#include "road/line.h"

enum { USABLE_SHARE = 100 }; /* a part counts when it holds at least 1/100 of the nodes */

static pct_status count_components(pct_road *road) {
    const pct_network *net = &road->network;
    for (uint32_t v = 0; v < net->node_count; v++)
        if (net->node_component[v] >= road->component_count)
            road->component_count = net->node_component[v] + 1;
    road->component_size = pct_alloc_zeroed(road->component_count, sizeof *road->component_size);
    if (!road->component_size) return PCT_MEMORY;
    for (uint32_t v = 0; v < net->node_count; v++) road->component_size[net->node_component[v]]++;
    return PCT_OK;
}

pct_status pct_road_new(pct_network *network, pct_hierarchy *hierarchy, pct_tree tree, void *tree_boxes,
                        void *tree_items, const pct_speeds *speeds, pct_road **out, pct_error *error) {
    pct_road *road = pct_alloc_zeroed(1, sizeof *road);
    uint32_t *arc_ms = pct_alloc(network->arc_count, sizeof *arc_ms);
    pct_status status =
        road && arc_ms ? PCT_OK : pct_error_memory(error, network->arc_count * sizeof *arc_ms);
    if (!road) {
        pct_network_dispose(network);
        pct_hierarchy_dispose(hierarchy);
        pct_free(tree_boxes);
        pct_free(tree_items);
        goto done;
    }
    *road = (pct_road){.network = *network,
                       .hierarchy = *hierarchy,
                       .tree = tree,
                       .tree_boxes = tree_boxes,
                       .tree_items = tree_items,
                       .max_speed_mps = pct_speeds_max_mps(speeds)};
    road->graph = pct_network_graph(&road->network);
    *network = (pct_network){0};
    *hierarchy = (pct_hierarchy){0};
    if (!status && count_components(road)) status = pct_error_memory(error, road->component_count * 4);
    if (!status) status = pct_climb_new(&road->hierarchy, &road->climb, error);
    if (!status) {
        pct_response_arc_times(&road->network, speeds, arc_ms);
        road->crow = pct_crow_of(&road->network, arc_ms);
        status = pct_metric_new(&road->graph, &road->hierarchy, arc_ms, &road->metric, error);
    }
done:
    pct_free(arc_ms);
    if (status)
        pct_road_free(road);
    else
        *out = road;
    return status;
}

void pct_road_free(pct_road *road) {
    if (!road) return;
    if (road->open || road->shares) {
        pct_metric_dispose(&road->metric);
        pct_free(road->own_ms);
        pct_free(road);
        return;
    }
    pct_network_dispose(&road->network);
    pct_hierarchy_dispose(&road->hierarchy);
    pct_climb_dispose(&road->climb);
    pct_metric_dispose(&road->metric);
    pct_free(road->tree_boxes);
    pct_free(road->tree_items);
    pct_free(road->component_size);
    pct_free(road);
}

pct_status pct_road_with_times(const pct_road *other, const uint32_t *arc_ms, double max_speed_mps,
                               pct_road **out, pct_error *error) {
    pct_road *road = pct_alloc(1, sizeof *road);
    if (!road) return pct_error_memory(error, sizeof *road);
    *road = *other;
    road->open = NULL;
    road->shares = true;
    road->max_speed_mps = max_speed_mps;
    road->crow = pct_crow_of(&road->network, arc_ms);
    road->metric = (pct_metric){0};
    pct_status status = pct_metric_new(&other->graph, &other->hierarchy, arc_ms, &road->metric, error);
    if (status)
        pct_free(road);
    else
        *out = road;
    return status;
}

static pct_status index_segments(const pct_network *net, pct_box **boxes, uint32_t **items, pct_tree *tree,
                                 pct_error *error) {
    uint32_t n = net->segment_count;
    pct_box *segment_boxes = pct_alloc(n, sizeof *segment_boxes);
    *boxes = pct_alloc(pct_tree_box_count(n), sizeof **boxes);
    *items = pct_alloc(n, sizeof **items);
    pct_status status =
        segment_boxes && *boxes && *items ? PCT_OK : pct_error_memory(error, n * sizeof *segment_boxes);
    for (uint32_t s = 0; s < n && !status; s++) {
        segment_boxes[s] = pct_box_empty();
        uint32_t inner = pct_line_inner(net, s);
        for (uint32_t i = 0; i <= inner + 1; i++)
            pct_box_extend(&segment_boxes[s], pct_line_point(net, s, i, inner));
    }
    if (!status) status = pct_tree_build(segment_boxes, n, *boxes, *items, tree, error);
    pct_free(segment_boxes);
    return status;
}

pct_status pct_road_build(pct_network *network, const uint32_t *rank_node, const pct_speeds *speeds,
                          pct_road **out, pct_error *error) {
    const pct_graph graph = pct_network_graph(network);
    pct_hierarchy hierarchy = {0};
    pct_tree tree = {0};
    pct_box *boxes = NULL;
    uint32_t *items = NULL;
    pct_status status = pct_hierarchy_build(&graph, rank_node, &hierarchy, error);
    if (!status) status = index_segments(network, &boxes, &items, &tree, error);
    if (!status) return pct_road_new(network, &hierarchy, tree, boxes, items, speeds, out, error);
    pct_network_dispose(network);
    pct_hierarchy_dispose(&hierarchy);
    pct_free(boxes);
    pct_free(items);
    return status;
}

const pct_network *pct_road_network(const pct_road *road) {
    return &road->network;
}

double pct_road_max_speed_mps(const pct_road *road) {
    return road->max_speed_mps;
}

bool pct_road_segment_usable(const pct_road *road, uint32_t segment) {
    const pct_segment *s = &road->network.segments[segment];
    uint32_t part = road->network.node_component[s->tail];
    return (s->flags & (PCT_SEGMENT_EMERGENCY_FORWARD | PCT_SEGMENT_EMERGENCY_BACKWARD)) != 0 &&
           part == road->network.node_component[s->head] &&
           road->component_size[part] >= road->network.node_count / USABLE_SHARE;
}

/* The arc of a segment in one direction, PCT_NO_INDEX when nobody may drive it. */
static uint32_t arc_of(const pct_network *net, uint32_t segment, bool backward) {
    const pct_segment *s = &net->segments[segment];
    uint32_t tail = backward ? s->head : s->tail, wanted = segment * 2 + backward;
    uint32_t low = net->first_arc[tail], high = net->first_arc[tail + 1];
    while (low < high) { /* a tail's arcs lie by segment */
        uint32_t middle = low + (high - low) / 2;
        if (net->arc_segment[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < net->first_arc[tail + 1] && net->arc_segment[low] == wanted ? low : PCT_NO_INDEX;
}

static const uint32_t *own_ms(const pct_road *road) {
    return road->own_ms ? road->own_ms : road->metric.arc_ms;
}

uint32_t pct_road_piece_ms(const pct_road *road, uint32_t segment, uint32_t from_mm, uint32_t to_mm) {
    uint64_t length_mm = road->network.segments[segment].length_mm;
    bool backward = from_mm > to_mm;
    uint32_t arc = arc_of(&road->network, segment, backward);
    if (from_mm == to_mm) return 0;
    if (arc == PCT_NO_INDEX || own_ms(road)[arc] >= PCT_NO_WAY_MS) return PCT_NO_WAY_MS;
    /* Differences of times since the arc's begin: pieces of one arc always add up to the arc. */
    uint64_t arc_ms = own_ms(road)[arc];
    uint64_t begin_mm = backward ? length_mm - from_mm : from_mm,
             end_mm = backward ? length_mm - to_mm : to_mm;
    return (uint32_t)(arc_ms * end_mm / length_mm - arc_ms * begin_mm / length_mm);
}

static bool at_node(const pct_road *road, pct_road_point point) {
    return point.offset_mm == 0 || point.offset_mm >= road->network.segments[point.segment].length_mm;
}

/* No way leads out of a node any more (`toward`: into it). The hierarchy's arcs at it hold its roads, both ways. */
static bool is_cut_off(const pct_road *road, uint32_t node, bool toward) {
    const pct_hierarchy *h = &road->hierarchy;
    uint32_t rank = h->node_rank[node];
    int above = toward ? PCT_DOWN : PCT_UP, below = toward ? PCT_UP : PCT_DOWN;
    for (uint32_t a = h->first_up[rank]; a < h->first_up[rank + 1]; a++)
        if (road->metric.ms[a][above] < PCT_NO_WAY_MS) return false;
    for (uint32_t i = h->first_down[rank]; i < h->first_down[rank + 1]; i++)
        if (road->metric.ms[h->down_arc[i]][below] < PCT_NO_WAY_MS) return false;
    return true;
}

/* A point at a junction that is cut off: its own segment leads away. */
static int add_own_segment(const pct_road *road, pct_road_point point, bool toward, pct_road_end ends[2]) {
    const pct_segment *s = &road->network.segments[point.segment];
    bool at_tail = point.offset_mm == 0;
    uint32_t here_mm = at_tail ? 0 : s->length_mm, there_mm = at_tail ? s->length_mm : 0;
    if (!road->open || !is_cut_off(road, ends[0].node, toward)) return 1;
    uint32_t ms = toward ? pct_road_piece_ms(road, point.segment, there_mm, here_mm)
                         : pct_road_piece_ms(road, point.segment, here_mm, there_mm);
    if (ms >= PCT_NO_WAY_MS) return 1;
    ends[1] = (pct_road_end){at_tail ? s->head : s->tail, ms};
    return 2;
}

int pct_road_ends(const pct_road *road, pct_road_point point, bool toward,
                  pct_road_end ends[PCT_ROAD_ENDS_MAX]) {
    const pct_segment *s = &road->network.segments[point.segment];
    if (at_node(road, point)) {
        ends[0] = (pct_road_end){point.offset_mm == 0 ? s->tail : s->head, 0};
        return add_own_segment(road, point, toward, ends);
    }
    int count = 0;
    for (int at_head = 0; at_head <= 1; at_head++) {
        uint32_t end_mm = at_head ? s->length_mm : 0;
        uint32_t ms = toward ? pct_road_piece_ms(road, point.segment, end_mm, point.offset_mm)
                             : pct_road_piece_ms(road, point.segment, point.offset_mm, end_mm);
        if (ms < PCT_NO_WAY_MS) ends[count++] = (pct_road_end){at_head ? s->head : s->tail, ms};
    }
    return count;
}

uint32_t pct_road_along_ms(const pct_road *road, pct_road_point from, pct_road_point to) {
    if (from.segment != to.segment) return PCT_UNREACHABLE_MS;
    if (road->open && from.offset_mm != to.offset_mm && at_node(road, from) && at_node(road, to))
        return PCT_UNREACHABLE_MS; /* from junction to junction: through the hierarchy, if the segment is open */
    uint32_t ms = pct_road_piece_ms(road, from.segment, from.offset_mm, to.offset_mm);
    return ms < PCT_NO_WAY_MS ? ms : PCT_UNREACHABLE_MS;
}
