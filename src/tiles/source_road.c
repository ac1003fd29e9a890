/* Roads. A street of the network is cut at every crossing; on the map it is one line, or its name would be written
 * anew between any two corners. So segments that agree in what is shown are joined at their common node, straight on
 * where there is a choice, each segment once: O(segments × roads at a node).
 *
 * Two drawings are made: in detail, and in general for small scales, where bridges and directions do not show and
 * would only cut the lines. */
#include <math.h>

#include "base/memory.h"
#include "tiles/sources.h"

enum { DETAIL_ZOOM = 14, POINTS_MAX = 1 << 24 };

/* From which zoom a class is drawn; all of them from 12 on. */
static const uint8_t first_zoom[PCT_ROAD_CLASS_COUNT] = {
    [PCT_ROAD_MOTORWAY] = 5,       [PCT_ROAD_MOTORWAY_LINK] = 10,  [PCT_ROAD_TRUNK] = 6,
    [PCT_ROAD_TRUNK_LINK] = 10,    [PCT_ROAD_PRIMARY] = 8,         [PCT_ROAD_PRIMARY_LINK] = 11,
    [PCT_ROAD_SECONDARY] = 9,      [PCT_ROAD_SECONDARY_LINK] = 12, [PCT_ROAD_TERTIARY] = 11,
    [PCT_ROAD_TERTIARY_LINK] = 12, [PCT_ROAD_UNCLASSIFIED] = 12,   [PCT_ROAD_RESIDENTIAL] = 12,
    [PCT_ROAD_LIVING_STREET] = 12, [PCT_ROAD_SERVICE] = 12,        [PCT_ROAD_PEDESTRIAN] = 12,
    [PCT_ROAD_TRACK] = 12,         [PCT_ROAD_FERRY] = 10,
};

typedef struct joiner {
    pct_tile_features *features;
    const pct_network *network;
    bool detail;
    uint32_t *first_at, *at_node; /* segments at each node, CSR */
    bool *joined;                 /* [segments] */
    pct_vector chain;             /* uint32_t: segment × 2 + (1 when it is passed from head to tail) */
    pct_vector line, segment;     /* pct_position */
} joiner;

static bool may(const pct_segment *s, uint8_t right) {
    return (s->flags & right) != 0;
}

static bool is_oneway(const pct_segment *s) {
    return may(s, PCT_SEGMENT_FORWARD) != may(s, PCT_SEGMENT_BACKWARD);
}

/* Whether it may be passed this way on a line that shows the direction of traffic. */
static bool passes(const joiner *j, uint32_t segment, bool backward) {
    const pct_segment *s = &j->network->segments[segment];
    return !j->detail || !is_oneway(s) || may(s, PCT_SEGMENT_BACKWARD) == backward;
}

static bool agree(const joiner *j, const pct_segment *a, const pct_segment *b) {
    const uint8_t shown = PCT_SEGMENT_BRIDGE | PCT_SEGMENT_TUNNEL;
    if (a->road_class != b->road_class || a->name != b->name || a->name_en != b->name_en) return false;
    return !j->detail || ((a->flags & shown) == (b->flags & shown) && is_oneway(a) == is_oneway(b));
}

/* Direction in which a segment leaves its tail (or, backward, its head); on the plane of the map. */
static double bearing(const joiner *j, uint32_t segment, bool backward, bool at_end) {
    const pct_network *n = j->network;
    const pct_segment *s = &n->segments[segment];
    bool from_tail = backward == at_end;
    uint32_t begin = s->shape_at,
             end = segment + 1 < n->segment_count ? n->segments[segment + 1].shape_at : n->shape_count;
    pct_position a = n->node_position[from_tail ? s->tail : s->head];
    pct_position b = begin < end ? n->shapes[from_tail ? begin : end - 1]
                                 : n->node_position[from_tail ? s->head : s->tail];
    double east = ((double)b.lon_e7 - a.lon_e7) * cos(pct_position_lat_deg(a) * 0.017453292519943295);
    double angle = atan2(east, (double)b.lat_e7 - a.lat_e7);
    return at_end ? angle + 3.14159265358979323846 : angle;
}

/* The segment that goes on best from the end of `piece` (segment × 2 + backward); PCT_NO_INDEX when none does.
 * `reverse`: the line grows at its beginning, so pieces are passed towards it. */
static uint32_t next_piece(const joiner *j, uint32_t piece, bool reverse) {
    const pct_segment *segments = j->network->segments, *s = &segments[piece / 2];
    bool backward = piece % 2;
    uint32_t node = backward != reverse ? s->tail : s->head, best = PCT_NO_INDEX;
    double ahead = bearing(j, piece / 2, backward, !reverse), least = INFINITY;
    for (uint32_t i = j->first_at[node]; i < j->first_at[node + 1]; i++) {
        uint32_t other = j->at_node[i];
        if (j->joined[other] || !agree(j, s, &segments[other])) continue;
        bool other_backward = reverse ? segments[other].tail == node : segments[other].head == node;
        if (!passes(j, other, other_backward)) continue;
        double turn = fabs(remainder(bearing(j, other, other_backward, reverse) - ahead, 6.283185307179586));
        if (turn < least) {
            least = turn;
            best = other * 2 + other_backward;
        }
    }
    return best;
}

static pct_status grow(joiner *j, uint32_t piece, bool reverse, pct_error *error) {
    while (piece != PCT_NO_INDEX) {
        uint32_t *slot = pct_vector_push(&j->chain);
        if (!slot) return pct_vector_failed(&j->chain, PCT_MSG_WHAT_TILE_LINES, error);
        *slot = piece;
        j->joined[piece / 2] = true;
        piece = next_piece(j, piece, reverse);
    }
    return PCT_OK;
}

