/* A reader of Mapbox Vector Tiles for tests, written from the specification alone and sharing no code with the
 * encoder: not its wire format, not its names. Anything against the specification ends the test. */
#ifndef PCT_TESTS_SUPPORT_MVT_H
#define PCT_TESTS_SUPPORT_MVT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MVT_LAYERS_MAX = 16, MVT_TAGS_MAX = 12 };

typedef struct mvt_text {
    const char *chars;
    size_t length;
} mvt_text;

typedef struct mvt_value {
    mvt_text text; /* chars NULL: a flag */
    bool flag;
} mvt_value;

typedef struct mvt_path { /* a point, a line or a ring */
    int32_t (*points)[2];
    size_t count;
} mvt_path;

typedef struct mvt_feature {
    int type;
    size_t tag_count;
    struct {
        mvt_text key;
        mvt_value value;
    } tags[MVT_TAGS_MAX];
    mvt_path *paths;
    size_t path_count;
} mvt_feature;

typedef struct mvt_layer {
    mvt_text name;
    uint64_t version, extent;
    mvt_feature *features;
    size_t feature_count;
} mvt_layer;

typedef struct mvt_tile {
    mvt_layer layers[MVT_LAYERS_MAX];
    size_t layer_count;
} mvt_tile;

/* Texts borrow from `bytes`. */
mvt_tile mvt_read(const void *bytes, size_t length);
void mvt_free(mvt_tile *tile);
const mvt_layer *mvt_layer_named(const mvt_tile *tile, const char *name); /* NULL when there is none */
/* The text of a field, "" when the feature does not have it; valid until the next call but three. */
const char *mvt_text_of(const mvt_feature *feature, const char *key);
bool mvt_flag_of(const mvt_feature *feature, const char *key);
/* Twice the signed area of a ring, positive for an outline. */
int64_t mvt_area(const mvt_path *ring);

#endif
