#include "geo/geojson.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"

enum { NAME_BYTES_MAX = 64 << 20, LEVELS_MAX = 32 };

/* Where the reader stands: its errors name it. */
typedef struct reader {
    const char *file;
    size_t feature; /* counted from 1; 0: the collection itself */
    const json_t *properties;
    pct_arena *arena;
    pct_error *error;
} reader;

static const char *const area_class_names[] = {
#define X(name, text) text,
    PCT_AREA_CLASSES(X)
#undef X
};

const char *pct_area_class_name(pct_area_class area_class) {
    return area_class_names[area_class];
}

static pct_status unexpected(const reader *r, const char *field, pct_message expected, pct_param found) {
    return PCT_FAIL(r->error, PCT_INPUT, PCT_MSG_GEOJSON_FEATURE, pct_str(r->file),
                    pct_int((int64_t)r->feature), pct_str(field), pct_phrase(expected), found);
}

static pct_status unexpected_value(const reader *r, const char *field, pct_message expected,
                                   const json_t *found) {
    char shown[64];
    if (json_is_string(found)) return unexpected(r, field, expected, pct_str(json_string_value(found)));
    if (!json_is_number(found)) return unexpected(r, field, expected, pct_phrase(pct_json_kind(found)));
    if (json_is_integer(found))
        (void)snprintf(shown, sizeof shown, "%lld", (long long)json_integer_value(found));
    else
        (void)snprintf(shown, sizeof shown, "%.10g", json_real_value(found));
    return unexpected(r, field, expected, pct_str(shown));
}

static pct_status no_memory(const reader *r, size_t bytes) {
    return PCT_FAIL(r->error, PCT_MEMORY, PCT_MSG_MEMORY_EXHAUSTED, pct_int((int64_t)bytes));
}

static pct_status keep(const reader *r, const char *chars, size_t length, pct_text *out) {
    char *copy = pct_arena_text(r->arena, chars, length);
    if (!copy) return no_memory(r, length + 1);
    *out = (pct_text){copy, length};
    return PCT_OK;
}

/* A property as text: strings as they are, whole numbers in decimal; absent, null and "" leave *out alone. */
static pct_status property_text(const reader *r, const char *key, const json_t *value, pct_text *out) {
    char digits[32];
    if (!value || json_is_null(value)) return PCT_OK;
    if (json_is_string(value)) {
        size_t length = json_string_length(value);
        return length == 0 ? PCT_OK : keep(r, json_string_value(value), length, out);
    }
    if (!json_is_integer(value)) return unexpected_value(r, key, PCT_MSG_EXPECTED_TEXT, value);
    int length = snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
    return keep(r, digits, (size_t)length, out);
}

static pct_status optional_text(const reader *r, const char *key, pct_text *out) {
    return property_text(r, key, json_object_get(r->properties, key), out);
}

static pct_status read_name(const reader *r, pct_text mapped, pct_text *out) {
    static const char *const usual[] = {"name", "NAME", "district"};
    *out = (pct_text){"", 0};
    if (mapped.chars) {
        const json_t *value = json_object_getn(r->properties, mapped.chars, mapped.length);
        pct_status status = property_text(r, "name", value, out);
        if (status || out->length > 0) return status;
        return unexpected(r, "name", PCT_MSG_EXPECTED_MAPPED_NAME, pct_view(mapped));
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual && out->length == 0; i++) {
        pct_status status = optional_text(r, usual[i], out);
        if (status) return status;
    }
    return out->length > 0 ? PCT_OK
                           : unexpected(r, "name", PCT_MSG_EXPECTED_NAME, pct_phrase(PCT_MSG_FOUND_NONE));
}

static pct_status read_position(const reader *r, const char *field, const json_t *value, pct_position *out) {
    size_t n = json_array_size(value);
    const json_t *lon = json_array_get(value, 0), *lat = json_array_get(value, 1);
    if ((n != 2 && n != 3) || !json_is_number(lon) || !json_is_number(lat))
        return unexpected_value(r, field, PCT_MSG_EXPECTED_LON_LAT, value);
    double lon_deg = json_number_value(lon), lat_deg = json_number_value(lat);
    if (pct_position_from_degrees(lon_deg, lat_deg, out)) return PCT_OK;
    char found[96];
    (void)snprintf(found, sizeof found, "[%.10g, %.10g]", lon_deg, lat_deg);
    return unexpected(r, field, PCT_MSG_EXPECTED_DEGREES, pct_str(found));
}

