/* The fastest way through positions in their order, told by name and turn; and other sensible ways. */
#include <math.h>

#include "base/text.h"
#include "geo/geojson.h"
#include "geo/polyline.h"
#include "resource/road_json.h"
#include "road/route/steps.h"

enum { SENTENCE_MAX = 1 << 12, POLYLINE_MAX = 1 << 24, POLYLINE_DECIMALS = 6 };

typedef struct telling {
    pct_exchange *x;
    pct_seat *seat;
    const pct_network *net;
    pct_position to; /* as it was given */
    pct_language language;
    bool steps, line, polyline;
    pct_buffer sentence; /* kept from step to step */
    pct_json_writer json;
} telling;

static void write_motion(pct_json_writer *json, uint64_t time_ms, uint64_t length_mm) {
    pct_json_key(json, "duration_s");
    pct_json_real(json, (double)time_ms / 1000.0, 1);
    pct_json_key(json, "distance_m");
    pct_json_real(json, (double)length_mm / 1000.0, 1);
}

static const char *side_name(pct_side side) {
    return side == PCT_SIDE_LEFT ? "left" : side == PCT_SIDE_RIGHT ? "right" : "";
}

static void write_step(telling *t, const pct_step *step) {
    pct_json_writer *json = &t->json;
    pct_json_begin_object(json);
    pct_json_key(json, "maneuver");
    pct_json_string(json, pct_maneuver_name(step->maneuver));
    pct_buffer_clear(&t->sentence);
    (void)pct_step_write(t->net, step, t->language, &t->sentence);
    pct_json_key(json, "instruction");
    pct_json_string(json, pct_buffer_chars(&t->sentence));
    pct_json_text_member(json, "name", pct_network_name(t->net, step->name));
    pct_json_text_member(json, "name_en", pct_network_name(t->net, step->name_en));
    pct_json_key(json, "class");
    pct_json_string(json, pct_road_class_name((pct_road_class)t->net->segments[step->segment].road_class));
    pct_json_key(json, "exit");
    if (step->maneuver == PCT_MANEUVER_ROUNDABOUT && step->exit > 0)
        pct_json_integer(json, step->exit);
    else
        pct_json_null(json);
    pct_json_text_member(json, "side", pct_text_of(side_name(step->side)));
    pct_json_key(json, "heading");
    pct_json_integer(json, lround(step->heading_deg) % 360);
    write_motion(json, step->time_ms, step->length_mm);
    pct_json_position_member(json, "position", true, step->at);
    pct_json_end_object(json);
}

static pct_status write_leg(telling *t, const pct_journey *way, size_t number, pct_error *error) {
    const pct_route part = pct_journey_part(way, number);
    bool is_last = number + 1 == way->parts.length;
    pct_status status = pct_route_line(t->seat->open, &part, &t->seat->line, error);
    t->seat->steps.length = 0;
    if (!status && t->steps)
        status = pct_route_steps(t->seat->open, &part, is_last ? &t->to : NULL,
                                 is_last ? 0 : (uint32_t)(number + 1), &t->seat->steps, error);
    if (status) return status;
    pct_json_begin_object(&t->json);
    write_motion(&t->json, part.time_ms, part.length_mm);
    pct_json_key(&t->json, "steps");
    pct_json_begin_array(&t->json);
    for (size_t i = 0; i < t->seat->steps.length; i++)
        write_step(t, (const pct_step *)t->seat->steps.items + i);
    pct_json_end_array(&t->json);
    pct_json_end_object(&t->json);
    return PCT_OK;
}

static void write_geometry(telling *t) {
    const pct_vector *line = &t->seat->line;
    pct_json_key(&t->json, "geometry");
    if (t->line)
        pct_geojson_write_line(&t->json, line->items, line->length);
    else
        pct_json_null(&t->json);
    pct_json_key(&t->json, "polyline6");
    if (!t->polyline) {
        pct_json_null(&t->json);
        return;
    }
    pct_buffer text = pct_buffer_init(POLYLINE_MAX);
    (void)pct_polyline_write(line->items, line->length, POLYLINE_DECIMALS, &text);
    pct_json_string(&t->json, pct_buffer_chars(&text));
    pct_buffer_dispose(&text);
}

