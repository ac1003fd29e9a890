/* Areas against GEOS: each polygon valid, children inside their parent and tiling it, both partitions tiling the
 * same extent; gaps and overlaps at most 0.1 % of the extent. */
#include <geos_c.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/json.h"
#include "support/test.h"
#include "town/town.h"

enum { AREAS_MAX = 4096 };
static const double gap_share = 0.001;

typedef struct area {
    const char *partition, *level, *name, *parent, *area_class;
    GEOSGeometry *polygon;
    double size;
} area;

typedef struct area_list {
    json_t *tree;
    area items[AREAS_MAX];
    size_t count;
} area_list;

static const char *text_of(const json_t *feature, const char *key) {
    const json_t *value = json_object_get(json_object_get(feature, "properties"), key);
    return value ? json_string_value(value) : NULL;
}

static GEOSGeometry *polygon_of(const json_t *feature) {
    const json_t *ring =
        json_array_get(json_object_get(json_object_get(feature, "geometry"), "coordinates"), 0);
    unsigned n = (unsigned)json_array_size(ring);
    GEOSCoordSequence *points = GEOSCoordSeq_create(n, 2);
    for (unsigned i = 0; i < n; i++) {
        const json_t *point = json_array_get(ring, i);
        GEOSCoordSeq_setXY(points, i, json_number_value(json_array_get(point, 0)),
                           json_number_value(json_array_get(point, 1)));
    }
    return GEOSGeom_createPolygon(GEOSGeom_createLinearRing(points), NULL, 0);
}

static void load(uint64_t seed, uint32_t nodes, area_list *list) {
    pct_error error;
    pct_demand_table demand;
    pct_town_files files;
    pct_town_summary summary;
    pct_town_request request = {.seed = seed, .nodes = nodes};
    size_t length, i;
    json_t *feature;
    char *text = test_read_file("definitions/demand.csv", &length);
    test_ok(pct_demand_table_read("demand.csv", (pct_text){text, length}, &demand, &error), &error);
    test_ok(pct_town_generate(&request, &demand, &files, &summary, &error), &error);
    pct_text bytes = {(const char *)files.areas.bytes, files.areas.length};
    test_ok(pct_json_parse("areas.geojson", bytes, &list->tree, &error), &error);
    list->count = 0;
    json_array_foreach(json_object_get(list->tree, "features"), i, feature) {
        area *a = &list->items[list->count++];
        *a = (area){text_of(feature, "partition"),
                    text_of(feature, "level"),
                    text_of(feature, "name"),
                    text_of(feature, "parent"),
                    text_of(feature, "class"),
                    polygon_of(feature),
                    0.0};
        ck_assert_msg(GEOSisValid(a->polygon) == 1, "%s is not a valid polygon", a->name);
        GEOSArea(a->polygon, &a->size);
    }
    ck_assert_uint_eq(list->count, summary.areas);
    free(text);
    pct_town_files_dispose(&files);
    pct_demand_table_dispose(&demand);
}

static void unload(area_list *list) {
    for (size_t i = 0; i < list->count; i++) GEOSGeom_destroy(list->items[i].polygon);
    json_decref(list->tree);
}

static double area_of(const GEOSGeometry *geometry) {
    double size;
    ck_assert_int_eq(GEOSArea(geometry, &size), 1);
    return size;
}

/* The union of the areas of one level (and of one parent, unless NULL), and the sum of their sizes. */
static GEOSGeometry *unite(const area_list *list, const char *level, const char *parent, double *sum) {
    GEOSGeometry *parts[AREAS_MAX];
    unsigned n = 0;
    *sum = 0.0;
    for (size_t i = 0; i < list->count; i++) {
        const area *a = &list->items[i];
        if (strcmp(a->level, level) != 0 || (parent && (!a->parent || strcmp(a->parent, parent) != 0)))
            continue;
        parts[n++] = GEOSGeom_clone(a->polygon);
        *sum += a->size;
    }
    ck_assert_uint_gt(n, 0);
    GEOSGeometry *all = GEOSGeom_createCollection(GEOS_MULTIPOLYGON, parts, n);
    GEOSGeometry *united = GEOSUnaryUnion(all);
    GEOSGeom_destroy(all);
    return united;
}

