#include "road/route/canvas.h"

#include <math.h>
#include <string.h>

#include "road/route/wide.h"

enum { GRID_SIDE_MAX = 3000, ALIGN = 64, BEFORE = 2, RIM = 5, SPOTS_MIN = 4096 };

/* The height of a cone at each place of a stamp, whose third cell the point is in. */
static void make_stamps(pct_canvas *canvas) {
    for (int north = 0; north < PCT_CANVAS_PARTS; north++)
        for (int east = 0; east < PCT_CANVAS_PARTS; east++)
            for (int row = 0; row < PCT_STAMP; row++)
                for (int column = 0; column < PCT_STAMP; column++) {
                    double x = column - BEFORE - (east + 0.5) / PCT_CANVAS_PARTS;
                    double y = row - BEFORE - (north + 0.5) / PCT_CANVAS_PARTS;
                    double height = 255.0 * (1.0 - sqrt(x * x + y * y) / PCT_CANVAS_REACH);
                    canvas->stamps[north * PCT_CANVAS_PARTS + east][row][column] =
                        (uint8_t)lrint(fmax(0.0, height));
                }
}

pct_status pct_canvas_new(bool wide, pct_canvas **out, pct_error *error) {
    pct_canvas *canvas = pct_alloc_zeroed(1, sizeof *canvas);
    if (!canvas) return pct_error_memory(error, sizeof *canvas);
    canvas->wide = wide;
    make_stamps(canvas);
    *out = canvas;
    return PCT_OK;
}

void pct_canvas_free(pct_canvas *canvas) {
    if (!canvas) return;
    pct_free(canvas->spots);
    pct_free(canvas->values_block);
    pct_free(canvas->pieces);
    pct_free(canvas->is_drawn);
    pct_free(canvas->node_ms);
    pct_contour_memory_dispose(&canvas->contour);
    pct_free(canvas);
}

void pct_canvas_begin(pct_canvas *canvas, pct_position origin) {
    canvas->plane = pct_plane_at(origin);
    canvas->spot_count = 0;
}

pct_status pct_canvas_reserve(pct_canvas *canvas, size_t more, pct_error *error) {
    size_t wanted = canvas->spot_count + more;
    if (wanted <= canvas->spot_room) return PCT_OK;
    if (wanted < 2 * canvas->spot_room) wanted = 2 * canvas->spot_room;
    if (wanted < SPOTS_MIN) wanted = SPOTS_MIN;
    pct_spot *spots = pct_realloc(canvas->spots, wanted, sizeof *spots);
    if (!spots) return pct_error_memory(error, wanted * sizeof *spots);
    canvas->spots = spots;
    canvas->spot_room = wanted;
    return PCT_OK;
}

static pct_status reserve_values(pct_canvas *canvas, size_t bytes, pct_error *error) {
    if (bytes > canvas->value_room) {
        pct_free(canvas->values_block);
        canvas->value_room = 0;
        canvas->values_block = pct_alloc(bytes + ALIGN, 1);
        if (!canvas->values_block) return pct_error_memory(error, bytes);
        canvas->value_room = bytes;
        canvas->values = canvas->values_block + ALIGN - (uintptr_t)canvas->values_block % ALIGN;
    }
    memset(canvas->values, 0, bytes);
    return PCT_OK;
}

/* A grid over all points, with a rim that no cone reaches. */
static pct_status lay_grid(pct_canvas *canvas, double cell_min_m, pct_grid *grid, pct_error *error) {
    pct_spot min = canvas->spots[0], max = min;
    for (size_t i = 1; i < canvas->spot_count; i++) {
        pct_spot s = canvas->spots[i];
        min.east_m = s.east_m < min.east_m ? s.east_m : min.east_m;
        min.north_m = s.north_m < min.north_m ? s.north_m : min.north_m;
        max.east_m = s.east_m > max.east_m ? s.east_m : max.east_m;
        max.north_m = s.north_m > max.north_m ? s.north_m : max.north_m;
    }
    double width_m = (double)max.east_m - min.east_m, height_m = (double)max.north_m - min.north_m;
    double cell_m = fmax(cell_min_m, fmax(width_m, height_m) / (GRID_SIDE_MAX - 12.0));
    *grid = (pct_grid){.plane = canvas->plane,
                       .west_m = min.east_m - RIM * cell_m,
                       .south_m = min.north_m - RIM * cell_m,
                       .cell_m = cell_m,
                       .columns = (uint32_t)(width_m / cell_m) + 2 * RIM + 1,
                       .rows = (uint32_t)(height_m / cell_m) + 2 * RIM + 1};
    grid->stride = (grid->columns + ALIGN - 1) / ALIGN * ALIGN;
    pct_status status = reserve_values(canvas, grid->stride * grid->rows, error);
    grid->values = canvas->values;
    return status;
}

