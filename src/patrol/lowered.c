#include "patrol/lowered.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "patrol/lowered_road.h"

enum {
    DEMANDS_MAX = PCT_PATROL_DEMANDS_MAX,
    MODES_MAX = 400000,
    AREA_PLACES = 5,
    PHONE_PLACES = 8,
    HOUR_MS = 3600000,
    STAND_MS = 900000,
    STAND_LEAST_MS = 60000,
    WINDOWS_MAX = PCT_DUTY_WINDOWS_MAX + 1
};
static const size_t arena_max = (size_t)3 << 30;
static const double due_share = 0.5, never_seen = 2.0;

typedef struct maker {
    const pct_duty *duty;
    pct_lowered *out;
    pct_duty_ground ground;
    pct_names stations;
    pct_vector modes, demands, visits, gaps, unmet; /* of what the problem has, and pct_duty_unmet */
    pct_duty_span span;                             /* of all shifts */
    unsigned worlds;                                /* bits of pct_duty_moves that units have */
    const pct_duty_task *task;                      /* whose demands are being made */
    int32_t number;
    pct_error *error;
} maker;

static pct_status full(maker *m, const pct_vector *vector) {
    return pct_vector_failed(vector, PCT_MSG_DUTY_DEMANDS, m->error);
}

static int32_t group_of(const maker *m, pct_text station) {
    uint32_t found = station.length ? pct_names_find(&m->stations, station) : PCT_MAP_ABSENT;
    return found == PCT_MAP_ABSENT ? PCT_PATROL_NONE : (int32_t)found;
}

static pct_status leave_out(maker *m, int32_t n, bool must, pct_duty_reason reason) {
    pct_duty_unmet *unmet = pct_vector_push(&m->unmet);
    if (!unmet) return full(m, &m->unmet);
    *unmet = (pct_duty_unmet){m->task->kind, m->task->id, m->task->name, n, must, reason, NULL, 0};
    return PCT_OK;
}

/* A demand whose modes are to follow; NULL in want of memory. */
static pct_patrol_demand *add_demand(maker *m, int32_t n, int32_t series, int64_t weight) {
    const pct_duty_task *t = m->task;
    pct_patrol_demand *demand = pct_vector_push(&m->demands);
    pct_duty_visit *visit = demand ? pct_vector_push(&m->visits) : NULL;
    if (!visit) return NULL;
    *visit = (pct_duty_visit){m->number, n};
    *demand = (pct_patrol_demand){.first_mode = (int32_t)m->modes.length,
                                  .series = series,
                                  .unit = t->unit,
                                  .group = group_of(m, t->station),
                                  .needs = t->needs,
                                  .weight = weight,
                                  .must = t->must || n > t->times - t->owed};
    if (t->kind == PCT_DUTY_CHECK) demand->unit = t->unit;
    for (size_t i = 0; i < m->duty->lock_count; i++) {
        const pct_duty_lock *lock = &m->duty->locks[i];
        if (lock->task == m->number && lock->n == n) demand->unit = lock->unit;
    }
    return demand;
}

static pct_status add_mode(maker *m, pct_patrol_demand *demand, int32_t from, int32_t to, int64_t service_ms,
                           pct_duty_span window) {
    pct_patrol_mode *mode = pct_vector_push(&m->modes);
    if (!mode) return full(m, &m->modes);
    int64_t zero_ms = m->out->zero_ms, shut_ms = m->span.to_ms - service_ms;
    if (window.to_ms > shut_ms) window.to_ms = shut_ms;
    if (window.from_ms < zero_ms) window.from_ms = zero_ms;
    if (window.to_ms < window.from_ms) window.to_ms = window.from_ms; /* nobody can: found out below */
    *mode = (pct_patrol_mode){.demand = (int32_t)m->demands.length - 1,
                              .from = from,
                              .to = to,
                              .service_ms = (int32_t)service_ms,
                              .open_ms = window.from_ms - zero_ms,
                              .close_ms = window.to_ms - zero_ms};
    demand->mode_count++;
    return PCT_OK;
}

