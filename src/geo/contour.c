/* Marching squares (Maple, "Geometric design and space planning using the marching squares and marching cube
 * algorithms", 2003), traced line by line with the inside on the left. At a saddle the mean of the four corners says
 * what is joined.
 *
 * The grid is read once, sixteen points at a time, into one bit each; all else that looks at the whole grid looks at those. A ring
 * comes south somewhere, between a point outside and one inside to the east of it: a *rising edge*. Rings begin at rising edges and
 * take away those they pass.
 *
 * Where a ring is furthest west it goes south if it is an outline, north if it is a hole, for the inside is on its left:
 * the way it was traced tells which it is, never an area, which is nothing where the level is almost a value of the grid. A hole
 * belongs to the ring of the first rising edge to the west of its westernmost crossing: an outline, or another hole
 * that reaches further west, whose outline it shares. */
#include "geo/contour.h"

#include <math.h>
#include <string.h>

#if defined __SSE2__
#include <emmintrin.h>
#endif

enum { NORTH, EAST, SOUTH, WEST, BITS = 64, SADDLE = 4 };

/* What positions of 1e-7 degrees cannot tell from nothing. */
static const double nothing_m2 = 0.01;

/* One traced ring; its points are a run of all. */
typedef struct run {
    uint32_t at, count;
    double area_m2; /* never negative but for rounding */
    uint32_t west;  /* the point inside beside its westernmost crossing */
    bool is_hole;
    bool is_kept;     /* it has the area that is asked for; a hole: so has its outline */
    uint32_t outline; /* of a hole: the run it lies in */
    uint32_t hole_count, first_ring;
} run;

