#include "tiles/tiles.h"

#include <math.h>
#include <string.h>

#include "support/mvt.h"
#include "support/test.h"
#include "support/tile_town.h"
#include "tiles/features.h"

enum { FILE_MAX = 1 << 24 };

/* The file in memory, aligned as a mapped one is. */
typedef struct image {
    char *bytes;
    size_t length;
} image;

static image make_image(pct_tiles_report *report) {
    test_tile_town town = test_tile_town_make();
    pct_buffer out = pct_buffer_init(FILE_MAX);
    pct_error error;
    town.source.network = &town.network;
    test_ok(pct_tiles_make(&town.source, &out, report, &error), &error);
    image made = {malloc(out.length), out.length};
    ck_assert_ptr_nonnull(made.bytes);
    memcpy(made.bytes, out.bytes, out.length);
    pct_buffer_dispose(&out);
    test_tile_town_free(&town);
    return made;
}

static pct_status open_image(image file, pct_tiles *tiles, pct_error *error) {
    return pct_tiles_open("tiles.index", (pct_text){file.bytes, file.length}, tiles, error);
}

/* A position in the units of the tile at this zoom that holds it. */
static void place_of(pct_position p, uint32_t z, uint32_t *x, uint32_t *y, double unit[2]) {
    double scale = ldexp(1.0, (int)z - 20);
    pct_tile_point at = pct_tile_point_of(p);
    *x = (uint32_t)(at.x * scale) >> 12;
    *y = (uint32_t)(at.y * scale) >> 12;
    unit[0] = at.x * scale - *x * 4096.0;
    unit[1] = at.y * scale - *y * 4096.0;
}

/* The tile that holds a place, decoded; its bytes lie in `plain`. */
static mvt_tile tile_at(const pct_tiles *tiles, pct_position p, uint32_t z, pct_buffer *plain) {
    uint32_t x, y;
    double unit[2];
    pct_error error;
    place_of(p, z, &x, &y, unit);
    *plain = pct_buffer_init(FILE_MAX);
    test_ok(pct_tiles_get_plain(tiles, z, x, y, plain, &error), &error);
    return mvt_read(plain->bytes, plain->length);
}

static const mvt_feature *feature_named(const mvt_layer *layer, const char *name) {
    for (size_t i = 0; layer && i < layer->feature_count; i++)
        if (strcmp(mvt_text_of(&layer->features[i], "name"), name) == 0) return &layer->features[i];
    return NULL;
}

TEST(every_tile_keeps_to_the_format_and_its_margin) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    image file = make_image(&report);
    test_ok(open_image(file, &tiles, &error), &error);
    int64_t seen = 0, rings = 0;
    for (uint32_t z = 0; z <= 16; z++) {
        uint32_t x0, y0, x1, y1;
        double unit[2];
        place_of(test_town_at(-60, 60), z, &x0, &y0, unit);
        place_of(test_town_at(60, -60), z, &x1, &y1, unit);
        for (uint32_t x = x0; x <= x1; x++)
            for (uint32_t y = y0; y <= y1; y++) {
                pct_buffer plain = pct_buffer_init(FILE_MAX);
                if (pct_tiles_get_plain(&tiles, z, x, y, &plain, &error) != PCT_OK) {
                    pct_buffer_dispose(&plain);
                    continue;
                }
                seen++;
                mvt_tile tile = mvt_read(plain.bytes, plain.length);
                ck_assert_uint_gt(tile.layer_count, 0);
                for (size_t l = 0; l < tile.layer_count; l++) {
                    ck_assert_uint_eq(tile.layers[l].version, 2);
                    ck_assert_uint_eq(tile.layers[l].extent, 4096);
                    for (size_t f = 0; f < tile.layers[l].feature_count; f++) {
                        const mvt_feature *feature = &tile.layers[l].features[f];
                        ck_assert_uint_gt(feature->path_count, 0);
                        for (size_t p = 0; p < feature->path_count; p++) {
                            const mvt_path *path = &feature->paths[p];
                            ck_assert_uint_ge(path->count, feature->type == 1   ? 1
                                                           : feature->type == 2 ? 2
                                                                                : 3);
                            for (size_t i = 0; i < path->count; i++)
                                for (int axis = 0; axis < 2; axis++)
                                    ck_assert(path->points[i][axis] >= -64 && path->points[i][axis] <= 4160);
                            if (feature->type != 3) continue;
                            ck_assert_int_ne(mvt_area(path), 0);
                            ck_assert_msg(p > 0 || mvt_area(path) > 0, "a polygon begins with a hole");
                            rings++;
                        }
                    }
                }
                mvt_free(&tile);
                pct_buffer_dispose(&plain);
            }
    }
    ck_assert_int_eq(seen, report.tiles);
    ck_assert_int_gt(rings, 50);
    free(file.bytes);
}

