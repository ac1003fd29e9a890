/* Where searches begin and end on the roads: pieces of segments, the vertices of the graph at their ends, and the graph arcs behind
 * a segment, for both profiles.
 *
 *   response   vertices are nodes: a point inside a segment begins (ends) at its two nodes, each with the piece between
 *   patrol     vertices are arcs: a point begins at the ends of the arcs it lies on, or of all that leave its node; it
 *              ends where one may turn into its arcs, with the turn and the piece, or where arcs arrive at its node
 *
 * So every path between a beginning and an end is a path of the graph, also one that goes round to a point behind it on the
 * same arc; the one way that has no vertex, from a point straight on along one segment, is pct_road_direct. */
#include "road/road.h"

uint32_t pct_road_arc_of(const pct_network *net, uint32_t segment, bool backward) {
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

static uint32_t arc_tail(const pct_network *net, uint32_t arc) {
    uint32_t s = net->arc_segment[arc];
    return s & 1 ? net->segments[s >> 1].head : net->segments[s >> 1].tail;
}

/* --- what passing a node adds to driving an arc ---------------------------------------------------------------- */

static uint32_t sum_ms(uint32_t a_ms, uint32_t b_ms) {
    return a_ms >= PCT_NO_WAY_MS || b_ms >= PCT_NO_WAY_MS ? PCT_NO_WAY_MS : a_ms + b_ms;
}

static uint32_t barrier_ms(const pct_road *road, uint32_t node) {
    return road->costs.barrier_ms[road->profile][pct_node_barrier(road->network.node_marks[node])];
}

uint32_t pct_road_network_arc(const pct_road *road, uint32_t graph_arc) {
    if (road->profile == PCT_PROFILE_RESPONSE) return graph_arc;
    return road->turns.vertex_arc[road->turns.turn_head[graph_arc]];
}

uint32_t pct_road_entry_ms(const pct_road *road, uint32_t graph_arc) {
    uint32_t tail = arc_tail(&road->network, pct_road_network_arc(road, graph_arc));
    if (road->profile == PCT_PROFILE_RESPONSE) return barrier_ms(road, tail);
    uint8_t kind = road->turns.turn_kind[graph_arc];
    bool back = kind / PCT_TURN_SITUATION_COUNT == PCT_TURN_BACK; /* in front of the barrier */
    return sum_ms(road->costs.turn_ms[kind], back ? 0 : barrier_ms(road, tail));
}

uint32_t pct_road_drive_ms(const pct_road *road, uint32_t network_arc) {
    if (road->drive_ms) return road->drive_ms[network_arc];
    uint32_t ms = road->metric.arc_ms[network_arc];
    return ms >= PCT_NO_WAY_MS ? ms : ms - pct_road_entry_ms(road, network_arc);
}

uint32_t pct_road_graph_ms(const pct_road *road, uint32_t graph_arc, uint32_t drive_ms) {
    uint32_t ms = sum_ms(drive_ms, pct_road_entry_ms(road, graph_arc));
    return ms < PCT_NO_WAY_MS ? ms : PCT_NO_WAY_MS;
}

void pct_road_graph_times(const pct_road *road, const uint32_t *drive_ms, uint32_t *graph_ms) {
    for (uint32_t e = 0; e < road->graph.arc_count; e++)
        graph_ms[e] = pct_road_graph_ms(road, e, drive_ms[pct_road_network_arc(road, e)]);
}

/* The turn from a vertex into any vertex of an arc: there is at most one. */
static uint32_t turn_into(const pct_turns *t, uint32_t vertex, uint32_t network_arc) {
    for (uint32_t e = t->first_turn[vertex]; e < t->first_turn[vertex + 1]; e++)
        if (t->vertex_arc[t->turn_head[e]] == network_arc) return e;
    return PCT_NO_INDEX;
}

size_t pct_road_graph_arcs(const pct_road *road, uint32_t segment, bool backward,
                           uint32_t graph_arcs[PCT_ROAD_ARRIVALS_MAX]) {
    const pct_turns *t = &road->turns;
    uint32_t arc = pct_road_arc_of(&road->network, segment, backward);
    size_t count = 0;
    if (arc == PCT_NO_INDEX) return 0;
    if (road->profile == PCT_PROFILE_RESPONSE) {
        graph_arcs[0] = arc;
        return 1;
    }
    uint32_t tail = arc_tail(&road->network, arc);
    for (uint32_t i = t->first_into[tail]; i < t->first_into[tail + 1]; i++) {
        uint32_t e = turn_into(t, t->into[i], arc);
        if (e != PCT_NO_INDEX) graph_arcs[count++] = e;
    }
    return count;
}

/* --- pieces of a segment ----------------------------------------------------------------------------------------- */

/* Differences of times since the arc's begin: pieces of one arc always add up to the arc. What opening a barrier takes
 * at its begin belongs to the piece that begins there. */
static uint32_t arc_piece_ms(const pct_road *road, uint32_t arc, uint32_t from_mm, uint32_t to_mm) {
    uint32_t driven = road->network.arc_segment[arc];
    uint64_t length_mm = road->network.segments[driven >> 1].length_mm;
    uint64_t ms = road->own_ms ? road->own_ms[arc] : pct_road_drive_ms(road, arc);
    uint64_t begin_mm = driven & 1 ? length_mm - from_mm : from_mm;
    uint64_t end_mm = driven & 1 ? length_mm - to_mm : to_mm;
    if (ms >= PCT_NO_WAY_MS) return PCT_NO_WAY_MS;
    uint32_t entry_ms =
        road->profile == PCT_PROFILE_RESPONSE && begin_mm == 0 ? pct_road_entry_ms(road, arc) : 0;
    return sum_ms(entry_ms, (uint32_t)(ms * end_mm / length_mm - ms * begin_mm / length_mm));
}

uint32_t pct_road_piece_ms(const pct_road *road, uint32_t segment, uint32_t from_mm, uint32_t to_mm) {
    if (from_mm == to_mm) return 0;
    uint32_t arc = pct_road_arc_of(&road->network, segment, from_mm > to_mm);
    return arc == PCT_NO_INDEX ? PCT_NO_WAY_MS : arc_piece_ms(road, arc, from_mm, to_mm);
}

/* The node that a point is, PCT_NO_INDEX inside its segment. */
static uint32_t node_of(const pct_road *road, pct_road_point point) {
    const pct_segment *s = &road->network.segments[point.segment];
    return point.offset_mm == 0 ? s->tail : point.offset_mm >= s->length_mm ? s->head : PCT_NO_INDEX;
}

/* --- profile response -------------------------------------------------------------------------------------------- */

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

/* The piece between a point and one end of its segment, if it can be driven. */
static int add_piece(const pct_road *road, pct_road_point point, bool at_head, bool toward,
                     pct_road_end *end) {
    const pct_segment *s = &road->network.segments[point.segment];
    uint32_t end_mm = at_head ? s->length_mm : 0;
    uint32_t from_mm = toward ? end_mm : point.offset_mm, to_mm = toward ? point.offset_mm : end_mm;
    uint32_t ms = pct_road_piece_ms(road, point.segment, from_mm, to_mm);
    if (ms >= PCT_NO_WAY_MS) return 0;
    *end = (pct_road_end){at_head ? s->head : s->tail, ms, point.segment, from_mm, to_mm};
    return 1;
}

static int response_ends(const pct_road *road, pct_road_point point, bool toward, pct_road_end *ends) {
    uint32_t node = node_of(road, point);
    if (node == PCT_NO_INDEX) {
        int count = add_piece(road, point, false, toward, ends);
        return count + add_piece(road, point, true, toward, ends + count);
    }
    ends[0] = (pct_road_end){node, 0, point.segment, point.offset_mm, point.offset_mm};
    if (!road->open || !is_cut_off(road, node, toward)) return 1;
    return 1 +
           add_piece(road, point, point.offset_mm == 0, toward, ends + 1); /* its own segment leads away */
}

/* --- profile patrol ---------------------------------------------------------------------------------------------- */

static bool is_driven(const pct_turns *t, uint32_t arc) {
    return arc != PCT_NO_INDEX && t->first_vertex[arc] < t->first_vertex[arc + 1];
}

/* Setting out: along an arc of the point's own segment, to its end. */
static int leave_along(const pct_road *road, pct_road_point point, bool backward, pct_road_end *end) {
    const pct_network *net = &road->network;
    uint32_t arc = pct_road_arc_of(net, point.segment, backward);
    if (!is_driven(&road->turns, arc)) return 0;
    uint32_t end_mm = backward ? 0 : net->segments[point.segment].length_mm;
    *end = (pct_road_end){road->turns.first_vertex[arc], arc_piece_ms(road, arc, point.offset_mm, end_mm),
                          point.segment, point.offset_mm, end_mm};
    return 1;
}

/* Arriving: from wherever one may turn into an arc of the point's own segment, from its begin. */
static int arrive_along(const pct_road *road, pct_road_point point, bool backward, pct_road_end *ends) {
    const pct_network *net = &road->network;
    const pct_turns *t = &road->turns;
    uint32_t arc = pct_road_arc_of(net, point.segment, backward);
    if (!is_driven(t, arc)) return 0;
    uint32_t tail = arc_tail(net, arc), begin_mm = backward ? net->segments[point.segment].length_mm : 0;
    uint32_t piece_ms = arc_piece_ms(road, arc, begin_mm, point.offset_mm);
    int count = 0;
    for (uint32_t i = t->first_into[tail]; i < t->first_into[tail + 1]; i++) {
        uint32_t e = turn_into(t, t->into[i], arc);
        uint32_t ms = e == PCT_NO_INDEX ? PCT_NO_WAY_MS : sum_ms(piece_ms, pct_road_entry_ms(road, e));
        if (ms < PCT_NO_WAY_MS)
            ends[count++] = (pct_road_end){t->into[i], ms, point.segment, begin_mm, point.offset_mm};
    }
    return count;
}

/* From a junction along every arc that leaves it, but those that are closed. */
static int leave_node(const pct_road *road, uint32_t node, pct_road_end *ends) {
    const pct_network *net = &road->network;
    int count = 0;
    for (uint32_t a = net->first_arc[node]; a < net->first_arc[node + 1]; a++) {
        if (!is_driven(&road->turns, a) || road->drive_ms[a] >= PCT_NO_WAY_MS) continue;
        uint32_t segment = net->arc_segment[a] >> 1, length_mm = net->segments[segment].length_mm;
        bool backward = net->arc_segment[a] & 1;
        ends[count++] = (pct_road_end){road->turns.first_vertex[a], road->drive_ms[a], segment,
                                       backward ? length_mm : 0, backward ? 0 : length_mm};
    }
    return count;
}

/* All arcs into a node are closed. */
static bool is_shut(const pct_road *road, uint32_t node) {
    const pct_turns *t = &road->turns;
    if (!road->open) return false;
    for (uint32_t i = t->first_into[node]; i < t->first_into[node + 1]; i++)
        if (road->drive_ms[t->vertex_arc[t->into[i]]] < PCT_NO_WAY_MS) return false;
    return true;
}

static int patrol_ends(const pct_road *road, pct_road_point point, bool toward, pct_road_end *ends) {
    const pct_turns *t = &road->turns;
    uint32_t node = node_of(road, point);
    int count = 0;
    if (node == PCT_NO_INDEX) {
        for (int backward = 0; backward <= 1; backward++)
            count += toward ? arrive_along(road, point, backward, ends + count)
                            : leave_along(road, point, backward, ends + count);
        return count;
    }
    bool at_tail = point.offset_mm == 0;
    if (!toward) {
        count = leave_node(road, node, ends);
        return count > 0 || !road->open ? count : leave_along(road, point, !at_tail, ends);
    }
    for (uint32_t i = t->first_into[node]; i < t->first_into[node + 1]; i++)
        ends[count++] = (pct_road_end){t->into[i], 0, point.segment, point.offset_mm, point.offset_mm};
    if (is_shut(road, node)) count += arrive_along(road, point, at_tail, ends + count);
    return count;
}

/* A junction's own arc to a point: inside a segment that begins there, or at its end when that is shut. */
static uint32_t from_junction_ms(const pct_road *road, uint32_t node, pct_road_point to,
                                 pct_road_end *piece) {
    const pct_network *net = &road->network;
    uint32_t to_node = node_of(road, to), best_ms = PCT_NO_WAY_MS;
    if (to_node == node) {
        *piece = (pct_road_end){PCT_NO_INDEX, 0, to.segment, to.offset_mm, to.offset_mm};
        return 0;
    }
    if (to_node != PCT_NO_INDEX && !is_shut(road, to_node)) return PCT_NO_WAY_MS; /* by the vertices */
    for (int backward = 0; backward <= 1; backward++) {
        uint32_t arc = pct_road_arc_of(net, to.segment, backward);
        uint32_t begin_mm = backward ? net->segments[to.segment].length_mm : 0;
        if (!is_driven(&road->turns, arc) || arc_tail(net, arc) != node) continue;
        uint32_t ms = arc_piece_ms(road, arc, begin_mm, to.offset_mm);
        if (ms >= best_ms) continue;
        best_ms = ms;
        *piece = (pct_road_end){PCT_NO_INDEX, ms, to.segment, begin_mm, to.offset_mm};
    }
    return best_ms;
}

/* --- both -------------------------------------------------------------------------------------------------------- */

int pct_road_ends(const pct_road *road, pct_road_point point, bool toward,
                  pct_road_end ends[PCT_ROAD_ENDS_MAX]) {
    return road->profile == PCT_PROFILE_RESPONSE ? response_ends(road, point, toward, ends)
                                                 : patrol_ends(road, point, toward, ends);
}

uint32_t pct_road_direct(const pct_road *road, pct_road_point from, pct_road_point to, pct_road_end *piece) {
    uint32_t from_node = node_of(road, from), to_node = node_of(road, to), ms = PCT_NO_WAY_MS;
    bool inside = from_node == PCT_NO_INDEX || to_node == PCT_NO_INDEX;
    /* From junction to junction: through the hierarchy, if the segment is open. */
    if (from.segment == to.segment && (from.offset_mm == to.offset_mm || inside || !road->open)) {
        ms = pct_road_piece_ms(road, from.segment, from.offset_mm, to.offset_mm);
        *piece = (pct_road_end){PCT_NO_INDEX, ms, from.segment, from.offset_mm, to.offset_mm};
    }
    if (road->profile == PCT_PROFILE_PATROL && from_node != PCT_NO_INDEX) {
        pct_road_end other;
        uint32_t other_ms = from_junction_ms(road, from_node, to, &other);
        if (other_ms < ms) {
            ms = other_ms;
            *piece = other;
        }
    }
    return ms < PCT_NO_WAY_MS ? ms : PCT_UNREACHABLE_MS;
}

uint32_t pct_road_along_ms(const pct_road *road, pct_road_point from, pct_road_point to) {
    pct_road_end piece;
    return pct_road_direct(road, from, to, &piece);
}
