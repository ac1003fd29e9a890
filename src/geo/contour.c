/* Marching squares (Maple, "Geometric design and space planning using the marching squares and marching cube
 * algorithms", 2003), traced line by line with the inside on the left. At a saddle the mean of the four corners says
 * what is joined.
 *
 * The grid is read once, sixteen points at a time, into one bit each; all else that looks at the whole grid looks at those. A ring
 * comes south somewhere, between a point outside and one inside to the east of it: a *rising edge*. Rings begin at rising edges and
 * take away those they pass. A hole belongs to the ring of the first rising edge to the west of its westernmost northward
 * crossing: an outline, or another hole that reaches further west, whose outline it shares. */
#include "geo/contour.h"

#include <math.h>
#include <string.h>

#if defined __SSE2__
#include <emmintrin.h>
#endif

enum { NORTH, EAST, SOUTH, WEST, BITS = 64, SADDLE = 4 };

/* One traced ring; its points are a run of all. */
typedef struct run {
    uint32_t at, count;
    double area_m2;
    size_t north;     /* its westernmost point inside that it goes north beside */
    uint32_t outline; /* of a hole: the run it lies in */
    uint32_t hole_count, first_ring;
} run;

typedef struct tracer {
    const pct_grid *grid;
    double level;
    uint8_t least;             /* the least value inside */
    size_t words;              /* of a row of bits */
    uint64_t *inside, *rising; /* [rows × words] */
    uint32_t *run_of;          /* [rows × words × 64] at rising edges alone */
    run *runs;
    pct_position *points;
    uint32_t run_count, point_count;
} tracer;

void pct_contour_memory_dispose(pct_contour_memory *memory) {
    pct_free(memory->block);
    *memory = (pct_contour_memory){0};
}

static pct_status reserve(pct_contour_memory *memory, size_t bytes, pct_error *error) {
    if (bytes <= memory->bytes) return PCT_OK;
    pct_contour_memory_dispose(memory);
    memory->block = pct_alloc(bytes, 1);
    if (!memory->block) return pct_error_memory(error, bytes);
    memory->bytes = bytes;
    return PCT_OK;
}

/* --- the grid as bits --------------------------------------------------------------------------------------------- */

/* Which of sixteen values are inside. */
static inline uint64_t sixteen(const uint8_t *values, uint8_t least) {
#if defined __SSE2__
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)values), l = _mm_set1_epi8((char)least);
    return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(v, l), v));
#else
    uint64_t bits = 0;
    for (int i = 0; i < 16; i++) bits |= (uint64_t)(values[i] >= least) << i;
    return bits;
#endif
}

static void read_row(tracer *t, uint32_t row) {
    const pct_grid *g = t->grid;
    uint64_t *inside = t->inside + row * t->words, *rising = t->rising + row * t->words, carry = 0;
    for (size_t w = 0; w < t->words; w++) {
        uint64_t bits = 0;
        for (uint32_t i = 0; i < BITS; i += 16) {
            size_t column = w * BITS + i;
            if (column < g->columns) bits |= sixteen(g->values + row * g->stride + column, t->least) << i;
        }
        if ((w + 1) * BITS > g->columns) bits &= UINT64_MAX >> ((w + 1) * BITS - g->columns);
        inside[w] = bits;
        rising[w] = bits & ~(bits << 1 | carry);
        carry = bits >> (BITS - 1);
    }
}

static bool rim_is_outside(const tracer *t) {
    size_t last = t->grid->columns - 1;
    uint64_t seen = 0;
    for (size_t w = 0; w < t->words; w++)
        seen |= t->inside[w] | t->inside[(t->grid->rows - 1) * t->words + w];
    for (size_t row = 0; row < t->grid->rows; row++)
        seen |=
            (t->inside[row * t->words] & 1) | (t->inside[row * t->words + last / BITS] >> last % BITS & 1);
    return seen == 0;
}

/* How many points rings will have, without the repeated first ones, and at most how many rings. */
static void count(const tracer *t, size_t *points, size_t *rings) {
    *points = *rings = 0;
    for (size_t row = 0; row < t->grid->rows; row++)
        for (size_t w = 0; w < t->words; w++) {
            size_t at = row * t->words + w;
            size_t risings = (size_t)__builtin_popcountll(t->rising[at]);
            *rings += risings;
            *points += 2 * risings; /* what rises falls */
            if (row > 0) *points += (size_t)__builtin_popcountll(t->inside[at] ^ t->inside[at - t->words]);
        }
}

/* --- rings -------------------------------------------------------------------------------------------------------- */

/* [inside: south-west, south-east, north-west, north-east][came in going …] the way out, SADDLE where the mean decides; cells
 * that a line cannot come into that way have any. */
