#include "road/index.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "road/index_check.h"

enum { VERSION = 1, ALIGNMENT = 64 };
static const char magic[8] = "PCTROAD";

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
    COUNT_KINDS
};

/* Where a section's array is found in the parts, and how many items of which size it has. */
typedef struct parts {
    pct_network network;
    pct_hierarchy hierarchy;
    pct_tree tree;
} parts;

#define SECTION(part, field, kind)                                                                           \
    { #field, offsetof(parts, part.field), kind, sizeof *((parts *)0)->part.field }

static const struct {
    char name[24];
    size_t pointer_at;
    int count_kind;
    size_t item_size;
} sections[] = {
    SECTION(network, node_position, NODES),
    SECTION(network, node_source, NODES),
    SECTION(network, node_by_source, NODES),
    SECTION(network, node_component, NODES),
    SECTION(network, node_segment, NODES),
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
    SECTION(hierarchy, network_arc_place, ARCS),
    SECTION(tree, boxes, TREE_BOXES),
    SECTION(tree, items, SEGMENTS),
};
enum { SECTION_COUNT = sizeof sections / sizeof *sections };

/* As it lies in the file. */
typedef struct header {
    char magic[8];
    uint32_t version, section_count;
    uint64_t file_bytes;
    uint64_t has_text_ids;
    uint64_t counts[COUNT_KINDS];
    struct {
        char name[24];
        uint64_t at, bytes, digest;
    } sections[SECTION_COUNT];
    uint64_t digest; /* of all before it */
} header;

static const void **pointer_of(parts *p, int section) {
    return (const void **)(void *)((char *)p + sections[section].pointer_at);
}

static uint64_t aligned(uint64_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

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
}

static pct_status write_padded(pct_sink sink, const void *bytes, uint64_t length, pct_error *error) {
    static const char zeros[ALIGNMENT];
    pct_status status = length ? sink.write(sink.context, bytes, length, error) : PCT_OK;
    uint64_t padding = aligned(length) - length;
    return status || !padding ? status : sink.write(sink.context, zeros, padding, error);
}

pct_status pct_road_index_write(const pct_road *road, pct_sink sink, uint64_t *bytes_written,
                                pct_error *error) {
    parts p = {road->network, road->hierarchy, road->tree};
    header h;
    memset(&h, 0, sizeof h);
    memcpy(h.magic, magic, sizeof magic);
    h.version = VERSION;
    h.section_count = SECTION_COUNT;
    h.has_text_ids = p.network.has_text_ids;
    count_items(&p, h.counts);
    h.file_bytes = aligned(sizeof h);
    for (int i = 0; i < SECTION_COUNT; i++) {
        uint64_t bytes = h.counts[sections[i].count_kind] * sections[i].item_size;
        memcpy(h.sections[i].name, sections[i].name, sizeof sections[i].name);
        h.sections[i].at = h.file_bytes;
        h.sections[i].bytes = bytes;
        h.sections[i].digest = pct_digest(*pointer_of(&p, i), bytes);
        h.file_bytes += aligned(bytes);
    }
    h.digest = pct_digest(&h, offsetof(header, digest));
    pct_status status = write_padded(sink, &h, sizeof h, error);
    for (int i = 0; i < SECTION_COUNT && !status; i++)
        status = write_padded(sink, *pointer_of(&p, i), h.sections[i].bytes, error);
    *bytes_written = h.file_bytes;
    return status;
}

static pct_status damaged(const char *file, pct_param what, pct_error *error) {
    return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_DAMAGED, pct_str(file), what);
}

static pct_status read_header(const char *file, pct_text bytes, header *h, pct_error *error) {
    if (bytes.length < sizeof *h || memcmp(bytes.chars, magic, sizeof magic) != 0)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_FOREIGN, pct_str(file));
    memcpy(h, bytes.chars, sizeof *h);
    if (h->version != VERSION)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_VERSION, pct_str(file), pct_int(h->version),
                        pct_int(VERSION));
    if (h->digest != pct_digest(h, offsetof(header, digest)))
        return damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    if (h->file_bytes != bytes.length)
        return PCT_FAIL(error, PCT_DAMAGED, PCT_MSG_INDEX_SIZE, pct_str(file),
                        pct_int((int64_t)h->file_bytes), pct_int((int64_t)bytes.length));
    return h->section_count == SECTION_COUNT ? PCT_OK
                                             : damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
}

