#include "resource/ways.h"

#include <pthread.h>

#include "base/memory.h"
#include "geo/geojson.h"
#include "road/route/isochrone.h"
#include "road/route/steps.h"

enum {
    POINTS_MAX = 1 << 20,
    STEPS_MAX = 1 << 16,
    ARENA_MAX = 256 << 20,
    MINUTE_MS = 60000,
    UNITS_MAX = 20000
};

typedef struct standing {
    pct_position position;
    pct_road_point point;
    bool asked, near;
} standing;

struct pct_ways {
    pthread_mutex_t lock; /* of the seats that are free */
    pct_live_road *live;
    pct_band_roads *bands;
    const pct_road *road;                    /* without closures, profile response */
    const pct_road *open[PCT_PROFILE_COUNT]; /* NULL: the site has none of that profile */
    pct_seat *free[PCT_PROFILE_COUNT];
    pthread_mutex_t standing_lock;
    standing *standings; /* [UNITS_MAX] */
};

pct_status pct_ways_new(pct_live_road *live, pct_ways **out, pct_error *error) {
    pct_ways *ways = pct_alloc_zeroed(1, sizeof *ways);
    standing *standings = pct_alloc_zeroed(UNITS_MAX, sizeof *standings);
    if (!ways || !standings) {
        pct_free(ways);
        pct_free(standings);
        return pct_error_memory(error, UNITS_MAX * sizeof *standings);
    }
    pct_status status = pct_band_roads_new(live, &ways->bands, error);
    if (status) {
        pct_free(ways);
        pct_free(standings);
        return status;
    }
    (void)pthread_mutex_init(&ways->lock, NULL);
    (void)pthread_mutex_init(&ways->standing_lock, NULL);
    ways->live = live, ways->road = pct_live_road_open(live), ways->standings = standings;
    ways->open[PCT_PROFILE_RESPONSE] = ways->road;
    ways->open[PCT_PROFILE_PATROL] = pct_live_road_open_patrol(live);
    *out = ways;
    return PCT_OK;
}

/* --- seats ---------------------------------------------------------------------------------------------------------- */

static pct_placed placed_init(void) {
    return (pct_placed){pct_vector_init(sizeof(pct_road_point), POINTS_MAX),
                        pct_vector_init(sizeof(double), POINTS_MAX)};
}

static void placed_dispose(pct_placed *placed) {
    pct_vector_dispose(&placed->points);
    pct_vector_dispose(&placed->distances_m);
}

static void seat_free(pct_seat *seat) {
    if (!seat) return;
    for (int i = 0; i <= PCT_ALTERNATIVES_MAX; i++) pct_journey_dispose(&seat->journeys[i]);
    placed_dispose(&seat->sources);
    placed_dispose(&seat->targets);
    pct_vector_dispose(&seat->line);
    pct_vector_dispose(&seat->steps);
    pct_router_free(seat->router);
    pct_alternatives_free(seat->alternatives);
    pct_free(seat->times_ms);
    pct_free(seat);
}

static pct_status seat_new(const pct_road *open, pct_seat **out, pct_error *error) {
    pct_seat *seat = pct_alloc_zeroed(1, sizeof *seat);
    if (!seat) return pct_error_memory(error, sizeof *seat);
    seat->open = open, seat->profile = open->profile;
    for (int i = 0; i <= PCT_ALTERNATIVES_MAX; i++) seat->journeys[i] = pct_journey_init();
    seat->sources = placed_init(), seat->targets = placed_init();
    seat->line = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    seat->steps = pct_vector_init(sizeof(pct_step), STEPS_MAX);
    pct_status status = pct_router_new(open, &seat->router, error);
    if (!status && open->profile == PCT_PROFILE_RESPONSE)
        status = pct_alternatives_new(open, &seat->alternatives, error);
    if (status)
        seat_free(seat);
    else
        *out = seat;
    return status;
}