/* Modes at one position, one in each world and window. */
static pct_status add_place(maker *m, pct_patrol_demand *demand, pct_position position, int64_t service_ms,
                            const pct_duty_span *windows, size_t window_count) {
    pct_status status = PCT_OK;
    for (int w = 0; w < PCT_DUTY_MOVES && !status; w++) {
        int32_t place;
        if (!(m->worlds >> w & 1)) continue;
        status = pct_duty_ground_place(&m->ground, position, (pct_duty_moves)w, &place, m->error);
        for (size_t i = 0; i < window_count && place != PCT_DUTY_NONE && !status; i++)
            status = add_mode(m, demand, place, place, service_ms, windows[i]);
    }
    return status;
}

static pct_status add_series(maker *m, int32_t *series) {
    *series = PCT_PATROL_NONE;
    if (m->task->times < 2) return PCT_OK;
    int64_t *gap = pct_vector_push(&m->gaps);
    if (!gap) return full(m, &m->gaps);
    *gap = m->task->gap_ms;
    *series = (int32_t)m->gaps.length - 1;
    return PCT_OK;
}

/* When the n-th visit may begin: in the task's windows, and once more in its own share of them, which keeps the gap to the shares before and
 * behind it. Rounds are driven without idle time but before a window opens, and left as late as they can be, so that without shares a
 * unit with little else to do could not come again later. Where the gaps leave no room in a share, it is an instant. */
static size_t windows_of(const maker *m, int32_t n, pct_duty_span *out) {
    const pct_duty_task *t = m->task;
    int64_t all_ms = 0, begun_ms = 0;
    for (size_t i = 0; i < t->window_count; i++) {
        out[i] = t->windows[i];
        all_ms += t->windows[i].to_ms - t->windows[i].from_ms;
    }
    if (t->times < 2) return t->window_count;
    int64_t from_ms = all_ms * (n - 1) / t->times, room_ms = all_ms / t->times - t->gap_ms - t->dwell_ms;
    for (size_t i = 0; i < t->window_count; i++) {
        int64_t length_ms = t->windows[i].to_ms - t->windows[i].from_ms,
                at_ms = t->windows[i].from_ms + from_ms - begun_ms;
        begun_ms += length_ms;
        if (from_ms >= begun_ms) continue;
        int64_t to_ms = at_ms + (room_ms > 0 ? room_ms : 0);
        out[t->window_count] =
            (pct_duty_span){at_ms, to_ms < t->windows[i].to_ms ? to_ms : t->windows[i].to_ms};
        return t->window_count + 1;
    }
    return t->window_count;
}

/* Demands of which none has a place lie off the network. */
static pct_status settle(maker *m, pct_patrol_demand *demand, pct_duty_reason reason) {
    if (demand->mode_count) return PCT_OK;
    pct_status status =
        leave_out(m, ((pct_duty_visit *)m->visits.items)[m->visits.length - 1].n, demand->must, reason);
    m->demands.length--;
    m->visits.length--;
    return status;
}

/* Due is what has not been seen for half of its time; the longest unseen weighs most. 0: not due. */
static int64_t weight_of_premises(const maker *m, const pct_duty_task *t) {
    double share = t->seen_ms == INT64_MIN
                       ? never_seen
                       : (double)(m->duty->hours.from_ms - t->seen_ms) / (double)t->within_ms;
    if (share < due_share) return 0;
    int64_t weight = llround((double)t->weight * share * share);
    return weight > 0 ? weight : 1;
}

