/* Steps in three passes: courses of the legs (bearings at either end), legs to steps, tiny steps away. The rules follow what
 * drivers are told by the open engines (OSRM's guidance: names, roundabouts, collapsed turns), as far as a police desk
 * needs them: no lanes, no signposts. O(legs + points of the legs). */
#include "road/route/steps.h"

#include <math.h>

#include "road/line.h"
#include "road/road.h"

/* Bearings are taken over so much of the road: the first metre of a junction as it was drawn says little. */
static const double course_m = 8.0;
static const double straight_deg = 20.0, choice_deg = 50.0, round_deg = 170.0;

static const char *const maneuver_names[] = {
#define X(name, text) text,
    PCT_MANEUVERS(X)
#undef X
};

const char *pct_maneuver_name(pct_maneuver maneuver) {
    return maneuver_names[maneuver];
}

/* Right is positive, in (-180, 180]. */
static double turn_deg(double before_deg, double after_deg) {
    return fmod(after_deg - before_deg + 540.0, 360.0) - 180.0;
}

static pct_maneuver turn_of(double turn) {
    double size = fabs(turn);
    if (size < straight_deg) return PCT_MANEUVER_CONTINUE;
    if (size > round_deg) return PCT_MANEUVER_U_TURN;
    if (size < choice_deg) return turn < 0.0 ? PCT_MANEUVER_SLIGHT_LEFT : PCT_MANEUVER_SLIGHT_RIGHT;
    if (size < 130.0) return turn < 0.0 ? PCT_MANEUVER_LEFT : PCT_MANEUVER_RIGHT;
    return turn < 0.0 ? PCT_MANEUVER_SHARP_LEFT : PCT_MANEUVER_SHARP_RIGHT;
}

/* --- courses ------------------------------------------------------------------------------------------------------- */

/* A leg's bearings where it begins and where it ends, and these two places. */
typedef struct course {
    double first_deg, last_deg;
    pct_position begin, end;
} course;

/* The bearing from one end of a segment's line some metres along it. */
static double bearing_along(const pct_network *net, uint32_t segment, bool from_head) {
    uint32_t inner = pct_line_inner(net, segment);
    pct_position from = pct_line_point(net, segment, from_head ? inner + 1 : 0, inner), to = from;
    const pct_plane plane = pct_plane_at(from);
    for (uint32_t i = 1; i <= inner + 1; i++) {
        double east_m, north_m;
        to = pct_line_point(net, segment, from_head ? inner + 1 - i : i, inner);
        pct_plane_to_m(&plane, to, &east_m, &north_m);
        if (east_m * east_m + north_m * north_m >= course_m * course_m) break;
    }
    return pct_geo_bearing_deg(from, to);
}

static double reversed(double deg) {
    return deg < 180.0 ? deg + 180.0 : deg - 180.0;
}

/* The bearing of a drive inside a segment, from one offset to another. */
static double bearing_between(const pct_road *road, uint32_t segment, uint32_t from_mm, uint32_t to_mm) {
    return pct_geo_bearing_deg(pct_road_point_position(road, (pct_road_point){segment, from_mm}),
                               pct_road_point_position(road, (pct_road_point){segment, to_mm}));
}

static uint32_t step_toward(uint32_t from_mm, uint32_t to_mm) {
    const uint32_t step_mm = (uint32_t)(course_m * 1000.0);
    if (from_mm < to_mm) return to_mm - from_mm < step_mm ? to_mm : from_mm + step_mm;
    return from_mm - to_mm < step_mm ? to_mm : from_mm - step_mm;
}

static course course_of(const pct_road *road, const pct_route_leg *leg) {
    const pct_network *net = pct_road_network(road);
    const pct_segment *s = &net->segments[leg->segment];
    bool backward = leg->from_mm > leg->to_mm;
    bool whole_begin = leg->from_mm == (backward ? s->length_mm : 0),
         whole_end = leg->to_mm == (backward ? 0 : s->length_mm);
    course c;
    c.begin = whole_begin ? net->node_position[backward ? s->head : s->tail]
                          : pct_road_point_position(road, (pct_road_point){leg->segment, leg->from_mm});
    c.end = whole_end ? net->node_position[backward ? s->tail : s->head]
                      : pct_road_point_position(road, (pct_road_point){leg->segment, leg->to_mm});
    c.first_deg = whole_begin && whole_end ? bearing_along(net, leg->segment, backward)
                                           : bearing_between(road, leg->segment, leg->from_mm,
                                                             step_toward(leg->from_mm, leg->to_mm));
    c.last_deg = whole_begin && whole_end
                     ? reversed(bearing_along(net, leg->segment, !backward))
                     : bearing_between(road, leg->segment, step_toward(leg->to_mm, leg->from_mm), leg->to_mm);
    return c;
}