void pct_ways_free(pct_ways *ways) {
    if (!ways) return;
    for (int p = 0; p < PCT_PROFILE_COUNT; p++)
        for (pct_seat *seat = ways->free[p], *next; seat; seat = next) {
            next = seat->next;
            seat_free(seat);
        }
    (void)pthread_mutex_destroy(&ways->lock);
    (void)pthread_mutex_destroy(&ways->standing_lock);
    pct_band_roads_free(ways->bands);
    pct_free(ways->standings);
    pct_free(ways);
}

pct_status pct_ways_sit(pct_ways *ways, pct_profile profile, pct_seat **out, pct_error *error) {
    const pct_road *open = ways->open[profile];
    pct_status status = PCT_OK;
    if (!open) return pct_error_set(error, PCT_NOT_FOUND, PCT_MSG_PROFILE_ABSENT, NULL, 0);
    (void)pthread_mutex_lock(&ways->lock);
    pct_seat *seat = ways->free[profile];
    if (seat) ways->free[profile] = seat->next;
    (void)pthread_mutex_unlock(&ways->lock);
    if (!seat) status = seat_new(open, &seat, error);
    if (status) return status;
    seat->version = pct_live_road_hold(ways->live);
    seat->road = profile == PCT_PROFILE_PATROL ? seat->version->patrol : seat->version->road;
    seat->band = seat->version->bands[profile];
    seat->bands = ways->bands;
    pct_router_take_road(seat->router, seat->road);
    pct_placed_clear(&seat->sources);
    pct_placed_clear(&seat->targets);
    seat->line.length = seat->steps.length = 0;
    *out = seat;
    return PCT_OK;
}

void pct_ways_rise(pct_ways *ways, pct_seat *seat) {
    pct_router_take_road(seat->router, seat->open);
    if (seat->held) pct_band_roads_give(ways->bands, seat->held);
    seat->held = NULL;
    pct_live_road_release(ways->live, seat->version);
    seat->version = NULL;
    (void)pthread_mutex_lock(&ways->lock);
    seat->next = ways->free[seat->profile];
    ways->free[seat->profile] = seat;
    (void)pthread_mutex_unlock(&ways->lock);
}

pct_status pct_seat_depart(pct_seat *seat, int64_t at_ms, pct_error *error) {
    int wanted = pct_band_roads_at(seat->bands, seat->profile, at_ms);
    const pct_band *band = pct_band_roads_named(seat->bands, wanted);
    pct_status status = PCT_OK;
    if (band == seat->band) return PCT_OK;
    if (band || seat->version->closure_count > 0)
        status = pct_band_roads_take(seat->bands, seat->profile, wanted, seat->version, &seat->held, error);
    if (status) return status;
    seat->band = band;
    seat->road = seat->held ? seat->held->road : seat->open;
    pct_router_take_road(seat->router, seat->road);
    return PCT_OK;
}

pct_status pct_seat_times(pct_seat *seat, size_t count, uint32_t **out, pct_error *error) {
    if (seat->times_room < count) {
        uint32_t *times_ms = pct_realloc(seat->times_ms, count, sizeof *times_ms);
        if (!times_ms) return pct_error_memory(error, count * sizeof *times_ms);
        seat->times_ms = times_ms;
        seat->times_room = count;
    }
    *out = seat->times_ms;
    return PCT_OK;
}

void pct_placed_clear(pct_placed *placed) {
    placed->points.length = placed->distances_m.length = 0;
}

pct_status pct_seat_place(pct_seat *seat, pct_position position, pct_placed *placed, pct_error *error) {
    pct_road_point point;
    double distance_m;
    pct_status status = pct_road_snap(seat->open, position, PCT_WAYS_SNAP_MAX_M, &point, &distance_m, error);
    if (status) return status;
    pct_road_point *added = pct_vector_push(&placed->points);
    double *away_m = added ? pct_vector_push(&placed->distances_m) : NULL;
    if (!away_m) return pct_vector_failed(&placed->points, PCT_MSG_WHAT_POINTS, error);
    *added = point;
    *away_m = distance_m;
    return PCT_OK;
}

