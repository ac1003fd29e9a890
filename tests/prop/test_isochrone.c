/* Laws of contours and isochrones. */
#include <math.h>

#include "geo/contour.h"
#include "road/dijkstra.h"
#include "road/metric_updater.h"
#include "road/route/isochrone.h"
#include "road/route/search.h"
#include "support/roads.h"
#include "support/test.h"

enum { SIDE = 24, STRIDE = 32, ARENA_MAX = 1 << 26 };

static pct_grid random_grid(pct_rng *rng, uint8_t values[SIDE * STRIDE]) {
    for (uint32_t r = 0; r < SIDE; r++)
        for (uint32_t c = 0; c < SIDE; c++) {
            bool rim = r == 0 || c == 0 || r == SIDE - 1 || c == SIDE - 1;
            values[r * STRIDE + c] = rim ? 0 : (uint8_t)pct_rng_below(rng, 256);
        }
    return (pct_grid){.plane = pct_plane_at((pct_position){1000000000, 300000000}),
                      .cell_m = 50.0,
                      .columns = SIDE,
                      .rows = SIDE,
                      .stride = STRIDE,
                      .values = values};
}

TEST(contour_holds_the_grid_points_at_or_above_the_level_and_no_others) {
    pct_rng rng = pct_rng_init(1, 0);
    pct_error error;
    uint8_t values[SIDE * STRIDE];
    for (int round = 0; round < 60; round++) {
        pct_arena arena = pct_arena_init(ARENA_MAX);
        pct_grid grid = random_grid(&rng, values);
        grid.wide = round % 2 && pct_metric_wide_is_there();
        double level = 50.5 + pct_rng_below(&rng, 150);
        pct_shape shape;
        pct_contour_memory memory = {0};
        test_ok(pct_contour(&grid, level, 0.0, &memory, &arena, &shape, &error), &error);
        ck_assert_uint_gt(shape.count, 0);
        for (uint32_t r = 0; r < SIDE; r++)
            for (uint32_t c = 0; c < SIDE; c++) {
                pct_position p = pct_plane_from_m(&grid.plane, c * grid.cell_m, r * grid.cell_m);
                ck_assert_int_eq(pct_shape_contains(&shape, p), values[r * STRIDE + c] >= level);
            }
        for (size_t i = 0; i < shape.count; i++)
            for (size_t j = 0; j < shape.polygons[i].count; j++) {
                pct_ring ring = shape.polygons[i].rings[j];
                ck_assert(pct_ring_is_closed(ring));
                ck_assert((pct_ring_area_m2(ring) > 0.0) == (j == 0));
            }
        pct_contour_memory_dispose(&memory);
        pct_arena_dispose(&arena);
    }
}

/* The parts of a grid that belong together: points inside, points outside. Side by side they do, at a corner when the mean of
 * the four says so. Every part inside has one outline; every part outside but the one at the rim is one hole. */
static uint32_t part_at(uint32_t *part, uint32_t i) {
    while (part[i] != i) i = part[i];
    return i;
}

static void count_parts(const uint8_t values[SIDE * STRIDE], double level, size_t *inside, size_t *outside) {
    uint32_t part[SIDE * STRIDE];
    for (uint32_t i = 0; i < SIDE * STRIDE; i++) part[i] = i;
    for (uint32_t r = 0; r + 1 < SIDE; r++)
        for (uint32_t c = 0; c + 1 < SIDE; c++) {
            const uint32_t at[4] = {r * STRIDE + c, r * STRIDE + c + 1, (r + 1) * STRIDE + c,
                                    (r + 1) * STRIDE + c + 1};
            const int pairs[6][2] = {{0, 1}, {2, 3}, {0, 2}, {1, 3}, {0, 3}, {1, 2}};
            const int sum = values[at[0]] + values[at[1]] + values[at[2]] + values[at[3]];
            for (int k = 0; k < 6; k++) {
                const uint32_t a = at[pairs[k][0]], b = at[pairs[k][1]];
                const bool is_inside = values[a] >= level;
                if (is_inside == (values[b] >= level) && (k < 4 || (sum >= 4.0 * level) == is_inside))
                    part[part_at(part, a)] = part_at(part, b);
            }
        }
    *inside = *outside = 0;
    for (uint32_t i = 0; i < SIDE * STRIDE; i++)
        if (i % STRIDE < SIDE && part[i] == i) (*(values[i] >= level ? inside : outside))++;
}