/* Where a point's stamp goes, and which it is. */
typedef struct placed {
    uint32_t column, row, stamp;
} placed;

static inline placed place_of(const pct_grid *grid, pct_spot spot) {
    const float parts_per_m = (float)(PCT_CANVAS_PARTS / grid->cell_m);
    uint32_t east = (uint32_t)(int32_t)((spot.east_m - (float)grid->west_m) * parts_per_m);
    uint32_t north = (uint32_t)(int32_t)((spot.north_m - (float)grid->south_m) * parts_per_m);
    return (placed){east / PCT_CANVAS_PARTS - BEFORE, north / PCT_CANVAS_PARTS - BEFORE,
                    north % PCT_CANVAS_PARTS * PCT_CANVAS_PARTS + east % PCT_CANVAS_PARTS};
}

static void stamp_all(const pct_canvas *canvas, const pct_grid *grid) {
    for (size_t i = 0; i < canvas->spot_count; i++) {
        placed p = place_of(grid, canvas->spots[i]);
        for (size_t row = 0; row < PCT_STAMP; row++) {
            uint8_t *value = canvas->values + (p.row + row) * grid->stride + p.column;
            const uint8_t *height = canvas->stamps[p.stamp][row];
            for (size_t c = 0; c < PCT_STAMP; c++) value[c] = value[c] > height[c] ? value[c] : height[c];
        }
    }
}

#if PCT_HAS_WIDE
/* Whole aligned blocks of 32, for the same reason as in road/climb.h; the row of a stamp is moved to its place by a shuffle. */
PCT_WIDE static void stamp_all_wide(const pct_canvas *canvas, const pct_grid *grid) {
    enum { WIDE = 32 };
    uint8_t moves[3 * WIDE];
    memset(moves, 0x80, sizeof moves);
    for (uint8_t i = 0; i < PCT_STAMP; i++) moves[WIDE + i] = i;
    for (size_t i = 0; i < canvas->spot_count; i++) {
        placed p = place_of(grid, canvas->spots[i]);
        size_t within = p.column % WIDE;
        const __m256i move = _mm256_loadu_si256((const __m256i *)(const void *)(moves + WIDE - within));
        uint8_t *value = canvas->values + p.row * grid->stride + p.column - within;
        const uint8_t *stamp = canvas->stamps[p.stamp][0];
        for (size_t row = 0; row < PCT_STAMP; row++) {
            __m256i *at = (__m256i *)(void *)(value + row * grid->stride);
            long long eight;
            memcpy(&eight, stamp + row * sizeof eight, sizeof eight);
            *at = _mm256_max_epu8(*at, _mm256_shuffle_epi8(_mm256_set1_epi64x(eight), move));
        }
        if (within <= WIDE - PCT_STAMP) continue;
        const __m256i rest = _mm256_loadu_si256((const __m256i *)(const void *)(moves + 2 * WIDE - within));
        for (size_t row = 0; row < PCT_STAMP; row++) {
            __m256i *at = (__m256i *)(void *)(value + row * grid->stride + WIDE);
            long long eight;
            memcpy(&eight, stamp + row * sizeof eight, sizeof eight);
            *at = _mm256_max_epu8(*at, _mm256_shuffle_epi8(_mm256_set1_epi64x(eight), rest));
        }
    }
}
#endif

pct_status pct_canvas_paint(pct_canvas *canvas, double cell_min_m, pct_grid *grid, pct_error *error) {
    pct_status status = lay_grid(canvas, cell_min_m, grid, error);
    if (status) return status;
#if PCT_HAS_WIDE
    if (canvas->wide)
        stamp_all_wide(canvas, grid);
    else
#endif
        stamp_all(canvas, grid);
    return PCT_OK;
}