static const uint8_t way_out[16][4] = {
    {NORTH, EAST, SOUTH, WEST},     {WEST, EAST, WEST, WEST},     {NORTH, SOUTH, SOUTH, SOUTH},
    {WEST, EAST, WEST, WEST},       {NORTH, NORTH, SOUTH, NORTH}, {NORTH, NORTH, SOUTH, NORTH},
    {NORTH, SADDLE, SOUTH, SADDLE}, {NORTH, NORTH, SOUTH, NORTH}, {EAST, EAST, EAST, WEST},
    {SADDLE, EAST, SADDLE, WEST},   {NORTH, SOUTH, SOUTH, SOUTH}, {WEST, EAST, WEST, WEST},
    {EAST, EAST, EAST, WEST},       {EAST, EAST, EAST, WEST},     {NORTH, SOUTH, SOUTH, SOUTH},
    {NORTH, EAST, SOUTH, WEST}};

/* Of the edge that is crossed when a cell is left in a direction: the inner corner's place in the cell, and the step from it to the
 * outer one. */
static const uint32_t corner[4][2] = {{0, 1}, {1, 1}, {1, 0}, {0, 0}};
static const int8_t outward[4][2] = {{1, 0}, {0, -1}, {-1, 0}, {0, 1}};
static const uint32_t step[4][2] = {{0, 1}, {1, 0}, {0, UINT32_MAX}, {UINT32_MAX, 0}}; /* modulo 2^32 */

/* Follows the ring that goes south through a rising edge, whose inner point is (column, row); takes its rising edges away. Leaves
 * in place of each point the inner point's column, and its row and the way the ring goes. Next to nothing but the way from
 * cell to cell is here, for each step waits for the one before. */
static uint32_t follow(tracer *t, pct_position *p, uint32_t column, uint32_t row) {
    const pct_grid *g = t->grid;
    const ptrdiff_t jump[4] = {(ptrdiff_t)g->stride, 1, -(ptrdiff_t)g->stride, -1};
    const pct_position *first = p;
    int way = SOUTH;
    column--; /* from here on: the cell that is left, by its south-west corner */
    const uint8_t *v = g->values + row * g->stride + column;
    for (;;) {
        uint32_t c = column + corner[way][0], w = row + corner[way][1];
        uint64_t *rising = &t->rising[w * t->words + c / BITS], bit = (uint64_t)(way == SOUTH) << c % BITS;
        if (bit & ~*rising) break; /* round */
        *rising &= ~bit;
        *p++ = (pct_position){(int32_t)c, (int32_t)(w * 4 + (uint32_t)way)};
        column += step[way][0];
        row += step[way][1];
        v += jump[way];
        const uint8_t *above = v + g->stride;
        unsigned inside = (unsigned)(v[0] >= t->least) | (unsigned)(v[1] >= t->least) << 1 |
                          (unsigned)(above[0] >= t->least) << 2 | (unsigned)(above[1] >= t->least) << 3;
        int came = way;
        way = way_out[inside][came];
        if (way == SADDLE)
            way = v[0] + v[1] + above[0] + above[1] >= 4.0 * t->level ? (came + 1) % 4 : (came + 3) % 4;
    }
    return (uint32_t)(p - first);
}

/* Makes the points of a ring that was followed. */
static void place_ring(tracer *t, run *r, pct_position *points, uint32_t count) {
    const pct_grid *g = t->grid;
    const double east = g->cell_m / g->plane.m_per_e7_lon, north = g->cell_m / g->plane.m_per_e7_lat;
    const double west_e7 = g->plane.origin.lon_e7 + g->west_m / g->plane.m_per_e7_lon;
    const double south_e7 = g->plane.origin.lat_e7 + g->south_m / g->plane.m_per_e7_lat;
    double area = 0.0, x_before = 0.0, y_before = 0.0, x_first = 0.0, y_first = 0.0;
    uint32_t westmost = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t c = (uint32_t)points[i].lon_e7, w = (uint32_t)points[i].lat_e7 / 4;
        int way = points[i].lat_e7 % 4;
        const uint8_t *inner = g->values + w * g->stride + c;
        double a = *inner, b = inner[outward[way][0] + outward[way][1] * (ptrdiff_t)g->stride];
        double share = (a - t->level) / (a - b);
        double x = c + share * outward[way][0], y = w + share * outward[way][1];
        size_t place = w * t->words * BITS + c;
        bool is_westmost = (way == NORTH) & (c < westmost);
        t->run_of[way == SOUTH ? place : 0] = t->run_count; /* the first is on the rim and nobody's */
        westmost = is_westmost ? c : westmost;
        r->north = is_westmost ? place : r->north;
        points[i] = (pct_position){(int32_t)lrint(west_e7 + x * east), (int32_t)lrint(south_e7 + y * north)};
        if (i == 0) x_first = x_before = x, y_first = y_before = y;
        area += x_before * y - x * y_before;
        x_before = x, y_before = y;
    }
    area += x_before * y_first - x_first * y_before;
    r->area_m2 = area / 2.0 * g->cell_m * g->cell_m;
}