TEST(segments_of_one_name_become_one_line_along_their_traffic) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    pct_buffer plain;
    image file = make_image(&report);
    test_ok(open_image(file, &tiles, &error), &error);
    mvt_tile tile = tile_at(&tiles, test_town_at(3, 2), 14, &plain);
    const mvt_layer *roads = mvt_layer_named(&tile, "road");
    ck_assert_ptr_nonnull(roads);
    ck_assert_uint_eq(roads->feature_count, 4); /* street, one-way, its bridge, service road */
    const mvt_feature *street = feature_named(roads, "东街");
    ck_assert_ptr_nonnull(street);
    ck_assert_uint_eq(street->path_count, 1);
    ck_assert_uint_eq(street->paths[0].count, 2);
    ck_assert_str_eq(mvt_text_of(street, "class"), "residential");
    ck_assert_str_eq(mvt_text_of(street, "name_en"), "East Street");
    ck_assert(!mvt_flag_of(street, "oneway"));
    int bridges = 0;
    for (size_t i = 0; i < roads->feature_count; i++) {
        const mvt_feature *f = &roads->features[i];
        bool bridge = mvt_flag_of(f, "bridge");
        bridges += bridge;
        if (strcmp(mvt_text_of(f, "name"), "单行路") != 0) continue;
        ck_assert(mvt_flag_of(f, "oneway"));
        if (!bridge) /* drawn from 2 to 5, driven from 5 (north) to 2 */
            ck_assert_int_lt(f->paths[0].points[0][1], f->paths[0].points[1][1]);
    }
    ck_assert_int_eq(bridges, 1);
    mvt_free(&tile);
    pct_buffer_dispose(&plain);
    /* In general neither bridge nor direction shows: one line. */
    tile = tile_at(&tiles, test_town_at(3, 2), 13, &plain);
    roads = mvt_layer_named(&tile, "road");
    ck_assert_uint_eq(roads->feature_count, 3);
    ck_assert(!mvt_flag_of(feature_named(roads, "单行路"), "oneway"));
    mvt_free(&tile);
    pct_buffer_dispose(&plain);
    free(file.bytes);
}

TEST(a_lake_is_one_polygon_with_its_island_cut_out) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    pct_buffer plain;
    image file = make_image(&report);
    test_ok(open_image(file, &tiles, &error), &error);
    mvt_tile tile = tile_at(&tiles, test_town_at(3, 5.5), 14, &plain);
    const mvt_layer *water = mvt_layer_named(&tile, "water");
    ck_assert_ptr_nonnull(water);
    const mvt_feature *lake = feature_named(water, "明湖");
    ck_assert_ptr_nonnull(lake);
    ck_assert_int_eq(lake->type, 3);
    ck_assert_str_eq(mvt_text_of(lake, "name"), "明湖");
    ck_assert_str_eq(mvt_text_of(lake, "class"), "water");
    ck_assert_uint_eq(lake->path_count, 2);
    int64_t outline = mvt_area(&lake->paths[0]), hole = mvt_area(&lake->paths[1]);
    ck_assert_int_gt(outline, 0);
    ck_assert_int_lt(hole, 0);
    ck_assert_double_eq_tol((double)outline / (double)-hole, 6.0, 0.02); /* 6 × 4 steps to 2 × 2 */
    ck_assert_ptr_nonnull(mvt_layer_named(&tile, "green"));              /* the island is a wood of its own */
    ck_assert_int_eq(report.rings_open,
                     3); /* the stray piece of the lake, the open park, the one with a gap */
    mvt_free(&tile);
    pct_buffer_dispose(&plain);
    free(file.bytes);
}

