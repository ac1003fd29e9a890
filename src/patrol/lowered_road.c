/* Walking and cycling are reckoned on the roads that response units know, in either direction at one pace: paths that only people on foot
 * may use are not in the network, so that these times are rather too long. */
#include "patrol/lowered_road.h"

#include <math.h>
#include <stdlib.h>

#include "geo/polygon.h"
#include "road/closed.h"

enum { PLACES_MAX = 20000, CLOSED_MAX = 100000, MS_PER_S = 1000, MM_PER_M = 1000 };
static const double pace_mps[PCT_DUTY_MOVES] = {[PCT_DUTY_WALK] = 1.3, [PCT_DUTY_CYCLE] = 4.0};
static const double detour_factor = 2.0, detour_m = 200.0, same_share = 0.9;

static pct_status close_forbidden(const pct_duty *duty, pct_duty_ground *g, pct_error *error) {
    pct_vector segments = pct_vector_init(sizeof(uint32_t), CLOSED_MAX);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < duty->forbidden_count && !status; i++)
        status = pct_closed_in_area(g->roads->response, duty->forbidden[i].positions,
                                    duty->forbidden[i].count, CLOSED_MAX, &segments, error);
    pct_closed_segment *closed = NULL;
    if (!status && segments.length) {
        closed = pct_alloc(segments.length, sizeof *closed);
        if (!closed) status = pct_error_memory(error, segments.length * sizeof *closed);
    }
    for (size_t i = 0; closed && i < segments.length; i++)
        closed[i] = (pct_closed_segment){((const uint32_t *)segments.items)[i], true, true, 0};
    for (size_t b = 0; b < g->roads->band_count && closed && !status; b++) {
        status = pct_road_close(g->roads->bands[b], closed, segments.length, &g->closed[b], error);
        if (!status) g->bands[b] = g->closed[b];
    }
    pct_free(closed);
    pct_vector_dispose(&segments);
    return status;
}

pct_status pct_duty_ground_open(const pct_duty *duty, const pct_duty_roads *roads, pct_duty_ground *g,
                                pct_error *error) {
    *g = (pct_duty_ground){.roads = roads};
    g->places = pct_vector_init(sizeof(pct_duty_place), PLACES_MAX);
    g->place_at = pct_map_init(PLACES_MAX);
    g->journey = pct_journey_init();
    g->other = pct_journey_init();
    g->bands = pct_alloc_zeroed(roads->band_count, sizeof *g->bands);
    g->closed = pct_alloc_zeroed(roads->band_count, sizeof *g->closed);
    g->routers = pct_alloc_zeroed(roads->band_count, sizeof *g->routers);
    if (!g->bands || !g->closed || !g->routers)
        return pct_error_memory(error, roads->band_count * sizeof *g->bands);
    for (size_t b = 0; b < roads->band_count; b++) g->bands[b] = roads->bands[b];
    pct_status status = duty->forbidden_count ? close_forbidden(duty, g, error) : PCT_OK;
    for (size_t b = 0; b < roads->band_count && !status; b++)
        status = pct_router_new(g->bands[b], &g->routers[b], error);
    return status;
}

void pct_duty_ground_close(pct_duty_ground *g) {
    for (size_t b = 0; g->routers && g->closed && b < g->roads->band_count; b++) {
        pct_router_free(g->routers[b]);
        pct_road_free(g->closed[b]);
    }
    pct_free(g->bands);
    pct_free(g->closed);
    pct_free(g->routers);
    pct_vector_dispose(&g->places);
    pct_map_dispose(&g->place_at);
    pct_journey_dispose(&g->journey);
    pct_journey_dispose(&g->other);
}

static pct_status snap(const pct_duty_ground *g, pct_position position, pct_road_point *point, bool *found) {
    double distance_m;
    pct_error why;
    pct_status status = pct_road_snap(g->bands[0], position, PCT_DUTY_SNAP_MAX_M, point, &distance_m, &why);
    *found = status == PCT_OK;
    return status == PCT_NOT_FOUND ? PCT_OK : status;
}

pct_status pct_duty_ground_place(pct_duty_ground *g, pct_position position, pct_duty_moves moves,
                                 int32_t *out, pct_error *error) {
    pct_road_point point;
    bool found;
    *out = PCT_DUTY_NONE;
    pct_status status = snap(g, position, &point, &found);
    if (status || !found) return status;
    uint64_t key = ((uint64_t)point.segment << 32 | point.offset_mm) * PCT_DUTY_MOVES + moves;
    uint32_t number, next = (uint32_t)g->places.length;
    if (pct_map_add(&g->place_at, key, next, &number))
        return pct_map_failed(&g->place_at, PCT_MSG_DUTY_PLACES, error);
    *out = (int32_t)number;
    if (number != next) return PCT_OK;
    pct_duty_place *place = pct_vector_push(&g->places);
    if (!place) return pct_vector_failed(&g->places, PCT_MSG_DUTY_PLACES, error);
    *place = (pct_duty_place){point, moves};
    return PCT_OK;
}

