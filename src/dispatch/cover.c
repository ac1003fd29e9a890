/* Only the nearest free unit of a demand point, and with a busy share the second, can be missed there. So one pass over
 * units and points keeps the three nearest of each point, and a second pass over the points alone gives the losses of
 * all units: O(units × points + points), instead of one full sum for each unit. The idea of a marginal cost of sending
 * a unit is that of Carter, Chaiken and Ignall, "Response areas for two emergency units", 1972. */
#include "dispatch/cover.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"

enum { NEAREST = 3, NOBODY = -1, DIRECTIONS = 8 };

/* The nearest units of a demand point, the nearest first; those that are not there are NOBODY, at the cap. */
typedef struct nearest {
    uint32_t ms[NEAREST];
    int32_t unit[NEAREST];
} nearest;

typedef struct missed {
    double loss, worst_loss; /* calls per hour × ms */
    double before_ms, after_ms;
    uint32_t worst_point;
} missed;

struct pct_cover {
    pct_demand_point *points;
    pct_road_point *targets;
    nearest *nearest;
    size_t count, unit_capacity;
    pct_travel_times_out travel;
    uint32_t *unit_rows; /* [unit_capacity × count] ms from where the unit was when last asked */
    pct_road_point *unit_at;
    uint32_t *place_rows; /* [places × count] */
    pct_road_point *places;
    size_t place_count;
    pct_map place_of; /* place → its row */
    missed *missed;   /* [unit_capacity] */
    int64_t gap_ms;
    pct_position middle;
    double spread_m; /* mean distance of the calls from the middle */
    double expected_ms;
};

static uint64_t key_of(pct_road_point p) {
    return (uint64_t)p.segment << 32 | p.offset_mm;
}

static void times_from(void *router, pct_road_point source, const pct_road_point *targets, size_t count,
                       uint32_t *times_ms) {
    pct_router_times_from(router, source, targets, count, times_ms);
}

pct_travel_times_out pct_travel_times_out_of_router(pct_router *router) {
    return (pct_travel_times_out){router, times_from};
}

/* --- made once --------------------------------------------------------------------------------------------- */

/* The middle of the calls, on the plane of the first point: cities are small. */
static void find_middle(pct_cover *c) {
    double calls = 0.0, east_m = 0.0, north_m = 0.0, spread = 0.0;
    if (c->count == 0) return;
    const pct_plane plane = pct_plane_at(c->points[0].position);
    for (size_t j = 0; j < c->count; j++) {
        double x, y;
        pct_plane_to_m(&plane, c->points[j].position, &x, &y);
        calls += c->points[j].calls_per_hour;
        east_m += x * c->points[j].calls_per_hour;
        north_m += y * c->points[j].calls_per_hour;
    }
    if (calls > 0.0) east_m /= calls, north_m /= calls;
    c->middle = pct_plane_from_m(&plane, east_m, north_m);
    for (size_t j = 0; j < c->count; j++)
        spread += c->points[j].calls_per_hour * pct_geo_distance_m(c->middle, c->points[j].position);
    c->spread_m = calls > 0.0 ? spread / calls : 0.0;
}

void pct_cover_free(pct_cover *c) {
    if (!c) return;
    pct_free(c->points), pct_free(c->targets), pct_free(c->nearest), pct_free(c->missed);
    pct_free(c->unit_rows), pct_free(c->unit_at), pct_free(c->place_rows), pct_free(c->places);
    pct_map_dispose(&c->place_of);
    pct_free(c);
}

pct_status pct_cover_new(const pct_demand_point *points, size_t count, size_t unit_capacity,
                         pct_travel_times_out travel, pct_cover **out, pct_error *error) {
    *out = NULL;
    if (count > PCT_DEMAND_POINTS_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_COVER_POINTS_MAX, pct_int((int64_t)count),
                        pct_int(PCT_DEMAND_POINTS_MAX));
    size_t n = count ? count : 1, units = unit_capacity ? unit_capacity : 1;
    pct_cover *c = pct_alloc_zeroed(1, sizeof *c);
    if (!c) return pct_error_memory(error, sizeof *c);
    c->count = count, c->unit_capacity = unit_capacity, c->travel = travel;
    c->points = pct_alloc(n, sizeof *c->points);
    c->targets = pct_alloc(n, sizeof *c->targets);
    c->nearest = pct_alloc(n, sizeof *c->nearest);
    c->unit_at = pct_alloc(units, sizeof *c->unit_at);
    c->unit_rows = pct_alloc(units, n * sizeof *c->unit_rows);
    c->missed = pct_alloc_zeroed(units, sizeof *c->missed);
    if (!c->points || !c->targets || !c->nearest || !c->unit_at || !c->unit_rows || !c->missed) {
        pct_cover_free(c);
        return pct_error_memory(error, units * n * sizeof *c->unit_rows);
    }
    if (count > 0) memcpy(c->points, points, count * sizeof *points);
    for (size_t j = 0; j < count; j++) c->targets[j] = points[j].point;
    for (size_t u = 0; u < units; u++) c->unit_at[u].segment = PCT_NO_INDEX;
    find_middle(c);
    *out = c;
    return PCT_OK;
}

