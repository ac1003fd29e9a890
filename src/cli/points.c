#include "cli/points.h"

#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "base/vector.h"
#include "site/file.h"

enum { POINTS_MAX = 1 << 22 };

const double pct_cli_snap_max_m = 2000.0;

pct_status pct_cli_point(const pct_road *road, const char *option, const char *text, pct_road_point *out,
                         pct_error *error) {
    pct_position position;
    double distance_m;
    if (!pct_position_from_text(pct_text_of(text), &position))
        return PCT_FAIL(error, PCT_MISUSE, PCT_MSG_OPTION_CHOICE, pct_str(option), pct_str("lon,lat"),
                        pct_str(text));
    pct_status status = pct_road_snap(road, position, pct_cli_snap_max_m, out, &distance_m, error);
    return status == PCT_NOT_FOUND ? PCT_INPUT
                                   : status; /* a position off the map is bad input, not an answer */
}

typedef struct columns {
    int id, lon, lat, label;
} columns;

static pct_status find_columns(const pct_csv *csv, columns *c, pct_error *error) {
    c->id = pct_csv_find(csv, "id");
    c->lon = pct_csv_find(csv, "lon");
    c->lat = pct_csv_find(csv, "lat");
    c->label = c->id >= 0 ? c->id : pct_csv_find(csv, "unit");
    if (c->lon >= 0 || c->lat >= 0) {
        pct_status status = pct_csv_column(csv, "lon", &c->lon, error);
        return status ? status : pct_csv_column(csv, "lat", &c->lat, error);
    }
    return pct_csv_column(csv, "id", &c->id, error);
}

static pct_status read_row(const pct_road *road, const pct_csv *csv, const columns *c, pct_road_point *out,
                           pct_error *error) {
    double lon, lat, distance_m;
    pct_position position;
    if (c->lon < 0) {
        pct_node node =
            pct_network_node_by_id(pct_road_network(road), pct_text_trim(pct_csv_text(csv, c->id)));
        if (pct_road_point_at_node(road, node, out) == PCT_OK) return PCT_OK;
        return pct_csv_unexpected(csv, c->id, PCT_MSG_EXPECTED_NETWORK_NODE, error);
    }
    pct_status status = pct_csv_real(csv, c->lon, -180.0, 180.0, &lon, error);
    if (!status) status = pct_csv_real(csv, c->lat, -90.0, 90.0, &lat, error);
    if (status) return status;
    if (!pct_position_from_degrees(lon, lat, &position) ||
        pct_road_snap(road, position, pct_cli_snap_max_m, out, &distance_m, error) != PCT_OK)
        return pct_csv_unexpected(csv, c->lon, PCT_MSG_EXPECTED_NEAR_ROAD, error);
    return PCT_OK;
}

static void label_row(const pct_csv *csv, const columns *c, char label[64]) {
    pct_text text = pct_csv_text(csv, c->label);
    if (c->label < 0)
        (void)snprintf(label, 64, "%lld", (long long)csv->line);
    else
        (void)snprintf(label, 64, "%.*s", (int)(text.length < 63 ? text.length : 63), text.chars);
}

pct_status pct_cli_points_read(const pct_road *road, const char *file, pct_cli_points *out,
                               pct_error *error) {
    pct_mapped_file mapped;
    pct_csv csv;
    columns c;
    pct_vector points = pct_vector_init(sizeof(pct_road_point), POINTS_MAX),
               labels = pct_vector_init(64, POINTS_MAX);
    pct_status status = pct_file_map(file, &mapped, error);
    if (status) return status;
    status = pct_csv_open(&csv, file, mapped.bytes, error);
    if (status) goto done;
    status = find_columns(&csv, &c, error);
    for (bool more = true; !status;) {
        status = pct_csv_next(&csv, &more, error);
        if (status || !more) break;
        pct_road_point *point = pct_vector_push(&points);
        char *label = point ? pct_vector_push(&labels) : NULL;
        if (!label) {
            status = pct_vector_failed(&points, PCT_MSG_WHAT_POINTS, error);
            break;
        }
        label_row(&csv, &c, label);
        status = read_row(road, &csv, &c, point, error);
    }
    pct_csv_close(&csv);
done:
    pct_file_unmap(&mapped);
    out->count = points.length;
    out->items = pct_vector_take(&points);
    out->labels = pct_vector_take(&labels);
    if (status) pct_cli_points_dispose(out);
    return status;
}

void pct_cli_points_dispose(pct_cli_points *points) {
    pct_free(points->items);
    pct_free(points->labels);
    *points = (pct_cli_points){0};
}
