#include "road/index_check.h"

#include <string.h>

#include "base/memory.h"

/* first[0] = 0, never falling, first[count] = total. */
static bool is_prefix(const uint32_t *first, uint32_t count, uint32_t total) {
    if (first[0] != 0 || first[count] != total) return false;
    for (uint32_t i = 0; i < count; i++)
        if (first[i] > first[i + 1]) return false;
    return true;
}

static pct_message segments_fault(const pct_network *net) {
    for (uint32_t i = 0; i < net->segment_count; i++) {
        const pct_segment *s = &net->segments[i];
        uint32_t shape_end = i + 1 < net->segment_count ? s[1].shape_at : net->shape_count;
        if (s->tail >= net->node_count || s->head >= net->node_count) return PCT_MSG_INDEX_FAULT_SEGMENT_END;
        if (s->shape_at > shape_end || shape_end > net->shape_count) return PCT_MSG_INDEX_FAULT_SEGMENT_SHAPE;
        if (s->name >= net->name_count || s->name_en >= net->name_count)
            return PCT_MSG_INDEX_FAULT_SEGMENT_NAME;
        if (s->road_class >= PCT_ROAD_CLASS_COUNT || s->length_mm == 0)
            return PCT_MSG_INDEX_FAULT_SEGMENT_CLASS;
    }
    return PCT_MSG_NONE;
}

static pct_message arcs_fault(const pct_network *net) {
    if (!is_prefix(net->first_arc, net->node_count, net->arc_count)) return PCT_MSG_INDEX_FAULT_ARC_ORDER;
    for (uint32_t v = 0; v < net->node_count; v++)
        for (uint32_t a = net->first_arc[v]; a < net->first_arc[v + 1]; a++) {
            uint32_t segment = net->arc_segment[a] >> 1;
            if (segment >= net->segment_count) return PCT_MSG_INDEX_FAULT_ARC_SEGMENT;
            const pct_segment *s = &net->segments[segment];
            bool backward = net->arc_segment[a] & 1;
            if ((backward ? s->head : s->tail) != v || (backward ? s->tail : s->head) != net->arc_head[a])
                return PCT_MSG_INDEX_FAULT_ARC_ENDS;
            if (a > net->first_arc[v] && net->arc_segment[a] <= net->arc_segment[a - 1])
                return PCT_MSG_INDEX_FAULT_ARC_ORDER;
        }
    return PCT_MSG_NONE;
}

static pct_message nodes_fault(const pct_network *net) {
    for (uint32_t v = 0; v < net->node_count; v++) {
        uint32_t s = net->node_segment[v];
        if (s != PCT_NO_INDEX &&
            (s >= net->segment_count || (net->segments[s].tail != v && net->segments[s].head != v)))
            return PCT_MSG_INDEX_FAULT_NODE_SEGMENT;
        if (pct_node_barrier(net->node_marks[v]) >= PCT_BARRIER_COUNT) return PCT_MSG_INDEX_FAULT_NODE_MARKS;
        if (net->node_component[v] >= net->node_count) return PCT_MSG_INDEX_FAULT_NODE_PART;
        if (net->node_by_source[v] >= net->node_count) return PCT_MSG_INDEX_FAULT_NODE_ORDER;
        int64_t source = net->node_source[net->node_by_source[v]];
        if (net->has_text_ids && (source < 0 || source >= net->name_count))
            return PCT_MSG_INDEX_FAULT_NODE_ID;
        if (v > 0 &&
            pct_network_compare_sources(net, net->node_source[net->node_by_source[v - 1]], source) > 0)
            return PCT_MSG_INDEX_FAULT_NODE_ORDER;
    }
    return PCT_MSG_NONE;
}

static pct_message restrictions_fault(const pct_network *net) {
    for (uint32_t i = 0; i < net->restriction_count; i++) {
        const pct_restriction *r = &net->restrictions[i];
        if (r->from_segment >= net->segment_count || r->to_segment >= net->segment_count ||
            r->via_node >= net->node_count || r->via_segment_at > net->via_segment_count ||
            r->via_segment_count > net->via_segment_count - r->via_segment_at)
            return PCT_MSG_INDEX_FAULT_RESTRICTION;
    }
    for (uint32_t i = 0; i < net->via_segment_count; i++)
        if (net->via_segments[i] >= net->segment_count) return PCT_MSG_INDEX_FAULT_RESTRICTION;
    return PCT_MSG_NONE;
}

