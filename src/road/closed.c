#include "road/closed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "geo/polygon.h"

enum { LINE_MAX = 1 << 16, HALF_TURN_DEG = 180, TURN_DEG = 360 };

/* --- roads as events name them ------------------------------------------------------------------------------------ */

pct_road_ref pct_closed_ref(const pct_network *net, uint32_t segment, bool backward) {
    const pct_segment *s = &net->segments[segment];
    return (pct_road_ref){s->way, net->node_source[backward ? s->head : s->tail],
                          net->node_source[backward ? s->tail : s->head]};
}

pct_position pct_closed_middle(const pct_road *road, uint32_t segment) {
    return pct_road_point_position(road,
                                   (pct_road_point){segment, road->network.segments[segment].length_mm / 2});
}

bool pct_closed_is_along(const pct_network *net, uint32_t segment, int64_t bearing_deg) {
    const pct_segment *s = &net->segments[segment];
    pct_position a = net->node_position[s->tail], b = net->node_position[s->head];
    double east = (double)(b.lon_e7 - a.lon_e7) * cos(pct_position_lat_deg(a) * acos(-1.0) / HALF_TURN_DEG);
    double north = (double)(b.lat_e7 - a.lat_e7);
    double course_deg = atan2(east, north) * HALF_TURN_DEG / acos(-1.0);
    double turn_deg = fabs(remainder(course_deg - (double)bearing_deg, TURN_DEG));
    return turn_deg <= HALF_TURN_DEG / 2.0;
}

typedef struct search {
    const pct_road *road;
    pct_road_ref ref;
    pct_position middle;
    uint32_t segment;
    double distance_m;
} search;

/* The segments that can be driven out of a node. */
static void look_around(search *s, int64_t source) {
    const pct_network *net = &s->road->network;
    pct_node node = pct_network_node_by_source(net, source);
    if (node.index == PCT_NO_INDEX) return;
    for (uint32_t a = net->first_arc[node.index]; a < net->first_arc[node.index + 1]; a++) {
        uint32_t segment = net->arc_segment[a] >> 1;
        pct_road_ref there = pct_closed_ref(net, segment, false);
        bool same = (there.from == s->ref.from && there.to == s->ref.to) ||
                    (there.from == s->ref.to && there.to == s->ref.from);
        if (there.way != s->ref.way || !same) continue;
        double distance_m = pct_geo_distance_m(pct_closed_middle(s->road, segment), s->middle);
        if (distance_m > s->distance_m) continue;
        s->segment = segment;
        s->distance_m = distance_m;
    }
}

pct_status pct_closed_find_named(const pct_road *road, pct_road_ref ref, uint32_t *segment) {
    const pct_network *net = &road->network;
    pct_node node = pct_network_node_by_source(net, ref.from);
    if (node.index == PCT_NO_INDEX) return PCT_NOT_FOUND;
    search s = {road, ref, net->node_position[node.index], PCT_NO_INDEX, INFINITY};
    look_around(&s, ref.from);
    look_around(&s, ref.to);
    *segment = s.segment;
    return s.segment == PCT_NO_INDEX ? PCT_NOT_FOUND : PCT_OK;
}

pct_status pct_closed_find(const pct_road *road, pct_road_ref ref, pct_position middle, uint32_t *segment,
                           bool *backward, pct_error *error) {
    search s = {road, ref, middle, PCT_NO_INDEX, PCT_CLOSED_NEAR_M};
    look_around(&s, ref.from);
    look_around(&s, ref.to);
    if (s.segment == PCT_NO_INDEX) {
        pct_road_point point;
        double distance_m;
        pct_status status = pct_road_snap(road, middle, PCT_CLOSED_NEAR_M, &point, &distance_m, error);
        if (status) return status;
        s.segment = point.segment;
    }
    *segment = s.segment;
    *backward = road->network.node_source[road->network.segments[s.segment].tail] != ref.from;
    return PCT_OK;
}

/* --- areas -------------------------------------------------------------------------------------------------------- */

typedef struct area {
    const pct_road *road;
    pct_shape shape;
    const pct_position *ring; /* closed */
    size_t ring_count, most;
    pct_vector line; /* of pct_position: the segment that is looked at */
    pct_vector *found;
    bool too_many, failed;
} area;

/* On which side of a–b a point lies. Spans are bounded, so the products fit. */
static int side_of(pct_position a, pct_position b, pct_position p) {
    int64_t cross = ((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)p.lat_e7 - a.lat_e7) -
                    ((int64_t)b.lat_e7 - a.lat_e7) * ((int64_t)p.lon_e7 - a.lon_e7);
    return (cross > 0) - (cross < 0);
}

