/* The town as OpenStreetMap PBF. Nodes: road vertices, houses, places, corners of grounds. Ways: roads, then grounds
 * (water, parks, works, estates). Relations: turn restrictions. Ids count from 1 in each kind. */
#include <stdio.h>
#include <string.h>

#include "osm/pbf.h"
#include "town/output.h"
#include "town/turn.h"

enum { TAGS_MAX = 12, RIVER_COLS = 300, WAY_REFS_MAX = 2000, GROUNDS_MAX = 1 << 20, CORNERS_MAX = 32 << 20 };

/* A closed polygon of what is not road. */
typedef struct ground {
    uint32_t corner_at, corner_count, name;
    const char *key, *value;
} ground;

typedef struct map_writing {
    const pct_town *town;
    pct_town_map *map;
    uint32_t *node_of; /* [points] node id of a vertex, 0: none */
    pct_vector grounds, corners;
    int64_t first_corner, first_way;
    pct_osm_tag tags[TAGS_MAX];
    size_t tag_count;
    pct_error *error;
} map_writing;

static void tag(map_writing *w, const char *key, const char *value) {
    w->tags[w->tag_count++] = (pct_osm_tag){pct_text_of(key), pct_text_of(value)};
}

static void tag_name(map_writing *w, uint32_t name) {
    if (name == 0) return;
    tag(w, "name", pct_town_name_of(w->town, name).zh);
    tag(w, "name:en", pct_town_name_of(w->town, name).en);
}

static pct_osm_tags tags_of(const map_writing *w) {
    return (pct_osm_tags){w->tags, w->tag_count};
}

static pct_status write_node(map_writing *w, pct_position position) {
    pct_osm_node node = {.id = w->map->next_node++, .position = position, .tags = tags_of(w)};
    pct_status status = pct_osm_write_node(w->map->nodes, &node, w->error);
    w->tag_count = 0;
    return status;
}

static pct_status add_corner(map_writing *w, double u, double v) {
    pct_position *corner = pct_vector_push(&w->corners);
    if (!corner) return pct_vector_failed(&w->corners, PCT_MSG_WHAT_CORNERS, w->error);
    *corner = pct_town_position(w->town, u, v);
    ((ground *)w->grounds.items)[w->grounds.length - 1].corner_count++;
    return PCT_OK;
}

static pct_status begin_ground(map_writing *w, const char *key, const char *value, uint32_t name) {
    ground *g = pct_vector_push(&w->grounds);
    if (!g) return pct_vector_failed(&w->grounds, PCT_MSG_WHAT_GROUNDS, w->error);
    *g = (ground){.corner_at = (uint32_t)w->corners.length, .name = name, .key = key, .value = value};
    return PCT_OK;
}

/* The block's polygon, drawn in from its roads. */
static pct_status add_block_ground(map_writing *w, const pct_town_block *block, const char *key,
                                   const char *value) {
    enum { SIDE = 4 };
    static const int du[] = {1, 0, -1, 0}, dv[] = {0, 1, 0, -1};
    const pct_town *town = w->town;
    double inset = block->style == PCT_TOWN_VILLAGE ? 0.24 : 0.05, s = inset, t = inset;
    double step = (1.0 - 2.0 * inset) / SIDE;
    pct_status status = begin_ground(w, key, value, block->name);
    for (int i = 0; status == PCT_OK && i < 4 * SIDE; i++) {
        double u = town->u[block->c0] + s * (town->u[block->c1] - town->u[block->c0]);
        double v = town->v[block->r0] + t * (town->v[block->r1] - town->v[block->r0]);
        status = add_corner(w, u, v);
        s += step * du[i / SIDE];
        t += step * dv[i / SIDE];
    }
    return status;
}

/* The river in stretches of at most RIVER_COLS lattice cols, within its banks. */
static pct_status add_river(map_writing *w) {
    const pct_town *town = w->town;
    if (town->river_block == PCT_TOWN_NONE) return PCT_OK;
    double v0 = town->v[town->row_lines[town->river_block]],
           v1 = town->v[town->row_lines[town->river_block + 1]];
    double south = v0 + 0.14 * (v1 - v0), north = v1 - 0.14 * (v1 - v0);
    for (uint32_t c0 = 0; c0 + 1 < town->cols; c0 += RIVER_COLS) {
        uint32_t c1 = c0 + RIVER_COLS < town->cols ? c0 + RIVER_COLS : town->cols - 1;
        pct_status status = begin_ground(w, "natural", "water", 0);
        for (uint32_t c = c0; status == PCT_OK && c <= c1; c++) status = add_corner(w, town->u[c], south);
        for (uint32_t c = c1 + 1; status == PCT_OK && c-- > c0;) status = add_corner(w, town->u[c], north);
        if (status) return status;
    }
    return PCT_OK;
}

