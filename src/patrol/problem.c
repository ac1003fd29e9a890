#include "patrol/problem.h"

#include "base/memory.h"

static pct_status wrong(pct_error *error, int64_t index, pct_message expected) {
    return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_PATROL_PROBLEM, pct_int(index), pct_phrase(expected));
}

static bool is_time(int64_t value) {
    return value >= 0 && value <= PCT_PATROL_VALUE_MAX;
}

static bool is_index(int32_t value, int32_t count) {
    return value >= 0 && value < count;
}

static bool is_index_or_none(int32_t value, int32_t count) {
    return value == PCT_PATROL_NONE || is_index(value, count);
}

static pct_status check_travel(const pct_patrol_problem *p, pct_error *error) {
    size_t cells = (size_t)p->place_count * (size_t)p->place_count;
    size_t bands = pct_patrol_has_bands(p) ? (size_t)p->band_count : 1;
    for (size_t b = 1; b < bands; b++)
        if (p->band_from_ms[b] <= p->band_from_ms[b - 1] || !is_time(p->band_from_ms[b]))
            return wrong(error, (int64_t)b, PCT_MSG_PATROL_EXPECTED_BANDS);
    for (size_t i = 0; i < cells * bands; i++)
        if (p->travel_ms[i] < 0 || (i < cells && p->cost[i] < 0))
            return wrong(error, (int64_t)i, PCT_MSG_PATROL_EXPECTED_TRAVEL);
    return PCT_OK;
}

static pct_status check_modes(const pct_patrol_problem *p, pct_error *error) {
    for (int32_t i = 0; i < p->mode_count; i++) {
        const pct_patrol_mode *m = &p->modes[i];
        bool good = is_index(m->demand, p->demand_count) && is_index(m->from, p->place_count) &&
                    is_index(m->to, p->place_count) && m->service_ms >= 0 && m->cost >= 0 &&
                    is_time(m->open_ms) && is_time(m->close_ms) && m->open_ms <= m->close_ms;
        if (!good) return wrong(error, i, PCT_MSG_PATROL_EXPECTED_MODE);
    }
    return PCT_OK;
}

static pct_status check_demands(const pct_patrol_problem *p, pct_error *error) {
    int32_t at = 0;
    for (int32_t i = 0; i < p->demand_count; i++) {
        const pct_patrol_demand *d = &p->demands[i];
        bool good = d->first_mode == at && d->mode_count >= 1 && d->mode_count <= p->mode_count - at &&
                    is_index_or_none(d->series, p->series_count) &&
                    is_index_or_none(d->unit, p->unit_count) && d->weight > 0 &&
                    d->weight <= PCT_PATROL_VALUE_MAX && is_time(d->load);
        for (int32_t m = at; good && m < at + d->mode_count; m++) good = p->modes[m].demand == i;
        if (!good) return wrong(error, i, PCT_MSG_PATROL_EXPECTED_DEMAND);
        at += d->mode_count;
    }
    return at == p->mode_count ? PCT_OK : wrong(error, at, PCT_MSG_PATROL_EXPECTED_DEMAND);
}

static pct_status check_units(const pct_patrol_problem *p, pct_error *error) {
    for (int32_t i = 0; i < p->unit_count; i++) {
        const pct_patrol_unit *u = &p->units[i];
        bool good = is_index(u->start, p->place_count) && is_index(u->end, p->place_count) &&
                    is_time(u->open_ms) && is_time(u->close_ms) && u->open_ms <= u->close_ms &&
                    is_time(u->duration_max_ms) && is_time(u->capacity) && u->fixed_cost >= 0;
        if (!good) return wrong(error, i, PCT_MSG_PATROL_EXPECTED_UNIT);
    }
    for (int32_t i = 0; i < p->series_count; i++)
        if (!is_time(p->gap_ms[i])) return wrong(error, i, PCT_MSG_PATROL_EXPECTED_GAP);
    return PCT_OK;
}