static void turn_round(uint32_t *pieces, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t swap = pieces[i];
        pieces[i] = pieces[count - 1 - i];
        pieces[count - 1 - i] = swap;
    }
}

static pct_status append_segment(joiner *j, uint32_t piece, pct_error *error) {
    size_t count = 0;
    pct_network_segment_line(j->network, piece / 2, piece % 2, NULL, &count);
    while (j->segment.length < count)
        if (!pct_vector_push(&j->segment))
            return pct_vector_failed(&j->segment, PCT_MSG_WHAT_TILE_POINTS, error);
    pct_position *points = j->segment.items;
    pct_network_segment_line(j->network, piece / 2, piece % 2, points, &count);
    for (size_t i = j->line.length > 0; i < count; i++) {
        pct_position *p = pct_vector_push(&j->line);
        if (!p) return pct_vector_failed(&j->line, PCT_MSG_WHAT_TILE_POINTS, error);
        *p = points[i];
    }
    return PCT_OK;
}

static pct_status add_line(joiner *j, pct_error *error) {
    const pct_network *n = j->network;
    const uint32_t *chain = j->chain.items;
    const pct_segment *s = &n->segments[chain[0] / 2];
    int first = first_zoom[s->road_class], from = j->detail ? DETAIL_ZOOM : first;
    pct_tile_features *f = j->features;
    pct_status status = PCT_OK;
    j->line.length = 0;
    for (size_t i = 0; i < j->chain.length && !status; i++) status = append_segment(j, chain[i], error);
    if (!status)
        status = pct_tile_features_begin(f, PCT_TILE_ROAD, PCT_TILE_LINE, from,
                                         j->detail ? PCT_TILE_ZOOM_MAX : DETAIL_ZOOM - 1, error);
    if (!status)
        status = pct_tile_features_text(
            f, PCT_TILE_CLASS, pct_text_of(pct_road_class_name((pct_road_class)s->road_class)), error);
    if (!status) status = pct_tile_features_text(f, PCT_TILE_NAME, pct_network_name(n, s->name), error);
    if (!status) status = pct_tile_features_text(f, PCT_TILE_NAME_EN, pct_network_name(n, s->name_en), error);
    if (status) return status;
    pct_tile_features_flag(f, PCT_TILE_ROAD_ONEWAY, j->detail && is_oneway(s));
    pct_tile_features_flag(f, PCT_TILE_ROAD_BRIDGE, j->detail && may(s, PCT_SEGMENT_BRIDGE));
    pct_tile_features_flag(f, PCT_TILE_ROAD_TUNNEL, j->detail && may(s, PCT_SEGMENT_TUNNEL));
    return pct_tile_features_part(f, j->line.items, j->line.length, false, error);
}

static pct_status join_all(joiner *j, bool detail, pct_error *error) {
    pct_status status = PCT_OK;
    j->detail = detail;
    for (uint32_t i = 0; i < j->network->segment_count; i++) j->joined[i] = false;
    for (uint32_t i = 0; i < j->network->segment_count && !status; i++) {
        if (j->joined[i]) continue;
        uint32_t piece = i * 2 + !passes(j, i, false);
        j->chain.length = 0;
        j->joined[i] = true;
        status = grow(j, next_piece(j, piece, true), true, error);
        turn_round(j->chain.items, j->chain.length);
        if (!status) status = grow(j, piece, false, error);
        if (!status) status = add_line(j, error);
    }
    return status;
}

/* Counting sort of the segments by their end nodes; a loop stands at its node twice, which does no harm. */
static void list_segments(joiner *j) {
    const pct_network *n = j->network;
    for (uint32_t i = 0; i < n->segment_count; i++) {
        j->first_at[n->segments[i].tail + 1]++;
        j->first_at[n->segments[i].head + 1]++;
    }
    for (uint32_t v = 0; v < n->node_count; v++) j->first_at[v + 1] += j->first_at[v];
    for (uint32_t i = 0; i < n->segment_count; i++) {
        j->at_node[j->first_at[n->segments[i].tail]++] = i;
        j->at_node[j->first_at[n->segments[i].head]++] = i;
    }
    for (uint32_t v = n->node_count; v > 0; v--) j->first_at[v] = j->first_at[v - 1];
    j->first_at[0] = 0;
}

pct_status pct_tiles_add_roads(pct_tile_features *features, const pct_network *network, pct_error *error) {
    joiner j = {.features = features,
                .network = network,
                .first_at = pct_alloc_zeroed((size_t)network->node_count + 1, sizeof(uint32_t)),
                .at_node = pct_alloc((size_t)network->segment_count * 2, sizeof(uint32_t)),
                .joined = pct_alloc(network->segment_count, sizeof(bool)),
                .chain = pct_vector_init(sizeof(uint32_t), POINTS_MAX),
                .line = pct_vector_init(sizeof(pct_position), POINTS_MAX),
                .segment = pct_vector_init(sizeof(pct_position), POINTS_MAX)};
    pct_status status = PCT_OK;
    if (!j.first_at || !j.at_node || !j.joined)
        status = pct_error_memory(error, (size_t)network->segment_count * 2 * sizeof(uint32_t));
    if (!status) list_segments(&j);
    if (!status) status = join_all(&j, false, error);
    if (!status) status = join_all(&j, true, error);
    pct_free(j.first_at);
    pct_free(j.at_node);
    pct_free(j.joined);
    pct_vector_dispose(&j.chain);
    pct_vector_dispose(&j.line);
    pct_vector_dispose(&j.segment);
    return status;
}
