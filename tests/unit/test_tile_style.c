/* The shipped style against the encoder's table of layers and fields, both ways: what the style asks for is in the
 * tiles, and what is in the tiles shows. */
#include "tiles/style.h"

#include <string.h>

#include "base/json.h"
#include "site/definition.h"
#include "support/test.h"
#include "tiles/layers.h"

static pct_text shipped_template(void) {
    for (const pct_definition *d = pct_definitions; d->name; d++)
        if (strcmp(d->name, "style/map.json") == 0) return d->bytes;
    ck_abort_msg("no style comes with the program");
    return (pct_text){NULL, 0};
}

static const pct_tiles some_tiles = {
    .box = {{1160000000, 400000000}, {1161000000, 401000000}}, .min_zoom = 3, .max_zoom = 16};

static pct_status write_style(pct_text bytes, const char *theme, const pct_tiles *tiles, pct_buffer *out,
                              pct_error *error) {
    pct_tiles_style style = {"map.json", bytes,    pct_text_of(theme), "/tiles/{z}/{x}/{y}.pbf",
                             NULL,       {NULL, 0}};
    *out = pct_buffer_init(1 << 20);
    return pct_tiles_style_write(&style, tiles, out, error);
}

static json_t *style_of(const char *theme) {
    pct_buffer out;
    pct_error error;
    json_t *tree;
    test_ok(write_style(shipped_template(), theme, &some_tiles, &out, &error), &error);
    test_ok(pct_json_parse("style", (pct_text){(const char *)out.bytes, out.length}, &tree, &error), &error);
    pct_buffer_dispose(&out);
    return tree;
}

static int layer_of(const char *name) {
    for (int l = 0; l < PCT_TILE_LAYER_COUNT; l++)
        if (strcmp(pct_tile_layers[l].name, name) == 0) return l;
    return -1;
}

typedef bool used_table[PCT_TILE_LAYER_COUNT][PCT_TILE_FIELDS_MAX];

/* Marks the fields that an expression reads by ["get", f] or ["has", f]. */
static void mark_fields(const json_t *value, int layer, used_table used) {
    size_t i;
    const char *key;
    json_t *item;
    if (json_is_array(value)) {
        const char *verb = json_string_value(json_array_get(value, 0));
        const char *field = json_string_value(json_array_get(value, 1));
        if (verb && field && json_array_size(value) == 2 &&
            (strcmp(verb, "get") == 0 || strcmp(verb, "has") == 0)) {
            int found = -1;
            for (int f = 0; f < PCT_TILE_FIELDS_MAX; f++)
                if (pct_tile_layers[layer].fields[f].name &&
                    strcmp(pct_tile_layers[layer].fields[f].name, field) == 0)
                    found = f;
            ck_assert_msg(found >= 0, "layer %s has no field '%s'", pct_tile_layers[layer].name, field);
            used[layer][found] = true;
        }
        json_array_foreach(value, i, item) mark_fields(item, layer, used);
    } else if (json_is_object(value)) {
        json_object_foreach((json_t *)value, key, item) mark_fields(item, layer, used);
    }
}

TEST(style_and_tiles_have_the_same_layers_and_fields) {
    json_t *style = style_of("day"), *layer;
    used_table used = {{false}};
    bool shown[PCT_TILE_LAYER_COUNT] = {false};
    size_t i;
    json_array_foreach(json_object_get(style, "layers"), i, layer) {
        const char *name = json_string_value(json_object_get(layer, "source-layer"));
        if (!name) {
            ck_assert_str_eq(json_string_value(json_object_get(layer, "type")), "background");
            continue;
        }
        ck_assert_str_eq(json_string_value(json_object_get(layer, "source")), "map");
        int number = layer_of(name);
        ck_assert_msg(number >= 0, "the tiles have no layer '%s'", name);
        shown[number] = true;
        mark_fields(layer, number, used);
    }
    for (int l = 0; l < PCT_TILE_LAYER_COUNT; l++) {
        ck_assert_msg(shown[l], "nothing shows layer '%s'", pct_tile_layers[l].name);
        for (int f = 0; f < PCT_TILE_FIELDS_MAX; f++)
            ck_assert_msg(!pct_tile_layers[l].fields[f].name || used[l][f],
                          "nothing reads '%s' of layer '%s'", pct_tile_layers[l].fields[f].name,
                          pct_tile_layers[l].name);
    }
    json_decref(style);
}

/* Texts that begin with '@', all of them. */
static void mark_names(const json_t *value, json_t *seen) {
    size_t i;
    const char *key, *text = json_string_value(value);
    json_t *item;
    if (text && text[0] == '@') json_object_set_new(seen, text + 1, json_true());
    if (json_is_array(value)) json_array_foreach(value, i, item) mark_names(item, seen);
    if (json_is_object(value)) json_object_foreach((json_t *)value, key, item) mark_names(item, seen);
}

