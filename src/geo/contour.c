/* Marching squares (Maple, "Geometric design and space planning using the marching squares and marching cube
 * algorithms", 2003), traced line by line with the inside on the left. At a saddle the mean of the four corners says
 * what is joined.
 *
 * The grid is read once, sixteen points at a time, into one bit each; all else that looks at the whole grid looks at those. A ring
 * comes south somewhere, between a point outside and one inside to the east of it: a *rising edge*. Rings begin at rising edges and
 * take away those they pass.
 *
 * A ring begins at its lowest rising edge, the westernmost of those. It comes south there, goes along below that row and north through
 * it again: further east if it is an outline, further west if it is a hole, for the inside is on its left. So the way it was
 * traced tells which it is, never an area, which is nothing where the level is almost a value of the grid. Where a hole goes
 * north there, the inside is to the west, up to a rising edge of an outline, or of another hole that begins further west or
 * south, whose outline it shares.
 *
 * Each step along a ring waits for the one before. So it is followed both ways at once until the two meet. */
#include "geo/contour_points.h"

#include <math.h>
#include <string.h>

#if defined __SSE2__
#include <emmintrin.h>
#endif

enum { NORTH = PCT_NORTH, EAST = PCT_EAST, SOUTH = PCT_SOUTH, WEST = PCT_WEST, BITS = 64, SADDLE = 4 };

/* What positions of 1e-7 degrees cannot tell from nothing. */
static const double nothing_m2 = 0.01;

/* One traced ring; its points are a run of all. */
typedef struct run {
    uint32_t at, count;
    double area_m2; /* never negative but for rounding */
    pct_box box;
    uint32_t first_edge, edge_count; /* its rising edges */
    uint32_t west;                   /* of a hole: the point inside to the west of its lowest row */
    bool is_hole;
    bool is_kept;     /* it has the area that is asked for; a hole: so has its outline */
    uint32_t outline; /* of a hole: the run it lies in */
    uint32_t hole_count, first_ring;
} run;

/* From cell to cell, modulo 2^32: by the way taken; by which corners are inside and how the cell was come into; by which are
 * inside, for the way back. Nothing at saddles. */
typedef struct steps {
    uint32_t to_next[SADDLE + 1], ahead[16][4], back[16];
} steps;