pct_message pct_network_fault(const pct_network *net) {
    if (net->node_count == 0 || net->name_count == 0) return PCT_MSG_INDEX_FAULT_COUNTS;
    if (!is_prefix(net->name_at, net->name_count, net->name_bytes)) return PCT_MSG_INDEX_FAULT_NAMES;
    pct_message fault = segments_fault(net);
    if (!fault) fault = arcs_fault(net);
    if (!fault) fault = nodes_fault(net);
    return fault ? fault : restrictions_fault(net);
}

/* The vertices of each arc that general traffic may drive, and of no other. */
static bool vertices_are_sound(const pct_network *net, const pct_turns *t) {
    if (!is_prefix(t->first_vertex, net->arc_count, t->vertex_count)) return false;
    for (uint32_t a = 0; a < net->arc_count; a++) {
        if ((t->first_vertex[a] < t->first_vertex[a + 1]) != pct_patrol_may_drive(net, a)) return false;
        for (uint32_t v = t->first_vertex[a]; v < t->first_vertex[a + 1]; v++)
            if (t->vertex_arc[v] != a) return false;
    }
    return true;
}

static bool arrivals_are_sound(const pct_network *net, const pct_turns *t) {
    if (!is_prefix(t->first_into, net->node_count, t->vertex_count)) return false;
    for (uint32_t n = 0; n < net->node_count; n++) {
        uint32_t out = 0;
        for (uint32_t a = net->first_arc[n]; a < net->first_arc[n + 1]; a++)
            out += pct_patrol_may_drive(net, a);
        if (out > PCT_TURNS_AT_NODE_MAX || t->first_into[n + 1] - t->first_into[n] > PCT_TURNS_AT_NODE_MAX)
            return false;
        for (uint32_t i = t->first_into[n]; i < t->first_into[n + 1]; i++)
            if (t->into[i] >= t->vertex_count || net->arc_head[t->vertex_arc[t->into[i]]] != n ||
                (i > t->first_into[n] && t->into[i] <= t->into[i - 1]))
                return false;
    }
    return true;
}

static bool turns_are_sound(const pct_network *net, const pct_turns *t) {
    if (!is_prefix(t->first_turn, t->vertex_count, t->turn_count)) return false;
    for (uint32_t v = 0; v < t->vertex_count; v++)
        for (uint32_t e = t->first_turn[v]; e < t->first_turn[v + 1]; e++) {
            if (t->turn_head[e] >= t->vertex_count || t->turn_kind[e] >= PCT_TURN_KINDS) return false;
            uint32_t driven = net->arc_segment[t->vertex_arc[t->turn_head[e]]];
            const pct_segment *s = &net->segments[driven >> 1];
            if ((driven & 1 ? s->head : s->tail) != net->arc_head[t->vertex_arc[v]]) return false;
            /* At most one turn into each arc, in their order. */
            if (e > t->first_turn[v] && t->vertex_arc[t->turn_head[e]] <= t->vertex_arc[t->turn_head[e - 1]])
                return false;
        }
    return true;
}

pct_message pct_turns_fault(const pct_network *net, const pct_turns *t) {
    if (!vertices_are_sound(net, t)) return PCT_MSG_INDEX_FAULT_TURN_VERTEX;
    if (!arrivals_are_sound(net, t)) return PCT_MSG_INDEX_FAULT_TURN_ARRIVAL;
    return turns_are_sound(net, t) ? PCT_MSG_NONE : PCT_MSG_INDEX_FAULT_TURN;
}

