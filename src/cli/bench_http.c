/* The answers of the road through HTTP and JSON, on a connection that is kept, one request at a time: from the first byte that is
 * sent to the last that has come. The server is a process of its own on a site of its own with 1,000 units.
 *
 *     http_route           with geometry and steps, between two random junctions
 *     http_table_100       100 × 100, http_table_1000: 1,000 × 1,000
 *     http_isochrone_8min  one area
 *     http_nearest_10      of 1,000 units
 *
 * Beside each: its target, and our own Dijkstra's one-to-one in the same run. */
#include <stdlib.h>

#include "base/memory.h"
#include "cli/bench.h"
#include "cli/load_client.h"
#include "cli/load_server.h"
#include "cli/load_site.h"

enum {
    UNITS = 1000,
    SECONDS_BY_DEFAULT = 20,
    SECONDS_MAX = 600,
    DIJKSTRAS = 201,
    BODY_MAX = 1 << 20,
    TABLE_MAX = 1000
};

typedef struct http_bench {
    pct_bench *b;
    pct_load_site site;
    pct_load_server server;
    pct_buffer cookie, body;
    size_t table; /* sources, and targets, of the table that is asked for */
} http_bench;

typedef struct http_figure {
    const char *name;
    double share, target_ms; /* of the seconds; median at most */
    size_t table;
    pct_load_write *write;
} http_figure;

static pct_position place(http_bench *h) {
    return pct_road_point_position(h->b->site.road,
                                   h->b->points[pct_rng_below(&h->b->rng, PCT_BENCH_POINTS)]);
}

static void write_get(http_bench *h, const char *path, pct_buffer *out) {
    pct_load_write_head(out, "GET", path, pct_buffer_chars(&h->cookie), "", -1);
}

static void write_route(void *context, uint64_t number, pct_buffer *out) {
    http_bench *h = context;
    const pct_position from = place(h), to = place(h);
    char path[256];
    (void)number;
    (void)snprintf(path, sizeof path, "/api/v1/route?from=%.7f,%.7f&to=%.7f,%.7f", pct_position_lon_deg(from),
                   pct_position_lat_deg(from), pct_position_lon_deg(to), pct_position_lat_deg(to));
    write_get(h, path, out);
}

static void write_isochrone(void *context, uint64_t number, pct_buffer *out) {
    http_bench *h = context;
    const pct_position from = place(h);
    char path[256];
    (void)number;
    (void)snprintf(path, sizeof path, "/api/v1/isochrone?from=%.7f,%.7f&minutes=8",
                   pct_position_lon_deg(from), pct_position_lat_deg(from));
    write_get(h, path, out);
}

static void write_nearest(void *context, uint64_t number, pct_buffer *out) {
    http_bench *h = context;
    const pct_position to = place(h);
    char path[256];
    (void)number;
    (void)snprintf(path, sizeof path, "/api/v1/nearest?to=%.7f,%.7f&k=10", pct_position_lon_deg(to),
                   pct_position_lat_deg(to));
    write_get(h, path, out);
}

static void write_places(http_bench *h, const char *key, pct_json_writer *json) {
    pct_json_key(json, key);
    pct_json_begin_array(json);
    for (size_t i = 0; i < h->table; i++) {
        const pct_position p = place(h);
        pct_json_begin_array(json);
        pct_json_real(json, pct_position_lon_deg(p), 7);
        pct_json_real(json, pct_position_lat_deg(p), 7);
        pct_json_end_array(json);
    }
    pct_json_end_array(json);
}

static void write_table(void *context, uint64_t number, pct_buffer *out) {
    http_bench *h = context;
    (void)number;
    pct_buffer_clear(&h->body);
    pct_json_writer json = pct_json_writer_init(&h->body);
    pct_json_begin_object(&json);
    write_places(h, "sources", &json);
    write_places(h, "targets", &json);
    pct_json_end_object(&json);
    pct_load_write_head(out, "POST", "/api/v1/table", pct_buffer_chars(&h->cookie), "", (int)h->body.length);
    (void)pct_buffer_append(out, h->body.bytes, h->body.length);
}