static pct_status make_visits(maker *m) {
    const pct_duty_task *t = m->task;
    int64_t weight = t->kind == PCT_DUTY_PREMISES ? weight_of_premises(m, t) : t->weight;
    int32_t series;
    if (weight == 0) return PCT_OK;
    pct_status status = add_series(m, &series);
    for (int32_t n = 1; n <= t->times && !status; n++) {
        pct_duty_span windows[WINDOWS_MAX];
        size_t window_count = windows_of(m, n, windows);
        pct_patrol_demand *demand = add_demand(m, n, series, weight);
        if (!demand) return full(m, &m->demands);
        for (size_t i = 0; i < t->position_count && !status; i++)
            status = add_place(m, demand, t->positions[i], t->dwell_ms, windows, window_count);
        if (!status) status = settle(m, demand, PCT_DUTY_OFF_NETWORK);
    }
    return status;
}

static pct_status make_holds(maker *m) {
    const pct_duty_task *t = m->task;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < t->window_count && !status; i++) {
        pct_duty_span begin = {t->windows[i].from_ms, t->windows[i].from_ms};
        pct_patrol_demand *demand = add_demand(m, (int32_t)i + 1, PCT_PATROL_NONE, t->weight);
        if (!demand) return full(m, &m->demands);
        status =
            add_place(m, demand, t->positions[0], t->windows[i].to_ms - t->windows[i].from_ms, &begin, 1);
        if (!status) status = settle(m, demand, PCT_DUTY_OFF_NETWORK);
    }
    return status;
}

/* Stands of a quarter of an hour in one of the area's places, so many in each hour as its presence needs. */
static pct_status make_presence(maker *m) {
    const pct_duty_task *t = m->task;
    pct_position places[AREA_PLACES];
    size_t count = pct_duty_ground_within(&m->ground, t->positions, t->position_count, places, AREA_PLACES);
    pct_status status = count ? PCT_OK : leave_out(m, 1, t->must, PCT_DUTY_OFF_NETWORK);
    int32_t n = 0;
    for (int64_t hour_ms = m->duty->hours.from_ms; count && hour_ms < m->duty->hours.to_ms && !status;
         hour_ms += HOUR_MS) {
        int64_t left_ms = t->presence_ms_per_hour, end_ms = hour_ms + HOUR_MS;
        bool is_wanted = false;
        if (end_ms > m->duty->hours.to_ms) {
            end_ms = m->duty->hours.to_ms;
            left_ms = left_ms * (end_ms - hour_ms) / HOUR_MS;
        }
        for (size_t i = 0; i < t->window_count; i++)
            is_wanted = is_wanted || (t->windows[i].from_ms < end_ms && t->windows[i].to_ms > hour_ms);
        for (; is_wanted && left_ms >= STAND_LEAST_MS && !status; left_ms -= STAND_MS) {
            int64_t stand_ms = left_ms < STAND_MS ? left_ms : STAND_MS;
            pct_duty_span span = {hour_ms, end_ms - stand_ms};
            pct_patrol_demand *demand = add_demand(m, ++n, PCT_PATROL_NONE, t->weight);
            if (!demand) return full(m, &m->demands);
            for (size_t i = 0; i < count && !status; i++)
                status = add_place(m, demand, places[i], stand_ms, &span, 1);
            if (!status) status = settle(m, demand, PCT_DUTY_OFF_NETWORK);
        }
    }
    return status;
}

/* On the telephone the unit stands still wherever it is: at its post or at one of the places it visits. */
static pct_status make_call(maker *m) {
    const pct_duty_task *t = m->task;
    const pct_duty_unit *unit = &m->duty->units[t->unit];
    pct_patrol_demand *demand = add_demand(m, 1, PCT_PATROL_NONE, t->weight);
    if (!demand) return full(m, &m->demands);
    pct_status status = add_place(m, demand, unit->start, t->dwell_ms, t->windows, t->window_count);
    size_t added = 1;
    for (size_t i = 0; i < m->duty->task_count && added < PHONE_PLACES && !status; i++) {
        const pct_duty_task *other = &m->duty->tasks[i];
        if (other->kind != PCT_DUTY_POINT && other->kind != PCT_DUTY_HOLD) continue;
        if (other->station.length && group_of(m, other->station) != group_of(m, unit->station)) continue;
        status = add_place(m, demand, other->positions[0], t->dwell_ms, t->windows, t->window_count);
        added++;
    }
    return status ? status : settle(m, demand, PCT_DUTY_OFF_NETWORK);
}

