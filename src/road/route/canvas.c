#include "road/route/canvas.h"

#include <math.h>
#include <string.h>

#include "road/route/wide.h"

enum {
    GRID_SIDE_MAX = 3000,
    ALIGN = 64,
    BEFORE = 2,
    RIM = 5,
    POINTS_MIN = 4096,
    STAMP_ROW = 8,
    STAMP_BYTES = PCT_STAMP_ROWS * STAMP_ROW,
    TILE = 32,
    TILE_COLUMNS = 16,
    STAMP_TILES = 4,
    FOUR_POINTS = 4,
    BATCH = 64,
};

/* The height of a cone at each place of a stamp, whose third cell the point is in. */
static void make_stamps(pct_canvas *canvas) {
    for (int north = 0; north < PCT_CANVAS_PARTS; north++)
        for (int east = 0; east < PCT_CANVAS_PARTS; east++)
            for (int row = 0; row < PCT_STAMP; row++)
                for (int column = 0; column < PCT_STAMP; column++) {
                    double x = column - BEFORE - (east + 0.5) / PCT_CANVAS_PARTS;
                    double y = row - BEFORE - (north + 0.5) / PCT_CANVAS_PARTS;
                    double height = 255.0 * (1.0 - sqrt(x * x + y * y) / PCT_CANVAS_REACH);
                    canvas->stamps[north * PCT_CANVAS_PARTS + east][row + 1][column] =
                        (uint8_t)lrint(fmax(0.0, height));
                }
}

/* For each column of a tile, which of sixteen bytes of a stamp, two rows, goes where in the two rows of a tile. */
static void make_moves(pct_canvas *canvas) {
    memset(canvas->moves, 0x80, sizeof canvas->moves);
    for (uint8_t column = 0; column <= TILE_COLUMNS - PCT_STAMP; column++)
        for (uint8_t i = 0; i < PCT_STAMP; i++) {
            canvas->moves[column][column + i] = i;
            canvas->moves[column][TILE_COLUMNS + column + i] = (uint8_t)(STAMP_ROW + i);
        }
}

pct_status pct_canvas_new(bool wide, pct_canvas **out, pct_error *error) {
    pct_canvas *canvas = pct_alloc_zeroed(1, sizeof *canvas);
    if (!canvas) return pct_error_memory(error, sizeof *canvas);
    canvas->wide = wide;
    make_stamps(canvas);
    make_moves(canvas);
    *out = canvas;
    return PCT_OK;
}

void pct_canvas_free(pct_canvas *canvas) {
    if (!canvas) return;
    pct_free(canvas->points);
    pct_free(canvas->values.block);
    pct_free(canvas->tiles.block);
    pct_free(canvas->whole);
    pct_free(canvas->pieces);
    pct_free(canvas->is_drawn);
    pct_free(canvas->node_ms);
    pct_contour_memory_dispose(&canvas->contour);
    pct_free(canvas);
}

void pct_canvas_begin(pct_canvas *canvas, pct_position origin) {
    canvas->plane = pct_plane_at(origin);
    canvas->point_count = 0;
}

pct_status pct_canvas_reserve(pct_canvas *canvas, size_t more, pct_error *error) {
    size_t wanted = canvas->point_count + more;
    if (wanted <= canvas->point_room) return PCT_OK;
    if (wanted < 2 * canvas->point_room) wanted = 2 * canvas->point_room;
    if (wanted < POINTS_MIN) wanted = POINTS_MIN;
    pct_position *points = pct_realloc(canvas->points, wanted, sizeof *points);
    if (!points) return pct_error_memory(error, wanted * sizeof *points);
    canvas->points = points;
    canvas->point_room = wanted;
    return PCT_OK;
}

static pct_status reserve(pct_canvas_block *b, size_t bytes, pct_error *error) {
    if (bytes > b->room) {
        pct_free(b->block);
        b->room = 0;
        b->block = pct_alloc(bytes + 2 * ALIGN, 1); /* more than a contour reads beyond the end */
        if (!b->block) return pct_error_memory(error, bytes);
        b->room = bytes;
        b->bytes = b->block + ALIGN - (uintptr_t)b->block % ALIGN;
    }
    return PCT_OK;
}

