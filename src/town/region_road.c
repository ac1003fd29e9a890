/* Roads between the towns: one over each border, motorways along the borders of the roots.
 *
 * A motorway piece runs from corner to corner of a root, forward carriageway on the right, both carriageways meeting
 * in one vertex at the corners. A road crosses it on a bridge; at an interchange links leave before and join after it:
 *
 *           left ●━━━━━━━━━bridge━━━━━━━━━● right
 *         ╱      ╲       │         │       ╱     ╲
 *      on ◄──────── off ─◄─────────┼──────╱───────╲──    backward
 *      ──────────────────┼────────►─ off ────────► on    forward */
#include <math.h>

#include "town/region.h"

enum { REFS_MAX = 4096, TAGS_MAX = 6 };

static const double carriageway_m = 14.0, ramp_m = 250.0;
static const double apart_m = 1500.0; /* interchanges, from each other and from the corners */
static const double bend_every_m = 900.0;

typedef struct joining {
    const pct_region *region;
    pct_town_map *map;
    pct_town_summary *summary;
    int64_t *corner;         /* [(cols + 1) × (rows + 1)] node ids, 0: none yet */
    int64_t (*abutments)[2]; /* [borders] node ids of a bridge's ends over a motorway */
    int64_t refs[REFS_MAX], returns[REFS_MAX];
    size_t ref_count, return_count;
    pct_error *error;
} joining;

static pct_status put_node(joining *j, pct_position position, int64_t *id) {
    pct_osm_node node = {.id = j->map->next_node++, .position = position};
    *id = node.id;
    return pct_osm_write_node(j->map->nodes, &node, j->error);
}

/* A junction: counted as a node of the network. */
static pct_status put_junction(joining *j, pct_position position, int64_t *id) {
    j->summary->nodes++;
    return put_node(j, position, id);
}

static pct_status put_way(joining *j, const int64_t *refs, size_t count, pct_road_class road_class,
                          uint8_t flags, pct_town_title name) {
    pct_osm_tag tags[TAGS_MAX] = {{pct_text_of("highway"), pct_text_of(pct_road_class_name(road_class))}};
    size_t n = 1;
    if (name.zh[0]) tags[n++] = (pct_osm_tag){pct_text_of("name"), pct_text_of(name.zh)};
    if (name.zh[0]) tags[n++] = (pct_osm_tag){pct_text_of("name:en"), pct_text_of(name.en)};
    if (flags & PCT_TOWN_ONEWAY) tags[n++] = (pct_osm_tag){pct_text_of("oneway"), pct_text_of("yes")};
    if (flags & PCT_TOWN_BRIDGE) tags[n++] = (pct_osm_tag){pct_text_of("bridge"), pct_text_of("yes")};
    if (flags & PCT_TOWN_BRIDGE) tags[n++] = (pct_osm_tag){pct_text_of("layer"), pct_text_of("1")};
    if (road_class == PCT_ROAD_MOTORWAY)
        tags[n++] = (pct_osm_tag){pct_text_of("maxspeed"), pct_text_of("120")};
    pct_osm_way way = {.id = j->map->next_way++, .refs = refs, .ref_count = count, .tags = {tags, n}};
    return pct_osm_write_way(j->map->ways, &way, j->error);
}

/* Bends between two positions, appended to j->refs: a road through the country swings a little to either side. */
static pct_status put_bends(joining *j, pct_position from, pct_position to, uint32_t number) {
    double length_m = pct_geo_distance_m(from, to);
    uint32_t count = (uint32_t)(length_m / bend_every_m);
    double swing = 0.05 * (2.0 * pct_region_noise(j->region, 5, number, 0) - 1.0);
    double east_m, north_m;
    pct_plane plane = pct_plane_at(from);
    pct_plane_to_m(&plane, to, &east_m, &north_m);
    for (uint32_t i = 1; i <= count && j->ref_count + 4 < REFS_MAX; i++) {
        double t = (double)i / (count + 1), off = swing * sin(2.0 * PCT_TOWN_PI * t);
        pct_position bend = pct_plane_from_m(&plane, t * east_m - off * north_m, t * north_m + off * east_m);
        pct_status status = put_node(j, bend, &j->refs[j->ref_count++]);
        if (status) return status;
    }
    return PCT_OK;
}

