/* CSV network: a file of nodes and one of edges. Column names are ours (id, lon, lat; id, from, to, length_m,
 * class, oneway, name, geometry) or whatever a mapping says. Node ids are whole numbers or, if one is not, texts.
 * O(n + m) expected. */
#include <math.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "base/vector.h"
#include "road/import.h"

enum { IDS_MAX = 1 << 26, ID_BYTES_MAX = 1 << 30, COORDINATES_MAX = 1 << 20 };
static const double length_max_m = 1e6, m_per_km = 1000.0;

/* One section of the mapping and the CSV file it describes. */
typedef struct source {
    const char *mapping_file;
    const json_t *section; /* NULL: our own names */
    pct_csv csv;
} source;

typedef struct node_columns {
    int id, lon, lat, x, y;
    bool planar;
    pct_datum datum; /* of lon and lat, or of the anchor */
    double metres_per_unit;
    pct_plane plane;
} node_columns;

typedef struct edge_columns {
    int id, from, to, length_m, road_class, oneway, name, geometry;
    const json_t *classes;
} edge_columns;

typedef struct importer {
    const pct_csv_network *files;
    json_t *mapping;
    pct_network_builder *builder;
    pct_names node_ids, edge_ids; /* a node's number here is its number in the network */
    pct_vector positions, shape;
    bool text_ids;
    pct_datum datum; /* of the nodes, and so of the edges' lines */
    double speed_kmh;
} importer;

/* `path` is the object's key, NULL the whole file. */
static pct_status check_keys(const char *file, const char *path, const json_t *object, const char *known,
                             pct_error *error) {
    const char *key;
    const json_t *value;
    if (object && !json_is_object(object))
        return pct_json_unexpected(file, path ? path : ".", PCT_MSG_EXPECTED_OBJECT, object, error);
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        pct_text rest = pct_text_of(known), item;
        bool found = false;
        while (!found && pct_text_next(&rest, ' ', &item)) found = pct_text_equal(item, key);
        if (!found)
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_MAPPING_KEY, pct_str(file),
                            path ? pct_str(path) : pct_phrase(PCT_MSG_MAPPING_WHOLE), pct_str(key),
                            pct_str(known));
    }
    return PCT_OK;
}

/* The column that the mapping gives for `key`, else the column called `key`. What the mapping names must be
 * there; what it leaves out, and what no mapping names, may be absent unless `required`. */
static pct_status find_column(const source *s, const char *key, bool required, int *out, pct_error *error) {
    const json_t *name = s->section ? json_object_get(s->section, key) : NULL;
    *out = -1;
    if (name && !json_is_string(name))
        return pct_json_unexpected(s->mapping_file, key, PCT_MSG_EXPECTED_COLUMN_NAME, name, error);
    if (name) return pct_csv_column(&s->csv, json_string_value(name), out, error);
    if (required) return pct_csv_column(&s->csv, key, out, error);
    if (!s->section) *out = pct_csv_find(&s->csv, key);
    return PCT_OK;
}

static pct_status read_anchor(const source *s, node_columns *columns, pct_error *error) {
    const json_t *anchor = json_object_get(s->section, "anchor");
    const json_t *lon = json_array_get(anchor, 0), *lat = json_array_get(anchor, 1);
    pct_position origin;
    if (json_array_size(anchor) != 2 ||
        !pct_position_from_degrees(json_number_value(lon), json_number_value(lat), &origin))
        return pct_json_unexpected(s->mapping_file, "nodes.anchor", PCT_MSG_EXPECTED_ANCHOR, anchor, error);
    columns->plane = pct_plane_at(pct_wgs84_from(columns->datum, origin));
    pct_status status =
        pct_json_get_real(s->mapping_file, s->section, "metres_per_unit", &columns->metres_per_unit, error);
    if (!status && !(columns->metres_per_unit > 0.0))
        status = pct_json_unexpected(s->mapping_file, "nodes.metres_per_unit", PCT_MSG_EXPECTED_POSITIVE,
                                     json_object_get(s->section, "metres_per_unit"), error);
    return status;
}