TEST(every_theme_has_every_colour_and_no_other) {
    json_t *root, *day, *night, *seen = json_object(), *value;
    const char *key;
    pct_error error;
    test_ok(pct_json_parse("map.json", shipped_template(), &root, &error), &error);
    day = json_object_get(json_object_get(root, "themes"), "day");
    night = json_object_get(json_object_get(root, "themes"), "night");
    mark_names(json_object_get(root, "style"), seen);
    mark_names(json_object_get(root, "shared"), seen);
    ck_assert_uint_eq(json_object_size(day), json_object_size(night));
    json_object_foreach(day, key, value) {
        ck_assert_msg(json_is_string(json_object_get(night, key)), "the night lacks '%s'", key);
        ck_assert_msg(json_object_get(seen, key), "nothing uses '%s'", key);
    }
    json_object_foreach(json_object_get(root, "shared"), key, value)
        ck_assert_msg(json_object_get(seen, key), "nothing uses '%s'", key);
    json_decref(seen);
    json_decref(root);
}

TEST(a_style_is_complete_and_needs_nothing_from_elsewhere) {
    for (int t = 0; t < 2; t++) {
        json_t *style = style_of(t ? "night" : "day"), *names = json_object();
        json_t *source = json_object_get(json_object_get(style, "sources"), "map");
        ck_assert_int_eq(json_integer_value(json_object_get(style, "version")), 8);
        ck_assert_ptr_null(json_object_get(style, "glyphs"));
        ck_assert_ptr_null(json_object_get(style, "sprite"));
        mark_names(style, names);
        ck_assert_uint_eq(json_object_size(names), 0);
        ck_assert_int_eq(json_integer_value(json_object_get(source, "maxzoom")), 16);
        ck_assert_int_eq(json_integer_value(json_object_get(source, "minzoom")), 3);
        ck_assert_str_eq(json_string_value(json_array_get(json_object_get(source, "tiles"), 0)),
                         "/tiles/{z}/{x}/{y}.pbf");
        ck_assert_double_eq_tol(json_number_value(json_array_get(json_object_get(source, "bounds"), 2)),
                                116.1, 1e-9);
        json_decref(names);
        json_decref(style);
    }
}

TEST(a_style_names_whom_it_is_told_to_and_nobody_else) {
    pct_tiles_style style = {"map.json",   shipped_template(), pct_text_of("day"), "/tiles/{z}/{x}/{y}.pbf",
                             "© somebody", {NULL, 0}};
    pct_buffer out = pct_buffer_init(1 << 20);
    pct_error error;
    test_ok(pct_tiles_style_write(&style, &some_tiles, &out, &error), &error);
    ck_assert_ptr_nonnull(strstr(pct_buffer_chars(&out), "\"attribution\":\"© somebody\""));
    pct_buffer_dispose(&out);
    test_ok(write_style(shipped_template(), "day", &some_tiles, &out, &error), &error);
    ck_assert_ptr_null(strstr(pct_buffer_chars(&out), "attribution"));
    ck_assert_ptr_null(strstr(pct_buffer_chars(&out), "OpenStreetMap"));
    pct_buffer_dispose(&out);
}

static void refused(const char *bytes, const char *theme, pct_status expected, const char *says) {
    pct_buffer out;
    pct_error error;
    ck_assert_int_eq(write_style(pct_text_of(bytes), theme, &some_tiles, &out, &error), expected);
    test_error_says(&error, says);
    pct_buffer_dispose(&out);
}

TEST(a_bad_template_is_refused_by_name) {
    refused("{\"themes\":{\"day\":{}},\"shared\":{},\"style\":{}}", "dusk", PCT_NOT_FOUND, "no theme 'dusk'");
    refused("{\"themes\":{\"day\":{}},\"shared\":{},\"style\":{\"a\":[\"@b\"]}}", "day", PCT_INPUT,
            "'@b' stands for nothing");
    refused("{\"themes\":{\"day\":{\"b\":[\"@b\"]}},\"shared\":{},\"style\":{\"a\":\"@b\"}}", "day",
            PCT_LIMIT, "nest deeper than 30");
    refused("{\"themes\":{\"day\":{}},\"style\":{}}", "day", PCT_INPUT, "shared");
    refused("{", "day", PCT_INPUT, "map.json:1");
}

static pct_status attempt(void *context) {
    pct_buffer out;
    pct_error error;
    pct_status status = write_style(*(pct_text *)context, "day", &some_tiles, &out, &error);
    pct_buffer_dispose(&out);
    return status;
}

TEST(writing_a_style_survives_any_failed_allocation) {
    pct_text bytes = pct_text_of(
        "{\"themes\":{\"day\":{\"b\":1.5}},\"shared\":{\"c\":null},\"style\":{\"a\":[\"@b\",\"@c\",true]}}");
    ck_assert_uint_gt(test_torture(attempt, &bytes), 0);
}

TEST_MAIN("tile_style", TEST_CASE(style_and_tiles_have_the_same_layers_and_fields),
          TEST_CASE(every_theme_has_every_colour_and_no_other),
          TEST_CASE(a_style_is_complete_and_needs_nothing_from_elsewhere),
          TEST_CASE(a_style_names_whom_it_is_told_to_and_nobody_else),
          TEST_CASE(a_bad_template_is_refused_by_name),
          TEST_CASE(writing_a_style_survives_any_failed_allocation))
