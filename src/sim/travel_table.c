/* The time between a place and a point is the least, over the at most two ends of the point's segment, of the time between
 * place and node plus that of the piece between; or the piece of segment from one to the other when they share it. That
 * is how the router composes them too, so that the answers are equal, not merely close. Rows are nodes: the
 * times of all places to one call lie together. */
#include "sim/travel_table.h"

#include "base/map.h"
#include "base/memory.h"
#include "road/road.h"

enum { REST_MAX = 1024, NODES_PER_QUESTION = 25 };
static const uint64_t bytes_max = UINT64_C(512) << 20;

struct pct_travel_table {
    pct_travel_road *source;
    pct_travel on_road;
    pct_map place_of; /* place_key → number */
    uint32_t place_count;
    uint32_t *from_place, *to_place; /* [node × place_count + place] ms, PCT_NO_WAY_MS when there is no way */
    pct_road_point rest[REST_MAX];   /* sources that are no places, for the router */
    size_t rest_at[REST_MAX];
    uint32_t rest_ms[REST_MAX];
};

bool pct_travel_table_pays(const pct_road *road, size_t places, uint64_t questions) {
    uint64_t nodes = pct_road_network(road)->node_count;
    bool fits = places > 0 && nodes <= bytes_max / (2 * sizeof(uint32_t)) / places;
    return fits && questions >= nodes / NODES_PER_QUESTION;
}

static uint64_t place_key(pct_road_point p) {
    return (uint64_t)p.segment << 32 | p.offset_mm;
}

static uint32_t place_at(const pct_travel_table *t, pct_road_point p) {
    return pct_map_get(&t->place_of, place_key(p));
}

/* --- making ------------------------------------------------------------------------------------------------ */

typedef void times_function(pct_router *router, pct_road_point one, const pct_road_point *many, size_t count,
                            uint32_t *times_ms);

static void fill_column(const pct_travel_table *t, times_function *times, pct_road_point place,
                        uint32_t number, const pct_road_point *nodes, uint32_t *row_ms, uint32_t *out) {
    size_t count = pct_road_network(t->source->road)->node_count;
    times(t->source->router, place, nodes, count, row_ms);
    for (size_t n = 0; n < count; n++)
        out[n * t->place_count + number] = row_ms[n] == PCT_UNREACHABLE_MS ? PCT_NO_WAY_MS : row_ms[n];
}

/* A point at each node. A node without segments gets some other point: nobody will ask for it. */
static void node_points(const pct_road *road, pct_road_point *points) {
    for (uint32_t n = 0; n < pct_road_network(road)->node_count; n++)
        if (pct_road_point_at_node(road, (pct_node){n}, &points[n]) != PCT_OK)
            points[n] = (pct_road_point){0, 0};
}

static pct_status number_places(pct_travel_table *t, const pct_road_point *places, size_t count,
                                pct_error *error) {
    t->place_of = pct_map_init(count);
    for (size_t i = 0; i < count; i++) {
        uint32_t found;
        if (pct_map_add(&t->place_of, place_key(places[i]), t->place_count, &found) != PCT_OK)
            return pct_map_failed(&t->place_of, PCT_MSG_WHAT_PLACES, error);
        if (found == t->place_count) t->place_count++;
    }
    return PCT_OK;
}

static pct_status fill(pct_travel_table *t, const pct_road_point *places, size_t count, pct_error *error) {
    size_t nodes = pct_road_network(t->source->road)->node_count, cells = nodes * t->place_count;
    pct_road_point *points = pct_alloc(nodes, sizeof *points);
    uint32_t *row_ms = pct_alloc(nodes, sizeof *row_ms);
    t->from_place = pct_alloc(cells, sizeof *t->from_place);
    t->to_place = pct_alloc(cells, sizeof *t->to_place);
    bool complete = points && row_ms && t->from_place && t->to_place;
    if (complete) node_points(t->source->road, points);
    uint32_t done = 0;
    for (size_t i = 0; i < count && complete; i++) {
        if (place_at(t, places[i]) != done) continue; /* named before */
        fill_column(t, pct_router_times_from, places[i], done, points, row_ms, t->from_place);
        fill_column(t, pct_router_times_to, places[i], done, points, row_ms, t->to_place);
        done++;
    }
    pct_free(points);
    pct_free(row_ms);
    return complete ? PCT_OK : pct_error_memory(error, 2 * cells * sizeof(uint32_t));
}

pct_status pct_travel_table_new(pct_travel_road *source, const pct_road_point *places, size_t count,
                                pct_travel_table **out, pct_error *error) {
    pct_travel_table *t = pct_alloc_zeroed(1, sizeof *t);
    if (!t) return pct_error_memory(error, sizeof *t);
    t->source = source;
    t->on_road = pct_travel_on_road(source);
    pct_status status = number_places(t, places, count, error);
    if (!status) status = fill(t, places, count, error);
    if (status)
        pct_travel_table_free(t);
    else
        *out = t;
    return status;
}