static pct_status read_datum(const source *s, pct_datum *datum, pct_error *error) {
    const json_t *crs = json_object_get(s->section, "crs");
    if (!crs || (json_is_string(crs) && pct_datum_named(pct_text_of(json_string_value(crs)), datum)))
        return PCT_OK;
    return pct_json_unexpected(s->mapping_file, "nodes.crs", PCT_MSG_EXPECTED_DATUM, crs, error);
}

static pct_status find_node_columns(const source *s, node_columns *columns, pct_error *error) {
    pct_status status =
        check_keys(s->mapping_file, "nodes", s->section, "id lon lat x y metres_per_unit anchor crs", error);
    if (!status) status = find_column(s, "id", true, &columns->id, error);
    columns->planar = s->section && json_object_get(s->section, "x");
    if (!status) status = read_datum(s, &columns->datum, error);
    if (status) return status;
    if (columns->planar) {
        status = find_column(s, "x", true, &columns->x, error);
        if (!status) status = find_column(s, "y", true, &columns->y, error);
        return status ? status : read_anchor(s, columns, error);
    }
    status = find_column(s, "lon", true, &columns->lon, error);
    return status ? status : find_column(s, "lat", true, &columns->lat, error);
}

/* false when that is beyond the poles or the date line. */
static bool from_plane(const pct_plane *plane, double east_m, double north_m, pct_position *out) {
    double lon_e7 = plane->origin.lon_e7 + east_m / plane->m_per_e7_lon;
    double lat_e7 = plane->origin.lat_e7 + north_m / plane->m_per_e7_lat;
    if (!(fabs(lon_e7) <= 180e7 && fabs(lat_e7) <= 90e7)) return false;
    *out = pct_plane_from_m(plane, east_m, north_m);
    return true;
}

static pct_status read_position(const source *s, const node_columns *columns, pct_position *out,
                                pct_error *error) {
    double a, b;
    if (columns->planar) {
        pct_status status = pct_csv_real(&s->csv, columns->x, -1e9, 1e9, &a, error);
        if (!status) status = pct_csv_real(&s->csv, columns->y, -1e9, 1e9, &b, error);
        if (!status &&
            !from_plane(&columns->plane, a * columns->metres_per_unit, b * columns->metres_per_unit, out))
            status = pct_csv_unexpected(&s->csv, columns->x, PCT_MSG_EXPECTED_PLANAR, error);
        return status;
    }
    pct_status status = pct_csv_real(&s->csv, columns->lon, -180.0, 180.0, &a, error);
    if (!status) status = pct_csv_real(&s->csv, columns->lat, -90.0, 90.0, &b, error);
    if (!status && PCT_NEVER(!pct_position_from_degrees(a, b, out))) status = PCT_INTERNAL;
    if (!status) *out = pct_wgs84_from(columns->datum, *out);
    return status;
}

/* Numbers the id; a repeated one is an error. */
static pct_status add_id(pct_names *ids, const pct_csv *csv, int column, pct_error *error) {
    uint32_t number;
    size_t before = ids->length;
    pct_text id = pct_text_trim(pct_csv_text(csv, column));
    if (id.length == 0) return pct_csv_unexpected(csv, column, PCT_MSG_EXPECTED_ID, error);
    pct_status status = pct_names_add(ids, id, &number);
    if (status == PCT_LIMIT)
        return PCT_FAIL(error, PCT_LIMIT, PCT_MSG_LIMIT_EXCEEDED, pct_phrase(PCT_MSG_WHAT_IDS),
                        pct_int(IDS_MAX));
    if (status) return pct_error_memory(error, id.length);
    if (number < before) return pct_csv_unexpected(csv, column, PCT_MSG_EXPECTED_NEW_ID, error);
    return PCT_OK;
}

/* A whole number as we would write it; "007" is a text. */
static bool is_plain_integer(pct_text id, int64_t *value) {
    char digits[24];
    if (!pct_text_to_integer(id, value)) return false;
    (void)snprintf(digits, sizeof digits, "%lld", (long long)*value);
    return pct_text_equal(id, digits);
}

