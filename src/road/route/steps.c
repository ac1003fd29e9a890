#include "road/route/steps.h"

#include <math.h>

#include "base/memory.h"

enum { POINTS_MAX = 1 << 22 };

static const char *const maneuver_names[] = {
#define X(name, text) text,
    PCT_MANEUVERS(X)
#undef X
};

const char *pct_maneuver_name(pct_maneuver maneuver) {
    return maneuver_names[maneuver];
}

pct_message pct_maneuver_message(pct_maneuver maneuver, bool named) {
    switch (maneuver) {
    case PCT_MANEUVER_DEPART: return named ? PCT_MSG_STEP_DEPART_ON : PCT_MSG_STEP_DEPART;
    case PCT_MANEUVER_CONTINUE: return named ? PCT_MSG_STEP_CONTINUE_ON : PCT_MSG_STEP_CONTINUE;
    case PCT_MANEUVER_SLIGHT_LEFT: return named ? PCT_MSG_STEP_SLIGHT_LEFT_INTO : PCT_MSG_STEP_SLIGHT_LEFT;
    case PCT_MANEUVER_LEFT: return named ? PCT_MSG_STEP_LEFT_INTO : PCT_MSG_STEP_LEFT;
    case PCT_MANEUVER_SHARP_LEFT: return named ? PCT_MSG_STEP_SHARP_LEFT_INTO : PCT_MSG_STEP_SHARP_LEFT;
    case PCT_MANEUVER_SLIGHT_RIGHT: return named ? PCT_MSG_STEP_SLIGHT_RIGHT_INTO : PCT_MSG_STEP_SLIGHT_RIGHT;
    case PCT_MANEUVER_RIGHT: return named ? PCT_MSG_STEP_RIGHT_INTO : PCT_MSG_STEP_RIGHT;
    case PCT_MANEUVER_SHARP_RIGHT: return named ? PCT_MSG_STEP_SHARP_RIGHT_INTO : PCT_MSG_STEP_SHARP_RIGHT;
    case PCT_MANEUVER_U_TURN: return named ? PCT_MSG_STEP_U_TURN_ON : PCT_MSG_STEP_U_TURN;
    case PCT_MANEUVER_ROUNDABOUT: return named ? PCT_MSG_STEP_ROUNDABOUT_ON : PCT_MSG_STEP_ROUNDABOUT;
    default: return named ? PCT_MSG_STEP_ARRIVE_ON : PCT_MSG_STEP_ARRIVE;
    }
}

static pct_status add_point(pct_vector *points, pct_position p, pct_error *error) {
    const pct_position *all = points->items;
    if (points->length > 0) {
        pct_position last = all[points->length - 1];
        if (last.lon_e7 == p.lon_e7 && last.lat_e7 == p.lat_e7) return PCT_OK;
    }
    pct_position *added = pct_vector_push(points);
    if (!added) return pct_vector_failed(points, PCT_MSG_WHAT_ROUTE_POINTS, error);
    *added = p;
    return PCT_OK;
}

/* The driven part of one segment: its two ends and what lies strictly between. `line` is scratch. */
static pct_status add_leg_line(const pct_road *road, const pct_route_leg *leg, pct_vector *line,
                               pct_vector *points, pct_error *error) {
    const pct_network *net = pct_road_network(road);
    bool backward = leg->from_mm > leg->to_mm;
    size_t count = 0;
    pct_network_segment_line(net, leg->segment, backward, NULL, &count);
    line->length = 0;
    for (size_t i = 0; i < count; i++)
        if (!pct_vector_push(line)) return pct_vector_failed(line, PCT_MSG_WHAT_SEGMENT_POINTS, error);
    pct_position *p = line->items;
    pct_network_segment_line(net, leg->segment, backward, p, &count);
    double length_mm = net->segments[leg->segment].length_mm, whole_m = pct_geo_length_m(p, count),
           along_m = 0.0;
    double from_m = (backward ? length_mm - leg->from_mm : leg->from_mm) / length_mm * whole_m;
    double to_m = (backward ? length_mm - leg->to_mm : leg->to_mm) / length_mm * whole_m;
    pct_status status =
        add_point(points, pct_road_point_position(road, (pct_road_point){leg->segment, leg->from_mm}), error);
    for (size_t i = 1; i + 1 < count && !status; i++) {
        along_m += pct_geo_distance_m(p[i - 1], p[i]);
        if (along_m > from_m && along_m < to_m) status = add_point(points, p[i], error);
    }
    if (status) return status;
    return add_point(points, pct_road_point_position(road, (pct_road_point){leg->segment, leg->to_mm}),
                     error);
}

