/* Shapes on their way into tiles: rings out of pieces, the sea out of coasts, lines made simpler, all cut to squares. */
#include <geos_c.h>
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "geo/polygon.h"
#include "support/test.h"
#include "tiles/clip.h"
#include "tiles/coast.h"
#include "tiles/rings.h"
#include "tiles/simplify.h"

enum { NODES_MAX = 4096, PIECES_MAX = 512, SPAN_E7 = 3000000, CELL_E7 = 1000000 };

/* Nodes and ways as an importer has them. */
typedef struct atlas {
    pct_position positions[NODES_MAX];
    uint32_t node_count, refs[2 * NODES_MAX], ref_count;
    pct_way_piece pieces[PIECES_MAX];
    size_t piece_count;
} atlas;

static atlas world;

static double unit(pct_rng *rng) {
    return pct_rng_unit(rng);
}

/* Adds a ring around a middle, counterclockwise, cut into a few pieces; `turned`: each piece may run backward. */
static void add_ring(pct_rng *rng, pct_position middle, double reach_e7, bool turned) {
    uint32_t corners = 5 + pct_rng_below(rng, 20), first = world.node_count, at = 0;
    for (uint32_t i = 0; i < corners; i++) {
        double angle = 6.283185307179586 * i / corners, reach = reach_e7 * (0.5 + 0.5 * unit(rng));
        world.positions[world.node_count++] =
            (pct_position){middle.lon_e7 + (int32_t)lround(reach * cos(angle)),
                           middle.lat_e7 + (int32_t)lround(reach * sin(angle))};
    }
    while (at < corners) {
        uint32_t steps = 1 + pct_rng_below(rng, corners - at), *refs = world.refs + world.ref_count;
        bool backward = turned && pct_rng_below(rng, 2);
        for (uint32_t i = 0; i <= steps; i++) refs[backward ? steps - i : i] = first + (at + i) % corners;
        world.pieces[world.piece_count++] = (pct_way_piece){refs, steps + 1};
        world.ref_count += steps + 1;
        at += steps;
    }
}

static void shuffle(pct_rng *rng) {
    for (size_t i = world.piece_count; i > 1; i--) {
        size_t j = pct_rng_below(rng, (uint32_t)i);
        pct_way_piece swap = world.pieces[i - 1];
        world.pieces[i - 1] = world.pieces[j];
        world.pieces[j] = swap;
    }
}

static void clear(void) {
    world.node_count = world.ref_count = 0;
    world.piece_count = 0;
}

TEST(rings_come_out_of_shuffled_pieces_with_their_holes) {
    pct_rng rng = pct_rng_init(51, 0);
    pct_ring_finder finder = pct_ring_finder_init();
    pct_error error;
    for (int round = 0; round < 300; round++) {
        uint32_t lakes = 1 + pct_rng_below(&rng, 4), islands = 0;
        clear();
        for (uint32_t i = 0; i < lakes; i++) {
            pct_position middle = {(int32_t)i * 10 * CELL_E7, 0};
            add_ring(&rng, middle, CELL_E7, true);
            if (!pct_rng_below(&rng, 2)) continue;
            add_ring(&rng, middle, CELL_E7 * 0.3, true); /* its island, and a pond on that */
            add_ring(&rng, middle, CELL_E7 * 0.05, true);
            islands++;
        }
        shuffle(&rng);
        test_ok(pct_ring_finder_run(&finder, world.pieces, world.piece_count, world.positions, &error),
                &error);
        ck_assert_uint_eq(finder.open, 0);
        ck_assert_uint_eq(finder.rings.length, lakes + 2 * islands);
        const pct_found_ring *rings = finder.rings.items;
        uint32_t depths[3] = {0}, points = 0;
        for (size_t i = 0; i < finder.rings.length; i++) {
            ck_assert_uint_le(rings[i].depth, 2);
            depths[rings[i].depth]++;
            points += rings[i].count;
            const pct_found_ring *outline = &rings[rings[i].outline];
            ck_assert_uint_eq(outline->depth, rings[i].depth == 1 ? 0 : rings[i].depth);
            ck_assert(pct_box_contains(outline->box, rings[i].box.min) &&
                      pct_box_contains(outline->box, rings[i].box.max));
        }
        ck_assert_uint_eq(depths[0], lakes);
        ck_assert_uint_eq(depths[1], islands);
        ck_assert_uint_eq(depths[2], islands);
        ck_assert_uint_eq(points, world.node_count);
    }
    pct_ring_finder_dispose(&finder);
}