static pct_status add_grounds(map_writing *w) {
    pct_status status = add_river(w);
    for (uint32_t i = 0; status == PCT_OK && i < w->town->block_count; i++) {
        const pct_town_block *block = &w->town->blocks[i];
        switch ((pct_town_style)block->style) {
        case PCT_TOWN_PARK: status = add_block_ground(w, block, "leisure", "park"); break;
        case PCT_TOWN_INDUSTRY: status = add_block_ground(w, block, "landuse", "industrial"); break;
        case PCT_TOWN_CAMPUS: status = add_block_ground(w, block, "amenity", "school"); break;
        case PCT_TOWN_ESTATE:
        case PCT_TOWN_VILLAGE: status = add_block_ground(w, block, "landuse", "residential"); break;
        default: break;
        }
    }
    return status;
}

static pct_status write_nodes(map_writing *w) {
    const pct_town *town = w->town;
    const pct_position *points = pct_town_points(town);
    const pct_town_house *houses = town->houses.items;
    const pct_town_place *places = town->places.items;
    const pct_position *corners = w->corners.items;
    pct_status status = PCT_OK;
    for (size_t v = 0; status == PCT_OK && v < town->points.length; v++) {
        if (!town->used[v]) continue;
        w->node_of[v] = (uint32_t)w->map->next_node;
        if (town->cut[v]) tag(w, "highway", "traffic_signals");
        status = write_node(w, points[v]);
    }
    for (size_t i = 0; status == PCT_OK && i < town->houses.length; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", houses[i].number);
        tag(w, "addr:housenumber", number);
        tag(w, "addr:street", pct_town_name_of(town, houses[i].name).zh);
        status = write_node(w, houses[i].position);
    }
    for (size_t i = 0; status == PCT_OK && i < town->places.length; i++) {
        const pct_town_place_info *info = &pct_town_place_table[places[i].kind];
        /* grounds already carry what is a ground */
        bool is_ground = strcmp(info->key, "landuse") == 0 || strcmp(info->key, "leisure") == 0;
        tag(w, is_ground ? "place" : info->key, is_ground ? "locality" : info->value);
        tag_name(w, places[i].name);
        status = write_node(w, places[i].position);
    }
    w->first_corner = w->map->next_node;
    for (size_t i = 0; status == PCT_OK && i < w->corners.length; i++) status = write_node(w, corners[i]);
    return status;
}

static void tag_road(map_writing *w, const pct_town_way *way) {
    tag(w, "highway", pct_road_class_name((pct_road_class)way->road_class));
    tag_name(w, way->name);
    if (way->flags & PCT_TOWN_ROUNDABOUT)
        tag(w, "junction", "roundabout");
    else if (way->flags & PCT_TOWN_ONEWAY)
        tag(w, "oneway", "yes");
    if (way->flags & PCT_TOWN_BRIDGE) {
        tag(w, "bridge", "yes");
        tag(w, "layer", "1");
    }
    if (way->road_class == PCT_ROAD_MOTORWAY) tag(w, "maxspeed", "120");
    if (way->road_class == PCT_ROAD_TRACK) tag(w, "surface", "unpaved");
}

static pct_status write_way(map_writing *w, const int64_t *refs, size_t count) {
    pct_osm_way way = {.id = w->map->next_way++, .refs = refs, .ref_count = count, .tags = tags_of(w)};
    pct_status status = pct_osm_write_way(w->map->ways, &way, w->error);
    w->tag_count = 0;
    return status;
}

static pct_status write_ways(map_writing *w) {
    const pct_town *town = w->town;
    int64_t refs[WAY_REFS_MAX];
    const uint32_t *vertices = town->way_refs.items;
    pct_status status = PCT_OK;
    w->first_way = w->map->next_way;
    for (size_t i = 0; status == PCT_OK && i < town->ways.length; i++) {
        const pct_town_way *way = (const pct_town_way *)town->ways.items + i;
        for (uint32_t k = 0; k < way->ref_count; k++) refs[k] = w->node_of[vertices[way->ref_at + k]];
        tag_road(w, way);
        status = write_way(w, refs, way->ref_count);
    }
    for (size_t i = 0; status == PCT_OK && i < w->grounds.length; i++) {
        const ground *g = (const ground *)w->grounds.items + i;
        for (uint32_t k = 0; k < g->corner_count; k++) refs[k] = w->first_corner + g->corner_at + k;
        refs[g->corner_count] = refs[0];
        tag(w, g->key, g->value);
        if (strcmp(g->value, "water") == 0) tag(w, "water", "river");
        tag_name(w, g->name);
        status = write_way(w, refs, g->corner_count + 1);
    }
    return status;
}

