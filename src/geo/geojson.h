/* GeoJSON (RFC 7946) in and out: areas, and named points such as stations and places.
 *
 * Reading is strict: the first feature that is not what it should be ends it with an error that names file,
 * feature (counted from 1), field, what was expected and what was found. Unknown properties are passed over.
 * What is read lies in the caller's arena and lives as long as it does. O(bytes), and about 30 bytes of memory
 * per byte read while reading. */
#ifndef PCT_GEO_GEOJSON_H
#define PCT_GEO_GEOJSON_H

#include "base/json.h"
#include "base/memory.h"
#include "geo/polygon.h"

#define PCT_AREA_CLASSES(X)                                                                                  \
    X(UNKNOWN, "")                                                                                           \
    X(URBAN, "urban")                                                                                        \
    X(SUBURBAN, "suburban")                                                                                  \
    X(RURAL, "rural")

typedef enum pct_area_class {
#define X(name, text) PCT_AREA_##name,
    PCT_AREA_CLASSES(X)
#undef X
        PCT_AREA_CLASS_COUNT
} pct_area_class;

const char *pct_area_class_name(pct_area_class area_class);

#define PCT_NO_AREA UINT32_MAX

/* Texts are NUL-terminated too. (partition, level, name) is unique in a file. */
typedef struct pct_area {
    pct_text partition, level, name;
    uint32_t
        parent; /* number of the area above it in the same partition, PCT_NO_AREA at the top; no circles */
    pct_area_class area_class;
    pct_shape shape;
    pct_text name_en; /* "" where the source does not give it */
} pct_area;

typedef struct pct_areas {
    const pct_area *items;
    size_t count;
} pct_areas;

/* How a source spells its areas; texts without chars are not given. */
typedef struct pct_area_mapping {
    pct_text name;             /* the property that holds the name; else name, NAME or district */
    pct_text partition, level; /* for features that do not say theirs; else the file's name, "area" */
} pct_area_mapping;

/* The member `areas` of a mapping file, all of it optional; borrows from the tree, which may be NULL. */
pct_status pct_area_mapping_read(const char *file, const json_t *mapping, pct_area_mapping *out,
                                 pct_error *error) PCT_MUST_USE;
/* Polygon and MultiPolygon features. `mapping` may be NULL. */
pct_status pct_geojson_read_areas(const char *file, pct_text bytes, const pct_area_mapping *mapping,
                                  pct_arena *arena, pct_areas *out, pct_error *error) PCT_MUST_USE;

/* Texts are "" where the source says nothing; only the name must be there. Ids are unique in a file. */
typedef struct pct_named_point {
    pct_text name, kind, id;
    pct_position position;
    pct_text name_en;
} pct_named_point;

typedef struct pct_named_points {
    const pct_named_point *items;
    size_t count;
} pct_named_points;

pct_status pct_geojson_read_points(const char *file, pct_text bytes, pct_arena *arena, pct_named_points *out,
                                   pct_error *error) PCT_MUST_USE;

/* Write a geometry object as the writer's next value; degrees with 7 decimals. */
void pct_geojson_write_point(pct_json_writer *writer, pct_position p);
void pct_geojson_write_line(pct_json_writer *writer, const pct_position *points, size_t count);
void pct_geojson_write_shape(pct_json_writer *writer, const pct_shape *shape); /* Polygon or MultiPolygon */

#endif