TEST(a_missing_piece_leaves_one_chain_open_and_the_others_whole) {
    pct_rng rng = pct_rng_init(52, 0);
    pct_ring_finder finder = pct_ring_finder_init();
    pct_error error;
    for (int round = 0; round < 100; round++) {
        clear();
        for (int i = 0; i < 3; i++) add_ring(&rng, (pct_position){i * 10 * CELL_E7, 0}, CELL_E7, true);
        world.piece_count--; /* the last of the third */
        bool whole_ring_gone =
            world.pieces[world.piece_count].refs[0] ==
            world.pieces[world.piece_count].refs[world.pieces[world.piece_count].count - 1];
        shuffle(&rng);
        test_ok(pct_ring_finder_run(&finder, world.pieces, world.piece_count, world.positions, &error),
                &error);
        ck_assert_uint_eq(finder.rings.length, 2);
        if (whole_ring_gone)
            ck_assert_uint_eq(finder.open, 0);
        else /* begun in its middle, a chain may come apart in two */
            ck_assert(finder.open >= 1 && finder.open <= world.piece_count);
    }
    pct_ring_finder_dispose(&finder);
}

static bool in_found(const pct_coast *coast, pct_position p) {
    const pct_found_ring *rings = coast->rings.items;
    bool inside = false;
    for (size_t i = 0; i < coast->rings.length; i++) {
        pct_position closed[NODES_MAX];
        memcpy(closed, (const pct_position *)coast->points.items + rings[i].at,
               rings[i].count * sizeof *closed);
        closed[rings[i].count] = closed[0];
        pct_ring ring = {closed, rings[i].count + 1};
        pct_polygon polygon = {&ring, 1};
        pct_shape shape = {&polygon, 1, pct_shape_box(&polygon, 1)};
        inside ^= pct_shape_contains(&shape, p);
    }
    return inside;
}

static bool on_island(pct_position p) {
    /* The islands as they were added: rings of consecutive nodes; the pieces of one lie together. */
    bool inside = false;
    for (size_t i = 0; i < world.piece_count; i++)
        for (uint32_t k = 0; k + 1 < world.pieces[i].count; k++) {
            pct_position a = world.positions[world.pieces[i].refs[k]],
                         b = world.positions[world.pieces[i].refs[k + 1]];
            if ((a.lat_e7 > p.lat_e7) == (b.lat_e7 > p.lat_e7)) continue;
            double share = ((double)p.lat_e7 - a.lat_e7) / ((double)b.lat_e7 - a.lat_e7);
            if (p.lon_e7 < a.lon_e7 + share * ((double)b.lon_e7 - a.lon_e7)) inside = !inside;
        }
    return inside;
}

TEST(the_sea_is_what_no_island_covers) {
    pct_rng rng = pct_rng_init(53, 0);
    pct_coast coast = pct_coast_init();
    pct_box box = {{0, 0}, {SPAN_E7, SPAN_E7}};
    pct_error error;
    int wet = 0, dry = 0;
    for (int round = 0; round < 200; round++) {
        clear();
        /* Up to 16 islands on a lattice whose outer ones the box cuts. */
        for (int x = 0; x <= 3; x++)
            for (int y = 0; y <= 3; y++)
                if (pct_rng_below(&rng, 3) == 0)
                    add_ring(&rng, (pct_position){x * CELL_E7 + 1234, y * CELL_E7 - 777}, CELL_E7 * 0.48,
                             false);
        if (world.piece_count == 0) continue;
        shuffle(&rng);
        test_ok(pct_coast_run(&coast, world.pieces, world.piece_count, world.positions, box, &error), &error);
        for (int i = 0; i < 200; i++) {
            pct_position p = {(int32_t)pct_rng_below(&rng, SPAN_E7), (int32_t)pct_rng_below(&rng, SPAN_E7)};
            bool land = on_island(p);
            wet += !land;
            dry += land;
            ck_assert_msg(in_found(&coast, p) == !land, "round %d: %d,%d is %s", round, p.lon_e7, p.lat_e7,
                          land ? "land" : "sea");
        }
    }
    ck_assert(wet > 5000 && dry > 1000);
    pct_coast_dispose(&coast);
}

