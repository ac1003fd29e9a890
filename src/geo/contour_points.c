/* Where the level lies between the values at both ends of an edge, by linear interpolation. With vectors four crossings are taken
 * at a time. The area is summed up in four parts, which is how vectors come upon it. O(points). */
#include "geo/contour_points.h"

#include <math.h>
#include <string.h>

#include "base/wide.h"

enum { LANES = 4 };

/* Of the edge that is crossed when a cell is left in a direction: the inner corner's place in the cell, and the step from it to the
 * outer one. */
static const uint8_t corner[4][2] = {{0, 1}, {1, 1}, {1, 0}, {0, 0}};
static const int8_t outward[4][2] = {{1, 0}, {0, -1}, {-1, 0}, {0, 1}};

pct_contour_maker pct_contour_maker_of(const pct_grid *g, double level, uint32_t row_shift) {
    pct_contour_maker m = {.wide = g->wide,
                           .values = g->values,
                           .stride = (uint32_t)g->stride,
                           .row_shift = row_shift,
                           .level = level,
                           .east_e7 = g->cell_m / g->plane.m_per_e7_lon,
                           .north_e7 = g->cell_m / g->plane.m_per_e7_lat,
                           .west_e7 = g->plane.origin.lon_e7 + g->west_m / g->plane.m_per_e7_lon,
                           .south_e7 = g->plane.origin.lat_e7 + g->south_m / g->plane.m_per_e7_lat};
    for (int way = 0; way < 4; way++) {
        m.to_inner[way] = corner[way][0] + ((uint32_t)corner[way][1] << row_shift);
        m.to_outer[way] = outward[way][0] + outward[way][1] * (int32_t)g->stride;
    }
    return m;
}

/* On the plane, in cells. */
typedef struct spot {
    double x, y;
} spot;

static inline spot spot_of(const pct_contour_maker *m, const pct_position *ring, uint32_t i) {
    pct_crossing at;
    memcpy(&at, &ring[i], sizeof at);
    const uint32_t point = at.cell + m->to_inner[at.way];
    const uint32_t column = point & ((1U << m->row_shift) - 1), row = point >> m->row_shift;
    const uint8_t *inner = m->values + row * m->stride + column;
    const int a = *inner, b = inner[m->to_outer[at.way]];
    const double share = (a - m->level) / (a - b);
    return (spot){(int32_t)column + share * outward[at.way][0], (int32_t)row + share * outward[at.way][1]};
}

static inline pct_box widened(pct_box box, pct_position p) {
    box.min.lon_e7 = p.lon_e7 < box.min.lon_e7 ? p.lon_e7 : box.min.lon_e7;
    box.min.lat_e7 = p.lat_e7 < box.min.lat_e7 ? p.lat_e7 : box.min.lat_e7;
    box.max.lon_e7 = p.lon_e7 > box.max.lon_e7 ? p.lon_e7 : box.max.lon_e7;
    box.max.lat_e7 = p.lat_e7 > box.max.lat_e7 ? p.lat_e7 : box.max.lat_e7;
    return box;
}

/* What is known of a ring so far. */
typedef struct sums {
    double area[LANES]; /* twice, of the points whose numbers leave this when divided by four */
    spot before;
    pct_box box;
} sums;

static void make_plain(const pct_contour_maker *m, pct_position *ring, uint32_t from, uint32_t count,
                       sums *s) {
    spot before = s->before;
    pct_box box = s->box;
    for (uint32_t i = from; i < count; i++) {
        const spot here = spot_of(m, ring, i);
        ring[i] = (pct_position){(int32_t)lrint(m->west_e7 + here.x * m->east_e7),
                                 (int32_t)lrint(m->south_e7 + here.y * m->north_e7)};
        box = widened(box, ring[i]);
        s->area[i % LANES] += before.x * here.y - here.x * before.y;
        before = here;
    }
    s->box = box;
}

#if PCT_HAS_WIDE
/* Of four crossings: their ways; where the values inside are. */
typedef struct four {
    __m128i way, column, row, inner;
} four;

PCT_WIDE static inline __m128i by_way(const void *table, __m128i way) {
    return _mm_castps_si128(_mm_permutevar_ps(_mm_loadu_ps(table), way));
}

PCT_WIDE static inline four four_of(const pct_contour_maker *m, const pct_position *ring) {
    const __m256i apart = _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i *)(const void *)ring),
                                                      _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    const __m128i way = _mm256_extracti128_si256(apart, 1);
    const __m128i point = _mm_add_epi32(_mm256_castsi256_si128(apart), by_way(m->to_inner, way));
    const __m128i column = _mm_and_si128(point, _mm_set1_epi32((1 << m->row_shift) - 1));
    const __m128i row = _mm_srl_epi32(point, _mm_cvtsi32_si128((int)m->row_shift));
    const __m128i row_at = _mm_mullo_epi32(row, _mm_set1_epi32((int)m->stride));
    return (four){way, column, row, _mm_add_epi32(row_at, column)};
}