typedef struct pass {
    int32_t first, last; /* places of the path's ends in the world; PCT_DUTY_NONE */
    int64_t forward_ms, backward_ms;
} pass;

/* How units of that world pass the line. */
static pct_status find_pass(maker *m, pct_duty_moves world, pass *out) {
    const pct_duty_task *t = m->task;
    pct_position begin = t->positions[0], end = t->positions[t->position_count - 1];
    double length_m = pct_geo_length_m(t->positions, t->position_count);
    pct_status status = pct_duty_ground_place(&m->ground, begin, world, &out->first, m->error);
    if (!status) status = pct_duty_ground_place(&m->ground, end, world, &out->last, m->error);
    out->forward_ms = out->backward_ms = PCT_DUTY_NONE;
    if (status || out->first == PCT_DUTY_NONE || out->last == PCT_DUTY_NONE) return status;
    if (world != PCT_DUTY_DRIVE) {
        out->forward_ms = out->backward_ms = pct_duty_pace_ms(world, length_m) + t->dwell_ms;
    } else if (t->moves != PCT_DUTY_DRIVE) { /* from the parked car, and back to it */
        out->forward_ms = out->backward_ms = pct_duty_pace_ms(t->moves, 2.0 * length_m) + t->dwell_ms;
    } else {
        pct_duty_drive drive;
        status = pct_duty_ground_line(&m->ground, t->positions, t->position_count, &drive, m->error);
        if (!status && drive.forward_ms >= 0) out->forward_ms = drive.forward_ms + t->dwell_ms;
        if (!status && drive.backward_ms >= 0) out->backward_ms = drive.backward_ms + t->dwell_ms;
    }
    return status;
}

static pct_status add_pass(maker *m, pct_patrol_demand *demand, pct_duty_moves world, const pass *p,
                           int32_t n) {
    const pct_duty_task *t = m->task;
    bool both = t->direction == PCT_DUTY_BOTH;
    bool forward = t->direction != PCT_DUTY_BACKWARD && !(both && n == 2);
    bool backward = t->direction != PCT_DUTY_FORWARD && !(both && n == 1);
    bool parked = world == PCT_DUTY_DRIVE && t->moves != PCT_DUTY_DRIVE;
    pct_status status = PCT_OK;
    for (size_t i = 0; i < t->window_count && !status; i++) {
        if (forward && p->forward_ms >= 0)
            status = add_mode(m, demand, p->first, parked ? p->first : p->last, p->forward_ms, t->windows[i]);
        if (backward && p->backward_ms >= 0 && !status)
            status = add_mode(m, demand, p->last, parked ? p->last : p->first, p->backward_ms, t->windows[i]);
    }
    return status;
}

static pct_status make_passes(maker *m) {
    const pct_duty_task *t = m->task;
    pass passes[PCT_DUTY_MOVES];
    bool on_network = false;
    int32_t series;
    pct_status status = add_series(m, &series);
    for (int w = 0; w < PCT_DUTY_MOVES && !status; w++) {
        if (!(m->worlds >> w & 1)) continue;
        status = find_pass(m, (pct_duty_moves)w, &passes[w]);
        on_network = on_network || (passes[w].first != PCT_DUTY_NONE && passes[w].last != PCT_DUTY_NONE);
    }
    for (int32_t n = 1; n <= t->times && !status; n++) {
        pct_patrol_demand *demand = add_demand(m, n, series, t->weight);
        if (!demand) return full(m, &m->demands);
        for (int w = 0; w < PCT_DUTY_MOVES && !status; w++)
            if (m->worlds >> w & 1) status = add_pass(m, demand, (pct_duty_moves)w, &passes[w], n);
        if (!status) status = settle(m, demand, on_network ? PCT_DUTY_UNREACHABLE : PCT_DUTY_OFF_NETWORK);
    }
    return status;
}

