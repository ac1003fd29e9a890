#include "patrol/subset.h"

typedef struct numbering {
    int32_t *unit, *series; /* [whole's] their number in the part, or none */
    int64_t *gap_ms;        /* [part's series] */
} numbering;

static void copy_units(pct_subset *out, const pct_patrol_problem *whole, const int32_t *units, int32_t count,
                       numbering *to) {
    for (int32_t u = 0; u < whole->unit_count; u++) to->unit[u] = PCT_PATROL_NONE;
    for (int32_t i = 0; i < count; i++) {
        int32_t u = units ? units[i] : i;
        out->unit_of[i] = u;
        out->units[i] = whole->units[u];
        to->unit[u] = i;
    }
}

static void copy_demand(pct_subset *out, const pct_patrol_problem *whole, int32_t demand, int32_t at,
                        numbering *to) {
    pct_patrol_demand *d = &out->demands[at];
    *d = whole->demands[demand];
    out->demand_of[at] = demand;
    if (d->unit != PCT_PATROL_NONE) d->unit = to->unit[d->unit];
    if (d->series != PCT_PATROL_NONE) {
        int32_t *series = &to->series[d->series];
        if (*series == PCT_PATROL_NONE) {
            *series = out->problem.series_count++;
            to->gap_ms[*series] = whole->gap_ms[d->series];
        }
        d->series = *series;
    }
    for (int32_t i = 0; i < d->mode_count; i++) {
        int32_t mode = out->problem.mode_count++;
        out->mode_of[mode] = d->first_mode + i;
        out->modes[mode] = whole->modes[d->first_mode + i];
        out->modes[mode].demand = at;
    }
    d->first_mode = out->problem.mode_count - d->mode_count;
}

pct_status pct_subset_init(pct_subset *out, const pct_patrol_problem *whole, const int32_t *demands,
                           int32_t demand_count, const int32_t *units, int32_t unit_count, pct_arena *arena,
                           pct_error *error) {
    size_t modes = 0, n = (size_t)demand_count, series = (size_t)whole->series_count;
    for (int32_t i = 0; i < demand_count; i++) modes += (size_t)whole->demands[demands[i]].mode_count;
    if (!units) unit_count = whole->unit_count;
    *out = (pct_subset){.problem = *whole};
    out->modes = pct_arena_alloc(arena, modes, sizeof *out->modes);
    out->demands = pct_arena_alloc(arena, n, sizeof *out->demands);
    out->units = pct_arena_alloc(arena, (size_t)unit_count, sizeof *out->units);
    out->mode_of = pct_arena_alloc(arena, modes, sizeof *out->mode_of);
    out->demand_of = pct_arena_alloc(arena, n, sizeof *out->demand_of);
    out->unit_of = pct_arena_alloc(arena, (size_t)unit_count, sizeof *out->unit_of);
    numbering to = {pct_arena_alloc(arena, (size_t)whole->unit_count, sizeof *to.unit),
                    pct_arena_alloc(arena, series, sizeof *to.series),
                    pct_arena_alloc(arena, series, sizeof *to.gap_ms)};
    if (!out->modes || !out->demands || !out->units || !out->mode_of || !out->demand_of || !out->unit_of ||
        !to.unit || !to.series || !to.gap_ms)
        return pct_error_memory(error, modes * sizeof *out->modes);
    for (size_t s = 0; s < series; s++) to.series[s] = PCT_PATROL_NONE;
    pct_patrol_problem *p = &out->problem;
    p->mode_count = p->series_count = 0;
    p->demand_count = demand_count;
    p->unit_count = unit_count;
    p->modes = out->modes;
    p->demands = out->demands;
    p->units = out->units;
    p->gap_ms = to.gap_ms;
    p->calls = NULL;
    copy_units(out, whole, units, unit_count, &to);
    for (int32_t i = 0; i < demand_count; i++) copy_demand(out, whole, demands[i], i, &to);
    return PCT_OK;
}