static double sea_share(const pct_position *line, uint32_t count) {
    pct_coast coast = pct_coast_init();
    pct_box box = {{0, 0}, {SPAN_E7, SPAN_E7}};
    pct_error error;
    uint32_t refs[16];
    for (uint32_t i = 0; i < count; i++) refs[i] = i;
    pct_way_piece piece = {refs, count};
    test_ok(pct_coast_run(&coast, &piece, 1, line, box, &error), &error);
    int wet = 0;
    for (int x = 0; x < 50; x++)
        for (int y = 0; y < 50; y++)
            wet += in_found(&coast, (pct_position){x * SPAN_E7 / 50 + 7, y * SPAN_E7 / 50 + 7});
    pct_coast_dispose(&coast);
    return wet / 2500.0;
}

TEST(the_sea_lies_to_the_right_of_a_coast) {
    const int32_t e = SPAN_E7, m = SPAN_E7 / 4;
    const pct_position eastward[] = {{-9, m}, {e / 2, m}, {e + 9, m}}, westward[] = {{e + 9, m}, {-9, m}};
    const pct_position ends_inside[] = {{m / 8, m}, {e - m / 8, m}},
                       bay[] = {{m, -9}, {m, m}, {2 * m, m}, {2 * m, -9}};
    ck_assert_double_eq_tol(sea_share(eastward, 3), 0.25, 0.02); /* land north of it */
    ck_assert_double_eq_tol(sea_share(westward, 2), 0.75, 0.02);
    ck_assert_double_eq_tol(sea_share(ends_inside, 2), 0.25, 0.02);
    ck_assert_double_eq_tol(sea_share(bay, 4), 1.0 / 16.0, 0.02);
}

TEST(points_of_some_weight_keep_within_that_of_the_whole_line) {
    pct_rng rng = pct_rng_init(54, 0);
    pct_vector stack = pct_vector_init(sizeof(pct_tile_span), 1 << 20);
    pct_error error;
    for (int round = 0; round < 300; round++) {
        pct_tile_point points[200], kept[200];
        float weights[200];
        uint32_t count = 3 + pct_rng_below(&rng, 190), keeps = 0;
        bool closed = pct_rng_below(&rng, 2);
        points[0] = (pct_tile_point){1u << 30, 1u << 30};
        for (uint32_t i = 1; i < count; i++)
            points[i] = (pct_tile_point){points[i - 1].x + pct_rng_below(&rng, 2001) - 900,
                                         points[i - 1].y + pct_rng_below(&rng, 2001) - 1000};
        test_ok(pct_tile_weigh(points, count, closed, &stack, weights, &error), &error);
        double tolerance = 3000.0 * unit(&rng);
        for (uint32_t i = 0; i < count; i++)
            if (weights[i] > tolerance) kept[keeps++] = points[i];
        ck_assert_uint_ge(keeps, 2);
        if (!closed) ck_assert(weights[0] == INFINITY && weights[count - 1] == INFINITY);
        for (uint32_t i = 0; i < count; i++) {
            double nearest = INFINITY;
            for (uint32_t k = 0; k + !closed < keeps; k++) {
                pct_tile_point a = kept[k], b = kept[(k + 1) % keeps];
                double bx = (double)b.x - a.x, by = (double)b.y - a.y, px = (double)points[i].x - a.x,
                       py = (double)points[i].y - a.y, length2 = bx * bx + by * by,
                       share = length2 > 0 ? fmin(fmax((px * bx + py * by) / length2, 0), 1) : 0;
                nearest = fmin(nearest, hypot(px - share * bx, py - share * by));
            }
            ck_assert_double_le(nearest, tolerance * (1 + 1e-6) + 1e-3);
        }
    }
    pct_vector_dispose(&stack);
}