static pct_road_class class_of(const pct_region *region, const pct_region_border *b) {
    static const pct_road_class classes[PCT_REGION_LEVELS] = {
        PCT_ROAD_TERTIARY, PCT_ROAD_SECONDARY, PCT_ROAD_PRIMARY, PCT_ROAD_TRUNK, PCT_ROAD_TRUNK};
    const pct_region_cell *cells = region->cells.items;
    uint32_t a = cells[b->cells[0]].level, c = cells[b->cells[1]].level;
    return classes[a < c ? a : c];
}

/* The road over a border: one way, or a way to each end of the bridge and the bridge. */
static pct_status put_road(joining *j, uint32_t number) {
    const pct_region_border *b = (const pct_region_border *)j->region->borders.items + number;
    pct_road_class road_class = class_of(j->region, b);
    pct_town_title name = pct_town_title_of(j->region->seed + 1, number, "公路", " Road");
    pct_status status = PCT_OK;
    j->refs[0] = b->gate_node[0];
    j->ref_count = 1;
    for (int side = 0; side <= 1 && !status; side++) {
        if (b->motorway) { /* outward from the town, to the bridge */
            j->refs[0] = b->gate_node[side];
            j->ref_count = 1;
        }
        status = side && !b->motorway
                     ? put_bends(j, b->crossing[1], b->gate[1], 2 * number + 1)
                     : put_bends(j, b->gate[side], b->crossing[side], 2 * number + (uint32_t)side);
        if (status || !b->motorway) continue;
        status = put_junction(j, b->crossing[side], &j->abutments[number][side]);
        j->refs[j->ref_count++] = j->abutments[number][side];
        if (!status) status = put_way(j, j->refs, j->ref_count, road_class, 0, name);
    }
    if (status) return status;
    if (b->motorway) {
        j->summary->segments += 3;
        return put_way(j, j->abutments[number], 2, road_class, PCT_TOWN_BRIDGE, name);
    }
    j->refs[j->ref_count++] = b->gate_node[1];
    j->summary->segments++;
    return put_way(j, j->refs, j->ref_count, road_class, 0, name);
}

static pct_status corner_of(joining *j, uint32_t col, uint32_t row, int64_t *id) {
    int64_t *corner = &j->corner[row * (j->region->cols + 1) + col];
    pct_status status = PCT_OK;
    if (*corner == 0)
        status = put_junction(j,
                              pct_region_position(j->region, col * (double)PCT_REGION_ROOT_UNITS,
                                                  row * (double)PCT_REGION_ROOT_UNITS, 0.0, 0.0),
                              corner);
    *id = *corner;
    return status;
}

/* A junction on a carriageway, `along_m` beyond a border's crossing. */
static pct_status put_on_carriageway(joining *j, const pct_region_border *b, double along_m, bool forward,
                                     int64_t *id) {
    double right_m = forward ? carriageway_m : -carriageway_m;
    pct_position p = b->upright ? pct_region_position(j->region, b->line, b->along_units, right_m, along_m)
                                : pct_region_position(j->region, b->along_units, b->line, along_m, -right_m);
    return put_junction(j, p, id);
}

/* Four links between a bridge's ends and the carriageways. The right end lies east of a motorway to the north and
 * south of one to the east. */
static pct_status put_interchange(joining *j, uint32_t number) {
    static const pct_town_title nameless = {"", ""};
    const pct_region_border *b = (const pct_region_border *)j->region->borders.items + number;
    int64_t right = j->abutments[number][b->upright ? 1 : 0], left = j->abutments[number][b->upright ? 0 : 1];
    int64_t off[2], on[2];
    pct_status status = PCT_OK;
    for (int forward = 1; forward >= 0 && !status; forward--) {
        int64_t end = forward ? right : left;
        status = put_on_carriageway(j, b, forward ? -ramp_m : ramp_m, forward, &off[forward]);
        if (!status) status = put_on_carriageway(j, b, forward ? ramp_m : -ramp_m, forward, &on[forward]);
        if (!status)
            status = put_way(j, (const int64_t[]){off[forward], end}, 2, PCT_ROAD_MOTORWAY_LINK,
                             PCT_TOWN_ONEWAY, nameless);
        if (!status)
            status = put_way(j, (const int64_t[]){end, on[forward]}, 2, PCT_ROAD_MOTORWAY_LINK,
                             PCT_TOWN_ONEWAY, nameless);
    }
    if (status) return status;
    j->refs[j->ref_count++] = off[1];
    j->refs[j->ref_count++] = on[1];
    j->returns[j->return_count++] = on[0]; /* backward these come the other way round */
    j->returns[j->return_count++] = off[0];
    j->summary->segments += 4;
    return PCT_OK;
}