static pct_status make_task(maker *m) {
    switch (m->task->kind) {
    case PCT_DUTY_LINE: return make_passes(m);
    case PCT_DUTY_AREA: return make_presence(m);
    case PCT_DUTY_HOLD: return make_holds(m);
    case PCT_DUTY_CHECK: return pct_text_equal(m->task->detail, "phone") ? make_call(m) : make_visits(m);
    default: return make_visits(m);
    }
}

static pct_status make_units(maker *m) {
    const pct_duty *duty = m->duty;
    pct_patrol_unit *units = pct_arena_alloc(&m->out->arena, duty->unit_count, sizeof *units);
    pct_status status = units ? PCT_OK : pct_error_memory(m->error, duty->unit_count * sizeof *units);
    for (size_t u = 0; u < duty->unit_count && !status; u++) {
        const pct_duty_unit *unit = &duty->units[u];
        uint32_t group = 0;
        pct_patrol_unit *is = &units[u];
        if (unit->station.length && pct_names_add(&m->stations, unit->station, &group))
            return pct_error_memory(m->error, unit->station.length);
        *is = (pct_patrol_unit){.group = unit->station.length ? (int32_t)group : PCT_PATROL_NONE,
                                .open_ms = unit->shift.from_ms - m->out->zero_ms,
                                .close_ms = unit->shift.to_ms - m->out->zero_ms,
                                .duration_max_ms = unit->shift.to_ms - unit->shift.from_ms,
                                .has = unit->capabilities};
        m->worlds |= 1U << unit->moves;
        status = pct_duty_ground_place(&m->ground, unit->start, unit->moves, &is->start, m->error);
        if (!status) status = pct_duty_ground_place(&m->ground, unit->end, unit->moves, &is->end, m->error);
        if (!status && (is->start == PCT_DUTY_NONE || is->end == PCT_DUTY_NONE))
            status = PCT_FAIL(m->error, PCT_NOT_FOUND, PCT_MSG_DUTY_FAR, pct_view(unit->id),
                              pct_real(PCT_DUTY_SNAP_MAX_M));
    }
    m->out->problem.units = units;
    m->out->problem.unit_count = (int32_t)duty->unit_count;
    return status;
}

static pct_status make_travel(maker *m) {
    pct_lowered *out = m->out;
    const pct_duty_place *places = m->ground.places.items;
    size_t count = m->ground.places.length, bands = m->ground.roads->band_count;
    int32_t *travel_ms = pct_arena_alloc(&out->arena, bands * count * count, sizeof *travel_ms);
    int32_t *cost = pct_arena_alloc(&out->arena, count * count, sizeof *cost);
    pct_position *positions = pct_arena_alloc(&out->arena, count, sizeof *positions);
    pct_road_point *points = pct_arena_alloc(&out->arena, count, sizeof *points);
    pct_duty_moves *moves = pct_arena_alloc(&out->arena, count, sizeof *moves);
    int64_t *from_ms = pct_arena_alloc(&out->arena, bands, sizeof *from_ms);
    if (!travel_ms || !cost || !positions || !points || !moves || !from_ms)
        return pct_error_memory(m->error, bands * count * count * sizeof *travel_ms);
    for (size_t i = 0; i < count; i++) {
        points[i] = places[i].point;
        positions[i] = pct_road_point_position(m->ground.roads->response, places[i].point);
        moves[i] = places[i].moves;
    }
    for (size_t b = 0; b < bands; b++) from_ms[b] = m->ground.roads->from_ms[b] - out->zero_ms;
    out->positions = positions;
    out->points = points;
    out->moves = moves;
    out->problem.place_count = (int32_t)count;
    out->problem.travel_ms = travel_ms;
    out->problem.cost = cost;
    out->problem.band_count = (int32_t)bands;
    out->problem.band_from_ms = from_ms;
    return pct_duty_ground_times(&m->ground, travel_ms, cost, m->error);
}

