/* Closures, whole or down to a speed: positions and areas become roads as events name them; the live road does the rest (live_road.h). */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "geo/geojson.h"
#include "resource/board_json.h"
#include "resource/cut_off.h"
#include "resource/live_road.h"
#include "resource/submit.h"

enum { AREA_CORNERS_MIN = 3, NAMES_MAX = 200, LINE_POINTS_MAX = 1 << 16 };

/* What a request asks to close or to slow. */
typedef struct closing {
    const pct_road *road; /* without closures */
    bool both_ways;
    uint8_t speed_kmh;   /* 0: close */
    double farthest_m;   /* of a position from its road */
    pct_vector segments; /* of pct_closed_segment */
    pct_road_ref *roads; /* [road_count] in the exchange's arena, as the points and the area */
    pct_position *points, *area;
    uint32_t road_count, corners;
} closing;

static pct_position position_at(const json_t *array, size_t i) {
    pct_position p = {0, 0};
    const json_t *pair = json_array_get(array, i);
    (void)pct_position_from_degrees(json_number_value(json_array_get(pair, 0)),
                                    json_number_value(json_array_get(pair, 1)), &p);
    return p;
}

static pct_status refuse(pct_exchange *x, const char *field, pct_status status) {
    memcpy(x->field, field, strlen(field) + 1);
    x->status_code = 422;
    return status;
}

static bool is_known(const closing *c, uint32_t segment) {
    const pct_closed_segment *segments = c->segments.items;
    for (size_t i = 0; i < c->segments.length; i++)
        if (segments[i].segment == segment) return true;
    return false;
}

static pct_status add_segment(closing *c, pct_closed_segment shut, pct_error *error) {
    pct_closed_segment *room = pct_vector_push(&c->segments);
    if (!room) return pct_error_memory(error, sizeof *room);
    *room = shut;
    return PCT_OK;
}

/* The nearest road of one position, once. */
static pct_status add_position(pct_exchange *x, closing *c, size_t number, pct_position p, pct_error *error) {
    pct_road_point point;
    double distance_m;
    if (pct_road_snap(c->road, p, PCT_CLOSED_NEAR_M, &point, &distance_m, NULL) != PCT_OK)
        return refuse(x, "positions",
                      PCT_FAIL(error, PCT_INPUT, PCT_MSG_CLOSURE_FAR, pct_int((int64_t)number + 1),
                               pct_real(pct_position_lon_deg(p)), pct_real(pct_position_lat_deg(p)),
                               pct_real(PCT_CLOSED_NEAR_M)));
    c->farthest_m = fmax(c->farthest_m, distance_m);
    if (is_known(c, point.segment)) return PCT_OK;
    const pct_network *net = pct_road_network(c->road);
    bool backward =
        !c->both_ways &&
        !pct_closed_is_along(net, point.segment, json_integer_value(json_object_get(x->body, "bearing")));
    unsigned right = backward ? PCT_SEGMENT_EMERGENCY_BACKWARD : PCT_SEGMENT_EMERGENCY_FORWARD;
    if (!c->both_ways && !(net->segments[point.segment].flags & right))
        return refuse(x, "bearing",
                      PCT_FAIL(error, PCT_INPUT, PCT_MSG_CLOSURE_ONE_WAY, pct_int((int64_t)number + 1)));
    c->roads[c->road_count] = pct_closed_ref(net, point.segment, backward);
    c->points[c->road_count++] = pct_closed_middle(c->road, point.segment);
    return add_segment(c,
                       (pct_closed_segment){point.segment, c->both_ways || !backward,
                                            c->both_ways || backward, c->speed_kmh},
                       error);
}

static pct_status add_area(pct_exchange *x, closing *c, const json_t *area, pct_error *error) {
    pct_vector found = pct_vector_init(sizeof(uint32_t), PCT_CLOSURE_SEGMENTS_MAX);
    for (size_t i = 0; i < json_array_size(area); i++) c->area[c->corners++] = position_at(area, i);
    pct_status status =
        pct_closed_in_area(c->road, c->area, c->corners, PCT_CLOSURE_SEGMENTS_MAX, &found, error);
    if (status == PCT_LIMIT) status = refuse(x, "area", status);
    if (!status && found.length == 0)
        status = refuse(x, "area", pct_error_set(error, PCT_INPUT, PCT_MSG_CLOSURE_EMPTY, NULL, 0));
    const uint32_t *segments = found.items;
    for (size_t i = 0; i < found.length && !status; i++)
        status = add_segment(c, (pct_closed_segment){segments[i], true, true, c->speed_kmh}, error);
    pct_vector_dispose(&found);
    return status;
}