/* --- legs to steps ------------------------------------------------------------------------------------------------- */

typedef struct talk {
    const pct_road *road;
    const pct_network *net;
    pct_vector *steps;
    size_t first;             /* of this route among the steps */
    const pct_route_leg *leg; /* the leg before */
    course last;              /* of it */
    double before_deg; /* where the step before the last one ended: the bearing before the last step began */
    uint32_t exits;    /* passed in the roundabout under way */
    bool in_roundabout;
} talk;

static const pct_segment *segment_of(const talk *t, const pct_route_leg *leg) {
    return &t->net->segments[leg->segment];
}

static bool is_round(const pct_segment *s) {
    return (s->flags & PCT_SEGMENT_ROUNDABOUT) != 0;
}

/* The node where a leg ends. */
static uint32_t end_node(const talk *t, const pct_route_leg *leg) {
    const pct_segment *s = segment_of(t, leg);
    return leg->from_mm > leg->to_mm ? s->tail : s->head;
}

static bool everybody_may(const pct_segment *s, bool backward) {
    return (s->flags & (backward ? PCT_SEGMENT_BACKWARD : PCT_SEGMENT_FORWARD)) != 0;
}

/* Roads by which everybody may leave a roundabout at a node. */
static uint32_t exits_at(const talk *t, uint32_t node) {
    uint32_t count = 0;
    for (uint32_t a = t->net->first_arc[node]; a < t->net->first_arc[node + 1]; a++) {
        const pct_segment *s = &t->net->segments[t->net->arc_segment[a] >> 1];
        if (!is_round(s) && everybody_may(s, t->net->arc_segment[a] & 1)) count++;
    }
    return count;
}

/* Besides the road that one comes by and the one that one takes, another leads out of the joint: straighter than the turn
 * (`straighter`), or any at all. */
static bool has_other_way(const talk *t, const pct_route_leg *leg, double turn, bool straighter) {
    uint32_t node = end_node(t, t->leg);
    for (uint32_t a = t->net->first_arc[node]; a < t->net->first_arc[node + 1]; a++) {
        uint32_t way = t->net->arc_segment[a], segment = way >> 1;
        if (segment == leg->segment || segment == t->leg->segment) continue;
        if (!everybody_may(&t->net->segments[segment], way & 1)) continue;
        double other = turn_deg(t->last.last_deg, bearing_along(t->net, segment, way & 1));
        if (!straighter || fabs(other) + straight_deg < fabs(turn)) return true;
    }
    return false;
}

/* The leg belongs to the step that is being told. */
static bool goes_on(const talk *t, const pct_route_leg *leg, double turn) {
    const pct_segment *a = segment_of(t, t->leg), *b = segment_of(t, leg);
    if (fabs(turn) > round_deg || leg->segment == t->leg->segment) return false;
    if ((a->road_class == PCT_ROAD_FERRY) != (b->road_class == PCT_ROAD_FERRY)) return false;
    if (is_round(b)) return t->in_roundabout || is_round(a);
    if (is_round(a)) return t->in_roundabout;
    if (a->name != b->name || (a->name == 0 && a->road_class != b->road_class)) return false;
    if (fabs(turn) < choice_deg) return true;
    return !has_other_way(t, leg, turn, a->name != 0);
}

static pct_step *last_step(const talk *t) {
    return (pct_step *)t->steps->items + t->steps->length - 1;
}

static void add_leg(const talk *t, pct_step *step, const pct_route_leg *leg) {
    const pct_segment *s = segment_of(t, leg);
    bool backward = leg->from_mm > leg->to_mm;
    int right = backward ? PCT_SEGMENT_EMERGENCY_BACKWARD : PCT_SEGMENT_EMERGENCY_FORWARD;
    step->against |= !(s->flags & right) && !everybody_may(s, backward);
    step->length_mm += leg->from_mm > leg->to_mm ? leg->from_mm - leg->to_mm : leg->to_mm - leg->from_mm;
    step->time_ms += leg->time_ms;
}

static void name_step(const talk *t, pct_step *step, const pct_route_leg *leg) {
    const pct_segment *s = segment_of(t, leg);
    step->segment = leg->segment;
    step->name = s->name;
    step->name_en = s->name_en;
}

static pct_status push_step(const talk *t, pct_step step, pct_error *error) {
    pct_step *added = pct_vector_push(t->steps);
    if (!added) return pct_vector_failed(t->steps, PCT_MSG_WHAT_ROUTE_STEPS, error);
    *added = step;
    return PCT_OK;
}

/* --- tiny steps ---------------------------------------------------------------------------------------------------- */