/* Without closures, in the seat's band. */
static pct_status open_time(pct_seat *seat, pct_road_point from, pct_road_point to, uint32_t *ms,
                            pct_error *error) {
    pct_held_road *held = NULL;
    if (seat->band) {
        int band = pct_band_roads_index(seat->bands, seat->band);
        pct_status status = pct_band_roads_take(seat->bands, seat->profile, band, NULL, &held, error);
        if (status) return status;
    }
    pct_router_take_road(seat->router, held ? held->road : seat->open);
    *ms = pct_router_time_ms(seat->router, from, to);
    pct_router_take_road(seat->router, seat->road);
    if (held) pct_band_roads_give(seat->bands, held);
    return PCT_OK;
}

pct_status pct_seat_unreachable(pct_seat *seat, pct_road_point from, pct_road_point to, pct_error *error) {
    uint32_t ms = PCT_UNREACHABLE_MS;
    if (seat->version->closure_count > 0) {
        pct_status status = open_time(seat, from, to, &ms, error);
        if (status) return status;
    }
    if (ms == PCT_UNREACHABLE_MS)
        return pct_error_set(error, PCT_UNREACHABLE, PCT_MSG_ROUTE_UNREACHABLE, NULL, 0);
    return PCT_FAIL(error, PCT_UNREACHABLE, PCT_MSG_ROUTE_CLOSED, pct_int(ms / MINUTE_MS),
                    pct_int(ms / 1000 % 60), pct_int((int64_t)seat->version->closure_count));
}

bool pct_ways_unit_point(pct_ways *ways, uint32_t index, pct_position position, pct_road_point *out) {
    double distance_m;
    if (index >= UNITS_MAX)
        return pct_road_snap(ways->road, position, PCT_WAYS_SNAP_MAX_M, out, &distance_m, NULL) == PCT_OK;
    (void)pthread_mutex_lock(&ways->standing_lock);
    standing *s = &ways->standings[index];
    if (!s->asked || s->position.lon_e7 != position.lon_e7 || s->position.lat_e7 != position.lat_e7) {
        s->asked = true, s->position = position;
        s->near =
            pct_road_snap(ways->road, position, PCT_WAYS_SNAP_MAX_M, &s->point, &distance_m, NULL) == PCT_OK;
    }
    bool near = s->near;
    *out = s->point;
    (void)pthread_mutex_unlock(&ways->standing_lock);
    return near;
}

/* --- GeoJSON for the map --------------------------------------------------------------------------------------------- */

/* A position of the desk that is far from any road has no way: what the map asks about is there all the same. */
static pct_status place(pct_seat *seat, pct_position position, pct_road_point *out, pct_error *error) {
    double distance_m;
    pct_status status = pct_road_snap(seat->open, position, PCT_WAYS_SNAP_MAX_M, out, &distance_m, error);
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
    pct_seat *seat = NULL;
    pct_status status = pct_ways_sit(ways, PCT_PROFILE_RESPONSE, &seat, error);
    if (status) return status;
    status = place(seat, from, &a, error);
    if (!status) status = place(seat, to, &b, error);
    if (!status) {
        status = pct_router_route(seat->router, a, b, &route, error);
        if (status == PCT_UNREACHABLE) status = pct_seat_unreachable(seat, a, b, error);
    }
    if (!status) status = pct_route_line(ways->road, &route, &seat->line, error);
    if (!status) write_route(&route, &seat->line, credit, out);
    pct_ways_rise(ways, seat);
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
    pct_seat *seat = NULL;
    pct_status status = pct_ways_sit(ways, PCT_PROFILE_RESPONSE, &seat, error);
    if (status) return status;
    status = place(seat, from, &point, error);
    if (!status) status = pct_isochrone(seat->router, point, false, &limit_ms, 1, &arena, &shape, error);
    pct_ways_rise(ways, seat);
    if (!status) write_area(&shape, minutes, credit, out);
    pct_arena_dispose(&arena);
    return status;
}