static pct_status check(pct_exchange *x, const closing *c, size_t positions, size_t corners,
                        pct_error *error) {
    bool one = (positions > 0) != (corners > 0) && (corners == 0 || corners >= AREA_CORNERS_MIN);
    if (!one)
        return refuse(x, corners > 0 ? "area" : "positions",
                      pct_error_set(error, PCT_INPUT, PCT_MSG_CLOSURE_WHICH, NULL, 0));
    if (!c->both_ways && (corners > 0 || !json_object_get(x->body, "bearing")))
        return refuse(x, "both_ways", pct_error_set(error, PCT_INPUT, PCT_MSG_CLOSURE_BEARING, NULL, 0));
    if ((c->speed_kmh > 0) != pct_text_equal(pct_exchange_text(x, "kind"), "slow"))
        return refuse(x, "speed_kmh", pct_error_set(error, PCT_INPUT, PCT_MSG_BOARD_CLOSURE_SPEED, NULL, 0));
    return PCT_OK;
}

/* The caller disposes of c->segments. */
static pct_status resolve(pct_exchange *x, closing *c, pct_error *error) {
    const json_t *positions = json_object_get(x->body, "positions"), *area = json_object_get(x->body, "area"),
                 *both = json_object_get(x->body, "both_ways");
    *c = (closing){.road = pct_live_road_open(x->service->live),
                   .both_ways = !both || json_is_true(both),
                   .speed_kmh = (uint8_t)json_integer_value(json_object_get(x->body, "speed_kmh")),
                   .segments = pct_vector_init(sizeof(pct_closed_segment), PCT_CLOSURE_SEGMENTS_MAX)};
    pct_status status = check(x, c, json_array_size(positions), json_array_size(area), error);
    if (status) return status;
    c->roads = pct_arena_alloc(&x->arena, PCT_CLOSURE_ROADS_MAX, sizeof *c->roads);
    c->points = pct_arena_alloc(&x->arena, PCT_CLOSURE_ROADS_MAX, sizeof *c->points);
    c->area = pct_arena_alloc(&x->arena, PCT_CLOSURE_ROADS_MAX, sizeof *c->area);
    if (!c->roads || !c->points || !c->area)
        return pct_error_memory(error, PCT_CLOSURE_ROADS_MAX * sizeof *c->roads);
    if (area) return add_area(x, c, area, error);
    for (size_t i = 0; i < json_array_size(positions) && !status; i++)
        status = add_position(x, c, i, position_at(positions, i), error);
    return status;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static pct_status write_lines(const pct_network *net, const pct_closed_segment *segments, size_t count,
                              pct_json_writer *json, pct_error *error) {
    pct_vector line = pct_vector_init(sizeof(pct_position), LINE_POINTS_MAX);
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "MultiLineString");
    pct_json_key(json, "coordinates");
    pct_json_begin_array(json);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        size_t points = 0;
        pct_network_segment_line(net, segments[i].segment, false, NULL, &points);
        for (line.length = 0; line.length < points && !status;)
            if (!pct_vector_push(&line)) status = pct_error_memory(error, points * sizeof(pct_position));
        if (status) break;
        pct_network_segment_line(net, segments[i].segment, false, line.items, &points);
        const pct_position *p = line.items;
        pct_json_begin_array(json);
        for (size_t n = 0; n < points; n++) {
            pct_json_begin_array(json);
            pct_json_real(json, pct_position_lon_deg(p[n]), 7);
            pct_json_real(json, pct_position_lat_deg(p[n]), 7);
            pct_json_end_array(json);
        }
        pct_json_end_array(json);
    }
    pct_json_end_array(json);
    pct_json_end_object(json);
    pct_vector_dispose(&line);
    return status;
}