/* From corner (col, row) one root to the north or east. */
static pct_status put_motorway(joining *j, uint32_t col, uint32_t row, bool upright) {
    const pct_region *region = j->region;
    uint32_t line = (upright ? col : row) * PCT_REGION_ROOT_UNITS;
    double begin = (upright ? row : col) * (double)PCT_REGION_ROOT_UNITS, end = begin + PCT_REGION_ROOT_UNITS;
    double unit_m = pct_geo_distance_m(pct_region_position(region, 0.0, 0.0, 0.0, 0.0),
                                       pct_region_position(region, 0.0, 1.0, 0.0, 0.0));
    double last = begin;
    pct_town_title name =
        pct_town_title_of(region->seed + 2, 2 * (upright ? col : row) + upright, "高速公路", " Expressway");
    pct_status status = corner_of(j, col, row, &j->refs[0]);
    j->ref_count = j->return_count = 1;
    j->returns[0] = j->refs[0];
    for (uint32_t i = 0; i < region->borders.length && !status; i++) {
        const pct_region_border *b = (const pct_region_border *)region->borders.items + i;
        if (b->upright != upright || b->line != line || b->along_units < begin || b->along_units >= end)
            continue;
        if ((b->along_units - last) * unit_m < apart_m || (end - b->along_units) * unit_m < apart_m) continue;
        if (j->ref_count + 4 > REFS_MAX) break;
        last = b->along_units;
        status = put_interchange(j, i);
    }
    if (!status)
        status = corner_of(j, upright ? col : col + 1, upright ? row + 1 : row, &j->refs[j->ref_count++]);
    if (status) return status;
    j->returns[j->return_count++] = j->refs[j->ref_count - 1];
    for (size_t i = 0; i < j->return_count / 2; i++) {
        int64_t id = j->returns[i];
        j->returns[i] = j->returns[j->return_count - 1 - i];
        j->returns[j->return_count - 1 - i] = id;
    }
    j->summary->segments += (uint32_t)(j->ref_count + j->return_count) - 2;
    status = put_way(j, j->refs, j->ref_count, PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, name);
    return status ? status
                  : put_way(j, j->returns, j->return_count, PCT_ROAD_MOTORWAY, PCT_TOWN_ONEWAY, name);
}

pct_status pct_region_join(const pct_region *region, pct_town_map *map, pct_town_summary *summary,
                           pct_error *error) {
    size_t corners = ((size_t)region->cols + 1) * (region->rows + 1);
    joining *j = pct_alloc_zeroed(1, sizeof *j);
    if (!j) return pct_error_memory(error, sizeof *j);
    *j = (joining){.region = region, .map = map, .summary = summary, .error = error};
    j->corner = pct_alloc_zeroed(corners, sizeof *j->corner);
    j->abutments = pct_alloc_zeroed(region->borders.length, sizeof *j->abutments);
    pct_status status = PCT_OK;
    if (!j->corner || !j->abutments)
        status = pct_error_memory(error, region->borders.length * sizeof *j->abutments);
    for (uint32_t i = 0; i < region->borders.length && !status; i++) status = put_road(j, i);
    for (uint32_t col = 1; col < region->cols && !status; col++)
        for (uint32_t row = 0; row < region->rows && !status; row++) status = put_motorway(j, col, row, true);
    for (uint32_t row = 1; row < region->rows && !status; row++)
        for (uint32_t col = 0; col < region->cols && !status; col++)
            status = put_motorway(j, col, row, false);
    pct_free(j->corner);
    pct_free(j->abutments);
    pct_free(j);
    return status;
}