int64_t pct_duty_pace_ms(pct_duty_moves moves, double metres) {
    return llround(metres / pace_mps[moves] * MS_PER_S);
}

static int by_number(const void *a, const void *b) {
    uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return p < q ? -1 : p > q;
}

static uint32_t leg_mm(const pct_route_leg *leg) {
    return leg->from_mm < leg->to_mm ? leg->to_mm - leg->from_mm : leg->from_mm - leg->to_mm;
}

/* The share of the line's length that the other way drives too. */
static pct_status same_roads(const pct_journey *line, const pct_journey *other, double *share,
                             pct_error *error) {
    const pct_route_leg *legs = line->legs.items, *others = other->legs.items;
    size_t count = other->legs.length;
    uint32_t *segments = pct_alloc(count ? count : 1, sizeof *segments);
    if (!segments) return pct_error_memory(error, count * sizeof *segments);
    for (size_t i = 0; i < count; i++) segments[i] = others[i].segment;
    qsort(segments, count, sizeof *segments, by_number);
    uint64_t all_mm = 0, same_mm = 0;
    for (size_t i = 0; i < line->legs.length; i++) {
        all_mm += leg_mm(&legs[i]);
        if (bsearch(&legs[i].segment, segments, count, sizeof *segments, by_number))
            same_mm += leg_mm(&legs[i]);
    }
    *share = all_mm ? (double)same_mm / (double)all_mm : 1.0;
    pct_free(segments);
    return PCT_OK;
}

/* Driving through the points in the slowest band; PCT_DUTY_NONE when no way leads through them. */
static pct_status drive(pct_duty_ground *g, const pct_road_point *points, size_t count, pct_journey *journey,
                        int64_t *slowest_ms, pct_error *error) {
    *slowest_ms = PCT_DUTY_NONE;
    for (size_t b = g->roads->band_count; b-- > 0;) { /* the first band's way stays in the journey */
        pct_status status = pct_journey_find(g->routers[b], points, count, journey, error);
        if (status == PCT_UNREACHABLE) *slowest_ms = PCT_DUTY_NONE;
        if (status) return status == PCT_UNREACHABLE ? PCT_OK : status;
        if ((int64_t)journey->time_ms > *slowest_ms) *slowest_ms = (int64_t)journey->time_ms;
    }
    return PCT_OK;
}

pct_status pct_duty_ground_line(pct_duty_ground *g, const pct_position *positions, size_t count,
                                pct_duty_drive *out, pct_error *error) {
    *out = (pct_duty_drive){PCT_DUTY_NONE, PCT_DUTY_NONE};
    pct_road_point *points = pct_alloc(2 * count, sizeof *points), *reversed = points + count;
    if (!points) return pct_error_memory(error, 2 * count * sizeof *points);
    pct_status status = PCT_OK;
    bool found = true;
    for (size_t i = 0; i < count && !status && found; i++) {
        status = snap(g, positions[i], &points[i], &found);
        reversed[count - 1 - i] = points[i];
    }
    if (!status && found) status = drive(g, points, count, &g->journey, &out->forward_ms, error);
    if (!status && found) status = drive(g, reversed, count, &g->other, &out->backward_ms, error);
    if (!status && found) {
        double most_m = detour_factor * pct_geo_length_m(positions, count) + detour_m, share = 1.0;
        bool has_forward = out->forward_ms >= 0, has_backward = out->backward_ms >= 0;
        bool is_forward = has_forward && (!has_backward || g->journey.length_mm <= g->other.length_mm);
        const pct_journey *line = is_forward ? &g->journey : &g->other;
        if (has_forward && has_backward)
            status = same_roads(line, is_forward ? &g->other : &g->journey, &share, error);
        if (!status && share < same_share)
            *(is_forward ? &out->backward_ms : &out->forward_ms) = PCT_DUTY_NONE;
        if (!status && (double)line->length_mm > most_m * MM_PER_M)
            *out = (pct_duty_drive){PCT_DUTY_NONE, PCT_DUTY_NONE};
    }
    pct_free(points);
    return status;
}

size_t pct_duty_ground_within(const pct_duty_ground *g, const pct_position *ring, size_t count,
                              pct_position *out, size_t most) {
    const pct_network *net = pct_road_network(g->roads->response);
    const pct_ring closed = {ring, count + 1};
    const pct_polygon polygon = {&closed, 1};
    const pct_shape shape = {&polygon, 1, pct_box_of(ring, count)};
    size_t found = 0;
    for (; found < most;
         found++) { /* each as far as can be from those before it, the first from the ring's own */
        double best_m = -1.0;
        for (uint32_t n = 0; n < net->node_count; n++) {
            pct_position p = net->node_position[n];
            if (net->node_component[n] != 0 || !pct_shape_contains(&shape, p)) continue;
            double near_m = INFINITY;
            for (size_t i = 0; i < (found ? found : count); i++)
                near_m = fmin(near_m, pct_geo_distance_m(p, found ? out[i] : ring[i]));
            if (near_m > best_m) {
                best_m = near_m;
                out[found] = p;
            }
        }
        if (best_m <= 0.0) break;
    }
    return found;
}

