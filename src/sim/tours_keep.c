/* Which of the stops that are left a unit keeps.
 *
 * Idea: the stops stay in the order of the times at which they may begin. If all can be begun in time, all are kept, O(n). If not, the most
 * valuable sequence that can is found by dynamic programming over (last stop kept, value so far) → earliest end: since ending earlier is
 * never worse (first in, first out), that is exact for this order. It is the method for orienteering on a line of time; O(n² V), V the sum of
 * the values. What is passed over is not given up: when its window is still open it stands among the stops of the next decision. */
#include <string.h>

#include "sim/tours_state.h"

enum { VALUE_MUST = 16, VALUE_OWN = 4, VALUE_OTHER = 1, VALUES = PCT_TOUR_AHEAD_MAX * VALUE_MUST + 1 };
static const int64_t minute_ms = 60000;

/* How fast who does not drive gets along, and how much longer than straight the way is. */
static const double walk_mps = 1.3, cycle_mps = 4.0, detour = 1.3;

/* --- times -------------------------------------------------------------------------------------------------- */

static bool lasts_until_its_end(const pct_tour_stop *stop) {
    pct_duty_kind kind = stop->place->planned->kind;
    return kind == PCT_DUTY_HOLD || kind == PCT_DUTY_FIXED;
}

/* The first moment of a window at or after `at_ms`; a break, and who has no task, is patient instead. */
static int64_t in_window_ms(const pct_tour_stop *stop, int64_t at_ms) {
    const pct_duty_task *task = stop->place->task;
    int64_t first_ms = INT64_MAX, later_ms = stop->start_ms - stop->place->planned->start_ms;
    if (!task) return at_ms <= stop->start_ms + PCT_TOUR_PATIENCE_MS ? at_ms : INT64_MAX;
    for (size_t w = 0; w < task->window_count; w++) {
        int64_t from_ms = task->windows[w].from_ms + later_ms;
        if (at_ms > task->windows[w].to_ms + later_ms) continue;
        if (from_ms < at_ms) from_ms = at_ms;
        if (from_ms < first_ms) first_ms = from_ms;
    }
    return first_ms;
}

int64_t pct_tour_may_begin_ms(const pct_tours *tours, const pct_tour_stop *stop, int64_t from_ms) {
    const pct_duty_task *task = stop->place->task;
    int64_t at_ms = from_ms > stop->start_ms ? from_ms : stop->start_ms;
    if (lasts_until_its_end(stop)) {
        int64_t last_ms = stop->end_ms - minute_ms;
        return at_ms <= (last_ms > stop->start_ms ? last_ms : stop->start_ms) ? at_ms : INT64_MAX;
    }
    int64_t before_ms = tours->series_ms[stop->place->series];
    if (task && before_ms != INT64_MIN && before_ms + task->gap_ms > at_ms) at_ms = before_ms + task->gap_ms;
    return in_window_ms(stop, at_ms);
}

int64_t pct_tour_over_ms(const pct_tour_stop *stop, int64_t at_ms) {
    if (!lasts_until_its_end(stop)) return at_ms + stop->end_ms - stop->start_ms;
    return at_ms > stop->end_ms ? at_ms : stop->end_ms;
}

static void times_on_foot_ms(const pct_travel *way, double mps, pct_road_point from, const pct_road_point *to,
                             size_t count, uint32_t *times_ms) {
    pct_position here = way->position(way->context, from);
    for (size_t i = 0; i < count; i++) {
        double way_m = detour * pct_geo_distance_m(here, way->position(way->context, to[i]));
        times_ms[i] = (uint32_t)(way_m / mps * 1000.0);
    }
}

void pct_tour_times_ms(const pct_tours *tours, const pct_tour *tour, pct_road_point from,
                       const pct_road_point *to, size_t count, uint32_t *times_ms) {
    const pct_travel *way = tours->in.way, *other = tours->in.other;
    pct_duty_moves moves = tour->route ? tour->route->moves : PCT_DUTY_DRIVE;
    if (moves != PCT_DUTY_DRIVE) {
        times_on_foot_ms(way, moves == PCT_DUTY_WALK ? walk_mps : cycle_mps, from, to, count, times_ms);
        return;
    }
    way->times_from(way->context, from, to, count, times_ms);
    for (size_t i = 0; i < count; i++)
        if (times_ms[i] == PCT_UNREACHABLE_MS) times_ms[i] = other->time_ms(other->context, from, to[i]);
}

