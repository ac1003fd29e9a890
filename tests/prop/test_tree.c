/* The spatial index against a look at every item. */
#include "geo/tree.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "support/test.h"

typedef struct forest {
    uint32_t count;
    pct_box *item_boxes, *boxes;
    uint32_t *items;
    pct_tree tree;
} forest;

/* Boxes on a coarse grid, so that many coincide and touch; or, with a fine one, none do. */
static forest forest_new(pct_rng *rng, uint32_t count, uint32_t cells, int32_t cell_e7) {
    forest f = {.count = count};
    f.item_boxes = pct_alloc(count, sizeof *f.item_boxes);
    f.boxes = pct_alloc(pct_tree_box_count(count), sizeof *f.boxes);
    f.items = pct_alloc(count, sizeof *f.items);
    for (uint32_t i = 0; i < count; i++) {
        pct_position a = {(int32_t)pct_rng_below(rng, cells) * cell_e7,
                          310000000 + (int32_t)pct_rng_below(rng, cells) * cell_e7};
        pct_position b = {a.lon_e7 + (int32_t)pct_rng_below(rng, 4) * cell_e7,
                          a.lat_e7 + (int32_t)pct_rng_below(rng, 4) * cell_e7};
        f.item_boxes[i] = (pct_box){a, b};
    }
    pct_error error;
    test_ok(pct_tree_build(f.item_boxes, count, f.boxes, f.items, &f.tree, &error), &error);
    bool sound;
    ck_assert_int_eq(pct_tree_is_sound(&f.tree, &sound), PCT_OK);
    ck_assert(sound);
    return f;
}

static void forest_free(forest *f) {
    pct_free(f->item_boxes);
    pct_free(f->boxes);
    pct_free(f->items);
}

typedef struct search {
    const forest *f;
    pct_position p;
    uint32_t odd_only; /* 1: only items of odd number are eligible */
    unsigned char *met;
    size_t calls;
} search;

static bool mark(void *context, uint32_t item) {
    search *s = context;
    ck_assert_uint_eq(s->met[item], 0);
    s->met[item] = 1;
    return true;
}

static double to_box_m(pct_position p, pct_box box) {
    pct_position nearest = {p.lon_e7 < box.min.lon_e7   ? box.min.lon_e7
                            : p.lon_e7 > box.max.lon_e7 ? box.max.lon_e7
                                                        : p.lon_e7,
                            p.lat_e7 < box.min.lat_e7   ? box.min.lat_e7
                            : p.lat_e7 > box.max.lat_e7 ? box.max.lat_e7
                                                        : p.lat_e7};
    return pct_geo_project(p, nearest, nearest).distance_m;
}

static double distance_m(void *context, uint32_t item, double beyond_m) {
    search *s = context;
    s->calls++;
    if (s->odd_only && item % 2 == 0) return INFINITY;
    double exact_m = to_box_m(s->p, s->f->item_boxes[item]);
    return exact_m > beyond_m ? INFINITY : exact_m;
}

static bool slow_nearest(search *s, double max_m, uint32_t *item, double *found_m) {
    bool found = false;
    for (uint32_t i = 0; i < s->f->count; i++) {
        double exact_m = distance_m(s, i, max_m);
        if (exact_m > max_m || (found && exact_m >= *found_m)) continue;
        found = true;
        *item = i;
        *found_m = exact_m;
    }
    return found;
}

static pct_position random_position(pct_rng *rng, uint32_t span_e7) {
    return (pct_position){(int32_t)pct_rng_below(rng, span_e7),
                          310000000 + (int32_t)pct_rng_below(rng, span_e7)};
}

static void compare_nearest(const forest *f, pct_rng *rng, uint32_t span_e7, double max_m,
                            uint32_t odd_only) {
    search s = {.f = f, .p = random_position(rng, span_e7), .odd_only = odd_only};
    uint32_t fast = 0, slow = 0;
    double fast_m = 0, slow_m = 0;
    bool found = pct_tree_nearest(&f->tree, s.p, max_m, distance_m, &s, &fast, &fast_m);
    ck_assert_int_eq(found, slow_nearest(&s, max_m, &slow, &slow_m));
    if (!found) return;
    ck_assert_uint_eq(fast, slow);
    ck_assert(fast_m == slow_m);
}

TEST(tree_finds_what_a_look_at_every_item_finds) {
    pct_rng rng = pct_rng_init(11, 0);
    uint32_t counts[] = {0, 1, 2, 15, 16, 17, 255, 256, 257, 3000};
    for (size_t n = 0; n < sizeof counts / sizeof *counts; n++) {
        uint32_t cells = n % 2 == 0 ? 12 : 1000;
        int32_t cell_e7 = n % 2 == 0 ? 10000 : 120;
        forest f = forest_new(&rng, counts[n], cells, cell_e7);
        uint32_t span_e7 = cells * (uint32_t)cell_e7;
        for (int query = 0; query < 60; query++) {
            pct_box box = pct_box_empty();
            pct_box_extend(&box, random_position(&rng, span_e7));
            if (query % 3 > 0) pct_box_extend(&box, random_position(&rng, span_e7));
            search s = {.f = &f, .met = pct_alloc_zeroed(counts[n], 1)};
            pct_tree_query(&f.tree, box, mark, &s);
            for (uint32_t i = 0; i < counts[n]; i++)
                ck_assert_int_eq(s.met[i], pct_box_meets(f.item_boxes[i], box));
            pct_free(s.met);
            compare_nearest(&f, &rng, span_e7, INFINITY, 0);
            compare_nearest(&f, &rng, span_e7, 40.0, 1);
        }
        forest_free(&f);
    }
}

