/* Driving the rounds: what a unit that is free does now, and until when. */
#include "sim/tours_state.h"

static const int64_t spare_ms = 600000; /* at the post at least so long, or it is not worth the way */

static const pct_tour none = {0};

static pct_tour *tour_of(const pct_tours *tours, uint32_t unit, uint32_t day) {
    return &tours->tours[(size_t)day * tours->in.unit_count + unit];
}

static bool is_over(const pct_tours *tours, const pct_tour *tour, int64_t now_ms) {
    if (!tour->route || now_ms >= tour->until_ms) return true;
    for (uint32_t s = tour->first; s < tour->first + tour->count; s++)
        if (tours->stops[s].state == PCT_TOUR_OPEN &&
            pct_tour_may_begin_ms(tours, &tours->stops[s], now_ms) != INT64_MAX)
            return false;
    return true;
}

/* The round of today, or the next one; NULL behind the last. */
static const pct_tour *present_tour(pct_tours *tours, uint32_t unit, int64_t now_ms) {
    pct_tour_unit *u = &tours->units[unit];
    while (u->day < tours->day_count && is_over(tours, tour_of(tours, unit, u->day), now_ms)) u->day++;
    return u->day < tours->day_count ? tour_of(tours, unit, u->day) : NULL;
}

/* --- moving ------------------------------------------------------------------------------------------------- */

/* Begins the way to one place, which takes `travel_ms`; where profile patrol has none, as everybody else drives. */
static pct_status set_out(pct_tours *tours, pct_trip *trip, pct_road_point to, int64_t now_ms,
                          uint32_t travel_ms, pct_error *error) {
    pct_status status = pct_trip_begin_along(trip, tours->in.way, &to, 1, now_ms, travel_ms, error);
    if (status == PCT_UNREACHABLE)
        status = pct_trip_begin_along(trip, tours->in.other, &to, 1, now_ms, travel_ms, error);
    return status;
}

static void leave_post(pct_tour_unit *u, pct_tour_next *next) {
    if (!u->away) next->news = PCT_TOUR_LEFT_POST;
    u->away = true;
}

static pct_status drive_home(pct_tours *tours, const pct_tour *tour, uint32_t unit, pct_trip *trip,
                             int64_t now_ms, pct_tour_next *next, pct_error *error) {
    pct_tour_unit *u = &tours->units[unit];
    uint32_t travel_ms;
    pct_tour_times_ms(tours, tour, trip->to, &u->post, 1, &travel_ms);
    if (travel_ms == PCT_UNREACHABLE_MS) return PCT_OK; /* it stays where it is, free */
    pct_status status = set_out(tours, trip, u->post, now_ms, travel_ms, error);
    if (status) return status == PCT_UNREACHABLE ? PCT_OK : status;
    u->phase = PCT_TOUR_HOMEWARD;
    next->due_ms = now_ms + trip->duration_ms;
    return PCT_OK;
}

/* --- serving ------------------------------------------------------------------------------------------------ */

/* A line is driven along its path, in the direction of the plan; without a path, by the way from end to end. */
static pct_status drive_line(pct_tours *tours, const pct_tour_stop *stop, pct_trip *trip, int64_t now_ms,
                             uint32_t takes_ms, pct_error *error) {
    enum { THROUGH_MAX = 64 };
    const pct_duty_task *task = stop->place->task;
    const pct_duty_stop *planned = stop->place->planned;
    const pct_travel *way = tours->in.way;
    pct_road_point through[THROUGH_MAX];
    size_t n = task ? task->position_count : 0, count = 0;
    bool back = n > 1 && pct_geo_distance_m(planned->from, task->positions[n - 1]) <
                             pct_geo_distance_m(planned->from, task->positions[0]);
    for (size_t i = 1; i + 1 < n && count + 1 < THROUGH_MAX; i++) {
        double distance_m;
        pct_position position = task->positions[back ? n - 1 - i : i];
        count += way->locate(way->context, position, &through[count], &distance_m, NULL) == PCT_OK;
    }
    through[count++] = stop->place->to;
    pct_status status = pct_trip_begin_along(trip, way, through, count, now_ms, takes_ms, error);
    if (status == PCT_UNREACHABLE) status = set_out(tours, trip, stop->place->to, now_ms, takes_ms, error);
    return status == PCT_UNREACHABLE ? PCT_OK : status;
}

static pct_status begin_service(pct_tours *tours, uint32_t unit, uint32_t stop, pct_trip *trip,
                                int64_t now_ms, pct_tour_next *next, pct_error *error) {
    pct_tour_unit *u = &tours->units[unit];
    const pct_tour_stop *s = &tours->stops[stop];
    int64_t *last_ms = &tours->series_ms[s->place->series];
    u->phase = PCT_TOUR_SERVES;
    u->doing = stop;
    u->since_ms = now_ms;
    u->before_ms = *last_ms;
    next->due_ms = *last_ms = pct_tour_over_ms(s, now_ms);
    if (s->place->planned->kind != PCT_DUTY_LINE || next->due_ms == now_ms) return PCT_OK;
    return drive_line(tours, s, trip, now_ms, (uint32_t)(next->due_ms - now_ms), error);
}