static pct_status write_way(telling *t, const pct_journey *way, pct_error *error) {
    pct_status status = PCT_OK;
    t->seat->line.length = 0;
    pct_json_begin_object(&t->json);
    write_motion(&t->json, way->time_ms, way->length_mm);
    pct_json_key(&t->json, "legs");
    pct_json_begin_array(&t->json);
    for (size_t i = 0; i < way->parts.length && !status; i++) status = write_leg(t, way, i, error);
    pct_json_end_array(&t->json);
    write_geometry(t);
    pct_json_end_object(&t->json);
    return status;
}

static pct_status write_reply(telling *t, size_t found, pct_error *error) {
    pct_status status = PCT_OK;
    pct_json_begin_object(&t->json);
    pct_json_key(&t->json, "profile");
    pct_json_string(&t->json, pct_profile_name(t->seat->profile));
    pct_road_write_band(&t->json, t->seat);
    pct_json_key(&t->json, "routes");
    pct_json_begin_array(&t->json);
    for (size_t i = 0; i <= found && !status; i++) status = write_way(t, &t->seat->journeys[i], error);
    pct_json_end_array(&t->json);
    pct_road_write_distances(&t->json, "snapped_m", &t->seat->targets);
    pct_json_key(&t->json, "closures");
    pct_json_integer(&t->json, (int64_t)t->seat->version->closure_count);
    pct_road_write_credit(t->x, &t->json);
    pct_json_end_object(&t->json);
    return status;
}

/* From, via points, to. */
static pct_status place_points(telling *t, pct_error *error) {
    pct_exchange *x = t->x;
    pct_position p = {0, 0};
    pct_text via = pct_exchange_query(x, "via"), item;
    (void)pct_exchange_query_position(x, "from", &p);
    pct_status status = pct_road_place_one(x, t->seat, "from", p, &t->seat->targets, error);
    while (!status && via.chars && pct_text_next(&via, ';', &item))
        if (pct_position_from_text(item, &p))
            status = pct_road_place_one(x, t->seat, "via", p, &t->seat->targets, error);
    (void)pct_exchange_query_position(x, "to", &t->to);
    return status ? status : pct_road_place_one(x, t->seat, "to", t->to, &t->seat->targets, error);
}

static pct_status find(telling *t, size_t *found, pct_error *error) {
    pct_seat *seat = t->seat;
    const pct_road_point *points = pct_placed_points(&seat->targets);
    const size_t count = seat->targets.points.length;
    const size_t others = (size_t)pct_exchange_query_int(t->x, "alternatives", 0);
    *found = 0;
    if (others > 0 && count > 2) {
        t->x->status_code = 422;
        return pct_error_set(error, PCT_INPUT, PCT_MSG_ROUTE_ALTERNATIVES_VIA, NULL, 0);
    }
    if (others > 0 && !seat->alternatives) {
        t->x->status_code = 422;
        return pct_error_set(error, PCT_INPUT, PCT_MSG_PROFILE_WITHOUT_ALTERNATIVES, NULL, 0);
    }
    pct_status status = others > 0 ? pct_alternatives_find(seat->alternatives, seat->router, points[0],
                                                           points[1], others, seat->journeys, found, error)
                                   : pct_journey_find(seat->router, points, count, &seat->journeys[0], error);
    if (status != PCT_UNREACHABLE) return status;
    size_t left = seat->journeys[0].parts.length;
    return pct_seat_unreachable(seat, points[left], points[left + 1], error);
}

static pct_language wanted_language(const pct_exchange *x) {
    pct_text language = pct_exchange_query(x, "language");
    return language.chars ? (pct_text_equal(language, "zh") ? PCT_ZH : PCT_EN) : x->language;
}

pct_status pct_resource_road_route(pct_exchange *x, pct_error *error) {
    pct_text geometry = pct_exchange_query(x, "geometry"), steps = pct_exchange_query(x, "steps");
    size_t found;
    telling t = {.x = x,
                 .language = wanted_language(x),
                 .steps = !(steps.chars && pct_text_equal(steps, "false")),
                 .line = !geometry.chars || pct_text_equal(geometry, "geojson"),
                 .polyline = geometry.chars && pct_text_equal(geometry, "polyline6"),
                 .sentence = pct_buffer_init(SENTENCE_MAX),
                 .json = pct_json_writer_init(&x->reply)};
    pct_status status = pct_road_sit(x, pct_exchange_query(x, "profile"), &t.seat, error);
    if (status) return status;
    t.net = pct_road_network(t.seat->open);
    status = place_points(&t, error);
    if (!status) status = find(&t, &found, error);
    if (!status) status = write_reply(&t, found, error);
    pct_ways_rise(x->service->ways, t.seat);
    pct_buffer_dispose(&t.sentence);
    return status;
}