/* The roads at one pace. */
static pct_status open_pace(const pct_duty_ground *g, pct_duty_moves moves, pct_road **road,
                            pct_error *error) {
    const pct_network *net = pct_road_network(g->roads->response);
    uint32_t *arc_ms = pct_alloc(net->arc_count ? net->arc_count : 1, sizeof *arc_ms);
    if (!arc_ms) return pct_error_memory(error, net->arc_count * sizeof *arc_ms);
    for (uint32_t a = 0; a < net->arc_count; a++) {
        int64_t ms =
            pct_duty_pace_ms(moves, net->segments[net->arc_segment[a] >> 1].length_mm / (double)MM_PER_M);
        arc_ms[a] = ms > 0 ? (uint32_t)ms : 1;
    }
    pct_status status = pct_road_with_times(g->roads->response, arc_ms, pace_mps[moves], road, error);
    pct_free(arc_ms);
    return status;
}

/* One world: its places by number, the table between them. */
typedef struct world {
    pct_road_point *points;
    uint32_t *numbers, *times_ms;
    size_t count;
} world;

static pct_status gather(const pct_duty_ground *g, pct_duty_moves moves, world *w, pct_error *error) {
    const pct_duty_place *places = g->places.items;
    size_t all = g->places.length;
    *w = (world){pct_alloc(all, sizeof *w->points), pct_alloc(all, sizeof *w->numbers), NULL, 0};
    if (!w->points || !w->numbers) return pct_error_memory(error, all * sizeof *w->points);
    for (size_t i = 0; i < all; i++) {
        if (places[i].moves != moves) continue;
        w->points[w->count] = places[i].point;
        w->numbers[w->count++] = (uint32_t)i;
    }
    w->times_ms = pct_alloc(w->count * w->count + 1, sizeof *w->times_ms);
    return w->times_ms ? PCT_OK : pct_error_memory(error, w->count * w->count * sizeof *w->times_ms);
}

static void dispose(world *w) {
    pct_free(w->points);
    pct_free(w->numbers);
    pct_free(w->times_ms);
}

static void put(const world *w, bool either_way, size_t all, int32_t *travel_ms) {
    for (size_t i = 0; i < w->count; i++)
        for (size_t j = 0; j < w->count; j++) {
            uint32_t ms = w->times_ms[i * w->count + j], back_ms = w->times_ms[j * w->count + i];
            if (either_way && back_ms < ms) ms = back_ms;
            travel_ms[w->numbers[i] * all + w->numbers[j]] =
                ms < PCT_DUTY_NO_WAY_MS ? (int32_t)ms : PCT_DUTY_NO_WAY_MS;
        }
}

static pct_status drive_times(pct_duty_ground *g, int32_t *travel_ms, pct_error *error) {
    size_t all = g->places.length;
    world w;
    pct_status status = gather(g, PCT_DUTY_DRIVE, &w, error);
    for (size_t b = 0; b < g->roads->band_count && w.count && !status; b++) {
        status = pct_router_table(g->routers[b], w.points, w.count, w.points, w.count, w.times_ms, error);
        if (!status) put(&w, false, all, travel_ms + b * all * all);
    }
    dispose(&w);
    return status;
}

static pct_status pace_times(pct_duty_ground *g, pct_duty_moves moves, int32_t *travel_ms, pct_error *error) {
    size_t all = g->places.length;
    pct_road *road = NULL;
    pct_router *router = NULL;
    world w;
    pct_status status = gather(g, moves, &w, error);
    if (!status && w.count) status = open_pace(g, moves, &road, error);
    if (!status && w.count) status = pct_router_new(road, &router, error);
    if (!status && w.count)
        status = pct_router_table(router, w.points, w.count, w.points, w.count, w.times_ms, error);
    for (size_t b = 0; b < g->roads->band_count && w.count && !status; b++)
        put(&w, true, all, travel_ms + b * all * all);
    pct_router_free(router);
    pct_road_free(road);
    dispose(&w);
    return status;
}

pct_status pct_duty_ground_times(pct_duty_ground *g, int32_t *travel_ms, int32_t *cost, pct_error *error) {
    size_t cells = g->places.length * g->places.length, bands = g->roads->band_count;
    for (size_t i = 0; i < bands * cells; i++) travel_ms[i] = PCT_DUTY_NO_WAY_MS;
    pct_status status = drive_times(g, travel_ms, error);
    if (!status) status = pace_times(g, PCT_DUTY_WALK, travel_ms, error);
    if (!status) status = pace_times(g, PCT_DUTY_CYCLE, travel_ms, error);
    for (size_t i = 0; i < cells; i++) {
        int64_t sum = 0;
        for (size_t b = 0; b < bands; b++) sum += travel_ms[b * cells + i];
        cost[i] = (int32_t)(sum / (int64_t)bands);
    }
    return status;
}