/* Levels almost on a value of the grid: holes (just above it) or outlines (on it) shrink to nothing around a point. Those may be left
 * out, but none may be taken for the other. */
TEST(contour_tells_holes_from_outlines_when_the_level_is_almost_a_value) {
    const double beside[] = {0.0, 1e-14, -1e-14, 1e-13, 1e-12, -1e-12, 1e-9, -1e-9, 1e-6};
    pct_rng rng = pct_rng_init(7, 0);
    pct_error error;
    uint8_t values[SIDE * STRIDE];
    size_t shrunk = 0;
    pct_contour_memory memory = {0};
    for (int round = 0; round < 600; round++) {
        pct_arena arena = pct_arena_init(ARENA_MAX);
        pct_grid grid = random_grid(&rng, values);
        pct_shape shape;
        size_t inside, outside, holes = 0;
        const uint32_t some = 2 + pct_rng_below(&rng, 3);
        for (uint32_t r = 1; r + 1 < SIDE; r++)
            for (uint32_t c = 1; c + 1 < SIDE; c++)
                values[r * STRIDE + c] = (uint8_t)(99 + pct_rng_below(&rng, some));
        grid.wide = round % 2 && pct_metric_wide_is_there();
        const double level = 100.0 + beside[pct_rng_below(&rng, sizeof beside / sizeof *beside)];
        /* With an area asked for, the small ones go together with the holes in them. */
        const double min_area_m2 = pct_rng_below(&rng, 2) ? 1.5 * 50.0 * 50.0 : 0.0;
        test_ok(pct_contour(&grid, level, min_area_m2, &memory, &arena, &shape, &error), &error);
        count_parts(values, level, &inside, &outside);
        for (size_t i = 0; i < shape.count; i++) {
            const pct_polygon *polygon = &shape.polygons[i];
            ck_assert_double_ge(pct_ring_area_m2(polygon->rings[0]), 0.99 * min_area_m2);
            for (size_t j = 0; j < polygon->count; j++) {
                ck_assert(pct_ring_is_closed(polygon->rings[j]));
                ck_assert((pct_ring_area_m2(polygon->rings[j]) > 0.0) == (j == 0));
            }
            holes += polygon->count - 1;
        }
        ck_assert_uint_le(shape.count, inside);
        ck_assert_uint_le(holes, outside - 1);
        /* What does not shrink is all there: outlines while the level is above 100, holes while it is not. */
        if (min_area_m2 == 0.0 && level > 100.0) ck_assert_uint_eq(shape.count, inside);
        shrunk += inside - shape.count + outside - 1 - holes;
        for (uint32_t r = 0; r < SIDE; r++)
            for (uint32_t c = 0; c < SIDE; c++) {
                pct_position p = pct_plane_from_m(&grid.plane, c * grid.cell_m, r * grid.cell_m);
                const uint8_t value = values[r * STRIDE + c];
                if (min_area_m2 == 0.0 && value != 100)
                    ck_assert_int_eq(pct_shape_contains(&shape, p), value > level);
            }
        pct_arena_dispose(&arena);
    }
    ck_assert_uint_gt(shrunk, 1000);
    pct_contour_memory_dispose(&memory);
}

TEST(contour_of_a_cone_is_its_circle) {
    pct_error error;
    uint8_t values[SIDE * STRIDE];
    pct_rng rng = pct_rng_init(1, 0);
    pct_grid grid = random_grid(&rng, values);
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_shape shape;
    pct_contour_memory memory = {0};
    for (uint32_t r = 0; r < SIDE; r++)
        for (uint32_t c = 0; c < SIDE; c++)
            values[r * STRIDE + c] =
                (uint8_t)lrint(fmax(0.0, 250.0 - 0.5 * hypot(c * 50.0 - 575.0, r * 50.0 - 575.0)));
    test_ok(pct_contour(&grid, 50.0, 0.0, &memory, &arena, &shape, &error), &error);
    ck_assert_uint_eq(shape.count, 1);
    ck_assert_double_eq_tol(pct_shape_area_m2(&shape), 3.14159 * 400.0 * 400.0,
                            0.01 * 3.14159 * 400.0 * 400.0);
    values[0] = 200;
    ck_assert_int_eq(pct_contour(&grid, 50.0, 0.0, &memory, &arena, &shape, &error), PCT_MISUSE);
    pct_contour_memory_dispose(&memory);
    pct_arena_dispose(&arena);
}