static pct_status write_relations(map_writing *w) {
    static const char *const kinds[PCT_TOWN_TURN_COUNT] = {
#define X(name, text) text,
        PCT_TOWN_TURNS(X)
#undef X
    };
    const pct_town *town = w->town;
    pct_status status = PCT_OK;
    for (size_t i = 0; status == PCT_OK && i < town->turns.length; i++) {
        const pct_town_turn *turn = (const pct_town_turn *)town->turns.items + i;
        bool by_way = turn->via_road != PCT_NO_INDEX;
        pct_osm_member members[3] = {
            {PCT_OSM_WAY, w->first_way + town->way_of_road[turn->from_road], pct_text_of("from")},
            {PCT_OSM_NODE, w->node_of[turn->via_vertex], pct_text_of("via")},
            {PCT_OSM_WAY, w->first_way + town->way_of_road[turn->to_road], pct_text_of("to")}};
        if (by_way) {
            members[1].kind = PCT_OSM_WAY;
            members[1].ref = w->first_way + town->way_of_road[turn->via_road];
        }
        tag(w, "type", "restriction");
        tag(w, "restriction", kinds[turn->kind]);
        pct_osm_relation relation = {
            .id = w->map->next_relation++, .members = members, .member_count = 3, .tags = tags_of(w)};
        status = pct_osm_write_relation(w->map->relations, &relation, w->error);
        w->tag_count = 0;
    }
    return status;
}

static pct_box bounds_of(const map_writing *w) {
    const pct_town *town = w->town;
    pct_box box = pct_box_of(w->corners.items, w->corners.length);
    const pct_town_house *houses = town->houses.items;
    const pct_town_place *places = town->places.items;
    for (size_t v = 0; v < town->points.length; v++)
        if (town->used[v]) pct_box_extend(&box, pct_town_points(town)[v]);
    for (size_t i = 0; i < town->houses.length; i++) pct_box_extend(&box, houses[i].position);
    for (size_t i = 0; i < town->places.length; i++) pct_box_extend(&box, places[i].position);
    return box;
}

static pct_status begin(map_writing *w, const pct_town *town, pct_town_map *map, pct_error *error) {
    *w = (map_writing){.town = town,
                       .map = map,
                       .node_of = pct_alloc_zeroed(town->points.length, sizeof *w->node_of),
                       .grounds = pct_vector_init(sizeof(ground), GROUNDS_MAX),
                       .corners = pct_vector_init(sizeof(pct_position), CORNERS_MAX),
                       .error = error};
    return w->node_of ? add_grounds(w) : pct_error_memory(error, town->points.length * sizeof *w->node_of);
}

static void end(map_writing *w) {
    pct_free(w->node_of);
    pct_vector_dispose(&w->grounds);
    pct_vector_dispose(&w->corners);
}

static pct_status write_all(map_writing *w) {
    pct_status status = write_nodes(w);
    if (!status) status = write_ways(w);
    return status ? status : write_relations(w);
}

pct_status pct_town_map_add(const pct_town *town, pct_town_map *map, pct_town_gate *gates, size_t gate_count,
                            pct_error *error) {
    map_writing w;
    pct_status status = begin(&w, town, map, error);
    if (!status) status = write_all(&w);
    for (size_t i = 0; i < gate_count && !status; i++) gates[i].node = w.node_of[gates[i].vertex];
    end(&w);
    return status;
}

pct_status pct_town_write_map(const pct_town *town, pct_buffer *out, pct_error *error) {
    map_writing w;
    pct_osm_writer *writer = NULL;
    pct_town_map map = {.next_node = 1, .next_way = 1, .next_relation = 1};
    pct_status status = begin(&w, town, &map, error);
    if (!status) status = pct_osm_writer_new(out, PCT_TOWN_MAP_PROGRAM, bounds_of(&w), &writer, error);
    map.nodes = map.ways = map.relations = writer;
    if (!status) status = write_all(&w);
    if (!status) status = pct_osm_writer_finish(writer, error);
    pct_osm_writer_free(writer);
    end(&w);
    return status;
}