static bool within(int32_t a, int32_t b, int32_t p) {
    return a < b ? a <= p && p <= b : b <= p && p <= a;
}

static bool lies_on(pct_position a, pct_position b, pct_position p) {
    return side_of(a, b, p) == 0 && within(a.lon_e7, b.lon_e7, p.lon_e7) &&
           within(a.lat_e7, b.lat_e7, p.lat_e7);
}

/* Two pieces that touch or cross. */
static bool meet(pct_position a, pct_position b, pct_position c, pct_position d) {
    if (side_of(a, b, c) * side_of(a, b, d) < 0 && side_of(c, d, a) * side_of(c, d, b) < 0) return true;
    return lies_on(a, b, c) || lies_on(a, b, d) || lies_on(c, d, a) || lies_on(c, d, b);
}

static bool take_line(area *w, uint32_t segment) {
    size_t count = 0;
    pct_network_segment_line(&w->road->network, segment, false, NULL, &count);
    w->line.length = 0;
    for (size_t i = 0; i < count; i++)
        if (!pct_vector_push(&w->line)) return false;
    pct_network_segment_line(&w->road->network, segment, false, w->line.items, &count);
    return true;
}

static bool touches(const area *w) {
    const pct_position *line = w->line.items;
    for (size_t i = 0; i < w->line.length; i++)
        if (pct_shape_contains(&w->shape, line[i])) return true;
    for (size_t i = 1; i < w->line.length; i++)
        for (size_t r = 1; r < w->ring_count; r++)
            if (meet(line[i - 1], line[i], w->ring[r - 1], w->ring[r])) return true;
    return false;
}

