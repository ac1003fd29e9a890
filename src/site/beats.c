#include "site/beats.h"

#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "geo/geojson.h"

enum { ARENA_MAX = 256 << 20, STATIONS_MAX = 100000, NAMES_BYTES_MAX = 1 << 24 };

struct pct_beats {
    pct_arena arena;
    pct_area *areas; /* the chosen ones */
    size_t count;
    pct_names stations; /* names and ids */
    uint32_t *area_of;  /* by number of the station's name; PCT_NO_AREA: none */
    size_t area_of_count;
};

/* A site may have been made without the file. */
static bool map_file(const pct_site *site, const char *name, pct_mapped_file *out) {
    pct_error why;
    *out = (pct_mapped_file){0};
    return pct_site_map_file(site, name, out, &why) == PCT_OK;
}

static pct_status refuse_partition(const pct_areas *all, pct_text wanted, pct_error *error) {
    pct_buffer known = pct_buffer_init(PCT_ERROR_TEXT / 2);
    for (size_t i = 0; i < all->count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = pct_text_same(all->items[j].partition, all->items[i].partition);
        if (seen) continue;
        if (known.length > 0) (void)pct_buffer_append_text(&known, ", ");
        (void)pct_buffer_append(&known, all->items[i].partition.chars, all->items[i].partition.length);
    }
    pct_status status = PCT_FAIL(error, PCT_INPUT, PCT_MSG_BEAT_PARTITION, pct_view(wanted),
                                 pct_str(pct_buffer_chars(&known)));
    pct_buffer_dispose(&known);
    return status;
}

static pct_status choose(pct_beats *b, const pct_areas *all, const char *partition, pct_error *error) {
    const pct_text wanted = *partition       ? pct_text_of(partition)
                            : all->count > 0 ? all->items[0].partition
                                             : (pct_text){"", 0};
    b->areas = pct_arena_alloc(&b->arena, all->count + 1, sizeof *b->areas);
    if (!b->areas) return pct_error_memory(error, all->count * sizeof *b->areas);
    for (size_t i = 0; i < all->count; i++) {
        const pct_area *area = &all->items[i];
        if (area->parent != PCT_NO_AREA || !pct_text_same(area->partition, wanted)) continue;
        if (area->name.length > PCT_BEAT_NAME_MAX || memchr(area->name.chars, ';', area->name.length))
            return PCT_FAIL(error, PCT_INPUT, PCT_MSG_BEAT_NAME, pct_view(area->name),
                            pct_int(PCT_BEAT_NAME_MAX));
        b->areas[b->count++] = *area;
    }
    return *partition && b->count == 0 ? refuse_partition(all, wanted, error) : PCT_OK;
}

static uint32_t area_at(const pct_beats *b, pct_position p) {
    for (size_t i = 0; i < b->count; i++) {
        const pct_shape *shape = &b->areas[i].shape;
        bool near = p.lon_e7 >= shape->box.min.lon_e7 && p.lon_e7 <= shape->box.max.lon_e7 &&
                    p.lat_e7 >= shape->box.min.lat_e7 && p.lat_e7 <= shape->box.max.lat_e7;
        if (near && pct_shape_contains(shape, p)) return (uint32_t)i;
    }
    return PCT_NO_AREA;
}

static pct_status place_station(pct_beats *b, pct_text name, uint32_t area, pct_error *error) {
    uint32_t number;
    if (name.length == 0) return PCT_OK;
    if (pct_names_add(&b->stations, name, &number) != PCT_OK) return pct_error_memory(error, name.length);
    if (number < b->area_of_count) b->area_of[number] = area;
    return PCT_OK;
}

static pct_status place_stations(pct_beats *b, const pct_named_points *stations, pct_error *error) {
    b->area_of_count = 2 * stations->count;
    b->area_of = pct_arena_alloc(&b->arena, b->area_of_count + 1, sizeof *b->area_of);
    if (!b->area_of) return pct_error_memory(error, b->area_of_count * sizeof *b->area_of);
    pct_status status = PCT_OK;
    for (size_t i = 0; i < stations->count && !status; i++) {
        const pct_named_point *station = &stations->items[i];
        uint32_t area = area_at(b, station->position);
        status = place_station(b, station->name, area, error);
        if (!status) status = place_station(b, station->id, area, error);
    }
    return status;
}