static void end_service(pct_tours *tours, pct_tour_unit *u, int64_t now_ms) {
    pct_tour_stop *s = &tours->stops[u->doing];
    bool late = u->since_ms > s->start_ms + PCT_TOUR_LATE_MS;
    s->held_ms += now_ms - u->since_ms;
    s->state = late ? PCT_TOUR_DONE_LATE : PCT_TOUR_DONE;
    u->phase = PCT_TOUR_FREE;
    u->doing = PCT_NO_INDEX;
}

/* --- deciding ----------------------------------------------------------------------------------------------- */

/* Is there time to go to the post and come from there to the stop? */
static bool may_rest_at_post(const pct_tours *tours, const pct_tour *tour, const pct_tour_unit *u,
                             pct_road_point here, uint32_t stop, int64_t now_ms, int64_t begin_ms) {
    uint32_t back_ms, there_ms;
    if (!tours->in.to_post || !u->away || begin_ms - now_ms < spare_ms) return false;
    pct_tour_times_ms(tours, tour, here, &u->post, 1, &back_ms);
    pct_tour_times_ms(tours, tour, u->post, &tours->stops[stop].place->from, 1, &there_ms);
    return back_ms != PCT_UNREACHABLE_MS && there_ms != PCT_UNREACHABLE_MS &&
           now_ms + (int64_t)back_ms + there_ms + spare_ms <= begin_ms;
}

static pct_status go_to(pct_tours *tours, const pct_tour *tour, uint32_t unit, uint32_t stop,
                        uint32_t travel_ms, int64_t begin_ms, pct_trip *trip, int64_t now_ms,
                        pct_tour_next *next, pct_error *error) {
    pct_tour_unit *u = &tours->units[unit];
    if (may_rest_at_post(tours, tour, u, trip->to, stop, now_ms, begin_ms))
        return drive_home(tours, tour, unit, trip, now_ms, next, error);
    if (!u->away && begin_ms - (int64_t)travel_ms > now_ms) {
        next->due_ms = begin_ms - (int64_t)travel_ms;
        return PCT_OK;
    }
    if (travel_ms == 0) {
        if (begin_ms <= now_ms) return begin_service(tours, unit, stop, trip, now_ms, next, error);
        next->due_ms = begin_ms;
        return PCT_OK;
    }
    pct_status status = set_out(tours, trip, tours->stops[stop].place->from, now_ms, travel_ms, error);
    if (status) return status;
    leave_post(u, next);
    u->phase = PCT_TOUR_UNDER_WAY;
    u->doing = stop;
    next->due_ms = now_ms + trip->duration_ms;
    return PCT_OK;
}

static pct_status decide(pct_tours *tours, uint32_t unit, pct_trip *trip, int64_t now_ms, pct_tour_next *next,
                         pct_error *error) {
    pct_tour_unit *u = &tours->units[unit];
    for (;; u->day++) {
        const pct_tour *tour = present_tour(tours, unit, now_ms);
        bool later = !tour || now_ms < tour->leave_ms;
        if (later) {
            next->due_ms = tour ? tour->leave_ms : INT64_MAX;
            return u->away ? drive_home(tours, tour ? tour : &none, unit, trip, now_ms, next, error) : PCT_OK;
        }
        uint32_t stop, travel_ms;
        int64_t begin_ms;
        pct_status status =
            pct_tour_choose(tours, tour, trip->to, now_ms, &stop, &travel_ms, &begin_ms, error);
        if (status) return status;
        if (stop != PCT_NO_INDEX)
            return go_to(tours, tour, unit, stop, travel_ms, begin_ms, trip, now_ms, next, error);
    }
}

pct_status pct_tours_step(pct_tours *tours, uint32_t unit, pct_trip *trip, int64_t now_ms,
                          pct_tour_next *next, pct_error *error) {
    pct_tour_unit *u = &tours->units[unit];
    *next = (pct_tour_next){.due_ms = INT64_MAX};
    pct_trip_stand(trip, trip->to);
    if (u->phase == PCT_TOUR_SERVES) end_service(tours, u, now_ms);
    if (u->phase == PCT_TOUR_HOMEWARD) {
        u->away = false;
        next->news = PCT_TOUR_AT_POST;
    }
    u->phase = PCT_TOUR_FREE;
    u->doing = PCT_NO_INDEX;
    return decide(tours, unit, trip, now_ms, next, error);
}

void pct_tours_stand(pct_tours *tours, uint32_t unit) {
    pct_tour_unit *u = &tours->units[unit];
    u->away = false;
    u->phase = PCT_TOUR_FREE;
    u->doing = PCT_NO_INDEX;
}

void pct_tours_leave(pct_tours *tours, uint32_t unit, int64_t now_ms) {
    pct_tour_unit *u = &tours->units[unit];
    if (u->phase == PCT_TOUR_SERVES) {
        pct_tour_stop *s = &tours->stops[u->doing];
        int64_t *last_ms = &tours->series_ms[s->place->series];
        s->held_ms += now_ms - u->since_ms;
        if (*last_ms == pct_tour_over_ms(s, u->since_ms)) *last_ms = u->before_ms;
    }
    if (u->phase == PCT_TOUR_SERVES || u->phase == PCT_TOUR_UNDER_WAY) tours->called_away++;
    u->away = true;
    u->phase = PCT_TOUR_FREE;
    u->doing = PCT_NO_INDEX;
}

const pct_duty_stop *pct_tours_doing(const pct_tours *tours, uint32_t unit) {
    uint32_t stop = tours->units[unit].doing;
    return stop == PCT_NO_INDEX ? NULL : tours->stops[stop].place->planned;
}