static pct_status add_nodes(importer *in, pct_error *error) {
    pct_status status = PCT_OK;
    uint32_t node;
    int64_t value;
    for (size_t i = 0; i < in->node_ids.length; i++)
        if (!is_plain_integer(in->node_ids.texts[i], &value)) in->text_ids = true;
    for (size_t i = 0; i < in->node_ids.length && !status; i++) {
        uint32_t name = 0;
        if (in->text_ids)
            status = pct_network_add_name(in->builder, in->node_ids.texts[i], &name, error);
        else if (PCT_NEVER(!is_plain_integer(in->node_ids.texts[i], &value)))
            return PCT_INTERNAL;
        if (!status)
            status = pct_network_add_node(in->builder, in->text_ids ? name : value,
                                          ((pct_position *)in->positions.items)[i], &node, error);
    }
    return status;
}

static pct_status read_nodes(importer *in, pct_error *error) {
    source s = {in->files->mapping_file, json_object_get(in->mapping, "nodes"), {0}};
    node_columns columns = {.datum = in->files->datum};
    pct_status status = pct_csv_open(&s.csv, in->files->nodes_file, in->files->nodes, error);
    if (status) return status;
    status = find_node_columns(&s, &columns, error);
    in->datum = columns.datum;
    for (bool more = true; !status;) {
        status = pct_csv_next(&s.csv, &more, error);
        if (status || !more) break;
        pct_position position = {0, 0};
        status = read_position(&s, &columns, &position, error);
        if (!status) status = add_id(&in->node_ids, &s.csv, columns.id, error);
        pct_position *p = status ? NULL : pct_vector_push(&in->positions);
        if (p)
            *p = position;
        else if (!status)
            status = pct_vector_failed(&in->positions, PCT_MSG_WHAT_NODES, error);
    }
    pct_csv_close(&s.csv);
    return status ? status : add_nodes(in, error);
}

static pct_status find_edge_columns(const source *s, edge_columns *columns, pct_error *error) {
    static const char *const names[] = {"id",    "from",   "to",   "length_m",
                                        "class", "oneway", "name", "geometry"};
    int *const places[] = {&columns->id,         &columns->from,   &columns->to,   &columns->length_m,
                           &columns->road_class, &columns->oneway, &columns->name, &columns->geometry};
    pct_status status =
        check_keys(s->mapping_file, "edges", s->section,
                   "id from to length_m class oneway name geometry address_left address_right", error);
    for (size_t i = 0; i < sizeof names / sizeof *names && !status; i++)
        status = find_column(s, names[i], i == 1 || i == 2, places[i], error);
    return status;
}

static pct_status read_class(const source *s, const edge_columns *columns, pct_segment *segment,
                             pct_error *error) {
    pct_text value = pct_text_trim(pct_csv_text(&s->csv, columns->road_class));
    segment->road_class = PCT_ROAD_UNCLASSIFIED;
    if (columns->road_class < 0) return PCT_OK;
    if (columns->classes) {
        const json_t *ours = json_object_getn(columns->classes, value.chars, value.length);
        if (!json_is_string(ours))
            return pct_csv_unexpected(&s->csv, columns->road_class, PCT_MSG_EXPECTED_MAPPED_CLASS, error);
        value = (pct_text){json_string_value(ours), json_string_length(ours)};
    }
    pct_road_class road_class = pct_road_class_of(value);
    if (road_class == PCT_ROAD_CLASS_COUNT)
        return pct_csv_unexpected(&s->csv, columns->road_class, PCT_MSG_EXPECTED_ROAD_CLASS, error);
    segment->road_class = (uint8_t)road_class;
    return PCT_OK;
}

