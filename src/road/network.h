/* The road network: nodes where roads meet or end, segments between them, arcs that say which way one may drive.
 *
 *   node    where segments meet or end; `source` is its id in the map it came from
 *   segment one stretch of road between two nodes, undirected: length, class, names, shape, rights of way
 *   arc     one direction of a segment that somebody may drive; arcs lie in CSR order of their tail
 *
 *        segment 7 (way 4711, residential, both ways)
 *     tail o────────────────o head        arcs: tail→head = segment 7 forward, head→tail = segment 7 backward
 *
 * A network is immutable and consists of flat arrays, so that it can be used from a mapped file as it lies.
 * It is built with a pct_network_builder, which owns nothing of its caller's, or taken from an index file
 * (road/index.h). Looking up a node by its source id is O(log n). */
#ifndef PCT_ROAD_NETWORK_H
#define PCT_ROAD_NETWORK_H

#include "geo/position.h"

#define PCT_ROAD_CLASSES(X)                                                                                  \
    X(MOTORWAY, "motorway")                                                                                  \
    X(MOTORWAY_LINK, "motorway_link")                                                                        \
    X(TRUNK, "trunk")                                                                                        \
    X(TRUNK_LINK, "trunk_link")                                                                              \
    X(PRIMARY, "primary")                                                                                    \
    X(PRIMARY_LINK, "primary_link")                                                                          \
    X(SECONDARY, "secondary")                                                                                \
    X(SECONDARY_LINK, "secondary_link")                                                                      \
    X(TERTIARY, "tertiary")                                                                                  \
    X(TERTIARY_LINK, "tertiary_link")                                                                        \
    X(UNCLASSIFIED, "unclassified")                                                                          \
    X(RESIDENTIAL, "residential")                                                                            \
    X(LIVING_STREET, "living_street")                                                                        \
    X(SERVICE, "service")                                                                                    \
    X(PEDESTRIAN, "pedestrian")                                                                              \
    X(TRACK, "track")                                                                                        \
    X(FERRY, "ferry")

typedef enum pct_road_class {
#define X(name, text) PCT_ROAD_##name,
    PCT_ROAD_CLASSES(X)
#undef X
        PCT_ROAD_CLASS_COUNT
} pct_road_class;

const char *pct_road_class_name(pct_road_class road_class);
/* PCT_ROAD_CLASS_COUNT when there is no such class. */
pct_road_class pct_road_class_of(pct_text name);

/* What stands on a node of the map, by kind; see node_marks. Which kind it is tells how long opening it takes. */
#define PCT_BARRIERS(X)                                                                                      \
    X(NONE, "")                                                                                              \
    X(GATE, "gate")                                                                                          \
    X(LIFT_GATE, "lift_gate")                                                                                \
    X(BOLLARD, "bollard")                                                                                    \
    X(CHAIN, "chain")                                                                                        \
    X(TOLL_BOOTH, "toll_booth")                                                                              \
    X(BORDER_CONTROL, "border_control")                                                                      \
    X(CYCLE_BARRIER, "cycle_barrier")                                                                        \
    X(BLOCK, "block")                                                                                        \
    X(OTHER, "other")

typedef enum pct_barrier {
#define X(name, text) PCT_BARRIER_##name,
    PCT_BARRIERS(X)
#undef X
        PCT_BARRIER_COUNT
} pct_barrier;

const char *pct_barrier_name(pct_barrier barrier);

/* A node's marks: its barrier in the low bits, and what holds there.
 *
 * A barrier that nobody drives through (a block, a wall) needs no mark: the import ends the road on either side of it, at
 * two nodes of one source id. What remains at a node can be passed by response units, by general traffic unless
 * BARS_TRAFFIC is set. */
enum {
    PCT_NODE_BARRIER = 0x0F,        /* pct_barrier */
    PCT_NODE_BARS_TRAFFIC = 1 << 4, /* general traffic may not pass; response units may open it */
    PCT_NODE_SIGNALS = 1 << 5,      /* traffic signals */
};

static inline pct_barrier pct_node_barrier(uint8_t marks) {
    return (pct_barrier)(marks & PCT_NODE_BARRIER);
}

/* Ids are distinct types, so that they cannot be swapped. */
typedef struct pct_node {
    uint32_t index;
} pct_node;
typedef struct pct_arc {
    uint32_t index;
} pct_arc;
#define PCT_NO_INDEX UINT32_MAX

/* Rights of way and nature of a segment. General traffic and emergency units are kept apart: what only the
 * latter may use (emergency ways, private roads, pedestrian zones) has the EMERGENCY bits alone. */
enum {
    PCT_SEGMENT_FORWARD = 1 << 0, /* everybody may drive tail → head */
    PCT_SEGMENT_BACKWARD = 1 << 1,
    PCT_SEGMENT_EMERGENCY_FORWARD = 1 << 2, /* response units may */
    PCT_SEGMENT_EMERGENCY_BACKWARD = 1 << 3,
    PCT_SEGMENT_BRIDGE = 1 << 4,
    PCT_SEGMENT_TUNNEL = 1 << 5,
    PCT_SEGMENT_ROUNDABOUT = 1 << 6,
};