static pct_status read_ring(const reader *r, const json_t *value, pct_ring *out) {
    const pct_message expected = PCT_MSG_EXPECTED_RING;
    size_t count = json_array_size(value);
    if (!json_is_array(value)) return unexpected_value(r, "coordinates", expected, value);
    if (count < PCT_RING_POINTS_MIN) {
        char found[32];
        (void)snprintf(found, sizeof found, "%zu", count);
        return unexpected(r, "coordinates", expected, pct_str(found));
    }
    pct_position *points = pct_arena_alloc(r->arena, count, sizeof *points);
    if (!points) return no_memory(r, count * sizeof *points);
    for (size_t i = 0; i < count; i++) {
        pct_status status = read_position(r, "coordinates", json_array_get(value, i), &points[i]);
        if (status) return status;
    }
    *out = (pct_ring){points, count};
    return pct_ring_is_closed(*out)
               ? PCT_OK
               : unexpected(r, "coordinates", expected, pct_phrase(PCT_MSG_FOUND_OPEN_RING));
}

static pct_status read_polygon(const reader *r, const json_t *value, pct_polygon *out) {
    size_t count = json_array_size(value);
    if (count == 0) return unexpected_value(r, "coordinates", PCT_MSG_EXPECTED_RINGS, value);
    pct_ring *rings = pct_arena_alloc(r->arena, count, sizeof *rings);
    if (!rings) return no_memory(r, count * sizeof *rings);
    for (size_t i = 0; i < count; i++) {
        pct_status status = read_ring(r, json_array_get(value, i), &rings[i]);
        if (status) return status;
    }
    *out = (pct_polygon){rings, count};
    return PCT_OK;
}

static bool type_is(const json_t *object, const char *type) {
    const char *found = json_string_value(json_object_get(object, "type"));
    return found && strcmp(found, type) == 0;
}

static pct_status read_shape(const reader *r, const json_t *geometry, pct_shape *out) {
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    bool single = type_is(geometry, "Polygon");
    if (!single && !type_is(geometry, "MultiPolygon"))
        return unexpected_value(r, "geometry", PCT_MSG_EXPECTED_POLYGON, json_object_get(geometry, "type"));
    size_t count = single ? 1 : json_array_size(coordinates);
    if (count == 0) return unexpected_value(r, "coordinates", PCT_MSG_EXPECTED_POLYGONS, coordinates);
    pct_polygon *polygons = pct_arena_alloc(r->arena, count, sizeof *polygons);
    if (!polygons) return no_memory(r, count * sizeof *polygons);
    for (size_t i = 0; i < count; i++) {
        const json_t *rings = single ? coordinates : json_array_get(coordinates, i);
        pct_status status = read_polygon(r, rings, &polygons[i]);
        if (status) return status;
    }
    *out = (pct_shape){polygons, count, pct_shape_box(polygons, count)};
    return PCT_OK;
}

/* Parses the file and finds its features; the caller gives *tree back. */
static pct_status open_collection(reader *r, pct_text bytes, json_t **tree, const json_t **features) {
    pct_status status = pct_json_parse(r->file, bytes, tree, r->error);
    if (status) return status;
    if (!type_is(*tree, "FeatureCollection"))
        return pct_json_unexpected(r->file, "type", PCT_MSG_EXPECTED_COLLECTION,
                                   json_object_get(*tree, "type"), r->error);
    const json_t *crs = json_object_get(json_object_get(json_object_get(*tree, "crs"), "properties"), "name");
    const char *crs_name = json_string_value(crs);
    if (crs_name && !strstr(crs_name, "CRS84") && !strstr(crs_name, "4326"))
        return pct_json_unexpected(r->file, "crs", PCT_MSG_EXPECTED_CRS, crs, r->error);
    json_t *list;
    status = pct_json_get_array(r->file, *tree, "features", &list, r->error);
    *features = list;
    return status;
}