static pct_status read_oneway(const source *s, int column, pct_segment *segment, pct_error *error) {
    enum {
        ALONG = PCT_SEGMENT_FORWARD | PCT_SEGMENT_EMERGENCY_FORWARD,
        AGAINST = PCT_SEGMENT_BACKWARD | PCT_SEGMENT_EMERGENCY_BACKWARD
    };
    pct_text value = pct_text_trim(pct_csv_text(&s->csv, column));
    if (value.length == 0 || pct_text_is_listed(value, "no 0 false B both", ' '))
        segment->flags = ALONG | AGAINST;
    else if (pct_text_is_listed(value, "yes 1 true F forward", ' '))
        segment->flags = ALONG;
    else if (pct_text_is_listed(value, "-1 reverse T backward", ' '))
        segment->flags = AGAINST;
    else
        return pct_csv_unexpected(&s->csv, column, PCT_MSG_EXPECTED_ONEWAY, error);
    return PCT_OK;
}

/* "lon lat;lon lat;…", ends included. */
static pct_status read_geometry(importer *in, const pct_csv *csv, int column, pct_error *error) {
    pct_text rest = pct_text_trim(pct_csv_text(csv, column)), point;
    in->shape.length = 0;
    while (rest.length > 0 && pct_text_next(&rest, ';', &point)) {
        pct_text lon, lat;
        double lon_deg, lat_deg;
        pct_position position;
        point = pct_text_trim(point);
        bool good = pct_text_next(&point, ' ', &lon) && pct_text_next(&point, ' ', &lat) && !point.chars &&
                    pct_text_to_real(lon, &lon_deg) && pct_text_to_real(lat, &lat_deg) &&
                    pct_position_from_degrees(lon_deg, lat_deg, &position);
        if (!good) return pct_csv_unexpected(csv, column, PCT_MSG_EXPECTED_LINE, error);
        pct_position *p = pct_vector_push(&in->shape);
        if (!p) return pct_vector_failed(&in->shape, PCT_MSG_WHAT_LINE_POINTS, error);
        *p = pct_wgs84_from(in->datum, position);
    }
    return PCT_OK;
}

/* Turns the line so that it runs from tail to head, and gives its inner points. */
static size_t orient_shape(importer *in, const pct_segment *segment, const pct_position **inner) {
    pct_position *points = in->shape.items, *nodes = in->positions.items;
    size_t count = in->shape.length;
    *inner = NULL;
    if (count < 3) return 0;
    double along_m = pct_geo_distance_m(points[0], nodes[segment->tail]) +
                     pct_geo_distance_m(points[count - 1], nodes[segment->head]);
    double against_m = pct_geo_distance_m(points[count - 1], nodes[segment->tail]) +
                       pct_geo_distance_m(points[0], nodes[segment->head]);
    for (size_t i = 0, j = count - 1; against_m < along_m && i < j; i++, j--) {
        pct_position p = points[i];
        points[i] = points[j];
        points[j] = p;
    }
    *inner = points + 1;
    return count - 2;
}

static pct_status read_end(const importer *in, const pct_csv *csv, int column, uint32_t *node,
                           pct_error *error) {
    *node = pct_names_find(&in->node_ids, pct_text_trim(pct_csv_text(csv, column)));
    if (*node != PCT_MAP_ABSENT) return PCT_OK;
    return pct_csv_unexpected(csv, column, PCT_MSG_EXPECTED_NODES_FILE_ID, error);
}

static pct_status read_length(const importer *in, const source *s, int column, const pct_position *inner,
                              size_t inner_count, pct_segment *segment, pct_error *error) {
    const pct_position *nodes = in->positions.items;
    double length_m = 0.0;
    if (column >= 0) {
        pct_status status = pct_csv_real(&s->csv, column, 0.0, length_max_m, &length_m, error);
        if (status) return status;
    } else {
        pct_position last = nodes[segment->tail];
        for (size_t i = 0; i < inner_count; last = inner[i++]) length_m += pct_geo_distance_m(last, inner[i]);
        length_m += pct_geo_distance_m(last, nodes[segment->head]);
    }
    if (length_m > length_max_m)
        return PCT_FAIL(error, PCT_INPUT, PCT_MSG_CSV_ROAD_LONG, pct_str(s->csv.file), pct_int(s->csv.line),
                        pct_int((int64_t)(length_m / m_per_km)), pct_int((int64_t)(length_max_m / m_per_km)));
    segment->length_mm = (uint32_t)fmax(1.0, round(length_m * 1000.0));
    return PCT_OK;
}

