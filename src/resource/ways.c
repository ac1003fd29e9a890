#include "resource/ways.h"

#include <pthread.h>

#include "base/memory.h"
#include "base/vector.h"
#include "geo/geojson.h"
#include "road/route/isochrone.h"
#include "road/route/steps.h"

enum { SNAP_MAX_M = 2000, POINTS_MAX = 1 << 20, ARENA_MAX = 256 << 20, MINUTE_MS = 60000 };

struct pct_ways {
    pthread_mutex_t lock;
    pct_live_road *live;
    const pct_road *road; /* without closures: what positions are brought to */
    pct_router *router;
};

pct_status pct_ways_new(pct_live_road *live, pct_ways **out, pct_error *error) {
    pct_ways *ways = pct_alloc_zeroed(1, sizeof *ways);
    if (!ways) return pct_error_memory(error, sizeof *ways);
    (void)pthread_mutex_init(&ways->lock, NULL);
    ways->live = live, ways->road = pct_live_road_open(live);
    pct_status status = pct_router_new(ways->road, &ways->router, error);
    if (status) {
        pct_ways_free(ways);
        return status;
    }
    *out = ways;
    return PCT_OK;
}

void pct_ways_free(pct_ways *ways) {
    if (!ways) return;
    pct_router_free(ways->router);
    (void)pthread_mutex_destroy(&ways->lock);
    pct_free(ways);
}

/* The lock and the newest road, for one request. */
static const pct_live_version *begin(pct_ways *ways) {
    (void)pthread_mutex_lock(&ways->lock);
    const pct_live_version *version = pct_live_road_hold(ways->live);
    pct_router_take_road(ways->router, version->road);
    return version;
}

static void end(pct_ways *ways, const pct_live_version *version) {
    pct_router_take_road(ways->router, ways->road);
    pct_live_road_release(ways->live, version);
    (void)pthread_mutex_unlock(&ways->lock);
}

static pct_status snap(const pct_ways *ways, pct_position position, pct_road_point *out, pct_error *error) {
    double distance_m;
    pct_status status = pct_road_snap(ways->road, position, SNAP_MAX_M, out, &distance_m, error);
    return status == PCT_NOT_FOUND ? PCT_UNREACHABLE : status;
}

static void begin_feature(pct_json_writer *json) {
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Feature");
    pct_json_key(json, "properties");
    pct_json_begin_object(json);
}

static void write_credit(pct_json_writer *json, const char *credit) {
    if (!credit[0]) return;
    pct_json_key(json, "attribution");
    pct_json_string(json, credit);
}

static void write_route(const pct_route *route, const pct_vector *points, const char *credit,
                        pct_buffer *out) {
    pct_json_writer json = pct_json_writer_init(out);
    begin_feature(&json);
    pct_json_key(&json, "duration_s");
    pct_json_real(&json, route->time_ms / 1000.0, 3);
    pct_json_key(&json, "distance_m");
    pct_json_real(&json, (double)route->length_mm / 1000.0, 1);
    pct_json_end_object(&json);
    pct_json_key(&json, "geometry");
    pct_geojson_write_line(&json, points->items, points->length);
    write_credit(&json, credit);
    pct_json_end_object(&json);
}

pct_status pct_ways_write_route(pct_ways *ways, pct_position from, pct_position to, const char *credit,
                                pct_buffer *out, pct_error *error) {
    pct_road_point a, b;
    pct_route route;
    pct_vector points = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    pct_status status = snap(ways, from, &a, error);
    if (!status) status = snap(ways, to, &b, error);
    if (status) return status;
    const pct_live_version *version = begin(ways);
    status = pct_router_route(ways->router, a, b, &route, error);
    if (!status) status = pct_route_line(ways->road, &route, &points, error);
    if (!status) write_route(&route, &points, credit, out);
    end(ways, version);
    pct_vector_dispose(&points);
    return status;
}

static void write_area(const pct_shape *shape, int64_t minutes, const char *credit, pct_buffer *out) {
    pct_json_writer json = pct_json_writer_init(out);
    pct_json_begin_object(&json);
    pct_json_key(&json, "type");
    pct_json_string(&json, "FeatureCollection");
    pct_json_key(&json, "features");
    pct_json_begin_array(&json);
    begin_feature(&json);
    pct_json_key(&json, "minutes");
    pct_json_integer(&json, minutes);
    pct_json_end_object(&json);
    pct_json_key(&json, "geometry");
    pct_geojson_write_shape(&json, shape);
    pct_json_end_object(&json);
    pct_json_end_array(&json);
    write_credit(&json, credit);
    pct_json_end_object(&json);
}

pct_status pct_ways_write_isochrone(pct_ways *ways, pct_position from, int64_t minutes, const char *credit,
                                    pct_buffer *out, pct_error *error) {
    pct_road_point point;
    pct_shape shape;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    const uint32_t limit_ms = (uint32_t)(minutes * MINUTE_MS);
    pct_status status = snap(ways, from, &point, error);
    if (status) return status;
    const pct_live_version *version = begin(ways);
    status = pct_isochrone(ways->router, point, false, &limit_ms, 1, &arena, &shape, error);
    end(ways, version);
    if (!status) write_area(&shape, minutes, credit, out);
    pct_arena_dispose(&arena);
    return status;
}