/* Points of the grid are named by their bits: row × row_bits + column. */
typedef struct tracer {
    const pct_grid *grid;
    double level;
    uint8_t least;             /* the least value inside */
    uint32_t row_shift;        /* row_bits is 1 << row_shift */
    size_t words;              /* of a row of bits */
    uint64_t *inside, *rising; /* [rows × words], inside one more */
    uint32_t *run_of;          /* [rows × row_bits] at rising edges alone */
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
        if (w * BITS >= g->columns)
            bits = 0;
        else if ((w + 1) * BITS > g->columns)
            bits &= UINT64_MAX >> ((w + 1) * BITS - g->columns);
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

/* How many bits differ (b NULL: are set), counted side by side in the bytes of words (as Warren, "Hacker's delight", 2002, 5-1). */
static inline size_t differing(const uint64_t *a, const uint64_t *b, size_t words) {
    const uint64_t twos = 0x5555555555555555, fours = 0x3333333333333333, bytes = 0x0F0F0F0F0F0F0F0F,
                   pairs = 0x00FF00FF00FF00FF;
    size_t sum = 0;
    for (size_t begin = 0; begin < words; begin += 16) {
        const size_t end = begin + 16 < words ? begin + 16 : words;
        uint64_t held = 0;
        for (size_t i = begin; i < end; i++) {
            uint64_t x = a[i] ^ (b ? b[i] : 0);
            x -= x >> 1 & twos;
            x = (x & fours) + (x >> 2 & fours);
            held += (x + (x >> 4)) & bytes; /* at most 8 a word */
        }
        held = (held & pairs) + (held >> 8 & pairs);
        held += held >> 32;
        sum += (held & 0xFFFF) + (held >> 16 & 0xFFFF);
    }
    return sum;
}

/* How many points rings will have, without the repeated first ones, and at most how many rings: what rises falls. */
static void count(const tracer *t, size_t *points, size_t *rings) {
    const size_t words = t->grid->rows * t->words;
    *rings = differing(t->rising, NULL, words);
    *points = 2 * *rings + differing(t->inside + t->words, t->inside, words - t->words);
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

/* A cell, by its south-west corner, and the way out of it. It stands in the place of a position until that is made. */
typedef struct crossing {
    uint32_t cell, way;
} crossing;
_Static_assert(sizeof(crossing) == sizeof(pct_position), "a crossing becomes a position in its place");

static int saddle_way(const tracer *t, uint32_t cell, int came) {
    const pct_grid *g = t->grid;
    const uint8_t *v = g->values + (cell >> t->row_shift) * g->stride + (cell & ((1U << t->row_shift) - 1));
    const uint8_t *above = v + g->stride;
    return v[0] + v[1] + above[0] + above[1] >= 4.0 * t->level ? (came + 1) % 4 : (came + 3) % 4;
}

/* Follows the ring that goes south through a rising edge, whose inner point is given. Next to nothing but the way from cell
 * to cell is here, for each step waits for the one before: the bits of a cell's corners are read where they lie (words
 * are little-endian, as in the index files), and the step to the next cell is looked up beside the way. */
static uint32_t follow(const tracer *t, crossing *out, uint32_t rising) {
    const uint32_t row_bits = 1U << t->row_shift;
    const uint32_t jump[SADDLE + 1] = {row_bits, 1, 0 - row_bits, UINT32_MAX, 0}; /* modulo 2^32 */
    const uint8_t *south = (const uint8_t *)t->inside, *north = south + row_bits / 8;
    const crossing *begin = out;
    const uint32_t first = rising - 1;
    uint32_t jumps[16][4], cell = first, way = SOUTH;
    for (int inside = 0; inside < 16; inside++)
        for (int came = 0; came < 4; came++) jumps[inside][came] = jump[way_out[inside][came]];
    uint32_t next = cell - row_bits;
    do {
        *out++ = (crossing){cell, way};
        uint32_t low, high, came = way;
        cell = next;
        memcpy(&low, south + cell / 8, sizeof low);
        memcpy(&high, north + cell / 8, sizeof high);
        uint32_t inside = (low >> cell % 8 & 3) | (high >> cell % 8 & 3) << 2;
        way = way_out[inside][came];
        next = cell + jumps[inside][came];
        if (way == SADDLE) {
            way = (uint32_t)saddle_way(t, cell, (int)came);
            next = cell + jump[way];
        }
    } while (cell != first || way != SOUTH);
    return (uint32_t)(out - begin);
}

/* Makes the points of a ring that was followed, and takes its rising edges away. */
static void place_ring(tracer *t, run *r, pct_position *points, uint32_t count) {
    const pct_grid *g = t->grid;
    const double east = g->cell_m / g->plane.m_per_e7_lon, north = g->cell_m / g->plane.m_per_e7_lat;
    const double west_e7 = g->plane.origin.lon_e7 + g->west_m / g->plane.m_per_e7_lon;
    const double south_e7 = g->plane.origin.lat_e7 + g->south_m / g->plane.m_per_e7_lat;
    const uint32_t row_shift = t->row_shift, row_bits = 1U << row_shift, number = t->run_count;
    const uint8_t *values = g->values;
    const size_t stride = g->stride;
    const double level = t->level;
    uint32_t *run_of = t->run_of;
    uint64_t *rising = t->rising, westernmost = UINT64_MAX; /* column west of the edge, point, way */
    uint32_t to_inner[4];
    ptrdiff_t to_outer[4];
    double dx[4], dy[4];
    for (int way = 0; way < 4; way++) {
        to_inner[way] = corner[way][0] + corner[way][1] * row_bits;
        to_outer[way] = outward[way][0] + outward[way][1] * (ptrdiff_t)stride;
        dx[way] = outward[way][0], dy[way] = outward[way][1];
    }
    double area = 0.0, x_before = 0.0, y_before = 0.0, x_first = 0.0, y_first = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        crossing at;
        memcpy(&at, &points[i], sizeof at);
        const uint32_t way = at.way, point = at.cell + to_inner[way];
        const uint32_t c = point & (row_bits - 1), w = point >> row_shift;
        const uint8_t *inner = values + w * stride + c;
        const int a = *inner, b = inner[to_outer[way]];
        const double share = (a - level) / (a - b);
        const double x = c + share * dx[way], y = w + share * dy[way];
        const bool is_rising = way == SOUTH;
        run_of[is_rising ? point : 0] = number; /* the first is on the rim and nobody's */
        rising[point / BITS] &= ~((uint64_t)is_rising << point % BITS);
        const uint64_t here = (uint64_t)(c - is_rising) << 34 | (uint64_t)point << 2 | way;
        const uint64_t candidate = here | (0 - (uint64_t)(way & 1));
        westernmost = candidate < westernmost ? candidate : westernmost;
        points[i] = (pct_position){(int32_t)lrint(west_e7 + x * east), (int32_t)lrint(south_e7 + y * north)};
        if (i == 0) x_first = x_before = x, y_first = y_before = y;
        area += x_before * y - x * y_before;
        x_before = x, y_before = y;
    }
    area += x_before * y_first - x_first * y_before;
    r->is_hole = westernmost % 4 == NORTH;
    r->west = (uint32_t)(westernmost >> 2);
    r->area_m2 = (r->is_hole ? -area : area) / 2.0 * g->cell_m * g->cell_m;
}

static void trace(tracer *t, uint32_t rising) {
    pct_position *points = t->points + t->point_count;
    uint32_t count = follow(t, (crossing *)points, rising);
    run *r = &t->runs[t->run_count];
    *r = (run){.at = t->point_count, .count = count + 1, .outline = UINT32_MAX};
    place_ring(t, r, points, count);
    points[count] = points[0];
    t->point_count += r->count;
    t->run_count++;
}

static void trace_all(tracer *t) {
    for (size_t w = 0; w < t->grid->rows * t->words; w++)
        while (t->rising[w]) trace(t, (uint32_t)(w * BITS) + (uint32_t)__builtin_ctzll(t->rising[w]));
}

/* The rising edge at or west of a point inside. */
static size_t rising_west_of(const tracer *t, size_t place) {
    size_t w = place / BITS;
    uint64_t outside = ~t->inside[w] & (UINT64_MAX >> (BITS - 1 - place % BITS));
    while (!outside) outside = ~t->inside[--w]; /* the first column is outside */
    size_t last_outside = w * BITS + (BITS - 1 - (size_t)__builtin_clzll(outside));
    return last_outside + 1;
}

/* Outlines that are large enough, and the holes in them that are. */
static void choose(tracer *t, double min_area_m2) {
    const double least_m2 = fmax(min_area_m2, nothing_m2);
    for (uint32_t i = 0; i < t->run_count; i++) t->runs[i].is_kept = t->runs[i].area_m2 >= least_m2;
    for (uint32_t h = 0; h < t->run_count; h++) {
        run *hole = &t->runs[h];
        if (!hole->is_hole || !hole->is_kept) continue;
        uint32_t around = h;
        while (t->runs[around].is_hole) around = t->run_of[rising_west_of(t, t->runs[around].west)];
        hole->outline = around;
        hole->is_kept = t->runs[around].is_kept; /* which is no smaller but for rounding */
        t->runs[around].hole_count++;
    }
}

/* The box of all outlines. */
static pct_box box_of(const tracer *t) {
    pct_box box = pct_box_empty();
    for (uint32_t i = 0; i < t->run_count; i++) {
        const run *r = &t->runs[i];
        const pct_position *p = t->points + r->at;
        if (r->is_hole || !r->is_kept) continue;
        pct_position min = p[0], max = p[0];
        for (uint32_t j = 1; j < r->count; j++) {
            min.lon_e7 = p[j].lon_e7 < min.lon_e7 ? p[j].lon_e7 : min.lon_e7;
            min.lat_e7 = p[j].lat_e7 < min.lat_e7 ? p[j].lat_e7 : min.lat_e7;
            max.lon_e7 = p[j].lon_e7 > max.lon_e7 ? p[j].lon_e7 : max.lon_e7;
            max.lat_e7 = p[j].lat_e7 > max.lat_e7 ? p[j].lat_e7 : max.lat_e7;
        }
        pct_box_extend(&box, min);
        pct_box_extend(&box, max);
    }
    return box;
}

static pct_status collect(const tracer *t, pct_arena *arena, pct_shape *out, pct_error *error) {
    size_t outlines = 0, kept = 0;
    for (uint32_t i = 0; i < t->run_count; i++) {
        outlines += t->runs[i].is_kept && !t->runs[i].is_hole;
        kept += t->runs[i].is_kept;
    }
    pct_polygon *polygons = pct_arena_alloc(arena, outlines, sizeof *polygons);
    pct_ring *rings = pct_arena_alloc(arena, kept, sizeof *rings);
    if (!polygons || !rings) return pct_error_memory(error, kept * sizeof *rings);
    *out = (pct_shape){polygons, 0, box_of(t)};
    uint32_t at = 0;
    for (uint32_t i = 0; i < t->run_count; i++) {
        run *r = &t->runs[i];
        if (r->is_hole || !r->is_kept) continue;
        polygons[out->count++] = (pct_polygon){rings + at, 1 + r->hole_count};
        rings[at++] = (pct_ring){t->points + r->at, r->count};
        r->first_ring = at;
        at += r->hole_count;
    }
    for (uint32_t i = 0; i < t->run_count; i++)
        if (t->runs[i].is_hole && t->runs[i].is_kept) {
            run *around = &t->runs[t->runs[i].outline];
            rings[around->first_ring++] = (pct_ring){t->points + t->runs[i].at, t->runs[i].count};
        }
    return PCT_OK;
}

pct_status pct_contour(const pct_grid *grid, double level, double min_area_m2, pct_contour_memory *memory,
                       pct_arena *arena, pct_shape *out, pct_error *error) {
    tracer t = {.grid = grid, .level = level, .least = (uint8_t)ceil(level)};
    if (grid->columns < 2 || grid->rows < 2)
        return pct_error_set(error, PCT_MISUSE, PCT_MSG_CONTOUR_RIM, NULL, 0);
    for (t.row_shift = 6; grid->columns >> t.row_shift;) t.row_shift++;
    t.words = (1U << t.row_shift) / BITS;
    size_t words = t.words * grid->rows, points, rings;
    pct_status status =
        reserve(memory, (words + 1) * (2 * sizeof(uint64_t) + BITS * sizeof(uint32_t)), error);
    if (status) return status;
    t.inside = memory->block;
    t.rising = t.inside + words + 1;
    t.inside[words] = 0; /* the last cells' bits are read beyond the end */
    t.run_of = (uint32_t *)(void *)(t.rising + words);
    for (uint32_t row = 0; row < grid->rows; row++) read_row(&t, row);
    if (!rim_is_outside(&t)) return pct_error_set(error, PCT_MISUSE, PCT_MSG_CONTOUR_RIM, NULL, 0);
    count(&t, &points, &rings);
    t.points = pct_arena_alloc(arena, points + rings, sizeof *t.points);
    t.runs = pct_arena_alloc(arena, rings, sizeof *t.runs);
    if (!t.points || !t.runs) return pct_error_memory(error, (points + rings) * sizeof *t.points);
    trace_all(&t);
    choose(&t, min_area_m2);
    return collect(&t, arena, out, error);
}