pct_status pct_route_line(const pct_road *road, const pct_route *route, pct_vector *points,
                          pct_error *error) {
    pct_vector line = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < route->leg_count && !status; i++)
        status = add_leg_line(road, &route->legs[i], &line, points, error);
    pct_vector_dispose(&line);
    return status;
}

static pct_maneuver turn_of(double before_deg, double after_deg) {
    double turn = fmod(after_deg - before_deg + 540.0, 360.0) - 180.0; /* right is positive */
    double size = fabs(turn);
    if (size < 20.0) return PCT_MANEUVER_CONTINUE;
    if (size > 170.0) return PCT_MANEUVER_U_TURN;
    if (size < 50.0) return turn < 0.0 ? PCT_MANEUVER_SLIGHT_LEFT : PCT_MANEUVER_SLIGHT_RIGHT;
    if (size < 130.0) return turn < 0.0 ? PCT_MANEUVER_LEFT : PCT_MANEUVER_RIGHT;
    return turn < 0.0 ? PCT_MANEUVER_SHARP_LEFT : PCT_MANEUVER_SHARP_RIGHT;
}

/* The bearings at the beginning and at the end of a leg, and where it begins. */
typedef struct course {
    double first_deg, last_deg;
    pct_position begin, end;
} course;

static pct_status course_of(const pct_road *road, const pct_route_leg *leg, pct_vector *line,
                            pct_vector *points, course *out, pct_error *error) {
    points->length = 0;
    pct_status status = add_leg_line(road, leg, line, points, error);
    if (status) return status;
    const pct_position *p = points->items;
    size_t n = points->length;
    *out = (course){.begin = p[0], .end = p[n - 1]};
    if (n < 2) return PCT_OK;
    out->first_deg = pct_geo_bearing_deg(p[0], p[1]);
    out->last_deg = pct_geo_bearing_deg(p[n - 2], p[n - 1]);
    return PCT_OK;
}

static pct_status add_step(pct_vector *steps, pct_step step, pct_error *error) {
    pct_step *added = pct_vector_push(steps);
    if (!added) return pct_vector_failed(steps, PCT_MSG_WHAT_ROUTE_STEPS, error);
    *added = step;
    return PCT_OK;
}

static bool same_road(const pct_segment *a, const pct_segment *b) {
    return a->name == b->name && (a->flags & PCT_SEGMENT_ROUNDABOUT) == (b->flags & PCT_SEGMENT_ROUNDABOUT);
}

pct_status pct_route_steps(const pct_road *road, const pct_route *route, pct_vector *steps,
                           pct_error *error) {
    const pct_network *net = pct_road_network(road);
    pct_vector line = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    pct_vector points = pct_vector_init(sizeof(pct_position), POINTS_MAX);
    const pct_segment *before = NULL;
    course last = {0}, now = {0};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < route->leg_count && !status; i++) {
        const pct_route_leg *leg = &route->legs[i];
        const pct_segment *segment = &net->segments[leg->segment];
        status = course_of(road, leg, &line, &points, &now, error);
        pct_maneuver maneuver = before ? turn_of(last.last_deg, now.first_deg) : PCT_MANEUVER_DEPART;
        if (before && segment->flags & PCT_SEGMENT_ROUNDABOUT) maneuver = PCT_MANEUVER_ROUNDABOUT;
        bool goes_on = before && same_road(before, segment) && maneuver != PCT_MANEUVER_U_TURN;
        if (!status && !goes_on)
            status = add_step(steps, (pct_step){maneuver, segment->name, segment->name_en, 0, 0, now.begin},
                              error);
        if (status) break;
        pct_step *step = (pct_step *)steps->items + steps->length - 1;
        step->length_mm += leg->from_mm > leg->to_mm ? leg->from_mm - leg->to_mm : leg->to_mm - leg->from_mm;
        step->time_ms += leg->time_ms;
        before = segment;
        last = now;
    }
    if (!status && before)
        status = add_step(
            steps, (pct_step){PCT_MANEUVER_ARRIVE, before->name, before->name_en, 0, 0, last.end}, error);
    pct_vector_dispose(&line);
    pct_vector_dispose(&points);
    return status;
}
