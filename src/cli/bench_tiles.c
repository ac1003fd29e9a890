/* Tiles as the server asks for them: from the mapped file, at random places of the map and the zooms a desk uses. */
#include "base/memory.h"
#include "cli/bench.h"
#include "tiles/features.h"
#include "tiles/tiles.h"

enum { ZOOM_LEAST = 12, PLAIN_BYTES_MAX = 1 << 26 };

typedef struct shelf {
    pct_mapped_file file;
    pct_tiles tiles;
    pct_buffer plain;
} shelf;

static pct_status open_shelf(pct_bench *b, pct_error *error) {
    shelf *s = b->context = pct_alloc_zeroed(1, sizeof *s);
    if (!s) return pct_error_memory(error, sizeof *s);
    s->plain = pct_buffer_init(PLAIN_BYTES_MAX);
    pct_status status = pct_site_map_file(&b->site, PCT_TILES_FILE, &s->file, error);
    return status ? status : pct_tiles_open(PCT_TILES_FILE, s->file.bytes, &s->tiles, error);
}

static void close_shelf(pct_bench *b) {
    shelf *s = b->context;
    if (!s) return;
    pct_file_unmap(&s->file);
    pct_buffer_dispose(&s->plain);
    pct_free(s);
    b->context = NULL;
}

/* The tile, at the i-th zoom, around the i-th random node. */
static void place(const pct_bench *b, int i, uint32_t *z, uint32_t *x, uint32_t *y) {
    const pct_network *n = &b->site.road->network;
    uint32_t segment = b->points[i % PCT_BENCH_POINTS].segment;
    pct_tile_point at = pct_tile_point_of(n->node_position[n->segments[segment].tail]);
    *z = ZOOM_LEAST + (uint32_t)i % (PCT_TILE_ZOOM_MAX - ZOOM_LEAST + 1);
    *x = at.x >> (32 - *z);
    *y = at.y >> (32 - *z);
}

static pct_status tile_get(pct_bench *b, int i, pct_error *error) {
    shelf *s = b->context;
    uint32_t z, x, y;
    pct_text bytes;
    (void)error;
    place(b, i, &z, &x, &y);
    return pct_tiles_get(&s->tiles, z, x, y, &bytes);
}

static pct_status tile_get_plain(pct_bench *b, int i, pct_error *error) {
    shelf *s = b->context;
    uint32_t z, x, y;
    place(b, i, &z, &x, &y);
    pct_buffer_clear(&s->plain);
    return pct_tiles_get_plain(&s->tiles, z, x, y, &s->plain, error);
}

static pct_status tiles_open(pct_bench *b, int i, pct_error *error) {
    shelf *s = b->context;
    (void)i;
    return pct_tiles_open(PCT_TILES_FILE, s->file.bytes, &s->tiles, error);
}

static const pct_bench_figure figures[] = {{"tile_get", 20000, tile_get, NULL},
                                           {"tile_get_plain", 2000, tile_get_plain, NULL},
                                           {"tiles_open", 100, tiles_open, NULL},
                                           {0}};

const pct_bench_group pct_bench_tiles = {
    .name = "tiles", .figures = figures, .open = open_shelf, .close = close_shelf};