static pct_status read_edge(importer *in, const source *s, const edge_columns *columns, pct_error *error) {
    pct_segment segment = {.way = s->csv.line};
    const pct_position *inner;
    uint32_t number;
    pct_status status = read_end(in, &s->csv, columns->from, &segment.tail, error);
    if (!status) status = read_end(in, &s->csv, columns->to, &segment.head, error);
    if (!status && columns->id >= 0) {
        status = add_id(&in->edge_ids, &s->csv, columns->id, error);
        (void)pct_text_to_integer(pct_text_trim(pct_csv_text(&s->csv, columns->id)), &segment.way);
    }
    if (!status) status = read_class(s, columns, &segment, error);
    if (!status) status = read_oneway(s, columns->oneway, &segment, error);
    if (!status) status = read_geometry(in, &s->csv, columns->geometry, error);
    if (status) return status;
    size_t inner_count = orient_shape(in, &segment, &inner);
    status = read_length(in, s, columns->length_m, inner, inner_count, &segment, error);
    if (!status)
        status = pct_network_add_name(in->builder, pct_text_trim(pct_csv_text(&s->csv, columns->name)),
                                      &segment.name, error);
    return status ? status
                  : pct_network_add_segment(in->builder, &segment, inner, inner_count, &number, error);
}

static pct_status read_edges(importer *in, pct_error *error) {
    source s = {in->files->mapping_file, json_object_get(in->mapping, "edges"), {0}};
    edge_columns columns = {.classes = json_object_get(in->mapping, "classes")};
    pct_status status = pct_csv_open(&s.csv, in->files->edges_file, in->files->edges, error);
    if (status) return status;
    status = find_edge_columns(&s, &columns, error);
    for (bool more = true; !status;) {
        status = pct_csv_next(&s.csv, &more, error);
        if (status || !more) break;
        status = read_edge(in, &s, &columns, error);
    }
    pct_csv_close(&s.csv);
    return status;
}

static pct_status read_mapping(importer *in, pct_error *error) {
    const pct_csv_network *files = in->files;
    if (files->mapping.length == 0) return PCT_OK;
    pct_status status = pct_json_parse(files->mapping_file, files->mapping, &in->mapping, error);
    if (!status)
        status =
            check_keys(files->mapping_file, NULL, in->mapping,
                       "nodes edges classes speed_kmh attribution areas stations places calls units", error);
    if (status || !json_object_get(in->mapping, "speed_kmh")) return status;
    status = pct_json_get_real(files->mapping_file, in->mapping, "speed_kmh", &in->speed_kmh, error);
    if (!status && !(in->speed_kmh >= 1.0 && in->speed_kmh <= 300.0))
        status = pct_json_unexpected(files->mapping_file, "speed_kmh", PCT_MSG_EXPECTED_SPEED_KMH,
                                     json_object_get(in->mapping, "speed_kmh"), error);
    return status;
}

pct_status pct_import_csv(const pct_csv_network *files, pct_network *out, pct_import_report *report,
                          pct_error *error) {
    importer in = {.files = files,
                   .node_ids = pct_names_init(IDS_MAX, ID_BYTES_MAX),
                   .edge_ids = pct_names_init(IDS_MAX, ID_BYTES_MAX),
                   .positions = pct_vector_init(sizeof(pct_position), IDS_MAX),
                   .shape = pct_vector_init(sizeof(pct_position), COORDINATES_MAX)};
    pct_status status = pct_network_builder_new(&in.builder, error);
    if (!status) status = read_mapping(&in, error);
    if (!status) status = read_nodes(&in, error);
    if (!status) status = read_edges(&in, error);
    if (!status) status = pct_network_finish(in.builder, in.text_ids, out, error);
    if (!status) *report = (pct_import_report){.speed_kmh = in.speed_kmh};
    pct_network_builder_free(in.builder);
    json_decref(in.mapping);
    pct_names_dispose(&in.node_ids);
    pct_names_dispose(&in.edge_ids);
    pct_vector_dispose(&in.positions);
    pct_vector_dispose(&in.shape);
    return status;
}