/* Why nobody can serve the demand, even with nothing else to do; PCT_DUTY_REASONS: somebody can. */
static pct_duty_reason why_not(const maker *m, int32_t demand) {
    const pct_patrol_problem *p = &m->out->problem;
    const pct_patrol_demand *d = &p->demands[demand];
    pct_duty_reason reason = PCT_DUTY_CAPABILITY;
    size_t cells = (size_t)p->place_count * (size_t)p->place_count;
    for (int32_t u = 0; u < p->unit_count; u++) {
        if (!pct_patrol_may_serve(p, u, demand)) continue;
        const pct_patrol_unit *unit = &p->units[u];
        if (reason == PCT_DUTY_CAPABILITY) reason = PCT_DUTY_UNREACHABLE;
        for (int32_t i = 0; i < d->mode_count; i++) {
            const pct_patrol_mode *mode = &p->modes[d->first_mode + i];
            int64_t there_ms = INT64_MAX, back_ms = INT64_MAX; /* in the fastest band */
            for (int32_t b = 0; b < p->band_count; b++) {
                const int32_t *ms = p->travel_ms + (size_t)b * cells;
                int64_t to = ms[unit->start * p->place_count + mode->from];
                int64_t from = ms[mode->to * p->place_count + unit->end];
                if (to < there_ms) there_ms = to;
                if (from < back_ms) back_ms = from;
            }
            if (there_ms >= PCT_DUTY_NO_WAY_MS || back_ms >= PCT_DUTY_NO_WAY_MS) continue;
            int64_t soonest_ms = unit->open_ms > mode->open_ms ? unit->open_ms : mode->open_ms;
            bool inside = soonest_ms <= mode->close_ms && soonest_ms + mode->service_ms <= unit->close_ms;
            if (!inside) {
                if (reason == PCT_DUTY_UNREACHABLE) reason = PCT_DUTY_WINDOW;
                continue;
            }
            soonest_ms = unit->open_ms + there_ms > soonest_ms ? unit->open_ms + there_ms : soonest_ms;
            if (soonest_ms <= mode->close_ms && soonest_ms + mode->service_ms + back_ms <= unit->close_ms)
                return PCT_DUTY_REASONS;
            reason = PCT_DUTY_TIME;
        }
    }
    return reason;
}

/* Leaves out what nobody can serve; modes and demands behind it move up. */
static pct_status drop_hopeless(maker *m) {
    pct_patrol_problem *p = &m->out->problem;
    pct_patrol_demand *demands = m->demands.items;
    pct_patrol_mode *modes = m->modes.items;
    pct_duty_visit *visits = m->visits.items;
    int32_t kept = 0, kept_modes = 0;
    p->demands = demands;
    p->modes = modes;
    p->demand_count = (int32_t)m->demands.length;
    p->mode_count = (int32_t)m->modes.length;
    for (int32_t d = 0; d < p->demand_count; d++) {
        pct_duty_reason reason = why_not(m, d);
        pct_patrol_demand demand = demands[d];
        if (reason != PCT_DUTY_REASONS) {
            m->task = &m->duty->tasks[visits[d].task];
            pct_status status = leave_out(m, visits[d].n, demand.must, reason);
            if (status) return status;
            continue;
        }
        for (int32_t i = 0; i < demand.mode_count; i++) {
            modes[kept_modes + i] = modes[demand.first_mode + i];
            modes[kept_modes + i].demand = kept;
        }
        demand.first_mode = kept_modes;
        kept_modes += demand.mode_count;
        visits[kept] = visits[d];
        demands[kept++] = demand;
    }
    p->demand_count = kept;
    p->mode_count = kept_modes;
    return PCT_OK;
}

