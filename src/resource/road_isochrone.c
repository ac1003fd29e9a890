/* What is reached from a position within so many minutes, or from where it is reached: areas, and the roads if asked. */
#include "base/text.h"
#include "geo/geojson.h"
#include "resource/road_json.h"
#include "road/closed.h"
#include "road/route/isochrone.h"

enum { LIMITS_MAX = 8, ARENA_MAX = 256 << 20, MINUTE_MS = 60000 };

typedef struct asking {
    pct_exchange *x;
    pct_seat *seat;
    pct_road_point point;
    bool reverse, roads;
    int64_t minutes[LIMITS_MAX];
    uint32_t limits_ms[LIMITS_MAX];
    size_t count;
    uint32_t *node_ms; /* NULL unless roads are asked for */
    pct_json_writer json;
} asking;

/* Segments whose two ends are both reached in time, as events name them. */
static void write_roads(asking *a, uint32_t limit_ms) {
    const pct_network *net = pct_road_network(a->seat->open);
    pct_json_key(&a->json, "roads");
    if (!a->roads) {
        pct_json_null(&a->json);
        return;
    }
    pct_json_begin_array(&a->json);
    for (uint32_t s = 0; s < net->segment_count; s++) {
        const pct_segment *segment = &net->segments[s];
        if (a->node_ms[segment->tail] > limit_ms || a->node_ms[segment->head] > limit_ms) continue;
        const pct_road_ref ref = pct_closed_ref(net, s, false);
        pct_json_begin_array(&a->json);
        pct_json_integer(&a->json, ref.way);
        pct_json_integer(&a->json, ref.from);
        pct_json_integer(&a->json, ref.to);
        pct_json_end_array(&a->json);
    }
    pct_json_end_array(&a->json);
}

static void write_area(asking *a, const pct_shape *shape, size_t i) {
    pct_json_begin_object(&a->json);
    pct_json_key(&a->json, "type");
    pct_json_string(&a->json, "Feature");
    pct_json_key(&a->json, "properties");
    pct_json_begin_object(&a->json);
    pct_json_key(&a->json, "minutes");
    pct_json_integer(&a->json, a->minutes[i]);
    pct_json_key(&a->json, "area_km2");
    pct_json_real(&a->json, pct_shape_area_m2(shape) / 1e6, 4);
    write_roads(a, a->limits_ms[i]);
    pct_json_end_object(&a->json);
    pct_json_key(&a->json, "geometry");
    pct_geojson_write_shape(&a->json, shape);
    pct_json_end_object(&a->json);
}

static pct_status find_times(asking *a, pct_error *error) {
    const pct_network *net = pct_road_network(a->seat->open);
    if (!a->roads) return PCT_OK;
    pct_status status = pct_seat_times(a->seat, net->node_count, &a->node_ms, error);
    if (status) return status;
    if (a->reverse)
        pct_router_all_times_to(a->seat->router, a->point, a->node_ms);
    else
        pct_router_all_times_from(a->seat->router, a->point, a->node_ms);
    return PCT_OK;
}

static pct_status draw(asking *a, pct_error *error) {
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_shape shapes[LIMITS_MAX];
    pct_status status =
        pct_isochrone(a->seat->router, a->point, a->reverse, a->limits_ms, a->count, &arena, shapes, error);
    if (!status) status = find_times(a, error);
    if (!status) {
        pct_json_begin_object(&a->json);
        pct_json_key(&a->json, "type");
        pct_json_string(&a->json, "FeatureCollection");
        pct_json_key(&a->json, "features");
        pct_json_begin_array(&a->json);
        for (size_t i = 0; i < a->count; i++) write_area(a, &shapes[i], i);
        pct_json_end_array(&a->json);
        pct_road_write_band(&a->json, a->seat);
        pct_road_write_credit(a->x, &a->json);
        pct_json_end_object(&a->json);
    }
    pct_arena_dispose(&arena);
    return status;
}

pct_status pct_resource_road_isochrone(pct_exchange *x, pct_error *error) {
    asking a = {.x = x,
                .reverse = pct_exchange_query_flag(x, "reverse"),
                .roads = pct_exchange_query_flag(x, "roads"),
                .json = pct_json_writer_init(&x->reply)};
    pct_position from = {0, 0};
    pct_text minutes = pct_exchange_query(x, "minutes"), item;
    while (a.count < LIMITS_MAX && pct_text_next(&minutes, ',', &item))
        if (pct_text_to_integer(item, &a.minutes[a.count])) {
            a.limits_ms[a.count] = (uint32_t)(a.minutes[a.count] * MINUTE_MS);
            a.count++;
        }
    (void)pct_exchange_query_position(x, "from", &from);
    pct_status status = pct_road_sit(x, pct_exchange_query(x, "profile"), &a.seat, error);
    if (status) return status;
    status = pct_road_place_one(x, a.seat, "from", from, &a.seat->sources, error);
    if (!status) {
        a.point = *pct_placed_points(&a.seat->sources);
        status = draw(&a, error);
    }
    pct_ways_rise(x->service->ways, a.seat);
    return status;
}
