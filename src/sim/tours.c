/* Rounds that are driven: made from plans, laid over days, counted. */
#include "sim/tours.h"

#include <stdio.h>

#include "base/map.h"
#include "base/rng.h"
#include "base/text.h"
#include "sim/tours_state.h"

enum { PLACES_MAX = 1 << 22, MEMORY_MAX = 1 << 30, STREAM_DRAW = 77 };

/* --- days ---------------------------------------------------------------------------------------------------- */

static int64_t day_of(const pct_zone *zone, int64_t utc_ms) {
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(zone, utc_ms, &offset_s);
    return pct_days_of_date(local.year, local.month, local.day);
}

/* The same time of the clock so many days later. */
static int64_t later(const pct_zone *zone, int64_t utc_ms, int64_t days) {
    if (days == 0) return utc_ms; /* an hour that comes twice stays the one that was meant */
    int32_t offset_s;
    pct_civil local = pct_zone_to_local(zone, utc_ms, &offset_s);
    local = pct_civil_of_ms(pct_civil_to_ms(&local) + days * PCT_DAY_MS);
    (void)pct_zone_to_utc(zone, &local, &utc_ms);
    return utc_ms;
}

/* --- plans on the road ---------------------------------------------------------------------------------------- */

typedef struct making {
    pct_tours *tours;
    pct_names series; /* ids */
    pct_names tasks;  /* ids of the problem, as numbered there */
    pct_error *error;
} making;

static bool is_own(pct_duty_kind kind) {
    return kind == PCT_DUTY_FIXED || kind == PCT_DUTY_BREAK;
}

static bool is_must(const pct_duty_stop *stop, const pct_duty_task *task) {
    if (task) return task->must;
    return stop->kind == PCT_DUTY_POINT || stop->kind == PCT_DUTY_LINE || stop->kind == PCT_DUTY_HOLD ||
           stop->kind == PCT_DUTY_ORDER;
}

/* Ids of a unit's own pieces are not unique: they stand in the list under a number that nobody asks for. */
static pct_status name_tasks(making *m) {
    const pct_duty *problem = m->tours->in.problem;
    for (size_t t = 0; problem && t < problem->task_count; t++) {
        uint32_t number;
        const pct_duty_task *task = &problem->tasks[t];
        if (is_own(task->kind)) continue;
        if (pct_names_add(&m->tasks, task->id, &number) != PCT_OK)
            return pct_error_memory(m->error, task->id.length);
    }
    return PCT_OK;
}

static const pct_duty_task *task_of(const making *m, const pct_duty_stop *stop) {
    const pct_duty *problem = m->tours->in.problem;
    uint32_t number = is_own(stop->kind) ? PCT_MAP_ABSENT : pct_names_find(&m->tasks, stop->id), n = 0;
    if (number == PCT_MAP_ABSENT) return NULL;
    for (size_t t = 0; t < problem->task_count; t++)
        if (!is_own(problem->tasks[t].kind) && n++ == number) return &problem->tasks[t];
    return NULL;
}

static pct_status find_place(making *m, const pct_duty_stop *stop, pct_position at, pct_road_point *out) {
    const pct_travel *way = m->tours->in.way;
    double distance_m;
    pct_status status = way->locate(way->context, at, out, &distance_m, m->error);
    if (status != PCT_NOT_FOUND) return status;
    return PCT_FAIL(m->error, PCT_INPUT, PCT_MSG_TOUR_OFF_MAP, pct_view(stop->id));
}

static pct_status add_stop(making *m, const pct_duty_stop *stop) {
    pct_tour_place *place = pct_vector_push(&m->tours->places);
    if (!place) return pct_vector_failed(&m->tours->places, PCT_MSG_WHAT_TOUR_STOPS, m->error);
    *place = (pct_tour_place){.planned = stop, .task = task_of(m, stop)};
    place->must = is_must(stop, place->task);
    if (pct_names_add(&m->series, is_own(stop->kind) ? (pct_text){"", 0} : stop->id, &place->series) !=
        PCT_OK)
        return pct_error_memory(m->error, stop->id.length);
    pct_status status = find_place(m, stop, stop->from, &place->from);
    return status ? status : find_place(m, stop, stop->to, &place->to);
}