static pct_status open_feature(reader *r, const json_t *features, size_t i, const json_t **geometry) {
    const json_t *feature = json_array_get(features, i);
    r->feature = i + 1;
    r->properties = json_object_get(feature, "properties");
    *geometry = json_object_get(feature, "geometry");
    if (!type_is(feature, "Feature"))
        return unexpected_value(r, "type", PCT_MSG_EXPECTED_FEATURE_TYPE, json_object_get(feature, "type"));
    if (!json_is_object(r->properties))
        return unexpected_value(r, "properties", PCT_MSG_EXPECTED_OBJECT, r->properties);
    if (!json_is_object(*geometry))
        return unexpected_value(r, "geometry", PCT_MSG_EXPECTED_OBJECT, *geometry);
    return PCT_OK;
}

/* "dir/districts.geojson" → "districts". */
static pct_text stem_of(const char *file) {
    const char *slash = strrchr(file, '/');
    const char *name = slash ? slash + 1 : file;
    const char *dot = strchr(name, '.');
    return (pct_text){name, dot && dot > name ? (size_t)(dot - name) : strlen(name)};
}

static pct_status read_class(const reader *r, pct_area_class *out) {
    pct_text text = {"", 0};
    pct_status status = optional_text(r, "class", &text);
    if (status) return status;
    for (int i = 0; i < PCT_AREA_CLASS_COUNT; i++)
        if (strcmp(text.chars, area_class_names[i]) == 0) {
            *out = (pct_area_class)i;
            return PCT_OK;
        }
    return unexpected(r, "class", PCT_MSG_EXPECTED_AREA_CLASS, pct_view(text));
}

static pct_status read_area(const reader *r, const json_t *geometry, const pct_area_mapping *mapping,
                            pct_area *area) {
    pct_text stem = stem_of(r->file);
    pct_text partition = mapping->partition.chars ? mapping->partition : stem;
    pct_text level = mapping->level.chars ? mapping->level : pct_text_of("area");
    *area = (pct_area){.parent = PCT_NO_AREA, .name_en = {"", 0}};
    pct_status status = keep(r, partition.chars, partition.length, &area->partition);
    if (!status) status = keep(r, level.chars, level.length, &area->level);
    if (!status) status = optional_text(r, "partition", &area->partition);
    if (!status) status = optional_text(r, "level", &area->level);
    if (!status) status = read_name(r, mapping->name, &area->name);
    if (!status) status = optional_text(r, "name_en", &area->name_en);
    if (!status) status = read_class(r, &area->area_class);
    if (!status) status = read_shape(r, geometry, &area->shape);
    return status;
}

/* Joins the parts to one key; it lies in `buffer` until the next. */
static pct_text key_of(pct_buffer *buffer, const pct_text *parts, size_t count) {
    pct_buffer_clear(buffer);
    for (size_t i = 0; i < count; i++) {
        (void)pct_buffer_append(buffer, parts[i].chars, parts[i].length);
        (void)pct_buffer_append_byte(buffer, '\0');
    }
    return (pct_text){(const char *)buffer->bytes, buffer->length};
}

typedef struct area_index {
    pct_names keys;  /* (partition, level, name): number i is area i */
    pct_names names; /* (partition, name) */
    uint32_t *first; /* [names.length] the first area of that name */
    pct_buffer key;
} area_index;

/* Refuses areas that occur twice. */
static pct_status index_areas(reader *r, const pct_area *areas, size_t count, area_index *index) {
    for (size_t i = 0; i < count; i++) {
        pct_text parts[] = {areas[i].partition, areas[i].level, areas[i].name};
        pct_text in_partition[] = {areas[i].partition, areas[i].name};
        uint32_t number;
        r->feature = i + 1;
        pct_text key = key_of(&index->key, parts, 3);
        if (index->key.failed || pct_names_add(&index->keys, key, &number)) return no_memory(r, key.length);
        if (number != i) return unexpected(r, "name", PCT_MSG_EXPECTED_FRESH_NAME, pct_view(areas[i].name));
        key = key_of(&index->key, in_partition, 2);
        size_t known = index->names.length;
        if (index->key.failed || pct_names_add(&index->names, key, &number)) return no_memory(r, key.length);
        if (number == known) index->first[number] = (uint32_t)i;
    }
    return PCT_OK;
}