static double difference(const GEOSGeometry *a, const GEOSGeometry *b) {
    GEOSGeometry *d = GEOSSymDifference(a, b);
    double size = area_of(d);
    GEOSGeom_destroy(d);
    return size;
}

static void quiet(const char *format, ...) {
    (void)format;
}

/* Every level tiles the same extent, and each area's children tile it. */
static void check_tiling(const area_list *list) {
    static const char *const levels[] = {"station_area", "community", "zone", "cell"};
    static const char *const below[] = {"community", NULL, "cell", NULL};
    double extent_size, sum;
    GEOSGeometry *extent = unite(list, levels[0], NULL, &extent_size);
    for (int k = 0; k < 4; k++) {
        GEOSGeometry *level = unite(list, levels[k], NULL, &sum);
        ck_assert_msg(difference(extent, level) <= gap_share * extent_size, "level %s leaves a gap",
                      levels[k]);
        ck_assert_msg(fabs(sum - area_of(level)) <= gap_share * extent_size, "areas of level %s overlap",
                      levels[k]);
        GEOSGeom_destroy(level);
    }
    for (size_t i = 0; i < list->count; i++) {
        const area *a = &list->items[i];
        int k = strcmp(a->level, "zone") == 0 ? 2 : strcmp(a->level, "station_area") == 0 ? 0 : 1;
        if (k == 1) {
            ck_assert_ptr_nonnull(a->parent);
            continue;
        }
        ck_assert_ptr_null(a->parent);
        GEOSGeometry *children = unite(list, below[k], a->name, &sum);
        ck_assert_msg(difference(a->polygon, children) <= 1e-9 * extent_size,
                      "the children of %s leave a gap", a->name);
        ck_assert_msg(fabs(sum - a->size) <= 1e-9 * extent_size, "the children of %s overlap", a->name);
        GEOSGeom_destroy(children);
    }
    GEOSGeom_destroy(extent);
}

TEST(areas_of_both_partitions_nest_and_tile_the_town) {
    static area_list list;
    initGEOS(quiet, quiet);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        load(seed, seed == 3 ? 400 : 5000, &list);
        check_tiling(&list);
        unload(&list);
    }
    finishGEOS();
}

TEST(names_are_unique_in_their_partition_and_classes_are_known) {
    static area_list list;
    initGEOS(quiet, quiet);
    load(1, 20000, &list);
    bool seen[3] = {false};
    for (size_t i = 0; i < list.count; i++) {
        static const char *const classes[] = {"urban", "suburban", "rural"};
        int k = 0;
        while (k < 3 && strcmp(list.items[i].area_class, classes[k]) != 0) k++;
        ck_assert_int_lt(k, 3);
        seen[k] = true;
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(strcmp(list.items[i].name, list.items[j].name) != 0, "%s twice",
                          list.items[i].name);
    }
    ck_assert(seen[0] && seen[1] && seen[2]);
    unload(&list);
    finishGEOS();
}

/* The checks above can fail: an area that is missing is a gap. */
TEST(a_missing_area_is_found_as_a_gap) {
    static area_list list;
    double all, without;
    initGEOS(quiet, quiet);
    load(2, 5000, &list);
    GEOSGeometry *whole = unite(&list, "cell", NULL, &all);
    for (size_t i = 0; i < list.count; i++)
        if (strcmp(list.items[i].level, "cell") == 0) {
            list.items[i].level = "missing";
            break;
        }
    GEOSGeometry *rest = unite(&list, "cell", NULL, &without);
    ck_assert_double_gt(difference(whole, rest), gap_share * all);
    GEOSGeom_destroy(whole);
    GEOSGeom_destroy(rest);
    unload(&list);
    finishGEOS();
}

TEST_MAIN("town areas", TEST_CASE(areas_of_both_partitions_nest_and_tile_the_town),
          TEST_CASE(names_are_unique_in_their_partition_and_classes_are_known),
          TEST_CASE(a_missing_area_is_found_as_a_gap))
