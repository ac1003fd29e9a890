/* Clustering by a grid whose cell size is found by bisection: plain, and the same on every machine, where k-means would
 * depend on its seeds. */
#include "sim/demand_points.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { HALVINGS = 40 };
static const double hour_ms = 3600.0 * 1000.0;
static const double edge_min_m = 1.0, edge_max_m = 40e6;

typedef struct sample {
    pct_road_point point;
    double east_m, north_m;
    int64_t column, row;
    uint32_t call;
} sample;

static int by_cell(const void *left, const void *right) {
    const sample *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    if (a->column != b->column) return a->column < b->column ? -1 : 1;
    return (a->call > b->call) - (a->call < b->call);
}

static bool same_cell(const sample *a, const sample *b) {
    return a->row == b->row && a->column == b->column;
}

/* Sorts the samples by cell; how many cells have any. */
static size_t into_cells(sample *samples, size_t count, double edge_m) {
    size_t cells = 0;
    for (size_t i = 0; i < count; i++) {
        samples[i].column = (int64_t)floor(samples[i].east_m / edge_m);
        samples[i].row = (int64_t)floor(samples[i].north_m / edge_m);
    }
    if (count > 1) qsort(samples, count, sizeof *samples, by_cell);
    for (size_t i = 0; i < count; i++) cells += i == 0 || !same_cell(&samples[i], &samples[i - 1]);
    return cells;
}

/* The smallest that gives at most `most` cells, to within a millionth. */
static double cell_edge_m(sample *samples, size_t count, size_t most) {
    double low_m = edge_min_m, high_m = edge_max_m;
    if (into_cells(samples, count, low_m) <= most) return low_m;
    for (int i = 0; i < HALVINGS; i++) {
        double middle_m = sqrt(low_m * high_m);
        if (into_cells(samples, count, middle_m) > most)
            low_m = middle_m;
        else
            high_m = middle_m;
    }
    return high_m;
}

static const sample *most_central(const sample *cell, size_t count) {
    double east_m = 0.0, north_m = 0.0, least = INFINITY;
    const sample *found = cell;
    for (size_t i = 0; i < count; i++) {
        east_m += cell[i].east_m / (double)count;
        north_m += cell[i].north_m / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double away = hypot(cell[i].east_m - east_m, cell[i].north_m - north_m);
        if (away >= least) continue;
        least = away;
        found = &cell[i];
    }
    return found;
}

static pct_status add_points(const sample *samples, size_t count, const pct_sim_call *calls, double hours,
                             pct_vector *out, pct_error *error) {
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && same_cell(&samples[to], &samples[from]);) to++;
        const sample *middle = most_central(&samples[from], to - from);
        pct_demand_point *point = pct_vector_push(out);
        if (!point) return pct_vector_failed(out, PCT_MSG_WHAT_DEMAND_POINTS, error);
        *point = (pct_demand_point){.point = middle->point,
                                    .position = calls[middle->call].position,
                                    .calls_per_hour = (double)(to - from) / hours};
    }
    return PCT_OK;
}

static pct_status locate(const pct_travel *travel, const pct_sim_call *calls, size_t call_count,
                         sample *samples, size_t *count, pct_error *error) {
    const pct_plane plane = pct_plane_at(calls[0].position);
    double west_m = INFINITY, south_m = INFINITY;
    *count = 0;
    for (size_t i = 0; i < call_count; i++) {
        sample *s = &samples[*count];
        double distance_m;
        pct_status status = travel->locate(travel->context, calls[i].position, &s->point, &distance_m, error);
        if (status == PCT_NOT_FOUND) continue;
        if (status) return status;
        pct_plane_to_m(&plane, calls[i].position, &s->east_m, &s->north_m);
        s->call = (uint32_t)i;
        west_m = fmin(west_m, s->east_m);
        south_m = fmin(south_m, s->north_m);
        ++*count;
    }
    /* From the south-west corner, so that one cell can hold all. */
    for (size_t i = 0; i < *count; i++) samples[i].east_m -= west_m, samples[i].north_m -= south_m;
    return PCT_OK;
}

pct_status pct_demand_points_learn(const pct_travel *travel, const pct_sim_call *calls, size_t call_count,
                                   size_t most, pct_vector *out, pct_error *error) {
    *out = pct_vector_init(sizeof(pct_demand_point), most);
    if (call_count == 0 || most == 0) return PCT_OK;
    sample *samples = pct_alloc(call_count, sizeof *samples);
    if (!samples) return pct_error_memory(error, call_count * sizeof *samples);
    size_t count;
    pct_status status = locate(travel, calls, call_count, samples, &count, error);
    double hours = (double)(calls[call_count - 1].at_ms - calls[0].at_ms) / hour_ms;
    if (!status) {
        (void)into_cells(samples, count, cell_edge_m(samples, count, most));
        status = add_points(samples, count, calls, hours < 1.0 ? 1.0 : hours, out, error);
    }
    pct_free(samples);
    if (status) pct_vector_dispose(out);
    return status;
}