size_t pct_tour_scratch_cells(void) {
    return (size_t)PCT_TOUR_AHEAD_MAX * VALUES;
}

/* --- choosing ----------------------------------------------------------------------------------------------- */

typedef struct choice {
    pct_tours *tours;
    const pct_tour *tour;
    int64_t now_ms;
    uint32_t count;                        /* of tours->open */
    uint32_t first_ms[PCT_TOUR_AHEAD_MAX]; /* from where it stands to each */
    const uint32_t *between_ms;            /* of the route */
} choice;

static const pct_tour_stop *stop_at(const choice *c, uint32_t i) {
    return &c->tours->stops[c->tours->open[i]];
}

/* Those that can still begin some time, the earliest first; as many as are looked ahead. */
static void list_open(choice *c) {
    int64_t at[PCT_TOUR_AHEAD_MAX];
    uint32_t *open = c->tours->open;
    for (uint32_t s = c->tour->first; s < c->tour->first + c->tour->count; s++) {
        const pct_tour_stop *stop = &c->tours->stops[s];
        if (stop->state != PCT_TOUR_OPEN) continue;
        int64_t at_ms = pct_tour_may_begin_ms(c->tours, stop, stop->start_ms);
        bool can = pct_tour_may_begin_ms(c->tours, stop, c->now_ms) != INT64_MAX;
        if (!can || (c->count == PCT_TOUR_AHEAD_MAX && at_ms >= at[PCT_TOUR_AHEAD_MAX - 1])) continue;
        uint32_t i = c->count < PCT_TOUR_AHEAD_MAX ? c->count++ : PCT_TOUR_AHEAD_MAX - 1;
        for (; i > 0 && at[i - 1] > at_ms; i--) {
            at[i] = at[i - 1];
            open[i] = open[i - 1];
        }
        at[i] = at_ms;
        open[i] = s;
    }
}

/* When the stop is over if the unit comes at `at_ms`; INT64_MAX when it cannot be. */
static int64_t over_ms(const choice *c, uint32_t i, int64_t at_ms, uint32_t travel_ms) {
    if (travel_ms == PCT_UNREACHABLE_MS || at_ms == INT64_MAX) return INT64_MAX;
    int64_t begin_ms = pct_tour_may_begin_ms(c->tours, stop_at(c, i), at_ms + travel_ms);
    if (begin_ms == INT64_MAX) return INT64_MAX;
    int64_t end_ms = pct_tour_over_ms(stop_at(c, i), begin_ms);
    return end_ms <= c->tour->until_ms ? end_ms : INT64_MAX;
}

static uint32_t between_ms(const choice *c, uint32_t i, uint32_t j) {
    const uint32_t *open = c->tours->open;
    return c->between_ms[(open[i] - c->tour->first) * c->tour->count + open[j] - c->tour->first];
}

static bool all_can_be_kept(const choice *c) {
    int64_t at_ms = over_ms(c, 0, c->now_ms, c->first_ms[0]);
    for (uint32_t i = 1; i < c->count && at_ms != INT64_MAX; i++)
        at_ms = over_ms(c, i, at_ms, between_ms(c, i - 1, i));
    return at_ms != INT64_MAX;
}

static int value_of(const pct_tour_stop *stop) {
    pct_duty_kind kind = stop->place->planned->kind;
    bool own = kind == PCT_DUTY_FIXED || kind == PCT_DUTY_BREAK;
    return stop->place->must ? VALUE_MUST : own ? VALUE_OWN : VALUE_OTHER;
}