void pct_travel_table_free(pct_travel_table *t) {
    if (!t) return;
    pct_map_dispose(&t->place_of);
    pct_free(t->from_place);
    pct_free(t->to_place);
    pct_free(t);
}

/* --- asking ------------------------------------------------------------------------------------------------ */

static uint32_t combine(const pct_travel_table *t, const uint32_t *times_ms, uint32_t place,
                        const pct_road_end *ends, int end_count, uint32_t along_ms) {
    uint32_t best_ms = PCT_NO_WAY_MS;
    for (int e = 0; e < end_count; e++) {
        uint32_t ms = times_ms[(size_t)ends[e].node * t->place_count + place] + ends[e].ms;
        if (ms < best_ms) best_ms = ms;
    }
    if (best_ms == PCT_NO_WAY_MS) best_ms = PCT_UNREACHABLE_MS;
    return along_ms < best_ms ? along_ms : best_ms;
}

static pct_status table_locate(void *context, pct_position position, pct_road_point *out, double *distance_m,
                               pct_error *error) {
    const pct_travel_table *t = context;
    return t->on_road.locate(t->on_road.context, position, out, distance_m, error);
}

static pct_position table_position(void *context, pct_road_point point) {
    const pct_travel_table *t = context;
    return t->on_road.position(t->on_road.context, point);
}

static uint32_t table_time_ms(void *context, pct_road_point from, pct_road_point to) {
    const pct_travel_table *t = context;
    const pct_road *road = t->source->road;
    uint32_t place = place_at(t, to);
    if (place == PCT_MAP_ABSENT) return t->on_road.time_ms(t->on_road.context, from, to);
    pct_road_end ends[PCT_ROAD_ENDS_MAX];
    int count = pct_road_ends(road, from, false, ends);
    return combine(t, t->to_place, place, ends, count, pct_road_along_ms(road, from, to));
}

static void ask_router(pct_travel_table *t, pct_road_point target, size_t count, uint32_t *times_ms) {
    t->on_road.times_to(t->on_road.context, target, t->rest, count, t->rest_ms);
    for (size_t i = 0; i < count; i++) times_ms[t->rest_at[i]] = t->rest_ms[i];
}

static void table_times_to(void *context, pct_road_point target, const pct_road_point *sources, size_t count,
                           uint32_t *times_ms) {
    pct_travel_table *t = context;
    const pct_road *road = t->source->road;
    pct_road_end ends[PCT_ROAD_ENDS_MAX];
    int end_count = pct_road_ends(road, target, true, ends);
    size_t rest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t place = place_at(t, sources[i]);
        if (place != PCT_MAP_ABSENT) {
            uint32_t along_ms = pct_road_along_ms(road, sources[i], target);
            times_ms[i] = combine(t, t->from_place, place, ends, end_count, along_ms);
            continue;
        }
        t->rest[rest] = sources[i];
        t->rest_at[rest++] = i;
        if (rest < REST_MAX) continue;
        ask_router(t, target, rest, times_ms);
        rest = 0;
    }
    if (rest > 0) ask_router(t, target, rest, times_ms);
}

/* All targets are places, or the router is asked for all. */
static void table_times_from(void *context, pct_road_point source, const pct_road_point *targets,
                             size_t count, uint32_t *times_ms) {
    const pct_travel_table *t = context;
    const pct_road *road = t->source->road;
    pct_road_end ends[PCT_ROAD_ENDS_MAX];
    int end_count = pct_road_ends(road, source, false, ends);
    for (size_t i = 0; i < count; i++) {
        uint32_t place = place_at(t, targets[i]);
        if (place == PCT_MAP_ABSENT) {
            t->on_road.times_from(t->on_road.context, source, targets, count, times_ms);
            return;
        }
        uint32_t along_ms = pct_road_along_ms(road, source, targets[i]);
        times_ms[i] = combine(t, t->to_place, place, ends, end_count, along_ms);
    }
}

static pct_status table_legs(void *context, pct_road_point from, pct_road_point to, pct_vector *legs,
                             pct_error *error) {
    const pct_travel_table *t = context;
    return t->on_road.legs(t->on_road.context, from, to, legs, error);
}

pct_travel pct_travel_by_table(pct_travel_table *table) {
    return (pct_travel){.context = table,
                        .locate = table_locate,
                        .position = table_position,
                        .time_ms = table_time_ms,
                        .times_to = table_times_to,
                        .times_from = table_times_from,
                        .legs = table_legs};
}