static void trace(tracer *t, uint32_t column, uint32_t row) {
    pct_position *points = t->points + t->point_count;
    uint32_t count = follow(t, points, column, row);
    run *r = &t->runs[t->run_count];
    *r = (run){.at = t->point_count, .count = count + 1, .outline = UINT32_MAX};
    place_ring(t, r, points, count);
    points[count] = points[0];
    t->point_count += r->count;
    t->run_count++;
}

static void trace_all(tracer *t) {
    for (uint32_t row = 0; row < t->grid->rows; row++)
        for (size_t w = 0; w < t->words; w++)
            while (t->rising[row * t->words + w])
                trace(t, (uint32_t)(w * BITS) + (uint32_t)__builtin_ctzll(t->rising[row * t->words + w]),
                      row);
}

/* The rising edge at or west of a point inside. */
static size_t rising_west_of(const tracer *t, size_t place) {
    size_t w = place / BITS;
    uint64_t outside = ~t->inside[w] & (UINT64_MAX >> (BITS - 1 - place % BITS));
    while (!outside) outside = ~t->inside[--w]; /* the first column is outside */
    size_t last_outside = w * BITS + (BITS - 1 - (size_t)__builtin_clzll(outside));
    return last_outside + 1;
}

static bool is_hole(const run *r, double min_area_m2) {
    return r->area_m2 < 0.0 && r->area_m2 <= -min_area_m2;
}

static bool is_outline(const run *r, double min_area_m2) {
    return r->area_m2 > 0.0 && r->area_m2 >= min_area_m2;
}

static void place_holes(tracer *t, double min_area_m2) {
    for (uint32_t h = 0; h < t->run_count; h++) {
        if (!is_hole(&t->runs[h], min_area_m2)) continue;
        uint32_t around = h;
        while (t->runs[around].area_m2 < 0.0) around = t->run_of[rising_west_of(t, t->runs[around].north)];
        t->runs[h].outline = around;
        t->runs[around].hole_count++;
    }
}

static pct_status collect(tracer *t, double min_area_m2, pct_arena *arena, pct_shape *out, pct_error *error) {
    size_t outlines = 0, holes = 0;
    for (uint32_t i = 0; i < t->run_count; i++) {
        outlines += is_outline(&t->runs[i], min_area_m2);
        holes += is_hole(&t->runs[i], min_area_m2);
    }
    pct_polygon *polygons = pct_arena_alloc(arena, outlines, sizeof *polygons);
    pct_ring *rings = pct_arena_alloc(arena, outlines + holes, sizeof *rings);
    if (!polygons || !rings) return pct_error_memory(error, (outlines + holes) * sizeof *rings);
    *out = (pct_shape){polygons, 0, pct_box_empty()};
    uint32_t at = 0;
    for (uint32_t i = 0; i < t->run_count; i++) {
        run *r = &t->runs[i];
        if (!is_outline(r, min_area_m2)) continue;
        polygons[out->count++] = (pct_polygon){rings + at, 1 + r->hole_count};
        rings[at++] = (pct_ring){t->points + r->at, r->count};
        r->first_ring = at;
        at += r->hole_count;
    }
    for (uint32_t i = 0; i < t->run_count; i++)
        if (is_hole(&t->runs[i], min_area_m2)) {
            run *around = &t->runs[t->runs[i].outline];
            rings[around->first_ring++] = (pct_ring){t->points + t->runs[i].at, t->runs[i].count};
        }
    out->box = pct_shape_box(polygons, out->count);
    return PCT_OK;
}

pct_status pct_contour(const pct_grid *grid, double level, double min_area_m2, pct_contour_memory *memory,
                       pct_arena *arena, pct_shape *out, pct_error *error) {
    tracer t = {.grid = grid, .level = level, .least = (uint8_t)ceil(level)};
    if (grid->columns < 2 || grid->rows < 2)
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_CONTOUR_RIM, NULL, 0);
    t.words = (grid->columns + BITS - 1) / BITS;
    size_t words = t.words * grid->rows, points, rings;
    pct_status status = reserve(memory, words * (2 * sizeof(uint64_t) + BITS * sizeof(uint32_t)), error);
    if (status) return status;
    t.inside = memory->block;
    t.rising = t.inside + words;
    t.run_of = (uint32_t *)(void *)(t.rising + words);
    for (uint32_t row = 0; row < grid->rows; row++) read_row(&t, row);
    if (!rim_is_outside(&t)) return pct_error_set(error, PCT_MISUSE, PCT_MSG_CONTOUR_RIM, NULL, 0);
    count(&t, &points, &rings);
    t.points = pct_arena_alloc(arena, points + rings, sizeof *t.points);
    t.runs = pct_arena_alloc(arena, rings, sizeof *t.runs);
    if (!t.points || !t.runs) return pct_error_memory(error, (points + rings) * sizeof *t.points);
    trace_all(&t);
    place_holes(&t, min_area_m2);
    return collect(&t, min_area_m2, arena, out, error);
}