typedef struct pct_segment {
    int64_t way;         /* id of the way or edge in the source */
    uint32_t tail, head; /* nodes */
    uint32_t length_mm;
    uint32_t name, name_en; /* numbers of names; 0 is the empty name */
    uint32_t shape_at;      /* first of its inner shape points; they end where the next segment's begin */
    uint8_t road_class;     /* pct_road_class */
    uint8_t flags;
    uint8_t
        limit_kmh[2]; /* posted, driven forward and backward; 0: none known, PCT_NO_LIMIT_KMH: none holds */
    uint32_t
        crossing_ms; /* the time that the source states for it (a ferry); 0: none, length and class tell */
} pct_segment;

enum { PCT_NO_LIMIT_KMH = 255 };

/* A one-way street that response units may drive against at a walking pace, if their speeds say so: a small road, no link and no
 * roundabout. It has an arc in either direction. */
bool pct_segment_has_contraflow(const pct_segment *segment);

typedef enum pct_restriction_kind { PCT_TURN_FORBIDDEN, PCT_TURN_MANDATORY } pct_restriction_kind;

/* A turn restriction: coming from `from` through the node (or the way segments) `via`, one may not, or may only,
 * go on into `to`. Kept for the turn-expanded topology; response units may ignore it. */
typedef struct pct_restriction {
    uint32_t from_segment, to_segment;
    uint32_t via_node;       /* the node where it begins */
    uint32_t via_segment_at; /* into via_segments, via_segment_count of them (0: via is the node alone) */
    uint16_t via_segment_count;
    uint8_t kind; /* pct_restriction_kind */
    uint8_t reserved;
} pct_restriction;

typedef struct pct_network {
    uint32_t node_count, segment_count, arc_count, shape_count, name_count, name_bytes;
    uint32_t restriction_count, via_segment_count;
    uint32_t has_text_ids; /* 1: the node sources are numbers of names, as the source had text ids */

    const pct_position *node_position; /* [node_count] */
    const int64_t *node_source;        /* [node_count] */
    const uint32_t *node_by_source;    /* [node_count] nodes ordered by (source, node) */
    const uint32_t
        *node_component;          /* [node_count] strongly connected part for response units, 0 the largest */
    const uint8_t *node_marks;    /* [node_count] barrier and signals, PCT_NODE_… */
    const uint32_t *node_segment; /* [node_count] one segment at the node, PCT_NO_INDEX without any */
    const uint32_t *first_arc;    /* [node_count + 1] */
    const uint32_t *arc_head;     /* [arc_count] */
    const uint32_t *arc_segment;  /* [arc_count] segment × 2 + (1 when driven backward) */
    const pct_segment *segments;  /* [segment_count] */
    const pct_position *shapes;   /* [shape_count] */
    const uint32_t *name_at;      /* [name_count + 1] into name_chars */
    const char *name_chars;       /* [name_bytes] UTF-8 */
    const pct_restriction *restrictions;
    const uint32_t *via_segments;

    void *owned; /* the memory behind the arrays, NULL when they lie in somebody else's */
} pct_network;

void pct_network_dispose(pct_network *network);
pct_text pct_network_name(const pct_network *network, uint32_t number);
/* The order of two sources: of the numbers, or of the texts they stand for; negative, 0 or positive. */
int pct_network_compare_sources(const pct_network *network, int64_t a, int64_t b);
/* index PCT_NO_INDEX when no node has this number as its source id. O(log n). */
pct_node pct_network_node_by_source(const pct_network *network, int64_t source);
/* The same by the id as it is written, whichever kind of id the source had. */
pct_node pct_network_node_by_id(const pct_network *network, pct_text id);
/* All points of a segment from tail to head, ends included, into `points` (room for *count; returns what is
 * needed in *count). Driven backward they come in reverse. */
void pct_network_segment_line(const pct_network *network, uint32_t segment, bool backward,
                              pct_position *points, size_t *count);
pct_box pct_network_bounds(const pct_network *network);

/* Building. Nodes, names, segments and restrictions are added in any order that refers backward only; finish
 * makes the arcs (by tail, then segment), finds the connected parts and hands over the network. */
typedef struct pct_network_builder pct_network_builder;

pct_status pct_network_builder_new(pct_network_builder **out, pct_error *error) PCT_MUST_USE;
void pct_network_builder_free(pct_network_builder *builder);
pct_status pct_network_add_node(pct_network_builder *builder, int64_t source, pct_position position,
                                uint32_t *node, pct_error *error) PCT_MUST_USE;
/* Adds marks (PCT_NODE_…) to those the node has. */
void pct_network_mark_node(pct_network_builder *builder, uint32_t node, uint8_t marks);
pct_status pct_network_add_name(pct_network_builder *builder, pct_text name, uint32_t *number,
                                pct_error *error) PCT_MUST_USE;
/* `shape`: the inner points, `shape_count` of them, from tail to head; segment->shape_at is set here. */
pct_status pct_network_add_segment(pct_network_builder *builder, const pct_segment *segment,
                                   const pct_position *shape, size_t shape_count, uint32_t *number,
                                   pct_error *error) PCT_MUST_USE;
pct_status pct_network_add_restriction(pct_network_builder *builder, const pct_restriction *restriction,
                                       const uint32_t *via_segments, pct_error *error) PCT_MUST_USE;
/* Refuses a network without a node or arc. The builder is empty afterwards. */
pct_status pct_network_finish(pct_network_builder *builder, bool has_text_ids, pct_network *out,
                              pct_error *error) PCT_MUST_USE;

#endif