static const http_figure figures[] = {{"http_route", 0.2, 0.5, 0, write_route},
                                      {"http_table_100", 0.2, 6.0, 100, write_table},
                                      {"http_table_1000", 0.3, 150.0, TABLE_MAX, write_table},
                                      {"http_isochrone_8min", 0.15, 1.0, 0, write_isochrone},
                                      {"http_nearest_10", 0.15, 0.5, 0, write_nearest}};

static int by_value(const void *a, const void *b) {
    double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q;
}

/* The median of some, before each figure again: machines drift. */
static double dijkstra_ms(http_bench *h) {
    double ms[DIJKSTRAS];
    for (int i = 0; i < DIJKSTRAS; i++) {
        const pct_road_point *points = h->b->points;
        double began_s = pct_cli_seconds();
        (void)pct_dijkstra_time_ms(h->b->dijkstra, points[i], points[(i * 7 + 1) % PCT_BENCH_POINTS]);
        ms[i] = (pct_cli_seconds() - began_s) * 1e3;
    }
    qsort(ms, DIJKSTRAS, sizeof *ms, by_value);
    return ms[DIJKSTRAS / 2];
}

static pct_status measure(http_bench *h, const http_figure *figure, double seconds, pct_error *error) {
    const pct_load_traffic traffic = {
        .port = h->server.port, .clients = 1, .write = figure->write, .context = h};
    pct_load *load = NULL;
    const double beside_ms = dijkstra_ms(h);
    h->table = figure->table;
    pct_status status = pct_load_new(&load, error);
    if (!status) status = pct_load_add_traffic(load, &traffic, error);
    if (!status) status = pct_load_run(load, seconds * figure->share, error);
    if (!status) {
        const pct_load_figures f = pct_load_figures_view(load, 0);
        const pct_bench_number numbers[] = {
            {"median", f.median_ms, 3},
            {"p99", f.p99_ms, 3},
            {"max", f.max_ms, 3},
            {"n", (double)f.answered, 0},
            {"target", figure->target_ms, 1},
            {"baseline", beside_ms, 3},
            {"ratio", f.median_ms / beside_ms, 5},
            {"server_memory_bytes", (double)pct_load_server_memory_bytes(&h->server), 0}};
        pct_bench_line(h->b, figure->name, "ms", numbers, sizeof numbers / sizeof *numbers);
        if (f.answered == 0 || f.good != f.answered)
            status = PCT_FAIL(error, PCT_REFUSED, PCT_MSG_LOAD_NOT_ALL, pct_str(figure->name),
                              pct_int((int64_t)f.sent), pct_int((int64_t)f.good), pct_int((int64_t)f.lost));
    }
    pct_load_free(load);
    return status;
}

static pct_status run(pct_bench *b, pct_error *error) {
    http_bench h = {.b = b, .cookie = pct_buffer_init(1024), .body = pct_buffer_init(BODY_MAX)};
    int64_t seconds = SECONDS_BY_DEFAULT;
    pct_status status = pct_cli_integer(b->cli, "--seconds", 1, SECONDS_MAX, &seconds, error);
    if (!status) status = pct_load_site_make(&b->site, &b->rng, UNITS, &h.site, error);
    if (!status) status = pct_load_server_start(h.site.folder, &h.server, error);
    if (!status) status = pct_load_sign_in(&h.server, PCT_LOAD_ACCOUNT, h.site.password, &h.cookie, error);
    for (size_t i = 0; i < sizeof figures / sizeof *figures && !status; i++)
        status = measure(&h, &figures[i], (double)seconds, error);
    pct_status stopped = pct_load_server_stop(&h.server, status ? NULL : error);
    pct_load_site_remove(&h.site);
    pct_buffer_dispose(&h.cookie);
    pct_buffer_dispose(&h.body);
    return status ? status : stopped;
}

const pct_bench_group pct_bench_http = {.name = "http", .run = run};