static void extend(choice *c, uint32_t i) {
    int64_t *best = c->tours->best;
    int16_t *before = c->tours->before;
    int worth = value_of(stop_at(c, i));
    best[i * VALUES + (uint32_t)worth] = over_ms(c, i, c->now_ms, c->first_ms[i]);
    for (uint32_t j = 0; j < i; j++)
        for (int v = 0; v + worth < VALUES; v++) {
            if (best[j * VALUES + (uint32_t)v] == INT64_MAX) continue;
            int64_t end_ms = over_ms(c, i, best[j * VALUES + (uint32_t)v], between_ms(c, j, i));
            uint32_t to = i * VALUES + (uint32_t)(v + worth);
            if (end_ms >= best[to]) continue;
            best[to] = end_ms;
            before[to] = (int16_t)j;
        }
}

/* The first stop of the most valuable sequence, PCT_NO_INDEX when no stop can be begun in time. */
static uint32_t most_valuable(choice *c) {
    int64_t *best = c->tours->best;
    int16_t *before = c->tours->before;
    for (uint32_t k = 0; k < c->count * VALUES; k++) {
        best[k] = INT64_MAX;
        before[k] = -1;
    }
    for (uint32_t i = 0; i < c->count; i++) extend(c, i);
    for (int v = VALUES - 1; v > 0; v--) {
        uint32_t last = PCT_NO_INDEX;
        for (uint32_t i = 0; i < c->count; i++)
            if (best[i * VALUES + (uint32_t)v] != INT64_MAX &&
                (last == PCT_NO_INDEX || best[i * VALUES + (uint32_t)v] < best[last * VALUES + (uint32_t)v]))
                last = i;
        if (last == PCT_NO_INDEX) continue;
        for (int16_t j; (j = before[last * VALUES + (uint32_t)v]) >= 0; last = (uint32_t)j)
            v -= value_of(stop_at(c, last));
        return last;
    }
    return PCT_NO_INDEX;
}

static pct_status make_between(choice *c, pct_error *error) {
    pct_tours *tours = c->tours;
    const pct_tour *tour = c->tour;
    pct_tour_plan *plan = &tours->plans[tour->plan];
    uint32_t **all = &plan->between_ms[tour->route_index];
    c->between_ms = *all;
    if (*all) return PCT_OK;
    uint32_t n = tour->count;
    const pct_tour_place *places =
        (const pct_tour_place *)tours->places.items + plan->first_place[tour->route_index];
    pct_road_point *to = pct_alloc(n, sizeof *to);
    uint32_t *times_ms = pct_arena_alloc(&tours->arena, (size_t)n * n, sizeof *times_ms);
    if (!to || !times_ms) {
        pct_free(to);
        return pct_error_memory(error, (size_t)n * n * sizeof *times_ms);
    }
    for (uint32_t i = 0; i < n; i++) to[i] = places[i].from;
    for (uint32_t i = 0; i < n; i++)
        pct_tour_times_ms(tours, tour, places[i].to, to, n, times_ms + (size_t)i * n);
    pct_free(to);
    c->between_ms = *all = times_ms;
    return PCT_OK;
}

pct_status pct_tour_choose(pct_tours *tours, const pct_tour *tour, pct_road_point here, int64_t now_ms,
                           uint32_t *stop, uint32_t *travel_ms, int64_t *begin_ms, pct_error *error) {
    choice c = {.tours = tours, .tour = tour, .now_ms = now_ms};
    pct_road_point to[PCT_TOUR_AHEAD_MAX];
    *stop = PCT_NO_INDEX;
    list_open(&c);
    if (c.count == 0) return PCT_OK;
    for (uint32_t i = 0; i < c.count; i++) to[i] = stop_at(&c, i)->place->from;
    pct_tour_times_ms(tours, tour, here, to, c.count, c.first_ms);
    pct_status status = make_between(&c, error);
    if (status) return status;
    uint32_t next = all_can_be_kept(&c) ? 0 : most_valuable(&c);
    if (next == PCT_NO_INDEX) return PCT_OK;
    *stop = tours->open[next];
    *travel_ms = c.first_ms[next];
    *begin_ms = pct_tour_may_begin_ms(tours, stop_at(&c, next), now_ms + *travel_ms);
    return PCT_OK;
}