static GEOSGeometry *geos_of(const pct_clip_point *points, size_t count, bool ring) {
    GEOSCoordSequence *s = GEOSCoordSeq_create((unsigned)(count + ring), 2);
    for (unsigned i = 0; i < count + ring; i++)
        GEOSCoordSeq_setXY(s, i, points[i % count].x, points[i % count].y);
    return ring ? GEOSGeom_createPolygon(GEOSGeom_createLinearRing(s), NULL, 0)
                : GEOSGeom_createLineString(s);
}

static void silent(const char *format, ...) {
    (void)format;
}

TEST(cut_lines_and_rings_measure_what_geos_measures) {
    pct_rng rng = pct_rng_init(55, 0);
    pct_clip_window window = {-64, 4160};
    pct_vector a = pct_vector_init(sizeof(pct_clip_point), 1 << 20), b = a, out = a,
               ends = pct_vector_init(4, 1 << 20), *ring;
    pct_error error;
    int cut = 0;
    initGEOS(silent, silent);
    for (int round = 0; round < 2000; round++) {
        pct_clip_point points[40];
        size_t count = 4 + pct_rng_below(&rng, 30);
        double x = 8000 * unit(&rng) - 2000, y = 8000 * unit(&rng) - 2000;
        a.length = 0;
        for (size_t i = 0; i < count; i++) {
            double angle = 6.283185307179586 * (double)i / (double)count, reach = 4000 * unit(&rng) + 10;
            points[i] = (pct_clip_point){x + reach * cos(angle), y + reach * sin(angle)};
            *(pct_clip_point *)pct_vector_push(&a) = points[i];
        }
        double expected, found = 0;
        GEOSGeometry *whole = geos_of(points, count, true),
                     *part = GEOSClipByRect(whole, -64, -64, 4160, 4160);
        GEOSArea(part, &expected);
        test_ok(pct_clip_ring(&a, &b, window, &ring, &error), &error);
        const pct_clip_point *p = ring->items;
        for (size_t i = 0; i < ring->length; i++) {
            pct_clip_point q = p[(i + 1) % ring->length];
            found += (p[i].x * q.y - q.x * p[i].y) / 2;
            ck_assert(p[i].x >= -64 && p[i].x <= 4160 && p[i].y >= -64 && p[i].y <= 4160);
        }
        ck_assert_double_eq_tol(found, expected, 1e-3);
        cut += expected > 0;
        GEOSGeom_destroy(whole);
        GEOSGeom_destroy(part);
        whole = geos_of(points, count, false);
        part = GEOSClipByRect(whole, -64, -64, 4160, 4160);
        GEOSLength(part, &expected);
        test_ok(pct_clip_line(points, count, window, &out, &ends, &error), &error);
        found = 0;
        p = out.items;
        for (size_t e = 0, at = 0; e < ends.length; at = ((uint32_t *)ends.items)[e++])
            for (size_t i = at; i + 1 < ((uint32_t *)ends.items)[e]; i++)
                found += hypot(p[i + 1].x - p[i].x, p[i + 1].y - p[i].y);
        ck_assert_double_eq_tol(found, expected, 1e-6 * (1 + expected));
        GEOSGeom_destroy(whole);
        GEOSGeom_destroy(part);
    }
    ck_assert_int_gt(cut, 1000);
    finishGEOS();
    pct_vector_dispose(&a);
    pct_vector_dispose(&b);
    pct_vector_dispose(&out);
    pct_vector_dispose(&ends);
}

TEST_MAIN("tile_shapes", TEST_CASE(rings_come_out_of_shuffled_pieces_with_their_holes),
          TEST_CASE(a_missing_piece_leaves_one_chain_open_and_the_others_whole),
          TEST_CASE(the_sea_is_what_no_island_covers), TEST_CASE(the_sea_lies_to_the_right_of_a_coast),
          TEST_CASE(points_of_some_weight_keep_within_that_of_the_whole_line),
          TEST_CASE(cut_lines_and_rings_measure_what_geos_measures))
