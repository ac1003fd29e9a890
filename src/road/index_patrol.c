/* The second topology of a site's roads, beside the road index: turns and their hierarchy. */
#include <string.h>

#include "road/index.h"
#include "road/index_check.h"

enum { NODES_AND_ONE, ARCS_AND_ONE, VERTICES, VERTICES_AND_ONE, TURNS, HIERARCHY_ARCS, COUNT_KINDS };

typedef struct parts {
    pct_turns turns;
    pct_hierarchy hierarchy;
} parts;

#define SECTION(part, field, kind) PCT_SECTION(parts, #field, part.field, kind)

static const pct_section sections[] = {
    SECTION(turns, first_vertex, ARCS_AND_ONE),
    SECTION(turns, vertex_arc, VERTICES),
    SECTION(turns, first_turn, VERTICES_AND_ONE),
    SECTION(turns, turn_head, TURNS),
    SECTION(turns, turn_kind, TURNS),
    SECTION(turns, first_into, NODES_AND_ONE),
    SECTION(turns, into, VERTICES),
    SECTION(hierarchy, node_rank, VERTICES),
    SECTION(hierarchy, rank_node, VERTICES),
    SECTION(hierarchy, first_up, VERTICES_AND_ONE),
    SECTION(hierarchy, up_head, HIERARCHY_ARCS),
    SECTION(hierarchy, up_tail, HIERARCHY_ARCS),
    SECTION(hierarchy, first_down, VERTICES_AND_ONE),
    SECTION(hierarchy, down_arc, HIERARCHY_ARCS),
    SECTION(hierarchy, arc_place, TURNS),
};

static const pct_section_format format = {.magic = "PCTTURN",
                                          .version = 1,
                                          .section_count = sizeof sections / sizeof *sections,
                                          .count_kinds = COUNT_KINDS,
                                          .sections = sections,
                                          .foreign = PCT_MSG_INDEX_FOREIGN,
                                          .other_version = PCT_MSG_INDEX_VERSION};

static void count_items(const pct_network *net, const parts *p, uint64_t counts[COUNT_KINDS]) {
    counts[NODES_AND_ONE] = (uint64_t)net->node_count + 1;
    counts[ARCS_AND_ONE] = (uint64_t)net->arc_count + 1;
    counts[VERTICES] = p->turns.vertex_count;
    counts[VERTICES_AND_ONE] = (uint64_t)p->turns.vertex_count + 1;
    counts[TURNS] = p->turns.turn_count;
    counts[HIERARCHY_ARCS] = p->hierarchy.arc_count;
}

pct_status pct_road_index_write_patrol(const pct_road *patrol, pct_sink sink, uint64_t *bytes_written,
                                       pct_error *error) {
    const parts p = {patrol->turns, patrol->hierarchy};
    uint64_t counts[COUNT_KINDS];
    count_items(&patrol->network, &p, counts);
    return pct_section_file_write(&format, &p, counts, sink, bytes_written, error);
}

static pct_status check_contents(const char *file, const pct_network *net, const parts *p, pct_error *error) {
    pct_status status = PCT_OK;
    pct_message fault = pct_turns_fault(net, &p->turns);
    const pct_graph graph = pct_turns_graph(&p->turns);
    if (!fault) fault = pct_hierarchy_fault(&graph, &p->hierarchy, &status);
    if (fault) return pct_section_file_damaged(file, pct_phrase(fault), error);
    return status ? pct_error_memory(error, p->turns.vertex_count * sizeof(uint32_t)) : PCT_OK;
}

pct_status pct_road_index_open_patrol(const char *file, pct_text bytes, const pct_road *response,
                                      const pct_speeds *speeds, pct_road **out, pct_error *error) {
    parts p;
    uint64_t counts[COUNT_KINDS], expected[COUNT_KINDS];
    memset(&p, 0, sizeof p);
    pct_status status = pct_section_file_counts(&format, file, bytes, counts, error);
    if (status) return status;
    p.turns.vertex_count = p.hierarchy.node_count = (uint32_t)counts[VERTICES];
    p.turns.turn_count = (uint32_t)counts[TURNS];
    p.hierarchy.arc_count = (uint32_t)counts[HIERARCHY_ARCS];
    count_items(&response->network, &p, expected);
    if (memcmp(expected, counts, sizeof expected) != 0)
        return pct_section_file_damaged(file, pct_phrase(PCT_MSG_INDEX_FAULT_COUNTS), error);
    status = pct_section_file_sections(&format, file, bytes, counts, &p, error);
    if (!status) status = check_contents(file, &response->network, &p, error);
    return status ? status : pct_road_new_patrol(response, &p.turns, &p.hierarchy, speeds, out, error);
}