/* The last step is a stretch between two turns: the next one takes it over. */
static bool is_tiny(const talk *t) {
    if (t->steps->length <= t->first + 1) return false;
    const pct_step *step = last_step(t);
    switch (step->maneuver) {
    case PCT_MANEUVER_ROUNDABOUT:
    case PCT_MANEUVER_FERRY:
    case PCT_MANEUVER_U_TURN:
    case PCT_MANEUVER_DEPART: return false;
    default: return step->length_mm < (uint64_t)(PCT_STEP_TINY_M * 1000.0);
    }
}

static bool is_on(const talk *t, const pct_step *step, const pct_route_leg *leg) {
    return step->name != 0 && step->name == segment_of(t, leg)->name && step->maneuver != PCT_MANEUVER_FERRY;
}

/* Begins a step with this leg, or lets the one before the tiny step go on. */
static pct_status begin_step(talk *t, const pct_route_leg *leg, const course *now, pct_error *error) {
    pct_step step = {.heading_deg = now->first_deg, .at = now->begin};
    const pct_segment *s = segment_of(t, leg);
    double before_deg = t->leg ? t->last.last_deg : 0.0;
    bool round = is_round(s) && t->leg, ferry = s->road_class == PCT_ROAD_FERRY;
    if (t->leg && !ferry && is_tiny(t)) {
        const pct_step *tiny = last_step(t);
        if (!round) before_deg = t->before_deg;
        step.length_mm = tiny->length_mm;
        step.time_ms = tiny->time_ms;
        step.at = tiny->at;
        step.against = tiny->against;
        t->steps->length--;
        double turn = turn_deg(before_deg, now->first_deg);
        if (!round && fabs(turn) < choice_deg && is_on(t, last_step(t), leg)) {
            last_step(t)->length_mm += step.length_mm;
            last_step(t)->time_ms += step.time_ms;
            last_step(t)->against |= step.against;
            return PCT_OK;
        }
    }
    step.maneuver = !t->leg ? PCT_MANEUVER_DEPART
                    : ferry ? PCT_MANEUVER_FERRY
                    : round ? PCT_MANEUVER_ROUNDABOUT
                            : turn_of(turn_deg(before_deg, now->first_deg));
    name_step(t, &step, leg);
    t->before_deg = before_deg;
    t->in_roundabout = round;
    t->exits = 0;
    return push_step(t, step, error);
}

/* A leg that goes on in the roundabout passes exits; one that leaves it gives the step its road. */
static void go_round(talk *t, const pct_route_leg *leg) {
    if (!t->in_roundabout || !is_round(segment_of(t, t->leg))) return;
    if (is_round(segment_of(t, leg))) {
        t->exits += exits_at(t, end_node(t, t->leg));
        return;
    }
    last_step(t)->exit = t->exits + 1;
    name_step(t, last_step(t), leg);
    t->in_roundabout = false;
}

static pct_status tell_leg(talk *t, const pct_route_leg *leg, pct_error *error) {
    course now = course_of(t->road, leg);
    double turn = t->leg ? turn_deg(t->last.last_deg, now.first_deg) : 0.0;
    pct_status status = PCT_OK;
    if (t->leg && goes_on(t, leg, turn))
        go_round(t, leg);
    else
        status = begin_step(t, leg, &now, error);
    if (status) return status;
    add_leg(t, last_step(t), leg);
    t->leg = leg;
    t->last = now;
    return PCT_OK;
}

/* --- arrival ------------------------------------------------------------------------------------------------------- */

static pct_side side_of(pct_position at, double heading_deg, const pct_position *destination) {
    double east_m, north_m;
    if (!destination) return PCT_SIDE_NONE;
    const pct_plane plane = pct_plane_at(at);
    const double radians = heading_deg * 0.017453292519943295;
    pct_plane_to_m(&plane, *destination, &east_m, &north_m);
    double right_m = east_m * cos(radians) - north_m * sin(radians);
    if (fabs(right_m) < PCT_STEP_SIDE_M) return PCT_SIDE_NONE;
    return right_m > 0.0 ? PCT_SIDE_RIGHT : PCT_SIDE_LEFT;
}

pct_status pct_route_steps(const pct_road *road, const pct_route *route, const pct_position *destination,
                           uint32_t via, pct_vector *steps, pct_error *error) {
    talk t = {.road = road, .net = pct_road_network(road), .steps = steps, .first = steps->length};
    pct_status status = PCT_OK;
    for (size_t i = 0; i < route->leg_count && !status; i++) status = tell_leg(&t, &route->legs[i], error);
    if (status || !t.leg) return status;
    pct_step arrival = {.maneuver = via ? PCT_MANEUVER_VIA : PCT_MANEUVER_ARRIVE,
                        .exit = via,
                        .side = side_of(t.last.end, t.last.last_deg, destination),
                        .heading_deg = t.last.last_deg,
                        .at = t.last.end};
    name_step(&t, &arrival, t.leg);
    return push_step(&t, arrival, error);
}