/* Where two levels share a name, the first area in the file is the parent. */
static pct_status find_parents(reader *r, const json_t *features, pct_area *areas, size_t count,
                               area_index *index) {
    for (size_t i = 0; i < count; i++) {
        pct_text parent = {"", 0};
        r->feature = i + 1;
        r->properties = json_object_get(json_array_get(features, i), "properties");
        pct_status status = optional_text(r, "parent", &parent);
        if (status) return status;
        if (parent.length == 0) continue;
        pct_text in_partition[] = {areas[i].partition, parent};
        pct_text key = key_of(&index->key, in_partition, 2);
        if (index->key.failed) return no_memory(r, key.length);
        uint32_t number = pct_names_find(&index->names, key);
        if (number == PCT_MAP_ABSENT)
            return unexpected(r, "parent", PCT_MSG_EXPECTED_SAME_PARTITION, pct_view(parent));
        areas[i].parent = index->first[number];
    }
    return PCT_OK;
}

static pct_status refuse_circles(reader *r, const pct_area *areas, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int above = 0;
        for (uint32_t up = areas[i].parent; up != PCT_NO_AREA && above <= LEVELS_MAX; up = areas[up].parent)
            above++;
        r->feature = i + 1;
        if (above > LEVELS_MAX)
            return unexpected(r, "parent", PCT_MSG_EXPECTED_NO_CIRCLES,
                              pct_view(areas[areas[i].parent].name));
    }
    return PCT_OK;
}

static pct_status link_areas(reader *r, const json_t *features, pct_area *areas, size_t count) {
    area_index index = {.keys = pct_names_init(count, NAME_BYTES_MAX),
                        .names = pct_names_init(count, NAME_BYTES_MAX),
                        .first = pct_arena_alloc(r->arena, count, sizeof *index.first),
                        .key = pct_buffer_init(NAME_BYTES_MAX)};
    pct_status status = index.first ? PCT_OK : no_memory(r, count * sizeof *index.first);
    if (!status) status = index_areas(r, areas, count, &index);
    if (!status) status = find_parents(r, features, areas, count, &index);
    if (!status) status = refuse_circles(r, areas, count);
    pct_buffer_dispose(&index.key);
    pct_names_dispose(&index.names);
    pct_names_dispose(&index.keys);
    return status;
}

pct_status pct_area_mapping_read(const char *file, const json_t *mapping, pct_area_mapping *out,
                                 pct_error *error) {
    static const char *const keys[] = {"name", "partition", "level"};
    pct_text *const fields[] = {&out->name, &out->partition, &out->level};
    *out = (pct_area_mapping){.name = {NULL, 0}};
    json_t *areas = json_object_get(mapping, "areas");
    if (!areas) return PCT_OK;
    pct_status status = pct_json_get_object(file, mapping, "areas", &areas, error);
    for (size_t i = 0; i < 3 && !status; i++)
        if (json_object_get(areas, keys[i]))
            status = pct_json_get_text(file, areas, keys[i], fields[i], error);
    return status;
}

pct_status pct_geojson_read_areas(const char *file, pct_text bytes, const pct_area_mapping *mapping,
                                  pct_arena *arena, pct_areas *out, pct_error *error) {
    reader r = {.file = file, .arena = arena, .error = error};
    pct_area_mapping none = {.name = {NULL, 0}};
    json_t *tree = NULL;
    const json_t *features = NULL, *geometry;
    *out = (pct_areas){NULL, 0};
    pct_status status = open_collection(&r, bytes, &tree, &features);
    size_t count = json_array_size(features);
    pct_area *areas = status ? NULL : pct_arena_alloc(arena, count, sizeof *areas);
    if (!status && !areas) status = no_memory(&r, count * sizeof *areas);
    for (size_t i = 0; i < count && !status; i++) {
        status = open_feature(&r, features, i, &geometry);
        if (!status) status = read_area(&r, geometry, mapping ? mapping : &none, &areas[i]);
    }
    if (!status) status = link_areas(&r, features, areas, count);
    if (!status) *out = (pct_areas){areas, count};
    json_decref(tree);
    return status;
}

