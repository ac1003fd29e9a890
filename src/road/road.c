#include "road/road.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "road/line.h"
#include "road/parts.h"

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

pct_status pct_road_set_times(pct_road *road, const uint32_t *drive_ms, pct_error *error) {
    uint32_t arcs = road->network.arc_count;
    uint32_t *graph_ms = pct_alloc(road->graph.arc_count, sizeof *graph_ms);
    road->metric = (pct_metric){0};
    road->drive_ms = NULL;
    if (!graph_ms) return pct_error_memory(error, road->graph.arc_count * sizeof *graph_ms);
    pct_road_graph_times(road, drive_ms, graph_ms);
    pct_status status = pct_metric_new(&road->graph, &road->hierarchy, graph_ms, &road->metric, error);
    pct_free(graph_ms);
    if (status || road->profile == PCT_PROFILE_RESPONSE) return status;
    road->drive_ms = pct_alloc(arcs, sizeof *road->drive_ms);
    if (!road->drive_ms) return pct_error_memory(error, arcs * sizeof *drive_ms);
    memcpy(road->drive_ms, drive_ms, arcs * sizeof *drive_ms);
    return PCT_OK;
}

pct_status pct_road_new(pct_network *network, pct_hierarchy *hierarchy, pct_tree tree, void *tree_boxes,
                        void *tree_items, pct_dots *dots, const pct_speeds *speeds, pct_road **out,
                        pct_error *error) {
    pct_road *road = pct_alloc_zeroed(1, sizeof *road);
    uint32_t *arc_ms = pct_alloc(network->arc_count, sizeof *arc_ms);
    pct_status status =
        road && arc_ms ? PCT_OK : pct_error_memory(error, network->arc_count * sizeof *arc_ms);
    if (!road) {
        pct_network_dispose(network);
        pct_hierarchy_dispose(hierarchy);
        pct_free(tree_boxes);
        pct_free(tree_items);
        pct_dots_dispose(dots);
        goto done;
    }
    *road = (pct_road){.profile = PCT_PROFILE_RESPONSE,
                       .network = *network,
                       .hierarchy = *hierarchy,
                       .tree = tree,
                       .tree_boxes = tree_boxes,
                       .tree_items = tree_items,
                       .dots = *dots,
                       .costs = speeds->costs,
                       .max_speed_mps = pct_speeds_max_mps(speeds)};
    road->graph = pct_network_graph(&road->network);
    *network = (pct_network){0};
    *hierarchy = (pct_hierarchy){0};
    *dots = (pct_dots){0};
    if (!status && count_components(road)) status = pct_error_memory(error, road->component_count * 4);
    if (!status) status = pct_climb_new(&road->hierarchy, &road->climb, error);
    if (!status) {
        pct_response_arc_times(&road->network, speeds, arc_ms);
        road->crow = pct_crow_of(&road->network, arc_ms);
        status = pct_road_set_times(road, arc_ms, error);
    }
done:
    pct_free(arc_ms);
    if (status)
        pct_road_free(road);
    else
        *out = road;
    return status;
}

/* A segment that a patrol may be sent to: driving it at least one way leads round again, within a part of the graph that
 * is large enough. */
static pct_status find_usable(pct_road *road) {
    const pct_turns *t = &road->turns;
    pct_parts parts;
    pct_status status = pct_parts_find(&road->graph, road->metric.arc_ms, &parts);
    road->usable = pct_alloc_zeroed(road->network.segment_count, sizeof *road->usable);
    if (!status && !road->usable) status = PCT_MEMORY;
    for (uint32_t v = 0; v < t->vertex_count && !status; v++)
        if (parts.size[parts.of_node[v]] >= t->vertex_count / USABLE_SHARE)
            road->usable[road->network.arc_segment[t->vertex_arc[v]] >> 1] = true;
    if (!status) {
        road->component_count = parts.count;
        road->component_size = parts.size;
        parts.size = NULL;
    }
    pct_parts_dispose(&parts);
    return status;
}