static pct_status reserve_zeroed(pct_canvas_block *b, size_t bytes, pct_error *error) {
    pct_status status = reserve(b, bytes, error);
    if (!status) memset(b->bytes, 0, bytes);
    return status;
}

static pct_box bounds_of(const pct_position *points, size_t count) {
    pct_position min = points[0], max = min;
    for (size_t i = 1; i < count; i++) {
        min.lon_e7 = points[i].lon_e7 < min.lon_e7 ? points[i].lon_e7 : min.lon_e7;
        min.lat_e7 = points[i].lat_e7 < min.lat_e7 ? points[i].lat_e7 : min.lat_e7;
        max.lon_e7 = points[i].lon_e7 > max.lon_e7 ? points[i].lon_e7 : max.lon_e7;
        max.lat_e7 = points[i].lat_e7 > max.lat_e7 ? points[i].lat_e7 : max.lat_e7;
    }
    return (pct_box){min, max};
}

/* Where the grid lies, for those who stamp: distances from its first point are halved, so that they are never negative. */
typedef struct ruler {
    uint32_t west, south; /* e7 degrees, modulo 2^32 */
    float parts_per_two_e7_lon, parts_per_two_e7_lat;
} ruler;

/* A grid over all points, with a rim that no cone reaches. */
static pct_status lay_grid(pct_canvas *canvas, double cell_min_m, pct_grid *grid, ruler *ruler_out,
                           pct_error *error) {
    const pct_plane *plane = &canvas->plane;
    const pct_box box = bounds_of(canvas->points, canvas->point_count);
    const double width_m = (double)((int64_t)box.max.lon_e7 - box.min.lon_e7) * plane->m_per_e7_lon,
                 height_m = (double)((int64_t)box.max.lat_e7 - box.min.lat_e7) * plane->m_per_e7_lat;
    const double cell_m = fmax(cell_min_m, fmax(width_m, height_m) / (GRID_SIDE_MAX - 12.0));
    double west_m, south_m;
    pct_plane_to_m(plane, box.min, &west_m, &south_m);
    *grid = (pct_grid){.plane = canvas->plane,
                       .west_m = west_m - RIM * cell_m,
                       .south_m = south_m - RIM * cell_m,
                       .cell_m = cell_m,
                       .wide = canvas->wide,
                       .columns = (uint32_t)(width_m / cell_m) + 2 * RIM + 1,
                       .rows = (uint32_t)(height_m / cell_m) + 2 * RIM + 1};
    grid->stride = (grid->columns + ALIGN - 1) / ALIGN * ALIGN;
    const double parts_per_two_m = 2.0 * PCT_CANVAS_PARTS / cell_m;
    *ruler_out = (ruler){(uint32_t)box.min.lon_e7, (uint32_t)box.min.lat_e7,
                         (float)(parts_per_two_m * plane->m_per_e7_lon),
                         (float)(parts_per_two_m * plane->m_per_e7_lat)};
    /* Without vectors stamps go onto it; with them it is put together from the tiles, all of it that is looked at. */
    const size_t bytes = grid->stride * grid->rows;
    pct_status status =
        canvas->wide ? reserve(&canvas->values, bytes, error) : reserve_zeroed(&canvas->values, bytes, error);
    grid->values = canvas->values.bytes;
    return status;
}

/* Where a point's stamp goes, and which it is. */
typedef struct placed {
    uint32_t column, row, stamp;
} placed;

static inline placed place_of(uint32_t east, uint32_t north) {
    return (placed){east / PCT_CANVAS_PARTS + RIM - BEFORE, north / PCT_CANVAS_PARTS + RIM - BEFORE,
                    north % PCT_CANVAS_PARTS * PCT_CANVAS_PARTS + east % PCT_CANVAS_PARTS};
}

/* Parts of cells between the grid's first point and a coordinate. */
static inline uint32_t parts_of(int32_t e7, uint32_t first_e7, float parts_per_two_e7) {
    return (uint32_t)(int32_t)((float)(int32_t)(((uint32_t)e7 - first_e7) / 2) * parts_per_two_e7);
}