/* Each street once, at most NAMES_MAX, in the order of the segments. */
static void write_names(const pct_network *net, const pct_closed_segment *segments, size_t count,
                        pct_language language, pct_json_writer *json) {
    uint32_t seen[NAMES_MAX];
    size_t seen_count = 0;
    pct_json_key(json, "names");
    pct_json_begin_array(json);
    for (size_t i = 0; i < count && seen_count < NAMES_MAX; i++) {
        const pct_segment *s = &net->segments[segments[i].segment];
        uint32_t name = language == PCT_EN && s->name_en != 0 ? s->name_en : s->name;
        bool again = name == 0;
        for (size_t n = 0; n < seen_count && !again; n++) again = seen[n] == name;
        if (again) continue;
        seen[seen_count++] = name;
        pct_json_text(json, pct_network_name(net, name));
    }
    pct_json_end_array(json);
}

void pct_json_closure(pct_json_writer *json, const pct_service *service, const pct_desk_closure *d) {
    const pct_closure *c = &d->closure;
    const pct_zone *zone = &service->site->zone;
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", (pct_id){.seq = c->id.seq, .kind = 'L'});
    pct_json_key(json, "status");
    pct_json_string(json, pct_closure_status_code((pct_closure_status)c->status));
    pct_json_key(json, "kind");
    pct_json_string(json, pct_closure_kind_names[c->kind]);
    pct_json_key(json, "speed_kmh");
    if (c->speed_kmh)
        pct_json_integer(json, c->speed_kmh);
    else
        pct_json_null(json);
    pct_json_key(json, "reason");
    pct_json_string(json, pct_closure_reason_names[c->reason]);
    pct_json_text_member(json, "author", c->author);
    pct_json_time_member(json, "ordered_at", c->ordered_at_ms, zone);
    pct_json_time_member(json, "until", c->until_ms, zone);
    pct_json_time_member(json, "ended_at", c->ended_at_ms, zone);
    pct_json_key(json, "lift_reason");
    if (c->lift_reason)
        pct_json_string(json, pct_closure_lift_names[c->lift_reason]);
    else
        pct_json_null(json);
    pct_json_key(json, "both_ways");
    pct_json_bool(json, c->both_ways);
    pct_json_key(json, "roads");
    pct_json_integer(json, c->roads);
    pct_json_key(json, "corners");
    pct_json_integer(json, c->corners);
    pct_json_end_object(json);
}

static int64_t next_closure(const pct_exchange *x, const pct_snapshot *s, int64_t after,
                            pct_json_writer *json) {
    pct_text wanted = pct_exchange_query(x, "status");
    const pct_desk_closure *c = pct_snapshot_next_closure(s, (pct_closure_id){after});
    while (c && wanted.chars &&
           !pct_text_equal(wanted, pct_closure_status_code((pct_closure_status)c->closure.status)))
        c = pct_snapshot_next_closure(s, c->closure.id);
    if (c && json) pct_json_closure(json, x->service, c);
    return c ? c->closure.id.seq : 0;
}

static pct_status write_feature(const pct_network *net, const pct_live_closure *c, pct_language language,
                                pct_json_writer *json, pct_error *error) {
    pct_json_begin_object(json);
    pct_json_key(json, "type");
    pct_json_string(json, "Feature");
    pct_json_key(json, "properties");
    pct_json_begin_object(json);
    pct_json_id_member(json, "id", (pct_id){.seq = c->id.seq, .kind = 'L'});
    pct_json_key(json, "speed_kmh");
    if (c->speed_kmh)
        pct_json_integer(json, c->speed_kmh);
    else
        pct_json_null(json);
    write_names(net, c->segments, c->count, language, json);
    pct_json_key(json, "segments");
    pct_json_integer(json, (int64_t)c->count);
    pct_json_key(json, "missing");
    pct_json_integer(json, (int64_t)c->missing);
    pct_json_end_object(json);
    pct_json_key(json, "geometry");
    pct_status status = write_lines(net, c->segments, c->count, json, error);
    pct_json_end_object(json);
    return status;
}

/* --- endpoints ---------------------------------------------------------------------------------------------------- */

pct_status pct_resource_closures_list(pct_exchange *x, pct_error *error) {
    return pct_resource_write_page(x, &(pct_page){'L', next_closure}, error);
}