pct_status pct_road_new_patrol(const pct_road *response, pct_turns *turns, pct_hierarchy *hierarchy,
                               const pct_speeds *speeds, pct_road **out, pct_error *error) {
    const pct_network *net = &response->network;
    pct_road *road = pct_alloc_zeroed(1, sizeof *road);
    uint32_t *arc_ms = pct_alloc(net->arc_count, sizeof *arc_ms);
    pct_status status = road && arc_ms ? PCT_OK : pct_error_memory(error, net->arc_count * sizeof *arc_ms);
    if (!road) {
        pct_turns_dispose(turns);
        pct_hierarchy_dispose(hierarchy);
        goto done;
    }
    *road = (pct_road){.profile = PCT_PROFILE_PATROL,
                       .network = *net,
                       .turns = *turns,
                       .hierarchy = *hierarchy,
                       .tree = response->tree,
                       .dots = response->dots,
                       .costs = speeds->costs,
                       .max_speed_mps = pct_speeds_patrol_max_mps(speeds)};
    road->network.owned = road->dots.owned = NULL; /* they are the response road's */
    road->graph = pct_turns_graph(&road->turns);
    *turns = (pct_turns){0};
    *hierarchy = (pct_hierarchy){0};
    if (!status) status = pct_climb_new(&road->hierarchy, &road->climb, error);
    if (!status) {
        pct_patrol_arc_times(&road->network, speeds, arc_ms);
        road->crow = pct_crow_of(&road->network, arc_ms);
        status = pct_road_set_times(road, arc_ms, error);
    }
    if (!status && find_usable(road)) status = pct_error_memory(error, road->graph.node_count * 4);
done:
    pct_free(arc_ms);
    if (status)
        pct_road_free(road);
    else
        *out = road;
    return status;
}

pct_status pct_road_build_patrol(const pct_road *response, pct_turns *turns, const uint32_t *rank_vertex,
                                 const pct_speeds *speeds, pct_road **out, pct_error *error) {
    pct_hierarchy hierarchy = {0};
    pct_graph graph = pct_turns_graph(turns);
    pct_status status = pct_hierarchy_build(&graph, rank_vertex, &hierarchy, error);
    if (!status) return pct_road_new_patrol(response, turns, &hierarchy, speeds, out, error);
    pct_turns_dispose(turns);
    return status;
}

void pct_road_free(pct_road *road) {
    if (!road) return;
    pct_metric_dispose(&road->metric);
    pct_free(road->drive_ms);
    pct_free(road->own_ms);
    if (!road->open && !road->shares) {
        pct_network_dispose(&road->network);
        pct_turns_dispose(&road->turns);
        pct_hierarchy_dispose(&road->hierarchy);
        pct_climb_dispose(&road->climb);
        pct_free(road->tree_boxes);
        pct_free(road->tree_items);
        pct_dots_dispose(&road->dots);
        pct_free(road->component_size);
        pct_free(road->usable);
    }
    pct_free(road);
}

pct_status pct_road_with_times(const pct_road *other, const uint32_t *arc_ms, double max_speed_mps,
                               pct_road **out, pct_error *error) {
    pct_road *road = pct_alloc(1, sizeof *road);
    if (!road) return pct_error_memory(error, sizeof *road);
    *road = *other;
    road->open = NULL;
    road->shares = true;
    road->own_ms = NULL;
    road->max_speed_mps = max_speed_mps;
    road->crow = pct_crow_of(&road->network, arc_ms);
    pct_status status = pct_road_set_times(road, arc_ms, error);
    if (status)
        pct_road_free(road);
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
    pct_dots dots = {0};
    pct_status status = pct_hierarchy_build(&graph, rank_node, &hierarchy, error);
    if (!status) status = index_segments(network, &boxes, &items, &tree, error);
    if (!status) status = pct_dots_new(network, &hierarchy, &dots, error);
    if (!status) return pct_road_new(network, &hierarchy, tree, boxes, items, &dots, speeds, out, error);
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
    if (road->usable) return road->usable[segment];
    const pct_segment *s = &road->network.segments[segment];
    uint32_t part = road->network.node_component[s->tail];
    return (s->flags & (PCT_SEGMENT_EMERGENCY_FORWARD | PCT_SEGMENT_EMERGENCY_BACKWARD)) != 0 &&
           part == road->network.node_component[s->head] &&
           road->component_size[part] >= road->network.node_count / USABLE_SHARE;
}