pct_status pct_beats_open(const pct_site *site, pct_beats **out, pct_error *error) {
    pct_mapped_file areas, stations;
    pct_areas all = {0};
    pct_named_points points = {0};
    bool has_areas = map_file(site, "map/areas.geojson", &areas),
         has_stations = map_file(site, "map/stations.geojson", &stations);
    pct_status status = PCT_OK;
    pct_beats *b = pct_alloc_zeroed(1, sizeof *b);
    if (!b) {
        status = pct_error_memory(error, sizeof *b);
        goto done;
    }
    b->arena = pct_arena_init(ARENA_MAX);
    b->stations = pct_names_init(2 * STATIONS_MAX, NAMES_BYTES_MAX);
    if (has_areas)
        status = pct_geojson_read_areas("map/areas.geojson", areas.bytes, NULL, &b->arena, &all, error);
    if (!status) status = choose(b, &all, site->partition, error);
    if (!status && has_stations)
        status = pct_geojson_read_points("map/stations.geojson", stations.bytes, &b->arena, &points, error);
    if (!status) status = place_stations(b, &points, error);
done:
    if (has_areas) pct_file_unmap(&areas);
    if (has_stations) pct_file_unmap(&stations);
    if (status)
        pct_beats_free(b);
    else
        *out = b;
    return status;
}

void pct_beats_free(pct_beats *b) {
    if (!b) return;
    pct_names_dispose(&b->stations);
    pct_arena_dispose(&b->arena);
    pct_free(b);
}

bool pct_beats_have(const pct_beats *b, pct_text name) {
    for (size_t i = 0; i < pct_beats_count(b); i++)
        if (pct_text_same(b->areas[i].name, name)) return true;
    return false;
}

pct_text pct_beats_at(const pct_beats *b, pct_position position) {
    uint32_t area = b ? area_at(b, position) : PCT_NO_AREA;
    return area == PCT_NO_AREA ? (pct_text){"", 0} : b->areas[area].name;
}

pct_text pct_beats_of_station(const pct_beats *b, pct_text station) {
    if (!b || station.length == 0) return (pct_text){"", 0};
    uint32_t number = pct_names_find(&b->stations, station);
    uint32_t area = number == PCT_MAP_ABSENT || number >= b->area_of_count ? PCT_NO_AREA : b->area_of[number];
    if (area != PCT_NO_AREA) return b->areas[area].name;
    return pct_beats_have(b, station) ? station : (pct_text){"", 0};
}

size_t pct_beats_count(const pct_beats *b) {
    return b ? b->count : 0;
}

pct_text pct_beats_name(const pct_beats *b, size_t i) {
    return b->areas[i].name;
}

static bool is_near(const pct_shape *shape, pct_position p) {
    for (size_t g = 0; g < shape->count; g++)
        for (size_t r = 0; r < shape->polygons[g].count; r++) {
            pct_ring ring = shape->polygons[g].rings[r];
            for (size_t i = 1; i < ring.count; i++)
                if (pct_geo_project(p, ring.points[i - 1], ring.points[i]).distance_m <= PCT_BEAT_TOUCH_M)
                    return true;
        }
    return false;
}

static bool has_points_near(const pct_shape *a, const pct_shape *b) {
    for (size_t g = 0; g < a->count; g++)
        for (size_t r = 0; r < a->polygons[g].count; r++)
            for (size_t i = 0; i < a->polygons[g].rings[r].count; i++)
                if (is_near(b, a->polygons[g].rings[r].points[i])) return true;
    return false;
}

bool pct_beats_touch(const pct_beats *beats, size_t a, size_t b) {
    const pct_shape *x = &beats->areas[a].shape, *y = &beats->areas[b].shape;
    pct_box box = x->box;
    pct_plane low = pct_plane_at(box.min), high = pct_plane_at(box.max);
    pct_box_extend(&box, pct_plane_from_m(&low, -PCT_BEAT_TOUCH_M, -PCT_BEAT_TOUCH_M));
    pct_box_extend(&box, pct_plane_from_m(&high, PCT_BEAT_TOUCH_M, PCT_BEAT_TOUCH_M));
    return pct_box_meets(box, y->box) && (has_points_near(x, y) || has_points_near(y, x));
}