pct_status pct_resource_closures_lines(pct_exchange *x, pct_error *error) {
    pct_json_writer json = pct_json_writer_init(&x->reply);
    const pct_live_version *version = pct_live_road_hold(x->service->live);
    pct_status status = PCT_OK;
    x->content_type = "application/geo+json";
    pct_json_begin_object(&json);
    pct_json_key(&json, "type");
    pct_json_string(&json, "FeatureCollection");
    pct_json_key(&json, "features");
    pct_json_begin_array(&json);
    for (size_t i = 0; i < version->closure_count && !status; i++)
        status =
            write_feature(pct_road_network(version->road), &version->closures[i], x->language, &json, error);
    pct_json_end_array(&json);
    pct_json_end_object(&json);
    pct_live_road_release(x->service->live, version);
    if (!status) status = pct_buffer_status(&x->reply, error);
    if (!status) pct_exchange_tag(x);
    return status;
}

pct_status pct_resource_closure_preview(pct_exchange *x, pct_error *error) {
    closing c;
    pct_status status = resolve(x, &c, error);
    if (!status) {
        const pct_network *net = pct_road_network(c.road);
        pct_json_writer json = pct_json_writer_init(&x->reply);
        pct_json_begin_object(&json);
        pct_json_key(&json, "segments");
        pct_json_integer(&json, (int64_t)c.segments.length);
        write_names(net, c.segments.items, c.segments.length, x->language, &json);
        pct_json_key(&json, "farthest_m");
        if (c.corners > 0)
            pct_json_null(&json);
        else
            pct_json_real(&json, c.farthest_m, 1);
        pct_json_key(&json, "lines");
        status = write_lines(net, c.segments.items, c.segments.length, &json, error);
        if (!status)
            status = pct_json_cut_off_member(&json, x, c.segments.items, c.segments.length,
                                             (pct_closure_id){0}, error);
        pct_json_end_object(&json);
    }
    pct_vector_dispose(&c.segments);
    return status ? status : pct_buffer_status(&x->reply, error);
}

/* After the commit, on a thread of the server: what the closure cuts off, beside all others that are open. */
static pct_status tell_ordered(pct_exchange *x, pct_error *error) {
    closing c;
    pct_status status = resolve(x, &c, error);
    pct_buffer_clear(&x->reply);
    pct_json_writer json = pct_json_writer_init(&x->reply);
    pct_json_begin_object(&json);
    pct_json_id_member(&json, "id", x->made);
    pct_json_key(&json, "seq");
    pct_json_integer(&json, x->made_seq);
    if (!status)
        status = pct_json_cut_off_member(&json, x, c.segments.items, c.segments.length,
                                         (pct_closure_id){x->made.seq}, error);
    pct_json_end_object(&json);
    pct_vector_dispose(&c.segments);
    return status ? status : pct_buffer_status(&x->reply, error);
}

pct_status pct_resource_closure_order(pct_exchange *x, pct_error *error) {
    closing c;
    pct_status status = resolve(x, &c, error);
    pct_command command;
    memset(&command, 0, sizeof command);
    command.kind = PCT_COMMAND_ORDER_CLOSURE;
    pct_event_closure_ordered *ordered = &command.data.closure_ordered;
    pct_text reason = pct_exchange_text(x, "reason");
    for (unsigned r = 1; r < PCT_CLOSURE_REASON_COUNT; r++)
        if (pct_text_equal(reason, pct_closure_reason_names[r])) ordered->reason = (pct_closure_reason)r;
    (void)pct_zone_parse(&x->service->site->zone, pct_exchange_text(x, "until"), &ordered->until, NULL);
    ordered->both_ways = c.both_ways;
    ordered->kind = c.speed_kmh ? PCT_CLOSURE_KIND_SLOW : PCT_CLOSURE_KIND_CLOSE;
    ordered->has_speed_kmh = c.speed_kmh > 0;
    ordered->speed_kmh = c.speed_kmh;
    ordered->roads = c.roads, ordered->roads_count = c.road_count;
    ordered->points = c.points, ordered->points_count = c.road_count;
    ordered->area = c.area, ordered->area_count = c.corners;
    pct_vector_dispose(&c.segments);
    x->finish = tell_ordered;
    return status ? status : pct_resource_submit(x, &command, PCT_LANE_DISPATCH, error);
}