static void ask_places(pct_cover *c) {
    for (size_t p = 0; p < c->place_count; p++)
        c->travel.from(c->travel.context, c->places[p], c->targets, c->count, c->place_rows + p * c->count);
}

pct_status pct_cover_know(pct_cover *c, const pct_road_point *places, size_t count, pct_error *error) {
    size_t n = count ? count : 1;

    pct_map_dispose(&c->place_of);
    pct_free(c->places), pct_free(c->place_rows);
    c->place_of = pct_map_init(n);
    c->place_count = 0;
    c->places = pct_alloc(n, sizeof *c->places);
    c->place_rows = pct_alloc(n, (c->count + 1) * sizeof *c->place_rows);
    if (!c->places || !c->place_rows) return pct_error_memory(error, n * c->count * sizeof *c->place_rows);
    for (size_t p = 0; p < count; p++) {
        uint32_t number, next = (uint32_t)c->place_count;
        pct_status status = pct_map_add(&c->place_of, key_of(places[p]), next, &number);
        if (status) {
            c->place_count = 0;
            return pct_map_failed(&c->place_of, PCT_MSG_WHAT_PLACES, error);
        }
        if (number == next) c->places[c->place_count++] = places[p];
    }
    ask_places(c);
    return PCT_OK;
}

void pct_cover_renew(pct_cover *c) {
    ask_places(c);
    for (size_t u = 0; u < c->unit_capacity; u++) c->unit_at[u].segment = PCT_NO_INDEX;
}

size_t pct_cover_unit_capacity(const pct_cover *c) {
    return c->unit_capacity;
}

size_t pct_cover_point_count(const pct_cover *c) {
    return c->count;
}

/* --- measuring --------------------------------------------------------------------------------------------- */

bool pct_cover_is_free(const pct_unit *unit, pct_road_point at) {
    return (unit->status == PCT_UNIT_AT_STATION || unit->status == PCT_UNIT_AVAILABLE) &&
           unit->officers > 0 && at.segment != PCT_NO_INDEX;
}

static const uint32_t *row_of(pct_cover *c, uint32_t unit, pct_road_point at) {
    uint32_t place = c->place_count > 0 ? pct_map_get(&c->place_of, key_of(at)) : PCT_MAP_ABSENT;
    if (place != PCT_MAP_ABSENT) return c->place_rows + place * c->count;
    uint32_t *row = c->unit_rows + unit * c->count;
    if (key_of(c->unit_at[unit]) == key_of(at)) return row;
    c->travel.from(c->travel.context, at, c->targets, c->count, row);
    c->unit_at[unit] = at;
    return row;
}

void pct_cover_ask(pct_cover *c, uint32_t unit_index, pct_road_point at) {
    if (c->count > 0 && unit_index < c->unit_capacity && at.segment != PCT_NO_INDEX)
        (void)row_of(c, unit_index, at);
}

static void insert(nearest *n, uint32_t ms, int32_t unit) {
    int at = NEAREST - 1;
    for (; at > 0 && ms < n->ms[at - 1]; at--) n->ms[at] = n->ms[at - 1], n->unit[at] = n->unit[at - 1];
    n->ms[at] = ms, n->unit[at] = unit;
}

static void find_nearest(pct_cover *c, const pct_board *board, const pct_road_point *unit_points,
                         uint32_t cap_ms) {
    for (size_t j = 0; j < c->count; j++)
        c->nearest[j] = (nearest){{cap_ms, cap_ms, cap_ms}, {NOBODY, NOBODY, NOBODY}};
    for (uint32_t u = 0; u < pct_board_unit_count(board); u++) {
        c->missed[u] = (missed){0};
        if (!pct_cover_is_free(pct_board_unit_at(board, u), unit_points[u])) continue;
        const uint32_t *row_ms = row_of(c, u, unit_points[u]);
        for (size_t j = 0; j < c->count; j++)
            if (row_ms[j] < c->nearest[j].ms[NEAREST - 1]) insert(&c->nearest[j], row_ms[j], (int32_t)u);
    }
}