TEST(areas_stations_names_and_houses_stand_where_they_are) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    pct_buffer plain;
    uint32_t x, y;
    double unit[2];
    image file = make_image(&report);
    test_ok(open_image(file, &tiles, &error), &error);
    mvt_tile tile = tile_at(&tiles, test_town_at(1, 1), 15, &plain);
    const mvt_feature *area = feature_named(mvt_layer_named(&tile, "area"), "东区");
    ck_assert_ptr_nonnull(area);
    ck_assert_str_eq(mvt_text_of(area, "partition"), "station");
    ck_assert_str_eq(mvt_text_of(area, "level"), "area");
    ck_assert_str_eq(mvt_text_of(area, "class"), "urban");
    ck_assert_str_eq(mvt_text_of(area, "name_en"), "East");
    const mvt_layer *poi = mvt_layer_named(&tile, "poi"), *station = mvt_layer_named(&tile, "station");
    int police = 0;
    for (size_t i = 0; i < poi->feature_count; i++)
        police += strcmp(mvt_text_of(&poi->features[i], "class"), "police") == 0;
    ck_assert_int_eq(police, 1); /* the site's place is the map's, and one has no name */
    const mvt_feature *post = feature_named(poi, "派出所");
    ck_assert_uint_eq(station->feature_count, 1);
    ck_assert_str_eq(mvt_text_of(&station->features[0], "name_en"), "Post");
    place_of(test_town_at(1, 1), 15, &x, &y, unit);
    ck_assert_double_eq_tol(post->paths[0].points[0][0], unit[0], 1.0);
    ck_assert_double_eq_tol(post->paths[0].points[0][1], unit[1], 1.0);
    mvt_free(&tile);
    pct_buffer_dispose(&plain);
    tile = tile_at(&tiles, test_town_at(2.4, 0.3), 16, &plain);
    const mvt_layer *buildings = mvt_layer_named(&tile, "building");
    ck_assert_uint_eq(buildings->feature_count, 1);
    place_of(test_town_at(2.2, 0.2), 16, &x, &y, unit);
    double nearest = INFINITY;
    for (size_t i = 0; i < buildings->features[0].paths[0].count; i++)
        nearest = fmin(nearest, hypot(buildings->features[0].paths[0].points[i][0] - unit[0],
                                      buildings->features[0].paths[0].points[i][1] - unit[1]));
    ck_assert_double_le(nearest, 1.0);
    mvt_free(&tile);
    pct_buffer_dispose(&plain);
    free(file.bytes);
}

TEST(the_sea_a_park_and_a_river_with_a_gap_are_drawn) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    pct_buffer plain;
    image file = make_image(&report);
    test_ok(open_image(file, &tiles, &error), &error);
    mvt_tile tile = tile_at(&tiles, test_town_at(3, -4), 16, &plain);
    const mvt_layer *water = mvt_layer_named(&tile, "water");
    ck_assert_ptr_nonnull(water);
    ck_assert_str_eq(mvt_text_of(&water->features[0], "class"), "sea");
    int64_t whole = 2 * INT64_C(4224) * 4224, sea = mvt_area(&water->features[0].paths[0]);
    ck_assert(sea > whole / 4 && sea <= whole); /* most of the tile, which the coast may cross */
    mvt_free(&tile);
    pct_buffer_dispose(&plain);
    tile = tile_at(&tiles, test_town_at(8.5, 5.5), 15, &plain);
    const mvt_feature *park = feature_named(mvt_layer_named(&tile, "green"), "湖滨公园");
    ck_assert_ptr_nonnull(park);
    ck_assert_uint_eq(park->path_count, 1);
    ck_assert_ptr_nonnull(feature_named(mvt_layer_named(&tile, "poi"), "湖滨公园"));
    const mvt_feature *river = feature_named(mvt_layer_named(&tile, "water"), "小河");
    ck_assert_ptr_nonnull(river);
    ck_assert_int_eq(river->type, 2);
    ck_assert_uint_eq(river->paths[0].count, 3); /* without the node that the file lacks */
    mvt_free(&tile);
    pct_buffer_dispose(&plain);
    free(file.bytes);
}

TEST(there_is_no_tile_where_nothing_is) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    pct_text bytes;
    image file = make_image(&report);
    test_ok(open_image(file, &tiles, &error), &error);
    ck_assert_int_eq(pct_tiles_get(&tiles, 14, 0, 0, &bytes), PCT_NOT_FOUND);
    ck_assert_int_eq(pct_tiles_get(&tiles, 17, 0, 0, &bytes), PCT_NOT_FOUND);
    ck_assert_int_eq(pct_tiles_get(&tiles, 3, 8, 0, &bytes), PCT_NOT_FOUND);
    ck_assert_int_eq(pct_tiles_get(&tiles, 3, 0, UINT32_MAX, &bytes), PCT_NOT_FOUND);
    ck_assert_int_eq(pct_tiles_get(&tiles, UINT32_MAX, 0, 0, &bytes), PCT_NOT_FOUND);
    free(file.bytes);
}