/* Points of the grid are named by their bits: row × row_bits + column. */
typedef struct tracer {
    const pct_grid *grid;
    double level;
    uint8_t least;             /* the least value inside */
    uint32_t row_shift;        /* row_bits is 1 << row_shift */
    size_t words;              /* of a row of bits */
    uint64_t *inside, *rising; /* [rows × words], inside one more */
    uint32_t *edges;           /* rising ones, ring by ring */
    uint32_t *run_of;          /* [rows × row_bits] at rising edges that are asked for alone */
    run *runs;
    pct_position *points;
    uint32_t run_count, point_count, edge_count, point_room;
    steps steps;
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
/* [inside] the way in, for there is but one line; SADDLE where there are two. */
static const uint8_t way_in[16] = {NORTH, NORTH,  WEST,  WEST,  EAST, NORTH, SADDLE, WEST,
                                   SOUTH, SADDLE, SOUTH, SOUTH, EAST, NORTH, EAST,   NORTH};

/* Whether the mean of a saddle is inside. */
static bool is_joined(const tracer *t, uint32_t cell) {
    const pct_grid *g = t->grid;
    const uint8_t *v = g->values + (cell >> t->row_shift) * g->stride + (cell & ((1U << t->row_shift) - 1));
    const uint8_t *above = v + g->stride;
    return v[0] + v[1] + above[0] + above[1] >= 4.0 * t->level;
}

/* Bits of a cell's corners, read where they lie (words are little-endian, as in the index files). */
static inline uint32_t corners_of(const uint8_t *south, const uint8_t *north, uint32_t cell) {
    uint32_t low, high;
    memcpy(&low, south + cell / 8, sizeof low);
    memcpy(&high, north + cell / 8, sizeof high);
    return (low >> cell % 8 & 3) | (high >> cell % 8 & 3) << 2;
}

static void look_up_steps(steps *s, uint32_t row_bits) {
    const uint32_t to_next[SADDLE + 1] = {row_bits, 1, 0 - row_bits, UINT32_MAX, 0};
    memcpy(s->to_next, to_next, sizeof to_next);
    for (int inside = 0; inside < 16; inside++) {
        for (int came = 0; came < 4; came++) s->ahead[inside][came] = to_next[way_out[inside][came]];
        s->back[inside] = to_next[way_in[inside]];
    }
}

/* Follows the ring that goes south through a rising edge, whose inner point is given, one way from `begin` on and the other way
 * from before `end`, and puts both together; how long it is. Notes its rising edges. Next to nothing but the way from cell to cell
 * is here, and the step to the next cell is looked up beside the way. */
static uint32_t follow(tracer *t, pct_crossing *begin, pct_crossing *end, uint32_t rising) {
    const uint32_t row_bits = 1U << t->row_shift;
    const steps *s = &t->steps;
    const uint8_t *south = (const uint8_t *)t->inside, *north = south + row_bits / 8;
    pct_crossing *out = begin, *in = end;
    uint32_t *edge = t->edges + t->edge_count;
    uint32_t cell = rising - 1, way = SOUTH, next = cell - row_bits, back_cell = cell, back_way = SOUTH;
    for (;;) {
        *out++ = (pct_crossing){cell, way};
        *edge = cell + 1;
        edge += way == SOUTH;
        const uint32_t inside = corners_of(south, north, next), came = way;
        cell = next;
        way = way_out[inside][came];
        next = cell + s->ahead[inside][came];
        if (way == SADDLE) {
            way = (is_joined(t, cell) ? came + 1 : came + 3) % 4;
            next = cell + s->to_next[way];
        }
        if (cell == back_cell && way == back_way) break;
        const uint32_t behind = corners_of(south, north, back_cell), left = back_way;
        uint32_t step = s->back[behind];
        back_way = way_in[behind];
        if (back_way == SADDLE) {
            back_way = (is_joined(t, back_cell) ? left + 3 : left + 1) % 4;
            step = s->to_next[back_way];
        }
        back_cell -= step;
        *--in = (pct_crossing){back_cell, back_way};
        *edge = back_cell + 1;
        edge += back_way == SOUTH;
        if (cell == back_cell && way == back_way) break;
    }
    t->edge_count = (uint32_t)(edge - t->edges);
    memmove(out, in, (size_t)(end - in) * sizeof *in);
    return (uint32_t)(out - begin) + (uint32_t)(end - in);
}

static void trace(tracer *t, const pct_contour_maker *m, uint32_t rising) {
    const uint32_t columns = (1U << t->row_shift) - 1, first_edge = t->edge_count;
    pct_position *points = t->points + t->point_count;
    pct_crossing *ring = (pct_crossing *)points, *end = (pct_crossing *)(t->points + t->point_room);
    const uint32_t count = follow(t, ring, end, rising);
    for (uint32_t i = first_edge; i < t->edge_count; i++)
        t->rising[t->edges[i] / BITS] &= ~((uint64_t)1 << t->edges[i] % BITS);
    const pct_crossing *up = ring;
    while (up->way != NORTH) up++; /* in the row where it began */
    const uint32_t west = up->cell + m->to_inner[NORTH];
    const bool is_hole = (up->cell & columns) < (rising & columns);
    pct_box box;
    const double area = pct_contour_make_points(m, points, count, &box), cell_m = t->grid->cell_m;
    points[count] = points[0];
    t->runs[t->run_count++] = (run){.at = t->point_count,
                                    .count = count + 1,
                                    .area_m2 = (is_hole ? -area : area) * cell_m * cell_m,
                                    .box = box,
                                    .first_edge = first_edge,
                                    .edge_count = t->edge_count - first_edge,
                                    .west = west,
                                    .is_hole = is_hole,
                                    .outline = UINT32_MAX};
    t->point_count += count + 1;
}

static void trace_all(tracer *t) {
    const pct_contour_maker m = pct_contour_maker_of(t->grid, t->level, t->row_shift);
    for (size_t w = 0; w < t->grid->rows * t->words; w++)
        while (t->rising[w]) trace(t, &m, (uint32_t)(w * BITS) + (uint32_t)__builtin_ctzll(t->rising[w]));
}

/* The rising edge at or west of a point inside. */
static uint32_t rising_west_of(const tracer *t, uint32_t place) {
    size_t w = place / BITS;
    uint64_t outside = ~t->inside[w] & (UINT64_MAX >> (BITS - 1 - place % BITS));
    while (!outside) outside = ~t->inside[--w]; /* the first column is outside */
    size_t last_outside = w * BITS + (BITS - 1 - (size_t)__builtin_clzll(outside));
    return (uint32_t)last_outside + 1;
}

/* Which ring is west of each hole. All rising edges are taken away by now: their bits serve for those that are asked for. */
static void find_neighbours(tracer *t) {
    for (uint32_t h = 0; h < t->run_count; h++) {
        if (!t->runs[h].is_hole) continue;
        const uint32_t edge = t->runs[h].west = rising_west_of(t, t->runs[h].west);
        t->rising[edge / BITS] |= (uint64_t)1 << edge % BITS;
    }
    for (uint32_t i = 0; i < t->run_count; i++) {
        const uint32_t *edge = t->edges + t->runs[i].first_edge, *end = edge + t->runs[i].edge_count;
        for (; edge < end; edge++)
            if (t->rising[*edge / BITS] >> *edge % BITS & 1) t->run_of[*edge] = i;
    }
}

/* Outlines that are large enough, and the holes in them that are. A hole's neighbour was traced before it. */
static void choose(tracer *t, double min_area_m2) {
    const double least_m2 = fmax(min_area_m2, nothing_m2);
    find_neighbours(t);
    for (uint32_t i = 0; i < t->run_count; i++) {
        run *r = &t->runs[i];
        r->is_kept = r->area_m2 >= least_m2;
        if (!r->is_hole) continue;
        const uint32_t neighbour = t->run_of[r->west];
        r->outline = t->runs[neighbour].is_hole ? t->runs[neighbour].outline : neighbour;
        run *outline = &t->runs[r->outline];
        outline->hole_count += r->is_kept;
        r->is_kept = r->is_kept && outline->is_kept; /* which is no smaller but for rounding */
    }
}

/* The box of all outlines. */
static pct_box box_of(const tracer *t) {
    pct_box box = pct_box_empty();
    for (uint32_t i = 0; i < t->run_count; i++) {
        const run *r = &t->runs[i];
        if (r->is_hole || !r->is_kept) continue;
        pct_box_extend(&box, r->box.min);
        pct_box_extend(&box, r->box.max);
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
    /* Every other point of a row may be a rising edge. */
    const size_t word_bytes = 2 * sizeof(uint64_t) + (BITS + BITS / 2) * sizeof(uint32_t);
    pct_status status = reserve(memory, (words + 1) * word_bytes, error);
    if (status) return status;
    t.inside = memory->block;
    t.rising = t.inside + words + 1;
    t.inside[words] = 0; /* the last cells' bits are read beyond the end */
    t.run_of = (uint32_t *)(void *)(t.rising + words);
    t.edges = t.run_of + words * BITS;
    look_up_steps(&t.steps, 1U << t.row_shift);
    for (uint32_t row = 0; row < grid->rows; row++) read_row(&t, row);
    if (!rim_is_outside(&t)) return pct_error_set(error, PCT_MISUSE, PCT_MSG_CONTOUR_RIM, NULL, 0);
    count(&t, &points, &rings);
    t.points = pct_arena_alloc(arena, points + rings, sizeof *t.points);
    t.runs = pct_arena_alloc(arena, rings, sizeof *t.runs);
    if (!t.points || !t.runs) return pct_error_memory(error, (points + rings) * sizeof *t.points);
    t.point_room = (uint32_t)(points + rings);
    trace_all(&t);
    choose(&t, min_area_m2);
    return collect(&t, arena, out, error);
}