static void stamp_all(const pct_canvas *canvas, const pct_grid *grid, const ruler *r) {
    for (size_t i = 0; i < canvas->point_count; i++) {
        const pct_position point = canvas->points[i];
        const placed p = place_of(parts_of(point.lon_e7, r->west, r->parts_per_two_e7_lon),
                                  parts_of(point.lat_e7, r->south, r->parts_per_two_e7_lat));
        for (size_t row = 0; row < PCT_STAMP; row++) {
            uint8_t *value = canvas->values.bytes + (p.row + row) * grid->stride + p.column;
            const uint8_t *height = canvas->stamps[p.stamp][row + 1];
            for (size_t c = 0; c < PCT_STAMP; c++) value[c] = value[c] > height[c] ? value[c] : height[c];
        }
    }
}

#if PCT_HAS_WIDE
/* Tiles: sixteen columns by two rows are a vector, so that a stamp is four vectors, whichever row it begins in. Where it would
 * not fit into sixteen columns it goes onto tiles of a second kind, which begin eight columns further west: no vector is
 * cut in two, and nothing branches on where a point lies. In the end the grid takes the greater of both. */
typedef struct tiles {
    uint8_t *first, *second;
    size_t row_bytes;
} tiles;

/* Where four points' stamps go among the tiles, which they are (in bytes), and their columns there. */
typedef struct places {
    struct {
        uint32_t tile, stamp;
    } of[FOUR_POINTS];
    struct {
        uint32_t column, odd_row;
    } in[FOUR_POINTS];
} places;

/* Alternately for east and for north. */
PCT_WIDE static inline __m256i both(uint32_t east, uint32_t north) {
    return _mm256_set1_epi64x((long long)((uint64_t)north << 32 | east));
}

PCT_WIDE static inline __m256i sum_in_low(__m256i v) {
    return _mm256_add_epi32(v, _mm256_srli_epi64(v, 32));
}

PCT_WIDE static inline void place_four(const pct_position *points, const ruler *r, const tiles *t,
                                       places *out) {
    const __m256 parts_per_two_e7 =
        _mm256_unpacklo_ps(_mm256_set1_ps(r->parts_per_two_e7_lon), _mm256_set1_ps(r->parts_per_two_e7_lat));
    const __m256i at = _mm256_loadu_si256((const __m256i *)(const void *)points);
    const __m256i half = _mm256_srli_epi32(_mm256_sub_epi32(at, both(r->west, r->south)), 1);
    const __m256i parts = _mm256_cvttps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(half), parts_per_two_e7));
    const __m256i in_cell = _mm256_and_si256(parts, _mm256_set1_epi32(PCT_CANVAS_PARTS - 1));
    __m256i cell = _mm256_add_epi32(_mm256_srli_epi32(parts, 4), _mm256_set1_epi32(RIM - BEFORE));
    const __m256i column = _mm256_and_si256(cell, both(TILE_COLUMNS - 1, 0));
    const __m256i is_second = _mm256_cmpgt_epi32(column, _mm256_set1_epi32(TILE_COLUMNS - PCT_STAMP));
    cell = _mm256_add_epi32(cell, _mm256_and_si256(is_second, both(TILE_COLUMNS / 2, 0)));
    __m256i tile =
        _mm256_mullo_epi32(_mm256_srlv_epi32(cell, both(4, 1)), both(TILE, (uint32_t)t->row_bytes));
    tile = _mm256_add_epi32(tile, _mm256_and_si256(is_second, both((uint32_t)(t->second - t->first), 0)));
    const __m256i in_tile = _mm256_and_si256(cell, both(TILE_COLUMNS - 1, 1));
    __m256i stamp = _mm256_mullo_epi32(in_cell, both(STAMP_BYTES, PCT_CANVAS_PARTS * STAMP_BYTES));
    /* A tile begins in an even row: a stamp that does not is taken from the row of nothing before it. */
    stamp = _mm256_sub_epi32(_mm256_add_epi32(stamp, both(STAMP_ROW, 0)),
                             _mm256_and_si256(_mm256_slli_epi32(in_tile, 3), both(0, STAMP_ROW)));
    const __m256i tile_and_stamp =
        _mm256_blend_epi32(sum_in_low(tile), _mm256_slli_epi64(sum_in_low(stamp), 32), 0xAA);
    _mm256_storeu_si256((__m256i *)(void *)out->of, tile_and_stamp);
    _mm256_storeu_si256((__m256i *)(void *)out->in, in_tile);
}