/* Bytes; three more behind each are read. */
PCT_WIDE static inline __m128i values_at(const pct_contour_maker *m, __m128i at) {
    const __m128i words = _mm_i32gather_epi32((const int *)(const void *)m->values, at, 1);
    return _mm_and_si128(words, _mm_set1_epi32(UINT8_MAX));
}

/* 0 and what three others have: the value before each one's. */
PCT_WIDE static inline __m256d shifted(__m256d v, __m256d before) {
    return _mm256_blend_pd(_mm256_permute4x64_pd(v, 0x90), before, 1);
}

/* The lesser or the greater of two positions, each coordinate for itself. */
PCT_WIDE static inline pct_position corner_of(__m128i two, bool greater) {
    const __m128i other = _mm_unpackhi_epi64(two, two);
    const __m128i chosen = greater ? _mm_max_epi32(two, other) : _mm_min_epi32(two, other);
    pct_position p;
    _mm_storel_epi64((__m128i *)(void *)&p, chosen);
    return p;
}

PCT_WIDE static uint32_t make_wide(const pct_contour_maker *m, pct_position *ring, uint32_t count, sums *s) {
    static const int32_t east_of[4] = {1, 0, -1, 0}, north_of[4] = {0, -1, 0, 1};
    const __m256d level = _mm256_set1_pd(m->level);
    const __m256d east_e7 = _mm256_set1_pd(m->east_e7), north_e7 = _mm256_set1_pd(m->north_e7);
    const __m256d west_e7 = _mm256_set1_pd(m->west_e7), south_e7 = _mm256_set1_pd(m->south_e7);
    __m256d area = _mm256_setzero_pd(), x_before = _mm256_set1_pd(s->before.x),
            y_before = _mm256_set1_pd(s->before.y);
    __m128i west = _mm_set1_epi32(INT32_MAX), south = west, east = _mm_set1_epi32(INT32_MIN), north = east;
    uint32_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const four f = four_of(m, ring + i);
        const __m128i a = values_at(m, f.inner),
                      b = values_at(m, _mm_add_epi32(f.inner, by_way(m->to_outer, f.way)));
        const __m256d share = _mm256_div_pd(_mm256_sub_pd(_mm256_cvtepi32_pd(a), level),
                                            _mm256_cvtepi32_pd(_mm_sub_epi32(a, b)));
        const __m256d dx = _mm256_cvtepi32_pd(by_way(east_of, f.way)),
                      dy = _mm256_cvtepi32_pd(by_way(north_of, f.way));
        const __m256d x = _mm256_add_pd(_mm256_cvtepi32_pd(f.column), _mm256_mul_pd(share, dx)),
                      y = _mm256_add_pd(_mm256_cvtepi32_pd(f.row), _mm256_mul_pd(share, dy));
        const __m128i lon = _mm256_cvtpd_epi32(_mm256_add_pd(west_e7, _mm256_mul_pd(x, east_e7))),
                      lat = _mm256_cvtpd_epi32(_mm256_add_pd(south_e7, _mm256_mul_pd(y, north_e7)));
        _mm_storeu_si128((__m128i *)(void *)(ring + i), _mm_unpacklo_epi32(lon, lat));
        _mm_storeu_si128((__m128i *)(void *)(ring + i + 2), _mm_unpackhi_epi32(lon, lat));
        west = _mm_min_epi32(west, lon), east = _mm_max_epi32(east, lon);
        south = _mm_min_epi32(south, lat), north = _mm_max_epi32(north, lat);
        const __m256d term =
            _mm256_sub_pd(_mm256_mul_pd(shifted(x, x_before), y), _mm256_mul_pd(x, shifted(y, y_before)));
        area = _mm256_add_pd(area, term);
        x_before = _mm256_permute4x64_pd(x, 0xFF), y_before = _mm256_permute4x64_pd(y, 0xFF);
    }
    _mm256_storeu_pd(s->area, area);
    s->before = (spot){_mm256_cvtsd_f64(x_before), _mm256_cvtsd_f64(y_before)};
    s->box = (pct_box){
        corner_of(_mm_min_epi32(_mm_unpacklo_epi32(west, south), _mm_unpackhi_epi32(west, south)), false),
        corner_of(_mm_max_epi32(_mm_unpacklo_epi32(east, north), _mm_unpackhi_epi32(east, north)), true)};
    return i;
}
#endif

double pct_contour_make_points(const pct_contour_maker *m, pct_position *ring, uint32_t count, pct_box *box) {
    sums s = {.before = spot_of(m, ring, count - 1), .box = pct_box_empty()};
    uint32_t made = 0;
#if PCT_HAS_WIDE
    if (m->wide) made = make_wide(m, ring, count, &s);
#endif
    make_plain(m, ring, made, count, &s);
    *box = s.box;
    return ((s.area[0] + s.area[1]) + (s.area[2] + s.area[3])) / 2.0;
}