TEST(times_to_all_nodes_equal_dijkstra_and_the_way_back) {
    pct_error error;
    for (uint64_t seed = 0; seed < 10; seed++) {
        pct_rng rng = pct_rng_init(seed, 0);
        pct_road *road = test_road_random(&rng, 200);
        pct_router *router;
        pct_dijkstra *dijkstra;
        uint32_t from_ms[200], to_ms[200], expected_ms[200];
        test_ok(pct_router_new(road, &router, &error), &error);
        test_ok(pct_dijkstra_new(road, &dijkstra, &error), &error);
        for (int i = 0; i < 10; i++) {
            uint32_t segment = pct_rng_below(&rng, road->network.segment_count);
            pct_road_point p = {segment, pct_rng_below(&rng, road->network.segments[segment].length_mm + 1)};
            pct_router_all_times_from(router, p, from_ms);
            pct_router_all_times_to(router, p, to_ms);
            pct_dijkstra_all_ms(dijkstra, p, expected_ms);
            ck_assert_mem_eq(from_ms, expected_ms, sizeof from_ms);
            for (uint32_t v = 0; v < 200; v += 7) {
                pct_road_point node;
                if (pct_road_point_at_node(road, (pct_node){v}, &node)) continue;
                uint32_t ms = pct_router_time_ms(router, node, p);
                uint32_t along_ms = pct_road_along_ms(road, node, p);
                ck_assert(ms == to_ms[v] || ms == along_ms);
            }
        }
        pct_router_free(router);
        pct_dijkstra_free(dijkstra);
        pct_road_free(road);
    }
}

TEST(isochrone_holds_what_is_reached_and_grows_with_time) {
    pct_error error;
    uint32_t within = 0, beyond = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        pct_rng rng = pct_rng_init(seed, 0);
        pct_road *road = test_road_random(&rng, 150);
        pct_router *router;
        pct_arena arena = pct_arena_init(ARENA_MAX);
        pct_shape shapes[3];
        const uint32_t limits_ms[3] = {0, 30000, 90000};
        uint32_t node_ms[150];
        bool reverse = seed % 2;
        test_ok(pct_router_new(road, &router, &error), &error);
        pct_road_point p = {pct_rng_below(&rng, road->network.segment_count), 1000};
        test_ok(pct_isochrone(router, p, reverse, limits_ms, 3, &arena, shapes, &error), &error);
        if (reverse)
            pct_router_all_times_to(router, p, node_ms);
        else
            pct_router_all_times_from(router, p, node_ms);
        pct_position here = pct_road_point_position(road, p);
        for (int i = 0; i < 3; i++) {
            ck_assert(pct_shape_contains(&shapes[i], here));
            for (uint32_t v = 0; v < 150; v++) {
                pct_position at = road->network.node_position[v];
                bool held = pct_shape_contains(&shapes[i], at);
                if (node_ms[v] <= limits_ms[i]) {
                    ck_assert(held);
                    within++;
                }
                /* Whoever drives 10 m/s for t seconds is at most 10 t metres along roads that are never shorter
                 * than a third of their straight line here. */
                if (pct_geo_distance_m(here, at) > limits_ms[i] / 1000.0 * 10.0 * 12.0 + 200.0) {
                    ck_assert(!held);
                    beyond++;
                }
            }
        }
        ck_assert_double_le(pct_shape_area_m2(&shapes[0]), pct_shape_area_m2(&shapes[1]));
        ck_assert_double_le(pct_shape_area_m2(&shapes[1]), pct_shape_area_m2(&shapes[2]));
        pct_router_free(router);
        pct_arena_dispose(&arena);
        pct_road_free(road);
    }
    ck_assert_uint_gt(within, 500);
    ck_assert_uint_gt(beyond, 500);
}

TEST(isochrone_of_a_street_is_a_strip_as_long_as_time_allows) {
    const char *rows[] = {"A---------------------------------------B", NULL};
    pct_road *road = test_road_drawn(rows);
    pct_error error;
    pct_router *router;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_shape shape;
    const uint32_t limit_ms = 50000;
    test_ok(pct_router_new(road, &router, &error), &error);
    test_ok(pct_isochrone(router, (pct_road_point){0, 2000000}, false, &limit_ms, 1, &arena, &shape, &error),
            &error);
    /* 500 m each way at 10 m/s, 60 m beside the street and beyond its ends. */
    double strip_m2 = 1000.0 * 120.0 + 3.14159 * 60.0 * 60.0;
    ck_assert_double_eq_tol(pct_shape_area_m2(&shape), strip_m2, 0.05 * strip_m2);
    pct_router_free(router);
    pct_arena_dispose(&arena);
    pct_road_free(road);
}

