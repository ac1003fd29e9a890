#include "road/index.h"

#include <string.h>

#include "road/index_check.h"

enum {
    NODES,
    NODES_AND_ONE,
    SEGMENTS,
    ARCS,
    SHAPES,
    NAMES_AND_ONE,
    NAME_BYTES,
    RESTRICTIONS,
    VIA_SEGMENTS,
    HIERARCHY_ARCS,
    TREE_BOXES,
    DOTS,
    HAS_TEXT_IDS, /* 0 or 1 */
    COUNT_KINDS
};

/* Where a section's array is found in the parts, and how many items of which size it has. */
typedef struct parts {
    pct_network network;
    pct_hierarchy hierarchy;
    pct_tree tree;
    pct_dots dots;
} parts;

#define SECTION(part, field, kind) PCT_SECTION(parts, #field, part.field, kind)

static const pct_section sections[] = {
    SECTION(network, node_position, NODES),
    SECTION(network, node_source, NODES),
    SECTION(network, node_by_source, NODES),
    SECTION(network, node_component, NODES),
    SECTION(network, node_segment, NODES),
    SECTION(network, node_marks, NODES),
    SECTION(network, first_arc, NODES_AND_ONE),
    SECTION(network, arc_head, ARCS),
    SECTION(network, arc_segment, ARCS),
    SECTION(network, segments, SEGMENTS),
    SECTION(network, shapes, SHAPES),
    SECTION(network, name_at, NAMES_AND_ONE),
    SECTION(network, name_chars, NAME_BYTES),
    SECTION(network, restrictions, RESTRICTIONS),
    SECTION(network, via_segments, VIA_SEGMENTS),
    SECTION(hierarchy, node_rank, NODES),
    SECTION(hierarchy, rank_node, NODES),
    SECTION(hierarchy, first_up, NODES_AND_ONE),
    SECTION(hierarchy, up_head, HIERARCHY_ARCS),
    SECTION(hierarchy, up_tail, HIERARCHY_ARCS),
    SECTION(hierarchy, first_down, NODES_AND_ONE),
    SECTION(hierarchy, down_arc, HIERARCHY_ARCS),
    SECTION(hierarchy, arc_place, ARCS),
    SECTION(tree, boxes, TREE_BOXES),
    SECTION(tree, items, SEGMENTS),
    SECTION(dots, runs, SEGMENTS),
    SECTION(dots, points, DOTS),
};

static const pct_section_format format = {.magic = "PCTROAD",
                                          .version = 3,
                                          .section_count = sizeof sections / sizeof *sections,
                                          .count_kinds = COUNT_KINDS,
                                          .sections = sections,
                                          .foreign = PCT_MSG_INDEX_FOREIGN,
                                          .other_version = PCT_MSG_INDEX_VERSION};

static void count_items(const parts *p, uint64_t counts[COUNT_KINDS]) {
    counts[NODES] = p->network.node_count;
    counts[NODES_AND_ONE] = (uint64_t)p->network.node_count + 1;
    counts[SEGMENTS] = p->network.segment_count;
    counts[ARCS] = p->network.arc_count;
    counts[SHAPES] = p->network.shape_count;
    counts[NAMES_AND_ONE] = (uint64_t)p->network.name_count + 1;
    counts[NAME_BYTES] = p->network.name_bytes;
    counts[RESTRICTIONS] = p->network.restriction_count;
    counts[VIA_SEGMENTS] = p->network.via_segment_count;
    counts[HIERARCHY_ARCS] = p->hierarchy.arc_count;
    counts[TREE_BOXES] = pct_tree_box_count(p->tree.item_count);
    counts[DOTS] = p->dots.count;
    counts[HAS_TEXT_IDS] = p->network.has_text_ids;
}

pct_status pct_road_index_write(const pct_road *road, pct_sink sink, uint64_t *bytes_written,
                                pct_error *error) {
    const parts p = {road->network, road->hierarchy, road->tree, road->dots};
    uint64_t counts[COUNT_KINDS];
    count_items(&p, counts);
    return pct_section_file_write(&format, &p, counts, sink, bytes_written, error);
}

static pct_status check_contents(const char *file, const parts *p, pct_error *error) {
    bool sound = false;
    pct_status status = PCT_OK;
    pct_message fault = pct_network_fault(&p->network);
    const pct_graph graph = pct_network_graph(&p->network);
    if (!fault) fault = pct_hierarchy_fault(&graph, &p->hierarchy, &status);
    if (!fault && !status) {
        status = pct_tree_is_sound(&p->tree, &sound);
        if (!status && !sound) fault = PCT_MSG_INDEX_FAULT_SNAP;
    }
    if (!fault) fault = pct_dots_fault(&p->dots, p->network.segment_count);
    if (fault) return pct_section_file_damaged(file, pct_phrase(fault), error);
    return status ? pct_error_memory(error, p->network.node_count * sizeof(uint32_t)) : PCT_OK;
}

pct_status pct_road_index_open(const char *file, pct_text bytes, const pct_speeds *speeds, pct_road **out,
                               pct_error *error) {
    parts p;
    uint64_t counts[COUNT_KINDS], expected[COUNT_KINDS];
    memset(&p, 0, sizeof p);
    pct_status status = pct_section_file_counts(&format, file, bytes, counts, error);
    if (status) return status;
    p.network.node_count = (uint32_t)counts[NODES];
    p.network.segment_count = (uint32_t)counts[SEGMENTS];
    p.network.arc_count = (uint32_t)counts[ARCS];
    p.network.shape_count = (uint32_t)counts[SHAPES];
    p.network.name_count = (uint32_t)(counts[NAMES_AND_ONE] - 1);
    p.network.name_bytes = (uint32_t)counts[NAME_BYTES];
    p.network.restriction_count = (uint32_t)counts[RESTRICTIONS];
    p.network.via_segment_count = (uint32_t)counts[VIA_SEGMENTS];
    p.network.has_text_ids = counts[HAS_TEXT_IDS] != 0;
    p.hierarchy.node_count = p.network.node_count;
    p.hierarchy.arc_count = (uint32_t)counts[HIERARCHY_ARCS];
    p.tree.item_count = p.network.segment_count;
    p.dots.count = (uint32_t)counts[DOTS];
    count_items(&p, expected);
    if (memcmp(expected, counts, sizeof expected) != 0)
        return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_FAULT_COUNTS), error);
    status = pct_section_file_sections(&format, file, bytes, counts, &p, error);
    if (!status) status = check_contents(file, &p, error);
    if (status) return status;
    return pct_road_new(&p.network, &p.hierarchy, p.tree, NULL, NULL, &p.dots, speeds, out, error);
}
