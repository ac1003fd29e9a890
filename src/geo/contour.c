/* Marching squares (Maple, "Geometric design and space planning using the marching squares and marching cube
 * algorithms", 2003), traced line by line: the inside is kept on the left, so every crossed grid edge is left in one
 * direction only and rings close by themselves. At a saddle the mean of the four corners says what is joined. */
#include "geo/contour.h"

#include <math.h>
#include <string.h>

#include "base/vector.h"

enum { NORTH, EAST, SOUTH, WEST, RING_POINTS_MAX = 1 << 24, RINGS_MAX = 1 << 20 };

/* One traced ring; its points are a run of the tracer's. */
typedef struct run {
    size_t at, count;
    double area_m2;
    uint32_t outline; /* of a hole: the run it lies in */
} run;

typedef struct tracer {
    const pct_grid *grid;
    float level;
    uint8_t *seen; /* [edges] level edges first, then upright ones */
    pct_vector points, runs;
} tracer;

static bool inside(const tracer *t, uint32_t column, uint32_t row) {
    return t->grid->values[(size_t)row * t->grid->columns + column] >= t->level;
}

static float value(const tracer *t, uint32_t column, uint32_t row) {
    return t->grid->values[(size_t)row * t->grid->columns + column];
}

/* The edge through which one leaves cell (column, row) in a direction. */
static size_t edge_of(const tracer *t, uint32_t column, uint32_t row, int direction) {
    size_t level_edges = (size_t)t->grid->columns * t->grid->rows;
    size_t at = (size_t)row * t->grid->columns + column;
    switch (direction) {
    case NORTH: return at + t->grid->columns;
    case SOUTH: return at;
    case EAST: return level_edges + at + 1;
    default: return level_edges + at;
    }
}

/* The corners to the left and right of that edge, seen in the direction of leaving. */
static void corners(uint32_t column, uint32_t row, int direction, uint32_t left[2], uint32_t right[2]) {
    static const uint8_t at[4][4] = {{0, 1, 1, 1}, {1, 1, 1, 0}, {1, 0, 0, 0}, {0, 0, 0, 1}};
    left[0] = column + at[direction][0], left[1] = row + at[direction][1];
    right[0] = column + at[direction][2], right[1] = row + at[direction][3];
}

static bool leaves(const tracer *t, uint32_t column, uint32_t row, int direction) {
    uint32_t left[2], right[2];
    corners(column, row, direction, left, right);
    return inside(t, left[0], left[1]) && !inside(t, right[0], right[1]);
}

static pct_status add_crossing(tracer *t, uint32_t column, uint32_t row, int direction, pct_error *error) {
    const pct_grid *g = t->grid;
    uint32_t left[2], right[2];
    corners(column, row, direction, left, right);
    double a = value(t, left[0], left[1]), b = value(t, right[0], right[1]), share = (a - t->level) / (a - b);
    pct_position *p = pct_vector_push(&t->points);
    if (!p) return pct_vector_failed(&t->points, PCT_MSG_WHAT_CONTOUR_POINTS, error);
    *p = pct_plane_from_m(&g->plane, g->west_m + (left[0] + share * ((double)right[0] - left[0])) * g->cell_m,
                          g->south_m + (left[1] + share * ((double)right[1] - left[1])) * g->cell_m);
    return PCT_OK;
}

/* Having come into a cell in a direction: the direction in which the line leaves it. */
static int turn(const tracer *t, uint32_t column, uint32_t row, int came) {
    int left = (came + 3) % 4, right = (came + 1) % 4;
    bool goes_left = leaves(t, column, row, left), goes_right = leaves(t, column, row, right);
    if (goes_left && goes_right) {
        float mean = (value(t, column, row) + value(t, column + 1, row) + value(t, column, row + 1) +
                      value(t, column + 1, row + 1)) /
                     4.0F;
        return mean >= t->level ? right : left;
    }
    return goes_left ? left : goes_right ? right : came;
}