static uint32_t unit_named(const pct_tours *tours, pct_text name) {
    for (uint32_t u = 0; u < tours->in.unit_count; u++) {
        const pct_text known = tours->in.units[u].name;
        if (pct_text_same(known, name)) return u;
    }
    return PCT_NO_INDEX;
}

static pct_status add_plan(making *m, const pct_duty_plan *from, pct_tour_plan *to) {
    pct_tours *tours = m->tours;
    size_t units = tours->in.unit_count;
    to->route_of = pct_arena_alloc(&tours->arena, units, sizeof *to->route_of);
    to->first_place = pct_arena_alloc(&tours->arena, from->route_count + 1, sizeof *to->first_place);
    to->between_ms = pct_arena_alloc(&tours->arena, from->route_count + 1, sizeof *to->between_ms);
    if (!to->route_of || !to->first_place || !to->between_ms)
        return pct_error_memory(m->error, units * sizeof *to->route_of);
    for (size_t u = 0; u < units; u++) to->route_of[u] = PCT_NO_INDEX;
    to->first_place[0] = (uint32_t)tours->places.length;
    pct_status status = PCT_OK;
    for (uint32_t r = 0; r < from->route_count && !status; r++) {
        const pct_duty_route *route = &from->routes[r];
        uint32_t unit = unit_named(tours, route->unit);
        if (unit == PCT_NO_INDEX)
            return PCT_FAIL(m->error, PCT_INPUT, PCT_MSG_TOUR_UNIT_UNKNOWN, pct_view(route->unit));
        to->route_of[unit] = r;
        to->between_ms[r] = NULL;
        tours->units[unit].any |= route->stop_count > 0;
        for (size_t s = 0; s < route->stop_count && !status; s++) status = add_stop(m, &route->stops[s]);
        to->first_place[r + 1] = (uint32_t)tours->places.length;
    }
    return status;
}

static pct_status date_of(making *m, const pct_duty_plan *plan, int64_t *day) {
    char midnight[sizeof "2026-11-23T00:00:00"];
    pct_time time;
    (void)snprintf(midnight, sizeof midnight, "%.*sT00:00:00", (int)plan->date.length, plan->date.chars);
    if (plan->date.length != 10 || !pct_time_parse(pct_text_of(midnight), &time))
        return PCT_FAIL(m->error, PCT_INPUT, PCT_MSG_TOUR_DATE, pct_view(plan->date));
    *day = pct_days_of_date(time.civil.year, time.civil.month, time.civil.day);
    return PCT_OK;
}