TEST(any_flipped_bit_and_any_cut_are_detected) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    image file = make_image(&report);
    for (size_t i = 0; i < file.length; i++) {
        char held = file.bytes[i];
        file.bytes[i] = (char)(held ^ (1 << (i % 8)));
        ck_assert_msg(open_image(file, &tiles, &error) == PCT_DAMAGED, "a flip in byte %zu passed", i);
        file.bytes[i] = held;
    }
    printf("flips of tiles.index: %zu, unnoticed 0\n", file.length);
    size_t whole = file.length;
    for (file.length = 0; file.length < whole; file.length += 97)
        ck_assert_int_eq(open_image(file, &tiles, &error), PCT_DAMAGED);
    file.length = whole;
    test_ok(open_image(file, &tiles, &error), &error);
    file.bytes[8] = 7;
    ck_assert_int_eq(open_image(file, &tiles, &error), PCT_DAMAGED);
    test_error_says(&error, "has version 7, this program reads version 1");
    file.bytes[0] = 'X';
    ck_assert_int_eq(open_image(file, &tiles, &error), PCT_DAMAGED);
    test_error_says(&error, "tiles.index: this is not a base map");
    free(file.bytes);
}

TEST(a_map_is_made_the_same_twice) {
    pct_tiles_report report;
    image a = make_image(&report), b = make_image(&report);
    ck_assert_uint_eq(a.length, b.length);
    ck_assert_mem_eq(a.bytes, b.bytes, a.length);
    free(a.bytes);
    free(b.bytes);
}

static pct_status attempt(void *context) {
    test_tile_town *town = context;
    pct_buffer out = pct_buffer_init(FILE_MAX);
    pct_tiles_report report;
    pct_error error;
    pct_status status = pct_tiles_make(&town->source, &out, &report, &error);
    pct_buffer_dispose(&out);
    return status;
}

TEST(making_survives_any_failed_allocation) {
    test_tile_town town = test_tile_town_make();
    town.source.network = &town.network;
    ck_assert_uint_gt(test_torture(attempt, &town), 50);
    test_tile_town_free(&town);
}

TEST(asking_allocates_nothing) {
    pct_tiles_report report;
    pct_tiles tiles;
    pct_error error;
    pct_text bytes;
    uint32_t x, y;
    double unit[2];
    image file = make_image(&report);
    test_ok(open_image(file, &tiles, &error), &error);
    place_of(test_town_at(1, 1), 14, &x, &y, unit);
    int found = 0;
    size_t before = test_allocation_count();
    for (int i = 0; i < 1000; i++) found += pct_tiles_get(&tiles, 14, x, y, &bytes) == PCT_OK;
    ck_assert_uint_eq(test_allocation_count(), before);
    ck_assert_int_eq(found, 1000);
    ck_assert_uint_eq((unsigned char)bytes.chars[0], 0x1f); /* a gzip member */
    free(file.bytes);
}

TEST(positions_survive_the_projection) {
    for (int lat = -85; lat <= 85; lat += 5)
        for (int lon = -180; lon <= 175; lon += 5) {
            pct_position p = {lon * 10000000 + 12345, lat * 9990000 + 777};
            pct_position back = pct_tile_position_of(pct_tile_point_of(p));
            ck_assert_int_le(abs(back.lon_e7 - p.lon_e7), 1);
            ck_assert_int_le(abs(back.lat_e7 - p.lat_e7), 1);
        }
    ck_assert_uint_eq(pct_tile_point_of((pct_position){0, 900000000}).y, 0);
    ck_assert_uint_eq(pct_tile_point_of((pct_position){0, -900000000}).y, UINT32_MAX);
    ck_assert_uint_eq(pct_tile_point_of((pct_position){1800000000, 0}).x, UINT32_MAX);
}

TEST_MAIN("tiles", TEST_CASE(every_tile_keeps_to_the_format_and_its_margin),
          TEST_CASE(segments_of_one_name_become_one_line_along_their_traffic),
          TEST_CASE(a_lake_is_one_polygon_with_its_island_cut_out),
          TEST_CASE(areas_stations_names_and_houses_stand_where_they_are),
          TEST_CASE(the_sea_a_park_and_a_river_with_a_gap_are_drawn),
          TEST_CASE(there_is_no_tile_where_nothing_is), TEST_CASE(any_flipped_bit_and_any_cut_are_detected),
          TEST_CASE(a_map_is_made_the_same_twice), TEST_CASE(making_survives_any_failed_allocation),
          TEST_CASE(asking_allocates_nothing), TEST_CASE(positions_survive_the_projection))