static pct_status ask(void *context) {
    const pct_road *road = context;
    pct_router *router = NULL;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_shape shapes[2];
    const uint32_t limits_ms[2] = {2000, 60000};
    pct_status status = pct_router_new(road, &router, NULL);
    if (!status)
        status = pct_isochrone(router, (pct_road_point){3, 0}, false, limits_ms, 2, &arena, shapes, NULL);
    pct_router_free(router);
    pct_arena_dispose(&arena);
    return status;
}

TEST(isochrone_survives_each_failing_allocation) {
    pct_rng rng = pct_rng_init(4, 0);
    pct_road *road = test_road_random(&rng, 60);
    ck_assert_uint_ge(test_torture(ask, road), 12);
    pct_road_free(road);
}

TEST(isochrone_allocates_nothing_once_router_and_arena_are_warm) {
    pct_rng rng = pct_rng_init(5, 0);
    pct_error error;
    pct_road *road = test_road_random(&rng, 100);
    pct_router *router;
    pct_arena arena = pct_arena_init(ARENA_MAX);
    pct_shape shape;
    const uint32_t limit_ms = 60000;
    size_t warm = 0;
    test_ok(pct_router_new(road, &router, &error), &error);
    for (int round = 0; round < 4; round++) {
        pct_arena_reset(&arena);
        if (round == 2) warm = test_allocation_count();
        for (int reverse = 0; reverse <= 1; reverse++)
            test_ok(pct_isochrone(router, (pct_road_point){5, 100}, reverse, &limit_ms, 1, &arena, &shape,
                                  &error),
                    &error);
    }
    ck_assert_uint_eq(test_allocation_count(), warm);
    pct_router_free(router);
    pct_arena_dispose(&arena);
    pct_road_free(road);
}

/* With vectors and without, the outline is the same to the last point. */
TEST(isochrone_is_the_same_with_vectors_and_without) {
    pct_error error;
    for (uint64_t seed = 0; seed < 20; seed++) {
        pct_rng rng = pct_rng_init(seed, 0);
        pct_road *road = test_road_random(&rng, 300);
        pct_router *router;
        pct_arena arena = pct_arena_init(ARENA_MAX);
        pct_shape shapes[2];
        const uint32_t limit_ms = 20000 + pct_rng_below(&rng, 60000);
        test_ok(pct_router_new(road, &router, &error), &error);
        pct_road_point p = {pct_rng_below(&rng, road->network.segment_count), 5000};
        test_ok(pct_isochrone(router, p, false, &limit_ms, 1, &arena, &shapes[0], &error), &error);
        router->wide = false;
        test_ok(pct_isochrone(router, p, false, &limit_ms, 1, &arena, &shapes[1], &error), &error);
        ck_assert_uint_eq(shapes[0].count, shapes[1].count);
        for (size_t i = 0; i < shapes[0].count; i++) {
            ck_assert_uint_eq(shapes[0].polygons[i].count, shapes[1].polygons[i].count);
            for (size_t j = 0; j < shapes[0].polygons[i].count; j++) {
                pct_ring a = shapes[0].polygons[i].rings[j], b = shapes[1].polygons[i].rings[j];
                ck_assert_uint_eq(a.count, b.count);
                ck_assert_mem_eq(a.points, b.points, a.count * sizeof *a.points);
            }
        }
        pct_router_free(router);
        pct_arena_dispose(&arena);
        pct_road_free(road);
    }
}

TEST_MAIN("isochrone", TEST_CASE(contour_holds_the_grid_points_at_or_above_the_level_and_no_others),
          TEST_CASE(contour_tells_holes_from_outlines_when_the_level_is_almost_a_value),
          TEST_CASE(contour_of_a_cone_is_its_circle),
          TEST_CASE(times_to_all_nodes_equal_dijkstra_and_the_way_back),
          TEST_CASE(isochrone_holds_what_is_reached_and_grows_with_time),
          TEST_CASE(isochrone_of_a_street_is_a_strip_as_long_as_time_allows),
          TEST_CASE(isochrone_survives_each_failing_allocation),
          TEST_CASE(isochrone_allocates_nothing_once_router_and_arena_are_warm),
          TEST_CASE(isochrone_is_the_same_with_vectors_and_without))