static void miss(pct_cover *c, int32_t unit, size_t j, double before_ms, double after_ms) {
    if (unit == NOBODY) return;
    missed *m = &c->missed[unit];
    double loss = c->points[j].calls_per_hour * (after_ms - before_ms);
    m->loss += loss;
    if (loss <= m->worst_loss) return;
    *m = (missed){m->loss, loss, before_ms, after_ms, (uint32_t)j};
}

/* Σ calls × T; the losses go to the nearest and the second of each point. */
static double add_losses(pct_cover *c, double q) {
    double sum = 0.0;
    for (size_t j = 0; j < c->count; j++) {
        const nearest *n = &c->nearest[j];
        double first = n->ms[0], second = n->ms[1], third = n->ms[2];
        double now_ms = first + q * (second - first);
        sum += c->points[j].calls_per_hour * now_ms;
        miss(c, n->unit[0], j, now_ms, second + q * (third - second));
        miss(c, n->unit[1], j, now_ms, first + q * (third - first));
    }
    return sum;
}

void pct_cover_measure(pct_cover *c, const pct_board *board, const pct_road_point *unit_points,
                       const pct_cover_settings *settings) {
    double calls = 0.0;
    for (size_t j = 0; j < c->count; j++) calls += c->points[j].calls_per_hour;
    c->gap_ms = settings->gap_ms;
    find_nearest(c, board, unit_points, (uint32_t)settings->cap_ms);
    double sum = add_losses(c, settings->busy_share);
    c->expected_ms = calls > 0.0 ? sum / calls : 0.0;
}

double pct_cover_within(pct_cover *c, const pct_board *board, const pct_road_point *unit_points,
                        int64_t target_ms, double *lost) {
    double calls = 0.0, within = 0.0;
    for (uint32_t u = 0; u < pct_board_unit_count(board); u++) lost[u] = 0.0;
    find_nearest(c, board, unit_points, (uint32_t)target_ms + 1); /* a cap that the target itself is below */
    for (size_t j = 0; j < c->count; j++) {
        const nearest *n = &c->nearest[j];
        calls += c->points[j].calls_per_hour;
        if (n->unit[0] == NOBODY) continue;
        within += c->points[j].calls_per_hour;
        if (n->unit[1] == NOBODY) lost[n->unit[0]] += c->points[j].calls_per_hour;
    }
    for (uint32_t u = 0; u < pct_board_unit_count(board) && calls > 0.0; u++) lost[u] /= calls;
    return calls > 0.0 ? within / calls : 0.0;
}

double pct_cover_loss_ms(const pct_cover *c, uint32_t unit_index) {
    return c->missed[unit_index].loss * (double)c->gap_ms / (3600.0 * 1000.0);
}

double pct_cover_expected_ms(const pct_cover *c) {
    return c->expected_ms;
}

/* Within half the mean distance from the middle a place is the middle itself. */
static pct_message direction_of(const pct_cover *c, pct_position position) {
    static const pct_message directions[DIRECTIONS] = {
        PCT_MSG_COVER_NORTH, PCT_MSG_COVER_NORTH_EAST, PCT_MSG_COVER_EAST, PCT_MSG_COVER_SOUTH_EAST,
        PCT_MSG_COVER_SOUTH, PCT_MSG_COVER_SOUTH_WEST, PCT_MSG_COVER_WEST, PCT_MSG_COVER_NORTH_WEST};
    if (pct_geo_distance_m(c->middle, position) <= c->spread_m / 2.0) return PCT_MSG_COVER_MIDDLE;
    double turns = pct_geo_bearing_deg(c->middle, position) / (360.0 / DIRECTIONS);
    return directions[lround(turns) % DIRECTIONS];
}

bool pct_cover_worst(const pct_cover *c, uint32_t unit_index, pct_cover_harm *out) {
    const missed *m = &c->missed[unit_index];
    if (m->worst_loss <= 0.0) return false;
    const pct_demand_point *point = &c->points[m->worst_point];
    *out = (pct_cover_harm){point, m->before_ms, m->after_ms, direction_of(c, point->position)};
    return true;
}