/* Follows the line that leaves cell (column, row) in a direction until it is back. */
static pct_status trace(tracer *t, uint32_t column, uint32_t row, int direction, pct_error *error) {
    static const int step[4][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
    size_t at = t->points.length, edge = edge_of(t, column, row, direction);
    while (!t->seen[edge]) {
        t->seen[edge] = 1;
        pct_status status = add_crossing(t, column, row, direction, error);
        if (status) return status;
        column += (uint32_t)step[direction][0];
        row += (uint32_t)step[direction][1];
        direction = turn(t, column, row, direction);
        edge = edge_of(t, column, row, direction);
    }
    pct_position *closing = pct_vector_push(&t->points);
    run *r = closing ? pct_vector_push(&t->runs) : NULL;
    if (!r) return pct_vector_failed(closing ? &t->runs : &t->points, PCT_MSG_WHAT_CONTOUR_POINTS, error);
    const pct_position *points = t->points.items;
    *closing = points[at];
    *r = (run){at, t->points.length - at, 0.0, UINT32_MAX};
    r->area_m2 = pct_ring_area_m2((pct_ring){points + at, r->count});
    return PCT_OK;
}

static pct_status trace_all(tracer *t, pct_error *error) {
    pct_status status = PCT_OK;
    for (uint32_t row = 0; row + 1 < t->grid->rows; row++)
        for (uint32_t column = 0; column + 1 < t->grid->columns; column++)
            for (int direction = NORTH; direction <= WEST && !status; direction++)
                if (leaves(t, column, row, direction) && !t->seen[edge_of(t, column, row, direction)])
                    status = trace(t, column, row, direction, error);
    return status;
}

static pct_ring ring_of(const tracer *t, const run *r) {
    return (pct_ring){(const pct_position *)t->points.items + r->at, r->count};
}

/* Each hole to the smallest outline around it. */
static void place_holes(tracer *t, double min_area_m2) {
    run *runs = t->runs.items;
    for (size_t h = 0; h < t->runs.length; h++) {
        if (runs[h].area_m2 > -min_area_m2) continue;
        double least_m2 = INFINITY;
        for (size_t o = 0; o < t->runs.length; o++) {
            if (runs[o].area_m2 < min_area_m2 || runs[o].area_m2 >= least_m2) continue;
            pct_ring ring = ring_of(t, &runs[o]);
            pct_polygon polygon = {&ring, 1};
            pct_shape shape = {&polygon, 1, pct_box_of(ring.points, ring.count)};
            if (!pct_shape_contains(&shape, ring_of(t, &runs[h]).points[0])) continue;
            least_m2 = runs[o].area_m2;
            runs[h].outline = (uint32_t)o;
        }
    }
}

static pct_status collect(const tracer *t, double min_area_m2, pct_arena *arena, pct_shape *out,
                          pct_error *error) {
    const run *runs = t->runs.items;
    size_t n = t->runs.length;
    pct_polygon *polygons = pct_arena_alloc(arena, n, sizeof *polygons);
    pct_ring *rings = pct_arena_alloc(arena, n, sizeof *rings);
    pct_position *points = pct_arena_alloc(arena, t->points.length, sizeof *points);
    if (!polygons || !rings || !points) return pct_error_memory(error, t->points.length * sizeof *points);
    if (t->points.length > 0) memcpy(points, t->points.items, t->points.length * sizeof *points);
    *out = (pct_shape){polygons, 0, pct_box_empty()};
    for (size_t o = 0; o < n; o++) {
        if (runs[o].area_m2 < min_area_m2) continue;
        pct_polygon *polygon = &polygons[out->count++];
        *polygon = (pct_polygon){rings, 1};
        *rings++ = (pct_ring){points + runs[o].at, runs[o].count};
        for (size_t h = 0; h < n; h++)
            if (runs[h].outline == o) {
                *rings++ = (pct_ring){points + runs[h].at, runs[h].count};
                polygon->count++;
            }
    }
    out->box = pct_shape_box(polygons, out->count);
    return PCT_OK;
}

static bool rim_is_below(const pct_grid *g, float level) {
    for (uint32_t row = 0; row < g->rows; row++)
        for (uint32_t column = 0; column < g->columns; column++) {
            bool rim = row == 0 || column == 0 || row + 1 == g->rows || column + 1 == g->columns;
            if (rim && g->values[(size_t)row * g->columns + column] >= level) return false;
        }
    return true;
}

pct_status pct_contour(const pct_grid *grid, float level, double min_area_m2, pct_arena *arena,
                       pct_shape *out, pct_error *error) {
    tracer t = {.grid = grid,
                .level = level,
                .points = pct_vector_init(sizeof(pct_position), RING_POINTS_MAX),
                .runs = pct_vector_init(sizeof(run), RINGS_MAX)};
    size_t edges = 2 * (size_t)grid->columns * grid->rows + 1;
    if (grid->columns < 2 || grid->rows < 2 || !rim_is_below(grid, level))
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_CONTOUR_RIM, NULL, 0);
    t.seen = pct_alloc_zeroed(edges, 1);
    pct_status status = t.seen ? trace_all(&t, error) : pct_error_memory(error, edges);
    if (!status) {
        place_holes(&t, min_area_m2);
        status = collect(&t, min_area_m2, arena, out, error);
    }
    pct_free(t.seen);
    pct_vector_dispose(&t.points);
    pct_vector_dispose(&t.runs);
    return status;
}
