/* Calls that are expected, on the road: how long from each place to each of their points, as response units drive. */
#include "patrol/lowered_road.h"

enum { NOBODY_MS = 1800000, SLICE_MS = 600000, STEP_MS = 1000, MINUTES_AT_A_CALL = 40, HOUR_MINUTES = 60 };
static const double busy_least = 0.02, busy_most = 0.8, walk_detour = 1.3;

typedef struct calls {
    pct_road_point *points;
    pct_position *at;
    double *per_hour;
    size_t count;
} calls;

/* Those on the network, and their rate together. */
static pct_status gather(const pct_duty *duty, const pct_road *road, pct_arena *arena, calls *out,
                         double *rate, pct_error *error) {
    size_t most = duty->demand_count;
    *out = (calls){pct_arena_alloc(arena, most, sizeof *out->points),
                   pct_arena_alloc(arena, most, sizeof *out->at),
                   pct_arena_alloc(arena, most, sizeof *out->per_hour), 0};
    *rate = 0.0;
    if (!out->points || !out->at || !out->per_hour)
        return pct_error_memory(error, most * sizeof *out->points);
    for (size_t i = 0; i < most; i++) {
        double distance_m;
        pct_error why;
        const pct_duty_demand *d = &duty->demand[i];
        pct_status status =
            pct_road_snap(road, d->at, PCT_DUTY_SNAP_MAX_M, &out->points[out->count], &distance_m, &why);
        if (status && status != PCT_NOT_FOUND) return status;
        if (status || d->per_hour <= 0.0) continue;
        *rate += d->per_hour;
        out->at[out->count] = d->at;
        out->per_hour[out->count++] = d->per_hour;
    }
    return PCT_OK;
}

/* Who walks sets out on foot. */
static int32_t walked_ms(const pct_lowered *l, size_t place, pct_position to) {
    double metres = walk_detour * pct_geo_distance_m(l->positions[place], to);
    int64_t ms = pct_duty_pace_ms(l->moves[place], metres);
    return ms < NOBODY_MS ? (int32_t)ms : NOBODY_MS;
}

static pct_status reckon(const pct_road *road, pct_lowered *l, const calls *c, int32_t *time_ms,
                         pct_error *error) {
    size_t places = (size_t)l->problem.place_count;
    uint32_t *row_ms = pct_alloc(c->count, sizeof *row_ms);
    pct_router *router = NULL;
    pct_status status =
        row_ms ? pct_router_new(road, &router, error) : pct_error_memory(error, c->count * sizeof *row_ms);
    for (size_t p = 0; p < places && !status; p++) {
        bool drives = l->moves[p] == PCT_DUTY_DRIVE;
        if (drives) pct_router_times_from(router, l->points[p], c->points, c->count, row_ms);
        for (size_t i = 0; i < c->count; i++) {
            int32_t *cell = &time_ms[p * c->count + i];
            *cell = !drives                 ? walked_ms(l, p, c->at[i])
                    : row_ms[i] < NOBODY_MS ? (int32_t)row_ms[i]
                                            : NOBODY_MS;
        }
    }
    pct_router_free(router);
    pct_free(row_ms);
    return status;
}

pct_status pct_lowered_calls(const pct_duty *duty, const pct_road *response, pct_lowered *l,
                             pct_error *error) {
    calls c;
    double rate;
    if (duty->demand_count == 0) return PCT_OK;
    pct_status status = gather(duty, response, &l->arena, &c, &rate, error);
    if (status || c.count == 0) return status;
    int32_t *time_ms = pct_arena_alloc(&l->arena, (size_t)l->problem.place_count * c.count, sizeof *time_ms);
    pct_patrol_calls *expected = pct_arena_alloc(&l->arena, 1, sizeof *expected);
    if (!time_ms || !expected)
        return pct_error_memory(error, (size_t)l->problem.place_count * c.count * sizeof *time_ms);
    double busy = rate * MINUTES_AT_A_CALL / HOUR_MINUTES / (double)duty->unit_count;
    *expected = (pct_patrol_calls){.point_count = (int32_t)c.count,
                                   .per_hour = c.per_hour,
                                   .time_ms = time_ms,
                                   .busy = busy < busy_least  ? busy_least
                                           : busy > busy_most ? busy_most
                                                              : busy,
                                   .slice_ms = SLICE_MS,
                                   .step_ms = STEP_MS,
                                   .nobody_ms = NOBODY_MS};
    l->problem.calls = expected;
    return reckon(response, l, &c, time_ms, error);
}
