#include "cli/bench_rounds.h"

#include <stdlib.h>

enum {
    UNITS = 40,
    STATIONS = 20,
    POINTS = 400,
    TWICE = 200, /* of the points are visited twice */
    LINES = 100,
    PLACES = STATIONS + POINTS + 2 * LINES,
    VISITS = POINTS + TWICE,
    DEMANDS = VISITS + LINES,
    MODES = VISITS + 2 * LINES,
    BANDS = 3,
    SIDE_M = 12000,
    MINUTE_MS = 60000,
    SHIFT_MS = 480 * MINUTE_MS
};
static const int64_t bands_from_ms[BANDS] = {0, 60 * MINUTE_MS, 180 * MINUTE_MS};
static const int32_t bands_percent[BANDS] = {100, 150, 95};

typedef struct city {
    int32_t *travel_ms;
    pct_patrol_mode *modes;
    pct_patrol_demand *demands;
    pct_patrol_unit *units;
    int64_t *gap_ms;
    int32_t x_m[PLACES], y_m[PLACES];
} city;

static int32_t below(pct_rng *rng, int32_t bound) {
    return (int32_t)pct_rng_below(rng, (uint32_t)bound);
}

/* A line's second end is up to 1,500 m from its first. */
static void draw_places(city *c, pct_rng *rng) {
    for (int32_t i = 0; i < PLACES; i++) {
        bool is_second = i >= STATIONS + POINTS && (i - STATIONS - POINTS) % 2;
        c->x_m[i] = is_second ? c->x_m[i - 1] + below(rng, 1500) : below(rng, SIDE_M);
        c->y_m[i] = is_second ? c->y_m[i - 1] : below(rng, SIDE_M);
    }
}

static void fill_travel(city *c) {
    for (int32_t b = 0; b < BANDS; b++)
        for (int32_t i = 0; i < PLACES; i++)
            for (int32_t j = 0; j < PLACES; j++) {
                int32_t m = abs(c->x_m[i] - c->x_m[j]) + abs(c->y_m[i] - c->y_m[j]);
                c->travel_ms[((size_t)b * PLACES + (size_t)i) * PLACES + (size_t)j] =
                    m * 1000 / 9 / 100 * bands_percent[b];
            }
}

static void fill_visits(city *c, pct_rng *rng) {
    for (int32_t d = 0; d < VISITS; d++) {
        int32_t point = d % POINTS, place = STATIONS + point;
        int64_t open_ms = below(rng, 3) ? 0 : below(rng, 240) * MINUTE_MS;
        c->modes[d] = (pct_patrol_mode){.demand = d,
                                        .from = place,
                                        .to = place,
                                        .service_ms = (5 + below(rng, 6)) * MINUTE_MS,
                                        .open_ms = open_ms,
                                        .close_ms = open_ms ? open_ms + 180 * MINUTE_MS : SHIFT_MS};
        c->demands[d] = (pct_patrol_demand){.first_mode = d,
                                            .mode_count = 1,
                                            .series = point < TWICE ? point : PCT_PATROL_NONE,
                                            .unit = PCT_PATROL_NONE,
                                            .group = PCT_PATROL_NONE,
                                            .weight = 1,
                                            .must = d < POINTS};
    }
    for (int32_t s = 0; s < TWICE; s++) c->gap_ms[s] = 90 * MINUTE_MS;
}

static void fill_lines(city *c) {
    for (int32_t l = 0; l < LINES; l++) {
        int32_t d = VISITS + l, m = VISITS + 2 * l, a = STATIONS + POINTS + 2 * l, b = a + 1;
        c->demands[d] = (pct_patrol_demand){.first_mode = m,
                                            .mode_count = 2,
                                            .series = PCT_PATROL_NONE,
                                            .unit = PCT_PATROL_NONE,
                                            .group = PCT_PATROL_NONE,
                                            .weight = 1,
                                            .must = true};
        for (int32_t i = 0; i < 2; i++)
            c->modes[m + i] =
                (pct_patrol_mode){.demand = d,
                                  .from = i ? b : a,
                                  .to = i ? a : b,
                                  .service_ms = 2 * c->travel_ms[(size_t)a * PLACES + (size_t)b],
                                  .close_ms = SHIFT_MS};
    }
}

static void fill_units(city *c) {
    for (int32_t u = 0; u < UNITS; u++)
        c->units[u] = (pct_patrol_unit){.start = u % STATIONS,
                                        .end = u % STATIONS,
                                        .close_ms = SHIFT_MS,
                                        .duration_max_ms = SHIFT_MS,
                                        .capacity = PCT_PATROL_VALUE_MAX};
}

pct_status pct_bench_city(pct_rng *rng, bool hours, pct_arena *arena, pct_patrol_problem *out,
                          pct_error *error) {
    city *c = pct_arena_alloc(arena, 1, sizeof *c);
    if (!c) return pct_error_memory(error, sizeof *c);
    c->travel_ms = pct_arena_alloc(arena, (size_t)BANDS * PLACES * PLACES, sizeof *c->travel_ms);
    c->modes = pct_arena_alloc(arena, MODES, sizeof *c->modes);
    c->demands = pct_arena_alloc(arena, DEMANDS, sizeof *c->demands);
    c->units = pct_arena_alloc(arena, UNITS, sizeof *c->units);
    c->gap_ms = pct_arena_alloc(arena, TWICE, sizeof *c->gap_ms);
    if (!c->travel_ms || !c->modes || !c->demands || !c->units || !c->gap_ms)
        return pct_error_memory(error, (size_t)BANDS * PLACES * PLACES * 4);
    draw_places(c, rng);
    fill_travel(c);
    fill_visits(c, rng);
    fill_lines(c);
    fill_units(c);
    *out = (pct_patrol_problem){.place_count = PLACES,
                                .mode_count = MODES,
                                .demand_count = DEMANDS,
                                .unit_count = UNITS,
                                .series_count = TWICE,
                                .travel_ms = c->travel_ms,
                                .cost = c->travel_ms,
                                .modes = c->modes,
                                .demands = c->demands,
                                .units = c->units,
                                .gap_ms = c->gap_ms,
                                .band_count = hours ? BANDS : 1,
                                .band_from_ms = bands_from_ms};
    return PCT_OK;
}
