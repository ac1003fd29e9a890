/* Angles are compared by cross and dot product on a plane at the junction. */
#include "road/turn_kinds.h"

#include <math.h>

#include "base/memory.h"

enum { ROADS_OF_A_JUNCTION = 3 };

bool pct_patrol_may_drive(const pct_network *network, uint32_t arc) {
    uint32_t s = network->arc_segment[arc];
    return (network->segments[s >> 1].flags & (s & 1 ? PCT_SEGMENT_BACKWARD : PCT_SEGMENT_FORWARD)) != 0;
}

/* Who gives way to whom: a link to its road, a small road to a larger one. */
static uint8_t importance_of(const pct_segment *s) {
    static const uint8_t of_class[PCT_ROAD_CLASS_COUNT] = {
        [PCT_ROAD_MOTORWAY] = 9,      [PCT_ROAD_MOTORWAY_LINK] = 8,  [PCT_ROAD_TRUNK] = 8,
        [PCT_ROAD_TRUNK_LINK] = 7,    [PCT_ROAD_PRIMARY] = 7,        [PCT_ROAD_PRIMARY_LINK] = 6,
        [PCT_ROAD_SECONDARY] = 6,     [PCT_ROAD_SECONDARY_LINK] = 5, [PCT_ROAD_TERTIARY] = 5,
        [PCT_ROAD_TERTIARY_LINK] = 4, [PCT_ROAD_UNCLASSIFIED] = 3,   [PCT_ROAD_RESIDENTIAL] = 3,
        [PCT_ROAD_LIVING_STREET] = 2, [PCT_ROAD_SERVICE] = 1};
    return of_class[s->road_class];
}

static void meet_road(pct_junction *j, uint8_t importance) {
    if (importance > j->importance) j->importance = importance;
    if (j->roads < ROADS_OF_A_JUNCTION) j->roads++;
}

pct_status pct_junctions_survey(const pct_network *network, pct_junction **out) {
    pct_junction *junctions = *out = pct_alloc_zeroed(network->node_count, sizeof *junctions);
    if (!junctions) return PCT_MEMORY;
    for (uint32_t i = 0; i < network->segment_count; i++) {
        const pct_segment *s = &network->segments[i];
        if (!(s->flags & (PCT_SEGMENT_FORWARD | PCT_SEGMENT_BACKWARD))) continue;
        meet_road(&junctions[s->tail], importance_of(s));
        meet_road(&junctions[s->head], importance_of(s));
    }
    for (uint32_t v = 0; v < network->node_count; v++)
        junctions[v].lon_scale = cos(pct_position_lat_deg(network->node_position[v]) * acos(-1.0) / 180.0);
    return PCT_OK;
}

/* The point of a segment's line next to one of its ends, as the way there leads. */
static pct_position beside(const pct_network *net, uint32_t segment, bool at_head) {
    const pct_segment *s = &net->segments[segment];
    uint32_t end = segment + 1 < net->segment_count ? s[1].shape_at : net->shape_count;
    uint32_t count = end - s->shape_at;
    pct_position here = net->node_position[at_head ? s->head : s->tail];
    for (uint32_t i = 0; i < count; i++) {
        pct_position p = net->shapes[at_head ? end - 1 - i : s->shape_at + i];
        if (p.lon_e7 != here.lon_e7 || p.lat_e7 != here.lat_e7) return p;
    }
    return net->node_position[at_head ? s->tail : s->head];
}

static pct_turn direction_of(const pct_network *net, double lon_scale, uint32_t node, uint32_t from,
                             uint32_t to) {
    pct_position here = net->node_position[node];
    pct_position p = beside(net, from >> 1, !(from & 1)), q = beside(net, to >> 1, to & 1);
    double in_x = ((double)here.lon_e7 - p.lon_e7) * lon_scale, in_y = (double)here.lat_e7 - p.lat_e7;
    double out_x = ((double)q.lon_e7 - here.lon_e7) * lon_scale, out_y = (double)q.lat_e7 - here.lat_e7;
    double dot = in_x * out_x + in_y * out_y, cross = in_x * out_y - in_y * out_x;
    if (fabs(cross) <= dot) return PCT_TURN_STRAIGHT;
    return cross < 0.0 ? PCT_TURN_RIGHT : PCT_TURN_LEFT;
}

uint8_t pct_turn_kind(const pct_network *net, const pct_junction *junctions, uint32_t arc, uint32_t next) {
    uint32_t from = net->arc_segment[arc], to = net->arc_segment[next], node = net->arc_head[arc];
    const pct_segment *s = &net->segments[from >> 1], *t = &net->segments[to >> 1];
    const pct_junction *j = &junctions[node];
    bool in_round = s->flags & PCT_SEGMENT_ROUNDABOUT, out_round = t->flags & PCT_SEGMENT_ROUNDABOUT;
    bool signals = net->node_marks[node] & PCT_NODE_SIGNALS;
    bool yields = importance_of(s) < j->importance;
    pct_turn turn = PCT_TURN_RIGHT;
    if (to == (from ^ 1)) {
        turn = PCT_TURN_BACK;
    } else if (in_round || out_round) {
        yields = !in_round;
        if (in_round && out_round) turn = PCT_TURN_STRAIGHT;
    } else if (j->roads < ROADS_OF_A_JUNCTION) {
        turn = signals ? PCT_TURN_STRAIGHT : PCT_TURN_BEND;
        yields = false;
    } else {
        turn = direction_of(net, j->lon_scale, node, from, to);
    }
    pct_turn_situation situation = signals  ? PCT_TURN_AT_SIGNALS
                                   : yields ? PCT_TURN_AT_YIELD
                                            : PCT_TURN_AT_PRIORITY;
    return (uint8_t)((int)turn * PCT_TURN_SITUATION_COUNT + (int)situation);
}