static pct_status keep(maker *m, const void *items, size_t count, size_t item_size, const void **out) {
    void *copy = pct_arena_alloc(&m->out->arena, count ? count : 1, item_size);
    if (!copy) return pct_error_memory(m->error, count * item_size);
    if (count) memcpy(copy, items, count * item_size);
    *out = copy;
    return PCT_OK;
}

static pct_status keep_all(maker *m) {
    pct_patrol_problem *p = &m->out->problem;
    const void *modes = NULL, *demands = NULL, *visits = NULL, *gaps = NULL, *unmet = NULL;
    pct_status status = keep(m, m->modes.items, (size_t)p->mode_count, m->modes.item_size, &modes);
    if (!status) status = keep(m, m->demands.items, (size_t)p->demand_count, m->demands.item_size, &demands);
    if (!status) status = keep(m, m->visits.items, (size_t)p->demand_count, m->visits.item_size, &visits);
    if (!status) status = keep(m, m->gaps.items, m->gaps.length, m->gaps.item_size, &gaps);
    if (!status) status = keep(m, m->unmet.items, m->unmet.length, m->unmet.item_size, &unmet);
    p->modes = modes;
    p->demands = demands;
    p->gap_ms = gaps;
    p->series_count = (int32_t)m->gaps.length;
    m->out->visits = visits;
    m->out->unmet = unmet;
    m->out->unmet_count = m->unmet.length;
    return status;
}

static pct_status make(maker *m) {
    const pct_duty *duty = m->duty;
    pct_status status = make_units(m);
    for (size_t i = 0; i < duty->task_count && !status; i++) {
        m->task = &duty->tasks[i];
        m->number = (int32_t)i;
        status = make_task(m);
    }
    if (!status) status = make_travel(m);
    if (!status) status = pct_lowered_calls(duty, m->ground.roads->response, m->out, m->error);
    if (!status) status = drop_hopeless(m);
    return status ? status : keep_all(m);
}

pct_status pct_lowered_new(const pct_duty *duty, const pct_duty_roads *roads, pct_lowered **out,
                           pct_error *error) {
    *out = pct_alloc_zeroed(1, sizeof **out);
    if (!*out) return pct_error_memory(error, sizeof **out);
    (*out)->arena = pct_arena_init(arena_max);
    (*out)->duty = duty;
    maker m = {.duty = duty, .out = *out, .span = pct_duty_span_of(duty), .error = error};
    (*out)->zero_ms = m.span.from_ms;
    m.modes = pct_vector_init(sizeof(pct_patrol_mode), MODES_MAX);
    m.demands = pct_vector_init(sizeof(pct_patrol_demand), DEMANDS_MAX);
    m.visits = pct_vector_init(sizeof(pct_duty_visit), DEMANDS_MAX);
    m.gaps = pct_vector_init(sizeof(int64_t), DEMANDS_MAX);
    m.unmet = pct_vector_init(sizeof(pct_duty_unmet), DEMANDS_MAX);
    m.stations = pct_names_init(duty->unit_count + 1, arena_max);
    pct_status status = pct_duty_ground_open(duty, roads, &m.ground, error);
    if (!status) status = make(&m);
    pct_duty_ground_close(&m.ground);
    pct_vector_dispose(&m.modes);
    pct_vector_dispose(&m.demands);
    pct_vector_dispose(&m.visits);
    pct_vector_dispose(&m.gaps);
    pct_vector_dispose(&m.unmet);
    pct_names_dispose(&m.stations);
    if (status) {
        pct_lowered_free(*out);
        *out = NULL;
    }
    return status;
}

void pct_lowered_free(pct_lowered *lowered) {
    if (!lowered) return;
    pct_arena_dispose(&lowered->arena);
    pct_free(lowered);
}