static pct_status find_posts(making *m) {
    pct_tours *tours = m->tours;
    const pct_travel *way = tours->in.other;
    for (size_t u = 0; u < tours->in.unit_count; u++) {
        double distance_m;
        pct_status status = way->locate(way->context, tours->in.units[u].position, &tours->units[u].post,
                                        &distance_m, m->error);
        if (status == PCT_NOT_FOUND)
            return PCT_FAIL(m->error, PCT_INPUT, PCT_MSG_SIM_UNIT_OFF_MAP, pct_view(tours->in.units[u].name));
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status make_plans(making *m) {
    pct_tours *tours = m->tours;
    pct_status status = find_posts(m);
    if (!status) status = name_tasks(m);
    for (size_t p = 0; p < tours->in.plan_count && !status; p++) {
        size_t before = tours->places.length;
        status = date_of(m, &tours->in.plans[p], &tours->plans[p].day);
        if (!status) status = add_plan(m, &tours->in.plans[p], &tours->plans[p]);
        if (tours->places.length - before > tours->stops_max)
            tours->stops_max = tours->places.length - before;
    }
    tours->series_count = (uint32_t)m->series.length;
    return status;
}

/* --- making --------------------------------------------------------------------------------------------------- */

static pct_status reserve(pct_tours *t, pct_error *error) {
    t->plans = pct_alloc_zeroed(t->in.plan_count, sizeof *t->plans);
    t->units = pct_alloc_zeroed(t->in.unit_count + 1, sizeof *t->units);
    t->plan_of = pct_alloc_zeroed(t->day_count + 1, sizeof *t->plan_of);
    t->tours = pct_alloc_zeroed((size_t)t->day_count * t->in.unit_count + 1, sizeof *t->tours);
    size_t value_cells = pct_tour_scratch_cells();
    t->open = pct_alloc(PCT_TOUR_AHEAD_MAX, sizeof *t->open);
    t->best = pct_alloc(value_cells, sizeof *t->best);
    t->before = pct_alloc(value_cells, sizeof *t->before);
    bool complete = t->plans && t->units && t->plan_of && t->tours && t->open && t->best && t->before;
    return complete ? PCT_OK : pct_error_memory(error, value_cells * sizeof *t->best);
}

static pct_status reserve_stops(pct_tours *t, pct_error *error) {
    t->stops = pct_alloc_zeroed(t->stops_max * t->day_count + 1, sizeof *t->stops);
    t->series_ms = pct_alloc_zeroed((size_t)t->series_count + 1, sizeof *t->series_ms);
    return t->stops && t->series_ms ? PCT_OK : pct_error_memory(error, t->stops_max * t->day_count);
}

static bool is_of_any_day(const pct_tours *t) {
    for (size_t p = 0; p < t->in.plan_count; p++)
        if (t->in.daily || (t->plans[p].day >= t->first_day && t->plans[p].day < t->first_day + t->day_count))
            return true;
    return false;
}

pct_status pct_tours_new(const pct_tours_source *source, pct_tours **out, pct_error *error) {
    pct_tours *t = pct_alloc_zeroed(1, sizeof *t);
    if (!t) return pct_error_memory(error, sizeof *t);
    t->in = *source;
    t->arena = pct_arena_init(MEMORY_MAX);
    t->places = pct_vector_init(sizeof(pct_tour_place), PLACES_MAX);
    t->first_day = day_of(source->zone, source->from_ms);
    int64_t days = day_of(source->zone, source->to_ms) + 1 - t->first_day;
    t->day_count = (uint32_t)(days > PCT_TOUR_DAYS_MAX ? PCT_TOUR_DAYS_MAX : days > 0 ? days : 0);
    making m = {.tours = t,
                .series = pct_names_init(PLACES_MAX, MEMORY_MAX),
                .tasks = pct_names_init(PLACES_MAX, MEMORY_MAX),
                .error = error};
    pct_status status = reserve(t, error);
    if (!status) status = make_plans(&m);
    if (!status) status = reserve_stops(t, error);
    if (!status && !is_of_any_day(t))
        status = PCT_FAIL(error, PCT_MISUSE, PCT_MSG_TOUR_OTHER_DAYS, pct_view(source->plans[0].date));
    pct_names_dispose(&m.series);
    pct_names_dispose(&m.tasks);
    if (status)
        pct_tours_free(t);
    else
        *out = t;
    return status;
}

void pct_tours_free(pct_tours *t) {
    if (!t) return;
    void *arrays[] = {t->plans, t->units,  t->plan_of, t->tours,    t->open,
                      t->best,  t->before, t->stops,   t->series_ms};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) pct_free(arrays[i]);
    pct_vector_dispose(&t->places);
    pct_arena_dispose(&t->arena);
    pct_free(t);
}

/* --- one run -------------------------------------------------------------------------------------------------- */

static uint32_t plan_for(const pct_tours *t, uint32_t day, pct_rng *rng) {
    if (t->in.daily) return t->in.plan_count > 1 ? pct_rng_below(rng, (uint32_t)t->in.plan_count) : 0;
    for (uint32_t p = 0; p < t->in.plan_count; p++)
        if (t->plans[p].day == t->first_day + day) return p;
    return PCT_NO_INDEX;
}

/* Until when a unit may be out: its shift's end where that is known, else as patient as with its stops. */
static int64_t until_of(const pct_tours *t, const pct_duty_route *route) {
    const pct_duty *problem = t->in.problem;
    for (size_t u = 0; problem && u < problem->unit_count; u++) {
        const pct_text id = problem->units[u].id;
        if (pct_text_same(id, route->unit)) return problem->units[u].shift.to_ms;
    }
    return route->back_ms + PCT_TOUR_PATIENCE_MS;
}

static uint32_t lay_tour(pct_tours *t, uint32_t plan, uint32_t r, int64_t days, uint32_t first,
                         pct_tour *out) {
    const pct_duty_route *route = &t->in.plans[plan].routes[r];
    const pct_tour_place *places = (const pct_tour_place *)t->places.items + t->plans[plan].first_place[r];
    *out = (pct_tour){.route = route,
                      .first = first,
                      .count = (uint32_t)route->stop_count,
                      .plan = plan,
                      .route_index = r,
                      .leave_ms = later(t->in.zone, route->leave_ms, days),
                      .until_ms = later(t->in.zone, until_of(t, route), days)};
    for (uint32_t s = 0; s < out->count; s++) {
        int64_t start_ms = later(t->in.zone, places[s].planned->start_ms, days);
        t->stops[first + s] =
            (pct_tour_stop){.place = &places[s],
                            .start_ms = start_ms,
                            .end_ms = start_ms + places[s].planned->end_ms - places[s].planned->start_ms};
    }
    return first + out->count;
}

void pct_tours_begin(pct_tours *t, uint64_t seed) {
    pct_rng rng = pct_rng_init(seed, STREAM_DRAW);
    uint32_t first = 0;
    for (uint32_t d = 0; d < t->day_count; d++) {
        pct_tour *today = t->tours + (size_t)d * t->in.unit_count;
        uint32_t plan = t->plan_of[d] = plan_for(t, d, &rng);
        for (uint32_t u = 0; u < t->in.unit_count; u++) {
            uint32_t r = plan == PCT_NO_INDEX ? PCT_NO_INDEX : t->plans[plan].route_of[u];
            today[u] = (pct_tour){.first = first};
            if (r != PCT_NO_INDEX)
                first = lay_tour(t, plan, r, t->first_day + d - t->plans[plan].day, first, &today[u]);
        }
    }
    for (uint32_t u = 0; u < t->in.unit_count; u++) {
        t->units[u].day = 0;
        pct_tours_stand(t, u);
    }
    for (uint32_t s = 0; s < t->series_count; s++) t->series_ms[s] = INT64_MIN;
    t->called_away = 0;
}

bool pct_tours_has(const pct_tours *tours, uint32_t unit) {
    return tours->units[unit].any;
}

/* --- counting ------------------------------------------------------------------------------------------------- */

static bool is_visit(pct_duty_kind kind) {
    return kind == PCT_DUTY_POINT || kind == PCT_DUTY_LINE || kind == PCT_DUTY_ORDER;
}

/* A hold is kept when three quarters of it were held, however often it was left. */
static void count_stop(pct_tour_figures *f, const pct_tour_stop *s) {
    pct_duty_kind kind = s->place->planned->kind;
    bool hold = kind == PCT_DUTY_HOLD;
    bool done = hold ? s->held_ms * 4 >= (s->end_ms - s->start_ms) * 3 : s->state != PCT_TOUR_OPEN;
    pct_tour_count *counts[] = {&f->of_kind[kind], s->place->must && is_visit(kind) ? &f->musts : NULL};
    for (size_t i = 0; i < 2; i++) {
        if (!counts[i]) continue;
        counts[i]->wanted++;
        counts[i]->done += done;
        counts[i]->late += !hold && s->state == PCT_TOUR_DONE_LATE;
        counts[i]->wanted_ms += s->end_ms - s->start_ms;
        counts[i]->held_ms += s->held_ms;
    }
}

static void count_unmet(pct_tour_figures *f, const pct_duty_plan *plan) {
    for (size_t i = 0; i < plan->unmet_count; i++) {
        f->of_kind[plan->unmet[i].kind].wanted++;
        f->musts.wanted += plan->unmet[i].must && is_visit(plan->unmet[i].kind);
    }
}

pct_tour_figures pct_tours_figures(const pct_tours *t, int64_t from_ms, int64_t to_ms) {
    pct_tour_figures f = {.called_away = t->called_away};
    for (uint32_t d = 0; d < t->day_count; d++) {
        const pct_tour *today = t->tours + (size_t)d * t->in.unit_count;
        uint64_t counted = 0;
        for (uint32_t u = 0; u < t->in.unit_count; u++)
            for (uint32_t s = today[u].first; s < today[u].first + today[u].count; s++) {
                bool within = t->stops[s].start_ms >= from_ms && t->stops[s].end_ms <= to_ms;
                if (within) count_stop(&f, &t->stops[s]);
                counted += within;
            }
        if (counted == 0) continue;
        f.days++;
        count_unmet(&f, &t->in.plans[t->plan_of[d]]);
    }
    return f;
}