static pct_status check_calls(const pct_patrol_problem *p, pct_error *error) {
    const pct_patrol_calls *c = p->calls;
    if (!c) return PCT_OK;
    bool good = c->point_count > 0 && c->point_count <= PCT_PATROL_CALL_POINTS_MAX && c->busy >= 0.0 &&
                c->busy < 1.0 && c->slice_ms > 0 && c->step_ms > 0 && c->nobody_ms > 0 &&
                is_time(c->nobody_ms);
    double sum = 0.0;
    for (int32_t i = 0; good && i < c->point_count; i++) {
        good = c->per_hour[i] >= 0.0 && c->per_hour[i] < 1e6;
        sum += c->per_hour[i];
    }
    size_t cells = good ? (size_t)p->place_count * (size_t)c->point_count : 0;
    for (size_t i = 0; i < cells && good; i++) good = c->time_ms[i] >= 0;
    int64_t from_ms = INT64_MAX, to_ms = 0;
    for (int32_t u = 0; u < p->unit_count; u++) {
        if (p->units[u].open_ms < from_ms) from_ms = p->units[u].open_ms;
        if (p->units[u].close_ms > to_ms) to_ms = p->units[u].close_ms;
    }
    good = good && sum > 0.0 && (to_ms - from_ms) / c->slice_ms < PCT_PATROL_SLICES_MAX;
    return good ? PCT_OK : wrong(error, 0, PCT_MSG_PATROL_EXPECTED_CALLS);
}

pct_status pct_patrol_problem_check(const pct_patrol_problem *p, pct_error *error) {
    bool sized = p->place_count >= 1 && p->place_count <= PCT_PATROL_PLACES_MAX && p->demand_count >= 0 &&
                 p->demand_count <= PCT_PATROL_DEMANDS_MAX && p->unit_count >= 0 &&
                 p->unit_count <= PCT_PATROL_UNITS_MAX && p->series_count >= 0 &&
                 p->series_count <= p->demand_count && p->mode_count >= p->demand_count &&
                 p->mode_count <= 16 * PCT_PATROL_DEMANDS_MAX && p->band_count >= 0 &&
                 p->band_count <= PCT_PATROL_BANDS_MAX;
    if (!sized) return wrong(error, 0, PCT_MSG_PATROL_EXPECTED_SIZE);
    pct_status status = check_travel(p, error);
    if (!status) status = check_modes(p, error);
    if (!status) status = check_demands(p, error);
    if (!status) status = check_units(p, error);
    if (!status) status = check_calls(p, error);
    return status;
}

static int order(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

int pct_patrol_cost_compare(const pct_patrol_cost *a, const pct_patrol_cost *b) {
    int by = order(a->musts_left, b->musts_left);
    if (!by) by = order(a->units, b->units);
    if (!by) by = order(a->response_ms, b->response_ms);
    if (!by) by = order(a->shoulds_left, b->shoulds_left);
    if (!by) by = order(a->spread_ppm, b->spread_ppm);
    if (!by) by = order(a->travel, b->travel);
    if (!by) by = order(a->imbalance_ms, b->imbalance_ms);
    return by;
}

pct_status pct_patrol_plan_init(pct_patrol_plan *out, int32_t unit_count, int32_t visit_count,
                                pct_error *error) {
    size_t units = (size_t)unit_count, visits = (size_t)visit_count;
    int64_t *block = pct_alloc(visits + 2 * units + (visits + units + 2) / 2, sizeof *block);
    *out = (pct_patrol_plan){0};
    if (!block) return pct_error_memory(error, (visits + units) * sizeof *block);
    *out = (pct_patrol_plan){.unit_count = unit_count, .visit_count = visit_count, .start_ms = block};
    out->leave_ms = out->start_ms + visits;
    out->back_ms = out->leave_ms + units;
    out->first = (int32_t *)(out->back_ms + units);
    out->mode = out->first + units + 1;
    return PCT_OK;
}

void pct_patrol_plan_dispose(pct_patrol_plan *plan) {
    pct_free(plan->start_ms); /* the block begins with its widest items */
    *plan = (pct_patrol_plan){0};
}

int64_t pct_patrol_imbalance_ms(const pct_patrol_plan *plan) {
    int64_t least_ms = INT64_MAX, most_ms = 0;
    for (int32_t u = 0; u < plan->unit_count; u++) {
        if (plan->first[u] == plan->first[u + 1]) continue;
        int64_t duration_ms = plan->back_ms[u] - plan->leave_ms[u];
        if (duration_ms < least_ms) least_ms = duration_ms;
        if (duration_ms > most_ms) most_ms = duration_ms;
    }
    return most_ms > least_ms ? most_ms - least_ms : 0;
}
