#include "tiles/style.h"

#include <string.h>

#include "base/json.h"

/* Templates and what their names stand for nest less than this together. */
enum { DEPTH_MAX = PCT_JSON_DEPTH_MAX - 2, ROOT_DEPTH = 1 };

typedef struct writing {
    const char *file;
    const json_t *theme, *shared;
    pct_text language; /* not empty: what global state would choose is written out */
    pct_json_writer json;
} writing;

static pct_status write_value(writing *w, const json_t *value, int depth, pct_error *error);

static pct_status write_text(writing *w, const json_t *value, int depth, pct_error *error) {
    const char *text = json_string_value(value);
    if (text[0] != '@') {
        pct_json_text(&w->json, (pct_text){text, json_string_length(value)});
        return PCT_OK;
    }
    const json_t *meant = json_object_get(w->theme, text + 1);
    if (!meant) meant = json_object_get(w->shared, text + 1);
    if (!meant)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_STYLE_NAME_UNKNOWN, pct_str(w->file), pct_str(text));
    return write_value(w, meant, depth + 1, error);
}

static pct_status write_members(writing *w, const json_t *object, int depth, pct_error *error) {
    pct_status status = PCT_OK;
    json_t *tree = (json_t *)object; /* jansson's iterator asks for it, and changes nothing */
    for (void *at = json_object_iter(tree); at && !status; at = json_object_iter_next(tree, at)) {
        if (w->language.length > 0 && depth == ROOT_DEPTH && strcmp(json_object_iter_key(at), "state") == 0)
            continue;
        pct_json_key(&w->json, json_object_iter_key(at));
        status = write_value(w, json_object_iter_value(at), depth + 1, error);
    }
    return status;
}

/* ["global-state", name] as what it stands for: the language, or "" (all areas). */
static bool write_state(writing *w, const json_t *array) {
    const char *verb = json_string_value(json_array_get(array, 0)),
               *name = json_string_value(json_array_get(array, 1));
    if (w->language.length == 0 || !verb || !name || strcmp(verb, "global-state") != 0) return false;
    pct_json_text(&w->json, strcmp(name, "language") == 0 ? w->language : (pct_text){"", 0});
    return true;
}

static pct_status write_items(writing *w, const json_t *array, int depth, pct_error *error) {
    pct_status status = PCT_OK;
    for (size_t i = 0; i < json_array_size(array) && !status; i++)
        status = write_value(w, json_array_get(array, i), depth + 1, error);
    return status;
}

static pct_status write_value(writing *w, const json_t *value, int depth, pct_error *error) {
    pct_status status = PCT_OK;
    if (depth > DEPTH_MAX)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_STYLE_TOO_DEEP, pct_str(w->file), pct_int(DEPTH_MAX));
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        pct_json_begin_object(&w->json);
        status = write_members(w, value, depth, error);
        pct_json_end_object(&w->json);
        break;
    case JSON_ARRAY:
        if (write_state(w, value)) break;
        pct_json_begin_array(&w->json);
        status = write_items(w, value, depth, error);
        pct_json_end_array(&w->json);
        break;
    case JSON_STRING: status = write_text(w, value, depth, error); break;
    case JSON_INTEGER: pct_json_integer(&w->json, json_integer_value(value)); break;
    case JSON_REAL: pct_json_real(&w->json, json_real_value(value), 6); break;
    case JSON_NULL: pct_json_null(&w->json); break;
    default: pct_json_bool(&w->json, json_is_true(value));
    }
    return status;
}

static void write_source(writing *w, const pct_tiles_style *style, const pct_tiles *tiles) {
    const pct_position corners[] = {tiles->box.min, tiles->box.max};
    pct_json_key(&w->json, "sources");
    pct_json_begin_object(&w->json);
    pct_json_key(&w->json, "map");
    pct_json_begin_object(&w->json);
    pct_json_key(&w->json, "type");
    pct_json_string(&w->json, "vector");
    pct_json_key(&w->json, "tiles");
    pct_json_begin_array(&w->json);
    pct_json_string(&w->json, style->tiles_url);
    pct_json_end_array(&w->json);
    pct_json_key(&w->json, "minzoom");
    pct_json_integer(&w->json, tiles->min_zoom);
    pct_json_key(&w->json, "maxzoom");
    pct_json_integer(&w->json, tiles->max_zoom);
    pct_json_key(&w->json, "bounds");
    pct_json_begin_array(&w->json);
    for (int i = 0; i < 2; i++) {
        pct_json_real(&w->json, pct_position_lon_deg(corners[i]), 7);
        pct_json_real(&w->json, pct_position_lat_deg(corners[i]), 7);
    }
    pct_json_end_array(&w->json);
    if (style->attribution) {
        pct_json_key(&w->json, "attribution");
        pct_json_string(&w->json, style->attribution);
    }
    pct_json_end_object(&w->json);
    pct_json_end_object(&w->json);
}

static pct_status find_theme(const pct_tiles_style *style, const json_t *themes, writing *w,
                             pct_error *error) {
    char name[32] = "";
    if (style->theme.length < sizeof name) memcpy(name, style->theme.chars, style->theme.length);
    w->theme = json_object_get(themes, name);
    if (json_is_object(w->theme)) return PCT_OK;
    return PCT_FAIL(error, PCT_NOT_FOUND, PCT_MSG_STYLE_THEME_UNKNOWN, pct_str(style->file),
                    pct_view(style->theme));
}

pct_status pct_tiles_style_write(const pct_tiles_style *style, const pct_tiles *tiles, pct_buffer *out,
                                 pct_error *error) {
    json_t *root = NULL, *themes = NULL, *shared = NULL, *body = NULL;
    writing w = {.file = style->file, .json = pct_json_writer_init(out)};
    pct_status status = pct_json_parse(style->file, style->template_bytes, &root, error);
    if (!status) status = pct_json_get_object(style->file, root, "themes", &themes, error);
    if (!status) status = pct_json_get_object(style->file, root, "shared", &shared, error);
    if (!status) status = pct_json_get_object(style->file, root, "style", &body, error);
    if (!status) status = find_theme(style, themes, &w, error);
    if (!status) {
        w.shared = shared;
        w.language = style->language;
        pct_json_begin_object(&w.json);
        status = write_members(&w, body, ROOT_DEPTH, error);
        write_source(&w, style, tiles);
        pct_json_end_object(&w.json);
    }
    json_decref(root);
    return status ? status : pct_buffer_status(out, error);
}