static bool visit(void *context, uint32_t segment) {
    area *w = context;
    if (!take_line(w, segment)) return !(w->failed = true);
    if (!touches(w)) return true;
    if (w->found->length >= w->most) return !(w->too_many = true);
    uint32_t *room = pct_vector_push(w->found);
    if (!room) return !(w->failed = true);
    *room = segment;
    return true;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

pct_status pct_closed_in_area(const pct_road *road, const pct_position *ring, size_t count, size_t most,
                              pct_vector *segments, pct_error *error) {
    pct_position *closed = pct_alloc(count + 1, sizeof *closed);
    if (!closed) return pct_error_memory(error, (count + 1) * sizeof *closed);
    for (size_t i = 0; i < count; i++) closed[i] = ring[i];
    closed[count] = ring[0];
    pct_ring outline = {closed, count + 1};
    pct_polygon polygon = {&outline, 1};
    area w = {.road = road,
              .shape = {&polygon, 1, pct_shape_box(&polygon, 1)},
              .ring = closed,
              .ring_count = count + 1,
              .most = most,
              .line = pct_vector_init(sizeof(pct_position), LINE_MAX),
              .found = segments};
    pct_box box = w.shape.box;
    pct_status status = PCT_OK;
    if ((int64_t)box.max.lon_e7 - box.min.lon_e7 > PCT_CLOSED_SPAN_MAX_E7 ||
        (int64_t)box.max.lat_e7 - box.min.lat_e7 > PCT_CLOSED_SPAN_MAX_E7)
        w.too_many = true;
    else
        pct_tree_query(&road->tree, box, visit, &w);
    if (w.failed)
        status = pct_error_memory(error, most * sizeof(uint32_t));
    else if (w.too_many)
        status = PCT_FAIL(error, PCT_LIMIT, PCT_MSG_CLOSED_AREA_LARGE, pct_int((int64_t)most));
    else if (segments->length > 0)
        qsort(segments->items, segments->length, sizeof(uint32_t), by_number);
    pct_vector_dispose(&w.line);
    pct_free(closed);
    return status;
}

/* --- the road without them ---------------------------------------------------------------------------------------- */

/* At most so fast, and never faster than before. */
static uint32_t slowed_ms(uint32_t open_ms, uint32_t length_mm, uint32_t speed_kmh) {
    uint64_t ms = (UINT64_C(36) * length_mm + 10 * speed_kmh - 1) / (10 * speed_kmh);
    if (ms >= PCT_NO_WAY_MS) ms = PCT_NO_WAY_MS - 1;
    return ms > open_ms ? (uint32_t)ms : open_ms;
}

typedef struct times {
    uint32_t ms, own_ms;
} times;

/* Of several closures the strictest counts. Times are those to drive an arc of the network. */
static times restricted(times before, const pct_closed_segment *c, uint32_t length_mm) {
    times after = before;
    if (c->speed_kmh == 0)
        after.ms = PCT_NO_WAY_MS;
    else
        after.own_ms = slowed_ms(before.own_ms, length_mm, c->speed_kmh);
    if (after.ms < after.own_ms) after.ms = after.own_ms;
    return after;
}

/* The arc of a segment in a direction that a closure is about; PCT_NO_INDEX when nobody may drive it or it is not. */
static uint32_t arc_of(const pct_network *net, const pct_closed_segment *c, bool backward) {
    if (backward ? !c->backward : !c->forward) return PCT_NO_INDEX;
    return pct_road_arc_of(net, c->segment, backward);
}

void pct_closed_want(pct_road_pair *pair, unsigned which, const pct_closed_segment *lifted,
                     size_t lifted_count, const pct_closed_segment *closed, size_t count) {
    const pct_road *open = pct_road_pair_open(pair, which);
    for (size_t i = 0; i < lifted_count * 2; i++) {
        uint32_t arc = arc_of(&open->network, &lifted[i / 2], i & 1);
        if (arc == PCT_NO_INDEX) continue;
        uint32_t ms = pct_road_pair_base_ms(pair, which, arc);
        pct_road_pair_want(pair, which, arc, ms, ms);
    }
    for (size_t i = 0; i < count * 2; i++) {
        uint32_t arc = arc_of(&open->network, &closed[i / 2], i & 1);
        if (arc == PCT_NO_INDEX) continue;
        times before = {pct_road_pair_wanted_ms(pair, which, arc),
                        pct_road_pair_wanted_own_ms(pair, which, arc)};
        times after =
            restricted(before, &closed[i / 2], open->network.segments[closed[i / 2].segment].length_mm);
        pct_road_pair_want(pair, which, arc, after.ms, after.own_ms);
    }
}

/* `drive_ms` [network arcs] are the times with nothing closed, and become those of the new road. */
static pct_status close_over(const pct_road *open, uint32_t *drive_ms, const pct_closed_segment *closed,
                             size_t count, pct_road **out, pct_error *error) {
    const pct_network *net = &open->network;
    uint32_t *own_ms = pct_alloc(net->arc_count, sizeof *own_ms);
    pct_road *road = pct_alloc(1, sizeof *road);
    if (!own_ms || !road) {
        pct_free(own_ms);
        pct_free(road);
        return pct_error_memory(error, net->arc_count * sizeof *own_ms);
    }
    *road = *open;
    road->open = open;
    road->own_ms = own_ms;
    memcpy(own_ms, drive_ms, net->arc_count * sizeof *own_ms);
    for (size_t i = 0; i < count * 2; i++) {
        uint32_t arc = arc_of(net, &closed[i / 2], i & 1);
        if (arc == PCT_NO_INDEX) continue;
        times t = restricted((times){drive_ms[arc], own_ms[arc]}, &closed[i / 2],
                             net->segments[closed[i / 2].segment].length_mm);
        drive_ms[arc] = t.ms, own_ms[arc] = t.own_ms;
    }
    pct_status status = pct_road_set_times(road, drive_ms, error);
    if (status)
        pct_road_free(road);
    else
        *out = road;
    return status;
}

pct_status pct_road_close(const pct_road *open, const pct_closed_segment *closed, size_t count,
                          pct_road **out, pct_error *error) {
    uint32_t arcs = open->network.arc_count;
    uint32_t *drive_ms = pct_alloc(arcs, sizeof *drive_ms);
    if (!drive_ms) return pct_error_memory(error, arcs * sizeof *drive_ms);
    for (uint32_t a = 0; a < arcs; a++) drive_ms[a] = pct_road_drive_ms(open, a);
    pct_status status = close_over(open, drive_ms, closed, count, out, error);
    pct_free(drive_ms);
    return status;
}

pct_status pct_road_close_with_times(const pct_road *open, const uint32_t *drive_ms, double max_speed_mps,
                                     const pct_closed_segment *closed, size_t count, pct_road **out,
                                     pct_error *error) {
    uint32_t arcs = open->network.arc_count;
    uint32_t *own = pct_alloc(arcs, sizeof *own);
    if (!own) return pct_error_memory(error, arcs * sizeof *own);
    memcpy(own, drive_ms, arcs * sizeof *own);
    pct_status status = close_over(open, own, closed, count, out, error);
    pct_free(own);
    if (status) return status;
    (*out)->max_speed_mps = max_speed_mps;
    (*out)->crow = pct_crow_of(&open->network, drive_ms);
    return PCT_OK;
}