/* Points are placed a batch at a time, so that no stamp waits for its place to be known. */
PCT_WIDE static void stamp_tiles(const pct_canvas *canvas, const ruler *r, const tiles *to) {
    const uint8_t *stamps = canvas->stamps[0][0];
    const tiles t = *to; /* not to be read again after each stamp */
    const pct_position *points = canvas->points;
    const size_t point_count = canvas->point_count;
    for (size_t i = 0; i < point_count; i += BATCH) {
        places p[BATCH / FOUR_POINTS];
        const size_t count = point_count - i < BATCH ? point_count - i : BATCH;
        for (size_t j = 0; j < count; j += FOUR_POINTS)
            place_four(points + i + j, r, &t, &p[j / FOUR_POINTS]);
        for (size_t j = 0; j < count; j++) {
            const places *four = &p[j / FOUR_POINTS];
            const size_t k = j % FOUR_POINTS;
            const __m256i move =
                _mm256_loadu_si256((const __m256i *)(const void *)canvas->moves[four->in[k].column]);
            const uint8_t *stamp = stamps + four->of[k].stamp;
            uint8_t *tile = t.first + four->of[k].tile;
            for (size_t n = 0; n < STAMP_TILES; n++) {
                const __m256i rows = _mm256_broadcastsi128_si256(
                    _mm_loadu_si128((const __m128i *)(const void *)(stamp + 2 * n * STAMP_ROW)));
                __m256i *held = (__m256i *)(void *)(tile + n * t.row_bytes);
                *held = _mm256_max_epu8(*held, _mm256_shuffle_epi8(rows, move));
            }
        }
    }
}

PCT_WIDE static void join_tiles(const pct_grid *grid, const tiles *t, uint8_t *values) {
    for (size_t row = 0; row < grid->rows; row += 2)
        for (size_t c = 0; c < grid->columns; c += TILE_COLUMNS) {
            const size_t tile = row / 2 * t->row_bytes + c / TILE_COLUMNS * TILE;
            const __m256i *first = (const __m256i *)(const void *)(t->first + tile),
                          *second = (const __m256i *)(const void *)(t->second + tile);
            const __m256i v = _mm256_max_epu8(*first, _mm256_alignr_epi8(second[1], second[0], 8));
            uint8_t *value = values + row * grid->stride + c;
            _mm_store_si128((__m128i *)(void *)value, _mm256_castsi256_si128(v));
            if (row + 1 < grid->rows)
                _mm_store_si128((__m128i *)(void *)(value + grid->stride), _mm256_extracti128_si256(v, 1));
        }
}

static pct_status stamp_all_wide(pct_canvas *canvas, const pct_grid *grid, const ruler *r, pct_error *error) {
    const size_t row_bytes = (grid->stride / TILE_COLUMNS + 2) * TILE;
    const size_t bytes = (grid->rows / 2 + STAMP_TILES + 1) * row_bytes;
    pct_status status = reserve_zeroed(&canvas->tiles, 2 * bytes, error);
    if (status) return status;
    const tiles t = {canvas->tiles.bytes, canvas->tiles.bytes + bytes, row_bytes};
    stamp_tiles(canvas, r, &t);
    join_tiles(grid, &t, canvas->values.bytes);
    return PCT_OK;
}
#endif

pct_status pct_canvas_paint(pct_canvas *canvas, double cell_min_m, pct_grid *grid, pct_error *error) {
    ruler r;
    pct_status status = pct_canvas_reserve(canvas, FOUR_POINTS, error); /* that may be read */
    if (!status) status = lay_grid(canvas, cell_min_m, grid, &r, error);
    if (status) return status;
#if PCT_HAS_WIDE
    if (canvas->wide) return stamp_all_wide(canvas, grid, &r, error);
#endif
    stamp_all(canvas, grid, &r);
    return PCT_OK;
}