static pct_message ranks_fault(const pct_hierarchy *h) {
    for (uint32_t r = 0; r < h->node_count; r++)
        if (h->rank_node[r] >= h->node_count || h->node_rank[h->rank_node[r]] != r)
            return PCT_MSG_INDEX_FAULT_CONTRACTION;
    if (!is_prefix(h->first_up, h->node_count, h->arc_count)) return PCT_MSG_INDEX_FAULT_UPWARD;
    if (!is_prefix(h->first_down, h->node_count, h->arc_count)) return PCT_MSG_INDEX_FAULT_DOWNWARD;
    for (uint32_t x = 0; x < h->node_count; x++) {
        for (uint32_t a = h->first_up[x]; a < h->first_up[x + 1]; a++) {
            uint32_t above = a > h->first_up[x] ? h->up_head[a - 1] : x;
            if (h->up_head[a] >= h->node_count || h->up_head[a] <= above || h->up_tail[a] != x)
                return PCT_MSG_INDEX_FAULT_UPWARD;
        }
        for (uint32_t i = h->first_down[x]; i < h->first_down[x + 1]; i++) {
            uint32_t a = h->down_arc[i];
            if (a >= h->arc_count || h->up_head[a] != x) return PCT_MSG_INDEX_FAULT_DOWNWARD;
            if (i > h->first_down[x] && a <= h->down_arc[i - 1]) return PCT_MSG_INDEX_FAULT_DOWNWARD;
        }
    }
    return PCT_MSG_NONE;
}

/* Chordality: what lies above x lies above x's parent, save the parent itself. Queries and customization rely on
 * it without looking. */
static pct_message closure_fault(const pct_hierarchy *h, uint32_t *mark) {
    memset(mark, 0xFF, h->node_count * sizeof *mark);
    for (uint32_t x = 0; x < h->node_count; x++) {
        uint32_t parent = pct_hierarchy_parent(h, x);
        if (parent == PCT_NO_INDEX) continue;
        for (uint32_t a = h->first_up[parent]; a < h->first_up[parent + 1]; a++) mark[h->up_head[a]] = x;
        for (uint32_t a = h->first_up[x] + 1; a < h->first_up[x + 1]; a++)
            if (mark[h->up_head[a]] != x) return PCT_MSG_INDEX_FAULT_SHORTCUTS;
    }
    return PCT_MSG_NONE;
}

static pct_message places_fault(const pct_graph *graph, const pct_hierarchy *h) {
    for (uint32_t v = 0; v < graph->node_count; v++)
        for (uint32_t a = graph->first_arc[v]; a < graph->first_arc[v + 1]; a++) {
            uint32_t place = h->arc_place[a], x = h->node_rank[v], y = h->node_rank[graph->arc_head[a]];
            if (x == y && place == PCT_NO_INDEX) continue;
            if (x == y || place == PCT_NO_INDEX || place >> 1 >= h->arc_count)
                return PCT_MSG_INDEX_FAULT_ROAD_PLACE;
            bool down = place & 1;
            if (h->up_tail[place >> 1] != (down ? y : x) || h->up_head[place >> 1] != (down ? x : y))
                return PCT_MSG_INDEX_FAULT_ROAD_PLACE;
        }
    return PCT_MSG_NONE;
}

pct_message pct_hierarchy_fault(const pct_graph *graph, const pct_hierarchy *h, pct_status *status) {
    *status = PCT_OK;
    pct_message fault = ranks_fault(h);
    if (fault) return fault;
    uint32_t *mark = pct_alloc(h->node_count, sizeof *mark);
    if (!mark) {
        *status = PCT_MEMORY;
        return PCT_MSG_NONE;
    }
    fault = closure_fault(h, mark);
    pct_free(mark);
    return fault ? fault : places_fault(graph, h);
}

pct_message pct_dots_fault(const pct_dots *dots, uint32_t segment_count) {
    if (dots->count < PCT_DOTS_SPARE) return PCT_MSG_INDEX_FAULT_DOTS;
    const uint32_t count = dots->count - PCT_DOTS_SPARE;
    for (uint32_t s = 0; s < segment_count; s++)
        if (dots->runs[s].at > count || dots->runs[s].count > count - dots->runs[s].at)
            return PCT_MSG_INDEX_FAULT_DOTS;
    return PCT_MSG_NONE;
}
