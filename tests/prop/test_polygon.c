#include "geo/polygon.h"

#include <geos_c.h>
#include <math.h>

#include "base/rng.h"
#include "support/test.h"

enum { SPAN = 1000, POINTS = 12 };

/* A ring around (0, 0) whose corners go once around: never crosses itself. */
static size_t star(pct_rng *rng, pct_position *points, double least, double most) {
    size_t corners = 3 + pct_rng_below(rng, POINTS - 4);
    for (size_t i = 0; i < corners; i++) {
        double angle = 6.283185307179586 * (double)i / (double)corners;
        double reach = SPAN * (least + (most - least) * pct_rng_unit(rng));
        points[i] = (pct_position){(int32_t)lround(reach * cos(angle)), (int32_t)lround(reach * sin(angle))};
    }
    points[corners] = points[0];
    return corners + 1;
}

static GEOSGeometry *geos_ring(GEOSContextHandle_t geos, pct_ring ring) {
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(geos, (unsigned)ring.count, 2);
    for (unsigned i = 0; i < ring.count; i++)
        GEOSCoordSeq_setXY_r(geos, s, i, ring.points[i].lon_e7, ring.points[i].lat_e7);
    return GEOSGeom_createLinearRing_r(geos, s);
}

TEST(shape_contains_what_geos_contains) {
    GEOSContextHandle_t geos = GEOS_init_r();
    pct_rng rng = pct_rng_init(41, 0);
    size_t inside = 0;
    for (int round = 0; round < 300; round++) {
        pct_position outline[POINTS], hole[POINTS];
        pct_ring rings[2] = {{outline, star(&rng, outline, 0.5, 1.0)}, {hole, star(&rng, hole, 0.05, 0.2)}};
        pct_polygon polygon = {rings, 2};
        pct_shape shape = {&polygon, 1, pct_shape_box(&polygon, 1)};
        GEOSGeometry *inner = geos_ring(geos, rings[1]);
        GEOSGeometry *judge = GEOSGeom_createPolygon_r(geos, geos_ring(geos, rings[0]), &inner, 1);
        for (int i = 0; i < 100; i++) {
            pct_position p = {(int32_t)pct_rng_below(&rng, 2 * SPAN) - SPAN,
                              (int32_t)pct_rng_below(&rng, 2 * SPAN) - SPAN};
            GEOSGeometry *point = GEOSGeom_createPointFromXY_r(geos, p.lon_e7, p.lat_e7);
            bool contained = GEOSContains_r(geos, judge, point) == 1;
            bool touched = GEOSTouches_r(geos, judge, point) == 1;
            GEOSGeom_destroy_r(geos, point);
            inside += contained;
            if (!touched) ck_assert_int_eq(pct_shape_contains(&shape, p), contained);
        }
        double geos_area;
        GEOSArea_r(geos, judge, &geos_area);
        double m_per_e7 = 6371008.8 * 1.7453292519943295e-9;
        ck_assert_double_eq_tol(pct_shape_area_m2(&shape) / (geos_area * m_per_e7 * m_per_e7), 1.0, 1e-6);
        GEOSGeom_destroy_r(geos, judge);
    }
    ck_assert_uint_gt(inside, 1000);
    GEOS_finish_r(geos);
}

/* A grid of cells cut along random diagonals tiles the square: triangles that share every edge and corner. */
TEST(shapes_that_tile_hold_every_point_exactly_once) {
    enum { CELLS = 6, SIDE = 10 };
    pct_rng rng = pct_rng_init(42, 0);
    pct_position corners[CELLS * CELLS * 2][4];
    pct_ring rings[CELLS * CELLS * 2];
    pct_polygon polygons[CELLS * CELLS * 2];
    pct_shape shapes[CELLS * CELLS * 2];
    size_t count = 0;
    for (int x = 0; x < CELLS; x++)
        for (int y = 0; y < CELLS; y++) {
            pct_position c[4] = {{x * SIDE, y * SIDE},
                                 {(x + 1) * SIDE, y * SIDE},
                                 {(x + 1) * SIDE, (y + 1) * SIDE},
                                 {x * SIDE, (y + 1) * SIDE}};
            uint32_t turn = pct_rng_below(&rng, 4);
            for (uint32_t half = 0; half < 2; half++, count++) {
                for (uint32_t k = 0; k < 3; k++) corners[count][k] = c[(turn + 2 * half + k) % 4];
                corners[count][3] = corners[count][0];
                rings[count] = (pct_ring){corners[count], 4};
                polygons[count] = (pct_polygon){&rings[count], 1};
                shapes[count] = (pct_shape){&polygons[count], 1, pct_shape_box(&polygons[count], 1)};
            }
        }
    for (int x = 0; x < CELLS * SIDE; x++)
        for (int y = 0; y < CELLS * SIDE; y++) {
            int holders = 0;
            for (size_t i = 0; i < count; i++)
                holders += pct_shape_contains(&shapes[i], (pct_position){x, y});
            ck_assert_msg(holders == 1, "%d shapes hold %d,%d", holders, x, y);
        }
}

TEST(ring_area_is_signed_by_direction) {
    pct_position square[] = {{1210000000, 310000000},
                             {1210100000, 310000000},
                             {1210100000, 310100000},
                             {1210000000, 310100000},
                             {1210000000, 310000000}};
    pct_position back[5];
    for (int i = 0; i < 5; i++) back[i] = square[4 - i];
    double expected_m2 = 1111.950797 * 1111.950797 * cos(31.005 * 1.7453292519943295e-2);
    ck_assert_double_eq_tol(pct_ring_area_m2((pct_ring){square, 5}), expected_m2, 10.0);
    ck_assert_double_eq_tol(pct_ring_area_m2((pct_ring){back, 5}), -expected_m2, 10.0);
    ck_assert(pct_ring_area_m2((pct_ring){square, 3}) == 0.0);
}

TEST(ring_is_closed_when_its_last_point_is_its_first) {
    pct_position open[] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    ck_assert(pct_ring_is_closed((pct_ring){open, 5}));
    ck_assert(!pct_ring_is_closed((pct_ring){open, 4}));
    ck_assert(!pct_ring_is_closed((pct_ring){open, 0}));
    open[4].lat_e7 = 1;
    ck_assert(!pct_ring_is_closed((pct_ring){open, 5}));
}

TEST(shape_that_spans_the_world_is_decided_without_overflow) {
    pct_position world[] = {{-1800000000, -900000000},
                            {1800000000, -900000000},
                            {1800000000, 900000000},
                            {-1800000000, 900000000},
                            {-1800000000, -900000000}};
    pct_ring ring = {world, 5};
    pct_polygon polygon = {&ring, 1};
    pct_shape shape = {&polygon, 1, pct_shape_box(&polygon, 1)};
    ck_assert(pct_shape_contains(&shape, (pct_position){1799999999, 899999999}));
    ck_assert(pct_shape_contains(&shape, (pct_position){0, 0}));
    ck_assert(!pct_shape_contains(&shape, (pct_position){1800000000, 0}));
}

TEST_MAIN("polygon", TEST_CASE(shape_contains_what_geos_contains),
          TEST_CASE(shapes_that_tile_hold_every_point_exactly_once),
          TEST_CASE(ring_area_is_signed_by_direction),
          TEST_CASE(ring_is_closed_when_its_last_point_is_its_first),
          TEST_CASE(shape_that_spans_the_world_is_decided_without_overflow))