static pct_status read_point(const reader *r, const json_t *feature, const json_t *geometry,
                             pct_named_point *point) {
    *point = (pct_named_point){{"", 0}, {"", 0}, {"", 0}, {0, 0}, {"", 0}};
    pct_status status = read_name(r, (pct_text){NULL, 0}, &point->name);
    if (!status) status = optional_text(r, "name_en", &point->name_en);
    if (!status) status = optional_text(r, "kind", &point->kind);
    if (!status) status = property_text(r, "id", json_object_get(feature, "id"), &point->id);
    if (!status) status = optional_text(r, "id", &point->id);
    if (status) return status;
    if (!type_is(geometry, "Point"))
        return unexpected_value(r, "geometry", PCT_MSG_EXPECTED_POINT, json_object_get(geometry, "type"));
    return read_position(r, "coordinates", json_object_get(geometry, "coordinates"), &point->position);
}

static pct_status refuse_id_twice(reader *r, const pct_named_point *points, size_t count) {
    pct_names ids = pct_names_init(count, NAME_BYTES_MAX);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        size_t known = ids.length;
        uint32_t number;
        if (points[i].id.length == 0) continue;
        r->feature = i + 1;
        status = pct_names_add(&ids, points[i].id, &number);
        if (status)
            status = no_memory(r, points[i].id.length);
        else if (number != known)
            status = unexpected(r, "id", PCT_MSG_EXPECTED_FRESH_ID, pct_view(points[i].id));
    }
    pct_names_dispose(&ids);
    return status;
}

pct_status pct_geojson_read_points(const char *file, pct_text bytes, pct_arena *arena, pct_named_points *out,
                                   pct_error *error) {
    reader r = {.file = file, .arena = arena, .error = error};
    json_t *tree = NULL;
    const json_t *features = NULL, *geometry;
    *out = (pct_named_points){NULL, 0};
    pct_status status = open_collection(&r, bytes, &tree, &features);
    size_t count = json_array_size(features);
    pct_named_point *points = status ? NULL : pct_arena_alloc(arena, count, sizeof *points);
    if (!status && !points) status = no_memory(&r, count * sizeof *points);
    for (size_t i = 0; i < count && !status; i++) {
        status = open_feature(&r, features, i, &geometry);
        if (!status) status = read_point(&r, json_array_get(features, i), geometry, &points[i]);
    }
    if (!status) status = refuse_id_twice(&r, points, count);
    if (!status) *out = (pct_named_points){points, count};
    json_decref(tree);
    return status;
}

static void write_position(pct_json_writer *writer, pct_position p) {
    pct_json_begin_array(writer);
    pct_json_real(writer, pct_position_lon_deg(p), 7);
    pct_json_real(writer, pct_position_lat_deg(p), 7);
    pct_json_end_array(writer);
}

static void write_positions(pct_json_writer *writer, const pct_position *points, size_t count) {
    pct_json_begin_array(writer);
    for (size_t i = 0; i < count; i++) write_position(writer, points[i]);
    pct_json_end_array(writer);
}

static void begin_geometry(pct_json_writer *writer, const char *type) {
    pct_json_begin_object(writer);
    pct_json_key(writer, "type");
    pct_json_string(writer, type);
    pct_json_key(writer, "coordinates");
}

void pct_geojson_write_point(pct_json_writer *writer, pct_position p) {
    begin_geometry(writer, "Point");
    write_position(writer, p);
    pct_json_end_object(writer);
}

void pct_geojson_write_line(pct_json_writer *writer, const pct_position *points, size_t count) {
    begin_geometry(writer, "LineString");
    write_positions(writer, points, count);
    pct_json_end_object(writer);
}

void pct_geojson_write_shape(pct_json_writer *writer, const pct_shape *shape) {
    bool single = shape->count == 1;
    begin_geometry(writer, single ? "Polygon" : "MultiPolygon");
    if (!single) pct_json_begin_array(writer);
    for (size_t i = 0; i < shape->count; i++) {
        pct_json_begin_array(writer);
        for (size_t k = 0; k < shape->polygons[i].count; k++)
            write_positions(writer, shape->polygons[i].rings[k].points, shape->polygons[i].rings[k].count);
        pct_json_end_array(writer);
    }
    if (!single) pct_json_end_array(writer);
    pct_json_end_object(writer);
}