TEST(tree_nearest_among_a_hundred_thousand_looks_at_few_and_allocates_nothing) {
    pct_rng rng = pct_rng_init(12, 0);
    forest f = forest_new(&rng, 100000, 100000, 20);
    for (int query = 0; query < 20; query++) compare_nearest(&f, &rng, 2000000, INFINITY, 0);
    size_t before = test_allocation_count();
    search s = {.f = &f};
    bool found_all = true;
    for (int query = 0; query < 1000; query++) {
        uint32_t item;
        double found_m;
        s.p = random_position(&rng, 2000000);
        found_all &= pct_tree_nearest(&f.tree, s.p, INFINITY, distance_m, &s, &item, &found_m);
    }
    ck_assert_uint_eq(test_allocation_count(), before);
    ck_assert(found_all);
    ck_assert_uint_le(s.calls, 1000 * 60);
    forest_free(&f);
}

TEST(tree_nearest_takes_the_lowest_number_among_equals) {
    pct_box boxes[40];
    for (int i = 0; i < 40; i++) boxes[i] = (pct_box){{500, 500}, {500, 500}};
    pct_box all[64];
    uint32_t items[40], item;
    double found_m;
    pct_tree tree;
    ck_assert_int_eq(pct_tree_build(boxes, 40, all, items, &tree, NULL), PCT_OK);
    forest f = {.count = 40, .item_boxes = boxes};
    search s = {.f = &f, .p = {0, 0}, .odd_only = 1};
    ck_assert(pct_tree_nearest(&tree, s.p, INFINITY, distance_m, &s, &item, &found_m));
    ck_assert_uint_eq(item, 1);
    double exactly_m = found_m;
    ck_assert(pct_tree_nearest(&tree, s.p, exactly_m, distance_m, &s, &item, &found_m));
    ck_assert(!pct_tree_nearest(&tree, s.p, exactly_m * 0.99, distance_m, &s, &item, &found_m));
}

static bool first_only(void *context, uint32_t item) {
    *(uint32_t *)context = item;
    return false;
}

TEST(tree_query_ends_when_the_visitor_says_so_and_passes_over_empty_boxes) {
    pct_box boxes[3] = {pct_box_empty(), {{5, 5}, {6, 6}}, {{5, 5}, {6, 6}}}, all[4];
    uint32_t items[3], seen = 99;
    pct_tree tree;
    ck_assert_int_eq(pct_tree_build(boxes, 3, all, items, &tree, NULL), PCT_OK);
    pct_tree_query(&tree, (pct_box){{0, 0}, {10, 10}}, first_only, &seen);
    ck_assert_uint_eq(seen, 1);
}

TEST(tree_that_was_damaged_is_not_sound) {
    pct_rng rng = pct_rng_init(13, 0);
    forest f = forest_new(&rng, 300, 1000, 120);
    bool sound;
    uint32_t kept = f.items[7];
    uint32_t wrong[] = {300, UINT32_MAX, f.items[8]};
    for (int i = 0; i < 3; i++) {
        f.items[7] = wrong[i];
        ck_assert_int_eq(pct_tree_is_sound(&f.tree, &sound), PCT_OK);
        ck_assert(!sound);
    }
    f.items[7] = kept;
    f.boxes[300].min.lon_e7 = f.boxes[300].max.lon_e7;
    ck_assert_int_eq(pct_tree_is_sound(&f.tree, &sound), PCT_OK);
    ck_assert(!sound);
    forest_free(&f);
}

static pct_status attempt(void *context) {
    forest *f = context;
    bool sound;
    pct_status status = pct_tree_build(f->item_boxes, f->count, f->boxes, f->items, &f->tree, NULL);
    return status ? status : pct_tree_is_sound(&f->tree, &sound);
}

TEST(tree_survives_every_failing_allocation) {
    pct_rng rng = pct_rng_init(14, 0);
    forest f = forest_new(&rng, 100, 1000, 120);
    ck_assert_uint_eq(test_torture(attempt, &f), 2);
    forest_free(&f);
}

TEST_MAIN("tree", TEST_CASE(tree_finds_what_a_look_at_every_item_finds),
          TEST_CASE(tree_nearest_among_a_hundred_thousand_looks_at_few_and_allocates_nothing),
          TEST_CASE(tree_nearest_takes_the_lowest_number_among_equals),
          TEST_CASE(tree_query_ends_when_the_visitor_says_so_and_passes_over_empty_boxes),
          TEST_CASE(tree_that_was_damaged_is_not_sound), TEST_CASE(tree_survives_every_failing_allocation))