/* Sections lie one behind the other in table order, so that every byte of the file has its one place. */
static pct_status read_sections(const char *file, pct_text bytes, const header *h, parts *p,
                                pct_error *error) {
    uint64_t at = aligned(sizeof *h);
    for (uint64_t i = sizeof *h; i < at; i++)
        if (bytes.chars[i] != 0) return damaged(file, pct_phrase(PCT_MSG_INDEX_PART_HEADER), error);
    for (int i = 0; i < SECTION_COUNT; i++) {
        uint64_t count = h->counts[sections[i].count_kind], length = count * sections[i].item_size;
        const char *name = sections[i].name, *section = bytes.chars + at;
        bool fits = count <= UINT32_MAX && h->sections[i].at == at && h->sections[i].bytes == length &&
                    length <= bytes.length - at && aligned(length) <= bytes.length - at;
        if (!fits || memcmp(h->sections[i].name, name, sizeof sections[i].name) != 0)
            return damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
        if (pct_digest(section, length) != h->sections[i].digest) return damaged(file, pct_str(name), error);
        for (uint64_t b = length; b < aligned(length); b++)
            if (section[b] != 0) return damaged(file, pct_str(name), error);
        *pointer_of(p, i) = section;
        at += aligned(length);
    }
    return at == bytes.length ? PCT_OK : damaged(file, pct_phrase(PCT_MSG_INDEX_PART_SECTIONS), error);
}

static pct_status check_contents(const char *file, const parts *p, pct_error *error) {
    bool sound = false;
    pct_status status = PCT_OK;
    pct_message fault = pct_network_fault(&p->network);
    if (!fault) fault = pct_hierarchy_fault(&p->network, &p->hierarchy, &status);
    if (!fault && !status) {
        status = pct_tree_is_sound(&p->tree, &sound);
        if (!status && !sound) fault = PCT_MSG_INDEX_FAULT_SNAP;
    }
    if (fault) return damaged(file, pct_phrase(fault), error);
    return status ? pct_error_memory(error, p->network.node_count * sizeof(uint32_t)) : PCT_OK;
}

pct_status pct_road_index_open(const char *file, pct_text bytes, const pct_speeds *speeds, pct_road **out,
                               pct_error *error) {
    header h;
    parts p;
    memset(&p, 0, sizeof p);
    pct_status status = read_header(file, bytes, &h, error);
    if (status) return status;
    const uint64_t *counts = h.counts;
    p.network.node_count = (uint32_t)counts[NODES];
    p.network.segment_count = (uint32_t)counts[SEGMENTS];
    p.network.arc_count = (uint32_t)counts[ARCS];
    p.network.shape_count = (uint32_t)counts[SHAPES];
    p.network.name_count = (uint32_t)(counts[NAMES_AND_ONE] - 1);
    p.network.name_bytes = (uint32_t)counts[NAME_BYTES];
    p.network.restriction_count = (uint32_t)counts[RESTRICTIONS];
    p.network.via_segment_count = (uint32_t)counts[VIA_SEGMENTS];
    p.network.has_text_ids = h.has_text_ids != 0;
    p.hierarchy.node_count = p.network.node_count;
    p.hierarchy.arc_count = (uint32_t)counts[HIERARCHY_ARCS];
    p.tree.item_count = p.network.segment_count;
    uint64_t expected[COUNT_KINDS];
    count_items(&p, expected);
    if (memcmp(expected, counts, sizeof expected) != 0)
        return damaged(file, pct_phrase(PCT_MSG_INDEX_FAULT_COUNTS), error);
    status = read_sections(file, bytes, &h, &p, error);
    if (!status) status = check_contents(file, &p, error);
    return status ? status : pct_road_new(&p.network, &p.hierarchy, p.tree, NULL, NULL, speeds, out, error);
}
